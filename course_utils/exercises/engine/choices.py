"""The choices of a question as a live notebook shows them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets


class Choices(anywidget.AnyWidget):
    """Radio buttons in one group, so that the arrow keys go from one to the next, in JupyterLab too.

    Args:
        question: what is asked.
        choices: what can be chosen, in words. `value` is the choice made; None before one is made.
    """

    _esm = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    question = traitlets.Unicode().tag(sync=True)
    choices = traitlets.List(traitlets.Unicode()).tag(sync=True)
    value = traitlets.Unicode(None, allow_none=True).tag(sync=True)

    def __init__(self, question: str, choices: Sequence[str], **kwargs: Any) -> None:
        super().__init__(question=question, choices=list(choices), **kwargs)
