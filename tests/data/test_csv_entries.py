"""Tables of your own, from CSV files: what is read, and the sentence where it cannot be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from course_utils.data import csv_entries
from course_utils.data.dogs import dog_breeds
from course_utils.data.tables import read_table
from course_utils.errors import CourseError


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
    with pytest.raises(CourseError, match="no text in UTF-8"):
        read_table(file(tmp_path, "x,y\n1,é\n", "latin-1"), "y")
    monkeypatch.setattr(csv_entries, "MOST_BYTES", 5)
    with pytest.raises(CourseError, match="Keep fewer rows"):
        read_table(path, "y")
