"""The network of the line readers: padding changes nothing, and lines are changed as it is said."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from course_utils.nn.ctc import ctc_forward
from course_utils.nn.layers import LAYERS
from course_utils.nn.reading_model import BEHIND, ROWS, Bent, LineNet, Redrawn, SpreadFirst, frames_count, spread
from course_utils.nn.speech_model import Batch, batch_of
from tests.strategies import examples

NOTHING = Redrawn(0, 0, 0, 0, 0, 0, 0)


def lines(*widths: int) -> Batch:
    generator = torch.Generator().manual_seed(0)
    return batch_of([torch.rand(width, ROWS, generator=generator) for width in widths], [[1, 2]] * len(widths))


@pytest.mark.parametrize("cell", LAYERS)
def test_what_stands_behind_a_line_changes_nothing(cell: str) -> None:
    torch.manual_seed(0)
    net = LineNet(cell, 4, 5).eval()
    together = lines(9, 40, 33)
    noisy = together.frames.clone()
    for row, length in zip(noisy, together.lengths.tolist(), strict=True):
        row[length:] = torch.rand_like(row[length:]) * 9
    scores, lengths = net(noisy, together.lengths)
    assert lengths.tolist() == [5, 20, 17]
    for index, length in enumerate(together.lengths.tolist()):
        alone, _ = net(together.frames[index : index + 1, :length], together.lengths[index : index + 1])
        assert torch.allclose(scores[index, : lengths[index]], alone[0], atol=1e-5)


def test_both_ends_of_a_line_reach_every_frame() -> None:
    torch.manual_seed(0)
    net = LineNet("lstm", 4, 5).eval()
    frames = torch.rand(1, 30, ROWS, requires_grad=True)
    net(frames, torch.tensor([30]))[0][0, 7, 2].backward()
    assert frames.grad is not None
    assert (frames.grad[0].abs().sum(1) > 0).all()


@given(st.integers(1, 500))
def test_frames_are_half_of_the_columns(columns: int) -> None:
    assert int(frames_count(torch.tensor(columns))) == (columns + 1) // 2


def test_no_change_leaves_pictures_as_they_are() -> None:
    batch = lines(20, 32)
    changed = NOTHING(batch)
    assert changed.lengths.tolist() == [20, 32]
    assert torch.allclose(changed.frames[:, :32], batch.frames[:, :32], atol=1e-5)


def bar(column: int, width: int = 60) -> Tensor:
    picture = torch.zeros(width, ROWS)
    picture[column : column + 3, 4:28] = 1
    return picture


def test_a_line_is_slanted_widened_moved_and_its_length_follows() -> None:
    torch.manual_seed(0)
    batch = batch_of([bar(30)] * 40, [[1]] * 40)
    wider = Redrawn(0, 0.25, 0, 0, 0, 0, 0)(batch)
    factors = wider.lengths / 60
    assert 0.75 <= factors.min() < 0.9
    assert 1.1 < factors.max() <= 1.25
    column = torch.arange(wider.frames.shape[1]).float()
    middles = (wider.frames.sum(2) * column).sum(1) / wider.frames.sum((1, 2))
    assert torch.allclose(middles, 31 * factors, atol=1.0)
    slanted = Redrawn(0.3, 0, 0, 0, 0, 0, 0)(batch).frames[:, :60]
    column, top, foot = torch.arange(60).float(), slanted[:, :, 5], slanted[:, :, 26]
    lean = (top * column).sum(1) / top.sum(1) - (foot * column).sum(1) / foot.sum(1)
    assert lean.abs().max() <= 0.3 * 21 + 0.5
    assert lean.min() < -3
    assert lean.max() > 3
    moved = Redrawn(0, 0, 0, 3, 0, 0, 0)(batch).frames.sum(1)
    row = torch.arange(ROWS).float()
    heights = (moved * row).sum(1) / moved.sum(1)
    assert (heights - 15.5).abs().max() <= 3.01
    assert heights.std() > 0.5


def test_each_line_is_changed_in_its_own_way_and_stays_a_picture() -> None:
    torch.manual_seed(0)
    batch = batch_of([bar(10), bar(10)], [[1], [2]])
    changed = Redrawn()(batch)
    assert not torch.equal(changed.frames[0], changed.frames[1])
    assert changed.frames.min() >= 0
    assert changed.frames.max() <= 1
    assert torch.equal(changed.targets, batch.targets)
    assert "slanted by up to 0.2 columns a row" in Redrawn().words


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 30)), min_size=1, max_size=5))
@examples(60)
def test_characters_are_spread_in_their_order_over_the_frames(shape: list[tuple[int, int]]) -> None:
    texts = [[1 + (n + i) % 9 for n in range(count)] for i, (count, _) in enumerate(shape)]
    batch = batch_of([torch.zeros(2, 1)] * len(shape), texts)
    lengths = torch.tensor([frames for _, frames in shape])
    found = spread(batch, lengths, 30)
    for row, text, (count, frames) in zip(found.tolist(), texts, shape, strict=True):
        assert row[frames:] == [BEHIND] * (30 - frames)
        seen = [label for label, before in zip(row, [0, *row], strict=False) if label > 0 and label != before]
        if frames >= 4 * count:
            assert seen == text
        assert set(row[:frames]) <= {0, *text}


def test_the_loss_is_that_of_ctc_after_the_first_steps() -> None:
    torch.manual_seed(0)
    net, batch = LineNet("gru", 4, 5).requires_grad_(False).eval(), lines(20, 24)
    helped, alone = SpreadFirst(2), SpreadFirst(0)
    first, second, third = (helped(net, batch).item() for _ in range(3))
    scores, lengths = net(batch.frames, batch.lengths)
    log_probs = scores.log_softmax(-1)
    target = spread(batch, lengths, scores.shape[1])
    told = [
        -frame[label].item()
        for row, labels in zip(log_probs, target.tolist(), strict=True)
        for frame, label in zip(row, labels, strict=True)
        if label != BEHIND
    ]
    assert first == second == pytest.approx(sum(told) / len(told), abs=1e-5)
    nats = [ctc_forward(row[:length], torch.tensor([1, 2])) for row, length in zip(log_probs, lengths, strict=True)]
    assert third == alone(net, batch).item() == pytest.approx(float(torch.stack(nats).mean() / 2), abs=1e-4)


def test_a_text_that_has_no_room_teaches_nothing() -> None:
    net = LineNet("gru", 4, 5).eval()
    batch = batch_of([torch.rand(4, ROWS)], [[1, 1, 1]])
    loss = SpreadFirst(0)(net, batch)
    loss.backward()
    assert loss.item() == 0
    assert all(weight.grad is None or not weight.grad.any() for weight in net.parameters())


def test_steps_of_a_pen_are_bent_and_keep_their_strokes() -> None:
    torch.manual_seed(0)
    frames = torch.zeros(40, 6, 7)
    frames[:, :5, 1] = 1  # five steps downwards, and a dot
    frames[:, :, 2] = torch.linspace(-0.5, 0.5, 6)
    frames[:, 0, 5] = frames[:, 4, 6] = frames[:, 5, 5] = frames[:, 5, 6] = 1
    batch = batch_of(list(frames), [[1]] * 40)
    bent = Bent(jitter=0)(batch)
    assert torch.equal(batch.frames[:, :6], frames)  # what was given stays
    assert torch.equal(bent.frames[..., 5:], batch.frames[..., 5:])
    ways = bent.frames[:, :5, :2]
    assert torch.allclose(ways.norm(dim=2), torch.ones(40, 5), atol=1e-5)
    assert not bent.frames[:, 5, :2].any()
    lean = ways[:, 0, 0] / ways[:, 0, 1]
    assert 0.2 < lean.abs().max() <= 0.3 * 1.2 / 0.8 + 1e-5
    heights = bent.frames[:, 0, 2] / -0.5
    assert heights.min() >= 0.8
    assert heights.max() <= 1.2
    assert Bent(0, 0, 0)(batch).frames.equal(batch.frames)
    assert not Bent(0, 0, 0.2)(batch).frames[0].equal(batch.frames[0])
    assert "jittered by 0.1" in Bent().words
