"""Drawing a digit: feature maps and probabilities are torch's, and what is drawn becomes a picture like MNIST's."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from course_utils.errors import CourseError
from course_utils.nn.picture_nets import DigitNet
from course_utils.widgets import draw_digit as digit_module
from course_utils.widgets.draw_digit import answered, draw_digit, layers_of
from course_utils.widgets.draw_digit import finding as digit_finding
from tests.strategies import examples
from tests.widgets.in_node import computed, evaluated
from tests.widgets.twins import twin_of


@cache
def net() -> DigitNet:
    """An untrained network: its numbers are as good as any for a comparison."""
    return DigitNet(generator=torch.Generator().manual_seed(3)).eval()


def blob(seed: int) -> np.ndarray:
    """A picture of random strokes, 0 … 1."""
    generator = torch.Generator().manual_seed(seed)
    small = torch.rand(1, 1, 7, 7, generator=generator)
    picture = nn.functional.interpolate(small, size=28, mode="bilinear")[0, 0] - 0.5
    return (2 * picture.clamp(min=0)).numpy().astype(np.float64)


def test_the_browser_s_feature_maps_and_probabilities_are_torch_s() -> None:
    images = [blob(seed) for seed in range(4)] + [np.zeros((28, 28)), np.ones((28, 28))]
    layers = layers_of(net())
    many = [{"layers": layers, "image": image.flatten().tolist(), "size": 28} for image in images]
    for image, found in zip(images, computed("draw_digit", many), strict=True):
        with torch.no_grad():
            want = net().stages(torch.tensor(image, dtype=torch.float32)[None, None])
        assert [stage["name"] for stage in found["stages"]] == list(want)
        for stage, maps in zip(found["stages"], want.values(), strict=True):
            assert stage["shape"] == list(maps.shape[1:])
            assert np.allclose(stage["values"], maps.flatten(), rtol=0, atol=1e-5)
        assert np.allclose(found["probabilities"], want["logits"].softmax(-1)[0], rtol=0, atol=1e-5)
        stages, probabilities = answered(net(), image)
        assert list(stages) == ["conv 1", "conv 2"]
        assert all(torch.allclose(stages[name], want[name][0], atol=1e-6) for name in stages)
        assert torch.allclose(probabilities, want["logits"].softmax(-1)[0], atol=1e-6)


def test_other_networks_run_as_well() -> None:
    """Strides, padding, uneven kernels and sides, no bias, hidden layers, and no convolution at all."""
    torch_state = torch.random.get_rng_state()
    torch.manual_seed(0)
    models = [
        nn.Sequential(
            nn.Conv2d(1, 3, (3, 5), stride=2, padding=1, bias=False),
            nn.MaxPool2d(3, 2),
            nn.ReLU(),
            nn.Conv2d(3, 4, 2),
            nn.Flatten(),
            nn.Linear(4 * 5 * 5, 12),
            nn.ReLU(),
            nn.Linear(12, 10),
        ),
        nn.Sequential(nn.Flatten(), nn.Linear(784, 10)),
    ]
    torch.random.set_rng_state(torch_state)
    names = [["conv 1", "pool 1", "conv 2", "logits"], ["logits"]]
    for model, expected in zip(models, names, strict=True):
        image = blob(9)
        given_ = {"layers": layers_of(model), "image": image.flatten().tolist(), "size": 28}
        (found,) = computed("draw_digit", [given_])
        x = torch.tensor(image, dtype=torch.float32)[None, None]
        assert [stage["name"] for stage in found["stages"]] == expected
        assert np.allclose(found["probabilities"], model(x).softmax(-1)[0].detach(), rtol=0, atol=1e-5)
        assert "The network" in draw_digit(model).picture.alt


def test_the_weights_on_the_page_are_the_network_s_in_32_bits() -> None:
    first = layers_of(net())[0]
    raw = np.frombuffer(base64.b64decode(first["weight"]), dtype="<f4")
    assert np.array_equal(raw, net().get_parameter("convolutions.0.weight").detach().flatten().numpy())


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (nn.LSTM(28, 4), "this is a LSTM"),
        (nn.Sequential(), "this is a Sequential"),
        (nn.Sequential(nn.Flatten(), nn.Linear(784, 200)), "carry 100,000 weights; this network has 157,000"),
        (nn.Sequential(nn.Flatten(), nn.Linear(784, 10), nn.Tanh()), r"cannot run Tanh\(\)"),
        (nn.Sequential(nn.Conv2d(1, 2, 3, padding="same"), nn.Flatten(), nn.Linear(1568, 10)), "cannot run Conv2d"),
        (nn.Sequential(nn.MaxPool2d(2, padding=1), nn.Flatten(), nn.Linear(225, 10)), "cannot run MaxPool2d"),
        (nn.Sequential(nn.Flatten(), nn.Linear(784, 9)), "give 10 scores"),
        (DigitNet(in_channels=3), "one grey picture of 28 × 28"),
        (DigitNet(size=32), "one grey picture of 28 × 28"),
    ],
)
def test_a_network_that_the_browser_cannot_run_is_refused(model: nn.Module, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        draw_digit(model)


@pytest.mark.parametrize("start", [10, -1, "3", True, 2.5])
def test_only_a_digit_can_stand_on_the_paper_at_first(start: Any) -> None:
    with pytest.raises(CourseError, match="start is a digit from 0 to 9"):
        draw_digit(net(), start)


def test_title_and_verdict_of_a_digit_are_one_sentence() -> None:
    probabilities = torch.tensor(
        [
            [0.9, 0.07, 0.03, 0, 0, 0, 0, 0, 0, 0],
            [0.4, 0.35, 0.25, 0, 0, 0, 0, 0, 0, 0],
            [0.1] * 10,
            [0, 0, 0, 0, 0, 0, 0, 0.999, 0.001, 0],
        ]
    )
    cases = [(blob(1) * inked, p, label) for inked in (0, 1) for p in probabilities for label in (None, 0, 7)]
    given_ = [[image.flatten().tolist(), p.tolist(), label] for image, p, label in cases]
    code = "given.map(([image, p, label]) => verdict({ classes: [..." + '"0123456789"' + "] }, image, p, label))"
    said = evaluated("draw_digit", code, given_)
    assert said == [digit_finding(*case) + "." for case in cases]
    empty = "The paper is empty: there is nothing to name. The network still says 0 (0.90): it has no answer"
    assert said[0].startswith(empty)
    assert said[12:15] == [
        "The network says 0 (0.90). Its second guess is 1 (0.07).",
        "The network says 0 (0.90), which is right. Its second guess is 1 (0.07).",
        "The network says 0 (0.90); the digit is 7. Its second guess is 1 (0.07).",
    ]
    assert said[15:18] == [
        "The network is not sure: 0 (0.40) or 1 (0.35).",
        "The network is not sure: 0 (0.40) or 1 (0.35); the first is right.",
        "The network is not sure: 0 (0.40) or 1 (0.35); the first is wrong, it is 7.",
    ]
    assert said[-1] == "The network says 7 (1.00), which is right."


def drawn(expression: str, given_: Any = None) -> np.ndarray:
    return np.array(evaluated("draw_digit", expression, given_)).reshape(-1, 28, 28)


def test_a_stroke_inks_what_is_near_it_and_never_takes_ink_away() -> None:
    code = "[stroke(given, 28, [5, 10], [20, 10])].flatMap((a) => [a, stroke(a, 28, [5, 10], [5, 10])])"
    line, again = drawn(code, [0] * 784)
    assert line[9:11, 5:20].min() == 1  # row 10 is the edge between the two
    assert line[:8].max() == line[12:].max() == 0
    assert (again >= line).all()
    (point,) = drawn("[stroke(Array(784).fill(0), 28, [14.5, 3.5], [14.5, 3.5])]")
    assert point[3, 14] == 1
    assert np.allclose(point[2:5, 13:16], point[2:5, 13:16].T)
    assert point.sum() < 10


@examples(2)
@given(st.lists(st.integers(0, 10_000), min_size=10, max_size=20, unique=True))
def test_centred_moves_the_mass_to_the_middle_by_whole_pixels_and_loses_nothing(seeds: list[int]) -> None:
    generator = np.random.default_rng(seeds[0])
    images = np.zeros((len(seeds), 28, 28))
    for image in images:
        left, top = generator.integers(0, 20, 2)
        image[top : top + 8, left : left + 8] = generator.random((8, 8))
    found = drawn("given.map((image) => centred(image, 28))", images.reshape(-1, 784).tolist())
    places = np.arange(28)
    for image, moved in zip(images, found, strict=True):
        assert sorted(moved[moved > 0]) == sorted(image[image > 0])
        for axis in (0, 1):
            assert abs((moved.sum(1 - axis) * places).sum() / moved.sum() - 14) <= 0.5 + 1e-9


def test_a_digit_of_mnist_is_centred_already() -> None:
    images = digit_module._samples()
    assert np.allclose(drawn("given.map((image) => centred(image, 28))", images.reshape(-1, 784).tolist()), images)


def photograph(image: np.ndarray, factor: int, paper: int, ink: int, margin: tuple[int, int]) -> dict[str, Any]:
    """A digit, enlarged, off the middle of a page."""
    large = np.kron(image, np.ones((factor, factor)))
    page = np.pad(large, ((margin[0], 5), (margin[1], 40)))
    gray = paper + (ink - paper) * page
    return {"gray": gray.flatten().tolist(), "width": page.shape[1], "height": page.shape[0]}


@pytest.mark.parametrize(("paper", "ink"), [(250, 10), (180, 60), (0, 255), (40, 200)])
def test_a_photograph_becomes_a_picture_like_those_of_mnist(paper: int, ink: int) -> None:
    """Dark ink on bright paper or bright on dark, large and off the middle: nearly the digit that it was made from."""
    image = digit_module._samples()[4]
    given_ = photograph(image, 5, paper, ink, (60, 7))
    (found,) = drawn("[fromPhoto(given.gray, given.width, given.height, 28)]", given_)
    assert 0 <= found.min() <= found.max() == 1
    assert np.corrcoef(found.flatten(), image.flatten())[0, 1] > 0.9
    rows, columns = np.nonzero(found > 0.3)
    assert 18 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 21


def test_a_photograph_of_nothing_holds_no_ink() -> None:
    shades = (200 + 10 * np.sin(np.arange(900) / 40)).tolist()
    assert evaluated("draw_digit", "fromPhoto(given, 30, 30, 28)", shades) is None
    assert evaluated("draw_digit", "fromPhoto([128], 1, 1, 28)", None) is None


def test_the_samples_are_the_digits_they_are_called() -> None:
    """Of MNIST, and none that the course's network was trained on."""
    from course_utils.data.pictures import digit_pictures

    parts = digit_pictures(seed=0)
    for digit, image in enumerate(digit_module._samples()):
        same = {name: labels[(images[:, 0] == image).all((1, 2))] for name, (images, labels) in parts.items()}
        assert same["test"].tolist() == [digit]
        assert len(same["train"]) == len(same["valid"]) == 0


def test_an_empty_paper_has_its_own_sentence_and_picture() -> None:
    widget = draw_digit(net(), None)
    assert widget.params["start"] is None
    assert widget.picture.alt.startswith("The paper is empty: there is nothing to name.")
    assert "Beside an empty paper" in widget.picture.alt


def test_the_trained_network_comes_by_itself() -> None:
    widget = draw_digit()
    assert "The network says 3" in widget.picture.alt
    assert len(json.dumps(widget.params)) < 120_000


def test_the_output_has_a_live_view_a_picture_and_a_twin_that_asks_no_server() -> None:
    twin_of(draw_digit(net()))
