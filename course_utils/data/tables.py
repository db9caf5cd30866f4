"""Small real tables to classify, tables of your own from a CSV file, and the split of rows into three parts.

The tables come with scikit-learn, statsmodels and vega_datasets, without a network; `tables()` names each source.
Nothing is filled in: rows with a gap are left out, and the table's `source` says how many.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils.checks import check_name
from course_utils.data.csv_entries import check_gaps, classes_of, decimal_mark, inputs_of, read_entries, targets_of
from course_utils.data.texts import composed
from course_utils.errors import CourseError
from course_utils.paths import expanded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KINDS = ("classes", "numbers")


@dataclass(frozen=True)
class Table:
    """Rows of numbers, and what is to be told of each row.

    Attributes:
        name: a short name.
        title: what a person calls it.
        inputs: (N, D) float64.
        labels: (N,) int64, the place of each row's class in `classes`; float64 targets where there are no classes.
        columns: D names.
        classes: C names; empty where the targets are numbers.
        source: where it comes from, and what was left out.
    """

    name: str
    title: str
    inputs: NDArray[np.float64]
    labels: NDArray[Any]
    columns: tuple[str, ...]
    classes: tuple[str, ...]
    source: str


def tables() -> dict[str, Table]:
    """Six small real tables for classification, by name.

    Returns:
        "iris" (150 rows × 4), "wine" (178 × 13), "breast_cancer" (569 × 30), "vote" (944 × 9, American voters of 1996),
        "cars" (392 × 7, where a car was built) and "affairs" (6,366 × 8, a magazine's survey of 1974).
    """
    return {table.name: table for table in (*_of_sklearn(), _vote(), _cars(), _affairs())}


def diabetes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """442 people with diabetes: ten measurements each, and how far the disease had progressed a year later.

    Source: B. Efron, T. Hastie, I. Johnstone and R. Tibshirani (2004), Least angle regression, Annals of Statistics 32,
    407-499, doi:10.1214/009053604000000067; it comes with scikit-learn.

    Returns:
        inputs: (442, 10): age (years), sex (1, 2), body mass index, blood pressure, six of blood serum; not scaled.
        targets: (442,) a measure of the progress, 25 … 346.
    """
    from sklearn.datasets import load_diabetes

    inputs, targets = load_diabetes(return_X_y=True, scaled=False)
    return inputs, targets


def _of_sklearn() -> list[Table]:
    import numpy as np
    from sklearn import datasets

    about = {
        "iris": ("Irises of three kinds, by their petals and sepals", "Fisher (1936)"),
        "wine": ("Wines of three growers, by their chemistry", "Aeberhard and Forina (1991)"),
        "breast_cancer": (
            "Breast tumours, malignant or benign, by the look of their cells",
            "Wolberg, Mangasarian, Street and Street (1993)",
        ),
    }
    found = []
    for name, (title, makers) in about.items():
        data = getattr(datasets, f"load_{name}")()
        found.append(
            Table(
                name,
                title,
                np.asarray(data.data, dtype=np.float64),
                np.asarray(data.target, dtype=np.int64),
                tuple(map(str, data.feature_names)),
                tuple(map(str, data.target_names)),
                f"{makers}, UCI Machine Learning Repository; comes with scikit-learn. All rows.",
            )
        )
    return found


def _vote() -> Table:
    import numpy as np
    from statsmodels.datasets import anes96

    data = anes96.load_pandas().data
    columns = ["logpopul", "TVnews", "selfLR", "ClinLR", "DoleLR", "PID", "age", "educ", "income"]
    return Table(
        "vote",
        "American voters of 1996: Clinton or Dole",
        data[columns].to_numpy(dtype=np.float64, copy=True),
        data["vote"].to_numpy(dtype=np.int64, copy=True),
        tuple(columns),
        ("Clinton", "Dole"),
        "American National Election Study 1996; comes with statsmodels (anes96). All rows; without the column popul, "
        "whose logarithm stays.",
    )


def _cars() -> Table:
    import json

    import numpy as np
    from vega_datasets import local_data

    rows = json.loads(local_data.cars.raw())
    whole = [row for row in rows if None not in row.values()]
    columns = ("Miles_per_Gallon", "Cylinders", "Displacement", "Horsepower", "Weight_in_lbs", "Acceleration")
    classes = ("Europe", "Japan", "USA")
    return Table(
        "cars",
        "Cars of 1970 to 1982: built in Europe, Japan or the USA",
        np.array([[*(row[column] for column in columns), int(row["Year"][:4])] for row in whole], dtype=np.float64),
        np.array([classes.index(row["Origin"]) for row in whole], dtype=np.int64),
        (*columns, "Year"),
        classes,
        "Donoho and Ramos (1982), StatLib; comes with vega_datasets (cars). Left out: the name, and "
        f"{len(rows) - len(whole)} of {len(rows)} rows, which have a gap.",
    )


def _affairs() -> Table:
    import numpy as np
    from statsmodels.datasets import fair

    data = fair.load_pandas().data
    columns = [column for column in data.columns if column != "affairs"]
    return Table(
        "affairs",
        "Married women in a magazine's survey of 1974: an affair or none",
        data[columns].to_numpy(dtype=np.float64, copy=True),
        (data["affairs"] > 0).to_numpy(dtype=np.int64, copy=True),
        tuple(map(str, columns)),
        ("none", "some"),
        "Fair (1978), Journal of Political Economy 86(1), 45-61; comes with statsmodels (fair). All rows; occupations "
        "as their code numbers; the time spent is reduced to none or some.",
    )


# ---------------------------------------------------------------------------------------------------------------------
# Parts


def split(
    rows: int | Sequence[Any] | NDArray[Any],
    shares: tuple[float, float, float] = (0.6, 0.2, 0.2),
    seed: int = 0,
    stratify: bool = True,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Share out rows at random: for training, for validation, for the test.

    Args:
        rows: how many there are; or their labels (N,), so that each part gets its share of each class, to one row or
            two. (Of a class of a few rows a part may therefore get none.)
        shares: of the three parts, which sum to 1.
        seed: of the random numbers.
        stratify: False: take no account of the labels.

    Returns:
        Three arrays of places 0 … N − 1, each in random order: every row is in exactly one.

    Raises:
        CourseError: shares that are no shares, or so few rows that a part would be empty.
    """
    import numpy as np

    if len(shares) != 3 or min(shares) <= 0 or not math.isclose(sum(shares), 1, abs_tol=1e-9):
        raise CourseError(f"shares is {shares!r}. Expected: three positive numbers that sum to 1.")
    rng = np.random.default_rng(seed)
    if isinstance(rows, int | np.integer):
        count, order = int(rows), rng.permutation(max(int(rows), 0))
    else:
        labels = np.asarray(rows)
        if labels.ndim != 1:
            raise CourseError(f"split needs the number of rows, or labels (N,); these have the shape {labels.shape}.")
        count, order = len(labels), rng.permutation(len(labels))
        if stratify:  # class after class, each in random order
            order = order[np.argsort(np.unique(labels, return_inverse=True)[1][order], kind="stable")]
    sizes = _sizes(count, shares)
    if min(sizes) < 1:
        raise CourseError(f"{count} rows are too few for parts of {shares}: one would be empty.")
    turns = np.concatenate(
        [(np.arange(size) + 0.5) / size for size in sizes]
    )  # each part is spread evenly over `order`
    part = np.repeat(np.arange(3), sizes)[np.argsort(turns, kind="stable")]
    train, valid, test = (rng.permutation(order[part == one]).astype(np.int64) for one in range(3))
    return train, valid, test


def stratified_split(
    labels: NDArray[np.int64], share: float, seed: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Take the same share of each class at random, rounded to whole rows: of a class of two rows, a fifth is none.

    scikit-learn's splits choose other rows, and the stored results rest on these.

    Args:
        labels: (N,) the class of each row.
        share: of each class, for the second part.
        seed: of the random numbers.

    Returns:
        The indices of the rows of the first part and of the second, in rising order.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    second = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        of_class = rng.permutation(np.flatnonzero(labels == label))
        second[of_class[: round(share * len(of_class))]] = True
    return np.flatnonzero(~second), np.flatnonzero(second)


def _sizes(count: int, shares: Sequence[float]) -> list[int]:
    """Whole numbers that sum to `count`, by the largest remainder."""
    exact = [share * count for share in shares]
    sizes = [math.floor(one + 1e-9) for one in exact]
    by_rest = sorted(range(len(shares)), key=lambda place: sizes[place] - exact[place])
    for place in by_rest[: count - sum(sizes)]:
        sizes[place] += 1
    return sizes


# ---------------------------------------------------------------------------------------------------------------------
# Your own table


def read_table(
    path: str | Path,
    target: str,
    kind: str = "classes",
    *,
    without: Collection[str] = (),
    words: Collection[str] = (),
    encoding: str = "utf-8",
) -> Table:
    """Read a table from a CSV file: a header, then a row for each example, separated by commas, semicolons or tabs.

    Columns of numbers stay as they are, also where a spreadsheet has written them with a decimal comma, thousands set
    off, a unit or a per cent sign (12 % is 0.12). A column of words becomes one column for each word, 1 where the row
    has it and 0 elsewhere ("sex=female", "sex=male"): a one-hot code. Where something was not written as in Python, or
    was left out, a printed line says what was taken for what; so does the table's `source`.

    Args:
        path: of the file.
        target: the column that is to be told from the others.
        kind: "classes": each different entry of the target is a class; "numbers": the target is a number.
        without: columns that are left out, such as names, dates and numbers of rows.
        words: entries that are words in this file and no gaps, such as "NA" for Namibia.
        encoding: of the text, such as "cp1252"; a byte-order mark in the file counts more.

    Returns:
        The table; its name is the file's.

    Raises:
        CourseError: a file that is not there, is too large (50 MB) or is no such table; a gap; fewer than two classes,
            or a class with one row only; a target or kind that does not exist. The message says where.
    """
    import numpy as np
    import pandas as pd

    check_name("kind of target", kind, KINDS)
    path = expanded(path)
    entries = read_entries(path, encoding)
    target = composed(target)
    check_name(f"column in {path.name}", target, entries.frame)
    unwanted = [composed(name) for name in ([without] if isinstance(without, str) else without)]
    for name in unwanted:
        check_name(f"column in {path.name}", name, entries.frame)
    entries.frame = entries.frame.drop(columns=[name for name in unwanted if name != target])
    if entries.frame.shape[1] < 2:
        raise CourseError(f"{path.name} has no column besides {target!r}: nothing to tell it from.")
    check_gaps(path, entries.frame, [words] if isinstance(words, str) else words)
    entries.mark = decimal_mark(entries)
    answers = entries.frame[target]
    labels, classes = (
        classes_of(target, answers, entries) if kind == "classes" else (targets_of(target, answers, entries), ())
    )
    columns = entries.frame.drop(columns=target).items()
    inputs = pd.concat([inputs_of(name, column, entries) for name, column in columns], axis=1)
    if entries.told:
        print(f"{path.name}:", "; ".join(entries.told))
    return Table(
        path.stem,
        f"{path.name}: {target}",
        inputs.to_numpy(dtype=np.float64).copy(order="C"),
        labels,
        tuple(inputs),
        classes,
        "; ".join((f"the file {path.name}", *entries.told)),
    )
