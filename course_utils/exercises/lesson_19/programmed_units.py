"""Lesson 19: two tanh units that hold parity, and one LSTM unit that counts. What counts is what they do."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import torch
from torch import Tensor

from course_utils.data.formal_languages import LANGUAGES, answered, strings
from course_utils.exercises.engine.exercise import Mistake
from course_utils.exercises.engine.programmed import ProgrammedExercise, weights_of
from course_utils.experiments.computation import set_for_languages
from course_utils.experiments.computation.set_for_languages import FAR, counting_lstm, parity_rnn

Units = tuple[Tensor, Tensor, Tensor]
Counter = tuple[Tensor, Tensor]
SHORT, LONG = 8, 2_000  # symbols: all strings of the one length are tried, a few of the other

# ---------------------------------------------------------------------------------------------------------------------
# Parity

PARITY_SHAPES = "Return three things: W_x of the shape (2,), W_h of the shape (2, 2), and the biases of the shape (2,)."
SOFT = (
    "The units are not driven far enough: their states come to lie between −1 and 1, and the error grows from step to "
    "step. Make all weights and biases 20 times as large."
)
NO_INPUT = "The units do not see the input: W_x is 0."
NO_STATE = "The units do not see their own states: W_h is 0, and nothing is remembered."
OR_WRONG = "The first unit should be on where the input or the parity before, or both, are 1. {case} it is {found}."
AND_WRONG = "The second unit should be on only where the input and the parity before are both 1. {case} it is {found}."


def as_units(result: Any) -> Units | None:
    """W_x, W_h and biases, if a result holds them."""
    found = weights_of(result, (2,), (2, 2), (2,))
    return None if found is None else (found[0], found[1], found[2])


@torch.no_grad()
def parity_judged(units: Units) -> tuple[bool, str]:
    """Do the units hold parity? If they do not, the first step that is wrong is named."""
    kind, model = LANGUAGES["parity"], parity_rnn(units)
    every = answered(kind, torch.tensor(list(product(range(2), repeat=SHORT))))
    for drawn in (every, strings("parity", 20, LONG, seed=0)):
        wrong = model(drawn.inputs).argmax(-1) != drawn.answers
        if wrong.any():
            row, step = wrong.nonzero()[wrong.nonzero()[:, 1].argmin()].tolist()
            string = "".join(map(str, drawn.symbols[row, : step + 1].tolist()))
            told = f"After {string} the answer is wrong." if step < 20 else f"After {step + 1} symbols it goes wrong."
            return False, parity_fault(units) or told
    return True, f"All strings of {SHORT} symbols are right, and 20 random ones of {LONG:,}."


def parity_fault(units: Units) -> str:
    """The first of the four cases in which a unit is not as it should be; "" if none stands out."""
    W_x, W_h, bias = units
    if (W_x == 0).all():
        return NO_INPUT
    if (W_h == 0).all():
        return NO_STATE
    before = {-1: [(0.0, 0.0), (-1.0, -1.0), (1.0, 1.0)], 1: [(1.0, -1.0)]}  # states of the units, by the parity
    soft = False
    for unit, told, on in ((0, OR_WRONG, max), (1, AND_WRONG, min)):
        for x, parity in product((-1, 1), repeat=2):
            for state in before[parity]:
                a = float(W_x[unit] * x + (W_h[unit] * torch.tensor(state)).sum() + bias[unit])
                if a * on(x, parity) <= 0:
                    case = f"With the input {x} and the parity {parity} before (states {state[0]:g} and {state[1]:g})"
                    return told.format(case=case, found="off" if a < 0 else "neither on nor off" if a == 0 else "on")
                soft |= abs(a) < 4
    return SOFT if soft else ""


def with_units(**changed: list[Any]) -> Callable[[], Units]:
    """The reference with other W_x, W_h or bias, in units of `FAR`."""

    def units() -> Units:
        W_x, W_h, bias = set_for_languages.parity_units()
        found = {"W_x": W_x, "W_h": W_h, "bias": bias}
        return tuple((found | {name: FAR * torch.tensor(value) for name, value in changed.items()}).values())  # type: ignore[return-value]

    return units


def _said(case: str, found: str, told: str) -> str:
    return told.format(case=case, found=found)


AT_START = "With the input -1 and the parity -1 before (states 0 and 0)"

parity_units = ProgrammedExercise(
    lesson="19",
    reference=set_for_languages.parity_units,
    cases=lambda generator: [()],
    read=as_units,
    shapes=PARITY_SHAPES,
    judged=parity_judged,
    result="W_x (2,), W_h (2, 2) and the biases (2,)",
    variants=(
        lambda: ([30, 25], [[30, -30], [25, -25]], [0, -50]),
        with_units(bias=[0.2, -1.8]),
    ),
    mistakes=(
        Mistake(lambda: tuple(part / FAR for part in set_for_languages.parity_units()), SOFT),
        Mistake(with_units(W_x=[0.0, 0.0]), NO_INPUT),
        Mistake(with_units(W_h=[[0.0, 0.0], [0.0, 0.0]]), NO_STATE),
        Mistake(with_units(bias=[1.0, -1.0]), _said(AT_START, "neither on nor off", OR_WRONG)),
        Mistake(
            with_units(bias=[-2.0, 0.0]),
            _said("With the input -1 and the parity 1 before (states 1 and -1)", "off", OR_WRONG),
        ),
        Mistake(
            with_units(bias=[0.0, 0.0]),
            _said("With the input -1 and the parity 1 before (states 1 and -1)", "on", AND_WRONG),
        ),
        Mistake(
            with_units(W_h=[[1.0, 1.0], [1.0, 1.0]]),
            _said("With the input -1 and the parity -1 before (states 1 and 1)", "on", OR_WRONG),
        ),
        Mistake(
            with_units(W_x=[-1.0, -1.0]),
            _said(AT_START, "on", OR_WRONG),
        ),
        Mistake(lambda: set_for_languages.parity_units()[:2], PARITY_SHAPES),
        Mistake(lambda: (torch.full((2, 1), FAR), *set_for_languages.parity_units()[1:]), PARITY_SHAPES),
    ),
    hints=(
        "Exactly one of two things is 1 where one of them is 1, and not both are. One unit for each half of it.",
        "With p = h₁ − h₂ − 1 for the parity before: the first unit sees x + p + 1, which is positive where x or p is "
        "1; the second sees x + p − 1. Put h₁ − h₂ − 1 in place of p.",
        "The first: x + h₁ − h₂, bias 0. The second: x + h₁ − h₂ − 2. Multiply everything by 40.",
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# Counting

COUNT_SHAPES = "Return two things: W_ih of the shape (4, 2), and the biases of the shape (4,)."
FADES = (
    "The forget gate is not quite open, and the count fades: σ(10) = 0.99995 is too little for thousands of steps. A "
    "bias of 40, with weights of 0, keeps all of it."
)
FORGOTTEN = "The forget gate must stand open at both symbols, or the count is lost: weights 0, bias 40."
SHUT = "The input gate must stand open at both symbols: weights 0, bias 40."
HIDDEN = "The output gate must stand open at both symbols, so that the count is seen: weights 0, bias 40."
TURNED = "The cell goes down at a and up at b. Let the candidate be 1 at a and −1 at b."
SAME = (
    "Both symbols move the cell the same way. The candidate, the third row of W_ih, must have one sign at a and the "
    "other at b."
)
UNEQUAL = "Up and down are not equally large, so as many b's as a's do not lead back to 0."
STEPS = "A step is so small that 1 is not told from 0. Let the candidate be tanh(40) = 1 at a, and −1 at b."


def as_counter(result: Any) -> Counter | None:
    """W_ih and biases, if a result holds them."""
    found = weights_of(result, (4, 2), (4,))
    return None if found is None else (found[0], found[1])


@torch.no_grad()
def counter_judged(counter: Counter) -> tuple[bool, str]:
    """Does the unit count? If it does not, the first part at fault is named."""
    model, kind = counting_lstm("aⁿbⁿ", counter), LANGUAGES["aⁿbⁿ"]
    for n in (1, 2, 3, 20, LONG):
        drawn = answered(kind, torch.tensor([[0] * n + [1] * (n + 2)]))
        found = model(drawn.inputs).argmax(-1)
        if not torch.equal(found, drawn.answers):
            step = int((found != drawn.answers).int().argmax())
            told = f"With {n:,} a's the answer after {step + 1:,} symbols is wrong."
            return False, counter_fault(counter) or told
    return True, f"It counts {LONG:,} a's and as many b's without a mistake."


def counter_fault(counter: Counter) -> str:
    """The first part of a unit that is not as it should be, in words; "" if none stands out."""
    W_ih, bias = counter
    i, f, g, o = (W_ih + bias[:, None]).unbind()  # at a, and at b
    up, down = (torch.sigmoid(i) * torch.tanh(g)).tolist()
    found = (
        (bool(torch.sigmoid(f).min() < 0.5), FORGOTTEN),
        (bool(torch.sigmoid(i).min() < 0.2), SHUT),
        (bool(torch.sigmoid(o).min() < 0.9), HIDDEN),
        (up * down >= 0, SAME),
        (up < 0, TURNED),
        (abs(up + down) > 1e-6, UNEQUAL),
        (abs(up) < 0.5, STEPS),
        (bool(torch.sigmoid(f).min() < 1), FADES),
    )
    return next((told for wrong, told in found if wrong), "")


def with_row(row: int, weights: list[float], bias: float) -> Callable[[], Counter]:
    """The reference with another row: input gate, forget gate, candidate, output gate."""

    def counter() -> Counter:
        W_ih, biases = set_for_languages.counting_unit()
        W_ih[row], biases[row] = torch.tensor(weights), bias
        return W_ih, biases

    return counter


counting_unit = ProgrammedExercise(
    lesson="19",
    reference=set_for_languages.counting_unit,
    cases=lambda generator: [()],
    read=as_counter,
    shapes=COUNT_SHAPES,
    judged=counter_judged,
    result="W_ih (4, 2) and the biases (4,)",
    variants=(
        lambda: ([[0, 0], [0, 0], [60, -60], [0, 0]], [50, 50, 0, 50]),
        lambda: ([[50, 50], [50, 50], [1, -1], [50, 50]], [0, 0, 0, 0]),
        with_row(2, [2.0, -2.0], 0.0),
        with_row(0, [0.0, 0.0], 0.0),  # in steps of a half
    ),
    mistakes=(
        Mistake(with_row(1, [0.0, 0.0], 10.0), FADES),
        Mistake(with_row(1, [0.0, 0.0], 1.0), FADES),
        Mistake(with_row(1, [0.0, 0.0], 0.0), FADES),
        Mistake(with_row(1, [40.0, -40.0], 0.0), FORGOTTEN),
        Mistake(with_row(0, [40.0, -40.0], 0.0), SHUT),
        Mistake(with_row(0, [0.0, 0.0], -3.0), SHUT),
        Mistake(with_row(3, [0.0, 0.0], 0.0), HIDDEN),
        Mistake(with_row(3, [-40.0, 40.0], 0.0), HIDDEN),
        Mistake(with_row(2, [-40.0, 40.0], 0.0), TURNED),
        Mistake(with_row(2, [40.0, 40.0], 0.0), SAME),
        Mistake(with_row(2, [40.0, 0.0], 0.0), SAME),
        Mistake(with_row(2, [40.0, -0.5], 0.0), UNEQUAL),
        Mistake(with_row(2, [0.01, -0.01], 0.0), STEPS),
        Mistake(lambda: set_for_languages.counting_unit()[0], COUNT_SHAPES),
        Mistake(lambda: (set_for_languages.counting_unit()[0].T, set_for_languages.counting_unit()[1]), COUNT_SHAPES),
    ),
    hints=(
        "Four questions. What must the cell keep? When may something come in? What comes in? What is shown?",
        "Nothing is forgotten, everything comes in, everything is shown: three gates with weights 0 and bias 40.",
        "The candidate is 1 at a and −1 at b: its weights are 40 and −40, its bias is 0.",
    ),
)
