"""Lesson 05: states of padded sequences, shapes, parameters, and steps of training."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion
from course_utils.nn import cells, sequences


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
        Mistake(without_minus_one, "One step too late: Python counts from 0, so the last of 3 real steps is step 2."),
        Mistake(
            all_pairs,
            "`output[:, lengths - 1]` takes *every* length for *every* sequence. Sequence b needs its own: "
            "`output[torch.arange(B), lengths - 1]`.",
        ),
        Mistake(
            lambda output, lengths: output[:, lengths.max() - 1],
            "That is the last step of the *longest* sequence, for all. Each sequence ends at its own step.",
        ),
        Mistake(
            lambda output, lengths: torch.stack([o[:n].mean(dim=0) for o, n in zip(output, lengths, strict=True)]),
            "That is the mean over the real steps. We want the state after the last of them alone.",
        ),
        Mistake(
            lambda output, lengths: torch.stack([o[:n].amax(dim=0) for o, n in zip(output, lengths, strict=True)]),
            "That is the largest value over the real steps. We want the state after the last of them.",
        ),
        Mistake(last_sequence, "`output[-1]` is the last sequence of the batch. Time is the second axis."),
        Mistake(
            mean_over_time,
            "That is the mean over all steps, padding included. We want the state after the last real step.",
        ),
        Mistake(
            lambda output, lengths: output[torch.arange(len(output)), (lengths - 2).clamp_min(0)],
            "One step too early: the last of 3 real steps is step 2, `lengths - 1`.",
        ),
        Mistake(first_state, "That is the state after the first step. We want the state after the last real step."),
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
    why="`batch_first` moves the axes of output, and not those of h_n.",
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
        Mistake(
            lambda input_size, hidden_size: hidden_size * (input_size + hidden_size + 2) + hidden_size + 1,
            "You have counted a read-out too. We want the recurrent layer alone.",
        ),
        Mistake(
            lambda input_size, hidden_size: 4 * hidden_size * (input_size + hidden_size + 2),
            "That is four times too many, the number of an LSTM. A plain recurrent layer has one set of weights.",
        ),
        Mistake(
            lambda input_size, hidden_size: len(list(torch.nn.RNN(input_size, hidden_size).parameters())),
            "That is how many tensors there are. Count the numbers in them: `p.numel()`.",
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
            "That would be one optimizer step a sequence. Here four sequences share one."
        ),
        "weights 1,000 times, the state 25 times in each sequence": (
            "The weights stay as they are while a sequence is read: the same ones serve at every step."
        ),
        "weights 10 times, the state once in each sequence": (
            "The weights are right. The state changes at every time step: that is what makes it a memory."
        ),
    },
    why="The weights change once per optimizer step, whatever that step has read; the state once per time step.",
)
