"""A state carried wrongly: what each way does to it, what torch says, and what is kept."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from course_utils.errors import CourseError
from course_utils.experiments.applications import carried_states
from course_utils.experiments.applications.carried_states import CARRIED, OTHER_ROW, SHUFFLED, ZEROS, CarryingWrongly
from course_utils.experiments.applications.text_training import TextNetwork
from course_utils.nn.streams import parallel_rows, windows
from tests.experiments.small_runs import small_settings


def carrying(way: str) -> tuple[CarryingWrongly, TextNetwork]:
    torch.manual_seed(0)
    return CarryingWrongly(windows(parallel_rows(torch.arange(60) % 9, 3), 4), way=way), TextNetwork("LSTM", 9, 5)


def test_each_way_does_to_the_state_what_it_says() -> None:
    (rightly, model), (other, _), (zeros, _) = (carrying(way) for way in (CARRIED, OTHER_ROW, ZEROS))
    for objective in (rightly, other, zeros):
        objective(model, objective.pairs[0])
    assert rightly.state is not None
    assert other.state is not None
    for one, moved in zip(rightly.state, other.state, strict=True):
        assert torch.equal(moved[:, [1, 2, 0]], one)
    assert zeros.state is None


def test_shuffled_windows_are_the_same_windows() -> None:
    objective, _ = carrying(SHUFFLED)
    found = list(objective.epoch())
    assert sorted(x.tolist() for x, _ in found) == sorted(x.tolist() for x, _ in objective.pairs)
    assert [x.tolist() for x, _ in found] != [x.tolist() for x, _ in objective.pairs]


def test_without_detaching_the_graph_grows_by_as_much_with_each_window() -> None:
    kept = carried_states.graph_by_window(5, detached=False)
    growth = {later - earlier for earlier, later in pairwise(kept)}
    assert len(growth) == 1
    assert growth.pop() > 0
    assert len(set(carried_states.graph_by_window(5, detached=True))) == 1


def test_torch_says_what_is_wrong() -> None:
    assert "second time" in carried_states.error_with_the_graph_kept()
    assert "modified by an inplace operation" in carried_states.error_with_the_graph_kept(retained=True)
    assert "Expected hidden[0] size (1, 2, 4), got [1, 4, 4]" in carried_states.error_with_a_smaller_batch()


def test_another_way_is_refused() -> None:
    with pytest.raises(CourseError, match="windows shuffled"):
        carried_states.measure(0, **small_settings("carried_states", ways=["at random"]))
