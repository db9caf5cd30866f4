"""Padding and windows: where the gradient goes, and where an answer is read."""

from __future__ import annotations

import torch

from course_utils.experiments.foundations import unrolled_training
from course_utils.experiments.tasks.recall import Recall
from course_utils.nn.sequence_model import SequenceModel
from tests.experiments.small_runs import small_rows


def test_packed_sequences_end_at_the_last_real_step() -> None:
    rows = small_rows("padding", seeds=2)
    assert (rows["packed"] == rows["last_real"]).all()
    assert rows["padded"].between(0.8, 1).all()
    assert set(rows["trained_at"]) == {"last real step", "end of the padding"}


def test_sequences_are_cut_and_filled_up_with_zeros() -> None:
    batch = Recall(8, 2).sample(50, torch.Generator().manual_seed(0))
    x, lengths, y = unrolled_training.shortened(batch.x, batch.y, 3, torch.Generator().manual_seed(0))
    assert lengths.min() == 3
    assert lengths.max() == 8
    for sequence, whole, length, answer in zip(x, batch.x, lengths, y, strict=True):
        assert torch.equal(sequence[:length], whole[:length])
        assert not sequence[length:].any()
        assert answer == whole[length - 3].argmax()


def test_rows_of_windows() -> None:
    rows = small_rows("truncation", seeds=1)
    assert rows["window"].tolist() == [2, 10]
    assert rows["accuracy"].between(0, 1).all()


def test_one_window_of_the_whole_sequence_is_plain_training() -> None:
    task = Recall(6, 1)
    weights = []
    for window in (6, 60):
        model = SequenceModel("rnn", 4, 3, 4, generator=torch.Generator().manual_seed(0))
        unrolled_training.train_in_windows(model, task, window=window, steps=3, lr=0.01, seed=0)
        weights.append(torch.nn.utils.parameters_to_vector(model.parameters()))
    assert torch.equal(*weights)
