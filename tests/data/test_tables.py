"""Simulated dogs, small real tables, tables from CSV files, and the split of rows."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from course_utils.data.tables import diabetes, split, stratified_split, tables
from course_utils.errors import CourseError

# --- real tables ----------------------------------------------------------------------------------------------------


def test_the_tables_are_what_their_sources_say() -> None:
    found = tables()
    sizes = {name: (*table.inputs.shape, len(table.classes)) for name, table in found.items()}
    assert sizes == {
        "iris": (150, 4, 3),
        "wine": (178, 13, 3),
        "breast_cancer": (569, 30, 2),
        "vote": (944, 9, 2),
        "cars": (392, 7, 3),
        "affairs": (6366, 8, 2),
    }
    for name, table in found.items():
        assert table.name == name
        assert table.inputs.dtype == np.float64
        assert table.labels.dtype == np.int64
        assert np.isfinite(table.inputs).all()
        assert table.inputs.flags.writeable  # as torch wants them
        assert table.labels.flags.writeable
        assert len(table.columns) == table.inputs.shape[1]
        assert set(table.labels) == set(range(len(table.classes)))
        assert table.source
    cars = found["cars"]
    assert cars.columns[-1] == "Year"
    assert (cars.inputs[:, -1].min(), cars.inputs[:, -1].max()) == (1970, 1982)
    assert "14 of 406 rows" in cars.source
    assert (found["affairs"].labels == 1).sum() == 2053


def test_diabetes_is_not_scaled() -> None:
    inputs, targets = diabetes()
    assert inputs.shape == (442, 10)
    assert set(inputs[:, 1]) == {1, 2}
    assert (targets.min(), targets.max()) == (25, 346)


# --- split ----------------------------------------------------------------------------------------------------------

LABELS = st.lists(st.sampled_from("aabbbc"), min_size=10, max_size=200)


@given(LABELS, st.integers(0, 10**6), st.booleans())
def test_every_row_is_in_exactly_one_part(labels: list[str], seed: int, stratify: bool) -> None:
    parts = split(labels, seed=seed, stratify=stratify)
    assert sorted(np.concatenate(parts)) == list(range(len(labels)))
    for part, share in zip(parts, (0.6, 0.2, 0.2), strict=True):
        assert abs(len(part) - share * len(labels)) < 1
    for again, part in zip(split(labels, seed=seed, stratify=stratify), parts, strict=True):
        assert np.array_equal(again, part)


@given(LABELS, st.integers(0, 10**6), st.sampled_from([(0.6, 0.2, 0.2), (0.5, 0.25, 0.25), (0.8, 0.1, 0.1)]))
def test_each_part_has_its_share_of_each_class(
    labels: list[str], seed: int, shares: tuple[float, float, float]
) -> None:
    array = np.array(labels)
    for part, share in zip(split(array, shares, seed=seed), shares, strict=True):
        for label in set(labels):
            assert abs((array[part] == label).sum() - share * (array == label).sum()) < 2.01


def test_a_split_is_random_and_in_random_order() -> None:
    labels = np.repeat([0, 1], 500)
    train = split(labels, seed=0)[0]
    assert not np.array_equal(train, split(labels, seed=1)[0])
    assert set(labels[train[:20]]) == {0, 1}
    assert [len(part) for part in split(11, seed=0)] == [7, 2, 2]
    chosen = np.bincount(np.concatenate([split(10, seed=seed)[2] for seed in range(500)]), minlength=10)
    assert chosen.min() > 50  # 100 each are expected, give or take 9


@given(st.lists(st.integers(1, 30), min_size=1, max_size=6), st.integers(0, 1000))
def test_a_stratified_split_takes_the_same_share_of_each_class(counts: list[int], seed: int) -> None:
    y = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    train, rest = stratified_split(y, 0.2, seed)
    assert sorted([*train, *rest]) == list(range(len(y)))
    for c, count in enumerate(counts):
        assert (y[rest] == c).sum() == round(0.2 * count)
        assert (y[train] == c).any()


def digest(*arrays: NDArray[np.int64]) -> str:
    """What stays the same as long as the rows and their order do."""
    return sha256(b"|".join(np.asarray(array, dtype="<i8").tobytes() for array in arrays)).hexdigest()[:16]


def test_the_rows_of_a_split_are_those_on_which_the_stored_results_rest() -> None:
    found = tables()
    assert {name: digest(*split(table.labels, seed=1)) for name, table in found.items()} == {
        "iris": "2cbc174744ddd912",
        "wine": "5ae4d5c1af777589",
        "breast_cancer": "dc9ec6b1ad959b91",
        "vote": "7218fb977c5bde2e",
        "cars": "d4e685dae003b660",
        "affairs": "0a4f97e4f7a88cc0",
    }
    assert {name: digest(*stratified_split(table.labels, 0.2, 0)) for name, table in found.items()} == {
        "iris": "0282a334e157f8c5",
        "wine": "9642ba21a9c673ab",
        "breast_cancer": "e53ddd8c1056340e",
        "vote": "9db8de3a821e7982",
        "cars": "e7bb957faab7438a",
        "affairs": "1f79c1165f621d98",
    }
    assert digest(*split(442, seed=0)) == "deebd3bfefcc3dda"
    assert digest(*split(found["wine"].labels, (0.5, 0.25, 0.25), seed=3, stratify=False)) == "8f9467810f83db38"


def test_splits_that_cannot_be_are_refused() -> None:
    for arguments, message in (
        ((10, (0.5, 0.5, 0.5)), "sum to 1"),
        ((10, (1.0, 0.0, 0.0)), "three positive numbers"),
        ((2,), "too few"),
        ((0,), "too few"),
        ((np.zeros((4, 2)),), r"labels \(N,\)"),
    ):
        with pytest.raises(CourseError, match=message):
            split(*arguments)
