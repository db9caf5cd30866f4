"""Small networks for pictures: a convolutional one whose stages can be looked at, and a plain one of the same size.

Sources: LeCun, Bottou, Bengio & Haffner 1998 (convolution, pooling, read-out); the weights begin as torch's own do.
B pictures, C channels or feature maps, height and width in pixels.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.errors import CourseError
from course_utils.nn.convolution import receptive_field
from course_utils.nn.feedforward import mlp_parameter_count
from course_utils.stats import nearest_width

POOL = 2


class DigitNet(nn.Module):
    """A small convolutional network: stages of convolution, ReLU and 2 × 2 maximum, then one linear read-out.

    Nothing is padded: with the sizes below a picture of 28 × 28 becomes 24 × 24, 12 × 12, 8 × 8 and 4 × 4.

    Attributes:
        convolutions: the convolutional layers, in their order.
        readout: the linear layer from the last feature maps to the classes.

    Args:
        channels: how many feature maps each stage has.
        classes: K.
        in_channels: 1 for grey pictures, 3 for colour.
        size: height and width of the pictures, in pixels.
        generator: a torch generator to draw the weights from; torch's global random state is then left as it was.
            Default: they are drawn from the global one.
        kernels: height and width of the kernels of each stage; the last one also holds for stages after it.

    Raises:
        CourseError: no stage, or the pictures are too small for this number.
    """

    def __init__(
        self,
        channels: Sequence[int] = (16, 32),
        classes: int = 10,
        in_channels: int = 1,
        size: int = 28,
        generator: torch.Generator | None = None,
        *,
        kernels: Sequence[int] = (5, 5),
    ) -> None:
        super().__init__()
        if not channels or not kernels or min(*channels, *kernels, classes, in_channels, size) < 1:
            raise CourseError("A DigitNet needs one stage at least, and all its sizes are whole numbers from 1.")
        self.channels, self.classes, self.in_channels, self.size = tuple(channels), classes, in_channels, size
        self.kernels = tuple(kernels[min(stage, len(kernels) - 1)] for stage in range(len(channels)))
        self.side = self._last_side()  # of the last feature maps
        inputs = (in_channels, *channels)
        with torch.random.fork_rng(devices=[], enabled=generator is not None):
            self.convolutions = nn.ModuleList(
                nn.Conv2d(*sizes) for sizes in zip(inputs, self.channels, self.kernels, strict=False)
            )
            self.readout = nn.Linear(channels[-1] * self.side**2, classes)
        if generator is not None:
            draw_(self, generator)

    def _last_side(self) -> int:
        side = self.size
        for stage, kernel in enumerate(self.kernels, 1):
            side = (side - kernel + 1) // POOL
            if side < 1:
                raise CourseError(
                    f"Pictures of {self.size} × {self.size} are too small for {len(self.channels)} stages: nothing is "
                    f"left after stage {stage}. Give larger pictures, smaller kernels=(…), or fewer channels=(…)."
                )
        return side

    def stages(self, x: Tensor) -> dict[str, Tensor]:
        """All that the network computes on the way, by name, in its order.

        Args:
            x: (B, in_channels, size, size), 0 … 1.

        Returns:
            "conv 1" (after ReLU), "pool 1", "conv 2" …: (B, C, height, width) each; and "logits": (B, classes).

        Raises:
            CourseError: pictures of another shape.
        """
        found: dict[str, Tensor] = {}
        maps = self._checked(x)
        for stage, convolution in enumerate(self.convolutions, 1):
            found[f"conv {stage}"] = torch.relu(convolution(maps))
            found[f"pool {stage}"] = maps = nn.functional.max_pool2d(found[f"conv {stage}"], POOL)
        found["logits"] = self.readout(maps.flatten(1))
        return found

    def encode(self, x: Tensor) -> Tensor:
        """The feature maps before the read-out, from which another network can go on.

        Args:
            x: (B, in_channels, height, width); where they are only encoded, other sizes than `size` will do.

        Returns:
            (B, channels[-1], h, w); (B, 32, 4, 4) for digits of 28 × 28.
        """
        maps = x
        for convolution in self.convolutions:
            maps = nn.functional.max_pool2d(torch.relu(convolution(maps)), POOL)
        return maps

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, size, size) → logits (B, classes)."""
        logits: Tensor = self.readout(self.encode(self._checked(x)).flatten(1))
        return logits

    def _checked(self, x: Tensor) -> Tensor:
        expected = (self.in_channels, self.size, self.size)
        if x.dim() != 4 or tuple(x.shape[1:]) != expected:
            raise CourseError(
                f"This network reads pictures of the shape (B, {', '.join(map(str, expected))}); these are "
                f"{tuple(x.shape)}. Grey pictures need an axis for their one channel: images[:, None]."
            )
        return x


class PooledDigitNet(DigitNet):
    """A `DigitNet` that reads no places: of each of its last maps (before their 2 × 2 maximum) one number is left.

    Args:
        kept: "maximum" or "mean", over all places of a map; Lin, Chen & Yan 2013 (arXiv 1312.4400) take the mean.
        generator: as for `DigitNet`.

    Raises:
        CourseError: neither "maximum" nor "mean".
    """

    def __init__(self, kept: str = "maximum", generator: torch.Generator | None = None) -> None:
        check_name("number of a map", kept, ("maximum", "mean"))
        super().__init__(generator=generator)
        self.kept = kept
        with torch.random.fork_rng(devices=[], enabled=generator is not None):
            self.readout = nn.Linear(self.channels[-1], self.classes)
        if generator is not None:
            draw_(self.readout, generator)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, size, size) → logits (B, classes)."""
        maps = last_maps(self, self._checked(x))
        logits: Tensor = self.readout(maps.amax(dim=(2, 3)) if self.kept == "maximum" else maps.mean(dim=(2, 3)))
        return logits


@torch.no_grad()
def strongest_patches(model: DigitNet, images: Tensor, count: int = 8) -> tuple[Tensor, Tensor]:
    """What each map of the last convolution answers to most strongly: patches that one of its units sees.

    Of each picture the patch of its strongest unit is taken; of these the strongest ones.

    Args:
        model: the network.
        images: (N, in_channels, height, width), N ≥ count.
        count: patches for each map.

    Returns:
        Patches (K, count, in_channels, size, size), strongest first, and the rows of the pictures they come from
        (K, count). The size is the receptive field of a unit.
    """
    maps = torch.cat([last_maps(model, some) for some in images.split(500)])  # (N, K, h, w)
    strength, place = maps.flatten(2).max(dim=-1)  # (N, K)
    rows = strength.topk(count, dim=0).indices.T  # (K, count)
    pools = len(model.convolutions) - 1
    layers = [pair for kernel in model.kernels[:pools] for pair in ((kernel, 1), (POOL, POOL))]
    size, step = receptive_field([*layers, (model.kernels[-1], 1)]), POOL**pools
    width = maps.shape[-1]
    patches = [
        torch.stack([_cut(images[row], place[row, k].item(), width, step, size) for row in rows[k].tolist()])
        for k in range(len(rows))
    ]
    return torch.stack(patches), rows


def _cut(image: Tensor, place: float, width: int, step: int, size: int) -> Tensor:
    """The patch (C, size, size) that the unit at a place of a map sees."""
    y, x = (step * at for at in divmod(int(place), width))
    return image[:, y : y + size, x : x + size]


def last_maps(model: DigitNet, x: Tensor) -> Tensor:
    """The maps of the last convolution after ReLU, before they are pooled.

    Args:
        model: the network.
        x: (B, in_channels, height, width).

    Returns:
        (B, K, h, w).
    """
    *earlier, last = model.convolutions
    maps = x
    for convolution in earlier:
        maps = nn.functional.max_pool2d(torch.relu(convolution(maps)), POOL)
    return torch.relu(last(maps))


def neighbour_correlation(kernels: Tensor) -> float:
    """How far a weight tells its neighbour beside or below it in the kernels: near 0 for noise, 1 for an even slope.

    Args:
        kernels: (K, C, h, w); each is counted from its own mean.
    """
    centred = kernels - kernels.mean(dim=(2, 3), keepdim=True)
    pairs = [(centred[..., :-1], centred[..., 1:]), (centred[..., :-1, :], centred[..., 1:, :])]
    first, second = (torch.cat([pair[side].flatten() for pair in pairs]) for side in (0, 1))
    return float(torch.corrcoef(torch.stack([first, second]))[0, 1])


class PictureNet(nn.Module):
    """The network of the picture classifier: wider than `DigitNet`, padded and normalised, for pictures of any kind.

    Three stages of 3 × 3 convolution, batch normalisation (Ioffe & Szegedy 2015) and ReLU; between them 2 × 2 maxima.
    After the last one each map is averaged over 3 × 3 fields, so that the read-out knows roughly where something is.

    Args:
        classes: K.
        in_channels: 1 for grey pictures, 3 for colour.
        channels: feature maps of the three stages.
    """

    def __init__(self, classes: int, in_channels: int = 1, channels: tuple[int, int, int] = (24, 48, 64)) -> None:
        super().__init__()
        first, second, third = channels
        self.body = nn.Sequential(
            *_normalised(in_channels, first),
            nn.MaxPool2d(POOL),
            *_normalised(first, second),
            nn.MaxPool2d(POOL),
            *_normalised(second, third),
            nn.AdaptiveAvgPool2d(3),
            nn.Flatten(),
        )
        self.readout = nn.Linear(9 * third, classes)

    def features(self, x: Tensor) -> Tensor:
        """(B, in_channels, height, width) → (B, 9 · channels[-1]), what the read-out reads."""
        features: Tensor = self.body(x)
        return features

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, height, width), 8 × 8 at least → logits (B, classes)."""
        logits: Tensor = self.readout(self.features(x))
        return logits


def _normalised(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    return nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()


@torch.no_grad()
def draw_(module: nn.Module, generator: torch.Generator) -> None:
    """Draw the weights of convolutions and linear layers as torch does: uniform on ± 1/√(inputs of a unit).

    Source: `reset_parameters` of torch's `nn.Linear` and `nn.Conv2d`.

    Args:
        module: a network; its other layers are left as they are.
        generator: where the random numbers come from.
    """
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            bound = layer.weight[0].numel() ** -0.5
            for parameter in layer.parameters(recurse=False):
                parameter.copy_(2 * bound * torch.rand(parameter.shape, generator=generator) - bound)


def mlp_of_size(
    parameters: int, inputs: int = 784, classes: int = 10, generator: torch.Generator | None = None
) -> nn.Sequential:
    """A feedforward network with one hidden layer, and as nearly as whole units allow a given number of parameters.

    It flattens pictures (B, 1, 28, 28) to (B, 784) itself.

    Args:
        parameters: how many it should have.
        inputs: numbers in a picture.
        classes: K.
        generator: as for `DigitNet`.

    Raises:
        CourseError: not even one hidden unit fits.
    """
    per_unit = inputs + 1 + classes
    if 2 * (parameters - classes) <= per_unit:
        raise CourseError(
            f"{parameters} parameters are too few: one hidden unit needs {per_unit}, and the outputs {classes} more."
        )
    units = nearest_width(parameters, lambda hidden_size: mlp_parameter_count((inputs, hidden_size, classes)))
    with torch.random.fork_rng(devices=[], enabled=generator is not None):
        model = nn.Sequential(nn.Flatten(), nn.Linear(inputs, units), nn.ReLU(), nn.Linear(units, classes))
    if generator is not None:
        draw_(model, generator)
    return model


def shuffle_pixels(images: Tensor, permutation: Tensor) -> Tensor:
    """Move the pixels of every picture to other places, in one fixed way.

    Args:
        images: (B, C, H, W).
        permutation: (H · W,), each of 0 … H · W − 1 once: place i receives the pixel permutation[i].

    Returns:
        (B, C, H, W); `shuffle_pixels(shuffled, permutation.argsort())` undoes it.

    Raises:
        CourseError: the permutation is none of this number of pixels.
    """
    pixels = images.shape[-2] * images.shape[-1]
    if permutation.shape != (pixels,) or not torch.equal(permutation.sort().values, torch.arange(pixels)):
        raise CourseError(
            f"Pictures of {pixels} pixels need each of the numbers 0 to {pixels - 1} once: torch.randperm({pixels})."
        )
    return images.flatten(-2)[..., permutation].reshape(images.shape)
