"""A model of music: which keys sound in the next frame, learned from tunes, and played on from a motif.

    model = ChordModel("lstm")
    model.fit(tunes, valid=other_tunes, seconds=60)
    model.to_midi(model.sample([(60, 64, 67)], length=64), "mine.mid")

Source: Boulanger-Lewandowski, Bengio & Vincent 2012, arXiv 1206.6392 (the RNN, without the RBM on top).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from course_utils.checks import check_name, check_number, check_whole
from course_utils.data import synthesiser
from course_utils.data.chords import KEYS, Chord, as_chords, as_switches, several, transposed
from course_utils.data.midi import write_midi
from course_utils.data.resources import resource
from course_utils.errors import CourseError
from course_utils.models.arguments import checked
from course_utils.models.base import Estimator
from course_utils.models.checkpoints import Checkpoint
from course_utils.nn.chord_net import CELLS, ChordNet, frame_nats, next_frame
from course_utils.runtime import seeded
from course_utils.training import Budget, History, WarmupCosine, fit

PIECE = 200  # frames that are learned from at once
AT_ONCE = 2_000  # frames that are judged at once
WARMUP, SECONDS = 20, 60.0
WEIGHT_DECAY = 1e-4
LONGEST = 100_000  # frames that are sampled
TRAINED = ("lstm", "gru", "relu_rnn", "rnn")

Switches: TypeAlias = NDArray[np.bool_]  # (T, 88)
Piece: TypeAlias = tuple[Switches, Switches]  # what is read, and what is to be said


class ChordModel(Estimator[ChordNet]):
    """Learns from tunes which keys of a piano sound in the next frame.

    A tune is a list of chords (sets of MIDI pitches from 21 to 108, an empty one for a rest), or an array (T, 88) of
    zeros and ones. Before the first frame the network reads silence.

    Attributes:
        model: the network; None before `fit`.

    Args:
        cell: "rnn" (tanh), "relu_rnn", "gru" or "lstm"; or "four_frames", a hidden layer on the last four frames.
        hidden_size: H, units of the recurrent layer.
        seed: of weights, order and dropout.

    Raises:
        CourseError: an unknown cell, or another argument that cannot be meant.
    """

    fit_takes = "tunes"

    def __init__(self, cell: str = "lstm", hidden_size: int = 200, seed: int = 0) -> None:
        check_name("cell", cell, CELLS)
        self.cell, self.hidden_size, self.seed = cell, checked("hidden_size", hidden_size), checked("seed", seed)

    def _described(self) -> str:
        return f"{self.cell!r}, {self.hidden_size}"

    def fit(
        self,
        tunes: Sequence[Any],
        valid: Sequence[Any] | None = None,
        seconds: float | None = None,
        *,
        steps: int | None = None,
        epochs: int | None = None,
        patience: int | None = None,
        lr: float = 5e-3,
        dropout: float = 0.5,
        batch_size: int = 8,
        transpose: int = 0,
        progress: bool = True,
    ) -> History:
        """Learn from tunes, from the beginning: an earlier training is forgotten.

        Tunes without frames teach nothing; long ones are learned from in pieces of 200 frames.

        Args:
            tunes: a list of tunes.
            valid: tunes to validate with; the weights that did best on them are kept. The score is `nll`.
            seconds: the most seconds of the training. Default: 60 where neither steps nor epochs are given. With
                `steps` it is a limit for a slow machine: the history says where it cut the training short.
            steps: of the optimiser.
            epochs: the most passes through the tunes.
            patience: stop after this number of validations in a row without a better score.
            lr: the highest learning rate of AdamW; it falls to 0.
            dropout: of the states that are read out, from 0 to below 1; two fifths of it of the keys that are read.
            batch_size: pieces in a batch.
            transpose: each time a piece is learned from it is moved by up to so many semitones, up or down; 0 to 11.
            progress: show a progress bar.

        Returns:
            The history of the training, with `.table`, `.best` and `.stopped`.

        Raises:
            CourseError: tunes that are none, nothing to learn from or to validate with, or an argument that cannot be
                meant.
        """
        known = several(tunes)
        if not any(len(tune) for tune in known):
            raise CourseError("There is nothing to learn from: no tune has a frame.")
        held_out = None if valid is None else _judgeable(several(valid, "valid"), "validate with: no tune of `valid`")
        if seconds is None and steps is None and epochs is None:
            seconds = SECONDS
        with seeded(self.seed):
            model = ChordNet(self.cell, self.hidden_size, dropout)
            order = _Batches(pieces_of(known), batch_size, transpose, self.seed)
            optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=WEIGHT_DECAY)
            course = WarmupCosine(Budget(steps, epochs, seconds, per_epoch=len(order)), warmup=WARMUP)
            history = fit(
                model,
                order,
                _loss,
                steps=steps,
                epochs=epochs,
                seconds=seconds,
                valid=None if held_out is None else (lambda network: mean_nats(network, held_out)),
                patience=patience,
                optimizer=optimizer,
                lr_schedule=course.of(optimizer),
                clip_norm=1.0,
                progress=progress,
            )
        self.model = model.eval()
        moved = f"transposed by up to {transpose} semitones" if transpose else "none"
        history.settings = history.settings.with_parts(augmentation=moved)
        history.note(f"{len(known):,} tunes, {sum(map(len, known)):,} frames; dropout {dropout:g}")
        return history

    def nll(self, tunes: Sequence[Any]) -> float:
        """Minus the log likelihood of a frame in nats, the mean over the frames of all tunes together.

        The first frame of a tune is not counted, as in the published figures; a mean of the tunes' means would weigh
        short tunes more.

        Args:
            tunes: a list of tunes.

        Raises:
            CourseError: it has not learned yet, tunes that are none, or no tune of two frames.
        """
        return mean_nats(self._trained(), _judgeable(several(tunes), "judge: no tune"))

    def probabilities(self, tune: Any) -> NDArray[np.float32]:
        """How probable each key was in each frame, given the frames before: (T, 88).

        Args:
            tune: one tune.

        Raises:
            CourseError: it has not learned yet, or the tune is none.
        """
        model, switches = self._trained(), as_switches(tune)
        found = [part.sigmoid() for part, _ in _read(model, switches)]
        return torch.cat(found).numpy() if found else np.zeros((0, KEYS), np.float32)

    @torch.no_grad()
    def sample(self, primer: Any = (), length: int = 64, temperature: float = 1.0, seed: int = 0) -> list[Chord]:
        """A motif, and what the model plays after it, key by key.

        Args:
            primer: a tune to go on from; () begins with silence.
            length: frames that are added.
            temperature: below 1 what is probable gets more probable; 0 takes the keys more probable than not.
            seed: of the random numbers.

        Returns:
            The primer's chords, and `length` more.

        Raises:
            CourseError: it has not learned yet, or an argument that cannot be meant.
        """
        model, known = self._trained(), as_switches(primer, "primer")
        length = check_whole("length", length, 1, LONGEST)
        temperature = check_number("temperature", temperature, 0, 1_000)
        generator = torch.Generator().manual_seed(checked("seed", seed))
        before = torch.from_numpy(np.concatenate([np.zeros((1, KEYS), bool), known])).float()
        logits, state = model(before[None])
        frames = []
        for _ in range(length):
            frames.append(next_frame(logits[0, -1], temperature, generator))
            logits, state = model(frames[-1][None, None], state)
        return as_chords(known) + as_chords(torch.stack(frames).bool().numpy())

    def to_midi(self, tune: Any, path: str | Path, seconds: float = 0.5) -> Path:
        """Write a tune to a MIDI file (`course_utils.data.midi.write_midi`).

        Args:
            tune: one tune.
            path: of the file.
            seconds: of a frame.

        Raises:
            CourseError: the tune is none or has no frame, or the file cannot be written.
        """
        return write_midi(tune, path, seconds)

    def to_audio(self, tune: Any, seconds: float = 0.5) -> tuple[NDArray[np.float32], int]:
        """What a tune sounds like (`course_utils.data.synthesiser.heard`).

        Args:
            tune: one tune.
            seconds: of a frame.

        Returns:
            Samples between −1 and 1, and how many there are in a second, as `soundfile.write(path, …)` takes them.

        Raises:
            CourseError: the tune is none, has no frame or is too long.
        """
        return synthesiser.heard(tune, seconds), synthesiser.RATE

    def _learned(self) -> dict[str, Any]:
        return {}

    def _restore(self, checkpoint: Checkpoint) -> None:
        self.model = checkpoint.network(lambda: ChordNet(self.cell, self.hidden_size))


def trained_chord_model(cell: str = "lstm") -> ChordModel:
    """A model of music that travels with the course: it learned from `chorales()`, with as many weights in each cell.

    Args:
        cell: "lstm", "gru", "relu_rnn" or "rnn".

    Raises:
        CourseError: no such model.
    """
    check_name("trained chord model", cell, TRAINED)
    return ChordModel.load(resource(f"checkpoints/chorales_{cell}.safetensors"))


def pieces_of(tunes: Sequence[Switches]) -> list[Piece]:
    """Pieces of at most 200 frames: what is read, each frame's predecessor, and the frames themselves.

    Args:
        tunes: (T, 88) each; before the first frame of a tune silence is read, before that of a later piece the frame
            that came before it.
    """
    pieces = []
    for tune in tunes:
        before = np.concatenate([np.zeros((1, KEYS), bool), tune[:-1]])
        pieces += [(before[start : start + PIECE], tune[start : start + PIECE]) for start in range(0, len(tune), PIECE)]
    return pieces


def mean_nats(model: torch.nn.Module, tunes: Sequence[Switches]) -> float:
    """Nats of a frame, the mean over all frames but each tune's first. Each tune has two frames at least or none."""
    return float(np.concatenate(tune_nats(model, tunes)).mean())


@torch.no_grad()
def tune_nats(model: torch.nn.Module, tunes: Sequence[Switches]) -> list[NDArray[np.float64]]:
    """What each frame but the first of each tune costs, in nats: of a tune of T frames (T − 1,).

    Args:
        model: frames (B, T, 88) and a state in, logits (B, T, 88) of the frame after each and a state out.
        tunes: (T, 88) each.
    """
    found = []
    for tune in tunes:
        parts = [frame_nats(logits, frames).double().numpy() for logits, frames in _read(model, tune)]
        found.append(np.concatenate([np.zeros(0), *parts])[1:])
    return found


@torch.no_grad()
def _read(model: torch.nn.Module, tune: Switches) -> Iterator[tuple[Tensor, Tensor]]:
    """The logits (T, 88) of the frames of a tune, and the frames, a part after the other; the state is carried on."""
    before = torch.from_numpy(np.concatenate([np.zeros((1, KEYS), bool), tune])).float()
    state = None
    for start in range(0, len(tune), AT_ONCE):
        part = before[start : min(start + AT_ONCE, len(tune))]
        logits, state = model(part[None], state)
        yield logits[0], before[start + 1 : start + 1 + len(part)]


def _judgeable(tunes: list[Switches], what: str) -> list[Switches]:
    if not any(len(tune) > 1 for tune in tunes):
        raise CourseError(f"There is nothing to {what} has two frames.")
    return tunes


def _loss(model: torch.nn.Module, batch: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Nats of a frame, the mean over the frames of a padded batch. batch: (B, T, 88), (B, T, 88), (B, T) real ones."""
    before, frames, real = batch
    logits, _ = model(before)
    return frame_nats(logits, frames)[real].mean()


class _Batches:
    """Padded batches of pieces of similar length, in another order each epoch."""

    def __init__(self, pieces: list[Piece], size: int, transpose: int, seed: int) -> None:
        self.pieces, self.size, self.transpose = pieces, size, transpose
        self.rng = np.random.default_rng(seed)

    def __len__(self) -> int:
        return -(-len(self.pieces) // self.size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        lengths = np.array([len(frames) for _, frames in self.pieces])
        order = np.argsort(lengths + self.rng.uniform(0, 20, len(lengths)), kind="stable")
        groups = [order[start : start + self.size] for start in range(0, len(order), self.size)]
        for number in self.rng.permutation(len(groups)):
            yield self._padded([self._moved(self.pieces[index]) for index in groups[number]])

    def _moved(self, piece: Piece) -> Piece:
        if not self.transpose:
            return piece
        semitones = int(self.rng.integers(-self.transpose, self.transpose + 1))
        return transposed(piece[0], semitones), transposed(piece[1], semitones)

    def _padded(self, pieces: list[Piece]) -> tuple[Tensor, Tensor, Tensor]:
        longest = max(len(frames) for _, frames in pieces)
        both = np.zeros((2, len(pieces), longest, KEYS), np.float32)
        real = np.zeros((len(pieces), longest), bool)
        for row, (before, frames) in enumerate(pieces):
            both[0, row, : len(frames)], both[1, row, : len(frames)], real[row, : len(frames)] = before, frames, True
        return torch.from_numpy(both[0]), torch.from_numpy(both[1]), torch.from_numpy(real)
