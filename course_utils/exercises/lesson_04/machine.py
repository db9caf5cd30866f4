"""Lesson 04: energy, the chances of a layer, a step of Gibbs sampling, and the free energy."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion

BOTH_BIASES = "a biases the visible units and b the hidden ones"


def energy_of_pairs(v: Tensor, h: Tensor, W: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """E(v, h) = −a·v − b·h − hᵀWv of each pair.

    Args:
        v: (B, V) visible states, 0 or 1.
        h: (B, H) hidden states, 0 or 1.
        W: (H, V).
        a: (V,) visible biases.
        b: (H,) hidden biases.

    Returns:
        (B,)
    """
    return -(v @ a) - h @ b - ((v @ W.T) * h).sum(-1)


def states_and_weights(generator: torch.Generator) -> list[tuple[Tensor, ...]]:
    """v: (B, V), h: (B, H), W: (H, V), a: (V,), b: (H,)."""
    return [
        (
            torch.randint(2, (B, V), generator=generator).float(),
            torch.randint(2, (B, H), generator=generator).float(),
            torch.randn(H, V, generator=generator),
            torch.randn(V, generator=generator),
            torch.randn(H, generator=generator),
        )
        for B, V, H in ((2, 2, 3), (4, 3, 2), (5, 4, 4), (1, 3, 3))
    ]


pair_energy = FunctionExercise(
    lesson="04",
    name="pair_energy",
    reference=energy_of_pairs,
    cases=states_and_weights,
    result="an energy for each pair, shape (B,)",
    variants=(
        lambda v, h, W, a, b: -torch.einsum("bh,hv,bv->b", h, W, v) - (v * a).sum(1) - (h * b).sum(1),
        lambda v, h, W, a, b: -((h @ W + a) * v).sum(-1) - (h * b).sum(-1),
    ),
    mistakes=(
        Mistake(
            lambda v, h, W, a, b: -energy_of_pairs(v, h, W, a, b),
            "The sign: that is large for *probable* pairs. Energy is low where a pair is probable, so all three terms "
            "have a minus.",
        ),
        Mistake(
            lambda v, h, W, a, b: -((v @ W.T) * h).sum(-1),
            f"Both biases are missing: {BOTH_BIASES}. Without them each unit would want to be 1 in half of its states.",
        ),
        Mistake(
            lambda v, h, W, a, b: energy_of_pairs(v, h, W, 0 * a, b),
            "The visible bias is missing: − a·v.",
        ),
        Mistake(
            lambda v, h, W, a, b: energy_of_pairs(v, h, W, a, 0 * b),
            "The hidden bias is missing: − b·h.",
        ),
        Mistake(
            lambda v, h, W, a, b: v @ a + h @ b - ((v @ W.T) * h).sum(-1),
            "The biases have the wrong sign: a positive bias *lowers* the energy of a unit that is 1.",
        ),
        Mistake(
            lambda v, h, W, a, b: -(v @ a) - h @ b + ((v @ W.T) * h).sum(-1),
            "The weights have the wrong sign: a positive weight *lowers* the energy where both of its units are 1.",
        ),
        Mistake(
            lambda v, h, W, a, b: energy_of_pairs(v, h, W, a, b).sum(),
            "You add up the batch. Each pair has its own energy: (B,).",
        ),
        Mistake(
            lambda v, h, W, a, b: -(v @ a) - h @ b - (v @ W.T @ h.T).sum(-1),
            "`v @ W.T @ h.T` pairs each v with *every* h of the batch. Multiply `v @ W.T` and h entry by entry, then "
            "add up.",
        ),
        Mistake(
            lambda v, h, W, a, b: (-energy_of_pairs(v, h, W, a, b)).exp(),
            "That is exp(−E), a weight without its sum Z. Here the energy itself is wanted.",
        ),
    ),
    hints=(
        "Three terms, each with a minus: visible bias, hidden bias, and the weights between units that are both 1.",
        "`v @ W.T` is (B, H): what the visible units say to each hidden one. Only those that are 1 count: times h.",
        "`return -(v @ a) - h @ b - ((v @ W.T) * h).sum(-1)`",
    ),
)


def chances_of_hidden(v: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """The probability of each hidden unit to be 1, given the visible ones: sigmoid(b + Wv).

    Args:
        v: (B, V) visible states, 0 or 1.
        W: (H, V).
        b: (H,) hidden biases.

    Returns:
        (B, H)
    """
    return torch.sigmoid(v @ W.T + b)


hidden_chances = FunctionExercise(
    lesson="04",
    name="hidden_chances",
    reference=chances_of_hidden,
    cases=lambda generator: [
        *((v, W, b) for v, _, W, _, b in states_and_weights(generator)),
        (torch.ones(2, 3), torch.full((2, 3), -300.0), torch.tensor([0.5, 1.0])),  # exp of minus the input is infinite
        (torch.ones(2, 3), torch.full((2, 3), 300.0), torch.tensor([0.5, 1.0])),  # exp of the input is infinite
    ],
    result="a probability for each hidden unit, shape (B, H)",
    variants=(
        lambda v, W, b: functional.linear(v, W, b).sigmoid(),
        lambda v, W, b: 0.5 * (1 + torch.tanh((v @ W.T + b) / 2)),
    ),
    mistakes=(
        Mistake(
            lambda v, W, b: torch.sigmoid(v @ W.T),
            "The hidden bias b is missing: it says how often a unit is 1 when nothing speaks to it.",
        ),
        Mistake(
            lambda v, W, b: torch.sigmoid(-(v @ W.T + b)),
            "That is the probability to be *0*. Being 1 changes the energy by −(b + Wv), and low energy is probable: "
            "two minus signs cancel.",
        ),
        Mistake(
            lambda v, W, b: (v @ W.T + b).softmax(-1),
            "Softmax makes the units share one probability, so that just one could be 1. Each unit is drawn for "
            "itself: sigmoid.",
        ),
        Mistake(
            lambda v, W, b: v @ W.T + b,
            "That is the input of each unit. Its probability is the sigmoid of it.",
        ),
        Mistake(
            lambda v, W, b: (v @ W.T + b).exp(),
            "exp(b + Wv) compares 1 with 0: these are odds. The probability is odds / (1 + odds), the sigmoid.",
        ),
        Mistake(
            lambda v, W, b: (v @ W.T + b).exp() / (1 + (v @ W.T + b).exp()),
            "The formula is right, and exp is infinite for large inputs: infinite / infinite is no number. "
            "`torch.sigmoid` is right at any size.",
        ),
        Mistake(
            lambda v, W, b: (torch.sigmoid(v @ W.T + b) > 0.5).to(v),
            "You decide. What is wanted is the *probability*; the state will be drawn with it.",
        ),
    ),
    hints=(
        "Take one hidden unit: what does its being 1 change in the energy? Its bias, and its row of W times v.",
        "p / (1 − p) = exp(−ΔE) = exp(b + Wv); solved for p it is a function that you know.",
        "`return torch.sigmoid(v @ W.T + b)`",
    ),
)


def one_step(v: Tensor, W: Tensor, a: Tensor, b: Tensor, u_hidden: Tensor, u_visible: Tensor) -> Tensor:
    """A step of Gibbs sampling: draw all hidden units, then all visible ones. 1 where a uniform number is below p.

    Args:
        v: (B, V) visible states, 0 or 1.
        W: (H, V).
        a: (V,) visible biases.
        b: (H,) hidden biases.
        u_hidden: (B, H) uniform random numbers between 0 and 1.
        u_visible: (B, V) as well.

    Returns:
        (B, V) the new visible states, 0 or 1.
    """
    h = (u_hidden < torch.sigmoid(v @ W.T + b)).to(v)
    return (u_visible < torch.sigmoid(h @ W + a)).to(v)


def states_weights_and_draws(generator: torch.Generator) -> list[tuple[Tensor, ...]]:
    """v: (B, V), W: (H, V), a: (V,), b: (H,), u_hidden: (B, H), u_visible: (B, V)."""
    cases: list[tuple[Tensor, ...]] = []
    for B, V, H in ((3, 2, 3), (20, 3, 2), (40, 4, 4), (60, 5, 3)):
        cases.append(
            (
                torch.randint(2, (B, V), generator=generator).float(),
                1.5 * torch.randn(H, V, generator=generator),
                torch.randn(V, generator=generator),
                -1 - torch.randn(H, generator=generator).abs(),
                torch.rand(B, H, generator=generator),
                torch.rand(B, V, generator=generator),
            )
        )
    return cases


def up_and_down(hidden: str, visible: str = "draw") -> Mistake:
    """A step in which one of the layers gives its probabilities, or is decided instead of drawn."""
    says = {
        ("chance", "draw"): "You pass the hidden *probabilities* down. Then the hidden layer says more than its zeros "
        "and ones could, and the chain no longer visits states as often as they are probable. Draw h first.",
        ("decide", "draw"): "You decide each hidden unit (p > 0.5) and use no draw: the chain would always go the same "
        "way, and stay in one valley.",
        ("draw", "chance"): "The visible units are probabilities in your answer. The state of a chain is 0 or 1: "
        "compare with `u_visible`.",
        ("chance", "chance"): "Nothing is drawn: those are probabilities of probabilities. Compare `u_hidden` and "
        "`u_visible` with them.",
        ("draw", "decide"): "You decide each visible unit (p > 0.5) and use no draw: compare with `u_visible`.",
    }

    def taken(how: str, p: Tensor, u: Tensor) -> Tensor:
        return p if how == "chance" else ((u if how == "draw" else torch.full_like(u, 0.5)) < p).to(p)

    def answer(v: Tensor, W: Tensor, a: Tensor, b: Tensor, u_hidden: Tensor, u_visible: Tensor) -> Tensor:
        h = taken(hidden, torch.sigmoid(v @ W.T + b), u_hidden)
        return taken(visible, torch.sigmoid(h @ W + a), u_visible)

    return Mistake(answer, says[hidden, visible])


def drawn_above(layers: str) -> Mistake:
    """1 where the uniform number is above p, in some layers."""

    def answer(v: Tensor, W: Tensor, a: Tensor, b: Tensor, u_hidden: Tensor, u_visible: Tensor) -> Tensor:
        p = torch.sigmoid(v @ W.T + b)
        h = ((u_hidden > p) if "hidden" in layers else (u_hidden < p)).to(v)
        p = torch.sigmoid(h @ W + a)
        return ((u_visible > p) if "visible" in layers else (u_visible < p)).to(v)

    return Mistake(
        answer, f"Your {layers} units are 1 where the number is *above* p: that happens with probability 1 − p."
    )


def without_sigmoid(v: Tensor, W: Tensor, a: Tensor, b: Tensor, u_hidden: Tensor, u_visible: Tensor) -> Tensor:
    """Uniform numbers against the inputs of the units."""
    h = (u_hidden < v @ W.T + b).to(v)
    return (u_visible < h @ W + a).to(v)


gibbs_step = FunctionExercise(
    lesson="04",
    name="gibbs_step",
    reference=one_step,
    cases=states_weights_and_draws,
    result="the new visible states, zeros and ones, made with the random numbers given, shape (B, V)",
    shape_tip="Up: `v @ W.T` is (B, H). Down: `h @ W` is (B, V).",
    variants=(
        lambda v, W, a, b, u_hidden, u_visible: torch.where(
            u_visible < (torch.where(u_hidden < (v @ W.T + b).sigmoid(), 1.0, 0.0).to(v) @ W + a).sigmoid(), 1.0, 0.0
        ).to(v),
    ),
    mistakes=(
        up_and_down("chance"),
        up_and_down("decide"),
        up_and_down("draw", "chance"),
        up_and_down("chance", "chance"),
        up_and_down("draw", "decide"),
        drawn_above("hidden and visible"),
        drawn_above("hidden"),
        drawn_above("visible"),
        Mistake(
            without_sigmoid,
            "You compare the uniform numbers with the *inputs* of the units. Their sigmoids are the probabilities.",
        ),
        Mistake(
            lambda v, W, a, b, u_hidden, u_visible: one_step(v, W, 0 * a, b, u_hidden, u_visible),
            "The visible bias a is missing on the way down.",
        ),
        Mistake(
            lambda v, W, a, b, u_hidden, u_visible: one_step(v, W, a, 0 * b, u_hidden, u_visible),
            "The hidden bias b is missing on the way up.",
        ),
        Mistake(
            lambda v, W, a, b, u_hidden, u_visible: (u_hidden < torch.sigmoid(v @ W.T + b)).to(v),
            "Those are the hidden states. One more half step: draw the visible ones from them.",
        ),
    ),
    hints=(
        "Up first: a probability for each hidden unit. A uniform number is below p with probability p.",
        "`h = (u_hidden < p).to(v)`; then the same downwards, with `h @ W + a`.",
        "`return (u_visible < torch.sigmoid(h @ W + a)).to(v)`",
    ),
)


def free_energy_of(v: Tensor, W: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """F(v) = −log Σ_h exp(−E(v, h)) = −a·v − Σ_j log(1 + exp(b_j + W_j·v)), whatever the size of the inputs.

    Args:
        v: (B, V) visible states, 0 or 1.
        W: (H, V).
        a: (V,) visible biases.
        b: (H,) hidden biases.

    Returns:
        (B,)
    """
    return -(v @ a) - functional.softplus(v @ W.T + b).sum(-1)


def states_and_large_weights(generator: torch.Generator) -> list[tuple[Tensor, ...]]:
    """v: (B, V), W: (H, V), a: (V,), b: (H,)."""
    cases = [(v, W, a, b) for v, _, W, a, b in states_and_weights(generator)]
    large = torch.tensor([[60.0, 70.0], [-80.0, 20.0]])  # exp of the inputs is infinite in 32 bits
    biases = torch.tensor([0.5, -1.0]), torch.tensor([1.0, 0.25])
    some = torch.tensor([[1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    return [*cases, (some, large, *biases), (some, 10 * large, *biases)]  # the last beyond 64 bits too


free_energies = FunctionExercise(
    lesson="04",
    name="free_energies",
    reference=free_energy_of,
    cases=states_and_large_weights,
    result="a free energy for each visible state, shape (B,)",
    variants=(
        lambda v, W, a, b: -(v * a).sum(1) - torch.logaddexp(v @ W.T + b, torch.zeros(len(b)).to(v)).sum(1),
        lambda v, W, a, b: -(v @ a) - ((v @ W.T + b).clamp(min=0) + (-(v @ W.T + b).abs()).exp().log1p()).sum(-1),
    ),
    mistakes=(
        Mistake(
            lambda v, W, a, b: -(v @ a) - (1 + (v @ W.T + b).exp()).log().sum(-1),
            "The formula is right, and exp is infinite from 89 on in 32 bits: then the free energy is −∞. Use "
            "`torch.nn.functional.softplus(x)`, which is log(1 + exp(x)) at any size.",
        ),
        Mistake(
            lambda v, W, a, b: -free_energy_of(v, W, a, b),
            "The sign: free energy is *low* where a state is probable.",
        ),
        Mistake(
            lambda v, W, a, b: free_energy_of(v, W, 0 * a, b),
            "The visible bias is missing: − a·v.",
        ),
        Mistake(
            lambda v, W, a, b: free_energy_of(v, W, a, 0 * b),
            "The hidden bias is missing inside the logarithm: b + Wv.",
        ),
        Mistake(
            lambda v, W, a, b: v @ a - functional.softplus(v @ W.T + b).sum(-1),
            "The visible bias has the wrong sign: − a·v, as in the energy.",
        ),
        Mistake(
            lambda v, W, a, b: -(v @ a) + functional.softplus(v @ W.T + b).sum(-1),
            "The sum over hidden units has the wrong sign: F is *minus* a logarithm.",
        ),
        Mistake(
            lambda v, W, a, b: -(v @ a) - functional.relu(v @ W.T + b).sum(-1),
            "max(0, x) is what log(1 + exp(x)) comes to where x is large. At 0 they differ by log 2: `softplus`.",
        ),
        Mistake(
            lambda v, W, a, b: -(v @ a) - functional.softplus(v @ W.T + b).mean(-1),
            "You take the mean over the hidden units. Their factors are multiplied, so their logarithms are *added*.",
        ),
        Mistake(
            lambda v, W, a, b: -(v @ a) - ((v @ W.T + b) * torch.sigmoid(v @ W.T + b)).sum(-1),
            "That is the mean energy given v. The free energy holds the entropy of h besides: Σ log(1 + exp(b + Wv)).",
        ),
    ),
    hints=(
        "Given v the hidden units do not depend on one another, so the sum over all h is a product, one factor each.",
        "A hidden unit's factor is 1 (it is 0) plus exp(b + Wv) (it is 1). The logarithm makes sums of products.",
        "`return -(v @ a) - torch.nn.functional.softplus(v @ W.T + b).sum(-1)`",
    ),
)

why_free = ChoiceQuestion(
    lesson="04",
    name="why_free",
    question="Two pictures v and w have free energies F(v) = 2 and F(w) = 5. What do you know without Z?",
    choices=(
        "how probable each of them is",
        "that v is e³ times as probable as w",
        "nothing: without Z no probability can be compared",
    ),
    answer="that v is e³ times as probable as w",
    says={
        "how probable each of them is": "For that, exp(−F) would have to be divided by Z.",
        "nothing: without Z no probability can be compared": "Divide one probability by the other: what becomes of Z?",
    },
    why="p(v) = exp(−F(v)) / Z, and in a ratio Z cancels. Learning and sampling can do without it.",
)
