"""Lesson 06: first weights of a given radius, and questions about what helps."""

from __future__ import annotations

import torch

from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion
from course_utils.nn import gradients


def matrices_and_radii(generator: torch.Generator) -> list[Arguments]:
    """Matrices with real and with complex eigenvalues, and the radius wanted."""
    turn = torch.tensor([[0.0, -2.0], [2.0, 0.0]], dtype=torch.float64)
    found: list[Arguments] = [
        (torch.randn(H, H, generator=generator, dtype=torch.float64), radius)
        for H, radius in ((2, 0.9), (5, 1.0), (8, 1.3))
    ]
    mirrored = torch.tensor([[-3.0, 1.0], [0.0, 1.0]], dtype=torch.float64)
    return [(turn, 0.5), (mirrored, 0.9), (turn, 3.0), *found]


scaled_to_radius = FunctionExercise(
    lesson="06",
    reference=gradients.scaled_to_radius,
    cases=matrices_and_radii,
    result="W times a number, with that spectral radius, shape (H, H)",
    variants=(
        lambda W, radius: radius * W / gradients.spectral_radius(W),
        lambda W, radius: W / max(abs(value) for value in torch.linalg.eigvals(W)) * radius,
    ),
    mistakes=(
        Mistake(
            lambda W, radius: W * (radius / torch.linalg.matrix_norm(W, 2)),
            "You divide by the largest singular value: that makes the largest *stretch* equal to radius. "
            "The spectral radius "
            "is the largest |eigenvalue|.",
        ),
        Mistake(
            lambda W, radius: W * (radius / torch.linalg.norm(W)),
            "You divide by the Frobenius norm. The spectral radius is the largest |eigenvalue|: "
            "`torch.linalg.eigvals(W).abs().max()`.",
        ),
        Mistake(
            lambda W, radius: W * (radius / torch.linalg.eigvals(W).real.max()),
            "You take the largest *real part*. An eigenvalue may be complex, or negative: its size is `.abs()`.",
        ),
        Mistake(
            lambda W, radius: W * (radius / torch.linalg.eigvals(W).real.abs().max()),
            "You take the real part of each eigenvalue. One that is complex has the size `.abs()`, its "
            "imaginary part included.",
        ),
        Mistake(
            lambda W, radius: W * (radius / torch.linalg.eigvalsh(W).abs().max()),
            "`eigvalsh` is for symmetric matrices, and looks at one half of W alone. Take `torch.linalg.eigvals`.",
        ),
        Mistake(
            lambda W, radius: W * (radius / torch.linalg.eigvals(W).sum().abs()),
            "You divide by the sum of the eigenvalues. The spectral radius is the *largest* of their sizes.",
        ),
        Mistake(
            lambda W, radius: W * (radius / torch.linalg.eigvals(W).abs().mean()),
            "You divide by the mean size of the eigenvalues. The spectral radius is the *largest* of their sizes.",
        ),
        Mistake(
            lambda W, radius: W + (radius - torch.linalg.eigvals(W).abs().max()) * torch.eye(len(W), dtype=W.dtype),
            "You shift every eigenvalue by the same amount. Multiply W by a number, which multiplies them all.",
        ),
        Mistake(
            lambda W, radius: W * radius,
            "That multiplies the spectral radius W has by radius. Divide by the one it has first.",
        ),
        Mistake(
            lambda W, radius: W / torch.linalg.eigvals(W).abs().max(),
            "Now the spectral radius is 1. Multiply by the one that is wanted.",
        ),
        Mistake(
            lambda W, radius: W * (radius / W.abs().max()),
            "You divide by the largest entry. The spectral radius is the largest |eigenvalue|: "
            "`torch.linalg.eigvals(W)`.",
        ),
    ),
    hints=(
        "If W is multiplied by a number, so are its eigenvalues. What is the largest |eigenvalue| now, "
        "and what should it be?",
        "`torch.linalg.eigvals(W)` gives the eigenvalues, complex ones too; `.abs()` gives their size.",
        "`W * (radius / torch.linalg.eigvals(W).abs().max())`",
    ),
)

adding_chance = NumberQuestion(
    lesson="06",
    name="adding_chance",
    answer=round(1 / 6, 4),
    tolerance=0.04,
    unit="(mean squared error)",
    mistakes={
        1
        / 12: "1/12 is the variance of one number between 0 and 1. Two of them are added, and their variances add up.",
        0.5: "The best constant answer is 1, the mean of the sum. Its mean squared error is the variance of the sum.",
        1.0: "1 is the best constant answer. We want its mean squared error: the variance of the sum.",
        1 / 3: "1/3 is the mean of the square of one number. Take the variance, 1/12 each, and add the two.",
        0.25: "The two numbers spread over 0 to 1, each with the variance 1/12; the variances of the two add up.",
    },
    why="The best constant answer is the mean, 1; its error is the variance of a sum of two uniform "
    "numbers, 1/12 + 1/12.",
)

river_question = ChoiceQuestion(
    lesson="06",
    name="river_question",
    question="The loss stays near the baseline. Where does the gradient of W_hh come from meanwhile?",
    choices=(
        "from all steps alike",
        "from the steps where the numbers were marked",
        "from the last few steps",
        "there is none: it is zero",
    ),
    answer="from the last few steps",
    says={
        "from all steps alike": (
            "Each part has travelled back through the product, and it shrinks on the way: the last few steps dominate."
        ),
        "from the steps where the numbers were marked": (
            "That is where it should come from. But most of those steps lie far back, and their parts drown."
        ),
        "there is none: it is zero": (
            "The whole gradient is not zero: the line below the bars gives its norm. It comes from the wrong place."
        ),
    },
    why="A large gradient need not come from far back.",
)

identity_question = ChoiceQuestion(
    lesson="06",
    name="identity_question",
    question="Inputs so small that tanh is hardly bent: with which matrix is all of a gradient left after 100 steps?",
    choices=(
        "the random one, scaled to the spectral radius 1",
        "the identity alone",
        "the identity and the orthogonal one",
        "all three",
    ),
    answer="the identity and the orthogonal one",
    says={
        "the random one, scaled to the spectral radius 1": (
            "Its largest |eigenvalue| is 1 and the others are smaller: what does not lie in that direction fades."
        ),
        "the identity alone": "The identity does. So does every orthogonal matrix: all its singular values are 1.",
        "all three": (
            "Not the random one: its other eigenvalues are smaller than 1, and what lies in their directions fades."
        ),
    },
    why="Both stretch every vector by exactly 1. How much tanh takes when it is bent is another question.",
)

inside_networks = ChoiceQuestion(
    lesson="06",
    name="inside_networks",
    question="In a linear network B is harmless after two steps, and D explodes. And here, over 60 steps?",
    choices=(
        "as in the linear network",
        "B with ReLU explodes, D with tanh explodes too",
        "B with ReLU explodes, D with tanh does not",
        "neither of them explodes",
    ),
    answer="B with ReLU explodes, D with tanh does not",
    says={
        "as in the linear network": "It is the other way round: ReLU lets B explode, and tanh keeps D from it.",
        "B with ReLU explodes, D with tanh explodes too": (
            "B does. D does not: where its states grow, they come to the flat part of tanh, where the slope is small."
        ),
        "neither of them explodes": "B does: ReLU switches off the unit that would have cancelled the other.",
    },
    why="ReLU takes away what would have cancelled; tanh, here, flattens what would have exploded.",
)

left_at_100 = NumberQuestion(lesson="06", name="left_at_100", unit="as a power of ten", tolerance=0.0, prediction=True)
