"""Figures of sound, and the player."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
import soundfile
import torch

from course_utils.errors import CourseError
from course_utils.figures import sound
from tests.widgets.test_listen import RATE, tone


def test_a_player_carries_the_sound_itself_with_a_name() -> None:
    clip = tone(0.4)
    made = sound.player(torch.tensor(2 * clip), RATE, "one & two")
    html = made._repr_mimebundle_()["text/html"]
    found = re.search(r'src="data:audio/flac;base64,([^"]+)"', html)
    assert found
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(found[1])), dtype="float32")
    assert rate == RATE
    assert np.allclose(samples, (2 * clip).clip(-1, 1), atol=1e-3)
    assert 'aria-label="one &amp; two"' in html
    assert "(0.4 s)" in html
    assert sound.player(clip, RATE, "a").content == sound.player(clip, RATE, "a").content  # notebooks stay as they are


def test_ogg_is_small_the_same_each_time_and_whole() -> None:
    clip = tone(3.0)
    made = [sound.player(clip, RATE, "a", "ogg") for _ in range(2)]
    assert made[0].content == made[1].content
    samples, rate = soundfile.read(io.BytesIO(made[0].content), dtype="float32")
    assert (rate, len(samples)) == (RATE, len(clip))
    assert np.corrcoef(samples, clip)[0, 1] > 0.99
    assert "audio/ogg" in made[0].html
    with pytest.raises(CourseError, match="kind"):
        sound.player(clip, RATE, "a", "mp3")


@pytest.mark.parametrize(
    ("clip", "caption", "says"),
    [
        (np.zeros(0), "a", "one row of finite samples"),
        (np.zeros((2, 9)), "a", "one row of finite samples"),
        (np.array([0.0, np.nan]), "a", "one row of finite samples"),
        (np.zeros(31 * RATE), "a", "up to 30 seconds"),
        (np.zeros(9), " ", "needs a caption"),
    ],
)
def test_what_cannot_be_played_is_refused(clip: np.ndarray, caption: str, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        sound.player(clip, RATE, caption)


def test_a_long_clip_keeps_its_extremes_in_the_drawn_waveform() -> None:
    from course_utils.figures.style import new_figure

    clip = np.zeros(100_000)
    clip[[70_001, 30_004]] = 0.9, -0.4
    _, ax = new_figure()
    sound._draw_waveform(ax, clip, RATE)
    ys = np.concatenate([path.vertices[:, 1] for drawn in ax.collections for path in drawn.get_paths()])
    assert (ys.min(), ys.max()) == (-0.4, 0.9)
    assert "the largest is at 8.75 seconds" in sound.waveform(clip, RATE, "A click").alt


def test_the_steps_say_their_sizes_and_the_floor() -> None:
    alt = sound.steps_to_log_mel(np.concatenate([np.zeros(2000), tone()]), RATE, "Steps", floor=20).alt
    assert "10,000 samples" in alt
    assert "101 frequencies" in alt
    assert "and with one, −20 to 0 dB" in alt


def test_emissions_name_each_word_at_its_peak() -> None:
    scores = torch.zeros(6, 3)
    for frame, (best, height) in enumerate([(0, 5), (1, 4), (1, 6), (0, 5), (2, 6), (2, 4)]):
        scores[frame, best] = height
    alt = sound.emissions(["-", "one", "two"], scores.log_softmax(dim=-1), "Peaks").alt
    assert re.search(r"one at frame 3 \(\S+\); two at frame 5 \(\S+\)\. At 33% of them it is the blank", alt)
    for wrong in (scores, scores[:, :2].log_softmax(-1), scores[:0]):
        with pytest.raises(CourseError, match="give log probabilities"):
            sound.emissions(["-", "one", "two"], wrong, "Peaks")


def test_emissions_name_a_word_that_is_probable_and_never_the_most_probable() -> None:
    probs = torch.tensor([[0.9, 0.05, 0.05], [0.6, 0.3, 0.1], [0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    alt = sound.emissions(["-", "one", "two"], probs.log(), "Peaks").alt
    assert "two at frame 4 (0.8)" in alt
    assert alt.endswith("Words of at least 15% that are nowhere the most probable: one at frame 2 (0.3).")


def test_a_window_says_its_strongest_frequency() -> None:
    rate, hertz = 8_000, 1_000
    window = np.sin(2 * np.pi * hertz * np.arange(200) / rate)
    alt = sound.window_and_power(window, rate, "A tone").alt
    assert "200 samples of 25 ms" in alt
    assert "101 frequencies from 0 to 4,000 Hz, with the largest value at 1,000 Hz" in alt
    with pytest.raises(CourseError, match="one row of finite samples"):
        sound.window_and_power(np.zeros((2, 3)), rate, "A tone")


def test_a_lattice_s_shares_must_fit_its_states() -> None:
    shares_ = torch.eye(3)[[0, 1, 1, 2]]
    assert "2: a (state 2, 1.00)" in sound.lattice(["-", "a", "-"], shares_, "A lattice").alt
    with pytest.raises(CourseError, match="For 2 states"):
        sound.lattice(["-", "a"], shares_, "A lattice")


def test_filters_say_how_wide_they_are() -> None:
    weights = np.zeros((2, 81))  # 50 Hz apart
    weights[0, 2:4], weights[1, 40:60] = 1, 1
    alt = sound.filters(weights, "Two").alt
    assert "The first is about 150 Hz wide, the last 1,050 Hz." in alt
    with pytest.raises(CourseError, match="a matrix"):
        sound.filters(weights[0], "Two")


def test_a_confusion_matrix_counts_what_was_said_for_what() -> None:
    said, truth = [1, 2, 2, 10, 3], [1, 2, 10, 10, 10]
    alt = sound.confusion(said, truth, "Who").alt
    assert "3 of 5 are right, of 4 labels. Most often wrong: 2 for 10, 1 time; 3 for 10, 1 time." in alt
    assert "nothing was wrong" in sound.confusion(["a"] * 3, ["a"] * 3, "All").alt
    with pytest.raises(CourseError, match="2 answers and 1 true"):
        sound.confusion([1, 2], [1], "Who")
    many = sound.confusion(range(40), range(40), "Many").alt
    assert "40 of 40 are right, of 40 labels" in many
