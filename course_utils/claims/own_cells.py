"""A learner's own cell in the ledger: audited, as large as the stored networks, with as many tries, on new seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from course_utils.checks import check_positive
from course_utils.claims.numbers import per_seed
from course_utils.claims.own_runs import Beforehand, first_seeds, fresh_seeds, span
from course_utils.claims.rules import Claim, Part, load_claims
from course_utils.claims.rules import claim as claim_by_id
from course_utils.claims.verdicts import estimate
from course_utils.data.downloads import cache_folder
from course_utils.display.html import CONDITION, FAULT, GOOD, PARAGRAPH, Html, element, joined, marked_box, with_code
from course_utils.display.message import Message
from course_utils.display.numbers import MISSING, short
from course_utils.display.tables import Table
from course_utils.errors import CourseError
from course_utils.experiments.comparison.own_cell import NAME, Trial, chosen, fingerprint, seconds_of, trials
from course_utils.experiments.framework import registry, runner
from course_utils.experiments.framework.experiment import Experiment
from course_utils.experiments.framework.results import load
from course_utils.figures.own_cell import Column, Measured, beside_the_stored
from course_utils.nn.cell_audit import CHECKS, Fault
from course_utils.nn.cell_audit import audit as audit_cell
from course_utils.nn.own_cell import Cell

if TYPE_CHECKING:
    import pandas as pd

MEASURES = {
    "accuracy": "share right",
    "solved": "share of runs that keep the criterion",
    "steps_share": "share of the steps (less is sooner)",
}
SHOWS_NOTHING = (
    "With small settings, which show that everything runs and nothing else: read nothing into these numbers."
)
STYLE = "padding:.3em .8em;margin:.5em 0;max-width:60em"


class CellAudit(Message):
    """What was looked for in a cell, and what was found.

    Attributes:
        faults: what would make a comparison unfair.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)

    @property
    def fair(self) -> bool:
        """Was nothing found?"""
        return not self.faults

    def lines(self) -> list[str]:
        """A line for each thing that was looked for, as far as the cell could be run."""
        found: dict[str, list[str]] = {}
        for fault in self.faults:
            found.setdefault(fault.check, []).append(fault.sentence)
        broken = next((check for check in ("contract", "size", "chance") if check in found), None)
        lines = []
        for check, fine in CHECKS.items():
            if check in found:
                lines += [f"✘ {check}: {sentence}" for sentence in found[check]]
            elif broken is None or list(CHECKS).index(check) < list(CHECKS).index(broken):
                lines.append(f"✔ {check}: {fine}")
        return lines

    def __str__(self) -> str:
        return "\n".join([self._head(), *self.lines()])

    __repr__ = __str__

    @property
    def html(self) -> Html:
        """A list, in a box whose colour repeats its first line."""
        items = joined(element("li", with_code(line)) for line in self.lines())
        head = element("p", element("strong", self._head()), style=PARAGRAPH)
        shown = element("ul", items, style="list-style:none;padding-left:.5em")
        return marked_box(
            GOOD if self.fair else FAULT, head, shown, role="group", label="Audit of your cell", style=STYLE
        )

    def _head(self) -> str:
        count = len(self.faults)
        if not count:
            return "Audit of your cell: nothing found that would make a comparison unfair."
        return f"Audit of your cell: {count} thing{'s' * (count > 1)} would make a comparison unfair."


class CellPanel(Message):
    """A learner's cell beside the stored networks: a table and a figure.

    Attributes:
        claim: which claim's measurements.
        columns: one for each condition.
        told: sentences on how it was made.
        quick: was it run with the small settings?
        rows: the cell's own rows, by experiment.
    """

    def __init__(
        self, claim: Claim, columns: Sequence[Column], told: Sequence[str], quick: bool, rows: Mapping[str, Any]
    ) -> None:
        self.claim, self.columns, self.told, self.quick, self.rows = claim, list(columns), list(told), quick, rows

    @property
    def table(self) -> Table:
        """A row for each network, a column for each condition: the mean, and its 95 % interval."""
        names = [*dict.fromkeys(found.network for column in self.columns for found in column.networks)]
        names = [*(name for name in names if name != NAME), NAME]
        heads, cells = ["network"], {name: [name] for name in names}
        for column in self.columns:
            heads.append(f"{column.title}: {column.measure}")
            by_name = {found.network: value_of(found) for found in column.networks}
            for name in names:
                cells[name].append(by_name.get(name, MISSING))
        caption = f"Claim {self.claim.id}: your cell beside the stored networks (means, 95 % intervals, seeds)"
        return Table(caption, heads, list(cells.values()), [False] + [True] * len(self.columns))

    def __str__(self) -> str:
        return "\n".join([str(self.table), *self.told])

    __repr__ = __str__

    @property
    def html(self) -> Html:
        """The figure, the table folded below it, and how it was made."""
        picture = beside_the_stored(self.columns, NAME, f"Claim {self.claim.id}: your cell beside the stored networks")
        folded = element("details", element("summary", "The numbers"), self.table.html)
        told = joined(element("p", line, style=PARAGRAPH) for line in self.told)
        colour = CONDITION if self.quick else GOOD
        label = f"Claim {self.claim.id} with your cell"
        return marked_box(colour, picture.html, folded, told, role="group", label=label, style=STYLE)


def value_of(found: Measured) -> str:
    """Such as "0.25, 0.24 to 0.26 (10)"; a single seed has no interval."""
    interval = "" if found.seeds == 1 else f", {short(found.low)} to {short(found.high)}"
    return f"{short(found.mean)}{interval} ({found.seeds})"


def fitting() -> dict[str, list[Trial]]:
    """The claims that a cell of one's own can take part in, with their trials."""
    by_experiment = trials()
    found: dict[str, list[Trial]] = {}
    for claim in load_claims().values():
        of_claim = [
            trial
            for name in claim.experiments
            for trial in by_experiment.get(name, ())
            if any(part.experiment == name and _reads(part, trial) for part in claim.parts)
        ]
        if of_claim:
            found[claim.id] = of_claim
    return found


def _reads(part: Part, trial: Trial) -> bool:
    """Does a part read this trial's rows, and a measure that a cell of one's own has?"""
    mine = all(part.where.get(key, value) == value for key, value in trial.where.items())
    return part.experiment == trial.experiment and part.metric in MEASURES and mine and set(trial.by) <= set(part.where)


def trials_of(id: str) -> list[Trial]:
    """The trials of a claim.

    Raises:
        CourseError: there is no such claim, or no cell of one's own can take part in it; the message lists where one
            can.
    """
    claim_by_id(id)
    found = fitting()
    if id not in found:
        raise CourseError(
            f"A cell of your own cannot take part in claim {id}: its measurement is no training of one recurrent layer "
            f"on one task. Take one of {', '.join(found)}."
        )
    return found[id]


def audit(cell: Cell, id: str = "C12") -> CellAudit:
    """Say what would make a comparison with a cell unfair.

    Args:
        cell: the learner's: a class of `nn.Module`, as `course_utils.nn.own_cell` asks for it.
        id: the claim whose networks it would stand beside.

    Raises:
        CourseError: as in `trials_of`.
    """
    return CellAudit(_faults(cell, trials_of(id))).say()


def _faults(cell: Cell, of_claim: Sequence[Trial]) -> list[Fault]:
    shapes = dict.fromkeys(trial.shape for trial in of_claim)
    return list(dict.fromkeys(fault for shape in shapes for fault in audit_cell(cell, shape)))


def rerun(
    id: str,
    cell: Cell | None,
    seeds: int = 3,
    *,
    reported: bool = False,
    quick: bool = False,
    jobs: int | None = None,
    rates: Sequence[float] | None = None,
) -> CellPanel:
    """Train a learner's cell in a claim's experiments, and show it beside the stored networks.

    The stored files stay as they are. Each finished seed is kept in the cache folder, so that an interrupted run goes
    on where it was.

    Args:
        id: of the claim.
        cell: as in `audit`.
        seeds: how many.
        reported: the first of the reported seeds in place of new ones.
        quick: small settings, which show that everything runs.
        jobs: processes; default: one for each core.
        rates: to try in place of those that the stored networks had; no more of them.

    Raises:
        CourseError: as in `trials_of`; the cell does not pass the audit; too many rates; a seed failed.
    """
    claim, of_claim = claim_by_id(id), trials_of(id)
    if cell is None:
        raise CourseError("rates are of a cell of your own. Give it too: cell=MyCell.")
    if seeds < 1:
        raise CourseError(f"seeds is {seeds}. Give the number of seeds to run: 1 or more.")
    faults = CellAudit(_faults(cell, of_claim))
    if not faults.fair:
        raise CourseError(f"The comparison would be unfair, so it is not run.\n{faults}")
    tries = {trial: _rates(trial, rates, quick) for trial in of_claim}
    if not quick:
        seconds = sum(seconds_of(trial, cell, seeds, len(tried)) for trial, tried in tries.items())
        Beforehand(f"{_what(of_claim, seeds)} Trainings: {span(seconds)} of CPU by two steps of it here.").say()
    told: list[str] = []
    tables: dict[Trial, pd.DataFrame] = {}
    for trial in of_claim:
        lr, rows = _run(trial, cell, tries[trial], seeds, reported=reported, quick=quick, jobs=jobs)
        tables[trial] = rows
        told.append(
            f"{trial.task}: your cell with {trial.told(cell, lr)}, {_chosen_words(lr, tries[trial])}; each stored "
            f"network had {trial.tries}."
        )
    columns = [column for trial in of_claim for column in columns_of(claim, trial, tables[trial])]
    told.insert(0, _own_seeds(tables.values(), reported=reported))
    told += [SHOWS_NOTHING] if quick else []
    told.append("It begins and ends as its class says; all else is as in the stored runs.")
    return CellPanel(claim, columns, told, quick, {trial.task: rows for trial, rows in tables.items()}).say()


def _what(of_claim: Sequence[Trial], seeds: int) -> str:
    tasks = ", ".join(trial.task for trial in of_claim)
    return f"Your cell on {tasks}: rates are tried on other seeds, then {seeds} seed{'s' * (seeds > 1)} measured."


def _own_seeds(tables: Any, *, reported: bool) -> str:
    ran = sorted({int(seed) for rows in tables for seed in rows["seed"]})
    which = "reported before" if reported else "that no stored result has used"
    return f"Your cell ran on {len(ran)} seed{'s' * (len(ran) > 1)} {which}: {', '.join(map(str, ran))}."


def _chosen_words(lr: float, tried: Sequence[float]) -> str:
    """How its rate was found."""
    if len(tried) == 1:
        return "which was not searched for"
    edge = {min(tried): "smallest", max(tried): "largest"}.get(lr)
    beyond = f", the {edge} of them: a better one may lie beyond" if edge else ""
    return f"the best of {len(tried)} on other seeds{beyond}"


def _rates(trial: Trial, rates: Sequence[float] | None, quick: bool) -> tuple[float, ...]:
    """The rates to try."""
    if rates is None:
        return trial.rates[len(trial.rates) // 2 :][:1] if quick else trial.rates
    tried = tuple(dict.fromkeys(check_positive("rates", lr) for lr in rates))
    if not 1 <= len(tried) <= len(trial.rates):
        raise CourseError(
            f"rates holds {len(tried)} learning rates for {trial.task}, where stored networks had "
            f"{len(trial.rates)}. Give 1 to {len(trial.rates)}."
        )
    return tried


def _run(
    trial: Trial, cell: Cell, tried: Sequence[float], seeds: int, *, reported: bool, quick: bool, jobs: int | None
) -> tuple[float, pd.DataFrame]:
    """Choose the rate on other seeds, then measure: the rate and the rows."""
    lr = tried[0]
    if len(tried) > 1:
        search = _experiment(
            trial, cell, "search", partial(trial.search, cell=cell, rates=tried), {"rates": tried}, quick
        )
        found = runner.run(search, trial.search_seeds, jobs=jobs, cache=_kept_in())
        lr = chosen(found.to_dict("records"))
    measure = _experiment(trial, cell, "measure", partial(trial.measure, cell=cell, lr=lr), {"rate": lr}, quick)
    stored = registry.experiment(trial.experiment)
    wanted = first_seeds(stored.seeds, seeds) if reported else fresh_seeds(seeds)
    return lr, runner.run(measure, wanted, jobs=jobs, cache=_kept_in())


def _kept_in() -> str:
    return str(cache_folder() / "own_cells")


def _experiment(
    trial: Trial, cell: Cell, stage: str, measure: Any, settings: Mapping[str, Any], quick: bool
) -> Experiment:
    """An experiment for the runner. Its settings say which cell it is, and `measure` is not given them."""
    stored = registry.experiment(trial.experiment)
    task = trial.task.replace(" ", "_")
    return Experiment(
        name=f"own_cell_{trial.experiment}_{task}_{stage}",
        version=stored.version,
        measure=_Measure(partial(measure, quick=quick)),
        seeds=stored.seeds,
        settings={**settings, "cell": fingerprint(cell, trial.shape), "quick": quick},
        quick={},
    )


class _Measure:
    """Takes the settings that the runner gives, and leaves them: the cell and its rates are bound already."""

    def __init__(self, measure: Any) -> None:
        self._measure = measure

    def __call__(self, seed: int, **_: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._measure(seed)
        return found


# ---------------------------------------------------------------------------------------------------------------------
# Beside the stored rows


def columns_of(claim: Claim, trial: Trial, own: pd.DataFrame) -> list[Column]:
    """What the claim reads of a trial, condition by condition: the stored networks, and the learner's below them.

    Args:
        claim: whose parts say what is read.
        trial: the task.
        own: the cell's rows; conditions that they lack are left out.
    """
    stored = load(trial.experiment).table
    columns: dict[str, Column] = {}
    for part in (*claim.parts, *claim.alternatives):
        if not _reads(part, trial):
            continue
        condition = {key: part.where[key] for key in trial.by}
        title = f"{_words(condition)}"
        column = f"{part.metric} {part.at_least} {title}"
        if column in columns or not _has(own, condition):
            continue
        networks = [
            _measured(part, {**trial.where, **condition}, str(name), stored)
            for name in dict.fromkeys(stored["network"])
            if _has(stored, {**trial.where, **condition, "network": name})
        ]
        mine = _measured(part, {**trial.where, **condition}, NAME, own)
        chance = trial.chance if part.metric == "accuracy" and part.at_least is None else None
        columns[column] = Column(title, _measure_words(part), [*networks, mine], chance)
    return list(columns.values())


def _has(rows: pd.DataFrame, where: Mapping[str, Any]) -> bool:
    """Is there a row for all values?"""
    left = rows
    for key, value in where.items():
        values = value if isinstance(value, list) else [value]
        if not set(values) <= set(left[key]):
            return False
        left = left[left[key].isin(values)]
    return not left.empty


def _measured(part: Part, where: Mapping[str, Any], network: str, rows: pd.DataFrame) -> Measured:
    wanted = replace(part, where={**where, "network": network}, minus=None)
    found = estimate(per_seed(wanted, rows), 0.95, part.statistic)
    return Measured(network, found.mean, found.low, found.high, found.seeds)


def _measure_words(part: Part) -> str:
    if part.at_least is not None:
        return f"share of seeds with {short(part.at_least)} or more"
    return MEASURES[part.metric]


def _words(condition: Mapping[str, Any]) -> str:
    """A condition in words, such as "long lags at once, lag 10,000"."""
    words = []
    for key, value in condition.items():
        values = value if isinstance(value, list) else [value]
        numbers = [f"{number:,}" if isinstance(number, int) else str(number) for number in values]
        text = numbers[0] if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
        words.append(f"{key} {text}" if key in ("lag", "length") else text)
    return ", ".join(words)
