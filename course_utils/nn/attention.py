"""Attention, and what a translator needs around it: masks, teacher forcing, greedy and beam search.

Sources: Bahdanau, Cho & Bengio 2015 (arXiv 1409.0473), additive scores; Luong, Pham & Manning 2015 (arXiv 1508.04025),
multiplicative scores. B sentences, T steps of the source, U steps of the target, H units, V words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import torch
from torch import Tensor

Step: TypeAlias = Callable[[list[int]], Tensor]  # step(prefix) → (V,) log probabilities of the next token


def additive_scores(queries: Tensor, keys: Tensor, W_q: Tensor, W_k: Tensor, v: Tensor) -> Tensor:
    """How well each query fits each key: v · tanh(W_q q + W_k k), a small network (Bahdanau, Cho & Bengio 2015).

    Args:
        queries: (B, U, H_q) the states of the decoder.
        keys: (B, T, H_k) the states of the encoder.
        W_q: (A, H_q) weights of the queries; A is the size of the small network.
        W_k: (A, H_k) weights of the keys.
        v: (A,) weights of its output.

    Returns:
        (B, U, T) a score for each pair, any real number.
    """
    hidden = torch.tanh((queries @ W_q.T)[:, :, None] + (keys @ W_k.T)[:, None])  # (B, U, T, A)
    return hidden @ v


def multiplicative_scores(queries: Tensor, keys: Tensor, W: Tensor | None = None) -> Tensor:
    """How well each query fits each key: q · W k, or the plain product q · k (Luong, Pham & Manning 2015).

    Args:
        queries: (B, U, H_q) the states of the decoder.
        keys: (B, T, H_k) the states of the encoder.
        W: (H_q, H_k) weights; None where queries and keys have one size and are compared as they are.

    Returns:
        (B, U, T) a score for each pair, any real number.
    """
    projected = keys if W is None else keys @ W.T  # (B, T, H_q)
    return queries @ projected.transpose(1, 2)


def attend(scores: Tensor, values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Turn scores into weights that sum to 1 over the real steps, and mix the values with them.

    Args:
        scores: (B, U, T).
        values: (B, T, H) what is mixed.
        mask: (B, T) True where a step is real, False where it is padding; at least one is real in each sentence.

    Returns:
        (B, U, H) the contexts, and (B, U, T) the weights, exactly 0 at padding.
    """
    hidden = scores.masked_fill(~mask[:, None], -torch.inf)
    weights = hidden.softmax(dim=-1)
    return weights @ values, weights


def padding_mask(lengths: Tensor, longest: int) -> Tensor:
    """Which steps of padded sequences are real?

    Args:
        lengths: (B,) real steps of each.
        longest: T.

    Returns:
        (B, T) True where real.
    """
    return torch.arange(longest, device=lengths.device)[None] < lengths[:, None]


def teacher_inputs(targets: Tensor, start: int) -> Tensor:
    """What the decoder reads under teacher forcing: the right answer, one step late.

    Args:
        targets: (B, U) the tokens that it should say.
        start: the token that stands for "begin".

    Returns:
        (B, U) `start`, then the targets without their last column.
    """
    first = torch.full_like(targets[:, :1], start)
    return torch.cat([first, targets[:, :-1]], dim=1)


def masked_cross_entropy(logits: Tensor, targets: Tensor, pad: int = 0) -> Tensor:
    """The mean cross-entropy over the real tokens, in nats; padding counts for nothing.

    Args:
        logits: (B, U, V).
        targets: (B, U) the right tokens, `pad` where a sequence is over; at least one token is real.
        pad: the token that stands for padding.

    Returns:
        A scalar.
    """
    log_probabilities = logits.log_softmax(dim=-1).gather(-1, targets[..., None])[..., 0]  # (B, U)
    real = targets != pad
    return -log_probabilities[real].mean()


def greedy(step: Step, start: int, end: int, longest: int) -> list[int]:
    """The most probable next token, again and again, until it is `end`, or `longest` tokens are said.

    Args:
        step: step(prefix) → (V,) the log probabilities of the token after the prefix, which begins with `start`.
        start: the token that stands for "begin".
        end: the token that stands for "that is all".
        longest: the most tokens.

    Returns:
        The tokens, without `start` and `end`.
    """
    prefix = [start]
    for _ in range(longest):
        token = int(step(prefix).argmax())
        if token == end:
            break
        prefix.append(token)
    return prefix[1:]


def beam_search(step: Step, start: int, end: int, beam: int, longest: int) -> list[int]:
    """Keep the `beam` most probable beginnings at every step; one that says `end` is finished and leaves the beam.

    Of all that are finished, or were cut at `longest` tokens, the one with the highest mean log probability a token
    wins (`end` counts as a token): without the mean short answers would win, since every token costs. With a beam of 1
    it is `greedy`.

    Args:
        step: step(prefix) → (V,) the log probabilities of the token after the prefix, which begins with `start`.
        start: the token that stands for "begin".
        end: the token that stands for "that is all".
        beam: how many beginnings, 1 or more.
        longest: the most tokens.

    Returns:
        The tokens, without `start` and `end`.
    """
    alive: list[tuple[float, list[int]]] = [(0.0, [start])]
    over: list[tuple[float, list[int]]] = []
    for _ in range(longest):
        grown = [
            (score + more, [*prefix, token])
            for score, prefix in alive
            for token, more in enumerate(step(prefix).tolist())
        ]
        grown = sorted(grown, key=lambda one: one[0], reverse=True)[: beam - len(over)]
        over += [one for one in grown if one[1][-1] == end]
        alive = [one for one in grown if one[1][-1] != end]
        if not alive:
            break
    _, best = max(over + alive, key=lambda one: one[0] / max(len(one[1]) - 1, 1))
    return without(best, start, end)


def without(tokens: Sequence[int], start: int, end: int) -> list[int]:
    """The tokens without a `start` at the beginning and an `end` at the end."""
    first = 1 if tokens and tokens[0] == start else 0
    last = len(tokens) - 1 if len(tokens) > first and tokens[-1] == end else len(tokens)
    return list(tokens[first:last])
