"""Compares what an experiment tells of its trainings with what they did, as `fit` saw it."""

from __future__ import annotations

import re

from course_utils.display.settings import Settings

NEEDED = ("start", "learning rate", "clipping", "steps", "batch", "size", "seeds", "augmentation")
STARTS = ("chrono", "orthogonal", "identity", "forget bias")
OTHER_NAMES = {"SGD": "plain gradient descent"}


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
    rate = _told_of_optimizer(told.learning_rate, done.learning_rate)
    beside = f"{told.start} {told.learning_rate}"  # where starts and rates are told in pairs
    batch, batches = max(numbers(done.batch), default=0), numbers(told.batch)
    parameters = re.search(r"[\d,]+ parameters", done.size)
    counted = re.search(r"\d parameters", told.size) and not re.search("within|to [0-9]|with the ten", told.size)
    wrong = {
        "start": any(word in done.start and word not in beside for word in STARTS),
        "learning rate": not _rate_is_told(told.learning_rate, done.learning_rate),
        "schedule": any(word in done.learning_rate and word not in rate for word in ("cosine", "rising over"))
        or ("cosine" in rate and "cosine" not in done.learning_rate),
        "clipping": done.clipping not in told.clipping and not _clipping_is_told(beside, told.clipping, done.clipping),
        "steps": not _steps_are_told(told.steps, done.steps),
        "batch": batch not in batches and batch > min(batches),  # of few examples a batch is smaller
        "size": bool(counted) and parameters is not None and parameters[0] not in told.size,
    }
    return [part for part, is_wrong in wrong.items() if is_wrong]


def _told_of_optimizer(told: str, done: str) -> str:
    """Where parts of a text name several optimisers, the parts that name the one that was used; else the whole text."""
    naming = [part for part in told.split("; ") if re.search(r"SGD|Adam", part)]
    used = [part for part in naming if re.search(rf"\b{done.split(', ')[0]}\b", part)]
    return "; ".join(used) if used and len(naming) > len(used) else told


def _rate_is_told(told: str, done: str) -> bool:
    optimizer, rate, *_ = done.split(", ")
    found, rates = numbers(rate)[0], numbers(told.replace(",", ";"))
    known = any(abs(found - told_rate) <= 0.01 * found for told_rate in rates)
    within = " to " in told and min(rates) <= found <= max(rates)
    return (optimizer in told or OTHER_NAMES.get(optimizer, "?") in told) and (known or within)


def _clipping_is_told(beside: str, told: str, done: str) -> bool:
    """Each rate has its clipping beside it, or all were drawn between two numbers."""
    limits, bounds = numbers(done), numbers(told)
    if limits and "drawn" in told:
        return min(bounds) <= limits[0] <= max(bounds)
    return f"norm {limits[0]:g}" in beside if limits else "not clipped" in beside


def _steps_are_told(told: str, done: str) -> bool:
    """All steps, or the part that a training makes between two looks; a failed training makes fewer."""
    made = int(numbers(done.split(", ")[0] + " 0")[0])
    parts = any(made and number % made == 0 for number in numbers(told))
    return parts or bool(re.search("until|at most", told)) or "ended:" in done
