"""One loop that trains every network of the course, in a notebook or a script.

    history = fit(model, batches, supervised(nn.CrossEntropyLoss()), epochs=5, valid=held_out)
    history.table  # one row a step

`fit` draws no random number of its own: with the same seed, model and batches it gives the same weights.
"""

from __future__ import annotations

import copy
import math
import random
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property, wraps
from html import escape
from itertools import count
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, ParamSpec, TypeAlias, TypeVar
from warnings import warn

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from torch.utils.data import Dataset, IterableDataset

from course_utils.checks import check_positive, check_whole, describe
from course_utils.errors import CourseError
from course_utils.runtime import bars_are_seen

if TYPE_CHECKING:
    import pandas as pd

Loss: TypeAlias = Callable[[Any, Any], Tensor]  # loss(model, batch) -> scalar
Batches: TypeAlias = Iterable[Any] | Callable[[], Iterable[Any]]
Valid: TypeAlias = Callable[[Any], float] | Iterable[Any]

P = ParamSpec("P")
R = TypeVar("R")
CHECKS = 20  # in a long epoch, validation comes round after each twentieth of the budget


class Best(NamedTuple):
    """The best validation of a training: where, and its score."""

    step: int
    epoch: int
    valid: float


@dataclass(eq=False, repr=False)
class History:
    """What happened in a training, step by step.

    Attributes:
        stopped: why it ended, in words.
        interrupted: was it ended by ■ or Ctrl-C?
        best: the step with the best (lowest) validation score, whose weights the model has; None without validation.
        valid_is_loss: is the validation score the training loss, on other batches?
    """

    stopped: str = "not started"
    interrupted: bool = False
    best: Best | None = None
    valid_is_loss: bool = False
    _rows: list[dict[str, float]] = field(default_factory=list, repr=False)
    _norms: list[dict[str, float]] = field(default_factory=list, repr=False)
    _columns: tuple[str, ...] = ("step", "epoch", "seconds", "loss")

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a step.

        Its columns are `step` and `epoch` (from 1), `seconds` since the start (validation included), `loss` of the
        step's batch, `valid` where validation was asked for (NaN at steps that were not validated), and `gradient_norm`
        before clipping where it was recorded or clipped by norm.
        """
        import pandas as pd

        table = pd.DataFrame(self._rows, columns=list(self._columns), dtype=float)
        return table.astype({"step": int, "epoch": int})

    @cached_property
    def gradients(self) -> pd.DataFrame:
        """One row a step: `step`, and for each parameter the norm of its gradient before clipping; NaN: it had none.

        A step that failed because of its gradient has a row here, and none in `table`.

        Raises:
            CourseError: they were not recorded.
        """
        import pandas as pd

        if self._rows and not self._norms:
            raise CourseError("No gradients were recorded. Train with fit(…, record_gradients=True).")
        return pd.DataFrame(self._norms).astype({"step": int}) if self._norms else pd.DataFrame(columns=["step"])

    @property
    def steps(self) -> int:
        """How many steps were made."""
        return len(self._rows)

    @property
    def seconds(self) -> float:
        """Seconds from the start to the end of the last step."""
        return self._rows[-1]["seconds"] if self._rows else 0.0

    def _facts(self) -> dict[str, str]:
        """What there is to say, without seconds: they would differ from run to run."""
        if not self._rows:
            return {"Trained": "not a single step", "Stopped": self.stopped}
        first, last = self._rows[0], self._rows[-1]
        facts = {
            "Trained": f"{_many(self.steps, 'step')}, {_many(int(last['epoch']), 'epoch')}",
            "Loss": f"{first['loss']:.4g} at the first step, {last['loss']:.4g} at the last",
        }
        if self.best is not None:
            facts["Best validation score"] = (
                f"{self.best.valid:.4g} at step {self.best.step:,}, whose weights the model has"
            )
        return facts | {"Stopped": self.stopped}

    def __str__(self) -> str:
        return "\n".join(f"{name}: {fact}." for name, fact in self._facts().items())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        cell = "padding:.15em .8em .15em 0;text-align:left;vertical-align:top"
        rows = "".join(
            f'<tr style="background:none"><th scope="row" style="{cell}">{escape(name)}</th>'
            f'<td style="{cell};white-space:normal">{escape(fact)}</td></tr>'
            for name, fact in self._facts().items()
        )
        return f'<table aria-label="Training" style="margin:.3em 0;border:0;table-layout:auto">{rows}</table>'


class DivergedError(CourseError):
    """The training ran into a number that is not finite. `history` holds what happened until then."""

    def __init__(self, text: str, history: History) -> None:
        super().__init__(text)
        self.history = history


def supervised(criterion: Callable[[Tensor, Tensor], Tensor]) -> Loss:
    """A loss for batches that are pairs (inputs, targets): criterion(model(inputs), targets).

    Args:
        criterion: such as `nn.CrossEntropyLoss()`, `nn.functional.mse_loss`, or a function of your own.

    Returns:
        What `fit` asks for, a function loss(model, batch). It raises a CourseError for batches that are no pairs,
        for models that return more than one tensor, and for outputs and targets whose shapes would be stretched to fit
        each other, (B, 1) and (B,) for example: their loss would be a number, and wrong.
    """

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
        both_float = isinstance(targets, Tensor) and targets.is_floating_point() and outputs.is_floating_point()
        if both_float and outputs.shape != targets.shape:
            raise CourseError(
                f"The model's outputs have the shape {tuple(outputs.shape)}, the targets {tuple(targets.shape)}. "
                "Compared element by element they must have the same shape; .squeeze(-1) or .unsqueeze(-1) may mend it."
            )
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
        if isinstance(inputs, Tensor) and inputs.is_floating_point() and kind and inputs.dtype != kind:
            raise CourseError(
                f"The inputs are {inputs.dtype}, the model's weights {kind}. Make them the same: inputs.to({kind}), "
                "or model.double() for double precision."
            ) from error
        raise


class Budget:
    """How much of a training's budget is spent: of its steps or its seconds, whichever is more.

    Args:
        steps: of the budget; None: no limit of this kind.
        in_epochs: the steps of all epochs.
        seconds: of the budget; they count from now.
    """

    def __init__(self, steps: int | None, in_epochs: int | None, seconds: float | None) -> None:
        self.steps = min((n for n in (steps, in_epochs) if n), default=None)
        self.seconds, self.began = seconds, perf_counter()

    def spent(self, step: int) -> float:
        """The share that is spent after so many steps, 0 … 1."""
        in_steps = step / self.steps if self.steps else 0.0
        in_seconds = (perf_counter() - self.began) / self.seconds if self.seconds else 0.0
        return min(max(in_steps, in_seconds), 1.0)


class Share(Budget):
    """The learning rate's course: up over the first steps, level, and down to 0 over two thirds of the budget."""

    def rate(self, step: int) -> float:
        """The factor of the learning rate after so many steps."""
        return min((step + 1) / 30, 1.5 * (1 - self.spent(step)) + 0.01, 1.0)


def _renamed(**new_names: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
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


@_renamed(optimiser="optimizer", valid_every="eval_every", scheduler="lr_schedule")
def fit(
    model: nn.Module,
    batches: Batches,
    loss: Loss,
    *,
    steps: int | None = None,
    epochs: int | None = None,
    seconds: float | None = None,
    valid: Valid | None = None,
    eval_every: int | None = None,
    patience: int | None = None,
    lr: float | None = None,
    optimizer: torch.optim.Optimizer | None = None,
    lr_schedule: LRScheduler | None = None,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    record_gradients: bool = False,
    progress: bool = True,
) -> History:
    """Train a model: one step of the optimiser for each batch.

    Say how long with `steps`, `epochs` or `seconds`, or several of them: whichever ends first ends the training.

    The loss is always called as `loss(model, batch)` and returns one number. For the usual pairs (inputs, targets) and
    a torch criterion write `supervised(nn.MSELoss())`; for anything else (masks, a carried state, CTC) write a
    function.

    However it ends, the model is in the train or eval mode in which it was found, its gradients are cleared, and with
    validation it has the weights of the best validation. ■ (Ctrl-C) ends it early and returns the history so far.
    While it trains, a model that was found in eval mode is in train mode as a whole; in a model found in train mode,
    parts that were put into eval mode (a frozen batch norm) stay in it. Validation runs in eval mode without
    gradients, and leaves the random numbers of torch, numpy and Python as they were: it does not change what is
    learned. Of the weights `fit` keeps a copy, with validation a second one.

    Args:
        model: any torch module; batches are moved to the device of its weights.
        batches: a list, a DataLoader, or a function that returns an epoch's batches (a generator function, say).
            An iterator, which may never end, needs `steps` or `seconds`; it is read no further than needed.
        loss: loss(model, batch) → scalar tensor.
        steps: the most steps.
        epochs: the most passes through the batches.
        seconds: the most seconds on the clock, validation included. At least one step is made, and the step under way
            is finished; so is a last validation.
        valid: what to validate with: batches, whose mean loss is the score (each batch counts the same), or a function
            score(model). **Lower is better**; for accuracy return the error rate.
        eval_every: validate after so many steps. Default: after each epoch, and within a long one after each twentieth
            of `steps` or `seconds`. The last step is always validated.
        patience: stop after so many validations in a row without a better score.
        lr: learning rate of Adam, when no optimiser is given; default 0.001.
        optimizer: a torch optimiser on the model's parameters. Default: Adam.
        lr_schedule: a torch learning-rate scheduler on that optimiser, moved on after every step.
        clip_norm: scale the gradient down to this norm where it is larger; it keeps its direction.
        clip_value: cut each entry of the gradient to ± this value; it turns.
        record_gradients: keep the norm of the gradient, in all and for each parameter, before clipping.
        progress: show a progress bar (in notebooks and terminals; TQDM_DISABLE=1 turns all bars off).

    Returns:
        The history: `.table`, `.best`, `.stopped`, `.interrupted`.

    Raises:
        DivergedError: a loss, gradient or validation score that is not finite (a validation score may be +inf). The
            model has the weights of the best validation, or without validation those of the last finite loss;
            `.history` holds the steps until then.
        CourseError: an argument that cannot be meant, batches that are empty or run dry, a loss that is no scalar or
            does not depend on the model. The message says what to do.
    """
    _check_model(model)
    limits = _Limits(
        _if_given(check_whole, "steps", steps, 1),
        _if_given(check_whole, "epochs", epochs, 1),
        _if_given(check_positive, "seconds", seconds),
    )
    limits.check()
    _check_batches(batches, limits)
    _check_loss(loss)
    _check_valid(valid, patience=patience, eval_every=eval_every)
    if clip_norm is not None and clip_value is not None:
        raise CourseError("clip_norm and clip_value are two ways to clip; give one of them.")
    optimizer = _optimizer(model, optimizer, lr_schedule, _if_given(check_positive, "lr", lr))
    run = _Run(
        model=model,
        batches=batches,
        loss=loss,
        limits=limits,
        valid=valid,
        eval_every=_if_given(check_whole, "eval_every", eval_every, 1),
        patience=_if_given(check_whole, "patience", patience, 1),
        optimizer=optimizer,
        lr_schedule=lr_schedule,
        clip_norm=_if_given(check_positive, "clip_norm", clip_norm),
        clip_value=_if_given(check_positive, "clip_value", clip_value),
        record_gradients=record_gradients,
        bar=_Bar(limits, batches, progress),
    )
    return run.train()


# ---------------------------------------------------------------------------------------------------------------------
# The loop


@dataclass
class _Limits:
    """How long a training may last; None: no limit of this kind."""

    steps: int | None
    epochs: int | None
    seconds: float | None

    def check(self) -> None:
        if self.steps is None and self.epochs is None and self.seconds is None:
            raise CourseError("Say how long to train: fit(…, steps=1000), epochs=5, seconds=30, or several of them.")

    def over(self, step: int, elapsed: float) -> str | None:
        """Why the training is over after this step, in words, if it is."""
        if self.steps is not None and step >= self.steps:
            return f"{_many(self.steps, 'step')} done"
        if self.seconds is not None and elapsed >= self.seconds:
            return f"the time of {self.seconds:g} s was up"
        return None

    def share(self, step: int, elapsed: float) -> float:
        """The share of the steps or seconds that is spent."""
        return max(step / self.steps if self.steps else 0.0, elapsed / self.seconds if self.seconds else 0.0)


@dataclass
class _Run:
    """One call of `fit`, its arguments checked."""

    model: nn.Module
    batches: Batches
    loss: Loss
    limits: _Limits
    valid: Valid | None
    eval_every: int | None
    patience: int | None
    optimizer: torch.optim.Optimizer
    lr_schedule: LRScheduler | None
    clip_norm: float | None
    clip_value: float | None
    record_gradients: bool
    bar: _Bar

    def __post_init__(self) -> None:
        self.history = History(valid_is_loss=self.valid is not None and not _is_function(self.valid))
        self.history._columns += ("valid",) if self.valid is not None else ()
        self.history._columns += ("gradient_norm",) if self.clip_norm or self.record_gradients else ()
        self.device = next(self.model.parameters()).device
        self.parameters = [p for group in self.optimizer.param_groups for p in group["params"] if p.requires_grad]
        names = {id(p): name for name, p in self.model.named_parameters()}
        self.names = [names[id(p)] for p in self.parameters]
        self.began = perf_counter()
        self.good, self.best = _Weights(self.model), _Weights(self.model)
        self.over: str | None = None
        self.stop: list[int] = []
        self.without_better = 0
        self.validated_share = 0.0

    @property
    def rows(self) -> list[dict[str, float]]:
        """The steps so far."""
        return self.history._rows

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return perf_counter() - self.began

    def train(self) -> History:
        """The loop inside its safety net."""
        modes = {module: module.training for module in self.model.modules()}
        try:
            if not self.model.training:
                self.model.train()
            self.good.take()
            with torch.inference_mode(False), torch.enable_grad(), self.bar, _stop_button() as self.stop:
                self._loop()
                self._check_weights()
                self._validate()
            self.history.stopped = str(self.over)
        except KeyboardInterrupt:
            self.history.interrupted = True
            self.history.stopped = f"interrupted after {_many(len(self.rows), 'step')}"
            if not self._weights_are_finite():
                self.good.put_back()
        except Exception as error:
            if not isinstance(error, DivergedError):
                self.history.stopped = f"an error after {_many(len(self.rows), 'step')}: {type(error).__name__}"
                with suppress(AttributeError):
                    error.history = self.history  # type: ignore[attr-defined]
            raise
        finally:
            with _uninterrupted(then=False):
                self.best.put_back()
                self._clear_gradients()
                for module, mode in modes.items():
                    module.training = mode
        return self.history

    def _loop(self) -> None:
        """Epoch after epoch, until the training is over."""
        for epoch in count(1):
            before = len(self.rows)
            for batch in _passes(self.batches):
                self._step(batch, epoch)
                if self.over is None and self._due():
                    self._validate()
                if self.over is not None:
                    return
            if len(self.rows) == before:
                raise CourseError(_no_batch(epoch))
            if self.eval_every is None:
                self._validate()
            if self.over is None and epoch == self.limits.epochs:
                self.over = f"{_many(epoch, 'epoch')} done"
            if self.over is not None:
                return
            if isinstance(self.batches, Iterator):
                raise CourseError(
                    f"The batches ran dry after {_many(len(self.rows), 'step')}, before the training was over: an "
                    "iterator gives its batches once. Give a list, a DataLoader, or a function that returns the "
                    "batches of an epoch."
                )

    def _step(self, batch: Any, epoch: int) -> None:
        """One batch: loss, gradient, clipping, a step of the optimiser, a row of the history."""
        if self.stop:
            raise KeyboardInterrupt
        step = len(self.rows) + 1
        batch = to_device(batch, self.device)
        loss = _checked(self.loss(self.model, batch))
        value = loss.item()
        if not math.isfinite(value):
            self._diverged(f"The loss became {value} at step {step} (epoch {epoch}).", batch)
        self.good.take()  # with these weights the loss is finite
        self._clear_gradients()
        _backward(loss)
        if step == 1 and all(p.grad is None for p in self.parameters):
            raise CourseError(
                "The loss does not depend on the parameters that the optimiser changes: none of them got a gradient. "
                "Does the loss use this model, and was the optimiser made for it?"
            )
        norm = self._clip(step)
        if norm is not None and not math.isfinite(norm):
            self._diverged(f"The gradient's norm became {norm} at step {step} (epoch {epoch}).", batch)
        self.optimizer.step()
        if self.lr_schedule is not None:
            self.lr_schedule.step()
        row = {"step": step, "epoch": epoch, "seconds": self.elapsed, "loss": value, "valid": math.nan}
        self.rows.append(row if norm is None else row | {"gradient_norm": norm})
        self.over = self.limits.over(step, row["seconds"])
        self.bar.move(row, self.history.best)

    def _clip(self, step: int) -> float | None:
        """Clip the gradient as asked; returns its norm before clipping where that is known, and records it if asked."""
        norm = None
        if self.record_gradients:
            norms = gradient_norms(self.parameters)
            norm = math.hypot(*(n for n in norms if n is not None))
            by_name = zip(self.names, (math.nan if n is None else n for n in norms), strict=True)
            self.history._norms.append({"step": step} | dict(by_name))
        if self.clip_norm is not None:
            norm = float(nn.utils.clip_grad_norm_(self.parameters, self.clip_norm))
        if self.clip_value is not None:
            nn.utils.clip_grad_value_(self.parameters, self.clip_value)
        return norm

    def _clear_gradients(self) -> None:
        self.model.zero_grad()
        self.optimizer.zero_grad()

    def _due(self) -> bool:
        """Is it time to validate, in the midst of an epoch?"""
        if self.valid is None:
            return False
        if self.eval_every is not None:
            return len(self.rows) % self.eval_every == 0
        return self.limits.share(len(self.rows), self.elapsed) - self.validated_share >= 1 / CHECKS - 1e-9

    def _validate(self) -> None:
        """Score the model, unless this step was scored, and keep its weights if they are the best so far."""
        if self.valid is None or not math.isnan(self.rows[-1]["valid"]):
            return
        row = self.rows[-1]
        with _evaluating(self.model), _random_kept(self.device):
            score = self._score()
        row["valid"] = score
        self.validated_share = self.limits.share(len(self.rows), self.elapsed)
        if math.isnan(score) or score == -math.inf:
            self._diverged(f"The validation score became {score} after step {len(self.rows)}.", None)
        if score < (self.history.best.valid if self.history.best else math.inf):
            with _uninterrupted():
                self.best.take()
                self.history.best = Best(len(self.rows), int(row["epoch"]), score)
            self.without_better = 0
        else:
            self.without_better += 1
        if self.over is None and self.without_better == self.patience:
            self.over = f"{_many(self.without_better, 'validation')} in a row without a better score"

    def _score(self) -> float:
        valid: Any = self.valid
        if _is_function(valid):
            return _number(valid(self.model))
        losses = [_number(self.loss(self.model, to_device(batch, self.device))) for batch in valid]
        if not losses:
            raise CourseError("There is no batch to validate with: `valid` is empty.")
        return sum(losses) / len(losses)

    def _weights_are_finite(self) -> bool:
        return all(bool(p.detach().isfinite().all()) for p in self.parameters)

    def _check_weights(self) -> None:
        """Did the last update leave numbers? No later loss would notice."""
        if not self._weights_are_finite():
            self._diverged(f"The update at step {len(self.rows)} left weights that are no numbers.", None)

    def _diverged(self, what: str, batch: Any) -> NoReturn:
        """Put the last good weights back and say what happened, and what to try."""
        said = [what]
        if self.rows:
            said.append(f"The last good loss was {self.rows[-1]['loss']:.4g}, at step {len(self.rows)}.")
        norm = self._last_norm()
        if norm is not None:
            said.append(f"The last gradient had the norm {norm:.3g}.")
        with _uninterrupted():
            self.good.put_back()
        if self.history.best is not None:
            kept = f"those of the best validation (step {self.history.best.step})"
        else:
            kept = "the last with which the loss was finite" if self.rows else "those it began with"
        said.append(f"The model's weights are again {kept}; the error's `.history` has the steps so far.")
        if batch is not None and not _finite(batch):
            said.append("The batch itself holds NaN or inf: look at the data first.")
        rate = self.optimizer.param_groups[0].get("lr", math.nan)
        clipping = "" if self.clip_norm or self.clip_value else "clip_norm=1, "
        said.append(
            f"What often helps: a smaller learning rate (now {float(rate):g}), {clipping}a look for log(0), a division "
            "by 0 or the gradient of sqrt(0) in the loss. Go on with a new optimiser; this one may hold NaN."
        )
        self.history.stopped = what.rstrip(".")[0].lower() + what.rstrip(".")[1:]
        raise DivergedError(" ".join(said), self.history)

    def _last_norm(self) -> float | None:
        """The norm of the last gradient before clipping, if it is known."""
        if not self.rows or "gradient_norm" in self.rows[-1]:
            return self.rows[-1]["gradient_norm"] if self.rows else None
        norms = [] if self.clip_value else [n for n in gradient_norms(self.parameters) if n is not None]
        return math.hypot(*norms) if norms else None


# ---------------------------------------------------------------------------------------------------------------------
# What the loop leans on


def gradient_norms(parameters: Iterable[Tensor]) -> list[float | None]:
    """The Euclidean norm of each parameter's gradient; None where it has none."""
    found: list[float | None] = []
    for p in parameters:
        gradient = p.grad.coalesce().values() if p.grad is not None and p.grad.is_sparse else p.grad
        found.append(None if gradient is None else float(torch.linalg.vector_norm(gradient)))
    return found


def to_device(batch: Any, device: torch.device) -> Any:
    """A batch with its tensors on a device, in tuples, named tuples, lists and dicts too; all else as it is."""
    if isinstance(batch, Tensor | nn.utils.rnn.PackedSequence):
        return batch.to(device)
    if isinstance(batch, Mapping):
        return {key: to_device(value, device) for key, value in batch.items()}
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):
        return type(batch)(*(to_device(part, device) for part in batch))
    if isinstance(batch, tuple | list):
        return type(batch)(to_device(part, device) for part in batch)
    return batch


class _Weights:
    """A copy of a model's weights and buffers, taken and put back."""

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.copy: dict[str, Any] | None = None

    def take(self) -> None:
        """Copy them, into the tensors of the last copy where that is possible."""
        state = self.model.state_dict()
        if self.copy is None or self.copy.keys() != state.keys():
            self.copy = {name: _copied(value) for name, value in state.items()}
            return
        for name, value in state.items():
            old = self.copy[name]
            if isinstance(value, Tensor) and isinstance(old, Tensor) and old.shape == value.shape:
                old.copy_(value)
            else:
                self.copy[name] = _copied(value)

    def put_back(self) -> None:
        """Give the model the weights of the last copy, if there is one."""
        if self.copy is not None:
            self.model.load_state_dict(self.copy)


def _copied(value: Any) -> Any:
    return value.detach().clone() if isinstance(value, Tensor) else copy.deepcopy(value)


class _Bar:
    """A progress bar that counts what is limited: steps, seconds, or epochs. It goes to stdout, and leaves nothing."""

    def __init__(self, limits: _Limits, batches: Batches, wanted: bool) -> None:
        self.wanted, self.shown, self.bar = wanted, -math.inf, None
        per_epoch = _length(batches)
        in_epochs = limits.epochs * per_epoch if limits.epochs and per_epoch else None
        steps = [n for n in (limits.steps, in_epochs) if n]
        if steps:
            self.unit, self.total = "step", float(min(steps))
        elif limits.seconds is not None:
            self.unit, self.total = "s", limits.seconds
        else:
            self.unit, self.total = "epoch", float(limits.epochs or 0)

    def __enter__(self) -> _Bar:
        if self.wanted and bars_are_seen():
            from tqdm.auto import tqdm

            self.bar = tqdm(
                total=self.total,
                unit=self.unit,
                file=sys.stdout,
                leave=False,
                disable=False,
                dynamic_ncols=True,
                bar_format="{l_bar}{bar}| {n:.0f} of {total:.0f} {unit}" + self._left() + "{postfix}",
            )
        return self

    def _left(self) -> str:
        return "" if self.unit == "s" else " [{elapsed}, {remaining} left]"

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.total = self.bar.n  # else a notebook keeps the bar, and red: it was not shown to its last step
            self.bar.close()

    def move(self, row: dict[str, float], best: Best | None) -> None:
        """Show where the training is, ten times a second at most."""
        if self.bar is None or row["seconds"] - self.shown < 0.1:
            return
        self.shown = row["seconds"]
        place = {"step": row["step"], "s": row["seconds"], "epoch": row["epoch"] - 1}[self.unit]
        self.bar.n = min(place, self.total)
        self.bar.set_postfix_str(f"loss {row['loss']:.4g}" + (f", best validation {best.valid:.4g}" if best else ""))


@contextmanager
def _stop_button() -> Iterator[list[int]]:
    """Remembers that ■ was pressed. Python drops a KeyboardInterrupt that falls into a finaliser; the list does not."""
    pressed: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield pressed
        return

    def note(number: int, frame: Any) -> None:
        pressed.append(number)
        before(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _uninterrupted(then: bool = True) -> Iterator[None]:
    """Holds ■ back while weights are copied, so that no copy is left half done; `then`: does it count afterwards?"""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before if before is not None else signal.SIG_DFL)
    if pressed and then:
        raise KeyboardInterrupt


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    """The model in eval mode and without gradients; each part's mode is put back."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, mode in modes.items():
            module.training = mode


@contextmanager
def _random_kept(device: torch.device) -> Iterator[None]:
    """What happens inside leaves the random numbers as they were: Python's, numpy's, torch's on CPU and device."""
    python, numpy = random.getstate(), np.random.get_state()
    devices = [torch.cuda.current_device() if device.index is None else device.index] if device.type == "cuda" else []
    try:
        with torch.random.fork_rng(devices=devices):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


# ---------------------------------------------------------------------------------------------------------------------
# What was given, and what is said where it cannot be meant


def _check_model(model: object) -> None:
    if not isinstance(model, nn.Module):
        raise CourseError(f"fit(model, batches, loss) needs a torch module to train; the first is {describe(model)}.")
    if any(nn.parameter.is_lazy(p) for p in model.parameters()):
        raise CourseError("The model has lazy layers whose sizes are not known yet: run one batch through it first.")
    if not any(p.requires_grad for p in model.parameters()):
        raise CourseError(
            "The model has no parameters to train: it has none, or requires_grad is False for all of them."
        )


def _check_batches(batches: Any, limits: _Limits) -> None:
    listed = (
        "Give a list of batches, such as [(inputs, targets)], a DataLoader, or a function that returns the batches."
    )
    if isinstance(batches, Dataset) and not isinstance(batches, IterableDataset):
        raise CourseError("`batches` is a dataset of single examples. Wrap it: DataLoader(dataset, batch_size=32).")
    if _is_one_batch(batches):
        raise CourseError(f"`batches` is {describe(batches)}: one batch, it seems, and not a series of them. {listed}")
    if isinstance(batches, nn.Module) or not (callable(batches) or _can_iterate(batches)):
        raise CourseError(f"`batches` is {describe(batches)}. {listed}")
    if _length(batches) == 0:
        raise CourseError("There is nothing to train on: `batches` is empty.")
    if isinstance(batches, Iterator) and limits.steps is None and limits.seconds is None:
        raise CourseError(
            "`batches` is an iterator: it gives its batches once, and may never end. Say steps=… or seconds=…, or give "
            "a list, a DataLoader, or a function that returns the batches of an epoch."
        )


def _is_one_batch(batches: Any) -> bool:
    """Tensors, arrays, tables, strings and dicts, and a tuple of tensors."""
    pair = isinstance(batches, tuple) and bool(batches) and all(isinstance(part, Tensor) for part in batches)
    return pair or isinstance(batches, str | bytes | Mapping) or hasattr(batches, "__array__")


def _check_loss(loss: Any) -> None:
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


def _check_valid(valid: Any, *, patience: object, eval_every: object) -> None:
    if valid is None:
        for name, value in (("patience", patience), ("eval_every", eval_every)):
            if value is not None:
                raise CourseError(
                    f"{name}={value} needs something to validate with: valid=held-out batches or a function."
                )
    elif isinstance(valid, Iterator):
        raise CourseError(
            "`valid` is an iterator, which gives its batches once. Validation comes round again: give a list."
        )
    elif _is_one_batch(valid) or not (_is_function(valid) or _can_iterate(valid)):
        raise CourseError(
            f"`valid` is {describe(valid)}. Give a list of batches, a DataLoader, or a function score(model) whose "
            "lower values are better."
        )


def _optimizer(model: nn.Module, optimizer: Any, lr_schedule: Any, lr: float | None) -> torch.optim.Optimizer:
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
            "The optimiser changes parameters that are not this model's. Was the model made anew after the optimiser? "
            "Make the optimiser again: torch.optim.Adam(model.parameters())."
        )
    return optimizer


def _if_given(check: Callable[..., Any], name: str, value: Any, *bounds: int) -> Any:
    """The value, checked; None stays None."""
    return None if value is None else check(name, value, *bounds)


def _passes(batches: Any) -> Iterable[Any]:
    """The batches of one epoch."""
    given = batches() if _is_function(batches) else batches
    if _is_one_batch(given) or not _can_iterate(given):
        raise CourseError(
            f"The function that should return an epoch's batches returned {describe(given)}. Return a list of "
            "batches, or write it with `yield`."
        )
    return given  # type: ignore[no-any-return]


def _no_batch(epoch: int) -> str:
    if epoch == 1:
        return "There is nothing to train on: the batches are empty."
    return (
        f"Epoch {epoch} gave no batch: what gave the batches of the epoch before is used up. Give a list, a "
        "DataLoader, or a function that makes the batches anew each time."
    )


def _checked(loss: Any) -> Tensor:
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


def _backward(loss: Tensor) -> None:
    try:
        loss.backward()
    except RuntimeError as error:
        if "second time" not in str(error):
            raise
        raise CourseError(
            "This loss reaches back into a batch before, whose gradient was taken already. A state that is carried "
            "from batch to batch must be cut off: state = state.detach()."
        ) from error


def _number(score: Any) -> float:
    """A validation score as a number."""
    try:
        return float(score)
    except (TypeError, ValueError, RuntimeError):
        raise CourseError(f"Validation must give one number; it gave {describe(score)}.") from None


def _is_function(given: Any) -> bool:
    return callable(given) and not _can_iterate(given)


def _can_iterate(given: Any) -> bool:
    return hasattr(given, "__iter__") or hasattr(given, "__getitem__")


def _length(batches: Any) -> int | None:
    """How many batches an epoch has, where that is known."""
    try:
        return len(batches)
    except TypeError:
        return None


def _finite(batch: Any) -> bool:
    """Are all numbers in a batch finite?"""
    if isinstance(batch, Tensor):
        return bool(batch.isfinite().all())
    if isinstance(batch, Mapping):
        return all(map(_finite, batch.values()))
    return all(map(_finite, batch)) if isinstance(batch, tuple | list) else True


def _many(number: int, thing: str) -> str:
    return f"{number:,} {thing}" + ("" if number == 1 else "s")
