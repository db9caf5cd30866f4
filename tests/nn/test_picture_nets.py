"""Networks for pictures: their stages, sizes and first weights."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from course_utils.errors import CourseError
from course_utils.nn import picture_nets as nets
from tests.strategies import examples


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_stages_are_named_and_lead_to_the_logits() -> None:
    net = nets.DigitNet((4, 6), generator=seeded())
    x = torch.rand(3, 1, 28, 28)
    with torch.no_grad():
        stages = net.stages(x)
    assert {name: tuple(maps.shape[1:]) for name, maps in stages.items()} == {
        "conv 1": (4, 24, 24),
        "pool 1": (4, 12, 12),
        "conv 2": (6, 8, 8),
        "pool 2": (6, 4, 4),
        "logits": (10,),
    }
    torch.testing.assert_close(stages["logits"], net(x))
    torch.testing.assert_close(stages["pool 2"], net.encode(x))
    assert min(float(maps.min()) for name, maps in stages.items() if name != "logits") == 0  # after ReLU
    weight, bias = (net.get_parameter(f"convolutions.0.{name}") for name in ("weight", "bias"))
    first = nn.functional.conv2d(x, weight, bias)
    torch.testing.assert_close(stages["conv 1"], first.relu())


@examples(15)
@given(
    channels=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    colours=st.sampled_from([1, 3]),
    size=st.integers(8, 40),
    kernels=st.sampled_from([(5, 5), (5, 3), (3,)]),
)
def test_any_sizes_that_fit_work_and_others_are_refused(
    channels: list[int], colours: int, size: int, kernels: tuple[int, ...]
) -> None:
    side = size
    for stage in range(len(channels)):
        side = (side - kernels[min(stage, len(kernels) - 1)] + 1) // 2
    if side < 1:
        with pytest.raises(CourseError, match="too small for"):
            nets.DigitNet(channels, 7, colours, size, kernels=kernels)
        return
    net = nets.DigitNet(channels, 7, colours, size, kernels=kernels)
    x = torch.rand(2, colours, size, size)
    assert net(x).shape == (2, 7)
    assert net.encode(x).shape == (2, channels[-1], side, side)


def test_a_generator_gives_the_same_weights_and_leaves_the_global_one_alone() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    one, other = nets.DigitNet(generator=seeded(3)), nets.DigitNet(generator=seeded(3))
    nets.mlp_of_size(10_000, generator=seeded(3))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(p, q) for p, q in zip(one.parameters(), other.parameters(), strict=True))
    for layer in (*one.convolutions, one.readout):
        bound = layer.weight[0].numel() ** -0.5
        assert 0.9 * bound < float(layer.weight.detach().abs().max()) <= bound


def test_a_digit_network_says_what_shape_it_needs() -> None:
    with pytest.raises(CourseError, match=r"shape \(B, 1, 28, 28\); these are \(2, 28, 28\)"):
        nets.DigitNet()(torch.zeros(2, 28, 28))
    with pytest.raises(CourseError, match="one stage at least"):
        nets.DigitNet(())


@given(parameters=st.integers(800, 60_000), inputs=st.integers(4, 900), classes=st.integers(2, 20))
@examples(30)
def test_an_mlp_has_as_many_parameters_as_whole_units_allow(parameters: int, inputs: int, classes: int) -> None:
    per_unit = inputs + 1 + classes
    if round((parameters - classes) / per_unit) < 1:
        with pytest.raises(CourseError, match="too few"):
            nets.mlp_of_size(parameters, inputs, classes)
        return
    net = nets.mlp_of_size(parameters, inputs, classes)
    assert abs(sum(p.numel() for p in net.parameters()) - parameters) <= per_unit / 2
    assert net(torch.zeros(2, 1, 1, inputs)).shape == (2, classes)


@given(st.integers(0, 1000), st.integers(1, 3), st.integers(1, 6), st.integers(1, 6))
@examples(25)
def test_shuffling_can_be_undone_and_moves_all_pictures_alike(seed: int, C: int, H: int, W: int) -> None:
    images, order = torch.rand(4, C, H, W), torch.randperm(H * W, generator=seeded(seed))
    shuffled = nets.shuffle_pixels(images, order)
    assert torch.equal(nets.shuffle_pixels(shuffled, order.argsort()), images)
    assert torch.equal(shuffled[2, 0].flatten(), images[2, 0].flatten()[order])
    assert torch.equal(nets.shuffle_pixels(images[:, 0], order), shuffled[:, 0])  # (N, H, W) as well


def test_an_order_that_is_none_is_refused() -> None:
    for order in (torch.zeros(4, dtype=torch.long), torch.arange(5)):
        with pytest.raises(CourseError, match="each of the numbers 0 to 3 once"):
            nets.shuffle_pixels(torch.zeros(1, 1, 2, 2), order)


def test_global_pooling_leaves_one_number_of_each_map_wherever_it_stands() -> None:
    for kept in ("maximum", "mean"):
        net = nets.PooledDigitNet(kept, seeded())
        x = torch.rand(2, 1, 28, 28)
        maps = nets.last_maps(net, x)
        assert maps.shape == (2, 32, 8, 8)
        one = maps.amax(dim=(2, 3)) if kept == "maximum" else maps.mean(dim=(2, 3))
        torch.testing.assert_close(net(x), net.readout(one))
    assert torch.equal(net.readout.weight, nets.PooledDigitNet("mean", seeded()).readout.weight)
    with pytest.raises(CourseError, match="no number of a map 'median'"):
        nets.PooledDigitNet("median")


def test_strongest_patches_are_what_the_strongest_units_see() -> None:
    net, images = nets.DigitNet((3, 4), generator=seeded()), torch.rand(12, 1, 28, 28, generator=seeded(1))
    patches, rows = nets.strongest_patches(net, images, count=5)
    assert patches.shape == (4, 5, 1, 14, 14)
    maps = nets.last_maps(net, images)
    for k in range(4):
        best = maps[:, k].flatten(1).amax(dim=1).sort(descending=True)
        assert rows[k].tolist() == best.indices[:5].tolist()
        seen = nets.last_maps(net, patches[k])  # each patch gives one unit of each map
        assert seen.shape[2:] == (1, 1)
        torch.testing.assert_close(seen[:, k].flatten(), best.values[:5])


def test_neighbouring_weights_of_noise_do_not_correlate_and_those_of_a_slope_do() -> None:
    noise = torch.randn(2000, 1, 5, 5, generator=seeded())
    assert abs(nets.neighbour_correlation(noise) + 1 / 24) < 0.02  # each kernel's mean was taken away
    slope = torch.arange(50.0).expand(1, 1, 50, 50)
    assert nets.neighbour_correlation(slope) > 0.99
