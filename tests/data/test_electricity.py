"""Electricity: files are read as they were published, from a mirror too, and damaged ones are told."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from course_utils.data.electricity import COLUMNS, electricity_use, read_electricity_use, read_transformer, transformer
from course_utils.errors import CourseError
from tests.data.made_files import real

HEADER = "date,HUFL,HULL,MUFL,MULL,LUFL,LULL,OT\n"
ROWS = "".join(f"2016-07-01 {hour:02}:00:00,5.8,2.0,1.5,0.4,4.2,1.3,{30 + hour}.5\n" for hour in range(5))


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mirror" / "electricity").mkdir(parents=True)
    (tmp_path / "mirror" / "electricity" / "electricity.txt.gz").write_bytes(gzip.compress(b"1,2,3\n4,5,6\n" * 24))
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "cache"))
    return tmp_path / "mirror"


def test_a_transformer_hour_by_hour(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(HEADER + ROWS)
    table = read_transformer(tmp_path / "t.csv")
    assert tuple(table.columns) == COLUMNS
    assert table["OT"].tolist() == [30.5, 31.5, 32.5, 33.5, 34.5]
    assert table.index.freqstr == "h"


def test_the_published_file_comes_whole_from_a_mirror(mirror: Path) -> None:
    (mirror / "transformers").mkdir()
    for name in ("ETTh1.csv", "ETTh2.csv"):  # of the second one no bytes were read: any table will do
        (mirror / "transformers" / name).symlink_to(real("ETTh1.csv"))
    table = transformer()
    assert table.shape == (17_420, 7)
    assert str(table.index[-1]) == "2018-06-26 19:00:00"
    assert table["OT"].iloc[0] == pytest.approx(30.531)
    assert transformer("ETTh2").equals(table)


def test_clients_come_from_a_mirror(mirror: Path) -> None:
    table = electricity_use(2)
    assert table.shape == (48, 2)
    assert table.iloc[1].tolist() == [4, 5]
    assert str(table.index[-1]) == "2012-01-02 23:00:00"
    assert table.columns[1] == "client 1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a,b\n1,2\n",
        HEADER,
        HEADER + "x" + ROWS,
        HEADER + ROWS.replace("02:00", "07:00"),
        HEADER + "2016-07-01,,,\n",
    ],
)
def test_a_damaged_table_is_told_with_its_fix(text: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(CourseError, match="course data fetch transformers"):
        read_transformer(tmp_path / "t.csv")


@pytest.mark.parametrize(
    "content",
    [b"1,2\n", gzip.compress(b"1,2\n3,x\n"), gzip.compress(b"1,2\n")[:-6], gzip.compress(b"1,2\n3\n")],
    ids=["no gzip", "no number", "cut off", "ragged"],  # gzip writes the time: each worker would have names of its own
)
def test_a_damaged_package_is_told_with_its_fix(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "e.gz").write_bytes(content)
    with pytest.raises(CourseError, match="course data fetch electricity"):
        read_electricity_use(tmp_path / "e.gz")


def test_what_cannot_be_meant_is_told(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="no transformer 'ETTm1'"):
        transformer("ETTm1")
    with pytest.raises(CourseError, match="clients must be"):
        electricity_use(0)
    with pytest.raises(CourseError, match="cannot be read"):
        read_transformer(tmp_path / "none.csv")
