"""Figures of contests: accuracy, seconds, learning curves and borders."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from course_utils.data.dogs import BREEDS, breed_log_density, dog_breeds
from course_utils.display.numbers import short
from course_utils.errors import CourseError
from course_utils.experiments.foundations import accuracy_and_speed
from course_utils.figures import contests as figures
from tests.experiments.small_runs import small_rows


def test_figures_say_what_they_show() -> None:
    picture = figures.accuracy_and_seconds(small_rows("contest", seeds=1), "Who is how good")
    assert picture.alt.startswith("Who is how good.")
    assert all(
        name in picture.alt
        for name in (*accuracy_and_speed.TABLES, *accuracy_and_speed.PICTURES, *accuracy_and_speed.METHODS)
    )
    assert accuracy_and_speed.BEST_OTHER not in picture.alt
    curves = small_rows("learning_curves")
    knn = curves[(curves["method"] == "k-NN") & (curves["examples"] == 3200)]["accuracy"].mean()
    picture = figures.over_size(curves, "More is more", chance=0.1)
    assert f"to {knn:.3g}" in picture.alt
    one_seed = figures.over_size(curves[curves["seed"] == curves["seed"].min()], "More is more", chance=0.1)
    assert one_seed.png[:4] == b"\x89PNG"
    with pytest.raises(CourseError, match="nothing to draw"):
        figures.over_size(curves.head(0), "Nothing", chance=0.1)
    with pytest.raises(CourseError, match="nothing to draw"):
        figures.accuracy_and_seconds(curves, "No seconds")


def test_the_border_is_drawn_and_the_share_of_right_points_told() -> None:
    dogs, columns = dog_breeds(200), ["height_cm", "weight_kg"]

    def bayes(plane: np.ndarray) -> list[str]:
        return [BREEDS[place] for place in breed_log_density(pd.DataFrame(plane, columns=columns)).argmax(axis=1)]

    share = np.mean(np.array(bayes(dogs[columns].to_numpy())) == dogs["breed"])
    assert f"{share:.3g} of the 200 points" in figures.boundary(dogs, bayes, columns, "Two breeds").alt
    everywhere = figures.boundary(dogs, lambda plane: [BREEDS[0]] * len(plane), columns, "One breed everywhere")
    assert "0.5 of the 200 points" in everywhere.alt
    for arguments, message in (
        ((dogs, bayes, ["height_cm", "age"], "A title"), "two columns and a label"),
        ((dogs.head(0), bayes, columns, "A title"), "0 rows"),
        ((dogs, lambda plane: ["cat"] * len(plane), columns, "A title"), "such as 'cat'"),
        ((dogs, lambda plane: [BREEDS[0]], columns, "A title"), "returned 1 answers"),
    ):
        with pytest.raises(CourseError, match=message):
            figures.boundary(*arguments)
    with pytest.raises(CourseError, match="1 classes"):
        figures.boundary(dogs[dogs["breed"] == BREEDS[0]], bayes, columns, "A title")


def test_clouds_tell_the_means_of_each_breed_and_sex() -> None:
    dogs = dog_breeds(40, seed=1)
    alt = figures.clouds(dogs, ("height_cm", "weight_kg"), "Dogs").alt
    mean = dogs[(dogs.breed == "German Shepherd") & (dogs.sex == "male")].height_cm.mean()
    assert f"German Shepherd, male: {short(mean)} and" in alt
