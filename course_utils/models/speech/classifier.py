"""Classifiers of clips: which of some labels is right, a word, a speaker, a bird."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.data.resources import resource
from course_utils.errors import CourseError
from course_utils.models.inputs import Items, check_counts, checked_clips, checked_labels, classes_of, two
from course_utils.models.speech.listening import LONGEST_TRAINED, RATE, Listening, Training, chosen
from course_utils.nn.speech_model import Batch
from course_utils.runtime import gives_memory_back
from course_utils.training import History

CLIP_BATCH = 32
CLASSIFIERS = ("digits", "digits_unfloored", "digits_augmented", "speakers")


class ClipClassifier(Listening):
    """Says which of some labels is right for a clip: a word, a speaker, a bird.

    Clips are turned into log-mels, with 0.08 s of silence put on both sides; two convolutions leave a fourth of the
    frames, a recurrent layer reads them, and the mean of its states answers.

    Attributes:
        labels: those of its training, in the order of the alphabet.
        model: the network; None before `fit`.
        left_out: clips that the last `fit` could not use, by reason: "silent", "too long" (over a minute).

    Args:
        cell: "rnn" (tanh), "relu_rnn", "gru" or "lstm".
        hidden_size: H, units of each direction.
        bidirectional: does it read from both ends?
        floor: dB below the loudest that count as silence; None: no floor.
        seed: of weights, order and dropout. With `steps` or `epochs` the same seed gives the same classifier on the
            same number of threads; with `seconds` the clock has its say.

    Raises:
        CourseError: an argument that cannot be meant.
    """

    fit_takes = "clips, labels"
    pooled = True
    moved, around = 0.1, 8

    def __init__(
        self,
        cell: str = "lstm",
        hidden_size: int = 96,
        bidirectional: bool = True,
        floor: float | None = 30.0,
        seed: int = 0,
    ) -> None:
        super().__init__(cell, hidden_size, bidirectional, floor, seed)

    @property
    def labels(self) -> list[str]:
        """All that it can answer."""
        return list(self._classes)

    @gives_memory_back
    def fit(
        self,
        clips: Items,
        labels: Items,
        sample_rate: int = RATE,
        valid: tuple[Items, Items] | None = None,
        seconds: float | None = None,
        *,
        steps: int | None = None,
        epochs: int | None = None,
        augment: bool = False,
        go_on: bool = False,
        lr: float | None = None,
        batch_size: int = CLIP_BATCH,
        progress: bool = True,
    ) -> History:
        """Learn from clips; from the beginning, or with `go_on` from what it knows already.

        In training random patches of the log-mels are hidden. Clips that cannot be used are left out; `left_out` counts
        them. `augment` is meant for other microphones and people than those of the training; it needs about twice the
        steps. To go on, clips are changed less: tempo, what is soft, and voices moved up or down (not of speakers).

        Args:
            clips: samples (T,) each, or (T, channels), the mean of which is taken.
            labels: one for each clip, strings or numbers; answers are strings.
            sample_rate: of all clips, samples a second, 4,000 to 192,000. They are resampled to 8,000.
            valid: (clips, labels) to validate with; the classifier keeps the weights that did best on them (of many, on
                400). The score is the share of wrong answers.
            seconds: the most seconds of the training itself; clips are turned into features before, with a bar of their
                own. Default: 60 where neither steps nor epochs are given.
            steps: the most steps of the optimiser.
            epochs: the most passes through the clips.
            augment: change each clip at random at every step: its ends cut, more silence around it, tempo, loudness in
                its course. What is soft gets softer, as in a poor microphone.
            go_on: keep the weights, and learn on with other clips of labels that it knows.
            lr: the highest learning rate of Adam; it falls to 0. Default 0.002; 0.003 where it augments and does
                not go on.
            batch_size: clips in a batch.
            progress: show a progress bar.

        Returns:
            The history of the training, with `.table`, `.best` and `.stopped`.

        Raises:
            CourseError: clips or labels that cannot be read, not as many of one as of the other, nothing to learn from,
                a label that is new where it goes on, an argument that cannot be meant.
        """
        lr = rate_of(augment=augment, go_on=go_on) if lr is None else lr
        how = Training(seconds, steps, epochs, lr, batch_size, augment, progress, go_on)
        clips = checked_clips(clips)
        names = _names(labels, len(clips))
        classes = self._checked_classes(names, go_on)
        heard = self._log_mels(clips, sample_rate, progress=progress)
        usable, left_out = self._usable(heard, names)
        held_out = None if valid is None else self._held_out(valid, sample_rate)
        number = {name: index for index, name in enumerate(classes)}
        model, history = self._train(
            deepcopy(self.model) if go_on else None,
            len(classes),
            [clip for clip, _ in usable],
            [[number[name]] for _, name in usable],
            class_loss,
            None if held_out is None else (lambda model: self._share_wrong(model, *held_out, classes)),
            how,
        )
        self.model, self._classes, self.left_out = model, classes, left_out
        return history

    def _checked_classes(self, names: list[str], go_on: bool) -> list[str]:
        if go_on:
            self._trained()
            new = sorted(set(names) - set(self._classes))
            if new:
                raise CourseError(
                    f"It cannot go on with labels that it does not know: {', '.join(map(repr, new[:5]))}. It knows "
                    f"{', '.join(map(repr, self._classes[:10]))}. Train again with all of them."
                )
            return self._classes
        return [str(label) for label in classes_of(names, "clips")]

    def _usable(self, heard: list[Tensor | None], names: list[str]) -> tuple[list[tuple[Tensor, str]], dict[str, int]]:
        """Log-mels and labels that can be learned from, and how many cannot, by reason."""
        usable = [(clip, name) for clip, name in zip(heard, names, strict=True) if clip is not None]
        short = [(clip, name) for clip, name in usable if len(clip) <= 100 * LONGEST_TRAINED]
        if not short:
            raise CourseError(f"All {len(heard)} clips are silent or longer than {LONGEST_TRAINED} s.")
        return short, {"silent": len(heard) - len(usable), "too long": len(usable) - len(short)}

    def _held_out(self, valid: Any, sample_rate: int) -> tuple[list[Tensor | None], list[str]]:
        clips, labels = two(valid, "clips, labels")
        clips = checked_clips(clips, "the clips of valid")
        names = _names(labels, len(clips))
        indices = chosen(len(names))
        heard = self._log_mels([clips[index] for index in indices], sample_rate, "the clips of valid")
        return heard, [names[index] for index in indices]

    def _share_wrong(
        self, model: nn.Module, heard: list[Tensor | None], targets: list[str], classes: list[str]
    ) -> float:
        predictions = self._answers(heard, model, classes)
        return sum(prediction != target for prediction, target in zip(predictions, targets, strict=True)) / len(targets)

    def predict(self, clips: Items, sample_rate: int = RATE) -> list[str]:
        """The most probable label of each clip; "" for a silent one.

        Args:
            clips: samples (T,) each, or (T, channels), the mean of which is taken.
            sample_rate: of all clips, samples a second.

        Raises:
            CourseError: clips or a sample rate that cannot be meant; it has not learned yet.
        """
        model = self._trained()
        return self._answers(self._log_mels(clips, sample_rate), model, self._classes)

    def _answers(self, heard: Sequence[Tensor | None], model: nn.Module, classes: list[str]) -> list[str]:
        outputs = self._outputs(heard, model)
        return ["" if scores is None else classes[int(scores.argmax())] for scores in outputs]

    def summary(self, clips: Items, sample_rate: int = RATE) -> Tensor:
        """What the recurrent layer made of each clip, before the last, linear layer: the mean of its states.

        Args:
            clips: samples (T,) each, or (T, channels), the mean of which is taken.
            sample_rate: of all clips, samples a second.

        Returns:
            (N, 2H), or (N, H) where it reads one way; 0 for a silent clip.

        Raises:
            CourseError: as of `predict`.
        """
        model = self._trained()
        heard = self._log_mels(clips, sample_rate)
        found = self._outputs(heard, lambda frames, lengths: (model.summary(frames, lengths), lengths))
        nothing = torch.zeros(model.readout.in_features)
        return torch.stack([nothing if vector is None else vector for vector in found]) if found else nothing[None][:0]


class SpeakerClassifier(ClipClassifier):
    """Says who speaks: a `ClipClassifier` whose labels are names.

    It identifies: it chooses among the speakers of its training, and a stranger gets one of their names. What it uses
    may be the microphone or the room; test it on recordings of other occasions and devices.
    """

    file_kind = ClipClassifier.file_kind  # the same network, whatever its labels name
    moved = 0.0  # a voice that is moved is another voice


def trained_clip_classifier(name: str) -> ClipClassifier:
    """A classifier that travels with the course, so that a lesson can look at it immediately.

    Args:
        name: "digits" ("0" to "9", learned from the voices of `spoken_digits`), "digits_unfloored" (the same where
            silence has no floor), "digits_augmented" (from clips
            changed at random) or "speakers" (the names of all voices).

    Raises:
        CourseError: no such classifier.
    """
    check_name("trained classifier of clips", name, CLASSIFIERS)
    kind = SpeakerClassifier if name == "speakers" else ClipClassifier
    return kind.load(resource(f"checkpoints/hear_{name}.safetensors"))


def rate_of(*, augment: bool, go_on: bool = False) -> float:
    """The highest learning rate where none is given; arguments as in `ClipClassifier.fit`."""
    return 3e-3 if augment and not go_on else 2e-3


def class_loss(model: nn.Module, batch: Batch) -> Tensor:
    """Mean cross-entropy."""
    return nn.functional.cross_entropy(model(batch.frames, batch.lengths)[0], batch.targets)


def _names(labels: Any, count: int) -> list[str]:
    """The label of each clip, as text; a whole number with a decimal point as a whole number.

    Raises:
        CourseError: they are no labels, an empty one, or not as many as clips.
    """
    found = checked_labels(labels, "clips")
    check_counts("clips", count, "labels", len(found))
    names = [str(int(label) if isinstance(label, float) else label) for label in found]
    if "" in names:
        raise CourseError(
            f"The label of clip {names.index('')} is empty: that is the answer for silence. Give it a name."
        )
    return names
