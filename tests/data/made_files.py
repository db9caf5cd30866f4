"""Files that tests make, and real ones where a folder of them is named."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from course_utils.data import catalogue

ROOT = Path(__file__).resolve().parents[2]
REAL = Path(os.environ.get("COURSE_TEST_DATA") or ROOT.parent / "shared" / "datasets")


def real(name: str) -> Path:
    path = REAL / name
    if not path.exists():
        pytest.skip(f"{name} is not in the folder that COURSE_TEST_DATA names")
    return path


def into_cache(name: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the public function fetch a real file from a mirror that holds it."""
    (file,) = catalogue.data_set(name).files
    folder = tmp_path / "mirror" / name
    folder.mkdir(parents=True)
    (folder / file.name).symlink_to(source)
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "cache"))


def wav(samples: Any, rate: int = 8000) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, np.asarray(samples, dtype=np.float32), rate, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def jpeg(colour: tuple[int, int, int], size: tuple[int, int] = (50, 33)) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, "jpeg", quality=95)
    return stream.getvalue()


def zip_of(members: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def archive(path: Path, members: Mapping[str, str | bytes]) -> Path:
    path.write_bytes(zip_of(members))
    return path


def vouch_for(folder: Path) -> None:
    """Let a mirror's folder name the hashes of what it holds, so that the damaged reach the reader."""
    files = [path for path in folder.iterdir() if path.is_file()]
    (folder / "hashes.json").write_text(json.dumps({f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in files}))
