"""Every way to give batches gives the same training, and what is no series of batches is told so."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from course_utils.errors import CourseError
from course_utils.training import History, fit, to_device
from tests.training.lines import MSE, Batch, line, pairs, same, weights


@pytest.mark.parametrize("kind", ["list", "loader", "function", "generator function", "iterator"])
def test_every_source_of_batches_gives_the_same_training(kind: str) -> None:
    batches = pairs(batches=4)
    x, y = (torch.cat(part) for part in zip(*batches, strict=True))

    def generate() -> Iterator[Batch]:
        yield from batches

    sources: dict[str, Any] = {
        "list": batches,
        "loader": DataLoader(TensorDataset(x, y), batch_size=16),
        "function": lambda: batches,
        "generator function": generate,
        "iterator": iter(batches * 3),
    }
    expected, model = line(), line()
    fit(expected, batches, MSE, steps=12)
    history = fit(model, sources[kind], MSE, steps=12)
    assert same(weights(model), weights(expected))
    assert list(history.table["epoch"]) == ([1] * 12 if kind == "iterator" else [1] * 4 + [2] * 4 + [3] * 4)


def test_an_endless_iterator_is_read_no_further_than_needed() -> None:
    taken = 0

    def endless() -> Iterator[Batch]:
        nonlocal taken
        while True:
            taken += 1
            yield pairs(1)[0]

    stream = endless()
    fit(line(), stream, MSE, steps=5)
    assert taken == 5
    fit(line(), stream, MSE, steps=2)  # a second call goes on where the first stopped
    assert taken == 7


def test_tensors_move_to_the_device_wherever_they_are() -> None:
    Point = namedtuple("Point", "x y")
    packed = nn.utils.rnn.pack_sequence([torch.ones(3, 1), torch.ones(2, 1)])
    batch = {"a": torch.ones(2), "b": [torch.ones(1), ("text", 3)], "c": Point(torch.ones(1), None), "d": packed}
    moved = to_device(batch, torch.device("meta"))
    assert moved["a"].is_meta
    assert moved["b"][0].is_meta
    assert moved["b"][1] == ("text", 3)
    assert isinstance(moved["c"], Point)
    assert moved["c"].x.is_meta
    assert moved["d"].data.is_meta


@pytest.mark.parametrize("kind", [OSError, ZeroDivisionError, CourseError])
def test_an_error_in_the_batches_passes_with_the_history(kind: type[Exception]) -> None:
    def broken() -> Iterator[Batch]:
        yield from pairs(3)
        raise kind("the disk is gone")

    model = line().eval()
    with pytest.raises(kind, match="the disk is gone") as caught:
        fit(model, broken, MSE, epochs=2, valid=pairs(1), eval_every=1)
    history: History = caught.value.history  # type: ignore[attr-defined]
    assert history.steps == 3
    assert history.stopped == f"an error after 3 steps: {kind.__name__}"
    assert not model.training
    assert history.best is not None


def test_batches_that_run_dry_say_so() -> None:
    with pytest.raises(CourseError, match=r"ran out after 3 steps.*Give a list, a DataLoader, or a function"):
        fit(line(), iter(pairs(3)), MSE, steps=10)
    assert fit(line(), iter(pairs(3)), MSE, epochs=1, steps=10).steps == 3
    once = iter(pairs(3))
    with pytest.raises(CourseError, match="Epoch 2 gave no batch"):
        fit(line(), lambda: once, MSE, epochs=2)


X, Y = pairs(1)[0]


@pytest.mark.parametrize(
    ("batches", "says"),
    [
        ([], "`batches` is empty"),
        (lambda: [], "the batches are empty"),
        (lambda: None, "returned None"),
        ((X, Y), "a tuple of 2: one batch, it seems"),
        (X, r"a tensor of shape \(16, 3\): one batch"),
        (X.numpy(), "one batch"),
        ({"x": X}, "one batch"),
        ("text", "a str"),
        (7, "`batches` is an int. Give a list of batches"),
        (None, "`batches` is None"),
        (TensorDataset(X, Y), r"Wrap it: DataLoader\(dataset, batch_size=32\)"),
        (nn.Linear(3, 1), "`batches` is a Linear"),
        (iter(pairs(2)), "Say steps=… or seconds=…"),
        ([X], r"pairs \(inputs, targets\); this one is a tensor"),
        ([(X, Y, Y)], "this one is a tuple of 3"),
        ([(X, Y[:, 0])], r"outputs have the shape \(16, 1\), the targets \(16,\)"),
        ([(X.numpy(), Y)], "torch.as_tensor"),
        ([(X.double(), Y)], r"The inputs are torch.float64, the model's weights torch.float32"),
    ],
)
def test_batches_that_cannot_be_meant(batches: Any, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        fit(line(), batches, MSE, epochs=2)
