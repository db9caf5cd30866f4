"""Feedforward networks by hand equal those of torch, gradients too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from course_utils.errors import CourseError
from course_utils.nn import feedforward
from course_utils.nn.feedforward import MLP

SIZES = st.tuples(st.integers(1, 6), st.integers(1, 5), st.integers(1, 7), st.integers(2, 4), st.integers(0, 10**6))


def drawn(sizes: tuple[int, ...]) -> tuple[Tensor, Tensor, list[tuple[Tensor, Tensor]]]:
    """x (B, D), targets (B,), and two layers, all in double precision."""
    B, D, H, C, seed = sizes
    g = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=g, dtype=torch.float64)

    return normal(B, D), torch.randint(C, (B,), generator=g), [(normal(H, D), normal(H)), (normal(C, H), normal(C))]


@given(SIZES)
def test_layers_equal_torch(sizes: tuple[int, ...]) -> None:
    x, _, layers = drawn(sizes)
    (W1, b1), (W2, b2) = layers
    assert torch.allclose(feedforward.layer(x, W1, b1), F.linear(x, W1, b1), atol=1e-12)
    assert torch.allclose(feedforward.neuron(x, W1[0], b1[0]), F.linear(x, W1, b1)[:, 0], atol=1e-12)
    hidden = F.linear(x, W1, b1)
    assert torch.equal(feedforward.relu(hidden), F.relu(hidden))
    assert torch.allclose(feedforward.mlp(x, layers), F.linear(F.relu(hidden), W2, b2), atol=1e-12)
    assert torch.allclose(feedforward.mlp(x, layers[:1]), hidden, atol=1e-12)  # none after the last


@given(SIZES, st.sampled_from([1e-3, 1.0, 1e3]), st.sampled_from([torch.float32, torch.float64]))
def test_softmax_and_loss_equal_torch(sizes: tuple[int, ...], scale: float, kind: torch.dtype) -> None:
    B, _, _, C, seed = sizes
    g = torch.Generator().manual_seed(seed)
    logits = (scale * torch.randn(B, C, generator=g)).to(kind)
    targets = torch.randint(C, (B,), generator=g)
    assert torch.allclose(feedforward.softmax(logits), F.softmax(logits, dim=-1), atol=1e-6)
    loss = F.cross_entropy(logits, targets)
    assert torch.allclose(feedforward.cross_entropy(logits, targets), loss, atol=1e-6, rtol=1e-6)
    wanted = torch.func.grad(F.cross_entropy)(logits, targets)
    assert torch.allclose(feedforward.cross_entropy_gradient(logits, targets), wanted, atol=1e-6)


@given(SIZES)
def test_the_gradient_by_hand_equals_autograd(sizes: tuple[int, ...]) -> None:
    x, targets, layers = drawn(sizes)
    parameters = [p.requires_grad_() for pair in layers for p in pair]
    wanted = torch.autograd.grad(F.cross_entropy(feedforward.mlp(x, layers), targets), parameters)
    with torch.no_grad():
        found = feedforward.mlp_gradient_by_hand(x, targets, *parameters)
    for ours, theirs in zip(found, wanted, strict=True):
        assert ours.shape == theirs.shape
        assert torch.allclose(ours, theirs, atol=1e-9)


def test_sizes_and_shares() -> None:
    assert feedforward.mlp_parameter_count((2, 16, 2)) == 2 * 16 + 16 + 16 * 2 + 2
    for sizes in ((3, 1), (4, 5, 6), (1, 2, 3, 4)):
        assert feedforward.mlp_parameter_count(sizes) == sum(p.numel() for p in MLP(sizes).parameters())
    assert feedforward.chance_accuracy(torch.tensor([2, 2, 1, 2, 0])) == pytest.approx(3 / 5)
    assert feedforward.accuracy(torch.tensor([[1.0, 2.0], [3.0, 0.0], [0.0, 1.0]]), torch.tensor([1, 1, 1])) == 2 / 3


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "none"])
def test_an_mlp_is_its_layers(activation: str) -> None:
    model = MLP((3, 4, 5, 2), activation, generator=torch.Generator().manual_seed(0))
    curves: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
        "relu": torch.relu,
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "none": lambda z: z,
    }
    curve = curves[activation]
    x = wanted = torch.randn(7, 3)
    linear = [one for one in model.layers if isinstance(one, nn.Linear)]
    for place, one in enumerate(linear):
        wanted = one(wanted) if place == 2 else curve(one(wanted))
    assert torch.allclose(model(x), wanted)
    assert [(one.in_features, one.out_features) for one in linear] == [(3, 4), (4, 5), (5, 2)]


def test_an_mlp_with_a_generator_leaves_the_global_random_numbers_alone_and_begins_as_torch_does() -> None:
    torch.manual_seed(5)
    state = torch.get_rng_state()
    model = MLP((3, 4, 2), generator=torch.Generator().manual_seed(7))
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(7)
    for ours, theirs in zip(model.parameters(), MLP((3, 4, 2)).parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_networks_that_cannot_be_are_refused() -> None:
    for make, message in (
        (lambda: MLP((2,)), "whole numbers from 1"),
        (lambda: MLP((2, 0, 2)), "whole numbers from 1"),
        (lambda: MLP((2, 2.5, 2)), "whole numbers from 1"),  # type: ignore[arg-type]
        (lambda: MLP((2, 2), "cosine"), "no activation 'cosine'"),
        (lambda: MLP((2, 2))(torch.zeros(4, 3)), "reads 2 numbers a row"),
    ):
        with pytest.raises(CourseError, match=message):
            make()


def test_gradient_descent_makes_the_steps_of_torch_s_own() -> None:
    x, y = torch.randn(40, 2), torch.randint(2, (40,))
    batches = torch.randperm(40).split(16)
    mine, torch_s = (feedforward.MLP((2, 5, 2), generator=torch.Generator().manual_seed(1)) for _ in range(2))
    losses = feedforward.gradient_descent(mine, x, y, batches, 0.3)
    optimizer = torch.optim.SGD(torch_s.parameters(), lr=0.3)
    for batch, loss in zip(batches, losses, strict=True):
        expected = torch.nn.functional.cross_entropy(torch_s(x[batch]), y[batch])
        assert abs(expected.item() - loss) < 1e-5
        optimizer.zero_grad()
        expected.backward()
        optimizer.step()
    for one, other in zip(mine.parameters(), torch_s.parameters(), strict=True):
        torch.testing.assert_close(one, other)
        assert one.grad is None
