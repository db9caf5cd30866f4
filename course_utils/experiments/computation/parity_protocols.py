"""Parity as others have measured it: learned at 3 to 40 symbols, judged at 40 to 256, one answer or one a symbol.

Sources: Delétang and others (2023) ask once, at the end of strings of up to 40 symbols, and judge at 41 to 500; Beck
and others (2024) and Grazzi and others (2025) learn at 3 to 40 and judge at 40 to 256, and give a score that is 0 for
guessing and 1 where all is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from course_utils.data.formal_languages import LANGUAGES, strings
from course_utils.display.settings import Settings
from course_utils.experiments.computation import formal_language_grid as grid
from course_utils.experiments.computation import searched_again
from course_utils.experiments.framework.experiment import Experiment, Row

LANGUAGE, SHORTEST = "parity", 3
JUDGED = (40, 256)  # symbols, the shortest and the longest
EVERY, END = "after every symbol", "at the end"
ASKED = (EVERY, END)


def batches(asked: str, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Inputs and answers without end, each batch of one length from 3 to 40.

    Args:
        asked: one of `ASKED`. At the end alone, all other answers are −100, which the loss leaves out.
        seed: of the strings.
    """
    generator = np.random.default_rng((0, seed))
    while True:
        drawn = strings(LANGUAGE, grid.BATCH, int(generator.integers(SHORTEST, grid.LONGEST + 1)), generator)
        answers = drawn.answers.clone()
        if asked == END:
            answers[:, :-1] = -100
        yield drawn.inputs, answers


@torch.no_grad()
def last_right(model: nn.Module, count: int, seed: int) -> float:
    """The share of strings of 40 to 256 symbols whose last answer is right.

    Args:
        model: inputs → logits.
        count: of the lengths, drawn at random, with eight strings of each.
        seed: of the strings.
    """
    generator, right = np.random.default_rng((1, seed)), []
    for length in generator.integers(JUDGED[0], JUDGED[1] + 1, count):
        drawn = strings(LANGUAGE, 8, int(length), generator)
        right.append((model(drawn.inputs)[:, -1].argmax(-1) == drawn.answers[:, -1]).double().mean())
    return float(torch.stack(right).mean())


def measure(
    seed: int, *, runs: list[list[Any]], asked: list[str], lstm_units: int, steps: int, lengths_judged: int
) -> list[Row]:
    """Train networks with an answer after every symbol, or with one at the end, and judge the last answer.

    Args:
        seed: of weights and strings.
        runs: [language, network, choice, learning rate].
        asked: of `ASKED`.
        lstm_units: of the LSTM; the others have as many parameters, nearly.
        steps: of the optimiser.
        lengths_judged: how many lengths are drawn, with eight strings of each.

    Returns:
        A row for each network and way to ask: `network`, `asked`, `accuracy` and `scaled`, 0 for guessing, 1 where all
        is right.
    """
    rows: list[Row] = []
    for language, network, choice, lr in runs:
        for way in asked:
            model = grid.learned(
                language,
                network,
                choice,
                lr,
                lstm_units=lstm_units,
                steps=steps,
                seed=seed,
                drawn=batches(way, seed),
            )
            right, chance = last_right(model, lengths_judged, seed), LANGUAGES[language].chance
            scaled = (right - chance) / (1 - chance)
            rows.append({"network": network, "asked": way, "accuracy": right, "scaled": scaled})
    return rows


def told(*, runs: list[list[Any]], asked: list[str], lstm_units: int, steps: int, lengths_judged: int) -> Settings:
    """What a reader must know of the trainings."""
    drawn = f"{grid.BATCH} strings of one length, {SHORTEST} to {grid.LONGEST} symbols"
    note = (
        f"an answer {' or '.join(asked)}; judged by the last answer of {8 * lengths_judged:,} strings of "
        f"{JUDGED[0]} to {JUDGED[1]} symbols; rates and starts are those that two searches found, with an answer after "
        "every symbol"
    )
    return grid.told(runs=runs, lstm_units=lstm_units, steps=steps, lengths=[], strings=0, batch=drawn, note=note)


EXPERIMENTS = (
    Experiment(
        name="parity_protocols",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(680, 685)),  # that no other experiment has used
        settings={
            "runs": [run for run in searched_again.pairs(LANGUAGE) if run[1] not in ("ReLU RNN", "GRU")],
            "asked": [*ASKED],
            "lstm_units": grid.LSTM_UNITS,
            "steps": 1_000,
            "lengths_judged": 100,
        },
        quick={"lstm_units": 4, "steps": 3, "lengths_judged": 4},
    ),
)
