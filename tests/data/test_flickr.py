"""Flickr8k, read from archives of its true form."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from course_utils.data import catalogue
from course_utils.data.flickr import flickr8k
from course_utils.errors import CourseError
from tests.data.faulty_server import FaultyServer, faulty_server
from tests.data.made_files import jpeg, zip_of

PARTS = {"trainImages": ("a_1.jpg", "b_2.jpg", "c_3.jpg"), "devImages": ("d_4.jpg",), "testImages": ("e_5.jpg",)}
COLOURS = {"a_1.jpg": (255, 0, 0), "b_2.jpg": (0, 255, 0), "c_3.jpg": (0, 0, 255), "e_5.jpg": (9, 8, 7)}


def photos() -> dict[str, bytes]:
    """As the authors packed them: a folder with a slip of the pen, a Mac's own files, and a photo in no part."""
    files = sorted([name for names in PARTS.values() for name in names] + ["in_no_part.jpg"], reverse=True)
    members = {f"Flicker8k_Dataset/{name}": jpeg(COLOURS.get(name, (9, 9, 9))) for name in files}
    return {**members, "__MACOSX/Flicker8k_Dataset/._a_1.jpg": b"no photo", "__MACOSX/a_1.jpg": b"no photo"}


def texts() -> dict[str, bytes]:
    names = [name for names in PARTS.values() for name in names]
    lines = [f"{name}#{k}\tA child , number {k} , of  {name[0].upper()} ." for name in names for k in (1, 0, 2)]
    lines += ["2258277193_586949ec62.jpg.1#0\tSome people in no photo .", "", "no caption"]
    lists = {f"Flickr_8k.{part}.txt": "\n".join(files).encode() + b"\n" for part, files in PARTS.items()}
    more = {"CrowdFlowerAnnotations.txt": b"x\ty\n", "readme.txt": b"text", "__MACOSX/._readme.txt": b"\0"}
    return {"Flickr8k.token.txt": "\n".join(lines).encode(), **lists, **more}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyServer]:
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "cache"))
    with faulty_server() as one:
        monkeypatch.setenv("COURSE_DATA_MIRROR", one.address)
        serve(one, photos(), texts())
        yield one


def serve(server: FaultyServer, pictures: dict[str, bytes], text: dict[str, bytes]) -> None:
    server.pages["/flickr8k/Flickr8k_Dataset.zip"] = zip_of(pictures)
    server.pages["/flickr8k/Flickr8k_text.zip"] = zip_of(text)


def test_flickr8k_is_fetched_once_and_read_in_its_own_parts(server: FaultyServer, tmp_path: Path) -> None:
    train = flickr8k("train", size=16)
    assert train.files == list(PARTS["trainImages"])
    assert train.images.shape == (3, 3, 16, 16)
    assert train.images.dtype == np.uint8
    np.testing.assert_allclose(train.images[:, :, 8, 8], [COLOURS[file] for file in train.files], atol=4)
    assert train.captions[1] == tuple(f"a child , number {k} , of b ." for k in range(3))
    asked = len(server.asked)
    assert flickr8k("valid", size=8).files == ["d_4.jpg"]
    assert len(flickr8k("test")) == 1
    assert flickr8k("test").images.shape == (1, 3, 96, 96)
    assert len(server.asked) == asked
    assert not list(tmp_path.rglob("*.jpg"))


def test_what_cannot_be_meant_is_refused_before_anything_is_fetched(server: FaultyServer) -> None:
    with pytest.raises(CourseError, match="no part of Flickr8k 'dev'"):
        flickr8k("dev")
    with pytest.raises(CourseError, match="whole number of pixels from 8"):
        flickr8k("test", size=0)
    assert not server.asked


@pytest.mark.parametrize("fault", [404, "cut"])
def test_a_download_that_fails_says_so_and_what_works_without_it(server: FaultyServer, fault: str | int) -> None:
    server.faults["/flickr8k/Flickr8k_Dataset.zip"] = fault
    with pytest.raises(CourseError, match=r"Flickr8k_Dataset\.zip is not here.*also works without this data"):
        flickr8k("test")
    server.faults.clear()
    assert len(flickr8k("test", size=8)) == 1


@pytest.mark.parametrize(
    ("pictures", "text", "message"),
    [
        ({"Flicker8k_Dataset/e_5.jpg": b""}, {}, r"e_5\.jpg is no photo"),
        ({"Flicker8k_Dataset/e_5.jpg": jpeg((1, 2, 3))[:300]}, {}, r"e_5\.jpg is no photo"),
        ({"Flicker8k_Dataset/e_5.jpg": None}, {}, r"holds no e_5\.jpg\."),
        ({}, {"Flickr8k.token.txt": None}, r"holds no Flickr8k\.token\.txt"),
        ({}, {"Flickr_8k.testImages.txt": None}, r"holds no Flickr_8k\.testImages\.txt"),
        ({}, {"Flickr_8k.testImages.txt": b"\n"}, "no photo in Flickr_8k"),
        ({}, {"Flickr_8k.testImages.txt": b"z_9.jpg"}, r"no caption of z_9\.jpg"),
    ],
)
def test_archives_that_lack_something_are_refused_with_a_way_out(
    server: FaultyServer, pictures: dict[str, bytes | None], text: dict[str, bytes | None], message: str
) -> None:
    whole = ({**photos(), **pictures}, {**texts(), **text})
    serve(server, *({name: content for name, content in one.items() if content is not None} for one in whole))
    with pytest.raises(CourseError, match=message) as caught:
        flickr8k("test")
    assert "course data clear flickr8k" in str(caught.value)


@pytest.mark.parametrize("name", ["Flickr8k_Dataset.zip", "Flickr8k_text.zip"])
@pytest.mark.parametrize("length", [0, 100])
def test_archives_that_come_cut_off_are_not_kept(server: FaultyServer, tmp_path: Path, name: str, length: int) -> None:
    server.pages[f"/flickr8k/{name}"] = server.pages[f"/flickr8k/{name}"][:length]
    with pytest.raises(CourseError, match=rf"{name} is not here.*(not a ZIP archive|is empty)"):
        flickr8k("test")
    assert not list(tmp_path.rglob(name))


def test_an_archive_with_a_wrong_byte_inside_is_not_kept(server: FaultyServer, tmp_path: Path) -> None:
    whole = bytearray(zip_of(photos(), zipfile.ZIP_STORED))
    whole[whole.index(jpeg((9, 8, 7))) + 200] ^= 0xFF  # in the photo of the test part
    server.pages["/flickr8k/Flickr8k_Dataset.zip"] = bytes(whole)
    with pytest.raises(CourseError, match=r"its member Flicker8k_Dataset/e_5\.jpg is damaged\. Try again"):
        flickr8k("test", size=8)
    assert not list(tmp_path.rglob("Flickr8k_Dataset.zip"))


def test_the_set_is_in_the_catalogue() -> None:
    assert [file.name for file in catalogue.data_set("flickr8k").files] == ["Flickr8k_Dataset.zip", "Flickr8k_text.zip"]
