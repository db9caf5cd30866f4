"""Places hidden from attention: what is hidden is what is said, one place at a time."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from course_utils.data.number_words import number_pair
from course_utils.errors import CourseError
from course_utils.experiments.applications import hidden_places
from course_utils.models.translation import Translator, trained_translator
from course_utils.nn.translation_model import TranslationModel

SOURCES = [number_pair(number)[0] for number in (62, 75, 21_081)]


def test_at_each_step_one_place_is_hidden_the_one_with_the_largest_weight_or_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    translator = trained_translator("numbers")
    masks: list[torch.Tensor] = []
    decode = TranslationModel.decode

    def watched(self: Any, inputs: Any, encoded: Any, states: Any) -> Any:
        masks.append(encoded.mask)
        return decode(self, inputs, encoded, states)

    monkeypatch.setattr(TranslationModel, "decode", watched)
    for source in SOURCES:
        most = translator.attended(source)[2].argmax(dim=-1)
        masks.clear()
        hidden_places.changed_when_hidden(translator, [source])
        looked_at, another = [mask for mask in masks if len(mask) == len(most)][-2:]
        assert (~looked_at).sum(dim=1).tolist() == (~another).sum(dim=1).tolist() == [1] * len(most)
        assert torch.equal((~looked_at).int().argmax(dim=1), most)
        assert ((~another).int().argmax(dim=1) != most).all()


def test_shares_are_shares_and_come_again_with_the_seed() -> None:
    translator = trained_translator("numbers")
    first = hidden_places.changed_when_hidden(translator, SOURCES, seed=3)
    assert first == hidden_places.changed_when_hidden(translator, SOURCES, seed=3)
    assert set(first) == {"looked at", "another"}
    assert all(0 <= share <= 1 for share in first.values())


def test_nothing_changes_where_nothing_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_hidden(encoded: Any, places: Any) -> Any:
        return type(encoded)(*(part.expand(len(places), *part.shape[1:]) for part in encoded))

    monkeypatch.setattr(hidden_places, "_hidden", nothing_hidden)
    found = hidden_places.changed_when_hidden(trained_translator("numbers"), SOURCES)
    assert found == {"looked at": 0, "another": 0}


def test_a_translator_without_attention_and_sentences_of_one_place_are_refused() -> None:
    with pytest.raises(CourseError, match="no attention"):
        hidden_places.changed_when_hidden(trained_translator("numbers_every"), SOURCES)
    single = Translator("lstm", 8, "additive", "char")
    single.fit([("a", "b"), ("c", "d")], steps=2, progress=False)
    with pytest.raises(CourseError, match="No sentence has 2 tokens"):
        hidden_places.changed_when_hidden(single, ["a"])
