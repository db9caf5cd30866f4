"""Claim C19: seconds of one training step against the length of the sequence, for seven networks and one without time.

A recurrence with a squashing function must wait for its own last state at every step. A convolution, attention and a
linear recurrence compute all steps at once. All have as many parameters as the LSTM within 2 %, but for the feedforward
network, which sees the last step and nothing else, and needs no time for the others.

Gradients that vanish fall below 10⁻³⁸, where a processor multiplies a hundred times more slowly. So it is told to take
such numbers as 0 (`torch.set_flush_denormal`); one more row shows the RNN without that, as torch has it by default.
"""

from __future__ import annotations

import time

import torch
from torch import nn

from course_utils.display.settings import Settings, untrained
from course_utils.experiments.comparison.networks import (
    NETWORKS,
    STARTS,
    WITHIN,
    Shape,
    build_network,
    equal_sizes,
    operations,
    size_of,
)
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.tasks.adding import Adding
from course_utils.nn.parameters import parameters_count
from course_utils.nn.sequence_model import SequenceModel, hidden_for_parameters

BATCH = 32
KEPT = "RNN, tiny numbers kept"


class LastStep(nn.Module):
    """A feedforward network on the last step of a sequence.

    Args:
        parameters: about how many numbers it learns.
        seed: of its weights.
    """

    def __init__(self, parameters: int, seed: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        size = hidden_for_parameters("feedforward", 2, 1, parameters)
        self.net = SequenceModel("feedforward", 2, size, 1, generator=generator)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, T, 2) → (B, 1, 1)."""
        outputs: torch.Tensor = self.net(x[:, -1:])
        return outputs


class TorchOwn(nn.Module):
    """A recurrent network trained through torch's own layer, in place of the backward pass written by hand."""

    def __init__(self, model: SequenceModel) -> None:
        super().__init__()
        self.core, self.readout = model.core, model.readout

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, T, I) → (B, T, O)."""
        outputs: torch.Tensor = self.readout(self.core(x)[0])
        return outputs


def networks(seq_len: int, seed: int) -> dict[str, tuple[nn.Module, int, int]]:
    """Each network for the adding problem: the network, its parameters, and operations of a forward pass."""
    shape, made = Shape(2, 1, seq_len), {}
    sizes = equal_sizes(shape)
    for name in NETWORKS:
        model = build_network(name, shape, sizes[name], STARTS[name][0], seq_len, seed)
        made[name] = (model, size_of(name, shape, sizes[name]), operations(name, shape, sizes[name]))
        if name in ("RNN", "GRU"):
            assert isinstance(model, SequenceModel)
            made[f"{name}, torch's own way back"] = (TorchOwn(model), *made[name][1:])
    del made["IRNN"]  # as the RNN
    plain = LastStep(made["LSTM"][1], seed)
    made["feedforward, last step only"] = (plain, parameters_count(plain), 2 * made["LSTM"][1])
    return made


def seconds_of(
    model: nn.Module,
    seq_len: int,
    repeats: int,
    seed: int,
    flush: bool = True,
    *,
    batch_size: int = BATCH,
    answers: int = 1,
) -> float:
    """The median of the CPU seconds of one training step, forward and backward.

    Args:
        model: a network for the adding problem.
        seq_len: T.
        repeats: training steps of which the median is taken.
        seed: of the sequences.
        flush: are numbers below 10⁻³⁸ taken as 0, where the processor can?
        batch_size: sequences.
        answers: how many of the last answers of a sequence count in the loss.
    """
    batch = Adding(seq_len).held_out(batch_size, seed)
    taken = []
    torch.set_flush_denormal(flush)
    try:
        for _ in range(repeats + 1):
            model.zero_grad()
            began = time.process_time()
            model(batch.x)[:, -answers:].square().mean().backward()
            taken.append(time.process_time() - began)
    finally:
        torch.set_flush_denormal(False)
    return sorted(taken[1:])[repeats // 2]  # the first one warms up


def measure(seed: int, *, seq_lens: list[int], repeats: int, most_attention: int) -> list[Row]:
    """Time every network at every length.

    Args:
        seed: of weights and data.
        seq_lens: T.
        repeats: training steps of which the median is taken.
        most_attention: the longest T at which the Transformer is timed; its memory grows as T².

    Returns:
        A row for each network and length: `network`, `seq_len`, `parameters`, `operations` (of a forward pass over one
        sequence), `seconds` and `log10_seconds`.
    """
    rows: list[Row] = []
    for seq_len in seq_lens:
        for name, (model, parameters, work) in networks(seq_len, seed).items():
            if name == "Transformer" and seq_len > most_attention:
                continue
            about = {"seq_len": seq_len, "parameters": parameters, "operations": work}
            for flush in (True, False) if name == "RNN" else (True,):
                seconds = seconds_of(model, seq_len, repeats, seed, flush)
                row = {"network": name if flush else KEPT, **about}
                rows.append({**row, "seconds": seconds, "log10_seconds": log10_seconds(seconds)})
    return rows


def log10_seconds(seconds: float) -> float:
    """log₁₀ of a time; of one below a nanosecond that of a nanosecond."""
    return float(torch.tensor(max(seconds, 1e-9), dtype=torch.float64).log10())


def told(*, seq_lens: list[int], repeats: int, most_attention: int) -> Settings:
    """What a reader must know of the timed steps."""
    sizes = equal_sizes(Shape(2, 1, seq_lens[0]))
    return untrained(
        f"no weight is changed: CPU seconds of one training step, forward and backward, the median of {repeats}",
        size=f"{size_of('LSTM', Shape(2, 1, seq_lens[0]), sizes['LSTM']):,} parameters each, within {100 * WITHIN:g} %",
        note=f"batches of {BATCH}; each network from the first of its starts; numbers below 10⁻³⁸ are taken as 0, but "
        f"for “{KEPT}”; the Transformer up to {most_attention} steps",
    )


EXPERIMENT = Experiment(
    name="seconds_by_length",
    version=2,
    measure=measure,
    told=told,
    seeds=tuple(range(5)),
    settings={"seq_lens": [32, 128, 512, 2048], "repeats": 5, "most_attention": 512},
    quick={"repeats": 1},
    timed=("seconds", "log10_seconds"),
)
