"""Numbers in words, menus, and real sentence pairs: what they hold, and what is said where a file is damaged."""

from __future__ import annotations

import bz2
import datetime
import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data import menus as menu_texts
from course_utils.data.menus import copied, looked_up, menu_split, menus, plain, word_by_word
from course_utils.data.number_words import date_pair, date_words, number_pair, number_words
from course_utils.data.sentence_pairs import read_pairs, read_tatoeba, sentence_pairs
from course_utils.errors import CourseError
from tests.data.faulty_server import vouch_for

# ---------------------------------------------------------------------------------------------------------------------
# Numbers and dates


@pytest.mark.parametrize(
    ("number", "french", "english"),
    [
        (0, "zéro", "zero"),
        (21, "vingt et un", "twenty-one"),
        (97, "quatre-vingt-dix-sept", "ninety-seven"),
        (2_080, "deux mille quatre-vingts", "two thousand and eighty"),
        (1_000_000, "un million", "one million"),
    ],
)
def test_numbers_in_words(number: int, french: str, english: str) -> None:
    assert number_pair(number) == (french, english)


def test_dates_in_words() -> None:
    assert date_pair(datetime.date(1789, 7, 14)) == (
        "le quatorze juillet mille sept cent quatre-vingt-neuf",
        "the fourteenth of July, seventeen eighty-nine",
    )
    assert date_pair(datetime.date(1905, 8, 1))[0].startswith("le premier août")


@pytest.mark.parametrize("draw", [number_words, date_words])
def test_no_number_is_in_two_parts_and_the_seed_decides(draw: Any) -> None:
    parts = draw(200, seed=3)
    assert (len(parts.train), len(parts.valid), len(parts.test)) == (200, 300, 500)
    every = [*parts.train, *parts.valid, *parts.test, *parts.longer]
    assert len(set(every)) == len(every)
    assert len({source for source, _ in every}) == len(every)
    assert parts == draw(200, seed=3)
    assert parts.train != draw(200, seed=4).train


def test_short_numbers_are_there_to_learn_from_and_to_judge_with() -> None:
    parts = number_words()
    two_digits = {number_pair(number)[0] for number in range(100)}
    in_train = sum(source in two_digits for source, _ in parts.train)
    in_test = sum(source in two_digits for source, _ in parts.test)
    assert in_train > 60
    assert 1 <= in_test < 30
    assert sum("thousand" in english for _, english in parts.train) > 3_000


def test_longer_numbers_are_millions() -> None:
    parts = number_words(100, largest=999)
    assert all("million" in english for _, english in parts.longer)
    assert not any("thousand" in english for _, english in [*parts.train, *parts.test])


def test_numbers_that_are_not_there_are_refused() -> None:
    for ask, message in (
        (lambda: number_words(300, largest=999), "need 1,100 numbers"),
        (lambda: number_words(5, largest=2_000_000), "must be below 1,000,000"),
        (lambda: number_words(0), "pairs must be a whole number from 1"),
        (lambda: date_words(1_000_000), "there are"),
    ):
        with pytest.raises(CourseError, match=message):
            ask()


# ---------------------------------------------------------------------------------------------------------------------
# Menus


def test_the_menus_are_pairs_worth_learning() -> None:
    pairs = menus()
    assert len(pairs) == len({source for source, _ in pairs}) > 2_500
    assert all(source and target and source != target for source, target in pairs)
    assert dict(pairs)["Critical"] == "Critique"
    with pytest.raises(CourseError, match="no language of menus 'de'"):
        menus("de")


def test_near_duplicates_stand_in_one_part() -> None:
    split = menu_split()
    parts = [{plain(source) for source, _ in part} for part in (split.train, split.valid, split.test)]
    assert not parts[0] & parts[1] | parts[0] & parts[2] | parts[1] & parts[2]
    assert len(split.test) == 300
    assert sorted([*split.train, *split.valid, *split.test]) == sorted(menus())
    assert split == menu_split()
    assert sum(split.left_out.values()) > 0


def test_what_is_a_near_duplicate() -> None:
    assert plain("Save As…") == plain("save as...") == plain("SAVE AS")
    assert plain("Save") != plain("Save All")
    assert plain("…") == "…"


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        ("Open", "Ouvrir", ""),
        ("", "x", "no text"),
        ("Open", "", "no text"),
        ("Python", "Python", "not translated"),
        ("%1: {x}", "%1 : {x}", "no words"),
    ],
)
def test_texts_that_teach_nothing_are_left_out(source: str, target: str, reason: str) -> None:
    assert menu_texts._unfit(source, target) == reason


TRAIN = [("Open File", "Ouvrir le fichier"), ("Close File", "Fermer le fichier"), ("Open Folder", "Ouvrir le dossier")]


def test_baselines() -> None:
    assert copied(["Open"]) == ["Open"]
    assert looked_up([source for source, _ in TRAIN], TRAIN) == [target for _, target in TRAIN]
    assert looked_up(["Close file!", ""], TRAIN)[0] == "Fermer le fichier"
    assert word_by_word(["close Python"], TRAIN) == ["Fermer Python"]


@given(st.text(max_size=8), st.text(max_size=8), st.integers(1, 4))
def test_overlap_is_dices_coefficient(a: str, b: str, n: int) -> None:
    left, right = menu_texts.grams(a, n), menu_texts.grams(b, n)
    assert menu_texts.overlap(left, left) == 1
    assert 0 <= menu_texts.overlap(left, right) == menu_texts.overlap(right, left) <= 1


# ---------------------------------------------------------------------------------------------------------------------
# Real pairs, from a mirror in the true form


def multi30k(folder: Path) -> None:
    folder.mkdir(parents=True)
    for part, count in (("train", 4), ("val", 2), ("test_2016_flickr", 3)):
        for language in ("en", "fr", "de"):
            lines = "".join(f"{part} {language} {k}\n" for k in range(count))
            (folder / f"{part}.{language}.gz").write_bytes(gzip.compress(lines.encode()))


def tatoeba(folder: Path) -> None:
    folder.mkdir(parents=True)
    english = "".join(f"{k}\teng\tSentence {k // 2}\u2028.\n" for k in range(60))
    french = "".join(f"{100 + k}\tfra\tPhrase «{k}»\n" for k in range(60))
    links = "".join(f"{k}\t{100 + k}\n" for k in range(60)) + "0\t100\n0\t999\n"
    for name, text in (("eng_sentences", english), ("fra_sentences", french), ("eng-fra_links", links)):
        (folder / f"{name}.tsv.bz2").write_bytes(bz2.compress(text.encode()))


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    multi30k(tmp_path / "mirror" / "multi30k")
    tatoeba(tmp_path / "mirror" / "tatoeba")
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "cache"))
    return tmp_path / "mirror"


def test_multi30k_is_read_side_by_side_in_its_own_parts(mirror: Path) -> None:
    assert sentence_pairs("multi30k", "valid", ("de", "en")) == [("val de 0", "val en 0"), ("val de 1", "val en 1")]
    assert len(sentence_pairs("multi30k")) == 4
    assert sentence_pairs("multi30k", "test")[2] == ("test_2016_flickr fr 2", "test_2016_flickr en 2")


def test_tatoeba_is_split_by_the_english_sentence(mirror: Path) -> None:
    parts = {part: sentence_pairs("tatoeba", part) for part in ("train", "valid", "test")}
    assert sum(map(len, parts.values())) == 60  # the link that is there twice counts once, the broken one not at all
    english = [{target for _, target in part} for part in parts.values()]
    assert sum(map(len, english)) == len(set.union(*english)) == 30
    assert all(parts.values())
    flipped = sentence_pairs("tatoeba", "train", ("en", "fr"))
    assert flipped == [(target, source) for source, target in parts["train"]]
    assert Counter(source for source, _ in flipped).most_common(1)[0][1] == 2


def test_what_is_not_there_is_told() -> None:
    for arguments, message in (
        (("europarl",), "no source of sentence pairs 'europarl'"),
        (("multi30k", "dev"), "no part 'dev'"),
        (("tatoeba", "train", ("de", "en")), "no language of tatoeba 'de'"),
        (("multi30k", "train", ("en", "en")), "two different ones"),
    ):
        with pytest.raises(CourseError, match=message):
            sentence_pairs(*arguments)


def test_damaged_files_are_told_with_their_mend(mirror: Path) -> None:
    path = mirror / "multi30k" / "train.en.gz"
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(CourseError, match=r"train\.en\.gz is not here.* what came is not a file packed by gzip"):
        sentence_pairs("multi30k")
    vouch_for(path.parent)
    with pytest.raises(CourseError, match="course data clear multi30k"):
        sentence_pairs("multi30k")
    files = [mirror / "tatoeba" / f"{name}.tsv.bz2" for name in ("eng_sentences", "fra_sentences", "eng-fra_links")]
    files[2].write_bytes(bz2.compress(b"1\t2\t3\n"))
    with pytest.raises(CourseError, match="3 columns, and 2 were expected"):
        read_tatoeba(*files)
    files[2].write_bytes(bz2.compress(b"7000\t8000\n"))
    with pytest.raises(CourseError, match="links no sentence"):
        read_tatoeba(*files)


def test_sides_of_different_length_are_told(mirror: Path) -> None:
    (mirror / "multi30k" / "val.fr.gz").write_bytes(gzip.compress(b"only one\n"))
    with pytest.raises(CourseError, match="1 sentences stand beside 2"):
        sentence_pairs("multi30k", "valid")


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_bytes("\ufeffGo.\tVa !\tCC-BY\r\n\r\nHi.\tSalut.\n".encode())
    assert read_pairs(path) == [("Go.", "Va !"), ("Hi.", "Salut.")]
    (tmp_path / "mine.txt.gz").write_bytes(gzip.compress(path.read_bytes()[3:]))
    assert read_pairs(str(tmp_path / "mine.txt.gz")) == read_pairs(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no line with a pair"),
        (b"a\tb\nno tab\n", "line 2: no tab in 'no tab'"),
        (b"caf\xe9\tcoffee\n", "Save it as UTF-8"),
    ],
)
def test_a_file_that_is_no_table_of_pairs_is_told(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_bytes(content)
    with pytest.raises(CourseError, match=message):
        read_pairs(path)
    with pytest.raises(CourseError, match="There is no file"):
        read_pairs(tmp_path / "absent.txt")
