"""The next token: temperature, top-k, nucleus and draws against their definitions."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.nn.sampling import drawn, next_probabilities, nucleus, sampled, top_k
from tests.strategies import between

ROWS = st.lists(st.lists(between(0.01, 1), min_size=5, max_size=5), min_size=1, max_size=4).map(
    lambda rows: torch.tensor(rows, dtype=torch.float64) / torch.tensor(rows, dtype=torch.float64).sum(1, keepdim=True)
)


def test_a_temperature_of_one_is_softmax_and_others_keep_the_order() -> None:
    logits = torch.randn(3, 7, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(next_probabilities(logits, 1.0), logits.softmax(dim=-1))
    cold, warm = next_probabilities(logits, 0.3), next_probabilities(logits, 3.0)
    assert (cold.argsort(-1) == warm.argsort(-1)).all()
    assert (cold.amax(-1) > warm.amax(-1)).all()


@given(ROWS, st.integers(1, 8))
def test_top_k_keeps_the_most_probable_in_their_proportions(rows: torch.Tensor, k: int) -> None:
    kept = top_k(rows, k)
    assert torch.allclose(kept.sum(-1), torch.ones(len(rows), dtype=torch.float64))
    assert ((kept > 0).sum(-1) == min(k, 5)).all()
    assert torch.allclose(kept, torch.where(kept > 0, rows, 0.0) / torch.where(kept > 0, rows, 0.0).sum(-1)[:, None])
    least = torch.where(kept > 0, rows, 1.0).amin(-1, keepdim=True)
    assert (torch.where(kept > 0, 0.0, rows) <= least).all()


@given(ROWS, between(0.05, 0.99))
def test_the_nucleus_reaches_p_and_without_its_last_token_it_does_not(rows: torch.Tensor, p: float) -> None:
    kept = nucleus(rows, p) > 0
    inside = torch.where(kept, rows, 0.0)
    least = torch.where(kept, rows, 2.0).amin(-1)
    assert (inside.sum(-1) >= p - 1e-12).all()
    assert (inside.sum(-1) - least < p + 1e-12).all()
    assert (torch.where(kept, 0.0, rows).amax(-1) <= least).all()


def test_the_token_that_crosses_p_belongs_to_the_nucleus() -> None:
    rows = torch.tensor([[0.1, 0.5, 0.4]])
    assert nucleus(rows, 0.6).tolist() == [[0.0, pytest.approx(5 / 9), pytest.approx(4 / 9)]]
    assert nucleus(rows, 0.01).tolist() == [[0.0, 1.0, 0.0]]
    assert torch.allclose(nucleus(rows, 1.0), rows)


def test_draws_come_as_often_as_their_probabilities_say() -> None:
    row = torch.tensor([0.1, 0.0, 0.6, 0.3])
    u = (torch.arange(1000) + 0.5) / 1000
    tokens = drawn(row.expand(1000, 4), u)
    assert torch.bincount(tokens, minlength=4).tolist() == [100, 0, 600, 300]


@given(ROWS, between(0, 0.999999))
def test_no_draw_is_a_token_of_probability_zero(rows: torch.Tensor, u: float) -> None:
    kept = top_k(rows, 2)
    for at in (u, 0.0, 1.0):  # 1 never comes from torch.rand, but may come of rounding
        tokens = drawn(kept, torch.full((len(rows),), at, dtype=torch.float64))
        assert (kept.gather(1, tokens[:, None]) > 0).all()


def test_at_temperature_zero_and_near_it_the_largest_logit_is_taken() -> None:
    logits = torch.tensor([[1.0, 3.0, 2.0], [9.0, -1.0, 0.0]])
    for temperature in (0, 1e-45, 1e-30, 1e-6):
        assert sampled(logits, temperature).tolist() == [1, 0]


def test_what_is_sampled_depends_on_the_generator_alone() -> None:
    logits = torch.randn(4, 50, generator=torch.Generator().manual_seed(1))
    one, two = (sampled(logits, 2.0, generator=torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(one, two)
    few = sampled(logits.expand(4, 50), 2.0, top_k=3, top_p=0.9, generator=torch.Generator().manual_seed(4))
    assert (torch.isin(few[:, None], logits.topk(3).indices)).all()


@pytest.mark.parametrize(
    "wrong",
    [{"temperature": -1}, {"temperature": "hot"}, {"top_k": 0}, {"top_k": 1.5}, {"top_p": 0}, {"top_p": 1.1}],
)
def test_settings_that_cannot_be_meant_are_refused_by_name(wrong: dict[str, object]) -> None:
    with pytest.raises(CourseError, match=next(iter(wrong))):
        sampled(torch.zeros(1, 3), **wrong)  # type: ignore[arg-type]
