"""The set-up of `.venv`: once, again when something changed or an install was interrupted, and clear when it fails."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import find_connection_file
from tornado.websocket import websocket_connect

from tools import install
from tools.install import Environment, InstallError
from tools.moved_scripts import first_lines

LOCK = """\
# made by a test
nvidia-cublas-cu12==1.0 ; sys_platform == 'linux' \\
    --hash=sha256:aa
six==1.17.0 \\
    --hash=sha256:bb
torch==2.9.1 \\
    --hash=sha256:cc
uv==0.9 \\
    --hash=sha256:dd
"""
posix = pytest.mark.skipif(os.name == "nt", reason="scripts for a POSIX shell")


def make_venv(folder: Path) -> None:
    """As tools.install makes it, without pip, which takes long."""
    venv.EnvBuilder(with_pip=False, symlinks=os.name != "nt").create(folder)


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Installs are recorded instead of run; environments have no pip, and pip has settings of its own."""
    seen: list[list[str]] = []
    monkeypatch.setattr(install, "run", seen.append)
    monkeypatch.setattr(install, "make_venv", make_venv)
    monkeypatch.setattr(Environment, "runs", lambda self: self.python.exists())
    monkeypatch.setattr(Environment, "pip_has_settings", lambda self: True)
    return seen


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    root = tmp_path / "course"
    root.mkdir()
    (root / "requirements.lock").write_text(LOCK)
    (root / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    return Environment(root)


def installed_package(environment: Environment, name: str) -> Path:
    """A folder such as pip leaves it of a package."""
    site_packages = next((environment.dir / "lib").glob("python*/site-packages"), environment.dir / "Lib/site-packages")
    folder = site_packages / f"{name}.dist-info"
    folder.mkdir()
    return folder


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
    assert len(commands) == 4


def test_the_course_s_own_package_that_is_gone_installs_again(
    environment: Environment, commands: list[list[str]]
) -> None:
    environment.install("pypi")
    package = installed_package(environment, "course_utils-0.1.0")
    environment.write_stamp("pypi")
    assert environment.is_current("pypi")
    package.rmdir()
    assert not environment.is_current("pypi")


def test_a_package_that_is_gone_or_of_another_version_installs_again(
    environment: Environment, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(install, "run", lambda command: "-r" in command and installed_package(environment, "six-1.17.0"))
        environment.install("pypi")
    assert environment.is_current("pypi")
    installed_package(environment, "my_own-1.0")
    assert environment.is_current("pypi")
    six = next(environment.dir.rglob("six-1.17.0.dist-info"))
    six.rename(six.with_name("six-1.16.0.dist-info"))
    assert not environment.is_current("pypi")
    environment.install("pypi")
    assert len(commands) == 2


def test_an_interrupted_install_starts_again(
    environment: Environment, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(command: list[str]) -> None:
        (environment.dir / "half-a-package").mkdir()
        (environment.dir / "half-a-package" / "file").touch()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(install, "run", killed)
        with pytest.raises(KeyboardInterrupt):
            environment.install("pypi")
    assert not environment.is_current("pypi")
    environment.install("pypi")
    assert environment.is_current("pypi")
    assert not (environment.dir / "half-a-package").exists()


def test_an_update_that_fails_leaves_what_was_finished_before(
    environment: Environment, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(command: list[str]) -> None:
        raise InstallError("no network")

    environment.install("pypi")
    (environment.dir / "kept").touch()
    environment.lock.write_text(LOCK + "# changed\n")
    with monkeypatch.context() as patch:
        patch.setattr(install, "run", no_network)
        with pytest.raises(InstallError):
            environment.install(None)
    assert not environment.is_current("pypi")
    environment.install(None)
    assert environment.is_current("pypi")
    assert (environment.dir / "kept").exists()


def test_a_folder_cut_short_while_it_was_made_starts_again(
    environment: Environment, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(folder: Path) -> None:
        (folder / "half-made").touch()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(install, "make_venv", killed)
        with pytest.raises(KeyboardInterrupt):
            environment.install("pypi")
    environment.install("pypi")
    assert environment.is_current("pypi")
    assert not (environment.dir / "half-made").exists()


def test_an_environment_whose_python_was_removed_is_made_again(
    environment: Environment, commands: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    environment.install("cpu")
    environment.python.unlink()
    assert not environment.is_current("cpu")
    capsys.readouterr()
    environment.install(None)
    version = ".".join(map(str, sys.version_info[:3]))
    assert f"The Python of .venv ({version}) is gone: making .venv again" in capsys.readouterr().out
    assert environment.is_current("cpu")  # where torch comes from is kept


def foreign(environment: Environment) -> Path:
    """An environment made by hand."""
    make_venv(environment.dir)
    return environment.dir / "mine.txt"


def half_a_link(environment: Environment) -> Path:
    """A link to a folder of ours elsewhere, whose install was interrupted."""
    elsewhere = environment.root.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / environment.marker.name).touch()
    environment.dir.symlink_to(elsewhere)
    return elsewhere / "mine.txt"


@pytest.mark.parametrize(("prepare", "to_do"), [(foreign, "Rename it"), (half_a_link, "Remove it")])
def test_what_is_not_ours_is_left_alone_with_a_sentence(
    environment: Environment,
    commands: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    prepare: Callable[[Environment], Path],
    to_do: str,
) -> None:
    mine = prepare(environment)
    mine.touch()
    monkeypatch.setattr(install, "ROOT", environment.root)
    assert install.main(["--torch", "pypi"]) == 1
    said = capsys.readouterr()
    assert "left as it is" in said.err
    assert to_do in said.err
    assert said.out == ""
    assert mine.exists()
    assert commands == []


def test_an_empty_folder_is_taken(environment: Environment, commands: list[list[str]]) -> None:
    environment.dir.mkdir()
    environment.install("pypi")
    assert environment.is_current("pypi")


# A folder that was moved or copied


def script(environment: Environment, name: str) -> Path:
    """A script as pip writes it, which prints its Python and its argument."""
    path = environment.bin / name
    path.write_bytes(first_lines(environment.python) + b"import sys\nprint(sys.prefix, sys.argv[1])\n")
    path.chmod(0o755)
    return path


@posix
@pytest.mark.parametrize(
    "names",
    [("course", "elsewhere"), ("course", "new place"), ("new place", "course"), ("course", "x" * 120)],
    ids=["plain", "to a space", "from a space", "to a long path"],
)
@pytest.mark.parametrize("copied", [False, True])
def test_a_moved_or_copied_folder_is_repaired_without_an_install(
    environment: Environment,
    commands: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    names: tuple[str, str],
    copied: bool,
) -> None:
    old, new = (environment.root.parent / name for name in names)
    if old != environment.root:
        environment.root.rename(old)
    first = Environment(old)
    first.install("pypi")
    script(first, "tool")
    (first.bin / "other").write_bytes(b"#!/bin/sh\necho other\n")
    (first.bin / "program").write_bytes(b"\x7fELF" + bytes(first.python))
    if copied:
        shutil.copytree(old, new, symlinks=True)
    else:
        old.rename(new)
    commands.clear()
    moved = Environment(new)
    assert not moved.is_current("pypi")

    def noted(command: list[str]) -> None:
        commands.append(command)
        if command[1] == "-c":  # what needs no pip is run
            subprocess.run(command, check=True)

    monkeypatch.setattr(install, "run", noted)
    moved.install(None)
    assert moved.is_current("pypi")
    assert [command[-1] for command in commands] == [str(moved.dir), str(new)]  # activate scripts, the course itself
    done = subprocess.run([moved.bin / "tool", "a b"], capture_output=True, text=True, check=True)
    assert done.stdout == f"{moved.dir} a b\n"
    activated = f'. "{moved.bin}/activate" && echo "$VIRTUAL_ENV"'
    assert subprocess.run(["sh", "-c", activated], capture_output=True, text=True).stdout == f"{moved.dir}\n"
    assert (moved.bin / "other").read_bytes() == b"#!/bin/sh\necho other\n"
    assert (moved.bin / "program").read_bytes() == b"\x7fELF" + bytes(first.python)


# Where torch comes from


def test_the_cpu_build_is_asked_of_uv_and_kept_for_later_calls(
    environment: Environment, commands: list[list[str]]
) -> None:
    environment.install("cpu")
    lock, uv = commands[:2]
    (hashes,) = [command for command in commands if "--generate-hashes" in command]
    (torch,) = [command for command in commands if "install" in command and "--torch-backend" in command]
    for command in (hashes, torch):
        assert command[command.index("--torch-backend") + 1] == "cpu"
    assert Path(hashes[-1]).read_text() == "torch==2.9.1\n"
    assert "--generate-hashes" in hashes
    assert torch[torch.index("-r") + 1] == hashes[hashes.index("--output-file") + 1]
    for command in (lock, uv, torch):
        assert {"--require-hashes", "--only-binary=:all:", "--no-deps"} <= set(command)
    assert uv[uv.index("-r") + 1] == str(environment.dir / "requirements-uv.lock")
    text = Path(lock[lock.index("-r") + 1]).read_text()
    assert "six==1.17.0" in text
    assert "torch" not in text
    assert "nvidia" not in text
    assert environment.torch_source(None) == "cpu"
    assert environment.torch_source("pypi") == "pypi"
    assert environment.is_current("cpu")


@pytest.mark.parametrize(
    ("before", "after", "removed"),
    [("pypi", "cpu", ["nvidia-cublas-cu12", "torch"]), ("cpu", "pypi", ["torch"])],
)
def test_another_source_of_torch_replaces_the_build_that_is_there(
    environment: Environment, commands: list[list[str]], before: str, after: str, removed: list[str]
) -> None:
    environment.install(before)
    names = {"six": "1.17.0", "nvidia_cublas_cu12": "1.0", "torch": "2.9.1"}
    for name in names if before == "pypi" else ("six", "torch"):
        installed_package(environment, f"{name}-{names[name]}")
    commands.clear()
    environment.install(after)
    (uninstall,) = [command for command in commands if "uninstall" in command]
    assert uninstall is commands[0]
    assert uninstall[-len(removed) :] == removed
    assert environment.torch_source(None) == after


@pytest.mark.parametrize(
    ("system", "gpu", "answers", "source", "said"),
    [
        (("darwin", "arm64"), False, True, "pypi", ""),
        (("win32", "AMD64"), True, True, "pypi", ""),
        (("linux", "aarch64"), False, True, "pypi", ""),
        (("linux", "x86_64"), True, True, "pypi", "There is an NVIDIA GPU"),
        (("linux", "x86_64"), False, True, "cpu", "There is no NVIDIA GPU"),
        (("linux", "x86_64"), False, False, "pypi", "does not answer"),
    ],
)
def test_torch_fits_the_machine_with_one_line_that_says_why(
    environment: Environment,
    commands: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    system: tuple[str, str],
    gpu: bool,
    answers: bool,
    source: str,
    said: str,
) -> None:
    monkeypatch.setattr(Environment, "cpu_index_answers", lambda self: answers)
    monkeypatch.setattr(install, "has_nvidia_gpu", lambda: gpu)
    with monkeypatch.context() as patch:
        patch.setattr(platform, "machine", lambda: system[1])
        patch.setattr(sys, "platform", system[0])
        environment.install(None)
    assert environment.stamped()["torch"] == source
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == bool(said) + (source == "cpu")  # and one that says which hashes torch was compared with
    assert said in "".join(lines)
    monkeypatch.setattr(install, "has_nvidia_gpu", lambda: pytest.fail("it was decided before"))
    environment.install(None)
    assert environment.is_current(environment.torch_source(None))


def program(folder: Path, name: str, text: str) -> Path:
    """A program for a POSIX shell."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@posix
@pytest.mark.parametrize(("text", "found"), [("exit 0", True), ("exit 9", False), ("exec sleep 60", False)])
def test_a_gpu_is_there_where_nvidia_smi_lists_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, found: bool
) -> None:
    program(tmp_path, "nvidia-smi", text)
    monkeypatch.setattr(install, "PROBE_SECONDS", 0.5)
    monkeypatch.setattr(shutil, "which", lambda name: str(tmp_path / name))
    monkeypatch.setattr(Path, "glob", lambda self, pattern: iter(()))  # no driver's own list
    assert install.has_nvidia_gpu() is found


@posix
@pytest.mark.parametrize(("text", "answers"), [("exit 0", True), ("exit 2", False), ("exec sleep 60", False)])
def test_an_index_of_cpu_builds_that_hangs_counts_as_one_that_does_not_answer(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, text: str, answers: bool
) -> None:
    asked = environment.root / "asked"
    program(environment.bin, "uv", f'echo "$@" $UV_HTTP_TIMEOUT > "{asked}"\n{text}')
    monkeypatch.setattr(install, "PROBE_SECONDS", 0.5)
    assert environment.cpu_index_answers() is answers
    assert "--torch-backend cpu" in asked.read_text()
    assert asked.read_text().endswith("requirements-torch.txt 4\n")


def test_an_index_that_does_not_answer_is_named(
    environment: Environment, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_index(command: list[str]) -> None:
        if "--torch-backend" in command:
            raise InstallError("no")

    monkeypatch.setattr(install, "run", no_index)
    with pytest.raises(InstallError, match="say TORCH=pypi"):
        environment.install("cpu")
    assert not environment.is_current("cpu")


# Who installs


def wheel(folder: Path) -> Path:
    """A wheel with one module, tiny.py."""
    folder.mkdir()
    path = folder / "tiny-1.0-py3-none-any.whl"
    files = {
        "tiny.py": "answer = 42\n",
        "tiny-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
        "tiny-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(path, "w") as archive:
        record = "tiny-1.0.dist-info/RECORD,,\n"
        for name, text in files.items():
            archive.writestr(name, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += f"{name},sha256={digest},{len(text)}\n"
        archive.writestr("tiny-1.0.dist-info/RECORD", record)
    return path


@posix
@pytest.mark.parametrize("right", [True, False], ids=["right hash", "wrong hash"])
def test_uv_installs_what_has_the_right_hash_and_pip_takes_over_where_it_fails(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], right: bool
) -> None:
    """With uv itself, and a folder in place of the network."""
    file = wheel(environment.root / "wheels")
    digest = hashlib.sha256(file.read_bytes()).hexdigest() if right else "0" * 64
    environment.lock.write_text(f"tiny==1.0 \\\n    --hash=sha256:{digest}\n")
    make_venv(environment.dir)
    (environment.bin / "uv").symlink_to(Path(sys.executable).with_name("uv"))
    monkeypatch.setattr(Environment, "pip_has_settings", lambda self: False)
    by_pip: list[tuple[str, ...]] = []
    monkeypatch.setattr(Environment, "pip", lambda self, *arguments: by_pip.append(arguments))
    for name, value in {
        "UV_FIND_LINKS": str(file.parent),
        "UV_NO_INDEX": "1",
        "UV_OFFLINE": "1",
        "UV_CACHE_DIR": str(environment.root / "cache"),
    }.items():
        monkeypatch.setenv(name, value)
    environment.install_hashed(environment.lock)
    imported = subprocess.run([environment.python, "-c", "import tiny"], capture_output=True, check=False)
    assert (imported.returncode == 0) is right
    assert bool(by_pip) is not right
    assert ("pip takes over" in capfd.readouterr().out) is not right
    assert all("--require-hashes" in arguments for arguments in by_pip)


def test_what_comes_as_source_only_is_refused_and_nothing_is_built(
    environment: Environment, commands: list[list[str]]
) -> None:
    """pip would fetch the tool that builds it without a hash, and run it."""
    environment.install("pypi")
    assert {"--require-hashes", "--only-binary=:all:"} <= set(commands[0])


def test_pip_is_not_told_where_others_install(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, str]] = []

    def noted(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        seen.append(options["env"])
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("PIP_CONSTRAINT", "constraints.txt")
    monkeypatch.setattr(subprocess, "run", noted)
    environment.pip("install", "six")
    assert seen[-1]["PIP_USER"] == "0"
    assert "PIP_CONSTRAINT" not in seen[-1]


@pytest.mark.parametrize("proxy", ["", "socks5h://127.0.0.1:1"])
def test_an_install_that_stops_names_what_may_be_in_the_way(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(InstallError, match="Run the same command again") as error:
        install.run([sys.executable, "-c", "raise SystemExit(1)"])
    assert "407" in str(error.value)
    assert ("SOCKS" in str(error.value)) is bool(proxy)


def test_uv_comes_from_the_lock_with_its_hash(environment: Environment, commands: list[list[str]]) -> None:
    make_venv(environment.dir)
    assert environment.uv().startswith(str(environment.bin / "uv"))
    (command,) = commands
    assert {"--require-hashes", "--only-binary=:all:"} <= set(command)
    assert Path(command[-1]).read_text() == "uv==0.9 \\\n    --hash=sha256:dd\n"


# What Jupyter is told


def test_jupyterlab_is_told_to_ask_nothing(environment: Environment, commands: list[list[str]]) -> None:
    environment.install("pypi")
    assert '"fetchNews": "false"' in (environment.dir / "share/jupyter/lab/settings/overrides.json").read_text()


@pytest.fixture
def server(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """What a Jupyter server says of itself that runs with our settings, and whose environment is not activated."""
    environment.write_jupyter_settings()
    folder = environment.root.parent
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(environment.dir / "etc" / "jupyter"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(folder / "runtime"))
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("PATH", "/usr/local/bin:/usr/bin:/bin")
    monkeypatch.setenv("SHELL", "/bin/sh")
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    options = ["--no-browser", "--allow-root", "--ServerApp.port=0", "--IdentityProvider.token=secret"]
    command = [sys.executable, "-m", "jupyter_server", *options, f"--ServerApp.root_dir={folder}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        while not (found := list((folder / "runtime").glob("jpserver-*.json"))):
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.05)
        yield json.loads(found[0].read_text())
    finally:
        process.terminate()
        process.wait(30)


def post(server: dict[str, Any], what: str) -> dict[str, Any]:
    """Ask the server for a new terminal or kernel."""
    request = urllib.request.Request(f"{server['url']}api/{what}", b"{}", {"Authorization": "token secret"})
    with urllib.request.urlopen(request) as answer:
        content: dict[str, Any] = json.load(answer)
    return content


async def output_of_terminal(server: dict[str, Any], line: str) -> str:
    """What a new terminal of the server shows after this line, to its end."""
    name = post(server, "terminals")["name"]
    address = f"{server['url'].replace('http', 'ws', 1)}terminals/websocket/{name}?token=secret"
    connection = await websocket_connect(address)
    await connection.write_message(json.dumps(["stdin", f"{line}; exit\r"]))
    shown = ""
    while (message := await connection.read_message()) is not None:
        kind, *content = json.loads(message)
        if kind == "disconnect":
            break
        shown += content[0] if kind == "stdout" else ""
    return shown


def output_of_kernel(server: dict[str, Any], code: str) -> str:
    """What a new kernel of the server prints."""
    kernel = post(server, "kernels")["id"]
    client = BlockingKernelClient(connection_file=find_connection_file(kernel))
    client.load_connection_file()
    client.start_channels()
    client.wait_for_ready(timeout=60)  # before that its messages are not heard
    printed: list[str] = []
    try:
        client.execute_interactive(
            code, timeout=60, output_hook=lambda message: printed.append(message["content"].get("text", ""))
        )
    finally:
        client.stop_channels()
    return "".join(printed)


@posix
def test_terminals_and_cells_find_the_course_command(server: dict[str, Any]) -> None:
    course = str(Path(sysconfig.get_path("scripts"), "course"))
    with ThreadPoolExecutor(1) as thread:  # where a browser test went before, this one's event loop is taken
        shown = thread.submit(lambda: asyncio.run(output_of_terminal(server, "command -v course"))).result()
        printed = thread.submit(output_of_kernel, server, "!command -v course").result()
    assert course in shown
    assert printed.strip() == course


# With real commands


def test_a_real_environment_gets_pip_and_a_failing_install_says_what_to_do(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """With real commands, and an index that holds nothing; then it is moved, and its Python upgraded."""
    environment.lock.write_text("six==1.17.0 \\\n    --hash=sha256:" + "0" * 64 + "\n")
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr(install, "ROOT", environment.root)
    assert install.main(["--torch", "pypi"]) == 1
    said = capfd.readouterr()
    assert "Run the same command again" in said.err
    assert "uv" not in said.out  # pip's own setting was found, so that pip did it
    assert environment.runs()
    assert not environment.is_current("pypi")
    with monkeypatch.context() as patch:
        patch.delenv("PIP_NO_INDEX")
        patch.setenv("PIP_CONFIG_FILE", os.devnull)
        assert not environment.pip_has_settings()
        patch.setenv("PIP_CONFIG_FILE", str(environment.root / "pip.conf"))
        (environment.root / "pip.conf").write_text("[install]\nfind-links = /opt/wheels\n")
        assert environment.pip_has_settings()
    environment.write_stamp("pypi")
    assert environment.is_current("pypi")

    environment.root.rename(environment.root.with_name("new place"))
    moved = Environment(environment.root.with_name("new place"))
    monkeypatch.setattr(Environment, "install_course", lambda self: None)
    moved.install("pypi")
    assert moved.is_current("pypi")
    pip = moved.bin / ("pip.exe" if os.name == "nt" else "pip")
    assert str(moved.dir) in subprocess.run([pip, "--version"], capture_output=True, text=True, check=True).stdout

    if os.name != "nt":
        library = next((moved.dir / "lib").glob("python*"))
        library.rename(library.with_name("python3.0"))
        assert not moved.runs()


@posix
def test_the_script_runs_alone_and_in_any_locale(tmp_path: Path) -> None:
    """From a folder whose name ASCII cannot write; its .venv is a learner's own, so that nothing is installed."""
    root = tmp_path / "Übung"
    shutil.copytree(install.ROOT / "tools", root / "tools", ignore=shutil.ignore_patterns("data", "__pycache__"))
    (root / "requirements.lock").write_text(LOCK)
    (root / "pyproject.toml").touch()
    (root / ".venv" / "mine").mkdir(parents=True)
    settings = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PATH": os.environ["PATH"]}
    command = [sys.executable, "tools/install.py"]
    done = subprocess.run(command, cwd=root, env=settings, capture_output=True, check=False)
    assert done.returncode == 1
    assert f"{root}/.venv was not made by `make`" in done.stderr.decode()


def test_an_old_python_is_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    assert install.main([]) == 1
    assert "Python 3.11 or newer; this is 3.9" in capsys.readouterr().err
