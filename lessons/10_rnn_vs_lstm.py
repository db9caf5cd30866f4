# %% [markdown]
# # 10 · RNN vs LSTM
#
# **80 minutes with its exercises, about 40 seconds to run.** Builds on lessons 05 to 09: the cells, their first weights, and tasks that need memory.
#
# You will be able to
#
# - design a comparison of two networks, and name what makes it unfair;
# - give networks equal size, and count what they spend until they solve a task;
# - read a result with few seeds: intervals, pairs, runs that never finish;
# - say for which tasks the measurements of this course speak for an RNN, for an LSTM, or for neither.

# %% tags=["setup", "timing"]
import course_utils

course_utils.start("10_rnn_vs_lstm")

# %% [markdown]
# ## Which one is better?
#
# It is the question in the name of this course. Let us simply try. The task: handwritten digits of 8 × 8 pixels, read **one pixel at a time**. After 64 steps the network names the digit. Both networks learn the same number of weights, within 2 %. We stop the clock when 85 % of
# 500 digits that it does not train on are named rightly (guessing: 10 %).
#
# **Predict:** who is there first?

# %%
from course_utils.exercises import lesson_10 as ex

predict = ex.first_winner.ask()

# %% tags=["reveal"]
from course_utils.experiments import grid
from course_utils.experiments.rivals import equal_sizes

digits = grid.contest("digits", lag=64)
for network in ("RNN", "LSTM", "GRU"):
    weights, lr = grid.CHOSEN["digits"][network]
    run = grid.run_one(digits, network, equal_sizes(digits.shape)[network], weights, lr, most_steps=1000, seed=100)
    end = "criterion met" if run["solved"] else "criterion not met"
    print(f"{network:5} {run['parameters']:,} weights: {run['steps']:4} training steps, {run['score']:.0%} right, {end}")

# %% [markdown]
# One run of each. Would you bet on the next one? Here are ten seeds of each, stored.

# %% tags=["reveal"]
from course_utils import claims
from course_utils.figures import comparisons as figures

runs = claims.results("grid")
fair = runs[(runs["size"] == "equal parameters") & (runs["start"] == "searched")]
pixels = fair[(fair["task"] == "digits") & (fair["lag"] == 64)]
recurrent = pixels[pixels["network"].isin(["RNN", "GRU", "LSTM"])]
figures.still_going(recurrent, 1000, "training steps of 32 digits", grid.finding(recurrent))

# %% tags=["reveal"]
ex.first_winner.check(predict, grid.winner(recurrent))

# %% [markdown]
# TEXT_FIRST
#
# You have just made five decisions without being asked: how large, from which first weights, with which learning rate, what to count, and which seeds. Each of them can turn the result round. We take them one by one.
#
# ## How large?
#
# "RNN and LSTM, both with 50 units." **Predict:** how many times the weights of the RNN's layer does the LSTM's have?

# %%
my_guess = ...  # times as many

# %%
ex.equal_width.check(my_guess)

# %% [markdown]
# ### Your turn · 4 minutes
#
# Count a whole network: the recurrent layer as torch has it, with two biases for each gate, and a linear read-out with its bias.


# %%
def my_network_size(gates, input_size, hidden_size, output_size):
    """How many numbers it learns. gates: 1 for an RNN, 3 a GRU, 4 an LSTM. Returns a whole number."""
    ...


ex.network_size.check(my_network_size)
# ex.network_size.hint()
# ex.network_size.hint(2)
# ex.network_size.hint(3)
# ex.network_size.solution()

# %% [markdown]
# ### Your turn · 4 minutes
#
# Now the other way: given a number of weights, which width comes nearest?


# %%
def my_nearest_width(target, size):
    """The width from 1 whose size(width) is nearest to target; of two the smaller. size: a growing function."""
    ...


ex.nearest_width.check(my_nearest_width)
# ex.nearest_width.hint()
# ex.nearest_width.hint(2)
# ex.nearest_width.hint(3)
# ex.nearest_width.solution()

# %% tags=["nbval-check-output"]
from course_utils.experiments.rivals import NETWORKS, Shape, size_of
from course_utils.figures.tables import show_table

shape = Shape(input_size=2, output_size=1, seq_len=160)  # the adding problem
sizes = equal_sizes(shape)
show_table(
    [{"network": n, "width": " and ".join(map(str, sizes[n])), "weights": size_of(n, shape, sizes[n])} for n in NETWORKS],
    "Seven networks of equal size for the adding problem over 160 steps",
)

# %% [markdown]
# (IRNN: a ReLU RNN. A convolution has channels and a read-out layer, a Transformer features and an inner layer, a state space network features and states. We meet these three below.)
#
# ## How many tries?
#
# You try three learning rates for the LSTM, one for the RNN, and report the best of each. Suppose the two networks are equally good, and all four results are draws from the same lot. **How often does the LSTM win?**

# %%
my_answer = ...  # a share

# %%
ex.best_of.check(my_answer)

# %% [markdown]
# So every network gets the same number of tries. Ours had nine each, on two seeds that are not reported: starts times learning rates. This is what was chosen:

# %%
show_table(
    [
        {"network": n, **{task: f"{of_task[n][0]}, {of_task[n][1]:g}" for task, of_task in grid.CHOSEN.items()}}
        for n in NETWORKS
    ],
    "First weights and learning rate, the best of nine tries for each task",
)

# %% [markdown]
# Is it fair now? Not quite. *Chrono* biases are told the lag (lesson 09); the RNN's identity is not. And nine tries cover more of what matters for one network than for another. A search is part of the result, so we publish it.
#
# ## What to count, and runs that never finish
#
# Some runs meet the criterion, others do not before the budget of 1,000 steps ends. Leave them out, and the worst network has the best mean: only its lucky runs count. The honest mean lets an unfinished run count the whole budget. (It is called a *restricted* mean, and says: at least so long.)
#
# ### Your turn · 5 minutes
#
# Of an unsolved run `steps` may hold anything, even NaN. A run that was solved after the budget counts the budget.


# %%
import numpy as np


def my_restricted_mean(steps, solved, budget):
    """Mean steps until solved. steps: (N,) array, solved: (N,) bool, budget: the most that counts. Returns a number."""
    ...


ex.restricted_mean.check(my_restricted_mean)
# ex.restricted_mean.hint()
# ex.restricted_mean.hint(2)
# ex.restricted_mean.hint(3)
# ex.restricted_mean.solution()

# %% [markdown]
# And *what* do we count: training steps, seconds, or operations? Here are all three, for the four tasks of lessons 06 to 09 at a middle lag. 1 means: the whole budget, criterion not met.

# %% tags=["reveal"]
middle = fair[(fair["lag"] == 40) | ((fair["task"] == "digits") & (fair["lag"] == 64))]
middle = middle[middle["network"].isin(["RNN", "IRNN", "GRU", "LSTM"])]
shares = middle.pivot_table(
    index=["task", "network"], values=["steps_share", "seconds_share", "operations_share"], sort=False
)
shares.columns = [name.replace("_share", "") for name in shares.columns]
show_table(shares.reset_index(), "Share of a common budget until the criterion is met: means of ten seeds (lower is faster)")

# %% [markdown]
# TEXT_COUNT

# %%
claims.box("C16")

# %% [markdown]
# ## How many seeds?
#
# Ten runs of each network. An LSTM solves a task with 10 of 10 seeds, an RNN with 7 of 10. What has been shown?

# %%
predict = ex.ten_to_seven.ask()

# %%
ex.ten_to_seven.check(predict)

# %% [markdown]
# ### Your turn · 5 minutes
#
# An interval for a share, by Wilson (1927): all $q$ for which the observed $p$ is not too far away, $|p - q| \le z\sqrt{q(1-q)/N}$ with $z = 1.96$. Solved for $q$, it is
#
# $$\frac{p + z^2/2N \;\pm\; z\sqrt{p(1-p)/N + z^2/4N^2}}{1 + z^2/N}$$


# %%
def my_share_interval(solved_count, runs):
    """Wilson's 95 % interval for the share of runs that solve it. Two whole numbers. Returns low and high, (2,)."""
    ...


ex.share_interval.check(my_share_interval)
# ex.share_interval.hint()
# ex.share_interval.hint(2)
# ex.share_interval.hint(3)
# ex.share_interval.solution()

# %% [markdown]
# ### Your turn · 6 minutes
#
# Two networks that were trained with the same seed saw the same data: their runs are *pairs*. Take the difference of each pair, and give its mean an interval by Student's t: mean ± t · s / √N, where s has N − 1 below, and t is the quantile with N − 1 degrees of freedom.


# %%
from scipy.special import stdtrit  # stdtrit(df, p): the quantile of Student's t


def my_paired_interval(a, b, level=0.95):
    """The interval for the mean of a − b. a, b: (N,) arrays, same seeds, same order. Returns low and high, (2,)."""
    ...


ex.paired_interval.check(my_paired_interval)
# ex.paired_interval.hint()
# ex.paired_interval.hint(2)
# ex.paired_interval.hint(3)
# ex.paired_interval.solution()

# %% [markdown]
# With all that in hand, the whole grid: four tasks, four lags, seven networks of equal size, ten seeds. **Predict** one square first: adding over 160 steps. Which of RNN, LSTM and GRU is first at the criterion?

# %%
predict = ex.longest_winner.ask()

# %% tags=["reveal"]
figures.grid(fair, "How many of ten runs meet the criterion, and how soon")

# %% tags=["reveal"]
longest = fair[(fair["task"] == "adding") & (fair["lag"] == 160) & fair["network"].isin(["RNN", "GRU", "LSTM"])]
ex.longest_winner.check(predict, grid.winner(longest))
show_table(grid.against(fair, "RNN", "LSTM"), "RNN less LSTM, share of the budget of steps (below 0: the RNN is faster)")

# %% [markdown]
# TEXT_GRID

# %%
claims.box("C06")

# %% [markdown]
# ## The usual table, measured
#
# Articles like to close with a table of nine rows: memory, gradients, speed … Here it is with measurements in place of words. Each dot is a seed, each bar a mean.

# %% tags=["reveal"]
from course_utils.claims.nine_rows import nine_rows

figures.panels(nine_rows(), "Nine rows of the usual table: the winner depends on the row")

# %% [markdown]
# TEXT_NINE
#
# ## What a step costs
#
# **Predict:** sequences of 1,024 steps in place of 512. How many times as long does a training step of an LSTM take? And one of a Transformer, where each step looks at all steps before it?

# %%
lstm_guess, transformer_guess = ..., ...  # times as long

# %% tags=["reveal"]
from course_utils.experiments import seconds_by_length as speed

taken = {}
for seq_len in (512, 1024):
    made = speed.networks(seq_len, seed=0)
    taken[seq_len] = {n: speed.seconds_of(made[n][0], seq_len, repeats=3, seed=0) for n in ("LSTM", "Transformer")}
times = {n: taken[1024][n] / taken[512][n] for n in taken[512]}
print(", ".join(f"{n}: × {factor:.1f}" for n, factor in times.items()))
ex.doubling.check(lstm_guess, (1.6, 2.4))
ex.attention_doubling.check(transformer_guess, (3.0, 4.6))

# %% tags=["reveal"]
figures.seconds_by_length(claims.results("seconds_by_length"), "Seconds of a training step by length: kernels count as much as ideas")

# %% [markdown]
# TEXT_SECONDS
#
# ### Why a linear recurrence need not wait
#
# An RNN cannot compute step 100 before step 99: the tanh between them must be applied to a finished state. Leave it out, $h_t = a_t h_{t-1} + b_t$, and two steps in a row are again a step of the same kind. So steps can be combined two by two, then four by four: all $T$ of them in $\log_2 T$ rounds. That is a *scan*.
#
# ### Your turn · 5 minutes


# %%
def my_combine(first, then):
    """Two steps h → a·h + b as one: first, then then. first, then: pairs (a, b) of tensors (…). Returns a pair (a, b)."""
    ...


ex.combine.check(my_combine)
# ex.combine.hint()
# ex.combine.hint(2)
# ex.combine.hint(3)
# ex.combine.solution()

# %%
claims.box("C19")

# %% [markdown]
# ## Pictures as sequences, and videos
#
# The same digits in 8, 16, 32 or 64 steps, in eights, fours, pairs or single pixels: nothing changes but the length.

# %% tags=["reveal"]
from course_utils.figures.lags import score_against_lag

by_length = fair[(fair["task"] == "digits") & fair["network"].isin(["RNN", "GRU", "LSTM"])]
score_against_lag(
    by_length,
    chance=1.0,
    baselines={},
    score="steps_share",
    label="share of the budget until\n85 % are right (lower is faster)",
    xlabel="steps in which a digit is read",
    higher_is_better=False,
)

# %% [markdown]
# TEXT_PIXELS
#
# A video is a sequence of pictures. Lesson 15 had clips of a moving digit, in which the network names the way it goes: no single frame tells it. Here are these clips, and 28 × 28 digits read row by row, at equal numbers of weights:

# %% tags=["reveal"]
seen = {"28 rows of 28 pixels (chance 0.1)": "digits_as_rows", "clips: which of four ways? (chance 0.25)": "moving_digits"}
means = {label: claims.results(name).groupby("network")["accuracy"].mean() for label, name in seen.items()}
show_table({label: mean.reindex(["RNN", "GRU", "LSTM"]) for label, mean in means.items()}, "Share right, means of ten seeds (stored)")

# %%
claims.box("C32")

# %% [markdown]
# ## And neither of them?
#
# - A **causal convolution** looks at steps $t$, $t-1$, $t-2$, then at $t$, $t-2$, $t-4$, and so on: seven levels see 255 steps (Bai, Kolter and Koltun, 2018).
# - A small **Transformer**: two layers of attention (lesson 14) in which each step looks at all steps before it. It has no state at all.
# - A **state space network**: a linear recurrence with a decay for each of its states, between layers that are not linear and look at one step alone.
#
# **Predict** for the flagged latch over 160 steps: which of the last two needs fewer training steps than the LSTM?

# %%
predict = ex.others.ask()

# %% tags=["reveal"]
latch = fair[(fair["task"] == "flagged latch") & (fair["lag"] == 160)]
figures.still_going(latch, 1000, "training steps of 32 sequences", grid.finding(latch))

# %% tags=["reveal"]
faster = [n for n in ("Transformer", "state space") if grid.clearly_faster(latch, n, "LSTM")]
said = {0: "neither", 2: "both, Transformer and state space network"}.get(len(faster)) or f"the {faster[0]}"
ex.others.check(predict, said if said != "the state space" else "the state space network")

# %%
claims.box("C35")

# %% [markdown]
# TEXT_OTHERS
#
# ## Play with it: win any argument
#
# Now be dishonest. Below are all stored runs. Choose task, lag, starts, size, seeds and what is counted, until **the RNN wins**. Then until **the LSTM wins**, on the same task if you can. Let a neighbour find your trick; the widget names it too. At the end, press *What was registered*.

# %%
from course_utils.widgets.comparison_workbench import comparison_workbench

comparison_workbench(runs.assign(flops=runs["operations"]), budget_steps=1000)

# %% [markdown]
# ## What to take when
#
# From the grid, by rule: for each task and lag the network with the smallest mean share of the budget of steps, and all others whose paired interval reaches within 0.05 of it.

# %% tags=["reveal"]
show_table(grid.guide(fair), "Which network first? Best by training steps, and those not clearly worse")

# %% [markdown]
# TEXT_GUIDE
#
# ## What you have seen
#
# TEXT_SUMMARY
#
# **Going further.** `claims.rerun("C16", quick=True)` runs a small part of the grid in seconds; `course claims run grid` all of it, in about two hours on two cores. Add a network of your own to `course_utils/experiments/rivals.py`, with nine tries.
#
# **References.** S. Hochreiter and J. Schmidhuber, *Long short-term memory*, Neural Computation 9, 1997, [doi:10.1162/neco.1997.9.8.1735](https://doi.org/10.1162/neco.1997.9.8.1735). S. Bai, J. Z. Kolter and V. Koltun, *An empirical evaluation of generic convolutional and recurrent networks for sequence modeling*, 2018, [arXiv:1803.01271](https://arxiv.org/abs/1803.01271).
# A. Vaswani and others, *Attention is all you need*, 2017, [arXiv:1706.03762](https://arxiv.org/abs/1706.03762). A. Orvieto and others, *Resurrecting recurrent neural networks for long sequences*, ICML 2023, [arXiv:2303.06349](https://arxiv.org/abs/2303.06349). E. B. Wilson, *Probable inference, the law of succession, and statistical inference*, Journal of the American Statistical Association 22, 1927,
# [doi:10.1080/01621459.1927.10502953](https://doi.org/10.1080/01621459.1927.10502953). G. E. Blelloch, *Prefix sums and their applications*, CMU-CS-90-190, 1990.

# %% tags=["timing"]
course_utils.finish()
