"""Compares what an experiment tells of its trainings with what they did, as `fit` saw it."""

from __future__ import annotations

import re

from course_utils.display.settings import Settings

NEEDED = ("start", "learning rate", "clipping", "steps", "batch", "size", "seeds", "augmentation")
STARTS = ("chrono", "orthogonal", "identity", "forget biases")


def numbers(text: str) -> list[float]:
    """All numbers in a text."""
    plain = text.replace("e−", "e-").replace(",", "")
    return [float(number) for number in re.findall(r"(?<![\w.])\d+\.?\d*(?:e-\d+)?", plain)]


def untold(told: Settings, done: Settings) -> list[str]:
    """What one training did and the experiment does not tell, as the names of the parts.

    Args:
        told: by the experiment, for the same settings.
        done: as `fit` saw it.
    """
    optimizer, rate, *_ = done.learning_rate.split(", ")
    rates, steps = numbers(told.learning_rate.replace(",", ";")), int(numbers(done.steps.split(", ")[0] + " 0")[0])
    between = " to " in told.learning_rate and min(rates) <= numbers(rate)[0] <= max(rates)
    batch, batches = max(numbers(done.batch), default=0), numbers(told.batch)
    parameters = re.search(r"[\d,]+ parameters", done.size)
    wrong = {
        "start": any(word in done.start and word not in told.start for word in STARTS),
        "learning rate": optimizer not in told.learning_rate or not (numbers(rate)[0] in rates or between),
        "schedule": ("cosine" in done.learning_rate) != ("cosine" in told.learning_rate)
        or ("rising over" in done.learning_rate and "rising over" not in told.learning_rate),
        "clipping": done.clipping not in told.clipping,
        "steps": steps not in numbers(told.steps)
        and not re.search("until|at most", told.steps)
        and "ended:" not in done.steps,
        "batch": batch not in batches and batch > min(batches),  # of few examples a batch is smaller
        "size": " parameters" in told.size
        and parameters is not None
        and not re.search("within|to [0-9]|with the ten digits|columns of the data", told.size)
        and parameters[0] not in told.size,
    }
    return [part for part, is_wrong in wrong.items() if is_wrong]
