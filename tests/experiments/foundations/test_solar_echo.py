"""The echo of one year: held to what follows from its definition, and to futures that are what they say."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.data.sunspots import yearly_sunspots
from course_utils.experiments.foundations import solar_echo
from course_utils.nn.sequence_model import SequenceModel
from tests.experiments.small_runs import small_rows

VALUES = yearly_sunspots().to_numpy()
YEAR = 257  # 1957


def test_each_network_meets_each_future() -> None:
    rows = small_rows("solar_echo", seeds=1)
    assert rows.groupby("network")["future"].apply(list).to_dict() == {
        name: list(solar_echo.FUTURES) for name in ("untrained", "trained")
    }
    assert rows["slope"].between(0, 1).all()
    assert (rows[["left", "left_11"]] > 0).all().all()


@pytest.mark.parametrize("future", solar_echo.FUTURES)
def test_a_future_leaves_the_past_as_it_is(future: str) -> None:
    changed = solar_echo.with_future(VALUES, YEAR, solar_echo.FUTURES[future])
    np.testing.assert_array_equal(changed[: YEAR + 1], VALUES[: YEAR + 1])
    assert len(changed) == len(VALUES)
    assert (changed[YEAR + 1 :] == VALUES[YEAR + 1 :]).all() == (future == "as it was")


def test_maxima_are_cut_and_minima_raised_at_the_same_level() -> None:
    cut, raised = (
        solar_echo.with_future(VALUES, YEAR, solar_echo.FUTURES[name])[YEAR + 1 :]
        for name in ("maxima cut at 50", "minima raised to 50")
    )
    assert cut.max() == raised.min() == solar_echo.LEVEL
    np.testing.assert_allclose(cut + raised - solar_echo.LEVEL, VALUES[YEAR + 1 :])


def test_a_network_without_state_weights_forgets_in_a_year() -> None:
    model = SequenceModel("rnn", 1, 4, 1)
    model.core.weight_hh_l0.data.zero_()  # type: ignore[operator]
    left, slope = solar_echo.echo(model, VALUES, YEAR, 5)
    assert left.tolist() == [1, 0, 0, 0, 0, 0]
    assert ((slope > 0) & (slope <= 1)).all()
    assert next(model.parameters()).dtype.itemsize == 4  # given back as it was
