"""Lesson 12: from tags to spans, and how many of them are right."""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion

Found = tuple[str, int, int]  # kind, first token, and the one after the last


def spans_in(tags: Sequence[str]) -> list[Found]:
    """The spans that BIO tags mark: (kind, index of the first token, index after the last one).

    An I- that continues nothing begins a span. Source: Tjong Kim Sang & De Meulder 2003, arXiv cs/0306050.

    Args:
        tags: of one sentence, such as ["O", "B-area", "I-area"].
    """
    spans: list[Found] = []
    kind, start = "", 0
    for index, tag in enumerate([*tags, "O"]):
        prefix, _, named = tag.partition("-")
        if kind and (prefix != "I" or named != kind):
            spans.append((kind, start, index))
            kind = ""
        if not kind and named:
            kind, start = named, index
    return spans


def rows_of_tags(generator: torch.Generator) -> list[tuple[list[str]]]:
    """Tags of one sentence."""
    fixed = [
        "O B-area I-area O",
        "B-area B-area O",
        "O B-device I-device I-device",
        "B-area I-device O",
        "O I-area I-area O B-floor",
        "B-area I-area B-area I-area",
        "O B-Beatles-song I-Beatles-song B-Item O",  # kinds with a hyphen, and with the letters B and I
        "O O",
        "",
    ]
    draw = random.Random(int(torch.randint(1_000_000, (), generator=generator)))
    drawn = [draw.choices(["O", "B-area", "I-area", "B-floor", "I-floor"], k=length) for length in (6, 9, 12)]
    return [(text.split(),) for text in fixed] + [(row,) for row in drawn]


def last_token_itself(tags: Sequence[str]) -> list[Found]:
    """The end is the last token, not the one after it."""
    return [(kind, start, end - 1) for kind, start, end in spans_in(tags)]


def only_after_b(tags: Sequence[str]) -> list[Found]:
    """An I- that continues nothing is passed over."""
    spans: list[Found] = []
    kind, start = "", 0
    for index, tag in enumerate([*tags, "O"]):
        prefix, _, named = tag.partition("-")
        if kind and (prefix != "I" or named != kind):
            spans.append((kind, start, index))
            kind = ""
        if prefix == "B":
            kind, start = named, index
    return spans


def until_outside(tags: Sequence[str]) -> list[Found]:
    """A span goes on until the next O."""
    spans: list[Found] = []
    start = -1
    for index, tag in enumerate([*tags, "O"]):
        if start < 0 and tag != "O":
            start = index
        if start >= 0 and tag == "O":
            spans.append((tags[start][2:], start, index))
            start = -1
    return spans


def one_kind_one_span(tags: Sequence[str]) -> list[Found]:
    """B- is read like I-: neighbours of one kind flow together."""
    return spans_in([tag.replace("B-", "I-") for tag in tags])


def open_at_the_end(tags: Sequence[str]) -> list[Found]:
    """What reaches the end of the sentence is lost."""
    return [span for span in spans_in(tags) if span[2] < len(tags)]


def any_inside(tags: Sequence[str]) -> list[Found]:
    """An I- goes on with whatever span is open."""
    spans: list[Found] = []
    kind, start = "", 0
    for index, tag in enumerate([*tags, "O"]):
        prefix, _, named = tag.partition("-")
        if kind and prefix != "I":
            spans.append((kind, start, index))
            kind = ""
        if not kind and named:
            kind, start = named, index
    return spans


def letters_stripped(tags: Sequence[str]) -> list[Found]:
    """`lstrip("BI-")` for the kind: it takes away letters, and not a prefix."""
    return [(kind.lstrip("BI-"), start, end) for kind, start, end in spans_in(tags)]


def until_the_next_hyphen(tags: Sequence[str]) -> list[Found]:
    """`split("-")[1]` for the kind."""
    return [(kind.split("-")[0], start, end) for kind, start, end in spans_in(tags)]


def every_tag_a_span(tags: Sequence[str]) -> list[Found]:
    """Each token of its own."""
    return [(tag[2:], index, index + 1) for index, tag in enumerate(tags) if tag != "O"]


read_spans = FunctionExercise(
    lesson="12",
    name="read_spans",
    reference=spans_in,
    cases=rows_of_tags,
    result="a list of (kind, start, end), with tokens[start:end] in the span",
    mistakes=(
        Mistake(
            last_token_itself,
            "Your end is the last token itself. The end here is the index *after* it, so that `tokens[start:end]` is "
            "the span.",
        ),
        Mistake(
            only_after_b,
            "You pass over an I- that continues nothing. A network says such a thing, and the usual score counts it: "
            "it begins a span.",
        ),
        Mistake(until_outside, "A span ends at the next B-, or at an I- of another kind, and not only at an O."),
        Mistake(
            one_kind_one_span,
            "Two spans of one kind side by side have become one. A B- begins a new one: that is what it is for.",
        ),
        Mistake(
            open_at_the_end,
            "A span that reaches the end of the sentence is missing. No tag comes after it to close it: close it "
            "after the loop, or put an O after the tags.",
        ),
        Mistake(
            any_inside,
            "An I- of *another* kind does not go on with the open span: it ends it, and begins one of its own.",
        ),
        Mistake(
            letters_stripped,
            "`lstrip` takes away *letters*, as many as there are: of B-Item it leaves “tem”. "
            '`tag[2:]` or `tag.removeprefix("B-")` takes away the prefix.',
        ),
        Mistake(
            until_the_next_hyphen,
            "A kind may have a hyphen of its own, and you cut it off there: take the tag apart at its *first* hyphen, "
            'such as with `tag.partition("-")` or `tag[2:]`.',
        ),
        Mistake(every_tag_a_span, "Each token became a span of its own. B- and the I- after it are one."),
    ),
    variants=(
        lambda tags: [
            (tag[2:], i, next((j for j in range(i + 1, len(tags)) if tags[j] != "I-" + tag[2:]), len(tags)))
            for i, tag in enumerate(tags)
            if tag[0] == "B" or (tag[0] == "I" and (i == 0 or tags[i - 1][1:] != tag[1:]))
        ],
    ),
    hints=(
        "Go through the tags, and remember the kind and the start of the span that is open, if any.",
        "An open span ends where the tag is not an I- of its kind: append (kind, start, index). Then see whether the "
        "tag begins another one. An extra O after the tags closes the last.",
        '`prefix, _, named = tag.partition("-")` takes a tag apart; an O has an empty `named`.',
    ),
)


def f1_of_spans(found: Sequence[Sequence[Found]], there: Sequence[Sequence[Found]]) -> float:
    """F1 of spans: 2 · right / (found + there), counted over all sentences; 0 where there is none of either.

    Args:
        found: for each sentence the spans that a tagger found.
        there: for each sentence the right ones.
    """
    right = sum(len(set(some) & set(others)) for some, others in zip(found, there, strict=True))
    count = sum(map(len, found)) + sum(map(len, there))
    return 2 * right / count if count else 0.0


def span_lists(generator: torch.Generator) -> list[tuple[list[list[Found]], list[list[Found]]]]:
    """Spans found and right ones, of several sentences."""
    area, other, device = ("area", 0, 2), ("area", 3, 4), ("device", 0, 2)
    fixed: list[tuple[list[list[Found]], list[list[Found]]]] = [
        ([[area], [area, other]], [[area, other], [other]]),
        ([[area], []], [[device], [other]]),
        ([[("area", 0, 1)]], [[area]]),
        ([[("area", 1, 2)]], [[area]]),
        ([[area], [other]], [[other], [area]]),
        ([[area, other]], [[area]]),
        ([[]], [[]]),
        ([[]], [[area]]),
    ]
    draw = random.Random(int(torch.randint(1_000_000, (), generator=generator)))
    every = [(kind, start, start + size) for kind in ("area", "floor") for start in (0, 3, 6) for size in (1, 2)]
    drawn = [
        ([draw.sample(every, draw.randint(0, 4)) for _ in range(3)], [draw.sample(every, 3) for _ in range(3)])
        for _ in range(3)
    ]
    return fixed + drawn


def mean_of_sentences(found: Sequence[Sequence[Found]], there: Sequence[Sequence[Found]]) -> float:
    """Every sentence counts the same."""
    each = [f1_of_spans([some], [others]) for some, others in zip(found, there, strict=True)]
    return sum(each) / len(each)


def mean_of_kinds(found: Sequence[Sequence[Found]], there: Sequence[Sequence[Found]]) -> float:
    """Every kind counts the same."""
    kinds = sorted({span[0] for row in [*found, *there] for span in row})
    each = [
        f1_of_spans(*([[span for span in row if span[0] == kind] for row in rows] for rows in (found, there)))
        for kind in kinds
    ]
    return sum(each) / max(len(each), 1)


def precision(found: Sequence[Sequence[Found]], there: Sequence[Sequence[Found]]) -> float:
    """Of those found, the share that is right."""
    right = sum(len(set(some) & set(others)) for some, others in zip(found, there, strict=True))
    return right / max(sum(map(len, found)), 1)


def recall(found: Sequence[Sequence[Found]], there: Sequence[Sequence[Found]]) -> float:
    """Of those there, the share that was found."""
    right = sum(len(set(some) & set(others)) for some, others in zip(found, there, strict=True))
    return right / max(sum(map(len, there)), 1)


def without(position: int) -> Mistake:
    """Spans compared without one of their three parts."""
    says = {
        0: "You do not compare the kinds: a device in place of an area is counted as right.",
        1: "You do not compare the first tokens. Half a span is no span: kind, start and end must be the same.",
        2: "You do not compare the ends. Half a span is no span: kind, start and end must be the same.",
    }

    def answer(found: Sequence[Sequence[Found]], there: Sequence[Sequence[Found]]) -> float:
        some, others = (
            [[(*span[:position], *span[position + 1 :]) for span in row] for row in rows] for rows in (found, there)
        )
        right = sum(sum(span in other for span in one) for one, other in zip(some, others, strict=True))
        count = sum(map(len, found)) + sum(map(len, there))
        return 2 * right / count if count else 0.0

    return Mistake(answer, says[position])


def all_in_one(found: Sequence[Sequence[Found]], there: Sequence[Sequence[Found]]) -> float:
    """Spans of all sentences in one set: which sentence they are of is forgotten."""
    some, others = ({span for row in rows for span in row} for rows in (found, there))
    count = sum(map(len, found)) + sum(map(len, there))
    return 2 * len(some & others) / count if count else 0.0


def by_hand(found: Sequence[Sequence[Found]], there: Sequence[Sequence[Found]]) -> float:
    """From precision and recall."""
    p, r = precision(found, there), recall(found, there)
    return 2 * p * r / (p + r) if p + r else 0.0


span_f1 = FunctionExercise(
    lesson="12",
    name="span_f1",
    reference=f1_of_spans,
    cases=span_lists,
    result="a number from 0 to 1",
    variants=(by_hand,),
    mistakes=(
        Mistake(
            mean_of_sentences,
            "That is the mean of the sentences' F1. Then one span in a short sentence counts more. Count right, found "
            "and there over all sentences, and divide once.",
        ),
        Mistake(
            mean_of_kinds,
            "That is the mean of the kinds' F1 (“macro”). Then a rare kind counts as much as a common one. Count "
            "right, found and there over all kinds, and divide once.",
        ),
        Mistake(precision, "That is precision: of those *found*, the share that is right. Recall is missing."),
        Mistake(recall, "That is recall: of those *there*, the share that was found. Precision is missing."),
        without(0),
        without(1),
        without(2),
        Mistake(
            all_in_one,
            "You put the spans of all sentences into one set. (area, 0, 2) of one sentence is not that of another: "
            "compare sentence by sentence, and add up.",
        ),
        Mistake(
            lambda found, there: (precision(found, there) + recall(found, there)) / 2,
            "That is the mean of precision and recall. F1 is their *harmonic* mean, 2PR / (P + R).",
        ),
    ),
    hints=(
        "Precision is right/found, recall right/there. Their harmonic mean is 2 · right / (found + there).",
        "`set(some) & set(others)` holds what both have. Do it sentence by sentence: `zip(found, there)`.",
        "`right = sum(len(set(a) & set(b)) for a, b in zip(found, there))`, and 0 where nothing is found or there.",
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# Predictions

# Answered by what the lesson measures.
always_outside = NumberQuestion(lesson="12", name="always_outside", within=0.05, prediction=True)

later_words = ChoiceQuestion(
    lesson="12",
    name="later_words",
    question="“Cancel my timer for 63 …”: hours, minutes or seconds? What can a network say that reads from the left?",
    choices=(
        "the right one, once it is trained enough",
        "a guess among the three",
        "the right one, if it is an LSTM, not an RNN",
    ),
    answer="a guess among the three",
    says={
        "the right one, once it is trained enough": "What decides comes after the number. No training shows it what "
        "it has not read yet.",
        "the right one, if it is an LSTM, not an RNN": "An LSTM can keep what it has read. What decides has not been "
        "read by either.",
    },
    why="What decides comes after the number, and neither training nor memory brings it back from there.",
)

ahead_of_all = ChoiceQuestion(
    lesson="12",
    name="ahead_of_all",
    question="Three networks that read both sides, with about as many weights, on the templates held out here: whose "
    "mean F1 is the largest?",
    choices=("the tanh RNN's", "the GRU's", "the LSTM's"),
    answer="the tanh RNN's",
    says={
        "the GRU's": "Gates help to keep something for long; these sentences are short. Compare the bars, the means.",
        "the LSTM's": "A cell helps to keep something for long; these sentences are short. Compare the bars, the "
        "means.",
    },
    why="On average it is 0.77, the GRU's 0.76 and the LSTM's 0.70. What the cause is, is not measured here.",
)

passes_the_ceiling = ChoiceQuestion(
    lesson="12",
    name="passes_the_ceiling",
    question="On the templates held out here, does the BiLSTM pass the ceiling of readers from the left?",
    choices=("yes", "no"),
    answer="no",
    says={
        "yes": "Compare the two columns: the ceiling belongs to a reader that knows these templates and their words, "
        "and the network has never seen them."
    },
    why="The ceiling belongs to a reader that knows these templates and their words. In another split of the templates "
    "it may lie elsewhere.",
)
