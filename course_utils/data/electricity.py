"""Electricity, hour by hour: two transformers, and hundreds of clients. Both sets are downloads.

Sources: H. Zhou et al. (2021), Informer, AAAI, the sets ETTh1 and ETTh2 (`course data fetch transformers`);
A. Trindade (2015), ElectricityLoadDiagrams20112014, UCI, hourly as kept by G. Lai et al. (2018), SIGIR
(`course data fetch electricity`).
"""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import TYPE_CHECKING

from course_utils.checks import check_name, check_whole
from course_utils.data.downloads import fetch
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import pandas as pd

TRANSFORMERS = ("ETTh1", "ETTh2")
COLUMNS = ("HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT")
FIRST_HOUR = "2012-01-01"  # of the clients' use
CLIENTS = 321


def transformer(name: str = "ETTh1") -> pd.DataFrame:
    """Six loads and the oil temperature of an electricity transformer.

    Args:
        name: "ETTh1" or "ETTh2".

    Returns:
        17,420 rows of floats, indexed by the hour from 2016-07-01; columns "HUFL", "HULL", "MUFL", "MULL", "LUFL",
        "LULL" (high, middle and low useful and useless load) and "OT" (oil temperature in °C).

    Raises:
        CourseError: no such transformer, the download failed, or the file is damaged.
    """
    check_name("transformer", name, TRANSFORMERS)
    return read_transformer(fetch("transformers")[TRANSFORMERS.index(name)])


def read_transformer(path: Path) -> pd.DataFrame:
    """Read a CSV table of a transformer.

    Raises:
        CourseError: it is not such a table, or an hour is missing.
    """
    import pandas as pd

    try:
        table = pd.read_csv(path, index_col="date", dtype=str)
        table.index = pd.to_datetime(table.index, format="%Y-%m-%d %H:%M:%S")
        table = table.astype(float)
    except (ValueError, KeyError, TypeError) as error:
        raise CourseError(f"{path.name} is no table of a transformer ({error!s:.80}). {_fix('transformers')}") from None
    except OSError as error:
        raise CourseError(f"{path.name} cannot be read ({error.strerror}). {_fix('transformers')}") from None
    hours = pd.date_range(table.index[0], periods=len(table), freq="h") if len(table) else table.index
    if tuple(table.columns) != COLUMNS or not len(table) or not table.index.equals(hours) or table.isna().any().any():
        raise CourseError(
            f"{path.name} does not hold the columns {', '.join(COLUMNS)}, hour by hour, without a gap. "
            f"{_fix('transformers')}"
        )
    table.index = hours.rename("hour")
    return table


def electricity_use(clients: int = CLIENTS) -> pd.DataFrame:
    """The electricity that clients in Portugal used, hour by hour.

    Args:
        clients: how many, the first ones of 321.

    Returns:
        26,304 rows of floats (kWh), indexed by the hour from 2012-01-01; a column for each client, "client 0" ….

    Raises:
        CourseError: no such number, the download failed, or the file is damaged.
    """
    clients = check_whole("clients", clients, 1, CLIENTS)
    (path,) = fetch("electricity")
    return read_electricity_use(path).iloc[:, :clients]


def read_electricity_use(path: Path) -> pd.DataFrame:
    """Read a packed table without a header: a row for each hour, a column for each client.

    Raises:
        CourseError: it is not such a table.
    """
    import pandas as pd

    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            table = pd.read_csv(io.StringIO(file.read()), header=None).astype(float)
    except (ValueError, TypeError, EOFError, gzip.BadGzipFile) as error:
        raise CourseError(f"{path.name} is no table of numbers ({error!s:.80}). {_fix('electricity')}") from None
    except OSError as error:
        raise CourseError(f"{path.name} cannot be read ({error.strerror}). {_fix('electricity')}") from None
    if table.isna().any().any():
        raise CourseError(f"{path.name} has gaps. {_fix('electricity')}")
    table.columns = pd.Index([f"client {number}" for number in range(table.shape[1])])
    table.index = pd.date_range(FIRST_HOUR, periods=len(table), freq="h", name="hour")
    return table


def _fix(name: str) -> str:
    return f"Run `course data clear {name}`, then `course data fetch {name}`."
