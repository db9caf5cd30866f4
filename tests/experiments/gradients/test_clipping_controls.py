"""The controls of clipping hold what they say they hold, and differ in the limit and the learning rate alone."""

from __future__ import annotations

import pandas as pd
import pytest
import torch

from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.gradients import clipping_controls
from course_utils.experiments.gradients.gradient_film import Film
from course_utils.training import History
from tests.experiments.small_runs import small_rows


def film(shares: list[float], totals: list[float]) -> Film:
    """Looks at a training of two lags: so much of the parts comes from lag 1."""
    norms = torch.tensor([[1 - share, share] for share in shares])
    history = History()
    history.__dict__["table"] = pd.DataFrame({"gradient_norm": [1.0, 2.0, 3.0, 4.0]})
    steps = list(range(0, 30 * len(shares), 30))
    return Film(steps, [0.2 - 0.01 * n for n in range(len(shares))], totals, norms, history)


def test_a_film_widens_where_a_tenth_comes_from_far_back() -> None:
    row = clipping_controls._row(film([0.0, 0.05, 0.2, 0.4], [1.0, 3.0, 8.0, 5.0]), 1, 2.5)
    assert (row["widens_at"], row["norm_before"], row["norm_after"]) == (60, 3.0, 8.0)
    assert row["clipped"] == 0.5
    assert row["largest_norm"] == 4.0
    assert row["error"] == row["lowest_error"] == pytest.approx(0.17)
    narrow = clipping_controls._row(film([0.0, 0.05], [1.0, 3.0]), 1, None)
    assert (narrow["widens_at"], narrow["norm_before"], narrow["norm_after"], narrow["clipped"]) == (
        None,
        None,
        None,
        0,
    )


@pytest.mark.parametrize("name", ["clipped_or_not", "smaller_steps"])
def test_each_run_is_made_and_says_its_limit_and_learning_rate(name: str) -> None:
    found, runs = small_rows(name, 1), experiment(name).settings["runs"]
    told = [(None if pd.isna(limit) else limit, lr) for limit, lr in zip(found["clip_norm"], found["lr"], strict=True)]
    assert told == [(run["clip_norm"], run["lr"]) for run in runs]


def test_a_limit_that_no_gradient_reaches_changes_nothing() -> None:
    settings = {**experiment("smaller_steps").settings, "seq_len": 6, "hidden_size": 4, "steps": 25}
    settings["runs"] = [{"clip_norm": limit, "lr": 1e-3} for limit in (None, 1e6)]
    free, limited = clipping_controls.measure_descents(3, **settings)
    assert {**free, "clip_norm": 0} == {**limited, "clip_norm": 0}


def test_both_ways_to_clip_are_tried_with_their_limits() -> None:
    found, clips = small_rows("other_limits", 1), experiment("other_limits").settings["clips"]
    assert found["clipping"].tolist() == list(clips)
    told = str(experiment("other_limits").described())
    assert all(f"{limit:g}" in told for clip in clips.values() for limit in clip.values())


def test_the_limits_are_measured_again_as_before_on_seeds_that_nobody_had_seen() -> None:
    before, again = experiment("other_limits"), experiment("other_limits_again")
    assert again.settings == before.settings
    assert not {*again.seeds} & {*before.seeds, *experiment("clipping").seeds}


def test_the_larger_rate_has_limits_that_hold_at_the_smaller_one() -> None:
    usual, larger = experiment("clipping").settings, experiment("clipped_at_a_larger_rate")
    assert larger.settings["lr"] == pytest.approx(10 * usual["sgd_lr"])
    assert larger.settings["seq_len"] == usual["seq_len"]
    assert larger.settings["steps"] < usual["steps"]  # who leaps within these has leapt within all of them
    assert small_rows("clipped_at_a_larger_rate", 1)["clipping"].tolist() == ["by norm", "by value"]
    assert "0.3" in str(larger.described())
