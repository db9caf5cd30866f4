"""The pages that no notebook holds."""

from __future__ import annotations

from course_utils.syllabus import LESSONS
from tools.site import pages


def test_the_map_links_what_is_written_and_names_the_rest() -> None:
    text = pages.start_page(["05_recurrent_networks"])
    assert "| 05 [Recurrent networks](lessons/05_recurrent_networks.ipynb) |" in text
    assert "\n05 Recurrent networks · 60 min <lessons/05_recurrent_networks>\n" in text
    assert "| 03 Object detection (to come) |" in text
    assert "\n03 Object detection · to come <lessons/03_object_detection>\n" in text
    assert text.count("\n| ") == len(LESSONS) + 1
    assert text.index("\n00 ") < text.index("\n05 ") < text.index("\n19 ")


def test_a_lesson_to_come_says_what_it_will_teach() -> None:
    text = pages.page_to_come(LESSONS["18_music"])
    assert text.startswith("# 18 · Music\n")
    assert LESSONS["18_music"].able_to in text


def test_what_can_be_looked_up_is_linked_from_the_first_page() -> None:
    text = pages.start_page([], list(pages.TOP))
    listed = ("[Claims and verdicts](claims/index.md)", "[Cheat sheet](cheat_sheet.md)", "[Glossary](glossary.md)")
    assert " · ".join([*listed, "[Data sets](data.md)"]) in text
    assert "[Functions and classes](api/index.rst)" in text
    assert "\nClaims and verdicts <claims/index>\n" in text
