"""Exercises of lesson 17: from samples to decibels, CTC by hand, reading a path, word errors, who or what."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion
from course_utils.nn import ctc

# ---------------------------------------------------------------------------------------------------------------------
# Cases


def samples_windows_and_hops(generator: torch.Generator) -> list[tuple[int, int, int]]:
    """samples, window, hop: clips as long as a window, a little longer, shorter, and long ones."""
    return [
        (200, 200, 80),
        (100, 200, 80),
        (279, 200, 80),
        (280, 200, 80),
        (150, 200, 80),
        (8_000, 200, 80),
        (4_001, 256, 64),
    ]


def frequencies_and_corners(generator: torch.Generator) -> list[tuple[Tensor, float, float, float]]:
    """frequencies: (F,) in Hz, and the three corners of a triangle whose sides are not alike."""
    return [
        (torch.tensor([0.0, 100.0, 150.0, 300.0]), 100.0, 200.0, 400.0),
        (torch.linspace(0, 4_000, 101), 900.0, 1_100.0, 1_350.0),
        (4_000 * torch.rand(40, generator=generator), 200.0, 900.0, 2_500.0),
    ]


def powers_and_floor(generator: torch.Generator) -> list[tuple[Tensor, float]]:
    """power: (T, M) of very different sizes, among them 0; floor in dB."""
    return [
        (torch.tensor([[100.0, 1.0]]), 30.0),
        (torch.tensor([[4.0, 0.0], [0.5, 0.0002]]), 30.0),
        (10.0 ** (6 * torch.rand(5, 4, generator=generator) - 7), 30.0),
        (10.0 ** (9 * torch.rand(6, 3, generator=generator) - 4), 50.0),
    ]


def paths_and_blank(generator: torch.Generator) -> list[tuple[list[int], int]]:
    """path: a class for each of T frames; blank: the class that says nothing."""
    fixed = [[1, 1, 0, 2], [1, 0, 1], [0, 0, 1, 2, 2, 0], [2, 1, 2], [1, 0, 1, 1, 0, 0, 2, 2]]
    drawn = [torch.randint(0, 3, (length,), generator=generator).tolist() for length in (9, 14)]
    # In the last case 3 is the blank.
    return [(path, 0) for path in fixed + drawn] + [([0, 0, 3, 0, 1, 3, 3, 1], 3)]


def words_to_fit(generator: torch.Generator) -> list[tuple[str]]:
    """Words without, with one, and with several letters that stand twice in a row."""
    return [("ab",), ("aa",), ("hello",), ("abab",), ("aaa",), ("committee",), ("z",)]


def frames_and_targets(generator: torch.Generator) -> list[tuple[Tensor, Tensor, int]]:
    """log_probs: (T, K), targets: (U,), blank, mostly 0: letters twice in a row, all frames needed, tiny products."""
    sizes = ((3, [1, 2]), (4, [1, 1]), (6, [2, 1, 2]), (5, [1, 1, 2]), (4, [1, 1, 2]), (8, [3, 3, 3]), (2, [2]))
    cases = [
        (torch.randn(T, 4, generator=generator).log_softmax(dim=-1), torch.tensor(targets), 0) for T, targets in sizes
    ]
    unlikely = (12 * torch.randn(30, 4, generator=generator)).log_softmax(dim=-1)
    other_blank = torch.randn(6, 4, generator=generator).log_softmax(dim=-1), torch.tensor([0, 2, 2]), 3
    return [*cases, other_blank, (unlikely, torch.tensor([1, 3, 3, 2]), 0)]


def frames_to_read(generator: torch.Generator) -> list[tuple[Tensor, int]]:
    """log_probs: (T, K) in which classes last for several frames, come back, and blanks stand between."""
    paths = ([1, 1, 0, 1, 2, 2], [0, 0, 2, 2, 0], [2, 0, 0, 2, 1, 1, 0, 1], [3, 3, 1, 0, 0, 1, 3])
    return [
        ((3 * torch.eye(4)[path] + torch.rand(len(path), 4, generator=generator)).log_softmax(dim=-1), 0)
        for path in paths
    ]


SAID_AND_RIGHT = (
    ("one two three", "one two three"),
    ("one three", "one two three"),
    ("one two two three", "one two three"),
    ("one nine three", "one two three"),
    ("", "four four"),
    ("four four", ""),
    ("two three one", "one two three"),
    ("nine seven seven two one", "seven two six one"),
    ("five one two", "one two six seven"),
    ("one one", "two one"),
    ("two one", "one one"),
)


def said_and_right(generator: torch.Generator) -> list[tuple[list[str], list[str]]]:
    """Two lists of words: equal, one missing, one too many, one wrong, empty, and mixtures."""
    return [(said.split(), right.split()) for said, right in SAID_AND_RIGHT]


# ---------------------------------------------------------------------------------------------------------------------
# Right answers, each in one piece, for those who look at the solution


def count_frames(samples: int, window: int, hop: int) -> int:
    """How many whole windows fit into a clip.

    Args:
        samples: the clip's length.
        window: samples of a window.
        hop: samples from the start of a window to the start of the next.
    """
    return 1 + (samples - window) // hop if samples >= window else 0


def mel_triangle(frequencies: Tensor, left: float, centre: float, right: float) -> Tensor:
    """A mel filter: 0 outside, rising from `left` to 1 at `centre`, falling to 0 at `right`.

    Args:
        frequencies: (F,) in Hz.
        left: where it begins, in Hz.
        centre: where it is 1.
        right: where it ends.

    Returns:
        (F,) weights between 0 and 1.
    """
    rising = (frequencies - left) / (centre - left)
    falling = (right - frequencies) / (right - centre)
    return torch.minimum(rising, falling).clamp(min=0)


def below_the_loudest(power: Tensor, floor: float) -> Tensor:
    """Power in decibels below the loudest value of the clip; what is quieter than the floor is lifted to it.

    Args:
        power: (T, M), 0 or more, and not 0 everywhere.
        floor: in dB, above 0.

    Returns:
        (T, M) between −floor and 0.
    """
    return (10 * torch.log10(power / power.max())).clamp(min=-floor)


def read_path(path: Sequence[int], blank: int = 0) -> list[int]:
    """What a path says: of equal classes in a row one is kept, then blanks are dropped.

    Source: Graves, Fernández, Gomez & Schmidhuber 2006, doi:10.1145/1143844.1143891.

    Args:
        path: a class for each of T frames.
        blank: the class that says nothing.
    """
    return [label for label, _ in itertools.groupby(path) if label != blank]


def fewest_frames(text: str) -> int:
    """In how few frames a text can be said: one for each letter, and a blank between two equal ones in a row."""
    return len(text) + sum(one == other for one, other in itertools.pairwise(text))


def forward_loss(log_probs: Tensor, targets: Tensor, blank: int = 0) -> Tensor:
    """The loss of CTC by the forward algorithm: −log of the sum over all alignments, in nats.

    Source: Graves, Fernández, Gomez & Schmidhuber 2006, doi:10.1145/1143844.1143891.

    Args:
        log_probs: (T, K) log probabilities.
        targets: (U,) classes, none of them the blank.
        blank: the class that says nothing.
    """
    classes = torch.full((2 * len(targets) + 1,), blank)  # - a - b -
    classes[1::2] = targets
    may_jump = torch.zeros(len(classes), dtype=torch.bool)
    may_jump[2:] = (classes[2:] != blank) & (classes[2:] != classes[:-2])
    alpha = torch.full((len(classes),), -torch.inf, dtype=log_probs.dtype)
    alpha[:2] = log_probs[0, classes[:2]]
    for frame in log_probs[1:]:
        from_before = torch.nn.functional.pad(alpha, (1, 0), value=-torch.inf)[:-1]
        over_blank = torch.nn.functional.pad(alpha, (2, 0), value=-torch.inf)[:-2].masked_fill(~may_jump, -torch.inf)
        alpha = torch.stack([alpha, from_before, over_blank]).logsumexp(dim=0) + frame[classes]
    return -alpha[-2:].logsumexp(dim=0)


# ---------------------------------------------------------------------------------------------------------------------
# What people write


def by_pairs(frequencies: Tensor, left: float, centre: float, right: float) -> Tensor:
    """A right answer with two sides and `torch.where`."""
    rising, falling = (frequencies - left) / (centre - left), (right - frequencies) / (right - centre)
    side = torch.where(frequencies <= centre, rising, falling)
    return torch.where((frequencies > left) & (frequencies < right), side, torch.zeros_like(side))


def not_cut(frequencies: Tensor, left: float, centre: float, right: float) -> Tensor:
    """Below 0 outside."""
    return torch.minimum((frequencies - left) / (centre - left), (right - frequencies) / (right - centre))


def of_area_one(frequencies: Tensor, left: float, centre: float, right: float) -> Tensor:
    """Slaney's scaling."""
    return mel_triangle(frequencies, left, centre, right) * 2 / (right - left)


def a_box(frequencies: Tensor, left: float, centre: float, right: float) -> Tensor:
    """1 between the corners."""
    return ((frequencies > left) & (frequencies < right)).to(frequencies.dtype)


def symmetric(frequencies: Tensor, left: float, centre: float, right: float) -> Tensor:
    """Both sides as long as half the base."""
    return (1 - (frequencies - centre).abs() / ((right - left) / 2)).clamp(min=0)


def larger_of_the_two(frequencies: Tensor, left: float, centre: float, right: float) -> Tensor:
    """`maximum` for `minimum`."""
    rising, falling = (frequencies - left) / (centre - left), (right - frequencies) / (right - centre)
    return torch.maximum(rising, falling).clamp(0, 1)


def to_decibels(power: Tensor, floor: float, *, factor: float = 10.0, least: float = 1e-30) -> Tensor:
    """Decibels below the loudest value, with a choice of mistakes."""
    return (factor * torch.log10(power.clamp(min=least) / power.max())).clamp(min=-floor)


def floor_of_power(power: Tensor, floor: float) -> Tensor:
    """A right answer that lifts the small powers first."""
    least = power.max() * 10 ** (-floor / 10)
    return 10 * torch.log10(torch.maximum(power, least) / power.max())


def absolute_decibels(power: Tensor, floor: float) -> Tensor:
    """Not divided by the peak."""
    return (10 * torch.log10(power.clamp(min=1e-30))).clamp(min=-floor)


def no_floor(power: Tensor, floor: float) -> Tensor:
    """Silence far below everything."""
    return 10 * torch.log10(power.clamp(min=1e-10) / power.max())


def no_floor_at_all(power: Tensor, floor: float) -> Tensor:
    """−inf for silence."""
    return 10 * torch.log10(power / power.max())


def peak_of_each_frame(power: Tensor, floor: float) -> Tensor:
    """Every frame as loud as the next."""
    peak = power.max(dim=-1, keepdim=True).values
    return (10 * torch.log10(power.clamp(min=1e-30) / peak)).clamp(min=-floor)


def by_groups(path: Sequence[int], blank: int = 0) -> list[int]:
    """A right answer with itertools."""
    return [label for label, _ in itertools.groupby(path) if label != blank]


def blanks_first(path: Sequence[int], blank: int = 0) -> list[int]:
    """Blanks taken out before repeats: what a blank had kept apart flows together."""
    return [label for label, _ in itertools.groupby(label for label in path if label != blank)]


def only_blanks(path: Sequence[int], blank: int = 0) -> list[int]:
    """Repeats kept."""
    return [label for label in path if label != blank]


def only_repeats(path: Sequence[int], blank: int = 0) -> list[int]:
    """Blanks kept."""
    return [label for label, _ in itertools.groupby(path)]


def each_once(path: Sequence[int], blank: int = 0) -> list[int]:
    """A class that comes back later is lost."""
    return [label for label in dict.fromkeys(path) if label != blank]


def reading_with(collapse: Callable[[list[int], int], list[int]]) -> Callable[[Tensor, int], list[int]]:
    """The most likely class of each frame, read with a rule of one's own."""
    return lambda log_probs, blank: collapse(log_probs.argmax(dim=-1).tolist(), blank)


def over_frames(log_probs: Tensor, blank: int) -> list[int]:
    """The most likely frame of each class."""
    return by_groups(log_probs.argmax(dim=0).tolist(), blank)


def least_likely(log_probs: Tensor, blank: int) -> list[int]:
    """argmin, as if log probabilities were losses."""
    return by_groups(log_probs.argmin(dim=-1).tolist(), blank)


def lattice_loss(
    log_probs: Tensor,
    targets: Tensor,
    blank: int = 0,
    *,
    skip: str = "differs",
    starts: int = 2,
    ends: int = 2,
    best: bool = False,
) -> Tensor:
    """The forward algorithm, one state at a time, with a choice of mistakes.

    Args:
        log_probs: (T, K).
        targets: (U,).
        blank: its class.
        skip: may a path pass over a blank: where the letters on its sides "differ", "always" or "never".
        starts: in how many of the first states a path may start.
        ends: in how many of the last states it may end.
        best: only the best path, in place of the sum.
    """
    classes = [blank]
    for target in targets.tolist():
        classes += [target, blank]
    nothing = torch.full((), -torch.inf, dtype=log_probs.dtype)
    alpha = [log_probs[0, k] if s < starts else nothing for s, k in enumerate(classes)]
    for frame in log_probs[1:]:
        grown = []
        for s, k in enumerate(classes):
            ways = alpha[max(s - 1, 0) : s + 1]
            jump = s >= 2 and k != blank and (skip == "always" or (skip == "differs" and k != classes[s - 2]))
            ways = [alpha[s - 2], *ways] if jump else ways
            stacked = torch.stack(ways)
            grown.append((stacked.max() if best else stacked.logsumexp(dim=0)) + frame[k])
        alpha = grown
    last = torch.stack(alpha[-ends:])
    return -(last.max() if best else last.logsumexp(dim=0))


def with_products(log_probs: Tensor, targets: Tensor, blank: int) -> Tensor:
    """Probabilities multiplied: after many frames they are 0."""
    probs = log_probs.exp()
    classes = [blank]
    for target in targets.tolist():
        classes += [target, blank]
    alpha = [probs[0, k] if s < 2 else torch.zeros(()) for s, k in enumerate(classes)]
    for frame in probs[1:]:
        grown = []
        for s, k in enumerate(classes):
            jump = s >= 2 and k not in (blank, classes[s - 2])
            ways = alpha[max(s - 2, 0) if jump else max(s - 1, 0) : s + 1]
            grown.append(torch.stack(ways).sum() * frame[k])
        alpha = grown
    return -torch.log(alpha[-1] + alpha[-2])


def over_all_states(log_probs: Tensor, targets: Tensor, blank: int) -> Tensor:
    """Paths that have not said the whole word count as well."""
    return lattice_loss(log_probs, targets, blank, ends=2 * len(targets) + 1)


def without_blanks_between(log_probs: Tensor, targets: Tensor, blank: int) -> Tensor:
    """The letters' own probabilities in the first U frames."""
    steps = min(len(targets), len(log_probs))
    return -log_probs[torch.arange(steps), targets[:steps]].sum()


def place_by_place(said: Sequence[str], right: Sequence[str]) -> int:
    """One word too many, and all after it are wrong."""
    return sum(s != r for s, r in zip(said, right, strict=False)) + abs(len(said) - len(right))


def by_sets(said: Sequence[str], right: Sequence[str]) -> int:
    """No order, no count."""
    return len(set(said) ^ set(right))


def only_length(said: Sequence[str], right: Sequence[str]) -> int:
    """How many words too many or too few."""
    return abs(len(said) - len(right))


def replacing_costs_two(said: Sequence[str], right: Sequence[str]) -> int:
    """To replace counted as deleting and inserting."""
    common = [[0] * (len(right) + 1) for _ in range(len(said) + 1)]
    for i, s in enumerate(said):
        for j, r in enumerate(right):
            common[i + 1][j + 1] = common[i][j] + 1 if s == r else max(common[i][j + 1], common[i + 1][j])
    return len(said) + len(right) - 2 * common[-1][-1]


def by_recursion(said: Sequence[str], right: Sequence[str]) -> int:
    """A right answer by recursion."""
    if not said or not right:
        return len(said) + len(right)
    if said[0] == right[0]:
        return by_recursion(said[1:], right[1:])
    return 1 + min(by_recursion(said[1:], right), by_recursion(said, right[1:]), by_recursion(said[1:], right[1:]))


def missing_words_free(said: Sequence[str], right: Sequence[str]) -> int:
    """What was left out costs nothing at the start: the first row is all zeros."""
    row = [0] * (len(right) + 1)
    for i, s in enumerate(said, 1):
        before, row = row, [i]
        for j, r in enumerate(right, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (s != r)))
    return row[-1]


# ---------------------------------------------------------------------------------------------------------------------
# Functions: from samples to numbers that a network can read

frames_count = FunctionExercise(
    lesson="17",
    name="frames_count",
    reference=count_frames,
    cases=samples_windows_and_hops,
    result="a whole number of windows",
    variants=(lambda samples, window, hop: len(range(0, samples - window + 1, hop)),),
    mistakes=(
        Mistake(
            lambda samples, window, hop: (samples - window) // hop,
            "One is missing: the first window starts at 0, before any hop. (And a clip that is too short has none.)",
        ),
        Mistake(
            lambda samples, window, hop: samples // hop,
            "A window starts at every hop, and the last ones would reach beyond the clip: whole windows only.",
        ),
        Mistake(
            lambda samples, window, hop: samples // window,
            "Windows overlap: each starts one `hop` after the one before, not one `window` after it.",
        ),
        Mistake(
            lambda samples, window, hop: max(0, (samples - window) // hop),
            "One too few: a clip that is exactly as long as a window has one window, not none.",
        ),
        Mistake(
            lambda samples, window, hop: max(0, 1 + (samples - window) / hop),
            "Windows are whole: use `//`, which rounds down.",
        ),
        Mistake(
            lambda samples, window, hop: 1 + (samples - window) // hop,
            "A clip shorter than a window has no window. Yours says so for some clips only by luck, and may even go "
            "below 0: use `if` or `max`.",
        ),
        Mistake(
            lambda samples, window, hop: max(0, math.ceil((samples - window) / hop) + 1) if samples >= window else 0,
            "You rounded up: the last window would reach beyond the clip.",
        ),
    ),
    hints=(
        "The first window needs `window` samples. Each further one needs `hop` more.",
        "How often does `hop` go into what is left after the first window? Use `//`.",
        "`return 1 + (samples - window) // hop if samples >= window else 0`",
    ),
)

triangle = FunctionExercise(
    lesson="17",
    name="triangle",
    reference=mel_triangle,
    cases=frequencies_and_corners,
    result="the weight of each frequency, shape (F,)",
    variants=(by_pairs,),
    mistakes=(
        Mistake(
            lambda frequencies, left, centre, right: torch.maximum(
                (frequencies - left) / (centre - left), (right - frequencies) / (right - centre)
            ).clamp(min=0),
            "You took the larger of the two sides. The triangle lies below both lines: the smaller.",
        ),
        Mistake(not_cut, "Outside the triangle your weights are below 0. They should be 0 there: `.clamp(min=0)`."),
        Mistake(
            of_area_one,
            "You scaled the triangle to the area 1. (There are filters of that kind.) Here its peak is 1.",
        ),
        Mistake(a_box, "That is a box. Between the corners the weight rises to 1 at `centre`, and falls again."),
        Mistake(
            symmetric,
            "Your two sides are equally long. The left one goes from `left` to `centre`, the right one from `centre` "
            "to `right`: they differ.",
        ),
        Mistake(
            larger_of_the_two,
            "You took the larger of the two lines. Inside the triangle the *smaller* one is its side.",
        ),
    ),
    hints=(
        "Two straight lines: one rises from 0 at `left` to 1 at `centre`, one falls from 1 at `centre` to 0 at "
        "`right`. Which of the two is the triangle?",
        "The rising one is `(frequencies - left) / (centre - left)`. The triangle is the smaller of the two, and "
        "never below 0.",
        "`return torch.minimum((frequencies - left) / (centre - left), (right - frequencies) / (right - centre))"
        ".clamp(min=0)`",
    ),
)

decibels = FunctionExercise(
    lesson="17",
    name="decibels",
    reference=below_the_loudest,
    cases=powers_and_floor,
    result="decibels between −floor and 0, shape (T, M)",
    tolerance=1e-4,
    variants=(floor_of_power, to_decibels),
    mistakes=(
        Mistake(
            lambda power, floor: torch.log10((power / power.max()).clamp(min=10 ** (-floor / 10))),
            "Those are powers of ten, bels. A decibel is a tenth of that: ten times the logarithm.",
        ),
        Mistake(
            lambda power, floor: to_decibels(power, floor, factor=20.0),
            "20 times the logarithm is right for *amplitudes*. This is power, their square: 10 times.",
        ),
        Mistake(
            lambda power, floor: (10 * torch.log(power / power.max())).clamp(min=-floor),
            "That is the natural logarithm. Decibels take the one to base 10: `torch.log10`.",
        ),
        Mistake(
            absolute_decibels,
            "Divide by the largest power of the clip first. Then a quiet recording looks like a loud one.",
        ),
        Mistake(no_floor, "The floor is missing: what is more than `floor` dB below the loudest is set to −floor."),
        Mistake(
            no_floor_at_all,
            "The floor is missing, and silence became −∞, which no network survives: set it to −floor.",
        ),
        Mistake(
            peak_of_each_frame,
            "You divided each frame by its own loudest value: pauses would look as loud as speech. One peak for all.",
        ),
        Mistake(
            lambda power, floor: to_decibels(power, floor) + floor,
            "Yours runs from 0 to floor. It should run from −floor to 0: 0 dB is the loudest.",
        ),
    ),
    hints=(
        "Divide by `power.max()`: the loudest becomes 1, and log10 of 1 is 0.",
        "Ten times log10. Then nothing below −floor: `.clamp(min=-floor)` also catches the −∞ of silence.",
        "`return (10 * torch.log10(power / power.max())).clamp(min=-floor)`",
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# Functions: CTC

collapsed = FunctionExercise(
    lesson="17",
    name="collapsed",
    reference=read_path,
    cases=paths_and_blank,
    result="a list of classes, without blanks",
    variants=(
        by_groups,
        lambda path, blank: [k for k, before in zip(path, [None, *path], strict=False) if k not in (before, blank)],
    ),
    mistakes=(
        Mistake(
            blanks_first,
            "You took out the blanks first, or compared with the last class that you kept. Then 1, 0, 1 becomes one 1: "
            "the blank was there to keep the two apart. "
            "Repeats first.",
        ),
        Mistake(only_blanks, "The blanks are gone, but a sound that lasts for three frames was still said once."),
        Mistake(only_repeats, "The repeats are gone; the blanks say nothing, and go too."),
        Mistake(
            each_once,
            "You kept each class once in all. Only repeats *in a row* go: what comes back later was said again.",
        ),
        Mistake(
            lambda path, blank: by_groups(path, 0),
            "You took class 0 for the blank always. Which class is the blank is said by `blank`.",
        ),
    ),
    hints=(
        "Two rules, in this order: of equal classes in a row keep one; then drop the blanks.",
        "A class is kept if it differs from the one before it, and is not the blank.",
        "`itertools.groupby(path)` gives each run of equal classes once: `[k for k, _ in groupby(path) if k != blank]`",
    ),
)

shortest = FunctionExercise(
    lesson="17",
    name="shortest",
    reference=fewest_frames,
    cases=words_to_fit,
    result="a whole number of frames",
    variants=(ctc.shortest, lambda text: 2 * len(text) - len(list(itertools.groupby(text)))),
    mistakes=(
        Mistake(len, 'A frame for each letter is not enough for "aa": a, a would be read as one a.'),
        Mistake(
            lambda text: 2 * len(text) + 1,
            "That is the number of *states*, with a blank at each end and between all letters. Most blanks may be "
            "passed over.",
        ),
        Mistake(
            lambda text: 2 * len(text) - 1,
            "A blank is needed only between two *equal* letters; between others it may be left out.",
        ),
        Mistake(
            lambda text: len(set(text)),
            "A letter that comes back needs a frame of its own again.",
        ),
        Mistake(
            lambda text: len(text) + len(text) - len(set(text)),
            "You counted letters that come back anywhere. Only if the two stand next to each other do they need a "
            "blank between.",
        ),
    ),
    hints=(
        "Each letter needs a frame of its own. Which two letters in a row cannot follow each other directly?",
        'In "hello" the two l would flow together: there must be a blank between.',
        "`return len(text) + sum(a == b for a, b in zip(text, text[1:]))`",
    ),
)

ctc_forward = FunctionExercise(
    lesson="17",
    name="ctc_forward",
    reference=forward_loss,
    cases=frames_and_targets,
    result="the loss in nats, one number: −log of the sum over all alignments",
    tolerance=1e-4,
    gradients=False,
    variants=(lattice_loss, ctc.ctc_forward),
    mistakes=(
        Mistake(
            lambda log_probs, targets, blank: lattice_loss(log_probs, targets, 0),
            "You took class 0 for the blank. It is the class `blank`, which may be another.",
        ),
        Mistake(
            lambda log_probs, targets, blank: lattice_loss(log_probs, targets, blank, skip="always"),
            'You may not pass over the blank between two *equal* letters: "aa" would then be read as "a". Compare '
            "with the class two states before.",
        ),
        Mistake(
            lambda log_probs, targets, blank: lattice_loss(log_probs, targets, blank, skip="never"),
            "Between two *different* letters the blank may be passed over: a third way into such a state.",
        ),
        Mistake(
            lambda log_probs, targets, blank: lattice_loss(log_probs, targets, blank, best=True),
            "That is the best path alone. Sum over all: `logsumexp`, not `max`.",
        ),
        Mistake(
            lambda log_probs, targets, blank: lattice_loss(log_probs, targets, blank, ends=1),
            "Your paths must end in the last blank. They may also end in the last letter: two states.",
        ),
        Mistake(
            lambda log_probs, targets, blank: lattice_loss(log_probs, targets, blank, starts=1),
            "Your paths must start with a blank. They may also start with the first letter: two states.",
        ),
        Mistake(
            with_products,
            "Your products of probabilities become 0 after many frames, and the loss infinite. Add logarithms in their "
            "place; and in place of a sum `torch.logsumexp`.",
        ),
        Mistake(over_all_states, "You summed over all states at the end. Only in the last two is the whole word said."),
        Mistake(
            lambda log_probs, targets, blank: -lattice_loss(log_probs, targets, blank),
            "That is the log probability. The loss is −log: positive.",
        ),
        Mistake(
            lambda log_probs, targets, blank: torch.exp(-lattice_loss(log_probs, targets, blank)),
            "That is the probability itself. The loss is its −log.",
        ),
        Mistake(
            lambda log_probs, targets, blank: lattice_loss(log_probs, targets, blank) / len(targets),
            "Divided by the letters. (torch does so with reduction='mean'.) Here the loss of the whole word is wanted.",
        ),
        Mistake(
            without_blanks_between,
            "That is one single alignment, the letters in the first frames. Sum over all of them.",
        ),
    ),
    hints=(
        'The states of "ab" are - a - b -: `classes = [blank, a, blank, b, blank]`. At the first frame a path is in '
        "state 0 or 1.",
        "`alpha[s]` after a frame: logsumexp over `alpha[s]`, `alpha[s - 1]` and, if `classes[s]` is no blank and "
        "differs from `classes[s - 2]`, `alpha[s - 2]`; plus `frame[classes[s]]`.",
        "At the end `-torch.logsumexp(alpha[-2:], dim=0)`. Start with −inf everywhere but in states 0 and 1, and make "
        "a new `alpha` for each frame.",
    ),
)

greedy = FunctionExercise(
    lesson="17",
    reference=ctc.greedy,
    cases=frames_to_read,
    result="a list of classes, without blanks",
    variants=(reading_with(by_groups),),
    mistakes=(
        Mistake(
            lambda log_probs, blank: log_probs.argmax(dim=-1).tolist(),
            "That is the path, a class for each frame. Now collapse it.",
        ),
        Mistake(
            reading_with(blanks_first),
            "You took out the blanks first: two equal words with a blank between became one. Repeats first.",
        ),
        Mistake(reading_with(only_blanks), "A class that lasts for several frames was said once: collapse repeats."),
        Mistake(reading_with(only_repeats), "The blanks say nothing: leave them out."),
        Mistake(
            over_frames,
            "You asked each class for its best frame. Ask each *frame* for its best class: the classes are axis 1.",
        ),
        Mistake(least_likely, "These are log probabilities: the largest is the most probable. argmax."),
    ),
    hints=(
        "Which class is the most probable in each frame? `log_probs.argmax(dim=1)`.",
        "That is a path. You have written what reads a path: `ex.collapsed.mine()`.",
        "`return collapsed(log_probs.argmax(dim=1).tolist(), blank)`",
    ),
)

word_errors = FunctionExercise(
    lesson="17",
    name="word_errors",
    reference=ctc.edits,
    cases=said_and_right,
    result="a whole number: the fewest words to insert, delete or replace",
    variants=(by_recursion,),
    mistakes=(
        Mistake(
            place_by_place,
            "You compared place by place. One word left out, and all the others count as wrong; and yet one insertion "
            "would mend it.",
        ),
        Mistake(
            lambda said, right: sum(a != b for a, b in zip(said, right, strict=False)),
            "You compared place by place, and `zip` stops at the shorter list. One word left out, and all the others "
            "count as wrong; and yet one insertion would mend it.",
        ),
        Mistake(by_sets, "You compared sets: order and repeats are lost."),
        Mistake(only_length, "That is the difference of the lengths. Words can be wrong as well."),
        Mistake(replacing_costs_two, "To replace a word is *one* change, not a deletion and an insertion."),
        Mistake(
            missing_words_free,
            "Your first row is all zeros: words missing at the beginning cost nothing. From nothing to j words it "
            "takes j insertions.",
        ),
        Mistake(
            lambda said, right: by_recursion(said, right) / max(len(right), 1),
            "That is the error *rate*. Count the changes; the division comes later, for all sentences together.",
        ),
    ),
    hints=(
        "What does it cost to turn the first i words said into the first j right words? A table of (i, j).",
        "Row 0 is 0, 1, 2, …: insert all. Else the least of: above + 1, left + 1, and diagonal + (0 if the two words "
        "are equal, else 1).",
        "Keep one row: `row = list(range(len(right) + 1))`; for each word said, `before, row = row, [i]`, then append "
        "`min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (s != r))`. The last number is the answer.",
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# Questions

alignments_of_ab = NumberQuestion(
    lesson="17",
    name="alignments_of_ab",
    answer=5,
    mistakes={
        1: "a, b fills two frames only. In the third, one of the letters lasts, or there is a blank.",
        2: "a a b and a b b. And with a blank? It may stand before, between or after.",
        3: "A blank before, between or after: three. And without any blank, one letter lasts for two frames.",
        4: "One is missing. List them by where the blank is: first, second, third, nowhere.",
        6: "One too many. Does each of yours read ab, after repeats and blanks are gone?",
    },
    why="a a b, a b b, and with a blank: - a b, a - b, a b -.",
)

labelled_frames = ChoiceQuestion(
    lesson="17",
    name="labelled_frames",
    question="A clip of three seconds, and beside it: “seven two nine”. A network is to name the word of each frame. "
    "What is missing to train it?",
    choices=(
        "which frame belongs to which word",
        "a larger vocabulary",
        "nothing: each frame gets the label of its clip",
    ),
    answer="which frame belongs to which word",
    says={
        "a larger vocabulary": "Ten words are all that is said here. But where in the 300 frames is each of them?",
        "nothing: each frame gets the label of its clip": "The clip has three labels, and its frames are some 300.",
    },
    why="People write down what was said, not when. Hours of work for each minute of speech would be needed to tell.",
    prediction=False,
)

split_of_voices = ChoiceQuestion(
    lesson="17",
    name="split_of_voices",
    question="Which clips are kept aside, to tell how well a network hears the words of *strangers*?",
    choices=("a tenth of the clips, drawn at random", "some digits of every voice", "all clips of some voices"),
    answer="all clips of some voices",
    says={
        "a tenth of the clips, drawn at random": "Then nearly every voice is in both parts: the network is asked about "
        "voices that it knows.",
        "some digits of every voice": "Then it has never learnt some of the digits, and every voice is known to it.",
    },
    why="A stranger is somebody of whom nothing was heard before. (For “who is it?” it is the other way round: every "
    "voice must be learnt.)",
    prediction=False,
)

which_of_the_two = ChoiceQuestion(
    lesson="17",
    name="which_of_the_two",
    question="A phone unlocks when its owner says anything at all, and stays locked when others do. What does it do?",
    choices=("it recognises speech", "it recognises the speaker", "both are the same"),
    answer="it recognises the speaker",
    says={
        "it recognises speech": "*What* is said does not matter to it. Speech recognition writes down the words, "
        "whoever says them.",
        "both are the same": "The same clip has two labels: what was said, and who said it. Ask which of them decides "
        "here.",
    },
    why="The words do not matter to it. (“Voice recognition” is used for either of the two. Better say *speech* and "
    "*speaker*.)",
    prediction=False,
)

first_words = ChoiceQuestion(
    lesson="17",
    name="first_words",
    question="After its very first seconds of training: what does the network say to most clips?",
    choices=("words at random", "the most frequent word, again and again", "nothing"),
    answer="nothing",
    says={
        "words at random": "A wrong word costs, at every frame. What is safe at nearly all frames?",
        "the most frequent word, again and again": "Each digit is as frequent as the others. What is more frequent "
        "than all of them?",
    },
    why="Blanks belong to every clip, between all words. They are learnt first.",
)

# Answered by what the lesson measures.
heard_digit = NumberQuestion(lesson="17", name="heard_digit")

without_floor = NumberQuestion(lesson="17", name="without_floor", within=0.05, prediction=True)

words_right = NumberQuestion(lesson="17", name="words_right", within=0.03, prediction=True)

real_speakers = NumberQuestion(lesson="17", name="real_speakers", within=0.1, prediction=True)

voice_from_words = NumberQuestion(lesson="17", name="voice_from_words", within=0.15, prediction=True)
