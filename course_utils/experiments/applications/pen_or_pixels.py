"""Lesson 16: the same writing as the way of a pen and as a picture, and what the order of the strokes gives.

Three readers with as many weights, nearly, learn from the same lines of hiragana by made hands: one from the strokes as
they are written, one from the strokes of each character in an order drawn anew, one from the picture.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from time import process_time
from typing import Any

import torch

from course_utils.checks import check_name
from course_utils.data.pen_strokes import PenLines, characters, drawn, pen_lines
from course_utils.display.settings import Settings, each, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIPPED
from course_utils.metrics import character_error, exact_match
from course_utils.models.hand_reader import BETAS, CALM, SPREAD, WARMUP
from course_utils.models.handwriting import LineReader, StrokeReader
from course_utils.nn.parameters import parameters_count
from course_utils.nn.reading_model import Bent, Redrawn
from course_utils.stats import nearest_width
from course_utils.training import Budget, WarmupCosine

BATCH = 16
WRITTEN, SHUFFLED, PIXELS = "strokes as written", "strokes shuffled", "pixels"
ORDERS = {WRITTEN: "as written", SHUFFLED: "shuffled", PIXELS: "as written"}
RATES = (0.002, 0.006, 0.018)

# The one of RATES with the smallest character error on the lines for choosing, in "pen_or_pixels_search".
CHOSEN: dict[str, float] = {WRITTEN: 0.006, SHUFFLED: 0.006, PIXELS: 0.006}


@cache
def weights_of(seen: str, width: int) -> int:
    """How many numbers a reader of the hiragana learns from what it sees."""
    reader = LineReader(hidden_size=width) if seen == PIXELS else StrokeReader(hidden_size=width)
    with torch.random.fork_rng(devices=[]):
        return parameters_count(reader._new_model(1 + len(characters())))


@cache
def width_like(seen: str, hidden_size: int) -> int:
    """The hidden size that gives a reader as many weights, nearly, as the one of strokes has.

    Args:
        seen: `WRITTEN`, `SHUFFLED` or `PIXELS`.
        hidden_size: of the reader of strokes.
    """
    return nearest_width(weights_of(WRITTEN, hidden_size), partial(weights_of, seen))


def measure(
    seed: int,
    *,
    rates: dict[str, list[float]],
    hidden_size: int,
    lines: int,
    steps: int,
    judged: int,
    choosing: bool = False,
) -> list[Row]:
    """Train each reader on the same lines, and judge it on the same others, whose strings are new.

    Args:
        seed: of weights, lines, order and changes.
        rates: what is seen → learning rates to try.
        hidden_size: H of the readers of strokes, in each direction; that of pixels has as many weights, nearly.
        lines: of two to four characters, to learn from.
        steps: of the optimiser.
        judged: lines.
        choosing: judge by the strings for choosing, and not by those of the test.

    Returns:
        For what is `seen` and each rate a row: `lr`, `parameters`, `cpu_seconds`; `character_error` and `exact`, on
        lines with the order it has learned from; `other_order` and `backwards`, the character error on the same lines
        with their strokes shuffled (as written, where it has learned from shuffled ones), and from the last to the
        first. A picture does not tell the order.

    Raises:
        CourseError: something else is seen.
    """
    for seen in rates:
        check_name("what is seen", seen, ORDERS)
    part = "valid" if choosing else "test"
    rows: list[Row] = []
    for seen, tried in rates.items():
        look = _look(seen)
        other = "as written" if seen == SHUFFLED else "shuffled"
        given = pen_lines(lines, seed, order=ORDERS[seen])
        asked = [pen_lines(judged, seed, part, order=order) for order in (ORDERS[seen], other, "backwards")]
        for lr in tried:
            reader = (LineReader if seen == PIXELS else StrokeReader)("lstm", width_like(seen, hidden_size), seed)
            began = process_time()
            reader.fit(look(given), given.texts, steps=steps, lr=lr, batch_size=BATCH, progress=False)
            spent = process_time() - began
            said = [reader.read(look(lines_asked)) for lines_asked in asked]
            errors = [character_error(answers, asked[0].texts) for answers in said]
            rows.append(
                {
                    "seen": seen,
                    "lr": lr,
                    "parameters": reader.parameters_count,
                    "character_error": errors[0],
                    "exact": exact_match(said[0], asked[0].texts),
                    "other_order": errors[1],
                    "backwards": errors[2],
                    "cpu_seconds": spent,
                }
            )
    return rows


def _look(seen: str) -> Callable[[PenLines], list[Any]]:
    """What a reader is given of lines."""
    if seen == PIXELS:
        return lambda lines: [drawn(points) for points in lines.strokes]
    return lambda lines: list(lines.strokes)


# ---------------------------------------------------------------------------------------------------------------------
# The experiment

_SETTINGS = {"hidden_size": 64, "lines": 1_500, "steps": 500, "judged": 200}
_QUICK = {"hidden_size": 4, "lines": 200, "steps": 2, "judged": 6}


def told(*, rates: dict[str, list[float]], hidden_size: int, lines: int, steps: int, **_: object) -> Settings:
    """What a reader must know of the trainings."""
    widths = {seen: width_like(seen, hidden_size) for seen in rates}
    sizes = {seen: f"{width} units each way, {weights_of(seen, width):,} parameters" for seen, width in widths.items()}
    changed = {seen: Redrawn().words if seen == PIXELS else Bent().words for seen in rates}
    return trained(
        start="torch's own",
        learning_rate=f"Adam (betas {BETAS[0]:g} and {BETAS[1]:g}), {each(rates)}, "
        f"{WarmupCosine(Budget(steps), WARMUP).words}",
        clipping=CLIPPED,
        steps=f"{steps:,}, on {lines:,} lines",
        batch=f"{BATCH}",
        size=each(sizes),
        augmentation=f"{each(changed)} after {CALM} batches",
        note=f"the first {SPREAD} steps with characters told to stand at equal distances",
    )


EXPERIMENTS = (
    Experiment(
        name="pen_or_pixels_search",
        version=1,
        measure=measure,
        told=told,
        seeds=(2_000,),  # not one of those that are reported
        settings={"rates": {seen: list(RATES) for seen in ORDERS}, "choosing": True, **_SETTINGS},
        quick=_QUICK,
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="pen_or_pixels",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(760, 765)),
        settings={"rates": {seen: [lr] for seen, lr in CHOSEN.items()}, **_SETTINGS},
        quick=_QUICK,
        timed=("cpu_seconds",),
    ),
)
