"""Lesson 16: a network that knows lines by heart, and says which of its texts a line is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.data.handwritten_lines import Lines
from course_utils.experiments.applications.handwritten_digits import BATCH
from course_utils.models.hand_reader import BETAS, CALM, WARMUP
from course_utils.models.line_inputs import line_pictures
from course_utils.models.speech.listening import outputs_of
from course_utils.nn.reading_model import LineNet, Redrawn
from course_utils.nn.speech_model import Batch, Batches, real_places
from course_utils.runtime import seeded
from course_utils.training import Budget, WarmupCosine, fit


@dataclass(frozen=True, eq=False)
class Words:
    """A network that knows lines by heart: it says which of its texts a line is.

    Attributes:
        model: its scores are those of the texts, the mean over the frames.
        texts: all that it can say.
    """

    model: LineNet
    texts: list[str]

    def read(self, images: Sequence[Any]) -> list[str]:
        """The most probable text of each picture; "" for a blank one.

        Args:
            images: as a `LineReader` takes them.
        """
        found = outputs_of(line_pictures(images), self.model)
        return ["" if scores is None else self.texts[int(scores.mean(dim=0).argmax())] for scores in found]


def learned_words(given: Lines, hidden_size: int = 64, *, steps: int, lr: float, seed: int = 0) -> Words:
    """Train the network of a `LineReader` to tell which of its texts a line is, in place of writing digits.

    Args:
        given: lines; their texts, each a class, are all that it will say.
        hidden_size: H of the LSTM, in each direction.
        steps: of the optimiser, batches of 16.
        lr: the highest learning rate.
        seed: of weights, order and changes.
    """
    texts = sorted(set(given.texts))
    seen = [(picture, [texts.index(text)]) for picture, text in _pictures(given)]
    with seeded(seed):
        model = LineNet("lstm", len(texts), hidden_size)
        pictures, classes = [picture for picture, _ in seen], [number for _, number in seen]
        order = Batches(pictures, classes, BATCH, seed, Redrawn(), CALM, always="")
        optimizer = torch.optim.Adam(model.parameters(), lr=lr, betas=BETAS, fused=True)
        schedule = WarmupCosine(Budget(steps), warmup=WARMUP).of(optimizer)
        fit(
            model,
            order,
            words_loss,
            steps=steps,
            optimizer=optimizer,
            lr_schedule=schedule,
            clip_norm=1,
            progress=False,
        )
    return Words(model.eval(), texts)


def _pictures(given: Lines) -> list[tuple[Tensor, str]]:
    pairs = zip(line_pictures(given.images), given.texts, strict=True)
    return [(picture, text) for picture, text in pairs if picture is not None]


def words_loss(model: nn.Module, batch: Batch) -> Tensor:
    """The cross-entropy of whole lines, the scores of a line the mean over its frames.

    Args:
        model: frames, lengths → scores (B, T', K) and lengths.
        batch: one class for each line.
    """
    scores, lengths = model(batch.frames, batch.lengths)
    means = (scores * real_places(lengths, scores.shape[1])).sum(dim=1) / lengths[:, None]
    return nn.functional.cross_entropy(means, batch.targets)
