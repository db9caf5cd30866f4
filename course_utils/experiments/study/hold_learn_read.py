"""Claim C41, and beside C07, C11, C12 and C13: what a state holds, what a network reads of it, what a gradient reaches.

The flagged latch, trained with lags of up to 100, short ones first, and asked at lags of up to 10,000. Of each trained
network three things are measured on the same sequences: its own answers; those of a linear probe of its last state; and
how much of a gradient reaches the state so many steps back. An answer at chance does not show that a symbol is gone,
and a gradient that has vanished does not either.
"""

from __future__ import annotations

import math
from copy import deepcopy
from typing import Any

import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn

from course_utils.display.settings import Settings, each, trained
from course_utils.experiments.comparison.networks import OWN, Shape
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIPPED, ranges
from course_utils.experiments.gradients.gradient_flow import FLOOR, left_at, norms
from course_utils.experiments.long_memory.long_lags import BATCH, DECAY, LONGEST, SYMBOLS, train
from course_utils.experiments.study.time_constants import IDENTITY, WIDTH, begun, size_text_of
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.nn.backward_by_hand import states_of
from course_utils.nn.leaky import LeakyTanh
from course_utils.nn.parameters import parameters_count

SHAPE = Shape(SYMBOLS + 1, SYMBOLS, LONGEST + 1)
TRAINING = "short lags first"
NETWORKS: dict[str, tuple[str, str]] = {  # network, and how it begins, as in `told_or_not`
    "RNN": ("RNN", OWN),
    "RNN, identity": ("RNN", IDENTITY),
    "ReLU RNN, identity": ("ReLU RNN", IDENTITY),
    "leaky tanh, chrono 100": ("leaky tanh", "chrono, lag"),
    "GRU": ("GRU", OWN),
    "GRU, chrono 100": ("GRU", "chrono, lag"),
    "LSTM": ("LSTM", OWN),
    "LSTM, chrono 100": ("LSTM", "chrono, lag"),
}
PART = 500  # steps that are held in memory
LOST = -FLOOR  # stands for the logarithm of a gradient that has grown beyond the numbers
GONE, HELD = -6.0, 0.95  # log10 of what is left of a gradient; share of right answers
NOISE = 0.001  # of a unit that a probe sees, as a share of its size: nobody reads the last bit of a number

State = tuple[Tensor, ...]  # (h,), or (h, c) of an LSTM, each (B, H)


def network_of(name: str, seed: int, width: int) -> nn.Module:
    """One of `NETWORKS`, untrained, with as many parameters as an LSTM of `width` units."""
    network, start = NETWORKS[name]
    return begun(network, start, SHAPE, LONGEST, seed, width)


@torch.no_grad()
def last_state(model: Any, x: Tensor) -> State:
    """The state after the last step of (B, T, I), from zeros, in single precision: (h,), or (h, c) of an LSTM."""
    core, parts = model.core, x.split(PART, dim=1)
    if isinstance(core, nn.LSTM):
        both = None
        for part in parts:
            _, both = core(part, both)
        return tuple(part[0] for part in both or ())
    h: Tensor | None = None
    for part in parts:
        states = core(part, h) if isinstance(core, LeakyTanh) else states_of(core, part, h)
        h = states[:, -1]
    return () if h is None else (h,)


def gradient_left(model: Any, x: Tensor, y: Tensor, lags: list[int]) -> list[float]:
    """log₁₀ of ‖∂L/∂s_{T−k}‖ / ‖∂L/∂s_T‖ at each lag k, the mean over sequences: in double precision.

    Args:
        model: a network with a `core` and a `readout`.
        x: (B, T, I), T longer than each lag.
        y: (B,); L is the score that the network gives to this right answer, s the whole state, h and c together.
        lags: k, in growing order.
    """
    model = deepcopy(model).double()
    core, x, kept = model.core, x.double(), []
    hidden = torch.zeros(len(x), core.hidden_size, dtype=torch.double)
    state: State = (hidden, hidden.clone()) if isinstance(core, nn.LSTM) else (hidden,)
    begin = 0
    for end in [x.shape[1] - k for k in reversed(lags)] + [x.shape[1]]:
        state = tuple(part.clone() for part in _run(core, x[:, begin:end], state))
        kept.append(state)
        begin = end
    loss = model.readout(state[0]).gather(1, y[:, None]).sum()
    flat = torch.autograd.grad(loss, [part for state in kept for part in state], allow_unused=True)
    zero = torch.zeros_like(hidden)
    parts = torch.stack([zero if g is None else g for g in flat]).unflatten(0, (len(kept), len(state)))
    by_lag = torch.stack([norms(part) for part in parts.permute(2, 0, 1, 3)]).T.flip(0)  # (1 + lags, B): T, T − k …
    return [row["log10_left"] for row in left_at(by_lag, range(1, len(lags) + 1))]


def _run(core: Any, x: Tensor, state: State) -> State:
    if isinstance(core, LeakyTanh):
        h = state[0]
        for x_t in x.unbind(1):
            h = core.step(x_t, h)
        return (h,)
    if isinstance(core, nn.LSTM):
        h, c = core(x, tuple(part[None] for part in state))[1]
        return h[0], c[0]
    return (core(x, state[0][None])[1][0],)


def asked_at(model: Any, lag: int, *, fitted: int, judged: int, followed: int, seed: int) -> Row:
    """One trained network at one lag: its answers, a probe's, and what is left of the gradient.

    Args:
        model: the network.
        lag: the flag stands lag to lag + 49 steps before the answer.
        fitted: sequences that the probe is fitted on.
        judged: other sequences, on which network and probe are judged.
        followed: sequences of these along which the gradient is followed.
        seed: of the sequences and of the noise.

    Returns:
        `lag`, `accuracy` and `probe` (shares of right answers, chance 1/4), `log10_left` (of the gradient in the state
        `lag` steps back; 320 where it has grown beyond the numbers), and `held_beyond`: 1 where less than a millionth
        is left of the gradient, and the probe or the network itself is right in 95 of 100 sequences; else 0.
    """
    task = FlaggedLatch(lag, lag + 49, SYMBOLS)
    states, answers = [], []
    for number in range(0, fitted + judged, 100):
        drawn = task.held_out(min(100, fitted + judged - number), seed * 100 + number // 100)
        states.append(torch.cat(last_state(model, drawn.x), dim=1))
        answers.append(drawn.y)
    s, y = torch.cat(states), torch.cat(answers)
    with torch.no_grad():
        right = model.readout(s[fitted:, : model.core.hidden_size]).argmax(-1) == y[fitted:]
    noise = torch.randn(s.shape, generator=torch.Generator().manual_seed(seed)).double()
    s = s.double()
    s = torch.where(s.isfinite().all(dim=1, keepdim=True), s, 0.0)  # beyond the numbers: nothing can be read of it
    shown = (s + NOISE * s.square().mean(0).sqrt() * noise).numpy()  # of each unit's own size
    names = y.numpy()
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300)).fit(shown[:fitted], names[:fitted])
    accuracy = float(right.double().mean())
    found = float(probe.score(shown[fitted:], names[fitted:]))
    drawn = task.held_out(followed, seed * 100 + 99)
    (left,) = gradient_left(model, drawn.x, drawn.y, [lag])
    left = left if math.isfinite(left) else LOST
    return {
        "lag": lag,
        "accuracy": accuracy,
        "probe": found,
        "log10_left": left,
        "held_beyond": int(left < GONE and max(found, accuracy) >= HELD),
    }


def measure(
    seed: int,
    *,
    rates: dict[str, float],
    steps: int,
    lags: dict[str, int],
    width: int,
    fitted: int,
    judged: int,
    followed: int,
) -> list[Row]:
    """Train each network on the flagged latch and ask it at each lag.

    Args:
        seed: of weights and sequences.
        rates: network → learning rate.
        steps: of the training, of 32 sequences.
        lags: how far beyond the training → steps from the flag to the answer.
        width: of the LSTM; the others have as many parameters.
        fitted, judged, followed: sequences, as in `asked_at`.

    Returns:
        A row for each network and lag: `network`, `lr`, `parameters`, `distance`, and what `asked_at` says.
    """
    rows: list[Row] = []
    torch.set_flush_denormal(True)
    try:
        for name, lr in rates.items():
            model: Any = network_of(name, seed, width)
            train(model, TRAINING, lr, steps, seed)
            about = {"network": name, "lr": lr, "parameters": parameters_count(model)}
            torch.set_flush_denormal(False)
            for distance, lag in lags.items():
                asked = asked_at(model, lag, fitted=fitted, judged=judged, followed=followed, seed=seed)
                rows.append(about | {"distance": distance} | asked)
            torch.set_flush_denormal(True)
    finally:
        torch.set_flush_denormal(False)
    return rows


@torch.no_grad()
def search(
    seed: int,
    *,
    rates: list[float],
    steps: int,
    lags: list[int],
    width: int,
    judged: int,
    networks: tuple[str, ...] = tuple(NETWORKS),
) -> list[Row]:
    """Train each network with each rate, and judge its answers.

    Args:
        seed: of weights and sequences.
        rates: the same for all.
        steps, width, judged: as in `measure`.
        lags: from the flag to the answer.
        networks: those that are searched for.

    Returns:
        A row for each network, rate and lag: `network`, `lr`, `lag`, `accuracy`.
    """
    rows: list[Row] = []
    for name in networks:
        for lr in rates:
            model: Any = network_of(name, seed, width)
            with torch.enable_grad():
                finite = train(model, TRAINING, lr, steps, seed)
            for lag in lags:
                drawn = FlaggedLatch(lag, lag + 49, SYMBOLS).held_out(judged, seed)
                right = model.readout(last_state(model, drawn.x)[0]).argmax(-1) == drawn.y
                accuracy = float(right.double().mean()) if finite else 1 / SYMBOLS
                rows.append({"network": name, "lr": lr, "lag": lag, "accuracy": accuracy})
    return rows


# ---------------------------------------------------------------------------------------------------------------------
# The experiments

RATES = (0.0003, 0.001, 0.003, 0.01, 0.03)


def told(*, rates: dict[str, float], steps: int, width: int, fitted: int, judged: int, **_: Any) -> Settings:
    """What a reader must know of the reported trainings."""
    probe = f"linear probes of the last states are fitted on {fitted} sequences, network and probe judged on {judged}"
    return _told(
        ranges(rates.items()), steps, width, f"{probe}; each unit is shown with noise of a thousandth of its size"
    )


def told_search(*, rates: list[float], steps: int, width: int, judged: int, **_: Any) -> Settings:
    """What a reader must know of the trainings of the search."""
    return _told(f"{ranges([('all', rates)])}, {len(rates)} rates each", steps, width, f"judged on {judged} sequences")


def _told(rates: str, steps: int, width: int, note: str) -> Settings:
    return trained(
        start="torch's own; identity: W_hh identity, input weights with a spread of 0.1, biases 0; chrono 100: chrono "
        "biases or time constants for lags up to 100",
        learning_rate=f"AdamW, {rates}, falling to 0 as a cosine; weight decay {DECAY:g} of the read-out, 0 of the "
        "recurrent layer",
        clipping=CLIPPED,
        steps=f"{steps:,}",
        batch=f"{BATCH}",
        size=each({name: size_text_of(network, SHAPE, width) for name, (network, _) in NETWORKS.items()}),
        note=f"trained with lags of 5 to {LONGEST}, short lags first; {note}",
    )


# The rate with the highest mean accuracy over both lags of the searches; of equally good ones that nearest to the
# middle of those tried.
CHOSEN: dict[str, float] = {
    "RNN": 0.001,
    "RNN, identity": 0.0003,
    "ReLU RNN, identity": 0.003,
    "leaky tanh, chrono 100": 0.1,
    "GRU": 0.01,
    "GRU, chrono 100": 0.01,
    "LSTM": 0.003,
    "LSTM, chrono 100": 0.01,
}
REPORTED = tuple(name for name in NETWORKS if name not in ("RNN", "GRU"))  # those two wait for another run

_SETTINGS = {"steps": 1000, "width": WIDTH}

EXPERIMENTS = (
    Experiment(
        name="hold_learn_read_search",
        version=1,
        measure=search,
        seeds=(2600,),  # not one of those that are reported
        settings={**_SETTINGS, "rates": list(RATES), "lags": [51, 1000], "judged": 200},
        quick={"steps": 2, "rates": [0.003], "lags": [5], "judged": 10, "width": 4},
        told=told_search,
    ),
    Experiment(  # one network had its best rate at the end of the range
        name="hold_learn_read_wider_search",
        version=1,
        measure=search,
        seeds=(2600,),
        settings={
            **_SETTINGS,
            "networks": ["leaky tanh, chrono 100"],
            "rates": [0.1, 0.3],
            "lags": [51, 1000],
            "judged": 200,
        },
        quick={"steps": 2, "rates": [0.1], "lags": [5], "judged": 10, "width": 4},
        told=told_search,
    ),
    Experiment(
        name="hold_learn_read",
        version=1,
        measure=measure,
        seeds=tuple(range(2620, 2630)),  # which no other experiment has used
        settings={
            **_SETTINGS,
            "rates": {name: CHOSEN[name] for name in REPORTED},
            "lags": {"as trained": 51, "ten times": 1000, "a hundred times": 10_000},
            "fitted": 300,
            "judged": 200,
            "followed": 4,
        },
        quick={
            "steps": 2,
            "width": 6,
            "lags": {"as trained": 5, "ten times": 20, "a hundred times": 60},
            "fitted": 20,
            "judged": 10,
            "followed": 1,
        },
        told=told,
    ),
)
