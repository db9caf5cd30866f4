"""Contrastive divergence against the exact gradient, on a machine so small that its partition function is summed.

Nine visible and eight hidden units learn the fourteen patterns of bars and stripes on 3 × 3 pixels. Where a chain of k
steps is after its start at the patterns is computed as a distribution over all 512 states, so the bias of contrastive
divergence is measured without the noise of its draws. Then machines are trained in each way, with draws.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.display.settings import Settings, trained, value_text
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.nn.boltzmann import (
    Boltzmann,
    after_gibbs,
    all_states,
    contrastive_loss,
    log_likelihood,
    state_probabilities,
)
from course_utils.training import fit

SIDE, HIDDEN = 3, 8
COPIES = 20  # of each pattern in a step, so that each has as many chains
RATES, MOMENTUM = (0.05, 0.01), 0.9
FALLING = "falling to 0 in a straight line, "
EXACT, PERSISTENT = "exact gradient", "persistent chains"
WAYS = (EXACT, "CD-1", "CD-10", PERSISTENT)

Objective = Callable[[nn.Module, tuple[Tensor, ...]], Tensor]


def bars_and_stripes(side: int = SIDE) -> Tensor:
    """All pictures whose rows are each of one colour, or whose columns are: (2 ** (side + 1) − 2, side · side).

    Source: MacKay 2003, Information Theory, Inference, and Learning Algorithms, chapter 43.
    """
    lines = all_states(side)
    rows = lines[:, :, None].expand(-1, -1, side)
    return torch.cat([rows, rows[1:-1].transpose(1, 2)]).reshape(-1, side * side)


def machine(seed: int) -> Boltzmann:
    """A new one, in 64 bits."""
    return Boltzmann(SIDE * SIDE, HIDDEN, torch.Generator().manual_seed(seed)).double()


def objective(way: str, patterns: Tensor, generator: torch.Generator) -> Objective:
    """The loss whose gradient is taken: the exact one, or contrastive with chains of each pattern's copies.

    Raises:
        CourseError: an unknown way.
    """
    check_name("way to learn", way, WAYS)
    data = patterns.repeat(COPIES, 1)
    chains = [data]

    def loss(model: nn.Module, _: Any) -> Tensor:
        assert isinstance(model, Boltzmann)
        if way == EXACT:
            return -log_likelihood(model, patterns).mean()
        ends = model.gibbs(chains[0], 10 if way == "CD-10" else 1, generator)
        if way == PERSISTENT:
            chains[0] = ends
        return contrastive_loss(model, data, ends)

    return loss


def gradient_after(model: Boltzmann, patterns: Tensor, steps: int | None) -> Tensor:
    """The mean gradient of contrastive divergence with chains of some steps, of all parameters in one row; None: exact.

    Args:
        model: whose gradient is wanted.
        patterns: (N, V) the data.
        steps: of Gibbs sampling.
    """
    states = all_states(patterns.shape[1]).to(patterns)
    data = (states[:, None] == patterns).all(-1).to(patterns).mean(1)
    ends = state_probabilities(model).detach() if steps is None else after_gibbs(model, data, steps)
    loss = ((data - ends) * model.free_energy(states)).sum()
    return torch.cat([part.flatten() for part in torch.autograd.grad(loss, list(model.parameters()))])


def looked_at(
    way: str,
    lr: float,
    seed: int,
    looks: list[int],
    look: Callable[[Boltzmann, Tensor], list[Row]],
    *,
    falls: bool = False,
) -> list[Row]:
    """Train a machine in one of the ways, and look at it on the way.

    Args:
        way: one of `WAYS`.
        lr: the learning rate.
        seed: of the first weights and of what is drawn.
        looks: the steps after which it is looked at, rising.
        look: look(machine, patterns) → rows.
        falls: the rate falls in a straight line, and would be 0 after the last look; else it stays as it is.

    Returns:
        The rows of all looks, each with its `steps`.
    """
    model, patterns, rows, done = machine(seed), bars_and_stripes().double(), [], 0
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=MOMENTUM)
    loss = objective(way, patterns, torch.Generator().manual_seed(seed))
    falling = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / looks[-1]) if falls else None
    for steps in looks:
        if steps > done:
            some = steps - done
            fit(model, [(patterns,)], loss, steps=some, optimizer=optimizer, lr_schedule=falling, progress=False)
            done = steps
        rows += [{"steps": steps, **row} for row in look(model, patterns)]
    return rows


def measure_bias(seed: int, *, lr: float, looks: list[int], chains: list[int]) -> list[Row]:
    """How far the mean gradient of contrastive divergence lies from the exact one, along a training with the latter.

    Args:
        seed: of the first weights.
        lr: the learning rate.
        looks: the steps after which it is measured.
        chains: steps of Gibbs sampling.

    Returns:
        A row for each look and chain: `steps`, `k`, `cosine` (of the angle between both), `bias` (length of the
        difference over that of the exact gradient), `length` (of the exact gradient) and `nats` (mean minus log
        likelihood of a pattern).
    """

    def look(model: Boltzmann, patterns: Tensor) -> list[Row]:
        exact = gradient_after(model, patterns, None)
        nats = -log_likelihood(model, patterns).mean().item()
        rows = []
        for k in chains:
            found = gradient_after(model, patterns, k)
            cosine = torch.nn.functional.cosine_similarity(found, exact, dim=0).item()
            bias = ((found - exact).norm() / exact.norm()).item()
            rows.append({"k": k, "cosine": cosine, "bias": bias, "length": exact.norm().item(), "nats": nats})
        return rows

    return looked_at(EXACT, lr, seed, looks, look)


def measure_training(
    seed: int, *, lr: list[float], looks: list[int], ways: list[str] | None = None, falls: bool = False
) -> list[Row]:
    """How likely the patterns become, trained in each way.

    Args:
        seed: of the first weights and of what is drawn.
        lr: the learning rates, for each way.
        looks: the steps after which it is measured.
        ways: some of `WAYS`; default: all.
        falls: see `looked_at`.

    Returns:
        A row for each way, rate and look: `way`, `lr`, `steps`, `nats` (mean minus log likelihood of a
        pattern, exact; log 14 is the least) and `on_patterns` (the probability of all patterns together).
    """

    def look(model: Boltzmann, patterns: Tensor) -> list[Row]:
        logs = log_likelihood(model, patterns).detach()
        return [{"nats": -logs.mean().item(), "on_patterns": logs.exp().sum().item()}]

    return [
        {"way": way, "lr": rate, **row}
        for way in ways or WAYS
        for rate in lr
        for row in looked_at(way, rate, seed, looks, look, falls=falls)
    ]


def told(*, lr: float | list[float], looks: list[int], falls: bool = False, **_: Any) -> Settings:
    """What a reader must know of these trainings."""
    parts = [after - before for before, after in zip([0, *looks], looks, strict=False) if after > before]
    patterns, parameters = len(bars_and_stripes()), sum(p.numel() for p in machine(0).parameters())
    return trained(
        start="weights normal with a spread of 0.01, biases 0",
        learning_rate=f"SGD, {value_text(lr)}, {FALLING if falls else ''}momentum {MOMENTUM:g}",
        clipping="none",
        steps=f"{looks[-1]:,}, in stretches of {', '.join(map(str, dict.fromkeys(parts)))}",
        batch=f"all {patterns} patterns; of contrastive divergence {COPIES} chains for each",
        size=f"{SIDE * SIDE} visible and {HIDDEN} hidden units, {parameters} parameters",
    )


_LOOKS = [0, 100, 300, 1000, 3000]

EXPERIMENTS = (
    Experiment(
        name="contrastive_bias",
        version=1,
        measure=measure_bias,
        told=told,
        seeds=tuple(range(10)),
        settings={"lr": RATES[0], "looks": _LOOKS, "chains": [1, 2, 5, 10, 50]},
        quick={"looks": [0, 20]},
    ),
    Experiment(
        name="contrastive_training",
        version=1,
        measure=measure_training,
        told=told,
        seeds=tuple(range(4)),
        settings={"lr": list(RATES), "looks": [*_LOOKS, 6000]},
        quick={"looks": [0, 20]},
    ),
    Experiment(
        name="contrastive_falling",
        version=1,
        measure=measure_training,
        told=told,
        seeds=tuple(range(10)),
        settings={"lr": [RATES[0]], "looks": [0, 3000, 6000], "ways": ["CD-1", PERSISTENT], "falls": True},
        quick={"looks": [0, 20]},
    ),
)
