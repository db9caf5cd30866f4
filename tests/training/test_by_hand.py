"""The loop by hand makes the steps that `fit` makes."""

from __future__ import annotations

import copy

import torch

from course_utils.training import fit
from course_utils.training.by_hand import training_loop


def test_it_trains_as_fit_does() -> None:
    torch.manual_seed(0)
    model = torch.nn.Linear(2, 3)
    other = copy.deepcopy(model)
    batches = [(torch.randn(4, 2), torch.randint(3, (4,))) for _ in range(5)]
    loss = torch.nn.functional.cross_entropy
    losses = training_loop(model, batches, loss, torch.optim.Adam(model.parameters(), lr=0.1))
    history = fit(other, batches, lambda m, batch: loss(m(batch[0]), batch[1]), steps=5, lr=0.1, progress=False)
    assert torch.allclose(torch.tensor(losses), torch.tensor(history.table["loss"].to_numpy()).float())
    assert all(torch.allclose(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True))
