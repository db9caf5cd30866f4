"""A feedforward network for the rows of any table: it takes arrays or tables, and labels of any kind.

    classifier = TableClassifier(hidden_sizes=(32,), seed=0)
    classifier.fit(inputs, labels)
    classifier.predict(other_inputs)

N rows, D columns, C classes.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from course_utils.checks import check_number, check_positive, check_whole
from course_utils.errors import CourseError
from course_utils.models.base import Estimator
from course_utils.models.checkpoints import Checkpoint, are_texts
from course_utils.nn.feedforward import MLP, softmax
from course_utils.training import History, fit, supervised

Label: TypeAlias = str | bool | int | float
Floats: TypeAlias = NDArray[np.float64]

HELD_BACK = 0.2  # of each class, for early stopping
PATIENCE = 25  # validations without a better loss, before the training ends
BATCH = 32
MOST = 500  # epochs, where neither the validation nor the caller ends it earlier
UNWATCHED = 200  # epochs, where nothing is validated
FARTHEST = 10.0  # standard deviations from the mean; what lies beyond is taken to lie there
KINDS: dict[type, str] = {str: "text", bool: "yes or no", int: "whole numbers", float: "numbers with a decimal point"}


class TableClassifier(Estimator[MLP]):
    """A multi-layer perceptron that names the class of a row.

    Columns are standardised with the mean and standard deviation of the training rows; a column that is constant there
    counts for nothing, and a value more than ten standard deviations away counts as ten. The same seed, rows and epochs
    give the same network (a limit in seconds may end a training earlier or later). torch's and numpy's global random
    state are left as they were.

    Attributes:
        classes: the labels it can name, in their order, once it is trained.
        columns: the names of the columns, where it was trained on a DataFrame; else None.

    Args:
        hidden_sizes: units of each hidden layer; () makes it a linear classifier.
        seed: of the first weights, of the rows held back, and of the order of the batches.
        lr: learning rate of Adam at its start.
        weight_decay: how strongly weights are pulled to 0, as in `torch.optim.AdamW`.

    Raises:
        CourseError: sizes, a seed or a rate that cannot be meant.
    """

    fit_takes = "inputs, labels"

    def __init__(
        self, hidden_sizes: Sequence[int] = (32,), seed: int = 0, *, lr: float = 0.005, weight_decay: float = 0.1
    ) -> None:
        if isinstance(hidden_sizes, int) or any(type(size) is not int or size < 1 for size in hidden_sizes):
            raise CourseError(
                f"hidden_sizes is {hidden_sizes!r}. Expected were the units of each hidden layer, whole numbers "
                "from 1, such as (32,) or (64, 64)."
            )
        self.hidden_sizes, self.seed = tuple(hidden_sizes), check_whole("seed", seed, 0)
        self.lr, self.weight_decay = check_positive("lr", lr), check_number("weight_decay", weight_decay, 0)
        self.classes: list[Label] = []
        self.columns: list[str] | None = None
        self._scale: dict[str, Floats] = {}

    def _described(self) -> str:
        classes = f", {len(self.classes)} classes" if self.classes else ""
        return f"hidden_sizes={self.hidden_sizes}, seed={self.seed}{classes}"

    def fit(
        self,
        inputs: Any,
        labels: Any,
        valid: tuple[Any, Any] | Literal[False] | None = None,
        seconds: float | None = 10,
        epochs: int | None = None,
    ) -> History:
        """Train anew on these rows, whatever was learned before.

        Training ends when the loss on the validation rows has not fallen for 25 validations (one an epoch), or earlier
        by `seconds` or `epochs`; the weights of the best validation are kept.

        Args:
            inputs: (N, D) numbers: an array, a tensor or a DataFrame; N ≥ 2.
            labels: (N,) words, whole numbers, or True and False. Floats are taken where they are whole: 1.0, 2.0.
            valid: inputs and labels to validate with. Default: a fifth of each class is held back from the training,
                where it has three rows at least. False, or too few rows to hold any back: nothing is validated, and
                the training goes on for all `epochs`.
            seconds: the most seconds; None: no limit.
            epochs: the most passes through the training rows. Default: 500, or 200 where nothing is validated.

        Returns:
            The history of the training.

        Raises:
            CourseError: inputs with gaps, infinite numbers, words or a wrong shape; labels of another length, with
                gaps, or with decimals; one row or one class only. It says what to do.
        """
        columns = _names(inputs)
        rows, answers = _numbers(inputs), _labels(labels)
        _check_rows(rows, answers)
        classes = sorted(set(answers))
        if len(classes) < 2:
            raise CourseError(f"Every label is {classes[0]!r}. Expected were two different ones at least.")
        y = _places(answers, classes)
        held: tuple[Floats, NDArray[np.int64]] | None = None
        if valid is None:
            train, rest = held_back(y, self.seed)
            if len(rest):
                held, rows, y = (rows[rest], y[rest]), rows[train], y[train]
        elif valid is not False:
            held = self._checked_valid(valid, rows.shape[1], columns, classes)
        scale = _scale_of(rows)
        sizes = (rows.shape[1], *self.hidden_sizes, len(classes))
        model = MLP(sizes, generator=torch.Generator().manual_seed(self.seed))
        watched = None if held is None else [(_scaled(held[0], scale), torch.from_numpy(held[1]))]
        history = self._train(model, _scaled(rows, scale), torch.from_numpy(y), watched, seconds, epochs)
        self.model, self._scale, self.classes, self.columns = model.eval(), scale, classes, columns
        return history

    def predict(self, inputs: Any) -> list[Label]:
        """The label of each row: the most probable of `classes`, as it was given in training.

        Args:
            inputs: (N, D), as in training; N may be 0.

        Raises:
            CourseError: not trained yet, or inputs that differ from those of the training in their columns.
        """
        return [self.classes[place] for place in self.probabilities(inputs).argmax(axis=1)]

    def probabilities(self, inputs: Any) -> Floats:
        """How probable each class is for each row.

        Args:
            inputs: as for `predict`.

        Returns:
            (N, C), in the order of `classes`; each row sums to 1.

        Raises:
            CourseError: as for `predict`.
        """
        model = self._trained()
        rows = _numbers(inputs)
        _check_columns(rows.shape[1], _names(inputs), model.sizes[0], self.columns)
        with torch.no_grad():
            logits = model(_scaled(rows, self._scale))
        return softmax(logits.double()).numpy()

    def score(self, inputs: Any, labels: Any) -> float:
        """The share of rows that are named rightly. A label that never occurred in training always counts as wrong.

        Args:
            inputs: (N, D), N ≥ 1.
            labels: (N,) of the same kind as in training.

        Raises:
            CourseError: as for `predict`; labels of another length or kind; no row.
        """
        named, answers = self.predict(inputs), _labels(labels)
        if len(named) != len(answers) or not named:
            raise CourseError(
                f"{len(named)} rows and {len(answers)} labels. Expected was one of each at least, in pairs."
            )
        _check_kind(answers, self.classes)
        return sum(said == true for said, true in zip(named, answers, strict=True)) / len(answers)

    def _learned(self) -> dict[str, Any]:
        return {"classes": self.classes, "columns": self.columns}

    def _tensors(self) -> dict[str, Tensor]:
        return {f"scale.{name}": torch.from_numpy(values) for name, values in self._scale.items()}

    def _restore(self, checkpoint: Checkpoint) -> None:
        classes = checkpoint.field("classes", _are_classes, "two or more different labels of one kind")
        (width,) = checkpoint.shapes.get("scale.mean", ())
        columns = checkpoint.field("columns", lambda names: names is None or are_texts(names), "names or nothing")
        if columns is not None and len(columns) != width:
            raise checkpoint.fault(f"it has {width} columns and {len(columns)} names")
        if len(self.hidden_sizes) > len(checkpoint.shapes):
            raise checkpoint.fault("it has more layers than weights")
        self._scale = {name: checkpoint.tensor(f"scale.{name}", (width,), torch.float64).numpy() for name in SCALE}
        if not all((values > 0).all() for name, values in self._scale.items() if name != "mean"):
            raise checkpoint.fault("the scale of a column is not above 0")
        sizes = (width, *self.hidden_sizes, len(classes))
        self.model = checkpoint.network(lambda: MLP(sizes), besides=tuple(f"scale.{name}" for name in SCALE))
        self.classes, self.columns = classes, columns

    # -----------------------------------------------------------------------------------------------------------------

    def _train(
        self,
        model: MLP,
        x: Tensor,
        y: Tensor,
        valid: list[tuple[Tensor, Tensor]] | None,
        seconds: float | None,
        epochs: int | None,
    ) -> History:
        shuffling = torch.Generator().manual_seed(self.seed)
        size = max(BATCH, min(256, len(x) // 100))

        def batches() -> Iterator[tuple[Tensor, Tensor]]:
            for some in torch.randperm(len(x), generator=shuffling).split(size):
                yield x[some], y[some]

        return fit(
            model,
            batches,
            supervised(nn.functional.cross_entropy),
            epochs=epochs if epochs is not None else MOST if valid else UNWATCHED,
            seconds=seconds,
            valid=valid,
            patience=PATIENCE if valid else None,
            optimizer=torch.optim.AdamW(model.parameters(), lr=self.lr, weight_decay=self.weight_decay),
            progress=False,
        )

    def _checked_valid(
        self, valid: Any, width: int, columns: list[str] | None, classes: list[Label]
    ) -> tuple[Floats, NDArray[np.int64]]:
        if not isinstance(valid, tuple | list) or len(valid) != 2:
            raise CourseError(
                "valid must be a pair (inputs, labels); or None: a fifth of the rows is held back; or False."
            )
        rows, answers = _numbers(valid[0]), _labels(valid[1])
        if len(rows) != len(answers) or not answers:
            raise CourseError(
                f"For validation, {len(rows)} rows and {len(answers)} labels. Expected was one for each row."
            )
        _check_columns(rows.shape[1], _names(valid[0]), width, columns)
        _check_kind(answers, classes)
        unseen = sorted(set(answers) - set(classes))
        if unseen:
            raise CourseError(f"The label {unseen[0]!r} is in the validation rows only: no row to learn it from.")
        return rows, _places(answers, classes)


def held_back(y: NDArray[np.int64], seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places of the rows to train on, and of those to validate with: a fifth of each class, rounded.

    Args:
        y: (N,) classes.
        seed: of the choice.
    """
    rng = np.random.default_rng(seed)
    rest: list[int] = []
    for c in np.unique(y):
        places = rng.permutation(np.flatnonzero(y == c))
        rest += places[: round(HELD_BACK * len(places))].tolist()
    mask = np.zeros(len(y), dtype=bool)
    mask[rest] = True
    return np.flatnonzero(~mask), np.flatnonzero(mask)


# ---------------------------------------------------------------------------------------------------------------------
# One scale for all columns

SCALE = ("largest", "mean", "std")


def _scale_of(rows: Floats) -> dict[str, Floats]:
    """The largest size, mean and standard deviation of each column: the latter two in units of the first."""
    largest = np.abs(rows).max(axis=0)
    largest[largest == 0] = 1.0
    unit = rows / largest  # −1 … 1, so that no square of a large number overflows
    std = unit.std(axis=0)
    std[std < 1e-12] = np.inf  # constant: nothing of it is left
    return {"largest": largest, "mean": unit.mean(axis=0), "std": std}


def _scaled(rows: Floats, scale: Mapping[str, Floats]) -> Tensor:
    """(N, D) float32: standardised, and cut at `FARTHEST`."""
    with np.errstate(over="ignore"):  # of a row far larger than those of the training
        unit = np.clip(rows / scale["largest"], -1e100, 1e100)
    away = (unit - scale["mean"]) / scale["std"]
    return torch.from_numpy(np.clip(away, -FARTHEST, FARTHEST).astype(np.float32))


# ---------------------------------------------------------------------------------------------------------------------
# What was given


def _names(inputs: Any) -> list[str] | None:
    """The names of a DataFrame's columns."""
    return [str(name) for name in inputs.columns] if _is_frame(inputs) else None


def _is_frame(inputs: Any) -> bool:
    return hasattr(inputs, "columns") and hasattr(inputs, "dtypes") and not callable(inputs.columns)


def _numbers(inputs: Any) -> Floats:
    """(N, D) float64, checked."""
    if hasattr(inputs, "toarray") or (isinstance(inputs, Tensor) and inputs.layout is not torch.strided):
        raise CourseError("The inputs are sparse. Expected were all numbers, zeros too: .toarray() or .to_dense().")
    if _is_frame(inputs):
        words = [str(n) for n, kind in zip(inputs.columns, inputs.dtypes, strict=True) if not _is_number_kind(kind)]
        if words:
            raise CourseError(
                f"The column {words[0]!r} holds no numbers ({len(words)} of {len(inputs.columns)} columns do not). "
                "Turn words into numbers, pandas.get_dummies(…), or leave the column out."
            )
        array = inputs.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        array = _array(_of_tensor(inputs) if isinstance(inputs, Tensor) else inputs)
    if array.ndim != 2 or array.shape[1] < 1:
        raise CourseError(
            f"The inputs have the shape {array.shape}. Expected was (N, D): N rows of D numbers, D ≥ 1. One column "
            "alone is inputs[:, None], one row alone inputs[None]."
        )
    with np.errstate(over="ignore"):
        found: Floats = array.astype(np.float64)
    bad = np.argwhere(~np.isfinite(found))
    if len(bad):
        row, column = bad[0]
        raise CourseError(
            f"{len(bad)} of the inputs are missing or not finite, the first in row {row}, column {column} (from 0). "
            "Nothing is filled in here: leave out those rows or columns."
        )
    return found


def _of_tensor(tensor: Tensor) -> NDArray[Any]:
    plain = tensor.detach().cpu()
    array: NDArray[Any] = (plain.double() if plain.is_floating_point() else plain).numpy()
    return array


def _is_number_kind(kind: Any) -> bool:
    return getattr(kind, "kind", "O") in "biuf"


def _array(inputs: Any) -> NDArray[Any]:
    """An array of numbers."""
    if isinstance(inputs, np.ma.MaskedArray) and np.ma.is_masked(inputs):
        raise CourseError("Some inputs are masked: missing. Leave out those rows or columns.")
    try:
        array = np.asarray(inputs)
    except ValueError as error:  # rows of different lengths
        raise CourseError(
            "The inputs are no table: expected were N rows with D numbers each, all of one length."
        ) from error
    if not _is_number_kind(array.dtype):
        raise CourseError(
            f"The inputs hold something other than real numbers (numpy calls it {array.dtype}). Expected was an array, "
            "tensor or DataFrame of numbers, (N, D)."
        )
    return array


def _labels(labels: Any) -> list[Label]:
    """(N,) words, whole numbers, yes or no, or whole floats, all of one kind, as Python's own."""
    if isinstance(labels, str) or labels is None:
        raise CourseError(f"The labels are {labels!r:.40}. Expected was a list with a label for each row.")
    given = _of_tensor(labels) if isinstance(labels, Tensor) else labels
    array = given if isinstance(given, np.ndarray) else _objects(given)
    if array.ndim != 1:
        raise CourseError(
            f"The labels have the shape {array.shape}. Expected was (N,): one for each row. A single column is "
            "labels[:, 0]; of a one-hot code take labels.argmax(1)."
        )
    found = [value.item() if isinstance(value, np.generic) else value for value in array.tolist()]
    kinds = Counter(map(type, found))
    strange = next((value for value in found if type(value) not in KINDS), None)
    if strange is not None or None in found:
        raise CourseError(
            f"A label is {strange!r:.40}. Expected were words, whole numbers, or True and False, without a gap."
        )
    if any(type(value) is float and not math.isfinite(value) for value in found):
        raise CourseError("A label is missing or not finite. Leave out its row.")
    if any(type(value) is float and not value.is_integer() for value in found):
        raise CourseError(
            "The labels hold numbers with decimals: a measurement and no class. To tell numbers, train a regression: a "
            "network with one output and the mean squared error (lesson 01 shows it)."
        )
    if len(kinds) > 1:
        names = " and ".join(KINDS[kind] for kind in kinds)
        raise CourseError(f"The labels are a mixture of {names}. Expected was one kind.")
    return found


def _objects(labels: Any) -> NDArray[Any]:
    """A list, tuple, Series … as it is, so that numpy does not turn numbers into words."""
    if hasattr(labels, "to_numpy"):
        return np.asarray(labels.to_numpy(dtype=object))
    values = list(labels)
    array = np.empty(len(values), dtype=object)
    array[:] = values
    if values and all(isinstance(value, list | tuple | np.ndarray | Tensor) and np.ndim(value) for value in values):
        return np.asarray(values)
    return array


def _places(answers: Sequence[Label], classes: Sequence[Label]) -> NDArray[np.int64]:
    place = {label: number for number, label in enumerate(classes)}
    return np.array([place[label] for label in answers], dtype=np.int64)


def _check_rows(rows: Floats, answers: Sequence[Label]) -> None:
    if len(rows) != len(answers):
        raise CourseError(f"There are {len(rows)} rows and {len(answers)} labels. Expected was one label for each row.")
    if len(rows) < 2:
        raise CourseError(
            f"There {'is one row' if len(rows) else 'are no rows'}. Expected were two at least to learn from."
        )


def _check_columns(given: int, names: list[str] | None, wanted: int, known: list[str] | None) -> None:
    if given != wanted:
        raise CourseError(f"The inputs have {given} columns; the classifier was trained on {wanted}.")
    if names is not None and known is not None and names != known:
        other = next((a, b) for a, b in zip(names, known, strict=True) if a != b)
        raise CourseError(
            f"The columns are others, or in another order: {other[0]!r} stands where {other[1]!r} stood in training. "
            "Take them as they were: table[classifier.columns]."
        )


def _check_kind(answers: Sequence[Label], classes: Sequence[Label]) -> None:
    given, known = type(answers[0]), type(classes[0])
    if (given is str) is not (known is str):
        raise CourseError(f"These labels are {KINDS[given]}; the classifier was trained on {KINDS[known]}.")


def _are_classes(value: Any) -> bool:
    """Labels as `save` wrote them?"""
    kinds = {type(label) for label in value} if isinstance(value, list) else set()
    return len(kinds) == 1 and kinds <= set(KINDS) and len(value) == len(set(value)) > 1
