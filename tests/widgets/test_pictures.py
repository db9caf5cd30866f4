"""The widgets of the lessons on feedforward and picture networks: their numbers are torch's, their sentences hold."""

from __future__ import annotations

import base64
import json
import math
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
from course_utils.widgets.boundary_explorer import ACTIVATIONS, RATES, boundary_explorer, first_weights, trained
from course_utils.widgets.boundary_explorer import finding as boundary_finding
from course_utils.widgets.draw_digit import answered, draw_digit, layers_of
from course_utils.widgets.draw_digit import finding as digit_finding
from tests.layers import gradient
from tests.strategies import examples
from tests.widgets.test_unroll_stepper import computed, evaluated
from tests.widgets.twins import twin_of

# --- boundary explorer


def cloud(rows: int = 80, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two clouds that overlap, of different units: (rows, 2) points and their names."""
    generator = np.random.default_rng(seed)
    names = np.where(np.arange(rows) % 2 == 0, "long", "short")
    x = (
        generator.normal(size=(rows, 2)) * (3.0, 0.02)
        + (60, 0.5)
        + np.where(names == "long", 1.5, 0.0)[:, None] * (2, 0.01)
    )
    return x, names


def plain(**changed: Any) -> dict[str, Any]:
    """The params of a small explorer, changed."""
    return {**boundary_explorer(*cloud(), training=20, width=4).params, **changed}


networks = st.fixed_dictionaries(
    {
        "width": st.integers(1, 32),
        "depth": st.integers(0, 3),
        "activation": st.sampled_from(ACTIVATIONS),
        "lr": st.sampled_from(RATES),
        "training": st.sampled_from([10, 20, 40]),
        "seed": st.integers(0, 20),
        "steps": st.integers(0, 12),
    }
)


@examples(2)
@given(st.lists(networks, min_size=6, max_size=10))
def test_the_browser_trains_as_torch_does(many: list[dict[str, Any]]) -> None:
    """Losses and weights after some steps of Adam, from the same first weights."""
    many = [plain(**one) for one in many]
    for params, found in zip(many, computed("boundary_explorer", many), strict=True):
        want = trained(params, params["steps"])
        for name in ("loss", "test_loss"):
            assert math.isclose(found[name], getattr(want, name), rel_tol=1e-6, abs_tol=1e-9), name
        for layer, (W, b) in zip(found["weights"], want.weights, strict=True):
            assert np.allclose(layer["W"], W.detach().flatten(), rtol=0, atol=1e-6)
            assert np.allclose(layer["b"], b.detach(), rtol=0, atol=1e-6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_gradients_are_autograd_s_on_torch_s_own_layers(activation: str) -> None:
    params = plain(activation=activation, depth=2, width=5, steps=3)
    (found,) = computed("boundary_explorer", [params])
    bends = {"none": nn.Identity, "relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}
    linear = [nn.Linear(2, 5), nn.Linear(5, 5), nn.Linear(5, 2)]
    bend = bends[activation]
    model = nn.Sequential(linear[0], bend(), linear[1], bend(), linear[2]).double()
    with torch.no_grad():
        for layer, values in zip(linear, found["weights"], strict=True):
            layer.weight[:] = torch.tensor(values["W"], dtype=torch.float64).reshape(layer.weight.shape)
            layer.bias[:] = torch.tensor(values["b"], dtype=torch.float64)
    rows = torch.tensor(params["train"]["x"][:20], dtype=torch.float64)
    x = (rows - rows.mean(0)) / rows.std(0)
    loss = nn.functional.cross_entropy(model(x), torch.tensor(params["train"]["y"][:20]))
    loss.backward()
    assert math.isclose(found["loss"], loss.item(), rel_tol=1e-9)
    for layer, slopes in zip(linear, found["gradients"], strict=True):
        assert np.allclose(slopes["W"], gradient(layer.weight).flatten(), rtol=0, atol=1e-9)
        assert np.allclose(slopes["b"], gradient(layer.bias), rtol=0, atol=1e-9)


def test_200_steps_of_a_deep_network_still_agree_with_torch() -> None:
    params = plain(depth=2, width=8, activation="tanh", lr=0.01, steps=200)
    (found,) = computed("boundary_explorer", [params])
    want = trained(params, 200)
    assert math.isclose(found["loss"], want.loss, rel_tol=1e-4)
    for layer, (W, _) in zip(found["weights"], want.weights, strict=True):
        assert np.allclose(layer["W"], W.detach().flatten(), rtol=0, atol=1e-4)


def test_the_first_weights_follow_the_seed_and_stay_within_torch_s_bounds() -> None:
    start, again, other = (first_weights(plain(seed=seed, depth=2, width=16)) for seed in (1, 1, 2))
    assert all(torch.equal(W, V) for (W, _), (V, _) in zip(start, again, strict=True))
    assert not torch.equal(start[0][0], other[0][0])
    for W, b in start:
        assert max(W.abs().max(), b.abs().max()) <= W.shape[1] ** -0.5
        assert W.abs().max() > 0.7 * W.shape[1] ** -0.5


def test_without_an_activation_the_border_is_straight_and_with_one_it_can_bend() -> None:
    code = "given.map((p) => { const r = start(p); advance(r, p.lr, 60); return plane(r, [50, 70], [0.4, 0.6]); })"
    kinds = [plain(activation=name, depth=2, width=8, lr=0.03) for name in ("none", "relu")]
    flat, bent = (np.array(score) for score in evaluated("boundary_explorer", code, kinds))
    for score, is_flat in ((flat, True), (bent, False)):
        curvature = np.abs(np.diff(score, n=2, axis=0)).max() / np.abs(np.diff(score, axis=0)).max()
        assert bool(curvature < 1e-9) is is_flat


def test_the_border_runs_where_the_scores_are_equal() -> None:
    """On a score that is straight, every piece of the border and every change of class lies on the line."""
    code = (
        "(() => { const score = Array.from({ length: ROWS + 1 }, (_, j) => Array.from({ length: COLUMNS + 1 }, "
        "(_, i) => i - 20.25 + 0.5 * j)); return [border(score), score.map(runs)]; })()"
    )
    pieces, rows = evaluated("boundary_explorer", code, None)
    points = np.array(pieces).reshape(-1, 2)
    assert len(points) > 50
    assert np.allclose(points[:, 0] - 20.25 + 0.5 * points[:, 1], 0, atol=1e-9)
    for j, found in enumerate(rows):
        assert found[0][0] == 0
        assert found[-1][1] == 72
        changes = [end for _, end, _ in found[:-1]]
        assert np.allclose(changes, 20.25 - 0.5 * j if 20.25 - 0.5 * j > 0 else [], atol=1e-9)


@examples(2)
@given(st.lists(networks, min_size=4, max_size=8))
def test_title_and_verdict_of_the_boundary_are_one_sentence(many: list[dict[str, Any]]) -> None:
    many = [plain(**one) for one in many]
    said = evaluated("boundary_explorer", "given.map((p) => verdict(p, compute(p)))", many)
    assert said == [boundary_finding(p, trained(p, p["steps"])) + "." for p in many]


def test_what_the_boundary_explorer_says() -> None:
    about = {"classes": ["Shepherd", "Labrador"], "things": "dogs"}
    run = {"step": 1, "right": 10, "of": 10, "test_right": 70, "test_of": 100, "test_second": 40}
    cases = [run, {**run, "step": 0}, {**run, "test_second": 0}, {**run, "step": 0, "test_second": 100}]
    cases.append({**run, "right": 7, "step": 1500})
    assert evaluated("boundary_explorer", "given[1].map((run) => verdict(given[0], run))", [about, cases]) == [
        "After 1 step the network names 10 of its 10 training dogs and 70 of 100 test dogs correctly: it knows its own "
        "better than new ones.",
        "Untrained, the network names 10 of its 10 training dogs and 70 of 100 test dogs correctly.",
        "After 1 step the network calls every one of the test dogs “Shepherd”.",
        "Untrained, the network calls every one of the test dogs “Labrador”.",
        "After 1,500 steps the network names 7 of its 10 training dogs and 70 of 100 test dogs correctly.",
    ]


def test_half_of_each_class_judges_and_a_few_training_points_hold_both() -> None:
    x, names = cloud(120)
    params = boundary_explorer(x, names).params
    for part in ("train", "test"):
        assert sum(params[part]["y"]) == 30
    assert 4 <= sum(params["train"]["y"][:10]) <= 6
    rows = [tuple(row) for part in ("train", "test") for row in params[part]["x"]]
    assert len(set(rows)) == 120
    assert np.allclose(sorted(rows), sorted(map(tuple, x.tolist())), rtol=1e-5)


def test_arrays_lists_and_tensors_make_the_same_explorer_and_labels_may_be_numbers() -> None:
    x, names = cloud()
    numbers = (names == "short").astype(int)
    made = [boundary_explorer(x, numbers), boundary_explorer(x.tolist(), numbers.tolist())]
    made.append(boundary_explorer(torch.tensor(x), torch.tensor(numbers)))
    assert len({json.dumps(widget.params) for widget in made}) == 1
    assert made[0].params["letters"] == ["0", "1"]
    assert boundary_explorer(x, np.where(numbers, "aa", "ab")).params["letters"] == ["A", "B"]


def test_a_column_that_never_changes_can_be_trained_on() -> None:
    x, names = cloud()
    x[:, 1] = 7.0
    params = {**boundary_explorer(x, names).params, "steps": 5}
    (found,) = computed("boundary_explorer", [params])
    assert math.isclose(found["loss"], trained(params, 5).loss, rel_tol=1e-9)


X, NAMES = cloud()


@pytest.mark.parametrize(
    ("points", "labels", "changed", "says"),
    [
        (X[:, :1], NAMES, {}, r"points are a table \(N, 2\)"),
        (X[:10], NAMES[:10], {}, "with N from 40 to 2,000"),
        ([[1.0, 2.0], [1.0]], NAMES, {}, "not numbers, or rows differ"),
        (np.where(X > 60, np.nan, X), NAMES, {}, "missing or infinite"),
        (X, NAMES[:-1], {}, "labels name the class of each"),
        (X, np.full(80, "one"), {}, "between two classes"),
        (X, np.arange(80) % 3, {}, "between two classes"),
        (X, np.arange(80) > 78, {}, "at least 4 points each"),
        (X, NAMES, {"columns": ["one"]}, "not two names"),
        (X, NAMES, {"activation": "gelu"}, "no activation 'gelu'"),
        (X, NAMES, {"lr": 0.5}, "no learning rate 0.5"),
        (X, NAMES, {"width": 33}, "width is a whole number from 1 to 32"),
        (X, NAMES, {"depth": -1}, "depth is a whole number from 0 to 3"),
        (X, NAMES, {"training": 50}, "training is a whole number from 10 to 40"),
        (X, NAMES, {"seed": 0.5}, "seed is a whole number from 0 to 20"),
    ],
)
def test_points_and_settings_that_do_not_fit_are_refused(points: Any, labels: Any, changed: Any, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        boundary_explorer(points, labels, **changed)


def test_the_dogs_come_by_themselves_with_the_ceiling_of_those_that_judge() -> None:
    pytest.importorskip("course_utils.data.dogs")
    widget = boundary_explorer()
    params = widget.params
    assert params["classes"] == ["German Shepherd", "Labrador Retriever"]
    assert params["letters"] == ["G", "L"]
    assert 0.5 < params["ceiling"] < 1
    assert len(params["test"]["y"]) == params["training"] == 300
    assert "After 300 steps the network names" in widget.picture.alt
    assert len(json.dumps(params)) < 20_000


# --- draw a digit


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


# --- both


@pytest.mark.parametrize("name", ["boundary_explorer", "draw_digit"])
def test_the_output_has_a_live_view_a_picture_and_a_twin_that_asks_no_server(name: str) -> None:
    twin_of(boundary_explorer(*cloud()) if name == "boundary_explorer" else draw_digit(net()))
