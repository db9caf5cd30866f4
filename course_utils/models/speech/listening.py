"""What recognisers and classifiers of clips have in common: features, training, and how they are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from course_utils.checks import check_name, check_positive
from course_utils.data.sounds import mono, resampled
from course_utils.errors import CourseError
from course_utils.models.arguments import checked
from course_utils.models.base import Estimator
from course_utils.models.checkpoints import Checkpoint
from course_utils.models.inputs import checked_clips
from course_utils.nn.layers import LAYERS
from course_utils.nn.sound import check_rate, log_mel
from course_utils.nn.speech_model import Batches, Change, Listener, batch_of
from course_utils.runtime import seeded
from course_utils.training import Budget, History, WarmupStableDecay, fit
from course_utils.training.progress import counted

Score: TypeAlias = Callable[[nn.Module], float]

RATE = 8_000  # samples a second; clips at other rates are resampled
LONGEST_TRAINED = 60  # seconds; longer clips are left out of a training
SILENT = 1e-4  # a clip whose samples all lie nearer to their mean holds nothing
MOST_VALIDATED = 400  # clips
WARMUP = 30  # steps over which the learning rate rises
CALM = 300  # batches before clips are augmented: CTC finds its first words in clips as they are
AT_ONCE, MOST_AT_ONCE = 32, 30_000  # clips, and frames with their padding, that are heard together
NO_FLOOR = 100.0  # dB below the loudest that count as silence where there is no floor


@dataclass(frozen=True)
class Training:
    """How to train: the arguments of `fit`."""

    seconds: float | None
    steps: int | None
    epochs: int | None
    lr: float
    batch_size: int
    augment: bool
    progress: bool
    go_on: bool = False

    @property
    def limit(self) -> float | None:
        """The most seconds: 60 where nothing else says when to end; None: no limit of this kind."""
        return 60.0 if (self.seconds, self.steps, self.epochs) == (None, None, None) else self.seconds


class Listening(Estimator[Listener]):
    """What a recogniser and a classifier have in common: their features, their training, and how they are kept."""

    pooled: ClassVar[bool]
    voice: ClassVar[float] = 0.0  # by how much voices are moved in training
    moved: ClassVar[float] = 0.0  # and where it goes on with `augment`
    around: ClassVar[int]  # frames of silence that are put on both sides of a clip

    def __init__(self, cell: str, hidden_size: int, bidirectional: bool, floor: float | None, seed: int) -> None:
        check_name("cell", cell, LAYERS)
        self.cell, self.bidirectional = cell, checked("bidirectional", bidirectional)
        self.floor = None if floor is None else check_positive("floor (in dB)", floor)
        self.hidden_size, self.seed = checked("hidden_size", hidden_size), checked("seed", seed)
        self.left_out: dict[str, int] = {}
        self._classes: list[str] = []

    def _described(self) -> str:
        ways = "both ways" if self.bidirectional else "one way"
        left_out = "".join(f", {count} clips left out: {why}" for why, count in self.left_out.items() if count)
        return f"{self.cell!r}, {self.hidden_size}, {ways}{left_out}"

    def _new_model(self, classes: int) -> Listener:
        return Listener(self.cell, classes, self.hidden_size, self.bidirectional, self.pooled)

    def untrained(self, classes: int) -> Listener:
        """The network with its first weights, for a number of classes."""
        with seeded(self.seed):
            return self._new_model(classes)

    def _change(self, how: Training) -> Change | None:
        """What happens to clips in training, but for the patches that are hidden.

        A classifier that goes on has what it should hear before it: its clips are changed less.
        """
        silence = self.floor or NO_FLOOR
        if not how.augment:
            return Change(silence, voice=self.voice) if self.voice else None
        if how.go_on:
            return Change(silence, self.around, voice=self.moved, tempo=0.2, fainter=1.3)
        if self.pooled:
            return Change(silence, self.around, self.voice, tempo=0.4, later=30, cut=12, swell=4.0, fainter=2.0)
        return Change(silence, self.around, tempo=0.25, later=20, colour=5.0)

    def _calm(self, how: Training) -> int:
        return 0 if self.pooled or how.go_on else CALM

    def augmentation(self, *, augment: bool, go_on: bool = False) -> str:
        """How clips are changed in training, in words.

        Args:
            augment: as in `fit`.
            go_on: as in the `fit` of a classifier.
        """
        how = Training(None, 1, None, 1.0, 1, augment, False, go_on)
        return Batches([], [], 1, 0, self._change(how), self._calm(how)).augmentation

    def _train(
        self,
        model: Listener | None,
        classes: int,
        clips: list[Tensor],
        targets: list[list[int]],
        loss: Callable[[Any, Any], Tensor],
        score: Score | None,
        how: Training,
    ) -> tuple[Listener, History]:
        """Train on log-mels: a new network, or one that is there already (it is changed)."""
        with seeded(self.seed):
            if model is None:
                model = self._new_model(classes)
                model.take_measure(clips)
            network = model
            batches = Batches(clips, targets, how.batch_size, self.seed, self._change(how), self._calm(how))
            optimizer = torch.optim.Adam(network.parameters(), lr=how.lr, fused=True)
            budget = Budget(how.steps, how.epochs, how.limit, per_epoch=len(batches))
            history = fit(
                network,
                batches,
                loss,
                steps=how.steps,
                epochs=how.epochs,
                seconds=how.limit,
                valid=(lambda _: score(network)) if score else None,
                optimizer=optimizer,
                lr_schedule=WarmupStableDecay(budget, warmup=WARMUP).of(optimizer),
                clip_norm=1.0,
                progress=how.progress,
            )
        return network.eval(), history

    def _log_mels(
        self, clips: Any, sample_rate: int, name: str = "clips", progress: bool = False
    ) -> list[Tensor | None]:
        """The features of each clip, (T, M); None for a silent one. With `progress` there is a bar.

        Raises:
            CourseError: clips or a sample rate that cannot be meant; the message names the clip.
        """
        check_rate(sample_rate)
        heard = []
        for index, clip in enumerate(counted(checked_clips(clips, name), "features", "clip", progress)):
            try:
                heard.append(self._surrounded(_log_mel(clip, sample_rate, self.floor)))
            except CourseError as error:
                raise CourseError(f"Number {index} of `{name}`: {error}") from None
        return heard

    def _surrounded(self, frames: Tensor | None) -> Tensor | None:
        """With silence on both sides, so that it makes no difference how closely a word was cut out."""
        if frames is None or not self.around:
            return frames
        return nn.functional.pad(frames, (0, 0, self.around, self.around), value=-(self.floor or NO_FLOOR))

    def _outputs(self, heard: Sequence[Tensor | None], what: Callable[..., Any]) -> list[Any]:
        """As `outputs_of`; of a classifier one answer for each clip."""
        return outputs_of(heard, what, pooled=self.pooled)

    def _learned(self) -> dict[str, Any]:
        return {"classes": self._classes}

    def _restore(self, checkpoint: Checkpoint) -> None:
        self._classes = checkpoint.texts("classes")
        self.model = checkpoint.network(lambda: self._new_model(len(self._classes)))


def chosen(count: int) -> list[int]:
    """Places of at most `MOST_VALIDATED`, the same each time."""
    if count <= MOST_VALIDATED:
        return list(range(count))
    return torch.randperm(count, generator=torch.Generator().manual_seed(0))[:MOST_VALIDATED].sort().values.tolist()


@torch.no_grad()
def outputs_of(things: Sequence[Tensor | None], what: Callable[..., Any], *, pooled: bool = False) -> list[Any]:
    """What a network says of clips, or of whatever else comes as frames; those of like length are seen together.

    Args:
        things: (T, F) each; None: there is nothing to see.
        what: what(frames, lengths) → (outputs, lengths), such as a network.
        pooled: is there one output for each? If not, there is one for each frame.

    Returns:
        An output for each, in their order; None where there was nothing to see.
    """
    answers: list[Any] = [None] * len(things)
    known = [(index, thing) for index, thing in enumerate(things) if thing is not None]
    for group in _alike(sorted(known, key=lambda pair: -len(pair[1]))):
        batch = batch_of([thing for _, thing in group], [[]] * len(group))
        outputs, lengths = what(batch.frames, batch.lengths)
        for (index, _), output, length in zip(group, outputs, lengths.tolist(), strict=True):
            answers[index] = output if pooled else output[:length]
    return answers


def _alike(clips: list[tuple[int, Tensor]]) -> Iterator[list[tuple[int, Tensor]]]:
    """Clips with their places, the longest first, in groups of like length that are heard together."""
    group: list[tuple[int, Tensor]] = []
    for pair in clips:
        longest = len(group[0][1]) if group else 0
        full = len(group) == AT_ONCE or (len(group) + 1) * longest > MOST_AT_ONCE
        if group and (full or len(pair[1]) < 0.5 * longest):
            yield group
            group = []
        group.append(pair)
    if group:
        yield group


def _log_mel(clip: Any, sample_rate: int, floor: float | None) -> Tensor | None:
    """Log-mels (T, M) at 8 kHz; None for a silent clip."""
    samples = mono(clip)
    samples = samples - samples.mean()
    loudest = float(np.abs(samples).max())
    if loudest < SILENT:
        return None
    return log_mel(resampled(samples / np.float32(loudest), sample_rate, RATE), RATE, floor=floor)
