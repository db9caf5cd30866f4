"""What happens when the state of a language model is carried wrongly from one window to the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from course_utils.checks import check_name
from course_utils.display import settings as line
from course_utils.display.settings import Settings
from course_utils.experiments.applications.text_training import (
    BATCH,
    WARMUP,
    Carrying,
    TextNetwork,
    alphabet,
    stretch,
    token_nats,
    train,
)
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIPPED
from course_utils.metrics import bits_per_character
from course_utils.nn.streams import State, carried, parallel_rows, windows
from course_utils.runtime import prepare_optimizers, seeded

CARRIED, ZEROS, OTHER_ROW, SHUFFLED = "carried", "zeros at every window", "of another row", "windows shuffled"
WAYS = (CARRIED, ZEROS, OTHER_ROW, SHUFFLED)


@dataclass
class CarryingWrongly(Carrying):
    """As `Carrying`, in one of `WAYS`.

    Attributes:
        way: what becomes of the state after a window: it is carried; it begins again with zeros; each row gets that of
            the row before it; or it is carried, and the windows come in any order, as with `shuffle=True`.
    """

    way: str = CARRIED

    def __call__(self, model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        """The mean cross-entropy of a window, in nats."""
        loss = super().__call__(model, batch)
        if self.way == ZEROS:
            self.state = None
        elif self.way == OTHER_ROW and self.state is not None:
            self.state = rolled(self.state)
        return loss

    def epoch(self) -> Iterator[tuple[Tensor, Tensor]]:
        """The windows, in their order or shuffled."""
        self.state = None
        order = torch.randperm(len(self.pairs)).tolist() if self.way == SHUFFLED else range(len(self.pairs))
        yield from (self.pairs[index] for index in order)


def rolled(state: State) -> State:
    """The state of each row given to the next one."""
    return tuple(part.roll(1, dims=1) for part in state) if isinstance(state, tuple) else state.roll(1, dims=1)


def measure(
    seed: int, *, ways: list[str], hidden_size: int, seq_len: int, learned: int, judged: int, lr: float, steps: int
) -> list[Row]:
    """Train an LSTM on characters with the state carried in each way; all are judged with the state carried rightly.

    Args:
        seed: of the stretch of text, the weights and the order.
        ways: of `WAYS`.
        hidden_size: H.
        seq_len: T, characters of a window.
        learned: characters to learn from.
        judged: characters of the test.
        lr: the highest rate of Adam.
        steps: of the optimiser.

    Returns:
        A row for each way: `way`, `bits` of the test for each character, `parameters`.

    Raises:
        CourseError: another way.
    """
    prepare_optimizers()
    symbols, parts = alphabet(), stretch(seed, learned, judged)
    tokens, valid, test = (torch.tensor(symbols.encode(part)) for part in (parts.train, parts.valid, parts.test))
    rows = []
    for way in ways:
        check_name("way", way, WAYS)
        with seeded(seed):
            model = TextNetwork("LSTM", len(symbols), hidden_size)
            train(model, CarryingWrongly(windows(parallel_rows(tokens, BATCH), seq_len), way=way), lr, steps)
        nats = token_nats(model, torch.cat([tokens, valid]), test).tolist()
        rows.append(
            {
                "way": way,
                "bits": bits_per_character(nats, parts.test),
                "parameters": sum(p.numel() for p in model.parameters()),
            }
        )
    return rows


# ---------------------------------------------------------------------------------------------------------------------
# Demonstrations without a training


def operations_behind(loss: Tensor) -> int:
    """How many operations torch keeps to go back from a loss: what `backward` would pass through.

    Args:
        loss: a tensor with a graph.
    """
    seen: set[Any] = set()
    left = [loss.grad_fn]
    while left:
        node = left.pop()
        if node is not None and node not in seen:
            seen.add(node)
            left += [parent for parent, _ in node.next_functions]
    return len(seen)


def graph_by_window(count: int, *, detached: bool, seq_len: int = 8, seed: int = 0) -> list[int]:
    """How many operations are kept behind the loss of each window, with the state detached between them or not.

    Args:
        count: windows to read.
        detached: is the graph cut off?
        seq_len: T.
        seed: of weights and tokens.
    """
    found: list[int] = []
    with seeded(seed):
        model, state = nn.RNN(4, 4, batch_first=True), None
        for x in torch.randn(count, 2, seq_len, 4):
            output, state = model(x, state)
            found.append(operations_behind(output.square().mean()))
            state = carried(state, 2) if detached else state
    return found


def error_with_the_graph_kept(seed: int = 0, *, retained: bool = False) -> str:
    """What torch says where a state is carried with its graph, in the second window's `backward`.

    Args:
        seed: of weights and tokens.
        retained: with `retain_graph=True`, as torch advises: then it is a step of the optimiser that is in the way.
    """
    with seeded(seed):
        model = TextNetwork("LSTM", 9, 4)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        tokens, state = torch.randint(9, (2, 2, 6)), None
        try:
            for window in tokens:
                logits, state = model(window, state)
                functional.cross_entropy(logits.flatten(0, 1), window.flatten()).backward(retain_graph=retained)
                optimizer.step()
        except RuntimeError as error:
            return str(error)
    return ""


def error_with_a_smaller_batch(rows: int = 4, last: int = 2, seed: int = 0) -> str:
    """What torch says where a state of some rows meets a batch of fewer: the last batch of a loader, say.

    Args:
        rows: of the state.
        last: rows of the next batch.
        seed: of weights and tokens.
    """
    with seeded(seed):
        model = TextNetwork("LSTM", 9, 4)
        _, state = model(torch.randint(9, (rows, 6)))
        try:
            model(torch.randint(9, (last, 6)), state)
        except RuntimeError as error:
            return str(error)
    return ""


# ---------------------------------------------------------------------------------------------------------------------
# The experiment


def told(
    *, ways: list[str], hidden_size: int, seq_len: int, learned: int, judged: int, lr: float, steps: int
) -> Settings:
    """What a reader must know of the trainings."""
    return line.trained(
        start="torch's own",
        learning_rate=f"Adam, {lr:g}, rising over {WARMUP} steps, then falling to 0 as a cosine",
        clipping=CLIPPED,
        steps=f"{steps:,}",
        batch=f"{BATCH} windows of {seq_len} characters",
        size=f"an LSTM of {hidden_size} units",
        note=f"{learned:,} characters to learn from, {judged:,} to judge, from a place of its own for each seed; the "
        "rate was not searched for; whatever was done in training, all are judged with the state carried",
    )


EXPERIMENT = Experiment(
    name="carried_states",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(320, 330)),
    settings={
        "ways": list(WAYS),
        "hidden_size": 64,
        "seq_len": 16,
        "learned": 300_000,
        "judged": 30_000,
        "lr": 0.01,
        "steps": 500,
    },
    quick={"hidden_size": 8, "learned": 6_000, "judged": 500, "steps": 3},
)
