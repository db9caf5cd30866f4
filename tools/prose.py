"""Lists the sentences of a lesson that must be carried by evidence and are not.

    python -m tools.prose [LESSON …]

Sentences of the text, titles and alt texts in the code, and the feedback of questions are listed where they hold a
number, a comparison, a cause, or one of the words *all, most, never, always, only, hardly, none, nothing*, and no
comment of an evidence cell (see `tools.evidence`) names them. Questions, headings, quotations of others, code and lines
with a DOI are not listed; the feedback on an exercise's mistakes is carried by those mistakes, which tests run.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_utils.errors import CourseError
from course_utils.exercises.catalogue import exercises_by_lesson
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion
from tools import build, evidence, reading
from tools.sentences import sentences

KINDS = {
    "number": re.compile(
        r"(?<![a-z\d])\d|%|\b(half|twice|double|(a|two) thirds?|quarters?|per ?cent)\b"
        r"|\b(dozens?|hundreds?|thousands?|millions?)\b"
        r"|\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty) "
        r"(of|out of|times|seeds?|runs?|steps?|networks?)\b"
    ),
    "comparison": re.compile(
        r"\b(than|equal(ly)?|ahead|behind|beats?|wins?|outperforms?|differs?|exceeds?)\b|\bas \w+ as\b|\bthe same as\b"
        r"|\b(best|better|worst|worse|largest|larger|smallest|smaller|fastest|faster|slowest|slower|longest|shortest"
        r"|highest|higher|lowest|lower|hardest|harder|easiest|easier|strongest|stronger|weakest|weaker|fewer|fewest)\b"
    ),
    "cause": re.compile(
        r"\b(because|therefore|hence|thus|due to|thanks to|caus(e|es|ed)|leads? to|results? in|the reason|why)\b"
        r"|\bso that\b"
    ),
    "all or nothing": re.compile(r"\b(all|most|never|always|only|hardly|none|nothing|nobody|everywhere|nowhere)\b"),
}
UNCOUNTED = re.compile(  # code, formulas, links, tags; numbers of lessons and claims, years
    r"`[^`]*`|\$[^$]*\$|\]\([^)]*\)|https?://\S+|<[^>]+>"
    r"|\b[Ll]essons? \d\d( (and|to) \d\d|, \d\d)*|\b[CE]\d\d\b|\b1[89]\d\d\b|\b20\d\d\b|^\s*\d+\.\s"
)
ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
NOT_READ = re.compile(r"^\s*(#|>|!\[|<|\|\s*:?-)|https://(doi\.org|arxiv\.org)/")  # also: a line with its source
REFERENCES = re.compile(r"\**References\b")  # the rest of the cell are publications
FIGURES = {"alignment", "curves", "figures"}  # modules whose functions take a title
TITLES = {"title", "alt", "caption"}


@dataclass(frozen=True)
class Sentence:
    """A sentence that a learner reads.

    Attributes:
        text: as it stands in the source.
        place: such as "lessons/06_vanishing_gradients.py, line 212".
    """

    text: str
    place: str

    @property
    def kinds(self) -> list[str]:
        """Why it needs evidence: the kinds found in it; none for a question."""
        bare = UNCOUNTED.sub(" ", self.text)
        if bare.rstrip(' *_)"”').endswith("?"):
            return []
        return [kind for kind, pattern in KINDS.items() if pattern.search(bare.lower())]


def plain(text: str) -> str:
    """A text as it is compared with quotations: without marks of emphasis, code and links, in one case."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"[*_`$\\]", "", text).replace("“", '"').replace("”", '"').replace("’", "'")
    return re.sub(r"\s+", " ", text.replace('"', "")).strip().casefold()


def text_sentences(source: str) -> Iterator[tuple[int, str]]:
    """The sentences of a markdown cell, each with the number of its line in the cell, from 0."""
    fence = ""
    for number, line in enumerate(source.splitlines()):
        if REFERENCES.match(line):
            return
        mark = line.strip()[:3] if line.strip().startswith("```") else line.strip()[:2]
        if fence:
            fence = "" if line.strip().endswith(fence) else fence
        elif mark in ("```", "$$"):
            fence = "" if mark == "$$" and line.count("$$") == 2 else mark
        elif line.strip() and not NOT_READ.search(line):
            yield number, ITEM.sub("", line).strip()


def code_sentences(source: str) -> Iterator[tuple[int, str]]:
    """Titles, captions and alt texts in a code cell, each with its line, from 0; {…} for what is computed."""
    try:
        tree = ast.parse(re.sub(r"^(\s*)[%!].*$", r"\1pass", source, flags=re.MULTILINE))
    except SyntaxError:
        return
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        texts = [word.value for word in call.keywords if word.arg in TITLES]
        if isinstance(call.func, ast.Name) and call.func.id == "show_table":
            texts += call.args[1:2]
        if isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") in FIGURES:
            texts += call.args[1:]
        for text in texts:
            for found in strings(text):
                for sentence in sentences(found):
                    yield text.lineno - 1, sentence


def strings(node: ast.expr) -> list[str]:
    """The texts that an expression may give; what an f-string computes is shown as {…}."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        return ["".join(str(part.value) if isinstance(part, ast.Constant) else "{…}" for part in node.values)]
    if isinstance(node, ast.IfExp):
        return strings(node.body) + strings(node.orelse)
    return []


def question_sentences(number: str) -> Iterator[Sentence]:
    """The sentences with which the questions of a lesson answer."""
    for name, exercise in exercises_by_lesson().get(number, {}).items():
        texts: list[str] = []
        if isinstance(exercise, ChoiceQuestion):
            texts = [exercise.why, *exercise.says.values()]
        elif isinstance(exercise, NumberQuestion):
            texts = [exercise.why, *exercise.mistakes.values()]
        for text in texts:
            for sentence in sentences(text):
                yield Sentence(sentence, f"exercise {name} of lesson {number}")


def lesson_sentences(name: str, root: Path = build.ROOT) -> Iterator[Sentence]:
    """All sentences of a lesson's cells, in order."""
    path = root / "lessons" / f"{name}.py"
    lines = path.read_text(encoding="utf-8").splitlines()
    position = 0
    for cell in build.lesson_cells(name, root):
        if evidence.is_evidence(cell):
            continue
        of_cell = text_sentences(cell.source) if cell.cell_type == "markdown" else code_sentences(cell.source)
        for number, sentence in of_cell:
            own = cell.source.splitlines()[number]
            at = next((n for n in range(position, len(lines)) if lines[n].endswith(own)), position)
            position = max(position, at)
            yield Sentence(sentence, f"lessons/{name}.py, line {at + 1}")


def named(name: str, root: Path = build.ROOT) -> list[evidence.Quotation]:
    """What the evidence cells of a lesson name.

    Raises:
        CourseError: one of them is not well formed.
    """
    found: list[evidence.Quotation] = []
    for cell in build.lesson_cells(name, root):
        if evidence.is_evidence(cell):
            first = next(iter(cell.source.strip().splitlines()), "")
            where = f"lessons/{name}.py, the evidence cell that begins `{first}`"
            found += evidence.quotations(cell.source, where)
    return found


def faults(name: str, root: Path = build.ROOT) -> list[str]:
    """Sentences of a lesson that nothing carries, and quotations that no sentence holds: one line each.

    Raises:
        CourseError: an evidence cell that is not well formed.
    """
    quoted = {plain(quotation.text): quotation.text for quotation in named(name, root)}
    told = [*lesson_sentences(name, root), *question_sentences(name[:2])]
    compared = [(sentence, plain(sentence.text)) for sentence in told]
    lines = [
        f"{sentence.place} ({', '.join(sentence.kinds)}): {sentence.text}"
        for sentence, text in compared
        if sentence.kinds and not any(quotation in text for quotation in quoted)
    ]
    read = [text for _, text in compared]
    lines += [
        f"lessons/{name}.py: evidence names a sentence that is not there: {text}"
        for quotation, text in quoted.items()
        if not any(quotation in sentence for sentence in read)
    ]
    return lines


def lengths(name: str, root: Path = build.ROOT) -> str:
    """A lesson's words and minutes, in a line."""
    cells: list[Any] = build.lesson_cells(name, root)
    core, deeper = (reading.length(cells, deeper=which) for which in (False, True))
    return (
        f"{name}: core {core.words} words, {core.lines} lines of code, {core.minutes} minutes; "
        f"deeper {deeper.words} words, {deeper.minutes} minutes"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """List what nothing carries; exit 1 where there is something."""
    parser = argparse.ArgumentParser(description="List the sentences of lessons that no evidence carries.")
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="such as 06 (default: all that are written)")
    options = parser.parse_args(arguments)
    status = 0
    try:
        names = build.chosen([full_name(lesson) for lesson in options.lessons])
        for name in names:
            found = faults(name)
            print(*found, sep="\n", end="\n" if found else "")
            print(f"{lengths(name)}; {len(found)} sentences without evidence")
            status = status or int(bool(found))
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    return status


def full_name(lesson: str) -> str:
    """A lesson's name from its two digits; any other word as it is."""
    return next((name for name in build.lesson_names() if name[:2] == lesson), lesson)


if __name__ == "__main__":
    sys.exit(main())
