"""Spoken digits: short recordings of "zero" to "nine", and several of them joined.

Source "voices": made by a program, eSpeak NG (https://github.com/espeak-ng/espeak-ng), with `tools/data/voices.py`;
comes with the course. Source "fsdd": the Free Spoken Digit Dataset, CC BY-SA 4.0, https://github.com/Jakobovski/free-spoken-digit-dataset;
a download (`course data fetch fsdd`).
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from course_utils.checks import check_name, check_whole
from course_utils.data.archives import zip_members
from course_utils.data.downloads import fetch
from course_utils.data.resources import resource
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SOURCES = ("voices", "fsdd")
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
PARTS = ("train", "valid", "test")
SAMPLE_RATE = 8000
LAST_TEST_INDEX = 4
PAUSE = (0.05, 0.25)  # seconds
NAME = re.compile(r"(\d)_([^_.]+)_(\d{1,6})\.wav")
FIX = "Run `course data clear fsdd`, then `course data fetch fsdd`."


@dataclass(frozen=True, eq=False)
class SpokenDigits:
    """Recordings of spoken digits.

    Attributes:
        clips: N recordings, float32 arrays of shape (T,), each with its own T, in [-1, 1].
        sample_rate: samples a second.
        digits: (N,), what was said, 0 … 9.
        speakers: N names.
        index: (N,), the number of the recording among those of the same digit and speaker.
        parts: N of "train", "valid" and "test" where the set has them by speaker. Empty where the index decides, as in
            the Free Spoken Digit Dataset: 0 to 4 is its test.
    """

    clips: list[NDArray[np.float32]]
    sample_rate: int
    digits: NDArray[np.int64]
    speakers: tuple[str, ...]
    index: NDArray[np.int64]
    parts: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.clips)

    @property
    def is_test(self) -> NDArray[np.bool_]:
        """(N,): does the recording belong to the test part?"""
        return self._is("test")

    @property
    def train(self) -> SpokenDigits:
        """To learn from."""
        return self.subset(self._is("train"))

    @property
    def valid(self) -> SpokenDigits:
        """To choose with: other speakers than in `train` and `test`.

        Raises:
            CourseError: the set has none, as the Free Spoken Digit Dataset.
        """
        if not self.parts:
            raise CourseError(
                "These recordings have no part to validate with, only train and test. Set some of train apart, such as "
                "those of one speaker: train.subset(np.array(train.speakers) == train.speakers[0])."
            )
        return self.subset(self._is("valid"))

    @property
    def test(self) -> SpokenDigits:
        """To judge with."""
        return self.subset(self.is_test)

    def _is(self, part: str) -> NDArray[np.bool_]:
        """(N,): does the recording belong to the part?"""
        import numpy as np

        if self.parts:
            return np.array([own == part for own in self.parts], dtype=bool)
        mask: NDArray[np.bool_] = (self.index <= LAST_TEST_INDEX) == (part == "test")
        return mask

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
            tuple(self.parts[i] for i in chosen) if self.parts else (),
        )


def spoken_digits(source: str = "voices") -> SpokenDigits:
    """Recordings of spoken digits.

    Args:
        source: "voices": 6,240 clips at 8 kHz by 104 voices of a program, 6 of each digit by each, with parts by voice:
            no timbre is in two of them. "fsdd": 3,000 recordings of people at 8 kHz by six speakers, 50 of each digit
            by each; downloaded once.

    Returns:
        The recordings; those of people in the order of digit, speaker and index, those of the program in the order of
        voice, digit and index.

    Raises:
        CourseError: no such source, the download failed, or a file is damaged.
    """
    check_name("source of spoken digits", source, SOURCES)
    if source == "voices":
        return read_voices(resource("voices.json"), resource("voices.ogg"))
    (archive,) = fetch("fsdd")
    return read_fsdd(archive)


def read_voices(table: Path, sound: Path) -> SpokenDigits:
    """Read the two files that `tools/data/voices.py` writes.

    Args:
        table: JSON: the words, how often each is said, the gap between clips, and of each voice its name, its part and
            the lengths of its clips.
        sound: all clips, one after another.

    Raises:
        CourseError: a file is damaged, or they do not belong together.
    """
    import numpy as np
    import soundfile

    fix = "It came with the course: install the course again."
    try:
        content = json.loads(table.read_text(encoding="utf-8"))
        samples, rate = soundfile.read(sound, dtype="float32")
    except (OSError, ValueError, soundfile.SoundFileError, RuntimeError) as error:
        raise CourseError(f"{table.name} or {sound.name} cannot be read ({error}). {fix}") from None
    voices, takes = content["voices"], content["takes"]
    each = len(content["words"]) * takes
    lengths = np.array([voice["lengths"] for voice in voices]).ravel()  # (N,)
    starts = np.cumsum(lengths + content["gap"]) - lengths - content["gap"]
    if len(samples) != (lengths + content["gap"]).sum() or rate != content["sample_rate"]:
        raise CourseError(f"{table.name} and {sound.name} do not belong together. {fix}")
    samples.clip(-1, 1, out=samples)
    return SpokenDigits(
        clips=[samples[start : start + length] for start, length in zip(starts, lengths, strict=True)],
        sample_rate=rate,
        digits=np.tile(np.repeat(np.arange(len(content["words"])), takes), len(voices)),
        speakers=tuple(voice["voice"] for voice in voices for _ in range(each)),
        index=np.tile(np.arange(takes), len(voices) * len(content["words"])),
        parts=tuple(voice["part"] for voice in voices for _ in range(each)),
    )


def read_fsdd(archive: Path) -> SpokenDigits:
    """Read an archive whose members are named `{digit}_{speaker}_{index}.wav`, in any folder; others are passed over.

    Raises:
        CourseError: the archive or a recording is damaged, or there is none.
    """
    import numpy as np

    found: dict[tuple[int, str, int], NDArray[np.float32]] = {}
    for name, content in zip_members(archive, ".wav", FIX):
        match = NAME.fullmatch(name)
        if match is None:
            continue
        key = (int(match[1]), match[2], int(match[3]))
        if key in found:
            raise CourseError(f"{archive.name} holds {name} twice. {FIX}")
        found[key] = read_wav(content, f"{archive.name}: {name}")
    if not found:
        raise CourseError(f"{archive.name} holds no recording named like 7_jackson_32.wav. {FIX}")
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
        raise CourseError(f"{name} is not a sound that can be read ({error}). {FIX}") from None
    if rate != SAMPLE_RATE or len(samples) == 0:
        raise CourseError(
            f"{name} has {len(samples)} samples at {rate} Hz; some at {SAMPLE_RATE} Hz were expected. {FIX}"
        )
    mono: NDArray[np.float32] = samples.mean(axis=1, dtype=np.float32)
    return mono


def joined(
    digits: SpokenDigits, count: int, seed: int, least: int = 3, most: int = 8
) -> tuple[list[NDArray[np.float32]], list[str]]:
    """Several digits said one after another: clips of one speaker, with short pauses between.

    Args:
        digits: what to draw from.
        count: how many to make.
        seed: of the draw.
        least: digits in a clip, at least.
        most: at most. All lengths are equally likely.

    Returns:
        clips: `count` arrays (T,), at the sample rate of `digits`.
        transcripts: what is said in each, such as "three seven two".

    Raises:
        CourseError: nothing to draw from, or numbers that make no sense.
    """
    import numpy as np

    if len(digits) == 0:
        raise CourseError("There are no clips to join: this part of the recordings is empty.")
    for name, value in (("count", count), ("least", least), ("most", most)):
        check_whole(name, value, 1)
    if least > most:
        raise CourseError(f"least is {least} and most is {most}: least must not be the larger one.")
    draw = np.random.default_rng(seed)
    speakers = np.array(digits.speakers)
    of_speaker = {name: np.flatnonzero(speakers == name) for name in sorted(set(digits.speakers))}
    names = list(of_speaker)
    clips, transcripts = [], []
    for _ in range(count):
        length = draw.integers(least, most + 1)
        chosen = draw.choice(of_speaker[names[draw.integers(len(names))]], length)
        clips.append(_with_pauses([digits.clips[i] for i in chosen], digits.sample_rate, draw))
        transcripts.append(" ".join(WORDS[digit] for digit in digits.digits[chosen]))
    return clips, transcripts


def _with_pauses(words: list[NDArray[np.float32]], sample_rate: int, draw: np.random.Generator) -> NDArray[np.float32]:
    """Joined, with 50 to 250 ms of silence before, between and after, (T,)."""
    import numpy as np

    pieces: list[NDArray[np.float32]] = []
    for word in words:
        pieces += [_pause(sample_rate, draw), word]
    return np.concatenate([*pieces, _pause(sample_rate, draw)])


def _pause(sample_rate: int, draw: np.random.Generator) -> NDArray[np.float32]:
    """50 to 250 ms of silence."""
    import numpy as np

    return np.zeros(int(draw.uniform(*PAUSE) * sample_rate), dtype=np.float32)
