"""Errors that torch raises in a loss say what to do, whoever wrote the loss."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from course_utils.errors import CourseError
from course_utils.training import fit
from course_utils.training.explained import explained

SEQUENCES, TOKENS = torch.randn(4, 7, 3), torch.arange(28).reshape(4, 7) % 5


class Carrying(nn.Module):
    """A recurrent net that goes on from the state of the batch before."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind, self.cell = kind, {"RNN": nn.RNN, "LSTM": nn.LSTM, "cell": nn.RNNCell, "own": nn.Linear}[kind](3, 6)
        self.own = nn.Linear(6, 6)
        self.state: Any = None

    def forward(self, x: Tensor) -> Tensor:
        if self.kind in ("RNN", "LSTM"):
            outputs: Tensor
            outputs, state = self.cell(x.transpose(0, 1), self.state)
            self.state = tuple(part.detach() for part in state) if self.kind == "LSTM" else state.detach()
            return outputs.mean()
        if self.kind == "cell":
            self.state = self.cell(x[:, 0], None if self.state is None else self.state.detach())
        else:
            past = 0 if self.state is None else self.own(self.state.detach())
            self.state = torch.tanh(self.cell(x[:, 0]) + past)
        return torch.mean(self.state)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "cell", "own"])
def test_a_carried_state_and_a_smaller_last_batch_are_told(kind: str) -> None:
    batches = [SEQUENCES, SEQUENCES, SEQUENCES[:3]]
    with pytest.raises(CourseError, match=r"This batch has 3 examples, earlier ones 4\..*drop_last=True"):
        fit(Carrying(kind), batches, lambda model, x: model(x), epochs=1)
    assert fit(Carrying(kind), batches[:2], lambda model, x: model(x), epochs=1).steps == 2


def test_sizes_that_never_fitted_are_no_matter_of_a_state() -> None:
    with pytest.raises(RuntimeError, match="must match the size"):
        fit(nn.Linear(3, 1), [SEQUENCES], lambda model, x: (model(x) + torch.zeros(5, 1)).mean(), steps=1)


def ctc(frames: Any, letters: Any = 3, transposed: bool = True) -> Any:
    def loss(model: nn.Module, x: Tensor) -> Tensor:
        scores = model(x).log_softmax(-1)
        lengths = torch.full((4,), frames), torch.full((4,), letters)
        return functional.ctc_loss(scores.transpose(0, 1) if transposed else scores, TOKENS % 4 + 1, *lengths)

    return loss


@pytest.mark.parametrize(
    ("loss", "says"),
    [
        (ctc(8), r"frames, T at most.*to have value at most 7"),
        (ctc(7.0), r"two whole numbers"),
        (ctc(7, 9), r"letters, L at most"),
        (ctc(4, transposed=False), r"log_softmax\(-1\).transpose\(0, 1\)"),
        (lambda model, x: functional.cross_entropy(model(x).flatten(1), TOKENS), r"\(4, 35\), the targets \(4, 7\)"),
        (lambda model, x: functional.multi_margin_loss(model(x)[:, 0], TOKENS[:, 0].float()), r"targets.long\(\)"),
        (lambda model, x: nn.MSELoss(model(x), model(x)), r"made first, nn.MSELoss\(\)"),
        (lambda model, x: (model(x) - x[..., :1].numpy()).mean(), r"torch.as_tensor"),
        (lambda model, x: functional.binary_cross_entropy(model(x) + 9, torch.ones(4, 7, 5)), "BCEWithLogitsLoss"),
    ],
)
def test_errors_of_torch_s_losses_are_explained_in_any_loss(loss: Any, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        fit(nn.Linear(3, 5), [SEQUENCES], loss, steps=1)


def test_the_line_of_the_learner_s_own_is_named() -> None:
    def loss(model: nn.Module, x: Tensor) -> Tensor:
        return functional.binary_cross_entropy(model(x) + 9, torch.ones(4, 7, 5))

    with pytest.raises(CourseError, match=r"\(line \d+ of test_explained.py, `return functional.binary_cross"):
        fit(nn.Linear(3, 5), [SEQUENCES], loss, steps=1)


def test_a_gpu_that_names_nothing_is_explained() -> None:
    told = explained(RuntimeError("CUDA error: device-side assert triggered"))
    assert "class or symbol number out of range. Restart the kernel" in str(told)


def test_what_is_not_known_stays_as_it_is() -> None:
    assert explained(RuntimeError("something else"), 3, [4]) is None
    assert explained(TypeError("f() missing 1 required positional argument: 'x'")) is None

    def loss(model: nn.Module, x: Tensor) -> Tensor:
        raise KeyError("mask")

    with pytest.raises(KeyError, match="mask"):
        fit(nn.Linear(3, 5), [SEQUENCES], loss, steps=1)


def test_validation_is_explained_as_training_is() -> None:
    calls = []

    def loss(model: nn.Module, x: Tensor) -> Tensor:
        calls.append(x)
        return functional.multi_margin_loss(
            model(x)[:, 0], TOKENS[: len(x), 0].to([torch.int64, torch.int32][len(x) == 3])
        )

    with pytest.raises(CourseError, match=r"targets.long\(\)"):
        fit(nn.Linear(3, 5), [SEQUENCES], loss, epochs=1, valid=[SEQUENCES[:3]])
    assert len(calls) == 2
