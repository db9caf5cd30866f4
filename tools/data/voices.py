"""Let eSpeak NG say the ten digits with 104 voices, and write data/voices.ogg and data/voices.json.

    python tools/data/voices.py

A voice is a variant of eSpeak NG (its timbre) with an accent of English, and a pitch and a rate of its own; each digit
is said six times, a little higher or lower, faster or slower. Variants with nearly the same mean spectra (2.2 dB or
less apart, root mean square), whispers and robots were left out. Every fifth variant is for the test, with both of its
accents, and a tenth to validate: no timbre is in two parts.

The clips lie in one Ogg file (Vorbis), one after another, with a gap of silence between; voices.json has the length of
each. eSpeak NG comes by the package espeakng-loader, which only this script needs. Made again, the sound is the same.
"""

from __future__ import annotations

import ctypes
import json
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import espeakng_loader
import numpy as np
import soundfile
from numpy.typing import NDArray

from course_utils.data.sounds import resampled

FOLDER = Path(__file__).resolve().parents[2] / "data"
SAMPLE_RATE = 8000
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TAKES = 6
PEAK = 0.7  # Vorbis may go a little beyond
COMPRESSION = 0.6  # 23 kbit/s; log-mels (floor 30 dB) are 0.2 dB off in the mean
SILENT = 0.01  # of the peak: trimmed at both ends
MARGIN, GAP = 80, 320  # samples: 10 ms kept around a word, 40 ms of silence between clips
ACCENTS = (  # of America, Great Britain, Scotland, RP; the Caribbean, Lancaster, the West Midlands, New York
    *("en-us", "en", "en-gb-scotland", "en-gb-x-rp"),
    *("en-029", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-us-nyc"),
)
VARIANTS = (
    *(
        "m1",
        "m2",
        "m3",
        "m4",
        "m5",
        "m6",
        "m7",
        "m8",
        "f1",
        "f2",
        "f3",
        "Annie",
        "Andrea",
        "Alicia",
        "anika",
        "belinda",
    ),
    *("linda", "steph", "shelby", "zac", "grandma", "Andy", "Alex", "Denis", "Gene", "Jacky", "Lee", "Marco", "Mario"),
    *("Michael", "Mike", "Nguyen", "Reed", "Storm", "adam", "antonio", "caleb", "david", "ed", "edward", "klatt3"),
    *("gustave", "iven", "max", "norbert", "pablo", "paul", "quincy", "robert", "travis", "victor", "michel"),
)
# from speak_lib.h of eSpeak NG
SYNCHRONOUS, RATE, PITCH, CHARACTERS, UTF8 = 2, 1, 3, 1, 1


def synthesiser() -> Callable[[str, str, int, int], NDArray[np.float32]]:
    """Start eSpeak NG. Returns a function (voice, text, words a minute, pitch 0–100) → samples (T,) at 8 kHz."""
    espeak = ctypes.CDLL(espeakng_loader.get_library_path())
    data = str(espeakng_loader.get_data_path()).encode()
    rate = espeak.espeak_Initialize(SYNCHRONOUS, 0, data, 0)
    espeak.espeak_ng_SetRandSeed(ctypes.c_long(0))  # some variants tremble by chance
    pieces: list[NDArray[np.int16]] = []

    def receive(samples: ctypes._Pointer[ctypes.c_short], count: int, events: int) -> int:
        if samples and count:
            pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    samples_kind = ctypes.POINTER(ctypes.c_short)
    callback = ctypes.CFUNCTYPE(ctypes.c_int, samples_kind, ctypes.c_int, ctypes.c_void_p)(receive)
    espeak.espeak_SetSynthCallback(callback)

    def say(voice: str, text: str, speed: int, pitch: int, alive: object = callback) -> NDArray[np.float32]:
        pieces.clear()
        if espeak.espeak_SetVoiceByName(voice.encode()) != 0:
            raise RuntimeError(f"eSpeak NG has no voice {voice}")
        espeak.espeak_SetParameter(RATE, speed, 0)
        espeak.espeak_SetParameter(PITCH, pitch, 0)
        content = text.encode()
        espeak.espeak_Synth(content, len(content) + 1, 0, CHARACTERS, 0, UTF8, None, None)
        espeak.espeak_Synchronize()
        return resampled((np.concatenate(pieces) / 2**15).astype(np.float32), rate, SAMPLE_RATE)

    return say


def trimmed(clip: NDArray[np.float32]) -> NDArray[np.float32]:
    """Without the silence at both ends, its peak at 0.7."""
    loud = np.flatnonzero(np.abs(clip) > SILENT * np.abs(clip).max())
    word = clip[max(loud[0] - MARGIN, 0) : loud[-1] + MARGIN]
    return word * np.float32(PEAK / np.abs(word).max())


def part_of(number: int) -> str:
    """The part that a variant belongs to, by its index in VARIANTS."""
    return "test" if number % 5 == 0 else "valid" if number % 10 == 3 else "train"


def main() -> None:
    """Say, trim, join and write."""
    say, draw = synthesiser(), np.random.default_rng(0)
    voices: list[dict[str, object]] = []
    pieces: list[NDArray[np.float32]] = []
    for number, variant in enumerate(VARIANTS):
        for which in (0, 1):
            accent = ACCENTS[(number + which * (1 + number // 8 % 7)) % 8]
            speed, pitch = draw.uniform(120, 190), draw.uniform(30, 45) + 25 * which
            lengths = []
            for word in WORDS:
                for _ in range(TAKES):
                    spoken_at = round(speed * draw.uniform(0.85, 1.15)), round(pitch + draw.uniform(-5, 5))
                    clip = trimmed(say(f"{accent}+{variant}", word, *spoken_at))
                    lengths.append(len(clip))
                    pieces += [clip, np.zeros(GAP, np.float32)]
            voices.append({"voice": f"{accent}+{variant}", "part": part_of(number), "lengths": lengths})
    write(np.concatenate(pieces), voices)


def write(sound: NDArray[np.float32], voices: list[dict[str, object]]) -> None:
    """The two files."""
    path = FOLDER / "voices.ogg"
    with soundfile.SoundFile(path, "w", SAMPLE_RATE, 1, "VORBIS", format="OGG", compression_level=COMPRESSION) as file:
        for begin in range(0, len(sound), 80_000):
            file.write(sound[begin : begin + 80_000])
    table = {
        "made_by": f"eSpeak NG by espeakng-loader {metadata.version('espeakng-loader')}; tools/data/voices.py",
        "sample_rate": SAMPLE_RATE,
        "words": WORDS,
        "takes": TAKES,
        "gap": GAP,
        "voices": voices,
    }
    (FOLDER / "voices.json").write_text(json.dumps(table, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{len(voices)} voices, {len(sound) / SAMPLE_RATE:.0f} s, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
