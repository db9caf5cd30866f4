"""What an LSTM reads of a series that rises, and whether it says all months at once or one after another.

All networks see the same 24 months of carbon dioxide and are judged from the same ten origins, each in another month of
the year. Some learn once, before the first origin; others learn again at each origin, as older methods do.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from time import process_time
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.data.co2 import monthly_co2
from course_utils.data.windows import windows
from course_utils.display.settings import Settings, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIP_NORM, CLIPPED
from course_utils.metrics import seasonal_naive_error
from course_utils.nn.sequence_model import SequenceModel
from course_utils.training import fit

Values = npt.NDArray[np.float64]

SEASON, SEEN, AHEAD = 12, 24, 12  # months
ORIGINS, JUDGED = 10, 132  # origins, and months from the first of them on: the last ones of the series
APART = 11  # months from an origin to the next, so that each is in another month of the year
LR, BATCH = 0.01, 64
VALUES, LINE, LAST = "the values", "the values minus a line", "the change from the last value"
READS = (VALUES, LINE, LAST)
AT_ONCE, FREE = "all at once", "free run"
WAYS = {AT_ONCE: AHEAD, FREE: 1}  # and how many months the network says
ONCE, AGAIN = "once, before the first origin", "again at each origin"
LEARN_AGAIN = (VALUES, LAST)  # what networks read that learn again too, and say all months at once


def origins(values: Values) -> list[int]:
    """The ten positions from which forecasts are judged, eleven months apart."""
    first = len(values) - JUDGED
    return [first + APART * number for number in range(ORIGINS)]


def straight_line(values: Values, count: int) -> Values:
    """(T,) the line that fits the first `count` values best, over all steps."""
    steps = np.arange(len(values))
    return np.asarray(np.polyval(np.polyfit(steps[:count], values[:count], 1), steps), dtype=np.float64)


def batches(x: Tensor, y: Tensor, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of windows without end, in an order of its own each pass.

    Args:
        x: (N, L, 1).
        y: (N, S).
        seed: of the order.
    """
    generator = torch.Generator().manual_seed(seed)
    while True:
        for rows in torch.randperm(len(x), generator=generator).split(BATCH):
            yield x[rows], y[rows]


def loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    """The mean absolute error of what is said after the last step."""
    x, y = batch
    said: Tensor = model(x)[:, -1]
    return (said - y).abs().mean()


def forecast(model: SequenceModel, seen: Values, from_last: bool) -> Values:
    """(12,) the next months; a network that says one month reads its own answers.

    Args:
        model: trained on windows of 24 months.
        seen: (24,) on the scale that it learned.
        from_last: does it count from the last value?
    """
    known = list(seen)
    while len(known) < SEEN + AHEAD:
        recent = np.array(known[-SEEN:])
        base = recent[-1] if from_last else 0.0
        with torch.no_grad():
            said = model(torch.tensor(recent - base, dtype=torch.float32)[None, :, None])[0, -1]
        known += (said.double().numpy() + base).tolist()
    return np.array(known[SEEN:])


def trained_network(scaled: Values, from_last: bool, ahead: int, *, hidden_size: int, steps: int, seed: int) -> Any:
    """An LSTM that has learned from all windows of a series.

    Args:
        scaled: (T,) what may be learned from.
        from_last: does it count from the last value of each window?
        ahead: months that it says.
        hidden_size: H.
        steps: of the optimiser.
        seed: of weights and order.
    """
    seen, came = windows(scaled, SEEN, ahead)
    base = seen[:, -1:] if from_last else np.zeros((len(seen), 1))
    x, y = (torch.tensor(part - base, dtype=torch.float32) for part in (seen, came))
    model = SequenceModel("lstm", 1, hidden_size, ahead, generator=torch.Generator().manual_seed(seed))
    fit(model, batches(x[..., None], y, seed), loss, steps=steps, lr=LR, clip_norm=CLIP_NORM, progress=False)
    return model


def measure(seed: int, *, steps: int, hidden_size: int) -> list[Row]:
    """Train an LSTM for each thing to read and each way to say, and judge it from ten origins.

    Args:
        seed: of weights and order.
        steps: of the optimiser.
        hidden_size: H.

    Returns:
        A row for each of `READS`, `WAYS` and months ahead, and for those of `LEARN_AGAIN` one more: `reads`, `way`,
        `learned` (`ONCE` or `AGAIN`), `horizon` (1 to 12), `mase` (mean over the origins of the absolute error, in
        those of the seasonal naive forecast on the months before the first), `bias` (forecast minus truth, in the same
        unit), `cpu_seconds` of the training.
    """
    values = monthly_co2().to_numpy()
    positions = origins(values)
    scale = seasonal_naive_error(values[: positions[0]], SEASON)
    kinds = [(reads, way, ONCE) for reads in READS for way in WAYS] + [(reads, AT_ONCE, AGAIN) for reads in LEARN_AGAIN]
    rows = []
    for reads, way, learned in kinds:
        began = process_time()
        parts = [positions] if learned == ONCE else [[at] for at in positions]
        how = {"hidden_size": hidden_size, "steps": steps, "seed": seed}
        said = np.concatenate([_forecasts(values, part, reads, way, **how) for part in parts])
        spent = process_time() - began
        off = (said - np.stack([values[at : at + AHEAD] for at in positions])) / scale
        about = {"reads": reads, "way": way, "learned": learned}
        rows += [
            {
                **about,
                "horizon": step + 1,
                "mase": float(np.abs(off[:, step]).mean()),
                "bias": float(off[:, step].mean()),
                "cpu_seconds": spent,
            }
            for step in range(AHEAD)
        ]
    return rows


def _forecasts(values: Values, positions: list[int], reads: str, way: str, **how: Any) -> Values:
    """(origins, 12) in the unit of the values, by a network that learned before the first of these origins."""
    check_name("thing to read", reads, READS)
    check_name("way to say", way, WAYS)
    count = positions[0]
    line = straight_line(values, count) if reads == LINE else np.zeros(len(values))
    rest = values - line
    centre, unit = rest[:count].mean(), rest[:count].std()
    scaled = (rest - centre) / unit
    model = trained_network(scaled[:count], reads == LAST, WAYS[way], **how)
    said = partial(forecast, model, from_last=reads == LAST)
    return np.stack([said(scaled[at - SEEN : at]) * unit + centre + line[at : at + AHEAD] for at in positions])


def told(*, steps: int, hidden_size: int, **_: Any) -> Settings:
    """What a reader must know of the trainings."""
    return trained(
        start="torch's own",
        learning_rate=f"Adam, {LR:g}",
        clipping=CLIPPED,
        steps=f"{steps:,}, on the mean absolute error",
        batch=f"{BATCH} windows of {SEEN} months",
        size=f"an LSTM of {hidden_size} units",
        note="mean and standard deviation of the months that are learned from scale all",
    )


EXPERIMENT = Experiment(
    name="forecast_ways",
    version=2,
    measure=measure,
    told=told,
    seeds=tuple(range(5)),
    settings={"steps": 300, "hidden_size": 32},
    quick={"steps": 3, "hidden_size": 4},
    timed=("cpu_seconds",),
)
