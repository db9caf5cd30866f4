"""Lesson 09: predictions about holding and learning, and about longer sequences."""

from __future__ import annotations

from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion

BY_HAND = "weights, set by hand, with which it solves the task"

hold_or_learn = ChoiceQuestion(
    lesson="09",
    name="hold_or_learn",
    question=(
        "A network does not get beyond chance in training. It may be unable to hold the cue, or training may not find "
        "the weights that hold it. Which result would show that holding is *not* the obstacle?"
    ),
    choices=(
        "a second training, three times as long, that fails as well",
        "a training with more units that succeeds",
        "a training with short lags that succeeds",
        BY_HAND,
    ),
    answer=BY_HAND,
    says={
        "a second training, three times as long, that fails as well": (
            "From a failed training one learns only that these runs failed: for either reason."
        ),
        "a training with more units that succeeds": (
            "More units change what it could hold *and* what is easy to find. The two reasons stay mixed."
        ),
        "a training with short lags that succeeds": (
            "It removes the gap: then there is little to hold. It says nothing about holding over the long lag."
        ),
    },
    why="One set of weights that works proves that this network can hold the cue. What is left is the search for them.",
    prediction=False,
)

beyond = NumberQuestion(lesson="09", name="beyond", within=0.05, prediction=True)

tanh_beyond = NumberQuestion(lesson="09", name="tanh_beyond", within=0.05, prediction=True)

flagged_guess = NumberQuestion(lesson="09", name="flagged_guess", within=0.05, prediction=True)

copy_chance = NumberQuestion(
    lesson="09",
    name="copy_chance",
    within=0.02,
    prediction=True,
    mistakes={
        0.125: "That is its share among the ten symbols alone. The blanks count as well.",
        0.0: "It is right at every blank step.",
    },
)
