"""Spoken digits: the voices of a program, the recordings of people, and clips joined to longer ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data import downloads, resource
from course_utils.data.spoken_digits import PARTS, WORDS, SpokenDigits, joined, read_fsdd, read_voices, spoken_digits
from course_utils.errors import CourseError
from tests.data.made_files import archive, into_cache, real, wav
from tests.strategies import examples

VOICES = spoken_digits()
VARIANTS = np.array([speaker.split("+")[1] for speaker in VOICES.speakers])


# --- the voices of a program -----------------------------------------------------------------------------------------


def test_the_voices_are_clips_of_ten_digits() -> None:
    assert isinstance(VOICES, SpokenDigits)
    assert VOICES.sample_rate == 8000
    assert len(VOICES.clips) == len(VOICES.digits) == len(VOICES.speakers) == len(VOICES.index) == len(VOICES) == 6240
    assert len(set(VOICES.speakers)) == 104
    assert len(set(zip(VOICES.speakers, VOICES.digits, VOICES.index, strict=True))) == len(VOICES)
    assert np.bincount(VOICES.digits).tolist() == [624] * 10
    assert np.bincount(VOICES.index).tolist() == [1040] * 6
    assert VOICES.digits.dtype == VOICES.index.dtype == np.int64


def test_clips_are_trimmed_and_equally_loud() -> None:
    peaks = np.array([np.abs(clip).max() for clip in VOICES.clips])
    assert 0.5 < peaks.min() <= peaks.max() <= 1
    seconds = np.array([len(clip) for clip in VOICES.clips]) / VOICES.sample_rate
    assert 0.1 < seconds.min() <= seconds.max() < 1.5
    ends = np.array([max(np.abs(clip[:240]).max(), np.abs(clip[-240:]).max()) for clip in VOICES.clips])
    assert (ends > 0.005).all()  # each begins or ends with sound, not with silence
    assert all(clip.dtype == np.float32 and clip.ndim == 1 for clip in VOICES.clips)


def test_no_voice_and_no_timbre_is_in_two_parts() -> None:
    parts = dict(zip(PARTS, (VOICES.train, VOICES.valid, VOICES.test), strict=True))
    assert sum(len(part) for part in parts.values()) == len(VOICES)
    assert 0.15 < len(parts["test"]) / len(VOICES) < 0.25
    timbres = {name: {speaker.split("+")[1] for speaker in part.speakers} for name, part in parts.items()}
    assert sum(len(own) for own in timbres.values()) == len(set(VARIANTS)) == 52
    for part in parts.values():
        assert np.ptp(np.bincount(part.digits)) == 0
    accents = [{speaker.split("+")[0] for speaker in part.speakers} for part in (VOICES.train, VOICES.test)]
    assert accents[0] == accents[1]
    assert len(accents[0]) == 8


def test_parts_stay_with_their_clips() -> None:
    some = VOICES.subset(VARIANTS == "m2")
    assert set(some.parts) == {"train"}
    assert len(some.train) == len(some) == 120
    assert len(some.test) == len(some.valid) == 0
    assert some.clips[7] is VOICES.clips[np.flatnonzero(VARIANTS == "m2")[7]]


def test_all_takes_of_a_digit_differ() -> None:
    for start in range(0, len(VOICES), 6):
        takes = {clip.tobytes() for clip in VOICES.clips[start : start + 6]}
        assert len(takes) == 6


def test_real_recordings_have_no_part_to_validate_with() -> None:
    clip = np.ones(10, dtype=np.float32)
    real = SpokenDigits([clip] * 2, 8000, np.array([1, 2]), ("a", "a"), np.array([4, 5]))
    assert real.is_test.tolist() == [True, False]
    assert (len(real.train), len(real.test)) == (1, 1)
    with pytest.raises(CourseError, match=r"no part to validate with.*Set some of train apart"):
        _ = real.valid


def small_files(folder: Path, length: int = 100, rate: int = 8000) -> tuple[Path, Path]:
    """Two voices, two words, one take, a gap of 50; the level says which clip it is."""
    table = {
        "sample_rate": 8000,
        "words": ["zero", "one"],
        "takes": 1,
        "gap": 50,
        "voices": [
            {"voice": "en+a", "part": "train", "lengths": [100, 200]},
            {"voice": "en+b", "part": "test", "lengths": [300, length]},
        ],
    }
    (folder / "v.json").write_text(json.dumps(table), encoding="utf-8")
    sound = np.concatenate(
        [
            np.r_[np.full(size, level), np.zeros(50)]
            for size, level in zip((100, 200, 300, 100), (0.1, 0.2, 0.3, 0.4), strict=True)
        ]
    )
    soundfile.write(folder / "v.wav", sound, rate)
    return folder / "v.json", folder / "v.wav"


def test_each_clip_is_cut_where_it_lies(tmp_path: Path) -> None:
    spoken = read_voices(*small_files(tmp_path))
    assert [len(clip) for clip in spoken.clips] == [100, 200, 300, 100]
    for clip, level in zip(spoken.clips, (0.1, 0.2, 0.3, 0.4), strict=True):
        np.testing.assert_allclose(clip, level, atol=1e-4)
    assert spoken.digits.tolist() == [0, 1, 0, 1]
    assert spoken.speakers == ("en+a", "en+a", "en+b", "en+b")
    assert spoken.parts == ("train", "train", "test", "test")


def test_files_that_do_not_fit_together_are_refused(tmp_path: Path) -> None:
    for wrong in ({"length": 101}, {"rate": 16000}):
        with pytest.raises(CourseError, match=r"v\.json and v\.wav do not belong together\. It came with the course"):
            read_voices(*small_files(tmp_path, **wrong))
    table, sound = small_files(tmp_path)
    sound.write_bytes(b"no sound")
    with pytest.raises(CourseError, match="cannot be read"):
        read_voices(table, sound)
    table.write_text("{", encoding="utf-8")
    with pytest.raises(CourseError, match="cannot be read"):
        read_voices(table, resource("voices.ogg"))


# --- joined ----------------------------------------------------------------------------------------------------------

FEW = VOICES.subset(np.isin(VARIANTS, ("m2", "f1")))


@examples(30)
@given(seed=st.integers(0, 10**6), least=st.integers(1, 5), more=st.integers(0, 4))
def test_joined_clips_have_the_words_of_their_transcripts(seed: int, least: int, more: int) -> None:
    clips, transcripts = joined(FEW, 5, seed, least, least + more)
    assert len(clips) == len(transcripts) == 5
    for clip, transcript in zip(clips, transcripts, strict=True):
        words = transcript.split()
        assert set(words) <= set(WORDS)
        assert least <= len(words) <= least + more
        lowest, highest = (0.05 * 8000 - 1) * (len(words) + 1), 0.25 * 8000 * (len(words) + 1)
        spoken = [
            [len(own) for own, digit in zip(FEW.clips, FEW.digits, strict=True) if WORDS[digit] == word]
            for word in words
        ]
        assert sum(map(min, spoken)) + lowest <= len(clip) <= sum(map(max, spoken)) + highest
        assert clip.dtype == np.float32


def test_a_joined_clip_is_of_one_voice_and_in_the_order_of_its_transcript() -> None:
    """Each clip is a level of its own: ten times the speaker, and the digit."""
    speakers = ("ann", "bob", "cid")
    clips = [np.full(50, (10 * (who + 1) + digit) / 100, dtype=np.float32) for who in range(3) for digit in range(10)]
    digits = SpokenDigits(
        clips, 8000, np.tile(np.arange(10), 3), tuple(np.repeat(speakers, 10)), np.zeros(30, dtype=np.int64)
    )
    heard = set()
    for clip, transcript in zip(*joined(digits, 60, seed=3), strict=True):
        assert clip[0] == clip[-1] == 0
        starts = np.flatnonzero((clip[1:] != 0) & (clip[:-1] == 0)) + 1
        levels = np.rint(100 * clip[starts]).astype(int)
        assert [WORDS[level % 10] for level in levels] == transcript.split()
        assert len(set(levels // 10)) == 1
        heard.add(levels[0] // 10)
    assert heard == {1, 2, 3}


def test_joined_is_the_same_for_the_same_seed() -> None:
    (first, said), (again, said_again), (_, other) = joined(FEW, 4, 1), joined(FEW, 4, 1), joined(FEW, 4, 2)
    assert said == said_again != other
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))


def test_joined_refuses_what_makes_no_sense() -> None:
    with pytest.raises(CourseError, match="count must be a whole number from 1; it is 0"):
        joined(FEW, 0, 0)
    with pytest.raises(CourseError, match=r"least must be a whole number from 1; it is 2\.5"):
        joined(FEW, 1, 0, least=2.5)  # type: ignore[arg-type]
    with pytest.raises(CourseError, match="least is 5 and most is 4"):
        joined(FEW, 1, 0, 5, 4)
    with pytest.raises(CourseError, match="no clips to join"):
        joined(FEW.test, 1, 0)


# --- the recordings of people ----------------------------------------------------------------------------------------

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
    wrongs: list[Any] = [[True], [0, 1] * 8, spoken.digits]
    for wrong in wrongs:
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


DAMAGED: dict[str, tuple[Callable[[Path], object], str]] = {
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


def test_an_unknown_source_lists_the_choices() -> None:
    with pytest.raises(CourseError, match=r"no source of spoken digits 'humming'.*Choose one of: voices, fsdd"):
        spoken_digits(source="humming")


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
