"""Keeps what figures show, for tests to look at."""

from __future__ import annotations

from typing import Any

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

from course_utils.figures import curves, lags
from course_utils.figures.style import Picture


class Drawn:
    """Keeps the figures that helpers show, so that a test can look at them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fig: Any = None
        for module in (curves, lags):
            monkeypatch.setattr(module, "show", self.keep)

    def keep(self, fig: Figure, alt: str) -> Picture:
        self.fig = fig
        picture = Picture.__new__(Picture)  # not rendered: that takes most of the time
        picture.alt = alt
        return picture

    @property
    def ax(self) -> Any:
        return self.fig.axes[0]

    @property
    def notes(self) -> list[Annotation]:
        return [text for text in self.ax.texts if isinstance(text, Annotation)]

    def check_layout(self) -> None:
        """No label touches another, and nothing leaves the figure."""
        self.fig.draw_without_rendering()
        boxes = [Text.get_window_extent(note) for note in self.notes]
        for n, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[:n]), self.notes[n].get_text()
            assert box.x0 >= self.ax.get_window_extent().x1
        everything = [*boxes, self.fig._suptitle.get_window_extent()]
        assert all(self.fig.bbox.x0 <= box.x0 and box.x1 <= self.fig.bbox.x1 for box in everything)
        assert all(self.fig.bbox.y0 <= box.y0 and box.y1 <= self.fig.bbox.y1 for box in everything)
