"""What a forecaster has learned: features, quantiles, going on beyond the horizon, and its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from course_utils.errors import CourseError
from course_utils.models.checkpoints import load_checkpoint
from course_utils.models.forecast_state import (
    Batches,
    Ending,
    Learned,
    Pinball,
    checked_quantiles,
    corrections,
    features,
    joined,
    levels_of,
    restored,
    validation,
)
from course_utils.models.forecast_windows import Plan
from course_utils.models.series_inputs import checked_series
from tests.models.fitted import fitted
from tests.models.test_base import contents, written

PLAN = Plan(4, 2, 2)
LEVELS = np.array([0.1, 0.5, 0.9])
SPREAD = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0]])


def naive(share: float = 0.0) -> Learned:
    """The naive forecast, one wide after a step and two after two."""
    return Learned(PLAN, np.zeros((2, 4)), 1.0, 1.0, LEVELS, SPREAD, share, np.zeros((2, 3)))


def test_features_are_values_and_seasonal_differences() -> None:
    found = features(np.array([[-3.0, -1.0, 1.0, 0.0]]), PLAN, change=2.0)
    assert found[0].tolist() == [[-3, 0], [-1, 0], [1, 2], [0, 0.5]]
    assert features(np.full((1, 4), 1e9), PLAN, 1.0).max() == 10


def test_a_new_network_corrects_nothing() -> None:
    learned = naive(1.0)
    model = learned.new_model("lstm", 3, torch.Generator().manual_seed(0))
    assert not corrections(model, torch.rand(2, 4, 2), 3).any()
    assert learned.forecast(model, np.array([5.0, 7.0]), 1.0, 2).tolist() == [[6, 7, 8], [5, 7, 9]]


def test_beyond_the_horizon_intervals_go_on_growing() -> None:
    learned = naive()
    model = learned.new_model("rnn", 3)
    found = learned.forecast(model, np.array([5.0, 7.0]), 2.0, 8)
    assert found[:, 1] == pytest.approx(np.full(8, 7.0))
    width = found[:, 2] - found[:, 0]
    assert width[:2] == pytest.approx([4, 8])
    assert width[2:] == pytest.approx(8 * np.sqrt(np.arange(3, 9) / 2))


def test_logarithms_come_back_as_values() -> None:
    learned = naive()._replace(plan=Plan(4, 2, 2, log=True))
    found = learned.forecast(learned.new_model("rnn", 3), np.array([1.0, 10.0]), 0.1, 1)
    assert found[0] == pytest.approx(10 * np.exp([-0.1, 0, 0.1]))
    with pytest.raises(CourseError, match=r"values above 0 .* here is -1"):
        learned.check(np.array([1.0, -1.0]))


def test_the_loss_is_pinball_and_the_score_its_mean() -> None:
    model = naive().new_model("gru", 3)
    x, y = torch.rand(5, 4, 2), torch.zeros(5, 2)
    loss = Pinball(LEVELS, SPREAD)
    by_hand = np.mean([0.1 * 1, 0, 0.1 * 1, 0.1 * 2, 0, 0.1 * 2])
    assert float(loss(model, (x, y))) == pytest.approx(by_hand)
    assert validation(loss, x, y)(model) == pytest.approx(by_hand)


def test_an_epoch_has_every_window_once() -> None:
    x = torch.arange(7.0).reshape(7, 1, 1)
    batches = Batches(x, x[:, :, 0], 3, 0)
    for _ in range(2):
        assert sorted(torch.cat([part for part, _ in batches]).flatten().tolist()) == list(range(7))
    assert len(batches) == 3


def test_quantiles_in_any_order_and_the_median_always() -> None:
    assert checked_quantiles([0.9, 0.1]) == (0.9, 0.1)
    assert levels_of((0.9, 0.1)).tolist() == [0.1, 0.5, 0.9]
    assert levels_of((0.5,)).tolist() == [0.5]


@pytest.mark.parametrize("given", [(), (0.0,), (1.0,), (0.1, 0.1), ("a",), (True,), 0.5, None, (np.nan,), (0.0001,)])
def test_quantiles_that_cannot_be_meant(given: Any) -> None:
    with pytest.raises(CourseError, match="quantiles must be numbers above 0 and below 1"):
        checked_quantiles(given)


def test_what_came_after_a_series_is_joined_to_it() -> None:
    first, then = checked_series([1.0, 2.0], "refuse"), checked_series([3.0], "refuse")
    whole = joined(first, then)
    assert whole.values.tolist() == [1, 2, 3]
    assert whole.index.ahead(1).tolist() == [3]
    ending = Ending.of(whole, PLAN)
    assert ending.values.tolist() == [1, 2, 3]
    assert ending.size == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda about: about["plan"].update(steps=4), "must be of the shape"),
        (lambda about: about["plan"].update(season=99), "does not fit into its window"),
        (lambda about: about["plan"].update(length="9"), "sizes of its plan"),
        (lambda about: about["plan"].pop("log"), "'plan' must be"),
        (lambda about: about.update(share=2), "'share' must be"),
        (lambda about: about.update(unit=-1.0), "'unit' must be"),
        (lambda about: about.update(ends=[]), "'ends' must be"),
        (lambda about: about["ends"][0].update(count=1), "must be of the shape"),
        (lambda about: about["ends"][0].update(unit=0), "unit of a series"),
        (lambda about: about["ends"][0].update(name=3), "name of a series"),
        (lambda about: about["ends"][0]["end"].update(kind="clock"), "index of a series"),
        (lambda about: about["ends"][0]["end"].update(last="yesterday"), "index of a series"),
    ],
)
def test_a_file_that_does_not_fit_together_is_refused(change: Any, message: str, tmp_path: Path) -> None:
    model = fitted("Forecaster")
    tensors, told = contents(model.save(tmp_path / "whole"))
    change(told["about"]["learned"])
    with pytest.raises(CourseError, match=message):
        type(model).load(written(tmp_path / "other", tensors, told))


def test_a_whole_file_is_restored(tmp_path: Path) -> None:
    from dataclasses import replace

    model = fitted("Forecaster")
    checkpoint = load_checkpoint(model.save(tmp_path / "whole"), "Forecaster")
    learned, endings = restored(replace(checkpoint, about=checkpoint.about["learned"]), LEVELS)
    assert learned.plan == model._state().plan
    assert np.array_equal(learned.matrix, model._state().matrix)
    assert endings[0].marks == model._endings[0].marks
