"""The nine rows of the usual table "RNN against LSTM", each with the measurement that stands for it."""

from __future__ import annotations

import pandas as pd

from course_utils.claims.stored import results
from course_utils.experiments.gates.code_and_parameters import STEPS, statements
from course_utils.figures.comparisons import Panel

CELLS = ("RNN", "GRU", "LSTM")


def nine_rows() -> list[Panel]:
    """The panels, from stored results.

    Raises:
        CourseError: a result is not stored.
    """
    kept, lags = results("kept"), results("long_lags")
    fair = kept[(kept["size"] == "equal parameters") & (kept["start"] == "searched")]
    flow, bias = results("gradient_flow"), results("forget_bias")
    seconds, words = results("seconds_by_length"), results("translating")
    long = lags[(lags["lag"] == 1000) & (lags["training"] == "long lags at once")]
    vanishing = flow[(flow["lag"] == 50) & (flow["stage"] == "initial")]
    exploding = bias[bias["stage"] == "training"].replace(
        {"network": {"RNN, orthogonal × 1.5": "RNN", "LSTM, forget bias 1": "LSTM"}}
    )
    step = seconds[seconds["seq_len"] == 128].assign(ms=1000 * seconds["seconds"])
    effort = results("effort").drop_duplicates("cell").rename(columns={"cell": "network"})
    lines = {cell: [float(statements(STEPS[cell][0]))] for cell in CELLS}
    return [
        Panel(
            "memory: a symbol 1,000 steps back, torch's own start",
            "share right (dashed: chance)",
            _by(long, "accuracy"),
            0.25,
        ),
        Panel(
            "long sequences: adding over 160 steps", "share of the budget (less is faster)", _at(fair, "adding", 160)
        ),
        Panel("vanishing gradient: 50 steps back", "log₁₀ of what is left", _by(vanishing, "log10_left")),
        Panel(
            "exploding gradient: in training; RNN begun 1.5 times too large",
            "log₁₀ of the largest norm",
            _by(exploding, "log10_largest_norm"),
        ),
        Panel("size: weights at equal width", "times those of the RNN", _by(effort, "times_rnn")),
        Panel("speed: a training step, 128 steps long", "CPU milliseconds (less is faster)", _by(step, "ms")),
        Panel("convergence: digits, pixel by pixel", "share of the budget (less is faster)", _at(fair, "digits", 64)),
        Panel("effort: to write one step", "statements of Python", lines),
        Panel("advanced tasks: translating numbers", "share without an error", _by(words[words["last"] == 1], "exact")),
    ]


def _by(rows: pd.DataFrame, column: str) -> dict[str, list[float]]:
    """The numbers of each cell, one a seed; cells that were not measured are left out."""
    by_cell = {cell: rows.loc[rows["network"] == cell, column].dropna().tolist() for cell in CELLS}
    return {cell: values for cell, values in by_cell.items() if values}


def _at(fair: pd.DataFrame, task: str, lag: int) -> dict[str, list[float]]:
    return _by(fair[(fair["task"] == task) & (fair["lag"] == lag)], "steps_share")
