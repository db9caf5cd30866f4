"""The network of the captioner: its words, and the search for the best caption."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch import Tensor

from course_utils.nn.captioning_model import CaptionModel, captions_of
from course_utils.nn.sequences import END, PAD, START, UNKNOWN

CELLS, ATTENTIONS = ("rnn", "gru", "lstm"), ("multiplicative", "additive", None)


WAYS = [*((kind, False) for kind in ATTENTIONS), (None, True)]


def network(cell: str = "lstm", kind: str | None = "multiplicative", once: bool = False) -> CaptionModel:
    torch.manual_seed(0)
    return CaptionModel(cell, 9, 8, kind, once).double().eval()


def pictures(count: int = 2) -> Tensor:
    return torch.rand(count, 3, 48, 48, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("kind", "once"), WAYS)
def test_all_words_at_once_are_one_word_after_the_other(cell: str, kind: str | None, once: bool) -> None:
    model, targets = network(cell, kind, once), torch.tensor([[4, 7, 5, END], [8, 8, END, PAD]])
    whole = model(pictures(), targets)
    places, summary = model.encode(pictures())
    state, read = model.first_state(summary), torch.full((2, 1), START)
    for u in range(targets.shape[1]):
        logits, weights, state = model.decode(read, places, summary, state)
        assert torch.allclose(logits[:, 0], whole[:, u])
        assert (weights is None) == (kind is None)
        read = targets[:, u : u + 1]


@pytest.mark.parametrize(("kind", "once"), WAYS)
def test_a_word_is_named_from_the_picture_and_the_words_before_it(kind: str | None, once: bool) -> None:
    model = network(kind=kind, once=once)
    first, other = (model(pictures(), torch.tensor([[4, last, 6]] * 2)) for last in (5, 8))
    assert torch.allclose(first[:, :2], other[:, :2])
    assert not torch.allclose(first[:, 2], other[:, 2])
    assert not torch.allclose(first[0], first[1])  # the pictures differ


def test_dropped_words_are_hidden_in_training_only() -> None:
    model = CaptionModel("lstm", 9, 8, None, dropped=0.999)
    read: list[Tensor] = []
    model.embed.register_forward_pre_hook(lambda _, given: read.append(given[0]))
    targets = torch.tensor([[4, 5, 6, 7, 8, END, PAD]])
    model.train()(pictures(1).float(), targets)
    assert read[0].tolist() == [[START, *[UNKNOWN] * 5, END]] or read[0].tolist() == [[START, *[UNKNOWN] * 6]]
    model.eval()(pictures(1).float(), targets)
    assert read[1].tolist() == [[START, 4, 5, 6, 7, 8, END]]


def every_caption(model: CaptionModel, picture: Tensor, longest: int) -> dict[tuple[int, ...], float]:
    """All captions of at most so many words, and their mean log probability a word."""
    scores = {}
    for length in range(longest):
        for said in itertools.product(range(UNKNOWN + 1, 9), repeat=length):
            row = torch.tensor([[*said, END]])
            logits = model(picture, row)
            logits[..., [PAD, START, UNKNOWN]] = -math.inf
            scores[said] = float(logits.log_softmax(-1).gather(-1, row[..., None]).mean())
    return scores


@torch.no_grad()
def test_a_wide_beam_finds_the_best_of_all_captions() -> None:
    model = network()
    model.name.weight.mul_(4)  # surer of itself, as after a training
    for place in range(2):
        picture = pictures()[place : place + 1]
        scores = every_caption(model, picture, 3)
        best = max(scores, key=lambda said: scores[said])
        found = captions_of(model, picture, 200, 3)[0]
        cut = len(found) == 3  # longer than what was listed
        assert cut or tuple(found) == best


@torch.no_grad()
@pytest.mark.parametrize("cell", CELLS)
def test_a_beam_of_one_takes_the_most_probable_word_each_time(cell: str) -> None:
    model = network(cell)
    (said,) = captions_of(model, pictures(1), 1, 6)
    targets = torch.tensor([[*said, END]])
    logits = model(pictures(1), targets)
    logits[..., [PAD, START, UNKNOWN]] = -math.inf
    expected = logits.argmax(dim=-1)[0].tolist()
    assert expected[: len(said)] == said
    assert len(said) == 6 or expected[len(said)] == END
