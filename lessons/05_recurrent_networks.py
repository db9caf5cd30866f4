# %% [markdown]
# # 05 · Recurrent networks
#
# **90 minutes with its exercises, less than a minute to run.**
# Builds on lesson 01: layers, loss, gradient and training.
# (Who has met these elsewhere can begin here: the lesson recalls the words it needs.)
#
# You will be able to
#
# - say why some questions cannot be answered from the present alone, and show it with a chance line;
# - write one step of a recurrent network, unroll it, and get the shapes right;
# - tell apart what changes at every step, what changes in training, and what is fed back;
# - hold one bit for 5,000 steps, and say why that is not the same as learning to hold it;
# - judge a forecast beside rules that a child could use.

# %% tags=["setup", "timing"]
import course_utils

course_utils.start("05_recurrent_networks")

# %% [markdown]
# ## Two years
#
# Over the year 1858 astronomers counted 55 sunspots on average, over 1961 it was 54.
# Nearly the same.
# What came next?
# Choose an answer before you go on.

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
# The number alone does not say whether the sun is on its way up or on its way down.
# The years *before* do.
#
# Is that an accident of these two years?
# Take every year with 40 to 60 sunspots, and see how the next year turned out.

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
# Could a network do that?
# Let us take the question to a place where everything about the past is known.

# %% [markdown]
# ## What came two steps ago?
#
# Symbols come in, one a step: A, B, C or D, all equally likely.
# At every step, the network should name the symbol that came **two steps before**.
# (A network reads numbers, so each symbol comes in as four: a 1 in its own place, three 0s elsewhere.
# `argmax` below turns them back into a place, 0 to 3.)

# %%
import torch

from course_utils.display.tables import show_table
from course_utils.experiments.tasks.recall import Recall

task = Recall(seq_len=8, lag=2, symbols=4)
one = task.sample(1, torch.Generator().manual_seed(1))
seen, wanted = one.x[0].argmax(-1).tolist(), one.y[0].tolist()
letters = [*"ABCD", "–"]  # the last one, at −1, for steps that have no answer yet
show_table(
    {
        "step": [f"{t + 1}" for t in range(8)],
        "comes in": [letters[s] for s in seen],
        "to name": [letters[w] for w in wanted],
    },
    "One sequence: what comes in, and what came two steps before",
)

# %% [markdown]
# torch's arrays are called **tensors**, and work much like numpy's: `symbols.shape`, `symbols[:, 1:]`.
# `torch.full((2, 3), -1)` makes one filled with −1, `torch.cat([a, b], dim=1)` glues two along an axis, `torch.stack` puts several side by side along a new one.
#
# ### Your turn · 5 minutes
#
# Write the answers down yourself, for any lag from 1, and for a whole **batch**: B sequences side by side, one a row.
# Symbols are whole numbers here; where there is nothing to name yet, the answer is −1.


# %%
def my_delayed(symbols, lag):
    """The symbol of lag steps before, −1 at the first lag steps. symbols: (B, T) tensor. Returns such a tensor."""
    ...


ex.delayed.check(my_delayed)
# ex.delayed.hint()
# ex.delayed.hint(2)
# ex.delayed.hint(3)
# ex.delayed.solution()

# %% [markdown]
# Now a network.
# What it does first: it multiplies its inputs by numbers, its **weights**, adds some more numbers, its **biases**, and bends the result with a curve.
# That is one **layer**; its results are **units**.
# A second layer turns them into a score for each of the four symbols.
# Input in, scores out, done: this is called a **feedforward** network.
#
# To **train** it is to show it a batch of sequences with their answers, compare its scores with the answers (the **loss**: the worse, the larger), and move every weight a little in the direction that makes the loss smaller.
# One batch, one move: that is one **optimiser step**.
# `fit` makes as many as we say; `lr`, the learning rate, says how far each of them goes.
# The first weights are random numbers.
# A **seed** fixes which, so that you get what we got.
#
# **Predict:** our feedforward network sees the present symbol, and nothing else.
# Of the symbols of two steps before, what share will it name rightly after training?

# %%
my_guess = ...  # between 0 and 1

# %% tags=["reveal"]
from course_utils.nn.sequence_model import SequenceModel
from course_utils.training import fit

ex.recall_chance.check(my_guess)
task = Recall(seq_len=20, lag=2, symbols=4)
network = SequenceModel("feedforward", input_size=4, hidden_size=100, output_size=4)
fit(network, task.batches(32, seed=0), task.objective, steps=300, lr=0.01, progress=False)
held_out = task.held_out(500, seed=0)  # sequences that it was not trained on
share = task.score(network(held_out.x), held_out)
print(f"Feedforward, the present symbol alone: {share:.3f} of {held_out.mask.sum():,} answers right")
print(f"Guessing one of four: {task.chance:.3f}")

# %% [markdown]
# Guessing one of four symbols is right in a quarter of all cases.
# That is the **chance line**, and it is not found by measuring: it follows from the task.
# A score without its chance line says nothing.
# (Guessing itself comes out a little above or below it by accident, over 9,000 answers by about 0.005.)
#
# You could, of course, feed the last three symbols in at once.
# Then two steps back is in sight.
# But three steps back is not.
# A window of fixed width has to be chosen beforehand, and what lies outside it does not exist.
#
# So let us build a network that carries something along from step to step, however many steps there are.

# %% [markdown]
# ## A network with a state
#
# A feedforward network goes from input to output and is done.
# A **recurrent** network keeps a vector $h$, its **state**.
# At each step $t$ it mixes the new input $x_t$ with the state it had, $h_{t-1}$.
# The result is the new state:
#
# $$h_t = \tanh(W_{ih}\, x_t + b_{ih} + W_{hh}\, h_{t-1} + b_{hh})$$
#
# - $W_{ih}$ (input to state, *h* for hidden) and $W_{hh}$ (state to state) are two matrices of weights.
# - $b_{ih}$ and $b_{hh}$ are two biases.
#   One would do; torch keeps two, and so do we.
# - $\tanh$ bends each entry into the range from −1 to 1.
#   The state begins at $h_0 = 0$.
#
# This formula is called the network's **cell** (Elman, 1990); each entry of $h$ is one **unit**.
# The same weights serve at every step.

# %% [markdown]
# ### Play with it: one unit, one step at a time
#
# With a single unit all of these are plain numbers.
# We call them `w_x` (for $W_{ih}$), `w_h` (for $W_{hh}$) and `b` (both biases in one).
# The input is one pulse, then nothing.
#
# 1. Press **Step** and read the line below the picture.
#    The input is gone after the first step; where does the pulse live on?
# 2. Find a `w_h` with which it vanishes at once, one with which it fades, one with which it seems to stay, and one with which it swings between plus and minus.

# %%
from course_utils.widgets.unroll_stepper import unroll_stepper

unroll_stepper(w_x=1.0, w_h=0.8)

# %% [markdown]
# Eight steps are too few to tell *slowly fading* from *staying*.
# **Before you run the next cell**: with which of the weights 0, 0.8, 1, 1.5, −0.8 and −1.5 is the pulse still there after 1,000 steps?

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
# - With `w_h` = 0 each state depends on its own input alone.
#   That *is* a feedforward network.
# - Between −1 and 1 the pulse fades; a negative `w_h` makes it change its sign at every step.
#   At exactly 1 it fades too, ever more slowly: tanh always takes a little.
# - Above 1 it stays for good, if nothing else comes in.
#   The state settles where $h = \tanh(w_h\, h)$, so that each step returns it to itself.
#   It then tells *that* there was a pulse, not how large it was (try another input weight).
#   Below −1 it swings for good.

# %% [markdown]
# ### Your turn · 8 minutes
#
# Write one step for a whole **batch**: B sequences side by side, I numbers in each input, H units.
# Each *row* of `x` is one sequence's input, where the formula has a column; mind on which side the weights stand.


# %%
def my_rnn_step(x, h, W_ih, W_hh, b_ih, b_hh):
    """One step. x: (B, I), h: (B, H), W_ih: (H, I), W_hh: (H, H), b_ih and b_hh: (H,). Returns (B, H)."""
    ...


ex.rnn_step.check(my_rnn_step)
# ex.rnn_step.hint()
# ex.rnn_step.hint(2)
# ex.rnn_step.hint(3)
# ex.rnn_step.solution()

# %% [markdown]
# ### Your turn · 6 minutes
#
# To **unroll** a network means to run it along a sequence: at each step it reads the next input and the state it has just made.
# Write the loop over T steps, and keep the state after every step.
# (If you make a tensor yourself, give it `dtype=x.dtype`.)
# `rnn_step` is the solution of the exercise above, so use it freely.

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
# We cut the 309 years of sunspots into three stretches of T = 103, a batch of three sequences with one number a year, and run torch's network with 16 units over them.
# (The numbers are divided by 100, to be not far from 1.
# `.double()` computes with 16 digits instead of 7, so that *equal* can be told from *nearly equal*.)
#
# `batch_first=True` says that the batch is the first axis of what comes in, (B, T, I); else torch expects time first.
# `nn.RNN` can also stack several recurrent layers, each reading the states of the one below.
# It returns two things: `output`, the states of the top layer after every step, and `h_n`, the states after the last step, for each of its layers.
# Here there is one layer.
# **Predict** their shapes.

# %%
predict = ex.shapes.ask()

# %% tags=["reveal"]
stretches = torch.tensor(sunspots.to_numpy() / 100).reshape(3, 103, 1)  # (B, T, I)
rnn = torch.nn.RNN(input_size=1, hidden_size=16, batch_first=True).double()
output, h_n = rnn(stretches)
print("output", tuple(output.shape), "  h_n", tuple(h_n.shape))
ex.shapes.check(predict)

# %% [markdown]
# Now yours.
# The first line takes your own function if it passed its check, else the course's.

# %% tags=["nbval-check-output"]
states = ex.rnn_states.mine()
weights = tuple(rnn.parameters())  # W_ih, W_hh, b_ih, b_hh
ours = states(stretches, torch.zeros(3, 16).double(), weights)
print("equal to torch's:", torch.allclose(ours, output, rtol=0, atol=1e-12))
print("h_n is the last state of each stretch:", torch.equal(h_n[0], output[:, -1]))

# %% [markdown]
# ### Your turn · 5 minutes
#
# Sentences are not all of one length.
# In a batch the shorter ones are filled up with **padding**, and the network reads that too.
# Then the *last* state, which is also what `h_n` holds, has read nothing but padding for a while.
# A classic bug, and no error message tells you.
# Pick the state after the last *real* step of each sequence.


# %%
def my_last_states(output, lengths):
    """The state after the last real step. output: (B, T, H), lengths: (B,) from 1 to T. Returns (B, H)."""
    ...


ex.last_states.check(my_last_states)
# ex.last_states.hint()
# ex.last_states.hint(2)
# ex.last_states.hint(3)
# ex.last_states.solution()

# %% [markdown]
# ### Your turn · 3 minutes
#
# How many numbers does such a network learn?
# Lesson 07 will ask the same about the LSTM, and comparisons depend on it.


# %%
def my_rnn_parameter_count(input_size, hidden_size):
    """How many numbers a one-layer nn.RNN learns. Returns a whole number."""
    ...


ex.rnn_parameter_count.check(my_rnn_parameter_count)
# ex.rnn_parameter_count.hint()
# ex.rnn_parameter_count.hint(2)
# ex.rnn_parameter_count.hint(3)
# ex.rnn_parameter_count.solution()

# %% [markdown]
# ## Two steps ago, once more
#
# Back to the symbols.
# A recurrent network with as many weights as the feedforward one, and as many optimiser steps.
# **Predict:** does it name the symbol of two steps before?

# %% tags=["reveal"]
from course_utils.nn.sequence_model import hidden_for_parameters, parameter_count

budget = parameter_count("feedforward", 4, 100, 4)  # the numbers that the feedforward network learns
size = hidden_for_parameters("rnn", 4, 4, budget)
recurrent = SequenceModel("rnn", input_size=4, hidden_size=size, output_size=4)
fit(recurrent, task.batches(32, seed=0), task.objective, steps=300, lr=0.01, progress=False)
used = parameter_count("rnn", 4, size, 4)
print(f"Numbers to learn: feedforward {budget} (100 units), recurrent {used} ({size} units)")
print(f"Recurrent: {task.score(recurrent(held_out.x), held_out):.3f} right. Guessing: {task.chance:.3f}")

# %% [markdown]
# One network and one seed may be an accident.
# Below are ten seeds, lags 0 to 4, and a feedforward network with a window of three as well, all with about 1,000 weights.
# These runs are stored with the course; the claim's box, further down, says how to make them again.

# %% tags=["reveal"]
from course_utils import claims
from course_utils.figures import lags

lags.score_against_lag(
    claims.results("recall"),
    chance=0.25,
    baselines={},
    label="symbols named rightly (share)",
    xlabel="how many steps back",
    title="Feedforward is at chance outside its window; the RNN is not",
)

# %% [markdown]
# **How to read these boxes.**
# The course grew out of a popular article, *What is the main difference between RNN and LSTM* (The IoT Academy, 2023), whose claims you find in many places.
# Each claim gets a rule, written before the measurement: which number, and where it would have to lie. ✔ means that the number lies where the claim needs it, ✘ that it does not.
# The interval says how far the mean could be off by the accident of the seeds.

# %%
claims.box("C02")

# %% [markdown]
# ## What changes when, and what is fed back
#
# Three things are easily mixed up.
# The **weights** are what is learnt.
# The **state** is what is remembered.
# The **output** is what is said: here, the scores that the last layer makes of the state.
#
# You may read that an RNN "feeds back its output".
# Let us see.
# We spoil the layer that makes the output: all its weights times −2.
# If the output were fed back, the states would change.

# %% tags=["nbval-check-output"]
x = held_out.x[:5]
states_before, outputs_before = recurrent.states(x), recurrent(x)
with torch.no_grad():
    recurrent.readout.weight.mul_(-2.0)
print("outputs changed:", not torch.equal(recurrent(x), outputs_before))
print("states changed: ", not torch.equal(recurrent.states(x), states_before))

# %% [markdown]
# The **state** is fed back, the output is not.
# (Networks that do feed their output back exist: Jordan, 1986. torch's are not of that kind.)
#
# And when do weights change?
# **Predict:**

# %%
predict = ex.episodes.ask()

# %% tags=["reveal"]
from course_utils.experiments.gradients.states_and_weights import count_changes
from course_utils.experiments.tasks.adding import Adding

ex.episodes.check(predict)
model = SequenceModel("rnn", input_size=2, hidden_size=8, output_size=1)
counted = count_changes(model, Adding(25), episodes=40, batch_size=4, windows=1, seed=0)
print(f"{counted['episodes']} sequences, {counted['optimiser_steps']} optimiser steps")
print(f"changes of the weights: {counted['weight_changes']}")
print(
    f"changes of the state:   {counted['state_changes'] // counted['optimiser_steps']} in each sequence, one a time step"
)

# %% [markdown]
# (The task itself does not matter here; you meet it in lesson 06.)
# The state changes at every time step, and the weights once per **optimiser step**.
# How many sequences share one is your choice.
# Long sequences are even cut into windows, with an optimiser step after each.
# In the box an *episode* is one whole sequence, and *activations* are the states.

# %%
claims.box("C14")

# %% [markdown]
# ## Holding one bit
#
# In the table of pulses one unit with `w_h` = 1.5 kept its pulse for 1,000 steps.
# So a state can hold one bit: *was the pulse positive or negative?*
# How well, if somebody shakes it?
# Here a random number between −0.1 and 0.1 is added inside the tanh at every step.
#
# And a second question.
# Suppose $h_0$ had been a tiny bit larger.
# By how much would $h_T$ be larger?
# That is the derivative $\partial h_T/\partial h_0$.
# Training lives on such derivatives.
# To correct a weight $w$ it asks how the loss $L$ at the end would change with what $w$ did at step $t$, and by the chain rule that is
#
# $$\frac{\partial L}{\partial h_T} \cdot \frac{\partial h_T}{\partial h_t} \cdot \frac{\partial h_t}{\partial w}$$
#
# summed over all steps $t$.
# The factor in the middle is our derivative.
# Where it is 0 for an early step, nothing is learnt from that step.
#
# **Predict**, for a weight of 1.25:

# %%
predict = ex.held.ask()

# %% [markdown]
# The picture below is a **cobweb plot**.
# The curve is $\tanh(1.25\,h)$, what a step makes of $h$; on the diagonal a state stays as it is.
# From $h$ go up or down to the curve (that is the step), then across to the diagonal (the new $h$ is the next input).
# It begins without noise.
#
# 1. Press **Step** a few times.
#    Then set the noise to 0.1, the start to 0.5, and press **To step 5,000**.
#    What has become of the bit, and of the derivative?
# 2. Set the weight to 0.9.
#    What is lost now?
# 3. With the weight at 1.25 again, how much noise does it take to lose the bit?
#
# (Moved at step 5,000, a slider shows at once what would have come out.
# **Start again** goes back to the first step.)

# %%
from course_utils.widgets.cobweb import cobweb

cobweb(w=1.25, h_0=0.1, noise=0, steps=5000)

# %% tags=["reveal"]
from course_utils.experiments.long_memory.one_unit_latch import hold

ex.held.check(predict)
bits = torch.tensor([-1, 1] * 100)
for noise in (0.1, 0.2, 0.25, 0.3):
    h, _ = hold(1.25, bits, 5000, noise, torch.Generator().manual_seed(0))
    print(f"noise {noise:<4}: {(h.sign() == bits).double().mean():.0%} of 200 bits held after 5,000 steps, weight 1.25")

# %% [markdown]
# ### Your turn · 6 minutes
#
# Compute that derivative, for $h_t = \tanh(w\, h_{t-1})$ without noise.
# By the chain rule it is a product, with one factor a step.
# The slope of tanh at a point where it has the value $h$ is $1 - h^2$.

# %%
from math import tanh


def my_derivative_along(w, h_0, steps):
    """∂h_T/∂h_0 of h ← tanh(w h), for T = steps. Three numbers. Returns a number."""
    ...


ex.derivative_along.check(my_derivative_along)
# ex.derivative_along.hint()
# ex.derivative_along.hint(2)
# ex.derivative_along.hint(3)
# ex.derivative_along.solution()

# %% tags=["nbval-check-output"]
derivative = ex.derivative_along.mine()
for steps in (1, 10, 100, 1000):
    print(f"after {steps:4} steps: {derivative(1.25, 0.5, steps):.0e}")

# %% [markdown]
# With 1.25 the bit is held, and the derivative dies.
# With 0.9 the bit is lost *and* the derivative dies.
# Is there a weight that is good for both?
# 200 bits, 100 noisy steps each:

# %%
rows = []
for w in (0.5, 0.9, 1.0, 1.05, 1.1, 1.25):
    h, log_derivative = hold(w, bits, 100, noise=0.1, generator=torch.Generator().manual_seed(0))
    kept = float((h.sign() == bits).double().mean())
    rows.append({"state weight": f"{w}", "bits held": kept, "derivative left": 10 ** float(log_derivative.median())})
show_table(
    rows,
    "After 100 noisy steps: share of bits held (guessing 0.5), and derivative (median)",
    formats={"bits held": ".2f", "derivative left": ".0e"},
)

# %% [markdown]
# Of all these weights 1 leaves the most of the derivative, two thousandths, and there the bits are lost in the noise.
# Further above 1 the bits are safe, and the derivative is gone: the pull back to two resting points is what protects the bit, and the same pull makes the end independent of small changes at the start.
# **Holding and being trainable pull apart** (Bengio, Simard and Frasconi, 1994).
# This is the knot that the LSTM was made to untie.
# Lesson 06 shows a task on which an RNN fails because of it, and looks into it closely.
#
# So an RNN does keep information.
# The state *is* memory.
# How long depends on the weights:

# %%
claims.box("C11")

# %% [markdown]
# ## How long does an untrained network remember?
#
# In a network of 16 units nobody has set the weights to hold anything.
# Back to the sun.
# 1957 has the highest number of the whole series.
# Suppose there had been no sunspots at all that year: we set its number to 0 and leave all else as it is, the weights included.
# Then we compare, year by year, the state of the true series with the state of the changed one.
# Their distance in 1957 counts as 100 %.
#
# (torch draws each weight at random between $-1/\sqrt{H}$ and $1/\sqrt{H}$, which is ±0.25 for 16 units.)
#
# **Predict:** after how many years is less than 1 % of it left?

# %%
my_guess = ...  # in years

# %%
from course_utils.nn.cells import rnn_states

x = torch.tensor(sunspots.to_numpy() / 100).reshape(1, 309, 1)  # (B, T, I): the whole series
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
# The axis is logarithmic, and the lines are nearly straight: year by year the memory shrinks by about the same *factor*, as the pulse did in the stepper with a `w_h` below 1.
# It never is exactly nothing, but when the next wave of sunspots comes, eleven years later, very little of 1957 is left.
#
# Nobody has trained these weights.
# Keep the number in mind: we come back to it with trained ones.

# %% [markdown]
# ## The sun, one year ahead
#
# Now a real forecast, on the real series.
# Everything up to 1919 is for learning.
# The years 1920 to 1949 are for **choosing** (when to stop, how many years to look back).
# 1950 to 2008 are **held out**: they are looked at once, at the end.
# Here are the rules that a network has to beat:
#
# - **persistence**: as last year;
# - **11-year seasonal**: as 11 years ago, since the waves come about every 11 years;
# - **linear**: a weighted sum of the last $p$ years plus a constant.
#   The weights are those with the smallest squared errors on the years for learning.
#   (Statisticians call this an *autoregression*.)

# %% [markdown]
# ### Your turn · 3 minutes
#
# You wrote the error of persistence in lesson 00.
# Now that of the seasonal rule, for a season of any length.


# %%
def my_seasonal_naive_error(values, season):
    """Mean absolute error of the forecast 'as a season ago'. values: (T,) array, season: steps. Returns a number."""
    ...


ex.seasonal_naive_error.check(my_seasonal_naive_error)
# ex.seasonal_naive_error.hint()
# ex.seasonal_naive_error.hint(2)
# ex.seasonal_naive_error.hint(3)
# ex.seasonal_naive_error.solution()

# %% [markdown]
# **Predict** who comes closest.

# %%
predict = ex.sunspot_winner.ask()

# %% [markdown]
# First the linear rule: try 1 to 15 years, and keep the one that is best on the years for choosing.

# %%
from course_utils.experiments.foundations import sunspot_forecasts as contest

values = sunspots.to_numpy()
learn, choose, held = contest.split(sunspots)  # three masks over the years
tried = {p: contest.linear_forecast(values, p, learn) for p in range(1, 16)}
best = min(tried, key=lambda p: contest.error(tried[p], values, choose))
print(f"Best on 1920 to 1949: the last {best} years, {contest.error(tried[best], values, choose):.1f} sunspots off")

# %% [markdown]
# Then the RNN, 16 units and one output, five times with different first weights.
# It reads the series year by year, as it would have come, and says the next.
# It is stopped where it is best on the years for choosing.

# %% tags=["reveal"]
from course_utils.figures import forecasts as figures

networks = [contest.train(values, learn, choose, seed=seed) for seed in range(5)]
said = [contest.network_forecast(network, values) for network in networks]
linear = f"linear, last {best} years"
rules = {
    "persistence": contest.naive_forecast(values, 1),
    "11-year seasonal": contest.naive_forecast(values, 11),
    linear: tried[best],
}
found = {name: [contest.error(forecast, values, held)] for name, forecast in rules.items()}
found["RNN, five seeds"] = [contest.error(forecast, values, held) for forecast in said]
ex.sunspot_winner.check(predict)
figures.errors(found, xlabel="mean absolute error on 1950 to 2008 (sunspots)")

# %% tags=["reveal"]
chosen = [contest.error(forecast, values, choose) for forecast in said]
print(f"Off on the years for choosing: linear {contest.error(tried[best], values, choose):.1f},", end=" ")
print(f"RNN {min(chosen):.1f} to {max(chosen):.1f}")
print(f"Numbers learnt: linear {best + 1}, RNN {sum(p.numel() for p in networks[0].parameters())}")

# %% [markdown]
# On the held-out years both are far better than the rules that a child could use, and between them there is no difference to speak of.
# (Persistence was 18.2 off in lesson 00, over all years.
# After 1950 the waves are higher.)
#
# On the years for *choosing* the RNN looked clearly better.
# That was no lie, but no evidence either: it was stopped exactly where it was best on those thirty years, so they flatter it.
# (They flatter the linear rule as well, a little: it was the best of fifteen there.)
# **What has helped to choose cannot judge.**
# Ten numbers do here what 321 do.
# And 59 years are few: whoever sees a winner by one sunspot sees an accident.
#
# The middle one of the five networks, year by year:

# %% tags=["reveal"]
import pandas as pd

middle = sorted(range(5), key=lambda n: found["RNN, five seeds"][n])[2]
years, rising = sunspots.index[held], (values - contest.naive_forecast(values, 1))[held] > 30
forecasts = {f"RNN, seed {middle}": said[middle][held], linear: tried[best][held]}
off = {name: (forecast - values[held])[rising].mean() for name, forecast in forecasts.items()}
print(f"In the {rising.sum()} years that rose by more than 30:", end=" ")
print(", ".join(f"{name} {value:+.0f} on average" for name, value in off.items()))
drawn = {name: pd.Series(forecast, index=years) for name, forecast in forecasts.items()}
figures.beside_truth(sunspots, drawn, "Both follow the waves, and come late where they rise", "sunspots (yearly mean)")

# %% [markdown]
# And the memory?
# We ask the trained networks what we asked the untrained ones: how long does 1957 last?

# %% tags=["reveal"]
with torch.no_grad():
    echoes = [(n.states(x.float()) - n.states(changed.float()))[0, year : year + 25].norm(dim=-1) for n in networks]
series.echo(torch.stack(echoes).double().numpy())

# %% [markdown]
# Compare with the figure of the untrained ones.
# Training has made the memory longer.
# And the lines are not straight any more: they stay level for some years and drop, about eleven years apart.
# What the networks hold of 1957, they hold by the waves of the sun.
#
# Ten or fifteen years is not far.
# Lesson 06 asks what happens when a network has to reach back fifty steps.
#
# This is what honest comparisons often look like, on a short and regular series.
# Lesson 11 goes on with forecasts; where recurrent networks earn their keep, you will see from lesson 13 on.

# %% [markdown]
# ## What you have seen
#
# - Some questions need the past.
#   A network that sees the present alone is at chance, and the chance line follows from the task.
# - A recurrent network mixes each input with its own state before, with the same weights at every step.
#   Our cell and `torch.nn.RNN` give the same numbers.
#   `output` is (B, T, H), `h_n` is (layers, B, H).
# - The state changes at every time step, the weights at every optimiser step.
#   The state is fed back, not the output.
# - A unit can hold a bit for 5,000 noisy steps, with a derivative too small for any computer number: holding is not the same as learning to hold.
# - With torch's usual random weights, what the state holds of one input shrinks by about the same factor at every step.
# - On yearly sunspots a linear rule does as well as the network.
#   What has helped to choose cannot judge.
#
# Go on with [lesson 06, Vanishing gradients](06_vanishing_gradients.ipynb).
#
# **Going further.**
# `claims.rerun("C02")` trains all networks of the recall task again, with three seeds.
# `series.echo(echo(scale=1.5))` multiplies $W_{hh}$ by 1.5; `echo(hidden_size=64)` takes 64 units.
# Predict what each does to the memory; the title of the figure tells.
#
# **References.**
# J. L. Elman, *Finding structure in time*, Cognitive Science 14, 1990, [doi:10.1207/s15516709cog1402_1](https://doi.org/10.1207/s15516709cog1402_1).
# M. I. Jordan, *Serial order: a parallel distributed processing approach*, ICS Report 8604, UC San Diego,
# 1986. Y. Bengio, P. Simard and P. Frasconi, *Learning long-term dependencies with gradient descent is difficult*, IEEE Transactions on Neural Networks 5, 1994, [doi:10.1109/72.279181](https://doi.org/10.1109/72.279181).
#       Yearly sunspot numbers: NOAA National Geophysical Data Center, in the public domain, as they come with statsmodels.

# %% tags=["timing"]
course_utils.finish()
