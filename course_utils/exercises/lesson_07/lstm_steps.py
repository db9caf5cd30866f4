"""Lesson 07: the cell, and one step of the LSTM."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.lesson_07.cases import cells_and_gates, steps_of
from course_utils.nn import cells, gates

cell_update = FunctionExercise(
    lesson="07",
    reference=gates.cell_update,
    cases=cells_and_gates,
    result="the new cell, of the shape of c",
    variants=(lambda c, f, i, g: torch.addcmul(f * c, i, g),),
    gradients=True,
    mistakes=(
        Mistake(
            lambda c, f, i, g: i * c + f * g,
            "The two gates are exchanged: f keeps the old cell, i lets the candidate in.",
        ),
        Mistake(
            lambda c, f, i, g: (1 - f) * c + i * g,
            "f = 1 means *keep*. Whatever its name says, it multiplies the old cell as it is.",
        ),
        Mistake(
            lambda c, f, i, g: f * c + g, "The input gate is missing: it decides how much of the candidate is written."
        ),
        Mistake(
            lambda c, f, i, g: c + i * g, "The forget gate is missing. That is the cell of 1997: it never forgets."
        ),
        Mistake(
            lambda c, f, i, g: torch.tanh(f * c + i * g),
            "No tanh goes round the cell: it is what lets a gradient through unharmed.",
        ),
        Mistake(
            lambda c, f, i, g: f * c + (1 - f) * g,
            "Here the two gates are independent: the candidate is multiplied by i, not by 1 − f.",
        ),
        Mistake(
            lambda c, f, i, g: f * c + i * torch.tanh(g),
            "g is the candidate as it is, tanh already done. Multiply it by i.",
        ),
        Mistake(
            lambda c, f, i, g: torch.sigmoid(f) * c + torch.sigmoid(i) * g,
            "f and i are the gates as they are, σ already done.",
        ),
        Mistake(
            lambda c, f, i, g: f * c + i,
            "The candidate is missing: the input gate only says how much of g is written, i · g.",
        ),
        Mistake(
            lambda c, f, i, g: f * c + (1 - i) * g,
            "i = 1 lets the whole candidate in: multiply g by i, not by 1 − i.",
        ),
        Mistake(
            lambda c, f, i, g: (f * c + i * g).clamp(-1, 1),
            "The cell has no limits: it is the state h that goes through tanh.",
        ),
        Mistake(
            lambda c, f, i, g: f * (c + i * g),
            "The forget gate multiplies the *old* cell alone. What is written now is not forgotten in the same step.",
        ),
        Mistake(
            lambda c, f, i, g: f * i * c + g * i, "Each gate has one job: f multiplies the old cell, i the candidate."
        ),
    ),
    hints=(
        "Two things come together: what is kept of the old cell, and what is written.",
        "What is kept is f · c. What is written is the candidate g, as far as the input gate lets it in.",
        "`return f * c + i * g`",
    ),
)

Pair = tuple[Tensor, Tensor]

sigmoid, tanh = torch.sigmoid, torch.tanh


def with_parts(combine: Callable[..., Pair]) -> Callable[..., Pair]:
    """A step made from its four parts before they are squashed, in torch's order, and the old h and c."""

    def step(x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Pair:
        return combine(*(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh).chunk(4, dim=-1), h, c)

    return step


def built(i: Tensor, f: Tensor, g: Tensor, o: Tensor, c: Tensor) -> Pair:
    """h and c from squashed gates."""
    c = f * c + i * g
    return o * tanh(c), c


@with_parts
def forget_first(f: Tensor, i: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """The order f, i, g, o."""
    return built(sigmoid(i), sigmoid(f), tanh(g), sigmoid(o), c)


@with_parts
def output_third(i: Tensor, f: Tensor, o: Tensor, g: Tensor, h: Tensor, c: Tensor) -> Pair:
    """The order i, f, o, g."""
    return built(sigmoid(i), sigmoid(f), tanh(g), sigmoid(o), c)


@with_parts
def no_tanh_on_the_cell(i: Tensor, f: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """h = o · c."""
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * c, c


@with_parts
def sigmoid_candidate(i: Tensor, f: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """The candidate squashed like a gate."""
    return built(sigmoid(i), sigmoid(f), sigmoid(g), sigmoid(o), c)


@with_parts
def tanh_gates(i: Tensor, f: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """Gates squashed with tanh."""
    return built(tanh(i), tanh(f), tanh(g), tanh(o), c)


@with_parts
def old_cell_shown(i: Tensor, f: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """h from the cell before the step."""
    return sigmoid(o) * tanh(c), sigmoid(f) * c + sigmoid(i) * tanh(g)


@with_parts
def cell_first(i: Tensor, f: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """(c, h) returned."""
    return built(sigmoid(i), sigmoid(f), tanh(g), sigmoid(o), c)[::-1]


@with_parts
def nothing_kept(i: Tensor, f: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """The old cell forgotten."""
    return built(sigmoid(i), sigmoid(f), tanh(g), sigmoid(o), torch.zeros_like(c))


@with_parts
def state_kept(i: Tensor, f: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """f multiplies the old state instead of the old cell."""
    return built(sigmoid(i), sigmoid(f), tanh(g), sigmoid(o), h)


@with_parts
def squashed_cell(i: Tensor, f: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """tanh round the cell that is carried on."""
    c = tanh(sigmoid(f) * c + sigmoid(i) * tanh(g))
    return sigmoid(o) * c, c


@with_parts
def candidate_as_it_is(i: Tensor, f: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """The candidate without tanh."""
    return built(sigmoid(i), sigmoid(f), g, sigmoid(o), c)


@with_parts
def forget_turned(i: Tensor, f: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """1 − f multiplies the old cell."""
    return built(sigmoid(i), 1 - sigmoid(f), tanh(g), sigmoid(o), c)


@with_parts
def coupled_gates(i: Tensor, f: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """1 − f in place of i."""
    return built(1 - sigmoid(f), sigmoid(f), tanh(g), sigmoid(o), c)


@with_parts
def not_squashed(i: Tensor, f: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """Gates and candidate as they are."""
    return built(i, f, g, o, c)


@with_parts
def tanh_outside(i: Tensor, f: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """h = tanh(o · c)."""
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return tanh(sigmoid(o) * c), c


@with_parts
def sigmoid_outside(i: Tensor, f: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """h = o · σ(c)."""
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * sigmoid(c), c


def every_fourth_row(x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Pair:
    """The four parts taken in turn, not in blocks."""
    total = x @ W_ih.T + b_ih + h @ W_hh.T + b_hh
    i, f, g, o = (total[:, k::4] for k in range(4))
    return built(sigmoid(i), sigmoid(f), tanh(g), sigmoid(o), c)


def one_bias(x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Pair:
    """b_hh forgotten."""
    return cells.lstm_step(x, h, c, W_ih, W_hh, b_ih, torch.zeros_like(b_hh))


def no_input(x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Pair:
    """The gates do not see the input."""
    return cells.lstm_step(torch.zeros_like(x), h, c, W_ih, W_hh, b_ih, b_hh)


def states_exchanged(x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Pair:
    """The cell taken for the state, and the state for the cell."""
    return cells.lstm_step(x, c, h, W_ih, W_hh, b_ih, b_hh)


def no_recurrence(x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Pair:
    """The gates do not see the state."""
    return cells.lstm_step(x, torch.zeros_like(h), c, W_ih, W_hh, b_ih, b_hh)


def by_slices(x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Pair:
    """A right answer that cuts the weights, not the sum."""
    H = h.shape[1]
    parts = [
        x @ W_ih[k * H : (k + 1) * H].T
        + b_ih[k * H : (k + 1) * H]
        + h @ W_hh[k * H : (k + 1) * H].T
        + b_hh[k * H : (k + 1) * H]
        for k in range(4)
    ]
    return built(sigmoid(parts[0]), sigmoid(parts[1]), tanh(parts[2]), sigmoid(parts[3]), c)


lstm_step = FunctionExercise(
    lesson="07",
    reference=cells.lstm_step,
    cases=steps_of(4),
    result="the new state and the new cell, (h, c), each (B, H)",
    variants=(by_slices, lambda *a: list(cells.lstm_step(*a))),
    gradients=True,
    shape_tip="x is (B, I) and W_ih is (4·H, I): `x @ W_ih.T` is (B, 4·H), and so is `h @ W_hh.T`.",
    mistakes=(
        Mistake(
            forget_first, "Input and forget gate are exchanged: torch's order is input, forget, candidate, output."
        ),
        Mistake(
            output_third, "Candidate and output gate are exchanged: torch's order is input, forget, candidate, output."
        ),
        Mistake(no_tanh_on_the_cell, "The cell is right. On its way out it goes through tanh: h = o · tanh(c)."),
        Mistake(
            sigmoid_candidate,
            "The candidate goes through tanh (−1 to 1), not through σ: it must be able to lower the cell.",
        ),
        Mistake(
            tanh_gates, "Gates go through σ (0 to 1). With tanh a gate could turn what passes it into its opposite."
        ),
        Mistake(old_cell_shown, "The cell is right, but h shows the *old* cell. Update c first, then h = o · tanh(c)."),
        Mistake(cell_first, "You return (c, h). torch and this course return the state first: (h, c)."),
        Mistake(nothing_kept, "The old cell is lost: f · c is missing."),
        Mistake(state_kept, "The forget gate multiplies the old *cell* c, not the old state h."),
        Mistake(
            squashed_cell,
            "tanh goes round the cell only on its way out, to h. The cell that is carried on stays as it is.",
        ),
        Mistake(
            candidate_as_it_is, "The candidate is not squashed: it goes through tanh (−1 to 1) before it is written."
        ),
        Mistake(
            every_fourth_row,
            "You take every fourth row for a gate. torch keeps the gates block by block: the first H rows are the "
            "input gate's, then H for the forget gate … `.chunk(4, dim=-1)`.",
        ),
        Mistake(
            forget_turned,
            "f = 1 means *keep*: f multiplies the old cell as it is, not as 1 − f.",
        ),
        Mistake(
            coupled_gates, "Here the input gate is a gate of its own: the candidate is multiplied by i, not by 1 − f."
        ),
        Mistake(
            not_squashed,
            "Nothing is squashed: the three gates go through σ, the candidate through tanh.",
        ),
        Mistake(tanh_outside, "The output gate multiplies tanh(c): h = o · tanh(c), not tanh(o · c)."),
        Mistake(sigmoid_outside, "On its way out the cell goes through tanh (−1 to 1), not through σ."),
        Mistake(no_input, "The gates do not see the input: x @ W_ih.T is missing from the sum."),
        Mistake(
            states_exchanged,
            "h and c are exchanged on their way in: the weights multiply the state h, the forget gate the cell c.",
        ),
        Mistake(one_bias, "One bias is missing, b_hh: torch keeps two, and adds both."),
        Mistake(no_recurrence, "The gates do not see the state: h @ W_hh.T is missing from the sum."),
    ),
    hints=(
        "One sum for all four: x @ W_ih.T + b_ih + h @ W_hh.T + b_hh, (B, 4·H). `.chunk(4, dim=-1)` cuts it.",
        "In torch's order: input, forget, candidate, output. σ for the three gates, tanh for the candidate.",
        "c = f · c + i · g, then h = o · tanh(c). Return (h, c).",
    ),
)
