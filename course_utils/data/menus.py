"""English → French texts of JupyterLab's menus, buttons and messages, from its French language pack.

Source: jupyterlab-language-pack-fr-FR (Project Jupyter contributors, BSD-3-Clause), translated by volunteers on
Crowdin, https://github.com/jupyterlab/language-packs. Its .mo files are read with Babel.
"""

from __future__ import annotations

import importlib.util
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

from course_utils.checks import check_name
from course_utils.errors import CourseError

Pair: TypeAlias = tuple[str, str]

PACKAGES = {"fr": ("jupyterlab_language_pack_fr_FR", "fr_FR", "jupyterlab-language-pack-fr-FR")}
PLACEHOLDER = re.compile(r"%[\d$]*[sdif]|%\d|\{[^}]*\}")
LETTERS = re.compile(r"[^\W\d_]")
TEST, VALID = 300, 200  # pairs, about: a group of near duplicates is never cut


@dataclass(frozen=True)
class Menus:
    """Pairs (English, translation); sources that differ in case, punctuation and spaces alone stand in one part.

    Attributes:
        train: to learn from.
        valid: to choose with.
        test: 300 to judge with.
        left_out: how many texts were not taken, and why.
    """

    train: list[Pair]
    valid: list[Pair]
    test: list[Pair]
    left_out: dict[str, int]


def menus(language: str = "fr") -> list[Pair]:
    """All pairs of the language pack that can be learned from, in the order of their English.

    Left out are texts without a translation, those that are the same in both languages, and those without a letter
    beside their placeholders. Of a plural the first form is taken, and of a text that is translated in several ways the
    most frequent.

    Args:
        language: "fr".

    Raises:
        CourseError: another language, or the package is not installed.
    """
    return _read(language)[0]


def menu_split(language: str = "fr", seed: int = 0) -> Menus:
    """`menus` in three parts, by the text of the source.

    Args:
        language: "fr".
        seed: of the split; the course's own is 0.

    Raises:
        CourseError: as in `menus`.
    """
    pairs, left_out = _read(language)
    groups: dict[str, list[Pair]] = {}
    for pair in pairs:
        groups.setdefault(plain(pair[0]), []).append(pair)
    order = sorted(groups)
    random.Random(seed).shuffle(order)
    parts: dict[str, list[Pair]] = {"test": [], "valid": [], "train": []}
    for name in order:
        room = {"test": TEST - len(parts["test"]), "valid": VALID - len(parts["valid"])}
        part = next((part for part, free in room.items() if len(groups[name]) <= free), "train")
        parts[part] += groups[name]
    return Menus(parts["train"], parts["valid"], parts["test"], left_out)


def plain(text: str) -> str:
    """A text without case, accents, punctuation and spaces: equal for near duplicates."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(letter for letter in letters if letter.isalnum())
    return kept or text


@cache
def _read(language: str) -> tuple[list[Pair], dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    left_out = Counter[str]()
    for source, target in _messages(language):
        reason = _unfit(source, target)
        if reason:
            left_out[reason] += 1
        elif source in found:
            left_out["again"] += 1
            found[source][target] += 1
        else:
            found[source] = Counter({target: 1})
    pairs = [(source, max(sorted(texts), key=lambda text: texts[text])) for source, texts in sorted(found.items())]
    return pairs, dict(left_out)


def _messages(language: str) -> list[Pair]:
    """Every message of every file, in the order of the files' names; of a plural the first form."""
    from babel.messages.mofile import read_mo

    messages = []
    for path in _files(language):
        with path.open("rb") as file:
            for message in read_mo(file):
                source, target = (one if isinstance(one, str) else one[0] for one in (message.id, message.string or ""))
                messages.append((" ".join(source.split()), " ".join(target.split())))
    return messages


def _files(language: str) -> list[Path]:
    check_name("language of menus", language, PACKAGES)
    module, locale, package = PACKAGES[language]
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise CourseError(f"The menus come with the package {package}, which is not installed: pip install {package}.")
    folder = Path(spec.submodule_search_locations[0]) / "locale" / locale / "LC_MESSAGES"
    return sorted(folder.glob("*.mo"))


def _unfit(source: str, target: str) -> str:
    """Why a message cannot be learned from; empty where it can."""
    if not source or not target:
        return "no text"
    if not LETTERS.search(PLACEHOLDER.sub("", source)) or not LETTERS.search(PLACEHOLDER.sub("", target)):
        return "no words"
    if source == target:
        return "not translated"
    return ""


# ---------------------------------------------------------------------------------------------------------------------
# What needs no network to learn


def copied(sentences: Sequence[str]) -> list[str]:
    """The baseline that says the source again."""
    return list(sentences)


def looked_up(sentences: Sequence[str], train: Sequence[Pair], n: int = 3) -> list[str]:
    """The baseline that looks up: the translation of the training text that shares most character n-grams (Dice)."""
    known = [(grams(source, n), target) for source, target in train]
    return [max(known, key=lambda one: overlap(grams(sentence, n), one[0]))[1] for sentence in sentences]


def grams(text: str, n: int) -> Counter[str]:
    """The character n-grams of a text in lower case, with a space before and behind it."""
    padded = f" {text.casefold()} "
    return Counter(padded[place : place + n] for place in range(max(len(padded) - n + 1, 1)))


def overlap(a: Counter[str], b: Counter[str]) -> float:
    """Dice's coefficient of two bags, 0 … 1."""
    return 2 * (a & b).total() / (a.total() + b.total())


def word_by_word(sentences: Sequence[str], train: Sequence[Pair]) -> list[str]:
    """The baseline that translates each word alone, by a dictionary made of the training pairs.

    A word's partner is the word of the other side that occurs with it most surely (Dice's coefficient); an unknown word
    stays as it is.
    """
    together: dict[str, Counter[str]] = {}
    mine, theirs = Counter[str](), Counter[str]()
    for source, target in train:
        left, right = {word.casefold() for word in source.split()}, set(target.split())
        mine.update(left)
        theirs.update(right)
        for word in left:
            together.setdefault(word, Counter()).update(right)
    dictionary = {
        word: max(sorted(partners), key=lambda one: 2 * partners[one] / (mine[word] + theirs[one]))
        for word, partners in together.items()
    }
    return [" ".join(dictionary.get(word.casefold(), word) for word in sentence.split()) for sentence in sentences]
