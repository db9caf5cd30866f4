"""Measure the experiments with real recordings by an archive of them, and write data/results.

    python tools/data/real_speakers.py fsdd.zip                      both
    python tools/data/real_speakers.py fsdd.zip unknown_speakers     one

The archive holds clips named as in the Free Spoken Digit Dataset; those by the speakers of the experiment's settings
are used, so that the whole set and a part of it give the same rows.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from course_utils.claims.stored import rules
from course_utils.data.spoken_digits import SpokenDigits, read_fsdd
from course_utils.experiments.applications import synthetic_to_real, unknown_speakers
from course_utils.experiments.framework.experiment import Row
from course_utils.experiments.framework.results import save
from course_utils.experiments.framework.runner import result_of

FOLDER = Path(__file__).resolve().parents[2] / "data" / "results"
MODULES = {module.EXPERIMENT.name: module for module in (synthetic_to_real, unknown_speakers)}
RowsOf = Callable[..., list[Row]]


def rows(seed: int, *, archive: Path, rows_of: RowsOf, source: str, speakers: list[str], **sizes: int) -> list[Row]:
    """The experiment's rows, by the clips of an archive."""
    digits: SpokenDigits = synthetic_to_real.by(read_fsdd(archive), speakers)
    return rows_of(digits, seed, **sizes)


def main(archive: Path, names: list[str]) -> None:
    """Measure, and write."""
    for name in names or MODULES:
        experiment = MODULES[name].EXPERIMENT
        measured = replace(experiment, measure=partial(rows, archive=archive, rows_of=MODULES[name].rows_of))
        result = result_of(measured, jobs=1, rules=rules(experiment.name))
        print(save(result, FOLDER).name, f"{result.seconds:.0f} CPU seconds")


if __name__ == "__main__":
    if len(sys.argv) < 2 or set(sys.argv[2:]) - set(MODULES):
        raise SystemExit(f"Give the path of the archive, and perhaps some of {', '.join(MODULES)}.")
    main(Path(sys.argv[1]), sys.argv[2:])
