"""The language model: probabilities that sum to 1, texts that are hard to read, what it writes and looks at."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch

from course_utils.data.english_text import english_text
from course_utils.errors import CourseError
from course_utils.models.language import LanguageModel, trained_language_model
from course_utils.models.tokenisers import LEVELS
from course_utils.nn.language_net import CELLS
from tests.models.test_base import contents, written
from tests.models.test_ngram import PROSE, mass

HARD = {
    "one character": "a",
    "the same character": "aaaa",
    "shorter than a window": "the cat",
    "carriage returns": "one\r\ntwo\r\n" * 30,
    "zero characters": "a\0b\0" * 30,
    "halves of characters": "a\ud800b\udfff" * 30,
    "accents behind their letters": "cafe\u0301 " * 30,
    "signs of other scripts": "語言模型𝄞" * 30,
    "spaces": " \n \t" * 30,
    "a single word": "x" * 500,
}


def learned(level: str = "char", cell: str = "lstm", text: str = PROSE, steps: int = 60, **arguments: Any) -> Any:
    model = LanguageModel(level, cell, 16, **arguments)
    model.fit(text, steps=steps, batch_size=4, seq_len=16, dropout=0.0, progress=False)
    return model


@pytest.fixture(scope="module")
def reader() -> LanguageModel:
    model = LanguageModel("char", "lstm", 32)
    model.fit(PROSE, steps=250, batch_size=4, seq_len=32, dropout=0.0, lr=0.02, progress=False)
    return model


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("cell", CELLS)
def test_it_learns_at_each_level_with_each_cell(level: str, cell: str) -> None:
    untaught = learned(level, cell, steps=1).bits_per_character(PROSE)
    assert learned(level, cell).bits_per_character(PROSE) < 0.8 * untaught


def test_the_probabilities_of_all_texts_of_a_length_sum_to_one() -> None:
    """All but those with characters that it has never seen, for which it keeps a share."""
    model = learned(text="abba" * 20)
    never_seen = 1 - mass(model, "ab", 1)
    assert 0 < never_seen < 0.2
    for length in (2, 3, 4):
        assert (1 - 0.2) ** length < mass(model, "ab", length) < 1


@pytest.mark.parametrize("level", LEVELS)
def test_at_no_level_more_than_one_is_given_away(level: str) -> None:
    model = learned(level, "gru", "ab a b ba " * 40)
    for length in (1, 2, 3, 4):
        assert 0.001 < mass(model, "ab ", length) <= 1 + 1e-6


def test_what_it_has_read_costs_less_than_what_it_has_not(reader: LanguageModel) -> None:
    assert reader.nats(PROSE) < 0.3 < reader.nats("zebras, quietly?")
    assert reader.bits_per_character("the") == pytest.approx(reader.nats("the") / math.log(2))
    assert reader.token_nats("the cat").shape == (7,)
    assert math.log(1_000_000) < reader.nats("李") < 50
    assert reader.nats(PROSE) == pytest.approx(float(reader.token_nats(PROSE).mean()))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", HARD)
def test_hard_texts_are_learned_from_and_judged(level: str, name: str, tmp_path: Path) -> None:
    text = HARD[name]
    model = learned(level, "gru", text, steps=3)
    assert 0 < model.bits_per_character(text) < 60
    assert 0 < model.bits_per_character("other text: \r\n\0\ud800e\u0301") < 80
    assert len(model.sample(length=20)) == 20
    assert len(model.saliency(text)) == len(model.pieces(text))
    assert LanguageModel.load(model.save(tmp_path / "it")).nats(text) == model.nats(text)


def test_it_writes_what_it_has_read(reader: LanguageModel) -> None:
    text = reader.sample("the cat", 30, temperature=0)
    assert text.startswith(" sat on the ")
    assert len(text) == 30
    assert reader.sample("the cat", 30, top_k=1) == reader.sample("the cat", 30, top_p=1e-9) == text
    assert reader.sample(length=40, seed=1) == reader.sample(length=40, seed=1) != reader.sample(length=40, seed=2)
    assert reader.sample(length=40, temperature=100, seed=1) != reader.sample(length=40, seed=1)
    assert reader.sample(length=0) == ""
    state = torch.get_rng_state()
    reader.sample()
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    "arguments",
    [
        {"temperature": -1},
        {"temperature": math.inf},
        {"temperature": math.nan},
        {"temperature": "hot"},
        {"top_p": 0},
        {"top_p": 2},
        {"top_p": -0.1},
        {"top_k": 0},
        {"top_k": 2.5},
        {"length": -1},
        {"length": 10**9},
        {"seed": -1},
        {"prompt": None},
    ],
    ids=str,
)
def test_numbers_that_cannot_be_meant_are_refused(reader: LanguageModel, arguments: dict[str, Any]) -> None:
    with pytest.raises(CourseError, match=rf"{next(iter(arguments))} (must|is)"):
        reader.sample(**arguments)


def test_saliency_is_the_gradient_of_a_logit(reader: LanguageModel) -> None:
    text = "the cat sat on the ma"
    found = reader.saliency(text, "t")
    assert found.shape == (len(text),)
    assert (found >= 0).all()
    model, codec = reader._trained(), reader._trained_codec()
    tokens = torch.cat([torch.tensor([model.vocabulary]), codec.encode(text)])
    with torch.no_grad():
        embedded = model.embed(tokens)[None].double()
    model.double()
    try:
        slopes = []
        for axis in range(embedded.shape[-1]):
            moved = [embedded.clone(), embedded.clone()]
            for sign, x in zip((1, -1), moved, strict=True):
                x[0, -1, axis] += sign * 1e-5
            high, low = (model.logits(model.read(x)[0][0, -1])[codec.encode("t")[0]].item() for x in moved)
            slopes.append((high - low) / 2e-5)
    finally:
        model.float()
    assert float(found[-1]) == pytest.approx(math.hypot(*slopes), rel=1e-3)
    assert reader.saliency("x" * 2_500)[:500].max() == 0


def test_states_are_those_it_reads_with(reader: LanguageModel) -> None:
    states = reader.states("the cat")
    assert states.shape == (7, 32)
    assert torch.allclose(reader.states("the cat sat")[:7], states, atol=1e-6)


@pytest.mark.parametrize("level", LEVELS)
def test_the_best_validation_is_kept_in_nats_per_character(level: str) -> None:
    model = LanguageModel(level, "gru", 8)
    history = model.fit(PROSE, valid=PROSE[:400], steps=30, progress=False)
    assert history.best is not None
    assert history.best.valid == pytest.approx(model.nats(PROSE[:400]))


def test_the_same_seed_learns_the_same() -> None:
    assert learned(seed=1).nats(PROSE) == learned(seed=1).nats(PROSE) != learned(seed=2).nats(PROSE)


def test_a_training_in_bfloat16_says_so() -> None:
    history = LanguageModel(hidden_size=8).fit(PROSE, steps=2, bf16=True, progress=False)
    assert "bfloat16" in str(history.described())
    assert "bfloat16" not in str(LanguageModel(hidden_size=8).fit(PROSE, steps=2, progress=False).described())


def test_a_text_of_megabytes_is_read() -> None:
    text = PROSE * 3_000
    assert len(text) > 4_000_000
    for level in LEVELS:
        model = LanguageModel(level, "rnn", 8)
        model.fit(text, valid=text, steps=2, progress=False)
        assert model.bits_per_character(text[:100_000]) > 0


def test_what_is_no_text_is_told(reader: LanguageModel) -> None:
    cases: list[tuple[Any, str]] = [(b"ab", "Decode"), (["a"], "Join"), ("", "is empty"), (None, "NoneType")]
    for wrong, message in cases:
        for call in (LanguageModel().fit, reader.nats, reader.bits_per_character, reader.saliency, reader.states):
            with pytest.raises(CourseError, match=message):
                call(wrong)
    with pytest.raises(CourseError, match="valid is empty"):
        LanguageModel().fit("text", valid="")
    for arguments, message in (
        ({"level": "letter"}, "no level 'letter'"),
        ({"cell": "LSTM"}, "no cell 'LSTM'"),
        ({"hidden_size": 0}, "hidden_size must be"),
        ({"layers": 0}, "layers must be"),
        ({"seed": -1}, "seed must be"),
    ):
        with pytest.raises(CourseError, match=message):
            LanguageModel(**arguments)


def test_a_share_for_the_unknown_that_cannot_be_is_refused(tmp_path: Path) -> None:
    tensors, told = contents(learned(steps=1).save(tmp_path / "it"))
    for wrong in (0, 1, 2.5, "x"):
        told["about"]["learned"]["novelty"] = wrong
        with pytest.raises(CourseError, match="novelty"):
            LanguageModel.load(written(tmp_path / "other", tensors, told))


@pytest.mark.parametrize("level", LEVELS)
def test_the_models_that_travel_with_the_course_have_learned_its_text(level: str) -> None:
    model = trained_language_model(level)
    assert model.level == level
    assert model.bits_per_character(english_text().test) < 1.8
    assert "850,000 characters" in str(model.described())
    assert len(model.sample("And Moses said", 50)) == 50


def test_there_is_no_trained_model_of_another_level() -> None:
    with pytest.raises(CourseError, match="no trained language model 'sentence'"):
        trained_language_model("sentence")
