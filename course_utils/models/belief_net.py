"""A deep belief network: restricted Boltzmann machines, each on top of the one before, then trained on as a classifier.

    net = BeliefNet((200, 100))
    net.pretrain(all_rows)
    net.fit(rows, labels).predict(other_rows)

Source: Hinton, Osindero & Teh 2006, doi:10.1162/neco.2006.18.7.1527. It is a scikit-learn estimator, for pipelines and
searches; what stands between 0 and 1 counts as a probability, as is usual for pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple, Self, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data
from torch import Tensor, nn

from course_utils.checks import check_whole
from course_utils.display.settings import Settings
from course_utils.errors import CourseError
from course_utils.models.arguments import WIDEST, arguments_checked, checked
from course_utils.nn.belief import classifier
from course_utils.nn.boltzmann import Boltzmann, contrastive_loss, drawn
from course_utils.training import Budget, History, fit, supervised
from course_utils.training.told import mark_start

Floats: TypeAlias = NDArray[np.float64]

RATE, MOMENTUM, DECAY = 0.05, 0.9, 2e-4  # of the pre-training, as in Hinton 2010, A practical guide to training RBMs
EPOCHS, STEPS = 60, 1_000  # of the pre-training of each machine, and of the training with labels
FINE_DECAY = 0.01  # of AdamW
MOST_SAMPLES = 1_000_000  # numbers that are sampled at once
FEWEST_LABELLED = 2  # rows
FROM_LABELS = "labels"  # what machines were learned from that `fit` pre-trained itself


class Range(NamedTuple):
    """The lowest and highest value of each column, which become 0 and 1.

    Attributes:
        low: (V,).
        high: (V,).
    """

    low: Floats
    high: Floats

    @classmethod
    def of(cls, X: Floats) -> Range:
        """Of the columns of a table (N, V)."""
        return cls(X.min(axis=0), X.max(axis=0))

    def shares(self, X: Floats) -> Tensor:
        """(N, V) numbers from 0 to 1; beyond the range they are cut, and a column that was constant is 0."""
        span = self.high / 2 - self.low / 2  # halves, so that no difference overflows
        with np.errstate(over="ignore"):
            found = np.clip((X / 2 - self.low / 2) / np.where(span > 0, span, np.inf), 0, 1)
        return torch.from_numpy(found)

    def values(self, shares: Tensor) -> Floats:
        """The other way: (N, V) → (N, V)."""
        found = shares.numpy()
        values: Floats = self.low * (1 - found) + self.high * found
        return values


class BeliefNet(TransformerMixin, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A deep belief network for tables of numbers, such as small pictures.

    Each column is moved to 0 … 1 by its range in the rows that it learned from first; there a number is the probability
    of a visible unit. The arguments are checked by `pretrain` and `fit`, as scikit-learn has it.

    Attributes:
        machines_: the restricted Boltzmann machines, from the rows upwards; there after `pretrain` or `fit`.
        range_: of the columns.
        n_features_in_: V, columns.
        classes_: the labels that it can name, in their order; there after `fit`.
        model_: the classifier: a sigmoid layer for each machine, `Standardised`, a linear read-out.
        history_: of the last training with labels.
        histories_: of the last pre-training, one for each machine. Their loss, a difference of free energies, is near 0
            all the time and says little.

    Args:
        sizes: hidden units of each machine.
        seed: of weights, order and states that are drawn.
    """

    def __init__(self, sizes: tuple[int, ...] = (200, 100), seed: int = 0) -> None:
        self.sizes = sizes
        self.seed = seed

    # -----------------------------------------------------------------------------------------------------------------
    # Learning

    @arguments_checked
    def pretrain(
        self,
        X: Any,
        y: Any = None,
        *,
        epochs: int = EPOCHS,
        seconds: float | None = None,
        lr: float = RATE,
        batch_size: int = 32,
        k: int = 1,
        persistent: bool = False,
        progress: bool = False,
    ) -> Self:
        """Learn how rows look, without labels: one machine after the other, by contrastive divergence.

        Where it is refused, fails or is stopped, all is as it was before.

        Args:
            X: (N, V) numbers; what is labelled, and what is not.
            y: is not looked at.
            epochs: passes through the rows, for each machine.
            seconds: the most seconds for all machines together.
            lr: learning rate, with a momentum of 0.9.
            batch_size: rows in a step.
            k: steps of Gibbs sampling, from the rows, or from where the chains of the step before ended.
            persistent: go on with the chains of the step before, in place of beginning at the rows.
            progress: show a bar for each machine.

        Returns:
            Itself. A classifier that was there is gone: the machines below it are new.

        Raises:
            CourseError: sizes or another argument that cannot be meant, or a training that diverges.
            ValueError: by scikit-learn: rows that are none, or hold gaps.
        """
        k = check_whole("k", k, 1)
        learner = type(self)(**self.get_params())
        rows = validate_data(learner, X, dtype=np.float64)
        learner._learn_machines(rows, epochs, seconds, lr, batch_size, k, persistent, progress)
        if not any(history.interrupted for history in learner.histories_):
            learner.learned_from_ = "rows"
            _replace(self, learner)
        return self

    @arguments_checked
    def fit(
        self,
        X: Any,
        y: Any,
        *,
        steps: int | None = None,
        epochs: int | None = None,
        seconds: float | None = None,
        lr: float = 0.003,
        batch_size: int = 32,
        progress: bool = False,
    ) -> Self:
        """Learn to name rows: the machines' weights are a network's first ones, which all learn on with the labels.

        The machines are those of `pretrain`, or, where it was not called, are learned from X first. Where it is
        refused, fails or is stopped before the first step, all is as it was before.

        Args:
            X: (N, V) numbers.
            y: (N,) labels of any kind.
            steps: of the optimiser; default: 1,000, where neither epochs nor seconds are given.
            epochs: the most passes through the rows.
            seconds: the most seconds of the training with labels.
            lr: the learning rate of AdamW at its start; with steps or epochs it falls to 0 as a cosine.
            batch_size: rows in a step.
            progress: show a bar.

        Returns:
            Itself.

        Raises:
            CourseError: an argument that cannot be meant, or a training that diverges.
            ValueError: rows or labels that cannot be learned from, one class alone among them, or other columns than
                the machines have.
        """
        if steps is None and epochs is None and seconds is None:
            steps = STEPS
        pretrained = getattr(self, "learned_from_", FROM_LABELS) != FROM_LABELS
        learner = type(self)(**self.get_params())
        if pretrained:
            _replace(learner, self)
        rows, labels = validate_data(
            learner, X, y, dtype=np.float64, reset=not pretrained, ensure_min_samples=FEWEST_LABELLED
        )
        check_classification_targets(labels)
        classes, targets = np.unique(labels, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(f"All rows are of one class, {classes[0]}. Expected: rows of two at least.")
        if not pretrained:
            learner._learn_machines(rows, EPOCHS, None, RATE, 32, 1, False, progress)
            if any(history.interrupted for history in learner.histories_):
                return self
            learner.learned_from_ = FROM_LABELS
        learner.classes_ = classes
        learner._learn_labels(rows, targets, Budget(steps, epochs, seconds), lr, batch_size, progress)
        if learner.history_.steps:
            _replace(self, learner)
        return self

    def _learn_machines(
        self,
        rows: Floats,
        epochs: int,
        seconds: float | None,
        lr: float,
        batch_size: int,
        k: int,
        persistent: bool,
        progress: bool,
    ) -> None:
        sizes, seed = checked_sizes(self.sizes), checked("seed", self.seed)
        self.range_ = Range.of(rows)
        v = self.range_.shares(rows)
        self.machines_: list[Boltzmann] = []
        self.histories_: list[History] = []
        generator = torch.Generator().manual_seed(seed)
        for visible, hidden in pairwise((v.shape[1], *sizes)):
            machine = Boltzmann(visible, hidden, generator).double()
            with torch.no_grad():  # without weights each visible unit is then as often 1 as in the rows
                machine.visible_bias.copy_(v.mean(0).clamp(0.01, 0.99).logit())
            mark_start(machine, "visible biases by the means of the rows")
            history = fit(
                machine,
                _batches(batch_size, generator, v),
                _contrastive(k, generator, persistent),
                epochs=epochs,
                seconds=None if seconds is None else seconds / len(sizes),
                optimizer=torch.optim.SGD(machine.parameters(), lr=lr, momentum=MOMENTUM, weight_decay=DECAY),
                progress=progress,
            )
            history.note(f"CD-{k}, {'persistent chains' if persistent else 'chains from the rows'}")
            self.machines_.append(machine)
            self.histories_.append(history)
            if history.interrupted:
                return
            v = machine.hidden(v).detach()

    def _learn_labels(
        self, rows: Floats, targets: NDArray[np.int64], budget: Budget, lr: float, batch_size: int, progress: bool
    ) -> None:
        generator = torch.Generator().manual_seed(checked("seed", self.seed))
        x, y = self.range_.shares(rows), torch.from_numpy(targets.reshape(-1))
        model = classifier(self.machines_, x, len(self.classes_))
        optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=FINE_DECAY)
        steps = budget.steps or (budget.epochs * -(-len(x) // batch_size) if budget.epochs else None)
        falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps) if steps else None
        self.history_ = fit(
            model,
            _batches(batch_size, generator, x, y),
            supervised(nn.functional.cross_entropy),
            steps=budget.steps,
            epochs=budget.epochs,
            seconds=budget.seconds,
            optimizer=optimizer,
            lr_schedule=falling,
            progress=progress,
        )
        self.model_ = model.eval()

    # -----------------------------------------------------------------------------------------------------------------
    # Answers

    def described(self) -> Settings:
        """How it was trained, in one line: the machines without labels, the lowest first, and what came with labels.

        Raises:
            NotFittedError: it has learned nothing yet.
        """
        check_is_fitted(self, "machines_")
        lowest = self.histories_[0].described()
        size = ", then ".join(
            f"{machine.weight.shape[1]} visible and {machine.weight.shape[0]} hidden units, {history.settings.size}"
            for machine, history in zip(self.machines_, self.histories_, strict=True)
        )
        note = lowest.note
        if hasattr(self, "history_"):
            fine = self.history_.described()
            note += f"; then with labels: {fine.learning_rate}, steps {fine.steps}, batch {fine.batch}, {fine.size}"
        steps = f"{lowest.steps}{', each machine' if len(self.machines_) > 1 else ''}"
        return lowest.with_parts(name=type(self).__name__, size=size, steps=steps, seeds=str(self.seed), note=note)

    def features(self, X: Any) -> Floats:
        """The probabilities of the units of the last hidden layer: after `pretrain` those of the machines, after `fit`
        those of the classifier.

        Args:
            X: (N, V) numbers.

        Returns:
            (N, H).

        Raises:
            NotFittedError: it has learned nothing yet.
            ValueError: by scikit-learn: other columns than it learned from, or gaps.
        """
        check_is_fitted(self, "machines_")
        v = self._shares(X)
        with torch.no_grad():
            if hasattr(self, "model_"):
                return np.asarray(self.model_[:-2](v).numpy())
            for machine in self.machines_:
                v = machine.hidden(v)
        return np.asarray(v.numpy())

    transform = features

    def predict_proba(self, X: Any) -> Floats:
        """How probable each of `classes_` is: (N, V) → (N, C), rows that sum to 1.

        Raises:
            NotFittedError: `fit` was not called, or `pretrain` after it.
            ValueError: as in `features`.
        """
        check_is_fitted(self, "model_")
        with torch.no_grad():
            return np.asarray(self.model_(self._shares(X)).softmax(-1).numpy())

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable label of each row: (N, V) → (N,).

        Raises:
            NotFittedError: as in `predict_proba`.
            ValueError: as in `features`.
        """
        check_is_fitted(self, "model_")
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])

    def sample(self, n: int = 1, *, steps: int = 200, seed: int | None = None) -> Floats:
        """Fantasies: rows that the machines find probable.

        The highest machine begins at states drawn at random, and takes steps of Gibbs sampling; what it ends with goes
        down through the machines below.

        Args:
            n: how many rows.
            steps: of Gibbs sampling.
            seed: of the random numbers; default: that of the network.

        Returns:
            (n, V) probabilities of the visible units, in the range of the columns.

        Raises:
            NotFittedError: it has learned nothing yet.
            CourseError: a number of rows or steps that cannot be meant.
        """
        check_is_fitted(self, "machines_")
        n = check_whole("n", n, 1, max(MOST_SAMPLES // int(self.n_features_in_), 1))
        steps = check_whole("steps", steps, 1)
        generator = torch.Generator().manual_seed(checked("seed", self.seed if seed is None else seed))
        top = self.machines_[-1]
        with torch.no_grad():
            half = torch.full((n, len(top.visible_bias)), 0.5, dtype=torch.float64)
            v = top.gibbs(drawn(half, generator), steps - 1, generator)
            v = top.visible(drawn(top.hidden(v), generator))
            for machine in reversed(self.machines_[:-1]):
                v = machine.visible(drawn(v, generator))
        return self.range_.values(v)

    def _shares(self, X: Any) -> Tensor:
        return self.range_.shares(validate_data(self, X, dtype=np.float64, reset=False))


def checked_sizes(sizes: Any) -> tuple[int, ...]:
    """The units of each machine.

    Raises:
        CourseError: they are no whole numbers from 1, or there is none.
    """
    try:
        found = tuple(checked("hidden_size", size) for size in sizes)
    except (CourseError, TypeError):
        found = ()
    if not found:
        raise CourseError(
            f"sizes is {sizes!r:.60}. Expected: the hidden units of each machine, whole numbers from 1 to {WIDEST:,}, "
            "such as (200, 100)."
        )
    return found


def _contrastive(
    k: int, generator: torch.Generator, persistent: bool
) -> Callable[[nn.Module, tuple[Tensor, ...]], Tensor]:
    """The loss of contrastive divergence with chains of k steps."""
    chains: list[Tensor] = []

    def loss(machine: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        assert isinstance(machine, Boltzmann)
        (v,) = batch
        if not all(bool(parameter.isfinite().all()) for parameter in machine.parameters()):
            return contrastive_loss(machine, v, v)  # not finite: `fit` says what to do
        ends = machine.gibbs(chains.pop() if chains else drawn(v, generator), k, generator)
        if persistent:
            chains.append(ends)
        return contrastive_loss(machine, v, ends)

    return loss


def _batches(
    batch_size: int, generator: torch.Generator, *tensors: Tensor
) -> Callable[[], Iterator[tuple[Tensor, ...]]]:
    """An epoch's batches, in an order of its own."""

    def epoch() -> Iterator[tuple[Tensor, ...]]:
        for places in torch.randperm(len(tensors[0]), generator=generator).split(batch_size):
            yield tuple(tensor[places] for tensor in tensors)

    return epoch


def _replace(net: BeliefNet, other: BeliefNet) -> None:
    """Take over all that another one has learned, and forget one's own."""
    for name in [name for name in vars(net) if name.endswith("_")]:
        delattr(net, name)
    for name, value in vars(other).items():
        if name.endswith("_"):
            setattr(net, name, value)
