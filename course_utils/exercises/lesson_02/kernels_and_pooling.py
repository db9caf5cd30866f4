"""Lesson 02: what a kernel computes, on one channel and on several, and pooling."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion
from course_utils.nn import convolution

functional = torch.nn.functional


def image_and_kernel(generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """image: (H, W), kernel: (h, w), the last one not square."""
    sizes = (((3, 3), (2, 2)), ((6, 5), (3, 3)), ((8, 8), (5, 5)), ((5, 7), (2, 3)))
    return [(torch.randn(*I, generator=generator), torch.randn(*K, generator=generator)) for I, K in sizes]  # noqa: E741


def by_positions(image: Tensor, kernel: Tensor) -> Tensor:
    """A right answer with two loops."""
    h, w = kernel.shape
    rows, columns = image.shape[0] - h + 1, image.shape[1] - w + 1
    return torch.stack(
        [torch.stack([(image[i : i + h, j : j + w] * kernel).sum() for j in range(columns)]) for i in range(rows)]
    )


def into_zeros(image: Tensor, kernel: Tensor) -> Tensor:
    """A right answer that fills a tensor of the image's dtype."""
    h, w = kernel.shape
    answer = torch.zeros(image.shape[0] - h + 1, image.shape[1] - w + 1, dtype=image.dtype)
    for i in range(answer.shape[0]):
        for j in range(answer.shape[1]):
            answer[i, j] = (image[i : i + h, j : j + w] * kernel).sum()
    return answer


def padded(image: Tensor, kernel: Tensor) -> Tensor:
    """As large as the image: zeros around it."""
    h, w = kernel.shape
    around = functional.pad(image, ((w - 1) // 2, w // 2, (h - 1) // 2, h // 2))
    return by_positions(around, kernel)


def one_position_short(image: Tensor, kernel: Tensor) -> Tensor:
    """The last row and column of positions forgotten."""
    return by_positions(image, kernel)[:-1, :-1]


def block_by_block(image: Tensor, kernel: Tensor) -> Tensor:
    """The kernel moved on by its own size."""
    h, w = kernel.shape
    return by_positions(image, kernel)[::h, ::w]


cross_correlate = FunctionExercise(
    lesson="02",
    reference=convolution.cross_correlate,
    cases=image_and_kernel,
    result="one number for each position of the kernel, shape (H − h + 1, W − w + 1)",
    shape_tip="Kernels come in several sizes: `h, w = kernel.shape`, and the window is `image[i : i + h, j : j + w]`.",
    tolerance=1e-4,
    gradients=True,
    variants=(
        by_positions,
        into_zeros,
        lambda image, kernel: functional.conv2d(image[None, None], kernel[None, None])[0, 0],
    ),
    mistakes=(
        Mistake(
            lambda image, kernel: by_positions(image, kernel.flip(0, 1)),
            "You turned the kernel around. That is the convolution of mathematics; the networks' convolution (and "
            "torch's) lays the kernel on as it is.",
        ),
        Mistake(
            lambda image, kernel: by_positions(image, kernel.flip(0)), "The kernel is upside down: lay it on as it is."
        ),
        Mistake(
            lambda image, kernel: by_positions(image, kernel) / kernel.numel(),
            "You took the mean of the products. It is their sum.",
        ),
        Mistake(padded, "You put zeros around the image. Here the kernel stays inside it, so the result is smaller."),
        Mistake(
            one_position_short,
            "The last row and column of positions are missing: from 0 to H − h there are H − h + 1 positions.",
        ),
        Mistake(block_by_block, "The kernel moves on by one pixel, not by its own size."),
        Mistake(
            lambda image, kernel: torch.relu(by_positions(image, kernel)),
            "No activation yet: negative sums stay negative.",
        ),
    ),
    hints=(
        "At the position (i, j) the kernel covers `image[i : i + h, j : j + w]`.",
        "Multiply what is covered by the kernel, entry by entry, and sum. How many positions are there in a row?",
        "Two loops, `for i in range(H - h + 1)` and `for j in range(W - w + 1)`; collect with `torch.stack`, or fill "
        "`torch.empty(H - h + 1, W - w + 1, dtype=image.dtype)`.",
    ),
)


def channels_and_kernels(generator: torch.Generator) -> list[tuple[Tensor, Tensor, Tensor]]:
    """images: (B, C, H, W), kernels: (K, C, h, w), bias: (K,)."""
    sizes = ((1, 2, 4, 4, 2, 3), (2, 3, 6, 5, 4, 3), (2, 2, 7, 7, 2, 2))  # the last can be confused: B, C, K are 2
    return [
        (
            torch.randn(B, C, H, W, generator=generator),
            torch.randn(K, C, size, size, generator=generator),
            torch.randn(K, generator=generator),
        )
        for B, C, H, W, K, size in sizes
    ]


def first_channel_only(images: Tensor, kernels: Tensor, bias: Tensor) -> Tensor:
    """One channel in place of all."""
    return functional.conv2d(images[:, :1], kernels[:, :1], bias)


def channels_averaged(images: Tensor, kernels: Tensor, bias: Tensor) -> Tensor:
    """Mean over the channels."""
    return functional.conv2d(images, kernels) / images.shape[1] + bias[:, None, None]


def one_kernel_for_all(images: Tensor, kernels: Tensor, bias: Tensor) -> Tensor:
    """The first channel's kernel on every channel."""
    return functional.conv2d(images.sum(dim=1, keepdim=True), kernels[:, :1], bias)


def bias_in_every_channel(images: Tensor, kernels: Tensor, bias: Tensor) -> Tensor:
    """The bias added once for each input channel."""
    return functional.conv2d(images, kernels) + images.shape[1] * bias[:, None, None]


def sum_of_channels(images: Tensor, kernels: Tensor, bias: Tensor) -> Tensor:
    """A right answer from cross_correlate."""
    maps = [
        [
            sum(
                (convolution.cross_correlate(channel, k) for channel, k in zip(image, kernel, strict=True)),
                start=torch.zeros(()),
            )
            + b
            for kernel, b in zip(kernels, bias, strict=True)
        ]
        for image in images
    ]
    return torch.stack([torch.stack(row) for row in maps])


def maps_into_zeros(images: Tensor, kernels: Tensor, bias: Tensor) -> Tensor:
    """A right answer with loops over images, kernels and positions, into a tensor of the images' dtype."""
    (B, _, H, W), (K, _, h, w) = images.shape, kernels.shape
    answer = torch.zeros(B, K, H - h + 1, W - w + 1, dtype=images.dtype)
    for k in range(K):
        for i in range(H - h + 1):
            for j in range(W - w + 1):
                answer[:, k, i, j] = (images[:, :, i : i + h, j : j + w] * kernels[k]).sum(dim=(1, 2, 3)) + bias[k]
    return answer


conv2d = FunctionExercise(
    lesson="02",
    reference=convolution.conv2d,
    cases=channels_and_kernels,
    result="K maps for each image, shape (B, K, H − h + 1, W − w + 1)",
    tolerance=1e-4,
    gradients=True,
    variants=(sum_of_channels, maps_into_zeros, functional.conv2d),
    mistakes=(
        Mistake(first_channel_only, "That is the first channel alone. The sums of all channels are added up."),
        Mistake(channels_averaged, "You averaged over the channels. They are summed."),
        Mistake(one_kernel_for_all, "Each channel has a kernel of its own: kernels[k, c] belongs to channel c."),
        Mistake(bias_in_every_channel, "The bias is added once for a map, not once for each channel."),
        Mistake(
            lambda images, kernels, bias: functional.conv2d(images, kernels, bias).transpose(0, 1),
            "Images and kernels are exchanged: that is (K, B, …). Each image comes first: (B, K, …).",
        ),
        Mistake(lambda images, kernels, bias: functional.conv2d(images, kernels), "The biases are missing."),
        Mistake(
            lambda images, kernels, bias: functional.conv2d(images, kernels.flip(2, 3), bias),
            "You turned the kernels around. Lay them on as they are.",
        ),
    ),
    hints=(
        "Map k of an image: for every channel c one cross_correlate with kernels[k, c]; add them up, then bias[k].",
        "You have `cross_correlate(image, kernel)` for one channel. Three loops are fine: images, kernels, channels.",
        "Collect with torch.stack: `torch.stack([torch.stack(maps) for maps in …])`.",
    ),
)


def images_to_pool(generator: torch.Generator) -> list[tuple[Tensor, int]]:
    """images: (B, C, H, W), size: a divisor of H and W."""
    sizes = ((1, 1, 4, 4, 2), (2, 3, 6, 4, 2), (2, 2, 9, 6, 3))
    return [(torch.randn(B, C, H, W, generator=generator), size) for B, C, H, W, size in sizes]


def cut_without_order(images: Tensor, size: int) -> Tensor:
    """Neighbours along the row only."""
    B, C, H, W = images.shape
    return images.reshape(B, C, H // size, W // size, size * size).amax(dim=-1)


max_pool = FunctionExercise(
    lesson="02",
    reference=convolution.max_pool,
    cases=images_to_pool,
    result="the largest of every block, shape (B, C, H / size, W / size)",
    gradients=True,
    variants=(
        functional.max_pool2d,
        lambda images, size: images.unfold(2, size, size).unfold(3, size, size).amax(dim=(-2, -1)),
    ),
    mistakes=(
        Mistake(functional.avg_pool2d, "That is the mean of each block. Take its largest number."),
        Mistake(
            lambda images, size: functional.max_pool2d(images, size, stride=1),
            "Your blocks overlap. Each pixel belongs to one block: the step is `size`.",
        ),
        Mistake(
            cut_without_order,
            "Your blocks are pieces of a row. A block is size × size pixels: reshape to "
            "(B, C, H / size, size, W / size, size) first.",
        ),
        Mistake(
            lambda images, size: images[:, :, ::size, ::size],
            "You took the corner of every block. Take its largest number.",
        ),
        Mistake(
            lambda images, size: functional.max_pool2d(images, size).clamp(min=0),
            "Where all numbers of a block are negative, the largest is negative too. Do not begin from 0.",
        ),
        Mistake(lambda images, size: -functional.max_pool2d(-images, size), "That is the smallest number of a block."),
        Mistake(
            lambda images, size: functional.max_pool2d(images, size).amax(dim=1, keepdim=True),
            "You took the maximum over the channels as well. Each channel is pooled alone.",
        ),
    ),
    hints=(
        "The block (i, j) is `images[:, :, i * size : (i + 1) * size, j * size : (j + 1) * size]`.",
        "Without loops: reshape to (B, C, H // size, size, W // size, size). Which two axes are inside a block?",
        "`….amax(dim=(3, 5))`",
    ),
)

edge = ChoiceQuestion(
    lesson="02",
    name="edge",
    question="Where is the answer of the kernel [[−1, 0, 1], [−2, 0, 2], [−1, 0, 1]] large and positive?",
    choices=(
        "where there is much ink",
        "where the ink grows from left to right",
        "where the ink grows from top to bottom",
        "at corners only",
    ),
    answer="where the ink grows from left to right",
    says={
        "where there is much ink": "The weights sum to 0: on a uniform area, ink or paper, the answer is 0.",
        "where the ink grows from top to bottom": "Its rows have the same signs; left and right have not.",
        "at corners only": "A long edge is enough: paper on the left, ink on the right.",
    },
    why="Pixels on the right count positive, those on the left negative. The kernel is named after Sobel.",
)
