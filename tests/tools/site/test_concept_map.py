"""The map of what builds on what."""

from __future__ import annotations

import re

from course_utils.syllabus import BUILDS_ON, LESSONS
from tools.site.concept_map import concept_map, needed_for, places


def test_each_lesson_but_the_first_builds_on_earlier_ones() -> None:
    for name in list(LESSONS)[1:]:
        assert BUILDS_ON[name]
        assert all(other < name and other in LESSONS for other in BUILDS_ON[name])


def test_a_lesson_stands_to_the_right_of_what_it_builds_on_and_no_two_share_a_place() -> None:
    placed = places(list(LESSONS.values()))
    assert len(set(placed.values())) == len(LESSONS)
    assert all(placed[other][0] < placed[name][0] for name in placed for other in BUILDS_ON.get(name, ()))


def test_boxes_lead_to_the_lessons_that_are_shown_and_to_no_others() -> None:
    drawn = concept_map(["05_recurrent_networks"], "lessons")
    assert re.findall(r'href="(.*?)"', drawn) == ["lessons/05_recurrent_networks.html"]
    assert drawn.count("<rect") == len(LESSONS) == drawn.count("to-come") + 1
    assert drawn.count("<path") == sum(len(BUILDS_ON.get(name, ())) for name in LESSONS)
    assert "\n\n" not in drawn


def test_the_table_says_what_the_picture_shows() -> None:
    assert needed_for(LESSONS["00_start_here"]) == ""
    assert needed_for(LESSONS["15_image_captioning"]) == "02, 13"
