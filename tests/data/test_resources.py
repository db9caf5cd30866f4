"""The files and data sets that come without a network."""

from __future__ import annotations

import re

import pytest

from course_utils.data import resource, resource_names
from course_utils.errors import CourseError


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
