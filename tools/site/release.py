"""`python -m tools.site.release`: what goes with a release -> build/release: the site as a zip, to read offline.

The same site gives the same bytes: files in order, without their times. A list of SHA-256 sums lies beside it.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import zipfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from course_utils.errors import CourseError
from tools import launch
from tools.site.building import SITE, build_site

RELEASE = launch.ROOT / "build" / "release"
SUMS = "SHA256SUMS"
TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold
MODE = 0o100644 << 16  # a plain file that everybody may read


def zipped(folder: Path, target: Path) -> Path:
    """A folder as a zip, below a folder of the zip's own name.

    Args:
        folder: with files.
        target: the zip; it is there whole or not at all.

    Raises:
        CourseError: there is nothing in the folder.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        raise CourseError(f"{folder} holds no files to release. Build the site first: make site.")
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".unfinished")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in files:
                entry = zipfile.ZipInfo(f"{target.stem}/{path.relative_to(folder).as_posix()}", TIME)
                entry.external_attr, entry.compress_type = MODE, zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return target


def release(site: Path, target: Path = RELEASE) -> Path:
    """Write the zip of a built site, and the list of sums.

    Args:
        site: the folder of the site.
        target: the folder for both.

    Returns:
        The zip.
    """
    archive = zipped(site, target / f"rnn-vs-lstm-measured-{version('course-utils')}-site.zip")
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    (target / SUMS).write_text(f"{digest}  {archive.name}\n", encoding="utf-8")
    return archive


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the site and what goes with a release."""
    parser = argparse.ArgumentParser(prog="python -m tools.site.release", description="Write what goes with a release.")
    parser.add_argument("--built", action="store_true", help="take build/site as it stands")
    options = parser.parse_args(arguments)
    try:
        archive = release(SITE if options.built else build_site())
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{archive}: {archive.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
