"""Flickr8k: photos, each with five captions that people wrote. A download: `course data fetch flickr8k`, about 1.1 GB.

Source: Hodosh, Young & Hockenmaier 2013, Framing image description as a ranking task, Journal of Artificial
Intelligence Research 47, doi 10.1613/jair.3994. The files are the authors', as kept at
github.com/jbrownlee/Datasets.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from course_utils.checks import check_name, check_whole
from course_utils.data.archives import LARGEST_MEMBER, zip_members
from course_utils.data.downloads import fetch
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LISTS = {  # part → the file that lists its photos
    "train": "Flickr_8k.trainImages.txt",
    "valid": "Flickr_8k.devImages.txt",
    "test": "Flickr_8k.testImages.txt",
}
CAPTIONS = "Flickr8k.token.txt"
CAPTION = re.compile(r"(?P<file>\S+)#(?P<number>\d+)\t(?P<text>.*)")
FIX = "Run `course data clear flickr8k`, then `course data fetch flickr8k`."


@dataclass(frozen=True, eq=False)
class CaptionedPictures:
    """Pictures, each with several captions.

    Attributes:
        images: uint8 (N, 3, size, size), red, green and blue, 0 … 255.
        captions: N tuples of captions, small letters, words and marks apart from each other.
        files: N names of the files.
    """

    images: NDArray[np.uint8]
    captions: list[tuple[str, ...]]
    files: list[str]

    def __len__(self) -> int:
        return len(self.files)


def flickr8k(part: str = "train", size: int = 96) -> CaptionedPictures:
    """The photos of one part with their captions: 6,000 to train, 1,000 for validation and 1,000 for the test.

    Args:
        part: "train", "valid" or "test", the authors' own division.
        size: height and width to which each photo is stretched, in pixels, from 8.

    Returns:
        The photos in the order of the authors' list. 6,000 of 96 × 96 take 166 MB.

    Raises:
        CourseError: another part or size, the download failed, or an archive is damaged or incomplete.
    """
    import numpy as np

    check_name("part of Flickr8k", part, LISTS)
    check_whole("size", size, 8, unit="pixels")
    pictures, texts = fetch("flickr8k")
    files, captions = _captions(texts, part)
    images = np.empty((len(files), 3, size, size), dtype=np.uint8)
    for place, photo in enumerate(_photos(pictures, files)):
        images[place] = _decoded(photo, f"{pictures.name}: {files[place]}", size)
    return CaptionedPictures(images, captions, files)


def _captions(archive: Path, part: str) -> tuple[list[str], list[tuple[str, ...]]]:
    """The part's files, and their captions."""
    texts = {
        name: content.decode("utf-8", errors="replace")
        for name, content in zip_members(archive, ".txt", FIX)
        if name in (CAPTIONS, LISTS[part])
    }
    for name in (CAPTIONS, LISTS[part]):
        if name not in texts:
            raise CourseError(f"{archive.name} holds no {name}. {FIX}")
    files = texts[LISTS[part]].split()
    said: dict[str, list[tuple[int, str]]] = {}
    for line in texts[CAPTIONS].splitlines():
        found = CAPTION.fullmatch(line)
        if found and found["text"].strip():
            text = " ".join(found["text"].lower().split())
            said.setdefault(found["file"], []).append((int(found["number"]), text))
    silent = [file for file in files if file not in said]
    if silent or not files:
        what = f"no caption of {silent[0]}" if silent else f"no photo in {LISTS[part]}"
        raise CourseError(f"{archive.name} holds {what}. {FIX}")
    return files, [tuple(text for _, text in sorted(said[file])) for file in files]


def _photos(archive: Path, files: list[str]) -> Iterator[bytes]:
    """The photos as they are packed, one after the other in the order of `files`; nothing is unpacked to the disk."""
    try:
        with zipfile.ZipFile(archive) as opened:
            members = {
                info.filename.rpartition("/")[2]: info
                for info in opened.infolist()
                if not info.filename.startswith("__MACOSX")
            }
            missing = [file for file in files if file not in members]
            if missing:
                more = f" and {len(missing) - 1:,} more" * (len(missing) > 1)
                raise CourseError(f"{archive.name} holds no {missing[0]}{more}. {FIX}")
            for file in files:
                if members[file].file_size > LARGEST_MEMBER:
                    raise CourseError(f"{archive.name}: {file} is larger than any photo should be. {FIX}")
                yield opened.read(members[file])
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise CourseError(f"{archive.name} is damaged ({error}). {FIX}") from None


def _decoded(content: bytes, name: str, size: int) -> NDArray[np.uint8]:
    """A photo as (3, size, size)."""
    import numpy as np
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as photo:
            small = photo.convert("RGB").resize((size, size), Image.Resampling.BILINEAR)
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise CourseError(f"{name} is no photo that can be read ({error}). {FIX}") from None
    return np.asarray(small).transpose(2, 0, 1)
