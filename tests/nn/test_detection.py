"""The detection network: sizes, targets, losses and what is read off, by hand and compared with what they undo."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.nn.detection import (
    PRIOR,
    STRIDE,
    Batch,
    DetectionNet,
    FlatDetectionNet,
    Found,
    box_loss,
    centre_cells,
    heat_loss,
    heat_targets,
    padded,
    peaks,
    read_off,
    scores_of,
    stem_of,
)
from course_utils.nn.parameters import parameters_count
from course_utils.nn.picture_nets import DigitNet


def a_batch() -> Batch:
    boxes = torch.tensor([[3.0, 5, 15, 25], [20.0, 8, 46, 20], [0.0, 0, 9, 9]])
    return Batch(torch.rand(2, 1, 32, 48), torch.tensor([0, 0, 1]), boxes, torch.tensor([2, 0, 2]))


def said_of(batch: Batch, classes: int) -> Found:
    """What a network says that knows the boxes."""
    B, _, H, W = batch.images.shape
    heat = torch.logit(heat_targets(batch, classes).clamp(1e-4, 1 - 1e-4))
    boxes = torch.zeros(B, 4, H // STRIDE, W // STRIDE)
    cells, within = centre_cells(batch.boxes)
    sides = ((batch.boxes[:, 2:] - batch.boxes[:, :2]) / STRIDE).log()
    boxes[batch.picture, :, cells[:, 1], cells[:, 0]] = torch.cat([within, sides], dim=1)
    return Found(heat, boxes)


def test_sizes_of_the_maps_and_number_of_weights() -> None:
    net = DetectionNet(10, 3).eval()
    found = net(torch.rand(2, 3, 40, 64))
    assert found.heat.shape == (2, 10, 10, 16)
    assert found.boxes.shape == (2, 4, 10, 16)
    assert 100_000 < parameters_count(DetectionNet(10)) < 125_000
    assert found.heat.sigmoid().median().item() == pytest.approx(PRIOR, rel=0.5)
    with pytest.raises(CourseError, match="multiples of 8"):
        net(torch.rand(1, 3, 40, 60))


def test_the_network_scales_by_its_own_mean_and_deviation() -> None:
    net = DetectionNet(2).eval()
    images = torch.rand(1, 1, 16, 16)
    before = net(images).heat
    net.mean.fill_(0.2)
    net.std.fill_(0.5)
    torch.testing.assert_close(net(0.2 + 0.5 * images).heat, before)
    assert {"mean", "std"} <= net.state_dict().keys()


def test_a_stem_of_ones_own_makes_the_map() -> None:
    stem = nn.Conv2d(1, 7, 4, stride=4)
    net = DetectionNet(3, 1, stem, 7)
    assert net(torch.rand(2, 1, 16, 24)).heat.shape == (2, 3, 4, 6)
    assert net.stem is stem


def test_the_stages_of_a_digit_network_keep_the_place_as_a_stem() -> None:
    network = DigitNet((3, 5))
    stem = stem_of(network)
    image = torch.zeros(1, 1, 32, 48)
    image[..., 16:20, 24:28] = 1
    with torch.no_grad():
        maps = stem(image)
        changed = (maps - stem(torch.zeros_like(image))).abs().sum(1)[0]
        inner = stem[:3](image)[..., 1:-1, 1:-1]
        first = network.get_submodule("convolutions.0")
        same = torch.relu(first(image))
    assert maps.shape == (1, 5, 8, 12)
    rows, columns = changed.nonzero().unbind(1)
    assert rows.float().mean().item() == pytest.approx(4, abs=1)
    assert columns.float().mean().item() == pytest.approx(6, abs=1)
    torch.testing.assert_close(nn.functional.max_pool2d(same, 2), inner)
    with torch.no_grad():
        next(stem.parameters()).zero_()
    assert next(network.parameters()).any()  # its own
    with pytest.raises(CourseError, match="two stages"):
        stem_of(DigitNet((3,)))


def test_a_normalised_stem_scales_what_each_convolution_makes_and_learns_nothing_there() -> None:
    stem = stem_of(DigitNet((3, 5)), normalised=True)
    scaled = [layer for layer in stem if isinstance(layer, nn.BatchNorm2d)]
    assert [layer.num_features for layer in scaled] == [3, 5]
    assert not any(layer.affine for layer in scaled)
    plain = stem_of(DigitNet((3, 5)))
    assert sum(own.numel() for own in stem.parameters()) == sum(own.numel() for own in plain.parameters())
    maps = stem[:2](torch.rand(8, 1, 16, 16))
    torch.testing.assert_close(maps.mean((0, 2, 3)), torch.zeros(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(maps.std((0, 2, 3)), torch.ones(3), atol=0.01, rtol=0)


def test_the_maps_without_convolutions() -> None:
    net = FlatDetectionNet(10, 48, 120_000)
    assert abs(parameters_count(net) / 120_000 - 1) < 0.05
    found = net(torch.rand(2, 1, 48, 48))
    assert found.heat.shape == (2, 10, 12, 12)
    assert found.boxes.shape == (2, 4, 12, 12)
    assert found.heat.sigmoid().median().item() == pytest.approx(PRIOR, rel=0.5)
    with pytest.raises(CourseError, match="too few"):
        FlatDetectionNet(10, 48, 3_000)


def test_padding_adds_black_on_the_right_and_at_the_bottom() -> None:
    images = torch.rand(2, 3, 13, 16)
    larger = padded(images)
    assert larger.shape == (2, 3, 16, 16)
    assert torch.equal(larger[:, :, :13], images)
    assert not larger[:, :, 13:].any()
    assert padded(images, 17, 24).shape == (2, 3, 24, 24)
    assert padded(torch.rand(1, 1, 8, 8)).shape == (1, 1, 8, 8)


def test_the_cell_of_a_centre_and_where_in_it() -> None:
    cells, within = centre_cells(torch.tensor([[3.0, 5, 15, 25], [0.0, 0, 7, 8]]))  # centres (9, 15) and (3.5, 4)
    assert cells.tolist() == [[2, 3], [0, 1]]
    assert within.tolist() == [[0.25, 0.75], [0.875, 0.0]]


def test_the_heat_map_is_one_at_each_centre_and_falls_more_slowly_for_larger_objects() -> None:
    batch = a_batch()
    heat = heat_targets(batch, 3)
    assert heat.shape == (2, 3, 8, 12)
    assert (heat == 1).nonzero().tolist() == [[0, 0, 3, 8], [0, 2, 3, 2], [1, 2, 1, 1]]
    assert not heat[1, :2].any()
    assert not heat[0, 1].any()
    wide, narrow = heat[0, 0, 3], heat[1, 2, 1]  # of the boxes 26 and 9 pixels wide
    assert wide[9] > narrow[2] > 0
    assert wide[9] == pytest.approx(math.exp(-((1 / 0.65) ** 2) / 2))
    two = batch._replace(classes=torch.tensor([0, 0, 2]))
    assert (heat_targets(two, 3) == 1).sum() == 3  # where two slopes of a class meet, the higher one counts


def test_the_loss_of_a_heat_map_by_hand() -> None:
    logits = torch.tensor([[[[0.4, -1.0], [2.0, 0.0]]]], dtype=torch.float64)
    target = torch.tensor([[[[1.0, 0.3], [0.0, 0.0]]]], dtype=torch.float64)
    p = logits.sigmoid().flatten().tolist()
    for focus in (0.0, 2.0):
        expected = (
            -((1 - p[0]) ** focus) * math.log(p[0])
            - 0.7**4 * p[1] ** focus * math.log(1 - p[1])
            - p[2] ** focus * math.log(1 - p[2])
            - p[3] ** focus * math.log(1 - p[3])
        )
        assert heat_loss(logits, target, focus).item() == pytest.approx(expected)
    hard = (target == 1).double()
    plain = nn.functional.binary_cross_entropy_with_logits(logits, hard, reduction="sum")
    assert heat_loss(logits, hard, 0.0).item() == pytest.approx(plain.item())
    nothing = torch.zeros_like(target)
    assert heat_loss(logits, nothing).item() > 0  # a picture without objects


def test_the_gradient_of_the_heat_loss_is_finite_wherever_the_logits_are() -> None:
    logits = torch.tensor([-200.0, -30, 0, 30, 200]).repeat(2).reshape(1, 2, 1, 5).requires_grad_()
    target = torch.zeros(1, 2, 1, 5)
    target[:, 0] = 1
    heat_loss(logits, target).backward()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()
    assert (logits.grad[:, 0] <= 0).all()
    assert (logits.grad[:, 1] >= 0).all()


def test_the_loss_of_boxes_is_zero_for_the_right_ones_at_the_centre_and_around_it() -> None:
    batch = a_batch()
    boxes = torch.zeros(2, 4, 8, 12)
    cells, within = centre_cells(batch.boxes)
    sides = ((batch.boxes[:, 2:] - batch.boxes[:, :2]) / STRIDE).log()
    for picture, (column, row), place, side in zip(batch.picture, cells.tolist(), within, sides, strict=True):
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                if 0 <= row + dy < 8 and 0 <= column + dx < 12:
                    boxes[picture, :, row + dy, column + dx] = torch.cat([place - torch.tensor([dx, dy]), side])
    assert box_loss(boxes, batch).item() == pytest.approx(0, abs=1e-6)
    moved = boxes.clone()
    moved[0, 0, 3, 2] += 1.0  # at a centre: smooth L1 of 1 is 0.9 here
    cells_counted = 3 * 1 + (8 + 8 + 8) / 8
    assert box_loss(moved, batch).item() == pytest.approx(0.9 / cells_counted, rel=1e-4)
    none = Batch(batch.images, batch.picture[:0], batch.boxes[:0], batch.classes[:0])
    assert box_loss(boxes, none).item() == 0


def test_peaks() -> None:
    heat = torch.tensor([[0.1, 0.9, 0.2], [0.3, 0.2, 0.1], [0.0, 0.0, 0.8]])[None, None]
    assert peaks(heat)[0, 0].tolist() == [[False, True, False], [False, False, False], [False, False, True]]


def test_the_score_of_a_class_falls_where_another_is_as_probable() -> None:
    heat = torch.tensor([0.0, 0.0]).reshape(1, 2, 1, 1)
    assert scores_of(heat).flatten().tolist() == pytest.approx([0.5, 0.5])  # ∛(½ · ½ · ½)
    alone = torch.tensor([2.0, -50.0]).reshape(1, 2, 1, 1)
    sure = 1 / (1 + math.exp(-2))
    assert scores_of(alone)[0, 0].item() == pytest.approx(sure ** (2 / 3))
    assert scores_of(alone)[0, 1].item() < 1e-6
    assert scores_of(torch.zeros(1, 4, 1, 1)).max().item() == pytest.approx((0.25 / 4) ** (1 / 3))


def test_what_was_put_into_the_maps_is_read_off() -> None:
    batch = a_batch()
    boxes, classes, scores = read_off(said_of(batch, 3), most=2)
    assert boxes.shape == (2, 2, 4)
    order = [0, 1] if classes[0, 0] == 2 else [1, 0]
    torch.testing.assert_close(boxes[0][order], batch.boxes[:2], atol=1e-4, rtol=0)
    torch.testing.assert_close(boxes[1, 0], batch.boxes[2], atol=1e-4, rtol=0)
    assert classes[0][order].tolist() == [2, 0]
    assert classes[1, 0] == 2
    assert (scores[:, 0] > 0.99).all()
    assert scores[1, 1] < 0.01
    assert (scores.diff(dim=1) <= 0).all()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e30])
def test_what_is_read_off_is_finite_whatever_the_maps_hold(value: float) -> None:
    boxes, _, scores = read_off(Found(torch.full((1, 2, 2, 2), value), torch.full((1, 4, 2, 2), value)))
    assert scores.isfinite().all()
    assert not boxes.isnan().any()


def test_a_network_learns_to_find_squares() -> None:
    generator = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    net = DetectionNet(1)
    optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)

    def squares(count: int) -> Batch:
        corner = torch.randint(0, 20, (count, 2), generator=generator)
        boxes = torch.cat([corner, corner + 10], dim=1).float()
        images = torch.zeros(count, 1, 32, 32)
        for image, (left, top, right, bottom) in zip(images, boxes.long().tolist(), strict=True):
            image[0, top:bottom, left:right] = 1
        return Batch(images, torch.arange(count), boxes, torch.zeros(count, dtype=torch.long))

    for _ in range(80):
        batch = squares(16)
        found = net(batch.images)
        loss: Tensor = heat_loss(found.heat, heat_targets(batch, 1)) + 2 * box_loss(found.boxes, batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    batch = squares(20)
    net.eval()
    with torch.no_grad():
        boxes, _, scores = read_off(net(batch.images), most=1)
    assert (boxes[:, 0] - batch.boxes).abs().mean() < 2
    assert scores.mean() > 0.3
