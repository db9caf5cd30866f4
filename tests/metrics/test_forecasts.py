"""Scores of forecasts."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.metrics import persistence_error


def test_persistence_error_by_hand() -> None:
    assert persistence_error(np.array([1.0, 3.0, 2.0, 2.0])) == pytest.approx(1.0)  # (2 + 1 + 0) / 3
