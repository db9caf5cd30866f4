"""What was written with a pen, given to a reader: points with pen lifts, of any scale, as steps of equal length.

A step tells where the pen goes, how high it is, and whether a stroke begins or ends there. So the size of the writing
and the speed of the hand make no difference; the order of the strokes does.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from course_utils.errors import CourseError

Points = NDArray[np.float64]

STEP = 0.08  # of the height of the writing, the length of a step
FLATTEST = 0.1  # of the extent of a typical stroke: what is lower counts as this high, such as a dash
MOST_STEPS = 50_000
FAR = 4.0  # heights, the most that a jump between strokes tells
FEATURES = 7  # direction (2), height, jump from the stroke before (2), a stroke begins, a stroke ends


def checked_strokes(given: Any, name: str = "strokes") -> list[Any]:
    """A list of writings, which are not looked at yet.

    Args:
        given: a list of arrays (T, 3).
        name: of the argument, for the message.

    Raises:
        CourseError: it is a single writing, or no list.
    """
    expected = f"`{name}` must be a list, each an array of points (T, 3): x, y, pen up"
    many = hasattr(given, "__len__") and hasattr(given, "__iter__") and not isinstance(given, str | bytes | dict | set)
    if not many:
        raise CourseError(f"{expected}; it is a {type(given).__name__}.")
    if len(getattr(given, "shape", (0, 0, 0))) == 2:
        raise CourseError(f"{expected}; it is a single one. Write [points] for a list of one.")
    return list(given)


def stroke_steps(given: Any, name: str = "strokes") -> list[Tensor | None]:
    """The steps of each writing, (T', 7); None where there is no point.

    Args:
        given: as in `checked_strokes`.
        name: of the argument, for the message.

    Raises:
        CourseError: one is no array of points; the message says which.
    """
    found = []
    for index, points in enumerate(checked_strokes(given, name)):
        try:
            found.append(steps_of(points))
        except CourseError as error:
            raise CourseError(f"Number {index} of `{name}`: {error}") from None
    return found


def steps_of(points: Any) -> Tensor | None:
    """Steps of equal length along each stroke.

    Args:
        points: (T, 3): x, y, and 1 where the pen is lifted after this point, else 0. The last point ends a stroke
            whatever it says.

    Returns:
        (T', 7) for each step: its direction (2, of length 1), the height it is at (0 in the middle, ± 0.5 at the ends
        of the writing), the jump from the end of the stroke before (2, in heights; 0 within a stroke), 1 where a stroke
        begins, 1 where it ends.

    Raises:
        CourseError: they are no points.
    """
    array = _checked(points)
    if not len(array):
        return None
    corner, size = array[:, :2].min(axis=0), np.ptp(array[:, :2], axis=0)
    strokes = np.split(array[:, :2] - corner - size / 2, np.flatnonzero(array[:-1, 2]) + 1)
    extent = float(np.median([np.ptp(stroke, axis=0).max() for stroke in strokes]))
    height = max(float(size[1]), FLATTEST * extent)
    before = None
    parts = []
    for points_of_stroke in strokes:
        stroke = points_of_stroke / (height if height > 0 else 1.0)
        parts.append(_steps(stroke, before))
        before = stroke[-1]
    steps = np.concatenate(parts)
    if len(steps) > MOST_STEPS:
        raise CourseError(f"it is {len(steps):,} steps long; {MOST_STEPS:,} are the most. Cut it into pieces.")
    return torch.from_numpy(steps.astype(np.float32))


def _steps(stroke: Points, before: Points | None) -> Points:
    """One stroke, (T, 2) in heights; a dot is one step without a direction."""
    lengths = np.hypot(*np.diff(stroke, axis=0).T)
    along = np.concatenate([[0.0], lengths.cumsum()])
    count = min(max(int(np.ceil(along[-1] / STEP - 1e-6)), 1), MOST_STEPS + 1)
    places = np.linspace(0, along[-1], count + 1)
    x, y = (np.interp(places, along, stroke[:, axis]) for axis in (0, 1))
    moves = np.stack([np.diff(x), np.diff(y)], axis=1)
    far = np.hypot(*moves.T)[:, None]
    steps = np.zeros((count, FEATURES))
    steps[:, :2] = np.divide(moves, far, out=np.zeros_like(moves), where=far > 0)
    steps[:, 2] = (y[1:] + y[:-1]) / 2
    steps[0, 3:5] = 0.0 if before is None else (stroke[0] - before).clip(-FAR, FAR)
    steps[0, 5] = steps[-1, 6] = 1.0
    return steps


def _checked(points: Any) -> Points:
    """(T, 3), finite, the last column 0 or 1."""
    try:
        array = np.asarray(points.detach().cpu() if isinstance(points, Tensor) else points)
    except (TypeError, ValueError, RuntimeError):
        array = np.empty(0, dtype=object)
    if not array.size and array.dtype.kind in "biuf":
        return np.zeros((0, 3))
    if array.dtype.kind not in "biuf" or array.ndim != 2 or array.shape[1] != 3:
        raise CourseError(f"its shape is {array.shape}. Expected: points (T, 3) of numbers: x, y, pen up.")
    values: Points = array.astype(np.float64)
    if not np.isfinite(values).all() or np.abs(values).max() > 1e150:
        raise CourseError("it has values that are not finite. Leave those points out.")
    if not np.isin(values[:, 2], (0, 1)).all():
        raise CourseError(
            "its third column must be 1 where the pen is lifted after a point, and 0 elsewhere; it holds "
            f"{values[~np.isin(values[:, 2], (0, 1)), 2][0]:g}."
        )
    return values
