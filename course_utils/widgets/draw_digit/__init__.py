"""Draw a digit, and see what a small convolutional network makes of it: its feature maps and its answer."""

from __future__ import annotations

import base64
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.display.numbers import short
from course_utils.errors import CourseError
from course_utils.figures.labels import headline
from course_utils.figures.style import Picture, new_figure, show
from course_utils.widgets.shared.browser import BrowserWidget, module_text
from course_utils.widgets.shared.settings import settings_of

if TYPE_CHECKING:
    import numpy.typing as npt
    from torch import Tensor, nn

    from course_utils.display.settings import Settings

    Array = npt.NDArray[np.float64]

SIZE = 28
ACROSS = 16  # feature maps in a row of the picture
MOST_WEIGHTS = 100_000
SURE = 0.6  # a lower probability is none to rely on
BLUE, GREY = "#0072B2", "#9a9a9a"


class DrawDigit(BrowserWidget):
    """The live widget; make one with `draw_digit()`."""

    _esm = module_text("draw_digit")


def draw_digit(model: nn.Module | None = None, start: int | None = 3, settings: Settings | None = None) -> DrawDigit:
    """Draw a digit with a mouse, a finger or the keyboard, or take one from a file; a network names it in the browser.

    Args:
        model: a `DigitNet` for grey pictures of 28 × 28 and ten classes, or an `nn.Sequential` of Conv2d, ReLU,
            MaxPool2d, Flatten and Linear that does the same. Default: the one that comes with the course, which was
            trained on digits of MNIST.
        start: the digit of MNIST that stands on the paper at first, 0 to 9; None: an empty paper.
        settings: how the model was trained. Default: as `fit` noted on it, or the file of the course's network tells.

    Raises:
        CourseError: a network that the browser cannot run, or no such digit.
    """
    from course_utils.models.digit_net import digit_net_described, trained_digit_net

    if start is not None and (isinstance(start, bool) or start not in range(10)):
        raise CourseError(f"start is a digit from 0 to 9, or None for an empty paper; {start!r} is neither.")
    net = trained_digit_net() if model is None else model
    images = _samples()
    params: dict[str, Any] = {
        "layers": layers_of(net),
        "size": SIZE,
        "classes": [str(digit) for digit in range(10)],
        "samples": [
            {"text": str(digit), "label": digit, "pixels": _base64((255 * image).round().astype(np.uint8))}
            for digit, image in enumerate(images)
        ],
        "start": start,
    }
    told = digit_net_described() if model is None and settings is None else settings_of(net, settings)
    return DrawDigit(params, picture(net, np.zeros((SIZE, SIZE)) if start is None else images[start], start), told)


@cache
def _samples() -> Array:
    """(10, 28, 28): one of each digit, 0 the paper … 1 the ink, from those that the course's network has not seen."""
    from course_utils.data.pictures import digit_pictures

    images, labels = digit_pictures(seed=0)["test"]
    return np.stack([images[labels == digit][0, 0] for digit in range(10)]).astype(np.float64)


def _base64(values: npt.NDArray[Any]) -> str:
    return base64.b64encode(values.tobytes()).decode()


# ---------------------------------------------------------------------------------------------------------------------
# The network as a list of layers


def layers_of(model: nn.Module) -> list[dict[str, Any]]:
    """A network as the browser runs it: plain layers one after the other, their weights as float32 in base64.

    Args:
        model: a `DigitNet`, or an `nn.Sequential` of Conv2d, ReLU, MaxPool2d, Flatten and Linear.

    Returns:
        For each layer its kind, its sizes and weights; and its name where its output is a stage: "conv 1", "pool 1", …,
        "logits".

    Raises:
        CourseError: other layers or settings, too many weights, or pictures and answers of another form.
    """
    import torch
    from torch import nn

    from course_utils.nn.parameters import parameters_count

    count = parameters_count(model)
    if count > MOST_WEIGHTS:
        raise CourseError(f"A page can carry {MOST_WEIGHTS:,} weights; this network has {count:,}. Give a smaller one.")
    modules = [m for m in _in_order(model) if not isinstance(m, nn.Flatten)]
    layers = [_layer(module, modules[k + 1 : k + 2]) for k, module in enumerate(modules)]
    _name(layers)
    x = torch.rand(1, 1, SIZE, SIZE, generator=torch.Generator().manual_seed(0))
    try:
        with torch.no_grad():
            fits = model.eval()(x).shape == (1, 10)
    except (RuntimeError, CourseError):
        fits = False
    if not fits:
        raise CourseError("The network must read one grey picture of 28 × 28, (1, 1, 28, 28), and give 10 scores.")
    return layers


def _in_order(model: nn.Module) -> list[nn.Module]:
    from torch import nn

    from course_utils.nn.picture_nets import POOL, DigitNet

    if isinstance(model, DigitNet):
        stages = ([conv, nn.ReLU(), nn.MaxPool2d(POOL)] for conv in model.convolutions)
        return [*(module for stage in stages for module in stage), model.readout]
    if isinstance(model, nn.Sequential) and len(model):
        return list(model)
    raise CourseError(
        f"The browser runs a DigitNet, or an nn.Sequential of Conv2d, ReLU, MaxPool2d, Flatten and Linear; this is a "
        f"{type(model).__name__}."
    )


def _layer(module: nn.Module, following: list[nn.Module]) -> dict[str, Any]:
    """A layer's kind, sizes and weights; a convolution or ReLU says whether its output is a stage."""
    from torch import nn

    match module:
        case nn.ReLU():
            return {"kind": "relu"}
        case nn.MaxPool2d() if _plain_pool(module):
            return {"kind": "pool", "size": _single(module.kernel_size), "stride": _single(module.stride)}
        case nn.Linear():
            return {"kind": "linear", "outputs": module.out_features, **_weights(module)}
        case nn.Conv2d() if _plain_convolution(module):
            sizes = {"kernel": list(module.kernel_size), "stride": module.stride[0], "padding": int(module.padding[0])}
            bent = bool(following) and isinstance(following[0], nn.ReLU)
            return {"kind": "conv", "outputs": module.out_channels, **sizes, "bent": bent, **_weights(module)}
    raise CourseError(
        "The browser runs Conv2d, ReLU, MaxPool2d, Flatten and Linear, with square strides and plain padding; it "
        f"cannot run {module}."
    )


def _single(size: Any) -> int:
    return int(size[0] if isinstance(size, tuple) else size)


def _plain_pool(pool: nn.MaxPool2d) -> bool:
    alike = all(isinstance(n, int) or n[0] == n[1] for n in (pool.kernel_size, pool.stride))
    return alike and pool.padding in (0, (0, 0)) and pool.dilation in (1, (1, 1)) and not pool.ceil_mode


def _plain_convolution(conv: nn.Conv2d) -> bool:
    alike = (
        conv.stride[0] == conv.stride[1] and not isinstance(conv.padding, str) and conv.padding[0] == conv.padding[1]
    )
    return alike and conv.dilation == (1, 1) and conv.groups == 1 and conv.padding_mode == "zeros"


def _weights(layer: Any) -> dict[str, str]:
    weight = layer.weight.detach().cpu().float()
    bias = weight.new_zeros(len(weight)) if layer.bias is None else layer.bias.detach().cpu().float()
    return {name: _base64(values.numpy().astype("<f4")) for name, values in (("weight", weight), ("bias", bias))}


def _name(layers: list[dict[str, Any]]) -> None:
    """Name the outputs that are stages: of each convolution after its ReLU, of each pooling, and of the last layer."""
    convolutions = pools = 0
    for k, layer in enumerate(layers):
        if layer["kind"] == "conv":
            convolutions += 1
            layers[k + 1 if layer.pop("bent") else k]["name"] = f"conv {convolutions}"
        elif layer["kind"] == "pool":
            pools += 1
            layer["name"] = f"pool {pools}"
    layers[-1]["name"] = "logits"


# ---------------------------------------------------------------------------------------------------------------------
# The picture


def answered(model: nn.Module, image: Array) -> tuple[dict[str, Tensor], Tensor]:
    """What the network makes of one picture.

    Args:
        model: as for `draw_digit`.
        image: (28, 28), 0 the paper … 1 the ink.

    Returns:
        The feature maps of each convolution, (C, h, w), by name; and the ten probabilities, (10,).
    """
    import torch
    from torch import nn

    maps: Tensor = torch.as_tensor(image, dtype=torch.float32)[None, None]
    stages: dict[str, Tensor] = {}
    with torch.no_grad():
        for module in _in_order(model):
            maps = module(maps.flatten(1) if isinstance(module, nn.Linear) else maps)
            if isinstance(module, nn.Conv2d):
                stages[f"conv {len(stages) + 1}"] = maps[0]
            elif isinstance(module, nn.ReLU) and stages and maps.dim() == 4:
                stages[list(stages)[-1]] = maps[0]
    return stages, maps.softmax(dim=-1)[0]


def finding(image: Array, probabilities: Tensor, label: int | None = None) -> str:
    """What the network says to a picture, in the sentence that the widget says; label: the correct answer, if known."""
    p = probabilities.tolist()
    order = sorted(range(len(p)), key=lambda n: (-p[n], n))
    first, second = (f"{n} ({p[n]:.2f})" for n in order[:2])
    if not image.sum():
        return (
            f"The paper is empty: there is nothing to name. The network still says {first}: it has no "
            "answer for “no digit”"
        )
    is_correct = order[0] == label
    if p[order[0]] < SURE:
        verdict = "" if label is None else f"; the first is {'right' if is_correct else f'wrong, it is {label}'}"
        return f"The network is not sure: {first} or {second}{verdict}"
    verdict = "" if label is None else ", which is right" if is_correct else f"; the digit is {label}"
    return f"The network says {first}{verdict}" + (f". Its second guess is {second}" if p[order[1]] >= 0.005 else "")


def picture(model: nn.Module, image: Array, label: int | None) -> Picture:
    """What stands in the widget's place where no script runs: one digit, its feature maps and the ten probabilities."""
    stages, probabilities = answered(model, image)
    title = finding(image, probabilities, label)
    heights = [2.5, *(0.35 + 0.55 * -(-len(maps) // ACROSS) for maps in stages.values())]  # inches
    fig, _ = new_figure(8, sum(heights) + 0.3)
    fig.clear()
    upper, *rows = fig.subfigures(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
    headline(fig, title)
    seen, bars = upper.subplots(1, 2, width_ratios=[1, 2.6])
    seen.imshow(image, cmap="Greys", vmin=0, vmax=1)
    seen.set_axis_off()
    values = probabilities.tolist()
    best = int(probabilities.argmax())
    drawn = bars.bar(range(10), values, color=[BLUE if n == best else GREY for n in range(10)])
    bars.bar_label(drawn, [f"{value:.2f}" for value in values], size=9)
    bars.set_xticks(range(10))
    bars.set(ylim=(0, 1.12), ylabel="probability")
    for row, (name, maps) in zip(rows, stages.items(), strict=True):
        _draw_maps(row, name, maps.numpy())
    sizes = "; ".join(f"{name}: {len(maps)} maps of {maps.shape[1]} × {maps.shape[2]}" for name, maps in stages.items())
    on_paper = "an empty paper" if label is None else f"a handwritten {label}"
    return show(fig, f"{title}. Beside {on_paper}, bars for the ten probabilities; below, feature maps. {sizes}.")


def _draw_maps(row: Any, name: str, maps: npt.NDArray[np.float32]) -> None:
    most = float(maps.max())
    row.suptitle(f"{name}: white is 0, dark is {short(most)}", x=0.01, ha="left", size=10)
    axes = row.subplots(-(-len(maps) // ACROSS), min(ACROSS, len(maps)), squeeze=False).flatten()
    for ax in axes[len(maps) :]:
        ax.set_axis_off()
    for ax, values in zip(axes, maps, strict=False):
        ax.imshow(values, cmap="Blues", vmin=0, vmax=most or 1)
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color="#cccccc")
