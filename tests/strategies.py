"""What property tests share: how many examples they try, and what they are not checked for.

`make test` tries few, `make test-long` (COURSE_TESTS=long) many times as many.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

LONG = os.environ.get("COURSE_TESTS") == "long"
FEW = 50  # examples, where a test does not say how many
PATIENCE = (HealthCheck.too_slow,)  # what no test is checked for: a slow machine is not a fault
MORE = 20  # times as many examples in the long run


def examples(few: int, many: int | None = None, *, suppress_health_check: Sequence[HealthCheck] = ()) -> settings:
    """A decorator for a property test: so many examples.

    Args:
        few: in `make test`.
        many: in `make test-long`; default: twenty times as many.
        suppress_health_check: what Hypothesis does not check, besides what no test is checked for.
    """
    suppressed = (*PATIENCE, *suppress_health_check)
    return settings(max_examples=(many or MORE * few) if LONG else few, suppress_health_check=suppressed)


def between(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers within bounds, none so small that the languages round it differently."""
    return st.floats(low, high, allow_subnormal=False)
