"""Train the listeners that come with the course; write data/checkpoints/listen_*.safetensors and hear_*.safetensors.

    python tools/data/listeners.py             all
    python tools/data/listeners.py joined      one

All learn from the voices of `spoken_digits` and stop after a fixed number of steps, so that they can be made again
whatever else the machine does. The test set is used only once, at the end; what it says is written into the file.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import TypeAlias

import jiwer
import torch

from course_utils.data.spoken_digits import SpokenDigits, joined, spoken_digits
from course_utils.models.speech import ClipClassifier, Recogniser, SpeakerClassifier

FOLDER = Path(__file__).resolve().parents[2] / "data" / "checkpoints"
Listener: TypeAlias = Recogniser | ClipClassifier


STEPS = {
    "joined": 1_300,
    "joined_augmented": 900,
    "digits": 2_000,
    "digits_unfloored": 2_000,
    "digits_augmented": 1_500,
    "speakers": 2_000,
}


def train_joined(voices: SpokenDigits, steps: int) -> tuple[Recogniser, Callable[[Recogniser], str]]:
    """Three to eight digits by unknown voices, from clips as they are."""
    clips, texts = joined(voices.train, 3_000, seed=0)
    learner = Recogniser(seed=0)
    held_out = joined(voices.valid, 100, seed=0)
    learner.fit(clips, texts, voices.sample_rate, held_out, steps=steps, batch_size=32, augment=False, progress=False)
    return learner, lambda listener: word_errors(listener, voices)


def train_joined_augmented(voices: SpokenDigits, steps: int) -> tuple[Recogniser, Callable[[Recogniser], str]]:
    """The same from augmented clips, with the defaults of `fit`."""
    clips, texts = joined(voices.train, 1_500, seed=0)
    learner = Recogniser(seed=0)
    learner.fit(clips, texts, voices.sample_rate, steps=steps, progress=False)
    return learner, lambda listener: word_errors(listener, voices)


def word_errors(listener: Recogniser, voices: SpokenDigits) -> str:
    """How much it gets wrong, in words."""
    clips, texts = joined(voices.test, 500, seed=100)
    errors = [jiwer.wer(texts, listener.transcribe(clips, voices.sample_rate, beam)) for beam in (1, 8)]
    return f"On 500 clips of test voices: word error rate {errors[0]:.3f} greedy, {errors[1]:.3f} with a beam of 8"


def train_digits(
    voices: SpokenDigits, steps: int, augment: bool = False, floor: float | None = 30.0
) -> tuple[ClipClassifier, Callable[[ClipClassifier], str]]:
    """One digit, by voices never heard before."""

    def labelled(part: SpokenDigits) -> tuple[list[object], list[str]]:
        return list(part.clips), [str(digit) for digit in part.digits]

    learner = ClipClassifier(seed=0, floor=floor)
    clips, labels = labelled(voices.train)
    valid = labelled(voices.valid)
    learner.fit(clips, labels, voices.sample_rate, valid, steps=steps, augment=augment, progress=False)
    return learner, lambda listener: judged(listener, *labelled(voices.test), "test voices")


def train_speakers(voices: SpokenDigits, steps: int) -> tuple[ClipClassifier, Callable[[ClipClassifier], str]]:
    """Which voice, by other clips of the same voices: four fifths to learn from, drawn at random."""
    order = torch.randperm(len(voices), generator=torch.Generator().manual_seed(0)).tolist()
    learn, judge = order[: len(order) * 4 // 5], order[len(order) * 4 // 5 :]

    def labelled(indices: list[int]) -> tuple[list[object], list[str]]:
        return [voices.clips[index] for index in indices], [voices.speakers[index] for index in indices]

    learner = SpeakerClassifier(seed=0)
    learner.fit(*labelled(learn), voices.sample_rate, steps=steps, progress=False)
    return learner, lambda listener: judged(listener, *labelled(judge), "voices that it knows")


def judged(listener: ClipClassifier, clips: list[object], labels: list[str], whose: str) -> str:
    """How often it is right, in words."""
    predictions = listener.predict(clips)
    share = sum(prediction == label for prediction, label in zip(predictions, labels, strict=True)) / len(labels)
    return f"On {len(clips):,} other clips of {whose}: {share:.3f} right"


RECIPES = {
    "joined": train_joined,
    "joined_augmented": train_joined_augmented,
    "digits": train_digits,
    "digits_unfloored": lambda voices, steps: train_digits(voices, steps, floor=None),
    "digits_augmented": lambda voices, steps: train_digits(voices, steps, augment=True),
    "speakers": train_speakers,
}


def main(names: list[str]) -> None:
    """Train, write, read again and judge what was read."""
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    voices = spoken_digits("voices")
    for name in names or RECIPES:
        began = process_time()
        learner, judge = RECIPES[name](voices, STEPS[name])  # type: ignore[operator]
        seconds = process_time() - began
        path = FOLDER / f"{'listen' if name.startswith('joined') else 'hear'}_{name}.safetensors"
        learner.save(path, half=True)
        note = f"{judge(type(learner).load(path))}; weights of 16 bits."
        learner.save(path, half=True, note=note)
        print(f"{path.name}: {path.stat().st_size:,} bytes, {seconds:.0f} CPU seconds. {note}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
