"""Writes the sources of the site and has Sphinx build it."""

from __future__ import annotations

import io
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from sphinx.application import Sphinx
from sphinx.util.console import nocolor

from course_utils.errors import CourseError
from course_utils.exercises.catalogue import exercises_by_lesson
from course_utils.syllabus import LESSONS
from tools import build, launch
from tools.site import lessons, links, pages
from tools.site.settings import settings

SITE = launch.ROOT / "build" / "site"


def build_site(target: Path = SITE, names: Sequence[str] = (), root: Path = launch.ROOT) -> Path:
    """Build the site from the notebooks as they stand.

    Args:
        target: its folder; what stood there is replaced once the new site is whole.
        names: the lessons to show; none: all that are written.
        root: the folder that holds `lessons/` and `notebooks/`.

    Returns:
        The folder.

    Raises:
        CourseError: a lesson is unknown or not built; or Sphinx warns, of a dead link for instance.
    """
    written = build.chosen(names, root)
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.parent) as folder:
        work = Path(folder)
        write_sources(work / "source", work / "extra", written, root)
        run_sphinx(work, [f"{pages.FOLDER}/{name}" for name in LESSONS if name not in written])
        if target.exists():
            shutil.rmtree(target)
        (work / "site").replace(target)
    return target


def write_sources(source: Path, extra: Path, written: Sequence[str], root: Path) -> None:
    """Write what Sphinx reads, and what it copies as it is.

    Args:
        source: the folder for the pages' sources.
        extra: the folder for pictures and notebooks to download.
        written: the names of the lessons to show.
        root: the folder that holds `notebooks/`.

    Raises:
        CourseError: a lesson is not built.
    """
    own, beside = source / pages.FOLDER, extra / pages.FOLDER
    own.mkdir(parents=True)
    beside.mkdir(parents=True)
    exercises = exercises_by_lesson()
    for lesson in LESSONS.values():
        if lesson.name not in written:
            (own / f"{lesson.name}.md").write_text(pages.page_to_come(lesson), encoding="utf-8")
            continue
        path = root / "notebooks" / f"{lesson.name}.ipynb"
        if not path.exists():
            raise CourseError(f"{path.name} is not built yet: run `make notebooks` first.")
        shutil.copy(path, beside)
        notebook = nbformat.read(path, as_version=4)
        pictures = beside / lessons.FIGURES / lesson.number
        page = lessons.page_source(notebook, lesson.name, exercises.get(lesson.number, {}), pictures)
        nbformat.write(page, own / path.name)
    (source / "index.md").write_text(pages.start_page(written), encoding="utf-8")


def run_sphinx(work: Path, to_come: list[str]) -> None:
    """Build `work/site` from `work/source` and `work/extra`.

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
        confoverrides=settings(work / "extra", to_come),
        status=None,
        warning=warnings,
        freshenv=True,
    )
    app.build()
    if told := warnings.getvalue().strip():
        raise CourseError(f"Sphinx warns while it builds the site:\n{told}")
    if dead := links.faults(work / "site"):
        raise CourseError("The site has links that lead nowhere, or asks other servers:\n" + "\n".join(dead))
