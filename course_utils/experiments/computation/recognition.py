"""Does the whole string belong to the language? One answer, at the end, and negatives that hardly miss it.

So Butoi and others (2025) ask; the grid of this room asks after every symbol, of strings that are all members or can
become ones. Rates and starts are those of its searches.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from course_utils.data.formal_languages import LANGUAGES
from course_utils.data.near_misses import ANSWERS, FEWEST, MEMBERS, Asked, near_misses
from course_utils.display.settings import Settings
from course_utils.experiments.computation import formal_language_grid as grid
from course_utils.experiments.framework.experiment import Experiment, Row

NETWORKS = ("tanh RNN", "GRU", "LSTM", "Transformer")
LEFT_OUT = -100  # of the loss
KINDS = ("member", "random", "edited")


def inputs_of(asked: Asked, language: str) -> Tensor:
    """(N, T, A): one input for each symbol.

    Args:
        asked: N strings.
        language: of these.
    """
    return nn.functional.one_hot(asked.symbols, len(LANGUAGES[language].symbols)).float()


def answers_of(asked: Asked, language: str) -> Tensor:
    """(N,) the answers that say member or none, among those that the language's networks give.

    Args:
        asked: N strings.
        language: of these.
    """
    member, none = ANSWERS[language]
    return torch.where(asked.member, member, none)


def batches(language: str, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Inputs and answers without end, each batch of one even length up to 40; all answers but the last are left out.

    Args:
        language: of `MEMBERS`.
        seed: of the strings.
    """
    generator = np.random.default_rng((2, seed))
    while True:
        length = 2 * int(generator.integers(FEWEST // 2, grid.LONGEST // 2 + 1))
        asked = near_misses(language, grid.BATCH, length, generator)
        answers = torch.full(asked.symbols.shape, LEFT_OUT)
        answers[:, -1] = answers_of(asked, language)
        yield inputs_of(asked, language), answers


@torch.no_grad()
def judge(model: nn.Module, language: str, lengths: list[int], count: int, seed: int) -> list[Row]:
    """The share of right answers at each length, of all strings and of each kind.

    Args:
        model: inputs → logits after each symbol; the two answers are compared, a third is no choice.
        language: of `MEMBERS`.
        lengths: even numbers of symbols.
        count: strings of each.
        seed: of the strings.

    Returns:
        For each length `length`, `accuracy` over all, and `member`, `random`, `edited` over these.
    """
    rows: list[Row] = []
    for length in lengths:
        asked = near_misses(language, count, length, np.random.default_rng((3, seed, length)))
        logits = torch.cat([model(part)[:, -1] for part in inputs_of(asked, language).split(grid.JUDGED_AT_ONCE)])
        member, none = ANSWERS[language]
        right = ((logits[:, member] > logits[:, none]) == asked.member).double()
        which = {"member": asked.edits == 0, "random": asked.edits < 0, "edited": asked.edits > 0}
        shares = {kind: float(right[which[kind]].mean()) for kind in KINDS}
        rows.append({"length": length, "accuracy": float(right.mean()), **shares})
    return rows


def measure(
    seed: int, *, runs: list[list[Any]], lstm_units: int, steps: int, lengths: list[int], strings: int
) -> list[Row]:
    """Train networks to tell members from others, on strings of up to 40 symbols.

    Args:
        seed: of weights and strings.
        runs: [language, network, choice, learning rate].
        lstm_units: of the LSTM; the others have as many parameters, nearly.
        steps: of the optimiser.
        lengths: at which they are judged.
        strings: of each length.

    Returns:
        A row for each run and length: `language`, `network` and what `judge` says.
    """
    rows: list[Row] = []
    for language, network, choice, lr in runs:
        model = grid.learned(
            language,
            network,
            choice,
            lr,
            lstm_units=lstm_units,
            steps=steps,
            seed=seed,
            drawn=batches(language, seed),
        )
        about = {"language": language, "network": network}
        rows += [{**about, **judged} for judged in judge(model, language, lengths, strings, seed)]
    return rows


def told(*, runs: list[list[Any]], lstm_units: int, steps: int, lengths: list[int], strings: int) -> Settings:
    """What a reader must know of the trainings."""
    drawn = f"{grid.BATCH} strings of one even length, {FEWEST} to {grid.LONGEST} symbols, half of them members"
    note = (
        "one answer, at the end: does the string belong to the language? Negatives are random strings and members with "
        f"random edits, as many of both; judged on {strings} strings of each length; rates and starts are those that "
        "searches with an answer after every symbol found"
    )
    return grid.told(
        runs=runs, lstm_units=lstm_units, steps=steps, lengths=lengths, strings=strings, batch=drawn, note=note
    )


EXPERIMENTS = (
    Experiment(
        name="recognition",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(690, 693)),  # that no other experiment has used
        settings={
            "runs": [run for language in MEMBERS for run in grid.reported(language) if run[1] in NETWORKS],
            "lstm_units": grid.LSTM_UNITS,
            "steps": 1_000,
            "lengths": [40, 100, 500],
            "strings": 400,
        },
        quick={"lstm_units": 4, "steps": 3, "lengths": [40], "strings": 8},
    ),
)
