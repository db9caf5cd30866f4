"""The widgets' scripts in built notebooks."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from course_utils.errors import CourseError
from course_utils.widgets.shared.browser import module_text, name_of, static_script
from course_utils.widgets.unroll_stepper import unroll_stepper
from tools import build, twins


@pytest.mark.parametrize("name", build.lesson_names())
def test_the_scripts_of_a_built_lesson_are_those_of_today(name: str, tmp_path: Path) -> None:
    path = build.ROOT / "notebooks" / f"{name}.ipynb"
    copied = tmp_path / path.name
    copied.write_bytes(path.read_bytes())
    twins.refresh(copied)
    assert copied.read_bytes() == path.read_bytes(), "run `make notebooks`"


def test_an_old_script_is_renewed_and_what_the_widget_starts_from_stays(tmp_path: Path) -> None:
    today = unroll_stepper()._repr_mimebundle_()[0]["text/html"]
    module = module_text("unroll_stepper")
    old = module.replace("export function compute", "// as it was\nexport function compute")
    assert old != module
    before = today.replace(static_script(module), static_script(old)).replace(name_of(module), name_of(old))
    assert before != today
    assert twins.with_scripts_of_today(before + before) == today + today

    cell = nbformat.v4.new_code_cell("unroll_stepper()")
    cell["outputs"] = [nbformat.v4.new_output("display_data", {"text/html": before, "text/plain": "a widget"})]
    path = tmp_path / "05_x.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    twins.refresh(path)
    [renewed] = nbformat.read(path, as_version=4).cells
    assert renewed.outputs[0].data == {"text/html": today, "text/plain": "a widget"}


def test_html_without_a_widget_stays_and_a_widget_that_is_gone_is_told(tmp_path: Path) -> None:
    other = "<script>(() => { const x = 1; })();</script><p>frame(&quot;unroll&quot;)</p>"
    assert twins.with_scripts_of_today(other) == other
    gone = static_script('export function mount(e) { e.append(frame("abacus", "Abacus")); }\nexport default {};')
    with pytest.raises(CourseError, match="calls itself 'abacus': build the lessons"):
        twins.with_scripts_of_today(gone)
