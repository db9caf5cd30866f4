"""Hidden Markov models: a state that is one of K, a chain from state to state, and a symbol for every state passed.

All of the past that the future depends on is which of the K states the chain is in: at most log₂ K bits.

Source: Rabiner 1989, doi:10.1109/5.18626; his a_ij is `transition`, his b_j(v) `emission`, his π `start`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from copy import copy

import torch
from torch import Tensor

from course_utils.checks import check_number, check_whole
from course_utils.errors import CourseError
from course_utils.interrupts import uninterrupted


def forward_step(alpha: Tensor, transition: Tensor, emission: Tensor) -> Tensor:
    """One step of the forward algorithm: move on along the chain, then see a symbol. Nothing is normalised.

    Source: Rabiner 1989, equation 20.

    Args:
        alpha: (B, K), the probability of the symbols so far and of being in each state.
        transition: (K, K), entry [i, j] is P(next state j | state i).
        emission: (B, K), the probability of this step's symbol in each state.

    Returns:
        (B, K), the same with this symbol.
    """
    return (alpha @ transition) * emission


class HiddenMarkov:
    """A hidden Markov model of sequences of whole numbers, in float64.

    It begins with random probabilities, none more than three times another. With `stay` the chain stays where it is
    with at least this probability, so for 1 / (1 − stay) steps or more: a chain that mixes fast cannot learn what is
    far apart (Bengio & Frasconi 1995, doi:10.1613/jair.233). A probability of 0 stays 0, smoothing or not: with
    stay = 1 this is a mixture of K models of one state.

    Attributes:
        start: (K,), probabilities of the first state.
        transition: (K, K), entry [i, j] is P(next state j | state i).
        emission: (K, V), entry [j, v] is P(symbol v | state j).

    Args:
        states: K.
        symbols: V, size of the alphabet.
        stay: share of the chain that stays where it is at the beginning, from 0 to 1.
        generator: where the random numbers come from. Default: torch's global ones.

    Raises:
        CourseError: sizes below 1, a `stay` out of its bounds.
    """

    def __init__(
        self, states: int, symbols: int, *, stay: float = 0.0, generator: torch.Generator | None = None
    ) -> None:
        states, symbols = check_whole("states", states, 1), check_whole("symbols", symbols, 1)
        stay = check_number("stay", stay, 0, 1)
        self.start = _random_rows(1, states, generator)[0]
        moving = _random_rows(states, states, generator)
        self.transition = (1 - stay) * moving + stay * torch.eye(states, dtype=torch.float64)
        self.emission = _random_rows(states, symbols, generator)

    def log_likelihood(self, symbols: Tensor) -> Tensor:
        """The log probability of each sequence, in nats, summed over all paths of states.

        At every step the forward variables are scaled to sum to 1; the logarithms of the scales add up to the result,
        so that long sequences do not underflow.

        Args:
            symbols: (B, T) whole numbers below V.

        Returns:
            (B,) float64; −inf for a sequence that cannot be.

        Raises:
            CourseError: something else than such sequences.
        """
        scales = [scale for _, scale in self._steps(symbols)]
        return torch.stack(scales).log().sum(dim=0)

    def filtered(self, symbols: Tensor) -> Tensor:
        """How probable each state is after the last symbol, given all symbols.

        Args:
            symbols: (B, T) whole numbers below V.

        Returns:
            (B, K); zeros for a sequence that cannot be.

        Raises:
            CourseError: something else than such sequences.
        """
        alpha = self.start
        for alpha, _ in self._steps(symbols):  # noqa: B007
            pass
        return alpha

    def next_symbol(self, symbols: Tensor) -> Tensor:
        """How probable each symbol is as the next one: the filtered state, a step further.

        Args:
            symbols: (B, T) whole numbers below V.

        Returns:
            (B, V).

        Raises:
            CourseError: something else than such sequences.
        """
        return self.filtered(symbols) @ self.transition @ self.emission

    def fit(
        self, symbols: Tensor, iterations: int = 50, *, smoothing: float = 0.0, tolerance: float = 0.0
    ) -> list[float]:
        """Raise the likelihood of sequences by Baum–Welch, from the probabilities it has now.

        Each iteration counts how often every state, transition and emission is expected in the sequences, and divides
        the counts. Without smoothing the likelihood never falls; it ends in a maximum that need not be the highest.

        Args:
            symbols: (B, T) whole numbers below V.
            iterations: the most iterations.
            smoothing: added to every count whose probability is not 0, so that it does not get to 0.
            tolerance: stop once the mean log likelihood of a sequence gains less than this in an iteration, nats;
                with 0 all iterations are made.

        Returns:
            The mean log likelihood of a sequence before each iteration made, and after the last: one more than the
            iterations.

        Raises:
            CourseError: something else than such sequences, numbers that cannot be meant, or a sequence that the model
                says cannot be. The model is then as it was, and so it is where ■ stops the fit.
        """
        iterations = check_whole("iterations", iterations, 0)
        smoothing, tolerance = check_number("smoothing", smoothing, 0), check_number("tolerance", tolerance, 0)
        learner = copy(self)  # so that a fit that fails or is stopped changes nothing
        history: list[float] = []
        for _ in range(iterations):
            history.append(learner._iterate(symbols, smoothing))
            if tolerance and len(history) > 1 and history[-1] - history[-2] < tolerance:
                break
        history.append(float(learner.log_likelihood(symbols).mean()))
        with uninterrupted():
            vars(self).update(vars(learner))
        return history

    def _iterate(self, symbols: Tensor, smoothing: float) -> float:
        """One iteration of Baum–Welch; returns the mean log likelihood before it."""
        alphas, scales = (torch.stack(steps) for steps in zip(*self._steps(symbols), strict=True))  # (T, B, K), (T, B)
        if not (scales > 0).all():
            raise CourseError("A sequence cannot come from this model at all. Begin again, or fit with smoothing > 0.")
        gammas, moves = self._backward(symbols, alphas, scales)
        seen = torch.zeros_like(self.emission.T)
        seen.index_add_(0, symbols.T.reshape(-1), gammas.flatten(0, 1))  # (V, K)
        self.start = _updated(self.start, gammas[0].sum(dim=0), smoothing)
        self.transition = _updated(self.transition, moves, smoothing)
        self.emission = _updated(self.emission, seen.T, smoothing)
        return float(scales.log().sum(dim=0).mean())

    def _backward(self, symbols: Tensor, alphas: Tensor, scales: Tensor) -> tuple[Tensor, Tensor]:
        """The probability of each state at each step, (T, B, K), and the expected moves, (K, K)."""
        beta, gammas = torch.ones_like(alphas[0]), alphas.clone()
        moves = torch.zeros_like(self.transition)
        by_symbol, now = self.emission.T.contiguous(), symbols.T.contiguous()
        for t in range(len(alphas) - 2, -1, -1):
            later = by_symbol[now[t + 1]] * beta / scales[t + 1, :, None]
            moves += alphas[t].T @ later
            beta = later @ self.transition.T
            gammas[t] *= beta
        return gammas, moves * self.transition

    def _steps(self, symbols: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """After each step the forward variables scaled to sum to 1, (B, K), and what they were divided by, (B,)."""
        self._check(symbols)
        by_symbol = self.emission.T.contiguous()  # (V, K)
        before = self.start.expand(len(symbols), -1)
        for t, now in enumerate(symbols.T.contiguous()):
            alpha = forward_step(before, self.transition, by_symbol[now]) if t else before * by_symbol[now]
            scale = alpha.sum(dim=1)
            before = alpha / scale.clamp(min=torch.finfo(alpha.dtype).tiny)[:, None]
            yield before, scale

    def _check(self, symbols: Tensor) -> None:
        V = self.emission.shape[1]
        if symbols.ndim != 2 or not symbols.numel() or symbols.is_floating_point():
            raise CourseError(
                f"The sequences must be whole numbers (B, T); these are {symbols.dtype}, {tuple(symbols.shape)}."
            )
        if symbols.min() < 0 or symbols.max() >= V:
            raise CourseError(
                f"This model knows the symbols 0 to {V - 1}; the sequences have {int(symbols.min())} to "
                f"{int(symbols.max())}."
            )


def best_fit(
    symbols: Tensor,
    states: int,
    alphabet: int,
    *,
    restarts: int = 1,
    iterations: int = 50,
    smoothing: float = 0.0,
    tolerance: float = 0.0,
    stay: float = 0.0,
    generator: torch.Generator | None = None,
) -> tuple[HiddenMarkov, list[float]]:
    """Of several models, each fitted from a random beginning, the one with the highest likelihood of the sequences.

    Args:
        symbols: (B, T) whole numbers below the alphabet's size.
        states: K.
        alphabet: V.
        restarts: how many beginnings, from 1.
        iterations: of `HiddenMarkov.fit`.
        smoothing: of `HiddenMarkov.fit`.
        tolerance: of `HiddenMarkov.fit`.
        stay: of `HiddenMarkov`.
        generator: where the random numbers come from.

    Returns:
        The model, and what its `fit` returned.

    Raises:
        CourseError: as in `HiddenMarkov` and its `fit`; fewer than one beginning.
    """
    check_whole("restarts", restarts, 1)
    fits = []
    for _ in range(restarts):
        model = HiddenMarkov(states, alphabet, stay=stay, generator=generator)
        history = model.fit(symbols, iterations, smoothing=smoothing, tolerance=tolerance)
        fits.append((model, history))
    return max(fits, key=lambda fit: fit[1][-1])


class HiddenMarkovClassifier:
    """A hidden Markov model for each class: the class is the one whose model finds the sequence most probable.

    With the share of each class in the training sequences as its prior this is Bayes' rule. What is remembered of a
    sequence is one likelihood for each class: not the state of one chain alone.

    Attributes:
        models: one `HiddenMarkov` a class; empty before `fit`.
        log_prior: (C,), ln of the share of each class.
        iterations: how many iterations of Baum–Welch the best fit of each class took, summed over the classes.

    Args:
        states: K, of each model.
        symbols: V.
        classes: C.
        stay: of `HiddenMarkov`.
    """

    def __init__(self, states: int, symbols: int, classes: int, *, stay: float = 0.0) -> None:
        self.states, self.symbols = check_whole("states", states, 1), check_whole("symbols", symbols, 1)
        self.classes, self.stay = check_whole("classes", classes, 1), check_number("stay", stay, 0, 1)
        self.models: list[HiddenMarkov] = []
        self.log_prior = torch.full((classes,), -math.log(classes), dtype=torch.float64)
        self.iterations = 0

    def fit(
        self,
        symbols: Tensor,
        y: Tensor,
        iterations: int = 50,
        *,
        smoothing: float = 0.0,
        tolerance: float = 0.0,
        restarts: int = 1,
        generator: torch.Generator | None = None,
    ) -> None:
        """Fit the model of each class to the sequences of that class.

        Args:
            symbols: (B, T) whole numbers below V.
            y: (B,) classes; each of them must occur.
            iterations: of `HiddenMarkov.fit`.
            smoothing: of `HiddenMarkov.fit`.
            tolerance: of `HiddenMarkov.fit`.
            restarts: of `best_fit`.
            generator: where the random numbers come from.

        Raises:
            CourseError: a class without a sequence, and as in `best_fit`.
        """
        counts = torch.bincount(y, minlength=self.classes)
        if len(counts) != self.classes or not counts.all():
            raise CourseError(f"Each of the {self.classes} classes needs sequences; there are {counts.tolist()}.")
        fits = [
            best_fit(
                symbols[y == label],
                self.states,
                self.symbols,
                restarts=restarts,
                iterations=iterations,
                smoothing=smoothing,
                tolerance=tolerance,
                stay=self.stay,
                generator=generator,
            )
            for label in range(self.classes)
        ]
        with uninterrupted():
            self.log_prior = (counts.double() / len(y)).log()
            self.models = [model for model, _ in fits]
            self.iterations = sum(len(history) - 1 for _, history in fits)

    def log_joint(self, symbols: Tensor) -> Tensor:
        """ln P(sequence, class): the log likelihood of each class's model plus its log prior.

        Args:
            symbols: (B, T) whole numbers below V.

        Returns:
            (B, C) nats.

        Raises:
            CourseError: it was not fitted, and as in `HiddenMarkov.log_likelihood`.
        """
        if not self.models:
            raise CourseError("This classifier has no models yet. Call fit(symbols, y) first.")
        return torch.stack([model.log_likelihood(symbols) for model in self.models], dim=1) + self.log_prior

    def predict(self, symbols: Tensor) -> Tensor:
        """(B, T) → (B,): the class with the highest `log_joint`."""
        return self.log_joint(symbols).argmax(dim=1)


def _random_rows(rows: int, columns: int, generator: torch.Generator | None) -> Tensor:
    return _normalised(0.5 + torch.rand(rows, columns, dtype=torch.float64, generator=generator))


def _updated(old: Tensor, counts: Tensor, smoothing: float) -> Tensor:
    """Probabilities from expected counts; a row without any, of a state that never comes, stays as it was."""
    counts = counts + smoothing * (old > 0)
    return torch.where(counts.sum(dim=-1, keepdim=True) > 0, _normalised(counts), old)


def _normalised(counts: Tensor) -> Tensor:
    """(…, N): rows that sum to 1."""
    return counts / counts.sum(dim=-1, keepdim=True).clamp(min=torch.finfo(counts.dtype).tiny)
