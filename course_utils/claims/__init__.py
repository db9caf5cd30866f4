"""The ledger of claims: what a popular article says, what was measured, and the verdict that follows.

In a lesson: `from course_utils import claims`, then `claims.box("C08")`. Importing it is light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from torch import nn

    from course_utils.claims.boxes import ClaimBox
    from course_utils.claims.own_cells import CellAudit, CellPanel
    from course_utils.display.settings import Settings
    from course_utils.display.tables import Table


def box(id: str) -> ClaimBox:
    """Show how a claim stands: what the article says, what was measured, the verdict.

    Raises:
        CourseError: there is no such claim; the message lists them.
    """
    from course_utils.claims import boxes

    return boxes.box(id)


@overload
def rerun(
    id: str, seeds: int = 3, *, reported: bool = False, quick: bool = False, jobs: int | None = None
) -> ClaimBox: ...


@overload
def rerun(
    id: str,
    seeds: int = 3,
    *,
    reported: bool = False,
    quick: bool = False,
    jobs: int | None = None,
    cell: Callable[[int, int], nn.Module],
    rates: Sequence[float] | None = None,
) -> CellPanel: ...


def rerun(
    id: str,
    seeds: int = 3,
    *,
    reported: bool = False,
    quick: bool = False,
    jobs: int | None = None,
    cell: Callable[[int, int], nn.Module] | None = None,
    rates: Sequence[float] | None = None,
) -> ClaimBox | CellPanel:
    """Measure a claim yourself, now, and show its box from the fresh rows. Stored files stay as they are.

    With a cell of your own: train that cell instead, as large as the stored networks and with as many tries, and show
    it beside their stored rows. Seeds that have finished are kept, so that an interrupted run goes on where it was.

    Args:
        id: such as "C08".
        seeds: how many; new ones, which no stored result has used.
        reported: run the first of those that are reported in place of new ones: the stored numbers come out again.
        quick: as many as fit into a minute; where not even two do, with settings too small to show the effect, and the
            box says so.
        jobs: how many processes; default: one for each core.
        cell: a class of `nn.Module`: `cell(input_size, hidden_size)` makes it, and it turns inputs (B, T, I) into
            states (B, T, H), from a state of its own at the first step.
        rates: learning rates to try with that cell, no more than the stored networks had; default: theirs.

    Raises:
        CourseError: there is no such claim, nothing of it can be run yet, or a seed failed; with a cell, also: the
            claim has no place for one, or the comparison would be unfair, and how.
    """
    if cell is None and rates is None:
        from course_utils.claims import own_runs

        return own_runs.rerun(id, seeds, reported=reported, quick=quick, jobs=jobs)
    from course_utils.claims import own_cells

    return own_cells.rerun(id, cell, seeds, reported=reported, quick=quick, jobs=jobs, rates=rates)


def audit(cell: Callable[[int, int], nn.Module], id: str = "C12") -> CellAudit:
    """Say what would make a comparison of your own cell with a claim's stored networks unfair.

    Looked for: another size, randomness, a state kept from one sequence to the next, a look at later inputs or at
    other sequences of the batch, weights that no one counts or no one trains.

    Args:
        cell: as in `rerun`.
        id: of the claim.

    Raises:
        CourseError: there is no such claim, or it has no place for a cell of your own.
    """
    from course_utils.claims import own_cells

    return own_cells.audit(cell, id)


def results(name: str) -> pd.DataFrame:
    """The stored rows of an experiment, for figures. In a notebook a line above says how its runs were made.

    Raises:
        CourseError: no such experiment, or no stored results.
    """
    from course_utils.claims import stored

    found = stored.results(name)
    stored.say_settings(name)
    return found


def told(name: str) -> Settings:
    """Show in one line how the trainings behind an experiment's stored results were made; `results` does so too.

    Start, learning rate, clipping, steps, batch, size, seeds, augmentation: as the experiment's own code says. A cell
    shows the line once.

    Raises:
        CourseError: no such experiment; the message lists the names. It tells nothing.
    """
    from course_utils.claims import stored

    return stored.told(name)


def table() -> Table:
    """Show all claims with their verdicts."""
    from course_utils.claims import boxes

    return boxes.table()


def stale(name: str) -> str:
    """Why the stored results of an experiment do not count today, in a sentence; empty where they do.

    Raises:
        CourseError: no such experiment, or no stored results.
    """
    from course_utils.claims import stored

    return stored.stale(name)
