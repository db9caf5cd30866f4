"""Tables that read well on a phone, to a screen reader, and as plain text."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from course_utils.checks import check_name
from course_utils.display.html import LEFT, LINE, NO_STRIPES, Html, element, joined
from course_utils.display.message import Message
from course_utils.display.numbers import MISSING, short
from course_utils.errors import CourseError

Format: TypeAlias = str | Callable[[Any], str]

CELL = f"padding:.3em .6em;border:0;border-bottom:{LINE};text-align:"
LONG = 24  # letters; longer text is broken into lines


class Table(Message):
    """A table with a caption: HTML in a notebook, aligned columns elsewhere."""

    def __init__(
        self, caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]
    ) -> None:
        self.caption, self.heads, self.rows, self.right = caption, list(heads), [list(row) for row in rows], list(right)

    def __str__(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.heads, *self.rows, strict=True)]

        def line(cells: Sequence[str]) -> str:
            aligned = (
                cell.rjust(width) if right else cell.ljust(width)
                for cell, width, right in zip(cells, widths, self.right, strict=True)
            )
            return "  ".join(aligned).rstrip()

        return "\n".join(
            [self.caption, line(self.heads), line(["-" * width for width in widths]), *map(line, self.rows)]
        )

    __repr__ = __str__

    @property
    def html(self) -> Html:
        """A real table: caption, headings with their scope, in a box that scrolls sideways where the page is narrow."""
        heads = joined(self._cell("th", head, n, scope="col") for n, head in enumerate(self.heads))
        rows = joined(
            element(
                "tr",
                self._cell("th", row[0], 0, scope="row"),
                *(self._cell("td", cell, n) for n, cell in enumerate(row[1:], 1)),
                style=NO_STRIPES,
            )
            for row in self.rows
        )
        table = element(
            "table",
            element("caption", self.caption, style=f"{LEFT};caption-side:top;font-weight:bold;padding:.2em 0"),
            element("thead", element("tr", heads, style=NO_STRIPES)),
            element("tbody", rows),
            style="table-layout:auto;width:auto;min-width:min(100%,16em);margin:0;border-collapse:collapse;border:0;"
            "font-variant-numeric:tabular-nums",
        )
        scrolled = "overflow-x:auto;max-width:100%;margin:.5em 0"
        return element("div", table, role="region", aria_label=self.caption, tabindex="0", style=scrolled)

    def _cell(self, tag: str, text: str, column: int, scope: str | None = None) -> Html:
        style = CELL + ("right" if self.right[column] else "left")
        style += ";white-space:normal;min-width:11em" if len(text) > LONG else ";white-space:nowrap"
        style += ";font-weight:normal" if scope == "row" else ""
        if not text:  # an empty heading heads nothing
            tag, scope = "td", None
        return element(tag, text, scope=scope, style=style)


def show_table(
    rows: pd.DataFrame | pd.Series | Iterable[Mapping[str, Any]] | Mapping[str, Sequence[Any]],
    caption: str,
    *,
    formats: Mapping[str, Format] | None = None,
) -> Table:
    """Show a table immediately, wherever in a cell it arises.

    The first column names the rows: an index that has names or words, or else the first column. Numbers stand to the
    right with one number of decimals in a column, enough for three digits of a typical number. NaN is "–".

    Args:
        rows: a DataFrame or Series, a list of rows as dicts, or a dict of columns.
        caption: what the table shows, with units; the finding, if there is one.
        formats: for a column a format as in f-strings (".1%", ",.0f", "d") or a function to text.

    Returns:
        The table; print it in a script.

    Raises:
        CourseError: no caption, no rows or columns, or a format for a column that does not exist or does not fit.
    """
    if not isinstance(caption, str) or not caption.strip():
        raise CourseError("A table needs a caption that says what it shows: show_table(rows, 'Accuracy by network').")
    table = _frame(rows)
    formats = dict(formats or {})
    names = [str(name) for name in table.columns]
    for column in formats:
        check_name("column", column, names)
    columns = [_texts(table.iloc[:, n], formats.get(name)) for n, name in enumerate(names)]
    right = [_is_numeric(table.iloc[:, n]) for n in range(len(names))]
    right[0] = right[0] and len(names) == 1
    return Table(caption.strip(), names, list(zip(*columns, strict=True)), right).say()


def _frame(rows: Any) -> pd.DataFrame:
    """What was given as a table whose first column names the rows."""
    if isinstance(rows, pd.Series):
        rows = rows.to_frame(rows.name if rows.name is not None else "value")
    try:
        table = (
            rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows if isinstance(rows, Mapping) else list(rows))
        )
    except (TypeError, ValueError) as error:
        raise CourseError(
            f"A table is made of a DataFrame, a list of rows as dicts, or a dict of columns of one length ({error})."
        ) from None
    table = table.copy()
    table.columns = [" ".join(map(str, name)) if isinstance(name, tuple) else str(name) for name in table.columns]
    if not (isinstance(table.index, pd.RangeIndex) and table.index.name is None):
        index = table.index.to_frame(index=False)
        index.columns = [str(name or "") for name in table.index.names]
        table = pd.concat([index, table.reset_index(drop=True)], axis=1)
    if table.shape[0] == 0 or table.shape[1] == 0:
        raise CourseError("There is nothing to show: the table has no rows, or no columns.")
    return table


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real | np.number) and not isinstance(value, bool | np.bool_)


def _plain(value: Any) -> Any:
    """A tensor or array that holds one number, as that number."""
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", None) == 0 else value


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (_is_number(value) and math.isnan(value))


def _is_numeric(column: pd.Series) -> bool:
    values = [value for value in map(_plain, column) if not _is_missing(value)]
    return bool(values) and all(map(_is_number, values))


def _texts(column: pd.Series, form: Format | None) -> list[str]:
    """The cells of a column as text."""
    values = [_plain(value) for value in column]
    try:
        write = _writer(values, form)
        return [MISSING if _is_missing(value) else write(value) for value in values]
    except (TypeError, ValueError, OverflowError) as error:
        raise CourseError(f"The format {form!r} does not fit the column {column.name!r}: {error}.") from None


def _writer(values: list[Any], form: Format | None) -> Callable[[Any], str]:
    """How the values of a column are written."""
    if callable(form):
        return form
    if form is not None:
        return lambda value: format(value, form).replace("-", "−") if _is_number(value) else format(value, form)
    known = [float(value) for value in values if _is_number(value) and math.isfinite(value)]
    apart = any(abs(number) >= 10_000 for number in known)
    if all(number.is_integer() and abs(number) < 1e15 for number in known):
        return lambda value: _word(value, 0, apart)
    sizes = sorted(abs(number) for number in known if number)
    decimals = max(0, 2 - math.floor(math.log10(sizes[(len(sizes) - 1) // 2])))
    if sizes[-1] >= 1e7 or decimals > 5 or sizes[0] < 10.0**-decimals:  # one number of decimals does not suit them all
        return lambda value: short(value) if _is_number(value) else _word(value, 0, apart)
    return lambda value: _word(value, decimals, apart)


def _word(value: Any, decimals: int, apart: bool) -> str:
    """One value: numbers with a true minus; thousands apart where the column has five digits (1957 may be a year)."""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if not _is_number(value):
        return str(value)
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:z,.{decimals}f}" if apart else f"{value:z.{decimals}f}"
    return text.replace("-", "−")
