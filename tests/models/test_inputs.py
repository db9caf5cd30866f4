"""What is given to a model is taken as it is meant, whatever holds it, or refused with a sentence."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from course_utils.data.texts import composed
from course_utils.errors import CourseError
from course_utils.models.captioning import Captioner
from course_utils.models.clips import ClipNet
from course_utils.models.inputs import (
    are_classes,
    check_counts,
    checked_captions,
    checked_clips,
    checked_labels,
    checked_pairs,
    checked_table,
    checked_texts,
    checked_transcripts,
    classes_of,
    column_names,
    indices_of,
    two,
)
from course_utils.models.picture_inputs import as_bytes, as_decimals, checked_pictures
from course_utils.models.pictures import PictureClassifier
from course_utils.models.speech import ClipClassifier
from course_utils.models.tables import TableClassifier

# ---------------------------------------------------------------------------------------------------------------------
# Labels

SHORT = st.text(max_size=4).map(composed)
ONE_KIND = st.one_of(
    st.lists(st.text(max_size=5).map(composed), min_size=1, max_size=9),
    st.lists(st.booleans(), min_size=1, max_size=9),
    st.lists(st.integers(-(2**70), 2**70), min_size=1, max_size=9),
    st.lists(st.integers(-(2**40), 2**40).map(float), min_size=1, max_size=9),
)
ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4), st.binary(max_size=3), st.just(object())
)


@given(ONE_KIND)
def test_labels_of_one_kind_come_back_as_they_are(values: list[Any]) -> None:
    for held in (values, tuple(values), pd.Series(values, dtype=object), np.array(values, dtype=object)):
        found = checked_labels(held)
        assert found == values
        assert [type(label) for label in found] == [type(label) for label in values]
    if len(set(values)) > 1:
        classes = classes_of(values)
        assert classes == sorted(set(values))
        assert are_classes(classes)
        assert [type(label) for label in classes] == [type(values[0])] * len(classes)
        assert [classes[index] for index in indices_of(values, classes)] == values
    else:
        with pytest.raises(CourseError, match="two classes at least"):
            classes_of(values)


@given(st.lists(ANYTHING, max_size=6))
def test_labels_are_taken_or_refused_and_nothing_else(values: list[Any]) -> None:
    kinds = {type(value) for value in values}
    whole = all(math.isfinite(value) and value.is_integer() for value in values if isinstance(value, float))
    if len(kinds) <= 1 and kinds <= {str, bool, int, float} and whole:
        assert checked_labels(values) == values
    else:
        with pytest.raises(CourseError, match=r"label"):
            checked_labels(values)


@given(ANYTHING)
def test_one_label_is_no_list_of_labels(value: Any) -> None:
    with pytest.raises(CourseError, match="Expected: a list with a label for each of the clips"):
        checked_labels(value, "clips")


@pytest.mark.parametrize(
    "values",
    [
        np.array([3, 5], dtype=np.int8),
        torch.tensor([3, 5]),
        [torch.tensor(3), torch.tensor(5)],
        [np.int64(3), 5],
        pd.Series([3, 5], index=[7, 9]),
        pd.Series([3, 5], dtype="category"),
        range(3, 6, 2),
    ],
    ids=str,
)
def test_whole_numbers_are_the_same_whatever_holds_them(values: Any) -> None:
    found = checked_labels(values)
    assert found == [3, 5]
    assert {type(label) for label in found} == {int}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([["a"], ["b"]], r"shape \(2, 1\).*labels\[:, 0\]"),
        (np.eye(3), r"labels\.argmax\(1\)"),
        ([[1], [1, 2]], "shape"),
        (np.float64(3), "a list with a label"),
        (["a", None], "without a gap"),
        ([pd.NA, "a"], "without a gap"),
        ([1.0, math.nan], "missing or not finite"),
        ([1.5, 2.0], "a measurement and no class"),
        ([True, 1], "a mixture of yes or no and whole numbers"),
        ([1 + 2j], "A label is"),
        ([b"a"], "A label is b'a'"),
    ],
)
def test_labels_that_cannot_be_meant(values: Any, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        checked_labels(values)


def test_labels_that_are_unknown_are_named() -> None:
    with pytest.raises(CourseError, match=r"no class 'catt'. Did you mean 'cat'"):
        indices_of(["dog", "catt"], ["cat", "dog"])


@pytest.mark.parametrize("value", [None, "ab", ["a"], ["a", "a"], ["a", 1], [None, "a"], [[1], [2]], [1, True], {}])
def test_what_no_classes_are(value: Any) -> None:
    assert not are_classes(value)


MIXED = ["a", 1, "b", 2]
IMAGES = np.zeros((4, 3, 8, 8), dtype=np.float32)


def test_the_same_labels_are_refused_by_all_models_with_the_same_sentence() -> None:
    fits: list[Callable[[Any], Any]] = [
        lambda labels: TableClassifier().fit(np.zeros((4, 2)), labels),
        lambda labels: PictureClassifier(size=8).fit(IMAGES, labels),
        lambda labels: ClipClassifier(hidden_size=4).fit([np.ones(800)] * 4, labels),
        lambda labels: ClipNet(size=8, classes=("a", "b")).fit(IMAGES, labels),
    ]
    for fit in fits:
        for labels, message in (
            (MIXED, "The labels are a mixture of text and whole numbers"),
            (["a", None, "b", "a"], "A label is None"),
            ([0.5, 1, 2, 3], "with decimals"),
            (["a", "b"], "There are 4 .* and 2 labels"),
            ("abab", "Expected: a list with a label"),
            (np.eye(4), r"argmax\(1\)"),
        ):
            with pytest.raises(CourseError, match=message):
                fit(labels)


# ---------------------------------------------------------------------------------------------------------------------
# Tables


@given(
    arrays(
        st.sampled_from([np.float64, np.float32, np.float16, np.int8, np.int64, np.uint16, np.bool_]),
        array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4),
    )
)
def test_arrays_of_numbers_are_tables_or_are_refused(array: Any) -> None:
    if array.ndim == 2 and array.shape[1] and np.isfinite(array.astype(np.float64)).all():
        found = checked_table(array)
        assert found.dtype == np.float64
        assert np.array_equal(found, array.astype(np.float64))
        assert np.array_equal(checked_table(pd.DataFrame(array)), found)
        if array.dtype != np.uint16 and len(array):
            assert np.array_equal(checked_table(torch.as_tensor(array)), found)
            assert np.array_equal(checked_table(array.tolist()), found)
    else:
        message = "missing or not finite" if array.ndim == 2 and array.shape[1] else r"Expected: \(N, D\)"
        with pytest.raises(CourseError, match=message):
            checked_table(array)


def test_the_first_gap_is_named() -> None:
    table = np.zeros((4, 3))
    table[2, 1] = table[3, 0] = np.nan
    with pytest.raises(CourseError, match=r"2 of the inputs .* the first in row 2, column 1"):
        checked_table(table)


def test_only_tables_have_names() -> None:
    assert column_names(pd.DataFrame({"a": [1], 2: [3]})) == ["a", "2"]
    assert column_names(np.zeros((2, 2))) is None


# ---------------------------------------------------------------------------------------------------------------------
# Pictures


@given(
    st.sampled_from(
        [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.uint8, torch.int64, torch.bool]
    ),
    st.integers(0, 3),
    st.sampled_from([1, 3]),
    st.integers(0, 1000),
)
def test_pictures_are_the_same_whatever_holds_them(kind: torch.dtype, count: int, channels: int, seed: int) -> None:
    bytes_ = torch.randint(256, (count, channels, 3, 2), generator=torch.Generator().manual_seed(seed))
    images = (bytes_ / 255).to(kind) if kind.is_floating_point else bytes_.to(kind)
    found = checked_pictures(images)
    decimals = as_decimals(found)
    assert decimals.dtype == torch.float32
    assert found.shape == images.shape
    assert torch.allclose(decimals, (bytes_.bool() if kind == torch.bool else bytes_ / 255).float(), atol=4e-3)
    if kind in (torch.float64, torch.float32, torch.uint8, torch.int64):
        assert torch.equal(as_bytes(found).long(), bytes_)
    if channels == 1:
        assert torch.equal(checked_pictures(images[:, 0]), found)
        if count:
            with pytest.raises(CourseError, match="repeating the channel"):
                checked_pictures(images, colour=True)


@given(array_shapes(min_dims=0, max_dims=6, min_side=0, max_side=4))
def test_shapes_of_pictures(shape: tuple[int, ...]) -> None:
    fits = (len(shape) == 3 and 0 not in shape[1:]) or (len(shape) == 4 and shape[1] in (1, 3) and 0 not in shape[1:])
    if fits:
        checked_pictures(np.zeros(shape))
    else:
        with pytest.raises(CourseError, match=r"Pictures come as \(N, C, H, W\)"):
            checked_pictures(np.zeros(shape))


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.full((1, 3, 2, 2), 1.01), "must be 0 … 1. Divide by 255"),
        (np.full((1, 3, 2, 2), -0.5), r"Take \(images \+ 1\) / 2"),
        (np.full((1, 3, 2, 2), -1), "whole numbers must be 0 … 255"),
        (np.full((1, 3, 2, 2), 256), "whole numbers must be 0 … 255"),
        (np.full((1, 3, 2, 2), 1j), "Pictures come as"),
        (np.full((1, 3, 2, 2), "a"), "no array of numbers"),
        (np.zeros((1, 2, 2, 3)), "channels come last"),
        ([np.zeros((3, 2, 2)), np.zeros((3, 2, 3))], "do they differ in size"),
        ({"a": 1}, "no array of numbers"),
    ],
)
def test_pictures_that_cannot_be_meant(images: Any, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        checked_pictures(images)


def test_the_same_pictures_are_refused_by_both_models_with_the_same_sentence() -> None:
    broken = np.zeros((520, 3, 8, 8), dtype=np.float32)
    broken[515, 1, 3, 3] = np.nan
    for images, message in ((broken, "Picture 515 is damaged"), (np.full((4, 3, 8, 8), 7.0), "Divide by 255")):
        for fit in (PictureClassifier(size=8).fit, Captioner(hidden_size=4).fit):
            with pytest.raises(CourseError, match=message):
                fit(images, ["a", "b"] * (len(images) // 2))


# ---------------------------------------------------------------------------------------------------------------------
# Clips, texts, pairs


@given(st.lists(st.text("ab -", max_size=6), min_size=1, max_size=5))
def test_transcripts_are_words(texts: list[str]) -> None:
    if any("-" in text.split() for text in texts):
        with pytest.raises(CourseError, match="stands for the blank"):
            checked_transcripts(texts, len(texts), "-")
        return
    for held in (texts, tuple(texts), pd.Series(texts), np.array(texts, dtype=object)):
        assert checked_transcripts(held, len(texts), "-") == [text.split() for text in texts]
    with pytest.raises(CourseError, match=f"There are {len(texts) + 1} clips and {len(texts)} transcripts"):
        checked_transcripts(texts, len(texts) + 1, "-")


@given(st.lists(st.one_of(SHORT, st.lists(SHORT, max_size=3)), min_size=1, max_size=5))
def test_captions_are_lists_of_texts(given_as: list[Any]) -> None:
    found = checked_captions(given_as, len(given_as))
    assert found == [[one] if isinstance(one, str) else one for one in given_as]


@pytest.mark.parametrize("clip", [np.zeros(9), np.zeros((9, 2)), torch.zeros(9), "a.wav", b"a", {"a": 1}, {1}, None, 3])
def test_what_is_no_list_of_clips(clip: Any) -> None:
    with pytest.raises(CourseError, match="must be a list of clips"):
        checked_clips(clip)


def test_lists_of_clips() -> None:
    column = pd.Series([np.zeros(3), np.zeros(4)])
    for clips in ([np.zeros(9)], (np.zeros(9),), np.zeros((2, 99)), column, column.to_numpy(), []):
        assert len(checked_clips(clips)) == len(clips)


@pytest.mark.parametrize(
    "clips", [(np.zeros(9), 8000), (8000, np.zeros(9)), [torch.zeros(9), 8000], (np.zeros((9, 2)), 1)]
)
def test_a_clip_with_its_rate_in_place_of_clips(clips: Any) -> None:
    with pytest.raises(CourseError, match=r"a pair of samples and rate. Write \[samples\], sample_rate="):
        checked_clips(clips)


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.int8, bool])
def test_black_and_white_pictures_are_the_same_of_every_kind(kind: type) -> None:
    masks = np.random.default_rng(0).random((6, 3, 4, 4)) > 0.5
    found = checked_pictures(masks.astype(kind))
    assert np.array_equal(as_decimals(found), masks)
    assert np.array_equal(as_bytes(found), 255 * masks)
    assert as_decimals(checked_pictures(np.zeros((1, 4, 4), kind))).max() == 0


def test_bytes_with_a_larger_value_than_1_are_bytes() -> None:
    images = np.array([[[0, 1], [1, 2]]], dtype=np.uint8)
    assert torch.equal(as_bytes(checked_pictures(images)), torch.from_numpy(images[:, None]))


def test_texts_with_accents_behind_their_letters_are_those_with_accents_in_them() -> None:
    apart, whole = unicodedata.normalize("NFD", "café"), "café"
    assert apart != whole
    assert checked_labels([apart, whole]) == [whole, whole]
    assert checked_captions([apart, [apart]], 2) == [[whole], [whole]]
    assert checked_transcripts([f"{apart} x"], 1, "-") == [[whole, "x"]]
    assert checked_pairs([(apart, apart)], "pairs") == [(whole, whole)]
    rows = pd.DataFrame({apart: [0.0, 1.0, 0.0, 1.0], "b": [1.0, 0.0, 1.0, 1.0]})
    classifier = TableClassifier(())
    classifier.fit(rows, ["x", "y", "x", "y"], epochs=1)
    assert classifier.columns == [apart, "b"]
    classifier.predict(rows.rename(columns={apart: whole}))
    with pytest.raises(CourseError, match="The columns are others"):
        classifier.predict(rows.rename(columns={apart: "cafe"}))


@given(st.recursive(ANYTHING, lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner), max_leaves=6))
def test_pairs_are_pairs_of_texts(value: Any) -> None:
    fits = (
        isinstance(value, list | tuple)
        and bool(value)
        and all(
            isinstance(pair, list | tuple) and len(pair) == 2 and all(isinstance(side, str) for side in pair)
            for pair in value
        )
    )
    if fits:
        checked_pairs(value, "pairs")
    else:
        with pytest.raises(CourseError, match="`pairs` must be a list of pairs"):
            checked_pairs(value, "pairs")


@pytest.mark.parametrize("value", [None, 3, "ab", [1], (1, 2, 3), np.zeros(2), {1, 2}])
def test_what_is_no_pair(value: Any) -> None:
    with pytest.raises(CourseError, match=r"valid must be a pair, \(images, labels\); or nothing\."):
        two(value, "images, labels", "; or nothing")
    assert two([1, 2], "x, y") == (1, 2)


def test_counts() -> None:
    check_counts("rows", 1, "labels", 1)
    with pytest.raises(
        CourseError, match=r"There are 1 rows and 0 labels. Give one of the labels for each of the rows"
    ):
        check_counts("rows", 1, "labels", 0)
    with pytest.raises(CourseError, match=r"There are no rows. Give one at least"):
        check_counts("rows", 0, "labels", 0)


def test_texts_are_strings_one_for_each() -> None:
    assert checked_texts(["a b", "e\u0301"], 2, "images", "texts") == ["a b", "é"]
    with pytest.raises(CourseError, match="There are 3 images and 2 texts"):
        checked_texts(["a", "b"], 3, "images", "texts")
    with pytest.raises(CourseError, match="texts must be strings; number 1 is 7"):
        checked_texts(["a", 7], 2, "images", "texts")
    with pytest.raises(CourseError, match="texts must be a list of strings, one for each of the images; it is a str"):
        checked_texts("ab", 2, "images", "texts")
