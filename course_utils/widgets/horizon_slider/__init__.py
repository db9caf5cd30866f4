"""The horizon slider: how far ahead is asked, from which origin, and how wrong each method is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.checks import check_name, check_whole
from course_utils.display.numbers import short
from course_utils.errors import CourseError
from course_utils.figures.forecasts import by_horizon
from course_utils.figures.labels import line_styles, readable
from course_utils.figures.style import Picture
from course_utils.metrics import seasonal_naive_error
from course_utils.stats import mean_interval, t_quantile
from course_utils.widgets.shared.browser import BrowserWidget, module_text
from course_utils.widgets.shared.settings import settings_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from course_utils.display.settings import Settings

    Array = npt.NDArray[np.float64]

MOST_METHODS, MOST_ORIGINS, MOST_STEPS = 9, 50, 100  # what the browser draws
DIGITS = 6  # of each number, which keep the page small


class HorizonSlider(BrowserWidget):
    """The live widget; make one with `horizon_slider()`."""

    _esm = module_text("horizon_slider")


def horizon_slider(
    series: Any,
    origins: Sequence[int],
    forecasts: Mapping[str, Any],
    season: int = 1,
    *,
    reference: str = "seasonal naive",
    ylabel: str = "value",
    steps: str = "steps",
    title: str | None = None,
    settings: Settings | None = None,
) -> HorizonSlider:
    """Forecasts of several methods from several origins, and their errors step by step.

    An error is given in units of the seasonal naive forecast's mean error on the values before the first origin (MASE),
    with a 95 % interval over the origins (Student's t); a method is clearly better or worse than the reference where
    the interval of the paired difference does not hold 0.

    Args:
        series: (T,) a pandas Series or an array.
        origins: K positions, rising: `series[:origin]` is known.
        forecasts: by name (K, S), at most nine of them; the reference among them.
        season: steps of a season.
        reference: the method that the others are compared with.
        ylabel: what is measured, with its unit.
        steps: what a step is, such as "months".
        title: the finding. Default: which method has the smallest error at the last step.
        settings: how the networks among the methods were trained. Default: it says that nobody noted it.

    Raises:
        CourseError: origins, forecasts or a season that do not fit the series or a page.
    """
    values = np.asarray(series, dtype=np.float64)
    positions = [check_whole("an origin", origin, 2) for origin in origins]
    said = {name: np.asarray(rows, dtype=np.float64) for name, rows in forecasts.items()}
    check_name("reference", reference, said)
    ahead = _check(values, positions, said)
    scale = seasonal_naive_error(values[: positions[0]], check_whole("season", season, 1, positions[0] - 1))
    if not scale > 0:
        raise CourseError("Before the first origin the series repeats itself exactly: there is no error to scale by.")
    index = getattr(series, "index", None)
    back = min(positions[0], max(2 * season, ahead, 8))
    styles = line_styles(said)
    params = {
        "names": list(said),
        "reference": list(said).index(reference),
        "colours": [readable(style.colour) for style in styles.values()],
        "dashes": [_dashes(style.line) for style in styles.values()],
        "before": _rounded(np.stack([values[at - back : at] for at in positions])),
        "truths": _rounded(np.stack([values[at : at + ahead] for at in positions])),
        "forecasts": [_rounded(rows) for rows in said.values()],
        "origins": [str(at if index is None else index[at - 1]).removesuffix(" 00:00:00") for at in positions],
        "scale": float(scale),
        "t": float(t_quantile(len(positions) - 1)),
        "ylabel": ylabel,
        "steps": steps,
    }
    return HorizonSlider(params, picture(params, title), settings_of(forecasts, settings))


def _check(values: Array, positions: list[int], said: dict[str, Array]) -> int:
    """How many steps each forecast has."""
    shape = next(iter(said.values())).shape
    for name, rows in said.items():
        if rows.ndim != 2 or rows.shape != shape or len(rows) != len(positions) or not rows.size:
            raise CourseError(
                f"The forecasts by {name} have the shape {rows.shape}. Expected: (origins, steps), the same for all, "
                f"with {len(positions)} origins."
            )
        if not np.isfinite(rows).all():
            raise CourseError(f"The forecasts by {name} hold a number that is missing or infinite.")
    if values.ndim != 1 or not np.isfinite(values).all():
        raise CourseError(f"The series has the shape {values.shape}. Expected: (T,) finite numbers.")
    if sorted(set(positions)) != positions or positions[-1] + shape[1] > len(values):
        raise CourseError(
            f"The origins must rise, and {shape[1]} values must come after the last one; the series has {len(values)}, "
            f"and the last origin is {positions[-1]}."
        )
    if len(said) > MOST_METHODS or not 2 <= len(positions) <= MOST_ORIGINS or shape[1] > MOST_STEPS:
        raise CourseError(
            f"There are {len(said)} methods, {len(positions)} origins and {shape[1]} steps. Give at most "
            f"{MOST_METHODS} methods, 2 to {MOST_ORIGINS} origins and at most {MOST_STEPS} steps."
        )
    return int(shape[1])


def _dashes(line: Any) -> str:
    """A line of matplotlib's as SVG draws it."""
    return "none" if line == "-" else " ".join(short(2 * part) for part in line[1])


def _rounded(values: Array) -> Any:
    return np.char.mod(f"%.{DIGITS}g", values).astype(np.float64).tolist()


def errors(params: dict[str, Any]) -> dict[str, Array]:
    """By name (origins, steps): absolute errors as the browser computes them.

    Args:
        params: of the widget.
    """
    truths = np.array(params["truths"])
    pairs = zip(params["names"], params["forecasts"], strict=True)
    return {name: np.abs(np.array(rows) - truths) / params["scale"] for name, rows in pairs}


def finding(params: dict[str, Any]) -> str:
    """Which method has the smallest error at the last step, and how many are clearly better than the reference."""
    last = {name: rows[:, -1] for name, rows in errors(params).items()}
    best = min(last, key=lambda name: float(last[name].mean()))
    reference = params["names"][params["reference"]]
    better = [name for name in last if name != reference and mean_interval(last[name] - last[reference]).high < 0]
    ahead = f"{len(params['truths'][0])} {params['steps']} ahead"
    return (
        f"{ahead} the smallest error is {short(float(last[best].mean()))} ({best}); clearly better than {reference}: "
        f"{len(better)} of {len(last) - 1}"
    )


def picture(params: dict[str, Any], title: str | None) -> Picture:
    """What stands in the widget's place where no script runs: the error of each method, step by step.

    Args:
        params: of the widget.
        title: the finding; None: as `finding` says it.
    """
    return by_horizon(errors(params), title or finding(params), "MASE", f"{params['steps']} ahead", log=True)
