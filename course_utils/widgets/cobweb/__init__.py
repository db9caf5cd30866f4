"""The cobweb plot: one unit that holds the sign of its first state, while the derivative by it vanishes."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from course_utils.display.numbers import listed, short
from course_utils.figures.labels import headline
from course_utils.figures.style import COLOURS, Picture, new_figure, show
from course_utils.widgets.shared.browser import BrowserWidget, module_text, on_slider
from course_utils.widgets.shared.random_numbers import uniform

RANGES = {"w": (-2, 2, 0.05), "b": (-1, 1, 0.05), "h_0": (-1, 1, 0.05), "noise": (0, 1, 0.05)}
MOST_STEPS = 10_000
SHOWN = 60  # steps drawn in the cobweb
FIRST = 4  # of them in a picture that does not tell
NEAR = 0.005  # a state this near 0 is written as 0.00
BLUE = "#0072B2"


class Cobweb(BrowserWidget):
    """The live widget; make one with `cobweb()`."""

    _esm = module_text("cobweb")


def cobweb(
    w: float = 1.25,
    b: float = 0.0,
    h_0: float = 0.6,
    noise: float = 0.1,
    steps: int = 5000,
    seed: int = 1,
    *,
    tells: bool = True,
) -> Cobweb:
    """Step one unit h_t = tanh(w h_{t−1} + b + noise n_t) through time, with n_t uniform in [−1, 1].

    Args:
        w: weight of the state before, where its slider stands at first (−2 to 2).
        b: bias, likewise (−1 to 1).
        h_0: the first state (−1 to 1); its sign is the bit to hold.
        noise: size of the noise (0 to 1).
        steps: how far it can go, 1 to 10,000.
        seed: of the noise, a whole number from 0.
        tells: does the picture, which stands where no script runs, say what becomes of the bit? Else it shows the first
            steps alone, as the widget does at first.

    Raises:
        CourseError: one of these is out of its range.
    """
    given = {"w": w, "b": b, "h_0": h_0, "noise": noise}
    chosen = {name: on_slider(name, value, *RANGES[name][:2]) for name, value in given.items()}
    steps = int(on_slider("steps", steps, 1, MOST_STEPS, whole=True))
    seed = int(on_slider("seed", seed, 0, 999_999, whole=True))
    params: dict[str, Any] = {**chosen, "steps": steps, "seed": seed, "ranges": RANGES}
    return Cobweb(params, (picture if tells else beginning)(**chosen, steps=steps, seed=seed))


def trajectory(
    w: float, b: float, h_0: float, noise: float, steps: int, seed: int = 1
) -> tuple[list[float], list[float]]:
    """The states h_0 … h_steps, and log10 |∂h_t/∂h_0| for each (−inf where the derivative is 0)."""
    states, logs = [h_0], [0.0]
    for _, number in zip(range(steps), uniform(seed), strict=False):
        h = math.tanh(w * states[-1] + b + noise * (2 * number - 1))
        factor = abs(w * (1 - h * h))
        states.append(h)
        logs.append(logs[-1] + (math.log10(factor) if factor else -math.inf))
    return states, logs


def fixed_points(w: float, b: float) -> list[tuple[float, bool]]:
    """Where tanh(w h + b) meets h, from the lowest up, and whether h comes back to it when it is moved a little."""
    # tanh(w h + b) − h rises or falls without turning between these:
    turns = [(sign * math.atanh(math.sqrt(1 - 1 / w)) - b) / w for sign in (-1, 1)] if w > 1 else []
    edges = [-1.0, *(h for h in turns if abs(h) < 1), 1.0]
    pairs = [(low, high) for low, high in pairwise(edges) if _above(w, b, low) != _above(w, b, high)]
    points = [_bisected(w, b, low, high) for low, high in pairs]
    return [(h, abs(w * (1 - math.tanh(w * h + b) ** 2)) < 1) for h in points]


def _above(w: float, b: float, h: float) -> bool:
    return math.tanh(w * h + b) > h


def _bisected(w: float, b: float, low: float, high: float) -> float:
    before = _above(w, b, low)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _above(w, b, middle) == before else (low, middle)
    return (low + high) / 2


def lost_at(states: list[float], w: float) -> int | None:
    """The first step at which the sign is not that of h_0; with a negative w it is expected to turn at every step."""
    turn = -1 if w < 0 else 1
    signs = [np.sign(h) * turn**t for t, h in enumerate(states)]
    return next((t for t, sign in enumerate(signs) if sign != signs[0]), None)


def power_of_ten(log: float) -> str:
    """10 to a power that no float may hold, such as "4e−1085"."""
    if log == -math.inf:
        return "exactly 0"
    if -4 < log < 6:
        return short(10**log, 2)
    exponent, digit = math.floor(log), round(10 ** (log - math.floor(log)))
    exponent, digit = (exponent + 1, 1) if digit == 10 else (exponent, digit)
    return f"{digit}e{exponent}".replace("-", "−")


def fixed(value: float) -> str:
    """Two decimals, with a true minus sign."""
    return f"{value:z.2f}".replace("-", "−")


def finding(w: float, states: list[float], log: float) -> str:
    """What became of the sign and of the derivative, in a sentence."""
    steps, lost = len(states) - 1, lost_at(states, w)
    derivative = f"|∂h/∂h₀| is then {power_of_ten(log)}"
    if states[0] == 0:
        return f"h₀ = 0 has no sign to hold for {steps:,} steps; {derivative}"
    if abs(states[-1]) < NEAR and (lost is None or states[lost] == 0):
        return f"After {steps:,} steps h is {short(states[-1], 2)}: too near 0 to hold a sign; {derivative}"
    if lost is not None:
        return f"The sign of h₀ is lost at step {lost:,} of {steps:,}; at the end |∂h/∂h₀| is {power_of_ten(log)}"
    turned = ", turned at every step," if w < 0 else ""
    return f"The sign of h₀{turned} is held for {steps:,} steps, though {derivative}"


def picture(w: float, b: float, h_0: float, noise: float, steps: int, seed: int) -> Picture:
    """What stands in the widget's place where no script runs: the cobweb, the states and the derivative."""
    states, logs = trajectory(w, b, h_0, noise, steps, seed)
    fig, axes = new_figure(8, 4.4, nrows=2, ncols=2, width_ratios=(1.15, 1))
    grid = axes[0, 0].get_gridspec()
    for ax in axes[:, 0]:
        ax.remove()
    _draw_cobweb(fig.add_subplot(grid[:, 0]), w, b, noise, states)
    axes[0, 1].plot(states, color=COLOURS["rnn"], linewidth=0.8)
    axes[0, 1].set(ylim=(-1.05, 1.05), ylabel="h", xlabel="step")
    axes[1, 1].plot([log if math.isfinite(log) else math.nan for log in logs], color=COLOURS["data"])
    axes[1, 1].set(ylabel="log₁₀ |∂h/∂h₀|", xlabel="step")
    for ax in axes[:, 1]:
        ax.set_xlim(0, steps)
        ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        ax.xaxis.set_major_formatter("{x:,.0f}")
        ax.yaxis.set_major_formatter(lambda value, _: short(value))
    met = listed([f"{fixed(h)} ({'stable' if stable else 'not stable'})" for h, stable in fixed_points(w, b)])
    title = finding(w, states, logs[-1])
    headline(fig, title)
    alt = (
        f"{title}. One unit, h = tanh({w:g} h {b:+g} + noise up to {noise:g}), from h₀ = {h_0:g}. Left: the curve "
        f"meets the diagonal at {met}, and the steps form a staircase between them. Right: h ends at {states[-1]:.2f}; "
        f"the logarithm of the derivative by h₀ goes from 0 to {short(logs[-1], 4)}."
    )
    return show(fig, alt.replace("-", "−"))


def beginning(w: float, b: float, h_0: float, noise: float, steps: int, seed: int) -> Picture:
    """The first steps in the cobweb, without a word on where they lead."""
    states, _ = trajectory(w, b, h_0, noise, min(steps, FIRST), seed)
    fig, ax = new_figure(5.4, 5)
    _draw_cobweb(ax, w, b, noise, states)
    ax.set(xticks=(-1, -0.5, 0, 0.5, 1), yticks=(-1, -0.5, 0, 0.5, 1))
    title = f"The first {len(states) - 1} of {steps:,} steps of one unit"
    headline(fig, title)
    alt = f"{title}, h = tanh({w:g} h {b:+g}), from h₀ = {h_0:g}: a staircase between the curve and the diagonal."
    return show(fig, alt.replace("-", "−"))


def _draw_cobweb(ax: Any, w: float, b: float, noise: float, states: list[float]) -> None:
    before = np.linspace(-1, 1, 201)
    low, high = np.tanh(w * before + b - noise), np.tanh(w * before + b + noise)
    ax.fill_between(before, low, high, color=COLOURS["rnn"], alpha=0.18, linewidth=0)
    ax.plot(before, before, color=COLOURS["data"], linewidth=1.2, linestyle="--", label="h stays as it is")
    ax.plot(
        before,
        np.tanh(w * before + b),
        color=COLOURS["rnn"],
        label=f"tanh(w h + b){', shaded: with noise' if noise else ''}",
    )
    corners = np.repeat(states[: SHOWN + 1], 2)
    ax.plot(corners[:-1], corners[1:], color=BLUE, linewidth=0.9, label=f"the first {len(corners) // 2 - 1} steps")
    for h, stable in fixed_points(w, b):
        ax.plot(h, h, "o", color=COLOURS["data"], markerfacecolor=COLOURS["data"] if stable else "white", zorder=3)
        name = f"{fixed(h)}{'' if stable else ', not stable'}"
        ax.annotate(name, (h, h), (8, -10), textcoords="offset points", fontsize=10)
    ax.set(xlim=(-1, 1), ylim=(-1, 1), aspect="equal", xlabel="h before the step", ylabel="h after the step")
    ax.figure.legend(loc="outside lower left", ncols=3, fontsize=10, frameon=False)
