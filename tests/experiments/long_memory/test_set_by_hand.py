"""A unit whose weights are set by hand is judged, and not trained."""

from __future__ import annotations

from course_utils.experiments.long_memory import set_by_hand
from course_utils.experiments.tasks.adding import Adding
from tests.experiments.small_runs import small_rows


def test_its_error_is_that_of_the_sums_it_gives() -> None:
    (row,) = set_by_hand.measure(1, seq_lens=[20], judged=30)
    held_out = Adding(20).held_out(30, 1)
    right = (held_out.x[..., 0] * held_out.x[..., 1]).sum(dim=1)
    assert (right - held_out.y).abs().max() < 1e-5  # the answer is the sum of the marked numbers
    assert 0 < row["error"] < 1e-4


def test_every_length_is_judged() -> None:
    found = small_rows("set_by_hand")
    assert set(found["seq_len"]) == {50, 10_000}
