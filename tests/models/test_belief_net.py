"""The deep belief network: scikit-learn's checks, what it learns without and with labels, fantasies, nothing lost."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator

from course_utils.errors import CourseError
from course_utils.models import belief_net
from course_utils.models.belief_net import BeliefNet, Range
from course_utils.nn.boltzmann import Boltzmann
from course_utils.training import History

RNG = np.random.default_rng(0)
BARS = np.kron(np.eye(4), np.ones(3))  # four rows of twelve numbers, three of them 1
ROWS = np.clip(BARS[RNG.integers(4, size=240)] * 0.9 + RNG.random((240, 12)) * 0.1, 0, 1)
KINDS = np.array(["a", "b", "c", "d"])[ROWS.reshape(240, 4, 3).sum(2).argmax(1)]


def short(sizes: Any = (8, 4), seed: int = 0) -> BeliefNet:
    return BeliefNet(sizes, seed)


def learned(net: BeliefNet) -> dict[str, Any]:
    return {name: value for name, value in vars(net).items() if name.endswith("_")}


def test_scikit_learns_checks_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(belief_net, "EPOCHS", 10)  # the checks fit it some sixty times
    monkeypatch.setattr(belief_net, "STEPS", 400)
    results = check_estimator(BeliefNet((12,)), on_skip=None)
    assert {result["status"] for result in results} <= {"passed", "skipped"}
    assert len(results) > 40


def test_it_finds_what_rows_have_in_common_without_labels() -> None:
    net = short((8,)).pretrain(ROWS)
    assert len(net.histories_) == len(net.machines_) == 1
    shuffled = RNG.permuted(BARS.repeat(20, axis=0), axis=1)
    own, other = (net.machines_[0].free_energy(torch.from_numpy(rows)).mean().item() for rows in (BARS, shuffled))
    assert other - own > 2  # more than e² times as improbable


def test_it_tells_how_it_was_trained_with_labels_and_without() -> None:
    with pytest.raises(NotFittedError):
        short().described()
    net = short().pretrain(ROWS, epochs=2, k=3, batch_size=60, persistent=True)
    told = str(net.described())
    assert "12 visible and 8 hidden units" in told
    assert "8 visible and 4 hidden units" in told
    assert "8, 2 epochs, each machine" in told
    assert "batch: 60" in told
    assert "CD-3, persistent chains" in told
    assert "labels" not in told
    told = str(net.fit(ROWS, KINDS, steps=3).described())
    assert "with labels: AdamW, 0.003" in told
    assert "steps 3" in told
    assert "chains from the rows" in str(short((4,)).pretrain(ROWS, epochs=1).described())


def test_fantasies_look_like_rows() -> None:
    net = short((8,)).pretrain(ROWS, epochs=200)
    fantasies = net.sample(200, steps=100)
    assert fantasies.shape == (200, 12)
    inner = fantasies.reshape(-1, 4, 3).std(axis=2).mean()
    assert inner < 0.6 * RNG.permuted(fantasies, axis=1).reshape(-1, 4, 3).std(axis=2).mean()
    assert np.array_equal(net.sample(3), net.sample(3))
    assert not np.array_equal(net.sample(3), net.sample(3, seed=1))


def test_fantasies_lie_in_the_range_of_the_columns() -> None:
    rows = ROWS * np.linspace(-3, 1e300, 12) + 7
    net = short().pretrain(rows, epochs=1)
    found = net.sample(50, steps=2)
    assert (found >= rows.min(0)).all()
    assert (found <= rows.max(0)).all()


def test_labels_of_any_kind_are_learned_and_named() -> None:
    for kinds in (KINDS, KINDS == "a", np.unique(KINDS, return_inverse=True)[1] * 10):
        net = short().fit(ROWS, kinds)
        assert net.score(ROWS, kinds) > 0.9
        assert set(net.predict(ROWS)) <= set(kinds)
        assert np.allclose(net.predict_proba(ROWS).sum(1), 1)
        assert net.history_.steps == belief_net.STEPS


def test_labels_change_the_classifier_and_leave_the_machines_alone() -> None:
    net = short().pretrain(ROWS, epochs=2)
    before = [machine.weight.detach().clone() for machine in net.machines_]
    features, fantasies = net.features(ROWS), net.sample(5)
    net.fit(ROWS, KINDS, steps=5)
    assert all(torch.equal(machine.weight, weight) for machine, weight in zip(net.machines_, before, strict=True))
    assert np.array_equal(net.sample(5), fantasies)
    assert not np.allclose(net.features(ROWS), features)
    assert net.features(ROWS).shape == (240, 4)


def test_a_pretraining_on_more_rows_is_kept_by_fit_and_one_of_fits_own_is_not() -> None:
    net = short().pretrain(ROWS, epochs=2).fit(ROWS[:20], KINDS[:20], steps=2)
    assert net.range_.low.tolist() == ROWS.min(0).tolist()
    own = short().fit(ROWS[:20], KINDS[:20], steps=2)
    assert own.fit(ROWS[:30, :5], KINDS[:30], steps=2).n_features_in_ == 5
    with pytest.raises(ValueError, match="features"):
        net.fit(ROWS[:20, :5], KINDS[:20], steps=2)
    net.pretrain(ROWS[:, :5], epochs=1)
    assert net.features(ROWS[:, :5]).shape == (240, 4)
    with pytest.raises(NotFittedError):
        net.predict(ROWS[:, :5])


def test_it_works_in_a_pipeline_and_survives_pickling() -> None:
    pipeline = make_pipeline(short((8,)), LogisticRegression(C=100)).fit(ROWS, KINDS)
    assert pipeline.score(ROWS, KINDS) > 0.9
    net = short().fit(ROWS, KINDS, steps=5)
    again = pickle.loads(pickle.dumps(net))
    assert np.array_equal(again.predict_proba(ROWS), net.predict_proba(ROWS))
    assert not learned(clone(net))


@pytest.mark.parametrize("persistent", [False, True])
def test_the_same_seed_gives_the_same_machines(persistent: bool) -> None:
    first, again, other = (
        short(seed=seed).pretrain(ROWS[:50], epochs=2, k=2, persistent=persistent) for seed in (1, 1, 2)
    )
    assert np.array_equal(first.features(ROWS), again.features(ROWS))
    assert not np.array_equal(first.features(ROWS), other.features(ROWS))


def test_persistent_chains_go_on_where_they_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[torch.Tensor] = []
    ended: list[torch.Tensor] = []
    gibbs = Boltzmann.gibbs

    def noted(self: Any, v: torch.Tensor, steps: int, generator: Any = None) -> torch.Tensor:
        begun.append(v)
        ended.append(gibbs(self, v, steps, generator))
        return ended[-1]

    monkeypatch.setattr(Boltzmann, "gibbs", noted)
    short((4,)).pretrain(ROWS[:40], epochs=2, batch_size=20, persistent=True)
    assert len(begun) == 4
    assert all(torch.equal(one, other) for one, other in zip(begun[1:], ended[:-1], strict=True))
    begun.clear()
    short((4,)).pretrain(ROWS[:40], epochs=1, batch_size=20)
    assert not torch.equal(begun[1], ended[-2])


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"sizes": ()}, "sizes"),
        ({"sizes": (8, 0)}, "sizes"),
        ({"sizes": 8}, "sizes"),
        ({"sizes": (8, 2.5)}, "sizes"),
        ({"seed": -1}, "seed"),
    ],
)
def test_arguments_that_cannot_be_meant_are_refused_when_it_learns(arguments: dict[str, Any], word: str) -> None:
    with pytest.raises(CourseError, match=word):
        BeliefNet(**arguments).pretrain(ROWS)


@pytest.mark.parametrize("options", [{"epochs": 0}, {"lr": -1}, {"batch_size": 0}, {"k": 0}, {"seconds": 0}])
def test_options_of_the_pretraining_that_cannot_be_meant_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(CourseError, match=next(iter(options))):
        short().pretrain(ROWS, **options)


@pytest.mark.parametrize("n", [0, -3, 2.5, 10**9])
def test_a_number_of_fantasies_that_cannot_be_meant_is_refused(n: Any) -> None:
    with pytest.raises(CourseError, match="n "):
        short().pretrain(ROWS, epochs=1).sample(n)


@pytest.mark.parametrize(
    ("X", "y", "word"),
    [
        (ROWS, ["a"] * 240, "one class, a"),
        (ROWS[:1], ["a"], "1 sample"),
        (ROWS[:0], [], "0 sample"),
        (np.where(ROWS > 2, ROWS, np.nan), KINDS, "NaN"),
        (ROWS, KINDS[:5], "inconsistent"),
        (ROWS[0], KINDS, "2D"),
        (ROWS, RNG.normal(size=240), "continuous"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_and_nothing_is_lost(X: Any, y: Any, word: str) -> None:
    net = short().fit(ROWS, KINDS, steps=2)
    before, kept = net.predict_proba(ROWS), learned(net)
    with pytest.raises(ValueError, match=word):
        net.fit(X, y, steps=2)
    assert learned(net) == kept
    assert np.array_equal(net.predict_proba(ROWS), before)


def test_a_training_that_diverges_loses_nothing() -> None:
    net = short().pretrain(ROWS, epochs=1)
    kept = learned(net)
    with pytest.raises(CourseError):
        net.pretrain(ROWS, lr=1e200)
    assert learned(net) == kept


def test_a_training_that_is_stopped_at_once_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    net = short().pretrain(ROWS, epochs=1)
    kept = learned(net)

    def stopped(*_: Any, **__: Any) -> History:
        history = History()
        history.interrupted = True
        return history

    monkeypatch.setattr(belief_net, "fit", stopped)
    assert net.pretrain(ROWS) is net
    assert net.fit(ROWS, KINDS) is net
    assert short().fit(ROWS, KINDS).get_params() == {"sizes": (8, 4), "seed": 0}
    assert learned(net) == kept


def test_before_it_has_learned_it_says_so() -> None:
    for ask in ("features", "predict", "predict_proba", "transform"):
        with pytest.raises(NotFittedError):
            getattr(short(), ask)(ROWS)
    with pytest.raises(NotFittedError):
        short().sample()


def test_a_range_cuts_what_lies_beyond_and_comes_back() -> None:
    found = Range.of(np.array([[0.0, 5.0, -1e308], [10.0, 5.0, 1e308]]))
    assert found.shares(np.array([[5.0, 5.0, 0.0], [-1.0, 9.0, 2e307]])).tolist() == [[0.5, 0, 0.5], [0, 0, 0.6]]
    assert found.values(torch.tensor([[0.5, 0.0, 1.0]]).double()).tolist() == [[5.0, 5.0, 1e308]]
