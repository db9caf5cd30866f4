"""Exercises of lesson 05: what lies k steps back, an RNN cell and its unrolling, shapes, holding, honest forecasts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course_utils import metrics
from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion
from course_utils.nn import cells, gradients, sequences


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
        Mistake(
            sigmoid, "The shape of the sum is right. This network squashes with tanh (−1 to 1), not sigmoid (0 to 1)."
        ),
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


next_year = ChoiceQuestion(
    lesson="05",
    name="next_year",
    question="55 sunspots in 1858, 54 in 1961. Was the next year's number higher or lower?",
    choices=("higher both times", "lower both times", "once higher, once lower"),
    answer="once higher, once lower",
    says={
        "higher both times": "After 1858 it was higher, after 1961 lower. The number alone does not tell.",
        "lower both times": "After 1961 it was lower, after 1858 higher. The number alone does not tell.",
    },
    why="Nearly the same number, and another future.",
)

echo_years = NumberQuestion(lesson="05", name="echo_years", unit="years", tolerance=0.0, prediction=True)

# ---------------------------------------------------------------------------------------------------------------------
# What lies k steps back


def symbols_and_lags(generator: torch.Generator) -> list[Arguments]:
    """Sequences of symbols of several sizes, B = T among them, with lags from 1."""
    return [
        (torch.randint(0, 4, size, generator=generator), lag)
        for size, lag in (((2, 5), 2), ((1, 4), 1), ((3, 6), 5), ((4, 4), 3), ((5, 3), 1))
    ]


def wrapped(symbols: Tensor, lag: int) -> Tensor:
    """torch.roll: the end comes round to the beginning."""
    return symbols.roll(lag, dims=1)


def into_the_future(symbols: Tensor, lag: int) -> Tensor:
    """The symbol that comes k steps later."""
    return sequences.delayed(symbols.flip(1), lag).flip(1)


def one_step_off(symbols: Tensor, lag: int) -> Tensor:
    """Delayed by one step more."""
    return sequences.delayed(symbols, min(lag + 1, symbols.shape[1]))


def over_the_batch(symbols: Tensor, lag: int) -> Tensor:
    """Shifted from sequence to sequence."""
    return sequences.delayed(symbols.T, min(lag, len(symbols))).T


def zeros_in_front(symbols: Tensor, lag: int) -> Tensor:
    """0 where there is nothing to name: but 0 is a symbol."""
    return sequences.delayed(symbols, lag).clamp_min(0)


def cut_off(symbols: Tensor, lag: int) -> Tensor:
    """The first steps are left out."""
    return symbols[:, : symbols.shape[1] - lag]


def delayed_in_place(symbols: Tensor, lag: int) -> Tensor:
    """A right answer that fills a tensor."""
    answer = torch.full_like(symbols, -1)
    for t in range(lag, symbols.shape[1]):
        answer[:, t] = symbols[:, t - lag]
    return answer


delayed = FunctionExercise(
    lesson="05",
    reference=sequences.delayed,
    cases=symbols_and_lags,
    result="the symbol of lag steps before, shape (B, T), and −1 at the first lag steps",
    variants=(delayed_in_place,),
    mistakes=(
        Mistake(
            wrapped,
            "At the first steps you name symbols from the end (`torch.roll` and negative indices bring them "
            "round). Put −1 where there is nothing to name yet.",
        ),
        Mistake(into_the_future, "You name the symbol that comes *later*. Asked is the one that came before."),
        Mistake(one_step_off, "Delayed by one step too many. With lag 1 the answer is the symbol of the step before."),
        Mistake(
            lambda symbols, lag: sequences.delayed(symbols, min(2, symbols.shape[1])),
            "It always looks two steps back. The lag is an argument: use it.",
        ),
        Mistake(over_the_batch, "You shift from sequence to sequence. Time is the second axis: `symbols[:, …]`."),
        Mistake(zeros_in_front, "0 is a symbol. At the first steps there is nothing to name yet: put −1 there."),
        Mistake(
            cut_off, "The steps are right, but the first ones are missing: put −1 there, so that the shape is (B, T)."
        ),
    ),
    hints=(
        "At step t the answer is the symbol of step t − lag. What can the answer be at the first `lag` steps?",
        "The symbols that are named are all but the last `lag`: `symbols[:, : T - lag]`.",
        "Glue two pieces along time: `torch.cat([a (B, lag) tensor of −1, symbols[:, : T - lag]], dim=1)`.",
    ),
)

recall_chance = NumberQuestion(
    lesson="05",
    name="recall_chance",
    answer=0.25,
    tolerance=0.05,
    mistakes={
        0.5: "With two symbols it would be a half. There are four, all equally likely.",
        0.0: "It still says *some* symbol at each step, and is right now and then: one symbol in four.",
        1.0: "It sees the present symbol alone. The one of two steps before is not there to be seen.",
    },
    why="The present symbol says nothing about the one of two steps before: guessing among four is all there is.",
    prediction=True,
)

# ---------------------------------------------------------------------------------------------------------------------
# Shapes and sizes


def outputs_and_lengths(generator: torch.Generator) -> list[Arguments]:
    """States of padded sequences; B = T = H among them."""
    return [
        (torch.randn(B, T, H, generator=generator), torch.randint(1, T + 1, (B,), generator=generator))
        for B, T, H in ((3, 5, 2), (1, 4, 1), (4, 4, 4), (6, 3, 5))
    ]


def last_of_all(output: Tensor, lengths: Tensor) -> Tensor:
    """output[:, -1], which stands behind the padding."""
    return output[:, -1]


def without_minus_one(output: Tensor, lengths: Tensor) -> Tensor:
    """The step after the last real one; clamped, since the longest sequence has none."""
    return output[torch.arange(len(output)), lengths.clamp_max(output.shape[1] - 1)]


def all_pairs(output: Tensor, lengths: Tensor) -> Tensor:
    """output[:, lengths - 1] takes every length for every sequence."""
    return output[:, lengths - 1]


def last_sequence(output: Tensor, lengths: Tensor) -> Tensor:
    """output[-1], the last sequence of the batch."""
    return output[-1]


def mean_over_time(output: Tensor, lengths: Tensor) -> Tensor:
    """The mean of all steps."""
    return output.mean(dim=1)


def first_state(output: Tensor, lengths: Tensor) -> Tensor:
    """The first step."""
    return output[:, 0]


def by_gather(output: Tensor, lengths: Tensor) -> Tensor:
    """A right answer with gather."""
    index = (lengths - 1)[:, None, None].expand(-1, 1, output.shape[2])
    return output.gather(1, index)[:, 0]


def by_loop(output: Tensor, lengths: Tensor) -> Tensor:
    """A right answer, sequence by sequence."""
    return torch.stack([states[length - 1] for states, length in zip(output, lengths, strict=True)])


last_states = FunctionExercise(
    lesson="05",
    reference=sequences.last_states,
    cases=outputs_and_lengths,
    result="the state after the last real step of each sequence, shape (B, H)",
    variants=(by_gather, by_loop),
    gradients=True,
    mistakes=(
        Mistake(
            last_of_all,
            "That is the state at the end of the padding. Each sequence ends at its own step, `lengths - 1`.",
        ),
        Mistake(without_minus_one, "One step too late: the last of 3 real steps is step 2, for Python counts from 0."),
        Mistake(
            all_pairs,
            "`output[:, lengths - 1]` takes *every* length for *every* sequence. Sequence b needs its own: "
            "`output[torch.arange(B), lengths - 1]`.",
        ),
        Mistake(last_sequence, "`output[-1]` is the last sequence of the batch. Time is the second axis."),
        Mistake(
            mean_over_time,
            "That is the mean over all steps, padding included. Asked is the state after the last real step.",
        ),
        Mistake(
            lambda output, lengths: output[torch.arange(len(output)), (lengths - 2).clamp_min(0)],
            "One step too early: the last of 3 real steps is step 2, `lengths - 1`.",
        ),
        Mistake(first_state, "That is the state after the first step. Asked is the one after the last real step."),
    ),
    hints=(
        "Sequence b ends at step lengths[b] − 1. Which entry of output is that?",
        "A loop will do: `torch.stack([… for states, length in zip(output, lengths)])`.",
        "Without a loop: `output[torch.arange(len(output)), lengths - 1]` pairs each sequence with its own step.",
    ),
)

shapes = ChoiceQuestion(
    lesson="05",
    name="shapes",
    question="Three sequences of 103 steps, one number a step, 16 units, batch_first=True. What are the "
    "shapes of output and h_n?",
    choices=(
        "(3, 103, 16) and (3, 16)",
        "(3, 103, 16) and (1, 3, 16)",
        "(103, 3, 16) and (1, 3, 16)",
        "(3, 103, 1) and (3, 1, 16)",
    ),
    answer="(3, 103, 16) and (1, 3, 16)",
    says={
        "(3, 103, 16) and (3, 16)": "h_n has an axis for the layers in front, also where there is only one.",
        "(103, 3, 16) and (1, 3, 16)": "That would be without batch_first=True.",
        "(3, 103, 1) and (3, 1, 16)": (
            "output holds states, 16 numbers a step; and h_n has its layers in front, whatever batch_first says."
        ),
    },
    why="Many a bug lives here: batch_first moves the axes of output, and not those of h_n.",
)

rnn_parameter_count = FunctionExercise(
    lesson="05",
    reference=cells.rnn_parameter_count,
    cases=lambda generator: [(1, 1), (1, 16), (4, 16), (10, 3), (3, 10), (32, 64)],
    result="how many numbers a one-layer RNN learns",
    variants=(
        lambda input_size, hidden_size: sum(p.numel() for p in torch.nn.RNN(input_size, hidden_size).parameters()),
        lambda input_size, hidden_size: hidden_size * (input_size + hidden_size + 2),
    ),
    mistakes=(
        Mistake(
            lambda input_size, hidden_size: hidden_size * (input_size + hidden_size + 1),
            "torch keeps two biases, b_ih and b_hh, of H numbers each.",
        ),
        Mistake(
            lambda input_size, hidden_size: hidden_size * (input_size + hidden_size),
            "The two matrices are right. The two biases of H numbers each are missing.",
        ),
        Mistake(
            lambda input_size, hidden_size: hidden_size * input_size + 2 * hidden_size,
            "W_hh is missing: H·H numbers from state to state.",
        ),
        Mistake(
            lambda input_size, hidden_size: hidden_size * input_size + hidden_size + 2 * hidden_size,
            "W_hh leads from every unit to every unit: H·H numbers, not H.",
        ),
        Mistake(
            lambda input_size, hidden_size: hidden_size * input_size + input_size * input_size + 2 * hidden_size,
            "W_hh leads from state to state: (H, H), not (I, I).",
        ),
        Mistake(
            lambda input_size, hidden_size: input_size * hidden_size + hidden_size**2 + 2,
            "A bias is one number for each unit: H of them, and there are two biases.",
        ),
        Mistake(
            lambda input_size, hidden_size: 2 * hidden_size * (input_size + hidden_size + 1),
            "There is one W_ih and one W_hh. Only the bias comes twice.",
        ),
    ),
    hints=(
        "Count four tensors: W_ih, W_hh, b_ih, b_hh. What are their shapes?",
        "W_ih is (H, I), W_hh is (H, H), each bias is (H,).",
        "H·I + H·H + 2·H. The length T is not in it.",
    ),
)

episodes = ChoiceQuestion(
    lesson="05",
    name="episodes",
    question="Training on 40 sequences of 25 steps, in batches of 4: how often do weights and state change?",
    choices=(
        "weights 40 times, the state 25 times in each sequence",
        "weights 10 times, the state 25 times in each sequence",
        "weights 1,000 times, the state 25 times in each sequence",
        "weights 10 times, the state once in each sequence",
    ),
    answer="weights 10 times, the state 25 times in each sequence",
    says={
        "weights 40 times, the state 25 times in each sequence": (
            "That would be one optimiser step a sequence. Here four sequences share one."
        ),
        "weights 1,000 times, the state 25 times in each sequence": (
            "The weights stay as they are while a sequence is read: the same ones serve at every step."
        ),
        "weights 10 times, the state once in each sequence": (
            "The weights are right. The state changes at every time step: that is what makes it a memory."
        ),
    },
    why="The weights change once per optimiser step, whatever that step has read; the state once per time step.",
)

# ---------------------------------------------------------------------------------------------------------------------
# Holding


def weights_and_starts(generator: torch.Generator) -> list[Arguments]:
    """Weights below and above 1, one of them negative, with starts and numbers of steps."""
    return [(0.5, 0.8, 1), (1.25, 0.5, 3), (0.9, -0.3, 10), (-1.5, 0.4, 4), (1.25, 0.5, 200), (2.0, 0.7, 0)]


def _along(w: float, h_0: float, steps: int, factor: Any) -> float:
    h, derivative = h_0, 1.0
    for _ in range(steps):
        before, h = h, math.tanh(w * h)
        derivative *= factor(w, before, h)
    return derivative


def added_up(w: float, h_0: float, steps: int) -> float:
    """A sum for a product."""
    h, total = h_0, 0.0
    for _ in range(steps):
        h = math.tanh(w * h)
        total += w * (1 - h**2)
    return total


def difference_of_two_runs(w: float, h_0: float, steps: int) -> float:
    """The difference that a little more at the start makes, divided by the little."""
    little, ends = 1e-6, []
    for h in (h_0 - little, h_0 + little):
        for _ in range(steps):
            h = math.tanh(w * h)
        ends.append(h)
    return (ends[1] - ends[0]) / (2 * little)


def last_factor(w: float, h_0: float, steps: int) -> float:
    """The factor of the last step."""
    h = h_0
    for _ in range(steps):
        h = math.tanh(w * h)
    return w * (1 - h**2)


derivative_along = FunctionExercise(
    lesson="05",
    least=0.0,
    reference=gradients.derivative_along,
    cases=weights_and_starts,
    result="∂h_T/∂h_0, a number",
    variants=(lambda w, h_0, steps: _along(w, h_0, steps, lambda w, before, h: w / math.cosh(w * before) ** 2),),
    mistakes=(
        Mistake(
            lambda w, h_0, steps: _along(w, h_0, steps, lambda w, before, h: 1 - h**2),
            "The factor w is missing: the state enters the next step multiplied by w.",
        ),
        Mistake(
            lambda w, h_0, steps: _along(w, h_0, steps, lambda w, before, h: w),
            "That is w^T, as if tanh were not there. Each step also has the slope of tanh, 1 − h².",
        ),
        Mistake(
            lambda w, h_0, steps: _along(w, h_0, steps, lambda w, before, h: w * (1 - before**2)),
            "You take the slope at the state *before* the step. It is 1 − h² with the new h: step first, "
            "then the factor.",
        ),
        Mistake(
            lambda w, h_0, steps: _along(w, h_0, steps, lambda w, before, h: w * (1 - math.tanh(h) ** 2)),
            "h is tanh of something already: the slope is 1 − h², without another tanh.",
        ),
        Mistake(
            lambda w, h_0, steps: _along(w, h_0, steps, lambda w, before, h: w * (1 - h)),
            "The slope of tanh is 1 − h², with the square.",
        ),
        Mistake(
            lambda w, h_0, steps: _along(w, h_0, steps, lambda w, before, h: h / before if before else 1.0),
            "h_T/h_0 compares two states. The derivative asks what a *small change* of h_0 does: multiply w "
            "(1 − h²) over the steps.",
        ),
        Mistake(
            difference_of_two_runs,
            "The difference of two runs drowns in rounding once the derivative is small. Multiply the steps' factors.",
        ),
        Mistake(last_factor, "That is the factor of the last step alone. The factors of all steps multiply."),
        Mistake(added_up, "By the chain rule the factors of the steps are multiplied, not added."),
    ),
    hints=(
        "By the chain rule ∂h_T/∂h_0 is a product, with one factor a step. What is ∂h_t/∂h_{t−1}?",
        "The slope of tanh is 1 − tanh². So the factor of a step is w · (1 − h²), with the h after the step.",
        "In a loop: `h = tanh(w * h)`, then `derivative *= w * (1 - h**2)`.",
    ),
)

held = ChoiceQuestion(
    lesson="05",
    name="held",
    question="h ← tanh(1.25 h + noise), from +0.5, for 5,000 steps. Is the sign still +? And how much does h "
    "at the end depend on a small change of h at the start?",
    choices=(
        "the sign is lost, and it depends on nothing",
        "the sign is kept, and h depends on the start",
        "the sign is kept, and h does not depend on the start",
        "the sign is lost, and h depends on the start",
    ),
    answer="the sign is kept, and h does not depend on the start",
    says={
        "the sign is lost, and it depends on nothing": (
            "The second half is right. But the sign is kept: each step pulls the state back towards +0.71."
        ),
        "the sign is kept, and h depends on the start": (
            "The sign is kept because every step pulls the state back. The same pull wipes out the small change."
        ),
        "the sign is lost, and h depends on the start": (
            "It is the other way round, twice: the pull that keeps the sign wipes out small changes."
        ),
    },
    why="What holds the bit against noise is what lets the derivative vanish: both are the pull of each step.",
)

# ---------------------------------------------------------------------------------------------------------------------
# Forecasts


def values_and_seasons(generator: torch.Generator) -> list[Arguments]:
    """Series of several lengths with seasons from 1."""
    return [
        (np.round(torch.randn(length, generator=generator).numpy() * 3, 1), season)
        for length, season in ((4, 1), (5, 2), (12, 3), (30, 11))
    ]


seasonal_naive_error = FunctionExercise(
    lesson="05",
    reference=metrics.seasonal_naive_error,
    cases=values_and_seasons,
    result="the mean absolute error, a number",
    variants=(
        lambda values, season: np.mean(np.abs(np.diff([values[:-season], values[season:]], axis=0))),
        lambda values, season: (
            sum(abs(values[t] - values[t - season]) for t in range(season, len(values))) / (len(values) - season)
        ),
    ),
    mistakes=(
        Mistake(
            lambda values, season: float((values[season:] - values[:-season]).mean()),
            "Errors of opposite sign cancel. Take the absolute value of each before the mean.",
        ),
        Mistake(
            lambda values, season: float(abs(values - np.roll(values, season)).mean()),
            "The first values are compared with the last, which had not come yet (`np.roll` and negative indices do "
            "that). Leave the first season out.",
        ),
        Mistake(
            lambda values, season: float(abs(values[season:] - values[:-season]).sum() / len(values)),
            "You divide by all T values. Only T − season of them have one a season before them.",
        ),
        Mistake(
            lambda values, season: float(((values[season:] - values[:-season]) ** 2).mean()),
            "That is the mean *squared* error. Asked is the mean of the absolute errors.",
        ),
        Mistake(
            lambda values, season: float(abs(values[season:] - values[:-season]).sum()),
            "That is the sum of the errors. Take their mean.",
        ),
        Mistake(
            lambda values, season: float(abs(values[1:] - values[:-1]).mean()),
            "That is persistence, one step back. Look a whole season back.",
        ),
        Mistake(
            lambda values, season: metrics.seasonal_naive_error(values, min(11, len(values) - 1)),
            "It always looks eleven steps back. The season is an argument: use it.",
        ),
        Mistake(
            lambda values, season: float(np.sqrt(((values[season:] - values[:-season]) ** 2).mean())),
            "That is the root of the mean *squared* error. Asked is the mean of the absolute errors.",
        ),
        Mistake(
            lambda values, season: float(np.median(abs(values[season:] - values[:-season]))),
            "That is the median. Take the mean.",
        ),
    ),
    hints=(
        "The forecast for step t is the value of step t − season. Which steps have one?",
        "`values[season:]` are the values to forecast, `values[:-season]` the forecasts.",
        "`abs(values[season:] - values[:-season]).mean()`",
    ),
)

sunspot_winner = ChoiceQuestion(
    lesson="05",
    name="sunspot_winner",
    question="Which of these is closest on 1950 to 2008, one year ahead?",
    choices=(
        "last year's number again",
        "the number of 11 years ago",
        "a weighted sum of the last years",
        "the recurrent network",
        "the last two, no difference to speak of",
    ),
    answer="the last two, no difference to speak of",
    says={
        "last year's number again": "Persistence always comes a year late: it is one of the two worst.",
        "the number of 11 years ago": "The waves are of about 11 years, not of exactly 11, and of different heights.",
        "a weighted sum of the last years": (
            "It is among the best. But the networks are as good, some a little better, some a little worse."
        ),
        "the recurrent network": (
            "It is among the best. But so is a weighted sum of the last years, which takes a millisecond to fit."
        ),
    },
    why="A linear rule over the last years does as well as a recurrent network here. That is worth "
    "knowing before one builds a network.",
)
