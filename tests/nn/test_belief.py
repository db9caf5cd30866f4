"""The classifier on top of a stack of machines: what it begins with."""

from __future__ import annotations

import torch

from course_utils.nn.belief import Standardised, classifier
from course_utils.nn.boltzmann import Boltzmann
from course_utils.training.told import seeds_of, start_of


def test_it_begins_with_the_machines_probabilities_and_an_answer_for_none() -> None:
    generator = torch.Generator().manual_seed(0)
    machines = [Boltzmann(visible, hidden, generator).double() for visible, hidden in ((6, 5), (5, 3))]
    for machine in machines:
        machine.hidden_bias.data = torch.randn(machine.hidden_bias.shape, generator=generator, dtype=torch.float64)
    x = torch.rand(20, 6, generator=generator, dtype=torch.float64)
    model = classifier(machines, x, 4)
    assert torch.allclose(model[:-2](x), machines[1].hidden(machines[0].hidden(x)))
    assert model(x).shape == (20, 4)
    assert not model(x).any()


def test_its_weights_are_copies() -> None:
    machine = Boltzmann(3, 2).double()
    before = machine.weight.detach().clone()
    model = classifier([machine], torch.rand(5, 3, dtype=torch.float64), 2)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1)
    assert torch.equal(machine.weight, before)


def test_standardised_features_have_mean_0_and_together_spread_1_and_constant_ones_stay_finite() -> None:
    generator = torch.Generator().manual_seed(0)
    features = torch.cat([torch.randn(50, 2, generator=generator), torch.ones(50, 1)], 1).double()
    features[:, 1] *= 0.01  # a feature that hardly changes stays quiet
    out = Standardised(features)(features)
    assert torch.allclose(out.mean(0), torch.zeros(3).double(), atol=1e-9)
    assert abs(out.square().mean().item() - 1) < 1e-9
    ratio = features.std(0)[1] / features.std(0)[0]
    assert torch.allclose(out.std(0)[1] / out.std(0)[0], ratio)
    assert out[:, 2].abs().max() < 1e-9
    assert not Standardised(torch.ones(5, 2))(torch.ones(5, 2)).any()


def test_it_tells_where_it_begins() -> None:
    machine = Boltzmann(3, 2, torch.Generator().manual_seed(7)).double()
    assert start_of(machine) == "weights normal with a spread of 0.01, biases 0"
    assert seeds_of(machine) == "7 (weights)"
    model = classifier([machine], torch.rand(5, 3, dtype=torch.float64), 2)
    assert start_of(model) == "weights and hidden biases of the machines, a read-out of zeros"
