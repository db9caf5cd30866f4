"""The lag river: its numbers equal numpy's, its sentences hold."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from course_utils.errors import CourseError
from course_utils.widgets.lag_river import finding as film_finding
from course_utils.widgets.lag_river import lag_river, share_within
from tests.strategies import between, examples
from tests.widgets.in_node import computed, evaluated
from tests.widgets.twins import twin_of

films = st.integers(2, 30).flatmap(
    lambda lags: st.lists(st.lists(between(0, 10), min_size=lags, max_size=lags), min_size=2, max_size=6)
)


def film(frames: int = 5, lags: int = 8, rate: float = 0.5) -> dict[str, Any]:
    return {
        "norms": [[rate**k for k in range(lags)] for _ in range(frames)],
        "totals": [1.0] * frames,
        "steps": list(range(0, 10 * frames, 10)),
        "losses": [0.5 - 0.05 * n for n in range(frames)],
        "chance": 1 / 6,
    }


@examples(4)
@given(st.lists(films, min_size=10, max_size=20))
def test_the_shares_are_numpy_s(many: list[list[list[float]]]) -> None:
    for norms, found in zip(many, computed("lag_river", [{"norms": norms} for norms in many]), strict=True):
        parts = np.array(norms)
        assert [frame["share_within"] for frame in found] == share_within(parts).tolist()
        for row, frame in zip(parts, found, strict=True):
            far = row[math.ceil(len(row) / 2) :].sum()
            assert math.isclose(frame["sum"], row.sum(), rel_tol=1e-9)
            assert math.isclose(frame["far_share"], far / row.sum() if row.sum() else 0, rel_tol=1e-9)
            assert row[: frame["share_within"]].sum() >= 0.99 * row.sum() * (1 - 1e-12)
            assert not row.sum() or row[: frame["share_within"] - 1].sum() < 0.99 * row.sum()


def test_shares_of_gradients_that_are_known() -> None:
    norms = [[1, 0, 0, 0], [1, 1, 1, 1], [0, 0, 0, 5], [0, 0, 0, 0], [99, 1, 0, 0]]
    (found,) = computed("lag_river", [{"norms": norms}])
    assert [frame["share_within"] for frame in found] == [1, 4, 4, 0, 1]
    assert [frame["far_share"] for frame in found] == [0, 0.5, 1, 0, 0]


def test_what_the_river_tells() -> None:
    params = {**film(), "norms": [[0.8, 0.1, 0.07, 0.03], [0, 0, 0, 0]], "steps": [0, 1500], "totals": [0.42, 0]}
    told = evaluated("lag_river", "[0, 1].map((frame) => told(given, compute(given), frame))", params)
    assert told == [
        "Step 0: whole gradient 0.42. 99 % of the summed length of its parts comes from the last 4 steps; from 2 steps "
        "back and more: 0.1 of it. Loss 0.5, chance 0.167.",
        "Step 1,500: whole gradient 0. All its parts are exactly 0. Loss 0.45, chance 0.167.",
    ]


def test_the_title_of_a_film_holds_for_every_frame() -> None:
    steps = np.array([0.0, 1000.0])
    near, far = [0.9, 0.09, 0.009, 0.001, 0, 0, 0, 0], [1.0] * 8
    assert film_finding(np.array([near, near]), steps) == (
        "From first to last, 99 % of the gradient comes from the last 2 of 8 steps"
    )
    assert film_finding(np.array([near, far]), steps) == (
        "99 % of the gradient comes from the last 2 of 8 steps at training step 0, from all 8 steps at 1,000"
    )
    assert film_finding(np.array([far, near, far]), np.arange(3.0)) == (
        "At first and at the end, 99 % of the gradient comes from all 8 steps"
    )
    assert lag_river(**film(), title="My own title").picture.alt.startswith("My own title. Heat map")


def test_lists_arrays_and_tensors_make_the_same_film_and_sixty_frames_are_small() -> None:
    generator = torch.Generator().manual_seed(0)
    norms = torch.rand(60, 60, generator=generator) * 0.5 ** torch.arange(60.0)
    totals, steps, losses = norms.sum(1), torch.arange(60), torch.rand(60, generator=generator)
    forms: list[Callable[[Tensor], Any]] = [
        lambda values: values.clone().requires_grad_(values is norms),
        lambda values: values.numpy(),
        lambda values: values.tolist(),
        list,
    ]
    given_forms = [lag_river(form(norms), form(totals), form(steps), form(losses), chance=1 / 6) for form in forms]
    params = [json.dumps(widget.params) for widget in given_forms]
    assert len(set(params)) == 1
    assert len(params[0]) < 60_000
    assert np.allclose(given_forms[0].params["norms"], norms, rtol=1e-3)


def test_a_film_of_zeros_can_be_drawn() -> None:
    widget = lag_river(**{**film(), "norms": np.zeros((5, 8))})
    assert "99 % of the sum of the norms lies within the last 0 to 0 steps" in widget.picture.alt
    assert evaluated("lag_river", "decades(given.norms)", widget.params) == [-1, 0]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"norms": [1.0, 2.0]}, "norms has the shape"),
        ({"norms": [[1.0, 2.0], [1.0]]}, "norms must be numbers"),
        ({"norms": "abc"}, "norms must be numbers"),
        ({"norms": [[]]}, "norms has the shape"),
        ({"norms": [[math.nan, 1.0]] * 5}, "missing or infinite"),
        ({"norms": [[-1.0, 1.0]] * 5}, "from 0 up"),
        ({"norms": [[1.0]] * 5}, "at least 2 frames and 2 lags"),
        ({"norms": np.ones((5, 10_000))}, "too many for a page"),
        ({"totals": [1.0]}, "totals 1"),
        ({"losses": [[1.0]] * 5}, "losses has the shape"),
        ({"steps": [0, 2, 1, 3, 4]}, "steps must rise"),
        ({"chance": -1}, "from 0 up"),
        ({"chance": math.nan}, "from 0 up"),
    ],
)
def test_a_film_that_cannot_be_shown_is_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        lag_river(**{**film(), **wrong})


def test_the_output_has_a_live_view_a_picture_and_a_twin_that_asks_no_server() -> None:
    twin_of(lag_river(**film()))
