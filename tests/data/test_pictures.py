"""Pictures with labels: folders in every state, the digits in parts, and downloads read from a mirror made here."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tarfile
import zlib
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from course_utils.data import catalogue
from course_utils.data.digits import mnist_digits
from course_utils.data.pictures import (
    FASHION_CLASSES,
    digit_pictures,
    fashion_mnist,
    picture_folder,
    read_picture,
    stanford_dogs,
)
from course_utils.errors import CourseError
from tests.data.made_files import jpeg, vouch_for


def save(path: Path, colour: object = 128, mode: str = "L", size: tuple[int, int] = (8, 6), **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(path, **options)  # type: ignore[arg-type]
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b2.png", "b1.JPG"):
        save(tmp_path / "zebra" / name, 255)
    save(tmp_path / "ant" / "a.bmp", 0)
    return tmp_path


# --- the digits -----------------------------------------------------------------------------------------------------


def test_the_digits_are_divided_evenly_and_none_is_in_two_parts() -> None:
    parts = digit_pictures()
    assert {part: x.shape for part, (x, _) in parts.items()} == {
        "train": (3500, 1, 28, 28),
        "valid": (500, 1, 28, 28),
        "test": (1000, 1, 28, 28),
    }
    for _, y in parts.values():
        assert len(set(np.bincount(y))) == 1
        assert (np.diff(y) < 0).any()  # in no order
    together = sorted(image.tobytes() for x, _ in parts.values() for image in x)
    assert together == sorted(image.tobytes() for image in mnist_digits()[0])
    again, other = digit_pictures(0), digit_pictures(1)
    assert np.array_equal(again["test"][0], parts["test"][0])
    assert not np.array_equal(other["test"][0], parts["test"][0])


def test_the_digits_of_each_part_are_those_on_which_the_course_s_network_was_trained() -> None:
    found = {
        part: sha256((x * 255).round().astype(np.uint8).tobytes() + y.astype("<i8").tobytes()).hexdigest()[:16]
        for part, (x, y) in digit_pictures().items()
    }
    assert found == {"train": "48e28a8769514bae", "valid": "85e031aa7b0f4cce", "test": "d3aae3f7a71109b5"}


# --- folders --------------------------------------------------------------------------------------------------------


def test_a_folder_is_read_in_the_order_of_its_names(folder: Path) -> None:
    found = picture_folder(folder)
    assert found.labels == ["ant", "zebra", "zebra"]
    assert [file.name for file in found.files] == ["a.bmp", "b1.JPG", "b2.png"]
    assert found.classes == ["ant", "zebra"]
    assert found.images.shape == (3, 1, 6, 8)
    assert found.images.dtype == np.float32
    np.testing.assert_allclose(found.images[:, 0, 0, 0], [0, 1, 1], atol=0.01)
    assert len(found) == 3
    assert picture_folder(str(folder), size=5, colour=True).images.shape == (3, 3, 5, 5)


def test_folders_whose_names_are_not_utf8_give_classes_that_can_be_shown_and_stay_two(tmp_path: Path) -> None:
    for name in (b"caf\xe9", b"caf\xe8", b"tea\x1b[2J"):
        folder = os.path.join(os.fsencode(tmp_path), name)
        try:
            os.mkdir(folder)
        except OSError:
            pytest.skip("this file system has no such names")
        save(Path(os.fsdecode(folder)) / "1.png")
        save(Path(os.fsdecode(folder)) / "notes.txt", format="PNG")
    found = picture_folder(tmp_path)
    assert found.classes == [r"caf\xe8", r"caf\xe9", r"tea\x1b[2J"]
    assert found.passed_over == [rf"{name}/notes.txt" for name in found.classes]
    save(tmp_path / "caf\udce9" / "cut.png").write_bytes(b"no picture")
    with pytest.raises(CourseError) as caught:
        picture_folder(tmp_path)
    assert r"caf\xe9/cut.png" in str(caught.value)


def test_colour_is_kept_dropped_or_found(folder: Path) -> None:
    assert picture_folder(folder, colour=None).images.shape[1] == 1
    save(folder / "ant" / "red.png", (255, 0, 0), "RGB")
    assert picture_folder(folder, colour=None).images.shape[1] == 3
    red = picture_folder(folder, colour=True)
    place = [file.name for file in red.files].index("red.png")
    np.testing.assert_allclose(red.images[place, :, 0, 0], [1, 0, 0])
    grey = picture_folder(folder, colour=False)
    np.testing.assert_allclose(grey.images[place, 0, 0, 0], 0.299, atol=0.005)


def test_hidden_files_are_skipped_and_others_that_are_no_pictures_are_named_and_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (".DS_Store", "zebra/.hidden.png", "zebra/notes.txt", "about.md", "__MACOSX/x.txt", ".git/config"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("no picture")
    found = picture_folder(folder)
    assert len(found) == 3
    assert sorted(found.passed_over) == ["about.md", "zebra/notes.txt"]
    assert capsys.readouterr().out == (
        f"{folder.name}: 2 of its files were left out: no pictures that can be read here (1 × .md, 1 × .txt).\n"
    )
    for name in ("zebra/notes.txt", "about.md"):
        (folder / name).unlink()
    picture_folder(folder)
    assert capsys.readouterr().out == ""


def test_jpeg_and_tiff_by_their_other_names_are_pictures(folder: Path) -> None:
    for ending, format in (("jfif", "JPEG"), ("jpe", "JPEG"), ("JFIF", "JPEG"), ("tif", "TIFF"), ("tiff", "TIFF")):
        save(folder / "ant" / f"more.{ending}", format=format)
    assert len(picture_folder(folder)) == 8


def test_pictures_of_several_sizes_need_a_size(folder: Path) -> None:
    save(folder / "ant" / "large.png", 0, size=(30, 20))
    with pytest.raises(CourseError, match=r"differ in size: a.bmp is 6 × 8 .*, large.png is 20 × 30.*size=28"):
        picture_folder(folder)
    assert picture_folder(folder, size=4).images.shape == (4, 1, 4, 4)


@pytest.mark.parametrize("size", [0, -1, 2.5, "28", True])
def test_a_size_is_a_whole_number_of_pixels(folder: Path, size: object) -> None:
    with pytest.raises(CourseError, match="size must be a whole number"):
        picture_folder(folder, size=size)  # type: ignore[arg-type]


def test_folders_that_cannot_be_meant_are_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="There is no folder"):
        picture_folder(tmp_path / "nowhere")
    picture = save(tmp_path / "flat" / "a.png")
    with pytest.raises(CourseError, match=r"is a file\. Give the folder"):
        picture_folder(picture)
    with pytest.raises(CourseError, match=r"holds 1 picture but no sub-folders\. Put the pictures of each class"):
        picture_folder(picture.parent)
    (tmp_path / "bare").mkdir()
    with pytest.raises(CourseError, match="no sub-folders with pictures"):
        picture_folder(tmp_path / "bare")
    save(tmp_path / "two" / "full" / "a.png")
    (tmp_path / "two" / "empty").mkdir()
    with pytest.raises(CourseError, match="The class 'empty' has no picture"):
        picture_folder(tmp_path / "two")
    save(tmp_path / "deep" / "train" / "cat" / "a.png")
    with pytest.raises(CourseError, match=r"no pictures, but folders \(cat\)"):
        picture_folder(tmp_path / "deep")


@pytest.mark.parametrize("content", [b"", b"no picture at all", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_a_damaged_picture_is_named(folder: Path, content: bytes) -> None:
    (folder / "ant" / "broken.png").write_bytes(content)
    with pytest.raises(CourseError, match=r"broken.png is no picture that can be read .*Take it out"):
        picture_folder(folder)


@pytest.mark.parametrize("kind", ["eps", "tga", "pcx", "sgi", "dds"])
def test_only_the_usual_formats_are_read_whatever_the_name(folder: Path, kind: str) -> None:
    """For EPS, Pillow would start Ghostscript; readers that nobody needs have had most of its holes."""
    Image.new("RGB", (8, 8)).save(folder / "ant" / "odd.png", format=kind)
    with pytest.raises(CourseError, match=r"odd.png is no picture that can be read \(cannot identify"):
        picture_folder(folder)


@pytest.mark.parametrize("kind", ["png", "jpg", "gif", "webp", "bmp"])
def test_a_picture_that_was_cut_off_is_named(folder: Path, kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    whole = io.BytesIO()
    Image.fromarray(noise).save(whole, "jpeg" if kind == "jpg" else kind)
    path = folder / "ant" / f"half.{kind}"
    path.write_bytes(whole.getvalue())
    picture_folder(folder, size=4)
    path.write_bytes(whole.getvalue()[: len(whole.getvalue()) // 2])
    with pytest.raises(CourseError, match=f"half.{kind} is no picture"):
        picture_folder(folder, size=4)


def test_a_picture_of_too_many_pixels_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    for side in (11_000, 60_000):  # more than Pillow warns of, more than it allows
        head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
        body = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
        path = tmp_path / "bomb.png"
        path.write_bytes(body)
        with pytest.raises(CourseError, match=r"bomb.png has more pixels than a photo should"):
            read_picture(path, 8)


def test_a_missing_picture_is_named() -> None:
    with pytest.raises(CourseError, match=r"There is no picture nowhere\.png"):
        read_picture("nowhere.png")


# --- kinds of pictures ----------------------------------------------------------------------------------------------


def test_what_is_transparent_becomes_white(tmp_path: Path) -> None:
    half = read_picture(save(tmp_path / "a.png", (0, 0, 0, 0), "RGBA"))
    assert (half == 1).all()
    black = read_picture(save(tmp_path / "b.png", (0, 0, 0, 255), "RGBA"), colour=True)
    assert (black == 0).all()
    assert (read_picture(save(tmp_path / "c.png", (0, 0), "LA")) == 1).all()
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    palette.save(tmp_path / "d.png", transparency=1)
    assert (read_picture(tmp_path / "d.png", colour=True) == 1).all()
    palette.save(tmp_path / "e.gif")
    np.testing.assert_allclose(read_picture(tmp_path / "e.gif", colour=True)[:, 0, 0], [1, 0, 0])


def test_sixteen_bits_become_shares_of_white(tmp_path: Path) -> None:
    values = np.array([[0, 16384], [32768, 65535]], dtype=np.uint16)
    Image.fromarray(values).save(tmp_path / "deep.png")
    np.testing.assert_allclose(read_picture(tmp_path / "deep.png")[0], values / 65535, atol=0.003)
    assert read_picture(tmp_path / "deep.png", colour=True).shape == (3, 2, 2)


def test_one_bit_cmyk_and_animations_are_read(tmp_path: Path) -> None:
    np.testing.assert_array_equal(read_picture(save(tmp_path / "a.png", 1, "1")), np.ones((1, 6, 8)))
    cyan = read_picture(save(tmp_path / "b.jpg", (255, 0, 0, 0), "CMYK"), colour=True)
    assert cyan[0].max() < 0.1
    assert cyan[1:].min() > 0.6
    first, second = Image.new("L", (4, 4), 0), Image.new("L", (4, 4), 255)
    first.save(tmp_path / "c.gif", save_all=True, append_images=[second])
    assert (read_picture(tmp_path / "c.gif") == 0).all()


def test_a_photo_is_turned_as_its_camera_says(tmp_path: Path) -> None:
    photo = Image.new("L", (10, 4), 0)
    photo.paste(255, (0, 0, 5, 4))  # bright on the left
    exif = photo.getexif()
    exif[274] = 6  # to be shown turned by 90° clockwise: the left becomes the top
    photo.save(tmp_path / "photo.jpg", exif=exif, quality=95)
    found = read_picture(tmp_path / "photo.jpg")
    assert found.shape == (1, 10, 4)
    assert found[0, :4].min() > 0.9
    assert found[0, 6:].max() < 0.1


# --- downloads ------------------------------------------------------------------------------------------------------


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "mirror"
    for name in ("fashion_mnist", "stanford_dogs"):
        (folder / name).mkdir(parents=True)
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(folder))
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "cache"))
    files = tuple(replace(file, md5=None) for file in catalogue.FASHION_MNIST.files)  # these tests make their own
    monkeypatch.setitem(catalogue.CATALOGUE, "fashion_mnist", replace(catalogue.FASHION_MNIST, files=files))
    return folder


def test_pictures_that_are_not_the_publisher_s_are_refused_whatever_the_mirror_says(
    mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(catalogue.CATALOGUE, "fashion_mnist", catalogue.FASHION_MNIST)
    fill_fashion(mirror)
    vouch_for(mirror / "fashion_mnist")
    with pytest.raises(CourseError, match=r"not the file that its publisher names \(MD5 "):
        fashion_mnist()


def idx(values: NDArray[np.uint8]) -> bytes:
    return bytes([0, 0, 8, values.ndim]) + b"".join(n.to_bytes(4, "big") for n in values.shape) + values.tobytes()


def fill_fashion(mirror: Path, **replaced: bytes) -> None:
    rng = np.random.default_rng(0)
    for name, count in (("train", 6), ("t10k", 3)):
        pixels, labels = rng.integers(0, 256, (count, 28, 28)).astype(np.uint8), np.arange(count).astype(np.uint8)
        files = {f"{name}_images": ("images-idx3", idx(pixels)), f"{name}_labels": ("labels-idx1", idx(labels))}
        for key, (kind, content) in files.items():
            path = mirror / "fashion_mnist" / f"{name}-{kind}-ubyte.gz"
            path.write_bytes(replaced.get(key, gzip.compress(content)))


def test_fashion_mnist_is_read_in_its_own_order(mirror: Path) -> None:
    fill_fashion(mirror)
    train, test = fashion_mnist(), fashion_mnist("test")
    assert train.images.shape == (6, 1, 28, 28)
    assert train.images.dtype == np.float32
    assert train.labels == list(FASHION_CLASSES[:6])
    assert train.classes == list(FASHION_CLASSES)
    assert len(test) == 3
    expected = np.random.default_rng(0).integers(0, 256, (6, 28, 28)) / 255
    np.testing.assert_allclose(train.images[:, 0], expected, atol=1e-6)
    with pytest.raises(CourseError, match="no part of Fashion-MNIST 'valid'"):
        fashion_mnist("valid")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no gzip", "train-images-idx3-ubyte.gz is damaged"),
        (gzip.compress(idx(np.zeros((6, 28, 28), dtype=np.uint8)))[:-20], "is damaged"),
        (gzip.compress(idx(np.zeros(6, dtype=np.uint8))), "no list of bytes with 3 axes"),
        (gzip.compress(idx(np.zeros((6, 28, 28), dtype=np.uint8))[:-5]), "does not hold the 4,704 values"),
        (gzip.compress(idx(np.zeros((6, 28, 28), dtype=np.uint8)) + b"\0"), "does not hold the 4,704 values"),
        (gzip.compress(idx(np.zeros((5, 28, 28), dtype=np.uint8))), "5 pictures and 6 labels"),
        (gzip.compress(b"\0\0\x08\3" + b"\xff" * 12), "no list of bytes"),
    ],
    ids=["no gzip", "cut", "one axis", "short", "long", "five pictures", "huge"],
)
def test_damaged_files_of_fashion_mnist_are_refused_with_a_way_out(mirror: Path, content: bytes, message: str) -> None:
    fill_fashion(mirror, train_images=content)
    vouch_for(mirror / "fashion_mnist")
    with pytest.raises(CourseError, match=message) as caught:
        fashion_mnist()
    assert "course data clear fashion_mnist" in str(caught.value)


def fill_dogs(mirror: Path, *more: tuple[str, bytes]) -> None:
    members = [
        ("Images/n02086240-Shih-Tzu/n02086240_1.jpg", jpeg((0, 0, 255))),
        ("Images/n02085620-Chihuahua/n02085620_7.jpg", jpeg((255, 0, 0))),
        ("Images/n02085620-Chihuahua/n02085620_10.jpg", jpeg((0, 255, 0))),
        ("Images/readme.txt", b"no photo"),
        *more,
    ]
    with tarfile.open(mirror / "stanford_dogs" / "images.tar", "w") as tar:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def test_dogs_are_read_from_the_archive_by_breed_and_nothing_is_unpacked(mirror: Path, tmp_path: Path) -> None:
    fill_dogs(mirror, ("../../outside/n0-Evil/evil.jpg", b"no photo"), ("/etc/n0-Evil2/x.txt", b""))
    with pytest.raises(CourseError, match=r"evil.jpg is no picture"):
        stanford_dogs(size=16)
    found = stanford_dogs(size=16, breeds=["Chihuahua", "Shih-Tzu"])
    assert found.labels == ["Chihuahua", "Chihuahua", "Shih-Tzu"]
    assert found.images.shape == (3, 3, 16, 16)
    assert [file.name for file in found.files] == ["n02085620_10.jpg", "n02085620_7.jpg", "n02086240_1.jpg"]
    np.testing.assert_allclose(found.images[:, :, 8, 8], [[0, 1, 0], [1, 0, 0], [0, 0, 1]], atol=0.02)
    assert stanford_dogs(size=8, breeds=["Shih-Tzu"]).classes == ["Shih-Tzu"]
    assert not list(tmp_path.rglob("*.jpg"))
    with pytest.raises(CourseError, match=r"no breed 'Chihuaha'. Did you mean 'Chihuahua'\?"):
        stanford_dogs(size=8, breeds=["Chihuaha"])


@pytest.mark.parametrize("length", [0, 100, 1200])
def test_an_archive_of_dogs_that_was_cut_off_is_refused_with_a_way_out(mirror: Path, length: int) -> None:
    fill_dogs(mirror)
    path = mirror / "stanford_dogs" / "images.tar"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(
        CourseError, match=r"images\.tar is not here.* what came is not a TAR archive, or not all of it"
    ):
        stanford_dogs()
    vouch_for(path.parent)
    with pytest.raises(CourseError, match=r"images\.tar is damaged .*course data clear stanford_dogs"):
        stanford_dogs()


def test_an_archive_without_a_dog_is_refused_with_a_way_out(mirror: Path) -> None:
    with tarfile.open(mirror / "stanford_dogs" / "images.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo("Images/readme.txt"))
    with pytest.raises(CourseError, match=r"holds no photo of a dog\. Run `course data clear stanford_dogs`"):
        stanford_dogs()


def test_the_downloads_are_in_the_catalogue_with_the_files_that_are_read() -> None:
    names = [file.name for file in catalogue.data_set("fashion_mnist").files]
    assert len(names) == len(set(names)) == 4
    assert all(name.endswith("-ubyte.gz") for name in names)
    assert [file.name for file in catalogue.data_set("stanford_dogs").files] == ["images.tar"]
