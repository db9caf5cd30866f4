"""What a recogniser writes early in its training, and later: CTC learns the blank before the words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from course_utils.data.spoken_digits import joined, spoken_digits
from course_utils.display.settings import Settings
from course_utils.experiments.applications.joined_digits import word_error
from course_utils.experiments.applications.unknown_speakers import told_of_recogniser
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.models.speech import Recogniser


def measure(seed: int, *, hidden_size: int, lines: int, steps: Sequence[int], judged: int) -> list[Row]:
    """Train anew for each number of steps, and count the words that are written.

    Args:
        seed: of weights, lines and order.
        hidden_size: H, in each direction.
        lines: of three to eight digits of made voices, to learn from.
        steps: of the optimizer, one training each.
        judged: lines of other voices.

    Returns:
        A row for each number of steps: `steps`, `written` (words written, divided by words spoken), `word_error`.
    """
    voices = spoken_digits("voices")
    clips, texts = joined(voices.train, lines, seed)
    asked, right = joined(voices.test, judged, seed)
    rows: list[Row] = []
    for count in steps:
        listener = Recogniser(hidden_size=hidden_size, seed=seed)
        listener.fit(clips, texts, sample_rate=voices.sample_rate, steps=count, augment=False, progress=False)
        written = listener.transcribe(asked, sample_rate=voices.sample_rate)
        words = [sum(len(text.split()) for text in part) for part in (written, right)]
        rows.append({"steps": count, "written": words[0] / words[1], "word_error": word_error(written, right)})
    return rows


def told(*, hidden_size: int, lines: int, steps: Sequence[int], **_: Any) -> Settings:
    """What a reader must know of the trainings."""
    listener = Recogniser(hidden_size=hidden_size)
    augmentation = listener.augmentation(augment=False)
    counts = " and ".join(f"{count:,}" for count in steps)
    found = told_of_recogniser(listener, steps=max(steps), lines=lines, augmentation=augmentation)
    return found.with_parts(steps=f"{counts}, one training each, on {lines:,} lines")


EXPERIMENT = Experiment(
    name="blanks_first",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(5)),
    settings={"hidden_size": 96, "lines": 300, "steps": [40], "judged": 50},
    quick={"hidden_size": 6, "lines": 6, "steps": [1, 2], "judged": 3},
)
