"""Lesson 15: words dropped in training, and the scores of captions."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils import metrics
from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion
from course_utils.nn import looking


def tokens_to_drop(generator: torch.Generator) -> list[tuple[Tensor, Tensor, int, int]]:
    """inputs: (B, U), drop: (B, U), unknown, start."""
    first = torch.tensor([[1, 5, 6, 7]]), torch.tensor([[True, False, True, False]]), 3, 1
    cases = [first]
    for B, U, unknown, start in ((3, 5, 3, 1), (4, 4, 2, 9), (2, 6, 0, 4)):
        inputs = torch.randint(10, 30, (B, U), generator=generator)
        inputs[:, 0] = start
        cases.append((inputs, torch.rand(B, U, generator=generator) < 0.5, unknown, start))
    return cases


word_dropout = FunctionExercise(
    lesson="15",
    reference=looking.word_dropout,
    cases=tokens_to_drop,
    result="what the decoder reads, shape (B, U)",
    variants=(
        lambda inputs, drop, unknown, start: torch.where(
            drop & (inputs != start), torch.full_like(inputs, unknown), inputs
        ),
        lambda inputs, drop, unknown, start: torch.cat(
            [inputs[:, :1], inputs[:, 1:].masked_fill(drop[:, 1:], unknown)], dim=1
        ),
    ),
    mistakes=(
        Mistake(
            lambda inputs, drop, unknown, start: inputs.masked_fill(drop, unknown),
            "`start` is dropped too. It tells nothing about the picture, and without it the decoder does not know that "
            "a caption begins. Leave it.",
        ),
        Mistake(
            lambda inputs, drop, unknown, start: inputs.masked_fill(~drop & (inputs != start), unknown),
            "The other way round: drop is True where a word *goes*.",
        ),
        Mistake(
            lambda inputs, drop, unknown, start: inputs.masked_fill(~drop, unknown),
            "The other way round: drop is True where a word *goes*. And `start` has to stay.",
        ),
        Mistake(
            lambda inputs, drop, unknown, start: inputs.masked_fill(drop, 0),
            "A dropped word becomes `unknown`, not 0 (which is padding elsewhere); and `start` has to stay.",
        ),
        Mistake(
            lambda inputs, drop, unknown, start: inputs.masked_fill(drop & (inputs != start), 3),
            "You put 3 in for every hidden word. The argument `unknown` tells which token it is.",
        ),
        Mistake(
            lambda inputs, drop, unknown, start: inputs.masked_fill(drop & (inputs != 1), unknown),
            "You keep token 1. The argument `start` tells which token is never hidden.",
        ),
        Mistake(
            lambda inputs, drop, unknown, start: inputs.masked_fill(drop & (inputs != 1), 3),
            "You use 1 and 3. The arguments `start` and `unknown` tell which tokens they are.",
        ),
        Mistake(
            lambda inputs, drop, unknown, start: inputs.masked_fill(drop & (inputs != start), 0),
            "A dropped word becomes `unknown`, not 0 (which is padding elsewhere).",
        ),
        Mistake(
            lambda inputs, drop, unknown, start: inputs.masked_fill(drop.any(dim=0) & (inputs != start), unknown),
            "You drop a step in every caption at once. Each caption has its own dice: `drop` has a row for each.",
        ),
        Mistake(
            lambda inputs, drop, unknown, start: inputs.masked_fill(drop.roll(1, dims=1) & (inputs != start), unknown),
            "You are one step late: `drop` belongs to the inputs as they stand.",
        ),
        Mistake(
            lambda inputs, drop, unknown, start: torch.where(
                drop & (inputs != start), inputs, torch.full_like(inputs, unknown)
            ),
            "The other way round: `torch.where(test, a, b)` takes a where the test is True.",
        ),
        Mistake(lambda inputs, drop, unknown, start: inputs, "Nothing is dropped."),
    ),
    hints=(
        "Where are two things true: the dice say so, and the token is not `start`?",
        "`inputs.masked_fill(mask, unknown)` puts `unknown` where the mask is True.",
        "`return inputs.masked_fill(drop & (inputs != start), unknown)`",
    ),
)


def captions_and_kind(generator: torch.Generator) -> list[tuple[list[str], list[str], set[str]]]:
    """predictions, references, kind."""
    colours, shapes = {"red", "blue", "green"}, {"circle", "square", "cross"}
    references = ["a small red circle", "a large blue square", "a small green cross left of a large red square"]
    predictions = ["a small red square", "a large blue circle", "a small green cross left of a large blue square"]
    short = ["a red", "a large green square", "a small green circle right of a large red"]
    swapped = ["a small blue circle", "a large red square", "a small red cross left of a large green square"]
    return [
        (predictions[:2], references[:2], colours),
        (predictions, references, colours),
        (predictions[::2], references[::2], colours),
        (predictions, references, shapes),
        (short, references, shapes),
        (["a small red small", "a large blue square"], references[:2], shapes),
        (["a red circle", "a large blue square"], references[:2], colours),
        ([*predictions, predictions[1]], [*references, references[1]], shapes),
        (swapped, references, colours),
        (swapped, references, shapes),
    ]


def anywhere(predictions: list[str], references: list[str], kind: set[str]) -> float:
    """The word is said somewhere."""
    words = [
        (prediction, word)
        for prediction, reference in zip(predictions, references, strict=True)
        for word in reference.split()
        if word in kind
    ]
    return sum(word in prediction.split() for prediction, word in words) / len(words)


def as_far_as_said(predictions: list[str], references: list[str], kind: set[str]) -> float:
    """`zip` leaves out what comes after the shorter caption's end."""
    pairs = [
        (a, b)
        for prediction, reference in zip(predictions, references, strict=True)
        for a, b in zip(prediction.split(), reference.split(), strict=False)
    ]
    of_kind = [(a, b) for a, b in pairs if b in kind]
    return sum(a == b for a, b in of_kind) / len(of_kind)


def in_order_of_kind(predictions: list[str], references: list[str], kind: set[str]) -> float:
    """The words of the kind, the first with the first, wherever they stand."""
    hits = total = 0
    for prediction, reference in zip(predictions, references, strict=True):
        have, want = ([word for word in text.split() if word in kind] for text in (prediction, reference))
        total += len(want)
        hits += sum(a == b for a, b in zip(have, want, strict=False))
    return hits / total


def of_what_was_said(predictions: list[str], references: list[str], kind: set[str]) -> float:
    """Of the words that were said."""
    return metrics.right_words(references, predictions, kind)


def of_all_words(predictions: list[str], references: list[str], kind: set[str]) -> float:
    """All words, whatever their kind."""
    pairs = [
        (a, b)
        for prediction, reference in zip(predictions, references, strict=True)
        for a, b in zip(prediction.split(), reference.split(), strict=False)
    ]
    return sum(a == b for a, b in pairs) / sum(len(text.split()) for text in references)


def whole_captions(predictions: list[str], references: list[str], kind: set[str]) -> float:
    """Captions with every such word right."""

    def of_kind(text: str) -> list[str]:
        return [word for word in text.split() if word in kind]

    return sum(
        of_kind(prediction) == of_kind(reference) for prediction, reference in zip(predictions, references, strict=True)
    ) / len(references)


def shares_averaged(predictions: list[str], references: list[str], kind: set[str]) -> float:
    """The mean of the captions' shares."""
    shares = [
        metrics.right_words([prediction], [reference], kind)
        for prediction, reference in zip(predictions, references, strict=True)
    ]
    return sum(shares) / len(shares)


right_words = FunctionExercise(
    lesson="15",
    reference=metrics.right_words,
    cases=captions_and_kind,
    result="a share between 0 and 1",
    mistakes=(
        Mistake(
            anywhere,
            "You ask whether the word is said *somewhere*. 'A red circle left of a blue square' has the right colours "
            "for 'a blue circle left of a red square', each at the wrong thing. Compare place by place.",
        ),
        Mistake(
            as_far_as_said,
            "A caption that stops too early has missed the words that follow, and `zip` drops them. They count, as "
            "wrong.",
        ),
        Mistake(
            in_order_of_kind,
            "You picked out the words of the kind first, and compared what was left. Then a word at another place "
            "counts as right. Compare place by place in the whole caption.",
        ),
        Mistake(
            lambda predictions, references, kind: 100 * metrics.right_words(predictions, references, kind),
            "That is a percentage. A share lies between 0 and 1.",
        ),
        Mistake(
            of_what_was_said,
            "You count the words that were *said*, and look whether they are right. Go the other way: the right "
            "caption's words of this kind, and whether they were said.",
        ),
        Mistake(of_all_words, "All words count here, *a* and *of* too. Only those of the kind should."),
        Mistake(
            whole_captions,
            "That is the share of captions with every such word right. Count the words: a caption with two colours, "
            "one of them wrong, has half.",
        ),
        Mistake(
            shares_averaged,
            "You took the mean of each caption's share. Then a word in a short caption weighs more than one in a long "
            "caption. Count all words together, and divide once.",
        ),
    ),
    hints=(
        "For every place of the right caption: if its word is of the kind, it counts; and it is right if the same word "
        "was said at that place.",
        "What was said may be shorter: then there is no word at that place: wrong. Two counters, one division.",
        "`for index, word in enumerate(reference.split()): if word in kind: total += 1; hits += index < len(words) and "
        "words[index] == word`",
    ),
)


def two_lists(generator: torch.Generator) -> list[tuple[list[str], list[str]]]:
    """learnt_from, asked."""
    return [
        (["red heart", "blue heart"], ["green heart", "red book"]),
        (["cat face"], ["cat face", "cat with wry smile", "dog face", "dog dog cat"]),
        (["a b a b"], ["b b c", "c c d a", "red"]),
        (["shredded paper"], ["red paper", "red shred", "paper"]),
        (["hot dog", "hot beverage"], ["hot pepper", "dog", "hot dog"]),
        (["hot dog"], ["hot pepper", "hot dog", "hot pepper"]),
    ]


def of_kinds_of_words(learnt_from: list[str], asked: list[str]) -> float:
    """Each word counted once."""
    words = set(" ".join(asked).split())
    return len(words - set(" ".join(learnt_from).split())) / len(words)


def of_texts(learnt_from: list[str], asked: list[str]) -> float:
    """Texts with an unknown word."""
    known = set(" ".join(learnt_from).split())
    return sum(not set(text.split()) <= known for text in asked) / len(asked)


def of_whole_texts(learnt_from: list[str], asked: list[str]) -> float:
    """Texts that stand there as a whole."""
    return sum(text not in learnt_from for text in asked) / len(asked)


def by_letters(learnt_from: list[str], asked: list[str]) -> float:
    """Letters found within words."""
    text = " ".join(learnt_from)
    words = " ".join(asked).split()
    return sum(word not in text for word in words) / len(words)


never_seen = FunctionExercise(
    lesson="15",
    reference=metrics.never_seen,
    cases=two_lists,
    result="a share between 0 and 1",
    variants=(
        lambda learnt_from, asked: (
            sum(w not in " ".join(learnt_from).split() for w in " ".join(asked).split()) / len(" ".join(asked).split())
        ),
    ),
    mistakes=(
        Mistake(
            of_kinds_of_words,
            "You count each word once. A word that stands in ten captions costs ten times: count running words.",
        ),
        Mistake(of_texts, "That is the share of *captions* with an unknown word. Count words."),
        Mistake(of_whole_texts, "You look for whole captions. None may stand among those learnt from; its words may."),
        Mistake(
            by_letters,
            "`word in text` finds letters too: *red* is in *shredded*. Split the texts into words, and keep a set.",
        ),
        Mistake(
            lambda learnt_from, asked: metrics.never_seen(asked, learnt_from),
            "The two lists are exchanged: count words of `asked`, and look for them in `learnt_from`.",
        ),
        Mistake(
            lambda learnt_from, asked: 100 * metrics.never_seen(learnt_from, asked),
            "That is a percentage. A share lies between 0 and 1.",
        ),
        Mistake(
            lambda learnt_from, asked: 1 - metrics.never_seen(learnt_from, asked),
            "That is the share that *was* seen.",
        ),
    ),
    hints=(
        "First a set of all the words of `learnt_from`.",
        "Then a list of all the words of `asked`, with repetitions. How many of them are not in the set?",
        "`known = {w for t in learnt_from for w in t.split()}`; `words = [w for t in asked for w in t.split()]`; "
        "`return sum(w not in known for w in words) / len(words)`",
    ),
)

how_it_fails = ChoiceQuestion(
    lesson="15",
    name="how_it_fails",
    question="A picture shows a combination it has never seen. Which words will be wrong most often?",
    choices=("size or relation", "the colour", "the shape", "any: it is confused"),
    answer="the shape",
    says={
        "size or relation": "Those do not depend on the combination. Look at the shares by kind.",
        "the colour": "It could have gone that way. Look at the shares by kind: the colour stays right.",
        "any: it is confused": "It is not confused: what the combination does not touch stays right.",
    },
    why="It keeps the colour, and says another shape; shapes of known combinations in the same pictures stay right.",
)

weakest_kind = ChoiceQuestion(
    lesson="15",
    name="weakest_kind",
    question="Of which kind of word does the network with attention have the smallest share right?",
    choices=("size", "colour", "shape", "relation (left of, above)"),
    answer="relation (left of, above)",
    says=dict.fromkeys(("size", "colour", "shape"), "Look at the table: its share is above that of the relation."),
    why="Its share of right words is the lowest of the four kinds.",
)

# Answered by what the lesson measures, or the claims.
new_combinations = NumberQuestion(lesson="15", name="new_combinations", within=0.25, prediction=True)

emoji_exact = NumberQuestion(lesson="15", name="emoji_exact", within=0.1, prediction=True)
