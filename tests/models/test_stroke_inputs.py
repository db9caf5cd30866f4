"""Points of a pen as steps: scale, speed and density make no difference, order does; what is no writing is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from course_utils.errors import CourseError
from course_utils.models.stroke_inputs import FEATURES, FLATTEST, STEP, checked_strokes, steps_of, stroke_steps
from tests.strategies import examples

CORNER = [(0, 0, 0), (0, 10, 0), (5, 10, 1), (8, 2, 0), (8, 6, 1)]


def steps(points: Any) -> torch.Tensor:
    found = steps_of(points)
    assert found is not None
    return found


def test_steps_go_along_the_strokes() -> None:
    found = steps(CORNER)
    down, right = round(1 / STEP), round(0.5 / STEP)
    assert found.shape == (19 + 5, FEATURES)  # of lengths 1.5 and 0.4
    first = found[: down - 1]
    assert torch.allclose(first[:, :2], torch.tensor([0.0, 1.0]).expand(down - 1, 2), atol=1e-6)
    assert first[0, 2] == pytest.approx(-0.5 + STEP / 2, abs=0.01)
    assert torch.allclose(found[down + 1 : down + right - 1, :2], torch.tensor([1.0, 0.0]), atol=1e-6)
    begins, ends = found[:, 5].nonzero().flatten().tolist(), found[:, 6].nonzero().flatten().tolist()
    assert begins == [0, ends[0] + 1]
    assert ends[1] == len(found) - 1
    assert found[begins[1], 3:5].tolist() == pytest.approx([0.3, -0.8])
    assert (found[:, 3:5] != 0).any(dim=1).sum() == 1


def dense(points: Any, times: int) -> NDArray[np.float64]:
    """With points put in between, on the straight lines of each stroke."""
    rows: list[Any] = []
    for one, other in zip(points, [*points[1:], None], strict=True):
        if one[2] or other is None:
            rows.append(one)
            continue
        for share in np.arange(times) / times:
            rows.append((one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1]), 0))
    return np.array(rows, dtype=float)


@given(st.floats(1e-6, 1e6), st.floats(-1e3, 1e3), st.integers(1, 9))
@examples(30)
def test_scale_place_and_density_make_no_difference(scale: float, shift: float, times: int) -> None:
    points = dense(CORNER, times)
    points[:, :2] = points[:, :2] * scale + shift * scale
    assert torch.allclose(steps(points), steps(CORNER), atol=1e-4)


def test_the_order_of_strokes_makes_one() -> None:
    assert not torch.equal(steps(CORNER[3:] + CORNER[:3]), steps(CORNER))


def test_the_last_point_ends_a_stroke_whatever_it_says() -> None:
    assert torch.equal(steps([(0, 0, 0), (0, 1, 0)]), steps([(0, 0, 0), (0, 1, 1)]))


@pytest.mark.parametrize("points", [np.zeros((0, 3)), [], torch.zeros(0, 3)])
def test_without_a_point_there_is_nothing(points: Any) -> None:
    assert steps_of(points) is None


def test_dots_dashes_and_points_twice_are_writings() -> None:
    dot = steps([(5, 5, 1)])
    assert dot.tolist() == [[0, 0, 0, 0, 0, 1, 1]]
    assert len(steps([(5, 5, 0)] * 4)) == 1
    dash = steps([(0, 7, 0), (10, 7, 1)])
    assert len(dash) == round(1 / (FLATTEST * STEP))
    assert torch.allclose(dash[:, 0], torch.ones(len(dash)))
    assert dash[:, 2].abs().max() == 0
    dashes = [(x, 7, end) for n in range(40) for x, end in ((20 * n, 0), (20 * n + 10, 1))]
    assert len(steps(dashes)) == 40 * len(dash)  # a long line is no larger than a short one
    assert len(steps([(0, 0, 1), (0, 10, 1), (3, 3, 1)])) == 3


@given(
    st.lists(
        st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.integers(0, 1)),
        min_size=1,
        max_size=12,
    )
)
@examples(60)
def test_whatever_is_finite_has_steps_that_are(points: list[tuple[float, float, int]]) -> None:
    try:
        found = steps(points)
    except CourseError as error:
        assert "Cut it into pieces" in str(error)  # noqa: PT017
        return
    assert found.isfinite().all()
    assert found[:, :2].norm(dim=1).max() <= 1 + 1e-5
    assert found[:, 5].sum() == found[:, 6].sum() == 1 + sum(bool(point[2]) for point in points[:-1])


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (np.zeros((4, 2)), r"its shape is \(4, 2\)"),
        (np.zeros(3), r"its shape is \(3,\)"),
        ("abc", "Expected: points"),
        ([[1, 2], [1, 2, 3]], "Expected: points"),
        ([[np.nan, 0, 0]], "not finite"),
        ([[np.inf, 0, 0]], "not finite"),
        ([[1e200, 0, 0], [0, 0, 0]], "not finite"),
        ([[0, 0, 0.5]], "it holds 0.5"),
        ([(0, 0, 0), (0, 1, 0)] + [(x % 2 * 1e5, 1, 0) for x in range(5_000)], "Cut it into pieces"),
    ],
)
def test_what_is_no_writing_is_refused_and_named(points: Any, said: str) -> None:
    with pytest.raises(CourseError, match=f"Number 1 of `strokes`: .*{said}"):
        stroke_steps([CORNER, points])


@pytest.mark.parametrize("given_", [np.zeros((4, 3)), "strokes", None, {1: CORNER}])
def test_what_is_no_list_of_writings_is_refused(given_: Any) -> None:
    with pytest.raises(CourseError, match="`strokes` must be a list, each an array of points"):
        checked_strokes(given_)
