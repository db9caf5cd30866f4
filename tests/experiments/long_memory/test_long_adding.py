"""Adding over long sequences: a run ends when it is solved, or with the budget."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from course_utils.experiments.long_memory import long_adding, long_lags


def test_a_short_adding_problem_is_solved_and_a_run_without_time_is_not() -> None:
    short: dict[str, Any] = {"runs": [[6, "chrono"]], "hidden_size": 16, "lr": 0.03, "judged": 200}
    (done,) = long_adding.measure(0, **short, most_steps=1000)
    (left,) = long_adding.measure(0, **short, most_steps=10)
    assert (done["solved"], left["solved"]) == (1, 0)
    assert done["error"] < 0.01 < left["error"]
    assert done["steps"] % long_adding.LOOKS == 0
    assert left["steps"] == 10


def test_the_read_out_decays_and_the_recurrent_layer_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    decays: dict[int, float] = {}

    def note(model: Any, *_: Any, optimizer: torch.optim.Optimizer, **__: Any) -> None:
        for group in optimizer.param_groups:
            decays.update(dict.fromkeys(map(id, group["params"]), group["weight_decay"]))

    monkeypatch.setattr(long_lags, "fit", note)
    model = long_lags.begun("LSTM", 0)
    assert long_lags.train(model, "long lags at once", 0.01, 10, 0)
    assert {decays[id(p)] for p in model.core.parameters()} == {0.0}
    assert {decays[id(p)] for p in model.readout.parameters()} == {long_lags.DECAY}
