"""Writes the sources of the site and has Sphinx build it."""

from __future__ import annotations

import io
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from sphinx.application import Sphinx
from sphinx.util.console import nocolor

from course_utils.errors import CourseError
from course_utils.exercises.catalogue import exercises_by_lesson
from course_utils.syllabus import LESSONS
from tools import build, launch
from tools.site import claims, indexes, lessons, lighter, links, pages, reference, terms
from tools.site.settings import settings

SITE = launch.ROOT / "build" / "site"


def build_site(target: Path = SITE, names: Sequence[str] = (), root: Path = launch.ROOT) -> Path:
    """Build the site from the notebooks as they stand.

    Args:
        target: its folder; what stood there is replaced once the new site is whole.
        names: the lessons to show, for a quick look: their claims come with them, and the pages of functions and
            classes do not. None: all that are written, and everything.
        root: the folder that holds `lessons/` and `notebooks/`.

    Returns:
        The folder.

    Raises:
        CourseError: a lesson is unknown or not built; or Sphinx warns, of a dead link for instance.
    """
    written, target = build.chosen(names, root), target.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.parent) as folder:
        work = Path(folder)
        notebooks = {name: read_notebook(root / "notebooks" / f"{name}.ipynb") for name in sorted(written)}
        write_lessons(work / "source", work / "extra", notebooks, root)
        words = terms.glossary((root / "docs" / "glossary.md").read_text(encoding="utf-8"))
        others = other_pages(notebooks, words, root)
        write_pages(work / "source", others, ".md")
        functions = {} if names else reference.reference_pages()
        write_pages(work / "source", functions, ".rst")
        start = pages.start_page(written, [page for page in (*others, *functions) if page in pages.TOP])
        write_pages(work / "source", {"index": start}, ".md")
        run_sphinx(work, [f"{pages.FOLDER}/{name}" for name in LESSONS if name not in written], words)
        if target.exists():
            shutil.rmtree(target)
        (work / "site").replace(target)
    return target


def read_notebook(path: Path) -> Any:
    """A built notebook.

    Raises:
        CourseError: it is not there.
    """
    if not path.exists():
        raise CourseError(f"{path.name} is not built yet: run `make notebooks` first.")
    return nbformat.read(path, as_version=4)


def write_lessons(source: Path, extra: Path, notebooks: Mapping[str, Any], root: Path) -> None:
    """Write the sources of the lessons' pages, and what Sphinx copies as it is.

    Args:
        source: the folder for the pages' sources.
        extra: the folder for pictures and notebooks to download.
        notebooks: those of the lessons to show, by name; pages of the others say that they are to come.
        root: the folder that holds `notebooks/`.
    """
    own, beside = source / pages.FOLDER, extra / pages.FOLDER
    own.mkdir(parents=True)
    beside.mkdir(parents=True)
    exercises = exercises_by_lesson()
    for lesson in LESSONS.values():
        if lesson.name not in notebooks:
            (own / f"{lesson.name}.md").write_text(pages.page_to_come(lesson), encoding="utf-8")
            continue
        shutil.copy(root / "notebooks" / f"{lesson.name}.ipynb", beside)
        pictures = beside / lessons.FIGURES / lesson.number
        own_exercises = exercises.get(lesson.number, {})
        page = lessons.page_source(notebooks[lesson.name], lesson.name, own_exercises, pictures, notebooks)
        nbformat.write(page, own / f"{lesson.name}.ipynb")


def other_pages(notebooks: Mapping[str, Any], words: Mapping[str, tuple[str, str]], root: Path) -> dict[str, str]:
    """The sources of the pages besides the lessons, in MyST, by their names without ending.

    Args:
        notebooks: those of the lessons to show, by name.
        words: the terms of the glossary.
        root: the checkout.
    """
    return {
        "exercises": indexes.exercise_page(notebooks, exercises_by_lesson()),
        **claims.claim_pages(list(notebooks)),
        "cheat_sheet": indexes.cheat_sheet_page(
            (root / "docs" / "cheat_sheet.md").read_text(encoding="utf-8"), list(notebooks)
        ),
        **{name: (root / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("study", "published")},
        "glossary": indexes.glossary_page(words),
        "data": indexes.data_page((root / "data" / "README.md").read_text(encoding="utf-8")),
    }


def write_pages(source: Path, texts: Mapping[str, str], ending: str) -> None:
    """Write sources of pages, by their names without ending."""
    for name, text in texts.items():
        path = source / f"{name}{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def run_sphinx(work: Path, to_come: list[str], words: Mapping[str, tuple[str, str]]) -> None:
    """Build `work/site` from `work/source` and `work/extra`.

    Args:
        work: the folder.
        to_come: the pages of lessons that are not written.
        words: the terms of the glossary.

    Raises:
        CourseError: Sphinx warns, or a link leads nowhere; all of them are told.
    """
    warnings = io.StringIO()
    nocolor()
    app = Sphinx(
        srcdir=work / "source",
        confdir=None,
        outdir=work / "site",
        doctreedir=work / "doctrees",
        buildername="html",
        confoverrides=settings(work / "extra", to_come, words),
        status=None,
        warning=warnings,
        freshenv=True,
    )
    app.build()
    if told := warnings.getvalue().strip():
        raise CourseError(f"Sphinx warns while it builds the site:\n{told}")
    if wrong := [*lighter.lighten(work / "site"), *links.faults(work / "site")]:
        raise CourseError(
            "The site has links that lead nowhere, asks other servers or is too heavy:\n" + "\n".join(wrong)
        )
