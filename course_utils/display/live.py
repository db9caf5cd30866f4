"""Controls of ipywidgets, as a cell's output shows them."""

from __future__ import annotations

from typing import Any

VIEW = "application/vnd.jupyter.widget-view+json"


def live_view(widget: Any) -> dict[str, Any]:
    """The part of a MIME bundle by which a front end shows a widget and keeps it in step with Python.

    ipywidgets makes it itself, but not every version in the same way: 7, which Colab has, only displays the widget
    at once. The protocol of the two is the same.

    Args:
        widget: of ipywidgets, 7 or 8.
    """
    return {VIEW: {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}}
