"""Weights and modes are put back, and gradients measured."""

from __future__ import annotations

import math

import pytest
from torch import Tensor, nn
from torch.nn import functional

from course_utils.training import fit, gradient_norms
from tests.training.lines import MSE, Batch, line, pairs, same, weights


@pytest.mark.parametrize("best_at", [1, 3, 6])
def test_the_best_weights_are_restored(best_at: int) -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    seen: list[dict[str, Tensor]] = []

    def score(model: nn.Module) -> float:
        seen.append(weights(model))
        return abs(len(seen) - best_at) + 1.0

    history = fit(model, pairs(), MSE, epochs=6, lr=0.05, valid=score)
    assert history.best == (best_at * 8, best_at, 1.0)
    assert same(weights(model), seen[best_at - 1])
    assert not same(seen[0], seen[-1])
    assert f"1 at step {best_at * 8}, whose weights the model has" in str(history)


@pytest.mark.parametrize("training_mode", [True, False])
def test_modes_are_as_they_were_found(training_mode: bool) -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(), nn.Linear(4, 1)).train(training_mode)
    if training_mode:
        model[1].eval()  # frozen on purpose
    seen: list[list[bool]] = []

    def loss(model: nn.Module, batch: Batch) -> Tensor:
        seen.append([part.training for part in model.modules()])
        return MSE(model, batch)

    before = [part.training for part in model.modules()]
    fit(model, pairs(2), loss, epochs=1, valid=pairs(1))
    assert [part.training for part in model.modules()] == before
    assert seen[0] == seen[1] == ([True, True, False, True, True] if training_mode else [True] * 5)
    assert seen[2] == [False] * 5  # validation


def test_gradient_norms_are_recorded_before_clipping() -> None:
    model, batches = line(), pairs(1)
    functional.mse_loss(model(batches[0][0]), batches[0][1]).backward()
    each = [n for n in gradient_norms(model.parameters()) if n is not None]
    history = fit(model, batches, MSE, steps=1, record_gradients=True, clip_value=0.01)
    assert list(history.gradients.columns) == ["step", "weight", "bias"]
    assert history.gradients.iloc[0].tolist() == pytest.approx([1, *each])
    assert history.table["gradient_norm"][0] == pytest.approx(math.hypot(*each))


def test_a_parameter_without_a_gradient_has_none() -> None:
    model = nn.ModuleDict({"used": nn.Linear(3, 1), "idle": nn.Linear(3, 1, bias=False)})
    history = fit(model, pairs(1), lambda model, batch: MSE(model["used"], batch), steps=1, record_gradients=True)
    assert math.isnan(history.gradients["idle.weight"][0])
    assert history.table["gradient_norm"][0] > 0
