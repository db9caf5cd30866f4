"""The memory transplant: the states of two running sequences exchanged or erased, and what the LSTM then answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.patches import Patch

from course_utils.errors import CourseError
from course_utils.figures.labels import headline
from course_utils.figures.style import COLOURS, Picture, new_figure, show
from course_utils.widgets.shared.browser import BrowserWidget, module_text, on_slider
from course_utils.widgets.shared.settings import settings_of

if TYPE_CHECKING:
    import numpy.typing as npt
    from torch import Tensor, nn

    from course_utils.display.settings import Settings

    Array = npt.NDArray[np.float64]

SIZES = {"hidden units": (1, 16), "inputs": (1, 6), "steps": (2, 40), "classes": (2, 8)}  # what the browser draws
LETTERS = 36  # of all labels side by side
INPUT_LETTERS = 6
A, B, OTHER = COLOURS["lstm"], "#AA3377", "#9a9a9a"
OPERATIONS = ("nothing", "swap_c", "swap_h", "swap_both", "zero_c", "zero_h", "zero_both")


class MemoryTransplant(BrowserWidget):
    """The live widget; make one with `memory_transplant()`."""

    _esm = module_text("memory_transplant")


def memory_transplant(
    lstm: nn.LSTM,
    readout: nn.Linear,
    sequences: Tensor,
    labels: Sequence[str],
    cues: tuple[int, int],
    at: int | None = None,
    inputs: Sequence[str] | None = None,
    settings: Settings | None = None,
) -> MemoryTransplant:
    """Run two sequences A and B through one LSTM, exchange or erase their states on the way, and compare the answers.

    Args:
        lstm: a trained layer of at most 16 units and 6 inputs, reading forward.
        readout: the linear layer from its last h to the scores of the classes.
        sequences: (2, T, I) the inputs of A and of B; T is 2 to 40.
        labels: (C,) names of the classes, 2 to 8; short ones, they stand under bars.
        cues: the right class of A and that of B, two different numbers from 0 to C − 1.
        at: after which step it is done, 1 to T, where its slider stands at first. Default: half-way.
        inputs: (I,) names of the inputs, of at most 6 letters; default: 1 to I.
        settings: how the LSTM was trained. Default: as `fit` noted on it.

    Raises:
        CourseError: sizes that do not fit together or that the browser cannot draw.
    """
    names, x = [str(label) for label in labels], _sequences(sequences)
    rows = [str(n + 1) for n in range(x.shape[2])] if inputs is None else [str(name) for name in inputs]
    if len(rows) != x.shape[2]:
        raise CourseError(f"inputs names {len(rows)} inputs, but the sequences have {x.shape[2]}.")
    _check_layers(lstm, readout, x.shape[2], len(names))
    _check_size(x.shape[1], lstm.hidden_size, names, rows)
    if len(cues) != 2 or cues[0] == cues[1] or not all(cue in range(len(names)) for cue in cues):
        raise CourseError(
            f"cues are two different classes, that of A and that of B, from 0 to {len(names) - 1}; {cues} are not."
        )
    steps = x.shape[1]
    params = {
        "weights": _weights(lstm, readout),
        "x": _rounded(x),
        "labels": names,
        "inputs": rows,
        "cues": [int(cue) for cue in cues],
        "at": on_slider("at", steps // 2 if at is None else at, 1, steps, whole=True),
    }
    return MemoryTransplant(params, picture(params), settings_of(lstm, settings))


def _sequences(given: Any) -> Array:
    x = np.asarray(given.detach().cpu() if hasattr(given, "detach") else given, dtype=np.float64)
    if x.ndim != 3 or x.shape[0] != 2:
        raise CourseError(f"sequences has the shape {x.shape}; it must have (2, T, I): two sequences, steps, inputs.")
    if not np.isfinite(x).all():
        raise CourseError("sequences holds a number that is missing or infinite.")
    return x


def _check_layers(lstm: Any, readout: Any, inputs: int, classes: int) -> None:
    """Do the layers fit each other, the sequences and the labels?"""
    from torch import nn

    if not isinstance(lstm, nn.LSTM) or not isinstance(readout, nn.Linear):
        kinds = f"{type(lstm).__name__} and {type(readout).__name__}"
        raise CourseError(
            f"A transplant needs an nn.LSTM and an nn.Linear; these are {kinds}. Of a SequenceModel give model.core "
            "and model.readout."
        )
    if lstm.num_layers != 1 or lstm.bidirectional or lstm.proj_size or not lstm.bias or readout.bias is None:
        raise CourseError("A transplant needs one layer of nn.LSTM that reads forward, and a read-out, with biases.")
    for name, size, expected in (
        ("lstm.input_size", lstm.input_size, f"sequences have {inputs} inputs"),
        ("readout.in_features", readout.in_features, f"LSTM has {lstm.hidden_size} hidden units"),
        ("readout.out_features", readout.out_features, f"labels name {classes} classes"),
    ):
        if f" {size} " not in expected:
            raise CourseError(f"{name} is {size}, but the {expected}.")


def _check_size(steps: int, hidden_size: int, labels: list[str], inputs: list[str]) -> None:
    """Does all of it fit the page?"""
    sizes = {"hidden units": hidden_size, "inputs": len(inputs), "steps": steps, "classes": len(labels)}
    for name, size in sizes.items():
        low, high = SIZES[name]
        if not low <= size <= high:
            raise CourseError(f"The browser can draw {low} to {high} {name}; here there are {size}.")
    for names, letters in ((labels, LETTERS // len(labels)), (inputs, INPUT_LETTERS)):
        if max(map(len, names)) > letters:
            raise CourseError(f"Of these names each may have at most {letters} letters: {', '.join(names)}.")


def _weights(lstm: nn.LSTM, readout: nn.Linear) -> dict[str, Any]:
    W_ih, W_hh, b_ih, b_hh = (p.detach().cpu().double().numpy() for p in lstm.parameters())
    W_out, b_out = (p.detach().cpu().double().numpy() for p in readout.parameters())
    parts = {"W_ih": W_ih, "W_hh": W_hh, "bias": b_ih + b_hh, "W_out": W_out, "b_out": b_out}
    return {name: _rounded(values) for name, values in parts.items()}


def _rounded(values: Array) -> list[Any]:
    """Seven significant digits, as many as float32 has; with five, c is off by more than 1e-4 after a few steps."""
    return list(np.char.mod("%.7g", values).astype(np.float64).tolist())


def transplanted(params: dict[str, Any], operation: str, at: int | None = None) -> Array:
    """The answers of A and B where `operation` is done to both after a step.

    Args:
        params: those of a widget.
        operation: one of `OPERATIONS`.
        at: the step. Default: that of the params.

    Returns:
        (2, C) the probabilities of the classes (softmax).
    """
    W = {name: np.array(values) for name, values in params["weights"].items()}
    x, at = np.array(params["x"]), params["at"] if at is None else at
    c = h = np.zeros((2, W["W_hh"].shape[1]))
    for t in range(x.shape[1]):
        i, f, g, o = np.split(x[:, t] @ W["W_ih"].T + h @ W["W_hh"].T + W["bias"], 4, axis=1)
        c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
        h = _sigmoid(o) * np.tanh(c)
        if t + 1 == at:
            c, h = _changed(operation, c, h)
    scores = h @ W["W_out"].T + W["b_out"]
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _sigmoid(z: Array) -> Array:
    return (1 + np.tanh(z / 2)) / 2


def _changed(operation: str, c: Array, h: Array) -> tuple[Array, Array]:
    """The states of both sequences after the operation. c, h: (2, H)."""
    if operation in ("swap_c", "swap_both"):
        c = c[::-1]
    if operation in ("swap_h", "swap_both"):
        h = h[::-1]
    return c * (operation not in ("zero_c", "zero_both")), h * (operation not in ("zero_h", "zero_both"))


def answer(scores: Array) -> int:
    """The class with the highest of some scores (C,); −1 where two have it, as in the browser."""
    best = np.flatnonzero(scores > scores.max() - 1e-6)
    return int(best[0]) if len(best) == 1 else -1


def follows(scores: Array, cues: Sequence[int]) -> list[str]:
    """Which sequence's cue each of the two answers names: its "own", the "other", or "neither". scores: (2, C)."""
    names = [{cue: "own", other_cue: "other"} for cue, other_cue in (tuple(cues), tuple(cues)[::-1])]
    return [name.get(answer(row), "neither") for name, row in zip(names, scores, strict=True)]


def finding(params: dict[str, Any]) -> str:
    """What swapping c does to the answers, and what swapping h does, in a sentence that the numbers decide."""
    labels, cues = params["labels"], params["cues"]

    def in_words(scores: Array) -> str:
        answers = ["no answer" if answer(row) < 0 else f"“{labels[answer(row)]}”" for row in scores]
        return f"gives {answers[0]} for A and {answers[1]} for B"

    untouched = transplanted(params, "nothing")
    if follows(untouched, cues) != ["own", "own"]:
        return (
            f"Untouched, the network {in_words(untouched)}; their cues are “{labels[cues[0]]}” and “{labels[cues[1]]}”"
        )
    effects = []
    for part in "ch":
        scores = transplanted(params, f"swap_{part}")
        clear_cases = {"other other": "swaps the answers", "own own": "leaves the answers as they were"}
        effects.append(clear_cases.get(" ".join(follows(scores, cues)), in_words(scores)))
    too = " too" if effects[0] == effects[1] else ""
    of_c, of_h = effects[0], effects[1].replace("the answers", "them")
    return f"After step {params['at']}, swapping c {of_c}; swapping h {of_h}{too}"


def picture(params: dict[str, Any]) -> Picture:
    """What stands in the widget's place where no script runs: the answers before and after c is swapped."""
    before, after = transplanted(params, "nothing"), transplanted(params, "swap_c")
    fig, axes = new_figure(8, 3.6, ncols=2, sharey=True)
    for ax, name, cue, row_before, row_after in zip(axes, "AB", params["cues"], before, after, strict=True):
        positions = np.arange(len(row_before))
        ax.bar(positions - 0.2, row_before, width=0.38, color="white", edgecolor=COLOURS["data"])
        ax.bar(
            positions + 0.2, row_after, width=0.38, color=[_colour(n, params["cues"]) for n in range(len(row_before))]
        )
        ax.set_xticks(positions, params["labels"])
        ax.set_title(f"{name}, whose cue is “{params['labels'][cue]}”", fontsize=11, weight="normal")
        ax.set_ylim(0, 1.05)
    axes[0].set_ylabel("probability of the answer")
    _legend(fig, params)
    title = finding(params)
    headline(fig, title)
    return show(fig, _alt(title, params, before, after))


def _colour(label: int, cues: Sequence[int]) -> str:
    return {cues[0]: A, cues[1]: B}.get(label, OTHER)


def _legend(fig: Any, params: dict[str, Any]) -> None:
    labels, (a, b) = params["labels"], params["cues"]
    handles = [Patch(facecolor="white", edgecolor=COLOURS["data"], label="untouched")]
    handles += [
        Patch(color=A, label=f"c swapped: “{labels[a]}”, A's cue"),
        Patch(color=B, label=f"c swapped: “{labels[b]}”, B's cue"),
    ]
    handles += [Patch(color=OTHER, label="c swapped: another")] if len(labels) > 2 else []
    fig.legend(handles=handles, loc="outside lower left", ncols=2, fontsize=10, frameon=False)


def _alt(title: str, params: dict[str, Any], before: Array, after: Array) -> str:
    def sequence_in_words(name: str, row: Array) -> str:
        verb = "is undecided" if answer(row) < 0 else f"answers “{params['labels'][answer(row)]}”"
        return f"{name} {verb} ({row.max():.2f})"

    def both(scores: Array) -> str:
        return f"{sequence_in_words('A', scores[0])} and {sequence_in_words('B', scores[1])}"

    return (
        f"{title}. Two bar charts, of sequences A and B: the probability of each answer. Untouched, "
        f"{both(before)}; with c swapped after step {params['at']} of {len(params['x'][0])}, {both(after)}."
    )
