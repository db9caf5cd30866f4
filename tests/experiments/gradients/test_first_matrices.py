"""First matrices: each is what it is called, and without tanh's bend an orthogonal one loses nothing."""

from __future__ import annotations

import math

import pytest
import torch

from course_utils.experiments.gradients.first_matrices import first_matrices
from course_utils.nn.gradients import spectral_radius, worst_growth
from tests.experiments.small_runs import small_rows


def test_each_matrix_is_what_it_is_called() -> None:
    own = torch.randn(6, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    matrices = first_matrices(own)
    assert spectral_radius(matrices["random"]) == pytest.approx(1)
    assert torch.equal(matrices["identity"], torch.eye(6).double())
    for name in ("orthogonal", "identity"):
        assert worst_growth(matrices[name], 1) == pytest.approx(1)
        assert worst_growth(torch.linalg.inv(matrices[name]), 1) == pytest.approx(1)


def test_with_small_inputs_an_orthogonal_matrix_loses_nothing() -> None:
    found = small_rows("first_matrices").set_index(["inputs", "matrix"])["log10_left"]
    for name in ("orthogonal", "identity"):
        assert (found["small", name].abs() < 0.01).all()
        assert (found["full", name] <= 1e-9).all()  # no slope of tanh is above 1


def test_no_part_leaves_more_than_the_largest_stretch_allows() -> None:
    found = small_rows("what_takes_the_gradient")
    assert (found["direction"] <= found["matrix"] + 1e-9).all()
    assert (found["radius"] <= found["matrix"] + 1e-9).all()
    assert found.map(math.isfinite).all().all()
