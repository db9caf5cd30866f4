"""The seven networks of the grid: their numbers are what they should be, they see no future, and cost what is said."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from course_utils.errors import CourseError
from course_utils.experiments.comparison.networks import (
    NETWORKS,
    STARTS,
    WITHIN,
    Shape,
    build_network,
    equal_sizes,
    operations,
    size_of,
)
from course_utils.nn.cells import lstm_states
from tests.layers import gradient, weights_of

SHAPES = [Shape(2, 1, 40), Shape(5, 4, 30), Shape(8, 4, 160), Shape(8, 10, 8), Shape(1, 10, 64)]


def every_network(shape: Shape, lag: int = 10) -> dict[str, nn.Module]:
    return {
        f"{name}, {start}": build_network(name, shape, equal_sizes(shape)[name], start, lag, seed=0)
        for name in NETWORKS
        for start in STARTS[name]
    }


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
