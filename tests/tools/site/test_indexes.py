"""The index of exercises, the glossary, the cheat sheet and the page of data sets."""

from __future__ import annotations

import re

import nbformat

from course_utils.data.catalogue import CATALOGUE
from course_utils.exercises import lesson_05
from course_utils.exercises.catalogue import exercises_of
from course_utils.syllabus import LESSONS
from tools import build
from tools.site import indexes


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


def test_the_glossary_becomes_one_whose_terms_are_found_and_lead_to_their_lessons() -> None:
    page = indexes.glossary_page({"a b": ("It is c.", "05"), "Bc": ("d", "")})
    entry = "a b\n  It is c. [05 Recurrent networks](lessons/05_recurrent_networks)\n"
    assert page == f"# Glossary\n\n````{{glossary}}\n{entry}\nBc\n  d\n\n````\n"


def test_every_data_set_is_listed_and_the_table_of_files_follows() -> None:
    page = indexes.data_page("# Files\n\n| a |\n|---|\n\n## More\n")
    for data in CATALOGUE.values():
        assert f"| [{data.name}]({data.url}) | {data.title} |" in page
    assert "\n## Files\n" in page
    assert "\n### More\n" in page


SHEET = (build.ROOT / "docs" / "cheat_sheet.md").read_text(encoding="utf-8")


def test_the_listings_of_the_cheat_sheet_run_and_what_they_assert_is_true() -> None:
    listings = re.findall(r"```python\n(.*?)```", SHEET, re.S)
    assert len(listings) > 3
    assert sum(listing.count("assert ") for listing in listings) > 5
    exec("\n".join(listings), {})


def test_numbers_of_lessons_in_the_cheat_sheet_lead_to_them_and_listings_stay() -> None:
    page = indexes.cheat_sheet_page(SHEET, ["05_recurrent_networks", "07_lstm_gates"])
    assert "[[07](lessons/07_lstm_gates.ipynb)]" in page
    assert "| [05](lessons/05_recurrent_networks.ipynb), 09 |" in page
    assert "[06]" in page
    assert [*re.findall(r"```.*?```", page, re.S)] == [*re.findall(r"```.*?```", SHEET, re.S)]
    assert set(re.findall(r"\d\d", " ".join(indexes.LESSON_NUMBERS.findall(SHEET)))) <= {
        lesson.number for lesson in LESSONS.values()
    }
