"""The pages of the claims: an index with their verdicts, and a page each, as the ledger itself renders them."""

from __future__ import annotations

from collections.abc import Sequence

from course_utils.claims.boxes import ClaimBox
from course_utils.claims.rules import Claim, load_claims
from course_utils.claims.stored import standing_of
from course_utils.syllabus import LESSONS
from tools.site.lessons import for_a_page
from tools.site.strips import strips

FOLDER = "claims"


def claims_of(written: Sequence[str]) -> list[Claim]:
    """The claims that these lessons are about, in order; all of them where all lessons are shown."""
    numbers = {name[:2] for name in written} | {lesson.number for lesson in LESSONS.values() if not lesson.minutes}
    return [claim for claim in load_claims().values() if numbers & set(claim.lessons)]


def claim_pages(written: Sequence[str]) -> dict[str, str]:
    """The sources of the pages by their names without ending, the index first.

    Args:
        written: the lessons that the site shows.
    """
    pages, rows = {}, []
    for claim in claims_of(written):
        standing = standing_of(claim)
        box = ClaimBox(standing)
        verdict = f"{standing.verdict} ({standing.remark})" if standing.remark else standing.verdict
        rows.append(
            f"| [{claim.id}]({claim.id}.md) | {cell(claim.says)} | {cell(verdict)} | {lessons(claim, written)} |"
        )
        pages[f"{FOLDER}/{claim.id}"] = claim_page(claim, box, written)
    tree = [f"{claim.id} <{claim.id}>" for claim in claims_of(written)]
    return {f"{FOLDER}/index": "\n".join([*HEAD, *rows, "", "```{toctree}", ":hidden:", "", *tree, "```", ""])} | pages


HEAD = (
    "# Claims and verdicts",
    "",
    "A popular article on RNN and LSTM, *What is the main difference between RNN and LSTM* (The IoT Academy), makes "
    "these claims. Each has a rule that was written down before the measurement; the verdict follows from the rule and "
    "the stored results.",
    "",
    "| claim | the article says | verdict | lessons |",
    "|---|---|---|---|",
)


def claim_page(claim: Claim, box: ClaimBox, written: Sequence[str]) -> str:
    """A claim's page: a picture of its parts, the box that lessons show, its measurements open, and its lessons."""
    shown = for_a_page(str(box.html)).replace("<details>", "<details open>")
    return "\n".join(
        [
            f"# {claim.id} · {claim.says}",
            "",
            f"Lessons: {lessons(claim, written)}. [All claims](index.md)",
            "",
            "```{raw} html",
            f'{strips(box.standing.findings)}<div class="cell_output"><div class="text_html">{shown}</div></div>',
            "```",
            "",
        ]
    )


def lessons(claim: Claim, written: Sequence[str]) -> str:
    """The lessons of a claim, linked where they are shown."""
    named = {lesson.number: lesson for lesson in LESSONS.values()}
    return ", ".join(
        f"[{number} {named[number].title}](../lessons/{named[number].name}.ipynb)"
        if named[number].name in written
        else f"{number} {named[number].title}"
        for number in claim.lessons
    )


def cell(text: str) -> str:
    """A text that can stand in a cell of a table."""
    return text.replace("|", r"\|").replace("\n", " ")
