"""Labels never overlap, and every colour can be seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.figures import labels
from course_utils.figures.style import COLOURS

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
    for colour in (*COLOURS.values(), *labels.OTHERS, *labels.OF_METHODS.values()):
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


def test_a_method_has_its_colour_beside_whatever_it_stands() -> None:
    few, many = labels.line_styles(["ETS", "mine"]), labels.line_styles(["naive", "AR", "LSTM", "boosting", "ETS"])
    assert few["ETS"].colour == many["ETS"].colour == labels.OF_METHODS["ETS"]
    assert few["mine"].colour == labels.OTHERS[0]
    assert len({look.colour for look in many.values()}) == 5
