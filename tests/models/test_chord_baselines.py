"""Opponents of a network of music: counts by hand, a regression at its optimum, frame by frame as whole."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from course_utils.data.chords import KEYS, as_switches
from course_utils.errors import CourseError
from course_utils.models.chord_baselines import FramesBefore, KeyShares, RepeatLast
from course_utils.models.music import mean_nats

TUNES = [[(60,), (60, 64), (64,)], [(60,)], []]
DRAWN = [np.random.default_rng(seed).random((30, KEYS)) < 0.05 for seed in range(3)]


def frames(tune: object) -> torch.Tensor:
    return torch.from_numpy(as_switches(tune)).float()[None]


def test_shares_by_hand() -> None:
    logits, _ = KeyShares(TUNES)(frames(TUNES[0]))
    assert logits.shape == (1, 3, KEYS)
    assert logits.sigmoid()[0, 0, 60 - 21].item() == pytest.approx((3 + 1) / (4 + 2))
    assert logits.sigmoid()[0, 2, 0].item() == pytest.approx(1 / 6)


def test_repetition_by_hand() -> None:
    shares = RepeatLast(TUNES)(frames([(60,), ()]))[0].sigmoid()[0]
    assert shares[0, 60 - 21].item() == pytest.approx((1 + 0.5) / (2 + 1))  # sounds after itself in one of two
    assert shares[1, 60 - 21].item() == pytest.approx((2 + 0.5) / (2 + 1))  # after the two silences at the beginning
    assert shares[1, 64 - 21].item() == pytest.approx((1 + 0.5) / (3 + 1))


@pytest.mark.parametrize("model", [KeyShares(DRAWN), RepeatLast(DRAWN), FramesBefore(DRAWN, penalty=3)])
@torch.no_grad()
def test_frame_by_frame_is_the_same_as_all_together(model: nn.Module) -> None:
    tune = frames(DRAWN[0])
    whole, _ = model(tune)
    state, found = None, []
    for t in range(tune.shape[1]):
        logits, state = model(tune[:, t : t + 1], state)
        found.append(logits)
    assert torch.allclose(torch.cat(found, dim=1), whole, atol=1e-6)


def test_the_regression_is_at_its_optimum_and_better_than_the_shares_on_what_it_learned_from() -> None:
    model = FramesBefore(DRAWN, frames=2, penalty=5)
    before = torch.cat([torch.zeros(1, KEYS), frames(DRAWN[0])[0, :-1]])
    logits, _ = model(before[None])
    assert logits.shape == (1, 30, KEYS)
    nats, count = torch.zeros(()), 0
    for tune in DRAWN:
        read = torch.cat([torch.zeros(1, 1, KEYS), frames(tune)[:, :-1]], dim=1)
        wanted = frames(tune)
        nats = nats + nn.functional.binary_cross_entropy_with_logits(model(read)[0], wanted, reduction="sum")
        count += len(tune)
    loss = (nats + 2.5 * model.readout.weight.square().sum()) / count
    loss.backward()
    assert model.readout.weight.grad is not None
    assert model.readout.weight.grad.abs().max() < 1e-3
    assert mean_nats(model, DRAWN) < mean_nats(KeyShares(DRAWN), DRAWN)


def test_it_sees_its_frames_and_no_more() -> None:
    model = FramesBefore(DRAWN, frames=2, penalty=3)
    tune = frames(DRAWN[0])
    changed = tune.clone()
    changed[:, 4] = 1 - changed[:, 4]
    differs = (model(tune)[0] - model(changed)[0]).abs().amax(dim=(0, 2)) > 1e-6
    assert differs.nonzero().flatten().tolist() == [4, 5]


@pytest.mark.parametrize("kind", [KeyShares, RepeatLast, FramesBefore])
def test_nothing_to_learn_from_is_told(kind: type[nn.Module]) -> None:
    with pytest.raises(CourseError, match="no tune has a frame"):
        kind([[]])
    with pytest.raises(CourseError, match="penalty"):
        FramesBefore(DRAWN, penalty=-1)
