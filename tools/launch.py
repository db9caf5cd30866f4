"""Where the course lives, and the links and first lines that lead there. The address stands in pyproject.toml alone."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from course_utils.errors import CourseError

ROOT = Path(__file__).resolve().parents[1]


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
    owner_and_name = repository().removeprefix("https://github.com/")
    colab = f"https://colab.research.google.com/github/{owner_and_name}/blob/{release()}/notebooks/{notebook}.ipynb"
    binder = f"https://mybinder.org/v2/gh/{owner_and_name}/{release()}?urlpath=lab/tree/notebooks/{notebook}.ipynb"
    return f"[Open in Colab]({colab}) · [Open in Binder]({binder})"


def install_address() -> str:
    """What pip installs the course from."""
    address = repository() if repository().startswith("file:") else f"{repository()}.git"
    return f"git+{address}@{release()}"


def hosted_install() -> str:
    """The first lines of every notebook: on a hosted service the package is installed if it is absent."""
    return (
        "import importlib.util, sys\n"
        "\n"
        'if importlib.util.find_spec("course_utils") is None:  # a notebook opened alone, without the course\n'
        '    if "google.colab" not in sys.modules:\n'
        '        raise ModuleNotFoundError("The course is not installed here: start it with `make lab`, see README.")\n'
        f"    %pip install -q {install_address()}\n"
        "\n"
    )


def relink(address: str, root: Path = ROOT) -> None:
    """Write another address for the course into pyproject.toml and CITATION.cff, from which all links are built.

    Args:
        address: such as "https://github.com/owner/name".
        root: the checkout.

    Raises:
        CourseError: it is no such address.
    """
    if not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+|file:///\S+", address):
        raise CourseError(f"{address!r} is not an address like https://github.com/owner/name.")
    lines = {
        "pyproject.toml": (r'(?m)^Repository = ".*"$', f'Repository = "{address}"'),
        "CITATION.cff": (r"(?m)^repository-code: .*$", f"repository-code: {address}"),
    }
    for name, (pattern, line) in lines.items():
        path = root / name
        text, count = re.subn(pattern, line, path.read_text(encoding="utf-8"))
        if count != 1:
            raise CourseError(f"{name} should name the course's address once, and names it {count} times.")
        path.write_text(text, encoding="utf-8")
