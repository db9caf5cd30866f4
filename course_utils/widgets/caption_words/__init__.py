"""A caption word by word, in the browser: where a captioner looked when it said each word."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from course_utils.errors import CourseError
from course_utils.figures.style import Picture
from course_utils.widgets.shared.browser import BrowserWidget, module_text

if TYPE_CHECKING:
    from course_utils.display.settings import Settings

MOST_PICTURES, MOST_PIXELS = 24, 256


class CaptionWords(BrowserWidget):
    """The live widget; make one with `caption_words()`."""

    _esm = module_text("caption_words")


def caption_words(
    images: Any,
    tokens: Sequence[Sequence[str]],
    weights: Sequence[Any],
    predictions: Sequence[str] | None = None,
    truth: Sequence[str] | None = None,
    settings: Settings | None = None,
) -> CaptionWords:
    """Choose a picture, and step through its caption: the picture is dark where there was little weight.

    Args:
        images: (N, 3, H, W), or (N, 1, H, W); bytes 0 … 255 or floats 0 … 1. 1 to 24 of them, up to 256 pixels wide.
        tokens: for each picture the U words, as `Captioner.attend` returns them.
        weights: for each picture (U, h, w); those of a word sum to 1. h and w are the same for all.
        predictions: for each picture the caption; default: its tokens.
        truth: for each picture the true caption; default: it is not shown.
        settings: how the captioner was trained: `captioner.described()`. Default: nothing is told.

    Raises:
        CourseError: no picture or too many, or words, weights and pictures that do not fit each other.
    """
    pictures = _as_bytes(images)
    N = len(pictures)
    maps = [_plain(picture_weights).astype("<f4") for picture_weights in weights]
    captions = [" ".join(words) for words in tokens] if predictions is None else list(predictions)
    references = [""] * N if truth is None else list(truth)
    if not N == len(tokens) == len(maps) == len(captions) == len(references):
        raise CourseError(
            f"There are {N} pictures, {len(tokens)} lists of words, {len(maps)} of weights, {len(captions)} captions "
            f"and {len(references)} true ones. Give one of each for each picture."
        )
    _check_weights(tokens, maps)
    params: dict[str, Any] = {
        "rows": maps[0].shape[1],
        "columns": maps[0].shape[2],
        "pictures": [
            {
                "name": f"picture {n + 1}",
                "png": _png(pictures[n]),
                "tokens": list(tokens[n]),
                "weights": base64.b64encode(maps[n].tobytes()).decode(),
                "said": captions[n],
                "truth": references[n],
            }
            for n in range(N)
        ],
    }
    return CaptionWords(params, picture(pictures[0], tokens[0], maps[0]), settings)


def picture(image: npt.NDArray[np.uint8], tokens: Sequence[str], weights: npt.NDArray[np.float32]) -> Picture:
    """What stands in the widget's place where no script runs: the first picture, with all its words."""
    from course_utils.figures.captions import attention_per_word

    return attention_per_word(image.transpose(2, 0, 1), tokens, weights, "Where it looked, word by word")


def _plain(values: Any) -> npt.NDArray[Any]:
    return np.asarray(values.detach().cpu() if hasattr(values, "detach") else values)


def _as_bytes(images: Any) -> npt.NDArray[np.uint8]:
    """(N, H, W, 3) bytes."""
    pictures = _plain(images)
    fits = pictures.ndim == 4 and pictures.shape[1] in (1, 3) and max(pictures.shape[2:]) <= MOST_PIXELS
    if not fits or not 1 <= len(pictures) <= MOST_PICTURES:
        raise CourseError(
            f"Pictures come as (N, 3, H, W) or (N, 1, H, W), 1 to {MOST_PICTURES} of them, up to {MOST_PIXELS} pixels "
            f"wide and high; these have the shape {pictures.shape}."
        )
    scaled = pictures if pictures.dtype == np.uint8 else (255 * pictures.clip(0, 1)).round().astype(np.uint8)
    return np.repeat(scaled, 3 // scaled.shape[1], axis=1).transpose(0, 2, 3, 1)


def _check_weights(tokens: Sequence[Sequence[str]], maps: Sequence[npt.NDArray[np.float32]]) -> None:
    for words, weights in zip(tokens, maps, strict=True):
        if not len(words) or weights.ndim != 3 or len(weights) != len(words) or weights.shape[1:] != maps[0].shape[1:]:
            raise CourseError(
                f"For {len(words)} words the weights must be ({len(words)}, h, w), with a word at least, and h and w "
                f"as for the first picture; they are {weights.shape}."
            )
        if not np.allclose(weights.sum(axis=(1, 2)), 1, atol=1e-3):
            raise CourseError("The weights of a word must sum to 1 over the places of the picture.")


def _png(pixels: npt.NDArray[np.uint8]) -> str:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "png", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()
