"""Transplants of a memory, held to what can be derived."""

from __future__ import annotations

import pytest
import torch

from course_utils.errors import CourseError
from course_utils.experiments.gates import memory_transplant
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.experiments.tasks.recall import Recall
from course_utils.experiments.tasks.task import Batch
from course_utils.nn.sequence_model import SequenceModel
from tests.experiments.small_runs import small_rows


def latch_model(seed: int = 0) -> tuple[SequenceModel, Batch, Batch]:
    """An LSTM, untrained, whose answers differ from sequence to sequence; and two batches of a latch."""
    task = FlaggedLatch(3, 6)
    model = SequenceModel("lstm", 5, 8, 4, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3)
    return model, task.held_out(200, 0), task.held_out(200, 1)


def test_who_takes_all_of_the_donor_and_sees_the_same_gives_exactly_its_answers() -> None:
    model, a, b = latch_model()
    x_b = torch.cat([b.x[:, :4], a.x[:, 4:]], dim=1)  # from step 4 on both see the same
    host, donor = memory_transplant.run_pair(model, a.x, x_b, 4, "swap both")
    untouched = [model(a.x), model(x_b)]
    assert torch.allclose(host[:, 4:], untouched[1][:, 4:], atol=1e-6)
    assert torch.allclose(donor[:, 4:], untouched[0][:, 4:], atol=1e-6)
    assert torch.allclose(host[:, :4], untouched[0][:, :4], atol=1e-6)  # before the operation nothing has changed


@pytest.mark.parametrize("at", [0, 3, 7])
def test_nothing_is_nothing(at: int) -> None:
    model, a, b = latch_model()
    outputs = memory_transplant.run_pair(model, a.x, b.x, at, "nothing")
    for output, batch in zip(outputs, (a, b), strict=True):
        assert torch.allclose(output, model(batch.x), atol=1e-6)
    found = memory_transplant.transplant(model, a, b, at, "nothing")
    apart = a.y != b.y
    right = [(model(batch.x)[:, -1].argmax(-1) == batch.y)[apart] for batch in (a, b)]
    assert found["own"] == pytest.approx(float(torch.cat(right).double().mean()))
    assert found["answers"] == 2 * int(apart.sum())


def test_swapping_twice_is_nothing_and_both_is_h_and_c() -> None:
    h, c = torch.randn(1, 6, 3), torch.randn(1, 6, 3)
    for what in ("swap h", "swap c", "swap both"):
        twice = memory_transplant.changed(*memory_transplant.changed(h, c, what), what)
        assert all(torch.equal(one, other) for one, other in zip(twice, (h, c), strict=True))
    one_by_one = memory_transplant.changed(*memory_transplant.changed(h, c, "swap h"), "swap c")
    both = memory_transplant.changed(h, c, "swap both")
    assert all(torch.equal(one, other) for one, other in zip(one_by_one, both, strict=True))
    assert torch.equal(both[0], torch.cat([h[:, 3:], h[:, :3]], dim=1))
    erased = memory_transplant.changed(h, c, "zero c")
    assert torch.equal(erased[0], h)
    assert not erased[1].any()


def test_who_forgets_all_answers_as_if_the_sequence_had_begun_there() -> None:
    model, a, b = latch_model()
    host, _ = memory_transplant.run_pair(model, a.x, b.x, 4, "zero both")
    assert torch.allclose(host[:, 4:], model(a.x[:, 4:]), atol=1e-6)


def test_a_memory_swapped_after_the_answer_comes_too_late() -> None:
    model, a, b = latch_model()
    late, never = (memory_transplant.transplant(model, a, b, 7, what) for what in ("swap both", "nothing"))
    assert late == never


def test_transplants_that_cannot_be_are_refused_with_a_sentence() -> None:
    model, a, b = latch_model()
    gru = SequenceModel("gru", 5, 8, 4)
    recall = Recall(7, 1).held_out(200, 0)
    for arguments, message in (
        ((model, a, b, 3, "swap x"), "no operation 'swap x'"),
        ((model, a, b, 8, "swap c"), "at must be a whole number from 0 to 7"),
        ((gru, a, b, 3, "swap c"), "needs an LSTM"),
        ((model, a, a, 3, "swap c"), "both answers are the same"),
        ((model, recall, recall, 3, "swap c"), "asks once"),
        ((model, a, FlaggedLatch(3, 7).held_out(200, 0), 3, "swap c"), "one shape"),
    ):
        with pytest.raises(CourseError, match=message):
            memory_transplant.transplant(*arguments)


def test_shares_are_shares_and_all_operations_are_there() -> None:
    found = small_rows("transplant")
    assert set(found["operation"]) == set(memory_transplant.OPERATIONS)
    assert (found["own"] + found["donor"] <= 1 + 1e-9).all()
    assert found[["own", "donor"]].min().min() >= 0
