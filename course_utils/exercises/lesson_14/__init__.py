"""Exercises of lesson 14: masks, teacher forcing, two kinds of attention, greedy and beam search, and BLEU by hand."""

from course_utils.exercises.lesson_14.attention_scores import (
    additive_scores,
    attend,
    multiplicative_scores,
    same_vector,
    why_attention,
)
from course_utils.exercises.lesson_14.bleu import (
    brevity_penalty,
    clipped_precision,
    exact_numbers,
    hidden_place,
    longer_numbers,
    menus_bleu,
    padding_share,
)
from course_utils.exercises.lesson_14.decoding import beam_of_all, beam_search, greedy
from course_utils.exercises.lesson_14.targets_and_padding import masked_cross_entropy, padding_mask, teacher_inputs

__all__ = [  # noqa: RUF022 (the order of the exercises in the lesson)
    "teacher_inputs",
    "padding_mask",
    "masked_cross_entropy",
    "multiplicative_scores",
    "additive_scores",
    "attend",
    "greedy",
    "beam_search",
    "clipped_precision",
    "brevity_penalty",
    "why_attention",
    "longer_numbers",
    "beam_of_all",
    "same_vector",
    "exact_numbers",
    "menus_bleu",
    "padding_share",
    "hidden_place",
]
