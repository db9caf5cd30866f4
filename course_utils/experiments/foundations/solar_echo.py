"""How long one year of sunspots stays in the state of an RNN, and which later years take it away.

1957 is set to 0, and the states with and without the change are compared. Then the years *after* 1957 are replaced, for
both: what the state keeps depends on what it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch

from course_utils.data.sunspots import yearly_sunspots
from course_utils.experiments.foundations import sunspot_forecasts as contest
from course_utils.experiments.foundations.sunspot_forecasts import Values
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.nn.sequence_model import SequenceModel

CHANGED_YEAR = 1957
YEARS = 24  # that are followed
LEVEL = 50.0  # sunspots: about the mean of the series

FUTURES: Mapping[str, Callable[[Values], Values]] = {
    "as it was": lambda suns: suns,
    "maxima cut at 50": lambda suns: np.minimum(suns, LEVEL),
    "minima raised to 50": lambda suns: np.maximum(suns, LEVEL),
    "always 0": np.zeros_like,
    "always 50": lambda suns: np.full_like(suns, LEVEL),
    "always 100": lambda suns: np.full_like(suns, 2 * LEVEL),
}


def with_future(values: Values, year: int, future: Callable[[Values], Values]) -> Values:
    """The series with the years after one of them replaced.

    Args:
        values: (T,) the series.
        year: its index.
        future: makes the later years from those that came.
    """
    return np.concatenate([values[: year + 1], future(values[year + 1 :])])


@torch.no_grad()
def echo(model: SequenceModel, values: Values, year: int, years: int = YEARS) -> tuple[Values, Values]:
    """What a change of one year to 0 leaves in the state, year by year, in float64.

    Args:
        model: it reads hundreds of sunspots.
        values: (T,) the series.
        year: the index of the changed year.
        years: how many are followed.

    Returns:
        (years + 1,) the distance of the two states as a share of that in the changed year, and (years + 1,) the mean
        slope of tanh over the units, 1 − h².
    """
    true = torch.as_tensor(values / contest.SCALE, dtype=torch.float64).reshape(1, -1, 1)
    changed = true.clone()
    changed[0, year] = 0
    model.double()
    followed = slice(year, year + years + 1)
    states = model.states(true)[0, followed]
    distance = (states - model.states(changed)[0, followed]).norm(dim=-1)
    model.float()
    return (distance / distance[0]).numpy(), (1 - states.square()).mean(-1).numpy()


def measure(seed: int, *, steps: int, lr: float, hidden_size: int, years: int) -> list[Row]:
    """The echo of 1957 in one network, untrained and trained, with several futures.

    Args:
        seed: of the first weights.
        steps: of training.
        lr: learning rate.
        hidden_size: H.
        years: how many years after 1957 are followed.

    Returns:
        A row for each network and future: `network`, `future`, `left_11` and `left` (share of the distance after 11
        years and at the end), `slope` (mean of 1 − h² over units and the years that follow).
    """
    series = yearly_sunspots()
    values, year = series.to_numpy(), int(np.flatnonzero(series.index == CHANGED_YEAR)[0])
    learn, choose, _ = contest.split(series)
    untrained = SequenceModel("rnn", 1, hidden_size, 1, generator=torch.Generator().manual_seed(seed))
    trained = contest.train(values, learn, choose, seed=seed, hidden_size=hidden_size, steps=steps, lr=lr)
    rows = []
    for name, model in (("untrained", untrained), ("trained", trained)):
        for future, change in FUTURES.items():
            left, slope = echo(model, with_future(values, year, change), year, years)
            row = {"left_11": float(left[11]), "left": float(left[-1]), "slope": float(slope[1:].mean())}
            rows.append({"network": name, "future": future, **row})
    return rows


EXPERIMENT = Experiment(
    name="solar_echo",
    version=1,
    measure=measure,
    seeds=tuple(range(5)),
    settings={"steps": 250, "lr": 0.01, "hidden_size": 16, "years": YEARS},
    quick={"steps": 20, "hidden_size": 4},
    told=contest.told,
)
