"""The network of music: 88 switches in each frame in, and the logits of those in the next frame out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.nn.initialisation import forget_bias_
from course_utils.nn.layers import LAYERS

KEYS = 88


class FourFrames(nn.Module):
    """A hidden layer of ReLU units that sees a frame and the three before it, and nothing of what was earlier.

    It is called as a recurrent layer is; its state is those three frames.

    Args:
        inputs: of a frame.
        hidden_size: H.
        batch_first: as recurrent layers have it; only True is known.
    """

    FRAMES = 4

    def __init__(self, inputs: int, hidden_size: int, batch_first: bool = True) -> None:
        super().__init__()
        assert batch_first
        self.linear = nn.Linear(self.FRAMES * inputs, hidden_size)

    def forward(self, frames: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Read frames.

        Args:
            frames: (B, T, inputs).
            state: (B, 3, inputs), the frames before; default: zeros.

        Returns:
            (B, T, H) and the state after the last.
        """
        if state is None:
            state = frames.new_zeros(len(frames), self.FRAMES - 1, frames.shape[-1])
        known = torch.cat([state, frames], dim=1)
        seen = known.unfold(1, self.FRAMES, 1).flatten(2)  # (B, T, inputs · 4): of each input its four values
        return self.linear(seen).relu(), known[:, known.shape[1] - self.FRAMES + 1 :]


# what a model of music may read with
CELLS: Mapping[str, Callable[..., nn.Module]] = {**LAYERS, "four_frames": FourFrames}


class ChordNet(nn.Module):
    """A recurrent layer, or one that sees four frames, and a read-out of one logit for each key at every frame.

    Given the state, the keys of a frame are independent of each other.

    Attributes:
        core: the layer that reads; the forget biases of an LSTM begin at 1.
        readout: from H to 88.

    Args:
        cell: one of `CELLS`.
        hidden_size: H.
        dropout: of the states that are read out, in training; two fifths of it of the switches that enter.
    """

    def __init__(self, cell: str, hidden_size: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.core = CELLS[cell](KEYS, hidden_size, batch_first=True)
        if isinstance(self.core, nn.LSTM):
            forget_bias_(self.core, 1.0)
        self.readout = nn.Linear(hidden_size, KEYS)
        self.before, self.after = nn.Dropout(0.4 * dropout), nn.Dropout(dropout)

    def forward(self, frames: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """Read frames.

        Args:
            frames: (B, T, 88) zeros and ones.
            state: after the frames before; default: zeros.

        Returns:
            (B, T, 88) logits of the frame after each, and the state after the last.
        """
        states, state = self.core(self.before(frames), state)
        return self.readout(self.after(states)), state


def frame_nats(logits: Tensor, frames: Tensor) -> Tensor:
    """Minus the log likelihood of each frame: the sum over its keys, in nats.

    Args:
        logits: (…, 88) of the keys.
        frames: (…, 88) zeros and ones.

    Returns:
        (…).
    """
    return nn.functional.binary_cross_entropy_with_logits(logits, frames, reduction="none").sum(-1)


def next_frame(logits: Tensor, temperature: float, generator: torch.Generator | None = None) -> Tensor:
    """A frame drawn key by key: (…, 88) logits → (…, 88) zeros and ones.

    Args:
        logits: of the keys.
        temperature: divides the logits; 0 takes the keys more probable than not.
        generator: of the random numbers.
    """
    if temperature == 0:
        return (logits > 0).to(logits.dtype)
    return torch.bernoulli((logits / temperature).sigmoid(), generator=generator)
