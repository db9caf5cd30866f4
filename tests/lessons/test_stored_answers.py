"""The answers that questions of the lessons store are those that theory or a computation gives."""

from __future__ import annotations

import itertools
import math
import re

import pytest
import torch

from course_utils.claims import results
from course_utils.data.chorales import chorales
from course_utils.data.chords import several
from course_utils.data.english_text import english_text
from course_utils.exercises import (
    lesson_01,
    lesson_02,
    lesson_05,
    lesson_06,
    lesson_07,
    lesson_08,
    lesson_12,
    lesson_13,
    lesson_14,
    lesson_18,
)
from course_utils.exercises.lesson_18.listening import BACH, ORDER
from course_utils.experiments.applications.entity_tagging import reader
from course_utils.experiments.gradients.eigenvalue_rule import FOUR_MATRICES, growth_over_time
from course_utils.experiments.gradients.states_and_weights import count_changes
from course_utils.experiments.long_memory.one_unit_latch import hold
from course_utils.experiments.long_memory.programmed_by_hand import adding_lstm
from course_utils.experiments.tasks.adding import Adding
from course_utils.figures.stretches import path_of
from course_utils.models.chord_baselines import FramesBefore, RepeatLast
from course_utils.models.language import trained_language_model
from course_utils.models.music import mean_nats
from course_utils.nn.cells import gru_step
from course_utils.nn.convolution import KERNELS, conv_parameter_count, cross_correlate, dense_parameter_count
from course_utils.nn.feedforward import MLP, cross_entropy
from course_utils.nn.gradients import angle, clip_by_value, scaled_to_radius, worst_growth
from course_utils.nn.sequence_model import SequenceModel
from course_utils.widgets.gradient_explorer import growth


def test_which_of_the_four_matrices_grow() -> None:
    grow = [name for name, W in FOUR_MATRICES.items() if max(worst_growth(W, t) for t in range(1, 61)) > 1 + 1e-9]
    assert re.findall(r"\b[A-D]\b", lesson_06.four_fates.answer) == grow


def test_b_explodes_with_relu_and_d_does_not_with_tanh() -> None:
    assert lesson_06.inside_networks.answer == "B with ReLU explodes, D with tanh does not"
    assert growth_over_time(FOUR_MATRICES["B"], "ReLU", steps=60)[-1] > 1e6
    for inputs in ([0.1, 0.1], [2.0, -2.0]):
        assert max(growth_over_time(FOUR_MATRICES["D"], "tanh", steps=60, inputs=inputs)) < 10
    assert worst_growth(FOUR_MATRICES["B"], 2) < 1e-9
    assert worst_growth(FOUR_MATRICES["D"], 60) > 1e5


def test_a_vector_grows_for_a_few_steps_under_the_skewed_matrix_and_then_shrinks() -> None:
    path = path_of(torch.tensor([[0.8, 0.8], [0.0, 0.8]]), torch.tensor([0.0, 1.0]), 100).norm(dim=1)
    assert lesson_06.skewed_question.answer == "yes, for a few steps"
    assert int((path > 1 + 1e-6).sum()) == 10
    assert path[100] < 1e-6


def test_the_sliders_answers_are_those_of_the_explorer() -> None:
    def peak(non_normality: float, slope: float) -> float:
        return float(max(growth(0.8, non_normality, slope, 60).norms[1:]))

    for value, solved in ((0.95, False), (0.97, True), (0.98, True), (1.0, True)):  # the slider moves by 0.05
        assert lesson_06.peak_of_30.check(value).solved == solved
    assert peak(0.95, 1.0) < 30 < peak(1.0, 1.0)
    for value, solved in ((0.5, False), (0.55, True), (0.59, True), (0.6, False)):
        assert lesson_06.safe_slope.check(value).solved == solved
    assert peak(1.0, 0.55) < peak(1.0, 0.59) < 1 < peak(1.0, 0.6)


def test_a_shorter_first_step_prevents_the_leap_as_clipping_does() -> None:
    runs = results("smaller_steps")
    clipped, free = runs[runs["clip_norm"].notna()], runs[runs["clip_norm"].isna()]
    small = free[free["lr"] < 1e-4]
    assert lesson_06.smaller_steps.answer == "no leap, and a loss at the end that is no higher"
    assert max(small["largest_loss"].max(), clipped["largest_loss"].max()) < 2
    assert small["last_loss"].mean() <= clipped["last_loss"].mean()
    assert free[free["lr"] == 5e-3]["largest_loss"].min() > 50


def test_identity_and_orthogonal_lose_nothing_and_a_scaled_random_matrix_does() -> None:
    assert lesson_06.identity_question.answer == "the identity and the orthogonal one"
    random = torch.randn(32, 32, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert worst_growth(torch.linalg.qr(random).Q, 100) == pytest.approx(1)
    v = torch.ones(32, dtype=torch.float64)
    power = torch.linalg.matrix_power(scaled_to_radius(random, 1.0), 100)
    assert torch.linalg.matrix_rank(power, rtol=1e-3) < 32  # most directions have faded
    assert torch.equal(torch.linalg.matrix_power(torch.eye(32, dtype=torch.float64), 100) @ v, v)


def test_thirty_forty_turns_by_the_stored_angle() -> None:
    gradient = torch.tensor([30.0, 40.0])
    assert lesson_06.clipped_angle.check(angle(gradient, clip_by_value(gradient, 5.0))).solved


def test_always_saying_the_mean_of_two_uniforms_has_the_stored_error() -> None:
    assert lesson_06.adding_chance.check(Adding(50).chance).solved
    assert lesson_05.recall_chance.check(1 / 4).solved


def test_shapes_and_counts() -> None:
    rnn = torch.nn.RNN(1, 16, batch_first=True)
    output, h_n = rnn(torch.zeros(3, 103, 1))
    assert lesson_05.shapes.answer == f"{tuple(output.shape)} and {tuple(h_n.shape)}"
    counted = count_changes(SequenceModel("rnn", 2, 8, 1), Adding(25), 40, 4, 1, seed=0)
    in_each = counted["state_changes"] // counted["optimiser_steps"]
    assert lesson_05.episodes.answer == (
        f"weights {counted['weight_changes']} times, the state {in_each} times in each sequence"
    )


def test_the_bit_is_held_and_does_not_depend_on_a_small_change_of_the_start() -> None:
    assert lesson_05.held.answer == "the sign is kept, and h does not depend on the start"
    bits = torch.tensor([1] * 50)
    h, log_derivative = hold(1.25, bits, 5000, 0.1, torch.Generator().manual_seed(0))
    assert (h > 0).all()
    assert (log_derivative < -300).all()


def test_the_unit_programmed_by_hand_solves_it() -> None:
    assert lesson_07.by_hand.answer == "below 0.001: it solves it"
    task = Adding(10_000)
    batch = task.held_out(16, 0)
    with torch.no_grad():
        assert task.score(adding_lstm()(batch.x), batch) < 0.001


def test_z_near_one_keeps_the_state_of_a_gru() -> None:
    assert lesson_08.keeps.answer == "nearly all of it"
    x, h = torch.randn(2, 3), torch.randn(2, 4)
    b_ih = torch.zeros(12)
    b_ih[4:8] = 40.0  # z = 1
    assert torch.allclose(gru_step(x, h, torch.zeros(12, 3), torch.zeros(12, 4), b_ih, torch.zeros(12)), h)


def test_a_network_that_knows_nothing_pays_log_ten() -> None:
    assert lesson_01.first_loss.answer == pytest.approx(float(cross_entropy(torch.zeros(7, 10), torch.arange(7))))


def test_two_layers_without_a_bend_draw_one_straight_line() -> None:
    assert lesson_01.two_layers.answer == "one straight line"
    model = MLP((2, 9, 2), activation="none", generator=torch.Generator().manual_seed(0))
    difference = torch.tensor([1.0, -1.0])
    along = torch.linspace(-5, 5, 50)[:, None] * torch.randn(1, 2, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        gap = model(along) @ difference
    assert torch.allclose(gap.diff(), gap.diff()[0].expand(49), atol=1e-4)  # linear along every line


def test_the_best_of_twenty_looks_better_than_it_is() -> None:
    assert lesson_01.fair_score.answer == "no: it is too high, on average"
    right = (torch.rand(2000, 20, 100, generator=torch.Generator().manual_seed(0)) < 0.8).double().mean(dim=-1)
    assert float(right.max(dim=1).values.mean()) > 0.8 + 0.05  # all twenty are equally good


def test_what_sharing_saves() -> None:
    assert lesson_02.sharing.answer == dense_parameter_count(1, 16, 5, 28)
    assert conv_parameter_count(1, 16, 5) == 416


def test_the_sobel_kernel_answers_where_the_ink_grows_to_the_right() -> None:
    assert lesson_02.edge.answer == "where the ink grows from left to right"
    steps = {"to the right": torch.tensor([0.0, 0.0, 1.0]).expand(3, 3), "even": torch.ones(3, 3)}
    steps |= {"downwards": steps["to the right"].T, "to the left": steps["to the right"].flip(1)}
    found = {name: float(cross_correlate(picture, KERNELS["vertical edge"])) for name, picture in steps.items()}
    assert found == {"to the right": 4, "even": 0, "downwards": 0, "to the left": -4}


def test_sentences_of_five_characters() -> None:
    assert lesson_14.beam_of_all.answer == sum(1 for _ in itertools.product(range(3), repeat=5)) * 10**5


def test_the_unit_behind_a_number_cannot_be_told_from_what_stands_before_it() -> None:
    chances = reader("train").from_the_left(["cancel", "my", "timer", "for", "63"])[4]
    assert [round(chances[f"B-{unit}"], 2) for unit in ("hours", "minutes", "seconds")] == [0.33] * 3
    assert lesson_12.later_words.answer == "a guess among the three"


def test_no_tagger_of_templates_it_has_not_seen_passes_the_ceiling_from_the_left() -> None:
    rows = results("tagging").query("templates == 'new templates' and context == 'whole sentence' and kind == 'all'")
    table = rows.pivot_table(index="seed", columns="network", values="f1")
    assert (table["BiLSTM"] < table["ceiling from the left"]).all()
    assert lesson_12.passes_the_ceiling.answer == "no"
    means = table[["BiRNN", "BiGRU", "BiLSTM"]].mean()
    assert means.idxmax() == "BiRNN"
    assert lesson_12.ahead_of_all.answer == "the tanh RNN's"
    assert all(f"{mean:.2f}" in lesson_12.ahead_of_all.why for mean in means)


def test_bits_of_one_of_64_and_of_a_token_of_four_characters() -> None:
    assert lesson_13.uniform_bits.answer == math.log2(64)
    assert lesson_13.token_bits.answer == 8 / len("four")


def test_a_smaller_vocabulary_has_a_smaller_perplexity_where_unknown_words_are_free() -> None:
    counts = 1 / torch.arange(1.0, 20_001)  # as words of a language are distributed
    shares = counts / counts.sum()
    fewer = torch.cat([shares[:1000], shares[1000:].sum()[None]])
    whole, cut = (torch.distributions.Categorical(probs=p).entropy().exp() for p in (shares, fewer))
    assert lesson_13.smaller_vocabulary.answer == "it falls"
    assert cut < whole


def test_how_much_of_a_text_the_trained_language_model_uses_and_what_it_says_at_temperature_0() -> None:
    text, model = english_text().test, trained_language_model("char")
    places = range(1_000, 100_000, 990)
    bits = {
        k: sum(model.token_nats(text[at - k : at + 1])[-1].item() for at in places) / len(places) / math.log(2)
        for k in (5, 10, 20, 160)
    }
    assert bits[5] > bits[10] + 0.1
    assert abs(bits[20] - bits[160]) < 0.02
    assert lesson_13.context_used.answer == (10, 20)
    assert lesson_13.surest_text.answer == "the same words again and again"
    written = model.sample("And he said", 400, 0)
    assert any(written[-size:] == written[-2 * size : -size] for size in range(5, 150))


def test_a_regression_on_four_frames_costs_less_than_the_last_chord_again_in_every_split() -> None:
    assert lesson_18.without_memory.answer == "less"
    for seed in (0, 1):
        parts = chorales(seed=seed)
        test = several(parts.test)
        assert mean_nats(FramesBefore(parts.train), test) < mean_nats(RepeatLast(parts.train), test) - 0.1


def test_in_most_splits_of_the_chorales_the_network_that_the_question_says_costs_least() -> None:
    rows = results("chorales").query("transposed == 0").replace({"network": {"four frames": "logistic regression"}})
    table = rows.pivot_table(index="seed", columns="network", values="nats")
    assert lesson_18.fewest_nats.answer == f"the {table.idxmin(axis=1).mode().item()}"
    assert (table.idxmin(axis=1) == "LSTM").sum() == 3


def test_the_clip_that_bach_wrote_is_the_one_that_the_question_says() -> None:
    assert lesson_18.which_is_bach.answer == "C"
    assert ORDER[lesson_18.which_is_bach.answer] == BACH
    for letter, says in lesson_18.which_is_bach.says.items():
        assert says == f"That is the {ORDER[letter]}."
