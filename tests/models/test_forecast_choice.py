"""Choices by errors on windows: what is clearly better is taken, what is not is left."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.metrics import coverage, pinball_loss
from course_utils.models.forecast_choice import (
    best_base,
    best_share,
    clearly_better,
    likely_seasons,
    offsets,
    pinball,
    residual_quantiles,
    student_factor,
)
from course_utils.models.forecast_windows import Plan, Windows, windows_of

LEVELS = np.array([0.1, 0.5, 0.9])
RNG = np.random.default_rng(0)


def windows(values: np.ndarray, season: int, steps: int = 4) -> tuple[Windows, Windows, Plan]:
    plan = Plan.of([len(values)], steps, season)
    end = round(0.8 * len(values))
    bounds = ((plan.first, end - plan.steps), (end, len(values) - plan.steps))
    train, held = (windows_of([values], [part], plan, 10_000) for part in bounds)
    return train, held, plan


def test_a_season_on_a_line_is_found_without_training() -> None:
    values = 0.3 * np.arange(120) + np.tile([0.0, 2.0, 5.0, 1.0], 30) + 0.1 * RNG.normal(size=120)
    train, held, plan = windows(values, 4)
    found = best_base(train, held, plan)
    assert "slope 1, season" in found.name
    assert held.errors(held.known @ found.matrix.T, plan).mean() < 0.1


def test_a_linear_rule_is_trained_where_it_helps_and_not_on_noise() -> None:
    waves = np.zeros(600)
    for at in range(2, 600):
        waves[at] = 1.8 * waves[at - 1] - 0.95 * waves[at - 2] + RNG.normal()
    assert best_base(*windows(waves[100:], 1)).trained
    walks = [np.cumsum(np.random.default_rng(seed).normal(size=300)) for seed in range(8)]
    assert sum(best_base(*windows(walk, 1)).trained for walk in walks) <= 4


def test_naive_means_naive() -> None:
    train, held, plan = windows(np.arange(60.0), 4)
    assert best_base(train, held, plan, "naive").name == "seasonal naive"
    assert best_base(train, held, plan).name != "seasonal naive"


def test_better_by_chance_is_not_better() -> None:
    noise = RNG.normal(size=400)
    assert clearly_better(np.full(40, 0.9), np.ones(40), 4)
    assert not clearly_better(np.full(40, 0.995), np.ones(40), 4)  # too little
    assert not clearly_better(1 + noise - noise.mean() - 0.011, np.ones(400), 4)  # too uncertain
    assert not clearly_better(np.zeros(2), np.ones(2), 4)  # too few
    drifting = np.repeat([-2.0, 2.0, -2.0, 2.1], 100)  # neighbours alike: four stretches, not 400 windows
    assert not clearly_better(3 - drifting - 0.02, np.full(400, 3.0), 100)


@given(st.integers(0, 10_000))
def test_the_loss_is_that_of_the_metrics(seed: int) -> None:
    rng = np.random.default_rng(seed)
    quantiles, came = rng.normal(size=(5, 3, 3)), rng.normal(size=(5, 3))
    by_metric = np.mean([pinball_loss(quantiles[..., q], came, level) for q, level in enumerate(LEVELS)])
    assert pinball(quantiles, came, LEVELS).mean() == pytest.approx(by_metric)


def test_a_networks_share_follows_its_use() -> None:
    perfect = np.broadcast_to(RNG.normal(size=(200, 4))[..., None], (200, 4, 3))
    came = perfect[..., 0] + 0.01 * RNG.normal(size=(200, 4))
    plain = residual_quantiles(came, LEVELS)
    assert best_share(plain, perfect, came, LEVELS) == 1.0
    assert best_share(plain, 3 * perfect, came, LEVELS) == 0.25
    assert best_share(plain, np.zeros((200, 4, 3)), came, LEVELS) == 0.0
    assert best_share(plain, -perfect, came, LEVELS) == 0.0


@pytest.mark.parametrize("spread", [0.2, 5.0])
def test_moved_quantiles_hold(spread: float) -> None:
    """However wide they were: four in five of fresh truths lie between them."""
    steps = np.sqrt(np.arange(1, 7))
    old, new = (RNG.normal(size=(500, 6)) * steps for _ in range(2))
    quantiles = np.broadcast_to(spread * steps[:, None] * np.array([-1.0, 0.0, 1.0]), (500, 6, 3))
    moved = quantiles[0] + offsets(quantiles, old, LEVELS, 500)
    assert coverage(np.tile(moved[:, 0], (500, 1)), np.tile(moved[:, 2], (500, 1)), new) == pytest.approx(0.8, abs=0.04)
    assert moved[-1, 2] > moved[0, 2] > 0
    assert moved[:, 1] == pytest.approx(np.zeros(6))


def test_few_windows_make_wider_intervals() -> None:
    assert student_factor(LEVELS, 1e9) == pytest.approx(np.ones(3), abs=1e-6)
    assert student_factor(LEVELS, 4)[2] == pytest.approx(1.533 / 1.2816, abs=1e-3)  # tables of Student and Gauß
    came = RNG.normal(size=(60, 3))
    quantiles = np.zeros((60, 3, 3))
    assert (offsets(quantiles, came, LEVELS, 4)[:, 2] > offsets(quantiles, came, LEVELS, 400)[:, 2]).all()


def test_without_errors_no_spread() -> None:
    nothing = np.zeros((9, 3))
    assert not residual_quantiles(nothing, LEVELS).any()
    assert not offsets(np.zeros((9, 3, 3)), nothing, LEVELS, 3).any()


def test_seasons_are_looked_for_once() -> None:
    seasonal = np.tile(RNG.normal(size=12), 20) + 0.05 * RNG.normal(size=240)
    assert likely_seasons([seasonal], None) == [12]
    assert likely_seasons([seasonal], 12) == [12]
    assert 12 not in likely_seasons([seasonal[:30]], 12)
    assert likely_seasons([np.zeros(40)], None) == []
    assert likely_seasons([RNG.normal(size=200)], None) == []
