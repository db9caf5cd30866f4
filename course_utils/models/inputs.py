"""What can be given to a model, checked: tables, labels, clips, pairs of sentences, captions and transcripts.

scikit-learn judges tables and numbers the classes; the sentences are ours.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from course_utils.data.sounds import has_its_rate
from course_utils.data.texts import composed
from course_utils.errors import CourseError, unknown

Label: TypeAlias = str | bool | int | float
Floats: TypeAlias = NDArray[np.float64]
Items: TypeAlias = Sequence[Any] | NDArray[Any] | Tensor  # of an array the first axis counts them

KINDS: dict[type, str] = {str: "text", bool: "yes or no", int: "whole numbers", float: "numbers with a decimal point"}
CHANNELS_HEARD = 8  # at most, of a clip

# ---------------------------------------------------------------------------------------------------------------------
# Pairs, lists, numbers of them


def two(given: Any, names: str, otherwise: str = "") -> tuple[Any, Any]:
    """The two parts of `valid`.

    Args:
        given: what was given for it.
        names: of the parts, such as "images, labels".
        otherwise: what else it may be, in words.

    Raises:
        CourseError: it is no pair.
    """
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise CourseError(f"valid must be a pair, ({names}){otherwise}.")
    return given[0], given[1]


def check_counts(things: str, count: int, other_things: str, other_count: int) -> None:
    """Raise a CourseError unless there are as many of one as of the other, and one at least.

    Args:
        things: such as "pictures".
        count: of them.
        other_things: such as "labels".
        other_count: of these.

    Raises:
        CourseError: there are not.
    """
    if count != other_count:
        raise CourseError(
            f"There are {count} {things} and {other_count} {other_things}. "
            f"Give one of the {other_things} for each of the {things}."
        )
    if not count:
        raise CourseError(f"There are no {things}. Give one at least.")


def list_of(values: Any, expected: str) -> list[Any]:
    """A list of what an array, a tensor, a column of a table or a list holds."""
    if hasattr(values, "tolist"):
        values = values.tolist()
    if isinstance(values, str | bytes | dict) or not isinstance(values, Sequence):
        raise CourseError(f"{expected}; it is a {type(values).__name__}.")
    return list(values)


# ---------------------------------------------------------------------------------------------------------------------
# Tables


def column_names(inputs: Any) -> list[str] | None:
    """The names of a DataFrame's columns; None for anything else."""
    return [str(name) for name in inputs.columns] if _is_frame(inputs) else None


def checked_table(inputs: Any) -> Floats:
    """Rows of numbers.

    Args:
        inputs: (N, D), an array, a tensor, lists or a DataFrame; N may be 0.

    Returns:
        (N, D), all finite.

    Raises:
        CourseError: they are no such rows.
    """
    from sklearn.utils import check_array

    array = _array(inputs)
    try:
        with np.errstate(over="ignore"):
            found: Floats = check_array(array, dtype=np.float64, ensure_min_samples=0)
    except ValueError:
        raise _table_fault(array) from None
    return found


def _is_frame(inputs: Any) -> bool:
    return hasattr(inputs, "columns") and hasattr(inputs, "dtypes") and not callable(inputs.columns)


def _is_number_kind(kind: Any) -> bool:
    return getattr(kind, "kind", "O") in "biuf"


def _array(inputs: Any) -> NDArray[Any]:
    """An array of real numbers, whatever its shape."""
    if hasattr(inputs, "toarray") or (isinstance(inputs, Tensor) and inputs.layout is not torch.strided):
        raise CourseError("The inputs are sparse. Expected: all numbers, zeros too: .toarray() or .to_dense().")
    if isinstance(inputs, np.ma.MaskedArray) and np.ma.is_masked(inputs):
        raise CourseError("Some inputs are masked: missing. Leave out those rows or columns.")
    if _is_frame(inputs):
        words = [str(n) for n, kind in zip(inputs.columns, inputs.dtypes, strict=True) if not _is_number_kind(kind)]
        if words:
            raise CourseError(
                f"The column {words[0]!r} holds no numbers ({len(words)} of {len(inputs.columns)} columns do not). "
                "Turn words into numbers, pandas.get_dummies(…), or leave the column out."
            )
        return np.asarray(inputs.to_numpy(dtype=np.float64, na_value=np.nan))
    try:
        array = np.asarray(_of_tensor(inputs) if isinstance(inputs, Tensor) else inputs)
    except ValueError as error:  # rows of different lengths
        raise CourseError(
            "The inputs are no table: expected were N rows with D numbers each, all of one length."
        ) from error
    if not _is_number_kind(array.dtype):
        raise CourseError(
            f"The inputs hold something other than real numbers (numpy calls it {array.dtype}). Expected: an array, "
            "tensor or DataFrame of numbers, (N, D)."
        )
    return array


def _of_tensor(tensor: Tensor) -> NDArray[Any]:
    plain = tensor.detach().cpu()
    array: NDArray[Any] = (plain.double() if plain.is_floating_point() else plain).numpy()
    return array


def _table_fault(array: NDArray[Any]) -> CourseError:
    """Why scikit-learn refuses an array of numbers."""
    if array.ndim != 2 or array.shape[1] < 1:
        return CourseError(
            f"The inputs have the shape {array.shape}. Expected: (N, D), N rows of D numbers, D ≥ 1. One column "
            "alone is inputs[:, None], one row alone inputs[None]."
        )
    with np.errstate(over="ignore"):
        bad = np.argwhere(~np.isfinite(array.astype(np.float64)))
    row, column = bad[0]
    return CourseError(
        f"{len(bad)} of the inputs are missing or not finite, the first in row {row}, column {column} (from 0). "
        "Nothing is filled in here: leave out those rows or columns."
    )


# ---------------------------------------------------------------------------------------------------------------------
# Labels


def checked_labels(values: Any, things: str = "rows") -> list[Label]:
    """Labels of any kind, as Python's own.

    Args:
        values: (N,) words, whole numbers, True and False, or whole floats such as 1.0: a list, an array, a tensor or a
            column of a table.
        things: what they belong to, for the message.

    Returns:
        N of one kind: str, int, bool or float.

    Raises:
        CourseError: they are of several kinds or none of these, with gaps, or with decimals.
    """
    many = hasattr(values, "__len__") and hasattr(values, "__iter__")
    if isinstance(values, str | bytes | dict) or not many:
        raise CourseError(f"The labels are {values!r:.40}. Expected: a list with a label for each of the {things}.")
    given = _of_tensor(values) if isinstance(values, Tensor) else values
    array = given if isinstance(given, np.ndarray) else _objects(given)
    if array.ndim != 1:
        raise CourseError(
            f"The labels have the shape {array.shape}. Expected: (N,), one for each of the {things}. A single "
            "column is labels[:, 0]; of a one-hot code take labels.argmax(1)."
        )
    found = [value.item() if _is_scalar(value) else value for value in array.tolist()]
    _check_kinds(found)
    return [composed(value) if isinstance(value, str) else value for value in found]


def _is_scalar(value: Any) -> bool:
    return isinstance(value, np.generic) or (isinstance(value, Tensor | np.ndarray) and value.ndim == 0)


def _objects(values: Any) -> NDArray[Any]:
    """A list, tuple, Series … as it is, so that numpy does not turn numbers into words."""
    if hasattr(values, "to_numpy"):
        return np.asarray(values.to_numpy(dtype=object))
    several = list(values)
    if several and all(isinstance(value, list | tuple | np.ndarray | Tensor) and np.ndim(value) for value in several):
        try:
            return np.asarray(several)
        except ValueError:  # of different lengths
            return np.empty((len(several), 0))
    array = np.empty(len(several), dtype=object)
    for index, value in enumerate(several):
        array[index] = value
    return array


def _check_kinds(found: list[Any]) -> None:
    kinds = Counter(map(type, found))
    strange = next((value for value in found if type(value) not in KINDS), None)
    if strange is not None or None in found:
        raise CourseError(
            f"A label is {strange!r:.40}. Expected: words, whole numbers, or True and False, without a gap."
        )
    if any(type(value) is float and not math.isfinite(value) for value in found):
        raise CourseError("A label is missing or not finite. Leave it out, with what it belongs to.")
    if any(type(value) is float and not value.is_integer() for value in found):
        raise CourseError(
            "The labels hold numbers with decimals: a measurement and no class. To tell numbers, train a regression: a "
            "network with one output and the mean squared error (lesson 01 shows it)."
        )
    if len(kinds) > 1:
        names = " and ".join(KINDS[kind] for kind in kinds)
        raise CourseError(f"The labels are a mixture of {names}. Expected: one kind.")


def classes_of(found: Sequence[Label], things: str = "rows") -> list[Label]:
    """The different labels, in their order.

    Raises:
        CourseError: there is only one.
    """
    classes: list[Label] = np.unique(_objects(found)).tolist()
    if len(classes) < 2:
        raise CourseError(f"All {things} have the label {classes[0]!r}. Give {things} of two classes at least.")
    return classes


def indices_of(found: Sequence[Label], classes: Sequence[Label]) -> NDArray[np.int64]:
    """The index of each label among the classes.

    Raises:
        CourseError: a label that is none of them.
    """
    index = {label: number for number, label in enumerate(classes)}
    if strange := [label for label in found if label not in index]:
        raise unknown("class", strange[0], map(str, classes))
    return np.array([index[label] for label in found], dtype=np.int64)


def are_classes(value: Any) -> bool:
    """Is it a list of two or more different labels of one kind, as a file of a model has it?"""
    kinds = {type(label) for label in value} if isinstance(value, list) else set()
    return len(kinds) == 1 and kinds <= set(KINDS) and len(value) == len(set(value)) > 1


# ---------------------------------------------------------------------------------------------------------------------
# Clips, and what is said in them


def checked_clips(given: Any, name: str = "clips") -> list[Any]:
    """A list of clips, whose samples are not looked at yet.

    Args:
        given: a list of clips, or an array (N, T).
        name: of the argument, for the message.

    Raises:
        CourseError: it is a single clip, or no list.
    """
    expected = f"`{name}` must be a list of clips, each an array of samples (T,)"
    many = hasattr(given, "__len__") and hasattr(given, "__iter__") and not isinstance(given, str | bytes | dict | set)
    if many and has_its_rate(given):
        raise CourseError(f"{expected}; it is a pair of samples and rate. Write [samples], sample_rate=….")
    if not many:
        raise CourseError(f"{expected}; it is a {type(given).__name__}.")
    shape = getattr(given, "shape", (0, 0))
    column = len(shape) == 1 and str(getattr(given, "dtype", "")) == "object"  # of a table, each clip of its own length
    if len(given) and not column and (len(shape) < 2 or (len(shape) == 2 and 0 < shape[1] <= CHANNELS_HEARD)):
        raise CourseError(f"{expected}; it is a single clip. Write [clip] for a list of one.")
    return list(given)


def checked_transcripts(given: Any, count: int, blank: str, name: str = "transcripts") -> list[list[str]]:
    """The words of each clip.

    Args:
        given: N strings.
        count: N.
        blank: a word that has another meaning.
        name: of the argument, for the message.

    Raises:
        CourseError: they are no strings, or not as many as clips.
    """
    texts = checked_texts(given, count, "clips", name)
    for index, text in enumerate(texts):
        if blank in text.split():
            raise CourseError(
                f"Number {index} of {name} has the word {blank!r}, which stands for the blank. Leave it out."
            )
    return [text.split() for text in texts]


def checked_texts(given: Any, count: int, things: str, name: str) -> list[str]:
    """A text for each of some things.

    Args:
        given: N strings.
        count: N.
        things: such as "clips".
        name: of the argument, for the message.

    Raises:
        CourseError: they are no strings, or not as many as things.
    """
    texts = list_of(given, f"{name} must be a list of strings, one for each of the {things}")
    check_counts(things, count, name, len(texts))
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            raise CourseError(f"{name} must be strings; number {index} is {text!r:.60}.")
    return [composed(text) for text in texts]


# ---------------------------------------------------------------------------------------------------------------------
# Sentences


def checked_captions(given: Any, count: int) -> list[list[str]]:
    """The captions of each picture.

    Args:
        given: N strings, or N lists of strings.
        count: N.

    Raises:
        CourseError: they are none, or not as many as pictures.
    """
    expected = "`captions` must be a list with a string for each picture, or with a list of strings for each"
    several = list_of(given, expected)
    check_counts("pictures", count, "captions", len(several))
    found = []
    for index, caption in enumerate(several):
        texts = [caption] if isinstance(caption, str) else caption
        listed = isinstance(texts, Sequence) and not isinstance(texts, bytes | dict)
        if not listed or not all(isinstance(text, str) for text in texts):
            raise CourseError(f"{expected}; number {index} is {caption!r:.60}.")
        found.append([composed(text) for text in texts])
    return found


def checked_pairs(pairs: Any, name: str) -> list[tuple[str, str]]:
    """Pairs of sentences.

    Args:
        pairs: a list of (source, target).
        name: of the argument, for the message.

    Raises:
        CourseError: they are none; it says what else was given.
    """
    expected = f"`{name}` must be a list of pairs (source, target) of strings"
    pairs = list_of(pairs, expected)
    if not pairs:
        raise CourseError(f"{expected}; it is empty.")
    for index, pair in enumerate(pairs):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise CourseError(f"{expected}; number {index} is {pair!r:.60}.")
        if not all(isinstance(side, str) for side in pair):
            raise CourseError(
                f"{expected}; in number {index} a side is a {type(pair[0]).__name__} or {type(pair[1]).__name__}."
            )
    return [(composed(source), composed(target)) for source, target in pairs]
