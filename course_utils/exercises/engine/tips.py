"""What to say to an error that an answer raised: a tip that fits the message and the line in which it arose."""

from __future__ import annotations

import re
from dataclasses import dataclass

BROADCAST = (
    "Shapes are compared from the last axis to the first: each pair of sizes must be equal, or one of them 1. "
    "`a[:, None]` adds an axis of length 1."
)
PRODUCT = (
    "In A @ B the columns of A must be as many as the rows of B: (4, 3) @ (3, 5) gives (4, 5). "
    "A.T exchanges rows and columns. A * B multiplies entry by entry."
)
KEEPDIM = (
    "A sum, mean or maximum over an axis drops this axis. With `keepdim=True` it stays as an axis of length 1, "
    "and the result fits what it was made of."
)


@dataclass(frozen=True)
class Tip:
    """Help for one kind of error.

    Attributes:
        message: a pattern that its message contains.
        says: the help.
        line: a pattern that the learner's line contains; empty where any line will do.
    """

    message: str
    says: str
    line: str = ""

    def fits(self, message: str, line: str) -> bool:
        """Does it belong to this error?"""
        return bool(re.search(self.message, message)) and bool(re.search(self.line, line))


DIFFERENT_SIZES = r"must match the size of tensor|not broadcastable|could not be broadcast|shape mismatch"
PAIR = "With a dim, `.max` returns a pair, the values and their indices: take `.values`, or use `.amax(dim=…)`."
TIPS = (
    Tip(
        DIFFERENT_SIZES,
        "`one_hot(targets)` has as many columns as the largest class that occurs needs. Give it the number of classes: "
        "`one_hot(targets, C)`.",
        r"one_hot\([^,()]*\)",
    ),
    Tip(DIFFERENT_SIZES, KEEPDIM, r"\b(sum|mean|std|var|amax|amin|max|min|logsumexp)\((?!.*keepdim).*\w"),
    Tip(
        DIFFERENT_SIZES,
        "`b[:, None]` makes a column of b: one number for each *row*. Without `[:, None]`, b of shape (H,) is added to "
        "every row. For one number a channel, before rows and columns, it is `b[:, None, None]`.",
        r"\[:, ?None\]",
    ),
    Tip(
        DIFFERENT_SIZES,
        "For maps of shape (B, K, H, W) one number a channel must have the shape (K, 1, 1): `b[:, None, None]`.",
        r"conv|einsum|unfold|maps",
    ),
    Tip(DIFFERENT_SIZES, BROADCAST),
    Tip(
        r"Expected target size|Expected floating point type for target|shape mismatch: value tensor|multi-target not",
        "`cross_entropy` wants the classes on the second axis. Join the first two axes of both: "
        "`logits.flatten(0, 1)` of shape (B·U, V), and `targets.flatten()`.",
        "cross_entropy|nll_loss|NLLLoss|CrossEntropy",
    ),
    Tip(
        r"did not match (Double|Float)|same dtype|expected scalar type|dtypes? .*not.* same|must be the same",
        "The inputs come in float32 and in float64. A tensor that you make yourself, such as `torch.zeros(…)`, takes "
        "over the dtype of an input x with `dtype=x.dtype`.",
    ),
    Tip(r"return_types\.(max|min|median|mode)", PAIR),
    Tip(
        r"(max|min)\(\) received an invalid combination",
        "`.amax(dim=(…, …))` takes the maximum over several axes. `.max` takes one axis, and returns a pair.",
    ),
    Tip(
        r"unpack",
        "`.chunk(n)` alone cuts the first axis, which is the batch. `.chunk(n, dim=-1)` cuts the last.",
        r"chunk|split",
    ),
    Tip(
        r"unpack",
        "Right of the `=` there are fewer or more parts than names left of it. A shape has a part for each axis.",
    ),
    Tip(
        r"Tensors must have same number of dimensions|Sizes of tensors must match except",
        "`torch.cat` wants pieces that agree in all axes but the one they are joined on. `a[:, None]` adds an axis, "
        "and `.expand(-1, n, -1)` repeats along it.",
    ),
    Tip(
        r"out of (bounds|range)",
        "The check uses inputs of several sizes. Take sizes from the arguments, such as `x.shape[1]` or `len(x)`.",
    ),
    Tip(
        r"only one element tensors can be converted|only length-1 arrays|Tensor with \d+ elements cannot be converted",
        "Python's own math works on single numbers; for tensors use torch's, such as torch.tanh.",
    ),
    Tip(r"Boolean value of Tensor", "`if` wants one yes or no. For a choice at each place: `torch.where(test, a, b)`."),
    Tip(r"division by zero", "Which of the inputs leads to a 0 there?"),
    Tip(r"math domain error", "Which of the inputs leads to a logarithm of 0 or less there, or to such a root?"),
    Tip(r"leaf [Vv]ariable", "Do not change what you were given. Make new tensors: `x.clone()`, or `a = a + b`."),
    Tip(r"name '(\w+)' is not defined", "The functions that you write in a lesson begin with `my_`."),
)
PRODUCTS = re.compile(
    r"shapes cannot be multiplied|inner dimensions|size mismatch|batch2 tensor|Expected size for first two|"
    r"inconsistent tensor size|dot : expected|1D tensors expected|mat2 must be|vector expected|matmul: Input"
)


def tip(message: str, line: str, shape_tip: str) -> str:
    """What helps with an error; empty where nothing is known about it.

    Args:
        message: the text of the error.
        line: the learner's line in which it arose; empty where none is known.
        shape_tip: the exercise's own help where shapes do not fit; empty where it has none.
    """
    if PRODUCTS.search(message):
        return shape_tip or PRODUCT
    found = next((known.says for known in TIPS if known.fits(message, line)), "")
    return shape_tip or found if found == BROADCAST else found
