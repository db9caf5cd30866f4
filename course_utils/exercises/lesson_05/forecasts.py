"""Lesson 05: honest forecasts of sunspots."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from course_utils import metrics
from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion

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
    why="Nearly the same number, and another future: the number alone does not tell.",
)

echo_years = NumberQuestion(lesson="05", name="echo_years", unit="years", tolerance=0.0, prediction=True)


def mean_error(values: Any, season: int) -> float:
    """The mean absolute error from season steps back; NaN where none of the values has one."""
    return float(abs(values[season:] - values[:-season]).mean()) if season < len(values) else float("nan")


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
            "That is the mean *squared* error. We want the mean of the absolute errors.",
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
            lambda values, season: mean_error(values, 11),
            "It always looks eleven steps back. The season is an argument: use it.",
        ),
        Mistake(
            lambda values, season: mean_error(values, season + 1),
            "It looks one step too far back: the forecast for step t is the value of step t − season.",
        ),
        Mistake(
            lambda values, season: float(abs((values[season:] - values[:-season]).mean())),
            "You took the absolute value of the mean. Errors of opposite sign have cancelled before: take it of each.",
        ),
        Mistake(
            lambda values, season: float(np.sqrt(((values[season:] - values[:-season]) ** 2).mean())),
            "That is the root of the mean *squared* error. We want the mean of the absolute errors.",
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
        "last year's number again": "Persistence comes a year late: it is one of the two worst.",
        "the number of 11 years ago": "The waves are of about 11 years, not of exactly 11, and of different heights.",
        "a weighted sum of the last years": (
            "It is among the best. But over these years no difference to the networks can be shown."
        ),
        "the recurrent network": ("It is among the best. But so is a weighted sum of the last years."),
    },
    why="The difference between the two is smaller than its uncertainty over 59 years.",
)
