"""Exercises of lesson 07: the LSTM step, its parameters, its forget bias, and what is where."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion
from course_utils.nn import cells, gates

# ---------------------------------------------------------------------------------------------------------------------
# One cell, and one step


def cells_and_gates(generator: torch.Generator) -> list[Arguments]:
    """Cells with gates of several shapes, in double precision."""

    def draw(*shape: int) -> Arguments:
        c, g = torch.randn(2, *shape, generator=generator, dtype=torch.float64)
        f, i = torch.rand(2, *shape, generator=generator, dtype=torch.float64)
        return c, f, i, torch.tanh(g)

    return [draw(1), draw(3), draw(2, 4)]


cell_update = FunctionExercise(
    lesson="07",
    reference=gates.cell_update,
    cases=cells_and_gates,
    result="the new cell, of the shape of c",
    variants=(lambda c, f, i, g: torch.addcmul(f * c, i, g),),
    gradients=True,
    mistakes=(
        Mistake(
            lambda c, f, i, g: i * c + f * g,
            "The two gates are exchanged: f keeps the old cell, i lets the candidate in.",
        ),
        Mistake(
            lambda c, f, i, g: (1 - f) * c + i * g,
            "f = 1 means *keep*. Whatever its name says, it multiplies the old cell as it is.",
        ),
        Mistake(
            lambda c, f, i, g: f * c + g, "The input gate is missing: it decides how much of the candidate is written."
        ),
        Mistake(
            lambda c, f, i, g: c + i * g, "The forget gate is missing. That is the cell of 1997: it never forgets."
        ),
        Mistake(
            lambda c, f, i, g: torch.tanh(f * c + i * g),
            "No tanh goes round the cell: it is what lets a gradient through unharmed.",
        ),
        Mistake(
            lambda c, f, i, g: f * c + (1 - f) * g,
            "Here the two gates are independent: the candidate is multiplied by i, not by 1 − f.",
        ),
        Mistake(
            lambda c, f, i, g: f * i * c + g * i, "Each gate has one job: f multiplies the old cell, i the candidate."
        ),
    ),
    hints=(
        "Two things come together: what is kept of the old cell, and what is written.",
        "What is kept is f · c. What is written is the candidate g, as far as the input gate lets it in.",
        "`return f * c + i * g`",
    ),
)


def steps_of(gate_count: int) -> Callable[[torch.Generator], list[Arguments]]:
    """Steps of several sizes (B, I, H), H = I among them, and one in double precision."""

    def cases(generator: torch.Generator) -> list[Arguments]:
        found = []
        for B, I, H in ((1, 1, 1), (3, 2, 4), (2, 3, 3), (4, 5, 2)):  # noqa: E741
            states = [(B, H)] * (2 if gate_count == 4 else 1)
            shapes: list[tuple[int, ...]] = [(B, I), *states]
            shapes += [(gate_count * H, I), (gate_count * H, H), (gate_count * H,), (gate_count * H,)]
            found.append(tuple(torch.randn(shape, generator=generator) * 0.8 for shape in shapes))
        return [*found, tuple(tensor.double() for tensor in found[1])]

    return cases


Pair = tuple[Tensor, Tensor]
sigmoid, tanh = torch.sigmoid, torch.tanh


def with_parts(combine: Callable[..., Pair]) -> Callable[..., Pair]:
    """A step made from its four parts before they are squashed, in torch's order, and the old h and c."""

    def step(x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Pair:
        return combine(*(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh).chunk(4, dim=-1), h, c)

    return step


def built(i: Tensor, f: Tensor, g: Tensor, o: Tensor, c: Tensor) -> Pair:
    """h and c from squashed gates."""
    c = f * c + i * g
    return o * tanh(c), c


@with_parts
def forget_first(f: Tensor, i: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """The order f, i, g, o."""
    return built(sigmoid(i), sigmoid(f), tanh(g), sigmoid(o), c)


@with_parts
def output_third(i: Tensor, f: Tensor, o: Tensor, g: Tensor, h: Tensor, c: Tensor) -> Pair:
    """The order i, f, o, g."""
    return built(sigmoid(i), sigmoid(f), tanh(g), sigmoid(o), c)


@with_parts
def no_tanh_on_the_cell(i: Tensor, f: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """h = o · c."""
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * c, c


@with_parts
def sigmoid_candidate(i: Tensor, f: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """The candidate squashed like a gate."""
    return built(sigmoid(i), sigmoid(f), sigmoid(g), sigmoid(o), c)


@with_parts
def tanh_gates(i: Tensor, f: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """Gates squashed with tanh."""
    return built(tanh(i), tanh(f), tanh(g), tanh(o), c)


@with_parts
def old_cell_shown(i: Tensor, f: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """h from the cell before the step."""
    return sigmoid(o) * tanh(c), sigmoid(f) * c + sigmoid(i) * tanh(g)


@with_parts
def cell_first(i: Tensor, f: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """(c, h) returned."""
    return built(sigmoid(i), sigmoid(f), tanh(g), sigmoid(o), c)[::-1]


@with_parts
def nothing_kept(i: Tensor, f: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """The old cell forgotten."""
    return built(sigmoid(i), sigmoid(f), tanh(g), sigmoid(o), torch.zeros_like(c))


@with_parts
def state_kept(i: Tensor, f: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """f multiplies the old state instead of the old cell."""
    return built(sigmoid(i), sigmoid(f), tanh(g), sigmoid(o), h)


@with_parts
def squashed_cell(i: Tensor, f: Tensor, g: Tensor, o: Tensor, h: Tensor, c: Tensor) -> Pair:
    """tanh round the cell that is carried on."""
    c = tanh(sigmoid(f) * c + sigmoid(i) * tanh(g))
    return sigmoid(o) * c, c


def one_bias(x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Pair:
    """b_hh forgotten."""
    return cells.lstm_step(x, h, c, W_ih, W_hh, b_ih, torch.zeros_like(b_hh))


def no_recurrence(x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Pair:
    """The gates do not see the state."""
    return cells.lstm_step(x, torch.zeros_like(h), c, W_ih, W_hh, b_ih, b_hh)


def by_slices(x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Pair:
    """A right answer that cuts the weights, not the sum."""
    H = h.shape[1]
    parts = [
        x @ W_ih[k * H : (k + 1) * H].T
        + b_ih[k * H : (k + 1) * H]
        + h @ W_hh[k * H : (k + 1) * H].T
        + b_hh[k * H : (k + 1) * H]
        for k in range(4)
    ]
    return built(sigmoid(parts[0]), sigmoid(parts[1]), tanh(parts[2]), sigmoid(parts[3]), c)


lstm_step = FunctionExercise(
    lesson="07",
    reference=cells.lstm_step,
    cases=steps_of(4),
    result="the new state and the new cell, (h, c), each (B, H)",
    variants=(by_slices, lambda *a: list(cells.lstm_step(*a))),
    gradients=True,
    shape_tip="The sum has the shape (B, 4·H): `.chunk(4, dim=-1)` cuts it into four of (B, H).",
    mistakes=(
        Mistake(
            forget_first, "Input and forget gate are exchanged: torch's order is input, forget, candidate, output."
        ),
        Mistake(
            output_third, "Candidate and output gate are exchanged: torch's order is input, forget, candidate, output."
        ),
        Mistake(no_tanh_on_the_cell, "The cell is right. On its way out it goes through tanh: h = o · tanh(c)."),
        Mistake(
            sigmoid_candidate,
            "The candidate goes through tanh (−1 to 1), not through σ: it must be able to lower the cell.",
        ),
        Mistake(
            tanh_gates, "Gates go through σ (0 to 1). With tanh a gate could turn what passes it into its opposite."
        ),
        Mistake(old_cell_shown, "The cell is right, but h shows the *old* cell. Update c first, then h = o · tanh(c)."),
        Mistake(cell_first, "You return (c, h). torch and this course return the state first: (h, c)."),
        Mistake(nothing_kept, "The old cell is lost: f · c is missing."),
        Mistake(state_kept, "The forget gate multiplies the old *cell* c, not the old state h."),
        Mistake(
            squashed_cell,
            "tanh goes round the cell only on its way out, to h. The cell that is carried on stays as it is.",
        ),
        Mistake(one_bias, "One bias is missing, b_hh: torch keeps two, and adds both."),
        Mistake(no_recurrence, "The gates do not see the state: h @ W_hh.T is missing from the sum."),
    ),
    hints=(
        "One sum for all four: x @ W_ih.T + b_ih + h @ W_hh.T + b_hh, (B, 4·H). `.chunk(4, dim=-1)` cuts it.",
        "In torch's order: input, forget, candidate, output. σ for the three gates, tanh for the candidate.",
        "c = f · c + i · g, then h = o · tanh(c). Return (h, c).",
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# Sizes and biases

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
            "Three gates *and* the candidate: four affine maps.",
        ),
        Mistake(
            lambda input_size, hidden_size: cells.rnn_parameter_count(input_size, hidden_size),
            "That is an RNN of the same size. An LSTM has four such maps.",
        ),
        Mistake(
            lambda input_size, hidden_size: 4 * hidden_size * (input_size + hidden_size + 1),
            "torch keeps two biases for each of the four maps.",
        ),
        Mistake(
            lambda input_size, hidden_size: 4 * hidden_size * (input_size + hidden_size),
            "The matrices are right. The biases are missing: two of 4·H numbers.",
        ),
        Mistake(
            lambda input_size, hidden_size: cells.rnn_parameter_count(input_size, 4 * hidden_size),
            "The maps read H numbers of state, not 4·H: W_hh is (4·H, H).",
        ),
    ),
    hints=(
        "How many affine maps like that of an RNN are there in one step?",
        "Three gates and a candidate: four. `rnn_parameter_count` of lesson 05 counts one.",
        "4 · (H·I + H·H + 2·H)",
    ),
)

half_life = FunctionExercise(
    lesson="07",
    reference=gates.half_life,
    cases=lambda generator: [(0.0,), (1.0,), (3.0,), (5.0,), (-1.0,)],
    result="steps until half of the cell is left, a number",
    variants=(
        lambda bias: math.log(2) / math.log(1 + math.exp(-bias)),
        lambda bias: -1 / math.log2(1 / (1 + math.exp(-bias))),
    ),
    mistakes=(
        Mistake(
            lambda bias: 1 / math.log1p(math.exp(-bias)),
            "After so many steps 1/e is left, about a third. Asked is when half is left: ln ½ / ln f.",
        ),
        Mistake(
            lambda bias: math.log(0.5) / math.log(bias) if bias > 0 and bias != 1 else 0.0,
            "The gate is σ(bias), not the bias itself.",
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
            "1 / (1 − f) is the mean time that something stays. Asked is when half is left: f^n = ½.",
        ),
        Mistake(
            lambda bias: -math.log(0.5) / math.log(1 / (1 + math.exp(-bias))),
            "The sign: ln ½ and ln f are both negative, so n is positive.",
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
        Mistake(at(0), "These are the rows of the *input* gate. torch's order is input, forget, candidate, output."),
        Mistake(at(2), "These are the rows of the *candidate*. torch's order is input, forget, candidate, output."),
        Mistake(at(3), "These are the rows of the *output* gate. torch's order is input, forget, candidate, output."),
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
        Mistake(lambda f: f[-1], "That is the last step alone. All steps multiply."),
        Mistake(lambda f: f[1:].prod(dim=0), "The first step is missing: ∂c_1/∂c_0 = f_1."),
        Mistake(lambda f: (1 - f).prod(dim=0), "f = 1 means keep: the factor of a step is f itself."),
    ),
    hints=(
        "c_t = f_t · c_{t−1} + …: what is ∂c_t/∂c_{t−1}, along the cell alone?",
        "It is f_t. Over T steps the chain rule multiplies.",
        "`f.prod(dim=0)`",
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# Predictions

by_hand = ChoiceQuestion(
    lesson="07",
    name="by_hand",
    question=(
        "One LSTM unit, weights set by hand, 10,000 steps of the adding problem. What is its mean squared error?"
    ),
    choices=(
        "about 1/6: one unit cannot do it",
        "about 1/12: it holds one of the two numbers",
        "below 0.001: it solves it",
    ),
    answer="below 0.001: it solves it",
    says={
        "about 1/6: one unit cannot do it": "It can: the input gate opens at the markers, and the cell adds up.",
        "about 1/12: it holds one of the two numbers": (
            "The cell *adds*: the second number is added to the first, and one cell is enough."
        ),
    },
    why="The input gate opens at the two markers only, the forget gate never closes, and the cell is a sum.",
)

transplant = ChoiceQuestion(
    lesson="07",
    name="transplant",
    question=(
        "Two sequences with different cues run side by side. Ten steps before the end we swap their cells c, not h. "
        "Which cue do the answers follow?"
    ),
    choices=("each its own cue", "each the other's cue", "neither: they are at chance"),
    answer="each the other's cue",
    says={
        "each its own cue": "The cue is in the cell, and the cell has moved. h is made anew from it at every step.",
        "neither: they are at chance": (
            "Nothing is broken by the swap: the network goes on with a memory, only it is the other one's."
        ),
    },
    why="Where c and h disagree, c wins: the next h is made from it.",
)

swapped_h = ChoiceQuestion(
    lesson="07",
    name="swapped_h",
    question="And if we swap h, and leave c?",
    choices=("each its own cue", "each the other's cue", "neither: they are at chance"),
    answer="each its own cue",
    says={
        "each the other's cue": "h lives for one step. At the next one it is made anew from the cell, which stayed.",
        "neither: they are at chance": "For one step the gates see the wrong state. The cell carries on.",
    },
    why="h is made anew from the cell at every step; one wrong h does little.",
)

grows = NumberQuestion(
    lesson="07",
    name="grows",
    unit="as a power of ten",
    tolerance=0.0,
    mistakes={
        0.0: "With a forget gate of 0.993 nearly all would be left along the cell alone. The other paths add to it.",
        -0.5: "Along the forget gates alone it would be about that. The other paths add to it.",
    },
    prediction=True,
)
