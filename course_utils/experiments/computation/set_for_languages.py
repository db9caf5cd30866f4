"""Networks whose weights are set by hand for formal languages: right on every string, until numbers run out.

Whoever fails to learn a task that stands here could have represented it. The layers are torch's, and so are the numbers
in them; gates are driven so far that float32 rounds them to 0 or 1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.data.automata import Automaton
from course_utils.data.formal_languages import LANGUAGES
from course_utils.nn.diagonal import DiagonalRecurrence
from course_utils.nn.sequence_model import SequenceModel

FAR = 40.0  # σ(40) and tanh(40) are 1 in float32 and float64, σ(−40) is 4e-18
HELD = 0.7615941559557649  # tanh(1), what an LSTM puts out of a cell of 1
RECURRENT = ("rnn", "relu_rnn", "gru", "lstm")


def compiled(automaton: Automaton, cell: str) -> SequenceModel:
    """A recurrent network that does what a finite automaton does.

    It has one unit for each state and symbol, which is on where that symbol has just come in that state, and one that
    is on from the first step: before it, the automaton is in state 0.

    Args:
        automaton: S states, A symbols.
        cell: "rnn" (tanh), "relu_rnn", "gru" or "lstm".

    Returns:
        A network of S · A + 1 units, which reads one input for each symbol.
    """
    check_name("cell", cell, RECURRENT)
    S, A = len(automaton.table), automaton.symbols
    H, answers = S * A + 1, max(automaton.answers) + 1
    to = torch.tensor(automaton.table).flatten()  # (S · A,) the state that each unit stands for
    on, off = (1.0, 0.0) if cell == "relu_rnn" else (1.0, -1.0)
    size = on - off
    # in_state @ h: `size` where the automaton is in a state, 0 where it is not; both 0 before the first step
    in_state = torch.zeros(S, H)
    in_state[to, torch.arange(S * A)] = 1.0
    in_state[:, -1] = -off * torch.bincount(to, minlength=S)
    W_x = torch.zeros(H, A)
    W_x[torch.arange(S * A), torch.arange(S * A) % A] = size
    W_h, bias = torch.zeros(H, H), torch.full((H,), -1.5 * size if off else -1.0)
    W_h[:-1] = in_state.repeat_interleave(A, 0)
    W_h[:A, -1] -= size  # state 0, before the first step
    bias[:A] += size
    bias[-1] = 1.0
    readout = torch.zeros(answers, S)
    readout[torch.tensor(automaton.answers), torch.arange(S)] = 1.0
    model = SequenceModel(cell, A, H, answers)
    factor = 1.0 if cell == "relu_rnn" else FAR
    _set_candidate(model, factor * W_x, factor * W_h, factor * bias)
    _set_readout(model, readout @ in_state / (HELD if cell == "lstm" else 1.0), torch.zeros(answers))
    return model


@torch.no_grad()
def _set_candidate(model: SequenceModel, W_x: Tensor, W_h: Tensor, bias: Tensor) -> None:
    """h' = φ(W_x x + W_h h + bias): the gates of an LSTM or GRU are held open or shut so that nothing else is left."""
    core: Any = model.core
    H = core.hidden_size
    for weight in core.parameters():
        weight.zero_()
    rows = {"lstm": slice(2 * H, 3 * H), "gru": slice(2 * H, 3 * H)}.get(model.cell, slice(0, H))
    core.weight_ih_l0[rows] = W_x
    core.weight_hh_l0[rows] = W_h / (HELD if model.cell == "lstm" else 1.0)
    core.bias_ih_l0[rows] = bias
    if model.cell == "lstm":  # input and output gates open, forget gate shut
        core.bias_ih_l0[:H], core.bias_ih_l0[H : 2 * H], core.bias_ih_l0[3 * H :] = FAR, -FAR, FAR
    if model.cell == "gru":  # reset gate open, and nothing kept by the update gate
        core.bias_ih_l0[:H], core.bias_ih_l0[H : 2 * H] = FAR, -FAR


@torch.no_grad()
def _set_readout(model: SequenceModel, weight: Tensor, bias: Tensor) -> None:
    model.readout.weight.copy_(weight)
    model.readout.bias.copy_(bias)


# ---------------------------------------------------------------------------------------------------------------------
# Parity with few units


def parity_units() -> tuple[Tensor, Tensor, Tensor]:
    """The weights of two tanh units that hold the parity of the ones so far; the input is 1 or −1.

    The parity before is p = h₁ − h₂ − 1: 1 for odd, −1 for even; before the first step, where both units are 0, it is
    −1 too. The first unit is on where the input or p is 1, the second where both are. Exactly one is: then p is 1.

    Returns:
        W_x (2,), the weights of the input; W_h (2, 2), those of the units' own states; and the biases (2,).
    """
    #                of h₁     h₂
    W_h = torch.tensor([[FAR, -FAR], [FAR, -FAR]])
    W_x = torch.tensor([FAR, FAR])
    bias = torch.tensor([0.0, -2 * FAR])  # what p's −1 adds, and the threshold of "or", 1, and of "and", −1
    return W_x, W_h, bias


def parity_rnn(weights: tuple[Tensor, Tensor, Tensor] | None = None) -> SequenceModel:
    """Parity by two tanh units; the network reads one input for each of the symbols 0 and 1.

    Args:
        weights: as `parity_units` returns them; default: those of `parity_units`.
    """
    W_x, W_h, bias = weights or parity_units()
    model = SequenceModel("rnn", 2, 2, 2)
    _set_candidate(model, torch.stack([-W_x, W_x], dim=1), W_h, bias)
    _set_readout(model, torch.tensor([[-1.0, 1.0], [1.0, -1.0]]), torch.tensor([1.0, -1.0]))
    return model


def parity_lstm() -> SequenceModel:
    """Parity by one LSTM unit: at a 0 it keeps its cell, at a 1 it writes what it was not.

    The cell is 1 after an odd number of ones and −1 or 0 after an even one.
    """
    model = SequenceModel("lstm", 2, 1, 2)
    with torch.no_grad():
        W_x, W_h, b_x, b_h = model.core.parameters()
        W_x.copy_(
            FAR * torch.tensor([[-1.0, 1.0], [1.0, -1.0], [0.0, 0.0], [0.0, 0.0]])
        )  # input, forget, candidate, output
        W_h.copy_(FAR * torch.tensor([[0.0], [0.0], [-1.0], [0.0]]) / HELD)
        b_x.copy_(FAR * torch.tensor([0.0, 0.0, 0.5, 1.0]))
        b_h.zero_()
    _set_readout(model, torch.tensor([[-1.0], [1.0]]), torch.tensor([HELD / 2, -HELD / 2]))
    return model


def parity_gru() -> SequenceModel:
    """Parity by one GRU unit, in the same way: the update gate keeps at a 0, the candidate is the opposite."""
    model = SequenceModel("gru", 2, 1, 2)
    with torch.no_grad():
        W_x, W_h, b_x, b_h = model.core.parameters()
        W_x.copy_(FAR * torch.tensor([[0.0, 0.0], [1.0, -1.0], [0.0, 0.0]]))  # reset, update, candidate
        W_h.copy_(FAR * torch.tensor([[0.0], [0.0], [-1.0]]))
        b_x.copy_(FAR * torch.tensor([1.0, 0.0, 0.5]))
        b_h.zero_()
    _set_readout(model, torch.tensor([[-1.0], [1.0]]), torch.tensor([0.5, -0.5]))
    return model


def parity_relu() -> SequenceModel:
    """Parity by two ReLU units: x + p, and what of it is beyond 1; p = h₁ − 2 h₂ is 1 for odd and 0 for even."""
    model = SequenceModel("relu_rnn", 2, 2, 2)
    p = torch.tensor([[1.0, -2.0]])
    _set_candidate(model, torch.tensor([[0.0, 1.0], [0.0, 1.0]]), p.repeat(2, 1), torch.tensor([0.0, -1.0]))
    _set_readout(model, torch.cat([-p, p]), torch.tensor([0.5, -0.5]))
    return model


# ---------------------------------------------------------------------------------------------------------------------
# Counting


def counting_unit() -> tuple[Tensor, Tensor]:
    """The weights of one LSTM unit whose cell goes up by 1 at the first symbol and down by 1 at the second.

    All gates stand open; the candidate is 1 or −1. The weights of the unit's own output are 0.

    Returns:
        W_ih (4, 2), whose rows are input gate, forget gate, candidate and output gate, and whose columns are the
        symbols, each an input that is 1 where the symbol stands; and the biases of these rows (4,).
    """
    #                    a     b
    W_ih = torch.tensor([[0.0, 0.0], [0.0, 0.0], [FAR, -FAR], [0.0, 0.0]])
    bias = torch.tensor([FAR, FAR, 0.0, FAR])
    return W_ih, bias


@torch.no_grad()
def counting_lstm(language: str = "aⁿbⁿ", weights: tuple[Tensor, Tensor] | None = None) -> SequenceModel:
    """One LSTM unit that counts, and a read-out of its output.

    Args:
        language: "aⁿbⁿ" or "Dyck-1".
        weights: as `counting_unit` returns them; default: those of `counting_unit`.
    """
    W_ih, bias = (torch.as_tensor(part, dtype=torch.float32) for part in weights or counting_unit())
    model = SequenceModel("lstm", 2, 1, len(LANGUAGES[language].answers))
    for weight in model.core.parameters():
        weight.zero_()
    W_x, _, b_x, _ = model.core.parameters()
    W_x.copy_(W_ih)
    b_x.copy_(bias)
    _set_readout(model, *_read_count(language, HELD))
    return model


def counting_relu(language: str) -> SequenceModel:
    """A ReLU unit that holds one more than the count, so that −1 is told from 0; the other is on from the first step.

    Args:
        language: "aⁿbⁿ" or "Dyck-1".
    """
    model = SequenceModel("relu_rnn", 2, 2, len(LANGUAGES[language].answers))
    W_h = torch.tensor([[1.0, -1.0], [0.0, 0.0]])
    _set_candidate(model, torch.tensor([[1.0, -1.0], [0.0, 0.0]]), W_h, torch.tensor([1.0, 1.0]))
    weight, bias = _read_count(language, 1.0)
    _set_readout(model, torch.cat([weight, torch.zeros_like(weight)], 1), bias - weight[:, 0])
    return model


def _read_count(language: str, one: float) -> tuple[Tensor, Tensor]:
    """Weights and biases that read the answers off a number that is −`one` or less, 0, or `one` or more."""
    if language == "Dyck-1":
        return torch.tensor([[-1.0], [1.0]]), torch.tensor([one / 2, -one / 2])
    return torch.tensor([[1.0], [0.0], [-1.0]]), torch.tensor([-one / 2, 0.0, -one / 2])


@torch.no_grad()
def three_letters_lstm() -> SequenceModel:
    """aⁿbⁿcⁿ by three LSTM units: a's less b's, b's less c's, and whether a c has come; a read-out with ReLU units."""
    model = SequenceModel("lstm", 3, 3, 3)
    for weight in model.core.parameters():
        weight.zero_()
    W_x, _, b_x, _ = model.core.parameters()
    W_x[6:9] = FAR * torch.tensor([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0], [-1.0, -1.0, 1.0]])
    b_x[:6] = b_x[9:] = FAR
    W_x[2] = FAR * torch.tensor([-2.0, -2.0, 0.0])  # the third unit writes at a c …
    W_x[5] = FAR * torch.tensor([0.0, 0.0, -2.0])  # … in place of what it held
    first, then = nn.Linear(3, 4), nn.Linear(4, 3)
    # wrong: more b's than a's; more c's than b's; a c while a's are ahead. right so far: how many c's are to come
    first.weight.copy_(torch.tensor([[-1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [1.0, 0.0, 4.0], [0.0, 1.0, -5.0]]))
    first.bias.copy_(torch.tensor([0.0, 0.0, -4 * HELD - 0.1, 5 * HELD]))
    then.weight.copy_(torch.tensor([[0.0, 0.0, 0.0, 1.0], [0.0] * 4, [20.0, 20.0, 20.0, 0.0]]))
    then.bias.copy_(torch.tensor([0.0, 0.3, 0.0]))
    model.readout = nn.Sequential(first, nn.ReLU(), then)  # type: ignore[assignment]
    return model


# ---------------------------------------------------------------------------------------------------------------------
# Diagonal linear recurrences


@torch.no_grad()
def _diagonal(signed: bool, keep: list[float], write: list[float], readout: tuple[Tensor, Tensor]) -> nn.Sequential:
    """One number of state; what it keeps and what is added at each symbol."""
    layer, linear = DiagonalRecurrence(len(keep), 1, signed=signed), nn.Linear(1, len(readout[0]))
    layer.keep.weight.copy_(FAR * torch.tensor([keep]))
    layer.keep.bias.zero_()
    layer.write.weight.copy_(torch.tensor([write]))
    layer.write.bias.zero_()
    linear.weight.copy_(readout[0])
    linear.bias.copy_(readout[1])
    return nn.Sequential(layer, linear)


def parity_diagonal() -> nn.Sequential:
    """Parity with signed eigenvalues: at a 1 the state h becomes 1 − h, at a 0 it stays."""
    return _diagonal(True, [1.0, -1.0], [0.0, 1.0], (torch.tensor([[-1.0], [1.0]]), torch.tensor([0.5, -0.5])))


def counting_diagonal(language: str, *, signed: bool) -> nn.Sequential:
    """Counting with an eigenvalue that is rounded to 1.

    Args:
        language: "aⁿbⁿ" or "Dyck-1".
        signed: may it be negative?
    """
    return _diagonal(signed, [1.0, 1.0], [1.0, -1.0], _read_count(language, 1.0))


def letter_diagonal(*, signed: bool) -> nn.Sequential:
    """The last letter: at a letter the state is replaced, at a silence it is kept.

    Args:
        signed: may an eigenvalue be negative? With a sign, 2σ(0) − 1 is 0.
    """
    readout = torch.tensor([[1.0], [-1.0], [0.0]]), torch.tensor([0.0, 0.0, 0.5])
    dropped = 0.0 if signed else -1.0
    return _diagonal(signed, [dropped, dropped, 1.0], [1.0, -1.0, 0.0], readout)


# ---------------------------------------------------------------------------------------------------------------------
# A linear recurrence that is not diagonal


def turn_by(angle: float) -> Tensor:
    """The (2, 2) matrix that turns a state.

    Args:
        angle: in radians.
    """
    of = torch.tensor(angle, dtype=torch.float64)
    return torch.stack([of.cos(), -of.sin(), of.sin(), of.cos()]).reshape(2, 2).float()


def third_of_a_turn() -> Tensor:
    """The (2, 2) matrix that three times after each other leads back: h ← R h at each 1 counts the ones modulo 3.

    Its eigenvalues are complex, of size 1 (Grazzi and others 2025, arXiv 2411.12537).
    """
    return turn_by(2 * torch.pi / 3)


# ---------------------------------------------------------------------------------------------------------------------
# All of them

NAMES = {"rnn": "tanh RNN", "relu_rnn": "ReLU RNN", "gru": "GRU", "lstm": "LSTM"}
POSITIVE, SIGNED = "diagonal (0, 1)", "diagonal (−1, 1)"


def set_by_hand() -> dict[tuple[str, str], Callable[[], nn.Module]]:
    """(language, network) → what makes a network that solves it; the pairs that are not here have none in the course.

    That a pair is missing does not say that there is none: of Dyck-2, for one, a stack of bounded depth can be built.
    """
    found: dict[tuple[str, str], Callable[[], nn.Module]] = {}
    for language in ("modular sums", "permutations of three", "last letter"):
        automaton = LANGUAGES[language].automaton
        assert automaton is not None
        for cell, name in NAMES.items():
            found[language, name] = partial(compiled, automaton, cell)
    for name, build in zip(NAMES.values(), (parity_rnn, parity_relu, parity_gru, parity_lstm), strict=True):
        found["parity", name] = build
    found["parity", SIGNED] = parity_diagonal
    for language in ("aⁿbⁿ", "Dyck-1"):
        found[language, "LSTM"] = partial(counting_lstm, language)
        found[language, "ReLU RNN"] = partial(counting_relu, language)
        for name, signed in ((POSITIVE, False), (SIGNED, True)):
            found[language, name] = partial(counting_diagonal, language, signed=signed)
    for name, signed in ((POSITIVE, False), (SIGNED, True)):
        found["last letter", name] = partial(letter_diagonal, signed=signed)
    found["aⁿbⁿcⁿ", "LSTM"] = three_letters_lstm
    return found
