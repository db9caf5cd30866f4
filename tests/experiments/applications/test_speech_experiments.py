"""The experiments of lesson 17: who is kept out of what, equal sizes, and read-outs that can be checked by hand."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.data.spoken_digits import SpokenDigits, joined, spoken_digits
from course_utils.errors import CourseError
from course_utils.experiments.applications import joined_digits, synthetic_to_real, words_and_speakers
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import is_stored, load


def small(name: str, **changed: Any) -> dict[str, Any]:
    """The small settings of an experiment, some of them changed."""
    return {**experiment(name).settings, **experiment(name).quick, **changed}


def people(names: tuple[str, ...] = ("ann", "bob", "cy"), each: int = 3) -> SpokenDigits:
    """Clips of noise, so many of each digit by each speaker; no two are alike."""
    generator = np.random.default_rng(0)
    rows = [(digit, name, k) for digit in range(10) for name in names for k in range(each)]
    return SpokenDigits(
        clips=[generator.normal(0, 0.1, 2400).astype(np.float32) for _ in rows],
        sample_rate=8000,
        digits=np.array([digit for digit, _, _ in rows], dtype=np.int64),
        speakers=tuple(name for _, name, _ in rows),
        index=np.array([k for _, _, k in rows], dtype=np.int64),
    )


# ---------------------------------------------------------------------------------------------------------------------
# Who and what


@settings(max_examples=10, deadline=None)
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
    rows = words_and_speakers.measure(0, **small("who_and_what"))
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
    rows = words_and_speakers.measure_real(0, **small("real_speakers"))
    assert [row["network"] for row in rows] == ["LSTM", "mean and spread"]
    for row in rows:
        assert row["chance"] == pytest.approx(1 / 9)
        assert row["accuracy"] * 370 == pytest.approx(round(row["accuracy"] * 370))


# ---------------------------------------------------------------------------------------------------------------------
# Joined digits


@pytest.mark.parametrize("network", list(joined_digits.NETWORKS))
def test_recognisers_have_as_many_weights_as_whole_units_allow(network: str) -> None:
    wanted = joined_digits.weights_of("LSTM", 96)
    width = joined_digits.width_like(network, 96)
    apart = {step: abs(joined_digits.weights_of(network, width + step) - wanted) for step in (-1, 0, 1)}
    assert apart[0] < 0.02 * wanted
    assert apart[0] == min(apart.values())


def test_the_size_is_that_of_the_networks_that_are_trained() -> None:
    for row in joined_digits.measure(2, **small("joined_digits", lines=60)):
        width = joined_digits.width_like(row["network"], experiment("joined_digits").quick["hidden_size"])
        assert row["hidden_size"] == width
        assert row["parameters"] == joined_digits.weights_of(row["network"], width)


@pytest.mark.parametrize(("choosing", "part"), [(True, "valid"), (False, "test")])
def test_who_is_judged_was_not_learnt_from(choosing: bool, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[set[str]] = []

    def listening(digits: SpokenDigits, *arguments: Any) -> Any:
        heard.append(set(digits.speakers))
        return joined(digits, *arguments)

    monkeypatch.setattr(joined_digits, "joined", listening)
    joined_digits.measure(0, **small("joined_digits", rates={"RNN": [0.01]}, choosing=choosing))
    learnt, judged = heard
    voices = spoken_digits("voices")
    assert judged == set(getattr(voices, part).speakers)
    assert not learnt & judged


def test_word_errors_are_counted_over_all_words_together() -> None:
    right = ["one two three", "four"]
    assert joined_digits.word_error(right, right) == 0
    assert joined_digits.word_error(["one three", "five"], right) == pytest.approx(2 / 4)
    assert joined_digits.word_error(["", ""], right) == 1
    for said, answers in ((["one"], []), (["one"], [" "]), ([], [])):
        with pytest.raises(CourseError, match="an answer for each reference"):
            joined_digits.word_error(said, answers)


def test_each_cell_was_given_as_many_tries_on_seeds_that_are_not_reported() -> None:
    search, reported = experiment("joined_digits_search"), experiment("joined_digits")
    assert search.settings["rates"] == {network: list(joined_digits.RATES) for network in joined_digits.NETWORKS}
    assert search.settings["choosing"]
    assert not set(search.seeds) & set(reported.seeds)
    assert reported.settings["rates"] == {network: [lr] for network, lr in joined_digits.CHOSEN.items()}
    assert all(search.settings[same] == reported.settings[same] for same in ("steps", "lines", "hidden_size"))


def test_the_chosen_rates_are_those_that_the_search_found() -> None:
    if not is_stored("joined_digits_search"):
        pytest.skip("the search has not been run yet")
    means = load("joined_digits_search").table.groupby(["network", "lr"])["word_error"].mean()
    assert {network: float(means[network].idxmin()) for network in joined_digits.NETWORKS} == joined_digits.CHOSEN


def test_an_unknown_network_is_refused() -> None:
    with pytest.raises(CourseError, match="GRU"):
        joined_digits.measure(0, **small("joined_digits", rates={"HMM": [0.1]}))


# ---------------------------------------------------------------------------------------------------------------------
# From made voices to real ones

SIZES = {name: experiment("synthetic_to_real").quick[name] for name in synthetic_to_real.SIZES}


class Listener:
    """In the place of a classifier: it keeps what it was given, and is always right about what it has heard."""

    made: ClassVar[list[Listener]] = []

    def __init__(self, **kind: Any) -> None:
        self.kind, self.heard, self.ways = kind, dict[bytes, str](), list[dict[str, Any]]()
        Listener.made.append(self)

    def fit(self, clips: list[Any], labels: list[str], **how: Any) -> None:
        self.heard |= {clip.tobytes(): label for clip, label in zip(clips, labels, strict=True)}
        self.ways.append(how)

    def predict(self, clips: list[Any], sample_rate: int) -> list[str]:
        return [self.heard.get(clip.tobytes(), "?") for clip in clips]


@pytest.fixture
def listeners(monkeypatch: pytest.MonkeyPatch) -> list[Listener]:
    """Those that are made from now on."""
    monkeypatch.setattr(Listener, "made", [])
    monkeypatch.setattr(synthetic_to_real, "ClipClassifier", Listener)
    return Listener.made


def test_who_is_judged_is_left_out_and_no_made_voice_is_judged(listeners: list[Listener]) -> None:
    rows = synthetic_to_real.rows_of(people(), 0, **SIZES)
    assert all(row["accuracy"] == 0 for row in rows)  # a clip that was heard would be right
    assert {row["speaker"] for row in rows} == {"ann", "bob", "cy"}
    for row in rows:
        real = row["training"] in (synthetic_to_real.AFTER, synthetic_to_real.ALONE)
        assert row["real_clips"] == (2 * SIZES["real_clips"] if real else 0)
        assert row["clips"] == SIZES["judged"]
    made = {clip.tobytes() for clip in spoken_digits("voices").train.clips}
    for one in listeners[: len(synthetic_to_real.MADE)]:  # who goes on with real clips is a copy
        assert len(one.ways) == 1
        assert set(one.heard) <= made


def test_rows_of_a_training_stand_together_in_the_order_of_the_lesson(listeners: list[Listener]) -> None:
    found = synthetic_to_real.measured(people(), seeds=(0, 1), **SIZES)
    order = [*synthetic_to_real.MADE, synthetic_to_real.AFTER, synthetic_to_real.ALONE]
    assert list(found[found["seed"] == 1]["training"]) == [one for one in order for _ in range(3)]
    assert len(listeners) == 2 * (len(synthetic_to_real.MADE) + 3)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 120), st.integers(0, 50))
def test_some_clips_have_every_digit_as_often_nearly(most: int, seed: int) -> None:
    some = synthetic_to_real.some_of(people(), most, seed)
    counts = np.bincount(some.digits, minlength=10)
    assert len(some) == min(most, 90)
    assert counts.max() - counts.min() <= 1


def test_one_speaker_and_unknown_ones_are_refused() -> None:
    with pytest.raises(CourseError, match="clips are by ann"):
        synthetic_to_real.rows_of(people(("ann",)), 0, **SIZES)
    with pytest.raises(CourseError, match="No clip is by dan"):
        synthetic_to_real.by(people(), ["dan", "ann"])
