"""Ogg files without their serial number: the same bytes each time, and the same sound."""

from __future__ import annotations

import io

import numpy as np
import soundfile

from course_utils.data.ogg import OGG_CRC, without_serial


def written(samples: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, 16_000, format="OGG", subtype="VORBIS")
    return buffer.getvalue()


def test_two_files_of_one_sound_are_the_same_and_can_be_read() -> None:
    samples = np.sin(np.arange(16_000) / 20) / 2
    first, again = (without_serial(written(samples)) for _ in range(2))
    assert first == again
    assert without_serial(first) == first
    found, _ = soundfile.read(io.BytesIO(first))
    want, _ = soundfile.read(io.BytesIO(written(samples)))
    assert np.array_equal(found, want)


def test_the_checksum_of_a_page_is_that_of_its_bytes() -> None:
    file = without_serial(written(np.zeros(2_000)))
    length = 27 + file[26] + sum(file[27 : 27 + file[26]])
    page = bytearray(file[:length])
    stated = int.from_bytes(page[22:26], "little")
    page[22:26] = bytes(4)
    bits = int.from_bytes(page, "big") << 32
    while bits.bit_length() > 32:  # the remainder of a division of polynomials
        bits ^= 0x104C11DB7 << (bits.bit_length() - 33)
    assert bits == stated
    assert OGG_CRC[1] == 0x04C11DB7
