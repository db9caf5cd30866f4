"""What happens when padding is counted: the same small encoder-decoder trained with and without a mask in its loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.data.number_words import number_words
from course_utils.display.settings import Settings, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIP_NORM, CLIPPED
from course_utils.models.tokenisers import Characters
from course_utils.nn.attention import masked_cross_entropy, teacher_inputs
from course_utils.nn.sequences import PAD, START
from course_utils.nn.translation_model import Batch, TranslationModel, batch_of
from course_utils.runtime import seeded
from course_utils.training import fit

Pair = tuple[str, str]
LR, BATCH = 0.005, 32


def all_logits(model: TranslationModel, batch: Batch) -> Tensor:
    """The scores at every place under teacher forcing, padding included: (B, U, V)."""
    encoded = model.encode(batch.sources, batch.lengths)
    mixed = model.decode(teacher_inputs(batch.targets, START), encoded, model.first_state(encoded))[0]
    return model.logits(mixed)


def padding_counted(model: Any, batch: Batch) -> Tensor:
    """The mean cross-entropy over all places, as if padding were something to be said."""
    return nn.functional.cross_entropy(all_logits(model, batch).flatten(0, 1), batch.targets.flatten())


def padding_masked(model: Any, batch: Batch) -> Tensor:
    """The mean cross-entropy over the real tokens."""
    return masked_cross_entropy(all_logits(model, batch), batch.targets, PAD)


def mask_forgotten(
    train: Sequence[Pair], test: Sequence[Pair], *, steps: int = 60, hidden_size: int = 32, seed: int = 0
) -> list[dict[str, Any]]:
    """Two copies of one network, trained on the same batches of 32; one counts padding in its loss.

    Args:
        train: pairs (source, target), read by characters.
        test: pairs to judge with.
        steps: of the optimiser, Adam with a learning rate of 0.005.
        hidden_size: H.
        seed: of weights and order.

    Returns:
        A row for each: `loss in training` (which), and on the test pairs what it `reports` (its own loss), the loss of
        the `real tokens`, and the share of `tokens right` under teacher forcing, of the real ones.
    """
    source = Characters.of([text for text, _ in train])
    target = Characters.of([text for _, text in train])

    def batches(pairs: Sequence[Pair], size: int) -> list[Batch]:
        encoded = [(source.encode(s), target.encode(t)) for s, t in pairs]
        return [batch_of(encoded[start : start + size]) for start in range(0, len(encoded), size)]

    held_out = batches(test, len(test))[0]
    rows = []
    for name, loss in (("padding masked", padding_masked), ("padding counted", padding_counted)):
        with seeded(seed):
            model = TranslationModel("lstm", len(source), len(target), hidden_size, None)
        fit(model, batches(train, BATCH), loss, steps=steps, lr=LR, clip_norm=CLIP_NORM, progress=False)
        with torch.no_grad():
            real = held_out.targets != PAD
            right = (all_logits(model, held_out).argmax(-1) == held_out.targets)[real].double().mean()
            rows.append(
                {
                    "loss in training": name,
                    "reports": float(loss(model, held_out)),
                    "real tokens": float(padding_masked(model, held_out)),
                    "tokens right": float(right),
                }
            )
    return rows


def measure(seed: int, *, steps: int, hidden_size: int, pairs: int) -> list[Row]:
    """The comparison for one seed.

    Args:
        seed: of weights and order.
        steps: of the optimiser.
        hidden_size: H.
        pairs: to learn from, and to judge with, at most.

    Returns:
        The two rows of `mask_forgotten`.
    """
    numbers = number_words()
    train, test = numbers.train[:pairs], numbers.test[:pairs]
    return mask_forgotten(train, test, steps=steps, hidden_size=hidden_size, seed=seed)


def told(*, steps: int, hidden_size: int, **_: Any) -> Settings:
    """What a reader must know of the trainings."""
    return trained(
        start="orthogonal from state to state, forget biases 1",
        learning_rate=f"Adam, {LR:g}",
        clipping=CLIPPED,
        steps=f"{steps:,}",
        batch=f"{BATCH}",
        size=f"{hidden_size} units; an encoder in both directions, a decoder of two layers, no attention",
    )


EXPERIMENT = Experiment(
    name="padding_counted",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(10)),
    settings={"steps": 120, "hidden_size": 32, "pairs": 5000},
    quick={"steps": 2, "hidden_size": 8, "pairs": 12},
)
