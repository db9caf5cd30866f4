"""How many numbers a network learns."""

from __future__ import annotations

from torch import nn


def parameters_count(model: nn.Module, *, trained_only: bool = False) -> int:
    """How many numbers a network learns, counted in the network itself; a table that is used twice counts once.

    Args:
        model: any module of torch.
        trained_only: True: leave out frozen parameters, which ask for no gradient.

    Returns:
        The number of weights and biases. The closed forms of single layers and cells stand with them, such as
        `nn.cells.lstm_parameter_count`; of a whole recurrent network `nn.sequence_model.parameter_count`.
    """
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad or not trained_only)
