"""A learner's cell in the experiments of the course: trained by the code that trained the stored networks."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from course_utils.experiments.comparison import kept, own_cell
from course_utils.experiments.comparison.contests import contest
from course_utils.experiments.comparison.networks import OWN, build_network, equal_sizes
from course_utils.experiments.comparison.own_cell import NAME, Trial, chosen, fingerprint, seconds_of, trials
from course_utils.experiments.computation import formal_language_grid as formal
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import load
from course_utils.experiments.long_memory import long_lags
from course_utils.nn.parameters import parameters_count
from tests.own_cells import LSTM, Minimal, Unused

ALL = [trial for of_one in trials().values() for trial in of_one]


def same_weights(monkeypatch: pytest.MonkeyPatch, made: Any) -> None:
    """The learner's network begins with the weights of one of the course's."""

    def begun(shape: Any, cell: Any, seed: int) -> Any:
        model, other = network(shape, cell, seed), made(seed)
        model.load_state_dict(other.state_dict())
        return model

    network = own_cell._network
    monkeypatch.setattr(own_cell, "_network", begun)


def test_torch_s_lstm_gives_the_rows_of_the_stored_experiment_over_long_lags(monkeypatch: pytest.MonkeyPatch) -> None:
    same_weights(monkeypatch, lambda seed: long_lags.begun("LSTM", seed))
    mine = own_cell._measure_lags(3, LSTM, 0.003, True)
    how: dict[str, Any] = {
        "trainings": list(long_lags.TRAININGS),
        "parameters": long_lags.PARAMETERS,
        "steps": 1,
        "judged": 4,
    }
    stored = long_lags.measure(3, rates={"LSTM": [0.003]}, lags=[51, 1000, 5000, 10_000], **how)
    keys = ("training", "lr", "lag", "accuracy", "solved")
    assert [[row[key] for key in keys] for row in mine] == [[row[key] for key in keys] for row in stored]


def test_and_those_of_formal_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    same_weights(monkeypatch, lambda seed: formal.build("LSTM", "torch's own", "aⁿbⁿ", formal.LSTM_UNITS, seed))
    mine = own_cell._measure_formal(3, LSTM, 0.03, True, "aⁿbⁿ")
    runs = [["aⁿbⁿ", "LSTM", "torch's own", 0.03]]
    how: dict[str, Any] = {
        "lstm_units": formal.LSTM_UNITS,
        "steps": 3,
        "lengths": [40, 60, 101, 200, 500],
        "strings": 8,
    }
    stored = formal.measure(3, runs=runs, **how)
    keys = ("language", "lr", "length", "accuracy", "loss")
    assert [[row[key] for key in keys] for row in mine] == [[row[key] for key in keys] for row in stored]


def test_and_those_of_the_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "LAGS", {"adding": (40,)})
    this = contest("adding", 40)
    width = equal_sizes(this.shape)["LSTM"]
    same_weights(monkeypatch, lambda seed: build_network("LSTM", this.shape, width, OWN, 40, seed))
    (mine,) = own_cell._measure_kept(3, LSTM, 0.03, True, "adding")
    how: dict[str, Any] = {"judged": {"validation": kept.JUDGED["validation"], "test": 10}}
    stored = kept.run_one("adding", 40, "LSTM", OWN, 0.03, 1, 3, **how)
    for key in ("parameters", "steps", "solved", "first", "score"):
        assert mine[key] == stored[key], key
    assert mine["steps_share"] == 1.0


@pytest.mark.parametrize("trial", ALL, ids=lambda trial: f"{trial.experiment}, {trial.task}")
def test_a_trial_has_the_size_the_rates_and_the_seeds_of_its_experiment(trial: Trial) -> None:
    rows = load(trial.experiment).table
    for column, value in trial.where.items():
        rows = rows[rows[column] == value]
    lstm = rows[rows["network"] == "LSTM"]
    assert lstm["parameters"].nunique() == 1
    assert trial.shape.parameters == pytest.approx(lstm["parameters"].iloc[0], rel=0.01)
    assert abs(parameters_count(trial.network(Minimal, 0)) / trial.shape.parameters - 1) < 0.05
    assert not set(trial.search_seeds) & set(experiment(trial.experiment).seeds)
    assert set(trial.by) <= set(rows)
    assert trial.rates == tuple(sorted(set(trial.rates)))
    assert trial.told(Minimal, 0.01).endswith("parameters, rate 0.01")


def test_the_rates_are_those_that_stored_networks_were_searched_with() -> None:
    by_name = {trial.experiment: trial for trial in ALL}
    searched = experiment("long_lags_search").settings["rates"]["LSTM"]
    assert list(by_name["long_lags"].rates) == searched
    assert by_name["kept"].rates == kept.FINER
    tried = {
        run[3]
        for name in (
            "formal_parity_cells_search",
            "formal_parity_wider_cells_search",
            "formal_parity_widest_cells_search",
        )
        for run in experiment(name).settings["runs"]
    }
    assert set(by_name["formal_parity"].rates) == tried


def test_the_best_rate_is_that_of_the_best_mean_and_of_equal_ones_the_middle() -> None:
    assert chosen([{"lr": lr, "score": score} for lr, score in ((1, 0.1), (2, 0.6), (3, 0.5), (1, 0.4), (2, 0.2))]) == 3
    assert chosen([{"lr": lr, "score": 0.0} for lr in (4.0, 1.0, 3.0, 2.0)]) == 2.0


@pytest.mark.parametrize("trial", [trials()["long_lags"][0], trials()["formal_a_b"][0], trials()["kept"][3]])
def test_a_search_gives_a_score_for_each_rate(trial: Trial) -> None:
    rows = trial.search(1000, cell=Minimal, rates=trial.rates[-2:], quick=True)
    assert [row["lr"] for row in rows] == list(trial.rates[-2:])
    assert all(isinstance(row["score"], float) for row in rows)


def test_a_cell_has_a_fingerprint_of_what_it_is() -> None:
    shape = trials()["long_lags"][0].shape

    class Same(Minimal):
        pass

    assert fingerprint(Minimal, shape) == fingerprint(Minimal, shape)
    assert len({fingerprint(cell, shape) for cell in (Minimal, Same, Unused, LSTM)}) == 4


def test_time_is_told_from_two_steps_and_grows_with_what_is_run() -> None:
    trial = trials()["formal_a_b"][0]
    before = torch.random.get_rng_state()
    few, many = (seconds_of(trial, Minimal, seeds, len(trial.rates)) for seeds in (1, 100))
    assert torch.equal(before, torch.random.get_rng_state())
    assert 0 < few < many


def test_the_rows_name_the_cell() -> None:
    row = own_cell._measure_formal(5, Minimal, 0.01, True, "parity")[0]
    assert (row["network"], row["language"]) == (NAME, "parity")
