"""The widgets about vanishing gradients: their numbers equal torch's and numpy's, their sentences hold."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from course_utils.errors import CourseError
from course_utils.widgets import cobweb as cobweb_module
from course_utils.widgets.cobweb import cobweb, fixed_points, lost_at, power_of_ten, trajectory
from course_utils.widgets.gradient_explorer import finding, gradient_explorer, growth
from course_utils.widgets.lag_river import finding as film_finding
from course_utils.widgets.lag_river import lag_river, share_within
from course_utils.widgets.shared.random_numbers import uniform
from tests.strategies import examples
from tests.widgets.test_unroll_stepper import computed, evaluated
from tests.widgets.twins import twin_of


def between(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_subnormal=False)


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
matrices = st.fixed_dictionaries(
    {
        "radius": st.one_of(st.sampled_from([0.0, 1.0, 1.5]), between(0, 1.5)),
        "non_normality": st.one_of(st.sampled_from([0.0, 1.0]), between(0, 1.5)),
        "slope": st.one_of(st.sampled_from([0.0, 1.0]), between(0, 1)),
        "length": st.integers(5, 200),
    }
)
films = st.integers(2, 30).flatmap(
    lambda lags: st.lists(st.lists(between(0, 10), min_size=lags, max_size=lags), min_size=2, max_size=6)
)


# --- cobweb


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
    assert power_of_ten(-1084.0) == "1e−1,084"
    assert power_of_ten(-1083.01) == "1e−1,083"  # not 10e−1,084


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


# --- gradient explorer


@examples(4)
@given(st.lists(matrices, min_size=20, max_size=40))
def test_the_norms_are_numpy_s(many: list[dict[str, Any]]) -> None:
    for params, found in zip(many, computed("gradient_explorer", many), strict=True):
        W = params["radius"] * np.eye(4) + params["non_normality"] * np.eye(4, k=1)
        power, want = np.eye(4), [1.0]
        for _ in range(params["length"]):
            power = power @ (params["slope"] * W)
            want.append(float(np.linalg.norm(power, 2)))
        assert np.allclose(found["norms"], want, rtol=1e-9, atol=1e-290)
        assert math.isclose(found["sigma"], np.linalg.norm(W, 2), rel_tol=1e-9)
        assert found["peak"]["value"] == max(found["norms"])
        assert found["norms"][found["peak"]["t"]] == found["peak"]["value"]
        assert np.allclose(
            found["rule"], [(params["slope"] * params["radius"]) ** t for t in range(len(want))], rtol=1e-9
        )
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


# --- lag river


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


# --- all three


@pytest.mark.parametrize(
    "widget", [cobweb(), gradient_explorer(), lag_river(**film())], ids=["cobweb", "explorer", "river"]
)
def test_the_output_has_a_live_view_a_picture_and_a_twin_that_asks_no_server(widget: Any) -> None:
    twin_of(widget)
