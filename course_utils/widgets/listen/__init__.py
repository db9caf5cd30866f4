"""Record your voice, or choose a sound file: what a recogniser hears, and where.

The network runs in Python; so this one listens in a live notebook only. Elsewhere its examples stand in its place, each
with a player and what was heard. Nothing leaves your computer and the machine on which the notebook runs; nothing is
stored.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from course_utils.display.html import ASIDE, Html, element, joined
from course_utils.errors import CourseError
from course_utils.widgets.shared.asked import AskedWidget
from course_utils.widgets.shared.browser import module_text
from course_utils.widgets.shared.settings import settings_of

if TYPE_CHECKING:
    from torch import Tensor

    from course_utils.figures.style import Picture

LONGEST = 15  # seconds
MOST_BYTES = 5_000_000  # of a file
SHORTEST = 0.1  # seconds
LIVE = "In a live notebook you can record your own voice here, or choose a sound file."
START = "Record some words, choose a sound file, or take an example."
Samples = npt.NDArray[np.float32]


class Recognises(Protocol):
    """What a recogniser must be able to do, as `course_utils.models.speech.Recogniser` does."""

    def transcribe(self, clips: Sequence[Any], sample_rate: int) -> list[str]:
        """The words of each clip."""

    def emissions(self, clip: Any, sample_rate: int) -> tuple[list[str], Tensor]:
        """The words it knows, and their log probabilities at each frame, (T, K)."""


class Heard(NamedTuple):
    """What came of one clip.

    Attributes:
        text: in a sentence.
        clip: (T,) samples; None: there is nothing to play.
        rate: samples a second.
        picture: what the network said frame by frame; None: nothing to draw.
    """

    text: str
    clip: Samples | None = None
    rate: int = 0
    picture: Picture | None = None

    @property
    def html(self) -> Html:
        """The player and the picture, those there are."""
        from course_utils.figures.sound import player

        players = [] if self.clip is None else [player(self.clip, self.rate, "What the network heard").html]
        return joined([*players, *([] if self.picture is None else [self.picture.html])])


# ---------------------------------------------------------------------------------------------------------------------
# Sounds


def read_sound(content: bytes, name: str) -> tuple[Samples, int]:
    """The samples of a sound file (WAV, FLAC, Ogg, …); of several channels the mean.

    Args:
        content: the file's bytes.
        name: the file's name, for what is said when it cannot be read.

    Returns:
        (T,) samples, and how many there are a second.

    Raises:
        CourseError: an empty or damaged file, or another kind of file.
    """
    import soundfile

    if not content:
        raise CourseError(f"{name} is empty. Choose a sound file: WAV, FLAC or Ogg.")
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            rate = int(file.samplerate)
            samples = file.read(frames=(LONGEST + 1) * rate, dtype="float32", always_2d=True)  # (T, channels)
    except (soundfile.SoundFileError, RuntimeError, ValueError, TypeError):
        raise CourseError(f"{name} cannot be read as a sound. Choose a WAV, FLAC or Ogg file.") from None
    mono: Samples = samples.mean(axis=1, dtype=np.float32)
    return checked(mono, rate, name), rate


def checked(clip: Any, rate: int, name: str) -> Samples:
    """A clip that can be listened to.

    Args:
        clip: (T,) samples.
        rate: samples a second.
        name: what it is called in the error.

    Raises:
        CourseError: shorter than a tenth of a second, longer than 15 seconds, not finite, or silent.
    """
    samples = np.asarray(clip, dtype=np.float32)
    seconds = len(samples) / rate if samples.ndim == 1 and rate > 0 else 0.0
    if seconds < SHORTEST:
        raise CourseError(f"{name} is too short to hold a word. Give {SHORTEST} to {LONGEST} seconds of sound.")
    if seconds > LONGEST:
        raise CourseError(f"{name} is longer than {LONGEST} seconds. Choose a shorter one, or cut it.")
    if not np.isfinite(samples).all():
        raise CourseError(f"{name} holds samples that are not numbers. Save it again as a WAV file.")
    if not samples.any():
        raise CourseError(f"{name} is silent: every sample is 0. Is the microphone switched on?")
    return samples


def heard(recogniser: Recognises, clip: Any, rate: int, name: str, truth: str | None = None) -> Heard:
    """What a recogniser makes of a clip.

    Args:
        recogniser: a trained one.
        clip: (T,) samples.
        rate: samples a second.
        name: of the clip, for what is said when it cannot be used.
        truth: what was said in it, if that is known.

    Returns:
        What there is to see and to hear. For a clip that cannot be used the sentence says why.
    """
    from course_utils.figures.sound import emissions

    try:
        samples = checked(clip, rate, name)
        (transcript,) = recogniser.transcribe([samples], sample_rate=rate)
        words, log_probs = recogniser.emissions(samples, rate)
    except CourseError as error:
        return Heard(str(error))
    text = f"It hears “{transcript}”." if transcript else "It hears no word."
    if truth is not None:
        text += " That is right." if transcript == truth else f" The words were “{truth}”."
    picture = emissions(words, log_probs, "What it says, frame by frame")
    return Heard(text, samples, rate, picture)


# ---------------------------------------------------------------------------------------------------------------------
# The widget


class Listen(AskedWidget):
    """The live widget; make one with `listen()`."""

    _esm = module_text("listen")

    def __init__(self, recogniser: Recognises, examples: Mapping[str, tuple[Any, int]]) -> None:
        self.recogniser = recogniser
        self.examples = list(examples.items())
        self.stored = [heard(recogniser, *sound, "This example", truth=truth) for truth, sound in self.examples]
        names = [truth for truth, _ in self.examples]
        params = {"examples": names, "longest": LONGEST, "most_bytes": MOST_BYTES}
        super().__init__(params, START, settings_of(recogniser))

    def answer(self, message: Mapping[str, Any], buffers: Sequence[bytes]) -> Heard:
        """The answer to an example, a file or a recording.

        Args:
            message: `kind` is "example" with its `place`, "file" with its `name`, or "recording" with its `rate`.
            buffers: the file's bytes, or the samples as float32.
        """
        kind = message.get("kind")
        if kind == "example":
            return self.stored[int(message["place"])]
        name = str(message.get("name", "Your recording"))
        content = buffers[0] if buffers else b""
        try:
            if kind == "recording":
                clip, rate = np.frombuffer(content, dtype="<f4"), int(message["rate"])
            else:
                clip, rate = read_sound(content, name)
        except CourseError as error:
            return Heard(str(error))
        return heard(self.recogniser, clip, rate, name)

    def __str__(self) -> str:
        lines = [f"“{truth}”: {result.text}" for (truth, _), result in zip(self.examples, self.stored, strict=True)]
        return "\n".join([*lines, str(self.trained), LIVE])

    @property
    def html(self) -> Html:
        """What stands in its place where no kernel runs: the examples, with what was heard."""
        from course_utils.figures.sound import player

        parts = []
        for (truth, _), result in zip(self.examples, self.stored, strict=True):
            if result.clip is not None:
                parts.append(player(result.clip, result.rate, f"An example: “{truth}”").html)
            parts.append(element("p", result.text, style="margin:2px 0 10px"))
        picture = next((result.picture.html for result in self.stored if result.picture is not None), "")
        return element("div", *parts, picture, self.trained.html, element("p", LIVE, style=ASIDE))


def listen(recogniser: Recognises, examples: Mapping[str, tuple[Any, int]] | None = None) -> Listen:
    """Record some words or choose a sound file, and see what a recogniser hears, and at which frames.

    Args:
        recogniser: a trained `Recogniser`.
        examples: by what is said in them, clips of (T,) samples with their sample rate; heard immediately, and shown
            where no kernel runs.

    Raises:
        CourseError: no recogniser. A sound that cannot be used is refused later, in the widget, with a sentence.
    """
    if not callable(getattr(recogniser, "transcribe", None)) or not callable(getattr(recogniser, "emissions", None)):
        raise CourseError(
            f"listen needs a Recogniser (course_utils.models.speech); this is a {type(recogniser).__name__}. "
            'trained_recogniser("joined") is one that has learned already.'
        )
    return Listen(recogniser, examples or {})
