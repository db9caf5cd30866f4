"""Networks for clips: a small convolutional encoder sees each frame, a recurrent layer reads them one after the other.

Source: the design is that of Donahue et al. 2015, Long-term recurrent convolutional networks, doi
10.1109/CVPR.2015.7298878, made small.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.checks import check_name, check_whole
from course_utils.errors import CourseError
from course_utils.models.arguments import arguments_checked, checked
from course_utils.models.inputs import check_counts, checked_labels, indices_of, two
from course_utils.models.picture_inputs import checked_pictures
from course_utils.nn.feedforward import mlp_parameter_count
from course_utils.nn.parameters import parameters_count
from course_utils.runtime import seeded
from course_utils.stats import nearest_width, network_size
from course_utils.training import History, fit, supervised
from course_utils.training.weights import as_before_where_this_fails

CELLS = ("lstm", "gru", "rnn", "one frame")
GATES = {"lstm": 4, "gru": 3, "rnn": 1}  # affine maps of a recurrent unit
FEATURES = 32  # numbers that the encoder makes of a frame


class ClipNet(nn.Module):
    """Names a clip: encoder (the same for each frame) → recurrent layer over the frames → linear layer at the end.

    The cell "one frame" has no recurrent layer: it sees the frame in the middle, through a layer of tanh units.

    Attributes:
        encoder: (N, 1, height, width) → (N, 32): three convolutions, each halving height and width, a linear layer, and
            a batch normalisation. Without the last the features of all frames are nearly equal at first, and it learns
            very slowly.
        core: nn.LSTM, nn.GRU or nn.RNN (tanh), or a linear layer for one frame.
        readout: from hidden_size to the classes.
        classes: names of the classes, in the order of the outputs.

    Args:
        cell: one of `CELLS`.
        hidden_size: H.
        classes: such as ("left", "right", "up", "down").
        size: height and width of a frame, in pixels, from 8.
        seed: of the weights; torch's global random state is left as it was.

    Raises:
        CourseError: an unknown cell, fewer than two classes, or a class twice.
    """

    def __init__(
        self,
        cell: str = "lstm",
        hidden_size: int = 48,
        classes: Sequence[str] = ("left", "right", "up", "down"),
        size: int = 40,
        seed: int = 0,
    ) -> None:
        super().__init__()
        check_name("cell", cell, CELLS)
        hidden_size, seed = checked("hidden_size", hidden_size), checked("seed", seed)
        if isinstance(classes, str) or len(set(classes)) != len(classes) or len(classes) < 2:
            raise CourseError(f"classes must be at least two different names; they are {classes!r}.")
        self.cell, self.hidden_size, self.size = cell, hidden_size, size
        self.classes = tuple(classes)
        with seeded(seed):
            self.encoder = _encoder(size)
            self.core: nn.Module = _core(cell, hidden_size)
            self.readout = nn.Linear(hidden_size, len(self.classes))

    @property
    def parameters_count(self) -> int:
        """How many numbers it learns."""
        return parameters_count(self)

    def frames(self, clips: Tensor) -> Tensor:
        """What the encoder makes of each frame: (B, T, size, size) in 0 … 1 → (B, T, 32)."""
        features: Tensor = self.encoder(clips.flatten(0, 1)[:, None])
        apart: Tensor = features.unflatten(0, clips.shape[:2])
        return apart

    def forward(self, clips: Tensor) -> Tensor:
        """(B, T, size, size), bytes 0 … 255 or floats 0 … 1 → logits (B, K)."""
        clips = _as_floats(clips).to(self.readout.weight.dtype)
        if self.cell == "one frame":
            middle = self.frames(clips[:, clips.shape[1] // 2, None])[:, 0]
            state = torch.tanh(self.core(middle))
        else:
            state = self.core(self.frames(clips))[0][:, -1]  # (B, H) after the last frame
        logits: Tensor = self.readout(state)
        return logits

    @arguments_checked
    def fit(
        self,
        clips: Any,
        labels: Sequence[str],
        *,
        valid: tuple[Any, Sequence[str]] | None = None,
        seconds: float | None = None,
        steps: int | None = None,
        lr: float = 2e-3,
        batch_size: int = 32,
        seed: int = 0,
        progress: bool = True,
    ) -> History:
        """Train with Adam on cross-entropy; gradients are clipped to a norm of 1.

        With `steps` the learning rate falls to 0 as a cosine; with `seconds` alone it stays. With neither, 150 steps.
        It goes on with the weights that it has; where it fails, they are as they were.

        Args:
            clips: (N, T, size, size), an array or tensor, whole numbers 0 … 255 or floats 0 … 1.
            labels: N names of classes.
            valid: held-out (clips, labels): the weights with their lowest loss are kept.
            seconds: the most seconds of the training. With `steps` it is a limit for a slow machine: the history says
                where it cut the training short.
            steps: of the optimiser.
            lr: learning rate at the start.
            batch_size: clips a step, from 2.
            seed: of the order of the clips.
            progress: show a bar?

        Returns:
            What happened, step by step.

        Raises:
            CourseError: clips of another size, labels that do not fit, or an argument that cannot be meant.
        """
        batch_size = check_whole("batch_size", batch_size, 2)
        x, y = self._checked(clips, labels)
        if len(x) < 2:
            raise CourseError("There is one clip to train on. Give two or more.")
        held_out = None if valid is None else [self._checked(*two(valid, "clips, labels"))]
        steps = 150 if seconds is None and steps is None else steps
        with as_before_where_this_fails(self) as put_back:
            self.train()
            optimizer = torch.optim.Adam(self.parameters(), lr=lr)
            cosine = None if steps is None else torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
            history = fit(
                self,
                _batches(x, y, batch_size, torch.Generator().manual_seed(seed)),
                supervised(nn.functional.cross_entropy),
                steps=steps,
                seconds=seconds,
                valid=held_out,
                optimizer=optimizer,
                lr_schedule=cosine,
                clip_norm=1.0,
                progress=progress,
            )
            if not history.steps:  # stopped in the first one, which has moved the batch normalisation
                put_back()
        return history

    @torch.no_grad()
    def predict(self, clips: Any) -> list[str]:
        """The most probable class of each clip.

        Args:
            clips: as in `fit`.

        Raises:
            CourseError: clips of another size.
        """
        mode = self.training
        self.eval()
        answers = [self(part).argmax(-1) for part in self._clips(clips).split(100)]
        self.train(mode)
        return [self.classes[index] for index in torch.cat(answers).tolist()]

    def accuracy(self, clips: Any, labels: Sequence[str]) -> float:
        """The share of clips that are named correctly; guessing has 1 / K.

        Raises:
            CourseError: as in `fit`.
        """
        x, y = self._checked(clips, labels)
        predictions = self.predict(x)
        hits = sum(self.classes[index] == prediction for index, prediction in zip(y.tolist(), predictions, strict=True))
        return float(hits / len(y))

    def _clips(self, clips: Any) -> Tensor:
        try:
            x = torch.as_tensor(clips).detach().cpu()
        except (TypeError, ValueError, RuntimeError):
            raise CourseError(f"Clips come as one array of numbers, (N, frames, {self.size}, {self.size}).") from None
        if x.ndim != 4 or tuple(x.shape[2:]) != (self.size, self.size) or not x.numel():
            raise CourseError(
                f"Clips come as (N, frames, {self.size}, {self.size}); these have the shape {tuple(x.shape)}."
            )
        return checked_pictures(x.flatten(0, 1)).reshape(x.shape)

    def _checked(self, clips: Any, labels: Sequence[str]) -> tuple[Tensor, Tensor]:
        x = self._clips(clips)
        names = checked_labels(labels, "clips")
        check_counts("clips", len(x), "labels", len(names))
        return x, torch.from_numpy(indices_of(names, self.classes))


def clip_parameters(cell: str, hidden_size: int, classes: int = 4, size: int = 40) -> int:
    """How many numbers a `ClipNet` learns.

    Args:
        cell: one of `CELLS`.
        hidden_size: H.
        classes: K.
        size: height and width of a frame.

    Returns:
        Those of the encoder, gates · H · (32 + H + 2) of the recurrent layer (of one frame 33 · H), (H + 1) · K.

    Raises:
        CourseError: an unknown cell.
    """
    check_name("cell", cell, CELLS)
    encoder = parameters_count(_encoder(size, device="meta"))
    if cell == "one frame":
        return encoder + mlp_parameter_count((FEATURES, hidden_size, classes))
    return encoder + network_size(GATES[cell], FEATURES, hidden_size, classes)


def hidden_for_clip_parameters(cell: str, parameters: int, classes: int = 4, size: int = 40) -> int:
    """The hidden size whose `ClipNet` has nearest to a number of parameters, to compare cells at equal size.

    Args:
        cell: one of `CELLS`.
        parameters: the number wanted.
        classes: K.
        size: height and width of a frame.

    Raises:
        CourseError: an unknown cell.
    """

    def count(hidden_size: int) -> int:
        return clip_parameters(cell, hidden_size, classes, size)

    return nearest_width(parameters, count)


def shuffled_in_time(clips: Any, seed: int = 0) -> Tensor:
    """The frames of each clip in an order of its own, drawn at random: what is left is the set of the frames.

    Args:
        clips: (N, T, …), an array or tensor.
        seed: of the orders.

    Returns:
        A tensor of the same shape and kind.
    """
    x = torch.as_tensor(clips)
    order = torch.rand(x.shape[:2], generator=torch.Generator().manual_seed(seed)).argsort(dim=1)  # (N, T)
    return x[torch.arange(len(x))[:, None], order]


def _encoder(size: int, device: str | None = None) -> nn.Sequential:
    check_whole("size", size, 8, unit="pixels")
    side = math.ceil(size / 8)  # halved three times, rounded up
    return nn.Sequential(
        nn.Conv2d(1, 8, 5, stride=2, padding=2, device=device),
        nn.ReLU(),
        nn.Conv2d(8, 16, 3, stride=2, padding=1, device=device),
        nn.ReLU(),
        nn.Conv2d(16, 16, 3, stride=2, padding=1, device=device),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(16 * side * side, FEATURES, device=device),
        nn.BatchNorm1d(FEATURES, device=device),
    )


def _core(cell: str, hidden_size: int) -> nn.Module:
    match cell:
        case "lstm":
            return nn.LSTM(FEATURES, hidden_size, batch_first=True)
        case "gru":
            return nn.GRU(FEATURES, hidden_size, batch_first=True)
        case "rnn":
            return nn.RNN(FEATURES, hidden_size, batch_first=True)
        case _:
            return nn.Linear(FEATURES, hidden_size)


def _as_floats(clips: Tensor) -> Tensor:
    return clips if clips.is_floating_point() else clips.float() / 255


def _batches(x: Tensor, y: Tensor, batch_size: int, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches without end; each pass has an order of its own, and leaves out what does not fill a batch."""
    size = min(batch_size, len(x))
    while True:
        order = torch.randperm(len(x), generator=generator)
        for indices in order[: len(x) // size * size].split(size):
            yield x[indices], y[indices]
