"""Outputs and targets that a loss cannot compare, or would compare wrongly, are told so before anything is learned."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional

from course_utils.errors import CourseError
from course_utils.training import fit, supervised
from course_utils.training.criteria import check_pair, name_of
from tests.strategies import examples

X = torch.randn(16, 3, generator=torch.Generator().manual_seed(0))
WHOLE = torch.arange(16) % 4
CE, NLL, MSE, BCE = nn.CrossEntropyLoss(), nn.NLLLoss(), nn.MSELoss(), nn.BCEWithLogitsLoss()
TOKENS = torch.arange(28).reshape(4, 7) % 5


def own(outputs: Tensor, targets: Tensor) -> Tensor:
    return ((outputs - targets) ** 2).mean()


def own_reversed(outputs: Tensor, targets: Tensor) -> Tensor:
    return torch.abs(targets.float() - outputs).mean()


class Tagger(nn.Module):
    """Class scores (B, T, C) as a recurrent net gives them."""

    def __init__(self, classes: int, after: Callable[[Tensor], Tensor] = lambda scores: scores) -> None:
        super().__init__()
        self.rnn, self.out, self.after = nn.LSTM(3, 6, batch_first=True), nn.Linear(6, classes), after

    def forward(self, x: Tensor) -> Tensor:
        outputs: Tensor = self.after(self.out(self.rnn(x)[0]))
        return outputs


def train(model: nn.Module, x: Any, targets: Any, criterion: Any) -> None:
    fit(model, [(x, targets)], supervised(criterion), steps=2, progress=False)


@pytest.mark.parametrize("criterion", [nn.L1Loss(), nn.SmoothL1Loss(), MSE, nn.HuberLoss(), BCE, own, own_reversed])
@pytest.mark.parametrize("targets", [WHOLE, WHOLE > 1, WHOLE.float() / 4, WHOLE.double() / 4, WHOLE.to(torch.int32)])
def test_targets_without_the_axis_of_the_outputs_are_never_stretched(criterion: Any, targets: Tensor) -> None:
    with pytest.raises(CourseError, match=r"outputs have the shape \(16, 1\), the targets \(16,\).*squeeze\(-1\)"):
        train(nn.Linear(3, 1), X, targets, criterion)
    if targets.is_floating_point():
        train(nn.Linear(3, 1), X, targets[:, None].float(), criterion)


@pytest.mark.parametrize("criterion", [MSE, own, own_reversed])
@pytest.mark.parametrize("shape", [(16, 1), (1, 16), (16, 16), (5, 16)])
def test_outputs_without_the_axis_of_the_targets_are_never_stretched(criterion: Any, shape: tuple[int, ...]) -> None:
    model = nn.Sequential(nn.Linear(3, 1), nn.Flatten(0))
    with pytest.raises(CourseError, match="outputs have the shape"):
        train(model, X, torch.zeros(shape), criterion)


@pytest.mark.parametrize("function", [own, own_reversed, functional.l1_loss, functional.mse_loss])
@pytest.mark.parametrize("targets", [WHOLE, WHOLE.float()])
def test_a_loss_of_model_and_batch_stretches_nothing_either(function: Any, targets: Tensor) -> None:
    with pytest.raises(CourseError, match=r"\(16, 1\).*\(16,\)"):
        fit(nn.Linear(3, 1), [(X, targets)], lambda model, batch: function(model(batch[0]), batch[1]), steps=2)


def test_losses_that_mean_their_shapes_are_left_alone() -> None:
    def gaussian(outputs: Tensor, y: Tensor) -> Tensor:
        mean, log_variance = outputs.unbind(-1)
        return (log_variance + (y - mean) ** 2 / log_variance.exp()).mean()

    def pairwise(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        outputs: Tensor = model(batch[0])  # (B, 1)
        return ((outputs - outputs.T) ** 2).mean() + (outputs - outputs.detach().mean()).abs().mean()

    def gathered(outputs: Tensor, classes: Tensor) -> Tensor:
        return -outputs.log_softmax(-1).gather(1, classes[:, None]).mean()

    train(nn.Linear(3, 2), X, WHOLE.float(), gaussian)
    train(nn.Linear(3, 4), X, WHOLE, gathered)
    train(nn.Linear(3, 4), X, WHOLE, lambda outputs, classes: functional.cross_entropy(outputs, classes))
    fit(nn.Linear(3, 1), [(X, WHOLE)], pairwise, steps=2)


@pytest.mark.parametrize("criterion", [CE, NLL, functional.cross_entropy, partial(functional.nll_loss, ignore_index=9)])
@pytest.mark.parametrize(
    ("targets", "says"),
    [
        (WHOLE.float(), r"torch.float32.*targets.long\(\)"),
        (WHOLE.double(), r"torch.float64.*targets.long\(\)"),
        (WHOLE.to(torch.int32), r"torch.int32.*targets.long\(\)"),
        (WHOLE > 1, r"torch.bool.*targets.long\(\)"),
        (WHOLE + 0.25, r"hold 0.25.*nn.MSELoss"),
        (WHOLE[:, None], r"targets.squeeze\(-1\)\."),
        (WHOLE[:, None].float(), r"targets.squeeze\(-1\).long\(\)"),
        (functional.one_hot(WHOLE), r"one-hot.*targets.argmax\(1\)"),
        (WHOLE + 1, r"class number 4, and class numbers go from 0 to .*Count classes from 0"),
        (WHOLE - 1, r"class number -1, and .*ignore_index"),
        (WHOLE[:7], "not for the same examples"),
        (WHOLE.numpy(), r"an array of shape \(16,\).*torch.as_tensor\(targets\)"),
        (WHOLE.tolist(), r"a list of 16.*torch.as_tensor\(targets\)"),
        (None, "The targets are None"),
    ],
)
def test_class_numbers_that_cannot_be_meant_are_told(criterion: Any, targets: Any, says: str) -> None:
    with pytest.raises(CourseError, match=says) as caught:
        train(nn.Sequential(nn.Linear(3, 4), nn.LogSoftmax(-1)), X, targets, criterion)
    if targets is not WHOLE[:, None]:
        assert "squeeze" not in str(caught.value) or "squeeze" in says


def test_the_advice_for_class_numbers_works() -> None:
    train(nn.Linear(3, 4), X, WHOLE.float().long(), CE)
    train(nn.Linear(3, 4), X, WHOLE.float()[:, None].squeeze(-1).long(), CE)
    train(nn.Linear(3, 4), X, functional.one_hot(WHOLE).argmax(1), CE)
    train(nn.Linear(3, 4), X, functional.one_hot(WHOLE).float(), CE)
    train(nn.Linear(3, 4), X, torch.full((16,), -100).scatter(0, torch.tensor([3]), 2), CE)


@pytest.mark.parametrize("targets", [WHOLE.float(), WHOLE])
@pytest.mark.parametrize("model", [nn.Linear(3, 1), nn.Sequential(nn.Linear(3, 1), nn.Flatten(0))])
def test_one_score_for_each_example_is_not_enough_for_classes(model: nn.Module, targets: Tensor) -> None:
    with pytest.raises(CourseError, match="needs a score for each class"):
        train(model, X, targets * 0, CE)


@pytest.mark.parametrize("criterion", [CE, NLL, lambda outputs, targets: functional.cross_entropy(outputs, targets)])
@pytest.mark.parametrize("classes", [5, 7])  # 7: as many as time steps, where torch would not complain
@pytest.mark.parametrize("targets", [TOKENS, TOKENS[..., None], TOKENS.float(), TOKENS[..., None].float()])
def test_scores_of_each_time_step_on_the_wrong_axis_are_told(criterion: Any, classes: int, targets: Tensor) -> None:
    with pytest.raises(CourseError, match=r"transpose\(1, 2\).*outputs.flatten\(0, 1\)|targets.long\(\)"):
        train(Tagger(classes), torch.randn(4, 7, 3), targets, criterion)


@pytest.mark.parametrize("classes", [5, 7])
@pytest.mark.parametrize(
    "after",
    [
        lambda scores: scores.transpose(1, 2),
        lambda scores: scores.transpose(1, 2).contiguous(),
        lambda scores: scores.permute(0, 2, 1).clone() * 2,
        lambda scores: scores.mT.log_softmax(1),
    ],
)
def test_scores_on_the_right_axis_are_taken_also_where_there_are_as_many_classes_as_steps(
    classes: int, after: Callable[[Tensor], Tensor]
) -> None:
    train(Tagger(classes, after), torch.randn(4, 7, 3), TOKENS, CE)
    train(nn.Conv1d(3, classes, 1), torch.randn(4, 3, 7), TOKENS, CE)
    train(Tagger(classes, lambda scores: scores.flatten(0, 1)), torch.randn(4, 7, 3), TOKENS.flatten(), CE)


def test_sequences_of_one_step_have_their_classes_on_the_wrong_axis_too() -> None:
    with pytest.raises(CourseError, match=r"The classes must be on axis 1.*transpose\(1, 2\)"):
        train(Tagger(5), torch.randn(4, 1, 3), TOKENS[:, :1], CE)


def test_a_target_for_a_sequence_needs_one_output() -> None:
    for criterion, targets in ((CE, TOKENS[:, 0]), (MSE, torch.zeros(4, 5)), (MSE, torch.zeros(4))):
        with pytest.raises(CourseError, match=r"outputs\[:, -1\]"):
            train(Tagger(5), torch.randn(4, 7, 3), targets, criterion)


@pytest.mark.parametrize(
    ("criterion", "targets", "says"),
    [
        (MSE, WHOLE[:, None], r"torch.int64.*targets.float\(\)"),
        (MSE, WHOLE[:, None].double(), r"torch.float64.*targets.float\(\)"),
        (nn.HuberLoss(), WHOLE[:, None] > 1, r"torch.bool.*targets.float\(\)"),
        (nn.L1Loss(), WHOLE[:, None] > 1, r"torch.bool.*targets.float\(\)"),
        (BCE, WHOLE[:, None] // 2, r"torch.int64.*targets.float\(\)"),
        (BCE, WHOLE[:, None].float(), r"from 0 \(no\) to 1 \(yes\); these go from 0 to 3"),
        (nn.BCELoss(), WHOLE[:, None].float() / 4, r"take nn.BCEWithLogitsLoss"),
        (MSE, X[:, :1].numpy(), r"an array of shape \(16, 1\).*torch.as_tensor"),
        (own, X[:, :1].numpy(), "numpy array meets a tensor"),
        (
            nn.CTCLoss(),
            WHOLE,
            "CTCLoss needs more than outputs and targets: 'input_lengths' and .*T, B, C",
        ),
        (nn.GaussianNLLLoss(), WHOLE[:, None], "GaussianNLLLoss needs more than outputs and targets: 'var'"),
        (nn.MSELoss, X[:, :1], r"the class MSELoss itself. Make one: supervised\(nn.MSELoss\(\)\)"),
        ("mse", X[:, :1], "must be a function of outputs and targets"),
    ],
)
def test_numbers_of_another_kind_and_criteria_that_need_more_are_told(criterion: Any, targets: Any, says: str) -> None:
    model = nn.Linear(3, 1)
    nn.init.constant_(model.bias, 9.0)  # far from a probability
    with pytest.raises(CourseError, match=says):
        train(model, X, targets, criterion)


def test_numbers_that_torch_can_take_are_taken() -> None:
    train(nn.Linear(3, 1), X, WHOLE[:, None], nn.L1Loss())
    train(nn.Linear(3, 1), X, WHOLE[:, None].double(), nn.SmoothL1Loss())
    train(nn.Linear(3, 1).double(), X.double(), X[:, :1].double(), MSE)
    train(nn.Linear(3, 4), X, WHOLE.to(torch.uint8), CE)


@pytest.mark.parametrize(
    ("criterion", "name"),
    [
        (CE, "cross_entropy"),
        (nn.MSELoss(reduction="sum"), "mse_loss"),
        (functional.huber_loss, "huber_loss"),
        (partial(functional.cross_entropy, label_smoothing=0.1), "cross_entropy"),
        (partial(partial(functional.l1_loss)), "l1_loss"),
        (nn.CTCLoss(), ""),
        (own, ""),
        (torch.dist, ""),
    ],
)
def test_a_criterion_is_known_by_its_function(criterion: Any, name: str) -> None:
    assert name_of(criterion) == name


def test_a_last_batch_of_one_that_lost_its_axis_is_told() -> None:
    class Squeezed(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x).squeeze()

    for size, targets, criterion in ((1, WHOLE.float(), MSE), (4, WHOLE, CE)):
        batches = [(X, targets), (X[:1], targets[:1])]
        with pytest.raises(CourseError, match=r"one example, .* write .squeeze\(-1\)"):
            fit(Squeezed(3, size), batches, supervised(criterion), epochs=1)


def test_scores_are_no_log_probabilities() -> None:
    with pytest.raises(CourseError, match=r"needs log-probabilities.*nn.CrossEntropyLoss\(\)"):
        train(nn.Linear(3, 4), 9 * X, WHOLE, NLL)
    train(nn.Sequential(nn.Linear(3, 4), nn.LogSoftmax(1)), 9 * X, WHOLE, NLL)


@pytest.mark.filterwarnings("ignore:Using a target size")
def test_a_penalty_is_compared_with_one_number() -> None:
    def loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        return functional.mse_loss(model(batch[0]), torch.tensor(0.0))

    assert fit(nn.Linear(3, 1), [(X, WHOLE)], loss, steps=1).steps == 1
    with pytest.raises(CourseError, match="the same shape"):
        train(nn.Linear(3, 1), X, torch.tensor(0.0), MSE)


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize("lengths", [(3, 3, 3, 3), torch.full((4,), 3)])
def test_a_class_number_out_of_range_is_told_before_ctc_reads_beyond_the_scores(flat: bool, lengths: Any) -> None:
    def ctc(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        log_probs = model(batch[0]).log_softmax(-1).transpose(0, 1)
        targets = batch[1][:, :3].flatten() if flat else batch[1]
        frames: Any = (7, 7, 7, 7) if isinstance(lengths, tuple) else torch.full((4,), 7)
        return functional.ctc_loss(log_probs, targets, frames, lengths)

    padded = torch.tensor([[1, 2, 3, -1]] * 4)
    assert fit(Tagger(5), [(torch.randn(4, 7, 3), padded)], ctc, steps=1).steps == 1
    padded[3, 2] = 6
    with pytest.raises(CourseError, match="class number 6, and class numbers go from 0 to 4"):
        fit(Tagger(5), [(torch.randn(4, 7, 3), padded)], ctc, steps=1)


SHAPES = st.lists(st.integers(1, 3), min_size=1, max_size=4).map(tuple)
DTYPES = st.sampled_from([torch.float32, torch.float64, torch.int64, torch.bool])
NAMES = st.sampled_from(["cross_entropy", "nll_loss", "mse_loss", "l1_loss", "binary_cross_entropy_with_logits"])


@given(NAMES, SHAPES, SHAPES, DTYPES)
@examples(100)
def test_what_passes_the_check_has_a_loss_with_a_gradient(
    name: str, outputs: tuple[int, ...], targets: tuple[int, ...], dtype: torch.dtype
) -> None:
    x, y = torch.randn(outputs, requires_grad=True), torch.zeros(targets, dtype=dtype)
    try:
        check_pair(name, x, y)
    except CourseError:
        return
    loss = getattr(functional, name)(x, y)
    loss.backward()
    assert x.grad is not None
    assert x.grad.shape == x.shape
