"""The boundary explorer: its numbers are torch's, its sentences hold."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from course_utils.errors import CourseError
from course_utils.widgets.boundary_explorer import ACTIVATIONS, RATES, boundary_explorer, first_weights, trained
from course_utils.widgets.boundary_explorer import finding as boundary_finding
from tests.layers import gradient
from tests.strategies import examples
from tests.widgets.in_node import computed, evaluated
from tests.widgets.twins import twin_of


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
        for name in ("loss", "valid_loss"):
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
    run = {"step": 1, "right": 10, "of": 10, "valid_right": 70, "valid_of": 100, "valid_second": 40}
    cases = [run, {**run, "step": 0}, {**run, "valid_second": 0}, {**run, "step": 0, "valid_second": 100}]
    cases.append({**run, "right": 7, "step": 1500})
    assert evaluated("boundary_explorer", "given[1].map((run) => verdict(given[0], run))", [about, cases]) == [
        "After 1 step the network names 10 of its 10 training dogs and 70 of 100 validation dogs correctly: it knows "
        "its own better than new ones.",
        "Untrained, the network names 10 of its 10 training dogs and 70 of 100 validation dogs correctly.",
        "After 1 step the network calls every one of the validation dogs “Shepherd”.",
        "Untrained, the network calls every one of the validation dogs “Labrador”.",
        "After 1,500 steps the network names 7 of its 10 training dogs and 70 of 100 validation dogs correctly.",
    ]


def test_half_of_each_class_judges_and_a_few_training_points_hold_both() -> None:
    x, names = cloud(120)
    params = boundary_explorer(x, names).params
    for part in ("train", "valid"):
        assert sum(params[part]["y"]) == 30
    assert 4 <= sum(params["train"]["y"][:10]) <= 6
    rows = [tuple(row) for part in ("train", "valid") for row in params[part]["x"]]
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
    assert len(params["valid"]["y"]) == params["training"] == 300
    assert "After 300 steps the network names" in widget.picture.alt
    assert len(json.dumps(params)) < 20_000


def test_the_output_has_a_live_view_a_picture_and_a_twin_that_asks_no_server() -> None:
    twin_of(boundary_explorer(*cloud()))
