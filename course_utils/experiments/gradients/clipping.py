"""Claim C09: what clipping does to a gradient that explodes, and to one that vanishes."""

from __future__ import annotations

from typing import Any

import torch

from course_utils.display.numbers import short
from course_utils.display.settings import Settings, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import size_text, starts_text
from course_utils.experiments.gradients.gradient_flow import along, left_at, state_gradients, step_of, zero_state
from course_utils.experiments.long_memory.starting_points import BATCH, STARTS, started
from course_utils.experiments.tasks.adding import Adding
from course_utils.nn.sequence_model import SequenceModel
from course_utils.training import DivergedError, fit
from course_utils.training.told import clipping_text

CLIPS: dict[str, dict[str, float]] = {"none": {}, "by norm": {"clip_norm": 1.0}, "by value": {"clip_value": 0.1}}
WIDTH = 32
CASES = {"explodes": "ReLU, identity (IRNN)", "vanishes": "tanh, torch's own"}
EXPLODED = 1000.0  # a loss so many times that of chance


def train(start: str, clip: dict[str, float], seq_len: int, steps: int, optimizer: Any, seed: int) -> Row:
    """Train an RNN on the adding problem, clipped or not.

    Returns:
        `exploded` (1 if the loss was ever over a thousand times chance, or not finite), `log10_largest_norm` of the
        gradient before clipping, `error` on held-out sequences, and `log10_left`: of the gradient in the state after
        training, what is left `seq_len` − 1 steps back. After an explosion there are no last two: None.
    """
    task, model = Adding(seq_len), started(start, WIDTH, seed)
    try:
        history = fit(
            model,
            task.batches(BATCH, seed),
            task.objective,
            steps=steps,
            optimizer=optimizer(model.parameters()),
            record_gradients=True,
            progress=False,
            **clip,  # type: ignore[arg-type]
        )
        diverged = False
    except DivergedError as error:
        history, diverged = error.history, True
    norms = (
        history.gradients["gradient_norm"] if "gradient_norm" in history.gradients else history.table["gradient_norm"]
    )
    finite = norms[norms < float("inf")]
    exploded = diverged or bool((history.table["loss"] > EXPLODED * task.chance).any())
    row: Row = {"exploded": int(exploded), "log10_largest_norm": float(torch.tensor(finite.max()).log10())}
    return {**row, "error": None, "log10_left": None} if diverged else {**row, **_after(model, task, seed)}


def _after(model: SequenceModel, task: Adding, seed: int) -> Row:
    held_out = task.held_out(1000, seed)
    with torch.no_grad():
        error = task.score(model(held_out.x), held_out)
    core = model.core.double()
    few = held_out.x[:64].double()
    norms = state_gradients(step_of(core), few, zero_state(core, len(few)), along(core))
    return {"error": error, **{k: v for k, v in left_at(norms, [task.seq_len - 1])[0].items() if k != "lag"}}


def measure(seed: int, *, seq_len: int, steps: int, sgd_lr: float, adam_lr: float) -> list[Row]:
    """Two trainings, with each kind of clipping: one that explodes, and one whose gradient vanishes.

    Args:
        seed: of weights and data.
        seq_len: T of the adding problem.
        steps: of the optimiser.
        sgd_lr: learning rate of plain gradient descent, for the ReLU network that begins at the identity and explodes.
        adam_lr: learning rate of Adam, for the tanh network with torch's own weights, whose gradient vanishes.

    Returns:
        A row for each: `case` ("explodes" or "vanishes"), `clipping`, and what `train` returns.
    """
    cases: dict[str, tuple[str, Any]] = {
        "explodes": (CASES["explodes"], lambda p: torch.optim.SGD(p, lr=sgd_lr)),
        "vanishes": (CASES["vanishes"], lambda p: torch.optim.Adam(p, lr=adam_lr)),
    }
    return [
        {"case": case, "clipping": name, **train(start, clip, seq_len, steps, optimizer, seed)}
        for case, (start, optimizer) in cases.items()
        for name, clip in CLIPS.items()
    ]


def told(*, seq_len: int, steps: int, sgd_lr: float, adam_lr: float) -> Settings:
    """What a reader must know of the trainings."""
    cases = {"explodes": STARTS[CASES["explodes"]], "vanishes": STARTS[CASES["vanishes"]]}
    clips = [clipping_text(how.get("clip_norm"), how.get("clip_value")) for how in CLIPS.values()]
    return trained(
        start=starts_text(cases),
        learning_rate=f"SGD, {short(sgd_lr)} (explodes); Adam, {short(adam_lr)} (vanishes)",
        clipping=f"as each row says: {'; '.join(clips)}",
        steps=f"{steps:,}",
        batch=f"{BATCH}",
        size=size_text("rnn", 2, WIDTH, 1),
        note=f"adding problem of {seq_len} steps",
    )


EXPERIMENT = Experiment(
    name="clipping",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(10)),
    settings={"seq_len": 100, "steps": 500, "sgd_lr": 0.03, "adam_lr": 0.003},
    quick={"steps": 30},
)
