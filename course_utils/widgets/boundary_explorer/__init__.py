"""The boundary explorer: a small network that learns, in the browser, the border between two classes in a plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.checks import check_name
from course_utils.display.numbers import short
from course_utils.display.settings import Settings
from course_utils.display.settings import trained as settings_line
from course_utils.errors import CourseError
from course_utils.figures.labels import headline
from course_utils.figures.style import COLOURS, Picture, new_figure, show
from course_utils.widgets.shared.browser import BrowserWidget, module_text, on_slider
from course_utils.widgets.shared.random_numbers import uniform

if TYPE_CHECKING:
    import numpy.typing as npt
    from torch import Tensor

    Array = npt.NDArray[np.float64]

ACTIVATIONS = ("none", "relu", "tanh", "sigmoid")
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
RANGES = {"depth": (0, 3, 1), "width": (1, 32, 1), "seed": (0, 20, 1)}
FEWEST, MOST = 40, 2000  # points: half of them to train on
DOGS = 600
STEPS = 300  # of the picture; as many as one press of Train
APART = 0.1  # a larger difference of two shares is worth a sentence
FILLS = ("#dbeaf5", "#fbe3d4")
STROKES = ("#0072B2", COLOURS["rnn"])


class BoundaryExplorer(BrowserWidget):
    """The live widget; make one with `boundary_explorer()`."""

    _esm = module_text("boundary_explorer")


def boundary_explorer(
    points: Any = None,
    labels: Any = None,
    *,
    columns: Sequence[str] = ("first", "second"),
    things: str = "points",
    width: int = 8,
    depth: int = 1,
    activation: str = "relu",
    lr: float = 0.03,
    training: int | None = None,
    seed: int = 0,
) -> BoundaryExplorer:
    """Train a small network in the browser, and watch the border that it draws between two classes.

    Half of the points are there to be trained on, as many of them as a slider says; the other half judges. Numbers are
    put on the scale of the points that are trained on. The network has two scores and is trained with Adam on the mean
    cross-entropy; every step looks at all training points.

    Args:
        points: (N, 2) numbers, 40 to 2,000 rows. Default: height and weight of 600 simulated dogs.
        labels: (N,) the class of each, two different ones.
        columns: the names of the two numbers, with their units.
        things: what a point stands for, in the plural.
        width: units in each hidden layer, where the slider stands at first (1 to 32).
        depth: hidden layers, likewise (0 to 3).
        activation: of the hidden layers: "none", "relu", "tanh" or "sigmoid".
        lr: learning rate: 0.001, 0.003, 0.01, 0.03, 0.1 or 0.3.
        training: how many points are trained on at first. Default: all there are for it.
        seed: of the first weights, where its slider stands at first (0 to 20).

    Raises:
        CourseError: points that are no such table, labels that do not fit, or a setting beyond its choices.
    """
    if points is None:
        data = _dogs()
    else:
        x, y, classes = _checked(points, labels)
        if len(columns) != 2:
            raise CourseError(f"columns names the two numbers of a point; {tuple(columns)} are not two names.")
        data = {**_halves(x, y), "classes": classes, "columns": list(columns), "things": things, "ceiling": None}
    check_name("activation", activation, ACTIVATIONS)
    check_name("learning rate", lr, RATES)
    most = len(data["train"]["y"]) // 10 * 10
    ranges = {**RANGES, "training": (10, most, 10)}
    chosen = {"depth": depth, "width": width, "seed": seed, "training": most if training is None else training}
    for name, value in chosen.items():
        chosen[name] = int(on_slider(name, value, *ranges[name][:2], whole=True))
    settings = {**chosen, "activation": activation, "lr": lr, "ranges": ranges, "rates": RATES}
    params: dict[str, Any] = {**data, "letters": _letters(data["classes"]), **settings}
    return BoundaryExplorer(params, picture(params), described(params))


def described(params: dict[str, Any]) -> Settings:
    """How its network is trained: what the controls decide, and where they stand at first."""
    depth, width = params["depth"], params["width"]
    sizes = [2, *[width] * depth, 2]
    count = sum((inputs + 1) * outputs for inputs, outputs in pairwise(sizes))
    layers = f"{depth} hidden layer{'' if depth == 1 else 's'}" + (f" of {width} units" if depth else "")
    return settings_line(
        start="uniform within ± 1/√inputs, as torch's nn.Linear",
        learning_rate=f"Adam, as its control says (at first {short(params['lr'])})",
        clipping="none",
        steps=f"{STEPS:,} at each press of Train",
        batch=f"all training {params['things']}, as many as their control says (at first {params['training']:,})",
        size=f"layers, units and activation as their controls say (at first {layers}, {params['activation']}, "
        f"{count:,} parameters)",
        seeds=f"as its control says (at first {params['seed']})",
    )


def _dogs() -> dict[str, Any]:
    """Simulated dogs of two breeds, and the share of the validation dogs that the Bayes classifier names correctly."""
    from course_utils.data.dogs import best_accuracy, dog_breeds

    dogs = dog_breeds(DOGS, seed=0)
    names = ["height_cm", "weight_kg"]
    dogs[names] = dogs[names].round(1)
    x, y, classes = _checked(dogs[names].to_numpy(), dogs["breed"].to_numpy())
    train, valid = _train_and_valid_rows(y)
    columns = ["height (cm)", "weight (kg)"]
    about = {"classes": classes, "columns": columns, "things": "dogs"}
    return {**_parts(x, y, train, valid), **about, "ceiling": float(best_accuracy(dogs.iloc[valid], names))}


def _checked(points: Any, labels: Any) -> tuple[Array, npt.NDArray[np.int64], list[str]]:
    """The points, their classes as 0 and 1, and the names of the two."""
    expected = f"points are a table (N, 2) of numbers, with N from {FEWEST} to {MOST:,}"
    try:
        x = np.asarray(points.detach().cpu() if hasattr(points, "detach") else points, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError):
        raise CourseError(f"{expected}; these are not numbers, or rows differ in length.") from None
    if x.ndim != 2 or x.shape[1] != 2 or not FEWEST <= len(x) <= MOST:
        raise CourseError(f"{expected}; these have the shape {x.shape}.")
    if not np.isfinite(x).all():
        raise CourseError("points hold a number that is missing or infinite. Leave its row out.")
    names = np.asarray(labels.detach().cpu() if hasattr(labels, "detach") else labels)
    if names.shape != (len(x),):
        raise CourseError(f"labels name the class of each of the {len(x)} points; these have the shape {names.shape}.")
    classes, y, counts = np.unique(names.astype(str), return_inverse=True, return_counts=True)
    if len(classes) != 2 or counts.min() < 4:
        counted = ", ".join(f"{name!r} ({count})" for name, count in zip(classes[:5], counts, strict=False))
        raise CourseError(
            f"The explorer divides a plane between two classes of at least 4 points each; here are {counted}."
        )
    return x, y.astype(np.int64), [str(name) for name in classes]


def _train_and_valid_rows(y: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Which rows train and which judge: half of each class. Those that train stand so that the classes take turns."""
    shuffled = np.random.default_rng(0).permutation(len(y))
    parts: tuple[list[tuple[float, int]], list[tuple[float, int]]] = ([], [])
    for name in (0, 1):
        rows = shuffled[y[shuffled] == name]
        for part, half in zip(parts, np.array_split(rows, 2), strict=True):
            part.extend(((rank + 0.5) / len(half), int(row)) for rank, row in enumerate(half))
    train, valid = (np.array([row for _, row in sorted(part)]) for part in parts)
    return train, valid


def _parts(x: Array, y: npt.NDArray[np.int64], *row_sets: npt.NDArray[np.int64]) -> dict[str, Any]:
    rounded = np.char.mod("%.6g", x).astype(np.float64)
    return {
        name: {"x": rounded[rows].tolist(), "y": y[rows].tolist()}
        for name, rows in zip(("train", "valid"), row_sets, strict=True)
    }


def _halves(x: Array, y: npt.NDArray[np.int64]) -> dict[str, Any]:
    return _parts(x, y, *_train_and_valid_rows(y))


def _letters(classes: Sequence[str]) -> list[str]:
    """One letter for each class: its first where they differ, else A and B."""
    firsts = [name[:1].upper() for name in classes]
    return firsts if all(firsts) and firsts[0] != firsts[1] else ["A", "B"]


# ---------------------------------------------------------------------------------------------------------------------
# The same training in torch, for the picture


@dataclass(frozen=True)
class Trained:
    """A network after some steps: its weights, its loss and its correct answers on both parts.

    Attributes:
        weights: (W, b) of each layer, as torch has them: W is (outputs, inputs).
        step: how many steps it was trained.
        loss: mean cross-entropy on the points it was trained on.
        valid_loss: the same on those that judge.
        right: how many it names correctly of those it was trained on.
        of: how many these are.
        valid_right: likewise of those that judge.
        valid_of: how many these are.
        valid_second: how many of those that judge it calls by the second class.
    """

    weights: list[tuple[Tensor, Tensor]]
    step: int
    loss: float
    valid_loss: float
    right: int
    of: int
    valid_right: int
    valid_of: int
    valid_second: int


def first_weights(params: dict[str, Any]) -> list[tuple[Tensor, Tensor]]:
    """(W, b) of each layer before training, from the seed: uniform on ± 1/√inputs, as torch's `nn.Linear` begins."""
    import torch

    random = uniform(params["seed"])
    sizes = [2, *[params["width"]] * params["depth"], 2]
    weights = []
    for inputs, outputs in pairwise(sizes):
        W, b = (
            torch.tensor([(2 * number - 1) / inputs**0.5 for number in islice(random, count)], dtype=torch.float64)
            for count in (outputs * inputs, outputs)
        )
        weights.append((W.reshape(outputs, inputs), b))
    return weights


def scores(params: dict[str, Any], weights: Sequence[tuple[Tensor, Tensor]], x: Any) -> Tensor:
    """The network's two scores for points in their own units. x: (N, 2). Returns (N, 2)."""
    import torch

    bend = {"none": lambda z: z, "relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}[params["activation"]]
    rows = torch.tensor(params["train"]["x"][: params["training"]], dtype=torch.float64)
    spread = rows.std(dim=0)
    out: Tensor = (torch.as_tensor(x, dtype=torch.float64) - rows.mean(dim=0)) / torch.where(spread > 0, spread, 1.0)
    for k, (W, b) in enumerate(weights):
        out = out @ W.T + b
        out = out if k == len(weights) - 1 else bend(out)
    return out


def trained(params: dict[str, Any], steps: int) -> Trained:
    """What the browser's training comes to after some steps, computed by torch."""
    import torch

    count = params["training"]
    x, y = params["train"]["x"][:count], torch.tensor(params["train"]["y"][:count])
    weights = first_weights(params)
    flat = [values.requires_grad_() for layer in weights for values in layer]
    optimizer = torch.optim.Adam(flat, lr=params["lr"])
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(scores(params, weights, x), y).backward()
        optimizer.step()
    with torch.no_grad():
        own, new = scores(params, weights, x), scores(params, weights, params["valid"]["x"])
        truth = torch.tensor(params["valid"]["y"])
        loss = float(torch.nn.functional.cross_entropy(own, y))
        new_loss = float(torch.nn.functional.cross_entropy(new, truth))
    predicted, predicted_new = own[:, 1] > own[:, 0], new[:, 1] > new[:, 0]
    correct, new_correct = int((predicted == y).sum()), int((predicted_new == truth).sum())
    return Trained(weights, steps, loss, new_loss, correct, len(y), new_correct, len(truth), int(predicted_new.sum()))


def finding(params: dict[str, Any], run: Trained) -> str:
    """What the training has come to, in the sentence that the widget says."""
    classes, things = params["classes"], params["things"]
    when = f"After {run.step:,} step{'' if run.step == 1 else 's'}"
    only = {0: classes[0], run.valid_of: classes[1]}.get(run.valid_second)
    if only is not None:
        return f"{when if run.step else 'Untrained,'} the network calls every one of the validation {things} “{only}”"
    own, new = f"{run.right:,} of its {run.of:,}", f"{run.valid_right:,} of {run.valid_of:,}"
    shares = f"{own} training {things} and {new} validation {things} correctly"
    if not run.step:
        return f"Untrained, the network names {shares}"
    apart = run.right / run.of - run.valid_right / run.valid_of > APART
    return f"{when} the network names {shares}{': it knows its own better than new ones' if apart else ''}"


def picture(params: dict[str, Any]) -> Picture:
    """What stands in the widget's place where no script runs: the plane after 300 steps with the first settings."""
    import torch

    run = trained(params, STEPS)
    fig, ax = new_figure(7.2, 4.6)
    points = np.array(params["train"]["x"] + params["valid"]["x"])
    low, high = points.min(axis=0), points.max(axis=0)
    room = np.where(high > low, 0.05 * (high - low), 1.0)
    xs, ys = (np.linspace(low[k] - room[k], high[k] + room[k], 121) for k in (0, 1))
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    with torch.no_grad():
        outputs = scores(params, run.weights, grid)
    ahead = (outputs[:, 1] - outputs[:, 0]).reshape(len(ys), len(xs)).numpy()
    _draw(ax, params, run, xs, ys, ahead)
    title = finding(params, run)
    headline(fig, title)
    first_class, second_class = params["classes"]
    layers = f"{params['depth']} hidden layer{'' if params['depth'] == 1 else 's'} of {params['width']}"
    return show(
        fig,
        f"{title}. The plane of {' and '.join(params['columns'])}, divided by a network with {layers}, activation "
        f"{params['activation']}: {second_class} on {(ahead > 0).mean():.0%} of it, {first_class} on the rest. Loss "
        f"{short(run.loss)} in training, {short(run.valid_loss)} in validation.",
    )


def _draw(ax: Any, params: dict[str, Any], run: Trained, xs: Array, ys: Array, ahead: Array) -> None:
    regions = ax.contourf(xs, ys, ahead, levels=[-np.inf, 0, np.inf], colors=FILLS, hatches=["", "--"])
    regions.set(edgecolor="#e9b795", linewidth=0)  # the colour of the hatches
    if (ahead > 0).any() and (ahead <= 0).any():
        ax.contour(xs, ys, ahead, levels=[0], colors=[COLOURS["data"]], linewidths=2)
    rows, labels = (np.array(params["train"][name][: run.of]) for name in "xy")
    for name, marker in enumerate("o^"):
        class_rows = rows[labels == name]
        text = f"{params['letters'][name]}: {params['classes'][name]}"
        ax.scatter(
            *class_rows.T, s=22, marker=marker, color=STROKES[name], edgecolor="white", linewidth=0.6, label=text
        )
    for name in (0, 1):
        rank = ahead if name else -ahead
        if (rank > 0).any():
            row, column = np.unravel_index(np.argmax(rank[8:-8, 8:-8]), rank[8:-8, 8:-8].shape)
            position = (xs[column + 8], ys[row + 8])
            ax.text(*position, params["letters"][name], weight="bold", size=17, ha="center", va="center")
    ax.set(xlabel=params["columns"][0], ylabel=params["columns"][1], xlim=(xs[0], xs[-1]), ylim=(ys[0], ys[-1]))
    ax.grid(False)
    ax.figure.legend(loc="outside lower left", ncols=2, fontsize=10, frameon=False)
