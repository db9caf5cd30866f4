"""Writes docs/study.md and docs/published.md from the ledger and the stored results: generated, never edited by hand.

    python -m tools.study [--check]

`python -m tools.build` writes them too. What the study reports follows the ledger: a claim of today's experiments
appears as soon as its rows are stored.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from course_utils.claims.boxes import MOST_OPEN, part_line
from course_utils.claims.known import TASKS, known_rows, known_table
from course_utils.claims.own_runs import seconds_of, span
from course_utils.claims.published import load_published, published_table
from course_utils.claims.rules import Claim, load_claims
from course_utils.claims.stored import Standing, standing_of
from course_utils.claims.verdicts import Finding, Outcome
from course_utils.display.numbers import short
from course_utils.display.tables import Table
from course_utils.experiments.framework import registry
from course_utils.experiments.framework.results import load
from tools.launch import ROOT

DOCS = ROOT / "docs"
CORE = ("C06", "C07", "C10", "C12", "C13", "C16", "C20", "C27", "C28", "C34", "C35", "C36", "C37", "C38")
WIDTH = 41  # letters of a strip
GENERATED = "<!-- Written by `python -m tools.study` from the ledger and data/results: change those. -->"
TITLE = "RNN against LSTM at small scale: many seeds, equal tries, rules written beforehand"


def claims_of_study() -> list[Claim]:
    """The claims that compare recurrent networks, and all that read an experiment of the study; those with rules."""
    own = {
        experiment.name
        for experiment in registry.load_experiments().values()
        if ".study." in getattr(experiment.measure, "__module__", "")
    }
    found = (claim for claim in load_claims().values() if claim.id in CORE or own & set(claim.experiments))
    return [claim for claim in found if claim.parts]


def study_text() -> str:
    """The page of the study, in Markdown."""
    standings = [standing_of(claim) for claim in claims_of_study()]
    measured = [standing for standing in standings if standing.findings]
    return "\n".join(
        [
            f"# {TITLE}",
            "",
            GENERATED,
            "",
            *_about(measured),
            "",
            "## Question",
            "",
            "Is a long short-term memory (LSTM) better than a plain recurrent network (RNN), at what, and when? This "
            "study asks at a small scale, where many seeds and equal tries can be paid for.",
            "",
            "## Protocol",
            "",
            *_protocol(measured),
            "",
            "## Results",
            "",
            *_verdicts(standings),
            "",
            *(line for standing in measured for line in _result(standing)),
            "## How many networks know it without learning",
            "",
            *_known(),
            "",
            "## Beside the literature",
            "",
            "[Published, ours, and what differs](published.md): classic numbers beside these.",
            "",
            "## What is not shown",
            "",
            *_not_shown(standings),
            "",
            "## How to run it again",
            "",
            *_again(measured),
            "",
            "## How to cite",
            "",
            *_cite(),
            "",
        ]
    )


def _protocol(measured: Sequence[Standing]) -> list[str]:
    """How it was done. What a single experiment does otherwise stands in the line of its settings."""
    fewest = min(standing.claim.seeds for standing in measured)
    return [
        "- **Rules first.** Each claim has a rule in `course_utils/claims/ledger`: measure, smallest effect that "
        "matters, fewest seeds, kind of interval. A rule is committed before the rows that it judges; one that is "
        "younger than its rows is marked so, and earlier looks are listed with the claim.",
        "- **Verdicts are derived**, never written: from the rule and the stored rows, with Holm's correction over the "
        "parts of a claim. Two-sided intervals: Student's t, on the scale of log-odds for accuracies, Wilson and "
        "Newcombe for shares of seeds.",
        "- **Size and tries.** What has how many parameters, and how rates and starts were searched for, stands with "
        "each experiment; searches use other seeds than those reported.",
        f"- **Seeds.** At least {fewest} for a verdict; each draws weights and data. Differences of means are paired "
        "by seed.",
    ]


def _about(measured: Sequence[Standing]) -> list[str]:
    """Version, software and date of the rows."""
    results = [load(name) for standing in measured for name in standing.claim.experiments]
    torch = sorted({result.versions["torch"] for result in results})
    python = sorted({result.versions["python"] for result in results})
    seeds = sum(len(result.seeds) for result in {result.experiment: result for result in results}.values())
    experiments = len({result.experiment for result in results})
    return [
        f"Version {_cited('version')} of *{_cited('title')}*. Rows of {experiments} experiments, {seeds:,} seeds in "
        f"all, measured with torch {', '.join(torch)} and Python {', '.join(python)} on CPUs, one thread each. "
        f"The ledger as of {last_look()}.",
    ]


def last_look() -> str:
    """The latest date in the ledger's histories."""
    return max(look.date for claim in load_claims().values() for look in claim.history)


def _verdicts(standings: Sequence[Standing]) -> list[str]:
    lines = ["| claim | it says | verdict |", "|---|---|---|"]
    for standing in standings:
        remark = f" ({standing.remark})" if standing.remark else ""
        lines.append(f"| {standing.claim.id} | {_cell(standing.claim.says)} | {_cell(standing.verdict + remark)} |")
    return lines


def _result(standing: Standing) -> list[str]:
    """A claim with its figure: a strip for each part."""
    claim = standing.claim
    experiments = ", ".join(f"`{name}`" for name in claim.experiments)
    lines = [f"### {claim.id}: {claim.says}", "", f"Verdict: **{standing.verdict}**. Experiments: {experiments}.", ""]
    lines += [f"Why these margins: {claim.reasons}", ""] if claim.reasons else []
    fold = len(standing.findings) > MOST_OPEN
    lines += ["<details>", f"<summary>{len(standing.findings)} parts</summary>", ""] if fold else []
    for finding in standing.findings:
        lines += [f"- {part_line(finding)}", *([f"  `{strip(finding)}`"] if finding.estimate else [])]
    return [*lines, *(["", "</details>"] if fold else []), ""]


def strip(finding: Finding) -> str:
    """A part as a line of text: `├` and `┤` the ends of its interval, `●` its mean, `┊` what it is compared with.

    Args:
        finding: with an estimate.
    """
    measured = finding.estimate
    assert measured is not None
    ends = [end for end in (measured.low, measured.high) if math.isfinite(end)]
    than = [] if finding.part.expect == "reached" else [finding.part.than]
    least, most = min(measured.mean, *ends, *than), max(measured.mean, *ends, *than)

    def place(value: float) -> int:
        return round((value - least) / ((most - least) or 1.0) * (WIDTH - 1))

    line = ["·"] * WIDTH  # several spaces would be shown as one
    if ends:
        line[place(ends[0]) : place(ends[-1]) + 1] = ["─"] * (place(ends[-1]) - place(ends[0]) + 1)
        line[place(ends[0])], line[place(ends[-1])] = "├", "┤"
    for value in than:
        line[place(value)] = "┊"
    line[place(measured.mean)] = "●"
    return f"{short(least)} {''.join(line)} {short(most)}"


def _known() -> list[str]:
    if not known_rows():
        return ["Not measured yet."]
    tasks = list(dict.fromkeys(task for of_claim in TASKS.values() for task in of_claim))
    caption = "The largest share of random networks that solve a task, over cells, two sizes and two priors"
    return [
        "A task that random weights solve says little about learning. Intervals are exact (Clopper and Pearson). Shown "
        "is the largest of several shares, so that its interval is a little too sure.",
        "",
        *markdown(known_table(tasks, caption)),
    ]


def _not_shown(standings: Sequence[Standing]) -> list[str]:
    """What is undecided or makes no difference, and the limits of all of it."""
    lines = [
        "- Large networks and data: most networks here have some thousand weights, the largest some hundred thousand.",
        "- Other hardware: seconds are CPU seconds of one thread.",
        "- That a difference would stay with more training, where runs end with a budget.",
        "- The whole of what articles call an RNN or LSTM: gates, starts and tasks are those named in each part.",
    ]
    for standing in standings:
        if not standing.findings:
            lines.append(f"- {standing.claim.id}: {standing.verdict}.")
            continue
        outcomes = [finding.outcome for finding in standing.findings]
        undecided, same = outcomes.count(Outcome.UNDECIDED), outcomes.count(Outcome.EQUIVALENT)
        if undecided or same:
            lines.append(
                f"- {standing.claim.id}: of {len(outcomes)} parts {undecided} undecided, {same} with no difference "
                "that matters."
            )
    return lines


def _again(measured: Sequence[Standing]) -> list[str]:
    names = list(dict.fromkeys(name for standing in measured for name in standing.claim.experiments))
    rows = [
        f"| {standing.claim.id} | `course claims run {standing.claim.id} --seeds 3` | "
        f"{span(seconds_of(standing.claim.experiments, 3, 1))} |"
        for standing in measured
    ]
    whole = sum(load(name).seconds for name in names)
    return [
        "Install the course, then run a claim with three new seeds, or all of it (`make claims FORCE=1`, "
        f"{span(whole)} of CPU). Finished seeds are kept, so that a run that was stopped goes on. A cell of your own "
        'takes part with `claims.rerun("C12", cell=MyCell)`.',
        "",
        "| claim | three new seeds | CPU time |",
        "|---|---|---|",
        *rows,
    ]


def _cite() -> list[str]:
    year = last_look()[:4]
    return [
        "```bibtex",
        "@misc{rnn_vs_lstm_measured,",
        f"  title  = {{{TITLE}}},",
        f"  author = {{{{{_cited('name')}}}}},",
        f"  year   = {{{year}}},",
        f"  note   = {{In: {_cited('title')}, version {_cited('version')}, as of {last_look()}}},",
        f"  url    = {{{_cited('repository-code')}}}",
        "}",
        "```",
    ]


def _cited(key: str) -> str:
    """A value of CITATION.cff."""
    lines = (ROOT / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    return next(line.partition(":")[2] for line in lines if line.strip(" -").startswith(f"{key}:")).strip()


def published_text() -> str:
    """The page of published numbers, in Markdown."""
    table = published_table(load_published(), "Published, ours, and what differs")
    return "\n".join(
        [
            "# Published, ours, and what differs",
            "",
            GENERATED,
            "",
            "Classic numbers beside those of this course. A published value stands here only after it was read in the "
            "source named; ours are computed from the stored rows, with 95 % intervals over seeds. Recipes differ, and "
            "the last column says how: a difference of two numbers in a row is no measurement.",
            "",
            *markdown(table),
            "",
        ]
    )


def markdown(table: Table) -> list[str]:
    """A table in Markdown."""
    rows = [table.heads, ["---"] * len(table.heads), *table.rows]
    return [f"| {' | '.join(map(_cell, row))} |" for row in rows]


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("\n", " ")


def texts() -> dict[Path, str]:
    """The pages, by their files."""
    return {DOCS / "study.md": study_text(), DOCS / "published.md": published_text()}


def update() -> None:
    """Write the pages that have changed."""
    for path, text in texts().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def old() -> list[str]:
    """The names of pages that are not those of today."""
    return [p.name for p, text in texts().items() if not p.exists() or p.read_text(encoding="utf-8") != text]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or say which are old."""
    parser = argparse.ArgumentParser(description="Write docs/study.md and docs/published.md.")
    parser.add_argument("--check", action="store_true", help="only say which pages are old")
    if parser.parse_args(arguments).check:
        for name in (found := old()):
            print(f"docs/{name} is old: run `python -m tools.study`.", file=sys.stderr)
        return 1 if found else 0
    update()
    return 0


if __name__ == "__main__":
    sys.exit(main())
