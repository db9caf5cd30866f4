"""The pages of the API: a page for each public module that lessons import from, from its docstrings."""

from __future__ import annotations

import importlib
import pkgutil

import course_utils

FOLDER = "api"
# what a learner imports; exercises have an index of their own, and themes of experiments are read through the claims
ROOMS = ("data", "figures", "metrics", "models", "nn", "stats", "training", "widgets", "claims", "experiments.tasks")


def modules(room: str) -> list[str]:
    """The public modules of a room, by their full names; the room itself first."""
    name = f"{course_utils.__name__}.{room}"
    path = getattr(importlib.import_module(name), "__path__", None)
    inner = [] if path is None else [found.name for found in pkgutil.walk_packages(path, f"{name}.")]
    return [name, *(module for module in inner if not module.rpartition(".")[2].startswith("_"))]


def reference_pages() -> dict[str, str]:
    """The sources of the pages, in reStructuredText, by their names without ending: an index, a page for each room."""
    pages = {}
    for room in ROOMS:
        title = f"{course_utils.__name__}.{room}"
        parts = [title, "=" * len(title), ""]
        for module in modules(room):
            if module != title:
                parts += [module, "-" * len(module), ""]
            parts += [f".. automodule:: {module}", "   :members:", ""]
        pages[f"{FOLDER}/{room}"] = "\n".join(parts)
    head = ["Functions and classes", "=====================", "", "The package ``course_utils``, room by room."]
    tree = ["", ".. toctree::", "   :maxdepth: 1", "", *(f"   {room}" for room in ROOMS), ""]
    return {f"{FOLDER}/index": "\n".join([*head, *tree])} | pages
