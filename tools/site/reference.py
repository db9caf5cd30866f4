"""The pages of the API, from the docstrings: one for each room that lessons import from, or for each of its modules."""

from __future__ import annotations

import importlib
import pkgutil

import course_utils

FOLDER = "api"
# what a learner imports; exercises have an index of their own, and themes of experiments are read through the claims
ROOMS = ("data", "figures", "metrics", "models", "nn", "stats", "training", "widgets", "claims", "experiments.tasks")
LARGE = ("models",)  # one page of it all would be heavier than a phone should load


def modules(room: str) -> list[str]:
    """The public modules of a room, by their full names; the room itself first."""
    name = f"{course_utils.__name__}.{room}"
    path = getattr(importlib.import_module(name), "__path__", None)
    inner = [] if path is None else [found.name for found in pkgutil.walk_packages(path, f"{name}.")]
    return [name, *(module for module in inner if not module.rpartition(".")[2].startswith("_"))]


def reference_pages() -> dict[str, str]:
    """The sources of the pages, in reStructuredText, by their names without ending; the index is "api/index"."""
    pages: dict[str, str] = {}
    for room in ROOMS:
        name = f"{course_utils.__name__}.{room}"
        inner = [module for module in modules(room) if module != name]
        if room in LARGE:
            own = {f"{FOLDER}/{room}/{module.removeprefix(f'{name}.')}": page_of(module) for module in inner}
            tree = contents([page.removeprefix(f"{FOLDER}/") for page in own])
            pages |= {f"{FOLDER}/{room}": page_of(name) + tree} | own
        else:
            parts = [f"{heading(module, '-')}{members(module)}" for module in inner]
            pages[f"{FOLDER}/{room}"] = "".join([page_of(name), *parts])
    head = heading("Functions and classes", "=") + "The package ``course_utils``, room by room.\n\n"
    return {f"{FOLDER}/index": head + contents(list(ROOMS))} | pages


def heading(text: str, line: str) -> str:
    """A heading, underlined with a sign that tells its level."""
    return f"{text}\n{line * len(text)}\n\n"


def members(module: str) -> str:
    """What autodoc makes of a module's docstrings."""
    return f".. automodule:: {module}\n   :members:\n\n"


def page_of(module: str) -> str:
    """A page whose title is a module's name, with what the module has."""
    return heading(module, "=") + members(module)


def contents(pages: list[str]) -> str:
    """Links to pages, which the tree of pages holds too."""
    return "\n".join([".. toctree::", "   :maxdepth: 1", "", *(f"   {page}" for page in pages), "", ""])
