"""Under which settings the set-up's pip and uv run: those that say from where packages come and how, and no others.

A learner's variables and pip.conf may also say where pip installs, against which versions, and what it builds: that is
meant for other installs (`user = true`, PIP_CONSTRAINT), and would stop this one or spoil it. So would PYTHONPATH, by
which pip takes what lies elsewhere for installed. Standard library only.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

WHENCE = (
    *("index-url", "extra-index-url", "find-links", "no-index", "proxy", "trusted-host"),
    *("cert", "client-cert", "keyring-provider"),
)
HOW = ("timeout", "default-timeout", "retries", "cache-dir", "no-cache-dir", "use-feature", "use-deprecated")
SECTIONS = ("global", "install", ":env:")  # of pip's settings; a later one wins
OF_UV = re.compile(
    r"UV_(.*INDEX.*|FIND_LINKS|OFFLINE|CACHE_DIR|NO_CACHE|LINK_MODE|CONFIG_FILE|NATIVE_TLS|SYSTEM_CERTS|INSECURE_HOST"
    r"|KEYRING_PROVIDER|HTTP_.*|REQUEST_TIMEOUT|CONCURRENT_.*)"
)
OF_PYTHON = ("PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "PYTHONSTARTUP")
CERTIFICATES = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def kept_settings(python: str | Path) -> dict[str, str]:
    """What pip is told, in its files or by variables, about from where packages come and how.

    Args:
        python: of the environment whose pip is asked; where it is not there yet, the pip of this Python is.

    Returns:
        The settings as variables, such as PIP_INDEX_URL.
    """
    asking = {name: value for name, value in os.environ.items() if name not in ("PIP_PYTHON", "PIP_GLOBAL", "PIP_SITE")}
    asking |= {"PIP_USER": "0", "PIP_QUIET": "0"}  # `pip config` takes them for its own options: one file, no words
    command = [python if os.path.exists(python) else sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, env=asking, capture_output=True, text=True, check=False).stdout or ""
    found: dict[str, dict[str, str]] = {section: {} for section in SECTIONS}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        section, _, name = key.rpartition(".")
        if section in found and name in WHENCE + HOW:
            found[section][name] = str(ast.literal_eval(value))
    merged = {name: value for section in SECTIONS for name, value in found[section].items()}
    return {f"PIP_{name.upper().replace('-', '_')}": value for name, value in merged.items()}


def say_from_where(settings: dict[str, str]) -> bool:
    """Do these settings say from where packages come, which uv does not read?"""
    return any(f"PIP_{name.upper().replace('-', '_')}" in settings for name in WHENCE)


def environment_of_the_set_up(settings: dict[str, str] | None = None) -> dict[str, str]:
    """The variables with which pip, uv and the environment's Python are called.

    Args:
        settings: of pip, as `kept_settings` returns them.
    """
    ours = {"PIP_CONFIG_FILE": os.devnull, "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONUTF8": "1"}
    ours |= settings or {}
    certificate = os.environ.get("SSL_CERT_FILE", "")  # which pip reads only since 24.2
    if os.path.isfile(certificate) and not any(name in ours or name in os.environ for name in CERTIFICATES):
        ours["PIP_CERT"] = certificate
    return {name: value for name, value in os.environ.items() if is_kept(name)} | ours


def is_kept(variable: str) -> bool:
    """Is this variable passed on as it is? (pip's are read by `kept_settings`.)"""
    if variable.startswith("UV_"):
        return OF_UV.fullmatch(variable) is not None
    return not variable.startswith("PIP_") and variable not in OF_PYTHON
