"""The box about a claim: what the article says, what was measured, the verdict, and how to measure it again."""

from __future__ import annotations

from course_utils.claims.rules import Claim, load_claims
from course_utils.claims.rules import claim as claim_by_id
from course_utils.claims.stored import Standing, judged, standing_of
from course_utils.claims.verdicts import Estimate, Finding, Outcome, finding_of, verdict_and_remark
from course_utils.display.html import (
    CONDITION,
    FAULT,
    GOOD,
    INFORMATION,
    NEUTRAL,
    PARAGRAPH,
    Html,
    element,
    marked_box,
    with_code,
)
from course_utils.display.message import Message
from course_utils.display.numbers import MISSING, short
from course_utils.display.settings import Settings
from course_utils.display.tables import Table, show_table
from course_utils.errors import CourseError
from course_utils.experiments.framework import registry, runner

SIGNS = {
    Outcome.SUPPORTED: "✔",
    Outcome.CONTRADICTED: "✘",
    Outcome.EQUIVALENT: "≈",
    Outcome.UNDECIDED: "?",
}
MOST_OPEN = 4  # a box with more parts shows them when it is opened
# how a verdict begins: its sign, and a colour that only repeats it
LOOKS = {
    "holds when": ("◐", CONDITION),
    "holds": ("✔", GOOD),
    "does not hold": ("✘", FAULT),
    "equivalent": ("≈", INFORMATION),
    "settled": ("§", INFORMATION),
    "undecided": ("?", NEUTRAL),
    "no verdict": ("○", NEUTRAL),
}


class ClaimBox(Message):
    """How one claim stands.

    Attributes:
        standing: what was found.
        own_run: a sentence about the learner's own run; empty for the stored results.
        quick: was it run with the small settings?
    """

    def __init__(self, standing: Standing, own_run: str = "", *, quick: bool = False) -> None:
        self.standing, self.own_run, self.quick = standing, own_run, quick

    @property
    def verdict(self) -> str:
        """Such as "holds when …", or why there is none."""
        return self.standing.verdict

    def __str__(self) -> str:
        interval = self.standing.claim.interval
        parts = [f"- {part_line(finding, interval)}" for finding in self.standing.findings]
        again = self._again().replace("`", "")
        told = map(str, self.settings)
        lines = [self._head(), *self._about(), *parts, f"{self._sign()} {self._verdict()}", again, *told]
        return "\n".join(line for line in lines if line)

    __repr__ = __str__

    @property
    def html(self) -> Html:
        """A box in the colour of the verdict, with the verdict in words and the parts as a table."""
        claim, findings = self.standing.claim, self.standing.findings
        name, colour = f"Claim {claim.id}", self._look()[1]
        caption = f"{name}: {'your own run' if self.own_run else 'what we measured'}"
        table = part_table(claim, findings, caption).html if findings else ""
        if len(findings) > MOST_OPEN:
            table = element("details", element("summary", self._summary()), table)
        sentence = element("strong", f"{name}."), " The article says: ", _marked(claim.says)
        verdict = f"{self._sign()} ", element("strong", _marked(self._verdict()))
        return marked_box(
            colour,
            element("p", *sentence, style=PARAGRAPH),
            *(_paragraph(line) for line in self._about()),
            table,
            element("p", *verdict, style=PARAGRAPH),
            _paragraph(self._again()),
            self._settings_html(),
            role="group",
            label=name,
            style="padding:.3em .8em;margin:.5em 0;max-width:60em;overflow-wrap:break-word",
        )

    @property
    def settings(self) -> list[Settings]:
        """How the runs behind the box were made: a line for each of its experiments that were measured."""
        if not self.standing.findings:
            return []
        behind = (registry.experiment(name) for name in self.standing.claim.experiments)
        return [experiment.described(quick=self.quick) for experiment in behind if experiment.told is not None]

    def _settings_html(self) -> Html:
        if not self.settings:
            return Html("")
        lines = (line.html for line in self.settings)
        return element("details", element("summary", "How the runs were made"), *lines)

    def _head(self) -> str:
        return f"Claim {self.standing.claim.id}. The article says: {self.standing.claim.says}"

    def _summary(self) -> str:
        """How many parts there are, and how many came out in which way."""
        outcomes = [finding.outcome for finding in self.standing.findings]
        counts = [f"{SIGNS[kind]} {outcomes.count(kind)} {kind.value}" for kind in Outcome if kind in outcomes]
        return f"{len(outcomes)} measurements: {', '.join(counts)}. Open to see them."

    def _about(self) -> list[str]:
        """What stands between the claim and its parts."""
        claim = self.standing.claim
        lines = [self.own_run] if self.own_run else []
        if claim.source:
            lines.append(f"Sources: {'; '.join(claim.source)}.")
        if not self.standing.findings:
            lines.append(f"What is measured: {claim.plan}")
        return lines

    def _verdict(self) -> str:
        verdict, remark = self.verdict, self.standing.remark
        sentence = verdict[0].upper() + verdict[1:] if self._is_none() else f"Verdict: {verdict}"
        return f"{sentence} ({remark})." if remark else f"{sentence}."

    def _is_none(self) -> bool:
        return self.verdict.startswith("no verdict")

    def _look(self) -> tuple[str, str]:
        return next(look for start, look in LOOKS.items() if self.verdict.startswith(start))

    def _sign(self) -> str:
        return self._look()[0]

    def _again(self) -> str:
        id = self.standing.claim.id
        if not self.standing.claim.parts:
            return ""
        return (
            f'Run it yourself with three seeds: `claims.rerun("{id}")` in a notebook, '
            f"`course claims run {id} --seeds 3` in a terminal. With all its seeds: `course claims run {id} --force`."
        )


def box(id: str) -> ClaimBox:
    """Show how a claim stands by the stored results.

    Raises:
        CourseError: there is no such claim.
    """
    return ClaimBox(standing_of(claim_by_id(id))).say()


def rerun(id: str, seeds: int = 3, *, quick: bool = False, jobs: int | None = None) -> ClaimBox:
    """Run a claim's experiments now, and show its box from the fresh rows. Stored files stay as they are.

    Args:
        id: the claim.
        seeds: how many: the first of those reported, so that the numbers can be compared.
        quick: with the small settings.
        jobs: how many processes; default: one for each core.

    Raises:
        CourseError: there is no such claim, nothing of it can be run yet, or a seed failed.
    """
    claim = claim_by_id(id)
    if not claim.parts:
        raise CourseError(f"There is nothing to run for claim {id}: {verdict_and_remark(claim, [])[0]}.")
    if seeds < 1:
        raise CourseError(f"seeds is {seeds}. Give the number of seeds to run: 1 or more.")
    tables = {}
    for name in claim.experiments:
        experiment = registry.experiment(name)
        tables[name] = runner.run(experiment, first_seeds(experiment.seeds, seeds), quick=quick, jobs=jobs)
    settings = "small settings, " if quick else ""
    own_run = f"Your own run ({settings}{seeds} seed{'s' * (seeds > 1)}); the stored results are another one."
    if not quick:
        return ClaimBox(judged(claim, tables), own_run).say()
    findings = []
    for part in claim.parts:
        try:
            findings.append(finding_of(part, tables[part.experiment], claim.seeds, claim.interval))
        except CourseError:  # the small settings leave out what it reads
            findings.append(Finding(part, None, Outcome.UNDECIDED, "not measured with the small settings"))
    return ClaimBox(Standing(claim, findings, *verdict_and_remark(claim, findings)), own_run, quick=True).say()


def first_seeds(reported: tuple[int, ...], count: int) -> list[int]:
    """The first of the seeds that are reported; where more are wanted, those after the largest."""
    ordered = sorted(reported)
    more = range(ordered[-1] + 1, ordered[-1] + 1 + max(0, count - len(ordered)))
    return [*ordered[:count], *more]


def table() -> Table:
    """Show all claims with their verdicts."""
    rows = []
    for claim in load_claims().values():
        standing = standing_of(claim)
        verdict = f"{standing.verdict} ({standing.remark})" if standing.remark else standing.verdict
        rows.append({"claim": claim.id, "it says": claim.says, "verdict": verdict, "lessons": ", ".join(claim.lessons)})
    return show_table(rows, "The claims and their verdicts, derived from the stored results")


def part_table(claim: Claim, findings: list[Finding], caption: str) -> Table:
    """One row for each part: what was measured, and what follows."""
    heads = ["what was measured", "outcome", "mean", f"{short(100 * claim.interval)} % interval", "seeds", "expected"]
    rows = []
    for finding in findings:
        numbers = [MISSING] * 3
        if finding.estimate is not None:
            mean = _with_unit(short(finding.estimate.mean), finding.part.unit)
            numbers = [mean, interval_text(finding.estimate), str(finding.estimate.seeds)]
        rows.append([finding.part.text, outcome_text(finding), *numbers, expected_text(finding)])
    align_right = [False, False, True, True, True, False]
    return Table(caption, heads, rows, align_right)


def part_line(finding: Finding, interval: float) -> str:
    """The same in one line of text."""
    if finding.estimate is None:
        return f"{finding.part.text}: {outcome_text(finding)}"
    mean, seeds = _with_unit(short(finding.estimate.mean), finding.part.unit), finding.estimate.seeds
    bounds = "" if seeds == 1 else f", {short(100 * interval)} % interval {interval_text(finding.estimate)}"
    return (
        f"{finding.part.text}: mean {mean}{bounds}, {seeds} seed{'s' * (seeds > 1)}; "
        f"expected {expected_text(finding)}: {outcome_text(finding)}"
    )


def outcome_text(finding: Finding) -> str:
    """The outcome as sign and words, with its note."""
    note = f" ({finding.note})" if finding.note else ""
    return f"{SIGNS[finding.outcome]} {finding.outcome.value}{note}"


def expected_text(finding: Finding) -> str:
    """What the rule expects, with the smallest effect that matters."""
    part = finding.part
    than, margin = _with_unit(short(part.than), part.unit), short(part.margin)
    if part.expect == "within":
        return f"within {margin} of {than}"
    return f"{part.expect} {than} by more than {margin}" if part.margin else f"{part.expect} {than}"


def interval_text(estimate: Estimate) -> str:
    """Such as "0.24 to 0.26"; a single seed has no interval."""
    return MISSING if estimate.seeds == 1 else f"{short(estimate.low)} to {short(estimate.high)}"


def _with_unit(number: str, unit: str) -> str:
    return f"{number}{'' if unit == '°' else ' '}{unit}".strip()


def _marked(text: str) -> Html:
    """Text for HTML; what stands between backticks becomes code."""
    return with_code(text, style="white-space:nowrap")


def _paragraph(text: str) -> Html:
    return element("p", _marked(text), style=PARAGRAPH) if text else Html("")
