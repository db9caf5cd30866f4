# %% [markdown]
# # 19 · What they can compute
#
# Builds on lesson 05 (states), lesson 07 (gates, a unit set by hand) and lesson 09 (long memory).
#
# You will be able to
#
# - tell memory from computation, and write down a task that needs next to no memory and is hard;
# - derive the score of the best constant answer;
# - set by hand two units that hold parity, and one that counts;
# - show in two lines what a linear recurrence with positive eigenvalues cannot do;
# - prove that a network is right on every string, or find the shortest on which it is wrong.

# %% tags=["setup", "timing"]
import course_utils

course_utils.start("19_what_they_can_compute")

# %% [markdown]
# ## Memory is not computation
#
# Lesson 09 asked how long a network can hold what it saw.
# Here is another question: what can it *do* with what it holds?

# %%
from course_utils.exercises import lesson_19 as ex

predict = ex.which_is_memory.ask()

# %% tags=["reveal"]
ex.which_is_memory.check(predict)

# %% [markdown]
# **Parity**, odd or even, is one bit, and each 1 flips it.
# Below are eight such tasks.
# Strings are drawn at random, and after *every* symbol an answer is due.

# %%
from course_utils.data.formal_languages import LANGUAGES, strings
from course_utils.display.tables import show_table

rows = []
for name, language in LANGUAGES.items():
    drawn = strings(name, 1, 12, seed=6)
    between = " " if len(language.symbols[0]) > 1 else ""
    string = between.join(language.symbols[symbol] for symbol in drawn.symbols[0, :8])
    answers = " ".join(language.answers[answer] for answer in drawn.answers[0, :8])
    rows.append({"task": name, "a string begins": string, "answers": answers, "chance": language.chance})
show_table(rows, "Eight tasks: the beginning of a string, and the right answer after each of its symbols")

# %% [markdown]
# - *parity*: is the number of ones so far odd? *modular sums*: the sum so far, modulo 5.
# - *permutations of three*: each symbol rearranges three things; where do they stand now?
#   312 moves what stands first to place 3, the second to 1, the third to 2.
# - *last letter*: which letter came last, however many dots ago?
#   This one is memory alone.
# - *aⁿbⁿ*: are there as many b's as a's (now), fewer (not yet), or more (never again)? *aⁿbⁿcⁿ*: the same with three letters.
# - *Dyck-1*, *Dyck-2*: brackets of one kind, is one open?
#   Of two kinds, which must close next?
#
# For the first four a fixed number of states is enough, however long the string is: a **finite automaton** answers them, a table in which `table[state][symbol]` is the next state.
# The others need a count, or a stack, that grows with the string.

# %% tags=["evidence"]
from itertools import product

from course_utils.data.formal_languages import LANGUAGES, ORDERS, composed

assert {name for name, language in LANGUAGES.items() if language.automaton} == {
    "parity",
    "modular sums",
    "permutations of three",
    "last letter",
}
assert any(composed(one, other) != composed(other, one) for one, other in product(ORDERS, repeat=2))
# shown: "For the first four a fixed number of states is enough"
# defined: "Strings are drawn at random, and after every symbol an answer is due"
# defined: "are there as many b's as a's (now), fewer (not yet), or more (never again)"
# defined: "Parity, odd or even, is one bit, and each 1 flips it"
# defined: "The others need a count, or a stack, that grows with the string"
# defined: "which letter came last, however many dots ago"
# defined: "This one is memory alone"
assert composed((2, 0, 1), (0, 1, 2)) == [2, 0, 1]
# shown: "312 moves what stands first to place 3, the second to 1, the third to 2"
# defined: "Eight tasks: the beginning of a string"
# defined: "tell memory from computation"
# shown: "In the permutations the order matters"
# defined: "modular sums: the sum so far, modulo 5"
# defined: "prove that a network is right on every string, or find the shortest"
# defined: "What is hard about it is not to keep the bit, but to change it"

# %% [markdown]
# ## Always the same answer
#
# Most answers about brackets are easy: most of the time something is open.
# So only **decisive** steps are judged.
# Of aⁿbⁿ these are the step before the b's are as many as the a's, that step, and the one after it; so a rule that always answers the same is right in one third.
# Of Dyck-1 they are those before and after two brackets that close the last two; of parity and permutations the last ten.
#
# ### Your turn: the best constant answer · 3 minutes


# %%
def my_best_constant_share(answers, decisive):
    """answers: (N, T) whole numbers; decisive: (N, T) bool. Returns the share of the best constant answer."""
    ...


ex.best_constant_share.check(my_best_constant_share)
# ex.best_constant_share.hint()
# ex.best_constant_share.hint(2)
# ex.best_constant_share.hint(3)
# ex.best_constant_share.solution()

# %%
share = ex.best_constant_share.mine()
for name in ("parity", "permutations of three", "aⁿbⁿ", "Dyck-1"):
    drawn = strings(name, 2_000, 40, seed=0)
    everywhere = share(drawn.answers, drawn.decisive | True)
    print(
        f"{name}: always the same answer is right in {share(drawn.answers, drawn.decisive):.3f}; of all {everywhere:.3f}"
    )

# %% tags=["evidence"]
from course_utils.metrics.answers import best_constant_share

for name, language in LANGUAGES.items():
    many = strings(name, 4_000, 40, seed=1)
    assert abs(best_constant_share(many.answers, many.decisive) - language.chance) < 0.02
many = strings("Dyck-1", 4_000, 40, seed=1)
assert best_constant_share(many.answers, many.decisive | True) > 0.7
assert LANGUAGES["aⁿbⁿ"].chance == 1 / 3
# shown: "Most answers about brackets are easy: most of the time something is open"
# shown: "a rule that always answers the same is right in one third"
# defined: "So only decisive steps are judged"
last_ten = strings("parity", 5, 40, seed=0).decisive
assert last_ten[:, -10:].all()
assert not last_ten[:, :-10].any()
# defined: "they are those before and after two brackets that close the last two"
# defined: "derive the score of the best constant answer"

# %% [markdown]
# ## Set by hand
#
# Can a recurrent network hold parity?
# One tanh unit adds its input to its own state, and odd or even is neither of the two alone.
# Two units can: one is on where the new symbol *or* the parity before is 1, the other where *both* are.
# The first minus the second says whether exactly one of them is.
#
# ### Your turn: parity by two units · 10 minutes
#
# The input is 1 or −1, and a unit is $\tanh(w_x x + w_1 h_1 + w_2 h_2 + b)$.
# Its states are near 1 or −1 once the weights are large.
# The parity before is read as $p = h_1 - h_2 - 1$: 1 for odd, −1 for even, and −1 before the first step, where both states are 0.


# %%
def my_parity_units():
    """Returns W_x (2,), W_h (2, 2), whose rows are units and whose columns are h₁ and h₂, and the biases (2,)."""
    ...


ex.parity_units.check(my_parity_units)
# ex.parity_units.hint()
# ex.parity_units.hint(2)
# ex.parity_units.hint(3)
# ex.parity_units.solution()

# %% [markdown]
# ### Your turn: one unit that counts · 6 minutes
#
# An LSTM's cell can do more: $c = f \cdot c + i \cdot g$ goes up by 1 and down by 1, and no bound is set to it.
# Write one unit whose cell is the number of a's minus the number of b's, shown by an open output gate.
# Equal steps of another size, from 1/2 up, are right too.
# The weights of its own output are 0.
# The check runs it over 2,000 a's and as many b's.


# %%
def my_counting_unit():
    """Returns W_ih (4, 2): rows input gate, forget gate, candidate, output gate; columns a, b. And the biases (4,)."""
    ...


ex.counting_unit.check(my_counting_unit)
# ex.counting_unit.hint()
# ex.counting_unit.hint(2)
# ex.counting_unit.hint(3)
# ex.counting_unit.solution()

# %%
import torch

from course_utils.display.settings import untrained
from course_utils.experiments.computation.set_for_languages import counting_lstm
from course_utils.figures.strings import along_string

counter = counting_lstm("aⁿbⁿ", ex.counting_unit.mine()())
text = "aaaaaaabbbbbbbbb"
inputs = torch.nn.functional.one_hot(LANGUAGES["aⁿbⁿ"].encode(text), 2).float()
with torch.no_grad():
    cells = [counter.core(inputs[:, : t + 1])[1][1].item() for t in range(len(text))]
    states = counter.core(inputs)[0].flatten().tolist()
along_string(
    text,
    {"LSTM, its cell c": cells, "LSTM, its output h": states},
    label="cell, output",
    title="The cell of one unit counts up and down; its output only says on which side of 0 it is",
    zero="as many b's as a's",
)

# %% [markdown]
# Put a string together.
# What does the cell hold after ten a's, and what does the output still show of it (choose *output 1*)?
# The ReLU unit cannot go below 0, and holds the count plus 1.

# %%
from course_utils.experiments.computation.set_for_languages import counting_relu
from course_utils.widgets.counter import counter as string_counter

by_hand = {"LSTM, set by hand": counter, "ReLU RNN, set by hand": counting_relu("aⁿbⁿ")}
string_counter(by_hand, "aⁿbⁿ", "aaabbb", settings=untrained("set by hand, not trained"))

# %% tags=["evidence"]
from course_utils.experiments.computation.set_for_languages import counting_unit as counting_weights
from course_utils.nn.cells import lstm_states

own = counting_lstm("aⁿbⁿ", counting_weights())
_, exact = lstm_states(inputs, torch.zeros(1, 1), torch.zeros(1, 1), tuple(own.core.parameters()))
assert exact.flatten().tolist() == [1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1, 0, -1, -2]
with torch.no_grad():
    relu_states = counting_relu("aⁿbⁿ").core(inputs[:, :4])[0][0]
assert (relu_states == torch.tensor([[2.0], [3.0], [4.0], [5.0]])).any(1).all()
# shown: "The ReLU unit cannot go below 0, and holds the count plus 1"
# shown: "The cell of one unit counts up and down"
# shown: "goes up by 1 and down by 1, and no bound is set to it"
# defined: "Its states are near 1 or −1 once the weights are large"
# defined: "The first minus the second says whether exactly one of them is"
# shown: "odd or even is neither of the two alone"
# shown: "Two units can: one is on where"
# defined: "set by hand two units that hold parity"
# shown: "its output only says on which side of 0 it is"
# defined: "The input is 1 or −1, and a unit is"
# defined: "The parity before is read as"
# defined: "The weights of its own output are 0"
# defined: "The check runs it over 2,000 a's and as many b's"
# defined: "and what does the output still show of it (choose output 1)"
# defined: "Equal steps of another size, from 1/2 up, are right too"

# %% [markdown]
# Here are all networks of the course that were set by hand for these tasks, on two strings of 10,001 symbols.

# %% tags=["nbval-check-output"]
from course_utils.experiments.computation.set_for_languages import set_by_hand

right = {}
for (language, network), build in set_by_hand().items():
    long_ones = strings(language, 2, 10_001, seed=1, deep=True)
    with torch.no_grad():
        found = build()(long_ones.inputs).argmax(-1)
    right.setdefault(language, []).append(f"{network} {(found == long_ones.answers).double().mean():.0%}")
for language, networks in right.items():
    print(f"{language}: {', '.join(networks)}")

# %% [markdown]
# So RNN, GRU and LSTM can all *represent* parity, sums and permutations, for strings of any length.
# Parity takes 18 to 24 weights; an automaton with S states and A symbols becomes a network of S · A + 1 units.
# Where a trained network fails at them, it has not *learned* what it could represent.
#
# For counting it is otherwise.
# The cell of an LSTM, a ReLU unit, and a linear recurrence whose eigenvalue is rounded to 1 go up by one at a time, until float32 no longer tells 16,777,216 from the next number.
# The state of a tanh unit or a GRU lies between −1 and 1: numbers up to $n$ must share that interval, and the larger $n$, the closer they lie.

# %% tags=["evidence"]
for (language, network), build in set_by_hand().items():
    tried = strings(language, 2, 10_001, seed=2, deep=True)
    with torch.no_grad():
        assert torch.equal(build()(tried.inputs).argmax(-1), tried.answers), (language, network)
assert {"tanh RNN", "ReLU RNN", "GRU", "LSTM"} <= {
    network for language, network in set_by_hand() if language == "parity"
}
# shown: "can all represent parity, sums and permutations"
from course_utils.nn.parameters import parameters_count

n_weights = {key: parameters_count(build()) for key, build in set_by_hand().items()}
assert {n_weights["parity", cell] for cell in ("tanh RNN", "ReLU RNN", "GRU", "LSTM")} == {18, 19, 24}
assert n_weights["permutations of three", "LSTM"] == 6_888
assert 6 * 6 + 1 == 37 == set_by_hand()["permutations of three", "LSTM"]().core.hidden_size
# shown: "Parity takes 18 to 24 weights"
# shown: "an automaton with S states and A symbols becomes a network"
# defined: "it has not learned what it could represent"
from course_utils.nn.extraction import extract

for language in ("parity", "permutations of three"):
    machine = LANGUAGES[language].automaton
    for cell in ("tanh RNN", "ReLU RNN", "GRU", "LSTM"):
        assert extract(set_by_hand()[language, cell](), grain=1e-4).automaton.counterexample(machine) is None
assert torch.tensor(2.0**24) + 1 == 2**24 == 16_777_216
# shown: "a linear recurrence whose eigenvalue is rounded to 1 go up by one at a time"
# defined: "numbers up to n must share that interval"
# defined: "Where a trained network fails at them"
# defined: "Here are all networks of the course that were set by hand"

# %% [markdown]
# ## Two lines of algebra
#
# A **linear recurrence** keeps $a_t \cdot h$ and adds $b_t$, where both depend on the input alone: $h_t = a_t h_{t-1} + b_t$.
# Lesson 20 shows what that buys: all steps can be computed at once.
# Where the state has many numbers, let each have its own $a_t$, also called its **eigenvalue**: the recurrence is **diagonal**.
# What does it cost?
# Take two states, $h$ and $h'$, and let the same string come:
#
# $$h_t - h'_t = a_t\,(h_{t-1} - h'_{t-1}), \qquad\text{so}\qquad h_T - h'_T = a_T \cdots a_1\,(h_0 - h'_0).$$
#
# Let all $a_t$ be positive: none of them is 0 or below.
# Then the larger of two states stays the larger one, whatever comes.
# Say the state is above a threshold after an odd beginning, and below it after an even one: a further 1 must exchange the two.
# With one such state that cannot be.
#
# ### Your turn: what is left of a difference · 3 minutes


# %%
def my_difference_left(eigenvalues):
    """eigenvalues: (B, T, N), a of each step. Returns (B, N), by what a difference is multiplied in the end."""
    ...


ex.difference_left.check(my_difference_left)
# ex.difference_left.hint()
# ex.difference_left.hint(2)
# ex.difference_left.hint(3)
# ex.difference_left.solution()

# %% [markdown]
# With $a_t$ in (−1, 1) it can: a 1 turns the difference round (Grazzi and others, 2025).
# For several layers and many numbers of state the argument is longer, and needs a finite precision; it is in that paper.
# It says what cannot be represented for *all* lengths; over forty symbols a network of that kind can still be right.

# %% tags=["evidence"]
from course_utils.experiments.computation.set_for_languages import parity_diagonal

flips = parity_diagonal()[0].eigenvalues(torch.eye(2))
assert flips.flatten().tolist() == [1.0, -1.0]
# shown: "a 1 turns the difference round"
# source: "a 1 turns the difference round" Grazzi and others (2025)
# source: "For several layers and many numbers of state the argument is longer" Grazzi and others (2025)
# source: "It says what cannot be represented for all lengths" Grazzi and others (2025)
# defined: "Then the larger of two states stays the larger one, whatever comes"
# defined: "show in two lines what a linear recurrence with positive eigenvalues cannot do"
# defined: "all steps can be computed at once"
# defined: "With one such state that cannot be"
# defined: "where both depend on the input alone"
# defined: "let each have its own a_t, also called its eigenvalue"
# defined: "Say the state is above a threshold after an odd beginning"
# defined: "be positive: none of them is 0 or below"

# %% [markdown]
# ## Learned on short strings, judged on long ones
#
# What can be set by hand need not be learned.
# Seven networks of nearly equal size, 5,700 to 6,400 parameters, learn four of the tasks: 1,000 training steps, strings of 2 to 40 symbols, the answer after each symbol.
# Two of them are diagonal linear recurrences, with eigenvalues in (0, 1) and in (−1, 1); one is a small Transformer.
# They are judged at 40 symbols, and at 60, 101, 200 and 500; from 101 on, aⁿbⁿ and Dyck-1 count farther than any string to learn from.
# To be right there is **length generalisation** (Delétang and others, 2023).

# %%
predict = ex.right_at_500.ask()

# %% tags=["reveal"]
import pandas as pd

from course_utils import claims
from course_utils.experiments.computation import formal_language_grid as grid
from course_utils.figures import comparisons

ex.right_at_500.check(predict)
runs = pd.concat([claims.results(name) for name in grid.NAMES.values()])
by_chance = runs["language"].map({name: LANGUAGES[name].chance for name in grid.NAMES})
wrong = ((1 - runs["accuracy"]) / (1 - by_chance)).clip(upper=1)
runs = runs.assign(task=runs["language"], lag=runs["length"], wrong=wrong)
comparisons.grid(
    runs,
    "Parity and permutations: mostly learned or not. Counting: learned, and lost with length",
    shade="wrong",
    darker="better than chance on average, white: as chance",
    xlabel="symbols of a string; criterion: 99 of 100 decisive answers right",
)

# %% [markdown]
# Chance is 1/2 for parity and Dyck-1, 1/6 for permutations, 1/3 for aⁿbⁿ: so much has a *constant* answer.
# Without any count, a rule that knows whether the step is odd has 2/3 in aⁿbⁿ; one that sees the last two symbols has 0.86 in Dyck-1 at 40, and 0.73 to 0.74 beyond.
# A low score at 500 symbols can have three reasons.
#
# - The network **cannot represent** the task.
#   Then no training helps.
# - It **does not learn** it: answers are wrong at 40 symbols already, though weights exist that give the right ones.
# - It **drifts**: right at 40, wrong later.

# %% tags=["reveal"]
from course_utils.nn.parameters import parameters_count

hands = set_by_hand()
for language in grid.NAMES:
    found = [f"{net} ({parameters_count(hands[of, net]()):,} weights)" for of, net in hands if of == language]
    print(f"{language}, set by hand: {', '.join(found)}")

# %% [markdown] tags=["reveal"]
# - *Parity*: eight of ten LSTMs are right at every length, five GRUs, one tanh RNN and one ReLU RNN.
#   One seed chose their rates; with rates that two seeds chose, LSTM, GRU and ReLU RNN have ten of ten, the tanh RNN one (*Going deeper*).
#   With eigenvalues in (−1, 1) six are right at 40, none at 500, where these have 0.87 to 0.98: they drift.
#   With (0, 1) none learns it, nor does a Transformer, at 40 symbols already: more than the algebra says.
# - *Permutations of three*: nine LSTMs and eight ReLU RNNs, no tanh RNN and no GRU, though both were set by hand.
#   All ten recurrences with (−1, 1) have about 1/3 at 40: as much as who knows only whether a rearrangement is even or odd.
# - *aⁿbⁿ*: of 70 trainings, 68 are right at 40 and one is right at 500, an LSTM's.
#   Drift is the rule, and the LSTM's begins later: at 101 symbols five LSTMs are right, and three of the 60 others.
# - *Dyck-1*: nobody is right at 500, and no network's mean reaches the rule of two symbols.
#   At 101 all ten Transformers are right (here without places told), and seven LSTMs; at 200 none, and three.
#
# So for counting it is not enough that weights exist, and that short strings are right.
# "Not learned" means: with that rate; with another a GRU can learn permutations.

# %% tags=["evidence"]
from course_utils.data.formal_languages import ORDERS
from course_utils.metrics.answers import best_constant_share

counted = {
    (language, length): of.groupby("network", sort=False)["solved"].sum().astype(int).to_dict()
    for (language, length), of in runs.groupby(["language", "length"])
}
assert 5_680 < runs["parameters"].min() < runs["parameters"].max() < 6_420
assert (runs.groupby("language")["parameters"].max() / runs.groupby("language")["parameters"].min()).max() < 1.03
assert runs.groupby(["language", "network", "length"])["seed"].nunique().eq(10).all()
recurrent = ["tanh RNN", "ReLU RNN", "GRU", "LSTM"]
SIGNED, POSITIVE = "diagonal (−1, 1)", "diagonal (0, 1)"
for length in (40, 60, 101, 200, 500):
    assert [counted["parity", length][name] for name in recurrent] == [1, 1, 5, 8]
    assert counted["parity", length][POSITIVE] == 0
signed = runs[runs["network"] == SIGNED].set_index(["language", "length", "seed"]).sort_index()[["accuracy", "solved"]]
late = signed.loc["parity", 500]["accuracy"][signed.loc["parity", 40]["solved"] == 1]
assert (round(late.min(), 2), round(late.max(), 2)) == (0.87, 0.98)
assert sum(counted["parity", length]["Transformer"] for length in (40, 60, 101, 200, 500)) == 0
third = signed.loc["permutations of three", 40]["accuracy"]
assert 0.28 < third.min() < third.max() < 0.36
assert sum(sum(o[a] > o[b] for a, b in ((0, 1), (0, 2), (1, 2))) % 2 for o in ORDERS) == 3 == len(ORDERS) / 2
assert (counted["parity", 40][SIGNED], counted["parity", 500][SIGNED]) == (6, 0)
order = "permutations of three"
assert counted[order, 500] == {name: {"LSTM": 9, "ReLU RNN": 8}.get(name, 0) for name in counted[order, 500]}
assert {(order, "tanh RNN"), (order, "GRU")} <= set(hands)
assert {(order, "ReLU RNN"), (order, "LSTM")} <= set(hands)
attention = runs[(runs["language"] == order) & (runs["network"] == "Transformer")]["accuracy"]
assert (attention - 1 / 6).abs().max() < 0.05
assert sum(counted["aⁿbⁿ", 40].values()) == 68
assert {name: n for name, n in counted["aⁿbⁿ", 500].items() if n} == {"LSTM": 1}
assert counted["aⁿbⁿ", 101]["LSTM"] == 5
assert sum(counted["aⁿbⁿ", 101].values()) == 8
assert sum(counted["Dyck-1", 500].values()) == 0
assert [counted["Dyck-1", length]["Transformer"] for length in (101, 200)] == [10, 0]
assert [counted["Dyck-1", length]["LSTM"] for length in (101, 200)] == [7, 3]
assert grid.CHOSEN["Dyck-1"]["Transformer"][0] == "no places told"
# shown: "Seven networks of nearly equal size, 5,700 to 6,400 parameters"
# defined: "Two of them are diagonal linear recurrences"
# shown: "What can be set by hand need not be learned"
for length in (60, 101, 200, 500):
    letters = (strings("aⁿbⁿ", 1_000, length, seed=5, deep=True).symbols == 0).sum(1)
    depths = (1 - 2 * strings("Dyck-1", 1_000, length, seed=5, deep=True).symbols).cumsum(1).amax(1)
    assert (bool(letters.min() > 19), bool(depths.min() > 10)) == (length > 60, length > 60)
# defined: "They are judged at 40 symbols, and at 60, 101, 200 and 500"
# source: "To be right there is length generalisation" Delétang and others (2023)
# shown: "from 101 on, aⁿbⁿ and Dyck-1 count farther than any string to learn from"
# shown: "All four were set by hand for it"
# shown: "With the rates that were chosen, two of them learned it in none of ten trainings"
# shown: "Gates alone did not decide: with the rate that was chosen, the GRU learned it in none of ten trainings"
# shown: "It sees them all, and stayed at chance, at 40 symbols already"
assert [LANGUAGES[name].chance for name in grid.NAMES] == [1 / 2, 1 / 6, 1 / 3, 1 / 2]
for length in (40, 60, 101, 200, 500):
    letters, brackets = (strings(name, 2_000, length, seed=6, deep=length > 40) for name in ("aⁿbⁿ", "Dyck-1"))
    odd = (torch.arange(1, length + 1) % 2 == 1).expand(2_000, length)
    by_clock = sum(
        best_constant_share(letters.answers, letters.decisive & on) * (letters.decisive & on).sum().item()
        for on in (odd, ~odd)
    )
    assert abs(by_clock / letters.decisive.sum().item() - 2 / 3) < 1e-6
    two = brackets.symbols * 2 + brackets.symbols.roll(1, 1)
    cases = [brackets.decisive & (two == case) for case in range(4)]
    by_two = sum(best_constant_share(brackets.answers, on) * on.sum().item() for on in cases if on.any())
    by_two /= brackets.decisive.sum().item()
    assert abs(by_two - 0.86) < 0.015 if length == 40 else 0.715 < by_two < 0.755, (length, by_two)
average = runs[(runs["language"] == "Dyck-1") & (runs["length"] == 500)].groupby("network")["accuracy"].mean()
assert average.max() < by_two
# shown: "Chance is 1/2 for parity and Dyck-1, 1/6 for permutations, 1/3 for aⁿbⁿ"
# shown: "a rule that knows whether the step is odd has 2/3 in aⁿbⁿ"
# shown: "one that sees the last two symbols has 0.86 in Dyck-1 at 40, and 0.73 to 0.74 beyond"
# shown: "no network's mean reaches the rule of two symbols"
# defined: "A low score at 500 symbols can have three reasons"
# defined: "Then no training helps"
# defined: "answers are wrong at 40 symbols already, though weights exist"
# defined: "right at 40, wrong later"
# shown: "eight of ten LSTMs are right at every length, five GRUs, one tanh RNN and one ReLU RNN"
two_seeds = claims.results("again_parity").groupby(["network", "length"])["solved"].sum()
for length in (40, 60, 101, 200, 500):
    assert [two_seeds[name, length] for name in recurrent] == [1, 10, 10, 10]
# shown: "with rates that two seeds chose, LSTM, GRU and ReLU RNN have ten of ten, the tanh RNN one"
# shown: "six are right at 40, none at 500, where these have 0.87 to 0.98"
# shown: "none learns it, nor does a Transformer, at 40 symbols already: more than the algebra says"
# shown: "nine LSTMs and eight ReLU RNNs, no tanh RNN and no GRU"
# shown: "All ten recurrences with (−1, 1) have about 1/3 at 40"
# shown: "of 70 trainings, 68 are right at 40 and one is right at 500"
# shown: "the LSTM's begins later: at 101 symbols five LSTMs are right, and three of the 60 others"
# shown: "nobody is right at 500"
# shown: "At 101 all ten Transformers are right (here without places told), and seven LSTMs; at 200 none, and three"
# shown: "it is not enough that weights exist, and that short strings are right"
# defined: "Not learned means: with that rate"

# %% [markdown]
# ## Right on every string?
#
# Train a GRU of four units on random strings of up to 40 symbols (seed 3, which shows what most do).

# %%
from course_utils.experiments.computation.every_string import judged, parity, trained_on_parity
from course_utils.nn.extraction import extract, shortest_mistake

network = trained_on_parity("GRU", units=4, steps=800, lr=0.03, seed=3)
drawn = strings("parity", 200, 500, seed=1_000)
with torch.no_grad():
    answers = network(drawn.inputs).argmax(-1)
print(f"200 random strings of 500 symbols: {(answers == drawn.answers).sum():,} of {answers.numel():,} answers right")

# %%
predict = ex.random_strings.ask()

# %% tags=["reveal"]
ex.random_strings.check(predict)
mistake = shortest_mistake(network, parity(), longest=200)
print(
    "shortest string found with a wrong answer:", "".join(map(str, mistake)) if mistake else "none of up to 200 symbols"
)

# %% [markdown] tags=["reveal"]
# `shortest_mistake` follows *all* strings, the short ones first, and goes on only where a new state is reached, more than 0.001 from all before.
# A state of four numbers, followed in this way, is no black box (Omlin and Giles, 1996; Weiss, Goldberg and Yahav, 2018).
# Below, the network reads such a string.
# Each zero takes a little of the lead that *odd* has over *even*.

# %% tags=["reveal"]
with torch.no_grad():
    ahead = network(torch.nn.functional.one_hot(torch.tensor([mistake or (1,)]), 2).float())[0] @ torch.tensor(
        [-1.0, 1.0]
    )
print("odd less even:", " ".join(f"{number:.1f}" for number in ahead))
string_counter({"GRU of four units": network}, "parity", "".join(map(str, mistake or (1,))))

# %% [markdown]
# Better still: round the state to multiples of 1/4 after each step.
# Then there are finitely many states, and the network *is* a finite automaton.

# %%
found = extract(network, grain=1 / 4, limit=2.0)
small = found.automaton.smallest()
print(f"{len(found.states)} states are reached; merged where they always answer alike: {len(small.table)}")
print("differs from parity after:", found.automaton.counterexample(parity()) or "no string, however long")

# %% [markdown]
# Two automata can be compared for good: follow the *pairs* of states that they reach together.
# There are finitely many pairs; if no pair has different answers, no string has.

# %% [markdown]
# Ten GRUs and ten LSTMs of four units, from the stored runs:

# %% tags=["reveal"]
every = claims.results("every_string")
of_network = every.assign(
    random=every["accuracy"] == 1, mistaken=every["mistake"] > 0, proved=every["equal"] == 1
).groupby("network")[["random", "mistaken", "proved"]]
names = ["right on random strings", "a wrong answer found all the same", "states rounded: proved for every string"]
show_table(of_network.sum().set_axis(names, axis=1), "Of ten networks each, how many")
claims.told("every_string")

# %% [markdown] tags=["reveal"]
# On random strings of 500 symbols nine of ten make no mistake, GRUs and LSTMs alike.
# Yet nine of the ten GRUs, and four of the ten LSTMs, are wrong after a string of 16 to 35 symbols: a 1, and at least 13 zeros; in three LSTMs a further 1.
# Random strings seldom hold so many: of these 13 only one GRU and one LSTM erred there.
# Where none was found one may still exist.
# Rounded after each step, the state is put back where it was: all twenty are proved right on every string, however long.
# What is proved is true of the rounded network, which is another one.

# %% tags=["evidence"]
assert of_network.sum()["random"].tolist() == [9, 9]
assert of_network.sum()["mistaken"].tolist() == [9, 4]
assert of_network.sum()["proved"].tolist() == [10, 10]
wrong = every[every["mistake"] > 0]
assert (wrong["mistake"].min(), wrong["mistake"].max()) == (16, 35)
assert wrong["string"].str.match("^10{13,}").all()
# shown: "On random strings of 500 symbols nine of ten make no mistake"
assert wrong["string"].str.match("^10+$").groupby(wrong["network"]).sum().to_dict() == {"GRU": 9, "LSTM": 1}
assert wrong["string"].str.match("^10+.*1$").groupby(wrong["network"]).sum().to_dict() == {"GRU": 0, "LSTM": 3}
assert wrong[wrong["accuracy"] < 1].groupby("network").size().to_dict() == {"GRU": 1, "LSTM": 1}
assert (ahead[2:].diff() < -0.1).all()
assert ahead[-1] < 0
# shown: "Yet nine of the ten GRUs, and four of the ten LSTMs, are wrong after a string"
# shown: "a 1, and at least 13 zeros; in three LSTMs a further 1"
# shown: "Random strings seldom hold so many: of these 13 only one GRU and one LSTM erred there"
# defined: "Where none was found one may still exist"
# shown: "Each zero takes a little of the lead that odd has over even"
# shown: "all twenty are proved right on every string, however long"
# defined: "What is proved is true of the rounded network"
assert every.groupby("network")["seed"].nunique().tolist() == [10, 10]
same = torch.stack([(drawn.symbols[:, t : t + 20] == drawn.symbols[:, t, None]).all(1) for t in range(481)])
assert not same.any()
# shown: "in none of those drawn here do twenty equal symbols follow each other"
# shown: "Train a GRU of four units on random strings of up to 40 symbols (seed 3, which shows what most do)"
# source: "A state of four numbers, followed in this way, is no black box" Omlin and Giles (1996), Weiss, Goldberg and Yahav (2018)
# defined: "follows all strings, the short ones first"
# defined: "round the state to multiples of 1/4 after each step"
# shown: "Of ten networks each, how many"
# defined: "Ask what a network must do with what it holds"
# defined: "There are finitely many pairs; if no pair has different answers"
# defined: "Then there are finitely many states, and the network is a finite automaton"

# %% [markdown]
# ## What the article says, what we measured
#
# The article does not speak of computing: it tells RNN and LSTM apart by memory alone.
# Others say: an LSTM can count, and a tanh RNN and a GRU cannot.

# %% tags=["reveal"]
claims.box("C36")

# %% [markdown] tags=["reveal"]
# Undecided: as said, tanh RNN and GRU are below 95 of 100, at 101 symbols and at 500.
# But the LSTM is too at 500, and at 101 ten seeds do not decide.
# And the tanh RNN and the GRU count to 19, in nine and ten of ten.

# %% [markdown]
# Also: Transformers and linear recurrences track state as well as RNNs do.

# %% tags=["reveal"]
claims.box("C37")

# %% [markdown] tags=["reveal"]
# Five of six comparisons are against it: the LSTM is ahead by 0.4 in parity, by 0.7 to 0.8 in permutations.
# The sixth, parity with eigenvalues in (−1, 1), is undecided; so the claim as a whole is.
# With rates that two seeds chose it is 0.01 behind, and counts as "as well".
# For "RNNs" the LSTM speaks, named because it had learned both tasks in a first look.
# Beside the GRU two of six are against the claim, beside the tanh RNN none.

# %% tags=["evidence"]
from course_utils.claims.verdicts import Outcome

counting, tracking = claims.box("C36"), claims.box("C37")
assert counting.verdict.startswith("undecided")
assert tracking.verdict.startswith("undecided")
outcomes = {finding.part.text: finding.outcome for finding in counting.standing.findings}
assert all(outcome is Outcome.SUPPORTED for text, outcome in outcomes.items() if not text.endswith("LSTM"))
assert [outcome for text, outcome in outcomes.items() if text.endswith("LSTM")] == [
    Outcome.UNDECIDED,
    Outcome.CONTRADICTED,
] * 2
assert [finding.outcome for finding in tracking.standing.findings].count(Outcome.CONTRADICTED) == 5
assert tracking.standing.findings[1].outcome is Outcome.UNDECIDED
behind = [-finding.estimate.mean for finding in tracking.standing.findings]
assert all(abs(apart - 0.4) < 0.01 for apart in (behind[0], behind[2]))
assert all(0.695 < apart < 0.83 for apart in behind[3:])
beside = [finding for finding in tracking.standing.beside if finding.outcome is Outcome.CONTRADICTED]
against = {name: sum(finding.part.text.endswith(f"less {name}") for finding in beside) for name in ("GRU", "tanh RNN")}
assert against == {"GRU": 2, "tanh RNN": 0}
short_ones = runs[(runs["language"] == "aⁿbⁿ") & (runs["length"] == 40)].groupby("network")["solved"].sum()
assert (short_ones["tanh RNN"], short_ones["GRU"]) == (9, 10)
assert (strings("aⁿbⁿ", 2_000, 40, seed=3).symbols == 0).sum(1).max() == 19
# shown: "as said, tanh RNN and GRU are below 95 of 100, at 101 symbols and at 500"
# shown: "But the LSTM is too at 500, and at 101 ten seeds do not decide"
# shown: "And the tanh RNN and the GRU count to 19, in nine and ten of ten"
# shown: "Five of six comparisons are against it"
# shown: "The sixth, parity with eigenvalues in (−1, 1), is undecided"
with_two = next(f for f in tracking.standing.beside if f.part.experiment == "again_parity")
assert with_two.outcome is Outcome.SUPPORTED
assert abs(with_two.estimate.mean + 0.014) < 0.002
# shown: "With rates that two seeds chose it is 0.01 behind, and counts as as well"
# shown: "Beside the GRU two of six are against the claim, beside the tanh RNN none"
# shown: "the LSTM is ahead by 0.4 in parity, by 0.7 to 0.8 in permutations"
# defined: "the LSTM speaks, named because it had learned both tasks in a first look"
# defined: "an LSTM can count, and a tanh RNN and a GRU cannot"
# defined: "Transformers and linear recurrences track state as well as RNNs do"
# source: "The article does not speak of computing" the article

# %% [markdown]
# ## What to take
#
# 1. Ask what a network must *do* with what it holds, not only how long it must hold it.
# 2. A chance line is derived from how strings are drawn, and from which steps are judged.
# 3. "Cannot represent", "does not learn" and "drifts" are three failures; a network set by hand tells the first from the others.
# 4. Random tests show what is usual.
#    For a state that can be followed, follow it.

# %% [markdown]
# ## Going deeper: how rates were chosen
#
# Seven rates and two starts for each network, 400 steps, *one* seed of its own: the best on strings of 40 to 160 symbols.
# The LSTM's rate in aⁿbⁿ, 0.3, is the highest that was tried; with every other pair of rate and start it had less there than three of the others.
# In permutations, 400 steps left tanh RNN, GRU, (0, 1) recurrence and Transformer at chance with all 14 pairs, and in parity the last two: what was "chosen" there is chance.
# "Not learned" then says: not with that rate.
#
# After these rows had been seen, the GRU was tried in permutations with the rate 0.02, which lies between two of the grid, and seeds 1 to 4: at 40 symbols they have 0.99, 1.00, 0.54 and 0.91 (stored runs with 0.003: at most 0.35).

# Parity shows what one seed is worth: with it all four recurrent networks had everything right, so that the smaller loss chose.
# A second one, tried when the rows had been seen, would have chosen another pair for five of seven networks.
# What both choose together was then run with ten other seeds.

# %%
from course_utils.experiments.computation import searched_again

again = claims.results("again_parity")
right_at = {
    f"{seeds}, at {length}": rows[rows["length"] == length].groupby("network")["solved"].sum()
    for seeds, rows in (("one seed", runs[runs["language"] == "parity"]), ("two seeds", again))
    for length in (40, 500)
}
pairs = again.drop_duplicates("network").set_index("network")[["choice", "lr"]].join(pd.DataFrame(right_at))
show_table(
    pairs, "Parity: pairs that two seeds of the search choose, and right of ten at 40 and 500 symbols, before and now"
)
claims.told("again_parity")

# %% [markdown]
# So one ReLU RNN, five GRUs and eight LSTMs of ten said more about that one seed than about the networks; the LSTM's pair is the same both times.
# The tanh RNN's one of ten stays, and so does the drift of (−1, 1).
# In aⁿbⁿ the LSTM has every answer right with both seeds at 0.3 and at 1, and not at 3: its rate is no longer at an edge.
# With the rate 1, whose loss is smaller, six of ten LSTMs are right at 500, where one was with 0.3, and three are wrong at 40 already.
# In permutations, with pairs of both seeds, all ten LSTMs are right at 500 and no GRU is, with 0.40 at 40.
# There tanh RNN, (0, 1) recurrence and Transformer were at chance with the second seed too, with every pair.

# %% tags=["evidence"]
from course_utils.experiments.framework.registry import load_experiments


def both_searches(task):
    """Mean accuracy of each pair of network, start and rate, where both seeds of the search tried it."""
    begins = (f"formal_{task}_", f"again_{task}_")
    rows = pd.concat([claims.results(n) for n in load_experiments() if n.startswith(begins) and n.endswith("_search")])
    of = rows.groupby(["network", "choice", "lr"])
    return of["accuracy"].mean()[of["seed"].nunique() == 2], rows


tried, rows = both_searches("parity")
first = rows[rows["seed"] == 1000].groupby(["network", "choice", "lr"])["accuracy"].mean().groupby("network").max()
assert (first[["tanh RNN", "ReLU RNN", "GRU", "LSTM"]] == 1).all()
changed = [name for name, pair in searched_again.CHOSEN["parity"].items() if grid.CHOSEN["parity"][name] != pair]
assert len(set(changed) - {"Transformer"}) == 5
counts = pairs.drop(columns=["choice", "lr"])
assert counts.loc[["ReLU RNN", "GRU", "LSTM"]].to_numpy().tolist() == [[1, 1, 10, 10], [5, 5, 10, 10], [8, 8, 10, 10]]
assert counts.loc["tanh RNN"].tolist() == [1, 1, 1, 1]
assert counts.loc["diagonal (−1, 1)"].tolist() == [6, 0, 10, 3]
assert searched_again.CHOSEN["parity"]["LSTM"] == grid.CHOSEN["parity"]["LSTM"]
of_counting, _ = both_searches("a_b")
assert (of_counting["LSTM", "torch's own"][[0.3, 1.0]] == 1).all()
assert of_counting["LSTM", "torch's own"][3.0] < 1
assert of_counting.index.get_level_values("lr").max() == 3.0
of_orders, _ = both_searches("permutations")
assert (of_orders.groupby("network").max()[["tanh RNN", "diagonal (0, 1)", "Transformer"]] < 0.18).all()
# shown: "with it all four recurrent networks had everything right, so that the smaller loss chose"
# shown: "would have chosen another pair for five of seven networks"
# defined: "What both choose together was then run with ten other seeds"
# defined: "Parity: pairs that two seeds of the search choose, and right of ten at 40 and 500 symbols"
# shown: "So one ReLU RNN, five GRUs and eight LSTMs of ten said more about that one seed than about the networks"
# shown: "The tanh RNN's one of ten stays, and so does the drift of (−1, 1)"
# shown: "In aⁿbⁿ the LSTM has every answer right with both seeds at 0.3 and at 1, and not at 3: its rate is no longer at an edge"
orders, counters = (
    claims.results(name).groupby(["network", "length"])[["accuracy", "solved"]].agg(["mean", "sum"])
    for name in ("again_permutations", "again_a_b")
)
assert [counters.loc[("LSTM", length), ("solved", "sum")] for length in (40, 500)] == [7, 6]
assert [orders.loc[(name, 500), ("solved", "sum")] for name in ("LSTM", "GRU")] == [10, 0]
assert round(orders.loc[("GRU", 40), ("accuracy", "mean")], 2) == 0.40
# shown: "six of ten LSTMs are right at 500, where one was with 0.3, and three are wrong at 40 already"
# shown: "with pairs of both seeds, all ten LSTMs are right at 500 and no GRU is, with 0.40 at 40"
# shown: "There tanh RNN, (0, 1) recurrence and Transformer were at chance with the second seed too, with every pair"

# %%
claims.told("formal_a_b")

# %% [markdown]
# Run one of the 28 rows yourself, with a seed that the stored runs do not have, and the best of those four GRUs:

# %%
how = {"lstm_units": 32, "steps": 1_000, "lengths": [40, 101, 500], "strings": 100}
tried_later = ("permutations of three", "GRU", "torch's own", 0.02)
mine = pd.DataFrame(grid.measure(seed=2, runs=[grid.reported("permutations of three")[3], tried_later], **how))
show_table(mine[["network", "choice", "lr", "length", "accuracy"]], "One row, and one tried later, run here")

# %% [markdown] tags=["reveal"]
# So a GRU can learn permutations in 1,000 steps, with a rate that is not in the grid; then it drifts.

# %% tags=["evidence"]
from course_utils.experiments.framework.registry import experiment

search = pd.concat([claims.results(f"formal_parity{kind}_cells_search") for kind in ("", "_wider", "_widest")])
assert search["seed"].nunique() == 1
assert search["lr"].nunique() == 7
assert search.groupby(["network", "choice", "lr"])["accuracy"].mean().groupby("network").max().eq(1).all()
assert grid.CHOSEN["aⁿbⁿ"]["LSTM"][1] == max(grid.RATES + grid.WIDER + grid.WIDEST) == 0.3
assert experiment("formal_parity_cells_search").settings["steps"] == 400


def best_in_search(task):
    """The highest accuracy of each network's 14 pairs of rate and start, on the one seed of the search."""
    kinds = [f"{wide}_{part}" for wide in ("", "_wider", "_widest") for part in ("cells", "linear", "attention")]
    names = [f"formal_{task}{kind}_search" for kind in kinds]
    if task == "permutations":
        names = ["formal_permutations_search", *names[3:]]
    pairs = pd.concat([claims.results(name) for name in names]).groupby(["network", "choice", "lr"])["accuracy"].mean()
    assert pairs.groupby("network").size().eq(14).all()
    return pairs


flat = best_in_search("permutations").groupby("network").max()
assert set(flat.index[flat < 0.18]) == {"tanh RNN", "GRU", "diagonal (0, 1)", "Transformer"}
flat = best_in_search("parity").groupby("network").max()
assert set(flat.index[flat < 0.52]) == {"diagonal (0, 1)", "Transformer"}
pairs = best_in_search("a_b")
best_others = pairs.groupby("network").max().drop("LSTM")
assert (best_others > pairs["LSTM"].drop(("torch's own", 0.3)).max()).sum() == 3
late_gru = mine[mine["network"] == "GRU"].set_index("length")["accuracy"]
# seeds 1 to 4: 0.988, 1.000, 0.537, 0.908 at 40; 0.684, 0.959, 0.302, 0.258 at 500
assert late_gru[40] > 0.97
assert late_gru[500] < 0.99
# shown: "with every other pair of rate and start it had less there than three of the others"
# shown: "400 steps left tanh RNN, GRU, (0, 1) recurrence and Transformer at chance with all 14 pairs"
# defined: "Not learned then says: not with that rate"
stored_gru = runs.set_index(["language", "network", "length"]).loc["permutations of three", "GRU", 40]["accuracy"]
assert abs(stored_gru.max() - 0.35) < 1e-9
assert grid.CHOSEN["permutations of three"]["GRU"][1] == 0.003
# shown: "the GRU was tried in permutations with the rate 0.02, which lies between two of the grid"
# shown: "So a GRU can learn permutations in 1,000 steps, with a rate that is not in the grid; then it drifts"
# shown: "Seven rates and two starts for each network, 400 steps, one seed of its own"
# shown: "The LSTM's rate in aⁿbⁿ, 0.3, is the highest that was tried"
# defined: "Run one of the 28 rows yourself"

# %% [markdown]
# ## Going deeper: the other four tasks
#
# A small grid: the four recurrent networks, two rates and two starts each to choose from (200 steps, one seed), 1,000 steps, two seeds.

# %%
from course_utils.experiments.computation import other_languages

others = pd.concat([claims.results(name) for name in other_languages.NAMES.values()])
others = others[others["length"].isin([40, 101, 500])]
mean_right = others.pivot_table(index=["language", "network"], columns="length", values="accuracy", sort=False)
mean_right.columns = [f"at {length} symbols" for length in mean_right.columns]
show_table(mean_right.reset_index(), "Share of decisive answers right, mean of two seeds")
claims.told("other_sums")

# %% [markdown]
# The last letter, memory alone, all eight trainings keep to 500 symbols.
# Sums modulo 5 none of the eight learns in 1,000 steps, though all four networks were set by hand for them. aⁿbⁿcⁿ and Dyck-2 both LSTMs learn to 40; at 101 nobody is right.
# Two seeds and four tries show what the tasks are like, and order no networks.

# %% tags=["evidence"]
n_solved = others.groupby(["language", "network", "length"])["solved"].sum()
assert (n_solved["last letter"].unstack()[[40, 500]] == 2).all(axis=None)
assert n_solved["modular sums"].max() == 0
assert {("modular sums", name) for name in ("tanh RNN", "ReLU RNN", "GRU", "LSTM")} <= set(set_by_hand())
assert all(n_solved[name, "LSTM", 40] == 2 for name in ("aⁿbⁿcⁿ", "Dyck-2"))
assert all(n_solved[name].unstack()[101].max() == 0 for name in ("aⁿbⁿcⁿ", "Dyck-2"))
# shown: "The last letter, memory alone, all eight trainings keep to 500 symbols"
# shown: "Sums modulo 5 none of the eight learns in 1,000 steps, though all four networks were set by hand for them"
# shown: "aⁿbⁿcⁿ and Dyck-2 both LSTMs learn to 40; at 101 nobody is right"
# defined: "Two seeds and four tries show what the tasks are like, and order no networks"
# defined: "A small grid: the four recurrent networks, two rates and two starts"
# defined: "Share of decisive answers right, mean of two seeds"

# %% [markdown]
# ## Going deeper: parity as others ask for it
#
# Grazzi and others (2025) learn parity on strings of 3 to 40 symbols, judge the last answer at 40 to 256, and give a score that is 0 for guessing and 1 where all is right.
# Delétang and others (2023) ask once, at the end of the string.
# Here are both with our networks, rates from two searches, 1,000 steps, five seeds.

# %%
asked = claims.results("parity_protocols")
scores = asked.pivot_table(index="network", columns="asked", values="scaled", aggfunc=["mean", "min"], sort=False)
scores.columns = [f"answer {way}: {'lowest' if kind == 'min' else kind}" for kind, way in scores.columns]
show_table(scores, "Parity at 40 to 256 symbols: 0 is guessing, 1 is all right; five seeds")
claims.told("parity_protocols")

# %% [markdown]
# Published: with eigenvalues in (0, 1) as good as guessing, in (−1, 1) a perfect score (Grazzi and others, 2025, three seeds).
# Ours, asked after every symbol: 0.01, and 0.98 at least; the LSTM 1 in five of five, the tanh RNN in three, the Transformer none.
# At 500 symbols the (−1, 1) recurrence is behind the LSTM; at 256 that hardly shows.
#
# Asked *once, at the end*, not one of the 25 trainings learns anything in 1,000 steps.
# So an answer after every symbol is a large help, and numbers of the two protocols cannot be compared.
# That LSTMs do learn regular tasks from one answer (Delétang and others, 2023) takes more steps, other rates, or both: not tried here.

# %% tags=["evidence"]
by = asked.set_index(["asked", "network", "seed"])["scaled"]
every_symbol, at_end = by["after every symbol"], by["at the end"]
POSITIVE, SIGNED = "diagonal (0, 1)", "diagonal (−1, 1)"
assert at_end.abs().max() < 0.05
assert len(at_end) == 25
assert (every_symbol[[SIGNED]].min() > 0.975, abs(every_symbol[[POSITIVE]].mean() - 0.011) < 0.001) == (True, True)
assert {name: int((of > 0.99).sum()) for name, of in every_symbol.groupby("network")} == {
    "LSTM": 5,
    "Transformer": 0,
    POSITIVE: 0,
    SIGNED: 4,
    "tanh RNN": 3,
}
# source: "learn parity on strings of 3 to 40 symbols, judge the last answer at 40 to 256" Grazzi and others (2025)
# source: "ask once, at the end of the string" Delétang and others (2023)
# source: "with eigenvalues in (0, 1) as good as guessing, in (−1, 1) a perfect score" Grazzi and others (2025)
# source: "That LSTMs do learn regular tasks from one answer" Delétang and others (2023)
# shown: "Ours, asked after every symbol: 0.01, and 0.98 at least; the LSTM 1 in five of five, the tanh RNN in three"
# shown: "not one of the 25 trainings learns anything in 1,000 steps"
# shown: "So an answer after every symbol is a large help, and numbers of the two protocols cannot be compared"
# shown: "At 500 symbols the (−1, 1) recurrence is behind the LSTM; at 256 that hardly shows"
# defined: "Here are both with our networks, rates from two searches"
# defined: "Parity at 40 to 256 symbols: 0 is guessing, 1 is all right"

# %% [markdown]
# Butoi and others (2025) ask once whether the *whole string* belongs to the language.
# Their negatives are random strings, and members with a few random edits, so that they hardly miss.
# Here is that for aⁿbⁿ with four networks and three seeds, on strings of one even length.
# The last row is a rule that does not count: "some a's, then b's".

# %%
import numpy as np

from course_utils.data.near_misses import near_misses

whole = claims.results("recognition")
counted = whole[whole["language"] == "aⁿbⁿ"]
shares = counted.pivot_table(index="network", columns="length", values="edited", sort=False)
same_strings = {
    (seed, length): near_misses("aⁿbⁿ", 400, length, np.random.default_rng((3, seed, length)))
    for seed in counted["seed"].unique()
    for length in shares.columns
}
by_rule = {
    place: (one.symbols.diff(dim=1).ge(0).all(1) == one.member)[one.edits > 0].double().mean().item()
    for place, one in same_strings.items()
}
shares.loc["a's, then b's"] = [np.mean([by_rule[s, t] for s in counted["seed"].unique()]) for t in shares.columns]
show_table(shares.reset_index(), "aⁿbⁿ, members with edits: share refused, by length")
claims.told("recognition")

# %% [markdown]
# Three of the four have, in every seed and at every length, *exactly* the share of the rule that does not count.
# The LSTM has less, at the rate that was best with an answer after every symbol.
# An edit seldom makes more a's of b's without breaking the order, and the longer the string, the more seldom.
# So these negatives do not ask for counting, and a high score says nothing about it.

# %% tags=["evidence"]
of_edited = counted.set_index(["network", "seed", "length"])["edited"]
for name in ("tanh RNN", "GRU", "Transformer"):
    assert all(abs(of_edited[name, seed, length] - right) < 1e-9 for (seed, length), right in by_rule.items())
assert any(abs(of_edited["LSTM", seed, length] - right) > 0.1 for (seed, length), right in by_rule.items())
assert all(of_edited["LSTM"].groupby("length").mean()[t] < shares[t]["a's, then b's"] - 0.5 for t in shares.columns)
unseen = {t: np.mean([1 - by_rule[s, t] for s in counted["seed"].unique()]) for t in shares.columns}
assert 0.06 > unseen[40] > unseen[100] > unseen[500]
# shown: "Three of the four have, in every seed and at every length, exactly the share of the rule that does not count"
# shown: "The LSTM has less, at the rate that was best with an answer after every symbol"
# shown: "An edit seldom makes more a's of b's without breaking the order, and the longer the string, the more seldom"
# shown: "So these negatives do not ask for counting, and a high score says nothing about it"
# source: "ask once whether the whole string belongs to the language" Butoi and others (2025)
# source: "Their negatives are random strings, and members with a few random edits" Butoi and others (2025)
# defined: "Here is that for aⁿbⁿ with four networks and three seeds, on strings of one even length"
# defined: "The last row is a rule that does not count"

# %% [markdown]
# ## Going deeper: every program of one unit
#
# One unit has few weights: 3 in a tanh or ReLU RNN, 9 in a GRU, 12 in an LSTM (the biases of a gate taken together).
# Let each of them be −8, 0 or 8.
# Then all programs can be written down, and run.

# %%
predict = ex.how_many_flip.ask()

# %% tags=["reveal"]
ex.how_many_flip.check(predict)
stored = claims.results("smallest_programs")
counts = stored[stored["seed"] == stored["seed"].min()]
table = counts.pivot(index="task", columns="network", values="solve").loc[counts["task"].unique()]
show_table(table[["tanh RNN", "ReLU RNN", "GRU", "LSTM"]], "How many programs of one unit solve each task")

# %% [markdown] tags=["reveal"]
# Each cell has programs that *hold* a sign.
# To *flip* it at a 1 and hold it at a 0, here read as −1, input and state must be multiplied: gates do that, one tanh or ReLU unit does not.
# To *count* to five and beyond, the LSTM alone has programs of these weights.
#
# The second row is a trap.
# If one asks after an even number of steps alone, programs pass that do not hold the sign: they turn it at every step.
# A test on even lengths does not see it.
#
# Run the 531,441 LSTMs yourself: it takes a second or two for one task.

# %%
from time import process_time

from course_utils.experiments.computation.smallest_programs import FLIP, solving, tasks
from course_utils.nn.one_unit import NAMES, all_programs

began = process_time()
flipping = solving("LSTM", all_programs("LSTM"), tasks(1_000, [2], seed=0)[FLIP])
print(f"{len(flipping)} of {3**12:,} LSTMs hold parity; {process_time() - began:.1f} CPU seconds")
rows = [
    {"gate": name, "input": weights[0], "own output": weights[1], "bias": weights[2]}
    for name, weights in zip(NAMES["LSTM"], flipping[0].tolist(), strict=True)
]
show_table(rows, "One of those with the fewest weights")

# %% tags=["evidence"]
counted = table.to_dict()
assert all(counted[network]["hold a sign"] > 0 for network in counted)
assert [network for network in counted if counted[network][FLIP] > 0] == ["GRU", "LSTM"]
assert all(
    [network for network in counted if counted[network][f"count to {n}"] > 0] == ["LSTM"] for n in (5, 10, 20, 40)
)
assert all(row["hold a sign, asked after even steps only"] > row["hold a sign"] for row in counted.values())
assert 100 < counted["LSTM"][FLIP] < 1_000
assert len(flipping) == counted["LSTM"][FLIP]
assert (stored.groupby(["network", "task"])["solve"].nunique() == 1).all()
# shown: "Each cell has programs that hold a sign"
# shown: "input and state must be multiplied: gates do that"
# shown: "To count to five and beyond, the LSTM alone has programs of these weights"
# shown: "programs pass that do not hold the sign: they turn it at every step"
# shown: "A test on even lengths does not see it"
# shown: "Run the 531,441 LSTMs yourself"
# defined: "Let each of them be −8, 0 or 8"
# shown: "Then all programs can be written down, and run"
# defined: "One unit has few weights"
# shown: "One tanh unit adds input and state; a gate multiplies them"
# shown: "How many programs of one unit solve each task"
# shown: "To flip it at a 1 and hold it at a 0"
# shown: "One of those with the fewest weights"
# shown: "Odd or even is one bit"
# shown: "One bit is enough for the second"
# shown: "The first must tell 0, 1, 2, 3 and more symbols apart"
# shown: "The second only tells odd from even: one bit"

# %% [markdown]
# ## Going deeper: what a trained LSTM holds
#
# Is there a unit that holds the number of a's minus the number of b's?
# In each network the unit that follows it best while b's are read is chosen on some strings of 101 symbols, and judged on others.
# Controls: the same network before its training, and the bare number of b's, which knows nothing of the a's.

# %%
found = claims.results("counting_units").assign(unit=lambda rows: rows["network"] + ", " + rows["state"])
mean_r = found.pivot_table(index="unit", columns="kind", values="correlation", sort=False)
unexplained = (1 - mean_r**2).rename(columns="{}: left unexplained".format)
show_table(mean_r.join(unexplained), "Correlation r of the best unit with the count, mean of ten seeds; and 1 − r²")
claims.told("counting_units")

# %% [markdown]
# A cell of the trained LSTM follows the count, with 0.99, in every seed more closely than the number of b's, its own outputs, or any unit of a tanh RNN or GRU.
# That is a counter, and it counts beyond what was learned; whether it loses a little at each step a correlation does not see.
# The number of b's alone has 0.94, and the GRU's best unit less than that; so compare what is left unexplained: the LSTM's cell leaves 2 % of the variance, the number of b's 11 %, the GRU's best unit 13 %.
# Of the ReLU RNN the control is a warning: it begins with the identity, sums up its inputs, and follows the count before any training.

# %% tags=["evidence"]
by_seed = found.pivot_table(index="seed", columns=["unit", "kind"], values="correlation")
cell = by_seed["LSTM, c", "trained"]
assert abs(cell.mean() - 0.99) < 0.005
others = ["LSTM, h", "tanh RNN, h", "GRU, h"]
assert all((cell > by_seed[unit, "trained"]).all() for unit in others)
assert (cell > by_seed["number of b's, number of b's", "untrained"]).all()
assert by_seed["LSTM, c", "untrained"].max() < 0.6
assert (by_seed["ReLU RNN, h", "untrained"] > 0.9).all()
assert runs[(runs["language"] == "aⁿbⁿ") & (runs["network"] == "LSTM") & (runs["length"] == 101)]["solved"].sum() == 5
# shown: "A cell of the trained LSTM follows the count, with 0.99"
bare = by_seed["number of b's, number of b's", "untrained"].mean()
assert abs(bare - 0.943) < 0.001
assert by_seed["GRU, h", "trained"].mean() < bare
left = unexplained["trained: left unexplained"]
assert [round(left[unit], 2) for unit in ("LSTM, c", "GRU, h")] == [0.02, 0.13]
assert round(1 - bare**2, 2) == 0.11
# shown: "so compare what is left unexplained: the LSTM's cell leaves 2 % of the variance, the number of b's 11 %"
# shown: "The number of b's alone has 0.94, and the GRU's best unit less than that"
# shown: "That is a counter, and it counts beyond what was learned"
# shown: "it begins with the identity, sums up its inputs, and follows the count before any training"
# defined: "In each network the unit that follows it best while b's are read is chosen"
# defined: "the bare number of b's, which knows nothing of the a's"
# defined: "Correlation r of the best unit with the count, mean of ten seeds"

# %% [markdown]
# ## Going deeper: rearrangements
#
# ### Your turn: one rearrangement after another · 4 minutes
#
# In the permutations the order matters, which makes them harder than sums.
# `first[place]` says where what stands at a place is moved; then comes the other.


# %%
def my_composed(first, then):
    """Returns a list: for each place, where what stands there is after both."""
    ...


ex.composed.check(my_composed)
# ex.composed.hint()
# ex.composed.hint(2)
# ex.composed.hint(3)
# ex.composed.solution()

# %% [markdown]
# ## Going deeper: two machines
#
# ### Your turn: follow a machine · 3 minutes
#
# Begin in state 0.


# %%
def my_states_along(table, string):
    """table: for each state, for each symbol, the next state. string: numbers of symbols. Returns a list of states."""
    ...


ex.states_along.check(my_states_along)
# ex.states_along.hint()
# ex.states_along.hint(2)
# ex.states_along.hint(3)
# ex.states_along.solution()

# %% tags=["evidence"]
# defined: "Begin in state 0"

# %% [markdown]
# ### Your turn: where two machines differ · 10 minutes


# %%
def my_first_difference(table, answers, other_table, other_answers):
    """Tables as above; answers: of each state. A list: the shortest string (≥ 1 symbol; smaller numbers first) with other answers, or []."""
    ...


ex.first_difference.check(my_first_difference)
# ex.first_difference.hint()
# ex.first_difference.hint(2)
# ex.first_difference.hint(3)
# ex.first_difference.solution()

# %% [markdown]
# ## Going deeper: set by hand, shaken, trained
#
# Does a training keep what was set by hand, and does it find it from a random start?
# Four networks of one or two units, set for parity and for aⁿbⁿ, are shaken: each weight gets a normal number whose spread is 0.1 or 0.3 of the largest weight of its layer.
# Then they are trained; beside them, networks of the same size from a random start.

# %%
small = claims.results("shaken").query("length == 500").astype({"spread": str})
small["way"] = (small["way"] + ", " + small["spread"]).str.removesuffix(", 0.0")
show_table(
    small.pivot_table(index="network", columns="way", values="solved", aggfunc="sum", sort=False).astype(int),
    "Of ten, right at 500 symbols",
)
claims.told("shaken")

# %% [markdown]
# Shaken by 0.1, most are right still.
# Shaken by 0.3, five GRUs are, two tanh RNNs, one counter and no LSTM; after training nine GRUs, eight LSTMs, six counters, and still two tanh RNNs.
# Two of those GRUs and three of those LSTMs had *every* answer wrong: the state held parity all along, and only its reading was turned round.
# From a random start the same training finds parity in four GRUs and five LSTMs, and in no tanh RNN; of the counters six are right at 40, none at 500.
# Ten seeds decide this difference for the counter alone (six against none: p = 0.01, Fisher's exact test; GRU 0.06, LSTM 0.35).
# One rate was tried, and nearness is not told apart from large weights.

# %% tags=["evidence"]
n_right = small.pivot_table(index="network", columns="way", values="solved", aggfunc="sum")
assert (n_right["as set"] == 10).all()
assert (n_right["shaken, 0.1"] >= 8).all()
assert n_right["shaken, 0.3"].to_dict() == {"tanh RNN": 2, "GRU": 5, "LSTM": 0, "LSTM that counts": 1}
assert n_right["shaken, trained, 0.3"].to_dict() == {"tanh RNN": 2, "GRU": 9, "LSTM": 8, "LSTM that counts": 6}
assert n_right["random, trained"].to_dict() == {"tanh RNN": 0, "GRU": 4, "LSTM": 5, "LSTM that counts": 0}
# shown: "Shaken by 0.1, most are right still"
from scipy.stats import fisher_exact

of_all = claims.results("shaken")
before = of_all[(of_all["way"] == "shaken") & (of_all["spread"] == 0.3)]
turned = before[before["accuracy"] == 0].groupby(["network", "length"]).size()
assert turned.to_dict() == {("GRU", 40): 2, ("GRU", 500): 2, ("LSTM", 40): 3, ("LSTM", 500): 3}
by_chance = {
    name: fisher_exact([[a, 10 - a], [b, 10 - b]]).pvalue
    for name, a, b in zip(n_right.index, n_right["shaken, trained, 0.3"], n_right["random, trained"], strict=True)
}
assert {name: round(p, 2) for name, p in by_chance.items() if name != "tanh RNN"} == {
    "GRU": 0.06,
    "LSTM": 0.35,
    "LSTM that counts": 0.01,
}
assert by_chance["tanh RNN"] > 0.4
at_random = of_all[(of_all["way"] == "random, trained") & (of_all["network"] == "LSTM that counts")]
assert at_random.groupby("length")["solved"].sum().to_dict() == {40: 6, 500: 0}
# shown: "Shaken by 0.3, five GRUs are, two tanh RNNs, one counter and no LSTM"
# shown: "the state held parity all along, and only its reading was turned round"
# shown: "of the counters six are right at 40, none at 500"
# shown: "Ten seeds decide this difference for the counter alone"
# defined: "One rate was tried, and nearness is not told apart from large weights"
# shown: "From a random start the same training finds parity in four GRUs and five LSTMs"
# defined: "Four networks of one or two units, set for parity and for aⁿbⁿ, are shaken"
# defined: "Then they are trained; beside them"
# defined: "Of ten, right at 500 symbols"

# %% [markdown]
# ## Going deeper: what theory says, and what runs can show

# %%
from course_utils.figures.strings import nested

nested(
    {
        "regular": ("a fixed number of states", ["parity", "modular sums", "permutations of three", "last letter"]),
        "context-free": ("and a stack", ["aⁿbⁿ: a counter does", "Dyck-1: a counter does", "Dyck-2"]),
        "context-sensitive": ("and memory as long as the string", ["aⁿbⁿcⁿ: two counters do"]),
    },
    title="The eight tasks in Chomsky's hierarchy: what a machine for each needs beside its states",
)

# %% [markdown]
# - With numbers of unbounded precision, and as many steps as it likes, a recurrent network of fixed size does what any Turing machine does (Siegelmann and Sontag, 1995).
#   In float32 it has finitely many states, and is a finite automaton.
# - With finite precision and one step a symbol, an LSTM and a ReLU RNN can count without a bound; a tanh RNN and a GRU cannot, in practice (Weiss, Goldberg and Yahav, 2018).
#   Up to a *fixed* number, counting is a finite automaton too, which more units can hold.
# - With finite precision, a linear recurrence with positive eigenvalues does not hold parity at every length, and one whose matrices are diagonal and real does not count modulo 3 (Grazzi and others, 2025).
#   Permutations of three hold a count modulo 3: move each thing one place on.
# - State-space models such as S4 and Mamba compute no more than threshold circuits of constant depth do (the class TC⁰); composing permutations of *five* is beyond these, unless two classes that are thought to differ are equal (Merrill, Petty and Sabharwal, 2024).
#   Of *three* this theorem says nothing: they can be taken apart into sums modulo 3 and modulo 2 (the group is *solvable*).
# - A Transformer that holds parity at every length has been set by hand (Chiang and Cholak, 2022).
#
# No run shows that something cannot be represented: that takes a proof.
# A run shows what one training found.
#
# ### Your turn: a linear recurrence that counts modulo three · 4 minutes
#
# What a diagonal matrix of real numbers cannot do, another 2 × 2 matrix can.
# At a 1 the state becomes R h, at a 0 it stays; it begins with the numbers 1, 0.
# Zero, one and two ones must lead to three states, and three ones back.


# %%
def my_third_of_a_turn():
    """Returns R, (2, 2)."""
    ...


ex.third_of_a_turn.check(my_third_of_a_turn)
# ex.third_of_a_turn.hint()
# ex.third_of_a_turn.hint(2)
# ex.third_of_a_turn.hint(3)
# ex.third_of_a_turn.solution()

# %% tags=["evidence"]
from course_utils.data.formal_languages import ORDERS

third = ORDERS.index((1, 2, 0))
three = LANGUAGES["permutations of three"].automaton
assert three.states_along([third] * 6) == [third, three.table[third][third], 0, third, three.table[third][third], 0]
# source: "With numbers of unbounded precision, and as many steps as it likes" Siegelmann and Sontag (1995)
# defined: "In float32 it has finitely many states, and is a finite automaton"
# defined: "Up to a fixed number, counting is a finite automaton too"
# source: "an LSTM and a ReLU RNN can count without a bound; a tanh RNN and a GRU cannot, in practice" Weiss, Goldberg and Yahav (2018)
# source: "a linear recurrence with positive eigenvalues does not hold parity at every length" Grazzi and others (2025)
# shown: "Permutations of three hold a count modulo 3"
# source: "State-space models such as S4 and Mamba compute no more than threshold circuits of constant depth do" Merrill, Petty and Sabharwal (2024)
# source: "Of three this theorem says nothing: they can be taken apart into sums modulo 3 and modulo 2" Merrill, Petty and Sabharwal (2024)
# source: "A Transformer that holds parity at every length has been set by hand" Chiang and Cholak (2022)
# source: "The eight tasks in Chomsky's hierarchy: what a machine for each needs beside its states" Delétang and others (2023)
# defined: "No run shows that something cannot be represented"
from course_utils.experiments.computation.set_for_languages import third_of_a_turn

thirds = [torch.linalg.matrix_power(third_of_a_turn(), n)[:, 0] for n in range(4)]
assert (thirds[3] - thirds[0]).norm() < 1e-6
assert min((thirds[i] - thirds[j]).norm() for i, j in ((0, 1), (0, 2), (1, 2))) > 1
# shown: "What a diagonal matrix of real numbers cannot do, another 2 × 2 matrix can"
# defined: "At a 1 the state becomes R h, at a 0 it stays"
# defined: "Zero, one and two ones must lead to three states, and three ones back"
# defined: "A run shows what one training found"

# %% [markdown]
# ## Going deeper: other sequence learners
#
# Two more claims hold the LSTM against others, on many tasks; these four are among them.

# %%
claims.box("C20")

# %%
claims.box("C35")

# %% [markdown]
# On the four tasks: permutations of three set the LSTM above all four others here, the GRU among them, with the rates that were chosen.
# In parity it is above the Transformer and the positive recurrence.
# In counting and brackets not one comparison is decided.

# %% tags=["evidence"]
from course_utils.claims.verdicts import Outcome

preferred = claims.box("C35").standing.findings
formal = {name: [f for f in preferred if f.part.experiment == name] for name in grid.NAMES.values()}
supported = {name: sum(f.outcome is Outcome.SUPPORTED for f in of) for name, of in formal.items()}
assert [len(of) for of in formal.values()] == [4, 4, 4, 4]
assert supported == {"formal_parity": 2, "formal_permutations": 4, "formal_a_b": 0, "formal_dyck_1": 0}
assert all(f.outcome is Outcome.UNDECIDED for name in ("formal_a_b", "formal_dyck_1") for f in formal[name])
above = [f.part.text for f in formal["formal_parity"] if f.outcome is Outcome.SUPPORTED]
assert ["diagonal (0, 1)" in above[0], "Transformer" in above[1]] == [True, True]
# shown: "permutations of three set the LSTM above all four others here, the GRU among them"
# shown: "In parity it is above the Transformer and the positive recurrence"
# shown: "In counting and brackets not one comparison is decided"
# defined: "Two more claims hold the LSTM against others"

# %% [markdown]
# ## Going further
#
# **References.**
#
# - R. Grazzi and others, *Unlocking state-tracking in linear RNNs through negative eigenvalues*, ICLR 2025, [arXiv:2411.12537](https://arxiv.org/abs/2411.12537).
# - G. Weiss, Y. Goldberg and E. Yahav, *On the practical computational power of finite precision RNNs for language recognition*, ACL 2018, [arXiv:1805.04908](https://arxiv.org/abs/1805.04908).
# - G. Weiss, Y. Goldberg and E. Yahav, *Extracting automata from recurrent neural networks using queries and counterexamples*, ICML 2018, [arXiv:1711.09576](https://arxiv.org/abs/1711.09576).
# - M. Beck and others, *xLSTM: extended long short-term memory*, NeurIPS 2024, [arXiv:2405.04517](https://arxiv.org/abs/2405.04517).
# - D. Chiang and P. Cholak, *Overcoming a theoretical limitation of self-attention*, ACL 2022, [arXiv:2202.12172](https://arxiv.org/abs/2202.12172).
# - G. Delétang and others, *Neural networks and the Chomsky hierarchy*, ICLR 2023, [arXiv:2207.02098](https://arxiv.org/abs/2207.02098).
# - W. Merrill, J. Petty and A. Sabharwal, *The illusion of state in state-space models*, ICML 2024, [arXiv:2404.08819](https://arxiv.org/abs/2404.08819).
# - C. W. Omlin and C. L. Giles, *Extraction of rules from discrete-time recurrent neural networks*, Neural Networks 9, 1996, [doi:10.1016/0893-6080(95)00086-0](https://doi.org/10.1016/0893-6080(95)00086-0).
# - H. T. Siegelmann and E. D. Sontag, *On the computational power of neural nets*, Journal of Computer and System Sciences 50, 1995, [doi:10.1006/jcss.1995.1013](https://doi.org/10.1006/jcss.1995.1013).

# %% tags=["timing"]
course_utils.finish()
