"""Claims C27 and C06: chorales of Bach by four networks of equal size, a logistic regression and two ways to count."""

from __future__ import annotations

from functools import lru_cache, partial
from time import process_time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.data.chorales import chorales
from course_utils.data.chords import KEYS, several
from course_utils.display import settings as line
from course_utils.display.settings import Settings, each, named_each
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIPPED
from course_utils.metrics.music import copied_chords, rubbing, sounding
from course_utils.models.chord_baselines import FramesBefore, KeyShares, RepeatLast
from course_utils.models.music import WARMUP, WEIGHT_DECAY, ChordModel, tune_nats
from course_utils.nn.chord_net import ChordNet, next_frame
from course_utils.nn.parameters import parameters_count
from course_utils.runtime import prepare_optimizers, seeded
from course_utils.stats import nearest_width
from course_utils.training import DivergedError

NETWORKS = {"tanh RNN": "rnn", "ReLU RNN": "relu_rnn", "GRU": "gru", "LSTM": "lstm"}
HIDDEN = "hidden layer on four frames"  # a network without memory: the control of what memory gives
CONTROLS = {HIDDEN: "four_frames"}
SHARES, REPEAT, FRAMES = "shares of keys", "repeat last", "four frames"
BATCH = 8
LENGTH = 64  # frames of a sample
IN_A_ROW = 4  # frames of a copy


def measure(seed: int, *, plan: list[list[Any]], hidden_size: int, samples: int, tunes: int | None) -> list[Row]:
    """Learn from the chorales of a seed's split by each of a plan, and judge on those of its test part.

    Args:
        seed: of the split, of weights, order, dropout and samples.
        plan: [name, semitones of transposition, setting, dropout, epochs]; the setting of a network is its learning
            rate, that of the logistic regression its penalty; the others have none.
        hidden_size: of the LSTM; the other networks have as many parameters, nearly.
        samples: tunes that each one makes up.
        tunes: of each part, at most; None: all.

    Returns:
        A row for each of the plan: `network`, `transposed`, `setting`, `dropout`, `parameters`, `valid_nats` and `nats`
        of a frame of the test, `nats_by_tune` (the mean of the tunes' means), `four` and `rub` (shares of frames that
        sound four keys, or two keys side by side, where each key is drawn by itself after the true frames), `copied`
        (of made up tunes the share in runs of four frames that a tune learned from has, in whatever key), the same
        shares of the test's own frames as `four_real`, `rub_real`, `copied_real`, `four_excess` (`four` less
        `four_real`), and `cpu_seconds` of the training.
    """
    prepare_optimizers()
    parts = chorales(seed=seed)
    train, valid, test = (several(part)[:tunes] for part in (parts.train, parts.valid, parts.test))
    own = np.concatenate(test)
    real = {
        "four_real": sounding(own),
        "rub_real": rubbing(own),
        "copied_real": _copied(test[:samples], train) if samples else 0.0,
    }
    rows = []
    for name, semitones, setting, dropout, epochs in plan:
        began = process_time()
        model = learned(name, train, valid, semitones, setting, dropout, epochs, hidden_size, seed)
        spent = process_time() - began
        costs = tune_nats(model, test)
        about = {"network": name, "transposed": semitones, "setting": setting, "dropout": dropout}
        nats = {
            "parameters": parameters_count(model) or sum(buffer.numel() for buffer in model.buffers()),
            "valid_nats": float(np.concatenate(tune_nats(model, valid)).mean()),
            "nats": float(np.concatenate(costs).mean()),
            "nats_by_tune": float(np.mean([cost.mean() for cost in costs])),
        }
        like = _like(model, test, train, samples, seed) | real
        excess = {"four_excess": like["four"] - like["four_real"]}
        rows.append({**about, **nats, **like, **excess, "cpu_seconds": spent})
    return rows


def learned(
    name: str,
    train: list[NDArray[np.bool_]],
    valid: list[NDArray[np.bool_]],
    semitones: int,
    setting: float,
    dropout: float,
    epochs: int,
    hidden_size: int,
    seed: int,
) -> nn.Module:
    """One of a plan, after it has learned; of a network with the weights of the best epoch on the validation part.

    Where a training diverges, the network has the weights with which it began.
    """
    if name == SHARES:
        return KeyShares(train)
    if name == REPEAT:
        return RepeatLast(train)
    if name == FRAMES:
        return FramesBefore(train, penalty=setting).eval()
    check_name("network", name, NETWORKS | CONTROLS)
    model = ChordModel((NETWORKS | CONTROLS)[name], width_like(name, hidden_size), seed=seed)
    options: dict[str, Any] = {"lr": setting, "dropout": dropout, "batch_size": BATCH, "transpose": semitones}
    try:
        model.fit(train, valid, epochs=epochs, progress=False, **options)
    except DivergedError:
        with seeded(seed):
            return ChordNet(model.cell, model.hidden_size).eval()
    assert model.model is not None
    return model.model


@lru_cache
def width_like(network: str, hidden_size: int) -> int:
    """The hidden size that gives a network as many parameters, nearly, as an LSTM has.

    Args:
        network: one of `NETWORKS` or `CONTROLS`.
        hidden_size: of the LSTM.
    """

    def count(name: str, width: int) -> int:
        with torch.random.fork_rng(devices=[]), torch.device("meta"):
            return parameters_count(ChordNet((NETWORKS | CONTROLS)[name], width))

    return nearest_width(count("LSTM", hidden_size), partial(count, network))


@torch.no_grad()
def _like(
    model: nn.Module, test: list[NDArray[np.bool_]], train: list[NDArray[np.bool_]], samples: int, seed: int
) -> Row:
    """What frames that are drawn key by key are like, after the true ones, and in tunes that are made up."""
    generator = torch.Generator().manual_seed(seed)
    frames = [torch.from_numpy(tune).float() for tune in test]
    drawn = torch.cat([next_frame(model(tune[None, :-1])[0][0], 1.0, generator) for tune in frames]).numpy()
    made = [tune.numpy() for tune in made_up(model, samples, LENGTH, generator)] if samples else []
    return {"four": sounding(drawn), "rub": rubbing(drawn), "copied": _copied(made, train) if made else 0.0}


@torch.no_grad()
def made_up(model: nn.Module, count: int, length: int, generator: torch.Generator) -> Tensor:
    """Tunes drawn frame by frame, from silence on: (count, length, 88).

    Args:
        model: frames in, logits of the frame after each out.
        count: of tunes.
        length: of each, in frames.
        generator: of the random numbers.
    """
    frames = [torch.zeros(count, 1, KEYS)]
    state = None
    for _ in range(length):
        logits, state = model(frames[-1], state)
        frames.append(next_frame(logits, 1.0, generator))
    return torch.cat(frames[1:], dim=1)


def _copied(tunes: list[NDArray[Any]], known: list[NDArray[np.bool_]]) -> float:
    return float(np.mean([copied_chords(tune, known, IN_A_ROW) for tune in tunes]))


# ---------------------------------------------------------------------------------------------------------------------
# The experiments

EPOCHS, DROPOUT, MOVED = 120, 0.3, 5

# Three rates and three penalties for each, then two more beyond both ends; then a rate beyond the largest for all
# networks, as the LSTM did best with that one.
RATES, WIDER_RATES, WIDEST_RATES = (0.002, 0.006, 0.02), (0.0006, 0.06), (0.2,)
PENALTIES, WIDER_PENALTIES = (3.0, 10.0, 30.0), (1.0, 100.0)
SEARCHES = ("chorales_search", "chorales_wider_search", "chorales_widest_search")

# The control's best rate in "chorales_controls_search", and the LSTM's best but one in the searches below
CONTROL_RATE, OTHER_LSTM_RATE = 0.002, 0.006

# Of these, the ones with the fewest nats on the validation part, in the three searches.
CHOSEN: dict[str, float] = {"tanh RNN": 0.002, "ReLU RNN": 0.006, "GRU": 0.006, "LSTM": 0.06, FRAMES: 10.0}

_SETTINGS = {"hidden_size": 100, "samples": 10, "tunes": None}
_QUICK = {"hidden_size": 8, "samples": 2, "tunes": 6}


def searched(rates: tuple[float, ...], penalties: tuple[float, ...]) -> list[list[Any]]:
    """What is tried: each network with each rate, the logistic regression with each penalty."""
    networks = [[network, 0, lr, DROPOUT, EPOCHS] for network in NETWORKS for lr in rates]
    return [*networks, *([FRAMES, 0, penalty, 0.0, 0] for penalty in penalties)]


def variants() -> list[list[Any]]:
    """What is reported: each network as it is, the LSTM with transposition as well, and the three others."""
    networks = [[network, 0, CHOSEN[network], DROPOUT, EPOCHS] for network in NETWORKS]
    moved = ["LSTM", MOVED, CHOSEN["LSTM"], DROPOUT, EPOCHS]
    return [
        *networks,
        moved,
        [FRAMES, 0, CHOSEN[FRAMES], 0.0, 0],
        [REPEAT, 0, 0.0, 0.0, 0],
        [SHARES, 0, 0.0, 0.0, 0],
    ]


def told(*, plan: list[list[Any]], hidden_size: int, samples: int, tunes: int | None) -> Settings:
    """What a reader must know of the trainings."""
    rates: dict[str, list[float]] = {}
    penalties = [setting for name, _, setting, *_ in plan if name == FRAMES]
    for name, _, setting, *_ in plan:
        if name in NETWORKS | CONTROLS:
            rates.setdefault(name, []).append(setting)
    epochs = sorted({epochs for name, *_, epochs in plan if name in NETWORKS | CONTROLS})
    dropouts = sorted({dropout for name, _, _, dropout, _ in plan if name in NETWORKS | CONTROLS})
    moved = sorted({semitones for _, semitones, *_ in plan if semitones})
    sized = [*NETWORKS, *(name for name in CONTROLS if name in rates)]
    widths = {name: f"{width_like(name, hidden_size)} units, {_parameters(name, hidden_size):,}" for name in sized}
    return line.trained(
        start="torch's own, the LSTM with forget biases 1",
        learning_rate=f"AdamW, {each(rates)}, rising over {WARMUP} steps, then falling to 0 as a cosine, "
        f"weight decay {WEIGHT_DECAY:g}",
        clipping=CLIPPED,
        steps=f"{' or '.join(map(str, epochs))} epochs, weights of the best validation",
        batch=f"{BATCH} tunes or pieces of them of at most 200 frames",
        size=f"{named_each(widths)} parameters",
        augmentation=f"none; where it is said, moved by up to {moved[-1]} semitones" if moved else "none",
        note=f"chorales of Bach, split by tune for each seed; dropout {' or '.join(f'{p:g}' for p in dropouts)}"
        + (f"; the logistic regression has the penalty {each({FRAMES: penalties})}" if penalties else "")
        + (f"; {samples} tunes of {LENGTH} frames made up by each" if samples else ""),
    )


def _parameters(name: str, hidden_size: int) -> int:
    with torch.random.fork_rng(devices=[]), torch.device("meta"):
        return parameters_count(ChordNet((NETWORKS | CONTROLS)[name], width_like(name, hidden_size)))


def controls() -> list[list[Any]]:
    """What was asked once the ten splits had been seen: does a network without memory do as well, is it the rate?"""
    return [[HIDDEN, 0, CONTROL_RATE, DROPOUT, EPOCHS], ["LSTM", 0, OTHER_LSTM_RATE, DROPOUT, EPOCHS]]


EXPERIMENTS = (
    Experiment(
        name="chorales_controls_search",
        version=1,
        measure=measure,
        told=told,
        seeds=(1000,),  # none of those that are reported
        settings={
            "plan": [[HIDDEN, 0, lr, DROPOUT, EPOCHS] for lr in sorted(RATES + WIDER_RATES + WIDEST_RATES)],
            **_SETTINGS,
            "samples": 0,
        },
        quick={**_QUICK, "samples": 0, "plan": [[HIDDEN, 0, 0.02, DROPOUT, 1]]},
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="chorales_controls",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(400, 410)),  # the splits of "chorales", for pairs
        settings={"plan": controls(), **_SETTINGS},
        quick={**_QUICK, "plan": [[*variant[:4], 1] for variant in controls()]},
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="chorales_search",
        version=1,
        measure=measure,
        told=told,
        seeds=(1000,),  # none of those that are reported
        settings={"plan": searched(RATES, PENALTIES), **_SETTINGS, "samples": 0},
        quick={**_QUICK, "samples": 0, "plan": [["LSTM", 0, 0.02, DROPOUT, 1], [FRAMES, 0, 10.0, 0.0, 0]]},
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="chorales_wider_search",
        version=1,
        measure=measure,
        told=told,
        seeds=(1000,),
        settings={"plan": searched(WIDER_RATES, WIDER_PENALTIES), **_SETTINGS, "samples": 0},
        quick={**_QUICK, "samples": 0, "plan": [["GRU", 0, 0.02, DROPOUT, 1], [FRAMES, 0, 1.0, 0.0, 0]]},
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="chorales_widest_search",
        version=1,
        measure=measure,
        told=told,
        seeds=(1000,),
        settings={"plan": searched(WIDEST_RATES, ()), **_SETTINGS, "samples": 0},
        quick={**_QUICK, "samples": 0, "plan": [["GRU", 0, 0.02, DROPOUT, 1]]},
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="chorales",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(400, 410)),
        settings={"plan": variants(), **_SETTINGS},
        quick={**_QUICK, "plan": [[*variant[:4], min(variant[4], 1)] for variant in variants()]},
        timed=("cpu_seconds",),
    ),
)
