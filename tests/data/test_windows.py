"""Windows with what comes after them, a scale from the training part, the season again."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.data.windows import last_season_again, scaled_by_training, windows


def test_targets_come_right_after_their_window_and_all_windows_are_there() -> None:
    seen, came = windows(np.arange(7.0), 3, 2)
    assert seen.tolist() == [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
    assert came.tolist() == [[3, 4], [4, 5], [5, 6]]


def test_what_comes_later_does_not_change_the_scaled_training_part() -> None:
    values = np.array([1.0, 3.0, 5.0, 9.0])
    first = scaled_by_training(values, 3)
    later = scaled_by_training(np.array([1.0, 3.0, 5.0, 900.0]), 3)
    assert first[:3].tolist() == later[:3].tolist()
    assert first[:3].mean() == pytest.approx(0)
    assert first[:3].std() == pytest.approx(1)


def test_the_last_season_is_said_again_beyond_a_season() -> None:
    assert last_season_again(np.array([9.0, 1.0, 2.0, 3.0]), 7, 3).tolist() == [1, 2, 3, 1, 2, 3, 1]
