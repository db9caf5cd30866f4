"""Real sentence pairs: what they hold, and what is said where a file is damaged."""

from __future__ import annotations

import bz2
import gzip
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from course_utils.data.sentence_pairs import read_pairs, read_tatoeba, sentence_pairs
from course_utils.errors import CourseError
from tests.data.made_files import vouch_for


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


NIGHT, MORNING = ("Good night.", "Bonne nuit."), ("Good morning.", "Bonjour à tous.")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("1276\t{}\t5389\t{}", "columns 2 and 4 of 4"),  # tatoeba.org's "sentence pairs"
        ("1276\t{}\t{}", "columns 2 and 3 of 3"),  # a list with its translations
        ("1276\teng\t{}\t5389\tfra\t{}", "columns 3 and 6 of 6"),
        ("1276\t{}\t{}\t17", "columns 2 and 3 of 4"),
        ("{}\t{}\tCC-BY 2.0 (France) Attribution: tatoeba.org #1276", ""),  # manythings.org
        ("{}\t{}", ""),
    ],
)
def test_columns_with_texts_are_found_and_told(
    lines: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(lines.format(*pair) + "\n" for pair in (NIGHT, MORNING)), encoding="utf-8")
    assert read_pairs(path) == [NIGHT, MORNING]
    said = capsys.readouterr().out
    assert said == (f"pairs.tsv: source and target are {told}.\n" if told else "")


def test_pairs_of_numbers_and_words_are_pairs(tmp_path: Path) -> None:
    (tmp_path / "it").write_text("12\ttwelve\n7\tseven\n")
    assert read_pairs(tmp_path / "it") == [("12", "twelve"), ("7", "seven")]


@pytest.mark.parametrize("line", ["1\teng\tGood night.", "1\tGood night.\t2\tBonne nuit.\tGute Nacht."])
def test_columns_that_are_not_clear_are_asked_for(line: str, tmp_path: Path) -> None:
    path = tmp_path / "it"
    path.write_text(f"{line}\n{line.replace('night', 'day')}\n")
    with pytest.raises(CourseError, match=r"hold texts; two were expected.*columns=\(2, 4\)"):
        read_pairs(path)
    assert read_pairs(path, columns=(3, 2))[0] == tuple(line.split("\t")[index] for index in (2, 1))
    with pytest.raises(CourseError, match=r"line 1: \d columns; the texts are in columns 1 and 9"):
        read_pairs(path, columns=(1, 9))


@pytest.mark.parametrize("columns", [3, (1,), (2, 2), (0, 1), (1.5, 2), "12", (1, 2, 3)])
def test_columns_that_cannot_be_meant(columns: Any, tmp_path: Path) -> None:
    (tmp_path / "it").write_text("a\tb\n")
    with pytest.raises(CourseError, match="column"):
        read_pairs(tmp_path / "it", columns)


@pytest.mark.parametrize("packed", ["it", "it.gz", "it.bz2"])
def test_byte_order_marks_go_and_accents_are_brought_into_their_letters(packed: str, tmp_path: Path) -> None:
    content = "\ufeff" + unicodedata.normalize("NFD", "thé\ttea\n")
    pack: Any = {"it": bytes, "it.gz": gzip.compress, "it.bz2": bz2.compress}[packed]
    (tmp_path / packed).write_bytes(pack(content.encode()))
    assert read_pairs(tmp_path / packed) == [("thé", "tea")]


def test_a_packed_line_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt.gz"
    path.write_bytes(gzip.compress(b"un\tone\n" + bytes(120_000)))
    with pytest.raises(CourseError, match=r"a line has more than 100,000 characters"):
        read_pairs(path)
