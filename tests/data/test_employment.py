"""Employment by industry, month by month."""

from __future__ import annotations

import pandas as pd
import pytest

from course_utils.data.employment import INDUSTRIES, us_employment


def test_every_month_and_industry_is_there() -> None:
    table = us_employment()
    assert list(table.index) == list(pd.date_range("2006-01-01", "2015-12-01", freq="MS"))
    assert tuple(table.columns) == INDUSTRIES
    assert (table > 0).all(axis=None)


def test_the_industries_are_all_work_and_none_counts_twice() -> None:
    from vega_datasets import local_data

    whole = local_data.us_employment()["nonfarm"].to_numpy()
    assert us_employment().sum(axis=1).to_numpy() == pytest.approx(whole, rel=1e-4)
