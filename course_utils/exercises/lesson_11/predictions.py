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
    question="An LSTM reads 24 scaled months of CO₂ and says the next twelve. Beside “like a year ago” its error is …",
    choices=("clearly smaller", "about as large", "clearly larger"),
    answer="clearly larger",
    says={
        "clearly smaller": "It would be, if what it reads stayed in the range that it learned. CO₂ rises.",
        "about as large": "It does worse than that: what it reads lies above all that it has learned.",
    },
    why="CO₂ rises, and what the network reads later lies above all that it has learned.",
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
        "a Weibull hazard, fitted from the cue on",
        "a feedforward network that sees the last 16 steps",
        "a tanh RNN",
        "an LSTM",
    ),
    answer="an LSTM",
    says={
        "a Weibull hazard, fitted from the cue on": "It knows the cue and the delays' shape, but not "
        "the “!” before the cue.",
        "a feedforward network that sees the last 16 steps": "In many records the cue lies farther back than that, "
        "and then it cannot know how far.",
        "a tanh RNN": "It could hold the cue. In the stored trainings it did not learn to.",
    },
    why="One has to hold the cue and the “!”, and to count. In the stored trainings the LSTM is best of these four.",
)
