"""Files that are not what their name promises: pages, halves, and archives that are made to do harm."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from course_utils.data import archives, kinds
from course_utils.errors import CourseError
from tests.data.made_files import zip_of
from tests.strategies import examples


def tar_of(content: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for number in range(3):
            info = tarfile.TarInfo(f"{number}.jpg")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


NOISE = bytes(range(1, 256)) * 20
WHOLE = {
    "clips.zip": zip_of({"one.wav": NOISE, "two.wav": NOISE[::-1]}),
    "table.json": json.dumps([1, 2, 3]).encode(),
    "images.gz": gzip.compress(NOISE),
    "words.tsv.bz2": bz2.compress(NOISE),
    "photos.tar": tar_of(NOISE),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".a.part"  # the name on the disk is not the one that promises


@pytest.mark.parametrize("name", WHOLE)
def test_whole_files_are_what_they_promise(name: str, path: Path) -> None:
    path.write_bytes(WHOLE[name])
    assert kinds.wrong_kind(path, name) == ""


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("how", ["page", "empty", "half", "all but the end", "all but the beginning"])
def test_pages_and_parts_of_files_are_not(name: str, how: str, path: Path) -> None:
    whole = WHOLE[name]
    page = b"<html><body>Please sign in</body></html>"
    short = {
        "page": page,
        "empty": b"",
        "half": whole[: len(whole) // 2],
        "all but the end": whole[:-4],
        "all but the beginning": whole[1:],
    }[how]
    path.write_bytes(short if how != "all but the end" or name != "photos.tar" else whole[:-9000])
    fault = kinds.wrong_kind(path, name)
    assert fault.startswith("what came is not ")
    assert "a sign-in page of the network, perhaps" in fault


def test_an_archive_cut_between_two_members_is_not_whole(path: Path) -> None:
    path.write_bytes(WHOLE["photos.tar"][: 512 + 512 * -(-len(NOISE) // 512)])  # the first photo, to its very end
    assert "not a TAR archive, or not all of it" in kinds.wrong_kind(path, "photos.tar")


def test_a_member_with_a_wrong_byte_is_named(path: Path) -> None:
    content = bytearray(WHOLE["clips.zip"])
    content[content.index(b"one.wav") + 30] ^= 0xFF
    path.write_bytes(content)
    assert kinds.wrong_kind(path, "clips.zip") == "its member one.wav is damaged"


@pytest.mark.parametrize("name", ["clips.zip", "images.gz", "words.bz2"])
def test_what_would_fill_the_disk_is_not_unpacked_to_its_end(
    name: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "MOST_UNPACKED", 2)
    zeros = bytes(5 << 20)
    bombs = {"clips.zip": zip_of({"one.wav": zeros, "two.wav": zeros}), "images.gz": gzip.compress(zeros)}
    path.write_bytes(bombs.get(name, bz2.compress(zeros)))
    assert "would unpack to more than" in kinds.wrong_kind(path, name)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """A whole file with bytes changed, cut out, doubled or put in."""
    name = draw(st.sampled_from(sorted(WHOLE)))
    content = bytearray(WHOLE[name])
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(content)) | st.sampled_from([0, 1, len(content) - 1, len(content) - 22]))
        length = draw(st.integers(0, 64) | st.sampled_from([512, len(content)]))
        content[place : place + length] = draw(
            st.binary(max_size=64) | st.just(bytes(content[place : place + 2 * length]))
        )
    return name, bytes(content)


@examples(150, 10_000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damaged() | st.tuples(st.sampled_from(sorted(WHOLE)), st.binary()))
def test_any_bytes_are_judged_in_words_and_members_are_read_or_refused(tmp_path: Path, file: tuple[str, bytes]) -> None:
    name, content = file
    path = tmp_path / name
    path.write_bytes(content)
    fault = kinds.wrong_kind(path, name)
    assert "\n" not in fault
    assert fault.isprintable()
    if name.endswith(".zip"):
        members: list[tuple[str, bytes]] = []
        with contextlib.suppress(CourseError):
            members += archives.zip_members(path, "", "Fetch it again.")
        assert all(len(member) <= archives.LARGEST_MEMBER for _, member in members)
        if not fault and members:
            assert sum(len(member) for _, member in members) <= kinds.MOST_UNPACKED * (len(content) + kinds.CHUNK)


def test_of_other_names_nothing_is_known_and_a_file_that_cannot_be_read_is_no_wrong_kind(tmp_path: Path) -> None:
    (tmp_path / "notes").write_bytes(b"<html>")
    assert kinds.wrong_kind(tmp_path / "notes", "notes.txt") == ""
    for name in WHOLE:
        with pytest.raises(FileNotFoundError):
            kinds.wrong_kind(tmp_path / "absent", name)
