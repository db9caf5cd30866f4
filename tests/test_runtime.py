"""`start`, `finish` and what a learner sees when a name is wrong."""

from __future__ import annotations

import random
import subprocess
import sys
from contextlib import suppress

import nbformat
import numpy as np
import pytest
import torch
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

import course_utils
from course_utils import runtime
from course_utils.errors import CourseError
from course_utils.syllabus import LESSONS
from tests.random_state import random_state


@pytest.fixture(autouse=True)
def no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "_session", None)
    monkeypatch.delenv("COURSE_PROFILE", raising=False)


def test_importing_the_package_loads_nothing_heavy_and_opens_no_connection() -> None:
    code = (
        "import sys, socket\n"
        "def refuse(*a, **k): raise AssertionError('network')\n"
        "socket.socket.connect = refuse\n"
        "import course_utils\n"
        "print(sorted({'torch', 'numpy', 'pandas', 'matplotlib', 'IPython', 'ipywidgets'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_start_makes_random_numbers_repeatable() -> None:
    def draw() -> tuple[float, float, float]:
        course_utils.start("05_recurrent_networks", seed=3)
        return random.random(), float(np.random.rand()), float(torch.rand(()))

    assert draw() == draw()
    first = draw()
    course_utils.start("05_recurrent_networks", seed=4)
    assert first != (random.random(), float(np.random.rand()), float(torch.rand(())))


def test_start_sets_threads_and_says_what_began(capsys: pytest.CaptureFixture[str]) -> None:
    before = torch.get_num_threads()
    try:
        course_utils.start("05_recurrent_networks", threads=2)
        assert torch.get_num_threads() == 2
        course_utils.start("05_recurrent_networks")
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
    assert "Lesson 05, Recurrent networks. Profile standard, device cpu." in capsys.readouterr().out


@pytest.mark.parametrize("wrong", ["05_recurent_networks", "5", "", "lesson", None, 5, ["05"]])
def test_a_wrong_lesson_gives_one_sentence_with_all_choices(wrong: object) -> None:
    with pytest.raises(CourseError) as caught:
        course_utils.start(wrong)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    assert all(name in str(caught.value) for name in LESSONS)


def test_a_near_miss_is_guessed() -> None:
    with pytest.raises(CourseError, match="Did you mean '05_recurrent_networks'"):
        course_utils.start("05_recurent_networks")


def test_an_unknown_profile_names_the_two_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CourseError, match=r"no profile .fast..*standard, full"):
        course_utils.start("05_recurrent_networks", profile="fast")
    monkeypatch.setenv("COURSE_PROFILE", "quick")
    with pytest.raises(CourseError, match="no profile 'quick'"):
        course_utils.start("05_recurrent_networks")


def test_profile_full_takes_a_gpu_only_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    course_utils.start("05_recurrent_networks", profile="full")
    assert course_utils.device().type == ("cuda" if torch.cuda.is_available() else "cpu")
    course_utils.start("05_recurrent_networks", profile="standard")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert course_utils.device().type == "cpu"


def test_finish_tells_seconds_budget_and_memory(capsys: pytest.CaptureFixture[str]) -> None:
    course_utils.start("05_recurrent_networks")
    course_utils.finish()
    assert "CPU seconds of a budget of 45" in capsys.readouterr().out


def test_finish_without_start_says_what_to_do() -> None:
    with pytest.raises(CourseError, match="Run the first cell"):
        course_utils.finish()


def test_peak_memory_grows_by_what_is_held_at_once() -> None:
    code = (
        "from course_utils.runtime import peak_memory\n"
        "before = peak_memory(); block = bytearray(200_000_000); del block\n"
        "print(peak_memory() - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 150e6 < int(done.stdout) < 300e6


def test_in_a_notebook_a_course_error_is_one_line_without_our_code() -> None:
    source = "import course_utils\ntry:\n    course_utils.start('99_none')\nexcept course_utils.CourseError:\n    pass"
    cells = [nbformat.v4.new_code_cell(text) for text in (source, "course_utils.start('99_none')")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    with pytest.raises(CellExecutionError):
        NotebookClient(notebook, kernel_name="python3").execute()
    (output,) = cells[1].outputs
    assert output.output_type == "error"
    assert output.ename == "CourseError"
    assert len(output.traceback) == 1
    assert "There is no lesson '99_none'" in output.traceback[0]
    assert "00_start_here" in output.traceback[0]


def test_a_training_that_gives_memory_back_returns_what_it_returned_and_raises_what_it_raised() -> None:
    @runtime.gives_memory_back
    def share(part: int, whole: int = 4) -> float:
        """A share."""
        return part / whole

    assert share(1) == 0.25
    assert share(3, whole=6) == 0.5
    assert (share.__name__, share.__doc__) == ("share", "A share.")
    with pytest.raises(ZeroDivisionError):
        share(1, whole=0)


def torch_settings() -> tuple[object, ...]:
    """What `settings=True` keeps."""
    warns = torch.is_deterministic_algorithms_warn_only_enabled()
    strict = torch.are_deterministic_algorithms_enabled()
    return torch.get_num_threads(), torch.is_grad_enabled(), torch.get_default_dtype(), strict, warns


@pytest.mark.parametrize("settings", [True, False])
@pytest.mark.parametrize("fails", [True, False])
def test_random_numbers_go_on_as_if_nothing_had_happened(settings: bool, fails: bool) -> None:
    before = random_state(), torch_settings()
    with suppress(ZeroDivisionError), runtime.random_state_kept(torch.device("cpu"), settings=settings):
        random.seed(7)
        np.random.seed(7)
        torch.manual_seed(7)
        assert random_state() != before[0]
        if settings:
            torch.set_num_threads(2)
            torch.set_grad_enabled(False)
            torch.set_default_dtype(torch.float64)
            torch.use_deterministic_algorithms(not torch.are_deterministic_algorithms_enabled(), warn_only=True)
            assert torch_settings() != before[1]
        if fails:
            raise ZeroDivisionError
    assert (random_state(), torch_settings()) == before


def test_a_seed_decides_what_happens_inside_and_nothing_after_it() -> None:
    torch.manual_seed(5)
    before = random_state()
    drawn = []
    for seed in (3, 3, 4):
        with runtime.seeded(seed):
            drawn.append(torch.rand(4).tolist())
    assert drawn[0] == drawn[1] == torch.rand(4, generator=torch.Generator().manual_seed(3)).tolist()
    assert drawn[0] != drawn[2]
    assert random_state() == before
