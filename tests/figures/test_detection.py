"""Figures of object detection say what their boxes and numbers say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from course_utils.errors import CourseError
from course_utils.figures import detection as figures
from course_utils.metrics.detection import Curve

IMAGES = [np.zeros((1, 20, 30), dtype=np.uint8), np.full((3, 20, 30), 200, dtype=np.uint8)]
BOXES = [np.array([[2.0, 3, 12, 15]]), np.zeros((0, 4))]


def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The figures that are shown from now on."""
    found: list[Any] = []
    monkeypatch.setattr(figures, "show", lambda fig, alt: found.append(fig))
    return found


def test_what_was_found_stands_in_the_pictures_and_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(torch.tensor([[2.0, 3, 12, 15], [0.0, 0, 9, 9]]), ["3", "8"], torch.tensor([0.9, 0.4])), ([], [], [])]
    truth = [(BOXES[0], ["3"]), (BOXES[1], [])]
    alt = figures.found_in(IMAGES, answers, truth, "Two pictures").alt
    assert "2 pictures; dashed boxes are found, solid ones true. Found: 3, 8; nothing." in alt
    shown = drawn(monkeypatch)
    figures.found_in(IMAGES, [answers[0], (np.zeros((0, 4)), [], [])], truth, "Two pictures")
    first, second = shown[0].axes
    rectangles = [patch.get_bbox().bounds for patch in first.patches]
    assert (2.0, 3.0, 10.0, 12.0) in rectangles
    assert len(rectangles) == 3
    assert [text.get_text() for text in first.texts] == ["3 0.90", "8 0.40"]
    assert not second.patches
    assert first.get_xlim() == (0, 30)
    assert first.get_ylim() == (20, 0)  # y counts downwards


def test_answers_for_each_picture_are_wanted() -> None:
    with pytest.raises(CourseError, match="2 pictures, answers for 1"):
        figures.found_in(IMAGES, [([], [], [])], None, "Too few")


def test_true_boxes_are_named() -> None:
    assert "around each object: 3; ." in figures.true_boxes(IMAGES, BOXES, [["3"], []], "Boxes").alt


def test_the_heat_of_each_class_lies_over_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    heat = np.zeros((2, 5, 7))
    heat[1, 2, 3] = 0.8
    assert "the largest: a 0.00, b 0.80." in figures.heat_over(IMAGES[0], heat, ["a", "b"], "A map for each").alt
    shown = drawn(monkeypatch)
    figures.heat_over(IMAGES[0], heat, ["a", "b"], "A map for each")
    assert [len(ax.images) for ax in shown[0].axes[:3]] == [1, 2, 2]
    assert shown[0].axes[2].images[1].get_extent() == [0, 30, 20, 0]  # as large as the picture
    assert [len(ax.patches) for ax in shown[0].axes[:3]] == [0, 0, 1]  # its one peak is framed
    frame = shown[0].axes[2].patches[0].get_bbox()
    np.testing.assert_allclose([frame.x0, frame.y0], [3 * 30 / 7, 2 * 4])
    alpha = np.asarray(shown[0].axes[2].images[1].get_alpha())
    assert (alpha[heat[1] == 0] == 0).all()  # what is cold leaves the picture as it is


def test_precision_against_recall_ends_where_the_recall_does() -> None:
    curve = Curve(torch.tensor([1.0, 0.5]), torch.tensor([0.25, 0.25]), torch.tensor([0.9, 0.8]), 4)
    empty = Curve(torch.zeros(0), torch.zeros(0), torch.zeros(0), 2)
    alt = figures.precision_against_recall({"3": curve, "8": empty}, "Two classes").alt
    assert "3 ends at 0.25, 8 ends at 0.00." in alt


def test_kinds_of_error_are_counted_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {"miss": 7, "place": 0, "class": 12}
    assert "miss 7, place 0, class 12." in figures.errors(counts, 40, "Where it goes wrong").alt
    shown = drawn(monkeypatch)
    figures.errors(counts, 40, "Where it goes wrong")
    ax = shown[0].axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["class", "place", "miss"]
    assert [bar.get_width() for bar in ax.patches] == [12, 0, 7]
    assert ax.get_xlabel() == "number, of 40 true boxes"
