"""Pre-training with few labels: who sees what, equal tries, controls that differ in one thing, scores by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from course_utils.errors import CourseError
from course_utils.experiments.applications import pretraining
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import load
from course_utils.metrics.diagnosis import sensitivity_specificity, threshold_for
from tests.experiments.small_runs import small_rows, small_settings

CANCER = pretraining.task(pretraining.CANCER, 5)


def test_the_parts_share_no_row_and_scales_know_the_training_rows_alone() -> None:
    parts = [set(part.tolist()) for part in (CANCER.train, CANCER.valid, CANCER.test)]
    assert sum(map(len, parts)) == len(set.union(*parts)) == len(CANCER.y)
    assert np.allclose(CANCER.x[CANCER.train].mean(0), 0)
    assert not np.allclose(CANCER.x.mean(0), 0, atol=1e-4)
    assert CANCER.y.mean() == pytest.approx(212 / 569)  # 1 is malignant
    digits = pretraining.task(pretraining.DIGITS, 5)
    assert digits.x[digits.train].std() == pytest.approx(1)


@pytest.mark.parametrize("count", [20, 50, pretraining.ALL])
def test_labels_are_told_of_training_rows_alone_and_of_each_class_its_share(count: int) -> None:
    told = pretraining.labelled(CANCER.y, CANCER.train, count, 3)
    assert set(told) <= set(CANCER.train)
    assert len(told) == len(set(told)) == (count or len(CANCER.train))
    assert CANCER.y[told].mean() == pytest.approx(CANCER.y[CANCER.train].mean(), abs=0.6 / len(told))
    assert np.array_equal(told, pretraining.labelled(CANCER.y, CANCER.train, count, 3))


def test_every_method_has_twelve_settings_and_networks_the_same_ones() -> None:
    for settings in pretraining.METHODS.values():
        assert len(set(settings)) == len(settings) == 12
    names = (pretraining.PRETRAINED, pretraining.PLAIN, pretraining.RELU)
    assert len({pretraining.METHODS[name] for name in names}) == 1


@pytest.mark.parametrize("method", pretraining.METHODS)
def test_rows_that_judge_are_not_learned_from(method: str) -> None:
    changed = pretraining.task(pretraining.CANCER, 5)
    others = np.setdiff1d(np.arange(len(changed.y)), changed.train)
    changed.raw, changed.x, changed.y = changed.raw.copy(), changed.x.copy(), changed.y.copy()
    told = pretraining.labelled(changed.y, changed.train, 20, 5)
    changed.y[others] = 1 - changed.y[others]
    changed.raw[others[1:]] *= 3
    changed.x[others[1:]] += 3
    setting = pretraining.METHODS[method][2]
    here, there = (
        pretraining.probabilities(method, setting, given, told, epochs=1, steps=3) for given in (CANCER, changed)
    )
    same = np.append(changed.train, others[0])
    assert np.allclose(here[same], there[same])
    assert np.allclose(here.sum(1), 1)
    CANCER.machines.clear()


def test_the_control_differs_from_the_pretrained_network_in_its_weights_alone() -> None:
    machines = [pretraining._machines(kind, CANCER, (6, 4), 1) for kind in (pretraining.PRETRAINED, pretraining.PLAIN)]
    CANCER.machines.clear()
    for own, other in zip(*machines, strict=True):
        assert own.weight.shape == other.weight.shape
        assert not torch.equal(own.weight, other.weight)
    assert machines[1][0].weight.abs().max() <= 30**-0.5  # torch's own: uniform on ± 1/√30
    assert machines[1][0].weight.std() > 0.05


def test_scores_are_those_of_the_test_rows_and_the_threshold_is_of_validation_rows() -> None:
    generator = np.random.default_rng(0)
    ill = generator.random(len(CANCER.y))
    found = pretraining.scores(np.stack([1 - ill, ill], 1), CANCER)
    y, valid, test = CANCER.y, CANCER.valid, CANCER.test
    threshold = threshold_for(ill[valid], y[valid])
    assert found["threshold"] == threshold
    expected = sensitivity_specificity(ill[test], y[test], threshold)
    assert (found["sensitivity"], found["specificity"]) == expected
    assert found["accuracy"] == pytest.approx(((ill[test] > 0.5) == y[test]).mean())
    assert found["valid"] == pytest.approx(((ill[valid] > 0.5) == y[valid]).mean())


def test_the_chosen_settings_are_those_that_the_search_found() -> None:
    for name in ("cancer", "few_digits"):
        tables = [load(f"{name}{search}").table for search in ("_search", "_wider_search")]
        assert pretraining.chosen(pd.concat(tables)) == pretraining.CHOSEN[name]


def test_controls_have_the_settings_of_the_pretrained_network_and_stacks_the_best_of_two_machines() -> None:
    for name in ("cancer", "few_digits"):
        control = experiment(f"{name}_same_settings")
        chosen = pretraining.CHOSEN[name][pretraining.PRETRAINED]
        assert control.settings["settings"] == {pretraining.PRETRAINED: chosen, pretraining.PLAIN: chosen}
        assert control.seeds == experiment(name).seeds
        assert len(small_rows(control.name)) == 2 * 2 * len(pretraining.FEW)
    rows = pd.concat([load(f"cancer{search}").table for search in ("_search", "_wider_search")])
    deep = [number for number, (sizes, _) in enumerate(pretraining.METHODS[pretraining.PRETRAINED]) if len(sizes) == 2]
    tried = rows[(rows["method"] == pretraining.PRETRAINED) & rows["setting"].isin(deep) & (rows["labels"] == 20)]
    assert pretraining.chosen(tried) == {pretraining.PRETRAINED: pretraining.STACKED}
    assert set(small_rows("cancer_stacks")["labels"]) == {20}


def test_the_best_on_validation_rows_is_chosen_and_less_loss_where_that_is_even() -> None:
    rows = load("cancer_search").table.query("labels == 20 and method == 'boosting'").copy()
    rows["valid"], rows["valid_nats"], rows["accuracy"] = 0.5, rows["setting"] * 0.1 + 0.2, rows["setting"]
    assert pretraining.chosen(rows) == {"boosting": {"20": 0}}
    rows.loc[rows["setting"] == 7, "valid"] = 0.6
    assert pretraining.chosen(rows) == {"boosting": {"20": 7}}


def test_a_row_for_each_method_and_number_of_labels() -> None:
    for name in ("cancer", "few_digits"):
        found = small_rows(name)
        assert len(found) == 2 * len(pretraining.METHODS) * len(pretraining.FEW)
        assert found["accuracy"].between(0, 1).all()
        assert not set(experiment(name).seeds) & set(experiment(f"{name}_search").seeds)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(CourseError, match="breast cancer"):
        pretraining.task("iris", 0)
    with pytest.raises(CourseError, match="boosting"):
        pretraining.measure(0, **small_settings("cancer_search", settings={"k-NN": [0]}))
