"""The gradient explorer: how far a gradient can grow on its way back, against two rules of thumb."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from course_utils.display.numbers import named, short
from course_utils.figures.labels import End, headline, label_ends, scale
from course_utils.figures.style import COLOURS, Picture, new_figure, show
from course_utils.widgets.shared.browser import BrowserWidget, module_text, on_slider

if TYPE_CHECKING:
    import numpy.typing as npt

RANGES = {"radius": (0, 1.5, 0.05), "non_normality": (0, 1.5, 0.05), "slope": (0, 1, 0.05), "length": (5, 200, 1)}
SIZE = 4
FLOOR, CAP = 1e-12, 1e12  # what the axis can show
TOLERANCE = 1e-9  # a product this near 1 is 1
BLUE = "#0072B2"


class GradientExplorer(BrowserWidget):
    """The live widget; make one with `gradient_explorer()`."""

    _esm = module_text("gradient_explorer")


def gradient_explorer(
    radius: float = 0.8, non_normality: float = 0.5, slope: float = 1.0, length: int = 60
) -> GradientExplorer:
    """Move a matrix W = radius · I + non_normality · (ones above the diagonal), and see what its powers do.

    Args:
        radius: every eigenvalue of W, where its slider stands at first (0 to 1.5).
        non_normality: the entries above the diagonal, likewise (0 to 1.5).
        slope: of the activation, which multiplies each step (0 to 1).
        length: how many steps the gradient travels back (5 to 200).

    Raises:
        CourseError: one of these is out of its range.
    """
    given = {"radius": radius, "non_normality": non_normality, "slope": slope}
    chosen = {name: on_slider(name, value, *RANGES[name][:2]) for name, value in given.items()}
    length = int(on_slider("length", length, *RANGES["length"][:2], whole=True))
    params = {**chosen, "length": length, "ranges": RANGES}
    return GradientExplorer(params, picture(growth(**chosen, length=length)))


@dataclass(frozen=True)
class Growth:
    """What (slope · W)^t does for t = 0 … length."""

    norms: npt.NDArray[np.float64]  # (length + 1,) the largest stretch of any vector
    rule: npt.NDArray[np.float64]  # (length + 1,) (slope · radius)^t
    bound: npt.NDArray[np.float64]  # (length + 1,) (slope · sigma)^t
    slope: float  # of the activation
    eigenvalue: float  # slope · radius
    sigma: float  # the largest singular value of W

    @property
    def below_one_from(self) -> int | None:
        """The t from which on the norm is below 1 to the end."""
        last = int(np.flatnonzero(self.norms >= 1)[-1])
        return None if last == len(self.norms) - 1 else last + 1


def growth(radius: float, non_normality: float, slope: float, length: int) -> Growth:
    """The norms of the powers of slope · W, and what the two rules say."""
    W = radius * np.eye(SIZE) + non_normality * np.eye(SIZE, k=1)
    sigma = float(np.linalg.norm(W, 2))
    norms = [np.linalg.norm(np.linalg.matrix_power(slope * W, t), 2) for t in range(length + 1)]
    rule, bound = ([(slope * factor) ** t for t in range(length + 1)] for factor in (radius, sigma))
    return Growth(np.array(norms), np.array(rule), np.array(bound), slope, slope * radius, sigma)


def finding(powers: Growth) -> str:
    """What becomes of the gradient in the worst case, in the sentence that the widget says."""
    peak, last = int(powers.norms.argmax()), len(powers.norms) - 1
    highest, eigenvalue = float(powers.norms[peak]), powers.eigenvalue
    zero = f"is exactly 0 from t = {int((powers.norms == 0).argmax())}" if eigenvalue == 0 else ""
    if highest <= 1 + TOLERANCE:
        shrinks = powers.slope * powers.sigma < 1 - TOLERANCE
        start = f"The gradient {'vanishes from the start' if shrinks else 'never grows'}"
        if zero:
            return f"{start}, and {zero}"
        if eigenvalue >= 1 - TOLERANCE:
            return "The gradient keeps its length"
        return f"{start}: {'every step shrinks it' if shrinks else 'no step can lengthen it'}"
    grown = f"{short(highest)} at t = {peak}"
    if eigenvalue > 1 + TOLERANCE:
        return f"The gradient can explode: it grows to {grown}"
    if eigenvalue > 1 - TOLERANCE:
        return f"The gradient can grow without end, like a power of t: to {grown}"
    end = zero or f"is below 1 only from t = {powers.below_one_from}"
    if not zero and powers.below_one_from is None:
        end = f"is still {short(float(powers.norms[last]))} at t = {last}: too few steps to vanish"
    return f"The gradient can grow to {grown}, and {end}"


def picture(powers: Growth) -> Picture:
    """What stands in the widget's place where no script runs: the three lines on a logarithmic axis."""
    fig, ax = new_figure(8, 3.8)
    lines = {
        "true worst growth": (powers.norms, COLOURS["rnn"], "-"),
        "eigenvalue rule": (powers.rule, COLOURS["data"], "--"),
        "singular value bound": (powers.bound, BLUE, ":"),
    }
    visible = np.concatenate([powers.norms, powers.rule])
    low = max(FLOOR, min(0.1, float(visible[visible > 0].min())) / 2)
    high = min(CAP, max(1.0, float(visible.max())) * 20)
    ends = []
    for name, (values, colour, dashes) in lines.items():
        ax.plot(np.where(values > 0, values, np.nan), color=colour, linestyle=dashes, linewidth=2.2)
        inside = np.flatnonzero((values >= low) & (values <= high))
        x = int(inside[-1])
        ends.append(End(x, float(values[x]), named(name, float(values[-1])), colour))
    ax.axhline(1, color="#777777", linewidth=0.9)
    ax.set(ylim=(low, high), xlabel="t, steps back", ylabel="times its length")
    ax.set_xlim(0, len(powers.norms) - 1)
    scale(ax, log=True)
    title = finding(powers)
    headline(fig, title)
    label_ends(ax, ends)
    endings = "; ".join(f"{name}: {short(float(values[-1]))}" for name, (values, _, _) in lines.items())
    rates = f"largest eigenvalue times slope {powers.eigenvalue:.2f}, largest singular value of W {powers.sigma:.2f}"
    return show(fig, f"{title}. Three lines over {len(powers.norms) - 1} steps back, {rates}. At the end, {endings}.")
