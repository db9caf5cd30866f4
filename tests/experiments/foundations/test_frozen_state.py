"""What an untrained state holds: its read-out by least squares, and trainings that leave the state's weights alone."""

from __future__ import annotations

import torch

from course_utils.experiments.foundations import frozen_state
from course_utils.experiments.tasks.recall import Recall
from course_utils.nn.sequence_model import SequenceModel
from tests.experiments.small_runs import small_rows


def test_rows_of_all_weights_and_of_the_read_out_alone() -> None:
    rows = small_rows("frozen_state", seeds=1)
    assert rows["trained"].tolist() == ["all weights", "read-out"]
    assert rows["accuracy"].between(0, 1).all()
    assert rows["held"].between(0, 1).all()


def test_what_a_state_surely_holds_is_read_by_least_squares() -> None:
    task = Recall(6, 0)
    model = SequenceModel("rnn", 4, 12, 4, generator=torch.Generator().manual_seed(0))
    assert frozen_state.by_least_squares(model, task, seed=0) == 1.0
    with torch.no_grad():
        for parameter in model.core.parameters():
            parameter.zero_()
    assert frozen_state.by_least_squares(model, task, seed=0) < 0.4


def test_the_state_s_weights_stay_where_the_read_out_alone_is_trained() -> None:
    """What can be read of the state is the same before and after."""
    task = Recall(8, 2)
    rows = frozen_state.measure(0, windows=[2], steps=[30], lag=2, seq_len=8, hidden_size=8, lr=0.01)
    untrained = SequenceModel("rnn", 4, 8, 4, generator=torch.Generator().manual_seed(0))
    assert rows[1]["held"] == frozen_state.by_least_squares(untrained, task, seed=0)
    assert rows[0]["held"] != rows[1]["held"]
