"""Widgets and figures of lessons 15 and 17: the lattice of CTC, captions word by word, sound to see and to hear."""

from __future__ import annotations

import base64
import io
import itertools
import json
import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from course_utils.errors import CourseError
from course_utils.figures import sound
from course_utils.nn import ctc
from course_utils.widgets import listen as listen_module
from course_utils.widgets.caption_words import caption_words
from course_utils.widgets.ctc_lattice import ctc_lattice
from course_utils.widgets.ctc_lattice import finding as ctc_finding
from course_utils.widgets.listen import Heard, Listen, listen, read_sound
from tests.layers import ctc_loss
from tests.strategies import examples
from tests.widgets.test_unroll_stepper import computed, evaluated
from tests.widgets.twins import twin_of

RATE = 8000

# --- the lattice

WORDS = ["".join(letters) for length in (1, 2, 3) for letters in itertools.product("ab", repeat=length)]
lattices = st.fixed_dictionaries(
    {
        "word": st.sampled_from(WORDS),
        "frames": st.integers(2, 6),
        "weights": st.lists(st.tuples(*[st.integers(0, 10)] * 3), min_size=6, max_size=6),
    }
)


def by_list(word: str, probabilities: Tensor) -> list[tuple[str, float]]:
    """All paths that read the word, one after the other, with their probabilities."""
    found = []
    for path in itertools.product(range(3), repeat=len(probabilities)):
        kept = [k for k, _ in itertools.groupby(path) if k]
        if "".join("-ab"[k] for k in kept) == word:
            p = math.prod(float(probabilities[t, k]) for t, k in enumerate(path))
            found.append(("".join("-ab"[k] for k in path), p))
    return found


def shares(weights: Sequence[Sequence[float]], frames: int) -> Tensor:
    rows = torch.tensor([list(row) for row in weights[:frames]], dtype=torch.float64)
    rows[rows.sum(dim=1) == 0] = 1
    return rows / rows.sum(dim=1, keepdim=True)


@examples(3)
@given(st.lists(lattices, min_size=25, max_size=40))
def test_the_lattice_computes_what_torch_and_a_list_of_all_paths_do(many: list[dict[str, Any]]) -> None:
    for params, found in zip(many, computed("ctc_lattice", many), strict=True):
        word, frames = params["word"], params["frames"]
        probabilities = shares(params["weights"], frames)
        listed = by_list(word, probabilities)
        assert found["count"] == len(listed)
        assert found["probability"] == pytest.approx(sum(p for _, p in listed), abs=1e-12)
        log_probs = probabilities.log()
        targets = torch.tensor(["-ab".index(letter) for letter in word])
        want = ctc_loss(log_probs, targets).item()
        assert found["loss"] == (None if math.isinf(want) else pytest.approx(want, abs=1e-9))
        assert ctc.ctc_forward(log_probs, targets).item() == pytest.approx(want, abs=1e-9)
        best = sorted((p for _, p in listed), reverse=True)[:3]
        assert [p for _, p in found["best"]["alignments"]] == pytest.approx(best, abs=1e-12)
        assert {path for path, _ in found["best"]["alignments"]} <= {path for path, _ in listed}
        assert found["best"]["paths"][0][1] == pytest.approx(float(probabilities.amax(dim=1).prod()))


@examples(3)
@given(st.lists(lattices, min_size=20, max_size=30))
def test_what_passes_the_states_and_moves_is_what_the_alignments_say(many: list[dict[str, Any]]) -> None:
    """Summed over the states of a class, the shares are those of the alignments; what goes in comes out."""
    for params, found in zip(many, computed("ctc_lattice", many), strict=True):
        frames = params["frames"]
        probabilities = shares(params["weights"], frames)
        listed = by_list(params["word"], probabilities)
        total = sum(p for _, p in listed)
        posteriors = np.array(found["posteriors"])
        if not total:
            assert not posteriors.any()
            assert all(move[3] == 0 for move in found["moves"])
            continue
        for t, symbol in itertools.product(range(frames), "-ab"):
            inside = [state == symbol for state in found["states"]]
            want = sum(p for path, p in listed if path[t] == symbol) / total
            assert posteriors[t, inside].sum() == pytest.approx(want, abs=1e-9)
        into, out = np.zeros_like(posteriors), np.zeros_like(posteriors)
        for t, start, end, share in found["moves"]:
            into[t, end] += share
            out[t - 1, start] += share
        assert np.allclose(into[1:], posteriors[1:])
        assert np.allclose(out[:-1], posteriors[:-1])
        targets = torch.tensor(["-ab".index(letter) for letter in params["word"]])
        assert np.allclose(ctc.lattice(probabilities.log(), targets), posteriors, atol=1e-9)
        assert (np.array(found["open"])[posteriors > 0]).all()


def test_paper_sized_words_have_the_alignments_that_are_written_down() -> None:
    rows = [[1, 1, 1]] * 6
    cases = [("ab", 3, 5), ("ab", 2, 1), ("aa", 3, 1), ("aa", 2, 0), ("aaa", 5, 1), ("aaa", 4, 0), ("a", 2, 3)]
    found = computed("ctc_lattice", [{"word": word, "frames": T, "weights": rows} for word, T, _ in cases])
    assert [one["count"] for one in found] == [count for _, _, count in cases]


def test_title_and_verdict_of_the_lattice_are_one_sentence() -> None:
    plain, no_a = [[1, 1, 1]] * 6, [[1, 0, 1]] * 6
    cases = [(word, T, rows) for word in ("a", "aa", "aba", "aaa") for T in (2, 3, 6) for rows in (plain, no_a)]
    params = [{"word": word, "frames": T, "weights": rows} for word, T, rows in cases]
    said = evaluated("ctc_lattice", "given.map((p) => verdict(p, compute(p)))", params)
    found = computed("ctc_lattice", params)
    for (word, T, _), one, sentence in zip(cases, found, said, strict=True):
        loss = math.inf if one["loss"] is None else one["loss"]
        assert ctc_finding(word, T, loss, one["count"]) + "." == sentence
    assert "“aa” cannot be said in 2 frames: it needs 3" in said[6]
    assert "P is 0, and the loss infinite." in said[6]
    assert said[1] == "P(“a”) = 0: the sum over 3 alignments, of probability 0 here. The loss is infinite."


def test_the_buttons_of_the_lattice_do_what_they_say() -> None:
    """“Spell it” makes an alignment of the word the best path, wherever the word fits."""
    cases = [
        {"word": word, "frames": T}
        for word in WORDS
        for T in range(2, 7)
        if len(word) + sum(one == other for one, other in itertools.pairwise(word)) <= T
    ]
    code = "given.map((p) => compute({ ...p, weights: spelled(p.word, p.frames) }).best)"
    for best in evaluated("ctc_lattice", code, cases):
        assert best["paths"][0] == best["alignments"][0]
    assert evaluated("ctc_lattice", "WORDS", None) == WORDS


def test_the_lattice_starts_where_it_is_told_and_its_picture_says_the_same() -> None:
    widget = ctc_lattice("aba", frames=5, weights=[[1, 5, 0]] * 5)
    assert widget.params["weights"][:5] == [[1, 5, 0]] * 5
    assert len(widget.params["weights"]) == 6
    assert widget.picture.alt.startswith("P(“aba”) = 0: the sum over 28 alignments, of probability 0 here.")
    (found,) = computed("ctc_lattice", [ctc_lattice().params])
    assert ctc_lattice().picture.alt.startswith(ctc_finding("ab", 4, found["loss"], found["count"]))
    assert found["best"]["readings"][0][0] == "ab"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"word": ""}, "one to three letters, each a or b"),
        ({"word": "abab"}, "one to three letters"),
        ({"word": "ac"}, "'ac' is not"),
        ({"word": 3}, "3 is not"),
        ({"frames": 7}, "frames is a whole number from 2 to 6"),
        ({"frames": 1}, "from 2 to 6"),
        ({"weights": [[1, 1, 1]]}, "For 4 frames, give 4 rows of three weights"),
        ({"weights": [[1, 1]] * 4}, "rows of three weights"),
        ({"weights": [[1, 1, -1]] * 4}, "A weight is a whole number from 0 to 10"),
    ],
)
def test_a_lattice_that_cannot_be_drawn_is_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        ctc_lattice(**options)


# --- captions word by word


def looked(count: int = 2, words: int = 3, places: tuple[int, int] = (4, 5)) -> tuple[Any, Any, Any]:
    generator = np.random.default_rng(1)
    images = generator.random((count, 3, 12, 15))
    maps = generator.random((count, words, *places))
    return images, [[f"word{n}" for n in range(words)]] * count, maps / maps.sum(axis=(2, 3), keepdims=True)


def test_the_weights_of_each_word_reach_the_browser_and_their_largest_is_found() -> None:
    images, tokens, maps = looked()
    widget = caption_words(torch.tensor(images), tokens, [torch.tensor(one) for one in maps], truth=["a", "b"])
    (found,) = computed("caption_words", [widget.params])
    for weights, words in zip(maps, found, strict=True):
        for one, told in zip(weights, words, strict=True):
            assert np.allclose(told["values"], one.ravel(), atol=1e-6)
            row, column = np.unravel_index(one.argmax(), one.shape)
            assert (told["row"], told["column"]) == (row + 1, column + 1)
    code = "given.pictures.map((_, k) => verdict(compute(given)[k][1], 1, 3, given))"
    said = evaluated("caption_words", code, widget.params)
    assert all(
        re.match(r"Word 2 of 3, “word1”: it looks most at row \d, column \d of 4 × 5, with", one) for one in said
    )


def test_the_picture_in_the_browser_is_the_picture_that_was_given() -> None:
    from PIL import Image

    images, tokens, maps = looked()
    as_bytes = (255 * images).round().astype(np.uint8)
    for given_ in (images, as_bytes):
        params = caption_words(given_, tokens, maps).params
        shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(params["pictures"][1]["png"]))))
        assert np.array_equal(shown, as_bytes[1].transpose(1, 2, 0))
    assert params["pictures"][0]["said"] == "word0 word1 word2"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda images, tokens, maps: (images[0], tokens, maps), "Pictures come as"),
        (lambda images, tokens, maps: (images[:0], [], []), "Pictures come as"),
        (lambda images, tokens, maps: (images, tokens[:1], maps), "There are 2 pictures, 1 lists"),
        (lambda images, tokens, maps: (images, [["one"]] * 2, maps), r"For 1 words the weights must be \(1, h, w\)"),
        (lambda images, tokens, maps: (images, tokens, [maps[0], maps[1, :, :2]]), "as for the first picture"),
        (lambda images, tokens, maps: (images, tokens, 2 * maps), "must sum to 1"),
    ],
)
def test_words_and_weights_that_do_not_fit_are_refused(change: Any, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        caption_words(*change(*looked()))


# --- listening


class Recogniser:
    """Hears "one" in what is loud in its first half, "two" in what is loud in its second, and nothing else."""

    WORDS = ("-", "one", "two")

    def emissions(self, clip: Any, sample_rate: int) -> tuple[list[str], Tensor]:
        if sample_rate < 4000:
            raise CourseError(f"{sample_rate} samples a second are too few.")
        halves = [np.abs(half).max() > 0.3 for half in np.array_split(np.asarray(clip), 2)]
        scores = torch.tensor([[3.0, 9.0 * halves[0], 0.0]] * 2 + [[3.0, 0.0, 9.0 * halves[1]]] * 2)
        return list(self.WORDS), scores.log_softmax(dim=-1)

    def transcribe(self, clips: Sequence[Any], sample_rate: int) -> list[str]:
        paths = [self.emissions(clip, sample_rate)[1].argmax(dim=-1).tolist() for clip in clips]
        return [" ".join(self.WORDS[k] for k, _ in itertools.groupby(path) if k) for path in paths]


def tone(seconds: float = 1.0, first: float = 0.8, second: float = 0.05, rate: int = RATE) -> np.ndarray:
    time = np.arange(round(seconds * rate)) / rate
    loud = np.where(time < seconds / 2, first, second)
    return (loud * np.sin(2 * np.pi * 300 * time)).astype(np.float32)


def written(clip: np.ndarray, rate: int = RATE, kind: str = "WAV") -> bytes:
    file = io.BytesIO()
    soundfile.write(file, clip, rate, format=kind)
    return file.getvalue()


@pytest.fixture
def listening() -> Listen:
    return listen(Recogniser(), {"one": (tone(), RATE), "two": (tone(), RATE)})


def sent(widget: Listen, message: dict[str, Any], *buffers: bytes) -> str:
    """What the widget tells after a message, as the browser sends it."""
    widget._handle_custom_msg(message, [memoryview(buffer) for buffer in buffers])
    return str(widget.told["text"])


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG"])
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44100, 2)])
def test_a_file_is_heard(listening: Listen, kind: str, rate: int, channels: int) -> None:
    clip = tone(0.6, 0.05, 0.8, rate=rate)
    content = written(np.stack([clip] * channels, axis=1), rate, kind)
    assert sent(listening, {"kind": "file", "name": "mine"}, content) == "It hears “two”."
    assert "<audio" in listening.told["html"]
    assert "two at frame" in listening.told["html"]
    samples, found = read_sound(content, "mine")
    assert found == rate
    assert np.abs(samples - clip).mean() < 0.05


def test_of_several_channels_the_mean_is_heard() -> None:
    left, right = tone(0.5), tone(0.5, 0.1, 0.1)
    samples, _ = read_sound(written(np.stack([left, right], axis=1)), "two channels")
    assert np.allclose(samples, (left + right) / 2, atol=1e-3)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "mine.wav is empty"),
        (b"RIFF, no sound at all", "mine.wav cannot be read as a sound. Choose a WAV, FLAC or Ogg file."),
        (written(tone())[:60], "mine.wav"),
        (written(tone(0.05)), "mine.wav is too short to hold a word"),
        (written(tone(0.0)), "mine.wav is too short to hold a word"),
        (written(tone(17)), "mine.wav is longer than 15 seconds"),
        (written(np.zeros(RATE)), "mine.wav is silent: every sample is 0"),
        (written(tone(rate=2000), 2000), "2000 samples a second are too few"),
    ],
)
def test_a_sound_that_cannot_be_used_is_refused_with_a_sentence(listening: Listen, content: bytes, says: str) -> None:
    assert says in sent(listening, {"kind": "file", "name": "mine.wav"}, content)
    assert listening.told["html"] == ""
    assert sent(listening, {"kind": "example", "place": 0}) == "It hears “one”. That is right."


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG"])
def test_a_damaged_file_is_a_sentence_too(listening: Listen, kind: str, cut: float) -> None:
    content = written(tone(), kind=kind)
    told = sent(listening, {"kind": "file", "name": "half"}, content[: int(cut * len(content))])
    assert told.startswith(("half ", "It hears "))


def test_a_recording_is_heard_and_a_broken_one_refused(listening: Listen) -> None:
    recording = {"kind": "recording", "rate": 16000}
    assert sent(listening, recording, tone(rate=16000).tobytes()) == "It hears “one”."
    assert sent(listening, recording, tone(1, 0.1, 0.1, rate=16000).tobytes()) == "It hears no word."
    assert (
        sent(listening, recording, b"")
        == "Your recording is too short to hold a word. Give 0.1 to 15 seconds of sound."
    )
    assert "not numbers" in sent(listening, recording, np.full(RATE, np.nan, np.float32).tobytes())
    assert "went wrong" in sent(listening, recording, b"odd")  # no whole number of samples: an answer all the same


def test_the_same_answer_twice_is_told_twice(listening: Listen) -> None:
    heard: list[dict[str, Any]] = []
    listening.observe(lambda change: heard.append(change["new"]), "told")
    for _ in range(2):
        sent(listening, {"kind": "example", "place": 1})
    assert [one["text"] for one in heard] == ["It hears “one”. The words were “two”."] * 2


def test_without_a_kernel_the_examples_can_be_heard_and_read(listening: Listen) -> None:
    data, _ = listening._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    html = data["text/html"]
    assert html.count("<audio controls") == 2
    assert "It hears “one”. That is right." in html
    assert "It hears “one”. The words were “two”." in html
    assert listen_module.LIVE in html
    assert "<script" not in html
    assert "http" not in html
    assert str(listening).endswith(listen_module.LIVE)
    assert listen(Recogniser()).html.count("<audio") == 0


def test_what_is_no_recogniser_is_refused_and_an_example_that_is_silent_told() -> None:
    with pytest.raises(CourseError, match="needs a Recogniser"):
        listen(torch.nn.Linear(1, 1))  # type: ignore[arg-type]
    assert "This example is silent" in str(listen(Recogniser(), {"": (np.zeros(RATE), RATE)}))


def test_names_and_words_are_escaped() -> None:
    found = listen(Recogniser(), {"<b>": (tone(), RATE)})
    assert "<b>" not in found.html
    assert "&lt;b&gt;" in found.html
    assert Heard("<i>").html == ""


def test_files_too_large_to_send_and_channels_are_dealt_with_in_the_browser() -> None:
    code = "given.map((file) => refusal(file, { most_bytes: 5000000 }))"
    files = [{"name": "a.wav", "size": size} for size in (0, 1000, 6_000_000)]
    empty, fine, large = evaluated("listen", code, files)
    assert empty == "a.wav is empty. Choose a sound file: WAV, FLAC or Ogg."
    assert fine == ""
    assert large == "a.wav has 6 MB, and 5 MB can be sent. Choose a shorter sound."
    assert evaluated("listen", "mixed(given)", [[1, 2], [3, 0]]) == [2, 1]
    reasons = evaluated("listen", "given.map((name) => unheard({ name }))", ["NotAllowedError", "NotFoundError", "X"])
    assert len(set(reasons)) == 3
    assert all("hoose a file" in reason for reason in reasons)


# --- figures and the player


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
    assert sound.player(clip, RATE, "a").flac == sound.player(clip, RATE, "a").flac  # notebooks stay as they are


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


# --- all


@pytest.mark.parametrize("name", ["ctc_lattice", "caption_words"])
def test_the_output_has_a_live_view_a_picture_and_a_twin_that_asks_no_server(name: str) -> None:
    widget = {"ctc_lattice": ctc_lattice, "caption_words": lambda: caption_words(*looked())}[name]()
    twin_of(widget)
    assert len(json.dumps(widget.params)) < 20_000
