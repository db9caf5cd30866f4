"""Write a line with a mouse, a finger or the keyboard, or choose a picture: what a reader makes of it, and where.

The network runs in Python; so this one reads in a live notebook only. Elsewhere its examples stand in its place.
Nothing leaves your computer and the machine on which the notebook runs; nothing is stored.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from course_utils.display.html import ASIDE, Html, element
from course_utils.errors import CourseError
from course_utils.widgets.shared.asked import AskedWidget
from course_utils.widgets.shared.browser import module_text
from course_utils.widgets.shared.settings import settings_of

if TYPE_CHECKING:
    from torch import Tensor

    from course_utils.figures.style import Picture

PAPER = (180, 36)  # columns and rows of the paper
MOST_BYTES = 5_000_000  # of a file
MOST_PIXELS = 20_000_000  # of a picture
LARGEST = 1_600  # pixels of a picture's longer side when it is read
LIVE = "In a live notebook you can write a line here with a mouse, a finger or the keyboard, or choose a picture."
START = "Write some digits, choose a picture, or take an example."
Image = npt.NDArray[np.uint8]


class Reads(Protocol):
    """What a reader must be able to do, as `course_utils.models.handwriting.LineReader` does."""

    @property
    def characters(self) -> list[str]:
        """What it can write."""

    def read(self, images: Sequence[Any]) -> list[str]:
        """What stands in each picture."""

    def confidence(self, images: Sequence[Any]) -> list[float]:
        """How sure it is of each."""

    def emissions(self, image: Any) -> tuple[Tensor, Tensor]:
        """The line as it is seen, (32, W), and log probabilities, (T, K)."""


class ReadOut(NamedTuple):
    """What came of one picture.

    Attributes:
        text: in a sentence.
        picture: the line, and what the network says over its columns; None: there is nothing to draw.
    """

    text: str
    picture: Picture | None = None

    @property
    def html(self) -> Html:
        """The picture, if there is one."""
        return Html("") if self.picture is None else self.picture.html


def read_picture(content: bytes, name: str) -> Image:
    """The picture in a file (PNG, JPEG, …), no larger than it must be.

    Args:
        content: the file's bytes.
        name: the file's name, for what is said when it cannot be read.

    Returns:
        (h, w, 3), 0 … 255; what is transparent lies on white.

    Raises:
        CourseError: an empty or damaged file, another kind of file, or a picture of too many pixels.
    """
    import PIL.Image
    from PIL import ImageOps

    if not content:
        raise CourseError(f"{name} is empty. Choose a picture: PNG or JPEG.")
    try:
        with PIL.Image.open(io.BytesIO(content)) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise CourseError(
                    f"{name} has {opened.width:,} × {opened.height:,} pixels, and {MOST_PIXELS:,} are the most. Choose "
                    "a smaller picture, or cut the line out."
                )
            found = ImageOps.exif_transpose(opened).convert("RGBA")
    except (OSError, SyntaxError, ValueError, TypeError, PIL.Image.DecompressionBombError):
        raise CourseError(f"{name} cannot be read as a picture. Choose a PNG or a JPEG.") from None
    found.thumbnail((LARGEST, LARGEST))
    white = PIL.Image.new("RGBA", found.size, "white")
    return np.asarray(PIL.Image.alpha_composite(white, found).convert("RGB"))


def read_out(reader: Reads, image: Any, truth: str | None = None) -> ReadOut:
    """What a reader makes of a picture.

    Args:
        reader: a trained one.
        image: of a line.
        truth: what stands in it, if that is known.

    Returns:
        What there is to say and to see. For a picture that cannot be used the sentence says why.
    """
    from course_utils.figures.handwriting import over_columns

    try:
        (text,), (sure,) = reader.read([image]), reader.confidence([image])
        seen, log_probs = reader.emissions(image)
    except CourseError as error:
        return ReadOut(str(error))
    if not seen.any():
        return ReadOut("There is no ink to read.")
    said = f"It reads “{text}”, with a confidence of {sure:.2f}." if text else "It reads nothing."
    if truth is not None:
        said += " That is right." if text == truth else f" The line says “{truth}”."
    return ReadOut(said, over_columns(seen, reader.characters, log_probs, "What it says, column by column"))


class ReadLine(AskedWidget):
    """The live widget; make one with `read_line()`."""

    _esm = module_text("read_line")

    def __init__(self, reader: Reads, examples: Mapping[str, Any]) -> None:
        self.reader = reader
        self.examples = list(examples.items())
        self.stored = [read_out(reader, image, truth) for truth, image in self.examples]
        columns, rows = PAPER
        names = [truth for truth, _ in self.examples]
        params = {"examples": names, "columns": columns, "rows": rows, "most_bytes": MOST_BYTES}
        super().__init__(params, START, settings_of(reader))

    def answer(self, message: Mapping[str, Any], buffers: Sequence[bytes]) -> ReadOut:
        """The answer to an example, a file or what was written.

        Args:
            message: `kind` is "example" with its `place`, "file" with its `name`, or "drawing".
            buffers: the file's bytes, or the ink of each pixel, row by row, 0 to 255.
        """
        kind = message.get("kind")
        if kind == "example":
            return self.stored[int(message["place"])]
        content = buffers[0] if buffers else b""
        if kind == "drawing":
            columns, rows = PAPER
            return read_out(self.reader, np.frombuffer(content, dtype=np.uint8).reshape(rows, columns))
        try:
            image = read_picture(content, str(message.get("name", "Your picture")))
        except CourseError as error:
            return ReadOut(str(error))
        return read_out(self.reader, image)

    def __str__(self) -> str:
        lines = [f"“{truth}”: {result.text}" for (truth, _), result in zip(self.examples, self.stored, strict=True)]
        return "\n".join([*lines, str(self.trained), LIVE])

    @property
    def html(self) -> Html:
        """What stands in its place where no kernel runs: the examples, with what was read."""
        parts = [part for result in self.stored for part in (result.html, element("p", result.text))]
        return element("div", *parts, self.trained.html, element("p", LIVE, style=ASIDE))


def read_line(reader: Reads, examples: Mapping[str, Any] | None = None) -> ReadLine:
    """Write a line, or choose a picture of one, and see what a reader makes of it, and at which columns.

    Args:
        reader: a trained `LineReader`.
        examples: by what stands in them, pictures of lines; read immediately, and shown where no kernel runs.

    Raises:
        CourseError: no reader. A picture that cannot be used is refused later, in the widget, with a sentence.
    """
    if not all(callable(getattr(reader, name, None)) for name in ("read", "confidence", "emissions")):
        raise CourseError(
            f"read_line needs a LineReader (course_utils.models.handwriting); this is a {type(reader).__name__}. "
            "trained_line_reader() is one that has learned already."
        )
    return ReadLine(reader, examples or {})
