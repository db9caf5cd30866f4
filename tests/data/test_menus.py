"""Menus in two languages: what is left out, what is a near duplicate, and what needs no network."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data import menus as menu_texts
from course_utils.data.menus import copied, looked_up, menu_split, menus, plain, word_by_word
from course_utils.errors import CourseError


def test_the_menus_are_pairs_worth_learning() -> None:
    pairs = menus()
    assert len(pairs) == len({source for source, _ in pairs}) > 2_500
    assert all(source and target and source != target for source, target in pairs)
    assert dict(pairs)["Critical"] == "Critique"
    with pytest.raises(CourseError, match="no language of menus 'de'"):
        menus("de")


def test_near_duplicates_stand_in_one_part() -> None:
    split = menu_split()
    parts = [{plain(source) for source, _ in part} for part in (split.train, split.valid, split.test)]
    assert not parts[0] & parts[1] | parts[0] & parts[2] | parts[1] & parts[2]
    assert len(split.test) == 300
    assert sorted([*split.train, *split.valid, *split.test]) == sorted(menus())
    assert split == menu_split()
    assert sum(split.left_out.values()) > 0


def test_what_is_a_near_duplicate() -> None:
    assert plain("Save As…") == plain("save as...") == plain("SAVE AS")
    assert plain("Save") != plain("Save All")
    assert plain("…") == "…"


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        ("Open", "Ouvrir", ""),
        ("", "x", "no text"),
        ("Open", "", "no text"),
        ("Python", "Python", "not translated"),
        ("%1: {x}", "%1 : {x}", "no words"),
    ],
)
def test_texts_that_teach_nothing_are_left_out(source: str, target: str, reason: str) -> None:
    assert menu_texts._unfit(source, target) == reason


TRAIN = [("Open File", "Ouvrir le fichier"), ("Close File", "Fermer le fichier"), ("Open Folder", "Ouvrir le dossier")]


def test_baselines() -> None:
    assert copied(["Open"]) == ["Open"]
    assert looked_up([source for source, _ in TRAIN], TRAIN) == [target for _, target in TRAIN]
    assert looked_up(["Close file!", ""], TRAIN)[0] == "Fermer le fichier"
    assert word_by_word(["close Python"], TRAIN) == ["Fermer Python"]


@given(st.text(max_size=8), st.text(max_size=8), st.integers(1, 4))
def test_overlap_is_dices_coefficient(a: str, b: str, n: int) -> None:
    left, right = menu_texts.grams(a, n), menu_texts.grams(b, n)
    assert menu_texts.overlap(left, left) == 1
    assert 0 <= menu_texts.overlap(left, right) == menu_texts.overlap(right, left) <= 1
