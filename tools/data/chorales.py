"""Pack the chorales of Bach in four parts into data/chorales.npz.

    python tools/data/chorales.py FOLDER

FOLDER holds the package music21, as `pip install --no-deps --target FOLDER music21` puts it there: its folder
music21/corpus/bach has them as compressed MusicXML, entered by Margaret Greentree (www.jsbchorales.net) and others.
What is kept of them is which keys sound at the beginning of each quarter note: what Bach, who died in 1750, wrote.
"""

from __future__ import annotations

import io
import sys
import zipfile
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from course_utils.data.chorales import Tune, same_tunes

TARGET = Path(__file__).resolve().parents[2] / "data" / "chorales.npz"
PARTS = 4
FEWEST = 16  # frames of a chorale
SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def score(content: bytes) -> ElementTree.Element:
    """The score in a compressed MusicXML file."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        container = ElementTree.fromstring(archive.read("META-INF/container.xml"))
        name = next(node.get("full-path", "") for node in container.iter() if node.tag.endswith("rootfile"))
        return ElementTree.fromstring(archive.read(name))


def tune_of(root: ElementTree.Element) -> Tune | None:
    """The keys that sound at the beginning of each quarter note; None: not in four parts."""
    parts = root.findall("part")
    if len(parts) != PARTS:
        return None
    notes = [note for part in parts for note in _notes(part)]
    last = max(end for _, end, _ in notes)
    frames = [sorted({pitch for begin, end, pitch in notes if begin <= t < end}) for t in range(int(last))]
    while frames and not frames[-1]:
        frames.pop()
    return frames


def _notes(part: ElementTree.Element) -> list[tuple[Fraction, Fraction, int]]:
    """Beginning and end in quarter notes, and pitch, of each note of a part."""
    found, divisions, now, begun = [], 1, Fraction(0), Fraction(0)
    for measure in part.findall("measure"):
        for node in measure:
            if node.tag == "attributes" and (told := node.findtext("divisions")):
                divisions = int(told)
            if node.tag not in ("note", "backup", "forward") or node.find("grace") is not None:
                continue
            length = Fraction(int(node.findtext("duration", "0")), divisions)
            if node.tag == "backup":
                now -= length
                continue
            if node.find("chord") is None:
                begun, now = now, now + length
            if node.tag == "note" and (pitch := node.find("pitch")) is not None:
                step = SEMITONES[pitch.findtext("step", "C")] + int(float(pitch.findtext("alter", "0")))
                found.append((begun, begun + length, 12 * (int(pitch.findtext("octave", "4")) + 1) + step))
    return found


def main(folder: Path) -> None:
    """Read all files and write them, one after another."""
    names, tunes = [], []
    for path in sorted((folder / "music21" / "corpus" / "bach").glob("*.mxl")):
        tune = tune_of(score(path.read_bytes()))
        if tune is not None and len(tune) >= FEWEST:
            names.append(path.stem)
            tunes.append(tune)
    chords = [frame for tune in tunes for frame in tune]
    np.savez_compressed(
        TARGET,
        pitches=np.array([pitch for chord in chords for pitch in chord], dtype=np.uint8),
        sizes=np.array([len(chord) for chord in chords], dtype=np.uint8),  # of each frame
        lengths=np.array([len(tune) for tune in tunes], dtype=np.int16),
        names=np.array(names),
        families=np.array(same_tunes(tunes), dtype=np.int16),
    )
    print(f"{len(tunes)} chorales, {len(chords):,} frames, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
