"""Lesson 05: the loop of training, and what becomes of an answer that is read in the wrong place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion
from course_utils.training import by_hand

Batches = list[tuple[Tensor, Tensor]]
Loss = Callable[[Tensor, Tensor], Tensor]


def squared(scores: Tensor, y: Tensor) -> Tensor:
    """Mean squared error."""
    return (scores - y).square().mean()


def lopsided(scores: Tensor, y: Tensor) -> Tensor:
    """Another loss, so that none can be built in: scores that are too high cost twice as much as those too low."""
    return (scores - y).clamp(min=0.0).mean() * 2 + (y - scores).clamp(min=0.0).mean()


def models_and_batches(generator: torch.Generator) -> list[Arguments]:
    """Small models with one batch and with several, two losses, two optimizers, float32 and float64."""
    cases: list[Arguments] = []
    for number, loss, make, dtype in (
        (1, squared, lambda p: torch.optim.SGD(p, lr=0.1), torch.float32),
        (4, squared, lambda p: torch.optim.SGD(p, lr=0.1), torch.float64),
        (3, lopsided, lambda p: torch.optim.Adam(p, lr=0.05), torch.float32),
        (5, squared, lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.5), torch.float64),
    ):
        model = nn.Linear(2, 1).to(dtype)
        for parameter in model.parameters():
            parameter.data = torch.randn(parameter.shape, generator=generator, dtype=dtype)
        batches = [
            (torch.randn(4, 2, generator=generator, dtype=dtype), torch.randn(4, 1, generator=generator, dtype=dtype))
            for _ in range(number)
        ]
        batches += batches[:1] if number > 1 else []  # a batch may come twice
        cases.append((model, batches, loss, make(model.parameters())))
    return cases


def loop(step: Callable[..., Any]) -> Callable[..., Any]:
    """An answer that differs from the reference in what it does with a batch."""

    def answer(model: nn.Module, batches: Batches, loss: Loss, optimizer: torch.optim.Optimizer) -> list[float]:
        losses = []
        for x, y in batches:
            value = loss(model(x), y)
            losses.append(value.item())
            step(value, optimizer)
        return losses

    return answer


def never_cleared(value: Tensor, optimizer: torch.optim.Optimizer) -> None:
    """zero_grad forgotten."""
    value.backward()
    optimizer.step()


def no_step(value: Tensor, optimizer: torch.optim.Optimizer) -> None:
    """optimizer.step forgotten."""
    optimizer.zero_grad()
    value.backward()


def step_too_early(value: Tensor, optimizer: torch.optim.Optimizer) -> None:
    """The step made with the gradient of the batch before."""
    optimizer.step()
    optimizer.zero_grad()
    value.backward()


def two_steps(value: Tensor, optimizer: torch.optim.Optimizer) -> None:
    """The optimizer called twice."""
    optimizer.zero_grad()
    value.backward()
    optimizer.step()
    optimizer.step()


def first_batch_only(model: nn.Module, batches: Batches, loss: Loss, optimizer: torch.optim.Optimizer) -> list[float]:
    """The same batch each time."""
    return by_hand.training_loop(model, [batches[0]] * len(batches), loss, optimizer)


def loss_after(model: nn.Module, batches: Batches, loss: Loss, optimizer: torch.optim.Optimizer) -> list[float]:
    """The loss measured after the step."""
    losses = []
    for x, y in batches:
        by_hand.training_loop(model, [(x, y)], loss, optimizer)
        losses.append(loss(model(x), y).item())
    return losses


def own_optimizer(model: nn.Module, batches: Batches, loss: Loss, optimizer: torch.optim.Optimizer) -> list[float]:
    """Plain gradient descent in place of the optimizer given."""
    return by_hand.training_loop(model, batches, loss, torch.optim.SGD(model.parameters(), lr=0.01))


def arguments_exchanged(
    model: nn.Module, batches: Batches, loss: Loss, optimizer: torch.optim.Optimizer
) -> list[float]:
    """loss(y, scores)."""
    return by_hand.training_loop(model, batches, lambda scores, y: loss(y, scores), optimizer)


def clipped(model: nn.Module, batches: Batches, loss: Loss, optimizer: torch.optim.Optimizer) -> list[float]:
    """The gradient clipped, which nobody asked for."""
    losses = []
    for x, y in batches:
        value = loss(model(x), y)
        optimizer.zero_grad()
        value.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(value.item())
    return losses


def built_in_loss(model: nn.Module, batches: Batches, loss: Loss, optimizer: torch.optim.Optimizer) -> list[float]:
    """Mean squared error in place of the loss given."""
    return by_hand.training_loop(model, batches, nn.functional.mse_loss, optimizer)


def first_loss(model: nn.Module, batches: Batches, loss: Loss, optimizer: torch.optim.Optimizer) -> list[float]:
    """The return stands inside the loop."""
    return by_hand.training_loop(model, batches[:1], loss, optimizer)


def last_loss(model: nn.Module, batches: Batches, loss: Loss, optimizer: torch.optim.Optimizer) -> float:
    """One number."""
    return by_hand.training_loop(model, batches, loss, optimizer)[-1]


def cleared_last(model: nn.Module, batches: Batches, loss: Loss, optimizer: torch.optim.Optimizer) -> list[float]:
    """A right answer that clears the gradient after the step."""
    losses = []
    model.zero_grad()
    for x, y in batches:
        value = loss(model(x), y)
        value.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(float(value.detach()))
    return losses


training_loop = FunctionExercise(
    lesson="05",
    reference=by_hand.training_loop,
    cases=models_and_batches,
    result="a list with the loss of each batch, before its step",
    variants=(cleared_last,),
    mistakes=(
        Mistake(
            loop(never_cleared),
            "The gradients of earlier batches are still there: `backward` adds to them. Call `optimizer.zero_grad()` "
            "before it.",
        ),
        Mistake(
            loop(no_step),
            "The weights do not move between the batches. `optimizer.step()` moves them, for each batch, after "
            "`backward()`; `zero_grad()` comes before `backward()`, or no gradient is left for the step.",
        ),
        Mistake(
            loop(step_too_early),
            "Each step uses the gradient of the batch before. The order is: zero_grad, backward, step.",
        ),
        Mistake(loop(two_steps), "You make two steps with each gradient. One batch, one step."),
        Mistake(first_batch_only, "Every step sees the first batch. Loop over all of them: `for x, y in batches:`."),
        Mistake(loss_after, "You measure each loss after its step. Keep the loss that the step was made from."),
        Mistake(own_optimizer, "Use the optimizer that is given. It already knows the model's weights."),
        Mistake(arguments_exchanged, "The loss takes the scores first, then the targets: `loss(model(x), y)`."),
        Mistake(clipped, "The gradient is clipped before the step. Here the optimizer gets it as it is."),
        Mistake(built_in_loss, "You compute a loss of your own. Use the one that is given: `loss(model(x), y)`."),
        Mistake(first_loss, "Only the first batch was used. Does the `return` stand inside the loop?"),
        Mistake(last_loss, "You return one loss. Append each batch's loss to a list, and return the list."),
    ),
    hints=(
        "For each batch: scores, loss, gradient, step. Which of torch's methods does each?",
        "`value = loss(model(x), y)`, then `optimizer.zero_grad()`, `value.backward()` and `optimizer.step()`.",
        "Keep the number with `losses.append(value.item())`, and return `losses` after the loop.",
    ),
)

second_try = ChoiceQuestion(
    lesson="05",
    name="second_try",
    question="A recurrent network with as many weights, trained for 300 steps: what share of the symbols of two steps "
    "before does it name correctly?",
    choices=("about 0.25, as before", "about a half", "more than 0.95"),
    answer="more than 0.95",
    says={
        "about 0.25, as before": "The state brings the earlier symbols along, so it does better than guessing.",
        "about a half": "Two steps back is well within its reach: hardly a symbol is wrong.",
    },
    why="Nobody told it what to keep. Training found weights that bring a symbol along for two steps.",
)

padded_end = ChoiceQuestion(
    lesson="05",
    name="padded_end",
    question="The network is right about the last real step of each sequence. What share is right if the state is read "
    "after the padding, at `output[:, -1]`?",
    choices=("all: padding is zeros, and changes nothing", "about half", "little more than guessing, 0.25"),
    answer="little more than guessing, 0.25",
    says={
        "all: padding is zeros, and changes nothing": (
            "The state changes at every step, also where the input is zero: h = tanh(W_hh h + biases)."
        ),
        "about half": "Less: few sequences end so late that the answer survives.",
    },
    why="Each step over padding moves the state on, and what was to be named two steps ago moves with it.",
)
