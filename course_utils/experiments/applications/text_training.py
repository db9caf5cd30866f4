"""What the experiments on English text share: a stretch of it, five networks of equal size, training and scoring.

A text is read in parallel rows, window by window, with the state carried from each window to the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from course_utils.checks import check_name
from course_utils.data.english_text import TextParts, english_text
from course_utils.errors import CourseError
from course_utils.experiments.framework.told import CLIP_NORM
from course_utils.models.tokenisers import Characters
from course_utils.nn.backward_by_hand import states_of
from course_utils.nn.parameters import parameters_count
from course_utils.nn.sequence_model import SequenceModel
from course_utils.nn.streams import State, carried, parallel_rows, windows
from course_utils.nn.transformer import SmallTransformer
from course_utils.runtime import seeded
from course_utils.stats import nearest_width
from course_utils.training import fit
from course_utils.training.history import DivergedError, History
from course_utils.training.schedules import Budget, WarmupCosine

CELLS = {"tanh RNN": "rnn", "ReLU RNN": "relu_rnn", "GRU": "gru", "LSTM": "lstm"}
NETWORKS = (*CELLS, "Transformer")
EMBEDDING, BATCH, SEQ_LEN, WARMUP = 32, 16, 64, 50
TRANSFORMER_WIDTH = 40
WARM = 128  # tokens that a recurrent network reads before the first of a row that is judged
MOST_NATS = 100.0
JUDGED_ROWS = 10  # in which it reads the text that is judged


@cache
def whole_text() -> str:
    """The American Standard Version of the Bible, four million characters."""
    parts = english_text("bible", characters=None)
    return parts.train + parts.valid + parts.test


@cache
def alphabet() -> Characters:
    """All characters of the whole text; every model is told them, so that none is unknown."""
    return Characters.of([whole_text()])


def stretch(seed: int, learned: int, judged: int) -> TextParts:
    """A stretch of the text, from a place that the seed draws, in three parts one after the other.

    Args:
        seed: of the place.
        learned: characters to learn from.
        judged: characters of the validation part, and of the test part.
    """
    text, length = whole_text(), learned + 2 * judged
    if length > len(text):
        raise CourseError(f"{length:,} characters were asked for, and the text has {len(text):,}. Ask for fewer.")
    start = int(torch.randint(len(text) - length + 1, (), generator=torch.Generator().manual_seed(seed)))
    cut, end = start + learned, start + learned + judged
    return TextParts(text[start:cut], text[cut:end], text[end : end + judged])


class TextNetwork(nn.Module):
    """An embedding, one recurrent layer or two of attention, and a read-out: the logits of the token after each.

    RNN and GRU are trained with the backward pass by hand, the LSTM with torch's.

    Args:
        network: one of `NETWORKS`.
        size: V.
        width: units of the layer; of the Transformer, of its feedforward layers.
    """

    def __init__(self, network: str, size: int, width: int) -> None:
        super().__init__()
        check_name("network", network, NETWORKS)
        self.recurrent = network in CELLS
        self.embedding = nn.Embedding(size, EMBEDDING)
        self.inner: SequenceModel | SmallTransformer = (
            SequenceModel(CELLS[network], EMBEDDING, width, size)
            if self.recurrent
            else SmallTransformer(EMBEDDING, TRANSFORMER_WIDTH, size, width)
        )

    def forward(self, tokens: Tensor, state: State | None = None) -> tuple[Tensor, State | None]:
        """The logits after each token, and the state after the last.

        Args:
            tokens: (B, T).
            state: what the forward pass over the tokens before returned; None: there are none. A Transformer has none.

        Returns:
            (B, T, V), and the state.
        """
        x = self.embedding(tokens)
        if not isinstance(self.inner, SequenceModel):
            return self.inner(x), None
        states, state = self._states(self.inner.core, x, state)
        return self.inner.readout(states), state

    def states(self, tokens: Tensor) -> Tensor:
        """(B, T) → (B, T, H): of a recurrent network the states h, from zeros."""
        return self._states(self.inner.core, self.embedding(tokens), None)[0]

    def _states(self, core: Any, x: Tensor, state: State | None) -> tuple[Tensor, State]:
        if isinstance(core, nn.LSTM):
            found: tuple[Tensor, State] = core(x, state)
            return found
        states = states_of(core, x, state[0] if isinstance(state, Tensor) else None)
        return states, states[:, -1][None]


@lru_cache
def width_like(network: str, size: int, hidden_size: int) -> int:
    """The width that gives a network as many parameters, nearly, as an LSTM has.

    Args:
        network: one of `NETWORKS`.
        size: V.
        hidden_size: of the LSTM.
    """

    def count(name: str, width: int) -> int:
        with torch.random.fork_rng(devices=[]), torch.device("meta"):
            return parameters_count(TextNetwork(name, size, width))

    return nearest_width(count("LSTM", hidden_size), partial(count, network))


@dataclass
class Carrying:
    """The loss of a training that reads rows window by window: for `fit`, as its loss and its batches.

    Attributes:
        pairs: the windows of an epoch, in their order.
        state: after the last window.
    """

    pairs: list[tuple[Tensor, Tensor]]
    state: State | None = field(default=None, repr=False)

    def __call__(self, model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        """The mean cross-entropy of a window, in nats; the state goes on."""
        inputs, targets = batch
        logits, state = model(inputs, self.state)
        self.state = None if state is None else carried(state, len(inputs))
        return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())

    def epoch(self) -> Iterator[tuple[Tensor, Tensor]]:
        """The windows of the rows from their beginning, where there is no state yet."""
        self.state = None
        yield from self.pairs


def trained(network: str, tokens: Tensor, size: int, width: int, lr: float, steps: int, seed: int) -> TextNetwork:
    """A network, trained on a text. Where the training diverges, with the weights of the last finite loss.

    Args:
        network: one of `NETWORKS`.
        tokens: (N,), the text.
        size: V.
        width: of the network.
        lr: the highest rate of Adam; it rises over 50 steps and falls to 0 as a cosine.
        steps: of the optimiser, each with 16 windows of 64 tokens.
        seed: of the first weights.
    """
    with seeded(seed):
        model = TextNetwork(network, size, width)
        with suppress(DivergedError):
            train(model, Carrying(windows(parallel_rows(tokens, BATCH), SEQ_LEN)), lr, steps)
    return model


def train(model: nn.Module, objective: Carrying, lr: float, steps: int) -> History:
    """Train a network with Adam; the learning rate rises over 50 steps, then falls to 0 as a cosine."""
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    schedule = WarmupCosine(Budget(steps), warmup=WARMUP)
    return fit(
        model,
        objective.epoch,
        objective,
        steps=steps,
        optimizer=optimizer,
        lr_schedule=schedule.of(optimizer),
        clip_norm=CLIP_NORM,
        progress=False,
    )


@torch.no_grad()
def token_nats(model: TextNetwork, before: Tensor, tokens: Tensor) -> Tensor:
    """What each token of a text cost, in nats: −ln of its probability after those before it.

    A recurrent network reads the text in ten rows; before each it has read the 128 tokens in front of it. A
    Transformer, trained on windows of 64, sees 32 to 63 tokens before each.

    No token counts more than 100 nats: where a training has diverged, the logits are no numbers.

    Args:
        model: trained or not.
        before: (M,), the tokens in front of the text; at least 128.
        tokens: (N,), the text.

    Returns:
        (N,)
    """
    N, warm = len(tokens), WARM if model.recurrent else SEQ_LEN // 2
    length = -(-N // JUDGED_ROWS) if model.recurrent else SEQ_LEN // 2
    if len(before) < warm:
        raise CourseError(f"{warm} tokens must stand before the text that is judged; there are {len(before)}.")
    stream = torch.cat([before[-warm:], tokens])
    starts = torch.arange(0, N, length)[:, None]
    at = (starts + torch.arange(warm + length)).clamp(max=len(stream) - 1)
    rows, found = stream[at], []
    for some in rows.split(256):
        logits, _ = model(some[:, :-1])
        predicted = logits[:, warm - 1 :].flatten(0, 1)
        found.append(functional.cross_entropy(predicted, some[:, warm:].flatten(), reduction="none"))
    return torch.cat(found)[:N].nan_to_num(nan=MOST_NATS).clamp(max=MOST_NATS)
