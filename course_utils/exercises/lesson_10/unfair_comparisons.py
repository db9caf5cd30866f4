"""Lesson 10: comparisons that are not fair."""

from __future__ import annotations

from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion

best_of = NumberQuestion(
    lesson="10",
    name="best_of",
    hints=(
        "Four tries in all, and all alike. How likely is each of them to be the best of the four?",
        "Three of the four equally likely winners are the LSTM's.",
    ),
    answer=0.75,
    within=0.001,
    mistakes={
        0.5: "A half would be right for one try each. The LSTM has three chances to be lucky.",
        0.25: "That is how often the RNN's single try is the best of all four.",
        1 / 3: "Each of the *four* tries is equally likely to be the best, and three of them are the LSTM's.",
        2 / 3: "Each of the *four* tries is equally likely to be the best, and three of them are the LSTM's.",
        0.875: "1 − ½³ would be three tries, each against another try of the RNN. They all meet the same one: if that "
        "one was good, all three are likely to lose.",
        1.0: "Not always: the RNN's single try may be the luckiest of the four.",
        0.0: "The more tries, the better the best of them.",
    },
    why="The best of four tries that are all alike is equally likely to be any of them, and three are the LSTM's. It "
    "“wins” that often, though both are equally good. Give each network the same number of tries.",
)

lag_told = ChoiceQuestion(
    lesson="10",
    name="lag_told",
    question="One kind of first weights could be told something about the task that no other could be told. Which?",
    choices=("chrono", "identity, inputs 0.1", "orthogonal, forget bias 1", "orthogonal"),
    answer="chrono",
    says={
        "identity, inputs 0.1": "The identity holds a state for any time, and with small inputs little is added to it. "
        "It is the same matrix for a lag of 40 and for one of 160.",
        "orthogonal, forget bias 1": "A forget bias of 1 is the same whatever the task. Look for the one that is "
        "drawn for a length of memory.",
        "orthogonal": "An orthogonal matrix keeps the length of a state for any time. It is drawn in the same way for "
        "every lag. The search found it; nobody told it.",
    },
    why="Chrono biases are drawn for a longest memory (lesson 09). Drawn for the lag of the task, they tell the gated "
    "networks alone how long they will have to wait. Here they are drawn for 100 steps, whatever the task and its lag: "
    "nobody is told.",
    prediction=False,
)

ten_to_seven = ChoiceQuestion(
    lesson="10",
    name="ten_to_seven",
    question="An LSTM solves a task with 10 of 10 seeds, an RNN with 7 of 10. What has been shown?",
    choices=(
        "the LSTM solves it more often",
        "no difference yet: both may have the same share",
        "both solve it equally often",
    ),
    answer="no difference yet: both may have the same share",
    says={
        "the LSTM solves it more often": "With these ten seeds it did. But where both are equally good and three of "
        "20 runs fail, all three fall to the same network in 21 of 100 cases.",
        "both solve it equally often": "That was not shown either: the true shares may well be 0.95 and 0.6. What was "
        "not found may still be there.",
    },
    why="By Wilson the shares are 0.72 to 1 and 0.40 to 0.89. That the intervals overlap does not settle it. But if "
    "both are equally good and three of 20 runs fail, all three fall to the same network in 21 of 100 cases (Fisher's "
    "exact test, p = 0.21). More seeds are needed.",
    prediction=False,
)
