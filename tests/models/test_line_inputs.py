"""Pictures of lines: whatever their size and colours, the network sees the same; what is no picture is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from course_utils.errors import CourseError
from course_utils.models.line_inputs import checked_lines, line_picture, line_pictures
from course_utils.nn.reading_model import ROWS
from tests.strategies import examples

LINE = np.zeros((40, 140))
for _column in range(20, 120, 15):
    LINE[8:30, _column : _column + 4] = 1.0
LINE[8:12, 20:60] = 1.0


def seen(image: Any) -> torch.Tensor:
    found = line_picture(image)
    assert found is not None
    return found


SAME = {
    "inverted": 1 - LINE,
    "bytes": (LINE * 255).astype(np.uint8),
    "floats to 255": LINE * 255,
    "bool": LINE > 0,
    "one channel": LINE[..., None],
    "channel first": LINE[None],
    "colour": np.stack([LINE, LINE * 0, 1 - LINE], axis=2),
    "colour first": torch.from_numpy(np.stack([LINE, LINE * 0, 1 - LINE])),
    "equal light": np.stack([LINE * 0.587, (1 - LINE) * 0.299, LINE * 0], axis=2),
    "transparent": np.dstack([LINE * 0, LINE * 0, LINE * 0, LINE]),
    "faint": 0.5 + 0.1 * LINE,
    "wide margins": np.pad(LINE, 70),
    "cut out": LINE[8:30, 20:114],
    "sixteen bits": (LINE * 60_000).astype(np.uint16),
    "standardised": (LINE - LINE.mean()) / LINE.std(),
    "lists": LINE.tolist(),
    "Pillow": Image.fromarray((LINE * 255).astype(np.uint8)),
    "palette": Image.fromarray((LINE * 255).astype(np.uint8)).convert("P"),
}


@pytest.mark.parametrize("kind", SAME)
def test_the_same_line_is_seen_the_same(kind: str) -> None:
    assert torch.allclose(seen(SAME[kind]), seen(LINE), atol=0.02)


def test_a_line_is_brought_to_one_height_and_keeps_its_shape() -> None:
    first, larger = seen(LINE), seen(LINE.repeat(4, 0).repeat(4, 1))
    assert first.shape[1] == larger.shape[1] == ROWS
    assert first.shape[0] == pytest.approx(larger.shape[0], rel=0.03)
    inked = first > 0.5
    assert ROWS * 0.7 <= inked.any(0).sum() <= ROWS * 0.9
    assert first.shape[0] == pytest.approx(ROWS / (22 * 1.24) * (94 + 22 * 0.24), rel=0.05)
    assert first.max() == 1
    assert first.min() == 0


def test_noise_does_not_move_the_line() -> None:
    noisy = LINE + np.random.default_rng(0).normal(size=LINE.shape) * 0.1
    assert abs(len(seen(noisy)) - len(seen(LINE))) <= 3
    dots = LINE.copy()
    dots[2, 2] = dots[37, 130] = 1  # specks of dust
    assert abs(len(seen(dots)) - len(seen(LINE))) <= 3


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((30, 90)),
        np.ones((30, 90)),
        np.full((30, 90, 3), 200, np.uint8),
        np.zeros((1, 1)),
        np.random.default_rng(0).random((30, 90)),
        np.random.default_rng(0).normal(size=(30, 90)),
        np.dstack([np.random.default_rng(0).random((30, 90, 3)), np.zeros((30, 90))]),  # nothing is opaque
        128 + np.random.default_rng(0).integers(-2, 3, (30, 90)),
    ],
)
def test_where_nothing_is_written_there_is_nothing_to_see(image: Any) -> None:
    assert line_picture(image) is None


@pytest.mark.parametrize("height", [1, 2, 3])
def test_a_very_low_picture_is_a_picture(height: int) -> None:
    assert seen(LINE[8 : 8 + height]).shape[1] == ROWS


@given(st.integers(1, 40), st.integers(1, 60), st.integers(0, 999), st.sampled_from([0.0, 1.0, 255.0, 1e30, -1.0]))
@examples(60)
def test_whatever_is_finite_has_an_answer(height: int, width: int, seed: int, scale: float) -> None:
    found = line_picture((np.random.default_rng(seed).random((height, width)) > 0.7) * scale)
    if found is not None:
        assert found.shape[1] == ROWS
        assert found.isfinite().all()
        assert found.min() >= 0
        assert found.max() <= 1


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (np.full((4, 9), np.nan), "not finite"),
        (np.array([[1.0, np.inf]]), "not finite"),
        (np.zeros((0, 9)), "has no pixels"),
        (np.zeros((4, 0, 3)), "has no pixels"),
        (np.zeros(9), r"its shape is \(9,\)"),
        (np.zeros((5, 5, 2)), r"its shape is \(5, 5, 2\)"),
        (np.zeros((1, 4, 9, 3)), "its shape is"),
        ("a line", "no array of numbers"),
        (np.array([["a"]]), "no array of numbers"),
        ([[1], [1, 2]], "no array of numbers"),
        (np.zeros((4, 9), complex), "no array of numbers"),
        (None, "no array of numbers"),
        (np.tile([[1.0, 0, 0, 1, 0, 1, 1, 0]], (2, 5_000)), "Cut it into pieces"),
    ],
)
def test_what_is_no_picture_is_refused_and_named(image: Any, said: str) -> None:
    with pytest.raises(CourseError, match=f"Number 1 of `images`: .*{said}"):
        line_pictures([LINE, image])


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        (LINE, "it is a single picture"),
        (np.zeros((9, 9, 3)), "it is a single picture"),
        (torch.zeros(9, 9), "it is a single picture"),
        ("lines", "it is a str"),
        (None, "it is a NoneType"),
        ({1: LINE}, "it is a dict"),
        (Image.new("L", (9, 9)), r"Write \[image\]"),
    ],
)
def test_what_is_no_list_of_pictures_is_refused(given_: Any, said: str) -> None:
    with pytest.raises(CourseError, match=said):
        checked_lines(given_)


def test_an_array_of_pictures_is_a_list_of_them() -> None:
    assert len(line_pictures(np.stack([LINE, LINE]))) == 2
    assert len(line_pictures(np.stack([LINE, LINE])[..., None].repeat(3, 3))) == 2
    assert line_pictures([]) == []
