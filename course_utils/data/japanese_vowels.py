"""Japanese Vowels: nine men say two vowels, /ae/, one after the other. Who is it?

Source: M. Kudo, J. Toyama and M. Shimbo (1999), Multidimensional curve classification using passing-through regions,
Pattern Recognition Letters 20(11-13), 1103-1111; UCI Machine Learning Repository,
https://archive.ics.uci.edu/dataset/128/japanese+vowels, CC BY 4.0. Its page says that the test part was recorded by the
same men "in different opportunities"; of rooms and microphones it says nothing. Packed by
`tools/data/japanese_vowels.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from course_utils.data.resources import resource

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class JapaneseVowels:
    """Recordings as rows of 12 numbers, the LPC cepstrum of 25.6 ms, every 6.4 ms.

    Attributes:
        series: N recordings, float32 arrays of shape (T, 12), T from 7 to 29.
        speakers: (N,), 1 … 9.
        is_test: (N,), does it belong to the official test part? 270 are to learn from, 30 of each man; 370 to test.
    """

    series: list[NDArray[np.float32]]
    speakers: NDArray[np.int64]
    is_test: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.series)


def japanese_vowels() -> JapaneseVowels:
    """640 recordings by nine men, in the order of the source: by part, then by speaker."""
    import numpy as np

    with np.load(resource("japanese_vowels.npz"), allow_pickle=False) as packed:
        frames, lengths, speakers, is_test = (packed[name] for name in ("frames", "lengths", "speakers", "is_test"))
    ends = np.cumsum(lengths, dtype=np.int64)
    series = [frames[end - length : end] for end, length in zip(ends, lengths, strict=True)]
    return JapaneseVowels(series, speakers.astype(np.int64), is_test)
