"""What a fair comparison computes equals torch, scipy, statsmodels, and what is counted by brute force."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from statsmodels.stats.weightstats import DescrStatsW
from torch import nn

from course_utils import stats
from course_utils.errors import CourseError
from course_utils.exercises import lesson_10
from course_utils.exercises.engine.feedback import Outcome
from course_utils.nn.sequence_model import parameter_count
from tests.strategies import examples

LAYERS = {1: nn.RNN, 3: nn.GRU, 4: nn.LSTM}
SIZES = st.integers(1, 12)
SCORES = st.floats(-100, 100).map(lambda x: round(x, 3))

# --- sizes


@given(st.sampled_from((1, 3, 4)), SIZES, SIZES, SIZES)
def test_a_network_has_as_many_numbers_as_torch_allots(gates: int, inputs: int, hidden: int, outputs: int) -> None:
    made = (LAYERS[gates](inputs, hidden), nn.Linear(hidden, outputs))
    counted = sum(p.numel() for module in made for p in module.parameters())
    assert stats.network_size(gates, inputs, hidden, outputs) == counted


def test_the_experiments_count_the_same() -> None:
    for gates, cell in ((1, "rnn"), (3, "gru"), (4, "lstm")):
        assert stats.network_size(gates, 2, 32, 1) == parameter_count(cell, 2, 32, 1)


@given(st.integers(1, 3000), st.sampled_from((1, 3, 4)), SIZES, st.integers(1, 3))
def test_no_width_comes_nearer_and_none_that_is_smaller_as_near(
    target: int, gates: int, inputs: int, outputs: int
) -> None:
    def size(width: int) -> int:
        return stats.network_size(gates, inputs, width, outputs)

    found = stats.nearest_width(target, size)
    away = [abs(size(width) - target) for width in range(1, 70)]
    assert found >= 1
    assert away[found - 1] == min(away)
    assert found - 1 == away.index(min(away))


def test_of_two_equally_near_widths_the_smaller_is_taken() -> None:
    assert stats.nearest_width(15, lambda width: 10 * width) == 1
    assert stats.nearest_width(16, lambda width: 10 * width) == 2
    assert stats.nearest_width(1, lambda width: 10 * width) == 1  # one unit has more than were asked for


@given(st.integers(1, 10**9), st.integers(1, 50), st.integers(0, 10**6))
def test_a_width_is_found_with_few_questions(target: int, slope: int, offset: int) -> None:
    """Some sizes are counted by building the network."""
    asked = []

    def size(width: int) -> int:
        asked.append(width)
        return slope * width + offset

    found = stats.nearest_width(target, size)
    assert len(asked) <= 70
    assert max(asked) <= 2 * found + 2  # none is much larger than what is found
    assert all(abs(size(found) - target) <= abs(size(width) - target) for width in (max(found - 1, 1), found + 1))


# --- how long until it is solved

RUNS = st.lists(st.tuples(st.floats(0, 2000), st.booleans()), min_size=1, max_size=12)


@given(RUNS, st.integers(1, 1500))
def test_the_restricted_mean_is_the_area_under_the_share_not_yet_solved(
    runs: list[tuple[float, bool]], budget: int
) -> None:
    """The definition of the restricted mean: the share still at work, summed over the time up to the budget."""
    steps = [math.ceil(number) for number, _ in runs]
    solved = [ok for _, ok in runs]
    at_work = [
        sum(not ok or number > step for number, ok in zip(steps, solved, strict=True)) / len(runs)
        for step in range(budget)
    ]
    assert stats.restricted_mean(steps, solved, budget) == pytest.approx(math.fsum(at_work))


@given(RUNS, st.integers(1, 1500), st.sampled_from((math.nan, math.inf, -5.0, 0.0, 1e9)))
def test_what_an_unsolved_run_holds_does_not_matter_and_nobody_counts_more_than_the_budget(
    runs: list[tuple[float, bool]], budget: int, junk: float
) -> None:
    steps, solved = np.array([number for number, _ in runs]), np.array([ok for _, ok in runs])
    found = stats.restricted_mean(steps, solved, budget)
    assert stats.restricted_mean(np.where(solved, steps, junk), solved, budget) == found
    assert 0 <= found <= budget * (1 + 1e-12)
    assert stats.restricted_mean(steps, np.zeros(len(runs), bool), budget) == pytest.approx(budget)


def test_four_runs_by_hand() -> None:
    assert stats.restricted_mean([100, 7, 900, 300], [True, False, True, True], 500) == (100 + 500 + 500 + 300) / 4


# --- intervals over seeds

LEVELS = st.sampled_from((0.5, 0.9, 0.95, 0.99))


@given(st.integers(1, 500), st.floats(0.01, 0.999))
def test_between_minus_and_plus_a_quantile_lies_its_level(degrees: int, level: float) -> None:
    t, z = stats.t_quantile(degrees, level), stats.z_quantile(level)
    assert scipy.stats.t.cdf(t, degrees) - scipy.stats.t.cdf(-t, degrees) == pytest.approx(level, abs=1e-8)
    assert scipy.stats.norm.cdf(z) - scipy.stats.norm.cdf(-z) == pytest.approx(level, abs=1e-9)
    assert t > z


@given(st.lists(SCORES, min_size=2, max_size=15), LEVELS)
def test_the_interval_of_a_mean_is_that_of_statsmodels(values: list[float], level: float) -> None:
    mean = stats.mean_interval(values, level)
    assert mean.value == pytest.approx(np.mean(values), abs=1e-9)
    assert (mean.low, mean.high) == pytest.approx(DescrStatsW(values).tconfint_mean(alpha=1 - level), abs=1e-9)
    assert (mean.low, mean.high) == pytest.approx(stats.paired_interval(values, np.zeros(len(values)), level))
    assert mean == (mean.value, mean.half)
    assert str(stats.Mean(0.5, 0.0123)) == "0.500 ± 0.012"


@given(st.floats(-1e6, 1e6), st.integers(2, 60))
def test_equal_values_have_no_spread_and_one_alone_has_an_unknown_one(value: float, count: int) -> None:
    assert stats.mean_interval([value] * count) == (value, 0.0)
    assert stats.mean_interval([value]) == (value, math.inf)
    assert stats.mean_interval([value], single=0.0) == (value, 0.0)


@given(st.lists(st.tuples(SCORES, SCORES), min_size=2, max_size=15), st.sampled_from((0.5, 0.9, 0.95, 0.99)))
def test_the_paired_interval_is_that_of_scipy_and_statsmodels(pairs: list[tuple[float, float]], level: float) -> None:
    a, b = np.array(pairs).T
    low, high = stats.paired_interval(a, b, level)
    assert (low, high) == pytest.approx(DescrStatsW(a - b).tconfint_mean(alpha=1 - level), abs=1e-9)
    assert stats.paired_interval(b, a, level) == pytest.approx([-high, -low], abs=1e-9)
    if np.ptp(a - b) > 1e-6:
        theirs = scipy.stats.ttest_rel(a, b).confidence_interval(level)
        assert (low, high) == pytest.approx((theirs.low, theirs.high), rel=1e-6, abs=1e-9)


def test_the_default_level_is_95_per_cent_and_the_interval_holds_the_mean_so_often() -> None:
    generator = np.random.default_rng(0)
    hard, own = generator.normal(size=(4000, 6)), generator.normal(size=(2, 4000, 6))
    intervals = [stats.paired_interval(hard[k] + own[0, k], hard[k] + own[1, k]) for k in range(4000)]
    assert np.mean([low <= 0 <= high for low, high in intervals]) == pytest.approx(0.95, abs=0.015)


SHARES = st.integers(1, 60).flatmap(lambda runs: st.tuples(st.integers(0, runs), st.just(runs)))


@given(SHARES, LEVELS)
def test_the_share_interval_is_wilsons_and_holds_the_share(case: tuple[int, int], level: float) -> None:
    solved, runs = case
    low, high = stats.wilson_interval(solved, runs, level)
    assert (low, high) == pytest.approx(proportion_confint(solved, runs, 1 - level, method="wilson"), abs=1e-12)
    assert 0 <= low <= solved / runs <= high <= 1
    assert high - low > 0.005
    assert stats.share_interval(solved, runs) == pytest.approx(stats.wilson_interval(solved, runs, 0.95), abs=0)
    assert stats.wilson_interval(runs - solved, runs, level) == pytest.approx([1 - high, 1 - low])


@given(SHARES, SHARES, LEVELS)
def test_the_interval_of_a_difference_of_shares_is_newcombes(
    first: tuple[int, int], second: tuple[int, int], level: float
) -> None:
    low, high = stats.share_difference_interval(first, second, level)
    theirs = confint_proportions_2indep(*first, *second, method="newcomb", compare="diff", alpha=1 - level)
    assert (low, high) == pytest.approx(theirs, abs=1e-9)
    assert -1 - 1e-12 <= low <= first[0] / first[1] - second[0] / second[1] <= high <= 1 + 1e-12
    assert stats.share_difference_interval(second, first, level) == pytest.approx([-high, -low])


def test_the_intervals_of_shares_hold_the_truth_about_as_often_as_they_say() -> None:
    """Every outcome of 20 runs each, weighed by its probability: no chance in it."""
    weight = {p: scipy.stats.binom.pmf(range(21), 20, p) for p in (0.2, 0.5, 0.8)}
    one = [stats.share_interval(k, 20) for k in range(21)]
    for p, chances in weight.items():
        assert sum(chances[[low <= p <= high for low, high in one]]) == pytest.approx(0.95, abs=0.025)
    for p, q in itertools.combinations_with_replacement(weight, 2):
        held = 0.0
        for k, m in itertools.product(range(21), repeat=2):
            low, high = stats.share_difference_interval((k, 20), (m, 20))
            held += weight[p][k] * weight[q][m] * (low <= p - q <= high)
        assert held == pytest.approx(0.95, abs=0.025)


@given(st.integers(1, 40).flatmap(lambda runs: st.tuples(st.integers(1, runs), st.just(runs))))
def test_at_its_lower_end_what_was_seen_is_just_no_surprise(case: tuple[int, int]) -> None:
    solved, runs = case
    q = stats.share_interval(solved, runs)[0]
    assert (solved / runs - q) / math.sqrt(q * (1 - q) / runs) == pytest.approx(1.959964, abs=1e-5)


def test_what_is_no_comparison_is_refused() -> None:
    for steps, solved in (([1, 2], [True]), ([[1]], [[True]])):
        with pytest.raises(CourseError, match="an entry each for a run"):
            stats.restricted_mean(steps, solved, 10)
    with pytest.raises(CourseError, match="at least 1 "):
        stats.restricted_mean([], [], 10)
    with pytest.raises(CourseError, match="at least 2 "):
        stats.paired_interval([1.0], [2.0])
    with pytest.raises(CourseError, match="an entry each for a run"):
        stats.paired_interval([1.0, 2.0], [2.0])
    for level in (0.0, 1.0, 95):
        with pytest.raises(CourseError, match="between 0 and 1"):
            stats.paired_interval([1.0, 2.0], [2.0, 5.0], level)
    for solved_count, runs in ((0, 0), (3, 2), (-1, 2)):
        with pytest.raises(CourseError, match="is no share"):
            stats.share_interval(solved_count, runs)
        with pytest.raises(CourseError, match="is no share"):
            stats.share_difference_interval((1, 2), (solved_count, runs))
    with pytest.raises(CourseError, match="between 0 and 1"):
        stats.wilson_interval(1, 2, 95)
    for values in ([], [[1.0, 2.0]], 3.0):
        with pytest.raises(CourseError, match="at least one"):
            stats.mean_interval(values)


# --- the questions of lesson 10


def test_three_of_four_equal_tries_win_three_times_in_four() -> None:
    orders = list(itertools.permutations(range(4)))  # ranks of the tries: the LSTM's three, then the RNN's one
    won = sum(max(order[:3]) > order[3] for order in orders) / len(orders)
    assert lesson_10.best_of.answer == won
    assert lesson_10.best_of.check(0.5).text.startswith("A half")
    assert "75 % is 0.75" in lesson_10.best_of.check(75).text


def test_ten_of_ten_against_seven_of_ten_shows_nothing_yet() -> None:
    p = float(scipy.stats.fisher_exact([[10, 0], [7, 3]]).pvalue)
    sentence = lesson_10.ten_to_seven.why
    assert lesson_10.ten_to_seven.answer.startswith("no difference yet")
    assert f"p = {p:.2f}" in sentence
    assert f"{round(100 * p)} of 100" in sentence
    for solved in (10, 7):
        assert "{:.2f} to {:.3g}".format(*stats.share_interval(solved, 10).round(2)) in sentence
    assert stats.share_interval(10, 10)[0] < 0.95
    assert stats.share_interval(7, 10)[0] < 0.6  # the shares that the sentence calls possible


@examples(20)
@given(SIZES, SIZES)
def test_an_lstm_has_four_times_the_weights_of_an_rnn_as_wide(inputs: int, hidden: int) -> None:
    rnn, lstm = (sum(p.numel() for p in LAYERS[gates](inputs, hidden).parameters()) for gates in (1, 4))
    assert lesson_10.equal_width.answer == lstm / rnn


def test_a_measured_choice_is_judged_by_what_was_measured() -> None:
    question = dataclasses.replace(lesson_10.first_winner)
    assert str(question.solution()).startswith("The lesson measures it")
    for measured in question.choices:
        for number, choice in enumerate(question.choices, 1):
            for given_as in (choice, number):
                feedback = question.check(given_as, measured)
                assert feedback.solved == (choice == measured)
                assert measured in feedback.text
    assert question.check(..., "RNN").outcome is Outcome.NOT_ATTEMPTED
    assert question.check(question.ask(), "RNN").outcome is Outcome.NOT_ATTEMPTED
    for wrong in ("CNN", None):
        with pytest.raises(CourseError, match="There is no choice"):
            question.check("RNN", wrong)


def test_without_a_measurement_a_predicted_number_cannot_be_judged() -> None:
    for question in (lesson_10.doubling, lesson_10.attention_doubling):
        with pytest.raises(CourseError, match="no stored answer"):
            question.check(2)
        assert question.check(2.1, (1.9, 2.2)).solved
        assert not question.check(4, (1.9, 2.2)).solved


def test_an_accuracy_of_one_seed_has_the_width_that_is_asked_for() -> None:
    accuracy_interval = stats.accuracy_interval
    assert accuracy_interval([0.5], single=0.0) == (0.5, 0.5, 0.5)
    assert accuracy_interval([0.5]) == (0.5, -math.inf, math.inf)
    mean, low, high = accuracy_interval([0.9, 1.0, 1.0, 0.95])
    assert 0.75 < low < mean < high < 1


def test_steps_that_go_wrong_alike_do_not_narrow_the_interval() -> None:
    once = np.array([[1.0], [2.0], [4.0]])
    assert stats.interval_over_origins(once.repeat(50, axis=1)) == pytest.approx(stats.interval_over_origins(once))
    low, high = stats.interval_over_origins(once)
    assert (low + high) / 2 == pytest.approx(7 / 3)
    assert high - low == pytest.approx(2 * 4.302653 * np.std([1, 2, 4], ddof=1) / 3**0.5, rel=1e-6)


# --- the best of some tries

TIED = st.lists(st.integers(0, 5).map(float), min_size=1, max_size=7)


@given(TIED, st.data())
def test_the_best_of_different_settings_is_the_mean_over_all_choices(scores: list[float], data: st.DataObject) -> None:
    tries = data.draw(st.integers(1, len(scores)))
    choices = [max(some) for some in itertools.combinations(scores, tries)]
    assert stats.expected_best(scores, tries) == pytest.approx(np.mean(choices))
    all_of_them = [max(some) for some in itertools.product(scores, repeat=min(tries, 4))]
    assert stats.expected_best(scores, min(tries, 4), replacement=True) == pytest.approx(np.mean(all_of_them))


@given(TIED, st.data())
def test_what_is_reported_is_that_of_the_best_and_of_equal_ones_the_mean(
    scores: list[float], data: st.DataObject
) -> None:
    tries = data.draw(st.integers(1, len(scores)))
    tests = np.array([data.draw(SCORES) for _ in scores])
    values, found = np.array(scores), []
    for some in itertools.combinations(range(len(scores)), tries):
        best = max(values[list(some)])
        found.append(tests[values == best].mean())  # of equal settings of the whole list, whichever was drawn
    assert stats.expected_best(scores, tries, tests) == pytest.approx(np.mean(found), abs=1e-9)


def test_the_best_of_uniform_numbers_is_k_of_k_plus_1_and_only_without_replacement_on_average() -> None:
    """Of k uniform numbers the largest is k/(k + 1) on average."""
    draws = np.random.default_rng(0).random((4000, 12))
    for tries in (1, 3, 6):
        without, replaced = (
            np.mean([stats.expected_best(row, tries, replacement=again) for row in draws]) for again in (False, True)
        )
        assert without == pytest.approx(tries / (tries + 1), abs=0.01)
        assert (replaced < without - 0.01) == (tries > 1)


def test_the_band_of_the_best_holds_it_as_often_as_it_says() -> None:
    generator, held = np.random.default_rng(1), 0
    for k in range(200):
        low, high = stats.expected_best_band(generator.random(40), 5, draws=200, seed=k)
        held += low <= 5 / 6 <= high
    assert 0.88 <= held / 200 <= 0.99
    assert stats.expected_best_band([0.5] * 4, 2).tolist() == [0.5, 0.5]
    scores, mirrored = generator.random(40), 1 - np.arange(40) / 40
    both = [stats.expected_best_band(scores, 5, other) for other in (scores, None)]
    assert both[0].tolist() == both[1].tolist()
    tests = stats.expected_best_band(mirrored, 5, 1 - mirrored)  # what is reported is the worse, the better the score
    assert tests.tolist() == pytest.approx((1 - stats.expected_best_band(mirrored, 5))[::-1].tolist())
    wide, narrow = (stats.expected_best_band(generator.random(40), 5, level=level) for level in (0.99, 0.5))
    assert np.diff(wide) > np.diff(narrow)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (([], 1), "0 runs"),
        (([1.0, 2.0], 3), "tries"),
        (([1.0, 2.0], 0), "tries"),
        (([1.0, math.nan], 1), "finite"),
        (([1.0, 2.0], 1, [1.0]), "entry each"),
    ],
)
def test_no_best_of_what_cannot_be_meant(arguments: tuple[Any, ...], text: str) -> None:
    with pytest.raises(CourseError, match=text):
        stats.expected_best(*arguments)


def test_no_band_of_what_cannot_be_meant() -> None:
    with pytest.raises(CourseError, match="level"):
        stats.expected_best_band([1.0, 2.0], 1, level=1.5)
    with pytest.raises(CourseError, match="draws"):
        stats.expected_best_band([1.0, 2.0], 1, draws=0)


@pytest.mark.parametrize(("solved", "runs"), [(0, 40), (1, 2000), (7, 50), (40, 40)])
def test_the_exact_interval_of_a_share_leaves_out_what_is_too_improbable(solved: int, runs: int) -> None:
    low, high = stats.exact_interval(solved, runs, 0.95)
    assert 0 <= low <= solved / runs <= high <= 1
    assert low == 0 or scipy.stats.binom.sf(solved - 1, runs, low) == pytest.approx(0.025, abs=1e-6)
    assert high == 1 or scipy.stats.binom.cdf(solved, runs, high) == pytest.approx(0.025, abs=1e-6)
    with pytest.raises(CourseError, match="solved_count"):
        stats.exact_interval(runs + 1, runs)
