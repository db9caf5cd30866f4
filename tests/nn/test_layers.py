"""torch's layers by their names."""

from __future__ import annotations

import pytest
import torch

from course_utils.nn.layers import LAYERS


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_has_the_size_and_kind_that_its_name_says(name: str) -> None:
    layer = LAYERS[name](3, 5, batch_first=True)
    assert layer.mode == {"rnn": "RNN_TANH", "relu_rnn": "RNN_RELU", "gru": "GRU", "lstm": "LSTM"}[name]
    assert layer(torch.zeros(2, 7, 3))[0].shape == (2, 7, 5)
