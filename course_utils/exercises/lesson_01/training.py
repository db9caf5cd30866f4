"""Lesson 01: the training loop, what the learning rate does to it, and what comes of few examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion
from course_utils.nn import feedforward

Batches = Sequence[Tensor]
Case = tuple[nn.Module, Tensor, Tensor, list[Tensor], float]


def networks_and_batches(generator: torch.Generator) -> list[Case]:
    """model, x: (N, D), y: (N,), batches of indices, learning_rate; in both precisions."""
    found: list[Case] = []
    for sizes, count, size, rate, dtype in (
        ((2, 3, 2), 12, 5, 0.5, torch.float32),
        ((3, 4), 9, 3, 0.1, torch.float64),
        ((1, 4, 4, 3), 10, 4, 0.3, torch.float32),
    ):
        model = feedforward.MLP(sizes, generator=generator).to(dtype)
        x = 2 * torch.randn(count, sizes[0], generator=generator, dtype=dtype)
        y = torch.randint(sizes[-1], (count,), generator=generator)
        batches = [batch for _ in range(2) for batch in torch.randperm(count, generator=generator).split(size)]
        found.append((model, x, y, [*batches, batches[0]], rate))
    return found


def with_torch_s_optimizer(
    model: nn.Module, x: Tensor, y: Tensor, batches: Batches, learning_rate: float
) -> list[float]:
    """A right answer with torch's own steps."""
    optimizer, losses = torch.optim.SGD(model.parameters(), lr=learning_rate), []
    for batch in batches:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x[batch]), y[batch])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def with_gradients_asked_for(
    model: nn.Module, x: Tensor, y: Tensor, batches: Batches, learning_rate: float
) -> list[float]:
    """A right answer that never fills .grad."""
    weights, losses = list(model.parameters()), []
    for batch in batches:
        loss = nn.functional.cross_entropy(model(x[batch]), y[batch])
        for w, gradient in zip(weights, torch.autograd.grad(loss, weights), strict=True):
            w.data -= learning_rate * gradient
        losses.append(loss.item())
    return losses


def with_losses_as_tensors(
    model: nn.Module, x: Tensor, y: Tensor, batches: Batches, learning_rate: float
) -> list[Tensor]:
    """A right answer that keeps the losses as they are, still with their gradients."""
    losses = []
    for batch in batches:
        loss = nn.functional.cross_entropy(model(x[batch]), y[batch])
        loss.backward()
        down(list(model.parameters()), learning_rate)
        model.zero_grad()
        losses.append(loss)
    return losses


def loop(
    step: Callable[[list[nn.Parameter], float], None],
    *,
    clear: bool = True,
    rows: Callable[[Tensor, Tensor], Tensor] = lambda batch, y: batch,
    total: bool = False,
    after: bool = False,
) -> Callable[..., list[float]]:
    """The loop with something changed.

    Args:
        step: how the weights are moved, given their learning rate.
        clear: are gradients forgotten after a step?
        rows: which rows a step looks at.
        total: the sum of the losses in place of their mean?
        after: is the loss taken after the step?
    """

    def answer(model: nn.Module, x: Tensor, y: Tensor, batches: Batches, learning_rate: float) -> list[float]:
        losses, weights = [], list(model.parameters())
        for batch in batches:
            chosen = rows(batch, y)
            reduction = "sum" if total else "mean"
            loss = nn.functional.cross_entropy(model(x[chosen]), y[chosen], reduction=reduction)
            loss.backward()
            step(weights, learning_rate)
            for w in weights if clear else ():
                w.grad = None
            loss = nn.functional.cross_entropy(model(x[chosen]), y[chosen]) if after else loss
            losses.append(loss.item())
        return losses

    return answer


def down(weights: list[nn.Parameter], learning_rate: float) -> None:
    """The right step."""
    with torch.no_grad():
        for w in weights:
            w -= learning_rate * w.grad  # type: ignore[operator,misc]


def up(weights: list[nn.Parameter], learning_rate: float) -> None:
    """The sign forgotten."""
    down(weights, -learning_rate)


def at_full_length(weights: list[nn.Parameter], learning_rate: float) -> None:
    """The learning rate forgotten."""
    down(weights, 1.0)


def not_at_all(weights: list[nn.Parameter], learning_rate: float) -> None:
    """A new tensor under an old name: `w = w - learning_rate * w.grad` leaves the model as it was."""


def first_only(weights: list[nn.Parameter], learning_rate: float) -> None:
    """One tensor of weights moved, and not the others."""
    down(weights[:1], learning_rate)


def by_sign(weights: list[nn.Parameter], learning_rate: float) -> None:
    """Steps of one length."""
    with torch.no_grad():
        for w in weights:
            w -= learning_rate * w.grad.sign()  # type: ignore[union-attr,misc]


def without_no_grad(model: nn.Module, x: Tensor, y: Tensor, batches: Batches, learning_rate: float) -> list[float]:
    """Weights changed where torch is watching: an error of torch."""
    for batch in batches:
        nn.functional.cross_entropy(model(x[batch]), y[batch]).backward()
        for w in model.parameters():
            w -= learning_rate * w.grad  # type: ignore[operator,misc]
    return []


def last_loss(model: nn.Module, x: Tensor, y: Tensor, batches: Batches, learning_rate: float) -> float:
    """One loss in place of all."""
    return feedforward.gradient_descent(model, x, y, batches, learning_rate)[-1]


gradient_descent = FunctionExercise(
    lesson="01",
    reference=feedforward.gradient_descent,
    cases=networks_and_batches,
    result="the loss of each batch before its step, a list or tuple of numbers",
    tolerance=1e-4,
    variants=(with_torch_s_optimizer, with_gradients_asked_for, with_losses_as_tensors, loop(down)),
    mistakes=(
        Mistake(
            loop(down, clear=False),
            "The gradients add up: `backward` adds to what is in `.grad`. Set `w.grad = None` after each step.",
        ),
        Mistake(loop(up), "You went uphill. The gradient points to where the loss grows: subtract."),
        Mistake(loop(at_full_length), "The learning rate is missing: each step is learning_rate times the gradient."),
        Mistake(
            loop(not_at_all),
            "The model never changes. `w = w - …` makes a new tensor and leaves the model's own as it was: write "
            "`w -= …` inside `torch.no_grad()`.",
        ),
        Mistake(loop(first_only), "Only the first layer's weights move. Move everything in `model.parameters()`."),
        Mistake(loop(by_sign), "You took the sign of the gradient. The step is in proportion to the gradient itself."),
        Mistake(
            without_no_grad,
            "torch tracks every change of a weight, to compute derivatives of it. A step should not be tracked: put it "
            "into `with torch.no_grad():`.",
        ),
        Mistake(
            loop(down, rows=lambda batch, y: torch.arange(len(y))),
            "Each of your steps looks at all rows. A step looks at its batch alone: `x[batch]` and `y[batch]`.",
        ),
        Mistake(
            loop(down, total=True),
            "That is the sum of the losses in a batch. Take their mean: else a step grows with the size of the batch.",
        ),
        Mistake(loop(down, after=True), "Those are the losses after each step. Note each loss before its step."),
        Mistake(last_loss, "That is one loss. Return the list of all of them, one for each batch."),
    ),
    hints=(
        "Inside `for batch in batches:` the loss is `cross_entropy(model(x[batch]), y[batch])`, then "
        "`loss.backward()`.",
        "`with torch.no_grad():` and inside it `for w in model.parameters():`, then `w -= learning_rate * w.grad`, "
        "then `w.grad = None`.",
        "Collect `loss.item()`, a plain number, in a list, and return it after the loop.",
    ),
)

learning_rate = ChoiceQuestion(
    lesson="01",
    name="learning_rate",
    question="What does a learning rate of 10 do in the same 380 steps?",
    choices=(
        "the loss falls a hundred times as fast",
        "the loss ends above that of a network that knows nothing",
        "the loss is the same in the end",
    ),
    answer="the loss ends above that of a network that knows nothing",
    says={
        "the loss falls a hundred times as fast": "A derivative describes the loss near the weight, not far from it.",
        "the loss is the same in the end": "The end depends on the rate: look at the table.",
    },
    why="Such large steps throw the weights far off: in the end most hidden units give 0 for every dog.",
)

few_dogs = ChoiceQuestion(
    lesson="01",
    name="few_dogs",
    question="What happens to the loss on the 20 training dogs, and on the 200 validation dogs?",
    choices=(
        "both fall, and stay low",
        "training falls to nearly 0; validation falls, and then climbs",
        "both stay near log 2: 20 dogs are too few to learn anything",
    ),
    answer="training falls to nearly 0; validation falls, and then climbs",
    says={
        "both fall, and stay low": "What holds for 20 dogs need not hold for others. Look at the thick line.",
        "both stay near log 2: 20 dogs are too few to learn anything": (
            "A network with thousands of weights can memorise 20 dogs. Look at the thin line."
        ),
    },
    why="The network memorises its dogs, with their chance details; on other dogs these details mislead.",
)

regression_splits = NumberQuestion(
    lesson="01", name="regression_splits", tolerance=0.0, within=2.0, unit="of 20", prediction=True
)
