"""How well a recogniser hears people of whom it has not heard a clip, with and without augmentation.

The recordings are those of the Free Spoken Digit Dataset, a download (`course data fetch fsdd`), three to eight digits
of one speaker joined. Each speaker is left out in turn: the recogniser learns from the others.

    from course_utils.data.spoken_digits import spoken_digits
    from course_utils.experiments.applications.unknown_speakers import measured

    measured(spoken_digits("fsdd"), seeds=(0, 1, 2))
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.data.spoken_digits import WORDS, SpokenDigits, joined, spoken_digits
from course_utils.display import settings
from course_utils.display.settings import Settings, each
from course_utils.errors import CourseError
from course_utils.experiments.applications.joined_digits import word_error
from course_utils.experiments.applications.synthetic_to_real import SPEAKERS, by
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIPPED
from course_utils.models.speech import Recogniser
from course_utils.models.speech.listening import WARMUP
from course_utils.models.speech.recogniser import LINE_BATCH, LINE_RATE
from course_utils.nn.parameters import parameters_count
from course_utils.stats import mean_interval
from course_utils.training import Budget, WarmupStableDecay

if TYPE_CHECKING:
    import pandas as pd

AUGMENTED = {False: "as they are", True: "augmented"}


def rows_of(
    digits: SpokenDigits,
    seed: int,
    *,
    augment: Sequence[bool],
    hidden_size: int,
    lines: int,
    steps: int,
    batch_size: int,
    judged: int,
) -> list[Row]:
    """Train without the speaker who is judged; each speaker is left out in turn.

    Args:
        digits: real recordings, by three speakers at least.
        seed: of weights, lines and order.
        augment: which trainings: from clips as they are, augmented, or both.
        hidden_size: H, in each direction.
        lines: of three to eight digits, to learn from.
        steps: of the optimizer, the same for every training.
        batch_size: lines in a batch.
        judged: lines of each speaker that are judged.

    Returns:
        A row for each training and speaker: `clips` ("as they are" or "augmented"), `speaker`, `word_error`, `lines`
        judged, `others` (how many people it learned from).

    Raises:
        CourseError: fewer than three speakers.
    """
    people = sorted(set(digits.speakers))
    if len(people) < 3:
        raise CourseError(
            f"To learn from others when a speaker is left out, three speakers are needed; these clips are by "
            f"{', '.join(people) or 'nobody'}."
        )
    speakers = np.array(digits.speakers)
    rows: list[Row] = []
    for augmented in augment:
        clips = AUGMENTED[augmented]
        how = {"hidden_size": hidden_size, "lines": lines, "steps": steps, "batch_size": batch_size}
        for person in people:
            listener = trained(digits.subset(speakers != person), seed, augment=augmented, **how)
            asked, right = joined(digits.subset(speakers == person), judged, seed)
            error = word_error(listener.transcribe(asked, sample_rate=digits.sample_rate), right)
            row = {"clips": clips, "speaker": person, "word_error": error}
            rows.append({**row, "lines": judged, "others": len(people) - 1})
    return rows


def trained(
    digits: SpokenDigits, seed: int, *, augment: bool, hidden_size: int, lines: int, steps: int, batch_size: int
) -> Recogniser:
    """A recogniser that has learned from joined digits.

    Args:
        digits: clips to join.
        seed: of weights, lines and order.
        augment: change the clips at random at every step?
        hidden_size: H, in each direction.
        lines: of three to eight digits.
        steps: of the optimizer.
        batch_size: lines in a batch.
    """
    clips, texts = joined(digits, lines, seed)
    listener = Recogniser(hidden_size=hidden_size, seed=seed)
    listener.fit(
        clips,
        texts,
        sample_rate=digits.sample_rate,
        steps=steps,
        augment=augment,
        batch_size=batch_size,
        progress=False,
    )
    return listener


def measure(seed: int, *, source: str, speakers: Sequence[str] | None, **sizes: Any) -> list[Row]:
    """`rows_of` recordings that the course knows.

    Args:
        seed: as in `rows_of`.
        source: of `spoken_digits`. "voices": made voices of the test part are heard in the place of people.
        speakers: whose clips are used; None: three of the test part.
        sizes: as in `rows_of`.

    Raises:
        CourseError: a speaker who is not among the recordings, a failed download.
    """
    digits = spoken_digits(source)
    return rows_of(by(digits, speakers or sorted(set(digits.test.speakers))[:3]), seed, **sizes)


def measured(digits: SpokenDigits, seeds: Sequence[int] = (0, 1), **sizes: Any) -> pd.DataFrame:
    """The same with recordings of your own: a row for each seed, training and speaker.

    Args:
        digits: such as `spoken_digits("fsdd")`; all their speakers take part.
        seeds: of weights, lines and order.
        sizes: as in `rows_of`; those that are left out are as reported.
    """
    import pandas as pd

    given = {**SIZES, **sizes}
    return pd.DataFrame([{"seed": seed, **row} for seed in seeds for row in rows_of(digits, seed, **given)])


def by_speaker(rows: pd.DataFrame, groups: list[str], measure: str) -> pd.DataFrame:
    """A table of results: a column for each speaker, and the mean of all; with an interval where there are seeds.

    Args:
        rows: of a seed, training and `speaker` each.
        groups: columns that tell the trainings apart.
        measure: a column of numbers.

    Returns:
        A row for each training, in the order of `rows`.
    """
    import pandas as pd

    table = []
    for names, own in rows.groupby(groups, sort=False):
        cells = {
            speaker: str(mean_interval(part[measure])) if len(part) > 1 else f"{part[measure].iloc[0]:.3f}"
            for speaker, part in own.groupby("speaker")
        }
        table.append({**dict(zip(groups, names, strict=True)), **cells, "all": f"{own[measure].mean():.3f}"})
    return pd.DataFrame(table)


# ---------------------------------------------------------------------------------------------------------------------
# The experiment


def told_of_recogniser(
    listener: Recogniser, *, steps: int, lines: int, augmentation: str, batch_size: int = LINE_BATCH
) -> Settings:
    """The settings of a recogniser of joined digits with the learning rate of its `fit`.

    Args:
        listener: before its training.
        steps: of the optimizer.
        lines: to learn from.
        augmentation: in words.
        batch_size: lines in a batch.
    """
    count = parameters_count(listener.untrained(1 + len(WORDS)))
    return settings.trained(
        start="torch's own",
        learning_rate=f"Adam, {LINE_RATE:g}, {WarmupStableDecay(Budget(steps), WARMUP).words}",
        clipping=CLIPPED,
        steps=f"{steps:,}, on {lines:,} lines",
        batch=f"{batch_size}",
        size=f"LSTM of {listener.hidden_size} units each way, {count:,} parameters",
        augmentation=augmentation,
    )


def told(*, augment: Sequence[bool], hidden_size: int, lines: int, steps: int, batch_size: int, **_: Any) -> Settings:
    """What a reader must know of the trainings."""
    listener = Recogniser(hidden_size=hidden_size)
    changed = each({AUGMENTED[augmented]: listener.augmentation(augment=augmented) for augmented in augment})
    return told_of_recogniser(listener, steps=steps, lines=lines, augmentation=changed, batch_size=batch_size)


SIZES: dict[str, Any] = {
    "augment": [False, True],
    "hidden_size": 96,
    "lines": 1_000,
    "steps": 700,
    "batch_size": 16,
    "judged": 100,
}

EXPERIMENT = Experiment(
    name="unknown_speakers",
    version=1,
    measure=measure,
    told=told,
    seeds=(0, 1),
    settings={"source": "fsdd", "speakers": list(SPEAKERS), **SIZES},
    quick={
        "source": "voices",  # no download
        "speakers": None,
        "augment": [False, True],
        "hidden_size": 6,
        "lines": 6,
        "steps": 1,
        "batch_size": 6,
        "judged": 3,
    },
)
