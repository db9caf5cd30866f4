"""The choices of a question; how they are used is tested in tests/browser/test_jupyterlab.py."""

from __future__ import annotations

import pytest
import traitlets

from course_utils.exercises.engine.choices import Choices


def test_nothing_is_chosen_at_first_and_only_a_text_can_be() -> None:
    shown = Choices("Up or down?", ("up", "down"))
    assert shown.value is None
    shown.value = "up"
    shown.value = None
    with pytest.raises(traitlets.TraitError):
        shown.set_trait("value", 1)
