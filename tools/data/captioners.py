"""Train the captioners that come with the course, and write data/checkpoints/caption_*.safetensors.

    python tools/data/captioners.py             all
    python tools/data/captioners.py scenes      one

All stop after a fixed number of steps, so that they can be made again whatever else the machine does: about as many as
a quiet core makes in a minute. Those without attention have as many weights as the one with it. The test set is
used only once, at the end; what it says is written into the file.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import process_time
from typing import Any

import torch

from course_utils.data.emoji_pictures import emoji_pictures
from course_utils.data.scenes import scene_split
from course_utils.experiments.applications.scene_captions import NETWORKS, width_like
from course_utils.metrics import bleu, exact_match
from course_utils.models.captioning import Captioner

FOLDER = Path(__file__).resolve().parents[2] / "data" / "checkpoints"
STEPS = 1_800
# Network, pictures (a split of scenes and its colours, or emoji), arguments of `fit`.
RECIPES: dict[str, tuple[str, Any, dict[str, Any]]] = {
    "scenes": ("LSTM", ("random", 4), {}),
    "scenes_without": ("LSTM, seen at every step", ("random", 4), {}),
    "scenes_once": ("LSTM, seen once", ("random", 4), {}),
    "combinations": ("LSTM", ("combinations", 4), {}),
    "combinations_dropout": ("LSTM", ("combinations", 8), {"word_dropout": 0.8}),
    "emoji": ("LSTM", "emoji", {}),
}


def parts_of(pictures: Any) -> Any:
    """Training, validation and test set."""
    if pictures == "emoji":
        return emoji_pictures().split()
    kind, colours = pictures
    return scene_split(kind, colours=colours)


def trained(name: str, steps: int = STEPS) -> tuple[Captioner, Any]:
    """A captioner after some steps, and its test set."""
    network, pictures, options = RECIPES[name]
    train, valid, test = parts_of(pictures)
    captioner = Captioner(hidden_size=width_like(network, 128), seed=0, **NETWORKS[network])
    validation = (valid.images, valid.captions)
    captioner.fit(train.images, train.captions, validation, steps=steps, progress=False, **options)
    return captioner, test


def main(names: list[str]) -> None:
    """Train, write, read again and judge what was read."""
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    for name in names or RECIPES:
        began = process_time()
        captioner, test = trained(name)
        seconds = process_time() - began
        path = FOLDER / f"caption_{name}.safetensors"
        captioner.save(path, half=True)
        predictions = Captioner.load(path).caption(test.images)
        exact, score = exact_match(predictions, test.captions), bleu(predictions, test.captions)
        note = f"On {len(test):,} test pictures: exact {exact:.3f}, BLEU {score:.1f}; greedy, weights of 16 bits."
        captioner.save(path, half=True, note=note)
        print(f"{path.name}: {path.stat().st_size:,} bytes, {seconds:.0f} CPU seconds. {note}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
