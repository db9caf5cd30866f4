"""Numbers of classic papers measured again with a recipe of today: sequences until a task is solved, and adding by Bai.

Each is run once, with rates that other experiments of the course have searched for, on new seeds. They stand beside the
published numbers on one page, with what differs.
"""

from __future__ import annotations

from dataclasses import replace

from course_utils.display.settings import Settings, each, trained
from course_utils.experiments.comparison import kept
from course_utils.experiments.comparison.networks import CELLS, CHRONO_100, RECURRENT_STARTS
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.starts import Start
from course_utils.experiments.framework.told import CLIPPED, size_text, start_text, until_text
from course_utils.experiments.framework.train_until import judged_on, train_until
from course_utils.experiments.long_memory import long_adding
from course_utils.experiments.tasks.task import Task
from course_utils.experiments.tasks.temporal_order import TemporalOrder
from course_utils.experiments.tasks.two_sequences import TwoSequences
from course_utils.nn.backward_by_hand import Recurrent

BATCH, LOOKS = 32, 10  # sequences a step; steps between two looks
RIGHT = 0.99  # of the held-out sequences: then a task counts as solved
UNITS = {"RNN": 48, "LSTM": 24}
TASKS: dict[str, Task] = {"two sequences": TwoSequences(100), "temporal order": TemporalOrder(100)}
SEARCHED = {"two sequences": "flagged latch", "temporal order": "temporal order"}  # whose start and rate are taken


def choice(task: str, network: str) -> tuple[Start, float]:
    """Start and rate, as the experiment "kept_search" found them.

    Args:
        task: of `TASKS`.
        network: of `UNITS`.
    """
    label, lr = kept.CHOSEN[SEARCHED[task]][network]
    return next(start for start in (*RECURRENT_STARTS[network], CHRONO_100) if start.label == label), lr


def measure(seed: int, *, tasks: list[str], most_steps: int, judged: int) -> list[Row]:
    """Train each network on each task until it is solved.

    Args:
        seed: of weights and sequences.
        tasks: of `TASKS`.
        most_steps: the budget, in steps of 32 sequences.
        judged: held-out sequences at each look.

    Returns:
        A row for each task and network: `task`, `network`, `start`, `lr`, `sequences` until it was solved (all where
        it was not), `solved` (1 or 0), and `accuracy` at the last look.
    """
    rows: list[Row] = []
    for name in tasks:
        task = TASKS[name]
        for network, units in UNITS.items():
            start, lr = choice(name, network)
            model = start.network(CELLS[network], task.input_size, units, task.output_size, seed=seed, kind=Recurrent)
            outcome = train_until(
                lambda accuracy: accuracy >= RIGHT,
                model,
                task.batches(BATCH, seed),
                task.objective,
                judged_on(task, task.held_out(judged, seed)),
                lr=lr,
                most_steps=most_steps,
                every=LOOKS,
                untrained=task.chance,
            )
            about = {"task": name, "network": network, "start": start.label, "lr": lr}
            found = {"sequences": BATCH * outcome.steps, "solved": int(outcome.solved), "accuracy": outcome.score}
            rows.append({**about, **found})
    return rows


def told(*, tasks: list[str], most_steps: int, judged: int) -> Settings:
    """What a reader must know of the trainings."""
    pairs = {f"{task}: {network}": choice(task, network) for task in tasks for network in UNITS}
    return trained(
        start=each({name: start_text(start) for name, (start, _) in pairs.items()}),
        learning_rate=f"Adam, {each({name: lr for name, (_, lr) in pairs.items()})}",
        clipping=CLIPPED,
        steps=until_text(f"{RIGHT:.0%} of {judged:,} held-out sequences are right", most_steps, LOOKS),
        batch=f"{BATCH}",
        size=each(
            {
                f"{task}: {network}": size_text(CELLS[network], TASKS[task].input_size, units, TASKS[task].output_size)
                for task in tasks
                for network, units in UNITS.items()
            }
        ),
        note="start and rate were searched for on a flagged latch and on temporal order, over 40 steps",
    )


EXPERIMENTS = (
    Experiment(
        name="classic_sequences",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(920, 930)),
        settings={"tasks": list(TASKS), "most_steps": 1000, "judged": 500},
        quick={"most_steps": 1, "judged": 10},
    ),
    replace(
        long_adding.EXPERIMENT,
        name="classic_adding",
        seeds=tuple(range(920, 923)),
        settings={
            **long_adding.EXPERIMENT.settings,
            "runs": [[100, "chrono"], [600, "chrono"], [600, "torch's own"]],
            "most_steps": 800,
        },
    ),
)
