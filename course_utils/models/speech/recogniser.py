"""A recogniser: which words are said in a clip, learned with CTC."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.checks import check_name, check_whole
from course_utils.data.resources import resource
from course_utils.errors import CourseError
from course_utils.models.inputs import Items, checked_clips, checked_transcripts, two
from course_utils.models.speech.listening import LONGEST_TRAINED, RATE, Listening, Training, chosen
from course_utils.nn import ctc
from course_utils.nn.speech_model import Batch, states_count
from course_utils.runtime import gives_memory_back
from course_utils.training import History

LINE_RATE, LINE_BATCH = 3e-3, 16
RECOGNISERS = ("joined", "joined_augmented")


class Recogniser(Listening):
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
        cell: "rnn" (tanh), "relu_rnn", "gru" or "lstm".
        hidden_size: H, units of each direction.
        bidirectional: does it read from both ends? If not, it could write while somebody speaks.
        seed: of weights, order and dropout. With `steps` or `epochs` the same seed gives the same recogniser on the
            same number of threads; with `seconds` the clock has its say.

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
        clips: Items,
        transcripts: Sequence[str],
        sample_rate: int = RATE,
        valid: tuple[Items, Sequence[str]] | None = None,
        seconds: float | None = None,
        *,
        steps: int | None = None,
        epochs: int | None = None,
        augment: bool = True,
        lr: float = LINE_RATE,
        batch_size: int = LINE_BATCH,
        progress: bool = True,
    ) -> History:
        """Learn from clips, from the beginning: an earlier training is forgotten.

        At first, for some hundred steps, it writes nothing but blanks. Clips that cannot be used are left out;
        `left_out` counts them. So that it hears speakers and microphones that it was not trained on, every clip is
        changed at random at every step (`augment`); the first 300 steps see clips nearly as they are, since CTC finds
        its first words in them.

        Args:
            clips: samples (T,) each, or (T, channels), the mean of which is taken.
            transcripts: the words of each clip, with spaces between.
            sample_rate: of all clips, samples a second, 4,000 to 192,000. They are resampled to 8,000.
            valid: (clips, transcripts) to validate with; the recogniser keeps the weights that did best on them (of
                many, on 400). The score is the word error rate.
            seconds: the most seconds of the training itself; clips are turned into features before, with a bar of their
                own. Default: 60 where neither steps nor epochs are given.
            steps: the most steps of the optimiser.
            epochs: the most passes through the clips.
            augment: change each clip at random at every step: silence around it, tempo, and the loudness of its bands,
                as other microphones, rooms and voices would change it. Without it voices are moved up or down a little.
                In both cases random patches are hidden.
            lr: the highest learning rate of Adam; it falls to 0.
            batch_size: clips in a batch.
            progress: show a progress bar.

        Returns:
            The history of the training, with `.table`, `.best` and `.stopped`.

        Raises:
            CourseError: clips or transcripts that cannot be read, not as many of one as of the other, nothing to learn
                from, an argument that cannot be meant.
        """
        how = Training(seconds, steps, epochs, lr, batch_size, augment, progress)
        clips = checked_clips(clips)
        texts = checked_transcripts(transcripts, len(clips), ctc.BLANK)
        words = sorted({word for text in texts for word in text})
        if not words:
            raise CourseError("There is nothing to learn: no transcript has a word.")
        heard = self._log_mels(clips, sample_rate, progress=progress)
        usable, left_out = self._usable(heard, texts)
        held_out = None if valid is None else self._held_out(valid, sample_rate)
        classes = [ctc.BLANK, *words]
        number = {word: index for index, word in enumerate(classes)}
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
        self, heard: list[Tensor | None], texts: list[list[str]]
    ) -> tuple[list[tuple[Tensor, list[str]]], dict[str, int]]:
        """Log-mels and words that can be learned from, and how many cannot, by reason."""
        left_out = {"silent": 0, "too short": 0, "too long": 0}
        usable = []
        for clip, words in zip(heard, texts, strict=True):
            if clip is None:
                left_out["silent"] += 1
            elif len(clip) > 100 * LONGEST_TRAINED:
                left_out["too long"] += 1
            elif states_count(len(clip)) < ctc.fewest_frames(words):
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
        clips, transcripts = two(valid, "clips, transcripts")
        clips = checked_clips(clips, "the clips of valid")
        texts = checked_transcripts(transcripts, len(clips), ctc.BLANK, "the transcripts of valid")
        indices = chosen(len(texts))
        texts = [texts[index] for index in indices]
        if not any(texts):
            raise CourseError("There is nothing to validate with: no transcript of `valid` has a word.")
        return self._log_mels([clips[index] for index in indices], sample_rate, "the clips of valid"), texts

    def _word_error(
        self, model: nn.Module, heard: list[Tensor | None], targets: list[list[str]], classes: list[str]
    ) -> float:
        """The fewest words to correct, divided by the number of words."""
        predictions = [text.split() for text in self._read(heard, model, 1, classes)]
        wrong = sum(ctc.edits(prediction, target) for prediction, target in zip(predictions, targets, strict=True))
        return wrong / sum(map(len, targets))

    def transcribe(self, clips: Items, sample_rate: int = RATE, beam: int = 1) -> list[str]:
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


def trained_recogniser(name: str) -> Recogniser:
    """A recogniser that travels with the course, so that a lesson can look at it immediately.

    Args:
        name: "joined" (three to eight digits, learned from the voices of `spoken_digits` as they are) or
            "joined_augmented" (from the same, changed at random).

    Raises:
        CourseError: no such recogniser.
    """
    check_name("trained recogniser", name, RECOGNISERS)
    return Recogniser.load(resource(f"checkpoints/listen_{name}.safetensors"))


def ctc_loss(model: nn.Module, batch: Batch) -> Tensor:
    """−log of the words' probability, divided by their number; the mean over the clips."""
    scores, lengths = model(batch.frames, batch.lengths)
    log_probs = scores.log_softmax(dim=-1).transpose(0, 1)  # (T', B, K)
    return nn.functional.ctc_loss(log_probs, batch.targets, lengths, batch.target_lengths, zero_infinity=True)
