"""Drawings of a feedforward network: its units, its activations, its loss, and steps down a gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course_utils.display.numbers import listed, short
from course_utils.errors import CourseError
from course_utils.figures.labels import headline
from course_utils.figures.style import COLOURS, Picture, new_figure, show

BLUE, ORANGE = "#0072B2", "#D55E00"
MOST_UNITS = 16  # of a layer that is drawn whole


def diagram(sizes: Sequence[int], inputs: Sequence[str], outputs: Sequence[str], title: str) -> Picture:
    """A network as circles and lines: a circle for each unit, a line for each weight.

    Args:
        sizes: units of each layer, the inputs first.
        inputs: their names.
        outputs: their names.
        title: what it shows.

    Raises:
        CourseError: fewer than two layers, more units than can be drawn, or names of another number.
    """
    if len(sizes) < 2 or max(sizes) > MOST_UNITS or (len(inputs), len(outputs)) != (sizes[0], sizes[-1]):
        raise CourseError(f"A diagram needs two layers or more, of {MOST_UNITS} units at most, and a name at each end.")
    fig, ax = new_figure(7.2, 0.55 + 0.24 * max(*sizes, 8))
    columns = [[(column, units / 2 - unit) for unit in range(units)] for column, units in enumerate(sizes)]
    for left, right in pairwise(columns):
        for x0, y0 in left:
            for x1, y1 in right:
                ax.plot([x0, x1], [y0, y1], color="#b5b5b5", linewidth=0.6, zorder=1)
    for circles in columns:
        xs, ys = zip(*circles, strict=True)
        ax.plot(xs, ys, "o", color="white", markeredgecolor=COLOURS["data"], markersize=11, zorder=2)
    for names, circles, side in ((inputs, columns[0], -1), (outputs, columns[-1], 1)):
        for name, (x, y) in zip(names, circles, strict=True):
            ax.text(x + 0.09 * side, y, name, ha="right" if side < 0 else "left", va="center", size=11)
    heads = ["inputs", *["hidden layer, ReLU"] * (len(sizes) - 2), "scores"]
    for column, head in enumerate(heads):
        ax.text(column, max(sizes) / 2 + 0.9, f"{head}\n{sizes[column]}", ha="center", va="bottom", size=10)
    ax.set(xlim=(-0.75, len(sizes) - 0.25), ylim=(-max(sizes) / 2, max(sizes) / 2 + 3.2))
    ax.axis("off")
    headline(fig, title)
    layers = ", then ".join(f"{units} {head}" for units, head in zip(sizes, heads, strict=True))
    return show(fig, f"{title}. Circles in columns: {layers}; a line joins each circle to all of the next column.")


def activations(title: str) -> Picture:
    """ReLU, and beside it sigmoid and tanh.

    Args:
        title: what it shows.
    """
    z = np.linspace(-4, 4, 201)
    curves = {
        "ReLU": (np.maximum(z, 0), ORANGE, "-"),
        "tanh": (np.tanh(z), BLUE, "--"),
        "sigmoid": (1 / (1 + np.exp(-z)), "#555555", ":"),
    }
    fig, ax = new_figure(6.2, 3.2)
    for name, (values, colour, line) in curves.items():
        ax.plot(z, values, color=colour, linestyle=line, label=name, linewidth=2.4 if name == "ReLU" else 1.6)
    ax.set(xlabel="z, the weighted sum", ylabel="what the unit gives on", ylim=(-1.3, 3))
    ax.legend(frameon=False)
    headline(fig, title)
    return show(
        fig,
        f"{title}. Three curves over z: ReLU is 0 up to z = 0 and rises in a straight line from there; tanh bends from "
        "−1 to 1, the sigmoid from 0 to 1.",
    )


def minus_log(title: str) -> Picture:
    """The loss −log p over the probability p of the right class.

    Args:
        title: what it shows.
    """
    p = np.linspace(0.004, 1, 300)
    fig, ax = new_figure(6.2, 3.2)
    ax.plot(p, -np.log(p), color=BLUE)
    for probability in (0.01, 0.1, 0.5, 0.9):
        loss = -np.log(probability)
        ax.plot(probability, loss, "o", color=BLUE)
        ax.annotate(f"p = {probability:g}: {short(loss, 2)}", (probability, loss), (8, 3), textcoords="offset points")
    ax.set(xlabel="p, the probability of the right class", ylabel="loss, −log p", xlim=(0, 1.12), ylim=(-0.2, 5.6))
    headline(fig, title)
    return show(
        fig, f"{title}. A curve that falls from far above 5 near p = 0 to 0 at p = 1; at p = 0.5 it is {np.log(2):.2f}."
    )


def gradient_steps(
    loss: Callable[[Tensor], Tensor], start: float, rates: Sequence[float], title: str, *, steps: int = 8
) -> Picture:
    """Gradient descent in one weight: a panel for each learning rate, with its steps on the curve of the loss.

    Args:
        loss: a weight, a scalar tensor, → the loss.
        start: where the weight begins.
        rates: learning rates.
        title: what it shows.
        steps: of each.

    Raises:
        CourseError: no rate.
    """
    if not rates:
        raise CourseError("gradient_steps needs a learning rate at least.")
    ways = {rate: descent(loss, start, rate, steps) for rate in rates}
    low, high = (f(w for way in ways.values() for w, _ in way) for f in (min, max))
    room = 0.1 * (high - low) or 1.0
    grid = np.linspace(low - room, high + room, 200)
    curve = [float(loss(torch.tensor(w))) for w in grid]
    fig, axes = new_figure(3.1 * len(rates), 3.1, ncols=len(rates), sharey=True, squeeze=False)
    sentences = []
    for ax, (rate, way) in zip(axes[0], ways.items(), strict=True):
        ax.plot(grid, curve, color="#999999")
        ax.plot(*zip(*way, strict=True), "o-", color=ORANGE, linewidth=0.9, markersize=4)
        ax.plot(*way[0], "o", color=BLUE, markersize=8)
        ax.set_title(f"learning rate {rate:g}", size=11, weight="normal")
        ax.set_xlabel("one weight")
        sentences.append(f"learning rate {rate:g}: from {short(way[0][1])} to {short(way[-1][1])} in {steps} steps")
    axes[0, 0].set_ylabel("loss")
    headline(fig, title)
    return show(fig, f"{title}. The same curve in each panel, with steps from a blue point: {listed(sentences)}.")


def descent(loss: Callable[[Tensor], Tensor], start: float, rate: float, steps: int) -> list[tuple[float, float]]:
    """The weight and its loss before the first step and after each."""
    weight, way = start, []
    for _ in range(steps + 1):
        w = torch.tensor(weight, requires_grad=True)
        value: Any = loss(w)
        value.backward()
        way.append((weight, value.item()))
        weight -= rate * float(w.grad if w.grad is not None else 0.0)
    return way
