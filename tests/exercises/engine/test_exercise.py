"""The engine: it says what is wrong with an answer, and goes on whatever the answer does."""

from __future__ import annotations

import copy
import dataclasses
import functools
import math
import random
import re
import subprocess
import sys
import textwrap
import threading
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from course_utils.exercises import lesson_00, lesson_05, lesson_14, lesson_17
from course_utils.exercises.engine import isolation, progress
from course_utils.exercises.engine.compare import difference
from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.feedback import Note, Outcome
from course_utils.exercises.engine.inputs import in_words, rounded
from course_utils.exercises.lesson_00 import persistence
from course_utils.exercises.lesson_05 import recurrent_layer
from course_utils.exercises.lesson_10.sizes import lstm_of
from course_utils.nn import cells

step = lesson_05.rnn_step
right: Callable[..., torch.Tensor] = step.reference


def told(answer: Any) -> tuple[Outcome, str]:
    feedback = step.check(answer)
    return feedback.outcome, f"{feedback.text} {feedback.detail}"


@pytest.mark.parametrize("answer", [3, "text", [1, 2], torch.zeros(2)])
def test_what_is_no_function_is_called_by_its_name(answer: object) -> None:
    outcome, text = told(answer)
    assert outcome is Outcome.NOT_YET
    assert "should be a function" in text


def test_an_error_is_shown_with_the_learner_s_own_line() -> None:
    def answer(x: Any, h: Any, W_ih: Any, W_hh: Any, b_ih: Any, b_hh: Any) -> Any:
        y = x @ W_ih.T
        return y @ x @ h @ x

    outcome, text = told(answer)
    assert outcome is Outcome.ERROR
    assert "return y @ x @ h @ x" in text
    assert "RuntimeError" in text
    assert ".py" not in text  # no frame of ours


def test_wrong_number_of_arguments_says_what_it_was_called_with() -> None:
    outcome, text = told(lambda x, h: x)
    assert outcome is Outcome.ERROR
    assert "a tensor of shape (1, 1)" in text


@pytest.mark.parametrize(
    "empty", [lambda *a: None, lambda *a: ..., lambda *a: (_ for _ in ()).throw(NotImplementedError)]
)
def test_an_empty_answer_is_not_attempted(empty: Callable[..., Any]) -> None:
    assert told(empty)[0] is Outcome.NOT_ATTEMPTED


def test_what_torch_cannot_do_is_an_error_and_not_an_empty_answer() -> None:
    outcome, text = told(lambda x, *rest: torch.linalg.eigvals(torch.eye(2)).max())  # no order of complex numbers
    assert outcome is Outcome.ERROR
    assert "linalg.eigvals" in text


def test_tiny_values_count_where_an_exercise_says_so() -> None:
    exercise = lesson_05.derivative_along
    assert exercise.least == 0
    assert exercise.check(exercise.reference).solved
    rounded = exercise.check(lambda w, h_0, steps: exercise.reference(w, h_0, steps) if steps < 100 else 0.0)
    assert rounded.outcome is Outcome.NOT_YET
    assert difference(0.0, 1e-200, 1e-5) is None
    assert difference(0.0, 1e-200, 1e-5, least=0.0)


def test_an_input_of_tiny_numbers_is_not_rounded_to_nothing() -> None:
    text = lesson_17.decibels.check(
        lambda power, floor: (10 * ((power + 1e-5) / power.max()).log10()).clamp(-floor)
    ).text
    assert "nan" not in text
    assert in_words(rounded((torch.tensor([2e-7, 0.0]), 0.25)), ["power", "floor"]) == (
        "power = [2e-07, 0.0], floor = 0.25"
    )


def test_whole_numbers_are_shown_as_whole_numbers() -> None:
    told_of = lesson_05.rnn_parameter_count.check(lambda input_size, hidden_size: 7).text
    assert "For input_size = 1, hidden_size = 1: " in told_of


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda *a: right(*a)[0], "has shape (1,), where (1, 1) was expected"),
        (lambda *a: right(*a) * float("nan"), "NaN"),
        (lambda *a: right(*a).numpy(), "where a tensor was expected. `torch.from_numpy`"),
        (lambda *a: list(right(*a).unbind()), "a list of 1 tensors, where one tensor was expected. `torch.stack`"),
        (
            lambda *a: (right(*a), right(*a)[None]),
            "a tuple of 2 tensors, where one tensor was expected. Take the first",
        ),
        (
            lambda *a: (right(*a)[0, 0], right(*a)[None]),
            "a tuple of 2 tensors, where one tensor was expected. It should",
        ),
        (lambda *a: right(*a)[None].max(dim=0), "a pair of 2 tensors, where one tensor was expected. With a dim"),
        (lambda *a: right(*a).float(), "has the dtype torch.float32, where torch.float64 was expected. x has it"),
        (lambda *a: right(*a).float().round().long(), "has the dtype torch.int64, where torch.float32 was expected"),
        (lambda *a: "tensor", "where a tensor was expected"),
        (lambda *a: right(*a) + 0.01, "The values differ"),
        (lambda *a: right(*a).detach(), "gradient with respect to x"),
        (lambda x, h, *a: right(x, h.detach(), *a), "gradient with respect to h"),
    ],
)
def test_other_wrong_results_are_described(answer: Callable[..., Any], says: str) -> None:
    outcome, text = told(answer)
    assert outcome is Outcome.NOT_YET
    assert says in text


def test_a_wrong_value_is_shown_with_short_numbers_on_the_smallest_input_that_was_found() -> None:
    told_of = lesson_00.persistence_error.check(lambda values: 1e6).text
    shown = re.match(r"For values = \[(.*)\]: It returns 1e\+06, where .* is right", told_of)
    assert shown
    values = [float(value) for value in shown[1].split(", ")]
    assert values == [round(value, 1) for value in values]
    assert len(values) <= min(len(case[0]) for case in persistence.cases(torch.Generator().manual_seed(0)))


def test_an_answer_is_tried_in_both_precisions() -> None:
    """Where an exercise has float32 alone, the engine adds float64: else a loop into torch.zeros broke a later cell."""
    single = dataclasses.replace(
        step, cases=lambda generator: [recurrent_layer.step_arguments(generator, 2, 3, 4)], mistakes=(), gradients=False
    )

    def into_zeros(*arguments: Any) -> Any:
        answer = torch.zeros(2, 4)
        answer[:] = right(*arguments)
        return answer

    feedback = single.check(into_zeros)
    assert feedback.outcome is Outcome.NOT_YET
    assert "dtype=x.dtype" in feedback.text


def test_float32_and_float64_count_alike_only_where_an_exercise_says_so() -> None:
    below = FunctionExercise(
        lesson="05",
        name="below",
        reference=lambda x: (x < 0).to(x.dtype),
        cases=lambda generator: [(torch.randn(9, generator=generator),) for _ in range(3)],
        mistakes=(Mistake(lambda x: (x > 0).to(x.dtype), "On and off are exchanged."),),
        result="zeros and ones",
        draws_itself="It draws.",
    )
    alike = dataclasses.replace(below, either_float=True)
    for change in (torch.Tensor.float, torch.Tensor.double):
        assert "dtype" in below.check(lambda x, change=change: change(x < 0)).text
        assert alike.check(lambda x, change=change: change(x < 0)).solved
    for change in (torch.Tensor.float, torch.Tensor.double, torch.Tensor.bool, torch.Tensor.long):
        assert below.check(lambda x, change=change: change(x > 0)).text != "On and off are exchanged."
        assert alike.check(lambda x, change=change: change(x > 0)).text == "On and off are exchanged."
    for change in (torch.Tensor.half, torch.Tensor.bool, torch.Tensor.long):
        assert "dtype" in alike.check(lambda x, change=change: change(x < 0)).text
    assert below.check(lambda x: torch.rand(9).to(x.dtype)).text == "It draws."
    assert below.check(lambda x: torch.full_like(x, 0.5)).text != "It draws."


def test_arguments_that_are_changed_in_place_are_noticed() -> None:
    def in_place(x: Any, h: Any, *rest: Any) -> Any:
        result = right(x, h, *rest)
        h.zero_()
        return result

    outcome, text = told(in_place)
    assert outcome is Outcome.NOT_YET
    assert "changes its argument h in place" in text


def test_a_mistake_that_raises_an_error_on_some_input_gets_its_sentence() -> None:
    def mistake(value: float) -> float:
        return 1 / value

    exercise = FunctionExercise(
        lesson="05",
        reference=lambda value: value,
        name="value",
        cases=lambda generator: [(2.0,), (0.0,)],
        mistakes=(Mistake(mistake, "Turned round."),),
        result="the value",
    )
    assert exercise.check(lambda value: value**-1).outcome is Outcome.ERROR  # another text of Python's error
    feedback = exercise.check(lambda value: 1 / value)
    assert feedback.outcome is Outcome.NOT_YET
    assert feedback.text == "Turned round."


class Strange:
    """A result of the learner's own kind, which raises an error when it is looked at."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("not to be looked at")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("not to be compared")

    def __array__(self, *arguments: Any, **named: Any) -> Any:
        raise RuntimeError("no array")

    def __repr__(self) -> str:
        raise RuntimeError("not to be shown")

    __hash__ = None  # type: ignore[assignment]


def endless_array() -> Any:
    class Endless:
        def __array__(self, *arguments: Any, **named: Any) -> Any:
            while True:
                pass

    return Endless()


def array_of_objects() -> Any:
    array = np.empty(1, dtype=object)
    array[0] = Strange()
    return array


ODD = {
    "an object": Strange,
    "objects in a tuple": lambda: (Strange(), Strange()),
    "objects in a list": lambda: [Strange()],
    "a nested tensor": lambda: torch.nested.nested_tensor([torch.zeros(1), torch.zeros(2)]),
    "a sparse tensor": lambda: torch.zeros(1, 1).to_sparse(),
    "a tensor without values": lambda: torch.zeros(1, 1, device="meta"),
    "an array of objects": array_of_objects,
    "what never ends": endless_array,
}


def endless_list() -> list[Any]:
    loop: list[Any] = []
    loop.append(loop)
    return loop


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
@pytest.mark.parametrize("exercise", [step, lesson_05.rnn_parameter_count, lesson_14.greedy], ids=lambda e: e.name)
@pytest.mark.parametrize("result", [*ODD.values(), endless_list], ids=[*ODD, "a list of itself"])
def test_a_result_of_any_kind_is_not_yet_right_and_no_fault_of_the_course(
    exercise: FunctionExercise, result: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolation, "SECONDS_ALLOWED", 0.2)
    feedback = exercise.check(lambda *arguments: result())
    assert feedback.outcome is Outcome.NOT_YET, str(feedback)
    assert "fault of the course" not in feedback.text


def test_something_strange_left_in_an_argument_is_a_change_of_it() -> None:
    def leaves(values: list[Any]) -> Any:
        values[0] = Strange()
        return 1

    exercise = FunctionExercise(
        lesson="05",
        reference=lambda values: 1,
        name="values",
        cases=lambda generator: [([1.0, 2.0],)],
        mistakes=(),
        result="one",
    )
    assert "changes its argument values in place" in exercise.check(leaves).text


def broken(*arguments: Any) -> Any:
    raise KeyError("a slip of ours")


@pytest.mark.parametrize(
    "faulty",
    [
        dataclasses.replace(step, reference=broken),
        dataclasses.replace(step, cases=broken),
        dataclasses.replace(step, reference=lambda *arguments: Strange()),
    ],
    ids=["reference", "cases", "reference's result"],
)
def test_an_error_of_the_engine_s_own_is_neither_the_learner_s_nor_counted(faulty: FunctionExercise) -> None:
    feedback = faulty.check(lambda *arguments: arguments[0])
    assert not feedback.solved
    assert feedback.head.startswith("⚠ The check itself failed: ")
    assert "fault of the course and not of your answer" in feedback.text
    assert "a slip of ours" in feedback.detail or faulty.reference is not broken
    assert progress.load() == []


def raises(error: BaseException) -> Callable[..., Any]:
    def answer(*arguments: Any) -> Any:
        raise error

    return answer


class MuteError(Exception):
    """An error that cannot tell what it is."""

    def __init__(self, tells: Callable[[], str]) -> None:
        self.tells = tells

    def __str__(self) -> str:
        return self.tells()


def endless_text() -> str:
    while True:
        pass


def ends_python() -> str:
    raise SystemExit


@pytest.mark.parametrize(
    "answer",
    [
        raises(ValueError("the states are " + "0.123456, " * 600_000)),
        raises(KeyError(["x" * 1000] * 5000)),
        raises(type("E" * 1_000_000, (Exception,), {})()),
        raises(MuteError(lambda: "x" * 5_000_000)),
        raises(MuteError(endless_text)),
        raises(MuteError(ends_python)),
        raises(UnicodeError("\ud800 half a character")),
        lambda *arguments: type("R" * 1_000_000, (), {})(),
        lambda *arguments: "x" * 5_000_000,
        lambda *arguments: list(range(1_000_000)),
    ],
)
@pytest.mark.parametrize("exercise", [step, lesson_14.greedy], ids=lambda e: e.name)
def test_feedback_is_short_and_can_be_shown_whatever_an_answer_says(
    exercise: FunctionExercise, answer: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolation, "SECONDS_ALLOWED", 0.3)
    feedback = exercise.check(answer)
    assert feedback.outcome in (Outcome.ERROR, Outcome.NOT_YET)
    assert len(feedback.html) + len(str(feedback)) < 30_000
    assert f"{feedback}{feedback.html}".encode()


def test_a_right_answer_whose_gradients_take_too_long_is_not_told_that_they_are_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answer(*arguments: Any) -> Any:
        while any(isinstance(argument, torch.Tensor) and argument.requires_grad for argument in arguments):
            pass
        return step.reference(*arguments)

    assert step.gradients
    monkeypatch.setattr(isolation, "SECONDS_ALLOWED", 0.2)
    feedback = step.check(answer)
    assert feedback.outcome is Outcome.NOT_YET
    assert "With gradients it had not ended after 0.2 seconds" in feedback.text
    assert "is not, and training needs it" not in feedback.text


def test_an_answer_that_ends_python_is_told_so() -> None:
    outcome, text = told(lambda *a: sys.exit())
    assert outcome is Outcome.ERROR
    assert "tried to end Python" in text


def test_a_learner_goes_on_with_an_answer_that_passed() -> None:
    def mine(x: Any, h: Any, W_ih: Any, W_hh: Any, b_ih: Any, b_hh: Any) -> Any:
        return right(x, h, W_ih, W_hh, b_ih, b_hh)

    exercise = dataclasses.replace(step, _passed=None)
    assert exercise.mine() is right
    exercise.check(recurrent_layer.no_tanh)
    assert exercise.mine() is right
    exercise.check(mine)
    assert exercise.mine() is mine
    exercise.check(recurrent_layer.no_tanh)
    assert exercise.mine() is mine  # an attempt that fails takes nothing away


def test_the_course_s_own_function_is_right_but_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[Any] = []
    monkeypatch.setattr(progress, "record", lambda *what: counted.append(what))
    exercise = dataclasses.replace(step, _passed=None)
    assert "not counted" in exercise.check(exercise.mine()).text
    assert not counted
    exercise.check(lambda *arguments: right(*arguments))
    assert len(counted) == 1


@pytest.mark.parametrize(
    "ours",
    [
        functools.partial(right),
        functools.partial(functools.partial(right)),
        functools.wraps(right)(lambda *arguments: right(*arguments)),
        types.FunctionType(right.__code__, right.__globals__, "mine"),
        copy.copy(right),
        staticmethod(right),
    ],
    ids=["partial", "partial of a partial", "wrapped", "same code", "copy", "static method"],
)
def test_the_course_s_own_function_in_another_dress_is_not_counted(ours: Callable[..., Any]) -> None:
    exercise = dataclasses.replace(step, _passed=None)
    assert "not counted" in exercise.check(ours).text
    assert exercise.mine() is right
    assert progress.load() == []


def test_an_answer_that_calls_the_course_s_own_by_way_of_mine_is_not_counted() -> None:
    exercise = dataclasses.replace(step, _passed=None)
    for answer in (lambda *arguments: exercise.mine()(*arguments), exercise.mine()):
        assert "not counted" in exercise.check(answer).text
        assert exercise.mine() is right
    assert progress.load() == []
    exercise.check(lambda *arguments: right(*arguments))
    assert exercise.check(lambda *arguments: exercise.mine()(*arguments)).counted
    assert len(progress.load()) == 2


def test_nothing_is_said_of_another_exercise_s_function_while_an_answer_is_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    monkeypatch.setattr(Note, "say", lambda note: said.append(note.text))
    other = lesson_05.rnn_states
    assert step.check(lambda *arguments: (other.mine(), right(*arguments))[1]).solved
    assert not said
    assert len(progress.load()) == 1
    step.mine()
    assert len(said) == 1


def test_functions_and_sets_are_named_among_the_inputs() -> None:
    case = (lstm_of, {"b", "a"}, lambda: 0, 3)
    assert in_words(case, ["size", "kind", "step", "n"]) == (
        "size = (An LSTM from 2 inputs to 1 output.), kind = {'a', 'b'}, step = …, n = 3"
    )


def test_shapes_that_do_not_fit_come_with_help() -> None:
    _, text = told(lambda x, h, W_ih, W_hh, b_ih, b_hh: W_ih @ x)
    assert "A.T exchanges rows and columns" in text
    _, text = told(lambda x, h, *weights: math.tanh(torch.cat([x.flatten(), h.flatten()])))
    assert "use torch's, such as torch.tanh" in text
    feedback = lesson_05.rnn_states.check(lambda x, h, w: torch.stack([cells.rnn_step(x_t, h, *w) for x_t in x]))
    assert "step t reads" in feedback.detail.lower()


def test_a_check_works_in_a_thread_where_no_alarm_can_be_set() -> None:
    found: list[Outcome] = []
    thread = threading.Thread(target=lambda: found.append(told(right)[0]))
    thread.start()
    thread.join()
    assert found == [Outcome.SOLVED]


def test_random_states_and_grad_mode_are_put_back() -> None:
    def careless(*arguments: Any) -> Any:
        random.seed(1)
        np.random.seed(1)
        torch.manual_seed(1)
        torch.set_grad_enabled(False)
        return right(*arguments)

    random.seed(7)
    np.random.seed(7)
    torch.manual_seed(7)
    before = (
        random.getstate(),
        np.random.get_state(legacy=False)["state"]["key"].tolist(),
        torch.get_rng_state().tolist(),
    )
    step.check(careless)
    assert torch.is_grad_enabled()
    assert before == (
        random.getstate(),
        np.random.get_state(legacy=False)["state"]["key"].tolist(),
        torch.get_rng_state().tolist(),
    )


def test_settings_that_an_answer_changes_do_not_reach_the_reference() -> None:
    """The reference makes a tensor of the default dtype, and runs after the answer."""
    exercise = dataclasses.replace(step, reference=lambda *arguments: torch.ones(3), mistakes=(), gradients=False)

    def answer(*arguments: Any) -> Any:
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        torch.set_num_threads(2)
        return torch.ones(3, dtype=torch.float32)

    assert exercise.check(answer).solved
    assert (torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads()) == (torch.float32, True, 1)


def test_a_mistake_is_run_no_further_than_the_first_difference() -> None:
    calls = []

    def mistake(*arguments: Any) -> Any:
        calls.append(arguments)
        return recurrent_layer.no_tanh(*arguments)

    exercise = dataclasses.replace(step, mistakes=(Mistake(mistake, "No tanh."),))
    assert exercise.check(recurrent_layer.relu).outcome is Outcome.NOT_YET
    assert len(calls) == 1
    assert exercise.check(recurrent_layer.no_tanh).text == "No tanh."


def test_an_answer_that_changes_its_inputs_harms_neither_reference_nor_later_checks() -> None:
    def in_place(x: Any, h: Any, W_ih: Any, W_hh: Any, b_ih: Any, b_hh: Any) -> Any:
        result = right(x, h, W_ih, W_hh, b_ih, b_hh)
        for tensor in (x, h, W_ih, W_hh, b_ih, b_hh):
            tensor.zero_()
        return result

    step.check(in_place)
    assert told(right)[0] is Outcome.SOLVED


def test_an_interrupt_by_the_learner_goes_through() -> None:
    def interrupted(*arguments: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        step.check(interrupted)


def test_a_correct_answer_never_matches_a_mistake_even_if_listed() -> None:
    """A careless author lists the reference as a mistake: the learner is still told it is right."""
    careless = FunctionExercise(
        lesson="05",
        reference=right,
        cases=recurrent_layer.cases,
        mistakes=(Mistake(right, "wrong!"),),
        result="the state",
    )
    assert careless.check(right).solved


def test_feedback_is_accessible_html_and_plain_text() -> None:
    feedback = step.check(recurrent_layer.no_tanh)
    assert 'role="status"' in feedback.html
    assert "Not yet right" in feedback.html
    assert "Not yet right" in str(feedback)
    hostile = step.check("<script>")  # type: ignore[arg-type]
    assert "<script>" not in hostile.html


def test_checks_and_questions_work_in_a_plain_script() -> None:
    code = textwrap.dedent("""
        from course_utils.exercises import lesson_00 as ex
        from course_utils.exercises import lesson_05
        print(ex.persistence_error.check(lambda values: abs(values[1:] - values[:-1]).mean()))
        print(ex.persistence_error.hint())
        predict = lesson_05.next_year.ask()
        print(lesson_05.next_year.check(predict))
        print(lesson_05.next_year.check(1))
    """)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("✔ Solved: persistence_error.")
    assert "Hint 1 of 3" in done.stdout
    assert "  3. once higher, once lower" in done.stdout
    assert "Not attempted" in done.stdout
    assert "Not as you predicted" in done.stdout
    assert done.stderr == ""
