"""Lesson 09: biases from the times to remember, and a curriculum of lags."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion
from course_utils.experiments.tasks import curriculum
from course_utils.nn import chrono


def memories(generator: torch.Generator) -> list[Arguments]:
    """Memories in steps: one unit, two, and several over three orders of magnitude, in double precision."""
    spread = 1 + 10 ** (3 * torch.rand(5, generator=generator, dtype=torch.float64))
    return [(torch.tensor([5.0]),), (torch.tensor([2.0, 20.0]),), (spread,), (torch.tensor([1.5, 3.0, 10.0, 100.0]),)]


def pair(function: Callable[[Tensor], Tensor], input_sign: float = -1, forget_sign: float = 1) -> Callable[..., Tensor]:
    """Input and forget biases of some function of the times, each with a sign."""

    def biases(times: Tensor) -> Tensor:
        bias = function(times)
        return torch.stack([input_sign * bias, forget_sign * bias])

    return biases


def log_over(factor: float) -> Callable[..., Tensor]:
    """The biases of a half-life: the logarithm of the times over a factor."""
    return pair(lambda times: torch.log(times / factor))


biases_from_times = FunctionExercise(
    lesson="09",
    name="biases_from_times",
    reference=chrono.biases_for_times,
    cases=memories,
    result="the biases of input gates and of forget gates, one above the other, shape (2, H)",
    shape_tip="`torch.stack([a, b])` puts two tensors (H,) one above the other: (2, H).",
    variants=(
        lambda times: torch.stack([torch.logit(1 / times), torch.logit(1 - 1 / times)]),
        lambda times: torch.log(times - 1) * torch.tensor([[-1.0], [1.0]], dtype=times.dtype),
    ),
    mistakes=(
        Mistake(
            pair(torch.log),
            "ln τ is nearly right for a long memory: σ(ln τ) = τ / (τ + 1). We want σ(b) = 1 − 1/τ = (τ − 1) / τ: "
            "which b is that?",
        ),
        Mistake(
            pair(lambda times: (times - 1).log(), 1),
            "Both gates open together. A unit that remembers keeps much and lets little in: the input bias is "
            "−ln(τ − 1).",
        ),
        Mistake(
            pair(lambda times: (times - 1).log10()),
            "That is the logarithm to base 10. σ is made of e, so it takes the natural one, `torch.log`.",
        ),
        Mistake(
            pair(lambda times: (times - 1).log(), 1, -1),
            "Input and forget biases are exchanged: the first row, of the input gates, is −ln(τ − 1).",
        ),
        Mistake(
            pair(lambda times: torch.logit(0.5 ** (1 / times))),
            "You took τ as a half-life, as lesson 07 did. Here a unit keeps 1 − 1/τ at each step: after τ steps about "
            "1/e is left.",
        ),
        *(
            Mistake(
                log_over(factor),
                "ln(τ / 0.69) is the rule of lesson 07, for a half-life. Here a unit keeps 1 − 1/τ at each step: e^b "
                "is τ − 1.",
            )
            for factor in (0.69, math.log(2))
        ),
        Mistake(
            pair(lambda times: torch.logit(torch.exp(-1 / times))),
            "e^(−1/τ) is nearly 1 − 1/τ where τ is long, and not for short memories. We want 1 − 1/τ itself.",
        ),
        Mistake(
            pair(lambda times: (times - 1).log() / 2),
            "These are halves. torch adds two biases at each gate; here the function returns their sum.",
        ),
        Mistake(
            pair(torch.log1p),
            "The sign of the 1: σ(b) = 1 − 1/τ = (τ − 1) / τ, so e^b is τ − 1, not τ + 1.",
        ),
        Mistake(
            lambda times: torch.stack([torch.zeros_like(times), (times - 1).log()]),
            "The forget gates are right. The input gates let 1/τ in: their biases are −ln(τ − 1), not 0.",
        ),
        Mistake(
            lambda times: torch.stack([1 / times, 1 - 1 / times]),
            "Those are the gates. Which biases give them? σ(b) = 1 − 1/τ.",
        ),
        Mistake(
            lambda times: torch.stack([(1 / times).log(), (1 - 1 / times).log()]),
            "That is the logarithm of the gate. The inverse of σ is ln(p / (1 − p)).",
        ),
        Mistake(
            lambda times: torch.log(times - 1),
            "The forget gates are right. The input gates are missing: their biases are the same with a minus, in a row "
            "above.",
        ),
        Mistake(
            lambda times: torch.stack([-(times - 1).log(), (times - 1).log()], dim=-1),
            "The numbers are right, but one unit stands in each row: (H, 2). We want (2, H), a row for each gate.",
        ),
    ),
    hints=(
        "A unit that remembers for τ steps loses 1/τ of its cell at each. What is then its forget gate?",
        "The gate is 1 − 1/τ, and σ(b) = p means b = ln(p / (1 − p)). Put in p = 1 − 1/τ: what is left?",
        "`forget = torch.log(times - 1)`, and `torch.stack([-forget, forget])`.",
    ),
)


def trainings(generator: torch.Generator) -> list[Arguments]:
    """Steps at the start, before, at and after half of several trainings."""
    return [
        (0, 100, 10, 1000),
        (25, 100, 10, 1000),
        (50, 100, 10, 1000),
        (75, 100, 10, 1000),
        (100, 400, 5, 80),
        (37, 200, 3, 500),
        (10, 100, 10, 1000),  # 25.1: rounded up it is another number
        (10, 30, 7, 7),
        (3, 7, 10, 1000),  # half of 7 steps is 3.5
        (49, 100, 10, 999),
    ]


def lag_when(share: Callable[[float], float]) -> Callable[[int, int, int, int], int]:
    """Growth in equal ratios, as a share (0 to 1) of the way for each share of the training."""
    return lambda step, steps, shortest, longest: round(shortest * (longest / shortest) ** share(step / steps))


def linear(step: int, steps: int, shortest: int, longest: int) -> int:
    """Equal differences instead of equal ratios."""
    return round(shortest + (longest - shortest) * min(1.0, 2 * step / steps))


def by_logarithms(step: int, steps: int, shortest: int, longest: int) -> int:
    """A right answer that goes linearly between logarithms."""
    share = min(2 * step, steps) / steps
    return int(math.exp((1 - share) * math.log(shortest) + share * math.log(longest)) + 0.5)


lag_at = FunctionExercise(
    lesson="09",
    reference=curriculum.lag_at,
    cases=trainings,
    result="the longest lag at this step of the training, a whole number",
    tolerance=1e-9,
    variants=(
        by_logarithms,
        lambda step, steps, shortest, longest: (
            longest if 2 * step >= steps else round(shortest * (longest / shortest) ** (2 * step / steps))
        ),
    ),
    mistakes=(
        Mistake(
            linear,
            "It grows by equal differences, so that long lags come early. It should grow by equal *ratios*: times the "
            "same factor at each step.",
        ),
        Mistake(
            lambda step, steps, shortest, longest: round(shortest + (longest - shortest) * step / steps),
            "It grows by equal differences and arrives at the very end. It should grow by equal *ratios*, and arrive "
            "after half of the steps.",
        ),
        Mistake(
            lambda step, steps, shortest, longest: round(
                shortest * (longest / shortest) ** min(1.0, step / max(steps // 2, 1))
            ),
            "`steps // 2` rounds: half of 7 steps is 3.5. Divide with `/`.",
        ),
        Mistake(
            lag_when(lambda share: share),
            "It reaches the longest lag only at the very end. It should be there after half of the steps.",
        ),
        Mistake(
            lag_when(lambda share: 2 * share),
            "It goes on growing after half of the steps. There it should stay: `min(1.0, …)`.",
        ),
        Mistake(
            lambda step, steps, shortest, longest: round(longest * min(1.0, 2 * step / steps)),
            "It starts at a lag of 0, where there is nothing to hold. Start at `shortest`.",
        ),
        Mistake(
            lambda step, steps, shortest, longest: round(longest ** min(1.0, 2 * step / steps)),
            "It starts at a lag of 1. Start at `shortest`: times (longest / shortest) to a power.",
        ),
        Mistake(
            lambda step, steps, shortest, longest: round(
                shortest * (longest / shortest) ** min(1.0, 2 * (step + 1) / steps)
            ),
            "It is one step ahead. Step 0 shows the shortest: divide `step`, not `step + 1`.",
        ),
        Mistake(
            lag_when(lambda share: 1 - min(1.0, 2 * share)),
            "It shrinks from the longest lag to the shortest. A curriculum begins with what is easy.",
        ),
        Mistake(
            lag_when(lambda share: float(2 * share >= 1)),
            "It jumps from the shortest lag to the longest. Between them it should grow at each step.",
        ),
        Mistake(
            lambda step, steps, shortest, longest: int(shortest * (longest / shortest) ** min(1.0, 2 * step / steps)),
            "`int` cuts off what stands after the point: 19.9 becomes 19. `round` takes the nearest whole number.",
        ),
        Mistake(
            lambda step, steps, shortest, longest: math.ceil(
                shortest * (longest / shortest) ** min(1.0, 2 * step / steps) - 1e-9
            ),
            "You round up: 18.2 becomes 19. `round` takes the nearest whole number.",
        ),
        Mistake(
            lambda step, steps, shortest, longest: shortest * (longest / shortest) ** min(1.0, 2 * step / steps),
            "The growth is right. A lag is a number of steps: `round` it.",
        ),
    ),
    hints=(
        "From 10 to 1,000 in equal ratios: where is it when half of the *growth* is over? Not at 505.",
        "`grown = min(1.0, step / (steps / 2))` goes from 0 to 1 in half of the steps, and stays.",
        "`round(shortest * (longest / shortest) ** grown)`",
    ),
)

EITHER = "one of the two: biases drawn for 10,000 steps, or short lags first"

remedy = ChoiceQuestion(
    lesson="09",
    name="remedy",
    question="What does an LSTM need to name the flagged symbol 10,000 steps back, in most runs?",
    choices=(
        "biases drawn for 10,000 steps; short lags first do not help",
        "short lags first; biases drawn for 10,000 steps do not help",
        EITHER,
        "both together; one alone does not do",
    ),
    answer=EITHER,
    says={
        "biases drawn for 10,000 steps; short lags first do not help": (
            "Look at the LSTM without them, short lags first."
        ),
        "short lags first; biases drawn for 10,000 steps do not help": (
            "Look at the LSTM with chrono 10,000, lags at once."
        ),
        "both together; one alone does not do": "Look at the two rows where it has one of them alone.",
    },
    why="From torch's own weights with long lags at once it is at chance; with either remedy it is right in most runs.",
    prediction=True,
)
