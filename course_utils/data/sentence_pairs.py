"""Real sentence pairs: Tatoeba, Multi30k, and any file with tabs.

Sources: Tatoeba (contributors of tatoeba.org), CC BY 2.0 FR, its own weekly export, https://tatoeba.org/en/downloads;
Multi30k (Elliott, Frank, Sima'an & Specia 2016, arXiv 1605.00459), https://github.com/multi30k/dataset. Both are
downloads (`course data fetch tatoeba`, `course data fetch multi30k`).
"""

from __future__ import annotations

import bz2
import gzip
import random
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, TypeAlias

from course_utils.checks import check_name, check_whole
from course_utils.data.downloads import fetch
from course_utils.data.texts import composed
from course_utils.errors import CourseError

Pair: TypeAlias = tuple[str, str]

SOURCES = ("tatoeba", "multi30k")
PARTS = ("train", "valid", "test")
MULTI30K_LANGUAGES = ("en", "fr", "de")
MULTI30K_FILES = {"train": "train", "valid": "val", "test": "test_2016_flickr"}
LANGUAGE = re.compile(r"[a-z]{2,4}(-[A-Za-z]+)?")  # a code such as fra
LONGEST_LINE = 100_000  # characters; a packed line of zeros could fill the memory
HELD_OUT = 1_000  # pairs of Tatoeba in each of valid and test


def sentence_pairs(
    source: str = "tatoeba", part: str = "train", languages: tuple[str, str] = ("fr", "en"), seed: int = 0
) -> list[Pair]:
    """Pairs of real sentences.

    Args:
        source: "tatoeba": short sentences of learners, French and English, hundreds of thousands; "multi30k": captions
            of photos, 29,000 to train on.
        part: "train", "valid" or "test". Multi30k has its own parts (the test is `test_2016_flickr`). Of Tatoeba 1,000
            pairs are for each of the last two, and no English sentence is in two parts.
        languages: source and target: two of "en" and "fr", for Multi30k also "de".
        seed: of Tatoeba's split and order.

    Returns:
        (source, target) each; pairs that occur twice are there once, of Tatoeba.

    Raises:
        CourseError: no such source, part or language, the download failed, or a file is damaged.
    """
    check_name("source of sentence pairs", source, SOURCES)
    check_name("part", part, PARTS)
    known = MULTI30K_LANGUAGES if source == "multi30k" else ("en", "fr")
    if len(languages) != 2 or languages[0] == languages[1]:
        raise CourseError(f"languages must be two different ones of {', '.join(known)}; they are {languages!r}.")
    for language in languages:
        check_name(f"language of {source}", language, known)
    files = {path.name: path for path in fetch(source)}
    if source == "multi30k":
        left, right = (_multi30k_lines(files[f"{MULTI30K_FILES[part]}.{language}.gz"]) for language in languages)
        return _side_by_side(left, right, f"{MULTI30K_FILES[part]} of Multi30k")
    english_first = read_tatoeba(
        files["eng_sentences.tsv.bz2"], files["fra_sentences.tsv.bz2"], files["eng-fra_links.tsv.bz2"]
    )
    chosen = _split(english_first, seed)[part]
    return chosen if languages[0] == "en" else [(french, english) for english, french in chosen]


def read_tatoeba(english: Path, french: Path, links: Path) -> list[Pair]:
    """Pairs (English, French) of Tatoeba's export, in the order of its links, each once.

    Args:
        english: lines `id, language, sentence`, with tabs between them, packed with bzip2.
        french: the same.
        links: lines `English id, French id`.

    Raises:
        CourseError: a file is damaged or of another form.
    """
    texts = [{number: text for number, _, text in _columns(path, 3)} for path in (english, french)]
    found: dict[Pair, None] = {}
    for left, right in _columns(links, 2):
        if left in texts[0] and right in texts[1]:
            found[texts[0][left], texts[1][right]] = None
    if not found:
        raise CourseError(f"{links.name} links no sentence of the other two files. {_fix('tatoeba')}")
    return list(found)


def read_pairs(path: str | Path, columns: tuple[int, int] | None = None) -> list[Pair]:
    """The pairs of a text file of your own: a line each, source and target with a tab between them.

    Default: the first two columns, as in the files of manythings.org. Where the first holds numbers alone and there are
    three or more, as in the files of tatoeba.org, the two columns that hold texts; a printed line says which. Empty
    lines are passed over. The file is UTF-8; names that end with .gz or .bz2 are unpacked. Accents are brought into
    their letters.

    Args:
        path: of the file.
        columns: which ones hold source and target, counted from 1, such as (2, 4).

    Raises:
        CourseError: there is no such file, it is no UTF-8 text, a line has too few tabs, there is no line at all, or it
            is not clear which columns are meant.
    """
    place = Path(path)
    if not place.is_file():
        raise CourseError(f"There is no file {place}. Give the path of a text file: a line a pair, with a tab between.")
    rows: list[tuple[int, list[str]]] = []
    for number, line in enumerate(_lines(place, "Save it as UTF-8 text."), 1):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) < 2:
            raise CourseError(
                f"{place.name}, line {number}: no tab in {line[:40]!r}. Each line is a source, a tab, a target."
            )
        rows.append((number, cells))
    if not rows:
        raise CourseError(f"{place.name} has no line with a pair. Each line is a source, a tab, a target.")
    left, right = _text_columns(place.name, [cells for _, cells in rows]) if columns is None else _checked(columns)
    for number, cells in rows:
        if len(cells) < max(left, right):
            raise CourseError(
                f"{place.name}, line {number}: {len(cells)} columns; the texts are in columns {left} and {right}."
            )
    return [(cells[left - 1], cells[right - 1]) for _, cells in rows]


def _checked(columns: Any) -> tuple[int, int]:
    if not isinstance(columns, tuple | list) or len(columns) != 2 or columns[0] == columns[1]:
        raise CourseError(f"columns must be two different numbers from 1, such as (2, 4); they are {columns!r}.")
    left, right = (check_whole("a column", column, 1) for column in columns)
    return left, right


def _text_columns(name: str, rows: list[list[str]]) -> tuple[int, int]:
    """The columns, from 1, that hold source and target."""
    width = min(map(len, rows))
    cells = [[row[column] for row in rows] for column in range(width)]
    if width == 2 or not all(cell.isdigit() for cell in cells[0]):
        return 1, 2
    texts = [column for column, values in enumerate(cells, 1) if not _are_marks(values)]
    if len(texts) != 2:
        raise CourseError(
            f"{name}: its first column holds numbers alone, and {len(texts)} of its {width} columns hold texts; two "
            "were expected, such as number, text, number, text. Say which: read_pairs(path, columns=(2, 4))."
        )
    print(f"{name}: source and target are columns {texts[0]} and {texts[1]} of {width}.")
    return texts[0], texts[1]


def _are_marks(values: list[str]) -> bool:
    """Are they numbers, or one code of a language, again and again?"""
    return all(value.isdigit() for value in values) or (len(set(values)) == 1 and bool(LANGUAGE.fullmatch(values[0])))


def _split(pairs: list[Pair], seed: int) -> dict[str, list[Pair]]:
    """In three parts by the English sentence."""
    groups: dict[str, list[Pair]] = {}
    for pair in pairs:
        groups.setdefault(pair[0].casefold().strip(" .!?…"), []).append(pair)
    order = sorted(groups)
    random.Random(seed).shuffle(order)
    held_out = min(HELD_OUT, len(pairs) // 10)
    parts: dict[str, list[Pair]] = {part: [] for part in PARTS}
    for name in order:
        part = next((part for part in ("test", "valid") if len(parts[part]) < held_out), "train")
        parts[part] += groups[name]
    return parts


def _multi30k_lines(path: Path) -> list[str]:
    return [line.strip() for line in _lines(path, _fix("multi30k"))]


def _side_by_side(left: list[str], right: list[str], name: str) -> list[Pair]:
    if len(left) != len(right) or not left:
        raise CourseError(f"{name}: {len(left)} sentences stand beside {len(right)}. {_fix('multi30k')}")
    return list(zip(left, right, strict=True))


def _columns(path: Path, count: int) -> Iterator[list[str]]:
    for number, line in enumerate(_lines(path, _fix("tatoeba")), 1):
        columns = line.split("\t")
        if len(columns) != count:
            raise CourseError(
                f"{path.name}, line {number}: {len(columns)} columns, and {count} were expected. {_fix('tatoeba')}"
            )
        yield columns


def _lines(path: Path, fix: str) -> Iterator[str]:
    """Lines without their ends; .gz and .bz2 are unpacked as they are read."""
    try:
        with _opened(path) as file:
            while line := file.readline(LONGEST_LINE + 1):
                if len(line) > LONGEST_LINE:
                    raise ValueError(f"a line has more than {LONGEST_LINE:,} characters")
                yield composed(line.rstrip("\r\n"))
    except (EOFError, zlib.error, UnicodeDecodeError, OSError, ValueError) as error:
        raise CourseError(f"{path.name} cannot be read ({error}). {fix}") from None


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="\n")
    if path.suffix == ".bz2":
        return bz2.open(path, "rt", encoding="utf-8-sig", newline="\n")
    return path.open(encoding="utf-8-sig", newline="\n")


def _fix(name: str) -> str:
    return f"Run `course data clear {name}`, then `course data fetch {name}`."
