"""What goes with a release."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from course_utils.errors import CourseError
from tools.site.release import SUMS, release, zipped


def site(folder: Path) -> Path:
    for name, text in (("index.html", "<p>"), ("lessons/05.html", "ü" * 1000)):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_a_site_comes_back_from_its_zip_in_a_folder_of_its_own(tmp_path: Path) -> None:
    archive = release(site(tmp_path / "site"), tmp_path / "out")
    with zipfile.ZipFile(archive) as found:
        found.extractall(tmp_path / "back")
    (folder,) = (tmp_path / "back").iterdir()
    assert folder.name == archive.stem
    assert (folder / "lessons" / "05.html").read_text(encoding="utf-8") == "ü" * 1000
    assert os.access(folder / "index.html", os.R_OK)
    digest, name = (tmp_path / "out" / SUMS).read_text().split()
    assert (digest, name) == (hashlib.sha256(archive.read_bytes()).hexdigest(), archive.name)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted([archive.name, SUMS])


def test_the_same_site_gives_the_same_bytes(tmp_path: Path) -> None:
    first = zipped(site(tmp_path / "one"), tmp_path / "a" / "site.zip").read_bytes()
    other = site(tmp_path / "two")
    os.utime(other / "index.html", (1, 1))
    assert zipped(other, tmp_path / "b" / "site.zip").read_bytes() == first


def test_an_empty_folder_is_no_site_and_a_fault_leaves_no_half_zip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(CourseError, match="make site"):
        zipped(tmp_path / "empty", tmp_path / "out" / "x.zip")
    target = zipped(site(tmp_path / "site"), tmp_path / "out" / "x.zip")
    before = target.read_bytes()
    monkeypatch.setattr(zipfile.ZipFile, "writestr", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        zipped(tmp_path / "site", target)
    assert target.read_bytes() == before
    assert [path.name for path in target.parent.iterdir()] == ["x.zip"]
