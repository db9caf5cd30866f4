"""Probes of layers: held to what can be derived, never to who wins."""

from __future__ import annotations

import pytest
import torch
from sklearn.linear_model import LogisticRegression

from course_utils.errors import CourseError
from course_utils.experiments.foundations import layer_probes
from course_utils.experiments.framework.registry import experiment
from course_utils.nn.picture_nets import DigitNet
from tests.experiments.small_runs import small_rows, small_settings


def test_an_experiment_leaves_the_random_state_as_it_was() -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    layer_probes.measure(0, **small_settings("probes", labels=[100]))
    assert torch.equal(torch.rand(1), expected)


def test_no_digit_does_two_things() -> None:
    parts = layer_probes.divided(3)
    assert {part: len(y) for part, (_, y) in parts.items()} == {n: 10 * k for n, k in layer_probes.PARTS.items()}
    rows = torch.cat([x.flatten(1) for x, _ in parts.values()])
    images = layer_probes._digits()[0].flatten(1)
    assert torch.equal(rows.sum(1).sort().values, images.sum(1).sort().values)  # each of the 5,000 once
    _, y = parts["probes"]
    assert y[:30].bincount().tolist() == [3] * 10  # the first n hold as many of each
    assert not torch.equal(layer_probes.divided(4)["test"][0], parts["test"][0])


def test_rows_name_every_layer_and_how_many_numbers_it_has() -> None:
    found = small_rows("probes", seeds=1)
    model = DigitNet(experiment("probes").quick["channels"])
    sizes = {layer: x.shape[1] for layer, x in layer_probes.layers_of(model, torch.zeros(2, 1, 28, 28)).items()}
    sizes["pixels"] = 784
    assert found.groupby("layer")["dimensions"].unique().explode().to_dict() == sizes
    assert len(found) == 2 * (1 + 2 * (len(sizes) - 1))  # numbers of labels, pixels and two networks
    assert set(found["C"]) <= set(layer_probes.STRENGTHS)
    assert found["accuracy"].between(0, 1).all()


def noisy(count: int, dimensions: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Three classes around three corners, in many dimensions."""
    generator = torch.Generator().manual_seed(seed)
    y = torch.arange(count) % 3
    x = torch.randn(count, dimensions, generator=generator)
    x[:, :3] += 1.5 * torch.eye(3)[y]
    return x, y


def test_a_probe_gives_what_logistic_regression_gives_on_the_features_themselves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its turn to principal directions changes no answer, with more dimensions than examples and with fewer."""
    monkeypatch.setattr(layer_probes, "STRENGTHS", (10.0,))
    for dimensions in (5, 200):
        learn, choose, judge = (noisy(count, dimensions, seed) for seed, count in enumerate((60, 30, 300)))
        found = layer_probes.probe(learn, choose, judge)
        mean = learn[0].mean(0)
        length = (learn[0] - mean).norm(dim=1).mean()
        model = LogisticRegression(C=10.0, max_iter=5000).fit((learn[0] - mean) / length, learn[1])
        expected = model.score((judge[0] - mean) / length, judge[1])
        assert found["accuracy"] == pytest.approx(expected, abs=0.011)
        assert found["dimensions"] == dimensions


def test_a_probe_that_sees_noise_is_at_chance_and_one_that_sees_the_answer_is_right() -> None:
    generator = torch.Generator().manual_seed(0)
    parts = [(torch.randn(n, 6, generator=generator), torch.arange(n) % 2) for n in (200, 200, 4000)]
    assert layer_probes.probe(*parts)["accuracy"] == pytest.approx(0.5, abs=0.04)  # five standard errors
    told = [(torch.eye(2)[y], y) for _, y in parts]
    assert layer_probes.probe(*told)["accuracy"] == 1
    with pytest.raises(CourseError, match="features that differ"):
        layer_probes.probe(*((torch.ones(n, 3), torch.arange(n) % 2) for n in (10, 10, 10)))
