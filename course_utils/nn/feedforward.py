"""Feedforward networks, written to be read: a neuron, a layer, the loss, and its gradient by hand.

Source: D. E. Rumelhart, G. E. Hinton and R. J. Williams (1986), Learning representations by back-propagating errors,
doi:10.1038/323533a0. B examples, D inputs, H units, C classes; weights are kept as torch's `nn.Linear` keeps them.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TypeAlias

import torch
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.errors import CourseError
from course_utils.nn.backpropagation import through_relu, weight_gradient
from course_utils.nn.initialisation import default_

Layers: TypeAlias = Sequence[tuple[Tensor, Tensor]]  # (W, b) of each layer


def neuron(x: Tensor, w: Tensor, b: Tensor | float) -> Tensor:
    """One neuron: the weighted sum of its inputs, plus a bias.

    Args:
        x: (B, D).
        w: (D,) a weight for each input.
        b: the bias, one number.

    Returns:
        (B,)
    """
    return x @ w + b


def layer(x: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """H neurons side by side, on the same inputs; torch's `nn.Linear` does the same.

    Args:
        x: (B, D).
        W: (H, D), the weights of a neuron in each row.
        b: (H,).

    Returns:
        (B, H)
    """
    return x @ W.T + b


def relu(z: Tensor) -> Tensor:
    """Positive numbers as they are, 0 in place of negative ones."""
    return z.clamp(min=0)


def mlp(x: Tensor, layers: Layers) -> Tensor:
    """Layer after layer, a relu between two of them, and none after the last.

    Args:
        x: (B, D).
        layers: W (H, D) and b (H,) of each layer, in their order.

    Returns:
        (B, C) what the last layer gives out: logits.
    """
    *hidden, (W, b) = layers
    for W_hidden, b_hidden in hidden:
        x = relu(layer(x, W_hidden, b_hidden))
    return layer(x, W, b)


def softmax(logits: Tensor) -> Tensor:
    """Scores turned into probabilities: exp(s_c) / Σ_k exp(s_k).

    The largest score is subtracted first. The probabilities stay the same, and no exp can overflow.

    Args:
        logits: (…, C).

    Returns:
        (…, C), positive numbers that sum to 1.
    """
    odds = torch.exp(logits - logits.amax(dim=-1, keepdim=True))
    return odds / odds.sum(dim=-1, keepdim=True)


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """The mean of −log p of the right class, in nats.

    Args:
        logits: (B, C).
        targets: (B,) the right classes, 0 … C − 1.

    Returns:
        A scalar.
    """
    shifted = logits - logits.amax(dim=-1, keepdim=True)  # log p = s_c − log Σ_k exp(s_k), without an overflow
    log_p = shifted - shifted.exp().sum(dim=-1, keepdim=True).log()
    return -log_p[torch.arange(len(targets)), targets].mean()


def cross_entropy_gradient(logits: Tensor, targets: Tensor) -> Tensor:
    """The gradient of the mean cross-entropy with respect to the logits: what was said, less what is true.

    Args:
        logits: (B, C).
        targets: (B,).

    Returns:
        (B, C)
    """
    true = nn.functional.one_hot(targets, logits.shape[-1])
    return (softmax(logits) - true) / len(targets)


def mlp_gradient_by_hand(
    x: Tensor, targets: Tensor, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The gradient of the mean cross-entropy of a network with one hidden layer and relu: the chain rule, backwards.

    Args:
        x: (B, D).
        targets: (B,).
        W1: (H, D).
        b1: (H,).
        W2: (C, H).
        b2: (C,).

    Returns:
        The gradients with respect to W1, b1, W2 and b2, each in the shape of its parameter.
    """
    before = layer(x, W1, b1)  # (B, H)
    h = relu(before)
    delta2 = cross_entropy_gradient(layer(h, W2, b2), targets)  # (B, C) at the outputs of the second layer
    delta1 = through_relu(delta2, W2, before)  # (B, H) at those of the first
    return weight_gradient(x, delta1), delta1.sum(dim=0), weight_gradient(h, delta2), delta2.sum(dim=0)


def mlp_parameter_count(sizes: Sequence[int]) -> int:
    """All weights and biases of a network.

    Args:
        sizes: of all layers, the inputs first, such as (2, 16, 2).
    """
    return sum(inputs * units + units for inputs, units in itertools.pairwise(sizes))


def accuracy(logits: Tensor, targets: Tensor) -> float:
    """The share of examples whose largest score is that of the right class.

    Args:
        logits: (B, C).
        targets: (B,).
    """
    return (logits.argmax(dim=-1) == targets).double().mean().item()


def chance_accuracy(labels: Tensor) -> float:
    """The accuracy of always naming the class that is most frequent.

    Args:
        labels: (N,) whole numbers.
    """
    counts = torch.stack([(labels == c).sum() for c in labels.unique()])
    return counts.max().item() / len(labels)


ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "none": nn.Identity,
}


def gradient_descent(
    model: nn.Module, x: Tensor, y: Tensor, batches: Sequence[Tensor], learning_rate: float
) -> tuple[float, ...]:
    """Train a classifier: for each batch one small step against the gradient of its loss.

    Args:
        model: inputs → logits; it is changed.
        x: (N, D) inputs.
        y: (N,) classes.
        batches: row indices of each batch, (B,).
        learning_rate: how far a weight moves, in units of its derivative.

    Returns:
        The loss of each batch before its step.
    """
    losses = []
    for batch in batches:
        loss = cross_entropy(model(x[batch]), y[batch])
        loss.backward()  # the derivative of every weight, in .grad
        with torch.no_grad():
            for weight in model.parameters():
                weight -= learning_rate * weight.grad  # type: ignore[operator,misc]
                weight.grad = None  # backward would add to what is there
        losses.append(loss.item())
    return tuple(losses)


class MLP(nn.Module):
    """A multi-layer perceptron: linear layers with an activation between two of them, and none after the last.

    Attributes:
        layers: the linear layers and activations, in their order.

    Args:
        sizes: of all layers, the inputs first: (2, 16, 2) has 2 inputs, 16 hidden units and 2 outputs.
        activation: "relu", "tanh", "sigmoid", or "none": then the network is one linear function.
        generator: a torch generator to draw the weights from; torch's global random state is then left as it was.
            Default: they are drawn from the global one.

    Raises:
        CourseError: sizes that are no sizes, or an unknown activation.
    """

    def __init__(
        self, sizes: Sequence[int], activation: str = "relu", generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        if len(sizes) < 2 or any(type(size) is not int or size < 1 for size in sizes):
            raise CourseError(
                f"sizes is {tuple(sizes)!r}. Expected: whole numbers from 1, the inputs first and the outputs "
                "last, such as (2, 16, 2)."
            )
        check_name("activation", activation, ACTIVATIONS)
        self.sizes, self.activation = tuple(sizes), activation
        with torch.random.fork_rng(devices=[], enabled=generator is not None):
            layers: list[nn.Module] = []
            for inputs, units in itertools.pairwise(self.sizes):
                layers += [nn.Linear(inputs, units), ACTIVATIONS[activation]()]
            self.layers = nn.Sequential(*layers[:-1])
        if generator is not None:
            default_(self, generator)

    def forward(self, x: Tensor) -> Tensor:
        """(B, D) → (B, C)."""
        if x.dim() < 1 or x.shape[-1] != self.sizes[0]:
            raise CourseError(f"This network reads {self.sizes[0]} numbers a row; it was given {tuple(x.shape)}.")
        outputs: Tensor = self.layers(x)
        return outputs
