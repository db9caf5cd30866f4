"""Reading what was drawn: what is read in drawings and files, and what is refused."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from course_utils.errors import CourseError
from course_utils.models.line_inputs import line_picture
from course_utils.widgets import read_line as module
from course_utils.widgets.read_line import PAPER, ReadLine, ReadOut, read_line, read_picture
from tests.widgets.in_node import evaluated


class Reader:
    """Reads an "I" in each upright stroke: a run of columns with ink."""

    characters: list[str] = ["I"]  # noqa: RUF012 (nothing changes it)

    def emissions(self, image: Any) -> tuple[Tensor, Tensor]:
        seen = line_picture(image)
        if seen is None:
            return torch.zeros(32, 1), torch.tensor([[0.9, 0.1]]).log()
        inked = (seen.max(dim=1).values > 0.5).float()
        return seen.T, torch.stack([1 - inked, inked], dim=1).clamp(0.02, 0.98).log()

    def read(self, images: Sequence[Any]) -> list[str]:
        paths = [self.emissions(image)[1].argmax(dim=1).tolist() for image in images]
        return ["I" * sum(b > a for a, b in zip([0, *path], path, strict=False)) for path in paths]

    def confidence(self, images: Sequence[Any]) -> list[float]:
        return [0.25] * len(images)


def drawn(*columns: int) -> np.ndarray:
    """A paper with upright strokes."""
    paper = np.zeros((PAPER[1], PAPER[0]), dtype=np.uint8)
    for column in columns:
        paper[6:30, column : column + 5] = 255
    return paper


def as_file(image: np.ndarray, kind: str = "PNG", mode: str | None = None) -> bytes:
    file = io.BytesIO()
    picture = Image.fromarray(image)
    (picture.convert(mode) if mode else picture).save(file, format=kind)
    return file.getvalue()


@pytest.fixture
def reading() -> ReadLine:
    return read_line(Reader(), {"II": drawn(20, 60), "I": drawn(20, 60, 100)})


def sent(widget: ReadLine, message: dict[str, Any], *buffers: bytes) -> str:
    """What the widget tells after a message, as the browser sends it."""
    widget._handle_custom_msg(message, [memoryview(buffer) for buffer in buffers])
    return str(widget.told["text"])


def test_a_drawing_is_read_and_an_empty_paper_is_said_to_be_empty(reading: ReadLine) -> None:
    told = sent(reading, {"kind": "drawing"}, drawn(10, 50, 90).tobytes())
    assert told == "It reads “III”, with a confidence of 0.25."
    assert "I at frame" in reading.told["html"]
    assert sent(reading, {"kind": "drawing"}, drawn().tobytes()) == "There is no ink to read."
    assert reading.told["html"] == ""


@pytest.mark.parametrize(("kind", "mode"), [("PNG", None), ("JPEG", None), ("PNG", "P"), ("PNG", "RGBA"), ("GIF", "P")])
def test_a_file_is_read(reading: ReadLine, kind: str, mode: str | None) -> None:
    content = as_file(255 - drawn(20, 80), kind, mode)
    assert sent(reading, {"kind": "file", "name": "mine"}, content) == "It reads “II”, with a confidence of 0.25."


def test_a_large_photograph_is_made_smaller_and_what_is_transparent_lies_on_white() -> None:
    assert max(read_picture(as_file(np.zeros((900, 4_000), np.uint8)), "wide").shape) == 1_600
    clear = np.zeros((4, 6, 4), dtype=np.uint8)
    assert (read_picture(as_file(clear), "clear") == 255).all()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "mine.png is empty"),
        (b"no picture", "mine.png cannot be read as a picture. Choose a PNG or a JPEG."),
        (as_file(drawn(9))[:60], "mine.png"),
        (as_file(np.zeros((10, 2_000_001), np.uint8)), "20,000,000 are the most"),
        (as_file(np.full((20, 50), 255, np.uint8)), "no ink to read"),
    ],
)
def test_a_picture_that_cannot_be_used_is_refused_with_a_sentence(reading: ReadLine, content: bytes, says: str) -> None:
    assert says in sent(reading, {"kind": "file", "name": "mine.png"}, content)
    assert reading.told["html"] == ""
    assert sent(reading, {"kind": "example", "place": 0}) == "It reads “II”, with a confidence of 0.25. That is right."


def test_a_message_that_nobody_sends_is_answered_too(reading: ReadLine) -> None:
    assert "went wrong" in sent(reading, {"kind": "drawing"}, b"a few bytes")
    assert "went wrong" in sent(reading, {"kind": "example", "place": 7})


def test_the_same_answer_twice_is_told_twice(reading: ReadLine) -> None:
    counts = []
    for _ in range(2):
        sent(reading, {"kind": "example", "place": 1})
        counts.append(reading.told["count"])
    assert counts == [1, 2]


def test_without_a_kernel_the_examples_can_be_seen(reading: ReadLine) -> None:
    data, _ = reading._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    html = data["text/html"]
    assert html.count("<img") == 2
    assert "It reads “II”, with a confidence of 0.25. That is right." in html
    assert "The line says “I”." in html
    assert module.LIVE in html
    assert "<script" not in html
    assert "http" not in html
    assert str(reading).endswith(module.LIVE)


def test_what_is_no_reader_is_refused() -> None:
    with pytest.raises(CourseError, match="trained_line_reader"):
        read_line(object())  # type: ignore[arg-type]


def test_what_an_answer_without_a_picture_shows_is_nothing() -> None:
    assert ReadOut("said").html == ""


def test_the_browser_says_what_it_does_not_send_and_sends_ink_as_bytes() -> None:
    files = [{"name": "a", "size": 0}, {"name": "b", "size": 6e6}, {"name": "c", "size": 9}]
    empty, huge, fine = evaluated("read_line", "given.map((f) => refused(f, { most_bytes: 5e6 }))", files)
    assert empty == "a is empty. Choose a picture: PNG or JPEG."
    assert "b has 6 MB, and 5 MB can be sent." in huge
    assert fine == ""
    assert evaluated("read_line", "[...asBytes(given)]", [0, 0.5, 1]) == [0, 128, 255]


def test_a_line_drawn_in_the_browser_inks_the_pixels_of_the_paper() -> None:
    columns, rows = PAPER
    code = f"stroke(Array({columns * rows}).fill(0), {columns}, [150.5, 5.5], [150.5, 30.5])"
    image = np.array(evaluated("read_line", code, None)).reshape(rows, columns)
    assert image[20, 150] == 1
    assert image.max(axis=0).nonzero()[0].tolist() == [149, 150, 151]
