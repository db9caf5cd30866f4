"""Measure the experiment "synthetic_to_real" by an archive of real recordings, and write data/results.

    python tools/data/synthetic_to_real.py fsdd.zip

The archive holds clips named as in the Free Spoken Digit Dataset; those by the speakers of the experiment's settings
are used, so that the whole set and a part of it give the same rows.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from course_utils.claims.stored import rules
from course_utils.data.spoken_digits import read_fsdd
from course_utils.experiments.applications import synthetic_to_real
from course_utils.experiments.framework.experiment import Row
from course_utils.experiments.framework.results import save
from course_utils.experiments.framework.runner import result_of

FOLDER = Path(__file__).resolve().parents[2] / "data" / "results"


def rows(seed: int, *, archive: Path, source: str, speakers: list[str], **sizes: int) -> list[Row]:
    """The experiment's rows, by the clips of an archive."""
    return synthetic_to_real.rows_of(synthetic_to_real.by(read_fsdd(archive), speakers), seed, **sizes)


def main(archive: Path) -> None:
    """Measure, and write."""
    experiment = synthetic_to_real.EXPERIMENT
    measured = replace(experiment, measure=partial(rows, archive=archive))
    result = result_of(measured, jobs=1, rules=rules(experiment.name))
    print(result.table.groupby("training", sort=False)["accuracy"].agg(["mean", "min", "max"]).round(3))
    print(save(result, FOLDER).name, f"{result.seconds:.0f} CPU seconds")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("Give one argument: the path of the archive.")
    main(Path(sys.argv[1]))
