"""A learner runs a claim again."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest

from course_utils import claims
from course_utils.claims import own_runs
from course_utils.errors import CourseError
from course_utils.experiments.framework import registry
from tests.claims.small_course import PART, TWO_PARTS, files, rewrite, store

ROOT = Path(__file__).resolve().parents[2]


def test_a_learner_s_own_run_takes_new_seeds_and_touches_no_file(course: Path) -> None:
    store(course, version=7)
    before = files(course)
    text = str(claims.rerun("C02", seeds=3, jobs=1))
    assert files(course) == before
    assert "Your own run, 3 seeds (10 to 12: new ones); the stored results are another one." in text
    assert "? undecided (too few seeds: 3, a verdict needs 10)" in text
    assert "? Verdict: undecided (so far" in text
    assert claims.rerun("C02", seeds=10, jobs=1).verdict == "holds"
    assert "Your own run, 1 seed (10: new ones)" in str(claims.rerun("C02", seeds=1, jobs=1))
    html = claims.rerun("C02", seeds=1, jobs=1).html
    assert "–" in html
    assert 'aria-label="Claim C02: your own run"' in html  # beside the box of the stored results: another name


def test_the_reported_seeds_give_the_stored_numbers_again(course: Path) -> None:
    text = str(claims.rerun("C02", seeds=3, reported=True, jobs=1))
    assert "3 seeds (0 to 2: reported ones, so that the numbers are the stored ones)" in text
    assert "mean 0.249, " in text


def test_new_seeds_are_those_that_no_experiment_of_the_course_has_used() -> None:
    used = {seed for experiment in registry.load_experiments().values() for seed in experiment.seeds}
    assert not used & set(own_runs.fresh_seeds(50))


def test_a_quick_run_of_what_is_quick_is_a_real_one(course: Path) -> None:
    store(course)
    text = str(claims.rerun("C02", seeds=2, quick=True, jobs=1))
    assert "Your own run, 2 seeds (10 to 11: new ones)" in text
    assert "small settings" not in text


def test_a_quick_run_with_small_settings_says_that_it_shows_nothing_and_what_it_leaves_out(course: Path) -> None:
    rewrite(course, PART, PART + TWO_PARTS)
    store(course, seconds=10_000.0)
    box = claims.rerun("C02", seeds=2, quick=True, jobs=1)
    text = str(box)
    assert "With small settings. They show that everything runs, and are too small to show the effect" in text
    assert "A run that shows it takes about 33 minutes." in text
    assert "the accuracy of a feedforward net: ? undecided (not measured with the small settings)" in text
    assert "how far the RNN is above it: mean 0.7°, " in text
    assert box.verdict == "no verdict: the small settings cannot show the effect"
    assert "Verdict:" not in text


def test_how_long_it_takes_is_said_beforehand(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(own_runs.Beforehand, "say", lambda one: said.append(str(one)))
    claims.rerun("C02", seeds=1, jobs=1)
    store(course, seconds=1_200.0)
    claims.rerun("C02", seeds=1, jobs=1)
    assert said == [
        "recall: 1 seed of each. An unknown time, by the CPU seconds of the stored results.",
        "recall: 1 seed of each. About 2 minutes, by the CPU seconds of the stored results.",
    ]
    assert "<p>" in own_runs.Beforehand("so").html


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "about a second"), (89, "about 89 seconds"), (600, "about 10 minutes"), (9_000, "about 2.5 hours")],
)
def test_a_span_of_time_in_words(seconds: float, words: str) -> None:
    assert own_runs.span(seconds) == words
    assert own_runs.span(math.inf) == "an unknown time"


def test_what_cannot_be_run_is_told(course: Path) -> None:
    with pytest.raises(CourseError, match="nothing to run for claim C12: no verdict yet: lesson 09 is still to come"):
        claims.rerun("C12")
    with pytest.raises(CourseError, match="seeds is 0"):
        claims.rerun("C02", seeds=0)
    with pytest.raises(CourseError, match="There is no claim 'C99'"):
        claims.box("C99")


def test_seeds_beyond_those_reported_come_after_them() -> None:
    assert own_runs.first_seeds((5, 3, 4), 2) == [3, 4]
    assert own_runs.first_seeds((5, 3, 4), 5) == [3, 4, 5, 6, 7]


def test_importing_claims_is_light() -> None:
    heavy = ("numpy", "pandas", "torch", "scipy", "joblib", "tqdm")
    script = f"import sys; from course_utils import claims\nprint([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
