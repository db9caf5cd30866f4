"""Questions answered by a number or a choice, and predictions made before a result is shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.exercises import lesson_05
from course_utils.exercises.engine.feedback import Outcome
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion

NUMBER = NumberQuestion(
    lesson="05",
    name="count",
    answer=360,
    unit="parameters",
    mistakes={320: "The biases are missing."},
    why="H(I + H + 2).",
)
GUESS = NumberQuestion(lesson="05", name="guess", unit="years", tolerance=0.0, prediction=True)
CHOICE = lesson_05.next_year


@pytest.mark.parametrize(
    "given", [360, 360.0, np.int64(360), np.float32(360), torch.tensor(360), torch.tensor([360.0])]
)
def test_a_right_number_is_right_in_any_type(given: Any) -> None:
    feedback = NUMBER.check(given)
    assert feedback.solved
    assert "360 parameters. H(I + H + 2)." in feedback.text


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (320, "The biases are missing."),
        (10, "10 is too small."),
        (1e9, "1,000,000,000 is too large."),
        ("360", "A number is expected here, and this is a str."),
        (True, "A number is expected here"),
        (float("nan"), "not a number"),
        (torch.tensor(float("nan")), "not a number"),
        (float("inf"), "A number is expected here"),
        ([1, 2], "A number is expected here, and this is a list of 2."),
        (torch.zeros(3), "A number is expected here, and this is a tensor of shape (3,)."),
        (lambda: 360, "A number is expected here"),
    ],
)
def test_a_wrong_number_is_told_why(given: Any, says: str) -> None:
    feedback = NUMBER.check(given)
    assert feedback.outcome is Outcome.NOT_YET
    assert says in feedback.text


@given(st.floats(0.5, 100), st.floats(1.0, 3.0), st.floats(allow_nan=True))
def test_a_guess_is_right_exactly_inside_what_was_measured(low: float, ratio: float, guess: float) -> None:
    feedback = GUESS.check(guess, (low, low * ratio))
    assert feedback.solved == (low <= guess <= low * ratio)


def test_a_prediction_is_not_called_wrong_but_compared() -> None:
    assert "As you predicted" in str(GUESS.check(6, (5, 8)))
    missed = GUESS.check(100, (5, 8))
    assert "Not as you predicted" in str(missed)
    assert "You said 100. It is 5 to 8 years." in missed.text
    without = GUESS.check(..., (5, 8))
    assert without.outcome is Outcome.NOT_ATTEMPTED
    assert "Put a number in place of the dots" in str(without)
    assert not set("58") & set(str(without))  # not even "Run All" tells what was measured


@pytest.mark.parametrize(("given", "says"), [(441, "That is the square. It is 42."), (20, "You said 20. It is 42.")])
def test_a_prediction_that_missed_is_told_the_right_number(given: float, says: str) -> None:
    guess = NumberQuestion(lesson="05", name="g", answer=42, mistakes={441: "That is the square."}, prediction=True)
    assert guess.check(given).text == says


@pytest.mark.parametrize("given", [319.7, 320, 320.3])
def test_a_number_close_to_that_of_a_mistake_gets_its_sentence(given: float) -> None:
    assert NUMBER.check(given).text == "The biases are missing."


@pytest.mark.parametrize("given", [319, 321])
def test_a_number_not_so_close_is_no_such_mistake(given: float) -> None:
    assert NUMBER.check(given).text == f"{given} is too small."


def test_a_lesson_that_forgets_to_give_the_measurement_is_told() -> None:
    with pytest.raises(CourseError, match="give it what was measured"):
        GUESS.check(6)


@pytest.mark.parametrize("given", ["once higher, once lower", 3, 3.0, np.int64(3)])
def test_the_right_choice_by_text_or_number(given: Any) -> None:
    assert CHOICE.check(given).solved


@pytest.mark.parametrize("given", ["higher both times", 2])
def test_each_wrong_choice_has_its_sentence(given: Any) -> None:
    feedback = CHOICE.check(given)
    assert feedback.outcome is Outcome.NOT_YET
    assert feedback.text in CHOICE.says.values()


@pytest.mark.parametrize("given", [0, 4, -1, "perhaps", 1.5, [1], object(), True])
def test_what_is_no_choice_gets_the_list(given: Any) -> None:
    feedback = CHOICE.check(given)
    assert feedback.outcome is Outcome.NOT_YET
    assert "1. higher both times; 2. lower both times; 3. once higher, once lower" in feedback.text


@pytest.mark.parametrize("given", [None, ...])
def test_no_choice_is_not_attempted(given: Any) -> None:
    assert CHOICE.check(given).outcome is Outcome.NOT_ATTEMPTED
    assert NUMBER.check(given).outcome is Outcome.NOT_ATTEMPTED


def test_asking_shows_buttons_whose_choice_is_checked() -> None:
    asked = CHOICE.ask()
    data, _ = asked._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "<li>once higher, once lower</li>" in data["text/html"]
    assert CHOICE.check(asked).outcome is Outcome.NOT_ATTEMPTED
    asked._buttons.value = "lower both times"
    assert CHOICE.check(asked).text == CHOICE.says["lower both times"]
    asked._buttons.value = "once higher, once lower"
    assert CHOICE.check(asked).solved


def test_a_question_without_a_sentence_for_every_choice_is_refused() -> None:
    with pytest.raises(ValueError, match="every choice needs a sentence"):
        ChoiceQuestion(lesson="05", name="x", question="?", choices=("a", "b"), answer="a", says={}, why="so")


def test_after_run_all_a_question_still_finds_its_own_answer() -> None:
    """All lessons call their variable `predict`: after Run All it holds the last question."""
    first, last = lesson_05.next_year, lesson_05.held
    asked = first.ask()
    asked._repr_mimebundle_()
    asked._buttons.value = first.answer
    predict = last.ask()
    assert first.check(predict).solved
    assert last.check(predict).outcome is Outcome.NOT_ATTEMPTED


def test_a_question_that_was_never_asked_takes_no_other_question_s_answer() -> None:
    never = lesson_05.sunspot_winner
    other = lesson_05.held.ask()
    never._asked = None
    assert never.check(other).outcome is Outcome.NOT_ATTEMPTED


def test_a_negative_number_has_a_true_minus() -> None:
    guess = NumberQuestion(lesson="06", name="power", answer=(-27.7, -18.0), prediction=True)
    assert "It is −27.7 to −18." in guess.check(-3).text


def test_large_numbers_are_written_out() -> None:
    assert NUMBER.check(-17_100_000).text == "−17,100,000 is too small."


def test_a_label_is_no_size() -> None:
    digit = NumberQuestion(lesson="17", name="digit", label=True)
    assert digit.check(0, 7).text == "It is not 0."


def test_a_percentage_is_turned_into_a_share_unless_the_answer_has_a_unit() -> None:
    share = NumberQuestion(lesson="01", name="share", answer=0.79, tolerance=0.05)
    assert share.check(79).text == "A share lies between 0 and 1: 79 % is 0.79."
    assert NumberQuestion(lesson="01", name="g", answer=0.7, unit="seconds").check(70).text == "70 is too large."


def test_a_share_may_be_off_by_so_much_whatever_it_is_and_a_percentage_is_named() -> None:
    guess = NumberQuestion(lesson="00", name="share", within=0.1, prediction=True)
    for measured in (0.05, 0.5, 0.9):
        assert guess.check(measured + 0.09, measured).outcome is Outcome.SOLVED
        assert guess.check(measured - 0.09, measured).outcome is Outcome.SOLVED
        assert guess.check(measured + 0.11, measured).outcome is Outcome.NOT_YET
    assert "95 % is 0.95" in guess.check(95, 0.9).text
    assert guess.check(1.0, 0.95).outcome is Outcome.SOLVED
    assert guess.check(1.04, 0.95).text == "A share lies between 0 and 1, and 1.04 is more."
