"""Nine men say two vowels."""

from __future__ import annotations

import numpy as np

from course_utils.data.japanese_vowels import japanese_vowels


def test_japanese_vowels_are_those_of_the_source() -> None:
    men = japanese_vowels()
    assert len(men) == len(men.speakers) == len(men.is_test) == 640
    assert np.bincount(men.speakers[~men.is_test])[1:].tolist() == [30] * 9
    assert np.bincount(men.speakers[men.is_test])[1:].tolist() == [31, 35, 88, 44, 29, 24, 40, 50, 29]
    assert all(series.shape[1] == 12 and series.dtype == np.float32 for series in men.series)
    assert (min(len(series) for series in men.series), max(len(series) for series in men.series)) == (7, 29)
    # the first row of ae.train
    np.testing.assert_allclose(men.series[0][0, :3], [1.860936, -0.207383, 0.261557], rtol=1e-6)
    assert all(np.isfinite(series).all() for series in men.series)
