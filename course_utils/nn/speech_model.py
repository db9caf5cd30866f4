"""The network of the listeners: log-mels → two convolutions, each halving the frames → a recurrent layer → scores.

What lies behind a clip's end, the padding of a batch, changes nothing: it is 0 for every layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from course_utils.nn.sequences import last_states
from course_utils.nn.translation_model import flip_places

CELLS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
N_MELS = 40
WIDTH = 5  # frames that a convolution sees
STRIDES = (2, 2)
MOST_FRAMES = 16_000  # B · T of a batch at most


class Batch(NamedTuple):
    """B clips.

    Attributes:
        frames: (B, T, M) log-mels in dB, `empty` behind each clip's end.
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
        cell: "rnn" (tanh), "gru" or "lstm".
        classes: K.
        hidden_size: H, units of each direction and channels of the convolutions.
        bidirectional: both directions?
        pooled: one answer for a whole clip (a classifier), or one for each frame.
        dropout: of what the convolutions and the recurrent layers give, in training.
    """

    def __init__(
        self, cell: str, classes: int, hidden_size: int, bidirectional: bool, pooled: bool, dropout: float = 0.1
    ) -> None:
        super().__init__()
        H = hidden_size
        self.pooled = pooled
        self.register_buffer("mean", torch.zeros(N_MELS))
        self.register_buffer("std", torch.ones(N_MELS))
        sizes = (N_MELS, H, H)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(one, other, WIDTH, stride, WIDTH // 2)
            for one, other, stride in zip(sizes, sizes[1:], STRIDES, strict=False)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(H) for _ in STRIDES)
        self.forwards = CELLS[cell](H, H, batch_first=True)
        self.backwards = CELLS[cell](H, H, batch_first=True) if bidirectional else None
        self.dropout = nn.Dropout(dropout)
        self.readout = nn.Linear((1 + bidirectional) * H, classes)

    def states(self, frames: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """The recurrent states, a fourth as many as frames.

        Args:
            frames: (B, T, M) in dB.
            lengths: (B,).

        Returns:
            (B, T', H or 2H), and their lengths (B,). What lies behind a clip's end means nothing.
        """
        x = (frames - self.mean) / self.std * _real(lengths, frames.shape[1])
        for convolution, norm, stride in zip(self.convolutions, self.norms, STRIDES, strict=True):
            lengths = -(-lengths // stride)
            x = convolution(x.transpose(1, 2)).transpose(1, 2)  # (B, T', H)
            x = norm(x).relu() * _real(lengths, x.shape[1])
        x = self.dropout(x)
        read, _ = self.forwards(x)
        if self.backwards is not None:
            turned = flip_places(lengths, x.shape[1])[..., None]
            back, _ = self.backwards(x.gather(1, turned.expand_as(x)))
            read = torch.cat([read, back.gather(1, turned.expand_as(back))], dim=-1)
        return read, lengths

    def summary(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Each clip as one vector: the mean of its states, (B, H or 2H)."""
        read, lengths = self.states(frames, lengths)
        real = _real(lengths, read.shape[1])
        return (read * real).sum(dim=1) / lengths[:, None]

    def forward(self, frames: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Scores: of a classifier (B, K), else (B, T', K); and the lengths (B,) after the convolutions."""
        if self.pooled:
            return self.readout(self.dropout(self.summary(frames, lengths))), lengths
        read, lengths = self.states(frames, lengths)
        return self.readout(self.dropout(read)), lengths


def _real(lengths: Tensor, longest: int) -> Tensor:
    """(B, T, 1): 1 where there is a clip, 0 behind its end."""
    return (torch.arange(longest)[None] < lengths[:, None])[..., None].float()


def heard_in(frames: Any) -> Any:
    """How many states the network makes of so many frames."""
    for stride in STRIDES:
        frames = -(-frames // stride)
    return frames


# ---------------------------------------------------------------------------------------------------------------------
# Batches


def batch_of(clips: list[Tensor], targets: list[list[int]], empty: float) -> Batch:
    """Clips of different lengths, (T, M) each, as a batch."""
    frames = nn.utils.rnn.pad_sequence(clips, batch_first=True, padding_value=empty)
    lengths = torch.tensor([len(clip) for clip in clips])
    flat = torch.tensor([label for labels in targets for label in labels], dtype=torch.long)
    return Batch(frames, lengths, flat, torch.tensor([len(labels) for labels in targets]))


class Batches:
    """An epoch's batches, anew each time: clips of like length together, in random order.

    Args:
        clips: (T, M) each.
        targets: classes of each.
        size: clips in a batch; of very long ones there are fewer.
        seed: of the order.
        empty: dB of what lies behind a clip's end.
        short_first: the first epoch goes from the shortest clips to the longest.
    """

    def __init__(
        self,
        clips: list[Tensor],
        targets: list[list[int]],
        size: int,
        seed: int,
        empty: float,
        short_first: bool = False,
    ) -> None:
        self.clips, self.targets, self.size, self.empty = clips, targets, size, empty
        self.generator = torch.Generator().manual_seed(seed)
        self.short_first = short_first

    def _cut(self, order: list[int]) -> list[list[int]]:
        """Places in the order of length, cut into batches."""
        batches: list[list[int]] = []
        for place in order:  # ascending: the newest is the longest
            if batches and len(batches[-1]) < self.size:
                if (len(batches[-1]) + 1) * len(self.clips[place]) <= MOST_FRAMES:
                    batches[-1].append(place)
                    continue
            batches.append([place])
        return batches

    def __len__(self) -> int:
        return len(self._cut(sorted(range(len(self.clips)), key=lambda place: len(self.clips[place]))))

    def __iter__(self) -> Iterator[Batch]:
        shuffled = torch.randperm(len(self.clips), generator=self.generator).tolist()
        batches = self._cut(sorted(shuffled, key=lambda place: len(self.clips[place])))
        order = torch.randperm(len(batches), generator=self.generator).tolist()
        if self.short_first:
            order, self.short_first = list(range(len(batches))), False
        for number in order:
            some = batches[number]
            yield batch_of([self.clips[place] for place in some], [self.targets[place] for place in some], self.empty)


# ---------------------------------------------------------------------------------------------------------------------
# Clips as they might have been


def augmented(batch: Batch, floor: float) -> Batch:
    """A batch changed at random, each clip in its own way; works on log-mels, so no samples have to be kept.

    Tempo (0.8 to 1.25), voice (bands moved by up to 12 %), up to 0.1 s of silence before the clip, noise of any tilt 5
    to 40 dB below its loudest value, and in some places nothing (Park et al. 2019, SpecAugment, arXiv 1904.08779).

    Args:
        batch: as `Batches` gives them.
        floor: dB below the loudest that count as silence.
    """
    x, B, M = batch.frames, len(batch.frames), batch.frames.shape[2]
    tempo = torch.empty(B).uniform_(0.8, 1.25)
    before = torch.randint(0, 11, (B,))
    lengths = (batch.lengths / tempo).long().clamp(min=1) + before
    steps = torch.arange(int(lengths.max()))[None] - before[:, None]  # (B, T'), below 0 before the clip
    x = _between(x, steps * tempo[:, None], batch.lengths - 1, dim=1)
    voice = torch.empty(B).uniform_(0.88, 1.12)
    x = _between(x, torch.arange(M)[None] * voice[:, None], torch.full((B,), M - 1), dim=2)
    outside = (steps < 0) | (steps >= (lengths - before)[:, None])
    x = x.masked_fill(outside[..., None], -floor)
    x = _noisy(x)
    x = (x - x.amax(dim=(1, 2), keepdim=True)).clamp(min=-floor)
    for dim, most in ((1, 10), (2, 8)):
        x = _blotted(x, lengths if dim == 1 else torch.full((B,), M), dim, most, -floor)
    return Batch(x, lengths, batch.targets, batch.target_lengths)


def _between(x: Tensor, places: Tensor, last: Tensor, dim: int) -> Tensor:
    """Values at places between those of a dimension: (B, T, M) at (B, T') or (B, M'), from 0 to `last`, (B,)."""
    places = torch.minimum(places.clamp(min=0), last[:, None].float())
    lower = places.floor().long()
    upper = torch.minimum(lower + 1, last[:, None])
    share = places - lower

    def at(index: Tensor) -> Tensor:
        index = index[:, :, None] if dim == 1 else index[:, None, :]
        return x.gather(dim, index.expand(-1, *(index.shape[1], x.shape[2]) if dim == 1 else (x.shape[1], -1)))

    share = share[:, :, None] if dim == 1 else share[:, None, :]
    return torch.lerp(at(lower), at(upper), share)


def _noisy(x: Tensor) -> Tensor:
    """With noise behind it: powers add up."""
    B, T, M = x.shape
    tilt = torch.linspace(-0.5, 0.5, M)[None, None] * torch.empty(B, 1, 1).uniform_(-15, 15)
    noise = tilt - torch.empty(B, 1, 1).uniform_(5, 40) + 3 * torch.randn(B, T, M)
    return 10 * torch.log10(10 ** (x / 10) + 10 ** (noise / 10))


def _blotted(x: Tensor, lengths: Tensor, dim: int, most: int, value: float) -> Tensor:
    """A stretch of each clip, up to `most` frames or bands and a fifth of it, set to a value."""
    width = torch.rand(len(x)) * torch.clamp(lengths / 5, max=most)
    start = torch.rand(len(x)) * (lengths - width)
    places = torch.arange(x.shape[dim])[None]
    inside = (places >= start[:, None]) & (places < (start + width)[:, None])
    return x.masked_fill(inside[:, :, None] if dim == 1 else inside[:, None, :], value)
