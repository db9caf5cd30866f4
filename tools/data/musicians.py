"""Train the models of music that come with the course, and write data/checkpoints/chorales_*.safetensors.

    python tools/data/musicians.py           all
    python tools/data/musicians.py lstm      one

They learn from the training part of `chorales()`, as lesson 18 does live. The test part is used only once, at the end,
for the cost that is kept in the file.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import process_time
from typing import Any

import torch

from course_utils.data.chorales import chorales
from course_utils.models.music import ChordModel

FOLDER = Path(__file__).resolve().parents[2] / "data" / "checkpoints"
RECIPES: dict[str, dict[str, Any]] = {  # as many weights, nearly, in each; rates of the searches
    "lstm": {"hidden_size": 100, "lr": 0.06},
    "gru": {"hidden_size": 119, "lr": 0.006},
    "relu_rnn": {"hidden_size": 216, "lr": 0.006},
    "rnn": {"hidden_size": 216, "lr": 0.002},
}
TRAINING: dict[str, Any] = {"epochs": 120, "dropout": 0.3, "batch_size": 8}


def trained(cell: str, epochs: int | None = None) -> ChordModel:
    """A model after the epochs of its recipe, or others."""
    parts = chorales()
    recipe = RECIPES[cell]
    model = ChordModel(cell, recipe["hidden_size"], seed=0)
    options = TRAINING | ({"epochs": epochs} if epochs else {})
    model.fit(parts.train, parts.valid, lr=recipe["lr"], progress=False, **options)
    return model


def main(cells: list[str]) -> None:
    """Train, write, read again and judge what was read."""
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    test = chorales().test
    for cell in cells or RECIPES:
        began = process_time()
        model = trained(cell)
        seconds = process_time() - began
        note = f"{model.nll(test):.3f} nats of a frame on chorales of other tunes"
        path = model.save(FOLDER / f"chorales_{cell}.safetensors", half=True, note=note)
        again = ChordModel.load(path).nll(test)
        print(
            f"{path.name}: {path.stat().st_size:,} bytes, {seconds:.0f} CPU seconds; {note}, {again:.3f} from the file",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
