"""The network of the language models: shapes, a state that goes on, and weights that are used twice."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from course_utils.errors import CourseError
from course_utils.nn.language_net import CELLS, LanguageNet
from course_utils.nn.streams import State

TOKENS = torch.randint(0, 5, (3, 7), generator=torch.Generator().manual_seed(0))


def parts(state: State) -> tuple[torch.Tensor, ...]:
    return state if isinstance(state, tuple) else (state,)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("embedding_size", [4, 6])
def test_two_windows_give_what_one_gives(cell: str, layers: int, embedding_size: int) -> None:
    net = LanguageNet(cell, 5, 6, layers, embedding_size).eval()
    whole, last = net(TOKENS)
    left, state = net(TOKENS[:, :4])
    right, end = net(TOKENS[:, 4:], state)
    assert whole.shape == (3, 7, 5)
    assert torch.allclose(torch.cat([left, right], dim=1), whole, atol=1e-6)
    for part, other in zip(parts(end), parts(last), strict=True):
        assert part.shape == (layers, 3, 6)
        assert torch.allclose(part, other, atol=1e-6)


def test_each_cell_is_the_one_it_is_called() -> None:
    found = {cell: LanguageNet(cell, 5, 6).core for cell in CELLS}
    assert isinstance(found["lstm"], nn.LSTM)
    assert isinstance(found["gru"], nn.GRU)
    assert (found["rnn"].nonlinearity, found["relu"].nonlinearity) == ("tanh", "relu")
    with pytest.raises(CourseError, match="no cell 'elman'"):
        LanguageNet("elman", 5, 6)


def test_an_lstm_begins_by_keeping() -> None:
    core = LanguageNet("lstm", 5, 6).core
    assert isinstance(core, nn.LSTM)
    biases = dict(core.named_parameters())
    assert (biases["bias_ih_l0"] + biases["bias_hh_l0"])[6:12].tolist() == [1.0] * 6


def test_an_embedding_as_large_as_the_state_is_the_read_out_too() -> None:
    tied, own = LanguageNet("gru", 5, 6, embedding_size=6), LanguageNet("gru", 5, 6, embedding_size=4)
    assert tied.readout is None
    assert own.readout is not None
    state = torch.randn(6)
    with torch.no_grad():
        logits = tied.logits(state)
        tied.embed.weight[2] += state
        changed = tied.logits(state) - logits
    assert changed[2] == pytest.approx(float(state @ state), rel=1e-5)
    assert changed[[0, 1, 3, 4]].abs().max() == 0


def test_the_number_after_the_last_token_is_read_but_never_follows() -> None:
    net = LanguageNet("rnn", 5, 6)
    assert net(torch.tensor([[5]]))[0].shape == (1, 1, 5)


def test_dropout_only_in_training() -> None:
    net = LanguageNet("lstm", 5, 6, 2, dropout=0.5)
    assert not torch.equal(net(TOKENS)[0], net(TOKENS)[0])
    net.eval()
    assert torch.equal(net(TOKENS)[0], net(TOKENS)[0])
