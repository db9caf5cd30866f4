"""Weights of torchvision's detectors: fetched from a mirror, and refused where they are not the publisher's."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from course_utils.data import catalogue
from course_utils.data.detector_weights import SETS, detector_weights
from course_utils.errors import CourseError


def offer(folder: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, begins: str = "") -> None:
    """A mirror has such a file, whose name says how its hash begins."""
    row = catalogue.data_set("ssdlite_coco")
    name = f"ssdlite-{begins or hashlib.sha256(content).hexdigest()[:8]}.pth"
    monkeypatch.setenv("COURSE_DATA", str(folder / "cache"))
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(folder / "mirror"))
    monkeypatch.setitem(catalogue.CATALOGUE, row.name, replace(row, files=(replace(row.files[0], name=name),)))
    (folder / "mirror" / row.name).mkdir(parents=True)
    (folder / "mirror" / row.name / name).write_bytes(content)


def written(value: Any) -> bytes:
    stream = io.BytesIO()
    torch.save(value, stream)
    return stream.getvalue()


def test_weights_come_from_a_mirror_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = {"a.weight": torch.rand(2, 3), "b.bias": torch.rand(3)}
    offer(tmp_path, monkeypatch, written(weights))
    found = detector_weights("ssdlite")
    assert found.keys() == weights.keys()
    assert all(torch.equal(found[name], value) for name, value in weights.items())
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path / "gone"))
    assert detector_weights("ssdlite").keys() == weights.keys()


class Harmful:
    """What a pickle could do."""

    def __reduce__(self) -> Any:
        return print, ("harm",)


@pytest.mark.parametrize(
    ("content", "begins", "message"),
    [
        (written({"a": torch.ones(1)}), "00000000", "not the file of its publisher"),
        (b"no weights at all", "", "something other than tensors"),
        (written(Harmful()), "", "something other than tensors"),
        (written([torch.ones(1)]), "", "no weights by name"),
        (written({"a": 3}), "", "no weights by name"),
    ],
)
def test_what_holds_no_weights_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: bytes,
    begins: str,
    message: str,
) -> None:
    offer(tmp_path, monkeypatch, content, begins)
    with pytest.raises(CourseError, match=rf"{message}.*course data clear ssdlite_coco"):
        detector_weights("ssdlite")
    assert "harm" not in capsys.readouterr().out


def test_the_files_are_those_that_torchvision_names() -> None:
    from torchvision.models import detection  # type: ignore[import-untyped]

    weights = {
        "ssdlite": detection.SSDLite320_MobileNet_V3_Large_Weights.COCO_V1,
        "faster_rcnn": detection.FasterRCNN_MobileNet_V3_Large_320_FPN_Weights.COCO_V1,
    }
    assert weights.keys() == SETS.keys()
    for kind, name in SETS.items():
        (file,) = catalogue.data_set(name).files
        assert file.url == weights[kind].url


def test_another_kind_lists_the_choices() -> None:
    with pytest.raises(CourseError, match="faster_rcnn"):
        detector_weights("small_fcos")
