"""What the readers of handwriting have in common: their training, and how their answers are found (CTC).

Source: Graves, Fernández, Gomez & Schmidhuber 2006, doi:10.1145/1143844.1143891.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Sequence
from typing import Any, ClassVar, TypeVar

import torch
from torch import Tensor, nn

from course_utils.checks import check_name, check_whole
from course_utils.errors import CourseError
from course_utils.models.arguments import checked
from course_utils.models.base import Estimator
from course_utils.models.checkpoints import Checkpoint
from course_utils.models.inputs import Items, checked_texts, two
from course_utils.models.speech.listening import chosen, outputs_of
from course_utils.nn import ctc
from course_utils.nn.layers import LAYERS
from course_utils.nn.reading_model import SpreadFirst
from course_utils.nn.speech_model import Batch, Batches
from course_utils.runtime import seeded
from course_utils.training import Budget, History, WarmupCosine, fit

M = TypeVar("M", bound=nn.Module)

CALM = 200  # batches before examples are changed: CTC finds its first characters in them as they are
SPREAD = 100  # steps in which characters are told to stand at equal distances, before CTC
WARMUP = 20  # steps over which the learning rate rises
BETAS = (0.9, 0.98)
MOST_ENTRIES = 100_000  # of a lexicon
WEIGHED = 2_000  # entries of a lexicon that are weighed together


class HandReader(Estimator[M]):
    """What the readers have in common: training, and how their answers are found.

    Attributes:
        model: the network; None before `fit`.
        left_out: how many of the things it was given the last `fit` could not use, by reason.
    """

    thing: ClassVar[str]  # what it reads
    stride: ClassVar[int]  # columns or points for each frame
    longest_trained: ClassVar[int]  # columns or points
    too_short: ClassVar[str]
    too_long: ClassVar[str]
    _spread: ClassVar[int] = SPREAD

    def __init__(self, cell: str = "lstm", hidden_size: int = 64, seed: int = 0) -> None:
        check_name("cell", cell, LAYERS)
        self.cell = cell
        self.hidden_size, self.seed = checked("hidden_size", hidden_size), checked("seed", seed)
        self.left_out: dict[str, int] = {}
        self._characters: list[str] = []

    def _described(self) -> str:
        left_out = "".join(f", {count} {self.thing} left out: {why}" for why, count in self.left_out.items() if count)
        return f"{self.cell!r}, {self.hidden_size} both ways{left_out}"

    @property
    def characters(self) -> list[str]:
        """All that it can write, in the order of its scores: the blank, number 0, has none."""
        return list(self._characters)

    @abstractmethod
    def _seen(self, given: Items, name: str) -> list[Tensor | None]:
        """What the network sees of each, (T, F); None where nothing is written."""

    @abstractmethod
    def _new_model(self, classes: int, dropout: float = 0.0) -> M:
        """The network with its first weights."""

    @abstractmethod
    def _change(self) -> Callable[[Batch], Batch]:
        """How examples are changed in training; its `words` say it."""

    def _fit(
        self,
        given: Items,
        texts: Sequence[str],
        valid: tuple[Items, Sequence[str]] | None,
        budget: tuple[float | None, int | None, int | None],
        patience: int | None,
        *,
        augment: bool,
        lr: float,
        dropout: float,
        batch_size: int,
        progress: bool,
    ) -> History:
        """Learn from the beginning; `budget` holds seconds, steps and epochs."""
        seconds, steps, epochs = (60.0, None, None) if budget == (None, None, None) else budget
        things = self._seen(given, self.thing)
        right = checked_texts(texts, len(things), self.thing, "texts")
        characters = sorted({character for text in right for character in text})
        if not characters:
            raise CourseError("There is nothing to learn: no text has a character.")
        number = {character: index for index, character in enumerate(characters, 1)}
        usable, left_out = self._usable(things, right)
        held_out = None if valid is None else self._held_out(valid)
        with seeded(self.seed):
            model = self._new_model(1 + len(characters), dropout)
            order = Batches(
                [thing for thing, _ in usable],
                [[number[character] for character in text] for _, text in usable],
                batch_size,
                self.seed,
                self._change() if augment else None,
                CALM,
                always="",
            )
            optimizer = torch.optim.Adam(model.parameters(), lr=lr, betas=BETAS, fused=True)
            course = WarmupCosine(Budget(steps, epochs, seconds, per_epoch=len(order)), warmup=WARMUP)
            history = fit(
                model,
                order,
                SpreadFirst(self._spread),
                steps=steps,
                epochs=epochs,
                seconds=seconds,
                valid=None if held_out is None else (lambda _: self._character_error(model, *held_out, characters)),
                patience=patience,
                optimizer=optimizer,
                lr_schedule=course.of(optimizer),
                clip_norm=1.0,
                progress=progress,
            )
        self.model, self._characters, self.left_out = model.eval(), characters, left_out
        history.note(f"{len(usable):,} {self.thing}; dropout {dropout:g}")
        return history

    def _usable(self, things: list[Tensor | None], texts: list[str]) -> tuple[list[tuple[Tensor, str]], dict[str, int]]:
        """What can be learned from, with its text, and how many cannot, by reason."""
        left_out = {"blank": 0, self.too_short: 0, self.too_long: 0}
        usable = []
        for thing, text in zip(things, texts, strict=True):
            if thing is None:
                left_out["blank"] += 1
            elif len(thing) > self.longest_trained:
                left_out[self.too_long] += 1
            elif -(-len(thing) // self.stride) < ctc.fewest_frames(text):
                left_out[self.too_short] += 1
            else:
                usable.append((thing, text))
        if not usable:
            why = ", ".join(f"{count} {reason}" for reason, count in left_out.items() if count)
            raise CourseError(
                f"None of the {len(things)} {self.thing} can be learned from: {why}. Each must show something, and "
                "have room for its text: a frame for each character, and one between two that are equal."
            )
        return usable, left_out

    def _held_out(self, valid: Any) -> tuple[list[Tensor | None], list[str]]:
        given, texts = two(valid, f"{self.thing}, texts")
        given = given if isinstance(given, Sequence) else list(given)
        right = checked_texts(texts, len(given), self.thing, "the texts of valid")
        indices = chosen(len(right))
        right = [right[index] for index in indices]
        if not any(right):
            raise CourseError("There is nothing to validate with: no text of `valid` has a character.")
        return self._seen([given[index] for index in indices], f"the {self.thing} of valid"), right

    def _character_error(self, model: M, things: list[Tensor | None], right: list[str], characters: list[str]) -> float:
        """The fewest characters to correct, divided by the number of characters."""
        found = [_written(log_probs, characters) for log_probs in _log_probs(model, things)]
        return sum(ctc.edits(text, other) for text, other in zip(found, right, strict=True)) / sum(map(len, right))

    # -----------------------------------------------------------------------------------------------------------------
    # Answers

    def _answers(self, given: Items) -> list[Tensor | None]:
        """The log probabilities (T', K) of each; None where nothing is written."""
        model = self._trained()
        return _log_probs(model, self._seen(given, self.thing))

    def _read(self, given: Items, beam: int, lexicon: Collection[str] | None) -> list[str]:
        self._trained()
        check_whole("beam", beam, 1)
        entries = None if lexicon is None else self._entries(lexicon)
        found = self._answers(given)
        if entries is None:
            return [_written(log_probs, self._characters, beam) for log_probs in found]
        return ["" if log_probs is None else _most_probable(log_probs, entries) for log_probs in found]

    def _entries(self, lexicon: Any) -> list[tuple[str, list[int]]]:
        """The texts of a lexicon that it can write, and their classes."""
        if isinstance(lexicon, set | frozenset):
            lexicon = sorted(lexicon, key=str)
        if isinstance(lexicon, str | bytes | dict) or not hasattr(lexicon, "__len__"):
            raise CourseError(f"`lexicon` must be a list of strings; it is a {type(lexicon).__name__}.")
        texts = list(dict.fromkeys(checked_texts(lexicon, len(lexicon), "entries", "lexicon")))
        if len(texts) > MOST_ENTRIES:
            raise CourseError(f"The lexicon has {len(texts):,} entries; {MOST_ENTRIES:,} are the most.")
        number = {character: index for index, character in enumerate(self._characters, 1)}
        known = [(text, [number[c] for c in text]) for text in texts if all(c in number for c in text)]
        if not known:
            raise CourseError(
                f"No entry of the lexicon can be written with the characters that were learned: "
                f"{''.join(self._characters)[:60]!r}."
            )
        return known

    def _confidence(self, given: Items) -> list[float]:
        found = []
        for log_probs in self._answers(given):
            labels = [] if log_probs is None else ctc.greedy(log_probs)
            found.append(1.0 if log_probs is None else float((-_nats(log_probs, [labels])).exp().clamp(0, 1)))
        return found

    def _emissions(self, given: Items) -> Tensor:
        """(T', K); where nothing is written, the blank is sure at one frame."""
        (log_probs,) = self._answers(given)
        if log_probs is None:
            log_probs = torch.full((1, 1 + len(self._characters)), -100.0)
            log_probs[0, 0] = 0.0
        return log_probs

    # -----------------------------------------------------------------------------------------------------------------
    # Keeping

    def _learned(self) -> dict[str, Any]:
        return {"characters": self._characters}

    def _restore(self, checkpoint: Checkpoint) -> None:
        self._characters = checkpoint.texts("characters")
        if not all(len(character) == 1 for character in self._characters):
            raise checkpoint.fault("'characters' must be of one character each")
        self.model = checkpoint.network(lambda: self._new_model(1 + len(self._characters)))


# ---------------------------------------------------------------------------------------------------------------------


def _log_probs(model: nn.Module, things: Sequence[Tensor | None]) -> list[Tensor | None]:
    found: list[Tensor | None] = [
        None if scores is None else scores.log_softmax(dim=-1) for scores in outputs_of(things, model)
    ]
    return found


def _written(log_probs: Tensor | None, characters: list[str], beam: int = 1) -> str:
    if log_probs is None:
        return ""
    labels = ctc.greedy(log_probs) if beam == 1 else ctc.prefix_beam(log_probs, beam)
    return "".join(characters[label - 1] for label in labels)


def _nats(log_probs: Tensor, entries: list[list[int]]) -> Tensor:
    """−log of the probability of each of N texts in one picture, (N,); inf where it has no room for it."""
    lengths = torch.tensor([len(labels) for labels in entries])
    flat = torch.tensor([label for labels in entries for label in labels], dtype=torch.long)
    many = log_probs[:, None].expand(-1, len(entries), -1).contiguous()
    frames = torch.full((len(entries),), len(log_probs))
    return nn.functional.ctc_loss(many, flat, frames, lengths, reduction="none")


def _most_probable(log_probs: Tensor, entries: list[tuple[str, list[int]]]) -> str:
    """The entry with the largest probability; "" where there is room for none."""
    parts = [entries[start : start + WEIGHED] for start in range(0, len(entries), WEIGHED)]
    nats = torch.cat([_nats(log_probs, [labels for _, labels in part]) for part in parts])
    best = int(nats.argmin())
    return entries[best][0] if bool(nats[best].isfinite()) else ""
