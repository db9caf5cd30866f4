"""Figures carry their alt text, and say only what their numbers say."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

from course_utils.data.sunspots import yearly_sunspots
from course_utils.display.message import Message
from course_utils.display.numbers import listed, named, short
from course_utils.display.tables import Table, show_table
from course_utils.errors import CourseError
from course_utils.figures import curves, labels, lags, series
from course_utils.figures.curves import learning_curves
from course_utils.figures.lags import score_against_lag
from course_utils.figures.style import COLOURS, Picture, new_figure, show
from tests.strategies import examples


def bare() -> Figure:
    fig, ax = new_figure(2, 2)
    ax.plot([0, 1])
    return fig


def test_alt_text_reaches_the_html_escaped() -> None:
    picture = show(bare(), 'A line that rises from 0 to 1, "steep" & <short>.')
    bundle = picture._repr_mimebundle_()
    assert 'alt="A line that rises from 0 to 1, &quot;steep&quot; &amp; &lt;short&gt;."' in bundle["text/html"]
    assert "A line that rises" in bundle["text/plain"]
    assert picture.png.startswith(b"\x89PNG")


@pytest.mark.parametrize("alt", ["", "plot", "a figure"])
def test_an_alt_text_that_says_nothing_is_refused(alt: str) -> None:
    with pytest.raises(CourseError, match="says in a sentence what a person sees"):
        show(bare(), alt)


def test_the_same_figure_gives_the_same_bytes() -> None:
    assert show(bare(), "A line rises to one.").png == show(bare(), "A line rises to one.").png


@given(st.lists(st.floats(0.1, 0.8), min_size=1, max_size=5))
def test_steps_until_is_the_first_step_that_stays_below(factors: list[float]) -> None:
    share = np.array([[factor**k for k in range(60)] for factor in factors])
    for row, found in zip(share, series.steps_until(share, 0.01), strict=True):
        assert (row[found:] < 0.01).all()
        assert row[found - 1] >= 0.01


def test_steps_until_counts_from_the_last_time_above() -> None:
    assert series.steps_until(np.array([[1.0, 0.001, 0.5, 0.001, 0.001]]), 0.01).tolist() == [3]
    assert series.steps_until(np.array([[1.0, 0.5], [0.001, 0.001]]), 0.01).tolist() == [2, 0]


def test_echo_s_title_and_alt_text_hold_what_was_measured() -> None:
    distances = np.array([[0.1**k for k in range(10)], [0.5**k for k in range(10)]]) * 3
    picture = series.echo(distances)  # 0.1^3 < 1 % (0.1^2 is 1 % itself); 0.5^7 < 1 %
    assert isinstance(picture, Picture)
    assert picture.alt.startswith("Under 1% of the change is left within 3 to 7 years, in 2 networks.")


@pytest.mark.parametrize(
    ("factors", "says"),
    [
        ((0.1, 0.9), "After 9 years, 1 of 2 networks still hold more than 1%"),
        ((1.0, 1.1), "After 9 years, 2 of 2 networks still hold more than 1%"),
        ((0.5, 0.5), "Under 1% of the change is left after 7 years"),
    ],
)
def test_echo_says_so_where_the_change_does_not_fade(factors: tuple[float, float], says: str) -> None:
    assert series.echo(np.array([[factor**k for k in range(10)] for factor in factors])).alt.startswith(says)


def test_twins_and_whole_tell_the_numbers_of_the_series() -> None:
    sunspots = yearly_sunspots()
    assert "In 1858 the number is 55 on the way up, a year later 94." in series.twins(sunspots, (1858, 1961)).alt
    assert "highest in 1957" in series.whole(sunspots, "Waves of about eleven years").alt


def test_source_shows_code_in_a_script_without_a_notebook() -> None:
    code = (
        "from course_utils.display.source import Source; from course_utils.metrics import persistence_error as f\n"
        "print(Source(f))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "def persistence_error(" in done.stdout


# --- numbers and labels ---


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (0.9876, "0.988"), (98.76, "98.8"), (987.6, "988"),
        (0.0312, "0.0312"), (0.5, "0.5"),
        (1234.5, "1,230"), (100.0, "100"), (0.9999, "1"), (-0.25, "−0.25"), (1.234e-7, "1.23e−7"), (3e9, "3e9"),
        (math.nan, "–"), (math.inf, "∞"), (-math.inf, "−∞"),
    ],
)  # fmt: skip
def test_numbers_are_short(value: float, text: str) -> None:
    assert short(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_short_number_is_the_number_to_three_digits(value: float) -> None:
    assert float(short(value).replace("−", "-").replace(",", "")) == pytest.approx(value, rel=0.00501)


def test_lists_and_names_in_words() -> None:
    assert [listed(list(parts)) for parts in ("a", "ab", "abc")] == ["a", "a and b", "a, b and c"]
    assert (named("GRU", 0.5), named("always 1", 0.5), named("", 0.5)) == ("GRU 0.5", "always 1: 0.5", "0.5")


LABELS = st.lists(st.tuples(st.floats(0, 100), st.floats(1, 9)), min_size=1, max_size=10)


@given(LABELS)
def test_labels_never_overlap_and_keep_their_order(given: list[tuple[float, float]]) -> None:
    wanted, heights = np.array(given).T
    places = labels.spread(wanted, heights, 0.0, 100.0)
    order = np.argsort(places, kind="stable")
    gaps = np.diff(places[order]) - (heights[order][1:] + heights[order][:-1]) / 2
    assert (gaps >= -1e-9).all()
    assert (np.diff(wanted[order]) >= 0).all()
    assert (places - heights / 2 >= -1e-9).all()
    assert (places + heights / 2 <= 100 + 1e-9).all()  # ten labels of nine fit


@given(st.lists(st.floats(0, 100), min_size=1, max_size=8, unique=True))
def test_labels_that_do_not_meet_stay_where_they_are(wanted: list[float]) -> None:
    gaps = np.diff(np.sort(wanted))
    size = min(1.0, gaps.min() * 0.99) if len(gaps) else 1.0
    heights = np.full(len(wanted), size)
    assert labels.spread(np.array(wanted), heights, -10, 110) == pytest.approx(wanted)


def test_more_labels_than_fit_stand_one_above_the_other() -> None:
    assert labels.spread(np.array([5.0, 5.0, 5.0]), np.array([4.0, 4.0, 4.0]), 0, 10).tolist() == [2, 6, 10]


def test_every_colour_of_a_line_can_be_seen_and_every_label_read() -> None:
    for colour in (*COLOURS.values(), *labels.OTHERS):
        assert labels.contrast(colour) >= 3
        assert labels.contrast(labels.readable(colour)) >= 4.5
    assert labels.contrast("white") == pytest.approx(1)
    assert labels.contrast("black") == pytest.approx(21)


def test_a_network_has_its_colour_under_any_name() -> None:
    names = ["LSTM", "RNN", "GRU, 64 units", "Feedforward", "LSTM, chrono", "BiLSTM", "HMM", "Transformer"]
    looks = labels.line_styles(names)
    assert {name: looks[name].colour for name in names[:6]} == {
        "LSTM": COLOURS["lstm"],
        "RNN": COLOURS["rnn"],
        "GRU, 64 units": COLOURS["gru"],
        "Feedforward": COLOURS["feedforward"],
        "LSTM, chrono": COLOURS["lstm"],
        "BiLSTM": COLOURS["lstm"],
    }
    assert len({(look.colour, look.line) for look in looks.values()}) == len(names)
    assert len({look.marker for look in list(looks.values())[:7]}) == 7


class Drawn:
    """Keeps the figures that helpers show, so that a test can look at them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fig: Any = None
        for module in (curves, lags):
            monkeypatch.setattr(module, "show", self.keep)

    def keep(self, fig: Figure, alt: str) -> Picture:
        self.fig = fig
        picture = Picture.__new__(Picture)  # not rendered: that takes most of the time
        picture.alt = alt
        return picture

    @property
    def ax(self) -> Any:
        return self.fig.axes[0]

    @property
    def notes(self) -> list[Annotation]:
        return [text for text in self.ax.texts if isinstance(text, Annotation)]

    def check_layout(self) -> None:
        """No label touches another, and nothing leaves the figure."""
        self.fig.draw_without_rendering()
        boxes = [Text.get_window_extent(note) for note in self.notes]
        for n, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[:n]), self.notes[n].get_text()
            assert box.x0 >= self.ax.get_window_extent().x1
        everything = [*boxes, self.fig._suptitle.get_window_extent()]
        assert all(self.fig.bbox.x0 <= box.x0 and box.x1 <= self.fig.bbox.x1 for box in everything)
        assert all(self.fig.bbox.y0 <= box.y0 and box.y1 <= self.fig.bbox.y1 for box in everything)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    return Drawn(monkeypatch)


# --- learning curves ---


def a_history(steps: int = 40, end: float = 0.1, valid: int | None = 10) -> pd.DataFrame:
    """A loss that falls from 1 to about `end`."""
    loss = end + (1 - end) * np.exp(-np.arange(steps) / steps * 5)
    table = pd.DataFrame({"step": np.arange(1, steps + 1), "epoch": 1, "seconds": np.arange(steps) / 10, "loss": loss})
    if valid:
        table["valid"] = np.where(table["step"] % valid == 0, loss + 0.05, np.nan)
    return table


def test_learning_curves_say_what_was_measured(drawn: Drawn) -> None:
    tables = {"RNN": a_history(end=0.5), "LSTM": a_history()}
    picture = learning_curves(tables, baselines={"always the mean": 1.02}, measure="cross-entropy (nats)")
    best = {name: short(table["valid"].min()) for name, table in tables.items()}
    title = f"Lowest validation cross-entropy: LSTM {best['LSTM']}, RNN {best['RNN']} (always the mean 1.02)"
    assert picture.alt.startswith(
        f"{title}. Lines of the cross-entropy (nats) over step of the optimiser 1 to 40. RNN:"
    )
    assert f"lowest {best['LSTM']} at step 40." in picture.alt
    assert picture.alt.endswith("Dashed dark line: always the mean at 1.02.")
    assert drawn.fig.get_suptitle().replace("\n", " ") == title
    assert drawn.ax.get_ylabel() == "cross-entropy (nats)"
    drawn.check_layout()
    by_colour = {line.get_color() for line in drawn.ax.lines}
    assert by_colour == {COLOURS["rnn"], COLOURS["lstm"], COLOURS["chance"]}


def test_learning_curves_take_what_fit_returns(drawn: Drawn) -> None:
    import torch
    from torch import nn

    from course_utils.training import fit, supervised

    torch.manual_seed(0)
    x = torch.randn(32, 2)
    batches, loss = [(x, x[:, :1])], supervised(nn.MSELoss())
    same = fit(nn.Linear(2, 1), batches, loss, steps=30, lr=0.1, valid=batches, eval_every=10)
    other = fit(nn.Linear(2, 1), batches, loss, steps=30, lr=0.1, valid=lambda model: 0.5, eval_every=10)
    assert same.best is not None
    assert f"Lowest validation loss: {short(same.best.valid)} " in learning_curves(same, baselines={"zero": 1}).alt
    with pytest.raises(CourseError, match="two measures"):
        learning_curves(other, baselines={})
    alone = learning_curves(other, baselines={"chance": 0.75}, column="valid", measure="error rate")
    assert alone.alt.startswith("Lowest validation error rate: 0.5 (chance 0.75).")
    trained = learning_curves({"RNN": other}, baselines={}, column="loss", x="seconds")
    assert trained.alt.startswith("Training loss at the end: RNN ")


HARD = {
    "one point": {"": a_history(1, valid=1)},
    "no validation": {"LSTM": a_history(valid=None)},
    "some validation": {"LSTM": a_history(valid=None), "RNN": a_history()},
    "overlapping": {"LSTM": a_history(), "RNN": a_history(), "GRU": a_history()},
    "long names": {f"LSTM with a rather long name, variant {n}": a_history(end=0.1 + n / 1e4) for n in range(6)},
    "many steps": {"LSTM": a_history(9000, valid=100)},
    "gaps": {"GRU": a_history().mask(lambda t: (t["step"] > 10) & (t["step"] < 25)).assign(step=range(1, 41))},
    "infinite": {"GRU": a_history().replace(a_history()["loss"][5], np.inf)},
    "formula": {"$x^2": a_history(), "a_b$ & <c>$": a_history(end=0.2)},
}


@pytest.mark.parametrize("case", HARD)
@pytest.mark.parametrize("log", [False, True])
def test_hard_learning_curves_are_drawn_whole(drawn: Drawn, case: str, log: bool) -> None:
    picture = learning_curves(HARD[case], baselines={"always the mean": 1.0, "a rule of the thumb": 0.99}, log=log)
    assert "nan" not in picture.alt
    drawn.check_layout()


def test_the_same_curves_give_the_same_picture() -> None:
    one, other = (learning_curves({"LSTM": a_history()}, baselines={"chance": 1}) for _ in range(2))
    assert one.png == other.png
    assert one.png.startswith(b"\x89PNG")


def test_a_long_curve_is_drawn_as_means_of_stretches() -> None:
    table = pd.DataFrame({"loss": np.arange(1000.0)})
    means = curves.stretches(table)
    assert len(means) == curves.POINTS
    assert means["loss"].mean() == pytest.approx(499.5, abs=0.5)
    assert curves.stretches(table[:50]) is not None
    assert len(curves.stretches(table[:50])) == 50


@pytest.mark.parametrize(
    ("histories", "options", "says"),
    [
        ({}, {}, "no history to draw"),
        ({"LSTM": 3}, {}, "'LSTM' is a int"),
        ([1, 2], {}, "this is a list"),
        (a_history(0), {}, "nothing to draw"),
        (a_history().assign(loss=np.nan, valid=np.nan), {}, "nothing to draw"),
        (a_history(valid=None), {"column": "valid"}, "no validation to draw"),
        (a_history(), {"column": "accuracy"}, "There is no column 'accuracy'"),
        (a_history(), {"x": "epochs"}, "There is no axis 'epochs'"),
        (a_history().drop(columns="seconds"), {"x": "seconds"}, "has no column 'seconds'"),
        (a_history(), {"baselines": 0.5}, "baselines are given by name"),
        (a_history(), {"baselines": {"x": math.nan}}, "'x' is nan"),
        (a_history(), {"baselines": {"x": 0}, "log": True}, "'x' is 0"),
        (a_history() * -1, {"log": True}, "0 or less"),
    ],
)
def test_learning_curves_that_cannot_be_drawn(histories: Any, options: dict[str, Any], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        learning_curves(histories, **({"baselines": {}} | options))


# --- score against lag ---


def some_runs(networks: tuple[str, ...] = ("RNN", "LSTM"), seeds: int = 5, at: tuple[int, ...] = (1, 10, 100)) -> Any:
    rows = [
        {"network": name, "lag": lag, "seed": seed, "accuracy": 1 - 0.2 * n - 0.1 * k + 0.01 * seed}
        for n, name in enumerate(networks)
        for k, lag in enumerate(at)
        for seed in range(seeds)
    ]
    return pd.DataFrame(rows)


def test_score_against_lag_says_what_was_measured(drawn: Drawn) -> None:
    picture = score_against_lag(some_runs(), chance=0.25, baselines={"always the last": 0.3})
    title = "Accuracy at lag 100: RNN 0.82, LSTM 0.62 (chance 0.25, always the last 0.3)"
    assert drawn.fig.get_suptitle().replace("\n", " ") == title
    assert picture.alt.startswith(
        f"{title}. Lines of the accuracy over lag (steps); thick: mean over 5 seeds; thin: single seeds. "
        "RNN: 1.02 at lag 1, 0.82 at lag 100, there its seeds lie between 0.8 and 0.84."
    )
    assert picture.alt.endswith("Dark broken line: chance, 0.25. Dark broken line: always the last, 0.3.")
    dark = [line for line in drawn.ax.lines if line.get_color() == COLOURS["chance"]]
    assert [set(line.get_ydata()) for line in dark] == [{0.25}, {0.3}]
    assert all(line.get_linestyle() == "--" for line in dark)
    assert drawn.ax.get_xscale() == "log"
    drawn.check_layout()


def test_a_lower_score_can_be_the_better_one() -> None:
    alt = score_against_lag(some_runs(), chance=1, baselines={}, higher_is_better=False, label="error (%)").alt
    assert alt.startswith("Error at lag 100: LSTM 0.62, RNN 0.82 (chance 1).")


def test_the_line_of_a_score_that_is_no_share_of_right_answers_has_a_name_of_its_own() -> None:
    alt = score_against_lag(some_runs(), chance=1, chance_name="the whole budget", baselines={}).alt
    assert "(the whole budget 1)" in alt
    assert "chance" not in alt


def test_no_score_without_chance() -> None:
    with pytest.raises(CourseError, match="A score says nothing without chance"):
        score_against_lag(some_runs(), baselines={})
    with pytest.raises(CourseError, match=r"baselines=\{\} where none beats guessing"):
        score_against_lag(some_runs(), chance=0.25)


@pytest.mark.parametrize(
    "level",
    [{1: 0.5, 10: 0.4, 100: 0.3}, lambda lag: 0.3 + 0.2 / lag, pd.Series({1: 0.5, 10: 0.4, 100: 0.3}).to_dict()],
)
def test_chance_may_depend_on_the_lag(drawn: Drawn, level: Any) -> None:
    alt = score_against_lag(some_runs(), chance=level, baselines={}).alt
    assert "Dark broken line: chance, 0.5 to 0.3" in alt
    (line,) = (line for line in drawn.ax.lines if line.get_linestyle() == "--")
    assert line.get_ydata()[0] == pytest.approx(0.5)


def test_levels_that_coincide_are_one_line_with_both_names(drawn: Drawn) -> None:
    score_against_lag(some_runs(), chance=0.25, baselines={"always 1": 0.25})
    assert "chance = always 1: 0.25" in [note.get_text().replace("\n", " ") for note in drawn.notes]


def test_many_seeds_are_a_band(drawn: Drawn) -> None:
    assert "band: the middle 80 % of seeds" in score_against_lag(some_runs(seeds=30), chance=0, baselines={}).alt
    assert len(drawn.ax.collections) == 2
    assert "thin: single seeds" in score_against_lag(some_runs(seeds=30), chance=0, baselines={}, seeds="lines").alt
    assert not drawn.ax.collections
    assert "one seed." in score_against_lag(some_runs(seeds=1).drop(columns="seed"), chance=0, baselines={}).alt


def test_runs_without_a_score_are_counted_and_leave_a_gap(drawn: Drawn) -> None:
    runs = some_runs()
    runs.loc[(runs["network"] == "RNN") & (runs["lag"] == 10), "accuracy"] = np.nan
    assert "5 of 30 runs gave no score and are left out" in score_against_lag(runs, chance=0, baselines={}).alt
    thick = [line for line in drawn.ax.lines if line.get_linewidth() > 2]
    assert np.isnan(thick[0].get_ydata()).tolist() == [False, True, False]
    runs.loc[runs["network"] == "RNN", "accuracy"] = np.nan
    assert "RNN: no score at all." in score_against_lag(runs, chance=0, baselines={}).alt
    drawn.check_layout()


EIGHT = (
    "RNN",
    "RNN, identity",
    "LSTM",
    "LSTM, chrono",
    "GRU",
    "HMM",
    "Transformer",
    "An echo state network of 500 units",
)


@pytest.mark.parametrize(
    ("runs", "options"),
    [
        (some_runs(("LSTM",), 1, (100,)), {}),
        (some_runs(EIGHT, 12), {"baselines": {"the commonest symbol of all": 0.26, "the last": 0.24}}),
        (some_runs(EIGHT, 3).assign(accuracy=0.5), {}),
        (some_runs(at=tuple(range(0, 200, 3))), {}),
        (some_runs(at=tuple(range(1, 200, 3))), {"log": True}),
        (some_runs(at=(1, 1_000_000)), {}),
        (some_runs().assign(accuracy=lambda t: t["accuracy"] * 1e-4), {"log_score": True}),
        (some_runs().assign(accuracy=lambda t: -t["accuracy"]), {}),
    ],
    ids=["one point", "many names", "all the same", "from lag 0", "many lags", "far lags", "log score", "negative"],
)
def test_hard_scores_are_drawn_whole(drawn: Drawn, runs: pd.DataFrame, options: dict[str, Any]) -> None:
    given: dict[str, Any] = {"chance": 0.25, "baselines": {}} | options
    score_against_lag(runs, **given)
    drawn.check_layout()
    ticks = [tick.get_window_extent() for tick in drawn.ax.get_xticklabels()]
    assert 1 <= len(ticks) <= 13
    assert not any(one.overlaps(other) for one, other in pairwise(ticks))


@pytest.mark.parametrize(
    ("runs", "options", "says"),
    [
        ([1, 2], {}, "not a list"),
        (some_runs().drop(columns="lag"), {}, "no column lag"),
        (some_runs(), {"score": "loss"}, "no column loss"),
        (some_runs().assign(accuracy="high"), {}, "not a number"),
        (some_runs().assign(accuracy=np.nan), {}, "nothing to draw"),
        (some_runs().assign(lag=np.nan), {}, "missing or infinite"),
        (some_runs().assign(seed=0), {}, "two runs of RNN at lag 1 with seed 0"),
        (some_runs(), {"chance": {1: 0.5}}, "'chance' has no value for lag 10"),
        (some_runs(), {"chance": "low"}, "'chance' must be a number"),
        (some_runs(), {"chance": math.nan}, "cannot be drawn"),
        (some_runs(), {"seeds": "all"}, "There is no way to draw seeds 'all'"),
        (some_runs(at=(0, 5)), {"log": True}, "cannot show a lag of 0"),
        (some_runs().assign(accuracy=0), {"log_score": True}, "0 or less"),
    ],
)
def test_scores_that_cannot_be_drawn(runs: Any, options: dict[str, Any], says: str) -> None:
    given: dict[str, Any] = {"chance": 0.25, "baselines": {}} | options
    with pytest.raises(CourseError, match=says):
        score_against_lag(runs, **given)


def test_the_results_are_left_as_they_were() -> None:
    runs = some_runs()
    before = runs.copy()
    score_against_lag(runs, chance=0.25, baselines={})
    pd.testing.assert_frame_equal(runs, before)
    assert not plt.get_fignums()


# --- tables ---


class Cells(HTMLParser):
    """The cells of a table: tag, scope, alignment, text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.cells: list[tuple[str, str | None, str, str]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open, "a tag is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        if tag in ("th", "td"):
            given = dict(attrs)
            side = re.search(r"text-align:(\w+)", given["style"] or "")
            self.cells.append((tag, given.get("scope"), side[1] if side else "", ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1] in ("th", "td"):
            self.cells[-1] = (*self.cells[-1][:3], self.cells[-1][3] + data)


def test_a_table_is_a_real_table() -> None:
    rows = [{"network": "LSTM", "score": 0.98765, "n": 12345}, {"network": "R<N>N", "score": None, "n": 7}]
    table = show_table(rows, "Scores & sizes")
    assert Cells(table.html).cells == [
        ("th", "col", "left", "network"),
        ("th", "col", "right", "score"),
        ("th", "col", "right", "n"),
        ("th", "row", "left", "LSTM"),
        ("td", None, "right", "0.988"),
        ("td", None, "right", "12,345"),
        ("th", "row", "left", "R<N>N"),
        ("td", None, "right", "–"),
        ("td", None, "right", "7"),
    ]
    assert ">Scores &amp; sizes</caption>" in table.html
    assert 'role="region" aria-label="Scores &amp; sizes" tabindex="0" style="overflow-x:auto' in table.html
    assert not re.search(r"[; \"](?:width|height):\s*\d", table.html)
    assert str(table).splitlines() == [
        "Scores & sizes",
        "network  score       n",
        "-------  -----  ------",
        "LSTM     0.988  12,345",
        "R<N>N        –       7",
    ]


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([1957, 1858], ["1957", "1858"]),
        ([1957, 20000], ["1,957", "20,000"]),
        ([0.5, 0.25], ["0.500", "0.250"]),
        ([0.01, 0.123], ["0.0100", "0.1230"]),
        ([12.5, 100.25], ["12.5", "100.2"]),
        ([1e-9, 0.5], ["1e−9", "0.5"]),
        ([2.5e8, 1.5], ["2.5e8", "1.5"]),
        ([-1.5, math.nan], ["−1.50", "–"]),
        ([math.inf, 1.0], ["∞", "1"]),
        ([True, False], ["yes", "no"]),
        (["a", None], ["a", "–"]),
        ([np.float32(0.5), np.array(2.0)], ["0.500", "2.000"]),
        ([0.0, -0.0], ["0", "0"]),
        ([1.795e308, 1.0], ["1.79e308", "1"]),
    ],
)
def test_cells_are_written_as_people_read_them(values: list[Any], texts: list[str]) -> None:
    table = show_table({"name": ["a", "b"], "value": values}, "Values")
    assert [row[1] for row in table.rows] == texts


def test_formats_and_indices() -> None:
    frame = pd.DataFrame({"share": [0.123, 0.5], "size": [1, 2]}, index=pd.Index(["RNN", "LSTM"], name="network"))
    table = show_table(frame, "Shares", formats={"share": ".0%", "size": lambda n: f"{n} units"})
    assert table.heads == ["network", "share", "size"]
    assert table.rows == [["RNN", "12%", "1 units"], ["LSTM", "50%", "2 units"]]
    pairs = frame.set_index("size", append=True)
    assert show_table(pairs, "Two names").heads == ["network", "size", "share"]
    assert show_table(pd.Series({"x": 1, "y": 2}), "A series").rows == [["x", "1"], ["y", "2"]]
    assert show_table(frame.reset_index(), "No index").heads == ["network", "share", "size"]


@pytest.mark.parametrize(
    ("rows", "caption", "options", "says"),
    [
        ([{"a": 1}], "", {}, "needs a caption"),
        ([], "T", {}, "nothing to show"),
        (pd.DataFrame({"a": []}), "T", {}, "nothing to show"),
        (5, "T", {}, "A table is made of"),
        ({"a": [1], "b": [1, 2]}, "T", {}, "A table is made of"),
        ({"a": [1]}, "T", {"formats": {"b": ".1f"}}, "There is no column 'b'"),
        ({"a": ["x"]}, "T", {"formats": {"a": ".1%"}}, "does not fit the column 'a'"),
    ],
)
def test_tables_that_cannot_be_shown(rows: Any, caption: str, options: dict[str, Any], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        show_table(rows, caption, **options)


VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.lists(st.integers(), max_size=2)
)


@given(st.lists(st.fixed_dictionaries({"a": VALUES, "b": VALUES, "c<": VALUES}), min_size=1, max_size=4), st.text())
@examples(30)
def test_any_rows_make_a_table(rows: list[dict[str, Any]], caption: str) -> None:
    table = show_table(rows, "A " + caption)
    assert len(Cells(table.html).cells) == 3 * (len(rows) + 1)
    assert str(table).startswith(("A " + caption).strip())


# --- messages ---


class Shell:
    """As much of IPython as a message asks for."""

    execution_count = 1


class Said(Message):
    def __init__(self) -> None:
        self.times = 0

    def _display(self) -> None:
        self.times += 1


def test_a_message_is_shown_once_in_its_cell_and_again_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    shell, message = Shell(), Said()
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    assert message.say() is message
    message._ipython_display_()  # the last line of the same cell
    assert message.times == 1
    message._ipython_display_()  # asked for by name, a second time
    assert message.times == 2
    message.say()
    shell.execution_count = 2
    message._ipython_display_()  # the last line of the next cell
    assert message.times == 4


def test_helpers_work_in_a_plain_script_without_noise() -> None:
    code = """
import pandas as pd
from course_utils.figures.curves import learning_curves
from course_utils.figures.lags import score_against_lag
from course_utils.display.tables import show_table
rows = pd.DataFrame({"network": ["LSTM", "LSTM"], "lag": [1, 10], "accuracy": [1.0, 0.9]})
print(show_table(rows, "Accuracy"))
print(score_against_lag(rows, chance=0.5, baselines={}).png[1:4])
print(learning_curves(pd.DataFrame({"step": [1, 2], "loss": [1.0, 0.5]}), baselines={}))
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert "LSTM" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("[figure: Training loss at the end: 0.5.")
    assert done.stderr == ""


def test_a_table_shows_itself() -> None:
    assert isinstance(show_table([{"a": 1}], "One"), Table)
