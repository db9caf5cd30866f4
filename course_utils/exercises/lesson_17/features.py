"""Lesson 17: from samples to numbers that a network can read."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import NumberQuestion


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


def count_frames(samples: int, window: int, hop: int) -> int:
    """How many whole windows fit into a clip.

    Args:
        samples: the clip's length.
        window: samples of a window.
        hop: samples from the start of a window to the start of the next.
    """
    return 1 + (samples - window) // hop if samples >= window else 0


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
            "One is missing: the first window starts at 0, before any hop. And a clip that is too short has none.",
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


def frequencies_and_corners(generator: torch.Generator) -> list[tuple[Tensor, float, float, float]]:
    """frequencies: (F,) in Hz, and the three corners of a triangle whose sides are not alike."""
    return [
        (torch.tensor([0.0, 100.0, 150.0, 200.0, 300.0]), 100.0, 200.0, 400.0),
        (torch.linspace(0, 4_000, 101), 900.5, 1_100.25, 1_350.75),
        (4_000 * torch.rand(40, generator=generator), 200.0, 900.0, 2_500.0),
    ]


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


def without_its_peak(frequencies: Tensor, left: float, centre: float, right: float) -> Tensor:
    """`<` on both sides of the centre, where neither side holds."""
    rising, falling = (frequencies - left) / (centre - left), (right - frequencies) / (right - centre)
    side = torch.where(frequencies < centre, rising, falling) * (frequencies != centre)
    return torch.where((frequencies > left) & (frequencies < right), side, torch.zeros_like(side))


def upside_down(frequencies: Tensor, left: float, centre: float, right: float) -> Tensor:
    """0 at the centre, 1 at the corners."""
    inside = (frequencies > left) & (frequencies < right)
    return (1 - mel_triangle(frequencies, left, centre, right)) * inside


def larger_of_the_two(frequencies: Tensor, left: float, centre: float, right: float) -> Tensor:
    """`maximum` for `minimum`."""
    rising, falling = (frequencies - left) / (centre - left), (right - frequencies) / (right - centre)
    return torch.maximum(rising, falling).clamp(0, 1)


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
            without_its_peak,
            "At `centre` itself your weight is 0, and it should be 1: with < on both sides no side has the centre.",
        ),
        Mistake(
            lambda frequencies, left, centre, right: (
                mel_triangle(frequencies, left, centre, right) / mel_triangle(frequencies, left, centre, right).sum()
            ),
            "You scaled the weights to the sum 1. Here the peak is 1.",
        ),
        Mistake(
            lambda frequencies, left, centre, right: ((frequencies - left) / (centre - left)).clamp(0, 1),
            "That is the rising side alone. Behind `centre` the weight falls again, to 0 at `right`.",
        ),
        Mistake(
            upside_down,
            "Your triangle stands on its head: 1 at the corners and 0 at `centre`. It should be 1 at `centre`.",
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


def powers_and_floor(generator: torch.Generator) -> list[tuple[Tensor, float]]:
    """power: (T, M) of very different sizes, among them 0; floor in dB."""
    return [
        (torch.tensor([[100.0, 1.0]]), 30.0),
        (torch.tensor([[4.0, 0.0], [0.5, 0.0002]]), 30.0),
        (10.0 ** (6 * torch.rand(5, 4, generator=generator) - 7), 37.5),
        (10.0 ** (9 * torch.rand(6, 3, generator=generator) - 4), 50.0),
    ]


def below_the_loudest(power: Tensor, floor: float) -> Tensor:
    """Power in decibels below the loudest value of the clip; what is quieter than the floor is lifted to it.

    Args:
        power: (T, M), 0 or more, and not 0 everywhere.
        floor: in dB, above 0.

    Returns:
        (T, M) between −floor and 0.
    """
    return (10 * torch.log10(power / power.max())).clamp(min=-floor)


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
            "Those are powers of ten, called bels. A decibel is a tenth of a bel: take ten times the logarithm.",
        ),
        Mistake(
            lambda power, floor: to_decibels(power, floor, factor=20.0),
            "20 times the logarithm is right for amplitudes. This is power, their square: 10 times.",
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
            "The floor is missing, and silence became −∞. Set what is below the floor to −floor.",
        ),
        Mistake(
            peak_of_each_frame,
            "You divided each frame by its own loudest value, so a pause looks as loud as speech. Divide all "
            "frames by one peak.",
        ),
        Mistake(
            lambda power, floor: (10 * torch.log10(power / power.amax(dim=0, keepdim=True))).clamp(min=-floor),
            "You divided each band by its own loudest value. Divide all by one peak: `power.max()`.",
        ),
        Mistake(
            lambda power, floor: (10 * torch.log10(power / power.mean())).clamp(min=-floor),
            "You divided by the mean. 0 dB is the loudest value: divide by `power.max()`.",
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

# Answered by what the lesson measures.
heard_digit = NumberQuestion(lesson="17", name="heard_digit", label=True)

without_floor = NumberQuestion(lesson="17", name="without_floor", within=0.05, prediction=True)
