"""The entries of a CSV file as pandas reads them, and what they are: numbers, words or classes."""

from __future__ import annotations

import codecs
import io
import math
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from course_utils.data.texts import composed
from course_utils.data.written_numbers import Reading, is_date, looks_like_number, number, numbers_in
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from course_utils.data.written_numbers import Mark

# what counts as missing in a CSV file, in capitals too: what pandas, R, SAS and spreadsheets write for it
MISSING = (
    "na n/a n.a. k.a. \\n nan -nan null none nil nat <na> ? . - -- \u2013 \u2014 #n/a #na #nv #n/v #div/0! #value! "
    "#wert! #valeur! #ref! #bezug! #name? #num! #zahl! #null! 1.#ind -1.#ind 1.#qnan -1.#qnan"
)
GAPS = frozenset(("", "#n/a n/a", *MISSING.split()))
MOST_BYTES = 50_000_000
MOST_COLUMNS = 10_000
MOST_WORDS = 50  # different words in a text column, each of which becomes a column
DELIMITERS = ",;\t|"
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
UNSEEN = "[\u200b\u200e\u200f\u2060\ufeff]"  # marks without width, which copied text brings along
NUMBERED = re.compile(r"(unnamed: 0|index|level_0|id|nr\.?|no\.?|#|row(_?(id|names?|number|num|no))?)?", re.IGNORECASE)


@dataclass
class Entries:
    """What stands in a CSV file.

    Attributes:
        frame: the entries, each as text without the blanks around it; the columns are named by the header.
        delimiter: what separates them.
        mark: the decimal mark of the columns that leave no doubt about theirs; None where there are none, or both.
        told: what was taken for what, and what was left out.
    """

    frame: pd.DataFrame
    delimiter: str = ","
    mark: Mark | None = None
    told: list[str] = field(default_factory=list)

    def read(self, name: str, column: pd.Series) -> Reading:
        """A column as numbers, in the light of the others; what is strange in it is noted."""
        reading = numbers_in(column, self.mark, self.delimiter)
        if reading.told:
            self.told.append(f"{name!r}: {reading.told}")
        return reading


def read_entries(path: Path, encoding: str = "utf-8") -> Entries:
    """Read a CSV file whose entries are separated by commas, semicolons, tabs or bars, below a header.

    A byte-order mark and a first line such as `sep=;` are understood. A column that only numbers the rows is left out.

    Args:
        path: of the file.
        encoding: of its text, where it has no byte-order mark.

    Raises:
        CourseError: a file that is not there, is too large (50 MB), or is no such table.
    """
    import pandas as pd

    text = _text(path, encoding)
    first, _, rest = text.partition("\n")
    told = re.fullmatch(r'"?sep=(.)"?\s*', first, re.IGNORECASE)
    text = rest if told else text
    header_line = re.sub(r'"[^"]*"', "", text.lstrip("\r\n").partition("\n")[0])
    delimiter = told[1] if told else max(DELIMITERS, key=header_line.count)
    if header_line.count(delimiter) >= MOST_COLUMNS:
        raise CourseError(f"{path.name} has more than {MOST_COLUMNS:,} columns. Keep fewer.")
    try:
        entries = pd.read_csv(
            io.StringIO(text), sep=delimiter, header=None, dtype=str, keep_default_na=False, skipinitialspace=True
        )
    except pd.errors.EmptyDataError:
        entries = pd.DataFrame()
    except (pd.errors.ParserError, ValueError) as error:
        raise CourseError(_not_read(path, text, str(error))) from error
    entries = entries.fillna("").apply(lambda column: column.str.strip())
    entries = entries[(entries != "").any(axis=1)]
    if len(entries) < 2:
        raise CourseError(f"{path.name} holds no rows. Expected: a header, and a row for each example below it.")
    found = Entries(entries.iloc[1:].set_axis(entries.iloc[0].tolist(), axis=1).reset_index(drop=True), delimiter)
    _leave_out_what_is_empty_or_numbers_the_rows(found)
    header = found.frame.columns.tolist()
    twice = [name or "(no name)" for name, count in Counter(header).items() if count > 1 or not name]
    if twice:
        raise CourseError(f"In the header of {path.name} every column needs a name of its own; look at {twice[0]!r}.")
    return found


def _text(path: Path, encoding: str) -> str:
    """The text of a file, in one form of Unicode."""
    if not path.is_file():
        raise CourseError(f"There is no file {path}. Give the path of a CSV file.")
    if (size := path.stat().st_size) > MOST_BYTES:
        raise CourseError(
            f"{path.name} has {size / 1e6:.0f} MB; this function reads up to {MOST_BYTES / 1e6:.0f} MB. Keep fewer "
            "rows."
        )
    content = path.read_bytes()
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise CourseError(f"{path.name} is a workbook and no text. Save its sheet as a CSV file (UTF-8).")
    marked = next((name for mark, name in MARKS.items() if content.startswith(mark)), encoding)
    try:
        text = content.decode(marked)
    except LookupError:
        raise CourseError(f'There is no encoding {encoding!r}. Give one such as "utf-8" or "cp1252".') from None
    except (UnicodeDecodeError, ValueError) as error:
        raise CourseError(
            f"{path.name} is no text in {marked.upper()}. Save it as a CSV file with UTF-8, or say in which encoding "
            'it is: encoding="cp1252" for what Excel writes in Western Europe.'
        ) from error
    if "\0" in text:
        raise CourseError(f"{path.name} holds bytes that are no text. Save it as a CSV file (UTF-8).")
    return composed(re.sub(UNSEEN, "", text).replace("\r\n", "\n").replace("\r", "\n"))


def _leave_out_what_is_empty_or_numbers_the_rows(found: Entries) -> None:
    """Take columns out that hold nothing, and a first one that pandas, R or a person has put there as an index."""
    frame = found.frame
    empty = [not name and not frame.iloc[:, place].any() for place, name in enumerate(frame.columns)]
    found.frame = frame = frame.loc[:, [not each for each in empty]]
    if frame.shape[1] < 2 or not NUMBERED.fullmatch(name := frame.columns[0]):
        return
    first = frame.iloc[:, 0]
    counts = first.map(number).diff().iloc[1:].eq(1).all() and len(first) > 1
    if counts or (name.lower() in ("", "unnamed: 0") and first.is_unique):
        found.frame = frame.iloc[:, 1:]
        found.told.append(
            f"left out: the first column {f'({name!r})' if name else '(no name)'}, which numbers the rows"
        )


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


def check_gaps(path: Path, frame: pd.DataFrame, words: Collection[str] = ()) -> None:
    """Raise a CourseError where an entry is missing.

    Args:
        path: of the file, for the message.
        frame: its entries.
        words: entries that are words here, though they mean a gap elsewhere.

    Raises:
        CourseError: there is a gap; it says where the first one is.
    """

    def missing(column: pd.Series) -> pd.Series:
        signs = ("-", *words) if (column == "+").any() else words  # plus and minus are a pair of words
        return column.str.lower().isin(GAPS) & ~column.isin(signs)

    gaps = frame.apply(missing)
    columns = gaps.columns[gaps.any()]
    if not len(columns):
        return
    row = gaps[columns[0]].idxmax()
    entry = frame[columns[0]][row]
    way_out = f" If {entry!r} is a word in this file and no gap, give words=({entry!r},)." if entry else ""
    raise CourseError(
        f"{path.name} has gaps in {len(columns)} of its columns, first in {columns[0]!r}, row {row + 1}. Nothing is "
        f"filled in here: leave out those rows, or those columns.{way_out}"
    )


def decimal_mark(entries: Entries) -> Mark | None:
    """The decimal mark of a file: that of the columns that leave no doubt; None where there are none, or both kinds."""
    readings = (numbers_in(column, None, entries.delimiter) for _, column in entries.frame.items())
    marks = {reading.decimal for reading in readings if reading.decimal and reading.values.notna().all()}
    return marks.pop() if len(marks) == 1 else None


def _numbers(name: str, column: pd.Series, entries: Entries) -> pd.Series | None:
    """A column of numbers; None for a column of words. Refused: a column of both, and numbers that are not finite."""
    reading = entries.read(name, column)
    if reading.fault:
        raise CourseError(f"Column {name!r} holds {reading.fault}")
    numbers = reading.values
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


def inputs_of(name: str, column: pd.Series, entries: Entries) -> pd.Series | pd.DataFrame:
    """A column of numbers, or a column of 0 and 1 for each of its words.

    Args:
        name: of the column, for the names of the new ones ("sex=female") and for the message.
        column: its entries.
        entries: those of the whole file.

    Raises:
        CourseError: numbers and words together, a number that is not finite, more than 50 words, a different word in
            every row, dates, or numbers that cannot be read.
    """
    import pandas as pd

    numbers = _numbers(name, column, entries)
    if numbers is not None:
        return numbers
    _check_words(name, column)
    if (strange := column[column.map(looks_like_number)]).any():
        entries.told.append(f"{name!r}: words, not numbers, such as {strange.iloc[0]}")
    elif 2 * column.nunique() > len(column):
        entries.told.append(f"{name!r}: {column.nunique()} words in {len(column)} rows, a column for each")
    return pd.get_dummies(column, prefix=name, prefix_sep="=")


def _check_words(name: str, column: pd.Series) -> None:
    """Refuse words that can be no categories."""
    words = sorted(column.unique())
    leave = f"Leave the column out: without=[{name!r}]."
    if column.map(is_date).mean() > 0.5:
        raise CourseError(
            f"Column {name!r} holds dates or times, such as {words[0]!r:.30}. Make numbers of them, such as the days "
            f"since the first or the month; or leave the column out: without=[{name!r}]."
        )
    if len(words) > MOST_WORDS:
        raise CourseError(
            f"Column {name!r} holds {len(words)} different words (such as {words[0]!r:.30}); up to {MOST_WORDS} are "
            f"turned into columns. {leave}"
        )
    if column.map(looks_like_number).mean() > 0.5 and 2 * len(words) > len(column):
        raise CourseError(
            f"Column {name!r} holds {len(words)} different entries in {len(column)} rows that look like numbers but "
            f"cannot be read as such (such as {words[0]!r:.30}). Write them as 1234.5, or {leave[0].lower()}{leave[1:]}"
        )
    if len(words) == len(column):
        raise CourseError(
            f"Column {name!r} holds another word in each row (such as {words[0]!r:.30}): a name, from which nothing "
            f"can be learnt. {leave}"
        )


def classes_of(target: str, column: pd.Series, entries: Entries) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The classes that a column names.

    Args:
        target: the name of the column, for the message.
        column: its entries, N.
        entries: those of the whole file.

    Returns:
        (N,) the index of each row's class; and the classes, numbers in their order, words in the alphabet's.

    Raises:
        CourseError: numbers with decimals, fewer than two classes, or a class with one row only.
    """
    import numpy as np
    import pandas as pd

    numbers = numbers_in(column, entries.mark, entries.delimiter).values
    if any(not value.is_integer() for value in numbers.dropna()):
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
    values = dict(zip(column, numbers.fillna(math.inf), strict=True))
    classes = sorted(counts.index, key=lambda word: (values[word], word))
    return np.asarray(pd.Categorical(column, classes).codes, dtype=np.int64), tuple(classes)


def targets_of(target: str, column: pd.Series, entries: Entries) -> NDArray[np.float64]:
    """The numbers of a column, (N,).

    Args:
        target: the name of the column, for the message.
        column: its entries.
        entries: those of the whole file.

    Raises:
        CourseError: words, or a number that is not finite.
    """
    import numpy as np

    numbers = _numbers(target, column, entries)
    if numbers is None:
        raise CourseError(f'The target {target!r} holds words, such as {column[0]!r:.30}. Read it with kind="classes".')
    targets: NDArray[np.float64] = numbers.to_numpy(dtype=np.float64, copy=True)
    return targets
