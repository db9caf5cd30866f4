"""Listening: what is heard in files and recordings, and what is refused."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor

from course_utils.errors import CourseError
from course_utils.widgets import listen as listen_module
from course_utils.widgets.listen import Heard, Listen, listen, read_sound
from tests.widgets.in_node import evaluated

RATE = 8000


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


def test_the_meter_is_empty_in_silence_fuller_when_louder_and_never_overflows() -> None:
    tones = [[amplitude * (-1) ** n for n in range(100)] for amplitude in (0, 0.05, 0.1, 1)]
    assert evaluated("listen", "given.map(level)", tones) == pytest.approx([0, 0.2, 0.4, 1])
