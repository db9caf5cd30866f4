"""Every measured claim, run small but for real: two seeds, no stored result, and what theory says must come out.

No test here demands which network wins: they hold the measurement to numbers that can be derived.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from course_utils import claims
from course_utils.claims import own_runs
from course_utils.claims.rules import load_claims
from course_utils.data.formal_languages import LANGUAGES
from course_utils.data.moving_digits import moving_digits as moving_digits_data
from course_utils.experiments.applications import (
    chorales,
    entity_tagging,
    handwritten_digits,
    joined_digits,
    moving_digit_clips,
    number_translation,
    pretraining,
    scene_captions,
    synthetic_to_real,
    text_cells,
    text_training,
    unknown_delay,
    words_and_speakers,
)
from course_utils.experiments.comparison import kept, networks
from course_utils.experiments.computation import formal_language_grid
from course_utils.experiments.computation.set_for_languages import set_by_hand
from course_utils.experiments.foundations import digit_detection
from course_utils.experiments.framework import runner
from course_utils.experiments.framework.experiment import Experiment
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import load
from course_utils.experiments.framework.runner import run
from course_utils.experiments.gradients import gradient_flow
from course_utils.experiments.long_memory import long_lags, one_unit_latch, untrained_lstm
from course_utils.experiments.long_memory.programmed_by_hand import adding_lstm
from course_utils.experiments.long_memory.starting_points import CHOSEN, SOLVED, STARTS, started
from course_utils.experiments.study import ingredients, tuning_curves
from course_utils.experiments.tasks.adding import Adding
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.nn.gradients import derivative_along, recurrent_matrix, worst_growth
from course_utils.nn.parameters import parameters_count
from course_utils.nn.picture_nets import mlp_of_size, shuffle_pixels
from course_utils.nn.sequence_model import SequenceModel
from course_utils.nn.tracking_net import TrackingNet
from course_utils.training import fit
from course_utils.training.told import observed
from tests.experiments.small_runs import experiments_by_measure, rows_of_seed, small_rows
from tests.experiments.told import untold

MEASURED = [id for id, claim in load_claims().items() if claim.parts]
SEEDS = (0, 1)  # of most experiments the first two that are reported
TINY: dict[str, dict[str, Any]] = {  # settings still smaller, with which a seed is run twice
    "captioning": {"runs": [("GRU", scene_captions.KNOWN, 0.01), ("LSTM", list(scene_captions.TRAININGS)[-1], 0.01)]},
    "contest": {"data": ["wine"]},
    "hidden_markov": {
        "plan": experiment("hidden_markov").quick["plan"][:2],
        "tested": {"flagged latch": [10], "temporal order": [20]},
    },
    "hidden_markov_told": {"tested": {"flagged latch": [10]}},
    "learning_curves": {"sizes": [100]},
    "probes": {"labels": [100]},
    "recall": {"steps": 10},
    "seconds_as_torch_has_it": {"seq_lens": [8, 16]},
    "seconds_by_length": {"seq_lens": [8, 16]},
    "translating": {"rates": {"GRU": [0.01], "LSTM, first state only": [0.01]}, "judged": 3},
}


def run_once(one: Experiment, seeds: list[int], *, quick: bool, jobs: int | None) -> pd.DataFrame:
    """As `runner.run`; a seed that another claim's test has run is not run again."""
    assert quick
    return pd.concat([rows_of_seed(one.name, seed) for seed in seeds], ignore_index=True)


def within_binomial(share: float, chance: float, answers: int) -> bool:
    """Could guessing have given this share? (Five standard deviations.)"""
    return abs(share - chance) <= 5 * math.sqrt(chance * (1 - chance) / answers)


def test_every_measured_claim_has_its_test_here() -> None:
    names = [name for name in globals() if name.startswith("test_c") and name[6].isdigit()]
    tested = {part.upper() for name in names for part in name.split("_") if re.fullmatch(r"c\d\d", part)}
    assert tested == set(MEASURED)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(one.name, marks=[pytest.mark.long] if number else [])
        for of_measure in experiments_by_measure().values()
        for number, one in enumerate(of_measure)
    ],
)
def test_a_seed_gives_the_same_rows_again(name: str) -> None:
    """Every measure once, and it tells what it trains; `make test-long` takes those with other settings alone too."""
    one, seed = experiment(name), min(experiment(name).seeds)
    if name in TINY:
        one = replace(one, quick={**one.quick, **TINY[name]})
        first = run(one, (seed,), quick=True, jobs=1, progress=False)
    else:
        first = rows_of_seed(name, seed)
    with observed() as trainings:
        again = run(one, (seed,), quick=True, jobs=1, progress=False)
    told = one.described(quick=True)
    assert {tuple(untold(told, done)) for done in trainings} <= {()}, "an experiment does what it does not tell"
    assert not (told.untrained and trainings)
    timed = list(one.timed)
    pd.testing.assert_frame_equal(again.drop(columns=timed), first.drop(columns=timed))


def test_c02_a_feedforward_network_on_the_present_symbol_is_at_the_derived_chance() -> None:
    found = small_rows("recall")
    sequences, steps = 500, experiment("recall").settings["seq_len"]
    alone = found[found["network"] == "feedforward"]
    for _, row in alone[alone["lag"] > 0].iterrows():
        assert within_binomial(row["accuracy"], 1 / 4, sequences * (steps - row["lag"]))
    assert (alone[alone["lag"] == 0]["accuracy"] > 0.9).all()  # the control: no memory needed, so it can be learnt
    outside = found[(found["network"] == "feedforward, last 3 inputs") & (found["lag"] == 3)]
    for share in outside["accuracy"]:
        assert within_binomial(share, 1 / 4, sequences * (steps - 3))
    assert found["parameters"].max() - found["parameters"].min() <= 0.05 * found["parameters"].min()


def test_c04_everybody_is_judged_on_the_same_tumours_and_shares_are_shares_of_them() -> None:
    found = small_rows("cancer")
    assert set(found["method"]) == set(pretraining.METHODS)
    for seed in SEEDS:
        given, of_seed = pretraining.task(pretraining.CANCER, seed), found[found["seed"] == seed]
        ill, rows = int(given.y[given.test].sum()), len(given.test)
        for column, count in (("accuracy", rows), ("sensitivity", ill), ("specificity", rows - ill)):
            assert np.allclose(of_seed[column] * count, (of_seed[column] * count).round())
    assert (found["calibration"] <= found["brier"] ** 0.5 + 1e-9).all()  # by Jensen's inequality
    assert (found["nats"] >= found["brier"]).all()  # −log(1 − d) ≥ d ≥ d², d the distance from what came true


def test_c07_no_more_is_left_of_an_rnn_s_gradient_than_its_singular_values_allow() -> None:
    found = small_rows("gradient_flow")
    size = experiment("gradient_flow").quick["hidden_size"]
    for seed in SEEDS:
        cell, start = gradient_flow.CELLS["RNN"]
        model = start.network(cell, 2, size, 1, seed=seed, kind=SequenceModel)
        W = model.core.get_parameter("weight_hh_l0").detach().double()
        bound = math.log10(torch.linalg.matrix_norm(W, 2))
        of_seed = found[(found["seed"] == seed) & (found["stage"] == "initial") & (found["network"] == "RNN")]
        assert (of_seed["log10_left"] <= of_seed["lag"] * bound + 1e-6).all()
    orthogonal = found[(found["stage"] == "initial") & (found["network"] == "RNN, orthogonal")]
    assert (orthogonal["log10_left"] <= 1e-6).all()  # every singular value is 1, and the slope of tanh at most 1


def test_c08_in_the_linear_limit_and_for_normal_matrices_the_rule_is_exact() -> None:
    found = small_rows("popular_rule").groupby("family")
    for family in ("linear, 5,000 steps, radius 0.95", "linear, 5,000 steps, radius 1.05"):
        assert (found.get_group(family)["share_right"] == 1).all()
    normal = found.get_group("linear, 20 steps, radius 0.95, normal matrix")
    assert normal["log10_growth"].tolist() == pytest.approx([20 * math.log10(0.95)] * len(SEEDS))
    generator = torch.Generator().manual_seed(0)
    for departure in (0.3, 0.8):  # growth never stays below the eigenvalue's
        W = recurrent_matrix(16, 0.95, departure, generator)
        assert worst_growth(W, 20) >= 0.95**20 * (1 - 1e-6)


def test_c09_clipping_bounds_each_step_and_changes_no_short_gradient() -> None:
    found = small_rows("clipping")
    assert set(found["case"]) == {"explodes", "vanishes"}
    task, lr, steps = Adding(100), 0.03, 10
    moved = {}
    for name, clip in (("none", {}), ("by norm", {"clip_norm": 1.0})):
        model = started("ReLU, identity (IRNN)", 32, 0)
        before = torch.cat([p.detach().flatten().clone() for p in model.parameters()])
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        one_step = steps if clip else 1
        history = fit(
            model,
            task.batches(32, 0),
            task.objective,
            steps=one_step,
            optimizer=optimizer,
            record_gradients=True,
            progress=False,
            **clip,  # type: ignore[arg-type]
        )
        moved[name] = float((torch.cat([p.detach().flatten() for p in model.parameters()]) - before).norm())
        first = float(history.table["gradient_norm"].iloc[0])
        if not clip:
            assert moved[name] == pytest.approx(lr * first, rel=1e-3)
    assert moved["by norm"] <= steps * lr * (1 + 1e-4)


def test_c10_solved_means_an_error_below_the_limit_and_chance_is_one_sixth() -> None:
    found = small_rows("starting_points")
    assert (found["solved"] == (found["error"] < SOLVED)).all()
    assert set(found["start"]) == set(STARTS)
    y = Adding(50).held_out(20_000, 0).y.double()
    error = (y - 1).square()
    assert float(error.mean()) == pytest.approx(1 / 6, abs=5 * float(error.std()) / 20_000**0.5)


def test_c10_each_start_was_given_the_learning_rate_that_was_best_on_other_seeds() -> None:
    """Not a claim test: it holds the settings to the published search."""
    search = load("starting_points_search")
    means = search.table.groupby(["start", "lr"])["error"].mean()
    assert {start: float(means[start].idxmin()) for start in STARTS} == CHOSEN
    assert not set(search.seeds) & set(load("starting_points").seeds)


def test_c11_a_bit_is_held_for_ever_where_the_noise_cannot_reach_the_other_side() -> None:
    """With noise up to 0.03, tanh(1.25 h − 0.03) > h somewhere below the start: no state can fall past that place."""
    barrier = next(h / 1000 for h in range(1, 500) if math.tanh(1.25 * h / 1000 - 0.03) > h / 1000)
    assert barrier < 0.5
    bits = torch.tensor([-1, 1] * 50)
    h, log_derivative = one_unit_latch.hold(1.25, bits, 3000, 0.03, torch.Generator().manual_seed(0))
    assert (h.sign() == bits).all()
    assert (log_derivative < -300).all()
    found = small_rows("latch")
    for share in found[found["w"] == 0.5]["accuracy"]:
        assert within_binomial(share, 1 / 2, experiment("latch").quick["units"])


def test_c11_the_logarithm_of_the_derivative_is_that_of_the_derivative() -> None:
    _, log_derivative = one_unit_latch.hold(0.9, torch.tensor([1]), 20, 0.0, torch.Generator())
    assert 10 ** float(log_derivative) == pytest.approx(derivative_along(0.9, 0.5, 20))


def test_c14_weights_change_once_per_optimiser_step_and_states_once_per_time_step() -> None:
    found = small_rows("what_changes").set_index("training")
    assert (found["weight_changes_per_optimiser_step"] == 1).all()
    assert (found["state_changes_per_time_step"] == 1).all()
    assert (found.loc["one sequence", "weight_changes_per_episode"] == 1).all()
    assert (found.loc["batches of 4", "weight_changes_per_episode"] == 1 / 4).all()
    assert (found.loc["cut into 4 windows", "weight_changes_per_episode"] == 4).all()


def test_c14_a_state_whose_input_stays_changes_at_first_and_may_come_to_rest() -> None:
    found = small_rows("unchanging_input")
    assert set(found["units"]) == {"tanh", "ReLU"}
    assert found["state_changes_per_time_step"].between(1 / experiment("unchanging_input").quick["seq_len"], 1).all()


def test_c18_an_lstm_layer_has_four_times_the_parameters_of_an_rnn_layer_and_its_step_more_statements() -> None:
    found = small_rows("effort").set_index("cell")
    assert (found.loc["LSTM", "times_rnn"] == 4).all()
    assert (found.loc["GRU", "times_rnn"] == 3).all()
    assert (found.loc["RNN", "statements"] == 1).all()  # one return
    assert (found.loc["RNN", "operations"] == 6).all()  # two products, three sums, one tanh
    assert (found.loc["LSTM", "operations"] == 15).all()  # chunk for tanh; f·c + i·g, o·tanh(c) and their five curves
    for cell, size in ((c, row) for c, row in found.iterrows()):
        expected = {"RNN": 1, "GRU": 3, "LSTM": 4}[str(cell)] * (
            size["hidden_size"] * (size["input_size"] + size["hidden_size"] + 2)
        )
        assert size["parameters"] == expected


def test_c34_along_the_forget_gates_alone_a_gradient_only_shrinks() -> None:
    found = small_rows("forget_bias")
    lstm = found[found["network"].str.startswith("LSTM") & found["stage"].isin(["initial", "trained"])]
    for _, one in lstm.groupby(["seed", "network", "stage"]):
        by_lag = one.sort_values("lag")
        assert (by_lag["log10_product"].diff().dropna() < 0).all()  # every gate is below 1
        assert (by_lag["log10_direct"].diff().dropna() < 0).all()


@pytest.mark.parametrize(
    ("name", "score", "by"), [("gates_removed", "loss", ["task", "network"]), ("lengths", "steps", ["network"])]
)
def test_the_other_experiments_too_use_the_best_rate_of_a_published_search(
    name: str, score: str, by: list[str]
) -> None:
    """Not a claim test: it holds the settings to the search, on other seeds."""
    search, found = load(f"{name}_search"), load(name).table
    means = search.table.groupby([*by, "lr"])[score].mean()
    used = found.groupby(by)["lr"].first()
    for key, lr in used.items():
        assert lr == means[key].idxmin(), key
    assert not set(search.seeds) & set(load(name).seeds)


def test_c31_states_do_not_depend_on_the_output() -> None:
    found = small_rows("zero_weights")
    assert (found["state_moved"] == 0).all()
    assert (found["output_moved"] > 0).all()
    assert (found["log10_left"] < 0).all()


def test_c22_each_level_is_charged_for_what_it_does_not_know_and_its_control_has_the_same_tokens() -> None:
    found = small_rows("text_levels")
    same = found.groupby(["seed", "level"])[["vocabulary", "unknown"]].nunique()
    assert (same == 1).all().all()
    charged = found["bits"] - found["free_bits"]
    assert (charged[found["level"].isin(("words", "sentences", "paragraphs"))] > 0).all()
    costs = found.set_index(["seed", "level", "model"])["bits"]
    for seed in found["seed"].unique():
        assert costs[seed, "characters", "5-gram"] < costs[seed, "characters", "1-gram"] - 0.5  # counting is enough
    uniform = math.log2(found[found["level"] == "characters"]["vocabulary"].max())
    assert (found[found["model"] == "1-gram"]["bits"] < uniform).all()


def test_c39_c40_cells_are_as_large_and_a_share_is_one_where_the_criterion_is_not_kept() -> None:
    found = small_rows("told_or_not")
    assert {"leaky tanh", "GRU", "LSTM"} < set(found["network"])
    sizes = found.groupby("task")["parameters"]
    assert (sizes.max() / sizes.min() < 1.1).all()  # of a few units; of the reported ones within 3 %
    assert (found.loc[found["solved"] == 0, "steps_share"] == 1).all()
    assert (found["steps"] <= experiment("told_or_not").quick["most_steps"]).all()
    stored = load("told_or_not").table.groupby("task")["parameters"]
    assert (stored.max() / stored.min() < 1.03).all()


def test_c43_what_is_held_beyond_a_gradient_is_both_there_and_out_of_its_reach() -> None:
    found = small_rows("hold_learn_read")
    both = (found["log10_left"] < -6) & (found[["probe", "accuracy"]].max(axis=1) >= 0.95)
    assert (found["held_beyond"] == both).all()
    assert found["probe"].between(0, 1).all()
    stored = load("hold_learn_read").table
    assert stored["parameters"].max() / stored["parameters"].min() < 1.03


@pytest.mark.parametrize("id", MEASURED)
def test_the_line_in_the_box_runs_it_again(id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "run", run_once)  # several claims read the rows of one experiment
    monkeypatch.setattr(own_runs, "seconds_of", lambda *_: math.inf)
    monkeypatch.setattr(own_runs, "fresh_seeds", lambda count: list(SEEDS)[:count])
    box = claims.rerun(id, seeds=len(SEEDS), quick=True, jobs=1)
    assert f"Your own run, {len(SEEDS)} seeds" in str(box)
    assert box.verdict.startswith("no verdict: the small settings")
    assert len(box.standing.findings) == len(load_claims()[id].parts)
    assert all(found.estimate for found in box.standing.findings)


def test_c01_the_best_other_is_named_by_validation_and_chance_is_named_by_training() -> None:
    found = small_rows("contest")
    for _, some in found.groupby(["data", "seed"]):
        others = some[~some["method"].isin(("network", "best other"))]
        best = some[some["method"] == "best other"].iloc[0]
        assert best["valid"] == others["valid"].max()
        assert best["accuracy"] == others.set_index("method").loc[best["of"], "accuracy"]
        assert best["log10_seconds"] == pytest.approx(math.log10(best["seconds"]))
    three = found[found["data"].isin(("iris", "wine", "cars"))]
    assert (three["chance"] >= 1 / 3 - 0.1).all()
    assert (found["accuracy"] + found["error"] == 1).all()


def test_c29_every_method_judges_the_same_digits_and_untrained_networks_are_at_chance() -> None:
    found = small_rows("learning_curves")
    assert set(found.groupby(["method", "seed"])["examples"].apply(tuple)) == {(100, 400, 3200)}
    trees = found[(found["method"] == "k-NN")].pivot(index="seed", columns="examples", values="accuracy")
    assert (trees[3200] > trees[100] + 0.1).all()  # the control: the nearest of 32 times as many is nearer
    lazy = found[found["method"].isin(("network", "CNN"))]  # three steps: between chance and not much
    assert (lazy["accuracy"] > 0.02).all()
    assert found["chance"].between(0.05, 0.16).all()


def test_c03_equal_sizes_and_a_feedforward_network_that_cannot_tell_shuffled_pixels() -> None:
    found = small_rows("shuffled_pixels")
    sizes = found.groupby("network")["parameters"].first()
    assert abs(sizes["CNN"] - sizes["feedforward"]) <= (784 + 1 + 10) / 2  # half of what one hidden unit costs
    assert set(found["pixels"]) == {"as they are", "shuffled"}
    order = torch.randperm(784, generator=torch.Generator().manual_seed(0))
    model = mlp_of_size(5000, generator=torch.Generator().manual_seed(0))
    images = torch.rand(3, 1, 28, 28, generator=torch.Generator().manual_seed(1))
    before = model(images)
    with torch.no_grad():
        weight = model.get_parameter("1.weight")
        weight.copy_(weight[:, order])
    torch.testing.assert_close(model(shuffle_pixels(images, order)), before)


def test_c03_boxes_that_never_move_have_no_say_and_networks_are_as_large() -> None:
    found = small_rows("digit_detection").set_index(["method", "seed"])
    sizes = found["parameters"].groupby("method").first()
    per_unit = 32**2 + 2 + 14 * (32 // 4) ** 2  # weights of a hidden unit
    assert abs(sizes[digit_detection.OWN] - sizes[digit_detection.FLAT]) <= per_unit / 2
    own, wide = (digit_detection.network(name, 0) for name in (digit_detection.OWN, digit_detection.WIDE))
    counts = [digit_detection.multiplications(model) for model in (own, wide)]
    assert counts[1] == pytest.approx(counts[0], rel=0.002)
    assert (found.loc[digit_detection.FIXED, "mAP50"] <= 0.1).all()  # 100 boxes on every canvas: few are right
    assert (found["mAP75"] <= found["mAP50"] + 1e-9).all()


def test_c06_c23_networks_that_have_hardly_learned_translate_nothing() -> None:
    found = small_rows("translating")
    assert set(found["network"]) == set(number_translation.NETWORKS)
    assert (found["exact"] <= 0.1).all()  # ten sentences, eight steps: one lucky answer at most
    assert (found["longer"] <= found["exact"].max()).all()
    assert (found.groupby(["network", "seed"])["last"].sum() == 1).all()


def test_c30_probes_of_trained_and_random_layers_have_as_many_dimensions() -> None:
    found = small_rows("probes")
    layers = found[found["weights"] != "pixels"]
    dimensions = layers.groupby(["layer", "weights"])["dimensions"].unique().map(tuple).unstack()
    assert (dimensions["trained"] == dimensions["random"]).all()
    assert (found[found["layer"] == "pixels"]["dimensions"] == 784).all()
    assert (found[found["layer"] == "pixels"]["accuracy"] > 0.2).all()  # the control: digits can be read off pixels


def test_c24_c06_networks_have_as_many_weights_and_words_right_bound_captions_right() -> None:
    cells, ways, relu = (small_rows(name) for name in ("captioning", "captioning_ways", "captioning_relu"))
    assert {*cells["network"], *ways["network"], *relu["network"]} == set(scene_captions.NETWORKS)
    assert set(ways["training"]) == set(scene_captions.TRAININGS)
    full = {
        name: scene_captions.weights_of(name, scene_captions.width_like(name, 128)) for name in scene_captions.NETWORKS
    }
    assert max(full.values()) / min(full.values()) < 1.02
    for found in (cells, ways, relu):
        assert (found["exact"] <= 0.3).all()  # eight scenes, four steps: a lucky answer or two


def test_c32_one_frame_has_chance_and_shuffled_frames_tell_no_way() -> None:
    clips = moving_digits_data(count=400, seed=3)
    first = torch.as_tensor(clips.clips[:, 0]).double().mean(dim=(1, 2))
    by_way = [first[[way == one for way in clips.directions]].mean() for one in clips.classes]
    assert max(by_way) - min(by_way) < 0.25 * float(first.mean())  # a frame's ink says nothing about the way
    back = torch.as_tensor(clips.clips).flip(1)  # a film run backwards goes the other way, with the same frames
    assert torch.equal(back.sort(dim=1).values, torch.as_tensor(clips.clips).sort(dim=1).values)
    found = small_rows("moving_digits")
    assert (found["accuracy"] <= 1).all()
    assert found.groupby("network")["parameters"].first().pipe(lambda n: n.max() / n.min()) < 1.02
    assert set(small_rows("digits_as_rows")["network"]) == set(moving_digit_clips.READERS)


def test_c28_the_true_hazard_leaves_nothing_to_gain_and_networks_have_as_many_parameters() -> None:
    found = small_rows("unknown_delay")
    by_name = found.groupby("network")
    assert (found["excess"] > -0.05).all()  # eighty records: a guess may fit them better than the truth by a little
    assert found.loc[found["network"] == unknown_delay.TRUE, "excess"].abs().max() < 1e-9
    assert (found.loc[found["network"] == unknown_delay.CONSTANT, "concordance"] == 0.5).all()
    sizes = by_name["parameters"].first()
    assert sizes[[*unknown_delay.CELLS, unknown_delay.WINDOW]].between(150, 250).all()
    full = [
        parameters_count(unknown_delay.network(name, both[0].label, 1_617, 0))
        for name, both in unknown_delay.STARTS.items()
    ]
    assert max(full) / min(full) < 1.06


def test_c25_both_networks_are_asked_both_questions_and_chance_is_one_of_the_answers() -> None:
    found = small_rows("who_and_what")
    assert len(found) == 6 * found["seed"].nunique()
    assert {*zip(found["learnt"], found["asked"], strict=True)} == {
        (learnt, asked)
        for learnt in (*words_and_speakers.QUESTIONS, words_and_speakers.NOTHING)
        for asked in words_and_speakers.QUESTIONS
    }
    sizes = found.groupby("learnt")["parameters"].first()
    assert sizes["speaker"] > sizes["digit"]  # only the last layers differ, and there are more voices than digits
    assert (found["chance"] < 1).all()
    real = small_rows("real_speakers")
    assert set(real["network"]) == {"LSTM", "mean and spread"}
    assert real["chance"].unique().tolist() == [1 / 9]


def test_c05_c06_taggers_have_as_many_weights_and_what_follows_is_needed_to_know_a_label() -> None:
    full = {
        name: entity_tagging.weights_of(name, entity_tagging.width_like(name, 40), 45, 39)
        for name in entity_tagging.NETWORKS
    }
    assert max(full.values()) / min(full.values()) < 1.02
    found = small_rows("tagging")
    whole = found[(found["context"] == entity_tagging.WHOLE) & (found["kind"] == entity_tagging.ALL)]
    scores = whole.pivot_table(index=["seed", "templates"], columns="network", values=["f1", "accuracy"])
    for metric in ("f1", "accuracy"):
        left, both = scores[metric][entity_tagging.FROM_LEFT], scores[metric][entity_tagging.FROM_BOTH]
        assert (left < both).all()
        assert (both > 0.99).all()
        assert scores[metric][list(entity_tagging.CHOSEN)].lt(left, axis=0).all(axis=None)  # after four steps


def test_c06_recognisers_have_as_many_weights_and_hardly_trained_they_say_little_that_is_right() -> None:
    full = {name: joined_digits.weights_of(name, joined_digits.width_like(name, 96)) for name in joined_digits.NETWORKS}
    assert max(full.values()) / min(full.values()) < 1.02
    found = small_rows("joined_digits")
    assert set(found["network"]) == set(joined_digits.NETWORKS)
    assert (found["word_error"] > 0.5).all()
    assert (found["exact"] + found["silent"] <= 1).all()


def test_c26_c06_readers_have_as_many_weights_and_hardly_trained_they_read_little() -> None:
    networks = handwritten_digits.NETWORKS
    full = [handwritten_digits.weights_of(name, handwritten_digits.width_like(name, 64)) for name in networks]
    assert max(full) / min(full) < 1.02
    found = small_rows("handwritten")
    assert set(found["network"]) == {*networks, handwritten_digits.FEW}
    assert (found[["character_error", "longer", "known"]] > 0.5).all(axis=None)
    assert (found["exact"] < 0.5).all()


def test_real_speakers_are_judged_by_networks_that_have_not_heard_them() -> None:
    found = small_rows("synthetic_to_real")
    assert found.groupby(["seed", "training"])["speaker"].nunique().min() >= 2
    with_real = found["training"].isin((synthetic_to_real.AFTER, synthetic_to_real.ALONE))
    assert (found["real_clips"] > 0).tolist() == with_real.tolist()


def test_c12_c13_a_flagged_latch_is_judged_at_the_lag_that_is_said_and_hardly_trained_networks_guess() -> None:
    found = small_rows("long_lags")
    assert set(found["network"]) <= set(long_lags.NETWORKS)
    assert set(found["training"]) == set(long_lags.TRAININGS)
    assert (found["solved"] == (found["accuracy"] >= 0.95)).all()
    sizes = found.groupby("network")["parameters"].first()
    assert sizes.max() / sizes.min() < 1.03
    judged = experiment("long_lags").quick["judged"]
    assert set(found["accuracy"] * judged % 1) == {0.0}
    task = FlaggedLatch(1000, 1049)
    held_out = task.held_out(20, 0)
    flags = held_out.x[..., -1].argmax(1)
    assert ((task.seq_len - 1 - flags >= 1000) & (task.seq_len - 1 - flags <= 1049)).all()
    assert torch.equal(task.answer(held_out.x), held_out.y)


def test_c13_weights_set_by_hand_solve_adding_over_ten_thousand_steps() -> None:
    task = Adding(10_000)
    held_out = task.held_out(20, 0)
    with torch.no_grad():
        assert task.score(adding_lstm()(held_out.x), held_out) < 1e-3


@pytest.mark.parametrize(("name", "names"), [("kept", kept.NETWORKS), ("grid", networks.NETWORKS)])
def test_c16_c35_shares_of_a_budget_are_one_where_the_criterion_is_not_met(name: str, names: tuple[str, ...]) -> None:
    found = small_rows(name)
    fair = found[found["size"] == "equal parameters"]
    assert set(fair["network"]) == set(names)
    sizes = fair.groupby(["task", "lag"])["parameters"]
    assert (sizes.max() / sizes.min() < 1 + 2 * networks.WITHIN).all()
    for measure in ("steps", "seconds", "operations"):
        assert ((found[f"{measure}_share"] > 0) & (found[f"{measure}_share"] <= 1)).all()
        assert (found.loc[found["solved"] == 0, f"{measure}_share"] == 1).all()
    assert (found["steps"] <= experiment(name).quick["most_steps"]).all()
    wide = found[found["size"] == "equal width"]
    assert {*wide["network"], "LSTM"} == set(networks.CELLS)  # a convolution has no width that is a hidden size
    width = wide.groupby("network")["parameters"].first()
    width["LSTM"] = fair.loc[(fair["task"] == "digits") & (fair["network"] == "LSTM"), "parameters"].iloc[0]
    assert width["RNN"] == width["IRNN"] < width["GRU"] < width["LSTM"]


def test_c19_a_step_of_a_longer_sequence_takes_as_many_operations_more() -> None:
    found = small_rows("seconds_by_length")
    assert (found["seconds"] > 0).all()
    work = found[found["seed"] == 0].pivot(index="network", columns="seq_len", values="operations")
    short, long = 32, 512
    for network in ("RNN", "GRU", "LSTM"):
        assert work.loc[network, long] / work.loc[network, short] == long / short
    assert work.loc["Transformer", long] / work.loc["Transformer", short] > long / short
    assert work.loc["feedforward, last step only", long] == work.loc["feedforward, last step only", short]


def test_c19_a_recurrent_step_of_a_longer_sequence_takes_longer_and_one_on_the_last_step_does_not() -> None:
    found = small_rows("seconds_as_torch_has_it")
    shortest = found.groupby(["network", "seq_len"])["seconds"].min()
    for network in ("RNN", "ReLU RNN"):
        assert shortest[network, 2048] > 4 * shortest[network, 32]
    last = found[found["network"] == "feedforward, last step only"]
    assert last["parameters"].nunique() == 1


def test_c20_a_model_of_one_state_for_each_answer_needs_no_memory() -> None:
    found = small_rows("hidden_markov")
    each = found[(found["protocol"] == "class-conditional") & (found["task"] == "flagged latch")]
    near = each[(each["states"] == 1) & (each["lag"] == 10)]
    assert (near["accuracy"] > 0.95).all()  # the flagged symbol alone decides the likelihood
    assert (found["probability"] <= found["ceiling"] + 1e-9).all()  # K states, S answers: K/S at most, in the mean


def test_c06_c20_on_text_the_networks_have_as_many_weights_and_hardly_trained_ones_are_worse_than_counting() -> None:
    size = len(text_training.alphabet())
    full = [
        parameters_count(text_training.TextNetwork(name, size, text_training.width_like(name, size, 64)))
        for name in text_training.NETWORKS
    ]
    assert max(full) / min(full) < 1.01
    costs = small_rows("text_cells").pivot_table(index="seed", columns="network", values="bits", aggfunc="min")
    assert set(costs.columns) == {*text_training.NETWORKS, text_cells.N_GRAM, text_cells.HIDDEN_MARKOV}
    for network in text_training.NETWORKS:  # three steps
        assert (costs[network] > costs[text_cells.N_GRAM] + 0.5).all()
        assert (costs[network] < math.log2(size) + 1).all()  # of all characters alike


def test_c06_c27_chorales_hardly_learned_cost_more_than_counting_and_no_frame_less_than_nothing() -> None:
    found = small_rows("chorales")
    costs = found[found["transposed"] == 0].pivot_table(index="seed", columns="network", values="nats")
    assert set(costs.columns) == {*chorales.NETWORKS, chorales.SHARES, chorales.REPEAT, chorales.FRAMES}
    for network in chorales.NETWORKS:  # one step: 88 keys, each hardly better than a coin
        assert (costs[network] < 88 * math.log(2) + 3).all()
        assert (costs[network] > costs[chorales.SHARES]).all()
    assert (found["copied_real"] <= 1).all()


def test_c33_guessing_has_the_derived_score_and_a_readout_learns_few_numbers() -> None:
    found = small_rows("untrained")
    guessing = found[found["network"] == "guessing"]
    assert (guessing["score"] == guessing["chance"]).all()
    assert (guessing["trained_numbers"] == 0).all()
    hidden_size = experiment("untrained").quick["hidden_size"]
    read = found[found["network"].isin(untrained_lstm.RESERVOIRS)]
    outputs = read["task"].map(lambda task: untrained_lstm.trial(task).problem.output_size)
    assert (read["trained_numbers"] == (hidden_size + 1) * outputs).all()
    assert set(found["task"]) == set(untrained_lstm.TASKS)


def test_c36_and_c37_what_is_set_by_hand_is_right_and_what_does_not_look_is_at_the_derived_chance() -> None:
    lengths = [40, 101, 500]
    for (language, network), build in set_by_hand().items():
        if network == "LSTM":
            judged = formal_language_grid.judge(build(), language, lengths, 20, seed=1)
            assert [row["accuracy"] for row in judged] == [1.0] * len(lengths), language
    for name in ("formal_a_b", "formal_parity", "formal_permutations", "formal_dyck_1"):
        found, settings = small_rows(name), experiment(name).settings
        assert set(found["network"]) == set(formal_language_grid.NETWORKS)
        assert (found.groupby(["seed", "network"])["length"].nunique() == len(settings["lengths"])).all()
        assert ((found["accuracy"] >= 0) & (found["accuracy"] <= 1)).all()
    constant = nn.Linear(2, 2)
    nn.init.zeros_(constant.weight)
    for row in formal_language_grid.judge(constant, "parity", lengths, 200, seed=1):
        assert within_binomial(row["accuracy"], LANGUAGES["parity"].chance, 200 * 10)


def test_c41_a_setting_is_the_same_for_all_and_one_try_has_the_mean_of_all() -> None:
    found = small_rows("tuning_curves")
    assert (found.groupby(["seed", "task"])[["lr", "clip_norm", "batch_size"]].nunique() == 1).all(axis=None)
    sizes = found.groupby("task")["parameters"]
    assert (sizes.max() <= 1.5 * sizes.min()).all()  # four units of the LSTM are few; the full ones are within 5 %
    of_one = tuning_curves.curves(found, [1]).set_index(["task", "network"])["expected"]
    assert of_one.to_dict() == pytest.approx(found.groupby(["task", "network"])["test"].mean().to_dict())
    latch, judged = found[found["task"] == "flagged latch"], experiment("tuning_curves").quick["judged"]
    for score in latch["test"]:  # a dozen steps: nobody has learnt it
        assert score == 0 or within_binomial(1 / 4 + 3 / 4 * score, 1 / 4, judged)


def test_c42_a_min_gru_set_by_hand_remembers_whatever_its_gate_lets_in() -> None:
    for task, build in {"latch": _latching, "key–value recall": _associating}.items():
        rows = ingredients.judge(build(), task, [40, 100, 400], 50, seed=1)
        assert [row["accuracy"] for row in rows] == [1.0] * 3, task
        found = small_rows(ingredients.NAMES[task])
        assert set(found["network"]) == set(ingredients.NETWORKS)
        for share in found["accuracy"]:  # two steps of training: nobody knows more than chance
            assert within_binomial(share, 1 / 4, experiment(ingredients.NAMES[task]).quick["judged"])


@torch.no_grad()
def _gated(inputs: int, states: int) -> TrackingNet:
    """A minGRU that lets nothing in, and whose read-out gives nothing."""
    model = TrackingNet("minGRU", inputs, 4, states)
    for parameter in model.parameters():
        parameter.zero_()
    dict(model.named_parameters())["core.keep.bias"].fill_(30.0)  # σ(30) is 1 in single precision
    return model


@torch.no_grad()
def _latching() -> TrackingNet:
    """A state for each symbol; the flag opens all gates."""
    model = _gated(5, 4)
    weights = dict(model.named_parameters())
    weights["core.keep.weight"][:, 4] = -60
    weights["core.write.weight"][:, :4] = torch.eye(4)
    weights["readout.0.weight"][:4] = torch.eye(4)
    weights["readout.2.weight"][:, :4] = torch.eye(4)
    return model


@torch.no_grad()
def _associating() -> TrackingNet:
    """A state for each pair of key and value, whose gate the key opens; and one a key, which the mark opens."""
    model = _gated(9, 20)
    weights = dict(model.named_parameters())
    for key in range(4):
        for value in range(4):
            state = 4 * key + value
            weights["core.keep.weight"][state, [key, 8]] = torch.tensor([-60.0, 60.0])  # with the mark it stays shut
            weights["core.write.weight"][state, 4 + value] = 1
            weights["readout.0.weight"][state, [state, 16 + key]] = 1.0
            weights["readout.0.bias"][state] = -1.5  # both
            weights["readout.2.weight"][value, state] = 1
        weights["core.keep.weight"][16 + key, 8] = -60
        weights["core.write.weight"][16 + key, key] = 1
    return model
