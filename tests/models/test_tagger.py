"""The tagger: it learns, its answers are legal and those of its network, and whatever it is given has an answer."""

from __future__ import annotations

import functools
import re
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.assistant import assistant_sentences
from course_utils.data.resources import resource
from course_utils.errors import CourseError
from course_utils.metrics.spans import Span, in_one_form, span_scores, spans_of
from course_utils.models.checkpoints import load_checkpoint
from course_utils.models.tagger import TRAINED, Tagger, trained_tagger
from course_utils.nn.layers import LAYERS
from tests.strategies import examples

PLACES, TIMES = ["Ulm", "Bad Aibling", "Rome"], ["six", "half past two", "noon"]


def corpus(count: int = 60) -> tuple[list[list[str]], list[list[str]]]:
    """Sentences of two patterns: a place after "in", a time after "at"."""
    sentences, tags = [], []
    for n in range(count):
        place, time = PLACES[n % 3].split(), TIMES[n // 3 % 3].split()
        words, row = ["meet", "me", "in", *place], ["O"] * 3 + ["B-place", *["I-place"] * (len(place) - 1)]
        if n % 2:
            words, row = [*words, "at", *time], [*row, "O", "B-time", *["I-time"] * (len(time) - 1)]
        sentences.append(words)
        tags.append(row)
    return sentences, tags


SENTENCES, TAGS = corpus()


@functools.cache
def learned(cell: str = "lstm", bidirectional: bool = True, crf: bool = True, characters: bool = True) -> Tagger:
    tagger = Tagger(cell, bidirectional, crf, characters, hidden_size=24)
    tagger.fit(SENTENCES, TAGS, steps=150, dropout=0.1, lr=0.01, progress=False)
    return tagger


@pytest.mark.parametrize("cell", LAYERS)
@pytest.mark.parametrize("crf", [False, True])
def test_a_pattern_is_learnt(cell: str, crf: bool) -> None:
    tagger = learned(cell, crf=crf)
    assert tagger.score(SENTENCES, TAGS).f1 == 1
    assert tagger.kinds == ["place", "time"]
    assert tagger.spans([["meet", "me", "in", "Bad", "Aibling"], []]) == [[Span("place", 3, 5)], []]


def test_from_the_left_and_without_characters_too() -> None:
    assert learned(bidirectional=False, characters=False).score(SENTENCES, TAGS).f1 == 1


def test_with_a_field_an_i_never_stands_where_nothing_begins() -> None:
    tagger = Tagger(crf=True, hidden_size=4)
    tagger.fit(SENTENCES, TAGS, steps=1, progress=False)
    strange = [["six", "in", "in", "Rome", "at"] * 4, ["two"] * 9]
    for row in tagger.tag(strange):
        assert row == in_one_form(row)


def test_answers_do_not_depend_on_their_neighbours_and_keep_the_order() -> None:
    tagger = learned()
    mixed = [SENTENCES[5], [], SENTENCES[0] * 30, SENTENCES[3]]
    assert tagger.tag(mixed) == [tagger.tag([row])[0] for row in mixed]
    assert [spans_of(row) for row in tagger.tag(mixed)] == tagger.spans(mixed)


@pytest.mark.parametrize("crf", [False, True])
def test_probabilities_sum_to_1(crf: bool) -> None:
    tags, rows = learned(crf=crf).probabilities([SENTENCES[1], [], ["in"]])
    assert tags == ["O", "B-place", "I-place", "B-time", "I-time"]
    assert [tuple(row.shape) for row in rows] == [(len(SENTENCES[1]), 5), (0, 5), (1, 5)]
    assert all(torch.allclose(row.sum(1), torch.ones(len(row)), atol=1e-5) for row in rows)


def test_the_score_is_that_of_the_tags_and_takes_kinds_never_seen() -> None:
    tagger = learned()
    targets = [["B-other", "I-other", *row[2:]] for row in TAGS]
    assert tagger.score(SENTENCES, targets) == span_scores(tagger.tag(SENTENCES), targets)
    assert tagger.score(SENTENCES, targets).recall < 1


def test_other_forms_of_bio_teach_the_same() -> None:
    one, other = (Tagger(hidden_size=4) for _ in range(2))
    first_form = [[tag.replace("B-", "I-") for tag in row] for row in TAGS]
    one.fit(SENTENCES, TAGS, steps=2, progress=False)
    other.fit(SENTENCES, first_form, steps=2, progress=False)
    assert one.tag(SENTENCES) == other.tag(SENTENCES)


def test_validation_keeps_the_best_weights() -> None:
    tagger = Tagger(hidden_size=8)
    history = tagger.fit(SENTENCES[:40], TAGS[:40], (SENTENCES[40:], TAGS[40:]), epochs=6, progress=False)
    assert history.best is not None
    assert history.best.valid == history.table["valid"].min()
    assert 1 - tagger.score(SENTENCES[40:], TAGS[40:]).f1 == pytest.approx(history.best.valid)


def test_the_seed_decides_and_nothing_outside_is_touched() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    taggers = [Tagger(hidden_size=4, seed=seed) for seed in (0, 0, 1)]
    for tagger in taggers:
        tagger.fit(SENTENCES, TAGS, steps=2, progress=False)
    assert torch.equal(torch.rand(3), expected)
    first, again, other = (tagger.model.readout.weight for tagger in taggers if tagger.model)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize(
    ("data", "more", "said"),
    [
        (([], []), {}, "There is nothing to learn from"),
        (([[]], [[]]), {}, "There is nothing to learn from"),
        ((["wake me"], [["O"]]), {}, "Split it"),
        (([["a"]], [["PER"]]), {}, "'PER' is no tag of BIO"),
        (([["a"]], [["O", "O"]]), {}, "Sentence 0 has 1 tokens and 2 tags"),
        (([["a"]], [["O"]]), {"valid": ([["a"]],)}, "sentences, tags"),
        (([["a"]], [["O"]]), {"valid": ([[]], [[]])}, "There is nothing to validate with"),
        (([["a"]], [["O"]]), {"valid": ([["a"]], [["X"]])}, "'X' is no tag of BIO"),
        (([["a"]], [["O"]]), {"steps": 0}, "steps"),
        (([["a"]], [["O"]]), {"dropout": 1.0}, "dropout"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_with_a_sentence(data: Any, more: dict[str, Any], said: str) -> None:
    with pytest.raises(CourseError, match=re.escape(said)):
        Tagger().fit(*data, **{"steps": 1, "progress": False} | more)


@pytest.mark.parametrize(
    "arguments",
    [{"cell": "transformer"}, {"crf": 1}, {"characters": "yes"}, {"bidirectional": None}, {"hidden_size": 0}],
)
def test_arguments_that_cannot_be_meant(arguments: dict[str, Any]) -> None:
    with pytest.raises(CourseError):
        Tagger(**arguments)


def test_a_corpus_without_spans_gives_answers_without_spans() -> None:
    tagger = Tagger(crf=True, hidden_size=4)
    tagger.fit([["no", "place"], [], ["here"]], [["O", "O"], [], ["O"]], steps=2, progress=False)
    assert tagger.kinds == []
    assert tagger.tag([["anything"], []]) == [["O"], []]
    assert tagger.score([["no"]], [["B-place"]]).f1 == 0


def test_a_sentence_of_5000_tokens_is_tagged_and_learned_from() -> None:
    words, row = SENTENCES[1] * 700, TAGS[1] * 700
    tagger = Tagger(crf=True, hidden_size=8)
    tagger.fit([words], [row], steps=2, progress=False)
    assert len(tagger.tag([words])[0]) == len(words) >= 4_900


@given(st.lists(st.lists(st.text(max_size=6), max_size=5), max_size=4))
@examples(30)
def test_any_tokens_have_tags(sentences: list[list[str]]) -> None:
    tags = learned().tag(sentences)
    assert [len(row) for row in tags] == [len(row) for row in sentences]
    assert all(row == in_one_form(row) for row in tags)


@given(
    st.lists(
        st.lists(st.tuples(st.text(max_size=4), st.sampled_from(["O", "B-a", "I-a", "I-b"])), max_size=5),
        min_size=1,
        max_size=4,
    ).filter(any)
)
@examples(10)
def test_any_tagged_sentences_can_be_learned_from(pairs: list[list[tuple[str, str]]]) -> None:
    sentences, tags = [[w for w, _ in row] for row in pairs], [[t for _, t in row] for row in pairs]
    tagger = Tagger(crf=True, hidden_size=3)
    tagger.fit(sentences, tags, steps=2, progress=False)
    assert [len(row) for row in tagger.tag(sentences)] == [len(row) for row in sentences]


@pytest.mark.parametrize("reads", TRAINED)
def test_a_tagger_that_travels_with_the_course_is_as_good_as_its_file_says(reads: str) -> None:
    tagger = trained_tagger(reads)
    test = assistant_sentences().test
    f1 = tagger.score(test.tokens, test.tags).f1
    assert (tagger.bidirectional, tagger.characters) == (reads != "left", reads != "words")
    note = load_checkpoint(resource(f"checkpoints/tag_{reads}.safetensors"), "Tagger").note
    (told,) = re.findall(r"F1 of spans (0\.\d+) on", note)
    assert f1 == pytest.approx(float(told), abs=0.01)
    assert "dropout 0.2" in str(tagger.described())
    assert "start: torch's own, embeddings × 0.3 ·" in str(tagger.described())


@pytest.mark.parametrize("cell", ["relu_rnn", "gru"])
def test_a_tagger_tells_how_its_weights_began(cell: str) -> None:
    tagger = Tagger(cell, hidden_size=3)
    tagger.fit([["in", "Ulm"]], [["O", "B-place"]], steps=1, progress=False)
    assert ("W_hh identity" in str(tagger.described())) is (cell == "relu_rnn")
    assert "embeddings × 0.3" in str(tagger.described())


def test_a_tagger_that_does_not_travel_is_named() -> None:
    with pytest.raises(CourseError, match="both, left"):
        trained_tagger("right")
