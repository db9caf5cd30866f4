"""Pack the strokes of the 46 hiragana into data/pen_strokes.json.

    python tools/data/pen_strokes.py FOLDER

FOLDER holds the package kanjivg, as `pip install --no-deps --target FOLDER kanjivg` puts it there: its folder kanji has
a drawing for each character, strokes in the order in which they are written. Source: KanjiVG, copyright Ulrich Apel,
kanjivg.tagaini.net, CC BY-SA 3.0; so is the file made of it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TARGET = Path(__file__).resolve().parents[2] / "data" / "pen_strokes.json"
KANA = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"
SPACING = 3.0  # of the drawings' 109 units, between two points of a stroke
FINE = 24  # points of a piece of a curve, before that
TOKEN = re.compile(r"[A-Za-z]|-?(?:\d+\.\d*|\.\d+|\d+)")
NUMBERS = {"M": 2, "C": 6, "S": 4}  # of a command

Points = NDArray[np.float64]


def curves(path: str) -> Iterator[tuple[Points, Points, Points, Points]]:
    """The pieces of a path of an SVG, each a cubic curve with its four points; commands M, C, S, also relative ones."""
    tokens = TOKEN.findall(path)
    here, pull = np.zeros(2), np.zeros(2)
    command = ""
    while tokens:
        if tokens[0].isalpha():
            command = tokens.pop(0)
        count = NUMBERS[command.upper()]
        given = np.array([float(tokens.pop(0)) for _ in range(count)]).reshape(-1, 2)
        given = given + here if command.islower() else given
        if command.upper() == "M":
            here = pull = given[0]
            continue
        first = given[0] if command.upper() == "C" else 2 * here - pull
        second, end = given[-2:]
        yield here, first, second, end
        here, pull = end, second


def points_of(path: str) -> Points:
    """A stroke as points at equal distances, (T, 2)."""
    at = np.linspace(0, 1, FINE)[:, None]
    parts = [
        (1 - at) ** 3 * a + 3 * (1 - at) ** 2 * at * b + 3 * (1 - at) * at**2 * c + at**3 * d
        for a, b, c, d in curves(path)
    ]
    fine = np.concatenate(parts)
    along = np.concatenate([[0.0], np.hypot(*np.diff(fine, axis=0).T).cumsum()])
    places = np.linspace(0, along[-1], max(round(along[-1] / SPACING), 1) + 1)
    return np.stack([np.interp(places, along, fine[:, axis]) for axis in (0, 1)], axis=1)


def main(folder: Path) -> None:
    """Read each character's drawing, and write its strokes as whole numbers, 0 … 109, x to the right and y down."""
    found = {}
    for character in KANA:
        drawing = (folder / "kanji" / f"{ord(character):05x}.svg").read_text(encoding="utf-8")
        strokes = [points_of(path) for path in re.findall(r'<path [^>]*\bd="([^"]+)"', drawing)]
        found[character] = [stroke.round().astype(int).tolist() for stroke in strokes]
    TARGET.write_text(json.dumps(found, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    strokes_count = sum(map(len, found.values()))
    print(f"{len(found)} characters, {strokes_count} strokes, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
