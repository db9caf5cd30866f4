"""A loss that cannot be trained with is told so, in words."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from course_utils.errors import CourseError
from course_utils.training import fit
from tests.training.lines import MSE, Batch, line, pairs


@pytest.mark.parametrize(
    ("loss", "says"),
    [
        (nn.MSELoss(), r"write supervised\(nn.MSELoss\(\)\)"),
        (functional.cross_entropy, r"write supervised\(nn.functional.cross_entropy\)"),
        (functional.mse_loss, r"write supervised\(nn.functional.mse_loss\)"),
        ("mse", "must be a function"),
        (None, "must be a function"),
        (lambda model, batch: 0.5, "The loss returned a float, and fit needs a scalar tensor"),
        (lambda model, batch: None, "The loss returned None"),
        (lambda model, batch: model(batch[0]), r"The loss has the shape \(16, 1\)"),
        (lambda model, batch: model(batch[0]).mean().detach(), "does not depend on the model"),
        (lambda model, batch: torch.ones((), requires_grad=True) * 2, "none of them got a gradient"),
    ],
)
def test_losses_that_cannot_be_meant(loss: Any, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        fit(line(), pairs(), loss, steps=1)


def test_a_model_that_returns_two_things_is_explained() -> None:
    with pytest.raises(CourseError, match=r"The model returned a tuple of 2.*their last state"):
        fit(nn.RNN(3, 1), pairs(), MSE, steps=1)


def test_a_state_carried_without_detach_is_explained() -> None:
    net, state = nn.RNNCell(3, 1), [torch.zeros(16, 1)]

    def carried(model: nn.RNNCell, batch: Batch) -> Tensor:
        state[0] = model(batch[0], state[0])
        return functional.mse_loss(state[0], batch[1])

    with pytest.raises(CourseError, match=r"state = state.detach\(\)"):
        fit(net, pairs(), carried, steps=3)


@pytest.mark.parametrize("dtype", [torch.float64, torch.int64, torch.uint8, torch.bool])
@pytest.mark.parametrize("layer", [nn.Linear(3, 1), nn.Conv1d(7, 1, 1), nn.LayerNorm(3), nn.RNN(3, 1)])
def test_inputs_of_another_kind_are_told(layer: nn.Module, dtype: torch.dtype) -> None:
    x = torch.ones(4, 7, 3, dtype=dtype)
    with pytest.raises(CourseError, match=rf"The inputs are {dtype}, .*inputs.to\(torch.float32\)"):
        fit(layer, [(x, torch.zeros(4, 7, 1))], MSE, steps=1)


def test_an_embedding_wants_whole_numbers_and_its_model_is_not_told_to_take_floats() -> None:
    net = nn.Sequential(nn.Embedding(5, 3), nn.Linear(3, 1))
    with pytest.raises(CourseError, match=r"The inputs are torch.float32; an embedding .*inputs.long\(\)"):
        fit(net, [(torch.ones(4, 7), torch.zeros(4, 7, 1))], MSE, steps=1)
    wrong = nn.Sequential(nn.Embedding(5, 3), nn.Linear(3, 1).double())
    with pytest.raises(RuntimeError, match="same dtype"):
        fit(wrong, [(torch.ones(4, 7, dtype=torch.int64), torch.zeros(4, 7, 1))], MSE, steps=1)
