"""Two ways in which sequences are handled wrongly or cheaply: read behind the padding, and trained in cut windows."""

from __future__ import annotations

from itertools import islice

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pack_padded_sequence

from course_utils.display.settings import Settings, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.tasks.recall import Recall
from course_utils.experiments.tasks.task import NO_ANSWER
from course_utils.nn.sequence_model import SequenceModel
from course_utils.nn.sequences import last_states

SEQUENCES = 500  # to judge with
BATCH = 32


def scores_loss(scores: Tensor, y: Tensor) -> Tensor:
    """Cross-entropy, the mean over all steps that have an answer. scores: (B, T, S), y: (B, T) with −1 for none."""
    return cross_entropy(scores.flatten(0, 1), y.flatten(), ignore_index=NO_ANSWER)


def train_in_windows(model: SequenceModel, task: Recall, *, window: int, steps: int, lr: float, seed: int) -> None:
    """Truncated backpropagation through time: an optimizer step after each window, the state handed on detached.

    Args:
        model: a recurrent network.
        task: what it is trained on.
        window: steps of a window; seq_len is plain backpropagation through time.
        steps: of the optimizer (Adam), with `BATCH` sequences each.
        lr: the learning rate.
        seed: of the data.
    """
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    batches, done = task.batches(BATCH, seed), 0
    while done < steps:
        x, y, _ = next(batches)
        state = None
        for inputs, answers in zip(x.split(window, dim=1), y.split(window, dim=1), strict=True):
            states, state = model.core(inputs, state)
            state = state.detach()
            if (answers == NO_ANSWER).all():
                continue  # nothing to learn from yet
            optimizer.zero_grad()
            scores_loss(model.readout(states), answers).backward()
            optimizer.step()
            done += 1


def measure_windows(
    seed: int, *, windows: list[int], lag: int, seq_len: int, hidden_size: int, steps: int, lr: float
) -> list[Row]:
    """Train an RNN to recall, in windows of several lengths, and judge it on whole sequences.

    Returns:
        A row for each window: `window`, `accuracy` on sequences it was not trained on.
    """
    task, rows = Recall(seq_len, lag), []
    test = task.held_out(SEQUENCES, seed)
    for window in windows:
        model = SequenceModel("rnn", 4, hidden_size, 4, generator=torch.Generator().manual_seed(seed))
        train_in_windows(model, task, window=window, steps=steps, lr=lr, seed=seed)
        with torch.no_grad():
            rows.append({"window": window, "accuracy": task.score(model(test.x), test)})
    return rows


def shortened(x: Tensor, y: Tensor, shortest: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Sequences cut to random lengths and filled up with rows of zeros.

    Args:
        x: (B, T, I).
        y: (B, T) answers.
        shortest: the least length.
        generator: draws the lengths.

    Returns:
        (B, T, I) padded, (B,) lengths, (B,) the answer of the last real step.
    """
    B, T, _ = x.shape
    lengths = torch.randint(shortest, T + 1, (B,), generator=generator)
    real = torch.arange(T) < lengths[:, None]
    return x * real[..., None], lengths, y[torch.arange(B), lengths - 1]


def train_on(read: str, task: Recall, *, hidden_size: int, steps: int, lr: float, seed: int) -> SequenceModel:
    """An RNN that answers once a sequence, trained where it is read: "last real step" or "end of the padding"."""
    model = SequenceModel("rnn", 4, hidden_size, 4, generator=torch.Generator().manual_seed(seed))
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    lengths_from = torch.Generator().manual_seed(seed)
    for batch in islice(task.batches(BATCH, seed), steps):
        x, lengths, y = shortened(batch.x, batch.y, task.lag + 1, lengths_from)
        states = model.states(x)
        read_state = last_states(states, lengths) if read == "last real step" else states[:, -1]
        optimizer.zero_grad()
        cross_entropy(model.readout(read_state), y).backward()
        optimizer.step()
    return model


def measure_padding(seed: int, *, lag: int, seq_len: int, hidden_size: int, steps: int, lr: float) -> list[Row]:
    """Train RNNs on sequences of several lengths, and read their answers in three ways.

    Returns:
        A row for each place where it was trained: `trained_at`, and the accuracy on padded sequences when it is read at
        the `last_real` step, at the `padded_end`, and from `packed` sequences; `padded` is the share of the sequences
        that have padding.
    """
    task, rows = Recall(seq_len, lag), []
    test = task.held_out(SEQUENCES, seed)
    x, lengths, y = shortened(test.x, test.y, lag + 1, torch.Generator().manual_seed(seed + 1000))
    for trained_at in ("last real step", "end of the padding"):
        model = train_on(trained_at, task, hidden_size=hidden_size, steps=steps, lr=lr, seed=seed)
        with torch.no_grad():
            output, h_n = model.core(x)
            _, packed = model.core(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
        read = {"last_real": last_states(output, lengths), "padded_end": h_n[0], "packed": packed[0]}
        right = {name: float((model.readout(h).argmax(-1) == y).double().mean()) for name, h in read.items()}
        rows.append({"trained_at": trained_at, "padded": float((lengths < seq_len).double().mean()), **right})
    return rows


def told(*, steps: int, lr: float, hidden_size: int, **_: object) -> Settings:
    """What a reader must know of the trainings."""
    return trained(
        start="torch's own",
        learning_rate=f"Adam {lr:g}",
        clipping="none",
        steps=f"{steps}",
        batch=f"{BATCH} sequences",
        size=f"{hidden_size} units",
    )


EXPERIMENTS = (
    Experiment(
        name="padding",
        version=1,
        measure=measure_padding,
        seeds=tuple(range(5)),
        settings={"lag": 2, "seq_len": 20, "hidden_size": 28, "steps": 300, "lr": 0.01},
        quick={"hidden_size": 6, "steps": 20},
        told=told,
    ),
    Experiment(  # does a longer training learn to carry the answer through the padding?
        name="padding_longer",
        version=1,
        measure=measure_padding,
        seeds=tuple(range(5)),
        settings={"lag": 2, "seq_len": 20, "hidden_size": 28, "steps": 1500, "lr": 0.003},
        quick={"hidden_size": 6, "steps": 20},
        told=told,
    ),
    Experiment(
        name="truncation",
        version=1,
        measure=measure_windows,
        seeds=tuple(range(5)),
        settings={
            "windows": [1, 2, 4, 5, 10, 20],
            "lag": 4,
            "seq_len": 20,
            "hidden_size": 28,
            "steps": 500,
            "lr": 0.01,
        },
        quick={"windows": [2, 10], "hidden_size": 6, "steps": 20},
        told=told,
    ),
)
