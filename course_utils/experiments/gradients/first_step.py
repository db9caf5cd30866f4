"""What makes the second gradient of a ReLU network from the identity huge: each kind of weight moved by itself."""

from __future__ import annotations

import torch

from course_utils.display.settings import Settings, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import size_text
from course_utils.experiments.long_memory.starting_points import BATCH, started
from course_utils.experiments.tasks.adding import Adding
from course_utils.experiments.tasks.task import Batch
from course_utils.nn.sequence_model import SequenceModel

MOVED: dict[str, tuple[str, ...]] = {  # what makes the first step, and how the names of these weights begin
    "all weights": ("core.", "readout."),
    "all but W_hh": ("core.weight_ih", "core.bias", "readout."),
    "the biases alone": ("core.bias",),
    "the input weights alone": ("core.weight_ih",),
    "W_hh alone": ("core.weight_hh",),
}


def measure(seed: int, *, start: str, seq_len: int, hidden_size: int, lr: float) -> list[Row]:
    """Make the first step of plain gradient descent with some of the weights, and look at the gradient after it.

    Args:
        seed: of weights and data.
        start: as in `starting_points.STARTS`.
        seq_len: T of the adding problem.
        hidden_size: H.
        lr: learning rate.

    Returns:
        A row for each of MOVED: `moved`; `times_the_first`, the norm of the gradient on the second batch, as a
        multiple of that on the first; and the `largest_state` at the end of any sequence of the second batch.
    """
    task, model = Adding(seq_len), started(start, hidden_size, seed)
    batches = task.batches(BATCH, seed)
    first_batch, second_batch = next(batches), next(batches)
    first = _gradient_norm(model, task, first_batch)
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    step = {name: lr * weight.grad for name, weight in model.named_parameters() if weight.grad is not None}
    rows: list[Row] = []
    for moved, kinds in MOVED.items():
        with torch.no_grad():
            for name, weight in model.named_parameters():
                weight.copy_(before[name] - step[name] if name.startswith(kinds) else before[name])
            largest = model.states(second_batch.x)[:, -1].abs().max()
        second = _gradient_norm(model, task, second_batch)
        rows.append({"moved": moved, "times_the_first": second / first, "largest_state": float(largest)})
    return rows


def _gradient_norm(model: SequenceModel, task: Adding, batch: Batch) -> float:
    """The norm of the gradient of all weights together, which are left with it."""
    model.zero_grad()
    task.loss(model(batch.x), batch).backward()
    parts = [weight.grad.norm() for weight in model.parameters() if weight.grad is not None]
    return float(torch.stack(parts).norm())


def told(*, start: str, seq_len: int, hidden_size: int, lr: float) -> Settings:
    """What a reader must know of the step."""
    return trained(
        start=start,
        learning_rate=f"plain gradient descent, {lr:g}",
        clipping="none",
        steps="1, made by the weights that each row names",
        batch=f"{BATCH}",
        size=size_text("rnn", 2, hidden_size, 1),
        note=f"adding over {seq_len} steps",
    )


EXPERIMENT = Experiment(
    name="first_step",
    version=1,
    measure=measure,
    seeds=tuple(range(10)),
    settings={"start": "ReLU, identity (IRNN)", "seq_len": 100, "hidden_size": 32, "lr": 0.005},
    quick={"seq_len": 10, "hidden_size": 16},
    told=told,
)
