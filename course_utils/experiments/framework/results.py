"""Results of experiments as files: one JSON file an experiment, with everything needed to judge and to repeat them."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils.data.resources import has_resource, resource
from course_utils.errors import CourseError
from course_utils.experiments.framework.experiment import Row

if TYPE_CHECKING:
    import pandas as pd

TYPES: dict[str, type | tuple[type, ...]] = {
    "experiment": str,
    "version": int,
    "seeds": list,
    "settings": dict,
    "versions": dict,
    "seconds": (int, float),
    "rules": dict,
    "columns": list,
    "rows": list,
}


@dataclass(frozen=True)
class Result:
    """What an experiment measured.

    Attributes:
        experiment: its name.
        version: the experiment's version at the time.
        seeds: those that were run, in order.
        settings: those that `measure` was given.
        versions: of Python, torch and numpy.
        seconds: CPU seconds, summed over the seeds.
        rules: for each claim that reads these rows, the hash of its rule at the time of the run.
        columns: "seed" first.
        rows: one list of values for each measurement, in the order of the seeds; None where a row lacks the column.
    """

    experiment: str
    version: int
    seeds: list[int]
    settings: dict[str, Any]
    versions: dict[str, str]
    seconds: float
    rules: dict[str, str]
    columns: list[str]
    rows: list[list[Any]]

    @property
    def table(self) -> pd.DataFrame:
        """One row for each measurement."""
        import pandas as pd

        return pd.DataFrame(self.rows, columns=self.columns)


def versions() -> dict[str, str]:
    """The versions that a measurement may depend on: of Python, torch and numpy."""
    found = {"python": platform.python_version()}
    for package in ("torch", "numpy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "none"
    return found


def plain_settings(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as they come back from JSON, so that stored ones can be compared with today's.

    Raises:
        CourseError: they do not survive JSON.
    """
    try:
        return dict(json.loads(json.dumps(dict(settings), allow_nan=False)))
    except (TypeError, ValueError) as error:
        raise CourseError(
            f"The settings of experiment {name!r} cannot be written as JSON ({error}). "
            "Use numbers, text, booleans, lists and dicts."
        ) from None


def plain_rows(rows: Any) -> list[Row]:
    """What `measure` returned, with plain values: numbers of numpy and torch become Python's.

    Raises:
        CourseError: it is no list of rows, or a value is no finite number, text, boolean or None.
    """
    if not isinstance(rows, list) or not rows or not all(isinstance(row, Mapping) and row for row in rows):
        raise CourseError("`measure` should return a list of rows, at least one, each a dict with columns.")
    names = {column for row in rows for column in row}
    wrong = sorted(repr(name) for name in names if not isinstance(name, str) or name == "seed")
    if wrong:
        raise CourseError(f"A column is called {wrong[0]}. Name columns by text; 'seed' is added by the runner.")
    return [{name: plain_value(name, value) for name, value in row.items()} for row in rows]


def plain_value(column: str, value: Any) -> Any:
    """One value as JSON knows it.

    Raises:
        CourseError: it is none that JSON knows.
    """
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:  # a scalar of numpy or torch
        value = value.item()
    for kind in (bool, int, str):
        if isinstance(value, kind):
            return kind(value)
    if value is None or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise CourseError(
        f"Column {column!r} holds {value!r:.60}. A finite number, text, a boolean or None was expected: "
        "fix its `measure` (a logarithm of 0, for instance, is floored there)."
    )


def columns_of(rows: Sequence[Row]) -> list[str]:
    """All columns, in the order in which they first appear."""
    return list(dict.fromkeys(column for row in rows for column in row))


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def save(result: Result, folder: Path) -> Path:
    """Write a result to `<folder>/<name>.json`, one row a line.

    Raises:
        CourseError: the file cannot be written.
    """
    path = folder / f"{result.experiment}.json"
    fields = asdict(result)
    rows = ",\n".join(f"  {_line(row)}" for row in fields.pop("rows"))
    heads = "".join(f" {_line(name)}: {_line(value)},\n" for name, value in fields.items())
    try:
        write_whole(path, f'{{\n{heads} "rows": [\n{rows}\n ]\n}}\n')
    except OSError as error:
        raise CourseError(
            f"The results of experiment {result.experiment!r} cannot be written to {path}: {error.strerror}. "
            "See to the folder's rights and the space on the disk, and run it again."
        ) from None
    return path


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def is_stored(name: str) -> bool:
    """Are there stored results of the experiment, in whatever state?"""
    return has_resource(f"results/{name}.json")


def load(name: str) -> Result:
    """The stored results of an experiment.

    Args:
        name: the experiment's name.

    Raises:
        CourseError: there are none, or the file is damaged.
    """
    again = f"Run the experiment: `course claims run {name}`."
    if not is_stored(name):
        raise CourseError(f"There are no stored results of experiment {name!r}. {again}")
    try:
        fields = json.loads(resource(f"results/{name}.json").read_text(encoding="utf-8"))
        return parse(name, fields)
    except (OSError, ValueError, RecursionError) as error:
        raise CourseError(f"The stored results of experiment {name!r} cannot be read: {error}. {again}") from None


def parse(name: str, fields: Any) -> Result:
    """A result from what its file holds.

    Raises:
        ValueError: it is no result of this experiment; the text says why.
    """
    if not isinstance(fields, dict) or set(fields) != set(TYPES):
        raise ValueError(f"the file should hold {', '.join(TYPES)}")
    for field, kind in TYPES.items():
        if not isinstance(fields[field], kind):
            raise ValueError(f"{field!r} holds {fields[field]!r:.40}")
    result = Result(**fields)
    if result.experiment != name:
        raise ValueError(f"the file holds experiment {result.experiment!r}")
    if not result.rows or result.columns[:1] != ["seed"]:
        raise ValueError("there are no rows, or their first column is not 'seed'")
    if not all(isinstance(row, list) and len(row) == len(result.columns) for row in result.rows):
        raise ValueError(f"not every row has {len(result.columns)} values")
    if list(dict.fromkeys(row[0] for row in result.rows)) != result.seeds:
        raise ValueError("the rows are not those of its seeds")
    return result
