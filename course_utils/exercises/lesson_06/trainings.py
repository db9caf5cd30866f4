"""Lesson 06: questions about a skewed matrix, about clipping, and about a training that succeeds."""

from __future__ import annotations

from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion

skewed_question = ChoiceQuestion(
    lesson="06",
    name="skewed_question",
    question="Both eigenvalues are 0.8. Can a vector become longer under this matrix?",
    choices=("no, every step makes it shorter", "yes, for a few steps", "yes, and it grows without limit"),
    answer="yes, for a few steps",
    says={
        "no, every step makes it shorter": (
            "The eigenvalues describe the long run. Before that, unit 2 keeps adding to unit 1, and the vector grows."
        ),
        "yes, and it grows without limit": (
            "It does grow at first. In the long run each step multiplies it by about 0.8, and it shrinks."
        ),
    },
    why="Unit 2 feeds unit 1 faster than both shrink, until unit 2 has little left to give.",
)

second_step = ChoiceQuestion(
    lesson="06",
    name="second_step",
    question="Not clipped: how does the gradient of the second step compare with that of the first?",
    choices=("it is about as large", "it is ten times as large", "it is more than a hundred times as large", "it is 0"),
    answer="it is more than a hundred times as large",
    says={
        "it is about as large": (
            "The identity keeps what the biases add at each step: after a long step they add up to huge states."
        ),
        "it is ten times as large": (
            "Larger still: the identity keeps what the biases add at each of a hundred steps, and the states are huge."
        ),
        "it is 0": "That comes later, when the units are off. First the gradient becomes huge.",
    },
    why="After a long first step the biases add up over a hundred time steps to huge states.",
    prediction=True,
)

moved_question = ChoiceQuestion(
    lesson="06",
    name="moved_question",
    question="One kind of weight makes the first step alone. After which is the second gradient by far the longest?",
    choices=("W_hh", "the input weights", "the biases", "all three much alike"),
    answer="the biases",
    says={
        "W_hh": "W_hh alone lengthens the gradient by less than a factor of 2: the states stay small.",
        "the input weights": (
            "A number is ½ on average: its weight makes half the step of a bias, and acts half as much. And torch "
            "gives each unit two biases."
        ),
        "all three much alike": "Alone they change little: the input weights, and W_hh. Look at the biases.",
    },
    why="Each bias is added at every step, and the identity keeps it: a hundred small changes add up.",
    prediction=True,
)

smaller_steps = ChoiceQuestion(
    lesson="06",
    name="smaller_steps",
    question="Not clipped, with 1/171 of the learning rate: how does that training go, compared with clipping?",
    choices=(
        "the loss leaps as before",
        "no leap, and a loss at the end that is no higher",
        "no leap, but a loss at the end that is far higher",
    ),
    answer="no leap, and a loss at the end that is no higher",
    says={
        "the loss leaps as before": "The leap came from a long first step. That step is as short as the clipped one.",
        "no leap, but a loss at the end that is far higher": (
            "Small steps are enough to bring the answers near 1, and that is what both trainings end with."
        ),
    },
    why="The leap came from a long first step. A 171st of the step is as short as the clipped one with seed 0.",
    prediction=True,
)

widening_question = ChoiceQuestion(
    lesson="06",
    name="widening_question",
    question="Find the frame in which the river widens. What do the loss and the whole gradient do around it?",
    choices=(
        "the loss has long been low, the gradient is as before",
        "the loss falls at about that time, the gradient grows",
        "the loss stays at chance, the gradient shrinks",
    ),
    answer="the loss falls at about that time, the gradient grows",
    says={
        "the loss has long been low, the gradient is as before": (
            "Go to the frames before the river widens: the loss is near that of chance there."
        ),
        "the loss stays at chance, the gradient shrinks": (
            "Compare the frames before and after: the loss falls, and the whole gradient is larger."
        ),
    },
    why="The parts from far back come on top of those from near, and they tell the network what to keep.",
)

peak_of_30 = NumberQuestion(
    lesson="06",
    name="peak_of_30",
    answer=(0.97, 1.0),
    tolerance=0.005,
    mistakes={
        0.5: "0.5 is matrix C, whose peak is 4.57. Move the slider further.",
        0.95: "Nearly: at 0.95 the peak is 28.",
    },
    why="A little more than twice the non-normality of C makes the peak seven times as high.",
)

safe_slope = NumberQuestion(
    lesson="06",
    name="safe_slope",
    answer=(0.55, 0.5917),
    tolerance=0.005,
    mistakes={
        0.6: "At 0.6 the first step still stretches a little: the largest stretch is 1.01.",
        1.25: "A slope of 1/0.8 would belong to the eigenvalue. What counts for every step is the singular value.",
    },
    why="Nothing can grow where slope × σ is at most 1, and σ is 1.69 here.",
)
