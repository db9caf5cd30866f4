"""Tunes for several voices, as the pitches that sound in each frame.

Source "bach": 364 chorales of J. S. Bach in four parts, which come with the course, a frame a quarter note; taken by
`tools/data/chorales.py` from the encodings of Margaret Greentree and others in the package music21.

Source "jsb": N. Boulanger-Lewandowski, Y. Bengio and P. Vincent (2012), Modeling temporal dependencies in
high-dimensional sequences, ICML, with their split into training, validation and test tunes; as JSON at
https://github.com/czhuang/JSB-Chorales-dataset; a download (`course data fetch jsb_chorales`).

Sources "nottingham", "muse" and "piano": three other sets of the same paper, as S. Bai, J. Z. Kolter and V. Koltun
(2018), arXiv 1803.01271, keep them; downloads (`course data fetch nottingham`, …).
"""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils.checks import check_name, check_whole
from course_utils.data.chords import HIGHEST, KEYS, LOWEST, as_chords
from course_utils.data.downloads import fetch
from course_utils.data.resources import resource
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DOWNLOADS = {"jsb": "jsb_chorales", "nottingham": "nottingham", "muse": "muse_data", "piano": "piano_midi"}
SOURCES = ("bach", *DOWNLOADS)
SPLITS = ("train", "valid", "test")
SHARES = (0.6, 0.2)  # of the chorales that come with the course: to learn from, to choose with; the rest is the test
RUN = 8  # steps of a melody that are compared
ALIKE = 0.1  # of the runs of the shorter melody, from which two are the same tune

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


@dataclass(frozen=True, eq=False)
class BachChorales:
    """The chorales that come with the course, in the order of the catalogue of Bach's works.

    Attributes:
        tunes: N of them.
        names: (N,), such as "bwv10.7".
        families: (N,), the same number for those that set the same tune, as `same_tunes` finds it.
    """

    tunes: list[Tune]
    names: list[str]
    families: NDArray[np.int16]


def chorales(source: str = "bach", seed: int = 0) -> Chorales:
    """Tunes in three parts.

    Args:
        source: "bach": 364 chorales that come with the course, of which three fifths are to learn from and a fifth each
            to choose with and to judge with; settings of the same tune stand in the same part. "jsb": 382 of them in
            the split (229, 76 and 77) on which published results stand. "nottingham": folk tunes with chords; "muse":
            orchestral and piano music; "piano": classical piano music; with their own splits. All but "bach" are
            downloaded once.
        seed: of the split of "bach"; the others have one split.

    Raises:
        CourseError: no such source or seed, the download failed, or the file is damaged.
    """
    check_name("source of chorales", source, SOURCES)
    seed = check_whole("seed", seed, 0)
    if source == "bach":
        bach = bach_chorales()
        return split_by_family(bach.tunes, bach.families.tolist(), seed)
    (path,) = fetch(DOWNLOADS[source])
    return read_jsb(path) if source == "jsb" else read_matrices(path, DOWNLOADS[source])


def bach_chorales() -> BachChorales:
    """All chorales that come with the course, not split."""
    import numpy as np

    with np.load(resource("chorales.npz"), allow_pickle=False) as packed:
        pitches, sizes, lengths, names, families = (
            packed[name] for name in ("pitches", "sizes", "lengths", "names", "families")
        )
    ends = np.cumsum(sizes, dtype=np.int64)
    chords = [pitches[end - size : end].tolist() for end, size in zip(ends, sizes, strict=True)]
    last = np.cumsum(lengths, dtype=np.int64)
    tunes = [chords[end - length : end] for end, length in zip(last, lengths, strict=True)]
    return BachChorales(tunes, names.tolist(), families)


def split_by_family(tunes: list[Tune], families: list[int], seed: int = 0) -> Chorales:
    """Tunes in three parts, none of which shares a family with another.

    Args:
        tunes: N of them.
        families: (N,) numbers, the same for tunes that belong together.
        seed: of the order in which families are dealt out.

    Returns:
        Three fifths of the tunes to learn from and one fifth each to choose with and to judge with, nearly.
    """
    import numpy as np

    members = defaultdict(list)
    for tune, family in zip(tunes, families, strict=True):
        members[family].append(tune)
    order = np.random.default_rng(seed).permutation(list(members)).tolist()
    parts: dict[str, list[Tune]] = {split: [] for split in SPLITS}
    wanted = dict(zip(SPLITS, (SHARES[0], SHARES[1], 1 - sum(SHARES)), strict=True))
    for family in order:
        open_part = min(SPLITS, key=lambda split: len(parts[split]) / wanted[split])
        parts[open_part] += members[family]
    return Chorales(**parts)


def melody_runs(tune: Tune, run: int = RUN) -> set[tuple[int, ...]]:
    """Every stretch of the highest voice as steps in semitones: the same in every key.

    Args:
        tune: T frames; where all voices rest the melody is at pitch 0.
        run: steps of a stretch.
    """
    top = [max(frame, default=0) for frame in tune]
    steps = [after - before for before, after in itertools.pairwise(top)]
    return {tuple(steps[start : start + run]) for start in range(len(steps) - run + 1)}


def same_tunes(tunes: list[Tune], run: int = RUN, alike: float = ALIKE) -> list[int]:
    """Which tunes belong together, as they share stretches of their melodies, in whatever key.

    Two are the same where the share of the stretches of the one with fewer that the other has too is `alike` or more;
    and so are two that are the same as a third.

    Args:
        tunes: N of them.
        run: steps of a stretch.
        alike: a share above 0.

    Returns:
        (N,), the number of the first tune of each one's family.
    """
    runs = [melody_runs(tune, run) for tune in tunes]
    first = list(range(len(tunes)))

    def root(index: int) -> int:
        while first[index] != index:
            index = first[index]
        return index

    for here in range(len(tunes)):
        for before in range(here):
            fewest = min(len(runs[here]), len(runs[before]))
            if fewest and len(runs[here] & runs[before]) >= alike * fewest:
                low, high = sorted((root(here), root(before)))
                first[high] = low
    return [root(index) for index in range(len(tunes))]


def read_jsb(path: Path) -> Chorales:
    """Read a JSON table of the splits "train", "valid" and "test", each a list of tunes.

    Raises:
        CourseError: it is not such a table, or a pitch is not on the piano.
    """
    try:
        table = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise CourseError(f"{path.name} is not JSON ({error}). {_fix()}") from None
    except OSError as error:
        raise CourseError(f"{path.name} cannot be read ({error.strerror}). {_fix()}") from None
    if not isinstance(table, dict) or not all(isinstance(table.get(split), list) for split in SPLITS):
        raise CourseError(f"{path.name} does not hold the lists {', '.join(SPLITS)}. {_fix()}")
    for split in SPLITS:
        for number, tune in enumerate(table[split]):
            if fault := _fault(tune):
                raise CourseError(f"{path.name}, {split} tune {number}: {fault}. {_fix()}")
    return Chorales(*(table[split] for split in SPLITS))


def read_matrices(path: Path, name: str) -> Chorales:
    """Read a MATLAB file of the matrices "traindata", "validdata" and "testdata", (T, 88) for each tune.

    Args:
        path: of the file.
        name: of the data set, for the error.

    Raises:
        CourseError: it is no such file.
    """
    import numpy as np
    from scipy.io import loadmat

    try:
        table = loadmat(path, variable_names=[f"{split}data" for split in SPLITS])
    except OSError as error:
        raise CourseError(f"{path.name} cannot be read ({error!s:.80}). {_fix(name)}") from None
    except Exception as error:  # scipy raises many kinds for a file that is damaged
        raise CourseError(f"{path.name} is no MATLAB file ({error!s:.80}). {_fix(name)}") from None
    parts = []
    for split in SPLITS:
        cells = np.asarray(table.get(f"{split}data", [])).ravel()
        if not len(cells) or not all(
            getattr(cell, "shape", ())[1:] == (KEYS,) and np.isin(cell, (0, 1)).all() for cell in cells
        ):
            raise CourseError(f"{path.name} holds no tunes of {KEYS} zeros and ones as {split}data. {_fix(name)}")
        parts.append([[list(chord) for chord in as_chords(cell.astype(bool))] for cell in cells])
    return Chorales(*parts)


def _fix(name: str = "jsb_chorales") -> str:
    return f"Run `course data clear {name}`, then `course data fetch {name}`."


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
