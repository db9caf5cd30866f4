"""Drawings of one step of a cell: what comes in on the left goes out changed on the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.patches import Circle, FancyBboxPatch

from course_utils.figures.labels import headline
from course_utils.figures.style import COLOURS, Picture, new_figure, show

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Point = tuple[float, float]

GATE, CANDIDATE, LINE = COLOURS["lstm"], COLOURS["rnn"], COLOURS["data"]
LOW, BOXES, HIGH = 0.4, 1.25, 3.4  # heights of the inputs, the gates, and the memory
HALF_WIDTH, HALF_HEIGHT, RADIUS = 0.55, 0.32, 0.2


def lstm_cell() -> Picture:
    """One step of an LSTM: the cell runs along the top, and below it stand the gates."""
    fig, ax = _sheet("One step of an LSTM: the cell is multiplied and added to")
    for at, name, squash, colour in (
        (1.9, "forget gate f", "σ", GATE),
        (3.7, "input gate i", "σ", GATE),
        (5.3, "candidate g", "tanh", CANDIDATE),
        (7.0, "output gate o", "σ", GATE),
    ):
        _box(ax, (at, BOXES), squash, name, colour)
        _arrow(ax, [(at, LOW), (at, BOXES - HALF_HEIGHT)])
    _inputs(ax, "$x_t$ and $h_{t-1}$", 7.0)
    _arrow(ax, [(0.2, HIGH), (1.9 - RADIUS, HIGH)], 3, GATE)
    _arrow(ax, [(1.9 + RADIUS, HIGH), (4.5 - RADIUS, HIGH)], 3, GATE)
    _arrow(ax, [(4.5 + RADIUS, HIGH), (9.6, HIGH)], 3, GATE)
    _arrow(ax, [(1.9, BOXES + HALF_HEIGHT), (1.9, HIGH - RADIUS)])
    _arrow(ax, [(3.7, BOXES + HALF_HEIGHT), (3.7, 2.35), (4.5 - RADIUS, 2.35)])
    _arrow(ax, [(5.3, BOXES + HALF_HEIGHT), (5.3, 2.35), (4.5 + RADIUS, 2.35)])
    _arrow(ax, [(4.5, 2.35 + RADIUS), (4.5, HIGH - RADIUS)])
    _arrow(ax, [(7.0, BOXES + HALF_HEIGHT), (7.0, 1.95), (8.3 - RADIUS, 1.95)])
    _arrow(ax, [(8.3, HIGH), (8.3, 2.9)], dot=True)
    _arrow(ax, [(8.3, 2.42), (8.3, 1.95 + RADIUS)])
    _arrow(ax, [(8.3 + RADIUS, 1.95), (9.6, 1.95)])
    ax.text(8.3, 2.66, "tanh", ha="center", va="center", size=11)
    for point, sign in (((1.9, HIGH), "×"), ((4.5, HIGH), "+"), ((4.5, 2.35), "×"), ((8.3, 1.95), "×")):
        _sign(ax, point, sign)
    _name(ax, (0.2, HIGH + 0.16), "cell $c_{t-1}$", "left")
    _name(ax, (9.6, HIGH + 0.16), "cell $c_t$", "right")
    _name(ax, (9.6, 1.95 + 0.16), "state $h_t$", "right")
    return show(
        fig,
        "One step of an LSTM. The cell runs along the top from left to right: it is multiplied by the forget gate, "
        "then the product of input gate and candidate is added. A branch of the new cell goes through tanh, is "
        "multiplied by the output gate, and leaves as the state. Gates and candidate each see the input and the state "
        "before.",
    )


def gru_cell() -> Picture:
    """One step of torch's GRU: the state runs along the top, mixed with the candidate by the update gate."""
    fig, ax = _sheet("One step of a GRU in torch's form: the state is mixed with the candidate")
    for at, name, squash, colour in (
        (1.7, "reset gate r", "σ", GATE),
        (4.7, "candidate n", "tanh", CANDIDATE),
        (6.5, "update gate z", "σ", GATE),
    ):
        _box(ax, (at, BOXES), squash, name, colour)
        _arrow(ax, [(at, LOW), (at, BOXES - HALF_HEIGHT)])
    _inputs(ax, "$x_t$ and $h_{t-1}$", 6.5)
    _arrow(ax, [(1.7 + HALF_WIDTH, BOXES), (3.1 - RADIUS, BOXES)])
    _arrow(ax, [(3.1, LOW), (3.1, BOXES - RADIUS)])
    _arrow(ax, [(3.1 + RADIUS, BOXES), (4.7 - HALF_WIDTH, BOXES)])
    _arrow(ax, [(0.2, HIGH), (6.5 - RADIUS, HIGH)], 3, COLOURS["gru"])
    _arrow(ax, [(6.5 + RADIUS, HIGH), (8.0 - RADIUS, HIGH)], 3, COLOURS["gru"])
    _arrow(ax, [(8.0 + RADIUS, HIGH), (9.6, HIGH)], 3, COLOURS["gru"])
    _arrow(ax, [(6.5, BOXES + HALF_HEIGHT), (6.5, HIGH - RADIUS)])
    _arrow(ax, [(6.5 + HALF_WIDTH, BOXES), (8.0, BOXES), (8.0, 2.45 - RADIUS)])
    _arrow(ax, [(4.7, BOXES + HALF_HEIGHT), (4.7, 2.45), (8.0 - RADIUS, 2.45)])
    _arrow(ax, [(8.0, 2.45 + RADIUS), (8.0, HIGH - RADIUS)])
    for point, sign in (((3.1, BOXES), "×"), ((6.5, HIGH), "×"), ((8.0, 2.45), "×"), ((8.0, HIGH), "+")):
        _sign(ax, point, sign)
    _name(ax, (0.2, HIGH + 0.16), "state $h_{t-1}$", "left")
    _name(ax, (9.6, HIGH + 0.16), "state $h_t$", "right")
    _name(ax, (8.15, 1.75), "$1 - z$", "left")
    _name(ax, (3.2, 0.6), "$U_n h_{t-1} + b'_n$", "left")
    _name(ax, (4.8, 0.6), "$W_n x_t + b_n$", "left")
    return show(
        fig,
        "One step of a GRU. The state runs along the top from left to right: it is multiplied by the update gate z, "
        "and the candidate, multiplied by 1 minus z, is added. The reset gate multiplies the part of the candidate "
        "that comes from the state before. Both gates and the candidate see the input and the state before.",
    )


def _sheet(title: str) -> tuple[Any, Axes]:
    """An empty page to draw on, 10 wide and 4 high."""
    fig, ax = new_figure(8, 3.7, formulas=True)
    ax.set(xlim=(0, 10), ylim=(0, 4))
    ax.axis("off")
    headline(fig, title)
    return fig, ax


def _inputs(ax: Axes, name: str, end: float) -> None:
    """The line along the bottom from which gates and candidate read."""
    ax.plot([0.2, end], [LOW, LOW], color=LINE, linewidth=1.6)
    _name(ax, (0.2, LOW - 0.32), name, "left")


def _box(ax: Axes, at: Point, squash: str, name: str, colour: str) -> None:
    """A gate or the candidate: its squashing function in a box, and its name beside it."""
    x, y = at
    look: dict[str, Any] = {"boxstyle": "round,pad=0,rounding_size=0.1", "facecolor": colour, "edgecolor": "none"}
    ax.add_patch(FancyBboxPatch((x - HALF_WIDTH, y - HALF_HEIGHT), 2 * HALF_WIDTH, 2 * HALF_HEIGHT, **look))
    ax.text(x, y + 0.1, squash, ha="center", va="center", color="white", size=12, weight="bold")
    ax.text(x, y - 0.17, name, ha="center", va="center", color="white", size=8)


def _sign(ax: Axes, at: Point, sign: str) -> None:
    """A product or a sum of two lines that meet."""
    ax.add_patch(Circle(at, RADIUS, facecolor="white", edgecolor=LINE, linewidth=1.4, zorder=3))
    ax.text(*at, sign, ha="center", va="center", size=13, zorder=4)


def _arrow(ax: Axes, path: Sequence[Point], width: float = 1.4, colour: str = LINE, dot: bool = False) -> None:
    """A line through points, with a head at the last one; `dot` marks a branch."""
    xs, ys = zip(*path[:-1], strict=True)
    ax.plot(xs, ys, color=colour, linewidth=width)
    look = {"arrowstyle": "-|>", "color": colour, "linewidth": width, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 12}
    ax.annotate("", path[-1], path[-2], arrowprops=look)
    if dot:
        ax.plot(*path[0], "o", color=LINE, markersize=5)


def _name(ax: Axes, at: Point, text: str, side: str) -> None:
    """A name beside a line."""
    ax.text(*at, text, ha=side, va="bottom", size=10)
