"""Figures of comparisons: titles, marks and alt texts say what the rows say, and nothing is cut or overlaps."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import colormaps
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from course_utils.errors import CourseError
from course_utils.experiments.comparison.contests import LAGS
from course_utils.experiments.comparison.networks import NETWORKS
from course_utils.figures import comparisons
from course_utils.figures.comparisons import Panel, grid, panels, seconds_by_length, still_going
from course_utils.figures.labels import contrast
from course_utils.figures.style import Picture
from tests.strategies import examples


def runs(networks: tuple[str, ...] = NETWORKS, seeds: int = 10) -> pd.DataFrame:
    """Made-up rows of a grid: the longer the lag, the fewer runs are solved, and the later."""
    rows = [
        {
            "task": task,
            "lag": lag,
            "network": network,
            "seed": seed,
            "solved": int(seed + late + n % 3 < seeds),
            "steps": 100 * (1 + late) + 50 * ((n + seed) % 4) if seed + late + n % 3 < seeds else 1000,
        }
        for task, lags in LAGS.items()
        for late, lag in enumerate(lags)
        for n, network in enumerate(networks)
        for seed in range(seeds)
    ]
    return pd.DataFrame(rows).assign(steps_share=lambda t: t["steps"] / 1000)


def of_one(task: str = "digits", lag: int = 64) -> pd.DataFrame:
    found = runs()
    return found[(found["task"] == task) & (found["lag"] == lag)]


def times() -> pd.DataFrame:
    networks = [*NETWORKS, "RNN, torch's own way back", "GRU, torch's own way back", "feedforward, last step only"]
    return pd.DataFrame(
        {"network": name, "seq_len": T, "seed": seed, "seconds": 1e-4 * (1 + n) * T * (1 + 0.1 * seed)}
        for n, name in enumerate(networks)
        for T in (32, 128, 512, 2048)
        for seed in range(3)
        if name != "Transformer" or T < 2048
    )


def parts(count: int = 9) -> list[Panel]:
    """Panels as the nine rows of the usual table have them."""
    headings = (
        "memory: a symbol 1,000 steps back",
        "long sequences: adding over 160 steps",
        "exploding gradient, in training",
        "speed: a training step, 128 steps long",
        "advanced tasks: translating numbers",
    )
    labels = ("share right, torch's own start", "share of the budget (less is faster)", "log₁₀ of the largest norm")
    return [
        Panel(
            headings[k % 5],
            labels[k % 3],
            {name: [k + n, k + n + 1.0] for n, name in enumerate(("RNN", "GRU", "LSTM")) if (k, name) != (3, "GRU")},
            line=0.25 if k == 0 else None,
            log=k == 8,
        )
        for k in range(count)
    ]


SOONER = "RNN and LSTM are first at the criterion; neither is clearly sooner than all others"
FIGURES: dict[str, Callable[[], Picture]] = {
    "still going": lambda: still_going(of_one(), 1000, "training steps of 32 sequences", SOONER),
    "all at once": lambda: still_going(of_one().assign(solved=1, steps=50), 1000, "training steps", "All are as fast"),
    "nobody": lambda: still_going(of_one().assign(solved=0), 1000, "training steps", "Nobody meets the criterion"),
    "grid": lambda: grid(runs(), "How many of ten runs meet the criterion, and how soon"),
    "small grid": lambda: grid(runs(("RNN", "LSTM")).query("task == 'adding'"), "One task and two networks"),
    "seconds": lambda: seconds_by_length(times(), "Seconds of a training step by length: kernels count"),
    "panels": lambda: panels(parts(), "Nine rows of the usual table: the winner depends on the row"),
    "four panels": lambda: panels(parts(4), "A title that is much longer than the figure is wide, " * 2),
    "one panel": lambda: panels(parts(1), "One panel and no more than that"),
}


class Drawn:
    """Keeps the figure that is shown, so that a test can look at it."""

    fig: Figure

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(comparisons, "show", self.keep)

    def keep(self, fig: Figure, alt: str) -> Picture:
        self.fig = fig
        picture = Picture.__new__(Picture)  # not rendered: that takes most of the time
        picture.alt = alt
        return picture

    def texts(self) -> list[Text]:
        """All that is written on it: titles, labels, ticks, notes and the numbers in squares."""
        self.fig.draw_without_rendering()
        hidden = {text for ax in self.fig.axes for text in (beyond(ax) if ax.get_visible() else ax.findobj(Text))}
        found = [text for text in self.fig.findobj(Text) if isinstance(text, Text)]
        return [text for text in found if text.get_visible() and text.get_text() and text not in hidden]

    def check_layout(self) -> None:
        """No text touches another, and none leaves the figure."""
        boxes = [(text.get_text(), Text.get_window_extent(text)) for text in self.texts()]
        for (one, box), (other, next_box) in combinations(boxes, 2):
            assert not box.overlaps(next_box), f"{one!r} touches {other!r}"
        for text, box in boxes:
            assert self.fig.bbox.x0 <= box.x0, text
            assert box.x1 <= self.fig.bbox.x1, text
            assert self.fig.bbox.y0 <= box.y0, text
            assert box.y1 <= self.fig.bbox.y1, text


def beyond(ax: Any) -> list[Text]:
    """Labels of ticks outside the limits: matplotlib keeps them, and does not draw them."""
    found = []
    for axis, limits in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
            if not min(limits) <= tick.get_loc() <= max(limits):
                found += [tick.label1, tick.label2]
    return found


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    return Drawn(monkeypatch)


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_overlaps_and_nothing_is_cut(name: str, drawn: Drawn) -> None:
    picture = FIGURES[name]()
    drawn.check_layout()
    said = drawn.fig.get_suptitle().replace("\n", " ")  # type: ignore[attr-defined,unused-ignore]
    assert picture.alt.startswith(said.strip(", "))
    assert "nan" not in picture.alt.lower().split()


@pytest.mark.parametrize("name", ["still going", "grid", "seconds", "one panel"])
def test_a_figure_is_drawn_without_warning(name: str, recwarn: pytest.WarningsRecorder) -> None:
    assert FIGURES[name]().png.startswith(b"\x89PNG")
    assert not recwarn.list


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (lambda: still_going(of_one().drop(columns="solved"), 9, "steps", "No such column"), "the rows lack solved"),
        (lambda: still_going(of_one(), 9, "seconds", "No such measure", "seconds"), "the rows lack seconds"),
        (lambda: still_going(of_one()[:0], 9, "steps", "No rows at all"), "there are no rows"),
        (lambda: grid(runs().drop(columns=["lag", "steps_share"]), "None"), "the rows lack lag and steps_share"),
        (lambda: grid(runs()[:0], "No rows at all"), "there are no rows"),
        (lambda: seconds_by_length(times().drop(columns="seq_len"), "No lengths"), "the rows lack seq_len"),
        (lambda: seconds_by_length(times()[:0], "No rows at all"), "there are no rows"),
        (lambda: panels([], "No panels at all"), "give at least one panel"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_sentence(draw: Callable[[], Picture], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        draw()


# ---------------------------------------------------------------------------------------------------------------------
# Staircases


@examples(15)
@given(
    spent=st.lists(st.integers(1, 20).map(lambda n: 50 * n), min_size=1, max_size=8),
    failed=st.integers(0, 3),
    budget=st.integers(1, 20).map(lambda n: 50.0 * n),
)
def test_a_staircase_counts_the_runs_that_met_the_criterion_within_the_budget(
    spent: list[int], failed: int, budget: float
) -> None:
    rows = pd.DataFrame(
        {"network": "LSTM", "steps": [*spent, *[10] * failed], "solved": [1] * len(spent) + [0] * failed}
    )
    with pytest.MonkeyPatch.context() as patch:
        drawn = Drawn(patch)
        alt = still_going(rows, budget, "steps", "The LSTM alone is here").alt
    within, total = sorted(s for s in spent if s <= budget), len(spent) + failed
    assert f"Within the budget: LSTM: {len(within)} of {total} runs." in alt
    (line,) = drawn.fig.axes[0].lines
    x, y = (np.asarray(values, dtype=float) for values in line.get_data())
    assert (x[0], x[-1], y[0]) == (0, budget, 0)
    for at in (*within, budget):
        share = y[np.flatnonzero(x <= at)[-1]]  # a step goes on from the last point before it
        assert share == pytest.approx(sum(s <= at for s in within) / total)


def test_staircases_tell_each_network_and_take_another_measure(drawn: Drawn) -> None:
    rows = of_one().assign(seconds=lambda t: t["steps"] / 100)
    counts = rows[rows["seconds"] <= 6].groupby("network")["solved"].sum()
    alt = still_going(rows, 6, "seconds of CPU", "By seconds it is another order", "seconds").alt
    assert "over seconds of CPU" in alt
    for network in NETWORKS:
        assert f"{network}: {counts.get(network, 0)} of 10 runs" in alt
    ax = drawn.fig.axes[0]
    assert ax.get_xlabel() == "seconds of CPU"
    assert ax.get_xlim() == (0, 6)
    assert [note.get_text() for note in ax.texts] == [f"{n}: {counts.get(n, 0)} of 10" for n in NETWORKS]


def test_no_staircase_hides_another(drawn: Drawn) -> None:
    FIGURES["all at once"]()
    drawn.fig.draw_without_rendering()
    lines = drawn.fig.axes[0].lines
    drawn_at = [np.asarray(line.get_ydata(), dtype=float) for line in lines]
    for end, share in ((0, 0.0), (-1, 1.0)):
        heights = [line.get_transform().transform((500, y[end]))[1] for line, y in zip(lines, drawn_at, strict=True)]
        assert (np.diff(heights) >= 2).all()  # dots
        off = np.array([y[end] for y in drawn_at]) - share
        assert np.abs(off).max() < 0.05  # and yet each is nearer to its own tenth than to the next
    assert min(y.min() for y in drawn_at) >= 0  # no share below 0 or above 1
    assert max(y.max() for y in drawn_at) <= 1


# ---------------------------------------------------------------------------------------------------------------------
# The grid


def test_numbers_in_the_grid_are_the_runs_that_met_the_criterion(drawn: Drawn) -> None:
    rows = runs()
    alt = grid(rows.sample(frac=1, random_state=0).sort_values("task", kind="stable"), "The grid as a whole").alt
    assert "Runs of 10 that met the criterion" in alt
    networks = [tick.get_text() for tick in drawn.fig.axes[0].get_yticklabels()]  # the others share them
    for ax in drawn.fig.axes:
        task = ax.get_title(loc="left")
        assert [tick.get_text() for tick in ax.get_xticklabels()] == [str(lag) for lag in LAGS[task]]
        shares: Any = ax.images[0].get_array()
        assert len(ax.texts) == len(NETWORKS) * 4
        for text in ax.texts:
            column, row = (round(place) for place in text.get_position())
            of_network = rows[(rows["task"] == task) & (rows["network"] == networks[row])]
            here = of_network[of_network["lag"] == LAGS[task][column]]
            assert text.get_text() == str(here["solved"].sum())
            assert shares[row, column] == pytest.approx(here["steps_share"].mean())
    for task, lags_of in LAGS.items():
        last = rows[(rows["task"] == task) & (rows["lag"] == lags_of[-1])].groupby("network")["solved"].sum()
        told = alt.split(f"{task} at {lags_of[-1]}: ")[1].split(";")[0].rstrip(".")
        assert dict(part.rsplit(" ", 1) for part in told.split(", ")) == {n: str(last[n]) for n in NETWORKS}


def test_squares_of_the_grid_can_have_another_meaning(drawn: Drawn) -> None:
    rows = runs().assign(wrong=0.25)
    grid(rows, "Right at every length", shade="wrong", darker="fewer wrong answers", xlabel="symbols")
    for ax in drawn.fig.axes:
        shares: Any = ax.images[0].get_array()
        assert (shares == 0.25).all()
    label = drawn.fig.get_supxlabel()
    assert label == "symbols\nnumber: runs of 10 that met the criterion; darker: fewer wrong answers"


@given(share=st.floats(0, 1))
def test_a_number_can_be_read_on_every_shade(share: float) -> None:
    ground = contrast(to_hex(colormaps[comparisons.SHADES](share)))  # with white; with black it is 21 over this
    assert {"white": ground, "black": 21 / ground}[comparisons._text_on(share)] >= 4.5


# ---------------------------------------------------------------------------------------------------------------------
# Seconds by length


def test_seconds_are_told_as_medians_at_the_shortest_and_the_longest_length(drawn: Drawn) -> None:
    rows = pd.DataFrame(
        {"network": name, "seq_len": T, "seconds": seconds}
        for name, of_name in {"LSTM": {32: [0.001, 0.002, 0.9], 2048: [0.1, 0.2, 0.3]}, "RNN": {32: [0.0005]}}.items()
        for T, some in of_name.items()
        for seconds in some
    )
    alt = seconds_by_length(rows, "Longer takes longer to train").alt
    assert "LSTM 2 ms at 32, 200 ms at 2,048" in alt
    assert "RNN 0.5 ms at 32, 0.5 ms at 32" in alt
    ax = drawn.fig.axes[0]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert [note.get_text() for note in ax.texts] == ["LSTM: 200 ms", "RNN: 0.5 ms"]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["32", "2,048"]


# ---------------------------------------------------------------------------------------------------------------------
# Panels


@pytest.mark.parametrize(("count", "columns", "down"), [(9, 3, 3), (4, 3, 2), (1, 3, 1), (2, 3, 1), (5, 2, 3)])
def test_panels_stand_in_reading_order_and_no_place_is_drawn_empty(
    count: int, columns: int, down: int, drawn: Drawn
) -> None:
    alt = panels(parts(count), "Many panels in few rows", columns).alt
    shown = [ax for ax in drawn.fig.axes if ax.get_visible()]
    assert len(shown) == count
    assert len(drawn.fig.axes) == down * min(columns, count)
    for number, (ax, part) in enumerate(zip(shown, parts(count), strict=True), 1):
        assert ax.get_title(loc="left").replace("\n", " ") == f"{number}  {part.heading}"
        assert ax.get_xlabel() == part.label
        assert [tick.get_text() for tick in ax.get_yticklabels()] == list(part.values)
        assert f"{number} {part.heading} ({part.label}" in alt


def test_a_panel_has_a_dot_for_each_seed_and_a_bar_at_the_mean(drawn: Drawn) -> None:
    values = {"RNN": [1.0, 2.0, 6.0], "LSTM": [5.0]}
    alt = panels([Panel("size: of what", "weights\n(thousands)", values, line=4.0)], "A panel of two networks").alt
    assert "Means: 1 size: of what (weights (thousands); dashed line at 4): RNN 3, LSTM 5." in alt
    ax = drawn.fig.axes[0]
    dots, means = (
        [line for line in ax.lines if str(line.get_marker()) in "os^"],
        [line for line in ax.lines if line.get_marker() == "|"],
    )
    assert [list(np.asarray(line.get_xdata())) for line in dots] == list(values.values())
    assert [float(np.asarray(line.get_xdata())[0]) for line in means] == [3.0, 5.0]
    for place, line in enumerate(dots):
        assert (np.abs(np.asarray(line.get_ydata()) + place) < 0.5).all()  # in its own row
    assert [list(np.asarray(line.get_xdata())) for line in ax.lines if line.get_linestyle() == "--"] == [[4.0, 4.0]]


def test_panels_have_one_horizontal_axis_where_that_is_asked_for(drawn: Drawn) -> None:
    two = [Panel("small", "F1", {"RNN": [0.1, 0.2]}), Panel("large", "F1", {"RNN": [0.8, 0.9]})]
    for same_axis in (True, False):
        panels(two, "Two panels of one measure", columns=2, same_axis=same_axis)
        limits = [ax.get_xlim() for ax in drawn.fig.axes]
        assert (limits[0] == limits[1]) is same_axis
        assert limits[0][0] < 0.1
        assert limits[1][1] > 0.9


def test_a_network_looks_the_same_in_every_panel(drawn: Drawn) -> None:
    panels(parts(), "One look for each network")
    looks: dict[str, set[Any]] = {}
    for ax in drawn.fig.axes:
        names = [tick.get_text() for tick in ax.get_yticklabels()]
        dots = [line for line in ax.lines if line.get_marker() not in ("|", "None")]
        for name, line in zip(names, dots, strict=True):
            looks.setdefault(name, set()).add((line.get_marker(), line.get_color()))
    assert {name: len(look) for name, look in looks.items()} == {"RNN": 1, "GRU": 1, "LSTM": 1}
