"""Photos with boxes around what is to be found in them. Downloads: `course data fetch penn_fudan` (about 54 MB) and
`course data fetch voc2007` (about 920 MB).

Sources: Wang, Shi, Song & Shen 2007, Object detection combining recognition and segmentation, ACCV; Everingham and
others 2010, The PASCAL visual object classes (VOC) challenge, doi 10.1007/s11263-009-0275-4.
"""

from __future__ import annotations

import io
import re
import tarfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from course_utils.checks import check_name, check_whole
from course_utils.data.archives import LARGEST_MEMBER, zip_members
from course_utils.data.downloads import fetch
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Box = tuple[float, float, float, float]

LONGEST = 192  # pixels of a photo's longer side
PERSON = "person"
TESTED = 5  # of Penn-Fudan: the last fifth of each of its two collections is the test part
BOX = re.compile(r"Bounding box for object.*:\s*\((\d+), (\d+)\) - \((\d+), (\d+)\)")
VOC_PARTS = {"train": "train", "valid": "val", "test": "test"}  # part → the list that names its photos


@dataclass(frozen=True, eq=False)
class BoxedPhotos:
    """Photos, and what stands in each.

    Attributes:
        images: N of uint8 (3, height, width), red, green and blue.
        boxes: N arrays (n, 4), n from 0: left, top, right and bottom, in pixels.
        labels: N lists of n words.
        files: N names of the files.
    """

    images: list[NDArray[np.uint8]]
    boxes: list[NDArray[np.float32]]
    labels: list[list[str]]
    files: list[str]

    def __len__(self) -> int:
        return len(self.files)


def penn_fudan(part: str = "train", longest: int = LONGEST) -> BoxedPhotos:
    """Streets, and those who walk there: 137 photos to train and 33 to test.

    The set has no parts of its own. Photos of one place stand beside each other, so the last fifth of each of the two
    collections, Fudan and Penn, is the test part.

    Args:
        part: "train" or "test".
        longest: pixels of the longer side to which each photo is made smaller, from 32; boxes go along.

    Returns:
        The photos in the order of their names.

    Raises:
        CourseError: another part or size, the download failed, or the archive is damaged or incomplete.
    """
    check_name("part of Penn-Fudan", part, ("train", "test"))
    check_whole("longest", longest, 32, unit="pixels")
    (archive,) = fetch("penn_fudan")
    fix = _fix("penn_fudan")
    notes = {name.removesuffix(".txt"): text for name, text in zip_members(archive, ".txt", fix) if "Ped0" in name}
    if not notes:
        raise CourseError(f"{archive.name} holds no notes of boxes. {fix}")
    asked = [name for name in sorted(notes) if _is_tested(name, sorted(notes)) is (part == "test")]
    photos = {
        name: content for name, content in zip_members(archive, ".png", fix) if name.removesuffix(".png") in asked
    }
    found = BoxedPhotos([], [], [], [])
    for name in asked:
        if f"{name}.png" not in photos:
            raise CourseError(f"{archive.name} holds no {name}.png. {fix}")
        known = [
            (int(left) - 1.0, int(top) - 1.0, float(right), float(bottom))  # the first pixel is 1 there
            for left, top, right, bottom in BOX.findall(notes[name].decode("utf-8", errors="replace"))
        ]
        _add(found, f"{name}.png", photos[f"{name}.png"], known, [PERSON] * len(known), longest, fix)
    return found


def _is_tested(name: str, names: list[str]) -> bool:
    collection = [other for other in names if other[:4] == name[:4]]
    return collection.index(name) >= len(collection) - len(collection) // TESTED


def voc2007(part: str = "train", longest: int = LONGEST) -> BoxedPhotos:
    """Photos of everyday things: 2,501 to train, 2,510 for validation and 4,952 to test; 20 classes.

    Objects that the authors call difficult are left out.

    Args:
        part: "train", "valid" or "test", the authors' own division.
        longest: pixels of the longer side to which each photo is made smaller, from 32; boxes go along.

    Returns:
        The photos in the order of the authors' list. 2,501 of at most 192 × 192 take about 210 MB.

    Raises:
        CourseError: another part or size, the download failed, or an archive is damaged or incomplete.
    """
    check_name("part of VOC 2007", part, VOC_PARTS)
    check_whole("longest", longest, 32, unit="pixels")
    learned, tested = fetch("voc2007")
    archive, fix = tested if part == "test" else learned, _fix("voc2007")
    found = BoxedPhotos([], [], [], [])
    for name, note, photo in _voc_members(archive, VOC_PARTS[part], fix):
        known, labels = _voc_objects(note, f"{archive.name}: {name}.xml", fix)
        _add(found, f"{name}.jpg", photo, known, labels, longest, fix)
    return found


def _voc_members(archive: Path, listed: str, fix: str) -> Iterator[tuple[str, bytes, bytes]]:
    """Name, note and photo of all that a list names; nothing is unpacked to the disk."""
    try:
        with tarfile.open(archive, "r:") as opened:
            members = {"/".join(PurePosixPath(info.name).parts[-2:]): info for info in opened if info.isfile()}

            def content(name: str) -> bytes:
                member = members.get(name)
                if member is None or member.size > LARGEST_MEMBER:
                    what = "holds no" if member is None else "has too large a"
                    raise CourseError(f"{archive.name} {what} {name}. {fix}")
                read = opened.extractfile(member)
                assert read is not None  # an ordinary file
                return read.read()

            names = content(f"Main/{listed}.txt").decode("utf-8", errors="replace").split()
            if not names:
                raise CourseError(f"{archive.name}: {listed}.txt names no photo. {fix}")
            for name in names:
                yield name, content(f"Annotations/{name}.xml"), content(f"JPEGImages/{name}.jpg")
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise CourseError(f"{archive.name} is damaged ({error}). {fix}") from None


def _voc_objects(note: bytes, name: str, fix: str) -> tuple[list[Box], list[str]]:
    """Boxes and classes of a note."""
    boxes: list[Box] = []
    labels: list[str] = []
    try:
        for item in ElementTree.fromstring(note).iter("object"):
            if item.findtext("difficult", "0").strip() == "1":
                continue
            left, top, right, bottom = (
                float(item.findtext(f"bndbox/{side}", "")) for side in ("xmin", "ymin", "xmax", "ymax")
            )
            boxes.append((left - 1, top - 1, right, bottom))  # the first pixel is 1 there
            labels.append(item.findtext("name", "").strip())
    except (ElementTree.ParseError, ValueError) as error:
        raise CourseError(f"{name} cannot be read ({error}). {fix}") from None
    return boxes, labels


def _add(
    found: BoxedPhotos, file: str, content: bytes, boxes: list[Box], labels: list[str], longest: int, fix: str
) -> None:
    """A photo is made smaller, never larger, and its boxes with it."""
    import numpy as np
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as photo:
            width, height = photo.size
            factor = min(longest / max(width, height), 1.0)
            sides = (max(round(width * factor), 1), max(round(height * factor), 1))
            small = photo.convert("RGB").resize(sides, Image.Resampling.BILINEAR)
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise CourseError(f"{file} is no photo that can be read ({error}). {fix}") from None
    scale = [sides[0] / width, sides[1] / height] * 2
    found.images.append(np.ascontiguousarray(np.asarray(small).transpose(2, 0, 1)))
    found.boxes.append((np.array(boxes, dtype=np.float64).reshape(-1, 4) * scale).astype(np.float32))
    found.labels.append(labels)
    found.files.append(file)


def _fix(name: str) -> str:
    return f"Run `course data clear {name}`, then `course data fetch {name}`."
