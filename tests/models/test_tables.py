"""Feedforward networks by hand equal torch's; the table classifier takes what tables hold, and refuses the rest."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.tables import split, tables
from course_utils.errors import CourseError
from course_utils.models.tables import TableClassifier
from tests.random_state import random_state
from tests.strategies import examples

# --- the classifier -------------------------------------------------------------------------------------------------


def clouds(count: int = 120, classes: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Clouds of points that hardly overlap: anybody who learns at all tells them apart."""
    rng = np.random.default_rng(seed)
    y = np.arange(count) % classes
    centres = 6 * np.stack([np.cos(2 * np.pi * np.arange(classes) / classes), np.arange(classes)], axis=1)
    return rng.normal(size=(count, 2)) + centres[y], y


def trained(inputs: Any, labels: Any, **how: Any) -> TableClassifier:
    classifier = TableClassifier((16,), seed=how.pop("seed", 0))
    classifier.fit(inputs, labels, **{"seconds": None, "epochs": 40, **how})
    return classifier


X, Y = clouds()
NAMES = np.array(["ash", "birch", "elm"])
KINDS: dict[str, Any] = {
    "array of words": NAMES[Y],
    "list of words": NAMES[Y].tolist(),
    "objects": NAMES[Y].astype(object),
    "Series": pd.Series(NAMES[Y], index=range(7, 127)),
    "categories": pd.Series(NAMES[Y]).astype("category"),
    "array of numbers": Y + 5,
    "small whole numbers": (Y - 1).astype(np.int8),
    "tensor": torch.as_tensor(Y),
    "whole floats": Y.astype(float),
    "tuple": tuple(Y.tolist()),
    "yes or no": Y > 0,
}


@pytest.mark.parametrize("kind", KINDS)
def test_labels_come_back_as_they_were_given(kind: str) -> None:
    given_labels = KINDS[kind]
    classifier = trained(X, given_labels)
    named = classifier.predict(X)
    wanted = [value.item() if hasattr(value, "item") else value for value in list(given_labels)]
    assert isinstance(named, list)
    assert {type(label) for label in named} == {type(label) for label in wanted}
    assert np.mean([a == b for a, b in zip(named, wanted, strict=True)]) > 0.9
    assert classifier.classes == sorted(set(wanted))
    assert classifier.score(X, given_labels) > 0.9


@pytest.mark.parametrize(
    "change",
    [
        torch.as_tensor,
        lambda x: torch.as_tensor(x).bfloat16(),
        pd.DataFrame,
        lambda x: x.tolist(),
        lambda x: x.astype(np.float16),
        lambda x: pd.DataFrame(x).round().astype("Int64"),
        lambda x: np.asfortranarray(x)[::-1][::-1],
    ],
    ids=["tensor", "bfloat16", "DataFrame", "lists", "float16", "nullable", "strides"],
)
def test_inputs_may_be_arrays_tensors_and_tables(change: Any) -> None:
    given_inputs = change(X)
    classifier = trained(given_inputs, Y)
    assert classifier.score(given_inputs, Y) > 0.85
    assert classifier.probabilities(given_inputs).shape == (120, 3)


def test_probabilities_sum_to_one_and_predict_names_the_largest() -> None:
    classifier = trained(X, NAMES[Y])
    probabilities = classifier.probabilities(X)
    assert probabilities.dtype == np.float64
    assert (probabilities >= 0).all()
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-12)
    assert [classifier.classes[place] for place in probabilities.argmax(axis=1)] == classifier.predict(X)
    assert classifier.predict(np.empty((0, 2))) == []


def test_the_same_seed_gives_the_same_network_and_nothing_global_is_touched() -> None:
    torch.manual_seed(3)
    before = random_state(), torch.get_num_threads()
    first, second, other = (trained(X, Y, seed=seed).probabilities(X) for seed in (0, 0, 1))
    assert (random_state(), torch.get_num_threads()) == before
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_what_was_given_is_not_changed_and_a_second_fit_starts_anew() -> None:
    x, y = X.copy(), NAMES[Y]
    classifier = trained(x, y)
    once = classifier.probabilities(x)
    assert np.array_equal(x, X)
    classifier.fit(X[:, :1], Y, seconds=None, epochs=3)
    assert classifier.classes == [0, 1, 2]
    classifier.fit(x, y, seconds=None, epochs=40)
    assert np.array_equal(once, classifier.probabilities(x))


def test_units_of_the_columns_do_not_matter() -> None:
    classifier = trained(X, Y)
    moved = X * [2.0**10, 2.0**-20]
    again = trained(moved, Y)
    assert again.probabilities(moved) == pytest.approx(classifier.probabilities(X), abs=1e-3)


@pytest.mark.parametrize("scale", [1e-300, 1e-30, 1e12, 1e300])
def test_a_constant_column_and_one_of_another_scale_do_no_harm(scale: float) -> None:
    x = np.column_stack([X, np.full(len(X), 7e15), X[:, 0] * scale, np.zeros(len(X))])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        classifier = trained(x, Y)
        assert classifier.score(x, Y) > 0.9
        far = classifier.probabilities(np.array([[1e308, -1e308, 0.0, 1e308, 5.0]]))
    assert np.isfinite(far).all()


def test_training_rows_alone_set_the_scale() -> None:
    """Validation rows a thousand times as large leave the network as it is, where validation decides nothing."""
    how = {"seconds": None, "epochs": 1}
    one, other = TableClassifier((8,)), TableClassifier((8,))
    one.fit(X, Y, valid=(X[:40], Y[:40]), **how)
    other.fit(X, Y, valid=(1000 * X[:40], Y[:40]), **how)
    assert np.array_equal(one.probabilities(X), other.probabilities(X))


def test_early_stopping_keeps_the_best_weights_on_rows_held_back() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(80, 10)), rng.integers(0, 2, size=80)  # nothing to learn: it can only get worse
    history = TableClassifier((64,), weight_decay=0).fit(x, y, seconds=None)
    assert history.best is not None
    assert history.best.epoch < history.table["epoch"].max() < 500
    assert history.table["valid"].min() == history.best.valid
    unwatched = TableClassifier((4,)).fit(x, y, valid=False, epochs=5)
    assert unwatched.best is None
    assert unwatched.table["epoch"].max() == 5


def test_few_rows_and_single_rows_of_a_class() -> None:
    two = trained([[0.0], [1.0]], ["no", "yes"], epochs=200)
    assert two.predict([[0.0], [1.0]]) == ["no", "yes"]
    x, y = np.vstack([X, [[40.0, 40.0]]]), [*NAMES[Y].tolist(), "yew"]  # one row, far off
    classifier = trained(x, y, epochs=100)
    assert classifier.classes == ["ash", "birch", "elm", "yew"]
    assert classifier.score(X, NAMES[Y]) > 0.9
    assert classifier.predict([[40.0, 40.0]]) == ["yew"]


def test_linear_without_hidden_layers_and_deep_with_several() -> None:
    for sizes in ((), (8, 8, 8)):
        classifier = TableClassifier(sizes)
        classifier.fit(X, Y, seconds=None, epochs=60)
        assert classifier.score(X, Y) > 0.85


def test_labels_that_were_never_seen_count_as_wrong() -> None:
    classifier = trained(X, NAMES[Y])
    some = classifier.predict(X[:4])
    assert classifier.score(X[:4], [*some[:3], "oak"]) == 3 / 4


def test_it_learns_real_tables() -> None:
    """Far above the chance line, and no more: which method wins is not a test's business."""
    for name, least in (("iris", 0.8), ("wine", 0.85), ("breast_cancer", 0.85)):
        table = tables()[name]
        learn, _, judge = split(table.labels, seed=0)
        classifier = TableClassifier(seed=0)
        classifier.fit(table.inputs[learn], table.labels[learn], seconds=None, epochs=60)
        assert classifier.score(table.inputs[judge], table.labels[judge]) > least


@examples(25)
@given(st.integers(2, 40), st.integers(1, 4), st.integers(2, 5), st.integers(0, 1000))
def test_any_table_of_numbers_is_taken(rows: int, columns: int, classes: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.integers(-2, 3, size=(rows, columns)) * 10.0 ** rng.integers(-20, 20, size=columns)
    y = rng.integers(0, classes, size=rows)
    y[:2] = 0, 1
    classifier = TableClassifier((4,), seed=seed)
    classifier.fit(x, y, epochs=2)
    assert set(classifier.predict(x)) <= set(y.tolist())
    assert np.isfinite(classifier.probabilities(x)).all()


# --- refused --------------------------------------------------------------------------------------------------------

WITH_GAP = X.copy()
WITH_GAP[3, 1] = np.nan
REFUSED: dict[str, tuple[Any, Any, str]] = {
    "NaN": (WITH_GAP, Y, "1 of the inputs are missing or not finite, the first in row 3, column 1"),
    "infinite": (np.where(np.isnan(WITH_GAP), np.inf, X), Y, "not finite"),
    "pandas NA": (pd.DataFrame({"a": pd.array([1, None, 3, 4], dtype="Int64")}), [0, 1, 0, 1], "missing"),
    "masked": (np.ma.masked_invalid(WITH_GAP), Y, "masked"),
    "words": (np.array([["1", "2"]] * 120), Y, "other than real numbers"),
    "a column of words": (pd.DataFrame({"a": X[:, 0], "sex": NAMES[Y]}), Y, "column 'sex' holds no numbers"),
    "dates": (pd.DataFrame({"day": pd.date_range("2020-01-01", periods=120)}), Y, "column 'day' holds no numbers"),
    "objects": (X.astype(object), Y, "other than real numbers"),
    "complex": (X.astype(complex), Y, "other than real numbers"),
    "sparse": (scipy.sparse.csr_matrix(X), Y, "sparse"),
    "sparse tensor": (torch.as_tensor(X).to_sparse(), Y, "sparse"),
    "one column": (X[:, 0], Y, r"inputs\[:, None\]"),
    "a Series": (pd.Series(X[:, 0]), Y, r"inputs\[:, None\]"),
    "no column": (X[:, :0], Y, "D ≥ 1"),
    "three axes": (X[None], Y, r"Expected: \(N, D\)"),
    "rows of different lengths": ([[1.0, 2.0], [3.0]], [0, 1], "one length"),
    "None": (None, Y, "other than real numbers"),
    "no row": (X[:0], Y[:0], "There are no rows"),
    "one row": (X[:1], Y[:1], "one row"),
    "one class": (X, np.ones(120, dtype=int), "All rows have the label 1"),
    "labels of another length": (X, Y[:-1], "120 rows and 119 labels"),
    "decimals": (X, X[:, 0], "train a regression"),
    "gap in labels": (X, [None, *Y[1:].tolist()], "without a gap"),
    "NaN in labels": (X, [float("nan"), *Y[1:].tolist()], "missing or not finite"),
    "NaN among words": (X, pd.Series(NAMES[Y]).mask(Y == 0), "missing or not finite"),
    "mixed labels": (X, ["ash", *Y[1:].tolist()], "a mixture of text and whole numbers"),
    "one-hot labels": (X, np.eye(3, dtype=int)[Y], r"labels.argmax\(1\)"),
    "a column of labels": (X, Y[:, None].tolist(), r"labels\[:, 0\]"),
    "a word for labels": (X, "ash", "a label for each of the rows"),
    "dates as labels": (X, pd.date_range("2020-01-01", periods=120), "A label is"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_table_is_refused_with_a_sentence(case: str) -> None:
    inputs, labels, message = REFUSED[case]
    classifier = TableClassifier()
    with pytest.raises(CourseError, match=message):
        classifier.fit(inputs, labels, epochs=1)
    with pytest.raises(CourseError, match="not learned anything yet"):
        classifier.predict(X)


def test_wrong_use_is_refused_with_a_sentence(tmp_path: Path) -> None:
    classifier = trained(pd.DataFrame(X, columns=["a", "b"]), NAMES[Y], epochs=1)
    for call, message in (
        (lambda: classifier.predict(X[:, :1]), "have 1 columns; the classifier was trained on 2"),
        (lambda: classifier.predict(pd.DataFrame(X, columns=["b", "a"])), "in another order: 'b' stands where 'a'"),
        (lambda: classifier.predict(WITH_GAP), "not finite"),
        (lambda: classifier.score(X, NAMES[Y][:5]), "120 rows and 5 labels"),
        (lambda: classifier.score(X[:0], []), "There are no rows"),
        (lambda: classifier.score(X, Y), "trained on text"),
        (lambda: classifier.fit(X, Y, valid=(X, Y + 1)), "The label 3 is in the validation rows only"),
        (lambda: classifier.fit(X, Y, valid=(X[:, :1], Y)), "have 1 columns"),
        (lambda: classifier.fit(X, Y, valid=(X, Y[:3])), "120 rows of valid and 3 labels"),
        (lambda: classifier.fit(X, Y, valid=X), "a pair"),  # type: ignore[arg-type]
        (lambda: classifier.fit(X, Y, epochs=0), "epochs"),
        (lambda: classifier.fit(X, Y, seconds=-1), "seconds"),
        (lambda: TableClassifier(hidden_sizes=32), r"such as \(32,\)"),  # type: ignore[arg-type]
        (lambda: TableClassifier((0,)), "whole numbers from 1"),
        (lambda: TableClassifier(seed=-1), "a whole number from 0"),
        (lambda: TableClassifier(lr=0), "lr must be a number greater than 0"),
        (lambda: TableClassifier().save(tmp_path / "a"), "not learned anything yet"),
        (lambda: classifier.save(tmp_path / "no" / "a"), "cannot be written"),
        (lambda: TableClassifier.load(tmp_path / "none"), "There is no file"),
    ):
        with pytest.raises(CourseError, match=message):
            call()
    assert classifier.classes == ["ash", "birch", "elm"]  # a refused fit leaves it as it was


# --- files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["array of words", "whole floats", "yes or no", "array of numbers"])
def test_a_saved_classifier_comes_back_as_it_was(tmp_path: Path, kind: str) -> None:
    classifier = trained(pd.DataFrame(X, columns=["a", "b"]), KINDS[kind], epochs=5)
    classifier.save(tmp_path / "trees.safetensors")
    again = TableClassifier.load(str(tmp_path / "trees.safetensors"))
    assert np.array_equal(again.probabilities(X), classifier.probabilities(X))
    assert [(type(label), label) for label in again.classes] == [(type(label), label) for label in classifier.classes]
    assert again.columns == ["a", "b"]
    assert again.score(X, KINDS[kind]) == classifier.score(X, KINDS[kind])
