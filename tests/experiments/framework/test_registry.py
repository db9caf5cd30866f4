"""Every experiment is found and well formed: its measure takes its settings, a search has seeds of its own."""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest

from course_utils.errors import CourseError
from course_utils.experiments.framework import registry, results
from tests.experiments import tiny_experiments as tiny

ROOT = Path(__file__).resolve().parents[3]
EXPERIMENTS = registry.load_experiments()
SEARCHED = [name for name in EXPERIMENTS if f"{name}_search" in EXPERIMENTS]


def test_the_registry_finds_the_experiments_of_every_module_at_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    def module(name: str, **content: object) -> ModuleType:
        made = ModuleType(f"course_utils.experiments.gates.{name}")
        vars(made).update(content)
        return made

    one = module("one", EXPERIMENT=tiny.RECALL)
    two = module("two", EXPERIMENTS=(tiny.BROKEN, tiny.SLOW_FIRST))
    three = module("three", EXPERIMENT=dataclasses.replace(tiny.BROKEN, name="recall"))
    found = [one, module("helpers"), two]
    monkeypatch.setattr(registry, "modules", lambda: iter(found))
    registry.load_experiments.cache_clear()
    try:
        assert list(registry.EXPERIMENTS) == ["recall", "broken", "draws"]
        assert registry.experiment("recall") is tiny.RECALL
        with pytest.raises(CourseError, match=r"no experiment 'recal'. Did you mean 'recall'\?"):
            registry.experiment("recal")
        registry.load_experiments.cache_clear()
        found.append(three)
        with pytest.raises(CourseError, match=r"Two experiments are called 'recall'. Rename that of .*gates.three."):
            registry.experiment("recall")
    finally:
        registry.load_experiments.cache_clear()


def test_every_module_with_an_experiment_is_found() -> None:
    folder = ROOT / "course_utils" / "experiments"
    written = {path.stem for path in folder.rglob("*.py") if "Experiment(" in path.read_text(encoding="utf-8")}
    measured = {module.__name__.rsplit(".", 1)[1] for module in registry.modules()}
    assert written - {"experiment"} <= measured
    assert set(registry.THEMES) == {path.parent.name for path in folder.glob("*/__init__.py")} - {"framework", "tasks"}


def test_every_experiment_of_the_course_is_well_formed() -> None:
    for name, one in registry.EXPERIMENTS.items():
        assert re.fullmatch(r"[a-z0-9_]+", name)
        assert name == one.name
        assert one.version >= 1
        fewest = 1 if name.endswith("_search") else 2  # a search chooses learning rates, and reports nothing
        assert len(set(one.seeds)) == len(one.seeds) >= fewest
        assert set(one.quick) <= set(one.settings), name
        assert results.plain_settings(name, one.settings)


@pytest.mark.parametrize("name", list(EXPERIMENTS))
def test_settings_are_those_that_the_measure_takes(name: str) -> None:
    one = EXPERIMENTS[name]
    assert set(one.quick) <= set(one.settings)
    inspect.signature(one.measure).bind(0, **one.settings)


@pytest.mark.parametrize("name", SEARCHED)
def test_a_search_has_seeds_that_are_not_reported(name: str) -> None:
    search, reported = EXPERIMENTS[f"{name}_search"], EXPERIMENTS[name]
    assert search.measure.__module__ == reported.measure.__module__
    assert not set(search.seeds) & set(reported.seeds)
