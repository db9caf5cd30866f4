"""Lesson 16: what a longer training reads, with a lexicon and without, where it fails, and how sure it is of it.

The reader of lines is trained as the lesson does it, with several seeds.
"""

from __future__ import annotations

from time import process_time
from typing import Any

from course_utils.data.handwritten_lines import handwritten_lines
from course_utils.display.settings import Settings
from course_utils.experiments.applications.handwritten_digits import LONGER
from course_utils.experiments.applications.handwritten_digits import told as told_of_digits
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.metrics import character_error, exact_match, replaced
from course_utils.metrics.calibration import calibration_error
from course_utils.models.handwriting import LineReader

ASKED: dict[str, dict[str, Any]] = {  # kind of lines → how they are drawn
    "as in training": {},
    "longer": {"lengths": LONGER},
    "apart": {"overlap": 0.0},
    "touching": {"overlap": 1.0},
}


def measure(seed: int, *, hidden_size: int, lines: int, steps: int, judged: int, beam: int, lr: float) -> list[Row]:
    """Train a reader of lines, and judge it on several kinds of lines of other digits and other strings.

    Args:
        seed: of weights, lines, order and changes.
        hidden_size: H of the LSTM, in each direction.
        lines: of three to eight digits, to learn from.
        steps: of the optimiser.
        judged: lines of each kind.
        beam: beginnings that the beam search keeps.
        lr: the highest learning rate.

    Returns:
        For each kind of line (`asked`) a row: `character_error`, `exact`; `with_beam`, the character error of a beam
        search; `with_lexicon`, where the strings judged are all that it may be, and `entries`, how many those are;
        `wrong_digits`, how many digits have another in their place, `one_and_seven` and `seven_and_nine`, how many of
        them are among these two; `confidence`, its mean; `calibration`, how far confidence and share right are apart on
        average, in ten bins; `parameters`, `cpu_seconds`.
    """
    given = handwritten_lines(lines, seed)
    reader = LineReader("lstm", hidden_size, seed)
    began = process_time()
    reader.fit(given.images, given.texts, steps=steps, lr=lr, progress=False)
    spent = process_time() - began
    rows = []
    for asked, how in ASKED.items():
        test = handwritten_lines(judged, seed, "test", **how)
        said, sure = reader.read(test.images), reader.confidence(test.images)
        entries, wrong = sorted(set(test.texts)), replaced(said, test.texts)
        rows.append(
            {
                "asked": asked,
                "character_error": character_error(said, test.texts),
                "exact": exact_match(said, test.texts),
                "with_beam": character_error(reader.read(test.images, beam=beam), test.texts),
                "with_lexicon": character_error(reader.read(test.images, lexicon=entries), test.texts),
                "entries": len(entries),
                "wrong_digits": wrong.total(),
                "one_and_seven": wrong["1", "7"] + wrong["7", "1"],
                "seven_and_nine": wrong["7", "9"] + wrong["9", "7"],
                "confidence": sum(sure) / len(sure),
                "calibration": calibration_error(sure, [s == t for s, t in zip(said, test.texts, strict=True)]),
                "parameters": reader.parameters_count,
                "cpu_seconds": spent,
            }
        )
    return rows


# ---------------------------------------------------------------------------------------------------------------------
# The experiment


def told(*, hidden_size: int, lines: int, steps: int, lr: float, **_: object) -> Settings:
    """What a reader must know of the trainings."""
    return told_of_digits(rates={"LSTM": [lr]}, hidden_size=hidden_size, lines=lines, strings=0, steps=steps)


EXPERIMENT = Experiment(
    name="handwritten_longer",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(740, 745)),
    settings={"hidden_size": 64, "lines": 5_000, "steps": 2_500, "judged": 500, "beam": 8, "lr": 6e-3},
    quick={"hidden_size": 4, "lines": 40, "steps": 2, "judged": 6, "beam": 2},
    timed=("cpu_seconds",),
)
