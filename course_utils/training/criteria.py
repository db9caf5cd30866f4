"""What torch's loss functions are given: outputs and targets that they cannot compare, or would compare wrongly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from course_utils.checks import describe
from course_utils.errors import CourseError

CLASS_NUMBERS = ("cross_entropy", "nll_loss")
YES_OR_NO = ("binary_cross_entropy", "binary_cross_entropy_with_logits")
SAME_DTYPE = ("mse_loss", "huber_loss")  # fail in the backward pass where the targets are of another kind of number
ELEMENTWISE = (*SAME_DTYPE, *YES_OR_NO, "l1_loss", "smooth_l1_loss", "poisson_nll_loss", "soft_margin_loss")
MODULES = {
    nn.CrossEntropyLoss: "cross_entropy",
    nn.NLLLoss: "nll_loss",
    nn.MSELoss: "mse_loss",
    nn.HuberLoss: "huber_loss",
    nn.BCELoss: "binary_cross_entropy",
    nn.BCEWithLogitsLoss: "binary_cross_entropy_with_logits",
    nn.L1Loss: "l1_loss",
    nn.SmoothL1Loss: "smooth_l1_loss",
    nn.PoissonNLLLoss: "poisson_nll_loss",
    nn.SoftMarginLoss: "soft_margin_loss",
}


def name_of(criterion: Any) -> str:
    """The name that torch gives to this loss function in `nn.functional`; "" for one that is not among those above."""
    while isinstance(criterion, partial):
        criterion = criterion.func
    if isinstance(criterion, nn.Module):
        return next((name for kind, name in MODULES.items() if isinstance(criterion, kind)), "")
    torchs = getattr(criterion, "__module__", "") in ("torch.nn.functional", "torch._C._nn")
    name = getattr(criterion, "__name__", "") if torchs else ""
    return name if name in CLASS_NUMBERS + ELEMENTWISE else ""


def check_criterion(criterion: Any) -> None:
    """Refuse what is no function of outputs and targets."""
    if isinstance(criterion, type):
        raise CourseError(f"The criterion is {describe(criterion)}. Make one: supervised(nn.{criterion.__name__}()).")
    if not callable(criterion):
        raise CourseError(
            f"The criterion must be a function of outputs and targets, as nn.MSELoss() is; it is {describe(criterion)}."
        )


def check_pair(name: str, outputs: Tensor, targets: Any) -> None:
    """Raise a CourseError for what a loss function of torch cannot compare, or would compare wrongly.

    Args:
        name: of the function in `nn.functional`.
        outputs: what the model gave.
        targets: what it should have given.

    Raises:
        CourseError: it says what the function needs, and how to get there.
    """
    if not isinstance(targets, Tensor):
        raise CourseError(f"The targets are {describe(targets)}; torch needs a tensor: torch.as_tensor(targets).")
    if name in CLASS_NUMBERS:
        _check_classes(name, outputs, targets)
    elif name in ELEMENTWISE:
        _check_elements(name, outputs, targets)


def _shapes(outputs: Tensor, targets: Tensor) -> str:
    return f"The model's outputs have the shape {tuple(outputs.shape)}, the targets {tuple(targets.shape)}. "


def _is_squeezed(long: Tensor, short: Tensor) -> bool:
    """Has one tensor the shape of the other, and an axis of length 1 behind it?"""
    return long.shape[-1:] == (1,) and long.shape[:-1] == short.shape


# --- class numbers


def _check_classes(name: str, outputs: Tensor, targets: Tensor) -> None:
    """Outputs (B, C) or (B, C, T …) and class numbers (B,) or (B, T …); or shares of classes, shaped as the outputs."""
    if outputs.ndim == 1 and len(outputs) > 1 and targets.shape == (1,) and not targets.is_floating_point():
        raise CourseError(_shapes(outputs, targets) + SQUEEZED)
    alone = outputs.ndim == 1 and not (targets.is_floating_point() and abs(float(targets.sum()) - 1) < 1e-3)
    steps = outputs.ndim > 2 and targets.shape == outputs.shape[:-1]
    if targets.ndim and (alone or (outputs.ndim > 1 and outputs.shape[1] == 1 and not steps)):
        raise CourseError(
            f"{_shapes(outputs, targets)}{name} needs a score for each class: outputs (B, C) with C of 2 and more. For "
            "one score per example take nn.BCEWithLogitsLoss() (yes or no), or nn.MSELoss() (a number)."
        )
    shares = outputs.shape == targets.shape and targets.is_floating_point() and name == "cross_entropy"
    if shares or outputs.ndim < 2:
        return
    if targets.shape != outputs.shape[:1] + outputs.shape[2:] or (steps and outputs.shape[1] == 1):
        raise CourseError(_shapes(outputs, targets) + _right_classes(outputs, targets))
    if targets.dtype not in (torch.int64, torch.uint8):
        whole = not targets.is_floating_point() or bool((targets == targets.round()).all())
        if not whole:
            raise CourseError(
                f"The targets are no class numbers: {name} needs whole numbers from 0, and they hold "
                f"{targets[targets != targets.round()][0].item():g}. For numbers to be predicted take nn.MSELoss()."
            )
        raise CourseError(f"The targets are {targets.dtype}. Class numbers must be torch.int64: use targets.long().")
    if outputs.ndim == 3 and outputs.shape[1] == outputs.shape[2] and not _classes_on_axis_1(outputs):
        raise CourseError(
            f"{_shapes(outputs, targets)}{name} takes axis 1 of the outputs for the classes, and here both axes have "
            f"the length {outputs.shape[1]}: it would train on the wrong axis without a word. {FLATTEN}"
        )
    if name == "nll_loss" and outputs.numel() and outputs.detach().max() > 1e-3:
        raise CourseError(
            "nll_loss needs log-probabilities, which are never above 0; the model's outputs go up to "
            f"{float(outputs.detach().max()):.3g}. For scores take nn.CrossEntropyLoss(), or end the model with "
            "log_softmax(1)."
        )


SQUEEZED = "This batch has one example, and .squeeze() without a number takes its axis away too: write .squeeze(-1)."
FLATTEN = (
    "With outputs (B, T, C) write outputs.transpose(1, 2), or flatten both: outputs.flatten(0, 1) and "
    "targets.flatten()."
)


def check_range(targets: Tensor, classes: int) -> None:
    """Raise a CourseError unless class numbers are 0 … classes − 1."""
    found = targets[(targets < 0) | (targets >= classes)]
    if found.numel():
        raise CourseError(out_of_range(int(found.flatten()[0]), classes))


def _within(targets: Tensor, lengths: Tensor) -> Tensor:
    """The symbols of CTC's targets without their padding: (B, L), or all targets one after the other."""
    if targets.ndim == 2 and lengths.shape == targets.shape[:1]:
        return targets[torch.arange(targets.shape[1], device=targets.device) < lengths.to(targets.device)[:, None]]
    return targets[: int(lengths.sum())] if targets.ndim == 1 else targets[:0]


def out_of_range(number: int, classes: int | None = None) -> str:
    """What is said of a class number that the outputs have no score for."""
    bounds = "the number of outputs − 1" if classes is None else f"{classes - 1}"
    text = f"A target is the class number {number}, and class numbers go from 0 to {bounds}. "
    if number < 0:
        return text + "Positions to pass over have the number −100, or that of ignore_index=…."
    return text + f"Count classes from 0 (targets - 1), or give the model's last layer {number + 1} outputs or more."


def _right_classes(outputs: Tensor, targets: Tensor) -> str:
    """How to get from these shapes to those that are needed."""
    wanted, each = outputs.shape[:1] + outputs.shape[2:], outputs.shape[:-1]
    long = ".long()" if targets.is_floating_point() else ""
    if targets.shape == outputs.shape:
        return "If the targets are one-hot, take the class numbers: targets.argmax(1)."
    if outputs.ndim > 2 and targets.shape == each:
        return f"The classes must be on axis 1. {FLATTEN}"
    if targets.shape[-1:] == (1,) and targets.shape[:-1] in (wanted, each):
        sure = targets.shape[:-1] == wanted and not (outputs.ndim == 3 and wanted == each)
        more = "" if sure or (outputs.ndim == 3 and _classes_on_axis_1(outputs)) else f" {FLATTEN}"
        return f"Class numbers need no axis of their own: use targets.squeeze(-1){long}.{more}"
    if outputs.ndim == 3 and targets.shape == outputs.shape[:1]:
        return (
            "There is an output for each time step, and one target for each sequence: take the output of the last "
            "step, outputs[:, -1], or where sequences are padded that of each one's last symbol."
        )
    if outputs.shape[0] != targets.shape[0]:
        return "They are not for the same examples: their first axes must have the same length."
    return f"Class numbers (B,) go with outputs (B, C), class numbers (B, T) with outputs (B, C, T). {FLATTEN}"


def _classes_on_axis_1(outputs: Tensor) -> bool:
    """Is axis 1 that of the features? So it is after a convolution, or where the last axis was moved there."""
    if outputs.stride(1) == 1 or outputs.grad_fn is None:
        return True
    node: Any = outputs.grad_fn
    for _ in range(20):
        if node is None or node.name().startswith(("Addmm", "Mm", "Bmm")):
            return False
        if node.name().startswith("Convolution"):
            return True
        if node.name().startswith("Transpose") and 1 in (dims := _axes(node._saved_dim0, node._saved_dim1)):
            return 2 in dims
        if node.name().startswith("Permute") and _axes(*node._saved_dims)[1:2] == [2]:
            return True
        if node.name().startswith(("LogSoftmax", "Softmax")):
            return _axes(node._saved_dim) == [1]
        node = node.next_functions[0][0] if node.next_functions else None
    return False


def _axes(*saved: int) -> list[int]:
    """The numbers of axes of three; the graph keeps −1 as a number without sign."""
    return [(axis - 2**64 if axis >= 2**63 else axis) % 3 for axis in saved]


# --- element by element


def _check_elements(name: str, outputs: Tensor, targets: Tensor) -> None:
    if outputs.shape != targets.shape and (targets.ndim or outputs.numel() > 1):
        raise CourseError(_shapes(outputs, targets) + _same_shape(outputs, targets))
    to = ".float()" if outputs.dtype == torch.float32 else f".to({outputs.dtype})"
    wrong = name in SAME_DTYPE and targets.dtype != outputs.dtype
    if wrong or targets.dtype == torch.bool or (name in YES_OR_NO and not targets.is_floating_point()):
        raise CourseError(
            f"The targets are {targets.dtype}, the model's outputs {outputs.dtype}: {name} needs the same kind of "
            f"number. Use targets{to}."
        )
    if name in YES_OR_NO and targets.numel() and not 0 <= float(targets.min()) <= float(targets.max()) <= 1:
        raise CourseError(
            f"{name} needs targets from 0 (no) to 1 (yes); these go from {float(targets.min()):g} to "
            f"{float(targets.max()):g}. For more than two classes take nn.CrossEntropyLoss()."
        )


def _same_shape(outputs: Tensor, targets: Tensor) -> str:
    """How to get to shapes that can be compared element by element."""
    text = "Compared element by element they must have the same shape: "
    if outputs.ndim == 0 and targets.numel() == 1:
        return SQUEEZED
    if _is_squeezed(outputs, targets):
        return f"{text}use outputs.squeeze(-1) in the model, or targets.unsqueeze(-1)."
    if _is_squeezed(targets, outputs):
        return f"{text}use targets.squeeze(-1), or outputs.unsqueeze(-1) in the model."
    if outputs.ndim == 2 and targets.shape == outputs.shape[:1] and not targets.is_floating_point():
        return "For class numbers take nn.CrossEntropyLoss(). " + text + "one-hot targets would be the other way."
    if outputs.ndim == 3 and targets.shape in (outputs.shape[:1], outputs.shape[:1] + outputs.shape[2:]):
        return (
            "There is an output for each time step, and one target for each sequence: take the output of the last "
            "step, outputs[:, -1]."
        )
    return f"{text}they would be stretched to fit each other, or do not fit at all."


# --- losses of one's own

DIFFERENCES = ("sub", "subtract", "rsub")
OTHERS = ("add", "mul", "multiply", "div", "true_divide")


class Watch(TorchFunctionMode):
    """Looks on while a loss is computed: at what torch's loss functions are given, and at what is subtracted.

    Args:
        outputs: of the model; the list may still be empty.
        targets: with what they may be compared.
        strict: refuse each difference of outputs and targets of unlike shapes. Else: of (B,) and (B, 1) only.
    """

    def __init__(self, outputs: Sequence[Tensor], targets: Sequence[Tensor], *, strict: bool = False) -> None:
        super().__init__()
        self.outputs, self.targets, self.strict = outputs, targets, strict

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Look at the arguments, and call the function."""
        name = getattr(func, "__name__", "")
        if len(args) >= 2 and isinstance(args[0], Tensor):
            if getattr(func, "__module__", None) == "torch.nn.functional":
                self._look(name, *args)
            elif name in DIFFERENCES + OTHERS and isinstance(args[1], Tensor):
                self._compare(name, args[0], args[1])
        return func(*args, **(kwargs or {}))

    def _look(self, name: str, outputs: Tensor, targets: Any, *more: Any) -> None:
        if name == "ctc_loss" and len(more) >= 2 and isinstance(targets, Tensor):
            check_range(_within(targets, torch.as_tensor(more[1])), outputs.shape[-1])
        elif name in ELEMENTWISE and isinstance(targets, Tensor) and targets.ndim == 0:
            pass  # such as 0: a penalty
        elif name in CLASS_NUMBERS + ELEMENTWISE and outputs.requires_grad:
            check_pair(name, outputs, targets)
        elif name in ELEMENTWISE and isinstance(targets, Tensor) and targets.requires_grad:
            _check_elements("", targets, outputs)

    def _compare(self, name: str, one: Tensor, other: Tensor) -> None:
        outputs, targets = (one, other) if one.requires_grad else (other, one)
        known = any(outputs.shape == given.shape for given in self.outputs)
        known = known and any(targets.shape == given.shape for given in self.targets)
        if not known or targets.requires_grad or outputs.shape == targets.shape or outputs.ndim * targets.ndim == 0:
            return
        try:
            both = torch.broadcast_shapes(outputs.shape, targets.shape)
        except RuntimeError:
            raise CourseError(_shapes(outputs, targets) + _same_shape(outputs, targets)) from None
        squeezed = _is_squeezed(outputs, targets) or _is_squeezed(targets, outputs)
        stretched = both.numel() > max(outputs.numel(), targets.numel())
        if (stretched and (squeezed or self.strict)) or (self.strict and name in DIFFERENCES):
            raise CourseError(_shapes(outputs, targets) + _same_shape(outputs, targets))


@contextmanager
def watched(model: nn.Module, batch: Any) -> Iterator[None]:
    """Look on while a loss is computed from this model and this batch."""
    outputs: list[Tensor] = []
    hook = model.register_forward_hook(lambda module, inputs, given: outputs.extend(_tensors(given)))
    try:
        with Watch(outputs, _tensors(batch)):
            yield
    finally:
        hook.remove()


def _tensors(given: Any) -> list[Tensor]:
    """The tensors in what a model returned, or in a batch."""
    if isinstance(given, Tensor):
        return [given]
    if isinstance(given, Mapping):
        given = list(given.values())
    return [tensor for part in given for tensor in _tensors(part)] if isinstance(given, tuple | list) else []
