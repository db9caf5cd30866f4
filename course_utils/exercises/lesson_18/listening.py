"""Lesson 18: clips without names, to listen to before one knows whose they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from course_utils.models.music import ChordModel

BACH = "Bach"
ORDER = {"A": "tanh RNN", "B": "LSTM", "C": BACH, "D": "GRU", "E": "ReLU RNN"}


def blind_clips(
    tune: Sequence[Any], networks: Mapping[str, ChordModel], given: int = 8, length: int = 24, temperature: float = 0.7
) -> dict[str, list[Any]]:
    """The same beginning, played on by each network and by the composer, under letters.

    Args:
        tune: the composer's, at least `given` + `length` frames.
        networks: by name, those of `ORDER`.
        given: frames of the beginning.
        length: frames that are added.
        temperature: of the networks.

    Returns:
        By letter, tunes of `given` + `length` frames.
    """
    return {
        letter: list(tune[: given + length])
        if name == BACH
        else networks[name].sample(tune[:given], length, temperature=temperature, seed=0)
        for letter, name in ORDER.items()
    }
