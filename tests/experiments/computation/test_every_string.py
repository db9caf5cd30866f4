"""Random strings, all strings, and the machine of a network: on networks of which each is known."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from course_utils.errors import CourseError
from course_utils.experiments.computation import every_string
from course_utils.experiments.computation.set_for_languages import parity_gru, parity_lstm, parity_rnn
from course_utils.experiments.framework.results import load
from course_utils.nn.sequence_model import SequenceModel
from tests.experiments.small_runs import small_settings


@pytest.mark.parametrize("build", [parity_rnn, parity_gru, parity_lstm])
def test_a_network_set_by_hand_is_right_for_every_string(build: Callable[[], SequenceModel]) -> None:
    row = every_string.judged(build(), seed=0, judged_strings=5)
    assert row["accuracy"] == 1.0
    assert row["mistake"] == 0
    assert row["equal"] == 1.0
    assert row["smallest"] == 2


def test_one_that_forgets_after_many_zeros_is_found_out_though_random_strings_do_not_show_it() -> None:
    """At a 0 the update gate keeps a little less than all, so that after some zeros a 1 has faded."""
    model = parity_gru()
    with torch.no_grad():
        W_ih, W_hh, _, _ = model.core.parameters()
        W_ih[1, 0] = 4.0
        W_hh[2, 0] = 0.0
        W_ih[2] = torch.tensor([-40.0, -40.0])
    row = every_string.judged(model, seed=0, judged_strings=5)
    assert row["mistake"] == len(str(row["string"])) > 0
    assert row["equal"] == 0.0


def test_chance_is_a_half_for_one_that_is_not_trained() -> None:
    model = SequenceModel("gru", 2, 4, 2, generator=torch.Generator().manual_seed(0))
    row = every_string.judged(model, seed=0, judged_strings=20)
    assert abs(row["accuracy"] - 0.5) < 0.03
    assert 1 <= row["mistake"] <= 3


def test_rows_are_of_each_network() -> None:
    rows = every_string.measure(0, **small_settings("every_string"))
    assert [row["network"] for row in rows] == ["GRU", "LSTM"]
    with pytest.raises(CourseError, match="LSTM"):
        every_string.measure(0, **small_settings("every_string", networks=["Elman"]))


def test_what_is_stored_is_whole() -> None:
    rows = load("every_string").table
    assert rows["seed"].nunique() == 10
    assert rows["accuracy"].between(0, 1).all()
    assert rows["mistake"].between(0, every_string.MISTAKE).all()
    assert set(rows["equal"]) <= {0.0, 1.0}
    assert (rows["smallest"] <= rows["states"]).all()
    assert (rows[rows["equal"] == 1]["smallest"] >= 2).all()
