"""What the experiments on text share: stretches, equal sizes, a carried state, costs as of one long read."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from course_utils.errors import CourseError
from course_utils.experiments.applications.text_training import (
    NETWORKS,
    Carrying,
    TextNetwork,
    alphabet,
    stretch,
    token_nats,
    trained,
    whole_text,
    width_like,
)
from course_utils.nn.parameters import parameters_count
from course_utils.nn.streams import parallel_rows, windows


def test_a_stretch_is_a_piece_of_the_text_in_three_parts_that_follow_each_other() -> None:
    parts = stretch(3, 500, 40)
    assert (len(parts.train), len(parts.valid), len(parts.test)) == (500, 40, 40)
    assert parts.train + parts.valid + parts.test in whole_text()
    assert parts == stretch(3, 500, 40)
    assert parts != stretch(4, 500, 40)


def test_more_than_the_text_holds_is_refused() -> None:
    with pytest.raises(CourseError, match="Ask for fewer"):
        stretch(0, 10**7, 1)


def test_every_character_of_the_text_has_a_number() -> None:
    assert alphabet().decode(alphabet().encode(whole_text()[:1000])) == whole_text()[:1000]
    assert set(whole_text()) == set(alphabet().tokens[4:])


@pytest.mark.parametrize("network", NETWORKS)
def test_networks_have_as_many_parameters_as_whole_units_allow(network: str) -> None:
    wanted = parameters_count(TextNetwork("LSTM", 74, 64))
    width = width_like(network, 74, 64)
    assert abs(parameters_count(TextNetwork(network, 74, width)) / wanted - 1) < 0.01


@pytest.mark.parametrize("network", NETWORKS[:4])
def test_read_window_by_window_a_recurrent_network_says_what_it_says_read_whole(network: str) -> None:
    torch.manual_seed(0)
    model, tokens = TextNetwork(network, 9, 6), torch.randint(9, (2, 12))
    whole, _ = model(tokens)
    first, state = model(tokens[:, :5])
    second, _ = model(tokens[:, 5:], state)
    assert torch.allclose(torch.cat([first, second], dim=1), whole, atol=1e-6)
    assert torch.allclose(model.inner.readout(model.states(tokens)), whole, atol=1e-6)


@pytest.mark.parametrize("network", NETWORKS[:4])
def test_costs_are_those_of_one_long_read_once_the_state_is_warm(network: str) -> None:
    """Of what stood more than 128 tokens before, an untrained network keeps nothing: rows may begin anywhere."""
    torch.manual_seed(0)
    model, stream = TextNetwork(network, 9, 6), torch.randint(9, (328,))
    logits, _ = model(stream[None, :-1])
    whole = functional.cross_entropy(logits[0, 127:], stream[128:], reduction="none")
    assert torch.allclose(token_nats(model, stream[:128], stream[128:]), whole, atol=1e-4)
    uneven = token_nats(model, stream[:128], stream[128:321])  # 193 tokens do not fill ten rows
    assert torch.allclose(uneven, whole[:193], atol=1e-4)


def test_a_transformer_sees_at_least_32_tokens_and_its_costs_are_of_the_right_tokens() -> None:
    torch.manual_seed(0)
    model, stream = TextNetwork("Transformer", 9, 8).eval(), torch.randint(9, (128 + 70,))
    found = token_nats(model, stream[:128], stream[128:])
    assert found.shape == (70,)
    for at in (0, 31, 32, 69):  # the first and last of a row
        start = 128 + at // 32 * 32 - 32
        logits, _ = model(stream[None, start : 128 + at])
        cost = functional.cross_entropy(logits[0, -1], stream[128 + at])
        assert torch.allclose(found[at], cost, atol=1e-5)


def test_too_little_in_front_of_the_text_is_refused() -> None:
    with pytest.raises(CourseError, match="128 tokens must stand before"):
        token_nats(TextNetwork("LSTM", 9, 6), torch.zeros(100, dtype=torch.int64), torch.zeros(5, dtype=torch.int64))


def test_the_state_goes_on_from_window_to_window_and_begins_again_with_an_epoch() -> None:
    torch.manual_seed(0)
    model = TextNetwork("LSTM", 9, 6)
    carrying = Carrying(windows(parallel_rows(torch.randint(9, (40,)), 2), 6))
    losses = [carrying(model, pair) for pair in carrying.epoch()]
    assert len(losses) == 4
    assert carrying.state is not None
    assert not any(part.requires_grad for part in carrying.state)
    next(iter(carrying.epoch()))
    assert carrying.state is None


def test_what_is_trained_depends_on_its_seed_alone() -> None:
    tokens = torch.randint(9, (200,), generator=torch.Generator().manual_seed(0))
    one, again, other = (trained("GRU", tokens, 9, 5, 0.01, 2, seed) for seed in (1, 1, 2))
    assert torch.equal(one.inner.readout.weight, again.inner.readout.weight)
    assert not torch.equal(one.inner.readout.weight, other.inner.readout.weight)


def test_an_unknown_network_is_refused() -> None:
    with pytest.raises(CourseError, match="ReLU RNN"):
        TextNetwork("BERT", 9, 4)
