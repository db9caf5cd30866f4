"""A widget whose answers come from Python: the browser sends an example, a file or what was made there, and shows them.

The network runs in Python; so such a widget answers in a live notebook only. Elsewhere its examples stand in its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import anywidget
import traitlets

from course_utils.display.html import Html
from course_utils.display.settings import Settings


class Answer(Protocol):
    """What there is to say and to see."""

    @property
    def text(self) -> str:
        """In a sentence."""

    @property
    def html(self) -> Html:
        """What there is to see or to hear; may be empty."""


class AskedWidget(anywidget.AnyWidget):
    """A widget that asks Python; a subclass names its module as `_esm = module_text("name")`, and answers.

    Args:
        params: what it starts from; must survive JSON.
        begin: what it says first.
        trained: how the network was trained.
    """

    params = traitlets.Dict().tag(sync=True)
    told = traitlets.Dict().tag(sync=True)
    settings = traitlets.Unicode().tag(sync=True)  # HTML
    _ipython_display_ = None  # as in BrowserWidget

    def __init__(self, params: dict[str, Any], begin: str, trained: Settings) -> None:
        self.trained = trained
        told = {"text": begin, "html": "", "count": 0}
        super().__init__(params=params, told=told, settings=trained.html)
        self.on_msg(self._answer)

    def _answer(self, _: Any, message: Any, buffers: Sequence[Any]) -> None:
        """What the browser sends: the place of an example, a file, or what was made there."""
        try:
            result = self.answer(message, [bytes(buffer) for buffer in buffers])
            text, html = result.text, result.html
        except Exception as error:  # whatever it is: the browser must not go on waiting
            text, html = f"That went wrong, {type(error).__name__}: {error}", Html("")
        count = self.told["count"] + 1  # the same answer twice is still an answer
        self.told = {"text": text, "html": html, "count": count}

    def answer(self, message: Mapping[str, Any], buffers: Sequence[bytes]) -> Answer:
        """The answer to a message of the browser's.

        Args:
            message: its `kind` says what it is.
            buffers: bytes that came with it.
        """
        raise NotImplementedError

    @property
    def html(self) -> Html:
        """What stands in its place where no kernel runs."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return data | {"text/plain": str(self), "text/html": self.html}, metadata
