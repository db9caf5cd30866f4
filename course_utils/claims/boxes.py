"""The box about a claim: what the article says, what was measured, the verdict, and how to measure it again."""

from __future__ import annotations

from course_utils.claims.known import known_for, known_table
from course_utils.claims.published import published_for, published_table
from course_utils.claims.rules import Claim, Look, load_claims
from course_utils.claims.rules import claim as claim_by_id
from course_utils.claims.stored import Standing, standing_of
from course_utils.claims.verdicts import NEARLY_ALL, SURELY, Estimate, Finding, Outcome, conditions
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
from course_utils.experiments.framework import registry

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
        parts = [f"- {part_line(finding)}" for finding in self.standing.findings]
        again = self._again().replace("`", "")
        told = map(str, self.settings)
        lines = [self._head(), *self._about(), *parts, f"{self._sign()} {self._verdict()}", again, *self._beside()]
        return "\n".join(line for line in [*lines, *told] if line)

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
        sentence = element("strong", f"{name}."), f" {claim.origin}: ", _marked(claim.says)
        verdict = f"{self._sign()} ", element("strong", _marked(self._verdict()))
        return marked_box(
            colour,
            element("p", *sentence, style=PARAGRAPH),
            *(_paragraph(line) for line in self._about()),
            table,
            element("p", *verdict, style=PARAGRAPH),
            conditions_table(findings, name).html if len(conditions(findings)) > 1 else "",
            _paragraph(self._again()),
            *self._folded(),
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

    def _beside(self) -> list[str]:
        """Why the rule is as it is, what other measurements say, and the earlier looks; a line each."""
        claim, beside = self.standing.claim, self.standing.beside
        lines = [f"Why these margins: {claim.reasons}"] if self.standing.findings and claim.reasons else []
        lines += [f"Another way: {part_line(finding)}" for finding in beside]
        lines += [f"{title}\n{table}" for title, table in self._tables_beside()]
        return lines + [f"Earlier: {_look_line(look)}" for look in claim.history]

    def _tables_beside(self) -> list[tuple[str, Table]]:
        """What others have published, and how many networks know the tasks without learning; each with its title."""
        id, tables = self.standing.claim.id, []
        if not self.own_run and (entries := published_for(id)):
            caption = f"Claim {id}: published, ours, and what differs"
            tables.append((f"Published numbers beside ours: {len(entries)}", published_table(entries, caption)))
        if not self.own_run and (tasks := known_for(id)):
            caption = f"Claim {id}: the largest share of random networks that solve a task"
            tables.append(("How many networks know it without learning", known_table(tasks, caption)))
        return tables

    def _folded(self) -> list[Html]:
        """The same, to be opened."""
        claim, beside, folded = self.standing.claim, self.standing.beside, []
        if self.standing.findings and claim.reasons:
            folded.append(_fold("Why these margins", _paragraph(claim.reasons)))
        if beside:
            caption = f"Claim {claim.id}: other ways to measure it, which do not decide"
            table = part_table(claim, list(beside), caption).html
            folded.append(_fold(f"Other ways to measure it: {len(beside)}", table))
        folded += [_fold(title, table.html) for title, table in self._tables_beside()]
        if claim.history:
            looks = [element("li", _marked(_look_line(look))) for look in claim.history]
            folded.append(_fold("Earlier looks and changes of the rule", element("ul", *looks)))
        return folded

    def _head(self) -> str:
        claim = self.standing.claim
        return f"Claim {claim.id}. {claim.origin}: {claim.says}"

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
            f'Run it yourself with three new seeds: `claims.rerun("{id}")` in a notebook, '
            f"`course claims run {id} --seeds 3` in a terminal. With its own seeds: `course claims run {id} --force`."
        )


def box(id: str) -> ClaimBox:
    """Show how a claim stands by the stored results.

    Raises:
        CourseError: there is no such claim.
    """
    return ClaimBox(standing_of(claim_by_id(id))).say()


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
    heads = ["what was measured", "outcome", "mean", "interval", "seeds", "expected"]
    rows = []
    for finding in findings:
        numbers = [MISSING] * 3
        if finding.estimate is not None:
            mean = _with_unit(short(finding.estimate.mean), finding.part.unit)
            numbers = [mean, sure_interval(finding.estimate), str(finding.estimate.seeds)]
        rows.append([finding.part.text, outcome_text(finding), *numbers, expected_text(finding)])
    align_right = [False, False, True, True, True, False]
    return Table(caption, heads, rows, align_right)


def conditions_table(findings: list[Finding], name: str) -> Table:
    """One row for each condition of a claim, and how it came out there."""
    about = {finding.part.when: finding.part for finding in findings}
    columns = [key for key in ("start", "task", "measure") if any(getattr(part, key) for part in about.values())]
    rows = []
    for when, outcomes in conditions(findings).items():
        words = [getattr(about[when], key) or MISSING for key in columns] if columns else [when]
        rows.append([*words, _came_out(outcomes)])
    heads = [*(columns or ["condition"]), "the claim there"]
    return Table(f"{name}: condition by condition", heads, rows, [False] * len(heads))


def _came_out(outcomes: list[Outcome]) -> str:
    """How a claim came out under a condition, as sign and words."""
    for kind, words in (
        (Outcome.CONTRADICTED, "does not hold"),
        (Outcome.EQUIVALENT, "no difference that matters"),
        (Outcome.UNDECIDED, "undecided"),
    ):
        if kind in outcomes:
            return f"{SIGNS[kind]} {words}"
    return f"{SIGNS[Outcome.SUPPORTED]} holds"


def part_line(finding: Finding) -> str:
    """The same in one line of text."""
    if finding.estimate is None:
        return f"{finding.part.text}: {outcome_text(finding)}"
    mean, seeds = _with_unit(short(finding.estimate.mean), finding.part.unit), finding.estimate.seeds
    counted = finding.estimate.level == 1
    sure = f", {_percent(finding.estimate.level)} interval {interval_text(finding.estimate)}"
    bounds = "" if seeds == 1 or counted else sure
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
    if part.expect == "reached":
        return f"{short(NEARLY_ALL)} or more, its interval from {short(SURELY)} on"
    if part.expect == "within":
        return f"within {margin} of {than}"
    return f"{part.expect} {than} by more than {margin}" if part.margin else f"{part.expect} {than}"


def interval_text(estimate: Estimate) -> str:
    """Such as "0.24 to 0.26"; a single seed has no interval."""
    return MISSING if estimate.seeds == 1 else f"{short(estimate.low)} to {short(estimate.high)}"


def sure_interval(estimate: Estimate) -> str:
    """The interval with how sure it is; a count has none."""
    if estimate.level == 1:
        return "a count"
    return MISSING if estimate.seeds == 1 else f"{interval_text(estimate)} ({_percent(estimate.level)})"


def _percent(level: float) -> str:
    """Such as "99.2 %"."""
    return f"{short(round(100 * level, 2))} %"


def _look_line(look: Look) -> str:
    """An earlier look in one line."""
    return f"{look.date}{f', {look.commit}' if look.commit else ''}: {look.what}"


def _fold(summary: str, *inside: Html) -> Html:
    return element("details", element("summary", summary), *inside)


def _with_unit(number: str, unit: str) -> str:
    return f"{number}{'' if unit == '°' else ' '}{unit}".strip()


def _marked(text: str) -> Html:
    """Text for HTML; what stands between backticks becomes code."""
    return with_code(text, style="white-space:nowrap")


def _paragraph(text: str) -> Html:
    return element("p", _marked(text), style=PARAGRAPH) if text else Html("")
