"""A `fit` that fails, is refused or is stopped leaves everything that can learn as it was, wherever that happens."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import pytest
import torch

import course_utils
from course_utils import training
from course_utils.errors import CourseError
from course_utils.models import (
    captioning,
    clips,
    detector,
    forecaster,
    hand_reader,
    language,
    music,
    pictures,
    tables,
    tagger,
    torchvision_detector,
    translation,
)
from course_utils.models.clips import ClipNet
from course_utils.models.hidden_markov import HiddenMarkov, HiddenMarkovClassifier
from course_utils.models.speech import listening
from course_utils.training import loop
from tests.models.fitted import KINDS, NETWORKS, trained
from tests.strategies import LONG

PACKAGE = str(Path(course_utils.__file__).parent)
TRAINERS = (
    language,
    captioning,
    clips,
    detector,
    forecaster,
    hand_reader,
    music,
    pictures,
    tables,
    tagger,
    torchvision_detector,
    translation,
    listening,
)  # the modules that call the course's `fit`
SYMBOLS, GROUPS = torch.arange(40).reshape(8, 5) % 3, torch.arange(8) % 2
FILMS = torch.rand(4, 2, 8, 8, generator=torch.Generator().manual_seed(0))


class Learner(NamedTuple):
    """Something that has learned, how it learns again, and what it would show if it had changed."""

    model: Any
    fit: Callable[..., Any]  # with other arguments of its `fit`
    shown: Callable[[], Any]
    refused: dict[str, Any]  # an argument that cannot be meant


def _estimator(name: str) -> Learner:
    model, kind = trained(name), KINDS[name]
    silent = {} if name == "TableClassifier" else {"progress": False}

    def fit(**more: Any) -> Any:
        return model.fit(*kind.data, **kind.short | silent | more)

    return Learner(model, fit, lambda: ({n: id(v) for n, v in vars(model).items()}, kind.answers(model)), {"steps": 0})


def _clip_net() -> Learner:
    model = ClipNet("gru", 4, ("a", "b"), size=8)

    def fit(**more: Any) -> Any:
        return model.fit(FILMS, ["a", "b"] * 2, **{"steps": 2, "progress": False} | more)

    fit()

    def shown() -> Any:
        weights = {name: value.tolist() for name, value in model.state_dict().items()}
        notes = [module.__dict__.get("_trained_by") for module in model.modules()]
        return weights, notes, vars(model)["_steps_trained"], [module.training for module in model.modules()]

    return Learner(model, fit, shown, {"lr": -1})


def _hidden_markov() -> Learner:
    model = HiddenMarkov(2, 3, generator=torch.Generator().manual_seed(0))

    def fit(**more: Any) -> Any:
        return model.fit(SYMBOLS, **{"iterations": 5} | more)

    return Learner(
        model, fit, lambda: {name: value.tolist() for name, value in vars(model).items()}, {"iterations": -1}
    )


def _hidden_markov_classifier() -> Learner:
    model = HiddenMarkovClassifier(2, 3, 2)
    model.fit(SYMBOLS, GROUPS, 2)

    def fit(**more: Any) -> Any:
        return model.fit(SYMBOLS, GROUPS, **{"iterations": 5} | more)

    def shown() -> Any:
        return model.log_joint(SYMBOLS).tolist(), model.iterations

    return Learner(model, fit, shown, {"iterations": -1})


LEARNERS: dict[str, Callable[[], Learner]] = {
    **{name: partial(_estimator, name) for name in KINDS},
    "ClipNet": _clip_net,
    "HiddenMarkov": _hidden_markov,
    "HiddenMarkovClassifier": _hidden_markov_classifier,
}
ALL = pytest.mark.parametrize("name", LEARNERS)


class BreakdownError(Exception):
    """What goes wrong in the midst of a fit."""


@contextmanager
def failing(at: int, error: type[BaseException]) -> Iterator[list[int]]:
    """The n-th call of a function of the course raises an error; the list says how many calls there were.

    Generators are passed over: what is raised in one that is being closed is ignored by Python itself.
    """
    calls = [0]

    def look(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(PACKAGE) and not code.co_flags & inspect.CO_GENERATOR:
            calls[0] += 1
            if calls[0] == at:
                raise error("in the midst")

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        yield calls
    finally:
        sys.setprofile(before)


@ALL
@pytest.mark.parametrize("error", [BreakdownError, KeyboardInterrupt])
def test_whatever_call_fails_nothing_has_changed(name: str, error: type[BaseException]) -> None:
    """A training that was stopped on its way is a shorter one: then the model is the new one, and whole."""
    learner = LEARNERS[name]()
    with failing(-1, error) as calls:
        learner.fit()
    before = learner.shown()
    apart = max(calls[0] // (40 if LONG else 5), 1)
    for at in range(1 if error is BreakdownError else 1 + apart // 2, calls[0], apart):
        try:
            with failing(at, error):
                history = learner.fit()
        except error:
            assert learner.shown() == before, at
        else:
            assert history.interrupted, at
            assert (learner.shown() != before) == bool(history.steps)
            learner = LEARNERS[name]()
            before = learner.shown()


@pytest.mark.parametrize("name", [*NETWORKS, "ClipNet"])
@pytest.mark.parametrize("error", [BreakdownError, CourseError, MemoryError])
def test_a_loss_that_fails_at_the_third_step(
    name: str, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = LEARNERS[name]()
    before = learner.shown()
    steps = [0]

    def breaks_off(network: Any, batches: Any, loss: Any, **options: Any) -> Any:
        def third(model: Any, batch: Any) -> Any:
            steps[0] += 1
            if steps[0] == 3:
                raise error("in the midst")
            return loss(model, batch)

        return loop.fit(network, batches, third, **options)

    for module in TRAINERS:
        assert vars(module)["fit"] is training.fit
        monkeypatch.setattr(module, "fit", breaks_off)
    with pytest.raises(error):
        learner.fit(**({"epochs": None} if "epochs" in KINDS.get(name, KINDS["Translator"]).short else {}), steps=9)
    assert steps == [3]
    assert learner.shown() == before


@ALL
def test_an_argument_that_is_refused_changes_nothing(name: str) -> None:
    learner = LEARNERS[name]()
    before = learner.shown()
    with pytest.raises(CourseError):
        learner.fit(**learner.refused)
    assert learner.shown() == before


@ALL
def test_what_would_change_is_seen(name: str) -> None:
    """The other tests can fail: a fit that goes well does change what is shown."""
    learner = LEARNERS[name]()
    before = learner.shown()
    learner.fit()
    assert learner.shown() != before


def test_a_network_of_clips_goes_on_with_what_it_has() -> None:
    model = ClipNet("gru", 4, ("a", "b"), size=8)
    before = model.readout.weight.clone()
    model.fit(FILMS, ["a", "b"] * 2, steps=1, progress=False)
    model.fit(FILMS, ["a", "b"] * 2, steps=1, progress=False)
    assert vars(model)["_steps_trained"] == 2
    assert not torch.equal(model.readout.weight, before)
