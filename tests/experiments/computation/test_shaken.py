"""Networks set by hand: shaken as much as is said, begun anew, and judged in each way."""

from __future__ import annotations

import pytest
import torch

from course_utils.experiments.computation import shaken
from course_utils.experiments.framework.results import load
from tests.experiments.small_runs import small_settings


@pytest.mark.parametrize("name", shaken.BY_HAND)
def test_weights_are_shaken_by_a_share_of_the_largest(name: str) -> None:
    before, after, again = (shaken.set_network(name) for _ in range(3))
    for model, seed in ((after, 0), (again, 0)):
        shaken.shake(model, 0.1, seed)
    for set_layer, shaken_layer in zip(before.children(), after.children(), strict=True):
        weights = list(zip(set_layer.parameters(), shaken_layer.parameters(), strict=True))
        largest = max(float(weight.detach().abs().max()) for weight, _ in weights)
        apart = torch.cat([(b - a).flatten() for a, b in weights]) / largest
        assert (apart != 0).all()
        assert 0.03 < float(apart.square().mean().sqrt()) < 0.25
    assert all(map(torch.equal, after.parameters(), again.parameters()))


@pytest.mark.parametrize("name", shaken.BY_HAND)
def test_nothing_of_what_was_set_is_left_in_a_network_that_begins_anew(name: str) -> None:
    model, other = shaken.set_network(name), shaken.set_network(name)
    shaken.begin_anew(model, seed=1)
    shaken.begin_anew(other, seed=2)
    for weight, of_other in zip(model.parameters(), other.parameters(), strict=True):
        assert float(weight.abs().max()) <= 1.0  # torch's own lie within 1 / √H
        assert not torch.equal(weight, of_other)


def test_rows_are_of_all_ways_and_what_was_set_is_right() -> None:
    rows = shaken.measure(0, **small_settings("shaken"))
    ways = {(row["network"], row["way"], row["spread"]) for row in rows}
    assert len(ways) == len(shaken.BY_HAND) * (1 + 2 * 2 + 1)
    as_set = [row for row in rows if row["way"] == shaken.AS_SET]
    assert all(row["accuracy"] == 1.0 for row in as_set)


def test_what_is_stored_is_whole() -> None:
    rows = load("shaken").table
    assert rows["seed"].nunique() == 10
    assert (rows.loc[rows["way"] == shaken.AS_SET, "solved"] == 1).all()
