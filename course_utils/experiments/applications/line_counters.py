"""Is there a unit of a language model that counts how long a line is? A probe looks for it, beside its controls."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from course_utils.display import settings as line
from course_utils.display.settings import Settings
from course_utils.errors import CourseError
from course_utils.experiments.applications.text_training import (
    BATCH,
    SEQ_LEN,
    WARM,
    WARMUP,
    TextNetwork,
    alphabet,
    stretch,
    trained,
)
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIPPED
from course_utils.runtime import prepare_optimizers, seeded

COLUMN, BRACKET = "column in the line", "inside a bracket"
TRAINED, UNTRAINED = "trained", "untrained"
READ, SHUFFLED = "as they are", "shuffled"


def columns_of(text: str) -> list[int]:
    """For each character how many stand before it in its line.

    Args:
        text: of lines.
    """
    found, column = [], 0
    for character in text:
        found.append(column)
        column = 0 if character == "\n" else column + 1
    return found


def in_brackets(text: str) -> list[int]:
    """For each character whether it stands inside square brackets, as the words do that the translators added.

    Args:
        text: brackets do not nest.
    """
    found, inside = [], 0
    for character in text:
        inside = 1 if character == "[" else 0 if character == "]" else inside
        found.append(inside)
    return found


def telling_unit(states: npt.ArrayLike, labels: npt.ArrayLike) -> tuple[int, float]:
    """The one unit that follows a label best, chosen on the first half of a text and judged on the second.

    Args:
        states: (N, H), a row for each character.
        labels: (N,) numbers.

    Returns:
        The unit, and its correlation with the label on the second half: its sign is that of the first half, so that
        below 0 stands for a unit that turned round. 0 where it or the label does not change.

    Raises:
        CourseError: fewer than four rows, or not as many labels.
    """
    x, y = np.asarray(states, dtype=np.float64), np.asarray(labels, dtype=np.float64)
    if x.ndim != 2 or y.shape != x.shape[:1] or len(y) < 4:
        raise CourseError(f"The states are {x.shape} and the labels {y.shape}. Expected (N, H) and (N,), N from 4 on.")
    half = len(y) // 2
    first, second = (_correlations(x[part], y[part]) for part in (slice(half), slice(half, None)))
    unit = int(np.abs(first).argmax())
    return unit, float(second[unit] * (np.sign(first[unit]) or 1.0))


def _correlations(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(N, H), (N,) → (H,): Pearson's; 0 where one of the two does not change."""
    x, y = x - x.mean(axis=0), y - y.mean()
    size = np.sqrt((x**2).sum(axis=0) * (y**2).sum())
    found: npt.NDArray[np.float64] = np.divide(y @ x, size, out=np.zeros(x.shape[1]), where=size > 0)
    return found


def in_lines(text: str, width: int) -> str:
    """Each paragraph broken into lines of at most so many characters, between words.

    Args:
        text: of paragraphs.
        width: characters of a line at most.
    """
    return "\n".join(textwrap.fill(paragraph, width) for paragraph in text.split("\n"))


@torch.no_grad()
def states_along(model: TextNetwork, tokens: Tensor) -> Tensor:
    """The states after each token of a text that is read in one row; the first 128, where it warms up, are left out.

    Args:
        model: recurrent.
        tokens: (N,).

    Returns:
        (N − 128, H)
    """
    return model.states(tokens[None])[0, WARM:]


@torch.no_grad()
def cells_along(model: TextNetwork, tokens: Tensor) -> Tensor:
    """The cells c of an LSTM after each token of a text that is read in one row, without the first 128.

    torch gives the cell after the last step alone, so it is asked after every step.

    Args:
        model: an LSTM.
        tokens: (N,).

    Returns:
        (N − 128, H)
    """
    core: Any = model.inner.core
    state, cells = None, []
    for token in model.embedding(tokens)[:, None, None]:  # (1, 1, E)
        _, state = core(token, state)
        cells.append(state[1][0, 0])
    return torch.stack(cells[WARM:])


STATES = {"h": states_along, "c": cells_along}


def measure(
    seed: int,
    *,
    hidden_size: int,
    width: int,
    learned: int,
    judged: int,
    lr: float,
    steps: int,
    states: Sequence[str] = ("h",),
) -> list[Row]:
    """Train an LSTM on text in lines, and look for the unit that knows the column, or whether a bracket is open.

    Args:
        seed: of the stretch, the weights and the order of shuffled labels.
        hidden_size: H.
        width: characters of a line at most.
        learned: characters to learn from, before they are put in lines.
        judged: characters of the validation part, which chooses the unit, and of the test part, which judges it.
        lr: the highest rate of Adam.
        steps: of the optimiser.
        states: what is probed: "h", the LSTM's output, "c", its cell, or both.

    Returns:
        A row for each network (trained, untrained), state, label and kind of labels (as they are, shuffled): `network`,
        `state` where several are probed, `asked`, `labels`, `correlation` of the unit on text that did not choose it,
        and there too `share`, the mean of the label.
    """
    prepare_optimizers()
    symbols, parts = alphabet(), stretch(seed, learned, judged)
    tokens = torch.tensor(symbols.encode(in_lines(parts.train, width)))
    text = in_lines(parts.valid + parts.test, width)
    read = torch.tensor(symbols.encode(text))
    size = len(symbols)
    with seeded(seed):
        untrained = TextNetwork("LSTM", size, hidden_size)
    networks = {TRAINED: trained("LSTM", tokens, size, hidden_size, lr, steps, seed), UNTRAINED: untrained}
    order = np.random.default_rng(seed).permutation(len(text) - WARM)
    rows: list[Row] = []
    for (network, model), state in itertools.product(networks.items(), states):
        found = STATES[state](model, read).numpy()
        about = {"network": network, **({"state": state} if len(states) > 1 else {})}
        for asked, of_text in ((COLUMN, columns_of), (BRACKET, in_brackets)):
            labels = np.array(of_text(text)[WARM:])
            for kind, given in ((READ, labels), (SHUFFLED, labels[order])):
                _, correlation = telling_unit(found, given)
                rows.append({**about, "asked": asked, "labels": kind, "correlation": correlation})
                rows[-1] |= {"share": float(labels.mean())} if len(states) > 1 else {}
    return rows


# ---------------------------------------------------------------------------------------------------------------------
# The experiment


def told(*, hidden_size: int, width: int, learned: int, judged: int, lr: float, steps: int, **_: Any) -> Settings:
    """What a reader must know of the trainings."""
    return line.trained(
        start="torch's own",
        learning_rate=f"Adam, {lr:g}, rising over {WARMUP} steps, then falling to 0 as a cosine",
        clipping=CLIPPED,
        steps=f"{steps:,}",
        batch=f"{BATCH} windows of {SEQ_LEN} characters, the state carried from window to window",
        size=f"an LSTM of {hidden_size} units",
        note=f"{learned:,} characters to learn from in lines of at most {width}, from a place of its own for each "
        f"seed; {judged:,} characters choose the unit and as many judge it; the rate was not searched for",
    )


_SETTINGS = {"hidden_size": 64, "width": 60, "learned": 300_000, "judged": 15_000, "lr": 0.01, "steps": 1000}
_QUICK = {"hidden_size": 8, "learned": 6_000, "judged": 500, "steps": 3}

EXPERIMENTS = (
    Experiment(
        name="line_counters",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(330, 340)),
        settings=_SETTINGS,
        quick=_QUICK,
    ),
    Experiment(
        name="cell_counters",  # after a reader had found in the cells c what the outputs h do not show
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(350, 360)),
        settings={**_SETTINGS, "states": ("h", "c")},
        quick=_QUICK,
    ),
)
