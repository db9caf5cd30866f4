"""The cobweb: its numbers equal torch's, its sentences hold."""

from __future__ import annotations

import math
from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.widgets import cobweb as cobweb_module
from course_utils.widgets.cobweb import cobweb, fixed_points, lost_at, power_of_ten, trajectory
from course_utils.widgets.shared.random_numbers import uniform
from tests.strategies import between, examples
from tests.widgets.in_node import computed, evaluated
from tests.widgets.twins import twin_of

units = st.fixed_dictionaries(
    {
        "w": st.one_of(st.just(0.0), between(-2, 2)),
        "b": between(-1, 1),
        "h_0": between(-1, 1),
        "noise": between(0, 1),
        "steps": st.integers(1, 300),
        "seed": st.integers(0, 999_999),
    }
)


def test_the_noise_is_the_same_in_both_languages_and_fills_its_range() -> None:
    seeds = [0, 1, 2, 999_999]
    mine = evaluated(
        "cobweb", "given.map((s) => { const u = uniform(s); return Array.from({ length: 500 }, u); })", seeds
    )
    assert mine == [list(islice(uniform(seed), 500)) for seed in seeds]
    assert 0 <= min(mine[1]) < 0.01
    assert 0.99 < max(mine[1]) < 1
    assert abs(np.mean(mine) - 0.5) < 0.03


@examples(3)
@given(st.lists(units, min_size=20, max_size=40))
def test_the_unit_moves_as_in_torch_and_its_derivative_is_autograd_s(many: list[dict[str, Any]]) -> None:
    for params, found in zip(many, computed("cobweb", many), strict=True):
        start = torch.tensor(params["h_0"], dtype=torch.float64, requires_grad=True)
        states = [start]
        for number in islice(uniform(params["seed"]), params["steps"]):
            noise = params["noise"] * (2 * number - 1)
            states.append(torch.tanh(params["w"] * states[-1] + params["b"] + noise))
        assert np.allclose(found["states"], [h.item() for h in states], atol=1e-6)
        assert len(found["log_derivative"]) == params["steps"] + 1
        for t in {1, params["steps"] // 2, params["steps"]} - {0}:
            (derivative,) = torch.autograd.grad(states[t], start, retain_graph=True)
            log = found["log_derivative"][t]
            if abs(derivative.item()) > 1e-300:
                assert math.isclose(log, math.log10(abs(derivative.item())), abs_tol=1e-6)
            else:
                assert log is None or log < -299


@examples(3)
@given(st.lists(units, min_size=20, max_size=40))
def test_the_picture_computes_what_the_browser_does(many: list[dict[str, Any]]) -> None:
    for params, found in zip(many, computed("cobweb", many), strict=True):
        states, logs = trajectory(**params)
        assert np.allclose(found["states"], states, atol=1e-6)
        finite = [None if log == -math.inf else log for log in logs]
        assert [log is None for log in finite] == [log is None for log in found["log_derivative"]]
        assert np.allclose([log or 0 for log in finite], [log or 0 for log in found["log_derivative"]], atol=1e-6)
        points = fixed_points(params["w"], params["b"])
        assert [stable for _, stable in points] == [point["stable"] for point in found["fixed_points"]]
        for (h, _), point in zip(points, found["fixed_points"], strict=True):
            assert math.isclose(h, point["h"], abs_tol=1e-7)
            assert abs(math.tanh(params["w"] * h + params["b"]) - h) < 1e-12


def test_a_unit_with_weight_1_25_has_two_stable_fixed_points_and_keeps_its_bit_for_5000_steps() -> None:
    (found,) = computed("cobweb", [cobweb().params])
    assert [(round(point["h"], 2), point["stable"]) for point in found["fixed_points"]] == [
        (-0.71, True),
        (0.0, False),
        (0.71, True),
    ]
    assert len(found["states"]) == 5001
    assert min(found["states"]) > 0.4
    assert -1100 < found["log_derivative"][-1] < -900
    states, logs = trajectory(1.25, 0, -0.6, 0.1, 5000)
    assert lost_at(states, 1.25) is None
    assert logs[-1] < -900


def test_with_a_weight_of_0_the_derivative_is_exactly_0() -> None:
    (found,) = computed("cobweb", [{**cobweb(w=0, steps=3).params}])
    assert found["log_derivative"] == [0, None, None, None]
    assert power_of_ten(trajectory(0, 0, 0.6, 0.1, 3)[1][-1]) == "exactly 0"


def test_powers_of_ten_are_written_the_same_in_both_languages() -> None:
    logs = [0.0, -1.0, 0.5, 5.9, 6.2, -3.9, -4.0, -4.05, -1084.0, -1084.3, -1083.01, 484.55]
    assert evaluated("cobweb", "given.map(power)", logs) == [power_of_ten(log) for log in logs]
    assert power_of_ten(-1084.0) == "1e−1084"
    assert power_of_ten(-1083.01) == "1e−1083"  # not 10e−1084


def sentence(t: int, **changed: Any) -> str:
    params = {**cobweb().params, **changed}
    return str(evaluated("cobweb", "told(given[0], compute(given[0]), given[1])", [params, t]))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({}, "After 5,000 steps h = 0.63: the bit is still +."),
        ({"h_0": -0.6, "noise": 0}, "h = −0.71: the bit is still −."),
        ({"noise": 0.3}, "lost at step"),
        ({"b": -0.5}, "the bit is −. It was +, and was lost at step"),
        ({"h_0": 0}, "h₀ = 0 has no sign to hold."),
        ({"w": 0.5, "noise": 0, "steps": 100}, "so near 0 a little noise would turn it"),
        ({"w": -1.25}, "the bit is still + (w is negative: the sign turns at every step, which is counted in)."),
        ({"w": 0}, "the derivative ∂h/∂h₀ is exactly 0"),
        ({"w": 0, "noise": 0, "b": 0}, "the bit is gone (h is exactly 0)"),
        ({"w": 2, "h_0": 0, "noise": 0}, "grown to"),
    ],
)
def test_what_the_cobweb_tells(changed: dict[str, Any], says: str) -> None:
    assert says in sentence(int(changed.get("steps", 5000)), **changed)


def test_the_cobweb_s_title_says_what_became_of_the_sign() -> None:
    titles = {
        "The sign of h₀ is held for 5,000 steps, though |∂h/∂h₀| is then": {},
        "The sign of h₀, turned at every step, is held": {"w": -1.25},
        "The sign of h₀ is lost at step": {"noise": 0.3},
        "h₀ = 0 has no sign": {"h_0": 0},
        "too near 0 to hold a sign": {"w": 0.5, "noise": 0},
    }
    for title, changed in titles.items():
        assert title in cobweb(**changed).picture.alt  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [{"w": 2.1}, {"b": float("nan")}, {"noise": -0.1}, {"h_0": "x"}, {"steps": 0}, {"steps": 2.5}, {"seed": -1}],
)
def test_a_cobweb_out_of_range_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(CourseError, match=f"{next(iter(wrong))} is a (whole )?number from"):
        cobweb(**wrong)


def test_both_languages_draw_as_many_steps() -> None:
    assert evaluated("cobweb", "SHOWN", None) == cobweb_module.SHOWN


def test_the_output_has_a_live_view_a_picture_and_a_twin_that_asks_no_server() -> None:
    twin_of(cobweb())


def test_a_picture_that_does_not_tell_says_nothing_of_the_end() -> None:
    alt = cobweb(tells=False).picture.alt
    assert alt.startswith("The first 4 of 5,000 steps of one unit, h = tanh(1.25 h +0), from h₀ = 0.6")
    assert not any(word in alt for word in ("held", "lost", "∂"))
