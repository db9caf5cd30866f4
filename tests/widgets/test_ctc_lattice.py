"""The lattice of CTC: it computes what torch and a list of all paths do."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from course_utils.errors import CourseError
from course_utils.nn import ctc
from course_utils.widgets.ctc_lattice import ctc_lattice
from course_utils.widgets.ctc_lattice import finding as ctc_finding
from tests.layers import ctc_loss
from tests.strategies import examples
from tests.widgets.in_node import computed, evaluated
from tests.widgets.twins import twin_of

WORDS = ["".join(letters) for length in (1, 2, 3) for letters in itertools.product("ab", repeat=length)]
lattices = st.fixed_dictionaries(
    {
        "word": st.sampled_from(WORDS),
        "frames": st.integers(2, 6),
        "weights": st.lists(st.tuples(*[st.integers(0, 10)] * 3), min_size=6, max_size=6),
    }
)


def by_list(word: str, probabilities: Tensor) -> list[tuple[str, float]]:
    """All paths that read the word, one after the other, with their probabilities."""
    found = []
    for path in itertools.product(range(3), repeat=len(probabilities)):
        kept = [k for k, _ in itertools.groupby(path) if k]
        if "".join("-ab"[k] for k in kept) == word:
            p = math.prod(float(probabilities[t, k]) for t, k in enumerate(path))
            found.append(("".join("-ab"[k] for k in path), p))
    return found


def shares(weights: Sequence[Sequence[float]], frames: int) -> Tensor:
    rows = torch.tensor([list(row) for row in weights[:frames]], dtype=torch.float64)
    rows[rows.sum(dim=1) == 0] = 1
    return rows / rows.sum(dim=1, keepdim=True)


@examples(3)
@given(st.lists(lattices, min_size=25, max_size=40))
def test_the_lattice_computes_what_torch_and_a_list_of_all_paths_do(many: list[dict[str, Any]]) -> None:
    for params, found in zip(many, computed("ctc_lattice", many), strict=True):
        word, frames = params["word"], params["frames"]
        probabilities = shares(params["weights"], frames)
        listed = by_list(word, probabilities)
        assert found["count"] == len(listed)
        assert found["probability"] == pytest.approx(sum(p for _, p in listed), abs=1e-12)
        log_probs = probabilities.log()
        targets = torch.tensor(["-ab".index(letter) for letter in word])
        want = ctc_loss(log_probs, targets).item()
        assert found["loss"] == (None if math.isinf(want) else pytest.approx(want, abs=1e-9))
        assert ctc.ctc_forward(log_probs, targets).item() == pytest.approx(want, abs=1e-9)
        best = sorted((p for _, p in listed), reverse=True)[:3]
        assert [p for _, p in found["best"]["alignments"]] == pytest.approx(best, abs=1e-12)
        assert {path for path, _ in found["best"]["alignments"]} <= {path for path, _ in listed}
        assert found["best"]["paths"][0][1] == pytest.approx(float(probabilities.amax(dim=1).prod()))


@examples(3)
@given(st.lists(lattices, min_size=20, max_size=30))
def test_what_passes_the_states_and_moves_is_what_the_alignments_say(many: list[dict[str, Any]]) -> None:
    """Summed over the states of a class, the shares are those of the alignments; what goes in comes out."""
    for params, found in zip(many, computed("ctc_lattice", many), strict=True):
        frames = params["frames"]
        probabilities = shares(params["weights"], frames)
        listed = by_list(params["word"], probabilities)
        total = sum(p for _, p in listed)
        posteriors = np.array(found["posteriors"])
        if not total:
            assert not posteriors.any()
            assert all(move[3] == 0 for move in found["moves"])
            continue
        for t, symbol in itertools.product(range(frames), "-ab"):
            inside = [state == symbol for state in found["states"]]
            want = sum(p for path, p in listed if path[t] == symbol) / total
            assert posteriors[t, inside].sum() == pytest.approx(want, abs=1e-9)
        into, out = np.zeros_like(posteriors), np.zeros_like(posteriors)
        for t, start, end, share in found["moves"]:
            into[t, end] += share
            out[t - 1, start] += share
        assert np.allclose(into[1:], posteriors[1:])
        assert np.allclose(out[:-1], posteriors[:-1])
        targets = torch.tensor(["-ab".index(letter) for letter in params["word"]])
        assert np.allclose(ctc.lattice(probabilities.log(), targets), posteriors, atol=1e-9)
        assert (np.array(found["open"])[posteriors > 0]).all()


def test_paper_sized_words_have_the_alignments_that_are_written_down() -> None:
    rows = [[1, 1, 1]] * 6
    cases = [("ab", 3, 5), ("ab", 2, 1), ("aa", 3, 1), ("aa", 2, 0), ("aaa", 5, 1), ("aaa", 4, 0), ("a", 2, 3)]
    found = computed("ctc_lattice", [{"word": word, "frames": T, "weights": rows} for word, T, _ in cases])
    assert [one["count"] for one in found] == [count for _, _, count in cases]


def test_title_and_verdict_of_the_lattice_are_one_sentence() -> None:
    plain, no_a = [[1, 1, 1]] * 6, [[1, 0, 1]] * 6
    cases = [(word, T, rows) for word in ("a", "aa", "aba", "aaa") for T in (2, 3, 6) for rows in (plain, no_a)]
    params = [{"word": word, "frames": T, "weights": rows} for word, T, rows in cases]
    said = evaluated("ctc_lattice", "given.map((p) => verdict(p, compute(p)))", params)
    found = computed("ctc_lattice", params)
    for (word, T, _), one, sentence in zip(cases, found, said, strict=True):
        loss = math.inf if one["loss"] is None else one["loss"]
        assert ctc_finding(word, T, loss, one["count"]) + "." == sentence
    assert "“aa” cannot be said in 2 frames: it needs 3" in said[6]
    assert "P is 0, and the loss infinite." in said[6]
    assert said[1] == "P(“a”) = 0: the sum over 3 alignments, of probability 0 here. The loss is infinite."


def test_the_buttons_of_the_lattice_do_what_they_say() -> None:
    """“Spell it” makes an alignment of the word the best path, wherever the word fits."""
    cases = [
        {"word": word, "frames": T}
        for word in WORDS
        for T in range(2, 7)
        if len(word) + sum(one == other for one, other in itertools.pairwise(word)) <= T
    ]
    code = "given.map((p) => compute({ ...p, weights: spelled(p.word, p.frames) }).best)"
    for best in evaluated("ctc_lattice", code, cases):
        assert best["paths"][0] == best["alignments"][0]
    assert evaluated("ctc_lattice", "WORDS", None) == WORDS


def test_the_lattice_starts_where_it_is_told_and_its_picture_says_the_same() -> None:
    widget = ctc_lattice("aba", frames=5, weights=[[1, 5, 0]] * 5)
    assert widget.params["weights"][:5] == [[1, 5, 0]] * 5
    assert len(widget.params["weights"]) == 6
    assert widget.picture.alt.startswith("P(“aba”) = 0: the sum over 28 alignments, of probability 0 here.")
    (found,) = computed("ctc_lattice", [ctc_lattice().params])
    assert ctc_lattice().picture.alt.startswith(ctc_finding("ab", 4, found["loss"], found["count"]))
    assert found["best"]["readings"][0][0] == "ab"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"word": ""}, "one to three letters, each a or b"),
        ({"word": "abab"}, "one to three letters"),
        ({"word": "ac"}, "'ac' is not"),
        ({"word": 3}, "3 is not"),
        ({"frames": 7}, "frames is a whole number from 2 to 6"),
        ({"frames": 1}, "from 2 to 6"),
        ({"weights": [[1, 1, 1]]}, "For 4 frames, give 4 rows of three weights"),
        ({"weights": [[1, 1]] * 4}, "rows of three weights"),
        ({"weights": [[1, 1, -1]] * 4}, "A weight is a whole number from 0 to 10"),
    ],
)
def test_a_lattice_that_cannot_be_drawn_is_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        ctc_lattice(**options)


def test_the_output_has_a_live_view_a_picture_and_a_twin_that_asks_no_server() -> None:
    widget = ctc_lattice()
    twin_of(widget)
    assert len(json.dumps(widget.params)) < 20_000
