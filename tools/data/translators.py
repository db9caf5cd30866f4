"""Train the translators that come with the course, and write data/checkpoints/translate_*.safetensors.

    python tools/data/translators.py             all
    python tools/data/translators.py numbers     one

Numbers: characters, with attention, and without it: the source seen at every step, or once; all three with as many
steps, so that they can be compared. Menus: subwords. All stop after a fixed number of steps, so that they can be made
again whatever else the machine does: as many as a quiet core makes in about 30 and 120 seconds. The test set is used
only once, at the end.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import process_time
from typing import Any

import torch

from course_utils.data.menus import menu_split
from course_utils.data.number_words import number_words
from course_utils.metrics import bleu, exact_match
from course_utils.models.once_translator import OnceTranslator
from course_utils.models.translation import Translator

FOLDER = Path(__file__).resolve().parents[2] / "data" / "checkpoints"
RECIPES: dict[str, dict[str, Any]] = {
    "numbers": {"network": {"hidden_size": 64, "attention": "additive", "level": "char"}, "steps": 500},
    "numbers_every": {"network": {"hidden_size": 64, "attention": None, "level": "char"}, "steps": 500},
    "numbers_once": {"network": {"hidden_size": 64, "attention": None, "level": "char"}, "steps": 500},
    "menus": {"network": {"hidden_size": 128, "attention": "multiplicative", "level": "subword"}, "steps": 3200},
}


def trained(name: str, steps: int | None = None) -> tuple[Translator, Any]:
    """A translator after the steps of its recipe, or others, and its pairs."""
    recipe = RECIPES[name]
    parts: Any = menu_split() if name == "menus" else number_words()
    kind = OnceTranslator if name == "numbers_once" else Translator
    translator = kind("lstm", seed=0, **recipe["network"])
    translator.fit(parts.train, valid=parts.valid, steps=steps or recipe["steps"], progress=False)
    return translator, parts


def main(names: list[str]) -> None:
    """Train, write, read again and judge what was read."""
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    for name in names or RECIPES:
        began = process_time()
        translator, parts = trained(name)
        kind = type(translator)
        seconds = process_time() - began
        path = translator.save(FOLDER / f"translate_{name}.safetensors", half=True)
        sources, references = zip(*parts.test, strict=True)
        scores = {}
        for beam in (1, 5):
            predictions = kind.load(path).translate(list(sources), beam=beam)
            exact, score = exact_match(predictions, references), bleu(predictions, list(references))
            scores[beam] = f"exact {exact:.3f}, BLEU {score:.1f}"
        print(f"{path.name}: {path.stat().st_size:,} bytes, {seconds:.0f} CPU seconds; by beam: {scores}")


if __name__ == "__main__":
    main(sys.argv[1:])
