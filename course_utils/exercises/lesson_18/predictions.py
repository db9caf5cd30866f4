"""Lesson 18: predictions, answered by what the lesson measures or by a closed form."""

from __future__ import annotations

from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion

# Answered by what the lesson counts.
by_counting = NumberQuestion(lesson="18", name="by_counting", within=1.0, prediction=True)

# Two chords, equally probable, one key in common and two keys of their own each: 2 · (1/2)⁴.
two_chords = NumberQuestion(lesson="18", name="two_chords", within=0.02, prediction=True)

without_memory = ChoiceQuestion(
    lesson="18",
    name="without_memory",
    question="A logistic regression sees the last four frames and has no memory. Against “the last chord again”, what "
    "does it cost for a frame?",
    choices=("more", "as much, within a tenth of a nat", "less"),
    answer="less",
    says={
        "more": "“The last chord again” looks at one frame, and at each key by itself. The regression sees which keys "
        "sounded together.",
        "as much, within a tenth of a nat": "Which keys come next depends on which other keys sound now. Counting each "
        "key by itself cannot use that.",
    },
    why="It sees which keys sounded together, and how they came there: one step of a melody is often followed by "
    "another.",
)

# Answered by the rows of "chorales"; the test of stored answers compares them.
fewest_nats = ChoiceQuestion(
    lesson="18",
    name="fewest_nats",
    question="Ten splits of the tunes, 120 epochs, as many weights in each network. What costs the fewest nats of a "
    "frame in most of the splits?",
    choices=("the logistic regression", "the tanh RNN", "the ReLU RNN", "the GRU", "the LSTM"),
    answer="the ReLU RNN",
    says={
        "the logistic regression": "Each of the networks is ahead of it in most splits.",
        "the tanh RNN": "It is ahead of the logistic regression by a few hundredths of a nat.",
        "the GRU": "It is ahead of the logistic regression by a few hundredths of a nat.",
        "the LSTM": "It costs the fewest in three of the ten.",
    },
    why="The ReLU RNN costs least in seven of ten splits, often by hardly anything.",
)

# Which clip is whose is set by the lesson; the test of stored answers compares them.
which_is_bach = ChoiceQuestion(
    lesson="18",
    name="which_is_bach",
    question="The five clips begin with the same two bars. Which one did Bach write?",
    choices=("A", "B", "C", "D", "E"),
    answer="C",
    says={
        "A": "That is the tanh RNN.",
        "B": "That is the LSTM.",
        "D": "That is the GRU.",
        "E": "That is the ReLU RNN.",
    },
    why="A is the tanh RNN, B the LSTM, D the GRU and E the ReLU RNN.",
)
