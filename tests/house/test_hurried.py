"""Copies of notebooks for a workshop in a hurry: those that train, and nothing else in them changed."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.hurried import write_copies
from tools import build


def test_only_lessons_that_train_are_copied_and_only_their_switch_is_changed(tmp_path: Path) -> None:
    text = new_markdown_cell("TRAIN = True", id="a")
    nbformat.write(new_notebook(cells=[text]), tmp_path / "01_reads.ipynb")
    cells = [text, new_code_cell("x = 1\nTRAIN = True\ny = 2", id="b"), new_code_cell("TRAIN = True  # no", id="c")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "02_trains.ipynb")
    folder = tmp_path / "copies"
    for _ in range(2):
        (copy,) = write_copies(folder, tmp_path)
        sources = [cell.source for cell in nbformat.read(copy, as_version=4).cells]
        assert sources == ["TRAIN = True", "x = 1\nTRAIN = False\ny = 2", "TRAIN = True  # no"]
        (folder / "03_old.ipynb").write_text("{}")
    write_copies(folder, tmp_path)
    assert [path.name for path in folder.iterdir()] == ["02_trains.ipynb"]


def test_translation_captioning_and_speech_have_the_switch(tmp_path: Path) -> None:
    found = {path.name[:2] for path in write_copies(tmp_path)}
    assert found >= {"14", "15", "17"} & {name[:2] for name in build.lesson_names()}
