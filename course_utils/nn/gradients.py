"""What decides whether a gradient survives its way back through time, and how it is clipped."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def worst_growth(W: Tensor, t: int) -> float:
    """The largest factor by which applying W t times can stretch any vector: the largest singular value of W^t.

    Args:
        W: (H, H) a matrix.
        t: how many times it is applied, 0 or more.
    """
    return float(torch.linalg.matrix_norm(torch.linalg.matrix_power(W, t), ord=2))


def spectral_radius(W: Tensor) -> float:
    """The largest modulus of an eigenvalue of W: its growth per step in the long run.

    Args:
        W: (H, H) a matrix; its eigenvalues may be complex.
    """
    return float(torch.linalg.eigvals(W).abs().max())


def scaled_to_radius(W: Tensor, radius: float) -> Tensor:
    """W times the number that gives it this spectral radius.

    Args:
        W: (H, H) a matrix whose spectral radius is not 0.
        radius: the spectral radius wanted.

    Returns:
        (H, H)
    """
    own: Tensor = torch.linalg.eigvals(W).abs().max()
    return W * (radius / own)


def non_normality(W: Tensor) -> float:
    """How far W is from a normal matrix, 0 to 1: Henrici's departure, as a share of the norm.

    √(‖W‖² − Σ|λ|²) / ‖W‖ with the Frobenius norm; 0 where the eigenvectors stand at right angles, so that nothing can
    grow faster than the eigenvalues say (Henrici 1962; Trefethen and Embree, *Spectra and Pseudospectra*, 2005).

    Args:
        W: (H, H) a matrix that is not 0.
    """
    whole = float(W.square().sum())
    eigen = float(torch.linalg.eigvals(W).abs().square().sum())
    return math.sqrt(max(whole - eigen, 0.0) / whole)


def recurrent_matrix(size: int, radius: float, departure: float, generator: torch.Generator) -> Tensor:
    """A random matrix with this spectral radius and this non-normality (float64).

    W = Q (D + N) Qᵀ: D diagonal with entries in ± radius, one of them radius itself; N strictly upper triangular; Q a
    random rotation. The eigenvalues are those of D, whatever N is (Schur's form).

    Args:
        size: H.
        radius: the spectral radius, above 0.
        departure: the non-normality, from 0 to below 1.
        generator: draws D, N and Q.

    Returns:
        (H, H)
    """
    if not (size >= 1 and radius > 0 and 0 <= departure < 1):
        raise ValueError(
            f"recurrent_matrix needs size ≥ 1, radius > 0 and 0 ≤ departure < 1; got {size}, {radius}, {departure}."
        )
    D = torch.rand(size, generator=generator, dtype=torch.float64) * 2 - 1
    D = D * radius / D.abs().max()
    N = torch.randn(size, size, generator=generator, dtype=torch.float64).triu(1)
    if size > 1:
        N = N * (departure / math.sqrt(1 - departure**2) * D.norm() / N.norm())
    Q, _ = torch.linalg.qr(torch.randn(size, size, generator=generator, dtype=torch.float64))
    W: Tensor = Q @ (torch.diag(D) + N) @ Q.T
    return W


def step_jacobian(h: Tensor, W_hh: Tensor) -> Tensor:
    """How one step of a tanh network passes a small change of its state on: ∂h_t/∂h_{t−1} = diag(1 − h_t²) W_hh.

    Args:
        h: (H,) the state h_t *after* the step.
        W_hh: (H, H) weights from state to state.

    Returns:
        (H, H): entry [i, j] is ∂h_t[i] / ∂h_{t−1}[j].
    """
    return (1 - h**2)[:, None] * W_hh


def jacobian_product(states: Tensor, W_hh: Tensor) -> Tensor:
    """How a small change of the first state reaches the last: ∂h_T/∂h_0 = J_T … J_2 J_1, one factor a step.

    The product of backpropagation through time (Pascanu, Mikolov and Bengio 2013, section 1.1).

    Args:
        states: (T, H) the states h_1 … h_T of one sequence.
        W_hh: (H, H) weights from state to state.

    Returns:
        (H, H)
    """
    product = torch.eye(W_hh.shape[0], dtype=W_hh.dtype)
    for h in states:
        product = step_jacobian(h, W_hh) @ product
    return product


def derivative_along(w: float, h_0: float, steps: int) -> float:
    """The derivative ∂h_T/∂h_0 of one unit h_t = tanh(w h_{t−1}): the product of w (1 − h_t²) over all steps.

    Args:
        w: the weight of the state.
        h_0: the state at the start.
        steps: T, 0 or more.
    """
    h, derivative = h_0, 1.0
    for _ in range(steps):
        h = math.tanh(w * h)
        derivative *= w * (1 - h**2)
    return derivative


def clip_by_norm(gradient: Tensor, limit: float) -> Tensor:
    """The gradient, scaled down to the norm `limit` where it is longer. It keeps its direction.

    Pascanu, Mikolov and Bengio 2013, algorithm 1; `torch.nn.utils.clip_grad_norm_` does it to a model's gradients.

    Args:
        gradient: (…) a gradient.
        limit: the largest norm allowed, above 0.

    Returns:
        (…) the gradient, clipped.
    """
    norm = gradient.norm()
    return gradient * (limit / norm) if norm > limit else gradient


def clip_by_value(gradient: Tensor, limit: float) -> Tensor:
    """The gradient with each entry cut to ± limit. It may turn.

    Args:
        gradient: (…) a gradient.
        limit: the largest size of an entry, above 0.

    Returns:
        (…) the gradient, clipped.
    """
    return gradient.clamp(-limit, limit)


def angle(a: Tensor, b: Tensor) -> float:
    """The angle between two gradients in degrees, 0 to 180.

    Args:
        a: (…) a gradient that is not 0.
        b: (…) another of the same shape.
    """
    cosine = float((a * b).sum() / (a.norm() * b.norm()))
    return math.degrees(math.acos(max(-1.0, min(1.0, cosine))))
