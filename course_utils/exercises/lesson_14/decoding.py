"""Lesson 14: greedy decoding and beam search."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import NumberQuestion
from course_utils.nn import attention

Step = Callable[[list[int]], Tensor]


def random_step(generator: torch.Generator, vocabulary: int, start: int, end: int, tempting: bool = False) -> Step:
    """Log probabilities that depend on all that was said; where it is tempting to go on, the end is less probable."""
    table = torch.randn(101, vocabulary, generator=generator) * 2.0
    table[:, start] = -20.0
    if tempting:
        table[:, end] -= 2.0
    log_probabilities = table.log_softmax(dim=-1)

    def step(prefix: list[int]) -> Tensor:
        row = 0
        for token in prefix:
            row = (7 * row + token + 1) % 101
        return log_probabilities[row]

    return step


def steps_to_decode(generator: torch.Generator) -> list[tuple[Step, int, int, int]]:
    """step, start, end, longest: from 1, and which tokens begin and end differs."""
    signs = ((0, 1), (0, 1), (3, 0), (1, 4), (4, 2), (2, 3))
    return [
        (random_step(generator, 5, start, end, tempting=n % 2 == 0), start, end, longest)
        for n, ((start, end), longest) in enumerate(zip(signs, (4, 5, 1, 6, 7, 9), strict=True))
    ]


def never_ending_greedy(step: Step, start: int, end: int, longest: int) -> list[int]:
    """`end` is not looked for."""
    prefix = [start]
    for _ in range(longest):
        prefix.append(int(step(prefix).argmax()))
    return prefix[1:]


def greedy_with_end(step: Step, start: int, end: int, longest: int) -> list[int]:
    """`end` said as if it were a word."""
    tokens = attention.greedy(step, start, end, longest)
    return [*tokens, end] if len(tokens) < longest else tokens


def greedy_with_start(step: Step, start: int, end: int, longest: int) -> list[int]:
    """`start` left in front."""
    return [start, *attention.greedy(step, start, end, longest)]


def forgets_what_was_said(step: Step, start: int, end: int, longest: int) -> list[int]:
    """The prefix is never grown."""
    tokens: list[int] = []
    for _ in range(longest):
        token = int(step([start]).argmax())
        if token == end:
            break
        tokens.append(token)
    return tokens


def least_probable(step: Step, start: int, end: int, longest: int) -> list[int]:
    """argmin, as if log probabilities were losses."""
    prefix = [start]
    for _ in range(longest):
        token = int(step(prefix).argmin())
        if token == end:
            break
        prefix.append(token)
    return prefix[1:]


def without_start(step: Step, start: int, end: int, longest: int) -> list[int]:
    """The prefix begins empty."""
    prefix: list[int] = []
    for _ in range(longest):
        token = int(step(prefix).argmax())
        if token == end:
            break
        prefix.append(token)
    return prefix


def by_recursion(step: Step, start: int, end: int, longest: int) -> list[int]:
    """A right answer by recursion."""

    def rest(prefix: list[int], left: int) -> list[int]:
        token = int(step(prefix).argmax())
        return [] if not left or token == end else [token, *rest([*prefix, token], left - 1)]

    return rest([start], longest)


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
        Mistake(
            without_start,
            "The step is asked about nothing at first. The prefix begins with `start`; leave it out at the end.",
        ),
        Mistake(
            lambda step, start, end, longest: attention.greedy(step, start, end, longest - 1),
            "One token too few: up to `longest` tokens may be said, `start` not counted.",
        ),
        Mistake(
            lambda step, start, end, longest: attention.greedy(step, start, end, longest + 1),
            "One token too many: at most `longest` tokens may be said.",
        ),
        Mistake(
            lambda step, start, end, longest: attention.greedy(step, start, 1, longest),
            "You take 1 for the token that ends. Which one it is, is an argument: `end`.",
        ),
        Mistake(least_probable, "These are log probabilities: the largest is the most probable. argmax."),
    ),
    hints=(
        "Keep a list `prefix = [start]`, and let it grow.",
        "`int(step(prefix).argmax())` is the next token. When do you stop? There are two reasons.",
        "for _ in range(longest): take the token; if it is `end`, break; else append. Return `prefix[1:]`.",
    ),
)


def steps_to_search(generator: torch.Generator) -> list[tuple[Step, int, int, int, int]]:
    """step, start, end, beam 1 to 4, longest 1 to 6."""
    signs, beams, lengths = ((0, 1), (0, 1), (5, 0), (1, 4), (2, 3)), (2, 3, 4, 3, 2, 4, 1), (3, 4, 5, 6)
    cases: list[tuple[Step, int, int, int, int]] = []
    for n in range(40):
        start, end = signs[n % len(signs)]
        step = random_step(generator, 6, start, end, tempting=n % 2 == 0)
        cases.append((step, start, end, beams[n % len(beams)], lengths[n % len(lengths)] if n else 1))
    return cases


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
    end_counts: bool = True,
    kept_end: bool = False,
) -> list[int]:
    """A beam search with a choice of mistakes: no mean over tokens, the first end wins, places refilled, the end."""
    alive: list[tuple[float, list[int]]] = [(0.0, [start])]
    over: list[tuple[float, list[int]]] = []
    for _ in range(longest):
        grown = [(s + float(p), [*t, k]) for s, t in alive for k, p in enumerate(step(t))]
        grown = sorted(grown, key=lambda beginning: beginning[0], reverse=True)[
            : beam if refilled else beam - len(over)
        ]
        over += [(score, tokens) for score, tokens in grown if tokens[-1] == end]
        alive = [(score, tokens) for score, tokens in grown if tokens[-1] != end]
        if not alive or (first and over):
            break
    chosen = over if first and over else over + alive
    signs = 1 if end_counts else 2
    _, best = max(chosen, key=lambda b: b[0] / max(len(b[1]) - (signs if b[1][-1] == end else 1), 1) if mean else b[0])
    best = best[1:]
    return best[:-1] if best and best[-1] == end and not kept_end else best


def one_beginning_each(step: Step, start: int, end: int, beam: int, longest: int) -> list[int]:
    """No beam: the best first tokens, each continued greedily, and the best mean at the end."""
    first = step([start])
    ends: list[tuple[float, list[int]]] = []
    for token in first.argsort(descending=True)[:beam].tolist():
        prefix, total = [start, token], float(first[token])
        while len(prefix) <= longest and prefix[-1] != end:
            scores = step(prefix)
            prefix.append(int(scores.argmax()))
            total += float(scores.max())
        ends.append((total / (len(prefix) - 1), prefix[1:]))
    best = max(ends, key=lambda pair: pair[0])[1]
    return best[:-1] if best[-1] == end else best


def mean_of_probabilities(step: Step, start: int, end: int, beam: int, longest: int) -> list[int]:
    """Probabilities added where logarithms are."""
    return search(lambda prefix: step(prefix).exp(), start, end, beam, longest)


def only_what_ended(step: Step, start: int, end: int, beam: int, longest: int) -> list[int]:
    """Nothing is returned where no beginning has ended."""
    tokens = attention.beam_search(step, start, end, beam, longest)
    return [] if len(tokens) == longest else tokens


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
            one_beginning_each,
            "You chose the best `beam` first tokens, and let each go on alone. At *every* step all beginnings compete "
            "for the `beam` places.",
        ),
        Mistake(
            mean_of_probabilities,
            "You add up probabilities. Those of tokens that follow one another multiply: add their logarithms.",
        ),
        Mistake(
            lambda step, start, end, beam, longest: search(step, start, end, beam, longest, end_counts=False),
            "`end` counts as a token, and its log probability is in the sum: divide by all tokens, `end` included.",
        ),
        Mistake(
            lambda step, start, end, beam, longest: search(step, start, end, beam, longest, kept_end=True),
            "`end` is a sign, and no word of the sentence: do not return it.",
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
