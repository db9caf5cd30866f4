"""Many networks at a time are each one of torch's."""

from __future__ import annotations

import pytest
import torch

from course_utils.nn.layers import LAYERS
from course_utils.nn.many_networks import PRIORS, SPREAD, many_networks
from course_utils.nn.sequence_model import GATES, SequenceModel


@pytest.mark.parametrize("cell", list(GATES))
def test_each_is_the_network_that_torch_has_with_its_weights(cell: str) -> None:
    many = many_networks(cell, 5, 3, 4, 2, "torch's start", torch.Generator().manual_seed(1))
    x = torch.randn(6, 7, 3)
    states = many.states(x)
    outputs = many.outputs(states)
    for n in range(5):
        one = SequenceModel(cell, 3, 4, 2)
        of_layer = dict(zip(LAYERS[cell](3, 4).state_dict(), (many.W_ih, many.W_hh, many.b_ih, many.b_hh), strict=True))
        one.core.load_state_dict({name: weight[n] for name, weight in of_layer.items()})
        one.readout.load_state_dict({"weight": many.W_out[n], "bias": many.b_out[n]})
        torch.testing.assert_close(states[n], one.states(x), atol=1e-6, rtol=1e-5)
        torch.testing.assert_close(outputs[n], one(x), atol=1e-6, rtol=1e-5)


def test_priors_are_as_they_say_and_some_can_be_chosen() -> None:
    torch_s, wide = (many_networks("rnn", 4000, 2, 4, 1, prior, torch.Generator().manual_seed(0)) for prior in PRIORS)
    for weight in vars(torch_s).values():
        if isinstance(weight, torch.Tensor):
            assert weight.abs().max() <= 0.5
            assert weight.std() == pytest.approx(0.5 / 3**0.5, rel=0.02)
    assert wide.W_hh.std() == pytest.approx(SPREAD, rel=0.02)
    some = wide.chosen(torch.tensor([3, 1]))
    assert len(some) == 2
    assert torch.equal(some.b_out[1], wide.b_out[1])
