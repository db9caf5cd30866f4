"""Sort pictures into classes: a small network that is trained in seconds on pictures of your own.

    classifier = PictureClassifier()
    classifier.fit_folder("pictures/train")
    classifier.score_folder("pictures/test")

It begins with random weights and has seen no other pictures, so it needs some tens of each class.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from course_utils.checks import check_name, check_positive, check_whole
from course_utils.data.pictures import picture_folder, read_picture
from course_utils.errors import CourseError, unknown
from course_utils.nn.picture_nets import PictureNet, mlp_of_size, picture_batches
from course_utils.training import History, fit, supervised

if TYPE_CHECKING:
    from numpy.typing import NDArray

Label: TypeAlias = str | int
KINDS = ("cnn", "mlp")
SMALLEST, LARGEST = 8, 128  # pixels
PICTURES_SEEN = 60_000  # by a training, all epochs together, where `epochs` is not given
EPOCHS = (8, 250)
LR = 0.004
GREY = (0.299, 0.587, 0.114)  # how much red, green and blue count in grey (ITU-R BT.601)


class PictureClassifier:
    """A network that learns which class a picture belongs to.

    Pictures are stretched to size × size pixels, and scaled by the mean and standard deviation of those that were
    trained on. While it trains they are turned, stretched and shifted a little, each time anew; rare classes count more
    than their pictures would (each picture by 1/√ of its class's number).

    Attributes:
        classes: the labels it knows, sorted; empty before `fit`.
        network: the torch network; None before `fit`.

    Args:
        kind: "cnn", the convolutional `PictureNet`; or "mlp", one hidden layer, and as many parameters.
        size: height and width of the pictures as the network sees them, 8 to 128 pixels.
        colour: True: it sees red, green and blue; False: grey; None: colour where the pictures have any.
        seed: of the weights and of the order of the pictures. Torch's own random state is left as it was.

    Raises:
        CourseError: another kind, or a size out of bounds.
    """

    def __init__(self, kind: str = "cnn", size: int = 28, colour: bool | None = None, seed: int = 0) -> None:
        check_name("kind of picture classifier", kind, KINDS)
        check_whole("size", size, SMALLEST, LARGEST, unit="pixels")
        self.kind, self.size, self.colour, self.seed = kind, size, colour, seed
        self.channels = 3 if colour else 1
        self.classes: list[Label] = []
        self.network: nn.Module | None = None
        self.mean, self.std = torch.zeros(1), torch.ones(1)  # (channels,) of the pictures trained on

    # -- Training

    def fit(
        self,
        images: Any,
        labels: Any,
        valid: tuple[Any, Any] | None = None,
        seconds: float | None = 30,
        epochs: int | None = None,
        progress: bool = True,
    ) -> History:
        """Learn from pictures. What was learnt before is forgotten.

        Args:
            images: (N, H, W), grey, or (N, C, H, W) with one channel or three; arrays or tensors, 0 … 1, or whole
                numbers 0 … 255.
            labels: N strings, or N whole numbers.
            valid: (images, labels) to validate with after each epoch; the weights that do best on them are kept.
            seconds: the most seconds; the learning rate falls to 0 within them. None: no limit.
            epochs: passes through the pictures. Default: such that 60,000 pictures are seen, 8 to 250 passes.
            progress: show a progress bar.

        Returns:
            The history of the training.

        Raises:
            CourseError: no pictures, one class only, values that are not finite or out of range, another number of
                axes, or labels of another number.
        """
        started = perf_counter()
        if epochs is not None:
            check_whole("epochs", epochs, 1)
        if seconds is not None:
            check_positive("seconds", seconds)
        pictures, names = _pictures(images), _labels(labels)
        _check_pairs(pictures, names)
        classes = sorted(set(names), key=lambda name: (str(type(name)), name))
        if len(classes) < 2:
            raise CourseError(f"All pictures are of one class, {classes[0]!r}. Give pictures of two classes at least.")
        held_out = self._held_out(valid, classes)
        self.classes, self.network = [], None
        self.channels = _channels(pictures, self.colour)
        x = self._resized(pictures)
        self.mean, self.std = x.mean(dim=(0, 2, 3)), x.std(dim=(0, 2, 3), correction=0).clamp_min(1e-3)
        x, y = self._scaled(x), torch.tensor([classes.index(name) for name in names])
        network, generator = self._begun(len(classes)), torch.Generator().manual_seed(self.seed)
        batch = _batch_size(len(x))
        batches = picture_batches(x, y, generator, batch_size=batch, warp=0.6)
        if epochs is None:
            epochs = min(max(math.ceil(PICTURES_SEEN / len(x)), EPOCHS[0]), EPOCHS[1])
        optimizer = torch.optim.AdamW(network.parameters(), lr=LR, weight_decay=0.01)
        left = None if seconds is None else max(seconds - (perf_counter() - started), 0.01)
        history = fit(
            network,
            batches,
            supervised(_loss(y)),
            epochs=epochs,
            seconds=left,
            optimizer=optimizer,
            lr_schedule=_falling(optimizer, epochs * math.ceil(len(x) / batch), left),
            clip_norm=5.0,
            valid=None if held_out is None else [(self._prepared(held_out[0]), held_out[1])],
            progress=progress,
        )
        self.classes, self.network = classes, network.eval()
        return history

    def fit_folder(
        self,
        path: str | Path,
        valid: str | Path | None = None,
        seconds: float | None = 30,
        epochs: int | None = None,
        progress: bool = True,
    ) -> History:
        """Learn from a folder with one sub-folder for each class.

        Args:
            path: of the folder.
            valid: another such folder to validate with.
            seconds: as for `fit`; reading the files is not counted.
            epochs: as for `fit`.
            progress: as for `fit`.

        Raises:
            CourseError: as `fit` and `picture_folder` do.
        """
        pictures = picture_folder(path, self.size, self.colour)
        held_out = None
        if valid is not None:
            others = picture_folder(valid, self.size, self.colour)
            held_out = (others.images, others.labels)
        return self.fit(pictures.images, pictures.labels, held_out, seconds, epochs, progress)

    def _held_out(self, valid: tuple[Any, Any] | None, classes: list[Label]) -> tuple[Tensor, Tensor] | None:
        if valid is None:
            return None
        if not isinstance(valid, tuple | list) or len(valid) != 2:
            raise CourseError("valid must be a pair, (images, labels).")
        pictures, names = _pictures(valid[0]), _labels(valid[1])
        _check_pairs(pictures, names)
        return pictures, _places(names, classes)

    def _begun(self, classes: int) -> nn.Module:
        """A network with its first weights."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            network = PictureNet(classes, self.channels)
            if self.kind == "mlp":
                parameters = sum(p.numel() for p in network.parameters())
                inputs = self.channels * self.size**2
                return mlp_of_size(max(parameters, 8 * (inputs + 1 + classes)), inputs, classes)
        return network

    # -- Answers

    def predict(self, images: Any) -> NDArray[Any]:
        """The most probable class of each picture.

        Args:
            images: as for `fit`; they may be of another size, or with colour where those of the training were grey.

        Returns:
            (N,) labels, of the kind that was given to `fit`.

        Raises:
            CourseError: before `fit`, and for pictures that `fit` would refuse.
        """
        best = self._logits(images).argmax(-1)
        return np.array([self.classes[place] for place in best.tolist()])

    def predict_files(self, paths: Sequence[str | Path]) -> NDArray[Any]:
        """The most probable class of each picture file.

        Args:
            paths: of the files.

        Raises:
            CourseError: before `fit`, no paths, or a file that cannot be read.
        """
        self._trained()
        if isinstance(paths, str | Path):
            raise CourseError(f"predict_files takes a list of paths; for one file write [{str(paths)!r}].")
        files = list(paths)
        if not files:
            raise CourseError("There are no files to name: the list is empty.")
        return self.predict(np.stack([read_picture(file, self.size, self.channels == 3) for file in files]))

    def probabilities(self, images: Any) -> NDArray[np.float64]:
        """(N, K), how probable each of `classes` is for each picture, according to the network; rows sum to 1."""
        found: NDArray[np.float64] = self._logits(images).double().softmax(-1).numpy()
        return found

    def score(self, images: Any, labels: Any) -> float:
        """The accuracy: the share of pictures whose most probable class is their label.

        Args:
            images: as for `fit`.
            labels: N labels that were among those of the training.

        Raises:
            CourseError: before `fit`, an unknown label, and for what `fit` would refuse.
        """
        self._trained()
        pictures, names = _pictures(images), _labels(labels)
        _check_pairs(pictures, names)
        truth = _places(names, self.classes)
        return float((self._logits(pictures).argmax(-1) == truth).double().mean())

    def score_folder(self, path: str | Path) -> float:
        """The accuracy on a folder with one sub-folder for each class; the names are those of the training."""
        self._trained()
        pictures = picture_folder(path, self.size, colour=self.channels == 3)
        return self.score(pictures.images, pictures.labels)

    def features(self, images: Any) -> NDArray[np.float32]:
        """(N, F), what the last layer reads: the feature maps of a CNN, the hidden layer of an MLP."""
        network = self._trained()
        body = network.features if isinstance(network, PictureNet) else nn.Sequential(*list(network.children())[:-1])
        with torch.no_grad():
            parts = [body(some) for some in self._prepared(_pictures(images)).split(256)]
        found: NDArray[np.float32] = torch.cat(parts).numpy()
        return found

    @torch.no_grad()
    def _logits(self, images: Any) -> Tensor:
        network = self._trained()
        return torch.cat([network(some) for some in self._prepared(_pictures(images)).split(256)])

    def _trained(self) -> nn.Module:
        if self.network is None:
            raise CourseError(
                "This classifier has learnt nothing yet. Call fit(images, labels) or fit_folder(path) first."
            )
        return self.network

    # -- Pictures as the network sees them

    def _prepared(self, pictures: Tensor) -> Tensor:
        return self._scaled(self._resized(pictures))

    def _resized(self, pictures: Tensor) -> Tensor:
        """(N, C, H, W), 0 … 1 or bytes → float32 (N, channels, size, size), 0 … 1."""
        return torch.cat([self._resized_few(some) for some in pictures.split(256)])

    def _resized_few(self, pictures: Tensor) -> Tensor:
        x = pictures.float() / 255 if not pictures.is_floating_point() else pictures.float()
        if self.channels == 1 and x.shape[1] == 3:
            x = (x * torch.tensor(GREY)[:, None, None]).sum(1, keepdim=True)
        elif self.channels == 3:
            x = x.expand(-1, 3, -1, -1)
        if x.shape[-2:] == (self.size, self.size):
            return x
        sides = (self.size, self.size)
        return nn.functional.interpolate(x, sides, mode="bilinear", antialias=True, align_corners=False)

    def _scaled(self, x: Tensor) -> Tensor:
        return (x - self.mean[:, None, None]) / self.std[:, None, None]

    # -- Files

    def save(self, path: str | Path) -> Path:
        """Write the classifier to a file of the kind safetensors: weights, and what they mean as JSON; nothing else.

        Args:
            path: of the file, such as "cats.safetensors".

        Raises:
            CourseError: before `fit`, or the file cannot be written.
        """
        from safetensors import SafetensorError
        from safetensors.torch import save_file

        network = self._trained()
        about = {name: getattr(self, name) for name in ("kind", "size", "colour", "seed", "channels", "classes")}
        tensors = {f"network.{name}": value.contiguous() for name, value in network.state_dict().items()}
        tensors |= {"mean": self.mean, "std": self.std}
        try:
            save_file(tensors, path, {"picture_classifier": json.dumps(about)})
        except (SafetensorError, OSError) as error:
            raise CourseError(f"{path} cannot be written ({error}). Name a place in a folder that exists.") from None
        return Path(path)

    @classmethod
    def load(cls, path: str | Path) -> PictureClassifier:
        """Read a classifier that `save` wrote.

        Raises:
            CourseError: there is no such file, or it holds something else.
        """
        from safetensors import SafetensorError, safe_open

        if not Path(path).is_file():
            raise CourseError(f"There is no file {path}. Check the name.")
        try:
            with safe_open(path, framework="pt") as file:
                about = json.loads(file.metadata()["picture_classifier"])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            model = cls(about["kind"], about["size"], about["colour"], about["seed"])
            model.channels, model.classes = about["channels"], about["classes"]
            model.mean, model.std = tensors.pop("mean"), tensors.pop("std")
            network = model._begun(len(model.classes))
            network.load_state_dict({name.removeprefix("network."): value for name, value in tensors.items()})
        except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError, OSError):
            raise CourseError(f"{path} is no picture classifier that can be read. Save it again.") from None
        model.network = network.eval()
        return model


# ---------------------------------------------------------------------------------------------------------------------
# How it learns


def _batch_size(pictures: int) -> int:
    """Some eight batches an epoch at least, of 8 to 64 pictures; no last batch of one, which cannot be normalised."""
    batch = min(max(pictures // 8, 8), 64)
    return batch + 1 if pictures % batch == 1 else batch


def _loss(y: Tensor) -> nn.CrossEntropyLoss:
    weights = torch.bincount(y).float().rsqrt()
    return nn.CrossEntropyLoss(weights / weights[y].mean(), label_smoothing=0.05)


def _falling(optimizer: torch.optim.Optimizer, steps: int, seconds: float | None) -> torch.optim.lr_scheduler.LambdaLR:
    """A learning rate that falls to 0 as a cosine, over the steps or the seconds, whichever end first."""
    started = perf_counter()

    def share(step: int) -> float:
        spent = max(step / steps, (perf_counter() - started) / seconds if seconds else 0.0)
        return 0.5 * (1 + math.cos(math.pi * min(spent, 1.0)))

    return torch.optim.lr_scheduler.LambdaLR(optimizer, share)


# ---------------------------------------------------------------------------------------------------------------------
# What was given


def _pictures(images: Any) -> Tensor:
    """Pictures as a tensor (N, C, H, W), float 0 … 1 or bytes.

    Raises:
        CourseError: they are no pictures.
    """
    try:
        x = images.detach().cpu() if isinstance(images, Tensor) else torch.as_tensor(np.asarray(images))
    except (TypeError, ValueError):
        raise CourseError(
            "The pictures are no array of numbers: do they differ in size? Give one array (N, H, W) or (N, C, H, W), "
            "or put the files into folders and use fit_folder."
        ) from None
    if x.is_complex() or x.dim() not in (3, 4):
        raise CourseError(
            f"Pictures come as (N, H, W), or with channels as (N, C, H, W); these have the shape {tuple(x.shape)}. For "
            "a single picture add an axis: image[None]."
        )
    if x.dim() == 4 and x.shape[1] not in (1, 3):
        hint = "Your channels come last: images.transpose(0, 3, 1, 2) puts them second." if x.shape[3] in (1, 3) else ""
        raise CourseError(
            f"Pictures have one channel or three, as (N, C, H, W); these are {tuple(x.shape)}. {hint}".strip()
        )
    if not x.numel():
        raise CourseError(f"There are no pictures: the shape is {tuple(x.shape)}.")
    return _in_range(x if x.dim() == 4 else x[:, None])


def _in_range(x: Tensor) -> Tensor:
    if x.dtype == torch.bool:
        return x.float()
    if x.is_floating_point() and not x.isfinite().all():
        raise CourseError("The pictures hold values that are not finite (NaN or infinity). Replace or remove them.")
    if not x.is_floating_point():
        x = x.to(torch.int64)
    lowest, highest = float(x.min()), float(x.max())
    if x.is_floating_point():
        if lowest < -1e-4 or highest > 1 + 1e-4:
            raise CourseError(
                f"The pictures' values reach from {lowest:g} to {highest:g}; as decimals they must be 0 … 1. Divide "
                "bytes by 255, or give them as whole numbers (uint8)."
            )
        return x.float().clamp(0, 1)
    if lowest < 0 or highest > 255:
        raise CourseError(f"The pictures' values reach from {lowest:g} to {highest:g}; whole numbers must be 0 … 255.")
    return x.to(torch.uint8)


def _labels(labels: Any) -> list[Label]:
    """Labels as strings or whole numbers of Python's.

    Raises:
        CourseError: they are neither, or both.
    """
    if isinstance(labels, str | bytes) or not hasattr(labels, "__len__"):
        raise CourseError("The labels must be a list: one string or whole number for each picture.")
    values: list[Any]
    if isinstance(labels, Tensor | np.ndarray):
        values = labels.tolist() if labels.ndim == 1 else [labels.tolist()]
    else:
        values = [value.item() if hasattr(value, "item") else value for value in labels]
    kinds = {type(value) for value in values}
    if not kinds <= {str} and not kinds <= {int}:
        named = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise CourseError(f"The labels must be strings, or whole numbers, and all of one kind; here are {named}.")
    return values


def _check_pairs(pictures: Tensor, names: list[Label]) -> None:
    if len(pictures) != len(names):
        raise CourseError(
            f"There are {len(pictures)} pictures and {len(names)} labels. Give one label for each picture."
        )


def _places(names: list[Label], classes: list[Label]) -> Tensor:
    """The place of each label among the classes."""
    strangers = sorted({str(name) for name in names if name not in classes})
    if strangers:
        raise unknown("class", strangers[0], map(str, classes))
    place = {name: number for number, name in enumerate(classes)}
    return torch.tensor([place[name] for name in names])


def _channels(pictures: Tensor, colour: bool | None) -> int:
    if colour is None:
        return 3 if pictures.shape[1] == 3 and not torch.equal(pictures[:, :1].expand_as(pictures), pictures) else 1
    return 3 if colour else 1
