"""Scenes: what is painted is what the caption says, and no scene is in two parts."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.scenes import COLOURS, HELD_OUT, KINDS, RADII, SHAPES, SIDE, Scenes, Thing, scene_split, scenes
from course_utils.errors import CourseError
from tests.strategies import examples


@cache
def some(kind: str = "random", colours: int = 4) -> tuple[Scenes, Scenes, Scenes]:
    return scene_split(kind, 300, 2, colours)


def pairs_of(part: Scenes) -> set[tuple[str, str]]:
    return {(thing.colour, thing.shape) for things in part.objects for thing in things}


@examples(15)
@given(st.integers(1, 40), st.integers(0, 1000), st.integers(4, 8))
def test_scenes_are_whole(count: int, seed: int, colours: int) -> None:
    drawn = scenes(count, seed, colours=colours)
    assert len(drawn) == len(drawn.captions) == len(drawn.objects) == len(drawn.images) == count
    assert drawn.images.dtype == np.uint8
    assert drawn.images.shape == (count, 3, SIDE, SIDE)
    assert len(set(drawn.objects)) == count
    palette = list(COLOURS)[:colours]
    for things, caption in zip(drawn.objects, drawn.captions, strict=True):
        assert len(things) in (1, 2)
        for thing in things:
            assert f"a {thing.size} {thing.colour} {thing.shape}" in caption
            assert thing.colour in palette
            assert RADII[thing.size] <= min(thing.x, thing.y)
            assert max(thing.x, thing.y) + RADII[thing.size] < SIDE


def test_the_caption_says_how_they_stand_and_names_left_and_upper_ones_first() -> None:
    seen = set()
    for things, caption in zip(some()[0].objects, some()[0].captions, strict=True):
        if len(things) == 1:
            assert "left" not in caption
            assert "above" not in caption
            continue
        first, second = things
        across, down = second.x - first.x, second.y - first.y
        relation = "left of" if abs(across) > abs(down) else "above"
        assert caption == f"{first.words} {relation} {second.words}"
        assert (across if relation == "left of" else down) > 0
        seen.add(relation)
    assert seen == {"left of", "above"}
    said = {word for caption in some()[0].captions for word in caption.split()}
    assert said - set().union(*KINDS.values()) == {"a", "of"}


def test_the_picture_shows_the_colour_where_the_object_is() -> None:
    part = some()[0]
    for image, things in zip(part.images, part.objects, strict=True):
        for thing in things:
            centre = image[:, thing.y - 1 : thing.y + 2, thing.x - 1 : thing.x + 2].reshape(3, -1).mean(axis=1)
            distances = {
                name: min(np.abs(centre - light * np.array(rgb)).sum() for light in (0.8, 0.9, 1.0, 1.05))
                for name, rgb in list(COLOURS.items())[:4]
            }
            assert min(distances, key=lambda name: distances[name]) == thing.colour


def test_shapes_and_sizes_differ_in_the_pixels_they_cover() -> None:
    part = scenes(800, 5)
    covered: dict[tuple[str, str], list[int]] = {}
    for image, things in zip(part.images, part.objects, strict=True):
        if len(things) == 1:
            lit = int((image.max(axis=0) > 110).sum())
            covered.setdefault((things[0].size, things[0].shape), []).append(lit)
    means = {kind: np.mean(values) for kind, values in covered.items()}
    assert set(means) == {(size, shape) for size in RADII for shape in SHAPES}
    for shape in SHAPES:
        assert means["large", shape] > 1.8 * means["small", shape]
    assert means["large", "circle"] > means["large", "square"] > means["large", "cross"] > means["large", "triangle"]


@pytest.mark.parametrize("kind", ["random", "combinations"])
@pytest.mark.parametrize("colours", [4, 8])
def test_no_scene_is_in_two_parts(kind: str, colours: int) -> None:
    parts = some(kind, colours)
    assert [len(part) for part in parts] == [300, 500, 1000]
    everything = [things for part in parts for things in part.objects]
    assert len(set(everything)) == len(everything)
    pictures = [image.tobytes() for part in parts for image in part.images]
    assert len(set(pictures)) == len(pictures)


def test_new_combinations_are_in_every_test_scene_and_in_no_other() -> None:
    train, valid, test = some("combinations")
    assert not pairs_of(train) & set(HELD_OUT)
    assert not pairs_of(valid) & set(HELD_OUT)
    assert all(any(thing.is_held_out for thing in things) for things in test.objects)
    assert pairs_of(test) >= set(HELD_OUT)
    known = pairs_of(train)
    assert {colour for colour, _ in known} == set(list(COLOURS)[:4])  # every colour and every shape was seen
    assert {shape for _, shape in known} == set(SHAPES)
    assert pairs_of(some()[0]) >= set(HELD_OUT)  # at random, every combination is learnt


def test_the_seed_decides() -> None:
    assert np.array_equal(scenes(20, 3).images, scenes(20, 3).images)
    assert scenes(20, 3).captions != scenes(20, 4).captions


def test_a_subset_keeps_pictures_and_captions_together() -> None:
    part = some()[0]
    mask = np.array([len(things) == 1 for things in part.objects])
    single = part.subset(mask)
    assert len(single) == mask.sum()
    assert all(len(things) == 1 for things in single.objects)
    assert np.array_equal(part.subset([7, 2]).images, part.images[[7, 2]])
    assert part.subset([7, 2]).captions == [part.captions[7], part.captions[2]]
    assert len(part.subset([])) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": 0}, "count must be a whole number"),
        ({"count": 2.5}, "count must be"),
        ({"count": 10**9}, "count must be"),
        ({"count": 5, "colours": 3}, "colours must be a whole number from 4 to 8"),
        ({"count": 5, "colours": 9}, "colours must be"),
        ({"count": 5, "seed": -1}, "seed must be"),
        ({"count": 5, "only": "old"}, "no kind of scenes 'old'"),
    ],
)
def test_scenes_that_cannot_be_meant(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(CourseError, match=message):
        scenes(**arguments)


def test_parts_and_places_that_do_not_exist() -> None:
    with pytest.raises(CourseError, match="Did you mean 'combinations'"):
        scene_split("combination")
    for keep in ([300], [-1], [True, False], [0.5], [[1]]):
        with pytest.raises(CourseError, match="keep must be places"):
            some()[0].subset(keep)  # type: ignore[arg-type]


def test_a_thing_knows_its_words() -> None:
    thing = Thing("small", *HELD_OUT[0], 10, 12)
    assert thing.words == f"a small {HELD_OUT[0][0]} {HELD_OUT[0][1]}"
    assert thing.is_held_out
