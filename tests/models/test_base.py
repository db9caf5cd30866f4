"""What holds for all models: they are kept and come back as they were, and a training that fails changes nothing."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from course_utils import training
from course_utils.errors import CourseError
from course_utils.models.checkpoints import ENTRY
from course_utils.models.speech import ClipClassifier, SpeakerClassifier
from tests.models.fitted import KINDS, NETWORKS, fitted, trained

ALL = pytest.mark.parametrize("name", KINDS)
ALL_NETWORKS = pytest.mark.parametrize("name", NETWORKS)
SIZES = ("hidden_size", "hidden_sizes", "size")
WITH_SIZES = [name for name in NETWORKS if set(SIZES) & set(KINDS[name].make()._argument_names())]


def contents(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """The tensors of a file, and what it tells."""
    with safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, json.loads(file.metadata()[ENTRY])  # noqa: SIM118


def written(path: Path, tensors: dict[str, torch.Tensor], told: Any) -> Path:
    """A file that tells something else."""
    save_file(tensors, path, {ENTRY: told if isinstance(told, str) else json.dumps(told)})
    return path


# ---------------------------------------------------------------------------------------------------------------------
# Keeping


@ALL
@pytest.mark.parametrize("half", [False, True])
def test_what_was_saved_comes_back_as_it_was(name: str, half: bool, tmp_path: Path) -> None:
    model, kind = fitted(name), KINDS[name]
    path = model.save(tmp_path / "it.safetensors", half=half, note="a note")
    state = torch.get_rng_state()
    again = type(model).load(str(path))
    assert torch.equal(torch.get_rng_state(), state)
    assert type(again) is type(model)
    assert repr(again) == repr(model)
    assert again.parameters_count == model.parameters_count
    assert again._arguments() == model._arguments()
    assert contents(path)[1]["note"] == "a note"
    assert not again.model.training
    assert all(weight.dtype == torch.float32 for weight in again.model.parameters())
    if half:
        floats = [value.dtype for value in contents(path)[0].values() if value.dtype != torch.float64]
        assert set(floats) <= {torch.float16, torch.int64}
    else:
        assert kind.answers(again) == kind.answers(model)


@ALL
def test_the_same_model_gives_the_same_file(name: str, tmp_path: Path) -> None:
    one, other = (fitted(name).save(tmp_path / file).read_bytes() for file in ("one", "other"))
    assert one == other


@ALL
def test_what_was_loaded_can_be_trained_and_saved_again(name: str, tmp_path: Path) -> None:
    again = type(fitted(name)).load(fitted(name).save(tmp_path / "it"))
    silent = {} if name == "TableClassifier" else {"progress": False}
    again.fit(*KINDS[name].data, **KINDS[name].short | silent)
    assert KINDS[name].answers(again) == KINDS[name].answers(fitted(name))
    again.save(tmp_path / "it")
    assert contents(tmp_path / "it")[0].keys() == contents(fitted(name).save(tmp_path / "other"))[0].keys()


@ALL
def test_a_model_that_has_not_learned_says_so(name: str, tmp_path: Path) -> None:
    model = KINDS[name].make()
    assert repr(model).endswith("not trained)")
    for ask in (
        lambda: model.parameters_count,
        lambda: model.save(tmp_path / "it"),
        lambda: KINDS[name].answers(model),
    ):
        with pytest.raises(CourseError, match=r"has not learned anything yet\. Call \.fit\("):
            ask()
    assert not list(tmp_path.iterdir())


@ALL
def test_arguments_are_attributes(name: str) -> None:
    assert list(fitted(name)._arguments()) == list(inspect.signature(type(fitted(name))).parameters)


# ---------------------------------------------------------------------------------------------------------------------
# Files that are none


@ALL
def test_a_file_of_another_kind_is_refused(name: str, tmp_path: Path) -> None:
    other = next(one for one in KINDS if type(fitted(one)).file_kind != type(fitted(name)).file_kind)
    path = fitted(other).save(tmp_path / "other")
    kind = type(fitted(name)).file_kind
    with pytest.raises(CourseError, match=rf"holds no {kind}: it is the file of a {type(fitted(other)).file_kind}\."):
        type(fitted(name)).load(path)


@ALL
def test_each_weight_and_each_field_is_needed_and_nothing_more(name: str, tmp_path: Path) -> None:
    tensors, told = contents(fitted(name).save(tmp_path / "whole"))
    kind, about = type(fitted(name)), told["about"]
    wrong: list[tuple[dict[str, torch.Tensor], Any]] = []
    for lost in tensors:
        wrong.append(({n: v for n, v in tensors.items() if n != lost}, told))
        wrong.append(({n: v.new_zeros(*v.shape, 2) if n == lost else v for n, v in tensors.items()}, told))
    wrong.append(({**tensors, "more": torch.zeros(1)}, told))
    for part in ("arguments", "learned"):
        wrong.append((tensors, {**told, "about": {n: v for n, v in about.items() if n != part}}))
        for field in about[part]:
            less = {n: v for n, v in about[part].items() if n != field}
            for changed in (less, {**less, "else": 1}, {**about[part], field: {"x": 1}}, {**about[part], field: -1}):
                wrong.append((tensors, {**told, "about": {**about, part: changed}}))
        strange: Any
        for strange in (None, [], 3):
            wrong.append((tensors, {**told, "about": {**about, part: strange}}))
    for place, (held, description) in enumerate(wrong):
        path = written(tmp_path / str(place), held, description)
        with pytest.raises(CourseError, match="does not fit its own description"):
            kind.load(path)


@ALL_NETWORKS
@pytest.mark.parametrize("damage", ["not finite", "whole numbers"])
def test_weights_that_are_none_are_refused(name: str, damage: str, tmp_path: Path) -> None:
    tensors, told = contents(fitted(name).save(tmp_path / "whole"))
    lost = next(n for n, v in tensors.items() if n.endswith("weight") and v.is_floating_point())
    value = tensors[lost]
    tensors[lost] = torch.full_like(value, torch.nan) if damage == "not finite" else value.to(torch.int32)
    with pytest.raises(CourseError, match="does not fit its own description"):
        type(fitted(name)).load(written(tmp_path / "other", tensors, told))


@pytest.mark.parametrize("name", WITH_SIZES)
@pytest.mark.parametrize("size", [40_000, 10**12])
def test_a_small_file_that_claims_a_huge_network_is_refused_before_memory_is_taken(
    name: str, size: int, tmp_path: Path
) -> None:
    tensors, told = contents(fitted(name).save(tmp_path / "whole"))
    arguments = told["about"]["arguments"]
    for field in SIZES:
        if field in arguments:
            arguments[field] = [size, size] if field == "hidden_sizes" else size
    path = written(tmp_path / "huge", tensors, told)
    with pytest.raises(CourseError, match="does not fit its own description"):  # 40,000²: more than 6 GB
        type(fitted(name)).load(path)


def test_very_many_layers_are_refused(tmp_path: Path) -> None:
    tensors, told = contents(fitted("TableClassifier").save(tmp_path / "whole"))
    told["about"]["arguments"]["hidden_sizes"] = [1] * 1_000_000
    with pytest.raises(CourseError, match="more layers than weights"):
        type(fitted("TableClassifier")).load(written(tmp_path / "deep", tensors, told))


def test_speakers_are_clips_with_labels(tmp_path: Path) -> None:
    path = fitted("SpeakerClassifier").save(tmp_path / "it")
    assert ClipClassifier.load(path).labels == SpeakerClassifier.load(path).labels == ["Ann", "Bö"]


# ---------------------------------------------------------------------------------------------------------------------
# A training that is refused, or fails

REFUSED: list[dict[str, Any]] = [{"epochs": 0}, {"seconds": -1}, {"valid": 3}, {"steps": 0}, {"batch_size": 0}]


def takes(name: str, arguments: dict[str, Any]) -> bool:
    """Does the `fit` of this kind of model have these arguments?"""
    return set(arguments) <= set(inspect.signature(KINDS[name].make().fit).parameters)


@pytest.mark.parametrize(
    ("name", "wrong"), [(name, wrong) for name in KINDS for wrong in REFUSED if takes(name, wrong)], ids=str
)
def test_a_training_that_is_refused_leaves_everything_as_it_was(name: str, wrong: dict[str, Any]) -> None:
    model, kind = fitted(name), KINDS[name]
    before, state = (kind.answers(model), repr(model), model.parameters_count), dict(vars(model))
    with pytest.raises(CourseError):
        model.fit(*kind.data, **wrong)
    assert (kind.answers(model), repr(model), model.parameters_count) == before
    assert {n: id(v) for n, v in vars(model).items()} == {n: id(v) for n, v in state.items()}


@ALL
def test_data_that_are_refused_leave_everything_as_it_was(name: str) -> None:
    model, kind = fitted(name), KINDS[name]
    before = kind.answers(model)
    for place in range(len(kind.data)):
        data = [list(part) for part in kind.data]
        data[place] = []
        with pytest.raises(CourseError):
            model.fit(*data)
    assert kind.answers(model) == before


class BreakdownError(Exception):
    """What goes wrong in the midst of a training."""


@ALL_NETWORKS
@pytest.mark.parametrize("error", [BreakdownError, CourseError, KeyboardInterrupt])
def test_a_training_that_fails_leaves_everything_as_it_was(
    name: str, error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, kind = trained(name), KINDS[name]
    before, state = kind.answers(model), {n: id(v) for n, v in vars(model).items()}

    def breaks_off(network: torch.nn.Module, *_: Any, **__: Any) -> None:
        with torch.no_grad():
            for weight in network.parameters():
                weight.fill_(torch.nan)
        raise error("in the midst")

    modules = {inspect.getmodule(ancestor) for ancestor in type(model).__mro__}
    trainers = [module for module in modules if getattr(module, "fit", None) is training.fit]
    assert trainers
    for module in trainers:
        monkeypatch.setattr(module, "fit", breaks_off)
    goes_on = [{}, {"go_on": True}] if "go_on" in inspect.signature(model.fit).parameters else [{}]
    for more in goes_on:
        with pytest.raises(error):
            model.fit(*kind.data, **kind.short | more)
        assert kind.answers(model) == before
        assert {n: id(v) for n, v in vars(model).items()} == state


# ---------------------------------------------------------------------------------------------------------------------
# Settings are told


@ALL_NETWORKS
def test_a_model_tells_how_it_was_trained_also_from_its_file(name: str, tmp_path: Path) -> None:
    model = fitted(name)
    told = model.described()
    for part in ("start", "learning rate", "clipping", "steps", "batch", "size", "augmentation"):
        assert told.parts[part], part
    assert told.seeds == str(model.seed)
    assert told.name == type(model).__name__
    assert f"{model.parameters_count:,} parameters" in told.size
    path = model.save(tmp_path / "it")
    assert type(model).load(path).described() == told
    tensors, about = contents(path)
    del about["about"]["settings"]
    assert "nobody noted" in type(model).load(written(tmp_path / "old", tensors, about)).described().untrained
    about["about"]["settings"] = {"weather": "fine"}
    with pytest.raises(CourseError, match="settings"):
        type(model).load(written(tmp_path / "wrong", tensors, about))


@ALL
def test_a_model_that_has_not_learned_tells_no_settings(name: str) -> None:
    with pytest.raises(CourseError, match="fit"):
        KINDS[name].make().described()
