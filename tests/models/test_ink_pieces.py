"""Pieces of ink: what is connected, what is too small, and what is no grey picture."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from course_utils.errors import CourseError
from course_utils.models.ink_pieces import pieces_of_ink


def test_each_connected_piece_has_a_box_around_its_ink() -> None:
    picture = np.zeros((32, 40), dtype=np.uint8)
    picture[2:12, 3:7] = 255
    picture[12:15, 7:9] = 120  # touches at a corner
    picture[20:30, 20:34] = 103
    picture[0:6, 30:33] = 255  # too short
    picture[16:18, :] = 100  # too dark: 0.39
    expected = torch.tensor([[3.0, 2, 9, 15], [20, 20, 34, 30]])
    assert torch.equal(pieces_of_ink(picture), expected)
    assert torch.equal(pieces_of_ink(torch.from_numpy(picture) / 255), expected)


def test_an_empty_page_has_none() -> None:
    assert pieces_of_ink(np.zeros((9, 9))).shape == (0, 4)


@pytest.mark.parametrize("picture", [np.zeros((1, 9, 9)), np.zeros((9, 9), dtype=int), np.array([["a"]])])
def test_what_is_no_grey_picture_is_told(picture: np.ndarray) -> None:
    with pytest.raises(CourseError, match="grey picture"):
        pieces_of_ink(picture)
