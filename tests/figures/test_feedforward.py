"""Drawings of networks: they show what they say."""

from __future__ import annotations

import pytest
import torch

from course_utils.errors import CourseError
from course_utils.figures import feedforward as figures


def test_a_diagram_tells_its_layers_and_refuses_what_it_cannot_draw() -> None:
    alt = figures.diagram((2, 3, 2), ("height", "weight"), ("shepherd", "labrador"), "A network").alt
    assert alt.startswith("A network. Circles in columns: 2 inputs, then 3 hidden layer, ReLU, then 2 scores")
    for sizes, names in (((2,), ("a", "b")), ((2, 30, 2), ("a", "b")), ((2, 3, 2), ("a",))):
        with pytest.raises(CourseError, match="two layers or more"):
            figures.diagram(sizes, names, ("c", "d"), "A network")


def test_curves_are_named() -> None:
    assert "ReLU is 0 up to z = 0" in figures.activations("Activations").alt
    assert "at p = 0.5 it is 0.69" in figures.minus_log("The loss").alt


def test_steps_go_down_the_gradient_of_the_loss() -> None:
    way = figures.descent(lambda w: (w - 1) ** 2, 3.0, 0.25, 3)
    assert way == [(3.0, 4.0), (2.0, 1.0), (1.5, 0.25), (1.25, 0.0625)]
    alt = figures.gradient_steps(lambda w: (w - 1) ** 2, 3.0, (0.25, 1.0), "Steps", steps=3).alt
    assert "learning rate 0.25: from 4 to 0.0625 in 3 steps" in alt
    assert "learning rate 1: from 4 to 4 in 3 steps" in alt
    with pytest.raises(CourseError, match="a learning rate at least"):
        figures.gradient_steps(torch.square, 1.0, (), "Steps")
