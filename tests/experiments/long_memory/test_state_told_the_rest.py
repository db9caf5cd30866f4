"""Who knows the rest of a sequence names the flagged symbol where the state depends on it, and guesses where not."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from course_utils.experiments.long_memory import long_lags, state_told_the_rest
from course_utils.experiments.long_memory.state_told_the_rest import share_named, with_flagged
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.nn.sequence_model import SequenceModel
from tests.experiments.small_runs import small_rows, small_settings


def test_the_flagged_symbol_alone_is_replaced() -> None:
    batch = FlaggedLatch(5, 9, 4).held_out(20, 0)
    for symbol in range(4):
        other = with_flagged(batch.x, symbol)
        flagged = batch.x[..., -1] == 1
        assert (other[flagged][:, :-1].argmax(-1) == symbol).all()
        assert torch.equal(other.sum(-1), batch.x.sum(-1))
        assert torch.equal(other[~flagged], batch.x[~flagged])
    right = torch.stack([with_flagged(batch.x[[n]], int(y))[0] for n, y in enumerate(batch.y)])
    assert torch.equal(right, batch.x)


@pytest.mark.parametrize(("trace", "right"), [(1.0, 1.0), (1e-9, 0.25)])
def test_a_trace_above_the_noise_names_the_symbol_and_one_below_does_not(
    trace: float, right: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    def states(model: SequenceModel, x: Tensor) -> Tensor:
        flagged = (x[..., :-1] * x[..., -1:]).sum(1).double()
        return trace * flagged + x[:, -3:, :-1].sum(1).double()  # and what came later

    monkeypatch.setattr(state_told_the_rest, "last_states", states)
    batch = FlaggedLatch(5, 9, 4).held_out(800, 0)
    found = share_named(long_lags.begun("RNN", 0, 300), batch.x, batch.y, 0.001, 0)
    assert found == pytest.approx(right, abs=0.08)


def test_every_network_is_asked_before_and_after_training_or_before_it_alone() -> None:
    rows = state_told_the_rest.measure(0, **small_settings("state_told_the_rest", steps=2))
    assert len({(row["network"], row["stage"]) for row in rows}) == len(rows) == 4
    untrained = small_rows("state_told_the_rest", 1)
    assert set(untrained["stage"]) == {"initial"}
    assert len(untrained) == 2
