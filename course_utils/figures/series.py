"""Figures of series and states over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.figures.labels import headline
from course_utils.figures.style import COLOURS, Picture, new_figure, show

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd


def whole(series: pd.Series, title: str, ylabel: str = "sunspots (yearly mean)") -> Picture:
    """A series from its first year to its last.

    Args:
        series: values indexed by year; a month is a part of its year.
        title: the finding.
        ylabel: what is measured, with its unit.
    """
    fig, ax = new_figure(8, 3)
    ax.plot(series.index, series, color=COLOURS["data"], linewidth=1.2)
    ax.set(xlabel="year", ylabel=ylabel)
    headline(fig, title)
    first, last, top = int(series.index[0]), int(series.index[-1]), int(series.idxmax())
    alt = (
        f"{title}. A line from {first} to {last} that swings between {series.min():.0f} and "
        f"{series.max():.0f}; it is highest in {top}."
    )
    return show(fig, alt)


def twins(series: pd.Series, years: Sequence[int], around: int = 4) -> Picture:
    """Two stretches of a yearly series, side by side, centred on two years of nearly the same value.

    Args:
        series: values indexed by year.
        years: the two years.
        around: how many years before and after are drawn; what comes after is dashed.
    """
    fig, axes = new_figure(8, 3.5, ncols=2, sharey=True)
    title = "Nearly the same number, another future"
    headline(fig, title)
    sentences = []
    for ax, year in zip(axes, years, strict=True):
        before, after = series.loc[year - around : year], series.loc[year : year + around]
        ax.plot(before.index, before, color=COLOURS["data"], marker="o")
        ax.plot(after.index, after, color=COLOURS["data"], marker="o", linestyle="--", alpha=0.45)
        ax.plot(year, series[year], marker="o", markersize=11, color=COLOURS["rnn"])
        way = "up" if series[year] > series[year - 1] else "down"
        aside = (12, -14 if way == "up" else 8)  # beside the line, not on it
        ax.annotate(f"{series[year]:.0f} in {year}", (year, series[year]), aside, textcoords="offset points")
        ax.set_xlabel("year")
        ax.set_title(f"{year}: on the way {way}", weight="normal", size=11)
        sentences.append(
            f"In {year} the number is {series[year]:.0f} on the way {way}, a year later {series[year + 1]:.0f}."
        )
    axes[0].set_ylabel("sunspots (yearly mean)")
    return show(fig, f"{title}. Two panels of yearly sunspot numbers. " + " ".join(sentences))


def echo(distances: npt.NDArray[np.floating[Any]], threshold: float = 0.01) -> Picture:
    """How one changed input fades from the state, in several networks.

    Args:
        distances: (N, K) for each of N networks, the distance between the states with and without the change, 0 … K − 1
            steps after it.
        threshold: the share of the first distance that is marked.
    """
    share = distances / distances[:, :1]
    title, mark = echo_finding(share, threshold), _percent(threshold)
    fig, ax = new_figure(8, 3.6)
    ax.semilogy(share.T, color=COLOURS["rnn"], alpha=0.6)
    ax.axhline(threshold, color=COLOURS["chance"], linestyle="--")
    ax.annotate(f"{mark} left", (share.shape[1] - 1, threshold), (0, 5), textcoords="offset points", ha="right")
    ax.set_xlabel("years after the changed year")
    ax.set_ylabel("difference in the state\n(share of the first)")
    ax.set_ylim(bottom=1e-6)
    headline(fig, title)
    alt = (
        f"{title}. {len(share)} networks, one line each, on a logarithmic axis over {share.shape[1] - 1} years: the "
        f"difference that one changed year makes to the state, as a share of the first. Dashed: {mark}."
    )
    return show(fig, alt)


def echo_finding(share: npt.NDArray[np.floating[Any]], threshold: float) -> str:
    """What the echo figure shows, in a sentence: when the change has faded, or in how many networks it has not."""
    gone = steps_until(share, threshold)
    followed = share.shape[1] - 1
    left = int((gone > followed).sum())
    if left:
        return f"After {followed} years, {left} of {len(gone)} networks still hold more than {_percent(threshold)}"
    years = f"{gone.max()} year{'s' if gone.max() > 1 else ''}"
    when = f"within {gone.min()} to {years}" if gone.min() < gone.max() else f"after {years}"
    return f"Under {_percent(threshold)} of the change is left {when}"


def _percent(share: float) -> str:
    """A share in words, "1 %"."""
    return f"{100 * share:.0f} %"


def steps_until(share: npt.NDArray[np.floating[Any]], threshold: float) -> npt.NDArray[np.int64]:
    """For each row, the steps after which the share stays below the threshold; the row's length where it does not."""
    above = share >= threshold
    length = share.shape[1]
    last = np.where(above.any(axis=1), length - 1 - np.argmax(above[:, ::-1], axis=1), -1)
    return np.asarray(last + 1, dtype=np.int64)
