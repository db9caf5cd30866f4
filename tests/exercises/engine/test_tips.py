"""Advice fits the error and the line, and following it mends the line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from course_utils.exercises.engine.tips import tip

X = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
MAPS = X.repeat(2, 5, 1, 1)  # (2, 5, 4, 3)
FIVE = torch.arange(5.0)
SCORES = torch.zeros(2, 4, 6)
TOKENS = torch.ones(2, 4, dtype=torch.long)
F = torch.nn.functional

CASES = [  # a line, the advice it must get, and the line after following it
    ("X.exp() / X.exp().sum(dim=-1)", "keepdim=True", "X.exp() / X.exp().sum(dim=-1, keepdim=True)"),
    ("(X - X.mean(1)) / X.std(1)", "keepdim=True", "(X - X.mean(1, keepdim=True)) / X.std(1, keepdim=True)"),
    ("X @ X.T[:, :3] + FIVE[:3][:,None]", "Without `[:, None]`", "X @ X.T[:, :3] + FIVE[:3]"),
    ("torch.einsum('bkhw->bkhw', MAPS) + FIVE", "(K, 1, 1)", "torch.einsum('bkhw->bkhw', MAPS) + FIVE[:, None, None]"),
    ("F.one_hot(TOKENS[0]) * FIVE", "number of classes", "F.one_hot(TOKENS[0], 5) * FIVE"),
    ("MAPS * FIVE", "must be equal, or one of them 1", "MAPS * FIVE[:, None, None]"),
    ("X @ X", "(4, 3) @ (3, 5) gives (4, 5)", "X @ X.T"),
    ("X.max(0).max(0)", "`.values`", "X.max(0).values.max(0)"),
    ("MAPS.max(dim=(2, 3))", "`.amax(dim=(…, …))`", "MAPS.amax(dim=(2, 3))"),
    ("[a for a, b, c in [X.chunk(3)[:2]]]", "dim=-1", "[a for a, b, c in [X.chunk(3, dim=-1)]]"),
    ("[a for a, b in [X.shape + (1,)]]", "A shape has a part for each axis", "[a for a, b in [X.shape]]"),
    ("F.cross_entropy(SCORES, TOKENS)", "second axis", "F.cross_entropy(SCORES.flatten(0, 1), TOKENS.flatten())"),
    ("torch.zeros(3, 3) @ X.double().T", "dtype=x.dtype", "torch.zeros(3, 3, dtype=torch.float64) @ X.double().T"),
    ("torch.cat([MAPS, X], dim=-1)", "agree in all axes", "torch.cat([MAPS[0, 0], X], dim=-1)"),
    ("X[:, 5]", "several sizes", "X[:, X.shape[1] - 1]"),
    ("float(X)", "torch.tanh", "float(X[0, 0])"),
    ("X if X > 0 else -X", "torch.where", "torch.where(X > 0, X, -X)"),
    ("1 / (1 - 1)", "leads to a 0", "1 / (1 - 2)"),
    ("X.clone().requires_grad_().mul_(2)", "clone", "X.clone().requires_grad_().clone().mul_(2)"),
    ("collapsed([1])", "`my_`", "abs(1)"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "says", "mended"), CASES)
def test_each_error_gets_its_tip_and_following_it_helps(line: str, says: str, mended: str) -> None:
    run: Callable[[str], Any] = lambda code: eval(code, globals())  # noqa: E731
    with pytest.raises(Exception) as caught:  # noqa: PT011
        run(line)
    assert says in tip(str(caught.value), line, ""), str(caught.value)
    run(mended)


def test_an_exercise_s_own_tip_is_given_where_shapes_do_not_fit_and_nowhere_else() -> None:
    products = "mat1 and mat2 shapes cannot be multiplied (5x3 and 4x3)"
    sizes = "The size of tensor a (5) must match the size of tensor b (3) at non-singleton dimension 0"
    assert tip(products, "W @ x", "Own.") == tip(sizes, "a * b", "Own.") == "Own."
    assert "keepdim" in tip(sizes, "a / a.sum(0)", "Own.")
    assert tip("something else", "a / a.sum(0)", "Own.") == ""
