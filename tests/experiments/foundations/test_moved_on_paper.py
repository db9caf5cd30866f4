"""Moved digits on wider paper: held to what can be derived, never to who wins."""

from __future__ import annotations

import torch

from course_utils.experiments.foundations import moved_on_paper
from course_utils.models.picture_training import picture_accuracy
from course_utils.nn.picture_nets import PooledDigitNet
from tests.experiments.small_runs import small_rows


def test_without_wider_paper_it_is_the_accuracy_of_the_network_itself() -> None:
    generator = torch.Generator().manual_seed(0)
    model = PooledDigitNet(generator=generator)
    images, labels = torch.rand(40, 1, 28, 28, generator=generator), torch.randint(10, (40,), generator=generator)
    expected = picture_accuracy(model, images, labels)
    assert moved_on_paper.accuracy_on_paper(model, images, labels, 0) == expected


def test_on_wider_paper_a_digit_may_stand_anywhere_in_steps_of_a_pool() -> None:
    model = PooledDigitNet(generator=torch.Generator().manual_seed(1))
    images = torch.zeros(3, 1, 28, 28)
    images[:, :, 12:16, 12:16] = torch.rand(3, 1, 4, 4, generator=torch.Generator().manual_seed(2))
    labels = torch.arange(3)
    moved = images.roll((2, 2), dims=(2, 3))
    still, elsewhere = (moved_on_paper.accuracy_on_paper(model, some, labels, 4) for some in (images, moved))
    assert still == elsewhere


def test_every_paper_and_every_shift_has_a_row() -> None:
    found = small_rows("moved_on_paper")
    assert len(found) == 2 * 2 * 2
    assert set(found["wider"]) == {0, 4}
    assert found["accuracy"].between(0, 1).all()
