"""Lesson 08: the GRU step in both forms."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion
from course_utils.exercises.lesson_07.cases import steps_of
from course_utils.nn import cells

sigmoid, tanh = torch.sigmoid, torch.tanh

Combine = Callable[..., Tensor]


def with_parts(combine: Combine) -> Combine:
    """A step made from the parts of input and state, each in torch's order r, z, n, and the old state."""

    def step(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
        from_x, from_h = (x @ W_ih.T + b_ih).chunk(3, dim=-1), (h @ W_hh.T + b_hh).chunk(3, dim=-1)
        return combine(*from_x, *from_h, h)

    return step


def mixed(z: Tensor, n: Tensor, h: Tensor) -> Tensor:
    """torch's mixture: z keeps."""
    return (1 - z) * n + z * h


@with_parts
def z_the_other_way(rx: Tensor, zx: Tensor, nx: Tensor, rh: Tensor, zh: Tensor, nh: Tensor, h: Tensor) -> Tensor:
    """z lets the candidate in."""
    return mixed(1 - sigmoid(zx + zh), tanh(nx + sigmoid(rx + rh) * nh), h)


@with_parts
def r_and_z_exchanged(rx: Tensor, zx: Tensor, nx: Tensor, rh: Tensor, zh: Tensor, nh: Tensor, h: Tensor) -> Tensor:
    """The order z, r, n."""
    return mixed(sigmoid(rx + rh), tanh(nx + sigmoid(zx + zh) * nh), h)


@with_parts
def no_reset(rx: Tensor, zx: Tensor, nx: Tensor, rh: Tensor, zh: Tensor, nh: Tensor, h: Tensor) -> Tensor:
    """The reset gate computed and not used."""
    return mixed(sigmoid(zx + zh), tanh(nx + nh), h)


@with_parts
def reset_of_everything(rx: Tensor, zx: Tensor, nx: Tensor, rh: Tensor, zh: Tensor, nh: Tensor, h: Tensor) -> Tensor:
    """The input's part is reset as well."""
    return mixed(sigmoid(zx + zh), tanh(sigmoid(rx + rh) * (nx + nh)), h)


@with_parts
def sigmoid_candidate(rx: Tensor, zx: Tensor, nx: Tensor, rh: Tensor, zh: Tensor, nh: Tensor, h: Tensor) -> Tensor:
    """The candidate squashed like a gate."""
    return mixed(sigmoid(zx + zh), sigmoid(nx + sigmoid(rx + rh) * nh), h)


@with_parts
def not_mixed(rx: Tensor, zx: Tensor, nx: Tensor, rh: Tensor, zh: Tensor, nh: Tensor, h: Tensor) -> Tensor:
    """z multiplies the old state, the candidate is added whole."""
    return tanh(nx + sigmoid(rx + rh) * nh) + sigmoid(zx + zh) * h


def bias_outside(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """r multiplies W_hn h, and not its bias."""
    rx, zx, nx = (x @ W_ih.T + b_ih).chunk(3, dim=-1)
    rh, zh, nh = (h @ W_hh.T).chunk(3, dim=-1)
    b_r, b_z, b_n = b_hh.chunk(3)
    return mixed(sigmoid(zx + zh + b_z), tanh(nx + sigmoid(rx + rh + b_r) * nh + b_n), h)


def one_bias(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """b_hh forgotten."""
    return cells.gru_step(x, h, W_ih, W_hh, b_ih, torch.zeros_like(b_hh))


def no_biases(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """Both biases forgotten."""
    return cells.gru_step(x, h, W_ih, W_hh, torch.zeros_like(b_ih), torch.zeros_like(b_hh))


@with_parts
def candidate_first(nx: Tensor, rx: Tensor, zx: Tensor, nh: Tensor, rh: Tensor, zh: Tensor, h: Tensor) -> Tensor:
    """The order n, r, z."""
    return mixed(sigmoid(zx + zh), tanh(nx + sigmoid(rx + rh) * nh), h)


@with_parts
def candidate_only(rx: Tensor, zx: Tensor, nx: Tensor, rh: Tensor, zh: Tensor, nh: Tensor, h: Tensor) -> Tensor:
    """The old state left out of the mixture."""
    return (1 - sigmoid(zx + zh)) * tanh(nx + sigmoid(rx + rh) * nh)


@with_parts
def z_in_the_candidate(rx: Tensor, zx: Tensor, nx: Tensor, rh: Tensor, zh: Tensor, nh: Tensor, h: Tensor) -> Tensor:
    """The update gate where the reset gate belongs."""
    z = sigmoid(zx + zh)
    return mixed(z, tanh(nx + z * nh), h)


@with_parts
def squashed_state(rx: Tensor, zx: Tensor, nx: Tensor, rh: Tensor, zh: Tensor, nh: Tensor, h: Tensor) -> Tensor:
    """tanh round the mixture."""
    return tanh(mixed(sigmoid(zx + zh), tanh(nx + sigmoid(rx + rh) * nh), h))


def by_lerp(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """A right answer that mixes with lerp."""
    (rx, zx, nx), (rh, zh, nh) = (x @ W_ih.T + b_ih).chunk(3, -1), (h @ W_hh.T + b_hh).chunk(3, -1)
    return torch.lerp(tanh(nx + sigmoid(rx + rh) * nh), h, sigmoid(zx + zh))


gru_step = FunctionExercise(
    lesson="08",
    reference=cells.gru_step,
    cases=steps_of(3),
    result="the new state, shape (B, H)",
    variants=(by_lerp,),
    gradients=True,
    shape_tip="Both sums have the shape (B, 3·H): `.chunk(3, dim=-1)` cuts each into three of (B, H).",
    mistakes=(
        Mistake(
            z_the_other_way,
            "z and 1 − z are exchanged. In torch z *keeps*: h' = (1 − z) · n + z · h, as in the paper of 2014.",
        ),
        Mistake(r_and_z_exchanged, "Reset and update gate are exchanged: torch's order is reset, update, candidate."),
        Mistake(
            cells.gru_step_before,
            "Your reset gate multiplies h *before* the weights. That is the form of 2014; torch's "
            "multiplies W_hn h + b_hn, after them.",
        ),
        Mistake(no_reset, "The reset gate is not used: in the candidate it multiplies what comes from the state."),
        Mistake(
            reset_of_everything, "The reset gate multiplies what comes from the *state* only, not the input's part."
        ),
        Mistake(sigmoid_candidate, "The candidate goes through tanh (−1 to 1), not through σ."),
        Mistake(
            not_mixed,
            "The candidate enters whole. The update gate mixes: (1 − z) of the candidate, z of the old state.",
        ),
        Mistake(bias_outside, "r multiplies the whole of W_hn h + b_hn in torch, its bias included."),
        Mistake(one_bias, "One bias is missing, b_hh: torch keeps two."),
        Mistake(no_biases, "Both biases are missing: x @ W_ih.T + b_ih, and h @ W_hh.T + b_hh."),
        Mistake(candidate_first, "You took the candidate first: torch's order is reset, update, candidate."),
        Mistake(candidate_only, "The old state is missing from the mixture: + z · h."),
        Mistake(z_in_the_candidate, "In the candidate stands the reset gate r, and you put the update gate z there."),
        Mistake(squashed_state, "No tanh goes round the mixture: only the candidate is squashed."),
    ),
    hints=(
        "Keep the parts of input and state apart: `(x @ W_ih.T + b_ih).chunk(3, dim=-1)`, and the same for h.",
        "r and z are σ of the sums of their two parts. In the candidate r multiplies the state's part alone.",
        "n = tanh(n_x + r · n_h), and the new state is (1 − z) · n + z · h.",
    ),
)


def reset_also_in_the_gates(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """The update gate sees the reset state too."""
    W_r, W_z, W_n = W_hh.chunk(3)
    b_r, b_z, b_n = b_hh.chunk(3)
    rx, zx, nx = (x @ W_ih.T + b_ih).chunk(3, dim=-1)
    r = sigmoid(rx + h @ W_r.T + b_r)
    return mixed(sigmoid(zx + (r * h) @ W_z.T + b_z), tanh(nx + (r * h) @ W_n.T + b_n), h)


def reset_state_kept(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """The mixture keeps the reset state, not the old one."""
    W_r, W_z, W_n = W_hh.chunk(3)
    b_r, b_z, b_n = b_hh.chunk(3)
    rx, zx, nx = (x @ W_ih.T + b_ih).chunk(3, dim=-1)
    r = sigmoid(rx + h @ W_r.T + b_r)
    z = sigmoid(zx + h @ W_z.T + b_z)
    return mixed(z, tanh(nx + (r * h) @ W_n.T + b_n), r * h)


def reset_on_the_bias(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """r before the weights, and on the bias as well."""
    W_r, W_z, W_n = W_hh.chunk(3)
    b_r, b_z, b_n = b_hh.chunk(3)
    rx, zx, nx = (x @ W_ih.T + b_ih).chunk(3, dim=-1)
    r = sigmoid(rx + h @ W_r.T + b_r)
    return mixed(sigmoid(zx + h @ W_z.T + b_z), tanh(nx + (r * h) @ W_n.T + r * b_n), h)


def before_with(combine: Callable[..., Tensor]) -> Combine:
    """A step in the form of 2014 from r, z, the candidate's part of the input, r · h, W_n, b_n and h."""

    def step(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
        W_r, W_z, W_n = W_hh.chunk(3)
        b_r, b_z, b_n = b_hh.chunk(3)
        rx, zx, nx = (x @ W_ih.T + b_ih).chunk(3, dim=-1)
        r, z = sigmoid(rx + h @ W_r.T + b_r), sigmoid(zx + h @ W_z.T + b_z)
        return combine(z, nx, r * h, W_n, b_n, h)

    return step


@before_with
def no_state_bias(z: Tensor, nx: Tensor, reset: Tensor, W_n: Tensor, b_n: Tensor, h: Tensor) -> Tensor:
    """b_n forgotten."""
    return mixed(z, tanh(nx + reset @ W_n.T), h)


@before_with
def z_turned(z: Tensor, nx: Tensor, reset: Tensor, W_n: Tensor, b_n: Tensor, h: Tensor) -> Tensor:
    """z lets the candidate in."""
    return mixed(1 - z, tanh(nx + reset @ W_n.T + b_n), h)


@before_with
def not_transposed(z: Tensor, nx: Tensor, reset: Tensor, W_n: Tensor, b_n: Tensor, h: Tensor) -> Tensor:
    """W_n as it is, not transposed."""
    return mixed(z, tanh(nx + reset @ W_n + b_n), h)


def bias_reset_too(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """r in front of weights and bias: torch's form."""
    return cells.gru_step(x, h, W_ih, W_hh, b_ih, b_hh)


gru_step_before = FunctionExercise(
    lesson="08",
    reference=cells.gru_step_before,
    cases=steps_of(3),
    result="the new state, shape (B, H)",
    gradients=True,
    shape_tip="`W_hh.chunk(3)` gives three matrices (H, H); the state is (B, H), so use their transposes.",
    mistakes=(
        Mistake(
            bias_reset_too,
            "That is torch's form: r multiplies after the weights. Here it multiplies h, before them: (r · h) @ W_n.T.",
        ),
        Mistake(
            reset_on_the_bias,
            "r multiplies h alone here, and not the bias: (r · h) @ W_n.T + b_n.",
        ),
        Mistake(reset_also_in_the_gates, "Only the candidate sees the reset state. The update gate sees h as it is."),
        Mistake(reset_state_kept, "The mixture keeps the old state h, not the reset one."),
        Mistake(no_reset, "The reset gate is not used: the candidate sees r · h in place of h."),
        Mistake(no_state_bias, "The bias of the candidate's state part is missing: (r · h) @ W_n.T + b_n."),
        Mistake(z_turned, "z and 1 − z are exchanged. As in torch's form, z keeps: (1 − z) · n + z · h."),
        Mistake(not_transposed, "W_n stands on the right of the state, transposed: (r · h) @ W_n.T."),
        Mistake(
            r_and_z_exchanged,
            "Reset and update gate are exchanged, and the reset comes after the weights. The order is "
            "reset, update, candidate.",
        ),
    ),
    variants=(lambda *a: cells.gru_step_before(*a) + 0.0,),
    hints=(
        "Only the candidate changes. Which matrix multiplies r · h?",
        "`W_r, W_z, W_n = W_hh.chunk(3)` and `b_r, b_z, b_n = b_hh.chunk(3)`.",
        "n = tanh(n_x + (r * h) @ W_n.T + b_n); the gates and the mixture stay as they were.",
    ),
)

keeps = ChoiceQuestion(
    lesson="08",
    name="keeps",
    question=(
        "A torch GRU of one unit: its state is 1, the candidate is 0, and the bias of its update gate is 6, so the "
        "gate is near 1. What is left of the state after ten steps?"
    ),
    choices=("hardly anything: it is updated at every step", "about half of it", "nearly all of it"),
    answer="nearly all of it",
    says={
        "hardly anything: it is updated at every step": (
            "The name suggests that, and some texts write the formula that way. In torch the gate keeps the old state."
        ),
        "about half of it": "The gate is σ(6) = 0.998, and 0.998 to the power of ten is 0.98.",
    },
    why="In torch the update gate multiplies the *old* state. The name says update; the formula says keep.",
)
