"""Pack the Japanese Vowels into data/japanese_vowels.npz.

    python tools/data/japanese_vowels.py FOLDER

FOLDER holds the package sktime (BSD-3-Clause), as `pip install --no-deps --target FOLDER sktime` puts it there: its
folder sktime/datasets/data/JapaneseVowels has the set in two .ts files. Source: M. Kudo, J. Toyama and M. Shimbo
(1999), UCI Machine Learning Repository, https://archive.ics.uci.edu/dataset/128/japanese+vowels, CC BY 4.0.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TARGET = Path(__file__).resolve().parents[2] / "data" / "japanese_vowels.npz"


def read(path: Path) -> tuple[list[NDArray[np.float32]], list[int]]:
    """The series, each (T, 12), and their speakers, 1 … 9."""
    lines = path.read_text(encoding="utf-8").split("@data")[1].split()
    series, speakers = [], []
    for line in lines:
        *columns, speaker = line.split(":")
        series.append(np.array([column.split(",") for column in columns], dtype=np.float32).T)
        speakers.append(int(speaker))
    return series, speakers


def main(folder: Path) -> None:
    """Read both parts and write them, one after another."""
    source = folder / "sktime" / "datasets" / "data" / "JapaneseVowels"
    (train, of_train), (test, of_test) = (read(source / f"JapaneseVowels_{part}.ts") for part in ("TRAIN", "TEST"))
    series = train + test
    np.savez_compressed(
        TARGET,
        frames=np.concatenate(series),  # (sum of T, 12)
        lengths=np.array([len(frames) for frames in series], dtype=np.int16),
        speakers=np.array(of_train + of_test, dtype=np.int8),
        is_test=np.arange(len(series)) >= len(train),
    )
    print(f"{len(train)} + {len(test)} series, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
