"""Lesson 15: places of a picture, and attention to them."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion
from course_utils.nn import looking


def grids(generator: torch.Generator) -> list[tuple[Tensor]]:
    """features: (B, C, h, w)."""
    sizes = ((1, 2, 2, 3), (2, 3, 2, 2), (3, 4, 3, 2), (2, 3, 3, 3))
    return [(torch.randn(*size, generator=generator),) for size in sizes]


def columns_first(features: Tensor) -> Tensor:
    """Column by column."""
    return features.permute(0, 3, 2, 1).flatten(1, 2)


places_of = FunctionExercise(
    lesson="15",
    reference=looking.places_of,
    cases=grids,
    result="the places in reading order, shape (B, h·w, C)",
    gradients=True,
    variants=(lambda features: features.permute(0, 2, 3, 1).flatten(1, 2),),
    mistakes=(
        Mistake(
            lambda features: features.reshape(features.shape[0], -1, features.shape[1]),
            "The shape is right, and the numbers are mixed up: reshape keeps their order in memory, where the channels "
            "come first. Exchange axes instead: flatten the two last ones, then `transpose(1, 2)`.",
        ),
        Mistake(
            lambda features: features.flatten(2),
            "That is (B, C, h·w): each row is a channel. A place should be a row: exchange the two last axes.",
        ),
        Mistake(
            columns_first,
            "You read column by column. Row by row, as a text: the place at the right of the first comes second.",
        ),
        Mistake(
            lambda features: features.mean(dim=(2, 3))[:, None],
            "The mean over all places is one vector, and tells no longer what was where. Keep every place.",
        ),
        Mistake(
            lambda features: features.flatten(1),
            "One long row for each picture. The places should stay apart: (B, h·w, C).",
        ),
    ),
    hints=(
        "Two steps: make one axis of h and w; then let it be the second axis and C the last.",
        "`features.flatten(2)` is (B, C, h·w). What exchanges its last two axes?",
        "`return features.flatten(2).transpose(1, 2)`",
    ),
    shape_tip="(B, C, h, w) → (B, C, h·w) → (B, h·w, C).",
)


def words_and_picture(generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """words: (B, U, E), picture: (B, F)."""
    sizes = ((1, 2, 2, 3), (2, 3, 2, 2), (3, 3, 4, 2), (3, 2, 3, 3))
    return [(torch.randn(B, U, E, generator=generator), torch.randn(B, F, generator=generator)) for B, U, E, F in sizes]


def picture_beside_first(words: Tensor, picture: Tensor) -> Tensor:
    """The picture beside the first word only."""
    rest = torch.zeros(words.shape[0], words.shape[1] - 1, picture.shape[1])
    return torch.cat([words, torch.cat([picture[:, None], rest], dim=1)], dim=-1)


def steps_mixed_up(words: Tensor, picture: Tensor) -> Tensor:
    """The pictures repeated along the batch."""
    B, U, _ = words.shape
    return torch.cat([words, picture.repeat(U, 1).reshape(B, U, -1)], dim=-1)


seen_at_every_step = FunctionExercise(
    lesson="15",
    reference=looking.seen_at_every_step,
    cases=words_and_picture,
    result="what the decoder reads, shape (B, U, E + F)",
    gradients=True,
    variants=(
        lambda words, picture: torch.cat([words, picture.unsqueeze(1).repeat(1, words.shape[1], 1)], dim=2),
        lambda words, picture: torch.stack([torch.cat([word, picture], dim=1) for word in words.unbind(1)], dim=1),
    ),
    mistakes=(
        Mistake(
            lambda words, picture: torch.cat([picture[:, None].expand(-1, words.shape[1], -1), words], dim=-1),
            "The order is exchanged: first the word, then the picture.",
        ),
        Mistake(
            picture_beside_first,
            "Your picture stands beside the first word only. That is 'seen once': repeat it for every step.",
        ),
        Mistake(
            steps_mixed_up,
            "Each word has a picture beside it, but of another caption of the batch: `repeat` went along the batch. "
            "Give the picture an axis for the steps, `picture[:, None]`, and expand that.",
        ),
        Mistake(
            lambda words, picture: words,
            "No picture in it: the decoder would make up captions without looking.",
        ),
        Mistake(
            lambda words, picture: picture[:, None].expand(-1, words.shape[1], -1),
            "The picture alone, and no words: the decoder has to know what it has said. Put both side by side.",
        ),
    ),
    hints=(
        "The picture needs an axis of steps: `picture[:, None]` is (B, 1, F).",
        "`.expand(-1, U, -1)` repeats it U times without copying; `torch.cat` with dim=-1 puts it beside the words.",
        "`return torch.cat([words, picture[:, None].expand(-1, words.shape[1], -1)], dim=-1)`",
    ),
    shape_tip="torch.cat needs the same sizes but along its own axis: (B, U, E) and (B, U, F) go together along -1.",
)


def queries_and_places(generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """queries: (B, U, H), places: (B, N, H)."""
    sizes = ((1, 2, 3, 2), (2, 3, 4, 5), (3, 3, 3, 3), (2, 4, 2, 3))
    return [
        (torch.randn(B, U, H, generator=generator), torch.randn(B, N, H, generator=generator)) for B, U, N, H in sizes
    ]


def over_queries(queries: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
    """Weights that sum to 1 over the words."""
    weights = (queries @ places.transpose(1, 2)).softmax(dim=1)
    return weights @ places, weights


def over_captions(queries: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
    """Weights that sum to 1 over the batch."""
    weights = (queries @ places.transpose(1, 2)).softmax(dim=0)
    return weights @ places, weights


def without_softmax(queries: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
    """Scores taken for weights."""
    weights = queries @ places.transpose(1, 2)
    return weights @ places, weights


def best_place_only(queries: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
    """A hard choice."""
    scores = queries @ places.transpose(1, 2)
    weights = torch.nn.functional.one_hot(scores.argmax(dim=-1), scores.shape[-1]).to(scores.dtype)
    return weights @ places, weights


look = FunctionExercise(
    lesson="15",
    reference=looking.look,
    cases=queries_and_places,
    result="a pair: contexts (B, U, H) and weights (B, U, N)",
    gradients=True,
    tolerance=1e-4,
    variants=(
        lambda queries, places: (
            (w := torch.einsum("buh,bnh->bun", queries, places).softmax(-1)).bmm(places),
            w,
        ),
    ),
    mistakes=(
        Mistake(
            over_queries, "Your weights sum to 1 over the words. For each word they should sum to 1 over the places."
        ),
        Mistake(
            over_captions,
            "Your weights sum to 1 over the captions of the batch. Each word of each caption has its own: softmax over "
            "the last axis.",
        ),
        Mistake(without_softmax, "Those are scores: any numbers. The softmax over the places makes weights of them."),
        Mistake(
            lambda queries, places: (looking.look(queries, places)[0], queries @ places.transpose(1, 2)),
            "The contexts are right. But you return the scores; the weights are what the softmax makes of them.",
        ),
        Mistake(
            best_place_only,
            "You look at the best place only. Then nothing says how a small change of the scores changes the result, "
            "and nothing can be learnt. Mix all places, softly.",
        ),
        Mistake(
            lambda queries, places: looking.look(queries, places)[::-1],
            "Contexts first, weights second: you have exchanged them.",
        ),
        Mistake(
            lambda queries, places: looking.look(queries, places)[1],
            "Those are the weights. Return both: the mixed places, and the weights.",
        ),
        Mistake(
            lambda queries, places: looking.look(queries, places)[0],
            "Those are the contexts. Return both: the mixed places, and the weights (they will be drawn).",
        ),
        Mistake(
            lambda queries, places: looking.look(queries / queries.shape[-1] ** 0.5, places),
            "You have divided the scores by √H. The captioner does that to its queries before it calls this function: "
            "leave it out here.",
        ),
    ),
    hints=(
        "Lesson 14's attention, and no mask: every place of a picture is real.",
        "Scores: `queries @ places.transpose(1, 2)`, shape (B, U, N). Softmax over the last axis.",
        "`weights = (queries @ places.transpose(1, 2)).softmax(-1)`; `return weights @ places, weights`",
    ),
    shape_tip="(B, U, H) @ (B, H, N) gives (B, U, N); `places.transpose(1, 2)` is (B, H, N).",
)

shuffled_places = ChoiceQuestion(
    lesson="15",
    name="shuffled_places",
    question="The places of the grid are put in another order. What happens to the context?",
    choices=("it changes", "it stays the same", "it becomes 0"),
    answer="it stays the same",
    says={
        "it changes": "Each place takes its score along, and so its weight. A sum does not depend on the order.",
        "it becomes 0": "Nothing is lost: all places are still there.",
    },
    why="Attention does not know where a place is. To say *left of*, it must be told: a vector is added for each "
    "place of the grid, learnt like any weight.",
)

frames_alone = ChoiceQuestion(
    lesson="15",
    name="frames_alone",
    question="A network sees one frame of the film and has to say which way the digit goes. It will be right …",
    choices=("nearly always", "about half the time", "as often as by chance"),
    answer="as often as by chance",
    says={
        "nearly always": "A single frame shows where the digit is, and the films begin at random places.",
        "about half the time": "It would need a hint in the frame. The films are made so that there is none.",
    },
    why="Movement is a difference of frames. One frame has none: a derived chance, as in lesson 05.",
)

# Answered by what the lesson measures, or the claims.
with_attention = NumberQuestion(lesson="15", name="with_attention", within=0.05, prediction=True)

at_every_step = NumberQuestion(lesson="15", name="at_every_step", within=0.05, prediction=True)
