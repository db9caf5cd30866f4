"""The index of exercises, the glossary and the page of data sets."""

from __future__ import annotations

import re

import nbformat
import pytest

from course_utils.data.catalogue import CATALOGUE
from course_utils.errors import CourseError
from course_utils.exercises import lesson_05
from course_utils.exercises.catalogue import exercises_of
from tools import build
from tools.site import indexes

GLOSSARY = (build.ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")


def test_every_exercise_that_is_no_prediction_is_listed_once_with_its_minutes() -> None:
    path = build.ROOT / "notebooks" / "05_recurrent_networks.ipynb"
    notebook = nbformat.read(path, as_version=4)
    exercises = exercises_of(lesson_05)
    page = indexes.exercise_page({path.stem: notebook}, {"05": exercises})
    named = re.findall(r"\| `ex\.(\w+)` \|", page)
    assert len(named) == len(set(named))
    checked = {name for name in exercises if f"ex.{name}.check(" in path.read_text(encoding="utf-8")}
    assert set(named) == {name for name in checked if not getattr(exercises[name], "prediction", False)}
    link = '<a href="lessons/05_recurrent_networks.html#exercise-one-step-rnn-step">one step</a>'
    assert f"| {link} | `ex.rnn_step` | 6 |" in page


def test_the_glossary_becomes_one_whose_terms_are_found() -> None:
    page = indexes.glossary_page("# G\n\n- **a b**: It is c. [05]\n- **Bc**: d\n")
    assert page == "# Glossary\n\n````{glossary}\na b\n  It is c. [05]\n\nBc\n  d\n\n````\n"


@pytest.mark.parametrize("text", ["- **b**: x\n- **a**: y\n", "- b: x\n", "- **b** x\n"])
def test_a_glossary_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(CourseError, match="alphabetical"):
        indexes.glossary_page(text)


@pytest.mark.parametrize("line", [line for line in GLOSSARY.splitlines() if line.endswith("]")])
def test_a_term_stands_in_the_lesson_that_the_glossary_names(line: str) -> None:
    found = re.fullmatch(r"- \*\*(.+?)\*\*: .+\. \[(\d\d)\]", line)
    assert found, line
    (path,) = (build.ROOT / "lessons").glob(f"{found[2]}_*.py")
    text = path.read_text(encoding="utf-8").lower()
    for word in found[1].lower().split():
        assert re.search(rf"\b{re.escape(word[:6])}", text), f"lesson {found[2]} has no {word!r}"


def test_every_data_set_is_listed_and_the_table_of_files_follows() -> None:
    page = indexes.data_page("# Files\n\n| a |\n|---|\n\n## More\n")
    for data in CATALOGUE.values():
        assert f"| [{data.name}]({data.url}) | {data.title} |" in page
    assert "\n## Files\n" in page
    assert "\n### More\n" in page
