"""Train the taggers that come with the course, and write data/checkpoints/tag_*.safetensors.

    python tools/data/taggers.py             all
    python tools/data/taggers.py left        one

They learn from the training part of `assistant_sentences()`, as lesson 12 does live, and stop after a fixed number of
steps. The test part is used only once, at the end, for the score that is kept in the file.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import process_time
from typing import Any

import torch

from course_utils.data.assistant import assistant_sentences
from course_utils.models.tagger import Tagger

FOLDER = Path(__file__).resolve().parents[2] / "data" / "checkpoints"
RECIPES: dict[str, dict[str, Any]] = {  # as many weights, nearly, in each
    "both": {"cell": "lstm", "bidirectional": True, "hidden_size": 40},
    "left": {"cell": "lstm", "bidirectional": False, "hidden_size": 69},
    "words": {"cell": "lstm", "bidirectional": True, "hidden_size": 59, "characters": False},
}
TRAINING: dict[str, Any] = {"steps": 600, "lr": 0.01, "dropout": 0.2, "batch_size": 32}


def trained(name: str, steps: int | None = None) -> Tagger:
    """A tagger after the steps of its recipe, or others."""
    learn, valid, _ = assistant_sentences()
    tagger = Tagger(**RECIPES[name], seed=0)
    options = TRAINING | ({"steps": steps} if steps else {})
    tagger.fit(learn.tokens, learn.tags, valid=(valid.tokens, valid.tags), progress=False, **options)
    return tagger


def main(names: list[str]) -> None:
    """Train, write, read again and judge what was read."""
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    test = assistant_sentences().test
    for name in names or RECIPES:
        began = process_time()
        tagger = trained(name)
        seconds = process_time() - began
        note = f"F1 of spans {tagger.score(test.tokens, test.tags).f1:.3f} on sentences of templates held out"
        path = tagger.save(FOLDER / f"tag_{name}.safetensors", half=True, note=note)
        again = Tagger.load(path).score(test.tokens, test.tags).f1
        print(
            f"{path.name}: {path.stat().st_size:,} bytes, {seconds:.0f} CPU seconds; {note}, {again:.3f} from the file"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
