"""What a training really does, read off the objects that do it: start, optimiser, schedule, clipping, batches, size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import CosineAnnealingLR, LRScheduler

from course_utils.display.numbers import short
from course_utils.display.settings import Settings

OWN_START = "torch's own"
NO_SEED = 67280421310721  # what torch counts as its seed where nobody has set one
_observers: list[list[Settings]] = []


# --- where the weights come from


def mark_start(module: nn.Module, text: str, *, seed: int | None = None, afresh: bool = False) -> None:
    """Note on a module how its first weights were made; `start_of` tells it.

    Args:
        module: whose weights were set.
        text: how.
        seed: of the random numbers, where they came from a generator.
        afresh: all weights were drawn again, and earlier notes count no longer.
    """
    module.__dict__.pop("_trained_by", None)
    notes: list[str] = [] if afresh else module.__dict__.get("_start_notes", [])
    module.__dict__["_start_notes"] = [*notes, text]
    if afresh:
        module.__dict__.pop("_steps_trained", None)
    if seed is not None:
        module.__dict__["_start_seed"] = seed


def mark_trained(model: nn.Module, steps: int, settings: Settings) -> None:
    """Note on a model that it was trained for some steps more; and on each of its modules, how."""
    if steps:
        model.__dict__["_steps_trained"] = model.__dict__.get("_steps_trained", 0) + steps
        for module in model.modules():
            module.__dict__["_trained_by"] = settings


def trained_by(module: nn.Module) -> Settings | None:
    """How a module was trained last, alone or as a part of a network; None where `fit` did not train it."""
    found: Settings | None = module.__dict__.get("_trained_by")
    return found


def start_of(model: nn.Module) -> str:
    """How a model's weights were made: by an earlier training, as was noted, or else as torch draws them."""
    if steps := model.__dict__.get("_steps_trained"):
        return f"the weights after {steps:,} steps of training"
    notes = [note for module in model.modules() for note in module.__dict__.get("_start_notes", [])]
    return ", then ".join(dict.fromkeys(notes)) or OWN_START


def seeds_of(model: nn.Module) -> str:
    """Of which random numbers a model was drawn, as far as it is known; else torch's seed."""
    seeds = sorted({module.__dict__["_start_seed"] for module in model.modules() if "_start_seed" in module.__dict__})
    if seeds:
        return f"{', '.join(map(str, seeds))} (weights)"
    return "none set" if torch.initial_seed() == NO_SEED else f"{torch.initial_seed()} (torch's)"


# --- optimiser and clipping


def optimizer_text(optimizer: torch.optim.Optimizer, lr_schedule: LRScheduler | None = None) -> str:
    """Such as "Adam, 0.003, falling to 0 as a cosine"; weight decay and momentum where there are any."""
    groups = optimizer.param_groups
    rates = list(dict.fromkeys(short(float(group.get("initial_lr", group["lr"]))) for group in groups))
    parts = [type(optimizer).__name__, " and ".join(rates)]
    parts += [schedule_text(lr_schedule)] if lr_schedule is not None else []
    for name in ("momentum", "weight_decay"):
        values = list(dict.fromkeys(short(float(group[name])) for group in groups if name in group))
        if any(value != "0" for value in values):
            parts.append(f"{name.replace('_', ' ')} {' and '.join(values)}")
    return ", ".join(parts)


def schedule_text(schedule: LRScheduler) -> str:
    """How a schedule moves the rate, in words."""
    if isinstance(schedule, CosineAnnealingLR):
        return f"falling to {short(float(schedule.eta_min))} as a cosine"
    for function in getattr(schedule, "lr_lambdas", []):
        if (words := getattr(getattr(function, "__self__", None), "words", None)) is not None:
            return str(words)
        return "times a function of the step"
    parts = getattr(schedule, "_schedulers", [])
    return " and ".join(map(schedule_text, parts)) or f"moved by {type(schedule).__name__}"


def clipping_text(clip_norm: float | None, clip_value: float | None) -> str:
    """Such as "norm at most 1"."""
    if clip_norm is not None:
        return f"norm at most {short(clip_norm)}"
    return "none" if clip_value is None else f"each entry at most ±{short(clip_value)}"


# --- batches and size


def examples_in(batch: Any) -> int | None:
    """How many examples a batch has: the length of its first tensor; None where it holds none."""
    if isinstance(batch, Tensor):
        return len(batch) if batch.ndim else None
    if isinstance(batch, nn.utils.rnn.PackedSequence):
        return int(batch.batch_sizes[0])
    parts = batch.values() if isinstance(batch, Mapping) else batch if isinstance(batch, tuple | list) else ()
    return next((count for part in parts if (count := examples_in(part)) is not None), None)


def batch_text(sizes: Counter[int]) -> str:
    """Such as "32", "8 to 64", "none": how many examples the steps saw."""
    if not sizes:
        return ""
    usual, count = sizes.most_common(1)[0]
    if 4 * count >= 3 * sizes.total():
        return f"{usual:,}"
    return f"{min(sizes):,} to {max(sizes):,}"


def size_of(model: nn.Module) -> str:
    """Units of the recurrent layers, and how many parameters learn."""
    layers = [module for module in model.modules() if isinstance(module, nn.RNNBase)]
    units = [f"{layer.mode.split('_')[0]} of {layer.hidden_size} units" for layer in layers]
    learn = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    fixed = sum(weight.numel() for weight in model.parameters()) - learn
    parameters = f"{learn:,} parameters" + (f", {fixed:,} more stay as they are" if fixed else "")
    counted = [f"{count} × {unit}" if count > 1 else unit for unit, count in Counter(units).items()]
    return ", ".join([*counted, parameters])


# --- trainings that are watched


@contextmanager
def observed() -> Iterator[list[Settings]]:
    """The settings of every training that is made inside, in a list that fills as they end."""
    found: list[Settings] = []
    _observers.append(found)
    try:
        yield found
    finally:
        _observers[:] = [other for other in _observers if other is not found]


def tell_observers(settings: Settings) -> None:
    """A training has ended: those who watch hear of it."""
    for found in _observers:
        found.append(settings)
