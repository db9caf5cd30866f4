"""Exercises of lesson 01: neuron, layer, loss and gradient by hand; sizes, chance lines, and what a fair split is."""

from course_utils.exercises.lesson_01.fair_scores import (
    ceiling,
    chance_accuracy,
    fair_score,
    memory_of_dogs,
    network_ahead,
    standardised,
)
from course_utils.exercises.lesson_01.layers import layer, neuron, parameter_count, two_layers
from course_utils.exercises.lesson_01.loss_and_gradients import (
    cross_entropy,
    cross_entropy_gradient,
    first_loss,
    through_relu,
    weight_gradient,
)
from course_utils.exercises.lesson_01.training import few_dogs, gradient_descent, learning_rate, regression_splits

__all__ = [  # noqa: RUF022 (the order of the exercises in the lesson)
    "chance_accuracy",
    "standardised",
    "neuron",
    "layer",
    "parameter_count",
    "cross_entropy",
    "gradient_descent",
    "cross_entropy_gradient",
    "weight_gradient",
    "through_relu",
    "two_layers",
    "learning_rate",
    "few_dogs",
    "fair_score",
    "memory_of_dogs",
    "first_loss",
    "ceiling",
    "regression_splits",
    "network_ahead",
]
