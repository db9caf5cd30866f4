"""Lesson 05: one step of an RNN cell, and the states of a whole sequence."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.nn import cells


def cases(generator: torch.Generator) -> list[Arguments]:
    """Steps of several sizes (B, I, H): one of each kind, I = H among them, and one in double precision."""
    found = [step_arguments(generator, *sizes) for sizes in ((1, 1, 1), (4, 3, 5), (3, 6, 2), (2, 4, 4))]
    return [*found, tuple(tensor.double() for tensor in found[1])]


def step_arguments(generator: torch.Generator, batch: int, input_size: int, hidden_size: int) -> Arguments:
    """Random x (B, I), h (B, H), W_ih (H, I), W_hh (H, H), b_ih (H,), b_hh (H,)."""
    B, I, H = batch, input_size, hidden_size  # noqa: E741
    shapes = ((B, I), (B, H), (H, I), (H, H), (H,), (H,))
    return tuple(torch.randn(shape, generator=generator) * 0.5 for shape in shapes)  # small, so that tanh is not flat


def no_tanh(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """The activation forgotten."""
    return x @ W_ih.T + b_ih + h @ W_hh.T + b_hh


def no_state(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """The state before is not used: a feedforward layer."""
    return torch.tanh(x @ W_ih.T + b_ih + b_hh)


def no_state_one_bias(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """The state before is not used, nor its bias."""
    return torch.tanh(x @ W_ih.T + b_ih)


def not_transposed(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """h @ W_hh runs, for W_hh is square, but multiplies by the wrong side."""
    return torch.tanh(x @ W_ih.T + b_ih + h @ W_hh + b_hh)


def one_bias(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """b_hh forgotten."""
    return torch.tanh(x @ W_ih.T + b_ih + h @ W_hh.T)


def other_bias(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """b_ih forgotten."""
    return torch.tanh(x @ W_ih.T + h @ W_hh.T + b_hh)


def no_bias(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """Both biases forgotten."""
    return torch.tanh(x @ W_ih.T + h @ W_hh.T)


def tanh_of_the_input_only(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """The bracket closed too early."""
    return torch.tanh(x @ W_ih.T + b_ih) + h @ W_hh.T + b_hh


def two_tanhs(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """Each part squashed by itself."""
    return torch.tanh(x @ W_ih.T + b_ih) + torch.tanh(h @ W_hh.T + b_hh)


def sigmoid(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """Sigmoid for tanh."""
    return torch.sigmoid(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)


def relu(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """ReLU for tanh."""
    return torch.relu(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)


def state_added(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """The old state kept and the new one added to it."""
    return h + torch.tanh(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)


def with_linear(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """A right answer by torch's own affine map."""
    return (torch.nn.functional.linear(x, W_ih, b_ih) + torch.nn.functional.linear(h, W_hh, b_hh)).tanh()


def with_einsum(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """A right answer that names every index."""
    a = torch.einsum("bi,hi->bh", x, W_ih) + torch.einsum("bg,hg->bh", h, W_hh)
    return torch.tanh(a + b_ih + b_hh)


NO_STATE = (
    "This step never looks at the state before. That is a feedforward layer: it forgets everything. "
    "Let h take part, through W_hh."
)

rnn_step = FunctionExercise(
    lesson="05",
    reference=cells.rnn_step,
    cases=cases,
    result="the new state, shape (B, H)",
    variants=(with_linear, with_einsum),
    gradients=True,
    mistakes=(
        Mistake(no_tanh, "The sum is right, but nothing bounds it. Without tanh the state can grow at every step."),
        Mistake(
            lambda x, h, W_ih, W_hh, b_ih, b_hh: torch.tanh(b_ih + h @ W_hh.T + b_hh),
            "This step never looks at its input. Let x take part, through W_ih.",
        ),
        Mistake(no_state, NO_STATE),
        Mistake(no_state_one_bias, NO_STATE),
        Mistake(
            not_transposed,
            "`h @ W_hh` runs, because W_hh is square, but it takes the weights by the wrong side. "
            "Row i of W_hh belongs to unit i of the new state: use `h @ W_hh.T`.",
        ),
        Mistake(one_bias, "One bias is missing, b_hh: torch keeps two, and adds both."),
        Mistake(other_bias, "One bias is missing, b_ih: torch keeps two, and adds both."),
        Mistake(no_bias, "The two products are right; the biases b_ih and b_hh are missing. Add both before the tanh."),
        Mistake(
            tanh_of_the_input_only, "Check the brackets: tanh goes round the whole sum, the state's part included."
        ),
        Mistake(two_tanhs, "You squash input and state one by one. Add them first; one tanh goes round the whole sum."),
        Mistake(sigmoid, "The sum is right. This network squashes with tanh (−1 to 1), not sigmoid (0 to 1)."),
        Mistake(relu, "The sum is right. This network bends it with tanh (−1 to 1), not with ReLU."),
        Mistake(state_added, "The old state is not kept beside the new one: tanh(…) alone is the new state."),
    ),
    hints=(
        "Two things flow into the new state: the input through W_ih, and the state before through W_hh.",
        "x is (B, I) and W_ih is (H, I). Which of `x @ W_ih` and `x @ W_ih.T` gives (B, H)?",
        "`torch.tanh(` input part + its bias + state part + its bias `)`.",
    ),
)

Weights = tuple[Tensor, Tensor, Tensor, Tensor]


def sequence_cases(generator: torch.Generator) -> list[Arguments]:
    """Sequences of several sizes (B, T, I, H), T = B among them, and one in double precision."""
    found = []
    for B, T, I, H in ((1, 2, 1, 1), (3, 5, 2, 4), (4, 4, 3, 3), (2, 7, 1, 5)):  # noqa: E741
        x = torch.randn(B, T, I, generator=generator) * 0.5
        _, h, *weights = step_arguments(generator, B, I, H)
        found.append((x, h, tuple(weights)))
    x, h, four = found[1]
    return [*found, (x.double(), h.double(), tuple(weight.double() for weight in four))]


def only_the_last(x: Tensor, h: Tensor, weights: Weights) -> Tensor:
    """The last state alone."""
    return cells.rnn_states(x, h, weights)[:, -1]


def not_carried(x: Tensor, h: Tensor, weights: Weights) -> Tensor:
    """Every step starts from the first state."""
    return torch.stack([cells.rnn_step(x[:, t], h, *weights) for t in range(x.shape[1])], dim=1)


def from_zero(x: Tensor, h: Tensor, weights: Weights) -> Tensor:
    """The given first state is ignored."""
    return cells.rnn_states(x, torch.zeros_like(h), weights)


def time_first(x: Tensor, h: Tensor, weights: Weights) -> Tensor:
    """torch.stack without dim: time comes before batch."""
    return cells.rnn_states(x, h, weights).transpose(0, 1)


def states_before(x: Tensor, h: Tensor, weights: Weights) -> Tensor:
    """The state kept before the step instead of after it."""
    return torch.cat([h[:, None], cells.rnn_states(x, h, weights)[:, :-1]], dim=1)


def one_too_many(x: Tensor, h: Tensor, weights: Weights) -> Tensor:
    """The first state kept as well."""
    return torch.cat([h[:, None], cells.rnn_states(x, h, weights)], dim=1)


def first_input_only(x: Tensor, h: Tensor, weights: Weights) -> Tensor:
    """The index of the input stands still."""
    return cells.rnn_states(x[:, :1].expand_as(x), h, weights)


def batch_axis(x: Tensor, h: Tensor, weights: Weights) -> Tensor:
    """The loop counts sequences instead of steps."""
    return cells.rnn_states(x[:, : x.shape[0]], h, weights)


def returned_too_early(x: Tensor, h: Tensor, weights: Weights) -> Tensor:
    """The return stands inside the loop."""
    return cells.rnn_states(x[:, :1], h, weights)


def time_axis_kept(x: Tensor, h: Tensor, weights: Weights) -> Tensor:
    """x[:, t:t+1] keeps an axis of length 1."""
    states = []
    for t in range(x.shape[1]):
        h = cells.rnn_step(x[:, t : t + 1], h, *weights)
        states.append(h)
    return torch.stack(states, dim=1)


def reshaped(x: Tensor, h: Tensor, weights: Weights) -> Tensor:
    """reshape gives the right shape and mixes up the sequences."""
    states = cells.rnn_states(x, h, weights)
    return states.transpose(0, 1).reshape(states.shape)


def backwards(x: Tensor, h: Tensor, weights: Weights) -> Tensor:
    """From the last input to the first."""
    return cells.rnn_states(x.flip(1), h, weights)


def backwards_in_order(x: Tensor, h: Tensor, weights: Weights) -> Tensor:
    """From the last input to the first, the states then put in the order of the inputs."""
    return backwards(x, h, weights).flip(1)


def first_left_out(x: Tensor, h: Tensor, weights: Weights) -> Tensor:
    """range(1, T)."""
    return cells.rnn_states(x[:, 1:], h, weights)


def joined_sequences(x: Tensor, h: Tensor, weights: Weights) -> Tensor:
    """torch.cat for torch.stack, without dim."""
    return cells.rnn_states(x, h, weights).transpose(0, 1).flatten(0, 1)


def joined(x: Tensor, h: Tensor, weights: Weights) -> Tensor:
    """torch.cat for torch.stack."""
    return cells.rnn_states(x, h, weights).flatten(1)


def with_unbind(x: Tensor, h: Tensor, weights: Weights) -> Tensor:
    """A right answer that takes the time axis apart."""
    states = []
    for step_input in x.unbind(dim=1):
        h = cells.rnn_step(step_input, h, *weights)
        states.append(h)
    return torch.stack(states).transpose(0, 1)


rnn_states = FunctionExercise(
    lesson="05",
    shape_tip="Do you loop over time? x is (B, T, I). Step t reads x[:, t], shape (B, I); x[t] is one whole sequence.",
    reference=cells.rnn_states,
    cases=sequence_cases,
    result="the state after every step, shape (B, T, H)",
    variants=(with_unbind,),
    gradients=True,
    mistakes=(
        Mistake(only_the_last, "You return the last state alone. Keep the state after every step: (B, T, H)."),
        Mistake(
            not_carried,
            "Every step starts from the same first state, so nothing is remembered. Give each step the state that the "
            "step before returned: `h = rnn_step(…, h, …)`.",
        ),
        Mistake(from_zero, "The first step should start from the h that was given, not from zeros."),
        Mistake(time_first, "Time and batch are exchanged: `torch.stack(states, dim=1)` puts time second, (B, T, H)."),
        Mistake(states_before, "You keep the state before each step. Take the step first, then keep its result."),
        Mistake(one_too_many, "There is one state too many: the first state h is where we start, not a result."),
        Mistake(first_input_only, "Every step reads the first input. Step t reads `x[:, t]`."),
        Mistake(
            batch_axis, "Your loop runs once for each sequence. It should run over the steps: `range(x.shape[1])`."
        ),
        Mistake(returned_too_early, "Only the first step was taken. Does the `return` stand inside the loop?"),
        Mistake(time_axis_kept, "`x[:, t:t+1]` keeps an axis of length 1. Take `x[:, t]`, of shape (B, I)."),
        Mistake(
            reshaped,
            "The shape is right, the order is not: reshape mixes up the sequences. `torch.stack(states, dim=1)` puts "
            "each state in its place.",
        ),
        Mistake(backwards, "You run from the last input to the first. Time begins at t = 0."),
        Mistake(backwards_in_order, "You run from the last input to the first. Time begins at t = 0."),
        Mistake(
            lambda x, h, weights: cells.rnn_states(x[:, :-1], h, weights),
            "The last step is missing: the loop runs over all T steps, `range(x.shape[1])`.",
        ),
        Mistake(first_left_out, "The first step is missing. Python counts from 0: `range(x.shape[1])`."),
        Mistake(
            joined_sequences, "`torch.cat` glues the states end to end. `torch.stack(states, dim=1)` makes a new axis."
        ),
        Mistake(
            joined, "`torch.cat` glues the states end to end. `torch.stack(states, dim=1)` makes a new axis, time."
        ),
    ),
    hints=(
        "A loop over t from 0 to T − 1. What does step t read, and what does it hand to step t + 1?",
        "`x[:, t]` is the input of step t, shape (B, I). `h = rnn_step(x[:, t], h, *weights)`; append h to a list.",
        "At the end `torch.stack(states, dim=1)` turns T states of shape (B, H) into one (B, T, H).",
    ),
)
