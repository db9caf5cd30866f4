"""First weights: each start writes what it says, from its seed, and refuses a layer that cannot begin so."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from course_utils.errors import CourseError
from course_utils.experiments.framework.starts import Start
from course_utils.nn.initialisation import chrono_, default_, forget_bias_, identity_, irnn_, orthogonal_
from course_utils.nn.sequence_model import SequenceModel

SIZES = (3, 5, 2)


def core(start: Start, cell: str, seed: int = 1, lag: int | None = None) -> list[Tensor]:
    return list(start.network(cell, *SIZES, seed=seed, lag=lag, kind=SequenceModel).core.parameters())


@pytest.mark.parametrize(
    ("start", "cell", "by_hand"),
    [
        (Start("own"), "gru", lambda layer, draws: None),
        (Start("again", "default"), "lstm", default_),
        (Start("wide", "orthogonal", scale=1.5), "gru", lambda layer, draws: orthogonal_(layer, draws, gain=1.5)),
        (
            Start("keeps", "identity", scale=1.1, input_std=0.1),
            "rnn",
            lambda layer, draws: identity_(layer, draws, scale=1.1, input_std=0.1),
        ),
        (Start("IRNN", "identity"), "relu_rnn", irnn_),
        (Start("forget 0", forget_bias=0.0), "lstm", lambda layer, draws: forget_bias_(layer, 0.0)),
        (Start("long", chrono=50), "lstm", lambda layer, draws: chrono_(layer, 50, draws)),
        (Start("task", chrono="lag"), "gru", lambda layer, draws: chrono_(layer, 7, draws)),
    ],
    ids=lambda value: value.label if isinstance(value, Start) else "",
)
def test_a_start_writes_what_its_initialiser_writes(start: Start, cell: str, by_hand: Any) -> None:
    generator = torch.Generator().manual_seed(1)
    model = SequenceModel(cell, *SIZES, generator=generator)
    by_hand(model.core, generator)
    found = core(start, cell, lag=7)
    assert all(torch.equal(one, other) for one, other in zip(found, model.core.parameters(), strict=True))
    assert not torch.equal(found[0], core(start, cell, seed=2, lag=7)[0])


def test_biases_are_set_after_the_weights() -> None:
    _, W_hh, b_ih, b_hh = core(Start("both", "orthogonal", forget_bias=1.0), "lstm")
    assert torch.allclose(W_hh[:5] @ W_hh[:5].T, torch.eye(5), atol=1e-5)
    assert (b_ih + b_hh).tolist() == [0.0] * 5 + [1.0] * 5 + [0.0] * 10


def test_a_lag_below_two_counts_as_two() -> None:
    start = Start("task", chrono="lag")
    assert all(torch.equal(one, two) for one, two in zip(*(core(start, "gru", lag=lag) for lag in (1, 2)), strict=True))


def test_what_cannot_begin_so_is_refused_with_a_sentence() -> None:
    with pytest.raises(CourseError, match="There is no kind of first weights 'xavier'"):
        Start("wrong", "xavier")
    with pytest.raises(CourseError, match="depends on the task's lag"):
        core(Start("task", chrono="lag"), "lstm")
    with pytest.raises(CourseError, match="identity_ is for one layer of"):
        core(Start("keeps", "identity"), "gru")
