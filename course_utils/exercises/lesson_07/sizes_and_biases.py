"""Lesson 07: parameters, half-lives, the forget bias and the direct path."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.exercises.lesson_07.lstm_steps import Pair
from course_utils.nn import cells, gates

lstm_parameter_count = FunctionExercise(
    lesson="07",
    reference=cells.lstm_parameter_count,
    cases=lambda generator: [(1, 1), (1, 16), (4, 16), (10, 3), (3, 10), (32, 64)],
    result="how many numbers a one-layer LSTM learns",
    variants=(
        lambda input_size, hidden_size: sum(p.numel() for p in torch.nn.LSTM(input_size, hidden_size).parameters()),
    ),
    mistakes=(
        Mistake(
            lambda input_size, hidden_size: 3 * cells.rnn_parameter_count(input_size, hidden_size),
            "Three gates *and* the candidate: four blocks of weights.",
        ),
        Mistake(
            lambda input_size, hidden_size: cells.rnn_parameter_count(input_size, hidden_size),
            "That is an RNN of the same size. An LSTM has four such blocks of weights.",
        ),
        Mistake(
            lambda input_size, hidden_size: 4 * hidden_size * (input_size + hidden_size + 1),
            "torch keeps two biases for each of the four blocks.",
        ),
        Mistake(
            lambda input_size, hidden_size: 4 * hidden_size * (input_size + hidden_size),
            "The matrices are right. The biases are missing: two of 4·H numbers.",
        ),
        Mistake(
            lambda input_size, hidden_size: cells.lstm_parameter_count(hidden_size, input_size),
            "Inputs and units are exchanged: W_ih is (4·H, I), W_hh is (4·H, H).",
        ),
        Mistake(
            lambda input_size, hidden_size: cells.lstm_parameter_count(input_size, hidden_size) + 2 * hidden_size,
            "h and c at the start are states, and no parameters: they are not learned.",
        ),
        Mistake(
            lambda input_size, hidden_size: cells.rnn_parameter_count(input_size, 4 * hidden_size),
            "Each block reads H numbers of state, not 4·H: W_hh is (4·H, H).",
        ),
    ),
    hints=(
        "How many times does one step need weights like those of an RNN?",
        "Three gates and a candidate: four. `rnn_parameter_count` of lesson 05 counts one.",
        "4 · (H·I + H·H + 2·H)",
    ),
)

half_life = FunctionExercise(
    lesson="07",
    reference=gates.half_life,
    cases=lambda generator: [(0.0,), (1.0,), (3.0,), (5.0,), (2.5,), (-1.0,)],
    result="steps until half of the cell is left, a number",
    variants=(
        lambda bias: math.log(2) / math.log(1 + math.exp(-bias)),
        lambda bias: -1 / math.log2(1 / (1 + math.exp(-bias))),
    ),
    mistakes=(
        Mistake(
            lambda bias: 1 / math.log1p(math.exp(-bias)),
            "After that many steps 1/e is left, about a third. The question is when half is left: ln ½ / ln f.",
        ),
        Mistake(
            lambda bias: math.log(0.5) / math.log(bias),
            "The gate is σ(bias), not the bias itself.",
        ),
        Mistake(
            lambda bias: math.exp(bias),
            "e^b is about the time after which 1/e is left, where b is large. The question is when half is left.",
        ),
        Mistake(
            lambda bias: math.log(2) * math.exp(bias),
            "ln 2 · e^b is right for large biases, and an approximation for small ones: f^n = ½ gives n = ln ½ / ln f.",
        ),
        Mistake(
            lambda bias: math.log(1 / (1 + math.exp(-bias))) / math.log(0.5),
            "Upside down: f^n = ½ gives n = ln ½ / ln f.",
        ),
        Mistake(
            lambda bias: 0.5 / (1 - 1 / (1 + math.exp(-bias))),
            "That is what a straight line would take. The cell shrinks by a factor at each step: f^n = ½.",
        ),
        Mistake(
            lambda bias: 1 / (1 - 1 / (1 + math.exp(-bias))),
            "1 / (1 − f) is the mean time that something stays. The question is when half is left: f^n = ½.",
        ),
        Mistake(
            lambda bias: -math.log(0.5) / math.log(1 / (1 + math.exp(-bias))),
            "The sign: ln ½ and ln f are both negative, so n is positive.",
        ),
        Mistake(
            lambda bias: math.log(0.5) / math.log(1 / (1 + math.exp(bias))),
            "The sign in σ: σ(b) = 1 / (1 + e^(−b)). A larger bias holds for longer.",
        ),
        Mistake(
            lambda bias: math.floor(math.log(0.5) / math.log(1 / (1 + math.exp(-bias)))) + 0.0,
            "Do not round: the half-life need not be a whole number.",
        ),
        Mistake(
            lambda bias: 0.5 / (1 / (1 + math.exp(-bias))),
            "That is ½ divided by f. Each step multiplies by f: f^n = ½.",
        ),
        Mistake(
            lambda bias: math.ceil(math.log(0.5) / math.log(1 / (1 + math.exp(-bias)))) + 0.0,
            "Do not round: the half-life need not be a whole number.",
        ),
    ),
    hints=(
        "After n steps the cell is multiplied by f^n. When is that ½?",
        "f = σ(bias) = 1 / (1 + e^(−bias)).",
        "n = ln ½ / ln f: `math.log(0.5) / math.log(f)`.",
    ),
)


def biases_and_values(generator: torch.Generator) -> list[Arguments]:
    """The two biases of LSTMs of several sizes, and the value wanted."""
    return [
        (*torch.randn(2, 4 * H, generator=generator), value) for H, value in ((1, 1.0), (3, 3.0), (4, -2.0), (2, 0.5))
    ]


def both(b_ih: Tensor, b_hh: Tensor, value: float) -> Pair:
    """The value in both vectors: torch adds them."""
    b_ih, b_hh = b_ih.clone(), b_hh.clone()
    H = len(b_ih) // 4
    b_ih[H : 2 * H] = b_hh[H : 2 * H] = value
    return b_ih, b_hh


def one_left_as_it_was(b_ih: Tensor, b_hh: Tensor, value: float) -> Pair:
    """b_hh keeps what torch drew."""
    return gates.with_forget_bias(b_ih, b_hh, value)[0], b_hh.clone()


def at(block: int) -> Callable[..., Pair]:
    """The value in another gate's rows."""

    def wrong_rows(b_ih: Tensor, b_hh: Tensor, value: float) -> Pair:
        b_ih, b_hh = b_ih.clone(), b_hh.clone()
        H = len(b_ih) // 4
        rows = slice(block * H, (block + 1) * H)
        b_ih[rows], b_hh[rows] = value, 0.0
        return b_ih, b_hh

    return wrong_rows


def everywhere(b_ih: Tensor, b_hh: Tensor, value: float) -> Pair:
    """All gates get it."""
    return torch.full_like(b_ih, value), torch.zeros_like(b_hh)


def added_to_it(b_ih: Tensor, b_hh: Tensor, value: float) -> Pair:
    """The value added to what was there."""
    b_ih = b_ih.clone()
    H = len(b_ih) // 4
    b_ih[H : 2 * H] += value
    return b_ih, b_hh.clone()


def added_and_other_cleared(b_ih: Tensor, b_hh: Tensor, value: float) -> Pair:
    """The value added to what was there, 0 in the other."""
    b_ih, b_hh = b_ih.clone(), b_hh.clone()
    H = len(b_ih) // 4
    b_ih[H : 2 * H] += value
    b_hh[H : 2 * H] = 0.0
    return b_ih, b_hh


def every_fourth(b_ih: Tensor, b_hh: Tensor, value: float) -> Pair:
    """Rows 1, 5, 9 …"""
    b_ih, b_hh = b_ih.clone(), b_hh.clone()
    b_ih[1::4], b_hh[1::4] = value, 0.0
    return b_ih, b_hh


def difference(b_ih: Tensor, b_hh: Tensor, value: float) -> Pair:
    """What is missing to the value goes into b_ih: the sum is right."""
    return gates.with_forget_bias(b_ih, b_hh, value)[0] - rows_of_forget(b_hh), b_hh.clone()


def rows_of_forget(bias: Tensor) -> Tensor:
    """The forget gates' rows, 0 in all others."""
    H = len(bias) // 4
    return torch.where(torch.arange(len(bias)) // H == 1, bias, torch.zeros_like(bias))


def all_of_the_other_cleared(b_ih: Tensor, b_hh: Tensor, value: float) -> Pair:
    """0 in every row of b_hh."""
    return gates.with_forget_bias(b_ih, b_hh, value)[0], torch.zeros_like(b_hh)


def halves(b_ih: Tensor, b_hh: Tensor, value: float) -> Pair:
    """Half of it in each: the sum is right."""
    b_ih, b_hh = b_ih.clone(), b_hh.clone()
    H = len(b_ih) // 4
    b_ih[H : 2 * H] = b_hh[H : 2 * H] = value / 2
    return b_ih, b_hh


with_forget_bias = FunctionExercise(
    lesson="07",
    reference=gates.with_forget_bias,
    cases=biases_and_values,
    result="the two biases, b_ih and b_hh, each (4·H,)",
    variants=(lambda b_ih, b_hh, value: list(gates.with_forget_bias(b_ih, b_hh, value)),),
    mistakes=(
        Mistake(
            both,
            "torch *adds* the two biases: with the value in both the gate gets it twice. Put it into b_ih, "
            "and 0 into b_hh.",
        ),
        Mistake(
            one_left_as_it_was, "b_hh still holds what torch drew for these rows, and it is added. Set them to 0 there."
        ),
        Mistake(
            lambda b_ih, b_hh, value: gates.with_forget_bias(b_hh, b_ih, value)[::-1],
            "The sum is right. This course puts the whole value into b_ih and 0 into b_hh, not the other way round.",
        ),
        Mistake(
            added_and_other_cleared,
            "b_hh is 0 there, but in b_ih the value is added to what was there. Set it.",
        ),
        Mistake(
            lambda b_ih, b_hh, value: gates.with_forget_bias(b_ih, b_hh, 1 / (1 + math.exp(-value))),
            "That is σ(value), the gate. The *bias* is wanted: σ comes later, in the step.",
        ),
        Mistake(
            every_fourth,
            "You take every fourth row. torch keeps the gates block by block: rows H to 2·H are the forget gate's.",
        ),
        Mistake(at(0), "These are the rows of the *input* gate. torch's order is input, forget, candidate, output."),
        Mistake(at(2), "These are the rows of the *candidate*. torch's order is input, forget, candidate, output."),
        Mistake(at(3), "These are the rows of the *output* gate. torch's order is input, forget, candidate, output."),
        Mistake(
            difference,
            "The sum is right. This course puts the whole value into b_ih and 0 into b_hh, so that nobody has to add.",
        ),
        Mistake(
            all_of_the_other_cleared,
            "All of b_hh is 0. The rows of the other gates keep what torch drew: clear rows H to 2·H only.",
        ),
        Mistake(everywhere, "All gates got it. Only rows H to 2·H belong to the forget gate."),
        Mistake(
            added_to_it, "The value is added to what was there. Set it, so that the gate has exactly this bias in all."
        ),
        Mistake(
            halves,
            "The sum is right. This course puts the whole value into b_ih and 0 into b_hh, so that nobody has to add.",
        ),
    ),
    hints=(
        "4·H rows: which H of them belong to the forget gate? The order is input, forget, candidate, output.",
        "Rows H to 2·H: `[H : 2 * H]` with `H = len(b_ih) // 4`. Work on clones.",
        "The value into these rows of b_ih, and 0 into those of b_hh: torch adds the two.",
    ),
)

direct_path = FunctionExercise(
    lesson="07",
    reference=gates.direct_path,
    cases=lambda generator: [
        (torch.rand(T, H, generator=generator, dtype=torch.float64),) for T, H in ((1, 1), (3, 2), (4, 4), (7, 3))
    ],
    result="∂c_T/∂c_0 along the cell alone, shape (H,)",
    variants=(lambda f: f.log().sum(dim=0).exp(), lambda f: torch.cumprod(f, dim=0)[-1]),
    gradients=True,
    mistakes=(
        Mistake(lambda f: f.sum(dim=0), "By the chain rule the factors of the steps are multiplied, not added."),
        Mistake(lambda f: f.mean(dim=0), "The steps multiply: f_T · … · f_2 · f_1, not their mean."),
        Mistake(
            lambda f: f.prod(),
            "You multiply over the units as well. Each unit has its own cell: over time only, `dim=0`.",
        ),
        Mistake(lambda f: f.prod(dim=1), "That is the product over the units. Time is the first axis: `dim=0`."),
        Mistake(
            lambda f: torch.cumprod(f, dim=0),
            "Those are the products up to each step, (T, H). We want the last of them, over all steps.",
        ),
        Mistake(
            lambda f: f[-1] ** len(f),
            "That is the last gate, T times. Each step has a gate of its own: multiply them.",
        ),
        Mistake(
            lambda f: f.mean(dim=0) ** len(f),
            "That is the mean gate, T times. The product of different gates is smaller: multiply them themselves.",
        ),
        Mistake(lambda f: f[-1], "That is the last step alone. All steps multiply."),
        Mistake(
            lambda f: f[0] ** len(f),
            "That is the first gate, T times. Each step has a gate of its own: multiply them.",
        ),
        Mistake(lambda f: f[:-1].prod(dim=0), "The last step is missing: ∂c_T/∂c_{T−1} = f_T."),
        Mistake(lambda f: f.log().sum(dim=0), "That is the logarithm of the product: `.exp()` it, or use `prod`."),
        Mistake(lambda f: f[1:].prod(dim=0), "The first step is missing: ∂c_1/∂c_0 = f_1."),
        Mistake(lambda f: (1 - f).prod(dim=0), "f = 1 means keep: the factor of a step is f itself."),
    ),
    hints=(
        "c_t = f_t · c_{t−1} + …: what is ∂c_t/∂c_{t−1}, along the cell alone?",
        "It is f_t. Over T steps the chain rule multiplies.",
        "`f.prod(dim=0)`",
    ),
)
