"""The line of settings says every part that is there, as text and as HTML."""

from __future__ import annotations

import pytest

from course_utils.display.settings import (
    Settings,
    each,
    flat,
    seeds_text,
    show_settings,
    trained,
    untrained,
    value_text,
)

LINE = trained(
    start="torch's own",
    learning_rate="Adam, 0.003",
    clipping="norm at most 1",
    steps="500",
    batch="32",
    size="LSTM of 8 units, 393 parameters",
)


def test_a_line_names_its_parts_and_leaves_out_those_that_are_empty() -> None:
    assert str(LINE) == (
        "Settings: start: torch's own · learning rate: Adam, 0.003 · clipping: norm at most 1 · steps: 500 · "
        "batch: 32 · size: LSTM of 8 units, 393 parameters · augmentation: none"
    )
    assert repr(LINE) == str(LINE)
    assert LINE.with_parts(seeds="1 (0)", name="recall").parts["seeds"] == "1 (0)"
    assert str(LINE.with_parts(name="recall")).startswith("Settings of recall: start")


def test_html_is_escaped_and_is_one_paragraph() -> None:
    html = LINE.with_parts(note="a < b").html
    assert html.startswith("<p ")
    assert html.count("<p") == 1
    assert "a &lt; b" in html
    assert html.count("<em>") == len(LINE.parts) + 1


def test_a_run_without_training_says_why() -> None:
    line = untrained("nothing is trained: parameters are counted", seeds="10 (0 to 9)")
    assert str(line) == "Settings: nothing is trained: parameters are counted · seeds: 10 (0 to 9)"
    assert "parameters are counted" in line.html


def test_shown_lines_are_settings_or_text(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Settings] = []

    def note(line: Settings) -> Settings:
        shown.append(line)
        return line

    monkeypatch.setattr(Settings, "say", note)
    assert show_settings(LINE, "a run").name == "a run"
    assert str(show_settings("weights as they are")) == "Settings: weights as they are"
    assert len(shown) == 2


@pytest.mark.parametrize(
    ("seeds", "text"),
    [(range(10), "10 (0 to 9)"), ((5,), "1 (5)"), ((1, 0), "2 (0, 1)"), ((0, 2, 4), "3 (0, 2, 4)")],
)
def test_seeds_are_counted_and_named(seeds: range | tuple[int, ...], text: str) -> None:
    assert seeds_text(tuple(seeds)) == text


def test_what_differs_from_network_to_network_is_said_once_where_it_is_the_same() -> None:
    assert each({"RNN": 0.03, "LSTM": 0.03}) == "0.03"
    assert each({"RNN": 0.01}) == "0.01"
    assert each({"RNN": 0.03, "GRU": 0.03, "LSTM": 0.01}) == "0.03; 0.01 (LSTM)"
    assert each({"RNN": 0.03, "LSTM": 0.01}) == "0.03 (RNN); 0.01 (LSTM)"
    assert each({"adding": {"RNN": [0.03], "LSTM": [0.01]}}) == "0.03 (adding: RNN); 0.01 (adding: LSTM)"
    assert flat({"a": {"b": {"c": 1}}, "d": 2}) == {"a: b: c": 1, "d": 2}
    assert value_text([0.01, 0.03, 0.1]) == "0.01, 0.03 and 0.1, all tried"
    assert value_text("chrono") == "chrono"
