"""Probes of a state: they are asked for the right symbols, and judged on other sequences than they were fitted on."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from course_utils.experiments.long_memory import state_probes
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.nn.sequence_model import SequenceModel
from tests.experiments.small_runs import small_rows, small_settings


def test_a_probe_is_asked_for_the_symbol_so_many_steps_back() -> None:
    drawn = FlaggedLatch(5, 9).held_out(20, 0)
    symbols = drawn.x[..., :-1].argmax(-1)
    assert torch.equal(state_probes.asked_for(drawn.x, drawn.y, 4), symbols[:, -5])
    assert torch.equal(state_probes.asked_for(drawn.x, drawn.y, state_probes.FLAGGED), symbols[drawn.x[..., -1] == 1])


@pytest.mark.parametrize(("held", "right"), [(True, 1.0), (False, 0.25)])
def test_probes_find_a_symbol_that_the_state_holds_and_guess_where_it_holds_none(
    held: bool, right: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    def states(model: SequenceModel, x: Tensor) -> Tensor:
        noise = torch.randn(len(x), 4, generator=torch.Generator().manual_seed(len(x))).double() / 100
        return noise + (x[:, -5, :-1].double() if held else 0)

    monkeypatch.setattr(state_probes, "last_states", states)
    settings: dict[str, Any] = small_settings("state_probes", steps=1, back=[4], fitted=400, judged=400)
    for row in state_probes.measure(0, **settings):
        assert row["accuracy"] == pytest.approx(right, abs=0.1), row


def test_every_network_is_probed_before_and_after_training_by_every_probe() -> None:
    found = small_rows("state_probes")
    asked = found[found["seed"] == found["seed"].min()].groupby(["network", "stage", "probe"])["back"].apply(sorted)
    assert len(asked) == 2 * 2 * len(state_probes.PROBES)
    assert all(back == [0, 1, 4, 16] for back in asked)
    assert found["accuracy"].between(0, 1).all()
