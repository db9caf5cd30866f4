"""A lesson open in JupyterLab, as the tests drive it: Run All, or only the cells that one widget needs."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from tests.browser.needed import needed

# A workshop in a hurry: stored weights, and short trainings where only the widget's frame is looked at.
HURRY = {
    "03_object_detection": {"TRAIN = True": "TRAIN = False"},
    "06_vanishing_gradients": {"steps=1500, every=30": "steps=60, every=30"},
    "07_lstm_gates": {"steps=600, lr=0.01": "steps=5, lr=0.01"},
    "14_translation": {"TRAIN = True": "TRAIN = False"},
    "15_image_captioning": {"TRAIN = True": "TRAIN = False"},
    "16_handwriting": {"TRAIN = True": "TRAIN = False"},
    "17_speech_and_voice": {"TRAIN = True": "TRAIN = False"},
}
NOTEBOOK = "window.jupyterapp.shell.currentWidget"


class Lesson:
    """The lesson open in JupyterLab, with a kernel of its own.

    Args:
        page: where JupyterLab runs; if it is blank, JupyterLab is opened there on the lesson. To start it takes longer
            than to open a further notebook.
        lab: the address of JupyterLab.
        name: the lesson's.
    """

    def __init__(self, page: Page, lab: str, name: str) -> None:
        self.page = page
        self.name = name
        self._has_run: set[int] = set()
        path = f"notebooks/{name}.ipynb"
        if page.url == "about:blank":
            page.goto(f"{lab}/lab/workspaces/{uuid4().hex}/tree/{path}")
        else:
            page.evaluate("(path) => void window.jupyterapp.commands.execute('docmanager:open', { path })", path)
        page.wait_for_function(
            f"(path) => {{ const c = window.jupyterapp && {NOTEBOOK}?.context;"
            " return c?.path === path && c.sessionContext.session?.kernel; }",
            arg=path,
            timeout=60_000,
        )
        page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
        self.expect_no_question()  # nothing between a learner and the first cell

    def expect_no_question(self) -> None:
        """No dialog and no toast stands before the learner."""
        asked = self.page.locator(".jp-Dialog, .Toastify__toast")
        assert asked.count() == 0, asked.all_inner_texts()

    def cells(self) -> list[dict[str, Any]]:
        """All cells as the notebook's model has them, those scrolled out of sight included."""
        found = self.page.evaluate(f"() => JSON.stringify({NOTEBOOK}.content.model.toJSON().cells)")
        return list(json.loads(found))

    def code_cells(self) -> list[dict[str, Any]]:
        """The code cells as the notebook's model has them."""
        return [cell for cell in self.cells() if cell["cell_type"] == "code"]

    def run_all(self) -> None:
        """Run All by its command, from a fresh kernel; the menu holds it under the name that the lesson tells."""
        if self._has_run:
            self.page.evaluate(f"() => {NOTEBOOK}.context.sessionContext.restartKernel()")
        self._hurry()
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        expect(self.page.get_by_role("menuitem", name="Run All Cells", exact=True)).to_be_visible()
        self.page.keyboard.press("Escape")
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")  # till all have run
        self._has_run = set(range(len(self.cells())))

    def run_for(self, text: str) -> Locator:
        """Run the code cell that holds this text, and those above that it needs unless they have run; scroll to it."""
        self._hurry()
        sources = [cell["source"] if cell["cell_type"] == "code" else "" for cell in self.cells()]
        wanted = next(index for index, source in enumerate(sources) if text in source)
        to_run = [index for index in needed(sources, wanted) if index not in self._has_run]
        self.page.evaluate(
            f"""async (indices) => {{
                for (const index of indices) {{
                    {NOTEBOOK}.content.deselectAll();
                    {NOTEBOOK}.content.activeCellIndex = index;
                    await window.jupyterapp.commands.execute('notebook:run-cell');
                }}
            }}""",
            to_run,
        )
        self._has_run.update(to_run)
        cells = self.cells()
        expect_quiet([cells[index] for index in to_run])
        return self.cell(text)

    def _hurry(self) -> None:
        for before, after in {} if self._has_run else HURRY.get(self.name, {}).items():
            self._replace(before, after)

    def _replace(self, before: str, after: str) -> None:
        found = self.page.evaluate(
            f"""([before, after]) => {{
                const cells = {NOTEBOOK}.content.widgets.map((w) => w.model).filter((m) => m.type === 'code');
                const holding = cells.filter((m) => m.sharedModel.source.includes(before));
                holding.forEach((m) => m.sharedModel.setSource(m.sharedModel.source.replaceAll(before, after)));
                return holding.length;
            }}""",
            [before, after],
        )
        assert found, f"no code cell of {self.name} holds {before!r}"

    def cell(self, text: str) -> Locator:
        """The first code cell that holds this text, scrolled into sight."""
        cells = self.cells()
        holding = [n for n, cell in enumerate(cells) if cell["cell_type"] == "code" and text in cell["source"]]
        assert holding, f"no code cell holds {text!r}"
        return self.scroll_to(holding[0])

    def scroll_to(self, index: int) -> Locator:
        """A cell by its place, scrolled into sight."""
        self.page.evaluate(
            f"""async (index) => {{
                {NOTEBOOK}.content.activeCellIndex = index;
                await {NOTEBOOK}.content.scrollToItem(index, 'start');
            }}""",
            index,
        )
        found = self.page.locator(f'.jp-Cell[data-windowed-list-index="{index}"]')
        found.wait_for()
        return found

    def answer(self, stub: str, code: str) -> Locator:
        """Type code in place of an exercise's stub, run the cell as a learner does; returns where feedback appears."""
        place = self.cell(stub)
        place.locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(code)
        self.page.keyboard.press("Control+Enter")
        return place.locator('[role="status"]')

    def close(self) -> None:
        """Shut the kernel down and close the notebook, unsaved."""
        self.page.evaluate(
            f"""async () => {{
                const panel = {NOTEBOOK};
                await panel.context.sessionContext.shutdown();
                panel.context.model.dirty = false;
                panel.dispose();
            }}"""
        )


def expect_quiet(cells: list[dict[str, Any]]) -> None:
    """No output of these cells is an error or stands on stderr."""
    for cell in cells:
        for output in cell.get("outputs", ()):
            assert output["output_type"] != "error", output
            assert output.get("name") != "stderr", output
