"""What was given to `fit` is used or refused in words."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from course_utils.errors import CourseError
from course_utils.training import fit
from tests.strategies import examples
from tests.training.lines import MSE, line, pairs, same, weights

GOOD: dict[str, Any] = {"steps": 1}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "Say how long to train"),
        ({"steps": 0}, "steps must be a whole number from 1; it is 0"),
        ({"steps": -3}, "steps must be a whole number"),
        ({"steps": 2.5}, "steps must be a whole number"),
        ({"epochs": True}, "epochs must be a whole number"),
        ({"seconds": 0}, "seconds must be a number greater than 0; it is 0"),
        ({"seconds": math.nan}, "seconds must be a number"),
        ({"seconds": math.inf}, "seconds must be a number"),
        ({"seconds": "10"}, "seconds must be a number greater than 0; it is '10'"),
        (GOOD | {"lr": -1}, "lr must be a number"),
        (GOOD | {"clip_norm": 0}, "clip_norm must be a number"),
        (GOOD | {"clip_norm": 1, "clip_value": 1}, "two ways to clip"),
        (GOOD | {"patience": 2}, "patience=2 needs something to validate with"),
        (GOOD | {"eval_every": 2}, "eval_every=2 needs something to validate with"),
        (GOOD | {"patience": 0, "valid": pairs(1)}, "patience must be a whole number"),
        (GOOD | {"valid": iter(pairs(1))}, "`valid` is an iterator"),
        (GOOD | {"valid": []}, "no batch to validate with"),
        (GOOD | {"valid": 3}, "`valid` is an int. Give a list of batches"),
        (GOOD | {"valid": lambda model: None}, "Validation must give one number; it gave None"),
        (GOOD | {"valid": lambda model: torch.ones(2)}, r"it gave a tensor of shape \(2,\)"),
        (GOOD | {"optimizer": torch.optim.Adam}, "`optimizer` is the class Adam itself"),
        (GOOD | {"optimizer": torch.optim.SGD(line(1).parameters(), lr=1)}, "Was the model made again"),
        (GOOD | {"optimizer": torch.optim.LBFGS(line(1).parameters())}, "steps once per batch"),
        (GOOD | {"optimizer": torch.optim.SGD(line(1).parameters(), lr=1), "lr": 0.1}, "has a rate of its own"),
        (GOOD | {"lr_schedule": "cosine"}, "`lr_schedule` is a str"),
    ],
)
def test_options_that_cannot_be_meant(options: dict[str, Any], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        fit(line(), pairs(), MSE, **options)


def test_a_scheduler_belongs_to_its_optimiser() -> None:
    model = line()
    one, other = (torch.optim.SGD(model.parameters(), lr=1) for _ in range(2))
    with pytest.raises(CourseError, match="moves another optimiser"):
        fit(model, pairs(), MSE, steps=1, optimizer=one, lr_schedule=torch.optim.lr_scheduler.StepLR(other, 1))
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(one)
    with pytest.raises(CourseError, match="needs no score"):
        fit(model, pairs(), MSE, steps=1, lr_schedule=plateau)


@pytest.mark.parametrize(
    ("old", "new", "value"),
    [
        ("optimiser", "optimizer", lambda model: torch.optim.SGD(model.parameters(), lr=0.1)),
        ("valid_every", "eval_every", lambda model: 2),
        (
            "scheduler",
            "lr_schedule",
            lambda model: torch.optim.lr_scheduler.ExponentialLR(torch.optim.SGD(model.parameters(), lr=0.1), 0.5),
        ),
    ],
)
def test_old_names_are_accepted_with_a_warning(old: str, new: str, value: Callable[[nn.Module], Any]) -> None:
    rest: dict[str, Any] = {"steps": 5, "valid": pairs(1)}
    ours, theirs = line(), line()
    with pytest.warns(FutureWarning, match=rf"fit\({old}=…\) is now written {new}=…") as seen:
        history = fit(ours, pairs(), MSE, **{old: value(ours)}, **rest)
    assert seen[0].filename == __file__
    same_history = fit(theirs, pairs(), MSE, **{new: value(theirs)}, **rest)
    assert history.table["valid"].tolist()[1::2] == same_history.table["valid"].tolist()[1::2]
    assert same(weights(ours), weights(theirs))
    both: dict[str, Any] = {old: None, new: None}
    with pytest.raises(CourseError, match=f"{old} is the old name of {new}"):
        fit(line(), pairs(), MSE, **both, **rest)


class Untrainable(nn.Module):
    pass


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (Untrainable(), "no parameters to train"),
        (line().requires_grad_(False), "requires_grad is False"),
        (nn.LazyLinear(1), "run one batch through it first"),
        (nn.Linear, "the class Linear itself"),
        (lambda x: x, "needs a torch module to train"),
    ],
)
def test_models_that_cannot_be_trained(model: Any, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        fit(model, pairs(), MSE, steps=1)


@given(
    st.dictionaries(
        st.sampled_from(
            [name for name in inspect.signature(fit).parameters if name not in ("model", "batches", "loss")]
        ),
        st.none() | st.integers(-2, 3) | st.floats() | st.text(max_size=3) | st.booleans() | st.lists(st.integers()),
    )
)
@examples(80)
def test_nonsense_is_refused_in_words_or_trained_with(options: dict[str, Any]) -> None:
    options = options | {"seconds": options.get("seconds") and 0.001}  # keep it short
    said = "it trained for a step or more"
    try:
        fit(line(), pairs(2, 2), MSE, **options)
    except CourseError as error:
        said = str(error)
    assert len(said.split()) > 5
