"""Links between lessons: those that are written, in their order, and the map."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from tools import build, navigation

WRITTEN = ["00_start_here", "02_cnn_features", "05_recurrent_networks"]


def test_the_lessons_beside_are_those_that_are_written() -> None:
    assert navigation.end_links("02_cnn_features", WRITTEN) == (
        "Previous: [00 Start here](00_start_here.ipynb) · [Map of the lessons](00_start_here.ipynb#Your-map) · "
        "**Next: [05 Recurrent networks](05_recurrent_networks.ipynb)**"
    )


def test_the_first_has_no_lesson_before_and_the_last_none_after() -> None:
    assert navigation.end_links(WRITTEN[0], WRITTEN) == "**Next: [02 CNN features](02_cnn_features.ipynb)**"
    assert "Next" not in navigation.end_links(WRITTEN[2], WRITTEN)
    assert navigation.end_links(WRITTEN[1], WRITTEN[1:2]) == navigation.map_link(WRITTEN[1], WRITTEN[1:2]) == ""
    assert navigation.map_link(WRITTEN[0], WRITTEN) == ""


def test_a_new_lesson_beside_a_built_one_changes_its_last_cell_only(tmp_path: Path) -> None:
    path = tmp_path / "02_cnn_features.ipynb"
    cells = [nbformat.v4.new_markdown_cell("# 02", id="02-001")]
    built = navigation.with_end_links(nbformat.v4.new_notebook(cells=cells), path.stem, WRITTEN)
    nbformat.write(built, path)
    before = path.read_bytes()
    navigation.refresh(path, WRITTEN)
    assert path.read_bytes() == before
    navigation.refresh(path, sorted([*WRITTEN, "03_object_detection"]))
    first, last = nbformat.read(path, as_version=4).cells
    assert (first.id, last.id) == ("02-001", "02-links")
    assert "03_object_detection.ipynb" in last.source


@pytest.mark.parametrize("name", build.lesson_names())
def test_a_built_lesson_ends_with_today_s_links(name: str) -> None:
    notebook = nbformat.read(build.ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    assert notebook.cells[-1].source == navigation.end_links(name, build.lesson_names())
    assert navigation.map_link(name, build.lesson_names()) in notebook.cells[0].source


def test_the_map_in_the_first_lesson_is_that_of_today_for_a_new_learner(tmp_path: Path) -> None:
    path = build.ROOT / "notebooks" / f"{navigation.START}.ipynb"
    copied = tmp_path / path.name
    copied.write_bytes(path.read_bytes())
    navigation.refresh_map(copied)
    assert copied.read_bytes() == path.read_bytes(), "run `make notebooks`"
