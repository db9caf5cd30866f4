"""ZIP archives, read member by member in memory: nothing is unpacked, so nothing can land outside a folder."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from course_utils.errors import CourseError

LARGEST_MEMBER = 50_000_000


def zip_members(path: Path, suffix: str, fix: str) -> Iterator[tuple[str, bytes]]:
    """Each member of an archive whose name ends with `suffix`.

    Args:
        path: of the archive.
        suffix: such as ".wav".
        fix: the sentence that says what to do where the archive is damaged.

    Yields:
        The member's name without its folders, and its bytes.

    Raises:
        CourseError: the archive or a member is damaged, encrypted, or larger than 50 MB when unpacked.
    """
    name = path.name
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                name = f"{path.name}: {info.filename}"
                if info.is_dir() or not info.filename.endswith(suffix):
                    continue
                with archive.open(info) as member:
                    content = member.read(LARGEST_MEMBER + 1)
                if len(content) > LARGEST_MEMBER:
                    raise CourseError(f"{name} is larger than any file of this set should be. {fix}")
                yield PurePosixPath(info.filename).name, content
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise CourseError(f"{name} is damaged ({error}). {fix}") from None
    except OSError as error:
        raise CourseError(f"{name} cannot be read ({error.strerror or error}). {fix}") from None
