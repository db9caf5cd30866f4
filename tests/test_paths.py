"""Paths that people write in variables and by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_utils import paths
from course_utils.errors import CourseError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))  # on Windows
    return tmp_path


@pytest.mark.parametrize(
    "written",
    [
        "~/course/p.jsonl",
        "  ~/course/p.jsonl ",
        '"~/course/p.jsonl"',
        "'~/course/p.jsonl'",
        "$HOME/course/p.jsonl",
        "${HOME}/course/p.jsonl",
    ],
)
def test_what_no_shell_has_expanded_is_expanded(home: Path, monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("COURSE_TRIED", written)
    assert paths.named("COURSE_TRIED") == home / "course" / "p.jsonl"


def test_a_relative_path_is_made_absolute_and_a_tilde_inside_is_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_TRIED", "a/~/$no_such_variable/Übung 1")
    assert paths.named("COURSE_TRIED") == tmp_path / "a" / "~" / "$no_such_variable" / "Übung 1"


@pytest.mark.parametrize("written", [None, "", "  ", '""', "' '"])
def test_a_variable_that_is_absent_or_says_nothing_names_nothing(
    monkeypatch: pytest.MonkeyPatch, written: str | None
) -> None:
    monkeypatch.delenv("COURSE_TRIED", raising=False)
    if written is not None:
        monkeypatch.setenv("COURSE_TRIED", written)
    assert paths.named("COURSE_TRIED") is None


def test_a_path_given_by_hand_is_expanded_too(home: Path) -> None:
    assert paths.expanded("~/p.jsonl") == home / "p.jsonl"
    assert paths.expanded(Path("~") / "p.jsonl") == home / "p.jsonl"
    assert paths.expanded("p.jsonl") == Path("p.jsonl")


def test_an_unknown_home_folder_is_a_sentence_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_TRIED", "~nobody-of-this-name/p.jsonl")
    with pytest.raises(CourseError, match=r"COURSE_TRIED is '~nobody-of-this-name/p\.jsonl'.* whole path"):
        paths.named("COURSE_TRIED")
    with pytest.raises(CourseError, match=r"'~nobody-of-this-name' is not known here\. Give the whole path"):
        paths.expanded("~nobody-of-this-name")


def test_without_any_home_folder_the_variable_to_set_is_named(monkeypatch: pytest.MonkeyPatch, homeless: None) -> None:
    with pytest.raises(CourseError, match="Set the environment variable COURSE_TRIED"):
        paths.home("COURSE_TRIED")
