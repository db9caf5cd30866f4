"""A feedforward network for the rows of any table: it takes arrays or tables, and labels of any kind.

    classifier = TableClassifier(hidden_sizes=(32,), seed=0)
    classifier.fit(inputs, labels)
    classifier.predict(other_inputs)

N rows, D columns, C classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from course_utils.checks import check_number
from course_utils.data.tables import stratified_split
from course_utils.data.texts import composed
from course_utils.errors import CourseError
from course_utils.models.arguments import WIDEST, checked
from course_utils.models.base import Estimator
from course_utils.models.checkpoints import Checkpoint, are_texts
from course_utils.models.inputs import (
    KINDS,
    Floats,
    Label,
    are_classes,
    check_counts,
    checked_labels,
    checked_table,
    classes_of,
    column_names,
    indices_of,
    two,
)
from course_utils.nn.feedforward import MLP, softmax
from course_utils.training import History, fit, supervised

VALIDATION_SHARE = 0.2  # of each class, for early stopping
PATIENCE = 25  # validations without a better loss, before the training ends
BATCH = 32
MOST = 500  # epochs, where neither the validation nor the caller ends it earlier
UNWATCHED = 200  # epochs, where nothing is validated
FARTHEST = 10.0  # standard deviations from the mean; what lies beyond is taken to lie there


class TableClassifier(Estimator[MLP]):
    """A multi-layer perceptron that names the class of a row.

    Columns are standardised with the mean and standard deviation of the training rows; a column that is constant there
    counts for nothing, and a value more than ten standard deviations away counts as ten. The same seed, rows and epochs
    give the same network on the same number of threads (a limit in seconds may end a training earlier or later).
    torch's and numpy's global random state are left as they were.

    Attributes:
        classes: the labels it can name, in their order, once it is trained.
        columns: the names of the columns, where it was trained on a DataFrame; else None.

    Args:
        hidden_sizes: units of each hidden layer; () makes it a linear classifier.
        seed: of the first weights, of the rows kept for validation, and of the order of the batches.
        lr: learning rate of Adam at its start.
        weight_decay: how strongly weights are pulled to 0, as in `torch.optim.AdamW`.

    Raises:
        CourseError: sizes, a seed or a rate that cannot be meant.
    """

    fit_takes = "inputs, labels"

    def __init__(
        self, hidden_sizes: Sequence[int] = (32,), seed: int = 0, *, lr: float = 0.005, weight_decay: float = 0.1
    ) -> None:
        self.hidden_sizes, self.seed = _checked_sizes(hidden_sizes), checked("seed", seed)
        self.lr, self.weight_decay = checked("lr", lr), check_number("weight_decay", weight_decay, 0)
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
        *,
        steps: int | None = None,
    ) -> History:
        """Train from the beginning on these rows, whatever was learned before.

        Training ends when the loss on the validation rows has not fallen for 25 validations (one an epoch), or earlier
        by `seconds` or `epochs`; the weights of the best validation are kept.

        Args:
            inputs: (N, D) numbers: an array, a tensor or a DataFrame; N ≥ 2.
            labels: (N,) words, whole numbers, or True and False. Floats are taken where they are whole: 1.0, 2.0.
            valid: inputs and labels to validate with. Default: a fifth of each class is kept for validation,
                where it has three rows at least. False, or too few rows to hold any back: nothing is validated, and
                the training goes on for all `epochs`.
            seconds: the most seconds; None: no limit. With `steps` it is a limit for a slow machine: the history says
                where it cut the training short.
            epochs: the most passes through the training rows. Default: 500, or 200 where nothing is validated; with
                `steps`: as many as they need.
            steps: of the optimiser.

        Returns:
            The history of the training.

        Raises:
            CourseError: inputs with gaps, infinite numbers, words or a wrong shape; labels of another length, with
                gaps, or with decimals; one row or one class only. It says what to do.
        """
        columns = column_names(inputs)
        rows, answers = checked_table(inputs), checked_labels(labels)
        check_counts("rows", len(rows), "labels", len(answers))
        if len(rows) < 2:
            raise CourseError("There is one row. Expected: at least two to learn from.")
        classes = classes_of(answers)
        y = indices_of(answers, classes)
        held: tuple[Floats, NDArray[np.int64]] | None = None
        if valid is None:
            train, rest = stratified_split(y, VALIDATION_SHARE, self.seed)
            if len(rest):
                held, rows, y = (rows[rest], y[rest]), rows[train], y[train]
        elif valid is not False:
            held = self._checked_valid(valid, rows.shape[1], columns, classes)
        scale = _scale_of(rows)
        sizes = (rows.shape[1], *self.hidden_sizes, len(classes))
        model = MLP(sizes, generator=torch.Generator().manual_seed(self.seed))
        watched = None if held is None else [(_scaled(held[0], scale), torch.from_numpy(held[1]))]
        history = self._train(model, _scaled(rows, scale), torch.from_numpy(y), watched, (seconds, epochs, steps))
        self.model, self._scale, self.classes, self.columns = model.eval(), scale, classes, columns
        return history

    def predict(self, inputs: Any) -> list[Label]:
        """The label of each row: the most probable of `classes`, as it was given in training.

        Args:
            inputs: (N, D), as in training; N may be 0.

        Raises:
            CourseError: not trained yet, or inputs that differ from those of the training in their columns.
        """
        return [self.classes[index] for index in self.probabilities(inputs).argmax(axis=1)]

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
        rows = checked_table(inputs)
        _check_columns(rows.shape[1], column_names(inputs), model.sizes[0], self.columns)
        with torch.no_grad():
            logits = model(_scaled(rows, self._scale))
        return softmax(logits.double()).numpy()

    def score(self, inputs: Any, labels: Any) -> float:
        """The share of rows that are named correctly. A label that never occurred in training always counts as wrong.

        Args:
            inputs: (N, D), N ≥ 1.
            labels: (N,) of the same kind as in training.

        Raises:
            CourseError: as for `predict`; labels of another length or kind; no row.
        """
        predictions, answers = self.predict(inputs), checked_labels(labels)
        check_counts("rows", len(predictions), "labels", len(answers))
        _check_kind(answers, self.classes)
        return sum(prediction == target for prediction, target in zip(predictions, answers, strict=True)) / len(answers)

    def _learned(self) -> dict[str, Any]:
        return {"classes": self.classes, "columns": self.columns}

    def _tensors(self) -> dict[str, Tensor]:
        return {f"scale.{name}": torch.from_numpy(values) for name, values in self._scale.items()}

    def _restore(self, checkpoint: Checkpoint) -> None:
        classes = checkpoint.field("classes", are_classes, "two or more different labels of one kind")
        (width,) = checkpoint.shapes.get("scale.mean", ())
        columns = checkpoint.field("columns", lambda names: names is None or are_texts(names), "names or nothing")
        if columns is not None and len(columns) != width:
            raise checkpoint.fault(f"it has {width} columns and {len(columns)} names")
        if len(self.hidden_sizes) > len(checkpoint.shapes):
            raise checkpoint.fault("it has more layers than weights")
        self._scale = {name: checkpoint.tensor(f"scale.{name}", (width,), torch.float64).numpy() for name in SCALE}
        if not all((values > 0).all() for name, values in self._scale.items() if name != "mean"):
            raise checkpoint.fault("the scale of a column is not above 0")
        if not np.isfinite([self._scale["mean"], self._scale["largest"]]).all():
            raise checkpoint.fault("the scale of a column is not finite")
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
        limits: tuple[float | None, int | None, int | None],
    ) -> History:
        seconds, epochs, steps = limits
        if epochs is None and steps is None:
            epochs = MOST if valid else UNWATCHED
        shuffling = torch.Generator().manual_seed(self.seed)
        size = max(BATCH, min(256, len(x) // 100))

        def batches() -> Iterator[tuple[Tensor, Tensor]]:
            for indices in torch.randperm(len(x), generator=shuffling).split(size):
                yield x[indices], y[indices]

        return fit(
            model,
            batches,
            supervised(nn.functional.cross_entropy),
            steps=steps,
            epochs=epochs,
            seconds=seconds,
            valid=valid,
            patience=PATIENCE if valid else None,
            optimizer=torch.optim.AdamW(model.parameters(), lr=self.lr, weight_decay=self.weight_decay),
            progress=False,
        )

    def _checked_valid(
        self, valid: Any, width: int, columns: list[str] | None, classes: list[Label]
    ) -> tuple[Floats, NDArray[np.int64]]:
        inputs, labels = two(valid, "inputs, labels", "; or None: a fifth of the rows is kept for it; or False")
        rows, answers = checked_table(inputs), checked_labels(labels)
        check_counts("rows of valid", len(rows), "labels of valid", len(answers))
        _check_columns(rows.shape[1], column_names(inputs), width, columns)
        _check_kind(answers, classes)
        unseen = sorted(set(answers) - set(classes))
        if unseen:
            raise CourseError(f"The label {unseen[0]!r} is in the validation rows only: no row to learn it from.")
        return rows, indices_of(answers, classes)


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


def _checked_sizes(given: Any) -> tuple[int, ...]:
    try:
        return tuple(checked("hidden_size", size) for size in given)
    except (CourseError, TypeError):
        raise CourseError(
            f"hidden_sizes is {given!r:.60}. Expected: the units of each hidden layer, whole numbers from 1 to "
            f"{WIDEST:,}, such as (32,) or (64, 64)."
        ) from None


def _check_columns(given: int, names: list[str] | None, wanted: int, known: list[str] | None) -> None:
    if given != wanted:
        raise CourseError(f"The inputs have {given} columns; the classifier was trained on {wanted}.")
    pairs = zip(names, known, strict=True) if names is not None and known is not None else ()
    other = next(((a, b) for a, b in pairs if composed(a) != composed(b)), None)
    if other is not None:
        raise CourseError(
            f"The columns are others, or in another order: {other[0]!r} stands where {other[1]!r} stood in training. "
            "Take them as they were: table[classifier.columns]."
        )


def _check_kind(answers: Sequence[Label], classes: Sequence[Label]) -> None:
    given, known = type(answers[0]), type(classes[0])
    if (given is str) is not (known is str):
        raise CourseError(f"These labels are {KINDS[given]}; the classifier was trained on {KINDS[known]}.")
