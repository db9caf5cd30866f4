"""A figure is shown as the last line of its cell: one that stands before it is drawn, and nobody sees it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

FIGURES = "course_utils.figures"


def lost_figures(cells: Sequence[Any]) -> list[str]:
    """The calls of a notebook that draw a figure and do not show it.

    Args:
        cells: of the notebook, in order; a name imported in one of them is known in the next.

    Returns:
        Their functions, as they are called: "figures.grid".
    """
    drawing: set[str] = set()
    found = []
    for cell in cells:
        if cell.cell_type == "code":
            tree = ast.parse("\n".join(line for line in cell.source.splitlines() if not line.lstrip().startswith("%")))
            drawing |= set(_drawing(tree, drawing))
            found += [
                ast.unparse(statement.value.func)
                for statement in ast.walk(tree)
                if isinstance(statement, ast.Expr)
                and isinstance(statement.value, ast.Call)
                and _root(statement.value.func) in drawing
                and statement is not tree.body[-1]
            ]
    return found


def _drawing(tree: ast.Module, known: set[str]) -> Iterator[str]:
    """Names of a cell that stand for a figure's function or for a module of them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(FIGURES):
            yield from (name.asname or name.name for name in node.names)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            returned = [part.value for part in ast.walk(node) if isinstance(part, ast.Return)]
            if any(isinstance(value, ast.Call) and _root(value.func) in known for value in returned):
                yield node.name


def _root(function: ast.expr) -> str:
    """The name that a call begins with: `figures` of `figures.grid`."""
    while isinstance(function, ast.Attribute):
        function = function.value
    return function.id if isinstance(function, ast.Name) else ""
