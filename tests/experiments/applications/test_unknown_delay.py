"""The event of unknown delay: equal sizes, the ceiling is one, and each simple model is what it says."""

from __future__ import annotations

import pytest
import torch

from course_utils.data.delays import Delays, delays
from course_utils.errors import CourseError
from course_utils.experiments.applications import unknown_delay
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import load
from course_utils.metrics.survival import hazard_nats
from course_utils.nn.parameters import parameters_count
from tests.experiments.small_runs import small_settings

TRAIN, TEST = delays(3_000, seed=1), delays(3_000, seed=2)


@pytest.mark.parametrize(
    ("name", "start"), [(name, start.label) for name, both in unknown_delay.STARTS.items() for start in both]
)
def test_networks_have_as_many_parameters_as_whole_units_allow(name: str, start: str) -> None:
    model = unknown_delay.network(name, start, 1_617, seed=0)
    assert abs(parameters_count(model) / 1_617 - 1) < 0.05


def test_a_feedforward_network_of_that_size_sees_the_last_16_steps() -> None:
    model = unknown_delay.network(unknown_delay.WINDOW, "torch's own", 1_617, seed=0)
    assert abs(parameters_count(model) / 1_617 - 1) < 0.05
    inputs = TEST.inputs[:1]
    other = inputs.clone()
    other[0, 20] = inputs[0, 20].roll(1)
    moved = (model(inputs) - model(other))[0, :, 0].abs() > 0
    assert moved.nonzero().flatten().tolist() == list(range(20, 36))


def test_a_wide_feedforward_network_has_as_many_units_and_sees_the_last_64_steps() -> None:
    narrow, wide = (unknown_delay.network(name, "torch's own", 1_617, seed=0) for name in unknown_delay.WINDOWS)
    assert narrow.readout.in_features == wide.readout.in_features
    inputs = TEST.inputs[:1]
    other = inputs.clone()
    other[0, 5] = inputs[0, 5].roll(1)
    moved = (wide(inputs) - wide(other))[0, :, 0].abs() > 0
    assert moved.nonzero().flatten().tolist() == list(range(5, 69))


def test_who_is_told_of_the_mark_is_nearly_at_the_true_hazard() -> None:
    told = unknown_delay.scores(unknown_delay.logit(unknown_delay._from_cue(TRAIN, TEST, told=True)), TEST)
    untold = unknown_delay.scores(unknown_delay.without_networks(TRAIN, TEST)["Weibull from the cue"], TEST)
    assert -0.01 < told["excess"] < 0.03 < untold["excess"]
    settings = small_settings("unknown_delay_rivals")
    assert unknown_delay.TOLD in {row["network"] for row in unknown_delay.measure(0, **settings)}


def test_the_true_hazard_is_the_best_and_more_knowledge_is_better() -> None:
    said = unknown_delay.without_networks(TRAIN, TEST)
    rows = {name: unknown_delay.scores(logits, TEST) for name, logits in said.items()}
    nats = [rows[name]["nats"] for name in ("true hazard", "Weibull from the cue", "Weibull", "constant")]
    assert nats == sorted(nats)
    assert rows["true hazard"]["excess"] == pytest.approx(0, abs=1e-9)
    assert rows["constant"]["concordance"] == 0.5
    assert rows["true hazard"]["concordance"] > rows["Weibull from the cue"]["concordance"] > 0.5


def test_the_loss_is_the_likelihood_of_the_records() -> None:
    model = unknown_delay.network("GRU", "chrono", 300, seed=0)
    part = TEST.part(slice(0, 20))
    expected = hazard_nats(model(part.inputs)[..., 0], part.times, part.events).mean()
    found = unknown_delay.objective(model, (part.inputs, part.times, part.events))
    assert torch.equal(found, expected)


@pytest.mark.parametrize(("choosing", "judged"), [(True, 1), (False, 2)])
def test_who_is_judged_was_not_learned_from(choosing: bool, judged: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[torch.Tensor] = []

    def noted(_: torch.Tensor, records: Delays) -> dict[str, float]:
        asked.append(records.symbols)
        return {}

    monkeypatch.setattr(unknown_delay, "scores", noted)
    runs = [("LSTM", "chrono", 0.01)]
    unknown_delay.measure(4, **small_settings("unknown_delay_search", runs=runs, choosing=choosing))
    count = experiment("unknown_delay_search").quick["records"][judged]
    assert torch.equal(asked[0], delays(count, 3 * 4 + judged).symbols)


def test_a_training_that_diverges_is_judged_with_the_weights_before() -> None:
    runs = [("ReLU RNN", "identity", 1e6)]
    (row,) = unknown_delay.measure(0, **small_settings("unknown_delay_search", runs=runs, choosing=True))
    assert row["nats"] > 0


def test_the_chosen_starts_and_rates_are_those_that_the_search_found() -> None:
    rows = load("unknown_delay_search").table
    means = rows.groupby(["network", "start", "lr"])["nats"].mean()
    found = {name: means[name].idxmin() for name in unknown_delay.CHOSEN}
    assert {name: (start, float(lr)) for name, (start, lr) in found.items()} == unknown_delay.CHOSEN
    wide = load("unknown_delay_rivals_search").table.groupby("lr")["nats"].mean()
    assert wide.idxmin() == unknown_delay.CHOSEN_WIDE
    own = {name: float(means[name, "torch's own"].idxmin()) for name in unknown_delay.CHOSEN_OWN}
    assert own == unknown_delay.CHOSEN_OWN


def test_rows_say_what_was_chosen() -> None:
    rows = unknown_delay.measure_chosen(0, **small_settings("unknown_delay"))
    for name in unknown_delay.CELLS:
        kinds = [row["kind"] for row in rows if row["network"] == name]
        assert sorted(kinds) == ["best", "torch's own"]
    assert {row["kind"] for row in rows if row["network"] == "Weibull"} == {"none"}


def test_an_unknown_network_is_refused() -> None:
    with pytest.raises(CourseError, match="LSTM"):
        unknown_delay.measure(0, **small_settings("unknown_delay_search", runs=[("HMM", "chrono", 0.1)]))
