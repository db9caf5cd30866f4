"""Where does an LSTM keep what it remembers? Two running sequences exchange c, or h, or lose it, and go on."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from course_utils.checks import check_name, check_whole
from course_utils.display import settings as line
from course_utils.display.numbers import short
from course_utils.display.settings import Settings
from course_utils.errors import CourseError
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.starts import CHRONO, Start
from course_utils.experiments.framework.told import CLIP_NORM, CLIPPED, size_text
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.experiments.tasks.task import Batch
from course_utils.nn.sequence_model import SequenceModel
from course_utils.training import fit

BATCH = 64
OPERATIONS = ("nothing", "swap c", "swap h", "swap both", "zero c", "zero h", "zero both")
IN_WORDS = {  # as the widget calls them
    "nothing": "do nothing",
    "swap both": "swap c and h",
    "zero c": "set c to 0",
    "zero h": "set h to 0",
    "zero both": "set c and h to 0",
}


def transplant(model: SequenceModel, batch_a: Batch, batch_b: Batch, at: int, what: str) -> Row:
    """Let pairs of sequences run side by side, exchange or erase what the LSTM remembers, and let them go on.

    Only pairs whose answers differ count, and both sequences of each: a takes what b had, and b what a had.

    Args:
        model: a `SequenceModel` with an LSTM, trained on a task whose answer is one class at the last step.
        batch_a: sequences of that task, x (B, T, I), y (B,).
        batch_b: as many others, of the same length.
        at: after how many steps, 0 to T. The cue should have come by then.
        what: one of `OPERATIONS`.

    Returns:
        `own` and `donor`, the shares of answers that are the sequence's own, or the other one's; `answers`, how many.

    Raises:
        CourseError: a model without LSTM, batches that do not fit each other, an unknown operation, a step too far, or
            no pair with two answers.
    """
    _check_batches(batch_a, batch_b)
    apart = batch_a.y != batch_b.y
    if not bool(apart.any()):
        raise CourseError("In every pair both answers are the same, so nothing can be told apart. Take more sequences.")
    outputs = run_pair(model, batch_a.x[apart], batch_b.x[apart], at, what)
    predictions = torch.cat([output[:, -1].argmax(-1) for output in outputs])
    own = torch.cat([batch_a.y[apart], batch_b.y[apart]])
    donor = torch.cat([batch_b.y[apart], batch_a.y[apart]])
    shares = {name: float((predictions == y).double().mean()) for name, y in (("own", own), ("donor", donor))}
    return {**shares, "answers": len(predictions)}


@torch.no_grad()
def run_pair(model: SequenceModel, x_a: Tensor, x_b: Tensor, at: int, what: str) -> tuple[Tensor, Tensor]:
    """The outputs of two runs whose states are exchanged or erased on the way.

    Args:
        model: a `SequenceModel` with an LSTM.
        x_a: (B, T, I).
        x_b: (B, T, I).
        at: after how many steps, 0 to T.
        what: one of `OPERATIONS`.

    Returns:
        (B, T, O) for each of the two.

    Raises:
        CourseError: a model without LSTM, an unknown operation, a step too far.
    """
    if not isinstance(model.core, nn.LSTM):
        raise CourseError(
            f"A transplant needs an LSTM, which has h and c; this model's core is a {type(model.core).__name__}."
        )
    check_whole("at", at, 0, x_a.shape[1])
    x, lstm = torch.cat([x_a, x_b]), model.core
    h = c = x.new_zeros(1, len(x), lstm.hidden_size)
    states = x.new_zeros(len(x), 0, lstm.hidden_size)
    if at > 0:
        states, (h, c) = lstm(x[:, :at])
    h, c = changed(h, c, what)
    if at < x.shape[1]:
        states = torch.cat([states, lstm(x[:, at:], (h, c))[0]], dim=1)
    a, b = model.readout(states).chunk(2)
    return a, b


def changed(h: Tensor, c: Tensor, what: str) -> tuple[Tensor, Tensor]:
    """State and cell after the operation.

    Args:
        h: (…, 2B, H) the states of both runs, the B of the first one before those of the second.
        c: (…, 2B, H) the cells.
        what: one of `OPERATIONS`.

    Returns:
        h and c, new.

    Raises:
        CourseError: an unknown operation.
    """
    check_name("operation", what, OPERATIONS)
    verb, _, part = what.partition(" ")

    def after(state: Tensor, name: str) -> Tensor:
        if part not in (name, "both"):
            return state
        return torch.zeros_like(state) if verb == "zero" else state.roll(state.shape[-2] // 2, dims=-2)

    return after(h, "h"), after(c, "c")


def _check_batches(batch_a: Batch, batch_b: Batch) -> None:
    if batch_a.mask is not None or batch_b.mask is not None or batch_a.x.shape != batch_b.x.shape:
        raise CourseError(
            "A transplant needs two batches of one shape, of a task that asks once, at the last step; these have the "
            f"shapes {tuple(batch_a.x.shape)} and {tuple(batch_b.x.shape)}. Draw both from one FlaggedLatch."
        )


# ---------------------------------------------------------------------------------------------------------------------
# The experiment


def trained(
    task: FlaggedLatch, *, hidden_size: int, steps: int, lr: float, seed: int, start: Start = CHRONO
) -> SequenceModel:
    """An LSTM, trained on a flagged latch with Adam, whose learning rate falls to 0 as a cosine.

    Args:
        task: what is trained.
        hidden_size: H.
        steps: of the optimiser, with 64 sequences each.
        lr: learning rate at the start.
        seed: of weights and data.
        start: the first weights; by default torch's own with chrono biases for the length of the sequences.
    """
    generator = torch.Generator().manual_seed(seed)
    model = SequenceModel("lstm", task.input_size, hidden_size, task.output_size, generator=generator)
    start.apply(model, generator, task.seq_len)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    fit(
        model,
        task.batches(BATCH, seed),
        task.objective,
        steps=steps,
        optimizer=optimizer,
        lr_schedule=falling,
        clip_norm=CLIP_NORM,
        progress=False,
    )
    return model


def measure(seed: int, *, shortest_lag: int, longest_lag: int, hidden_size: int, steps: int, lr: float) -> list[Row]:
    """Train an LSTM to hold a symbol, then operate on its memory, between the last possible cue and the answer.

    Args:
        seed: of weights and data.
        shortest_lag: of the flagged latch.
        longest_lag: of the flagged latch.
        hidden_size: H.
        steps: of Adam, with 64 sequences each.
        lr: its learning rate at the start.

    Returns:
        A row for each operation: `operation`, `accuracy` (held out, of the undisturbed network), `own` and `donor` as
        in `transplant`; by chance each would be ¼.
    """
    task = FlaggedLatch(shortest_lag, longest_lag)
    model = trained(task, hidden_size=hidden_size, steps=steps, lr=lr, seed=seed)
    x, y, _ = task.held_out(2000, seed)
    receivers, donors = Batch(x[:1000], y[:1000], None), Batch(x[1000:], y[1000:], None)
    with torch.no_grad():
        accuracy = task.score(model(receivers.x), receivers)
    at = task.seq_len - (shortest_lag + 1) // 2
    return [
        {"operation": what, "accuracy": accuracy, **transplant(model, receivers, donors, at, what)}
        for what in OPERATIONS
    ]


def told(*, shortest_lag: int, longest_lag: int, hidden_size: int, steps: int, lr: float) -> Settings:
    """What a reader must know of the training."""
    task = FlaggedLatch(shortest_lag, longest_lag)
    return line.trained(
        start=f"torch's own, then chrono biases told the length of the sequences, {task.seq_len} steps",
        learning_rate=f"Adam, {short(lr)}, falling to 0 as a cosine",
        clipping=CLIPPED,
        steps=f"{steps:,}",
        batch=f"{BATCH}",
        size=size_text("lstm", task.input_size, hidden_size, task.output_size),
    )


EXPERIMENT = Experiment(
    name="transplant",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(10)),
    settings={"shortest_lag": 30, "longest_lag": 40, "hidden_size": 32, "steps": 600, "lr": 0.01},
    quick={"shortest_lag": 4, "longest_lag": 6, "hidden_size": 16, "steps": 60},
)
