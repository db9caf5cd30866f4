"""First weights of recurrent layers: where each number goes, how it is spread, and what the layer then does."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import nn

from course_utils.errors import CourseError
from course_utils.nn.initialisation import (
    Recurrent,
    chrono_,
    default_,
    forget_bias_,
    identity_,
    irnn_,
    orthogonal_,
    update_bias_,
)
from course_utils.nn.sequence_model import SequenceModel
from tests.random_state import random_state

H = 6
LAYERS = (nn.RNN, nn.GRU, nn.LSTM)
EVERY = ("default_", "orthogonal_", "identity_", "irnn_", "chrono_")


def made(name: str) -> tuple[Recurrent, Callable[[torch.Generator], None]]:
    """A layer, and what draws its first weights from a generator."""
    lstm, rnn, relu_rnn = nn.LSTM(3, H), nn.RNN(3, H), nn.RNN(3, H, nonlinearity="relu")
    every: dict[str, tuple[Recurrent, Callable[[torch.Generator], None]]] = {
        "default_": (lstm, partial(default_, lstm)),
        "orthogonal_": (lstm, partial(orthogonal_, lstm)),
        "identity_": (rnn, partial(identity_, rnn)),
        "irnn_": (relu_rnn, partial(irnn_, relu_rnn)),
        "chrono_": (lstm, partial(chrono_, lstm, 50)),
    }
    return every[name]


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def numbers(layer: nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in layer.parameters()])


@pytest.mark.parametrize("name", EVERY)
def test_the_same_generator_gives_the_same_weights_and_another_seed_others(name: str) -> None:
    first, initialise_first = made(name)
    again, initialise_again = made(name)
    again.load_state_dict(first.state_dict())  # chrono_ leaves the other weights as they are
    initialise_first(seeded(1))
    initialise_again(seeded(1))
    assert torch.equal(numbers(first), numbers(again))
    initialise_again(seeded(2))
    assert not torch.equal(numbers(first), numbers(again))


@pytest.mark.parametrize("name", EVERY)
def test_global_random_numbers_and_gradients_are_left_alone(name: str) -> None:
    layer, initialise = made(name)
    before = random_state()
    initialise(seeded())
    assert random_state() == before
    assert all(p.requires_grad and p.is_leaf for p in layer.parameters())


@pytest.mark.parametrize("layer", [*LAYERS, nn.Linear])
def test_default_draws_the_numbers_that_torch_draws(layer: type[nn.Module]) -> None:
    torch.manual_seed(3)
    torchs, ours = layer(3, 5), layer(3, 5)
    assert not torch.equal(numbers(torchs), numbers(ours))
    default_(ours, seeded(3))
    assert torch.equal(numbers(torchs), numbers(ours))


def test_default_draws_a_whole_network_and_refuses_layers_it_does_not_know() -> None:
    network = SequenceModel("gru", 2, 5, 3)
    before = [p.clone() for p in network.parameters()]
    default_(network, seeded())
    assert all(not torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True))
    with pytest.raises(CourseError, match="BatchNorm1d"):
        default_(nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)), seeded())


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("gain", [1.0, 0.5])
def test_orthogonal_weights_keep_every_length_times_the_gain(layer: type[Recurrent], gain: float) -> None:
    module = layer(3, H)
    orthogonal_(module, seeded(), gain)
    for block in module.get_parameter("weight_hh_l0").detach().split(H):
        assert torch.allclose(block @ block.T, gain**2 * torch.eye(H), atol=1e-6)
    assert not module.get_parameter("bias_ih_l0").any()
    assert not module.get_parameter("bias_hh_l0").any()
    bound = math.sqrt(6 / (3 + H))
    assert 0.8 * bound < module.get_parameter("weight_ih_l0").abs().max() <= bound


def test_orthogonal_weights_are_spread_evenly_thanks_to_the_signs() -> None:
    """Of evenly spread rotations the mean of each entry is 0; without the signs the first diagonal entry is ≤ 0."""
    generator, module, entries = seeded(), nn.RNN(1, 3), []
    for _ in range(400):
        orthogonal_(module, generator)
        entries.append(module.get_parameter("weight_hh_l0").detach().clone())
    assert torch.stack(entries).mean(0).abs().max() < 5 / math.sqrt(3 * 400)


@pytest.mark.parametrize(("initialise", "kind"), [(identity_, "tanh"), (irnn_, "relu")])
def test_identity_weights_keep_the_state(initialise: Callable[..., None], kind: str) -> None:
    module = nn.RNN(50, H, nonlinearity=kind, batch_first=True)
    initialise(module, seeded(), scale=0.9, input_std=0.01)
    assert torch.equal(module.get_parameter("weight_hh_l0").detach(), 0.9 * torch.eye(H))
    assert not module.get_parameter("bias_ih_l0").any()
    assert not module.get_parameter("bias_hh_l0").any()
    assert 0.008 < module.get_parameter("weight_ih_l0").std() < 0.012
    initialise(module, seeded())
    h = torch.rand(1, 1, H) * 1e-3
    last = module(torch.zeros(1, 100, 50), h)[1]
    assert torch.allclose(last, h, rtol=1e-3)
    assert 0.0008 < module.get_parameter("weight_ih_l0").std() < 0.0012


def test_the_forget_bias_is_set_once_and_nothing_else_changes() -> None:
    lstm = nn.LSTM(3, H)
    before = {name: p.detach().clone() for name, p in lstm.named_parameters()}
    forget_bias_(lstm, 3.0)
    forget = slice(H, 2 * H)
    assert torch.equal(
        lstm.get_parameter("bias_ih_l0")[forget] + lstm.get_parameter("bias_hh_l0")[forget], torch.full((H,), 3.0)
    )
    assert torch.equal(lstm.get_parameter("bias_hh_l0")[forget], torch.zeros(H))
    for name, p in lstm.named_parameters():
        kept = [k for k in range(4 * H) if "bias" not in name or not H <= k < 2 * H]
        assert torch.equal(p[kept], before[name][kept])


def test_the_forget_bias_is_that_of_the_gate_that_keeps_the_cell() -> None:
    lstm = nn.LSTM(3, H)
    nn.init.zeros_(lstm.get_parameter("weight_hh_l0"))
    forget_bias_(lstm, 3.0)
    c = torch.ones(1, 1, H)
    x = torch.zeros(1, 1, 3)
    with_c = lstm(x, (torch.zeros(1, 1, H), c))[1][1]
    without = lstm(x, (torch.zeros(1, 1, H), 0 * c))[1][1]
    assert torch.allclose(with_c - without, torch.sigmoid(torch.tensor(3.0)).expand(1, 1, H), atol=1e-6)


def test_chrono_biases_of_an_lstm() -> None:
    lstm = nn.LSTM(1, 2000)
    before = lstm.get_parameter("bias_ih_l0").detach()[4000:].clone()
    chrono_(lstm, 100, seeded())
    b = (lstm.get_parameter("bias_ih_l0") + lstm.get_parameter("bias_hh_l0")).detach().split(2000)
    u = b[1].exp()
    assert torch.equal(b[0], -b[1])
    assert not lstm.get_parameter("bias_hh_l0")[:4000].any()
    assert 1 - 1e-4 <= u.min() < 1.5
    assert 98.5 < u.max() <= 99 + 1e-3
    assert float(u.mean()) == pytest.approx(50, abs=5 * 98 / math.sqrt(12 * 2000))
    assert torch.equal(lstm.get_parameter("bias_ih_l0").detach()[4000:], before)  # cell and output: as they were


def test_chrono_biases_of_a_gru_keep_the_state_for_about_u_steps() -> None:
    gru = nn.GRU(1, 500, batch_first=True)
    before = gru.get_parameter("bias_ih_l0").detach().clone()
    chrono_(gru, 100, seeded())
    changed = (gru.get_parameter("bias_ih_l0").detach() != before).nonzero().flatten()
    assert changed.min() >= 500
    assert changed.max() < 1000  # the update gate alone
    for p in (gru.get_parameter("weight_ih_l0"), gru.get_parameter("weight_hh_l0")):
        nn.init.zeros_(p)
    x = torch.zeros(1, 1, 1)
    kept = gru(x, torch.ones(1, 1, 500))[1] - gru(x, torch.zeros(1, 1, 500))[1]  # z, if z keeps the old state
    u = (kept / (1 - kept)).detach()
    assert 0.99 < u.min() < 2
    assert 95 < u.max() < 99.1


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: orthogonal_(nn.Linear(2, 2), seeded()), "Linear"),  # type: ignore[arg-type]
        (lambda: orthogonal_(SequenceModel("rnn", 2, 3, 1), seeded()), r"model\.core"),  # type: ignore[arg-type]
        (lambda: orthogonal_(nn.RNN(2, 3, num_layers=2), seeded()), "num_layers=2"),
        (lambda: orthogonal_(nn.GRU(2, 3, bidirectional=True), seeded()), "bidirectional=True"),
        (lambda: orthogonal_(nn.LSTM(2, 3, proj_size=2), seeded()), "proj_size=2"),
        (lambda: orthogonal_(nn.LSTM(2, 3, bias=False), seeded()), "bias=False"),
        (lambda: orthogonal_(nn.RNN(2, 3), seeded(), gain=0.0), "gain"),
        (lambda: identity_(nn.RNN(2, 3, nonlinearity="relu"), seeded()), "irnn_"),
        (lambda: irnn_(nn.RNN(2, 3), seeded()), "identity_"),
        (lambda: irnn_(nn.LSTM(2, 3), seeded()), "LSTM"),  # type: ignore[arg-type]
        (lambda: identity_(nn.RNN(2, 3), seeded(), scale=-1.0), "scale"),
        (lambda: identity_(nn.RNN(2, 3), seeded(), input_std=math.nan), "input_std"),
        (lambda: forget_bias_(nn.GRU(2, 3), 1.0), "GRU"),  # type: ignore[arg-type]
        (lambda: forget_bias_(nn.LSTM(2, 3), math.inf), "finite"),
        (lambda: chrono_(nn.RNN(2, 3), 10, seeded()), "RNN"),  # type: ignore[arg-type]
        (lambda: chrono_(nn.LSTM(2, 3), 1, seeded()), "longest_lag"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(call: Callable[[], None], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        call()


def test_an_update_bias_is_set_whole_and_nothing_else_is_changed() -> None:
    layer = nn.GRU(3, 4, batch_first=True)
    before = {name: weight.detach().clone() for name, weight in layer.named_parameters()}
    update_bias_(layer, 1.5)
    assert layer.get_parameter("bias_ih_l0")[4:8].tolist() == [1.5] * 4
    assert layer.get_parameter("bias_hh_l0")[4:8].tolist() == [0] * 4
    for name, weight in layer.named_parameters():
        rest = torch.ones(len(weight), dtype=torch.bool)
        rest[4:8] = not name.startswith("bias")
        assert torch.equal(weight[rest], before[name][rest])
    with pytest.raises(CourseError, match="finite"):
        update_bias_(layer, math.inf)
    refused: Any = nn.LSTM(3, 4, batch_first=True)
    with pytest.raises(CourseError, match=r"nn\.GRU"):
        update_bias_(refused, 1.0)
