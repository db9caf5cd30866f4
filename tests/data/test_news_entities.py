"""CoNLL-2003: read as it was published, from a mirror too, and what is damaged is told."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from course_utils.data.news_entities import news_entities, read_news_entities
from course_utils.errors import CourseError
from course_utils.metrics.spans import Span, spans_of
from course_utils.models.tagger import Tagger

TEXT = """-DOCSTART- -X- -X- O

EU NNP B-NP B-ORG
rejects VBZ B-VP O
German JJ B-NP B-MISC
call NN I-NP O

-DOCSTART- -X- O O

Peter NNP I-NP I-PER
Blackburn NNP I-NP I-PER
"""


def packed(path: Path, **texts: str) -> Path:
    """An archive as the publisher packs it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata", "")
        for name, text in texts.items():
            archive.writestr(f"{name}.txt", text)
    return path


def test_each_part_comes_from_a_mirror_and_a_tagger_learns_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed(tmp_path / "mirror" / "conll2003" / "conll2003.zip", train=TEXT, valid=TEXT[:110], test=TEXT)
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "cache"))
    train = news_entities()
    assert train.tokens == [["EU", "rejects", "German", "call"], ["Peter", "Blackburn"]]
    assert train.tags == [["B-ORG", "O", "B-MISC", "O"], ["I-PER", "I-PER"]]  # as in other forms of BIO
    assert spans_of(train.tags[1]) == [Span("PER", 0, 2)]
    assert len(train) == 2
    assert len(news_entities("valid")) == 1
    tagger = Tagger(hidden_size=4)
    tagger.fit(train.tokens, train.tags, steps=2, progress=False)
    assert tagger.kinds == ["MISC", "ORG", "PER"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "holds no sentence"),
        ("-DOCSTART- -X- O\n\n", "holds no sentence"),
        ("EU NNP ORG\n", "line 1: 'ORG'"),
    ],
)
def test_what_is_damaged_is_told_with_its_fix(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=says) as told:
        read_news_entities(packed(tmp_path / "c.zip", train=text), "train")
    assert "course data fetch conll2003" in str(told.value)


def test_an_archive_without_the_part_and_none_at_all_are_told(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"holds no test\.txt"):
        read_news_entities(packed(tmp_path / "c.zip", train=TEXT), "test")
    (tmp_path / "d.zip").write_bytes(b"no archive")
    with pytest.raises(CourseError, match="is damaged"):
        read_news_entities(tmp_path / "d.zip", "train")
    with pytest.raises(CourseError, match="no part of CoNLL-2003 'dev'"):
        news_entities("dev")
