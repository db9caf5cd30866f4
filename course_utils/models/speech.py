"""Listeners that learn from clips: which words are said in them (CTC), or which of some labels is right for a clip.

    recogniser = Recogniser()
    recogniser.fit(clips, ["three seven two", …], sample_rate=8000, seconds=75)
    recogniser.transcribe(others, sample_rate=8000, beam=8)

Sources: Graves, Fernández, Gomez & Schmidhuber 2006, doi:10.1145/1143844.1143891 (CTC); Park et al. 2019, arXiv
1904.08779 (patches hidden in training); Jaitly & Hinton 2013, *ICML Workshop on Deep Learning for Audio, Speech and
Language Processing* (voices moved in training).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, ClassVar, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from course_utils.checks import check_name, check_positive, check_whole
from course_utils.data.resources import resource
from course_utils.data.sounds import mono, resampled
from course_utils.errors import CourseError
from course_utils.models.base import Estimator
from course_utils.models.checkpoints import Checkpoint
from course_utils.nn import ctc
from course_utils.nn.sound import check_rate, log_mel
from course_utils.nn.speech_model import CELLS, Batch, Batches, Change, Listener, batch_of, heard_in
from course_utils.runtime import gives_memory_back
from course_utils.training import Budget, History, WarmupStableDecay, fit

Score: TypeAlias = Callable[[nn.Module], float]

RATE = 8_000  # samples a second; clips at other rates are resampled
LONGEST_TRAINED = 60  # seconds; longer clips are left out of a training
SILENT = 1e-4  # a clip whose samples all lie nearer to their mean holds nothing
MOST_VALIDATED = 400  # clips
CALM = 300  # batches before clips are augmented: CTC finds its first words in clips as they are
AT_ONCE, MOST_AT_ONCE = 32, 30_000  # clips, and frames with their padding, that are heard together
CHANNELS = 8  # at most, of a clip
NO_FLOOR = 100.0  # dB below the loudest that count as silence where there is no floor
RECOGNISERS, CLASSIFIERS = ("joined",), ("digits", "digits_unfloored", "digits_augmented", "speakers")


@dataclass(frozen=True)
class _Training:
    """How to train: the arguments of `fit`, checked before anything is forgotten."""

    seconds: float | None
    steps: int | None
    epochs: int | None
    lr: float
    batch_size: int
    augment: bool
    progress: bool
    go_on: bool = False
    began: float = field(default_factory=perf_counter)

    def __post_init__(self) -> None:
        for name, number in (("seconds", self.seconds), ("lr", self.lr)):
            if number is not None:
                check_positive(name, number)
        for name, whole in (("steps", self.steps), ("epochs", self.epochs), ("batch_size", self.batch_size)):
            if whole is not None:
                check_whole(name, whole, 1)

    def left(self) -> float | None:
        """The seconds that are left, of 60 where nothing else says when to end; None: no limit of this kind."""
        limits = (self.seconds, self.steps, self.epochs)
        seconds = 60.0 if limits == (None, None, None) else self.seconds
        return None if seconds is None else max(0.98 * seconds - (perf_counter() - self.began), 1e-3)


class _Listening(Estimator[Listener]):
    """What a recogniser and a classifier have in common: their features, their training, and how they are kept."""

    pooled: ClassVar[bool]
    voice: ClassVar[float] = 0.0  # by how much voices are moved in training
    moved: ClassVar[float] = 0.0  # and where it goes on with `augment`
    around: ClassVar[int]  # frames of silence that are put on both sides of a clip

    def __init__(self, cell: str, hidden_size: int, bidirectional: bool, floor: float | None, seed: int) -> None:
        check_name("cell", cell, CELLS)
        if not isinstance(bidirectional, bool):
            raise CourseError(f"bidirectional must be True or False; it is {bidirectional!r}.")
        if floor is not None and not (isinstance(floor, int | float) and 0 < floor < math.inf):
            raise CourseError(f"floor must be a number of dB above 0, such as 30, or None; it is {floor!r}.")
        self.cell, self.bidirectional, self.floor = cell, bidirectional, floor
        self.hidden_size, self.seed = check_whole("hidden_size", hidden_size, 1), check_whole("seed", seed, 0)
        self.left_out: dict[str, int] = {}
        self._classes: list[str] = []

    def _described(self) -> str:
        ways = "both ways" if self.bidirectional else "one way"
        left_out = "".join(f", {count} clips left out: {why}" for why, count in self.left_out.items() if count)
        return f"{self.cell!r}, {self.hidden_size}, {ways}{left_out}"

    def _new_model(self, classes: int) -> Listener:
        return Listener(self.cell, classes, self.hidden_size, self.bidirectional, self.pooled)

    def _change(self, how: _Training) -> Change | None:
        """What happens to clips in training, but for the patches that are hidden.

        A classifier that goes on has what it should hear before it: its clips are changed less.
        """
        silence = self.floor or NO_FLOOR
        if not how.augment:
            return Change(silence, voice=self.voice) if self.voice else None
        if how.go_on:
            return Change(silence, self.around, voice=self.moved, tempo=0.2, fainter=1.3)
        tempo, later, cut = (0.4, 30, 12) if self.pooled else (0.2, 20, 0)  # sentences have pauses at their ends
        return Change(silence, self.around, self.voice, tempo, later, cut, swell=4.0, fainter=2.0)

    def _train(
        self,
        model: Listener | None,
        classes: int,
        clips: list[Tensor],
        targets: list[list[int]],
        loss: Callable[[Any, Any], Tensor],
        score: Score | None,
        how: _Training,
    ) -> tuple[Listener, History]:
        """Train on log-mels: a new network, or one that is there already (it is changed)."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            if model is None:
                model = self._new_model(classes)
                model.take_measure(clips)
            network = model
            calm = 0 if self.pooled or how.go_on else CALM
            batches = Batches(clips, targets, how.batch_size, self.seed, self._change(how), calm)
            optimizer = torch.optim.Adam(network.parameters(), lr=how.lr, fused=True)
            budget = Budget(how.steps, how.epochs, how.left(), per_epoch=len(batches))
            history = fit(
                network,
                batches,
                loss,
                steps=how.steps,
                epochs=how.epochs,
                seconds=how.left(),
                valid=(lambda _: score(network)) if score else None,
                optimizer=optimizer,
                lr_schedule=WarmupStableDecay(budget, warmup=30).of(optimizer),
                clip_norm=1.0,
                progress=how.progress,
            )
        return network.eval(), history

    def _log_mels(self, clips: Any, sample_rate: int, name: str = "clips") -> list[Tensor | None]:
        """The features of each clip, (T, M); None for a silent one.

        Raises:
            CourseError: clips or a sample rate that cannot be meant; the message names the clip.
        """
        check_rate(sample_rate)
        heard = []
        for place, clip in enumerate(_clips(clips, name)):
            try:
                heard.append(self._surrounded(_log_mel(clip, sample_rate, self.floor)))
            except CourseError as error:
                raise CourseError(f"Number {place} of `{name}`: {error}") from None
        return heard

    def _surrounded(self, frames: Tensor | None) -> Tensor | None:
        """With silence on both sides, so that it makes no difference how closely a word was cut out."""
        if frames is None or not self.around:
            return frames
        return nn.functional.pad(frames, (0, 0, self.around, self.around), value=-(self.floor or NO_FLOOR))

    @torch.no_grad()
    def _outputs(self, heard: Sequence[Tensor | None], what: Callable[..., Any]) -> list[Any]:
        """what(frames, lengths) → (outputs, lengths) for each clip, in their order; None for silent ones."""
        answers: list[Any] = [None] * len(heard)
        known = [(place, clip) for place, clip in enumerate(heard) if clip is not None]
        for some in _alike(sorted(known, key=lambda one: -len(one[1]))):
            batch = batch_of([clip for _, clip in some], [[]] * len(some))
            outputs, lengths = what(batch.frames, batch.lengths)
            for (place, _), output, length in zip(some, outputs, lengths.tolist(), strict=True):
                answers[place] = output if self.pooled else output[:length]
        return answers

    def _learned(self) -> dict[str, Any]:
        return {"classes": self._classes}

    def _restore(self, checkpoint: Checkpoint) -> None:
        self._classes = checkpoint.texts("classes")
        self.model = checkpoint.network(lambda: self._new_model(len(self._classes)))


class Recogniser(_Listening):
    """Writes down the words of a clip, in their order.

    It learns from clips and what is said in them; nobody has to say when. Clips are turned into log-mels
    (`course_utils.nn.sound`); two convolutions leave a fourth of the frames, a recurrent layer reads them, and CTC
    (`course_utils.nn.ctc`) adds up all ways in which the words may lie in them.

    Attributes:
        words: what it can write: first the blank "-", then the words of its training in the order of the alphabet.
        model: the network; None before `fit`.
        left_out: clips that the last `fit` could not use, by reason: "silent" (with words), "too short" for their
            words, "too long" (over a minute).

    Args:
        cell: "rnn" (tanh), "gru" or "lstm".
        hidden_size: H, units of each direction.
        bidirectional: does it read from both ends? If not, it could write while somebody speaks.
        seed: of weights, order and dropout. With `steps` or `epochs` the same seed gives the same recogniser; with
            `seconds` the clock has its say.

    Raises:
        CourseError: an argument that cannot be meant.
    """

    fit_takes = "clips, transcripts"
    pooled = False
    voice, around = 0.08, 0

    def __init__(self, cell: str = "lstm", hidden_size: int = 96, bidirectional: bool = True, seed: int = 0) -> None:
        super().__init__(cell, hidden_size, bidirectional, 30.0, seed)

    @property
    def words(self) -> list[str]:
        """The blank, then all words that it can write."""
        return list(self._classes)

    @gives_memory_back
    def fit(
        self,
        clips: Sequence[Any],
        transcripts: Sequence[str],
        sample_rate: int = RATE,
        valid: tuple[Sequence[Any], Sequence[str]] | None = None,
        seconds: float | None = None,
        *,
        steps: int | None = None,
        epochs: int | None = None,
        augment: bool = False,
        lr: float = 3e-3,
        batch_size: int = 16,
        progress: bool = True,
    ) -> History:
        """Learn from clips, from the beginning: an earlier training is forgotten.

        At first, for some hundred steps, it says nothing but blanks. In training random patches of the log-mels are
        hidden, and voices moved up or down a little. Clips that cannot be used are left out; `left_out` counts them.

        Args:
            clips: samples (T,) each, or (T, channels), the mean of which is taken.
            transcripts: the words of each clip, with spaces between.
            sample_rate: of all clips, samples a second, 4,000 to 192,000. They are resampled to 8,000.
            valid: (clips, transcripts) to validate with; the recogniser keeps the weights that did best on them (of
                many, on 400). The score is the word error rate.
            seconds: the most seconds for everything. Default: 60 where neither steps nor epochs are given.
            steps: the most steps of the optimiser.
            epochs: the most passes through the clips.
            augment: change each clip at random at every step: more silence around it, tempo, loudness in its course.
                What is soft gets softer, as in a poor microphone.
            lr: the highest learning rate of Adam; it falls to 0.
            batch_size: clips in a batch.
            progress: show a progress bar.

        Returns:
            The history of the training, with `.table`, `.best` and `.stopped`.

        Raises:
            CourseError: clips or transcripts that cannot be read, not as many of one as of the other, nothing to learn
                from, an argument that cannot be meant.
        """
        how = _Training(seconds, steps, epochs, lr, batch_size, augment, progress)
        clips = _clips(clips, "clips")
        said = _transcripts(transcripts, len(clips), "transcripts")
        words = sorted({word for text in said for word in text})
        if not words:
            raise CourseError("There is nothing to learn: no transcript has a word.")
        heard = self._log_mels(clips, sample_rate)
        usable, left_out = self._usable(heard, said)
        held_out = None if valid is None else self._held_out(valid, sample_rate)
        classes = [ctc.BLANK, *words]
        number = {word: place for place, word in enumerate(classes)}
        model, history = self._train(
            None,
            len(classes),
            [clip for clip, _ in usable],
            [[number[word] for word in text] for _, text in usable],
            ctc_loss,
            None if held_out is None else (lambda model: self._word_error(model, *held_out, classes)),
            how,
        )
        self.model, self._classes, self.left_out = model, classes, left_out
        return history

    def _usable(
        self, heard: list[Tensor | None], said: list[list[str]]
    ) -> tuple[list[tuple[Tensor, list[str]]], dict[str, int]]:
        """Log-mels and words that can be learned from, and how many cannot, by reason."""
        left_out = {"silent": 0, "too short": 0, "too long": 0}
        usable = []
        for clip, words in zip(heard, said, strict=True):
            if clip is None:
                left_out["silent"] += 1
            elif len(clip) > 100 * LONGEST_TRAINED:
                left_out["too long"] += 1
            elif heard_in(len(clip)) < ctc.fewest_frames(words):
                left_out["too short"] += 1
            else:
                usable.append((clip, words))
        if not usable:
            why = ", ".join(f"{count} {reason}" for reason, count in left_out.items() if count)
            raise CourseError(
                f"None of the {len(heard)} clips can be learned from: {why}. A clip must be as long as its words need "
                f"(each about 0.04 s at least), and {LONGEST_TRAINED} s at most."
            )
        return usable, left_out

    def _held_out(self, valid: Any, sample_rate: int) -> tuple[list[Tensor | None], list[list[str]]]:
        clips, transcripts = _two(valid)
        clips = _clips(clips, "the clips of valid")
        said = _transcripts(transcripts, len(clips), "the transcripts of valid")
        some = _some(len(said))
        said = [said[place] for place in some]
        if not any(said):
            raise CourseError("There is nothing to validate with: no transcript of `valid` has a word.")
        return self._log_mels([clips[place] for place in some], sample_rate, "the clips of valid"), said

    def _word_error(
        self, model: nn.Module, heard: list[Tensor | None], right: list[list[str]], classes: list[str]
    ) -> float:
        """The fewest words to mend, divided by the right ones."""
        said = [text.split() for text in self._read(heard, model, 1, classes)]
        wrong = sum(ctc.edits(one, other) for one, other in zip(said, right, strict=True))
        return wrong / sum(map(len, right))

    def transcribe(self, clips: Sequence[Any], sample_rate: int = RATE, beam: int = 1) -> list[str]:
        """The words of each clip, with spaces between; "" for a silent one.

        Args:
            clips: samples (T,) each, or (T, channels), the mean of which is taken.
            sample_rate: of all clips, samples a second.
            beam: how many beginnings a beam search keeps; 1 reads the most probable path.

        Raises:
            CourseError: clips, a sample rate or a beam that cannot be meant; it has not learned yet.
        """
        model = self._trained()
        check_whole("beam", beam, 1)
        return self._read(self._log_mels(clips, sample_rate), model, beam, self._classes)

    def _read(self, heard: Sequence[Tensor | None], model: nn.Module, beam: int, classes: list[str]) -> list[str]:
        texts = []
        for scores in self._outputs(heard, model):
            found: list[int] = []
            if scores is not None:
                log_probs = scores.log_softmax(dim=-1)
                found = ctc.greedy(log_probs) if beam == 1 else ctc.prefix_beam(log_probs, beam)
            texts.append(" ".join(classes[label] for label in found))
        return texts

    def emissions(self, clip: Any, sample_rate: int = RATE) -> tuple[list[str], Tensor]:
        """What the network says at each frame.

        Args:
            clip: samples (T,), or (T, channels).
            sample_rate: samples a second.

        Returns:
            The K words, the blank "-" first, and their log probabilities, (frames, K), a frame every 0.04 s. For a
            silent clip the blank is sure at one frame.

        Raises:
            CourseError: as of `transcribe`.
        """
        model = self._trained()
        (scores,) = self._outputs(self._log_mels([clip], sample_rate), model)
        if scores is None:
            scores = torch.zeros(1, len(self._classes))
            scores[0, 0] = 100.0
        return self.words, scores.log_softmax(dim=-1)


class ClipClassifier(_Listening):
    """Says which of some labels is right for a clip: a word, a speaker, a bird.

    Clips are turned into log-mels, with 0.08 s of silence put on both sides; two convolutions leave a fourth of the
    frames, a recurrent layer reads them, and the mean of its states answers.

    Attributes:
        labels: those of its training, in the order of the alphabet.
        model: the network; None before `fit`.
        left_out: clips that the last `fit` could not use, by reason: "silent", "too long" (over a minute).

    Args:
        cell: "rnn" (tanh), "gru" or "lstm".
        hidden_size: H, units of each direction.
        bidirectional: does it read from both ends?
        floor: dB below the loudest that count as silence; None: no floor.
        seed: of weights, order and dropout.

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
        clips: Sequence[Any],
        labels: Sequence[Any],
        sample_rate: int = RATE,
        valid: tuple[Sequence[Any], Sequence[Any]] | None = None,
        seconds: float | None = None,
        *,
        steps: int | None = None,
        epochs: int | None = None,
        augment: bool = False,
        go_on: bool = False,
        lr: float | None = None,
        batch_size: int = 32,
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
            seconds: the most seconds for everything. Default: 60 where neither steps nor epochs are given.
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
        lr = (3e-3 if augment and not go_on else 2e-3) if lr is None else lr
        how = _Training(seconds, steps, epochs, lr, batch_size, augment, progress, go_on)
        clips = _clips(clips, "clips")
        names = _labels(labels, len(clips), "labels")
        classes = self._checked_classes(names, go_on)
        heard = self._log_mels(clips, sample_rate)
        usable, left_out = self._usable(heard, names)
        held_out = None if valid is None else self._held_out(valid, sample_rate)
        number = {name: place for place, name in enumerate(classes)}
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
                    f"{', '.join(map(repr, self._classes[:10]))}. Train anew with all of them."
                )
            return self._classes
        classes = sorted(set(names))
        if len(classes) < 2:
            raise CourseError(f"There is nothing to tell apart: of {len(names)} labels all are {classes}.")
        return classes

    def _usable(self, heard: list[Tensor | None], names: list[str]) -> tuple[list[tuple[Tensor, str]], dict[str, int]]:
        """Log-mels and labels that can be learned from, and how many cannot, by reason."""
        usable = [(clip, name) for clip, name in zip(heard, names, strict=True) if clip is not None]
        short = [(clip, name) for clip, name in usable if len(clip) <= 100 * LONGEST_TRAINED]
        if not short:
            raise CourseError(f"All {len(heard)} clips are silent or longer than {LONGEST_TRAINED} s.")
        return short, {"silent": len(heard) - len(usable), "too long": len(usable) - len(short)}

    def _held_out(self, valid: Any, sample_rate: int) -> tuple[list[Tensor | None], list[str]]:
        clips, labels = _two(valid)
        clips = _clips(clips, "the clips of valid")
        names = _labels(labels, len(clips), "the labels of valid")
        some = _some(len(names))
        heard = self._log_mels([clips[place] for place in some], sample_rate, "the clips of valid")
        return heard, [names[place] for place in some]

    def _share_wrong(self, model: nn.Module, heard: list[Tensor | None], right: list[str], classes: list[str]) -> float:
        said = self._answers(heard, model, classes)
        return sum(one != other for one, other in zip(said, right, strict=True)) / len(right)

    def predict(self, clips: Sequence[Any], sample_rate: int = RATE) -> list[str]:
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

    def summary(self, clips: Sequence[Any], sample_rate: int = RATE) -> Tensor:
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
        return torch.stack([nothing if one is None else one for one in found]) if found else nothing[None][:0]


class SpeakerClassifier(ClipClassifier):
    """Says who speaks: a `ClipClassifier` whose labels are names.

    It can only choose among the speakers of its training; a stranger gets one of their names. And what it goes by may
    be the microphone or the room: where all clips of a speaker come from one session, its score does not tell.
    """

    file_kind = ClipClassifier.file_kind  # the same network, whatever its labels name
    moved = 0.0  # a voice that is moved is another voice


def trained_recogniser(name: str) -> Recogniser:
    """A recogniser that travels with the course, so that a lesson can look at it at once.

    Args:
        name: "joined" (three to eight digits, learned from the voices of `spoken_digits`).

    Raises:
        CourseError: no such recogniser.
    """
    check_name("trained recogniser", name, RECOGNISERS)
    return Recogniser.load(resource(f"checkpoints/listen_{name}.safetensors"))


def trained_clip_classifier(name: str) -> ClipClassifier:
    """A classifier that travels with the course, so that a lesson can look at it at once.

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


# ---------------------------------------------------------------------------------------------------------------------
# What the training leans on


def ctc_loss(model: nn.Module, batch: Batch) -> Tensor:
    """−log of the words' probability, divided by their number; the mean over the clips."""
    scores, lengths = model(batch.frames, batch.lengths)
    log_probs = scores.log_softmax(dim=-1).transpose(0, 1)  # (T', B, K)
    return nn.functional.ctc_loss(log_probs, batch.targets, lengths, batch.target_lengths, zero_infinity=True)


def class_loss(model: nn.Module, batch: Batch) -> Tensor:
    """Mean cross-entropy."""
    return nn.functional.cross_entropy(model(batch.frames, batch.lengths)[0], batch.targets)


def _alike(clips: list[tuple[int, Tensor]]) -> Iterator[list[tuple[int, Tensor]]]:
    """Clips with their places, the longest first, in groups of like length that are heard together."""
    group: list[tuple[int, Tensor]] = []
    for one in clips:
        longest = len(group[0][1]) if group else 0
        full = len(group) == AT_ONCE or (len(group) + 1) * longest > MOST_AT_ONCE
        if group and (full or len(one[1]) < 0.5 * longest):
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _some(count: int) -> list[int]:
    """Places of at most `MOST_VALIDATED`, the same each time."""
    if count <= MOST_VALIDATED:
        return list(range(count))
    return torch.randperm(count, generator=torch.Generator().manual_seed(0))[:MOST_VALIDATED].sort().values.tolist()


# ---------------------------------------------------------------------------------------------------------------------
# Reading what is given


def _clips(clips: Any, name: str) -> list[Any]:
    """A list of clips, not yet read."""
    expected = f"`{name}` must be a list of clips, each an array of samples (T,)"
    several = (
        hasattr(clips, "__len__") and hasattr(clips, "__iter__") and not isinstance(clips, str | bytes | dict | set)
    )
    if not several:
        raise CourseError(f"{expected}; it is a {type(clips).__name__}.")
    shape = getattr(clips, "shape", (0, 0))
    column = len(shape) == 1 and str(getattr(clips, "dtype", "")) == "object"  # of a table, each clip of its own length
    if len(clips) and not column and (len(shape) < 2 or (len(shape) == 2 and 0 < shape[1] <= CHANNELS)):
        raise CourseError(f"{expected}; it is a single clip. Write [clip] for a list of one.")
    return list(clips)


def _log_mel(clip: Any, sample_rate: int, floor: float | None) -> Tensor | None:
    """Log-mels (T, M) at 8 kHz; None for a silent clip."""
    samples = mono(clip.detach().cpu() if isinstance(clip, Tensor) else clip)
    samples = samples - samples.mean()
    loudest = float(np.abs(samples).max())
    if loudest < SILENT:
        return None
    return log_mel(resampled(samples / np.float32(loudest), sample_rate, RATE), RATE, floor=floor)


def _transcripts(transcripts: Any, count: int, name: str) -> list[list[str]]:
    """The words of each."""
    given = _list(transcripts, count, name, "strings, the words of each clip")
    for place, text in enumerate(given):
        if not isinstance(text, str):
            raise CourseError(f"{name} must be strings; number {place} is {text!r:.60}.")
        if ctc.BLANK in text.split():
            raise CourseError(
                f"Number {place} of {name} has the word {ctc.BLANK!r}, which stands for the blank. Leave it out."
            )
    return [text.split() for text in given]


def _labels(labels: Any, count: int, name: str) -> list[str]:
    """The label of each, as text."""
    given = _list(labels, count, name, "labels, one for each clip")
    for place, label in enumerate(given):
        if not isinstance(label, str | int | np.integer) or label == "":
            raise CourseError(f"{name} must be strings or whole numbers; number {place} is {label!r:.60}.")
    return [str(label) for label in given]


def _list(values: Any, count: int, name: str, expected: str) -> list[Any]:
    if hasattr(values, "tolist"):  # an array, a tensor, or a column of a table
        values = values.tolist()
    if isinstance(values, str | bytes | dict) or not isinstance(values, Sequence):
        raise CourseError(f"{name} must be a list of {expected}; it is a {type(values).__name__}.")
    if len(values) != count:
        raise CourseError(f"There are {count} clips, and {len(values)} in {name}. Give one for each clip.")
    if not count:
        raise CourseError("There is nothing to learn from: the list of clips is empty.")
    return list(values)


def _two(valid: Any) -> tuple[Any, Any]:
    if not isinstance(valid, tuple | list) or len(valid) != 2 or not hasattr(valid[0], "__len__"):
        raise CourseError("`valid` must be two lists, (clips, what is right for each).")
    return valid[0], valid[1]
