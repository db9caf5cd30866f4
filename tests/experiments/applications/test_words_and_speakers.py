"""Words and speakers: who is kept out of what, and read-outs that can be checked by hand."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.spoken_digits import spoken_digits
from course_utils.errors import CourseError
from course_utils.experiments.applications import words_and_speakers
from course_utils.experiments.framework.registry import experiment
from tests.experiments.applications.clips_of_noise import people
from tests.experiments.small_runs import small_settings
from tests.strategies import examples


@examples(10)
@given(st.integers(2, 6), st.integers(0, 1000))
def test_a_linear_read_out_reads_what_a_straight_line_can_separate(kinds: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    y = torch.arange(20 * kinds) % kinds
    states = 5 * torch.eye(kinds)[y] + 0.1 * torch.randn(len(y), kinds, generator=generator)
    turned = 100 + states @ torch.linalg.qr(torch.randn(kinds, kinds, generator=generator))[0]
    right = [f"voice {n}" for n in y.tolist()]
    cut = 10 * kinds
    assert words_and_speakers.read_off(turned[:cut], right[:cut], turned[cut:]) == right[cut:]


def test_a_read_out_from_noise_guesses() -> None:
    generator = torch.Generator().manual_seed(0)
    states = torch.randn(3000, 4, generator=generator)
    right = [str(n) for n in torch.randint(4, (3000,), generator=generator).tolist()]
    share = words_and_speakers.share_same(
        words_and_speakers.read_off(states[:1000], right[:1000], states[1000:]), right[1000:]
    )
    assert abs(share - 1 / 4) < 5 * (3 / 16 / 2000) ** 0.5  # five standard deviations


def test_a_read_out_of_constant_numbers_is_no_error_and_a_missing_answer_is() -> None:
    assert words_and_speakers.read_off(torch.ones(4, 2), list("aaab"), torch.ones(2, 2)) == ["a", "a"]
    with pytest.raises(CourseError, match="4 states and 3 answers"):
        words_and_speakers.read_off(torch.ones(4, 2), list("abc"), torch.ones(1, 2))


@pytest.mark.parametrize("most", [10, 37, 1000])
def test_no_clip_is_learnt_from_and_judged(most: int) -> None:
    digits = people()
    learn, judge, rate = words_and_speakers.divided(digits, most, seed=3)
    learnt, judged = ({clip.tobytes() for clip in part.clips} for part in (learn, judge))
    assert rate == 8000
    assert not learnt & judged
    assert len(learnt) + len(judged) == min(most, len(digits))
    assert len(learnt) == min(most, len(digits)) * 4 // 5


def test_both_questions_are_asked_of_all_networks_and_chance_is_one_of_the_answers() -> None:
    rows = words_and_speakers.measure(0, **small_settings("who_and_what"))
    assert [(row["learnt"], row["asked"]) for row in rows] == [
        (learnt, asked)
        for learnt in (*words_and_speakers.QUESTIONS, words_and_speakers.NOTHING)
        for asked in words_and_speakers.QUESTIONS
    ]
    assert all(row["chance"] == 0.1 for row in rows if row["asked"] == "digit")
    voices = len(set(spoken_digits("voices").speakers))
    assert all(1 / voices <= row["chance"] < 1 for row in rows if row["asked"] == "speaker")
    assert [row["own"] is None for row in rows] == [False, True, True, False, True, True]


def test_padding_is_not_read() -> None:
    net = words_and_speakers.SpeakerNet(5, 3, seed=0)
    x = torch.randn(2, 9, 12, generator=torch.Generator().manual_seed(0))
    lengths = torch.tensor([4, 9])
    changed = x.clone()
    changed[0, 4:] = 7
    with torch.no_grad():
        assert torch.equal(net((x, lengths)), net((changed, lengths)))
        assert not torch.equal(net((x, lengths))[0], net((x, torch.tensor([5, 9])))[0])


def test_real_speakers_are_judged_on_the_official_split() -> None:
    rows = words_and_speakers.measure_real(0, **small_settings("real_speakers"))
    assert [row["network"] for row in rows] == ["LSTM", "mean and spread"]
    for row in rows:
        assert row["chance"] == pytest.approx(1 / 9)
        assert row["accuracy"] * 370 == pytest.approx(round(row["accuracy"] * 370))


def test_a_read_out_that_goes_on_fits_what_it_learns_from_no_worse() -> None:
    generator = torch.Generator().manual_seed(1)
    states = torch.randn(120, 40, generator=generator) @ torch.randn(40, 40, generator=generator)
    right = [str(n) for n in torch.randint(12, (120,), generator=generator).tolist()]
    shares = [
        words_and_speakers.share_same(words_and_speakers.read_off(states, right, states, steps), right)
        for steps in (2, words_and_speakers.READ_STEPS, 500)
    ]
    assert shares == sorted(shares)
    longer, short = experiment("who_and_what_read_longer"), experiment("who_and_what")
    assert longer.settings == {**short.settings, "read_steps": 300}
    assert not set(longer.seeds) & set(short.seeds)
    assert "at most 300 steps" in str(longer.described())


def test_the_control_with_shuffled_frames_has_the_settings_of_the_network_it_is_compared_with() -> None:
    control, shown = experiment("real_speakers_shuffled"), experiment("real_speakers")
    assert (control.settings, control.seeds) == (shown.settings, shown.seeds)
    (row,) = words_and_speakers.measure_shuffled(0, **small_settings("real_speakers_shuffled"))
    assert row["network"] == "LSTM, frames shuffled"
    assert row["accuracy"] * 370 == pytest.approx(round(row["accuracy"] * 370))
