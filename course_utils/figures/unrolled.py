"""Networks drawn along time: what is read, where answers come, and which way gradients take back."""

from __future__ import annotations

from typing import Any

from course_utils.figures.labels import headline, readable
from course_utils.figures.style import COLOURS, Picture, new_figure, show

STEPS = 6
LEVELS = {"x": 0.0, "h": 1.0, "y": 2.0}
BACK = readable(COLOURS["lstm"])  # of what runs backwards


def many_to_one() -> Picture:
    """An answer at every step beside one answer after the last, with where the loss is measured."""
    title = "An answer at every step, or one after the last"
    fig, axes = new_figure(9, 3.1, ncols=2, formulas=True)
    for ax, name, answers in zip(axes, ("many to many", "many to one"), (range(1, 5), [4]), strict=True):
        _network(ax, 4, answers)
        ax.set_title(name, weight="normal", size=11)
    headline(fig, title)
    alt = (
        f"{title}. Two networks unrolled over four steps: x₁ to x₄ below, the states h₁ to h₄ in a row above, each "
        "with an arrow to the next. Left, many to many: each state has an answer y and a loss L above it. Right, many "
        "to one: only h₄ has one."
    )
    return show(fig, alt)


def backward(window: int = 3) -> Picture:
    """Backpropagation through time over a whole sequence, and truncated after a window.

    Args:
        window: steps between two cuts.
    """
    title = "Backwards through all steps, or through those of one window"
    fig, axes = new_figure(9, 5.6, nrows=2, formulas=True)
    for ax, cut in zip(axes, (STEPS, window), strict=True):
        _network(ax, STEPS, range(1, STEPS + 1), aside=0.1)
        for t in range(2, STEPS + 1):
            if (t - 1) % cut:
                _arrow(ax, (t - 0.22, 0.84), (t - 0.78, 0.84), BACK, "--")
        for t in range(1, STEPS + 1):
            _arrow(ax, (t + 0.1, 1.75), (t + 0.1, 1.25), BACK, "--")
        for t in range(cut, STEPS, cut):
            ax.plot([t + 0.5] * 2, [0.5, 2.7], color=COLOURS["data"], linewidth=1.2, linestyle=":")
            ax.text(t + 0.5, 2.75, "detach", ha="center", size=10)
    axes[0].set_title("backpropagation through time", weight="normal", size=11)
    axes[1].set_title(f"truncated, windows of {window} steps", weight="normal", size=11)
    headline(fig, title)
    alt = (
        f"{title}. Two networks unrolled over {STEPS} steps with a loss at each. Solid arrows run forward from state "
        "to state. Dashed arrows run from each loss down to its state and from state to state backwards. In the lower "
        f"one, dotted lines marked detach cut the sequence after every {window} steps: the solid arrow crosses them, "
        "no dashed one does."
    )
    return show(fig, alt)


def _network(ax: Any, steps: int, answers: Any, aside: float = 0.0) -> None:
    """Inputs, states and answers of an unrolled network; arrows to answers stand aside where others run back."""
    ax.set(xlim=(0.3, steps + 0.6), ylim=(-0.4, 3.1))
    ax.axis("off")
    for t in range(1, steps + 1):
        for name, y in LEVELS.items():
            if name != "y" or t in answers:
                _box(ax, t, y, name, t)
        _arrow(ax, (t, 0.25), (t, 0.75), COLOURS["data"])
        if t < steps:
            _arrow(ax, (t + 0.22, 1.0), (t + 0.78, 1.0), COLOURS["rnn"])
        if t in answers:
            _arrow(ax, (t - aside, 1.25), (t - aside, 1.75), COLOURS["data"])
            ax.text(t, 2.4, f"$L_{t}$", ha="center", size=11)


def _box(ax: Any, x: float, y: float, name: str, t: int) -> None:
    colour = COLOURS["rnn"] if name == "h" else COLOURS["data"]
    look = {"boxstyle": "round,pad=0.3", "facecolor": "white", "edgecolor": colour}
    ax.text(x, y, f"${name}_{t}$", ha="center", va="center", size=12, bbox=look)


def _arrow(ax: Any, start: tuple[float, float], end: tuple[float, float], colour: str, line: str = "-") -> None:
    look = {"arrowstyle": "->", "color": colour, "linewidth": 1.5, "linestyle": line}
    ax.annotate("", end, start, arrowprops=look)
