"""A training tells what it did, as read off the objects that did it."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy

import pytest
import torch
from torch import nn

from course_utils.errors import CourseError
from course_utils.nn.initialisation import chrono_, default_, forget_bias_, identity_, orthogonal_
from course_utils.training import Budget, WarmupCosine, WarmupStableDecay, fit, supervised
from course_utils.training.told import (
    batch_text,
    clipping_text,
    examples_in,
    observed,
    optimizer_text,
    seeds_of,
    size_of,
    start_of,
)
from tests.training.lines import MSE, failing, interrupt, line, pairs


def test_a_history_tells_optimiser_clipping_steps_batch_and_size() -> None:
    history = fit(line(), pairs(), MSE, steps=3, lr=0.01, clip_norm=1.0)
    told = history.described(seeds="7").parts
    assert told["learning rate"] == "Adam, 0.01"
    assert told["clipping"] == "norm at most 1"
    assert told["steps"].startswith("3, ")
    assert told["start"] == "torch's own"
    assert told["seeds"] == "7"
    assert told["augmentation"] == "none"
    assert int(told["batch"]) == examples_in(pairs()[0])
    assert "parameters" in told["size"]


def test_what_ends_a_training_early_is_told() -> None:
    assert "(ended: the time of" in fit(line(), pairs(), MSE, seconds=1e-5).described().steps
    stopped = fit(line(), pairs(), MSE, epochs=50, valid=lambda _: 1.0, patience=1).described().steps
    assert "without a better score" in stopped
    assert "the best validation" in stopped
    interrupted = fit(line(), pairs(), failing(1, interrupt), steps=5)
    assert interrupted.described().steps == "none"


def test_a_second_training_begins_with_the_weights_of_the_first() -> None:
    model = line()
    fit(model, pairs(), MSE, steps=3)
    assert fit(deepcopy(model), pairs(), MSE, steps=1).described().start == "the weights after 3 steps of training"
    assert start_of(model) == "the weights after 3 steps of training"


def test_a_training_that_fails_is_told_to_observers_too() -> None:
    def broken(model: nn.Module, batch: object) -> torch.Tensor:
        raise CourseError("no")

    with observed() as found, pytest.raises(CourseError):
        fit(line(), pairs(), broken, steps=1)
    assert [settings.steps for settings in found] == ["none"]
    fit(line(), pairs(), MSE, steps=1)
    assert len(found) == 1


def test_first_weights_leave_a_note() -> None:
    generator, layer = torch.Generator().manual_seed(5), nn.LSTM(2, 3)
    assert start_of(layer) == "torch's own"
    default_(layer, generator)
    chrono_(layer, 1000, generator)
    assert start_of(nn.Sequential(layer)) == "torch's own, then chrono biases for lags up to 1,000"
    assert seeds_of(layer) == "5 (weights)"
    orthogonal_(layer, generator, gain=1.5)
    forget_bias_(layer, 1)
    assert start_of(layer).endswith("W_hh orthogonal × 1.5, biases 0, then forget biases 1")
    plain = nn.RNN(2, 3)
    identity_(plain, generator, input_std=0.1)
    assert start_of(plain) == "W_hh identity, input weights with a spread of 0.1, biases 0"
    default_(layer, generator)
    assert start_of(layer) == "torch's own"


def test_optimisers_and_schedules_in_words() -> None:
    weights = [nn.Parameter(torch.zeros(1))]
    sgd = torch.optim.SGD(weights, lr=0.1, momentum=0.9)
    assert optimizer_text(sgd) == "SGD, 0.1, momentum 0.9"
    adam = torch.optim.AdamW(weights, lr=0.01, weight_decay=0.5)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(adam, 10)
    for _ in range(3):
        adam.step()
        cosine.step()
    assert optimizer_text(adam, cosine) == "AdamW, 0.01, falling to 0 as a cosine, weight decay 0.5"
    budget = Budget(steps=10)
    for schedule, words in (
        (WarmupCosine(budget, 30), "rising over 30 steps, then falling to 0 as a cosine"),
        (WarmupStableDecay(budget), "level for a third of the training, then falling in a line to 1 %"),
    ):
        assert words in optimizer_text(sgd, schedule.of(sgd))


def test_clipping_batches_and_sizes_in_words() -> None:
    assert clipping_text(None, None) == "none"
    assert clipping_text(None, 0.1) == "each entry at most ±0.1"
    assert batch_text(Counter()) == ""
    assert batch_text(Counter({32: 9, 7: 1})) == "32"
    assert batch_text(Counter({32: 5, 64: 5})) == "32 to 64"
    assert examples_in({"x": [torch.zeros(4, 2)]}) == 4
    assert examples_in(("a", 1)) is None
    assert size_of(nn.Sequential(nn.LSTM(2, 4), nn.LSTM(4, 4))) == "2 × LSTM of 4 units, 288 parameters"
    frozen = nn.Linear(2, 1)
    frozen.bias.requires_grad_(False)
    assert size_of(frozen) == "2 parameters, 1 more stay as they are"


def test_supervised_batches_of_a_function_leave_the_augmentation_open() -> None:
    torch.manual_seed(3)
    model = nn.Linear(2, 1)
    history = fit(model, lambda: [(torch.zeros(4, 2), torch.zeros(4, 1))], supervised(nn.functional.mse_loss), steps=2)
    assert "augmentation" not in history.described().parts
    assert history.described().seeds == "3 (torch's)"
