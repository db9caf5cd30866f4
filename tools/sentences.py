"""Sources of lessons with one sentence a line, so that a change of a sentence shows as one line.

    python -m tools.sentences [--check] [FILE …]

Only where lines break changes: what the markdown says is the same before and after.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from markdown_it import MarkdownIt

from course_utils.errors import CourseError

LESSONS = Path(__file__).resolve().parents[1] / "lessons"
RENDER = MarkdownIt("commonmark").enable("table").render
MARKDOWN = "# %% [markdown]"
WHOLE = re.compile(r"`[^`]*`|\$[^$]*\$|\]\([^)]*\)|https?://\S+")  # what is not looked into: code, formulas, links
END = re.compile(r'[.!?][*_")’”\')]*\s+(?=[*_"(“‘\[]*[A-Z0-9\x00À-Þ])')  # of a sentence, another one following
ABBREVIATION = re.compile(r"\b(et al|e\.g|i\.e|cf|vs|Dr|Mr|St|p|pp|[Ff]ig|[Nn]o|vol|eds?|[A-Z])\.[*_\")’”')]*$")
ITEM = re.compile(r"((?:\s*(?:[-*+]|\d+[.)])\s+)+)(.*)")  # also an item that begins with another list
VERBATIM = re.compile(r"\s*(#|\||<|>|!\[|\$\$|---|```)")  # headings, tables, HTML, quotations, pictures, formulas


def sentences(paragraph: str) -> list[str]:
    """The sentences of a paragraph that stands in one line."""
    verbatim: list[str] = []

    def keep(match: re.Match[str]) -> str:
        verbatim.append(match[0])
        return f"\0{len(verbatim) - 1}\1"

    text = WHOLE.sub(keep, paragraph)
    cuts = [match.end() for match in END.finditer(text) if not ABBREVIATION.search(text[: match.end()].rstrip())]
    parts = [text[start:end].strip() for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    joined: list[str] = []
    for part in parts:
        if joined and ITEM.match(part + " "):  # at the beginning of a line it would be an item of a list
            joined[-1] += f" {part}"
        else:
            joined.append(part)
    return [re.sub("\0(\\d+)\1", lambda match: verbatim[int(match[1])], part) for part in joined]


def reflowed(lines: Sequence[str]) -> list[str]:
    """The lines of a markdown cell with one sentence a line; code, formulas, tables and headings stay as they are.

    Where it would be read in another way then (an item without text, say), the cell is left as it is.
    """
    new = _reflowed(lines)
    return new if _rendered(new) == _rendered(lines) else list(lines)


def _rendered(lines: Sequence[str]) -> str:
    """What the markdown of a cell becomes, white space folded."""
    return re.sub(r"\s+", " ", RENDER("\n".join(lines)))


def _reflowed(lines: Sequence[str]) -> list[str]:
    new: list[str] = []
    block: list[str] = []  # of a paragraph or an item: its first line as it stands, the others without indent
    inside = ""  # a fence of code or a formula

    def end_block() -> None:
        if block:
            item = ITEM.match(block[0])
            lead = item[1] if item else re.match(r"\s*", block[0])[0]  # type: ignore[index]  # it always matches
            first, *rest = sentences(" ".join([block[0][len(lead) :], *block[1:]]))
            new.extend([lead + first, *(" " * len(lead) + sentence for sentence in rest)])
            block.clear()

    for line in lines:
        mark = line.strip()[:3] if line.strip().startswith("```") else line.strip()[:2]
        if inside:
            new.append(line)
            inside = "" if line.strip().endswith(inside) else inside
        elif not line.strip() or VERBATIM.match(line):
            end_block()
            new.append(line)
            inside = mark if mark == "```" or (mark == "$$" and line.count("$$") == 1) else ""
        elif ITEM.match(line) or not block:
            end_block()
            block.append(line)
        else:
            block.append(line.strip())
        if line.endswith(("  ", "\\")) and block:
            raise CourseError(f"A forced line break ({line!r}) hides where a sentence ends. Write a list or a table.")
    end_block()
    return new


def cells(source: str) -> Iterator[tuple[bool, list[str]]]:
    """The parts of a lesson's source: is it the text of a markdown cell, and its lines."""
    part: list[str] = []
    markdown = False
    for line in source.split("\n"):
        if part and (line.startswith("# %%") or (markdown and not line.startswith("#"))):
            yield markdown, part
            part, markdown = [], False
        part.append(line)
        if line.startswith(MARKDOWN):
            yield False, part
            part, markdown = [], True
    yield markdown, part


def formatted(source: str) -> str:
    """A lesson's source with one sentence a line in its markdown cells.

    Raises:
        CourseError: a line break that is forced by two spaces or a backslash.
    """
    lines: list[str] = []
    for markdown, part in cells(source):
        text = [line.removeprefix("#").removeprefix(" ") for line in part]
        lines += [f"# {line}".rstrip() for line in reflowed(text)] if markdown else part
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Format the lessons, or with --check say which are not formatted."""
    parser = argparse.ArgumentParser(description="One sentence a line in the sources of lessons.")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="default: all lessons")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where a file would change")
    options = parser.parse_args(arguments)
    changed = 0
    for path in options.files or sorted(LESSONS.glob("*.py")):
        before = path.read_text(encoding="utf-8")
        try:
            after = formatted(before)
        except CourseError as error:
            print(f"{path.name}: {error}", file=sys.stderr)
            return 1
        if before != after:
            changed += 1
            fault = "has lines with several sentences: run `make format`" if options.check else "formatted"
            print(f"{path.name}: {fault}")
            if not options.check:
                path.write_text(after, encoding="utf-8")
    return int(options.check and changed > 0)


if __name__ == "__main__":
    sys.exit(main())
