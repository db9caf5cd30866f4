"""Claim C31: which networks are fed their own output? The read-out is replaced, and the states are compared."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.display.settings import Settings, untrained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.nn.cells import rnn_step

ELMAN, JORDAN, DECODER = "state fed back", "output fed back", "output read as the next input"
WAYS = (ELMAN, JORDAN, DECODER)


def states(way: str, x: Tensor, weights: tuple[Tensor, Tensor, Tensor, Tensor], read_out: Tensor) -> Tensor:
    """All states of a small recurrent network, from a state and an output of zeros.

    Args:
        way: what is fed back. `ELMAN`: the state, as in torch's `nn.RNN`. `JORDAN`: the output alone, in place of the
            state (Jordan 1986). `DECODER`: the state, and the output in place of the input, as a decoder that writes
            one word after another.
        x: (B, T, O) the inputs.
        weights: W_ih (H, O), W_hh, which is (H, H) and for `JORDAN` (H, O), b_ih (H,) and b_hh (H,).
        read_out: (O, H), which makes the output of the state.

    Returns:
        (B, T, H).
    """
    h, y, found = torch.zeros(len(x), len(weights[0])), torch.zeros_like(x[:, 0]), []
    for x_t in x.unbind(dim=1):
        h = rnn_step(y if way == DECODER else x_t, y if way == JORDAN else h, *weights)
        y = h @ read_out.T
        found.append(h)
    return torch.stack(found, dim=1)


def measure(seed: int, *, steps: int, hidden_size: int, outputs: int) -> list[Row]:
    """Replace the read-out of each network, and look whether its states move.

    Returns:
        A row for each way: `way`, and `state_moved`, the largest change of any state.
    """
    generator, rows = torch.Generator().manual_seed(seed), []
    for way in WAYS:
        back = outputs if way == JORDAN else hidden_size
        sizes = ((hidden_size, outputs), (hidden_size, back), (hidden_size,), (hidden_size,))
        W_ih, W_hh, b_ih, b_hh = (torch.randn(size, generator=generator) / hidden_size**0.5 for size in sizes)
        one, other = torch.randn(2, outputs, hidden_size, generator=generator) / hidden_size**0.5
        x = torch.randn(16, steps, outputs, generator=generator)
        before, after = (states(way, x, (W_ih, W_hh, b_ih, b_hh), read_out) for read_out in (one, other))
        rows.append({"way": way, "state_moved": float((after - before).abs().max())})
    return rows


def told(*, hidden_size: int, steps: int, **_: int) -> Settings:
    """What a reader must know of the networks."""
    return untrained(
        "nothing is trained: random weights, and a read-out that is replaced by another",
        size=f"{hidden_size} units",
        note=f"{steps} steps of random inputs",
    )


EXPERIMENT = Experiment(
    name="fed_back",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(420, 430)),
    settings={"steps": 20, "hidden_size": 32, "outputs": 4},
    quick={"steps": 5, "hidden_size": 8},
)
