"""Scores of texts: whole answers, characters, and words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from course_utils.data.texts import composed
from course_utils.errors import CourseError


def exact_match(predictions: Sequence[str], references: Sequence[str]) -> float:
    """The share of answers without a single wrong character.

    Args:
        predictions: N answers.
        references: N references.

    Raises:
        CourseError: lists of different length, or empty ones.
    """
    predictions, references = checked_pairs(predictions, references)
    return sum(p == r for p, r in zip(predictions, references, strict=True)) / len(references)


def character_error(predictions: Sequence[str], references: Sequence[str]) -> float:
    """Character error rate: the fewest characters to insert, delete or replace, per character of the references.

    By jiwer; spaces at the ends do not count.

    Args:
        predictions: N answers.
        references: N references.

    Returns:
        0 where all are right; above 1 where more is wrong than there is to say.

    Raises:
        CourseError: lists of different length, empty ones, or a reference without a character.
    """
    predictions, references = _checked_references(predictions, references)
    import jiwer

    return float(jiwer.cer(references, predictions))


def replaced(predictions: Sequence[str], references: Sequence[str]) -> Counter[tuple[str, str]]:
    """Which characters were written in place of which, where that is the shortest way to correct an answer.

    By jiwer's alignment. Characters that are missing, or too many, do not count.

    Args:
        predictions: N answers.
        references: N references.

    Returns:
        (the character of the reference, the one written) → how often.

    Raises:
        CourseError: as of `character_error`.
    """
    predictions, references = _checked_references(predictions, references)
    import jiwer

    found: Counter[tuple[str, str]] = Counter()
    for prediction, reference in zip(predictions, references, strict=True):
        for chunk in jiwer.process_characters(reference, prediction).alignments[0]:
            if chunk.type == "substitute":
                right = reference[chunk.ref_start_idx : chunk.ref_end_idx]
                found.update(zip(right, prediction[chunk.hyp_start_idx : chunk.hyp_end_idx], strict=True))
    return found


def never_seen(learnt_from: Sequence[str], asked: Sequence[str]) -> float:
    """The share of the running words of some texts that stand in no text learnt from.

    Args:
        learnt_from: texts, words separated by spaces.
        asked: the texts with the words to look up.

    Returns:
        Between 0 and 1; a word that stands there twice counts twice.

    Raises:
        CourseError: `asked` has no word.
    """
    known = {word for text in learnt_from for word in composed(text).split()}
    words = [word for text in asked for word in composed(text).split()]
    if not words:
        raise CourseError("The texts asked about have no word. Give at least one.")
    return sum(word not in known for word in words) / len(words)


def right_words(predictions: Sequence[str], references: Sequence[str], kind: Collection[str]) -> float:
    """How often a word of one kind (a colour, a shape …) is right, where the reference has one.

    Args:
        predictions: texts, words separated by spaces.
        references: as many references.
        kind: all the words of the kind.

    Returns:
        The share of the references' words of this kind that stand at the same position in the prediction; nan if
        they have none.

    Raises:
        CourseError: their numbers differ, or there are none.
    """
    predictions, references = checked_pairs(predictions, references)
    kind = {composed(word) for word in kind}
    hits = total = 0
    for prediction, reference in zip(predictions, references, strict=True):
        words = prediction.split()
        for index, word in enumerate(reference.split()):
            if word in kind:
                total += 1
                hits += index < len(words) and words[index] == word
    return hits / total if total else float("nan")


def _checked_references(predictions: Sequence[str], references: Sequence[str]) -> tuple[list[str], list[str]]:
    predictions, references = checked_pairs(predictions, references)
    if not all(text.strip() for text in references):
        raise CourseError("A reference is empty: there is no character to be wrong. Leave such pairs out.")
    return predictions, references


def checked_pairs(predictions: Sequence[str], references: Sequence[str]) -> tuple[list[str], list[str]]:
    """Texts that are compared one by one, their accents in their letters.

    Raises:
        CourseError: a single string, lists of different length, empty ones, or something else than strings in them.
    """
    lists = _paired(predictions, references)
    for name, texts in zip(("answer", "reference"), lists, strict=True):
        index = next((index for index, text in enumerate(texts) if not isinstance(text, str)), None)
        if index is not None:
            raise CourseError(
                f"Each {name} is one string here; {name} {index} is {texts[index]!r:.60}. Of several references choose "
                "one, references[0]; words become a string with ' '.join(words)."
            )
    left, right = ([composed(text) for text in texts] for texts in lists)
    return left, right


def checked_words(
    predictions: Sequence[Sequence[str]], references: Sequence[Sequence[str]]
) -> tuple[list[list[str]], list[list[str]]]:
    """Texts as lists of words that are compared one by one, accents in their letters.

    Raises:
        CourseError: as for `checked_pairs`, where something else than lists of words is in them.
    """
    lists = _paired(predictions, references)
    for name, texts in zip(("answer", "reference"), lists, strict=True):
        index = next((index for index, words in enumerate(texts) if not _are_words(words)), None)
        if index is not None:
            raise CourseError(
                f"Each {name} is a list of words here; {name} {index} is {texts[index]!r:.60}. A string becomes one "
                "with text.split(); of several references choose one."
            )
    left, right = ([[composed(word) for word in words] for words in texts] for texts in lists)
    return left, right


def _are_words(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(word, str) for word in value)


def _paired(predictions: Any, references: Any) -> tuple[list[Any], list[Any]]:
    """Two lists of the same length.

    Raises:
        CourseError: they are not.
    """
    if isinstance(predictions, str) or isinstance(references, str):
        raise CourseError(
            "Two lists are compared here, and one of these is a single string. Put it into a list: [text]."
        )
    predictions, references = list(predictions), list(references)
    if len(predictions) != len(references):
        raise CourseError(f"There are {len(predictions)} answers for {len(references)} references. Give one for each.")
    if not references:
        raise CourseError("There is nothing to score: both lists are empty.")
    return predictions, references
