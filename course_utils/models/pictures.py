"""Sort pictures into classes: a small network that is trained in seconds on pictures of your own.

    classifier = PictureClassifier()
    classifier.fit_folder("pictures/train")
    classifier.score_folder("pictures/test")

It begins with random weights and has seen no other pictures, so it needs some tens of each class.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from course_utils.checks import check_name, check_truth, check_whole
from course_utils.data.pictures import picture_folder, read_picture
from course_utils.errors import CourseError
from course_utils.models.arguments import checked
from course_utils.models.base import Estimator
from course_utils.models.checkpoints import Checkpoint
from course_utils.models.inputs import Label, are_classes, check_counts, checked_labels, classes_of, indices_of, two
from course_utils.models.picture_inputs import as_decimals, checked_pictures
from course_utils.models.picture_training import picture_batches
from course_utils.nn.parameters import parameters_count
from course_utils.nn.picture_nets import PictureNet, mlp_of_size
from course_utils.runtime import seeded
from course_utils.training import Budget, History, WarmupCosine, fit, supervised

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINDS = ("cnn", "mlp")
SMALLEST, LARGEST = 8, 128  # pixels
PICTURES_SEEN = 60_000  # by a training, all epochs together, where `epochs` is not given
EPOCHS = (8, 250)
LR = 0.004
GREY = (0.299, 0.587, 0.114)  # how much red, green and blue count in grey (ITU-R BT.601)


@dataclass(frozen=True)
class View:
    """How a network sees pictures: of one size, grey or in colour, relative to those that it was trained on.

    Attributes:
        size: height and width, in pixels.
        mean, std: (channels,) of the pictures trained on.
    """

    size: int
    mean: Tensor
    std: Tensor

    @classmethod
    def of(cls, pictures: Tensor, size: int, channels: int) -> View:
        """The view of a network that is trained on these pictures."""
        x = resized(pictures, size, channels)
        return cls(size, x.mean(dim=(0, 2, 3)), x.std(dim=(0, 2, 3), correction=0).clamp_min(1e-3))

    @property
    def channels(self) -> int:
        """1 for grey, 3 for colour."""
        return len(self.mean)

    def __call__(self, pictures: Tensor) -> Tensor:
        """(N, C, H, W), 0 … 1 or bytes → float32 (N, channels, size, size)."""
        x = resized(pictures, self.size, self.channels)
        return (x - self.mean[:, None, None]) / self.std[:, None, None]


class PictureClassifier(Estimator[nn.Module]):
    """A network that learns which class a picture belongs to.

    Pictures are stretched to size × size pixels, and scaled by the mean and standard deviation of those that were
    trained on. While it trains they are turned, stretched and shifted a little, each time differently; rare classes
    count more than their pictures would (each picture by 1/√ of its class's number).

    Attributes:
        classes: the labels it knows, sorted; empty before `fit`.
        left_out: files that the last `fit_folder` could not read, in both of its folders.
        model: the torch network; None before `fit`.

    Args:
        kind: "cnn", the convolutional `PictureNet`; or "mlp", one hidden layer, and as many parameters.
        size: height and width of the pictures as the network sees them, 8 to 128 pixels.
        colour: True: it sees red, green and blue; False: grey; None: colour where the pictures have any.
        seed: of the weights and of the order of the pictures. With `steps`, or `epochs` and no `seconds`, the same seed
            gives the same weights on the same number of threads. Torch's own random state is left as it was.

    Raises:
        CourseError: another kind, or a size out of bounds.
    """

    fit_takes = "images, labels"

    def __init__(self, kind: str = "cnn", size: int = 28, colour: bool | None = None, seed: int = 0) -> None:
        check_name("kind of picture classifier", kind, KINDS)
        if colour is not None:
            colour = check_truth("colour", colour)
        self.kind, self.size = kind, check_whole("size", size, SMALLEST, LARGEST, unit="pixels")
        self.colour, self.seed = colour, checked("seed", seed)
        self.classes: list[Label] = []
        self.left_out = 0
        self._view: View | None = None

    def _described(self) -> str:
        classes = f", {len(self.classes)} classes" if self.classes else ""
        classes += f", {self.left_out:,} files left out" if self.left_out else ""
        return f"{self.kind!r}, size={self.size}, seed={self.seed}{classes}"

    @property
    def channels(self) -> int:
        """3 where the network sees colour, 1 where it sees grey."""
        return self._view.channels if self._view else 3 if self.colour else 1

    # -- Training

    def fit(
        self,
        images: Any,
        labels: Any,
        valid: tuple[Any, Any] | None = None,
        seconds: float | None = 30,
        epochs: int | None = None,
        progress: bool = True,
        *,
        steps: int | None = None,
    ) -> History:
        """Learn from pictures. What was learned before is forgotten.

        Args:
            images: (N, H, W), grey, or (N, C, H, W) with one channel or three; arrays or tensors, 0 … 1, or whole
                numbers 0 … 255.
            labels: N strings, or N whole numbers.
            valid: (images, labels) to validate with after each epoch; the weights that do best on them are kept.
            seconds: the most seconds of the training; without `steps` the learning rate falls to 0 within them. With
                `steps` it is a limit for a slow machine: the history says where it cut the training short. None: no
                limit.
            epochs: passes through the pictures. Default: such that 60,000 pictures are seen, 8 to 250 passes; with
                `steps`: as many as they need.
            progress: show a progress bar.
            steps: of the optimiser.

        Returns:
            The history of the training.

        Raises:
            CourseError: no pictures, one class only, values that are not finite or out of range, another number of
                axes, or labels of another number.
        """
        pictures, names = _labelled(images, labels)
        classes = classes_of(names, "pictures")
        held_out = self._held_out(valid, classes)
        view = View.of(pictures, self.size, _channels(pictures, self.colour))
        x, y = view(pictures), torch.from_numpy(indices_of(names, classes))
        with seeded(self.seed):
            network = self._new_model(len(classes), view.channels)
        generator = torch.Generator().manual_seed(self.seed)
        batch = _batch_size(len(x))
        batches = picture_batches(x, y, generator, batch_size=batch, warp=0.6)
        if epochs is None and steps is None:
            epochs = min(max(math.ceil(PICTURES_SEEN / len(x)), EPOCHS[0]), EPOCHS[1])
        optimizer = torch.optim.AdamW(network.parameters(), lr=LR, weight_decay=0.01)
        budget = Budget(steps, epochs, seconds, per_epoch=math.ceil(len(x) / batch))
        history = fit(
            network,
            batches,
            supervised(_loss(y)),
            steps=steps,
            epochs=epochs,
            seconds=seconds,
            optimizer=optimizer,
            lr_schedule=WarmupCosine(budget).of(optimizer),
            clip_norm=5.0,
            valid=None if held_out is None else [(view(held_out[0]), held_out[1])],
            progress=progress,
        )
        self.classes, self.model, self._view, self.left_out = classes, network.eval(), view, 0
        return history

    def fit_folder(
        self,
        path: str | Path,
        valid: str | Path | None = None,
        seconds: float | None = 30,
        epochs: int | None = None,
        progress: bool = True,
        *,
        steps: int | None = None,
    ) -> History:
        """Learn from a folder with one sub-folder for each class. Files that are no pictures are left out, and told.

        Args:
            path: of the folder.
            valid: another such folder to validate with.
            seconds: as for `fit`; reading the files is not counted.
            epochs: as for `fit`.
            progress: as for `fit`.
            steps: as for `fit`.

        Raises:
            CourseError: as `fit` and `picture_folder` do.
        """
        pictures = picture_folder(path, self.size, self.colour)
        held_out, left_out = None, len(pictures.passed_over)
        if valid is not None:
            others = picture_folder(valid, self.size, self.colour)
            held_out, left_out = (others.images, others.labels), left_out + len(others.passed_over)
        history = self.fit(pictures.images, pictures.labels, held_out, seconds, epochs, progress, steps=steps)
        if history.steps and left_out:
            self.left_out = left_out
            history.note(f"{left_out:,} files left out, which are no pictures")
        return history

    def _held_out(self, valid: tuple[Any, Any] | None, classes: list[Label]) -> tuple[Tensor, Tensor] | None:
        if valid is None:
            return None
        pictures, names = _labelled(*two(valid, "images, labels"))
        return pictures, torch.from_numpy(indices_of(names, classes))

    def _new_model(self, classes: int, channels: int) -> nn.Module:
        network = PictureNet(classes, channels)
        if self.kind == "cnn":
            return network
        inputs = channels * self.size**2
        return mlp_of_size(max(parameters_count(network), 8 * (inputs + 1 + classes)), inputs, classes)

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
        return np.array([self.classes[index] for index in best.tolist()])

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
        pictures, names = _labelled(images, labels)
        targets = torch.from_numpy(indices_of(names, self.classes))
        return float((self._logits(pictures).argmax(-1) == targets).double().mean())

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
            parts = [body(part) for part in self._seen(images).split(256)]
        found: NDArray[np.float32] = torch.cat(parts).numpy()
        return found

    @torch.no_grad()
    def _logits(self, images: Any) -> Tensor:
        network = self._trained()
        return torch.cat([network(part) for part in self._seen(images).split(256)])

    def _seen(self, images: Any) -> Tensor:
        assert self._view is not None
        checked = checked_pictures(images)
        if not len(checked):
            raise CourseError("There are no pictures. Give one at least.")
        return self._view(checked)

    # -- Keeping

    def _learned(self) -> dict[str, Any]:
        return {"classes": self.classes}

    def _tensors(self) -> dict[str, Tensor]:
        assert self._view is not None
        return {"view.mean": self._view.mean, "view.std": self._view.std}

    def _restore(self, checkpoint: Checkpoint) -> None:
        classes = checkpoint.field("classes", are_classes, "two or more different labels")
        channels = 3 if checkpoint.shapes.get("view.mean") == (3,) else 1
        mean, std = (checkpoint.tensor(f"view.{name}", (channels,)) for name in ("mean", "std"))
        if not (mean.isfinite().all() and (std > 0).all()):
            raise checkpoint.fault("the scale of its pictures is no scale")
        build = partial(self._new_model, len(classes), channels)
        self.model = checkpoint.network(build, besides=("view.mean", "view.std"))
        self.classes, self._view = classes, View(self.size, mean, std)


# ---------------------------------------------------------------------------------------------------------------------
# How it learns


def _batch_size(pictures: int) -> int:
    """Some eight batches an epoch at least, of 8 to 64 pictures; no last batch of one, which cannot be normalised."""
    batch = min(max(pictures // 8, 8), 64)
    return batch + 1 if pictures % batch == 1 else batch


def _loss(y: Tensor) -> nn.CrossEntropyLoss:
    weights = torch.bincount(y).float().rsqrt()
    return nn.CrossEntropyLoss(weights / weights[y].mean(), label_smoothing=0.05)


# ---------------------------------------------------------------------------------------------------------------------
# What was given


def resized(pictures: Tensor, size: int, channels: int) -> Tensor:
    """(N, C, H, W), 0 … 1 or bytes → float32 (N, channels, size, size), 0 … 1."""
    return torch.cat([_resized_few(part, size, channels) for part in pictures.split(256)])


def _resized_few(pictures: Tensor, size: int, channels: int) -> Tensor:
    x = as_decimals(pictures)
    if channels == 1 and x.shape[1] == 3:
        x = (x * torch.tensor(GREY)[:, None, None]).sum(1, keepdim=True)
    elif channels == 3:
        x = x.expand(-1, 3, -1, -1)
    if x.shape[-2:] == (size, size):
        return x
    return nn.functional.interpolate(x, (size, size), mode="bilinear", antialias=True, align_corners=False)


def _labelled(images: Any, labels: Any) -> tuple[Tensor, list[Label]]:
    """Pictures, and as many labels."""
    pictures, names = checked_pictures(images), checked_labels(labels, "pictures")
    check_counts("pictures", len(pictures), "labels", len(names))
    return pictures, names


def _channels(pictures: Tensor, colour: bool | None) -> int:
    if colour is None:
        return 3 if pictures.shape[1] == 3 and not torch.equal(pictures[:, :1].expand_as(pictures), pictures) else 1
    return 3 if colour else 1
