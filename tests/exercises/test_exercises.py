"""Every exercise: the reference and its variants pass, the stub is told apart, each mistake gets its own sentence.

And the engine: whatever an answer does, it gets a clear sentence, and nothing of the learner's is changed.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import importlib
import inspect
import io
import math
import pkgutil
import random
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import exercises
from course_utils.errors import CourseError
from course_utils.exercises import lesson_00, lesson_05
from course_utils.exercises.engine import isolation
from course_utils.exercises.engine.compare import difference
from course_utils.exercises.engine.exercise import Exercise, FunctionExercise, Mistake
from course_utils.exercises.engine.feedback import Outcome

ROOT = Path(__file__).resolve().parents[2]
MODULES = [m.name for m in pkgutil.iter_modules(exercises.__path__) if m.name.startswith("lesson_")]
FOUND = [
    (module, name, exercise)
    for module in MODULES
    for name, exercise in vars(importlib.import_module(f"course_utils.exercises.{module}")).items()
    if isinstance(exercise, Exercise)
]
ALL = [pytest.param(m, e, id=f"{m}.{n}") for m, n, e in FOUND if isinstance(e, FunctionExercise)]


@pytest.mark.parametrize(("module", "name", "exercise"), FOUND, ids=lambda value: str(value)[:30])
def test_every_exercise_knows_its_lesson_and_its_name(module: str, name: str, exercise: Exercise) -> None:
    assert module == f"lesson_{exercise.lesson}"
    assert name == exercise.name


@pytest.mark.parametrize(("module", "exercise"), ALL)
def test_reference_and_variants_are_solved(module: str, exercise: FunctionExercise) -> None:
    for answer in (exercise.reference, *exercise.variants):
        feedback = exercise.check(answer)
        assert feedback.outcome is Outcome.SOLVED, f"{answer.__name__}: {feedback}"


@pytest.mark.parametrize(("module", "exercise"), ALL)
def test_each_mistake_gets_its_own_sentence(module: str, exercise: FunctionExercise) -> None:
    assert len(exercise.mistakes) >= 4
    for mistake in exercise.mistakes:
        feedback = exercise.check(mistake.answer)
        assert feedback.outcome is Outcome.NOT_YET
        assert feedback.text == mistake.says, f"{mistake.answer.__name__} was told: {feedback}"


@pytest.mark.parametrize(("module", "exercise"), ALL)
def test_stub_in_the_lesson_is_not_attempted_and_has_the_reference_s_arguments(
    module: str, exercise: FunctionExercise
) -> None:
    stub = stub_of(module.removeprefix("lesson_"), f"my_{exercise.name}")
    assert exercise.check(stub).outcome is Outcome.NOT_ATTEMPTED
    assert list(inspect.signature(stub).parameters) == list(inspect.signature(exercise.reference).parameters)


def stub_of(number: str, name: str) -> Callable[..., Any]:
    """The function with that name in the lesson's source, as a learner finds it."""
    (path,) = (ROOT / "lessons").glob(f"{number}_*.py")
    (found,) = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name == name
    ]
    namespace: dict[str, Any] = {}
    exec(compile(ast.Module([found], []), str(path), "exec"), namespace)
    stub: Callable[..., Any] = namespace[name]
    return stub


@pytest.mark.parametrize(("module", "exercise"), ALL)
def test_hints_go_on_and_a_wrong_number_says_how_many_there_are(module: str, exercise: FunctionExercise) -> None:
    texts = [exercise.hint(n).text for n in range(1, len(exercise.hints) + 1)]
    assert len(set(texts)) == len(texts) >= 2
    assert exercise.hint().text == texts[0]
    for wrong in (0, len(texts) + 1, -1):
        with pytest.raises(CourseError, match=f"hints 1 to {len(texts)}"):
            exercise.hint(wrong)


@pytest.mark.parametrize(("module", "exercise"), ALL)
def test_solution_shows_the_function_that_later_lessons_import(module: str, exercise: FunctionExercise) -> None:
    assert inspect.getsource(exercise.reference) in str(exercise.solution())
    assert exercise.reference.__module__ in str(exercise.solution())


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
    assert "engine.py" not in text


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


def test_whole_numbers_are_shown_as_whole_numbers() -> None:
    told_of = lesson_05.rnn_parameter_count.check(lambda input_size, hidden_size: 7).text
    assert "For input_size = 1, hidden_size = 1: " in told_of


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda *a: right(*a)[0], "has shape (5,), where (4, 5) was expected"),
        (lambda *a: right(*a) * float("nan"), "NaN"),
        (lambda *a: right(*a).numpy(), "where a tensor was expected"),
        (lambda *a: [right(*a), right(*a)], "a list of 2 tensors, where one tensor was expected. `torch.stack`"),
        (lambda *a: right(*a).float(), "has the dtype torch.float32, and the inputs had torch.float64"),
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


def test_a_wrong_value_is_shown_with_the_inputs_where_they_are_few() -> None:
    told_of = lesson_00.persistence_error.check(lambda values: 1e6).text
    first = lesson_00.cases(torch.Generator().manual_seed(0))[0][0]
    assert f"For values = {np.round(first, 4).tolist()}: The values differ: 1e+06" in told_of


def test_an_answer_that_never_ends_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "SECONDS_ALLOWED", 0.2)

    def endless(*arguments: Any) -> None:
        while True:
            pass

    outcome, text = told(endless)
    assert outcome is Outcome.ERROR
    assert "had not ended after 0.2 seconds" in text
    assert told(right)[0] is Outcome.SOLVED


def test_an_answer_that_catches_everything_is_stopped_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "SECONDS_ALLOWED", 0.2)

    def stubborn(*arguments: Any) -> None:
        while True:
            try:
                while True:
                    pass
            except Exception:
                pass

    assert "had not ended" in told(stubborn)[1]


def test_an_answer_that_ends_python_is_told_so() -> None:
    outcome, text = told(lambda *a: sys.exit())
    assert outcome is Outcome.ERROR
    assert "tried to end Python" in text


def test_a_learner_goes_on_with_an_answer_that_passed() -> None:
    def mine(x: Any, h: Any, W_ih: Any, W_hh: Any, b_ih: Any, b_hh: Any) -> Any:
        return right(x, h, W_ih, W_hh, b_ih, b_hh)

    exercise = dataclasses.replace(step, _passed=None)
    assert exercise.mine() is right
    exercise.check(lesson_05.no_tanh)
    assert exercise.mine() is right
    exercise.check(mine)
    assert exercise.mine() is mine
    exercise.check(lesson_05.no_tanh)
    assert exercise.mine() is mine  # an attempt that fails takes nothing away


def test_shapes_that_do_not_fit_come_with_help() -> None:
    _, text = told(lambda x, h, W_ih, W_hh, b_ih, b_hh: W_ih @ x)
    assert "A.T exchanges rows and columns" in text
    _, text = told(lambda x, h, *weights: math.tanh(torch.cat([x.flatten(), h.flatten()])))
    assert "use torch's, such as torch.tanh" in text
    feedback = lesson_05.rnn_states.check(
        lambda x, h, w: torch.stack([lesson_05.cells.rnn_step(x_t, h, *w) for x_t in x])
    )
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
    before = (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist())
    step.check(careless)
    assert torch.is_grad_enabled()
    assert before == (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist())


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


class Unreadable:
    """An object that answers every question with an error."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    def __array__(self, *arguments: Any, **options: Any) -> Any:
        raise RuntimeError("no array")

    def __float__(self) -> float:
        raise RuntimeError("no float")


class Lying:
    """An object that says it is an array and gives something else."""

    shape = "round"

    def __array__(self, *arguments: Any, **options: Any) -> Any:
        return "not an array"


class UnreadableError(Exception):
    """An error whose text raises an error."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


results = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.floats(), max_size=3),
    st.lists(st.integers(0, 3), max_size=3).map(lambda shape: torch.zeros(shape)),
    st.sampled_from([torch.float16, torch.int64, torch.bool, torch.complex64]).map(
        lambda t: torch.ones((1, 1), dtype=t)
    ),
    st.just(object()),
    st.just(torch.empty(1, 1, device="meta")),
    st.just(torch.eye(2).to_sparse()),
    st.just(torch.ones(1, 1, requires_grad=True)),
    st.sampled_from([Unreadable(), Lying(), (1, 2, 3), {"a": 1}, iter([1.0]), np.array(["a"]), np.array([None])]),
    st.sampled_from(
        [
            ValueError("no"),
            ZeroDivisionError(),
            StopIteration(),
            RecursionError("deep"),
            MemoryError(),
            SystemExit(1),
            GeneratorExit(),
            UnreadableError(),
            BaseException("base"),
            AssertionError(),
        ]
    ),
)
CARELESS = st.sampled_from(
    [
        lambda: print("noise", end=""),
        lambda: torch.manual_seed(1),
        lambda: random.seed(1),
        lambda: np.random.seed(1),
        lambda: torch.set_grad_enabled(False),
        lambda: torch.set_default_dtype(torch.float64),
        lambda: torch.set_num_threads(2),
        lambda: None,
    ]
)


def surroundings() -> tuple[Any, ...]:
    """What no answer may change."""
    numpy = np.random.get_state()[1].tolist()  # type: ignore[index, union-attr]
    settings = (torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_num_threads())
    return (random.getstate(), numpy, torch.get_rng_state().tolist(), *settings)


@settings(max_examples=10_000 // len(ALL), deadline=None)  # of each; the engine is the same for all
@given(st.lists(st.tuples(results, CARELESS), min_size=1, max_size=4))
@pytest.mark.parametrize("exercise", [p.values[1] for p in ALL] + [lesson_05.rnn_step], ids=lambda e: str(e)[:40])
def test_ten_thousand_hostile_answers_get_a_sentence_and_change_nothing(
    exercise: FunctionExercise, given: list[tuple[Any, Callable[[], Any]]]
) -> None:
    calls = iter(given * 10)

    def answer(*arguments: Any) -> Any:
        result, careless = next(calls)
        careless()
        for argument in arguments:
            if isinstance(argument, torch.Tensor | np.ndarray):
                argument *= 0
        if isinstance(result, BaseException):
            raise result
        return result

    before = surroundings()
    with contextlib.redirect_stdout(io.StringIO()):
        feedback = exercise.check(answer)
    assert surroundings() == before
    assert feedback.outcome is not Outcome.SOLVED
    assert len(feedback.text) > 20
    assert str(feedback)
    assert feedback.html


def test_after_all_that_a_right_answer_is_still_right() -> None:
    for exercise in (p.values[1] for p in ALL):
        assert exercise.check(exercise.reference).solved  # type: ignore[union-attr]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=5), st.floats(1e-3, 1.0), st.integers(0, 4))
def test_difference_sees_any_change_larger_than_the_tolerance(values: list[float], change: float, at: int) -> None:
    want = torch.tensor(values, dtype=torch.float64)
    got = want.clone()
    assert difference(got, want, 1e-9) is None
    got[at % len(values)] += change
    assert difference(got, want, 1e-9) is not None


def test_a_correct_answer_never_matches_a_mistake_even_if_listed() -> None:
    """A careless author lists the reference as a mistake: the learner is still told it is right."""
    careless = FunctionExercise(
        lesson="05", reference=right, cases=lesson_05.cases, mistakes=(Mistake(right, "wrong!"),), result="the state"
    )
    assert careless.check(right).solved


def test_feedback_is_accessible_html_and_plain_text() -> None:
    feedback = step.check(lesson_05.no_tanh)
    assert 'role="status"' in feedback.html
    assert "Not yet right" in feedback.html
    assert "Not yet right" in str(feedback)
    hostile = step.check("<script>")
    assert "<script>" not in hostile.html


def test_checks_work_in_a_plain_script() -> None:
    code = textwrap.dedent("""
        from course_utils.exercises import lesson_00 as ex
        print(ex.persistence_error.check(lambda values: abs(values[1:] - values[:-1]).mean()))
        print(ex.persistence_error.hint())
    """)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("✔ Solved: persistence_error.")
    assert "Hint 1 of 3" in done.stdout
    assert done.stderr == ""
