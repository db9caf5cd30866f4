"""Lesson 17: the CTC loss by hand."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.nn import ctc


def frames_and_targets(generator: torch.Generator) -> list[tuple[Tensor, Tensor, int]]:
    """log_probs: (T, K), targets: (U,), blank, mostly 0: equal letters in a row, all frames needed, too few, many."""
    sizes = ((3, [1, 2]), (4, [1, 1]), (6, [2, 1, 2]), (5, [1, 1, 2]), (4, [1, 1, 2]), (8, [3, 3, 3]), (2, [2]))
    cases = [
        (torch.randn(T, 4, generator=generator).log_softmax(dim=-1), torch.tensor(targets), 0) for T, targets in sizes
    ]
    unlikely = (12 * torch.randn(30, 4, generator=generator)).log_softmax(dim=-1)
    other_blank = torch.randn(6, 4, generator=generator).log_softmax(dim=-1), torch.tensor([0, 2, 2]), 3
    impossible = torch.randn(3, 4, generator=generator).log_softmax(dim=-1), torch.tensor([2, 1, 1]), 0
    return [*cases, other_blank, impossible, (unlikely, torch.tensor([1, 3, 3, 2]), 0)]


def forward_loss(log_probs: Tensor, targets: Tensor, blank: int = 0) -> Tensor:
    """The loss of CTC by the forward algorithm: −log of the sum over all alignments, in nats.

    Source: Graves, Fernández, Gomez & Schmidhuber 2006, doi:10.1145/1143844.1143891.

    Args:
        log_probs: (T, K) log probabilities.
        targets: (U,) classes, none of them the blank.
        blank: the class that says nothing.
    """
    classes = torch.full((2 * len(targets) + 1,), blank)  # - a - b -
    classes[1::2] = targets
    may_jump = torch.zeros(len(classes), dtype=torch.bool)
    may_jump[2:] = (classes[2:] != blank) & (classes[2:] != classes[:-2])
    alpha = torch.full((len(classes),), -torch.inf, dtype=log_probs.dtype)
    alpha[:2] = log_probs[0, classes[:2]]
    for frame in log_probs[1:]:
        from_before = torch.nn.functional.pad(alpha, (1, 0), value=-torch.inf)[:-1]
        over_blank = torch.nn.functional.pad(alpha, (2, 0), value=-torch.inf)[:-2].masked_fill(~may_jump, -torch.inf)
        alpha = torch.stack([alpha, from_before, over_blank]).logsumexp(dim=0) + frame[classes]
    return -alpha[-2:].logsumexp(dim=0)


def lattice_loss(
    log_probs: Tensor,
    targets: Tensor,
    blank: int = 0,
    *,
    skip: str = "differs",
    starts: int = 2,
    ends: int = 2,
    best: bool = False,
    blanks: bool = True,
    never: float = -torch.inf,
) -> Tensor:
    """The forward algorithm, one state at a time, with a choice of mistakes.

    Args:
        log_probs: (T, K).
        targets: (U,).
        blank: its class.
        skip: may a path pass over a blank: where the letters on its sides "differ", "always" or "never"; "from blanks"
            too it passes over a letter.
        starts: in how many of the first states a path may start.
        ends: in how many of the last states it may end.
        best: only the best path, in place of the sum.
        blanks: are there states for blanks between the letters?
        never: the log probability of what cannot be.
    """
    classes = [blank]
    for target in targets.tolist():
        classes += [target, blank]
    classes = classes if blanks else targets.tolist()
    nothing = torch.full((), never, dtype=log_probs.dtype)
    alpha = [log_probs[0, k] if s < starts else nothing for s, k in enumerate(classes)]
    for frame in log_probs[1:]:
        grown = []
        for s, k in enumerate(classes):
            ways = alpha[max(s - 1, 0) : s + 1]
            differs = skip != "never" and k not in (blank, classes[s - 2])
            jump = s >= 2 and (differs or (skip == "always" and k != blank) or (skip == "from blanks" and k == blank))
            ways = [alpha[s - 2], *ways] if jump else ways
            stacked = torch.stack(ways)
            grown.append((stacked.max() if best else stacked.logsumexp(dim=0)) + frame[k])
        alpha = grown
    last = torch.stack(alpha[-ends:])
    return -(last.max() if best else last.logsumexp(dim=0))


def with_products(log_probs: Tensor, targets: Tensor, blank: int) -> Tensor:
    """Probabilities multiplied: after many frames they are 0."""
    probs = log_probs.exp()
    classes = [blank]
    for target in targets.tolist():
        classes += [target, blank]
    alpha = [probs[0, k] if s < 2 else torch.zeros(()) for s, k in enumerate(classes)]
    for frame in probs[1:]:
        grown = []
        for s, k in enumerate(classes):
            jump = s >= 2 and k not in (blank, classes[s - 2])
            ways = alpha[max(s - 2, 0) if jump else max(s - 1, 0) : s + 1]
            grown.append(torch.stack(ways).sum() * frame[k])
        alpha = grown
    return -torch.log(alpha[-1] + alpha[-2])


def in_place(log_probs: Tensor, targets: Tensor, blank: int) -> Tensor:
    """One list of α, written over from its first state on: later states read what belongs to the new frame."""
    classes = [blank]
    for target in targets.tolist():
        classes += [target, blank]
    nothing = torch.full((), -torch.inf, dtype=log_probs.dtype)
    alpha = [log_probs[0, k] if s < 2 else nothing for s, k in enumerate(classes)]
    for frame in log_probs[1:]:
        for s, k in enumerate(classes):
            jump = s >= 2 and k not in (blank, classes[s - 2])
            ways = alpha[max(s - 2, 0) if jump else max(s - 1, 0) : s + 1]
            alpha[s] = torch.stack(ways).logsumexp(dim=0) + frame[k]
    return -torch.stack(alpha[-2:]).logsumexp(dim=0)


def from_the_last_state(log_probs: Tensor, targets: Tensor, blank: int) -> Tensor:
    """`alpha[s - 1]` for state 0 is `alpha[-1]`, the last state: a path that has ended begins again."""
    classes = [blank]
    for target in targets.tolist():
        classes += [target, blank]
    nothing = torch.full((), -torch.inf, dtype=log_probs.dtype)
    alpha = [log_probs[0, k] if s < 2 else nothing for s, k in enumerate(classes)]
    for frame in log_probs[1:]:
        alpha = [
            torch.stack(
                [alpha[s], alpha[s - 1], alpha[s - 2] if k not in (blank, classes[s - 2]) else nothing]
            ).logsumexp(dim=0)
            + frame[k]
            for s, k in enumerate(classes)
        ]
    return -torch.stack(alpha[-2:]).logsumexp(dim=0)


def over_all_states(log_probs: Tensor, targets: Tensor, blank: int) -> Tensor:
    """Paths that have not said the whole word count as well."""
    return lattice_loss(log_probs, targets, blank, ends=2 * len(targets) + 1)


def without_blanks_between(log_probs: Tensor, targets: Tensor, blank: int) -> Tensor:
    """The letters' own probabilities in the first U frames."""
    steps = min(len(targets), len(log_probs))
    return -log_probs[torch.arange(steps), targets[:steps]].sum()


ctc_forward = FunctionExercise(
    lesson="17",
    name="ctc_forward",
    reference=forward_loss,
    cases=frames_and_targets,
    result="the loss in nats, one number: −log of the sum over all alignments",
    tolerance=1e-4,
    gradients=False,
    variants=(lattice_loss, ctc.ctc_forward),
    mistakes=(
        Mistake(
            lambda log_probs, targets, blank: lattice_loss(log_probs, targets, 0),
            "You treat class 0 as the blank. The argument `blank` tells which class it is.",
        ),
        Mistake(
            lambda log_probs, targets, blank: lattice_loss(log_probs, targets, blank, skip="always"),
            'You may not skip the blank between two equal letters: "aa" would then be read as "a". Compare '
            "with the class two states before.",
        ),
        Mistake(
            lambda log_probs, targets, blank: lattice_loss(log_probs, targets, blank, skip="never"),
            "Between two different letters a path may skip the blank: that is a third way into such a state.",
        ),
        Mistake(
            lambda log_probs, targets, blank: lattice_loss(log_probs, targets, blank, best=True),
            "That is the best path alone. Sum over all: `logsumexp`, not `max`.",
        ),
        Mistake(
            lambda log_probs, targets, blank: lattice_loss(log_probs, targets, blank, ends=1),
            "Your paths must end in the last blank. They may also end in the last letter: two states.",
        ),
        Mistake(
            lambda log_probs, targets, blank: lattice_loss(log_probs, targets, blank, starts=1),
            "Your paths must start with a blank. They may also start with the first letter: two states.",
        ),
        Mistake(
            with_products,
            "Your products of probabilities become 0 after many frames, and the loss infinite. Add logarithms instead "
            "of multiplying, and use `torch.logsumexp` instead of a sum.",
        ),
        Mistake(
            in_place,
            "You write over `alpha` while you still read from it, so a path goes on by several states in one frame. "
            "Make a new `alpha` for each frame from the old one.",
        ),
        Mistake(
            from_the_last_state,
            "For state 0 `alpha[s - 1]` is `alpha[-1]`, the *last* state, and for state 1 `alpha[s - 2]` is, too: a "
            "path that has ended begins again. The first states have fewer ways in.",
        ),
        Mistake(
            over_all_states,
            "You summed over all states at the end. A path has read the whole word in the last two states.",
        ),
        Mistake(
            lambda log_probs, targets, blank: -lattice_loss(log_probs, targets, blank),
            "That is the log probability. The loss is −log: positive.",
        ),
        Mistake(
            lambda log_probs, targets, blank: torch.exp(-lattice_loss(log_probs, targets, blank)),
            "That is the probability itself. The loss is its −log.",
        ),
        Mistake(
            lambda log_probs, targets, blank: lattice_loss(log_probs, targets, blank) / len(targets),
            "Divided by the letters. (torch does so with reduction='mean'.) Here the loss of the whole word is wanted.",
        ),
        Mistake(
            lambda log_probs, targets, blank: lattice_loss(log_probs, targets, blank, blanks=False, starts=1, ends=1),
            "Your states are the letters alone. Between them, and at both ends, a path may say nothing: "
            "[blank, a, blank, b, blank].",
        ),
        Mistake(
            lambda log_probs, targets, blank: lattice_loss(log_probs, targets, blank, skip="from blanks"),
            "From blank to blank a path would pass over a *letter*. Only a blank may be skipped, into a letter.",
        ),
        Mistake(
            lambda log_probs, targets, blank: lattice_loss(log_probs, targets, blank, starts=2 * len(targets) + 1),
            "Your paths start in any state. They may start with the blank or the first letter: two states.",
        ),
        Mistake(
            lambda log_probs, targets, blank: lattice_loss(log_probs, targets, blank) / len(log_probs),
            "Divided by the frames. The loss of the whole word is wanted.",
        ),
        Mistake(
            lambda log_probs, targets, blank: lattice_loss(log_probs, targets, blank, never=-1e9),
            "A word that does not fit into the frames has the probability 0, and the loss ∞. With −1e9 in place of "
            "`-torch.inf` it has some large number instead.",
        ),
        Mistake(
            without_blanks_between,
            "That is one single alignment, the letters in the first frames. Sum over all of them.",
        ),
    ),
    hints=(
        'The states of "ab" are - a - b -: `classes = [blank, a, blank, b, blank]`. At the first frame a path is in '
        "state 0 or 1.",
        "`alpha[s]` after a frame: logsumexp over `alpha[s]`, `alpha[s - 1]` and, if `classes[s]` is no blank and "
        "differs from `classes[s - 2]`, `alpha[s - 2]`; plus `frame[classes[s]]`.",
        "At the end `-torch.logsumexp(alpha[-2:], dim=0)`. Start with −inf everywhere but in states 0 and 1, and make "
        "a new `alpha` for each frame.",
    ),
)
