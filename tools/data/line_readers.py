"""Train the reader of lines that comes with the course, and write data/checkpoints/read_lines.safetensors.

    python tools/data/line_readers.py

It learns from 5,000 lines of `handwritten_lines`, as lesson 16 does live, and stops after a fixed number of steps. The
test part is used only once, at the end, for the score that is kept in the file.
"""

from __future__ import annotations

from pathlib import Path
from time import process_time

import torch

from course_utils.data.handwritten_lines import handwritten_lines
from course_utils.metrics import character_error
from course_utils.models.handwriting import LineReader

FOLDER = Path(__file__).resolve().parents[2] / "data" / "checkpoints"
LINES, STEPS, JUDGED = 5_000, 2_500, 1_000


def trained(lines: int = LINES, steps: int = STEPS) -> LineReader:
    """The reader, after the steps of its recipe or others."""
    given = handwritten_lines(lines, seed=0)
    reader = LineReader(seed=0)
    reader.fit(given.images, given.texts, steps=steps, progress=False)
    return reader


def main() -> None:
    """Train, write, read again and judge what was read."""
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    test = handwritten_lines(JUDGED, seed=0, part="test")
    began = process_time()
    reader = trained()
    seconds = process_time() - began
    error = character_error(reader.read(test.images), test.texts)
    note = f"character error {error:.4f} on {JUDGED:,} lines of digits and strings held out"
    path = reader.save(FOLDER / "read_lines.safetensors", half=True, note=note)
    again = character_error(LineReader.load(path).read(test.images), test.texts)
    print(f"{path.name}: {path.stat().st_size:,} bytes, {seconds:.0f} CPU seconds; {note}, {again:.4f} from the file")


if __name__ == "__main__":
    main()
