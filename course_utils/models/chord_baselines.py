"""Opponents of a network of music, with the same interface: frames in, logits of the frame after each out.

`FramesBefore` is a logistic regression for each key; the others count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from course_utils.checks import check_positive, check_whole
from course_utils.data.chords import KEYS, several
from course_utils.errors import CourseError
from course_utils.nn.chord_net import frame_nats

ITERATIONS = 100  # of L-BFGS, at most


class KeyShares(nn.Module):
    """Each key with the share of frames in which it sounds, whatever came before.

    Args:
        tunes: to count in; a frame more in which each key sounds, and one more in which none does, are counted.

    Raises:
        CourseError: tunes that are none, or no frame.
    """

    logits: Tensor

    def __init__(self, tunes: Sequence[Any]) -> None:
        super().__init__()
        frames = np.concatenate(_with_frames(tunes))
        self.register_buffer("logits", _logits(frames.sum(0) + 1, len(frames) + 2))

    def forward(self, frames: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """(B, T, 88) → (B, T, 88) logits of the frame after each; there is no state."""
        return self.logits.expand(frames.shape), state


class RepeatLast(nn.Module):
    """Each key as often as it follows itself, and as often as it follows its silence: "play the last chord again".

    Args:
        tunes: to count in, the silence before the first frame included; half a frame is added to each count.

    Raises:
        CourseError: tunes that are none, or no frame.
    """

    after_sound: Tensor
    after_silence: Tensor

    def __init__(self, tunes: Sequence[Any]) -> None:
        super().__init__()
        parts = _with_frames(tunes)
        before = np.concatenate([np.concatenate([np.zeros((1, KEYS), bool), part[:-1]]) for part in parts])
        frames = np.concatenate(parts)
        for name, given in (("after_sound", before), ("after_silence", ~before)):
            self.register_buffer(name, _logits((frames & given).sum(0) + 0.5, given.sum(0) + 1))

    def forward(self, frames: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """(B, T, 88) → (B, T, 88) logits of the frame after each; there is no state."""
        return torch.where(frames > 0, self.after_sound, self.after_silence), state


class FramesBefore(nn.Module):
    """A logistic regression for each key, on the 88 switches of each of the last frames.

    Args:
        tunes: to learn from.
        frames: how many frames it sees.
        penalty: half of it times the squared weights is added to the nats of all frames; biases are free.

    Raises:
        CourseError: tunes that are none, no frame, or an argument that cannot be meant.
    """

    def __init__(self, tunes: Sequence[Any], frames: int = 4, penalty: float = 10.0) -> None:
        super().__init__()
        self.frames = check_whole("frames", frames, 1, 64)
        penalty = check_positive("penalty", penalty)
        parts = [torch.from_numpy(part).float() for part in _with_frames(tunes)]
        silence = torch.zeros(1, KEYS)
        seen = torch.cat([self._windows(torch.cat([silence, part[:-1]])[None])[0][0] for part in parts])
        wanted = torch.cat(parts)
        with torch.random.fork_rng(devices=[]):
            self.readout = nn.Linear(self.frames * KEYS, KEYS)
        with torch.no_grad():
            self.readout.weight.zero_()
            self.readout.bias.copy_(KeyShares(tunes).logits)
        optimizer = torch.optim.LBFGS(self.parameters(), max_iter=ITERATIONS, line_search_fn="strong_wolfe")

        def closure() -> Tensor:
            optimizer.zero_grad()
            nats = frame_nats(self.readout(seen), wanted).sum()
            loss: Tensor = (nats + penalty / 2 * self.readout.weight.square().sum()) / len(seen)
            torch.autograd.backward(loss)
            return loss

        optimizer.step(closure)

    def forward(self, frames: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """(B, T, 88) → (B, T, 88) logits of the frame after each, and the last frames."""
        windows, state = self._windows(frames, state)
        return self.readout(windows), state

    def _windows(self, frames: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """(B, T, 88) → (B, T, frames · 88), the oldest first; silence before the beginning."""
        before = frames.new_zeros(len(frames), self.frames - 1, KEYS) if state is None else state
        joined = torch.cat([before, frames], dim=1)
        T = frames.shape[1]
        return torch.cat([joined[:, k : k + T] for k in range(self.frames)], dim=-1), joined[:, T:]


def _with_frames(tunes: Sequence[Any]) -> list[NDArray[np.bool_]]:
    found = [tune for tune in several(tunes) if len(tune)]
    if not found:
        raise CourseError("There is nothing to learn from: no tune has a frame.")
    return found


def _logits(counts: NDArray[Any], of: Any) -> Tensor:
    return torch.from_numpy(counts / of).logit().float()
