"""Connectionist temporal classification (CTC): what is said when only its order is known.

A network says for each frame how probable each class is, and the blank. A path is one class a frame; it is read by
keeping one of equal neighbours, then dropping the blanks. A text's probability is the sum over all paths that read it.

Source: Graves, Fernández, Gomez & Schmidhuber 2006, doi:10.1145/1143844.1143891.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

import torch
from torch import Tensor

from course_utils.checks import check_whole
from course_utils.errors import CourseError

BLANK = "-"
MOST_ALIGNMENTS = 100_000
NEVER = -1e30  # a log probability of "cannot be": unlike −∞ it has a gradient that is a number, 0

# ---------------------------------------------------------------------------------------------------------------------
# On paper: letters and the blank "-"


def collapse(path: str) -> str:
    """What a path says: "aa-ab" says "aab".

    Args:
        path: letters and blanks, one a frame.
    """
    return "".join(letter for letter, _ in groupby(path) if letter != BLANK)


def shortest(text: str) -> int:
    """The fewest frames in which a text can be said: one a letter, and a blank between equal neighbours.

    Args:
        text: letters, none of them "-".

    Raises:
        CourseError: the text holds a "-".
    """
    return fewest_frames(_letters(text))


def alignments(text: str, frames: int) -> list[str]:
    """All paths of so many frames that say a text; none where it does not fit.

    There are C(T + U − R, 2U) of them: T frames, U letters, R equal neighbours.

    Args:
        text: letters, none of them "-".
        frames: T.

    Returns:
        The paths, in the order of where the text begins: letters first, blanks after them.

    Raises:
        CourseError: the text holds a "-", the frames are no whole number from 0, or there are more than 100,000.
    """
    _letters(text)
    check_whole("frames", frames, 0)
    steps = frames + 2 * len(text) - shortest(text)
    count = math.comb(steps, 2 * len(text))
    if count > MOST_ALIGNMENTS:
        raise CourseError(
            f"{text!r} can be said in {frames} frames in {count:,} ways: too many to list (at most "
            f"{MOST_ALIGNMENTS:,}). Take fewer frames; ctc_forward adds up any number."
        )
    return list(_paths(BLANK, text, frames))


def _paths(last: str, rest: str, frames: int) -> Iterator[str]:
    """Continuations of a path that ended in `last` and has still to say `rest`."""
    if frames < fewest_frames(rest) + (rest[:1] == last):
        return
    if frames == 0:
        yield ""
        return
    if rest and rest[0] != last:
        yield from (rest[0] + path for path in _paths(rest[0], rest[1:], frames - 1))
    if last != BLANK:
        yield from (last + path for path in _paths(last, rest, frames - 1))
    yield from (BLANK + path for path in _paths(BLANK, rest, frames - 1))


def _letters(text: str) -> str:
    if BLANK in text:
        raise CourseError(f"{text!r} holds {BLANK!r}, which stands for the blank. Take another letter.")
    return text


def fewest_frames(classes: Sequence[str]) -> int:
    """The fewest frames in which classes, or words, can be said: one each, and a blank between equal neighbours."""
    return len(classes) + sum(one == other for one, other in pairwise(classes))


def edits(said: Sequence[str], right: Sequence[str]) -> int:
    """The fewest words to insert, delete or replace that turn one text into another.

    Source: Levenshtein 1966, *Soviet Physics Doklady* 10, 707–710.

    Args:
        said: words.
        right: words.
    """
    row: list[int] = list(range(len(right) + 1))  # to the first j words of `right` from none
    for i, word in enumerate(said, 1):
        before, row = row, [i]
        for j, other in enumerate(right):
            row.append(min(before[j + 1] + 1, row[j] + 1, before[j] + (word != other)))
    return row[-1]


# ---------------------------------------------------------------------------------------------------------------------
# The sum over all paths


def ctc_forward(log_probs: Tensor, targets: Tensor, blank: int = 0) -> Tensor:
    """−log of a text's probability, in nats: the forward algorithm, in logarithms.

    Equal to `torch.nn.functional.ctc_loss`; this one is for reading, one clip at a time.

    Args:
        log_probs: (T, K) log probabilities.
        targets: (U,) classes, none of them the blank.
        blank: the class that says nothing.

    Returns:
        A scalar that can be differentiated; inf, with a gradient of 0, where no path says the targets.

    Raises:
        CourseError: shapes or classes that cannot be meant.
    """
    emitted, jumps = _emitted(log_probs, targets, blank)
    total = _log_total(emitted, jumps)
    return torch.where(total > NEVER / 10, -total, torch.full_like(total, torch.inf))


def forward_variables(log_probs: Tensor, targets: Tensor, blank: int = 0) -> Tensor:
    """α: how probable all beginnings together are that are in each state at each frame.

    Args:
        log_probs: (T, K) log probabilities.
        targets: (U,) classes, none of them the blank.
        blank: the class that says nothing.

    Returns:
        (T, 2U + 1) probabilities, not their logarithms: for few frames, to be looked at.

    Raises:
        CourseError: shapes or classes that cannot be meant.
    """
    return torch.stack(list(_alphas(*_emitted(log_probs, targets, blank)))).exp()


def lattice(log_probs: Tensor, targets: Tensor, blank: int = 0) -> Tensor:
    """How much of a text's probability passes through each state at each frame.

    The states are - a - b -, the classes of the text with blanks around. What passes is the derivative of the text's
    log probability by the log probability of that state at that frame.

    Args:
        log_probs: (T, K) log probabilities.
        targets: (U,) classes, none of them the blank.
        blank: the class that says nothing.

    Returns:
        (T, 2U + 1); each frame sums to 1. All 0 where no path says the targets.

    Raises:
        CourseError: shapes or classes that cannot be meant.
    """
    with torch.enable_grad():
        emitted, jumps = _emitted(log_probs.detach(), targets, blank)
        emitted.requires_grad_()
        total = _log_total(emitted, jumps)
        (shares,) = torch.autograd.grad(total, emitted)
    return shares if total > NEVER / 10 else torch.zeros_like(shares)


def _emitted(log_probs: Tensor, targets: Tensor, blank: int) -> tuple[Tensor, Tensor]:
    """Of each state its log probability at each frame, (T, S), and whether it can be reached over a blank, (S,)."""
    targets = torch.as_tensor(targets, dtype=torch.long)
    _check(log_probs, targets, blank)
    classes = torch.full((2 * len(targets) + 1,), blank)  # - a - b -
    classes[1::2] = targets
    jumps = torch.zeros(len(classes), dtype=torch.bool)
    jumps[3::2] = targets[1:] != targets[:-1]
    return log_probs.clamp(min=NEVER)[:, classes], jumps


def _log_total(emitted: Tensor, jumps: Tensor) -> Tensor:
    """The log of the sum over all ways through the states, (T, S) → scalar."""
    *_, last = _alphas(emitted, jumps)
    return last[-2:].logsumexp(dim=0)


def _alphas(emitted: Tensor, jumps: Tensor) -> Iterator[Tensor]:
    """Of all beginnings that are in each state at a frame the log of their sum, (S,), frame by frame."""
    alpha = torch.full_like(emitted[0], NEVER)
    alpha = torch.cat([emitted[0, :2], alpha[2:]])
    yield alpha
    for frame in emitted[1:]:
        one_before = torch.nn.functional.pad(alpha, (1, 0), value=NEVER)[:-1]
        two_before = torch.nn.functional.pad(alpha, (2, 0), value=NEVER)[:-2].masked_fill(~jumps, NEVER)
        alpha = torch.stack([alpha, one_before, two_before]).logsumexp(dim=0) + frame
        yield alpha


def _check(log_probs: Tensor, targets: Tensor, blank: int) -> None:
    if log_probs.ndim != 2 or not log_probs.numel() or targets.ndim != 1:
        raise CourseError(
            f"CTC needs log probabilities (T, K) and targets (U,), of one clip; these are {tuple(log_probs.shape)} and "
            f"{tuple(targets.shape)}."
        )
    K = log_probs.shape[1]
    if not 0 <= blank < K:
        raise CourseError(f"blank is {blank!r}; it must be one of the {K} classes, 0 to {K - 1}.")
    if not all(0 <= label < K and label != blank for label in targets.tolist()):
        raise CourseError(
            f"Targets are classes from 0 to {K - 1}, none of them the blank, {blank}; these are {targets.tolist()}."
        )


# ---------------------------------------------------------------------------------------------------------------------
# Reading


def greedy(log_probs: Tensor, blank: int = 0) -> list[int]:
    """What the most probable path says.

    Args:
        log_probs: (T, K) log probabilities.
        blank: the class that says nothing.

    Returns:
        Classes.
    """
    return [label for label, _ in groupby(log_probs.argmax(dim=-1).tolist()) if label != blank]


def prefix_beam(log_probs: Tensor, beam: int, blank: int = 0) -> list[int]:
    """The most probable text that a beam search finds; paths that say the same are added up.

    Of each beginning it knows how probable the paths are that end in a blank, and those that end in its last class: a
    class after itself makes the text longer only where a blank was between. Source: Hannun, Maas, Jurafsky & Ng 2014,
    arXiv 1408.2873.

    Args:
        log_probs: (T, K) log probabilities.
        beam: how many beginnings are kept.
        blank: the class that says nothing.

    Returns:
        Classes.

    Raises:
        CourseError: a beam that is no whole number from 1.
    """
    check_whole("beam", beam, 1)
    kept: dict[tuple[int, ...], tuple[float, float]] = {(): (0.0, -math.inf)}  # of paths: after a blank, after a class
    for frame in log_probs.detach().double().tolist():
        grown: dict[tuple[int, ...], list[float]] = defaultdict(lambda: [-math.inf, -math.inf])
        for text, (after_blank, after_class) in kept.items():
            _longer(grown, text, after_blank, after_class, frame, blank)
        ranked = sorted(grown.items(), key=lambda one: -_added(*one[1]))
        kept = {text: (two[0], two[1]) for text, two in ranked[:beam]}
    best, _ = max(kept.items(), key=lambda one: _added(*one[1]))
    return list(best)


def _longer(
    grown: dict[tuple[int, ...], list[float]],
    text: tuple[int, ...],
    after_blank: float,
    after_class: float,
    frame: Sequence[float],
    blank: int,
) -> None:
    """Add to `grown` what one more frame makes of a text."""
    for label, log_p in enumerate(frame):
        if label == blank:
            grown[text][0] = _added(grown[text][0], _added(after_blank, after_class) + log_p)
        elif text and text[-1] == label:
            grown[text][1] = _added(grown[text][1], after_class + log_p)
            more = grown[(*text, label)]
            more[1] = _added(more[1], after_blank + log_p)
        else:
            more = grown[(*text, label)]
            more[1] = _added(more[1], _added(after_blank, after_class) + log_p)


def _added(one: float, other: float) -> float:
    """log(eˣ + eʸ)."""
    larger, smaller = (one, other) if one >= other else (other, one)
    return larger if smaller == -math.inf else larger + math.log1p(math.exp(smaller - larger))
