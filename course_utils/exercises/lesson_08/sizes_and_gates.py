"""Lesson 08: sizes and biases, coupled gates, and which gate matters."""

from __future__ import annotations

import math

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion
from course_utils.exercises.lesson_07.cases import cells_and_gates
from course_utils.exercises.lesson_08.gru_steps import sigmoid, tanh
from course_utils.nn import cells, gates
from course_utils.stats import nearest_width


def first_not_smaller(lstm_size: int, input_size: int) -> int:
    """The first width with at least as many parameters."""
    wanted = cells.lstm_parameter_count(input_size, lstm_size)
    return next(h for h in range(1, 4 * lstm_size) if cells.gru_parameter_count(input_size, h) >= wanted)


def last_not_larger(lstm_size: int, input_size: int) -> int:
    """The last width with at most as many parameters."""
    wanted = cells.lstm_parameter_count(input_size, lstm_size)
    return max(h for h in range(1, 4 * lstm_size) if cells.gru_parameter_count(input_size, h) <= wanted)


def counted_the_other_way_round(lstm_size: int, input_size: int) -> int:
    """Both counts with their arguments exchanged."""
    wanted = cells.lstm_parameter_count(lstm_size, input_size)
    return min(range(1, 4 * lstm_size), key=lambda h: abs(cells.gru_parameter_count(h, input_size) - wanted))


gru_size_like = FunctionExercise(
    lesson="08",
    reference=gates.gru_size_like,
    helpers=(nearest_width,),
    cases=lambda generator: [(32, 2), (16, 1), (100, 10), (100, 12), (101, 10), (8, 7), (64, 64)],
    result="the hidden size of the GRU, a whole number",
    variants=(
        lambda lstm_size, input_size: min(
            range(1, 4 * lstm_size),
            key=lambda h: abs(
                cells.gru_parameter_count(input_size, h) - cells.lstm_parameter_count(input_size, lstm_size)
            ),
        ),
    ),
    tolerance=1e-9,
    mistakes=(
        Mistake(
            lambda lstm_size, input_size: lstm_size,
            "Equal width is not equal size: at the same width the GRU has three quarters of the parameters.",
        ),
        Mistake(
            lambda lstm_size, input_size: round(lstm_size * math.sqrt(4 / 3)),
            "√(4/3) of the width is right for H·H alone. Weights of the input and biases grow with H only.",
        ),
        Mistake(
            lambda lstm_size, input_size: round(lstm_size * 4 / 3),
            "The parameters grow with the *square* of the width, so 4/3 of the width is too much.",
        ),
        Mistake(
            lambda lstm_size, input_size: round(lstm_size * 3 / 4),
            "The GRU has fewer parameters a unit, so it may have *more* units.",
        ),
        Mistake(
            first_not_smaller,
            "That is the first width with at least as many parameters. The width below may come nearer: compare both.",
        ),
        Mistake(
            last_not_larger,
            "That is the last width that does not have more parameters. The next one may come nearer: compare both.",
        ),
        Mistake(
            counted_the_other_way_round,
            "The arguments are exchanged: the two counts take (input_size, hidden_size), and your function takes "
            "(lstm_size, input_size).",
        ),
        Mistake(
            lambda lstm_size, input_size: lstm_size - 1,
            "You tried the widths below the LSTM's alone. A GRU has fewer parameters a unit: try wider ones too.",
        ),
        Mistake(
            lambda lstm_size, input_size: 1,
            "That is the width whose count is furthest *below* the LSTM's. You want the nearest: take the size of the "
            "difference, `abs(…)`.",
        ),
        Mistake(
            lambda lstm_size, input_size: gates.gru_size_like(lstm_size, input_size) + 1,
            "One unit too many: the width below comes nearer.",
        ),
        Mistake(
            lambda lstm_size, input_size: gates.gru_size_like(lstm_size, input_size) - 1,
            "One unit too few: the width above comes nearer.",
        ),
    ),
    hints=(
        "`lstm_parameter_count` and `gru_parameter_count` count. For which width are they nearest?",
        "Try all widths from 1 to twice the LSTM's.",
        "`min(range(1, 2 * lstm_size + 1), key=lambda h: abs(gru_parameter_count(input_size, h) - wanted))`",
    ),
)

update_bias_for = FunctionExercise(
    lesson="08",
    reference=gates.update_bias_for,
    cases=lambda generator: [(1.0,), (5.0,), (20.0,), (100.0,), (0.5,)],
    result="the bias of the update gate, a number",
    variants=(lambda steps: -math.log(2 ** (1 / steps) - 1),),
    mistakes=(
        Mistake(
            lambda steps: -gates.update_bias_for(steps),
            "The sign: in torch z keeps, so a long memory needs a z near 1, a positive bias.",
        ),
        Mistake(lambda steps: 0.5 ** (1 / steps), "That is the gate z. Which bias gives it? σ(bias) = z."),
        Mistake(
            lambda steps: math.log(steps),
            "ln(steps) gives z = steps/(steps + 1), which keeps about 1/e of a state after that many steps, not half.",
        ),
        Mistake(
            lambda steps: math.log(steps / math.log(2)),
            "ln(steps / 0.69) is the approximation of lesson 07 for long times. Here the exact bias is wanted, for 0.5 "
            "steps too.",
        ),
        Mistake(
            lambda steps: math.log(steps / 0.69),
            "ln(steps / 0.69) is the approximation of lesson 07 for long times. Here the exact bias is wanted, for 0.5 "
            "steps too.",
        ),
        Mistake(
            lambda steps: -math.log(steps),
            "The sign is turned, and ln(steps) would keep about 1/e of a state, not half. Which z has z^steps = ½?",
        ),
        Mistake(
            lambda steps: math.log(0.5 ** (1 / steps)),
            "That is the logarithm of z. The inverse of σ is ln(z / (1 − z)).",
        ),
        Mistake(
            lambda steps: -math.log(math.exp(1 / steps) - 1),
            "With that gate 1/e of the state is left after these steps, not half of it: z = 0.5 ** (1 / steps).",
        ),
        Mistake(
            lambda steps: gates.update_bias_for(steps) / math.log(2),
            "That is the logarithm to base 2. σ is made of e, so it takes the natural one, `math.log`.",
        ),
        Mistake(
            lambda steps: gates.half_life(steps),
            "The other way round: we want the bias for a half-life, not the half-life of a bias.",
        ),
    ),
    hints=(
        "After `steps` steps z^steps is left of a state, if no candidate matters. When is that ½?",
        "z = 0.5 ** (1 / steps). Which bias has σ(bias) = z?",
        "`math.log(z / (1 - z))`",
    ),
)

coupled_update = FunctionExercise(
    lesson="08",
    reference=gates.coupled_update,
    cases=lambda generator: [(c, f, g) for c, f, _, g in cells_and_gates(generator)],
    result="the new cell, of the shape of c",
    variants=(lambda c, f, g: f * c + (1 - f) * g,),
    gradients=True,
    mistakes=(
        Mistake(
            lambda c, f, g: (1 - f) * c + f * g, "f = 1 means keep: f multiplies the old cell, 1 − f the candidate."
        ),
        Mistake(lambda c, f, g: f * c + f * g, "The same gate, but for the candidate it is turned round: 1 − f."),
        Mistake(
            lambda c, f, g: f * c + g, "The candidate enters whole. It gets the room that forgetting makes: 1 − f."
        ),
        Mistake(
            lambda c, f, g: c + (1 - f) * g,
            "The old cell is kept whole. f multiplies it, so that old and new share the room.",
        ),
        Mistake(
            lambda c, f, g: sigmoid(f) * c + (1 - sigmoid(f)) * g,
            "f is the gate itself, between 0 and 1: σ was applied before. Use it as it is.",
        ),
        Mistake(
            lambda c, f, g: tanh(f * c + (1 - f) * g),
            "No tanh round the cell: a mixture of numbers in −1 … 1 stays there by itself.",
        ),
    ),
    hints=(
        "One gate instead of two: what is forgotten makes room for what is written.",
        "f of the old cell, and the rest, 1 − f, of the candidate.",
        "`return f * c + (1 - f) * g`",
    ),
)

matters = ChoiceQuestion(
    lesson="08",
    name="matters",
    question="The adding problem, LSTMs that start with chrono biases: which gate is missed most when it is held at 1?",
    choices=("the input gate", "the forget gate", "the output gate", "all three alike"),
    answer="the input gate",
    says={
        "the forget gate": "Nothing has to be forgotten within one sequence: with f = 1 the cell is a sum.",
        "the output gate": "Only the last step is scored, so what the cell shows before it does no harm.",
        "all three alike": "Two of them can go, from this start: about as many seeds learn without them.",
    },
    why="Held at 1, it writes every candidate into the cell in full, at marked steps and at all others.",
)
