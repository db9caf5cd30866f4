# %% [markdown]
# # 05 · Recurrent networks
#
# **25 minutes to read, a few seconds to run.** Builds on: lesson 00; Python, and what a matrix product is.
#
# You will be able to
#
# - say why some questions cannot be answered from the present alone;
# - write one step of a recurrent network, and check it against torch's;
# - unroll a network over a sequence, with the right shapes;
# - measure how long its state remembers one input.

# %% tags=["setup", "timing"]
import course_utils

course_utils.start("05_recurrent_networks")

# %% [markdown]
# ## Two years, one number
#
# In 1858 astronomers counted 55 sunspots on average, in 1961 it was 54. Nearly the same.
# **Before you run the next cell:** you are told this year's number, 55 or 54, and nothing else. Can you say whether next year's
# will be higher or lower?

# %% tags=["reveal"]
from course_utils.data.sunspots import yearly_sunspots
from course_utils.figures import series

sunspots = yearly_sunspots()
series.twins(sunspots, years=(1858, 1961))

# %% [markdown]
# You cannot. The number alone does not say whether the sun is on the way up or on the way down. The years *before* do.
#
# Is that an accident of these two years? Take every year with 40 to 60 sunspots, and ask how the next year turned out.

# %%
middle = sunspots[(sunspots >= 40) & (sunspots <= 60)].index.drop([1700, 2008], errors="ignore")
rises = {"up": [], "down": []}
for year in middle:
    way = "up" if sunspots[year] > sunspots[year - 1] else "down"
    rises[way].append(sunspots[year + 1] > sunspots[year])
rises["either"] = rises["up"] + rises["down"]
for way, next_year in rises.items():
    print(f"on the way {way:6}: {len(next_year)} years; the next year was higher in {sum(next_year)} of them")

# %% [markdown]
# One bit of memory, *up or down*, turns a coin toss into a good forecast. A network that sees only the present input (a
# **feedforward** network) cannot have that bit. So we give the network a place to keep it.

# %% [markdown]
# ## A network with a state
#
# A recurrent network keeps a vector $h$, its **state**. At each step it mixes the new input $x_t$ with the state it had, and the
# result is the new state:
#
# $$h_t = \tanh(W_{ih}\, x_t + b_{ih} + W_{hh}\, h_{t-1} + b_{hh})$$
#
# - $W_{ih}$ carries the input into the state, $W_{hh}$ carries the state into the next state.
# - $b_{ih}$ and $b_{hh}$ are two biases. One would do; torch keeps two, and so do we.
# - $\tanh$ squashes each entry to a number between −1 and 1.
#
# That is the whole cell (Elman, 1990). The same four weights serve at every step.

# %% [markdown]
# ### Play with it: one unit, one step at a time
#
# Here the state is a single number. The input is one pulse, then nothing. Press **Step** and read the line below
# the picture.
#
# 1. How does the pulse still show after eight steps, with no input left?
# 2. Find a `w_h` that makes it fade at once, one that keeps it, and one that makes it swing from plus to minus.

# %%
from course_utils.widgets.unroll_stepper import unroll_stepper

unroll_stepper(w_x=1.0, w_h=0.8)

# %% [markdown]
# With `w_h` at 0 there is no memory: each state depends on its own input alone. That *is* a feedforward network.
# Near 1 the pulse stays for a while. Below 0 the state changes its sign at every step.

# %% [markdown]
# ## Your turn · 8 minutes
#
# Write one step for a whole **batch**: B sequences at a time, I numbers in each input, H numbers in each state.
# Each row of `x` is one sequence's input, so a product with the weights reads `x @ W.T` in place of $Wx$.

# %%
import torch

from course_utils.exercises import lesson_05 as ex


def my_rnn_step(x, h, W_ih, W_hh, b_ih, b_hh):
    """One step. x: (B, I), h: (B, H), W_ih: (H, I), W_hh: (H, H), b_ih and b_hh: (H,). Returns (B, H)."""
    ...


ex.rnn_step.check(my_rnn_step)
# ex.rnn_step.hint()
# ex.rnn_step.hint(2)
# ex.rnn_step.solution()

# %% [markdown]
# ## The same as torch's?
#
# From here on we use the course's own `rnn_step`, which is the exercise's solution. **Unrolling** is a loop:
# feed the state back in, with the same weights at each step.

# %%
from course_utils.nn.cells import rnn_step

x = torch.tensor(sunspots.to_numpy() / 100).reshape(1, -1, 1)  # (B, T, I): one sequence of 309 years
rnn = torch.nn.RNN(input_size=1, hidden_size=16, batch_first=True).double()
weights = tuple(rnn.parameters())  # W_ih, W_hh, b_ih, b_hh
h = torch.zeros(1, 16, dtype=torch.float64)  # (B, H)
states = []
for t in range(x.shape[1]):
    h = rnn_step(x[:, t], h, *weights)
    states.append(h)
ours = torch.stack(states, dim=1)  # (B, T, H)

# %% [markdown]
# **Predict:** torch's `nn.RNN` returns two things, `output` and `h_n`. What are their shapes here, and which entry of
# `output` equals `h_n`?

# %% tags=["reveal"]
output, h_n = rnn(x)
print("output", tuple(output.shape), "  h_n", tuple(h_n.shape))
print("h_n is the last output:", torch.equal(h_n[0], output[:, -1]))

# %% tags=["nbval-check-output"]
print("ours equals torch's:", torch.allclose(ours, output, atol=1e-12))

# %% [markdown]
# `output` holds the state after *every* step, (B, T, H). `h_n` holds the *last* one, and puts the number of layers in front:
# (layers, B, H). In a plain RNN the output **is** the state. Nothing was trained here; the weights are as random
# as torch made them.

# %% [markdown]
# ## Does the state know what the input does not say?
#
# Back to 1858 and 1961. We compare two things at those years: a feedforward layer with the same weights (it sees the
# year's number and nothing else), and the recurrent state. How far apart are the two years in each?

# %% tags=["reveal"]
at = [sunspots.index.get_loc(year) for year in (1858, 1961)]
W_ih, W_hh, b_ih, b_hh = weights
feedforward = torch.tanh(x[0] @ W_ih.T + b_ih + b_hh)  # (T, H): no state
for name, values in (("feedforward", feedforward), ("recurrent", ours[0])):
    print(f"{name:12} distance between 1858 and 1961: {(values[at[0]] - values[at[1]]).norm():.3f}")

# %% [markdown]
# To the feedforward layer the two years are nearly the same year. To the recurrent network they are far apart, because their
# pasts are. And this before any training: **the state is memory**, simply because it is fed back.

# %% [markdown]
# ## How long does it remember?
#
# 1957 was the sun's most active year in the whole table. Suppose that year had never happened: we set its number to 0 and
# leave all else as it is, the weights included. The state in 1957 changes, of course. And the years after?
#
# **Predict:** after how many years is less than 1 % of that change left?

# %%
my_guess = ...  # in years

# %% [markdown]
# We ask ten networks with ten different random weights, so as not to trust one. The measure is the distance between
# the state with and without the change.

# %%
from course_utils.nn.cells import rnn_states

year = sunspots.index.get_loc(sunspots.idxmax())  # 1957
without = x.clone()
without[0, year] = 0
distances = []
for seed in range(10):
    torch.manual_seed(seed)
    weights = tuple(torch.nn.RNN(1, 16).double().parameters())
    with torch.no_grad():
        h0 = torch.zeros(1, 16).double()
        difference = rnn_states(x, h0, weights) - rnn_states(without, h0, weights)  # (1, T, 16)
    distances.append(difference[0, year : year + 25].norm(dim=-1))  # (25,)

# %% tags=["reveal"]
print("Your guess:", "none yet" if my_guess is ... else my_guess)
series.echo(torch.stack(distances).numpy())

# %% [markdown]
# The lines are nearly straight on a logarithmic axis: the memory shrinks by about the same *factor* every year.
# An untrained network with torch's usual random weights lets go of a year within a sunspot cycle. Can training mend that? Can
# another cell? That is what the next lessons measure.

# %% [markdown]
# ## What you have seen
#
# - Some questions need the past: the same number, another future.
# - A recurrent network feeds its state back: $h_t = \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})$, with the same weights
#   at each step.
# - Our cell and `torch.nn.RNN` give the same numbers. `output` is (B, T, H), `h_n` is (layers, B, H).
# - The state remembers without any training, and without training it forgets fast.
#
# **Going further.** Change `hidden_size`, or multiply `W_hh` by 1.5 before you unroll. Does the echo last longer?
#
# **References.** J. L. Elman, *Finding structure in time*, Cognitive Science 14, 1990,
# [doi:10.1207/s15516709cog1402_1](https://doi.org/10.1207/s15516709cog1402_1). Yearly sunspot numbers: NOAA National Geophysical
# Data Center, in the public domain, as they come with statsmodels.

# %% tags=["timing"]
course_utils.finish()
