"""A figure that is not the last line of its cell is found before a notebook is built."""

from __future__ import annotations

import nbformat
import pytest

from tools import build, shown


def lost(*sources: str) -> list[str]:
    return shown.lost_figures([nbformat.v4.new_code_cell(source) for source in sources])


IMPORTS = (
    "from course_utils.figures import comparisons as figures\nfrom course_utils.figures.lags import score_against_lag"
)


@pytest.mark.parametrize("last", ["figures.grid(runs, title)", "score_against_lag(rows)", "loss.backward()"])
def test_the_last_line_of_a_cell_is_shown(last: str) -> None:
    assert lost(IMPORTS, f"claims.told('grid')\n{last}") == []


@pytest.mark.parametrize("rest", ["claims.told('grid')", "print(1)", "x = 1"])
def test_a_figure_before_other_lines_is_lost(rest: str) -> None:
    assert lost(IMPORTS, f"figures.grid(runs, title)\n{rest}") == ["figures.grid"]
    assert lost(IMPORTS, f"score_against_lag(\n    rows,\n    title='x',\n)\n{rest}") == ["score_against_lag"]


def test_a_figure_inside_a_loop_is_lost() -> None:
    assert lost(IMPORTS, "for rows in tables:\n    figures.grid(rows, title)") == ["figures.grid"]


def test_a_figure_of_a_function_of_the_cell_is_lost_as_well() -> None:
    own = "def wrong(lines):\n    return figures.grid(lines, title)\n\n\nwrong(lines)\n"
    assert lost(IMPORTS, own) == []
    assert lost(IMPORTS, f"{own}show_table(rows)") == ["wrong"]


def test_what_is_displayed_or_kept_is_not_lost() -> None:
    assert lost(IMPORTS, "display(figures.grid(runs, title))\npicture = figures.grid(runs, title)\nprint(1)") == []


@pytest.mark.parametrize("name", build.lesson_names())
def test_no_lesson_loses_a_figure(name: str) -> None:
    build.unexecuted(name)  # which raises where a figure is lost
