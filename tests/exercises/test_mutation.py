"""The tool that makes wrong versions: which it makes, and that they are wrong in the way they say."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.exercises.mutation import mutants


def helper(values: Any) -> Any:
    """What the reference calls."""
    return values[1:]


def reference(x: Any, limit: float, lag: int) -> Any:
    """A function with a little of everything.

    Args:
        x: (T,).
    """
    if lag < 0:
        raise ValueError("no lag")
    total = torch.zeros((), dtype=x.dtype)
    for t in range(lag, len(x)):
        total = total + (x[t] - x[t - lag]).abs() ** 2
    return helper(x).sum() / 4 if total < limit else -total


CASES = [(torch.tensor([1.0, -2.0, 4.0]), 0.5, 1), (torch.tensor([1.0, 1.5]), 9.0, 0)]
MADE = {mutant.name: mutant.function for mutant in mutants(reference, [helper], CASES, gradients=True)}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lag: always 0", -0.0 + 2 / 4),
        ("limit: always 9.0", -(9.0 + 36.0)),
        ("reference: total < limit -> total > limit", 2 / 4),
        ("reference: (x[t] - x[t - lag]).abs() ** 2 -> (x[t] - x[t - lag]).abs()", -9.0),
        ("reference: range(lag, len(x)) -> range(lag, len(x) - 1)", -9.0),
        ("reference: range(lag, len(x)) -> range(lag + 1, len(x))", -36.0),
        ("for t: first turn only", -9.0),
        ("for t: without the last turn", -9.0),
        ("result: negative", 45.0),
        ("result: squared", 45.0**2),
        ("x: abs", -(1.0 + 4.0)),
        ("x detached", None),
    ],
)
def test_a_mutant_is_wrong_in_the_way_that_it_says(name: str, expected: float | None) -> None:
    assert float(reference(*CASES[0])) == -45.0
    found = [function for made, function in MADE.items() if made.endswith(name)]
    if expected is None:
        assert "x: detached" in MADE
        return
    assert len(found) == 1, sorted(MADE)
    assert float(found[0](*CASES[0])) == pytest.approx(expected)


def test_helpers_are_changed_too_and_checks_of_arguments_are_not() -> None:
    assert float(MADE["helper: 1: -> 1 - 1:"](*CASES[1])) == pytest.approx(2.5 / 4)
    assert float(MADE["reference: helper(x).sum() -> helper(x).mean()"](*CASES[1])) == pytest.approx(1.5 / 4)
    assert not any("no lag" in name or "lag < 0" in name for name in MADE)


def test_arguments_are_destroyed_and_given_back() -> None:
    x, limit, lag = CASES[0]
    given = x.clone()
    assert float(MADE["x destroyed"](given, limit, lag)) == -45.0
    assert given.tolist() == [0.0, 0.0, 0.0]
    assert MADE["returns x"](x, limit, lag) is x
