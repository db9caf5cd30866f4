"""One loop that trains every network of the course, in a notebook or a script.

    history = fit(model, batches, supervised(nn.CrossEntropyLoss()), epochs=5, valid=held_out)
    history.table  # one row a step

`fit` draws no random number of its own: with the same seed, model and batches it gives the same weights. The loop
itself is `loop` and `step` in `course_utils.training.loop`.
"""

from course_utils.training.batches import Batches, Valid, to_device
from course_utils.training.history import Best, DivergedError, History
from course_utils.training.loop import fit
from course_utils.training.losses import Loss, supervised
from course_utils.training.schedules import Budget, WarmupCosine, WarmupStableDecay
from course_utils.training.weights import gradient_norms

__all__ = [
    "Batches",
    "Best",
    "Budget",
    "DivergedError",
    "History",
    "Loss",
    "Valid",
    "WarmupCosine",
    "WarmupStableDecay",
    "fit",
    "gradient_norms",
    "supervised",
    "to_device",
]
