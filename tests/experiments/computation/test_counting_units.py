"""The unit that counts: found where it was set by hand, and not where there is none."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from course_utils.data.formal_languages import LANGUAGES, answered, strings
from course_utils.experiments.computation import counting_units, formal_language_grid
from course_utils.experiments.computation.set_for_languages import counting_lstm, counting_relu
from course_utils.experiments.framework.results import load
from course_utils.nn.cells import lstm_states
from tests.experiments.small_runs import small_settings

DRAWN = strings("aⁿbⁿ", 20, 41, seed=1, deep=True)


def test_counts_go_up_at_a_and_down_at_b() -> None:
    drawn = answered(LANGUAGES["aⁿbⁿ"], torch.tensor([[0, 0, 1, 1, 1]]))
    assert counting_units.counts_of(drawn).tolist() == [[1, 2, 1, 0, -1]]


def test_the_cell_of_the_lstm_set_by_hand_is_the_count_and_its_output_is_not() -> None:
    found = counting_units.states_along(counting_lstm(), DRAWN.symbols)  # type: ignore[arg-type]
    assert np.array_equal(found["c"][..., 0], counting_units.counts_of(DRAWN))
    assert counting_units.correlation(found["c"], DRAWN) == pytest.approx(1.0)
    assert counting_units.correlation(found["h"], DRAWN) < 0.9


def test_a_unit_that_counts_downwards_is_found_too() -> None:
    counts = counting_units.counts_of(DRAWN)[..., None].astype(float)
    noise = np.random.default_rng(0).normal(size=(*counts.shape[:2], 3))
    assert counting_units.correlation(np.concatenate([noise, -counts], axis=2), DRAWN) == pytest.approx(1.0)
    assert abs(counting_units.correlation(noise, DRAWN)) < 0.3


def test_relu_units_set_by_hand_have_outputs_alone() -> None:
    found = counting_units.states_along(counting_relu("aⁿbⁿ"), DRAWN.symbols)  # type: ignore[arg-type]
    assert list(found) == ["h"]
    assert (found["h"] >= 0).all()


def test_states_are_those_of_the_layer() -> None:
    model = formal_language_grid.build("LSTM", "torch's own", "aⁿbⁿ", 4, seed=0)
    found = counting_units.states_along(model, DRAWN.symbols)
    W_ih, W_hh, b_ih, b_hh = model.core.parameters()
    zeros = torch.zeros(len(DRAWN), 4)
    with torch.no_grad():
        h, c = lstm_states(DRAWN.inputs, zeros, zeros, (W_ih, W_hh, b_ih, b_hh))
    assert np.allclose(found["h"], h.numpy(), atol=1e-5)
    assert np.allclose(found["c"], c.numpy(), atol=1e-5)


def test_rows_are_of_trained_and_untrained() -> None:
    rows = counting_units.measure(0, **small_settings("counting_units"))
    assert rows[0]["network"] == counting_units.ONLY_B
    kinds = {(row["network"], row["state"], row["kind"]) for row in rows[1:]}
    assert len(kinds) == len(rows) - 1 == 2 * 5
    assert {kind for network, state, kind in kinds if (network, state) == ("LSTM", "c")} == {"trained", "untrained"}
    assert all(-1 <= row["correlation"] <= 1.0001 for row in rows)


def test_what_is_stored_is_whole() -> None:
    rows = load("counting_units").table
    assert rows["seed"].nunique() == 10
    assert (rows.groupby("seed").size() == 11).all()
