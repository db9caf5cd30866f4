"""Cells that learners might write: fair ones, and one for each way to be unfair."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

LSTM = partial(nn.LSTM, batch_first=True)


class Minimal(nn.Module):
    """One gate that keeps the state or takes a candidate: a cell as lesson 10 writes it."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.gate = nn.Linear(input_size + hidden_size, hidden_size)
        self.candidate = nn.Linear(input_size + hidden_size, hidden_size)

    def forward(self, x: Tensor) -> Any:
        h = x.new_zeros(len(x), self.hidden_size)
        states = []
        for x_t in x.unbind(1):
            seen = torch.cat([x_t, h], dim=1)
            z = torch.sigmoid(self.gate(seen))
            h = z * h + (1 - z) * torch.tanh(self.candidate(seen))
            states.append(h)
        return torch.stack(states, dim=1)


class Ahead(Minimal):
    """Sees the next input as well."""

    def forward(self, x: Tensor) -> Any:
        return super().forward(x + x.roll(-1, dims=1))


class OfAll(Minimal):
    """Subtracts the mean of the sequence, of which the future is a part."""

    def forward(self, x: Tensor) -> Any:
        return super().forward(x - x.mean(dim=1, keepdim=True))


class GoesOn(Minimal):
    """Begins where the last sequence ended."""

    last: Tensor | None = None

    def forward(self, x: Tensor) -> Any:
        states = super().forward(x)
        if self.last is not None:
            states = states + self.last
        self.last = states[:, -1:].detach().mean(dim=0, keepdim=True)
        return states


class Mixes(Minimal):
    """Normalises over the batch."""

    def forward(self, x: Tensor) -> Any:
        states = super().forward(x)
        return states - states.mean(dim=0, keepdim=True)


class Throws(Minimal):
    """Drops numbers at random."""

    def forward(self, x: Tensor) -> Any:
        return nn.functional.dropout(super().forward(x), 0.5)


class NotFinite(Minimal):
    """Divides by zero."""

    def forward(self, x: Tensor) -> Any:
        return super().forward(x) / 0


class Uncounted(Minimal):
    """Has a matrix that is trained with the rest and that no one counts."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.more = [torch.randn(hidden_size, hidden_size, requires_grad=True)]

    def forward(self, x: Tensor) -> Any:
        return super().forward(x) @ self.more[0].detach().requires_grad_()


class Unused(Minimal):
    """Has a layer that nothing goes through."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.spare = nn.Linear(hidden_size, 2)


class Detached(Minimal):
    """Lets no gradient through."""

    def forward(self, x: Tensor) -> Any:
        return super().forward(x).detach()


_KNOWN = torch.Generator().manual_seed(3)
_COMMON = nn.Linear(4, 4)


class Shares(Minimal):
    """Has a layer that all networks share."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.common = _COMMON

    def forward(self, x: Tensor) -> Any:
        return super().forward(x) + self.common.weight.sum() + self.common.bias.sum()


class Unrepeatable(Minimal):
    """Draws its weights from a generator that no seed reaches."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        for weight in self.parameters():
            nn.init.normal_(weight, 0, 0.1, generator=_KNOWN)


class Ready(Minimal):
    """Begins with the same weights whatever the seed."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        generator = torch.Generator().manual_seed(0)
        for weight in self.parameters():
            nn.init.normal_(weight, 0, 0.1, generator=generator)


class OneSize(Minimal):
    """Has as many weights with any number of units."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, 2)
        self.units = hidden_size

    def forward(self, x: Tensor) -> Any:
        states = super().forward(x)
        return states[..., torch.arange(self.units) % 2]


class Steps(Minimal):
    """Its size jumps with the number of units."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.grown = nn.Parameter(torch.randn(9000 * max(1, hidden_size - 20)))

    def forward(self, x: Tensor) -> Any:
        return super().forward(x) + self.grown.sum()


class Wide(Minimal):
    """Gives twice as many states as asked for."""

    def forward(self, x: Tensor) -> Any:
        states = super().forward(x)
        return torch.cat([states, states], dim=-1)


class Fails(Minimal):
    """Cannot be run."""

    def forward(self, x: Tensor) -> Any:
        raise ZeroDivisionError("no reason")


UNFAIR: dict[str, tuple[Any, str]] = {  # what the audit calls it, and a part of what it says
    "ahead": (Ahead, "future: The states of the first 1 steps change with other inputs after them"),
    "of all": (OfAll, "future: "),
    "goes on": (GoesOn, "kept state: After another sequence"),
    "mixes": (Mixes, "other sequences: "),
    "batch second": (nn.LSTM, "batch_first=True"),
    "throws": (Throws, "chance: The same input gives other states at a second time"),
    "not finite": (NotFinite, "chance: On normal random inputs a state is no finite number"),
    "uncounted": (Uncounted, "hidden weights: 144 numbers take gradients"),
    "unused": (Unused, "no gradient: No gradient reaches spare.weight, spare.bias"),
    "detached": (Detached, "no gradient: No gradient reaches any parameter"),
    "shares": (Shares, "weights of a seed: Two networks share weights"),
    "unrepeatable": (Unrepeatable, "weights of a seed: With the same seed of torch it begins with other weights"),
    "ready": (Ready, "weights of a seed: It begins with the same weights whatever the seed"),
    "steps": (Steps, "size: The nearest width is"),
    "wide": (Wide, "contract: For inputs of the shape (2, 5, 5) and 3 units your cell gives the shape (2, 5, 6)"),
    "fails": (Fails, "contract: Your cell fails on inputs of the shape (2, 5, 5): ZeroDivisionError: no reason"),
    "no module": (lambda input_size, hidden_size: 3, "contract: Your cell is a int"),
    "no sizes": (lambda: Minimal(1, 1), "contract: Your cell could not be made by cell(5, 3): TypeError"),
    "bidirectional": (partial(nn.GRU, batch_first=True, bidirectional=True), "contract: "),
}
