"""The pictures of what was measured of a claim."""

from __future__ import annotations

import math
import re

import pytest

from course_utils.claims.rules import Part
from course_utils.claims.verdicts import Estimate, Finding, Outcome
from tools.site.strips import SIDE, WIDTH, strip, strips, zone


def finding(estimate: Estimate | None, expect: str = "above", than: float = 0.0, margin: float = 0.1) -> Finding:
    part = Part("LSTM & RNN", "", "contest", "accuracy", {}, None, "mean", expect, than, margin, "")
    return Finding(part, estimate, Outcome.SUPPORTED)


def numbers(picture: str, tag: str, *names: str) -> list[float]:
    found = re.search(rf"<{tag} [^>]*>", picture)
    assert found is not None
    return [float(re.search(rf' {name}="([-\d.]+)"', found[0])[1]) for name in names]  # type: ignore[index]


def test_mean_interval_and_zone_stand_in_proportion() -> None:
    picture = strip(finding(Estimate(0.5, 0.3, 0.9, 10)))
    scale = (WIDTH - 2 * SIDE) / 1.0  # from -0.1, where the zone begins, to 0.9
    x, width = numbers(picture, "rect", "x", "width")
    assert (x, width) == pytest.approx((SIDE, 0.2 * scale), abs=0.1)
    assert numbers(picture, "circle", "cx") == pytest.approx([SIDE + 0.6 * scale], abs=0.1)
    assert f'x1="{SIDE + 0.4 * scale:.1f}" x2="{SIDE + scale:.1f}"' in picture
    assert re.findall(r"<text [^>]*>(.*?)</text>", picture) == ["−0.1", "0.9"]


def test_what_it_is_compared_with_is_named_where_there_is_room() -> None:
    picture = strip(finding(Estimate(0.0, -0.9, 0.9, 10), than=0.1))
    assert re.findall(r"<text [^>]*>(.*?)</text>", picture) == ["−0.9", "0.9", "0.1"]


def test_a_single_seed_has_no_interval_and_a_number_without_spread_is_drawn() -> None:
    assert 'class="interval"' not in strip(finding(Estimate(0.5, -math.inf, math.inf, 1)))
    assert "nan" not in strip(finding(Estimate(0.0, 0.0, 0.0, 3), margin=0.0))


def test_a_share_that_was_to_be_reached_is_compared_with_nearly_all() -> None:
    reached = finding(Estimate(1.0, 0.7, 1.0, 10), "reached", 0.0, 0.0)
    assert zone(reached) == (0.9, 1.0)
    assert 'class="than"' not in strip(reached)


def test_parts_without_rows_are_left_out_and_words_say_what_the_picture_shows() -> None:
    shown = strips([finding(None), finding(Estimate(0.5, 0.3, 0.9, 10))])
    assert shown.count("<svg") == 1
    assert "LSTM &amp; RNN: mean 0.5, 95 % interval 0.3 to 0.9, 10 seeds" in shown
    assert "✔ supported" in shown
    assert strips([finding(None)]) == ""
