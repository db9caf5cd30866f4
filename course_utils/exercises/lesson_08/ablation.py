"""Lesson 08: an LSTM step without one of its gates."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.exercises.lesson_07.cases import steps_of
from course_utils.nn import ablations, cells

Pair = tuple[Tensor, Tensor]
GATES = ("input", "forget", "output")


def steps_and_gates(generator: torch.Generator) -> list[Arguments]:
    """Steps of several sizes, each without each of the three gates."""
    return [(*case, gate) for case in steps_of(4)(generator) for gate in GATES]


def held_at(value: float) -> Callable[..., Pair]:
    """The gate held at another constant."""

    def step(
        x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor, gate: str
    ) -> Pair:
        gates, g = gates_of(x, h, W_ih, W_hh, b_ih, b_hh)
        gates[gate] = torch.full_like(c, value)
        return built(gates, g, c)

    return step


def gates_of(
    x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> tuple[dict[str, Tensor], Tensor]:
    """The three gates by name, and the candidate."""
    i, f, g, o = (x @ W_ih.T + b_ih + h @ W_hh.T + b_hh).chunk(4, dim=-1)
    return dict(zip(GATES, map(torch.sigmoid, (i, f, o)), strict=True)), torch.tanh(g)


def built(gates: dict[str, Tensor], g: Tensor, c: Tensor) -> Pair:
    """State and cell from gates and candidate."""
    c = gates["forget"] * c + gates["input"] * g
    return gates["output"] * torch.tanh(c), c


def nothing_removed(
    x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor, gate: str
) -> Pair:
    """The whole LSTM."""
    return cells.lstm_step(x, h, c, W_ih, W_hh, b_ih, b_hh)


def always(removed: str) -> Callable[..., Pair]:
    """One gate, whichever was named."""

    def step(
        x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor, gate: str
    ) -> Pair:
        return ablations.lstm_step_without(x, h, c, W_ih, W_hh, b_ih, b_hh, removed)

    return step


def input_and_forget_exchanged(
    x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor, gate: str
) -> Pair:
    """The names of two gates exchanged."""
    other = {"input": "forget", "forget": "input"}.get(gate, gate)
    return ablations.lstm_step_without(x, h, c, W_ih, W_hh, b_ih, b_hh, other)


def rows_of_zeros(
    x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor, gate: str
) -> Pair:
    """The rows of the gate set to 0, so that it stands half open."""
    return held_at(0.5)(x, h, c, W_ih, W_hh, b_ih, b_hh, gate)


def by_bias(x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor, gate: str) -> Pair:
    """A right answer: the gate's weights 0, and a bias whose σ is 1."""
    W_ih, W_hh, b_ih, b_hh = (p.clone() for p in (W_ih, W_hh, b_ih, b_hh))
    H = h.shape[1]
    block = {"input": 0, "forget": 1, "output": 3}[gate]
    rows = slice(block * H, (block + 1) * H)
    W_ih[rows], W_hh[rows], b_hh[rows], b_ih[rows] = 0.0, 0.0, 0.0, 60.0
    return cells.lstm_step(x, h, c, W_ih, W_hh, b_ih, b_hh)


def term_dropped(
    x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor, gate: str
) -> Pair:
    """What the gate multiplies is left out of the cell's sum; an output gate is removed as it should be."""
    return held_at(1.0 if gate == "output" else 0.0)(x, h, c, W_ih, W_hh, b_ih, b_hh, gate)


def cell_shown_raw(
    x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor, gate: str
) -> Pair:
    """Without an output gate the cell is shown without its tanh too."""
    state, cell = ablations.lstm_step_without(x, h, c, W_ih, W_hh, b_ih, b_hh, gate)
    return (cell if gate == "output" else state), cell


def cell_first(
    x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor, gate: str
) -> Pair:
    """Cell and state exchanged."""
    state, cell = ablations.lstm_step_without(x, h, c, W_ih, W_hh, b_ih, b_hh, gate)
    return cell, state


lstm_step_without = FunctionExercise(
    lesson="08",
    reference=ablations.lstm_step_without,
    cases=steps_and_gates,
    result="the new state and the new cell, (h, c), each (B, H)",
    variants=(by_bias,),
    gradients=True,
    mistakes=(
        Mistake(
            held_at(0.0), "A gate that is 0 lets nothing pass. To take a gate out, let everything pass: hold it at 1."
        ),
        Mistake(
            held_at(float(torch.sigmoid(torch.tensor(1.0)))),
            "The gate is σ(1) = 0.73. Put the 1 in place of the gate itself, after σ.",
        ),
        Mistake(
            rows_of_zeros,
            "The gate is ½: with all its weights and biases at 0 it is σ(0). To let everything pass it has to be 1.",
        ),
        Mistake(
            term_dropped,
            "You left out what the gate multiplies, as if it were 0. Leave out the *gate*: its term stays, times 1.",
        ),
        Mistake(
            cell_shown_raw,
            "Without an output gate the state is tanh(c): the gate goes, and the tanh stays.",
        ),
        Mistake(cell_first, "State and cell are exchanged: return (h, c)."),
        Mistake(nothing_removed, "That is the whole LSTM: the gate named by `gate` is still at work."),
        *(
            Mistake(always(gate), f"You always remove the {gate} gate. Which one goes is in the argument `gate`.")
            for gate in GATES
        ),
        Mistake(
            input_and_forget_exchanged,
            "Input and forget gate are exchanged: torch's order is input, forget, candidate, output.",
        ),
    ),
    hints=(
        "Begin with your `my_lstm_step` of lesson 07. Where do the three gates become numbers between 0 and 1?",
        "After σ, put ones in place of the gate that is named: `torch.ones_like(c)`. The candidate is no gate.",
        '`gates = {"input": sigmoid(i), "forget": sigmoid(f), "output": sigmoid(o)}`, then '
        "`gates[gate] = torch.ones_like(c)`.",
    ),
)
