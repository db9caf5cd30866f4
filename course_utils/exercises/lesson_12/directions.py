"""Lesson 12: padding, and both directions put together right."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake


def accuracy_of_tokens(predictions: Tensor, targets: Tensor, lengths: Tensor) -> float:
    """The share of real tokens that got the right tag.

    Args:
        predictions: (B, T) tags that were given.
        targets: (B, T) the right ones.
        lengths: (B,) real tokens of each sentence, 1 to T.

    Returns:
        From 0 to 1.
    """
    real = torch.arange(targets.shape[1]) < lengths[:, None]
    return float((predictions[real] == targets[real]).double().mean())


def padded_tags(generator: torch.Generator) -> list[tuple[Tensor, Tensor, Tensor]]:
    """predictions and targets: (B, T), 0 where there is no token; lengths: (B,)."""
    cases = []
    for lengths, T, K in (((4, 1), 4, 3), ((5, 2, 2), 7, 4), ((3, 6, 1, 2), 6, 3), ((1, 1), 2, 2)):
        real = torch.arange(T) < torch.tensor(lengths)[:, None]
        guesses, right = (torch.randint(0, K, real.shape, generator=generator) * real for _ in range(2))
        right[0, 0], guesses[0, 0] = 1, 0
        right[-1, 0] = guesses[-1, 0] = 1  # at least one right and one wrong
        cases.append((guesses, right, torch.tensor(lengths)))
    right = torch.tensor([[0, 1, 0, 0], [0, 0, 2, 0]])
    cases.append((torch.tensor([[0, 1, 2, 1], [1, 0, 2, 2]]), right, torch.tensor([3, 4])))  # padding tagged as well
    return cases


def sentence_by_sentence(predictions: Tensor, targets: Tensor, lengths: Tensor) -> float:
    """Each sentence counts the same, however short."""
    real = torch.arange(targets.shape[1]) < lengths[:, None]
    return float((((predictions == targets) & real).sum(1) / lengths).mean())


def real_right(predictions: Tensor, targets: Tensor, lengths: Tensor) -> Tensor:
    """How many real tokens have the right tag."""
    return ((predictions == targets) & (torch.arange(targets.shape[1]) < lengths[:, None])).sum()


token_accuracy = FunctionExercise(
    lesson="12",
    name="token_accuracy",
    reference=accuracy_of_tokens,
    cases=padded_tags,
    result="a share from 0 to 1, a scalar tensor or a number",
    variants=(
        lambda predictions, targets, lengths: real_right(predictions, targets, lengths) / lengths.sum(),
        lambda predictions, targets, lengths: (
            (predictions == targets)[torch.arange(targets.shape[1]) < lengths[:, None]].float().mean()
        ),
    ),
    mistakes=(
        Mistake(
            lambda predictions, targets, lengths: float((predictions == targets).double().mean()),
            "Padding is counted as if it were tokens. It is 0 on both sides, so nearly all of it is “right”, and the "
            "score says more about the lengths than about the tagger.",
        ),
        Mistake(
            lambda predictions, targets, lengths: float((predictions == targets)[targets != 0].double().mean()),
            "You leave out the tag 0, which is O here, and with it all tokens outside of spans. What is padding is "
            "known from `lengths` alone.",
        ),
        Mistake(
            lambda predictions, targets, lengths: int(real_right(predictions, targets, lengths)) / targets.numel(),
            "You count what is right among real tokens, and divide by all places. Divide by `lengths.sum()`.",
        ),
        Mistake(
            sentence_by_sentence,
            "Each *sentence* counts the same now, so a token of a short one counts more. Take the mean over all real "
            "tokens.",
        ),
        Mistake(
            lambda predictions, targets, lengths: accuracy_of_tokens(predictions, targets, lengths - 1),
            "The last token of each sentence is missing: a sentence of length 3 has the steps 0, 1 and 2.",
        ),
        Mistake(
            lambda predictions, targets, lengths: accuracy_of_tokens(
                predictions, targets, (lengths + 1).clamp(max=targets.shape[1])
            ),
            "One step too far: a sentence of length 3 has the steps 0, 1 and 2. Is there a `<=` where `<` is meant?",
        ),
        Mistake(
            lambda predictions, targets, lengths: 1 - accuracy_of_tokens(predictions, targets, lengths),
            "That is the share that is *wrong*.",
        ),
    ),
    hints=(
        "Which places are real? `torch.arange(T) < lengths[:, None]` is True there, shape (B, T).",
        "Compare at those places alone: `predictions[real] == targets[real]`.",
        "`return (predictions[real] == targets[real]).float().mean()`",
    ),
)


def turned_within(sequences: Tensor, lengths: Tensor) -> Tensor:
    """Each sequence backwards, its padding still at the end: what the second direction reads.

    Args:
        sequences: (B, T, …), such as embedded words.
        lengths: (B,) real steps of each, 1 to T.

    Returns:
        As `sequences`.
    """
    steps = torch.arange(sequences.shape[1])
    index = torch.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)  # (B, T)
    return torch.stack([row[order] for row, order in zip(sequences, index, strict=True)])


def sequences_and_lengths(generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """sequences: (B, T) or (B, T, I), 0 where there is no step; lengths: (B,)."""
    cases = []
    for lengths, T, sizes in (((4, 2), 4, ()), ((3, 1, 5), 6, (2,)), ((2, 3), 3, (3,)), ((1, 4, 2), 4, ())):
        real = (torch.arange(T) < torch.tensor(lengths)[:, None]).reshape(len(lengths), T, *[1] * len(sizes))
        drawn = torch.randint(1, 9, (len(lengths), T, *sizes), generator=generator).float()
        cases.append((drawn * real, torch.tensor(lengths)))
    filled = torch.tensor([[1.0, 2.0, 7.0, 8.0], [3.0, 4.0, 5.0, 9.0]])  # padding need not be 0
    return [*cases, (filled, torch.tensor([2, 3]))]


def row_by_row(sequences: Tensor, lengths: Tensor) -> Tensor:
    """A right answer with a loop."""
    turned = sequences.clone()
    for index, length in enumerate(lengths.tolist()):
        turned[index, :length] = sequences[index, :length].flip(0)
    return turned


def from_the_second(sequences: Tensor, lengths: Tensor) -> Tensor:
    """The first step is left where it is."""
    turned = sequences.clone()
    for index, length in enumerate(lengths.tolist()):
        turned[index, 1:length] = sequences[index, 1:length].flip(0)
    return turned


def all_but_the_last(sequences: Tensor, lengths: Tensor) -> Tensor:
    """The last step is left where it is."""
    return row_by_row(sequences, lengths - 1)


def padding_gone(sequences: Tensor, lengths: Tensor) -> Tensor:
    """Turned by indices that fall below 0 after the end, and so come round again."""
    index = lengths[:, None] - 1 - torch.arange(sequences.shape[1])
    return torch.stack([row[order] for row, order in zip(sequences, index, strict=True)])


def padding_zeroed(sequences: Tensor, lengths: Tensor) -> Tensor:
    """Turned right, in a tensor of zeros."""
    real = (torch.arange(sequences.shape[1]) < lengths[:, None]).reshape(
        *sequences.shape[:2], *[1] * (sequences.dim() - 2)
    )
    return row_by_row(sequences, lengths) * real


reversed_within = FunctionExercise(
    lesson="12",
    name="reversed_within",
    reference=turned_within,
    cases=sequences_and_lengths,
    result="the sequences backwards, padding at the end, in the shape they came in",
    gradients=True,
    variants=(row_by_row,),
    mistakes=(
        Mistake(
            lambda sequences, lengths: sequences.flip(1),
            "`flip(1)` puts the padding first: the backward direction would read a stretch of zeros before the last "
            "word. Turn each sentence within its own length.",
        ),
        Mistake(
            lambda sequences, lengths: sequences.flip(0),
            "You turned the batch: other sentences, and each still forwards. The steps are axis 1.",
        ),
        Mistake(
            lambda sequences, lengths: sequences.flip(-1),
            "The last axis is not the steps where a step is a vector. The steps are axis 1.",
        ),
        Mistake(
            lambda sequences, lengths: row_by_row(sequences, lengths.max().expand(len(lengths))),
            "You turn each sequence within the *longest* length. Each has its own.",
        ),
        Mistake(from_the_second, "The first step stays where it is. It has to become the last."),
        Mistake(all_but_the_last, "One step too few: the last real step has to become the first."),
        Mistake(
            padding_gone,
            "Each sentence is turned, but its padding as well: after the end, `length - 1 - step` is below 0, and such "
            "an index counts from the end. `torch.where` keeps the step itself there.",
        ),
        Mistake(
            padding_zeroed,
            "Each sentence is turned, but the padding has become 0. It need not be 0: begin with a copy of all.",
        ),
        Mistake(lambda sequences, lengths: sequences, "Nothing is turned: step 0 should be the last real step."),
    ),
    hints=(
        "Step t of a sentence with n tokens comes from step n − 1 − t. After its end nothing moves.",
        "A loop will do: make a copy with `.clone()`, then turn `sequences[i, :n]` with `.flip(0)`.",
        "`for i, n in enumerate(lengths.tolist()): turned[i, :n] = sequences[i, :n].flip(0)`",
    ),
)


def ends_of_both(output: Tensor, lengths: Tensor) -> Tensor:
    """What both directions know when they are through: the state each has after the last step it reads.

    Args:
        output: (B, T, 2H) of a bidirectional layer: at each step the forward state, then the backward state.
        lengths: (B,) real steps of each, 1 to T.

    Returns:
        (B, 2H): the forward state after the last real step, and the backward state after step 0.
    """
    H = output.shape[2] // 2
    forward = output[torch.arange(len(output)), lengths - 1, :H]
    return torch.cat([forward, output[:, 0, H:]], dim=1)


def outputs_and_lengths(generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """output: (B, T, 2H), lengths: (B,)."""
    return [
        (torch.randn(len(lengths), T, 2 * H, generator=generator), torch.tensor(lengths))
        for lengths, T, H in (((3, 1), 3, 2), ((2, 5, 3), 5, 1), ((4, 4), 6, 3), ((1, 2, 2), 3, 4))
    ]


def halves(output: Tensor, forward: Tensor, backward: Tensor) -> Tensor:
    """The forward half of one step and the backward half of another, of each sequence."""
    H, every = output.shape[2] // 2, torch.arange(len(output))
    return torch.cat([output[every, forward, :H], output[every, backward, H:]], dim=1)


both_ends = FunctionExercise(
    lesson="12",
    name="both_ends",
    reference=ends_of_both,
    cases=outputs_and_lengths,
    result="the last forward state and the last backward state, shape (B, 2H)",
    gradients=True,
    variants=(lambda output, lengths: halves(output, lengths - 1, torch.zeros_like(lengths)),),
    mistakes=(
        Mistake(
            lambda output, lengths: output[:, -1],
            "The mistake everyone makes: at step −1 the backward direction has read one step, and here that is "
            "padding for the short ones. It is through at step 0.",
        ),
        Mistake(
            lambda output, lengths: halves(output, lengths - 1, lengths - 1),
            "The forward half is right. But at the last token the backward direction has read *that token alone*. It "
            "has read all of them at step 0.",
        ),
        Mistake(
            lambda output, lengths: halves(output, torch.full_like(lengths, -1), torch.zeros_like(lengths)),
            "The backward half is right. The forward half at step −1 is after the end of the short sentences: take "
            "step `lengths − 1`.",
        ),
        Mistake(
            lambda output, lengths: halves(output, torch.zeros_like(lengths), lengths - 1),
            "The other way round: forward is through at the last token, backward at step 0.",
        ),
        Mistake(
            lambda output, lengths: output[:, 0],
            "At step 0 the *forward* direction has read one token. Take its state after the last real one.",
        ),
        Mistake(
            lambda output, lengths: ends_of_both(output, lengths).roll(output.shape[2] // 2, 1),
            "The halves are exchanged: forward comes first, as in the layer's output.",
        ),
        Mistake(
            lambda output, lengths: halves(output, lengths % output.shape[1], torch.zeros_like(lengths)),
            "One step too far: a sentence of length 3 has the steps 0, 1 and 2.",
        ),
    ),
    hints=(
        "The first H numbers of each step are the forward state, the last H the backward state.",
        "Where has each direction read the whole sentence? Forward at step `lengths − 1`, backward at step 0.",
        "`forward = output[torch.arange(B), lengths - 1, :H]`, then `torch.cat([forward, output[:, 0, H:]], dim=1)`",
    ),
)
