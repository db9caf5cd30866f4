"""The memory transplant: its numbers equal torch's, its sentences are what the numbers say."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.widgets import memory_transplant as transplant_module
from course_utils.widgets.memory_transplant import OPERATIONS, follows, memory_transplant, transplanted
from course_utils.widgets.memory_transplant import finding as transplant_finding
from tests.layers import weights_of
from tests.strategies import examples
from tests.widgets.in_node import computed, evaluated
from tests.widgets.twins import twin_of

Network = tuple[nn.LSTM, nn.Linear, Tensor]  # and two sequences


def small(seed: int, hidden: int = 4, inputs: int = 3, steps: int = 6, classes: int = 3, scale: float = 1.0) -> Network:
    """A random LSTM, a read-out and two sequences."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        lstm, readout = nn.LSTM(inputs, hidden, batch_first=True), nn.Linear(hidden, classes)
        x = torch.randn(2, steps, inputs)
    with torch.no_grad():
        for p in (*lstm.parameters(), *readout.parameters()):
            p.mul_(scale)
    return lstm, readout, x


def widget_of(seed: int = 0, at: int | None = None, **sizes: Any) -> Any:
    lstm, readout, x = small(seed, **sizes)
    return memory_transplant(lstm, readout, x, "abcdefgh"[: readout.out_features], (0, 1), at)


@torch.no_grad()
def torch_s_transplant(lstm: nn.LSTM, readout: nn.Linear, x: Tensor, operation: str, at: int) -> Any:
    """Final probabilities (2, C), c and h after every step (T, 2, H), and what the operation made of them (2, H)."""
    state = (torch.zeros(1, 2, lstm.hidden_size), torch.zeros(1, 2, lstm.hidden_size))
    cells, states = [], []
    for t in range(x.shape[1]):
        _, state = lstm(x[:, t : t + 1], state)
        h, c = state
        states.append(h[0])
        cells.append(c[0])
        if t + 1 == at:
            other_h, other_c = h.flip(1), c.flip(1)
            h, c = {
                "nothing": (h, c),
                "swap_c": (h, other_c),
                "swap_h": (other_h, c),
                "swap_both": (other_h, other_c),
                "zero_c": (h, torch.zeros_like(c)),
                "zero_h": (torch.zeros_like(h), c),
                "zero_both": (torch.zeros_like(h), torch.zeros_like(c)),
            }[operation]
            state, after = (h, c), (c[0], h[0])
    return readout(state[0][0]).softmax(-1), torch.stack(cells), torch.stack(states), after


def close(found: Any, want: Tensor) -> bool:
    return np.allclose(np.array(found), want.numpy(), rtol=0, atol=1e-5)


@examples(25)
@given(
    seed=st.integers(0, 10_000),
    sizes=st.fixed_dictionaries(
        {
            "hidden": st.integers(1, 16),
            "inputs": st.integers(1, 6),
            "steps": st.integers(2, 40),
            "classes": st.integers(2, 8),
            "scale": st.sampled_from([1.0, 2.0]),
        }
    ),
    where=st.floats(0, 1),
)
def test_every_operation_does_what_it_does_in_torch(seed: int, sizes: dict[str, Any], where: float) -> None:
    at = 1 + round(where * (sizes["steps"] - 1))
    params = widget_of(seed, at, **sizes).params
    (found,) = computed("memory_transplant", [params])
    assert tuple(found) == OPERATIONS
    for operation in OPERATIONS:
        scores, cells, states, after = torch_s_transplant(*small(seed, **sizes), operation, at)
        assert close(found[operation]["scores"], scores)
        assert close(transplanted(params, operation), scores)
        assert close(found[operation]["c"], cells.transpose(0, 1))
        assert close(found[operation]["h"], states.transpose(0, 1))
        assert close(found[operation]["after"]["c"], after[0])
        assert close(found[operation]["after"]["h"], after[1])


def test_at_the_last_step_the_answer_is_in_h_alone() -> None:
    (found,) = computed("memory_transplant", [widget_of(at=6).params])
    untouched = found["nothing"]["scores"]
    assert found["swap_c"]["scores"] == found["zero_c"]["scores"] == untouched
    assert found["swap_h"]["scores"] == found["swap_both"]["scores"] == untouched[::-1]


def test_the_params_are_small_whatever_the_network() -> None:
    widget = widget_of(hidden=16, inputs=6, steps=40, classes=8)
    assert len(json.dumps(widget.params)) < 60_000
    W = small(0, hidden=16, inputs=6, steps=40, classes=8)[0].get_parameter("weight_hh_l0")
    assert np.allclose(widget.params["weights"]["W_hh"], W.detach(), rtol=1e-6)


def latch(reads: str) -> Network:
    """A network by hand that stores the class of the first step: in c until the end, or in h alone.

    The input is +1 or −1 at the first step, 0 after it; class 0 is +1.
    """
    lstm, readout = nn.LSTM(1, 1, batch_first=True), nn.Linear(1, 2)
    with torch.no_grad():
        for p in (*lstm.parameters(), *readout.parameters()):
            p.zero_()
        W_ih, W_hh, b_ih, _ = weights_of(lstm)
        W_ih[2] = 4.0
        W_hh[2] = 0.0 if reads == "c" else 4.0
        b_ih[:] = torch.tensor([9.0, 9.0 if reads == "c" else -9.0, 0.0, 9.0])
        readout.weight[:, 0] = torch.tensor([5.0, -5.0])
    x = torch.zeros(2, 5, 1)
    x[0, 0], x[1, 0] = 1, -1
    return lstm, readout, x


@pytest.mark.parametrize(
    ("network", "cues", "at", "says"),
    [
        ("c", (0, 1), 3, "After step 3, swapping c swaps the answers; swapping h leaves them as they were"),
        ("h", (0, 1), 3, "After step 3, swapping c leaves the answers as they were; swapping h swaps them"),
        ("c", (0, 1), 5, "After step 5, swapping c leaves the answers as they were; swapping h swaps them"),
        ("c", (1, 0), 3, "Untouched, the network gives “+” for A and “−” for B; their cues are “−” and “+”"),
    ],
)
def test_the_title_is_what_the_numbers_say(network: str, cues: tuple[int, int], at: int, says: str) -> None:
    widget = memory_transplant(*latch(network), ["+", "−"], cues, at)
    assert widget.picture.alt.startswith(f"{says}. Two bar charts")


@pytest.mark.parametrize(
    ("by_c", "by_h", "says"),
    [
        ([0, 1], [0, 1], "swapping c leaves the answers as they were; swapping h leaves them as they were too"),
        ([1, 0], [1, 0], "swapping c swaps the answers; swapping h swaps them too"),
        ([2, 1], [0, 1], "swapping c gives “c” for A and “b” for B; swapping h leaves them as they were"),
        ([0, 1], [3, 0], "swapping c leaves the answers as they were; swapping h gives no answer for A and “a” for B"),
    ],
)
def test_every_outcome_has_its_sentence(
    by_c: list[int], by_h: list[int], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"nothing": [0, 1], "swap_c": by_c, "swap_h": by_h}
    rows = np.vstack([np.eye(3), [1 / 3, 1 / 3, 1 / 3]])
    monkeypatch.setattr(transplant_module, "transplanted", lambda _, operation: rows[given[operation]])
    found = transplant_finding({"labels": "abc", "cues": [0, 1], "at": 2})
    assert found == f"After step 2, {says}"


def test_whose_cue_an_answer_is() -> None:
    assert follows(np.eye(3)[[0, 1]], (0, 1)) == ["own", "own"]
    assert follows(np.eye(3)[[1, 2]], (0, 1)) == ["other", "neither"]
    assert follows(np.array([[0.5, 0.5, 0], [0.4, 0.6, 0]]), (0, 1)) == ["neither", "own"]
    params = {**widget_of().params, "cues": [0, 1]}
    scores = [[0.1, 0.8, 0.1], [0.1, 0.2, 0.7]]
    code = "[0, 1].map((s) => follows(given[0], given[1], s))"
    assert evaluated("memory_transplant", code, [params, scores]) == ["other", "neither"]
    assert evaluated("memory_transplant", code, [params, [[0.5, 0.5, 0], [0.4, 0.6, 0]]]) == ["neither", "own"]


def told(params: dict[str, Any], operation: str, prediction: str, ran: bool = True) -> list[str]:
    chosen = {**params, "operation": operation, "prediction": prediction}
    return list(evaluated("memory_transplant", f"told(given, compute(given), {json.dumps(ran)})", chosen))


def test_what_the_transplant_tells() -> None:
    params = memory_transplant(*latch("c"), ["+", "−"], (0, 1), 3).params
    untouched = "Untouched: A answers “+” (1.00), B answers “−” (1.00)."
    assert told(params, "swap_c", "", ran=False) == [
        untouched,
        "Now swap c after step 3: what will A answer? Predict first.",
    ]
    assert told(params, "swap_c", "own", ran=False)[1].endswith("what will A answer? Press Run.")
    assert told(params, "swap_c", "other") == [
        untouched,
        "Swap c after step 3: A answers “−” (1.00), B answers “+” (1.00).",
        "Your prediction: A answers B's cue “−”. As you predicted: it answers B's cue “−”.",
    ]
    assert told(params, "swap_h", "neither")[2] == (
        "Your prediction: A answers neither cue. Not as you predicted: it answers A's cue “+”."
    )
    assert told(params, "zero_c", "neither") == [
        untouched,
        "Set c to 0 after step 3: A is undecided (0.50), B is undecided (0.50).",
        "Your prediction: A answers neither cue. As you predicted: it answers neither cue.",
    ]
    lstm, readout, x = latch("c")
    with torch.no_grad():
        readout.bias[1] = 1  # without memory it says “−”
    biased = memory_transplant(lstm, readout, x, ["+", "−"], (0, 1), 3).params
    assert told(biased, "zero_c", "other")[3] == "Nothing of B came into A: it is B's cue by chance."


def refused(says: str, **wrong: Any) -> None:
    lstm, readout, x = small(0)
    given = {"lstm": lstm, "readout": readout, "sequences": x, "labels": "abc", "cues": (0, 1), **wrong}
    with pytest.raises(CourseError, match=says):
        memory_transplant(**given)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"lstm": nn.GRU(3, 4)}, "these are GRU and Linear"),
        ({"readout": nn.Identity()}, "these are LSTM and Identity"),
        ({"lstm": nn.LSTM(3, 4, num_layers=2)}, "one layer"),
        ({"lstm": nn.LSTM(3, 4, bias=False)}, "with biases"),
        ({"lstm": nn.LSTM(2, 4)}, "lstm.input_size is 2, but the sequences have 3 inputs"),
        ({"lstm": nn.LSTM(3, 5)}, "readout.in_features is 4, but the LSTM has 5 hidden units"),
        ({"labels": "ab"}, "readout.out_features is 3, but the labels name 2 classes"),
        ({"sequences": torch.zeros(2, 6)}, r"the shape \(2, 6\)"),
        ({"sequences": torch.zeros(3, 6, 3)}, r"it must have \(2, T, I\)"),
        ({"sequences": torch.full((2, 6, 3), math.nan)}, "missing or infinite"),
        ({"sequences": torch.zeros(2, 1, 3)}, "2 to 40 steps; here there are 1"),
        ({"sequences": torch.zeros(2, 41, 3)}, "2 to 40 steps; here there are 41"),
        ({"lstm": nn.LSTM(3, 17), "readout": nn.Linear(17, 3)}, "1 to 16 hidden units; here there are 17"),
        ({"lstm": nn.LSTM(7, 4), "sequences": torch.zeros(2, 6, 7)}, "1 to 6 inputs; here there are 7"),
        ({"labels": ["a very long name", "b", "c"]}, "at most 12 letters"),
        ({"inputs": ["a", "b", "the flag"]}, "at most 6 letters"),
        ({"inputs": ["a", "b"]}, "inputs names 2 inputs, but the sequences have 3"),
        ({"cues": (1, 1)}, "two different classes"),
        ({"cues": (0, 3)}, "from 0 to 2"),
        ({"cues": (0,)}, "two different classes"),
        ({"at": 0}, "at is a whole number from 1 to 6"),
        ({"at": 7}, "at is a whole number from 1 to 6"),
    ],
)
def test_a_transplant_that_cannot_be_done_is_refused(wrong: dict[str, Any], says: str) -> None:
    refused(says, **wrong)


def test_the_output_has_a_live_view_a_picture_and_a_twin_that_asks_no_server() -> None:
    twin_of(widget_of())
