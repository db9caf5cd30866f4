"""The experiment of claims C05 and C06: equal sizes, mirrored sentences, cut contexts, ceilings, and equal tries."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.assistant import TaggedSentences, assistant_sentences, drawn_with_repeats
from course_utils.errors import CourseError
from course_utils.experiments.applications import entity_tagging
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import is_stored, load
from course_utils.metrics.spans import span_scores, spans_of
from course_utils.models.tagger import Tagger
from course_utils.models.tagger_inputs import FIRST, Vocabulary
from tests.experiments.small_runs import small_rows, small_settings
from tests.strategies import examples

TINY = {"rates": {"RNN": [0.01]}, "hidden_size": 4, "per_template": 1, "steps": 1, "judged": {"known templates": 1}}


@pytest.mark.parametrize("network", list(entity_tagging.NETWORKS))
def test_networks_have_as_many_weights_as_whole_units_allow(network: str) -> None:
    wanted = entity_tagging.weights_of("BiLSTM", 40, 45, 39)
    width = entity_tagging.width_like(network, 40)
    sizes = [entity_tagging.weights_of(network, width + step, 45, 39) for step in (-1, 0, 1)]
    assert abs(sizes[1] - wanted) <= min(abs(sizes[0] - wanted), abs(sizes[2] - wanted))
    assert abs(sizes[1] / wanted - 1) < 0.02


def test_sizes_are_counted_for_the_characters_and_tags_that_a_training_has() -> None:
    train = assistant_sentences(4, 320).train
    known = Vocabulary.of(train.tokens, train.tags, True)
    assert (FIRST + len(known.characters), len(known.tags)) == (45, 39)
    tagger = Tagger(crf=True, hidden_size=5)
    tagger.fit(train.tokens[:50], train.tags[:50], steps=1, progress=False)
    assert tagger.model is not None
    found = Vocabulary.of(train.tokens[:50], train.tags[:50], True)
    counted = entity_tagging.weights_of("BiLSTM with CRF", 5, FIRST + len(found.characters), len(found.tags))
    assert tagger.model.read_and_written == counted


@examples(60)
@given(st.lists(st.sampled_from(["O", "B-a", "I-a", "B-b", "I-b"]), max_size=8))
def test_mirrored_twice_is_as_before_and_spans_are_the_same_tokens(tags: list[str]) -> None:
    tokens = [str(number) for number in range(len(tags))]
    given = TaggedSentences([tokens], [tags], [0])
    turned = entity_tagging.mirrored(given)
    found, right = (
        {(kind, frozenset(some.tokens[0][start:end])) for kind, start, end in spans_of(some.tags[0])}
        for some in (turned, given)
    )
    assert found == right
    again = entity_tagging.mirrored(turned)
    assert again.tokens == given.tokens
    assert spans_of(again.tags[0]) == spans_of(tags)


class Echo(Tagger):
    """Says how many tokens stand to the left and to the right of each."""

    def tag(self, sentences):  # type: ignore[no-untyped-def]
        return [[f"B-{index} {len(row) - 1 - index}" for index in range(len(row))] for row in sentences]


@pytest.mark.parametrize(
    ("context", "seen"),
    [
        (entity_tagging.WHOLE, ["B-0 2", "B-1 1", "B-2 0"]),
        (entity_tagging.NO_LEFT, ["B-0 2", "B-0 1", "B-0 0"]),
        (entity_tagging.NO_RIGHT, ["B-0 0", "B-1 0", "B-2 0"]),
        (entity_tagging.ALONE, ["B-0 0"] * 3),
    ],
)
def test_each_token_is_tagged_from_the_side_that_is_left(context: str, seen: list[str]) -> None:
    assert entity_tagging.masked_tags(Echo(), [["a", "b", "c"], ["d"], []], context) == [seen, ["B-0 0"], []]


def test_a_kind_is_scored_on_its_own_spans_and_tokens() -> None:
    right = [["B-a", "I-a", "O", "B-b"]]
    given = [["B-a", "O", "B-a", "B-b"]]
    assert entity_tagging.scores(given, right) == {"f1": pytest.approx(2 * 1 / 5), "accuracy": 0.5}
    assert entity_tagging.scores(given, right, "a") == {"f1": 0, "accuracy": 0.5}
    assert entity_tagging.scores(given, right, "b") == {"f1": 1, "accuracy": 1}


def test_ceilings_of_the_templates_bound_what_can_be_known_and_both_sides_know_more() -> None:
    tokens = drawn_with_repeats("train", 1, seed=2)
    left, both = entity_tagging.ceilings("train", tokens.tokens)
    assert left["f1"] < 0.85 < both["f1"] <= 1
    assert left["accuracy"] < both["accuracy"] <= 1


def test_a_reader_from_the_left_cannot_tell_a_number_by_the_unit_that_follows() -> None:
    found = entity_tagging.reader("train").from_the_left(["cancel", "my", "timer", "for", "63", "minutes"])[4]
    assert max(found.values()) < 0.6
    assert {"B-hours", "B-minutes", "B-seconds"} <= found.keys()


def test_rows_hold_every_network_and_for_the_masked_one_every_context_and_kind() -> None:
    found = small_rows("tagging")
    assert {*found["network"]} == {*entity_tagging.CHOSEN, entity_tagging.FROM_LEFT, entity_tagging.FROM_BOTH}
    masked = found[found["network"] == "BiLSTM"]
    assert len(masked) == masked["seed"].nunique() * 2 * 4 * (1 + len(entity_tagging.KINDS))
    assert found[["f1", "accuracy"]].apply(lambda column: column.between(0, 1)).all(axis=None)


@pytest.mark.parametrize("network", [entity_tagging.RIGHT, entity_tagging.RNN_RIGHT])
def test_the_network_from_the_right_reads_and_is_judged_on_mirrored_sentences(
    network: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def knows(self: Tagger, sentences: list[list[str]]) -> list[list[str]]:
        drawn = entity_tagging.mirrored(drawn_with_repeats("test", 1, 0))
        answers = {tuple(tokens): tags for tokens, tags in zip(drawn.tokens, drawn.tags, strict=True)}
        return [answers[tuple(row)] for row in sentences]

    monkeypatch.setattr(Tagger, "tag", knows)
    settings = small_settings("tagging", rates={network: [0.01]}, judged={entity_tagging.NEW: 1})
    *_, row = entity_tagging.measure(0, **settings)
    assert row["network"] == network
    assert row["f1"] > 0.95  # a sentence that two templates tag differently cannot be known


def test_every_network_was_given_as_many_tries_on_a_seed_and_templates_that_are_not_reported() -> None:
    search, reported = experiment("tagging_search"), experiment("tagging")
    assert search.settings["rates"] == {name: list(entity_tagging.RATES) for name in entity_tagging.CHOSEN}
    assert not {*search.settings["judged"]} & {*reported.settings["judged"]}
    assert not {*search.seeds} & {*reported.seeds}
    assert reported.settings["rates"] == {name: [lr] for name, lr in entity_tagging.CHOSEN.items()}
    assert all(search.settings[same] == reported.settings[same] for same in ("steps", "hidden_size", "per_template"))


def test_the_chosen_rates_are_those_that_the_search_found() -> None:
    if not is_stored("tagging_search"):
        pytest.skip("the search has not been run yet")
    table = load("tagging_search").table
    found = table[table["network"].isin([*entity_tagging.CHOSEN])].groupby(["network", "lr"])["f1"].mean()
    assert {name: float(found[name].idxmax()) for name in entity_tagging.CHOSEN} == entity_tagging.CHOSEN


def test_each_seed_of_the_splits_holds_out_other_templates_and_no_more_is_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    learned: dict[int, list[list[str]]] = {}
    trained, split = entity_tagging._trained, {**experiment("tagging_splits").settings, **TINY}

    def kept(network: str, train: TaggedSentences, width: int, seed: int, *rest: Any) -> Any:
        learned[seed] = train.tokens
        return trained(network, train, width, seed, *rest)

    monkeypatch.setattr(entity_tagging, "_trained", kept)
    for seed in (330, 331):
        entity_tagging.measure(seed, **split)
        assert learned[seed] == assistant_sentences(1, seed, order=seed).train.tokens
    whole = experiment("tagging").settings
    assert {name for name in whole if whole[name] != split.get(name)} == {"rates", "masks", "kinds", *TINY}
    assert all(
        experiment("tagging_splits").settings[name] == whole[name] for name in ("steps", "hidden_size", "judged")
    )


@pytest.mark.skipif(not is_stored("tagging_splits_search"), reason="it has not been run yet")
def test_the_rate_from_the_right_is_the_best_of_as_many() -> None:
    found = load("tagging_splits_search").table.query("network == @entity_tagging.RNN_RIGHT")
    assert found.groupby("lr")["f1"].mean().idxmax() == entity_tagging.SPLIT_RATES[entity_tagging.RNN_RIGHT]
    assert {*found["lr"]} == {*entity_tagging.RATES, *entity_tagging.WIDER}


@pytest.mark.skipif(not is_stored("tagging"), reason="it has not been run yet")
def test_no_reader_from_the_left_was_above_its_ceiling() -> None:
    table = load("tagging").table
    whole = table[(table["context"] == entity_tagging.WHOLE) & (table["kind"] == entity_tagging.ALL)]
    for name in (entity_tagging.KNOWN, entity_tagging.NEW):
        part: pd.DataFrame = whole[whole["templates"] == name].pivot_table(index="seed", columns="network", values="f1")
        assert (part[["RNN", "LSTM"]].max(axis=1) < part[entity_tagging.FROM_LEFT] + 0.01).all()  # the luck of a draw


@pytest.mark.skipif(not is_stored("tagging"), reason="it has not been run yet")
def test_what_is_computed_does_not_count_as_a_network_without_weights() -> None:
    counts = load("tagging").table["parameters"]
    assert counts.min() == 0  # the ceilings
    told = experiment("tagging").described().size
    assert f", {counts[counts > 0].min():,} to {counts.max():,} parameters" in told


@pytest.mark.parametrize(
    ("changed", "says"), [({"rates": {"BERT": [0.1]}}, "BiLSTM with CRF"), ({"judged": {"all": 1}}, "known templates")]
)
def test_what_does_not_exist_is_refused(changed: dict[str, dict[str, object]], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        entity_tagging.measure(0, **small_settings("tagging", **changed))


def test_scores_of_the_package_are_those_of_the_rows() -> None:
    assert entity_tagging.scores([["B-a"]], [["B-a"]])["f1"] == span_scores([["B-a"]], [["B-a"]]).f1
