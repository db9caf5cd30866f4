"""The catalogue of all data sets is complete, and says what the README says."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from course_utils.data import catalogue, resource
from course_utils.data.data_set import DataSet, RemoteFile
from course_utils.errors import CourseError
from tests.data.made_files import real

ROOT = Path(__file__).resolve().parents[2]
ROWS = list(catalogue.CATALOGUE.values())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_is_complete(row: DataSet) -> None:
    assert re.fullmatch(r"[a-z0-9_]+", row.name)
    assert row.title
    assert row.licence
    assert row.origin
    assert row.url.startswith("http")
    assert bool(row.package) is not row.is_download
    for file in row.files:
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", file.name)
        assert file.url.startswith("https://")
        assert file.sha256 is None or re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert file.md5 is None or re.fullmatch(r"[0-9a-f]{32}", file.md5)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_names_the_function_that_reads_it(row: DataSet) -> None:
    module, _, function = row.read_by.rpartition(".")
    assert callable(getattr(__import__(module, fromlist=[function]), function))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_is_in_the_readme_with_its_licence(row: DataSet) -> None:
    lines = [line for line in resource("README.md").read_text(encoding="utf-8").splitlines() if f"`{row.name}`" in line]
    assert len(lines) == 1
    assert row.licence in lines[0]
    assert row.read_by.removeprefix("course_utils.data.") in lines[0]


def test_the_hashes_that_publishers_state_are_those_that_others_read() -> None:
    from torchvision.datasets import FashionMNIST  # type: ignore[import-untyped]

    known = {file.url.rpartition("/")[2]: file.md5 for file in catalogue.FASHION_MNIST.files}
    assert known == dict(FashionMNIST.resources)


def test_the_hash_of_a_file_is_that_of_its_bytes() -> None:
    (file,) = catalogue.CATALOGUE["jsb_chorales"].files
    assert hashlib.sha256(real(file.name).read_bytes()).hexdigest() == file.sha256


def test_a_download_without_a_known_size_has_none() -> None:
    file = RemoteFile("a", "https://example.org/a", size=3)
    row = DataSet("x", "X", "", "", "", "", files=(file, file))
    assert row.size == 6
    unknown = RemoteFile("b", "https://example.org/b")
    assert DataSet("x", "X", "", "", "", "", files=(file, unknown)).size is None


def test_an_unknown_set_lists_the_choices() -> None:
    with pytest.raises(CourseError, match=r"no data set 'sunspot'. Did you mean 'sunspots'\?.*jsb_chorales"):
        catalogue.data_set("sunspot")


def test_importing_the_data_floor_is_light() -> None:
    names = [path.stem for path in (ROOT / "course_utils" / "data").glob("*.py") if path.stem != "__init__"]
    heavy = ("numpy", "pandas", "torch", "pooch", "requests", "soundfile", "sklearn", "statsmodels", "tqdm")
    script = (
        f"import sys; from course_utils.data import {', '.join(names)}\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert result.stdout.strip() == "[]"
