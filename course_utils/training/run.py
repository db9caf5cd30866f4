"""What stands around the loop of `fit`: the checks of each step, validation, and a safety net under all of it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LRScheduler

from course_utils.display.settings import trained
from course_utils.errors import CourseError
from course_utils.interrupts import StopButton, uninterrupted
from course_utils.runtime import random_state_kept
from course_utils.training.batches import Batches, Valid, finite, is_function, no_batch, one_epoch, to_device
from course_utils.training.criteria import watched
from course_utils.training.explained import explained
from course_utils.training.history import Best, DivergedError, History, many
from course_utils.training.losses import Loss, as_number, backward, checked
from course_utils.training.progress import Bar
from course_utils.training.schedules import Budget
from course_utils.training.told import (
    batch_text,
    clipping_text,
    examples_in,
    mark_trained,
    optimizer_text,
    seeds_of,
    size_of,
    start_of,
    tell_observers,
)
from course_utils.training.weights import Weights, evaluating, gradient_norms

TOO_LONG = "with CTC for a target that is longer than its clip has frames (leave it out, or zero_infinity=True)"
CHECKS = 20  # in a long epoch, validation comes round after each twentieth of the budget


@dataclass
class Run:
    """One call of `fit`, its arguments checked.

    Attributes:
        over: why the training is over, in words; None while it is not.
    """

    model: nn.Module
    batches: Batches
    loss: Loss
    budget: Budget
    valid: Valid | None
    optimizer: torch.optim.Optimizer
    lr_schedule: LRScheduler | None
    eval_every: int | None
    patience: int | None
    clip_norm: float | None
    clip_value: float | None
    record_gradients: bool
    bar: Bar
    stop: StopButton
    over: str | None = None

    def __post_init__(self) -> None:
        self.history = History(goal=self.budget.steps)
        self.history.valid_is_loss = self.valid is not None and not is_function(self.valid)
        self.history._columns += ("valid",) if self.valid is not None else ()
        self.history._columns += ("gradient_norm",) if self.clip_norm or self.record_gradients else ()
        self.device = next(self.model.parameters()).device
        self.parameters = [p for group in self.optimizer.param_groups for p in group["params"] if p.requires_grad]
        names = {id(p): name for name, p in self.model.named_parameters()}
        self.names = [names[id(p)] for p in self.parameters]
        self.good, self.best = Weights(self.model), Weights(self.model)
        self.epoch = 1
        self.batch: Any = None
        self.norm: float | None = None  # of the gradient of this step, before clipping
        self.without_better = 0
        self.for_validation = Budget(self.budget.steps, None, self.budget.seconds)
        self.validated_share = 0.0
        self.batch_sizes: Counter[int] = Counter()
        self.history.settings = trained(
            start=start_of(self.model),
            learning_rate=optimizer_text(self.optimizer, self.lr_schedule),
            clipping=clipping_text(self.clip_norm, self.clip_value),
            steps="",
            batch="",
            size=size_of(self.model),
            seeds=seeds_of(self.model),
            augmentation=getattr(self.batches, "augmentation", "" if is_function(self.batches) else "none"),
        )

    @property
    def rows(self) -> list[dict[str, float]]:
        """The steps so far."""
        return self.history._rows

    def guarded(self, loop: Callable[[Run], None]) -> History:
        """The loop inside its safety net: however it ends, model and history are whole."""
        modes = {module: module.training for module in self.model.modules()}
        try:
            if not self.model.training:
                self.model.train()
            self.good.take()
            with torch.inference_mode(False), torch.enable_grad(), self.bar:
                self.stop.at_once = True
                loop(self)
                self._check_weights()
                self.validate()
                self.stop.at_once = False
            self.history.stopped = str(self.over)
        except KeyboardInterrupt:
            self.stop.at_once = False  # pressed twice, ■ breaks nothing of what follows
            self.history.interrupted = True
            self.history.stopped = f"interrupted after {self._steps_of_goal()}"
            if not self.rows or not self._weights_are_finite():
                self.good.put_back()
        except Exception as error:
            if not isinstance(error, DivergedError):
                self.history.stopped = f"an error after {many(len(self.rows), 'step')}: {type(error).__name__}"
                with suppress(AttributeError):
                    error.history = self.history  # type: ignore[attr-defined]
            raise
        finally:
            self.stop.at_once = False
            self.best.put_back()
            self.clear_gradients()
            for module, mode in modes.items():
                module.training = mode
            self._tell()
        return self.history

    def _tell(self) -> None:
        """Complete what the history tells, and leave a note on the model that it was trained."""
        history = self.history
        history.settings = history.settings.with_parts(batch=batch_text(self.batch_sizes))
        told = history.described()
        mark_trained(self.model, len(self.rows), told)
        tell_observers(told)

    # --- a step

    def batches_of(self, epoch: int) -> Iterator[Any]:
        """The batches of one epoch, on the model's device."""
        self.epoch = epoch
        before = len(self.rows)
        for batch in one_epoch(self.batches):
            if self.stop.pressed:
                raise KeyboardInterrupt
            if (examples := examples_in(batch)) is not None:
                self.batch_sizes[examples] += 1
            yield to_device(batch, self.device)
        if len(self.rows) == before:
            raise CourseError(no_batch(epoch))

    def loss_of(self, batch: Any) -> Tensor:
        """The loss of a batch, if it is one finite number that has a gradient."""
        loss = checked(self._loss_on(batch))
        value = loss.item()
        if not math.isfinite(value):
            self._diverged(f"The loss became {value} at {self._position()}.", batch)
        if self.rows:  # else they are those it began with, and buffers (batch norm) as they were
            self.good.take()  # with these weights the loss is finite
        self.norm, self.batch = None, batch
        return loss

    def _loss_on(self, batch: Any) -> Any:
        """What the loss function returns; the first time it is watched, and what it raises is explained."""
        try:
            if self.rows:
                return self.loss(self.model, batch)
            with watched(self.model, batch):
                return self.loss(self.model, batch)
        except (RuntimeError, ValueError, TypeError, IndexError, AttributeError) as error:
            if told := explained(error, examples_in(batch), self.batch_sizes):
                raise told from error
            raise

    def clear_gradients(self) -> None:
        """Those of the model and of the optimiser, which may know more parameters or fewer."""
        self.model.zero_grad()
        self.optimizer.zero_grad()

    def backward(self, loss: Tensor) -> None:
        """The gradient of the loss in the parameters; at the first step, is there any?"""
        backward(loss)
        if not self.rows and all(p.grad is None for p in self.parameters):
            raise CourseError(
                "The loss does not depend on the parameters that the optimiser changes: none of them got a gradient. "
                "Does the loss use this model, and was the optimiser made for it?"
            )

    def clip_gradients(self) -> None:
        """Clip and record the norms before clipping, where wanted; stop at a norm that is not a number."""
        if self.record_gradients:
            norms = gradient_norms(self.parameters)
            self.norm = math.hypot(*(n for n in norms if n is not None))
            by_name = zip(self.names, (math.nan if n is None else n for n in norms), strict=True)
            self.history._norms.append({"step": len(self.rows) + 1} | dict(by_name))
        if self.clip_norm is not None:
            self.norm = float(nn.utils.clip_grad_norm_(self.parameters, self.clip_norm))
        if self.clip_value is not None:
            nn.utils.clip_grad_value_(self.parameters, self.clip_value)
        if self.norm is not None and not math.isfinite(self.norm):
            self._diverged(f"The gradient's norm became {self.norm} at {self._position()}.", self.batch)

    def note(self, loss: Tensor) -> None:
        """A row of the history; is the training over with it?"""
        step, seconds = len(self.rows) + 1, self.budget.elapsed
        row = {"step": step, "epoch": self.epoch, "seconds": seconds, "loss": loss.item(), "valid": math.nan}
        self.rows.append(row if self.norm is None else row | {"gradient_norm": self.norm})
        self.over = self.budget.over(step, seconds)
        self.history.out_of_time = self.over is not None and step != self.budget.steps
        self.bar.move(row, self.history.best)

    def end_epoch(self, epoch: int) -> None:
        """Validate where nothing else says when; was it the last epoch, or can there be no other?"""
        if self.eval_every is None:
            self.validate()
        if self.over is None and epoch == self.budget.epochs:
            self.over = f"{many(epoch, 'epoch')} done"
        if self.over is None and isinstance(self.batches, Iterator):
            raise CourseError(
                f"The batches ran out after {many(len(self.rows), 'step')}, before the training was over: an "
                "iterator gives its batches once. Give a list, a DataLoader, or a function that returns the "
                "batches of an epoch."
            )

    # --- validation

    def validation_is_due(self) -> bool:
        """Is it time to validate, in the midst of an epoch? The last step is validated in any case."""
        if self.valid is None or self.over is not None:
            return False
        if self.eval_every is not None:
            return len(self.rows) % self.eval_every == 0
        return self.for_validation.spent(len(self.rows)) - self.validated_share >= 1 / CHECKS - 1e-9

    def validate(self) -> None:
        """Score the model, unless this step was scored, and keep its weights if they are the best so far."""
        if self.valid is None or not math.isnan(self.rows[-1]["valid"]):
            return
        row = self.rows[-1]
        with evaluating(self.model), random_state_kept(self.device):
            score = self._score()
        lost = math.isnan(score) or score == -math.inf
        better = not lost and score < (self.history.best.valid if self.history.best else math.inf)
        with uninterrupted():  # a score in the table and the weights that earned it belong together
            row["valid"] = score
            if better:
                self.best.take()
                self.history.best = Best(len(self.rows), int(row["epoch"]), score)
        self.validated_share = self.for_validation.spent(len(self.rows))
        if lost:
            self._diverged(f"The validation score became {score} after step {len(self.rows)}.", None)
        if better:
            self.without_better = 0
        else:
            self.without_better += 1
        if self.over is None and self.without_better == self.patience:
            self.over = f"{many(self.without_better, 'validation')} in a row without a better score"

    def _score(self) -> float:
        valid: Any = self.valid
        if is_function(valid):
            return as_number(valid(self.model))
        losses = [as_number(self._loss_on(to_device(batch, self.device))) for batch in valid]
        if not losses:
            raise CourseError("There is no batch to validate with: `valid` is empty.")
        return sum(losses) / len(losses)

    # --- numbers that are none

    def _steps_of_goal(self) -> str:
        made = len(self.rows)
        return many(made, "step") if self.budget.steps is None else f"{made:,} of {many(self.budget.steps, 'step')}"

    def _position(self) -> str:
        return f"step {len(self.rows) + 1} (epoch {self.epoch})"

    def _weights_are_finite(self) -> bool:
        return all(bool(p.detach().isfinite().all()) for p in self.parameters)

    def _check_weights(self) -> None:
        """Did the last update leave numbers? No later loss would notice."""
        if not self._weights_are_finite():
            self._diverged(f"The update at step {len(self.rows)} left weights that are not numbers.", None)

    def _diverged(self, what: str, batch: Any) -> NoReturn:
        """Put the last good weights back and say what happened, and what to try."""
        sentences = [what]
        if self.rows:
            sentences.append(f"The last good loss was {self.rows[-1]['loss']:.4g}, at step {len(self.rows)}.")
        norm = self._last_norm()
        if norm is not None:
            sentences.append(f"The last gradient had the norm {norm:.3g}.")
        with uninterrupted():
            self.good.put_back()
        if self.history.best is not None:
            restored = f"those of the best validation (step {self.history.best.step})"
        else:
            restored = "the last with which the loss was finite" if self.rows else "those it began with"
        sentences.append(f"The model's weights are again {restored}; the error's `.history` has the steps so far.")
        if batch is not None and not finite(batch):
            sentences.append("The batch itself holds NaN or inf: look at the data first.")
        sentences.append(self._advice(what))
        self.history.stopped = what.rstrip(".")[0].lower() + what.rstrip(".")[1:]
        raise DivergedError(" ".join(sentences), self.history)

    def _advice(self, what: str) -> str:
        """What to try: before the first step no learning rate can be to blame."""
        if self.rows:
            first, last = self.rows[0]["loss"], self.rows[-1]["loss"]
            jumped = " inf " in what and abs(last) <= 10 * abs(first)
            rate = self.optimizer.param_groups[0].get("lr", math.nan)
            clipping = "" if self.clip_norm or self.clip_value else "clip_norm=1, "
            return (
                f"{'The loss was not growing before: look at this batch first. ' if jumped else ''}What often helps: a "
                f"smaller learning rate (now {float(rate):g}), {clipping}a look for log(0), a division by 0 or the "
                f"gradient of sqrt(0) in the loss{f', {TOO_LONG}' if jumped else ''}. Go on with a new optimiser; this "
                "one may hold NaN."
            )
        if not self._weights_are_finite():
            return "The model's weights are not finite themselves: make the model again, or load weights that are."
        return (
            "No step has been made yet, so neither the learning rate nor clipping is to blame, but the loss of this "
            "batch. Look for log(0), a division by 0 or the gradient of sqrt(0) in it; for a mean over nothing (all "
            "targets masked or passed over); for a row of a softmax that is masked as a whole; for inputs that are not "
            f"scaled; {TOO_LONG}."
        )

    def _last_norm(self) -> float | None:
        """The norm of the last gradient before clipping, if it is known."""
        if not self.rows or "gradient_norm" in self.rows[-1]:
            return self.rows[-1]["gradient_norm"] if self.rows else None
        norms = [] if self.clip_value else [n for n in gradient_norms(self.parameters) if n is not None]
        return math.hypot(*norms) if norms else None
