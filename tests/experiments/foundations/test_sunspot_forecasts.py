"""The contest on sunspots: nobody sees the held-out years, and each rule is what it says."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from course_utils.data.sunspots import yearly_sunspots
from course_utils.errors import CourseError
from course_utils.experiments.foundations import sunspot_forecasts as contest
from course_utils.metrics import persistence_error, seasonal_naive_error
from course_utils.nn.cells import rnn_parameter_count
from course_utils.nn.sequences import delayed, last_states

SERIES = yearly_sunspots()
VALUES = SERIES.to_numpy()
LEARN, CHOOSE, HELD_OUT = contest.split(SERIES)


def test_the_years_are_shared_out_in_order_without_gap_or_overlap() -> None:
    assert (LEARN.astype(int) + CHOOSE + HELD_OUT == 1).all()
    assert SERIES.index[CHOOSE].min() == SERIES.index[LEARN].max() + 1 == 1920
    assert SERIES.index[HELD_OUT].min() == SERIES.index[CHOOSE].max() + 1 == 1950


@pytest.mark.parametrize("season", [1, 11])
def test_naive_forecasts_repeat_what_was_a_season_ago(season: int) -> None:
    said = contest.naive_forecast(VALUES, season)
    assert np.isnan(said[:season]).all()
    assert (said[season:] == VALUES[:-season]).all()
    everywhere = np.ones(len(VALUES), dtype=bool)
    assert contest.error(said, VALUES, everywhere) == pytest.approx(seasonal_naive_error(VALUES, season))


def test_a_season_of_one_step_is_persistence() -> None:
    assert seasonal_naive_error(VALUES, 1) == persistence_error(VALUES)


def test_a_linear_rule_finds_an_exact_recurrence() -> None:
    values = np.array([1.0, 0.5])
    while len(values) < 60:
        values = np.append(values, 1.2 * values[-1] - 0.8 * values[-2] + 0.3)
    learn = np.arange(60) < 40
    said = contest.linear_forecast(values, 2, learn)
    assert np.allclose(said[2:], values[2:])


@pytest.mark.parametrize("order", [1, 9])
def test_a_linear_rule_learns_nothing_from_later_years(order: int) -> None:
    changed = VALUES.copy()
    changed[~LEARN] = 1000.0
    same = contest.linear_forecast(VALUES, order, LEARN)[LEARN]
    np.testing.assert_array_equal(contest.linear_forecast(changed, order, LEARN)[LEARN], same)


def test_the_rnn_learns_nothing_from_held_out_years_and_sees_only_years_before() -> None:
    changed = VALUES.copy()
    changed[HELD_OUT] += 50
    few = {"seed": 0, "steps": 12, "hidden_size": 4}
    one, other = (
        contest.network_forecast(contest.train(series, LEARN, CHOOSE, **few), series)  # type: ignore[arg-type]
        for series in (VALUES, changed)
    )
    before = ~HELD_OUT
    np.testing.assert_array_equal(one[before], other[before])
    first = int(np.flatnonzero(HELD_OUT)[0])
    assert one[first] == other[first]  # the first held-out year is forecast from the years before it
    assert one[first + 1] != other[first + 1]  # and the next one from it
    assert len(one) == len(VALUES)
    assert np.isnan(one[0])


def test_an_error_over_years_without_a_forecast_is_refused() -> None:
    with pytest.raises(CourseError, match="no forecast"):
        contest.error(np.full(3, np.nan), np.zeros(3), np.ones(3, dtype=bool))


# The small functions that the exercises of lesson 05 ask for


def test_delayed_by_hand() -> None:
    symbols = torch.tensor([[0, 1, 2, 3]])
    assert delayed(symbols, 2).tolist() == [[-1, -1, 0, 1]]
    assert delayed(symbols, 0).tolist() == symbols.tolist()
    assert delayed(symbols, 4).tolist() == [[-1] * 4]


def test_the_last_real_state_is_where_a_network_without_padding_ends() -> None:
    rnn = torch.nn.RNN(2, 3, batch_first=True)
    long, short = torch.randn(5, 2), torch.randn(2, 2)
    padded = torch.stack([long, torch.cat([short, torch.zeros(3, 2)])])
    got = last_states(rnn(padded)[0], torch.tensor([5, 2]))
    assert torch.allclose(got[0], rnn(long[None])[1][0, 0])
    assert torch.allclose(got[1], rnn(short[None])[1][0, 0])


@pytest.mark.parametrize("sizes", [(1, 1), (4, 16), (10, 3)])
def test_an_rnn_has_as_many_parameters_as_torch_s(sizes: tuple[int, int]) -> None:
    assert rnn_parameter_count(*sizes) == sum(p.numel() for p in torch.nn.RNN(*sizes).parameters())
