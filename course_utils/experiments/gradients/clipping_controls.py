"""Controls for what is said of clipping: the same trainings without it, with other limits and with smaller steps."""

from __future__ import annotations

from typing import Any

import torch

from course_utils.display.settings import Settings, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import size_text
from course_utils.experiments.gradients import clipping
from course_utils.experiments.gradients.gradient_film import Film, record
from course_utils.experiments.long_memory.starting_points import BATCH, started
from course_utils.experiments.tasks.adding import Adding
from course_utils.training import fit
from course_utils.training.told import clipping_text

WIDE = 0.1  # of the gradient from `far` steps back or more: then it is said to come from far back


def measure_films(
    seed: int,
    *,
    start: str,
    seq_len: int,
    hidden_size: int,
    steps: int,
    every: int,
    far: int,
    runs: list[dict[str, float | None]],
) -> list[Row]:
    """Train a network on the adding problem with Adam, with several limits and learning rates.

    Args:
        seed: of weights and data.
        start: as in `starting_points.STARTS`.
        seq_len: T.
        hidden_size: H.
        steps: of the optimiser, with 32 sequences each.
        every: steps between two looks.
        far: from this lag on a part of the gradient comes from far back.
        runs: for each training `clip_norm` (None: not clipped) and `lr`.

    Returns:
        A row for each training, as `_row` describes it.
    """
    rows = []
    for run in runs:
        model = started(start, hidden_size, seed)
        film = record(model, Adding(seq_len), steps=steps, every=every, seed=seed, progress=False, **run)  # type: ignore[arg-type]
        rows.append({"start": start, **run, **_row(film, far, run["clip_norm"])})
    return rows


def _row(film: Film, far: int, limit: float | None) -> Row:
    """What a film shows.

    Returns:
        `error` at the end and `lowest_error`, both on 4,000 held-out sequences; `largest_norm` of the gradient before
        clipping, its quantiles `norm_50` and `norm_90`, and the share of steps that were `clipped`; `widens_at`, the
        step at which WIDE of the gradient of W_hh comes from far back for the first time, with the median of its norm
        until then (`norm_before`) and the largest norm in the ten looks from then on (`norm_after`); None if never.
    """
    norms = torch.tensor(film.history.table["gradient_norm"].to_numpy())
    wide = (film.share_from(far) >= WIDE).nonzero().flatten().tolist()
    at = wide[0] if wide else None
    return {
        "error": film.losses[-1],
        "lowest_error": min(film.losses),
        "largest_norm": float(norms.max()),
        "norm_50": float(norms.quantile(0.5)),
        "norm_90": float(norms.quantile(0.9)),
        "clipped": float((norms > limit).double().mean()) if limit else 0.0,
        "widens_at": film.steps[at] if at is not None else None,
        "norm_before": float(torch.tensor(film.totals[: at + 1]).median()) if at is not None else None,
        "norm_after": max(film.totals[at : at + 10]) if at is not None else None,
    }


def measure_descents(
    seed: int, *, start: str, seq_len: int, hidden_size: int, steps: int, runs: list[dict[str, float | None]]
) -> list[Row]:
    """Train a network on the adding problem by plain gradient descent, with several limits and learning rates.

    Args:
        seed: of weights and data.
        start: as in `starting_points.STARTS`.
        seq_len: T.
        hidden_size: H.
        steps: of the optimiser, with 32 sequences each.
        runs: for each training `clip_norm` (None: not clipped) and `lr`.

    Returns:
        A row for each training: the run, the `largest_loss`, the mean `last_loss` of the last 20 steps, and how many
        units are on (`units_on`) at the last step of any of 200 held-out sequences.
    """
    task, rows = Adding(seq_len), []
    for run in runs:
        model = started(start, hidden_size, seed)
        descent = torch.optim.SGD(model.parameters(), lr=run["lr"] or 0.0)
        history = fit(
            model,
            task.batches(32, seed),
            task.objective,
            steps=steps,
            optimizer=descent,
            clip_norm=run["clip_norm"],
            progress=False,
        )
        losses = history.table["loss"]
        with torch.no_grad():
            on = (model.states(task.held_out(200, seed).x)[:, -1] > 0).any(dim=0).sum()
        found = {"largest_loss": float(losses.max()), "last_loss": float(losses.iloc[-20:].mean()), "units_on": int(on)}
        rows.append({"start": start, **run, **found})
    return rows


def measure_limits(
    seed: int, *, start: str, seq_len: int, steps: int, lr: float, clips: dict[str, dict[str, float]]
) -> list[Row]:
    """The training of C09 that explodes, with other limits of both ways to clip.

    Args:
        seed: of weights and data.
        start: as in `starting_points.STARTS`.
        seq_len: T of the adding problem.
        steps: of plain gradient descent.
        lr: learning rate.
        clips: for each name what `fit` is told, `clip_norm` or `clip_value`.

    Returns:
        A row for each of them: `clipping`, its name, and what `clipping.train` returns.
    """

    def descent(parameters: Any) -> torch.optim.Optimizer:
        return torch.optim.SGD(parameters, lr=lr)

    return [
        {"clipping": name, **clipping.train(start, clip, seq_len, steps, descent, seed)} for name, clip in clips.items()
    ]


def told_limits(*, start: str, seq_len: int, steps: int, lr: float, clips: dict[str, dict[str, float]]) -> Settings:
    """What a reader must know of the trainings with other limits."""
    limits = [clipping_text(clip.get("clip_norm"), clip.get("clip_value")) for clip in clips.values()]
    return trained(
        start=start,
        learning_rate=f"plain gradient descent, {lr:g}",
        clipping=f"as each row says: {'; '.join(limits)}",
        steps=f"{steps:,}",
        batch=f"{BATCH}",
        size=size_text("rnn", 2, clipping.WIDTH, 1),
        note=f"adding over {seq_len} steps",
    )


def _told(
    *, start: str, seq_len: int, hidden_size: int, steps: int, runs: list[dict[str, float | None]], **_: Any
) -> Settings:
    """What a reader must know of the trainings, the optimiser left out."""
    by_run = [f"{run['lr']:.2g} ({_limit(run['clip_norm'])})" for run in runs]
    return trained(
        start=start,
        learning_rate=", ".join(by_run),
        clipping="as said beside each learning rate",
        steps=f"{steps:,}",
        batch="32 sequences",
        size=size_text("rnn", 2, hidden_size, 1),
        note=f"adding over {seq_len} steps",
    )


def _limit(norm: float | None) -> str:
    return "not clipped" if norm is None else f"clipped to norm {norm:g}"


def told_films(**settings: Any) -> Settings:
    """Of the trainings with Adam."""
    told = _told(**settings)
    return told.with_parts(learning_rate=f"Adam, {told.learning_rate}")


def told_descents(**settings: Any) -> Settings:
    """Of the trainings by plain gradient descent."""
    told = _told(**settings)
    return told.with_parts(learning_rate=f"plain gradient descent, {told.learning_rate}")


_FILMED = {
    "start": "ReLU, torch's own",
    "seq_len": 50,
    "hidden_size": 32,
    "steps": 1500,
    "every": 50,
    "far": 25,
}
_QUICK = {"seq_len": 10, "hidden_size": 16, "steps": 40, "every": 20, "far": 5}

_LIMITS = {
    "start": "ReLU, identity (IRNN)",
    "seq_len": 100,
    "steps": 500,
    "lr": 0.03,
    "clips": {"loose, by norm": {"clip_norm": 3.44}, "tight, by value": {"clip_value": 0.003}},
}
_FIRST_LIMITS = {"by norm": {"clip_norm": 1.0}, "by value": {"clip_value": 0.1}}  # those of the experiment "clipping"
_FEW_LIMITS = {"seq_len": 10, "steps": 20}

EXPERIMENTS = (
    Experiment(
        name="clipped_or_not",
        version=1,
        measure=measure_films,
        seeds=tuple(range(6)),
        settings={**_FILMED, "runs": [{"clip_norm": 1.0, "lr": 1e-3}, {"clip_norm": None, "lr": 1e-3}]},
        quick=_QUICK,
        told=told_films,
    ),
    Experiment(
        name="smaller_steps",
        version=1,
        measure=measure_descents,
        seeds=tuple(range(10)),
        settings={
            "start": "ReLU, identity (IRNN)",
            "seq_len": 100,
            "hidden_size": 32,
            "steps": 150,
            "runs": [
                {"clip_norm": None, "lr": 5e-3},
                {"clip_norm": 1.0, "lr": 5e-3},
                {"clip_norm": None, "lr": 5e-3 / 10},
                {"clip_norm": None, "lr": 5e-3 / 57},
                {"clip_norm": None, "lr": 5e-3 / 171},
            ],
        },
        quick={"seq_len": 10, "hidden_size": 16, "steps": 30},
        told=told_descents,
    ),
    Experiment(
        name="other_limits",
        version=1,
        measure=measure_limits,
        seeds=tuple(range(5)),
        settings=_LIMITS,
        quick=_FEW_LIMITS,
        told=told_limits,
    ),
    Experiment(  # for claim C09, on seeds that nobody had seen when its rule was written
        name="other_limits_again",
        version=1,
        measure=measure_limits,
        seeds=tuple(range(450, 460)),
        settings=_LIMITS,
        quick=_FEW_LIMITS,
        told=told_limits,
    ),
    Experiment(
        name="clipped_at_a_larger_rate",
        version=1,
        measure=measure_limits,
        seeds=tuple(range(470, 480)),
        settings={
            **_LIMITS,
            "steps": 150,
            "lr": 0.3,
            "clips": {"by norm": {"clip_norm": 1.0}, "by value": {"clip_value": 0.1}},
        },
        quick=_FEW_LIMITS,
        told=told_limits,
    ),
)
