"""The data sets themselves: what they hold, and what is said where a file of theirs is damaged."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data import archives, catalogue, downloads, resource
from course_utils.data.chorales import Chorales, Tune, chorales, piano_roll, read_jsb
from course_utils.data.co2 import monthly_co2, weekly_co2
from course_utils.data.digits import mnist_digits, small_digits
from course_utils.data.spoken_digits import SpokenDigits, read_fsdd, spoken_digits
from course_utils.data.temperature import hourly_temperature
from course_utils.errors import CourseError

ROOT = Path(__file__).resolve().parents[2]
REAL = Path(os.environ.get("COURSE_TEST_DATA") or ROOT.parent / "shared" / "datasets")


def real(name: str) -> Path:
    path = REAL / name
    if not path.exists():
        pytest.skip(f"{name} is not in the folder that COURSE_TEST_DATA names")
    return path


# --- catalogue ------------------------------------------------------------------------------------------------------

ROWS = list(catalogue.CATALOGUE.values())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_is_complete(row: catalogue.DataSet) -> None:
    assert re.fullmatch(r"[a-z0-9_]+", row.name)
    assert row.title
    assert row.licence
    assert row.origin
    assert row.url.startswith("http")
    assert bool(row.package) is not row.is_download
    for file in row.files:
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", file.name)
        assert file.url.startswith("https://")
        assert file.sha256 is None or re.fullmatch(r"[0-9a-f]{64}", file.sha256)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_names_the_function_that_reads_it(row: catalogue.DataSet) -> None:
    module, _, function = row.read_by.rpartition(".")
    assert callable(getattr(__import__(module, fromlist=[function]), function))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_is_in_the_readme_with_its_licence(row: catalogue.DataSet) -> None:
    lines = [line for line in resource("README.md").read_text(encoding="utf-8").splitlines() if f"`{row.name}`" in line]
    assert len(lines) == 1
    assert row.licence in lines[0]
    assert row.read_by.removeprefix("course_utils.data.") in lines[0]


def test_a_download_without_a_known_size_has_none() -> None:
    file = catalogue.RemoteFile("a", "https://example.org/a", size=3)
    row = catalogue.DataSet("x", "X", "", "", "", "", files=(file, file))
    assert row.size == 6
    unknown = catalogue.RemoteFile("b", "https://example.org/b")
    assert catalogue.DataSet("x", "X", "", "", "", "", files=(file, unknown)).size is None


def test_an_unknown_set_lists_the_choices() -> None:
    with pytest.raises(CourseError, match=r"no data set 'sunspot'. Did you mean 'sunspots'\?.*jsb_chorales"):
        catalogue.data_set("sunspot")


def test_importing_the_data_floor_is_light() -> None:
    names = [path.stem for path in (ROOT / "course_utils" / "data").glob("*.py") if path.stem != "__init__"]
    heavy = ("numpy", "pandas", "torch", "pooch", "requests", "soundfile", "sklearn", "statsmodels", "tqdm")
    script = (
        f"import sys; from course_utils.data import {', '.join(names)}\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert result.stdout.strip() == "[]"


# --- series ---------------------------------------------------------------------------------------------------------


def test_weekly_co2_keeps_the_gaps_of_the_measurement() -> None:
    series = weekly_co2()
    assert len(series) == 2284
    assert series.isna().sum() == 59
    assert (series.index.to_series().diff().dropna() == pd.Timedelta(days=7)).all()
    assert series.iloc[0] == 316.1


def test_monthly_co2_has_every_month_and_fills_five_by_the_straight_line() -> None:
    filled, raw = monthly_co2(), monthly_co2(fill=False)
    assert list(filled.index) == list(pd.date_range("1958-03-01", "2001-12-01", freq="MS"))
    assert filled.name == "co2"
    assert list(raw.index[raw.isna()].strftime("%Y-%m")) == ["1958-06", "1958-10", "1964-02", "1964-03", "1964-04"]
    assert filled[raw.notna()].equals(raw[raw.notna()])
    before, after = raw["1964-01-01"], raw["1964-05-01"]
    between = filled["1964-02-01":"1964-04-01"].to_numpy()
    np.testing.assert_allclose(between, before + (after - before) * np.array([1, 2, 3]) / 4)
    april = weekly_co2()["1958-04"]
    assert filled["1958-04-01"] == pytest.approx(april.mean())
    assert filled.between(312, 375).all()


def test_hourly_temperature_has_every_hour_and_fills_one() -> None:
    filled, raw = hourly_temperature(), hourly_temperature(fill=False)
    assert list(filled.index) == list(pd.date_range("2010-01-01", "2010-12-31 23:00", freq="h"))
    assert filled.name == "temperature"
    assert list(raw.index[raw.isna()]) == [pd.Timestamp("2010-03-14 03:00")]
    assert filled.notna().all()
    neighbours = (raw["2010-03-14 02:00"] + raw["2010-03-14 04:00"]) / 2
    assert filled["2010-03-14 03:00"] == pytest.approx(neighbours)


def test_temperature_is_fahrenheit_in_the_table_and_celsius_by_default() -> None:
    fahrenheit, celsius = hourly_temperature("fahrenheit"), hourly_temperature()
    assert fahrenheit.iloc[0] == 39.4
    assert celsius.iloc[0] == pytest.approx((39.4 - 32) / 1.8)
    # Seattle in July: about 18 °C. Read as Celsius, the table would have a mean of 64 °C.
    assert 15 < celsius["2010-07"].mean() < 21
    with pytest.raises(CourseError, match=r"no unit of temperature 'kelvin'.*celsius, fahrenheit"):
        hourly_temperature("kelvin")


def test_temperature_is_a_typical_year_and_no_weather() -> None:
    """As the docstring warns: days differ from the day before by far less than real weather does."""
    daily = hourly_temperature().resample("D").mean()
    assert daily.diff().abs().max() < 1.0


# --- digits ---------------------------------------------------------------------------------------------------------


def test_mnist_digits() -> None:
    images, labels = mnist_digits()
    assert (images.shape, images.dtype) == ((5000, 28, 28), np.float32)
    assert (labels.shape, labels.dtype) == ((5000,), np.int64)
    assert (images.min(), images.max()) == (0.0, 1.0)
    assert np.bincount(labels).tolist() == [500] * 10
    assert (np.diff(labels) >= 0).all()  # sorted, as the docstring warns
    ink = images.mean(axis=(1, 2))
    assert ink[labels == 1].mean() < ink[labels == 0].mean() / 2  # a one is a stroke, a zero a ring


def test_small_digits() -> None:
    images, labels = small_digits()
    assert (images.shape, images.dtype) == ((1797, 8, 8), np.float32)
    assert (labels.shape, labels.dtype) == ((1797,), np.int64)
    assert (images.min(), images.max()) == (0.0, 1.0)
    assert labels[:10].tolist() == list(range(10))
    assert (images * 16 == (images * 16).round()).all()


# --- spoken digits --------------------------------------------------------------------------------------------------


def wav(samples: Any, rate: int = 8000) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, np.asarray(samples, dtype=np.float32), rate, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


TONE = np.sin(np.arange(400) / 5) / 2
FOLDER = "free-spoken-digit-dataset-1.0.10/recordings/"


def small_fsdd(path: Path, **more: bytes) -> Path:
    members = {
        f"{FOLDER}{digit}_{speaker}_{index}.wav": wav(TONE[: 100 + 10 * digit + index])
        for digit in (7, 3)
        for speaker in ("theo", "jackson")
        for index in (10, 4, 5, 0)
    }
    return archive(path, {"free-spoken-digit-dataset-1.0.10/README.md": b"text", **members, **more})


def test_fsdd_is_read_in_order_with_its_official_split(tmp_path: Path) -> None:
    spoken = read_fsdd(small_fsdd(tmp_path / "fsdd.zip"))
    assert len(spoken) == 16
    assert spoken.sample_rate == 8000
    assert spoken.digits.tolist() == [3] * 8 + [7] * 8
    assert spoken.speakers[:8] == ("jackson",) * 4 + ("theo",) * 4
    assert spoken.index[:4].tolist() == [0, 4, 5, 10]
    assert [len(clip) for clip in spoken.clips[:4]] == [130, 134, 135, 140]
    assert all(clip.dtype == np.float32 and clip.ndim == 1 for clip in spoken.clips)
    np.testing.assert_allclose(spoken.clips[0], TONE[:130], atol=1e-4)
    assert set(spoken.test.index) == {0, 4}
    assert set(spoken.train.index) == {5, 10}
    assert len(spoken.test) + len(spoken.train) == 16
    assert spoken.train.clips[0] is spoken.clips[2]


def test_a_subset_needs_one_boolean_a_recording(tmp_path: Path) -> None:
    spoken = read_fsdd(small_fsdd(tmp_path / "fsdd.zip"))
    assert len(spoken.subset(spoken.digits == 3)) == 8
    for wrong in ([True], [0, 1] * 8, spoken.digits):
        with pytest.raises(CourseError, match="keep must be 16 booleans"):
            spoken.subset(wrong)


def test_channels_are_averaged_and_stray_members_passed_over(tmp_path: Path) -> None:
    stereo = wav(np.stack([TONE, np.zeros_like(TONE)], axis=1))
    path = archive(
        tmp_path / "fsdd.zip",
        {f"{FOLDER}1_ann_0.wav": stereo, "__MACOSX/._1_ann_0.wav": b"junk", "noise.wav": b"junk"},
    )
    (clip,) = read_fsdd(path).clips
    np.testing.assert_allclose(clip, TONE / 2, atol=1e-4)


def damaged_in_the_middle(path: Path) -> Path:
    small_fsdd(path)
    content = bytearray(path.read_bytes())
    content[400:420] = bytes(20)
    path.write_bytes(content)
    return path


DAMAGED = {
    "no archive": (lambda path: path.write_bytes(b"<html>"), "is damaged"),
    "empty": (lambda path: path.write_bytes(b""), "is damaged"),
    "cut": (lambda path: path.write_bytes(small_fsdd(path).read_bytes()[:-100]), "is damaged"),
    "a member damaged": (damaged_in_the_middle, "is damaged"),
    "no recordings": (lambda path: archive(path, {"README.md": b""}), "no recording named like 7_jackson_32.wav"),
    "no sound": (lambda path: archive(path, {"1_ann_0.wav": b"RIFF no"}), "1_ann_0.wav is not a sound"),
    "cut sound": (lambda path: archive(path, {"1_ann_0.wav": wav(TONE)[:30]}), "1_ann_0.wav"),
    "no samples": (lambda path: archive(path, {"1_ann_0.wav": wav([])}), "has 0 samples at 8000 Hz"),
    "other rate": (lambda path: archive(path, {"1_ann_0.wav": wav(TONE, 16000)}), "samples at 16000 Hz"),
    "twice": (lambda path: archive(path, {"1_a_0.wav": wav(TONE), "x/1_a_0.wav": wav(TONE)}), "holds 1_a_0.wav twice"),
    "absent": (lambda path: None, "cannot be read (No such file or directory)"),
}


@pytest.mark.parametrize("how", DAMAGED)
def test_a_damaged_archive_is_told_with_its_mend(how: str, tmp_path: Path) -> None:
    make, reason = DAMAGED[how]
    make(tmp_path / "fsdd.zip")
    with pytest.raises(CourseError) as caught:
        read_fsdd(tmp_path / "fsdd.zip")
    assert reason in str(caught.value)
    assert "fsdd.zip" in str(caught.value)
    assert str(caught.value).endswith("`course data fetch fsdd`.")


def test_a_member_that_would_fill_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LARGEST_MEMBER", 1000)
    path = archive(tmp_path / "bomb.zip", {"small.wav": bytes(1000), "1_ann_0.wav": bytes(1001)})
    members = archives.zip_members(path, ".wav", "Mend it.")
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


@pytest.mark.parametrize(
    ("read", "name"), [(spoken_digits, "source of spoken digits"), (chorales, "source of chorales")]
)
def test_an_unknown_source_lists_the_choices(read: Any, name: str) -> None:
    with pytest.raises(CourseError, match=f"no {name} 'humming'.*Choose one of: (voices, fsdd|jsb)"):
        read(source="humming")


# --- chorales -------------------------------------------------------------------------------------------------------


def test_chorales_are_read_in_their_split(tmp_path: Path) -> None:
    table = {"test": [[[60, 64], []]], "train": [[[21]], [[108]]], "valid": []}
    (tmp_path / "jsb.json").write_text(json.dumps(table))
    assert read_jsb(tmp_path / "jsb.json") == Chorales(train=[[[21]], [[108]]], valid=[], test=[[[60, 64], []]])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not JSON"),
        ('{"train": [', "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "does not hold the lists train, valid, test"),
        ('{"train": [], "valid": []}', "does not hold the lists"),
        ('{"train": [3], "valid": [], "test": []}', "train tune 0: a list of frames was expected and not int"),
        ('{"train": [], "valid": [[[60], 7]], "test": []}', "valid tune 0: frame 1 should be a list of pitches"),
        ('{"train": [], "valid": [], "test": [[], [[20]]]}', "test tune 1: frame 0 holds 20"),
        ('{"train": [[[109]]], "valid": [], "test": []}', "frame 0 holds 109"),
        ('{"train": [[[60.5]]], "valid": [], "test": []}', "frame 0 holds 60.5"),
        ('{"train": [[[true]]], "valid": [], "test": []}', "frame 0 holds True"),
        ('{"train": [[[null]]], "valid": [], "test": []}', "frame 0 holds None"),
    ],
)
def test_a_damaged_file_of_chorales_is_told_with_its_mend(text: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "jsb.json").write_text(text)
    with pytest.raises(CourseError) as caught:
        read_jsb(tmp_path / "jsb.json")
    assert reason in str(caught.value)
    assert "course data fetch jsb_chorales" in str(caught.value)


def test_an_absent_file_of_chorales_is_told(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"jsb.json cannot be read \(No such file"):
        read_jsb(tmp_path / "jsb.json")


def test_piano_roll_by_hand() -> None:
    roll = piano_roll([[21, 108], [], [60]])
    assert (roll.shape, roll.dtype) == ((3, 88), np.float32)
    assert np.argwhere(roll).tolist() == [[0, 0], [0, 87], [2, 39]]
    assert roll.sum() == 3
    assert piano_roll([]).shape == (0, 88)


@given(st.lists(st.lists(st.integers(21, 108), unique=True).map(sorted), max_size=20))
def test_a_piano_roll_holds_the_tune_and_nothing_else(tune: Tune) -> None:
    roll = piano_roll(tune)
    assert [[int(key) + 21 for key in np.flatnonzero(frame)] for frame in roll] == tune
    assert set(np.unique(roll)) <= {0.0, 1.0}


@pytest.mark.parametrize("tune", [[[20]], [[109]], [[-3]], [[60.0]], [60], ["C"], "C", None, [[True]], [["60"]]])
def test_what_is_no_tune_is_told(tune: Any) -> None:
    with pytest.raises(CourseError, match="This is not a tune"):
        piano_roll(tune)


# --- the real files -------------------------------------------------------------------------------------------------


def into_cache(name: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the public function fetch a real file from a mirror that holds it."""
    (file,) = catalogue.data_set(name).files
    folder = tmp_path / "mirror" / name
    folder.mkdir(parents=True)
    (folder / file.name).symlink_to(source)
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "cache"))


def test_the_real_recordings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    into_cache("fsdd", real("fsdd-4-speakers.zip"), tmp_path, monkeypatch)
    spoken = spoken_digits(source="fsdd")
    assert isinstance(spoken, SpokenDigits)
    assert len(spoken) == 2000
    assert spoken.sample_rate == 8000
    assert len(set(spoken.speakers)) == 4
    assert np.bincount(spoken.digits).tolist() == [200] * 10
    assert sorted(set(spoken.index.tolist())) == list(range(50))
    assert len(spoken.test) == 200
    assert len(spoken.train) == 1800
    seconds = np.array([len(clip) for clip in spoken.clips]) / spoken.sample_rate
    assert seconds.min() > 0.1
    assert seconds.max() < 3
    assert max(np.abs(clip).max() for clip in spoken.clips) <= 1
    assert downloads.status("fsdd").state == "here"


def test_the_real_chorales(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    into_cache("jsb_chorales", real("jsb-chorales-quarter.json"), tmp_path, monkeypatch)
    tunes = chorales()
    assert (len(tunes.train), len(tunes.valid), len(tunes.test)) == (229, 76, 77)
    every = [*tunes.train, *tunes.valid, *tunes.test]
    pitches = [pitch for tune in every for frame in tune for pitch in frame]
    assert (min(pitches), max(pitches)) == (43, 96)
    assert max(len(frame) for tune in every for frame in tune) == 4
    assert all(frame == sorted(set(frame)) for tune in every for frame in tune)
    assert sum(piano_roll(tune).sum() for tune in every) == len(pitches)
