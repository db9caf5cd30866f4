"""A learner's cell in a network."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from course_utils.errors import CourseError
from course_utils.nn.own_cell import OwnCellNet, made, own_net, own_width, states_of
from course_utils.nn.parameters import parameters_count
from course_utils.nn.sequence_model import SequenceModel, hidden_for_parameters
from tests.own_cells import LSTM, Minimal, OneSize, Wide


def test_with_torch_s_lstm_it_is_the_course_s_own_network() -> None:
    own, course = own_net(LSTM, 5, 7, 4, 0, seed=1), SequenceModel("lstm", 5, 7, 4)
    course.load_state_dict(own.state_dict())
    x = torch.randn(3, 6, 5)
    assert torch.equal(own(x), course(x))
    assert own_width(LSTM, 5, 4, 0, 5124) == hidden_for_parameters("lstm", 5, 4, 5124)


def test_its_width_is_the_one_with_the_nearest_number_of_parameters() -> None:
    sizes = {width: parameters_count(own_net(Minimal, 3, width, 2, 16, seed=0)) for width in range(1, 40)}
    for wanted in (30, 500, 2_000):
        width = own_width(Minimal, 3, 2, 16, wanted)
        assert abs(sizes[width] - wanted) == min(abs(size - wanted) for size in sizes.values())


def test_a_seed_gives_the_same_weights_again_and_leaves_torch_s_own() -> None:
    before = torch.random.get_rng_state()
    one, again, other = (own_net(Minimal, 2, 3, 1, 0, seed) for seed in (4, 4, 5))
    assert torch.equal(before, torch.random.get_rng_state())
    assert all(map(torch.equal, one.parameters(), again.parameters()))
    assert not torch.equal(one.readout.weight, other.readout.weight)  # type: ignore[arg-type]


def test_a_reader_is_a_layer_of_relu_units() -> None:
    net = OwnCellNet(Minimal, 2, 3, 4, reader=5)
    assert net(torch.randn(2, 6, 2)).shape == (2, 6, 4)
    assert isinstance(net.readout, nn.Sequential)
    assert [tuple(weight.shape) for weight in net.readout.parameters()] == [(5, 3), (5,), (4, 5), (4,)]


def test_what_is_no_cell_is_told() -> None:
    with pytest.raises(CourseError, match=r"could not be made by cell\(2, 3\): TypeError"):
        made(lambda size: nn.Linear(size, size), 2, 3)  # type: ignore[arg-type,misc]
    with pytest.raises(CourseError, match="gives the shape \\(2, 4, 6\\); expected: floats of the shape \\(2, 4, 3\\)"):
        states_of(Wide(5, 3), torch.randn(2, 4, 5), 3)
    with pytest.raises(CourseError, match="gives a NoneType"):
        states_of(NoAnswer(), torch.randn(2, 4, 5), 3)
    with pytest.raises(CourseError, match="does not grow with hidden_size"):
        own_width(OneSize, 2, 1, 0, 10_000_000)


class NoAnswer(nn.Module):
    def forward(self, x: torch.Tensor) -> None:
        return None
