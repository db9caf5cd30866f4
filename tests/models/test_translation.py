"""The translator: it learns, its search is the one of the lesson, and whatever it is given has an answer."""

from __future__ import annotations

import functools
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.number_words import number_pair
from course_utils.errors import CourseError
from course_utils.models.tokenisers import Subwords
from course_utils.models.translation import Translator, trained_translator
from course_utils.models.translation_training import Batches
from course_utils.nn.sequences import END, PAD, UNKNOWN

PAIRS = [number_pair(number) for number in range(60)]


@functools.cache
def learned(attention_kind: str | None = "multiplicative", level: str = "char", cell: str = "lstm") -> Translator:
    """A small translator that has learned a little."""
    translator = Translator(cell, 16, attention_kind, level)
    translator.fit(PAIRS, steps=25, batch_size=16, progress=False)
    return translator


# ---------------------------------------------------------------------------------------------------------------------
# The network


ROWS = st.lists(st.integers(4, 8), min_size=1, max_size=6)


# ---------------------------------------------------------------------------------------------------------------------
# Text


@functools.cache
def subwords() -> Subwords:
    return Subwords.of([side for pair in PAIRS for side in pair], 300)


# ---------------------------------------------------------------------------------------------------------------------
# Learning


@pytest.mark.parametrize(("cell", "kind", "level"), [("lstm", "additive", "char"), ("gru", "multiplicative", "word")])
def test_it_learns_a_few_pairs_by_heart(cell: str, kind: str, level: str) -> None:
    some = PAIRS[:12]
    translator = Translator(cell, 48, kind, level)
    history = translator.fit(some, steps=160, dropout=0.0, batch_size=12, progress=False)
    assert translator.translate([source for source, _ in some]) == [target for _, target in some]
    assert history.steps == 160


def test_without_attention_too_and_with_subwords() -> None:
    some = PAIRS[:8]
    translator = Translator("lstm", 48, None, "subword")
    translator.fit(some, some, epochs=160, dropout=0.0, progress=False)
    assert translator.translate([source for source, _ in some], beam=3) == [target for _, target in some]


def test_the_seed_decides_and_nothing_outside_is_touched() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    threads = torch.get_num_threads()
    first, again, other = (Translator(hidden_size=8, seed=seed) for seed in (0, 0, 1))
    for translator in (first, again, other):
        translator.fit(PAIRS, PAIRS[:5], steps=3, progress=False)
    assert torch.equal(torch.rand(3), expected)
    assert torch.get_num_threads() == threads
    weights = [dict(one.model.named_parameters()) for one in (first, again, other) if one.model is not None]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert not torch.equal(weights[0]["mixed.weight"], weights[2]["mixed.weight"])


def test_patience_and_epochs_are_handed_on() -> None:
    translator = Translator(hidden_size=4)
    assert translator.fit(PAIRS, epochs=2, batch_size=20, progress=False).steps == 6
    history = translator.fit(PAIRS, PAIRS[:5], steps=400, lr=1e-9, patience=2, progress=False)
    assert history.steps < 400
    assert "without a better" in history.stopped


def test_a_short_time_is_enough_for_a_step() -> None:
    assert Translator(hidden_size=4).fit(PAIRS, PAIRS[:5], seconds=0.01, progress=False).steps >= 1


@given(st.lists(st.tuples(ROWS, ROWS), min_size=1, max_size=30), st.integers(1, 7))
def test_an_epoch_has_every_pair_once(pairs: list[tuple[list[int], list[int]]], size: int) -> None:
    batches = Batches(pairs, size, 0)
    seen = [
        ([t for t in source if t != PAD], [t for t in target if t not in (PAD, END)])
        for batch in batches
        for source, target in zip(batch.sources.tolist(), batch.targets.tolist(), strict=True)
    ]
    assert sorted(seen) == sorted(pairs)
    assert len(batches) == math.ceil(len(pairs) / size)


def test_the_number_of_parameters_is_that_of_the_tensors() -> None:
    translator = learned(level="subword")
    assert translator.model is not None
    assert translator.parameters_count == sum(p.numel() for p in translator.model.parameters())
    assert repr(translator).endswith("parameters)")


# ---------------------------------------------------------------------------------------------------------------------
# Translating


@pytest.mark.parametrize("level", ["char", "word", "subword"])
@pytest.mark.parametrize("kind", ["additive", None])
def test_the_order_is_kept_and_company_changes_nothing(level: str, kind: str | None) -> None:
    translator = learned(kind, level)
    sentences = ["vingt et un", "", "deux", "cinquante-sept " * 4, "   ", "trente"]
    for beam in (1, 3):
        together = translator.translate(sentences, beam=beam)
        assert together == [translator.translate([sentence], beam=beam)[0] for sentence in sentences]
        assert together[1] == together[4] == ""
    assert translator.translate([]) == []
    assert translator.translate(("deux",)) == translator.translate(["deux"])


def test_unknown_signs_and_great_lengths_have_an_answer() -> None:
    for level in ("char", "word", "subword"):
        translator = learned(level=level)
        for sentence in ("日本語 🙂", "<end>", "\x00", "é" * 300, "mot " * 300):
            (said,) = translator.translate([sentence], beam=2)
            assert isinstance(said, str)
    with pytest.raises(CourseError, match="2,000 are the most"):
        learned().translate(["x" * 2001])


def test_an_unknown_word_is_copied_from_where_attention_looks() -> None:
    translator = learned("additive", "word")
    assert translator.model is not None
    with torch.no_grad():
        before = translator.model.bias.clone()
        translator.model.bias[UNKNOWN] = 50.0  # now it says nothing but "unknown"
    said = translator.translate(["Zaphod"])[0]
    with torch.no_grad():
        translator.model.bias.copy_(before)
    assert set(said.split()) == {"Zaphod"}


@pytest.mark.parametrize("kind", ["additive", "multiplicative"])
@pytest.mark.parametrize("level", ["char", "word", "subword"])
def test_an_alignment_has_rows_of_weights_that_sum_to_1(kind: str, level: str) -> None:
    translator = learned(kind, level)
    source, target, weights = translator.align(" quarante-deux ")
    assert weights.shape == (len(target), len(source))
    assert torch.allclose(weights.sum(-1), torch.ones(len(target)), atol=1e-5)
    if level == "char":
        assert "".join(source) == "quarante-deux"
        assert "".join(target) == translator.translate(["quarante-deux"])[0]


@pytest.mark.parametrize("beam", [1, 2, 4])
def test_the_tree_is_that_of_the_search(beam: int) -> None:
    translator = learned()
    nodes = translator.beam_tree("trente", beam)
    assert nodes[0].parent is None
    for place, node in enumerate(nodes[1:], 1):
        assert node.parent is not None
        assert node.parent < place
        before = nodes[node.parent]
        assert before.state == "kept"
        assert node.depth == before.depth + 1
        assert node.log_probability <= before.log_probability
    assert "".join(n.token for n in nodes if n.best and n.token != "■") == translator.translate(["trente"], beam)[0]
    over = sum(node.state == "finished" for node in nodes)
    assert over <= beam
    assert all(
        sum(n.state != "dropped" for n in nodes if n.depth == depth) <= beam for depth in {node.depth for node in nodes}
    )


# ---------------------------------------------------------------------------------------------------------------------
# What cannot be meant


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], "it is empty"),
        ("deux two", "it is a str"),
        ({"deux": "two"}, "it is a dict"),
        (["deux", "trois"], "number 0 is 'deux'"),
        ([("deux", "two"), ("trois",)], "number 1 is"),
        ([("deux", 2)], "a side is"),
        ([("deux", "")], "none has text on both sides"),
        ([(" ", "\t"), ("", "two")], "none has text on both sides"),
        ([("x" * 500, "y")], "longer than 400"),
    ],
)
def test_pairs_that_cannot_be_learned_from_are_refused_with_a_sentence(pairs: Any, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        Translator(hidden_size=4).fit(pairs, steps=1, progress=False)


def test_odd_pairs_beside_good_ones_are_left_out_and_counted() -> None:
    translator = Translator(hidden_size=4)
    odd = [("", "x"), ("x", " "), ("x" * 5000, "y")]
    translator.fit([*PAIRS[:3], *odd, *PAIRS[:3]], steps=1, progress=False)
    assert translator.left_out == {"empty": 2, "too long": 1}
    with pytest.raises(CourseError, match="nothing to validate with"):
        translator.fit(PAIRS, [("", "")], steps=1, progress=False)


@pytest.mark.parametrize("level", ["char", "word", "subword"])
def test_one_pair_is_enough(level: str) -> None:
    translator = Translator(hidden_size=64, level=level)
    translator.fit([("bonjour", "hello")], steps=150, dropout=0.0, progress=False)
    assert translator.translate(["bonjour"]) == ["hello"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cell": "lstn"}, "Did you mean 'lstm'"),
        ({"attention": "sideways"}, "no attention 'sideways'"),
        ({"level": "letter"}, "no level 'letter'"),
        ({"hidden_size": 0}, "hidden_size must be a whole number from 1"),
        ({"hidden_size": 8.0}, "hidden_size must be"),
        ({"seed": -1}, "seed must be"),
    ],
)
def test_arguments_that_cannot_be_meant(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(CourseError, match=message):
        Translator(**arguments)


def test_questions_that_cannot_be_answered() -> None:
    translator: Any = learned()
    for ask, message in (
        (lambda: Translator().translate(["x"]), "not learned anything yet"),
        (lambda: Translator().parameters_count, "not learned anything yet"),
        (lambda: translator.translate("deux"), r"write translate\(\[sentence\]\)"),
        (lambda: translator.translate(["deux", 3]), "Sentence 1 is a int"),
        (lambda: translator.translate(["deux"], beam=0), "beam must be a whole number from 1"),
        (lambda: translator.align(""), "empty"),
        (lambda: translator.beam_tree(3), "a string; this is a int"),
        (lambda: learned(None).align("deux"), "no attention"),
    ):
        with pytest.raises(CourseError, match=message):
            ask()
    assert learned(None).beam_tree("deux", 2)


# ---------------------------------------------------------------------------------------------------------------------
# Keeping


@pytest.mark.parametrize("level", ["char", "word", "subword"])
def test_what_was_saved_translates_as_before(level: str, tmp_path: Path) -> None:
    translator = learned("additive", level)
    again = Translator.load(translator.save(tmp_path / "it.safetensors"))
    sentences = [source for source, _ in PAIRS[:20]]
    assert again.translate(sentences, beam=2) == translator.translate(sentences, beam=2)
    assert again.parameters_count == translator.parameters_count
    half = translator.save(tmp_path / "half.safetensors", half=True)
    assert half.stat().st_size < 0.7 * (tmp_path / "it.safetensors").stat().st_size
    assert Translator.load(half).parameters_count == translator.parameters_count


def test_a_name_that_no_translator_has_is_refused() -> None:
    with pytest.raises(CourseError, match="no trained translator 'poems'"):
        trained_translator("poems")


@pytest.mark.parametrize("name", ["numbers", "menus"])
def test_the_courses_own_translators_can_be_read_and_asked(name: str) -> None:
    translator = trained_translator(name)
    source, target, weights = translator.align({"numbers": "vingt et un", "menus": "Open the file"}[name])
    assert weights.shape == (len(target), len(source))
    assert len(target) > 0


def test_a_computer_without_bfloat16_says_so_before_anything_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refuses(torch.nn.LSTM):
        def forward(self, *_: Any) -> Any:
            raise RuntimeError("could not create a primitive descriptor for the LSTM forward propagation primitive")

    monkeypatch.setattr(torch.nn, "LSTM", Refuses)
    with pytest.raises(CourseError, match=r"cannot compute recurrent layers in bfloat16 .*Leave out bf16=True"):
        Translator("gru", 4).fit([("un", "one")] * 4, steps=1, bf16=True, progress=False)
