"""Which tries of a search go on; how a run ends is tested with `kept`, whose runs it makes."""

from __future__ import annotations

import pytest

from course_utils.experiments.comparison.until_kept import go_on_with_the_best


class ByRate:
    """The score is the rate itself; rates from 0.7 keep the criterion after 100 steps."""

    def __init__(self, lr: float) -> None:
        self.score, self.steps, self.solved = lr, 0, False

    def go_on(self, most_steps: int) -> None:
        self.solved = self.score >= 0.7
        self.steps = 100 if self.solved else most_steps


@pytest.mark.parametrize(("less", "best"), [(False, [0.8, 0.7, 0.6]), (True, [0.7, 0.8, 0.1])])
def test_the_best_three_in_eight_go_on_and_those_who_keep_the_criterion_are_best(less: bool, best: list[float]) -> None:
    found = {n / 10: ByRate(n / 10) for n in range(1, 9)}
    went = go_on_with_the_best(found, 300, 1000, less_is_better=less)
    assert went == best
    assert {lr: run.steps for lr, run in found.items() if not run.solved} == {
        n / 10: 1000 if n / 10 in best else 300 for n in range(1, 7)
    }


def test_of_one_rate_that_one_goes_on() -> None:
    only = {0.1: ByRate(0.1)}
    assert go_on_with_the_best(only, 1, 5, less_is_better=True) == [0.1]
    assert only[0.1].steps == 5
