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
        "each its own cue": "The cue is in the cell, and the cell has moved. The next h is made from it.",
        "neither: they are at chance": (
            "The swap breaks nothing: the network goes on with a memory, the memory of the other sequence."
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
        "each the other's cue": "h lives for one step. The next h is made from the cell, which stayed.",
        "neither: they are at chance": "For one step the gates see the wrong state. The cell carries on.",
    },
    why="The next h is made from the cell, which stayed; one wrong h does little.",
)

GATES_ALONE = (
    "That is what the forget gates alone leave from lag 10 to lag 199: 0.9933^189 = 0.28, about −0.55 as a power of "
    "ten. The other paths add to it."
)

grows = NumberQuestion(
    lesson="07",
    name="grows",
    unit="as a power of ten",
    tolerance=0.0,
    mistakes={
        0.0: "The forget gates alone leave 0.28 of it, about −0.55 as a power of ten. The other paths add more to it.",
        **dict.fromkeys((-0.5, -0.51, -0.52, -0.53, -0.54, -0.55, -0.551, -0.56, -0.57, -0.58, -0.6), GATES_ALONE),
    },
    prediction=True,
)

learns_adding = NumberQuestion(
    lesson="07",
    name="learns_adding",
    unit="of five",
    tolerance=0.0,
    mistakes={0.0: "Next to nothing is left of its first gradient. Training changes that."},
    prediction=True,
)
