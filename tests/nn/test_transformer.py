"""The small Transformer knows the order of its inputs."""

from __future__ import annotations

import torch

from course_utils.nn.transformer import SmallTransformer, sines


def test_sines_tell_places_apart_and_turn_by_the_same_angle() -> None:
    places = sines(50, 8)
    assert places.shape == (50, 8)
    assert torch.allclose(places[0], torch.tensor([0.0, 1.0] * 4))
    assert torch.cdist(places, places).fill_diagonal_(9.0).min() > 0.05
    assert torch.allclose((places[3:] * places[:-3]).sum(1), (places[3] * places[0]).sum().expand(47), atol=1e-5)


def test_a_transformer_knows_the_order_of_its_inputs() -> None:
    model = SmallTransformer(2, 8, 1, 12)
    torch.manual_seed(0)
    x = torch.randn(1, 6, 2)
    swapped = x[:, [1, 0, 2, 3, 4, 5]]
    assert not torch.allclose(model(x)[:, -1], model(swapped)[:, -1], atol=1e-5)


def test_without_places_only_the_causal_mask_tells_the_steps_apart() -> None:
    torch.manual_seed(0)
    x = torch.randn(1, 6, 2)
    swapped = x[:, [1, 0, 2, 3, 4, 5]]
    one_layer = SmallTransformer(2, 8, 1, 12, layers=1, positions=False)
    assert torch.allclose(one_layer(x)[:, -1], one_layer(swapped)[:, -1], atol=1e-6)
    assert torch.equal(one_layer(x), one_layer.readout(one_layer.states(x)))
