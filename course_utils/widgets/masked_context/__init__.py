"""Mask the context of a word on the left or on the right, in the browser: how probable each tag is then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from course_utils.errors import CourseError
from course_utils.figures.style import Picture
from course_utils.models.tagger_inputs import checked_sentences, checked_tags
from course_utils.widgets.shared.browser import BrowserWidget, module_text
from course_utils.widgets.shared.settings import settings_of

if TYPE_CHECKING:
    from course_utils.models.tagger import Tagger

MOST_SENTENCES, MOST_WORDS = 12, 14
SHOWN = 4  # tags of each word, those most probable


class MaskedContext(BrowserWidget):
    """The live widget; make one with `masked_context()`."""

    _esm = module_text("masked_context")


def masked_context(
    tagger: Tagger, sentences: Sequence[Sequence[str]], tags: Sequence[Sequence[str]], word: int | None = None
) -> MaskedContext:
    """Choose a word, and how many words before and behind it the tagger sees.

    The probabilities of all stretches of each sentence are computed now, and stored.

    Args:
        tagger: a trained one.
        sentences: 1 to 12 lists of 1 to 14 tokens.
        tags: for each the right ones.
        word: of the first sentence, which is chosen at first, from 0. Default: the first one in a span, if any.

    Raises:
        CourseError: no sentence, or too many or too long ones, tags that do not fit, or no such word; a tagger that has
            not learned.
    """
    rows = checked_sentences(sentences)
    right = checked_tags(tags, rows)
    if not 1 <= len(rows) <= MOST_SENTENCES or not all(1 <= len(row) <= MOST_WORDS for row in rows):
        raise CourseError(
            f"There are {len(rows)} sentences, of {sorted({len(row) for row in rows})} words. Give 1 to "
            f"{MOST_SENTENCES}, of 1 to {MOST_WORDS} words each."
        )
    first = next((index for index, tag in enumerate(right[0]) if tag != "O"), 0) if word is None else word
    if first not in range(len(rows[0])):
        raise CourseError(
            f"word is the index of one of {len(rows[0])} words, and {word!r} is not. Counting begins at 0."
        )
    stretches = [
        (row, start, end) for row in rows for start in range(len(row)) for end in range(start + 1, len(row) + 1)
    ]
    names, found = tagger.probabilities([row[start:end] for row, start, end in stretches])
    best = iter([_most_probable(names, shares.tolist()) for shares in found])
    params: dict[str, Any] = {
        "word": first,
        "sentences": [
            {
                "tokens": row,
                "right": row_tags,
                "seen": [[next(best) for _ in range(start + 1, len(row) + 1)] for start in range(len(row))],
            }
            for row, row_tags in zip(rows, right, strict=True)
        ],
    }
    return MaskedContext(params, picture(params["sentences"][0]), settings_of(tagger))


def _most_probable(names: Sequence[str], shares: Sequence[Sequence[float]]) -> list[list[tuple[str, float]]]:
    """For each word of a stretch its most probable tags, with their probabilities."""
    ranked = [sorted(zip(names, row, strict=True), key=lambda pair: -pair[1])[:SHOWN] for row in shares]
    return [[(name, round(share, 4)) for name, share in row] for row in ranked]


def picture(sentence: dict[str, Any]) -> Picture:
    """What stands in the widget's place where no script runs: each word of a sentence under four contexts."""
    from course_utils.figures.tagging import contexts

    T = len(sentence["tokens"])
    names = ("whole sentence", "without the right", "without the left", "the word alone")
    shares: dict[str, list[float]] = {name: [] for name in names}
    for t, tag in enumerate(sentence["right"]):
        stretches = ((0, T), (0, t + 1), (t, T), (t, t + 1))
        for values, (start, end) in zip(shares.values(), stretches, strict=True):
            values.append(dict(sentence["seen"][start][end - start - 1][t - start]).get(tag, 0.0))
    return contexts(sentence["tokens"], sentence["right"], shares, "How probable the right tag is, by what is seen")
