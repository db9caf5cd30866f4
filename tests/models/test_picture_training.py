"""How networks for pictures are trained: what is warped, and what a batch holds."""

from __future__ import annotations

import torch

from course_utils.models import picture_training


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_warping_nothing_changes_nothing_and_an_even_picture_stays_even() -> None:
    images = torch.rand(3, 2, 9, 7, generator=seeded())
    still = picture_training.warped(images, seeded(), turn=0, stretch=0, shift=0)
    torch.testing.assert_close(still, images, atol=1e-5, rtol=0)
    even = torch.full((5, 1, 12, 12), 0.3)
    torch.testing.assert_close(picture_training.warped(even, seeded()), even)
    assert not torch.equal(picture_training.warped(images, seeded()), images)
    assert torch.equal(picture_training.warped(images, seeded(4)), picture_training.warped(images, seeded(4)))


def test_batches_hold_each_picture_once_in_an_order_that_changes() -> None:
    images, labels = torch.arange(23.0).reshape(23, 1, 1, 1), torch.arange(23)
    epoch = picture_training.picture_batches(images, labels, seeded(), batch_size=5)
    orders = []
    for _ in range(2):
        batches = list(epoch())
        assert [len(y) for _, y in batches] == [5, 5, 5, 5, 3]
        x, y = (torch.cat(parts) for parts in zip(*batches, strict=True))
        assert torch.equal(x.flatten().long(), y)
        assert torch.equal(y.sort().values, labels)
        orders.append(y)
    assert not torch.equal(*orders)


def test_how_pictures_are_warped_is_told() -> None:
    assert picture_training.warp_text(0) == "none"
    assert "11°" in picture_training.warp_text(1.0)
    images, labels = torch.rand(6, 1, 8, 8), torch.arange(6)
    batches = picture_training.picture_batches(images, labels, torch.Generator(), warp=0.5)
    assert vars(batches)["augmentation"] == picture_training.warp_text(0.5)
