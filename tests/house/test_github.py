"""The workflows and templates of .github/: they parse, cover what the course promises, and call only what exists."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.versions import OF_THE_LOCK

ROOT = Path(__file__).resolve().parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = [path for path in sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")) if path.name != "config.yml"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
OUR_MODULES = ("course_utils", "tests", "tools")
FIELDS = {"input", "textarea", "dropdown", "checkboxes", "markdown"}


def load(path: Path) -> dict[str, Any]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(content, dict), path.name
    return content


def matrix_job() -> dict[str, Any]:
    job: dict[str, Any] = load(GITHUB / "workflows" / "tests.yml")["jobs"]["test"]
    return job


def steps(workflow: Path) -> list[dict[str, Any]]:
    return [step for job in load(workflow)["jobs"].values() for step in job["steps"]]


def combinations() -> list[dict[str, str]]:
    matrix = matrix_job()["strategy"]["matrix"]
    return [dict(zip(matrix, values, strict=True)) for values in itertools.product(*matrix.values())]


def commands(combination: dict[str, str]) -> str:
    """The shell commands that one combination of the matrix runs; conditions are == and != joined by && or ||."""
    found = []
    for step in matrix_job()["steps"]:
        condition = re.sub(r"matrix\.(\w+)", lambda key: repr(combination[key[1]]), step.get("if", "True"))
        if eval(condition.replace("&&", " and ").replace("||", " or "), {}):
            found.append(step.get("run", ""))
    return "\n".join(found)


def test_the_matrix_covers_three_systems_three_pythons_and_both_ends_of_the_versions() -> None:
    matrix = matrix_job()["strategy"]["matrix"]
    assert set(matrix) == {"system", "python", "packages"}  # no exclude
    assert set(matrix["system"]) == {"ubuntu", "macos", "windows"}
    assert set(matrix["python"]) == {"3.11", "3.12", "3.13"}
    assert set(matrix["packages"]) == {"lock", "newest"}
    assert not matrix_job()["strategy"]["fail-fast"]


@pytest.mark.parametrize("combination", combinations(), ids=lambda combination: "-".join(combination.values()))
def test_every_combination_installs_once_and_runs_tests_and_notebooks(combination: dict[str, str]) -> None:
    run = commands(combination)
    if combination["system"] == "ubuntu" and combination["packages"] == "lock":
        assert "make test" in run
        assert "pytest" not in run
        assert "pip install" not in run
        return
    assert "make" not in run.split()  # Windows has none
    assert ("--require-hashes -r requirements.lock" in run) == (combination["packages"] == "lock")
    assert ("--upgrade" in run) == (combination["packages"] == "newest")
    assert run.count("pytest tests ") == 1
    assert len(re.findall(r"pytest notebooks .*--nbval-lax", run)) == 1


def test_linux_with_the_lock_needs_the_browser_and_no_network() -> None:
    (step,) = [step for step in matrix_job()["steps"] if "make test " in step.get("run", "")]
    assert step["env"]["COURSE_BROWSER"] == "required"
    assert step["env"]["COURSE_OFFLINE"] == "required"
    assert step["env"]["PYTHON"] == "python"  # the one of the matrix
    assert "PYTHON ?=" in MAKEFILE


def test_the_oldest_versions_are_run_once() -> None:
    oldest = [combination for combination in combinations() if "make test-oldest" in commands(combination)]
    assert oldest == [{"system": "ubuntu", "python": "3.11", "packages": "lock"}]
    assert "make test-oldest" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_newest_versions_leave_out_what_make_test_long_leaves_out() -> None:
    (run,) = [step["run"] for step in matrix_job()["steps"] if "pytest tests" in step.get("run", "")]
    (left_out,) = re.findall(r"matrix\.packages == 'newest' && '(.*)' \|\| ''", run)
    assert {*left_out.replace("--ignore=", "").split(), "tests/browser"} == set(OF_THE_LOCK)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_only_read_and_ends(workflow: Path) -> None:
    content = load(workflow)
    assert content["permissions"] == {"contents": "read"}
    assert content["concurrency"]
    for job in content["jobs"].values():
        assert 0 < job["timeout-minutes"] <= 360
    for step in steps(workflow):
        assert ("run" in step) != ("uses" in step)
        assert re.fullmatch(r"actions/[a-z-]+@v\d+", step.get("uses", "actions/checkout@v4"))


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_calls_only_what_exists(workflow: Path) -> None:
    run = "\n".join(step.get("run", "") for step in steps(workflow))
    targets = set(re.findall(r"^make ([a-z-]+)", run, re.MULTILINE))
    (phony,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert targets <= set(phony.split())
    modules = [name for name in re.findall(r" -[mp] ([\w.]+)", run) if name.split(".")[0] in OUR_MODULES]
    scripts = re.findall(r"[\w./-]+\.(?:py|sh|lock|toml)\b", run)
    for path in [*(name.replace(".", "/") + ".py" for name in modules), *scripts]:
        assert (ROOT / path).is_file(), path
    for folder in re.findall(r"pytest (\w+)", run):
        assert (ROOT / folder).is_dir(), folder


def test_there_is_a_form_for_each_kind_of_issue() -> None:
    names = {path.stem for path in FORMS}
    assert names == {"wrong_sentence", "answer_judged_wrongly", "setup_failed", "idea"}
    assert load(GITHUB / "ISSUE_TEMPLATE" / "config.yml") == {"blank_issues_enabled": True}


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_a_form_has_what_github_asks_of_it(form: Path) -> None:
    content = load(form)
    assert content["name"]
    assert content["description"]
    fields = content["body"]
    assert {field["type"] for field in fields} <= FIELDS
    identifiers = [field["id"] for field in fields]
    assert len(set(identifiers)) == len(identifiers)
    assert all(re.fullmatch(r"[a-z_]+", identifier) for identifier in identifiers)
    for field in fields:
        assert field["attributes"]["label"]
        if field["type"] in ("dropdown", "checkboxes"):
            assert field["attributes"]["options"]
    assert any(field.get("validations", {}).get("required") for field in fields)


def test_the_pull_request_template_names_commands_that_exist() -> None:
    text = (GITHUB / "pull_request_template.md").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    targets = set(re.findall(r"`make ([a-z-]+)", text))
    assert {"format", "test", "notebooks"} <= targets <= set(phony.split())
