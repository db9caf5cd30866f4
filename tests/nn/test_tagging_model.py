"""The network of the tagger: padding and neighbours in a batch change nothing, each direction sees its own side."""

from __future__ import annotations

import pytest
import torch

from course_utils.nn.crf import forbidden_in_bio
from course_utils.nn.layers import LAYERS
from course_utils.nn.sequences import UNKNOWN
from course_utils.nn.tagging_model import Sentences, Spelling, TaggingModel

TAGS = ["O", "B-a", "I-a"]


def model(cell: str = "lstm", bidirectional: bool = True, characters: int = 12, crf: bool = False) -> TaggingModel:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = TaggingModel(cell, 20, characters, 3, 6, bidirectional, forbidden_in_bio(TAGS) if crf else None)
    return made.eval()


def sentences(*lengths: int, seed: int = 0) -> Sentences:
    generator = torch.Generator().manual_seed(seed)
    B, T = len(lengths), max(lengths)
    real = torch.arange(T) < torch.tensor(lengths)[:, None]
    words = torch.randint(4, 20, (B, T), generator=generator) * real
    spelled = torch.randint(4, 12, (7, 5), generator=generator)
    spelled[2, 3:] = 0
    places = torch.randint(0, 7, (B, T), generator=generator) * real
    tags = torch.randint(0, 3, (B, T), generator=generator) * real
    return Sentences(words, torch.tensor(lengths), spelled, places, words > 12, tags)


def alone(batch: Sentences, row: int) -> Sentences:
    """One sentence of a batch, without padding."""
    T = int(batch.lengths[row])
    cut = {name: getattr(batch, name)[row : row + 1, :T] for name in ("words", "places", "rare", "tags")}
    return batch._replace(lengths=batch.lengths[row : row + 1], **cut)


@pytest.mark.parametrize("cell", LAYERS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_sentence_is_read_the_same_alone_and_beside_longer_ones(cell: str, bidirectional: bool) -> None:
    net, batch = model(cell, bidirectional), sentences(3, 8, 1)
    together = net(batch)
    for row, T in enumerate(batch.lengths.tolist()):
        assert torch.allclose(net(alone(batch, row))[0], together[row, :T], atol=1e-6)


@pytest.mark.parametrize(("bidirectional", "sees"), [(False, False), (True, True)])
def test_only_a_network_of_both_directions_sees_what_follows(bidirectional: bool, sees: bool) -> None:
    net, batch = model("gru", bidirectional), sentences(6)
    other = batch._replace(words=batch.words.clone())
    other.words[0, 5] = 4 if batch.words[0, 5] != 4 else 5
    moved = (net(batch) - net(other))[0].abs().sum(1)
    assert moved[5] > 0
    assert bool((moved[:5] > 0).all()) is sees


def test_the_backward_direction_has_read_everything_at_the_first_word() -> None:
    net, batch = model("lstm"), sentences(5)
    core = net.core
    inputs = torch.randn(1, 5, core.input_size, generator=torch.Generator().manual_seed(1))
    states, (last, _) = core(inputs)
    H = core.hidden_size
    assert torch.allclose(states[0, 0, H:], last[1, 0])
    assert torch.allclose(states[0, -1, :H], last[0, 0])
    assert net(batch).shape == (1, 5, 3)


def test_padding_of_a_word_is_not_read() -> None:
    with torch.random.fork_rng(devices=[]):
        spelling = Spelling(12)
    short = torch.tensor([[5, 6, 7]])
    long = torch.tensor([[5, 6, 7, 0, 0, 0], [4, 4, 4, 4, 4, 4]])
    assert torch.allclose(spelling(short)[0], spelling(long)[0], atol=1e-6)
    assert torch.isfinite(spelling(torch.zeros(1, 1, dtype=torch.long))).all()


@pytest.mark.parametrize("crf", [False, True])
def test_the_loss_counts_real_words_only_and_has_a_gradient_everywhere(crf: bool) -> None:
    net, batch = model(crf=crf), sentences(2, 5)
    loss = net.loss(batch)
    behind = batch._replace(tags=batch.tags.clone())
    behind.tags[0, 2:] = 2
    assert torch.equal(net.loss(behind), loss)
    parts = [net.loss(alone(batch, row)) * T for row, T in enumerate((2, 5))]
    assert torch.allclose(sum(parts, torch.tensor(0.0)) / 7, loss, atol=1e-5)
    loss.backward()
    assert all(parameter.grad is not None for parameter in net.parameters())


def test_rare_words_are_read_as_unknown_in_training_only() -> None:
    net = model(characters=0)
    batch = sentences(200)
    everywhere = batch._replace(rare=torch.ones_like(batch.rare))
    assert torch.equal(net(batch), net(everywhere))
    net.train()
    net.dropout = 0.0
    seen: list[torch.Tensor] = []
    net.embedding.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        net(everywhere)
    share = (seen[0] == UNKNOWN).float().mean().item()
    assert 0.3 < share < 0.7


def test_a_relu_network_begins_as_the_identity() -> None:
    net = model("relu_rnn")
    weights = dict(net.core.named_parameters())
    assert torch.equal(weights["weight_hh_l0"], torch.eye(6))
    assert torch.equal(weights["weight_hh_l0_reverse"], torch.eye(6))


@pytest.mark.parametrize("crf", [False, True])
def test_probabilities_sum_to_1_and_answers_are_as_long_as_their_sentences(crf: bool) -> None:
    net, batch = model(crf=crf), sentences(3, 6)
    with torch.no_grad():
        sums = net.probabilities(batch).sum(2)
    assert torch.allclose(sums[0, :3], torch.ones(3), atol=1e-5)
    assert torch.allclose(sums[1], torch.ones(6), atol=1e-5)
    assert [len(row) for row in net.best(batch)] == [3, 6]


def test_the_table_of_words_is_not_counted_with_what_reads_and_writes() -> None:
    net = model()
    assert net.read_and_written == sum(p.numel() for p in net.parameters()) - 20 * 64
