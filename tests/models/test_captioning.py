"""The captioner: it learns, its search is the one it claims to be, and whatever it is given has an answer."""

from __future__ import annotations

import functools
import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from course_utils.data.scenes import scene_split
from course_utils.errors import CourseError
from course_utils.models.captioning import TRAINED, Captioner, _held_out, trained_captioner
from course_utils.models.captioning_training import Batches, word_error
from course_utils.nn.captioning_model import SIDE
from course_utils.nn.sequences import END, PAD

TRAIN, VALID, TEST = scene_split("random", 200, 0)
CELLS, ATTENTIONS = ("rnn", "gru", "lstm"), ("multiplicative", "additive", None)
WAYS = [*((kind, False) for kind in ATTENTIONS), (None, True)]


@functools.cache
def learned(attention: str | None = "multiplicative", once: bool = False, cell: str = "lstm") -> Captioner:
    """A small captioner that has learned a little."""
    captioner = Captioner(cell, 16, attention, once)
    captioner.fit(TRAIN.images, TRAIN.captions, steps=12, batch_size=16, lr=0.01, progress=False)
    return captioner


# ---------------------------------------------------------------------------------------------------------------------
# Learning


@pytest.mark.parametrize(
    ("cell", "kind", "once"),
    [*(("lstm", *way) for way in WAYS), ("rnn", "multiplicative", False), ("gru", "multiplicative", False)],
)
def test_a_few_pictures_are_learnt_by_heart(cell: str, kind: str | None, once: bool) -> None:
    few = TRAIN.subset(range(8))
    captioner = Captioner(cell, 48, kind, once)
    captioner.fit(few.images, few.captions, steps=600 if once else 150, batch_size=8, lr=0.005, progress=False)
    assert captioner.caption(few.images) == few.captions
    assert captioner.caption(few.images, beam=3) == few.captions


def test_the_seed_decides_and_nothing_outside_is_touched() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    captioners = [Captioner(hidden_size=8, seed=seed) for seed in (0, 0, 1)]
    for captioner in captioners:
        captioner.fit(TRAIN.images, TRAIN.captions, steps=2, batch_size=8, word_dropout=0.5, progress=False)
    assert torch.equal(torch.rand(3), expected)
    first, again, other = (c.model.name.weight for c in captioners if c.model)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_validation_keeps_the_best_weights() -> None:
    captioner = Captioner(hidden_size=8)
    valid = (VALID.images[:50], VALID.captions[:50])
    history = captioner.fit(TRAIN.images, TRAIN.captions, valid, epochs=3, lr=0.01, progress=False)
    assert history.best is not None
    assert history.best.valid == history.table["valid"].min()
    held_out = _held_out(valid, captioner.words, SIDE)
    assert captioner.model is not None
    assert held_out is not None
    assert word_error(captioner.model, held_out) == pytest.approx(history.best.valid)


def test_words_that_only_validation_has_count_as_wrong() -> None:
    captioner = Captioner(hidden_size=8)
    few = TRAIN.images[:4]
    history = captioner.fit(few, TRAIN.captions[:4], (few, ["zebra"] * 4), steps=1, progress=False)
    assert history.best is not None
    assert 0.5 <= history.best.valid <= 1
    assert "zebra" not in captioner.words


def test_several_captions_of_a_picture_are_all_read() -> None:
    captioner = Captioner(hidden_size=8)
    captions = [["a cat", "a small cat sleeps", ""], ("two dogs",), ["word " * 61]]
    captioner.fit(TRAIN.images[:3], captions, steps=1, progress=False)
    assert set(captioner.words) == {"a", "cat", "small", "sleeps", "two", "dogs"}  # "word" could not be learned
    assert captioner.left_out == {"empty": 1, "too long": 1}


def test_a_short_time_is_enough_for_a_step_and_steps_are_counted() -> None:
    captioner = Captioner(hidden_size=4)
    assert captioner.fit(TRAIN.images[:8], TRAIN.captions[:8], seconds=0.01, progress=False).steps >= 1
    assert captioner.fit(TRAIN.images[:8], TRAIN.captions[:8], epochs=2, batch_size=4, progress=False).steps == 4


@given(st.lists(st.lists(st.integers(4, 8), min_size=1, max_size=5), min_size=1, max_size=12), st.integers(1, 5))
def test_an_epoch_has_every_caption_once(rows: list[list[int]], size: int) -> None:
    images = torch.arange(len(rows), dtype=torch.uint8)[:, None, None, None].expand(-1, 3, 1, 1)
    batches = Batches(images, list(enumerate(rows)), size, 0)
    seen = [
        (round(float(image[0, 0, 0]) * 255), [t for t in row if t not in (PAD, END)])
        for batch in batches
        for image, row in zip(batch.images, batch.targets.tolist(), strict=True)
    ]
    assert sorted(seen) == list(enumerate(rows))
    assert len(batches) == math.ceil(len(rows) / size)


class Half(nn.Module):
    """Stands for a network that was trained before."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 5, 3, stride=2, padding=1)

    def forward(self, images: Tensor) -> Tensor:
        """(B, 3, H, W) → (B, 5, H / 2, W / 2)."""
        features: Tensor = self.layer(images)
        return features


def test_a_backbone_is_used_and_stays_as_it_is(tmp_path: Path) -> None:
    backbone = Half()
    before = backbone.layer.weight.clone()
    captioner = Captioner(hidden_size=8)
    images = torch.rand(6, 3, 40, 56)
    captioner.fit(images, ["a b"] * 6, (images, ["a b"] * 6), steps=3, backbone=backbone, progress=False)
    assert torch.equal(backbone.layer.weight, before)
    assert captioner.model is not None
    frozen = sum(weight.numel() for weight in backbone.parameters())
    assert captioner.parameters_count + frozen == sum(weight.numel() for weight in captioner.model.parameters())
    assert len(captioner.caption(images)) == 6
    assert captioner.attend(images[0])[1].shape[1:] == (6, 6)
    with pytest.raises(CourseError, match="with a backbone is not written"):
        captioner.save(tmp_path / "it")
    with pytest.raises(CourseError, match="backbone must take"):
        captioner.fit(images, ["a"] * 6, steps=1, backbone=nn.Linear(3, 3), progress=False)


# ---------------------------------------------------------------------------------------------------------------------
# Describing


@pytest.mark.parametrize(("kind", "once"), WAYS)
def test_the_order_is_kept_and_company_changes_nothing(kind: str | None, once: bool) -> None:
    captioner = learned(kind, once)
    for beam in (1, 3):
        together = captioner.caption(TEST.images[:5], beam=beam)
        assert together == [captioner.caption(image[None], beam=beam)[0] for image in TEST.images[:5]]
        assert all(set(said.split()) <= set(captioner.words) for said in together)
    assert captioner.caption(TEST.images[:0]) == captioner.caption([]) == []
    assert len(captioner.caption(TEST.images[:2], beam=50)) == 2  # wider than there are words


def test_bytes_and_numbers_arrays_and_tensors_are_the_same_pictures() -> None:
    captioner, images = learned(), TEST.images[:3]
    frozen = images.copy()
    frozen.setflags(write=False)
    kinds = [
        images / 255,
        torch.as_tensor(images),
        torch.as_tensor(images / 255).requires_grad_(),
        list(images),
        [torch.as_tensor(image) for image in images],
        frozen,
        np.ascontiguousarray(images[::-1])[::-1],
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for given_as in kinds:
            assert captioner.caption(given_as) == captioner.caption(images)


@pytest.mark.parametrize("size", [(16, 16), (48, 48), (96, 80), (30, 200), (512, 512)])
def test_pictures_of_any_size_have_a_caption(size: tuple[int, int]) -> None:
    images = torch.rand(2, 3, *size)
    assert len(learned().caption(images)) == 2
    _, weights = learned().attend(images[0])
    assert weights.shape[1:] == (6, 6)


def test_a_picture_made_twice_as_large_means_the_same() -> None:
    captioner = learned()
    large = TEST.images[:10].repeat(2, axis=2).repeat(2, axis=3)
    assert captioner.caption(large) == captioner.caption(TEST.images[:10])


@pytest.mark.parametrize("kind", ["additive", "multiplicative"])
def test_attention_has_a_map_of_weights_for_each_word_of_the_caption(kind: str) -> None:
    captioner = learned(kind)
    words, weights = captioner.attend(TEST.images[0])
    assert " ".join(words) == captioner.caption(TEST.images[:1])[0]
    assert weights.shape == (len(words), 6, 6)
    assert torch.allclose(weights.sum(dim=(1, 2)), torch.ones(len(words)), atol=1e-5)
    assert bool((weights >= 0).all())


# ---------------------------------------------------------------------------------------------------------------------
# What cannot be meant


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((4, 48, 48, 3)), r"transpose\(0, 3, 1, 2\)"),
        (np.zeros((4, 1, 48, 48)), "repeating the channel"),
        (np.zeros((3, 48, 48)), r"image\[None\]"),
        (np.zeros((4, 2, 48, 48)), "these have the shape"),
        (np.full((4, 3, 48, 48), 128.0), "from 128 to 128.*Divide by 255"),
        (np.full((4, 3, 48, 48), -1.0), "must be 0 … 1"),
        (np.full((4, 3, 48, 48), 300), "whole numbers must be 0 … 255"),
        (np.zeros((4, 3, 4, 48)), "sides of a picture must have 8"),
        ([np.zeros((3, 48, 48)), np.zeros((3, 40, 48))], "do they differ in size"),
        ("scene.png", "no array of numbers"),
        (None, "no array of numbers"),
        ([], "these have the shape"),
        (np.zeros((0, 3, 48, 48)), "There are no pictures"),
    ],
)
def test_pictures_that_cannot_be_read_are_refused_with_a_sentence(images: Any, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        Captioner(hidden_size=4).fit(images, ["a"] * 4, steps=1, progress=False)
    if not (isinstance(images, np.ndarray | list) and len(images) == 0):
        with pytest.raises(CourseError, match=message):
            learned().caption(images)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_damaged_picture_is_named(value: float) -> None:
    images = np.zeros((520, 3, 8, 8), dtype=np.float32)
    images[515, 1, 3, 3] = value
    with pytest.raises(CourseError, match="Picture 515 is damaged"):
        learned().caption(images)


@pytest.mark.parametrize(
    ("captions", "message"),
    [
        ("a cat", "it is a str"),
        ({"a": 1}, "it is a dict"),
        (None, "it is a NoneType"),
        (["a"] * 3, "4 pictures and 3 captions"),
        ([], "4 pictures and 0 captions"),
        (["a", "b", "c", 3], "number 3 is 3"),
        (["a", ["b", 2], "c", "d"], "number 1 is"),
        (["", " ", "\n", ""], "no caption has a word"),
        (["x " * 61] * 4, "longer than 60"),
    ],
)
def test_captions_that_cannot_be_learnt_from_are_refused_with_a_sentence(captions: Any, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        Captioner(hidden_size=4).fit(TRAIN.images[:4], captions, steps=1, progress=False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"valid": TRAIN.images}, "must be a pair"),
        ({"valid": (TRAIN.images[:2], ["a"])}, "2 pictures and 1 captions"),
        ({"valid": (TRAIN.images[:2], ["", ""])}, "nothing to validate with"),
        ({"word_dropout": 1.0}, "word_dropout must be a finite number from 0 to below 1"),
        ({"feature_dropout": -0.1}, "feature_dropout must be a finite number from 0 to below 1"),
        ({"batch_size": 0}, "batch_size must be"),
        ({"lr": 0}, "lr must be a number greater than 0"),
        ({"steps": 0}, "steps"),
        ({"steps": None, "seconds": -1}, "seconds"),
    ],
)
def test_trainings_that_cannot_be_meant(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(CourseError, match=message):
        Captioner(hidden_size=4).fit(TRAIN.images[:4], ["a b"] * 4, **{"steps": 1, "progress": False, **arguments})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cell": "lstn"}, "Did you mean 'lstm'"),
        ({"attention": "sideways"}, "no kind of attention 'sideways'"),
        ({"hidden_size": 0}, "hidden_size must be a whole number from 1"),
        ({"hidden_size": 8.0}, "hidden_size must be"),
        ({"seed": -1}, "seed must be"),
        ({"once": True}, "give attention=None"),
    ],
)
def test_arguments_that_cannot_be_meant(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(CourseError, match=message):
        Captioner(**arguments)


def test_questions_that_cannot_be_answered() -> None:
    for ask, message in (
        (lambda: Captioner().caption(TEST.images), "not learned anything yet"),
        (lambda: Captioner().parameters_count, "not learned anything yet"),
        (lambda: Captioner().save("it"), "not learned anything yet"),
        (lambda: learned().caption(TEST.images[:1], beam=0), "beam must be a whole number from 1 to 50"),
        (lambda: learned().caption(TEST.images[:1], beam=51), "beam must be"),
        (lambda: learned().attend(TEST.images[:1]), "one picture"),
        (lambda: learned(None).attend(TEST.images[0]), "no attention"),
    ):
        with pytest.raises(CourseError, match=message):
            ask()


# ---------------------------------------------------------------------------------------------------------------------
# Keeping


@pytest.mark.parametrize(("kind", "once"), WAYS)
def test_what_was_saved_describes_as_before(kind: str | None, once: bool, tmp_path: Path) -> None:
    captioner = learned(kind, once)
    again = Captioner.load(captioner.save(tmp_path / "it.safetensors", note="for a test"))
    assert again.caption(TEST.images[:20], beam=2) == captioner.caption(TEST.images[:20], beam=2)
    assert again.parameters_count == captioner.parameters_count
    assert repr(again) == repr(captioner)
    half = captioner.save(tmp_path / "half.safetensors", half=True)
    assert half.stat().st_size < 0.7 * (tmp_path / "it.safetensors").stat().st_size
    assert Captioner.load(half).parameters_count == captioner.parameters_count


def test_a_name_that_no_captioner_has_is_refused() -> None:
    with pytest.raises(CourseError, match="no trained captioner 'photos'"):
        trained_captioner("photos")


@pytest.mark.parametrize("name", TRAINED)
def test_the_courses_own_captioners_can_be_read_and_asked(name: str) -> None:
    captioner = trained_captioner(name)
    said = captioner.caption(TEST.images[:3])
    assert all(text for text in said)
    if captioner.attention is not None:
        words, weights = captioner.attend(TEST.images[0])
        assert " ".join(words) == said[0]
        assert len(weights) == len(words)
