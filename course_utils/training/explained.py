"""Errors that torch raises while a loss is computed, in words that say what to do."""

from __future__ import annotations

import re
import traceback
from collections.abc import Collection
from pathlib import Path

from course_utils.errors import CourseError
from course_utils.interrupts import is_library
from course_utils.training.criteria import FLATTEN, out_of_range
from course_utils.training.history import many

CTC = (
    "ctc_loss needs log-probabilities (T, B, C), targets (B, L), and for each clip two whole numbers: its frames, T at "
    "most, and its letters, L at most. From outputs (B, T, C): outputs.log_softmax(-1).transpose(0, 1)."
)
ADVICE = {  # what torch says: what it means
    r"Expected target size|Expected input batch_size": f"The classes of class scores must be on axis 1. {FLATTEN}",
    r"multi-target not supported": "Class numbers need no axis of their own: use targets.squeeze(-1).",
    r"target with class probabilities, got": "One-hot targets must be floats, or class numbers: targets.argmax(1).",
    r"expected scalar type Long but found": "Class numbers must be torch.int64: use targets.long().",
    r"[Ff]ound dtype \w+ but expected|can't be cast to the desired output type|with (a|two) bool tensor": (
        "Outputs and targets are different kinds of numbers: use targets.float(), or targets.to(outputs.dtype)."
    ),
    r"should be between 0 and 1": (
        "nn.BCELoss() needs probabilities. For a model that ends in a linear layer take nn.BCEWithLogitsLoss(), which "
        "applies the sigmoid itself."
    ),
    r"Can't call numpy\(\)|not numpy.ndarray|numpy.ndarray\b.*Tensor|Tensor.*numpy.ndarray": (
        "A numpy array meets a tensor: make it one with torch.as_tensor(…) before the training."
    ),
    r"input_lengths must be|Expected input_lengths|target_lengths must be|Expected tensor to have size at least": CTC,
    r"device-side assert": (
        "On a GPU torch cannot say what was wrong; most often it is a class or symbol number out of range. Restart the "
        "kernel, and run a few steps on the CPU: there the number is named."
    ),
    r"Boolean value of Tensor .* is ambiguous": "A loss of torch is made first, nn.MSELoss(), and then called.",
}
UNLIKE = (
    r"Expected hidden(\[\d\])? size",
    r"doesn't match hidden",
    r"The size of tensor a .* must match",
    r"Sizes of tensors must match",
    r"The expanded size of the tensor",
    r"shape '.*' is invalid for input",
    r"mat1 and mat2|batch2 tensor",
)


def explained(error: Exception, examples: int | None = None, before: Collection[int] = ()) -> CourseError | None:
    """The error to raise in place of one that torch raised; None where nothing better can be said.

    Args:
        error: what was raised while a loss, or its gradient, was computed.
        examples: in this batch, where it is known.
        before: how many examples the batches before had.
    """
    said = str(error)
    text = next((advice for pattern, advice in ADVICE.items() if re.search(pattern, said)), "")
    if found := re.search(r"Target (-?\d+) is out of bounds", said):
        text = out_of_range(int(found[1]))
    if found := re.search(r"(\w+?)(\.forward|)\(\) missing \d+ required positional arguments?: (.*)", said):
        text = "" if found[2] == "" and "loss" not in found[1].lower() else needs_more(found[1], found[3])
    others = sorted(set(before) - {examples or 0})
    named = {int(number) for number in re.findall(r"\d+", said)}
    if examples in named and named & set(others) and any(re.search(pattern, said) for pattern in UNLIKE):
        text = (
            f"This batch has {many(examples or 0, 'example')}, earlier ones {', '.join(map(str, others))}. A state "
            "carried from batch to batch has the size of the batch that made it: leave the smaller last batch out "
            "(DataLoader(…, drop_last=True)), or begin with a new state where the size changes."
        )
    return CourseError(f"{text} ({_place(error)}{type(error).__name__}: {said[:300]})") if text else None


def needs_more(criterion: str, arguments: str) -> str:
    """What is said of a criterion that asks for more than outputs and targets."""
    text = (
        f"{criterion} needs more than outputs and targets: {arguments}. For it write a function loss(model, batch) "
        "that calls it and returns its number, and give that to fit in place of supervised(…)."
    )
    return f"{text} {CTC}" if "ctc" in criterion.lower() else text


def _place(error: Exception) -> str:
    """The last line of the learner's own on the way to an error."""
    own = [line for line in traceback.extract_tb(error.__traceback__) if not is_library(line.filename)]
    return f"line {own[-1].lineno} of {Path(own[-1].filename).name}, `{own[-1].line}`: " if own and own[-1].line else ""
