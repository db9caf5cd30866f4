"""Dogs of two breeds, SIMULATED from the numbers of their breed standards. No dog was measured.

From the standards: the range of the height at the withers and of the weight, for each sex; that a shepherd's body is
10 to 17 % longer than the dog is tall; that a labrador's is as long as the dog is tall, or slightly longer.

Assumed here, and not in the standards: within a breed and sex, height and weight have a normal distribution, whose mean
is the middle of the range and whose standard deviation is a quarter of it, so that about 95 % of the dogs meet the
standard; height and weight have the correlation 0.6; "slightly longer" means 0 to 6 %; length over height has a normal
distribution in the same way, whatever the height and weight. Real dogs are more varied, and often heavier.

Sources: Fédération Cynologique Internationale, standard No. 166, German Shepherd Dog (2010); American Kennel Club,
official standard of the Labrador Retriever (1994): its inches and pounds are converted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course_utils.checks import check_name, check_whole
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

BREEDS = ("German Shepherd", "Labrador Retriever")
SEXES = ("male", "female")
COLUMNS = ("sex", "height_cm", "weight_kg", "length_cm")  # what is known of a dog besides its breed
CM, KG = 2.54, 0.45359237  # of an inch, of a pound
CORRELATION = 0.6  # of height and weight, within a breed and sex: assumed


@dataclass(frozen=True)
class Standard:
    """What a breed's standard says of one sex: ranges from … to.

    Attributes:
        height: at the withers, in cm.
        weight: in kg.
        ratio: length of the body over height; the labrador's upper end is assumed.
    """

    height: tuple[float, float]
    weight: tuple[float, float]
    ratio: tuple[float, float]


STANDARDS: dict[tuple[str, str], Standard] = {
    ("German Shepherd", "male"): Standard((60, 65), (30, 40), (1.10, 1.17)),
    ("German Shepherd", "female"): Standard((55, 60), (22, 32), (1.10, 1.17)),
    ("Labrador Retriever", "male"): Standard((22.5 * CM, 24.5 * CM), (65 * KG, 80 * KG), (1.00, 1.06)),
    ("Labrador Retriever", "female"): Standard((21.5 * CM, 23.5 * CM), (55 * KG, 70 * KG), (1.00, 1.06)),
}


def middle(span: tuple[float, float]) -> float:
    """The mean that is assumed for a range."""
    return (span[0] + span[1]) / 2


def deviation(span: tuple[float, float]) -> float:
    """The standard deviation that is assumed for a range: a quarter of it."""
    return (span[1] - span[0]) / 4


def dog_breeds(dogs: int = 1000, seed: int = 0) -> pd.DataFrame:
    """Simulated dogs of two breeds: see the module for what is a standard's and what is assumed.

    Both breeds and both sexes are equally frequent (to one dog), in random order.

    Args:
        dogs: how many.
        seed: of the random numbers.

    Returns:
        One row a dog: `breed`, `sex` ("male", "female"), `height_cm` at the withers, `weight_kg`, `length_cm` of the
        body.

    Raises:
        CourseError: not a whole number from 1.
    """
    import numpy as np
    import pandas as pd

    check_whole("dogs", dogs, 1)
    rng = np.random.default_rng(seed)
    kinds = list(STANDARDS)
    which = rng.permutation(np.arange(dogs) % len(kinds))
    z = rng.standard_normal((3, dogs))
    z[1] = CORRELATION * z[0] + (1 - CORRELATION**2) ** 0.5 * z[1]
    spans = [[(s.height, s.weight, s.ratio)[place] for s in STANDARDS.values()] for place in range(3)]
    height, weight, ratio = (
        np.array([middle(s) for s in of_kind])[which] + np.array([deviation(s) for s in of_kind])[which] * z[place]
        for place, of_kind in enumerate(spans)
    )
    return pd.DataFrame(
        {
            "breed": [kinds[one][0] for one in which],
            "sex": [kinds[one][1] for one in which],
            "height_cm": height,
            "weight_kg": weight,
            "length_cm": height * ratio,
        }
    )


def breed_log_density(table: pd.DataFrame, columns: Sequence[str] = ("height_cm", "weight_kg")) -> NDArray[np.float64]:
    """How likely each breed would have such dogs: the recipe of the simulation, known exactly.

    Where the sex is not among the columns, the density is the mean of the two sexes'.

    Args:
        table: dogs, one a row.
        columns: what is looked at: some of "sex", "height_cm", "weight_kg", "length_cm" (the length only with the
            height, on which it depends).

    Returns:
        (N, 2) natural logarithms of the density of the columns, given the breed, in the order of `BREEDS`.

    Raises:
        CourseError: an unknown column, one that the table lacks, none at all, or a length without a height.
    """
    import numpy as np

    _check(table, columns)
    logs = np.empty((len(BREEDS), len(SEXES), len(table)))
    for place, breed in enumerate(BREEDS):
        for other, sex in enumerate(SEXES):
            logs[place, other] = np.log(1 / len(SEXES)) + _log_density(table, columns, STANDARDS[breed, sex])
            if "sex" in columns:
                logs[place, other, (table["sex"] != sex).to_numpy()] = -np.inf
    total: NDArray[np.float64] = np.logaddexp.reduce(logs, axis=1).T
    return total


def best_accuracy(table: pd.DataFrame, columns: Sequence[str] = ("height_cm", "weight_kg")) -> float:
    """How often Bayes' rule names these dogs rightly: it names the breed under which such a dog is more likely.

    In the long run no rule that looks at the same columns can beat it; on a small table one may, by luck. The larger
    the table, the nearer this is to the ceiling.

    Args:
        table: dogs, with their `breed`.
        columns: as for `breed_log_density`.

    Raises:
        CourseError: as for `breed_log_density`; or there is no dog.
    """
    if not len(table):
        raise CourseError("There is no dog in the table: nothing to be right about.")
    named = breed_log_density(table, columns).argmax(axis=1)
    return float((named == table["breed"].map(BREEDS.index).to_numpy()).mean())


def _log_density(table: pd.DataFrame, columns: Sequence[str], standard: Standard) -> NDArray[np.float64]:
    """Of height, weight and length, given breed and sex: (N,)."""
    import numpy as np

    total = np.zeros(len(table))
    z, r = 0.0, 0.0  # of the height, if it is looked at: then it tells something about the weight
    if "height_cm" in columns:
        spread = deviation(standard.height)
        z, r = (table["height_cm"].to_numpy() - middle(standard.height)) / spread, CORRELATION
        total += _log_normal(z, spread)
    if "weight_kg" in columns:
        spread = deviation(standard.weight)
        rest = (1 - r**2) ** 0.5
        of_weight = (table["weight_kg"].to_numpy() - middle(standard.weight)) / spread
        total += _log_normal((of_weight - r * z) / rest, spread * rest)
    if "length_cm" in columns:
        height = table["height_cm"].to_numpy()
        spread = deviation(standard.ratio)
        total += _log_normal(
            (table["length_cm"].to_numpy() / height - middle(standard.ratio)) / spread, spread * height
        )
    return total


def _log_normal(z: NDArray[np.float64], spread: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """The logarithm of a normal density at z standard deviations from its mean."""
    import numpy as np

    log: NDArray[np.float64] = -0.5 * z**2 - np.log(spread) - 0.5 * np.log(2 * np.pi)
    return log


def _check(table: pd.DataFrame, columns: Sequence[str]) -> None:
    if isinstance(columns, str) or not columns:
        raise CourseError(f"columns is {columns!r}. Expected: a list of some of {', '.join(COLUMNS)}.")
    for column in columns:
        check_name("measurement of a dog", column, COLUMNS)
        if column not in table:
            raise CourseError(f"The table has no column {column!r}; it has {', '.join(map(str, table.columns))}.")
    if "length_cm" in columns and "height_cm" not in columns:
        raise CourseError("The length depends on the height: give the columns height_cm and length_cm together.")
