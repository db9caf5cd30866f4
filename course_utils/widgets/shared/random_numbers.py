"""Random numbers that are the same in Python and in the browser."""

from __future__ import annotations

from collections.abc import Iterator


def uniform(seed: int) -> Iterator[float]:
    """Endless numbers in [0, 1) from a seed, the same as in the browser: mulberry32 (Tommy Ettinger)."""
    mask = 0xFFFFFFFF
    state = seed & mask
    while True:
        state = (state + 0x6D2B79F5) & mask
        mixed = (state ^ (state >> 15)) * (state | 1) & mask
        mixed ^= mixed + ((mixed ^ (mixed >> 7)) * (mixed | 61) & mask) & mask
        yield (mixed ^ (mixed >> 14)) / 2**32
