"""The set-up of `.venv`: once, again when the lock changes, anew after an interruption, and clear when it fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools import install
from tools.install import Environment, InstallError

LOCK = """\
# made by a test
nvidia-cublas-cu12==1.0 ; sys_platform == 'linux' \\
    --hash=sha256:aa
six==1.17.0 \\
    --hash=sha256:bb
torch==2.9.1 \\
    --hash=sha256:cc
"""


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Installs are recorded instead of run; environments are made without pip, which takes long."""
    seen: list[list[str]] = []

    def make_venv(folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(folder)], check=True)

    monkeypatch.setattr(install, "run", seen.append)
    monkeypatch.setattr(install, "make_venv", make_venv)
    monkeypatch.setattr(Environment, "runs", lambda self: self.python.exists())
    return seen


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    (tmp_path / "requirements.lock").write_text(LOCK)
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    return Environment(tmp_path)


def test_installs_once_and_is_current_afterwards(environment: Environment, commands: list[list[str]]) -> None:
    assert not environment.is_current("pypi")
    environment.install("pypi")
    assert environment.is_current("pypi")
    assert len(commands) == 2
    assert "--require-hashes" in commands[0]
    assert commands[1][-1] == str(environment.root)


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_changed_file_installs_again(environment: Environment, commands: list[list[str]], name: str) -> None:
    environment.install("pypi")
    (environment.root / name).write_text((environment.root / name).read_text() + "# changed\n")
    assert not environment.is_current("pypi")
    kept = environment.dir / "kept"
    kept.touch()
    environment.install("pypi")
    assert environment.is_current("pypi")
    assert kept.exists()  # a finished environment is brought up to date, not thrown away


def test_an_interrupted_install_starts_anew(
    environment: Environment, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(command: list[str]) -> None:
        (environment.dir / "half-a-package").touch()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(install, "run", killed)
        with pytest.raises(KeyboardInterrupt):
            environment.install("pypi")
    assert not environment.is_current("pypi")
    environment.install("pypi")
    assert environment.is_current("pypi")
    assert not (environment.dir / "half-a-package").exists()


def test_a_folder_cut_short_while_it_was_made_starts_anew(environment: Environment, commands: list[list[str]]) -> None:
    environment.dir.mkdir()
    (environment.dir / "half-made").touch()
    environment.install("pypi")
    assert environment.is_current("pypi")
    assert not (environment.dir / "half-made").exists()


def test_an_environment_whose_python_was_removed_is_made_again(
    environment: Environment, commands: list[list[str]]
) -> None:
    environment.install("pypi")
    environment.python.unlink()
    assert not environment.is_current("pypi")
    environment.install("pypi")
    assert environment.is_current("pypi")


def test_the_cpu_build_is_asked_of_uv_and_kept_for_later_calls(
    environment: Environment, commands: list[list[str]]
) -> None:
    environment.install("cpu")
    assert commands[1][-1:] == ["torch==2.9.1"]
    assert commands[1][commands[1].index("--torch-backend") + 1] == "cpu"
    lock = Path(commands[0][commands[0].index("-r") + 1]).read_text()
    assert "six==1.17.0" in lock
    assert "torch" not in lock
    assert "nvidia" not in lock
    assert environment.torch_source(None) == "cpu"
    assert environment.torch_source("pypi") == "pypi"
    assert environment.is_current("cpu")


def test_an_index_that_does_not_answer_is_named(
    environment: Environment, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_index(command: list[str]) -> None:
        if "--torch-backend" in command:
            raise InstallError("no")

    monkeypatch.setattr(install, "run", no_index)
    with pytest.raises(InstallError, match="leave TORCH=cpu out"):
        environment.install("cpu")
    assert not environment.is_current("cpu")


def test_jupyterlab_is_told_to_ask_nothing(environment: Environment, commands: list[list[str]]) -> None:
    environment.install("pypi")
    assert '"fetchNews": "false"' in (environment.dir / "share/jupyter/lab/settings/overrides.json").read_text()


def test_a_real_environment_gets_pip_and_a_failing_install_says_what_to_do(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """With real commands, and an index that holds nothing."""
    (environment.root / "requirements.lock").write_text("six==1.17.0 \\\n    --hash=sha256:" + "0" * 64 + "\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr(install, "ROOT", environment.root)
    assert install.main([]) == 1
    assert "Run the same command again" in capfd.readouterr().err
    assert environment.runs()
    assert not environment.is_current("pypi")


def test_an_old_python_is_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(install.sys, "version_info", (3, 9, 1))
    assert install.main([]) == 1
    assert "Python 3.11 or newer; this is 3.9" in capsys.readouterr().err
