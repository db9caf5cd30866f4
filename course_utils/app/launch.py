"""Where the course lives, and the links and first lines that lead there. The address stands in pyproject.toml alone."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def project() -> dict[str, object]:
    """The `[project]` table of pyproject.toml in this checkout."""
    table: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


def repository() -> str:
    """The course's address, such as "https://github.com/owner/name"."""
    urls = project()["urls"]
    assert isinstance(urls, dict)
    return str(urls["Repository"])


def release() -> str:
    """The tag of this release, which links and hosted installs name."""
    return f"v{project()['version']}"


def launch_links(notebook: str) -> str:
    """Markdown links that open a notebook in Colab and in Binder.

    Args:
        notebook: its name without folder and ending, such as "05_recurrent_networks".
    """
    place = repository().removeprefix("https://github.com/")
    colab = f"https://colab.research.google.com/github/{place}/blob/{release()}/notebooks/{notebook}.ipynb"
    binder = f"https://mybinder.org/v2/gh/{place}/{release()}?urlpath=lab/tree/notebooks/{notebook}.ipynb"
    return f"[Open in Colab]({colab}) · [Open in Binder]({binder})"


def hosted_install() -> str:
    """The first lines of every notebook: on a hosted service the package may be absent."""
    return (
        "import importlib.util\n"
        'if importlib.util.find_spec("course_utils") is None:  # a hosted notebook, opened without the course\n'
        f'    %pip install -q "course-utils @ git+{repository()}@{release()}"\n'
    )
