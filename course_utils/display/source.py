"""Shows a function of the package in a lesson, so that it is defined once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from course_utils.display.html import Html
from course_utils.display.message import Message

STYLE = "xcode"  # of pygments
REGION = '<pre tabindex="0" role="region" aria-label="Source" '  # long lines scroll: reached by keys too


class Source(Message):
    """The source of functions, one below the other: highlighted in a notebook, plain elsewhere."""

    def __init__(self, *functions: Callable[..., Any]) -> None:
        self.parts = [
            f"# {function.__module__}.{function.__qualname__}\n{inspect.getsource(function)}" for function in functions
        ]

    def __str__(self) -> str:
        return "\n\n".join(self.parts)

    @property
    def html(self) -> Html:
        """Highlighted, with the colours inline."""
        from pygments import highlight
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import PythonLexer

        text = highlight(str(self), PythonLexer(), HtmlFormatter(noclasses=True, style=STYLE))
        return Html(text.replace("<pre ", REGION, 1))
