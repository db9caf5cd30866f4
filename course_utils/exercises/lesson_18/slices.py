"""Lesson 18: wrong ways to move a tune to another key, by slices that mean something else at 0."""

from __future__ import annotations

import torch
from torch import Tensor


def cut_from_the_end(frames: Tensor, semitones: int) -> Tensor:
    """Up: silence, and all keys up to the one `semitones` from the end, which for 0 are none."""
    silence = torch.zeros(len(frames), abs(semitones))
    if semitones >= 0:
        return torch.cat([silence, frames[:, :-semitones]], 1)
    return torch.cat([frames[:, -semitones:], silence], 1)


def put_from_the_end(frames: Tensor, semitones: int) -> Tensor:
    """The same, put into zeros."""
    moved = torch.zeros_like(frames)
    if semitones >= 0:
        moved[:, semitones:] = frames[:, :-semitones]
    else:
        moved[:, :semitones] = frames[:, -semitones:]
    return moved


def put_up_to_the_end(frames: Tensor, semitones: int) -> Tensor:
    """The same, with 0 counted as down."""
    moved = torch.zeros_like(frames)
    if semitones > 0:
        moved[:, semitones:] = frames[:, :-semitones]
    else:
        moved[:, :semitones] = frames[:, -semitones:]
    return moved


def silenced_from_the_front(frames: Tensor, semitones: int) -> Tensor:
    """Rolled, and what came back set to 0; for 0 that is everything."""
    moved = frames.roll(semitones, 1)
    if semitones > 0:
        moved[:, :semitones] = 0
    else:
        moved[:, semitones:] = 0
    return moved
