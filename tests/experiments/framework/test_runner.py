"""Experiments run over their seeds: the same rows in whatever order, and nothing finished is lost."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pytest
import torch

from course_utils.errors import CourseError
from course_utils.experiments.framework import runner
from course_utils.experiments.framework.experiment import Experiment
from tests.experiments import tiny_experiments as tiny

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log.txt"


def logged(log: Path, until: int = -1, how: str = "", seeds: tuple[int, ...] = (0, 1, 2)) -> Experiment:
    return Experiment("logged", 1, tiny.logged, seeds, {"log": str(log), "until": until, "how": how}, {})


def seeds_run(log: Path) -> list[int]:
    return sorted(map(int, log.read_text().split())) if log.exists() else []


def seed_files(cache: Path) -> list[Path]:
    return sorted(path for path in cache.rglob("*.json"))


@pytest.mark.repeat
def test_rows_are_the_same_in_one_process_and_in_two_whichever_seed_finishes_first() -> None:
    one, two = (runner.run(tiny.SLOW_FIRST, jobs=jobs) for jobs in (1, 2))
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert list(one.columns) == ["seed", "draw", "value", "threads"]
    assert one["seed"].tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert one["draw"].tolist() == [0, 1, 2] * 4
    assert set(one["threads"]) == {1}
    assert one["value"].nunique() == 12


def test_seeds_are_ordered_and_chosen() -> None:
    rows = runner.run(tiny.SLOW_FIRST, [9, 5], quick=True, jobs=1)
    assert rows["seed"].tolist() == [5, 9]
    assert runner.run(tiny.SLOW_FIRST, [9], quick=True, jobs=1)["value"][0] == rows["value"][1]


def test_one_process_leaves_random_numbers_and_threads_as_they_were() -> None:
    def state() -> tuple[Any, ...]:
        return random.random(), float(np.random.rand()), float(torch.rand(()))

    def seed_all() -> None:
        random.seed(1), np.random.seed(1), torch.manual_seed(1)

    seed_all()
    expected = state()
    deterministic = torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(2)
    try:
        seed_all()
        runner.run(tiny.SLOW_FIRST, [0], quick=True, jobs=1)
        assert state() == expected
        assert torch.get_num_threads() == 2
        assert torch.are_deterministic_algorithms_enabled() == deterministic
    finally:
        torch.set_num_threads(1)


def test_scalars_become_plain_and_absent_columns_none() -> None:
    result = runner.result_of(Experiment("scalars", 1, tiny.scalars, (4,), {}, {}), jobs=1)
    assert result.columns == ["seed", "int", "float", "bool", "text", "late"]
    assert result.rows == [[4, 7, 0.5, True, "a", None], [4, 8, 0.25, True, "b", None], [4, 9, 0.125, False, "c", None]]
    assert [type(value) for value in result.rows[0]] == [int, int, float, bool, str, type(None)]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([{"loss": float("inf")}], "'loss' holds inf"),
        ([{"loss": np.float64("nan")}], "'loss' holds nan"),
        ([{"loss": [1.0]}], r"'loss' holds \[1.0\]"),
        ([{"loss": torch.ones(2)}], r"'loss' holds tensor"),
        ([{"seed": 1}], "called 'seed'"),
        ([{3: 1}], "called 3"),
        ([], "at least one"),
        ([{}], "at least one"),
        ({"loss": 1}, "a list of rows"),
        (None, "a list of rows"),
    ],
)
def test_what_is_no_row_is_told_with_experiment_seed_and_column(rows: Any, reason: str) -> None:
    wrong = Experiment("wrong", 1, lambda seed: rows, (5,), {}, {})
    with pytest.raises(CourseError, match=f"(?s)Experiment 'wrong' failed for seed 5.*{reason}"):
        runner.run(wrong, jobs=1)


@pytest.mark.parametrize("seeds", [[], [1, 1], [-1], [1.0], [True]])
def test_wrong_seeds_are_told(seeds: list[Any]) -> None:
    with pytest.raises(CourseError, match=r"'draws' was given the seeds .*whole numbers"):
        runner.run(tiny.SLOW_FIRST, seeds)


def test_wrong_jobs_and_settings_are_told() -> None:
    with pytest.raises(CourseError, match="jobs is 0"):
        runner.run(tiny.SLOW_FIRST, jobs=0)
    with pytest.raises(CourseError, match="settings of experiment 'draws' cannot be written as JSON"):
        runner.run(dataclasses.replace(tiny.SLOW_FIRST, settings={"size": {1, 2}}))


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_failing_seed_stops_no_other_and_a_later_call_runs_only_that(log: Path, tmp_path: Path, jobs: int) -> None:
    experiment, cache = logged(log, until=1), tmp_path / "cache"
    with pytest.raises(CourseError) as caught:
        runner.run(experiment, jobs=jobs, cache=cache)
    assert re.search(r"failed for seed 1\. The seeds that finished are kept", str(caught.value))
    assert re.search(r"seed 1: ValueError: the net forgot \(tiny_experiments.py, line \d+\)", str(caught.value))
    assert str(tmp_path) not in str(caught.value)
    assert seeds_run(log) == [0, 1, 2]
    (tmp_path / "fixed").touch()
    assert runner.run(experiment, jobs=jobs, cache=cache)["score"].tolist() == [0, 0.125, 0.25]
    assert seeds_run(log) == [0, 1, 1, 2]


def test_rows_with_nan_are_not_kept(log: Path, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"(?s)'logged' failed for seed 2.*seed 2: Column 'loss' holds nan"):
        runner.run(logged(log, until=2, how="nan"), jobs=1, cache=tmp_path / "cache")
    assert [path.stem for path in seed_files(tmp_path / "cache")] == ["0", "1"]


@pytest.mark.repeat
def test_a_worker_that_dies_is_told_and_the_rest_goes_on_later(log: Path, tmp_path: Path) -> None:
    experiment, cache = logged(log, until=3, how="exit", seeds=(0, 1, 2, 3)), tmp_path / "cache"
    with pytest.raises(CourseError, match=r"seed 3: its process ended \(short of memory\?\)"):
        runner.run(experiment, jobs=2, cache=cache)
    (tmp_path / "fixed").touch()
    kept = len(seed_files(cache))
    before = len(seeds_run(log))
    assert runner.run(experiment, jobs=2, cache=cache)["score"].tolist() == [0, 0.125, 0.25, 0.375]
    assert len(seeds_run(log)) - before == 4 - kept


@pytest.mark.repeat
def test_an_interruption_passes_through_and_what_finished_is_kept(log: Path, tmp_path: Path) -> None:
    experiment, cache = logged(log, until=2, how="interrupt", seeds=(0, 1, 2, 3)), tmp_path / "cache"
    with pytest.raises(KeyboardInterrupt):
        runner.run(experiment, jobs=1, cache=cache)
    assert seeds_run(log) == [0, 1, 2]
    (tmp_path / "fixed").touch()
    assert runner.run(experiment, jobs=1, cache=cache)["score"].tolist() == [0, 0.125, 0.25, 0.375]
    assert seeds_run(log) == [0, 1, 2, 2, 3]


def naps(log: Path, cache: Path) -> str:
    """A program that runs an experiment in two processes; they never end by themselves."""
    return (
        "from course_utils.experiments.framework import runner\n"
        "from course_utils.experiments.framework.experiment import Experiment\n"
        "from tests.experiments import tiny_experiments as tiny\n"
        f"naps = Experiment('naps', 1, tiny.naps, (0, 1, 2), {{'log': {str(log)!r}}}, {{}})\n"
        "try:\n"
        f"    print(runner.run(naps, jobs=2, cache={str(cache)!r})['score'].tolist())\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )


@pytest.mark.repeat
@pytest.mark.usefixtures("stop_button")
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to a group of processes")
def test_control_c_in_the_middle_of_processes_keeps_what_finished(log: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", naps(log, tmp_path / "cache")]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    while seeds_run(log) != [0, 1, 2] and process.poll() is None:  # seed 0 has finished, 1 and 2 never will
        time.sleep(0.05)
    assert [path.stem for path in seed_files(tmp_path / "cache")] == ["0"]
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=60)[0].strip() == "interrupted"
    (tmp_path / "fixed").touch()
    experiment = Experiment("naps", 1, tiny.naps, (0, 1, 2), {"log": str(log)}, {})
    assert runner.run(experiment, jobs=1, cache=tmp_path / "cache")["score"].tolist() == [0, 0.125, 0.25]
    assert seeds_run(log) == [0, 1, 1, 2, 2]


@pytest.mark.repeat
@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL", "SIGHUP"])
def test_workers_end_with_their_master_and_what_finished_is_kept(how: str, log: Path, tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", naps(log, tmp_path / "cache")], cwd=ROOT, start_new_session=True)
    while seeds_run(log) != [0, 1, 2] and process.poll() is None:  # seed 0 has finished, 1 and 2 never will
        time.sleep(0.05)
    workers = psutil.Process(process.pid).children(recursive=True)
    assert len(workers) >= 2
    process.send_signal(getattr(signal, how))
    process.wait()
    assert psutil.wait_procs(workers, timeout=60)[1] == []
    assert [path.stem for path in seed_files(tmp_path / "cache")] == ["0"]


def flipped(fields: dict[str, Any], **changes: Any) -> str:
    return json.dumps({**fields, **changes})


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[:-9],
        lambda text: "[]",
        lambda text: "null",
        lambda text: "[" * 100_000,
        lambda text: flipped(json.loads(text), rows=[]),
        lambda text: flipped(json.loads(text), rows=[{"score": None, "seed": 1}]),
        lambda text: flipped(json.loads(text), seed=2),
        lambda text: flipped(json.loads(text), key="0"),
        lambda text: flipped(json.loads(text), seconds="x"),
        lambda text: text.replace("0.125", "NaN"),
        lambda text: "\x00" + text,
    ],
)
def test_a_damaged_seed_in_the_cache_is_run_again(damage: Any, log: Path, tmp_path: Path) -> None:
    experiment, cache = logged(log), tmp_path / "cache"
    expected = runner.run(experiment, jobs=1, cache=cache)
    path = seed_files(cache)[1]
    path.write_text(damage(path.read_text()))
    pd.testing.assert_frame_equal(runner.run(experiment, jobs=1, cache=cache), expected)
    assert seeds_run(log) == [0, 1, 1, 2]


def test_the_cache_serves_only_the_same_version_settings_and_torch(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment, cache = logged(log, seeds=(0,)), tmp_path / "cache"
    for one in (experiment, experiment, dataclasses.replace(experiment, version=2), logged(log, until=7, seeds=(0,))):
        runner.run(one, jobs=1, cache=cache)
    assert len(seeds_run(log)) == 3
    monkeypatch.setattr(runner, "versions", lambda: {"python": "3.11", "torch": "other", "numpy": "1"})
    runner.run(experiment, jobs=1, cache=cache)
    assert len(seeds_run(log)) == 4


def test_a_cache_that_cannot_be_written_is_told(log: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file in the way")
    with pytest.raises(CourseError, match="seed 0: its rows could not be kept"):
        runner.run(logged(log, seeds=(0,)), jobs=1, cache=tmp_path / "cache")


def test_a_bar_is_silent_where_nobody_sees_it(capfd: pytest.CaptureFixture[str]) -> None:
    runner.run(tiny.SLOW_FIRST, [0], quick=True, jobs=1)
    assert capfd.readouterr() == ("", "")


def test_a_bar_counts_the_seeds(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "bars_are_seen", lambda: True)
    runner.run(tiny.SLOW_FIRST, [0, 1], quick=True, jobs=1)
    assert re.search(r"draws.* 2/2 ", capfd.readouterr().err)
    runner.run(tiny.SLOW_FIRST, [0, 1], quick=True, jobs=1, progress=False)
    assert capfd.readouterr().err == ""
