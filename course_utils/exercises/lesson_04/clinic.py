"""Lesson 04: what a clinic asks: a threshold that is not chosen by the test, and what an alarm is worth."""

from __future__ import annotations

from typing import TypeAlias

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import NumberQuestion

Rates: TypeAlias = tuple[float, float]


def rates_at_validation_threshold(
    valid_p: Tensor, valid_y: Tensor, test_p: Tensor, test_y: Tensor, sensitivity: float
) -> Rates:
    """Sensitivity and specificity on test rows, at the highest threshold that finds enough of the ill validation rows.

    Called ill is a row whose probability is the threshold or more.

    Args:
        valid_p: (N,) probabilities to be ill, of validation rows.
        valid_y: (N,) 1 ill, 0 well.
        test_p: (M,) of test rows.
        test_y: (M,) 1 ill, 0 well.
        sensitivity: the share of ill validation rows that is to be found, at least.

    Returns:
        Two numbers from 0 to 1.
    """
    threshold = highest_that_finds(valid_p[valid_y == 1], sensitivity)
    called = test_p >= threshold
    return called[test_y == 1].double().mean().item(), (~called[test_y == 0]).double().mean().item()


def highest_that_finds(ill_p: Tensor, sensitivity: float) -> float:
    """The highest probability of an ill row such that at least this share of them is no lower."""
    falling = ill_p.sort(descending=True).values
    found = torch.arange(1, len(falling) + 1) / len(falling)
    return float(falling[found >= sensitivity - 1e-6][0])


def rows_of_two_parts(generator: torch.Generator) -> list[tuple[Tensor, Tensor, Tensor, Tensor, float]]:
    """valid_p, valid_y, test_p, test_y, sensitivity."""
    cases = []
    for N, M, wanted in ((8, 9, 0.75), (20, 14, 0.9), (30, 40, 0.95), (40, 30, 0.5), (25, 25, 1.0)):
        labels = [torch.randint(2, (size,), generator=generator) for size in (N, M)]
        for label in labels:
            label[:4] = torch.tensor([0, 1, 0, 1])
        if wanted < 0.9:  # so that the share is reached exactly, by 3 of 4 ill rows and by 10 of 20
            labels[0] = torch.arange(N) % 2
        p = [
            torch.sigmoid(2.5 * (label - 0.4) + 1.5 * torch.randn(len(label), generator=generator)).float()
            for label in labels
        ]
        threshold = highest_that_finds(p[0][labels[0] == 1], wanted)
        p[1][5:7] = torch.tensor([threshold, threshold - 1e-4])  # test rows just at the threshold, and below
        cases.append((p[0], labels[0], p[1], labels[1], wanted))
    return cases


def at(threshold: float, p: Tensor, y: Tensor) -> Rates:
    """Sensitivity and specificity at a threshold."""
    called = p >= threshold
    return called[y == 1].double().mean().item(), (~called[y == 0]).double().mean().item()


def above(valid_p: Tensor, valid_y: Tensor, test_p: Tensor, test_y: Tensor, sensitivity: float) -> Rates:
    """A row at the threshold is not called ill."""
    called = test_p > highest_that_finds(valid_p[valid_y == 1], sensitivity)
    return called[test_y == 1].double().mean().item(), (~called[test_y == 0]).double().mean().item()


def between(valid_p: Tensor, valid_y: Tensor, test_p: Tensor, test_y: Tensor, sensitivity: float) -> Rates:
    """A quantile of the ill rows that lies between two of them."""
    return at(valid_p[valid_y == 1].quantile(1 - sensitivity).item(), test_p, test_y)


def precise(valid_p: Tensor, valid_y: Tensor, test_p: Tensor, test_y: Tensor, sensitivity: float) -> Rates:
    """The share of alarms that is right in place of the sensitivity."""
    threshold = highest_that_finds(valid_p[valid_y == 1], sensitivity)
    called = test_p >= threshold
    right = test_y[called].double().mean().item() if called.any() else 0.0
    return right, at(threshold, test_p, test_y)[1]


def one_by_one(valid_p: Tensor, valid_y: Tensor, test_p: Tensor, test_y: Tensor, sensitivity: float) -> Rates:
    """A right answer that tries each probability of an ill row."""
    ill = valid_p[valid_y == 1]
    enough = [one for one in ill.tolist() if (ill >= one).double().mean() >= sensitivity - 1e-6]
    return at(max(enough), test_p, test_y)


judged_at = FunctionExercise(
    lesson="04",
    name="judged_at",
    reference=rates_at_validation_threshold,
    helpers=(highest_that_finds,),
    cases=rows_of_two_parts,
    result="sensitivity and specificity, two numbers from 0 to 1",
    variants=(one_by_one,),
    mistakes=(
        Mistake(
            lambda valid_p, valid_y, test_p, test_y, sensitivity: at(
                highest_that_finds(test_p[test_y == 1], sensitivity), test_p, test_y
            ),
            "The threshold comes from the *test* rows, so they no longer judge: of course it reaches the sensitivity "
            "there. Choose it on validation rows; on others it may miss what was wanted, and that is what to report.",
        ),
        Mistake(
            lambda valid_p, valid_y, test_p, test_y, sensitivity: at(
                highest_that_finds(torch.cat([valid_p, test_p])[torch.cat([valid_y, test_y]) == 1], sensitivity),
                test_p,
                test_y,
            ),
            "You choose the threshold on validation and test rows together: the test rows have a part in what they "
            "judge. Validation rows alone.",
        ),
        Mistake(
            lambda valid_p, valid_y, test_p, test_y, sensitivity: at(0.5, test_p, test_y),
            "The threshold is 0.5, whatever sensitivity is wanted. To miss an ill person costs more than a false "
            "alarm, so the threshold is chosen.",
        ),
        Mistake(
            lambda valid_p, valid_y, test_p, test_y, sensitivity: rates_at_validation_threshold(
                valid_p, valid_y, test_p, test_y, sensitivity
            )[::-1],
            "They are exchanged: sensitivity (of the ill) first, then specificity (of the well).",
        ),
        Mistake(
            lambda valid_p, valid_y, test_p, test_y, sensitivity: at(
                highest_that_finds(valid_p[valid_y == 1], sensitivity), valid_p, valid_y
            ),
            "You report the validation rows, which chose the threshold. The test rows judge.",
        ),
        Mistake(
            lambda valid_p, valid_y, test_p, test_y, sensitivity: at(sensitivity, test_p, test_y),
            "You use the wanted sensitivity as the threshold. One is a share of rows, the other a probability.",
        ),
        Mistake(
            lambda valid_p, valid_y, test_p, test_y, sensitivity: at(
                highest_that_finds(valid_p, sensitivity), test_p, test_y
            ),
            "You count all validation rows. Sensitivity is a share of the *ill* ones.",
        ),
        Mistake(
            lambda valid_p, valid_y, test_p, test_y, sensitivity: at(
                valid_p[valid_y == 1].min().item(), test_p, test_y
            ),
            "That threshold finds *every* ill validation row, and so calls more of the well ill than it must. Take the "
            "highest that finds enough.",
        ),
        Mistake(
            above,
            "A row *at* the threshold is called ill as well, `>=`. Else the row that gave the threshold is "
            "missed itself.",
        ),
        Mistake(
            between,
            "A quantile lies between two rows, and may then find fewer of the ill than wanted. Take the probability "
            "of a row.",
        ),
        Mistake(
            lambda valid_p, valid_y, test_p, test_y, sensitivity: (
                (found := rates_at_validation_threshold(valid_p, valid_y, test_p, test_y, sensitivity))[0],
                1 - found[1],
            ),
            "The second number is the share of the well that is called *ill*. Specificity is the share that is not.",
        ),
        Mistake(
            precise,
            "That is the share of *alarms* that is right. Sensitivity is the share of the *ill* that is found.",
        ),
    ),
    hints=(
        "Look at the ill validation rows alone, their probabilities from the highest down. How far must you go to have "
        "enough of them?",
        "Each of these probabilities is a candidate: `(ill >= threshold).double().mean() >= sensitivity` says whether "
        "it finds enough. Take the highest that does.",
        "`called = test_p >= threshold`; then `called[test_y == 1].double().mean().item()`, and `(~called)` "
        "of the well",
    ),
)


def share_of_alarms_that_are_right(sensitivity: float, specificity: float, prevalence: float) -> float:
    """Of those who are called ill, the share that is ill: the positive predictive value, by Bayes' rule.

    Args:
        sensitivity: share of the ill who are called ill, above 0.
        specificity: share of the well who are called well.
        prevalence: share of the ill among all who are tested, above 0.

    Returns:
        From 0 to 1.
    """
    found = sensitivity * prevalence
    alarmed = (1 - specificity) * (1 - prevalence)
    return found / (found + alarmed)


def clinics(generator: torch.Generator) -> list[tuple[float, float, float]]:
    """sensitivity, specificity, prevalence."""
    fixed = [(0.9, 0.9, 0.5), (0.95, 0.97, 0.005), (0.5, 1.0, 0.1), (1.0, 0.0, 0.3)]
    drawn = (0.05 + 0.9 * torch.rand(4, 3, generator=generator, dtype=torch.float64)).tolist()
    return fixed + [(row[0], row[1], row[2]) for row in drawn]


def right_share(s: float, t: float, p: float) -> float:
    """A right answer, by counting people."""
    people = 1e6
    found, alarmed = people * p * s, people * (1 - p) * (1 - t)
    return found / (found + alarmed)


alarms_that_are_right = FunctionExercise(
    lesson="04",
    name="alarms_that_are_right",
    reference=share_of_alarms_that_are_right,
    cases=clinics,
    result="a share from 0 to 1",
    variants=(right_share,),
    mistakes=(
        Mistake(
            lambda sensitivity, specificity, prevalence: sensitivity,
            "That is the share of the *ill* who are called ill. We want it the other way round: of those called ill, "
            "how many are ill? That depends on how many well people are tested.",
        ),
        Mistake(
            lambda sensitivity, specificity, prevalence: sensitivity / (sensitivity + 1 - specificity),
            "The prevalence is missing: you take as many ill as well people. In a clinic the well are many more.",
        ),
        Mistake(
            lambda sensitivity, specificity, prevalence: (
                sensitivity * prevalence / (sensitivity * prevalence + specificity * (1 - prevalence))
            ),
            "The well who raise an alarm are 1 − specificity of them. Specificity is the share that raises *none*.",
        ),
        Mistake(
            lambda sensitivity, specificity, prevalence: (
                specificity * (1 - prevalence) / (specificity * (1 - prevalence) + (1 - sensitivity) * prevalence)
            ),
            "That is the negative predictive value: of those called *well*, the share that is well.",
        ),
        Mistake(
            lambda sensitivity, specificity, prevalence: (
                sensitivity * prevalence / (sensitivity * prevalence + 1 - specificity)
            ),
            "1 − specificity is a share of the *well*: times 1 − prevalence.",
        ),
        Mistake(
            lambda sensitivity, specificity, prevalence: (
                100 * share_of_alarms_that_are_right(sensitivity, specificity, prevalence)
            ),
            "Right in per cent. A share lies between 0 and 1.",
        ),
        Mistake(
            lambda sensitivity, specificity, prevalence: sensitivity * prevalence,
            "That is the share of *all* who are ill and called ill. Divide by the share of all who are called ill.",
        ),
        Mistake(
            lambda sensitivity, specificity, prevalence: (
                1 - share_of_alarms_that_are_right(sensitivity, specificity, prevalence)
            ),
            "That is the share of alarms that is *false*.",
        ),
        Mistake(
            lambda sensitivity, specificity, prevalence: sensitivity * prevalence + specificity * (1 - prevalence),
            "That is accuracy: the share of all answers that are right. Look at those called ill alone.",
        ),
    ),
    hints=(
        "Imagine 100,000 people. How many of them are ill and found? How many are well and alarmed?",
        "Found: sensitivity · prevalence. Alarmed for nothing: (1 − specificity) · (1 − prevalence).",
        "`return found / (found + alarmed)`",
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# Predictions, answered by what the lesson measures

right_alarms = NumberQuestion(lesson="04", name="right_alarms", within=0.05, prediction=True)

gain_of_pretraining = NumberQuestion(lesson="04", name="gain_of_pretraining", within=0.01, prediction=True)
