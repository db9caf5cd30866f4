"""Claim C11: one tanh unit holds a bit through thousands of noisy steps, while its derivative falls to nothing."""

from __future__ import annotations

import torch

from course_utils.display.settings import Settings, untrained
from course_utils.experiments.framework.experiment import Experiment, Row


def hold(
    w: float, bits: torch.Tensor, steps: int, noise: float, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Let h ← tanh(w h + noise) run from h = ± 0.5, one unit for each bit.

    Args:
        w: the weight of the state.
        bits: (N,) of −1 and 1.
        steps: how many.
        noise: the noise is uniform between − this and + this, at every step.
        generator: draws it.

    Returns:
        (N,) the states at the end, and (N,) log₁₀ of |∂h_T/∂h_0|, the sum of the logarithms of w (1 − h²).
    """
    h = 0.5 * bits.double()
    log_derivative = torch.zeros_like(h)
    for _ in range(steps):
        h = torch.tanh(w * h + noise * (2 * torch.rand(h.shape, generator=generator, dtype=h.dtype) - 1))
        log_derivative += (abs(w) * (1 - h**2)).clamp_min(1e-300).log10()
    return h, log_derivative


def measure(seed: int, *, w: list[float], steps: int, noise: float, units: int) -> list[Row]:
    """Hold random bits with several weights.

    Args:
        seed: of bits and noise.
        w: weights of the state.
        steps: how long the bit is held.
        noise: largest noise at each step.
        units: how many bits.

    Returns:
        A row for each weight: `w`, `accuracy` (share of the bits whose sign is right at the end; chance is ½) and
        `log10_derivative` (the largest of all units; a logarithm, since float64 cannot hold the number itself).
    """
    rows = []
    for weight in w:
        generator = torch.Generator().manual_seed(seed)
        bits = torch.randint(0, 2, (units,), generator=generator) * 2 - 1
        h, log_derivative = hold(weight, bits, steps, noise, generator)
        kept = float((h.sign() == bits).double().mean())
        rows.append({"w": weight, "accuracy": kept, "log10_derivative": float(log_derivative.max())})
    return rows


def told(*, w: list[float], units: int, steps: int, noise: float) -> Settings:
    """What a reader must know of the runs."""
    return untrained(
        f"nothing is trained: one tanh unit with a fixed weight, from ±0.5, {steps:,} steps with noise up to {noise:g}",
        size=f"{units:,} units side by side, weights {', '.join(map(str, w))}",
    )


EXPERIMENT = Experiment(
    name="latch",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(10)),
    settings={"w": [0.5, 1.0, 1.25, 2.0], "steps": 5000, "noise": 0.1, "units": 1000},
    quick={"units": 100, "steps": 1000},
)
