"""What the stored results say about the claims, and whether they may still say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from course_utils.claims.rules import Claim, load_claims, rule_hash
from course_utils.claims.verdicts import Finding, finding_of, findings_of, verdict_and_remark
from course_utils.display.settings import Settings
from course_utils.errors import CourseError
from course_utils.experiments.framework import registry
from course_utils.experiments.framework.results import Result, is_stored, load, plain_settings

if TYPE_CHECKING:
    import pandas as pd


YOUNGER = "its rule was last changed after these rows had been seen"


@dataclass(frozen=True)
class Standing:
    """How a claim stands.

    Attributes:
        claim: which.
        findings: of its parts.
        verdict: or why there is none.
        remark: on lessons to come, and on a rule that is younger than its rows.
        beside: what other ways to measure it found; each judged alone.
    """

    claim: Claim
    findings: list[Finding]
    verdict: str
    remark: str = ""
    beside: tuple[Finding, ...] = ()


def results(name: str) -> pd.DataFrame:
    """The stored rows of an experiment, for the figures of a lesson; `attrs` of the table name the experiment.

    Raises:
        CourseError: no such experiment, no stored results, or a damaged file.
    """
    registry.experiment(name)
    found = load(name).table
    found.attrs["experiment"] = name
    return found


_told: dict[str, tuple[int | None, Settings]] = {}  # by experiment: the cell that has shown its line, and the line


def told(name: str) -> Settings:
    """How an experiment's runs were made, shown in a notebook once a cell.

    Raises:
        CourseError: no such experiment, or it tells nothing.
    """
    from IPython import get_ipython

    cell = getattr(get_ipython(), "execution_count", None)
    shown_in, line = _told.get(name, (None, None))
    if line is None or shown_in != cell or cell is None:
        line = registry.experiment(name).described().say()
        _told[name] = cell, line
    return line


def say_settings(name: str) -> None:
    """In a notebook, show how an experiment's runs were made, if it tells that."""
    if registry.experiment(name).told is not None:
        told(name)


def rules(name: str) -> dict[str, str]:
    """For each claim that reads the experiment's rows, the hash of what it does with them today."""
    return {claim.id: rule_hash(claim, name) for claim in load_claims().values() if name in claim.experiments}


def stale(name: str) -> str:
    """Why the stored results of an experiment do not count today, in a sentence; empty where they do.

    Raises:
        CourseError: no such experiment, no stored results, or a damaged file.
    """
    registry.experiment(name)
    return _stale(load(name))


def _stale(then: Result) -> str:
    name = then.experiment
    now = registry.experiment(name)
    if then.version != now.version:
        why = f"they were measured by its version {then.version}, and today's is {now.version}"
    elif then.settings != plain_settings(name, now.settings):
        why = "they were measured with other settings than today's"
    elif then.seeds != sorted(now.seeds):
        why = f"they hold {len(then.seeds)} seeds, and not the {len(now.seeds)} reported today"
        if len(then.seeds) == len(now.seeds):
            why = "they hold other seeds than those reported today"
    else:
        return ""
    return f"The stored results of experiment {name!r} are stale: {why}. Run it again: `course claims run {name}`."


def changed_afterwards(claim: Claim, results: Mapping[str, Result]) -> bool:
    """Had some of the rows been seen when the claim's rule was written as it stands today?

    Args:
        claim: the claim.
        results: the stored results of its experiments.
    """
    return any(results[name].rules.get(claim.id) != rule_hash(claim, name) for name in claim.experiments)


def up_to_date(name: str) -> bool:
    """Are there stored results of the experiment that count today?"""
    try:
        return not stale(name)
    except CourseError:
        return False


def standing_of(claim: Claim) -> Standing:
    """How a claim stands by the stored results."""
    found: dict[str, Result] = {}
    for name in [*claim.experiments, *claim.beside]:
        if not is_stored(name):
            return Standing(claim, [], f"no verdict yet: its experiment {name!r} has not been run")
        try:
            found[name] = load(name)
            if sentence := _stale(found[name]):
                return Standing(claim, [], f"no verdict: {sentence[0].lower()}{sentence[1:].rstrip('.')}")
        except CourseError as error:
            return Standing(claim, [], f"no verdict: {str(error)[0].lower()}{str(error)[1:].rstrip('.')}")
    standing = judged(claim, {name: result.table for name, result in found.items()})
    if claim.parts and changed_afterwards(claim, found):
        remark = f"{standing.remark}; {YOUNGER}" if standing.remark else YOUNGER
        standing = replace(standing, remark=remark)
    return standing


def judged(claim: Claim, tables: dict[str, pd.DataFrame]) -> Standing:
    """How a claim stands by these rows.

    Args:
        claim: the claim.
        tables: the rows of each of its experiments; an alternative whose rows are not there is left out.

    Raises:
        CourseError: the rows lack what the claim's rule reads.
    """
    findings = findings_of(claim, claim.parts, tables)
    beside = (
        finding_of(part, tables[part.experiment], claim.seeds, claim.interval)
        for part in claim.alternatives
        if part.experiment in tables
    )
    return Standing(claim, findings, *verdict_and_remark(claim, findings), tuple(beside))
