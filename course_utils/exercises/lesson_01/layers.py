"""Lesson 01: a neuron, a layer, and how many parameters a network has."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion
from course_utils.nn import feedforward


def inputs_and_neuron(generator: torch.Generator) -> list[tuple[Tensor, Tensor, Tensor]]:
    """x: (B, D), w: (D,), b: a scalar tensor."""
    sizes = ((1, 2), (5, 3), (8, 2), (4, 4))
    return [
        (
            torch.randn(B, D, generator=generator),
            torch.randn(D, generator=generator),
            torch.randn((), generator=generator),
        )
        for B, D in sizes
    ]


neuron = FunctionExercise(
    lesson="01",
    reference=feedforward.neuron,
    cases=inputs_and_neuron,
    result="one number for each row, shape (B,)",
    gradients=True,
    shape_tip="x is (B, D) and w is (D,): `x @ w` gives one number for each row, (B,).",
    variants=(lambda x, w, b: (x * w).sum(dim=1) + b, lambda x, w, b: torch.einsum("bd,d->b", x, w) + b),
    mistakes=(
        Mistake(lambda x, w, b: x @ w, "The bias is missing: + b."),
        Mistake(
            lambda x, w, b: (x * w + b).sum(dim=1),
            "You added the bias to every product. It is added once, after the sum.",
        ),
        Mistake(lambda x, w, b: (x * w).mean(dim=1) + b, "That is the mean of the products. A neuron takes their sum."),
        Mistake(
            lambda x, w, b: x * w + b,
            "You have the products, one for each input. Sum them over the inputs: `dim=1`.",
        ),
        Mistake(lambda x, w, b: (x * w).sum(dim=0) + b, "You summed over the rows. Sum over the inputs: `dim=1`."),
        Mistake(lambda x, w, b: (x * w).sum() + b, "You summed over everything. One number is wanted for each row."),
        Mistake(
            lambda x, w, b: w[0] * x[:, 0] + w[1] * x[:, 1] + b,
            "That is right for two inputs. There may be more: `x * w` takes them all, or `x @ w`.",
        ),
        Mistake(lambda x, w, b: torch.sigmoid(x @ w + b), "No bend yet: only the weighted sum."),
    ),
    hints=(
        "One row first: each number times its weight, all summed, plus b.",
        "`x * w` multiplies every row by the weights; or `x @ w` multiplies and sums at once.",
        "`return x @ w + b`",
    ),
)


def inputs_and_layer(generator: torch.Generator) -> list[tuple[Tensor, Tensor, Tensor]]:
    """x: (B, D), W: (H, D), b: (H,)."""
    sizes = ((1, 2, 3), (5, 3, 2), (4, 1, 6), (3, 4, 4))
    return [
        (
            torch.randn(B, D, generator=generator),
            torch.randn(H, D, generator=generator),
            torch.randn(H, generator=generator),
        )
        for B, D, H in sizes
    ]


layer = FunctionExercise(
    lesson="01",
    reference=feedforward.layer,
    cases=inputs_and_layer,
    result="H numbers for each row, shape (B, H)",
    gradients=True,
    shape_tip="x is (B, D) and W is (H, D), one row of weights a neuron: `W.T` is (D, H), so `x @ W.T` is (B, H).",
    variants=(
        lambda x, W, b: torch.stack([x @ w + c for w, c in zip(W, b, strict=True)], dim=1),
        torch.nn.functional.linear,
    ),
    mistakes=(
        Mistake(
            lambda x, W, b: x @ W.reshape(W.shape[1], W.shape[0]) + b,
            "The shapes fit, but reshape and view only cut the row of numbers elsewhere. To exchange rows and columns "
            "write W.T.",
        ),
        Mistake(lambda x, W, b: x @ W.T, "The biases are missing: + b."),
        Mistake(lambda x, W, b: x @ W.T + b.sum(), "You added all biases to every neuron. Each has its own: + b."),
        Mistake(lambda x, W, b: torch.relu(x @ W.T + b), "No bend yet: only the weighted sums. relu comes later."),
        Mistake(lambda x, W, b: (x @ W.T + b).T, "That is (H, B). Rows stay rows: (B, H)."),
        Mistake(lambda x, W, b: x @ W.T * b, "The biases are added, not multiplied."),
    ),
    hints=(
        "A layer is H neurons side by side: row i of W and b[i] belong to neuron i.",
        "Which product of two matrices has a neuron's sum in each place? Look at the shapes: (B, D) and (D, H).",
        "`return x @ W.T + b`",
    ),
)


def weights_only(sizes: Sequence[int]) -> int:
    """Biases left out."""
    return sum(n * m for n, m in itertools.pairwise(sizes))


def biases_of_inputs_too(sizes: Sequence[int]) -> int:
    """A bias for every number, those of the input included."""
    return weights_only(sizes) + sum(sizes)


def one_bias_a_layer(sizes: Sequence[int]) -> int:
    """One bias for a whole layer."""
    return weights_only(sizes) + len(sizes) - 1


def units_only(sizes: Sequence[int]) -> int:
    """The units counted, not what joins them."""
    return sum(sizes[1:])


parameter_count = FunctionExercise(
    lesson="01",
    name="parameter_count",
    reference=feedforward.mlp_parameter_count,
    cases=lambda generator: [([2, 16, 2],), ([4, 3],), ([64, 32, 32, 10],), ([1, 1, 1, 1],), ([784, 100, 10],)],
    result="how many numbers the network learns, a whole number",
    tolerance=1e-9,
    variants=(lambda sizes: sum((n + 1) * m for n, m in itertools.pairwise(sizes)),),
    mistakes=(
        Mistake(weights_only, "Those are the weights. Each unit has a bias as well."),
        Mistake(biases_of_inputs_too, "You gave the inputs biases too. They are given, and learn nothing."),
        Mistake(one_bias_a_layer, "You counted one bias for a whole layer. Each of its units has one."),
        Mistake(
            lambda sizes: sizes[0] * sizes[1] + sizes[1] + sizes[1] * sizes[2] + sizes[2],
            "That is right for three sizes. A list of any length should do: a loop over neighbouring sizes.",
        ),
        Mistake(units_only, "Those are the units. Count the numbers of W and b between two layers."),
        Mistake(
            lambda sizes: math.prod(sizes), "That is the product of all sizes. Layers are added, one after the other."
        ),
    ),
    hints=(
        "From n numbers to m units: how many weights, how many biases?",
        "n · m weights and m biases. Then sum over neighbouring sizes: `zip(sizes[:-1], sizes[1:])`.",
        "`return sum(n * m + m for n, m in zip(sizes[:-1], sizes[1:]))`",
    ),
)

two_layers = ChoiceQuestion(
    lesson="01",
    name="two_layers",
    question="Two layers, one after the other, and no bend between them. Which border can they draw?",
    choices=("one straight line", "two straight lines", "any curve, if the layers are wide enough"),
    answer="one straight line",
    says={
        "two straight lines": "Each unit of the first layer has a line of its own, but the second only adds them up.",
        "any curve, if the layers are wide enough": "Width does not help: sums of sums are sums.",
    },
    why="A weighted sum of weighted sums is a weighted sum. The bend between the layers makes the difference.",
)
