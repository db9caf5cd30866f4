"""Lesson 13: temperature, the nucleus, a draw, and absolute discounting."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion
from course_utils.models import discounting
from course_utils.nn import sampling


def logits_and_temperature(generator: torch.Generator) -> list[tuple[Tensor, float]]:
    """Logits of one or several rows; temperatures below 1, above it, and 1."""
    return [
        (2 * torch.randn(*shape, generator=generator), temperature)
        for shape, temperature in (((1, 3), 0.5), ((2, 4), 2.0), ((5,), 0.8), ((2, 6), 1.0), ((3, 5), 0.3))
    ]


def by_power(logits: Tensor, temperature: float) -> Tensor:
    """A right answer: probabilities to the power of 1 / T, made to sum to 1 again."""
    powers = logits.softmax(dim=-1) ** (1 / temperature)
    return powers / powers.sum(dim=-1, keepdim=True)


next_probabilities = FunctionExercise(
    lesson="13",
    reference=sampling.next_probabilities,
    cases=logits_and_temperature,
    result="probabilities, of the shape of the logits",
    variants=(by_power,),
    mistakes=(
        Mistake(
            lambda logits, temperature: logits.softmax(dim=-1) / temperature,
            "Softmax came before the temperature, and the results no longer sum to 1. Divide the *logits*, then "
            "softmax.",
        ),
        Mistake(
            lambda logits, temperature: (logits / temperature / temperature).softmax(dim=-1),
            "Divided by the temperature twice: 0.5 acts as 0.25.",
        ),
        Mistake(
            lambda logits, temperature: (logits * temperature).softmax(dim=-1),
            "You multiplied. Then a high temperature makes the model surer. Divide.",
        ),
        Mistake(
            lambda logits, temperature: logits.softmax(dim=-1),
            "The temperature is not used.",
        ),
        Mistake(
            lambda logits, temperature: (logits.softmax(dim=-1) / temperature).softmax(dim=-1),
            "Softmax twice: probabilities lie between 0 and 1, so the second one makes nearly all tokens alike.",
        ),
        Mistake(
            lambda logits, temperature: logits.softmax(dim=-1) ** (1 / temperature),
            "Powers of probabilities no longer sum to 1. Divide the logits before softmax, or divide by the new sum.",
        ),
        Mistake(
            lambda logits, temperature: (logits / temperature).softmax(dim=0),
            "Softmax over the rows: `dim=-1` are the tokens.",
        ),
        Mistake(
            lambda logits, temperature: torch.nn.functional.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits),
            "That is argmax: the most probable token and nothing else. It is the limit for a temperature of 0.",
        ),
    ),
    hints=(
        "The temperature acts on the logits, before they become probabilities.",
        "At T below 1 the differences between logits grow: divide.",
        "`(logits / temperature).softmax(dim=-1)`.",
    ),
)


def rows_and_p(generator: torch.Generator) -> list[tuple[Tensor, float]]:
    """Rows of probabilities, and p: some reached exactly within the row, some by the first token alone."""
    drawn = [
        ((2 * torch.randn(B, V, generator=generator)).softmax(dim=-1), p)
        for B, V, p in ((2, 5, 0.7), (3, 6, 0.9), (1, 8, 0.5), (2, 4, 0.97))
    ]
    exactly = torch.tensor([[0.25, 0.5, 0.125, 0.125]]), 0.5
    return [(torch.tensor([[0.1, 0.5, 0.4]]), 0.6), (torch.tensor([[0.2, 0.7, 0.1]]), 0.3), exactly, *drawn]


def kept(probabilities: Tensor, p: float, *, strictly_before: bool = False, normalised: bool = True) -> Tensor:
    """The nucleus with a mistake: the token that reaches p cut off, or not normalised."""
    ordered, order = probabilities.sort(dim=-1, descending=True)
    sums = ordered.cumsum(dim=-1)
    inside = sums <= p if strictly_before else sums - ordered < p
    found = probabilities * torch.zeros_like(probabilities).scatter(-1, order, inside.to(probabilities))
    return found / found.sum(dim=-1, keepdim=True) if normalised else found


def one_too_few(probabilities: Tensor, p: float) -> Tensor:
    """The token that crosses p is cut, but for the first."""
    ordered, order = probabilities.sort(dim=-1, descending=True)
    inside = ordered.cumsum(dim=-1) <= p
    inside[..., 0] = True
    found = probabilities * torch.zeros_like(probabilities).scatter(-1, order, inside.to(probabilities))
    return found / found.sum(dim=-1, keepdim=True)


def one_too_many(probabilities: Tensor, p: float) -> Tensor:
    """One token beyond the one that reaches p."""
    ordered, order = probabilities.sort(dim=-1, descending=True)
    before = ordered.cumsum(dim=-1) - ordered
    inside = torch.cat([torch.ones_like(before[..., :1], dtype=torch.bool), (before < p)[..., :-1]], dim=-1)
    found = probabilities * torch.zeros_like(probabilities).scatter(-1, order, inside.to(probabilities))
    return found / found.sum(dim=-1, keepdim=True)


def in_order(probabilities: Tensor, p: float) -> Tensor:
    """Sorted, and never put back."""
    ordered = probabilities.sort(dim=-1, descending=True).values
    found = ordered * (ordered.cumsum(dim=-1) - ordered < p)
    return found / found.sum(dim=-1, keepdim=True)


def unsorted(probabilities: Tensor, p: float) -> Tensor:
    """The running sum in the order of the vocabulary."""
    found = probabilities * (probabilities.cumsum(dim=-1) - probabilities < p)
    return found / found.sum(dim=-1, keepdim=True)


def row_by_row(probabilities: Tensor, p: float) -> Tensor:
    """A right answer, token by token."""
    found = torch.zeros_like(probabilities)
    for row, new in zip(probabilities, found, strict=True):
        total = 0.0
        for token in row.argsort(descending=True):
            if total < p:
                new[token] = row[token]
                total += float(row[token])
    return found / found.sum(dim=-1, keepdim=True)


nucleus = FunctionExercise(
    lesson="13",
    reference=sampling.nucleus,
    cases=rows_and_p,
    result="probabilities of the same shape, those outside the nucleus 0",
    variants=(row_by_row,),
    mistakes=(
        Mistake(
            one_too_few,
            "You cut the token with which the sum reaches p: it belongs to the nucleus, or the sum stays below p.",
        ),
        Mistake(
            lambda probabilities, p: kept(probabilities, p, strictly_before=True),
            "You keep tokens while the sum *with* them is at most p. Where the first is more probable than p, nothing "
            "is left, and 0 / 0 is NaN. Look at the sum *before* each token.",
        ),
        Mistake(one_too_many, "One token too many: stop with the one that reaches p."),
        Mistake(
            lambda probabilities, p: kept(probabilities, p, normalised=False),
            "What is left does not sum to 1. Divide by its sum.",
        ),
        Mistake(
            in_order,
            "The probabilities stand in sorted order now: token 0 is the most probable. Put them back, with `scatter`.",
        ),
        Mistake(
            unsorted,
            "You add up in the order of the vocabulary. The nucleus has the *most probable* tokens: sort first.",
        ),
        Mistake(
            lambda probabilities, p: (
                probabilities * (probabilities >= p) / (probabilities * (probabilities >= p)).sum(-1, keepdim=True)
            ),
            "You keep tokens whose own probability is p or more. p is what they have *together*.",
        ),
        Mistake(
            lambda probabilities, p: sampling.nucleus(probabilities, 1 - p if p < 1 else p),
            "You keep the share 1 − p. p is what stays.",
        ),
    ),
    hints=(
        "Sort the probabilities, largest first, and look at their running sum (`cumsum`).",
        "A token stays if what comes *before* it in this order has less than p together: `cumsum - ordered < p`.",
        "`zeros.scatter(-1, order, inside)` puts the marks back in the order of the vocabulary. Then divide by the "
        "sum.",
    ),
)


def rows_and_u(generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """Rows of probabilities, some of them 0, and a number from 0 to 1 for each."""
    small = torch.tensor([[0.2, 0.5, 0.3]]).expand(4, 3).contiguous()
    rounded = torch.full((2, 6), 0.16)  # a row may sum to less than 1, and u lie above its sum
    holes = torch.tensor([[0.0, 0.5, 0.0, 0.5], [0.4, 0.0, 0.6, 0.0], [0.0, 0.0, 1.0, 0.0]])
    return [
        (small, torch.tensor([0.1, 0.3, 0.6, 0.9])),
        (holes, torch.tensor([0.0, 0.5, 0.2])),
        (rounded, torch.tensor([0.1, 0.99])),
        *(
            (torch.randn(B, V, generator=generator).softmax(dim=-1), torch.rand(B, generator=generator))
            for B, V in ((6, 5), (8, 4), (5, 9))
        ),
    ]


def by_counting(probabilities: Tensor, u: Tensor) -> Tensor:
    """A right answer: how many running sums u has passed, each divided by the last."""
    sums = probabilities.cumsum(dim=-1)
    return (sums / sums[:, -1:] <= u[:, None]).sum(dim=-1)


drawn = FunctionExercise(
    lesson="13",
    reference=sampling.drawn,
    cases=rows_and_u,
    result="a token for each row, shape (B,)",
    variants=(by_counting,),
    mistakes=(
        Mistake(
            lambda probabilities, u: probabilities.argmax(dim=-1),
            "That is argmax: always the most probable token, and u is not used. It is no draw.",
        ),
        Mistake(
            lambda probabilities, u: (probabilities - u[:, None]).abs().argmin(dim=-1),
            "You look for the probability nearest to u. Lay the probabilities end to end, and see in which of them u "
            "falls.",
        ),
        Mistake(
            lambda probabilities, u: (probabilities > u[:, None]).to(torch.int64).argmax(dim=-1),
            "You compare u with single probabilities. Compare it with their running sum, `cumsum`.",
        ),
        Mistake(
            lambda probabilities, u: (u * probabilities.shape[-1]).long(),
            "That draws every token equally often. Its probability is the length of the stretch in which u must fall.",
        ),
        Mistake(
            lambda probabilities, u: (probabilities.cumsum(dim=-1) <= u[:, None]).sum(dim=-1) - 1,
            "One too few: the first token whose running sum is *above* u.",
        ),
        Mistake(
            lambda probabilities, u: (probabilities.sort(dim=-1, descending=True).values.cumsum(-1) <= u[:, None]).sum(
                -1
            ),
            "You sorted first: what comes out is a rank, and not a token. Leave the order of the vocabulary.",
        ),
        Mistake(
            lambda probabilities, u: (probabilities.cumsum(dim=-1) <= u[:, None]).sum(dim=-1),
            "Rounded probabilities may sum to a little less than 1. Where u lies above that sum, you return V, and "
            "there is no such token. Compare with u times the last running sum.",
        ),
        Mistake(
            lambda probabilities, u: (probabilities.cumsum(dim=-1) > u[:, None]).to(torch.int64).argmax(dim=-1),
            "Rounded probabilities may sum to a little less than 1. Where u lies above it, no running sum exceeds "
            "u, and argmax of nothing but False is token 0. Compare with u times the last running sum.",
        ),
    ),
    hints=(
        "Lay the probabilities end to end along a line from 0 to 1. In which stretch does u fall?",
        "The ends of the stretches are `probabilities.cumsum(dim=-1)`. You want the first end above u.",
        "Count the ends that u has passed: `(sums <= u[:, None] * sums[:, -1:]).sum(dim=-1)`. The last sum may be a "
        "little below 1.",
    ),
)


def counts_and_lower(generator: torch.Generator) -> list[tuple[Tensor, Tensor, float]]:
    """Counts after a context, a shorter one's probabilities, a discount: rare, frequent, never seen."""
    return [
        (
            torch.randint(0, most, (B, V), generator=generator).float(),
            torch.randn(B, V, generator=generator).softmax(dim=-1),
            discount,
        )
        for B, V, most, discount in ((1, 4, 4, 0.5), (2, 5, 3, 0.75), (3, 6, 2, 0.9), (2, 3, 9, 0.7))
    ] + [
        (
            torch.tensor([[3.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
            torch.tensor([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1], [0.1, 0.2, 0.7]]),
            0.5,
        )
    ]


def shares(counts: Tensor, lower: Tensor, discount: float, weight: str) -> Tensor:
    """Discounted, with what was saved shared out wrongly."""
    total = counts.sum(dim=-1, keepdim=True)
    kinds = (counts > 0).sum(dim=-1, keepdim=True)
    found = (counts - discount).clamp(min=0) / total.clamp(min=1)
    saved = {
        "none": torch.zeros_like(total),
        "once": discount / total.clamp(min=1),
        "all": torch.ones_like(total),
        "uncounted": discount * kinds,
        "uniform": discount * kinds / total.clamp(min=1),
    }[weight]
    return torch.where(total > 0, found + saved * (1 / counts.shape[-1] if weight == "uniform" else lower), lower)


def as_mixture(counts: Tensor, lower: Tensor, discount: float) -> Tensor:
    """A right answer: what is left of 1 goes to the shorter context."""
    total = counts.sum(dim=-1, keepdim=True)
    kept = (counts - discount).clamp(min=0) / total.clamp(min=1)
    return kept + (1 - kept.sum(dim=-1, keepdim=True)) * lower


def only_unseen(counts: Tensor, lower: Tensor, discount: float) -> Tensor:
    """What was saved goes to the tokens that were never seen, and their share is not made whole."""
    total = counts.sum(dim=-1, keepdim=True)
    kinds = (counts > 0).sum(dim=-1, keepdim=True)
    seen = (counts - discount) / total.clamp(min=1)
    return torch.where(counts > 0, seen, torch.where(total > 0, discount * kinds / total.clamp(min=1) * lower, lower))


def not_clamped(counts: Tensor, lower: Tensor, discount: float) -> Tensor:
    """The discount taken off counts of 0 as well."""
    total = counts.sum(dim=-1, keepdim=True)
    kinds = (counts > 0).sum(dim=-1, keepdim=True)
    return torch.where(total > 0, (counts - discount + discount * kinds * lower) / total.clamp(min=1), lower)


def never_seen_is_nan(counts: Tensor, lower: Tensor, discount: float) -> Tensor:
    """Divided by a count of 0."""
    kinds = (counts > 0).sum(dim=-1, keepdim=True)
    return ((counts - discount).clamp(min=0) + discount * kinds * lower) / counts.sum(dim=-1, keepdim=True)


discounted = FunctionExercise(
    lesson="13",
    reference=discounting.discounted,
    cases=counts_and_lower,
    result="probabilities of the next token, of the shape of the counts",
    variants=(as_mixture,),
    mistakes=(
        Mistake(
            lambda counts, lower, discount: shares(counts, lower, discount, "none"),
            "The discounts are taken off and given to nobody: the probabilities sum to less than 1, and what was "
            "never seen is impossible. Add the share of the shorter context.",
        ),
        Mistake(
            lambda counts, lower, discount: shares(counts, lower, discount, "once"),
            "A discount is taken off *every kind* of token that was seen, so that many are saved: discount · kinds / "
            "total. With one alone the probabilities do not sum to 1.",
        ),
        Mistake(
            lambda counts, lower, discount: shares(counts, lower, discount, "all"),
            "You add the shorter context's probabilities whole: the sum is above 1. Their weight is what was saved: "
            "discount · kinds / total.",
        ),
        Mistake(
            lambda counts, lower, discount: shares(counts, lower, discount, "uncounted"),
            "What was saved is divided by the total as well: discount · kinds / total.",
        ),
        Mistake(
            lambda counts, lower, discount: shares(counts, lower, discount, "uniform"),
            "You share what was saved equally. The shorter context knows better which tokens are frequent: use "
            "`lower`.",
        ),
        Mistake(
            only_unseen,
            "What was saved goes to every token, seen or not, in the proportions of `lower`. Given to those never "
            "seen alone, it would have to be divided by their sum.",
        ),
        Mistake(
            not_clamped,
            "You take the discount off counts of 0 too, and they become negative. `.clamp(min=0)`.",
        ),
        Mistake(
            never_seen_is_nan,
            "A context that was never seen has a total of 0, and 0 / 0 is NaN. There the answer is `lower`.",
        ),
        Mistake(
            lambda counts, lower, discount: (counts + 1) / (counts + 1).sum(dim=-1, keepdim=True),
            "That is adding one to each count. Take a discount off those that were seen, and ask the shorter context.",
        ),
    ),
    hints=(
        "Take `discount` off each count, never below 0, and divide by the total. How much is missing to 1?",
        "One discount for each kind that was seen: discount · kinds / total. It is shared out as `lower` says.",
        "`((counts - discount).clamp(min=0) + discount * kinds * lower) / total`; where the total is 0, `lower`.",
    ),
)

surest_text = ChoiceQuestion(
    lesson="13",
    name="surest_text",
    question="At temperature 0 a model always writes its most probable token. What do long texts of small models "
    "become then?",
    choices=("the best text they can write", "the same words again and again", "random characters"),
    answer="the same words again and again",
    says={
        "the best text they can write": "Every single token is the most probable; the whole is not. Try it below.",
        "random characters": "Nothing is random at temperature 0: the same prompt always gives the same text.",
    },
    why="Once a text has come back to a state it was in, nothing can lead it out again.",
)

copied_more = ChoiceQuestion(
    lesson="13",
    name="copied_more",
    question="Which has a larger share in runs of 30 characters or more that stand in the training text too?",
    choices=("what the LSTM writes at temperature 1", "new text by the same translators", "neither has any"),
    answer="new text by the same translators",
    says={
        "what the LSTM writes at temperature 1": "Look at the means of five samples and of twenty stretches below.",
        "neither has any": "This book has formulas, and new chapters use them again: look at the longest copy of each.",
    },
    why="So a copied run alone is no proof of learning by heart. The control is text that the model has never seen.",
)

context_used = NumberQuestion(
    lesson="13",
    name="context_used",
    answer=(10, 20),
    unit="characters",
    mistakes={
        5: "Its loss falls further: see the first two lines.",
        64: "That is how far the gradient went back in training. See what more than 20 bring.",
    },
    why="From about 15 characters on more context brings next to nothing.",
    prediction=True,
)
