"""The network for digits that comes with the course."""

from __future__ import annotations

from typing import Any

from course_utils.data.resources import resource
from course_utils.display.settings import Settings
from course_utils.models.checkpoints import Checkpoint, load_checkpoint
from course_utils.nn.picture_nets import DigitNet

CHECKPOINT = "checkpoints/digits_encoder.safetensors"
KIND = "DigitNet"


def trained_digit_net() -> DigitNet:
    """The network that `tools/data/digits_encoder.py` trained on 3,500 digits, in eval mode.

    `about_digit_net()` says how good it is on digits that it has not seen.
    """
    checkpoint = _checkpoint()
    about = checkpoint.about
    return checkpoint.network(lambda: DigitNet(about["channels"], kernels=about["kernels"]))


def about_digit_net() -> dict[str, Any]:
    """How the network of `trained_digit_net` was trained, and its "accuracy" on digits that it has not seen."""
    return _checkpoint().about


def digit_net_described() -> Settings:
    """How the network of `trained_digit_net` was trained, in one line."""
    return Settings(**_checkpoint().about["settings"], name="the digit network")


def _checkpoint() -> Checkpoint:
    return load_checkpoint(resource(CHECKPOINT), KIND)
