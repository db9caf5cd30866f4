"""Every experiment tells how it trains; that it does what it tells is held in tests/claims/test_measured.py."""

from __future__ import annotations

from dataclasses import replace

import pytest

from course_utils import claims
from course_utils.display.settings import trained
from course_utils.errors import CourseError
from course_utils.experiments.framework.registry import experiment, load_experiments
from tests.experiments.told import NEEDED, untold


@pytest.mark.parametrize("name", load_experiments())
@pytest.mark.parametrize("quick", [False, True])
def test_every_experiment_tells_its_settings(name: str, quick: bool) -> None:
    told = experiment(name).described(quick=quick)
    assert told.name == name
    assert told.parts["seeds"].startswith(f"{len(experiment(name).seeds)} (")
    if told.untrained:
        assert told.start == told.learning_rate == told.steps == ""
    else:
        assert [part for part in NEEDED if not told.parts.get(part)] == []
    assert "None" not in str(told)
    assert "\n" not in str(told)


def test_what_readers_missed_is_told() -> None:
    ablation = claims.told("gates_removed")
    assert "chrono" in ablation.start
    assert "50 (adding)" in ablation.start
    assert "parameters" in ablation.size  # those of the stored rows
    assert "41 steps" in experiment("transplant").described().start
    assert "which no other start is told" in experiment("grid").described().start
    assert "10⁻³⁸" in experiment("seconds_by_length").described().note
    assert "stops after 10 epochs" in experiment("contest").described().steps


def test_an_experiment_that_tells_nothing_says_so() -> None:
    with pytest.raises(CourseError, match="told="):
        replace(experiment("recall"), told=None).described()


def test_what_was_done_and_not_told_is_found() -> None:
    told = trained(
        start="torch's own",
        learning_rate="Adam, 0.01; 0.03 (LSTM), falling to 0 as a cosine",
        clipping="norm at most 1",
        steps="1,200",
        batch="32",
        size="8 units, 393 parameters",
    )
    done = told.with_parts(learning_rate="Adam, 0.03, falling to 0 as a cosine", steps="1,200, 1 epoch")
    assert untold(told, done) == []
    other = done.with_parts(
        start="torch's own, then chrono biases for lags up to 50",
        learning_rate="SGD, 0.1",
        clipping="none",
        steps="7, 1 epoch",
        batch="64",
        size="LSTM of 9 units, 400 parameters",
    )
    assert untold(told, other) == ["start", "learning rate", "schedule", "clipping", "steps", "batch", "size"]


def test_a_clipping_that_was_drawn_lies_between_what_is_told() -> None:
    told = trained(
        start="torch's own",
        learning_rate="Adam, 0.01",
        clipping="norm at most a number drawn log-uniform from 0.1 to 10",
        steps="5",
        batch="32",
        size="8 units",
    )
    for limit, parts in (("0.3", []), ("12", ["clipping"])):
        assert untold(told, told.with_parts(clipping=f"norm at most {limit}")) == parts
