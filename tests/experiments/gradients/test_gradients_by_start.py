"""RNN and LSTM from the same first weights: what can be derived of their gradients."""

from __future__ import annotations

import math

import pytest
import torch

from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.gradients import forget_bias, gradients_by_start
from course_utils.nn.sequence_model import SequenceModel
from tests.experiments.small_runs import small_rows, small_settings


def test_a_gradient_has_grown_where_it_is_above_its_first_size_at_some_lag_and_else_by_nothing() -> None:
    found = small_rows("gradients_by_start")
    for stage in ("initial", "trained"):
        left = found[found["stage"] == stage].groupby(["seed", "network"])["log10_left"].max()
        grown = found[found["stage"] == f"{stage} growth"].set_index(["seed", "network"])["log10_grown"]
        assert grown.to_dict() == left.clip(lower=0).to_dict()
    assert set(found["network"]) == set(gradients_by_start.NETWORKS)


def test_before_training_a_tanh_rnn_keeps_within_its_singular_values() -> None:
    found = small_rows("gradients_by_start")
    initial = found[found["stage"] == "initial"].set_index("network")
    for network, most in (("RNN, orthogonal", 1.0), ("RNN, orthogonal × 1.5", 1.5), ("ReLU RNN, identity", 1.0)):
        of_network = initial.loc[network]
        assert (of_network["log10_left"] <= of_network["lag"] * math.log10(most) + 1e-6).all()
    growth = found[found["stage"] == "initial growth"].set_index("network")["log10_grown"]
    assert growth.loc["RNN, orthogonal"].max() <= 1e-6


def test_the_same_start_is_the_same_kind_of_matrix_in_both_cells() -> None:
    for name, gain in (("orthogonal", 1.0), ("orthogonal × 1.5", 1.5)):
        for network, gates in ((f"RNN, {name}", 1), (f"LSTM, {name}", 4)):
            cell, start = gradients_by_start.NETWORKS[network]
            core = start.network(cell, 2, 8, 1, seed=0, kind=SequenceModel).core
            for matrix in core.get_parameter("weight_hh_l0").detach().chunk(gates):
                assert torch.allclose(matrix @ matrix.T, gain**2 * torch.eye(8), atol=1e-5)
            assert not core.get_parameter("bias_hh_l0").any()


@pytest.mark.parametrize("network", ["RNN, orthogonal × 1.5", "LSTM, forget bias 5"])
def test_what_both_experiments_have_is_measured_alike(network: str) -> None:
    settings = small_settings("gradients_by_start", lags=[10, 20])
    rows = {
        module.__name__: [row for row in module.measure(3, **settings) if row["network"] == network and "lag" in row]
        for module in (forget_bias, gradients_by_start)
    }
    assert rows[forget_bias.__name__] == rows[gradients_by_start.__name__]


def test_wide_networks_are_the_same_pair_in_all_but_their_width_and_how_long_they_train() -> None:
    narrow, wide = experiment("gradients_by_start"), experiment("gradients_of_wide")
    changed = {key for key, value in wide.settings.items() if value != narrow.settings[key]}
    assert changed == {"hidden_size", "steps", "lags"}
    assert not {*wide.seeds} & {*narrow.seeds}
    settings = small_settings("gradients_of_wide", lags=[10, 20])
    rows = gradients_by_start.measure_own(3, **settings)
    assert {row["network"] for row in rows} == {"RNN", "LSTM"}
    every = gradients_by_start.measure(3, **settings)
    assert rows == [row for row in every if row["network"] in ("RNN", "LSTM") and "growth" not in row["stage"]]
