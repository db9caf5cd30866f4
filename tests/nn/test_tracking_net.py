"""The network for answers after every symbol: equal sizes, torch's own layers, nothing of the future."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from course_utils.errors import CourseError
from course_utils.nn.parameters import parameters_count
from course_utils.nn.tracking_net import NETWORKS, RECURRENT, TrackingNet, tracking_size, width_for


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(("inputs", "outputs"), [(2, 2), (6, 6)])
def test_networks_have_as_many_parameters_as_whole_units_allow(network: str, inputs: int, outputs: int) -> None:
    wanted = tracking_size("LSTM", inputs, outputs, 32)
    width = width_for(network, inputs, outputs, wanted)
    model = TrackingNet(network, inputs, outputs, width)
    assert parameters_count(model) == tracking_size(network, inputs, outputs, width)
    assert abs(parameters_count(model) / wanted - 1) < 0.03


@pytest.mark.parametrize("network", NETWORKS)
def test_answers_depend_on_nothing_that_comes_later(network: str) -> None:
    torch.manual_seed(0)
    model = TrackingNet(network, 3, 2, 8)
    x = torch.randn(1, 9, 3)
    other = x.clone()
    other[0, 5] += 1
    moved = (model(x) - model(other)).abs().sum(-1)[0] > 1e-7
    assert moved.tolist() == [False] * 5 + [True] * 4
    assert model(x).shape == (1, 9, 2)


@pytest.mark.parametrize("network", RECURRENT)
def test_recurrent_states_are_those_of_torch_s_layer(network: str) -> None:
    torch.manual_seed(0)
    model, x = TrackingNet(network, 3, 2, 8), torch.randn(4, 9, 3)
    assert isinstance(model.core, nn.RNNBase)
    assert torch.allclose(model.states(x), model.core(x)[0], atol=1e-6)


def test_of_two_transformers_one_is_told_the_places() -> None:
    """Two layers of attention over equal inputs see no difference between steps, where no places are told."""
    x = torch.ones(1, 6, 3)
    for network, differs in (("Transformer", True), ("Transformer, no places", False)):
        torch.manual_seed(0)
        model = TrackingNet(network, 3, 2, 8)
        assert (model(x).std(dim=1).max().item() > 1e-4) == differs


def test_what_cannot_be_meant() -> None:
    with pytest.raises(CourseError, match="LSTM"):
        TrackingNet("Elman", 2, 2, 8)
    with pytest.raises(CourseError, match="width"):
        TrackingNet("LSTM", 2, 2, 0)
