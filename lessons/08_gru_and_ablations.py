# %% [markdown]
# # 08 · GRU and ablations
#
# **45 minutes with its exercises, about 15 seconds to run.**
# Builds on lesson 07: the gates of the LSTM, cell and state.
#
# You will be able to
#
# - write one step of a GRU, equal to torch's, and name the other form that is also called GRU;
# - give a GRU as many parameters as an LSTM, and set the bias that decides how long it holds;
# - say what an ablation is, and which gate matters on which task;
# - tell what the GRU was introduced for from what is said about it.

# %% tags=["setup", "timing"]
import course_utils

course_utils.start("08_gru_and_ablations")

# %% [markdown]
# ## Could one do with less?
#
# An LSTM has two states and three gates.
# Does it need them all?
# Take one thing away at first: let one gate do two jobs.
# What is forgotten makes room for what is written.
#
# ### Your turn · 2 minutes
#
# The new cell, where the share that is not kept is filled with the candidate.

# %%
from course_utils import claims
from course_utils.exercises import lesson_08 as ex


def my_coupled_update(c, f, g):
    """The new cell with one gate for both. c: the old cell, f: the gate, 1 keeps, g: the candidate."""
    ...


ex.coupled_update.check(my_coupled_update)
# ex.coupled_update.hint()
# ex.coupled_update.hint(2)
# ex.coupled_update.hint(3)
# ex.coupled_update.solution()

# %% [markdown]
# Such a cell is a *mixture*: where the candidate stays between −1 and 1, so does the cell, and it needs no tanh before it is shown.
# Show all of it, without an output gate, and cell and state are one: that is the idea of the **GRU**, the gated recurrent unit of Cho and others (2014).
# In torch's form:
#
# $$r, z = \sigma(W x_t + U h_{t-1} + b) \qquad n = \tanh\bigl(W_n x_t + b_n + r \cdot (U_n h_{t-1} + b'_n)\bigr)$$
# $$h_t = (1 - z) \cdot n + z \cdot h_{t-1}$$
#
# - The **update gate** $z$ mixes the old state and the candidate $n$.
# - The **reset gate** $r$ decides how much of the old state the candidate sees: 1 shows it, 0 hides it.
#
# **Before you write it:** in this formula, what does an update gate near 1 do?

# %%
predict = ex.keeps.ask()

# %% tags=["reveal"]
ex.keeps.check(predict)

# %% [markdown]
# ### Your turn · 8 minutes
#
# torch keeps the three in the order **reset, update, candidate**: `W_ih` is (3·H, I), `W_hh` is (3·H, H), with two biases of 3·H numbers.

# %%
import torch


def my_gru_step(x, h, W_ih, W_hh, b_ih, b_hh):
    """One step. x: (B, I), h: (B, H), W_ih: (3·H, I), W_hh: (3·H, H), b_ih and b_hh: (3·H,). Returns (B, H)."""
    ...


ex.gru_step.check(my_gru_step)
# ex.gru_step.hint()
# ex.gru_step.hint(2)
# ex.gru_step.hint(3)
# ex.gru_step.solution()

# %% tags=["nbval-check-output"]
step = ex.gru_step.mine()
gru = torch.nn.GRU(input_size=3, hidden_size=8, batch_first=True).double()
x, h = torch.randn(5, 40, 3).double(), torch.zeros(5, 8).double()
for t in range(40):
    h = step(x[:, t], h, *gru.parameters())
print("equal to torch's:", torch.allclose(h, gru(x)[1][0], rtol=0, atol=1e-12))

# %% [markdown]
# ## The other GRU
#
# In torch the reset gate multiplies what *comes from* the state, after the weights.
# In the paper of 2014 it multiplies the state itself, before the weights: $\tanh(W_n x_t + b_n + U_n (r \cdot h_{t-1}) + b'_n)$.
# Both are called GRU.
# Weights trained in one form are wrong in the other.
#
# ### Your turn · 5 minutes


# %%
def my_gru_step_before(x, h, W_ih, W_hh, b_ih, b_hh):
    """One step with the reset gate before the weights. Shapes as in my_gru_step. Returns (B, H)."""
    ...


ex.gru_step_before.check(my_gru_step_before)
# ex.gru_step_before.hint()
# ex.gru_step_before.hint(2)
# ex.gru_step_before.hint(3)
# ex.gru_step_before.solution()

# %% [markdown]
# How far do the two drift apart with the same weights?
# We run both over one sequence. (torch's first weights are small; we double them to see more.)

# %% tags=["reveal"]
from course_utils.display.tables import show_table
from course_utils.nn.cells import gru_states, gru_step_before

weights = tuple(2 * p.detach() for p in gru.parameters())
start = torch.zeros(5, 8).double()
after, before = gru_states(x, start, weights), gru_states(x, start, weights, step=gru_step_before)
apart = (after - before).norm(dim=-1) / after.norm(dim=-1)  # (B, T)
show_table(
    {"step": [1, 2, 10, 40], "difference": [float(apart[:, t - 1].mean()) for t in (1, 2, 10, 40)]},
    "Difference of the two states, as a share of their size",
)

# %% [markdown]
# They differ from the first step on, though the state before it is 0: in torch's form $r$ multiplies the bias $b'_n$ as well.
# They are two different networks.
# Trained, each finds weights of its own.
# (In torch's form all three products with $h$ can be computed at once.)

# %% [markdown]
# Besides, some texts exchange $z$ and $1 - z$.
# That *can* be converted: since $1 - \sigma(a) = \sigma(-a)$, turn the sign of the update gate's rows in `W_ih`, `W_hh` and both biases.
# For the place of the reset gate there is no conversion.

# %% [markdown]
# ## Equal width is not equal size
#
# A GRU has three affine maps where the LSTM has four.
# At the same width it is a smaller network; whoever compares them at the same width compares sizes as well.
#
# ### Your turn · 4 minutes
#
# Which width gives a GRU as many parameters as an LSTM, as nearly as whole units allow?
# (Trying all widths is fine.)

# %%
from course_utils.nn.cells import gru_parameter_count, lstm_parameter_count  # both: (input_size, hidden_size)


def my_gru_size_like(lstm_size, input_size):
    """The hidden size of the GRU. Returns a whole number."""
    ...


ex.gru_size_like.check(my_gru_size_like)
# ex.gru_size_like.hint()
# ex.gru_size_like.hint(2)
# ex.gru_size_like.hint(3)
# ex.gru_size_like.solution()

# %% [markdown]
# ### Your turn · 4 minutes
#
# The forget bias of the LSTM was a half-life.
# The GRU has one too: the bias of its update gate.
# Which bias keeps half of a state for so many steps?

# %%
import math


def my_update_bias_for(steps):
    """The bias of the update gate z = σ(bias), with which half of a state is left after so many steps."""
    ...


ex.update_bias_for.check(my_update_bias_for)
# ex.update_bias_for.hint()
# ex.update_bias_for.hint(2)
# ex.update_bias_for.hint(3)
# ex.update_bias_for.solution()

# %% [markdown]
# ## Which gate matters?
#
# To find out what a part does, take it away and measure again: that is an **ablation**.
# We hold one gate at a constant, before and during training: an input or output gate at 1 (always open), a forget gate at 1 (never forgets), a reset gate at 1 (hides nothing), an update gate at 0 (the state is replaced at every step).
# Three tasks:
#
# - **adding** over 50 steps (lesson 06): hold two numbers, add them;
# - the **continual Reber** stream (lesson 07): remember a letter, T or P, until it comes again, and then forget it;
# - **digits**, 8 × 8 pixels, read row by row, eight steps: nothing to hold for long.
#
# ### Play with it: switch gates off
#
# Here is the unit of lesson 07 again.
# It remembers a pulse among small disturbances.
# Switch one gate off after the other, and put it back:
#
# 1. *Input gate always open:* its bias to 6, its weight to 0.
#    What becomes of the pulse?
# 2. *Never forgets:* tick **no forget gate**.
#    What changes in this short sequence, and with which inputs would it matter?
# 3. *Output gate always open* is how it stands.
#    Close it (bias −6): what is lost, and what is not?

# %%
from course_utils.widgets.gate_explorer import gate_explorer

gate_explorer(preset="remember")

# %% [markdown]
# **Predict:** which gate does the LSTM need most on the adding problem?

# %%
predict = ex.matters.ask()

# %% [markdown]
# First one row live: the LSTM on the adding problem, as it is and without one of its gates.

# %% tags=["reveal"]
from course_utils.experiments.gates import gates_removed

ex.matters.check(predict)
problem = gates_removed.adding()
for network in ("LSTM", "LSTM, no input gate"):
    lr = gates_removed.CHOSEN["adding"][network]
    model = gates_removed.trained(problem, network, hidden_size=16, steps=700, lr=lr, seed=100)
    print(f"{network:20} mean squared error {problem.judge(model, 100)['score']:.4f} (always saying 1: 0.1667)")

# %% [markdown]
# And all of them, ten seeds each, the same hidden size within a task, from the stored results.
# The learning rate was chosen for each network and task on other seeds.

# %% tags=["reveal"]
runs = claims.results("gates_removed")
runs["value"] = runs["long_distance"].fillna(runs["score"])  # of Reber the letters that need memory
table = runs.pivot_table(index="network", columns="task", values="value", sort=False)
solved = runs[runs["task"] == "adding"].groupby("network", sort=False)["solved"].sum()
shown = {
    "adding: error (chance 0.167)": table["adding"],
    "below 0.01": solved.map("{:.0f} of 10".format),
    "Reber: T or P right (chance 0.5)": table["reber"],
    "digits: accuracy (chance 0.1)": table["digits"],
    "learnt numbers (adding)": runs[runs["task"] == "adding"].groupby("network", sort=False)["parameters"].first(),
}
show_table(shown, "With all gates, and with one held at a constant: means of ten seeds")

# %% [markdown]
# (GRU and LSTM have the same width here, so compare each with its own kind only.)
# Means hide seeds.
# So here is each network without a gate beside the full one of its kind, seed by seed.
# All differences are turned so that a negative one is a loss:

# %% tags=["reveal"]
from course_utils.claims.verdicts import estimate

rows = []
for task, better in (("adding", -1), ("reber", 1), ("digits", 1)):  # of an error, less is better
    wide = runs[runs["task"] == task].pivot(index="seed", columns="network", values="value")
    for network in wide.columns.drop(["LSTM", "GRU"]):
        found = estimate(list(better * (wide[network] - wide[network.split(",")[0]])), 0.95)
        clear = "" if found.low < 0 < found.high else "0 is outside"
        rows.append(
            {"task": task, "network": network, "change": found.mean, "from": found.low, "to": found.high, "": clear}
        )
show_table(rows, "What a gate's absence changes (negative: a loss), with 95 % intervals over ten seeds")

# %% tags=["reveal"]
from course_utils.figures import gates as figures

adding = runs[runs["task"] == "adding"]
figures.removed(
    adding,
    "score",
    "mean squared error (lower is better)",
    1 / 6,
    "Without the gate that says what is written, adding stays at chance",
)

# %% tags=["reveal"]
reber = runs[runs["task"] == "reber"]
figures.removed(
    reber,
    "long_distance",
    "T or P named rightly (share)",
    0.5,
    "Reber: all or nothing, most often nothing without forget or update gate",
)

# %% [markdown]
# - **Adding** lives on the input gate.
#   Without it every number is written into the cell, marked or not, and the network is at chance.
#   The GRU has no input gate; its update gate both keeps and lets in, and without it the GRU is at chance as well.
# - **Reber**: the GRU needs its update gate.
#   Of the LSTM the forget gate is missed most, on average, but its seeds spread so wide that ten do not make it clear.
# - **Digits** take eight steps.
#   The LSTM's forget gate is missed a little.
#
# Two cautions.
# Of fifteen intervals at 95 %, one may leave out 0 by accident; and one may leave it out and yet be about next to nothing, as that of the GRU's reset gate on adding.
# And a network without a gate has fewer numbers to learn; but all LSTMs without one gate have equally few, so that alone does not explain why one gate is missed and another is not.
#
# So "which gate is the important one?" has no answer without "for what?", and often none with ten seeds.

# %%
claims.box("C15")

# %% [markdown]
# ## What was it made for?
#
# You may read that GRUs were introduced for very long sequences.
# The paper says otherwise: Cho and others wanted a unit that is simpler to compute and to implement, for translating phrases.
# Is it better at long lags all the same?
# The adding problem again, with as many parameters as whole units allow, and for each network the best of two learning rates, chosen on other seeds:

# %%
found = claims.results("lengths").rename(columns={"seq_len": "lag"})
at_200 = found[found["lag"] == 200].groupby("network")[["parameters", "solved", "steps"]].mean()
show_table(
    at_200,
    "Adding over 200 steps, ten seeds (looked at every 250 steps; a run that failed counts 1,500)",
    formats={"solved": ".0%"},
)

# %% [markdown]
# (The counts of steps are coarse, and a lower bound where runs failed.)
# On this task the GRU is faster, from torch's own start as well as with biases set for the length (*chrono*: the bias of lesson 07 and of your exercise, one for each unit, spread over all lengths).
# With biases set the LSTM solves all runs as well, in more steps.
# So one may well use a GRU for long lags.
# It is just not what it was made for.
# Longer lags: lesson 09.

# %%
claims.box("C21")

# %% [markdown]
# ## What you have seen
#
# - A GRU mixes: $h_t = (1 - z)\,n + z\,h_{t-1}$.
#   In torch $z$ near 1 keeps.
# - Two forms carry the name; they differ in where the reset gate stands.
# - Three affine maps instead of four: at equal width a smaller network, at equal size a wider one.
# - Which gate matters depends on the task.
#   That is what an ablation is for.
#
# **Going further.**
# In a terminal, `course claims run gates_removed --seeds 3` takes the gates out again, in about two minutes.
# With `pin_gate_(module, "forget", 0.9)` of `course_utils.nn.ablations` you can hold a gate anywhere between open and closed.
#
# **References.**
# K. Cho and others, *Learning phrase representations using RNN encoder-decoder for statistical machine translation*, EMNLP 2014, [doi:10.3115/v1/D14-1179](https://doi.org/10.3115/v1/D14-1179).
# K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink and J. Schmidhuber, *LSTM: a search space odyssey*, IEEE Transactions on Neural Networks and Learning Systems 28, 2017, [doi:10.1109/TNNLS.2016.2582924](https://doi.org/10.1109/TNNLS.2016.2582924).

# %% tags=["timing"]
course_utils.finish()
