"""Train the digit network that comes with the course, and write data/checkpoints/digits_encoder.safetensors.

    python tools/data/digits_encoder.py

3,500 digits of MNIST, as the lesson trains: seed 0, 50 epochs, half a minute. The test set is used only once, at the
end.
"""

from __future__ import annotations

import json
import platform
from pathlib import Path

import torch

from course_utils.data.pictures import digit_pictures
from course_utils.models.checkpoints import save_checkpoint
from course_utils.models.digit_net import CHECKPOINT, KIND
from course_utils.models.picture_training import picture_accuracy, train_on_pictures, warp_text
from course_utils.nn.picture_nets import DigitNet

TARGET = Path(__file__).resolve().parents[2] / "data" / CHECKPOINT
SEED, EPOCHS = 0, 50


def main() -> None:
    """Train, judge the rounded weights on the parts that were not trained on, and write them."""
    torch.set_num_threads(1)
    parts = {part: (torch.as_tensor(x), torch.as_tensor(y)) for part, (x, y) in digit_pictures(seed=0).items()}
    model = DigitNet(generator=torch.Generator().manual_seed(SEED))
    history = train_on_pictures(model, *parts["train"], seed=SEED, epochs=EPOCHS)
    weights = {name: weight.half() for name, weight in model.state_dict().items()}
    model.load_state_dict({name: weight.float() for name, weight in weights.items()})
    about = {
        "what": "DigitNet of course_utils.nn.picture_nets, trained on the training part of digit_pictures(seed=0)",
        "channels": model.channels,
        "kernels": model.kernels,
        "seed": SEED,
        "epochs": EPOCHS,
        "steps": history.steps,
        "settings": history.described(augmentation=warp_text(1.0)).texts,
        "valid_accuracy": picture_accuracy(model.eval(), *parts["valid"]),
        "accuracy": picture_accuracy(model, *parts["test"]),
        "accuracy_on": f"{len(parts['test'][1]):,} digits of the test part",
        "python": platform.python_version(),
        "torch": torch.__version__,
    }
    TARGET.parent.mkdir(exist_ok=True)
    save_checkpoint(TARGET, KIND, weights, about)
    print(json.dumps(about, indent=1))
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes, trained in {history.seconds:.0f} s")


if __name__ == "__main__":
    main()
