"""Lesson 16: what is asked and predicted."""

from __future__ import annotations

from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion

new_to_it = ChoiceQuestion(
    lesson="16",
    name="new_to_it",
    question="You want to know how well a network reads what it has never seen. What must the lines you judge it by "
    "not share with those it learned from?",
    choices=(
        "Pictures of lines: no two lines are equal",
        "Pictures of digits",
        "Strings, such as 4071",
        "Pictures of digits, and strings",
    ),
    answer="Pictures of digits, and strings",
    says={
        "Pictures of lines: no two lines are equal": "With another slant every line is new, and yet each of its digits "
        "may be one that it has learned from, in a string that it knows.",
        "Pictures of digits": "Then each picture is new, and the strings may be old: a network that knows all strings "
        "of the training set by heart, and reads nothing else, looks perfect.",
        "Strings, such as 4071": "Then the strings are new, but each digit may be a picture that it has learned from.",
    },
    why="Both may be remembered, each in its way. Here neither a digit's picture nor a string stands in two parts.",
    prediction=False,
)

line_errors = NumberQuestion(lesson="16", name="line_errors", within=0.015, prediction=True)

of_a_new_string = ChoiceQuestion(
    lesson="16",
    name="of_a_new_string",
    question="It has learned to say which of twenty strings a line is. What does it say to a line with another string?",
    choices=(
        "Nothing: it is not sure",
        "One of its twenty strings",
        "The new string, put together from pieces of those it knows",
    ),
    answer="One of its twenty strings",
    says={
        "Nothing: it is not sure": "It has no answer such as “none of these”: its probabilities add up to 1 over the "
        "twenty, and the largest of them is its answer.",
        "The new string, put together from pieces of those it knows": "It has no pieces: a string is one class, and "
        "there is no class for a digit.",
    },
    why="It has no other answers: its classes are the twenty strings.",
)

ones_and_sevens = NumberQuestion(lesson="16", name="ones_and_sevens", within=0.05, prediction=True)

touching_errors = NumberQuestion(lesson="16", name="touching_errors", within=0.05, prediction=True)

other_order = NumberQuestion(lesson="16", name="other_order", within=0.1, prediction=True)
