"""Train the language models that come with the course, and write data/checkpoints/language_*.safetensors.

    python tools/data/language_models.py             all
    python tools/data/language_models.py char        one

They learn from the first 850,000 characters of the text that `english_text()` gives; the last 100,000 are used only
once, at the end, for the score that is kept in the file. Each stops after a fixed number of steps.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import process_time
from typing import Any

import torch

from course_utils.data.english_text import TextParts, english_text
from course_utils.models.language import LanguageModel

FOLDER = Path(__file__).resolve().parents[2] / "data" / "checkpoints"
RATE = 0.005 * (256 / 96) ** 0.5
RECIPES: dict[str, dict[str, Any]] = {
    "char": {"hidden_size": 256, "fit": {"steps": 3000}},
    "word": {"hidden_size": 96, "fit": {"steps": 1500, "vocabulary": 3000, "lr": RATE, "dropout": 0.1}},
    "subword": {"hidden_size": 96, "fit": {"steps": 1500, "vocabulary": 1500, "lr": RATE, "dropout": 0.1}},
}


def trained(name: str, steps: int | None = None) -> tuple[LanguageModel, TextParts]:
    """A language model after the steps of its recipe, or others, and its text."""
    recipe, text = RECIPES[name], english_text()
    model = LanguageModel(name, "lstm", recipe["hidden_size"])
    options = recipe["fit"] | ({"steps": steps} if steps else {})
    model.fit(text.train, valid=text.valid, progress=False, **options)
    return model, text


def main(names: list[str]) -> None:
    """Train, write, read again and judge what was read."""
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    for name in names or RECIPES:
        began = process_time()
        model, text = trained(name)
        seconds = process_time() - began
        note = f"{model.bits_per_character(text.test):.3f} bits per character on the last tenth"
        path = model.save(FOLDER / f"language_{name}.safetensors", half=True, note=note)
        again = LanguageModel.load(path).bits_per_character(text.test)
        print(
            f"{path.name}: {path.stat().st_size:,} bytes, {seconds:.0f} CPU seconds; {note}, {again:.3f} from the file"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
