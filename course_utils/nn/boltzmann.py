"""Restricted Boltzmann machines: energies, Gibbs sampling, and gradients, exact for small ones, else contrastive.

V visible and H hidden units are 0 or 1. E(v, h) = −a·v − b·h − hᵀWv, and a pair's probability is exp(−E) / Z.

Sources: Smolensky 1986 (Harmony theory); Hinton 2002, doi:10.1162/089976602760128018 (contrastive divergence);
Tieleman 2008, doi:10.1145/1390156.1390290 (persistent chains).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from course_utils.checks import check_whole
from course_utils.errors import CourseError
from course_utils.training.told import mark_start

MOST_SUMMED = 20  # units of the smaller layer, whose 2 ** 20 states are summed one by one
FIRST_WEIGHT = 0.01  # standard deviation of the first weights
NEVER = -1e4  # the logarithm of a probability that is 0 in 64 bits
MOST_STEPPED = 12  # units of a layer whose chains are followed state by state


class Boltzmann(nn.Module):
    """A restricted Boltzmann machine.

    Attributes:
        weight: W, (H, V).
        visible_bias: a, (V,).
        hidden_bias: b, (H,).

    Args:
        visible: V.
        hidden: H.
        generator: of the first weights, normal with a standard deviation of 0.01; biases begin at 0.

    Raises:
        CourseError: a layer without units.
    """

    def __init__(self, visible: int, hidden: int, generator: torch.Generator | None = None) -> None:
        super().__init__()
        shape = (check_whole("hidden", hidden, 1), check_whole("visible", visible, 1))
        self.weight = nn.Parameter(FIRST_WEIGHT * torch.randn(shape, generator=generator))
        self.visible_bias = nn.Parameter(torch.zeros(visible))
        self.hidden_bias = nn.Parameter(torch.zeros(hidden))
        seed = None if generator is None else generator.initial_seed()
        mark_start(self, f"weights normal with a spread of {FIRST_WEIGHT:g}, biases 0", seed=seed)

    def hidden(self, v: Tensor) -> Tensor:
        """The probability of each hidden unit to be 1: (…, V) → (…, H)."""
        return torch.sigmoid(functional.linear(v, self.weight, self.hidden_bias))

    def visible(self, h: Tensor) -> Tensor:
        """The probability of each visible unit to be 1: (…, H) → (…, V)."""
        return torch.sigmoid(functional.linear(h, self.weight.T, self.visible_bias))

    def energy(self, v: Tensor, h: Tensor) -> Tensor:
        """E(v, h): (…, V) and (…, H) → (…)."""
        return -(v @ self.visible_bias) - h @ self.hidden_bias - (functional.linear(v, self.weight) * h).sum(-1)

    def free_energy(self, v: Tensor) -> Tensor:
        """F(v) = −log Σ_h exp(−E(v, h)): (…, V) → (…)."""
        inputs = functional.linear(v, self.weight, self.hidden_bias)
        return -(v @ self.visible_bias) - functional.softplus(inputs).sum(-1)

    @torch.no_grad()
    def gibbs(self, v: Tensor, steps: int, generator: torch.Generator | None = None) -> Tensor:
        """Visible states after steps of Gibbs sampling: all hidden units, then all visible ones, each step.

        Args:
            v: (…, V) the states before.
            steps: how many, 0 or more.
            generator: of the random numbers.

        Returns:
            (…, V) zeros and ones; v itself after 0 steps.
        """
        for _ in range(check_whole("steps", steps, 0)):
            v = drawn(self.visible(drawn(self.hidden(v), generator)), generator)
        return v


def drawn(probabilities: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Zeros and ones, each 1 with its probability; of the shape and kind of the probabilities."""
    return torch.bernoulli(probabilities, generator=generator)


def contrastive_loss(machine: Boltzmann, v: Tensor, chains: Tensor) -> Tensor:
    """Mean free energy of data less that of chains: its gradient is that of contrastive divergence.

    Where the chains were drawn from the machine itself, it is on average the gradient of the mean minus log likelihood.
    The number itself says little: it is near 0 all the time.

    Args:
        machine: whose gradient is wanted.
        v: (N, V) the data.
        chains: (M, V) states that Gibbs sampling came to, from the data (CD-k) or from earlier chains (persistent).
    """
    return machine.free_energy(v).mean() - machine.free_energy(chains.detach()).mean()


def log_partition(machine: Boltzmann) -> Tensor:
    """log Z, summed over all states of the smaller layer; the other layer is summed in closed form.

    Raises:
        CourseError: both layers have more than 20 units.
    """
    W: Tensor = machine.weight
    a: Tensor = machine.visible_bias
    b: Tensor = machine.hidden_bias
    if W.shape[0] > W.shape[1]:
        W, a, b = W.T, b, a
    units = W.shape[0]
    if units > MOST_SUMMED:
        raise CourseError(
            f"The smaller layer has {units} units, and so 2 ** {units} states. Expected: {MOST_SUMMED} units at most."
        )
    states = all_states(units).to(W)
    return (states @ b + functional.softplus(functional.linear(states, W.T, a)).sum(-1)).logsumexp(0)


def log_likelihood(machine: Boltzmann, v: Tensor) -> Tensor:
    """log p(v) = −F(v) − log Z of each row: (…, V) → (…); autograd gives the exact gradient.

    Raises:
        CourseError: as in `log_partition`.
    """
    return -machine.free_energy(v) - log_partition(machine)


def all_states(units: int) -> Tensor:
    """All 2 ** units rows of zeros and ones, in the order of binary numbers: (2 ** units, units).

    Raises:
        CourseError: more than 20 units, or fewer than one.
    """
    units = check_whole("units", units, 1, MOST_SUMMED)
    numbers = torch.arange(2**units)
    return (numbers[:, None] >> torch.arange(units - 1, -1, -1) & 1).float()


def state_probabilities(machine: Boltzmann) -> Tensor:
    """The probability of each visible state, in the order of `all_states`: (2 ** V,); autograd passes through it.

    Raises:
        CourseError: more than 20 visible units, or both layers have more.
    """
    return log_likelihood(machine, all_states(len(machine.visible_bias)).to(machine.weight)).exp()


@torch.no_grad()
def after_gibbs(machine: Boltzmann, start: Tensor, steps: int) -> Tensor:
    """Where chains are after steps of Gibbs sampling, as probabilities: exact, nothing is drawn.

    Args:
        machine: with at most 12 units in each layer.
        start: (2 ** V,) the probability of each visible state before, in the order of `all_states`.
        steps: 0 or more.

    Returns:
        (2 ** V,)

    Raises:
        CourseError: a layer has more than 12 units.
    """
    hidden, visible = machine.weight.shape
    check_whole("units of the larger layer", max(hidden, visible), 1, MOST_STEPPED)
    v, h = (all_states(units).to(machine.weight) for units in (visible, hidden))
    up, down = _chances(machine.hidden(v), h), _chances(machine.visible(h), v)
    for _ in range(check_whole("steps", steps, 0)):
        start = start @ up @ down
    return start


def _chances(probabilities: Tensor, states: Tensor) -> Tensor:
    """The probability of each state (S, U) of independent units, for each row of theirs (N, U): (N, S)."""
    one, zero = probabilities.log().clamp(min=NEVER), (-probabilities).log1p().clamp(min=NEVER)  # 0 · log 0 is 0 here
    return (functional.linear(one, states) + functional.linear(zero, 1 - states)).exp()
