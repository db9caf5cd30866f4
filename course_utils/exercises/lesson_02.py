"""Exercises of lesson 02: a convolution by hand, sizes and parameters, pooling, what a unit sees, shuffled pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion
from course_utils.nn import convolution, picture_nets

functional = torch.nn.functional
Layers = Sequence[tuple[int, int]]

# ---------------------------------------------------------------------------------------------------------------------
# Cases


def image_and_kernel(generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """image: (H, W), kernel: (h, w), the last one not square."""
    sizes = (((3, 3), (2, 2)), ((6, 5), (3, 3)), ((8, 8), (5, 5)), ((5, 7), (2, 3)))
    return [(torch.randn(*I, generator=generator), torch.randn(*K, generator=generator)) for I, K in sizes]  # noqa: E741


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


def images_to_pool(generator: torch.Generator) -> list[tuple[Tensor, int]]:
    """images: (B, C, H, W), size: a divisor of H and W."""
    sizes = ((1, 1, 4, 4, 2), (2, 3, 6, 4, 2), (2, 2, 9, 6, 3))
    return [(torch.randn(B, C, H, W, generator=generator), size) for B, C, H, W, size in sizes]


def images_and_permutation(generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """images: (N, H, W), permutation: (H · W,)."""
    sizes = ((3, 2, 3), (5, 4, 4), (2, 6, 5))
    return [
        (torch.randn(N, H, W, generator=generator), torch.randperm(H * W, generator=generator)) for N, H, W in sizes
    ]


def stacks(generator: torch.Generator) -> list[tuple[list[tuple[int, int]]]]:
    """Layers from the input on, each (kernel, stride)."""
    return [
        ([(3, 1)],),
        ([(3, 1), (3, 1)],),
        ([(5, 1), (2, 2), (3, 1), (2, 2)],),
        ([(3, 2), (3, 2), (3, 2)],),
        ([(7, 2), (3, 2), (3, 1), (1, 1)],),
    ]


# ---------------------------------------------------------------------------------------------------------------------
# What people write


def by_places(image: Tensor, kernel: Tensor) -> Tensor:
    """A right answer with two loops."""
    h, w = kernel.shape
    rows, columns = image.shape[0] - h + 1, image.shape[1] - w + 1
    return torch.stack(
        [torch.stack([(image[i : i + h, j : j + w] * kernel).sum() for j in range(columns)]) for i in range(rows)]
    )


def padded(image: Tensor, kernel: Tensor) -> Tensor:
    """As large as the image: zeros around it."""
    h, w = kernel.shape
    around = functional.pad(image, ((w - 1) // 2, w // 2, (h - 1) // 2, h // 2))
    return by_places(around, kernel)


def one_place_short(image: Tensor, kernel: Tensor) -> Tensor:
    """The last row and column of places forgotten."""
    return by_places(image, kernel)[:-1, :-1]


def block_by_block(image: Tensor, kernel: Tensor) -> Tensor:
    """The kernel moved on by its own size."""
    h, w = kernel.shape
    return by_places(image, kernel)[::h, ::w]


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


def cut_without_order(images: Tensor, size: int) -> Tensor:
    """Neighbours along the row only."""
    B, C, H, W = images.shape
    return images.reshape(B, C, H // size, W // size, size * size).amax(dim=-1)


def strides_ignored(layers: Layers) -> int:
    """As if every stride were 1."""
    return 1 + sum(kernel - 1 for kernel, _ in layers)


def stride_too_early(layers: Layers) -> int:
    """Each layer's stride already counted for the layer itself."""
    seen, step = 1, 1
    for kernel, stride in layers:
        step *= stride
        seen += (kernel - 1) * step
    return seen


# ---------------------------------------------------------------------------------------------------------------------
# Functions

cross_correlate = FunctionExercise(
    lesson="02",
    reference=convolution.cross_correlate,
    cases=image_and_kernel,
    result="one number for each place of the kernel, shape (H − h + 1, W − w + 1)",
    shape_tip="Kernels come in several sizes: `h, w = kernel.shape`, and the window is `image[i : i + h, j : j + w]`.",
    tolerance=1e-4,
    gradients=True,
    variants=(by_places, lambda image, kernel: functional.conv2d(image[None, None], kernel[None, None])[0, 0]),
    mistakes=(
        Mistake(
            lambda image, kernel: by_places(image, kernel.flip(0, 1)),
            "You turned the kernel around. That is the convolution of mathematics; the networks' convolution (and "
            "torch's) lays the kernel on as it is.",
        ),
        Mistake(
            lambda image, kernel: by_places(image, kernel.flip(0)), "The kernel is upside down: lay it on as it is."
        ),
        Mistake(
            lambda image, kernel: by_places(image, kernel) / kernel.numel(),
            "You took the mean of the products. It is their sum.",
        ),
        Mistake(padded, "You put zeros around the image. Here the kernel stays inside it, so the result is smaller."),
        Mistake(
            one_place_short,
            "The last row and column of places are missing: from 0 to H − h there are H − h + 1 places.",
        ),
        Mistake(block_by_block, "The kernel moves on by one pixel, not by its own size."),
        Mistake(
            lambda image, kernel: torch.relu(by_places(image, kernel)), "No curve yet: negative sums stay negative."
        ),
    ),
    hints=(
        "At the place (i, j) the kernel covers `image[i : i + h, j : j + w]`.",
        "Multiply what is covered by the kernel, entry by entry, and sum. How many places are there in a row?",
        "Two loops, `for i in range(H - h + 1)` and `for j in range(W - w + 1)`; collect with `torch.stack`, or fill "
        "`torch.empty(H - h + 1, W - w + 1)`.",
    ),
)

conv2d = FunctionExercise(
    lesson="02",
    reference=convolution.conv2d,
    cases=channels_and_kernels,
    result="K maps for each image, shape (B, K, H − h + 1, W − w + 1)",
    tolerance=1e-4,
    variants=(sum_of_channels, functional.conv2d),
    mistakes=(
        Mistake(first_channel_only, "That is the first channel alone. The sums of all channels are added up."),
        Mistake(channels_averaged, "You averaged over the channels. They are summed."),
        Mistake(one_kernel_for_all, "Each channel has a kernel of its own: kernels[k, c] belongs to channel c."),
        Mistake(bias_in_every_channel, "The bias is added once for a map, not once for each channel."),
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

output_size = FunctionExercise(
    lesson="02",
    reference=convolution.output_size,
    cases=lambda generator: [(28, 5, 1, 0), (12, 2, 2, 0), (28, 3, 1, 1), (10, 3, 2, 0), (7, 4, 3, 2), (9, 3, 2, 1)],
    result="how many places there are along one axis, a whole number",
    tolerance=1e-9,
    variants=(
        lambda size, kernel, stride, padding: len(range(0, size + 2 * padding - kernel + 1, stride)),
        lambda size, kernel, stride, padding: math.floor((size + 2 * padding - kernel) / stride + 1),
    ),
    mistakes=(
        Mistake(
            lambda size, kernel, stride, padding: (size + 2 * padding - kernel) // stride,
            "One place is missing: the first, at 0, counts too.",
        ),
        Mistake(
            lambda size, kernel, stride, padding: (size + padding - kernel) // stride + 1,
            "Padding stands on both sides: it counts twice.",
        ),
        Mistake(
            lambda size, kernel, stride, padding: math.ceil((size + 2 * padding - kernel) / stride) + 1,
            "A place where the kernel would stick out does not count: round down.",
        ),
        Mistake(
            lambda size, kernel, stride, padding: size + 2 * padding - kernel + 1,
            "That is for a stride of 1. With a larger one, places are left out.",
        ),
        Mistake(
            lambda size, kernel, stride, padding: (size + 2 * padding - kernel) / stride + 1,
            "A number of places is whole: round down where the last step would stick out.",
        ),
        Mistake(
            lambda size, kernel, stride, padding: (size + 2 * padding - kernel + 1) // stride,
            "The + 1 stands outside the division: it is the first place, which always counts.",
        ),
        Mistake(
            lambda size, kernel, stride, padding: (size - kernel) // stride + 1,
            "The padding is missing: it makes the image larger, on both sides.",
        ),
    ),
    hints=(
        "Begin with stride 1 and no padding: a kernel of 5 on 28 pixels stands at 0, 1, … 23.",
        "With padding there are size + 2 · padding pixels. With a stride only every stride-th place counts.",
        "`return (size + 2 * padding - kernel) // stride + 1`",
    ),
)

conv_parameter_count = FunctionExercise(
    lesson="02",
    reference=convolution.conv_parameter_count,
    cases=lambda generator: [(1, 8, 5), (8, 16, 3), (3, 32, 3), (64, 64, 1)],
    result="how many numbers the layer learns, a whole number",
    tolerance=1e-9,
    variants=(lambda in_channels, out_channels, kernel: (kernel**2 * in_channels + 1) * out_channels,),
    mistakes=(
        Mistake(
            lambda in_channels, out_channels, kernel: out_channels * (kernel**2 + 1),
            "Each kernel has a slice of its own for every input channel.",
        ),
        Mistake(
            lambda in_channels, out_channels, kernel: out_channels * in_channels * kernel**2,
            "The biases are missing: one for each map.",
        ),
        Mistake(
            lambda in_channels, out_channels, kernel: out_channels * in_channels * (kernel**2 + 1),
            "You counted a bias for every slice. There is one for each map.",
        ),
        Mistake(
            lambda in_channels, out_channels, kernel: out_channels * (in_channels * kernel + 1),
            "A kernel has kernel × kernel weights, not kernel.",
        ),
        Mistake(
            lambda in_channels, out_channels, kernel: out_channels * in_channels * kernel**2 + 1,
            "One bias for the whole layer is too few: each map has one.",
        ),
    ),
    hints=(
        "One map first: how many weights has its kernel, over all input channels?",
        "in_channels · kernel · kernel weights and one bias, for each of out_channels maps.",
        "`return out_channels * (in_channels * kernel**2 + 1)`",
    ),
)

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

receptive_field = FunctionExercise(
    lesson="02",
    reference=convolution.receptive_field,
    cases=stacks,
    result="how many pixels wide the patch is that one unit sees, a whole number",
    tolerance=1e-9,
    mistakes=(
        Mistake(
            lambda layers: sum(kernel for kernel, _ in layers),
            "Neighbouring patches overlap: a layer of kernel 3 adds two places, not three. (Begin with 1.)",
        ),
        Mistake(
            lambda layers: math.prod(kernel for kernel, _ in layers),
            "Patches overlap, so sizes do not multiply: each layer adds (kernel − 1) steps.",
        ),
        Mistake(
            strides_ignored,
            "That is right where every stride is 1. Behind a stride of 2, one step of the map is two pixels.",
        ),
        Mistake(
            stride_too_early,
            "You counted a layer's own stride too early: it spaces out the steps of the layers *behind* it.",
        ),
        Mistake(
            lambda layers: 1 + sum((kernel - 1) * stride for kernel, stride in layers),
            "A layer's step is spaced by the strides of *all* layers before it, multiplied, not by its own.",
        ),
        Mistake(lambda layers: layers[0][0], "That is what a unit of the first layer sees."),
        Mistake(
            lambda layers: convolution.receptive_field(layers) - 1, "One too few: begin with the one pixel itself."
        ),
    ),
    variants=(
        lambda layers: (
            1 + sum((kernel - 1) * math.prod(s for _, s in layers[:place]) for place, (kernel, _) in enumerate(layers))
        ),
    ),
    hints=(
        "Begin with 1. A first layer of kernel 3 makes it 3; how much does a second one add?",
        "Each layer adds (kernel − 1) steps. A step is as many pixels as the strides before it, multiplied.",
        "Keep two numbers: `seen += (kernel - 1) * step`, and then `step *= stride`.",
    ),
)

shuffle_pixels = FunctionExercise(
    lesson="02",
    reference=picture_nets.shuffle_pixels,
    cases=images_and_permutation,
    result="the same images with their pixels in another order, shape (N, H, W)",
    variants=(
        lambda images, permutation: torch.stack([image.flatten()[permutation].view_as(image) for image in images]),
    ),
    mistakes=(
        Mistake(
            lambda images, permutation: images.flatten(1)[:, permutation.argsort()].view_as(images),
            "That is the opposite order: pixel i of the result should be pixel permutation[i] of the image.",
        ),
        Mistake(
            lambda images, permutation: images.flatten()[permutation.repeat(len(images))].view_as(images),
            "Every image of yours is made from the first. Shuffle each image's own pixels: flatten(1).",
        ),
        Mistake(
            lambda images, permutation: images.flatten(1)[:, permutation],
            "The order is right. Give the images their shape back: (N, H, W).",
        ),
        Mistake(
            lambda images, permutation: images[:, :, permutation[permutation < images.shape[2]]],
            "You shuffled whole columns. Every pixel should find a place of its own: flatten(1) first.",
        ),
        Mistake(
            lambda images, permutation: torch.stack(
                [image.flatten()[permutation.roll(place)].view_as(image) for place, image in enumerate(images)]
            ),
            "Every image got an order of its own. Then nothing can be learnt; the order must be one and the same.",
        ),
    ),
    hints=(
        "`images.flatten(1)` makes a row of pixels from each image, (N, H · W).",
        "Index the columns with the permutation, the same for all rows.",
        "`return images.flatten(1)[:, permutation].view_as(images)`",
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# Predictions and questions

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
        "where there is much ink": "The weights sum to 0: on an even area, ink or paper, the answer is 0.",
        "where the ink grows from top to bottom": "Its rows have the same signs; left and right have not.",
        "at corners only": "A long edge is enough: paper on the left, ink on the right.",
    },
    why="Right pixels count positive, left ones negative: it subtracts left from right. This one is named after Sobel.",
)

mlp_shuffled = ChoiceQuestion(
    lesson="02",
    name="mlp_shuffled",
    question="All pixels shuffled in one fixed order, in training and test: what happens to the accuracy of the MLP?",
    choices=("it falls to chance", "it falls, but not to chance", "nothing"),
    answer="nothing",
    says={
        "it falls to chance": "For us such pictures are noise. Does the network know which pixel is beside which?",
        "it falls, but not to chance": "Which of its weights knows that two pixels are neighbours?",
    },
    why="Its first layer sums over all pixels. Shuffle the columns of its weights in the same way, and it is the same "
    "network; random first weights are as likely in one order as in another.",
)

what_a_probe_says = ChoiceQuestion(
    lesson="02",
    name="what_a_probe_says",
    question="A linear classifier on a layer's numbers does better than one on the pixels. What does that show?",
    choices=(
        "the layer knows more about the picture than the pixels do",
        "what tells the classes apart is easier to read off, by a straight line",
        "the layer was trained well",
    ),
    answer="what tells the classes apart is easier to read off, by a straight line",
    says={
        "the layer knows more about the picture than the pixels do": (
            "It is computed from the pixels: it cannot hold more about the picture than they do."
        ),
        "the layer was trained well": "Perhaps; but how would an untrained one have done? Compare before you conclude.",
    },
    why="A layer can only rearrange, or lose, what is in the pixels. A good one leaves little to do.",
    prediction=False,
)

sharing = NumberQuestion(
    lesson="02",
    name="sharing",
    answer=(784 + 1) * 24 * 24 * 16,
    hints=(
        "How many units are 16 maps of 24 × 24? How many numbers has one that sees all pixels?",
        "`24 * 24 * 16 * (784 + 1)`",
    ),
    mistakes={
        784 * 24 * 24 * 16: "The biases are missing: one for each of its units.",
        785 * 24 * 24: "That is one map. There are 16 of them.",
        784 * 16 + 16: "That is a layer of 16 units. There are 16 *maps* of 24 × 24 units.",
        5 * 5 * 16 + 16: "Those are the numbers of the convolution itself.",
    },
    why="784 weights and a bias for each of 24 · 24 · 16 units. The convolution has 416.",
)

# Answered by what the lesson measures.
cnn_digits = NumberQuestion(lesson="02", name="cnn_digits", tolerance=0.01, prediction=True)

mlp_digits = NumberQuestion(lesson="02", name="mlp_digits", tolerance=0.01, prediction=True)

cnn_shuffled = NumberQuestion(lesson="02", name="cnn_shuffled", tolerance=0.02, prediction=True)

moved_digits = NumberQuestion(lesson="02", name="moved_digits", tolerance=0.07, prediction=True)

random_layer = ChoiceQuestion(
    lesson="02",
    name="random_layer",
    question="A linear probe on a layer with random weights: how does it compare with one on the pixels?",
    choices=("worse", "equally good", "better"),
    answer="better",
    says={
        "worse": "Random mixtures lose little of what is in the pixels. Look at the gold line beside the grey one.",
        "equally good": "It does better. Look at the gold line (random) beside the grey one (pixels).",
    },
    why="Random weights, a bend and a maximum make features as well. Hence the comparison with random layers.",
)
