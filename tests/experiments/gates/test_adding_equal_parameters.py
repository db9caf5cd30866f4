"""The small LSTM is as large as the RNN of lesson 06, the large RNN as the LSTM of lesson 07; the recipe is theirs."""

from __future__ import annotations

from course_utils.experiments.framework.registry import experiment
from course_utils.nn.sequence_model import parameter_count
from tests.experiments.small_runs import small_rows


def test_each_has_as_many_parameters_as_the_other_cell_of_32_units() -> None:
    units = experiment("adding_equal_parameters").settings["units"]
    for count, cell, other in ((units["LSTM"], "lstm", "rnn"), (units["RNN"], "rnn", "lstm")):
        wanted = parameter_count(other, 2, 32, 1)
        assert abs(parameter_count(cell, 2, count, 1) - wanted) < 0.03 * wanted


def test_the_recipe_is_that_of_the_lesson() -> None:
    ours, theirs = experiment("adding_equal_parameters").settings, experiment("lstm_where_rnn_failed").settings
    assert all(ours[name] == theirs[name] for name in ("seq_len", "steps", "lr"))


def test_each_network_has_a_row() -> None:
    assert small_rows("adding_equal_parameters", 1)["network"].tolist() == ["LSTM", "RNN"]
