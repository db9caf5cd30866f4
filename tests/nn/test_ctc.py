"""CTC: on paper it counts right, the sum is torch's, and what is read is what is most probable."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

import jiwer
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from course_utils.errors import CourseError
from course_utils.nn import ctc
from tests.layers import ctc_loss

WORDS = st.text("ab", max_size=4)
CLASSES = st.lists(st.integers(1, 3), max_size=4)


def some_log_probs(frames: int, classes: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return (2 * torch.randn(frames, classes, generator=generator, dtype=torch.double)).log_softmax(dim=-1)


# --- on paper


def test_the_paths_of_a_small_word() -> None:
    assert sorted(ctc.alignments("ab", 3)) == sorted(["aab", "abb", "-ab", "a-b", "ab-"])
    assert ctc.alignments("aa", 3) == ["a-a"]
    assert ctc.alignments("aa", 2) == ctc.alignments("a", 0) == []
    assert ctc.alignments("", 2) == ["--"]
    assert ctc.alignments("", 0) == [""]


@given(WORDS, st.integers(0, 6))
def test_the_paths_are_those_that_say_it_and_no_others(text: str, frames: int) -> None:
    every = ("".join(path) for path in itertools.product("-ab", repeat=frames))
    assert sorted(ctc.alignments(text, frames)) == sorted(path for path in every if ctc.collapse(path) == text)


@given(WORDS)
def test_the_shortest_is_just_long_enough(text: str) -> None:
    frames = ctc.shortest(text)
    assert len(ctc.alignments(text, frames)) == 1
    assert not frames or not ctc.alignments(text, frames - 1)


def test_a_word_with_a_blank_and_a_list_without_end_are_refused() -> None:
    for refused in (ctc.shortest, lambda text: ctc.alignments(text, 4)):
        with pytest.raises(CourseError, match="stands for the blank"):
            refused("a-b")
    with pytest.raises(CourseError, match="too many to list"):
        ctc.alignments("abab", 60)
    for frames in (-1, 2.5, True):
        with pytest.raises(CourseError, match="whole number"):
            ctc.alignments("a", frames)  # type: ignore[arg-type]


@given(st.lists(st.sampled_from("abc"), max_size=6), st.lists(st.sampled_from("abc"), min_size=1, max_size=6))
def test_edits_are_counted_as_jiwer_does(said: list[str], right: list[str]) -> None:
    counted = jiwer.process_words(" ".join(right), " ".join(said))
    assert ctc.edits(said, right) == counted.substitutions + counted.deletions + counted.insertions
    assert ctc.edits(right, said) == ctc.edits(said, right)


# --- the sum


@given(CLASSES, st.integers(1, 9), st.integers(0, 9), st.sampled_from((0, 3)))
def test_the_sum_and_its_gradient_are_torchs(targets: list[int], frames: int, seed: int, blank: int) -> None:
    if blank == 3:
        targets = [label - 1 for label in targets]
    logits = some_log_probs(frames, 4, seed).requires_grad_()
    log_probs, wanted = logits.log_softmax(dim=-1), torch.tensor(targets, dtype=torch.long)
    ours = ctc.ctc_forward(log_probs, wanted, blank)
    theirs = ctc_loss(log_probs, wanted, blank)
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-9, abs=1e-9)
    fits = frames >= ctc.fewest_frames([str(label) for label in targets])
    assert math.isfinite(ours.item()) == fits
    (gradient,) = torch.autograd.grad(ours, logits, retain_graph=True)
    if fits:
        (expected,) = torch.autograd.grad(theirs, logits)
        assert torch.allclose(gradient, expected, atol=1e-9)
    else:
        assert not gradient.any()


@given(WORDS, st.integers(1, 6))
def test_the_sum_is_that_over_all_paths(text: str, frames: int) -> None:
    log_probs = some_log_probs(frames, 3)
    one_by_one = sum(
        math.exp(sum(log_probs[t, "-ab".index(letter)].item() for t, letter in enumerate(path)))
        for path in ctc.alignments(text, frames)
    )
    targets = torch.tensor(["-ab".index(letter) for letter in text], dtype=torch.long)
    assert math.exp(-ctc.ctc_forward(log_probs, targets)) == pytest.approx(one_by_one, rel=1e-9, abs=1e-15)


def test_a_long_clip_in_single_precision() -> None:
    log_probs = some_log_probs(800, 11).float()
    targets = torch.arange(100) % 10 + 1
    theirs = ctc_loss(log_probs, targets)
    assert ctc.ctc_forward(log_probs, targets).item() == pytest.approx(theirs.item(), rel=1e-4)


def test_probabilities_of_zero_leave_numbers() -> None:
    probabilities = torch.tensor([[0.0, 1.0, 0.0], [0.5, 0.0, 0.5], [1.0, 0.0, 0.0]], requires_grad=True)
    loss = ctc.ctc_forward(probabilities.log(), torch.tensor([1, 2]))
    assert loss.item() == pytest.approx(math.log(2))
    assert ctc.ctc_forward(probabilities.detach().log(), torch.tensor([2, 1])).item() == math.inf
    log_probs = probabilities.detach().log().requires_grad_()
    (gradient,) = torch.autograd.grad(ctc.ctc_forward(log_probs, torch.tensor([1, 2])), log_probs)
    assert gradient.isfinite().all()


@given(st.lists(st.integers(1, 3), min_size=1, max_size=4), st.integers(0, 9))
def test_what_passes_the_lattice_is_the_share_of_the_paths(targets: list[int], seed: int) -> None:
    frames = 7  # enough for four equal classes
    log_probs = some_log_probs(frames, 4, seed)
    shares = ctc.lattice(log_probs, torch.tensor(targets))
    expected, letters = torch.zeros(frames, 2 * len(targets) + 1, dtype=torch.double), "-abc"
    total = 0.0
    for path in ctc.alignments("".join(letters[label] for label in targets), frames):
        probability = math.exp(sum(log_probs[t, letters.index(letter)].item() for t, letter in enumerate(path)))
        total += probability
        state, last = 0, "-"
        for t, letter in enumerate(path):
            if letter != last:
                state += 2 if letter != "-" and state % 2 else 1
            last = letter
            expected[t, state] += probability
    assert torch.allclose(shares, expected / total, atol=1e-9)
    assert torch.allclose(shares.sum(dim=1), torch.ones(frames, dtype=torch.double))


@given(WORDS.filter(bool), st.integers(1, 6), st.integers(0, 9))
def test_alphas_are_sums_over_beginnings(text: str, frames: int, seed: int) -> None:
    log_probs = some_log_probs(frames, 3, seed)
    targets = torch.tensor(["-ab".index(letter) for letter in text])
    alpha = ctc.forward_variables(log_probs, targets)
    assert alpha.shape == (frames, 2 * len(text) + 1)
    assert alpha[0, 0].item() == pytest.approx(log_probs[0, 0].exp().item())
    total = alpha[-1, -2:].sum().item()
    assert total == pytest.approx((-ctc.ctc_forward(log_probs, targets)).exp().item(), abs=1e-12)


def test_nothing_passes_where_nothing_fits() -> None:
    assert not ctc.lattice(some_log_probs(2, 4), torch.tensor([1, 1])).any()
    with torch.no_grad():
        assert ctc.lattice(some_log_probs(3, 4), torch.tensor([1, 1])).sum().item() == pytest.approx(3)


@pytest.mark.parametrize(
    ("log_probs", "targets", "blank"),
    [
        (torch.zeros(3, 2, 4), [1], 0),
        (torch.zeros(0, 4), [1], 0),
        (torch.zeros(3, 4), [[1]], 0),
        (torch.zeros(3, 4), [4], 0),
        (torch.zeros(3, 4), [-1], 0),
        (torch.zeros(3, 4), [0, 1], 0),
        (torch.zeros(3, 4), [1], 4),
    ],
)
def test_what_cannot_be_meant_is_refused(log_probs: Tensor, targets: list[int], blank: int) -> None:
    for refused in (ctc.ctc_forward, ctc.lattice):
        with pytest.raises(CourseError):
            refused(log_probs, torch.tensor(targets), blank)


# --- reading


@given(st.integers(1, 8), st.integers(0, 50))
def test_greedy_reads_the_most_probable_path(frames: int, seed: int) -> None:
    log_probs = some_log_probs(frames, 3, seed)
    best = max(itertools.product(range(3), repeat=frames), key=lambda path: sum(log_probs[range(frames), path]))
    assert [("-ab"[label]) for label in ctc.greedy(log_probs)] == list(ctc.collapse("".join("-ab"[k] for k in best)))


@given(st.integers(1, 6), st.integers(0, 50))
def test_a_wide_beam_reads_the_most_probable_text(frames: int, seed: int) -> None:
    log_probs = some_log_probs(frames, 3, seed)
    texts: dict[str, float] = defaultdict(float)
    for path in itertools.product(range(3), repeat=frames):
        text = ctc.collapse("".join("-ab"[label] for label in path))
        texts[text] += math.exp(sum(log_probs[t, label].item() for t, label in enumerate(path)))
    found = "".join("-ab"[label] for label in ctc.prefix_beam(log_probs, 1000))
    assert texts[found] == pytest.approx(max(texts.values()))


def test_the_beam_finds_a_text_that_no_single_path_makes_best() -> None:
    log_probs = torch.tensor([[0.6, 0.4], [0.6, 0.4]]).log()  # "--" has 0.36; "a" has 0.16 + 2 · 0.24
    assert ctc.greedy(log_probs) == []
    assert ctc.prefix_beam(log_probs, 2) == [1]


def test_another_class_may_be_the_blank() -> None:
    log_probs = (5 * torch.eye(3)[[0, 2, 0, 1, 1]]).log_softmax(dim=-1)
    assert ctc.greedy(log_probs, blank=2) == ctc.prefix_beam(log_probs, 4, blank=2) == [0, 0, 1]
    for beam in (0, 1.5, True):
        with pytest.raises(CourseError, match="whole number from 1"):
            ctc.prefix_beam(log_probs, beam)  # type: ignore[arg-type]
