"""Tables that people and screen readers can read."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.display.tables import Table, show_table
from course_utils.errors import CourseError
from tests.strategies import examples


class Cells(HTMLParser):
    """The cells of a table: tag, scope, alignment, text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.cells: list[tuple[str, str | None, str, str]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open, "a tag is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        if tag in ("th", "td"):
            given = dict(attrs)
            side = re.search(r"text-align:(\w+)", given["style"] or "")
            self.cells.append((tag, given.get("scope"), side[1] if side else "", ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1] in ("th", "td"):
            self.cells[-1] = (*self.cells[-1][:3], self.cells[-1][3] + data)


def test_a_table_is_a_real_table() -> None:
    rows = [{"network": "LSTM", "score": 0.98765, "n": 12345}, {"network": "R<N>N", "score": None, "n": 7}]
    table = show_table(rows, "Scores & sizes")
    assert Cells(table.html).cells == [
        ("th", "col", "left", "network"),
        ("th", "col", "right", "score"),
        ("th", "col", "right", "n"),
        ("th", "row", "left", "LSTM"),
        ("td", None, "right", "0.988"),
        ("td", None, "right", "12,345"),
        ("th", "row", "left", "R<N>N"),
        ("td", None, "right", "–"),
        ("td", None, "right", "7"),
    ]
    assert ">Scores &amp; sizes</caption>" in table.html
    assert 'role="region" aria-label="Scores &amp; sizes" tabindex="0" style="overflow-x:auto' in table.html
    assert not re.search(r"[; \"](?:width|height):\s*\d", table.html)
    assert str(table).splitlines() == [
        "Scores & sizes",
        "network  score       n",
        "-------  -----  ------",
        "LSTM     0.988  12,345",
        "R<N>N        –       7",
    ]


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([1957, 1858], ["1957", "1858"]),
        ([1957, 20000], ["1,957", "20,000"]),
        ([0.5, 0.25], ["0.500", "0.250"]),
        ([0.01, 0.123], ["0.0100", "0.1230"]),
        ([12.5, 100.25], ["12.5", "100.2"]),
        ([1e-9, 0.5], ["1e−9", "0.5"]),
        ([2.5e8, 1.5], ["2.5e8", "1.5"]),
        ([-1.5, math.nan], ["−1.50", "–"]),
        ([math.inf, 1.0], ["∞", "1"]),
        ([True, False], ["yes", "no"]),
        (["a", None], ["a", "–"]),
        ([np.float32(0.5), np.array(2.0)], ["0.500", "2.000"]),
        ([0.0, -0.0], ["0", "0"]),
        ([1.795e308, 1.0], ["1.79e308", "1"]),
    ],
)
def test_cells_are_written_as_people_read_them(values: list[Any], texts: list[str]) -> None:
    table = show_table({"name": ["a", "b"], "value": values}, "Values")
    assert [row[1] for row in table.rows] == texts


def test_formats_and_indices() -> None:
    frame = pd.DataFrame({"share": [0.123, 0.5], "size": [1, 2]}, index=pd.Index(["RNN", "LSTM"], name="network"))
    table = show_table(frame, "Shares", formats={"share": ".0%", "size": lambda n: f"{n} units"})
    assert table.heads == ["network", "share", "size"]
    assert table.rows == [["RNN", "12%", "1 units"], ["LSTM", "50%", "2 units"]]
    pairs = frame.set_index("size", append=True)
    assert show_table(pairs, "Two names").heads == ["network", "size", "share"]
    assert show_table(pd.Series({"x": 1, "y": 2}), "A series").rows == [["x", "1"], ["y", "2"]]
    assert show_table(frame.reset_index(), "No index").heads == ["network", "share", "size"]


@pytest.mark.parametrize(
    ("rows", "caption", "options", "says"),
    [
        ([{"a": 1}], "", {}, "needs a caption"),
        ([], "T", {}, "nothing to show"),
        (pd.DataFrame({"a": []}), "T", {}, "nothing to show"),
        (5, "T", {}, "A table is made of"),
        ({"a": [1], "b": [1, 2]}, "T", {}, "A table is made of"),
        ({"a": [1]}, "T", {"formats": {"b": ".1f"}}, "There is no column 'b'"),
        ({"a": ["x"]}, "T", {"formats": {"a": ".1%"}}, "does not fit the column 'a'"),
    ],
)
def test_tables_that_cannot_be_shown(rows: Any, caption: str, options: dict[str, Any], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        show_table(rows, caption, **options)


VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.lists(st.integers(), max_size=2)
)


@given(st.lists(st.fixed_dictionaries({"a": VALUES, "b": VALUES, "c<": VALUES}), min_size=1, max_size=4), st.text())
@examples(30)
def test_any_rows_make_a_table(rows: list[dict[str, Any]], caption: str) -> None:
    table = show_table(rows, "A " + caption)
    assert len(Cells(table.html).cells) == 3 * (len(rows) + 1)
    assert str(table).startswith(("A " + caption).strip())


def test_a_table_shows_itself() -> None:
    assert isinstance(show_table([{"a": 1}], "One"), Table)
