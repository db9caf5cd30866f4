"""Which cells of a notebook a cell needs: read from the code, so that a lesson may change and its tests do not."""

from __future__ import annotations

import ast
from collections.abc import Sequence


def needed(sources: Sequence[str], wanted: int) -> list[int]:
    """The cells to run for one cell: the first one with code, those above that make what it uses, and itself.

    A cell counts if it binds a name that is used further down: by assignment, import, `def` or `class`. What only
    changes an object made elsewhere does not count.

    Args:
        sources: the code of every cell, "" for text. The first cell with code may hold what Python cannot read (%pip).
        wanted: the index of the cell.

    Returns:
        Indices, in order.
    """
    first = next(index for index, source in enumerate(sources) if source)
    found = {first, wanted}
    _, missing = names(sources[wanted]) if wanted != first else (set(), set())
    for index in range(wanted - 1, first, -1):
        bound, used = names(sources[index])
        if bound & missing:
            found.add(index)
            missing = missing - bound | used
    return sorted(found)


def names(source: str) -> tuple[set[str], set[str]]:
    """The names that a piece of code binds outside its functions, and all names that it uses."""
    tree = ast.parse(source)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return set().union(*map(_bound, tree.body)), used


def _bound(node: ast.AST) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    own = {node.id} if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else set()
    return own.union(*map(_bound, ast.iter_child_nodes(node)))
