"""Simulated dogs meet their standards, and nobody guesses better than the densities."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.dogs import BREEDS, STANDARDS, best_accuracy, breed_log_density, dog_breeds
from course_utils.errors import CourseError
from tests.strategies import examples

HEIGHT_WEIGHT = ["height_cm", "weight_kg"]


def test_dogs_are_half_and_half_and_the_same_again() -> None:
    dogs = dog_breeds(1000, seed=3)
    assert list(dogs.columns) == ["breed", "sex", "height_cm", "weight_kg", "length_cm"]
    assert dogs.groupby(["breed", "sex"]).size().tolist() == [250] * 4
    assert tuple(sorted(dogs["breed"].unique())) == BREEDS
    pd.testing.assert_frame_equal(dogs, dog_breeds(1000, seed=3))
    assert not dogs["height_cm"].equals(dog_breeds(1000, seed=4)["height_cm"])
    assert dogs["breed"].head(20).nunique() == 2  # in random order
    assert dog_breeds(5)["breed"].value_counts().max() == 3


def test_about_95_in_100_dogs_meet_each_range_of_their_standard() -> None:
    dogs = dog_breeds(20_000, seed=1)
    dogs["ratio"] = dogs["length_cm"] / dogs["height_cm"]
    for kind, some in dogs.groupby(["breed", "sex"]):
        standard = STANDARDS[kind]
        for column, (low, high) in (
            ("height_cm", standard.height),
            ("weight_kg", standard.weight),
            ("ratio", standard.ratio),
        ):
            assert some[column].between(low, high).mean() == pytest.approx(0.9545, abs=0.016)  # 5 standard errors
            assert some[column].mean() == pytest.approx((low + high) / 2, abs=(high - low) / 4 * 5 / 5000**0.5)


def test_the_standards_are_those_that_are_published() -> None:
    assert STANDARDS["German Shepherd", "male"].height == (60, 65)
    assert STANDARDS["German Shepherd", "female"].weight == (22, 32)
    labrador = STANDARDS["Labrador Retriever", "male"]
    assert labrador.height == pytest.approx((57.15, 62.23))
    assert labrador.weight == pytest.approx((29.48, 36.29), abs=0.01)


@pytest.mark.parametrize("columns", [["weight_kg"], HEIGHT_WEIGHT, ["sex", *HEIGHT_WEIGHT]])
def test_densities_sum_to_one(columns: list[str]) -> None:
    heights, weights = np.linspace(48, 74, 150), np.linspace(10, 55, 150)
    grid = pd.DataFrame(
        {"height_cm": np.repeat(heights, 150), "weight_kg": np.tile(weights, 150)} if "height_cm" in columns else {}
    )
    if grid.empty:
        grid, cell = pd.DataFrame({"weight_kg": weights}), weights[1] - weights[0]
    else:
        cell = (heights[1] - heights[0]) * (weights[1] - weights[0])
    total = np.zeros(2)
    for sex in ("male", "female") if "sex" in columns else ("either",):
        total += np.exp(breed_log_density(grid.assign(sex=sex), columns)).sum(axis=0) * cell
    assert total == pytest.approx([1, 1], abs=1e-3)


def test_the_density_of_the_length_is_that_of_the_simulation() -> None:
    """Of a dog of 60 cm the length is normal: compare with the density of length over height, times 1/60."""
    lengths = np.linspace(55, 80, 2001)
    some = pd.DataFrame({"height_cm": 60.0, "length_cm": lengths})
    both = breed_log_density(some, ["height_cm", "length_cm"])
    height = breed_log_density(some, ["height_cm"])
    given_height = np.exp(both - height)
    assert given_height.sum(axis=0) * (lengths[1] - lengths[0]) == pytest.approx([1, 1], abs=1e-6)
    assert lengths[given_height.argmax(axis=0)] == pytest.approx([60 * 1.135, 60 * 1.03], abs=0.02)


@examples(40)
@given(st.sampled_from(HEIGHT_WEIGHT), st.floats(-3, 3), st.floats(-2, 2), st.booleans(), st.integers(0, 5))
def test_no_straight_rule_beats_bayes_but_by_luck(
    column: str, at: float, slope: float, turned: bool, seed: int
) -> None:
    dogs = dog_breeds(4000, seed=seed)
    z = dogs[HEIGHT_WEIGHT].apply(lambda one: (one - one.mean()) / one.std())
    other = next(name for name in HEIGHT_WEIGHT if name != column)
    labrador = (z[column] + slope * z[other] < at) ^ turned
    right = (labrador == (dogs["breed"] == BREEDS[1])).mean()
    assert right <= best_accuracy(dogs, HEIGHT_WEIGHT) + 5 * (0.5 / 4000) ** 0.5


def test_the_ceiling_is_neither_trivial_nor_hopeless_and_more_measurements_raise_it() -> None:
    dogs = dog_breeds(20_000, seed=2)
    two, three = best_accuracy(dogs, HEIGHT_WEIGHT), best_accuracy(dogs, [*HEIGHT_WEIGHT, "length_cm"])
    assert 0.75 < two < 0.92
    assert best_accuracy(dogs, ["height_cm"]) < two < three < 1


def test_dogs_that_cannot_be_are_refused_with_a_sentence() -> None:
    dogs = dog_breeds(10)
    for call, message in (
        (lambda: dog_breeds(0), "a whole number from 1"),
        (lambda: dog_breeds(2.5), "a whole number from 1"),  # type: ignore[arg-type]
        (lambda: best_accuracy(dogs, ["height"]), "no measurement of a dog 'height'"),
        (lambda: best_accuracy(dogs, ["length_cm"]), "height_cm and length_cm together"),
        (lambda: best_accuracy(dogs.drop(columns="weight_kg")), "no column 'weight_kg'"),
        (lambda: best_accuracy(dogs, []), "a list of some of"),
        (lambda: best_accuracy(dogs.head(0)), "no dog in the table"),
    ):
        with pytest.raises(CourseError, match=message):
            call()
