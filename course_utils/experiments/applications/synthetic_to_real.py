"""From made voices to real ones: what a network that has learnt from a program hears when people speak.

The real clips are those of the Free Spoken Digit Dataset, a download (`course data fetch fsdd`). How clips are
changed in training was chosen with two of their speakers, jackson and nicolas; theo and yweweler were heard when that
was fixed. How little they are changed to go on with real clips was chosen with the same two, but after all had been
heard. A speaker who is judged is left out of what was learnt.

    from course_utils.data.spoken_digits import spoken_digits
    from course_utils.experiments.applications.synthetic_to_real import measured

    measured(spoken_digits("fsdd"), seeds=(0, 1, 2))
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.data.spoken_digits import SpokenDigits, spoken_digits
from course_utils.display.settings import Settings, each, trained
from course_utils.errors import CourseError
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIPPED
from course_utils.models.speech import ClipClassifier
from course_utils.models.speech.classifier import CLIP_BATCH, rate_of
from course_utils.models.speech.listening import WARMUP
from course_utils.nn.parameters import parameters_count
from course_utils.training import Budget, WarmupStableDecay

if TYPE_CHECKING:
    import pandas as pd

# What is learnt from before any real clip is heard: arguments of `ClipClassifier` and of its `fit`.
MADE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "made voices": ({}, {}),
    "made voices, silence not floored": ({"floor": None}, {}),
    "made voices, augmented": ({}, {"augment": True}),
}
GOES_ON = "made voices, augmented"  # what goes on with real clips
AFTER = "made voices, augmented, then real clips of others"
ALONE = "real clips of others alone"


def rows_of(
    digits: SpokenDigits,
    seed: int,
    *,
    hidden_size: int,
    made_clips: int,
    made_steps: int,
    real_clips: int,
    real_steps: int,
    alone_steps: int,
    judged: int,
) -> list[Row]:
    """Train on made voices, and judge by real speakers; each of them is left out in turn.

    Args:
        digits: the real recordings, by two speakers at least.
        seed: of weights, order and choice of clips.
        hidden_size: H, of each network.
        made_clips: clips of made voices to learn from, at most.
        made_steps: of the optimiser, for those.
        real_clips: of each other speaker.
        real_steps: of the optimiser, for going on with these.
        alone_steps: of the optimiser, for a network that learns from these alone.
        judged: clips of the speaker who is judged, at most.

    Returns:
        A row for each training and speaker: `training`, `speaker`, `accuracy` (chance 0.1), `clips` judged,
        `real_clips` learnt from.

    Raises:
        CourseError: fewer than two speakers.
    """
    people = sorted(set(digits.speakers))
    if len(people) < 2:
        raise CourseError(
            f"Leaving speakers out in turn needs two at least; these clips are by {', '.join(people) or 'nobody'}."
        )
    made = some_of(spoken_digits("voices").train, made_clips, seed)
    answers = {
        name: _learnt(made, kind, {**how, "steps": made_steps}, hidden_size, seed) for name, (kind, how) in MADE.items()
    }
    rows = []
    for person in people:
        own = np.array([speaker == person for speaker in digits.speakers])
        asked = some_of(digits.subset(own), judged, seed)
        others = [digits.subset(np.array([s == other for s in digits.speakers])) for other in people if other != person]
        real = [some_of(spoken, real_clips, seed) for spoken in others]
        clips = [clip for spoken in real for clip in spoken.clips]
        labels = [str(digit) for spoken in real for digit in spoken.digits]
        goes_on = copy.deepcopy(answers[GOES_ON])
        goes_on.fit(clips, labels, sample_rate=digits.sample_rate, steps=real_steps, augment=True, go_on=True)
        alone = ClipClassifier(hidden_size=hidden_size, seed=seed)
        alone.fit(clips, labels, sample_rate=digits.sample_rate, steps=alone_steps, augment=True)
        for training, classifier in {**answers, AFTER: goes_on, ALONE: alone}.items():
            rows.append(
                {
                    "training": training,
                    "speaker": person,
                    "accuracy": share_right(classifier, asked),
                    "clips": len(asked),
                    "real_clips": len(clips) if training in (AFTER, ALONE) else 0,
                }
            )
    order = [*MADE, AFTER, ALONE]
    return sorted(rows, key=lambda row: order.index(row["training"]))


def _learnt(
    made: SpokenDigits, kind: dict[str, Any], how: dict[str, Any], hidden_size: int, seed: int
) -> ClipClassifier:
    classifier = ClipClassifier(hidden_size=hidden_size, seed=seed, **kind)
    classifier.fit(made.clips, [str(digit) for digit in made.digits], sample_rate=made.sample_rate, **how)
    return classifier


def share_right(classifier: ClipClassifier, digits: SpokenDigits) -> float:
    """The share of clips whose digit it hears."""
    predictions = classifier.predict(digits.clips, sample_rate=digits.sample_rate)
    pairs = zip(predictions, digits.digits, strict=True)
    return sum(prediction == str(digit) for prediction, digit in pairs) / len(digits)


def some_of(digits: SpokenDigits, most: int, seed: int) -> SpokenDigits:
    """So many clips drawn at random, each digit as often, nearly; all where there are no more."""
    order = np.random.default_rng(seed).permutation(len(digits))
    turn = np.empty(len(digits), dtype=int)  # the clip is the first, second … of its digit in that order
    for digit in set(digits.digits.tolist()):
        of_digit = order[digits.digits[order] == digit]
        turn[of_digit] = np.arange(len(of_digit))
    keep = np.zeros(len(digits), dtype=bool)
    keep[order[np.argsort(turn[order], kind="stable")][:most]] = True
    return digits.subset(keep)


SPEAKERS = ("jackson", "nicolas", "theo", "yweweler")  # those of the six whose clips the stored results are of


def measure(seed: int, *, source: str, speakers: Sequence[str] | None, **sizes: int) -> list[Row]:
    """`rows_of` recordings that the course knows.

    Args:
        seed: as in `rows_of`.
        source: of `spoken_digits`. "voices": held-out made voices are heard in the place of people.
        speakers: whose clips are used; None: two of the test.
        sizes: as in `rows_of`.

    Raises:
        CourseError: a speaker who is not among the recordings, a failed download.
    """
    digits = spoken_digits(source)
    if speakers is None:
        speakers = sorted(set(digits.test.speakers))[:2]
    return rows_of(by(digits, speakers), seed, **sizes)


def by(digits: SpokenDigits, speakers: Sequence[str]) -> SpokenDigits:
    """The clips by these speakers.

    Raises:
        CourseError: one of them has no clip.
    """
    missing = sorted(set(speakers) - set(digits.speakers))
    if missing:
        raise CourseError(
            f"No clip is by {', '.join(missing)}. There are clips by {', '.join(sorted(set(digits.speakers)))}."
        )
    return digits.subset(np.array([speaker in speakers for speaker in digits.speakers]))


def measured(digits: SpokenDigits, seeds: Sequence[int] = (0, 1, 2), **sizes: int) -> pd.DataFrame:
    """The same with recordings of your own: a row for each seed, training and speaker.

    Args:
        digits: such as `spoken_digits("fsdd")`; all their speakers take part.
        seeds: of weights, order and choice of clips.
        sizes: as in `rows_of`; those that are left out are as reported.
    """
    import pandas as pd

    given = {**SIZES, **sizes}
    return pd.DataFrame([{"seed": seed, **row} for seed in seeds for row in rows_of(digits, seed, **given)])


# ---------------------------------------------------------------------------------------------------------------------
# The experiment

SIZES = {
    "hidden_size": 96,
    "made_clips": 10_000,
    "made_steps": 1_200,
    "real_clips": 50,
    "real_steps": 120,
    "alone_steps": 200,
    "judged": 500,
}


def told(
    *,
    hidden_size: int,
    made_clips: int,
    made_steps: int,
    real_clips: int,
    real_steps: int,
    alone_steps: int,
    **_: Any,
) -> Settings:
    """What a reader must know of the trainings."""
    classifier = ClipClassifier(hidden_size=hidden_size)
    words = WarmupStableDecay(Budget(made_steps), WARMUP).words
    changed = {name: classifier.augmentation(augment=bool(how.get("augment"))) for name, (_, how) in MADE.items()}
    changed |= {AFTER: classifier.augmentation(augment=True, go_on=True), ALONE: changed[GOES_ON]}
    rates = {name: rate_of(augment=bool(how.get("augment"))) for name, (_, how) in MADE.items()}
    rates |= {AFTER: rate_of(augment=True, go_on=True), ALONE: rate_of(augment=True)}
    steps = dict.fromkeys(MADE, f"{made_steps:,}")
    steps |= {AFTER: f"{made_steps:,} and then {real_steps:,}", ALONE: f"{alone_steps:,}"}
    return trained(
        start=f"torch's own; “{AFTER}” goes on from “{GOES_ON}”",
        learning_rate=f"Adam, {each(rates)}, {words}",
        clipping=CLIPPED,
        steps=each(steps),
        batch=f"{CLIP_BATCH}",
        size=f"LSTM of {hidden_size} units each way, {parameters_count(classifier.untrained(10)):,} parameters",
        augmentation=each(changed),
        note=f"at most {made_clips:,} clips of made voices, {real_clips} of each real speaker",
    )


EXPERIMENT = Experiment(
    name="synthetic_to_real",
    version=1,
    measure=measure,
    told=told,
    seeds=(0, 1, 2),
    settings={"source": "fsdd", "speakers": list(SPEAKERS), **SIZES},
    quick={
        "source": "voices",  # no download
        "speakers": None,
        "hidden_size": 8,
        "made_clips": 20,
        "made_steps": 2,
        "real_clips": 10,
        "real_steps": 2,
        "alone_steps": 2,
        "judged": 10,
    },
)
