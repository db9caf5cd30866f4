"""One style for every figure, and one way to show it: `show(fig, alt=…)`."""

from __future__ import annotations

import base64
import io
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import LogFormatter

from course_utils.display.html import Html, element
from course_utils.errors import CourseError, printable

# Okabe and Ito's colours. For the RNN the darker of their two oranges, which can be read as the colour of a label; for
# the CNN a darker shade of their purple, for the same reason.
COLOURS = {
    "rnn": "#D55E00",
    "lstm": "#0072B2",
    "gru": "#009E73",
    "feedforward": "#777777",
    "cnn": "#A34C80",
    "data": "#222222",
    "chance": "#333333",
}

STYLE: dict[str, Any] = {
    "figure.dpi": 120,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.titlesize": 12.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
    "lines.linewidth": 1.8,
}


class PlainFigure(Figure):
    """A figure in which text is text: names that come from data may hold dollar signs, and no formula is meant."""

    def draw(self, renderer: Any) -> None:
        """Draw it, with the signs that its texts hold; only powers on a logarithmic axis are set as such."""
        axes = [axis for ax in self.axes for axis in (ax.xaxis, ax.yaxis)]
        powers = {
            label
            for axis in axes
            if isinstance(axis.get_major_formatter(), LogFormatter)
            for label in axis.get_ticklabels(which="both")
        }
        for text in self.findobj(Text):
            if isinstance(text, Text) and text not in powers:
                text.set_parse_math(False)
                text.set_text(printable(text.get_text()))
        super().draw(renderer)


def small_png(fig: Figure) -> bytes:
    """The figure as a PNG of at most 256 colours, about a third of the size: notebooks stay light."""
    from PIL import Image

    full, small = io.BytesIO(), io.BytesIO()
    fig.savefig(full, format="png", metadata={"Software": None})
    picture = Image.open(full).convert("RGB")
    picture.quantize(256, kmeans=1, dither=Image.Dither.NONE).save(small, "png", optimize=True)
    return small.getvalue()


class Picture:
    """A finished figure: a PNG with its alt text, which reaches the HTML wherever the notebook goes."""

    def __init__(self, fig: Figure, alt: str) -> None:
        self.png, self.alt = small_png(fig), alt
        self.width = round(fig.get_figwidth() * 100)

    @property
    def html(self) -> Html:
        """An `<img>` that never grows wider than the page."""
        data = base64.b64encode(self.png).decode()
        style = f"width:{self.width}px;max-width:100%;height:auto"
        return element("img", alt=self.alt, style=style, src=f"data:image/png;base64,{data}")

    def __repr__(self) -> str:
        return f"[figure: {self.alt}]"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self.html}


def new_figure(
    width: float = 8.0, height: float = 3.6, *, formulas: bool = False, **subplots: Any
) -> tuple[Figure, Any]:
    """A figure in the course's style and its axes, as `plt.subplots` gives them.

    Args:
        width: in inches.
        height: in inches.
        formulas: what stands between dollar signs is a formula. Otherwise every text is shown as it is written.
        **subplots: for `plt.subplots`.
    """
    import matplotlib.pyplot as plt

    mpl.rcParams.update(STYLE)  # type: ignore[arg-type]  # for the learner's own figures too
    kind = Figure if formulas else PlainFigure
    fig, axes = plt.subplots(figsize=(width, height), FigureClass=kind, **subplots)
    plt.close(fig)  # pyplot forgets it, so that it is shown once, by `show`
    return fig, axes


def show(fig: Figure, alt: str) -> Picture:
    """Show a figure with its alt text: as the last line of a cell, or through `display`.

    Args:
        fig: a matplotlib figure.
        alt: what a person sees in it, the finding first.

    Raises:
        CourseError: the alt text says nothing.
    """
    if len(alt.split()) < 4:
        raise CourseError(f"A figure's alt text says in a sentence what a person sees; {alt!r} does not.")
    return Picture(fig, printable(alt))
