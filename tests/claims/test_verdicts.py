"""From rows to a verdict: by hand, against another implementation, and by properties that every rule must have."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from statsmodels.stats.weightstats import DescrStatsW

from course_utils.claims.numbers import per_seed
from course_utils.claims.rules import EXPECTATIONS, Claim, Part
from course_utils.claims.verdicts import (
    REFUTED,
    Estimate,
    Finding,
    Outcome,
    conditions,
    estimate,
    finding_of,
    findings_of,
    judge,
    smallest,
    verdict,
    verdict_and_remark,
)
from course_utils.errors import CourseError
from course_utils.experiments.framework import runner
from tests.experiments import tiny_experiments as tiny

SUPPORTED, CONTRADICTED, EQUIVALENT, UNDECIDED = Outcome
PART = Part(
    text="a part",
    when="x",
    experiment="recall",
    metric="accuracy",
    where={"network": "feedforward"},
    minus=None,
    statistic="mean",
    expect="within",
    than=0.25,
    margin=0.02,
    unit="",
)
# multiples of 1/16 are exact, and so are their sums and differences
sixteenths = st.integers(-800, 800).map(lambda n: n / 16)
margins = st.integers(0, 400).map(lambda n: n / 16)
samples = st.lists(sixteenths, min_size=2, max_size=12)
BESIDE = tuple(expect for expect in EXPECTATIONS if expect != "reached")  # a number, that can be moved
expectations = st.sampled_from(BESIDE)


def part(**changes: Any) -> Part:
    return dataclasses.replace(PART, **changes)


def found(*outcomes: tuple[str, Outcome]) -> list[Finding]:
    return [Finding(part(when=when), Estimate(0, 0, 0, 9), outcome) for when, outcome in outcomes]


def near_a_bound(values: list[float], than: float, margin: float) -> bool:
    """Is an end of the interval within rounding of a number it is compared with?"""
    one = estimate(values, 0.95)
    bounds = (than - margin, than + margin)
    return any(abs(end - bound) < 1e-9 for end in (one.low, one.high) for bound in bounds)


# --- the interval ---


def test_an_interval_by_hand() -> None:
    one = estimate([1.0, 2.0, 3.0], 0.95)  # t with 2 degrees of freedom at 97.5 %: 4.3027
    assert (one.mean, one.seeds) == (2.0, 3)
    assert one.high - 2 == pytest.approx(4.302653 / math.sqrt(3), rel=1e-6)
    assert 2 - one.low == pytest.approx(one.high - 2)


@given(samples, st.floats(0.5, 0.999))
def test_the_interval_is_that_of_statsmodels(values: list[float], interval: float) -> None:
    assume(len(set(values)) > 1)
    one = estimate(values, interval)
    low, high = DescrStatsW(values).tconfint_mean(alpha=1 - interval)
    assert (one.low, one.high) == pytest.approx((low, high), rel=1e-7, abs=1e-9)


@given(st.floats(-1e6, 1e6), st.integers(2, 30))
def test_equal_values_have_an_interval_without_width(value: float, count: int) -> None:
    assert estimate([value] * count, 0.95) == Estimate(value, value, value, count, 0.95)


@pytest.mark.parametrize(("a", "b"), [(1.0, 1.0), (0.0, 0.0), (1.0, 0.0), (0.0, 1.0)])
def test_two_accuracies_that_are_the_same_end_with_every_seed_leave_room_as_shares_do(a: float, b: float) -> None:
    one = estimate([a] * 10, 0.95, "accuracy", [b] * 10)
    assert one == estimate([a] * 10, 0.95, "share", [b] * 10)
    assert one.high - one.low > 0.3
    assert judge(one, "above", 0, 0.05) is not EQUIVALENT


def test_the_difference_of_equal_means_is_0_and_no_rounding_error() -> None:
    a, b = [0.1 + 0.2, 0.3, 0.7], [0.3, 0.1 + 0.2, 0.7]
    assert math.fsum(x - y for x, y in zip(a[:1], b[:1], strict=True)) != 0
    assert estimate(a[:1] * 2, 0.95, "accuracy", b[:1] * 2).mean == 0


def test_one_seed_has_no_interval() -> None:
    one = estimate([0.5], 0.95)
    assert (one.mean, one.low, one.high) == (0.5, -math.inf, math.inf)
    for expect in EXPECTATIONS:
        assert judge(one, expect, 0, 100) is UNDECIDED


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    generator = np.random.default_rng(0)
    draws = generator.normal(3, 2, size=(4000, 6))
    intervals = [estimate(list(values), 0.9) for values in draws]
    covered = np.mean([one.low <= 3 <= one.high for one in intervals])
    assert 0.88 < covered < 0.92  # 4,000 draws at 90 %: a standard error of 0.5 %


# --- one part ---


@pytest.mark.parametrize(
    ("low", "high", "above", "below", "within"),
    [  # beside the number 1, give or take 0.5
        (1.6, 2.0, SUPPORTED, CONTRADICTED, CONTRADICTED),
        (1.4, 1.6, UNDECIDED, CONTRADICTED, UNDECIDED),
        (0.6, 1.4, EQUIVALENT, EQUIVALENT, SUPPORTED),
        (0.5, 1.5, EQUIVALENT, EQUIVALENT, SUPPORTED),
        (0.4, 1.6, UNDECIDED, UNDECIDED, UNDECIDED),
        (0.4, 1.4, CONTRADICTED, UNDECIDED, UNDECIDED),
        (0.1, 0.4, CONTRADICTED, SUPPORTED, CONTRADICTED),
        (1.5, 1.6, UNDECIDED, CONTRADICTED, UNDECIDED),
        (1.5, 1.5, EQUIVALENT, EQUIVALENT, SUPPORTED),
    ],
)
def test_a_part_by_hand(low: float, high: float, above: Outcome, below: Outcome, within: Outcome) -> None:
    one = Estimate((low + high) / 2, low, high, 10)
    assert [judge(one, expect, 1.0, 0.5) for expect in ("above", "below", "within")] == [above, below, within]


@given(samples, sixteenths, margins)
def test_above_and_below_mirror_each_other(values: list[float], than: float, margin: float) -> None:
    mirrored = judge(estimate([-value for value in values], 0.95), "below", -than, margin)
    assert judge(estimate(values, 0.95), "above", than, margin) is mirrored


@given(samples, st.randoms(use_true_random=False))
def test_the_order_of_the_seeds_does_not_matter(values: list[float], random: Any) -> None:
    assert estimate(random.sample(values, len(values)), 0.95) == estimate(values, 0.95)


@given(samples, sixteenths, margins, expectations, sixteenths)
def test_a_shift_of_values_and_number_changes_nothing(
    values: list[float], than: float, margin: float, expect: str, shift: float
) -> None:
    assume(not near_a_bound(values, than, margin))
    shifted = estimate([value + shift for value in values], 0.95)
    assert judge(shifted, expect, than + shift, margin) is judge(estimate(values, 0.95), expect, than, margin)


@given(samples, sixteenths, margins, expectations, st.sampled_from([0.25, 2.0, 1024.0]))
def test_the_unit_changes_nothing(values: list[float], than: float, margin: float, expect: str, factor: float) -> None:
    assume(not near_a_bound(values, than, margin))
    scaled = estimate([value * factor for value in values], 0.95)
    assert judge(scaled, expect, than * factor, margin * factor) is judge(estimate(values, 0.95), expect, than, margin)


@given(samples, sixteenths, margins, margins, st.sampled_from(["above", "below"]))
def test_a_larger_margin_supports_nothing_more_and_what_was_equivalent_stays_so(
    values: list[float], than: float, margin: float, more: float, expect: str
) -> None:
    one = estimate(values, 0.95)
    small, large = judge(one, expect, than, margin), judge(one, expect, than, margin + more)
    if small is not SUPPORTED:
        assert large is not SUPPORTED
    if small is EQUIVALENT:
        assert large is EQUIVALENT


@given(samples, sixteenths, margins, margins)
def test_a_larger_margin_never_takes_within_away(values: list[float], than: float, margin: float, more: float) -> None:
    one = estimate(values, 0.95)
    if judge(one, "within", than, margin) is SUPPORTED:
        assert judge(one, "within", than, margin + more) is SUPPORTED


@given(samples, sixteenths, margins)
def test_above_and_below_are_never_both_supported_and_agree_on_equivalent(
    values: list[float], than: float, margin: float
) -> None:
    one = estimate(values, 0.95)
    above, below, within = (judge(one, expect, than, margin) for expect in ("above", "below", "within"))
    assert not (above is SUPPORTED and below is SUPPORTED)
    assert (above is EQUIVALENT) == (below is EQUIVALENT) == (within is SUPPORTED)
    if above is SUPPORTED:
        assert below is CONTRADICTED


@given(samples, sixteenths, margins, expectations)
def test_a_surer_interval_decides_nothing_more(values: list[float], than: float, margin: float, expect: str) -> None:
    if judge(estimate(values, 0.9), expect, than, margin) is UNDECIDED:
        assert judge(estimate(values, 0.99), expect, than, margin) is UNDECIDED


# --- rows to numbers ---


@pytest.fixture(scope="module")
def recall() -> pd.DataFrame:
    return runner.run(tiny.RECALL, jobs=1)


def table(*rows: tuple[int, str, int, float | bool]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["seed", "network", "lag", "accuracy"])


ROWS = table(
    (3, "a", 1, 0.5), (3, "a", 2, 0.25), (3, "b", 1, 0.125), (8, "a", 1, 1.0), (8, "a", 2, 0.5), (8, "b", 1, 0.75)
)


@pytest.mark.parametrize(
    ("where", "minus", "expected"),
    [
        ({"network": "a"}, None, [0.375, 0.75]),
        ({"network": "a", "lag": [1, 2]}, None, [0.375, 0.75]),
        ({"network": "a", "lag": 2}, None, [0.25, 0.5]),
        ({"network": ["a", "b"], "lag": [1]}, None, [0.3125, 0.875]),
        ({}, None, [0.875 / 3, 0.75]),
        ({"network": "a", "lag": 1}, {"network": "b"}, [0.375, 0.25]),
    ],
)
def test_a_seed_s_number_by_hand(where: dict[str, Any], minus: dict[str, Any] | None, expected: list[float]) -> None:
    assert per_seed(part(where=where, minus=minus), ROWS) == pytest.approx(expected, abs=1e-15)


@given(st.permutations(range(len(ROWS))))
def test_the_order_of_the_rows_does_not_matter(order: list[int]) -> None:
    one = part(where={"network": "a"}, minus={"network": "b"})
    assert per_seed(one, ROWS.iloc[order]) == per_seed(one, ROWS)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"metric": "accurcy"}, "no column in the rows of experiment 'recall' 'accurcy'. Did you mean 'accuracy'"),
        ({"where": {"cell": "a"}}, "no column .*'cell'"),
        ({"where": {"network": "c"}}, "'recall' has no rows for network = c at seed 3"),
        ({"where": {"network": "a", "lag": [1, 4]}}, "no rows for lag = 4 at seed 3"),
        ({"where": {"network": "b", "lag": 2}}, "no rows for lag = 2"),
        ({"minus": {"network": "c"}}, "no rows for network = c"),
        ({"metric": "network"}, "network is not a number in every row"),
    ],
)
def test_rows_that_a_rule_reads_and_are_not_there_are_told(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(CourseError, match=reason):
        per_seed(part(**{"where": {"network": "a"}, **changes}), ROWS)


def test_a_seed_without_its_rows_is_told() -> None:
    with pytest.raises(CourseError, match="no rows for network = b at seed 8"):
        per_seed(part(where={"network": "b"}), ROWS.iloc[:5])


def test_a_metric_that_was_not_measured_everywhere_is_told() -> None:
    rows = ROWS.assign(accuracy=[None, *ROWS["accuracy"][1:]])
    with pytest.raises(CourseError, match="accuracy is not a number in every row"):
        per_seed(part(where={"network": "a"}), rows)


def test_truth_values_are_shares() -> None:
    rows = table((0, "a", 1, True), (0, "a", 2, False), (1, "a", 1, True))
    assert per_seed(part(where={"network": "a"}), rows) == [0.5, 1.0]


def test_the_recall_experiment_from_rows_to_outcomes(recall: pd.DataFrame) -> None:
    paired = part(where={"network": "RNN"}, minus={"network": "feedforward"}, expect="above", than=0.5, margin=0.1)
    assert finding_of(PART, recall, 10, 0.95).outcome is SUPPORTED
    assert finding_of(paired, recall, 10, 0.95).outcome is SUPPORTED
    assert finding_of(part(expect="above", than=0.3), recall, 10, 0.95).outcome is CONTRADICTED
    assert finding_of(part(expect="above"), recall, 10, 0.95).outcome is EQUIVALENT


def test_the_difference_is_paired(recall: pd.DataFrame) -> None:
    """Both networks share the noise of the seed, so that their difference has none."""
    one = finding_of(part(where={"network": "RNN"}, minus={"network": "feedforward"}), recall, 10, 0.95).estimate
    assert one is not None
    assert one.high - one.low < 1e-12
    alone = finding_of(PART, recall, 10, 0.95).estimate
    assert alone is not None
    assert alone.high - alone.low > 1e-3


def test_too_few_seeds_decide_nothing(recall: pd.DataFrame) -> None:
    one = finding_of(PART, recall, 11, 0.95)
    assert one.outcome is UNDECIDED
    assert one.note == "too few seeds: 10, a verdict needs 11"
    assert one.estimate is not None
    assert one.estimate.mean == pytest.approx(0.25)


@given(st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=30), st.sampled_from([0.8, 0.95]))
def test_the_interval_of_a_share_holds_it_and_stays_within_0_and_1(values: list[float], interval: float) -> None:
    got = estimate(values, interval, "share")
    assert 0 <= got.low <= got.mean <= got.high <= 1
    assert got.low < got.high  # never certain
    mirrored = estimate([1 - value for value in values], interval, "share")
    assert (mirrored.low, mirrored.high) == pytest.approx((1 - got.high, 1 - got.low))


def test_the_interval_of_a_share_by_hand() -> None:
    z = 1.959964  # Wilson's score for 0 of n: from 0 to z² / (n + z²)
    got = estimate([0.0] * 10, 0.95, "share")
    assert (got.low, got.high) == pytest.approx((0, z**2 / (10 + z**2)), abs=1e-6)


def test_a_share_of_other_numbers_is_refused() -> None:
    with pytest.raises(CourseError, match="0 or 1"):
        estimate([0.0, 0.5], 0.95, "share")


def test_the_interval_of_a_difference_of_shares_is_newcombe_s() -> None:
    """10 of 10 less 0 of 10: Wilson's interval ends at 0.2775 for 0 of 10, so that 1 − √2 · 0.2775 is its beginning."""
    got = estimate([1.0] * 10, 0.95, "share", [0.0] * 10)
    assert (got.mean, got.high) == (1, 1)
    assert got.low == pytest.approx(1 - math.sqrt(2) * 0.277533, abs=1e-5)
    none = estimate([0.0] * 10, 0.95, "share", [0.0] * 10)
    assert (none.low, none.high) == pytest.approx((-0.277533, 0.277533), abs=1e-5)


def test_a_number_that_reaches_a_threshold_counts_one() -> None:
    rows = table((0, "a", 1, 0.9), (1, "a", 1, 0.95), (2, "a", 1, 1.0))
    reached = {"where": {"network": "a"}, "statistic": "share"}
    assert per_seed(part(at_least=0.95, **reached), rows) == [0, 1, 1]
    assert per_seed(part(at_most=0.95, **reached), rows) == [1, 1, 0]


@given(st.lists(st.floats(0, 1), min_size=2, max_size=12), st.floats(0.5, 0.999))
def test_the_interval_of_an_accuracy_holds_it_and_stays_within_0_and_1(values: list[float], level: float) -> None:
    got = estimate(values, level, "accuracy")
    assert 0 <= got.low <= got.mean + 1e-12
    assert got.mean - 1e-12 <= got.high <= 1
    difference = estimate(values, level, "accuracy", [1 - value for value in values])
    assert -1 <= difference.low <= difference.high <= 1


def test_the_interval_of_an_accuracy_by_hand() -> None:
    got = estimate([0.9, 0.95, 1.0], 0.95, "accuracy")  # mean 0.95, t · s / √3 = 4.3027 · 0.05 / √3 = 0.12421
    spread = 4.302653 * 0.05 / math.sqrt(3) / (0.95 * 0.05)
    assert got.low == pytest.approx(1 / (1 + math.exp(-(math.log(19) - spread))), rel=1e-6)
    assert got.high < 1
    with pytest.raises(CourseError, match="from 0 to 1"):
        estimate([0.5, 1.5], 0.95, "accuracy")


def test_a_count_has_no_interval_and_is_the_same_with_every_seed() -> None:
    assert estimate([4.0, 4.0], 0.95, "count") == Estimate(4.0, 4.0, 4.0, 2, 1.0)
    assert estimate([4.0, 4.0], 0.95, "count", [1.0, 1.0]).mean == 3
    with pytest.raises(CourseError, match="A count is the same with every seed"):
        estimate([4.0, 5.0], 0.95, "count")


@pytest.mark.parametrize(
    ("mean", "low", "high", "outcome"),
    [
        (1.0, 0.72, 1.0, SUPPORTED),
        (0.9, 0.6, 0.98, SUPPORTED),
        (0.9, 0.596, 0.98, UNDECIDED),
        (0.85, 0.64, 0.95, UNDECIDED),
        (0.5, 0.3, 0.7, CONTRADICTED),
    ],
)
def test_nearly_all_seeds_by_hand(mean: float, low: float, high: float, outcome: Outcome) -> None:
    assert judge(Estimate(mean, low, high, 20), "reached", 0, 0) is outcome


def test_a_count_needs_no_number_of_seeds() -> None:
    rows = table((0, "a", 1, 4.0), (0, "b", 1, 1.0))
    asked: dict[str, Any] = {"where": {"network": "a"}, "expect": "above", "than": 1, "margin": 0.0}
    assert finding_of(part(statistic="count", **asked), rows, 10, 0.95).outcome is SUPPORTED
    assert finding_of(part(**asked), rows, 10, 0.95).outcome is UNDECIDED


# --- several parts ---


def claim_of(parts: list[Part], kind: str = "comparative", seeds: int = 2) -> Claim:
    return Claim("C01", "so", ("01",), (), "look", kind=kind, seeds=seeds, parts=tuple(parts))


def judged(numbers: dict[str, list[float]], kind: str = "comparative", **changes: Any) -> list[Finding]:
    """Parts, each above 0, with these numbers of their own."""
    rows = [(seed, name, 1, value) for name, values in numbers.items() for seed, value in enumerate(values)]
    asked: dict[str, Any] = {"expect": "above", "than": 0.0, "margin": 0.0, **changes}
    parts = [part(**{"when": name, "where": {"network": name}, **asked}) for name in numbers]
    return findings_of(claim_of(parts, kind), parts, {"recall": table(*rows)})


def p_value(values: list[float]) -> float:
    """Two-sided, of Student's t against 0."""
    return float(DescrStatsW(values).ttest_mean(0)[1])


@given(st.lists(st.lists(st.integers(-40, 100), min_size=5, max_size=5), min_size=1, max_size=5))
def test_several_parts_are_corrected_as_holm_says(numbers: list[list[int]]) -> None:
    """Against the p-values of statsmodels, corrected by hand; what lies at the very edge is left out."""
    samples = {f"n{n}": [value / 8 for value in values] for n, values in enumerate(numbers)}
    assume(all(len(set(values)) > 1 for values in samples.values()))
    chances = sorted(p_value(values) for values in samples.values())
    holm = [(len(chances) - rank) * chance for rank, chance in enumerate(chances)]
    assume(all(abs(value - 0.05) > 1e-6 for value in holm))
    decided = next((rank for rank, value in enumerate(holm) if value > 0.05), len(holm))
    found = judged(samples)
    assert sum(one.outcome is not UNDECIDED for one in found) == decided
    alone = judged(dict(list(samples.items())[:1]))[0].estimate
    assert alone is not None
    assert alone.level == pytest.approx(0.95)


def test_the_more_parts_the_surer_must_each_be() -> None:
    near = [1.0, 2.0, 3.0, 4.5, 0.2]  # p is about 0.04
    assert 0.025 < p_value(near) < 0.05
    assert judged({"a": near})[0].outcome is SUPPORTED
    both = judged({"a": near, "b": near})
    assert [one.outcome for one in both] == [UNDECIDED, UNDECIDED]
    assert [one.estimate.level for one in both if one.estimate] == pytest.approx([0.975, 0.975])
    sure = judged({"a": near, "b": [5.0, 5.1, 5.2, 5.0, 5.1]})
    assert [one.outcome for one in sure] == [SUPPORTED, SUPPORTED]  # the sure one has left, and the other is alone


def test_an_existential_claim_counts_its_settings_and_not_their_parts() -> None:
    """10 of 10 seeds are enough beside two other settings, however many parts each has."""
    rows = [(seed, name, lag, 1.0) for name in "abc" for lag in (1, 2, 4) for seed in range(10)]
    asked: dict[str, Any] = {"statistic": "share", "at_least": 0.9, "expect": "reached", "than": 0.0, "margin": 0.0}
    parts = [part(when=name, where={"network": name, "lag": lag}, **asked) for name in "abc" for lag in (1, 2, 4)]
    found = findings_of(claim_of(parts, "existential"), parts, {"recall": table(*rows)})
    assert {one.outcome for one in found} == {SUPPORTED}
    counted = findings_of(claim_of(parts, "comparative"), parts, {"recall": table(*rows)})
    assert {one.outcome for one in counted} == {UNDECIDED}


@given(st.floats(1e-9, 0.9))
def test_the_smallest_chance_is_found(edge: float) -> None:
    assert smallest(lambda alpha: alpha >= edge) == pytest.approx(edge, rel=1e-6)
    assert smallest(lambda alpha: True) == 0
    assert smallest(lambda alpha: False) == 1


# --- parts to a verdict ---


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([("x", SUPPORTED)], "holds"),
        ([("x", SUPPORTED), ("y", SUPPORTED)], "holds"),
        ([("x", SUPPORTED), ("y", CONTRADICTED)], "holds when x"),
        ([("x", SUPPORTED), ("y", EQUIVALENT)], "holds when x"),
        ([("x", SUPPORTED), ("x", SUPPORTED), ("y", CONTRADICTED)], "holds when x"),
        ([("x", SUPPORTED), ("y", SUPPORTED), ("z", CONTRADICTED)], "holds when x; when y"),
        ([("x", SUPPORTED), ("y", CONTRADICTED), ("z", UNDECIDED)], "holds when x"),
        ([("x", SUPPORTED), ("x", CONTRADICTED), ("y", SUPPORTED)], "holds when y"),
        ([("x", SUPPORTED), ("x", CONTRADICTED)], "does not hold"),
        ([("x", SUPPORTED), ("x", EQUIVALENT)], "does not hold"),
        ([("x", SUPPORTED), ("x", UNDECIDED), ("y", CONTRADICTED)], "undecided"),
        ([("x", SUPPORTED), ("y", UNDECIDED)], "undecided"),
        ([("x", UNDECIDED)], "undecided"),
        ([("x", UNDECIDED), ("y", CONTRADICTED)], "undecided"),
        ([("x", CONTRADICTED)], "does not hold"),
        ([("x", CONTRADICTED), ("y", EQUIVALENT)], "does not hold"),
        ([("x", EQUIVALENT), ("y", EQUIVALENT)], "equivalent"),
        ([("", SUPPORTED), ("x", SUPPORTED), ("y", CONTRADICTED)], "holds when x"),
        (
            [("x", SUPPORTED), ("x, counted in a", SUPPORTED), ("y", CONTRADICTED), ("x, counted in b", SUPPORTED)],
            "holds when x; when x, counted in a and b",
        ),
        ([("x, counted in a", SUPPORTED), ("x, counted in b", CONTRADICTED)], "holds when x, counted in a"),
        (
            [("x, counted in a, at z", SUPPORTED), ("x, counted in b, at z", SUPPORTED), ("y", CONTRADICTED)],
            "holds when x, counted in a and b, at z",
        ),
        ([("", CONTRADICTED), ("x", SUPPORTED)], "does not hold"),
        ([("", UNDECIDED), ("x", SUPPORTED), ("y", CONTRADICTED)], "undecided"),
        ([("", SUPPORTED), ("x", CONTRADICTED)], "does not hold"),
        ([("", SUPPORTED), ("", CONTRADICTED)], "does not hold"),
    ],
)
def test_a_verdict_by_hand(outcomes: list[tuple[str, Outcome]], expected: str) -> None:
    assert verdict(found(*outcomes)) == expected


@pytest.mark.parametrize(
    ("kind", "outcomes", "expected"),
    [
        ("universal", [("x", CONTRADICTED), ("y", UNDECIDED)], "does not hold"),
        ("universal", [("x", EQUIVALENT), ("y", UNDECIDED)], "undecided"),
        ("universal", [("x", CONTRADICTED), ("y", UNDECIDED), ("z", SUPPORTED)], "holds when z"),
        ("universal", [("x", SUPPORTED), ("y", UNDECIDED)], "undecided"),
        ("existential", [("x", SUPPORTED), ("y", UNDECIDED)], "holds when x"),
        ("existential", [("x", SUPPORTED), ("x", UNDECIDED), ("y", CONTRADICTED)], "undecided"),
        ("existential", [("x", CONTRADICTED), ("y", CONTRADICTED)], "does not hold"),
        ("existential", [("x", SUPPORTED), ("y", SUPPORTED)], "holds"),
        ("comparative", [("x", CONTRADICTED), ("y", UNDECIDED)], "undecided"),
        ("comparative", [("x", SUPPORTED), ("y", UNDECIDED)], "undecided"),
    ],
)
def test_what_sort_of_sentence_a_claim_is_decides(
    kind: str, outcomes: list[tuple[str, Outcome]], expected: str
) -> None:
    assert verdict(found(*outcomes), kind) == expected


def test_what_counts_under_a_condition_by_hand() -> None:
    assert conditions(found(("", SUPPORTED), ("x", UNDECIDED), ("y", SUPPORTED), ("x", SUPPORTED))) == {
        "x": [SUPPORTED, UNDECIDED, SUPPORTED],
        "y": [SUPPORTED, SUPPORTED],
    }


@given(st.lists(st.tuples(st.sampled_from(["", "x", "y", "z"]), st.sampled_from(Outcome)), min_size=1, max_size=6))
def test_verdicts_follow_their_words(outcomes: list[tuple[str, Outcome]]) -> None:
    said, kinds = verdict(found(*outcomes)), [outcome for _, outcome in outcomes]
    assert (said == "holds") == (set(kinds) == {SUPPORTED})
    assert (said == "equivalent") == (set(kinds) == {EQUIVALENT})
    if said == "does not hold":
        assert UNDECIDED not in kinds
        assert any(kind in REFUTED for kind in kinds)
    if said.startswith("holds when"):
        assert any(kind in REFUTED for kind in kinds)
        for when in said.removeprefix("holds when ").split("; when "):
            assert when
            assert {kind for condition, kind in outcomes if condition in ("", when)} == {SUPPORTED}
    if said == "undecided":
        assert UNDECIDED in kinds


@given(st.lists(st.tuples(st.just("x"), st.sampled_from(Outcome)), min_size=1, max_size=6), st.randoms())
def test_the_order_of_the_parts_does_not_matter(outcomes: list[tuple[str, Outcome]], random: Any) -> None:
    assert verdict(found(*random.sample(outcomes, len(outcomes)))) == verdict(found(*outcomes))


@pytest.mark.parametrize(
    ("changes", "outcomes", "expected"),
    [
        ({}, [], ("no verdict yet: its measurement is still to be written", "")),
        ({"to_come": ("12",)}, [], ("no verdict yet: lesson 12 is still to come", "")),
        ({"to_come": ("10", "12")}, [], ("no verdict yet: lessons 10 and 12 are still to come", "")),
        ({"source": ("A book.",), "ruling": "so"}, [], ("settled by source: so", "")),
        (
            {"source": ("A book.",), "lessons": ("12",), "to_come": ("12",)},
            [],
            ("no verdict yet: lesson 12 is still to come", ""),
        ),
        (
            {"source": ("A book.",), "ruling": "so", "lessons": ("05", "12"), "to_come": ("12",)},
            [],
            ("settled by source: so", "so far; lesson 12 is still to come"),
        ),
        ({}, [("x", SUPPORTED)], ("holds", "")),
        ({"to_come": ("12",)}, [("x", SUPPORTED)], ("holds", "so far; lesson 12 is still to come")),
        ({"source": ("A book.",)}, [("x", CONTRADICTED)], ("does not hold", "")),
    ],
)
def test_how_a_claim_stands(
    changes: dict[str, Any], outcomes: list[tuple[str, Outcome]], expected: tuple[str, str]
) -> None:
    base = Claim(id="C01", says="it is so", lessons=("10", "12"), to_come=(), plan="look")
    assert verdict_and_remark(dataclasses.replace(base, **changes), found(*outcomes)) == expected
