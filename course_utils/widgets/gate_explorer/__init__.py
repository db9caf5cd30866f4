"""The gate explorer: one LSTM unit with one input, its gates on sliders."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.ticker import FuncFormatter, MaxNLocator

from course_utils.checks import check_name
from course_utils.display.numbers import short
from course_utils.errors import CourseError
from course_utils.figures.labels import End, headline, label_ends
from course_utils.figures.style import COLOURS, Picture, new_figure, show
from course_utils.widgets.shared.browser import BrowserWidget, module_text, on_slider

GATE, CANDIDATE = (-6, 6, 0.1), (-3, 3, 0.1)
RANGES = {"b_i": GATE, "w_i": GATE, "b_f": GATE, "w_f": GATE, "b_o": GATE, "w_o": GATE, "w_g": CANDIDATE}
MOST_STEPS = 20
LARGEST = 10  # input
LITTLE = 0.05  # a state h below this shows hardly anything

PULSE: list[float] = [0, 0, 2, *(13 * [0])]
INPUTS: dict[str, list[float]] = {
    "pulse, then distractors": [0, 0, 2, 0, -0.4, 0.3, 0, 0.4, -0.4, -0.3, 0.4, 0, 0.3, -0.4, 0.3, 0],
    "one pulse, then quiet": PULSE,
    "two pulses": [*PULSE[:9], 2, *PULSE[10:]],
    "always on": 16 * [1.0],
}

REMEMBER: dict[str, float] = {
    "b_i": -6,
    "w_i": 5,
    "b_f": 6,
    "w_f": 0,
    "b_o": 6,
    "w_o": 0,
    "w_g": 1,
    "no_forget_gate": False,
}
PRESETS: dict[str, tuple[str, dict[str, float]]] = {
    "usual start": ("all gates half open", {**dict.fromkeys(RANGES, 0), "w_g": 1, "no_forget_gate": False}),
    "remember": ("only large inputs get in", REMEMBER),
    "forget immediately": ("forget gate shut", {**REMEMBER, "b_f": -6}),
    "replace": ("a large input clears the cell", {**REMEMBER, "w_f": -6}),
    "1997": ("no forget gate, f is always 1", {**REMEMBER, "b_f": 0, "no_forget_gate": True}),
    "output hidden": ("stored but not shown", {**REMEMBER, "b_o": -6}),
}


class GateExplorer(BrowserWidget):
    """The live widget; make one with `gate_explorer()`."""

    _esm = module_text("gate_explorer")


def gate_explorer(
    inputs: Mapping[str, Sequence[float]] | None = None, preset: str = "remember", **weights: float
) -> GateExplorer:
    """Run one LSTM unit over a short sequence x, and watch its gates, its cell c and its state h.

    i = σ(w_i x + b_i), f = σ(w_f x + b_f), o = σ(w_o x + b_o), g = tanh(w_g x); c = f · c before + i · g,
    h = o · tanh(c). It is a `torch.nn.LSTM(1, 1)` whose weights from h are 0, and so is the bias of g.

    Args:
        inputs: named sequences of 1 to 20 numbers (−10 to 10) to choose from; default: pulses, distractors, a constant.
        preset: where the sliders stand at first: "usual start" (all gates half open, as with torch's first
            weights, which are near 0), "remember", "forget immediately", "replace", "1997" (f is always 1) or
            "output hidden".
        weights: other positions of the sliders: b_i, w_i, b_f, w_f, b_o, w_o (−6 to 6), w_g (−3 to 3).

    Raises:
        CourseError: an unknown preset or weight, one beyond its slider, a sequence that cannot be drawn.
    """
    check_name("preset", preset, PRESETS)
    start = dict(PRESETS[preset][1])
    for name, value in weights.items():
        check_name("weight", name, RANGES)
        start[name] = on_slider(name, value, *RANGES[name][:2])
    chosen = _checked(INPUTS if inputs is None else inputs)
    choice = next(iter(chosen))
    presets = {f"{name}: {meaning}": values for name, (meaning, values) in PRESETS.items()}
    params: dict[str, Any] = {"inputs": chosen, "choice": choice, **start, "presets": presets, "ranges": RANGES}
    return GateExplorer(params, picture(choice, chosen[choice], start))


def _checked(inputs: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    if not inputs:
        raise CourseError("The gate explorer needs a sequence; inputs has none. Leave it out for the usual ones.")
    chosen = {name: [float(x) for x in xs] for name, xs in inputs.items()}
    for name, xs in chosen.items():
        if not 1 <= len(xs) <= MOST_STEPS or not all(-LARGEST <= x <= LARGEST for x in xs):
            raise CourseError(
                f"The gate explorer draws 1 to {MOST_STEPS} numbers from −{LARGEST} to {LARGEST}; {name!r} has {xs}."
            )
    return chosen


def sigmoid(value: float) -> float:
    """1 / (1 + e^−value), between 0 and 1."""
    return 1 / (1 + math.exp(-value))


def unit_run(xs: Sequence[float], weights: Mapping[str, float]) -> dict[str, list[float]]:
    """The gates i, f, o, the candidate g, the cell c and the state h after each step, from c = h = 0.

    Args:
        xs: (T,) the inputs.
        weights: b_i, w_i, b_f, w_f, b_o, w_o, w_g and no_forget_gate (true: f is 1).

    Returns:
        For each of "i", "f", "g", "o", "c", "h" a list of T numbers.
    """
    run: dict[str, list[float]] = {name: [] for name in "ifgoch"}
    cell = 0.0
    for x in xs:
        i, f, o = (sigmoid(weights[f"w_{gate}"] * x + weights[f"b_{gate}"]) for gate in "ifo")
        f = 1.0 if weights["no_forget_gate"] else f
        g = math.tanh(weights["w_g"] * x)
        cell = f * cell + i * g
        for name, value in zip("ifgoch", (i, f, g, o, cell, o * math.tanh(cell)), strict=True):
            run[name].append(value)
    return run


def half_life(f: float) -> float:
    """After how many steps with a forget gate of f half of the cell is left: log 0.5 / log f; ∞ with f = 1."""
    return math.inf if f == 1 else math.log(0.5) / math.log(f)


def counted(steps: float) -> str:
    """A number of steps: "1 step", "0.116 steps", "280 steps"."""
    return f"{short(steps)} step{'' if short(steps) == '1' else 's'}"


def finding(run: Mapping[str, Sequence[float]]) -> str:
    """What became of the cell and of the state, in the sentence that the widget says."""
    sizes = [abs(c) for c in run["c"]]
    top, last = max(sizes), len(sizes) - 1
    peak = sizes.index(top)
    if top < LITTLE:
        return f"Hardly anything is stored: |c| is never above {short(top)}"
    sentence = f"c is {short(run['c'][peak])} at step {peak + 1}"
    if peak == last:
        sentence += ", the last, where it is largest"
    else:
        sentence += f", where it is largest, and {short(run['c'][-1])} at the end"
    shown = max(map(abs, run["h"]))
    return f"{sentence}; |h| is never above {short(shown)}" if shown < LITTLE else sentence


def picture(choice: str, xs: Sequence[float], weights: Mapping[str, float]) -> Picture:
    """What stands in the widget's place where no script runs: input, gates, cell and state of the first sequence."""
    run = unit_run(xs, weights)
    steps = range(1, len(xs) + 1)
    fig, axes = new_figure(8, 5.2, nrows=3, sharex=True, height_ratios=(1, 1.7, 1.7))
    axes[0].bar(steps, xs, color="#777777", width=0.8)
    axes[0].axhline(0, color="#222222", linewidth=0.8)
    axes[0].set_ylabel("input x")
    _draw_gates(axes[1], run)
    axes[2].plot(steps, run["c"], color=COLOURS["lstm"], marker="o", markersize=4)
    axes[2].plot(steps, run["h"], color=COLOURS["data"], marker="o", markersize=3, linestyle=(0, (4, 2)))
    axes[2].axhline(0, color="#222222", linewidth=0.8)
    axes[2].set(xlabel="step", ylabel="c and h", xlim=(0.5, len(xs) + 0.5))
    axes[2].margins(y=0.12)
    axes[2].xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes[2].yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    title = finding(run)
    headline(fig, title)
    ends = (("c", "cell c", COLOURS["lstm"]), ("h", "state h", COLOURS["data"]))
    label_ends(axes[2], [End(len(xs), run[name][-1], text, colour) for name, text, colour in ends])
    return show(fig, _alt(title, choice, run, weights))


def _draw_gates(ax: Any, run: Mapping[str, Sequence[float]]) -> None:
    """Three rows of cells, each filled as far as its gate is open."""
    for row, gate in enumerate("ofi"):
        steps = range(1, len(run[gate]) + 1)
        ax.bar(steps, 0.8, bottom=row + 0.1, width=0.8, color="#f0f0f0", edgecolor="#999999", linewidth=0.8)
        ax.bar(steps, [0.8 * value for value in run[gate]], bottom=row + 0.1, width=0.8, color=COLOURS["lstm"])
    ax.set_yticks([0.5, 1.5, 2.5], ["output o", "forget f", "input i"])
    ax.set(ylim=(0, 3), ylabel="gates, full is 1")
    ax.grid(False)


def _alt(title: str, choice: str, run: Mapping[str, Sequence[float]], weights: Mapping[str, float]) -> str:
    names = {"i": "input", "f": "forget", "o": "output"}
    gates = ", ".join(f"{name} gate {short(min(run[g]))} to {short(max(run[g]))}" for g, name in names.items())
    life = half_life(1.0 if weights["no_forget_gate"] else sigmoid(weights["b_f"]))
    effect = "keeps all of c" if math.isinf(life) else f"halves c in {counted(life)}"
    return (
        f"{title}. One LSTM unit over {len(run['c'])} steps, inputs “{choice}”: {gates}. At the end c is "
        f"{short(run['c'][-1])} and h {short(run['h'][-1])}. Without input the forget gate {effect}."
    )
