"""Lesson 04: the partition function, and the gradient of contrastive divergence."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion
from course_utils.nn.boltzmann import all_states


def log_of_z(W: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """log Z: the logarithm of the sum of exp(−E(v, h)) over all pairs, with all hidden states listed.

    Args:
        W: (H, V), H small.
        a: (V,) visible biases.
        b: (H,) hidden biases.

    Returns:
        A scalar tensor.
    """
    h = all_states(len(b)).to(W)  # (2 ** H, H)
    return (h @ b + functional.softplus(h @ W + a).sum(-1)).logsumexp(0)


def weights_and_biases(generator: torch.Generator) -> list[tuple[Tensor, Tensor, Tensor]]:
    """W: (H, V), a: (V,), b: (H,)."""
    cases = [
        (
            torch.randn(H, V, generator=generator),
            torch.randn(V, generator=generator),
            torch.randn(H, generator=generator),
        )
        for H, V in ((1, 2), (2, 3), (3, 2), (4, 5))
    ]
    large = torch.tensor([[60.0, 70.0], [-80.0, 20.0]])  # exp of an energy is infinite in 32 bits
    biases = torch.tensor([0.5, -1.0]), torch.tensor([1.0, 0.25])
    return [*cases, (large, *biases), (20 * large, *biases)]  # the last beyond 64 bits too


def all_pairs(W: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """−E of all pairs: (2 ** H, 2 ** V)."""
    h, v = all_states(len(b)).to(W), all_states(len(a)).to(W)
    return (h @ b)[:, None] + v @ a + h @ W @ v.T


log_z = FunctionExercise(
    lesson="04",
    name="log_z",
    reference=log_of_z,
    cases=weights_and_biases,
    result="a scalar tensor",
    variants=(
        lambda W, a, b: all_pairs(W, a, b).flatten().logsumexp(0),
        lambda W, a, b: (
            all_states(len(a)).to(W) @ a + functional.softplus(all_states(len(a)).to(W) @ W.T + b).sum(-1)
        ).logsumexp(0),
    ),
    mistakes=(
        Mistake(
            lambda W, a, b: all_pairs(W, a, b).exp().sum().log(),
            "Right for small weights. With larger ones exp is infinite: stay with logarithms, `logsumexp`.",
        ),
        Mistake(
            lambda W, a, b: all_pairs(W, a, b).neg().flatten().logsumexp(0),
            "The sign: the sum is of exp(−E), so what `logsumexp` gets is −E = h·b + a·v + hᵀWv.",
        ),
        Mistake(
            lambda W, a, b: all_pairs(W, a, b).sum(),
            "You add the energies. Z adds their exponentials, exp(−E).",
        ),
        Mistake(
            lambda W, a, b: all_pairs(W, a, b).flatten().logsumexp(0).exp(),
            "That is Z itself, which soon is too large for a number. Its *logarithm* is wanted.",
        ),
        Mistake(
            lambda W, a, b: all_pairs(W, a, b)[:, -1].logsumexp(0),
            "You sum over the hidden states of one visible state. Z is a sum over all *pairs*.",
        ),
        Mistake(
            lambda W, a, b: all_pairs(W, a, b).max(),
            "That is the largest of the terms alone, as if the most probable pair were the only one.",
        ),
        Mistake(
            lambda W, a, b: all_pairs(W, 0 * a, b).flatten().logsumexp(0),
            "The visible biases are missing.",
        ),
        Mistake(
            lambda W, a, b: all_pairs(W, a, 0 * b).flatten().logsumexp(0),
            "The hidden biases are missing.",
        ),
        Mistake(
            lambda W, a, b: all_pairs(W, a, b)[1:].flatten().logsumexp(0),
            "The state in which all hidden units are 0 counts too: its energy −a·v is as good as another.",
        ),
    ),
    hints=(
        "List the 2 ** H hidden states with `all_states(H)`. For each of them, the sum over all visible states is a "
        "product, as in the free energy.",
        "Of one h: −F(h) = h·b + Σ_i log(1 + exp(a_i + (hW)_i)), with `softplus`. Then `logsumexp` over all h.",
        "`return (h @ b + torch.nn.functional.softplus(h @ W + a).sum(-1)).logsumexp(0)`",
    ),
)


def weight_gradient(v: Tensor, chains: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """The gradient of contrastive divergence by W: mean of −p(h | v) vᵀ over data, minus the same over chains.

    Args:
        v: (N, V) data, the positive phase.
        chains: (M, V) where chains of Gibbs sampling came to, the negative phase.
        W: (H, V).
        b: (H,) hidden biases.

    Returns:
        (H, V): what gradient descent subtracts, times the learning rate.
    """
    positive = torch.sigmoid(v @ W.T + b).T @ v / len(v)
    negative = torch.sigmoid(chains @ W.T + b).T @ chains / len(chains)
    return negative - positive


def data_and_chains(generator: torch.Generator) -> list[tuple[Tensor, ...]]:
    """v: (N, V), chains: (M, V), W: (H, V), b: (H,)."""
    return [
        (
            torch.randint(2, (N, V), generator=generator).float(),
            torch.randint(2, (M, V), generator=generator).float(),
            torch.randn(H, V, generator=generator),
            torch.randn(H, generator=generator),
        )
        for N, M, V, H in ((3, 3, 2, 2), (5, 2, 3, 4), (2, 6, 4, 3), (4, 4, 3, 3))
    ]


def phase(v: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """The mean of p(h | v) vᵀ: (H, V)."""
    return torch.sigmoid(v @ W.T + b).T @ v / len(v)


def product_of_means(v: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """The mean of p(h | v), times the mean of v: (H, V)."""
    return torch.outer(torch.sigmoid(v @ W.T + b).mean(0), v.mean(0))


def decided(v: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """The mean of h vᵀ, each h the more probable state: (H, V)."""
    return (torch.sigmoid(v @ W.T + b) > 0.5).to(v).T @ v / len(v)


positive_and_negative = FunctionExercise(
    lesson="04",
    name="positive_and_negative",
    reference=weight_gradient,
    cases=data_and_chains,
    result="the gradient by W, shape (H, V)",
    shape_tip="(H, N) @ (N, V) is (H, V): `p.T @ v`, with p the hidden probabilities, (N, H).",
    variants=(
        lambda v, chains, W, b: (
            torch.einsum("mh,mv->hv", (chains @ W.T + b).sigmoid(), chains) / len(chains)
            - torch.einsum("nh,nv->hv", (v @ W.T + b).sigmoid(), v) / len(v)
        ),
        lambda v, chains, W, b: phase(chains, W, b) - phase(v, W, b),
    ),
    mistakes=(
        Mistake(
            lambda v, chains, W, b: phase(v, W, b) - phase(chains, W, b),
            "The phases are exchanged. That is the direction to go *up* the likelihood; a gradient that descent "
            "subtracts is its negative: chains minus data. As you have it, the data become less and less probable.",
        ),
        Mistake(
            lambda v, chains, W, b: phase(chains, W, b) * len(chains) - phase(v, W, b) * len(v),
            "Those are sums over the rows. Take the mean of each phase, or the step grows with the batch, and more "
            "chains than data would count more.",
        ),
        Mistake(
            lambda v, chains, W, b: phase(chains, W, b) * len(chains) / len(v) - phase(v, W, b),
            "Both phases are divided by the number of data. Divide each by its own number of rows.",
        ),
        Mistake(
            lambda v, chains, W, b: (phase(chains, W, b) - phase(v, W, b)) / W.numel(),
            "You divide by the number of weights as well (a `.mean()` over everything?). The mean is over the rows "
            "alone.",
        ),
        Mistake(
            lambda v, chains, W, b: phase(chains, W, 0 * b) - phase(v, W, 0 * b),
            "The hidden bias is missing in the probabilities: sigmoid(v Wᵀ + b).",
        ),
        Mistake(
            lambda v, chains, W, b: phase(chains, W, b),
            "Only the negative phase: nothing draws the machine to the data.",
        ),
        Mistake(
            lambda v, chains, W, b: product_of_means(chains, W, b) - product_of_means(v, W, b),
            "You multiply the mean of p by the mean of v. Wanted is the mean of the *products*, one for each row: "
            "units that are 1 together.",
        ),
        Mistake(
            lambda v, chains, W, b: decided(chains, W, b) - decided(v, W, b),
            "You decide each hidden unit (p > 0.5). The gradient holds the *probabilities* themselves.",
        ),
        Mistake(
            lambda v, chains, W, b: -phase(v, W, b),
            "Only the positive phase: every weight would grow without end. The negative phase takes back what the "
            "machine believes in anyway.",
        ),
        Mistake(
            lambda v, chains, W, b: (phase(chains, W, b) - phase(v, W, b)).T,
            "That is (V, H). W is (H, V), and so is its gradient.",
        ),
        Mistake(
            lambda v, chains, W, b: (chains @ W.T + b).T @ chains / len(chains) - (v @ W.T + b).T @ v / len(v),
            "You use the inputs of the hidden units. The gradient holds their *probabilities*, sigmoid of it.",
        ),
    ),
    hints=(
        "The gradient of F(v) by W is −p(h = 1 | v) vᵀ. Data pull it one way, chains the other.",
        "For all rows together: `p.T @ v / len(v)`, with p = sigmoid(v Wᵀ + b) of shape (N, H).",
        "`return negative - positive`, each a mean over its own rows",
    ),
)

which_way = ChoiceQuestion(
    lesson="04",
    name="which_way",
    question="When does the gradient of CD-1 point most nearly where the exact gradient points?",
    choices=(
        "at the beginning, with small weights",
        "at the end, when the machine has learned the patterns",
        "it is equally far off at all times",
    ),
    answer="at the beginning, with small weights",
    says={
        "at the end, when the machine has learned the patterns": "With large weights a chain hardly leaves the pattern "
        "that it begins at, and one step tells little of what the machine believes elsewhere.",
        "it is equally far off at all times": "Look at the first and the last look in the table.",
    },
    why="With small weights a chain forgets its start in a step or two; with large ones it stays where it began.",
)
