"""The readers of lines and strokes: they learn, answers are those of the network, whatever is given has an answer."""

from __future__ import annotations

import functools
import math
import re
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from course_utils.data.handwritten_lines import handwritten_lines
from course_utils.data.pen_strokes import drawn, pen_lines
from course_utils.data.resources import resource
from course_utils.errors import CourseError
from course_utils.metrics import character_error
from course_utils.models.checkpoints import load_checkpoint
from course_utils.models.handwriting import LineReader, StrokeReader, trained_line_reader, trained_stroke_reader
from course_utils.nn import ctc
from course_utils.nn.layers import LAYERS

SHAPES = {  # characters of 12 × 8 pixels that nobody can mix up
    "a": [(0, 12, 0, 2)],
    "b": [(0, 2, 0, 8)],
    "c": [(0, 12, 0, 2), (0, 12, 6, 8)],
}


def line(text: str, scale: int = 2) -> NDArray[np.float64]:
    picture = np.zeros((16, 12 * len(text) + 4))
    for number, character in enumerate(text):
        for top, foot, left, right in SHAPES[character]:
            picture[2 + top : 2 + foot, 12 * number + 4 + left : 12 * number + 4 + right] = 1
    return picture.repeat(scale, 0).repeat(scale, 1)


RNG = np.random.default_rng(0)
TEXTS = ["".join(RNG.choice(list("abc"), size=RNG.integers(1, 6))) for _ in range(120)]
IMAGES = [line(text, 1 + n % 3) for n, text in enumerate(TEXTS)]


@functools.cache
def learned(cell: str = "lstm") -> LineReader:
    reader = LineReader(cell, 32)
    reader.fit(IMAGES, TEXTS, steps=220, augment=False, progress=False)
    return reader


@pytest.mark.parametrize(
    "cell", [pytest.param(cell, marks=[] if cell in ("lstm", "relu_rnn") else [pytest.mark.long]) for cell in LAYERS]
)
def test_lines_are_learned(cell: str) -> None:
    assert character_error(learned(cell).read(IMAGES), TEXTS) < 0.15
    assert learned(cell).characters == ["a", "b", "c"]


def test_dark_and_light_colour_and_size_make_no_difference() -> None:
    reader, images = learned(), [line("abcab"), line("cc"), line("bacca")]
    said = reader.read(images)
    assert reader.read([1 - image for image in images]) == said
    assert reader.read([(image * 255).astype(np.uint8) for image in images]) == said
    assert reader.read([np.dstack([image, image * 0, 1 - image]) for image in images]) == said
    assert reader.read([np.pad(image, 30) for image in images]) == said


def test_answers_do_not_depend_on_their_neighbours_and_keep_the_order() -> None:
    reader = learned()
    mixed = [line("ab"), np.zeros((9, 9)), line("c" * 40), line("b"), np.ones((4, 400))]
    assert reader.read(mixed) == [reader.read([image])[0] for image in mixed]
    assert reader.read(mixed)[1] == reader.read(mixed)[4] == ""
    assert reader.confidence(mixed) == pytest.approx([reader.confidence([image])[0] for image in mixed], abs=1e-5)
    assert reader.read([]) == []
    assert reader.confidence([]) == []


def test_a_line_much_longer_than_those_learned_from_is_read() -> None:
    text = "abcacbacab" * 8
    assert character_error(learned().read([line(text)]), [text]) < 0.3


def test_what_it_reads_is_what_its_frames_say() -> None:
    reader = learned()
    for image in (line("acb"), line("ab")):
        seen, log_probs = reader.emissions(image)
        assert seen.shape[0] == 32
        assert log_probs.shape == (-(-seen.shape[1] // 2), 4)
        assert torch.allclose(log_probs.exp().sum(1), torch.ones(len(log_probs)), atol=1e-5)
        labels = ctc.greedy(log_probs)
        assert reader.read([image]) == ["".join("-abc"[label] for label in labels)]
        beam = "".join("-abc"[label] for label in ctc.prefix_beam(log_probs, 4))
        assert reader.read([image], beam=4) == [beam]
        nats = ctc.ctc_forward(log_probs.double(), torch.tensor(labels))
        assert reader.confidence([image])[0] == pytest.approx(math.exp(-nats.item()), abs=1e-4)


def test_a_blank_picture_says_nothing_and_is_sure_of_it() -> None:
    reader, blank = learned(), np.zeros((20, 50))
    assert reader.confidence([blank]) == [1.0]
    seen, log_probs = reader.emissions(blank)
    assert not seen.any()
    assert log_probs.exp()[:, 0].tolist() == [1.0]


def test_with_a_lexicon_the_answer_is_its_most_probable_entry() -> None:
    reader, image = learned(), line("abc")
    _, log_probs = reader.emissions(image)
    entries = ["cab", "abb", "c", "ca", "", "bbbb"]
    nats = [ctc.ctc_forward(log_probs.double(), torch.tensor(["-abc".index(c) for c in e]).long()) for e in entries]
    assert reader.read([image], lexicon=entries) == [entries[int(torch.stack(nats).argmin())]]
    assert reader.read([image], lexicon={"abc", "cba"}) == ["abc"]
    assert reader.read([image, np.zeros((9, 9))], lexicon=["zzz", "abc"]) == ["abc", ""]
    assert reader.read([line("a")], lexicon=["abc" * 50]) == [""]  # no room for it
    many = [f"{'abc'[n % 3]}{'abc'[n // 3 % 3]}{'abc'[n // 9 % 3]}" for n in range(27)] * 200
    assert reader.read([image], lexicon=many) == ["abc"]


@pytest.mark.parametrize(
    ("lexicon", "said"),
    [
        ("abc", "it is a str"),
        (7, "it is a int"),
        ([], "There are no entries"),
        ([3], "lexicon must be strings; number 0 is 3"),
        (["xyz"], "No entry of the lexicon can be written with the characters that were learned: 'abc'"),
    ],
)
def test_a_lexicon_that_cannot_be_meant_is_refused(lexicon: Any, said: str) -> None:
    with pytest.raises(CourseError, match=re.escape(said)):
        learned().read([line("a")], lexicon=lexicon)


def test_validation_keeps_the_best_weights_and_takes_characters_never_seen() -> None:
    reader = LineReader(hidden_size=6)
    others = ["abz", "ca"]
    history = reader.fit(
        IMAGES, TEXTS, ([line("abb"), line("ca")], others), steps=60, epochs=8, progress=False, lr=0.01
    )
    assert history.best is not None
    assert history.best.valid == history.table["valid"].min()
    assert character_error(reader.read([line("abb"), line("ca")]), others) == pytest.approx(history.best.valid)
    assert history.best.valid > 0
    assert reader.characters == ["a", "b", "c"]


def test_what_cannot_be_used_is_left_out_and_counted() -> None:
    reader = LineReader(hidden_size=4)
    wide = np.tile(line("abc"), 60)
    images = [line("ab"), np.zeros((9, 9)), line("b"), wide, line("c")]
    reader.fit(images, ["ab", "a", "b" * 60, "abc", ""], steps=1, progress=False)
    assert reader.left_out == {"blank": 1, "too narrow": 1, "too wide": 1}
    assert "1 images left out: too narrow" in repr(reader)


def test_equal_neighbours_need_a_frame_between_them() -> None:
    """Where "ab…" just fits, "aa…" of the same length does not."""
    column = np.zeros((40, 6))
    column[4:36, 1:3] = 1
    reader = LineReader(hidden_size=4)
    width = int(reader_width(reader, column))
    fits = "ab" * (width // 2)
    reader.fit([column], [fits[:width]], steps=1, progress=False)
    with pytest.raises(CourseError, match="1 too narrow"):
        reader.fit([column], ["aa" + fits[: width - 2]], steps=1, progress=False)


def reader_width(reader: LineReader, image: NDArray[np.float64]) -> int:
    (found,) = reader._seen([image], "images")
    assert found is not None
    return -(-len(found) // 2)


def test_one_character_alone_can_be_learned() -> None:
    reader = LineReader(hidden_size=4)
    reader.fit([line("a"), line("aa")], ["a", "aa"], steps=2, progress=False)
    assert reader.characters == ["a"]
    assert set("".join(reader.read([line("a")]))) <= {"a"}


def test_the_seed_decides_and_nothing_outside_is_touched() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    readers = [LineReader(hidden_size=4, seed=seed) for seed in (0, 0, 1)]
    for reader in readers:
        reader.fit(IMAGES, TEXTS, steps=2, progress=False)
    assert torch.equal(torch.rand(3), expected)
    first, again, other = (reader.model.readout.weight for reader in readers if reader.model)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_how_it_was_trained_is_told() -> None:
    reader = LineReader(hidden_size=4)
    reader.fit(IMAGES, TEXTS, steps=2, progress=False, dropout=0.25)
    assert "slanted by up to" in str(reader.described())
    assert "dropout 0.25" in str(reader.described())
    reader.fit(IMAGES, TEXTS, steps=2, progress=False, augment=False)
    assert reader.described().augmentation == "none"


@pytest.mark.parametrize(
    ("data", "more", "said"),
    [
        ((IMAGES[0], ["a"]), {}, "it is a single picture"),
        ((IMAGES[:2], ["a"]), {}, "There are 2 images and 1 texts"),
        (([], []), {}, "There are no images"),
        ((IMAGES[:2], ["a", 5]), {}, "texts must be strings; number 1 is 5"),
        ((IMAGES[:2], "ab"), {}, "it is a str"),
        ((IMAGES[:2], ["", ""]), {}, "no text has a character"),
        (([np.zeros((5, 5))] * 2, ["a", "b"]), {}, "None of the 2 images can be learned from: 2 blank"),
        (([np.full((5, 5), np.nan)], ["a"]), {}, "Number 0 of `images`: it has values that are not finite"),
        ((IMAGES[:2], ["a", "b"]), {"valid": IMAGES}, "valid must be a pair, (images, texts)"),
        ((IMAGES[:2], ["a", "b"]), {"valid": (IMAGES[:1], [""])}, "nothing to validate with"),
        ((IMAGES[:2], ["a", "b"]), {"valid": (IMAGES[:1], ["a", "b"])}, "There are 1 images and 2"),
        ((IMAGES[:2], ["a", "b"]), {"valid": (["x"], ["a"])}, "Number 0 of `the images of valid`"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(data: Any, more: Any, said: str) -> None:
    with pytest.raises(CourseError, match=re.escape(said)):
        LineReader(hidden_size=4).fit(*data, steps=1, progress=False, **more)


def test_before_it_has_learned_and_with_a_beam_of_none_it_says_so() -> None:
    with pytest.raises(CourseError, match=r"Call \.fit\(images, texts\) first"):
        LineReader().read(IMAGES)
    with pytest.raises(CourseError, match="beam must be a whole number from 1"):
        learned().read(IMAGES, beam=0)
    with pytest.raises(CourseError, match="cell"):
        LineReader("transformer")


def test_the_readers_that_travel_with_the_course_are_as_good_as_their_files_say() -> None:
    digits, kana = handwritten_lines(300, 0, "test"), pen_lines(300, 0, "test")
    pictures = [drawn(points) for points in kana.strokes]
    for name, reader, asked, texts, near in (
        ("read_lines", trained_line_reader(), digits.images, digits.texts, 0.015),
        ("read_pixels", trained_line_reader("hiragana"), pictures, kana.texts, 0.005),
        ("read_strokes", trained_stroke_reader(), kana.strokes, kana.texts, 0.005),
    ):
        note = load_checkpoint(resource(f"checkpoints/{name}.safetensors"), type(reader).__name__).note
        (told,) = re.findall(r"character error (0\.\d+) on", note)
        assert character_error(reader.read(asked), texts) == pytest.approx(float(told), abs=near)
        assert reader.described().augmentation != "none"
    with pytest.raises(CourseError, match="hiragana"):
        trained_line_reader("letters")


# ---------------------------------------------------------------------------------------------------------------------
# With a pen

PEN = {  # strokes of points (x, y)
    "a": [[(0, 0), (0, 10)]],
    "b": [[(0, 5), (8, 5)]],
    "c": [[(0, 0), (8, 10)], [(8, 0), (0, 10)]],
}


def written(text: str, scale: float = 1.0, dense: int = 5) -> NDArray[np.float64]:
    rows: list[tuple[float, float, float]] = []
    for number, character in enumerate(text):
        for (x0, y0), (x1, y1) in PEN[character]:
            for share in np.linspace(0, 1, dense):
                x, y = x0 + share * (x1 - x0) + 14 * number, y0 + share * (y1 - y0)
                rows.append((x * scale + 100, y * scale - 7, float(share == 1)))
    return np.array(rows).reshape(-1, 3)


WRITTEN = [written(text, scale=1 + n % 5, dense=2 + n % 7) for n, text in enumerate(TEXTS)]


@functools.cache
def learned_pen() -> StrokeReader:
    reader = StrokeReader(hidden_size=32)
    reader.fit(WRITTEN, TEXTS, steps=220, progress=False)
    return reader


def test_strokes_are_learned_at_any_scale() -> None:
    reader = learned_pen()
    assert character_error(reader.read(WRITTEN), TEXTS) < 0.15
    one, other = written("abcca"), written("abcca", 1e-3, 40)
    assert reader.read([one]) == reader.read([other])
    assert reader.characters == ["a", "b", "c"]


def test_strokes_of_no_point_and_of_one() -> None:
    reader = learned_pen()
    assert reader.read([np.zeros((0, 3)), []]) == ["", ""]
    assert reader.confidence([np.zeros((0, 3))]) == [1.0]
    (said,) = reader.read([[[3.0, 4.0, 1.0]]])
    assert set(said) <= set("abc")
    assert reader.emissions(np.zeros((0, 3)))[1].exp()[:, 0].tolist() == [1.0]


def test_what_it_reads_of_strokes_is_what_its_frames_say() -> None:
    reader, points = learned_pen(), written("cab")
    seen, log_probs = reader.emissions(points)
    assert log_probs.shape == (-(-len(seen) // 2), 4)
    assert reader.read([points]) == ["".join("-abc"[label] for label in ctc.greedy(log_probs))]
    assert reader.read([points], beam=3, lexicon=["cab", "bac"]) == ["cab"]


def test_strokes_that_cannot_be_used_are_left_out_and_counted() -> None:
    reader = StrokeReader(hidden_size=4)
    given = [written("ab"), np.zeros((0, 3)), written("b"), written("ca" * 90)]
    reader.fit(given, ["ab", "a", "b" * 60, "ca"], steps=1, progress=False)
    assert reader.left_out == {"blank": 1, "too short": 1, "too long": 1}


def test_how_strokes_were_changed_is_told() -> None:
    reader = StrokeReader(hidden_size=4)
    reader.fit(WRITTEN[:4], TEXTS[:4], steps=1, progress=False)
    assert "directions jittered" in str(reader.described())
    with pytest.raises(CourseError, match=r"Number 1 of `strokes`: its third column must be 1"):
        reader.read([WRITTEN[0], [[1, 2, 3]]])
