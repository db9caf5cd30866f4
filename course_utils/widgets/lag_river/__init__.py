"""The lag river: a film of the gradient of the recurrent weights, split by how many steps it travelled back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator

from course_utils.display.numbers import listed, short
from course_utils.errors import CourseError
from course_utils.figures.labels import headline
from course_utils.figures.style import Picture, new_figure, show
from course_utils.widgets.shared.browser import BrowserWidget, module_text

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from course_utils.display.settings import Settings

    Array = npt.NDArray[np.float64]

MOST = 0.99  # of the sum of the norms
MOST_NUMBERS = 40_000  # frames times lags; more would make the page heavy
DIGITS = 4


class LagRiver(BrowserWidget):
    """The live widget; make one with `lag_river()`."""

    _esm = module_text("lag_river")


def lag_river(
    norms: Any,
    totals: Any,
    steps: Any,
    losses: Any,
    chance: float,
    title: str | None = None,
    name: str = "the RNN",
    settings: Settings | None = None,
) -> LagRiver:
    """A film of training: one picture for each of F moments, of the gradient's parts by lag.

    Args:
        norms: (F, T) norm of the part of the gradient that travelled back k = 0 … T−1 steps; k = 0 is the last step.
        totals: (F,) norm of the whole gradient.
        steps: (F,) optimiser step of each moment, rising.
        losses: (F,) loss.
        chance: the loss of guessing.
        title: the finding. Default: how many steps 99 % of the sum of the norms comes from.
        name: the network that the gradient belongs to, for the alt text.
        settings: how the network was trained: `film.described()`. Default: nothing is told.

    Raises:
        CourseError: the shapes do not fit, or a number is missing, infinite or negative.
    """
    parts = _rounded(_numbers("norms", norms, 2))
    film = {"totals": _rounded(_numbers("totals", totals, 1)), "losses": _rounded(_numbers("losses", losses, 1))}
    film["steps"] = _numbers("steps", steps, 1)
    _check(parts, film, chance)
    params = {
        "norms": parts.tolist(),
        **{key: values.tolist() for key, values in film.items()},
        "chance": float(chance),
    }
    return LagRiver(params, picture(parts, film["steps"], title, name), settings)


def _numbers(name: str, given: Any, dimensions: int) -> Array:
    """A list, array or tensor as an array of the given number of dimensions."""
    shape = "(F, T): frames, lags" if dimensions == 2 else "(F,): one number for each frame"
    try:
        values = np.asarray(given.detach().cpu() if hasattr(given, "detach") else given, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError):
        raise CourseError(f"{name} must be numbers of shape {shape}; these are none, or differ in length.") from None
    if values.ndim != dimensions or values.size == 0:
        raise CourseError(f"{name} has the shape {values.shape}; it must have {shape}.")
    if not np.isfinite(values).all():
        raise CourseError(f"{name} holds a number that is missing or infinite. Leave the frame out that holds it.")
    return values


def _check(parts: Array, film: dict[str, Array], chance: float) -> None:
    frames, lags = parts.shape
    for name, values in film.items():
        if len(values) != frames:
            raise CourseError(f"norms has {frames} frames and {name} {len(values)}. Give one number for each frame.")
    if frames < 2 or lags < 2:
        raise CourseError(f"A film needs at least 2 frames and 2 lags; norms has {frames} and {lags}.")
    if parts.size > MOST_NUMBERS:
        raise CourseError(f"{frames} frames of {lags} lags are too many for a page. Give every second frame, or fewer.")
    if (np.diff(film["steps"]) <= 0).any():
        raise CourseError("steps must rise from frame to frame.")
    if (parts < 0).any() or any((film[name] < 0).any() for name in ("totals", "losses")) or not 0 <= chance < np.inf:
        raise CourseError("Norms, totals, losses and chance are numbers from 0 up; one of them is not.")


def _rounded(values: Array) -> Array:
    """Four significant digits, which keep the page small."""
    return np.char.mod(f"%.{DIGITS}g", values).astype(np.float64)


def share_within(parts: Array) -> npt.NDArray[np.int64]:
    """For each frame, how many of the last steps hold 99 % of the sum of the norms. parts: (F, T). Returns (F,)."""
    sums = np.cumsum(parts, axis=1)
    return np.where(sums[:, -1] > 0, (sums < MOST * sums[:, -1:]).sum(axis=1) + 1, 0)


def finding(parts: Array, steps: Array) -> str:
    """Where 99 % of the summed norms comes from, in a sentence that holds for every frame it speaks of."""
    within = share_within(parts)
    most, lags = int(within.max()), parts.shape[1]
    first, last = (f"all {lags} steps" if k == lags else f"the last {k} of {lags} steps" for k in within[[0, -1]])
    if most <= lags / 2:
        return f"From first to last, 99 % of the gradient comes from the last {most} of {lags} steps"
    if first == last:
        return f"At first and at the end, 99 % of the gradient comes from {first}"
    return f"99 % of the gradient comes from {first} at training step {steps[0]:,.0f}, from {last} at {steps[-1]:,.0f}"


def picture(parts: Array, steps: Array, title: str | None, name: str) -> Picture:
    """What stands in the widget's place where no script runs: frames × lags as a heat map."""
    frames, lags = parts.shape
    fig, ax = new_figure(8, 3.8)
    _heat_map(fig, ax, parts)
    within = share_within(parts)
    for colour, width in (("white", 3.5), ("black", 1.5)):
        ax.stairs(within - 0.5, np.arange(frames + 1) - 0.5, baseline=None, color=colour, linewidth=width)
    ax.set(xlabel="step of training", ylabel="lag k, steps back", xlim=(-0.5, frames - 0.5), ylim=(-0.5, lags - 0.5))
    ticks = np.unique(np.linspace(0, frames - 1, 6).round().astype(int))
    ax.set_xticks(ticks, [f"{steps[n]:,.0f}" for n in ticks])
    ax.yaxis.set_major_locator(MaxNLocator(7, integer=True))
    ax.grid(False)
    title = title or finding(parts, steps)
    headline(fig, title)
    ax.set_title("99 % of the sum lies below the black line", fontsize=10, weight="normal")
    return show(fig, _alt(title, parts, steps, within, name))


def _heat_map(fig: Figure, ax: Axes, parts: Array) -> None:
    """The norms in colours of a logarithmic scale of at most 14 decades; grey where a norm is 0."""
    frames, lags = parts.shape
    highest = float(parts.max()) or 1.0
    lowest = float(parts[parts > 0].min()) if parts.any() else highest
    low = max(min(lowest, 0.1 * highest), 1e-14 * highest)
    edges = np.arange(frames + 1) - 0.5, np.arange(lags + 1) - 0.5
    ax.set_facecolor("#bbbbbb")
    mesh = ax.pcolormesh(*edges, np.ma.masked_less_equal(parts.T, 0), norm=LogNorm(low, highest), cmap="viridis")
    bar = fig.colorbar(
        mesh,
        extend="min" if lowest < low else "neither",
        ticks=LogLocator(subs=(1.0,) if highest / low > 500 else (1.0, 2.0, 5.0)),
        format=FuncFormatter(lambda value, _: short(value)),
        pad=0.02,
    )
    bar.ax.minorticks_off()
    bar.set_label("norm of the part from k steps back")


def _alt(title: str, parts: Array, steps: Array, within: npt.NDArray[np.int64], name: str) -> str:
    frames, lags = parts.shape
    ends = [
        f"from {short(parts[n, 0])} at lag 0 to {short(parts[n, -1])} at lag {lags - 1} at step {steps[n]:,.0f}"
        for n in (0, -1)
    ]
    return (
        f"{title}. Heat map of the gradient of the recurrent weights of {name}: {frames} moments of training, {lags} "
        f"lags. The norm of the part from k steps back goes {listed(ends)}. 99 % of the sum of the norms lies within "
        f"the last {within.min()} to {within.max()} steps."
    )
