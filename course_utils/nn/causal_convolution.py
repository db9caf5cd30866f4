"""A causal convolutional network for sequences: dilated convolutions that see the past and nothing of the future.

Source: Bai, Kolter & Koltun 2018 (arXiv 1803.01271). Theirs has two convolutions a level, weight normalisation and
dropout; this one has one convolution a level and neither, so that it stays small.
"""

from __future__ import annotations

from torch import Tensor, nn

from course_utils.errors import CourseError

KERNEL = 3


def levels_for(seq_len: int, kernel: int = KERNEL) -> int:
    """How many levels it takes until the last output sees all steps; level k reaches (kernel − 1) · 2ᵏ steps further.

    Args:
        seq_len: T, from 1.
        kernel: steps that one convolution looks at, from 2.

    Returns:
        The smallest L ≥ 1 with 1 + (kernel − 1)(2ᴸ − 1) ≥ T.

    Raises:
        CourseError: no such numbers.
    """
    if seq_len < 1 or kernel < 2:
        raise CourseError(f"seq_len must be from 1 and kernel from 2; they are {seq_len!r} and {kernel!r}.")
    levels = 1
    while 1 + (kernel - 1) * (2**levels - 1) < seq_len:
        levels += 1
    return levels


class CausalConvolution(nn.Module):
    """Levels of dilated causal convolutions, each added to what came in, and a read-out with one hidden layer.

    Args:
        input_size: I.
        channels: C, features of every level.
        output_size: O.
        seq_len: T, the longest sequence whose whole past the last output must see.
        inner: M, units of the read-out's hidden layer.
    """

    def __init__(self, input_size: int, channels: int, output_size: int, seq_len: int, inner: int) -> None:
        super().__init__()
        self.inward = nn.Linear(input_size, channels)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(channels, channels, KERNEL, dilation=2**k) for k in range(levels_for(seq_len))
        )
        self.readout = nn.Sequential(nn.Linear(channels, inner), nn.ReLU(), nn.Linear(inner, output_size))

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, I) → (B, T, O)."""
        h = self.inward(x).transpose(1, 2)  # (B, C, T)
        for k, convolution in enumerate(self.convolutions):
            past = nn.functional.pad(h, ((KERNEL - 1) * 2**k, 0))
            h = h + nn.functional.relu(convolution(past))
        outputs: Tensor = self.readout(h.transpose(1, 2))
        return outputs


def convolution_size(input_size: int, channels: int, output_size: int, seq_len: int, inner: int) -> int:
    """How many numbers a `CausalConvolution` learns."""
    level = channels * (KERNEL * channels + 1)
    ends = channels * (input_size + 1) + inner * (channels + 1) + output_size * (inner + 1)
    return levels_for(seq_len) * level + ends
