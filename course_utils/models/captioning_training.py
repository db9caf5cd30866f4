"""What the training of a captioner needs: captions as tokens, batches, loss and score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.nn.captioning_model import CaptionModel
from course_utils.nn.sequences import END, PAD, UNKNOWN

Pair: TypeAlias = tuple[int, list[int]]  # index of the picture, and the tokens of a caption

SPECIAL = ("<pad>", "<start>", "<end>", "<unknown>")
LONGEST_CAPTION = 60  # words; longer ones are left out of a training


class Batch(NamedTuple):
    """Pictures (B, 3, h, w) in [0, 1], and their captions (B, U), `END` after the last word, then `PAD`."""

    images: Tensor
    targets: Tensor


class Usable(NamedTuple):
    """What a captioner can learn from.

    Attributes:
        pairs: index of the picture, and tokens.
        left_out: how many captions were "empty" or "too long".
        longest: the most words that it will say.
    """

    pairs: list[Pair]
    left_out: dict[str, int]
    longest: int


def tokens_of(texts: Sequence[Sequence[str]], words: Sequence[str]) -> list[Pair]:
    """Every caption as tokens.

    Args:
        texts: the captions of each picture.
        words: those that have a token of their own.
    """
    numbers = {word: number for number, word in enumerate(words, start=len(SPECIAL))}
    return [
        (index, [numbers.get(word, UNKNOWN) for word in text.split()])
        for index, captions in enumerate(texts)
        for text in captions
    ]


def usable_captions(texts: Sequence[Sequence[str]], words: Sequence[str]) -> Usable:
    """The captions that can be learned from.

    Raises:
        CourseError: there is none.
    """
    pairs = tokens_of(texts, words)
    whole = [pair for pair in pairs if pair[1]]
    short = [pair for pair in whole if len(pair[1]) <= LONGEST_CAPTION]
    if not short:
        raise CourseError(f"All captions are empty or longer than {LONGEST_CAPTION} words. Shorten them.")
    left_out = {"empty": len(pairs) - len(whole), "too long": len(whole) - len(short)}
    return Usable(short, left_out, max(len(tokens) for _, tokens in short) + 5)


class Batches:
    """An epoch's batches, drawn again each time, in random order.

    Args:
        pictures: (N, 3, h, w) bytes.
        pairs: (place of the picture, tokens) of each caption.
        size: captions in a batch.
        seed: of the order.
    """

    def __init__(self, pictures: Tensor, pairs: list[tuple[int, list[int]]], size: int, seed: int) -> None:
        self.pictures, self.size = pictures, size
        self.places = torch.tensor([index for index, _ in pairs])
        rows = [torch.tensor([*tokens, END]) for _, tokens in pairs]
        self.targets = nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PAD)
        self.lengths = torch.tensor([len(row) for row in rows])
        self.generator = torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        return -(-len(self.places) // self.size)

    def __iter__(self) -> Iterator[Batch]:
        for indices in torch.randperm(len(self.places), generator=self.generator).split(self.size):
            targets = self.targets[indices, : int(self.lengths[indices].max())]
            yield Batch(unit(self.pictures[self.places[indices]]), targets)


def caption_loss(model: nn.Module, batch: Batch) -> Tensor:
    """Mean cross-entropy over the real words."""
    logits = model(batch.images, batch.targets)
    return nn.functional.cross_entropy(logits.flatten(0, 1), batch.targets.flatten(), ignore_index=PAD)


@torch.no_grad()
def word_error(model: CaptionModel, batches: Batches) -> float:
    """The share of words that are not the most probable ones under teacher forcing, 0 … 1."""
    wrong = real = 0
    for batch in batches:
        mask = batch.targets != PAD
        wrong += int(((model(batch.images, batch.targets).argmax(dim=-1) != batch.targets) & mask).sum())
        real += int(mask.sum())
    return wrong / real


def unit(pictures: Tensor) -> Tensor:
    """Bytes → numbers from 0 to 1."""
    return pictures.float() / 255
