"""Lesson 11: what a learner expects, before it is measured."""

from __future__ import annotations

from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion

split_in_time = ChoiceQuestion(
    lesson="11",
    name="split_in_time",
    question="A look-up forecasts a random walk with a third of the naive forecast's error. What is wrong?",
    choices=(
        "nothing: it found a pattern in the walk",
        "windows that judge overlap windows that were learned from",
        "the walk is too short",
    ),
    answer="windows that judge overlap windows that were learned from",
    says={
        "nothing: it found a pattern in the walk": "The steps of a random walk are drawn independently of each other: "
        "there is no pattern that goes on.",
        "the walk is too short": "A thousand values are few, but few values do not make a score too good.",
    },
    why="The neighbour in time of almost every window is among those that were learned from, and its target lies one "
    "step beside the right one.",
)

reads_values = ChoiceQuestion(
    lesson="11",
    name="reads_values",
    question="An LSTM reads 24 scaled months of CO₂ and says the next twelve. It may learn once, until 1990, or again "
    "at each origin, as its opponents do. Beside “like a year ago” its mean error over the ten origins is …",
    choices=(
        "smaller, both ways",
        "larger if it learns once, smaller if it learns again",
        "larger, both ways",
    ),
    answer="larger if it learns once, smaller if it learns again",
    says={
        "smaller, both ways": "It would be, if what it reads stayed in the range that it learned. CO₂ rises, and a "
        "network that learned once does not see it.",
        "larger, both ways": "A network that learns again has seen nearly all of the range that it reads next.",
    },
    why="CO₂ rises: a network that learned once soon reads values above all that it has learned; one that learns again "
    "at each origin has seen nearly all of their range.",
)

series_won = NumberQuestion(
    lesson="11",
    name="series_won",
    unit="series of three",
    tolerance=0.0,
    prediction=True,
)

who_times_it = ChoiceQuestion(
    lesson="11",
    name="who_times_it",
    question="Which of these says best when the event comes?",
    choices=(
        "a Weibull hazard, fitted from the cue on, not told of the “!”",
        "a feedforward network that sees the last 16 steps",
        "a tanh RNN",
        "an LSTM",
    ),
    answer="an LSTM",
    says={
        "a Weibull hazard, fitted from the cue on, not told of the “!”": "It knows the cue and the kind of "
        "distribution that the delays have, but not the “!” before the cue.",
        "a feedforward network that sees the last 16 steps": "In many records the cue lies farther back than that, "
        "and then it cannot know how far.",
        "a tanh RNN": "It could hold the cue. In the stored trainings it did not learn to.",
    },
    why="One has to hold the cue and the “!”, and to count. In the stored trainings the LSTM is best of these four.",
)
