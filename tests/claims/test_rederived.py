"""All verdicts derived a second time, from the claim files and the stored rows, with no code of `course_utils.claims`.

What the rules mean is written in `course_utils/claims/ledger/README.md`. The intervals are those of scipy and
statsmodels.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from course_utils.claims.rules import load_claims
from course_utils.claims.stored import standing_of

ROOT = Path(__file__).resolve().parents[2]
FILES = {path.stem: path for path in sorted((ROOT / "course_utils" / "claims" / "ledger").glob("*.toml"))}
TABLES = {id: tomllib.loads(path.read_text(encoding="utf-8"))[id] for id, path in FILES.items()}
MEASURED = [id for id, table in TABLES.items() if table.get("parts")]
Interval = tuple[float, float]


@cache
def stored_rows(name: str) -> pd.DataFrame:
    found = json.loads((ROOT / "data" / "results" / f"{name}.json").read_text(encoding="utf-8"))
    return pd.DataFrame(found["rows"], columns=found["columns"])


def numbers(rows: pd.DataFrame, part: dict[str, Any], where: dict[str, Any]) -> np.ndarray:
    """One number for each seed, by way of a pivot table."""
    chosen = rows.assign(number=rows[part["metric"]].astype(float))
    for column, wanted in where.items():
        chosen = chosen[chosen[column].isin(wanted if isinstance(wanted, list) else [wanted])]
    table = chosen.pivot_table(index="seed", values="number", aggfunc="mean")
    by_seed: np.ndarray = table["number"].to_numpy(dtype=np.float64)
    if "at_least" in part:
        by_seed = np.where(by_seed >= part["at_least"], 1.0, 0.0)
    if "at_most" in part:
        by_seed = np.where(by_seed <= part["at_most"], 1.0, 0.0)
    return by_seed


def interval_of(a: np.ndarray, b: np.ndarray | None, statistic: str, level: float) -> Interval:
    difference = a if b is None else a - b
    if statistic == "count":
        return float(difference[0]), float(difference[0])
    if statistic == "share" and b is None:
        return tuple(proportion_confint(a.sum(), len(a), 1 - level, method="wilson"))
    if statistic == "share" and b is not None:
        both = (a.sum(), len(a), b.sum(), len(b))
        return tuple(confint_proportions_2indep(*both, method="newcomb", compare="diff", alpha=1 - level))
    if b is not None and statistic == "accuracy" and np.ptp(a) == np.ptp(b) == 0 and {a[0], b[0]} <= {0.0, 1.0}:
        return interval_of(a, b, "share", level)
    if np.ptp(difference) == 0:
        return float(difference[0]), float(difference[0])
    mean, error = float(difference.mean()), float(stats.sem(difference))
    low, high = stats.t.interval(level, len(difference) - 1, mean, error)
    if statistic == "accuracy" and b is None:
        half = (high - low) / 2 / (mean * (1 - mean))
        odds = math.log(mean / (1 - mean))
        return 1 / (1 + math.exp(half - odds)), 1 / (1 + math.exp(-half - odds))
    if statistic == "accuracy":
        low, high = max(low, -1.0), min(high, 1.0)
    return float(low), float(high)


def outcome_of(mean: float, interval: Interval, part: dict[str, Any]) -> str:
    low, high = interval
    if part["expect"] == "reached":
        if mean >= 0.9 and low >= 0.6:
            return "supported"
        return "contradicted" if high < 0.9 else "undecided"
    than, margin = part.get("than", 0), part["margin"]
    inside = than - margin <= low and high <= than + margin
    if part["expect"] == "within":
        outside = high < than - margin or low > than + margin
        return "supported" if inside else "contradicted" if outside else "undecided"
    if part["expect"] == "below":
        low, high, than = -high, -low, -than
    if low > than + margin:
        return "supported"
    return "equivalent" if inside else "contradicted" if high < than + margin else "undecided"


def first_decided(outcome_at: Callable[[float], str]) -> float:
    """The smallest α, to a millionth of its size, at which there is an outcome; 2 where there is none."""
    if outcome_at(0.9989) == "undecided":
        return 2.0
    exponents = (-12.0, math.log10(0.9989))
    if outcome_at(10 ** exponents[0]) != "undecided":
        return 0.0
    for _ in range(30):
        middle = sum(exponents) / 2
        exponents = (middle, exponents[1]) if outcome_at(10**middle) == "undecided" else (exponents[0], middle)
    return float(10 ** exponents[1])


def outcomes_of(table: dict[str, Any]) -> list[str]:
    """Of all parts of a claim, with Holm's correction."""
    parts, alpha = table["parts"], 1 - table["interval"]

    sides = []
    for part in parts:
        rows = stored_rows(part.get("experiment", table.get("experiment")))
        minus = numbers(rows, part, part["minus"]) if "minus" in part else None
        sides.append((numbers(rows, part, part.get("where", {})), minus))

    def judge(n: int, level: float) -> str:
        a, b = sides[n]
        if len(a) < table["seeds"]:
            return "undecided"
        mean = float((a if b is None else a - b).mean())
        return outcome_of(mean, interval_of(a, b, parts[n].get("statistic", "mean"), level), parts[n])

    chances = [first_decided(lambda alpha, n=n: judge(n, 1 - alpha)) for n in range(len(parts))]  # type: ignore[misc]
    names = [part.get("when", "") if table["kind"] == "existential" else str(n) for n, part in enumerate(parts)]
    families = {name: [n for n, own in enumerate(names) if own == name] for name in names}
    outcomes = ["undecided"] * len(parts)
    ordered = sorted(families.values(), key=lambda members: max(chances[n] for n in members))
    for rank, members in enumerate(ordered):
        for n in members:
            outcomes[n] = judge(n, 1 - alpha / (len(ordered) - rank))
        if "undecided" in [outcomes[n] for n in members]:
            for rest in ordered[rank + 1 :]:
                for n in rest:
                    outcomes[n] = judge(n, 1 - alpha / (len(ordered) - rank))
            break
    return outcomes


def verdict_of(table: dict[str, Any], outcomes: list[str]) -> tuple[str, set[str]]:
    """The first words of a verdict, and the conditions under which the claim holds."""
    if set(outcomes) == {"supported"}:
        return "holds", set()
    whens = [part.get("when", "") for part in table["parts"]]
    always = {outcome for when, outcome in zip(whens, outcomes, strict=True) if not when}
    holding = {
        when
        for when in whens
        if when
        and always | {outcome for own, outcome in zip(whens, outcomes, strict=True) if own == when} == {"supported"}
    }
    refuted = {"contradicted", "equivalent"} & set(outcomes)
    if holding and (refuted or table["kind"] == "existential"):
        return "holds when", holding
    if table["kind"] == "universal" and "contradicted" in outcomes:
        return "does not hold", set()
    if "undecided" in outcomes:
        return "undecided", set()
    return ("equivalent" if set(outcomes) == {"equivalent"} else "does not hold"), set()


@pytest.mark.parametrize("id", MEASURED)
def test_every_outcome_and_verdict_is_derived_again(id: str) -> None:
    standing = standing_of(load_claims()[id])
    outcomes = outcomes_of(TABLES[id])
    assert [finding.outcome.value for finding in standing.findings] == outcomes
    words, holding = verdict_of(TABLES[id], outcomes)
    assert standing.verdict.startswith(words)
    assert standing.verdict.startswith("holds when") == bool(holding)
    for when in holding:
        assert when.partition(", counted in ")[0] in standing.verdict


def test_no_interval_of_a_share_or_an_accuracy_leaves_its_range() -> None:
    for id in MEASURED:
        standing = standing_of(load_claims()[id])
        for finding in [*standing.findings, *standing.beside]:
            one, part = finding.estimate, finding.part
            assert one is not None
            if part.statistic in ("share", "accuracy"):
                assert (0 if part.minus is None else -1) <= one.low <= one.mean <= one.high <= 1, (id, part.text)
