"""Widgets: their numbers, computed by the browser's own module, equal torch's; their twin stands without a kernel."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.display.numbers import short
from course_utils.errors import CourseError
from course_utils.nn.cells import rnn_states
from course_utils.widgets.shared.browser import WIDGETS, module_text, on_slider
from course_utils.widgets.unroll_stepper import unroll_stepper
from tests.strategies import examples
from tests.widgets.in_node import computed, evaluated
from tests.widgets.twins import twin_of

numbers = st.floats(-2, 2)
settings_of_the_stepper = st.fixed_dictionaries(
    {
        "inputs": st.fixed_dictionaries({"a": st.lists(numbers, min_size=1, max_size=10)}),
        "choice": st.just("a"),
        "w_x": numbers,
        "w_h": numbers,
        "b": numbers,
    }
)


@examples(3)
@given(st.lists(settings_of_the_stepper, min_size=30, max_size=60))
def test_the_stepper_computes_what_torch_does(many: list[dict[str, Any]]) -> None:
    for params, states in zip(many, computed("unroll_stepper", many), strict=True):
        x = torch.tensor(params["inputs"]["a"], dtype=torch.float64).reshape(1, -1, 1)
        w_x, w_h, b = (torch.tensor(params[key], dtype=torch.float64) for key in ("w_x", "w_h", "b"))
        weights = (w_x.reshape(1, 1), w_h.reshape(1, 1), b.reshape(1), torch.zeros(1).double())
        want = rnn_states(x, torch.zeros(1, 1).double(), weights)[0, :, 0]
        assert torch.allclose(torch.tensor(states, dtype=torch.float64), want, atol=1e-9)


def test_the_output_carries_the_live_view_and_a_twin_with_picture_and_module() -> None:
    html = twin_of(unroll_stepper())
    assert '<img alt="One unit, inputs “one pulse”: the last state is 0.12.' in html
    assert "function compute(" in html


def test_params_survive_in_the_page_whatever_their_names() -> None:
    widget = unroll_stepper(inputs={"</script>'\"&": [1.0, -1.0]})
    html = widget._repr_mimebundle_()[0]["text/html"]
    assert html.count("</script>") == 1


@pytest.mark.parametrize("xs", [[], [1.0] * 11, [float("nan")], [float("inf"), 1.0]])
def test_a_sequence_that_cannot_be_drawn_is_refused(xs: list[float]) -> None:
    with pytest.raises(CourseError, match="1 to 10 finite numbers"):
        unroll_stepper(inputs={"mine": xs})


@examples(3)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=30, max_size=60))
def test_numbers_are_written_as_in_the_figures(many: list[float]) -> None:
    many += [0.0, 1.0, -0.5, 0.0312, 98.7, 999.6, 1230.0, 999_600.0, 9_999_999.0, 1e-3, 9.996e-4, 1e7, -1e-9, 1e300]
    assert evaluated("unroll_stepper", "given.map((value) => short(value))", many) == [short(value) for value in many]
    assert evaluated("unroll_stepper", "[short(NaN), short(Infinity), short(-Infinity)]", None) == ["–", "∞", "−∞"]


def test_two_decimals_whole_numbers_and_ticks() -> None:
    assert evaluated("unroll_stepper", "given.map((v) => fixed(v))", [-0.001, 0.005, -1.25, 2]) == [
        "0.00",
        "0.01",
        "−1.25",
        "2.00",
    ]
    assert evaluated("unroll_stepper", "given.map(whole)", [0, -999, 1000, 1234567]) == [
        "0",
        "−999",
        "1,000",
        "1,234,567",
    ]
    assert evaluated("unroll_stepper", "[ticks(0, 60, 6, 1), ticks(-12, 2, 6, 1), ticks(0, 5, 10, 1)]", None) == [
        [0, 10, 20, 30, 40, 50, 60],
        [-10, -5, 0],
        [0, 1, 2, 3, 4, 5],
    ]


@pytest.mark.parametrize("name", sorted(path.stem for path in WIDGETS.glob("*/*.js") if path.stem == path.parent.name))
def test_a_module_is_one_text_that_imports_nothing(name: str) -> None:
    text = module_text(name)
    assert "import" not in text.replace("imports", "")
    assert re.findall("^export .*", text, re.MULTILINE)[-1] == "export default { render };"
    assert text.count("function tag(") == 1  # the helpers are there once, and no widget has its own


@pytest.mark.parametrize("value", [-0.1, 1.6, float("nan"), float("inf"), "0.5x", None, [1, 2]])
def test_a_number_that_no_slider_shows_is_refused(value: Any) -> None:
    with pytest.raises(CourseError, match=r"noise is a number from 0 to 1\.5"):
        on_slider("noise", value, 0, 1.5)


def test_a_slider_of_whole_numbers_takes_whole_numbers() -> None:
    assert on_slider("length", 60.0, 5, 200, whole=True) == 60
    with pytest.raises(CourseError, match=r"length is a whole number from 5 to 200, and 7\.5 is not"):
        on_slider("length", 7.5, 5, 200, whole=True)
