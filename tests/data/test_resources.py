"""The files and data sets that come without a network."""

from __future__ import annotations

import re

import numpy as np
import pytest

from course_utils.data import resource, resource_names
from course_utils.data.sunspots import yearly_sunspots
from course_utils.errors import CourseError
from course_utils.metrics import persistence_error


def test_sunspots_are_what_their_source_says() -> None:
    series = yearly_sunspots()
    assert series.name == "sunspots"
    assert list(series.index) == list(range(1700, 2009))
    assert series.dtype == np.float64
    assert series.idxmax() == 1957
    assert series[1957] == 190.2
    assert (series >= 0).all()


def test_resource_finds_a_file_and_lists_them_for_a_wrong_name() -> None:
    assert resource("README.md").read_text(encoding="utf-8").startswith("# Data that travels with the course")
    with pytest.raises(CourseError, match=r"no file in the course's data 'sunspot.csv'.*README\.md"):
        resource("sunspot.csv")


@pytest.mark.parametrize("outside", ["../pyproject.toml", "/etc/passwd", ".", ""])
def test_resource_does_not_leave_its_folder(outside: str) -> None:
    with pytest.raises(CourseError):
        resource(outside)


def test_every_file_in_data_is_in_its_table() -> None:
    table = resource("README.md").read_text(encoding="utf-8")
    for name in resource_names():
        row = re.sub(r"^results/\w+\.json$", "results/*.json", name)
        assert f"`{row}`" in table, f"data/README.md does not say where {name} comes from"


def test_persistence_error_by_hand() -> None:
    assert persistence_error(np.array([1.0, 3.0, 2.0, 2.0])) == pytest.approx(1.0)  # (2 + 1 + 0) / 3
