"""Exercises of lesson 14: masks, teacher forcing, two kinds of attention, greedy and beam search, and BLEU by hand."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from course_utils import metrics
from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion
from course_utils.nn import attention

Step = Callable[[list[int]], Tensor]

# ---------------------------------------------------------------------------------------------------------------------
# Cases


def lengths_and_longest(generator: torch.Generator) -> list[tuple[Tensor, int]]:
    """lengths: (B,), longest: T."""
    return [
        (torch.tensor([3, 1, 2]), 3),
        (torch.tensor([5, 2]), 7),
        (torch.randint(1, 9, (6,), generator=generator), 8),
    ]


def targets_and_start(generator: torch.Generator) -> list[tuple[Tensor, int]]:
    """targets: (B, U), start: a token."""
    return [
        (torch.tensor([[5, 6, 7, 2]]), 1),
        (torch.randint(3, 9, (3, 5), generator=generator), 1),
        (torch.randint(3, 9, (2, 4), generator=generator), 2),
    ]


def padded_logits(generator: torch.Generator) -> list[tuple[Tensor, Tensor, int]]:
    """logits: (B, U, V), targets: (B, U) with padding at their ends, pad: 0."""
    cases = []
    for lengths, V in (((3, 1), 4), ((4, 2, 1), 6), ((2, 2), 3)):
        longest = max(lengths) + (1 if len(set(lengths)) == 1 else 0)
        targets = torch.zeros(len(lengths), longest, dtype=torch.long)
        for row, length in enumerate(lengths):
            targets[row, :length] = torch.randint(1, V, (length,), generator=generator)
        cases.append((torch.randn(len(lengths), longest, V, generator=generator), targets, 0))
    return cases


def queries_and_keys(generator: torch.Generator) -> list[tuple[Tensor, ...]]:
    """queries: (B, U, H), keys: (B, T, H), W_q, W_k: (A, H), v: (A,)."""
    sizes = ((1, 2, 3, 2, 2), (2, 3, 4, 5, 5), (3, 2, 2, 4, 4))
    return [
        (
            torch.randn(B, U, H, generator=generator),
            torch.randn(B, T, H, generator=generator),
            torch.randn(A, H, generator=generator),
            torch.randn(A, H, generator=generator),
            torch.randn(A, generator=generator),
        )
        for B, U, T, H, A in sizes
    ]


def queries_keys_and_matrix(generator: torch.Generator) -> list[tuple[Tensor, Tensor, Tensor]]:
    """queries: (B, U, H), keys: (B, T, H), W: (H, H)."""
    return [
        (
            torch.randn(B, U, H, generator=generator),
            torch.randn(B, T, H, generator=generator),
            torch.randn(H, H, generator=generator),
        )
        for B, U, T, H in ((1, 2, 3, 2), (2, 3, 4, 5), (3, 2, 2, 4))
    ]


def scores_values_and_mask(generator: torch.Generator) -> list[tuple[Tensor, Tensor, Tensor]]:
    """scores: (B, U, T), values: (B, T, H), mask: (B, T)."""
    cases = []
    for lengths, U, H in (((2, 4), 3, 2), ((3, 1, 2), 3, 4), ((5, 3), 2, 2)):
        T, B = max(lengths), len(lengths)
        mask = torch.arange(T)[None] < torch.tensor(lengths)[:, None]
        scores, values = torch.randn(B, U, T, generator=generator), torch.randn(B, T, H, generator=generator)
        cases.append((scores, values, mask))
    return cases


SENTENCES = (
    ("the cat sat on the mat", "the cat is on the mat"),
    ("the the the the", "the cat is here"),
    ("on the mat", "the cat is on the mat"),
    ("a b a b a b", "a b a b c d e"),
)


def tokens_and_order(generator: torch.Generator) -> list[tuple[list[str], list[str], int]]:
    """hypothesis and reference as words, n from 1 to 3."""
    return [(said.split(), right.split(), n) for said, right in SENTENCES for n in (1, 2, 3)]


def random_step(generator: torch.Generator, vocabulary: int, tempting: bool = False) -> Step:
    """Log probabilities that depend on all that was said. Token 0 begins, token 1 ends."""
    table = torch.randn(101, vocabulary, generator=generator) * 2.0
    table[:, 0] = -20.0
    if tempting:
        table[:, 1] -= 2.0
    log_probabilities = table.log_softmax(dim=-1)

    def step(prefix: list[int]) -> Tensor:
        place = 0
        for token in prefix:
            place = (7 * place + token + 1) % 101
        return log_probabilities[place]

    return step


def steps_to_decode(generator: torch.Generator) -> list[tuple[Step, int, int, int]]:
    """step, start 0, end 1, longest."""
    return [(random_step(generator, 5, tempting=n % 2 == 0), 0, 1, 4 + n) for n in range(6)]


def steps_to_search(generator: torch.Generator) -> list[tuple[Step, int, int, int, int]]:
    """step, start 0, end 1, beam 3 or 2, longest."""
    return [(random_step(generator, 6, tempting=n % 2 == 0), 0, 1, 2 + n % 3, 3 + n % 4) for n in range(12)]


# ---------------------------------------------------------------------------------------------------------------------
# What people write


def mean_over_everything(logits: Tensor, targets: Tensor, pad: int = 0) -> Tensor:
    """Padding counted as a word to be said."""
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


def divided_by_all_places(logits: Tensor, targets: Tensor, pad: int = 0) -> Tensor:
    """Padding costs nothing, and is counted all the same."""
    each = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return (each * (targets.flatten() != pad)).mean()


def summed(logits: Tensor, targets: Tensor, pad: int = 0) -> Tensor:
    """Sum over the real tokens."""
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=pad, reduction="sum")


def mean_of_means(logits: Tensor, targets: Tensor, pad: int = 0) -> Tensor:
    """Every sentence counts the same, however short."""
    each = [
        torch.nn.functional.cross_entropy(row, right, ignore_index=pad)
        for row, right in zip(logits, targets, strict=True)
    ]
    return torch.stack(each).mean()


def masked_to_zero(scores: Tensor, values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """A score of 0 is not a weight of 0."""
    weights = scores.masked_fill(~mask[:, None], 0.0).softmax(dim=-1)
    return weights @ values, weights


def masked_too_late(scores: Tensor, values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Weights set to 0 after the softmax: what is left does not sum to 1."""
    weights = scores.softmax(dim=-1) * mask[:, None]
    return weights @ values, weights


def without_mask(scores: Tensor, values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Padding gets weight."""
    weights = scores.softmax(dim=-1)
    return weights @ values, weights


def mask_the_wrong_way(scores: Tensor, values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Only padding gets weight."""
    weights = scores.masked_fill(mask[:, None], -torch.inf).softmax(dim=-1)
    return weights @ values, weights


def over_the_queries(scores: Tensor, values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Softmax along the target."""
    weights = scores.masked_fill(~mask[:, None], -torch.inf).softmax(dim=1).nan_to_num()
    return weights @ values, weights


def divided_again(scores: Tensor, values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """A right answer: masked after the softmax, and divided by what is left."""
    weights = scores.softmax(dim=-1) * mask[:, None]
    weights = weights / weights.sum(dim=-1, keepdim=True)
    return weights @ values, weights


def weights_alone(scores: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    """The contexts forgotten."""
    return attention.attend(scores, values, mask)[1]


def ngrams(tokens: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    """How often each run of n tokens occurs."""
    return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))


def not_clipped(hypothesis: Sequence[str], reference: Sequence[str], n: int) -> float:
    """Each n-gram of the hypothesis counts if it is in the reference at all."""
    said, right = ngrams(hypothesis, n), ngrams(reference, n)
    return sum(count for gram, count in said.items() if gram in right) / max(sum(said.values()), 1)


def recall_instead(hypothesis: Sequence[str], reference: Sequence[str], n: int) -> float:
    """Divided by the reference's n-grams."""
    said, right = ngrams(hypothesis, n), ngrams(reference, n)
    return sum((said & right).values()) / max(sum(right.values()), 1)


def each_kind_once(hypothesis: Sequence[str], reference: Sequence[str], n: int) -> float:
    """Sets in place of counts."""
    said, right = set(ngrams(hypothesis, n)), set(ngrams(reference, n))
    return len(said & right) / max(len(said), 1)


def words_always(hypothesis: Sequence[str], reference: Sequence[str], n: int) -> float:
    """n ignored."""
    return metrics.clipped_precision(hypothesis, reference, 1)


def one_short(hypothesis: Sequence[str], reference: Sequence[str], n: int) -> float:
    """The last n-gram forgotten."""
    said = Counter(tuple(hypothesis[i : i + n]) for i in range(len(hypothesis) - n))
    right = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n))
    return sum((said & right).values()) / max(sum(said.values()), 1)


def counted_one_by_one(hypothesis: Sequence[str], reference: Sequence[str], n: int) -> float:
    """A right answer that crosses out what was used."""
    left = [tuple(reference[i : i + n]) for i in range(len(reference) - n + 1)]
    said = [tuple(hypothesis[i : i + n]) for i in range(len(hypothesis) - n + 1)]
    right = 0
    for gram in said:
        if gram in left:
            left.remove(gram)
            right += 1
    return right / len(said) if said else 0.0


def never_ending_greedy(step: Step, start: int, end: int, longest: int) -> list[int]:
    """`end` is not looked for."""
    prefix = [start]
    for _ in range(longest):
        prefix.append(int(step(prefix).argmax()))
    return prefix[1:]


def greedy_with_end(step: Step, start: int, end: int, longest: int) -> list[int]:
    """`end` said as if it were a word."""
    said = attention.greedy(step, start, end, longest)
    return [*said, end] if len(said) < longest else said


def greedy_with_start(step: Step, start: int, end: int, longest: int) -> list[int]:
    """`start` left in front."""
    return [start, *attention.greedy(step, start, end, longest)]


def forgets_what_was_said(step: Step, start: int, end: int, longest: int) -> list[int]:
    """The prefix is never grown."""
    said: list[int] = []
    for _ in range(longest):
        token = int(step([start]).argmax())
        if token == end:
            break
        said.append(token)
    return said


def least_probable(step: Step, start: int, end: int, longest: int) -> list[int]:
    """argmin, as if log probabilities were losses."""
    prefix = [start]
    for _ in range(longest):
        token = int(step(prefix).argmin())
        if token == end:
            break
        prefix.append(token)
    return prefix[1:]


def by_recursion(step: Step, start: int, end: int, longest: int) -> list[int]:
    """A right answer by recursion."""

    def rest(prefix: list[int], left: int) -> list[int]:
        token = int(step(prefix).argmax())
        return [] if not left or token == end else [token, *rest([*prefix, token], left - 1)]

    return rest([start], longest)


def search(
    step: Step,
    start: int,
    end: int,
    beam: int,
    longest: int,
    *,
    mean: bool = True,
    first: bool = False,
    refilled: bool = False,
) -> list[int]:
    """A beam search with a choice of mistakes: no mean over tokens, the first end wins, places refilled."""
    alive: list[tuple[float, list[int]]] = [(0.0, [start])]
    over: list[tuple[float, list[int]]] = []
    for _ in range(longest):
        grown = [(s + float(p), [*t, k]) for s, t in alive for k, p in enumerate(step(t))]
        grown = sorted(grown, key=lambda one: one[0], reverse=True)[: beam if refilled else beam - len(over)]
        over += [one for one in grown if one[1][-1] == end]
        alive = [one for one in grown if one[1][-1] != end]
        if not alive or (first and over):
            break
    chosen = over if first and over else over + alive
    best = max(chosen, key=lambda one: one[0] / max(len(one[1]) - 1, 1) if mean else one[0])[1][1:]
    return best[:-1] if best and best[-1] == end else best


def only_what_ended(step: Step, start: int, end: int, beam: int, longest: int) -> list[int]:
    """Nothing is returned where no beginning has ended."""
    said = attention.beam_search(step, start, end, beam, longest)
    return [] if len(said) == longest else said


# ---------------------------------------------------------------------------------------------------------------------
# Functions

teacher_inputs = FunctionExercise(
    lesson="14",
    reference=attention.teacher_inputs,
    cases=targets_and_start,
    result="what the decoder reads at each step, shape (B, U)",
    variants=(lambda targets, start: torch.nn.functional.pad(targets, (1, 0), value=start)[:, :-1],),
    mistakes=(
        Mistake(
            lambda targets, start: targets,
            "Then the decoder reads the very token it is to say, and has only to copy it. It should read the one "
            "*before*.",
        ),
        Mistake(
            lambda targets, start: torch.cat([targets[:, 1:], torch.full_like(targets[:, :1], start)], dim=1),
            "You shifted to the left: the decoder would read the answer of the step *after*. Shift to the right.",
        ),
        Mistake(
            lambda targets, start: torch.cat([torch.full_like(targets[:, :1], start), targets], dim=1),
            "One column too many: the last token is never read, only said. Leave it out.",
        ),
        Mistake(
            lambda targets, start: targets.roll(1, dims=1),
            "roll brings the *last* token to the front: the decoder would know the end. Put `start` there.",
        ),
        Mistake(
            lambda targets, start: torch.cat([torch.full_like(targets[:1], start), targets[:-1]], dim=0),
            "You shifted the sentences, not the steps. The steps are axis 1.",
        ),
    ),
    hints=(
        "At the first step nothing has been said yet. At the second, the first token has.",
        "`torch.full_like(targets[:, :1], start)` is a column of `start`.",
        "`return torch.cat([torch.full_like(targets[:, :1], start), targets[:, :-1]], dim=1)`",
    ),
)

padding_mask = FunctionExercise(
    lesson="14",
    reference=attention.padding_mask,
    cases=lengths_and_longest,
    result="True where a step is real, shape (B, T)",
    shape_tip="`torch.arange(longest)[None]` is (1, T), `lengths[:, None]` is (B, 1): compared, they give (B, T).",
    variants=(lambda lengths, longest: torch.stack([torch.arange(longest) < length for length in lengths]),),
    mistakes=(
        Mistake(
            lambda lengths, longest: torch.arange(longest)[None] <= lengths[:, None],
            "One step too many: a sentence of length 3 has the steps 0, 1 and 2.",
        ),
        Mistake(
            lambda lengths, longest: torch.arange(longest)[None] >= lengths[:, None],
            "The other way round: True should stand where a step is *real*.",
        ),
        Mistake(
            lambda lengths, longest: (torch.arange(longest)[None] < lengths[:, None]).T,
            "Exchange the axes: (B, T), a sentence in each row.",
        ),
        Mistake(
            lambda lengths, longest: torch.arange(1, longest + 1)[None] < lengths[:, None],
            "One step too few: counting begins at 0.",
        ),
    ),
    hints=(
        "Number the steps: `torch.arange(longest)`. Which numbers belong to a sentence of length 3?",
        "Compare every step with every length: one of them as a row `[None]`, the other as a column `[:, None]`.",
        "`return torch.arange(longest)[None] < lengths[:, None]`",
    ),
)

masked_cross_entropy = FunctionExercise(
    lesson="14",
    reference=attention.masked_cross_entropy,
    cases=padded_logits,
    result="the mean loss of the real tokens, a scalar tensor",
    gradients=True,
    variants=(
        lambda logits, targets, pad: torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), targets.flatten(), ignore_index=pad
        ),
        lambda logits, targets, pad: torch.nn.functional.cross_entropy(logits[targets != pad], targets[targets != pad]),
    ),
    mistakes=(
        Mistake(
            mean_over_everything,
            "Padding is counted as if it were a word to be said. It is easy to learn, and makes every score look good.",
        ),
        Mistake(
            divided_by_all_places,
            "Padding costs nothing, but you divide by all places. Divide by the real tokens only: else the loss "
            "depends on how much padding a batch happens to have.",
        ),
        Mistake(summed, "That is the sum. Take the mean over the real tokens."),
        Mistake(
            mean_of_means,
            "Each *sentence* counts the same now, so a word of a short one counts more. Take the mean over all real "
            "tokens of the batch.",
        ),
        Mistake(
            lambda logits, targets, pad: -attention.masked_cross_entropy(logits, targets, pad),
            "The sign: a loss is −log of a probability.",
        ),
    ),
    hints=(
        "`torch.nn.functional.cross_entropy(logits[real], targets[real])` works with a mask `real` of shape (B, U).",
        "Which places are real? `targets != pad`.",
        "`return torch.nn.functional.cross_entropy(logits[targets != pad], targets[targets != pad])`",
    ),
)

multiplicative_scores = FunctionExercise(
    lesson="14",
    reference=attention.multiplicative_scores,
    cases=queries_keys_and_matrix,
    result="a score for each pair of a target and a source step, shape (B, U, T)",
    tolerance=1e-4,
    gradients=True,
    shape_tip="queries (B, U, H) @ something (B, H, T): exchange the last two axes of the keys, `.transpose(1, 2)`.",
    variants=(lambda queries, keys, W: torch.einsum("buh,hk,btk->but", queries, W, keys),),
    mistakes=(
        Mistake(
            lambda queries, keys, W: queries @ W.T @ keys.transpose(1, 2),
            "W the other way round: it is the *key* that it turns, q · (W k).",
        ),
        Mistake(lambda queries, keys, W: queries @ keys.transpose(1, 2), "W is not used: q · (W k)."),
        Mistake(
            lambda queries, keys, W: attention.multiplicative_scores(queries, keys, W) / math.sqrt(queries.shape[-1]),
            "That is the scaled product of the Transformer (2017). Here nothing is divided.",
        ),
        Mistake(
            lambda queries, keys, W: attention.multiplicative_scores(queries, keys, W).softmax(dim=-1),
            "Those are weights already. Scores first: any real numbers.",
        ),
        Mistake(
            lambda queries, keys, W: attention.multiplicative_scores(queries, keys, W).transpose(1, 2),
            "That is (B, T, U). A row for each *target* step is wanted: (B, U, T).",
        ),
    ),
    hints=(
        "One query and one key first: q · (W k) is a number.",
        "`keys @ W.T` turns all keys at once, (B, T, H).",
        "`return queries @ (keys @ W.T).transpose(1, 2)`",
    ),
)

additive_scores = FunctionExercise(
    lesson="14",
    reference=attention.additive_scores,
    cases=queries_and_keys,
    result="a score for each pair of a target and a source step, shape (B, U, T)",
    tolerance=1e-4,
    gradients=True,
    shape_tip="Every query meets every key: `(…)[:, :, None]` is (B, U, 1, A), `(…)[:, None]` is (B, 1, T, A).",
    variants=(
        lambda queries, keys, W_q, W_k, v: torch.einsum(
            "buta,a->but", torch.tanh((queries @ W_q.T).unsqueeze(2) + (keys @ W_k.T).unsqueeze(1)), v
        ),
    ),
    mistakes=(
        Mistake(
            lambda queries, keys, W_q, W_k, v: ((queries @ W_q.T)[:, :, None] + (keys @ W_k.T)[:, None]) @ v,
            "The tanh is missing. Without it the score is a part from the query plus a part from the key, and softmax "
            "over the keys drops the query's part: every step would attend alike.",
        ),
        Mistake(
            lambda queries, keys, W_q, W_k, v: torch.tanh(
                ((queries @ W_q.T)[:, :, None] + (keys @ W_k.T)[:, None]) @ v
            ),
            "tanh stands around the sum of the two parts, *before* the product with v.",
        ),
        Mistake(
            lambda queries, keys, W_q, W_k, v: torch.tanh((queries @ W_q.T)[:, :, None] + (keys @ W_k.T)[:, None]).sum(
                dim=-1
            ),
            "v is not used: the numbers are not just summed, each has its weight in v.",
        ),
        Mistake(
            lambda queries, keys, W_q, W_k, v: attention.additive_scores(queries, keys, W_k, W_q, v),
            "W_q and W_k are exchanged.",
        ),
        Mistake(
            lambda queries, keys, W_q, W_k, v: torch.tanh((queries @ W_q.T)[:, :, None] * (keys @ W_k.T)[:, None]) @ v,
            "The two parts are *added* (hence the name), not multiplied.",
        ),
        Mistake(
            lambda queries, keys, W_q, W_k, v: attention.additive_scores(queries, keys, W_q, W_k, v).softmax(dim=-1),
            "Those are weights already. Scores first: any real numbers.",
        ),
    ),
    hints=(
        "One query and one key first: v · tanh(W_q q + W_k k).",
        "`queries @ W_q.T` is (B, U, A), `keys @ W_k.T` is (B, T, A). Give each an axis of length 1 where the other "
        "has its steps.",
        "`return torch.tanh((queries @ W_q.T)[:, :, None] + (keys @ W_k.T)[:, None]) @ v`",
    ),
)

attend = FunctionExercise(
    lesson="14",
    reference=attention.attend,
    cases=scores_values_and_mask,
    result="a pair: contexts (B, U, H) and weights (B, U, T)",
    tolerance=1e-4,
    shape_tip="The mask is (B, T); `mask[:, None]` is (B, 1, T) and fits the scores (B, U, T).",
    variants=(divided_again,),
    mistakes=(
        Mistake(
            lambda scores, values, mask: divided_again(scores, values, mask)[::-1],
            "Contexts first, weights second: you have exchanged them.",
        ),
        Mistake(without_mask, "Padding gets weight too. Before the softmax its scores must become −inf."),
        Mistake(
            masked_to_zero,
            "A *score* of 0 is not a *weight* of 0: e⁰ is 1. Fill padding with −inf before the softmax.",
        ),
        Mistake(
            masked_too_late,
            "Padding has weight 0, but the others no longer sum to 1: they had shared with the padding. Mask before "
            "the softmax.",
        ),
        Mistake(mask_the_wrong_way, "The other way round: the mask is True where a step is real."),
        Mistake(
            over_the_queries,
            "Your weights sum to 1 over the target's steps. For each target step they should sum to 1 over the source: "
            "dim=-1.",
        ),
        Mistake(weights_alone, "Those are the weights. Return both: the mixed values, and the weights."),
    ),
    hints=(
        "`scores.masked_fill(~mask[:, None], -torch.inf)` hides the padding.",
        "Softmax over the last axis; then mix the values: `weights @ values`.",
        "`weights = scores.masked_fill(~mask[:, None], -torch.inf).softmax(-1)`; `return weights @ values, weights`",
    ),
)


greedy = FunctionExercise(
    lesson="14",
    reference=attention.greedy,
    cases=steps_to_decode,
    result="a list of tokens, without start and end",
    variants=(by_recursion,),
    mistakes=(
        Mistake(
            never_ending_greedy,
            "It talks on after `end`. Once `end` is the most probable token, the sentence is over.",
        ),
        Mistake(greedy_with_end, "`end` is a sign, and no word of the sentence: do not return it."),
        Mistake(greedy_with_start, "`start` is a sign, and no word of the sentence: do not return it."),
        Mistake(
            forgets_what_was_said,
            "The step is always asked about the beginning. Give it all that was said so far: let the prefix grow.",
        ),
        Mistake(
            lambda step, start, end, longest: attention.greedy(lambda prefix: step(prefix[-1:]), start, end, longest),
            "The step is asked about the last token alone. Give it all that was said so far.",
        ),
        Mistake(least_probable, "These are log probabilities: the largest is the most probable. argmax."),
    ),
    hints=(
        "Keep a list `prefix = [start]`, and let it grow.",
        "`int(step(prefix).argmax())` is the next token. When do you stop? There are two reasons.",
        "for _ in range(longest): take the token; if it is `end`, break; else append. Return `prefix[1:]`.",
    ),
)

beam_search = FunctionExercise(
    lesson="14",
    reference=attention.beam_search,
    cases=steps_to_search,
    result="a list of tokens, without start and end",
    variants=(search,),
    mistakes=(
        Mistake(
            lambda step, start, end, beam, longest: attention.greedy(step, start, end, longest),
            "That is greedy search: only one beginning was kept. Keep the best `beam` of them at every step.",
        ),
        Mistake(
            lambda step, start, end, beam, longest: search(step, start, end, beam, longest, mean=False),
            "You compared sums of log probabilities. Every token costs, so short answers win. Compare means per token.",
        ),
        Mistake(
            lambda step, start, end, beam, longest: search(step, start, end, beam, longest, first=True),
            "You took the first that ended. Others, still growing, may end better: go on until the beam is empty, or "
            "`longest` is reached.",
        ),
        Mistake(
            lambda step, start, end, beam, longest: search(lambda t: step(t[-1:]), start, end, beam, longest),
            "The step is asked about the last token alone. Give it all that was said so far.",
        ),
        Mistake(
            lambda step, start, end, beam, longest: search(step, start, end, beam, longest, refilled=True),
            "You fill the places of the finished ones again. Here they keep their places: go on with the best "
            "`beam - len(over)`. (Both are in use; yours finds other sentences.)",
        ),
        Mistake(
            only_what_ended,
            "Where nothing has ended after `longest` tokens, the best beginning is the answer: do not return nothing.",
        ),
        Mistake(
            lambda step, start, end, beam, longest: [start, *attention.beam_search(step, start, end, beam, longest)],
            "`start` is a sign, and no word of the sentence: do not return it.",
        ),
    ),
    hints=(
        "Two lists of (sum of log probabilities, tokens): `alive`, first [(0.0, [start])], and `over`, first empty.",
        "In each step: grow every one of `alive` by every token; sort by the sum; keep the best `beam - len(over)`. "
        "Move those that end to `over`.",
        "At last compare all of `over + alive` by sum / number of tokens (`end` counts), and return the tokens without "
        "`start` and `end`.",
    ),
)

clipped_precision = FunctionExercise(
    lesson="14",
    reference=metrics.clipped_precision,
    cases=tokens_and_order,
    result="a share between 0 and 1",
    variants=(counted_one_by_one,),
    mistakes=(
        Mistake(
            not_clipped,
            'Then "the the the the" would be perfect against any sentence with "the". An n-gram counts at most as '
            "often as the reference has it.",
        ),
        Mistake(
            recall_instead,
            "You divided by the reference's n-grams: that is recall. Precision divides by those that were *said*.",
        ),
        Mistake(each_kind_once, "You counted each kind of n-gram once. Count every occurrence (Counter, not set)."),
        Mistake(words_always, "You counted single words. Count runs of n words."),
        Mistake(one_short, "The last n-gram is missing: T words have T − n + 1 of them."),
    ),
    hints=(
        "The n-grams of a list: `[tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]`.",
        "`collections.Counter` counts them. `said & right` keeps of each the smaller count.",
        "The sum of the counts in `said & right`, divided by the sum of the counts in `said` (0 where there are none).",
    ),
)

brevity_penalty = FunctionExercise(
    lesson="14",
    reference=metrics.brevity_penalty,
    cases=lambda generator: [(9, 10), (10, 10), (15, 10), (1, 10), (50, 100)],
    result="a factor between 0 and 1",
    variants=(lambda said, right: 1.0 if said >= right else math.exp(1 - right / said),),
    mistakes=(
        Mistake(
            lambda said, right: math.exp(1 - right / said),
            "Longer ones would be rewarded now: the factor must not pass 1.",
        ),
        Mistake(
            lambda said, right: min(1.0, said / right), "That is the plain ratio. BLEU takes exp(1 − right / said)."
        ),
        Mistake(
            lambda said, right: min(1.0, math.exp(1 - said / right)),
            "The other way round: this punishes what is too long. That, the precisions do already.",
        ),
        Mistake(
            lambda said, right: math.exp(1 - right / said) if said >= right else 1.0,
            "The cases are exchanged: it is the *short* ones that are punished.",
        ),
    ),
    hints=(
        "As long as the reference, or longer: 1.",
        "Shorter: exp(1 − right / said), which is below 1.",
        "`return min(1.0, math.exp(1 - right / said))`",
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# Predictions and questions

why_attention = ChoiceQuestion(
    lesson="14",
    name="why_attention",
    question="Encoder and decoder without attention: what passes from one to the other?",
    choices=(
        "all states of the encoder",
        "the last state, whatever the length of the sentence",
        "the words themselves",
    ),
    answer="the last state, whatever the length of the sentence",
    says={
        "all states of the encoder": "That is what attention will change. So far there is one vector.",
        "the words themselves": "The decoder never sees the source's words, only what the encoder made of them.",
    },
    why="A sentence of 3 and one of 60 characters have to fit into the same numbers.",
    prediction=False,
)

longer_numbers = ChoiceQuestion(
    lesson="14",
    name="longer_numbers",
    question="It has learnt numbers below 100,000. What will it make of numbers from a million on?",
    choices=("most of them right", "a few of them right", "next to none right"),
    answer="next to none right",
    says={
        "most of them right": "It has never seen the word *million*, and has seldom said so many characters.",
        "a few of them right": "Look at what it makes of the word *million*, which it has never seen.",
    },
    why="It has never seen *million*, and has seldom said so many characters. Nobody has told it a rule.",
)

beam_of_all = NumberQuestion(
    lesson="14",
    name="beam_of_all",
    answer=30**5,
    mistakes={
        30 * 5: "At each step *every* beginning can go on with each of 30 characters: the numbers multiply.",
        5**30: "The other way round: 30 possibilities, five times in a row.",
    },
    why="30 for the first character, 30 for each of these for the second … Nobody can try them all; hence the beam.",
)

same_vector = ChoiceQuestion(
    lesson="14",
    name="same_vector",
    question="The decoder sees the same summary again at every step. Does it help?",
    choices=("no: it knows it already", "a little", "a lot"),
    answer="a lot",
    says={
        "no: it knows it already": "It was told once. To know it still after forty steps is another thing.",
        "a little": "More than that: look at the two shares.",
    },
    why="No new information; but what need not be carried cannot be lost on the way.",
)

# Answered by what the lesson measures.
exact_numbers = NumberQuestion(lesson="14", name="exact_numbers", tolerance=0.05, prediction=True)

menus_bleu = NumberQuestion(lesson="14", name="menus_bleu", tolerance=0.15, prediction=True)
