"""Clips of noise, for tests of who is kept out of what."""

from __future__ import annotations

import numpy as np

from course_utils.data.spoken_digits import SpokenDigits


def people(names: tuple[str, ...] = ("ann", "bob", "cy"), each: int = 3) -> SpokenDigits:
    """Clips of noise, so many of each digit by each speaker; no two are alike."""
    generator = np.random.default_rng(0)
    rows = [(digit, name, k) for digit in range(10) for name in names for k in range(each)]
    return SpokenDigits(
        clips=[generator.normal(0, 0.1, 2400).astype(np.float32) for _ in rows],
        sample_rate=8000,
        digits=np.array([digit for digit, _, _ in rows], dtype=np.int64),
        speakers=tuple(name for _, name, _ in rows),
        index=np.array([k for _, _, k in rows], dtype=np.int64),
    )
