"""People in work in the United States by industry, month by month, 2006 to 2015.

Source: U.S. Bureau of Labor Statistics, Current Employment Statistics, seasonally adjusted, public domain; the table
comes with vega_datasets (`us_employment`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

INDUSTRIES = (  # none is part of another
    "mining_and_logging",
    "construction",
    "durable_goods",
    "nondurable_goods",
    "wholesale_trade",
    "retail_trade",
    "transportation_and_warehousing",
    "utilities",
    "information",
    "financial_activities",
    "professional_and_business_services",
    "education_and_health_services",
    "leisure_and_hospitality",
    "other_services",
    "government",
)


def us_employment() -> pd.DataFrame:
    """Employment in fifteen industries.

    Returns:
        120 rows of floats (thousands of people), indexed by the first day of each month (2006-01-01 … 2015-12-01); a
        column for each of `INDUSTRIES`, which do not overlap and hold all work outside of farms.
    """
    import pandas as pd
    from vega_datasets import local_data

    table = local_data.us_employment()
    table.index = pd.DatetimeIndex(table["month"], freq="MS", name="month")
    return table[list(INDUSTRIES)].astype("float64")
