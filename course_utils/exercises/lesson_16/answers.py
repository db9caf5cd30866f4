"""Lesson 16: how wrong answers are, how sure, and which entry of a lexicon it was."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.nn import ctc


def read_and_written(generator: torch.Generator) -> list[tuple[list[str], list[str]]]:
    """All right; digits missing, wrong and too many; lines of several lengths; nothing read."""
    return [
        (["407", "11"], ["407", "11"]),
        (["40", "11"], ["407", "11"]),
        (["47", "123456"], ["407", "123456"]),
        (["9407", "8"], ["407", "3"]),
        (["", "5"], ["1234", "5"]),
        (["77777", "12"], ["7", "12"]),
        (["4071", "2345678"], ["407", "12345678"]),
        (["11", "11", "2"], ["11", "12", "12"]),
    ]


def error_rate(said: Sequence[str], right: Sequence[str]) -> float:
    """The character error rate: the fewest characters to correct in all lines, per character that is right.

    Args:
        said: what was read of each line.
        right: what stands there.
    """
    wrong = sum(ctc.edits(one, other) for one, other in zip(said, right, strict=True))
    return wrong / sum(map(len, right))


error_rate_of = FunctionExercise(
    lesson="16",
    name="error_rate_of",
    reference=error_rate,
    cases=read_and_written,
    result="a number, 0 where all is right",
    variants=(
        lambda said, right: sum(map(ctc.edits, said, right)) / len("".join(right)),
        lambda said, right: sum(ctc.edits(right[n], said[n]) for n in range(len(said))) / sum(len(r) for r in right),
    ),
    mistakes=(
        Mistake(
            lambda said, right: sum(ctc.edits(s, r) / len(r) for s, r in zip(said, right, strict=True)) / len(right),
            "That is the mean of the lines' rates: a digit of a short line counts more than one of a long line. Add up "
            "the errors of all lines, then divide once.",
        ),
        Mistake(
            lambda said, right: sum(map(ctc.edits, said, right)) / max(sum(map(len, said)), 1),
            "You divided by what was *read*. A reader that writes too much would look better: divide by what is right.",
        ),
        Mistake(
            lambda said, right: sum(s != r for s, r in zip(said, right, strict=True)) / len(right),
            "That is the share of lines with an error. Count the characters.",
        ),
        Mistake(
            lambda said, right: sum(map(ctc.edits, said, right)),
            "That is the number of errors. Divide by the number of characters that are right.",
        ),
        Mistake(
            lambda said, right: sum(map(ctc.edits, said, right)) / len(right),
            "That is the number of errors a line. Divide by the number of characters, not of lines.",
        ),
        Mistake(
            lambda said, right: (
                sum(a != b for s, r in zip(said, right, strict=True) for a, b in zip(s, r, strict=False))
                / sum(map(len, right))
            ),
            "You compared position by position. After one missing digit all later ones count as wrong, and digits that "
            "are missing at the end do not count at all. `ctc.edits` counts the fewest corrections.",
        ),
        Mistake(
            lambda said, right: ctc.edits("".join(said), "".join(right)) / sum(map(len, right)),
            "You joined all lines to one text: then a digit may move from one line to the next. Count line by line.",
        ),
        Mistake(
            lambda said, right: 100 * sum(map(ctc.edits, said, right)) / sum(map(len, right)),
            "That is the rate in per cent. It is asked as a number that is 1 where as many are wrong as stand there.",
        ),
        Mistake(
            lambda said, right: 1 - sum(map(ctc.edits, said, right)) / sum(map(len, right)),
            "That is the share that is right. The rate of errors is asked.",
        ),
    ),
    hints=(
        "How many corrections does each line need? How many characters are there to be wrong?",
        "`ctc.edits(said, right)` gives the fewest corrections of one line. Add them up.",
        "Divide that sum by the sum of the lengths of the right texts, once.",
    ),
)


def frames_and_entries(generator: torch.Generator) -> list[tuple[Tensor, list[list[int]]]]:
    """Log probabilities of 4 classes, the blank 0, and entries of several lengths, some without room."""
    cases: list[tuple[Tensor, list[list[int]]]] = []
    for frames in (4, 6, 7, 9):
        log_probs = (3 * torch.randn(frames, 4, generator=generator)).log_softmax(dim=1)
        entries = [torch.randint(1, 4, (length,), generator=generator).tolist() for length in (1, 2, 3, 4, 2, 5)]
        cases.append((log_probs, entries))
    even = torch.full((5, 4), 0.25).log()
    spread = torch.tensor([[0.4, 0.6, 0.0, 0.0]] * 2).clamp(min=1e-6).log()  # many paths say [1], one says []
    return [*cases, (even, [[1], [1, 2], [1, 2, 3]]), (spread, [[2], [1], [3]]), (spread, [[2], [3], [1]])]


def most_probable_entry(log_probs: Tensor, entries: Sequence[Sequence[int]]) -> int:
    """Which entry of a lexicon is the most probable: its probability is the sum over all paths that say it.

    Args:
        log_probs: (T, K) log probabilities, the blank 0.
        entries: of the lexicon, classes each; one has room at least.

    Returns:
        The number of the entry, from 0.
    """
    nats = torch.stack([ctc.ctc_forward(log_probs, torch.tensor(entry)) for entry in entries])
    return int(nats.argmin())


def nats_of(log_probs: Tensor, entries: Sequence[Sequence[int]]) -> list[float]:
    """−log of the probability of each entry."""
    return [float(ctc.ctc_forward(log_probs, torch.tensor(entry))) for entry in entries]


def nearest_to_greedy(log_probs: Tensor, entries: Sequence[Sequence[int]]) -> int:
    """The entry with the fewest corrections from what the most probable path says."""
    said = ctc.greedy(log_probs)
    return min(range(len(entries)), key=lambda index: ctc.edits(said, entries[index]))  # type: ignore[arg-type]


def smallest(numbers: Sequence[float]) -> int:
    """The index of the smallest."""
    return min(range(len(numbers)), key=numbers.__getitem__)


lexicon_entry = FunctionExercise(
    lesson="16",
    name="lexicon_entry",
    reference=most_probable_entry,
    cases=frames_and_entries,
    result="the number of the entry, from 0",
    variants=(lambda log_probs, entries: smallest(nats_of(log_probs, entries)),),
    mistakes=(
        Mistake(
            lambda log_probs, entries: smallest([-n for n in nats_of(log_probs, entries)]),
            "`ctc_forward` returns −log of the probability, so the *smallest* is the most probable entry. You took the "
            "largest.",
        ),
        Mistake(
            lambda log_probs, entries: smallest(
                [n / len(entry) for n, entry in zip(nats_of(log_probs, entries), entries, strict=True)]
            ),
            "You divided by the number of characters. That helps where a search compares beginnings; here each entry "
            "has its probability, and longer ones would be favoured.",
        ),
        Mistake(
            nearest_to_greedy,
            "You took the entry that looks most like what the best path says. How sure the network is of a character "
            "is lost then. Ask for each entry's own probability.",
        ),
        Mistake(
            lambda log_probs, entries: smallest([len(entry) for entry in entries]),
            "The shortest entry is not the most probable one.",
        ),
        Mistake(
            lambda log_probs, entries: entries[smallest(nats_of(log_probs, entries))],
            "That is the entry itself. Its number is asked.",
        ),
    ),
    hints=(
        "Each entry has a probability: the sum over all paths that say it. Which function of the course adds them up?",
        "`ctc.ctc_forward(log_probs, torch.tensor(entry))` is −log of it.",
        "The number of the smallest: `torch.stack([…]).argmin()`, as an `int`.",
    ),
)


def sure_and_right(generator: torch.Generator) -> list[tuple[Tensor, Tensor, int]]:
    """Confidences, which answers were right, and how many bins; some bins are empty, and a confidence may be 1.

    None lies exactly between two bins: books put it into the lower one or into the upper one.
    """
    drawn = torch.rand(40, generator=generator)
    right = torch.rand(40, generator=generator) < drawn**2
    certain = torch.tensor([0.1, 0.3, 0.6, 0.9, 1.0])
    return [
        (drawn, right, 5),
        (drawn, right, 1),
        (torch.tensor([0.9, 0.8, 0.9, 0.1]), torch.tensor([True, False, True, False]), 7),
        (certain, torch.tensor([True, False, True, True, False]), 4),
        (torch.full((6,), 0.8), torch.tensor([True] * 3 + [False] * 3), 3),
        (torch.tensor([0.2, 0.9, 0.9, 0.9]), torch.tensor([True, True, True, False]), 2),
    ]


def calibration_error(confidence: Tensor, right: Tensor, bins: int) -> float:
    """How far confidence and the share of right answers are apart, on average over the answers.

    Answers are put into bins of equal width by their confidence, bin b holding b / bins up to (b + 1) / bins, the last
    one 1 as well. In each bin the mean confidence is compared with the share that is right; a bin counts as often as it
    has answers. Source: Naeini, Cooper & Hauskrecht 2015, *AAAI*.

    Args:
        confidence: (N,) from 0 to 1.
        right: (N,) was the answer right?
        bins: how many.
    """
    number = (confidence * bins).long().clamp(max=bins - 1)
    apart = 0.0
    for index in range(bins):
        here = number == index
        if here.any():
            apart += float(here.sum() * (confidence[here].mean() - right[here].float().mean()).abs())
    return apart / len(confidence)


def gaps(confidence: Tensor, right: Tensor, bins: int) -> list[tuple[int, float]]:
    """Of each bin that is not empty: how many answers, and confidence minus share right."""
    number = (confidence * bins).long().clamp(max=bins - 1)
    kept = [number == index for index in range(bins) if (number == index).any()]
    return [(int(here.sum()), float(confidence[here].mean() - right[here].float().mean())) for here in kept]


calibration_of = FunctionExercise(
    lesson="16",
    name="calibration_of",
    reference=calibration_error,
    cases=sure_and_right,
    result="a number, 0 where confidence and share agree in each bin",
    variants=(
        lambda confidence, right, bins: sum(n * abs(gap) for n, gap in gaps(confidence, right, bins)) / len(right),
        lambda confidence, right, bins: sum(
            float((confidence[here] - right[here].float()).sum().abs()) / len(right)
            for here in (((confidence * bins).ceil() == index) for index in range(1, bins + 1))
        ),
    ),
    mistakes=(
        Mistake(
            lambda confidence, right, bins: sum(
                float((confidence[here] - right[here].float()).sum().abs()) / len(right)
                for here in (((confidence * bins).long() == index) for index in range(bins))
            ),
            "A confidence of exactly 1 is in none of your bins. It belongs to the last.",
        ),
        Mistake(
            lambda confidence, right, bins: sum(
                float(here.sum() * ((index + 0.5) / bins - right[here].float().mean()).abs()) / len(right)
                for index in range(bins)
                if (here := (confidence * bins).long().clamp(max=bins - 1) == index).any()
            ),
            "You compared the middle of each bin. The mean of the confidences in it is asked.",
        ),
        Mistake(
            lambda confidence, right, bins: sum(n * gap**2 for n, gap in gaps(confidence, right, bins)) / len(right),
            "You squared the differences. Their absolute value is asked.",
        ),
        Mistake(
            lambda confidence, right, bins: (
                sum(abs(gap) for _, gap in gaps(confidence, right, bins)) / len(gaps(confidence, right, bins))
            ),
            "That is the mean over the bins: one with two answers counts as much as one with hundreds. Weigh each bin "
            "by its number of answers.",
        ),
        Mistake(
            lambda confidence, right, bins: sum(abs(gap) for _, gap in gaps(confidence, right, bins)) / bins,
            "That is the mean over the bins, empty ones too. Weigh each bin by its number of answers.",
        ),
        Mistake(
            lambda confidence, right, bins: sum(n * gap for n, gap in gaps(confidence, right, bins)) / len(right),
            "Too sure in one bin and not sure enough in another cancel here. Take the absolute difference of each bin.",
        ),
        Mistake(
            lambda confidence, right, bins: max(abs(gap) for _, gap in gaps(confidence, right, bins)),
            "That is the largest gap of a bin. The average over the answers is asked.",
        ),
        Mistake(
            lambda confidence, right, bins: float((confidence - right.float()).abs().mean()),
            "You compared each confidence with a single 0 or 1. A confidence of 0.8 is met where four in five are "
            "right: compare means of bins.",
        ),
        Mistake(
            lambda confidence, right, bins: abs(float(confidence.mean() - right.float().mean())),
            "That is a single bin: confidence that is wrong in both directions cancels. Compare bin by bin.",
        ),
    ),
    hints=(
        "Which answers have about the same confidence? How many of those are right?",
        "The bin of an answer: `(confidence * bins).long()`, and 1.0 belongs to the last. Leave empty bins out.",
        "Add up n · |mean confidence − share right| over the bins, n the answers in each, and divide by all answers.",
    ),
)
