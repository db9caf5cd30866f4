"""The Gibbs stepper: a restricted Boltzmann machine draws its hidden units, then its visible ones, step by step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.checks import check_whole
from course_utils.display.numbers import short
from course_utils.errors import CourseError
from course_utils.figures import pictures
from course_utils.figures.style import Picture
from course_utils.widgets.shared.browser import BrowserWidget, module_text
from course_utils.widgets.shared.random_numbers import uniform
from course_utils.widgets.shared.settings import settings_of

if TYPE_CHECKING:
    from course_utils.display.settings import Settings
    from course_utils.nn.boltzmann import Boltzmann

MOST_UNITS, MOST_STARTS, MOST_STEPS = 400, 12, 500
DIGITS = 4  # of each weight, which keep the page small
SHOWN = (0, 1, 2, 5, 10, 50, 100, 200)  # steps in the picture


class GibbsStepper(BrowserWidget):
    """The live widget; make one with `gibbs_stepper()`."""

    _esm = module_text("gibbs_stepper")


def gibbs_stepper(
    machine: Boltzmann, starts: Mapping[str, Any], seed: int = 1, *, settings: Settings | None = None
) -> GibbsStepper:
    """Gibbs sampling from starts of one's choice, on pictures that are squares.

    Args:
        machine: V visible units, the pixels of a square, and H hidden ones.
        starts: by name pictures of V numbers, 1 where they are above 0.5.
        seed: of the draws.
        settings: how the machine was trained. Default: as was noted on it.

    Raises:
        CourseError: a machine without a square of visible units, too large for a page, or starts that do not fit it.
    """
    hidden, visible = machine.weight.shape
    side = math.isqrt(visible)
    if side * side != visible or max(hidden, visible) > MOST_UNITS:
        raise CourseError(
            f"The machine has {visible} visible and {hidden} hidden units. Expected: as many visible units as pixels "
            f"of a square, and at most {MOST_UNITS} in each layer."
        )
    rows = {name: np.asarray(picture, dtype=np.float64).ravel() for name, picture in starts.items()}
    if not 1 <= len(rows) <= MOST_STARTS or {len(row) for row in rows.values()} != {visible}:
        raise CourseError(f"Expected 1 to {MOST_STARTS} starts, each of {visible} numbers.")
    params: dict[str, Any] = {
        "side": side,
        "weight": _rounded(machine.weight),
        "visible_bias": _rounded(machine.visible_bias),
        "hidden_bias": _rounded(machine.hidden_bias),
        "names": list(rows),
        "starts": [(row > 0.5).astype(int).tolist() for row in rows.values()],
        "seed": check_whole("seed", seed, 0, 999_999),
        "most": MOST_STEPS,
    }
    return GibbsStepper(params, picture(params), settings_of(machine, settings))


def _rounded(parameter: Any) -> Any:
    return np.char.mod(f"%.{DIGITS}g", parameter.detach().numpy()).astype(np.float64).tolist()


def chain(params: dict[str, Any], steps: int, start: int = 0) -> list[tuple[Any, float]]:
    """Visible states (V,) and free energy after each step, 0 to `steps`, as the browser draws them.

    Args:
        params: of the widget.
        steps: how many.
        start: the number of the start.
    """
    W, a, b = (np.array(params[name]) for name in ("weight", "visible_bias", "hidden_bias"))
    numbers = uniform(params["seed"])

    def drawn(inputs: Any) -> Any:
        return np.array([float(next(numbers) < p) for p in 1 / (1 + np.exp(-inputs))])

    v = np.array(params["starts"][start], dtype=np.float64)
    found = []
    for step in range(steps + 1):
        if step:
            v = drawn(a + drawn(b + W @ v) @ W)
        found.append((v, float(-(v @ a) - np.logaddexp(0, b + W @ v).sum())))
    return found


def picture(params: dict[str, Any]) -> Picture:
    """What stands in the widget's place where no script runs: some steps from the first start.

    Args:
        params: of the widget.
    """
    run = chain(params, SHOWN[-1])
    side = params["side"]
    images = [run[step][0].reshape(side, side) for step in SHOWN]
    captions = [f"{step}: F {short(run[step][1], 2)}" for step in SHOWN]
    title = f"From “{params['names'][0]}”: states after steps of Gibbs sampling, and their free energy F"
    return pictures.grid(images, captions, title=title, columns=4)
