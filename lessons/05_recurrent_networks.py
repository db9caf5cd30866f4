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
# In 1858 astronomers counted 55 sunspots on average, in 1961 it was 54. Nearly the same.
# **Before you run the next cell:** you are told this year's number, 55 or 54, and nothing else. Will next year's
# be higher or lower?

# %% tags=["reveal"]
from course_utils.data.sunspots import yearly_sunspots
from course_utils.figures import series

sunspots = yearly_sunspots()
series.twins(sunspots, years=(1858, 1961))

# %% [markdown]
# The number alone does not say whether the sun is on its way up or on its way down. The years *before* do.
#
# Is that an accident of these two years? Take every year with 40 to 60 sunspots, and see how the next year turned out.

# %%
middle = sunspots[(sunspots >= 40) & (sunspots <= 60)].index
rises = {"up": [], "down": []}
for year in middle:
    way = "up" if sunspots[year] > sunspots[year - 1] else "down"
    rises[way].append(sunspots[year + 1] > sunspots[year])
rises["either"] = rises["up"] + rises["down"]
for way, next_year in rises.items():
    print(f"on the way {way:6}: {len(next_year)} years; the next year was higher in {sum(next_year)} of them")

# %% [markdown]
# Over all these years it is nearly a coin toss. Know one bit about the past, *up or down*, and you can forecast well.
#
# You could, of course, give a network last year's number as a second input. Here that would do. But how many years back does
# the *next* question reach? A window of fixed width has to be chosen beforehand, and what lies outside it does not exist.
# So let us build a network that decides for itself what to carry along.

# %% [markdown]
# ## A network with a state
#
# A network multiplies its inputs by numbers, its **weights**, adds some more numbers, its **biases**, and bends
# the result with a curve. Training means to adjust weights and biases until the outputs are useful. In this lesson nothing is
# trained: all weights are random, and stay as they are.
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
# 1. Press **Step** and read the line below the picture. Where does the pulse live after the first step?
# 2. Find a `w_h` with which it is gone at once, one with which it fades, one with which it **never** fades, and one with which
#    it swings between plus and minus.

# %%
from course_utils.widgets.unroll_stepper import unroll_stepper

unroll_stepper(w_x=1.0, w_h=0.8)

# %% [markdown]
# Have you found all four? The next cell takes the pulse through eight steps with five values of `w_h`.

# %% tags=["reveal"]
from math import tanh

for w_h in (0.0, 0.8, 1.0, 1.5, -0.8):
    h, line = 0.0, f"w_h = {w_h:4}:"
    for x in (1, 0, 0, 0, 0, 0, 0, 0):
        h = tanh(1.0 * x + w_h * h)
        line += f"{h:7.2f}"
    print(line)

# %% [markdown]
# With `w_h` = 0 each state depends on its own input alone: that *is* a feedforward network. At 0.8 the pulse fades, at 1 it still
# fades, only slowly. At 1.5 it stays for good, for tanh and `w_h` settle on a value that feeds itself. Below 0
# the pulse changes its sign at every step.

# %% [markdown]
# ## Your turn · 8 minutes
#
# Write one step for a whole **batch**: B sequences side by side, I numbers in each input, H units.
# Each row of `x` is one sequence's input. With rows, the product $W x$ is written `x @ W.T`.

# %%
import torch

from course_utils.exercises import lesson_05 as ex


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
# Write the loop. `rnn_step` is the solution of the exercise above, so use it freely. Keep the state after every step.

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
# We cut the 309 years into three stretches of 103, a batch of three sequences with one number a year, and run torch's
# network with 16 units over them. (We divide by 100 so that the numbers are not far from 1, and compute in
# double precision so that a comparison means something.)
#
# **Predict:** torch's `nn.RNN` returns two things, `output` and `h_n`. What are their shapes?

# %% tags=["reveal"]
stretches = torch.tensor(sunspots.to_numpy() / 100).reshape(3, 103, 1)  # (B, T, I)
rnn = torch.nn.RNN(input_size=1, hidden_size=16, batch_first=True).double()
output, h_n = rnn(stretches)
print("output", tuple(output.shape), "  h_n", tuple(h_n.shape))

# %% [markdown]
# `output` holds the state after *every* step, (B, T, H). `h_n` holds the *last* one, (layers, B, H): its first axis counts
# layers, of which we have one. (`batch_first=True` asks for B before T in `output`; `h_n` does not listen to it. Many a bug
# lives here.)

# %% tags=["nbval-check-output"]
from course_utils.nn.cells import rnn_states

ours = rnn_states(stretches, torch.zeros(3, 16).double(), tuple(rnn.parameters()))  # W_ih, W_hh, b_ih, b_hh
print("ours equals torch's:", torch.allclose(ours, output, atol=1e-12))
print("h_n is the last state of each stretch:", torch.equal(h_n[0], output[:, -1]))

# %% [markdown]
# ## Does the state know what the input does not say?
#
# Back to 1858 and 1961, with the whole series as one sequence. We look at two vectors for each year: what a
# feedforward layer with the same weights makes of that year's number, and the recurrent state. How far apart are the two years,
# if **an average pair of years is 1 apart**? To trust no single network, we ask ten with different random weights.
#
# **Predict** both distances, roughly.

# %% tags=["reveal"]
x = torch.tensor(sunspots.to_numpy() / 100).reshape(1, 309, 1)  # (B, T, I)
h_0 = torch.zeros(1, 16).double()
pair = [sunspots.index.get_loc(year) for year in (1858, 1961)]
apart = {"feedforward": [], "recurrent": []}
for seed in range(10):
    torch.manual_seed(seed)
    weights = [p.detach() for p in torch.nn.RNN(1, 16).double().parameters()]
    W_ih, W_hh, b_ih, b_hh = weights
    vectors = {"feedforward": torch.tanh(x[0] @ W_ih.T + b_ih + b_hh), "recurrent": rnn_states(x, h_0, weights)[0]}
    for kind, v in vectors.items():  # v: (T, H)
        apart[kind].append(float((v[pair[0]] - v[pair[1]]).norm() / torch.pdist(v).mean()))
for kind, found in apart.items():
    print(f"{kind:12} distance from 1858 to 1961: {min(found):.2f} to {max(found):.2f} in ten networks")

# %% [markdown]
# To the feedforward layer the two years are one and the same. To the recurrent networks they are about as different as any two
# years, because their pasts are. And no weight was trained: **the state is memory**, simply because it is fed back.

# %% [markdown]
# ## How long does it remember?
#
# 1957 has the highest number of the whole series. Suppose there had been no sunspots at all that year: we set its number to
# 0 and leave all else as it is, the weights included. Then we compare, year by year, the state of the true series with the state of
# the changed one. Their distance in 1957 counts as 100 %.
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
factors = (distances[:, 24] / distances[:, 0]) ** (1 / 24)
print("Your guess:", "none yet" if my_guess is ... else f"{my_guess} years")
print(
    f"From one year to the next the distance shrinks to {factors.min():.2f} to {factors.max():.2f} times what it was."
)
series.echo(distances)

# %% [markdown]
# The axis is logarithmic, and the lines are nearly straight: the memory shrinks by about the same *factor* every year, as the pulse
# did in the stepper with a `w_h` below 1. With torch's usual random weights, hardly anything of 1957 is left when the
# next wave of sunspots comes, eleven years later.
#
# Is that the fault of recurrent networks, or of these weights? You saw a `w_h` with which the pulse never fades. Lesson 06 takes this
# apart.

# %% [markdown]
# ## What you have seen
#
# - Some questions need the past: the same number, another future.
# - A recurrent network feeds its state back: $h_t = \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})$, with the same weights
#   at each step.
# - Our cell and `torch.nn.RNN` give the same numbers. `output` is (B, T, H), `h_n` is (layers, B, H).
# - The state remembers without any training. With torch's usual random weights it forgets by a constant factor a step.
#
# **Going further.** `series.echo(echo(scale=1.5))` multiplies $W_{hh}$ by 1.5; `echo(hidden_size=64)` takes more units. Which of the two
# lengthens the memory? Predict first.
#
# **References.** J. L. Elman, *Finding structure in time*, Cognitive Science 14, 1990,
# [doi:10.1207/s15516709cog1402_1](https://doi.org/10.1207/s15516709cog1402_1). Yearly sunspot numbers: NOAA National Geophysical
# Data Center, in the public domain, as they come with statsmodels.

# %% tags=["timing"]
course_utils.finish()
