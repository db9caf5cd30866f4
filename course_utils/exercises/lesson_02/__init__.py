"""Exercises of lesson 02: a convolution by hand, sizes and parameters, pooling, what a unit sees, shuffled pixels."""

from course_utils.exercises.lesson_02.features import random_layer, what_a_probe_says
from course_utils.exercises.lesson_02.kernels_and_pooling import conv2d, cross_correlate, edge, max_pool
from course_utils.exercises.lesson_02.shuffled_pixels import (
    cnn_digits,
    cnn_shuffled,
    mlp_digits,
    mlp_shuffled,
    moved_digits,
    shuffle_pixels,
)
from course_utils.exercises.lesson_02.sizes import conv_parameter_count, output_size, receptive_field, sharing

__all__ = [  # noqa: RUF022 (the order of the exercises in the lesson)
    "cross_correlate",
    "conv2d",
    "output_size",
    "conv_parameter_count",
    "max_pool",
    "receptive_field",
    "shuffle_pixels",
    "edge",
    "mlp_shuffled",
    "what_a_probe_says",
    "sharing",
    "cnn_digits",
    "mlp_digits",
    "cnn_shuffled",
    "moved_digits",
    "random_layer",
]
