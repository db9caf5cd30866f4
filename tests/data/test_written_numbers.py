"""Numbers in every country's way of writing them are read as the numbers they are."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.written_numbers import is_date, looks_like_number, numbers_in
from tests.strategies import between, examples

COLUMNS = {
    "German": (["1.234,50", "-2,5", "999", "7.000"], [1234.5, -2.5, 999, 7000]),
    "French": (["1\u202f234,50\u00a0€", "2,5 €", "999 €", "-7 €"], [1234.5, 2.5, 999, -7]),
    "Swiss": (["1'234.50", "2\u2019345.25", "999", "7"], [1234.5, 2345.25, 999, 7]),
    "Indian": (["12,34,567", "1,23,456", "999", "7"], [1234567, 123456, 999, 7]),
    "American": (["1,234.50", "2,345,678", "999", "7"], [1234.5, 2345678, 999, 7]),
    "Arabic": (["\u0661\u0662\u066b\u0665", "\u0663", "\u0664", "\u0665"], [12.5, 3, 4, 5]),
    "wide": (["\uff11\uff12", "\uff0d\uff13", "5", "6"], [12, -3, 5, 6]),
    "an accountant's": (["$1,234.50", "-$2.50", "($3.00)", "$7"], [1234.5, -2.5, -3, 7]),
    "signs behind": (["1-", "2.5", "3-", "4"], [-1, 2.5, -3, 4]),
    "minus signs": (["\u22121", "\u20132.5", "\u20113", "4"], [-1, -2.5, -3, 4]),
    "per cent": (["12 %", "5%", "0,5 %", "-100 %"], [0.12, 0.05, 0.005, -1]),
    "per mille": (["12\u2030", "5 \u2030", "1\u2030", "2\u2030"], [0.012, 0.005, 0.001, 0.002]),
    "powers": (["1,5E+05", "2,5e-3", "3", "-4"], [150000, 0.0025, 3, -4]),
    "kilograms": (["7 kg", "8kg", "9.5 kg", "10 kg"], [7, 8, 9.5, 10]),
    "codes of currencies": (["EUR 7", "EUR 8.5", "EUR -9", "EUR 10"], [7, 8.5, -9, 10]),
    "Brazilian": (["R$ 1.234,50", "R$ -2,5", "R$ 999", "R$ 7"], [1234.5, -2.5, 999, 7]),
    "decimal commas alone": (["1,234", "-2,5", "+999", "7"], [1.234, -2.5, 999, 7]),
    "as text": (["'7", "'8.5", "9", "10"], [7, 8.5, 9, 10]),
    "Python's": (["7", "8.5", "-9e-3", "+10"], [7, 8.5, -0.009, 10]),
}


@pytest.mark.parametrize("case", COLUMNS)
def test_a_column_is_read_in_its_own_way(case: str) -> None:
    entries, numbers = COLUMNS[case]
    reading = numbers_in(pd.Series(entries, name="x"))
    assert reading.values.tolist() == numbers
    assert reading.values.name == "x"
    assert bool(reading.told) is (case not in ("Python's"))


STYLES = st.tuples(st.sampled_from([".", ","]), st.sampled_from(["", " ", "'", "\u00a0", "\u202f", "."]))
UNITS = st.sampled_from(["{}", "{} €", "€{}", "US$ {}", "{} kg", "{}\u00a0m", "{} °C"])


@examples(100)
@given(
    st.lists(between(-1e9, 1e9), min_size=2, max_size=8),
    STYLES,
    UNITS,
    st.sampled_from(["-", "\u2212"]),
    st.integers(1, 6),
)
def test_numbers_come_back_from_every_style(
    numbers: list[float], style: tuple[str, str], unit: str, minus: str, places: int
) -> None:
    decimal, group = style[0], "," if style == (".", ".") else style[1]
    numbers = [round(number, places) for number in numbers]
    plain = [f"{number:,.{places}f}" for number in (*numbers, 0.5)]  # 0.5: no doubt about the decimal mark
    table = str.maketrans({",": group, ".": decimal, "-": minus})
    reading = numbers_in(pd.Series([unit.format(entry.translate(table)) for entry in plain]), delimiter=";")
    assert reading.values.tolist() == [*numbers, 0.5]
    assert reading.decimal == decimal


@given(
    st.lists(st.text("0123456789.,-+eE% '()€kgµ\u2212\u00a0", max_size=12), min_size=1, max_size=5),
    st.sampled_from([",", ";"]),
)
def test_no_column_is_read_in_part(entries: list[str], delimiter: str) -> None:
    reading = numbers_in(pd.Series(entries), delimiter=delimiter)
    assert len(reading.values) == len(entries)
    assert all(any(sign.isdigit() for sign in entry) for entry in pd.Series(entries)[reading.values.notna()])


def test_a_long_entry_takes_no_time_and_is_no_number() -> None:
    for entry in ("1" + " " * 100_000 + "x", "1," * 100_000, "(" * 100_000):
        assert numbers_in(pd.Series([entry, entry])).values.isna().all()


@pytest.mark.parametrize(
    "entry", ["2024-01-05", "05.01.2024", "1/5/24", "2024-01-05T10:30", "10:30", "10:30:00.5", "5 Jan 2024"]
)
def test_dates_and_times_are_known(entry: str) -> None:
    assert is_date(entry)
    assert looks_like_number(entry)


@pytest.mark.parametrize("entry", ["red", "x1", "18-25", "1.5", "no. 7", "-"])
def test_other_entries_are_no_dates(entry: str) -> None:
    assert not is_date(entry)
    assert looks_like_number(entry) is (entry in ("18-25", "1.5"))
