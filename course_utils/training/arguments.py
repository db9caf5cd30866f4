"""What was given to `fit`, checked, and what is said where it cannot be meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from warnings import warn

import torch
from torch import nn
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from torch.utils.data import Dataset, IterableDataset

from course_utils.checks import describe
from course_utils.errors import CourseError
from course_utils.training.batches import can_iterate, is_function, is_one_batch, length

P = ParamSpec("P")
R = TypeVar("R")


def renamed(**new_names: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorator for a function whose arguments have new names: the old ones are accepted with a warning.

    Args:
        new_names: old name = new name.

    Raises:
        CourseError: (of the decorated function) an argument is given under both names.
    """

    def decorated(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def called(*args: P.args, **kwargs: P.kwargs) -> R:
            for old, new in new_names.items():
                if old not in kwargs:
                    continue
                if new in kwargs:
                    raise CourseError(f"{old} is the old name of {new}; give {new} alone.")
                warn(f"{function.__name__}({old}=…) is now written {new}=….", FutureWarning, stacklevel=2)
                kwargs[new] = kwargs.pop(old)
            return function(*args, **kwargs)

        return called

    return decorated


def check_model(model: object) -> None:
    """Refuse what has nothing to train."""
    if not isinstance(model, nn.Module):
        raise CourseError(f"fit(model, batches, loss) needs a torch module to train; the first is {describe(model)}.")
    if any(nn.parameter.is_lazy(p) for p in model.parameters()):
        raise CourseError("The model has lazy layers whose sizes are not known yet: run one batch through it first.")
    if not any(p.requires_grad for p in model.parameters()):
        raise CourseError(
            "The model has no parameters to train: it has none, or requires_grad is False for all of them."
        )


def check_batches(batches: Any, steps: int | None, seconds: float | None) -> None:
    """Refuse what gives no batches, an empty list, and an iterator that may never end where nothing else ends it."""
    listed = (
        "Give a list of batches, such as [(inputs, targets)], a DataLoader, or a function that returns the batches."
    )
    if isinstance(batches, Dataset) and not isinstance(batches, IterableDataset):
        raise CourseError("`batches` is a dataset of single examples. Wrap it: DataLoader(dataset, batch_size=32).")
    if is_one_batch(batches):
        raise CourseError(f"`batches` is {describe(batches)}: one batch, it seems, and not a series of them. {listed}")
    if isinstance(batches, nn.Module) or not (callable(batches) or can_iterate(batches)):
        raise CourseError(f"`batches` is {describe(batches)}. {listed}")
    if length(batches) == 0:
        raise CourseError("There is nothing to train on: `batches` is empty.")
    if isinstance(batches, Iterator) and steps is None and seconds is None:
        raise CourseError(
            "`batches` is an iterator: it gives its batches once, and may never end. Say steps=… or seconds=…, or give "
            "a list, a DataLoader, or a function that returns the batches of an epoch."
        )


def check_loss(loss: Any) -> None:
    """Refuse what is no function of a model and a batch."""
    torchs = getattr(loss, "__module__", "") in ("torch.nn.functional", "torch._C._nn")
    if isinstance(loss, nn.Module) or torchs:
        name = type(loss).__name__ + "()" if isinstance(loss, nn.Module) else f"functional.{loss.__name__}"
        raise CourseError(
            f"{name} compares outputs with targets, and fit calls loss(model, batch). For batches that are pairs "
            f"(inputs, targets) write supervised(nn.{name})."
        )
    if not callable(loss):
        raise CourseError(
            f"The loss must be a function loss(model, batch) that returns one number; it is {describe(loss)}."
        )


def check_valid(valid: Any, *, patience: object, eval_every: object) -> None:
    """Refuse what can be validated with only once, or not at all."""
    if valid is None:
        for name, value in (("patience", patience), ("eval_every", eval_every)):
            if value is not None:
                raise CourseError(
                    f"{name}={value} needs something to validate with: valid=validation batches or a function."
                )
    elif isinstance(valid, Iterator):
        raise CourseError(
            "`valid` is an iterator, which gives its batches once. Validation comes round again: give a list."
        )
    elif is_one_batch(valid) or not (is_function(valid) or can_iterate(valid)):
        raise CourseError(
            f"`valid` is {describe(valid)}. Give a list of batches, a DataLoader, or a function score(model) whose "
            "lower values are better."
        )


def optimizer_for(model: nn.Module, optimizer: Any, lr_schedule: Any, lr: float | None) -> torch.optim.Optimizer:
    """The optimiser to use, checked; Adam if there is none."""
    if lr_schedule is not None:
        if not isinstance(lr_schedule, LRScheduler) or isinstance(lr_schedule, ReduceLROnPlateau):
            raise CourseError(
                f"`lr_schedule` is {describe(lr_schedule)}. Give a scheduler of torch.optim.lr_scheduler that needs no "
                "score."
            )
        if optimizer not in (None, lr_schedule.optimizer):
            raise CourseError("lr_schedule moves another optimiser than the one given. Make it from this optimiser.")
        optimizer = lr_schedule.optimizer
    trained = [p for p in model.parameters() if p.requires_grad]
    if optimizer is None:
        return torch.optim.Adam(trained, lr=1e-3 if lr is None else lr)
    if lr is not None:
        raise CourseError(
            f"lr={lr:g} is for the Adam that fit makes. The optimiser given has a rate of its own: set it there."
        )
    if not isinstance(optimizer, torch.optim.Optimizer) or isinstance(optimizer, torch.optim.LBFGS):
        raise CourseError(
            f"`optimizer` is {describe(optimizer)}. Give one that steps once per batch, made for this model, such as "
            "torch.optim.SGD(model.parameters(), lr=0.1)."
        )
    known = {id(p) for p in model.parameters()}
    if not {id(p) for group in optimizer.param_groups for p in group["params"]} <= known:
        raise CourseError(
            "The optimiser changes parameters that are not this model's. Was the model made again after the optimiser? "
            "Make the optimiser again: torch.optim.Adam(model.parameters())."
        )
    return optimizer


def if_given(check: Callable[..., Any], name: str, value: Any, *bounds: int) -> Any:
    """The value, checked; None stays None."""
    return None if value is None else check(name, value, *bounds)
