"""Lesson 02: sizes of maps, parameters, and what one unit sees."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import NumberQuestion
from course_utils.nn import convolution

output_size = FunctionExercise(
    lesson="02",
    reference=convolution.output_size,
    cases=lambda generator: [(28, 5, 1, 0), (12, 2, 2, 0), (28, 3, 1, 1), (10, 3, 2, 0), (7, 4, 3, 2), (9, 3, 2, 1)],
    result="how many positions there are along one axis, a whole number",
    tolerance=1e-9,
    variants=(
        lambda size, kernel, stride, padding: len(range(0, size + 2 * padding - kernel + 1, stride)),
        lambda size, kernel, stride, padding: math.floor((size + 2 * padding - kernel) / stride + 1),
    ),
    mistakes=(
        Mistake(
            lambda size, kernel, stride, padding: (size + 2 * padding - kernel) // stride,
            "One position is missing: the first, at 0, counts too.",
        ),
        Mistake(
            lambda size, kernel, stride, padding: (size + padding - kernel) // stride + 1,
            "Padding stands on both sides: it counts twice.",
        ),
        Mistake(
            lambda size, kernel, stride, padding: math.ceil((size + 2 * padding - kernel) / stride) + 1,
            "A position where the kernel would stick out does not count: round down.",
        ),
        Mistake(
            lambda size, kernel, stride, padding: size + 2 * padding - kernel + 1,
            "That is for a stride of 1. With a larger one, positions are left out.",
        ),
        Mistake(
            lambda size, kernel, stride, padding: (size + 2 * padding - kernel) / stride + 1,
            "A number of positions is whole: round down where the last step would stick out.",
        ),
        Mistake(
            lambda size, kernel, stride, padding: (size + 2 * padding - kernel + 1) // stride,
            "The + 1 stands outside the division: it is the first position, which always counts.",
        ),
        Mistake(
            lambda size, kernel, stride, padding: (size - kernel) // stride + 1,
            "The padding is missing: it makes the image larger, on both sides.",
        ),
    ),
    hints=(
        "Begin with stride 1 and no padding: a kernel of 5 on 28 pixels stands at 0, 1, … 23.",
        "With padding there are size + 2 · padding pixels. With a stride only every stride-th position counts.",
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

Layers = Sequence[tuple[int, int]]


def stacks(generator: torch.Generator) -> list[tuple[list[tuple[int, int]]]]:
    """Layers from the input on, each (kernel, stride)."""
    return [
        ([(3, 1)],),
        ([(3, 1), (3, 1)],),
        ([(3, 1), (5, 1), (2, 2)],),
        ([(5, 1), (2, 2), (3, 1), (2, 2)],),
        ([(3, 2), (3, 2), (3, 2)],),
        ([(7, 2), (3, 2), (3, 1), (1, 1)],),
    ]


def strides_ignored(layers: Layers) -> int:
    """As if every stride were 1."""
    return 1 + sum(kernel - 1 for kernel, _ in layers)


def kernel_for_kernel_minus_one(layers: Layers) -> int:
    """kernel for kernel − 1."""
    seen, step = 1, 1
    for kernel, stride in layers:
        seen += kernel * step
        step *= stride
    return seen


def from_the_end(layers: Layers) -> int:
    """A right answer, from the last layer to the first."""
    seen = 1
    for kernel, stride in reversed(layers):
        seen = (seen - 1) * stride + kernel
    return seen


def stride_too_early(layers: Layers) -> int:
    """Each layer's stride already counted for the layer itself."""
    seen, step = 1, 1
    for kernel, stride in layers:
        step *= stride
        seen += (kernel - 1) * step
    return seen


receptive_field = FunctionExercise(
    lesson="02",
    reference=convolution.receptive_field,
    cases=stacks,
    result="how many pixels wide the patch is that one unit sees, a whole number",
    tolerance=1e-9,
    mistakes=(
        Mistake(
            lambda layers: sum(kernel for kernel, _ in layers),
            "Neighbouring patches overlap: a layer of kernel 3 adds two positions, not three. (Begin with 1.)",
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
        Mistake(
            kernel_for_kernel_minus_one,
            "Neighbouring patches overlap: a layer widens what is seen by (kernel − 1) steps, not by kernel.",
        ),
        Mistake(
            lambda layers: convolution.receptive_field(layers[::-1]),
            "You began at the last layer. From the input on a step is widened by the strides *before* a layer; from "
            "the end, `seen = (seen - 1) * stride + kernel`.",
        ),
        Mistake(lambda layers: layers[0][0], "That is what a unit of the first layer sees."),
        Mistake(
            lambda layers: convolution.receptive_field(layers) - 1, "One too few: begin with the one pixel itself."
        ),
    ),
    variants=(
        from_the_end,
        lambda layers: (
            1 + sum((kernel - 1) * math.prod(s for _, s in layers[:index]) for index, (kernel, _) in enumerate(layers))
        ),
    ),
    hints=(
        "Begin with 1. A first layer of kernel 3 makes it 3; how much does a second one add?",
        "Each layer adds (kernel − 1) steps. A step is as many pixels as the strides before it, multiplied.",
        "Keep two numbers: `seen += (kernel - 1) * step`, and then `step *= stride`.",
    ),
)

sharing = NumberQuestion(
    lesson="02",
    name="sharing",
    answer=(784 + 1) * 24 * 24 * 16,
    hints=(
        "How many units are 16 maps of 24 × 24? How many parameters has one that sees all pixels?",
        "`24 * 24 * 16 * (784 + 1)`",
    ),
    mistakes={
        784 * 24 * 24 * 16: "The biases are missing: one for each of its units.",
        785 * 24 * 24: "That is one map of 16.",
        784 * 16 + 16: "That is a layer of 16 units. There are 16 *maps* of 24 × 24 units.",
        5 * 5 * 16 + 16: "Those are the parameters of the convolution itself.",
    },
    why="784 weights and a bias for each of 24 · 24 · 16 units. The convolution has 416.",
)
