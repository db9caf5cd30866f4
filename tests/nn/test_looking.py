"""Ways to see a picture: what they promise, on random inputs; and the two scores of words."""

from __future__ import annotations

import math
import random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.metrics import never_seen, right_words
from course_utils.nn.looking import look, places_of, seen_at_every_step, word_dropout

sizes = st.integers(1, 4)
texts = st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=5).map(" ".join), min_size=1, max_size=5)


@given(sizes, sizes, sizes, sizes)
def test_places_stand_in_reading_order(B: int, C: int, h: int, w: int) -> None:
    features = torch.randn(B, C, h, w)
    places = places_of(features)
    assert places.shape == (B, h * w, C)
    for row in range(h):
        for column in range(w):
            assert torch.equal(places[:, row * w + column], features[:, :, row, column])


@given(sizes, sizes, sizes, sizes)
def test_every_word_has_its_own_picture_beside_it(B: int, U: int, E: int, F: int) -> None:
    words, picture = torch.randn(B, U, E), torch.randn(B, F)
    seen = seen_at_every_step(words, picture)
    assert torch.equal(seen[..., :E], words)
    for step in range(U):
        assert torch.equal(seen[:, step, E:], picture)


@given(sizes, sizes, sizes, sizes, st.randoms(use_true_random=False))
def test_a_look_is_a_mean_that_does_not_care_for_the_order_of_places(
    B: int, U: int, N: int, H: int, dice: random.Random
) -> None:
    queries, places = torch.randn(B, U, H, dtype=torch.float64), torch.randn(B, N, H, dtype=torch.float64)
    contexts, weights = look(queries, places)
    assert torch.allclose(weights.sum(dim=-1), torch.ones(B, U, dtype=torch.float64))
    order = dice.sample(range(N), N)
    again, moved = look(queries, places[:, order])
    assert torch.allclose(again, contexts)
    assert torch.allclose(moved, weights[..., order])
    expected = torch.nn.functional.scaled_dot_product_attention(queries, places, places, scale=1.0)
    assert torch.allclose(contexts, expected)


def test_a_look_has_right_gradients() -> None:
    inputs = [torch.randn(2, 3, 4, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    assert torch.autograd.gradcheck(look, inputs)


@given(st.integers(1, 4), st.integers(1, 6), st.integers(0, 10_000))
def test_only_words_are_dropped_and_only_where_told(B: int, U: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randint(5, 9, (B, U), generator=generator)
    inputs[:, 0] = 1
    drop = torch.rand(B, U, generator=generator) < 0.5
    left = word_dropout(inputs, drop, unknown=3, start=1)
    assert (left[:, 0] == 1).all()
    assert torch.equal(left[:, 1:] == 3, drop[:, 1:])
    assert torch.equal(left[~drop], inputs[~drop])


@given(texts)
def test_nothing_of_what_was_learnt_is_never_seen(learnt: list[str]) -> None:
    assert never_seen(learnt, learnt) == 0
    assert never_seen(learnt, ["x y"]) == 1


def test_running_words_count_as_often_as_they_stand() -> None:
    assert never_seen(["cat face"], ["cat dog", "dog face"]) == 0.5
    with pytest.raises(CourseError, match="no word"):
        never_seen(["cat"], ["", " "])


@given(texts)
def test_right_words_of_the_right_text_itself_are_all_right(right: list[str]) -> None:
    words = {word for text in right for word in text.split()}
    assert right_words(right, right, words) == 1
    assert right_words(["x"] * len(right), right, words) == 0
    assert math.isnan(right_words(right, right, {"x"}))


def test_right_words_go_by_the_place() -> None:
    right = ["a red circle left of a blue square"]
    colours = {"red", "blue"}
    assert right_words(["a blue circle left of a red square"], right, colours) == 0
    assert right_words(["a red"], right, colours) == 0.5
    with pytest.raises(CourseError, match="1 answers for 2"):
        right_words(["a"], ["a", "b"], colours)
