"""The network of music: its likelihood is that of independent keys, and its draws have the probabilities it says."""

from __future__ import annotations

import math

import pytest
import torch

from course_utils.nn.chord_net import CELLS, ChordNet, FourFrames, frame_nats, next_frame


@pytest.mark.parametrize("cell", CELLS)
def test_what_is_read_in_parts_with_the_state_carried_is_what_is_read_at_once(cell: str) -> None:
    torch.manual_seed(0)
    net = ChordNet(cell, 6, 0.5).eval()
    frames = (torch.rand(2, 9, 88) < 0.1).float()
    whole, _ = net(frames)
    first, state = net(frames[:, :4])
    second, _ = net(frames[:, 4:], state)
    assert torch.allclose(torch.cat([first, second], 1), whole, atol=1e-6)
    assert whole.shape == (2, 9, 88)


def test_a_frame_does_not_see_what_comes() -> None:
    torch.manual_seed(0)
    net = ChordNet("lstm", 6).eval()
    frames = (torch.rand(1, 9, 88) < 0.1).float()
    other = frames.clone()
    other[:, 5:] = 1 - other[:, 5:]
    assert torch.equal(net(frames)[0][:, :5], net(other)[0][:, :5])


def test_the_layer_of_four_frames_sees_these_and_nothing_earlier() -> None:
    torch.manual_seed(0)
    layer = FourFrames(3, 5)
    frames = torch.randn(1, 9, 3, requires_grad=True)
    hidden, state = layer(frames)
    (gradient,) = torch.autograd.grad(hidden[0, 6].sum(), frames)
    assert gradient[0].abs().sum(-1).nonzero().flatten().tolist() == [3, 4, 5, 6]
    assert torch.equal(state, frames[:, -3:])
    weights = layer.linear.weight.view(5, 3, 4)  # of each input its values from three frames before to now
    expected = torch.einsum("hik,ki->h", weights, frames[0, 3:7]) + layer.linear.bias
    assert torch.allclose(hidden[0, 6], expected.relu(), atol=1e-6)


def test_nats_are_the_likelihood_of_88_independent_keys() -> None:
    logits = torch.linspace(-3, 3, 88, dtype=torch.float64)
    frame = (torch.arange(88) % 3 == 0).double()
    p = logits.sigmoid()
    expected = -sum(math.log(p[key] if frame[key] else 1 - p[key]) for key in range(88))
    assert frame_nats(logits, frame).item() == pytest.approx(expected)
    assert frame_nats(torch.zeros(4, 5, 88), torch.zeros(4, 5, 88)).shape == (4, 5)
    assert frame_nats(torch.zeros(88), torch.zeros(88)).item() == pytest.approx(88 * math.log(2), rel=1e-6)


def test_frames_are_drawn_with_their_probabilities_and_temperature_divides_the_logits() -> None:
    logits = torch.linspace(-2, 2, 88).expand(20_000, 88)
    for temperature in (1.0, 2.0):
        drawn = next_frame(logits, temperature, torch.Generator().manual_seed(0))
        assert torch.allclose(drawn.mean(0), (logits[0] / temperature).sigmoid(), atol=0.02)
        assert set(drawn.unique().tolist()) == {0.0, 1.0}
    assert torch.equal(next_frame(logits[0], 0), (torch.arange(88) >= 44).float())
