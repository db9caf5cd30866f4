"""Lesson 01: the loss, and its gradient layer by layer."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import NumberQuestion
from course_utils.nn import backpropagation, feedforward


def logits_and_targets(generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """logits: (B, C), one batch with very large ones; targets: (B,)."""
    sizes = ((1, 2, 1.0), (6, 3, 1.0), (4, 10, 3.0), (5, 4, 300.0))
    return [
        (scale * torch.randn(B, C, generator=generator), torch.randint(C, (B,), generator=generator))
        for B, C, scale in sizes
    ]


def naive_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """The formula as it stands: exp of large numbers overflows."""
    odds = torch.exp(logits)
    chosen = (odds / odds.sum(dim=-1, keepdim=True))[torch.arange(len(targets)), targets]
    return -torch.log(chosen).mean()


def summed_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Sum over the batch."""
    return torch.nn.functional.cross_entropy(logits, targets, reduction="sum")


def without_softmax(logits: Tensor, targets: Tensor) -> Tensor:
    """The logit of the right class, taken for its log probability."""
    return -logits[torch.arange(len(targets)), targets].mean()


def softmax_twice(logits: Tensor, targets: Tensor) -> Tensor:
    """Probabilities given to a function that expects logits."""
    return torch.nn.functional.cross_entropy(torch.softmax(logits, dim=-1), targets)


def over_the_batch(logits: Tensor, targets: Tensor) -> Tensor:
    """Softmax along the wrong axis."""
    return -torch.log_softmax(logits, dim=0)[torch.arange(len(targets)), targets].mean()


def sign_forgotten(logits: Tensor, targets: Tensor) -> Tensor:
    """The mean log probability, which is negative."""
    return -torch.nn.functional.cross_entropy(logits, targets)


def all_classes_averaged(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean over all classes, not only the right one."""
    right = torch.nn.functional.one_hot(targets, logits.shape[-1])
    return -(right * torch.log_softmax(logits, dim=-1)).mean()


def by_logsumexp(logits: Tensor, targets: Tensor) -> Tensor:
    """A right answer by another way."""
    return (torch.logsumexp(logits, dim=-1) - logits.gather(1, targets[:, None]).squeeze(1)).mean()


cross_entropy = FunctionExercise(
    lesson="01",
    reference=feedforward.cross_entropy,
    cases=logits_and_targets,
    result="the mean of −log(probability of the right class), a scalar tensor",
    gradients=True,
    variants=(by_logsumexp, lambda logits, targets: torch.nn.functional.cross_entropy(logits, targets)),
    mistakes=(
        Mistake(
            naive_cross_entropy,
            "The formula is right for small scores. With large ones exp overflows, and the loss is inf or NaN: use "
            "`torch.log_softmax`, which subtracts the largest score first.",
        ),
        Mistake(
            lambda logits, targets: -torch.log(torch.softmax(logits, -1)[torch.arange(len(targets)), targets]).mean(),
            "Right for small scores. With large ones a probability rounds to 0, and its logarithm is −∞: "
            "`torch.log_softmax` does both at once, and stays finite.",
        ),
        Mistake(
            lambda logits, targets: -torch.log_softmax(logits, dim=-1).mean(),
            "That is the mean over all classes. Only the right class of each example counts.",
        ),
        Mistake(
            lambda logits, targets: -torch.log_softmax(logits, dim=-1)[:, targets].mean(),
            "`[:, targets]` takes all the right classes from *every* row. Pair them: "
            "`[torch.arange(len(targets)), targets]`.",
        ),
        Mistake(
            lambda logits, targets: -torch.log_softmax(logits, dim=-1)[torch.arange(len(targets)), targets],
            "That is the loss of each example. Return their mean.",
        ),
        Mistake(
            lambda logits, targets: (
                -torch.log_softmax(logits, -1).exp()[torch.arange(len(targets)), targets].mean().log()
            ),
            "That is −log of the mean probability. Take the logarithm of each example first, then the mean.",
        ),
        Mistake(
            lambda logits, targets: torch.nn.functional.cross_entropy(logits, targets) / math.log(2),
            "That is in bits, with the logarithm to base 2. We want nats: `torch.log`, the natural logarithm.",
        ),
        Mistake(
            summed_cross_entropy, "That is the sum over the batch. Take the mean: else the step grows with the batch."
        ),
        Mistake(
            without_softmax,
            "Those are scores, and not yet log probabilities: the other classes' scores count too.",
        ),
        Mistake(
            softmax_twice, "Softmax twice: `functional.cross_entropy` expects scores and makes the softmax itself."
        ),
        Mistake(
            over_the_batch,
            "Your probabilities sum to 1 over the *batch*. They should over the classes: `dim=-1`.",
        ),
        Mistake(sign_forgotten, "The sign: log of a probability is negative, and a loss is the smaller the better."),
        Mistake(all_classes_averaged, "You divided by the number of classes as well. Take the mean over the examples."),
    ),
    hints=(
        "`torch.log_softmax(logits, dim=-1)` gives the logarithm of every class's probability, (B, C).",
        "From each row pick the right class: `log_p[torch.arange(len(targets)), targets]`.",
        "`return -torch.log_softmax(logits, dim=-1)[torch.arange(len(targets)), targets].mean()`",
    ),
)


def scores_less_ones(logits: Tensor, targets: Tensor) -> Tensor:
    """Softmax minus one-hot, for each example."""
    return torch.softmax(logits, dim=-1) - torch.nn.functional.one_hot(targets, logits.shape[-1])


def only_the_right_class(logits: Tensor, targets: Tensor) -> Tensor:
    """The other classes' part left out."""
    return scores_less_ones(logits, targets) * torch.nn.functional.one_hot(targets, logits.shape[-1]) / len(targets)


def overflowing(logits: Tensor, targets: Tensor) -> Tensor:
    """exp of large scores overflows."""
    odds = logits.exp()
    one_hot = torch.nn.functional.one_hot(targets, logits.shape[-1])
    return (odds / odds.sum(dim=-1, keepdim=True) - one_hot) / len(targets)


def all_columns_less_one(logits: Tensor, targets: Tensor) -> Tensor:
    """p[:, targets] -= 1."""
    p = torch.softmax(logits, dim=-1)
    p[:, targets] -= 1
    return p / len(targets)


def of_the_logarithm_alone(logits: Tensor, targets: Tensor) -> Tensor:
    """−1/p at the right class: the derivative with respect to the probability."""
    one_hot = torch.nn.functional.one_hot(targets, logits.shape[-1])
    return -one_hot / torch.softmax(logits, dim=-1) / len(targets)


def raw_less_ones(logits: Tensor, targets: Tensor) -> Tensor:
    """Logits in place of probabilities."""
    return (logits - torch.nn.functional.one_hot(targets, logits.shape[-1])) / len(targets)


cross_entropy_gradient = FunctionExercise(
    lesson="01",
    reference=feedforward.cross_entropy_gradient,
    cases=logits_and_targets,
    result="the gradient of the mean loss with respect to the scores, shape (B, C)",
    least=1e-3,
    variants=(lambda logits, targets: scores_less_ones(logits, targets) / logits.shape[0],),
    mistakes=(
        Mistake(
            scores_less_ones,
            "That is the gradient of the *sum* of the losses. The loss is a mean: divide by the number of examples.",
        ),
        Mistake(
            lambda logits, targets: -scores_less_ones(logits, targets) / len(targets),
            "The sign is turned: raising the right class's score makes the loss smaller, so its gradient is negative.",
        ),
        Mistake(
            lambda logits, targets: torch.softmax(logits, dim=-1) / len(targets),
            "Those are the probabilities. From the right class's subtract 1.",
        ),
        Mistake(
            lambda logits, targets: scores_less_ones(logits, targets) / logits.numel(),
            "You divided by examples and classes. Only the examples are averaged.",
        ),
        Mistake(
            lambda logits, targets: (
                (torch.softmax(logits, dim=0) - torch.nn.functional.one_hot(targets, logits.shape[-1])) / len(targets)
            ),
            "Your probabilities sum to 1 over the *batch*. They should over the classes: `dim=-1`.",
        ),
        Mistake(
            only_the_right_class,
            "The wrong classes have a gradient too: their scores should fall, in proportion to their probability.",
        ),
        Mistake(
            overflowing,
            "Right for small scores. With large ones exp overflows, and the result holds NaN: `torch.softmax` "
            "subtracts the largest score first.",
        ),
        Mistake(
            all_columns_less_one,
            "`p[:, targets]` is the right classes of *all* rows, in every row. Pair them: "
            "`p[torch.arange(len(targets)), targets]`.",
        ),
        Mistake(
            of_the_logarithm_alone,
            "−1/p is the derivative with respect to the *probability*. Go on through softmax to the scores.",
        ),
        Mistake(raw_less_ones, "Those are scores less 1. Take the probabilities: softmax first."),
    ),
    hints=(
        "The derivative of −s_r is −1 for the right class, else 0. That of log Σ exp(s_k) with respect to s_c is "
        "exp(s_c) / Σ exp(s_k): what is that called?",
        "`torch.nn.functional.one_hot(targets, C)` has the 1 in the right place.",
        "`return (torch.softmax(logits, -1) - torch.nn.functional.one_hot(targets, logits.shape[-1])) / len(targets)`",
    ),
)


def inputs_and_deltas(generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """x: (B, D), delta: (B, H)."""
    sizes = ((2, 2, 3), (5, 3, 2), (4, 4, 4), (1, 2, 1))
    return [(torch.randn(B, D, generator=generator), torch.randn(B, H, generator=generator)) for B, D, H in sizes]


weight_gradient = FunctionExercise(
    lesson="01",
    reference=backpropagation.weight_gradient,
    cases=inputs_and_deltas,
    result="the gradient of the weights, shape (H, D) as W",
    shape_tip="delta is (B, H) and x is (B, D). W is (H, D): so `delta.T` (H, B) comes first.",
    variants=(
        lambda x, delta: torch.einsum("bh,bd->hd", delta, x),
        lambda x, delta: (delta[:, :, None] * x[:, None, :]).sum(dim=0),
    ),
    mistakes=(
        Mistake(lambda x, delta: x.T @ delta, "That is the gradient of W.T, (D, H). W is (H, D)."),
        Mistake(
            lambda x, delta: delta.T @ x / len(x),
            "The mean over the batch is in delta already (the loss was a mean). Here the examples are summed.",
        ),
        Mistake(
            lambda x, delta: (delta[:, :, None] * x[:, None, :]).mean(dim=0) / len(x),
            "You divided by the batch twice. Here the examples are summed.",
        ),
        Mistake(
            lambda x, delta: delta.sum(dim=0)[:, None].expand(-1, x.shape[1]),
            "That is the bias's gradient, in every column. A weight's part also depends on its input: delta · x.",
        ),
        Mistake(
            lambda x, delta: delta[0][:, None] * x[0][None, :],
            "That is the first example alone. All examples of the batch are summed.",
        ),
    ),
    hints=(
        "One example, one weight: z_i = … + W_ij · x_j. So ∂loss/∂W_ij = delta_i · x_j.",
        "Over a batch the same weight serves all examples: sum over B.",
        "`return delta.T @ x`",
    ),
)


def before_a_relu(generator: torch.Generator) -> list[tuple[Tensor, Tensor, Tensor]]:
    """delta: (B, K), W: (K, H), before: (B, H)."""
    sizes = ((2, 2, 3), (5, 3, 2), (4, 4, 4), (1, 2, 6))
    return [
        (
            torch.randn(B, K, generator=generator),
            torch.randn(K, H, generator=generator),
            torch.randn(B, H, generator=generator),
        )
        for B, K, H in sizes
    ]


through_relu = FunctionExercise(
    lesson="01",
    reference=backpropagation.through_relu,
    cases=before_a_relu,
    result="the gradient before the relu, shape (B, H)",
    shape_tip="delta is (B, K) and W is (K, H): `delta @ W` is (B, H), without a transpose this time.",
    variants=(lambda delta, W, before: torch.where(before > 0, delta @ W, torch.zeros_like(before)),),
    mistakes=(
        Mistake(
            lambda delta, W, before: delta @ W,
            "That is the gradient after the relu. Where its input was negative, nothing passes: times (before > 0).",
        ),
        Mistake(
            lambda delta, W, before: (delta @ W) * torch.relu(before),
            "You multiplied by relu's value. The chain rule takes its slope: 1 where it passes, else 0.",
        ),
        Mistake(
            lambda delta, W, before: torch.relu(delta @ W),
            "You cut off negative gradients. What counts is the sign of what went *into* the relu.",
        ),
        Mistake(
            lambda delta, W, before: (delta @ W) * (before < 0),
            "The other way round: relu passes what is positive.",
        ),
        Mistake(
            lambda delta, W, before: (delta @ W) * ((delta @ W) > 0) * (before > 0),
            "You cut off negative gradients too. Only the sign of `before` decides.",
        ),
        Mistake(
            lambda delta, W, before: (delta @ W.abs()) * (before > 0),
            "The weights keep their signs: no absolute values.",
        ),
    ),
    hints=(
        "Back through the layer first: each unit of h collects delta times the weights through which it was heard.",
        "Then the relu: its slope is 1 where `before` > 0, else 0.",
        "`return (delta @ W) * (before > 0)`",
    ),
)

first_loss = NumberQuestion(
    lesson="01",
    name="first_loss",
    hints=("Each class has the probability 1/10. What is −log of that?", "`import math; math.log(10)`"),
    answer=math.log(10),
    tolerance=0.01,
    mistakes={
        math.log2(10): "That is in bits. torch takes the natural logarithm.",
        1: "That is the logarithm to base 10. torch takes the natural one.",
        0.1: "0.1 is the probability. The loss is −log of it.",
        0.9: "0.9 is the share of wrong answers. The loss is −log of the probability, 0.1.",
        math.log(2): "That would be two classes. Here are ten.",
        **dict.fromkeys(
            (-math.log(10), -2.3),
            "The sign: a probability's logarithm is negative, and the loss is *minus* it.",
        ),
    },
    why="A network that gives each of ten classes the same probability pays −log(1/10) = log 10 for each example.",
)
