"""Lesson 02: what is learned in the layers."""

from __future__ import annotations

from course_utils.exercises.engine.questions import ChoiceQuestion

what_a_probe_says = ChoiceQuestion(
    lesson="02",
    name="what_a_probe_says",
    question="A linear classifier on a layer's numbers does better than one on the pixels. What does that show?",
    choices=(
        "the layer knows more about the picture than the pixels do",
        "what tells the classes apart is easier to read off, by a straight line",
        "the layer was trained well",
    ),
    answer="what tells the classes apart is easier to read off, by a straight line",
    says={
        "the layer knows more about the picture than the pixels do": (
            "It is computed from the pixels: it cannot hold more about the picture than they do."
        ),
        "the layer was trained well": "Perhaps; but how would an untrained one have done? Compare before you conclude.",
    },
    why="A layer can only rearrange, or lose, what is in the pixels. A good one leaves little to do.",
    prediction=False,
)

LOOK = "Look at the gold line (random) beside the grey one (pixels): the gold one is higher up to pool 2."

random_layer = ChoiceQuestion(
    lesson="02",
    name="random_layer",
    question="A linear probe on a layer with random weights: how does it compare with one on the pixels?",
    choices=("worse", "equally good", "better"),
    answer="better",
    says={
        "worse": LOOK,
        "equally good": LOOK,
    },
    why="Nothing was learned here, and still the probe does better. Hence the comparison with random layers.",
)
