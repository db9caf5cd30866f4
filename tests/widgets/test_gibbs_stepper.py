"""The Gibbs stepper: the browser draws what Python draws, with the energies of the machine; its sentences hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from course_utils.errors import CourseError
from course_utils.nn.boltzmann import Boltzmann, state_probabilities
from course_utils.widgets.gibbs_stepper import chain, gibbs_stepper
from tests.widgets.in_node import computed, evaluated
from tests.widgets.twins import twin_of


def machine(visible: int = 9, hidden: int = 5, seed: int = 0) -> Boltzmann:
    """One with large weights, in 64 bits."""
    generator = torch.Generator().manual_seed(seed)
    made = Boltzmann(visible, hidden, generator).double()
    for parameter in made.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
    return made


def stepper(**changed: Any) -> Any:
    given: dict[str, Any] = {
        "machine": machine(),
        "starts": {"ink": np.ones((3, 3)), "paper": np.zeros((3, 3)), "a bar": [[1, 1, 1], [0, 0, 0], [0, 0, 0]]},
    }
    return gibbs_stepper(**given | changed)


def test_the_browser_draws_what_python_draws_and_free_energies_are_the_machine_s() -> None:
    params = [stepper(machine=machine(seed=seed), seed=seed).params | {"steps": 40, "start": 2} for seed in (1, 2, 7)]
    for given, found in zip(params, computed("gibbs_stepper", params), strict=True):
        assert len(found) == 41
        mine = chain(given, 40, start=2)
        assert [state["visible"] for state in found] == [v.tolist() for v, _ in mine]
        assert np.allclose([state["free"] for state in found], [free for _, free in mine])
        rebuilt = Boltzmann(9, 5).double()
        rebuilt.weight.data = torch.tensor(given["weight"]).double()
        rebuilt.visible_bias.data, rebuilt.hidden_bias.data = (
            torch.tensor(given[name]).double() for name in ("visible_bias", "hidden_bias")
        )
        visible = torch.tensor([state["visible"] for state in found]).double()
        assert torch.allclose(rebuilt.free_energy(visible), torch.tensor([s["free"] for s in found]).double())
        hidden = torch.tensor([state["hidden"] for state in found[1:]]).double()
        chances = torch.tensor([state["chances"] for state in found[1:]]).double()
        assert torch.allclose(rebuilt.visible(hidden), chances)


def test_the_chain_visits_states_as_often_as_they_are_probable() -> None:
    params = stepper(machine=machine(4, 3), starts={"paper": np.zeros(4)}).params | {"steps": 20_000}
    (found,) = computed("gibbs_stepper", [params])
    numbers = [int("".join(map(str, state["visible"])), 2) for state in found[100:]]
    expected = state_probabilities(machine(4, 3)).detach().numpy()
    assert np.abs(np.bincount(numbers, minlength=16) / len(numbers) - expected).max() < 0.03


def test_wrong_ways_are_what_they_say() -> None:
    params = stepper().params | {"steps": 30}
    passed, decided, other = computed(
        "gibbs_stepper",
        [params | {"how": "pass"}, params | {"how": "decide"}, params | {"how": "decide", "seed": 99}],
    )
    assert any(0 < state < 1 for state in passed[5]["hidden"])
    assert decided == other  # nothing is drawn
    assert all(state in (0, 1) for row in decided[1:] for state in row["hidden"])


def test_what_is_told_of_a_step() -> None:
    params = stepper().params | {"steps": 3, "start": 0, "how": "draw"}
    say = "told(given, compute(given), given.t)"
    assert evaluated("gibbs_stepper", say, params | {"t": 0}).startswith("Start: ink, free energy ")
    text = evaluated("gibbs_stepper", say, params | {"t": 3})
    (run,) = computed("gibbs_stepper", [params])
    changed = sum(state == 0 for state in run[3]["visible"])
    assert text.startswith("After 3 steps: free energy ")
    assert f"{sum(run[3]['hidden'])} of 5 hidden units are 1" in text
    assert f"{changed} of 9 pixels differ" in text
    assert "hidden units" not in evaluated("gibbs_stepper", say, params | {"t": 3, "how": "pass"})


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"machine": machine(8)}, "a square"),
        ({"machine": machine(9, 401)}, "at most 400"),
        ({"starts": {}}, "1 to 12 starts"),
        ({"starts": {"ink": np.ones(8)}}, "each of 9 numbers"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_does_not_fit_is_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        stepper(**wrong)


def test_the_output_has_a_live_view_a_picture_and_a_twin_that_asks_no_server() -> None:
    assert "200: F " in twin_of(stepper())
