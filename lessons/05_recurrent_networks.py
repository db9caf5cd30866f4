# %% [markdown]
# # 05 · Recurrent networks
#
# **30 minutes to read, a few seconds to run.** Builds on lesson 00, and on what a matrix product is. (Lessons 01 to 04 are
# still to come; this one explains the words it needs.)
#
# You will be able to
#
# - say why some questions cannot be answered from the present alone;
# - write one step of a recurrent network, and unroll it over a sequence, with the right shapes;
# - show that your network gives the same numbers as torch's;
# - read a measurement of how long its state remembers.

# %% tags=["setup", "timing"]
import course_utils

course_utils.start("05_recurrent_networks")

# %% [markdown]
# ## Two years
#
# Over the year 1858 astronomers counted 55 sunspots on average, over 1961 it was 54. Nearly the same. What came
# next? Choose an answer before
# you go on.

# %%
from course_utils.exercises import lesson_05 as ex

predict = ex.next_year.ask()

# %% tags=["reveal"]
from course_utils.data.sunspots import yearly_sunspots
from course_utils.figures import series

sunspots = yearly_sunspots()
ex.next_year.check(predict)
series.twins(sunspots, years=(1858, 1961))

# %% [markdown]
# The number alone does not say whether the sun is on its way up or on its way down. The years *before* do.
#
# Is that an accident of these two years? Take every year with 40 to 60 sunspots, and see how the next year turned out.

# %%
middle = sunspots[(sunspots >= 40) & (sunspots <= 60)].index
rising = [sunspots[year] > sunspots[year - 1] for year in middle]
higher = [sunspots[year + 1] > sunspots[year] for year in middle]
print(f"{len(middle)} years with 40 to 60 sunspots; the next year was higher after {sum(higher)} of them")
print(f"right if you always say 'lower':            {len(higher) - sum(higher)} of {len(middle)}")
print(f"right if you say 'it goes on as it went':   {sum(r == h for r, h in zip(rising, higher))} of {len(middle)}")

# %% [markdown]
# One bit about the past, *up or down*, makes the forecast better.
#
# You could, of course, give a network last year's number as a second input. Here that would do. But how many years back does
# the *next* question reach? A window of fixed width has to be chosen beforehand, and what lies outside it does not exist.
# So let us build a network that carries something along from step to step, however many steps there are.

# %% [markdown]
# ## A network with a state
#
# A network multiplies its inputs by numbers, its **weights**, adds some more numbers, its **biases**, and bends
# the result with a curve. That is one **layer**; many networks stack several. Training means to adjust weights and biases until the outputs are useful. In this lesson nothing is
# trained: weights are random, or set by hand.
#
# A **feedforward** network goes from input to output and is done. A **recurrent** network keeps a vector $h$, its
# **state**. At each step $t$ it mixes the new input $x_t$ with the state it had, $h_{t-1}$. The result is the new state:
#
# $$h_t = \tanh(W_{ih}\, x_t + b_{ih} + W_{hh}\, h_{t-1} + b_{hh})$$
#
# - $W_{ih}$ (input to state, *h* for hidden) and $W_{hh}$ (state to state) are two matrices of weights.
# - $b_{ih}$ and $b_{hh}$ are two biases. One would do; torch keeps two, and so do we.
# - $\tanh$ bends each entry into the range from −1 to 1. The state begins at $h_0 = 0$.
#
# This formula is called the network's **cell** (Elman, 1990); each entry of $h$ is one **unit**. The same weights serve
# at every step.

# %% [markdown]
# ### Play with it: one unit, one step at a time
#
# With a single unit all of these are plain numbers. We call them `w_x` (for $W_{ih}$), `w_h` (for $W_{hh}$) and `b` (both
# biases in one). The input is one pulse, then nothing.
#
# 1. Press **Step** and read the line below the picture. The input is gone after the first step; where does the
#    pulse live on?
# 2. Find a `w_h` with which it vanishes at once, one with which it fades, one with which it seems to stay, and one with which it
#    swings between plus and minus.

# %%
from course_utils.widgets.unroll_stepper import unroll_stepper

unroll_stepper(w_x=1.0, w_h=0.8)

# %% [markdown]
# Eight steps are too few to tell *slowly fading* from *staying*. **Before you run the next cell**: which of these pulses are
# still there after 1,000 steps?

# %% tags=["reveal"]
from math import tanh

print("  w_h    step 1    step 8    step 9  step 999 step 1000")
for w_h in (0.0, 0.8, 1.0, 1.5, -0.8, -1.5):
    h, states = 0.0, []
    for t in range(1000):
        h = tanh(1.0 * (t == 0) + w_h * h)  # the input is 1 at the first step, then 0
        states.append(h)
    print(f"{w_h:5}" + "".join(f"{states[t - 1]:10.2f}" for t in (1, 8, 9, 999, 1000)))

# %% [markdown]
# After the first step the pulse lives in the state, and nowhere else.
#
# - With `w_h` = 0 each state depends on its own input alone. That *is* a feedforward network.
# - Between −1 and 1 the pulse fades; a negative `w_h` makes it change its sign at every step. At exactly 1 it fades too, ever
#   more slowly: tanh always takes a little.
# - Above 1 it stays for good. The state settles where $h = \tanh(w_h\, h)$, so that each step returns it to itself. It then tells
#   *that* there was a pulse, not how large it was. Below −1 it swings for good.

# %% [markdown]
# ## Your turn · 8 minutes
#
# Write one step for a whole **batch**: B sequences side by side, I numbers in each input, H units.
# Each *row* of `x` is one sequence's input, where the formula has a column; mind on which side the weights stand.

# %%
import torch


def my_rnn_step(x, h, W_ih, W_hh, b_ih, b_hh):
    """One step. x: (B, I), h: (B, H), W_ih: (H, I), W_hh: (H, H), b_ih and b_hh: (H,). Returns (B, H)."""
    ...


ex.rnn_step.check(my_rnn_step)
# ex.rnn_step.hint()
# ex.rnn_step.hint(2)
# ex.rnn_step.hint(3)
# ex.rnn_step.solution()

# %% [markdown]
# ## Your turn · 6 minutes
#
# To **unroll** a network means to run it along a sequence: at each step it reads the next input and the state it has just made.
# Write the loop over T steps, and keep the state after every step. `rnn_step` is the solution of the exercise above, so
# use it freely.

# %%
from course_utils.nn.cells import rnn_step


def my_rnn_states(x, h, weights):
    """All states. x: (B, T, I), h: (B, H) to start from, weights: W_ih, W_hh, b_ih, b_hh. Returns (B, T, H)."""
    ...  # one step is: h = rnn_step(input of the step, h, *weights)


ex.rnn_states.check(my_rnn_states)
# ex.rnn_states.hint()
# ex.rnn_states.hint(2)
# ex.rnn_states.hint(3)
# ex.rnn_states.solution()

# %% [markdown]
# ## The same as torch's?
#
# We cut the 309 years into three stretches of T = 103, a batch of three sequences with one number a year, and run torch's
# network with 16 units over them. (The numbers are divided by 100, to be not far from 1. `.double()` computes with 16 digits
# instead of 7, so that *equal* can be told from *nearly equal*.)
#
# **Predict:** torch's `nn.RNN` returns `output`, the states after every step, and `h_n`, the states after the last step, for
# each of its layers. What are their shapes?

# %% tags=["reveal"]
stretches = torch.tensor(sunspots.to_numpy() / 100).reshape(3, 103, 1)  # (B, T, I)
rnn = torch.nn.RNN(input_size=1, hidden_size=16, batch_first=True).double()
output, h_n = rnn(stretches)
print("output", tuple(output.shape), "  h_n", tuple(h_n.shape))

# %% [markdown]
# `output` is (B, T, H), and `h_n` is (layers, B, H). We have one layer. (`batch_first=True` asks for B before T in `output`;
# `h_n` does not listen to it. Many a bug lives here.)
#
# Now yours. The first line takes your own function if it passed its check, else the course's.

# %% tags=["nbval-check-output"]
states = ex.rnn_states.mine()
weights = tuple(rnn.parameters())  # W_ih, W_hh, b_ih, b_hh
ours = states(stretches, torch.zeros(3, 16).double(), weights)
print("equal to torch's:", torch.allclose(ours, output, rtol=0, atol=1e-12))
print("h_n is the last state of each stretch:", torch.equal(h_n[0], output[:, -1]))

# %% [markdown]
# ## Does the state know what the input does not say?
#
# Back to the years with 40 to 60 sunspots. Take all pairs of them whose numbers differ by less than 3. In some pairs both years were
# reached the same way (both rose, or both fell, from the year before), in the others by opposite ways. To a feedforward
# layer, which sees this year's number alone, the two years of a pair are nearly one. And to a recurrent network?
#
# We measure the distance between the vectors of the two years. So that networks can be compared, 1 stands for the mean distance over all
# pairs of years in the series. To trust no single network, we ask ten, with different random weights.
#
# **Predict** for the recurrent networks: which pairs are further apart, or is there no difference?

# %%
from itertools import combinations

from course_utils.nn.cells import rnn_states

x = torch.tensor(sunspots.to_numpy() / 100).reshape(1, 309, 1)  # (B, T, I): the whole series
place = {year: sunspots.index.get_loc(year) for year in middle}
pairs = {"same way": [], "opposite ways": []}
for (a, up_a), (b, up_b) in combinations(zip(middle, rising), 2):
    if abs(sunspots[a] - sunspots[b]) < 3:
        pairs["same way" if up_a == up_b else "opposite ways"].append((place[a], place[b]))


def distance(vectors, pairs):
    """Mean distance over pairs of years, where that of any two years is 1. vectors: (T, H)."""
    return float(torch.stack([(vectors[a] - vectors[b]).norm() for a, b in pairs]).mean() / torch.pdist(vectors).mean())


# %% tags=["reveal"]
found = {(kind, way): [] for kind in ("feedforward", "recurrent") for way in pairs}
for seed in range(10):
    torch.manual_seed(seed)
    W_ih, W_hh, b_ih, b_hh = weights = [p.detach() for p in torch.nn.RNN(1, 16).double().parameters()]
    h_0 = torch.zeros(1, 16).double()
    vectors = {"feedforward": torch.tanh(x[0] @ W_ih.T + b_ih + b_hh), "recurrent": rnn_states(x, h_0, weights)[0]}
    for kind, way in found:
        found[kind, way].append(distance(vectors[kind], pairs[way]))
for (kind, way), values in found.items():
    print(f"{kind:12} {way:14} ({len(pairs[way])} pairs): {min(values):.2f} to {max(values):.2f} in ten networks")
further = sum(o > s for o, s in zip(found["recurrent", "opposite ways"], found["recurrent", "same way"]))
print(f"opposite ways further apart than same way: in {further} of 10 recurrent networks")

# %% [markdown]
# To the feedforward layer each pair is nearly one and the same year. To the recurrent networks it is not: even years that were reached
# the same way have different pasts. And years reached by opposite ways are further apart still: the state knows something
# about the way. No weight was trained.
# **The state is memory**, simply because it is fed back.

# %% [markdown]
# ## How long does it remember?
#
# 1957 has the highest number of the whole series. Suppose there had been no sunspots at all that year: we set its number to
# 0 and leave all else as it is, the weights included. Then we compare, year by year, the state of the true series with the state of
# the changed one. Their distance in 1957 counts as 100 %.
#
# (torch draws each weight at random between $-1/\sqrt{H}$ and $1/\sqrt{H}$, which is ±0.25 for 16 units.)
#
# **Predict:** after how many years is less than 1 % of it left?

# %%
my_guess = ...  # in years

# %%
year = sunspots.index.get_loc(sunspots.idxmax())  # 1957
changed = x.clone()
changed[0, year] = 0


def echo(scale=1.0, hidden_size=16):
    """Ten random networks: distance between true and changed state, 0 … 24 years after 1957. Returns (10, 25)."""
    distances = []
    for seed in range(10):
        torch.manual_seed(seed)
        W_ih, W_hh, b_ih, b_hh = (p.detach() for p in torch.nn.RNN(1, hidden_size).double().parameters())
        weights, h_0 = (W_ih, scale * W_hh, b_ih, b_hh), torch.zeros(1, hidden_size).double()
        difference = rnn_states(x, h_0, weights) - rnn_states(changed, h_0, weights)  # (1, T, H)
        distances.append(difference[0, year : year + 25].norm(dim=-1))
    return torch.stack(distances).numpy()


# %% tags=["reveal"]
distances = echo()
years = series.steps_until(distances / distances[:, :1], 0.01)  # for each network
ex.echo_years.check(my_guess, (years.min(), years.max()))
factors = (distances[:, 24] / distances[:, 0]) ** (1 / 24)
print(f"Each year leaves {factors.min():.2f} to {factors.max():.2f} of the distance, on average over 24 years.")
print(f"After eleven years {(distances[:, 11] / distances[:, 0]).max():.1%} is left at most.")
series.echo(distances)

# %% [markdown]
# The axis is logarithmic, and the lines are nearly straight: year by year the memory shrinks by about the same *factor*, as the
# pulse did in the stepper with a `w_h` below 1. It never is exactly nothing, but when the next wave of sunspots comes, eleven
# years later, very little of 1957 is left.
#
# Is that the fault of recurrent networks, or of these weights? You saw a `w_h` with which the pulse stays. Lesson 06 takes this
# apart.

# %% [markdown]
# ## What you have seen
#
# - Some questions need the past: the same number, another future.
# - A recurrent network mixes each input with its own state before, with the same weights at every step.
# - Our cell and `torch.nn.RNN` give the same numbers. `output` is (B, T, H), `h_n` is (layers, B, H).
# - The state remembers without any training. With torch's usual random weights, what it holds of one input shrinks by about
#   the same factor at every step.
#
# **Going further.** `series.echo(echo(scale=1.5))` multiplies $W_{hh}$ by 1.5; `echo(hidden_size=64)` takes 64 units. Predict
# what each does to the memory; the title of the figure tells.
#
# **References.** J. L. Elman, *Finding structure in time*, Cognitive Science 14, 1990,
# [doi:10.1207/s15516709cog1402_1](https://doi.org/10.1207/s15516709cog1402_1). Yearly sunspot numbers: NOAA National Geophysical
# Data Center, in the public domain, as they come with statsmodels.

# %% tags=["timing"]
course_utils.finish()
