"""Lesson 12: the two algorithms of a conditional random field, for one sentence."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake


def log_of_all_rows(emissions: Tensor, transitions: Tensor) -> Tensor:
    """The log of the sum of exp(score) over all sequences of tags: the forward algorithm.

    The score of a sequence is the sum of its emissions and of the transitions between neighbours.

    Args:
        emissions: (T, K) the score of each tag at each token.
        transitions: (K, K) the score of tag j (column) after tag i (row).

    Returns:
        A scalar tensor.
    """
    alpha = emissions[0]  # (K,): the log of the sum over all sequences that end here in tag k
    for scores in emissions[1:]:
        alpha = (alpha[:, None] + transitions).logsumexp(0) + scores
    return alpha.logsumexp(0)


def emissions_and_transitions(generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """emissions: (T, K), transitions: (K, K)."""
    cases = [
        (2 * torch.randn(T, K, generator=generator), 2 * torch.randn(K, K, generator=generator))
        for T, K in ((1, 3), (2, 2), (4, 3), (7, 4))
    ]
    large = torch.tensor([[60.0, 61.0], [40.0, 38.5]])  # exp of a sequence's score is infinite in 32 bits
    low = torch.tensor([[-60.0, -61.0], [-50.0, -48.0]])  # and here it is 0
    steps = torch.tensor([[0.5, -1.0], [2.0, 0.0]])
    return [*cases, (large, steps), (low, steps), (20 * large, steps), (20 * low, steps)]  # the last beyond 64 bits too


def through_exp(emissions: Tensor, transitions: Tensor) -> Tensor:
    """The sum itself, its logarithm at the end."""
    alpha = emissions[0].exp()
    for scores in emissions[1:]:
        alpha = (alpha @ transitions.exp()) * scores.exp()
    return alpha.sum().log()


def through_exp_in_doubles(emissions: Tensor, transitions: Tensor) -> Tensor:
    """The sum itself, with 64 bits."""
    return through_exp(emissions.double(), transitions.double()).to(emissions.dtype)


def best_alone(emissions: Tensor, transitions: Tensor) -> Tensor:
    """The score of the best sequence."""
    best = emissions[0]
    for scores in emissions[1:]:
        best = (best[:, None] + transitions).amax(0) + scores
    return best.amax()


def each_alone(emissions: Tensor, transitions: Tensor) -> Tensor:
    """No transitions."""
    return emissions.logsumexp(1).sum()


def without_the_first(emissions: Tensor, transitions: Tensor) -> Tensor:
    """The first token's scores forgotten."""
    return log_of_all_rows(torch.cat([torch.zeros_like(emissions[:1]), emissions[1:]]), transitions)


def over_the_wrong_axis(emissions: Tensor, transitions: Tensor) -> Tensor:
    """Summed over the next tag in place of the one before."""
    alpha = emissions[0]
    for scores in emissions[1:]:
        alpha = (alpha[:, None] + transitions).logsumexp(1) + scores
    return alpha.logsumexp(0)


def first_token_twice(emissions: Tensor, transitions: Tensor) -> Tensor:
    """The loop begins with the first token, which alpha holds already."""
    return log_of_all_rows(torch.cat([emissions[:1], emissions]), transitions)


def by_all_rows(emissions: Tensor, transitions: Tensor) -> Tensor:
    """A right answer that tries every sequence."""
    T, K = emissions.shape
    rows = torch.cartesian_prod(*[torch.arange(K)] * T).reshape(-1, T)
    scores = emissions[torch.arange(T), rows].sum(1) + transitions[rows[:, :-1], rows[:, 1:]].sum(1)
    return scores.logsumexp(0)


log_partition = FunctionExercise(
    lesson="12",
    name="log_partition",
    reference=log_of_all_rows,
    cases=emissions_and_transitions,
    result="the log of the sum over all sequences, a scalar tensor",
    gradients=True,
    variants=(by_all_rows,),
    mistakes=(
        Mistake(
            through_exp,
            "Right on paper; but exp(100) is infinite in 32 bits, and exp(−110) is 0. `logsumexp` takes out the "
            "largest before it takes exp.",
        ),
        Mistake(
            through_exp_in_doubles,
            "Right for scores of this size, and not for larger ones: exp(1,000) is infinite, in 64 bits too, and "
            "exp(−1,000) is 0, also where the log comes after each step. `logsumexp` takes out the largest before it "
            "takes exp.",
        ),
        Mistake(
            best_alone,
            "You took the largest at each step: that is the score of the *best* sequence (Viterbi). Here all are "
            "summed: `logsumexp` in place of `amax`.",
        ),
        Mistake(
            each_alone,
            "The transitions are missing: this is what a softmax at each token would have. A sequence of tags is also "
            "scored for its neighbours.",
        ),
        Mistake(
            lambda emissions, transitions: log_of_all_rows(emissions, transitions.T),
            "The transitions are read the wrong way round: `transitions[i, j]` is for tag j *after* tag i. Add them "
            "to `alpha[:, None]` and sum over axis 0.",
        ),
        Mistake(
            over_the_wrong_axis,
            "You sum over the tag that comes *next*. `alpha[:, None] + transitions` is (K, K), from tag i (axis 0) to "
            "tag j (axis 1): sum over i, axis 0.",
        ),
        Mistake(
            first_token_twice,
            "The first token is counted twice: alpha begins with `emissions[0]`, so the loop begins with "
            "`emissions[1:]`.",
        ),
        Mistake(without_the_first, "The first token's own scores are missing: alpha begins with `emissions[0]`."),
        Mistake(
            lambda emissions, transitions: log_of_all_rows(emissions, transitions) - best_alone(emissions, transitions),
            "That is how far the best sequence is below the whole. The whole alone is wanted.",
        ),
    ),
    hints=(
        "Keep for each tag k the log of the sum over all sequences that end *here* in k. At the first token it is "
        "`emissions[0]`.",
        "One token on: `alpha[:, None] + transitions` is (K, K), from tag i to tag j. Sum over i, in logs: "
        "`.logsumexp(0)`. Then add the token's own scores.",
        "`alpha = (alpha[:, None] + transitions).logsumexp(0) + scores`, and at the end `alpha.logsumexp(0)`.",
    ),
)


def best_row(emissions: Tensor, transitions: Tensor) -> list[int]:
    """The tags of the sequence with the largest score: Viterbi's algorithm.

    Source: Viterbi 1967, doi:10.1109/TIT.1967.1054010.

    Args:
        emissions: (T, K) the score of each tag at each token.
        transitions: (K, K) the score of tag j (column) after tag i (row).

    Returns:
        T tags.
    """
    best, pointers = emissions[0], []
    for scores in emissions[1:]:
        score, before = (best[:, None] + transitions).max(0)  # (K,): the best way to j, and the tag it comes from
        best = score + scores
        pointers.append(before)
    tags = [int(best.argmax())]
    for before in reversed(pointers):
        tags.append(int(before[tags[-1]]))
    return tags[::-1]


def each_for_itself(emissions: Tensor, transitions: Tensor) -> list[int]:
    """The best tag of each token."""
    found: list[int] = emissions.argmax(1).tolist()
    return found


def from_left_to_right(emissions: Tensor, transitions: Tensor) -> list[int]:
    """At each token the best tag after the one just chosen."""
    tags = [int(emissions[0].argmax())]
    for scores in emissions[1:]:
        tags.append(int((transitions[tags[-1]] + scores).argmax()))
    return tags


def without_pointers(emissions: Tensor, transitions: Tensor) -> list[int]:
    """At each token the tag in which the best sequence so far ends."""
    best = emissions[0]
    tags = [int(best.argmax())]
    for scores in emissions[1:]:
        best = (best[:, None] + transitions).amax(0) + scores
        tags.append(int(best.argmax()))
    return tags


def summed(emissions: Tensor, transitions: Tensor) -> list[int]:
    """Pointers from sums over all sequences."""
    alpha, pointers = emissions[0], []
    for scores in emissions[1:]:
        ways = alpha[:, None] + transitions
        pointers.append(ways.argmax(0))
        alpha = ways.logsumexp(0) + scores
    tags = [int(alpha.argmax())]
    for before in reversed(pointers):
        tags.append(int(before[tags[-1]]))
    return tags[::-1]


def traced(emissions: Tensor, transitions: Tensor, axis: int, own: bool) -> list[int]:
    """Viterbi with pointers over an axis, from the end of the best sequence or from the last token's own best tag."""
    best, pointers = emissions[0], []
    for scores in emissions[1:]:
        ways = best[:, None] + transitions
        pointers.append(ways.argmax(axis))
        best = ways.amax(0) + scores
    tags = [int((emissions[-1] if own else best).argmax())]
    for before in reversed(pointers):
        tags.append(int(before[tags[-1]]))
    return tags[::-1]


def pointers_ahead(emissions: Tensor, transitions: Tensor) -> list[int]:
    """Pointers over the next tag in place of the one before."""
    return traced(emissions, transitions, axis=1, own=False)


def ends_in_its_own(emissions: Tensor, transitions: Tensor) -> list[int]:
    """Back from the best emission of the last token."""
    return traced(emissions, transitions, axis=0, own=True)


def most_probable_tags(emissions: Tensor, transitions: Tensor) -> list[int]:
    """The most probable tag of each token, over all sequences: the slope of their log sum by the emissions."""
    with torch.enable_grad():
        leaf = emissions.detach().requires_grad_()
        (shares,) = torch.autograd.grad(log_of_all_rows(leaf, transitions.detach()), leaf)
    found: list[int] = shares.argmax(1).tolist()
    return found


def one_of_all_rows(emissions: Tensor, transitions: Tensor) -> list[int]:
    """A right answer that tries every sequence."""
    T, K = emissions.shape
    rows = torch.cartesian_prod(*[torch.arange(K)] * T).reshape(-1, T)
    scores = emissions[torch.arange(T), rows].sum(1) + transitions[rows[:, :-1], rows[:, 1:]].sum(1)
    found: list[int] = rows[scores.argmax()].tolist()
    return found


def rows_that_mislead(generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """emissions: (T, K), transitions: (K, K); among them sentences on which looking one step ahead is not enough."""
    cases = [
        (torch.randn(T, K, generator=generator), 2 * torch.randn(K, K, generator=generator))
        for T, K in ((1, 3), (2, 2), (3, 2), (5, 3), (6, 3), (7, 4))
    ]
    late = torch.tensor([[1.0, 0.5, 0.0], [0.0, 0.0, 0.1], [0.0, 5.0, 0.0]])
    only = torch.tensor([[0.0, -9.0, 0.0], [0.0, 0.0, -9.0], [-9.0, 2.0, 0.0]])
    many = torch.tensor([[0.0, 0.3], [0.2, 0.0], [0.0, 0.1], [0.0, 0.4]])
    return [*cases, (late, only), (many, torch.tensor([[0.0, 0.1], [0.2, 0.3]]))]


best_tags = FunctionExercise(
    lesson="12",
    name="best_tags",
    reference=best_row,
    cases=rows_that_mislead,
    result="a list of T tags",
    variants=(one_of_all_rows,),
    mistakes=(
        Mistake(
            each_for_itself,
            "Each token for itself: the transitions count for nothing, and an I- may stand where nothing begins.",
        ),
        Mistake(
            from_left_to_right,
            "You choose each tag after the one just chosen. A later token cannot change your mind then. Keep the best "
            "way to *every* tag, and choose at the end.",
        ),
        Mistake(
            without_pointers,
            "You take at each token the tag in which the best sequence *so far* ends. These need not belong to one "
            "sequence. Remember for each tag where it came from, and go back from the end.",
        ),
        Mistake(
            summed,
            "You sum over the ways to a tag (the forward algorithm). For the best sequence take the largest: `max` in "
            "place of `logsumexp`.",
        ),
        Mistake(
            pointers_ahead,
            "The pointers are taken over the tag that comes *next*. `best[:, None] + transitions` is (K, K), from tag "
            "i (axis 0) to tag j (axis 1): `max(0)` gives for each j the i that it comes from.",
        ),
        Mistake(
            ends_in_its_own,
            "You go back from the tag with the largest *emission* at the last token. Go back from the one in which the "
            "best sequence ends: `best.argmax()`, with all that came before.",
        ),
        Mistake(
            most_probable_tags,
            "These are the most probable tags, each summed over all sequences. Together they need not be the "
            "best sequence: keep pointers, and follow them back.",
        ),
        Mistake(
            lambda emissions, transitions: best_row(emissions, transitions.T),
            "The transitions are read the wrong way round: `transitions[i, j]` is for tag j *after* tag i.",
        ),
        Mistake(
            lambda emissions, transitions: best_row(emissions, transitions)[::-1],
            "The right tags, backwards: you went back from the end. Turn the list round.",
        ),
        Mistake(
            lambda emissions, transitions: best_row(emissions, transitions)[1:],
            "A tag is missing: T tokens have T tags, and T − 1 pointers between them.",
        ),
    ),
    hints=(
        "As the forward algorithm, with the largest in place of the sum. `max(0)` gives values and indices: the "
        "indices are where each best way comes from.",
        "At the end take the tag with the best score, and follow the pointers back: `before[tag]` is the tag one token "
        "earlier.",
        "`for before in reversed(pointers): tags.append(int(before[tags[-1]]))`, and `return tags[::-1]`.",
    ),
)
