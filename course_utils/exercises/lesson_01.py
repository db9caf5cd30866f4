"""Exercises of lesson 01: neuron, layer, loss and gradient by hand; sizes, chance lines, and what a fair split is."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import torch
from torch import Tensor

from course_utils.data import scaling
from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion
from course_utils.nn import backpropagation, feedforward

# ---------------------------------------------------------------------------------------------------------------------
# Cases


def inputs_and_neuron(generator: torch.Generator) -> list[tuple[Tensor, Tensor, Tensor]]:
    """x: (B, D), w: (D,), b: a scalar tensor."""
    sizes = ((1, 2), (5, 3), (8, 1), (4, 4))
    return [
        (
            torch.randn(B, D, generator=generator),
            torch.randn(D, generator=generator),
            torch.randn((), generator=generator),
        )
        for B, D in sizes
    ]


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


def logits_and_targets(generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """logits: (B, C), one batch with very large ones; targets: (B,)."""
    sizes = ((1, 2, 1.0), (6, 3, 1.0), (4, 10, 3.0), (5, 4, 300.0))
    return [
        (scale * torch.randn(B, C, generator=generator), torch.randint(C, (B,), generator=generator))
        for B, C, scale in sizes
    ]


def moderate_logits(generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """The same without the very large ones."""
    return logits_and_targets(generator)[:3]


def inputs_and_deltas(generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """x: (B, D), delta: (B, H)."""
    sizes = ((2, 2, 3), (5, 3, 2), (4, 4, 4), (1, 2, 1))
    return [(torch.randn(B, D, generator=generator), torch.randn(B, H, generator=generator)) for B, D, H in sizes]


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


def two_parts_of_a_table(generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """train: (N, D), rows: (M, D), columns of different units."""
    unit, centre = torch.tensor([1.0, 20.0, 300.0]), torch.tensor([0.0, 50.0, -7.0])
    return [
        (
            centre[:D] + unit[:D] * torch.randn(N, D, generator=generator),
            centre[:D] + unit[:D] * (torch.randn(M, D, generator=generator) + 1.0),
        )
        for N, M, D in ((6, 4, 2), (30, 5, 3), (9, 9, 1))
    ]


def label_lists(generator: torch.Generator) -> list[tuple[Tensor]]:
    """Labels (N,), with classes of unequal size."""
    return [
        (torch.tensor([1, 0, 0, 0]),),
        (torch.tensor([2, 2, 1, 2, 0, 2, 2, 1]),),
        (torch.randint(5, (40,), generator=generator),),
        (torch.tensor([1, 3, 1, 1]),),
    ]


# ---------------------------------------------------------------------------------------------------------------------
# What people write


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


def scores_less_ones(logits: Tensor, targets: Tensor) -> Tensor:
    """Softmax less one-hot, for each example."""
    return torch.softmax(logits, dim=-1) - torch.nn.functional.one_hot(targets, logits.shape[-1])


def only_the_right_class(logits: Tensor, targets: Tensor) -> Tensor:
    """The other classes' part left out."""
    return scores_less_ones(logits, targets) * torch.nn.functional.one_hot(targets, logits.shape[-1]) / len(targets)


def raw_less_ones(logits: Tensor, targets: Tensor) -> Tensor:
    """Logits in place of probabilities."""
    return (logits - torch.nn.functional.one_hot(targets, logits.shape[-1])) / len(targets)


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


def added_up(train: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of both parts together."""
    both = torch.cat([train, rows])
    return both.mean(dim=0), both.std(dim=0)


# ---------------------------------------------------------------------------------------------------------------------
# Functions

chance_accuracy = FunctionExercise(
    lesson="01",
    reference=feedforward.chance_accuracy,
    cases=label_lists,
    result="the share of the most frequent label, a number",
    variants=(lambda labels: float(torch.bincount(labels).max() / len(labels)),),
    mistakes=(
        Mistake(
            lambda labels: 1 / len(labels.unique()),
            "That is guessing among equally likely classes. Here they are not: who always names the most frequent one "
            "is right more often.",
        ),
        Mistake(
            lambda labels: float((labels == labels[0]).double().mean()),
            "That is the share of the *first* label. Take the label that occurs most often.",
        ),
        Mistake(
            lambda labels: int(torch.bincount(labels).max()),
            "That is how often the most frequent label occurs. Divide by the number of labels.",
        ),
        Mistake(
            lambda labels: int(labels.mode().values), "That is the most frequent label itself. How large is its share?"
        ),
        Mistake(
            lambda labels: float((labels == 1).double().mean()),
            "That is the share of class 1. The most frequent class may be another.",
        ),
        Mistake(
            lambda labels: float((labels == labels.max()).double().mean()),
            "That is the share of the label with the largest *number*. The numbers are only names.",
        ),
    ),
    hints=(
        "`labels == 2` is True where the label is 2. What is its mean?",
        "`labels.unique()` gives the labels that occur, `torch.bincount(labels)` counts each.",
        "`return max((labels == c).double().mean().item() for c in labels.unique())`",
    ),
)

standardised = FunctionExercise(
    lesson="01",
    reference=scaling.standardised,
    cases=two_parts_of_a_table,
    result="the rows on the scale of the training rows, shape (M, D)",
    tolerance=1e-4,
    variants=(lambda train, rows: (rows - train.mean(0, keepdim=True)) / train.std(0, keepdim=True),),
    mistakes=(
        Mistake(
            lambda train, rows: (rows - rows.mean(dim=0)) / rows.std(dim=0),
            "You took mean and standard deviation of the rows themselves. A dog that comes in alone would always be "
            "average. Use the training rows' numbers.",
        ),
        Mistake(
            lambda train, rows: (rows - added_up(train, rows)[0]) / added_up(train, rows)[1],
            "You took mean and standard deviation over both parts. Then the rows that judge have helped to prepare the "
            "training: a leak. Use the training rows only.",
        ),
        Mistake(
            lambda train, rows: rows - train.mean(dim=0),
            "The means are right. Divide by the standard deviation, so that every column has the same scale.",
        ),
        Mistake(
            lambda train, rows: (rows - train.mean(dim=0)) / train.var(dim=0),
            "You divided by the variance. The standard deviation is its square root.",
        ),
        Mistake(
            lambda train, rows: (rows - train.mean()) / train.std(),
            "That is one mean for the whole table. Each column has a unit of its own: `dim=0`.",
        ),
        Mistake(
            lambda train, rows: (train - train.mean(dim=0)) / train.std(dim=0),
            "Those are the training rows. Return `rows`, on their scale.",
        ),
        Mistake(
            lambda train, rows: (rows - train.mean(dim=0)) / train.std(dim=0, correction=0),
            "Nearly: your standard deviation divides by N. torch's `.std(dim=0)` divides by N − 1, and so do we.",
        ),
        Mistake(
            lambda train, rows: (rows - train.mean(dim=0)) / rows.std(dim=0),
            "The means are the training rows', the standard deviations are not. Take both from the training rows.",
        ),
        Mistake(
            lambda train, rows: (rows - train.amin(dim=0)) / (train.amax(dim=0) - train.amin(dim=0)),
            "That puts the training rows between 0 and 1, another habit. Here: from the mean, in standard deviations.",
        ),
    ),
    hints=(
        "`train.mean(dim=0)` is the mean of each column.",
        "Which of the two tables may tell you what is usual?",
        "`return (rows - train.mean(dim=0)) / train.std(dim=0)`",
    ),
)

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
        Mistake(lambda x, w, b: torch.sigmoid(x @ w + b), "No curve yet: only the weighted sum."),
    ),
    hints=(
        "One row first: each number times its weight, all summed, plus b.",
        "`x * w` multiplies every row by the weights; or `x @ w` multiplies and sums at once.",
        "`return x @ w + b`",
    ),
)

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
            "The shapes fit, but reshape and view only cut the numbers anew. To exchange rows and columns write W.T.",
        ),
        Mistake(lambda x, W, b: x @ W.T, "The biases are missing: + b."),
        Mistake(lambda x, W, b: x @ W.T + b.sum(), "You added all biases to every neuron. Each has its own: + b."),
        Mistake(lambda x, W, b: torch.relu(x @ W.T + b), "No curve yet: only the weighted sums. relu comes later."),
        Mistake(lambda x, W, b: (x @ W.T + b).T, "That is (H, B). Rows stay rows: (B, H)."),
        Mistake(lambda x, W, b: x @ W.T * b, "The biases are added, not multiplied."),
    ),
    hints=(
        "A layer is H neurons side by side: row i of W and b[i] belong to neuron i.",
        "Which product of two matrices has a neuron's sum in each place? Look at the shapes: (B, D) and (D, H).",
        "`return x @ W.T + b`",
    ),
)

parameter_count = FunctionExercise(
    lesson="01",
    name="parameter_count",
    reference=feedforward.mlp_parameter_count,
    cases=lambda generator: [((2, 16, 2),), ((4, 3),), ((64, 32, 32, 10),), ((1, 1, 1, 1),), ((784, 100, 10),)],
    result="how many numbers the network learns, a whole number",
    tolerance=1e-9,
    variants=(lambda sizes: sum((n + 1) * m for n, m in itertools.pairwise(sizes)),),
    mistakes=(
        Mistake(weights_only, "Those are the weights. Each unit has a bias as well."),
        Mistake(biases_of_inputs_too, "You gave the inputs biases too. They are given, and learn nothing."),
        Mistake(one_bias_a_layer, "You counted one bias for a whole layer. Each of its units has one."),
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

cross_entropy_gradient = FunctionExercise(
    lesson="01",
    reference=feedforward.cross_entropy_gradient,
    cases=moderate_logits,
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
        Mistake(raw_less_ones, "Those are scores less 1. Take the probabilities: softmax first."),
    ),
    hints=(
        "The derivative of −s_r is −1 for the right class, else 0. That of log Σ exp(s_k) with respect to s_c is "
        "exp(s_c) / Σ exp(s_k): what is that called?",
        "`torch.nn.functional.one_hot(targets, C)` has the 1 in the right place.",
        "`return (torch.softmax(logits, -1) - torch.nn.functional.one_hot(targets, logits.shape[-1])) / len(targets)`",
    ),
)

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

# ---------------------------------------------------------------------------------------------------------------------
# Predictions and questions

two_layers = ChoiceQuestion(
    lesson="01",
    name="two_layers",
    question="Two layers, one after the other, and no curve between them. Which boundary can they draw?",
    choices=("one straight line", "two straight lines", "any curve, if the layers are wide enough"),
    answer="one straight line",
    says={
        "two straight lines": "Each unit of the first layer has a line of its own, but the second only adds them up.",
        "any curve, if the layers are wide enough": "Width does not help: sums of sums are sums.",
    },
    why="A weighted sum of weighted sums is a weighted sum. The curve between the layers makes the difference.",
)

fair_score = ChoiceQuestion(
    lesson="01",
    name="fair_score",
    question="Of 20 networks you choose the one with the best accuracy on the test dogs, and report it. Is it fair?",
    choices=(
        "yes: none of them was trained on the test dogs",
        "no: it is too high, on average",
        "no: it is too low, on average",
    ),
    answer="no: it is too high, on average",
    says={
        "yes: none of them was trained on the test dogs": (
            "They were not trained on them, but one was *chosen* by them: partly because it was lucky there."
        ),
        "no: it is too low, on average": "Among 20 the luckiest on these dogs is chosen. Luck does not come again.",
    },
    why="What has helped to choose cannot judge. Choose on validation rows, and look at the test rows once.",
    prediction=False,
)

memory_of_dogs = ChoiceQuestion(
    lesson="01",
    name="memory_of_dogs",
    question="We show the trained network ten shepherds, and then a dog in between. Will it lean towards shepherd?",
    choices=("yes, it has just seen ten", "no, each dog is judged alone", "only if they come in one batch"),
    answer="no, each dog is judged alone",
    says={
        "yes, it has just seen ten": "Using a network does not change it. Only training moves its weights.",
        "only if they come in one batch": "The rows of a batch are computed side by side and do not see each other.",
    },
    why="There is no place in this network where an earlier dog could be kept. That is what lesson 05 changes.",
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
        -math.log(10): "The sign: a probability's logarithm is negative, and the loss is *minus* it.",
    },
    why="A network that gives each of ten classes the same probability pays −log(1/10) = log 10 for each example.",
)

# Answered by what the lesson measures.
ceiling = NumberQuestion(lesson="01", name="ceiling", tolerance=0.03, prediction=True)

network_ahead = NumberQuestion(lesson="01", name="network_ahead", unit="of 8", prediction=True)
