"""Train the two readers of hiragana that come with the course, and write data/checkpoints/read_*.safetensors.

    python tools/data/pen_readers.py

They learn from the same 1,500 lines of `pen_lines`, one from the strokes and one from the pictures that the pen leaves,
with as many weights, nearly, as many steps and the rate that is the default of both. The test part is used only once,
at the end, for the scores that are kept in the files.
"""

from __future__ import annotations

from pathlib import Path
from time import process_time

import torch

from course_utils.data.pen_strokes import drawn, pen_lines
from course_utils.metrics import character_error
from course_utils.models.handwriting import LineReader, StrokeReader

FOLDER = Path(__file__).resolve().parents[2] / "data" / "checkpoints"
LINES, STEPS, JUDGED = 1_500, 500, 300
WIDTHS = {"strokes": 64, "pixels": 90}  # units each way: 192,559 and 192,203 weights


def main() -> None:
    """Train, write, read again and judge what was read."""
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    given, test = pen_lines(LINES, seed=0), pen_lines(JUDGED, seed=0, part="test")
    for seen, width in WIDTHS.items():
        pixels = seen == "pixels"
        learn, judge = ([drawn(p) for p in x.strokes] if pixels else x.strokes for x in (given, test))
        reader = LineReader(hidden_size=width) if pixels else StrokeReader(hidden_size=width)
        began = process_time()
        reader.fit(learn, given.texts, steps=STEPS, progress=False)
        seconds = process_time() - began
        error = character_error(reader.read(judge), test.texts)
        note = f"character error {error:.4f} on {JUDGED} lines of strings held out"
        path = reader.save(FOLDER / f"read_{seen}.safetensors", half=True, note=note)
        again = character_error(type(reader).load(path).read(judge), test.texts)
        print(
            f"{path.name}: {path.stat().st_size:,} bytes, {seconds:.0f} CPU seconds; {note}, {again:.4f} from the file"
        )


if __name__ == "__main__":
    main()
