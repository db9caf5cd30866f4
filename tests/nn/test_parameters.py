"""The count of what a network learns."""

from __future__ import annotations

from torch import nn

from course_utils.nn.parameters import parameters_count


def test_a_table_used_twice_counts_once_and_frozen_ones_only_where_asked() -> None:
    model = nn.Sequential(nn.Embedding(7, 3), nn.Linear(3, 7))
    assert parameters_count(model) == 7 * 3 + 7 * 3 + 7
    model[1].weight = model[0].weight
    assert parameters_count(model) == 7 * 3 + 7
    model[1].bias.requires_grad_(False)
    assert parameters_count(model) == 7 * 3 + 7
    assert parameters_count(model, trained_only=True) == 7 * 3
