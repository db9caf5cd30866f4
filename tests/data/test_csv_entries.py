"""Tables of your own, from CSV files: what is read, and the sentence where it cannot be."""

from __future__ import annotations

import contextlib
import io
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from course_utils.data import csv_entries
from course_utils.data.dogs import dog_breeds
from course_utils.data.tables import read_table
from course_utils.errors import CourseError
from tests.strategies import examples


def file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "mine.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_a_table_is_read_with_words_as_columns(tmp_path: Path) -> None:
    text = "height,sex,note,kind\n1.5,f,0,b\n2,m,1,a\n2.5,f,0,b\n-3e1,m,1,a\n"
    table = read_table(file(tmp_path, text), target="kind")
    assert table.columns == ("height", "sex=f", "sex=m", "note")
    assert table.classes == ("a", "b")
    assert table.labels.tolist() == [1, 0, 1, 0]
    assert table.inputs.tolist() == [[1.5, 1, 0, 0], [2, 0, 1, 1], [2.5, 1, 0, 0], [-30, 0, 1, 1]]
    assert table.name == "mine"
    assert table.inputs.dtype == np.float64
    assert table.labels.dtype == np.int64


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_separators_quotes_marks_and_empty_lines(tmp_path: Path, delimiter: str) -> None:
    rows = [["a", "b"], ["1", '"x, ""y""\nz"'], ["2", "w"], [], ["3", "w"], ["4", '"x, ""y""\nz"']]
    text = "\ufeff" + "\r\n".join(delimiter.join(row) for row in rows)
    table = read_table(file(tmp_path, text), target="b")
    assert table.classes == ("w", 'x, "y"\nz')
    assert table.inputs.tolist() == [[1], [2], [3], [4]]


def test_classes_that_are_numbers_are_in_their_order_and_targets_may_be_numbers(tmp_path: Path) -> None:
    path = file(tmp_path, "x,y\n0,10\n1,9\n2,10\n3,9\n")
    assert read_table(path, "y").classes == ("9", "10")
    found = read_table(path, "y", kind="numbers")
    assert (found.labels.tolist(), found.classes) == ([10.0, 9.0, 10.0, 9.0], ())


def test_a_table_of_dogs_comes_back_as_it_was(tmp_path: Path) -> None:
    dogs = dog_breeds(40)
    dogs.to_csv(tmp_path / "dogs.csv", index=False)
    table = read_table(tmp_path / "dogs.csv", "breed")
    assert table.columns == ("sex=female", "sex=male", "height_cm", "weight_kg", "length_cm")
    assert np.array_equal(table.inputs[:, 2:], dogs[["height_cm", "weight_kg", "length_cm"]].to_numpy())
    assert [table.classes[label] for label in table.labels] == dogs["breed"].tolist()


SIZES = [5.1, 3.5, 4.0, 7.25]
WAYS = {
    "decimal comma": ("x;y\n5,1;a\n3,5;b\n4;a\n7,25;b\n", "'x': 7,25 as 7.25"),
    "tabs": ("x\ty\n5,1\ta\n3,5\tb\n4\ta\n7,25\tb\n", "'x': 7,25 as 7.25"),
    "in quotes": ('x,y\n"5,1",a\n"3,5",b\n4,a\n"7,25",b\n', "'x': 7,25 as 7.25"),
    "bars": ("x|y\n5.1|a\n3.5|b\n4|a\n7.25|b\n", ""),
    "mark and sep=": ("\ufeffsep=;\r\nx;y\r\n5,1;a\r\n3,5;b\r\n4;a\r\n7,25;b\r\n", "'x': 7,25 as 7.25"),
    "commas in the header": ('"x";"y"\n5,1;a\n3,5;b\n4;a\n7,25;b\n', "'x': 7,25 as 7.25"),
    "index of pandas": (",x,y\n0,5.1,a\n1,3.5,b\n2,4,a\n3,7.25,b\n", "left out: the first column (no name)"),
    "shuffled index": (",x,y\n7,5.1,a\n1,3.5,b\n22,4,a\n3,7.25,b\n", "left out: the first column (no name)"),
    "names of rows by R": ('"","x","y"\n"A",5.1,a\n"B",3.5,b\n"C",4,a\n"D",7.25,b\n', "left out: the first column"),
    "a column of ids": ("Id,x,y\n1,5.1,a\n2,3.5,b\n3,4,a\n4,7.25,b\n", "left out: the first column ('Id')"),
    "marks without width": ("x,y\n\ufeff5.1,a\n3.5\u200b,b\n4,a\n7.25,b\n", ""),
    "old line ends": ("sep=;\rx;y\r5,1;a\r3,5;b\r4;a\r7,25;b\r", "'x': 7,25 as 7.25"),
    "an empty column": ("x;y;\n5,1;a;\n3,5;b;\n4;a;\n7,25;b;\n", "'x': 7,25 as 7.25"),
}


@pytest.mark.parametrize("case", WAYS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_tables_as_spreadsheets_write_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str, encoding: str
) -> None:
    text, told = WAYS[case]
    table = read_table(file(tmp_path, text, encoding), "y")
    assert (table.columns, table.classes) == (("x",), ("a", "b"))
    assert table.inputs[:, 0].tolist() == SIZES
    printed = capsys.readouterr().out
    assert told in printed
    assert told in table.source
    assert printed.count("\n") == bool(told)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x;z;y\n5,1;1.234;a\n4;2.345;b\n5;3.456;a\n4;4.567;b\n", [1234, 2345, 3456, 4567]),
        ("x;z;y\n5.1;1,234;a\n4;2,345;b\n5;3,456;a\n4;4,567;b\n", [1234, 2345, 3456, 4567]),
        ("x;z;y\n5;1,234;a\n4;2,345;b\n5;3,456;a\n4;4,567;b\n", [1.234, 2.345, 3.456, 4.567]),
        ("x;z;y\n5;1.234;a\n4;2.345;b\n5;3.456;a\n4;4.567;b\n", [1.234, 2.345, 3.456, 4.567]),
        ('x,z,y\n5,"1,234",a\n4,"2,345",b\n5,"3,456",a\n4,"4,567",b\n', [1234, 2345, 3456, 4567]),
        ("x,z,y\n5,1.234,a\n4,2.345,b\n5,3.456,a\n4,4.567,b\n", [1.234, 2.345, 3.456, 4.567]),
    ],
)
def test_what_could_be_thousands_is_judged_by_the_other_columns_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, expected: list[float]
) -> None:
    assert read_table(file(tmp_path, text), "y").inputs[:, 1].tolist() == expected
    assert (f"as {expected[0]:g}" in capsys.readouterr().out) or text.startswith("x,z,y\n5,1.234")


def test_words_that_mean_a_gap_elsewhere_can_be_words(tmp_path: Path) -> None:
    path = file(tmp_path, "x,y\nDE,a\nNA,a\nDE,b\nNA,b\n")
    assert read_table(path, "y", words=("NA",)).columns == ("x=DE", "x=NA")
    assert read_table(path, "y", words="NA").columns == ("x=DE", "x=NA")
    assert read_table(path, "x", words="NA").classes == ("DE", "NA")
    assert read_table(file(tmp_path, "x,y\n+,a\n-,a\n+,b\n-,b\n"), "y").columns == ("x=+", "x=-")


def test_columns_can_be_left_out_and_an_encoding_named(tmp_path: Path) -> None:
    text = "name;größe;y\nAnn;5,1;é\nBob;3,5;b\nCyd;4;é\nDan;7,25;b\n"
    for encoding in ("cp1252", "utf-8", "utf-16"):
        path = file(tmp_path, unicodedata.normalize("NFD" if encoding == "utf-8" else "NFC", text), encoding)
        for without in ("name", ["name"]):
            table = read_table(path, "y", without=without, encoding=encoding)
            assert (table.columns, table.classes) == (("größe",), ("b", "é"))


def test_words_that_look_like_numbers_are_told_when_they_are_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = read_table(file(tmp_path, "age,y\n18-25,a\n26-35,b\n18-25,a\n26-35,b\n"), "y")
    assert table.columns == ("age=18-25", "age=26-35")
    assert "'age': words, not numbers, such as 18-25" in capsys.readouterr().out
    read_table(file(tmp_path, "name,y\nAnn,a\nBob,b\nCyd,a\nBob,b\n"), "y")
    assert "'name': 3 words in 4 rows, a column for each" in capsys.readouterr().out
    read_table(file(tmp_path, "code,y\n01234,a\n01235,b\n10115,a\n10117,b\n"), "y")
    assert "'code': 01234 as 1234" in capsys.readouterr().out


ENTRIES = st.sampled_from(
    ["1", "2,5", "1.234", "-3", "4 %", "€5", "a", "b", "NA", "", '"', "1,2\n3", "2024-01-05", "inf"]
)
TABLES = st.lists(st.lists(ENTRIES, min_size=1, max_size=4), min_size=1, max_size=6)
SEPARATED = st.builds(
    lambda rows, mark: mark.join(["x", "y", "z"]) + "\n" + "\n".join(mark.join(row) for row in rows),
    TABLES,
    st.sampled_from([",", ";", "\t", "|", "sep=;\n"]),
)


@examples(150, 5000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SEPARATED.map(str.encode) | st.text().map(lambda text: text.encode("utf-8", "replace")) | st.binary())
def test_any_file_is_a_table_of_finite_numbers_or_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(content)
    for kind in ("classes", "numbers"):
        with contextlib.suppress(CourseError), contextlib.redirect_stdout(io.StringIO()):
            table = read_table(path, "y", kind)
            assert len(table.inputs) == len(table.labels) > 0
            assert np.isfinite(table.inputs).all()
            assert np.isfinite(table.labels).all()


WORDS = "\n".join(f"word{i},{i % 2}" for i in range(60))

REFUSED = {
    "missing value": ("x,y\n1,a\n,a\n2,b\n3,b\n", "gaps in 1 of its columns, first in 'x', row 2"),
    "NaN": ("x,y\n1,a\nNaN,a\n2,b\n3,b\n", "gaps"),
    "no number for a spreadsheet": ("x,y\nred,a\n#N/A,a\nred,b\nred,b\n", "first in 'x', row 2"),
    "no object for Python": ("x,y\nred,a\nred,a\nNone,b\n<NA>,b\n", "first in 'x', row 3"),
    "missing label": ("x,y\n1,a\n4,\n2,b\n3,b\n", "first in 'y', row 2"),
    "one class": ("x,y\n1,a\n2,a\n", "'a' in every row"),
    "a single row of a class": ("x,y\n1,a\n2,a\n3,b\n", "have a single row, such as 'b'"),
    "duplicate header": ("x,x,y\n1,2,a\n3,4,b\n", "a name of its own; look at 'x'"),
    "no name": ("x,,y\n1,2,a\n3,4,b\n", "a name of its own"),
    "empty": ("", "holds no rows"),
    "only a header": ("x,y\n", "holds no rows"),
    "only the target": ("y\na\nb\n", "no column besides 'y'"),
    "another length": ("x,y\n1,a\n2,b,3\n", "Row 2 of mine.csv has 3 entries, and the header has 2"),
    "another length below empty lines": (
        "\nx,y\n\n1,a\n\n2,b,3\n",
        "Row 2 of mine.csv has 3 entries, and the header has 2",
    ),
    "a short row": ("x,y\n1,a\n2\n", "first in 'y', row 2"),
    "open quote": ('x,y\n1,"a\n2,b\n', "cannot be read as a table"),
    "word among numbers": ("x,y\n1,a\n2,a\nthree,b\n4,b\n", "holds numbers, but 'three' in row 3"),
    "infinite": ("x,y\n1,a\ninf,a\n3,b\n4,b\n", "not finite"),
    "many words": (f"x,y\n{WORDS}\n", "60 different words"),
    "decimals with a comma as classes": ("x;y\n1;0,5\n2;0,5\n3;1,5\n4;1,5\n", "train a regression"),
    "several units": ("x,y\n€5,a\n$5,a\n€6,b\n€7,b\n", "both '€5' and '\\$5'. Write all of them in one unit"),
    "per cent and none": ("x,y\n12 %,a\n5 %,a\n6 %,b\n0.7,b\n", "both '12 %' and '0.7'"),
    "two marks": ('x,y\n"1,234",a\n1.234,a\n2.345,b\n"2,345",b\n', "Which mark sets off decimals, which thousands"),
    "dates": ("x,y\n2024-01-05,a\n2024-01-05,a\n2024-01-06,b\n2024-01-06,b\n", "dates or times, such as '2024-01-05'"),
    "German dates": ("x,y\n05.01.2024,a\n05.01.2024,a\n6.1.2024,b\n6.1.2024,b\n", "dates or times"),
    "times": ("x,y\n10:30,a\n10:30,a\n11:45,b\n11:45,b\n", "dates or times, such as '10:30'"),
    "months": ("x,y\nJan-24,a\nJan-24,a\nFeb-24,b\nFeb-24,b\n", "dates or times, such as 'Feb-24'"),
    "numbers with stars": ("x,y\n5*,a\n6*,a\n7*,b\n8*,b\n", "look like numbers but cannot be read as such"),
    "names": ("x,y\nAnn,a\nBob,a\nCyd,b\nDan,b\n", "another word in each row .*without=\\['x'\\]"),
    "like numbers": ("x,y\n1/2,a\n3/4,a\n1/2,b\n1/4,b\n", "look like numbers but cannot be read as such"),
    "sums that failed": ("x,y\n1,a\n#DIV/0!,a\n2,b\n3,b\n", "first in 'x', row 2"),
    "a dash": ("x,y\nred,a\n\u2013,a\nred,b\nred,b\n", "first in 'x', row 2.*words="),
    "Namibia": ("x,y\nDE,a\nNA,a\nDE,b\nNA,b\n", "If 'NA' is a word in this file and no gap, give words=\\('NA',\\)"),
    "no text": ("x,y\n1\0,a\n2,b\n", "bytes that are no text"),
    "too many columns": ("x," * 10_001 + "y\n", "more than 10,000 columns"),
    "decimals as classes": ("x,y\n1,0.5\n2,0.5\n3,1.5\n4,1.5\n", "train a regression"),
    "no such target": ("x,z\n1,a\n", r"no column in mine\.csv 'y'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_tables_that_cannot_be_used_are_refused_with_a_sentence(tmp_path: Path, case: str) -> None:
    text, message = REFUSED[case]
    with pytest.raises(CourseError, match=message):
        read_table(file(tmp_path, text), target="y")


def test_files_and_kinds_that_are_not_there_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file(tmp_path, "x,y\n1,a\n2,a\n3,b\n4,b\n")
    with pytest.raises(CourseError, match="no file"):
        read_table(tmp_path / "other.csv", "y")
    with pytest.raises(CourseError, match="no file"):
        read_table(tmp_path, "y")
    with pytest.raises(CourseError, match="no kind of target 'class'"):
        read_table(path, "y", kind="class")
    with pytest.raises(CourseError, match="holds words"):
        read_table(path, "y", kind="numbers")
    with pytest.raises(CourseError, match="no encoding 'cp99999'"):
        read_table(path, "y", encoding="cp99999")
    with pytest.raises(CourseError, match=r"no column in mine\.csv 'z'"):
        read_table(path, "y", without=["z"])
    with pytest.raises(CourseError, match=r"no text in UTF-8\. .*encoding=.cp1252"):
        read_table(file(tmp_path, "x,y\n1,é\n", "latin-1"), "y")
    with pytest.raises(CourseError, match="is a workbook and no text"):
        read_table(file(tmp_path, "PK\x03\x04 and so on"), "y")
    monkeypatch.setattr(csv_entries, "MOST_BYTES", 5)
    path = file(tmp_path, "x,y\n1,a\n")
    with pytest.raises(CourseError, match="Keep fewer rows"):
        read_table(path, "y")
