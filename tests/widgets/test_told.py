"""Every widget that shows a training tells its settings, live, on a static page and as text; the others say nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from torch import nn

from course_utils import claims
from course_utils.display.settings import Settings
from course_utils.experiments.comparison import grid
from course_utils.experiments.computation.set_for_languages import counting_lstm
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.starts import CHRONO
from course_utils.experiments.long_memory.phase_diagram import MOST_STEPS
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.models.captioning import trained_captioner
from course_utils.models.digit_net import digit_net_described
from course_utils.models.handwriting import trained_line_reader
from course_utils.models.speech.recogniser import trained_recogniser
from course_utils.models.tagger import trained_tagger
from course_utils.models.translation import Translator, trained_translator
from course_utils.nn.initialisation import default_
from course_utils.nn.sequence_model import SequenceModel
from course_utils.training import fit
from course_utils.training.told import trained_by
from course_utils.widgets.boundary_explorer import boundary_explorer
from course_utils.widgets.caption_words import caption_words
from course_utils.widgets.cobweb import cobweb
from course_utils.widgets.comparison_workbench import comparison_workbench
from course_utils.widgets.counter import counter
from course_utils.widgets.ctc_lattice import ctc_lattice
from course_utils.widgets.describe_scene import describe_scene
from course_utils.widgets.draw_digit import draw_digit
from course_utils.widgets.gate_explorer import gate_explorer
from course_utils.widgets.gradient_explorer import gradient_explorer
from course_utils.widgets.lag_river import lag_river
from course_utils.widgets.listen import listen
from course_utils.widgets.masked_context import masked_context
from course_utils.widgets.memory_transplant import memory_transplant
from course_utils.widgets.phase_diagram import phase_diagram
from course_utils.widgets.piano_roll import piano_roll
from course_utils.widgets.read_line import read_line
from course_utils.widgets.shared.browser import WIDGETS, BrowserWidget, module_text
from course_utils.widgets.shared.settings import settings_of
from course_utils.widgets.translate_it import translate_it
from course_utils.widgets.unroll_stepper import unroll_stepper
from course_utils.widgets.write_on import write_on
from tests.models.fitted import fitted
from tests.widgets.in_node import evaluated
from tests.widgets.test_box_sliders import sliders
from tests.widgets.test_caption_words import looked
from tests.widgets.test_gibbs_stepper import stepper
from tests.widgets.test_horizon_slider import slider as forecasts_from_origins
from tests.widgets.test_lag_river import film

LESSONS = Path(__file__).resolve().parents[2] / "lessons"
LINE = Settings("zeros", "Adam, 0.1", "none", "3", "8", "2 < 3 parameters", "0", "none", name="a run")
PARTS = ["start", "learning rate", "clipping", "steps", "batch", "size", "seeds", "augmentation"]


def latch_network() -> SequenceModel:
    """One that was trained for two steps."""
    task, generator = FlaggedLatch(4, 5), torch.Generator().manual_seed(0)
    model = SequenceModel("lstm", task.input_size, 4, task.output_size, generator=generator)
    CHRONO.apply(model, generator, task.seq_len)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    fit(model, task.batches(8, 0), task.objective, steps=2, optimizer=optimizer, clip_norm=1, progress=False)
    return model


def transplant() -> Any:
    network, pair = latch_network(), FlaggedLatch(4, 5).held_out(2, seed=0).x
    assert isinstance(network.core, nn.LSTM)
    return memory_transplant(network.core, network.readout, pair, labels=list("1234"), cues=(0, 1))


CLOSED_FORMS: dict[str, Callable[[], Any]] = {
    "cobweb": cobweb,
    "ctc_lattice": ctc_lattice,
    "gate_explorer": gate_explorer,
    "gradient_explorer": gradient_explorer,
    "unroll_stepper": unroll_stepper,
}
TRAINED: dict[str, tuple[Callable[[], Any], Callable[[], str]]] = {  # with a part of what each must tell
    "boundary_explorer": (boundary_explorer, lambda: "1 hidden layer of 8 units, relu, 42 parameters"),
    "box_sliders": (sliders, lambda: str(fitted("Detector").described())),
    "caption_words": (lambda: caption_words(*looked(), settings=LINE), lambda: str(LINE)),
    "comparison_workbench": (
        lambda: comparison_workbench(grid.for_workbench(claims.results("grid")), 1000),
        lambda: str(experiment("grid").described()),
    ),
    "counter": (lambda: counter({"LSTM": counting_lstm()}, settings=LINE), lambda: str(LINE)),
    "describe_scene": (
        lambda: describe_scene(trained_captioner("scenes")),
        lambda: str(trained_captioner("scenes").described()),
    ),
    "draw_digit": (draw_digit, lambda: str(digit_net_described())),
    "gibbs_stepper": (lambda: stepper(settings=LINE), lambda: str(LINE)),
    "horizon_slider": (lambda: forecasts_from_origins(settings=LINE), lambda: str(LINE)),
    "lag_river": (lambda: lag_river(**film(), settings=LINE), lambda: str(LINE)),
    "listen": (lambda: listen(trained_recogniser("joined")), lambda: str(trained_recogniser("joined").described())),
    "masked_context": (
        lambda: masked_context(trained_tagger("both"), [["stop"]], [["O"]]),
        lambda: str(trained_tagger("both").described()),
    ),
    "memory_transplant": (transplant, lambda: "Adam, 0.02 · clipping: norm at most 1 · steps: 2"),
    "phase_diagram": (
        lambda: phase_diagram(claims.results("phase"), MOST_STEPS),
        lambda: str(experiment("phase").described()),
    ),
    "read_line": (lambda: read_line(trained_line_reader()), lambda: str(trained_line_reader().described())),
    "piano_roll": (lambda: piano_roll(fitted("ChordModel")), lambda: str(fitted("ChordModel").described())),
    "translate_it": (
        lambda: translate_it(trained_translator("numbers"), "deux"),
        lambda: str(trained_translator("numbers").described()),
    ),
    "write_on": (lambda: write_on(fitted("LanguageModel")), lambda: str(fitted("LanguageModel").described())),
}


def without_scripts(html: str) -> str:
    return re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)


def line_of(widget: Any) -> Settings:
    """What a widget tells: `Listen` calls something else `told`."""
    found: Settings = widget.trained if hasattr(widget, "trained") else widget.told
    return found


def test_no_widget_is_left_out() -> None:
    folders = {path.parent.name for path in WIDGETS.glob("*/__init__.py")} - {"shared"}
    assert folders == {*CLOSED_FORMS, *TRAINED}


@pytest.mark.parametrize("name", TRAINED)
def test_what_was_trained_is_told_live_on_a_page_and_as_text(name: str) -> None:
    make, expected = TRAINED[name]
    widget = make()
    line = line_of(widget)
    assert expected() in str(line)
    assert set(PARTS) <= set(line.parts), "something is not told"
    data, _ = widget._repr_mimebundle_()
    assert without_scripts(str(data["text/html"])).count(line.html) == 1
    assert str(data["text/plain"]).count(str(line)) == 1
    live = widget.settings if hasattr(widget, "settings") else widget._box.children[-1].value
    assert live == line.html


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_what_is_computed_from_formulas_says_nothing(name: str) -> None:
    widget: BrowserWidget = CLOSED_FORMS[name]()
    data, _ = widget._repr_mimebundle_()
    assert widget.settings == ""
    assert "Settings" not in without_scripts(str(data["text/html"])) + str(data["text/plain"])


@pytest.mark.parametrize("name", sorted({path.parent.name for path in WIDGETS.glob("*/*.js")} - {"shared"}))
def test_every_module_lets_the_shared_host_show_the_line(name: str) -> None:
    assert module_text(name).count("const render = hosted(mount") == 1


@pytest.mark.parametrize(("settings", "shown"), [("", 1), (LINE.html, 2)])
def test_the_host_puts_the_line_below_the_widget(settings: str, shown: int) -> None:
    code = """(() => {
      const node = () => ({ innerHTML: "", children: [], append(...parts) { this.children.push(...parts); } });
      globalThis.document = { createElement: node };
      const [el, kept] = [node(), { params: { n: 7 }, settings: given }];
      const render = hosted((element, { n }) => { element.append({ innerHTML: `widget ${n}` }); return "end"; });
      return [render({ el, model: { get: (key) => kept[key] } }), ...el.children.map((part) => part.innerHTML)];
    })()"""
    assert evaluated("cobweb", code, settings) == ["end", "widget 7", settings][: shown + 1]


def test_what_nobody_knows_is_said_and_what_is_given_comes_first() -> None:
    for shown in (pd.DataFrame(), nn.LSTM(2, 3), object()):
        assert "nobody noted how this was trained" in str(settings_of(shown))
        assert settings_of(shown, LINE) is LINE
    assert "has not learned anything yet" in str(settings_of(Translator()))


def test_a_part_of_a_network_knows_its_training_until_its_weights_are_drawn_again() -> None:
    network = latch_network()
    line = trained_by(network.core)
    assert line is not None
    assert line.start == "torch's own, then chrono biases for lags up to 6"
    assert trained_by(network.readout) is line
    default_(network, generator=torch.Generator().manual_seed(1))
    assert trained_by(network.core) is None


@pytest.mark.parametrize("lesson", sorted(LESSONS.glob("*.py")), ids=lambda path: path.stem[:2])
def test_lessons_tell_what_such_a_widget_cannot_know(lesson: Path) -> None:
    for cell in re.split(r"^# %%", lesson.read_text(encoding="utf-8"), flags=re.MULTILINE):
        if re.search(r"^(lag_river|caption_words|horizon_slider)\(", cell, re.MULTILINE):
            assert "described(" in cell
