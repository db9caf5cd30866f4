"""The experiment of claims C06 and C23: networks of equal size, what each may see, and the looks on the way."""

from __future__ import annotations

import pytest
import torch

from course_utils.errors import CourseError
from course_utils.experiments.applications import number_translation
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import load
from course_utils.nn.translation_model import Encoded, TranslationModel, batch_of
from tests.experiments.small_runs import small_settings

SIZES = (30, 32)  # characters, signs included, of both languages


def size(network: str, width: int) -> int:
    return sum(p.numel() for p in number_translation.network_of(network, *SIZES, width).parameters())


@pytest.mark.parametrize("network", list(number_translation.NETWORKS))
def test_networks_have_as_many_parameters_as_whole_units_allow(network: str) -> None:
    wanted = size("LSTM", 64)
    width = number_translation.width_like(network, 64, *SIZES)
    assert abs(size(network, width) / wanted - 1) < 0.02
    assert abs(size(network, width) - wanted) <= min(abs(size(network, width + step) - wanted) for step in (-1, 1))


def logits(model: TranslationModel, encoded: Encoded, first: Encoded) -> torch.Tensor:
    """The scores for three tokens, with the first state of one encoding and the rest of another."""
    return model.logits(model.decode(torch.tensor([[1, 5, 6]]), encoded, model.first_state(first))[0])


@pytest.mark.parametrize("network", ["LSTM", "LSTM, summary at every step", "LSTM, first state only"])
def test_what_each_network_sees_of_the_source_after_its_first_state(network: str) -> None:
    torch.manual_seed(0)
    model = number_translation.network_of(network, *SIZES, 12).eval()
    one, other = (batch_of([(row, [4])]) for row in ([4, 5, 6, 7], [8, 9, 10, 11]))
    with torch.no_grad():
        seen, changed = (model.encode(batch.sources, batch.lengths) for batch in (one, other))
        same = torch.equal(logits(model, seen, seen), logits(model, changed, seen))
        start = torch.equal(logits(model, seen, seen), logits(model, seen, changed))
    assert same == (network == "LSTM, first state only")
    assert not start  # the first state counts for all


def test_looks_are_spread_over_the_training_and_do_not_change_it() -> None:
    settings = {**experiment("translating").settings, **experiment("translating").quick}
    few = number_translation.measure(0, **{**settings, "rates": {"LSTM": [0.004]}, "looks": 2})
    many = number_translation.measure(0, **{**settings, "rates": {"LSTM": [0.004]}, "looks": 4})
    assert [row["steps"] for row in few] == [4, 8]
    assert [row["steps"] for row in many] == [2, 4, 6, 8]
    assert [row["last"] for row in many] == [0, 0, 0, 1]
    assert few[-1]["valid_error"] == many[-1]["valid_error"]
    times = [row["cpu_seconds"] for row in many]
    assert times == sorted(times)


def test_answers_are_in_the_order_of_the_questions_and_leave_the_mode_alone() -> None:
    torch.manual_seed(0)
    given = number_translation.task(60, 9_999, 20, seed=0)
    model = number_translation.network_of("LSTM", len(given.source), len(given.target), 8).train()
    said = number_translation.translated(model, given, given.test)
    assert model.training
    assert said == [number_translation.translated(model, given, [pair])[0] for pair in given.test]


def test_an_unknown_network_is_refused() -> None:
    with pytest.raises(CourseError, match="LSTM, first state only"):
        number_translation.measure(
            0, rates={"BERT": [0.1]}, hidden_size=4, pairs=9, largest=999, steps=1, looks=1, judged=1
        )


def test_looks_that_do_not_divide_the_steps_are_refused() -> None:
    settings = {**experiment("translating").settings, **experiment("translating").quick, "rates": {"LSTM": [0.004]}}
    with pytest.raises(CourseError, match="do not divide"):
        number_translation.measure(0, **{**settings, "looks": 3})


def test_the_chosen_rates_are_those_that_the_search_found() -> None:
    rows = load("translating_search").table
    best = rows.groupby(["network", "lr"])["valid_error"].mean().reset_index()
    chosen = best.loc[best.groupby("network")["valid_error"].idxmin()].set_index("network")["lr"]
    assert dict(chosen) == number_translation.CHOSEN


def test_the_test_is_looked_at_once_with_the_weights_of_the_best_look() -> None:
    shared = small_settings("translating_kept", rates={"LSTM": [0.02]}, looks=4)
    (kept,) = number_translation.measure_kept(0, **shared)
    looks = number_translation.measure(0, **shared)
    best = min(looks, key=lambda row: row["valid_error"])
    same = ("valid_error", "exact", "character_error", "longest_fifth", "longer", "parameters", "lr")
    assert {key: kept[key] for key in same} == {key: best[key] for key in same}
    assert kept["kept"] == best["steps"]


def test_what_decides_has_seeds_of_its_own() -> None:
    others = {"translating", "translating_search", "translating_longer"}
    assert not set(experiment("translating_kept").seeds) & {seed for name in others for seed in experiment(name).seeds}
