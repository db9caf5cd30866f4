"""Figures of pictures: they tell what was measured."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch

from course_utils.errors import CourseError
from course_utils.experiments.foundations import shuffled_pixels
from course_utils.figures import pictures as figures
from course_utils.nn.picture_nets import DigitNet
from tests.experiments.small_runs import small_rows


def test_figures_tell_the_means_that_were_measured() -> None:
    table = small_rows("shuffled_pixels")
    drawn = figures.shuffled_pixels(table, "A title")
    for (network, pixels), of_kind in table.groupby(["network", "pixels"]):
        assert f"{network}, pixels {pixels}: {of_kind['accuracy'].mean():.3f} ±" in drawn.alt
    alt = figures.probes(small_rows("probes", seeds=1), "A title").alt
    assert alt.startswith("A title.")
    assert "With 1,000 labels: pixels" in alt
    assert "With 100 labels: pixels" in alt


def test_pictures_kernels_maps_and_mistakes_are_shown_and_told() -> None:
    images, labels = shuffled_pixels.digits()["valid"]
    model = DigitNet((2, 3), generator=torch.Generator().manual_seed(0))
    said = "said 7, is " + str(int(labels[0]))
    assert said in figures.mistakes(images[:1], torch.tensor([7]), labels[:1], "Mistakes").alt
    grid = figures.grid(images[:10, 0], [str(int(label)) for label in labels[:10]], "Digits", columns=4)
    assert grid.png.startswith(b"\x89PNG")
    assert ", ".join(str(int(label)) for label in labels[:10]) in grid.alt
    assert "2 kernels of 5 × 5" in figures.filters(model.convolutions[0].weight, "Kernels").alt
    alt = figures.feature_maps(model.stages(images[:1]), "Maps").alt
    best = int(model(images[:1]).argmax())
    assert f"the most probable is {best}" in alt
    assert "pool 2: 3 maps of 4 × 4" in alt
    edge = {"edge": np.eye(3) * 2 - 1}
    assert "edge: −1 … 1" in figures.kernels_on(images[0, 0], edge, "Kernels", kernels=edge).alt
    assert "2 pictures" in figures.grid(torch.rand(2, 3, 5, 5), title="Colour").alt


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: figures.grid(torch.zeros(3, 2, 5, 5)), "one channel or three"),
        (lambda: figures.grid(torch.zeros(3, 5, 5), ["a"]), "3 pictures and 1 captions"),
        (lambda: figures.filters(torch.zeros(4, 8, 3, 3), "x"), "look at what comes out of them"),
        (lambda: figures.feature_maps({"conv 1": torch.zeros(2, 1, 3, 3)}, "x"), "one picture's stages"),
        (lambda: figures.kernels_on(torch.zeros(3, 3), {}, "x", kernels={}), "a map"),
        (lambda: figures.kernels_on(torch.zeros(3, 3), {"a": np.eye(3)}, "x", kernels={}), "weights of each kernel"),
        (lambda: figures.mistakes(torch.zeros(0, 5, 5), [], [], "x"), "no mistake"),
        (lambda: figures.probes(pd.DataFrame(), "x"), "nothing to draw"),
        (
            lambda: figures.shuffled_pixels(pd.DataFrame({"network": ["CNN"]}), "x"),
            "lack pixels, seed and accuracy",
        ),
    ],
)
def test_figures_refuse_what_they_cannot_draw_with_a_sentence(draw: Callable[[], object], message: str) -> None:
    with pytest.raises(CourseError, match=message):
        draw()
