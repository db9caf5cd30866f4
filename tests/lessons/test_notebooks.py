"""What must hold for every built notebook and for the pages around them."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from course_utils.syllabus import LESSONS
from tools import bench, build, readme

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MACHINE_PATHS = re.compile(r"/home/|/root/|/tmp/|/Users/|/work/|[A-Z]:\\\\|site-packages")
LONGEST_CELL = 25  # lines of code that a learner is asked to read at once, the setup cell's included


def cells(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text(encoding="utf-8"))["cells"])


def code_cells(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in cells(path) if cell["cell_type"] == "code"]


def outputs(path: Path) -> list[dict[str, Any]]:
    return [output for cell in code_cells(path) for output in cell["outputs"]]


class Images(HTMLParser):
    """Collects the alt texts of all images; None where there is none."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.alts: list[str | None] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.alts.append(dict(attrs).get("alt"))


def test_every_lesson_has_its_notebook_and_is_in_the_syllabus() -> None:
    assert [path.stem for path in NOTEBOOKS] == build.lesson_names()
    assert set(build.lesson_names()) <= set(LESSONS)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_is_not_stale(notebook: Path) -> None:
    assert not build.is_stale(notebook.stem), "run `make notebooks`"


def test_was_run_from_top_to_bottom(notebook: Path) -> None:
    counts = [cell["execution_count"] for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_holds_no_error_and_no_stderr(notebook: Path) -> None:
    for output in outputs(notebook):
        assert output["output_type"] != "error"
        assert output.get("name") != "stderr"


def test_holds_no_machine_path(notebook: Path) -> None:
    for cell in cells(notebook):
        for part in (cell["source"], *cell.get("outputs", [])):
            text = re.sub(r"base64,[A-Za-z0-9+/=]+", "", json.dumps(part))
            assert not MACHINE_PATHS.search(text), text[:200]


def test_is_small(notebook: Path) -> None:
    assert notebook.stat().st_size < 1_500_000


def test_every_figure_says_in_its_alt_text_what_it_shows(notebook: Path) -> None:
    for output in outputs(notebook):
        data = output.get("data", {})
        assert not any(kind.startswith("image/") for kind in data), "show figures with figures.style.show(fig, alt=…)"
        for alt in Images("".join(data.get("text/html", ""))).alts:
            assert alt, "an image without alt text"
            assert len(alt.split()) >= 8, alt


def test_stores_no_widget_view_without_its_model(notebook: Path) -> None:
    assert all(build.WIDGET_VIEW not in output.get("data", {}) for output in outputs(notebook))
    assert "widgets" not in json.loads(notebook.read_text(encoding="utf-8"))["metadata"]


def test_asks_nothing_of_another_server(notebook: Path) -> None:
    for output in outputs(notebook):
        html = "".join(output.get("data", {}).get("text/html", ""))
        assert not re.search(r"""(src|href)=["']?(https?:)?//""", html)


def test_begins_with_start_and_ends_with_finish(notebook: Path) -> None:
    first, last = code_cells(notebook)[0], code_cells(notebook)[-1]
    assert f'course_utils.start("{notebook.stem}")' in "".join(first["source"])
    assert "".join(last["source"]) == "course_utils.finish()"


def test_no_cell_is_longer_than_a_learner_reads_at_once(notebook: Path) -> None:
    for cell in code_cells(notebook):
        lines = [line for line in "".join(cell["source"]).splitlines() if line.strip()]
        assert len(lines) <= LONGEST_CELL, "".join(cell["source"])[:100]


def test_links_to_other_lessons_lead_somewhere(notebook: Path) -> None:
    for cell in cells(notebook):
        if cell["cell_type"] == "markdown":
            for target in re.findall(r"\]\((?!https?:)([^)#]+)", "".join(cell["source"])):
                assert (notebook.parent / target).exists(), target


def test_readme_shows_the_map_as_it_is_today() -> None:
    text = readme.README.read_text(encoding="utf-8")
    assert readme.updated(text, build.lesson_names()) == text, "run `make notebooks`"
    for lesson in LESSONS.values():
        assert lesson.title in text


def test_readme_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", readme.README.read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target


def test_every_lesson_was_measured() -> None:
    measured = bench.TABLE.read_text(encoding="utf-8")
    for name in build.lesson_names():
        assert f"| {name} |" in measured, f"run `make bench LESSONS={name}`"
