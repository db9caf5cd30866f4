"""Losses: the usual one for pairs (inputs, targets), and what is said of a loss that cannot be trained with."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from torch import Tensor, nn

from course_utils.checks import describe
from course_utils.errors import CourseError
from course_utils.training.criteria import Watch, check_criterion, check_pair, name_of
from course_utils.training.explained import explained

Loss: TypeAlias = Callable[[Any, Any], Tensor]  # loss(model, batch) -> scalar
OTHER_NUMBERS = "dtype|datatype|must have the type|Input type"  # so torch's layers speak of them


def supervised(criterion: Callable[[Tensor, Tensor], Tensor]) -> Loss:
    """A loss for batches that are pairs (inputs, targets): criterion(model(inputs), targets).

    Args:
        criterion: such as `nn.CrossEntropyLoss()`, `nn.functional.mse_loss`, or a function of your own.

    Returns:
        What `fit` asks for, a function loss(model, batch). It raises a CourseError for batches that are no pairs,
        for models that return more than one tensor, and for outputs and targets that the criterion cannot compare, or
        would compare wrongly: shapes that would be stretched to fit each other, (B, 1) and (B,) for example, class
        scores whose classes are not on axis 1, class numbers that are floats.

    Raises:
        CourseError: the criterion is no function, or a class that was not called.
    """
    check_criterion(criterion)
    name = name_of(criterion)

    def loss(model: nn.Module, batch: Any) -> Tensor:
        if not isinstance(batch, tuple | list) or len(batch) != 2:
            raise CourseError(
                f"supervised(…) needs batches that are pairs (inputs, targets); this one is {describe(batch)}. "
                "For other batches write a function loss(model, batch) that returns one number."
            )
        inputs, targets = batch
        outputs = _call(model, inputs)
        if not isinstance(outputs, Tensor):
            raise CourseError(
                f"The model returned {describe(outputs)}, and the criterion needs one tensor. (nn.RNN and nn.LSTM "
                "return their outputs and their last state: choose one in the model's forward.)"
            )
        if name:
            check_pair(name, outputs, targets)
        elif isinstance(targets, Tensor) and targets.shape != outputs.shape:
            with Watch([outputs], [targets], strict=True):
                return criterion(outputs, targets)
        return criterion(outputs, targets)

    return loss


def _call(model: nn.Module, inputs: Any) -> Any:
    """model(inputs); where it fails because of the kind of numbers, a sentence that says so."""
    try:
        return model(inputs)
    except (RuntimeError, TypeError, ValueError) as error:
        kind = next((p.dtype for p in model.parameters() if p.is_floating_point()), None)
        if isinstance(inputs, np.ndarray):
            raise CourseError("The inputs are a numpy array; torch needs torch.as_tensor(inputs).") from error
        if isinstance(inputs, Tensor) and "indices" in str(error) and "scalar type" in str(error):
            raise CourseError(
                f"The inputs are {inputs.dtype}; an embedding takes whole numbers: inputs.long()."
            ) from error
        reads_numbers = isinstance(inputs, Tensor) and not any(
            isinstance(part, nn.Embedding) for part in model.modules()
        )
        if reads_numbers and kind and inputs.dtype != kind and re.search(OTHER_NUMBERS, str(error)):
            raise CourseError(
                f"The inputs are {inputs.dtype}, the model's weights {kind}. Make them the same: inputs.to({kind}), "
                "or model.double() for double precision."
            ) from error
        raise


def checked(loss: Any) -> Tensor:
    """The loss, if a gradient can be taken of it."""
    if not isinstance(loss, Tensor):
        raise CourseError(
            f"The loss returned {describe(loss)}, and fit needs a scalar tensor. Return it as it is, without .item()."
        )
    if loss.numel() != 1:
        raise CourseError(
            f"The loss has the shape {tuple(loss.shape)}, and fit needs one number: take its .mean(), or the mean over "
            "what is not padding."
        )
    if not loss.requires_grad:
        raise CourseError(
            "The loss does not depend on the model in a way that has a gradient. Look for .detach(), .item(), argmax "
            "or torch.no_grad() between the model and the loss."
        )
    return loss


def backward(loss: Tensor) -> None:
    """loss.backward(); where a state was not cut off from the batch before, a sentence that says so."""
    try:
        loss.backward()
    except RuntimeError as error:
        if told := explained(error):
            raise told from error
        if "second time" not in str(error):
            raise
        raise CourseError(
            "This loss reaches back into an earlier batch, and its gradient was taken already. A state that is carried "
            "from batch to batch must be cut off: state = state.detach()."
        ) from error


def as_number(score: Any) -> float:
    """A validation score as a number."""
    try:
        return float(score)
    except (TypeError, ValueError, RuntimeError):
        raise CourseError(f"Validation must give one number; it gave {describe(score)}.") from None
