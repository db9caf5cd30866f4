"""The history tells what happened, with and without steps."""

from __future__ import annotations

import pytest

from course_utils.errors import CourseError
from course_utils.training import fit
from tests.training.lines import MSE, failing, interrupt, line, pairs


def test_gradients_that_were_not_recorded_say_so() -> None:
    with pytest.raises(CourseError, match="record_gradients=True"):
        _ = fit(line(), pairs(1), MSE, steps=1).gradients


def test_the_history_as_text_and_html_tells_no_seconds() -> None:
    history = fit(line(), pairs(), MSE, epochs=2, valid=pairs(1))
    again = fit(line(), pairs(), MSE, epochs=2, valid=pairs(1))
    assert str(history) == str(again) == repr(history)
    assert history._repr_html_() == again._repr_html_()
    assert str(history).startswith("Trained: 16 steps, 2 epochs.\nLoss: ")
    assert str(history).endswith("Stopped: 2 epochs done.")
    assert history._repr_html_().count('<th scope="row"') == 4
    assert list(history.table.columns) == ["step", "epoch", "seconds", "loss", "valid"]
    assert history.seconds == history.table["seconds"].iloc[-1]


def test_an_empty_history_is_a_history() -> None:
    history = fit(line(), pairs(), failing(1, interrupt), epochs=1, valid=pairs(1), record_gradients=True)
    assert len(history.table) == len(history.gradients) == history.steps == history.seconds == 0
    assert history.best is None
    assert "not a single step" in str(history)
    assert "not a single step" in history._repr_html_()
