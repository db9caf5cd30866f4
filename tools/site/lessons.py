"""A built notebook as the source of its page: nothing to run, so what only helps in a kernel is folded or left out."""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Collection, Mapping, Sequence
from html import unescape
from pathlib import Path
from typing import Any

import nbformat
import yaml
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from course_utils.display.html import Html, element, with_code
from course_utils.exercises.engine.exercise import Exercise, FunctionExercise
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion, in_digits
from course_utils.syllabus import LESSONS
from tools import launch
from tools.site.extension import ENTRY

# Boxes of `check` and `mine` that speak of answers, of which a page has none.
UNANSWERED = re.compile(
    r'<div role="status"[^>]*><strong>(?:○ Not attempted:.*?|</strong> From here on ).*?</div>', re.S
)
EMBEDDED = re.compile(r'(<img\b[^>]*?\bsrc=")data:image/png;base64,([A-Za-z0-9+/=\s]+)"')
LISTING = re.compile(r'<div class="highlight"[^>]*><pre [^>]*aria-label="Source"[^>]*>(.*?)</pre></div>', re.S)
TAG = re.compile(r"<[^>]*>")
REGION = re.compile(r'(tabindex="0" )?role="region"(?=[^>]*>)')
CLAIM = re.compile(r"(<p [^>]*><strong>)Claim (C\d\d)\.(?=</strong> The article says:)")
LESSON_LINK = re.compile(r'(<a\b[^>]*?\bhref="\d\d_[a-z0-9_]+)\.ipynb')
TEXT_LINK = re.compile(r"\]\((\d\d_[a-z0-9_]+)\.ipynb(?:#[^)]*)?\)")
LAUNCH = re.compile(r"^\[Open in Colab\]\(.*\n+", re.M)
CHECKED = re.compile(r"^ex\.(\w+)\.check\(", re.M)
TURN = re.compile(r"^#+ Your turn: (.*?)(?: · .*)?$", re.M)
LAST_CALL = "course_utils.finish()"
RIGHT_CHOICE = "Which answer was right, and why"
FIGURES = "figures"  # beside the lessons' pages


def page_source(
    notebook: Any, name: str, exercises: Mapping[str, Exercise], pictures: Path, written: Collection[str]
) -> Any:
    """The notebook that Sphinx turns into a page.

    Args:
        notebook: as nbformat reads a built one; it is not changed.
        name: the lesson's.
        exercises: those of the lesson, by name.
        pictures: the folder for its pictures, which pages load one by one as they are scrolled to.
        written: the lessons that the site shows; a link to another leads to the top of the page that stands for it.

    Returns:
        A notebook whose boxes "not attempted" are gone, whose set-up cell is folded, and whose exercises have their
        hints and solutions in folds below them.
    """
    copied = nbformat.from_dict(notebook)
    copied["cells"] = [cell for cell in copied.cells if cell.id != f"{name[:2]}-links" and cell.source != LAST_CALL]
    copied.cells[0]["source"] = with_launch_row(copied.cells[0].source, name)
    for heading, names in asked_below(copied.cells, exercises).items():
        copied.cells[heading]["source"] = with_entries(copied.cells[heading].source, names)
    for cell in copied.cells:
        if cell.cell_type != "code":
            cell["source"] = TEXT_LINK.sub(lambda link: link[0] if link[1] in written else f"]({link[1]})", cell.source)
            continue
        if "setup" in cell.metadata.get("tags", []):
            cell.metadata["tags"] = [*cell.metadata.tags, "hide-cell"]
        for number, output in enumerate(cell.outputs):
            if "text/html" in output.get("data", {}):
                shown = for_a_page(output.data["text/html"])
                output.data["text/html"] = with_files(shown, pictures, f"{cell.id}-{number}")
        cell["outputs"] = [output for output in cell.outputs if output.get("data", {}).get("text/html") != ""]
        asked = [exercises[asked] for asked in CHECKED.findall(cell.source) if asked in exercises]
        if folds := "".join(map(answer_folds, asked)):
            cell.outputs.append(nbformat.v4.new_output("display_data", {"text/html": folds}))
    copied.cells.append(nbformat.v4.new_markdown_cell(cite(name), id=f"{name[:2]}-cite"))
    return copied


def cite(name: str) -> Html:
    """How a lesson is cited, in a fold: an entry for BibTeX, by what CITATION.cff says of the course."""
    course = yaml.safe_load((launch.ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    authors = " and ".join(f"{{{author['name']}}}" for author in course["authors"])
    lines = {
        "title": f"{LESSONS[name].title}: lesson {name[:2]} of {course['title']}",
        "author": authors,
        "version": course["version"],
        "howpublished": course["repository-code"],
    }
    fields = "\n".join(f"  {key} = {{{value}}}," for key, value in lines.items())
    entry = f"@misc{{rnn_vs_lstm_measured_{name[:2]},\n{fields}\n}}"
    return fold("Cite this lesson", element("pre", entry), "cite")


def asked_below(cells: Sequence[Any], exercises: Mapping[str, Exercise]) -> dict[int, list[str]]:
    """The exercises that a lesson's cells check, by the number of the cell of text above them."""
    found: dict[int, list[str]] = {}
    text = 0
    for number, cell in enumerate(cells):
        if cell.cell_type == "markdown":
            text = number
        elif names := [name for name in CHECKED.findall(cell.source) if name in exercises]:
            found.setdefault(text, []).extend(names)
    return found


def with_entries(source: str, names: Sequence[str]) -> str:
    """A cell of text that names its exercises to the site's search, right above their heading.

    Args:
        source: the cell's; the words of its title, "one step" of "Your turn: one step · 6 minutes", are found too.
        names: those of the exercises.
    """
    titled = TURN.search(source)
    place = titled.start() if titled else len(source)
    entries = "\n\n".join(f"```{{{ENTRY}}} {entry_of(titled, name)}\n```" for name in names)
    return f"{source[:place]}\n\n{entries}\n\n{source[place:]}".strip()


def entry_of(titled: re.Match[str] | None, name: str) -> str:
    """What the search calls an exercise: the words of its title, where it has one, and its name."""
    return f"{titled[1]}: {name}" if titled else name


def with_launch_row(first: str, name: str) -> str:
    """A lesson's first cell with its links as a row of their own kind, the file to download among them."""
    title, _, rest = first.partition("\n")
    colab, binder = re.findall(r"\]\((\S+)\)", launch.launch_links(name))
    source = f"{launch.repository()}/blob/{launch.release()}/lessons/{name}.py"
    links = (
        ("Open in Colab", colab),
        ("Open in Binder", binder),
        ("Download the notebook", f"{name}.ipynb"),
        ("Edit", source),
    )
    row = element("p", *(element("a", text, href=address) for text, address in links), **{"class": "launch"})
    return f"{title}\n\n{row}\n\n{LAUNCH.sub('', rest).lstrip()}"


def without_unanswered(shown: str) -> str:
    """An output without the boxes about answers that nobody has given; empty where nothing else is left."""
    return UNANSWERED.sub("", shown)


def for_a_page(shown: str) -> str:
    """An output as it stands on a page: links lead to pages, listings follow its colours, and no box is a landmark."""
    linked = LESSON_LINK.sub(r"\1.html", without_unanswered(shown))
    listed = LISTING.sub(lambda found: listing(unescape(TAG.sub("", found[1]))), linked)
    led = CLAIM.sub(r'\1<a href="../claims/\2.html">Claim \2</a>.', listed)
    return REGION.sub('role="group"', led)


def listing(code: str) -> Html:
    """Python in the classes of the page's own style, light and dark."""
    return Html(highlight(code, PythonLexer(), HtmlFormatter()))


def with_files(shown: str, folder: Path, stem: str) -> str:
    """An output whose pictures are files, loaded when they are scrolled to, with their sizes known beforehand.

    Args:
        shown: HTML.
        folder: where the files go; it is named after the lesson and lies in FIGURES beside the page.
        stem: what their names begin with.
    """
    count = 0

    def saved(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        picture = base64.b64decode(found[2])
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{stem}-{count}.png"
        path.write_bytes(picture)
        width, height = struct.unpack(">II", picture[16:24])  # of a PNG's header
        address = f"{FIGURES}/{folder.name}/{path.name}"
        return f'{found[1]}{address}" width="{width}" height="{height}" loading="lazy" decoding="async"'

    return EMBEDDED.sub(saved, shown)


def answer_folds(exercise: Exercise) -> Html:
    """The hints of an exercise and its solution, each in a fold; for a prediction the answer, where it is stored."""
    hints = [
        fold(f"Hint {number} of {len(exercise.hints)}", element("p", with_code(text)), "hint")
        for number, text in enumerate(exercise.hints, 1)
    ]
    answer = solution(exercise)
    heading = RIGHT_CHOICE if getattr(exercise, "prediction", False) else f"Solution: {exercise.name}"
    return Html("".join([*hints, fold(heading, answer, "solution") if answer else ""]))


def solution(exercise: Exercise) -> Html | None:
    """What an exercise's solution shows; None where there is none to be shown beforehand."""
    if isinstance(exercise, FunctionExercise):
        return listing(str(exercise.solution()))
    if isinstance(exercise, ChoiceQuestion):
        return element("p", element("strong", with_code(exercise.answer)), ". ", with_code(exercise.why))
    if isinstance(exercise, NumberQuestion) and exercise.answer is not None:
        answers = exercise.answer if isinstance(exercise.answer, tuple) else (exercise.answer,)
        found = " to ".join(map(in_digits, answers))
        return element("p", element("strong", f"{found} {exercise.unit}".strip()), ". ", with_code(exercise.why))
    return None


def fold(summary: str, content: Html, kind: str) -> Html:
    """Something shut until it is opened."""
    return element("details", element("summary", summary), content, **{"class": kind})
