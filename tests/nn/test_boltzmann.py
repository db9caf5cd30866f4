"""Restricted Boltzmann machines: brute force, exact gradients, and sampling that is stationary."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.nn.boltzmann import (
    Boltzmann,
    after_gibbs,
    all_states,
    contrastive_loss,
    drawn,
    log_likelihood,
    log_partition,
    state_probabilities,
)

SHAPES = [(3, 2), (2, 4), (1, 1), (5, 3)]


def machine_of(visible: int, hidden: int, seed: int = 0, size: float = 1.0) -> Boltzmann:
    """One with large weights and biases, in 64 bits."""
    generator = torch.Generator().manual_seed(seed)
    machine = Boltzmann(visible, hidden, generator).double()
    for parameter in machine.parameters():
        parameter.data = size * torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
    return machine


def gradients(loss: torch.Tensor, machine: Boltzmann) -> list[torch.Tensor]:
    """Of weights, visible and hidden biases."""
    return list(torch.autograd.grad(loss, [machine.weight, machine.visible_bias, machine.hidden_bias]))


def pairs(machine: Boltzmann) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """All visible states, all hidden states, and exp(−E) of each pair."""
    hidden, visible = machine.weight.shape
    v, h = all_states(visible).double(), all_states(hidden).double()
    energies = machine.energy(v[:, None].expand(-1, len(h), -1), h.expand(len(v), -1, -1))
    return v, h, (-energies).exp()


@pytest.mark.parametrize(("visible", "hidden"), SHAPES)
def test_energies_are_the_formula(visible: int, hidden: int) -> None:
    machine = machine_of(visible, hidden)
    v, h = all_states(visible)[-1].double(), all_states(hidden)[-1].double()  # all ones
    expected = -sum(parameter.sum().item() for parameter in machine.parameters())
    assert machine.energy(v, h).item() == pytest.approx(expected)
    assert machine.energy(0 * v, 0 * h) == 0
    assert machine.energy(v.expand(4, 2, -1), h.expand(4, 2, -1)).shape == (4, 2)


@pytest.mark.parametrize(("visible", "hidden"), SHAPES)
def test_free_energy_partition_and_likelihood_equal_the_sums_over_all_pairs(visible: int, hidden: int) -> None:
    machine = machine_of(visible, hidden)
    v, _, weights = pairs(machine)
    assert torch.allclose(machine.free_energy(v), -weights.sum(1).log())
    assert torch.isclose(log_partition(machine), weights.sum().log())
    assert torch.allclose(log_likelihood(machine, v).exp(), weights.sum(1) / weights.sum())


@pytest.mark.parametrize(("visible", "hidden"), SHAPES)
def test_conditional_probabilities_equal_those_of_the_pairs(visible: int, hidden: int) -> None:
    machine = machine_of(visible, hidden)
    v, h, weights = pairs(machine)
    given_v, given_h = weights / weights.sum(1, keepdim=True), weights / weights.sum(0)
    assert torch.allclose(machine.hidden(v), given_v @ h)
    assert torch.allclose(machine.visible(h), given_h.T @ v)


@settings(max_examples=20)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 99))
def test_the_exact_gradient_is_that_of_data_less_that_of_the_machine(visible: int, hidden: int, seed: int) -> None:
    machine = machine_of(visible, hidden, seed)
    data = all_states(visible).double()[:2]
    found = gradients(-log_likelihood(machine, data).mean(), machine)
    v, _, weights = pairs(machine)
    own = weights.sum(1) / weights.sum()

    def moments(states: torch.Tensor, shares: torch.Tensor) -> list[torch.Tensor]:
        on = machine.hidden(states)
        return [(shares[:, None] * on).T @ states, shares @ states, shares @ on]

    even = torch.full((len(data),), 1 / len(data), dtype=torch.float64)
    expected = [theirs - ours for theirs, ours in zip(moments(v, own), moments(data, even), strict=True)]
    assert all(torch.allclose(one, other) for one, other in zip(found, expected, strict=True))


def test_the_contrastive_gradient_is_exact_where_the_chains_are_the_machines_own_distribution() -> None:
    machine = machine_of(3, 2)
    v, _, weights = pairs(machine)
    data = v[[1, 6, 6]]
    exact = gradients(-log_likelihood(machine, data).mean(), machine)
    counts = (3_000_000 * weights.sum(1) / weights.sum()).round().long()  # as many chains in each state as it has
    found = gradients(contrastive_loss(machine, data, v.repeat_interleave(counts, dim=0)), machine)
    assert all(torch.allclose(one, other, atol=1e-5) for one, other in zip(found, exact, strict=True))


def test_contrastive_divergence_after_no_steps_has_no_gradient() -> None:
    machine = machine_of(3, 2)
    data = all_states(3).double()
    found = gradients(contrastive_loss(machine, data, machine.gibbs(data, 0)), machine)
    assert all(not gradient.any() for gradient in found)


def test_gibbs_sampling_ends_in_the_machines_own_distribution() -> None:
    machine = machine_of(3, 2)
    v, _, weights = pairs(machine)
    own = weights.sum(1) / weights.sum()
    ends = machine.gibbs(torch.zeros(40_000, 3, dtype=torch.float64), 30, torch.Generator().manual_seed(0))
    shares = torch.bincount((ends @ torch.tensor([4.0, 2.0, 1.0]).double()).long(), minlength=8) / len(ends)
    assert len(v) == 8
    assert (shares - own).abs().max() < 5 * math.sqrt(0.25 / len(ends))


def test_drawn_numbers_have_their_probabilities_and_the_generator_alone_decides() -> None:
    chances = torch.tensor([0.0, 0.2, 1.0]).expand(20_000, 3)
    first, again = (drawn(chances, torch.Generator().manual_seed(4)) for _ in range(2))
    assert torch.equal(first, again)
    assert set(first.unique().tolist()) == {0.0, 1.0}
    assert torch.allclose(first.mean(0), chances[0], atol=0.015)


def test_the_larger_layer_may_be_as_large_as_it_likes() -> None:
    machine = machine_of(40, 3, size=0.1)
    mirrored = machine_of(3, 40, size=0.1)
    mirrored.weight.data = machine.weight.T
    mirrored.visible_bias.data, mirrored.hidden_bias.data = machine.hidden_bias.data, machine.visible_bias.data
    assert torch.isclose(log_partition(machine), log_partition(mirrored))
    with pytest.raises(CourseError, match="21 units"):
        log_partition(Boltzmann(30, 21))


@pytest.mark.parametrize(("visible", "hidden"), [(0, 1), (1, 0), (2.5, 1), (True, 1)])
def test_layers_without_units_are_refused(visible: int, hidden: int) -> None:
    with pytest.raises(CourseError, match=r"visible|hidden"):
        Boltzmann(visible, hidden)


@pytest.mark.parametrize("shape", SHAPES)
def test_state_probabilities_are_those_of_all_pairs(shape: tuple[int, int]) -> None:
    machine = machine_of(*shape)
    _, _, weights = pairs(machine)
    expected = weights.sum(tuple(range(1, weights.dim()))) / weights.sum()
    assert torch.allclose(state_probabilities(machine), expected)


def test_chains_followed_state_by_state_are_those_that_are_drawn() -> None:
    machine = machine_of(3, 2, seed=1)
    start = torch.zeros(8, dtype=torch.float64)
    start[5] = 1  # 1 0 1
    assert torch.equal(after_gibbs(machine, start, 0), start)
    generator = torch.Generator().manual_seed(0)
    begun = torch.tensor([1.0, 0.0, 1.0], dtype=torch.float64).repeat(40_000, 1)
    for steps in (1, 3):
        ends = machine.gibbs(begun, steps, generator) @ torch.tensor([4.0, 2.0, 1.0], dtype=torch.float64)
        found = torch.bincount(ends.long(), minlength=8) / 40_000
        assert (found - after_gibbs(machine, start, steps)).abs().max() < 0.015


def test_chains_end_at_the_distribution_of_the_machine_and_stay_there() -> None:
    machine = machine_of(4, 3)
    own = state_probabilities(machine).detach()
    assert torch.allclose(after_gibbs(machine, own, 1), own)
    start = torch.full((16,), 1 / 16, dtype=torch.float64)
    assert torch.allclose(after_gibbs(machine, start, 500), own)


def test_chains_of_a_large_machine_are_not_followed() -> None:
    with pytest.raises(CourseError, match="larger layer"):
        after_gibbs(Boltzmann(13, 2), torch.ones(2**13), 1)


def test_units_that_are_sure_make_no_gap_in_the_chances() -> None:
    machine = Boltzmann(2, 1).double()
    with torch.no_grad():
        machine.weight.fill_(1e4)
        machine.visible_bias.copy_(torch.tensor([-1e4, 0.0]))
        machine.hidden_bias.fill_(-5e3)
    start = torch.tensor([1.0, 0.0, 0.0, 0.0], dtype=torch.float64)
    assert torch.allclose(after_gibbs(machine, start, 1), torch.tensor([0.5, 0.5, 0.0, 0.0], dtype=torch.float64))
