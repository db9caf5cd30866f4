"""Figures of hazards: how probable an event is at each step, said by several models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from course_utils.display.numbers import short
from course_utils.errors import CourseError
from course_utils.figures.labels import End, headline, label_ends, line_styles
from course_utils.figures.style import COLOURS, Picture, new_figure, show

if TYPE_CHECKING:
    import numpy.typing as npt


def hazards(said: Mapping[str, npt.ArrayLike], truth: npt.ArrayLike, title: str, cue: int) -> Picture:
    """The hazards of one record, step by step: the true one, and what models say.

    Args:
        said: by name (T,) hazards; an LSTM has its colour.
        truth: (T,) the hazards by which the record was made.
        title: the finding.
        cue: the step of the cue, from 0: a dashed line.

    Raises:
        CourseError: no model, or hazards of another length.
    """
    right = np.asarray(truth, dtype=np.float64)
    lines = {name: np.asarray(values, dtype=np.float64) for name, values in said.items()}
    if not lines or any(values.shape != right.shape for values in lines.values()):
        raise CourseError(f"Give the hazards of at least one model, {len(right)} of them like the true ones.")
    steps = np.arange(1, len(right) + 1)
    fig, ax = new_figure(8, 3.4)
    ax.plot(steps, right, color=COLOURS["data"], linewidth=2.4)
    ends = [End(steps[-1], right[-1], "true hazard", COLOURS["data"])]
    for (name, values), style in zip(lines.items(), line_styles(lines).values(), strict=True):
        ax.plot(steps, values, color=style.colour, linestyle=style.line)
        ends.append(End(steps[-1], values[-1], name, style.colour))
    ax.axvline(cue + 1, color=COLOURS["chance"], linestyle="--", linewidth=1)
    ax.set(xlabel="step (dashed line: the cue)", ylabel="hazard", ylim=(0, None))
    headline(fig, title)
    label_ends(ax, ends)
    told = "; ".join(f"{name} {short(float(values.max()), 2)}" for name, values in lines.items())
    return show(
        fig,
        f"{title}. Lines over {len(right)} steps, the cue at step {cue + 1}. The true hazard rises to "
        f"{short(float(right.max()), 2)}; the highest of the others: {told}.",
    )
