"""Each check is tried on wrong versions of its reference: none that differs from it somewhere is accepted."""

from __future__ import annotations

import copy
import dataclasses
import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
import torch

from course_utils.exercises import lesson_14
from course_utils.exercises.catalogue import exercises_by_lesson
from course_utils.exercises.engine import inputs, isolation
from course_utils.exercises.engine.compare import difference
from course_utils.exercises.engine.exercise import FunctionExercise, Run
from course_utils.exercises.engine.inputs import Arguments
from course_utils.exercises.engine.surroundings import surroundings_kept
from course_utils.exercises.lesson_14.targets_and_padding import padded_logits
from tests.exercises.equivalents import EQUIVALENT, UNASKED
from tests.exercises.mutation import Function, Mutant, mutants
from tests.strategies import LONG

EXERCISES = {
    f"{number}.{name}": exercise
    for number, exercises in exercises_by_lesson().items()
    for name, exercise in exercises.items()
    if isinstance(exercise, FunctionExercise)
}
pytestmark = pytest.mark.filterwarnings("ignore")  # what torch and Python warn of in a mutant
SEEDS = 30 if LONG else 6  # on the cases of so many seeds a listed mutant is compared with the reference


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some mutants never end."""
    monkeypatch.setattr(isolation, "SECONDS_ALLOWED", 1.0)


def results_of(exercise: FunctionExercise, cases: Sequence[Arguments]) -> list[tuple[Arguments, Any]]:
    """What the reference gives on these cases, without those that it refuses or for which it has no number."""
    found = []
    for case in cases:
        try:
            want = exercise.reference(*copy.deepcopy(case))
        except Exception:
            continue
        found.append((case, want))
    return found


def differing(
    exercise: FunctionExercise, answer: Function, wanted: Sequence[tuple[Arguments, Any]]
) -> Arguments | None:
    """The first case on which an answer gives something else than the reference, or changes its arguments."""
    for case, want in wanted:
        run = Run.of(answer, case)
        if run.error or difference(run.result, want, exercise.tolerance, exercise.least):
            return case
        if inputs.changed(inputs.names_of(exercise.reference), case, run.after):
            return case
    return None


def surviving(exercise: FunctionExercise) -> list[Mutant]:
    """The mutants that the check accepts."""
    wanted = results_of(exercise, sorted(exercise.tried(), key=lambda case: sum(map(inputs.numbers_in, case))))
    made = mutants(exercise.reference, exercise.helpers, exercise.tried(), gradients=exercise.gradients)
    with surroundings_kept():
        left = [mutant for mutant in made if differing(exercise, mutant.function, wanted) is None]
    return [mutant for mutant in left if exercise.check(mutant.function).solved]


def varied(value: Any, draw: random.Random) -> Any:
    """An argument like this one: other numbers, another order, one more or one less."""
    if isinstance(value, bool) or value is None or callable(value):
        return value
    if isinstance(value, int):
        return max(value + draw.choice((-1, 0, 1, 2)), min(value, 1))
    if isinstance(value, float):
        return value * draw.choice((0.3, 0.7, 1.5, 4.0))
    if isinstance(value, torch.Tensor) and value.is_floating_point():
        return draw.choice((value * 0.3, value * 3, value.abs(), value.flip(0) if value.dim() else value))
    if isinstance(value, np.ndarray):
        return draw.choice((value[::-1].copy(), value * 3))
    if isinstance(value, list):
        return [*draw.sample(value, len(value)), *value[: draw.choice((0, 1))]]
    return value


def other_inputs(exercise: FunctionExercise, seeds: int) -> Iterator[Arguments]:
    """The cases of other seeds, and variations of them."""
    draw = random.Random(0)
    for seed in range(1, seeds):
        for case in exercise.tried(seed):
            yield case
            yield tuple(varied(value, draw) if draw.random() < 0.5 else value for value in copy.deepcopy(case))


@pytest.mark.parametrize("name", EXERCISES)
def test_no_mutant_survives_that_is_not_listed_with_a_reason(name: str) -> None:
    exercise, listed = EXERCISES[name], EQUIVALENT.get(name, {})
    survivors = surviving(exercise)
    for mutant in survivors:
        if not any(mutant.name.startswith(beginning) for beginning in listed):
            wanted = results_of(exercise, list(other_inputs(exercise, 30)))
            case = differing(exercise, mutant.function, wanted)
            shown = inputs.in_words(case, inputs.names_of(exercise.reference))[:500] if case else ""
            found = f"It differs for {shown}." if case else "No difference was found: if it is equivalent, list it."
            pytest.fail(f"The check of {name} accepts the mutant {mutant.name!r}. {found}")
    equivalent = [begun for begun, reason in listed.items() if reason != UNASKED]
    others = results_of(exercise, [case for seed in range(1, SEEDS) for case in exercise.tried(seed)])
    for mutant in survivors:
        if any(mutant.name.startswith(beginning) for beginning in equivalent):
            assert differing(exercise, mutant.function, others) is None, f"{mutant.name} is not equivalent."
    for beginning in listed:
        assert any(mutant.name.startswith(beginning) for mutant in survivors), f"{beginning!r} survives no longer."


def test_every_listed_exercise_is_there() -> None:
    assert set(EQUIVALENT) <= set(EXERCISES)


def test_a_check_whose_cases_do_not_vary_an_argument_is_found_out() -> None:
    weak = dataclasses.replace(
        lesson_14.masked_cross_entropy,
        cases=lambda generator: [case for case in padded_logits(generator) if case[2] == 0],
    )
    assert "pad: always 0" in {mutant.name for mutant in surviving(weak)}
    assert "pad: always 0" not in {mutant.name for mutant in surviving(lesson_14.masked_cross_entropy)}
