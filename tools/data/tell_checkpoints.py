"""Write into the files in data/checkpoints how their networks were trained; no weight changes.

    python tools/data/tell_checkpoints.py

The scripts that made the files are run for a few steps, so that all is read off what they really do; the steps are
those of their recipes. What these scripts make from now on tells it by itself.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load, save

from course_utils.data.pictures import digit_pictures
from course_utils.data.spoken_digits import spoken_digits
from course_utils.display.settings import Settings
from course_utils.models.checkpoints import ENTRY
from course_utils.models.picture_training import train_on_pictures
from course_utils.nn.picture_nets import DigitNet
from tools.data import captioners, digits_encoder, listeners, translators

FEW = 5  # steps that are made here
FOLDER = Path(__file__).resolve().parents[2] / "data" / "checkpoints"


def of_recipe(settings: Settings, steps: int, validated: bool) -> Settings:
    """The settings with the steps of the recipe."""
    best = ", weights of the best validation" if validated else ""
    return settings.with_parts(steps=f"{steps:,}{best}")


def all_settings() -> Iterator[tuple[str, Callable[[], Settings]]]:
    """For each file the way to its settings."""
    for name in captioners.RECIPES:
        yield f"caption_{name}", partial(_captioned, name)
    for name in translators.RECIPES:
        yield f"translate_{name}", partial(_translated, name)
    for name in listeners.RECIPES:
        yield f"{'listen' if name == 'joined' else 'hear'}_{name}", partial(_heard, name)
    yield "digits_encoder", _digits


def _captioned(name: str) -> Settings:
    return of_recipe(captioners.trained(name, FEW)[0].described(), captioners.STEPS, True)


def _translated(name: str) -> Settings:
    return of_recipe(translators.trained(name, FEW)[0].described(), translators.RECIPES[name]["steps"], True)


def _heard(name: str) -> Settings:
    learner, _ = listeners.RECIPES[name](spoken_digits("voices"), FEW)  # type: ignore[operator]
    return of_recipe(learner.described(), listeners.STEPS[name], name != "speakers")


def _digits() -> Settings:
    images, labels = digit_pictures(seed=0)["train"]
    model = DigitNet(generator=torch.Generator().manual_seed(digits_encoder.SEED))
    history = train_on_pictures(model, torch.as_tensor(images), torch.as_tensor(labels), seed=0, epochs=1)
    steps = history.steps * digits_encoder.EPOCHS
    return of_recipe(history.described(), steps, False).with_parts(seeds=str(digits_encoder.SEED))


def tell(path: Path, settings: Settings) -> None:
    """Write the settings among the metadata of a file; its tensors stay, bit for bit."""
    with safe_open(path, framework="pt") as file:
        told = json.loads(file.metadata()[ENTRY])
    told["about"]["settings"] = settings.with_parts(name="").texts
    tensors = load(path.read_bytes())
    content = save(tensors, {ENTRY: json.dumps(told, ensure_ascii=False, allow_nan=False)})
    again = load(content)
    assert again.keys() == tensors.keys()
    assert all(torch.equal(again[name], tensor) for name, tensor in tensors.items())
    path.write_bytes(content)


def main(names: list[str]) -> None:
    """Tell in every file, or in some."""
    torch.set_num_threads(1)
    for name, settings in all_settings():
        if not names or name in names:
            found = settings()
            tell(FOLDER / f"{name}.safetensors", found)
            print(f"{name}: {found}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
