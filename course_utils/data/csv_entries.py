"""The entries of a CSV file as pandas reads them, and what they are: numbers, words or classes."""

from __future__ import annotations

import io
import math
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

# what counts as missing in a CSV file, in capitals too
GAPS = frozenset(("", "na", "n/a", "nan", "null", "none", "?", "#n/a", "#na", "<na>"))
MOST_BYTES = 50_000_000
MOST_WORDS = 50  # different words in a text column, each of which becomes a column


def read_entries(path: Path) -> pd.DataFrame:
    """Read a CSV file whose entries are separated by commas, semicolons or tabs, below a header.

    Returns:
        The entries, each as text without the blanks around it; the columns are named by the header.

    Raises:
        CourseError: a file that is not there, is too large (50 MB), or is no such table.
    """
    import pandas as pd

    if not path.is_file():
        raise CourseError(f"There is no file {path}. Give the path of a CSV file.")
    if (size := path.stat().st_size) > MOST_BYTES:
        raise CourseError(
            f"{path.name} has {size / 1e6:.0f} MB; this function reads up to {MOST_BYTES / 1e6:.0f} MB. Keep fewer "
            "rows."
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CourseError(f"{path.name} is no text in UTF-8. Save it as a CSV file with that encoding.") from error
    delimiter = max(",;\t", key=text.lstrip().partition("\n")[0].count)
    try:
        entries = pd.read_csv(
            io.StringIO(text), sep=delimiter, header=None, dtype=str, keep_default_na=False, skipinitialspace=True
        )
    except pd.errors.EmptyDataError:
        entries = pd.DataFrame()
    except pd.errors.ParserError as error:
        raise CourseError(_not_read(path, text, str(error))) from error
    entries = entries.apply(lambda column: column.str.strip())
    entries = entries[(entries != "").any(axis=1)]
    if len(entries) < 2:
        raise CourseError(f"{path.name} holds no rows. Expected: a header, and a row for each example below it.")
    header = entries.iloc[0].tolist()
    twice = [name or "(no name)" for name, count in Counter(header).items() if count > 1 or not name]
    if twice:
        raise CourseError(f"In the header of {path.name} every column needs a name of its own; look at {twice[0]!r}.")
    return entries.iloc[1:].set_axis(header, axis=1).reset_index(drop=True)


def _not_read(path: Path, text: str, reason: str) -> str:
    """What pandas found wrong with a file, in words."""
    lengths = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", reason)
    if lengths is None:
        return f"{path.name} cannot be read as a table: {reason}. Is every quotation mark closed?"
    expected, line, found = map(int, lengths.groups())
    row = sum(bool(some.strip()) for some in text.splitlines()[: line - 1])
    return (
        f"Row {row} of {path.name} has {found} entries, and the header has {expected}. (An entry that holds a "
        "comma stands in quotation marks.)"
    )


def check_gaps(path: Path, frame: pd.DataFrame) -> None:
    """Raise a CourseError where an entry is missing.

    Args:
        path: of the file, for the message.
        frame: its entries.

    Raises:
        CourseError: there is a gap; it says where the first one is.
    """
    gaps = frame.apply(lambda column: column.str.lower().isin(GAPS))
    columns = gaps.columns[gaps.any()]
    if len(columns):
        raise CourseError(
            f"{path.name} has gaps in {len(columns)} of its columns, first in {columns[0]!r}, row "
            f"{gaps[columns[0]].idxmax() + 1}. Nothing is filled in here: leave out those rows, or those columns."
        )


def _number(entry: str) -> float:
    """The number that an entry is; NaN: it is none."""
    try:
        return float(entry)
    except ValueError:
        return math.nan


def _numbers(name: str, column: pd.Series) -> pd.Series | None:
    """A column of numbers; None for a column of words. Refused: a column of both, and numbers that are not finite."""
    numbers = column.map(_number)
    words = column[numbers.isna()]
    if len(words) > len(column) / 2:
        return None
    if len(words):
        raise CourseError(
            f"Column {name!r} holds numbers, but {words.iloc[0]!r} in row {words.index[0] + 1}. Fix the entry, or "
            "leave out the row."
        )
    if numbers.isin([math.inf, -math.inf]).any():
        raise CourseError(f"Column {name!r} holds a number that is not finite. Leave out its rows.")
    return numbers


def inputs_of(name: str, column: pd.Series) -> pd.Series | pd.DataFrame:
    """A column of numbers, or a column of 0 and 1 for each of its words.

    Args:
        name: of the column, for the names of the new ones ("sex=female") and for the message.
        column: its entries.

    Raises:
        CourseError: numbers and words together, a number that is not finite, or more than 50 words.
    """
    import pandas as pd

    numbers = _numbers(name, column)
    if numbers is not None:
        return numbers
    words = sorted(column.unique())
    if len(words) > MOST_WORDS:
        raise CourseError(
            f"Column {name!r} holds {len(words)} different words (such as {words[0]!r:.30}); up to {MOST_WORDS} are "
            "turned into columns. Names, dates and numbers with a decimal comma: leave them out or rewrite them."
        )
    return pd.get_dummies(column, prefix=name, prefix_sep="=")


def classes_of(target: str, column: pd.Series) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The classes that a column names.

    Args:
        target: the name of the column, for the message.
        column: its entries, N.

    Returns:
        (N,) the index of each row's class; and the classes, numbers in their order, words in the alphabet's.

    Raises:
        CourseError: numbers with decimals, fewer than two classes, or a class with one row only.
    """
    import numpy as np
    import pandas as pd

    if any(not number.is_integer() for number in column.map(_number).dropna()):
        raise CourseError(
            f"The target {target!r} holds numbers with decimals: a measurement and no class. Read it with "
            'kind="numbers" and train a regression.'
        )
    counts = column.value_counts(sort=False)
    if len(counts) < 2:
        raise CourseError(f"The target {target!r} is {column[0]!r} in every row. Expected: at least two classes.")
    single = counts.index[counts < 2]
    if len(single):
        raise CourseError(
            f"{len(single)} of the {len(counts)} classes in {target!r} have a single row, such as {single[0]!r:.30}. "
            "Each needs two at least: to learn from, and to be judged on."
        )
    classes = sorted(counts.index, key=lambda word: (math.inf if math.isnan(_number(word)) else _number(word), word))
    return np.asarray(pd.Categorical(column, classes).codes, dtype=np.int64), tuple(classes)


def targets_of(target: str, column: pd.Series) -> NDArray[np.float64]:
    """The numbers of a column, (N,).

    Args:
        target: the name of the column, for the message.
        column: its entries.

    Raises:
        CourseError: words, or a number that is not finite.
    """
    import numpy as np

    numbers = _numbers(target, column)
    if numbers is None:
        raise CourseError(f'The target {target!r} holds words, such as {column[0]!r:.30}. Read it with kind="classes".')
    targets: NDArray[np.float64] = numbers.to_numpy(dtype=np.float64, copy=True)
    return targets
