"""Lesson 07: predictions."""

from __future__ import annotations

from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion

by_hand = ChoiceQuestion(
    lesson="07",
    name="by_hand",
    question=(
        "One LSTM unit, weights set by hand, 10,000 steps of the adding problem. What is its mean squared error?"
    ),
    choices=(
        "about 1/6: one unit cannot do it",
        "about 1/12: it holds one of the two numbers",
        "below 0.001: it solves it",
    ),
    answer="below 0.001: it solves it",
    says={
        "about 1/6: one unit cannot do it": "It can: the input gate opens at the markers, and the cell adds up.",
        "about 1/12: it holds one of the two numbers": (
            "The cell *adds*: the second number is added to the first, and one cell is enough."
        ),
    },
    why="The input gate opens at the two markers only, the forget gate never closes, and the cell is a sum.",
)

transplant = ChoiceQuestion(
    lesson="07",
    name="transplant",
    question=(
        "Two sequences with different cues run side by side. Ten steps before the end we swap their cells c, not h. "
        "Which cue do the answers follow?"
    ),
    choices=("each its own cue", "each the other's cue", "neither: they are at chance"),
    answer="each the other's cue",
    says={
        "each its own cue": "The cue is in the cell, and the cell has moved. h is made anew from it at every step.",
        "neither: they are at chance": (
            "Nothing is broken by the swap: the network goes on with a memory, only it is the other one's."
        ),
    },
    why="Where c and h disagree, c wins: the next h is made from it.",
)

swapped_h = ChoiceQuestion(
    lesson="07",
    name="swapped_h",
    question="And if we swap h, and leave c?",
    choices=("each its own cue", "each the other's cue", "neither: they are at chance"),
    answer="each its own cue",
    says={
        "each the other's cue": "h lives for one step. At the next one it is made anew from the cell, which stayed.",
        "neither: they are at chance": "For one step the gates see the wrong state. The cell carries on.",
    },
    why="h is made anew from the cell at every step; one wrong h does little.",
)

grows = NumberQuestion(
    lesson="07",
    name="grows",
    unit="as a power of ten",
    tolerance=0.0,
    mistakes={
        0.0: "With a forget gate of 0.993 nearly all would be left along the cell alone. The other paths add to it.",
        -0.5: "Along the forget gates alone it would be about that. The other paths add to it.",
    },
    prediction=True,
)
