"""Lesson 13: a text in parallel rows, windows and their targets, and a state that is carried without its graph."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion
from course_utils.nn import streams


def tokens_and_rows(generator: torch.Generator) -> list[tuple[Tensor, int]]:
    """Tokens that fit into rows, and tokens of which some are left over."""
    return [
        (torch.randperm(N, generator=generator), rows)
        for N, rows in ((6, 2), (7, 2), (12, 3), (14, 4), (5, 1), (11, 5))
    ]


def by_unfold(tokens: Tensor, rows: int) -> Tensor:
    """A right answer by stretches."""
    length = len(tokens) // rows
    return torch.stack([tokens[row * length : (row + 1) * length] for row in range(rows)])


def rows_in_turn(tokens: Tensor, rows: int) -> Tensor:
    """Each token to the next row, as cards are dealt."""
    length = len(tokens) // rows
    return tokens[: rows * length].view(length, rows).T


def left_over_at_the_beginning(tokens: Tensor, rows: int) -> Tensor:
    """The last ones are kept."""
    length = len(tokens) // rows
    return tokens[len(tokens) - rows * length :].view(rows, length)


def columns_as_rows(tokens: Tensor, rows: int) -> Tensor:
    """Rows and their length exchanged."""
    length = len(tokens) // rows
    return tokens[: rows * length].view(length, rows)


def transposed(tokens: Tensor, rows: int) -> Tensor:
    """Time first."""
    length = len(tokens) // rows
    return tokens[: rows * length].view(rows, length).T


parallel_rows = FunctionExercise(
    lesson="13",
    reference=streams.parallel_rows,
    cases=tokens_and_rows,
    result="the rows, shape (B, N // B)",
    variants=(by_unfold,),
    mistakes=(
        Mistake(
            rows_in_turn,
            "You deal the tokens out like cards, so neighbours in the text stand in different rows. Each row must be "
            "one stretch of the text.",
        ),
        Mistake(
            columns_as_rows,
            "That has shape (N // B, B): short rows, many of them. B is the number of rows.",
        ),
        Mistake(
            left_over_at_the_beginning,
            "You dropped the first tokens. Drop what is left over at the end.",
        ),
        Mistake(transposed, "Time runs along the second axis: (B, N // B). Leave the `.T` out."),
        Mistake(
            lambda tokens, rows: tokens.view(rows, -1),
            "This fails where the tokens do not fill the rows. Drop what is left over first.",
        ),
        Mistake(
            lambda tokens, rows: torch.stack([tokens[: len(tokens) // rows]] * rows),
            "Every row holds the beginning of the text. Row b goes on where row b − 1 ends.",
        ),
    ),
    hints=(
        "How long is each row? `N // B`. What is left over, if anything?",
        "Cut the text to `rows * length` tokens; then `view` puts stretch under stretch.",
        "`length = len(tokens) // rows; return tokens[: rows * length].view(rows, length)`.",
    ),
)


def rows_and_start(generator: torch.Generator) -> list[tuple[Tensor, int, int]]:
    """rows, start, seq_len: in the middle, at the beginning, up to the very end, and over it."""
    return [
        (torch.randint(50, (B, L), generator=generator), start, T)
        for B, L, start, T in ((2, 9, 0, 3), (2, 9, 3, 3), (1, 6, 2, 3), (3, 8, 4, 6), (2, 7, 5, 4), (2, 10, 1, 8))
    ]


def not_shifted(rows: Tensor, start: int, seq_len: int) -> tuple[Tensor, Tensor]:
    """The target is the token itself."""
    inputs = streams.window_at(rows, start, seq_len)[0]
    return inputs, inputs


def next_window(rows: Tensor, start: int, seq_len: int) -> tuple[Tensor, Tensor]:
    """The target is the token a window later."""
    return rows[:, start : start + seq_len], rows[:, start + seq_len : start + 2 * seq_len]


def token_before(rows: Tensor, start: int, seq_len: int) -> tuple[Tensor, Tensor]:
    """Shifted the other way."""
    inputs, targets = streams.window_at(rows, start, seq_len)
    return targets, inputs


def last_target(rows: Tensor, start: int, seq_len: int) -> tuple[Tensor, Tensor]:
    """One target a window."""
    inputs, targets = streams.window_at(rows, start, seq_len)
    return inputs, targets[:, -1:]


def end_forgotten(rows: Tensor, start: int, seq_len: int) -> tuple[Tensor, Tensor]:
    """At the end there is one input more than targets."""
    return rows[:, start : start + seq_len], rows[:, start + 1 : start + seq_len + 1]


def shortened(rows: Tensor, start: int, seq_len: int) -> tuple[Tensor, Tensor]:
    """The window cut first and shifted inside, so that a token is lost at each window's end."""
    window = rows[:, start : start + seq_len]
    return window[:, :-1], window[:, 1:]


def by_shifting_first(rows: Tensor, start: int, seq_len: int) -> tuple[Tensor, Tensor]:
    """A right answer: inputs and targets as two texts."""
    inputs, targets = rows[:, :-1], rows[:, 1:]
    return inputs[:, start : start + seq_len], targets[:, start : start + seq_len]


window_at = FunctionExercise(
    lesson="13",
    reference=streams.window_at,
    cases=rows_and_start,
    result="two tensors of the same shape, (B, T), at the end of the rows (B, T′) with T′ < T: inputs and targets",
    variants=(by_shifting_first,),
    mistakes=(
        Mistake(
            not_shifted,
            "The targets are the inputs themselves: to copy is enough, and the loss falls to 0. The target of a token "
            "is the one after it.",
        ),
        Mistake(token_before, "Shifted the wrong way: it is asked for the token *before*. Targets lie one further on."),
        Mistake(
            next_window,
            "Shifted by a whole window. The target of each token is the very next one: one place further on.",
        ),
        Mistake(
            last_target,
            "One target a window. Every token of it has one that follows: predict them all.",
        ),
        Mistake(
            end_forgotten,
            "At the end of the rows there is one input more than targets: the last token has none that follows. Stop "
            "the inputs at L − 1.",
        ),
        Mistake(
            shortened,
            "You cut the window and shift inside it: it has T − 1 pairs, and the token at each border is never "
            "predicted.",
        ),
        Mistake(
            lambda rows, start, seq_len: streams.window_at(rows, start * seq_len, seq_len),
            "`start` is a place in the rows, not the number of the window: do not multiply.",
        ),
    ),
    hints=(
        "If the input is “In the begin”, which letters are asked for, one for each?",
        "Inputs from `start`, targets from `start + 1`, both T long. What at the end of the rows?",
        "`end = min(start + seq_len, rows.shape[1] - 1)`; return `rows[:, start:end], rows[:, start + 1 : end + 1]`.",
    ),
)


def weight_and_inputs(generator: torch.Generator) -> list[tuple[Tensor, Tensor, int]]:
    """w, x, seq_len: windows that fit, a shorter last one, one window over all, and windows of one step."""
    return [
        (torch.tensor(w), torch.randn(B, T, generator=generator), seq_len)
        for w, B, T, seq_len in ((0.9, 1, 4, 2), (0.7, 2, 5, 2), (1.3, 2, 6, 3), (-0.8, 1, 4, 4), (0.9, 3, 4, 1))
    ]


def with_states(w: Tensor, x: Tensor, seq_len: int, kind: str) -> Tensor:
    """As the reference, with a mistake: "kept" graph, state of "zeros" in each window, graph cut at each "step"."""
    w = w.detach().requires_grad_()
    h, losses = torch.zeros_like(x[:, 0]), []
    for window in x.split(seq_len, dim=1):
        loss = torch.zeros_like(w)
        h = torch.zeros_like(h) if kind == "zeros" else h if kind == "kept" else h.detach()
        for x_t in window.unbind(dim=1):
            h = torch.tanh(w * (h.detach() if kind == "step" else h) + x_t)
            loss = loss + (h**2).sum()
        losses.append(loss)
    if kind == "last":
        losses = losses[-1:]
    return torch.autograd.grad(torch.stack(losses).sum(), w)[0]


def by_hand(w: Tensor, x: Tensor, seq_len: int) -> Tensor:
    """A right answer without autograd: dh/dw along the window, from 0 at its beginning."""
    h, slope, gradient = torch.zeros_like(x[:, 0]), torch.zeros_like(x[:, 0]), torch.zeros_like(w)
    for t, x_t in enumerate(x.unbind(dim=1)):
        slope = torch.zeros_like(h) if t % seq_len == 0 else slope
        new = torch.tanh(w * h + x_t)
        slope = (1 - new**2) * (h + w * slope)
        gradient = gradient + (2 * new * slope).sum()
        h = new
    return gradient


def kept_graph(w: Tensor, x: Tensor, seq_len: int) -> Tensor:
    """The state is not detached, and each window's backward is called: torch refuses the second."""
    w = w.detach().requires_grad_()
    h, gradient = torch.zeros_like(x[:, 0]), torch.zeros_like(w)
    for window in x.split(seq_len, dim=1):
        loss = torch.zeros_like(w)
        for x_t in window.unbind(dim=1):
            h = torch.tanh(w * h + x_t)
            loss = loss + (h**2).sum()
        gradient = gradient + torch.autograd.grad(loss, w)[0]
    return gradient


truncated_gradient = FunctionExercise(
    lesson="13",
    reference=streams.truncated_gradient,
    cases=weight_and_inputs,
    result="the gradient in w, shape ()",
    variants=(by_hand,),
    mistakes=(
        Mistake(
            kept_graph,
            "torch says that it cannot go back through the graph a second time: the state still carries the graph of "
            "the window before. Cut it off at the beginning of each window: `h = h.detach()`.",
        ),
        Mistake(
            lambda w, x, seq_len: with_states(w, x, seq_len, "kept"),
            "The graph is kept (`retain_graph=True`, or one loss for all): each window's gradient goes back to the "
            "very beginning of the text, and gets slower with each window. Detach the state between windows.",
        ),
        Mistake(
            lambda w, x, seq_len: with_states(w, x, seq_len, "zeros"),
            "Each window begins with a state of zeros: what came before it is forgotten. Keep the numbers, and cut "
            "only the graph: `h = h.detach()`.",
        ),
        Mistake(
            lambda w, x, seq_len: with_states(w, x, seq_len, "step"),
            "You detach at every step, so no gradient passes through the state at all. Detach once for each window.",
        ),
        Mistake(
            lambda w, x, seq_len: with_states(w, x, seq_len, "last"),
            "That is the gradient of the last window. Add up those of all windows.",
        ),
        Mistake(
            lambda w, x, seq_len: streams.truncated_gradient(w, x, seq_len) / x.numel(),
            "The loss is the sum of all h², not their mean.",
        ),
    ),
    hints=(
        "Two loops: over the windows, `x.split(seq_len, dim=1)`, and over the steps of each, `window.unbind(dim=1)`.",
        "At the beginning of each window `h = h.detach()`; at its end add `torch.autograd.grad(loss, w)[0]`.",
        "w = w.detach().requires_grad_(); h of zeros. For each window: detach h; loss 0; for each x_t: h = "
        "torch.tanh(w * h + x_t), loss + (h**2).sum(); add the gradient.",
    ),
)

shuffled_windows = ChoiceQuestion(
    lesson="13",
    name="shuffled_windows",
    question="The windows of a text go through `DataLoader(shuffle=True)`, and the state is carried from batch to "
    "batch. What does the network get?",
    choices=(
        "the state of the text before its window",
        "the state of a place that has nothing to do with its window",
        "a state of zeros",
    ),
    answer="the state of a place that has nothing to do with its window",
    says={
        "the state of the text before its window": "That is so only where the windows come in their order.",
        "a state of zeros": "Nothing sets it to zero: it is what the last batch left, wherever that was in the text.",
    },
    why="No error is raised: the network is trained with states that belong to other places of the text.",
    prediction=False,
)

fewest_bits = ChoiceQuestion(
    lesson="13",
    name="fewest_bits",
    question="Four recurrent networks of equal size, 1,000 steps each: which needs the fewest bits per character?",
    choices=("the RNN with tanh", "the RNN with ReLU", "the GRU", "the LSTM"),
    answer="the RNN with ReLU",
    says={
        "the RNN with tanh": "It is ahead of the LSTM, and behind the RNN with ReLU.",
        "the GRU": "The RNN with ReLU is ahead of it with every seed.",
        "the LSTM": "Both RNNs are ahead of it with every seed.",
    },
    why="With as many weights it has twice as many units as the LSTM. Whether that is the reason we did not test.",
)
