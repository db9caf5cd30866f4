"""`fit`, and the loop at its heart."""

from __future__ import annotations

from itertools import count
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import LRScheduler

from course_utils.checks import check_positive, check_whole
from course_utils.errors import CourseError
from course_utils.interrupts import StopButton
from course_utils.runtime import prepare_optimizers
from course_utils.training.arguments import (
    check_batches,
    check_loss,
    check_model,
    check_valid,
    if_given,
    optimizer_for,
    renamed,
)
from course_utils.training.batches import Batches, Valid, length
from course_utils.training.history import History
from course_utils.training.losses import Loss
from course_utils.training.progress import Bar
from course_utils.training.run import Run
from course_utils.training.schedules import Budget


def loop(run: Run) -> None:
    """Epoch after epoch, batch after batch, until the training is over."""
    for epoch in count(1):
        for batch in run.batches_of(epoch):
            step(run, batch)
            if run.validation_is_due():
                run.validate()
            if run.over:
                return
        run.end_epoch(epoch)
        if run.over:
            return


def step(run: Run, batch: Any) -> None:
    """A step of any loop in torch. What `fit` adds to it (checks, records, ■) is in `run`."""
    loss = run.loss_of(batch)  # forward: one number for the batch
    run.clear_gradients()
    run.backward(loss)  # the gradient of this number in every weight
    run.clip_gradients()
    run.optimizer.step()  # the weights move a little against it
    if run.lr_schedule is not None:
        run.lr_schedule.step()
    run.note(loss)


@renamed(optimiser="optimizer", valid_every="eval_every", scheduler="lr_schedule")
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
        valid: what to validate with: batches, with their mean loss as the score (each batch counts the same), or a
            function score(model). **Lower is better**; for accuracy return the error rate.
        eval_every: validate each time after this number of steps. Default: after each epoch, and within a long one
            after each twentieth of `steps` or `seconds`. The last step is always validated.
        patience: stop after this number of validations in a row without a better score.
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
    check_model(model)
    steps, epochs = if_given(check_whole, "steps", steps, 1), if_given(check_whole, "epochs", epochs, 1)
    seconds = if_given(check_positive, "seconds", seconds)
    if steps is None and epochs is None and seconds is None:
        raise CourseError("Say how long to train: fit(…, steps=1000), epochs=5, seconds=30, or several of them.")
    check_batches(batches, steps, seconds)
    check_loss(loss)
    check_valid(valid, patience=patience, eval_every=eval_every)
    if clip_norm is not None and clip_value is not None:
        raise CourseError("clip_norm and clip_value are two ways to clip; give one of them.")
    with StopButton() as stop:
        prepare_optimizers()
        budget = Budget(steps, epochs, seconds, per_epoch=length(batches))
        run = Run(
            model=model,
            batches=batches,
            loss=loss,
            budget=budget,
            valid=valid,
            optimizer=optimizer_for(model, optimizer, lr_schedule, if_given(check_positive, "lr", lr)),
            lr_schedule=lr_schedule,
            eval_every=if_given(check_whole, "eval_every", eval_every, 1),
            patience=if_given(check_whole, "patience", patience, 1),
            clip_norm=if_given(check_positive, "clip_norm", clip_norm),
            clip_value=if_given(check_positive, "clip_value", clip_value),
            record_gradients=record_gradients,
            bar=Bar(budget, progress),
            stop=stop,
        )
        return run.guarded(loop)
