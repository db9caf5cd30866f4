"""Files that travel with the course: `data/` in a checkout, the same files inside an installed package."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from course_utils.checks import check_name

PACKAGE = Path(__file__).resolve().parents[1]


def data_folder() -> Path:
    """`_data` inside the installed package, or `data/` beside the package in a checkout."""
    installed = PACKAGE / "_data"
    return installed if installed.is_dir() else PACKAGE.parent / "data"


def resource_names() -> list[str]:
    """The names of all files that travel with the course, such as "README.md"."""
    folder = data_folder()
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def resource(name: str) -> Path:
    """The path of a file that travels with the course.

    Args:
        name: its name inside `data/`, with forward slashes.

    Raises:
        CourseError: there is no such file; the message lists those there are.
    """
    if not has_resource(name):
        check_name("file in the course's data", name, resource_names())
    return data_folder() / name


def has_resource(name: str) -> bool:
    """Does a file travel with the course?

    Args:
        name: its name inside `data/`, with forward slashes; what leads out of the folder does not.
    """
    inside = PurePosixPath(name)
    plain = inside.as_posix() == name and not inside.is_absolute() and ".." not in inside.parts
    return plain and (data_folder() / inside).is_file()
