"""Runs an experiment over its seeds, in processes here or on a cluster, and goes on where it was interrupted."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from course_utils.errors import CourseError
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.results import (
    Result,
    columns_of,
    plain_rows,
    plain_settings,
    versions,
    write_whole,
)
from course_utils.runtime import bars_are_seen, prepare_torch, random_state_kept

if TYPE_CHECKING:
    import pandas as pd


WATCHED = 1.0  # seconds between two looks of a worker at its master


@dataclass(frozen=True)
class Finished:
    """One seed's rows, and the CPU seconds they took."""

    seed: int
    rows: list[Row]
    seconds: float


@dataclass(frozen=True)
class Failed:
    """A seed that gave no rows, and why."""

    seed: int
    reason: str


@dataclass(frozen=True)
class Cache:
    """Finished seeds as files: one folder for each name, version, settings, Python and torch.

    Attributes:
        folder: where this experiment's seeds are.
        key: what they depend on.
    """

    folder: Path
    key: str

    @classmethod
    def of(cls, cache: str | Path, experiment: Experiment, settings: Mapping[str, Any]) -> Cache:
        """The cache of an experiment with these settings inside a folder for all of them."""
        used = versions()
        parts = [experiment.name, experiment.version, settings, used["python"], used["torch"]]
        key = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        return cls(Path(cache) / experiment.name / f"{experiment.version}-{key[:12]}", key)

    def path(self, seed: int) -> Path:
        """The file of one seed."""
        return self.folder / f"{seed}.json"

    def write(self, finished: Finished) -> None:
        """Keep a finished seed."""
        write_whole(self.path(finished.seed), json.dumps({"key": self.key, **asdict(finished)}, allow_nan=False))

    def read(self, seed: int) -> Finished | None:
        """A seed that was kept; None where there is none, or its file is damaged."""
        try:
            fields = json.loads(self.path(seed).read_text(encoding="utf-8"))
            if (fields.pop("key"), fields["seed"]) != (self.key, seed):
                return None
            return Finished(seed, plain_rows(fields["rows"]), float(fields["seconds"]))
        except (OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError, CourseError):
            return None


def run(
    experiment: Experiment,
    seeds: Sequence[int] | None = None,
    *,
    quick: bool = False,
    jobs: int | None = None,
    progress: bool = True,
    cache: str | Path | None = None,
) -> pd.DataFrame:
    """Run an experiment and return its rows.

    Args:
        experiment: what to run.
        seeds: default: those that are reported.
        quick: with its small settings.
        jobs: how many processes, one thread each; default: one for each core. 1 runs in this process. They end with
            this process, also where it is killed.
        progress: show a bar.
        cache: a folder in which every finished seed is kept at once; a later call goes on with the rest.

    Returns:
        One row for each measurement, its seed first; ordered by seed, whichever finished first.

    Raises:
        CourseError: a seed failed, or its rows hold what they should not. The other seeds were run all the same.
    """
    return result_of(experiment, seeds, quick=quick, jobs=jobs, progress=progress, cache=cache).table


def result_of(
    experiment: Experiment,
    seeds: Sequence[int] | None = None,
    *,
    quick: bool = False,
    jobs: int | None = None,
    progress: bool = True,
    cache: str | Path | None = None,
    rules: Mapping[str, str] | None = None,
    scheduler: str | None = None,
) -> Result:
    """The same as `run`, as a result that can be saved.

    Args:
        experiment: what to run.
        seeds, quick, jobs, progress, cache: as in `run`.
        rules: the hashes of the claims that read the result.
        scheduler: the address of a Dask cluster that runs the seeds; None: they run on this machine.

    Raises:
        CourseError: as in `run`, or there is no such cluster.
    """
    wanted = _checked(experiment, seeds, jobs)
    given = {**experiment.settings, **(experiment.quick if quick else {})}
    settings = plain_settings(experiment.name, given)
    kept = None if cache is None else Cache.of(cache, experiment, settings)
    done = {seed: found for seed in wanted if kept and (found := kept.read(seed))}
    tasks = [(experiment.measure, seed, given, kept) for seed in wanted if seed not in done]
    failed: list[Failed] = []
    outcomes_of = partial(_outcomes_there, scheduler) if scheduler else partial(_outcomes, jobs)
    with _bar(experiment.name, len(wanted), len(done), progress) as bar, closing(outcomes_of(tasks)) as outcomes:
        try:
            for outcome in outcomes:
                if isinstance(outcome, Finished):
                    done[outcome.seed] = outcome
                else:
                    failed.append(outcome)
                bar.update()
        except BrokenProcessPool:
            heard = {*done, *(failure.seed for failure in failed)}
            failed += [Failed(seed, "its process ended (short of memory?)") for seed in wanted if seed not in heard]
    if failed:
        raise _failure(experiment.name, failed, kept is not None)
    rows = [{"seed": seed, **row} for seed in wanted for row in done[seed].rows]
    columns = columns_of(rows)
    return Result(
        experiment=experiment.name,
        version=experiment.version,
        seeds=wanted,
        settings=settings,
        versions=versions(),
        seconds=round(sum(done[seed].seconds for seed in wanted), 1),
        rules=dict(rules or {}),
        columns=columns,
        rows=[[row.get(column) for column in columns] for row in rows],
    )


def _checked(experiment: Experiment, seeds: Sequence[int] | None, jobs: int | None) -> list[int]:
    """The seeds in order."""
    wanted = sorted(experiment.seeds if seeds is None else seeds)
    if not wanted or len(set(wanted)) < len(wanted) or not all(type(seed) is int and seed >= 0 for seed in wanted):
        raise CourseError(
            f"Experiment {experiment.name!r} was given the seeds {wanted!r:.60}. Expected: whole numbers from 0 "
            "up, at least one, each once."
        )
    if jobs is not None and jobs < 1:
        raise CourseError(f"jobs is {jobs}. Expected: the number of processes: 1 or more, or None for all cores.")
    return wanted


Task: TypeAlias = tuple[Callable[..., list[Row]], int, dict[str, Any], Cache | None]


def _outcomes(jobs: int | None, tasks: list[Task]) -> Generator[Finished | Failed, None, None]:
    """The outcome of every task as soon as it is known."""
    from joblib import Parallel, cpu_count, delayed, parallel_config

    jobs = min(jobs or cpu_count(), len(tasks))
    if jobs > 1:
        with parallel_config("loky", n_jobs=jobs, inner_max_num_threads=1):
            calls = (delayed(_measure_as_worker)(os.getpid(), *task) for task in tasks)
            stream = Parallel(return_as="generator_unordered", batch_size=1)(calls)
        yield from stream
    else:
        with random_state_kept(settings=True):
            yield from (_measure(*task) for task in tasks)


def _outcomes_there(scheduler: str, tasks: list[Task]) -> Generator[Finished | Failed, None, None]:
    """The same on a cluster. Finished seeds are kept here: other machines need not share this one's disk."""
    from course_utils.experiments.framework.cluster import unordered

    calls = [(measure, seed, settings, None) for measure, seed, settings, _ in tasks]
    with closing(unordered(scheduler, _measure, calls)) as outcomes:
        for number, outcome in outcomes:
            _, seed, _, cache = tasks[number]
            yield Failed(seed, outcome) if isinstance(outcome, str) else _kept(outcome, cache)


def _kept(outcome: Finished | Failed, cache: Cache | None) -> Finished | Failed:
    """An outcome, after a finished seed was written to the cache."""
    if isinstance(outcome, Finished) and cache is not None:
        try:
            cache.write(outcome)
        except OSError as error:
            return Failed(outcome.seed, f"its rows could not be kept in {cache.folder}: {error.strerror}")
    return outcome


def _measure_as_worker(master: int, *task: Any) -> Finished | Failed:
    """The same in a process of its own, which ends when its master does, however that ended."""
    _end_with(master)
    return _measure(*task)


@cache
def _end_with(master: int) -> None:
    """End this process when another one is no more: nobody would hear what it measures."""
    threading.Thread(target=_watch, args=(master,), name="end with the master", daemon=True).start()


def _watch(master: int) -> None:
    import psutil

    while psutil.pid_exists(master) if sys.platform == "win32" else os.getppid() == master:
        time.sleep(WATCHED)
    os._exit(1)


def _measure(
    measure: Callable[..., list[Row]], seed: int, settings: dict[str, Any], cache: Cache | None
) -> Finished | Failed:
    """Run one seed and keep what it gave; in whichever process this is."""
    prepare_torch(seed, threads=1)
    start = time.process_time()
    try:
        rows = plain_rows(measure(seed, **settings))
    except CourseError as error:
        return Failed(seed, str(error))
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return Failed(seed, f"{type(error).__name__}: {error} ({Path(last.filename).name}, line {last.lineno})")
    return _kept(Finished(seed, rows, time.process_time() - start), cache)


def _bar(name: str, total: int, done: int, progress: bool) -> Any:
    """A bar that counts seeds."""
    from tqdm.auto import tqdm

    return tqdm(total=total, initial=done, desc=name, unit="seed", disable=not (progress and bars_are_seen()))


def _failure(name: str, failed: list[Failed], kept: bool) -> CourseError:
    """One error for all seeds that failed."""
    failed = sorted(failed, key=lambda failure: failure.seed)
    seeds = ", ".join(str(failure.seed) for failure in failed)
    reasons = "\n".join(f"  seed {failure.seed}: {failure.reason}" for failure in failed)
    rest = " The seeds that finished are kept: run it again to go on with the rest." if kept else ""
    return CourseError(f"Experiment {name!r} failed for seed{'s' * (len(failed) > 1)} {seeds}.{rest}\n{reasons}")
