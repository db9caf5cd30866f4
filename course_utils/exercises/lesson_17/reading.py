"""Lesson 17: from the path of a CTC network to text."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion
from course_utils.nn import ctc


def paths_and_blank(generator: torch.Generator) -> list[tuple[list[int], int]]:
    """path: a class for each of T frames; blank: the class that says nothing."""
    fixed = [[1, 1, 0, 2], [1, 0, 1], [0, 0, 1, 2, 2, 0], [2, 1, 2], [1, 0, 1, 1, 0, 0, 2, 2]]
    drawn = [torch.randint(0, 3, (length,), generator=generator).tolist() for length in (9, 14)]
    # In the last case 3 is the blank.
    return [(path, 0) for path in fixed + drawn] + [([0, 0, 3, 0, 1, 3, 3, 1], 3)]


def read_path(path: Sequence[int], blank: int = 0) -> list[int]:
    """What a path says: of equal classes in a row one is kept, then blanks are dropped.

    Source: Graves, Fernández, Gomez & Schmidhuber 2006, doi:10.1145/1143844.1143891.

    Args:
        path: a class for each of T frames.
        blank: the class that says nothing.
    """
    return [label for label, _ in itertools.groupby(path) if label != blank]


def by_groups(path: Sequence[int], blank: int = 0) -> list[int]:
    """A right answer with itertools."""
    return [label for label, _ in itertools.groupby(path) if label != blank]


def blanks_first(path: Sequence[int], blank: int = 0) -> list[int]:
    """Blanks taken out before repeats: what a blank had kept apart flows together."""
    return [label for label, _ in itertools.groupby(label for label in path if label != blank)]


def only_blanks(path: Sequence[int], blank: int = 0) -> list[int]:
    """Repeats kept."""
    return [label for label in path if label != blank]


def only_repeats(path: Sequence[int], blank: int = 0) -> list[int]:
    """Blanks kept."""
    return [label for label, _ in itertools.groupby(path)]


def each_once(path: Sequence[int], blank: int = 0) -> list[int]:
    """A class that comes back later is lost."""
    return [label for label in dict.fromkeys(path) if label != blank]


collapsed = FunctionExercise(
    lesson="17",
    name="collapsed",
    reference=read_path,
    cases=paths_and_blank,
    result="a list of classes, without blanks",
    variants=(
        by_groups,
        lambda path, blank: [k for k, before in zip(path, [None, *path], strict=False) if k not in (before, blank)],
    ),
    mistakes=(
        Mistake(
            blanks_first,
            "You dropped the blanks first, or compared with the last class that you kept. Then 1, 0, 1 becomes one 1, "
            "although the blank separates the two. Remove repeats first.",
        ),
        Mistake(
            only_blanks,
            "The blanks are gone, but a sound that lasts for three frames still counts three times. Keep one "
            "of equal neighbours.",
        ),
        Mistake(only_repeats, "The repeats are gone. Now drop the blanks as well: they stand for no word."),
        Mistake(
            each_once,
            "You kept each class once in all. Remove only repeats in a row: a class that comes back later was "
            "said again.",
        ),
        Mistake(
            lambda path, blank: [k for t, k in enumerate(path) if k not in (path[t - 1], blank)],
            "In the first frame `path[t - 1]` is `path[-1]`, the *last* class. The first frame has none before it.",
        ),
        Mistake(
            lambda path, blank: [k for before, k in itertools.pairwise(path) if k not in (before, blank)],
            "The first class is lost: it has none before it, and is kept unless it is the blank.",
        ),
        Mistake(
            lambda path, blank: sorted(set(path) - {blank}),
            "A set keeps each class once, and no order. Remove only repeats in a row.",
        ),
        Mistake(
            lambda path, blank: by_groups(path, 0),
            "You treat class 0 as the blank. The argument `blank` tells which class it is.",
        ),
    ),
    hints=(
        "Two rules, in this order: of equal classes in a row keep one; then drop the blanks.",
        "A class is kept if it differs from the one before it, and is not the blank.",
        "`itertools.groupby(path)` gives each run of equal classes once: `[k for k, _ in groupby(path) if k != blank]`",
    ),
)


def words_to_fit(generator: torch.Generator) -> list[tuple[str]]:
    """Words without, with one, and with several letters that stand twice in a row."""
    return [("ab",), ("aa",), ("hello",), ("abab",), ("aaa",), ("committee",), ("z",)]


def fewest_frames(text: str) -> int:
    """In how few frames a text can be said: one for each letter, and a blank between two equal ones in a row."""
    return len(text) + sum(letter == following for letter, following in itertools.pairwise(text))


shortest = FunctionExercise(
    lesson="17",
    name="shortest",
    reference=fewest_frames,
    cases=words_to_fit,
    result="a whole number of frames",
    variants=(ctc.shortest, lambda text: 2 * len(text) - len(list(itertools.groupby(text)))),
    mistakes=(
        Mistake(len, 'A frame for each letter is not enough for "aa": a, a would be read as one a.'),
        Mistake(
            lambda text: 2 * len(text) + 1,
            "That is the number of states, with a blank at each end and between all letters. A path may skip blanks.",
        ),
        Mistake(
            lambda text: 2 * len(text) - 1,
            "A blank is needed only between two equal letters; between others it may be left out.",
        ),
        Mistake(
            lambda text: len(set(text)),
            "A letter that comes back needs a frame of its own again.",
        ),
        Mistake(
            lambda text: len(text) + len(text) - len(set(text)),
            "You counted letters that come back anywhere. A blank is needed only between equal neighbours.",
        ),
    ),
    hints=(
        "Each letter needs a frame of its own. Which two letters in a row cannot follow each other directly?",
        'In "hello" the two l would be read as one: there must be a blank between them.',
        "`return len(text) + sum(a == b for a, b in zip(text, text[1:]))`",
    ),
)


def frames_to_read(generator: torch.Generator) -> list[tuple[Tensor, int]]:
    """log_probs: (T, K) in which classes last for several frames, come back, and blanks stand between."""
    paths = ([1, 1, 0, 1, 2, 2], [0, 0, 2, 2, 0], [2, 0, 0, 2, 1, 1, 0, 1], [3, 3, 1, 0, 0, 1, 3])
    sure = [
        ((3 * torch.eye(4)[path] + torch.rand(len(path), 4, generator=generator)).log_softmax(dim=-1), blank)
        for path, blank in zip((*paths, *paths[2:]), (0, 0, 0, 0, 1, 3), strict=True)
    ]
    unsure = (0.4 * torch.eye(4)[[1, 1, 0, 2]] + 0.1 * torch.rand(4, 4, generator=generator)).log_softmax(dim=-1)
    return [*sure, (unsure, 0)]  # in the last no class has more than half of the probability


def reading_with(collapse: Callable[[list[int], int], list[int]]) -> Callable[[Tensor, int], list[int]]:
    """The most likely class of each frame, read with a rule of one's own."""
    return lambda log_probs, blank: collapse(log_probs.argmax(dim=-1).tolist(), blank)


def over_frames(log_probs: Tensor, blank: int) -> list[int]:
    """The most likely frame of each class."""
    return by_groups(log_probs.argmax(dim=0).tolist(), blank)


def least_likely(log_probs: Tensor, blank: int) -> list[int]:
    """argmin, as if log probabilities were losses."""
    return by_groups(log_probs.argmin(dim=-1).tolist(), blank)


greedy = FunctionExercise(
    lesson="17",
    reference=ctc.greedy,
    cases=frames_to_read,
    result="a list of classes, without blanks",
    variants=(reading_with(by_groups),),
    mistakes=(
        Mistake(
            lambda log_probs, blank: log_probs.argmax(dim=-1).tolist(),
            "That is the path, a class for each frame. Now collapse it.",
        ),
        Mistake(
            reading_with(blanks_first),
            "You dropped the blanks first: two equal words with a blank between them became one. Remove repeats first.",
        ),
        Mistake(
            reading_with(only_blanks),
            "A class that lasts for several frames counts once: keep one of equal neighbours.",
        ),
        Mistake(reading_with(only_repeats), "Blanks stand for no word: drop them."),
        Mistake(
            over_frames,
            "You took the best frame of each class. Take the best class of each frame: the classes are axis 1.",
        ),
        Mistake(
            lambda log_probs, blank: ctc.greedy(log_probs, 0),
            "You treat class 0 as the blank. The argument `blank` tells which class it is.",
        ),
        Mistake(
            lambda log_probs, blank: by_groups((log_probs.exp() > 0.5).int().argmax(dim=-1).tolist(), blank),
            "You took classes above a half only. The most probable class of a frame may have less.",
        ),
        Mistake(least_likely, "These are log probabilities: the largest is the most probable. argmax."),
    ),
    hints=(
        "Which class is the most probable in each frame? `log_probs.argmax(dim=1)`.",
        "That is a path. Read it as in the exercise `collapsed`: keep one of equal neighbours, then drop the blanks.",
        "`path = log_probs.argmax(dim=1).tolist()`, then `[k for k, _ in itertools.groupby(path) if k != blank]`",
    ),
)

alignments_of_ab = NumberQuestion(
    lesson="17",
    name="alignments_of_ab",
    answer=5,
    mistakes={
        1: "a, b fills two frames only. In the third, one of the letters lasts, or there is a blank.",
        2: "a a b and a b b. There are others with a blank: before, between or after the letters.",
        3: "Those are the paths with a blank. In a path without one, a letter lasts for two frames.",
        4: "One is missing. List the paths by the place of the blank: first, second, third, or no blank.",
        6: "One too many. Apply both rules to each of your paths: does it read ab?",
    },
    why="a a b, a b b, and with a blank: - a b, a - b, a b -.",
)

labelled_frames = ChoiceQuestion(
    lesson="17",
    name="labelled_frames",
    question="You have a clip of three seconds and its transcript, “seven two nine”. You want to train a network that "
    "names the word of each frame. What is missing?",
    choices=(
        "which frame belongs to which word",
        "a larger vocabulary",
        "nothing: each frame gets the label of its clip",
    ),
    answer="which frame belongs to which word",
    says={
        "a larger vocabulary": "The vocabulary is large enough. The transcript does not say in which frames "
        "each word lies.",
        "nothing: each frame gets the label of its clip": "The clip has three labels, and many more frames. "
        "Which label would a frame get?",
    },
    why="A transcript tells what was said, and not when.",
    prediction=False,
)

which_of_the_two = ChoiceQuestion(
    lesson="17",
    name="which_of_the_two",
    question="A phone unlocks when its owner says anything at all, and stays locked when others do. What does it do?",
    choices=("it recognises speech", "it recognises the speaker", "both are the same"),
    answer="it recognises the speaker",
    says={
        "it recognises speech": "The phone ignores what is said. Speech recognition writes down the words, "
        "whoever says them.",
        "both are the same": "The same clip has two labels: what was said, and who said it. The phone uses the second.",
    },
    why="The phone ignores the words. “Voice recognition” is used for either task, so say speech or speaker "
    "recognition. This one is verification: is it the owner, or somebody else?",
    prediction=False,
)
