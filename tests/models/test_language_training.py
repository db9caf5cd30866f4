"""A text as batches with a carried state, and what it costs, read in rows."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.models import language_training
from course_utils.models.language_training import CarriedText, computes_in_bf16, costs
from course_utils.nn.language_net import LanguageNet

START = 9


def stream(count: int, batch_size: int = 3, seq_len: int = 4, seed: int = 0) -> CarriedText:
    return CarriedText(torch.arange(count) % 9, START, batch_size, seq_len, seed, bf16=False)


@given(st.integers(1, 200), st.integers(1, 8), st.integers(1, 9), st.integers(0, 3))
def test_each_window_goes_on_where_the_one_before_it_ended(count: int, rows: int, seq_len: int, seed: int) -> None:
    text = stream(count, rows, seq_len, seed)
    for _ in range(2):
        batches = list(text)
        assert batches
        whole = torch.cat([inputs for inputs, _ in batches], dim=1)
        for row in whole:
            body = row[row != START]
            assert ((body[1:] - body[:-1]) % 9 == 1).all()
        for inputs, targets in batches:
            assert inputs.shape == targets.shape
            assert len(inputs) <= rows
            assert (targets != START).all()
            real = inputs != START
            assert ((targets - inputs)[real] % 9 == 1).all()
        if count > seq_len:
            assert {inputs.shape[1] for inputs, _ in batches} == {seq_len}


@given(st.integers(1, 200), st.integers(1, 8), st.integers(1, 9))
def test_an_epoch_has_as_many_windows_as_it_says(count: int, rows: int, seq_len: int) -> None:
    text = stream(count, rows, seq_len)
    assert len(text) - 2 <= len(list(text)) <= len(text)


def test_the_state_is_carried_within_an_epoch_and_no_gradient_with_it() -> None:
    net = LanguageNet("lstm", START, 5)
    text = stream(100)
    seen: list[object] = []
    for batch in text:
        seen.append(text.state)
        text.loss(net, batch).backward()
        assert isinstance(text.state, tuple)
        assert not any(part.requires_grad for part in text.state)
    assert seen[0] is None
    assert None not in seen[1:]
    next(iter(text))
    assert text.state is None


def test_the_loss_is_that_of_a_text_read_in_one() -> None:
    net = LanguageNet("gru", START, 5).eval()
    text = CarriedText(torch.arange(41) % 9, START, 1, 8, 0, bf16=False)
    text.spare = 0
    losses = [text.loss(net, batch).item() for batch in text]
    assert sum(losses) / len(losses) == pytest.approx(float(costs(net, torch.arange(40) % 9, 1e-12).mean()))


@pytest.mark.parametrize("count", [1, 7, 50, 51, 97])
def test_a_long_text_read_in_rows_costs_almost_the_same(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The network forgets within the warm-up, so the places of the rows make no difference."""
    torch.manual_seed(0)
    net = LanguageNet("rnn", START, 5).eval()
    with torch.no_grad():
        dict(net.core.named_parameters())["weight_hh_l0"].mul_(0.3)
    tokens = torch.randint(0, 9, (count,))
    whole = costs(net, tokens, 1e-3)
    monkeypatch.setattr(language_training, "ONE_ROW", 20)
    monkeypatch.setattr(language_training, "WARM_UP", 12)
    monkeypatch.setattr(language_training, "MOST_ROWS", 4)
    monkeypatch.setattr(language_training, "MOST_LOGITS", 100)
    found = costs(net, tokens, 1e-3)
    assert found.shape == (count,)
    assert torch.allclose(found, whole, atol=1e-4)


def test_the_unknown_token_has_its_share() -> None:
    net = LanguageNet("gru", 3, 5).eval()
    p = (-torch.cat([costs(net, torch.tensor([token]), 0.25) for token in range(3)])).exp()
    assert float(p.sum()) == pytest.approx(1)
    assert p[0] > 0.25
    with torch.no_grad():
        assert net.readout is not None
        net.readout.bias[1] = -2_000  # too improbable for a number
    assert math.isfinite(float(costs(net, torch.tensor([1]), 0.25)[0]))


def test_it_is_known_whether_the_processor_has_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.setattr(torch.cpu, name, lambda: False, raising=False)
    assert not computes_in_bf16()
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: True)
    assert computes_in_bf16()
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.delattr(torch.cpu, name)
    assert not computes_in_bf16()
