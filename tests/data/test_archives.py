"""ZIP archives are read in memory, member by member."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_utils.data import archives
from course_utils.errors import CourseError
from tests.data.made_files import archive


def test_a_member_that_would_fill_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LARGEST_MEMBER", 1000)
    path = archive(tmp_path / "bomb.zip", {"small.wav": bytes(1000), "1_ann_0.wav": bytes(1001)})
    members = archives.zip_members(path, ".wav", "Fix it.")
    assert next(members) == ("small.wav", bytes(1000))
    with pytest.raises(CourseError, match="larger than any file of this set"):
        next(members)


def test_members_that_name_other_folders_stay_in_memory(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    path = archive(inside / "evil.zip", {"../../1_ann_0.wav": b"x", "/etc/2_ann_0.wav": b"y", "a\\..\\3.wav": b"z"})
    names = [name for name, _ in archives.zip_members(path, ".wav", "")]
    assert names[:2] == ["1_ann_0.wav", "2_ann_0.wav"]
    assert [path.name for path in tmp_path.rglob("*")] == ["inside", "evil.zip"]
