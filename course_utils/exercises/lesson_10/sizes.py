"""Lesson 10: how many parameters a network has, and the width that gives as many."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from course_utils import stats
from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import NumberQuestion

equal_width = NumberQuestion(
    lesson="10",
    name="equal_width",
    hints=("How many affine maps has a unit of each?", "An LSTM has one for each of its gates, and one for g."),
    answer=4,
    unit="times as many",
    mistakes={
        1: "Equal width is not equal size: a unit of an LSTM has more weights than a unit of an RNN.",
        2: "The second state, c, has no weights of its own. Count the affine maps of a unit: i, f, g, o.",
        3: "An LSTM has three gates, and the candidate g has weights too. (3 is right for a GRU: r, z, n.)",
        5: "Input, forget and output gate, and the candidate: each is an affine map of its own. That makes four.",
        8: "An RNN has two biases as well. Both have as many for each affine map.",
        16: "Only the rows of the matrices are four times as many: (4·H, I) and (4·H, H). The columns stay.",
    },
    why="An LSTM has four affine maps of input and state (i, f, g, o), an RNN has one, all of the same size. At equal "
    "width a network is compared with one that has a quarter of its weights.",
    prediction=True,
)

network_size = FunctionExercise(
    lesson="10",
    reference=stats.network_size,
    cases=lambda generator: [(1, 1, 1, 1), (4, 2, 3, 1), (3, 5, 4, 2), (1, 2, 6, 3), (4, 10, 16, 5)],
    result="the number of parameters, a whole number",
    variants=(
        lambda gates, i, h, o: gates * h * i + gates * h * h + 2 * gates * h + o * h + o,
        lambda gates, i, h, o: gates * (h * i + h * h + h + h) + h * o + o,
    ),
    tolerance=1e-9,
    mistakes=(
        Mistake(
            lambda gates, i, h, o: gates * h * (i + h + 2),
            "That is the recurrent layer alone. The linear read-out has weights (O, H) and a bias (O,).",
        ),
        Mistake(
            lambda gates, i, h, o: gates * h * (i + h + 1) + (h + 1) * o,
            "One bias a gate is missing: torch keeps two, `bias_ih` and `bias_hh`.",
        ),
        Mistake(
            lambda gates, i, h, o: gates * h * (i + h) + 2 * gates + (h + 1) * o,
            "A gate has two biases for *each unit*: 2 · H numbers, not 2.",
        ),
        Mistake(
            lambda gates, i, h, o: gates * h * (i + h) + 2 * h + (h + 1) * o,
            "The biases are counted once: each *gate* has two for each unit, so they are times `gates` as well.",
        ),
        Mistake(
            lambda gates, i, h, o: gates * h * (i + h) + (h + 1) * o,
            "The biases of the layer are missing: torch keeps two numbers for each unit of each gate.",
        ),
        Mistake(
            lambda gates, i, h, o: gates * h * (i + h + 2) + (i + 1) * o,
            "The read-out sees the state, H numbers, not the inputs: (O, H) and (O,).",
        ),
        Mistake(
            lambda gates, i, h, o: gates * h * (i + h + 2) + h * o,
            "The read-out's bias is missing, one number for each output.",
        ),
        Mistake(
            lambda gates, i, h, o: gates * (h * (i + h + 2) + (h + 1) * o),
            "The gates multiply the layer only. The read-out sees the one state h, whatever the gates were.",
        ),
        Mistake(
            lambda gates, i, h, o: h * (i + h + 2) + (h + 1) * o,
            "The number of gates is not used: that is the size of an RNN. Equal width is not equal size.",
        ),
        Mistake(
            lambda gates, i, h, o: 4 * h * (i + h + 2) + (h + 1) * o,
            "That is the size of an LSTM, whatever is asked. How many affine maps there are is an argument: `gates`.",
        ),
        Mistake(
            lambda gates, i, h, o: gates * h * (i + gates * h + 2) + (h + 1) * o,
            "The state that a step reads has H numbers, not gates · H: the matrix is (gates · H, H).",
        ),
    ),
    hints=(
        "Which matrices and biases does the layer have, and which the read-out? Write down their shapes.",
        "For each gate: (H, I), (H, H), and two biases (H,). For the read-out: (O, H) and (O,).",
        "`gates * hidden_size * (input_size + hidden_size + 2)` for the layer; the read-out has "
        "`(hidden_size + 1) * output_size`.",
    ),
)


def lstm_of(width: int) -> int:
    """An LSTM from 2 inputs to 1 output."""
    return stats.network_size(4, 2, width, 1)


def gru_of(width: int) -> int:
    """A GRU from 10 inputs to 10 outputs."""
    return stats.network_size(3, 10, width, 10)


def square_of(width: int) -> int:
    """4, 10, 18, 28 …, which leaves a middle between each two."""
    return width * (width + 3)


def plain_of(width: int) -> int:
    """A feedforward network from 10 inputs to 1 output, whose size grows in proportion to its width."""
    return 12 * width + 1


def last_below(target: float, size: Callable[[int], float]) -> int:
    """The largest width that does not go over the target."""
    width = 1
    while size(width + 1) <= target:
        width += 1
    return width


def first_above(target: float, size: Callable[[int], float]) -> int:
    """The smallest width that has as many as the target."""
    width = 1
    while size(width) < target:
        width += 1
    return width


def larger_of_two(target: float, size: Callable[[int], float]) -> int:
    """Equally near: the larger."""
    width = last_below(target, size)
    return min(width + 1, width, key=lambda w: abs(size(w) - target))


nearest_width = FunctionExercise(
    lesson="10",
    reference=stats.nearest_width,
    cases=lambda generator: [
        (7, square_of),  # in the middle of 4 and 10
        (6.5, square_of),
        (1, square_of),
        (23, square_of),
        (24, square_of),
        (28, square_of),
        (1200, lstm_of),
        (5000, lstm_of),
        (2000, gru_of),
        (100, plain_of),
        (107, plain_of),
        (60_000, lstm_of),  # wider than 100
    ],
    result="the width, a whole number",
    variants=(
        lambda target, size: min(range(1, 300), key=lambda width: abs(size(width) - target)),
        lambda target, size: int(np.argmin([abs(size(width) - target) for width in range(1, 300)])) + 1,
    ),
    tolerance=1e-9,
    mistakes=(
        Mistake(
            last_below,
            "That is the largest width that does not go over the target. The next one may be nearer.",
        ),
        Mistake(
            first_above,
            "That is the first width that reaches the target. The one before may be nearer.",
        ),
        Mistake(
            lambda target, size: min(range(1, 1000), key=lambda width: abs(math.log(size(width) / target))),
            "You compare ratios. Nearest is meant in parameters: the smallest |size(width) − target|.",
        ),
        Mistake(
            lambda target, size: min(range(1, 100), key=lambda width: abs(size(width) - target)),
            "You stop at 99 units. A network may be wider: go on until `size` exceeds the target.",
        ),
        Mistake(
            lambda target, size: min(range(1000), key=lambda width: abs(size(width) - target)),
            "You begin at 0 units. A network has at least one.",
        ),
        Mistake(larger_of_two, "Of two widths that are equally near, the smaller one is asked for."),
        Mistake(
            lambda target, size: max(1, round(target / size(1))),
            "That takes the size as proportional to the width. The recurrent matrix grows with its *square*.",
        ),
        Mistake(
            lambda target, size: max(1, round(math.sqrt(target))),
            "√target would be right for one matrix of H · H and nothing else. `size` knows what else there is.",
        ),
        Mistake(
            lambda target, size: size(stats.nearest_width(target, size)),
            "That is the size of the network. We want its width.",
        ),
        Mistake(
            lambda target, size: int(np.argmin([abs(size(width) - target) for width in range(1, 300)])),
            "One too few: places are counted from 0, and your first width is 1.",
        ),
    ),
    hints=(
        "`size` is a function: `size(5)` says how many parameters the width 5 has. You may simply try widths.",
        "Go up while the next width does not exceed the target; then one of two is nearest. Or take `min` of many.",
        "`min(range(1, 1000), key=lambda width: abs(size(width) - target))`: `min` takes the first of equals.",
    ),
)
