"""What a rule scores that does not look: the same answer, always."""

from __future__ import annotations

from torch import Tensor

from course_utils.errors import CourseError


def best_constant_share(answers: Tensor, decisive: Tensor) -> float:
    """The share of right answers of the best rule that always answers the same, over the steps that count.

    Args:
        answers: (N, T) the right answers, whole numbers from 0.
        decisive: (N, T) bool, the steps that count.

    Returns:
        A number from 0 to 1.

    Raises:
        CourseError: no step counts.
    """
    counted = answers[decisive]
    if not len(counted):
        raise CourseError("No step counts: `decisive` is False everywhere. Give at least one step that is judged.")
    return float(counted.bincount().max() / len(counted))
