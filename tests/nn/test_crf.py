"""The forward algorithm, Viterbi and the marginals equal what adding up every row of tags gives."""

from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from course_utils.metrics.spans import in_one_form
from course_utils.nn.crf import NEVER, ChainField, forbidden_in_bio, log_partition, path_score, viterbi
from tests.strategies import examples

BIO = ["O", "B-a", "I-a", "B-b", "I-b"]


def drawn(seed: int, T: int, K: int, spread: float = 2.0) -> tuple[Tensor, ...]:
    """Emissions of one sentence, transitions, first, last; in 64 bits."""
    generator = torch.Generator().manual_seed(seed)
    shapes = ((1, T, K), (K, K), (K,), (K,))
    return tuple(spread * torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes)


def every_row(emissions: Tensor, transitions: Tensor, first: Tensor, last: Tensor) -> dict[tuple[int, ...], float]:
    """The score of every row of tags, added up in Python."""
    T, K = emissions.shape[1:]
    scores = {}
    for row in itertools.product(range(K), repeat=T):
        score = float(first[row[0]] + last[row[-1]]) + sum(float(emissions[0, t, k]) for t, k in enumerate(row))
        scores[row] = score + sum(float(transitions[i, j]) for i, j in itertools.pairwise(row))
    return scores


@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(1, 4))
@examples(40)
def test_sum_and_best_row_are_those_of_every_row(seed: int, T: int, K: int) -> None:
    emissions, *scores = drawn(seed, T, K)
    rows = every_row(emissions, *scores)
    total = torch.tensor(list(rows.values()), dtype=torch.float64).logsumexp(0)
    assert log_partition(emissions, torch.tensor([T]), *scores).item() == pytest.approx(float(total), abs=1e-9)
    (best,) = viterbi(emissions, torch.tensor([T]), *scores)
    assert rows[tuple(best)] == pytest.approx(max(rows.values()), abs=1e-9)
    tags = torch.tensor([best])
    assert path_score(emissions, tags, torch.tensor([T]), *scores).item() == pytest.approx(rows[tuple(best)], abs=1e-9)


def field(K: int, forbidden: Tensor | None = None, seed: int = 0) -> ChainField:
    made = ChainField(K, forbidden).double()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return made


def test_marginals_are_those_of_every_row() -> None:
    T, K = 4, 3
    made, emissions = field(K), drawn(3, T, K)[0]
    rows = every_row(emissions, *(score.detach() for score in made.scores()))
    weights = torch.tensor(list(rows.values())).softmax(0)
    expected = torch.zeros(T, K)
    for row, weight in zip(rows, weights, strict=True):
        for t, k in enumerate(row):
            expected[t, k] += weight
    found = made.marginals(emissions, torch.tensor([T]))[0]
    assert torch.allclose(found.float(), expected, atol=1e-6)
    assert all(parameter.grad is None for parameter in made.parameters())


def test_padding_changes_nothing() -> None:
    made = field(5, forbidden_in_bio(BIO))
    sentences = [drawn(seed, T, 5)[0][0] for seed, T in enumerate((1, 4, 7, 2))]
    lengths = torch.tensor([len(sentence) for sentence in sentences])
    padded = torch.full((4, 9, 5), 1e3, dtype=torch.float64)
    tags = torch.full((4, 9), 4)
    for row, sentence in enumerate(sentences):
        padded[row, : len(sentence)], tags[row, : len(sentence)] = sentence, torch.arange(len(sentence)) % 2
    together = made.log_likelihood(padded, tags, lengths)
    marginals, best = made.marginals(padded, lengths), made.best(padded, lengths)
    for row, sentence in enumerate(sentences):
        alone, T = sentence[None], lengths[row : row + 1]
        assert torch.allclose(made.log_likelihood(alone, tags[row : row + 1, : len(sentence)], T), together[row])
        assert torch.allclose(made.marginals(alone, T)[0], marginals[row, : len(sentence)])
        assert marginals[row, len(sentence) :].abs().sum() == 0
        assert made.best(alone, T) == [best[row]]


def test_probabilities_of_all_rows_sum_to_1() -> None:
    made, emissions = field(3), drawn(1, 4, 3)[0]
    rows = torch.tensor(list(itertools.product(range(3), repeat=4)))
    likelihoods = made.log_likelihood(emissions.expand(len(rows), -1, -1), rows, torch.full((len(rows),), 4))
    assert float(likelihoods.exp().sum().detach()) == pytest.approx(1, abs=1e-12)


def test_gradients_are_those_of_finite_differences() -> None:
    made, emissions = field(3), drawn(2, 4, 3)[0].requires_grad_()
    tags, lengths = torch.tensor([[0, 2, 1, 0]]), torch.tensor([3])

    def loss(emissions: Tensor, *scores: Tensor) -> Tensor:
        return path_score(emissions, tags, lengths, *scores) - log_partition(emissions, lengths, *scores)

    assert torch.autograd.gradcheck(loss, (emissions, *made.parameters()))


def test_what_bio_forbids_is_an_i_that_continues_nothing() -> None:
    forbidden = forbidden_in_bio(BIO)
    for i, before in enumerate(BIO):
        for j, tag in enumerate(BIO):
            assert bool(forbidden[i, j]) is (in_one_form([before, tag])[1] != tag)
    for j, tag in enumerate(BIO):
        assert bool(forbidden[-1, j]) is (in_one_form([tag]) != [tag])


def test_a_forbidden_row_is_never_the_best_and_has_no_probability() -> None:
    made = field(5, forbidden_in_bio(BIO))
    emissions = torch.zeros(1, 3, 5, dtype=torch.float64)
    emissions[..., 4] = 50.0  # I-b everywhere
    (best,) = made.best(emissions, torch.tensor([3]))
    tags = [BIO[k] for k in best]
    assert tags == in_one_form(tags)
    forbidden = torch.tensor([[4, 4, 4]])
    assert made.log_likelihood(emissions, forbidden, torch.tensor([3])).item() < 0.5 * NEVER


def test_a_field_without_scores_is_a_softmax_at_each_word() -> None:
    made, emissions = ChainField(4), torch.randn(2, 5, 4, generator=torch.Generator().manual_seed(0))
    lengths = torch.tensor([5, 5])
    assert torch.allclose(made.marginals(emissions, lengths), emissions.softmax(2), atol=1e-6)
    assert made.best(emissions, lengths) == emissions.argmax(2).tolist()
