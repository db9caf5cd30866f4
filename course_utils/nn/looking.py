"""How a decoder of words sees a picture: its places in a row, the whole at every step, or a look at each place.

Sources: Vinyals, Toshev, Bengio & Erhan 2015, doi 10.1109/CVPR.2015.7298935 (the picture seen once); Xu et al. 2015,
arXiv 1502.03044 (attention over places); Bowman et al. 2016, doi 10.18653/v1/K16-1002 (words dropped).
"""

from __future__ import annotations

import torch
from torch import Tensor


def places_of(features: Tensor) -> Tensor:
    """The places of a grid in reading order, each with its channels.

    Args:
        features: (B, C, h, w), what a convolutional encoder gives.

    Returns:
        (B, h·w, C): first row from left to right, then the second …
    """
    return features.flatten(2).transpose(1, 2)


def seen_at_every_step(words: Tensor, picture: Tensor) -> Tensor:
    """The decoder's inputs when it sees the picture with every word.

    Args:
        words: (B, U, E), embedded.
        picture: (B, F), one vector a picture.

    Returns:
        (B, U, E + F): each word, then the picture.
    """
    repeated = picture[:, None].expand(-1, words.shape[1], -1)  # (B, U, F)
    return torch.cat([words, repeated], dim=-1)


def look(queries: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
    """Multiplicative attention over the places of a picture, without a matrix of its own.

    Args:
        queries: (B, U, H), the decoder's states.
        places: (B, N, H), keys and values at once.

    Returns:
        Contexts (B, U, H), and weights (B, U, N) that sum to 1 over the places.
    """
    weights = (queries @ places.transpose(1, 2)).softmax(dim=-1)
    return weights @ places, weights


def word_dropout(inputs: Tensor, drop: Tensor, unknown: int, start: int) -> Tensor:
    """Hide some of the words that the decoder reads, so that it has to look.

    Args:
        inputs: (B, U) tokens that the decoder reads under teacher forcing.
        drop: (B, U), True where the dice say that the word goes.
        unknown: the token put in its place.
        start: the token that begins a caption, which always stays.

    Returns:
        (B, U) tokens.
    """
    return inputs.masked_fill(drop & (inputs != start), unknown)
