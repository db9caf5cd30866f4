# %% [markdown]
# # 07 · LSTM gates
#
# **70 minutes with its exercises, about 20 seconds to run.**
# Builds on lessons 05 and 06: the recurrent cell, holding a bit against the pull of tanh, and what is left of a gradient.
#
# You will be able to
#
# - write one step of an LSTM, equal to torch's, and say what each gate is for;
# - read gates in a picture, and the state and the cell apart from each other;
# - choose a forget bias by the time it should hold, and set it without the usual slip;
# - program a cell by hand, and say why being able to hold is not being able to learn.

# %% tags=["setup", "timing"]
import course_utils

course_utils.start("07_lstm_gates")

# %% [markdown]
# ## A memory that is not squashed
#
# Lesson 05 left a knot.
# A unit $h \leftarrow \tanh(w\,h)$ can hold a bit, because every step pulls it back to one of two resting points.
# The same pull makes the derivative vanish.
# What if the memory were not squashed at all?
# Take a number $c$, the **cell**, and only ever *add* to it:
#
# $$c_t = c_{t-1} + \text{something new} \qquad\Rightarrow\qquad \frac{\partial c_t}{\partial c_{t-1}} = 1$$
#
# A derivative of 1 at every step: nothing vanishes, nothing explodes.
# That is the idea of Hochreiter and Schmidhuber (1997).
# But a sum of everything is no memory.
# The network must be able to say *what* is added, and *when*; and, as Gers, Schmidhuber and Cummins found in 2000, when to clear the cell.
# So they put **gates**: numbers between 0 and 1 that multiply.
#
# - The **input gate** $i$ decides how much of the new thing, the **candidate** $g$, is written.
# - The **forget gate** $f$ decides how much of the old cell is kept.
#   (1 keeps, 0 erases: the name says the opposite.)
# - The **output gate** $o$ decides how much of the cell is shown: the **state** $h = o \cdot \tanh(c)$ is what the rest of the network sees.

# %% [markdown]
# ### Your turn · 2 minutes
#
# The heart of it, for numbers of any shape: the new cell from the old one and the gates.

# %%
from course_utils.exercises import lesson_07 as ex


def my_cell_update(c, f, i, g):
    """The new cell. c: the old cell, f and i: gates, 0 to 1, g: the candidate. Tensors of one shape."""
    ...


ex.cell_update.check(my_cell_update)
# ex.cell_update.hint()
# ex.cell_update.hint(2)
# ex.cell_update.hint(3)
# ex.cell_update.solution()

# %% [markdown]
# ### Play with it: one unit, its gates on sliders
#
# Gates are computed like the state of an RNN: input times a weight, plus a bias, and then squashed, here with the **sigmoid** $\sigma(a) = 1/(1 + e^{-a})$, from 0 to 1.
# In this unit the gates see the input only.
#
# 1. Begin with *remember*.
#    Step to the pulse, and read the line below: which gate opens, and what happens to the cell afterwards?
# 2. Choose *usual start*, and the inputs *one pulse, then quiet*.
#    How much of the pulse is left after five steps, and which slider changes that?
# 3. Choose *1997* and the inputs *two pulses*.
#    What can this unit not do?
# 4. Choose *output hidden*.
#    Where is the memory, and who can see it?

# %%
from course_utils.widgets.gate_explorer import gate_explorer

gate_explorer()

# %% [markdown]
# What you may have seen: the memory is in $c$.
# The input gate opens for the pulse and shuts out the small disturbances.
# Half open forget gates lose half of the cell at every step.
# Without a forget gate nothing can clear the cell.
# And $h$ may be 0 while $c$ remembers: **what is remembered and what is shown are two things**.

# %% [markdown]
# ## The whole step
#
# In a real LSTM all gates and the candidate see the input *and* the state before, each with weights of its own:
#
# $$i, f, o = \sigma(W\,x_t + U\,h_{t-1} + b) \qquad g = \tanh(W\,x_t + U\,h_{t-1} + b)$$
# $$c_t = f \cdot c_{t-1} + i \cdot g \qquad h_t = o \cdot \tanh(c_t)$$
#
# torch keeps the four in one matrix, one below the other, in the order **input, forget, candidate, output**: `W_ih` is (4·H, I), `W_hh` is (4·H, H), and there are two biases of 4·H numbers.
#
# ### Your turn · 10 minutes
#
# Write the step for a batch.

# %%
import torch


def my_lstm_step(x, h, c, W_ih, W_hh, b_ih, b_hh):
    """One step. x: (B, I), h and c: (B, H), W_ih: (4·H, I), W_hh: (4·H, H), b_ih and b_hh: (4·H,). Returns (h, c)."""
    ...


ex.lstm_step.check(my_lstm_step)
# ex.lstm_step.hint()
# ex.lstm_step.hint(2)
# ex.lstm_step.hint(3)
# ex.lstm_step.solution()

# %% [markdown]
# Is it torch's?
# Over 40 steps, with the first weights that torch draws:

# %% tags=["nbval-check-output"]
step = ex.lstm_step.mine()
lstm = torch.nn.LSTM(input_size=3, hidden_size=8, batch_first=True).double()
x = torch.randn(5, 40, 3).double()  # (B, T, I)
h = c = torch.zeros(5, 8).double()
for t in range(40):
    h, c = step(x[:, t], h, c, *lstm.parameters())
output, (h_n, c_n) = lstm(x)
print("h equal to torch's:", torch.allclose(h, h_n[0], rtol=0, atol=1e-12))
print("c equal to torch's:", torch.allclose(c, c_n[0], rtol=0, atol=1e-12))

# %% [markdown]
# `output` holds the states $h$ after every step.
# The cells are not in it: torch returns only the last one, `c_n`.
#
# ### Your turn · 2 minutes
#
# How many numbers does an LSTM layer learn?
# (An RNN layer of the same size: `rnn_parameter_count` of lesson 05.)


# %%
def my_lstm_parameter_count(input_size, hidden_size):
    """How many numbers a one-layer nn.LSTM learns. Returns a whole number."""
    ...


ex.lstm_parameter_count.check(my_lstm_parameter_count)
# ex.lstm_parameter_count.hint()
# ex.lstm_parameter_count.hint(2)
# ex.lstm_parameter_count.hint(3)
# ex.lstm_parameter_count.solution()

# %%
from course_utils import claims

claims.box("C17")

# %%
claims.box("C18")

# %% [markdown]
# ## A cell programmed by hand
#
# Back to the adding problem of lesson 06: two of many numbers are marked, and the network has to say their sum at the end.
# Take a *single* LSTM unit, and 10,000 steps.
# Nobody trains it: we write its weights.
# **Predict:**

# %%
predict = ex.by_hand.ask()

# %% [markdown]
# The program: the forget gate is always open, the cell keeps what it has.
# The input gate is closed, and the marker opens it.
# The candidate is the number itself, made small so that tanh does not bend it.
# The output gate is always open, and the read-out makes the sum large again.

# %%
from course_utils.display.tables import show_table
from course_utils.experiments.long_memory.programmed_by_hand import adding_lstm

unit = adding_lstm()
W_ih, W_hh, b_ih, b_hh = (p.detach() for p in unit.core.parameters())
rows = ("input gate", "forget gate", "candidate", "output gate")
show_table(
    {
        "": rows,
        "weight of the number": W_ih[:, 0].tolist(),
        "weight of the marker": W_ih[:, 1].tolist(),
        "bias": b_ih.tolist(),
    },
    "One LSTM unit that adds (all weights from the state are 0)",
)
print(f"Read-out: {unit.readout.weight.item():.0f} times the state")

# %% tags=["reveal"]
from course_utils.experiments.tasks.adding import Adding

ex.by_hand.check(predict)
long_task = Adding(seq_len=10_000)
far = long_task.held_out(64, seed=0)
with torch.no_grad():
    error = long_task.score(unit(far.x), far)
print(f"Mean squared error at 10,000 steps: {error:.1e}; always saying 1: {long_task.chance:.3f}")

# %% [markdown]
# It is solved, with twenty-two numbers.
# So an LSTM *can represent* a memory of 10,000 steps.
# How much does it depend on each of them?
# We make one number at a time a tenth larger.
# **Predict** which are delicate.

# %% tags=["reveal"]
from copy import deepcopy


@torch.no_grad()
def far_error(model):
    """Mean squared error at 10,000 steps."""
    return long_task.score(model(far.x), far)


rows = []
for name, where, place in (
    ("input gate, weight of the marker", "core.weight_ih_l0", (0, 1)),
    ("forget gate, bias", "core.bias_ih_l0", (1,)),
    ("candidate, weight of the number", "core.weight_ih_l0", (2, 0)),
    ("read-out", "readout.weight", (0, 0)),
):
    changed = deepcopy(unit)
    with torch.no_grad():
        changed.get_parameter(where)[place] *= 1.1
    rows.append({"a tenth larger": name, "error at 10,000 steps": far_error(changed)})
show_table(rows, "Gates are robust; candidate and read-out must undo each other (always saying 1: 0.167)")

# %% [markdown]
# Can such weights be *learnt*?
# Take it easy on the network: start it near the solution.
# All weights are shaken, each by a random share of itself, and Adam may mend them, on sequences of 100 steps.

# %% tags=["reveal"]
from course_utils.experiments.long_memory.programmed_by_hand import perturbed
from course_utils.training import fit

short_task, rows = Adding(seq_len=100), []
for size, seed in ((0.0, 0), (0.1, 1), (0.1, 2), (0.3, 1), (0.3, 2)):
    shaken = perturbed(unit, size, torch.Generator().manual_seed(seed))
    row = {"weights shaken by": f"{size:.0%} (draw {seed})", "as it is": far_error(shaken)}
    for lr in (0.001, 0.01):
        model, batches = deepcopy(shaken), short_task.batches(32, seed=0)
        fit(model, batches, short_task.objective, steps=300, lr=lr, clip_norm=1.0, progress=False)
        row[f"trained, lr {lr}"] = far_error(model)
    rows.append(row)
show_table(rows, "Mean squared error at 10,000 steps, before and after 300 optimiser steps")

# %% [markdown]
# (The gates do not move at all in training: where a sigmoid is quite flat, its slope is 0, and so is their gradient.
# Robust, and for the same reason not learnable.)
#
# With a learning rate of 0.001 large errors shrink and small ones grow: training brings the unit somewhere near the solution, and no nearer.
# With 0.01 it *ruins* even the perfect unit: the candidate's weight is 0.01, and a single step of Adam at that rate moves it by about as much.
#
# So the solution exists, and training need not stay there, let alone get there from anywhere.
# **Being able to represent a memory is one thing, being able to learn it another.**
# Keep it in mind when somebody proves what a network *can* do.

# %% [markdown]
# ## The forget bias is a half-life
#
# The forget gate is $\sigma(\text{bias} + \dots)$.
# Suppose nothing else reaches it.
# Then each step leaves the share $f = \sigma(\text{bias})$ of the cell.
#
# ### Your turn · 3 minutes
#
# After how many steps is half of the cell left?

# %%
import math


def my_half_life(bias):
    """Steps after which half of a cell is left, where the forget gate is σ(bias). Returns a number."""
    ...


ex.half_life.check(my_half_life)
# ex.half_life.hint()
# ex.half_life.hint(2)
# ex.half_life.hint(3)
# ex.half_life.solution()

# %%
half_life = ex.half_life.mine()
show_table(
    [
        {"forget bias": f"{bias}", "forget gate": 1 / (1 + math.exp(-bias)), "half-life in steps": half_life(bias)}
        for bias in (0, 1, 3, 5)
    ],
    "What a forget bias holds, and for how long",
)

# %% [markdown]
# torch's usual bias is near 0: such an LSTM forgets half of its cell at every step.
# That is why its gradient vanished in lesson 06.
# For long times $\sigma(b) \approx 1 - e^{-b}$, so a half-life of $T$ steps needs a bias of about $\ln(T/0.69)$.
# (Some set $\ln T$: it leaves a third, $1/e$, after $T$ steps.
# Tallec and Ollivier, 2018.)
#
# ### Your turn · 4 minutes
#
# Set the forget bias of a torch LSTM.
# Put the whole value into the rows of the forget gate in `b_ih`, and 0 into those of `b_hh`; leave all other rows as they are.
# (A well-known slip makes the bias twice as large as meant.)


# %%
def my_with_forget_bias(b_ih, b_hh, value):
    """The two biases, with the forget gates' set. b_ih and b_hh: (4·H,), value: a number. Returns two new tensors."""
    ...


ex.with_forget_bias.check(my_with_forget_bias)
# ex.with_forget_bias.hint()
# ex.with_forget_bias.hint(2)
# ex.with_forget_bias.hint(3)
# ex.with_forget_bias.solution()

# %% [markdown]
# ### Your turn · 3 minutes
#
# Along the cell alone the chain rule is short: $\partial c_t/\partial c_{t-1} = f_t$.
# So what is $\partial c_T/\partial c_0$ along this **direct path**?


# %%
def my_direct_path(f):
    """∂c_T/∂c_0 along the cell alone. f: (T, H), the forget gates of the steps. Returns (H,)."""
    ...


ex.direct_path.check(my_direct_path)
# ex.direct_path.hint()
# ex.direct_path.hint(2)
# ex.direct_path.hint(3)
# ex.direct_path.solution()

# %% [markdown]
# Often one reads that this product *is* the gradient of an LSTM.
# It is one of many paths: a change of the cell also changes $h$, and $h$ changes all gates and the candidate of the next step.
# **Predict**, for a forget bias of 5: how much is left of the *whole* gradient 199 steps back, as a power of ten of what it was 10 steps back?

# %%
my_guess = ...  # such as -3 for one in a thousand, 0 for all of it, 1 for ten times as much

# %% tags=["reveal"]
from course_utils.claims.verdicts import estimate
from course_utils.figures import gates as figures

stored = claims.results("forget_bias")
lstms = stored[(stored["stage"] == "initial") & stored["network"].str.startswith("LSTM")]
five = lstms[lstms["network"] == "LSTM, forget bias 5"].pivot(index="seed", columns="lag", values="log10_left")
change = five[199] - five[10]
found = estimate(list(change), 0.95)
ex.grows.check(my_guess, (round(found.low, 1), round(found.high, 1)))
print(f"From lag 10 to lag 199 with bias 5: × {10**found.mean:.1f} in the geometric mean of ten seeds,", end=" ")
print(f"more than tenfold in {(change > 1).sum()} of them, and at least {10 ** change.min():.1f} times in all")
high = lstms[lstms["network"].str.endswith(("3", "5"))]
figures.direct_and_whole(high, "At lag 199 far more is left in all than along the forget gates alone")

# %% [markdown]
# No forget gate is ever above 1, so along the direct path a gradient can only shrink.
# The *whole* gradient has other ways, by $h$ and the gates and candidates of the next step.
# With a bias of 5 these can add up to more than is lost: from 10 steps back to 199 the gradient **grows**, in some networks more than tenfold.
# Not evenly: for 150 steps it keeps its size, and rises near the beginning of the sequence.
# (Untrained networks of 32 units.
# At lag 1 the dotted lines have lost something already: the last step's output gate.)
#
# So a forget bias is a trade: too low forgets, too high lets the gradient grow.
# A bias of 1 is a common choice; the first box shows that it is not enough for 100 steps.
# Set it by the time that has to be held.

# %%
claims.box("C07")

# %%
claims.box("C34")

# %% [markdown]
# ## The cell of 1997
#
# The first LSTM had no forget gate: $f = 1$, always.
# Then nothing in the cell ever fades.
# But what if something *should*?
# The **continual Reber task** (Gers, Schmidhuber and Cummins, 2000) is an endless stream of strings from a small grammar, one after the other, without any mark where one ends.
# Inside each string the second symbol, T or P, comes again as the last but one: it has to be remembered, and then *forgotten*.
# We hold gates of a torch LSTM at a constant, train, and score only those last-but-one symbols; guessing is right in half of them.

# %%
stored = claims.results("gates_removed")
reber = stored[(stored["task"] == "reber") & stored["network"].str.startswith("LSTM")]
means = reber.groupby("network", sort=False)[["long_distance", "largest_cell"]].mean()
full, without = means.loc[["LSTM", "LSTM, no forget gate"], "long_distance"]
for name in ("LSTM", "LSTM, no forget gate"):  # f = 1, as in 1997
    cells = reber[reber["network"] == name]["largest_cell"]
    print(f"{name}: largest |c| after 10,000 symbols {cells.min():,.0f} to {cells.max():,.0f} in ten runs")
wide = reber.pivot(index="seed", columns="network", values="long_distance")
apart = estimate(list(wide["LSTM, no forget gate"] - wide["LSTM"]), 0.95)
print(f"Without less with forget gate: {apart.mean:+.2f}, 95 % interval {apart.low:+.2f} to {apart.high:+.2f}")
title = f"{without:.2f} right without forget gate, {full:.2f} with it, and seeds far apart"
figures.removed(reber, "long_distance", "T or P named rightly (share)", chance=0.5, title=title)

# %% [markdown]
# (Trained on streams of 40 symbols, judged on streams of 10,000.
# Ten seeds; the learning rate was chosen for each network on other seeds.)
#
# Without a forget gate the cell piles up, in every run.
# Half of these networks end at chance.
# Others live with it, and name nearly all letters.
# The interval of the difference holds 0: **undecided**, with ten seeds.
# That the gate helps here is likely; that a network cannot do without it is wrong.

# %%
claims.box("C15")

# %% [markdown]
# ## A memory transplant
#
# Where is the memory: in $c$, in $h$, or in both?
# We ask the network itself.
# It is trained to hold a symbol: a stream of symbols comes in, *one* of them is flagged, and 20 to 30 steps later the network has to say which symbol that was.
# Training takes a few seconds.

# %%
from course_utils.experiments.gates.memory_transplant import trained, transplant
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch

latch = FlaggedLatch(shortest_lag=20, longest_lag=30)  # four symbols, 1 to 4
network = trained(latch, hidden_size=16, steps=600, lr=0.01, seed=0)
held_out = latch.held_out(1000, seed=0)
with torch.no_grad():
    print(
        f"{latch.score(network(held_out.x), held_out):.3f} right; guessing {latch.chance}, the best rule without the flag {latch.ignoring_the_flag:.3f}"
    )

# %% [markdown]
# Now two sequences, A and B, with different flagged symbols (their **cues**), run side by side.
# Ten steps before the end we **swap their cells**, and let both go on.
# **Predict:**

# %%
predict = ex.transplant.ask()

# %%
predict_h = ex.swapped_h.ask()

# %% [markdown]
# Try it on one pair.
# Choose an operation and a step, and compare the answers.

# %%
from course_utils.widgets.memory_transplant import memory_transplant

a = 0
b = next(n for n in range(1, 50) if held_out.y[n] != held_out.y[a])
pair, cues = held_out.x[[a, b]], (int(held_out.y[a]), int(held_out.y[b]))
memory_transplant(network.core, network.readout, pair, labels=list("1234"), cues=cues, at=latch.seq_len - 10)

# %% [markdown]
# And on all pairs, out of a thousand, whose cues differ:

# %% tags=["reveal"]
import pandas as pd

from course_utils.experiments.gates.memory_transplant import OPERATIONS
from course_utils.experiments.tasks.task import Batch

ex.transplant.check(predict)
ex.swapped_h.check(predict_h)
x, y, _ = latch.held_out(2000, seed=1)
one, two = Batch(x[:1000], y[:1000], None), Batch(x[1000:], y[1000:], None)
rows = [{"operation": what, **transplant(network, one, two, at=latch.seq_len - 10, what=what)} for what in OPERATIONS]
table = pd.DataFrame(rows).set_index("operation")[["own", "donor"]]
show_table(table, "Whose cue do the answers name? (shares; guessing 0.25)", formats={"own": ".2f", "donor": ".2f"})

# %% [markdown]
# - **Swap c**, and the answers follow the other sequence.
#   **Swap h**, and the answers stay: at the next step a new $h$ is made, from the cell.
# - **Erase c**, and the answers are still right.
#   $h$ holds a copy of the cue, and at the next step it enters the gates and the candidate: from there the cue gets back into the cell.
#   Only when both are erased is it gone.
#
# So the memory is in both; where they disagree, the cell wins.
# (Do it at the very last step, in the picture above, and it is the other way round: the answer is read from $h$.)
#
# This is one network.
# Here are ten, larger ones, on longer lags:

# %%
ten = claims.results("transplant").groupby("operation", sort=False)[["own", "donor"]].mean()
show_table(ten, "Means of ten networks, lags 30 to 40, 32 units (stored)", formats={"own": ".2f", "donor": ".2f"})

# %% [markdown]
# ## Gates at work
#
# What do gates do on real data?
# An LSTM of 12 units that forecasts the sunspots of lesson 05, and sixty years of its inner life.
# **Look first:** which units follow the waves, which gates stand open all the time?

# %%
from course_utils.data.sunspots import yearly_sunspots
from course_utils.experiments.foundations import sunspot_forecasts as contest
from course_utils.nn.cells import lstm_gates

sunspots = yearly_sunspots()
values = sunspots.to_numpy()
learn, choose, held = contest.split(sunspots)
forecaster = contest.train(values, learn, choose, seed=0, cell="lstm", hidden_size=12)
x = contest.as_inputs(values)  # (1, T, 1)
gates = lstm_gates(x, torch.zeros(1, 12), torch.zeros(1, 12), tuple(forecaster.core.parameters()))
last = {name: by_step[0, -60:].detach() for name, by_step in gates.items()}
by_unit = last["forget"].mean(dim=0)
for name, gate in {"most open": float(by_unit.max()), "most closed": float(by_unit.min())}.items():
    print(f"The {name} forget gate: {gate:.2f} on average, a half-life of {math.log(0.5) / math.log(gate):.1f} years")
figures.heat_maps(
    last,
    values[-61:-1],
    at=sunspots.index[-61:-1],
    xlabel="year",
    ylabel="sunspots",
    title="Some gates stand still, others follow the sun",
)

# %% [markdown]
# Read it from the bottom.
# Two units have a cell far from 0: theirs are the most open forget gates, and what comes in adds up over years.
# Others forget within a year, and follow the sun closely.
# Some gates stand nearly still, others open and close with each wave.
# A trained network need not look as tidy as a programmed one.

# %% [markdown]
# ## What you have seen
#
# - The cell is *added to*, not squashed.
#   Along the cell a gradient is multiplied by the forget gate, and by nothing else.
# - Three gates: what is written, what is kept, what is shown. torch's order is input, forget, candidate, output.
# - An LSTM layer learns four times as many numbers as an RNN layer of its size.
# - One unit, programmed by hand, remembers over 10,000 steps.
#   Being able to hold is not being able to learn, or even to stay: steps too large ruin perfect weights.
# - The forget bias is a half-life. torch's usual one forgets half at every step.
#   With a high one the whole gradient can grow, beyond the direct path.
# - Memory is in $c$ and, as a copy, in $h$.
#   Each can restore the other; where they disagreed, $c$ won.
#
# Go on with [lesson 08, GRU and ablations](08_gru_and_ablations.ipynb).
#
# **Going further.**
# `claims.rerun("C34")` measures the forget biases again.
# Train the transplant network with `shortest_lag=50, longest_lag=100`: does it still learn, and how many steps does it take?
#
# **References.**
# S. Hochreiter and J. Schmidhuber, *Long short-term memory*, Neural Computation 9, 1997, [doi:10.1162/neco.1997.9.8.1735](https://doi.org/10.1162/neco.1997.9.8.1735).
# F. A. Gers, J. Schmidhuber and F. Cummins, *Learning to forget: continual prediction with LSTM*, Neural Computation 12, 2000, [doi:10.1162/089976600300015015](https://doi.org/10.1162/089976600300015015).
# R. Jozefowicz, W. Zaremba and I. Sutskever, *An empirical exploration of recurrent network architectures*, ICML 2015 (the forget bias of 1).
# C. Tallec and Y. Ollivier, *Can recurrent neural networks warp time?*, ICLR 2018, [arXiv:1804.11188](https://arxiv.org/abs/1804.11188) (the bias as a time).

# %% tags=["timing"]
course_utils.finish()
