"""Hidden Markov models, held to sums over all paths of states."""

from __future__ import annotations

import math
from itertools import pairwise, product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from course_utils.errors import CourseError
from course_utils.models.hidden_markov import HiddenMarkov, HiddenMarkovClassifier, best_fit, forward_step
from tests.strategies import examples

SMALL = {"states": st.integers(1, 3), "symbols": st.integers(1, 4), "seq_len": st.integers(1, 5)}
SEEDS = st.integers(0, 10_000)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def model_of(states: int, symbols: int, seed: int = 0) -> HiddenMarkov:
    """Any probabilities: squared, so that some are far from even."""
    model = HiddenMarkov(states, symbols, generator=generator(seed))
    for name in ("start", "transition", "emission"):
        rows = (getattr(model, name) - 0.3 / states).square()
        setattr(model, name, rows / rows.sum(dim=-1, keepdim=True))
    return model


def drawn(batch: int, seq_len: int, symbols: int, seed: int = 0) -> Tensor:
    return torch.randint(symbols, (batch, seq_len), generator=generator(seed))


def joint(model: HiddenMarkov, sequence: list[int], path: tuple[int, ...]) -> float:
    """P(sequence, path of states), factor by factor."""
    p = float(model.start[path[0]] * model.emission[path[0], sequence[0]])
    for before, now, symbol in zip(path, path[1:], sequence[1:], strict=False):
        p *= float(model.transition[before, now] * model.emission[now, symbol])
    return p


def all_paths(model: HiddenMarkov, seq_len: int) -> list[tuple[int, ...]]:
    return list(product(range(len(model.start)), repeat=seq_len))


def test_a_forward_step_sums_over_where_the_chain_may_have_been() -> None:
    alpha, transition, emission = (torch.rand(shape, generator=generator()) for shape in ((4, 3), (3, 3), (4, 3)))
    found = forward_step(alpha, transition, emission)
    for b in range(4):
        for j in range(3):
            before = sum(float(alpha[b, i] * transition[i, j]) for i in range(3))
            assert float(found[b, j]) == pytest.approx(before * float(emission[b, j]), rel=1e-5)


@examples(30)
@given(**SMALL, seed=SEEDS)
def test_the_likelihood_is_the_sum_over_all_paths(states: int, symbols: int, seq_len: int, seed: int) -> None:
    model, sequences = model_of(states, symbols, seed), drawn(4, seq_len, symbols, seed)
    expected = [
        sum(joint(model, sequence, path) for path in all_paths(model, seq_len)) for sequence in sequences.tolist()
    ]
    assert model.log_likelihood(sequences).exp().tolist() == pytest.approx(expected, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize(("states", "symbols", "seq_len"), [(1, 2, 3), (3, 2, 6), (2, 3, 4)])
def test_the_probabilities_of_all_sequences_sum_to_one(states: int, symbols: int, seq_len: int) -> None:
    every = torch.tensor(list(product(range(symbols), repeat=seq_len)))
    assert float(model_of(states, symbols).log_likelihood(every).exp().sum()) == pytest.approx(1, abs=1e-12)


def test_ten_thousand_steps_do_not_underflow() -> None:
    model = model_of(3, 4)
    model.emission = model.emission[:1].expand(3, -1)  # what is seen does not depend on the state
    sequences = drawn(2, 10_000, 4)
    expected = model.emission[0].log()[sequences].sum(dim=1)
    assert (expected < -5_000).all()  # e to this power is 0 in float64
    assert torch.allclose(model.log_likelihood(sequences), expected, rtol=1e-10)


def test_what_cannot_be_has_the_log_likelihood_minus_infinity() -> None:
    model = HiddenMarkov(2, 2, generator=generator())
    model.emission = torch.tensor([[1.0, 0.0], [1.0, 0.0]], dtype=torch.float64)
    found = model.log_likelihood(torch.tensor([[0, 0, 0], [0, 1, 0]]))
    assert found.tolist() == [pytest.approx(0, abs=1e-12), -math.inf]
    with pytest.raises(CourseError, match="cannot come from this model"):
        model.fit(torch.tensor([[0, 1, 0]]), 1)


@examples(30)
@given(**SMALL, seed=SEEDS)
def test_the_filtered_state_is_the_share_of_the_paths_that_end_there(
    states: int, symbols: int, seq_len: int, seed: int
) -> None:
    model, sequences = model_of(states, symbols, seed), drawn(3, seq_len, symbols, seed)
    filtered, following = model.filtered(sequences), model.next_symbol(sequences)
    for b, sequence in enumerate(sequences.tolist()):
        ends = [0.0] * states
        for path in all_paths(model, seq_len):
            ends[path[-1]] += joint(model, sequence, path)
        assert filtered[b].tolist() == pytest.approx([p / sum(ends) for p in ends], abs=1e-9)
        longer = torch.tensor([[*sequence, v] for v in range(symbols)])
        ratio = (model.log_likelihood(longer) - model.log_likelihood(sequences[b : b + 1])).exp()
        assert following[b].tolist() == pytest.approx(ratio.tolist(), abs=1e-9)


@examples(15)
@given(**SMALL, seed=SEEDS)
def test_an_iteration_divides_the_counts_expected_over_all_paths(
    states: int, symbols: int, seq_len: int, seed: int
) -> None:
    model, sequences = model_of(states, symbols, seed), drawn(3, seq_len, symbols, seed)
    start, moves, seen = torch.zeros(states), torch.zeros(states, states), torch.zeros(states, symbols)
    for sequence in sequences.tolist():
        paths = all_paths(model, seq_len)
        weights = [joint(model, sequence, path) for path in paths]
        for path, weight in zip(paths, weights, strict=True):
            share = weight / sum(weights)
            start[path[0]] += share
            for before, now in pairwise(path):
                moves[before, now] += share
            for state, symbol in zip(path, sequence, strict=True):
                seen[state, symbol] += share
    model.fit(sequences, 1, smoothing=0.5)
    for found, counts in ((model.start, start), (model.transition, moves), (model.emission, seen)):
        expected = (counts + 0.5) / (counts + 0.5).sum(dim=-1, keepdim=True)
        assert torch.allclose(found.float(), expected, atol=1e-5)


@examples(25)
@given(
    states=st.integers(1, 5), symbols=st.integers(2, 5), seq_len=st.integers(1, 25), stay=st.sampled_from([0, 0.9, 1]),
    seed=SEEDS,
)  # fmt: skip
def test_the_likelihood_never_falls(states: int, symbols: int, seq_len: int, stay: float, seed: int) -> None:
    sequences = drawn(6, seq_len, symbols, seed)
    model = HiddenMarkov(states, symbols, stay=stay, generator=generator(seed))
    history = model.fit(sequences, 12)
    assert len(history) == 13
    for before, after in pairwise(history):
        assert after >= before - 1e-9 * abs(before)
    assert history[-1] == pytest.approx(float(model.log_likelihood(sequences).mean()))
    for rows in (model.start, model.transition, model.emission):
        assert rows.dtype == torch.float64
        assert (rows >= 0).all()
        assert torch.allclose(rows.sum(dim=-1), torch.ones(()).double())


def test_one_state_learns_the_frequencies_at_once() -> None:
    sequences = drawn(20, 30, 3)
    model = HiddenMarkov(1, 3, generator=generator())
    model.fit(sequences, 1)
    counts = torch.bincount(sequences.flatten(), minlength=3).double()
    assert torch.allclose(model.emission[0], counts / counts.sum())


def test_two_states_learn_to_take_turns() -> None:
    sequences = torch.tensor([[0, 1] * 10, [1, 0] * 10])
    model, history = best_fit(sequences, 2, 2, restarts=5, iterations=200, generator=generator())
    assert history[-1] == pytest.approx(math.log(1 / 2), abs=1e-3)  # which comes first is all that is not known
    coming = model.next_symbol(torch.tensor([[0, 1, 0], [1, 0, 1]]))
    assert torch.allclose(coming, torch.tensor([[0.0, 1.0], [1.0, 0.0]]).double(), atol=1e-3)


def test_a_fit_stops_when_it_gains_little_and_not_before() -> None:
    sequences = drawn(10, 20, 3)
    full = HiddenMarkov(3, 3, generator=generator()).fit(sequences, 40)
    early = HiddenMarkov(3, 3, generator=generator()).fit(sequences, 40, tolerance=0.01)
    assert len(full) == 41
    assert early == full[: len(early)]
    gains = [after - before for before, after in pairwise(early)]
    assert len(early) < 41
    assert all(gain >= 0.01 for gain in gains[:-2])
    assert gains[-2] < 0.01


def test_a_zero_stays_and_smoothing_makes_no_other() -> None:
    sequences = torch.zeros(5, 10, dtype=torch.long)  # two of three symbols never come
    for stay in (0.0, 1.0):
        model = HiddenMarkov(3, 3, stay=stay, generator=generator())
        model.fit(sequences, 20, smoothing=1e-3)
        assert ((model.transition > 0) == ((torch.eye(3) > 0) | (stay < 1))).all()
        assert (model.emission > 0).all()
    model.fit(sequences, 1)
    assert (model.emission == torch.tensor([1.0, 0.0, 0.0])).all()


def test_the_chain_stays_as_long_as_it_is_told() -> None:
    chain = HiddenMarkov(4, 3, stay=0.99, generator=generator()).transition
    assert ((chain.diagonal() >= 0.99) & (chain.diagonal() < 1)).all()
    assert torch.allclose(chain.sum(dim=1), torch.ones(4).double())
    assert torch.equal(HiddenMarkov(4, 3, stay=1, generator=generator()).transition, torch.eye(4).double())


def test_the_best_of_several_beginnings_is_kept_and_a_seed_gives_the_same_again() -> None:
    sequences = drawn(10, 20, 3)
    together, alone = generator(5), generator(5)
    _, best = best_fit(sequences, 3, 3, restarts=4, iterations=10, generator=together)
    ends = [best_fit(sequences, 3, 3, iterations=10, generator=alone)[1][-1] for _ in range(4)]
    assert best[-1] == max(ends)
    assert len(set(ends)) == 4


def test_the_generator_is_the_only_source_of_random_numbers() -> None:
    before = torch.random.get_rng_state()
    HiddenMarkov(3, 3, generator=generator())
    assert torch.equal(torch.random.get_rng_state(), before)


def test_the_classifier_is_bayes_rule() -> None:
    """With one state a class: counts of the class's symbols, and its share as the prior."""
    x, y = drawn(60, 7, 3, 1), torch.arange(60) % 4 // 2 * (torch.arange(60) % 3 > 0)  # two classes, not equally many
    classifier = HiddenMarkovClassifier(1, 3, 2)
    classifier.fit(x, y, 5, generator=generator())
    new, expected = drawn(50, 7, 3, 2), []
    for one in range(2):
        counts = torch.bincount(x[y == one].flatten(), minlength=3).double()
        expected.append((counts / counts.sum()).log()[new].sum(dim=1) + math.log(float((y == one).double().mean())))
    assert torch.allclose(classifier.log_joint(new), torch.stack(expected, dim=1))
    assert torch.equal(classifier.predict(new), torch.stack(expected, dim=1).argmax(dim=1))
    assert classifier.log_prior[0] > classifier.log_prior[1]


def test_the_classifier_counts_the_iterations_of_all_its_fits() -> None:
    x, y = drawn(30, 6, 3), torch.arange(30) % 3
    classifier = HiddenMarkovClassifier(2, 3, 3)
    classifier.fit(x, y, 7, restarts=2, generator=generator())
    assert classifier.iterations == 21
    assert len(classifier.models) == 3


def test_what_cannot_be_meant_is_refused_with_a_sentence() -> None:
    model, classifier = HiddenMarkov(2, 3, generator=generator()), HiddenMarkovClassifier(2, 3, 2)
    fine = drawn(4, 5, 3)
    for attempt, message in (
        (lambda: HiddenMarkov(0, 3), "states must be a whole number from 1"),
        (
            lambda: HiddenMarkov(2, 2.5),  # type: ignore[arg-type]
            "symbols must be a whole number from 1",
        ),
        (lambda: HiddenMarkovClassifier(2, 3, 0), "classes must be a whole number from 1"),
        (lambda: HiddenMarkov(2, 3, stay=1.1), "stay must be a finite number from 0 to 1"),
        (lambda: model.log_likelihood(fine + 1), "knows the symbols 0 to 2; the sequences have 1 to 3"),
        (lambda: model.filtered(fine[0]), r"whole numbers \(B, T\)"),
        (lambda: model.log_likelihood(fine.float()), "torch.float32"),
        (lambda: model.fit(fine, -1), "iterations must be a whole number from 0"),
        (
            lambda: model.fit(fine, 2.5),  # type: ignore[arg-type]
            "iterations must be a whole number from 0",
        ),
        (lambda: model.fit(fine, smoothing=float("nan")), "smoothing must be a finite number from 0"),
        (
            lambda: model.fit(fine, tolerance="x"),  # type: ignore[arg-type]
            "tolerance must be a finite number from 0",
        ),
        (lambda: best_fit(fine, 2, 3, restarts=0), "restarts"),
        (lambda: classifier.predict(fine), r"Call fit\(symbols, y\) first"),
        (lambda: classifier.fit(fine, torch.zeros(4, dtype=torch.long)), r"there are \[4, 0\]"),
        (lambda: classifier.fit(fine, torch.arange(4)), r"there are \[1, 1, 1, 1\]"),
    ):
        with pytest.raises(CourseError, match=message):
            attempt()
