"""What an experiment is: a function from a seed to rows, with the seeds and settings it is reported for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from course_utils.display.settings import Settings, seeds_text
from course_utils.errors import CourseError

Row: TypeAlias = dict[str, Any]  # one measurement: plain numbers, strings and booleans


@dataclass(frozen=True)
class Experiment:
    """A measurement that anyone can run again.

    Attributes:
        name: such as "recall"; its results are stored under this name.
        version: a whole number, raised whenever a change may change the rows; older stored results are stale then.
        measure: measure(seed, **settings) → rows. A function of a module, so that other processes can import it. It
            draws all its random numbers from the seed. Each row says its conditions (network, lag …) and what was
            measured; the seed is added by the runner. Numbers are finite: an experiment floors a logarithm of 0.
        seeds: those that are reported.
        settings: those that are reported; they survive JSON.
        quick: settings that replace some of these for a small, real run of seconds, as in the claim tests.
        timed: columns that hold measured times. They differ from run to run, the others do not.
        told: told(**settings) → what a reader must know of the trainings: `display.settings.trained` or `untrained`,
            made from the constants and functions that the training itself uses. The seeds are added here.
    """

    name: str
    version: int
    measure: Callable[..., list[Row]]
    seeds: tuple[int, ...]
    settings: Mapping[str, Any]
    quick: Mapping[str, Any]
    timed: tuple[str, ...] = ()
    told: Callable[..., Settings] | None = None

    def described(self, *, quick: bool = False) -> Settings:
        """Start, learning rate, clipping, steps, batch, size, seeds and augmentation of its runs, in one line.

        Args:
            quick: of the small, real run.

        Raises:
            CourseError: the experiment does not tell.
        """
        if self.told is None:
            raise CourseError(f"Experiment {self.name!r} tells no settings. Give it told=…, beside its `measure`.")
        settings = self.told(**{**self.settings, **(self.quick if quick else {})})
        size = settings.size
        if not quick and not settings.untrained and "parameters" not in size:
            size = ", ".join(part for part in (size, self._stored_parameters()) if part)
        return settings.with_parts(name=self.name, seeds=seeds_text(self.seeds), size=size)

    def _stored_parameters(self) -> str:
        """How many parameters the networks of the stored rows have; empty where the rows do not say."""
        from course_utils.experiments.framework.results import is_stored, load  # which knows rows from here

        found = load(self.name).table if is_stored(self.name) else {}
        if "parameters" not in found:
            return ""
        trained = found["parameters"][found["parameters"] > 0]  # what is computed has none
        if trained.empty:
            return ""
        low, high = int(trained.min()), int(trained.max())
        return f"{low:,} parameters" if low == high else f"{low:,} to {high:,} parameters"
