"""Ways to read and to say a series that rises: what is judged, what may be known, and what a free run reads."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from course_utils.data.co2 import monthly_co2
from course_utils.experiments.applications import forecast_ways
from course_utils.experiments.applications.forecast_ways import (
    AGAIN,
    AHEAD,
    LEARN_AGAIN,
    LINE,
    READS,
    SEEN,
    VALUES,
    WAYS,
)
from tests.experiments.small_runs import small_rows


class LastPlusOne(nn.Module):
    """Says the last value plus 1, then plus 2 …"""

    def __init__(self, ahead: int) -> None:
        super().__init__()
        self.ahead = torch.arange(1, ahead + 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.ahead


@pytest.mark.parametrize("ahead", [1, AHEAD])
@pytest.mark.parametrize("from_last", [True, False])
def test_a_free_run_reads_its_own_answers(ahead: int, from_last: bool) -> None:
    said = forecast_ways.forecast(LastPlusOne(ahead), np.arange(SEEN) / 10, from_last)  # type: ignore[arg-type]
    assert said == pytest.approx((SEEN - 1) / 10 + np.arange(1, AHEAD + 1), abs=1e-5)


def test_the_line_is_that_of_the_first_values_alone() -> None:
    values = np.array([1.0, 3.0, 5.0, 100.0, -7.0])
    assert forecast_ways.straight_line(values, 3) == pytest.approx([1, 3, 5, 7, 9])


def test_what_comes_after_an_origin_changes_no_network_that_learned_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    series = monthly_co2()
    origins = forecast_ways.origins(series.to_numpy())
    assert origins[-1] + AHEAD <= len(series)
    assert len({series.index[at].month for at in origins}) == len(origins)
    changed = series.copy()
    changed.iloc[origins[1] :] += 50.0
    seen = []

    def noted(scaled: np.ndarray, *_: object, **__: object) -> LastPlusOne:
        seen.append(scaled)
        return LastPlusOne(AHEAD)

    monkeypatch.setattr(forecast_ways, "trained_network", noted)
    for given in (series, changed):
        monkeypatch.setattr(forecast_ways, "monthly_co2", lambda given=given: given)
        forecast_ways.measure(0, steps=1, hidden_size=2)
    half = len(seen) // 2
    learned = [origins[0]] * len(READS) * len(WAYS) + origins * len(LEARN_AGAIN)
    assert [len(plain) for plain in seen[:half]] == learned
    for plain, other, at in zip(seen[:half], seen[half:], learned, strict=True):
        assert (plain == other).all() == (at <= origins[1])


def test_every_way_has_a_row_for_each_month_and_batches_hold_each_window_once() -> None:
    rows = small_rows("forecast_ways", seeds=1)
    assert set(rows.groupby(["reads", "way", "learned"])["horizon"].apply(tuple)) == {tuple(range(1, AHEAD + 1))}
    assert (rows["mase"] >= rows["bias"].abs() - 1e-12).all()
    assert set(rows[rows["learned"] == AGAIN]["reads"]) == set(LEARN_AGAIN)
    x = torch.arange(150.0)[:, None, None]
    found = forecast_ways.batches(x, x[:, 0], 0)
    first = torch.cat([next(found)[1] for _ in range(3)])[:, 0]
    assert sorted(first.tolist()) == list(range(150))
    assert VALUES != LINE
