"""A picture of what was measured of a claim: a line for each part, in the page's own colours, light and dark."""

from __future__ import annotations

import math
from collections.abc import Sequence

from course_utils.claims.boxes import outcome_text, part_line
from course_utils.claims.verdicts import NEARLY_ALL, Finding
from course_utils.display.html import Html, element, joined
from course_utils.display.numbers import short

WIDTH, HEIGHT, MIDDLE = 300, 44, 18  # of a strip, and the height of its line
SIDE = 24  # left and right of the scale, for the numbers at its ends
APART = 50  # two numbers nearer than that would run into each other
CAPTION = (
    "Dot: the mean over the seeds. Thick line: its interval. Upright line: what it is compared with. Grey: nearer to "
    "that than the smallest effect that matters. Each strip has a scale of its own."
)


def strips(findings: Sequence[Finding]) -> Html:
    """The parts of a claim that were measured, one below the other; empty where none was.

    Args:
        findings: of the parts.
    """
    rows = [
        element("div", element("span", finding.part.text), strip(finding), **{"class": "strip"})
        for finding in findings
        if finding.estimate is not None
    ]
    if not rows:
        return Html("")
    return element("figure", *rows, element("figcaption", CAPTION), **{"class": "strips"})


def strip(finding: Finding) -> Html:
    """One part: its mean and interval beside what it is compared with.

    Args:
        finding: with an estimate; that of a single seed has no interval.
    """
    estimate, (low, high) = finding.estimate, zone(finding)
    assert estimate is not None
    bounds = [end for end in (estimate.low, estimate.high) if math.isfinite(end)]
    lines = [] if finding.part.expect == "reached" else [finding.part.than]
    inside = [low, high, estimate.mean, *bounds, *lines]
    least, most = min(inside), max(inside)
    scale = (WIDTH - 2 * SIDE) / ((most - least) or 1.0)

    def place(value: float) -> str:
        return f"{SIDE + (value - least) * scale:.1f}"

    ends = dict.fromkeys((least, most))
    between = [value for value in lines if all(abs(value - end) * scale > APART for end in ends)]
    drawn = [
        _rect(place(low), f"{(high - low) * scale:.1f}"),
        *(_line(place(value), place(value), 4, HEIGHT - 12, "than") for value in lines),
        *([_line(place(bounds[0]), place(bounds[-1]), MIDDLE, MIDDLE, "interval")] if bounds else []),
        element("circle", cx=place(estimate.mean), cy=str(MIDDLE), r="5"),
        *(_number(place(value), short(value)) for value in (*ends, *between)),
    ]
    label = f"{part_line(finding)}."
    picture = element("svg", *drawn, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=label)
    return joined([picture, element("span", outcome_text(finding), **{"class": "outcome"})])


def zone(finding: Finding) -> tuple[float, float]:
    """From where to where a number counts as no different; of a share that was to be reached, where it is reached."""
    part = finding.part
    return (NEARLY_ALL, 1.0) if part.expect == "reached" else (part.than - part.margin, part.than + part.margin)


def _rect(x: str, width: str) -> Html:
    return element("rect", x=x, y="4", width=width, height=str(HEIGHT - 16), **{"class": "zone"})


def _line(x1: str, x2: str, y1: int, y2: int, kind: str) -> Html:
    return element("line", x1=x1, x2=x2, y1=str(y1), y2=str(y2), **{"class": kind})


def _number(x: str, text: str) -> Html:
    return element("text", text, x=x, y=str(HEIGHT - 1))
