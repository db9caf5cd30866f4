"""Parity as others ask for it: which answers are learned, and which are judged."""

from __future__ import annotations

from itertools import islice

import pytest
import torch
from torch import Tensor, nn

from course_utils.experiments.computation import parity_protocols
from course_utils.experiments.computation.set_for_languages import parity_lstm
from course_utils.experiments.framework.results import load
from tests.experiments.small_runs import small_settings


@pytest.mark.parametrize("asked", parity_protocols.ASKED)
def test_the_loss_sees_one_answer_or_all(asked: str) -> None:
    lengths = set()
    for inputs, answers in islice(parity_protocols.batches(asked, seed=0), 300):
        right = inputs[..., 1].cumsum(1).remainder(2).long()
        assert torch.equal(answers[:, -1], right[:, -1])
        if asked == parity_protocols.EVERY:
            assert torch.equal(answers, right)
        else:
            assert (answers[:, :-1] == -100).all()
        lengths.add(inputs.shape[1])
    assert lengths == set(range(3, 41))


class _Early(nn.Module):
    """Right at all steps but the last."""

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = parity_lstm()(x)
        logits[:, -1] = -logits[:, -1]
        return logits


def test_the_last_answer_is_judged() -> None:
    assert parity_protocols.last_right(parity_lstm(), 5, seed=0) == 1.0
    assert parity_protocols.last_right(_Early(), 5, seed=0) == 0.0


def test_lengths_that_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[int] = []

    def noted(inputs: Tensor) -> Tensor:
        lengths.append(inputs.shape[1])
        return torch.zeros(*inputs.shape[:2], 2)

    found = parity_protocols.last_right(noted, 60, seed=0)  # type: ignore[arg-type]
    assert 40 <= min(lengths) < 60 < 230 < max(lengths) <= 256
    assert abs(found - 0.5) < 0.15


def test_scores_are_0_for_guessing() -> None:
    rows = parity_protocols.measure(0, **small_settings("parity_protocols"))
    assert {row["asked"] for row in rows} == set(parity_protocols.ASKED)
    assert all(row["scaled"] == pytest.approx(2 * row["accuracy"] - 1) for row in rows)


def test_what_is_stored_is_whole() -> None:
    rows = load("parity_protocols").table
    assert rows["seed"].nunique() == 5
    assert rows["accuracy"].between(0, 1).all()
