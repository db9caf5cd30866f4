"""Along a string: the browser's states and answers are torch's, and right is what the language says."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import torch
from torch import nn

from course_utils.data.formal_languages import LANGUAGES, answered
from course_utils.errors import CourseError
from course_utils.experiments.computation.set_for_languages import counting_lstm, counting_relu, parity_gru, parity_rnn
from course_utils.nn.extraction import Stepper
from course_utils.nn.sequence_model import SequenceModel
from course_utils.nn.tracking_net import TrackingNet
from course_utils.widgets.counter import MOST_SYMBOLS, counter
from tests.widgets.in_node import computed, evaluated
from tests.widgets.twins import twin_of

CELLS = ("rnn", "relu_rnn", "gru", "lstm")


def _small(cell: str, answers: int = 2, seed: int = 0) -> SequenceModel:
    return SequenceModel(cell, 2, 3, answers, generator=torch.Generator().manual_seed(seed))


def test_states_and_answers_are_those_of_torch() -> None:
    networks: dict[str, nn.Module] = {cell: _small(cell) for cell in CELLS}
    widget = counter(networks, "parity", "011010011")
    (found,) = computed("counter", [widget.params])
    symbols = LANGUAGES["parity"].encode("011010011")
    for network, steps in zip(networks.values(), found, strict=True):
        stepper = Stepper(network)
        state = stepper.beginning
        for symbol, told in zip(symbols[0], steps, strict=True):
            state = stepper.step(state, symbol[None])
            assert told["state"] == pytest.approx(state[0].tolist(), abs=1e-9)
            assert told["answer"] == int(stepper.answers(state))


def test_a_read_out_with_a_hidden_layer_is_run_too() -> None:
    torch.manual_seed(0)
    network = TrackingNet("GRU", 2, 2, 3)
    (found,) = computed("counter", [counter({"GRU": network}, "parity", "0110").params])
    with torch.no_grad():
        want = network(nn.functional.one_hot(torch.tensor([[0, 1, 1, 0]]), 2).float())[0].argmax(-1)
    assert [step["answer"] for step in found[0]] == want.tolist()


@pytest.mark.parametrize("language", ["parity", "aⁿbⁿ", "Dyck-1"])
def test_right_is_what_the_language_says_of_all_short_strings(language: str) -> None:
    kind = LANGUAGES[language]
    params = counter({"LSTM": _small("lstm", len(kind.answers))}, language).params
    texts = list(product(range(2), repeat=7))
    found = evaluated(
        "counter", "given.texts.map((text) => right({ ...given.params, text }))", {"params": params, "texts": texts}
    )
    assert found == answered(kind, torch.tensor(texts)).answers.tolist()


def test_it_says_what_each_network_answers_and_who_is_wrong() -> None:
    networks: dict[str, nn.Module] = {"LSTM": counting_lstm(), "ReLU": counting_relu("aⁿbⁿ")}
    said = evaluated("counter", "verdict(given)", counter(networks, "aⁿbⁿ", "aabb").params)
    assert said == "After aabb (4) “now” is right. LSTM: now; ReLU: now."
    silent = parity_gru()
    nn.init.zeros_(silent.readout.weight)
    nn.init.zeros_(silent.readout.bias)
    wrong: dict[str, nn.Module] = {"GRU": silent, "two units": parity_rnn()}
    said = evaluated("counter", "verdict(given)", counter(wrong, "parity", "1").params)
    assert said == "After 1 (1) “odd” is right. GRU: even, wrong; two units: odd."
    assert "empty" in evaluated("counter", "verdict({ ...given, text: [] })", counter(wrong, "parity").params)


def _two_layers() -> nn.Module:
    model = _small("gru")
    model.core = nn.GRU(2, 3, num_layers=2, batch_first=True)
    return model


@pytest.mark.parametrize(
    ("networks", "language", "text", "says"),
    [
        ({}, "parity", "", "0 networks"),
        ({"LSTM": _small("lstm")}, "Dyck-2", "", "Dyck-1"),
        ({"LSTM": _small("lstm")}, "parity", "012", "symbol of parity"),
        ({"LSTM": _small("lstm")}, "parity", "0" * (MOST_SYMBOLS + 1), "at most 200"),
        ({"LSTM": _small("lstm")}, "aⁿbⁿ", "", "3 answers"),
        ({"big": SequenceModel("rnn", 2, 17, 2)}, "parity", "", "at most 16 units"),
        ({"deep": _two_layers()}, "parity", "", "one layer"),
        ({"window": SequenceModel("feedforward", 2, 3, 2)}, "parity", "", "one layer"),
    ],
)
def test_what_cannot_be_shown_is_refused(networks: Any, language: str, text: str, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        counter(networks, language, text)


def test_a_read_out_of_another_kind_is_refused() -> None:
    model = _small("gru")
    model.readout = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 2))  # type: ignore[assignment]
    with pytest.raises(CourseError, match="ReLU between them"):
        counter({"GRU": model}, "parity")


def test_the_output_has_a_picture_and_a_twin() -> None:
    html = twin_of(counter({"LSTM": counting_lstm()}, "aⁿbⁿ", "aabbb"))
    assert "What the first unit of each network holds along a string of aⁿbⁿ" in html
