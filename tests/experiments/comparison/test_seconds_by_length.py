"""Seconds by length: what is timed is of equal size, and how it is timed."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest
import torch
from torch import nn

from course_utils.experiments.comparison import seconds_by_length
from course_utils.experiments.comparison.networks import NETWORKS


def test_networks_to_be_timed_are_of_equal_size_and_what_is_said_of_them_is_so() -> None:
    made = seconds_by_length.networks(32, 0)
    sizes = {name: parameters for name, (_, parameters, _) in made.items()}
    assert sizes == {name: sum(p.numel() for p in model.parameters()) for name, (model, _, _) in made.items()}
    assert all(abs(size / sizes["LSTM"] - 1) <= 0.02 for size in sizes.values())
    assert set(NETWORKS) - set(made) == {"IRNN"}
    x = torch.rand(3, 32, 2)
    for name in ("RNN", "GRU"):
        assert torch.allclose(made[name][0](x), made[f"{name}, torch's own way back"][0](x), atol=1e-6)
    longer = seconds_by_length.networks(64, 0)
    assert {name: longer[name][2] / made[name][2] for name in ("RNN", "LSTM", "feedforward, last step only")} == {
        "RNN": 2,
        "LSTM": 2,
        "feedforward, last step only": 1,
    }


def test_a_feedforward_network_sees_the_last_step_alone() -> None:
    model, x = seconds_by_length.LastStep(2000, 0), torch.rand(3, 9, 2).requires_grad_()
    said = model(x)
    assert said.shape == (3, 1, 1)
    said.sum().backward()
    assert x.grad is not None
    assert not x.grad[:, :-1].any()
    assert x.grad[:, -1].all()


def test_every_network_is_timed_at_every_length_but_attention_where_its_memory_grows_too_large() -> None:
    rows = pd.DataFrame(seconds_by_length.measure(0, seq_lens=[8, 12], repeats=1, most_attention=8))
    assert (rows["seconds"] > 0).all()
    assert (10 ** rows["log10_seconds"] - rows["seconds"]).abs().max() < 1e-9
    lengths = {str(name): sorted(of["seq_len"]) for name, of in rows.groupby("network")}
    assert lengths.pop("Transformer") == [8]
    assert set(map(tuple, lengths.values())) == {(8, 12)}
    more = 4  # torch's own way back twice, tiny numbers kept, and one without time
    assert len(lengths) == len(NETWORKS) - 2 + more  # IRNN is not timed, and the Transformer was looked at
    assert seconds_by_length.KEPT in lengths


@pytest.mark.parametrize("flush", [True, False])
def test_tiny_numbers_are_taken_as_0_while_it_is_timed_and_never_after(flush: bool) -> None:
    tiny, seen = torch.tensor([1e-40]), []

    class Looks(nn.Linear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            seen.append(float((tiny * 0.5).sum()))
            return super().forward(x)

    seconds_by_length.seconds_of(Looks(2, 1), 4, 1, 0, flush)
    assert (seen[0] == 0) == (flush and torch.set_flush_denormal(False))
    assert float((tiny * 0.5).sum()) > 0


def test_the_time_of_a_step_is_the_median(monkeypatch: pytest.MonkeyPatch) -> None:
    durations = [100.0, 5.0, 1.0, 3.0]  # the first one warms up
    times = iter([t for n, d in enumerate(durations) for t in (1000.0 * n, 1000.0 * n + d)])
    monkeypatch.setattr(seconds_by_length, "time", SimpleNamespace(process_time=lambda: next(times)))
    assert seconds_by_length.seconds_of(seconds_by_length.LastStep(500, 0), 4, 3, 0) == 3.0
