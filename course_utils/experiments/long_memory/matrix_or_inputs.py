"""The control beside `starting_points`: is it the orthogonal matrix that helps, or the weights drawn beside it?"""

from __future__ import annotations

import torch

from course_utils.display.settings import Settings, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIPPED, size_text, until_text
from course_utils.experiments.long_memory.starting_points import (
    BATCH,
    CHOSEN,
    CHUNK,
    SOLVED,
    started,
    train_until_solved,
)
from course_utils.experiments.tasks.adding import Adding
from course_utils.nn.sequence_model import SequenceModel

ORTHOGONAL, OWN = "tanh, orthogonal", "tanh, torch's own"
NAME = "torch's own W_hh, all else as beside an orthogonal one"


def mixed(matrix: str, rest: str, hidden_size: int, seed: int) -> SequenceModel:
    """A network with the W_hh of one start and all other weights of another one.

    Args:
        matrix: the start of W_hh, as in `starting_points.STARTS`.
        rest: the start of all other weights.
        hidden_size: H.
        seed: of both.
    """
    model = started(rest, hidden_size, seed)
    with torch.no_grad():
        model.core.get_parameter("weight_hh_l0").copy_(
            started(matrix, hidden_size, seed).core.get_parameter("weight_hh_l0")
        )
    return model


def measure(seed: int, *, lr: float, seq_len: int, hidden_size: int, most_steps: int) -> list[Row]:
    """Train torch's own W_hh beside all other weights of the orthogonal start, with the recipe of `starting_points`.

    Args:
        seed: of weights and data.
        lr: learning rate.
        seq_len: T.
        hidden_size: H.
        most_steps: the budget, in steps of 32 sequences.

    Returns:
        One row: `start`, `lr`, `steps`, `error` (on sequences not trained on) and `solved` (1 or 0).
    """
    model = mixed(OWN, ORTHOGONAL, hidden_size, seed)
    outcome = train_until_solved(model, Adding(seq_len), lr, most_steps, seed)
    found = {"steps": outcome.steps, "error": outcome.score, "solved": int(outcome.solved)}
    return [{"start": NAME, "lr": lr, **found}]


def told(*, lr: float, seq_len: int, hidden_size: int, most_steps: int) -> Settings:
    """What a reader must know of the trainings."""
    return trained(
        start=NAME,
        learning_rate=f"Adam, {lr:g}",
        clipping=CLIPPED,
        steps=until_text(f"the error is below {SOLVED:g}", most_steps, CHUNK),
        batch=f"{BATCH}",
        size=size_text("rnn", 2, hidden_size, 1),
        note=f"adding problem of {seq_len} steps",
    )


EXPERIMENT = Experiment(
    name="matrix_or_inputs",
    version=1,
    measure=measure,
    seeds=tuple(range(10, 15)),  # the first five of `starting_points`
    settings={"lr": CHOSEN[ORTHOGONAL], "seq_len": 50, "hidden_size": 32, "most_steps": 4000},
    quick={"seq_len": 10, "hidden_size": 16, "most_steps": 100},
    told=told,
)
