"""Contrastive divergence beside the exact gradient: the patterns, long chains, and what autograd says."""

from __future__ import annotations

import math

import pytest
import torch

from course_utils.errors import CourseError
from course_utils.experiments.foundations import contrastive_divergence as cd
from course_utils.experiments.framework.registry import experiment
from course_utils.nn.boltzmann import Boltzmann, log_likelihood
from tests.experiments.small_runs import small_rows

PATTERNS = cd.bars_and_stripes().double()


def large(seed: int = 0) -> Boltzmann:
    """A machine with weights of size 1."""
    model = cd.machine(seed)
    for parameter in model.parameters():
        parameter.data = torch.randn(parameter.shape, generator=torch.Generator().manual_seed(seed)).double()
    return model


def test_fourteen_patterns_whose_rows_or_columns_are_of_one_colour() -> None:
    assert len(PATTERNS) == len(PATTERNS.unique(dim=0)) == 14
    for picture in PATTERNS.reshape(-1, 3, 3):
        rows, columns = (picture == picture[:, :1]).all(), (picture == picture[:1]).all()
        assert rows or columns
    assert len(cd.bars_and_stripes(2)) == 6


def test_the_exact_gradient_is_that_of_the_likelihood_and_long_chains_come_to_it() -> None:
    model = large()
    loss = -log_likelihood(model, PATTERNS).mean()
    expected = torch.cat([part.flatten() for part in torch.autograd.grad(loss, list(model.parameters()))])
    exact = cd.gradient_after(model, PATTERNS, None)
    assert torch.allclose(exact, expected)
    far = [(cd.gradient_after(model, PATTERNS, k) - exact).norm().item() for k in (1, 10, 1000)]
    assert far == sorted(far, reverse=True)
    assert far[-1] < 1e-6


def test_the_mean_gradient_is_that_of_many_draws() -> None:
    model = large(1)
    loss = cd.objective("CD-1", PATTERNS.repeat(200, 1), torch.Generator().manual_seed(0))
    drawn = torch.autograd.grad(loss(model, (PATTERNS,)), list(model.parameters()))
    expected = cd.gradient_after(model, PATTERNS, 1)
    assert (torch.cat([part.flatten() for part in drawn]) - expected).abs().max() < 0.02


def test_persistent_chains_move_on_and_others_begin_again() -> None:
    model = large()
    generators = [torch.Generator().manual_seed(0) for _ in range(2)]
    first, again = (cd.objective(way, PATTERNS, g) for way, g in zip(("CD-1", cd.PERSISTENT), generators, strict=True))
    assert first(model, ()).item() == again(model, ()).item()  # the first step is the same
    assert first(model, ()).item() != again(model, ()).item()


def test_rows_are_what_closed_forms_say_before_any_training() -> None:
    bias, training = small_rows("contrastive_bias"), small_rows("contrastive_training")
    assert (bias["nats"] >= math.log(14)).all()
    assert (training["nats"] >= math.log(14)).all()
    first = training[training["steps"] == 0]
    assert first.groupby("seed")["nats"].nunique().eq(1).all()  # all ways begin alike
    assert first["nats"].between(9 * math.log(2) - 0.1, 9 * math.log(2) + 0.1).all()
    assert set(training["way"]) == set(cd.WAYS)
    assert (bias[bias["k"] == 50]["bias"] < 1e-3).all()  # with small weights chains forget at once


def test_a_rate_that_falls_ends_at_nothing_and_begins_as_the_other() -> None:
    def weights(model: Boltzmann, _: torch.Tensor) -> list[dict[str, torch.Tensor]]:
        return [{"weight": model.weight.detach().clone()}]

    looks = [0, 1, 30, 31, 60]
    kept, fallen = (
        [row["weight"] for row in cd.looked_at("CD-1", 0.5, 0, looks, weights, falls=falls)] for falls in (False, True)
    )
    assert torch.equal(kept[1], fallen[1])
    assert not torch.equal(kept[2], fallen[2])
    found = small_rows("contrastive_falling")
    assert set(found["way"]) == {"CD-1", cd.PERSISTENT}
    assert "falling to 0" in str(experiment("contrastive_falling").described())
    assert "falling" not in str(experiment("contrastive_training").described())


def test_an_unknown_way_is_refused() -> None:
    with pytest.raises(CourseError, match="CD-10"):
        cd.objective("CD-2", PATTERNS, torch.Generator())
