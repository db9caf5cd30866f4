"""Lesson 01: the chance line, a fair preparation of the data, and questions about both."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.data import scaling
from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion
from course_utils.nn import feedforward


def label_lists(generator: torch.Generator) -> list[tuple[Tensor]]:
    """Labels (N,), with classes of unequal size."""
    return [
        (torch.tensor([1, 0, 0, 0]),),
        (torch.tensor([2, 2, 1, 2, 0, 2, 2, 1]),),
        (torch.randint(5, (40,), generator=generator),),
        (torch.tensor([1, 3, 1, 1]),),
    ]


chance_accuracy = FunctionExercise(
    lesson="01",
    reference=feedforward.chance_accuracy,
    cases=label_lists,
    result="the share of the most frequent label, a number",
    variants=(lambda labels: float(torch.bincount(labels).max() / len(labels)),),
    mistakes=(
        Mistake(
            lambda labels: 1 / len(labels.unique()),
            "That is guessing among equally likely classes. Here they are not: a model that always names the most "
            "frequent one is right more often.",
        ),
        Mistake(
            lambda labels: float((labels == labels[0]).double().mean()),
            "That is the share of the *first* label. Take the label that occurs most often.",
        ),
        Mistake(
            lambda labels: int(torch.bincount(labels).max()),
            "That is how often the most frequent label occurs. Divide by the number of labels.",
        ),
        Mistake(
            lambda labels: int(labels.mode().values), "That is the most frequent label itself. How large is its share?"
        ),
        Mistake(
            lambda labels: float((labels == 1).double().mean()),
            "That is the share of class 1. The most frequent class may be another.",
        ),
        Mistake(
            lambda labels: max(float((labels == 1).double().mean()), 1 - float((labels == 1).double().mean())),
            "That is right for two classes, 0 and 1. There may be more: count each label that occurs.",
        ),
        Mistake(
            lambda labels: float((labels == labels.max()).double().mean()),
            "That is the share of the label with the largest *number*. The numbers are only names.",
        ),
    ),
    hints=(
        "`labels == 2` is True where the label is 2. What is its mean?",
        "`labels.unique()` gives the labels that occur, `torch.bincount(labels)` counts each.",
        "`return max((labels == c).double().mean().item() for c in labels.unique())`",
    ),
)


def two_parts_of_a_table(generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """train: (N, D), rows: (M, D), columns of different units."""
    unit, centre = torch.tensor([1.0, 20.0, 300.0]), torch.tensor([0.0, 50.0, -7.0])
    return [
        (
            centre[:D] + unit[:D] * torch.randn(N, D, generator=generator),
            centre[:D] + unit[:D] * (torch.randn(M, D, generator=generator) + 1.0),
        )
        for N, M, D in ((6, 4, 2), (30, 5, 3), (9, 9, 1))
    ]


def added_up(train: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of both parts together."""
    both = torch.cat([train, rows])
    return both.mean(dim=0), both.std(dim=0)


standardised = FunctionExercise(
    lesson="01",
    reference=scaling.standardised,
    cases=two_parts_of_a_table,
    result="the rows on the scale of the training rows, shape (M, D)",
    tolerance=1e-4,
    variants=(lambda train, rows: (rows - train.mean(0, keepdim=True)) / train.std(0, keepdim=True),),
    mistakes=(
        Mistake(
            lambda train, rows: (rows - rows.mean(dim=0)) / rows.std(dim=0),
            "You took mean and standard deviation of the rows themselves. A dog that comes in alone would always be "
            "average. Use the training rows' numbers.",
        ),
        Mistake(
            lambda train, rows: (rows - added_up(train, rows)[0]) / added_up(train, rows)[1],
            "You took mean and standard deviation over both parts. Then the rows that judge have helped to prepare the "
            "training: a leak. Use the training rows only.",
        ),
        Mistake(
            lambda train, rows: rows - train.mean(dim=0),
            "The means are right. Divide by the standard deviation, so that every column has the same scale.",
        ),
        Mistake(
            lambda train, rows: (rows - train.mean(dim=0)) / train.var(dim=0),
            "You divided by the variance. The standard deviation is its square root.",
        ),
        Mistake(
            lambda train, rows: (rows - train.mean()) / train.std(),
            "That is one mean for the whole table. Each column has a unit of its own: `dim=0`.",
        ),
        Mistake(
            lambda train, rows: (train - train.mean(dim=0)) / train.std(dim=0),
            "Those are the training rows. Return `rows`, on their scale.",
        ),
        Mistake(
            lambda train, rows: (rows - train.mean(dim=0)) / train.std(dim=0, correction=0),
            "Nearly: your standard deviation divides by N. torch's `.std(dim=0)` divides by N − 1, and so do we.",
        ),
        Mistake(
            lambda train, rows: (rows - train.mean(dim=0)) / rows.std(dim=0),
            "The means are the training rows', the standard deviations are not. Take both from the training rows.",
        ),
        Mistake(
            lambda train, rows: (rows - train.amin(dim=0)) / (train.amax(dim=0) - train.amin(dim=0)),
            "That puts the training rows between 0 and 1, another habit. Here: from the mean, in standard deviations.",
        ),
    ),
    hints=(
        "`train.mean(dim=0)` is the mean of each column.",
        "Which of the two tables may tell you what is usual?",
        "`return (rows - train.mean(dim=0)) / train.std(dim=0)`",
    ),
)

fair_score = ChoiceQuestion(
    lesson="01",
    name="fair_score",
    question="Of 20 networks you choose the one with the best accuracy on the test dogs, and report it. Is it fair?",
    choices=(
        "yes: none of them was trained on the test dogs",
        "no: it is too high, on average",
        "no: it is too low, on average",
    ),
    answer="no: it is too high, on average",
    says={
        "yes: none of them was trained on the test dogs": (
            "They were not trained on them, but one was *chosen* with them, and part of its score is luck."
        ),
        "no: it is too low, on average": (
            "Among 20 the luckiest on these dogs is chosen. On other dogs the luck is gone."
        ),
    },
    why="What has helped to choose cannot judge. Choose on validation rows, and look at the test rows once.",
    prediction=False,
)

memory_of_dogs = ChoiceQuestion(
    lesson="01",
    name="memory_of_dogs",
    question="We show the trained network ten shepherds, and then another dog. Will it lean towards shepherd?",
    choices=("yes, it has just seen ten", "no, each dog is judged alone", "only if they come in one batch"),
    answer="no, each dog is judged alone",
    says={
        "yes, it has just seen ten": "Using a network does not change it. Only training moves its weights.",
        "only if they come in one batch": "The rows of a batch are computed side by side and do not see each other.",
    },
    why="There is no place in this network where an earlier dog could be kept. That is what lesson 05 changes.",
)

# Answered by what the lesson measures.
ceiling = NumberQuestion(lesson="01", name="ceiling", tolerance=0.0, within=0.03, prediction=True)

network_ahead = NumberQuestion(lesson="01", name="network_ahead", unit="of 8", prediction=True)
