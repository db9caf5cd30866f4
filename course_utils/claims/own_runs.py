"""A learner measures a claim again: with seeds that nobody has seen, told beforehand how long it takes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from course_utils.claims.boxes import ClaimBox
from course_utils.claims.rules import Claim
from course_utils.claims.rules import claim as claim_by_id
from course_utils.claims.stored import Standing, judged
from course_utils.claims.verdicts import Finding, Outcome, finding_of, verdict_and_remark
from course_utils.display.html import Html, element
from course_utils.display.message import Message
from course_utils.errors import CourseError
from course_utils.experiments.framework import registry, runner
from course_utils.experiments.framework.results import is_stored, load

if TYPE_CHECKING:
    import pandas as pd

QUICK = 60.0  # seconds that a quick run may take
FEWEST = 2  # seeds; one has no interval
TOO_SMALL = (
    "They show that everything runs, and are too small to show the effect: read nothing into these numbers. "
    "A run that shows it takes {time}"
)


class Beforehand(Message):
    """What is about to be run, and how long it may take.

    Args:
        sentence: that says so.
    """

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence

    @property
    def html(self) -> Html:
        """One paragraph."""
        return element("p", self.sentence)


def rerun(id: str, seeds: int = 3, *, reported: bool = False, quick: bool = False, jobs: int | None = None) -> ClaimBox:
    """Run a claim's experiments now, and show its box from the fresh rows. Stored files stay as they are.

    Args:
        id: the claim.
        seeds: how many.
        reported: run the first of those that are reported, which gives the stored numbers again. Default: seeds that
            no stored result has used, which are new evidence.
        quick: as many of these as fit into a minute; where not even two do, with small settings that show no effect,
            and the box says so.
        jobs: how many processes; default: one for each core.

    Raises:
        CourseError: there is no such claim, nothing of it can be run yet, or a seed failed.
    """
    claim = claim_by_id(id)
    if not claim.parts:
        raise CourseError(f"There is nothing to run for claim {id}: {verdict_and_remark(claim, [])[0]}.")
    if seeds < 1:
        raise CourseError(f"seeds is {seeds}. Give the number of seeds to run: 1 or more.")
    full = seconds_of(claim.experiments, 1, jobs)
    small = quick and full * FEWEST > QUICK
    if quick and not small:
        seeds = max(FEWEST, min(seeds, int(QUICK // full))) if full else seeds
    if not quick:
        Beforehand(beforehand(claim.experiments, seeds, jobs)).say()
    tables = {}
    for name in claim.experiments:
        experiment = registry.experiment(name)
        wanted = first_seeds(experiment.seeds, seeds) if reported else fresh_seeds(seeds)
        tables[name] = runner.run(experiment, wanted, quick=small, jobs=jobs)
    own_run = said_of(tables, seeds, reported=reported)
    if small:
        time = span(full * seeds)
        return _small_box(claim, tables, f"{own_run} With small settings. {TOO_SMALL.format(time=time)}.")
    return ClaimBox(judged(claim, tables), own_run).say()


def _small_box(claim: Claim, tables: dict[str, pd.DataFrame], own_run: str) -> ClaimBox:
    """The box of a run with small settings, which may leave out what a part reads."""
    findings = []
    for part in claim.parts:
        try:
            findings.append(finding_of(part, tables[part.experiment], claim.seeds, claim.interval))
        except CourseError:
            findings.append(Finding(part, None, Outcome.UNDECIDED, "not measured with the small settings"))
    standing = Standing(claim, findings, "no verdict: the small settings cannot show the effect")
    return ClaimBox(standing, own_run, quick=True).say()


def said_of(tables: dict[str, pd.DataFrame], seeds: int, *, reported: bool) -> str:
    """A sentence about an own run: how many seeds, and which."""
    ran = sorted({int(seed) for rows in tables.values() for seed in rows["seed"]})
    which = f"{ran[0]} to {ran[-1]}" if len(ran) > 1 else f"{ran[0]}"
    kind = "reported ones, so that the numbers are the stored ones" if reported else "new ones"
    return f"Your own run, {seeds} seed{'s' * (seeds > 1)} ({which}: {kind}); the stored results are another one."


# ---------------------------------------------------------------------------------------------------------------------
# Seeds and time


def first_seeds(reported: Sequence[int], count: int) -> list[int]:
    """The first of the seeds that are reported; where more are wanted, those after the largest."""
    ordered = sorted(reported)
    more = range(ordered[-1] + 1, ordered[-1] + 1 + max(0, count - len(ordered)))
    return [*ordered[:count], *more]


def fresh_seeds(count: int) -> list[int]:
    """Seeds that no experiment of the course reports, nor has searched with."""
    first = 1 + max(seed for experiment in registry.load_experiments().values() for seed in experiment.seeds)
    return list(range(first, first + count))


def seconds_of(names: Sequence[str], seeds: int, jobs: int | None) -> float:
    """About how long experiments take, by the CPU seconds of the stored results; ∞ where there is none."""
    total = 0.0
    for name in names:
        if not is_stored(name):
            return float("inf")
        stored = load(name)
        each = stored.seconds / len(stored.seeds)
        total += each * seeds / min(jobs or os.cpu_count() or 1, seeds)
    return total


def beforehand(names: Sequence[str], seeds: int, jobs: int | None) -> str:
    """A sentence that says what is about to be run, and how long it takes."""
    what = f"{', '.join(names)}: {seeds} seed{'s' * (seeds > 1)} of each"
    return f"{what}. {span(seconds_of(names, seeds, jobs)).capitalize()}, by the CPU seconds of the stored results."


def span(seconds: float) -> str:
    """Such as "about 3 minutes"."""
    if seconds == float("inf"):
        return "an unknown time"
    if seconds < 1.5:
        return "about a second"
    if seconds < 90:
        return f"about {round(seconds)} seconds"
    minutes = seconds / 60
    return f"about {round(minutes)} minutes" if minutes < 90 else f"about {minutes / 60:.1f} hours"
