"""What property tests share: how many examples they try.

`make test` tries few, `make test-long` (COURSE_TESTS=long) many times as many.
"""

from __future__ import annotations

import os

from hypothesis import settings

LONG = os.environ.get("COURSE_TESTS") == "long"
FEW = 50  # examples, where a test does not say how many
MORE = 20  # times as many examples in the long run


def examples(few: int, many: int | None = None) -> settings:
    """A decorator for a property test: so many examples.

    Args:
        few: in `make test`.
        many: in `make test-long`; default: twenty times as many.
    """
    return settings(max_examples=(many or MORE * few) if LONG else few)
