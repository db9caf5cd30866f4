"""Readers of handwriting: what is written in the picture of a line, or with a pen, learned with CTC.

    reader = LineReader()
    reader.fit(images, ["407", "3341", …], valid=(others, their_texts), seconds=75)
    reader.read(more, beam=8)

Nobody has to say where a character stands. Sources: Graves, Fernández, Gomez & Schmidhuber 2006,
doi:10.1145/1143844.1143891 (CTC); Graves and others 2009, doi:10.1109/TPAMI.2008.137 (handwriting, pictures and pens).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import torch
from torch import Tensor

from course_utils.checks import check_name
from course_utils.data.resources import resource
from course_utils.models.hand_reader import HandReader
from course_utils.models.inputs import Items
from course_utils.models.line_inputs import line_pictures
from course_utils.models.stroke_inputs import FEATURES, stroke_steps
from course_utils.nn.reading_model import ROWS, STRIDE, Bent, LineNet, Redrawn
from course_utils.nn.speech_model import Listener
from course_utils.runtime import gives_memory_back
from course_utils.training import History

TRAINED = {"digits": "read_lines", "hiragana": "read_pixels"}  # readers of pictures that travel with the course
STROKE_STRIDES = (2, 1)  # of the convolutions over the steps of a pen


class LineReader(HandReader[LineNet]):
    """Writes down what stands in the picture of a line.

    It learns from pictures and their texts. A picture may have any width and height, dark on light or light on dark,
    grey or in colour: it is cut to what is written and brought to a height of 32 pixels
    (`course_utils.models.line_inputs`). Three convolutions make a column of numbers of each two pixels, recurrent
    layers read the columns from both sides, and CTC (`course_utils.nn.ctc`) adds up all ways in which the characters
    may lie in them.

    Attributes:
        characters: what it can write, those of its training.
        model: the network; None before `fit`.
        left_out: pictures that the last `fit` could not use, by reason: "blank", "too narrow" for their text, "too
            wide" (over 2,000 columns at a height of 32).

    Args:
        cell: "rnn" (tanh), "relu_rnn", "gru" or "lstm".
        hidden_size: H, units of each direction.
        seed: of weights, order, changes and dropout. With `steps` or `epochs` the same seed gives the same reader on
            the same number of threads; with `seconds` the clock has its say.

    Raises:
        CourseError: an argument that cannot be meant.
    """

    fit_takes = "images, texts"
    thing, stride, longest_trained = "images", STRIDE, 2_000
    too_short, too_long = "too narrow", "too wide"

    def _seen(self, given: Items, name: str) -> list[Tensor | None]:
        return line_pictures(given, name)

    def _new_model(self, classes: int, dropout: float = 0.0) -> LineNet:
        return LineNet(self.cell, classes, self.hidden_size, dropout)

    def _change(self) -> Redrawn:
        return Redrawn()

    @gives_memory_back
    def fit(
        self,
        images: Items,
        texts: Sequence[str],
        valid: tuple[Items, Sequence[str]] | None = None,
        seconds: float | None = None,
        *,
        steps: int | None = None,
        epochs: int | None = None,
        patience: int | None = None,
        augment: bool = True,
        lr: float = 6e-3,
        dropout: float = 0.0,
        batch_size: int = 16,
        progress: bool = True,
    ) -> History:
        """Learn from pictures, from the beginning: an earlier training is forgotten.

        Pictures that cannot be used are left out; `left_out` counts them. Every picture is changed at random at every
        step (`augment`): slant, width, height, places pushed a little, thickness, noise.

        Args:
            images: a list of pictures, (h, w) or (h, w, 3) each, of any sizes and any range of values.
            texts: what stands in each, a string; characters are learned, a space among them.
            valid: (images, texts) to validate with; the reader keeps the weights that did best on them (of many, on
                400). The score is the character error rate.
            seconds: the most seconds of the training itself. Default: 60 where neither steps nor epochs are given. With
                `steps` it is a limit for a slow machine: the history says where it cut the training short.
            steps: of the optimiser.
            epochs: the most passes through the pictures.
            patience: stop after this number of validations in a row without a better score.
            augment: change the pictures at random.
            lr: the highest learning rate of Adam; it falls to 0.
            dropout: of what goes into the recurrent layers and comes out, from 0 to below 1.
            batch_size: pictures in a batch.
            progress: show a progress bar.

        Returns:
            The history of the training, with `.table`, `.best` and `.stopped`.

        Raises:
            CourseError: pictures or texts that are none, not as many of one as of the other, nothing to learn from, an
                argument that cannot be meant.
        """
        return self._fit(
            images,
            texts,
            valid,
            (seconds, steps, epochs),
            patience,
            augment=augment,
            lr=lr,
            dropout=dropout,
            batch_size=batch_size,
            progress=progress,
        )

    def read(self, images: Items, beam: int = 1, lexicon: Collection[str] | None = None) -> list[str]:
        """What stands in each picture; "" for a blank one.

        Args:
            images: as in `fit`.
            beam: how many beginnings a beam search keeps; 1 reads the most probable path.
            lexicon: texts one of which it must be: the most probable of them is the answer. All are weighed, so `beam`
                has no say. Entries with characters that were never seen cannot be written; where the picture has no
                room for any entry, the answer is "".

        Raises:
            CourseError: pictures, a beam or a lexicon that cannot be meant; it has not learned yet.
        """
        return self._read(images, beam, lexicon)

    def confidence(self, images: Items) -> list[float]:
        """How probable, by the network itself, what `read(images)` says is: the sum over all paths that say it.

        Args:
            images: as in `fit`.

        Returns:
            From 0 to 1 for each picture; 1 for a blank one.

        Raises:
            CourseError: as of `read`.
        """
        return self._confidence(images)

    def emissions(self, image: Any) -> tuple[Tensor, Tensor]:
        """What the network sees of a picture, and what it says at each frame.

        Args:
            image: one picture.

        Returns:
            (32, W) the line as it is seen, the ink 1; log probabilities (T', K), the blank first, then `characters`.
            Frame t stands over the columns 2t and 2t + 1. A blank picture has one column without ink.

        Raises:
            CourseError: as of `read`.
        """
        self._trained()
        (seen,) = self._seen([image], self.thing)
        return torch.zeros(ROWS, 1) if seen is None else seen.T, self._emissions([image])


def trained_line_reader(of: str = "digits") -> LineReader:
    """A reader of pictures that travels with the course, an LSTM in both directions.

    Args:
        of: "digits", learned from 5,000 lines of `handwritten_lines`; or "hiragana", from the pictures of 1,500 lines
            of `pen_lines`, the same as `trained_stroke_reader` learned from.

    Raises:
        CourseError: no such reader.
    """
    check_name("trained reader of lines", of, TRAINED)
    return LineReader.load(resource(f"checkpoints/{TRAINED[of]}.safetensors"))


def trained_stroke_reader() -> StrokeReader:
    """A reader of strokes that travels with the course: an LSTM that learned from 1,500 lines of `pen_lines`."""
    return StrokeReader.load(resource("checkpoints/read_strokes.safetensors"))


class StrokeReader(HandReader[Listener]):
    """Writes down what was written with a pen, from where the pen went.

    Points may have any scale and be as dense as one likes: each stroke is walked along in steps of equal length
    (`course_utils.models.stroke_inputs`). Two convolutions over the steps, the first of which halves them, recurrent
    layers that read from both sides, and CTC (`course_utils.nn.ctc`). The height, `y`, may count upwards or downwards,
    the same in all.

    Attributes:
        characters: what it can write, those of its training.
        model: the network; None before `fit`.
        left_out: writings that the last `fit` could not use, by reason: "blank", "too short" for their text, "too long"
            (over 4,000 steps, each 0.08 of the height of the writing).

    Args:
        cell: "rnn" (tanh), "relu_rnn", "gru" or "lstm".
        hidden_size: H, units of each direction.
        seed: of weights, order, changes and dropout. With `steps` or `epochs` the same seed gives the same reader on
            the same number of threads; with `seconds` the clock has its say.

    Raises:
        CourseError: an argument that cannot be meant.
    """

    fit_takes = "strokes, texts"
    thing, stride, longest_trained = "strokes", STROKE_STRIDES[0] * STROKE_STRIDES[1], 4_000
    too_short, too_long = "too short", "too long"

    def _seen(self, given: Items, name: str) -> list[Tensor | None]:
        return stroke_steps(given, name)

    def _new_model(self, classes: int, dropout: float = 0.0) -> Listener:
        return Listener(
            self.cell,
            classes,
            self.hidden_size,
            bidirectional=True,
            pooled=False,
            dropout=dropout,
            inputs=FEATURES,
            strides=STROKE_STRIDES,
            hidden=False,
        )

    def _change(self) -> Bent:
        return Bent()

    @gives_memory_back
    def fit(
        self,
        strokes: Items,
        texts: Sequence[str],
        valid: tuple[Items, Sequence[str]] | None = None,
        seconds: float | None = None,
        *,
        steps: int | None = None,
        epochs: int | None = None,
        patience: int | None = None,
        augment: bool = True,
        lr: float = 6e-3,
        dropout: float = 0.0,
        batch_size: int = 16,
        progress: bool = True,
    ) -> History:
        """Learn from writings, from the beginning: an earlier training is forgotten.

        Writings that cannot be used are left out; `left_out` counts them. Each is changed at random at every step
        (`augment`): slanted, stretched, turned a little, its directions jittered.

        Args:
            strokes: a list of arrays (T, 3): x, y, and 1 where the pen is lifted after this point, else 0.
            texts: what each says, a string; characters are learned, a space among them.
            valid: (strokes, texts) to validate with; the reader keeps the weights that did best on them (of many, on
                400). The score is the character error rate.
            seconds: the most seconds of the training itself. Default: 60 where neither steps nor epochs are given. With
                `steps` it is a limit for a slow machine: the history says where it cut the training short.
            steps: of the optimiser.
            epochs: the most passes through the writings.
            patience: stop after this number of validations in a row without a better score.
            augment: change the writings at random.
            lr: the highest learning rate of Adam; it falls to 0.
            dropout: of what goes into the recurrent layers and comes out, from 0 to below 1.
            batch_size: writings in a batch.
            progress: show a progress bar.

        Returns:
            The history of the training, with `.table`, `.best` and `.stopped`.

        Raises:
            CourseError: points or texts that are none, not as many of one as of the other, nothing to learn from, an
                argument that cannot be meant.
        """
        return self._fit(
            strokes,
            texts,
            valid,
            (seconds, steps, epochs),
            patience,
            augment=augment,
            lr=lr,
            dropout=dropout,
            batch_size=batch_size,
            progress=progress,
        )

    def read(self, strokes: Items, beam: int = 1, lexicon: Collection[str] | None = None) -> list[str]:
        """What each writing says; "" for one without a point.

        Args:
            strokes: as in `fit`.
            beam: as in `LineReader.read`.
            lexicon: as in `LineReader.read`.

        Raises:
            CourseError: points, a beam or a lexicon that cannot be meant; it has not learned yet.
        """
        return self._read(strokes, beam, lexicon)

    def confidence(self, strokes: Items) -> list[float]:
        """How probable, by the network itself, what `read(strokes)` says is: the sum over all paths that say it.

        Args:
            strokes: as in `fit`.

        Returns:
            From 0 to 1 for each writing; 1 for one without a point.

        Raises:
            CourseError: as of `read`.
        """
        return self._confidence(strokes)

    def emissions(self, points: Any) -> tuple[Tensor, Tensor]:
        """What the network sees of a writing, and what it says at each frame.

        Args:
            points: of one writing, (T, 3).

        Returns:
            (T', 7) the steps (`course_utils.models.stroke_inputs.steps_of`); log probabilities (T'', K), the blank
            first, then `characters`. Frame t stands over the steps 2t and 2t + 1. A writing without a point has one
            step.

        Raises:
            CourseError: as of `read`.
        """
        self._trained()
        (seen,) = self._seen([points], self.thing)
        return torch.zeros(1, FEATURES) if seen is None else seen, self._emissions([points])
