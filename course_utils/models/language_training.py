"""What the training of a language model needs: a text in parallel rows, states carried on, and what a text costs."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from course_utils.models.text_codecs import UNKNOWN
from course_utils.nn.language_net import LanguageNet
from course_utils.nn.streams import State, carried, parallel_rows, windows

WARM_UP = 256  # tokens that each row reads before its own, when a long text is read in rows
ONE_ROW = 2_048  # tokens: a text up to here is read in one row
MOST_ROWS = 64
MOST_LOGITS = 2_000_000  # that are held at a time


class CarriedText:
    """A text as batches, in truncated backpropagation through time: the state goes on, the gradient does not.

    It is cut into B rows; each step reads the next T tokens of every row, from the state after the window before,
    detached. An epoch begins with zeros, and a little later in the text than the one before, so that the cuts move.

    Args:
        tokens: (N,) of the text, one at least.
        start: the number of what stands before the text.
        batch_size: B at most; of a short text there are fewer rows.
        seq_len: T.
        seed: of the places of the cuts.
        bf16: compute in bfloat16?
    """

    def __init__(self, tokens: Tensor, start: int, batch_size: int, seq_len: int, seed: int, bf16: bool) -> None:
        self.stream = torch.cat([torch.tensor([start]), tokens])
        self.seq_len, self.bf16 = seq_len, bf16
        self.rows = max(min(batch_size, len(self.stream) // (seq_len + 1)), 1)
        self.generator = torch.Generator().manual_seed(seed)
        self.spare = max(min(seq_len, len(self.stream) - self.rows * (seq_len + 1)), 0)  # tokens an epoch may skip
        self.state: State | None = None

    def __len__(self) -> int:
        return max((len(self.stream) // self.rows - 1) // self.seq_len, 1)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        self.state = None
        skipped = int(torch.randint(self.spare + 1, (1,), generator=self.generator))
        rows = parallel_rows(self.stream[skipped:], self.rows)
        whole = max((rows.shape[1] - 1) // self.seq_len, 1) * self.seq_len
        yield from windows(rows[:, : whole + 1], self.seq_len)

    def loss(self, model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        """(model, batch) → the mean cross-entropy of a window; the state is kept for the next."""
        inputs, targets = batch
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            logits, state = model(inputs, self.state)
        self.state = carried(state, len(inputs))
        return nn.functional.cross_entropy(logits.float().flatten(0, 1), targets.flatten())


@torch.no_grad()
def costs(model: LanguageNet, tokens: Tensor, novelty: float) -> Tensor:
    """−ln of the probability of each token after those before it.

    A long text is read in parallel rows; each token then sees at least the 256 before it, and more of its row.

    Args:
        model: in eval mode.
        tokens: (N,).
        novelty: the share of the probability that the unknown token gets besides what the network gives it.

    Returns:
        (N,) float64.
    """
    stream = torch.cat([torch.tensor([model.vocabulary]), tokens])
    count = len(tokens)
    rows = 1 if count <= ONE_ROW else min(math.ceil(count / (ONE_ROW // 2)), MOST_ROWS)
    warm_up = 0 if rows == 1 else WARM_UP
    length = math.ceil((count - warm_up) / rows)
    places = torch.arange(rows)[:, None] * length + torch.arange(length + warm_up)  # row 0 owns its warm-up too
    inputs, targets = stream[places.clamp(max=count - 1)], tokens[places.clamp(max=count - 1)]
    found = torch.empty(places.shape, dtype=torch.float64)
    at_once = max(MOST_LOGITS // (rows * model.vocabulary), 1)
    state: State | None = None
    for at in range(0, places.shape[1], at_once):
        logits, state = model(inputs[:, at : at + at_once], state)
        found[:, at : at + at_once] = _nats(logits, targets[:, at : at + at_once], novelty)
    return torch.cat([found[0, :warm_up], found[:, warm_up:].flatten()])[:count]


def _nats(logits: Tensor, targets: Tensor, novelty: float) -> Tensor:
    """(B, T, V) and (B, T) → (B, T) float64; of the probabilities a share is kept for the unknown token."""
    log_p = -nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    p = (1 - novelty) * log_p.double().exp() + novelty * (targets.flatten() == UNKNOWN)
    plain = log_p.double() + math.log1p(-novelty)  # where p is too small for a number
    return -torch.where(p > 0, p.log(), plain).view(targets.shape)


def computes_in_bf16() -> bool:
    """Does this processor multiply in bfloat16 itself? Then large recurrent layers train about twice as fast."""
    names = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")  # torch has no public name for it
    return any(getattr(torch.cpu, name, lambda: False)() for name in names)
