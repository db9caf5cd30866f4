"""The best constant answer, counted by hand."""

from __future__ import annotations

import pytest
import torch

from course_utils.data.formal_languages import LANGUAGES, strings
from course_utils.errors import CourseError
from course_utils.metrics.answers import best_constant_share


def test_only_steps_that_count_are_counted() -> None:
    answers = torch.tensor([[0, 0, 0, 1], [0, 2, 1, 1]])
    assert best_constant_share(answers, torch.ones(2, 4, dtype=torch.bool)) == 0.5
    late = torch.tensor([[False, False, False, True], [False, True, True, True]])
    assert best_constant_share(answers, late) == 0.75


@pytest.mark.parametrize("name", LANGUAGES)
def test_it_is_the_chance_line_of_every_language(name: str) -> None:
    drawn = strings(name, 4_000, 40, seed=11)
    assert best_constant_share(drawn.answers, drawn.decisive) == pytest.approx(LANGUAGES[name].chance, abs=0.02)


def test_without_a_step_that_counts_there_is_no_share() -> None:
    with pytest.raises(CourseError, match="No step counts"):
        best_constant_share(torch.zeros(1, 2, dtype=torch.int64), torch.zeros(1, 2, dtype=torch.bool))
