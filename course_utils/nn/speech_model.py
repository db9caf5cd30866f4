"""The network of the listeners: log-mels → two convolutions, each halving the frames → a recurrent layer → scores.

What lies behind a clip's end, the padding of a batch, changes nothing: it is 0 for every layer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from course_utils.nn.layers import LAYERS
from course_utils.nn.translation_model import flip_places

N_MELS = 40
CHANNELS = 128  # of the convolutions
WIDTH = 5  # frames that a convolution sees
STRIDES = (2, 2)
MOST_FRAMES = 30_000  # B · T of a batch at most
MOST_HIDDEN = (15, 10)  # frames and bands of a stretch that is hidden
FEW, STEP = 128, (16, 64)  # batches are filled up to whole steps of frames, small ones where there are few
SWELL = 32  # frames between two points of a swell
COLOUR = 6  # points between which the gain of the bands is a straight line


class Batch(NamedTuple):
    """B clips.

    Attributes:
        frames: (B, T, M) log-mels in dB; what stands behind a clip's end means nothing.
        lengths: (B,) frames of each clip.
        targets: of a classifier (B,) classes; of a recogniser all clips' classes one after another.
        target_lengths: (B,) how many of these belong to each clip.
    """

    frames: Tensor
    lengths: Tensor
    targets: Tensor
    target_lengths: Tensor


class Listener(nn.Module):
    """Reads log-mels, in one direction or both.

    Attributes:
        mean, std: (M,) of each mel band in training; the frames are read relative to them.
        convolutions: two, each halving the frames.
        forwards, backwards: recurrent layers from the first frame on and from the last; `backwards` may be None.
        readout: states → K scores.

    Args:
        cell: "rnn" (tanh), "relu_rnn", "gru" or "lstm".
        classes: K.
        hidden_size: H, units of each direction.
        bidirectional: both directions?
        pooled: one answer for a whole clip (a classifier), or one for each frame.
        dropout: of what the convolutions and the recurrent layers give, in training.
        inputs: M, numbers of a frame.
        strides: of the two convolutions.
        hidden: are random patches of frames and bands hidden in training?
    """

    def __init__(
        self,
        cell: str,
        classes: int,
        hidden_size: int,
        bidirectional: bool,
        pooled: bool,
        dropout: float = 0.3,
        *,
        inputs: int = N_MELS,
        strides: tuple[int, int] = STRIDES,
        hidden: bool = True,
    ) -> None:
        super().__init__()
        H = hidden_size
        self.pooled, self.strides, self.hidden = pooled, strides, hidden
        self.mean: Tensor
        self.std: Tensor
        self.register_buffer("mean", torch.zeros(inputs))
        self.register_buffer("std", torch.ones(inputs))
        sizes = (inputs, CHANNELS, CHANNELS)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(before, after, WIDTH, stride, WIDTH // 2)
            for before, after, stride in zip(sizes, sizes[1:], strides, strict=False)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(CHANNELS) for _ in strides)
        self.forwards = LAYERS[cell](CHANNELS, H, batch_first=True)
        self.backwards = LAYERS[cell](CHANNELS, H, batch_first=True) if bidirectional else None
        self.dropout = nn.Dropout(dropout)
        self.readout = nn.Linear((1 + bidirectional) * H, classes)

    def take_measure(self, clips: list[Tensor]) -> None:
        """Remember mean and spread of each mel band in clips (T, M)."""
        count = sum(len(clip) for clip in clips)
        mean = torch.stack([clip.double().sum(dim=0) for clip in clips]).sum(dim=0) / count
        power = torch.stack([((clip - mean) ** 2).sum(dim=0) for clip in clips]).sum(dim=0) / count
        self.mean.copy_(mean)
        self.std.copy_(power.sqrt().clamp(min=1.0))

    def states(self, frames: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """The recurrent states, a fourth as many as frames.

        Args:
            frames: (B, T, M) in dB.
            lengths: (B,).

        Returns:
            (B, T', H or 2H), and their lengths (B,). What lies behind a clip's end means nothing.
        """
        x = (frames - self.mean) / self.std * real_places(lengths, frames.shape[1])
        if self.training and self.hidden:
            x = patched(x, lengths)
        for convolution, norm, stride in zip(self.convolutions, self.norms, self.strides, strict=True):
            lengths = -(-lengths // stride)
            x = convolution(x.transpose(1, 2)).transpose(1, 2)  # (B, T', C)
            x = norm(x).relu() * real_places(lengths, x.shape[1])
        return both_ways(self.forwards, self.backwards, self.dropout(x), lengths), lengths

    def summary(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Each clip as one vector: the mean of its states, (B, H or 2H)."""
        read, lengths = self.states(frames, lengths)
        real = real_places(lengths, read.shape[1])
        return (read * real).sum(dim=1) / lengths[:, None]

    def forward(self, frames: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Scores: of a classifier (B, K), else (B, T', K); and the lengths (B,) after the convolutions."""
        if self.pooled:
            return self.readout(self.dropout(self.summary(frames, lengths))), lengths
        read, lengths = self.states(frames, lengths)
        return self.readout(self.dropout(read)), lengths


def both_ways(forwards: nn.Module, backwards: nn.Module | None, x: Tensor, lengths: Tensor) -> Tensor:
    """The states of a recurrent layer from the first frame on, and beside them those of another from the last.

    Each sequence is turned round at its own end, so that the padding behind it comes last for both.

    Args:
        forwards: a layer with `batch_first`.
        backwards: another; None: one direction only.
        x: (B, T, F).
        lengths: (B,).

    Returns:
        (B, T, H or 2H); what lies behind a sequence's end means nothing.
    """
    read: Tensor = forwards(x)[0]
    if backwards is None:
        return read
    turned = flip_places(lengths, x.shape[1])[..., None]
    back = backwards(x.gather(1, turned.expand_as(x)))[0]
    return torch.cat([read, back.gather(1, turned.expand_as(back))], dim=-1)


def real_places(lengths: Tensor, longest: int) -> Tensor:
    """(B, T, 1): 1 where there is a clip, 0 behind its end."""
    return (torch.arange(longest)[None] < lengths[:, None])[..., None].float()


def states_count(frames: Any) -> Any:
    """How many states the network makes of a number of frames."""
    for stride in STRIDES:
        frames = -(-frames // stride)
    return frames


# ---------------------------------------------------------------------------------------------------------------------
# Batches


def full(frames: int) -> int:
    """So many frames, filled up: torch keeps what it prepares for every shape of a batch, so shapes must be few."""
    step = STEP[frames > FEW]
    return -(-frames // step) * step


def batch_of(clips: list[Tensor], targets: list[list[int]]) -> Batch:
    """Clips of different lengths, (T, M) each, as a batch."""
    lengths = torch.tensor([len(clip) for clip in clips])
    frames = clips[0].new_zeros(len(clips), full(int(lengths.max())), clips[0].shape[1])
    for row, clip in zip(frames, clips, strict=True):
        row[: len(clip)] = clip
    flat = torch.tensor([label for labels in targets for label in labels], dtype=torch.long)
    return Batch(frames, lengths, flat, torch.tensor([len(labels) for labels in targets]))


class Batches:
    """An epoch's batches, drawn again each time: clips of like length together, in random order.

    Args:
        clips: (T, M) each.
        targets: classes of each.
        size: clips in a batch; of very long ones there are fewer.
        seed: of the order.
        change: what is done to each batch.
        calm: how many batches come unchanged first.
        always: what the network itself does to them in training, in words.
    """

    def __init__(
        self,
        clips: list[Tensor],
        targets: list[list[int]],
        size: int,
        seed: int,
        change: Callable[[Batch], Batch] | None = None,
        calm: int = 0,
        always: str = "patches of frames and bands hidden",
    ) -> None:
        self.clips, self.targets, self.size = clips, targets, size
        self.generator = torch.Generator().manual_seed(seed)
        self.change, self.calm = change, calm
        changed = getattr(change, "words", "")
        later = f" after {calm} batches" if calm and changed else ""
        self.augmentation = ", ".join(filter(None, (always, changed))) + later

    def _cut(self, order: list[int]) -> list[list[int]]:
        """Places in the order of length, the shortest first, cut into batches."""
        batches: list[list[int]] = [[]]
        for index in order:
            more = len(batches[-1]) + 1
            if more > self.size or (more > 1 and more * full(len(self.clips[index])) > MOST_FRAMES):
                batches.append([])
            batches[-1].append(index)
        return batches

    def _by_length(self, indices: list[int]) -> list[int]:
        return sorted(indices, key=lambda index: len(self.clips[index]))

    def __len__(self) -> int:
        return len(self._cut(self._by_length(list(range(len(self.clips))))))

    def __iter__(self) -> Iterator[Batch]:
        shuffled = torch.randperm(len(self.clips), generator=self.generator).tolist()
        batches = self._cut(self._by_length(shuffled))
        for number in torch.randperm(len(batches), generator=self.generator).tolist():
            indices = batches[number]
            batch = batch_of([self.clips[index] for index in indices], [self.targets[index] for index in indices])
            self.calm -= 1
            yield batch if self.change is None or self.calm >= 0 else self.change(batch)


# ---------------------------------------------------------------------------------------------------------------------
# Clips as they might have been


@dataclass(frozen=True)
class Change:
    """Changes a batch at random, each clip in its own way. It works on log-mels, so no samples have to be kept.

    Attributes:
        silence: dB below the loudest of what lies around a clip.
        around: frames of silence that every clip has on both sides as it comes.
        voice: the bands are moved up or down by up to this share, as if a larger or smaller person spoke.
        tempo: slower or faster by up to this share.
        later: up to this number of further frames of silence come before it, and after it.
        cut: up to this number of frames are cut off at its beginning and its end, a third of the clip at most.
        swell: louder and softer in its course, by this number of dB (the standard deviation).
        fainter: what lies n dB below the loudest is moved to up to this many times n, as what is soft gets lost.
        colour: the bands become louder and softer by this number of dB (the standard deviation), the same in the whole
            clip, as other microphones, rooms and voices would make them.
    """

    silence: float
    around: int = 0
    voice: float = 0.0
    tempo: float = 0.0
    later: int = 0
    cut: int = 0
    swell: float = 0.0
    fainter: float = 1.0
    colour: float = 0.0

    @property
    def words(self) -> str:
        """What it does, for the line of settings."""
        done = {
            f"voices moved by up to {100 * self.voice:g} %": self.voice,
            f"tempo by up to {100 * self.tempo:g} %": self.tempo,
            f"up to {self.later} frames more silence on both sides": self.later,
            f"up to {self.cut} frames cut off at both ends": self.cut,
            f"loudness swelling by {self.swell:g} dB": self.swell,
            f"what is soft up to {self.fainter:g} times fainter": self.fainter > 1,
            f"bands louder and softer by {self.colour:g} dB": self.colour,
        }
        return ", ".join(text for text, there in done.items() if there)

    def __call__(self, batch: Batch) -> Batch:
        """The batch, changed; its targets stay."""
        x, lengths = batch.frames, batch.lengths
        if self.tempo or self.later or self.cut:
            x, lengths = self._moved(x, lengths)
        if self.voice:
            x = self._voiced(x)
        if self.swell or self.fainter > 1 or self.colour:
            x = self._dynamic(x, lengths)
        return batch._replace(frames=x, lengths=lengths)

    def _moved(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Slower or faster, with a little cut off its ends, and in more silence."""
        B = len(x)
        word = (lengths - 2 * self.around).clamp(min=1)  # (B,) frames without the silence around
        most = (word / 3).clamp(max=self.cut)
        first, last = (torch.rand(B) * most).long(), word - 1 - (torch.rand(B) * most).long()
        tempo = torch.exp(torch.empty(B).uniform_(-1, 1) * math.log1p(self.tempo))
        kept = ((last - first + 1) / tempo).long().clamp(min=1)
        before, after = (self.around + torch.randint(0, self.later + 1, (B,)) for _ in range(2))
        longer = before + kept + after
        steps = torch.arange(full(int(longer.max())))[None] - before[:, None]  # (B, T'), below 0 before the word
        moved = between(x, self.around + first[:, None] + steps * tempo[:, None], self.around + last)
        return moved.masked_fill(((steps < 0) | (steps >= kept[:, None]))[..., None], -self.silence), longer

    def _voiced(self, x: Tensor) -> Tensor:
        """Its bands moved up or down."""
        B, _, M = x.shape
        places = torch.arange(M)[None] * torch.empty(B, 1).uniform_(1 - self.voice, 1 + self.voice)
        return between(x.transpose(1, 2), places, torch.full((B,), M - 1)).transpose(1, 2)

    def _dynamic(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Louder and softer in its course and its bands, and what is soft still softer; then as loud as before."""
        B, T, M = x.shape
        silent = x <= -self.silence
        points = torch.randn(B, 1, T // SWELL + 2) * self.swell  # dB
        swell = nn.functional.interpolate(points, size=T, mode="linear", align_corners=True)
        x = x * torch.empty(B, 1, 1).uniform_(1, self.fainter) + swell.transpose(1, 2)
        if self.colour:
            points = torch.randn(B, 1, COLOUR) * self.colour  # dB
            gains = nn.functional.interpolate(points, size=M, mode="linear", align_corners=True)
            x = (x + gains).masked_fill(silent, -2 * self.silence - 10 * self.colour)
        loudest = x.masked_fill(real_places(lengths, T) == 0, -torch.inf).amax(dim=(1, 2), keepdim=True)
        return (x - loudest).clamp(min=-self.silence)


def between(x: Tensor, steps: Tensor, last: Tensor) -> Tensor:
    """Values between the steps of a sequence, on the straight line from one to the next.

    Args:
        x: (B, T, M).
        places: (B, T'), what to look up; below 0 counts as 0, beyond `last` as `last`.
        last: (B,) the last step of each.

    Returns:
        (B, T', M)
    """
    steps = torch.minimum(steps.clamp(min=0), last[:, None].float())
    lower = steps.floor().long()
    upper = torch.minimum(lower + 1, last[:, None])
    share = (steps - lower)[..., None]
    before, after = (x.gather(1, neighbour[..., None].expand(-1, -1, x.shape[2])) for neighbour in (lower, upper))
    return torch.lerp(before, after, share)


def patched(x: Tensor, lengths: Tensor) -> Tensor:
    """Two stretches of bands and two of frames of each clip hidden, set to 0 (SpecAugment).

    Args:
        x: (B, T, M).
        lengths: (B,).
    """
    bands = torch.full((len(x),), x.shape[2])
    hidden = torch.zeros(x.shape, dtype=torch.bool)
    for _ in range(2):
        hidden = hidden | _stretch(lengths, x.shape[1], MOST_HIDDEN[0])[:, :, None]
        hidden = hidden | _stretch(bands, x.shape[2], MOST_HIDDEN[1])[:, None, :]
    return x.masked_fill(hidden, 0.0)


def _stretch(lengths: Tensor, longest: int, most: int) -> Tensor:
    """(B, longest): a stretch of random length, up to `most` and a fifth of the whole, somewhere in each row."""
    width = torch.rand(len(lengths)) * (lengths / 5).clamp(max=most)
    start = torch.rand(len(lengths)) * (lengths - width)
    places = torch.arange(longest)[None]
    return (places >= start[:, None]) & (places < (start + width)[:, None])
