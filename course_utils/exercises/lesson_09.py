"""Exercises of lesson 09: counting, chrono biases, growing lags, echo states, hidden Markov, holding or learning."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion
from course_utils.experiments.tasks import curriculum, separate_latch
from course_utils.models import hidden_markov
from course_utils.nn import chrono, echo_state

# ---------------------------------------------------------------------------------------------------------------------
# The popular test, solved by counting


def latches(generator: torch.Generator) -> list[Arguments]:
    """Batches (B, T, 2·S) of several sizes; the cue stands first in some, later in others."""
    sizes = ((5, 1, 3, 2), (8, 2, 7, 4), (12, 1, 11, 3), (4, 3, 3, 4))
    return [
        (separate_latch.SeparateLatch(shortest, longest, S).sample(B, generator).x,)
        for B, shortest, longest, S in sizes
    ]


def cues(x: Tensor) -> Tensor:
    """(B, T, 2·S) → (B, T, S): the places of the cues alone."""
    return x[..., : x.shape[-1] // 2]


counted = FunctionExercise(
    lesson="09",
    name="counted",
    reference=separate_latch.counting_answer,
    cases=latches,
    result="the cue of each sequence, whole numbers of shape (B,)",
    shape_tip="x is (B, T, 2·S). `x[..., :S]` cuts the last axis; `.sum(dim=1)` adds over the time axis.",
    variants=(
        lambda x: cues(x).amax(dim=1).argmax(dim=-1),
        lambda x: cues(x).mean(dim=1).argmax(dim=-1),
        lambda x: cues(x).flatten(1).argmax(dim=1) % cues(x).shape[-1],
    ),
    mistakes=(
        Mistake(
            lambda x: cues(x)[:, -1].argmax(dim=-1),
            "You look at the last step alone. The cue was shown long before: add up over all steps.",
        ),
        Mistake(
            lambda x: cues(x)[:, 0].argmax(dim=-1),
            "You look at the first step alone, and the cue may come later. A sum over all steps finds it anywhere.",
        ),
        Mistake(
            lambda x: cues(x).sum(dim=-1).argmax(dim=1),
            "That says *when* the cue was shown. Asked is *which* it was: sum over time (dim=1), argmax over symbols "
            "(dim=-1).",
        ),
        Mistake(
            lambda x: x.sum(dim=1).argmax(dim=-1),
            "You count the distractors as well, and they are more. The cues are the first S places: x[..., :S].",
        ),
        Mistake(
            lambda x: x[..., x.shape[-1] // 2 :].sum(dim=1).argmax(dim=-1),
            "Those are the distractors, the last S places. The cues are the first S: x[..., :S].",
        ),
        Mistake(lambda x: cues(x).sum(dim=1), "These are the counts, (B, S). Which symbol has the largest? `.argmax`"),
        Mistake(
            lambda x: cues(x).sum(dim=1).argmax(dim=0),
            "argmax went along the batch. For each sequence ask for the symbol: `dim=-1`.",
        ),
    ),
    hints=(
        "The cue comes once, and its alphabet is its own. Do you need to know when it came?",
        "S is half of `x.shape[-1]`. Add up the first S places over time: a count for each symbol.",
        "`x[..., :S].sum(dim=1).argmax(dim=-1)`",
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# The remedies: biases, and a curriculum


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
            "ln T is nearly right for a long memory: σ(ln T) = T / (T + 1). Asked is σ(b) = 1 − 1/T = (T − 1) / T: "
            "which b is that?",
        ),
        Mistake(
            pair(lambda times: (times - 1).log(), 1),
            "Both gates open together. A unit that remembers keeps much and lets little in: the input bias is "
            "−ln(T − 1).",
        ),
        Mistake(
            pair(lambda times: (times - 1).log10()),
            "That is the logarithm to base 10. σ is made of e, so it takes the natural one, `torch.log`.",
        ),
        Mistake(
            pair(lambda times: (times - 1).log(), 1, -1),
            "Input and forget biases are exchanged: the first row, of the input gates, is −ln(T − 1).",
        ),
        Mistake(
            pair(lambda times: torch.logit(0.5 ** (1 / times))),
            "You took T as a half-life, as lesson 07 did. Here a unit keeps 1 − 1/T at each step: after T steps about "
            "1/e is left.",
        ),
        Mistake(
            pair(lambda times: torch.logit(torch.exp(-1 / times))),
            "e^(−1/T) is nearly 1 − 1/T where T is long, and not for short memories. Asked is 1 − 1/T itself.",
        ),
        Mistake(
            lambda times: torch.stack([1 / times, 1 - 1 / times]),
            "Those are the gates. Which biases give them? σ(b) = 1 − 1/T.",
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
            "The numbers are right, but one unit stands in each row: (H, 2). Asked is (2, H), a row for each gate.",
        ),
    ),
    hints=(
        "A unit that remembers for T steps loses 1/T of its cell at each. What is then its forget gate?",
        "The gate is 1 − 1/T, and σ(b) = p means b = ln(p / (1 − p)). Put in p = 1 − 1/T: what is left?",
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
            "It grows by equal differences: nearly all lags of the training are long then. Asked are equal *ratios*: "
            "times the same factor at each step.",
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

# ---------------------------------------------------------------------------------------------------------------------
# The opponents: echo state network and hidden Markov model


def readouts(generator: torch.Generator) -> list[Arguments]:
    """States (N, H), targets (N, O) and a penalty that matters, in double precision; never more states than steps."""
    sizes = ((6, 2, 1, 0.5), (20, 5, 3, 2.0), (8, 8, 2, 0.1), (9, 7, 2, 3.0))
    return [
        (
            torch.randn(N, H, generator=generator, dtype=torch.float64),
            torch.randn(N, O, generator=generator, dtype=torch.float64),
            penalty,
        )
        for N, H, O, penalty in sizes  # noqa: E741
    ]


def solved(gram: Callable[[Tensor, float], Tensor]) -> Callable[[Tensor, Tensor, float], Tensor]:
    """The read-out that solves some matrix of states and penalty for states · targets."""
    return lambda states, targets, penalty: torch.linalg.solve(gram(states, penalty), states.T @ targets)


def diagonal(size: int, value: float) -> Tensor:
    """value · identity."""
    return value * torch.eye(size, dtype=torch.float64)


ridge_readout = FunctionExercise(
    lesson="09",
    reference=echo_state.ridge_readout,
    cases=readouts,
    result="the weights of the read-out, shape (H, O)",
    tolerance=1e-6,
    shape_tip="`states.T @ states` is (H, H), `states.T @ targets` (H, O). In `torch.linalg.solve(A, B)` A is square.",
    variants=(
        solved(lambda states, penalty: states.T @ states + diagonal(states.shape[1], penalty)),
        lambda states, targets, penalty: (
            states.T @ torch.linalg.solve(states @ states.T + diagonal(len(states), penalty), targets)
        ),
        lambda states, targets, penalty: (
            torch.linalg.inv(states.T @ states + diagonal(states.shape[1], penalty)) @ states.T @ targets
        ),
    ),
    mistakes=(
        Mistake(
            lambda states, targets, penalty: torch.linalg.pinv(states) @ targets,
            "The penalty is missing: this is the least squared error alone. Add `penalty * torch.eye(H)` to SᵀS.",
        ),
        Mistake(
            lambda states, targets, penalty: torch.linalg.solve(
                states @ states.T + diagonal(len(states), penalty), targets
            ),
            "You solve an equation of N × N, one unknown a step. The unknowns are H weights: `states.T @ states`.",
        ),
        Mistake(
            solved(lambda states, penalty: states.T @ states + penalty),
            "`+ penalty` adds it to every entry. It belongs on the diagonal: times `torch.eye(H)`.",
        ),
        Mistake(
            lambda states, targets, penalty: echo_state.ridge_readout(states, targets, penalty).T,
            "The numbers are right, and the shape is (O, H). Asked is (H, O): `states @ weights` is the output.",
        ),
        Mistake(
            solved(lambda states, penalty: states.T @ states / len(states) + diagonal(states.shape[1], penalty)),
            "You took the mean over the steps on one side and the sum on the other. Take the sum on both.",
        ),
        Mistake(
            lambda states, targets, penalty: echo_state.ridge_readout(states, targets, penalty * len(states)),
            "The penalty counts N times: that is for the mean of the squared errors. Here it stands beside their sum.",
        ),
        Mistake(
            lambda states, targets, penalty: echo_state.ridge_readout(states, targets, penalty**2),
            "The penalty is squared. It stands on the diagonal as it is.",
        ),
        Mistake(
            solved(lambda states, penalty: states.T @ states - diagonal(states.shape[1], penalty)),
            "The sign: the penalty is *added*. It makes the matrix larger and the weights smaller.",
        ),
    ),
    hints=(
        "Which weights make |states · w − targets|² + penalty · |w|² least? Set its gradient to 0.",
        "(SᵀS + penalty · 1) w = Sᵀ · targets, where 1 is `torch.eye(H)`. SᵀS is `states.T @ states`.",
        "`torch.linalg.solve(states.T @ states + penalty * torch.eye(H, dtype=states.dtype), states.T @ targets)`",
    ),
)


def beliefs(generator: torch.Generator) -> list[Arguments]:
    """Messages (B, K), transitions (K, K) and emissions (B, K) of several sizes, B = K among them."""
    found: list[Arguments] = []
    for B, K in ((1, 2), (3, 3), (4, 2), (2, 5)):
        alpha, emission = torch.rand(2, B, K, generator=generator, dtype=torch.float64)
        transition = torch.rand(K, K, generator=generator, dtype=torch.float64)
        found.append((alpha / alpha.sum() / 2, transition / transition.sum(dim=1, keepdim=True), emission))
    return found


forward_step = FunctionExercise(
    lesson="09",
    reference=hidden_markov.forward_step,
    cases=beliefs,
    result="the message after the step, shape (B, K)",
    shape_tip="alpha is (B, K), transition (K, K): `alpha @ transition` is (B, K), and so is emission.",
    variants=(
        lambda alpha, transition, emission: torch.einsum("bi,ij,bj->bj", alpha, transition, emission),
        lambda alpha, transition, emission: (transition.T @ alpha.T).T * emission,
    ),
    mistakes=(
        Mistake(
            lambda alpha, transition, emission: (alpha @ transition.T) * emission,
            "transition[i, j] goes *from* i to j, and you sum over where it goes. Sum over where it comes from: "
            "alpha @ transition.",
        ),
        Mistake(
            lambda alpha, transition, emission: (alpha * emission) @ transition,
            "First the state moves, then it shows a symbol: the emission belongs to the state after the step.",
        ),
        Mistake(
            lambda alpha, transition, emission: alpha @ transition,
            "The state has moved, and what was seen is not used: times `emission`.",
        ),
        Mistake(
            lambda alpha, transition, emission: torch.nn.functional.normalize(
                (alpha @ transition) * emission, p=1, dim=-1
            ),
            "You divide by the sum. Here alpha is the probability of being in j *and* of all that was seen; its sum is "
            "the likelihood, which would be lost.",
        ),
        Mistake(
            lambda alpha, transition, emission: alpha @ transition + emission,
            "Both must happen, the way to j and the symbol there: their probabilities multiply.",
        ),
        Mistake(
            lambda alpha, transition, emission: (alpha[:, :, None] * transition).amax(dim=1) * emission,
            "That is the best way to j alone (Viterbi). The forward step *sums* over all ways.",
        ),
        Mistake(
            lambda alpha, transition, emission: alpha * emission,
            "The state has not moved: `alpha @ transition` first.",
        ),
    ),
    hints=(
        "In which ways can the model come to state j? And what must happen when it is there?",
        "From each i with alpha[i] · transition[i, j]; the sum over i is a matrix product. Then j shows the symbol.",
        "`(alpha @ transition) * emission`",
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# Questions

hold_or_learn = ChoiceQuestion(
    lesson="09",
    name="hold_or_learn",
    question=(
        "Set by hand, the weights of a network hold a cue for 10,000 steps and answer right. From random weights the "
        "same network never gets beyond chance in training. What is wrong with it?"
    ),
    choices=(
        "it cannot hold the cue for so long",
        "it can hold the cue, and training does not find the weights that do",
        "it can learn to hold, and has too few units",
        "the task has no answer at such a lag",
    ),
    answer="it can hold the cue, and training does not find the weights that do",
    says={
        "it cannot hold the cue for so long": "It did hold it, with the weights that were set by hand.",
        "it can learn to hold, and has too few units": (
            "The weights set by hand had the same units, and were enough. What failed is the search for them."
        ),
        "the task has no answer at such a lag": "It has one: the network with the weights set by hand gave it.",
    },
    why=(
        "To hold is a property of some weights; to learn, of the way to them. Only the second failed. A better start, "
        "easier lags first or another cell may help; room to hold is not what is missing."
    ),
    prediction=False,
)

beyond = NumberQuestion(lesson="09", name="beyond", within=0.05, prediction=True)

tanh_beyond = NumberQuestion(lesson="09", name="tanh_beyond", within=0.05, prediction=True)

EITHER = "one of the two: first weights that hold, or short lags first"

remedy = ChoiceQuestion(
    lesson="09",
    name="remedy",
    question="What does an LSTM need to name the flagged symbol 10,000 steps back, in most runs?",
    choices=(
        "first weights that hold; short lags first do not help",
        "short lags first; first weights that hold do not help",
        EITHER,
        "both together; one alone does not do",
    ),
    answer=EITHER,
    says={
        "first weights that hold; short lags first do not help": "Look at the LSTM without them, short lags first.",
        "short lags first; first weights that hold do not help": "Look at the LSTM with chrono 10,000, lags at once.",
        "both together; one alone does not do": "Look at the two rows where it has one of them alone.",
    },
    why="From torch's own weights with long lags at once it is at chance; with either remedy it is right in most runs.",
    prediction=True,
)

states_needed = NumberQuestion(
    lesson="09",
    name="states_needed",
    answer=4,
    unit="states",
    tolerance=0.0,
    mistakes={
        2.0: "2 *bits* are needed. Two units are on or off in four ways, but a hidden Markov model is in *one* state.",
        5.0: "The fifth would be for “nothing seen yet”. Asked is what holds the symbol *after* it was seen.",
        8.0: "Eight would be one to show each symbol, and one to hold it. Asked is what holds it.",
        16.0: "The pairs of cue and distractor need not be held, only the cue.",
    },
    why=(
        "One for each symbol, since the state is all that goes on to the next step. n bits take 2ⁿ states, and n units "
        "that are on or off."
    ),
)

echo_holds = NumberQuestion(
    lesson="09",
    name="echo_holds",
    answer=0.9**100,
    tolerance=0.15,
    mistakes={
        0.9: "That is left after one step. Each of the hundred steps multiplies by 0.9.",
        90.0: "A hundred steps multiply a hundred times: 0.9 to the power of 100, not 0.9 times 100.",
        1 - 0.9**100: "That is what is lost. Asked is what is left.",
        0.1**100: "Each step *keeps* 0.9 and loses 0.1. What is left is 0.9 to the power of 100.",
        0.9 / 100: "Each step multiplies by 0.9; nothing is divided by 100.",
    },
    why="A read-out must multiply it by nearly 38,000, and with it whatever the distractors have left on the same way.",
)
