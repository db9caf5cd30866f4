"""A learner runs a claim again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from course_utils import claims
from course_utils.claims import boxes
from course_utils.errors import CourseError
from tests.claims.small_course import PART, TWO_PARTS, files, rewrite, store

ROOT = Path(__file__).resolve().parents[2]


def test_a_learner_s_own_run_is_labelled_and_touches_no_file(course: Path) -> None:
    store(course, version=7)
    before = files(course)
    text = str(claims.rerun("C02", seeds=3, jobs=1))
    assert files(course) == before
    assert "Your own run (3 seeds); the stored results are another one." in text
    assert "mean 0.249, " in text  # seeds 0, 1 and 2: the first of those reported
    assert "? undecided (too few seeds: 3, a verdict needs 10)" in text
    assert "? Verdict: undecided (so far" in text
    assert claims.rerun("C02", seeds=10, jobs=1).verdict == "holds"
    assert "Your own run (1 seed)" in str(claims.rerun("C02", seeds=1, jobs=1))
    html = claims.rerun("C02", seeds=1, jobs=1).html
    assert "–" in html
    assert 'aria-label="Claim C02: your own run"' in html  # beside the box of the stored results: another name


def test_a_quick_run_says_what_it_leaves_out(course: Path) -> None:
    rewrite(course, PART, PART + TWO_PARTS)
    text = str(claims.rerun("C02", seeds=2, quick=True, jobs=1))
    assert "Your own run (small settings, 2 seeds)" in text
    assert "the accuracy of a feedforward net: ? undecided (not measured with the small settings)" in text
    assert "how far the RNN is above it: mean 0.7°, " in text


def test_what_cannot_be_run_is_told(course: Path) -> None:
    with pytest.raises(CourseError, match="nothing to run for claim C12: no verdict yet: lesson 09 is still to come"):
        claims.rerun("C12")
    with pytest.raises(CourseError, match="seeds is 0"):
        claims.rerun("C02", seeds=0)
    with pytest.raises(CourseError, match="There is no claim 'C99'"):
        claims.box("C99")


def test_seeds_beyond_those_reported_come_after_them() -> None:
    assert boxes.first_seeds((5, 3, 4), 2) == [3, 4]
    assert boxes.first_seeds((5, 3, 4), 5) == [3, 4, 5, 6, 7]


def test_importing_claims_is_light() -> None:
    heavy = ("numpy", "pandas", "torch", "scipy", "joblib", "tqdm")
    script = f"import sys; from course_utils import claims\nprint([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
