"""Spoken digits: short recordings of "zero" to "nine".

Source "fsdd": the Free Spoken Digit Dataset, CC BY-SA 4.0, https://github.com/Jakobovski/free-spoken-digit-dataset;
a download (`course data fetch fsdd`).
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from course_utils.data.archives import zip_members
from course_utils.data.downloads import fetch
from course_utils.errors import CourseError, unknown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SOURCES = ("fsdd",)
SAMPLE_RATE = 8000
LAST_TEST_INDEX = 4
NAME = re.compile(r"(\d)_([^_.]+)_(\d{1,6})\.wav")
MEND = "Run `course data clear fsdd`, then `course data fetch fsdd`."


@dataclass(frozen=True, eq=False)
class SpokenDigits:
    """Recordings of spoken digits.

    Attributes:
        clips: N recordings, float32 arrays of shape (T,), each with its own T, in [-1, 1].
        sample_rate: samples a second.
        digits: (N,), what was said, 0 … 9.
        speakers: N names.
        index: (N,), the number of the recording among those of the same digit and speaker.
    """

    clips: list[NDArray[np.float32]]
    sample_rate: int
    digits: NDArray[np.int64]
    speakers: tuple[str, ...]
    index: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.clips)

    @property
    def is_test(self) -> NDArray[np.bool_]:
        """(N,): does the recording belong to the official test split, those with index 0 to 4?"""
        mask: NDArray[np.bool_] = self.index <= LAST_TEST_INDEX
        return mask

    @property
    def train(self) -> SpokenDigits:
        """The official training split: recordings with index 5 and above."""
        return self.subset(~self.is_test)

    @property
    def test(self) -> SpokenDigits:
        """The official test split: recordings with index 0 to 4."""
        return self.subset(self.is_test)

    def subset(self, keep: NDArray[np.bool_] | Sequence[bool]) -> SpokenDigits:
        """Some of the recordings.

        Args:
            keep: (N,), True for those to keep.

        Raises:
            CourseError: `keep` is not N booleans.
        """
        import numpy as np

        mask = np.asarray(keep)
        if mask.dtype != np.bool_ or mask.shape != (len(self),):
            raise CourseError(f"keep must be {len(self)} booleans; it is {mask.dtype} of shape {mask.shape}.")
        chosen = np.flatnonzero(mask)
        return SpokenDigits(
            [self.clips[i] for i in chosen],
            self.sample_rate,
            self.digits[chosen],
            tuple(self.speakers[i] for i in chosen),
            self.index[chosen],
        )


def spoken_digits(source: str = "fsdd") -> SpokenDigits:
    """Recordings of spoken digits.

    Args:
        source: "fsdd": 3,000 recordings at 8 kHz by six speakers, 50 of each digit by each; downloaded once.

    Returns:
        The recordings, in the order of digit, speaker and index.

    Raises:
        CourseError: no such source, the download failed, or the archive is damaged.
    """
    if source not in SOURCES:
        raise unknown("source of spoken digits", source, SOURCES)
    (archive,) = fetch("fsdd")
    return read_fsdd(archive)


def read_fsdd(archive: Path) -> SpokenDigits:
    """Read an archive whose members are named `{digit}_{speaker}_{index}.wav`, in any folder; others are passed over.

    Raises:
        CourseError: the archive or a recording is damaged, or there is none.
    """
    import numpy as np

    found: dict[tuple[int, str, int], NDArray[np.float32]] = {}
    for name, content in zip_members(archive, ".wav", MEND):
        match = NAME.fullmatch(name)
        if match is None:
            continue
        key = (int(match[1]), match[2], int(match[3]))
        if key in found:
            raise CourseError(f"{archive.name} holds {name} twice. {MEND}")
        found[key] = read_wav(content, f"{archive.name}: {name}")
    if not found:
        raise CourseError(f"{archive.name} holds no recording named like 7_jackson_32.wav. {MEND}")
    keys = sorted(found)
    return SpokenDigits(
        clips=[found[key] for key in keys],
        sample_rate=SAMPLE_RATE,
        digits=np.array([digit for digit, _, _ in keys], dtype=np.int64),
        speakers=tuple(speaker for _, speaker, _ in keys),
        index=np.array([index for _, _, index in keys], dtype=np.int64),
    )


def read_wav(content: bytes, name: str) -> NDArray[np.float32]:
    """The samples of a WAV file at 8 kHz, (T,) in [-1, 1]; of several channels the mean.

    Raises:
        CourseError: it is damaged, empty, or at another sample rate.
    """
    import numpy as np
    import soundfile

    try:
        samples, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)  # (T, channels)
    except (soundfile.SoundFileError, RuntimeError, ValueError) as error:
        raise CourseError(f"{name} is not a sound that can be read ({error}). {MEND}") from None
    if rate != SAMPLE_RATE or len(samples) == 0:
        raise CourseError(
            f"{name} has {len(samples)} samples at {rate} Hz; some at {SAMPLE_RATE} Hz were expected. {MEND}"
        )
    mono: NDArray[np.float32] = samples.mean(axis=1, dtype=np.float32)
    return mono
