"""The long lags of lesson 09: what is begun, drawn and judged is what its name says."""

from __future__ import annotations

import math
from itertools import islice
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import load
from course_utils.experiments.long_memory import long_lags, phase_diagram
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from tests.experiments.answering import Knows, diverges, gate_bias, pictures, says
from tests.strategies import examples


class Lags:
    """Stands for `fit`: it looks at the batches and trains nothing."""

    def __init__(self) -> None:
        self.lengths: list[int] = []
        self.lags: list[Tensor] = []
        self.rates: list[float] = []

    def __call__(
        self, model: nn.Module, draws: Any, objective: Any, *, steps: int, optimizer: Any, lr_schedule: Any, **_: Any
    ) -> None:
        for batch in islice(draws, steps):
            last = batch.x.shape[1] - 1
            self.lengths.append(last)
            self.lags.append(last - batch.x[..., -1].argmax(1))
            self.rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            lr_schedule.step()


@pytest.mark.parametrize("training", long_lags.TRAININGS)
def test_a_training_draws_the_lags_that_its_name_says(training: str, monkeypatch: pytest.MonkeyPatch) -> None:
    watched, steps = Lags(), 40
    monkeypatch.setattr(long_lags, "fit", watched)
    assert long_lags.train(long_lags.begun("LSTM", 0), training, 0.01, steps, 0)
    lags = torch.cat(watched.lags)
    assert len(watched.lengths) == steps
    if training == "long lags at once":
        assert set(watched.lengths) == {100}
        assert (int(lags.min()), int(lags.max())) == (50, 100)
    else:
        assert watched.lengths[0] == 10
        assert watched.lengths == sorted(watched.lengths)
        assert watched.lengths[steps // 4] == pytest.approx(math.sqrt(10 * 100), abs=1)  # halfway there: equal ratios
        assert set(watched.lengths[steps // 2 :]) == {100}
        assert int(lags.min()) == 5
        assert all(int(some.max()) <= longest for some, longest in zip(watched.lags, watched.lengths, strict=True))
    assert watched.rates[0] == 0.01
    assert watched.rates[steps // 2] == pytest.approx(0.005)
    assert 0 < watched.rates[-1] < 1e-4


def test_a_training_that_diverges_says_so_and_its_network_is_counted_as_guessing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(long_lags, "fit", diverges)
    assert not long_lags.train(long_lags.begun("LSTM", 0), "long lags at once", 0.01, 3, 0)
    rows = long_lags.measure(
        0,
        rates={"LSTM": [0.1, 0.2]},
        trainings=list(long_lags.TRAININGS),
        parameters=300,
        steps=3,
        lags=[51, 10_000],
        judged=10,
    )
    assert len(rows) == 8
    assert {(row["accuracy"], row["solved"], row["cell"], row["start"]) for row in rows} == {(0.25, 0, "lstm", "own")}


@examples(10)
@given(seed=st.integers(0, 1000), judged=st.integers(1, 160))
def test_the_share_of_right_answers_is_that_over_all_sequences_however_they_are_cut(seed: int, judged: int) -> None:
    task = FlaggedLatch(7, 20)
    model = says(2, 4)
    share = long_lags.share_right(model, task, judged, seed)
    seen = torch.cat(model.seen)
    assert len(seen) == len(pictures(seen)) == judged  # none twice
    assert max(len(part) for part in model.seen) <= 50
    assert share == pytest.approx(float((task.answer(seen) == 2).double().mean()), abs=1e-6)
    assert long_lags.share_right(Knows(task.answer, 4), task, judged, seed) == pytest.approx(1)
    other = says(2, 4)
    long_lags.share_right(other, task, judged, seed + 1)
    assert not pictures(seen) & pictures(torch.cat(other.seen))


def test_accuracy_at_a_lag_is_judged_at_that_lag() -> None:
    task = FlaggedLatch(51, 100)
    model = Knows(task.answer, 4)
    assert long_lags.accuracy_at(model, 51, 130, 0) == pytest.approx(1)
    flags = torch.cat(model.seen)[..., -1].argmax(1)
    assert model.seen[0].shape[1] == 101
    assert ((100 - flags >= 51) & (100 - flags <= 100)).all()
    assert long_lags.accuracy_at(says(1, 4), 51, 400, 0) == pytest.approx(1 / 4, abs=5 * math.sqrt(3 / 16 / 400))


def test_names_that_do_not_exist_are_refused_with_a_sentence() -> None:
    with pytest.raises(CourseError, match="There is no start 'LSTM, forget bias 2'"):
        phase_diagram.begun("LSTM, forget bias 2", 10, 0)
    with pytest.raises(CourseError, match="There is no network 'LSTM, chrono'"):
        long_lags.begun("LSTM, chrono", 0)
    with pytest.raises(CourseError, match="There is no training 'short first'"):
        long_lags.train(long_lags.begun("LSTM", 0), "short first", 0.1, 1, 0)


def test_networks_for_long_lags_begin_as_their_names_say_with_as_many_parameters() -> None:
    made: dict[str, Any] = {network: long_lags.begun(network, 0) for network in long_lags.NETWORKS}
    sizes = {network: sum(p.numel() for p in model.parameters()) for network, model in made.items()}
    assert max(sizes.values()) / min(sizes.values()) < 1.03
    for network in ("RNN, identity", "ReLU RNN, identity"):
        core = made[network].core
        assert torch.equal(core.weight_hh_l0, torch.eye(core.hidden_size))
    for cell in ("GRU", "LSTM"):
        for longest in (100, 10_000):
            times = gate_bias(made[f"{cell}, chrono {longest:,}"].core, 1).exp() + 1
            assert longest / 2 <= times.max() <= longest * (1 + 1e-4)
        assert gate_bias(made[cell].core, 1).abs().max() <= 2 * made[cell].core.hidden_size ** -0.5


def test_long_lags_are_run_with_what_the_search_found() -> None:
    found = load("long_lags_search").table.groupby(["network", "lr"])["accuracy"].mean().round(9)
    assert set(long_lags.CHOSEN) == set(long_lags.NETWORKS)
    for network, lr in long_lags.CHOSEN.items():
        of_network = found[network]
        best = sorted(of_network[of_network == of_network.max()].index)
        assert lr == best[(len(best) - 1) // 2], network  # of equally good ones that in the middle


def test_the_setting_that_holds_is_measured_again_as_before_on_seeds_that_nobody_had_seen() -> None:
    before, again = experiment("long_lags"), experiment("long_lags_again")
    for key in ("parameters", "steps", "judged"):
        assert again.settings[key] == before.settings[key]
    for network, rates in again.settings["rates"].items():
        assert rates == before.settings["rates"][network]
    assert not {*again.seeds} & {*before.seeds, *experiment("long_lags_search").seeds}
