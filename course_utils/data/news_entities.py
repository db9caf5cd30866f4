"""CoNLL-2003: news of Reuters in which persons, places, organisations and other names are tagged.

A download: `course data fetch conll2003`, about 1 MB.

Source: Tjong Kim Sang & De Meulder 2003, arXiv cs/0306050; the English part, as kept at data.deepai.org.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from course_utils.checks import check_name
from course_utils.data.archives import zip_members
from course_utils.data.downloads import fetch
from course_utils.errors import CourseError

FILES = {"train": "train.txt", "valid": "valid.txt", "test": "test.txt"}
BETWEEN = "-DOCSTART-"  # stands between two articles
TAG = re.compile(r"O|[BI]-\S+")
FIX = "Run `course data clear conll2003`, then `course data fetch conll2003`."


@dataclass(frozen=True)
class NewsSentences:
    """Sentences of one part.

    Attributes:
        tokens: of each sentence, as they were printed.
        tags: of each token, as they were published: "B-PER", "I-PER", "B-LOC", "B-ORG", "B-MISC", …, "O".
    """

    tokens: list[list[str]]
    tags: list[list[str]]

    def __len__(self) -> int:
        return len(self.tokens)


def news_entities(part: str = "train") -> NewsSentences:
    """The sentences of a part: some 14,000 to train, 3,250 for validation and 3,450 for the test.

    Args:
        part: "train", "valid" or "test", the authors' own division.

    Raises:
        CourseError: another part, the download failed, or the archive is damaged or incomplete.
    """
    check_name("part of CoNLL-2003", part, FILES)
    (archive,) = fetch("conll2003")
    return read_news_entities(archive, part)


def read_news_entities(archive: Path, part: str) -> NewsSentences:
    """Read the file of a part from the archive.

    Args:
        archive: a ZIP file with train.txt, valid.txt and test.txt.
        part: "train", "valid" or "test".

    Raises:
        CourseError: it is damaged, or holds no such file, or a line that has no tag.
    """
    for name, content in zip_members(archive, ".txt", FIX):
        if name == FILES[part]:
            return _sentences(content.decode("utf-8", errors="replace"), f"{archive.name}: {name}")
    raise CourseError(f"{archive.name} holds no {FILES[part]}. {FIX}")


def _sentences(text: str, name: str) -> NewsSentences:
    """One token a line, its tag the last column; an empty line ends a sentence."""
    found, tokens, tags = NewsSentences([], []), [], []
    for number, line in enumerate([*text.splitlines(), ""], 1):
        columns = line.split()
        if columns and columns[0] != BETWEEN:
            if not TAG.fullmatch(columns[-1]):
                raise CourseError(f"{name}, line {number}: {columns[-1]!r:.40} is no tag of BIO. {FIX}")
            tokens.append(columns[0])
            tags.append(columns[-1])
        elif tokens:
            found.tokens.append(tokens)
            found.tags.append(tags)
            tokens, tags = [], []
    if not found.tokens:
        raise CourseError(f"{name} holds no sentence. {FIX}")
    return found
