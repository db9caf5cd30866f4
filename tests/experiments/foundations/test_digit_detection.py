"""Digits found on canvases: who sees which digits, equal sizes, and what each opponent is."""

from __future__ import annotations

import pandas as pd
import pytest
import torch

from course_utils.data import canvases as data_canvases
from course_utils.errors import CourseError
from course_utils.experiments.foundations import digit_detection
from course_utils.experiments.foundations.digit_detection import (
    FIXED,
    FLAT,
    FROZEN,
    INK,
    LATER,
    LONG,
    NETWORKS,
    OWN,
    RANDOM,
    SAME,
    SCALED,
    SEARCHED,
    SLIDING,
    WIDE,
)
from course_utils.experiments.framework.results import load
from course_utils.metrics.boxes import box_iou
from course_utils.metrics.detection import Detections
from course_utils.models.digit_net import trained_digit_net
from course_utils.nn.detection import DetectionNet
from course_utils.nn.parameters import parameters_count
from tests.experiments.small_runs import small_rows, small_settings


@pytest.fixture(scope="module")
def learned() -> digit_detection.Learned:
    return digit_detection.Learned.of(data_canvases.digit_canvases(60, 7, **digit_detection.DRAWN))


def test_rows_have_every_method_once_with_both_scores() -> None:
    found = small_rows("digit_detection", seeds=1).set_index("method")
    assert set(found.index) == {*NETWORKS, FIXED, SLIDING, INK}
    for column in ("mAP50", "mAP75"):
        assert found[column].between(0, 1).all()
    assert found.loc[FLAT, "parameters"] == pytest.approx(found.loc[OWN, "parameters"], rel=0.05)
    assert found.loc[LONG, "parameters"] == found.loc[FLAT, "parameters"]
    assert found.loc[INK, "parameters"] == pytest.approx(found.loc[OWN, "parameters"], rel=0.01)
    assert found.loc[SCALED, "parameters"] == found.loc[RANDOM, "parameters"]
    assert found.loc[FIXED, "parameters"] == 0


def test_the_wide_network_makes_as_many_multiplications() -> None:
    own, wide = (digit_detection.multiplications(digit_detection.network(name, 0)) for name in (OWN, WIDE))
    assert wide == pytest.approx(own, rel=0.002)
    by_hand = 16**2 * 9 * 24 + 64 * 9 * (24 * 48 + 2 * 48 * 48) + 16 * (9 * 64 * (48 + 64) + 64 * 48) + 64 * 48 * 14
    assert own == by_hand


def test_one_network_is_trained_eight_times_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    lasted = []
    monkeypatch.setattr(digit_detection, "train", lambda *_, steps, **__: lasted.append(steps))
    settings = small_settings("digit_detection", rates={FLAT: [0.006], LONG: [0.006]})
    digit_detection.measure(0, **settings)
    assert lasted == [settings["steps"], 8 * settings["steps"]]


@pytest.mark.parametrize("part", ["valid", "test"])
def test_what_is_judged_was_not_learned_from(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    drawn = data_canvases.digit_canvases

    def noted(count: int, seed: int, which: str, **options: object) -> data_canvases.Canvases:
        asked.append((which, count))
        return drawn(count, seed, which, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(digit_detection, "digit_canvases", noted)
    settings = small_settings("digit_detection", rates={}, digits_part=part)
    digit_detection.measure(0, **settings)
    assert asked == [("train", settings["canvases"]), (part, settings["judged"])]
    with pytest.raises(CourseError, match="part of the digits"):
        digit_detection.measure(0, **small_settings("digit_detection", digits_part="train"))


def test_frozen_layers_stay_and_those_of_lesson_02_are_its_own() -> None:
    frozen, random, same = (digit_detection.network(name, 0) for name in (FROZEN, RANDOM, SAME))
    expected = next(trained_digit_net().convolutions.parameters())
    stems = []
    for model in (frozen, random, same):
        assert isinstance(model, DetectionNet)
        stems.append(next(model.stem.parameters()))
    assert torch.equal(stems[0], expected)
    assert not torch.equal(stems[1], expected)
    assert torch.equal(stems[1], stems[2])  # the same first weights, once frozen and once not
    assert [weights.requires_grad for weights in stems] == [False, False, True]
    assert parameters_count(frozen, trained_only=True) == parameters_count(random, trained_only=True)
    assert parameters_count(frozen) == parameters_count(same, trained_only=True)
    with pytest.raises(CourseError, match="network"):
        digit_detection.network("boxes", 0)


def test_a_window_sees_a_digit_as_mnist_has_it() -> None:
    picture = torch.zeros(1, 48, 48, dtype=torch.uint8)
    picture[:, 10:30, 20:32] = 255  # a box of 12 × 20, its centre (26, 20)
    (seen,) = digit_detection.windows_at(picture, torch.tensor([[26.0, 20.0]]), torch.tensor([20.0]))
    ink = seen[0] > 0.5
    rows, columns = ink.any(1).nonzero()[:, 0], ink.any(0).nonzero()[:, 0]
    assert [rows[0], rows[-1] + 1, columns[0], columns[-1] + 1] == [4, 24, 8, 20]


def test_windows_to_learn_from_are_digits_and_ground(learned: digit_detection.Learned) -> None:
    images, labels = digit_detection.window_pictures(learned, 0)
    assert images.shape == (len(labels), 1, 28, 28)
    counted = torch.bincount(labels, minlength=11)
    assert counted[:10].sum() == sum(len(own.boxes) for own in learned.truth)
    assert 0.5 < counted[10] / counted[:10].sum() <= digit_detection.LOOKED
    inner = images[:, 0, 6:22, 6:22].mean((1, 2))
    assert inner[labels < 10].mean() > 2 * inner[labels == 10].mean()


def test_a_window_that_knows_the_answer_finds_it() -> None:
    picture = torch.zeros(1, 32, 32, dtype=torch.uint8)
    picture[:, 10:26, 8:20] = 255

    class Knows(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            target = x.new_zeros(28, 28)
            target[4:24, 6:22] = 1
            logits = torch.full((len(x), 11), -9.0)
            logits[:, 10] = 0
            logits[:, 3] = 4 - 0.2 * (x[:, 0] - target).abs().sum((1, 2))
            return logits

    found = digit_detection.slide(Knows(), torch.full((10,), 0.8), picture)
    assert found.classes[0] == 3
    assert box_iou(found.boxes[:1], torch.tensor([[8.0, 10, 20, 26]])).item() > 0.7
    assert (found.boxes >= 0).all()


def test_pieces_of_ink_are_framed_and_each_digit_has_its_share(learned: digit_detection.Learned) -> None:
    class Sees(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.one_hot((x > 0.5).sum((1, 2, 3)) * 0 + 3, 10).float()

    picture = torch.zeros(1, 32, 32, dtype=torch.uint8)
    picture[:, 10:26, 8:20] = 255
    found = digit_detection.read_pieces(Sees(), picture)
    assert found.boxes.shape == (10, 4)
    assert torch.equal(found.boxes[0], torch.tensor([8.0, 10, 20, 26]))
    assert found.classes.tolist() == list(range(10))
    assert found.scores.sum().item() == pytest.approx(1)
    assert found.scores.argmax() == 3
    assert len(digit_detection.read_pieces(Sees(), torch.zeros(1, 32, 32, dtype=torch.uint8)).boxes) == 0
    reader = digit_detection.ink_reader(learned, 0, epochs=8, lr=0.01)
    assert learned.scores([digit_detection.read_pieces(reader, own) for own in learned.pictures])["mAP50"] > 0.3


def test_scores_of_the_right_answer(learned: digit_detection.Learned) -> None:
    assert learned.scores(learned.truth) == {"mAP50": pytest.approx(1), "mAP75": pytest.approx(1)}
    nothing = Detections(torch.zeros(0, 4), torch.zeros(0, dtype=torch.long), torch.zeros(0))
    assert set(learned.scores([nothing] * 60).values()) == {0.0}


def test_the_chosen_rates_are_those_that_the_searches_found() -> None:
    searches = [load(f"digit_detection{kind}_search") for kind in ("", "_wider", "_later")]
    table = pd.concat([search.table for search in searches])
    means = table.groupby(["method", "lr"])["mAP50"].mean()
    chosen = {name: float(means[name].idxmax()) for name in (*SEARCHED, *LATER)}
    assert chosen == {name: rate for name, rate in digit_detection.CHOSEN.items() if name != LONG}
    assert digit_detection.CHOSEN[LONG] == digit_detection.CHOSEN[FLAT]
    assert not {seed for search in searches for seed in search.seeds} & set(load("digit_detection").seeds)
    tried = {*digit_detection.RATES, *digit_detection.WIDER}
    assert not set(chosen.values()) & {min(tried), max(tried)}
    assert means.groupby("method").count().drop(FIXED).eq(len(tried)).all()  # equal tries
