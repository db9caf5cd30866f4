"""Scores by kind: small functions that a lesson computes and an exercise asks for."""

from course_utils.metrics.copies import copied_runs, copied_share, longest_copy
from course_utils.metrics.forecasts import coverage, mase, persistence_error, pinball_loss, seasonal_naive_error
from course_utils.metrics.language import bits_per_character, charged_nats, perplexity, spelling_nats
from course_utils.metrics.texts import character_error, exact_match, never_seen, replaced, right_words
from course_utils.metrics.translations import (
    bleu,
    bleu_by_hand,
    bleu_difference,
    brevity_penalty,
    clipped_precision,
    ngrams,
)

__all__ = [
    "bits_per_character",
    "bleu",
    "bleu_by_hand",
    "bleu_difference",
    "brevity_penalty",
    "character_error",
    "charged_nats",
    "clipped_precision",
    "copied_runs",
    "copied_share",
    "coverage",
    "exact_match",
    "longest_copy",
    "mase",
    "never_seen",
    "ngrams",
    "perplexity",
    "persistence_error",
    "pinball_loss",
    "replaced",
    "right_words",
    "seasonal_naive_error",
    "spelling_nats",
]
