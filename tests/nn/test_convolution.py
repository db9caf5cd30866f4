"""Convolution by hand: equal to torch's, and true to what is said of it."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from course_utils.errors import CourseError
from course_utils.nn import convolution as conv
from tests.strategies import examples


def random(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).to(dtype)


small = st.integers(1, 4)


@examples(30)
@given(B=small, C=small, K=small, h=small, w=small, height=st.integers(4, 9), width=st.integers(4, 9))
def test_conv2d_equals_torchs(B: int, C: int, K: int, h: int, w: int, height: int, width: int) -> None:
    images, kernels, bias = random(B, C, height, width), random(K, C, h, w, seed=1), random(K, seed=2)
    expected = nn.functional.conv2d(images, kernels, bias)
    found = conv.conv2d(images, kernels, bias)
    assert found.shape == expected.shape
    assert torch.allclose(found, expected, atol=1e-5, rtol=1e-6)
    exact = conv.conv2d(images.double(), kernels.double(), bias.double())
    assert torch.allclose(exact, nn.functional.conv2d(images.double(), kernels.double(), bias.double()), atol=1e-12)


def test_of_a_small_layer_the_values_agree_to_a_millionth() -> None:
    images, kernels, bias = random(2, 1, 8, 8), random(3, 1, 3, 3, seed=1), random(3, seed=2)
    torch.testing.assert_close(
        conv.conv2d(images, kernels, bias), nn.functional.conv2d(images, kernels, bias), atol=1e-6, rtol=1e-6
    )


def test_its_gradients_are_right() -> None:
    images, kernels, bias = (
        random(*shape, dtype=torch.float64).requires_grad_() for shape in ((2, 2, 5, 4), (3, 2, 2, 3), (3,))
    )
    assert torch.autograd.gradcheck(conv.conv2d, (images, kernels, bias))


def test_one_channel_is_the_sum_under_the_kernel_which_is_not_turned_round() -> None:
    image = torch.arange(12.0).reshape(3, 4)
    kernel = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    assert torch.equal(conv.cross_correlate(image, kernel), image[:2, :3])
    found = conv.cross_correlate(random(7, 6), random(3, 2, seed=1))
    expected = conv.conv2d(random(7, 6)[None, None], random(3, 2, seed=1)[None, None], torch.zeros(1))[0, 0]
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("shape", [(2, 3, 8, 6), (1, 1, 7, 5), (1, 2, 2, 9)])
@pytest.mark.parametrize("size", [1, 2])
def test_pooling_equals_torchs(shape: tuple[int, ...], size: int) -> None:
    images = random(*shape)
    assert torch.equal(conv.max_pool(images, size), nn.functional.max_pool2d(images, size))


@given(size=st.integers(1, 30), kernel=st.integers(1, 7), stride=st.integers(1, 4), padding=st.integers(0, 3))
def test_the_output_has_the_size_that_torch_gives_it(size: int, kernel: int, stride: int, padding: int) -> None:
    if size + 2 * padding < kernel:
        with pytest.raises(CourseError, match="does not fit"):
            conv.output_size(size, kernel, stride, padding)
        return
    expected = nn.functional.conv1d(torch.zeros(1, 1, size), torch.zeros(1, 1, kernel), None, stride, padding)
    assert conv.output_size(size, kernel, stride, padding) == expected.shape[-1]


@examples(30)
@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 3)), min_size=0, max_size=4))
def test_a_unit_sees_as_many_pixels_as_its_gradient_reaches(layers: list[tuple[int, int]]) -> None:
    seen = conv.receptive_field(layers)
    net = nn.Sequential(*(nn.Conv1d(1, 1, kernel, stride, bias=False) for kernel, stride in layers))
    for weight in net.parameters():
        nn.init.ones_(weight)  # no weight is 0, and nothing cancels
    x = torch.zeros(1, 1, 4 * seen + 200, requires_grad=True)
    y = net(x)
    y[0, 0, y.shape[-1] // 2].backward()
    assert x.grad is not None
    reached = torch.nonzero(x.grad[0, 0]).flatten()
    span = int(reached[-1] - reached[0]) + 1
    if all(kernel >= stride for kernel, stride in layers):
        assert len(reached) == span  # without gaps
    assert span == seen


def test_the_digit_network_sees_sixteen_pixels() -> None:
    assert conv.receptive_field([(5, 1), (2, 2), (5, 1), (2, 2)]) == 16
    assert conv.receptive_field([]) == 1


@pytest.mark.parametrize(("dy", "dx"), [(0, 0), (2, 1), (-1, 3), (-2, -2)])
def test_where_the_picture_moves_the_map_moves_with_it(dy: int, dx: int) -> None:
    image = torch.zeros(1, 1, 16, 16)
    image[..., 5:10, 5:10] = random(5, 5)  # far enough from the border
    kernels, bias = random(2, 1, 3, 3, seed=1), torch.zeros(2)
    moved_first = conv.conv2d(conv.shifted(image, dy, dx), kernels, bias)
    moved_last = conv.shifted(conv.conv2d(image, kernels, bias), dy, dx)
    torch.testing.assert_close(moved_first, moved_last)


def test_what_is_shifted_out_is_lost_and_zeros_come_in() -> None:
    image = torch.arange(1.0, 10).reshape(1, 3, 3)
    assert torch.equal(conv.shifted(image, 1, 0)[0], torch.tensor([[0.0, 0, 0], [1, 2, 3], [4, 5, 6]]))
    assert torch.equal(conv.shifted(image, 0, -2)[0], torch.tensor([[3.0, 0, 0], [6, 0, 0], [9, 0, 0]]))
    assert not conv.shifted(image, 3, 0).any()
    assert not conv.shifted(image, 0, -7).any()


@pytest.mark.parametrize(("C", "K", "kernel", "size"), [(1, 8, 5, 28), (3, 4, 3, 9)])
def test_parameters_are_counted_as_torch_has_them(C: int, K: int, kernel: int, size: int) -> None:
    layer = nn.Conv2d(C, K, kernel)
    assert conv.conv_parameter_count(C, K, kernel) == sum(p.numel() for p in layer.parameters())
    units = layer(torch.zeros(1, C, size, size)).numel()
    with torch.device("meta"):  # no memory for millions of weights
        dense = nn.Linear(C * size * size, units)
    assert conv.dense_parameter_count(C, K, kernel, size) == sum(p.numel() for p in dense.parameters())


def test_edges_find_edges_and_blur_keeps_the_light() -> None:
    left_dark = torch.zeros(6, 6)
    left_dark[:, 3:] = 1
    vertical, horizontal = conv.KERNELS["vertical edge"], conv.KERNELS["horizontal edge"]
    assert conv.cross_correlate(left_dark, vertical).max() == 4
    assert not conv.cross_correlate(left_dark, horizontal).any()
    assert conv.cross_correlate(left_dark.T, horizontal).max() == 4
    even = torch.full((5, 5), 0.7)
    for name, total in {"blur": 1, "sharpen": 1, "outline": 0, "vertical edge": 0}.items():
        assert torch.allclose(conv.cross_correlate(even, conv.KERNELS[name]), torch.tensor(0.7 * total), atol=1e-6)


def test_what_cannot_be_is_refused_with_a_sentence() -> None:
    with pytest.raises(CourseError, match="kernel of 3 × 3 does not fit on a picture of 2 × 5"):
        conv.cross_correlate(torch.zeros(2, 5), torch.zeros(3, 3))
    with pytest.raises(CourseError, match="images have 2 channels, the kernels 3"):
        conv.conv2d(torch.zeros(1, 2, 5, 5), torch.zeros(1, 3, 2, 2), torch.zeros(1))
    with pytest.raises(CourseError, match="field of 4 × 4 does not fit"):
        conv.max_pool(torch.zeros(1, 1, 3, 8), 4)
    with pytest.raises(CourseError, match="size must be a whole number from 1; it is 0"):
        conv.max_pool(torch.zeros(1, 1, 3, 8), 0)
    with pytest.raises(CourseError, match="stride must be a whole number from 1; it is 0"):
        conv.receptive_field([(3, 0)])
