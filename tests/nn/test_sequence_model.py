"""The network of the memory tasks: what it sees, how many parameters it has, where its weights come from."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.experiments.tasks.recall import Recall
from course_utils.nn.sequence_model import CELLS, SequenceModel, hidden_for_parameters, last_inputs, parameter_count
from course_utils.training import fit
from tests.strategies import examples

B, T, I, O = 3, 9, 2, 4  # noqa: E741
cells = st.sampled_from(CELLS)
sizes = st.integers(1, 9)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def random_inputs() -> torch.Tensor:
    return torch.randn(B, T, I, generator=seeded(1))


def steps_that_change(model: SequenceModel, at: int) -> list[int]:
    """The steps whose outputs are not bit for bit the same when the input of one step is another."""
    x = random_inputs()
    other = x.clone()
    other[:, at] += 1.0
    with torch.no_grad():
        changed: list[int] = (model(x) != model(other)).any(-1).any(0).nonzero().flatten().tolist()
    return changed


@pytest.mark.parametrize("cell", CELLS)
def test_there_is_an_output_at_every_step_and_a_state_behind_it(cell: str) -> None:
    model = SequenceModel(cell, I, 5, O)
    x = random_inputs()
    assert model(x).shape == (B, T, O)
    assert model.states(x).shape == (B, T, 5)
    assert torch.equal(model.readout(model.states(x)), model(x))


@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell != "feedforward"])
def test_a_recurrent_network_sees_all_earlier_inputs_and_none_of_the_future(cell: str) -> None:
    assert steps_that_change(SequenceModel(cell, I, 32, O, generator=seeded()), at=4) == [4, 5, 6, 7, 8]


@pytest.mark.parametrize("window", [1, 2, 4, 20])
@pytest.mark.parametrize("at", [0, 4, 8])
def test_a_feedforward_network_sees_exactly_the_last_inputs(window: int, at: int) -> None:
    model = SequenceModel("feedforward", I, 8, O, window=window)
    assert steps_that_change(model, at) == list(range(at, min(at + window, T)))


def test_the_last_inputs_stand_oldest_first_with_zeros_on_the_left() -> None:
    x = torch.tensor([[[1.0], [2.0], [3.0]]])
    assert last_inputs(x, 2).tolist() == [[[0, 1], [1, 2], [2, 3]]]
    assert torch.equal(last_inputs(x, 1), x)


def test_the_two_kinds_of_rnn_differ_in_their_activation() -> None:
    x = 100 * random_inputs()
    assert SequenceModel("rnn", I, 5, O).states(x).abs().max() <= 1
    relu = SequenceModel("relu_rnn", I, 5, O).states(x)
    assert relu.min() == 0
    assert relu.max() > 1


@examples(40)
@given(cells, sizes, sizes, sizes, st.integers(1, 3))
def test_parameters_are_counted_as_torch_has_them(cell: str, i: int, h: int, o: int, window: int) -> None:
    window = window if cell == "feedforward" else 1
    model = SequenceModel(cell, i, h, o, window=window)
    assert parameter_count(cell, i, h, o, window) == sum(p.numel() for p in model.parameters())


@examples(60)
@given(cells, sizes, sizes, st.integers(1, 3000), st.integers(1, 3))
def test_no_other_size_comes_nearer_to_the_parameters_wanted(cell: str, i: int, o: int, wanted: int, k: int) -> None:
    window = k if cell == "feedforward" else 1
    if wanted < parameter_count(cell, i, 1, o, window):
        with pytest.raises(CourseError, match="Ask for more"):
            hidden_for_parameters(cell, i, o, wanted, window)
        return
    found = hidden_for_parameters(cell, i, o, wanted, window)
    distance = [abs(parameter_count(cell, i, h, o, window) - wanted) for h in range(1, 1600)]
    assert found == 1 + distance.index(min(distance))


def test_equal_parameters_mean_unequal_widths() -> None:
    widths = {cell: hidden_for_parameters(cell, 4, 4, 10_000) for cell in CELLS}
    assert widths["rnn"] > widths["gru"] > widths["lstm"]
    for cell, width in widths.items():
        assert abs(parameter_count(cell, 4, width, 4) - 10_000) < 300


@pytest.mark.parametrize("cell", CELLS)
def test_a_generator_decides_the_weights_and_leaves_the_global_one_alone(cell: str) -> None:
    torch.manual_seed(0)
    before = torch.get_rng_state()
    first, again, other = (SequenceModel(cell, I, 5, O, generator=seeded(s)) for s in (1, 1, 2))
    assert torch.equal(before, torch.get_rng_state())
    for a, b, c in zip(first.parameters(), again.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)
        assert not torch.equal(a, c)
    torch.manual_seed(1)
    torchs = SequenceModel(cell, I, 5, O)  # the same numbers as torch's own
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), torchs.parameters(), strict=True))


def test_a_window_solves_recall_if_and_only_if_it_reaches_back_to_the_symbol() -> None:
    task = Recall(seq_len=12, lag=2, symbols=2)
    held_out = task.held_out(400, seed=0)
    scores = []
    for window in (2, 3):
        model = SequenceModel("feedforward", 2, 8, 2, window=window, generator=seeded())
        fit(model, task.batches(16, seed=0), task.objective, steps=150, lr=0.03, progress=False)
        scores.append(task.score(model(held_out.x), held_out))
    assert scores[0] == pytest.approx(task.chance, abs=0.04)
    assert scores[1] > 0.99


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: SequenceModel("ltsm", 1, 1, 1), "Did you mean 'lstm'"),
        (lambda: SequenceModel("rnn", 0, 1, 1), "input_size"),
        (lambda: SequenceModel("rnn", 1, -3, 1), "hidden_size"),
        (lambda: SequenceModel("rnn", 1, 1, 1.5), "output_size"),  # type: ignore[arg-type]
        (lambda: SequenceModel("feedforward", 1, 1, 1, window=0), "window"),
        (lambda: SequenceModel("lstm", 1, 1, 1, window=2), "feedforward"),
        (lambda: parameter_count("gru", 1, 0, 1), "hidden_size"),
        (lambda: hidden_for_parameters("gru", 1, 1, 0), "parameters"),
    ],
)
def test_what_cannot_be_built_is_refused_with_a_sentence(call: Callable[[], object], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        call()
