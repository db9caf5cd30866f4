"""Numbers that others have published, beside ours and what differs; ours are computed from stored rows."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from course_utils.claims.numbers import per_seed
from course_utils.claims.rules import Part
from course_utils.claims.stored import up_to_date
from course_utils.claims.verdicts import estimate
from course_utils.display.numbers import short
from course_utils.display.tables import Table
from course_utils.experiments.framework.results import load

FILE = Path(__file__).with_name("published.toml")
NOT_RUN = "not run here"
HEADS = ["task", "published", "ours", "what differs"]


@dataclass(frozen=True)
class Ours:
    """A number of ours.

    Attributes:
        what: the network, in words.
        experiment: whose stored rows are read.
        metric: the column.
        where: which rows.
        times: what it is multiplied by, such as sequences a step.
        statistic: as in the ledger.
    """

    what: str
    experiment: str
    metric: str
    where: Mapping[str, Any]
    times: float = 1.0
    statistic: str = "mean"

    def text(self) -> str:
        """Such as "LSTM 9,600 (8,000 to 11,200; 4 seeds, 4 solved)"; or that it has not been run."""
        if not up_to_date(self.experiment):
            return f"{self.what}: {NOT_RUN}"
        rows = load(self.experiment).table
        found = estimate([self.times * value for value in self._numbers(rows, self.metric)], 0.95, self.statistic)
        solved = f", {sum(map(int, self._numbers(rows, 'solved')))} solved" if "solved" in rows else ""
        interval = f"{short(found.low)} to {short(found.high)}; " if found.seeds > 1 else ""
        return f"{self.what} {short(found.mean)} ({interval}{found.seeds} seeds{solved})"

    def _numbers(self, rows: Any, column: str) -> list[float]:
        part = Part("", "", self.experiment, column, self.where, None, self.statistic, "above", 0.0, 0.0, "")
        return per_seed(part, rows)


@dataclass(frozen=True)
class Published:
    """A published number.

    Attributes:
        id: its name.
        claims: in whose boxes it stands.
        task: what was done, and what is counted.
        value: as it was published.
        source: where it was read.
        differs: what differs between theirs and ours.
        ours: our numbers; none: it was not run.
    """

    id: str
    claims: tuple[str, ...]
    task: str
    value: str
    source: str
    differs: str
    ours: tuple[Ours, ...]

    def row(self) -> list[str]:
        """Its cells in a table with `HEADS`."""
        ours = "; ".join(found.text() for found in self.ours) or NOT_RUN
        return [self.task, f"{self.value} ({self.source})", ours, self.differs]


@cache
def load_published() -> tuple[Published, ...]:
    """All of them, in the order of their file."""
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))["published"]
    return tuple(
        Published(**{**table, "claims": tuple(table["claims"]), "ours": tuple(Ours(**own) for own in table["ours"])})
        for table in tables
    )


def published_for(id: str) -> list[Published]:
    """Those that stand in a claim's box; none where no result is stored that they are compared with.

    Args:
        id: of the claim.
    """
    compared = {own.experiment for found in load_published() for own in found.ours}
    if not any(map(up_to_date, compared)):
        return []
    return [found for found in load_published() if id in found.claims]


def published_table(found: Sequence[Published], caption: str) -> Table:
    """Published | ours | what differs.

    Args:
        found: a row each.
        caption: of the table.
    """
    return Table(caption, HEADS, [entry.row() for entry in found], [False] * len(HEADS))
