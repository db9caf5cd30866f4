"""What a matrix does to vectors of two entries: one step stretches a circle, and many steps draw a path."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from course_utils.display.numbers import short
from course_utils.figures.labels import headline
from course_utils.figures.style import COLOURS, Picture, new_figure, show

CIRCLE, STRETCHED, PATH = "#777777", "#0072B2", "#D55E00"


def path_of(W: Tensor, vector: Tensor, steps: int) -> Tensor:
    """A vector after 0, 1, … steps.

    Args:
        W: (H, H) a matrix.
        vector: (H,) where it begins.
        steps: T.

    Returns:
        (T + 1, H): row t is W^t times the vector.
    """
    found = [vector]
    for _ in range(steps):
        found.append(W @ found[-1])
    return torch.stack(found)


def stretch_and_path(W: Tensor, vector: Tensor, steps: int) -> Picture:
    """Two panels: all vectors of length 1 before and after one step, and the path of one vector over many.

    Args:
        W: (2, 2) a matrix.
        vector: (2,) of length 1, where the path begins.
        steps: of the path.
    """
    path = path_of(W, vector, steps).numpy()
    lengths = np.linalg.norm(path, axis=1)
    sigma = float(torch.linalg.matrix_norm(W, 2))
    radius = float(torch.linalg.eigvals(W).abs().max())
    peak = int(lengths.argmax())
    inside = next((t for t in range(steps + 1) if (lengths[t:] < 1).all()), None)
    fig, axes = new_figure(8, 3.6, ncols=2)
    _one_step(axes[0], W.numpy(), sigma)
    _path(axes[1], path, peak)
    low, high = np.minimum(path.min(axis=0), -sigma) - 0.15, np.maximum(path.max(axis=0), sigma) + 0.2
    for ax in axes:
        ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal", xlabel="unit 1", ylabel="unit 2")
    grows = f"grows to {short(lengths[peak])} in {peak} steps" if peak else "never grows"
    title = f"No |eigenvalue| is above {short(radius)}, and a vector {grows}"
    headline(fig, title)
    end = f"from step {inside} on it is inside the circle" if inside is not None else "it ends outside the circle"
    return show(
        fig,
        f"{title}. Two panels with the two units as axes and a grey circle of radius 1. Left: one step makes the "
        f"circle an ellipse whose longest radius is {short(sigma)}. Right: the path of the vector over {steps} steps; "
        f"its length is {short(lengths[peak])} at step {peak}; {end}.",
    )


def _one_step(ax: Any, W: np.ndarray[Any, Any], sigma: float) -> None:
    """The circle, the ellipse that one step makes of it, and the longest of its radii."""
    angles = np.linspace(0, 2 * np.pi, 200)
    circle = np.stack([np.cos(angles), np.sin(angles)])
    ellipse = W @ circle
    ax.plot(*circle, color=CIRCLE, linewidth=1.2)
    ax.plot(*ellipse, color=STRETCHED)
    u, _, _ = np.linalg.svd(W)
    longest = u[:, 0] * sigma * (1 if u[1, 0] >= 0 else -1)
    _arrow(ax, longest, STRETCHED)
    ax.annotate(
        f"σ = {short(sigma)}", longest, (8, 9), textcoords="offset points", color=STRETCHED, ha="center", va="bottom"
    )
    ax.set_title("one step: circle → ellipse", fontsize=10, weight="normal")


def _path(ax: Any, path: np.ndarray[Any, Any], peak: int) -> None:
    """Where a vector is after each step, with arrows at the start, at its longest and at the end."""
    angles = np.linspace(0, 2 * np.pi, 200)
    ax.plot(np.cos(angles), np.sin(angles), color=CIRCLE, linewidth=1.2)
    ax.plot(*path.T, color=PATH, linewidth=1, marker="o", markersize=4)
    for t, away in ((0, (0, 7)), (peak, (14, 10)), (len(path) - 1, (0, -15))):
        _arrow(ax, path[t], PATH if t == peak else COLOURS["data"])
        ax.annotate(f"step {t}", path[t], away, textcoords="offset points", ha="center", color=COLOURS["data"])
    ax.set_title(f"{len(path) - 1} steps of one vector", fontsize=10, weight="normal")


def _arrow(ax: Any, tip: np.ndarray[Any, Any], colour: str) -> None:
    look = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.8, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", tip, (0, 0), arrowprops=look)
