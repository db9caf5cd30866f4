"""Wrong answers that a check once accepted, right ones that it refused, and what is said to both."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.nn import functional

from course_utils.exercises import (
    lesson_00,
    lesson_01,
    lesson_02,
    lesson_05,
    lesson_07,
    lesson_09,
    lesson_10,
    lesson_13,
    lesson_14,
    lesson_15,
    lesson_17,
    lesson_18,
)
from course_utils.exercises.engine.exercise import FunctionExercise
from course_utils.exercises.engine.feedback import Outcome

Answer = Callable[..., Any]


def of(exercise: FunctionExercise, change: Callable[[Any], Any]) -> Answer:
    """The right answer with its result changed."""
    return lambda *arguments: change(exercise.reference(*arguments))


def shifted_in_place(targets: Any, start: int) -> Any:
    targets[:, 1:] = targets[:, :-1].clone()
    targets[:, 0] = start
    return targets


def bias_in_place(b_ih: Any, b_hh: Any, value: float) -> Any:
    H = len(b_ih) // 4
    b_ih[H : 2 * H], b_hh[H : 2 * H] = value, 0.0
    return b_ih, b_hh


def fills_float32(images: Any, kernels: Any, bias: Any) -> Any:
    maps = lesson_02.conv2d.reference(images, kernels, bias)
    answer = torch.zeros(maps.shape)
    answer[:] = maps
    return answer


def charged_if(unknown: Callable[[str, Any], bool]) -> Answer:
    """Of lesson 13, with another idea of what is unknown."""
    return lambda nats, words, vocabulary, spelling: (
        sum(nats) + sum(spelling(word) for word in words if unknown(word, vocabulary))
    )


WRONG: list[tuple[FunctionExercise, Answer, str]] = [
    (lesson_00.persistence_error, of(lesson_00.persistence_error, str), "a str, where a number"),
    (lesson_01.parameter_count, of(lesson_01.parameter_count, str), "a str, where a number"),
    (lesson_02.conv_parameter_count, of(lesson_02.conv_parameter_count, str), "a str, where a number"),
    (lesson_10.network_size, of(lesson_10.network_size, float), "a float, where a whole number (an int)"),
    (lesson_02.conv2d, fills_float32, "`dtype=images.dtype`"),
    (lesson_14.teacher_inputs, shifted_in_place, "changes its argument targets in place"),
    (lesson_07.with_forget_bias, bias_in_place, "changes its argument b_ih in place"),
    (lesson_14.padding_mask, of(lesson_14.padding_mask, torch.Tensor.long), "True or False (torch.bool) is wanted"),
    (lesson_14.padding_mask, of(lesson_14.padding_mask, torch.Tensor.float), "True or False (torch.bool) is wanted"),
    (lesson_09.counted, of(lesson_09.counted, torch.Tensor.float), "`.long()` makes whole numbers"),
    (lesson_15.places_of, of(lesson_15.places_of, torch.Tensor.detach), "gradient with respect to features"),
    (lesson_15.seen_at_every_step, of(lesson_15.seen_at_every_step, torch.Tensor.detach), "gradient with respect to"),
    (lesson_15.look, of(lesson_15.look, lambda pair: (pair[0].detach(), pair[1])), "gradient with respect to"),
    (lesson_17.collapsed, of(lesson_17.collapsed, torch.tensor), "`.tolist()` makes one of it"),
    (lesson_13.bits_per_character, lambda nats, text: sum(nats) / math.log(2) / len(text.strip()), "edges of the text"),
    (
        lesson_13.bits_per_character,
        lambda nats, text: sum(nats) / math.log(2) / len(text.replace("\n", "")),
        "line breaks out",
    ),
    (lesson_13.charged_nats, charged_if(lambda word, known: word.lower() not in known), "Leave `.lower()` out"),
    (lesson_13.charged_nats, charged_if(lambda word, known: word not in " ".join(known)), "inside other words"),
    (lesson_13.charged_nats, charged_if(lambda word, known: word.strip() not in known), "are two tokens"),
    (lesson_13.drawn, lambda probabilities, u: (probabilities.cumsum(-1) <= u[:, None]).sum(-1), "you return V"),
    (lesson_14.greedy, lambda step, start, end, longest: [], "For"),
    (lesson_18.frame_cost, of(lesson_18.frame_cost, torch.Tensor.detach), "gradient with respect to logits"),
    (lesson_18.drawn_keys, lambda logits, t, u: (u < logits.sigmoid()).float(), "The temperature is missing"),
    (lesson_18.drawn_keys, lambda logits, t, u: u < logits.sigmoid(), "The temperature is missing"),
    (lesson_18.drawn_keys, lambda logits, t, u: (u < (logits * t).sigmoid()).double(), "You multiplied"),
    (lesson_18.drawn_keys, lambda logits, t, u: ((logits / t).sigmoid() > 0.5).int(), "nothing is drawn"),
    (lesson_18.drawn_keys, lambda logits, t, u: torch.bernoulli((logits / t).sigmoid()), "Use the `u`"),
    (lesson_18.drawn_keys, lambda logits, t, u: (torch.rand(88) < (logits / t).sigmoid()).float(), "Use the `u`"),
    (lesson_18.drawn_keys, lambda logits, t, u: 1 - (u < (logits / t).sigmoid()).half(), "On and off are exchanged"),
    (lesson_18.switches_of, of(lesson_18.switches_of, torch.Tensor.int), "not in floating point"),
    (lesson_18.nats_of_all, lambda costs: sum(c[1:].mean() for c in costs) / len(costs), "no mean at all"),
    (lesson_18.frame_cost, lambda x, f: -(x.sigmoid() ** f * (1 - x.sigmoid()) ** (1 - f)).prod(-1).log(), "on paper"),
    (
        lesson_18.frame_cost,
        lambda x, f: torch.where(f > 0, x.sigmoid(), 1 - x.sigmoid()).add(1e-8).log().sum(1).neg(),
        "caps",
    ),
    (lesson_18.frame_cost, lambda x, f: functional.mse_loss(x.sigmoid(), f, reduction="none").sum(-1), "differ: "),
]


@pytest.mark.parametrize(("exercise", "answer", "says"), WRONG, ids=lambda value: getattr(value, "name", ""))
def test_what_was_once_accepted_is_refused_with_a_reason(exercise: FunctionExercise, answer: Answer, says: str) -> None:
    feedback = exercise.check(answer)
    assert feedback.outcome is Outcome.NOT_YET, feedback
    assert says in feedback.text or says == "For", feedback


def by_autograd(w: float, h_0: float, steps: int) -> float:
    h = start = torch.tensor(h_0, requires_grad=True)
    for _ in range(steps):
        h = torch.tanh(w * h)
    return float(torch.autograd.grad(h, start)[0])


def popped(sizes: list[int]) -> int:
    left, total = list(sizes), 0
    units = left.pop()
    while left:
        inputs = left.pop()
        total, units = total + inputs * units + units, inputs
    return total


RIGHT: list[tuple[FunctionExercise, Answer]] = [
    (lesson_05.derivative_along, by_autograd),
    (lesson_01.parameter_count, popped),
    (lesson_09.counted, lambda x: x[..., :4].sum(1).argmax(-1)),
    (lesson_17.ctc_forward, of(lesson_17.ctc_forward, float)),
    (lesson_17.collapsed, of(lesson_17.collapsed, tuple)),
    (lesson_18.switches_of, of(lesson_18.switches_of, torch.Tensor.double)),
    (lesson_18.frame_cost, lambda x, f: 88 * functional.multilabel_soft_margin_loss(x, f, reduction="none")),
]


@pytest.mark.parametrize(("exercise", "answer"), RIGHT, ids=lambda value: getattr(value, "name", ""))
def test_what_was_once_refused_is_accepted(exercise: FunctionExercise, answer: Answer) -> None:
    assert exercise.check(answer).solved, exercise.check(answer)


def test_an_error_that_comes_from_a_natural_mistake_meets_its_sentence() -> None:
    told = lesson_07.half_life.check(lambda bias: math.log(0.5) / math.log(bias))  # math domain error at a bias of 0
    assert told.text == "The gate is σ(bias), not the bias itself."


def test_a_wrong_list_and_a_wrong_number_are_shown_as_what_they_are() -> None:
    told = lesson_17.collapsed.check(lambda path, blank: path[:1]).text
    assert "For path = " in told
    assert "It returns [" in told
    assert "It returns 99, where " in lesson_17.shortest.check(lambda text: 99).text
    assert "For text = 'z'" in lesson_17.shortest.check(lambda text: 99).text


def pooled(images: Any, size: int) -> Any:
    return images.unfold(2, size, size).unfold(3, size, size).flatten(-2)


ADVICE: list[
    tuple[FunctionExercise, Answer, str, Answer]
] = [  # an answer, what it is told, and the answer that follows
    (lesson_09.counted, of(lesson_09.counted, torch.Tensor.double), ".long()", lambda x: x[..., :4].sum(1).argmax(1)),
    (lesson_02.max_pool, lambda *a: pooled(*a).max(-1), "`.values`", lambda *a: pooled(*a).max(-1).values),
    (lesson_02.max_pool, lambda *a: pooled(*a).max(-1), "`.amax`", lambda *a: pooled(*a).amax(-1)),
    (
        lesson_05.rnn_states,
        lambda x, h, weights: (states := lesson_05.rnn_states.reference(x, h, weights), states[:, -1]),
        "Take the first",
        lambda x, h, weights: (lesson_05.rnn_states.reference(x, h, weights), h)[0],
    ),
    (
        lesson_05.rnn_step,
        lambda *a: list(lesson_05.rnn_step.reference(*a).unbind()),
        "`torch.stack`",
        lambda *a: torch.stack(list(lesson_05.rnn_step.reference(*a).unbind())),
    ),
    (
        lesson_14.padding_mask,
        of(lesson_14.padding_mask, torch.Tensor.int),
        "`a < b`",
        lambda lengths, longest: torch.arange(longest)[None] < lengths[:, None],
    ),
    (
        lesson_17.collapsed,
        of(lesson_17.collapsed, torch.tensor),
        "`.tolist()`",
        of(lesson_17.collapsed, lambda path: torch.tensor(path, dtype=torch.long).tolist()),
    ),
    (
        lesson_14.teacher_inputs,
        shifted_in_place,
        "targets.clone()",
        lambda targets, start: shifted_in_place(targets.clone(), start),
    ),
    (lesson_10.network_size, of(lesson_10.network_size, float), "int(…)", of(lesson_10.network_size, int)),
    (
        lesson_18.drawn_keys,
        lambda logits, t, u: u < (logits / t).sigmoid(),
        "`.to(logits.dtype)`",
        lambda logits, t, u: (u < (logits / t).sigmoid()).to(logits.dtype),
    ),
    (
        lesson_18.switches_of,
        of(lesson_18.switches_of, torch.Tensor.long),
        "`.float()`",
        of(lesson_18.switches_of, lambda frames: frames.long().float()),
    ),
]


@pytest.mark.parametrize(("exercise", "answer", "says", "mended"), ADVICE, ids=lambda value: getattr(value, "name", ""))
def test_an_answer_that_follows_the_advice_is_right(
    exercise: FunctionExercise, answer: Answer, says: str, mended: Answer
) -> None:
    assert says in exercise.check(answer).text, exercise.check(answer)
    assert exercise.check(mended).solved, exercise.check(mended)
