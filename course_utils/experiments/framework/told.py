"""Words for the settings of experiments: how networks begin, how large they are, when a training ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from course_utils.display.numbers import short
from course_utils.display.settings import each, value_text
from course_utils.experiments.framework.starts import Start
from course_utils.nn.sequence_model import hidden_for_parameters, parameter_count

CLIP_NORM = 1.0  # at which experiments clip, where they do not say otherwise
CLIPPED = f"norm at most {short(CLIP_NORM)}"


def start_text(start: Start, lag: str = "the lag of the task") -> str:
    """How a network begins.

    Args:
        start: its first weights.
        lag: what chrono biases are told, where the start leaves that to the task.
    """
    times = "" if start.scale == 1 else f" × {short(start.scale)}"
    parts = {
        "orthogonal": [f"W_hh orthogonal{times}, biases 0"],
        "identity": [f"W_hh identity{times}, input weights with a spread of {short(start.input_std)}, biases 0"],
    }.get(start.weights, ["torch's own"])
    parts += [] if start.forget_bias is None else [f"forget biases {short(start.forget_bias)}"]
    return " and ".join(parts + _chrono(start.chrono, lag))


def _chrono(chrono: int | Literal["lag"] | None, lag: str) -> list[str]:
    if chrono is None:
        return []
    return [f"chrono biases told {lag}" if chrono == "lag" else f"chrono biases for lags up to {chrono:,}"]


def starts_text(networks: Mapping[str, tuple[str, Start]], lag: str = "the lag of the task") -> str:
    """How each network begins, said once where it is the same.

    Args:
        networks: name → cell and start.
        lag: as in `start_text`.
    """
    return each({name: start_text(start, lag) for name, (_, start) in networks.items()})


def size_text(cell: str, input_size: int, hidden_size: int, output_size: int, window: int = 1) -> str:
    """Units and parameters of a `SequenceModel`."""
    count = parameter_count(cell, input_size, hidden_size, output_size, window)
    return f"{hidden_size} units, {count:,} parameters"


def equal_size_text(cells: Mapping[str, str], input_size: int, output_size: int, parameters: int) -> str:
    """Units and parameters of `SequenceModel`s that are as large, nearly.

    Args:
        cells: name → cell.
        input_size: I.
        output_size: O.
        parameters: the number wanted.
    """
    widths = {name: hidden_for_parameters(cell, input_size, output_size, parameters) for name, cell in cells.items()}
    sizes = {name: size_text(cells[name], input_size, width, output_size) for name, width in widths.items()}
    return each(sizes)


def until_text(criterion: str, most_steps: int, every: int) -> str:
    """When a `train_until` ends."""
    return f"until {criterion}, judged every {min(every, most_steps):,}; at most {most_steps:,}"


def ranges(values: Iterable[tuple[str, Any]]) -> str:
    """For each name all values that it has, from the smallest to the largest.

    Args:
        values: pairs of a name and a number, or a list of numbers; names come again.
    """
    found: dict[str, list[float]] = {}
    for name, value in values:
        found.setdefault(name, []).extend(value if isinstance(value, list | tuple) else [value])
    texts = {
        name: short(min(numbers)) if min(numbers) == max(numbers) else f"{short(min(numbers))} to {short(max(numbers))}"
        for name, numbers in found.items()
    }
    return value_text("; ".join(f"{text} ({name})" for name, text in texts.items()))
