"""How what a widget shows was trained: the one line that stands below it."""

from __future__ import annotations

from typing import Any

from course_utils.display.settings import Settings, untrained
from course_utils.errors import CourseError


def settings_of(shown: Any, settings: Settings | None = None) -> Settings:
    """How the runs or the network that a widget shows were trained, as they tell it themselves.

    Args:
        shown: a table of `claims.results`, a network, or a model with a method `described`.
        settings: what is told in its place.

    Returns:
        The line; where nobody knows, it says so.
    """
    if settings is not None:
        return settings
    try:
        found = _told_by(shown)
    except CourseError as error:  # of a model that has not learned yet
        return untrained(str(error))
    return untrained("nobody noted how this was trained") if found is None else found


def _told_by(shown: Any) -> Settings | None:
    if callable(described := getattr(shown, "described", None)):
        told: Settings = described()
        return told
    if name := getattr(shown, "attrs", {}).get("experiment"):
        from course_utils.experiments.framework.registry import experiment

        return experiment(name).described()
    from torch import nn

    from course_utils.training.told import trained_by

    return trained_by(shown) if isinstance(shown, nn.Module) else None
