"""The network of the listeners, its batches, and what happens to clips in training."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.models.speech.classifier import class_loss
from course_utils.models.speech.recogniser import ctc_loss
from course_utils.nn import ctc
from course_utils.nn.speech_model import (
    N_MELS,
    Batches,
    Change,
    Listener,
    batch_of,
    between,
    full,
    patched,
    states_count,
)

CELLS = ("rnn", "gru", "lstm")


def network(cell: str, bidirectional: bool, pooled: bool) -> Listener:
    torch.manual_seed(0)
    return Listener(cell, 4, 8, bidirectional, pooled).eval()


def log_mels(*lengths: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return [30 * torch.rand(length, N_MELS, generator=generator) - 30 for length in lengths]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("pooled", [True, False])
def test_padding_changes_nothing(cell: str, bidirectional: bool, pooled: bool) -> None:
    model = network(cell, bidirectional, pooled)
    clips = log_mels(1, 2, 3, 4, 5, 23, 40)
    together = batch_of(clips, [[]] * len(clips))
    frames = together.frames.masked_fill(together.frames == 0, -17.0)  # what stands there must not matter
    scores, lengths = model(frames, together.lengths)
    for clip, found, length in zip(clips, scores, lengths.tolist(), strict=True):
        alone, _ = model(clip[None], torch.tensor([len(clip)]))
        assert torch.allclose(alone[0], found if pooled else found[:length], atol=1e-5)


@given(st.integers(1, 70))
def test_the_lengths_after_the_convolutions_are_those_of_their_outputs(frames: int) -> None:
    model = network("rnn", False, False)
    scores, lengths = model(*batch_of(log_mels(frames), [[]])[:2])
    assert lengths.item() == states_count(frames) == math.ceil(frames / 4) <= scores.shape[1]


def test_one_way_a_later_frame_changes_no_earlier_answer() -> None:
    (clip,) = log_mels(80)
    other = clip.clone()
    other[60:] = -30
    for bidirectional in (False, True):
        model = network("lstm", bidirectional, False)
        first, second = (model(one[None], torch.tensor([80]))[0][0, :13] for one in (clip, other))
        assert torch.allclose(first, second, atol=1e-6) is not bidirectional


def test_the_loss_is_that_of_the_lesson() -> None:
    model = network("gru", True, False)
    clips, targets = log_mels(20, 40), [[1, 1], [3, 2, 1]]
    by_hand = [
        ctc.ctc_forward(model(clip[None], torch.tensor([len(clip)]))[0][0].log_softmax(-1), torch.tensor(labels))
        / len(labels)
        for clip, labels in zip(clips, targets, strict=True)
    ]
    found = ctc_loss(model, batch_of(clips, targets))
    assert found.item() == pytest.approx(torch.stack(by_hand).mean().item(), rel=1e-4)
    too_long = ctc_loss(model, batch_of(log_mels(4), [[1, 1, 2]]))
    assert too_long.item() == 0  # no infinite loss, whatever comes
    assert ctc_loss(model, batch_of(log_mels(9, 9), [[], []])).isfinite()
    pooled = network("gru", True, True)
    wrong = class_loss(pooled, batch_of(clips, [[0], [3]]))
    scores, _ = pooled(*batch_of(clips, [[]] * 2)[:2])
    assert wrong.item() == pytest.approx(-scores.log_softmax(-1)[[0, 1], [0, 3]].mean().item(), rel=1e-5)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=20), st.integers(1, 5))
def test_each_epoch_has_every_clip_once(lengths: list[int], size: int) -> None:
    clips = [torch.full((length, 2), float(place)) for place, length in enumerate(lengths)]
    batches = Batches(clips, [[place, place] for place in range(len(clips))], size, 0)
    epoch = list(batches)
    assert len(epoch) == len(batches)
    assert all(len(batch.frames) <= size for batch in epoch)
    seen = [label for batch in epoch for label in batch.targets.tolist()[::2]]
    assert sorted(seen) == list(range(len(clips)))
    for batch in epoch:
        labels = batch.targets.view(-1, 2)[:, 0]
        assert batch.target_lengths.tolist() == [2] * len(labels)
        assert batch.lengths.tolist() == [lengths[label] for label in labels]
        assert (batch.frames[:, 0, 0] == labels).all()


def test_batches_have_few_shapes() -> None:
    assert len({full(frames) for frames in range(1, 1_025)}) == 8 + 14
    for frames in range(1, 500):
        assert frames <= full(frames) < frames + (16 if frames <= 128 else 64)


def test_mean_and_spread_are_those_of_all_frames() -> None:
    clips = log_mels(7, 30, 1)
    model = network("rnn", False, True)
    model.take_measure(clips)
    assert torch.allclose(model.mean, torch.cat(clips).mean(dim=0), atol=1e-5)
    assert torch.allclose(model.std, torch.cat(clips).std(dim=0, correction=0), atol=1e-5)


def test_long_clips_come_in_small_batches() -> None:
    batches = list(Batches([torch.zeros(9_000, 1)] * 7, [[]] * 7, 32, 0))
    assert sorted(len(batch.frames) for batch in batches) == [1, 3, 3]


def test_calm_batches_come_first_and_unchanged() -> None:
    changed = Batches(log_mels(8) * 6, [[]] * 6, 1, 0, lambda batch: batch._replace(frames=batch.frames + 100), calm=8)
    loudest = [float(batch.frames.max()) > 50 for _ in range(2) for batch in changed]
    assert loudest == [False] * 8 + [True] * 4


def test_between_the_steps_lies_a_straight_line() -> None:
    x = torch.tensor([[[0.0], [10.0], [40.0]]])
    places = torch.tensor([[-1.0, 0.5, 1.0, 1.5, 7.0]])
    assert between(x, places, torch.tensor([2])).flatten().tolist() == [0, 5, 10, 25, 40]
    assert between(x, places, torch.tensor([1])).flatten().tolist() == [0, 5, 10, 10, 10]


@given(st.lists(st.integers(2, 40), min_size=1, max_size=4), st.integers(0, 8), st.integers(0, 20))
def test_changed_clips_are_clips(words: list[int], around: int, seed: int) -> None:
    silence = torch.full((around, N_MELS), -30.0)
    batch = batch_of([torch.cat([silence, word, silence]) for word in log_mels(*words)], [[1]] * len(words))
    torch.manual_seed(seed)
    changed = Change(30.0, around, voice=0.1, tempo=0.25, later=10, cut=6, swell=4.0, fainter=2.0)(batch)
    assert torch.equal(changed.targets, batch.targets)
    assert changed.frames.shape[:2] == (len(words), full(int(changed.lengths.max())))
    for clip, length, before in zip(changed.frames, changed.lengths.tolist(), words, strict=True):
        kept = length - 2 * around
        assert before / 3 / 1.25 - 2 <= kept <= before * 1.25 + 20
        assert clip[:length].max().item() == pytest.approx(0, abs=1e-4)
        assert clip[:length].min() >= -30
    assert not torch.equal(changed.frames[:, around : around + 2], batch.frames[:, around : around + 2])


def test_a_word_is_cut_at_its_ends_and_stays_in_silence() -> None:
    word = torch.linspace(-20, -10, 30)[:, None].expand(-1, N_MELS)
    silence = torch.full((8, N_MELS), -30.0)
    batch = batch_of([torch.cat([silence, word, silence])] * 40, [[0]] * 40)
    torch.manual_seed(0)
    changed = Change(30.0, around=8, cut=6, later=5)(batch)
    begins, ends = [], []
    for clip, length in zip(changed.frames[:, :, 0], changed.lengths.tolist(), strict=True):
        loud = (clip[:length] > -29).nonzero().flatten()
        assert torch.equal(loud, torch.arange(int(loud[0]), int(loud[-1]) + 1))  # one piece
        assert 8 <= loud[0] <= 13
        assert 8 <= length - 1 - loud[-1] <= 13
        begins.append(clip[loud[0]].item())
        ends.append(clip[loud[-1]].item())
    assert min(begins) == pytest.approx(-20)
    assert -18.5 < max(begins) < -17.9
    assert max(ends) == pytest.approx(-10)
    assert -12.1 < min(ends) < -11.5


def test_a_moved_voice_keeps_time_and_a_tempo_keeps_bands() -> None:
    clip = torch.full((1, 30, N_MELS), -30.0)
    clip[:, 10:20, 12:15] = 0.0
    batch = batch_of(list(clip), [[]])
    torch.manual_seed(3)
    voice, tempo = Change(30.0, voice=0.3)(batch), Change(30.0, tempo=0.3)(batch)
    (one,), (other,) = (changed.frames[:, : int(changed.lengths)] > -29 for changed in (voice, tempo))
    assert torch.equal(one.any(dim=1), (clip[0] > -29).any(dim=1))
    assert not torch.equal(one.any(dim=0), (clip[0] > -29).any(dim=0))
    assert torch.equal(other.any(dim=0), (clip[0] > -29).any(dim=0))
    assert other.any(dim=1).sum() != 10


def test_what_is_soft_gets_softer() -> None:
    clips = log_mels(40, 20)
    batch = batch_of([clip - clip.max() for clip in clips], [[]] * 2)
    changed = Change(30.0, fainter=2.0)(batch)
    for clip, other, length in zip(batch.frames, changed.frames, (40, 20), strict=True):
        factor = (other / clip)[:length][(other > -29)[:length] & (clip < -1)[:length]]
        assert factor.min() >= 1
        assert factor.max() - factor.min() < 1e-3
        assert factor.max() <= 2


def test_a_colour_is_one_gain_for_each_band() -> None:
    clips = [(clip / 3 - 5).index_fill(0, torch.tensor([3]), -30.0) for clip in log_mels(12, 20)]
    batch = batch_of(clips, [[]] * 2)
    torch.manual_seed(0)
    changed = Change(60.0, colour=4.0)(batch)
    for clip, other, length in zip(batch.frames, changed.frames, (12, 20), strict=True):
        gains = (other - clip)[:length]
        assert torch.allclose(gains, gains[:1].expand_as(gains), atol=1e-4)
        assert gains.std() > 1
        assert other[:length].max().item() == pytest.approx(0, abs=1e-4)
    floored = Change(30.0, colour=4.0)(batch)
    assert (floored.frames[:, 3] == -30).all()  # silence stays silent
    assert not torch.equal(changed.frames[0, 0] - batch.frames[0, 0], changed.frames[1, 0] - batch.frames[1, 0])


@given(st.lists(st.integers(1, 60), min_size=1, max_size=5), st.integers(0, 50))
def test_most_of_a_clip_is_left_to_see(lengths: list[int], seed: int) -> None:
    torch.manual_seed(seed)
    seen = patched(torch.ones(len(lengths), max(lengths), N_MELS), torch.tensor(lengths))
    for clip, length in zip(seen, lengths, strict=True):
        shown = clip[:length]
        hidden_frames, hidden_bands = (~shown.any(dim=1)).sum(), (~shown.any(dim=0)).sum()
        assert hidden_frames <= 0.4 * length + 2
        assert hidden_bands <= 20 or not shown.any()
    assert set(seen.unique().tolist()) <= {0.0, 1.0}


def test_changes_are_told_in_words() -> None:
    told = Batches([], [], 1, 0, Change(30.0, voice=0.1, tempo=0.2, fainter=2.0), calm=5).augmentation
    assert told == (
        "patches of frames and bands hidden, voices moved by up to 10 %, tempo by up to 20 %, "
        "what is soft up to 2 times fainter after 5 batches"
    )
    assert Batches([], [], 1, 0).augmentation == "patches of frames and bands hidden"
