"""Numbers as people and their spreadsheets write them: 5,1 · 1 234,50 € · 1,234 · 12 % · −3 · (3) · 7 kg."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

    Mark = Literal[".", ","]

CURRENCY = (
    r"[$€£¥₹₽₩₺₫₴₪฿₱₦₡₵]|(?:US|R|[CAS])\$|EUR|Euro?s?|USD|GBP|CHF|JPY|CNY|INR|SEK|NOK|DKK|PLN|CZK|HUF"
    r"|kr\.?|zł|Kč|Ft|Fr\.?"
)
MEASURE = (
    r"[%٪‰]|°\s?[CF]?|[mckµ]?m[²³23]?|in|ft|mi|[mkµ]?g|t|lbs?|oz|[mc]?l|[mµ]?s|sec|min|h|[kMG]?Hz|[mk]?W|kWh|[mk]?V|m?A"
    r"|[hk]?Pa|bar|K|kcal|kJ|ha"
)
NUMBER = re.compile(
    rf"^'?(?P<open>\()?\s*(?P<sign>[+-])?\s*(?P<before>{CURRENCY})?\s*(?P<second>[+-])?\s*"
    rf"(?P<digits>\d[\d., ']*(?<![., '])|\d+[.,]|[.,]\d+)(?P<power>[eE][+-]?\d+)?"
    rf"\s*(?P<after>{CURRENCY}|{MEASURE})?\s*(?P<last>-)?\s*(?P<close>\))?$"
)
ALIKE = str.maketrans(
    dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\u2014\ufe63\uff0d", "-")
    | dict.fromkeys("\u00a0\u2007\u2009\u202f", " ")
    | dict.fromkeys("\u2019\u02bc\uff07\u066c", "'")
    | {"\u066b": ",", "\uff0c": ",", "\uff0e": ".", "\uff05": "%", "٪": "%", "\uffe5": "¥", "\uff04": "$"}
)
THOUSANDS = r"[+-]?[1-9]\d{0,2},\d{3}"
LONGEST = 60  # characters of a number
SHARES = {"%": 100.0, "‰": 1000.0}
# each decimal mark, and what may set thousands off beside it
WAYS: tuple[tuple[Mark, str], ...] = ((".", ","), (".", " "), (".", "'"), (",", "."), (",", " "), (",", "'"))
MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
DATE = re.compile(
    r"\d{1,4}([-/.])\d{1,2}\1\d{2,4}([ T].*)?|\d{1,2}:\d{2}(:\d{2})?([.,]\d+)?|\d{1,2}\.? \w{3,} \d{4}|\d{4}-W\d{1,2}"
    rf"|(?:\d{{1,2}}[- ])?{MONTH}[-. ']{{1,2}}\d{{2,4}}"
)


@dataclass(frozen=True)
class Reading:
    """A column of numbers, and how they were read.

    Attributes:
        values: the numbers; NaN where an entry is none.
        decimal: the decimal mark, where the entries leave no doubt about it.
        told: what was taken for what, such as "5,1 as 5.1"; empty where the numbers are written as in Python.
        fault: why the entries are no numbers though each looks like one, in words that follow "holds".
    """

    values: pd.Series
    decimal: Mark | None = None
    told: str = ""
    fault: str = ""


def number(entry: str) -> float:
    """The number that an entry is for Python; NaN: it is none."""
    try:
        return float(entry)
    except ValueError:
        return math.nan


def looks_like_number(entry: str) -> bool:
    """Does it begin with a digit, after signs, or is it mostly digits? So do dates, times, ranges and codes."""
    digits = sum(sign.isdigit() for sign in entry)
    return bool(re.match(r"\W{0,2}\d", entry)) or 2 * digits > len(entry)


def is_date(entry: str) -> bool:
    """Is it written as a date or as a time of day?"""
    return DATE.fullmatch(entry) is not None


def numbers_in(column: pd.Series, mark: Mark | None = None, delimiter: str = ",") -> Reading:
    """Read a column of text as numbers.

    Where the entries can be read in two ways (1,234), the decimal mark of the file's other columns decides; else the
    delimiter does: beside semicolons and tabs a comma is a decimal comma.

    Args:
        column: its entries, text.
        mark: the decimal mark of other columns, where they leave no doubt.
        delimiter: what separates the entries of the file.
    """
    python = column.map(number)
    dots = column.str.fullmatch(r"[+-]?[1-9]\d{0,2}\.\d{3}")
    if not python.isna().any() and not (mark == "," and dots.any()):
        seen = column.str.contains(".", regex=False) & ~dots & python.abs().lt(math.inf)
        doubt = delimiter != "," and mark is None and dots.any() and not seen.any()
        strange = dots if doubt else column.str.fullmatch(r"0\d+")  # postcodes and their like
        return Reading(python, "." if seen.any() else None, _example(column, python, strange))
    commas = column.str.contains(",", regex=False)
    if column.str.fullmatch(r"[+-]?\d+(?:,\d+)?").all() and (commas & ~column.str.fullmatch(THOUSANDS)).any():
        values = column.str.replace(",", ".", regex=False).map(number)  # the same as below, in a tenth of the time
        return Reading(values, ",", _example(column, values, commas))
    parts = column.where(column.str.len() <= LONGEST, "").map(lambda entry: entry.translate(ALIKE)).str.extract(NUMBER)
    fits = parts["digits"].notna() & (parts["open"].isna() == parts["close"].isna())
    if 2 * fits.sum() < len(column):
        return Reading(python)
    fault = _fault(column[fits], parts[fits], mark)
    found = None if fault else _by_marks(parts[fits], mark, delimiter)
    if found is None:
        return Reading(python, fault=fault)
    values, decimal = found
    values = values * _signs(parts[fits]) / SHARES.get(_units(parts[fits]).iloc[0], 1.0)
    values = values.reindex(column.index).rename(column.name)
    strange = python.isna() | (python != values)
    return Reading(values, decimal, _example(column, values, strange & values.notna()))


def _by_marks(parts: pd.DataFrame, mark: Mark | None, delimiter: str) -> tuple[pd.Series, Mark | None] | None:
    """The numbers without sign and unit, by the decimal mark that fits all; and the mark, where only one does."""
    digits, powers = parts["digits"], parts["power"].fillna("")
    fitting: dict[Mark, pd.Series] = {}
    for decimal, group in WAYS:
        one, few = re.escape(group), re.escape(decimal)
        grouped = rf"[1-9]\d{{0,2}}(?:{one}\d{{3}})+|[1-9]\d?(?:{one}\d{{2}})+{one}\d{{3}}"
        if decimal not in fitting and digits.str.fullmatch(rf"(?:\d+|{grouped})?(?:{few}\d*)?").all():
            plain = digits.str.replace(group, "", regex=False).str.replace(decimal, ".", regex=False)
            fitting[decimal] = (plain + powers).map(number)
    if not fitting:
        return None
    if len(fitting) == 1 or fitting["."].equals(fitting[","]):
        decimal = next(iter(fitting))
        certain = len(fitting) == 1 and digits.str.contains(decimal, regex=False).any()
        return fitting[decimal], decimal if certain else None
    commas = digits.str.contains(",", regex=False).any()
    return fitting[mark or ("," if commas and delimiter != "," else ".")], None


def _signs(parts: pd.DataFrame) -> pd.Series:
    """−1 where a minus stands before, between or behind, or brackets stand around."""
    minus = parts[["sign", "second", "last"]].eq("-").any(axis=1) | parts["open"].notna()
    return 1.0 - 2.0 * minus


def _units(parts: pd.DataFrame) -> pd.Series:
    return (parts["before"].fillna("") + parts["after"].fillna("")).str.replace(" ", "")


def _fault(column: pd.Series, parts: pd.DataFrame, mark: Mark | None) -> str:
    """Several units in one column, or both marks for what may be thousands."""
    units = _units(parts)
    if units.nunique() > 1:
        one, other = (column[units == unit].iloc[0] for unit in units.unique()[:2])
        return f"both {one!r} and {other!r}. Write all of them in one unit."
    thousands = [parts["digits"].str.fullmatch(rf"[1-9]\d{{0,2}}{each}\d{{3}}") for each in (",", r"\.")]
    if mark is None and all(where.any() for where in thousands) and (thousands[0] | thousands[1]).all():
        one, other = (column[where].iloc[0] for where in thousands)
        return f"both {one!r} and {other!r}. Which mark sets off decimals, which thousands? Write all in one way."
    return ""


def _example(column: pd.Series, values: pd.Series, where: pd.Series) -> str:
    if not where.any():
        return ""
    row = column[where].str.len().idxmax()
    return f"{column[row]} as {values[row]:.12g}"
