"""Validation, and a usable model and a true history whatever goes wrong on the way."""

from __future__ import annotations

import math
import random
import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader

from course_utils.training import DivergedError, fit
from tests.strategies import examples
from tests.training.lines import MSE, Batch, failing, line, pairs, same, weights


def test_validates_after_each_epoch_and_within_long_ones_at_each_twentieth() -> None:
    short = fit(line(), pairs(10, 2), MSE, epochs=3, valid=pairs(1)).table
    assert list(short["step"][short["valid"].notna()]) == [10, 20, 30]
    long = fit(line(), iter(pairs(1) * 100), MSE, steps=100, valid=pairs(1)).table
    assert list(long["step"][long["valid"].notna()]) == list(range(5, 101, 5))
    every_epoch = fit(line(), pairs(4, 2), MSE, steps=100, valid=pairs(1)).table
    assert list(every_epoch["step"][every_epoch["valid"].notna()]) == list(range(4, 101, 4))


def test_validation_on_batches_is_the_mean_loss_in_eval_mode() -> None:
    model = nn.Sequential(nn.Linear(3, 1), nn.Dropout(0.9))
    held_out = pairs(3)
    history = fit(model, pairs(), MSE, epochs=1, valid=held_out)
    model.eval()
    expected = sum(functional.mse_loss(model(x), y).item() for x, y in held_out) / 3
    assert history.best is not None
    assert history.best.valid == pytest.approx(expected)
    assert history.valid_is_loss


def test_patience_counts_validations_in_a_row() -> None:
    scores = iter([5.0, 4.0, 4.5, 3.0, 3.0, 3.0, 2.0])
    history = fit(line(), pairs(2), MSE, epochs=50, valid=lambda model: next(scores), patience=2)
    assert history.best == (8, 4, 3.0)
    assert history.steps == 12
    assert history.stopped == "2 validations in a row without a better score"


def test_validation_changes_nothing_that_is_learned() -> None:
    def run(valid: Any) -> list[float]:
        torch.manual_seed(0)
        random.seed(0)
        np.random.seed(0)
        model = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.5), nn.Linear(8, 1))

        def noisy(model: nn.Module, batch: Batch) -> Tensor:
            return MSE(model, batch) * (1 + random.random() + np.random.rand())

        return list(fit(model, pairs(), noisy, epochs=2, valid=valid, eval_every=3 if valid else None).table["loss"])

    def greedy(model: nn.Module) -> float:
        return float(torch.rand(3).sum()) + random.random() + np.random.rand()

    assert run(None) == run(greedy) == run(DataLoader(pairs(2), shuffle=True, batch_size=None))  # type: ignore[arg-type]


def test_an_infinite_validation_score_is_a_bad_one_and_no_error() -> None:
    scores = iter([math.inf, 2.0, math.inf])
    history = fit(line(), pairs(1), MSE, epochs=3, valid=lambda model: next(scores))
    assert history.best == (2, 2, 2.0)


@given(at=st.integers(1, 12), bad=st.sampled_from([math.nan, math.inf, -math.inf]))
@examples(20)
def test_a_loss_that_is_no_number_puts_the_last_good_weights_back(at: int, bad: float) -> None:
    model, seen = line().eval(), []

    def watched(model: nn.Module, batch: Batch) -> Tensor:
        seen.append(weights(model))
        return loss(model, batch)

    loss = failing(at, lambda value: value * bad)
    with pytest.raises(DivergedError, match=rf"The loss became -?(nan|inf) at step {at} ") as caught:
        fit(model, pairs(), watched, epochs=3)
    assert caught.value.history.steps == at - 1
    assert caught.value.history.stopped.endswith(f"at step {at} (epoch {1 + (at - 1) // 8})")
    assert same(weights(model), seen[max(at - 2, 0)])  # with these the loss was finite (or it was never trained)
    assert not model.training
    assert all(p.grad is None for p in model.parameters())


def test_the_message_of_a_diverged_training_helps() -> None:
    model = line()
    with pytest.raises(DivergedError) as caught:
        fit(model, pairs(), MSE, steps=1000, optimizer=torch.optim.SGD(model.parameters(), lr=50.0))
    said = str(caught.value)
    for part in (
        r"The loss became (inf|nan) at step \d+ \(epoch \d+\)\.",
        r"The last good loss was [\d.e+]+, at step \d+\.",
        r"The last gradient had the norm [\d.e+]+\.",
        r"the last with which the loss was finite",
        r"a smaller learning rate \(now 50\), clip_norm=1, a look for log\(0\)",
    ):
        assert re.search(part, said), part
    assert "holds NaN or inf" not in said
    assert all(bool(p.isfinite().all()) for p in model.parameters())


@pytest.mark.parametrize("at", [1, 2])
def test_a_bad_batch_is_named_as_the_cause_and_spoils_no_buffer(at: int) -> None:
    batches = pairs(3)
    batches[at - 1][0][0, 0] = math.nan
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 1))
    with pytest.raises(
        DivergedError, match=rf"at step {at} .* The batch itself holds NaN or inf: look at the data first"
    ):
        fit(model, batches, MSE, epochs=1)
    assert all(bool(value.isfinite().all()) for value in model.state_dict().values())


@pytest.mark.parametrize("bad", [math.inf, math.nan])
def test_before_the_first_step_no_learning_rate_is_to_blame(bad: float) -> None:
    with pytest.raises(DivergedError, match=r"at step 1 .*No step has been made yet.*zero_infinity=True") as caught:
        fit(line(), pairs(), failing(1, lambda value: value * bad), steps=3)
    assert "smaller learning rate" not in str(caught.value)
    with pytest.raises(DivergedError, match="a smaller learning rate"):
        fit(line(), pairs(), failing(2, lambda value: value * bad), steps=3)


def test_a_loss_that_jumps_to_infinity_is_looked_for_in_its_batch() -> None:
    with pytest.raises(DivergedError, match=r"was not growing before: look at this batch first.*with CTC for a target"):
        fit(line(), pairs(), failing(5, lambda value: value * math.inf), steps=9)
    with pytest.raises(DivergedError) as caught:
        fit(line(), pairs(), failing(5, lambda value: value * math.nan), steps=9)
    assert "look at this batch first" not in str(caught.value)


def test_weights_that_are_not_finite_before_the_first_step_are_named() -> None:
    model = line()
    with torch.no_grad():
        model.weight[0, 0] = math.nan
    with pytest.raises(DivergedError, match="The model's weights are not finite themselves"):
        fit(model, pairs(), MSE, steps=3)


def test_a_diverged_training_with_validation_has_the_best_weights() -> None:
    model, seen = line(), []

    def score(model: nn.Module) -> float:
        seen.append(weights(model))
        return [3.0, 1.0, 2.0][len(seen) - 1]

    with pytest.raises(DivergedError, match=r"those of the best validation \(step 16\)") as caught:
        fit(model, pairs(), failing(30, lambda value: value * math.nan), epochs=9, valid=score)
    assert same(weights(model), seen[1])
    assert caught.value.history.best == (16, 2, 1.0)


@pytest.mark.parametrize("options", [{"clip_norm": 1.0}, {"record_gradients": True}])
def test_a_gradient_that_is_no_number_is_caught_before_the_step(options: dict[str, Any]) -> None:
    model = line()
    before = weights(model)
    with pytest.raises(DivergedError, match=r"The gradient's norm became nan at step 1"):
        fit(
            model, pairs(), lambda model, batch: (model.weight * 0).sum().sqrt() + MSE(model, batch), steps=3, **options
        )
    assert same(weights(model), before)


def test_a_last_step_that_leaves_nan_is_caught() -> None:
    model = line()
    before = weights(model)
    with pytest.raises(DivergedError, match="The update at step 1 left weights that are not numbers"):
        fit(model, pairs(), lambda model, batch: (model.weight * 0).sum().sqrt() + MSE(model, batch), steps=1)
    assert same(weights(model), before)


@pytest.mark.parametrize("bad", [math.nan, -math.inf])
def test_a_validation_score_that_is_no_number_is_caught(bad: float) -> None:
    with pytest.raises(DivergedError, match=r"The validation score became (nan|-inf) after step 8"):
        fit(line(), pairs(), MSE, epochs=1, valid=lambda model: bad)
