"""pip's own settings: from where packages come holds, where and against what others install does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.pip_settings import environment_of_the_set_up, kept_settings, say_from_where


@pytest.fixture
def learner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose pip.conf is the returned file; one of the system's own, in /etc, may hold besides."""
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_"))]:
        monkeypatch.delenv(name)
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    (tmp_path / "pip.conf").write_text("[global]\nextra-index-url =\n")
    return tmp_path / "pip.conf"


def called_with() -> dict[str, str]:
    return environment_of_the_set_up(kept_settings(sys.executable))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PIP_USER", "1"),
        ("PIP_CONSTRAINT", "constraints.txt"),
        ("PIP_BUILD_CONSTRAINT", "constraints.txt"),
        ("PIP_TARGET", "elsewhere"),
        ("PIP_PREFIX", "elsewhere"),
        ("PIP_PYTHON", "elsewhere/python"),
        ("PIP_NO_BINARY", ":all:"),
        ("PIP_REQUIRE_HASHES", "1"),
        ("PIP_DRY_RUN", "1"),
        ("PIP_QUIET", "3"),
        ("UV_NO_VERIFY_HASHES", "1"),
        ("UV_TORCH_BACKEND", "cu128"),
        ("UV_CONSTRAINT", "constraints.txt"),
        ("PYTHONPATH", "elsewhere"),
    ],
)
def test_what_is_meant_for_other_installs_does_not_hold(
    learner: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example/simple")
    called = called_with()
    assert called.get(variable, "0") == "0"
    assert called["PIP_INDEX_URL"] == "https://packages.example/simple"


def test_a_pip_conf_holds_where_it_says_from_where_and_how(learner: Path) -> None:
    learner.write_text(
        "[global]\nuser = true\nquiet = 2\ntimeout = 99\nindex-url = https://one.example/simple\n"
        "[install]\nconstraint = c.txt\nfind-links =\n    /opt/wheels\n    /opt/more\n"
        "[download]\nproxy = http://not.example:1\n"
    )
    settings = kept_settings(sys.executable)
    assert settings.pop("PIP_FIND_LINKS").split() == ["/opt/wheels", "/opt/more"]
    assert (settings["PIP_TIMEOUT"], settings["PIP_INDEX_URL"]) == ("99", "https://one.example/simple")
    assert not {"PIP_USER", "PIP_CONSTRAINT", "PIP_QUIET"} & set(settings)
    assert "not.example" not in settings.get("PIP_PROXY", "")
    assert say_from_where(settings)
    assert not say_from_where({"PIP_TIMEOUT": "99"})


def test_settings_are_found_also_before_the_environment_is_made(learner: Path) -> None:
    learner.write_text("[global]\nindex-url = https://one.example/simple\n")
    assert kept_settings(learner.parent / "python")["PIP_INDEX_URL"] == "https://one.example/simple"


def test_a_variable_comes_before_a_file(learner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learner.write_text("[install]\nindex-url = https://one.example/simple\n[global]\nindex-url = https://two.example\n")
    assert kept_settings(sys.executable)["PIP_INDEX_URL"] == "https://one.example/simple"
    monkeypatch.setenv("PIP_INDEX_URL", "https://three.example/simple")
    assert kept_settings(sys.executable)["PIP_INDEX_URL"] == "https://three.example/simple"


def test_pip_sees_the_settings_that_are_kept_and_no_others(learner: Path) -> None:
    """pip itself says what holds."""
    learner.write_text("[global]\nuser = true\nindex-url = https://one.example/simple\n")
    command = [sys.executable, "-m", "pip", "config", "list"]
    said = subprocess.run(command, env=called_with(), capture_output=True, text=True, check=True).stdout
    assert ":env:.index-url='https://one.example/simple'" in said
    assert "global" not in said
    assert ":env:.user='0'" in said


@pytest.mark.parametrize(
    ("variable", "found"), [("SSL_CERT_FILE", True), ("REQUESTS_CA_BUNDLE", False), ("PIP_CERT", False)]
)
def test_a_company_s_certificate_reaches_a_pip_that_does_not_look_for_it(
    learner: Path, monkeypatch: pytest.MonkeyPatch, variable: str, found: bool
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(learner))
    if variable != "SSL_CERT_FILE":
        monkeypatch.setenv(variable, "/opt/other.pem")
    assert (environment_of_the_set_up().get("PIP_CERT") == str(learner)) is found
    monkeypatch.setenv("SSL_CERT_FILE", str(learner.with_name("gone.pem")))
    assert "PIP_CERT" not in environment_of_the_set_up()


def test_uv_is_told_from_where_too(learner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_COMPANY_PASSWORD", "UV_CACHE_DIR", "UV_HTTP_TIMEOUT"):
        monkeypatch.setenv(name, "x")
        assert called_with()[name] == "x"
