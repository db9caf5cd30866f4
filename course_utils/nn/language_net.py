"""The network of a language model: tokens in, the logits of the next one out, and a state that can be carried on.

B rows of text, T tokens of a window, E numbers of an embedding, H units, V tokens of the vocabulary.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.nn.initialisation import forget_bias_
from course_utils.nn.streams import State

CELLS = ("rnn", "relu", "gru", "lstm")


class LanguageNet(nn.Module):
    """An embedding, recurrent layers, and a read-out at every step.

    The number V is no token that can follow: it stands before the beginning of a text. With as many numbers of an
    embedding as units the read-out uses the embedding's weights (Press & Wolf 2017, arXiv 1608.05859).

    Attributes:
        embed: the table (V + 1, E).
        core: the recurrent layers; the forget biases of an LSTM of one layer begin at 1.
        readout: from H to V; None where the embedding is used.
        bias: (V,) where the embedding is used.

    Args:
        cell: "rnn" (tanh), "relu", "gru" or "lstm".
        vocabulary: V.
        hidden_size: H.
        layers: recurrent layers, one above the other.
        embedding_size: E.
        dropout: of what enters the layers and the read-out.

    Raises:
        CourseError: an unknown cell.
    """

    def __init__(
        self,
        cell: str,
        vocabulary: int,
        hidden_size: int,
        layers: int = 1,
        embedding_size: int = 64,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        check_name("cell", cell, CELLS)
        self.vocabulary = vocabulary
        self.embed = nn.Embedding(vocabulary + 1, embedding_size)
        between = dropout if layers > 1 else 0.0
        options: dict[str, Any] = {"num_layers": layers, "batch_first": True, "dropout": between}
        self.core: nn.RNN | nn.GRU | nn.LSTM
        match cell:
            case "lstm":
                self.core = nn.LSTM(embedding_size, hidden_size, **options)
            case "gru":
                self.core = nn.GRU(embedding_size, hidden_size, **options)
            case _:
                activation = "relu" if cell == "relu" else "tanh"
                self.core = nn.RNN(embedding_size, hidden_size, nonlinearity=activation, **options)
        if isinstance(self.core, nn.LSTM) and layers == 1:
            forget_bias_(self.core, 1.0)
        tied = embedding_size == hidden_size
        self.readout = None if tied else nn.Linear(hidden_size, vocabulary)
        self.bias = nn.Parameter(torch.zeros(vocabulary)) if tied else None
        if tied:
            nn.init.normal_(self.embed.weight, std=hidden_size**-0.5)
        self.drop = nn.Dropout(dropout)

    def forward(self, tokens: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Read a window.

        Args:
            tokens: (B, T) numbers up to V.
            state: after the window before; default: zeros.

        Returns:
            (B, T, V) logits of the token after each, and the state after the last.
        """
        outputs, state = self.read(self.embed(tokens), state)
        return self.logits(outputs), state

    def read(self, embedded: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """(B, T, E) embedded tokens → (B, T, H) the last layer's states, and the state after the last token."""
        outputs, state = self.core(self.drop(embedded), state)
        return outputs, state

    def logits(self, outputs: Tensor) -> Tensor:
        """(…, H) → (…, V)."""
        dropped = self.drop(outputs)
        if self.readout is not None:
            read: Tensor = self.readout(dropped)
            return read
        return nn.functional.linear(dropped, self.embed.weight[:-1], self.bias)
