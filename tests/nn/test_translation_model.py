"""The network of the translator: padding, steps, and a search that is the one of the lesson."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.models.translation_training import Objective, token_error
from course_utils.nn import attention
from course_utils.nn.sequences import END, PAD, START
from course_utils.nn.translation_model import Attention, Encoded, TranslationModel, batch_of, flip_places, search

CELLS, ATTENTIONS = ("rnn", "gru", "lstm"), ("additive", "multiplicative", None)


def model(cell: str = "lstm", kind: str | None = "additive", size: int = 9) -> TranslationModel:
    torch.manual_seed(0)
    return TranslationModel(cell, size, size, 8, kind).double().eval()


ROWS = st.lists(st.integers(4, 8), min_size=1, max_size=6)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("kind", ATTENTIONS)
def test_padding_changes_nothing_in_both_directions(cell: str, kind: str | None) -> None:
    network = model(cell, kind)
    short, long = ([4, 5, 6], [7, 4]), ([8, 7, 6, 5, 4, 8, 8], [4, 5, 6, 7, 8])
    alone, together = network(batch_of([short])), network(batch_of([short, long]))
    assert torch.allclose(together[: len(alone)], alone)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("kind", ATTENTIONS)
def test_all_steps_at_once_are_one_step_after_the_other(cell: str, kind: str | None) -> None:
    network = model(cell, kind)
    batch = batch_of([([4, 5, 6], [7, 4, 5, 5])])
    encoded = network.encode(batch.sources, batch.lengths)
    inputs = attention.teacher_inputs(batch.targets, START)
    whole, _, _ = network.decode(inputs, encoded, network.first_state(encoded))
    states = network.first_state(encoded)
    for u in range(inputs.shape[1]):
        mixed, _, states = network.decode(inputs[:, u : u + 1], encoded, states)
        assert torch.allclose(mixed[:, 0], whole[:, u])


def test_a_step_of_the_decoder_does_not_see_what_comes_after_it() -> None:
    network = model()
    first, other = (network(batch_of([([4, 5, 6], [7, last])])) for last in (4, 8))
    assert torch.allclose(first[:2], other[:2])  # the third step has read the second token
    assert not torch.allclose(first[2], other[2])


def test_the_networks_scores_are_those_of_the_lesson() -> None:
    torch.manual_seed(0)
    queries, values = torch.randn(2, 3, 16), torch.randn(2, 4, 32)
    mask = attention.padding_mask(torch.tensor([4, 2]), 4)
    for kind in ("additive", "multiplicative"):
        layer = Attention(kind, 16)
        keys = layer.project(values)
        contexts, weights = layer(queries, keys, Encoded(values, keys, keys, mask, values[:, 0]))
        if kind == "additive":
            scores = attention.additive_scores(queries, values, layer.queries.weight, layer.keys.weight, layer.v)
        else:
            scores = attention.multiplicative_scores(queries, values, layer.keys.weight)
        expected = attention.attend(scores, values, mask)
        assert torch.allclose(contexts, expected[0], atol=1e-6)
        assert torch.allclose(weights, expected[1], atol=1e-6)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=4))
def test_turned_round_twice_is_as_before(lengths: list[int]) -> None:
    places = flip_places(torch.tensor(lengths), 6)
    assert torch.equal(places.gather(1, places), torch.arange(6).expand(len(lengths), 6))
    assert places[:, 0].tolist() == [length - 1 for length in lengths]


@given(st.lists(st.tuples(ROWS, st.integers(1, 8)), min_size=1, max_size=4), st.integers(1, 4))
def test_many_sentences_at_once_are_searched_as_the_lesson_does_it(
    rows: list[tuple[list[int], int]], beam: int
) -> None:
    network = model()
    batch = batch_of([(row, []) for row, _ in rows])
    found = search(network, batch.sources, batch.lengths, torch.tensor([longest for _, longest in rows]), beam)

    def step_for(row: list[int]) -> Any:
        @torch.no_grad()
        def step(prefix: list[int]) -> torch.Tensor:
            encoded = network.encode(torch.tensor([row]), torch.tensor([len(row)]))
            mixed, _, _ = network.decode(torch.tensor([prefix]), encoded, network.first_state(encoded))
            log_p = network.logits(mixed[0, -1]).log_softmax(-1)
            log_p[[PAD, START]] = -math.inf
            return log_p

        return step

    for (row, longest), tokens in zip(rows, found.tokens.tolist(), strict=True):
        assert [t for t in tokens if t != PAD] == attention.beam_search(step_for(row), START, END, beam, longest)


def test_the_loss_is_the_masked_cross_entropy() -> None:
    network = model()
    batch = batch_of([([4, 5], [6]), ([7], [4, 5, 6])])
    logits = torch.zeros(*batch.targets.shape, 9, dtype=torch.double)
    logits[batch.targets != PAD] = network(batch)
    expected = attention.masked_cross_entropy(logits.float(), batch.targets, PAD)
    assert Objective(0.0, False)(network, batch).item() == pytest.approx(expected.item(), rel=1e-5)
    wrong = (network(batch).argmax(-1) != batch.targets[batch.targets != PAD]).double().mean()
    assert token_error(network, [batch]) == pytest.approx(wrong.item())
