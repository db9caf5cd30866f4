"""The gate explorer: its numbers equal torch's, its sentences are what the numbers say."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from course_utils.errors import CourseError
from course_utils.widgets.gate_explorer import (
    INPUTS,
    PRESETS,
    RANGES,
    finding,
    gate_explorer,
    half_life,
    unit_run,
)
from tests.layers import weights_of
from tests.strategies import examples
from tests.widgets.in_node import computed, evaluated
from tests.widgets.twins import twin_of

units = st.fixed_dictionaries(
    {
        "inputs": st.fixed_dictionaries({"a": st.lists(st.floats(-10, 10), min_size=1, max_size=20)}),
        "choice": st.just("a"),
        "no_forget_gate": st.booleans(),
        **{name: st.floats(low, high, allow_subnormal=False) for name, (low, high, _) in RANGES.items()},
    }
)


def one_unit(params: dict[str, Any]) -> nn.LSTM:
    """torch's LSTM with the weights of the sliders; without a forget gate its bias is so large that f is exactly 1."""
    lstm = nn.LSTM(1, 1, batch_first=True, dtype=torch.float64)
    w_f, b_f = (0.0, 100.0) if params["no_forget_gate"] else (params["w_f"], params["b_f"])
    with torch.no_grad():
        for p in lstm.parameters():
            p.zero_()
        lstm.get_parameter("weight_ih_l0")[:, 0] = torch.tensor([params["w_i"], w_f, params["w_g"], params["w_o"]])
        lstm.get_parameter("bias_ih_l0")[:] = torch.tensor([params["b_i"], b_f, 0.0, params["b_o"]])
    return lstm


@torch.no_grad()
def torch_s_run(params: dict[str, Any]) -> dict[str, list[float]]:
    """c and h from `nn.LSTM`, step by step, and the gates from its weights in torch's order i, f, g, o."""
    lstm = one_unit(params)
    W_ih, _, b_ih, _ = weights_of(lstm)
    run: dict[str, list[float]] = {name: [] for name in "ifgoch"}
    state = None
    for x in torch.tensor(params["inputs"][params["choice"]], dtype=torch.float64).reshape(-1, 1, 1, 1):
        i, f, g, o = (W_ih @ x.reshape(1) + b_ih).tolist()
        _, state = lstm(x, state)
        gates = [torch.tensor(z, dtype=torch.float64).sigmoid().item() for z in (i, f, o)]
        values = (*gates[:2], math.tanh(g), gates[2], state[1].item(), state[0].item())
        for name, value in zip("ifgoch", values, strict=True):
            run[name].append(value)
    return run


@examples(3)
@given(st.lists(units, min_size=30, max_size=60))
def test_the_unit_is_torch_s_lstm(many: list[dict[str, Any]]) -> None:
    for params, found in zip(many, computed("gate_explorer", many), strict=True):
        want = torch_s_run(params)
        mine = unit_run(params["inputs"]["a"], params)
        assert set(found) == set(want) == set(mine)
        for name, values in want.items():
            assert np.allclose(found[name], values, rtol=0, atol=1e-6), name
            assert np.allclose(mine[name], values, rtol=0, atol=1e-6), name


def test_torch_keeps_the_gates_in_the_order_i_f_g_o() -> None:
    """Else the test above would compare one mistake with itself: h of the whole sequence in one call of `nn.LSTM`."""
    params = gate_explorer(preset="replace", w_o=-2, b_o=1).params
    (found,) = computed("gate_explorer", [params])
    x = torch.tensor(params["inputs"][params["choice"]], dtype=torch.float64).reshape(1, -1, 1)
    assert np.allclose(found["h"], one_unit(params)(x)[0].flatten().tolist(), atol=1e-9)


@examples(3)
@given(st.lists(units, min_size=30, max_size=60))
def test_title_and_verdict_are_one_sentence(many: list[dict[str, Any]]) -> None:
    said = evaluated("gate_explorer", "given.map((p) => verdict(compute(p)))", many)
    assert said == [finding(unit_run(p["inputs"]["a"], p)) + "." for p in many]


def run_of(preset: str, choice: str) -> dict[str, list[float]]:
    return unit_run(INPUTS[choice], PRESETS[preset][1])


def test_the_presets_do_what_they_are_called() -> None:
    pulse = "one pulse, then quiet"
    assert set(run_of("usual start", pulse)["f"]) == {0.5}
    assert run_of("usual start", pulse)["c"][-1] < 1e-3
    for choice in (pulse, "pulse, then distractors"):
        remembered = run_of("remember", choice)["c"]
        assert remembered[2] == max(remembered)
        assert 0.95 < remembered[-1] / remembered[2] < 1
    assert run_of("forget immediately", pulse)["c"][3] < 0.01
    assert run_of("remember", "two pulses")["c"][-1] > 1.8
    assert 0.9 < run_of("replace", "two pulses")["c"][-1] < 1
    assert run_of("1997", pulse)["f"] == [1] * 16
    assert run_of("1997", "always on")["c"][-1] > 3
    hidden = run_of("output hidden", pulse)
    assert hidden["c"] == run_of("remember", pulse)["c"]
    assert max(hidden["h"]) < 0.01


@pytest.mark.parametrize(
    ("preset", "choice", "says"),
    [
        ("remember", "pulse, then distractors", "c is 0.947 at step 3, where it is largest, and 0.939 at the end"),
        ("1997", "always on", "c is 3.28 at step 16, the last, where it is largest"),
        ("output hidden", "one pulse, then quiet", "; |h| is never above 0.00183"),
    ],
)
def test_what_the_gate_explorer_finds(preset: str, choice: str, says: str) -> None:
    assert says in finding(run_of(preset, choice))
    assert says in gate_explorer({choice: INPUTS[choice]}, preset).picture.alt


def test_nothing_stored_is_said_and_drawn() -> None:
    widget = gate_explorer({"silence": [0.0]}, w_g=0)
    assert widget.picture.alt.startswith("Hardly anything is stored: |c| is never above 0.")


def test_what_a_step_tells() -> None:
    params = gate_explorer(preset="remember").params
    told = evaluated("gate_explorer", "told(given, compute(given), 2)", params)
    assert [line.replace("\u00a0", " ") for line in told] == [
        "Step 3 of 16, x = 2: gates i = 0.982, f = 0.998, o = 0.998; candidate g = 0.964.",
        "c = f · c before + i · g = 0.998 · 0 + 0.982 · 0.964 = 0.947.",
        "h = o · tanh(c) = 0.998 · tanh(0.947) = 0.736.",
        "Without input f is 0.998: c halves in 280 steps.",
        "c is 0.947 at step 3, where it is largest, and 0.939 at the end.",
    ]
    for preset, says in (("1997", "f is 1: c stays as it is."), ("usual start", "f is 0.5: c halves in 1 step.")):
        told = evaluated("gate_explorer", "told(given, compute(given), 0)", gate_explorer(preset=preset).params)
        assert says in told[3]
    told = evaluated("gate_explorer", "told(given, compute(given), 5)", {**params, "choice": "always on", "w_g": -1})
    assert "· (−0." in told[1]


def test_the_half_life_is_the_same_in_both_languages() -> None:
    gates = [0.5, 0.0025, 0.9975, 1.0, 0.25]
    found = evaluated("gate_explorer", "given.map(halfLife).map((n) => n === Infinity ? 'never' : n)", gates)
    want = [half_life(f) for f in gates]
    assert found[3] == "never"
    assert want[3] == math.inf
    assert np.allclose(found[:3] + found[4:], want[:3] + want[4:])
    assert half_life(0.5) == 1
    assert 0.5 ** (1 / half_life(0.25)) == 0.25


def test_each_preset_is_found_again_among_the_sliders() -> None:
    params = [gate_explorer(preset=name).params for name in PRESETS]
    names = evaluated("gate_explorer", "given.map(presetOf)", [*params, gate_explorer(b_f=1).params])
    assert names == [*params[0]["presets"], "your own"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"preset": "remembr"}, "Did you mean 'remember'"),
        ({"b_x": 1}, "There is no weight 'b_x'"),
        ({"b_f": 6.5}, "b_f is a number from −6 to 6"),
        ({"w_g": -3.5}, "w_g is a number from −3 to 3"),
        ({"inputs": {}}, "needs a sequence"),
        ({"inputs": {"mine": []}}, "1 to 20 numbers from −10 to 10"),
        ({"inputs": {"mine": [0.0] * 21}}, "1 to 20 numbers"),
        ({"inputs": {"mine": [math.nan]}}, "1 to 20 numbers"),
        ({"inputs": {"mine": [11.0]}}, "1 to 20 numbers"),
    ],
)
def test_a_gate_explorer_that_cannot_be_shown_is_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        gate_explorer(**wrong)


def test_the_output_has_a_live_view_a_picture_and_a_twin_that_asks_no_server() -> None:
    twin_of(gate_explorer())
