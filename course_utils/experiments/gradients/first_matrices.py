"""What the matrix of an untrained RNN takes of a gradient, what its direction and tanh take, and what others keep."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from course_utils.display.settings import Settings, untrained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.gradients.gradient_flow import (
    along,
    left_at,
    log10,
    state_gradients,
    step_of,
    with_matrix,
    zero_state,
)
from course_utils.experiments.long_memory.starting_points import started
from course_utils.experiments.tasks.adding import Adding
from course_utils.nn.gradients import scaled_to_radius, spectral_radius, worst_growth


def first_matrices(own: Tensor) -> dict[str, Tensor]:
    """Three matrices to begin with: one scaled to the spectral radius 1, an orthogonal one, and the identity.

    Args:
        own: (H, H) a random matrix, which the first two are made of.
    """
    return {
        "random": scaled_to_radius(own, 1.0),
        "orthogonal": torch.linalg.qr(own).Q,
        "identity": torch.eye(len(own), dtype=own.dtype),
    }


def measure(seed: int, *, lag: int, hidden_size: int, sizes: dict[str, float]) -> list[Row]:
    """What is left of a gradient with three first matrices, all else being equal: torch's own input weights, no biases.

    Args:
        seed: of weights and data.
        lag: in steps.
        hidden_size: H.
        sizes: for each kind of inputs the factor that those of the adding problem are multiplied by.

    Returns:
        A row for each kind of inputs and matrix: `log10_left`, as in `gradient_flow`.
    """
    network = started("tanh, torch's own", hidden_size, seed).core.double()
    x = Adding(lag).held_out(16, seed).x.double()
    rows = []
    for inputs, size in sizes.items():
        for name, W in first_matrices(network.get_parameter("weight_hh_l0").detach()).items():
            core = with_matrix(network, W)
            gradient = state_gradients(step_of(core), size * x, zero_state(core, len(x)), along(core))
            rows += [{"matrix": name, "inputs": inputs, **left_at(gradient, [lag])[0]}]
    return rows


def measure_losses(seed: int, *, lag: int, hidden_size: int) -> list[Row]:
    """What an untrained RNN with torch's own weights leaves of a gradient, and what its parts alone would leave.

    Args:
        seed: of weights and data.
        lag: in steps.
        hidden_size: H.

    Returns:
        A row of logarithms to the base of ten: `radius` (the spectral radius to the power of the lag), `matrix` (the
        largest stretch of the power of W), `direction` (what the power of W alone leaves of the gradient of the sum of
        the units) and `network` (what the network leaves of it, with tanh).
    """
    core = started("tanh, torch's own", hidden_size, seed).core.double()
    x = Adding(lag).held_out(16, seed).x.double()
    gradient = state_gradients(step_of(core), x, zero_state(core, len(x)), along(core))
    W = core.get_parameter("weight_hh_l0").detach()
    power = torch.linalg.matrix_power(W, lag)
    asked = torch.ones(hidden_size, dtype=W.dtype) / hidden_size**0.5
    return [
        {
            "radius": lag * log10(spectral_radius(W)),
            "matrix": log10(worst_growth(W, lag)),
            "direction": log10(float((asked @ power).norm())),
            "network": left_at(gradient, [lag])[0]["log10_left"],
        }
    ]


def told(*, hidden_size: int, lag: int, **_: Any) -> Settings:
    """What a reader must know of the networks."""
    return untrained(
        "nothing is trained: gradients of first weights are followed back",
        size=f"{hidden_size} units",
        note=f"tanh, torch's own input weights, {lag} steps of the adding problem, double precision",
    )


EXPERIMENTS = (
    Experiment(
        name="first_matrices",
        version=1,
        measure=measure,
        seeds=tuple(range(20)),
        settings={"lag": 100, "hidden_size": 32, "sizes": {"small": 0.001, "full": 1.0}},
        quick={"lag": 20, "hidden_size": 16},
        told=told,
    ),
    Experiment(
        name="what_takes_the_gradient",
        version=1,
        measure=measure_losses,
        seeds=tuple(range(10)),
        settings={"lag": 100, "hidden_size": 32},
        quick={"lag": 20, "hidden_size": 16},
        told=told,
    ),
)
