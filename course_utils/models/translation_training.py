"""What the training of a translator needs: usable pairs, batches of like length, loss, score, and learning rate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.models.tokenisers import Codec
from course_utils.nn.sequences import PAD
from course_utils.nn.translation_model import Batch, TranslationModel, batch_of

Numbers: TypeAlias = tuple[list[int], list[int]]  # a pair, as tokens

LONGEST_TRAINED = 400  # tokens; longer pairs are left out of a training
MOST_VALIDATED = 1_000  # pairs
SLACK = 5  # tokens by which a translation of any length may be longer
MOST_CELLS = 400_000  # B · T · U of a batch at most: what attention computes


class Usable(NamedTuple):
    """What a translator can learn from.

    Attributes:
        pairs: as numbers.
        left_out: how many were "empty" or "too long".
        ratio: the most target tokens for one of the source, and `SLACK` more.
    """

    pairs: list[Numbers]
    left_out: dict[str, int]
    ratio: float


def usable_pairs(pairs: Sequence[tuple[str, str]], codecs: tuple[Codec, Codec]) -> Usable:
    """The pairs as numbers, without those that cannot be learned from.

    Raises:
        CourseError: none is left.
    """
    encoded = _numbers(pairs, codecs)
    whole = [pair for pair in encoded if all(pair)]
    short = [pair for pair in whole if max(map(len, pair)) <= LONGEST_TRAINED]
    if not short:
        raise CourseError(
            f"All {len(pairs)} pairs are empty or longer than {LONGEST_TRAINED} tokens. Cut them into sentences."
        )
    left_out = {"empty": len(encoded) - len(whole), "too long": len(whole) - len(short)}
    return Usable(short, left_out, max((len(target) + 1) / (len(source) + SLACK) for source, target in short))


def valid_batches(valid: Sequence[tuple[str, str]] | None, codecs: tuple[Codec, Codec]) -> list[Batch]:
    """Batches to validate with: of at most `MOST_VALIDATED` pairs; [] where there is nothing.

    Raises:
        CourseError: no pair has text on both sides.
    """
    numbers = _numbers(valid or (), codecs)
    pairs = [pair for pair in numbers if all(pair) and max(map(len, pair)) <= LONGEST_TRAINED]
    if valid is not None and not pairs:
        raise CourseError("There is nothing to validate with: no pair of `valid` has text on both sides.")
    if len(pairs) > MOST_VALIDATED:
        chosen = torch.randperm(len(pairs), generator=torch.Generator().manual_seed(0))[:MOST_VALIDATED]
        pairs = [pairs[index] for index in chosen.tolist()]
    return list(Batches(pairs, 128, 0)) if pairs else []


def _numbers(pairs: Sequence[tuple[str, str]], codecs: tuple[Codec, Codec]) -> list[Numbers]:
    return [(codecs[0].encode(source.strip()), codecs[1].encode(target.strip())) for source, target in pairs]


class Batches:
    """An epoch's batches, drawn again each time: pairs of like length together, in random order.

    Args:
        pairs: as numbers, none of them empty.
        size: pairs in a batch; of very long ones there are fewer.
        seed: of the order.
    """

    def __init__(self, pairs: list[Numbers], size: int, seed: int) -> None:
        self.pairs, self.size = pairs, size
        self.lengths = [(len(target) + 1, len(source)) for source, target in pairs]
        self.generator = torch.Generator().manual_seed(seed)

    def _cut(self, order: list[int]) -> list[list[int]]:
        """Places in the order of length, cut into batches."""
        batches: list[list[int]] = [[]]
        U = T = 0
        for index in order:
            U, T = max(U, self.lengths[index][0]), max(T, self.lengths[index][1])
            more = len(batches[-1]) + 1
            if more > 1 and (more > self.size or more * U * T > MOST_CELLS):
                batches.append([])
                U, T = self.lengths[index]
            batches[-1].append(index)
        return batches

    def __len__(self) -> int:
        return len(self._cut(sorted(range(len(self.pairs)), key=self.lengths.__getitem__)))

    def __iter__(self) -> Iterator[Batch]:
        shuffled = torch.randperm(len(self.pairs), generator=self.generator).tolist()
        batches = self._cut(sorted(shuffled, key=self.lengths.__getitem__))
        for number in torch.randperm(len(batches), generator=self.generator).tolist():
            yield batch_of([self.pairs[index] for index in batches[number]])


class Objective:
    """The loss of a batch: mean cross-entropy over the real target tokens, with label smoothing."""

    def __init__(self, smoothing: float, bf16: bool) -> None:
        self.smoothing, self.bf16 = smoothing, bf16

    def __call__(self, model: nn.Module, batch: Batch) -> Tensor:
        """(model, batch) → scalar."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            logits = model(batch)
        targets = batch.targets[batch.targets != PAD]
        return nn.functional.cross_entropy(logits.float(), targets, label_smoothing=self.smoothing)


def check_bf16() -> None:
    """Try a small layer in bfloat16.

    Raises:
        CourseError: this computer cannot compute recurrent layers so.
    """
    with torch.random.fork_rng(devices=[]):
        layer, x = nn.LSTM(4, 4), torch.zeros(2, 1, 4)
    try:
        with torch.autocast("cpu", torch.bfloat16):
            layer(x)[0].float().sum().backward()
    except RuntimeError as error:
        raise CourseError(
            f"This computer cannot compute recurrent layers in bfloat16 ({error!s:.80}). Leave out bf16=True."
        ) from None


@torch.no_grad()
def token_error(model: TranslationModel, batches: list[Batch]) -> float:
    """The share of target tokens that are not the most probable ones under teacher forcing, 0 … 1."""
    wrong = real = 0
    for batch in batches:
        targets = batch.targets[batch.targets != PAD]
        wrong += int((model(batch).argmax(dim=-1) != targets).sum())
        real += len(targets)
    return wrong / real
