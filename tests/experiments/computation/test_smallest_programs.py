"""All networks of one unit: who solves a task is found, and nobody who does not."""

from __future__ import annotations

from course_utils.experiments.computation import smallest_programs
from course_utils.experiments.computation.smallest_programs import FLIP, HOLD, HOLD_EVEN, solving, tasks
from course_utils.experiments.framework.results import load
from course_utils.nn.one_unit import all_programs, told_apart
from tests.experiments.small_runs import small_settings


def test_of_27_rnns_those_that_hold_a_sign_can_be_named() -> None:
    """The own output comes back with the weight 8 and no bias; what is asked at even steps alone lets −8 pass too."""
    stages = tasks(50, [2], seed=0)
    held = solving("tanh RNN", all_programs("tanh RNN"), stages[HOLD])
    assert sorted(held.flatten(1).tolist()) == [[-8, 8, 0], [8, 8, 0]]
    even = solving("tanh RNN", all_programs("tanh RNN"), stages[HOLD_EVEN])
    assert [8, -8, 0] in even.flatten(1).tolist()
    assert len(solving("tanh RNN", all_programs("tanh RNN"), stages[FLIP])) == 0


def test_stages_leave_no_program_out_that_solves_the_whole_task() -> None:
    programs = all_programs("GRU", (-8.0, 8.0))
    for stages in tasks(12, [2, 4], seed=1).values():
        whole = told_apart("GRU", programs, *stages[-1])
        for inputs, classes in stages[:-1]:
            whole &= told_apart("GRU", programs, inputs, classes)
        found = solving("GRU", programs, stages)
        assert sorted(found.flatten(1).tolist()) == sorted(programs[whole].flatten(1).tolist())


def test_the_smallest_come_first() -> None:
    found = solving("LSTM", all_programs("LSTM", (0.0, 8.0)), tasks(10, [2], seed=0)[HOLD])
    weights = (found != 0).flatten(1).sum(1).tolist()
    assert weights == sorted(weights)
    assert len(set(weights)) > 1


def test_rows_say_how_many_there_are() -> None:
    rows = smallest_programs.measure(0, **small_settings("smallest_programs"))
    of_lstm = [row for row in rows if row["network"] == "LSTM"]
    assert {row["programs"] for row in of_lstm} == {2**12}
    for row in rows:
        assert row["share"] == row["solve"] / row["programs"]
        assert (row["fewest_weights"] > 0) == (row["solve"] > 0)


def test_the_stored_counts_are_those_of_all_programs_and_do_not_depend_on_the_seed() -> None:
    rows = load("smallest_programs").table
    assert rows.groupby("network")["programs"].first().to_dict() == {
        "tanh RNN": 27,
        "ReLU RNN": 27,
        "GRU": 19_683,
        "LSTM": 531_441,
    }
    assert (rows.groupby(["network", "task"])["solve"].nunique() == 1).all()
    programs = all_programs("tanh RNN")
    stored = rows[(rows["network"] == "tanh RNN") & (rows["task"] == HOLD)]["solve"]
    assert set(stored) == {len(solving("tanh RNN", programs, tasks(1_000, [2], 0)[HOLD]))}
