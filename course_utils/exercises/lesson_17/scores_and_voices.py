"""Lesson 17: word errors, voices, and predictions."""

from __future__ import annotations

import difflib
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
    ("one two three four", "two one three nine four"),
    ("one two one three", "two one one three"),
    ("six one two six", "one two three one two"),
)


def said_and_right(generator: torch.Generator) -> list[tuple[list[str], list[str]]]:
    """Two lists of words: equal, one missing, one too many, one wrong, empty, and mixtures."""
    return [(said.split(), right.split()) for said, right in SAID_AND_RIGHT]


def place_by_place(said: Sequence[str], right: Sequence[str]) -> int:
    """One word too many, and all after it are wrong."""
    return sum(s != r for s, r in zip(said, right, strict=False)) + abs(len(said) - len(right))


def by_difflib(said: Sequence[str], right: Sequence[str]) -> int:
    """Changes between the blocks that difflib finds."""
    blocks = difflib.SequenceMatcher(None, list(said), list(right), autojunk=False).get_opcodes()
    return sum(max(a_end - a, b_end - b) for kind, a, a_end, b, b_end in blocks if kind != "equal")


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
            "You compared position by position. After one missing word all later words count as wrong, although one "
            "insertion is enough.",
        ),
        Mistake(
            lambda said, right: sum(a != b for a, b in zip(said, right, strict=False)),
            "You compared position by position, and `zip` stops at the shorter list. After one missing word all later "
            "words count as wrong, although one insertion is enough.",
        ),
        Mistake(
            by_difflib,
            "`difflib` looks for the longest blocks that agree, not for the fewest changes. Fill the table of (i, j).",
        ),
        Mistake(
            lambda said, right: ctc.edits(list(" ".join(said)), list(" ".join(right))),
            "You compared letters. A word is right or wrong as a whole: compare the lists of words.",
        ),
        Mistake(by_sets, "You compared sets: order and repeats are lost."),
        Mistake(only_length, "That is the difference of the lengths. Words of the right number can be wrong as well."),
        Mistake(replacing_costs_two, "To replace a word is one change, not a deletion and an insertion."),
        Mistake(
            missing_words_free,
            "Your first row is all zeros, so words missing at the beginning cost nothing. From no words to j words it "
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
    question="You want to know how well a network understands speakers that it has not heard before. Which clips do "
    "you set aside as the test set?",
    choices=("a tenth of the clips, drawn at random", "some digits of every voice", "all clips of some voices"),
    answer="all clips of some voices",
    says={
        "a tenth of the clips, drawn at random": "Then the same voices are in both parts, and the test set "
        "holds no new speaker.",
        "some digits of every voice": "Then the voices are known, and the digits are not. You want it the other "
        "way round.",
    },
    why="A new speaker is one of whom the training set has no clip.",
    prediction=False,
)

first_words = ChoiceQuestion(
    lesson="17",
    name="first_words",
    question="After the first steps of its training, what does the network write for the clips?",
    choices=("words at random", "the most frequent word, again and again", "nothing"),
    answer="nothing",
    says={
        "words at random": "Look at a single frame of a clip: which class is the safest guess there?",
        "the most frequent word, again and again": "The digits are equally frequent. One class has a larger "
        "share of the paths than each of them: the blank.",
    },
    why="About half of the states of a path are blanks, so the gradient raises the blank first. Words come later.",
)

# Answered by what the lesson measures.
words_right = NumberQuestion(lesson="17", name="words_right", within=0.03, prediction=True)

real_speakers = NumberQuestion(lesson="17", name="real_speakers", within=0.1, prediction=True)

voice_from_words = NumberQuestion(lesson="17", name="voice_from_words", within=0.15, prediction=True)
