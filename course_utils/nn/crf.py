"""A conditional random field on a chain: a score for a whole row of tags, and the probability that follows from it.

The score of tags y for T tokens is what the network says of each tag at its token, and what is learned of each pair of
neighbours: first[y_1] + Σ_t emissions[t, y_t] + Σ_t transitions[y_t, y_t+1] + last[y_T]. Its exponential, divided by
the sum over all K^T rows of tags, is their probability. The sum is found in T steps (the forward algorithm), and so is
the best row (Viterbi).

Source: Lafferty, McCallum & Pereira 2001, ICML, 282-289; on top of a network: Collobert and others 2011,
arXiv 1103.0398.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from course_utils.metrics.spans import parted

NEVER = -1e4  # a score of "cannot be" that 32 bits can still add up


class ChainField(nn.Module):
    """The part of a CRF that is learned: scores of neighbours, of the first tag and of the last.

    Attributes:
        transitions: (K, K) the score of tag j after tag i.
        first: (K,) of the first tag.
        last: (K,) of the last one.
        forbidden: (K + 1, K): True where tag j must not follow tag i, or, in the last row, must not be the first.

    Args:
        tags: K.
        forbidden: (K + 1, K), such as `forbidden_in_bio` makes them; None: nothing is forbidden.
    """

    def __init__(self, tags: int, forbidden: Tensor | None = None) -> None:
        super().__init__()
        self.transitions = nn.Parameter(torch.zeros(tags, tags))
        self.first = nn.Parameter(torch.zeros(tags))
        self.last = nn.Parameter(torch.zeros(tags))
        nothing = torch.zeros(tags + 1, tags, dtype=torch.bool)
        self.forbidden: Tensor
        self.register_buffer("forbidden", nothing if forbidden is None else forbidden, persistent=False)

    def scores(self) -> tuple[Tensor, Tensor, Tensor]:
        """(K, K) transitions, (K,) first and (K,) last, with `NEVER` where something is forbidden."""
        transitions = self.transitions.masked_fill(self.forbidden[:-1], NEVER)
        return transitions, self.first.masked_fill(self.forbidden[-1], NEVER), self.last

    def log_likelihood(self, emissions: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """The log probability of each sentence's tags.

        Args:
            emissions: (B, T, K) scores of the network.
            tags: (B, T) indices; what stands behind a sentence's end means nothing.
            lengths: (B,) tokens, 1 to T.

        Returns:
            (B,), 0 at most.
        """
        scores = self.scores()
        return path_score(emissions, tags, lengths, *scores) - log_partition(emissions, lengths, *scores)

    def best(self, emissions: Tensor, lengths: Tensor) -> list[list[int]]:
        """The most probable tags of each sentence.

        Args:
            emissions: (B, T, K).
            lengths: (B,), 1 to T.
        """
        return viterbi(emissions, lengths, *self.scores())

    def marginals(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """How probable each tag is at each token, all other tokens summed over.

        It is the slope of the log of the sum over all rows by the emissions (the forward-backward algorithm is that
        slope).

        Args:
            emissions: (B, T, K).
            lengths: (B,), 1 to T.

        Returns:
            (B, T, K): each row sums to 1; 0 behind a sentence's end.
        """
        with torch.enable_grad():
            leaf = emissions.detach().requires_grad_()
            total = log_partition(leaf, lengths, *(score.detach() for score in self.scores())).sum()
            (slope,) = torch.autograd.grad(total, leaf)
        return slope


def path_score(
    emissions: Tensor, tags: Tensor, lengths: Tensor, transitions: Tensor, first: Tensor, last: Tensor
) -> Tensor:
    """The score of each sentence's tags.

    Args:
        emissions: (B, T, K).
        tags: (B, T).
        lengths: (B,).
        transitions: (K, K), from the row to the column.
        first: (K,).
        last: (K,).

    Returns:
        (B,)
    """
    T = emissions.shape[1]
    real = torch.arange(T) < lengths[:, None]  # (B, T)
    tags = tags.where(real, 0)
    single = emissions.gather(2, tags[..., None])[..., 0]
    pairs = transitions[tags[:, :-1], tags[:, 1:]]
    ends = tags.gather(1, lengths[:, None] - 1)[:, 0]
    inner = (single * real).sum(1) + (pairs * real[:, 1:]).sum(1)
    return inner + first[tags[:, 0]] + last[ends]


def log_partition(emissions: Tensor, lengths: Tensor, transitions: Tensor, first: Tensor, last: Tensor) -> Tensor:
    """The log of the sum, over all rows of tags, of the exponential of their scores: the forward algorithm.

    Args:
        emissions: (B, T, K).
        lengths: (B,).
        transitions: (K, K), from the row to the column.
        first: (K,).
        last: (K,).

    Returns:
        (B,)
    """
    alpha = first + emissions[:, 0]  # (B, K): the log of the sum over all rows that end here in tag k
    for t in range(1, emissions.shape[1]):
        longer = (alpha[:, :, None] + transitions).logsumexp(1) + emissions[:, t]
        alpha = longer.where((t < lengths)[:, None], alpha)
    return (alpha + last).logsumexp(1)


@torch.no_grad()
def viterbi(emissions: Tensor, lengths: Tensor, transitions: Tensor, first: Tensor, last: Tensor) -> list[list[int]]:
    """The row of tags with the highest score, of each sentence.

    Args:
        emissions: (B, T, K).
        lengths: (B,).
        transitions: (K, K), from the row to the column.
        first: (K,).
        last: (K,).

    Returns:
        B lists of tags, each as long as its sentence.

    Source: Viterbi 1967, doi:10.1109/TIT.1967.1054010.
    """
    B, T, K = emissions.shape
    best = first + emissions[:, 0]  # (B, K)
    stay = torch.arange(K).expand(B, K)
    pointers = []  # (B, K) for each step: the tag before
    for t in range(1, T):
        score, before = (best[:, :, None] + transitions).max(1)
        real = (t < lengths)[:, None]
        best = (score + emissions[:, t]).where(real, best)
        pointers.append(before.where(real, stay))
    tag = (best + last).argmax(1)  # (B,)
    rows = [tag]
    for before in reversed(pointers):
        tag = before.gather(1, tag[:, None])[:, 0]
        rows.append(tag)
    found: list[list[int]] = torch.stack(rows[::-1], dim=1).tolist()
    return [row[:length] for row, length in zip(found, lengths.tolist(), strict=True)]


def forbidden_in_bio(tags: Sequence[str]) -> Tensor:
    """Which neighbours cannot be: an I- that continues nothing.

    Args:
        tags: K tags of BIO.

    Returns:
        (K + 1, K): True where tag j cannot follow tag i; the last row: where it cannot be the first.

    Raises:
        CourseError: a tag that is none of BIO.
    """
    parts = [parted(tag) for tag in tags]
    rows = [
        [prefix == "I" and not (before in ("B", "I") and kind == of) for prefix, kind in parts]
        for before, of in [*parts, ("O", "")]
    ]
    return torch.tensor(rows, dtype=torch.bool).reshape(len(tags) + 1, len(tags))
