"""What all models of the course have in common: they learn from your own data, answer, and can be kept in a file."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import fields, replace
from functools import wraps
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

import numpy as np
from torch import Tensor, nn

from course_utils.display.settings import Settings, untrained
from course_utils.errors import CourseError
from course_utils.interrupts import uninterrupted
from course_utils.models.arguments import checked_call
from course_utils.models.checkpoints import Checkpoint, load_checkpoint, save_checkpoint, weights_of
from course_utils.nn.parameters import parameters_count
from course_utils.runtime import prepare_optimizers
from course_utils.training import History

M = TypeVar("M", bound=nn.Module)


class Estimator(ABC, Generic[M]):
    """A model that learns from data of your own.

    The arguments of `__init__` are attributes of the same names. `fit` learns from the beginning; where it is refused,
    fails, or is stopped (■) before the first step, the model stays as it was before; stopped later, it keeps what was
    learned until then. `save` and `load` keep it in a file (`course_utils.models.checkpoints`).

    Attributes:
        model: the network; None before `fit`.
        seed: of first weights, order and dropout. With `steps` or `epochs` the same seed gives the same model on the
            same computer with as many threads (`torch.get_num_threads()`); other threads add numbers in another order,
            and weights differ from the last digits on. With `seconds` the clock has its say.
    """

    file_kind: ClassVar[str]  # what its files say they hold; default: the name of the class
    fit_takes: ClassVar[str] = "…"  # what `fit` wants, for the sentence of a model that has not learned
    model: M | None = None
    seed: int
    _settings: Settings | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "file_kind" not in cls.__dict__:
            cls.file_kind = cls.__name__
        if "fit" in cls.__dict__:
            cls.fit = all_or_nothing(cls.fit)  # type: ignore[method-assign]

    @abstractmethod
    def fit(self, *data: Any, **options: Any) -> History:
        """Learn from data, from the beginning."""

    @abstractmethod
    def _described(self) -> str:
        """What kind of model it is, for `repr`."""

    @abstractmethod
    def _learned(self) -> Mapping[str, Any]:
        """What it has learned besides weights, as it survives JSON."""

    @abstractmethod
    def _restore(self, checkpoint: Checkpoint) -> None:
        """Take over what `_learned`, `_tensors` and the network gave, checked."""

    def _tensors(self) -> Mapping[str, Tensor]:
        """Tensors that it has learned and that are not part of the network."""
        return {}

    def __repr__(self) -> str:
        trained = "not trained" if self.model is None else f"{self.parameters_count:,} parameters"
        return f"{type(self).__name__}({self._described()}, {trained})"

    @property
    def parameters_count(self) -> int:
        """How many numbers the network has learned; a table that is used twice counts once, frozen ones do not count.

        Raises:
            CourseError: not trained yet: the number depends on the data.
        """
        return parameters_count(self._trained(), trained_only=True)

    def described(self) -> Settings:
        """How it was trained: start, learning rate, clipping, steps, batch, size, seeds, augmentation, in one line.

        Raises:
            CourseError: it has not learned yet.
        """
        self._trained()
        found = self._settings or untrained("nobody noted how it was trained", seeds=str(self.seed))
        return found.with_parts(name=type(self).__name__)

    def _trained(self) -> M:
        if self.model is None:
            raise CourseError(
                f"This {type(self).__name__} has not learned anything yet. Call .fit({self.fit_takes}) first."
            )
        return self.model

    def save(self, path: str | Path, *, half: bool = False, note: str = "") -> Path:
        """Write the model to one file of safetensors; its metadata hold what it means, as JSON.

        Args:
            path: of the file, such as "mine.safetensors"; its folder must exist, and a file that is there is replaced.
            half: store the weights in 16 bits, half as large; answers may change in rare cases.
            note: a sentence for people, kept among the metadata.

        Returns:
            The path.

        Raises:
            CourseError: it has not learned yet, or the file cannot be written.
        """
        weights = {**weights_of(self._trained()), **self._tensors()}
        about = {"arguments": self._arguments(), "learned": dict(self._learned())}
        about |= {"settings": self._settings.texts} if self._settings else {}
        return save_checkpoint(path, self.file_kind, weights, about, half=half, note=note)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a model that `save` wrote. Nothing is unpickled.

        Args:
            path: of the file.

        Raises:
            CourseError: there is no such file, it is damaged, or it holds something else.
        """
        checkpoint = load_checkpoint(path, cls.file_kind)
        with checkpoint.reading():
            arguments = checkpoint.field("arguments", _is_object, "an object")
            learned = checkpoint.field("learned", _is_object, "an object")
            if set(arguments) != set(cls._argument_names()):
                raise checkpoint.fault(
                    f"its arguments are {sorted(arguments)}, and not {sorted(cls._argument_names())}"
                )
            estimator = cls(**arguments)
            told = checkpoint.field("settings", _is_settings, "texts by name") if "settings" in checkpoint.about else {}
            estimator._restore(replace(checkpoint, about=learned))
            estimator._settings = Settings(**told) if told else None
        return estimator

    @classmethod
    def _argument_names(cls) -> list[str]:
        return list(inspect.signature(cls).parameters)

    def _arguments(self) -> dict[str, Any]:
        """What `__init__` was given."""
        values = ((name, getattr(self, name)) for name in self._argument_names())
        return {name: value.item() if isinstance(value, np.generic) else value for name, value in values}


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_settings(value: Any) -> bool:
    known = {field.name for field in fields(Settings)}
    return isinstance(value, dict) and set(value) <= known and all(isinstance(text, str) for text in value.values())


def all_or_nothing(fit: Callable[..., History]) -> Callable[..., History]:
    """A `fit` that is done as a whole or not at all, after which the model can tell how it was trained.

    Its arguments are checked by the rules that all models have in common. It works on a copy: where it is refused,
    fails, or is stopped before the first step, the model is as it was. Its clock counts no import of torch's.
    """

    @wraps(fit)
    def fitted(self: Any, *data: Any, **options: Any) -> History:
        call = checked_call(fit, self, *data, **options)
        prepare_optimizers()
        learner = copy(self)
        history = fit(learner, *call.args[1:], **call.kwargs)
        unchanged = history.settings.augmentation or "none"
        learner._settings = history.described(seeds=str(self.seed), augmentation=unchanged)
        if history.steps:  # else it was stopped before the first one
            with uninterrupted():
                vars(self).update(vars(learner))
        return history

    return fitted
