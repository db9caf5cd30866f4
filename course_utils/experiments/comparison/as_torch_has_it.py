"""Claim C19: seconds of a training step for torch's own RNN layer beside feedforward networks, with torch's defaults.

`seconds_by_length` times the networks of the grid, whose RNN has a backward pass written by hand, and takes numbers
below 10⁻³⁸ as 0. Nobody who calls `torch.nn.RNN` has either. Here the layer is torch's, forward and backward, and tiny
numbers are kept. Beside it stand four networks without a recurrence; one of them sees the last step alone.
"""

from __future__ import annotations

import torch
from torch import nn

from course_utils.display.settings import Settings, untrained
from course_utils.experiments.comparison.networks import OWN, WITHIN, Shape, build_network, equal_sizes, size_of
from course_utils.experiments.comparison.seconds_by_length import (
    BATCH,
    LastStep,
    TorchOwn,
    log10_seconds,
    seconds_of,
)
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.nn.parameters import parameters_count
from course_utils.nn.sequence_model import SequenceModel
from course_utils.runtime import seeded

LAST, WHOLE, EACH = "feedforward, last step only", "feedforward, all steps", "feedforward, at each step"
NETWORKS = ("RNN", "ReLU RNN", LAST, WHOLE, "convolution", "Transformer")


class WholeSequence(nn.Module):
    """A feedforward network with one hidden layer on all steps of a sequence, side by side.

    Args:
        seq_len: T.
        hidden_size: H.
        seed: of its weights.
    """

    def __init__(self, seq_len: int, hidden_size: int, seed: int) -> None:
        super().__init__()
        with seeded(seed):
            layers = (nn.Linear(2 * seq_len, hidden_size), nn.Tanh(), nn.Linear(hidden_size, 1))
        self.net = nn.Sequential(nn.Flatten(), *layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, T, 2) → (B, 1, 1)."""
        outputs: torch.Tensor = self.net(x)[:, None]
        return outputs


def network(name: str, seq_len: int, seed: int) -> nn.Module:
    """One of `NETWORKS` for the adding problem, untrained, from torch's own first weights.

    All have as many parameters as the LSTM of the grid within 2 %, but for the feedforward network on all steps: it has
    as many hidden units as the RNN, and so at 512 steps twenty times as many weights.
    """
    shape = Shape(2, 1, seq_len)
    sizes = equal_sizes(shape)
    if name == LAST:
        return LastStep(size_of("LSTM", shape, sizes["LSTM"]), seed)
    if name == WHOLE:
        return WholeSequence(seq_len, sizes["RNN"][0], seed)
    key = "IRNN" if name == "ReLU RNN" else name
    model = build_network(key, shape, sizes[key], OWN, seq_len, seed)
    return TorchOwn(model) if isinstance(model, SequenceModel) else model


def measure(seed: int, *, seq_lens: list[int], repeats: int, most_attention: int) -> list[Row]:
    """Time every network at every length.

    Args:
        seed: of weights and data.
        seq_lens: T.
        repeats: training steps of which the median is taken.
        most_attention: the longest T at which the Transformer is timed; its memory grows as T².

    Returns:
        A row for each network and length: `network`, `seq_len`, `parameters`, `seconds` and `log10_seconds`.
    """
    rows: list[Row] = []
    for seq_len in seq_lens:
        for name in NETWORKS:
            if name == "Transformer" and seq_len > most_attention:
                continue
            model = network(name, seq_len, seed)
            seconds = seconds_of(model, seq_len, repeats, seed, flush=False)
            row = {"network": name, "seq_len": seq_len, "parameters": parameters_count(model)}
            rows.append({**row, "seconds": seconds, "log10_seconds": log10_seconds(seconds)})
    return rows


class EachStep(nn.Module):
    """A feedforward network that answers at each step: the work of an RNN, without its state.

    Args:
        hidden_size: H, of both of its hidden layers.
        seed: of its weights.
    """

    def __init__(self, hidden_size: int, seed: int) -> None:
        super().__init__()
        with seeded(seed):
            first = (nn.Linear(2, hidden_size), nn.Tanh())
            self.net = nn.Sequential(*first, nn.Linear(hidden_size, hidden_size), nn.Tanh(), nn.Linear(hidden_size, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, T, 2) → (B, T, 1)."""
        outputs: torch.Tensor = self.net(x)
        return outputs


def measure_each(seed: int, *, seq_lens: list[int], batches: list[int], repeats: int) -> list[Row]:
    """Time RNNs and a feedforward network that do the same work at each step, and answer at each.

    Args:
        seed: of weights and data.
        seq_lens: T.
        batches: how many sequences a training step sees.
        repeats: training steps of which the median is taken.

    Returns:
        A row for each network, length and batch: `network`, `seq_len`, `batch`, `parameters`, `seconds` and
        `log10_seconds`.
    """
    rows: list[Row] = []
    for seq_len in seq_lens:
        units = equal_sizes(Shape(2, 1, seq_len))["RNN"][0]
        made = {name: network(name, seq_len, seed) for name in ("RNN", "ReLU RNN")} | {EACH: EachStep(units, seed)}
        for batch in batches:
            for name, model in made.items():
                seconds = seconds_of(model, seq_len, repeats, seed, False, batch_size=batch, answers=seq_len)
                row = {"network": name, "seq_len": seq_len, "batch": batch, "parameters": parameters_count(model)}
                rows.append({**row, "seconds": seconds, "log10_seconds": log10_seconds(seconds)})
    return rows


def told_each(*, seq_lens: list[int], batches: list[int], repeats: int) -> Settings:
    """What a reader must know of the timed steps of `measure_each`."""
    units = equal_sizes(Shape(2, 1, seq_lens[0]))["RNN"][0]
    sizes = " and ".join(f"{batch}" for batch in batches)
    return untrained(
        f"no weight is changed: CPU seconds of one training step, forward and backward, the median of {repeats}",
        size=f"RNN of {units} units; “{EACH}”: two layers of as many, which makes as many multiplications a step",
        note=f"batches of {sizes}; the loss counts the answer at each step; torch's own layer and backward pass, tiny "
        "numbers kept; each seed is a timing on one and the same machine",
    )


def told(*, seq_lens: list[int], repeats: int, most_attention: int) -> Settings:
    """What a reader must know of the timed steps."""
    shape = Shape(2, 1, seq_lens[0])
    parameters = size_of("LSTM", shape, equal_sizes(shape)["LSTM"])
    return untrained(
        f"no weight is changed: CPU seconds of one training step, forward and backward, the median of {repeats}",
        size=f"{parameters:,} parameters each, within {100 * WITHIN:g} %; “{WHOLE}” as many hidden units as the RNN",
        note=f"batches of {BATCH}; torch's own layer and backward pass, its own first weights, tiny numbers kept; each "
        f"seed is a timing on one and the same machine; the Transformer up to {most_attention} steps",
    )


EXPERIMENTS = (
    Experiment(
        name="seconds_as_torch_has_it",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(2100, 2110)),
        settings={"seq_lens": [32, 512, 2048], "repeats": 5, "most_attention": 512},
        quick={"repeats": 1},
        timed=("seconds", "log10_seconds"),
    ),
    Experiment(
        name="seconds_at_each_step",
        version=1,
        measure=measure_each,
        told=told_each,
        seeds=tuple(range(2110, 2120)),
        settings={"seq_lens": [32, 512], "batches": [32, 256], "repeats": 3},
        quick={"repeats": 1},
        timed=("seconds", "log10_seconds"),
    ),
)
