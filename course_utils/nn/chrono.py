"""Biases of an LSTM's gates, from the time that each unit shall remember.

`initialisation.chrono_` draws such times and writes the biases into a layer; here the times are given.
"""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.errors import CourseError


def biases_for_times(times: Tensor) -> Tensor:
    """Biases of input and forget gates with which each unit remembers for about so many steps.

    A unit of memory T keeps 1 − 1/T of its cell at each step, and lets 1/T of what is new in. With u = T − 1 the biases
    are −ln u and ln u, since σ(ln u) = u / (u + 1) = 1 − 1/T. After T steps about 1/e of the cell is left.

    Source: the chrono initialisation of Tallec & Ollivier 2018.

    Args:
        times: (H,) memory of each unit in steps, more than 1, of a floating type.

    Returns:
        (2, H): biases of the input gates, and of the forget gates.

    Raises:
        CourseError: a time of 1 step or less, or one that is not finite.
    """
    if not ((times > 1) & times.isfinite()).all():
        wrong = times[~((times > 1) & times.isfinite())][0].item()
        raise CourseError(f"Each time must be a number of steps greater than 1; one is {wrong:g}. 1 remembers nothing.")
    forget = torch.log(times - 1)
    return torch.stack([-forget, forget])
