"""A notebook as the source of its page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from course_utils.exercises import lesson_05
from course_utils.exercises.catalogue import exercises_by_lesson, exercises_of
from tools import build, launch
from tools.site import lessons

NAME = "05_recurrent_networks"


@pytest.fixture(scope="module")
def built() -> Any:
    return nbformat.read(build.ROOT / "notebooks" / f"{NAME}.ipynb", as_version=4)


@pytest.fixture(scope="module")
def page(built: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("figures") / "05"
    return lessons.page_source(built, NAME, exercises_of(lesson_05), folder, [NAME])


def shown(notebook: Any) -> str:
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return "\n".join(output.get("data", {}).get("text/html", "") for output in outputs)


def test_answers_that_nobody_has_given_are_not_spoken_of(built: Any, page: Any) -> None:
    assert shown(built).count("Not attempted") > 10
    assert "Not attempted" not in shown(page)
    assert "From here on" not in shown(page)
    assert shown(page).count("<details>") == shown(built).count("<details>")


def test_the_notebook_itself_is_not_changed(built: Any, page: Any) -> None:
    assert built == nbformat.read(build.ROOT / "notebooks" / f"{NAME}.ipynb", as_version=4)
    nbformat.validate(page)


def test_pictures_are_files_that_load_lazily_and_keep_their_alt_text(built: Any, page: Any) -> None:
    pictures = re.findall(r"<img [^>]*>", shown(page))
    assert len(pictures) == len(re.findall(r"<img [^>]*>", shown(built))) > 5
    for picture in pictures:
        assert re.search(r'alt="[^"]{20,}"', picture)
        assert re.search(r'src="figures/05/05-\d{3}-\d-\d\.png" width="\d+" height="\d+" loading="lazy"', picture)
    assert "base64" not in shown(page)


def test_the_size_of_a_picture_is_told(built: Any, tmp_path: Path) -> None:
    from PIL import Image

    first = next(o.data["text/html"] for c in built.cells for o in c.get("outputs", []) if "<img" in str(o.get("data")))
    text = lessons.with_files(first, tmp_path / "05", "x")
    width, height = Image.open(tmp_path / "05" / "x-1.png").size
    assert f'src="figures/05/x-1.png" width="{width}" height="{height}"' in text


def test_hints_and_solutions_stand_below_the_cell_that_checks(page: Any) -> None:
    (cell,) = [cell for cell in page.cells if "ex.rnn_step.check(" in cell.source]
    below = cell.outputs[-1].data["text/html"]
    assert re.findall(r"<summary>(.*?)</summary>", below) == [
        *(f"Hint {n} of 3" for n in (1, 2, 3)),
        "Solution: rnn_step",
    ]
    assert "<span" in below.split("Solution")[1]
    assert "style=" not in below


def test_a_prediction_says_which_answer_was_right_and_why() -> None:
    fold = lessons.answer_folds(lesson_05.next_year)
    assert f"<summary>{lessons.RIGHT_CHOICE}</summary>" in fold
    assert f"<strong>{lesson_05.next_year.answer}</strong>" in fold


def test_exercises_are_named_to_the_search_above_their_heading(page: Any) -> None:
    (cell,) = [cell for cell in page.cells if "Your turn: one step" in cell.source]
    before, _, after = cell.source.partition("### Your turn: one step")
    assert before.endswith("```{course-exercise} one step: rnn_step\n```\n\n")
    assert "```{" not in after


def test_the_set_up_cell_is_folded_and_links_are_a_row(page: Any) -> None:
    (setup,) = [cell for cell in page.cells if "setup" in cell.metadata.get("tags", [])]
    assert "hide-cell" in setup.metadata.tags
    first = page.cells[0].source
    assert first.startswith('# 05 · Recurrent networks\n\n<p class="launch">')
    assert f'<a href="{NAME}.ipynb">' in first
    assert "[Open in Colab]" not in first
    assert "About 60 minutes" in first
    assert all(cell.id != "05-links" and cell.source != lessons.LAST_CALL for cell in page.cells)


def test_outputs_link_to_pages_have_no_landmarks_and_take_the_page_s_colours() -> None:
    source = (
        '<div class="highlight" style="b"><pre tabindex="0" role="region" aria-label="Source" style="x"><span></span>'
    )
    text = lessons.for_a_page(f'<a href="05_x.ipynb#a">x</a>{source}<span style="c">a &lt; 1</span></pre></div>')
    assert '<a href="05_x.html#a">' in text
    assert "style=" not in text
    assert "region" not in text
    assert '<span class="n">a</span>' in text
    assert "&lt;" in text


@pytest.mark.parametrize("name", build.lesson_names())
def test_every_exercise_that_a_lesson_checks_has_its_answer_or_is_measured(name: str, tmp_path: Path) -> None:
    exercises = exercises_by_lesson()[name[:2]]
    notebook = nbformat.read(build.ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    checked = {asked for cell in notebook.cells for asked in lessons.CHECKED.findall(cell.source)}
    page = lessons.page_source(notebook, name, exercises, tmp_path / name[:2], [name])
    summaries = re.findall(r"<summary>(.*?)</summary>", shown(page))
    functions = [asked for asked in checked if type(exercises[asked]).__name__ == "FunctionExercise"]
    assert {f"Solution: {asked}" for asked in functions} <= set(summaries)
    assert "Not attempted" not in shown(page)


def test_a_link_to_a_lesson_that_is_not_shown_leads_to_the_page_that_stands_for_it(built: Any, tmp_path: Path) -> None:
    notebook = nbformat.from_dict(built)
    notebook.cells[2]["source"] = f"[a](01_feedforward_networks.ipynb#A-b) [b]({NAME}.ipynb#A-b)"
    page = lessons.page_source(notebook, NAME, {}, tmp_path / "05", [NAME])
    assert page.cells[2].source == f"[a](01_feedforward_networks) [b]({NAME}.ipynb#A-b)"


def test_a_lesson_says_how_it_is_cited(page: Any) -> None:
    entry = page.cells[-1].source
    assert entry.startswith('<details class="cite"><summary>Cite this lesson</summary><pre>@misc{')
    assert "title = {Recurrent networks: lesson 05 of RNN vs LSTM, measured}" in entry
    assert entry.count("{") == entry.count("}")
    assert f"howpublished = {{{launch.repository()}}}" in entry
    assert "\n\n" not in entry  # Markdown would end there
