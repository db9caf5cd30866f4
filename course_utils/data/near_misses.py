"""Strings of which one asks whether they belong to a language: members, and negatives that hardly miss it.

Beside random strings a negative is a member with a few random edits, as Butoi and others (2025, "Training Neural
Networks as Recognizers of Formal Languages") make them: from random strings alone a language can be told by what is
frequent in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from course_utils.checks import check_name, check_whole
from course_utils.data.formal_languages import LANGUAGES, NOW, depths
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    Numbers = np.ndarray

MEMBERS = ("parity", "aⁿbⁿ", "Dyck-1")  # languages that are asked about; of parity the even strings are members
ANSWERS = {"parity": (0, 1), "aⁿbⁿ": (NOW, 2), "Dyck-1": (0, 1)}  # a member, none: of the language's own answers
FEWEST = 2  # symbols, an even number
TRIES = 1_000


@dataclass(frozen=True)
class Asked:
    """N strings of T symbols, half of them members.

    Attributes:
        symbols: (N, T) numbers of symbols.
        member: (N,) bool.
        edits: (N,) how many edits made a negative of a member; 0 for members, −1 for random strings.
    """

    symbols: Tensor
    member: Tensor
    edits: Tensor


def members(language: str, symbols: Numbers) -> Numbers:
    """(N,) bool: does the whole string belong to the language?

    Args:
        language: one of `MEMBERS`.
        symbols: (N, T) numbers of symbols.

    Raises:
        CourseError: another language.
    """
    import numpy as np

    check_name("language", language, MEMBERS)
    if language == "parity":
        found: Numbers = symbols.sum(1) % 2 == 0
    elif language == "aⁿbⁿ":
        found = LANGUAGES[language].answer(symbols)[:, -1] == NOW
    else:
        depth = depths(symbols, 1)
        found = (depth[:, -1] == 0) & (depth >= 0).all(1)
    return np.asarray(found)


def near_misses(language: str, count: int, length: int, seed: int | np.random.Generator = 0) -> Asked:
    """Draw members and as many negatives of one length: half of these random strings, half members with edits.

    How many edits there are is drawn from the geometric distribution with 1/2. An edit puts another symbol in the place
    of one, or moves one elsewhere; so the length stays, and tells nothing.

    Args:
        language: one of `MEMBERS`.
        count: N.
        length: T, even, so that there are members.
        seed: of the draw, or a numpy generator that goes on.

    Raises:
        CourseError: no such language, count, length or seed.
    """
    import numpy as np
    import torch

    check_name("language", language, MEMBERS)
    check_whole("count", count, 1)
    check_whole("length", length, FEWEST, unit="symbols")
    if length % 2:
        raise CourseError(f"{language} has no string of {length} symbols: give an even length.")
    generator = seed if isinstance(seed, np.random.Generator) else np.random.default_rng(check_whole("seed", seed, 0))
    symbols, edits = np.empty((count, length), dtype=np.int64), np.zeros(count, dtype=np.int64)
    for row in range(count):
        symbols[row] = _member(language, length, generator)
        if row % 2:
            symbols[row], edits[row] = _negative(language, symbols[row], row % 4 == 1, generator)
    return Asked(torch.from_numpy(symbols), torch.arange(count) % 2 == 0, torch.from_numpy(edits))


def _member(language: str, length: int, generator: np.random.Generator) -> Numbers:
    import numpy as np

    if language == "aⁿbⁿ":
        return np.arange(length) * 2 // length
    if language == "Dyck-1":
        return _balanced(length, generator)
    found = generator.integers(0, 2, length)
    found[-1] ^= found.sum() % 2
    return np.asarray(found)


def _balanced(length: int, generator: np.random.Generator) -> Numbers:
    """One of all balanced strings, each as probable."""
    import numpy as np

    # With one closing bracket more, exactly one rotation is balanced but for its last symbol (the cycle lemma): the one
    # that begins after the first of its lowest places.
    mixed = generator.permutation((np.arange(length + 1) >= length // 2).astype(np.int64))
    lowest = int(depths(mixed[None], 1)[0].argmin())
    return np.asarray(np.roll(mixed, -lowest - 1)[:-1])


def _negative(language: str, member: Numbers, by_edits: bool, generator: np.random.Generator) -> tuple[Numbers, int]:
    for _ in range(TRIES):
        if by_edits:
            edits = int(generator.geometric(0.5))
            found = member.copy()
            for _ in range(edits):
                found = _edited(found, generator)
        else:
            edits, found = -1, generator.integers(0, 2, len(member))
        if not members(language, found[None])[0]:
            return found, edits
    raise AssertionError(f"no negative of {language} with {len(member)} symbols in {TRIES} tries")  # pragma: no cover


def _edited(symbols: Numbers, generator: np.random.Generator) -> Numbers:
    import numpy as np

    place = int(generator.integers(len(symbols)))
    if generator.random() < 0.5:
        changed = symbols.copy()
        changed[place] ^= 1
        return changed
    without = np.delete(symbols, place)
    return np.asarray(np.insert(without, int(generator.integers(len(symbols))), symbols[place]))
