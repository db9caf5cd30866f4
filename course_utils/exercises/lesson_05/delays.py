"""Lesson 05: what came k steps back."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.exercises.engine.questions import NumberQuestion
from course_utils.nn import sequences


def symbols_and_lags(generator: torch.Generator) -> list[Arguments]:
    """Sequences of symbols of several sizes, B = T among them, with lags from 1."""
    return [
        (torch.randint(0, 4, size, generator=generator), lag)
        for size, lag in (((2, 5), 2), ((1, 4), 1), ((3, 6), 5), ((4, 4), 3), ((5, 3), 1))
    ]


def wrapped(symbols: Tensor, lag: int) -> Tensor:
    """torch.roll: the end comes round to the beginning."""
    return symbols.roll(lag, dims=1)


def into_the_future(symbols: Tensor, lag: int) -> Tensor:
    """The symbol that comes k steps later."""
    return sequences.delayed(symbols.flip(1), lag).flip(1)


def one_step_off(symbols: Tensor, lag: int) -> Tensor:
    """Delayed by one step more."""
    return sequences.delayed(symbols, min(lag + 1, symbols.shape[1]))


def over_the_batch(symbols: Tensor, lag: int) -> Tensor:
    """Shifted from sequence to sequence."""
    return sequences.delayed(symbols.T, min(lag, len(symbols))).T


def zeros_in_front(symbols: Tensor, lag: int) -> Tensor:
    """0 where there is nothing to name: but 0 is a symbol."""
    return sequences.delayed(symbols, lag).clamp_min(0)


def masked_only(symbols: Tensor, lag: int) -> Tensor:
    """The first steps masked, the others not moved."""
    answer = symbols.clone()
    answer[:, :lag] = -1
    return answer


def cut_off(symbols: Tensor, lag: int) -> Tensor:
    """The first steps are left out."""
    return symbols[:, : symbols.shape[1] - lag]


def delayed_in_place(symbols: Tensor, lag: int) -> Tensor:
    """A right answer that fills a tensor."""
    answer = torch.full_like(symbols, -1)
    for t in range(lag, symbols.shape[1]):
        answer[:, t] = symbols[:, t - lag]
    return answer


delayed = FunctionExercise(
    lesson="05",
    reference=sequences.delayed,
    cases=symbols_and_lags,
    result="the symbol of lag steps before, shape (B, T), and −1 at the first lag steps",
    variants=(delayed_in_place,),
    mistakes=(
        Mistake(
            wrapped,
            "At the first steps you name symbols from the end (`torch.roll` and negative indices bring them "
            "round). Put −1 where there is nothing to name yet.",
        ),
        Mistake(into_the_future, "You name the symbol that comes *later*. We want the symbol that came earlier."),
        Mistake(
            lambda symbols, lag: sequences.delayed(symbols, max(lag - 1, 0)),
            "Delayed by one step too few. With lag 1 the answer is the symbol of the step before.",
        ),
        Mistake(
            masked_only,
            "The −1s are in the right places, but the symbols have not moved: step t names the one of t − lag.",
        ),
        Mistake(one_step_off, "Delayed by one step too many. With lag 1 the answer is the symbol of the step before."),
        Mistake(
            lambda symbols, lag: sequences.delayed(symbols, min(2, symbols.shape[1])),
            "It always looks two steps back. The lag is an argument: use it.",
        ),
        Mistake(over_the_batch, "You shift from sequence to sequence. Time is the second axis: `symbols[:, …]`."),
        Mistake(zeros_in_front, "0 is a symbol. At the first steps there is nothing to name yet: put −1 there."),
        Mistake(
            cut_off, "The steps are right, but the first ones are missing: put −1 there, so that the shape is (B, T)."
        ),
    ),
    hints=(
        "At step t the answer is the symbol of step t − lag. What can the answer be at the first `lag` steps?",
        "The symbols that are named are all but the last `lag`: `symbols[:, : T - lag]`.",
        "Glue two pieces along time: `torch.cat([a (B, lag) tensor of −1, symbols[:, : T - lag]], dim=1)`.",
    ),
)

recall_chance = NumberQuestion(
    lesson="05",
    name="recall_chance",
    answer=0.25,
    tolerance=0.05,
    mistakes={
        0.5: "With two symbols it would be a half. There are four, all equally likely.",
        0.0: "It still says *some* symbol at each step, and is right now and then: one symbol in four.",
        1.0: "It sees the present symbol alone. The one of two steps before is not there to be seen.",
    },
    why="The present symbol says nothing about the one of two steps before: guessing among four is all there is.",
    prediction=True,
)
