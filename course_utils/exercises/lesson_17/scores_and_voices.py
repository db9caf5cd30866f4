"""Lesson 17: word errors, voices, and predictions."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion
from course_utils.nn import ctc

SAID_AND_RIGHT = (
    ("one two three", "one two three"),
    ("one three", "one two three"),
    ("one two two three", "one two three"),
    ("one nine three", "one two three"),
    ("", "four four"),
    ("four four", ""),
    ("two three one", "one two three"),
    ("nine seven seven two one", "seven two six one"),
    ("five one two", "one two six seven"),
    ("one one", "two one"),
    ("two one", "one one"),
)


def said_and_right(generator: torch.Generator) -> list[tuple[list[str], list[str]]]:
    """Two lists of words: equal, one missing, one too many, one wrong, empty, and mixtures."""
    return [(said.split(), right.split()) for said, right in SAID_AND_RIGHT]


def place_by_place(said: Sequence[str], right: Sequence[str]) -> int:
    """One word too many, and all after it are wrong."""
    return sum(s != r for s, r in zip(said, right, strict=False)) + abs(len(said) - len(right))


def by_sets(said: Sequence[str], right: Sequence[str]) -> int:
    """No order, no count."""
    return len(set(said) ^ set(right))


def only_length(said: Sequence[str], right: Sequence[str]) -> int:
    """How many words too many or too few."""
    return abs(len(said) - len(right))


def replacing_costs_two(said: Sequence[str], right: Sequence[str]) -> int:
    """To replace counted as deleting and inserting."""
    common = [[0] * (len(right) + 1) for _ in range(len(said) + 1)]
    for i, s in enumerate(said):
        for j, r in enumerate(right):
            common[i + 1][j + 1] = common[i][j] + 1 if s == r else max(common[i][j + 1], common[i + 1][j])
    return len(said) + len(right) - 2 * common[-1][-1]


def by_recursion(said: Sequence[str], right: Sequence[str]) -> int:
    """A right answer by recursion."""
    if not said or not right:
        return len(said) + len(right)
    if said[0] == right[0]:
        return by_recursion(said[1:], right[1:])
    return 1 + min(by_recursion(said[1:], right), by_recursion(said, right[1:]), by_recursion(said[1:], right[1:]))


def missing_words_free(said: Sequence[str], right: Sequence[str]) -> int:
    """What was left out costs nothing at the start: the first row is all zeros."""
    row = [0] * (len(right) + 1)
    for i, s in enumerate(said, 1):
        before, row = row, [i]
        for j, r in enumerate(right, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (s != r)))
    return row[-1]


word_errors = FunctionExercise(
    lesson="17",
    name="word_errors",
    reference=ctc.edits,
    cases=said_and_right,
    result="a whole number: the fewest words to insert, delete or replace",
    variants=(by_recursion,),
    mistakes=(
        Mistake(
            place_by_place,
            "You compared place by place. One word left out, and all the others count as wrong; and yet one insertion "
            "would fix it.",
        ),
        Mistake(
            lambda said, right: sum(a != b for a, b in zip(said, right, strict=False)),
            "You compared place by place, and `zip` stops at the shorter list. One word left out, and all the others "
            "count as wrong; and yet one insertion would fix it.",
        ),
        Mistake(by_sets, "You compared sets: order and repeats are lost."),
        Mistake(only_length, "That is the difference of the lengths. Words can be wrong as well."),
        Mistake(replacing_costs_two, "To replace a word is *one* change, not a deletion and an insertion."),
        Mistake(
            missing_words_free,
            "Your first row is all zeros: words missing at the beginning cost nothing. From nothing to j words it "
            "takes j insertions.",
        ),
        Mistake(
            lambda said, right: by_recursion(said, right) / max(len(right), 1),
            "That is the error *rate*. Count the changes; the division comes later, for all sentences together.",
        ),
    ),
    hints=(
        "What does it cost to turn the first i words said into the first j right words? A table of (i, j).",
        "Row 0 is 0, 1, 2, …: insert all. Else the least of: above + 1, left + 1, and diagonal + (0 if the two words "
        "are equal, else 1).",
        "Keep one row: `row = list(range(len(right) + 1))`; for each word said, `before, row = row, [i]`, then append "
        "`min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (s != r))`. The last number is the answer.",
    ),
)

split_of_voices = ChoiceQuestion(
    lesson="17",
    name="split_of_voices",
    question="Which clips are kept aside, to tell how well a network hears the words of *strangers*?",
    choices=("a tenth of the clips, drawn at random", "some digits of every voice", "all clips of some voices"),
    answer="all clips of some voices",
    says={
        "a tenth of the clips, drawn at random": "Then nearly every voice is in both parts: the network is asked about "
        "voices that it knows.",
        "some digits of every voice": "Then it has never learnt some of the digits, and every voice is known to it.",
    },
    why="A stranger is somebody of whom nothing was heard before. (For “who is it?” it is the other way round: every "
    "voice must be learnt.)",
    prediction=False,
)

first_words = ChoiceQuestion(
    lesson="17",
    name="first_words",
    question="After its very first seconds of training: what does the network say to most clips?",
    choices=("words at random", "the most frequent word, again and again", "nothing"),
    answer="nothing",
    says={
        "words at random": "A wrong word costs, at every frame. What is safe at nearly all frames?",
        "the most frequent word, again and again": "Each digit is as frequent as the others. What is more frequent "
        "than all of them?",
    },
    why="Blanks belong to every clip, between all words. They are learnt first.",
)

# Answered by what the lesson measures.
words_right = NumberQuestion(lesson="17", name="words_right", within=0.03, prediction=True)

real_speakers = NumberQuestion(lesson="17", name="real_speakers", within=0.1, prediction=True)

voice_from_words = NumberQuestion(lesson="17", name="voice_from_words", within=0.15, prediction=True)
