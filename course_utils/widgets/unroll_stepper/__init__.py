"""The unroll stepper: one recurrent unit, step by step, with its weights on sliders."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from course_utils.checks import check_name
from course_utils.errors import CourseError
from course_utils.figures.labels import headline
from course_utils.figures.style import Picture, new_figure, show
from course_utils.widgets.shared.browser import BrowserWidget, module_text

INPUTS: dict[str, list[float]] = {
    "one pulse": [1, 0, 0, 0, 0, 0, 0, 0],
    "always on": [1, 1, 1, 1, 1, 1, 1, 1],
    "on, then off": [1, 1, 1, 1, 0, 0, 0, 0],
}


class UnrollStepper(BrowserWidget):
    """The live widget; make one with `unroll_stepper()`."""

    _esm = module_text("unroll_stepper")


def unroll_stepper(
    w_x: float = 1.0, w_h: float = 0.8, b: float = 0.0, inputs: Mapping[str, Sequence[float]] | None = None
) -> UnrollStepper:
    """Step one unit h_t = tanh(w_x x_t + w_h h_{t−1} + b) through a short sequence.

    Args:
        w_x: weight of the input, where the slider stands at first (−2 to 2).
        w_h: weight of the state before, likewise.
        b: bias, likewise.
        inputs: named sequences of 1 to 10 numbers to choose from; default: a pulse, a constant and a switch.

    Raises:
        CourseError: no sequence, or one that is empty, too long or not finite.
    """
    chosen = {name: [float(x) for x in xs] for name, xs in (inputs or INPUTS).items()}
    for name, xs in chosen.items():
        if not 1 <= len(xs) <= 10 or not all(map(math.isfinite, xs)):
            raise CourseError(f"The stepper draws sequences of 1 to 10 finite numbers; {name!r} has {xs}.")
    params = {"inputs": chosen, "choice": next(iter(chosen)), "w_x": w_x, "w_h": w_h, "b": b}
    return UnrollStepper(params, picture(chosen, params["choice"], w_x, w_h, b))


def picture(inputs: Mapping[str, Sequence[float]], choice: object, w_x: float, w_h: float, b: float) -> Picture:
    """What stands in the widget's place where no script runs: the states of the first sequence as bars."""
    check_name("sequence", choice, inputs)
    xs, states, h = inputs[str(choice)], [], 0.0
    for x in xs:
        h = math.tanh(w_x * x + w_h * h + b)
        states.append(h)
    fig, axes = new_figure(8, 3.2, nrows=2, sharex=True)
    steps = range(1, len(xs) + 1)
    for ax, values, name in ((axes[0], states, "state h"), (axes[1], xs, "input x")):
        ax.bar(steps, values, color=["#56B4E9" if value >= 0 else "#E69F00" for value in values])  # as in the widget
        ax.axhline(0, color="#222222", linewidth=0.8)
        ax.set_ylabel(name)
        for step, value in zip(steps, values, strict=True):
            ax.annotate(f"{value:.2f}", (step, value), (0, 2), textcoords="offset points", ha="center", fontsize=9)
        ax.margins(y=0.25)
    axes[1].set_xlabel("step")
    title = f"One unit, inputs “{choice}”: the last state is {states[-1]:.2f}"
    headline(fig, title)
    row = ", ".join(f"{h:.2f}" for h in states)
    return show(fig, f"{title}. State weight {w_h:g}, input weight {w_x:g}, bias {b:g}. States step by step: {row}.")
