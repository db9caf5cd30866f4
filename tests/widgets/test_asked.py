"""A widget that asks Python: each message has an answer, whatever happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pytest

from course_utils.display.html import Html
from course_utils.display.settings import Settings
from course_utils.widgets.shared.asked import AskedWidget
from course_utils.widgets.shared.browser import module_text

LINE = Settings("zeros", "Adam, 0.1", "none", "3", "8", "2 < 3 parameters", "0", "none", name="a run")


class Said(NamedTuple):
    text: str
    html: Html = Html("")


class Echo(AskedWidget):
    """Says what it was sent."""

    _esm = module_text("listen")

    def answer(self, message: Mapping[str, Any], buffers: Sequence[bytes]) -> Said:
        return Said(f"{message['kind']}: {len(buffers[0])} bytes")

    @property
    def html(self) -> Html:
        return Html("<p>an example</p>")


def test_it_answers_counts_and_tells_how_the_network_was_trained() -> None:
    widget = Echo({"examples": []}, "Begin.", LINE)
    assert widget.told == {"text": "Begin.", "html": "", "count": 0}
    assert "2 &lt; 3 parameters" in widget.settings
    widget._handle_custom_msg({"kind": "file"}, [memoryview(b"abc")])
    assert widget.told == {"text": "file: 3 bytes", "html": "", "count": 1}
    widget._handle_custom_msg({"kind": "file"}, [])
    assert widget.told["text"].startswith("That went wrong, IndexError")
    assert widget.told["count"] == 2
    assert widget._repr_mimebundle_()[0]["text/html"] == "<p>an example</p>"


def test_a_widget_that_does_not_answer_is_none() -> None:
    widget = AskedWidget({}, "Begin.", LINE)
    with pytest.raises(NotImplementedError):
        widget.answer({}, [])
    with pytest.raises(NotImplementedError):
        _ = widget.html
