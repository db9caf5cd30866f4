"""The seven networks of the grid: their numbers are what they should be, they see no future, and cost what is said."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from course_utils.errors import CourseError
from course_utils.experiments.comparison.networks import (
    CELLS,
    NETWORKS,
    STARTS,
    WITHIN,
    Recurrent,
    Shape,
    build_network,
    equal_sizes,
    operations,
    size_of,
)
from course_utils.nn.backward_by_hand import states_of
from course_utils.nn.causal_convolution import CausalConvolution, levels_for
from course_utils.nn.cells import lstm_states
from course_utils.nn.sequence_model import SequenceModel
from course_utils.nn.state_space import LinearRecurrence, StateSpace, linear_states, stepped_states
from course_utils.nn.transformer import SmallTransformer, sines
from tests.layers import gradient, weights_of
from tests.strategies import examples

SHAPES = [Shape(2, 1, 40), Shape(5, 4, 30), Shape(8, 4, 160), Shape(8, 10, 8), Shape(1, 10, 64)]
LAYERS: list[Callable[[], nn.RNN | nn.GRU]] = [
    lambda: nn.RNN(3, 5, batch_first=True),
    lambda: nn.RNN(3, 5, batch_first=True, nonlinearity="relu"),
    lambda: nn.GRU(3, 5, batch_first=True),
]


def every_network(shape: Shape, lag: int = 10) -> dict[str, nn.Module]:
    return {
        f"{name}, {start}": build_network(name, shape, equal_sizes(shape)[name], start, lag, seed=0)
        for name in NETWORKS
        for start in STARTS[name]
    }


# ---------------------------------------------------------------------------------------------------------------------
# The backward pass by hand


@examples(30)
@given(which=st.integers(0, 2), B=st.integers(1, 4), T=st.integers(1, 7), seed=st.integers(0, 1000))
def test_states_and_gradients_are_those_of_torch(which: int, B: int, T: int, seed: int) -> None:
    torch.manual_seed(seed)
    layer = LAYERS[which]().double()
    x, toward = torch.randn(B, T, 3).double().requires_grad_(), torch.randn(B, T, 5).double()
    states = states_of(layer, x)
    assert torch.allclose(states, layer(x)[0], rtol=0, atol=1e-12)
    wanted = torch.autograd.grad((layer(x)[0] * toward).sum(), [x, *layer.parameters()])
    found = torch.autograd.grad((states * toward).sum(), [x, *layer.parameters()])
    for one, other in zip(found, wanted, strict=True):
        assert torch.allclose(one, other, rtol=0, atol=1e-10)


@pytest.mark.parametrize("which", [0, 2])
def test_the_gradients_by_hand_are_those_of_small_differences(which: int) -> None:
    torch.manual_seed(0)
    layer = LAYERS[which]().double()

    def last(x: torch.Tensor, *weights: torch.Tensor) -> torch.Tensor:
        return states_of(layer, x)[:, -1] + 0 * sum(w.sum() for w in weights)

    assert torch.autograd.gradcheck(last, (torch.randn(2, 4, 3).double().requires_grad_(),))


def test_a_recurrent_network_answers_as_a_sequence_model_does() -> None:
    for cell in CELLS.values():
        ours, theirs = (
            kind(cell, 2, 6, 3, generator=torch.Generator().manual_seed(0)) for kind in (Recurrent, SequenceModel)
        )
        x = torch.randn(4, 9, 2)
        assert torch.allclose(ours(x), theirs(x), rtol=0, atol=1e-6)


# ---------------------------------------------------------------------------------------------------------------------
# Sizes


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_all_networks_are_as_large_as_the_lstm_within_two_per_cent(shape: Shape) -> None:
    sizes = equal_sizes(shape)
    counts = {
        name: sum(p.numel() for p in every_network(shape)[f"{name}, {STARTS[name][0]}"].parameters())
        for name in NETWORKS
    }
    assert counts == {name: size_of(name, shape, sizes[name]) for name in NETWORKS}
    assert all(abs(count / counts["LSTM"] - 1) <= WITHIN for count in counts.values())


def test_networks_for_one_shape_are_made_once_and_the_same_from_the_same_seed() -> None:
    one, other = every_network(SHAPES[0]), every_network(SHAPES[0])
    before = torch.random.get_rng_state()
    for name, model in one.items():
        for p, q in zip(model.parameters(), other[name].parameters(), strict=True):
            assert torch.equal(p, q), name
    every_network(SHAPES[1])
    assert torch.equal(before, torch.random.get_rng_state())


def test_starts_of_one_network_differ() -> None:
    made = every_network(SHAPES[0])
    for name in NETWORKS:
        weights = [torch.cat([p.flatten() for p in made[f"{name}, {start}"].parameters()]) for start in STARTS[name]]
        assert all(not torch.equal(a, b) for a, b in pairwise(weights)), name


def test_unknown_networks_and_starts_are_told_which_there_are() -> None:
    with pytest.raises(CourseError, match="There is no network 'MLP'"):
        build_network("MLP", SHAPES[0], (3,), "torch's own", 10, 0)
    with pytest.raises(CourseError, match="There is no start of a GRU 'identity'"):
        build_network("GRU", SHAPES[0], (3,), "identity", 10, 0)


# ---------------------------------------------------------------------------------------------------------------------
# What they see


def test_no_network_sees_the_future_and_all_see_the_whole_past() -> None:
    shape = Shape(2, 1, 40)
    for name, model in every_network(shape).items():
        x = torch.randn(2, 40, 2).requires_grad_()
        model(x)[:, 20].sum().backward()
        seen = gradient(x).abs().sum((0, 2))
        assert seen[21:].max() <= 1e-6 * seen.max(), name  # the transform rounds
        assert seen[20] > 0, name
        if name.startswith(("Transformer", "state space")):
            assert torch.all(seen[:21] > 0), name


@given(T=st.integers(1, 500))
def test_a_convolution_has_just_enough_levels_to_see_all_steps(T: int) -> None:
    def reach(levels: int) -> int:
        return 1 + 2 * sum(1 << k for k in range(levels))

    levels = levels_for(T)
    assert reach(levels) >= T
    assert levels == 1 or reach(levels - 1) < T


def test_the_last_output_of_a_convolution_depends_on_the_first_input() -> None:
    for T in (3, 7, 16, 63):
        model, x = CausalConvolution(1, 4, 1, T, 8), torch.randn(3, T, 1)
        for p in model.parameters():
            p.data.abs_()  # so that no relu is closed
        changed = x.clone()
        changed[:, 0] += 100.0
        assert not torch.allclose(model(x)[:, -1], model(changed)[:, -1]), T


def test_sines_tell_places_apart_and_turn_by_the_same_angle() -> None:
    places = sines(50, 8)
    assert places.shape == (50, 8)
    assert torch.allclose(places[0], torch.tensor([0.0, 1.0] * 4))
    assert torch.cdist(places, places).fill_diagonal_(9.0).min() > 0.05
    assert torch.allclose((places[3:] * places[:-3]).sum(1), (places[3] * places[0]).sum().expand(47), atol=1e-5)


def test_a_transformer_knows_the_order_of_its_inputs() -> None:
    model = SmallTransformer(2, 8, 1, 12)
    torch.manual_seed(0)
    x = torch.randn(1, 6, 2)
    swapped = x[:, [1, 0, 2, 3, 4, 5]]
    assert not torch.allclose(model(x)[:, -1], model(swapped)[:, -1], atol=1e-5)


# ---------------------------------------------------------------------------------------------------------------------
# The linear recurrence


@examples(25)
@given(T=st.integers(1, 40), N=st.integers(1, 5), seed=st.integers(0, 1000))
def test_by_fourier_transform_the_states_are_those_of_step_after_step(T: int, N: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    decay, angle = torch.rand(2, N, generator=generator, dtype=torch.float64)
    driven = torch.randn(3, T, N, generator=generator, dtype=torch.complex128)
    at_once = linear_states(torch.complex(-decay, 3 * angle), driven)
    assert torch.allclose(at_once, stepped_states(torch.complex(-decay, 3 * angle), driven), rtol=0, atol=1e-9)


def test_a_linear_recurrence_begins_within_its_ring_and_stays_inside_the_unit_circle() -> None:
    torch.manual_seed(0)
    layer = LinearRecurrence(4, 200, ring=(0.5, 0.99))
    sizes = layer.log_eigenvalues.exp().abs()
    assert sizes.min() >= 0.5 - 1e-6
    assert sizes.max() <= 0.99 + 1e-6
    layer.log_decay.data.add_(torch.randn(200))
    assert layer.log_eigenvalues.exp().abs().max() < 1


def test_states_of_noise_have_about_its_size_however_slowly_they_fade() -> None:
    torch.manual_seed(0)
    layer = LinearRecurrence(16, 300, ring=(0.9, 0.98))
    states = stepped_states(layer.log_eigenvalues, layer.driven(torch.randn(20, 600, 16)))
    assert float(states[:, 300:].detach().abs().square().mean()) == pytest.approx(1.0, rel=0.25)


def test_a_state_space_network_is_trained_through_the_transform() -> None:
    torch.manual_seed(0)
    model = StateSpace(2, 4, 1, 3).double()

    def last(x: torch.Tensor) -> torch.Tensor:
        outputs: torch.Tensor = model(x)
        return outputs[:, -1]

    assert torch.autograd.gradcheck(last, (torch.randn(1, 5, 2).double().requires_grad_(),))


# ---------------------------------------------------------------------------------------------------------------------
# What they cost


@pytest.mark.parametrize("network", ["RNN", "GRU", "LSTM", "convolution", "Transformer"])
def test_operations_are_those_that_torch_counts(network: str) -> None:
    shape = Shape(2, 1, 40)
    width = equal_sizes(shape)[network]
    model = build_network(network, shape, width, STARTS[network][0], 40, 0)
    x = torch.randn(1, 40, 2)
    # fused kernels are not counted: the LSTM runs as its steps, and attention as its products
    with FlopCounterMode(display=False) as counter, torch.no_grad(), sdpa_kernel(SDPBackend.MATH):
        if network == "LSTM":
            zeros = torch.zeros(1, width[0])
            states = lstm_states(x, zeros, zeros, weights_of(model.get_submodule("core")))[0]
            model.get_submodule("readout")(states)
        elif network in ("RNN", "GRU"):
            model.get_submodule("readout")(model.get_submodule("core")(x)[0])
        else:
            model(x)
    assert operations(network, shape, width) == pytest.approx(counter.get_total_flops(), rel=0.05)


def test_operations_grow_with_the_length_and_those_of_attention_faster() -> None:
    def times(network: str) -> float:
        short, long = Shape(2, 1, 100), Shape(2, 1, 200)
        width = equal_sizes(short)[network]
        return operations(network, long, width) / operations(network, short, width)

    assert times("RNN") == times("LSTM") == 2
    assert 2 < times("state space") < 2.3
    assert 2.5 < times("Transformer") < 4
