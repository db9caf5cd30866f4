"""What padding does to a loss: the two losses of the lesson, held to what follows from their definitions."""

from __future__ import annotations

import torch

from course_utils.data.number_words import number_words
from course_utils.experiments.applications.loss_without_mask import (
    EXPERIMENT,
    all_logits,
    mask_forgotten,
    measure,
    padding_counted,
    padding_masked,
)
from course_utils.nn.sequences import PAD
from course_utils.nn.translation_model import TranslationModel, batch_of

PAIRS = [("un", "one"), ("deux", "two"), ("vingt et un", "twenty-one"), ("trois", "three")]


def test_the_loss_that_counts_padding_is_the_mixture_of_real_tokens_and_padding() -> None:
    torch.manual_seed(0)
    model = TranslationModel("lstm", 9, 9, 8, None).eval()
    batch = batch_of([([4, 5], [6, 7, 8]), ([5], [4]), ([6, 7, 8], [5, 5])])
    padding = batch.targets == PAD
    share = padding.double().mean().item()
    assert 0 < share < 1
    log_p = all_logits(model, batch).log_softmax(-1)[..., PAD]
    mixed = (1 - share) * padding_masked(model, batch).item() - share * log_p[padding].mean().item()
    assert abs(padding_counted(model, batch).item() - mixed) < 1e-5


def test_both_copies_begin_alike_and_only_one_reports_its_real_tokens() -> None:
    rows = mask_forgotten(PAIRS * 8, PAIRS, steps=1)
    assert [row["loss in training"] for row in rows] == ["padding masked", "padding counted"]
    assert rows[0]["reports"] == rows[0]["real tokens"]
    assert rows[1]["reports"] != rows[1]["real tokens"]
    assert all(0 <= row["tokens right"] <= 1 for row in rows)
    assert mask_forgotten(PAIRS * 8, PAIRS, steps=1) == rows


def test_the_stored_comparison_is_that_of_the_lesson_for_each_seed() -> None:
    given = {**EXPERIMENT.settings, **EXPERIMENT.quick}
    rows = measure(3, **given)
    numbers = number_words()
    few = numbers.train[: given["pairs"]], numbers.test[: given["pairs"]]
    assert rows == mask_forgotten(*few, steps=given["steps"], hidden_size=given["hidden_size"], seed=3)
    assert measure(4, **given) != rows
