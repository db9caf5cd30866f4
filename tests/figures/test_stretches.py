"""Figures of what a matrix does to vectors: the path is that of the powers, and title and alt text say its numbers."""

from __future__ import annotations

import pytest
import torch

from course_utils.figures.stretches import path_of, stretch_and_path

SKEWED = torch.tensor([[0.8, 0.8], [0.0, 0.8]], dtype=torch.float64)
UP = torch.tensor([0.0, 1.0], dtype=torch.float64)


def test_a_path_holds_the_powers_of_the_matrix() -> None:
    path = path_of(SKEWED, UP, 5)
    assert path.shape == (6, 2)
    assert torch.allclose(path[5], torch.linalg.matrix_power(SKEWED, 5) @ UP)


def test_title_and_alt_text_say_what_is_drawn(recwarn: pytest.WarningsRecorder) -> None:
    alt = stretch_and_path(SKEWED, UP, 16).alt
    lengths = path_of(SKEWED, UP, 16).norm(dim=1)
    assert (int(lengths.argmax()), f"{float(lengths.max()):.2f}") == (4, "1.69")
    assert alt.startswith("No |eigenvalue| is above 0.8, and a vector grows to 1.69 in 4 steps.")
    assert "longest radius is 1.29" in alt
    assert "from step 11 on it is inside the circle" in alt
    assert not recwarn.list


def test_a_vector_that_only_shrinks_is_said_to() -> None:
    assert "a vector never grows" in stretch_and_path(0.9 * torch.eye(2, dtype=torch.float64), UP, 4).alt
    grown = stretch_and_path(1.1 * torch.eye(2, dtype=torch.float64), UP, 4).alt
    assert "it ends outside the circle" in grown
