"""The gradient explorer: its numbers equal numpy's, its sentences hold."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.widgets.gradient_explorer import finding, gradient_explorer, growth
from tests.strategies import between, examples
from tests.widgets.in_node import computed, evaluated
from tests.widgets.twins import twin_of

matrices = st.fixed_dictionaries(
    {
        "radius": st.one_of(st.sampled_from([0.0, 1.0, 1.5]), between(0, 1.5)),
        "non_normality": st.one_of(st.sampled_from([0.0, 1.0]), between(0, 1.5)),
        "slope": st.one_of(st.sampled_from([0.0, 1.0]), between(0, 1)),
        "length": st.integers(5, 200),
    }
)


@examples(4)
@given(st.lists(matrices, min_size=20, max_size=40))
def test_the_norms_are_numpy_s(many: list[dict[str, Any]]) -> None:
    for params, found in zip(many, computed("gradient_explorer", many), strict=True):
        W = params["radius"] * np.eye(4) + params["non_normality"] * np.eye(4, k=1)
        power, want = np.eye(4), [1.0]
        for _ in range(params["length"]):
            power = power @ (params["slope"] * W)
            want.append(float(np.linalg.norm(power, 2)))
        norms, rule = (np.array(found[key], dtype=np.float64) for key in ("norms", "rule"))  # JSON has whole numbers
        assert np.allclose(norms, want, rtol=1e-9, atol=1e-290)
        assert math.isclose(found["sigma"], np.linalg.norm(W, 2), rel_tol=1e-9)
        assert found["peak"]["value"] == max(found["norms"])
        assert found["norms"][found["peak"]["t"]] == found["peak"]["value"]
        assert np.allclose(rule, [(params["slope"] * params["radius"]) ** t for t in range(len(want))], rtol=1e-9)
        assert all(norm <= bound * (1 + 1e-9) for norm, bound in zip(found["norms"], found["bound"], strict=True))
        below = found["below_one_from"]
        assert all(norm < 1 for norm in found["norms"][below:]) if below is not None else found["norms"][-1] >= 1
        assert below is None or found["norms"][below - 1] >= 1


@examples(3)
@given(st.lists(matrices, min_size=30, max_size=60))
def test_title_and_verdict_are_one_sentence(many: list[dict[str, Any]]) -> None:
    said = evaluated("gradient_explorer", "given.map((p) => verdict(p, compute(p)))", many)
    assert said == [finding(growth(**params)) + "." for params in many]


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ((0.8, 0.5, 1.0, 60), "The gradient can grow to 4.57 at t = 13, and is below 1 only from t = 32"),
        ((0.8, 0.5, 1.0, 20), "at t = 20: too few steps to vanish"),
        ((0.8, 0.1, 1.0, 60), "vanishes from the start: every step shrinks it"),
        ((0.8, 0.5, 0.5, 60), "vanishes from the start: every step shrinks it"),
        ((1.2, 0.0, 1.0, 60), "can explode: it grows to 56,300 at t = 60"),
        ((1.0, 0.0, 1.0, 60), "keeps its length"),
        ((1.0, 0.5, 1.0, 60), "without end, like a power of t"),
        ((0.0, 0.5, 1.0, 60), "vanishes from the start, and is exactly 0 from t = 4"),
        ((0.0, 1.0, 1.0, 60), "never grows, and is exactly 0 from t = 4"),
        ((0.0, 1.5, 1.0, 60), "can grow to 3.38 at t = 3, and is exactly 0 from t = 4"),
        ((0.8, 0.5, 0.0, 60), "vanishes from the start, and is exactly 0 from t = 1"),
    ],
)
def test_what_the_explorer_says(setting: tuple[float, float, float, int], says: str) -> None:
    found = growth(*setting)
    assert says in finding(found)
    assert says in gradient_explorer(*setting).picture.alt  # every one can be drawn


def test_the_explorer_says_which_line_leaves_its_picture() -> None:
    settings_ = [
        {"radius": 1.5, "non_normality": 1.5, "slope": 1.0, "length": 200},
        {"radius": 0.0, "non_normality": 0.5, "slope": 1.0, "length": 5},
        {"radius": 0.9, "non_normality": 0.0, "slope": 1.0, "length": 10},
    ]
    code = "given.map(compute).map((found) => [decades(found), leaving(found, decades(found))])"
    (wild, nilpotent, calm) = evaluated("gradient_explorer", code, settings_)
    assert wild[0] == [-1, 12]
    assert wild[1] == (
        "Leaving the picture: true worst growth at t = 45 (above), eigenvalue rule at t = 69 (above), "
        "singular value bound at t = 27 (above)."
    )
    assert nilpotent[1].startswith("Leaving the picture: true worst growth at t = 4 (below), eigenvalue rule at t = 1")
    assert calm == [[-1, 1], ""]


@pytest.mark.parametrize(
    "wrong", [{"radius": -0.1}, {"non_normality": 2}, {"slope": 1.1}, {"length": 4}, {"length": 5.5}]
)
def test_an_explorer_out_of_range_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(CourseError, match=f"{next(iter(wrong))} is a (whole )?number from"):
        gradient_explorer(**wrong)


def test_the_output_has_a_live_view_a_picture_and_a_twin_that_asks_no_server() -> None:
    twin_of(gradient_explorer())
