"""The network for digits that comes with the course."""

from __future__ import annotations

import pytest
import torch
from safetensors import safe_open

from course_utils.data.pictures import digit_pictures
from course_utils.data.resources import resource
from course_utils.models import digit_net, picture_training


def test_the_network_that_comes_with_the_course_names_digits_as_its_file_says() -> None:
    net, about = digit_net.trained_digit_net(), digit_net.about_digit_net()
    images, labels = (torch.as_tensor(part) for part in digit_pictures(seed=0)["test"])
    assert picture_training.picture_accuracy(net, images, labels) == pytest.approx(about["accuracy"], abs=0.002)
    assert about["accuracy"] >= 0.98
    assert not net.training
    path = resource(digit_net.CHECKPOINT)
    assert path.stat().st_size < 200_000
    with safe_open(path, framework="pt") as file:
        assert {file.get_tensor(name).dtype for name in file.keys()} == {torch.float16}  # noqa: SIM118


def test_the_digit_network_tells_how_it_was_trained() -> None:
    told = digit_net.digit_net_described()
    assert told.steps.startswith(f"{digit_net.about_digit_net()['steps']:,}")
    assert told.augmentation == picture_training.warp_text(1.0)
    assert told.seeds == str(digit_net.about_digit_net()["seed"])
