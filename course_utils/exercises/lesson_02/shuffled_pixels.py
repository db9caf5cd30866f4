"""Lesson 02: pixels in another order, and what convolutional and plain networks make of them."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion
from course_utils.nn import picture_nets


def images_and_permutation(generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """images: (N, H, W), permutation: (H · W,)."""
    sizes = ((3, 2, 3), (5, 4, 4), (2, 6, 5))
    return [
        (torch.randn(N, H, W, generator=generator), torch.randperm(H * W, generator=generator)) for N, H, W in sizes
    ]


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
                [image.flatten()[permutation.roll(index)].view_as(image) for index, image in enumerate(images)]
            ),
            "Every image got an order of its own. Then nothing can be learned; the order must be one and the same.",
        ),
    ),
    hints=(
        "`images.flatten(1)` makes a row of pixels from each image, (N, H · W).",
        "Index the columns with the permutation, the same for all rows.",
        "`return images.flatten(1)[:, permutation].view_as(images)`",
    ),
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

# Answered by what the lesson measures.
cnn_digits = NumberQuestion(lesson="02", name="cnn_digits", tolerance=0.0, within=0.01, prediction=True)

mlp_digits = NumberQuestion(lesson="02", name="mlp_digits", tolerance=0.0, within=0.01, prediction=True)

cnn_shuffled = NumberQuestion(lesson="02", name="cnn_shuffled", tolerance=0.0, within=0.02, prediction=True)

moved_digits = NumberQuestion(lesson="02", name="moved_digits", tolerance=0.0, within=0.07, prediction=True)
