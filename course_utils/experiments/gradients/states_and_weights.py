"""Claims C14 and C31: when state and weights change, what goes to zero (the gradient), what is fed back (the state)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from course_utils.display.settings import Settings, each, trained, untrained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIP_NORM, CLIPPED, size_text
from course_utils.experiments.gradients.gradient_flow import along, left_at, state_gradients, step_of, zero_state
from course_utils.experiments.tasks.adding import Adding
from course_utils.nn.sequence_model import SequenceModel
from course_utils.training import fit

LR, ADAM_LR, BATCH = 0.05, 0.001, 32
WAYS = {"one sequence": (1, 1), "batches of 4": (4, 1), "cut into 4 windows": (1, 4)}  # sequences, windows in each step


def count_changes(model: SequenceModel, task: Adding, episodes: int, batch_size: int, windows: int, seed: int) -> Row:
    """Train for some episodes (whole sequences), and count how often the weights and the state change.

    Args:
        model: a network to train.
        task: what it is trained on.
        episodes: how many sequences it sees; a multiple of `batch_size`.
        batch_size: sequences in an optimiser step.
        windows: the sequence is cut into so many, with an optimiser step after each (truncated backpropagation).
        seed: of the data.

    Returns:
        `episodes`, `optimiser_steps`, `weight_changes`, and of one sequence `time_steps` and `state_changes`.
    """
    optimizer = torch.optim.SGD(model.parameters(), lr=LR)
    weights = snapshot(model)
    counted = {"episodes": episodes, "optimiser_steps": 0, "weight_changes": 0, "time_steps": 0, "state_changes": 0}
    draws = task.batches(batch_size, seed)
    for _ in range(episodes // batch_size):
        batch, state = next(draws), None
        for part in batch.x.chunk(windows, dim=1):
            states, last = model.core(part, state)
            before = states[:, :1] * 0 if state is None else state.transpose(0, 1)
            moved = torch.cat([before, states[:, :-1]], dim=1) != states
            counted["time_steps"] += part.shape[1]
            counted["state_changes"] += int(moved.any(dim=2).any(dim=0).sum())
            state = last.detach()
            optimizer.zero_grad()
            (model.readout(states[:, -1])[:, 0] - batch.y).square().mean().backward()
            optimizer.step()
            now = snapshot(model)
            counted["optimiser_steps"] += 1
            counted["weight_changes"] += int(not torch.equal(now, weights))
            weights = now
    return counted


def snapshot(model: nn.Module) -> Tensor:
    """All weights of a model in one vector."""
    return torch.cat([p.detach().flatten() for p in model.parameters()]).clone()


def measure_changes(seed: int, *, seq_len: int, episodes: int) -> list[Row]:
    """Count changes in three ways to train.

    Returns:
        A row for each way: `training`, what `count_changes` counts, `weight_changes_per_episode`,
        `weight_changes_per_optimiser_step` and `state_changes_per_time_step`.
    """
    rows = []
    for way, (batch_size, windows) in WAYS.items():
        torch.manual_seed(seed)
        model = SequenceModel("rnn", 2, 8, 1)
        row = count_changes(model, Adding(seq_len), episodes, batch_size, windows, seed)
        row["weight_changes_per_episode"] = row["weight_changes"] / row["episodes"]
        row["weight_changes_per_optimiser_step"] = row["weight_changes"] / row["optimiser_steps"]
        row["state_changes_per_time_step"] = row["state_changes"] / row["time_steps"]
        rows.append({"training": way, **row})
    return rows


def measure_still(seed: int, *, seq_len: int) -> list[Row]:
    """Count the changes of a state whose inputs stay as they are, in untrained networks of 8 units.

    Args:
        seed: of weights and of the one input.
        seq_len: T.

    Returns:
        A row for tanh and one for ReLU: `units` and `state_changes_per_time_step`.
    """
    rows = []
    for units, cell in (("tanh", "rnn"), ("ReLU", "relu_rnn")):
        torch.manual_seed(seed)
        model = SequenceModel(cell, 2, 8, 1)
        with torch.no_grad():
            states = model.states(torch.rand(1, 1, 2).expand(1, seq_len, 2))[0]
        moved = torch.cat([torch.zeros_like(states[:1]), states[:-1]]) != states
        rows.append({"units": units, "state_changes_per_time_step": float(moved.any(dim=1).double().mean())})
    return rows


def told_still(*, seq_len: int) -> Settings:
    """What a reader must know of the networks."""
    return untrained("torch's own", size=size_text("rnn", 2, 8, 1), note=f"the same input at each of {seq_len:,} steps")


def measure_zero_weights(seed: int, *, lengths: list[int], steps: int) -> list[Row]:
    """Train an RNN on short and on long sequences, and look at its weights and at what is fed back.

    Returns:
        A row for each length: `weights_left` (‖W_hh‖ after training as a share of that before), `log10_left`
        (of the gradient in the state, what is left at the first step), and `state_moved` (largest change of any state
        after the read-out, which makes the output, was replaced; `output_moved`: that of the outputs).
    """
    rows = []
    for length in lengths:
        task = Adding(length)
        torch.manual_seed(seed)
        model = SequenceModel("rnn", 2, 32, 1)
        before = recurrent_norm(model)
        batches = task.batches(BATCH, seed)
        fit(model, batches, task.objective, steps=steps, lr=ADAM_LR, clip_norm=CLIP_NORM, progress=False)
        left = recurrent_norm(model) / before
        held_out = task.held_out(64, seed)
        rows.append(
            {
                "length": length,
                "weights_left": left,
                **_first_and_last(model, held_out.x),
                **_read_out(model, held_out.x),
            }
        )
    return rows


def recurrent_norm(model: SequenceModel) -> float:
    """‖W_hh‖, the root of the sum of all squares."""
    return float(dict(model.core.named_parameters())["weight_hh_l0"].detach().norm())


def _first_and_last(model: SequenceModel, x: Tensor) -> Row:
    """‖∂output/∂h_1‖ as a share of ‖∂output/∂h_T‖, in float64."""
    core = model.core.double()
    norms = state_gradients(step_of(core), x.double(), zero_state(core, len(x)), along(core))
    (row,) = left_at(norms, [x.shape[1] - 1])
    model.float()
    return {"log10_left": row["log10_left"]}


@torch.no_grad()
def _read_out(model: SequenceModel, x: Tensor) -> Row:
    states, outputs = model.states(x), model(x)
    model.readout.weight.mul_(-2.0)
    model.readout.bias.add_(1.0)
    return {
        "state_moved": float((model.states(x) - states).abs().max()),
        "output_moved": float((model(x) - outputs).abs().max()),
    }


def told_changes(*, seq_len: int, episodes: int) -> Settings:
    """What a reader must know of the trainings."""
    ways = {way: f"{batch}" for way, (batch, _) in WAYS.items()}
    return trained(
        start="torch's own",
        learning_rate=f"SGD, {LR:g}",
        clipping="none",
        steps=f"as many as {episodes} sequences of {seq_len} steps give; counted in the rows",
        batch=each(ways),
        size=size_text("rnn", 2, 8, 1),
    )


def told_zero_weights(*, steps: int, **_: Any) -> Settings:
    """What a reader must know of the trainings."""
    return trained(
        start="torch's own",
        learning_rate=f"Adam, {ADAM_LR:g}",
        clipping=CLIPPED,
        steps=f"{steps:,}",
        batch=f"{BATCH}",
        size=size_text("rnn", 2, 32, 1),
    )


EXPERIMENTS = (
    Experiment(
        name="what_changes",
        version=1,
        measure=measure_changes,
        told=told_changes,
        seeds=tuple(range(10)),
        settings={"seq_len": 40, "episodes": 40},
        quick={"seq_len": 12, "episodes": 8},
    ),
    Experiment(
        name="unchanging_input",
        version=1,
        measure=measure_still,
        told=told_still,
        seeds=tuple(range(490, 500)),
        settings={"seq_len": 1000},
        quick={"seq_len": 50},
    ),
    Experiment(
        name="zero_weights",
        version=1,
        measure=measure_zero_weights,
        told=told_zero_weights,
        seeds=tuple(range(10)),
        settings={"lengths": [20, 200], "steps": 500},
        quick={"steps": 20},
    ),
)
