"""Echo state networks: the recurrent weights are drawn once and never trained; only a linear read-out is fitted.

The read-out has a closed form, so there is no gradient, no rate and no epoch. Any recurrent layer can be the reservoir:
`EchoState` is the classic one, of tanh units, and `Untrained` takes one of torch's, an `nn.LSTM` say.

Sources: Jaeger 2001 (GMD report 148); Lukoševičius 2012, doi:10.1007/978-3-642-35289-8_36.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from course_utils.checks import check_number
from course_utils.errors import CourseError
from course_utils.nn.gradients import scaled_to_radius, spectral_radius

CHUNK = 500  # sequences whose states are held at once while the read-out is fitted


def ridge_readout(states: Tensor, targets: Tensor, penalty: float) -> Tensor:
    """The linear read-out with the smallest squared error plus penalty on its size: argmin ‖S W − Y‖² + penalty ‖W‖².

    Where the gradient is zero, (SᵀS + penalty · I) W = SᵀY. This is solved in float64. The error is summed over the
    rows, not averaged; every weight is penalised, that of a column of ones as well.

    Source: Hoerl & Kennard 1970, doi:10.1080/00401706.1970.10488634.

    Args:
        states: S, (N, H), one state a row.
        targets: Y, (N, O).
        penalty: from 0.

    Returns:
        W, (H, O), of the type of the states.

    Raises:
        CourseError: shapes that do not fit, a penalty below 0, or a penalty of 0 where more than one W is best.
    """
    if states.ndim != 2 or targets.ndim != 2 or len(states) != len(targets):
        raise CourseError(
            f"The read-out needs states (N, H) and targets (N, O), with as many rows; these are {tuple(states.shape)} "
            f"and {tuple(targets.shape)}."
        )
    check_number("penalty", penalty, 0)
    S, Y = states.double(), targets.double()
    if penalty == 0 and torch.linalg.matrix_rank(S) < S.shape[1]:
        raise CourseError("Without a penalty more than one read-out is best here. Take a penalty above 0.")
    W: Tensor = torch.linalg.solve(S.T @ S + penalty * torch.eye(S.shape[1]).to(S), S.T @ Y)
    return W.to(states.dtype)


class Reservoir(nn.Module):
    """A recurrent layer that stays as it is, and a linear read-out of its state and a constant 1, fitted by ridge.

    Attributes:
        readout: (H + 1, O), the last row belongs to the constant; None until `fit_readout`.
    """

    readout: Tensor | None

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("readout", None)

    def states(self, x: Tensor) -> Tensor:
        """(B, T, I) → (B, T, H), from a state of zeros. Each kind of reservoir has its own."""
        raise NotImplementedError

    @torch.no_grad()
    def fit_readout(self, x: Tensor, y: Tensor, penalty: float) -> None:
        """Fit the read-out of the last state; nothing else changes.

        Args:
            x: (B, T, I) training sequences.
            y: (B, O) what should come out: one-hot classes, or values.
            penalty: of `ridge_readout`.

        Raises:
            CourseError: as in `ridge_readout`.
        """
        last = torch.cat([self.states(some)[:, -1] for some in x.split(CHUNK)])
        self.readout = ridge_readout(_with_constant(last), y, penalty)

    def forward(self, x: Tensor) -> Tensor:
        """An output at every step, by the read-out that was fitted on last states.

        Args:
            x: (B, T, I).

        Returns:
            (B, T, O).

        Raises:
            CourseError: the read-out was not fitted yet.
        """
        if self.readout is None:
            raise CourseError("This reservoir has no read-out yet. Call fit_readout(x, y, penalty) first.")
        return _with_constant(self.states(x)) @ self.readout


class EchoState(Reservoir):
    """The classic reservoir: h_t = (1 − leak) h_{t−1} + leak · tanh(W_ih x_t + W_hh h_{t−1} + b).

    W_ih and b are uniform on ± input_scale. W_hh is normal, with only a share of its entries other than 0, and scaled
    to its spectral radius. A leak below 1 makes slow units: of its old state each keeps 1 − leak a step.

    Args:
        input_size: I.
        hidden_size: H, units.
        radius: spectral radius of W_hh.
        input_scale: bound of the input weights and biases.
        leak: share of a state that is new at every step, above 0 and at most 1.
        density: share of the entries of W_hh that are not 0, above 0 and at most 1.
        generator: where the weights are drawn from. Default: torch's global random numbers.

    Raises:
        CourseError: numbers out of these bounds, or so sparse a W_hh that all its eigenvalues are 0.
    """

    W_ih: Tensor
    W_hh: Tensor
    b: Tensor

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        radius: float = 0.9,
        input_scale: float = 1.0,
        leak: float = 1.0,
        density: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        checked = {"radius": (radius, None), "input_scale": (input_scale, None), "leak": (leak, 1.0)}
        for name, (number, most) in {**checked, "density": (density, 1.0)}.items():
            check_number(name, number, 0, most)
        if not leak or not density:
            raise CourseError(f"leak and density must be above 0; they are {leak!r} and {density!r}.")
        self.leak = leak
        inward = input_scale * (2 * torch.rand(hidden_size, input_size + 1, generator=generator) - 1)
        W_hh = torch.randn(hidden_size, hidden_size, generator=generator)
        W_hh = W_hh * (torch.rand(hidden_size, hidden_size, generator=generator) < density)
        self.register_buffer("W_ih", inward[:, 1:].contiguous())
        self.register_buffer("b", inward[:, 0].contiguous())
        if spectral_radius(W_hh) == 0:
            raise CourseError("All eigenvalues of W_hh are 0, and no factor changes that. Take a larger density.")
        self.register_buffer("W_hh", scaled_to_radius(W_hh, radius))

    def states(self, x: Tensor, state: Tensor | None = None) -> Tensor:
        """The reservoir at every step.

        Args:
            x: (B, T, I).
            state: (B, H) before the first step. Default: zeros.

        Returns:
            (B, T, H).
        """
        inward = x @ self.W_ih.T + self.b  # (B, T, H), for all steps at once
        h = inward.new_zeros(len(x), len(self.b)) if state is None else state
        states = []
        for u in inward.unbind(dim=1):
            h = (1 - self.leak) * h + self.leak * torch.tanh(u + h @ self.W_hh.T)
            states.append(h)
        return torch.stack(states, dim=1)


class Untrained(Reservoir):
    """Any recurrent layer of torch's as the reservoir: an LSTM that is not trained, with a read-out that is fitted.

    Args:
        layer: an `nn.RNN`, `nn.GRU` or `nn.LSTM` with batch_first=True. It is kept, not copied; its weights are frozen.

    Raises:
        CourseError: something else, or a layer whose first axis is time.
    """

    def __init__(self, layer: nn.RNNBase) -> None:
        super().__init__()
        if not isinstance(layer, nn.RNNBase) or not layer.batch_first:
            raise CourseError(
                f"The reservoir must be an nn.RNN, nn.GRU or nn.LSTM with batch_first=True; it is {layer!r}."
            )
        self.layer = layer.requires_grad_(False)

    def states(self, x: Tensor) -> Tensor:
        """(B, T, I) → (B, T, H), from a state of zeros; of an LSTM the states h."""
        states: Tensor = self.layer(x)[0]
        return states


def _with_constant(states: Tensor) -> Tensor:
    """(…, H) → (…, H + 1): a 1 at the end."""
    return torch.cat([states, torch.ones_like(states[..., :1])], dim=-1)
