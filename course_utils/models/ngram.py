"""An n-gram: the next token guessed from the few before it, by counting. Older than any network, and hard to beat."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.display.settings import Settings
from course_utils.models.arguments import checked
from course_utils.models.checkpoints import Checkpoint
from course_utils.models.discounting import RunCounts
from course_utils.models.text_codecs import text_codec
from course_utils.models.text_model import TextModel, checked_text
from course_utils.models.tokenisers import LEVELS
from course_utils.training import History

MOST_RUNS = 2**31  # of one length, in a file


class NGramTables(nn.Module):
    """The counts of an n-gram as tensors: for each length of run its sorted keys and their counts.

    Args:
        sizes: how many runs there are of each length.
    """

    def __init__(self, sizes: list[int]) -> None:
        super().__init__()
        for length, size in enumerate(sizes, 1):
            for name in ("keys", "counts"):
                self.register_buffer(f"{name}_{length}", torch.zeros(size, dtype=torch.int64))

    @classmethod
    def of(cls, counts: RunCounts) -> NGramTables:
        """With the numbers of counts."""
        tables = cls([])
        for length, (keys, found) in enumerate(counts.tables, 1):
            tables.register_buffer(f"keys_{length}", torch.from_numpy(keys))
            tables.register_buffer(f"counts_{length}", torch.from_numpy(found))
        return tables

    @property
    def sizes(self) -> list[int]:
        """How many runs there are of each length."""
        return [len(value) for name, value in self.named_buffers() if name.startswith("keys")]

    def counts(self, size: int) -> RunCounts:
        """The counts, for V tokens."""
        found = dict(self.named_buffers())
        lengths = range(1, len(found) // 2 + 1)
        return RunCounts.of_tables([(found[f"keys_{n}"].numpy(), found[f"counts_{n}"].numpy()) for n in lengths], size)


class NGram(TextModel[NGramTables]):
    """Guesses the next token from the `order` − 1 before it, by interpolated Kneser-Ney.

    From each run that was counted a discount is taken off, n₁ / (n₁ + 2·n₂) for each length, and shared out as the
    next shorter run says; shorter runs count the different tokens before them. Sources: Ney, Essen & Kneser 1994,
    doi:10.1006/csla.1994.1001; Kneser & Ney 1995, doi:10.1109/ICASSP.1995.479394.

    The order says how far it looks back, the level what it looks at: there are n-grams of characters and of words.

    Args:
        order: n, from 1 to 12.
        level: what a token is: "char", "word" or "subword".

    Raises:
        CourseError: an order out of its bounds, or an unknown level.
    """

    seed = 0  # nothing is drawn in counting
    _counts: RunCounts | None = None

    def __init__(self, order: int = 5, level: str = "char") -> None:
        check_name("level", level, LEVELS)
        self.order, self.level = checked("order", order), level

    def _described(self) -> str:
        return f"{self.order}, {self.level!r}"

    def fit(
        self,
        text: str,
        valid: str | None = None,
        seconds: float | None = None,
        *,
        steps: int | None = None,
        vocabulary: int | None = None,
        progress: bool = True,
    ) -> History:
        """Count a text, from the beginning: an earlier one is forgotten.

        Args:
            text: to learn from, of one character at least.
            valid: a text to score, for the history; nothing is chosen by it.
            seconds: as for a network, so that the call is the same; counting is one pass, however long it takes.
            steps: the same.
            vocabulary: tokens at most; default: 4,096 characters, 8,000 words, or subwords as the text asks for.
            progress: the same.

        Returns:
            A history of one step: its loss is the mean −ln p of a token of the text, each of which it has seen.

        Raises:
            CourseError: no text, or an argument that cannot be meant.
        """
        began = time.perf_counter()
        text = checked_text(text)
        valid = None if valid is None else checked_text(valid, "valid")
        self._codec = text_codec(self.level, text, vocabulary)
        tokens = self._codec.encode(text)
        self._counts = RunCounts(tokens.numpy(), self.order, len(self._codec), kneser_ney=True)
        self.model = NGramTables.of(self._counts)
        row = {"step": 1, "epoch": 1, "loss": float(self._token_nats(tokens).mean())}
        history = History(stopped="1 pass done", settings=self._told(len(text)))
        if valid is not None:
            row["valid"] = self.nats(valid)
            history._columns += ("valid",)
        history._rows.append(row | {"seconds": time.perf_counter() - began})
        return history

    def _told(self, characters: int) -> Settings:
        note = f"{characters:,} characters counted once, interpolated Kneser-Ney"
        return Settings(size=f"{self.parameters_count:,} counts of runs of 1 to {self.order} tokens", note=note)

    @property
    def parameters_count(self) -> int:
        """How many counts it has, of all lengths.

        Raises:
            CourseError: it has not counted yet.
        """
        return sum(self._trained().sizes)

    def _token_nats(self, tokens: Tensor) -> Tensor:
        assert self._counts is not None
        return torch.from_numpy(self._counts.nats(tokens.numpy()))

    def _following(self, tokens: list[int]) -> Generator[Tensor, int, None]:
        assert self._counts is not None
        seen = tokens[:]
        while True:
            context = seen[-self.order + 1 :] if self.order > 1 else []
            seen.append((yield self._counts.following(context)[-1].log()))

    def saliency(self, text: str) -> Tensor:
        """How much the guess of what follows a text depends on each of its tokens.

        It is the change of the log probability of the most probable next token when the run that is looked up is made
        longer by that token: 0 for all that lies further back than the order reaches.

        Args:
            text: of one character at least.

        Returns:
            (N,), one for each of `pieces(text)`.

        Raises:
            CourseError: no text, or a model that has not counted.
        """
        codec = self._trained_codec()
        assert self._counts is not None
        tokens = codec.encode(checked_text(text)).tolist()
        rows = self._counts.following(tokens).log()[1:, :]  # from no context to order − 1 tokens of it
        changes = rows[:, rows[-1].argmax()].diff().abs()[: len(tokens)]
        found = torch.zeros(len(tokens), dtype=torch.float64)
        found[len(tokens) - len(changes) :] = changes.flip(0)
        return found

    def _learned(self) -> dict[str, Any]:
        return super()._learned() | {"sizes": self._trained().sizes}

    def _restore(self, checkpoint: Checkpoint) -> None:
        codec = self._restore_codec(checkpoint)
        sizes = checkpoint.field("sizes", lambda value: _are_sizes(value, self.order), f"{self.order} whole numbers")
        self.model = checkpoint.network(lambda: NGramTables(sizes))
        self._counts = self.model.counts(len(codec))


def _are_sizes(value: Any, count: int) -> bool:
    whole = isinstance(value, list) and all(type(size) is int and 0 <= size < MOST_RUNS for size in value)
    return whole and len(value) == count
