"""Seeds on a cluster of real processes: the same rows as here, and nothing finished is lost."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from course_utils.errors import CourseError
from course_utils.experiments.framework import cluster, results, runner
from course_utils.experiments.framework.experiment import Experiment
from tests.experiments import tiny_experiments as tiny

pytest.importorskip("distributed")
ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 120.0  # seconds for a process to come up on a crowded machine


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    surroundings = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "dask", *arguments]
    with subprocess.Popen(command, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as started:
        try:
            yield started
        finally:
            started.kill()


def waited_for(found: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE
    while not (value := found()):
        assert time.monotonic() < end, "nothing came"
        time.sleep(0.05)
    return value


@contextmanager
def scheduler(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler on a free port of this machine, with its address."""
    told = folder / "scheduler.json"
    with process(
        "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(told)
    ) as it:
        waited_for(lambda: told.exists() and told.read_text().endswith("}"))
        yield json.loads(told.read_text())["address"], it


def worker(address: str) -> Any:
    return process("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard")


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with scheduler(tmp_path_factory.mktemp("cluster")) as (address, _), worker(address), worker(address):
        yield address


def table(experiment: Experiment, address: str, cache: Path | None = None) -> pd.DataFrame:
    return runner.result_of(experiment, scheduler=address, progress=False, cache=cache).table


def test_rows_are_those_of_this_machine_bit_for_bit_and_are_kept_here(two_workers: str, tmp_path: Path) -> None:
    found = table(tiny.SLOW_FIRST, two_workers, tmp_path)
    pd.testing.assert_frame_equal(found, runner.run(tiny.SLOW_FIRST, jobs=1), check_exact=True)
    assert sorted(path.stem for path in tmp_path.rglob("*.json")) == ["0", "1", "2", "3"]


def test_a_failing_seed_is_told_and_stops_no_other(two_workers: str, tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    failing = Experiment("logged", 1, tiny.logged, (0, 1, 2), {"log": str(log), "until": 1}, {})
    with pytest.raises(CourseError, match=r"(?s)failed for seed 1\. The seeds that finished are kept.*the net forgot"):
        table(failing, two_workers, tmp_path / "cache")
    (tmp_path / "fixed").touch()
    assert table(failing, two_workers, tmp_path / "cache")["score"].tolist() == [0, 0.125, 0.25]
    assert sorted(log.read_text().split()) == ["0", "1", "1", "2"]


def test_two_users_at_once_get_their_own_rows(two_workers: str, tmp_path: Path) -> None:
    logs = [tmp_path / f"{user}.txt" for user in "ab"]
    streams = [cluster.unordered(two_workers, tiny.logged, [(seed, str(log)) for seed in range(3)]) for log in logs]
    pairs = [[next(stream) for stream in streams] for _ in range(3)]
    for user, log in enumerate(logs):
        assert sorted(pair[user][0] for pair in pairs) == [0, 1, 2]
        assert sorted(log.read_text().split()) == ["0", "1", "2"]
    for stream in streams:
        stream.close()


def test_what_dies_on_the_way_costs_no_finished_seed(tmp_path: Path) -> None:
    """First a worker, whose seed the other one runs, and then the scheduler, whose tasks the next call runs."""
    log, cache = tmp_path / "log.txt", tmp_path / "cache"
    dying = Experiment("dies", 1, tiny.dies_once, (0, 1, 2), {"log": str(log), "at": 1}, {})
    napping = Experiment("naps", 1, tiny.naps, (0, 1), {"log": str(log)}, {})
    with scheduler(tmp_path) as (address, master), worker(address), worker(address):
        assert table(dying, address)["score"].tolist() == [0, 0.125, 0.25]
        assert log.read_text().split().count("1") == 2
        log.unlink()

        def lose() -> None:
            waited_for(lambda: [*cache.rglob("0.json")] and len(log.read_text().split()) == 2)
            master.send_signal(signal.SIGKILL)

        threading.Thread(target=lose, daemon=True).start()
        with pytest.raises(CourseError, match=r"(?s)seed 1\. The seeds that finished are kept.*scheduler.*was lost"):
            table(napping, address, cache)
    (tmp_path / "fixed").touch()
    assert runner.run(napping, jobs=1, cache=cache)["score"].tolist() == [0, 0.125]
    assert sorted(log.read_text().split()) == ["0", "1", "1"]


@pytest.mark.parametrize(
    ("threads", "other", "said"),
    [
        (2, {}, "the worker tcp://w has 2 threads: start it with --nthreads 1"),
        (1, {"torch": "0.1"}, r"the worker tcp://w has other packages: torch \S+ instead of 0\.1"),
    ],
)
def test_a_worker_whose_numbers_could_differ_runs_nothing(
    threads: int, other: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = SimpleNamespace(address="tcp://w", state=SimpleNamespace(nthreads=threads))
    monkeypatch.setattr("distributed.get_worker", lambda: own)
    found = cluster.checked(pytest.fail, results.versions() | other, ("it was called",))
    assert re.fullmatch(said, str(found))


def test_versions_are_sent_to_the_workers(two_workers: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = results.versions() | {"numpy": "0.1"}
    monkeypatch.setattr(cluster, "versions", lambda: other)
    log = tmp_path / "log.txt"
    with pytest.raises(CourseError, match=r"seed 0: the worker \S+ has other packages: numpy \S+ instead of 0\.1"):
        table(Experiment("logged", 1, tiny.logged, (0,), {"log": str(log)}, {}), two_workers)
    assert not log.exists()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x", "127.0.0.1"])
def test_where_no_scheduler_answers_it_is_said_what_to_do(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "WAIT", "1s")
    with pytest.raises(CourseError, match=rf"No Dask scheduler answers at {address}: .*dask scheduler"):
        table(tiny.SLOW_FIRST, address)


def test_without_dask_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CourseError, match="pip install distributed"):
        table(tiny.SLOW_FIRST, "tcp://127.0.0.1:9")
