"""Learning curves say what was measured, and are drawn whole."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

from course_utils.display.numbers import short
from course_utils.errors import CourseError
from course_utils.figures import curves
from course_utils.figures.curves import learning_curves
from course_utils.figures.style import COLOURS
from tests.figures.drawn import Drawn


def a_history(steps: int = 40, end: float = 0.1, valid: int | None = 10) -> pd.DataFrame:
    """A loss that falls from 1 to about `end`."""
    loss = end + (1 - end) * np.exp(-np.arange(steps) / steps * 5)
    table = pd.DataFrame({"step": np.arange(1, steps + 1), "epoch": 1, "seconds": np.arange(steps) / 10, "loss": loss})
    if valid:
        table["valid"] = np.where(table["step"] % valid == 0, loss + 0.05, np.nan)
    return table


def test_learning_curves_say_what_was_measured(drawn: Drawn) -> None:
    tables = {"RNN": a_history(end=0.5), "LSTM": a_history()}
    picture = learning_curves(tables, baselines={"always the mean": 1.02}, measure="cross-entropy (nats)")
    best = {name: short(table["valid"].min()) for name, table in tables.items()}
    title = f"Lowest validation cross-entropy: LSTM {best['LSTM']}, RNN {best['RNN']} (always the mean 1.02)"
    assert picture.alt.startswith(
        f"{title}. Lines of the cross-entropy (nats) over step of the optimiser 1 to 40. RNN:"
    )
    assert f"lowest {best['LSTM']} at step 40." in picture.alt
    assert picture.alt.endswith("Dashed dark line: always the mean at 1.02.")
    assert drawn.fig.get_suptitle().replace("\n", " ") == title
    assert drawn.ax.get_ylabel() == "cross-entropy (nats)"
    drawn.check_layout()
    by_colour = {line.get_color() for line in drawn.ax.lines}
    assert by_colour == {COLOURS["rnn"], COLOURS["lstm"], COLOURS["chance"]}


def test_learning_curves_take_what_fit_returns(drawn: Drawn) -> None:
    import torch
    from torch import nn

    from course_utils.training import fit, supervised

    torch.manual_seed(0)
    x = torch.randn(32, 2)
    batches, loss = [(x, x[:, :1])], supervised(nn.MSELoss())
    same = fit(nn.Linear(2, 1), batches, loss, steps=30, lr=0.1, valid=batches, eval_every=10)
    other = fit(nn.Linear(2, 1), batches, loss, steps=30, lr=0.1, valid=lambda model: 0.5, eval_every=10)
    assert same.best is not None
    assert f"Lowest validation loss: {short(same.best.valid)} " in learning_curves(same, baselines={"zero": 1}).alt
    with pytest.raises(CourseError, match="two measures"):
        learning_curves(other, baselines={})
    alone = learning_curves(other, baselines={"chance": 0.75}, column="valid", measure="error rate")
    assert alone.alt.startswith("Lowest validation error rate: 0.5 (chance 0.75).")
    trained = learning_curves({"RNN": other}, baselines={}, column="loss", x="seconds")
    assert trained.alt.startswith("Training loss at the end: RNN ")


HARD = {
    "one point": {"": a_history(1, valid=1)},
    "no validation": {"LSTM": a_history(valid=None)},
    "some validation": {"LSTM": a_history(valid=None), "RNN": a_history()},
    "overlapping": {"LSTM": a_history(), "RNN": a_history(), "GRU": a_history()},
    "long names": {f"LSTM with a rather long name, variant {n}": a_history(end=0.1 + n / 1e4) for n in range(6)},
    "many steps": {"LSTM": a_history(9000, valid=100)},
    "gaps": {"GRU": a_history().mask(lambda t: (t["step"] > 10) & (t["step"] < 25)).assign(step=range(1, 41))},
    "infinite": {"GRU": a_history().replace(a_history()["loss"][5], np.inf)},
    "formula": {"$x^2": a_history(), "a_b$ & <c>$": a_history(end=0.2)},
}


@pytest.mark.parametrize("case", HARD)
@pytest.mark.parametrize("log", [False, True])
def test_hard_learning_curves_are_drawn_whole(drawn: Drawn, case: str, log: bool) -> None:
    picture = learning_curves(HARD[case], baselines={"always the mean": 1.0, "a rule of the thumb": 0.99}, log=log)
    assert "nan" not in picture.alt
    drawn.check_layout()


def test_the_same_curves_give_the_same_picture() -> None:
    one, other = (learning_curves({"LSTM": a_history()}, baselines={"chance": 1}) for _ in range(2))
    assert one.png == other.png
    assert one.png.startswith(b"\x89PNG")


def test_a_long_curve_is_drawn_as_means_of_stretches() -> None:
    table = pd.DataFrame({"loss": np.arange(1000.0)})
    means = curves.stretches(table)
    assert len(means) == curves.POINTS
    assert means["loss"].mean() == pytest.approx(499.5, abs=0.5)
    assert curves.stretches(table[:50]) is not None
    assert len(curves.stretches(table[:50])) == 50


@pytest.mark.parametrize(
    ("histories", "options", "says"),
    [
        ({}, {}, "no history to draw"),
        ({"LSTM": 3}, {}, "'LSTM' is a int"),
        ([1, 2], {}, "this is a list"),
        (a_history(0), {}, "nothing to draw"),
        (a_history().assign(loss=np.nan, valid=np.nan), {}, "nothing to draw"),
        (a_history(valid=None), {"column": "valid"}, "no validation to draw"),
        (a_history(), {"column": "accuracy"}, "There is no column 'accuracy'"),
        (a_history(), {"x": "epochs"}, "There is no axis 'epochs'"),
        (a_history().drop(columns="seconds"), {"x": "seconds"}, "has no column 'seconds'"),
        (a_history(), {"baselines": 0.5}, "baselines are given by name"),
        (a_history(), {"baselines": {"x": math.nan}}, "'x' is nan"),
        (a_history(), {"baselines": {"x": 0}, "log": True}, "'x' is 0"),
        (a_history() * -1, {"log": True}, "0 or less"),
    ],
)
def test_learning_curves_that_cannot_be_drawn(histories: Any, options: dict[str, Any], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        learning_curves(histories, **({"baselines": {}} | options))


def test_helpers_work_in_a_plain_script_without_noise() -> None:
    code = r"""
import warnings  # pyparsing warns of what matplotlib before 3.10.8 calls
warnings.filterwarnings("ignore", r"'\w+' deprecated - use", DeprecationWarning)
import pandas as pd
from course_utils.figures.curves import learning_curves
from course_utils.figures.lags import score_against_lag
from course_utils.display.tables import show_table
rows = pd.DataFrame({"network": ["LSTM", "LSTM"], "lag": [1, 10], "accuracy": [1.0, 0.9]})
print(show_table(rows, "Accuracy"))
print(score_against_lag(rows, chance=0.5, baselines={}).png[1:4])
print(learning_curves(pd.DataFrame({"step": [1, 2], "loss": [1.0, 0.5]}), baselines={}))
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert "LSTM" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("[figure: Training loss at the end: 0.5.")
    assert done.stderr == ""
