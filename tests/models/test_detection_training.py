"""Batches for a detector: all pictures come round, and what is changed in a picture is changed in its boxes."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from course_utils.models import detection_training
from course_utils.models.detection_training import DetectionLoss, PicturesWithBoxes, changed, stacked
from course_utils.nn.detection import Batch, DetectionNet, box_loss, heat_loss, heat_targets


def a_square(count: int) -> Batch:
    """A white square on black in each picture."""
    generator = torch.Generator().manual_seed(1)
    corner = torch.randint(10, 30, (count, 2), generator=generator)
    boxes = torch.cat([corner, corner + torch.tensor([16, 10])], dim=1)
    images = torch.zeros(count, 1, 56, 64)
    for image, (left, top, right, bottom) in zip(images, boxes.tolist(), strict=True):
        image[0, top:bottom, left:right] = 1
    return Batch(images, torch.arange(count), boxes.float(), torch.zeros(count, dtype=torch.long))


def test_an_epoch_has_each_picture_once_with_its_own_boxes() -> None:
    pictures = [torch.full((1, 8, 8 * (1 + n % 2)), n, dtype=torch.uint8) for n in range(7)]
    boxes = [torch.full((n % 3, 4), float(n)) for n in range(7)]
    classes = [torch.full((n % 3,), n) for n in range(7)]
    batches = PicturesWithBoxes(pictures, boxes, classes, 3, seed=0)
    assert len(batches) == 3
    first, second = (list(batches) for _ in range(2))
    for epoch in (first, second):
        numbers = [round(float(image[0, 0, 0]) * 255) for batch in epoch for image in batch.images]
        assert sorted(numbers) == list(range(7))
        for batch in epoch:
            own = (batch.images[batch.picture, 0, 0, 0] * 255).round()
            assert torch.equal(own, batch.classes.float())
            assert torch.equal(own, batch.boxes[:, 0])
            assert torch.bincount(batch.picture, minlength=3).sum() == len(batch.boxes)
    assert [batch.classes.tolist() for batch in first] != [batch.classes.tolist() for batch in second]
    again = PicturesWithBoxes(pictures, boxes, classes, 3, seed=0)
    assert [b.classes.tolist() for b in again] == [b.classes.tolist() for b in first]


def test_pictures_of_several_sizes_get_black_on_the_right_and_at_the_bottom() -> None:
    together = stacked([torch.full((1, 8, 20), 255, dtype=torch.uint8), torch.full((1, 13, 9), 51, dtype=torch.uint8)])
    assert together.shape == (2, 1, 16, 24)
    assert together[0].sum() == 8 * 20
    assert together[1, 0, :13, :9].unique().tolist() == pytest.approx([0.2])


def test_boxes_go_along_with_what_is_changed() -> None:
    before = a_square(40)
    after = changed(before, torch.Generator().manual_seed(3))
    assert after.images.shape == before.images.shape
    assert len(after.boxes) == 40
    for image, box in zip(after.images[:, 0], after.boxes, strict=True):
        ink = image > image.min() + (image.max() - image.min()) / 2
        rows, columns = ink.any(1).nonzero()[:, 0], ink.any(0).nonzero()[:, 0]
        found = torch.stack([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])
        assert (found - box).abs().max() <= 0.75
    assert (after.boxes - before.boxes).abs().max() > 2
    width, height = (before.boxes[:, 2:] - before.boxes[:, :2]).unbind(1)
    wider, higher = (after.boxes[:, 2:] - after.boxes[:, :2]).unbind(1)
    for ratio in (wider / width, higher / height):
        assert 0.8 < ratio.min() < 0.95
        assert 1.05 < ratio.max() < 1.25


def test_light_changes_too_and_stays_in_bounds() -> None:
    after = changed(a_square(40), torch.Generator().manual_seed(0)).images
    assert after.min() >= 0
    assert after.max() <= 1
    assert after.flatten(1).amin(1).unique().numel() > 5
    assert after.flatten(1).amax(1).unique().numel() > 5


def test_boxes_are_cut_at_the_edges_and_left_out_where_little_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detection_training, "SHIFT", 0.9)
    before = a_square(200)
    after = changed(before, torch.Generator().manual_seed(0))
    assert len(after.boxes) == len(after.classes) == len(after.picture) < 200
    assert after.boxes.min() >= 0
    assert (after.boxes <= torch.tensor([64, 56, 64, 56])).all()
    area = (after.boxes[:, 2:] - after.boxes[:, :2]).prod(1)
    assert area.min() >= 0.5 * 160 * 0.7
    assert area.min() < 0.7 * 160  # some were cut


def test_the_loss_is_the_sum_of_both() -> None:
    batch = a_square(3)
    net = DetectionNet(1).eval()
    found = net(batch.images)
    for focus in (0.0, 2.0):
        heat: Tensor = heat_loss(found.heat, heat_targets(batch, 1), focus)
        expected = heat + 2 * box_loss(found.boxes, batch)
        torch.testing.assert_close(DetectionLoss(focus)(net, batch), expected)


def test_what_is_told_of_the_changes() -> None:
    batches = PicturesWithBoxes([], [], [], 2, 0, augment=True)
    assert batches.augmentation.startswith("zoomed by up to 10 %, stretched by up to 5 %, shifted by up to 6 %")
    assert PicturesWithBoxes([], [], [], 2, 0).augmentation == "none"
