"""Strings that belong to a language or not: what is learned from, and how it is judged."""

from __future__ import annotations

from itertools import islice

import pytest
import torch
from torch import Tensor

from course_utils.data.formal_languages import LANGUAGES
from course_utils.data.near_misses import ANSWERS, MEMBERS, members
from course_utils.experiments.computation import recognition
from course_utils.experiments.computation.set_for_languages import parity_lstm
from course_utils.experiments.framework.results import load
from tests.experiments.small_runs import small_settings


@pytest.mark.parametrize("language", MEMBERS)
def test_the_loss_sees_the_last_answer_alone(language: str) -> None:
    lengths = set()
    for inputs, answers in islice(recognition.batches(language, seed=0), 200):
        member = members(language, inputs.argmax(-1).numpy())
        assert answers[:, -1].tolist() == [ANSWERS[language][0 if one else 1] for one in member]
        assert (answers[:, :-1] == recognition.LEFT_OUT).all()
        lengths.add(inputs.shape[1])
    assert lengths == set(range(2, 41, 2))


def test_what_knows_the_language_is_right_and_what_always_says_member_is_right_half_the_time() -> None:
    (row,) = recognition.judge(parity_lstm(), "parity", [40], 40, seed=0)
    assert {row[kind] for kind in ("accuracy", *recognition.KINDS)} == {1.0}

    def always(inputs: Tensor) -> Tensor:
        logits = torch.zeros(*inputs.shape[:2], len(LANGUAGES["aⁿbⁿ"].answers))
        logits[..., 0] = 9.0  # no choice here
        logits[..., ANSWERS["aⁿbⁿ"][0]] = 1.0
        return logits

    (row,) = recognition.judge(always, "aⁿbⁿ", [40], 40, seed=0)  # type: ignore[arg-type]
    assert [row[kind] for kind in ("accuracy", *recognition.KINDS)] == [0.5, 1.0, 0.0, 0.0]


def test_a_row_for_each_run_and_length() -> None:
    settings = small_settings("recognition")
    rows = recognition.measure(0, **settings)
    assert len(rows) == len(settings["runs"]) * len(settings["lengths"])
    assert {(row["language"], row["network"]) for row in rows} == {
        (language, network) for language in MEMBERS for network in recognition.NETWORKS
    }


def test_what_is_stored_is_whole() -> None:
    rows = load("recognition").table
    assert rows["seed"].nunique() == 3
    assert rows[["accuracy", *recognition.KINDS]].apply(lambda column: column.between(0, 1).all()).all()
