"""Convolution by hand: what a convolutional layer computes, how large its maps are, how far a unit sees.

What the field calls convolution is cross-correlation: the kernel is not turned round (Goodfellow, Bengio & Courville
2016, section 9.1). B pictures, C channels, height H and width W in pixels; K kernels of height h and width w.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from course_utils.checks import check_whole
from course_utils.errors import CourseError

# Kernels that people chose by hand. The edges are Sobel's; a light edge to the right, or below, is positive.
KERNELS: dict[str, Tensor] = {
    "vertical edge": torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]),
    "horizontal edge": torch.tensor([[-1.0, -2.0, -1.0], [0.0, 0.0, 0.0], [1.0, 2.0, 1.0]]),
    "blur": torch.full((3, 3), 1 / 9),
    "sharpen": torch.tensor([[0.0, -1.0, 0.0], [-1.0, 5.0, -1.0], [0.0, -1.0, 0.0]]),
    "outline": torch.tensor([[-1.0, -1.0, -1.0], [-1.0, 8.0, -1.0], [-1.0, -1.0, -1.0]]),
}


def cross_correlate(image: Tensor, kernel: Tensor) -> Tensor:
    """Lay the kernel on every place where it fits, multiply it with the pixels under it, and add up.

    Args:
        image: (H, W).
        kernel: (h, w).

    Returns:
        (H − h + 1, W − w + 1).

    Raises:
        CourseError: the kernel is larger than the image.
    """
    _check_fits(image, kernel)
    (H, W), (h, w) = image.shape, kernel.shape
    rows = []
    for y in range(H - h + 1):
        row = [(image[y : y + h, x : x + w] * kernel).sum() for x in range(W - w + 1)]
        rows.append(torch.stack(row))
    return torch.stack(rows)


def conv2d(images: Tensor, kernels: Tensor, bias: Tensor) -> Tensor:
    """A convolutional layer: each kernel looks at every place, and at all channels there.

    The loop goes over the few weights of a kernel, and not over the many places: each weight is multiplied with the
    whole picture at once, shifted by the weight's place in the kernel.

    Args:
        images: (B, C, H, W).
        kernels: (K, C, h, w).
        bias: (K,).

    Returns:
        (B, K, H − h + 1, W − w + 1), the values of `torch.nn.functional.conv2d`.

    Raises:
        CourseError: another number of channels, or a kernel larger than the images.
    """
    if kernels.shape[1] != images.shape[1]:
        raise CourseError(
            f"The images have {images.shape[1]} channels, the kernels {kernels.shape[1]}. Give them the same."
        )
    _check_fits(images, kernels)
    (H, W), (h, w) = images.shape[-2:], kernels.shape[-2:]
    maps = bias[:, None, None]  # (K, 1, 1)
    for y in range(h):
        for x in range(w):
            seen = images[:, :, y : y + H - h + 1, x : x + W - w + 1]  # (B, C, height, width)
            maps = maps + torch.einsum("bchw,kc->bkhw", seen, kernels[:, :, y, x])
    return maps


def _check_fits(images: Tensor, kernels: Tensor) -> None:
    (H, W), (h, w) = images.shape[-2:], kernels.shape[-2:]
    if h > H or w > W:
        raise CourseError(f"A kernel of {h} × {w} does not fit on a picture of {H} × {W}. Take a smaller kernel.")


def max_pool(images: Tensor, size: int) -> Tensor:
    """The largest value of every field of size × size; what is left over at the right and below is dropped.

    Args:
        images: (B, C, H, W).
        size: side of a field, in pixels.

    Returns:
        (B, C, H // size, W // size).

    Raises:
        CourseError: not even one field fits.
    """
    check_whole("size", size, 1)
    B, C, H, W = images.shape
    rows, columns = H // size, W // size
    if rows < 1 or columns < 1:
        raise CourseError(f"A field of {size} × {size} does not fit on a picture of {H} × {W}. Take a smaller one.")
    fields = images[:, :, : rows * size, : columns * size].reshape(B, C, rows, size, columns, size)
    return fields.amax(dim=(3, 5))


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """How many places a kernel has along one side: ⌊(size + 2 · padding − kernel) / stride⌋ + 1.

    Args:
        size: of the picture along that side, in pixels.
        kernel: of the kernel, or of a field of pooling (whose stride is its size).
        stride: how far it moves each time.
        padding: pixels that are added at either end.

    Raises:
        CourseError: the kernel does not fit, or a size that is no whole number from 1 (padding: from 0).
    """
    for name, value, lowest in (
        ("size", size, 1),
        ("kernel", kernel, 1),
        ("stride", stride, 1),
        ("padding", padding, 0),
    ):
        check_whole(name, value, lowest)
    room = size + 2 * padding - kernel
    if room < 0:
        raise CourseError(f"A kernel of {kernel} does not fit on {size + 2 * padding} pixels. Take a smaller kernel.")
    return room // stride + 1


def receptive_field(layers: Sequence[tuple[int, int]]) -> int:
    """How many pixels along a side one unit of the last layer sees.

    A layer widens what is seen by (kernel − 1) steps; a step is as many pixels as the strides before it, multiplied.

    Args:
        layers: (kernel, stride) of each convolution or pooling, the one next to the picture first.

    Returns:
        Pixels; 1 where there is no layer.

    Raises:
        CourseError: a kernel or stride that is no whole number from 1.
    """
    seen, step = 1, 1
    for kernel, stride in layers:
        check_whole("kernel", kernel, 1)
        check_whole("stride", stride, 1)
        seen += (kernel - 1) * step
        step *= stride
    return seen


def conv_parameter_count(in_channels: int, out_channels: int, kernel: int) -> int:
    """The weights and biases of a convolutional layer with square kernels; the size of the picture does not matter.

    Args:
        in_channels: C.
        out_channels: K, one bias each.
        kernel: its side, in pixels.
    """
    return out_channels * (in_channels * kernel**2 + 1)


def dense_parameter_count(in_channels: int, out_channels: int, kernel: int, size: int) -> int:
    """The weights and biases of a dense layer between maps of the same sizes: what a convolution saves.

    Args:
        in_channels: C.
        out_channels: K.
        kernel: side of the kernel of the convolution that it is compared with (stride 1, no padding), in pixels.
        size: side of the picture, in pixels.
    """
    units = out_channels * output_size(size, kernel) ** 2
    return units * (in_channels * size**2 + 1)


def shifted(images: Tensor, dy: int, dx: int) -> Tensor:
    """Move the pictures down by dy pixels and to the right by dx; what comes in is 0, what leaves is lost.

    Args:
        images: (…, H, W).
        dy: pixels downwards, negative for upwards.
        dx: pixels to the right, negative for the left.

    Returns:
        (…, H, W).
    """
    H, W = images.shape[-2:]
    moved = torch.zeros_like(images)
    if abs(dy) < H and abs(dx) < W:
        moved[..., max(dy, 0) : H + min(dy, 0), max(dx, 0) : W + min(dx, 0)] = images[
            ..., max(-dy, 0) : H + min(-dy, 0), max(-dx, 0) : W + min(-dx, 0)
        ]
    return moved
