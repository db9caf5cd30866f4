"""Attention, masks and search: equal to torch, to exhaustive search, and to what their definitions say."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from course_utils.nn import attention
from tests.strategies import examples


def normal(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.double)


SIZES = st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 6), st.integers(1, 7))  # B, U, T, H


@given(SIZES, st.integers(0, 999), st.data())
def test_multiplicative_attention_is_torchs_own(
    sizes: tuple[int, int, int, int], seed: int, data: st.DataObject
) -> None:
    B, U, T, H = sizes
    lengths = torch.tensor(data.draw(st.lists(st.integers(1, T), min_size=B, max_size=B)))
    queries, keys, values = normal(seed, B, U, H), normal(seed + 1, B, T, H), normal(seed + 2, B, T, H)
    mask = attention.padding_mask(lengths, T)
    contexts, weights = attention.attend(attention.multiplicative_scores(queries, keys), values, mask)
    theirs = torch.nn.functional.scaled_dot_product_attention(queries, keys, values, mask[:, None], scale=1.0)
    assert torch.allclose(contexts, theirs)
    assert torch.allclose(weights.sum(-1), torch.ones(B, U, dtype=torch.double))
    assert (weights[~mask[:, None].expand_as(weights)] == 0).all()


def test_scores_are_what_their_formulas_say_one_by_one() -> None:
    queries, keys = normal(0, 2, 3, 4), normal(1, 2, 5, 6)
    W, W_q, W_k, v = normal(2, 4, 6), normal(3, 7, 4), normal(4, 7, 6), normal(5, 7)
    product = attention.multiplicative_scores(queries, keys, W)
    added = attention.additive_scores(queries, keys, W_q, W_k, v)
    for b, u, t in itertools.product(range(2), range(3), range(5)):
        q, k = queries[b, u], keys[b, t]
        assert product[b, u, t].item() == pytest.approx((q @ W @ k).item())
        assert added[b, u, t].item() == pytest.approx((v @ torch.tanh(W_q @ q + W_k @ k)).item())


@pytest.mark.parametrize("kind", ["additive", "multiplicative"])
def test_gradients(kind: str) -> None:
    mask = torch.tensor([[True, True, False], [True, True, True]])
    tensors = [normal(0, 2, 2, 3), normal(1, 2, 3, 3), normal(2, 4, 3), normal(3, 4, 3), normal(4, 4)]

    def mixed(queries: Tensor, keys: Tensor, W_q: Tensor, W_k: Tensor, v: Tensor) -> Tensor:
        if kind == "additive":
            scores = attention.additive_scores(queries, keys, W_q, W_k, v)
        else:
            scores = attention.multiplicative_scores(queries, keys, W_q.T @ W_k)
        return attention.attend(scores, keys, mask)[0]

    assert torch.autograd.gradcheck(mixed, [one.requires_grad_() for one in tensors])


def test_padding_gets_no_weight_and_no_gradient_whatever_stands_there() -> None:
    mask = attention.padding_mask(torch.tensor([2, 4]), 4)
    keys, queries = normal(0, 2, 4, 3), normal(1, 2, 2, 3)
    keys[0, 2:] = 1e6
    keys.requires_grad_()
    contexts, weights = attention.attend(attention.multiplicative_scores(queries, keys), keys, mask)
    contexts.square().sum().backward()
    assert (weights[0, :, 2:] == 0).all()
    assert keys.grad is not None
    assert (keys.grad[0, 2:] == 0).all()
    assert keys.grad[1].abs().min() > 0


@given(st.integers(0, 999), st.integers(0, 5))
def test_masked_cross_entropy_is_torchs_and_padding_counts_for_nothing(seed: int, more: int) -> None:
    logits, targets = normal(seed, 3, 4, 5), torch.randint(0, 5, (3, 4), generator=torch.Generator().manual_seed(seed))
    targets[0, 0] = 2
    ours = attention.masked_cross_entropy(logits, targets)
    theirs = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=0)
    assert ours.item() == pytest.approx(theirs.item())
    longer = attention.masked_cross_entropy(
        torch.cat([logits, normal(seed, 3, more, 5)], 1), torch.nn.functional.pad(targets, (0, more))
    )
    assert longer.item() == pytest.approx(ours.item())


def test_teacher_inputs_are_the_targets_one_step_late() -> None:
    assert attention.teacher_inputs(torch.tensor([[5, 6, 2], [7, 2, 0]]), 1).tolist() == [[1, 5, 6], [1, 7, 2]]


# ---------------------------------------------------------------------------------------------------------------------
# Search

V, START, END = 4, 0, 1


def language(seed: int) -> Callable[[list[int]], Tensor]:
    """A made-up language: log probabilities that depend on the whole prefix."""

    def step(prefix: list[int]) -> Tensor:
        place = sum((token + 1) * 7**k for k, token in enumerate(prefix))
        return (2 * normal(seed * 100_003 + place, V)).log_softmax(-1)

    return step


def exhaustive(step: Callable[[list[int]], Tensor], longest: int) -> float:
    """The highest mean log probability of all sentences that end, or are cut at `longest`."""
    best = -math.inf
    for length in range(1, longest + 1):
        for tokens in itertools.product(range(V), repeat=length):
            ends = tokens[-1] == END
            if END in tokens[:-1] or not (ends or length == longest):
                continue
            best = max(best, score(step, list(tokens)))
    return best


def score(step: Callable[[list[int]], Tensor], tokens: list[int]) -> float:
    said = sum(float(step([START, *tokens[:k]])[token]) for k, token in enumerate(tokens))
    return said / len(tokens)


@examples(25)
@given(st.integers(0, 10_000), st.integers(1, 4))
def test_a_beam_that_keeps_everything_is_exhaustive(seed: int, longest: int) -> None:
    step = language(seed)
    found = attention.beam_search(step, START, END, V**longest, longest)
    whole = found if len(found) == longest else [*found, END]
    assert score(step, whole) == pytest.approx(exhaustive(step, longest))


@given(st.integers(0, 10_000), st.integers(0, 12))
def test_a_beam_of_one_is_greedy(seed: int, longest: int) -> None:
    step = language(seed)
    assert attention.beam_search(step, START, END, 1, longest) == attention.greedy(step, START, END, longest)


@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(0, 10))
def test_every_search_ends(seed: int, beam: int, longest: int) -> None:
    step = language(seed)
    assert len(attention.beam_search(step, START, END, beam, longest)) <= longest


def test_a_language_without_an_end_is_cut() -> None:
    never = torch.tensor([-3.0, -torch.inf, -0.5, -1.0])
    assert attention.greedy(lambda _: never, START, END, 7) == [2] * 7
    assert attention.beam_search(lambda _: never, START, END, 3, 7) == [2] * 7


def test_without_the_mean_a_short_answer_would_win() -> None:
    """Saying END at once has log ½, saying 2, 2, END has 3 · log 0.7: less in all, and more a token."""

    def step(prefix: list[int]) -> Tensor:
        if len(prefix) == 1:
            return torch.tensor([0.0, 0.3, 0.7, 0.0]).log()
        return torch.tensor([0.0, 0.7 if len(prefix) == 3 else 0.3, 0.3 if len(prefix) == 3 else 0.7, 0.0]).log()

    assert attention.beam_search(step, START, END, 2, 5) == [2, 2]
