"""Captions word by word: the weights of each word reach the browser."""

from __future__ import annotations

import base64
import io
import json
import re
from typing import Any

import numpy as np
import pytest
import torch

from course_utils.errors import CourseError
from course_utils.widgets.caption_words import caption_words
from tests.widgets.in_node import computed, evaluated
from tests.widgets.twins import twin_of


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


def test_the_output_has_a_live_view_a_picture_and_a_twin_that_asks_no_server() -> None:
    widget = caption_words(*looked())
    twin_of(widget)
    assert len(json.dumps(widget.params)) < 20_000
