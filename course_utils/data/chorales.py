"""Bach's four-part chorales as notes that sound together, one frame a quarter note.

Source "jsb": N. Boulanger-Lewandowski, Y. Bengio and P. Vincent (2012), Modeling temporal dependencies in
high-dimensional sequences, ICML, with their split into training, validation and test tunes; as JSON at
https://github.com/czhuang/JSB-Chorales-dataset; a download (`course data fetch jsb_chorales`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils.checks import check_name
from course_utils.data.downloads import fetch
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SOURCES = ("jsb",)
SPLITS = ("train", "valid", "test")
LOWEST, HIGHEST = 21, 108  # MIDI pitches of a piano's lowest A and highest C
KEYS = HIGHEST - LOWEST + 1
FIX = "Run `course data clear jsb_chorales`, then `course data fetch jsb_chorales`."

Tune = list[list[int]]
"""T frames; each is the list of MIDI pitches that sound, 21 … 108, lowest first; empty where all voices rest."""


@dataclass(frozen=True)
class Chorales:
    """The tunes of each split.

    Attributes:
        train: to learn from.
        valid: to choose settings by.
        test: to report on.
    """

    train: list[Tune]
    valid: list[Tune]
    test: list[Tune]


def chorales(source: str = "jsb") -> Chorales:
    """The chorales in their standard split.

    Args:
        source: "jsb": 382 tunes (229, 76 and 77), on which published results stand; downloaded once.

    Raises:
        CourseError: no such source, the download failed, or the file is damaged.
    """
    check_name("source of chorales", source, SOURCES)
    (path,) = fetch("jsb_chorales")
    return read_jsb(path)


def read_jsb(path: Path) -> Chorales:
    """Read a JSON table of the splits "train", "valid" and "test", each a list of tunes.

    Raises:
        CourseError: it is not such a table, or a pitch is not on the piano.
    """
    try:
        table = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise CourseError(f"{path.name} is not JSON ({error}). {FIX}") from None
    except OSError as error:
        raise CourseError(f"{path.name} cannot be read ({error.strerror}). {FIX}") from None
    if not isinstance(table, dict) or not all(isinstance(table.get(split), list) for split in SPLITS):
        raise CourseError(f"{path.name} does not hold the lists {', '.join(SPLITS)}. {FIX}")
    for split in SPLITS:
        for number, tune in enumerate(table[split]):
            if fault := _fault(tune):
                raise CourseError(f"{path.name}, {split} tune {number}: {fault}. {FIX}")
    return Chorales(*(table[split] for split in SPLITS))


def piano_roll(tune: Tune) -> NDArray[np.float32]:
    """A tune as the keys that are down.

    Args:
        tune: T frames of MIDI pitches, 21 … 108.

    Returns:
        (T, 88), 1 where a key is down and 0 elsewhere; column 0 is pitch 21, the lowest A of a piano.

    Raises:
        CourseError: it is not a tune; the message says in which frame.
    """
    import numpy as np

    if fault := _fault(tune):
        raise CourseError(f"This is not a tune: {fault}. A tune looks like [[60, 64, 67], [], [62]].")
    roll = np.zeros((len(tune), KEYS), dtype=np.float32)
    for t, frame in enumerate(tune):
        roll[t, [pitch - LOWEST for pitch in frame]] = 1
    return roll


def _fault(tune: Any) -> str:
    """Why something is not a tune; empty where it is one."""
    if not isinstance(tune, list | tuple):
        return f"a list of frames was expected and not {type(tune).__name__}"
    for t, frame in enumerate(tune):
        if not isinstance(frame, list | tuple):
            return f"frame {t} should be a list of pitches and not {type(frame).__name__}"
        for pitch in frame:
            if isinstance(pitch, bool) or not hasattr(pitch, "__index__") or not LOWEST <= pitch <= HIGHEST:
                return f"frame {t} holds {pitch!r}, and pitches are whole numbers from {LOWEST} to {HIGHEST}"
    return ""
