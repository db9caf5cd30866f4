"""Series in time as they may be given to a forecaster, checked, and how their index goes on.

A series is a pandas Series, an array, a tensor or a list of numbers, in the order of time and at equal distances.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
from torch import Tensor

from course_utils.checks import describe
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import pandas as pd

Values: TypeAlias = npt.NDArray[np.float64]

GAPS = ("refuse", "fill")
LARGEST = 1e150  # what lies beyond overflows where it is squared
MOST_FILLED = 10  # times as many steps as values; a series with more gaps than that is no series
SEASONS = {"h": 24, "D": 7, "B": 5, "W": 52, "M": 12, "ME": 12, "MS": 12, "BM": 12, "BMS": 12, "Q": 4, "QE": 4, "QS": 4}
HINT = "Give a pandas Series, an array or a list of numbers, in the order of time."


@dataclass(frozen=True)
class Index:
    """How an index ends, and how it goes on.

    Attributes:
        kind: "number", "time" or "period".
        last: the last entry: a number, or a time as text.
        step: from one entry to the next: a number, or a frequency as pandas writes it, such as "MS".
        zone: the time zone of a "time", as text; "" for none.
        name: of the index; "" for none.
    """

    kind: str
    last: float | int | str
    step: float | int | str
    zone: str = ""
    name: str = ""

    def ahead(self, steps: int) -> pd.Index:
        """The next entries.

        Raises:
            ValueError: they lie beyond what pandas can write, or the index describes none.
        """
        import pandas as pd

        name = self.name or None
        if self.kind == "number":
            last, step = self.last, self.step
            if isinstance(last, int) and isinstance(step, int):
                return pd.RangeIndex(last + step, last + step * (steps + 1), step, name=name)
            return pd.Index(float(last) + float(step) * np.arange(1, steps + 1), name=name)
        if self.kind == "period":
            return pd.period_range(pd.Period(str(self.last), freq=str(self.step)), periods=steps + 1, name=name)[1:]
        last_time = pd.Timestamp(str(self.last))
        if self.zone:
            last_time = last_time.tz_convert(self.zone)
        return pd.date_range(last_time, periods=steps + 1, freq=str(self.step), name=name)[1:]

    def moved(self, steps: int) -> Index:
        """The index some entries later; a negative number: earlier."""
        import pandas as pd

        if not steps:
            return self
        if self.kind == "number":
            return replace(self, last=self.last + steps * self.step)  # type: ignore[operator]
        if self.kind == "period":
            return replace(self, last=str(pd.Period(str(self.last), freq=str(self.step)) + steps))
        if steps > 0:
            return replace(self, last=self.ahead(steps)[-1].isoformat())
        last_time = pd.Timestamp(str(self.last))
        last_time = last_time.tz_convert(self.zone) if self.zone else last_time
        return replace(self, last=pd.date_range(end=last_time, periods=1 - steps, freq=str(self.step))[0].isoformat())

    @property
    def described(self) -> dict[str, Any]:
        """As it survives JSON."""
        return asdict(self)

    @property
    def season(self) -> int | None:
        """How many steps a season usually has at this frequency, such as 12 months; None where nothing is usual."""
        if self.kind == "number":
            return None
        return SEASONS.get(str(self.step).partition("-")[0])


@dataclass(frozen=True)
class Known:
    """A series that was checked.

    Attributes:
        values: (T,) finite, at equal distances.
        index: of its end.
        name: of the series; "" for none.
        filled: how many values were filled in.
    """

    values: Values
    index: Index
    name: str = ""
    filled: int = 0

    def until(self, count: int) -> Known:
        """The first values; the index ends where they do."""
        return Known(self.values[:count], self.index.moved(count - len(self.values)), self.name)


def checked_series(given: Any, gaps: str, name: str = "series") -> Known:
    """One series.

    Args:
        given: what was given.
        gaps: "refuse", or "fill": along the straight line between neighbours; gaps at the ends are cut off.
        name: of the argument, for the message.

    Raises:
        CourseError: it is none; it says why, and what to do.
    """
    import pandas as pd

    if isinstance(given, pd.DataFrame):
        if given.shape[1] != 1:
            raise CourseError(
                f"`{name}` is a table of {given.shape[1]} columns. Give one, table['name'], or all of them as a list: "
                "[table[column] for column in table]."
            )
        given = given.iloc[:, 0]
    indexed = given if isinstance(given, pd.Series) else None
    values = _numbers(given, name)
    if indexed is not None and not isinstance(indexed.index, pd.RangeIndex):
        found = _by_index(pd.Series(values, index=indexed.index), gaps, name)
    else:
        start, step = (0, 1) if indexed is None else (int(indexed.index.start), int(indexed.index.step))
        if step < 1:
            raise _unsorted(name)
        ends = indexed.index.name if indexed is not None else None
        found = values, Index("number", start + step * (len(values) - 1), step, name=str(ends or ""))
    values, index = found
    label = "" if indexed is None or indexed.name is None else str(indexed.name)
    return _without_gaps(values, index, label, gaps, name)


def is_several(given: Any) -> bool:
    """Is it a list of series, and not one series?"""
    if not isinstance(given, list | tuple) or not given:
        return False
    return all(hasattr(part, "__len__") and not isinstance(part, str | bytes | Mapping) for part in given)


def checked_several(given: Any, gaps: str, name: str = "series") -> list[Known]:
    """Each series of a list.

    Args:
        given: a list of series; each may have its own length.
        gaps: as in `checked_series`.
        name: of the argument, for the message.

    Raises:
        CourseError: one of them is none.
    """
    return [checked_series(part, gaps, f"{name}[{number}]") for number, part in enumerate(given)]


# ---------------------------------------------------------------------------------------------------------------------
# Numbers


def _numbers(given: Any, name: str) -> Values:
    """(T,) floats; NaN where a value is missing."""
    import pandas as pd

    if isinstance(given, Tensor):
        given = given.detach().cpu().numpy()
    if isinstance(given, np.ma.MaskedArray):
        given = np.where(np.ma.getmaskarray(given), np.nan, given.data) if given.dtype.kind in "iuf" else given.data
    if given is None or isinstance(given, str | bytes | Mapping | set) or not hasattr(given, "__len__"):
        raise CourseError(f"`{name}` is a {type(given).__name__}. {HINT}")
    try:
        column = given if isinstance(given, pd.Series) else pd.Series(np.asarray(given))
    except (ValueError, OverflowError):
        raise CourseError(f"`{name}` is {describe(given)}, no list of single numbers. {HINT}") from None
    if pd.api.types.is_bool_dtype(column.dtype):
        raise CourseError(f"`{name}` holds True and False. If 1 and 0 are meant as amounts, give series.astype(float).")
    if column.dtype == object or pd.api.types.is_string_dtype(column.dtype):
        strange = next((v for v in column if not _is_number(v)), None)
        if strange is not None:
            raise CourseError(
                f"`{name}` holds {strange!r:.40}, which is no number. Turn texts into numbers: pandas.to_numeric(…)."
            )
        column = column.map(lambda value: np.nan if value is None or value is pd.NA else float(value))
    if not pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_complex_dtype(column.dtype):
        raise CourseError(f"`{name}` holds {column.dtype}, no real numbers. {HINT}")
    values: Values = column.to_numpy(dtype=np.float64, na_value=np.nan).copy()
    if np.isinf(values).any() or (np.abs(values[~np.isnan(values)]) > LARGEST).any():
        raise CourseError(
            f"`{name}` holds a number that is infinite or beyond 10^150, in row "
            f"{_first(~(np.abs(values) <= LARGEST))}. Leave it out (NaN and gaps='fill'), or take a larger unit."
        )
    return values


def _is_number(value: Any) -> bool:
    import pandas as pd

    if value is None or value is pd.NA:
        return True
    return not isinstance(value, str | bytes | bool | np.bool_ | complex) and hasattr(value, "__float__")


def _first(where: npt.NDArray[np.bool_]) -> int:
    return int(np.flatnonzero(where)[0])


def _without_gaps(values: Values, index: Index, label: str, gaps: str, name: str) -> Known:
    missing = np.isnan(values)
    if not missing.any():
        return Known(values, index, label)
    if gaps == "refuse":
        raise CourseError(
            f"{int(missing.sum())} of the {len(values)} values of `{name}` are missing, the first in row "
            f"{_first(missing)} (from 0). gaps='fill' fills them along straight lines; or leave out that part."
        )
    known = np.flatnonzero(~missing)
    if not len(known):
        raise CourseError(f"All values of `{name}` are missing.")
    first, last = known[0], known[-1]
    filled = np.interp(np.arange(first, last + 1), known, values[known])
    ends = index.moved(int(last) + 1 - len(values))
    return Known(filled, ends, label, int(missing[first:last].sum()))


# ---------------------------------------------------------------------------------------------------------------------
# Indices


def _unsorted(name: str) -> CourseError:
    return CourseError(f"The index of `{name}` does not rise. Put it in the order of time: series.sort_index().")


def _by_index(series: pd.Series, gaps: str, name: str) -> tuple[Values, Index]:
    """Values at equal distances, and how their index ends."""
    import pandas as pd

    index = series.index
    if not len(index):
        return series.to_numpy(), Index("number", -1, 1)
    if isinstance(index, pd.MultiIndex) or not (
        isinstance(index, pd.DatetimeIndex | pd.PeriodIndex) or pd.api.types.is_numeric_dtype(index.dtype)
    ):
        raise CourseError(
            f"The index of `{name}` holds entries such as {index[0]!r:.40}, which do not go on by themselves. Give "
            "dates, pandas.to_datetime(index), numbers, or series.reset_index(drop=True)."
        )
    if index.hasnans:
        raise CourseError(f"An entry of the index of `{name}` is missing.")
    if index.has_duplicates:
        twice = index[index.duplicated()][0]
        raise CourseError(
            f"The index of `{name}` has {twice} twice. Make one value of them: series.groupby(level=0).mean()."
        )
    if not index.is_monotonic_increasing:
        raise _unsorted(name)
    if isinstance(index, pd.DatetimeIndex):
        return _by_time(series, gaps, name)
    if isinstance(index, pd.PeriodIndex):
        whole = pd.period_range(index[0], index[-1], freq=index.freq)
        series = _onto(series, whole, gaps, name)
        return series.to_numpy(), Index("period", str(whole[-1]), index.freqstr, name=str(index.name or ""))
    return _by_number(series, gaps, name)


def _by_number(series: pd.Series, gaps: str, name: str) -> tuple[Values, Index]:
    import pandas as pd

    places = series.index.to_numpy()
    if not np.isfinite(places.astype(float)).all():
        raise CourseError(f"An entry of the index of `{name}` is not finite.")
    steps = np.diff(places)
    whole = places.dtype.kind in "iu"
    step = steps.min() if len(steps) else places.dtype.type(1)
    equal = bool((steps == step).all()) if whole else bool(np.allclose(steps, step, rtol=1e-6, atol=0))
    if not equal:
        count = round(float((places[-1] - places[0]) / step)) + 1
        if count > MOST_FILLED * len(places):
            raise _unequal(name, series.index, "fill")
        grid = places[0] + step * np.arange(count)
        nearest = np.rint((places - places[0]).astype(float) / float(step)).astype(int)
        if not np.allclose(grid[nearest].astype(float), places.astype(float), rtol=0, atol=1e-3 * float(step)):
            raise _unequal(name, series.index, "fill")
        series = _onto(pd.Series(series.to_numpy(), index=nearest), pd.RangeIndex(count), gaps, name)
    last: float | int = int(places[-1]) if whole else float(places[-1])
    by: float | int = int(step) if whole else float(steps.mean()) if equal and len(steps) else float(step)
    return series.to_numpy(), Index("number", last, by, name=str(series.index.name or ""))


def _by_time(series: pd.Series, gaps: str, name: str) -> tuple[Values, Index]:
    import pandas as pd

    index: Any = series.index
    step = index.freqstr or _inferred(index)
    if step is None and len(index) > 1:
        step = _commonest(index)
        whole = pd.date_range(index[0], index[-1], freq=step) if _count(index, step) else index[:0]
        if not index.isin(whole).all():
            raise _unequal(name, index, "fill")
        series = _onto(series, whole, gaps, name)
    zone = "" if index.tz is None else str(index.tz)
    last = index[-1]
    if zone:
        try:
            last.tz_convert(zone)
        except (ValueError, KeyError, TypeError, AttributeError):
            zone = "UTC"
    return series.to_numpy(), Index("time", last.isoformat(), step or "D", zone, str(index.name or ""))


def _inferred(index: Any) -> str | None:
    """The frequency of an index at equal distances, or by the calendar; None where there is none."""
    import pandas as pd

    with warnings.catch_warnings():  # pandas 3 announces that it will give an object in place of a text
        warnings.simplefilter("ignore")
        found = pd.infer_freq(index) if len(index) > 2 else None
    return getattr(found, "freqstr", found)


def _commonest(index: Any) -> str:
    """The frequency of most steps: days, months' beginnings …, or the commonest distance."""
    import pandas as pd

    steps = pd.Series(index[1:] - index[:-1])
    commonest = steps.mode().iloc[0]
    if pd.Timedelta(days=28) <= commonest <= pd.Timedelta(days=31) and bool((index.day == index[0].day).all()):
        return "MS" if index[0].day == 1 else "D"
    if commonest == pd.Timedelta(days=365) and bool((index.dayofyear == 1).all()):
        return "YS"
    return str(pd.tseries.frequencies.to_offset(commonest).freqstr)


def _count(index: Any, step: str) -> bool:
    """Would a grid of this step stay small?"""
    import pandas as pd

    few = pd.date_range(index[0], periods=min(MOST_FILLED * len(index), 10_000_000) + 1, freq=step)
    return bool(few[-1] > index[-1])


def _onto(series: pd.Series, whole: Any, gaps: str, name: str) -> pd.Series:
    """The series on an index without gaps; NaN where it has no value."""
    if len(whole) == len(series):
        return series
    if gaps == "refuse" or len(whole) > MOST_FILLED * len(series):
        raise _unequal(name, series.index, gaps)
    return series.reindex(whole)


def _unequal(name: str, index: pd.Index, gaps: str) -> CourseError:
    between = next((f", such as between {a} and {b}" for a, b in _widest(index)), "")
    do = "gaps='fill' fills them along straight lines, or" if gaps == "refuse" else "They are too irregular to fill:"
    return CourseError(
        f"The entries of the index of `{name}` do not lie at equal distances{between}. {do} bring them on a grid "
        "first: series.resample(…).mean()."
    )


def _widest(index: pd.Index) -> list[tuple[Any, Any]]:
    """Around the widest gap."""
    places = np.asarray(index.asi8 if hasattr(index, "asi8") else index, dtype=np.float64)
    if len(places) < 2 or math.isnan(places.sum()):
        return []
    at = int(np.diff(places).argmax())
    return [(index[at], index[at + 1])]
