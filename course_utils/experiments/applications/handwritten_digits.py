"""Claims C26 and C06: lines of real handwritten digits, read by CTC, with RNNs, GRU and LSTM of equal size.

Neither a digit that is judged nor its string was learned from. One more LSTM learns from as
many lines of twenty strings: does it read, or does it know the strings?
"""

from __future__ import annotations

from functools import cache, partial
from time import process_time

import torch

from course_utils.checks import check_name
from course_utils.data.handwritten_lines import Lines, handwritten_lines
from course_utils.display.settings import Settings, each, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIPPED
from course_utils.metrics import character_error, exact_match
from course_utils.models.hand_reader import BETAS, CALM, SPREAD, WARMUP
from course_utils.models.handwriting import LineReader
from course_utils.nn.parameters import parameters_count
from course_utils.nn.reading_model import LineNet, Redrawn
from course_utils.stats import nearest_width
from course_utils.training import Budget, WarmupCosine

BATCH = 16
CLASSES = 11  # ten digits and the blank
LONGER = (10, 14)  # digits of lines that are longer than any learned from
NETWORKS = {"RNN": "rnn", "ReLU RNN": "relu_rnn", "GRU": "gru", "LSTM": "lstm"}  # all read from both sides
FEW = "LSTM, few strings"  # the same network, lines of a few strings


@cache
def weights_of(network: str, width: int) -> int:
    """How many numbers a reader of the ten digits learns."""
    with torch.random.fork_rng(devices=[]):
        return parameters_count(LineNet(NETWORKS[network], CLASSES, width))


@cache
def width_like(network: str, hidden_size: int) -> int:
    """The hidden size that gives a network as many weights, nearly, as the LSTM has.

    Args:
        network: one of `NETWORKS`.
        hidden_size: of the LSTM.
    """
    return nearest_width(weights_of("LSTM", hidden_size), partial(weights_of, network))


def strings_of(seed: int, count: int) -> list[str]:
    """The few strings, of three to eight digits, in the order of the alphabet."""
    return sorted(list(dict.fromkeys(handwritten_lines(2 * count, seed).texts))[:count])


def measure(
    seed: int,
    *,
    rates: dict[str, list[float]],
    hidden_size: int,
    lines: int,
    strings: int,
    steps: int,
    judged: int,
    choosing: bool = False,
) -> list[Row]:
    """Train each network on lines of digits, and judge it on lines of other digits and other strings.

    Args:
        seed: of weights, lines, order and changes.
        rates: network → learning rates to try.
        hidden_size: H of the LSTM, in each direction; the others have as many weights, nearly.
        lines: of three to eight digits, to learn from.
        strings: how many different ones `FEW` learns from.
        steps: of the optimiser; the same for all.
        judged: lines that are judged, of each kind.
        choosing: judge by the digits and strings for choosing, and not by those of the test.

    Returns:
        A row for each network and rate: `network`, `lr`, `hidden_size`, `parameters`, `cpu_seconds`; on strings that
        nothing was learned from `character_error`, and `exact` (the share of lines without a wrong digit); `longer`,
        the character error on strings of 10 to 14 digits; `known`, that on the few strings, in digits that nothing was
        learned from.

    Raises:
        CourseError: an unknown network.
    """
    for network in rates:
        check_name("network", network, (*NETWORKS, FEW))
    part = "valid" if choosing else "test"
    few = strings_of(seed, strings)
    asked = handwritten_lines(judged, seed, part)
    longer = handwritten_lines(judged, seed, part, lengths=LONGER)
    known = handwritten_lines(judged, seed, part, texts=few)
    rows: list[Row] = []
    for network, tried in rates.items():
        given = handwritten_lines(lines, seed, texts=few if network == FEW else None)
        for lr in tried:
            reader, spent = _trained(network, given, hidden_size, steps, lr, seed)
            said = reader.read(asked.images)
            rows.append(
                {
                    "network": network,
                    "lr": lr,
                    "hidden_size": reader.hidden_size,
                    "parameters": reader.parameters_count,
                    "character_error": character_error(said, asked.texts),
                    "exact": exact_match(said, asked.texts),
                    "longer": character_error(reader.read(longer.images), longer.texts),
                    "known": character_error(reader.read(known.images), known.texts),
                    "cpu_seconds": spent,
                }
            )
    return rows


def _trained(
    network: str, given: Lines, hidden_size: int, steps: int, lr: float, seed: int
) -> tuple[LineReader, float]:
    """A reader, and the CPU seconds of its training."""
    name = "LSTM" if network == FEW else network
    reader = LineReader(NETWORKS[name], width_like(name, hidden_size), seed)
    began = process_time()
    reader.fit(given.images, given.texts, steps=steps, lr=lr, batch_size=BATCH, progress=False)
    return reader, process_time() - began


# ---------------------------------------------------------------------------------------------------------------------
# The experiment

RATES = (0.001, 0.003, 0.009, 0.027)

# The one of RATES with the smallest character error on the lines for choosing, in "handwritten_search".
CHOSEN: dict[str, float] = {"RNN": 0.003, "ReLU RNN": 0.009, "GRU": 0.009, "LSTM": 0.009}

_SETTINGS = {"hidden_size": 64, "lines": 2_500, "strings": 20, "steps": 350, "judged": 250}
_QUICK = {"hidden_size": 4, "lines": 40, "strings": 20, "steps": 2, "judged": 6}


def told(
    *, rates: dict[str, list[float]], hidden_size: int, lines: int, strings: int, steps: int, **_: object
) -> Settings:
    """What a reader must know of the trainings."""
    widths = {name: width_like("LSTM" if name == FEW else name, hidden_size) for name in rates}
    sizes = {
        name: f"{width} units each way, {weights_of('LSTM' if name == FEW else name, width):,} parameters"
        for name, width in widths.items()
    }
    few = f"; {FEW}: in {strings} strings" if FEW in rates else ""
    return trained(
        start="torch's own",
        learning_rate=f"Adam (betas {BETAS[0]:g} and {BETAS[1]:g}), {each(rates)}, "
        f"{WarmupCosine(Budget(steps), WARMUP).words}",
        clipping=CLIPPED,
        steps=f"{steps:,}, on {lines:,} lines{few}",
        batch=f"{BATCH}",
        size=each(sizes),
        augmentation=f"{Redrawn().words} after {CALM} batches",
        note=f"the first {SPREAD} steps with characters told to stand at equal distances",
    )


EXPERIMENTS = (
    Experiment(
        name="handwritten_search",
        version=1,
        measure=measure,
        told=told,
        seeds=(2_000,),  # not one of those that are reported
        settings={"rates": {network: list(RATES) for network in NETWORKS}, "choosing": True, **_SETTINGS},
        quick=_QUICK,
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="handwritten",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(720, 730)),
        settings={
            "rates": {**{network: [lr] for network, lr in CHOSEN.items()}, FEW: [CHOSEN["LSTM"]]},
            **_SETTINGS,
        },
        quick=_QUICK,
        timed=("cpu_seconds",),
    ),
)
