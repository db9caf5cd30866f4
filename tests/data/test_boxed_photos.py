"""Photos with boxes, read from archives of their true form."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from course_utils.data import catalogue
from course_utils.data.boxed_photos import penn_fudan, voc2007
from course_utils.errors import CourseError
from tests.data.faulty_server import FaultyServer, faulty_server
from tests.data.made_files import jpeg, zip_of

NOTE = """# Compatible with PASCAL Annotation Version 1.00
Image filename : "PennFudanPed/PNGImages/{name}.png"
Image size (X x Y x C) : 400 x 200 x 3
Objects with ground truth : 2 {{ "PASpersonWalking" "PASpersonWalking" }}
# Note that there might be other objects in the image
# for which ground truth data has not been provided.

Original label for object 1 "PASpersonWalking" : "PennFudanPed"
Bounding box for object 1 "PASpersonWalking" (Xmin, Ymin) - (Xmax, Ymax) : (41, 21) - (80, 200)
Pixel mask for object 1 "PASpersonWalking" : "PennFudanPed/PedMasks/{name}_mask.png"

Bounding box for object 2 "PASpersonWalking" (Xmin, Ymin) - (Xmax, Ymax) : (1, 1) - (20, 20)
"""
OBJECT = """<object><name>{label}</name><pose>Left</pose><truncated>0</truncated><difficult>{difficult}</difficult>
<bndbox><xmin>11</xmin><ymin>21</ymin><xmax>60</xmax><ymax>120</ymax></bndbox></object>"""
LISTS = {"train": ["000012", "000017"], "val": ["000005"], "test": ["000001"]}


def png(colour: tuple[int, int, int], size: tuple[int, int] = (400, 200)) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, "png")
    return stream.getvalue()


def streets() -> dict[str, bytes]:
    names = [f"FudanPed{number:05}" for number in range(1, 8)] + [f"PennPed{number:05}" for number in range(1, 11)]
    members = {"PennFudanPed/readme.txt": b"text"}
    for place, name in enumerate(names):
        members[f"PennFudanPed/Annotation/{name}.txt"] = NOTE.format(name=name).encode()
        members[f"PennFudanPed/PNGImages/{name}.png"] = png((place, 0, 0))
        members[f"PennFudanPed/PedMasks/{name}_mask.png"] = png((9, 9, 9))
    return members


def things(*lists: str) -> dict[str, bytes]:
    members = {}
    for listed in lists:
        members[f"ImageSets/Main/{listed}.txt"] = "\n".join(LISTS[listed]).encode() + b"\n"
        members[f"ImageSets/Layout/{listed}.txt"] = b"another list"
        for name in LISTS[listed]:
            objects = OBJECT.format(label="dog", difficult=0) + OBJECT.format(label="car", difficult=1)
            members[f"Annotations/{name}.xml"] = f"<annotation>{objects}</annotation>".encode()
            members[f"JPEGImages/{name}.jpg"] = jpeg((0, int(name), 0), (100, 400))
    return {f"VOCdevkit/VOC2007/{name}": content for name, content in members.items()}


def tar_of(members: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyServer]:
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "cache"))
    with faulty_server() as one:
        monkeypatch.setenv("COURSE_DATA_MIRROR", one.address)
        one.pages["/penn_fudan/PennFudanPed.zip"] = zip_of(streets())
        yield one


@pytest.fixture
def serve_voc(server: FaultyServer, monkeypatch: pytest.MonkeyPatch) -> FaultyServer:
    """The server has the whole of VOC, in small."""
    offer(server, monkeypatch, things("train", "val"), things("test"))
    return server


def offer(server: FaultyServer, monkeypatch: pytest.MonkeyPatch, *archives: Mapping[str, bytes]) -> None:
    row = catalogue.data_set("voc2007")
    files = []
    for file, members in zip(row.files, archives, strict=True):
        content = tar_of(members)
        server.pages[f"/voc2007/{file.name}"] = content
        files.append(replace(file, md5=hashlib.md5(content, usedforsecurity=False).hexdigest()))
    monkeypatch.setitem(catalogue.CATALOGUE, "voc2007", replace(row, files=tuple(files)))


# ---------------------------------------------------------------------------------------------------------------------
# Penn-Fudan


def test_the_last_fifth_of_each_collection_is_the_test_part(server: FaultyServer) -> None:
    train, test = penn_fudan("train", longest=40), penn_fudan("test", longest=40)
    assert test.files == ["FudanPed00007.png", "PennPed00009.png", "PennPed00010.png"]
    assert len(train) == 14
    assert not set(train.files) & set(test.files)
    assert [int(image[0, 5, 5]) for image in test.images] == [6, 15, 16]  # photos, not masks
    assert len([path for path in server.asked if path.endswith(".zip")]) == 1


def test_photos_are_made_smaller_and_boxes_with_them(server: FaultyServer) -> None:
    small, whole = penn_fudan("test", longest=40), penn_fudan("test", longest=1_000)
    assert small.images[0].shape == (3, 20, 40)
    assert small.images[0].dtype == np.uint8
    np.testing.assert_allclose(small.boxes[0], [[4, 2, 8, 20], [0, 0, 2, 2]], atol=1e-6)
    assert whole.images[0].shape == (3, 200, 400)  # never larger
    np.testing.assert_allclose(whole.boxes[0], [[40, 20, 80, 200], [0, 0, 20, 20]])
    assert small.labels[0] == ["person", "person"]


@pytest.mark.parametrize(
    ("left_out", "message"), [("Annotation", "holds no notes of boxes"), ("PNGImages/Fudan", r"holds no FudanPed00007")]
)
def test_what_the_archive_of_streets_lacks_is_named(server: FaultyServer, left_out: str, message: str) -> None:
    members = {name: content for name, content in streets().items() if left_out not in name}
    server.pages["/penn_fudan/PennFudanPed.zip"] = zip_of(members)
    with pytest.raises(CourseError, match=message) as caught:
        penn_fudan("test")
    assert "course data clear penn_fudan" in str(caught.value)


def test_a_street_that_is_no_photo_is_named(server: FaultyServer) -> None:
    members = streets() | {"PennFudanPed/PNGImages/FudanPed00007.png": b"nothing"}
    server.pages["/penn_fudan/PennFudanPed.zip"] = zip_of(members)
    with pytest.raises(CourseError, match=r"FudanPed00007\.png is no photo"):
        penn_fudan("test")


# ---------------------------------------------------------------------------------------------------------------------
# VOC


def test_voc_is_read_in_its_own_parts_without_what_is_difficult(serve_voc: FaultyServer) -> None:
    train = voc2007("train", longest=40)
    assert train.files == ["000012.jpg", "000017.jpg"]
    assert voc2007("valid").files == ["000005.jpg"]
    assert voc2007("test").files == ["000001.jpg"]
    assert train.images[0].shape == (3, 40, 10)
    assert [image[1, 5, 5] for image in train.images] == pytest.approx([12, 17], abs=3)
    assert train.labels == [["dog"], ["dog"]]
    np.testing.assert_allclose(train.boxes[0], [[1, 2, 6, 12]])
    assert len([path for path in serve_voc.asked if path.endswith(".tar")]) == 2


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"ImageSets/Main/test.txt": None}, r"holds no Main/test\.txt"),
        ({"ImageSets/Main/test.txt": b"\n"}, "names no photo"),
        ({"Annotations/000001.xml": None}, r"holds no Annotations/000001\.xml"),
        ({"JPEGImages/000001.jpg": None}, r"holds no JPEGImages/000001\.jpg"),
        ({"JPEGImages/000001.jpg": b"nothing"}, r"000001\.jpg is no photo"),
        ({"Annotations/000001.xml": b"<annotation>"}, r"000001\.xml cannot be read"),
        ({"Annotations/000001.xml": b"<annotation><object/></annotation>"}, r"000001\.xml cannot be read"),
    ],
)
def test_what_an_archive_of_voc_lacks_is_named(
    server: FaultyServer, monkeypatch: pytest.MonkeyPatch, changed: dict[str, bytes | None], message: str
) -> None:
    whole = things("test") | {f"VOCdevkit/VOC2007/{name}": content for name, content in changed.items()}
    offer(server, monkeypatch, things("train", "val"), {k: v for k, v in whole.items() if v is not None})
    with pytest.raises(CourseError, match=message) as caught:
        voc2007("test")
    assert "course data clear voc2007" in str(caught.value)


def test_a_photo_without_objects_has_no_boxes(server: FaultyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    members = things("test") | {"VOCdevkit/VOC2007/Annotations/000001.xml": b"<annotation/>"}
    offer(server, monkeypatch, things("train", "val"), members)
    test = voc2007("test")
    assert test.boxes[0].shape == (0, 4)
    assert test.labels == [[]]


def test_an_archive_that_is_no_tar_is_refused(server: FaultyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(server, monkeypatch, things("train", "val"), {})
    server.pages["/voc2007/VOCtest_06-Nov-2007.tar"] = b"x" * 3_000
    row = catalogue.data_set("voc2007")
    wrong = replace(row.files[1], md5=hashlib.md5(b"x" * 3_000, usedforsecurity=False).hexdigest())
    monkeypatch.setitem(catalogue.CATALOGUE, "voc2007", replace(row, files=(row.files[0], wrong)))
    with pytest.raises(CourseError, match=r"VOCtest_06-Nov-2007\.tar is damaged"):
        voc2007("test")


def test_hashes_are_those_that_torchvision_knows() -> None:
    from torchvision.datasets.voc import DATASET_YEAR_DICT  # type: ignore[import-untyped]

    stated = [DATASET_YEAR_DICT[year] for year in ("2007", "2007-test")]
    assert [(file.name, file.md5) for file in catalogue.data_set("voc2007").files] == [
        (one["filename"], one["md5"]) for one in stated
    ]


@pytest.mark.parametrize("read", [penn_fudan, voc2007])
def test_what_cannot_be_meant_is_refused_before_anything_is_fetched(server: FaultyServer, read: type) -> None:
    with pytest.raises(CourseError, match="no part of"):
        read("dev")
    with pytest.raises(CourseError, match="whole number of pixels from 32"):
        read("test", longest=8)
    assert not server.asked


@pytest.mark.parametrize("fault", [404, "cut"])
def test_a_download_that_fails_says_so_and_what_works_without_it(server: FaultyServer, fault: str | int) -> None:
    server.faults["/penn_fudan/PennFudanPed.zip"] = fault
    with pytest.raises(CourseError, match=r"PennFudanPed\.zip is not here.*also works without this data"):
        penn_fudan("test")
    server.faults.clear()
    assert len(penn_fudan("test", longest=32)) == 3
