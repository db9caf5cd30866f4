"""The ledger: the claims the course puts to the test, and for each the rule that derives its verdict.

The rules are data, one file a claim in `ledger/`. A rule is committed before the run it judges. What decides a verdict
has a hash that is stored with the results; where a rule was changed after its rows had been seen, the box says so.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from course_utils.checks import check_name
from course_utils.errors import CourseError, unknown
from course_utils.syllabus import LESSONS

FOLDER = Path(__file__).with_name("ledger")
# What sort of sentence a claim is decides what its parts make of it (`course_utils.claims.verdicts`).
KINDS = ("comparative", "universal", "existential", "count", "definition")
EXPECTATIONS = ("above", "below", "within", "reached")
STATISTICS = ("mean", "accuracy", "share", "count")
REACHED = ("at_least", "at_most")  # with one of them each seed's number becomes 1 where it reaches that, else 0
CLAIM_KEYS = (
    *("says", "lessons", "to_come", "plan", "source", "ruling", "kind", "reasons", "experiment", "seeds", "interval"),
    *("origin", "parts", "alternatives", "history"),
)
PART_KEYS = (
    *("text", "when", "start", "task", "measure", "experiment", "metric", "where", "minus", "statistic"),
    *("at_least", "at_most", "expect", "than", "margin", "unit"),
)
LOOK_KEYS = ("date", "commit", "what")

CLAIMS: dict[str, Claim]  # read at its first use


@dataclass(frozen=True)
class Part:
    """One measured part of a claim: a number for each seed, and what is expected of it.

    Attributes:
        text: the part in words.
        when: the condition under which it was measured; completes "holds when …". Empty: it must hold in any case.
        start: that condition's first weights, in words; for the table of conditions.
        task: its task.
        measure: what is counted in it.
        experiment: the one with the rows to read.
        metric: the column.
        where: which rows: for a column one value, or several. A seed's number is the mean over these rows.
        minus: rows whose mean is subtracted, seed by seed; None: nothing is.
        statistic: "mean" over seeds; "accuracy", the mean of numbers from 0 to 1; "share" of the seeds where the number
            of each is 0 or 1; "count", one number that is the same with every seed.
        at_least: a seed counts 1 where its number is at least this, else 0; None: its number counts.
        at_most: the same, at most this.
        expect: "above", "below", "within", or "reached": by nearly all seeds.
        than: the number it is compared with.
        margin: the smallest effect that matters.
        unit: of the number.
    """

    text: str
    when: str
    experiment: str
    metric: str
    where: Mapping[str, Any]
    minus: Mapping[str, Any] | None
    statistic: str
    expect: str
    than: float
    margin: float
    unit: str
    start: str = ""
    task: str = ""
    measure: str = ""
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True)
class Look:
    """An earlier look at a claim, or a change of its rule.

    Attributes:
        date: such as "2026-11-30".
        commit: where it can be read; may be empty.
        what: was found or changed.
    """

    date: str
    commit: str
    what: str


@dataclass(frozen=True)
class Claim:
    """One claim.

    Attributes:
        id: such as "C08".
        says: the claim in one sentence.
        lessons: the numbers of the lessons that put it to the test.
        to_come: those of them that are not written yet.
        plan: what is or will be measured.
        source: what settles it where it is history or definition.
        ruling: what the sources say to the claim; empty without any.
        kind: what sort of sentence it is: "comparative", "universal", "existential", "count" or "definition".
        reasons: why its margins and thresholds are as they are.
        seeds: the smallest number of seeds for a verdict.
        interval: such as 0.95: how sure an interval is.
        parts: what is measured.
        alternatives: other ways to measure it that somebody could defend. They do not decide.
        history: earlier looks and changes of the rule, the oldest first.
        origin: who says so, as the box puts it before the claim.
    """

    id: str
    says: str
    lessons: tuple[str, ...]
    to_come: tuple[str, ...]
    plan: str
    source: tuple[str, ...] = ()
    ruling: str = ""
    kind: str = "comparative"
    reasons: str = ""
    seeds: int = 0
    interval: float = 0.95
    parts: tuple[Part, ...] = ()
    alternatives: tuple[Part, ...] = ()
    history: tuple[Look, ...] = ()
    origin: str = "The article says"

    @property
    def experiments(self) -> list[str]:
        """The experiments whose rows decide its verdict."""
        return list(dict.fromkeys(part.experiment for part in self.parts))

    @property
    def beside(self) -> list[str]:
        """The experiments that only its alternatives read."""
        names = dict.fromkeys(part.experiment for part in self.alternatives)
        return [name for name in names if name not in self.experiments]


def claim(id: str) -> Claim:
    """The claim of that id.

    Raises:
        CourseError: there is none; the message lists the ids.
    """
    claims = load_claims()
    check_name("claim", id, claims)
    return claims[id]


@cache
def load_claims() -> dict[str, Claim]:
    """All claims of the course by id.

    Raises:
        CourseError: a file of the ledger does not hold what it should; the message names the file.
    """
    paths = sorted(FOLDER.glob("*.toml"))
    if not paths:
        raise CourseError(f"The ledger of claims has no file in {FOLDER}. Expected: C01.toml, C02.toml …")
    claims = {path.stem: _load(path) for path in paths}
    for claim in claims.values():
        _check_experiments(claim)
    return claims


def _load(path: Path) -> Claim:
    """The one claim of a file.

    Raises:
        CourseError: the file does not hold what it should; the message names it.
    """
    try:
        claims = read(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise CourseError(f"{FOLDER.name}/{path.name}: The text is not UTF-8. Save it as UTF-8.") from None
    except CourseError as error:
        raise CourseError(f"{FOLDER.name}/{path.name}: {error}") from None
    if list(claims) != [path.stem]:
        listing = ", ".join(claims) or "no claim"
        raise CourseError(f"{FOLDER.name}/{path.name} holds {listing}. Expected: the claim of its name, [{path.stem}].")
    return claims[path.stem]


def _check_experiments(claim: Claim) -> None:
    """Refuse a claim that reads the rows of an experiment which the course does not have."""
    if not claim.experiments and not claim.beside:
        return
    from course_utils.experiments.framework import registry

    experiments = registry.load_experiments()
    for name in [*claim.experiments, *claim.beside]:
        if name not in experiments:
            raise CourseError(f"{FOLDER.name}/{claim.id}.toml: {unknown('experiment', name, experiments)}")


def __getattr__(name: str) -> Any:
    if name == "CLAIMS":
        return load_claims()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def rule_hash(claim: Claim, experiment: str | None = None) -> str:
    """A hash of everything that decides the verdict, and of nothing that only explains it.

    Args:
        claim: the claim.
        experiment: only the parts that read its rows. So a claim may gain parts that read other experiments, and the
            rows that were measured before still count.
    """
    read_by = [part for part in claim.parts if experiment in (None, part.experiment)]
    told_only = ("text", "unit", "start", "task", "measure")
    parts = [{key: value for key, value in vars(part).items() if key not in told_only} for part in read_by]
    decides = {"kind": claim.kind, "seeds": claim.seeds, "interval": claim.interval, "parts": parts}
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


def read(text: str) -> dict[str, Claim]:
    """Read claims from the text of a ledger.

    Args:
        text: TOML, a table for each claim.

    Raises:
        CourseError: the text is no ledger; the message names claim, part and key.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CourseError(f"The ledger of claims is not TOML: {error}.") from None
    return {id: _claim(id, table) for id, table in tables.items()}


def _claim(id: str, table: Any) -> Claim:
    """One table of the ledger."""
    if not re.fullmatch(r"C\d\d", id) or not isinstance(table, dict):
        raise CourseError(f"The ledger holds {id!r}. Expected: claims only, each a table [C01], [C02] …")
    fields = _Fields(f"Claim {id}", table, CLAIM_KEYS)
    lessons, to_come = fields.texts("lessons", LESSON_NUMBERS), fields.texts("to_come", LESSON_NUMBERS, least=0)
    if not set(to_come) <= set(lessons):
        raise fields.wrong("to_come", f"some of its lessons {', '.join(lessons)}")
    parts = fields.tables("parts")
    measured = bool(parts) or "seeds" in table or "interval" in table
    source = "source" in table
    return Claim(
        id=id,
        says=fields.text("says"),
        lessons=lessons,
        to_come=to_come,
        plan=fields.text("plan"),
        origin=fields.text("origin") if "origin" in table else Claim.origin,
        source=fields.texts("source") if source else (),
        ruling=fields.text("ruling") if source else "",
        kind=_one_of(fields, "kind", KINDS) if measured else "definition" if source else "comparative",
        reasons=fields.text("reasons") if measured else "",
        seeds=_seeds(fields) if measured else 0,
        interval=_interval(fields) if measured else 0.95,
        parts=tuple(_part(f"Claim {id}, part {n}", table, part) for n, part in enumerate(parts, 1)),
        alternatives=tuple(
            _part(f"Claim {id}, alternative {n}", table, part)
            for n, part in enumerate(fields.tables("alternatives"), 1)
        ),
        history=tuple(_look(f"Claim {id}, look {n}", look) for n, look in enumerate(fields.tables("history"), 1)),
    )


def _look(name: str, table: dict[str, Any]) -> Look:
    """One table of a claim's history."""
    fields = _Fields(name, table, LOOK_KEYS)
    when = fields.get("date")
    if type(when) is not date:
        raise fields.wrong("date", "a date, such as 2026-11-30")
    return Look(when.isoformat(), fields.text("commit") if "commit" in table else "", fields.text("what"))


def _one_of(fields: _Fields, key: str, choices: tuple[str, ...]) -> str:
    if (value := fields.text(key)) not in choices:
        raise fields.wrong(key, f"one of {', '.join(choices)}")
    return value


def _part(name: str, claim: Mapping[str, Any], table: dict[str, Any]) -> Part:
    """One table of a claim's parts; the claim may name the experiment for all of them."""
    if "experiment" in claim:
        table = {"experiment": claim["experiment"], **table}
    fields = _Fields(name, table, PART_KEYS)
    part = Part(
        text=fields.text("text"),
        when=fields.text("when") if "when" in table else "",
        experiment=fields.text("experiment"),
        metric=fields.text("metric"),
        where=fields.rows("where") if "where" in table else {},
        minus=fields.rows("minus") if "minus" in table else None,
        statistic=_one_of(fields, "statistic", STATISTICS) if "statistic" in table else "mean",
        expect=_one_of(fields, "expect", EXPECTATIONS),
        than=fields.number("than") if "than" in table else 0.0,
        margin=0.0 if table.get("expect") == "reached" else fields.number("margin"),
        unit=fields.text("unit") if "unit" in table else "",
        start=fields.text("start") if "start" in table else "",
        task=fields.text("task") if "task" in table else "",
        measure=fields.text("measure") if "measure" in table else "",
        at_least=fields.number("at_least") if "at_least" in table else None,
        at_most=fields.number("at_most") if "at_most" in table else None,
    )
    _check_part(fields, part)
    return part


def _check_part(fields: _Fields, part: Part) -> None:
    """Refuse keys that do not go together."""
    reached = [key for key in REACHED if key in fields.table]
    if part.margin < 0:
        raise fields.wrong("margin", "0 or more: the smallest effect that matters")
    if len(reached) > 1:
        raise fields.wrong("at_most", "none beside at_least")
    if reached and part.statistic != "share":
        raise fields.wrong("statistic", f'"share", where {reached[0]} says which seeds count')
    if part.expect == "reached":
        if part.statistic != "share" or part.minus is not None:
            raise fields.wrong("expect", '"reached" for a share without minus only')
        for key in ("than", "margin"):
            if key in fields.table:
                raise fields.wrong(key, 'none where expect is "reached"')


def _seeds(fields: _Fields) -> int:
    if type(seeds := fields.get("seeds")) is not int or seeds < 2:
        raise fields.wrong("seeds", "a whole number, 2 or more: the fewest seeds for a verdict")
    return seeds


def _interval(fields: _Fields) -> float:
    if not 0 < (interval := fields.number("interval")) < 1:
        raise fields.wrong("interval", "a number between 0 and 1, such as 0.95")
    return interval


LESSON_NUMBERS = tuple(lesson.number for lesson in LESSONS.values())


class _Fields:
    """Reads the keys of one table, each with an error of its own."""

    def __init__(self, name: str, table: dict[str, Any], keys: tuple[str, ...]) -> None:
        self.name, self.table = name, table
        for key in table:
            if key not in keys:
                raise CourseError(f"{name}: {unknown('key', key, keys)}")

    def wrong(self, key: str, expected: str) -> CourseError:
        return CourseError(f"{self.name}: {key} is {self.table.get(key)!r:.60}. Expected: {expected}.")

    def get(self, key: str) -> Any:
        if key not in self.table:
            raise CourseError(f"{self.name} lacks {key!r}. Add it to the ledger.")
        return self.table[key]

    def text(self, key: str) -> str:
        value = self.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "text")
        return value.strip()

    def number(self, key: str) -> float:
        value = self.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.wrong(key, "a finite number")
        return float(value)

    def texts(self, key: str, choices: tuple[str, ...] = (), least: int = 1) -> tuple[str, ...]:
        values = self.get(key)
        if not isinstance(values, list) or not all(isinstance(value, str) and value.strip() for value in values):
            raise self.wrong(key, "a list of texts")
        for value in values:
            if choices and value not in choices:
                raise CourseError(f"{self.name}: {unknown('lesson', value, choices)}")
        if len(values) < least or len(set(values)) < len(values):
            raise self.wrong(key, f"at least {least}, each once")
        return tuple(values)

    def tables(self, key: str) -> list[dict[str, Any]]:
        """Tables with a head [[…]]; none where there is none."""
        tables = self.table.get(key, [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise self.wrong(key, f"tables [[{self.name.removeprefix('Claim ')}.{key}]]")
        return tables

    def rows(self, key: str) -> dict[str, Any]:
        """Which rows: for each column a value, or a list of values."""
        table = self.get(key)
        if not isinstance(table, dict) or not table:
            raise self.wrong(key, 'a table of columns, such as { network = "RNN", lag = [1, 2] }')
        for values in table.values():
            listed = values if isinstance(values, list) else [values]
            if not listed or not all(isinstance(value, str | int | float) for value in listed):
                raise self.wrong(key, "for each column a number, text or boolean, or a list of them")
        return dict(table)
