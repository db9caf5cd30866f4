"""Lesson 19: predictions."""

from __future__ import annotations

from course_utils.exercises.engine.questions import ChoiceQuestion

which_is_memory = ChoiceQuestion(
    lesson="19",
    name="which_is_memory",
    question=(
        "Two tasks over strings of 0 and 1, with an answer after every symbol. One: was the last 1 more than three "
        "symbols ago? Two: was the number of ones so far odd? How many bits must be remembered for each?"
    ),
    choices=("more for the first", "more for the second", "as many for both"),
    answer="more for the first",
    says={
        "more for the second": (
            "One bit is enough for the second, odd or even, however long the string is. The first must tell 0, 1, 2, 3 "
            "and more symbols apart: five states, three bits."
        ),
        "as many for both": (
            "The first must tell 0, 1, 2, 3 and more symbols apart: five states, three bits. The second only tells odd "
            "from even: one bit."
        ),
    },
    why="Odd or even is one bit. What is hard about it is not to keep the bit, but to change it at every 1.",
)

how_many_flip = ChoiceQuestion(
    lesson="19",
    name="how_many_flip",
    question=(
        "One unit, every weight −8, 0 or 8: there are 27 tanh RNNs and 531,441 LSTMs. How many of them hold the parity "
        "of the ones so far?"
    ),
    choices=("none of either", "no RNN, a few hundred LSTMs", "two RNNs, about half of the LSTMs"),
    answer="no RNN, a few hundred LSTMs",
    says={
        "none of either": "An LSTM can: a gate decides whether the cell is kept or replaced by its opposite.",
        "two RNNs, about half of the LSTMs": (
            "Two RNNs *hold* a sign. To flip it at a 1 and hold it at a 0 (read as −1), the input and the state "
            "would have to be multiplied, and one tanh unit adds them."
        ),
    },
    why="One tanh unit adds input and state; a gate multiplies them.",
)

right_at_500 = ChoiceQuestion(
    lesson="19",
    name="right_at_500",
    question=(
        "Permutations of three, learned on strings of up to 40 symbols: which networks are right on strings of 500 in "
        "most of ten trainings?"
    ),
    choices=(
        "all four recurrent networks",
        "GRU and LSTM: they have gates",
        "LSTM and ReLU RNN",
        "the Transformer alone: it sees all symbols at once",
    ),
    answer="LSTM and ReLU RNN",
    says={
        "all four recurrent networks": (
            "All four were set by hand for it. With the rates that were chosen, two of them learned it in none of ten "
            "trainings."
        ),
        "GRU and LSTM: they have gates": (
            "Gates alone did not decide: with the rate that was chosen, the GRU learned it in none of ten trainings."
        ),
        "the Transformer alone: it sees all symbols at once": (
            "It sees them all, and stayed at chance, at 40 symbols already."
        ),
    },
    why="That weights exist does not say that a training finds them.",
)

random_strings = ChoiceQuestion(
    lesson="19",
    name="random_strings",
    question=(
        "A small network has learned parity: 200 random strings of 500 symbols, every answer right. Is it right on "
        "every string of up to 60 symbols too?"
    ),
    choices=(
        "yes, they are shorter",
        "only if it has seen all of them",
        "perhaps not: some strings come too rarely at random",
    ),
    answer="perhaps not: some strings come too rarely at random",
    says={
        "yes, they are shorter": "A short string can hold what no long random one does: twenty zeros in a row, say.",
        "only if it has seen all of them": (
            "It need not have seen them: what matters is what its state does, and that can be followed."
        ),
    },
    why="Random strings are all of one kind: in none of those drawn here do twenty equal symbols follow each other.",
)
