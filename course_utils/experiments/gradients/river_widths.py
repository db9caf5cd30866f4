"""How much of the gradient comes from far back while tanh networks train, beside the error: from two starts."""

from __future__ import annotations

from typing import Any

from course_utils.display.settings import Settings, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIPPED, size_text
from course_utils.experiments.gradients.gradient_film import record
from course_utils.experiments.long_memory.starting_points import CHOSEN, started
from course_utils.experiments.tasks.adding import Adding


def measure(
    seed: int, *, rates: dict[str, float], seq_len: int, hidden_size: int, steps: int, every: int, far: int
) -> list[Row]:
    """Train networks on the adding problem with Adam, clipped to norm 1, and split the gradient of W_hh by lag.

    Args:
        seed: of weights and data.
        rates: the learning rate of each start in `starting_points.STARTS`.
        seq_len: T.
        hidden_size: H.
        steps: of the optimiser, with 32 sequences each.
        every: steps between two looks.
        far: from this lag on a part of the gradient comes from far back.

    Returns:
        A row for each start and look: `step`, `error` on 4,000 held-out sequences, and `share_far`, the share of the
        parts (the sum of their norms) that comes from far back.
    """
    rows = []
    for start, lr in rates.items():
        model = started(start, hidden_size, seed)
        film = record(model, Adding(seq_len), steps=steps, every=every, lr=lr, seed=seed, progress=False)
        looks = zip(film.steps, film.losses, film.share_from(far).tolist(), strict=True)
        rows += [
            {"start": start, "lr": lr, "step": step, "error": error, "share_far": share} for step, error, share in looks
        ]
    return rows


def told(*, rates: dict[str, float], seq_len: int, hidden_size: int, steps: int, **_: Any) -> Settings:
    """What a reader must know of the trainings."""
    return trained(
        start="as each row says",
        learning_rate=f"Adam, {', '.join(f'{lr:g} ({start})' for start, lr in rates.items())}",
        clipping=CLIPPED,
        steps=f"{steps:,}",
        batch="32 sequences",
        size=size_text("rnn", 2, hidden_size, 1),
        note=f"adding over {seq_len} steps",
    )


EXPERIMENT = Experiment(
    name="river_widths",
    version=1,
    measure=measure,
    seeds=tuple(range(5)),
    settings={
        "rates": {start: CHOSEN[start] for start in ("tanh, orthogonal", "tanh, torch's own")},
        "seq_len": 50,
        "hidden_size": 32,
        "steps": 4000,
        "every": 100,
        "far": 25,
    },
    quick={"seq_len": 10, "hidden_size": 16, "steps": 40, "every": 20, "far": 5},
    told=told,
)
