"""Lesson 09: the echo state network and the hidden Markov model."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.exercises.engine.questions import NumberQuestion
from course_utils.models import hidden_markov
from course_utils.nn import echo_state


def readouts(generator: torch.Generator) -> list[Arguments]:
    """States (N, H), targets (N, O) and a penalty that matters, in double precision; never more states than steps."""
    sizes = ((6, 2, 1, 0.5), (20, 5, 3, 2.0), (8, 8, 2, 0.1), (9, 7, 2, 3.0))
    return [
        (
            torch.randn(N, H, generator=generator, dtype=torch.float64),
            torch.randn(N, O, generator=generator, dtype=torch.float64),
            penalty,
        )
        for N, H, O, penalty in sizes  # noqa: E741
    ]


def solved(gram: Callable[[Tensor, float], Tensor]) -> Callable[[Tensor, Tensor, float], Tensor]:
    """The read-out that solves some matrix of states and penalty for states · targets."""
    return lambda states, targets, penalty: torch.linalg.solve(gram(states, penalty), states.T @ targets)


def diagonal(like: Tensor, size: int, value: float) -> Tensor:
    """value · identity, of the dtype of another tensor."""
    return value * torch.eye(size, dtype=like.dtype)


ridge_readout = FunctionExercise(
    lesson="09",
    reference=echo_state.ridge_readout,
    cases=readouts,
    result="the weights of the read-out, shape (H, O)",
    tolerance=1e-4,
    shape_tip="`states.T @ states` is (H, H), `states.T @ targets` (H, O). In `torch.linalg.solve(A, B)` A is square.",
    variants=(
        solved(lambda states, penalty: states.T @ states + diagonal(states, states.shape[1], penalty)),
        lambda states, targets, penalty: (
            states.T @ torch.linalg.solve(states @ states.T + diagonal(states, len(states), penalty), targets)
        ),
        lambda states, targets, penalty: (
            torch.linalg.inv(states.T @ states + diagonal(states, states.shape[1], penalty)) @ states.T @ targets
        ),
    ),
    mistakes=(
        Mistake(
            lambda states, targets, penalty: torch.linalg.pinv(states) @ targets,
            "The penalty is missing: this is the least squared error alone. Add `penalty * torch.eye(H)` to SᵀS.",
        ),
        Mistake(
            lambda states, targets, penalty: torch.linalg.solve(
                states @ states.T + diagonal(states, len(states), penalty), targets
            ),
            "You solve an equation of N × N, one unknown a step. The unknowns are H weights: `states.T @ states`.",
        ),
        Mistake(
            solved(lambda states, penalty: states.T @ states + penalty),
            "`+ penalty` adds it to every entry. It belongs on the diagonal: times `torch.eye(H)`.",
        ),
        Mistake(
            lambda states, targets, penalty: echo_state.ridge_readout(states, targets, penalty).T,
            "The numbers are right, and the shape is (O, H). We want (H, O): `states @ weights` is the output.",
        ),
        Mistake(
            solved(
                lambda states, penalty: states.T @ states / len(states) + diagonal(states, states.shape[1], penalty)
            ),
            "You took the mean over the steps on one side and the sum on the other. Take the sum on both.",
        ),
        Mistake(
            lambda states, targets, penalty: echo_state.ridge_readout(states, targets, penalty * len(states)),
            "The penalty counts N times: that is for the mean of the squared errors. Here it stands beside their sum.",
        ),
        Mistake(
            lambda states, targets, penalty: (
                (states.T @ states + diagonal(states, states.shape[1], penalty)) ** -1 @ states.T @ targets
            ),
            "`** -1` inverts each entry by itself. The inverse of a matrix is `torch.linalg.inv(A)`; better, "
            "`torch.linalg.solve(A, B)`.",
        ),
        Mistake(
            lambda states, targets, penalty: echo_state.ridge_readout(states, targets, penalty**2),
            "The penalty is squared. It stands on the diagonal as it is.",
        ),
        Mistake(
            solved(lambda states, penalty: states.T @ states - diagonal(states, states.shape[1], penalty)),
            "The sign: the penalty is *added*. It makes the matrix larger and the weights smaller.",
        ),
    ),
    hints=(
        "Which weights make |states · w − targets|² + penalty · |w|² least? Set its gradient to 0.",
        "(SᵀS + penalty · 1) w = Sᵀ · targets, where 1 is `torch.eye(H)`. SᵀS is `states.T @ states`.",
        "`torch.linalg.solve(states.T @ states + penalty * torch.eye(H, dtype=states.dtype), states.T @ targets)`",
    ),
)


def beliefs(generator: torch.Generator) -> list[Arguments]:
    """Messages (B, K), transitions (K, K) and emissions (B, K) of several sizes, B = K among them."""
    found: list[Arguments] = []
    for B, K in ((1, 2), (3, 3), (4, 2), (2, 5)):
        alpha, emission = torch.rand(2, B, K, generator=generator, dtype=torch.float64)
        transition = torch.rand(K, K, generator=generator, dtype=torch.float64)
        found.append((alpha / alpha.sum() / 2, transition / transition.sum(dim=1, keepdim=True), emission))
    return found


forward_step = FunctionExercise(
    lesson="09",
    reference=hidden_markov.forward_step,
    cases=beliefs,
    result="the message after the step, shape (B, K)",
    shape_tip="alpha is (B, K), transition (K, K): `alpha @ transition` is (B, K), and so is emission.",
    variants=(
        lambda alpha, transition, emission: torch.einsum("bi,ij,bj->bj", alpha, transition, emission),
        lambda alpha, transition, emission: (transition.T @ alpha.T).T * emission,
    ),
    mistakes=(
        Mistake(
            lambda alpha, transition, emission: (alpha @ transition.T) * emission,
            "transition[i, j] goes *from* i to j, and you sum over where it goes. Sum over where it comes from: "
            "alpha @ transition.",
        ),
        Mistake(
            lambda alpha, transition, emission: (alpha * emission) @ transition,
            "First the state moves, then it shows a symbol: the emission belongs to the state after the step.",
        ),
        Mistake(
            lambda alpha, transition, emission: alpha @ transition,
            "The state has moved, and what was seen is not used: times `emission`.",
        ),
        Mistake(
            lambda alpha, transition, emission: torch.nn.functional.normalize(
                (alpha @ transition) * emission, p=1, dim=-1
            ),
            "You divide by the sum. Here alpha is the probability of being in j *and* of all that was seen; its sum is "
            "the likelihood, which would be lost.",
        ),
        Mistake(
            lambda alpha, transition, emission: ((alpha * emission) @ transition) * emission,
            "The emission counts twice. It belongs to the symbol just seen, after the step: `alpha` holds the earlier "
            "ones.",
        ),
        Mistake(
            lambda alpha, transition, emission: ((alpha @ transition) * emission).log(),
            "The numbers are right, and you took their logarithm. Here alpha stays a probability.",
        ),
        Mistake(
            lambda alpha, transition, emission: alpha @ transition + emission,
            "Both must happen, the way to j and the symbol there: their probabilities multiply.",
        ),
        Mistake(
            lambda alpha, transition, emission: (alpha[:, :, None] * transition).amax(dim=1) * emission,
            "That is the best way to j alone (Viterbi). The forward step *sums* over all ways.",
        ),
        Mistake(
            lambda alpha, transition, emission: alpha * emission,
            "The state has not moved. If you did use `transition`, you summed over where it goes, and a row sums to 1: "
            "sum over where it comes from, `alpha @ transition`.",
        ),
    ),
    hints=(
        "In which ways can the model come to state j? And what must happen when it is there?",
        "From each i with alpha[i] · transition[i, j]; the sum over i is a matrix product. Then j shows the symbol.",
        "`(alpha @ transition) * emission`",
    ),
)

states_needed = NumberQuestion(
    lesson="09",
    name="states_needed",
    answer=4,
    unit="states",
    tolerance=0.0,
    mistakes={
        2.0: "2 *bits* are needed. Two units are on or off in four ways, but a hidden Markov model is in *one* state.",
        5.0: "The fifth would be for “nothing seen yet”. The question is what holds the symbol *after* it was seen.",
        8.0: "Eight would be one to show each symbol, and one to hold it. The question is what holds it.",
        16.0: "Sixteen would hold two symbols, one after the other. The question is one symbol.",
    },
    why=(
        "One for each symbol, since the state is all that goes on to the next step. n bits take 2ⁿ states, and n units "
        "that are on or off."
    ),
)

echo_holds = NumberQuestion(
    lesson="09",
    name="echo_holds",
    answer=0.9**100,
    tolerance=0.15,
    mistakes={
        -4.6: "That is the power of ten. The question is the share itself: 10 to the power of −4.6.",
        0.9: "That is left after one step. Each of the hundred steps multiplies by 0.9.",
        90.0: "A hundred steps multiply a hundred times: 0.9 to the power of 100, not 0.9 times 100.",
        1 - 0.9**100: "That is what is lost. The question is what is left.",
        0.1**100: "Each step *keeps* 0.9 and loses 0.1. What is left is 0.9 to the power of 100.",
        0.9 / 100: "Each step multiplies by 0.9; nothing is divided by 100.",
    },
    why="A read-out must multiply it by nearly 38,000, and with it whatever the distractors have left on the same way.",
)
