"""Lesson 14: scores and attention."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion
from course_utils.nn import attention


def queries_keys_and_matrix(generator: torch.Generator) -> list[tuple[Tensor, Tensor, Tensor]]:
    """queries: (B, U, H), keys: (B, T, H), W: (H, H)."""
    return [
        (
            torch.randn(B, U, H, generator=generator),
            torch.randn(B, T, H, generator=generator),
            torch.randn(H, H, generator=generator),
        )
        for B, U, T, H in ((1, 2, 3, 2), (2, 3, 4, 5), (3, 2, 2, 4))
    ]


multiplicative_scores = FunctionExercise(
    lesson="14",
    reference=attention.multiplicative_scores,
    cases=queries_keys_and_matrix,
    result="a score for each pair of a target and a source step, shape (B, U, T)",
    tolerance=1e-4,
    gradients=True,
    shape_tip="queries (B, U, H) @ something (B, H, T): exchange the last two axes of the keys, `.transpose(1, 2)`.",
    variants=(lambda queries, keys, W: torch.einsum("buh,hk,btk->but", queries, W, keys),),
    mistakes=(
        Mistake(
            lambda queries, keys, W: queries @ W.T @ keys.transpose(1, 2),
            "W the other way round: it is the *key* that it turns, q · (W k).",
        ),
        Mistake(lambda queries, keys, W: queries @ keys.transpose(1, 2), "W is not used: q · (W k)."),
        Mistake(
            lambda queries, keys, W: attention.multiplicative_scores(queries, keys, W) / math.sqrt(queries.shape[-1]),
            "That is the scaled product of the Transformer (2017). Here nothing is divided.",
        ),
        Mistake(
            lambda queries, keys, W: attention.multiplicative_scores(queries, keys, W).softmax(dim=-1),
            "Those are weights already. Scores first: any real numbers.",
        ),
        Mistake(
            lambda queries, keys, W: attention.multiplicative_scores(queries, keys, W).transpose(1, 2),
            "That is (B, T, U). A row for each *target* step is wanted: (B, U, T).",
        ),
    ),
    hints=(
        "One query and one key first: q · (W k) is a number.",
        "`keys @ W.T` turns all keys at once, (B, T, H).",
        "`return queries @ (keys @ W.T).transpose(1, 2)`",
    ),
)


def queries_and_keys(generator: torch.Generator) -> list[tuple[Tensor, ...]]:
    """queries: (B, U, H), keys: (B, T, H), W_q, W_k: (A, H), v: (A,)."""
    sizes = ((1, 2, 3, 2, 2), (2, 3, 4, 5, 5), (3, 2, 2, 4, 4))
    return [
        (
            torch.randn(B, U, H, generator=generator),
            torch.randn(B, T, H, generator=generator),
            torch.randn(A, H, generator=generator),
            torch.randn(A, H, generator=generator),
            torch.randn(A, generator=generator),
        )
        for B, U, T, H, A in sizes
    ]


additive_scores = FunctionExercise(
    lesson="14",
    reference=attention.additive_scores,
    cases=queries_and_keys,
    result="a score for each pair of a target and a source step, shape (B, U, T)",
    tolerance=1e-4,
    gradients=True,
    shape_tip="Every query meets every key: `(…)[:, :, None]` is (B, U, 1, A), `(…)[:, None]` is (B, 1, T, A).",
    variants=(
        lambda queries, keys, W_q, W_k, v: torch.einsum(
            "buta,a->but", torch.tanh((queries @ W_q.T).unsqueeze(2) + (keys @ W_k.T).unsqueeze(1)), v
        ),
    ),
    mistakes=(
        Mistake(
            lambda queries, keys, W_q, W_k, v: ((queries @ W_q.T)[:, :, None] + (keys @ W_k.T)[:, None]) @ v,
            "The tanh is missing. Without it the score is a part from the query plus a part from the key, and softmax "
            "over the keys drops the query's part: every step would attend alike.",
        ),
        Mistake(
            lambda queries, keys, W_q, W_k, v: torch.tanh(
                ((queries @ W_q.T)[:, :, None] + (keys @ W_k.T)[:, None]) @ v
            ),
            "tanh stands around the sum of the two parts, *before* the product with v.",
        ),
        Mistake(
            lambda queries, keys, W_q, W_k, v: (
                (torch.tanh(queries @ W_q.T)[:, :, None] + torch.tanh(keys @ W_k.T)[:, None]) @ v
            ),
            "Each part has a tanh of its own. Then softmax over the keys drops the query's part again: tanh of the "
            "*sum*.",
        ),
        Mistake(
            lambda queries, keys, W_q, W_k, v: attention.additive_scores(queries, keys, W_q, W_k, v).transpose(1, 2),
            "That is (B, T, U). A row for each *target* step is wanted: (B, U, T).",
        ),
        Mistake(
            lambda queries, keys, W_q, W_k, v: torch.tanh((queries @ W_q.T)[:, :, None] + (keys @ W_k.T)[:, None]).sum(
                dim=-1
            ),
            "v is not used: the numbers are not just summed, each has its weight in v.",
        ),
        Mistake(
            lambda queries, keys, W_q, W_k, v: attention.additive_scores(queries, keys, W_k, W_q, v),
            "W_q and W_k are exchanged.",
        ),
        Mistake(
            lambda queries, keys, W_q, W_k, v: torch.tanh((queries @ W_q.T)[:, :, None] * (keys @ W_k.T)[:, None]) @ v,
            "The two parts are *added* (hence the name), not multiplied.",
        ),
        Mistake(
            lambda queries, keys, W_q, W_k, v: attention.additive_scores(queries, keys, W_q, W_k, v).softmax(dim=-1),
            "Those are weights already. Scores first: any real numbers.",
        ),
    ),
    hints=(
        "One query and one key first: v · tanh(W_q q + W_k k).",
        "`queries @ W_q.T` is (B, U, A), `keys @ W_k.T` is (B, T, A). Give each an axis of length 1 where the other "
        "has its steps.",
        "`return torch.tanh((queries @ W_q.T)[:, :, None] + (keys @ W_k.T)[:, None]) @ v`",
    ),
)


def scores_values_and_mask(generator: torch.Generator) -> list[tuple[Tensor, Tensor, Tensor]]:
    """scores: (B, U, T), the last ones far below 0, values: (B, T, H), mask: (B, T)."""
    cases = []
    for lengths, U, H in (((2, 4), 3, 2), ((3, 1, 2), 3, 4), ((5, 3), 2, 2)):
        T, B = max(lengths), len(lengths)
        mask = torch.arange(T)[None] < torch.tensor(lengths)[:, None]
        scores, values = torch.randn(B, U, T, generator=generator), torch.randn(B, T, H, generator=generator)
        cases.append((scores, values, mask))
    return [*cases, (cases[0][0] - 150, *cases[0][1:]), (cases[1][0] * 20, *cases[1][1:])]


def masked_to_zero(scores: Tensor, values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """A score of 0 is not a weight of 0."""
    weights = scores.masked_fill(~mask[:, None], 0.0).softmax(dim=-1)
    return weights @ values, weights


def masked_too_late(scores: Tensor, values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Weights set to 0 after the softmax: what is left does not sum to 1."""
    weights = scores.softmax(dim=-1) * mask[:, None]
    return weights @ values, weights


def without_mask(scores: Tensor, values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Padding gets weight."""
    weights = scores.softmax(dim=-1)
    return weights @ values, weights


def masked_values(scores: Tensor, values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Values of padding set to 0, weights left as they are."""
    weights = scores.softmax(dim=-1)
    return weights @ (values * mask[..., None]), weights


def mask_the_wrong_way(scores: Tensor, values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Only padding gets weight."""
    weights = scores.masked_fill(mask[:, None], -torch.inf).softmax(dim=-1)
    return weights @ values, weights


def over_the_queries(scores: Tensor, values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Softmax along the target."""
    weights = scores.masked_fill(~mask[:, None], -torch.inf).softmax(dim=1)
    return weights @ values, weights


def filled_with(scores: Tensor, values: Tensor, mask: Tensor, score: float) -> tuple[Tensor, Tensor]:
    """Some low score at padding."""
    weights = scores.masked_fill(~mask[:, None], score).softmax(dim=-1)
    return weights @ values, weights


def low_score(score: float) -> Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]:
    """The answer that fills padding with this score."""
    return lambda scores, values, mask: filled_with(scores, values, mask, score)


def divided_again(scores: Tensor, values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """A right answer: masked after the softmax, and divided by what is left."""
    weights = scores.softmax(dim=-1) * mask[:, None]
    weights = weights / weights.sum(dim=-1, keepdim=True)
    return weights @ values, weights


def weights_alone(scores: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    """The contexts forgotten."""
    return attention.attend(scores, values, mask)[1]


attend = FunctionExercise(
    lesson="14",
    reference=attention.attend,
    cases=scores_values_and_mask,
    result="a pair: contexts (B, U, H) and weights (B, U, T)",
    tolerance=1e-4,
    gradients=True,
    shape_tip="The mask is (B, T); `mask[:, None]` is (B, 1, T) and fits the scores (B, U, T).",
    variants=(divided_again, lambda scores, values, mask: filled_with(scores, values, mask, -1e9)),
    mistakes=(
        Mistake(
            lambda scores, values, mask: divided_again(scores, values, mask)[::-1],
            "Contexts first, weights second: you have exchanged them.",
        ),
        Mistake(without_mask, "Padding gets weight too. Before the softmax its scores must become −inf."),
        Mistake(
            masked_to_zero,
            "A *score* of 0 is not a *weight* of 0: e⁰ is 1. Fill padding with −inf before the softmax.",
        ),
        Mistake(
            masked_too_late,
            "Padding has weight 0, but the others no longer sum to 1: they had shared with the padding. Mask before "
            "the softmax.",
        ),
        Mistake(
            masked_values,
            "You set the *values* of padding to 0, but padding still has weight, so the real places get too little. "
            "Mask the scores, before the softmax.",
        ),
        Mistake(mask_the_wrong_way, "The other way round: the mask is True where a step is real."),
        *(
            Mistake(
                low_score(score),
                "A score such as −10 or −100 is low, but no −∞: where the real scores are low as well, padding gets "
                "weight. Fill with `-torch.inf`.",
            )
            for score in (-10.0, -20.0, -100.0)
        ),
        Mistake(
            over_the_queries,
            "Your weights sum to 1 over the target's steps. For each target step they should sum to 1 over the source: "
            "dim=-1.",
        ),
        Mistake(weights_alone, "Those are the weights. Return both: the mixed values, and the weights."),
    ),
    hints=(
        "`scores.masked_fill(~mask[:, None], -torch.inf)` hides the padding.",
        "Softmax over the last axis; then mix the values: `weights @ values`.",
        "`weights = scores.masked_fill(~mask[:, None], -torch.inf).softmax(-1)`; `return weights @ values, weights`",
    ),
)

why_attention = ChoiceQuestion(
    lesson="14",
    name="why_attention",
    question="Encoder and decoder without attention: what passes from one to the other?",
    choices=(
        "all states of the encoder",
        "the last state, whatever the length of the sentence",
        "the words themselves",
    ),
    answer="the last state, whatever the length of the sentence",
    says={
        "all states of the encoder": "That is what attention will change. So far there is one vector.",
        "the words themselves": "The decoder never sees the source's words, only what the encoder made of them.",
    },
    why="A sentence of 3 and one of 60 characters have to fit into the same numbers.",
    prediction=False,
)

same_vector = ChoiceQuestion(
    lesson="14",
    name="same_vector",
    question="The decoder sees the same summary again at every step. Does it help?",
    choices=("no: it knows it already", "a little", "a lot"),
    answer="a lot",
    says={
        "no: it knows it already": "It was told once. To know it still after forty steps is another thing.",
        "a little": "More than that: look at the two shares.",
    },
    why="No new information; but what need not be carried cannot be lost on the way.",
)
