"""The n-gram: probabilities that sum to 1, what it writes, and what it looks at."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.models.checkpoints import save_checkpoint
from course_utils.models.ngram import NGram
from course_utils.models.tokenisers import LEVELS
from tests.models.test_base import contents, written

PROSE = "the cat sat on the mat. the dog sat on the log.\n" * 30


def counted(order: int = 5, level: str = "char", text: str = PROSE) -> NGram:
    model = NGram(order, level)
    model.fit(text)
    return model


def mass(model: Any, signs: str, length: int) -> float:
    """The probability of all texts of a length that are made of some signs."""
    return sum(math.exp(-length * model.nats("".join(text))) for text in itertools.product(signs, repeat=length))


@pytest.mark.parametrize("order", [1, 2, 5])
@given(st.text("ab", min_size=1, max_size=12))
def test_the_probabilities_of_all_texts_of_a_length_sum_to_one(order: int, text: str) -> None:
    """But for texts with characters that were never seen: the n-gram knows what it leaves for those."""
    model = counted(order, text="ab" + text)
    last = model.token_nats("ab" * 3 + "c")[-1]
    assert 0 < math.exp(-last) < 1
    unseen = 1 - sum(math.exp(-float(model.token_nats(sign)[0])) for sign in "ab")
    assert mass(model, "ab", 1) == pytest.approx(1 - unseen)
    assert (1 - unseen) ** 4 * 0.5 < mass(model, "ab", 4) < 1


@pytest.mark.parametrize("level", LEVELS)
def test_at_no_level_more_than_one_is_given_away(level: str) -> None:
    model = counted(3, level, "ab a b ba " * 40)
    for length in (1, 2, 3, 4):
        assert 0.01 < mass(model, "ab ", length) <= 1 + 1e-9  # many tokens are longer


def test_what_it_has_seen_costs_little_and_the_rest_more() -> None:
    model = counted()
    assert model.nats("the cat sat on the mat.") < 0.5 < model.nats("zebras, quietly?")
    assert model.bits_per_character("the") == pytest.approx(model.nats("the") / math.log(2))
    assert model.token_nats("the cat").shape == (7,)
    assert model.nats("李") > math.log(1_000_000)


def test_it_writes_what_it_has_read() -> None:
    model = counted()
    text = model.sample("the cat", 60, temperature=0)
    assert text.startswith(" sat on the")
    assert len(text) == 60
    assert model.sample(length=40, seed=1) == model.sample(length=40, seed=1) != model.sample(length=40, seed=2)
    assert model.sample("the cat", 60, top_k=1) == text


def test_it_looks_no_further_than_its_order() -> None:
    found = counted(4).saliency("on the mat")
    assert (found[:-3] == 0).all()
    assert (found[-3:] > 0).any()
    assert counted(1).saliency("on").tolist() == [0, 0]
    assert counted(5).saliency("o").shape == (1,)


def test_the_history_has_one_step() -> None:
    history = NGram(3).fit(PROSE, valid=PROSE, seconds=1)
    assert history.steps == 1
    assert list(history.table.columns) == ["step", "epoch", "seconds", "loss", "valid"]
    assert "interpolated Kneser-Ney" in str(history.described())


@pytest.mark.parametrize("level", LEVELS)
def test_it_is_kept_in_a_file(level: str, tmp_path: Path) -> None:
    model = counted(3, level)
    again = NGram.load(model.save(tmp_path / "it"))
    assert repr(again) == repr(model)
    assert again.nats(PROSE + "unseen 李") == model.nats(PROSE + "unseen 李")
    assert again.sample("the", 40) == model.sample("the", 40)


def test_counts_that_cannot_be_are_refused(tmp_path: Path) -> None:
    tensors, told = contents(counted(2).save(tmp_path / "it"))
    for name, value in (("counts_1", 0), ("counts_2", -1), ("keys_1", -1), ("keys_2", 10**12)):
        wrong = {**tensors, name: tensors[name].clone()}
        wrong[name][-1] = value
        with pytest.raises(CourseError, match="does not fit its own description"):
            NGram.load(written(tmp_path / "other", wrong, told))


def test_what_is_no_text_is_told() -> None:
    model = counted()
    cases: list[tuple[Any, str]] = [(b"ab", "Decode"), (["a"], "Join"), ("", "is empty"), (None, "NoneType")]
    for wrong, message in cases:
        for call in (model.fit, model.nats, model.bits_per_character, model.saliency):
            with pytest.raises(CourseError, match=message):
                call(wrong)
    with pytest.raises(CourseError, match="order must be a whole number from 1 to 12"):
        NGram(0)
    with pytest.raises(CourseError, match="not learned anything yet"):
        NGram().nats("a")


@pytest.mark.parametrize(
    "arguments",
    [
        {"temperature": -1},
        {"temperature": math.inf},
        {"temperature": math.nan},
        {"top_p": 0},
        {"top_p": 2},
        {"top_k": 0},
        {"length": -1},
        {"length": 1.5},
        {"seed": -1},
        {"prompt": 3},
    ],
    ids=str,
)
def test_numbers_that_cannot_be_meant_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(CourseError, match=rf"{next(iter(arguments))} (must|is)"):
        counted().sample(**arguments)


def test_a_model_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path / "it", "Translator", {"x": torch.zeros(1)}, {})
    with pytest.raises(CourseError, match="holds no NGram"):
        NGram.load(path)
