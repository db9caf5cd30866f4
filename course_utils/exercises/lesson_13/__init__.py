"""Exercises of lesson 13: scores in one unit, a text in windows, truncated backpropagation, counting and sampling."""

from course_utils.exercises.lesson_13.sampling import (
    context_used,
    copied_more,
    discounted,
    drawn,
    next_probabilities,
    nucleus,
    surest_text,
)
from course_utils.exercises.lesson_13.scores import (
    bits_per_character,
    charged_nats,
    five_gram_bits,
    network_bits,
    perplexity,
    smaller_vocabulary,
    token_bits,
    uniform_bits,
)
from course_utils.exercises.lesson_13.streams import (
    fewest_bits,
    parallel_rows,
    shuffled_windows,
    truncated_gradient,
    window_at,
)

__all__ = [  # noqa: RUF022 (the order of the exercises in the lesson)
    "uniform_bits",
    "perplexity",
    "bits_per_character",
    "smaller_vocabulary",
    "five_gram_bits",
    "window_at",
    "shuffled_windows",
    "network_bits",
    "next_probabilities",
    "surest_text",
    "copied_more",
    "context_used",
    "fewest_bits",
    "token_bits",
    "charged_nats",
    "parallel_rows",
    "discounted",
    "truncated_gradient",
    "nucleus",
    "drawn",
]
