"""Where a network begins: its first weights as a small object that tables name and experiments share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import torch

from course_utils.checks import check_name
from course_utils.errors import CourseError
from course_utils.nn.initialisation import (
    chrono_,
    default_,
    forget_bias_,
    identity_,
    irnn_,
    orthogonal_,
)
from course_utils.nn.sequence_model import SequenceModel

WEIGHTS = ("as made", "default", "orthogonal", "identity")
Model = TypeVar("Model", bound=SequenceModel)


@dataclass(frozen=True)
class Start:
    """The first weights of a recurrent layer, and the biases that are set after them.

    Attributes:
        label: its name in tables and stored rows.
        weights: "as made" leaves those that the network was made with, which are torch's; "default" draws torch's
            again; "orthogonal"; or "identity", of an RNN only, which for ReLU is the IRNN.
        scale: a factor of the orthogonal or identity matrix.
        input_std: the standard deviation of the input weights beside an identity.
        forget_bias: of an LSTM; None leaves it.
        chrono: biases of an LSTM or GRU for memories up to this many steps, "lag" for as many as `apply` is told;
            None leaves them.

    Raises:
        CourseError: unknown weights.
    """

    label: str
    weights: str = "as made"
    scale: float = 1.0
    input_std: float = 0.001
    forget_bias: float | None = None
    chrono: int | Literal["lag"] | None = None

    def __post_init__(self) -> None:
        check_name("kind of first weights", self.weights, WEIGHTS)

    def apply(self, model: SequenceModel, generator: torch.Generator, lag: int | None = None) -> None:
        """Write these weights into a network's recurrent layer.

        Args:
            model: a network with a recurrent layer.
            generator: where the random numbers come from.
            lag: the longest lag of the task in steps, for `chrono="lag"`; counted as 2 where it is shorter.

        Raises:
            CourseError: a layer that cannot begin so; no lag where one is needed.
        """
        layer: Any = model.core
        self._set_weights(layer, generator)
        if self.forget_bias is not None:
            forget_bias_(layer, self.forget_bias)
        if self.chrono == "lag":
            if lag is None:
                raise CourseError(f"The start {self.label!r} depends on the task's lag. Say it: apply(…, lag=100).")
            chrono_(layer, max(lag, 2), generator)
        elif self.chrono is not None:
            chrono_(layer, self.chrono, generator)

    def _set_weights(self, layer: Any, generator: torch.Generator) -> None:
        match self.weights:
            case "default":
                default_(layer, generator)
            case "orthogonal":
                orthogonal_(layer, generator, gain=self.scale)
            case "identity":
                begin = irnn_ if getattr(layer, "nonlinearity", "tanh") == "relu" else identity_
                begin(layer, generator, scale=self.scale, input_std=self.input_std)

    def network(
        self,
        cell: str,
        input_size: int,
        hidden_size: int,
        output_size: int,
        *,
        seed: int,
        lag: int | None = None,
        kind: type[Model],
    ) -> Model:
        """A new network that begins here; what this start leaves open is drawn as torch draws it.

        Args:
            cell: as in `SequenceModel`.
            input_size: I.
            hidden_size: H.
            output_size: O.
            seed: of all its weights.
            lag: as in `apply`.
            kind: `SequenceModel`, or a class made from it.
        """
        generator = torch.Generator().manual_seed(seed)
        model = kind(cell, input_size, hidden_size, output_size, generator=generator)
        self.apply(model, generator, lag)
        return model


OWN = Start("torch's own")
CHRONO = Start("chrono", chrono="lag")
