"""What would make a comparison with a learner's cell unfair, found by running the cell."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.nn.own_cell import Cell, made, own_net, own_width, states_of
from course_utils.nn.parameters import parameters_count
from course_utils.runtime import seeded

TOLERANCE = 0.05  # of the parameters, as a share
BATCH, STEPS = 3, 24
SAME = 1e-4  # of the largest state: two ways to one number differ by rounding alone
CHECKS = {  # what is looked for, and what is said where nothing was found
    "contract": "it turns (B, T, I) into (B, T, H)",
    "size": "with the right width it has as many parameters as the stored networks",
    "weights of a seed": "its first weights follow from torch's seed, and differ between seeds",
    "chance": "the same input gives the same states",
    "kept state": "a sequence leaves nothing behind for the next",
    "future": "no state depends on a later input",
    "other sequences": "no state depends on the other sequences of the batch",
    "hidden weights": "all that is trained is counted",
    "no gradient": "all that is counted is trained",
}


@dataclass(frozen=True)
class Fault:
    """Something that would make a comparison unfair.

    Attributes:
        check: of `CHECKS`.
        sentence: what was found, and what to do.
    """

    check: str
    sentence: str


@dataclass(frozen=True)
class Shape:
    """The network that a cell is put into.

    Attributes:
        input_size: I.
        output_size: O.
        reader: ReLU units of the read-out; 0: it is linear.
        parameters: how many the networks that it is compared with have.
    """

    input_size: int
    output_size: int
    reader: int
    parameters: int


def audit(cell: Cell, shape: Shape) -> list[Fault]:
    """Run a cell in all ways that show whether a comparison with it is fair.

    Args:
        cell: as `course_utils.nn.own_cell` asks for it.
        shape: of the network that it is put into.

    Returns:
        What was found; nothing where it is fair. A cell that breaks its contract is looked at no further.
    """
    try:
        with seeded(0):
            states_of(made(cell, shape.input_size, 3), torch.randn(2, 5, shape.input_size), 3)
    except CourseError as error:
        return [Fault("contract", str(error))]
    except Exception as error:
        sentence = f"Your cell fails on inputs of the shape (2, 5, {shape.input_size}): {type(error).__name__}: {error}"
        return [Fault("contract", sentence)]
    try:
        width = own_width(cell, shape.input_size, shape.output_size, shape.reader, shape.parameters)
    except CourseError as error:
        return [Fault("size", str(error))]
    found = [*_size(cell, shape, width)]
    units = min(width, 12)  # of more nothing else could be learned
    with seeded(0):
        layer = made(cell, shape.input_size, units)
    found += _weights_of_a_seed(cell, shape.input_size, units)
    running = _Running(layer, shape.input_size, units)
    if chance := running.chance():  # would be taken for the others too
        return found + chance
    return [
        *found,
        *running.kept_state(),
        *running.future(),
        *running.other_sequences(),
        *running.weights(),
    ]


def _size(cell: Cell, shape: Shape, width: int) -> Iterator[Fault]:
    count = parameters_count(own_net(cell, shape.input_size, width, shape.output_size, shape.reader, seed=0))
    off = abs(count / shape.parameters - 1)
    if off > TOLERANCE:
        yield Fault(
            "size",
            f"The nearest width is {width} units with {count:,} parameters, {off:.0%} off the {shape.parameters:,} of "
            f"the stored networks; {TOLERANCE:.0%} are allowed. Let the number of weights follow hidden_size.",
        )


def _weights_of_a_seed(cell: Cell, input_size: int, units: int) -> list[Fault]:
    def weights(seed: int) -> tuple[nn.Module, list[Tensor]]:
        with seeded(seed):
            layer = made(cell, input_size, units)
        return layer, list(layer.parameters())  # the layer lives on, so that no storage is used again

    (_, first), (_, again), (_, other) = weights(1), weights(1), weights(2)
    shared = {weight.data_ptr() for weight in first if weight.numel()} & {weight.data_ptr() for weight in other}
    if first and shared:
        sentence = "Two networks share weights, so that the training of one goes on in the next. Make them in __init__."
        return [Fault("weights of a seed", sentence)]
    if not all(map(torch.equal, first, again)):
        sentence = "With the same seed of torch it begins with other weights, so that no run could be repeated. Draw "
        return [Fault("weights of a seed", f"{sentence}them with torch.")]
    if first and all(map(torch.equal, first, other)):
        sentence = "It begins with the same weights whatever the seed, as weights found beforehand would. Draw them."
        return [Fault("weights of a seed", sentence)]
    return []


class _Running:
    """A cell and inputs to try it with. Each run is of a fresh copy, so that no run leaves a trace in the next."""

    def __init__(self, layer: nn.Module, input_size: int, units: int) -> None:
        self._layer, self._units = layer, units
        generator = torch.Generator().manual_seed(0)
        self._x, self._other = (torch.randn(BATCH, STEPS, input_size, generator=generator) for _ in range(2))

    def _fresh(self) -> Callable[[Tensor], Tensor]:
        layer = copy.deepcopy(self._layer)
        return lambda x: states_of(layer, x, self._units)

    def _states(self, x: Tensor, seed: int = 0) -> Tensor:
        run = self._fresh()
        with torch.no_grad(), seeded(seed):
            return run(x)

    def _differ(self, a: Tensor, b: Tensor) -> bool:
        largest = max(float(a.abs().max()), 1.0)
        return not bool(((a - b).abs() <= SAME * largest).all())  # also where one is no number

    def chance(self) -> list[Fault]:
        """Does the same input give the same states, in a network that has seen nothing else?"""
        states = self._states(self._x)
        if not bool(states.isfinite().all()):
            return [
                Fault("chance", "On normal random inputs a state is no finite number. Scale the first weights down.")
            ]
        if self._differ(states, self._states(self._x, seed=1)) or self._differ(states, self._states(self._x)):
            sentence = (
                "The same input gives other states at a second time: random numbers are drawn in `forward`. Leave "
            )
            return [Fault("chance", f"{sentence}them out, as all stored networks do.")]
        return []

    def kept_state(self) -> list[Fault]:
        """Does a sequence leave something behind?"""
        run = self._fresh()
        with torch.no_grad(), seeded(0):
            before = run(self._x)
        with torch.no_grad(), seeded(0):
            run(self._other)
        with torch.no_grad(), seeded(0):
            after = run(self._x)
        if self._differ(before, after):
            sentence = "After another sequence the same input gives other states: something is kept between sequences. "
            return [Fault("kept state", f"{sentence}Begin each `forward` with a new state.")]
        return []

    def future(self) -> list[Fault]:
        """Does a state change with later inputs, or with how many there are?"""
        states = self._states(self._x)
        for step in (1, STEPS // 2, STEPS - 1):
            later = torch.cat([self._x[:, :step], self._other[:, step:]], dim=1)
            cut = self._x[:, :step]
            for x, change in ((later, "with other inputs"), (cut, "without the inputs")):
                if self._differ(states[:, :step], self._states(x)[:, :step]):
                    sentence = (
                        f"The states of the first {step} steps change {change} after them: it looks at the future. "
                    )
                    return [Fault("future", f"{sentence}Let state t see inputs 0 to t alone.")]
        return []

    def other_sequences(self) -> list[Fault]:
        """Does a state change with the other sequences of the batch?"""
        states = self._states(self._x)
        for n in range(BATCH):
            if self._differ(states[n : n + 1], self._states(self._x[n : n + 1])):
                sentence = (
                    "A sequence alone has other states than in a batch: the sequences of a batch are mixed. Is the "
                )
                return [Fault("other sequences", f"{sentence}batch first (in torch's layers batch_first=True)?")]
        return []

    def weights(self) -> list[Fault]:
        """Is all that is trained counted, and all that is counted trained?"""
        layer = copy.deepcopy(self._layer)
        generator = torch.Generator().manual_seed(1)
        with torch.no_grad():
            for weight in layer.parameters():  # no weight is exactly 0 then, which could stop another one's gradient
                weight.add_(0.05 * torch.randn(weight.shape, generator=generator))
        states = states_of(layer, self._x, self._units)
        if not states.requires_grad:
            return [
                Fault("no gradient", "No gradient reaches any parameter. Is there a detach, or no_grad, in `forward`?")
            ]
        (states * torch.randn(states.shape, generator=generator)).sum().backward()
        counted = {id(weight) for weight in layer.parameters()}
        found = []
        hidden = sum(leaf.numel() for leaf in _leaves(states.grad_fn) if id(leaf) not in counted)
        if hidden:
            sentence = (
                f"{hidden:,} numbers take gradients and are not among the parameters, so that no one counts them. "
            )
            found.append(Fault("hidden weights", f"{sentence}Make them nn.Parameter."))
        names = [
            name
            for name, weight in layer.named_parameters()
            if weight.numel() and (weight.grad is None or not weight.grad.any())
        ]
        if names:
            sentence = (
                f"No gradient reaches {', '.join(names)}: counted as parameters, and never trained. Use or remove "
            )
            found.append(Fault("no gradient", f"{sentence}them."))
        return found


def _leaves(end: Any) -> Iterator[Tensor]:
    """The tensors that gradients are collected in, each once."""
    todo, seen = [end], set()
    while todo:
        node = todo.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            yield node.variable
        todo += [after for after, _ in node.next_functions]
