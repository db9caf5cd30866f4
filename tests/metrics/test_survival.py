"""Likelihood, simple models and concordance of times with censoring, against closed forms and brute force."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.metrics.survival import concordance, constant_hazard, hazard_nats, weibull_fit
from tests.strategies import examples

RECORDS = st.lists(st.tuples(st.integers(1, 6), st.booleans(), st.integers(0, 3)), min_size=2, max_size=12)


def columns(records: list[tuple[int, bool, int]]) -> tuple[torch.Tensor, torch.Tensor, np.ndarray]:
    times, events, risks = zip(*records, strict=True)
    return torch.tensor(times), torch.tensor(events), np.array(risks, dtype=float)


@given(RECORDS, st.integers(0, 1_000))
@examples(50)
def test_nats_are_those_of_the_product_of_probabilities(records: list[tuple[int, bool, int]], seed: int) -> None:
    times, events, _ = columns(records)
    logits = torch.randn(len(times), 6, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    found = hazard_nats(logits, times, events)
    for row, (time, event, _) in enumerate(records):
        hazards = [1 / (1 + math.exp(-z)) for z in logits[row].tolist()]
        survived = math.prod(1 - h for h in hazards[: time - 1])
        probability = survived * (hazards[time - 1] if event else 1 - hazards[time - 1])
        assert float(found[row]) == pytest.approx(-math.log(probability))


def test_probabilities_of_all_outcomes_sum_to_1() -> None:
    logits = torch.randn(1, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64).expand(6, -1)
    times, events = torch.tensor([1, 2, 3, 4, 5, 5]), torch.tensor([True] * 5 + [False])
    assert float((-hazard_nats(logits, times, events)).exp().sum()) == pytest.approx(1)


def test_the_gradient_is_that_of_finite_differences() -> None:
    logits = torch.randn(3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)
    times, events = torch.tensor([1, 4, 2]), torch.tensor([True, False, True])
    assert torch.autograd.gradcheck(lambda z: hazard_nats(z, times, events), logits)


@given(
    RECORDS.filter(
        lambda rows: any(event for _, event, _ in rows) and not all(event and time == 1 for time, event, _ in rows)
    )
)
@examples(50)
def test_the_constant_hazard_is_the_most_likely_one(records: list[tuple[int, bool, int]]) -> None:
    times, events, _ = columns(records)
    best = constant_hazard(times, events)

    def nats(hazard: float) -> float:
        logits = torch.full((len(times), 6), math.log(hazard / (1 - hazard)), dtype=torch.float64)
        return float(hazard_nats(logits, times, events).sum())

    assert 0 < best < 1
    assert nats(best) <= min(nats(best * 0.99), nats(best + 0.01 * (1 - best))) + 1e-12


def test_a_weibull_distribution_is_recovered_with_and_without_censoring() -> None:
    rng = np.random.default_rng(0)
    for scale, shape in ((5.0, 1.0), (20.0, 3.0), (40.0, 0.8)):
        true = np.ceil(scale * rng.exponential(size=20_000) ** (1 / shape)).clip(1)
        for ends in (np.full(20_000, np.inf), rng.integers(5, 60, 20_000)):
            found = weibull_fit(np.minimum(true, ends), true <= ends)
            assert found == pytest.approx((scale, shape), rel=0.05)


def brute_force(records: list[tuple[int, bool, int]]) -> float | None:
    right = pairs = 0.0
    for (t1, e1, r1), (t2, e2, r2) in itertools.permutations(records, 2):
        if e1 and (t2 > t1 or (t2 == t1 and not e2)):
            pairs += 1
            right += 1.0 if r1 > r2 else 0.5 if r1 == r2 else 0.0
    return right / pairs if pairs else None


@given(RECORDS)
@examples(150)
def test_concordance_counts_the_pairs_that_can_be_compared(records: list[tuple[int, bool, int]]) -> None:
    times, events, risks = columns(records)
    expected = brute_force(records)
    if expected is None:
        with pytest.raises(CourseError, match="no pair of records"):
            concordance(times, events, risks)
        return
    assert concordance(times, events, risks) == pytest.approx(expected)
    assert concordance(times, events, -risks) == pytest.approx(1 - expected)
    assert concordance(times, events, np.zeros(len(risks))) == pytest.approx(0.5)


def test_what_cannot_be_meant_is_refused() -> None:
    with pytest.raises(CourseError, match="between 1 and 3"):
        hazard_nats(torch.zeros(1, 3), torch.tensor([4]), torch.tensor([True]))
    with pytest.raises(CourseError, match="between 1 and 3"):
        hazard_nats(torch.zeros(1, 3), torch.tensor([0]), torch.tensor([True]))
    with pytest.raises(CourseError, match="every record is censored"):
        weibull_fit([3, 4], [False, False])
    with pytest.raises(CourseError, match="No record has a step"):
        constant_hazard(torch.tensor([]), torch.tensor([]))
    with pytest.raises(CourseError, match="must be as many"):
        concordance([1, 2], [True], [0.5, 0.5])
    with pytest.raises(CourseError, match="not a finite number"):
        concordance([1, 2], [True, True], [0.5, math.nan])
