"""The network of the line readers: convolutions over a picture, recurrent layers over its columns, scores.

A picture of a line comes on its side: its columns are the frames, (B, W, 32). What lies behind its right end, the
padding of a batch, changes nothing: it is 0 for every layer.

Source: Shi, Bai & Yao 2017, doi:10.1109/TPAMI.2016.2646371 (convolutions, recurrent layers, CTC), made small.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from course_utils.nn.layers import LAYERS
from course_utils.nn.speech_model import Batch, both_ways, real_places

ROWS = 32  # pixels, the height of a line as the network sees it
STRIDE = 2  # columns of a picture for each frame
CHANNELS = (16, 32, 64)
BEHIND = -1  # the class of what lies behind an end
FEATURES = 96  # numbers that are left of a column


class LineNet(nn.Module):
    """Reads a line by its columns, from both sides.

    Attributes:
        convolutions: three, with a batch normalisation each; every one halves the rows, the first the columns too.
        squeeze: a column's channels and rows → `FEATURES`.
        forwards, backwards: recurrent layers from the left and from the right.
        readout: states → K scores.

    Args:
        cell: "rnn" (tanh), "relu_rnn", "gru" or "lstm".
        classes: K.
        hidden_size: H, units of each direction.
        dropout: of what goes into the recurrent layers and comes out, in training.
    """

    def __init__(self, cell: str, classes: int, hidden_size: int, dropout: float = 0.0) -> None:
        super().__init__()
        H = hidden_size
        sizes = (1, *CHANNELS)
        kinds = ((5, (STRIDE, 2)), (3, (1, 2)), (3, (1, 2)))  # kernel, and its steps over columns and rows
        self.convolutions = nn.ModuleList(
            nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
            for inputs, outputs, (kernel, stride) in zip(sizes, sizes[1:], kinds, strict=False)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(channels) for channels in CHANNELS)
        self.squeeze = nn.Linear(CHANNELS[-1] * ROWS // 8, FEATURES)
        self.forwards = LAYERS[cell](FEATURES, H, batch_first=True)
        self.backwards = LAYERS[cell](FEATURES, H, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.readout = nn.Linear(2 * H, classes)

    def columns(self, frames: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """What the convolutions make of a picture: (B, W, 32) → (B, T', 96), and the lengths T'."""
        x = frames[:, None] * real_places(lengths, frames.shape[1])[:, None]  # (B, 1, W, 32)
        for number, (convolution, norm) in enumerate(zip(self.convolutions, self.norms, strict=True)):
            lengths = frames_count(lengths) if number == 0 else lengths
            x = norm(convolution(x)).relu()
            x = x * real_places(lengths, x.shape[2])[:, None]
        x = x.transpose(1, 2).flatten(2)  # (B, T', C · rows)
        return self.squeeze(x).relu() * real_places(lengths, x.shape[1]), lengths

    def forward(self, frames: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Scores (B, T', K) of pictures (B, W, 32), and the number of frames of each (B,)."""
        x, lengths = self.columns(frames, lengths)
        read = both_ways(self.forwards, self.backwards, self.dropout(x), lengths)
        return self.readout(self.dropout(read)), lengths


def frames_count(columns: Tensor) -> Tensor:
    """How many frames the network makes of a number of columns."""
    return -(-columns // STRIDE)


@dataclass(frozen=True)
class Redrawn:
    """Changes pictures of lines at random, each in its own way, as another hand, pen or paper would.

    Attributes:
        slant: columns that a line leans to either side for each row, at most.
        wider: wider or narrower by up to this share.
        taller: taller or lower by up to this share.
        moved: rows up or down, at most.
        wave: pixels that places of a line are pushed, at most.
        thicker: what is grey gets up to this power of two darker or lighter.
        noise: the standard deviation of noise, at most.
    """

    slant: float = 0.2
    wider: float = 0.15
    taller: float = 0.08
    moved: float = 1.5
    wave: float = 1.0
    thicker: float = 0.6
    noise: float = 0.06

    @property
    def words(self) -> str:
        """What it does, for the line of settings."""
        return (
            f"slanted by up to {self.slant:g} columns a row, {100 * self.wider:g} % wider, {100 * self.taller:g} % "
            f"taller, {self.moved:g} rows up or down, pushed by up to {self.wave:g} pixels, thicker or thinner, noise "
            f"up to {self.noise:g}"
        )

    def __call__(self, batch: Batch) -> Batch:
        """The batch, changed; its targets stay."""
        x, lengths = batch.frames, batch.lengths
        B, W, R = x.shape
        wider = 1 + torch.empty(B, 1, 1).uniform_(-self.wider, self.wider).clamp(min=-0.5)
        lengths = (lengths * wider[:, 0, 0]).round().long().clamp(min=1)
        longest = -(-int(lengths.max()) // 32) * 32
        column = torch.arange(longest, dtype=torch.float32)[None, :, None]
        row = torch.arange(R, dtype=torch.float32)[None, None, :]
        middle = (R - 1) / 2
        lean = torch.empty(B, 1, 1).uniform_(-self.slant, self.slant)
        taller = 1 + torch.empty(B, 1, 1).uniform_(-self.taller, self.taller)
        shift = torch.empty(B, 1, 1).uniform_(-self.moved, self.moved)
        push = nn.functional.interpolate(  # (B, 2, longest, R), smooth
            torch.empty(B, 2, max(longest // 16, 2), 3).uniform_(-self.wave, self.wave),
            size=(longest, R),
            mode="bilinear",
            align_corners=True,
        )
        from_column = column / wider + lean * (row - middle) + push[:, 0]
        from_row = (row - middle) / taller + middle + shift + push[:, 1]
        grid = torch.stack([2 * from_row / (R - 1) - 1, 2 * from_column / max(W - 1, 1) - 1], dim=-1)
        x = nn.functional.grid_sample(x[:, None], grid.expand(B, longest, R, 2), align_corners=True)[:, 0]
        x = x.clamp(0, 1) ** (2 ** torch.empty(B, 1, 1).uniform_(-self.thicker, self.thicker))
        x = (x + torch.randn_like(x) * torch.empty(B, 1, 1).uniform_(0, self.noise)).clamp(0, 1)
        return batch._replace(frames=x, lengths=lengths)


@dataclass(frozen=True)
class Bent:
    """Changes the steps of a pen at random, each writing in its own way, as another hand would.

    Attributes:
        slant: how far a height leans to either side, at most, in heights.
        wider: wider or narrower, and taller or lower, by up to this share.
        jitter: the standard deviation of what is added to a direction, whose length is 1.
    """

    slant: float = 0.3
    wider: float = 0.2
    jitter: float = 0.1

    @property
    def words(self) -> str:
        """What it does, for the line of settings."""
        return (
            f"slanted by up to {self.slant:g} of the height, {100 * self.wider:g} % wider and taller, directions "
            f"jittered by {self.jitter:g}"
        )

    def __call__(self, batch: Batch) -> Batch:
        """The batch, changed; its targets stay. The steps stay as many."""
        x = batch.frames.clone()  # (B, T, 7): direction, height, jump, begins, ends
        B = len(x)
        stretch = 1 + torch.empty(B, 1, 2).uniform_(-self.wider, self.wider)
        lean = torch.empty(B, 1).uniform_(-self.slant, self.slant)
        for part in (x[:, :, :2], x[:, :, 3:5]):
            part[..., 0] += lean * part[..., 1]
            part *= stretch
        way = x[:, :, :2]
        still = way.norm(dim=2, keepdim=True) == 0
        way += torch.randn_like(way) * self.jitter
        way /= way.norm(dim=2, keepdim=True).clamp(min=1e-6)
        way.masked_fill_(still, 0.0)
        x[:, :, 2] *= stretch[:, :, 1]
        return batch._replace(frames=x)


class SpreadFirst:
    """The loss of the readers: CTC, after a beginning that shows it the way.

    CTC alone writes nothing but blanks for hundreds of steps, until it finds where characters may be. So in the first
    steps it is told that they stand at equal distances, which is roughly true of writing: the loss is the cross-entropy
    of each frame with the character that then stands over it, and with the blank in between.

    Args:
        steps: of this beginning.
    """

    def __init__(self, steps: int) -> None:
        self.steps, self.made = steps, 0

    def __call__(self, model: nn.Module, batch: Batch) -> Tensor:
        """The mean over a batch; of CTC −log of a text's probability, divided by its number of characters."""
        scores, lengths = model(batch.frames, batch.lengths)
        log_probs = scores.log_softmax(dim=-1)
        self.made += 1
        if self.made <= self.steps:
            target = spread(batch, lengths, scores.shape[1])
            return nn.functional.nll_loss(log_probs.flatten(0, 1), target.flatten(), ignore_index=BEHIND)
        return nn.functional.ctc_loss(
            log_probs.transpose(0, 1), batch.targets, lengths, batch.target_lengths, zero_infinity=True
        )


def spread(batch: Batch, lengths: Tensor, longest: int) -> Tensor:
    """The class of each frame if the characters of each text stood at equal distances, the blank 0 between them.

    Args:
        batch: whose texts.
        lengths: (B,) frames of each.
        longest: T'.

    Returns:
        (B, T'), and `BEHIND` behind the end of each.
    """
    counts = batch.target_lengths
    place = torch.arange(longest)[None] * counts[:, None] / lengths[:, None]  # in characters
    number = torch.minimum(place.long(), (counts - 1).clamp(min=0)[:, None])
    first = counts.cumsum(0) - counts
    labels = torch.cat([batch.targets, batch.targets.new_zeros(1)])[first[:, None] + number]  # of no text: any
    between = ((place - number - 0.5).abs() > 0.3) | (counts == 0)[:, None]
    labels = labels.masked_fill(between, 0)
    return labels.masked_fill(torch.arange(longest)[None] >= lengths[:, None], BEHIND)
