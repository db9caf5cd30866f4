"""Every exercise: the reference and its variants pass, the stub is told apart, each mistake gets its own sentence.

And whatever an answer does, it gets a clear sentence, and nothing of the learner's is changed.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import random
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.exercises.catalogue import exercises_by_lesson
from course_utils.exercises.engine.exercise import Exercise, FunctionExercise
from course_utils.exercises.engine.feedback import Outcome
from course_utils.exercises.engine.questions import NumberQuestion
from tests.strategies import examples

ROOT = Path(__file__).resolve().parents[2]
FOUND = [
    (f"lesson_{number}", name, exercise)
    for number, exercises in exercises_by_lesson().items()
    for name, exercise in exercises.items()
]
FUNCTIONS = [(module, exercise) for module, _, exercise in FOUND if isinstance(exercise, FunctionExercise)]
NUMBERS = [
    pytest.param(module, exercise, id=f"{module}.{exercise.name}")
    for module, _, exercise in FOUND
    if isinstance(exercise, NumberQuestion) and exercise.answer is not None
]
ALL = [pytest.param(module, exercise, id=f"{module}.{exercise.name}") for module, exercise in FUNCTIONS]


@pytest.mark.parametrize(("module", "name", "exercise"), FOUND, ids=lambda value: str(value)[:30])
def test_every_exercise_knows_its_lesson_and_its_name(module: str, name: str, exercise: Exercise) -> None:
    assert module == f"lesson_{exercise.lesson}"
    assert name == exercise.name


@pytest.mark.parametrize(("module", "exercise"), ALL)
def test_reference_and_variants_are_solved(module: str, exercise: FunctionExercise) -> None:
    for answer in (exercise.reference, *exercise.variants):
        feedback = exercise.check(answer)
        assert feedback.outcome is Outcome.SOLVED, f"{answer.__name__}: {feedback}"


@contextlib.contextmanager
def strange_surroundings() -> Iterator[None]:
    """All at once that a notebook can have set and that changes what torch, numpy or Python do."""
    with (
        torch.inference_mode(),
        torch.autocast("cpu", dtype=torch.bfloat16),
        torch.device("meta"),
        torch.autograd.set_detect_anomaly(True),
        np.errstate(all="raise"),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("error")
        torch.set_default_dtype(torch.float64)
        try:
            yield
        finally:
            torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize(("module", "exercise"), ALL)
def test_a_right_answer_is_solved_whatever_stands_around_it(module: str, exercise: FunctionExercise) -> None:
    with strange_surroundings():
        feedback = exercise.check(lambda *arguments: exercise.reference(*arguments))
    assert feedback.outcome is Outcome.SOLVED, str(feedback)


@pytest.mark.parametrize(("module", "exercise"), ALL)
def test_each_mistake_gets_its_own_sentence(module: str, exercise: FunctionExercise) -> None:
    assert len(exercise.mistakes) >= 4
    for mistake in exercise.mistakes:
        feedback = exercise.check(mistake.answer)
        told = f"The mistake {mistake.answer.__name__} of {exercise.name} ({mistake.says!r}) was told: {feedback}"
        assert not feedback.solved, f"{told}\nIt gives what the reference gives on all cases."
        assert feedback.outcome is Outcome.NOT_YET, told
        assert feedback.text == mistake.says, told


@pytest.mark.parametrize(("module", "exercise"), NUMBERS)
def test_each_wrong_number_gets_its_own_sentence(module: str, exercise: NumberQuestion) -> None:
    for number, says in exercise.mistakes.items():
        feedback = exercise.check(number)
        told = f"The mistake {number:g} of {exercise.name} ({says!r}) was told: {feedback}"
        assert not feedback.solved, f"{told}\nIt counts as the right number."
        assert feedback.text.startswith(says), told


@pytest.mark.parametrize(("module", "exercise"), ALL)
def test_stub_in_the_lesson_is_not_attempted_and_has_the_reference_s_arguments(
    module: str, exercise: FunctionExercise
) -> None:
    stub = stub_of(module.removeprefix("lesson_"), f"my_{exercise.name}")
    assert exercise.check(stub).outcome is Outcome.NOT_ATTEMPTED
    assert list(inspect.signature(stub).parameters) == list(inspect.signature(exercise.reference).parameters)


def test_a_stub_that_is_missing_is_named_with_its_lesson() -> None:
    with pytest.raises(AssertionError, match=r"lessons/00_start_here\.py needs .* a function named my_nothing\."):
        stub_of("00", "my_nothing")
    with pytest.raises(AssertionError, match=r"no lessons/xx_….py that asks them"):
        stub_of("xx", "my_nothing")


def stub_of(number: str, name: str) -> Callable[..., Any]:
    """The function with that name in the lesson's source, as a learner finds it."""
    path = source_of(number)
    stub = next((node for node in functions_in(path) if node.name == name), None)
    assert stub is not None, f"lessons/{path.name} needs the stub of this exercise: a function named {name}."
    namespace: dict[str, Any] = {}
    exec(compile(ast.Module([stub], []), f"lesson {number}", "exec"), namespace)
    function: Callable[..., Any] = namespace[name]
    return function


def source_of(number: str) -> Path:
    """The source of the lesson with that number."""
    path = next((ROOT / "lessons").glob(f"{number}_*.py"), None)
    assert path is not None, f"There are exercises of lesson {number}, but no lessons/{number}_….py that asks them."
    return path


@cache
def functions_in(path: Path) -> list[ast.FunctionDef]:
    """The functions in a lesson's source."""
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]


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
    assert all(inspect.getsource(helper) in str(exercise.solution()) for helper in exercise.helpers)


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
    numpy = np.random.get_state(legacy=False)["state"]["key"].tobytes()
    settings = (torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_num_threads())
    return (random.getstate(), numpy, torch.get_rng_state().numpy().tobytes(), *settings)


@examples(1_000 // len(ALL), 10_000 // len(ALL))  # of each; the engine is the same for all
@given(st.lists(st.tuples(results, CARELESS), min_size=1, max_size=4))
@pytest.mark.parametrize(("module", "exercise"), ALL)
def test_hostile_answers_get_a_sentence_and_change_nothing(
    module: str, exercise: FunctionExercise, given: list[tuple[Any, Callable[[], Any]]]
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
    for _, exercise in FUNCTIONS:
        assert exercise.check(exercise.reference).solved
