"""torch's recurrent layers by the names that the course gives them, for the networks that are made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from torch import nn

LAYERS: Mapping[str, Callable[..., nn.RNNBase]] = {
    "rnn": nn.RNN,
    "relu_rnn": partial(nn.RNN, nonlinearity="relu"),
    "gru": nn.GRU,
    "lstm": nn.LSTM,
}
