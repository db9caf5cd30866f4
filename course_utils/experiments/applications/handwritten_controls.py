"""Lesson 16: the reader of lines without what it is said to need: recurrent layers, and a rough start.

Two controls of "handwritten", on its lines and with its seeds: convolutions over the columns in place of the LSTMs,
with as many weights, nearly; and the same LSTMs with CTC alone from the first step on.
"""

from __future__ import annotations

from functools import cache
from time import process_time

import torch
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.data.handwritten_lines import handwritten_lines
from course_utils.display.settings import Settings, each
from course_utils.experiments.applications.handwritten_digits import (
    BATCH,
    CLASSES,
    LONGER,
    RATES,
    weights_of,
)
from course_utils.experiments.applications.handwritten_digits import told as told_of_digits
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.metrics import character_error, exact_match
from course_utils.models.hand_reader import BETAS, SPREAD, WARMUP
from course_utils.models.handwriting import LineReader
from course_utils.nn.parameters import parameters_count
from course_utils.nn.reading_model import FEATURES, LineNet
from course_utils.nn.speech_model import real_places
from course_utils.stats import nearest_width
from course_utils.training import Budget, WarmupCosine

NO_RECURRENCE, NO_START = "convolutions", "LSTM, CTC from the first step"
SPAN = 7  # frames that a convolution sees: three to either side


class ConvolutionNet(LineNet):
    """A `LineNet` with two convolutions over its frames in place of the recurrent layers.

    Args:
        classes: K.
        channels: of the first one; the second makes 128, as two LSTMs of 64 units do.
    """

    def __init__(self, classes: int, channels: int) -> None:
        super().__init__("rnn", classes, 64)
        outputs = self.readout.in_features
        del self.forwards, self.backwards
        self.first = nn.Conv1d(FEATURES, channels, SPAN, padding=SPAN // 2)
        self.second = nn.Conv1d(channels, outputs, SPAN, padding=SPAN // 2)

    def forward(self, frames: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Scores (B, T', K) of pictures (B, W, 32), and the number of frames of each (B,)."""
        x, lengths = self.columns(frames, lengths)
        real = real_places(lengths, x.shape[1])
        x = self.first(x.mT).relu() * real.mT
        return self.readout(self.second(x).relu().mT * real), lengths


@cache
def channels_like(hidden_size: int) -> int:
    """The channels that give the convolutions as many weights, nearly, as the LSTMs have."""
    return nearest_width(weights_of("LSTM", hidden_size), convolution_weights)


@cache
def convolution_weights(channels: int) -> int:
    """How many numbers the reader with convolutions learns."""
    with torch.random.fork_rng(devices=[]):
        return parameters_count(ConvolutionNet(CLASSES, channels))


class ConvolutionReader(LineReader):
    """A `LineReader` without recurrent layers; its `hidden_size` counts channels."""

    def _new_model(self, classes: int, dropout: float = 0.0) -> LineNet:
        return ConvolutionNet(classes, self.hidden_size)


class UnguidedReader(LineReader):
    """A `LineReader` that is never told where characters may stand."""

    _spread = 0


def reader_of(control: str, hidden_size: int, seed: int) -> LineReader:
    """The reader of a control, not trained."""
    if control == NO_START:
        return UnguidedReader("lstm", hidden_size, seed)
    return ConvolutionReader("lstm", channels_like(hidden_size), seed)


def measure(
    seed: int,
    *,
    rates: dict[str, list[float]],
    hidden_size: int,
    lines: int,
    steps: int,
    judged: int,
    choosing: bool = False,
) -> list[Row]:
    """Train each control on lines of digits, and judge it on lines of other digits and other strings.

    Args:
        seed: of weights, lines, order and changes.
        rates: control → learning rates to try.
        hidden_size: H of the LSTM, in each direction.
        lines: of three to eight digits, to learn from.
        steps: of the optimiser.
        judged: lines that are judged, of each kind.
        choosing: judge by the digits and strings for choosing, and not by those of the test.

    Returns:
        A row for each control and rate: `network`, `lr`, `parameters`, `cpu_seconds`; on strings that nothing was
        learned from `character_error`, `exact` and `silent` (the share of lines in which nothing is read); `longer`,
        the character error on strings of 10 to 14 digits.

    Raises:
        CourseError: an unknown control.
    """
    part = "valid" if choosing else "test"
    given, asked = handwritten_lines(lines, seed), handwritten_lines(judged, seed, part)
    longer = handwritten_lines(judged, seed, part, lengths=LONGER)
    rows: list[Row] = []
    for control, tried in rates.items():
        check_name("control", control, (NO_RECURRENCE, NO_START))
        for lr in tried:
            reader = reader_of(control, hidden_size, seed)
            began = process_time()
            reader.fit(given.images, given.texts, steps=steps, lr=lr, batch_size=BATCH, progress=False)
            spent, said = process_time() - began, reader.read(asked.images)
            rows.append(
                {
                    "network": control,
                    "lr": lr,
                    "parameters": reader.parameters_count,
                    "character_error": character_error(said, asked.texts),
                    "exact": exact_match(said, asked.texts),
                    "silent": said.count("") / len(said),
                    "longer": character_error(reader.read(longer.images), longer.texts),
                    "cpu_seconds": spent,
                }
            )
    return rows


# ---------------------------------------------------------------------------------------------------------------------
# The experiments

# The one of RATES with the smallest character error on the lines for choosing, in "handwritten_controls_search".
CHOSEN: dict[str, float] = {NO_RECURRENCE: 0.009, NO_START: 0.003}

_SETTINGS = {"hidden_size": 64, "lines": 2_500, "steps": 350, "judged": 250}
_QUICK = {"hidden_size": 4, "lines": 40, "steps": 2, "judged": 6}


def told(*, rates: dict[str, list[float]], hidden_size: int, lines: int, steps: int, **_: object) -> Settings:
    """What a reader must know of the trainings."""
    line = told_of_digits(rates={"LSTM": [0.0]}, hidden_size=hidden_size, lines=lines, strings=0, steps=steps)
    channels = channels_like(hidden_size)
    sizes = {
        NO_RECURRENCE: f"{channels} and 128 channels, {convolution_weights(channels):,} parameters",
        NO_START: f"{hidden_size} units each way, {weights_of('LSTM', hidden_size):,} parameters",
    }
    return line.with_parts(
        learning_rate=f"Adam (betas {BETAS[0]:g} and {BETAS[1]:g}), {each(rates)}, "
        f"{WarmupCosine(Budget(steps), WARMUP).words}",
        size=each({name: sizes[name] for name in rates}),
        note=f"{NO_RECURRENCE}: the first {SPREAD} steps with characters told to stand at equal distances",
    )


EXPERIMENTS = (
    Experiment(
        name="handwritten_controls_search",
        version=1,
        measure=measure,
        told=told,
        seeds=(2_000,),  # not one of those that are reported
        settings={"rates": {control: list(RATES) for control in CHOSEN}, "choosing": True, **_SETTINGS},
        quick=_QUICK,
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="handwritten_controls",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(720, 730)),  # those of "handwritten"
        settings={"rates": {control: [lr] for control, lr in CHOSEN.items()}, **_SETTINGS},
        quick=_QUICK,
        timed=("cpu_seconds",),
    ),
)
