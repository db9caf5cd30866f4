"""Lesson 09: predictions about holding and learning, and about longer sequences."""

from __future__ import annotations

from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion

hold_or_learn = ChoiceQuestion(
    lesson="09",
    name="hold_or_learn",
    question=(
        "Set by hand, the weights of a network hold a cue for 10,000 steps and answer right. From random weights the "
        "same network never gets beyond chance in training. What is wrong with it?"
    ),
    choices=(
        "it cannot hold the cue for so long",
        "it can hold the cue, and training does not find the weights that do",
        "it can learn to hold, and has too few units",
        "the task has no answer at such a lag",
    ),
    answer="it can hold the cue, and training does not find the weights that do",
    says={
        "it cannot hold the cue for so long": "It did hold it, with the weights that were set by hand.",
        "it can learn to hold, and has too few units": (
            "The weights set by hand had the same units, and were enough. What failed is the search for them."
        ),
        "the task has no answer at such a lag": "It has one: the network with the weights set by hand gave it.",
    },
    why=(
        "To hold is a property of some weights; to learn, of the way to them. Only the second failed. A better start, "
        "easier lags first or another cell may help; room to hold is not what is missing."
    ),
    prediction=False,
)

beyond = NumberQuestion(lesson="09", name="beyond", within=0.05, prediction=True)

tanh_beyond = NumberQuestion(lesson="09", name="tanh_beyond", within=0.05, prediction=True)
