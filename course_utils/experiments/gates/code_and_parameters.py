"""Claim C18: what it takes to write a cell: statements, operations, numbers to learn, counted for RNN, GRU and LSTM."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import torch

from course_utils.display.settings import Settings, untrained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.nn import cells
from course_utils.nn.parameters import parameters_count

STEPS: dict[str, tuple[Callable[..., Any], Callable[[int, int], torch.nn.RNNBase]]] = {
    "RNN": (cells.rnn_step, torch.nn.RNN),
    "GRU": (cells.gru_step, torch.nn.GRU),
    "LSTM": (cells.lstm_step, torch.nn.LSTM),
}


def statements(function: Callable[..., Any]) -> int:
    """How many statements a function has, its docstring aside."""
    definition = _definition(function)
    inner = [node for node in ast.walk(definition) if isinstance(node, ast.stmt) and node is not definition]
    return len(inner) - bool(ast.get_docstring(definition))


def operations(function: Callable[..., Any]) -> int:
    """How many operators and calls a function has: what it does, however many statements that is written in."""
    return sum(isinstance(node, ast.BinOp | ast.Call) for node in ast.walk(_definition(function)))


def _definition(function: Callable[..., Any]) -> ast.FunctionDef:
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(definition, ast.FunctionDef)
    return definition


def measure(seed: int, *, largest: int) -> list[Row]:
    """Count, for a layer of random size.

    Args:
        seed: of the sizes.
        largest: the largest input size and hidden size.

    Returns:
        A row for each cell: `cell`, `statements` and `operations` of the course's step, `input_size`, `hidden_size`,
        `parameters` of torch's layer, and `times_rnn`, their number as a multiple of the RNN's.
    """
    generator = torch.Generator().manual_seed(seed)
    input_size, hidden_size = torch.randint(1, largest + 1, (2,), generator=generator).tolist()
    counts = {name: parameters_count(layer(input_size, hidden_size)) for name, (_, layer) in STEPS.items()}
    return [
        {
            "cell": name,
            "statements": statements(step),
            "operations": operations(step),
            "input_size": input_size,
            "hidden_size": hidden_size,
            "parameters": counts[name],
            "times_rnn": counts[name] / counts["RNN"],
        }
        for name, (step, _) in STEPS.items()
    ]


def told(*, largest: int) -> Settings:
    """What a reader must know of the counts."""
    return untrained("nothing is trained: statements and parameters are counted", size=f"up to {largest} units")


EXPERIMENT = Experiment(
    name="effort",
    version=2,
    measure=measure,
    told=told,
    seeds=tuple(range(10)),
    settings={"largest": 100},
    quick={"largest": 10},
)
