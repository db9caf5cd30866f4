"""Texts as they are given, brought to one form: an accent is a part of its letter (Unicode's NFC)."""

from __future__ import annotations

import unicodedata


def composed(text: str) -> str:
    """The text with each accent in its letter, as most keyboards write it; on macOS many have it behind (NFD).

    Both look the same. To a model they are different characters, and to a table of words different words.

    Args:
        text: of any origin.
    """
    return unicodedata.normalize("NFC", text)
