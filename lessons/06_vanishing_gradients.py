# %% [markdown]
# # 06 · Vanishing gradients
#
# **80 minutes with its exercises, less than a minute to run.**
# Builds on lesson 05: the cell of a recurrent network, and how it is unrolled.
# You need the derivative and the matrix product.
#
# You will be able to
#
# - say what decides whether a gradient survives its way back through time, and which rules of thumb hold;
# - write the product that backpropagation through time multiplies, and check it against torch;
# - see from which steps the gradient of a network comes while it trains;
# - clip a gradient, and say what clipping cannot do;
# - choose first weights with which a gradient lasts.

# %% tags=["setup", "timing"]
import course_utils

course_utils.start("06_vanishing_gradients")

# %% [markdown]
# ## A task that looks easy
#
# A long row of numbers between 0 and 1 comes in, one a step.
# Two of them are **marked**, one in each half of the row.
# At the last step the network has to say their sum.
# This is the **adding problem** (Hochreiter and Schmidhuber, 1997).
# A child with a pencil can do it.

# %%
import torch

from course_utils.display.tables import show_table
from course_utils.experiments.tasks.adding import Adding

task = Adding(seq_len=50)
one = task.sample(1, torch.Generator().manual_seed(7))
marked = one.x[0, :, 1].nonzero().flatten().tolist()
show_table(
    [
        {"step": t + 1, "number": float(one.x[0, t, 0]), "marked": "yes" if t in marked else "no"}
        for t in (0, 1, *marked, 49)
    ],
    f"A few of the 50 steps of one sequence; the answer is {float(one.y):.2f}",
)

# %% [markdown]
# A score says nothing without the score of knowing nothing.
# Suppose a network ignores its inputs and always says the same number.
# The best such number is the mean of all answers, 1, and its mean squared error is then the variance of the answers.
# **How large is that?**
# (The variance of one number drawn evenly between 0 and 1 is 1/12; variances of independent numbers add up.)

# %%
my_guess = ...

# %% tags=["reveal"]
from course_utils.exercises import lesson_06 as ex

ex.adding_chance.check(my_guess)

# %% [markdown]
# Now a recurrent network of 32 units, with the first weights that torch draws.
# It is trained for 1,500 optimiser steps, each on 32 new rows.
# The optimiser is **Adam**, which adapts the step of each weight to the size of its gradients; the learning rate is 0.003.
# After every 30 steps we look at the error on 4,000 rows that it has not been trained on, and keep a record of its gradients: we will need it.

# %% tags=["reveal"]
from course_utils.experiments.gradients.gradient_film import record
from course_utils.experiments.long_memory.starting_points import started
from course_utils.figures import curves

network = started("tanh, torch's own", hidden_size=32, seed=0)
weights_before = network.core.weight_hh_l0.detach().norm()
film = record(network, task, steps=1500, every=30, lr=0.003, seed=0)
curves.learning_curves(
    {"RNN": film.table},
    baselines={"always 1": 1 / 6},
    measure="error (mean squared, held out)",
    title=f"After {film.steps[-1]} steps the RNN is no better than always saying 1",
)

# %% [markdown]
# It finds out at once that 1 is a good answer.
# Then nothing happens any more.
# The state *could* carry the first marked number along.
# But nobody tells the weights so.
#
# "Tells" is meant literally.
# Training changes each weight by its **gradient**: how the loss at the end would change if the weight changed a little.
# What a weight did at step 5 has to be reported back from step 50, through all the steps between.
# Does anything of that report arrive?

# %% [markdown]
# ## The same factor, again and again
#
# Take one unit without tanh: $h_t = w\, h_{t-1}$.
# A small change of $h_0$ comes out multiplied by $w$ at each step, so after $t$ steps by $w^t$.
# The report that goes back takes the same way in the other direction, and is multiplied by the same factors.
# So we may look at either of the two.

# %% tags=["nbval-check-output"]
for w in (0.8, 1.0, 1.25):
    print(f"w = {w:<4}  after 10 steps: {w**10:6.3f}   after 50 steps: {w**50:.3g}")

# %% [markdown]
# A factor below 1 leaves nothing in the end, a factor above 1 explodes.
# With two units $w$ becomes a matrix.
# This one stretches one direction, and shrinks another:

# %% tags=["nbval-check-output"]
W = torch.tensor([[1.1, 0.0], [0.0, 0.5]])
change = torch.tensor([1.0, 1.0])  # a small change of both units
for t in range(4):
    print(f"after {t} steps: {[round(value, 3) for value in change.tolist()]}")
    change = W @ change

# %% [markdown]
# The two numbers on the diagonal, 1.1 and 0.5, are the **eigenvalues** $\lambda$ of this matrix: factors by which it stretches its own directions.
# In general these directions are not the axes.
# (They may be complex numbers: then the matrix turns vectors, and $|\lambda|$ is the factor by which it stretches while it turns.)
# The largest $|\lambda|$ is called the **spectral radius**.
# Hence the rule of thumb that you may have read:
#
# > *Largest eigenvalue below 1: the gradient vanishes. Above 1: it explodes.*

# %% [markdown]
# ## Four matrices, four fates
#
# Here are four matrices.
# (D turns and stretches.)
# $\lVert W^t \rVert$ is the most that $t$ steps can stretch any vector; the same factors wait for a gradient on its way back.

# %%
from course_utils.experiments.gradients.eigenvalue_rule import FOUR_MATRICES
from course_utils.nn.gradients import spectral_radius

show_table(
    [
        {"matrix": name, "rows": str(W.tolist()), "largest |eigenvalue|": round(spectral_radius(W), 6)}
        for name, W in FOUR_MATRICES.items()
    ],
    "Four matrices and their spectral radius",
)

# %%
predict = ex.four_fates.ask()

# %% tags=["reveal"]
from course_utils.figures import gradients as figures
from course_utils.nn.gradients import worst_growth

steps = range(61)
norms = {name: [worst_growth(W, t) for t in steps] for name, W in FOUR_MATRICES.items()}
peak = max(norms["C"])
figures.norms_over_time(norms, title=f"C grows to {peak:.2f} before it vanishes, though its only eigenvalue is 0.8")

# %% tags=["reveal"]
ex.four_fates.check(predict)
below = next(t for t in steps if all(n < 1 for n in norms["C"][t:]))
print(f"C: largest at step {norms['C'].index(peak)}, below 1 for good from step {below}")
for name in FOUR_MATRICES:
    print(f"{name}: {norms[name][1]:.3g} after one step, {norms[name][2]:.3g} after two")

# %% [markdown]
# All eigenvalues of C are 0.8, and yet a gradient can be 4.57 times as long after 13 steps as it was.
# The rule of thumb is about the far end, $t \to \infty$.
# Over 30 steps it is simply wrong here.
#
# The most that *one* step can stretch is printed above, "after one step".
# It is called the largest **singular value** of $W$, $\sigma = \lVert W \rVert$.
# As no step can do more, $\lVert W^t \rVert \le \sigma^t$: so $\sigma < 1$ is enough to make the gradient vanish, from the first step on.
# And $\sigma > 1$?
# It decides nothing: growth is allowed, not promised.
# B has $\sigma = 4$, and $B^2 = 0$.
#
# A and D are **normal** matrices: for these $\sigma$ equals the spectral radius, and in a linear network the rule of thumb is right at every step.
# B and C are **skewed**: a vector can be stretched by more than any eigenvalue says, for a while.

# %% [markdown]
# ### Your turn · 5 minutes
#
# Write `my_worst_growth(W, t)`: the largest factor by which $W^t$ can stretch any vector.


# %%
def my_worst_growth(W, t):
    """Largest stretch of W applied t times. W: (H, H) tensor, t: int. Returns a number."""
    ...


ex.worst_growth.check(my_worst_growth)
# ex.worst_growth.hint()
# ex.worst_growth.hint(2)
# ex.worst_growth.hint(3)
# ex.worst_growth.solution()

# %% [markdown]
# ### Play with it: four sliders
#
# The matrix below is built like C: the spectral radius on its diagonal, and beside it the **non-normality**, how strongly each unit feeds its neighbour.
# *Slope* is what the activation function multiplies by at each step: at most 1.
# *Length* is the number of steps.
# The dotted line is the bound $(\text{slope} \cdot \sigma)^t$.
#
# 1. Radius 0.8 and non-normality 0.5 is matrix C. How large must the non-normality be for the peak to pass 30?
# 2. With that, find the largest slope with which nothing ever grows.
# 3. Go back to slope 1.
#    Find a case in which slope × $\sigma$ is above 1, and yet nothing grows beyond 1.2.

# %%
from course_utils.widgets.gradient_explorer import gradient_explorer

gradient_explorer(radius=0.8, non_normality=0.5, slope=1.0, length=60)

# %% tags=["reveal"]
from course_utils.widgets.gradient_explorer import growth

for radius, skew, slope in ((0.8, 1.0, 1.0), (0.8, 1.0, 0.55), (0.05, 1.05, 1.0)):
    case = growth(radius, skew, slope, 60)
    print(f"radius {radius}, non-normality {skew}, slope {slope}: slope × σ {slope * case.sigma:.2f},", end=" ")
    print(f"largest {max(case.norms):.2f}, bound after 60 steps {case.bound[-1]:.3g}, truth {case.norms[-1]:.0e}")

# %% [markdown]
# (These are possible answers.
# In the last case the bound allows a growth of more than a hundred, and nothing is left.)

# %% [markdown]
# ## From a matrix to a network
#
# A real network has tanh in it.
# How does a small change of $h_{t-1}$ reach $h_t$?
# By the chain rule: first through $W_{hh}$, then through the slope of tanh, which is $1 - h_t^2$ (a state near ±1 is on the flat part of tanh, where changes hardly get through).
# For all units at once that is a matrix, the **Jacobian** of the step:
#
# $$J_t = \frac{\partial h_t}{\partial h_{t-1}} = \mathrm{diag}(1 - h_t^2)\; W_{hh}$$
#
# `diag` makes a matrix with these numbers on its diagonal: each row of $W_{hh}$ is scaled by the slope of its own unit.

# %% [markdown]
# ### Your turn · 4 minutes
#
# A formula is not yet code: which way does `(1 - h**2) * W_hh` scale, rows or columns?


# %%
def my_step_jacobian(h, W_hh):
    """∂h_t/∂h_{t−1} of a tanh network. h: (H,) the state after the step, W_hh: (H, H). Returns (H, H)."""
    ...


ex.step_jacobian.check(my_step_jacobian)
# ex.step_jacobian.hint()
# ex.step_jacobian.hint(2)
# ex.step_jacobian.hint(3)
# ex.step_jacobian.solution()

# %% [markdown]
# ### Your turn · 5 minutes
#
# Over $T$ steps the chain rule multiplies: $\partial h_T / \partial h_0 = J_T \cdots J_2\, J_1$.
# This is the product of **backpropagation through time**.
# The first step acts first, so it stands on the right.

# %%
from course_utils.nn.gradients import step_jacobian


def my_jacobian_product(states, W_hh):
    """∂h_T/∂h_0. states: (T, H) the states h_1 … h_T, W_hh: (H, H), both float64. Returns (H, H)."""
    ...


ex.jacobian_product.check(my_jacobian_product)
# ex.jacobian_product.hint()
# ex.jacobian_product.hint(2)
# ex.jacobian_product.hint(3)
# ex.jacobian_product.solution()

# %% [markdown]
# Is that what torch computes?
# We let torch take the derivative of the last state in the first one, through 20 steps of a network.

# %% tags=["nbval-check-output"]
from course_utils.nn.cells import rnn_states

product = ex.jacobian_product.mine()
rnn = torch.nn.RNN(2, 16, batch_first=True).double()
weights = tuple(rnn.parameters())  # W_ih, W_hh, b_ih, b_hh
x, h_0 = one.x[:, :20].double(), torch.zeros(1, 16).double()
states = rnn_states(x, h_0, weights)[0]
by_torch = torch.autograd.functional.jacobian(lambda h: rnn_states(x, h, weights)[0, -1], h_0)[:, 0]
print("equal to torch's:", torch.allclose(product(states, weights[1]), by_torch, rtol=0, atol=1e-12))

# %% [markdown]
# So two things decide what becomes of a gradient: the matrix (its eigenvalues, and how skewed it is) and the slopes, which depend on where the states happen to be.
#
# Besides tanh there is **ReLU**, $\max(0, a)$: it lets positive numbers through as they are, with the slope 1, and makes all others 0, with the slope 0.
#
# Back to the four matrices, now inside networks $h \leftarrow \mathrm{activation}(W h + \text{inputs})$.
# **Predict:**

# %%
predict = ex.inside_networks.ask()

# %% tags=["reveal"]
from course_utils.experiments.gradients.eigenvalue_rule import growth_over_time

ex.inside_networks.check(predict)
B, D = FOUR_MATRICES["B"], FOUR_MATRICES["D"]
fates = {  # ‖∂h_t/∂h_0‖, the largest stretch of the product of Jacobians
    "B with ReLU": growth_over_time(B, "ReLU", steps=60),
    "D with tanh, inputs 0.1": growth_over_time(D, "tanh", steps=60, inputs=[0.1, 0.1]),
    "D with tanh, inputs ± 2": growth_over_time(D, "tanh", steps=60, inputs=[2.0, -2.0]),
}
print("B with ReLU, after 1, 2, 3, 4 steps:", [round(value, 2) for value in fates["B with ReLU"][1:5]])
figures.norms_over_time(fates, "B explodes with ReLU; D does not explode with tanh")

# %% [markdown]
# - **B with ReLU** soon doubles at every step, though both its eigenvalues are 0.
#   ReLU switches the negative unit off, and with it goes what would have cancelled.
# - **D with tanh** does not explode, though $|\lambda|$ = 1.25.
#   Its states grow until tanh is flat enough to stop them, and flat means a small slope.
#   With small inputs the two balance, and the gradient keeps about its length.
#   Large inputs push the states further out, and it vanishes.
#
# So B, C and D each break the rule, in one network or another.
# They were chosen to do so.
# Let us ask it about random matrices: 50 of each kind, with ten seeds.
# For each matrix we follow the gradient, and note whether it ends as the rule says: shorter than it began for an eigenvalue below 1, longer for one above.
# The claim needs the rule to be right for more than 95 % of them: a ✘ beside 0.79 means that it is right for 79 %.
# The box reads stored results; its last line measures them again.

# %%
from course_utils import claims

claims.box("C08")

# %% [markdown]
# So tanh *can* explode, and with small inputs most of these random matrices do; D is one that does not.
# Large inputs keep all of them from it.
# ("Rank one" is the simplest kind of matrix, a column times a row.
# "Skewed" ones were made so.)
# What can be proved: for a linear network, a spectral radius below 1 is exactly the condition for vanishing *in the limit*.
# For any activation with a slope of at most 1, $\sigma < 1$ is enough to vanish, and $\sigma > 1$ is *necessary* for an explosion, but not enough.
# (Pascanu, Mikolov and Bengio, 2013.
# Versions of their paper word the condition with the singular value or with the eigenvalue; what the proof uses is the largest stretch.)

# %% [markdown]
# ## How much is left?
#
# Now real networks of 32 units, with the first weights that torch draws.
# We take the sum of all units of the last state, and follow its gradient back, over 199 steps.
# This is computed in double precision, which holds numbers down to 1e−308; torch's usual single precision ends at about 1e−45.
#
# **Predict:** what share of the gradient of the RNN is left 100 steps back, as a power of ten?
# (For one in a thousand say −3.)

# %%
my_guess = ...  # such as -3

# %% tags=["reveal"]
stored = claims.results("gradient_flow")
untrained = stored[stored["stage"] == "initial"]
rnn_left = untrained[(untrained["network"] == "RNN") & (untrained["lag"] == 100)]["log10_left"]
ex.left_at_100.check(my_guess, (round(rnn_left.min(), 1), round(rnn_left.max(), 1)))
figures.left_by_lag(untrained[untrained["network"].isin(["RNN", "LSTM", "GRU"])])

# %% [markdown]
# Straight lines on a logarithmic axis: a constant factor at each step.
# And a surprise: you may have read that the LSTM was made against this.
# (GRU and LSTM are two other kinds of cell, which lesson 07 opens.)
# With the weights torch gives it, next to nothing is left of its gradient either.
#
# These are stored results of ten seeds.
# One seed of the RNN, live, and beside it what the matrix alone would give:

# %%
from course_utils.experiments.gradients.gradient_flow import (
    along,
    left_at,
    state_gradients,
    step_of,
    with_matrix,
    zero_state,
)

core = started("tanh, torch's own", hidden_size=32, seed=0).core.double()
x = Adding(199).held_out(16, seed=0).x.double()
gradient = state_gradients(step_of(core), x, zero_state(core, 16), along(core))  # (lags, B)
W = core.weight_hh_l0.detach()
print(f"spectral radius {spectral_radius(W):.2f}, σ {worst_growth(W, 1):.2f}, ‖W^100‖ {worst_growth(W, 100):.0e}")
show_table(left_at(gradient, [0, 10, 50, 100]), "An untrained RNN, seed 0: log₁₀ of what is left of its gradient")

# %% [markdown]
# So for this network the rule of thumb is right: the matrix alone explains nearly all that is lost, and tanh takes the rest.
# ($\sigma$ is a little above 1, and says nothing.)
#
# Here are all networks that were measured.
# The LSTM appears with two more first values of one of its biases (the *forget bias*, lesson 07), the RNN with an *orthogonal* matrix (further below).

# %%
figures.left_by_lag(untrained)

# %% [markdown]
# From cell to cell, with torch's own weights, the end points differ by eight powers of ten.
# From start to start of *one* cell they differ by forty.
# Whoever compares an RNN with an LSTM should first say how they began.

# %%
claims.box("C07")

# %% [markdown]
# ## The lag river
#
# Now we can say why the network of the beginning failed.
# $W_{hh}$ is used at each of the 50 steps, and each use gives a part of its gradient.
# The part from $k$ steps back has come all the way from the loss through $k$ Jacobians:
#
# $$\frac{\partial L}{\partial W_{hh}} = \sum_{k=0}^{49} \; \frac{\partial L}{\partial h_{50}} \, J_{50} \, J_{49} \cdots J_{51-k} \; \frac{\partial h_{50-k}}{\partial W_{hh}}$$
#
# (with no $J$ at all for $k = 0$; the last factor asks what this one use did).
# What you see below is the length of each of these parts, while the network trains.
#
# **Predict** where it comes from.

# %%
predict = ex.river_question.ask()

# %% [markdown]
# The film is the training you ran above.
# Press **Play**.
# The height of each bar is the size of the part that comes from $k$ steps back.
# Read the line beneath: where does the gradient come from, and what is the loss?
# (On a page that runs no script you see a map instead: time to the right, lag upwards.
# From 49 steps back comes nothing at all, since the state before the first step is 0.)

# %%
from course_utils.widgets.lag_river import lag_river

lag_river(film.norms, film.totals, film.steps, film.losses, chance=1 / 6)

# %% tags=["reveal"]
ex.river_question.check(predict)
shares = film.norms / film.norms.sum(dim=1, keepdim=True)
totals = torch.tensor(film.totals)
print(f"Whole gradient of W_hh: {totals.min():.3f} to {totals.max():.2f}, median {totals.median():.3f}")
print(f"Its parts from 25 and more steps back: {shares[:, 25:].sum(dim=1).max():.0e} of the sum, at most")
after = network.core.weight_hh_l0.norm()
print(f"All entries of W_hh together (root of their squares): {weights_before:.2f} before, {after:.2f} after training")

# %% [markdown]
# The whole gradient is never near zero: whoever prints only its norm sees nothing wrong.
# But it is a gradient about the last few steps.
# The two marked numbers lie somewhere in the 50, and from there next to nothing arrives.
#
# *Vanishing gradients* does not mean that the gradient is zero.
# It means that **what comes from far back drowns in what comes from near**.
# And it does not mean that weights go to zero: $W_{hh}$ is as large as before.
#
# (In a third of the rows the *second* mark lies within the last eight steps.
# From these the network could learn to add that number, and an error a little below 0.167 may be the beginning of it.)

# %%
claims.box("C31")

# %% [markdown]
# ## When it explodes: clipping
#
# The opposite happens too.
# A ReLU network that begins with $W_{hh}$ = identity has the slope 1 and the factor 1 wherever a unit is on.
# We train it on 100 steps by *plain* gradient descent: each weight moves by −0.005 times its gradient, however large that is.
#
# The usual remedy is to **clip**: a gradient that is longer than a limit is made shorter before the weights move.
# Once with, and once without.
# What would you expect of the second step?

# %% tags=["reveal"]
from course_utils.training import fit

long_task, histories = Adding(seq_len=100), {}
for name, clip in {"not clipped": {}, "clipped to norm 1": {"clip_norm": 1.0}}.items():
    model = started("ReLU, identity (IRNN)", hidden_size=32, seed=0)
    descent = torch.optim.SGD(model.parameters(), lr=0.005)
    batches = long_task.batches(32, seed=0)
    history = fit(model, batches, long_task.objective, steps=150, optimizer=descent, record_gradients=True, **clip)
    histories[name] = history.table
    first, second = history.table["gradient_norm"][:2]
    on = (model.states(long_task.held_out(200, seed=0).x)[:, -1] > 0).any(dim=0).sum()
    print(
        f"{name:17}: loss {history.table['loss'].iloc[0]:.2f} at first, {history.table['loss'].max():9,.2f} at most;",
        end=" ",
    )
    print(f"{history.table['loss'].iloc[-20:].mean():.2f} at the end, {on} of 32 units are ever on.", end=" ")
    print(f"Gradient: norm {first:,.0f} in the first step, {second:,.0f} in the second")
worst = histories["not clipped"]["loss"].max()
figures.losses_and_norms(histories, 1 / 6, f"Without clipping, one step takes the loss to {worst:,.0f}")

# %% [markdown]
# (The lower panel shows the norm *before* clipping.)
# Without clipping, the *first* step is not even large.
# But it lifts the factor of a step above 1, and over a hundred steps that is enough for a huge loss.
# The gradient of the *second* step is enormous, and throws the weights far away.
# At the end every unit is switched off for every input.
# A ReLU that is off has the slope 0: no gradient comes through any more, and only the bias of the output still creeps back towards 1.
#
# With clipping the network stays alive.
# It has not learnt the task either: its loss is about that of chance.
# Clipping prevents the accident, and that is all.
#
# There are two ways to clip.
# *By norm*: multiply the whole gradient by one number, so that its length is the limit.
# *By value*: cut each entry to ± the limit.
#
# ### Your turn · 5 minutes


# %%
def my_clip_by_norm(gradient, limit):
    """The gradient, scaled down to the norm `limit` where it is longer. gradient: tensor, limit: number."""
    ...


ex.clip_by_norm.check(my_clip_by_norm)
# ex.clip_by_norm.hint()
# ex.clip_by_norm.hint(2)
# ex.clip_by_norm.hint(3)
# ex.clip_by_norm.solution()

# %% [markdown]
# The gradient (30, 40) has the norm 50.
# Clipped *by value* at 5 it becomes (5, 5).
# **By how many degrees has it turned?**

# %%
my_guess = ...  # in degrees

# %% tags=["reveal"]
from course_utils.nn.gradients import angle, clip_by_norm, clip_by_value

gradient = torch.tensor([30.0, 40.0])
by_norm, by_value = clip_by_norm(gradient, 5.0), clip_by_value(gradient, 5.0)
turned = angle(gradient, by_value)
ex.clipped_angle.check(my_guess)
figures.clipped(gradient.tolist(), by_norm.tolist(), by_value.tolist(), turned)

# %% [markdown]
# Neither mends what the river showed.
# By norm, every part is multiplied by the *same* number: a part that is a millionth of the whole is a millionth of it still.
# By value, large entries are cut; but the entries are sums over all lags, and cutting the sum does not bring back a summand that was never there.
# In the box, "a training that learns nothing" is the RNN of the beginning on 100 steps.

# %%
claims.box("C09")

# %% [markdown]
# ## Better first weights
#
# So what about the matrix itself?
# An **orthogonal** matrix turns vectors without stretching them: all its singular values are 1.
# The **identity** is the simplest of them.
# And a random matrix can be scaled, so that its spectral radius is 1.
#
# ### Your turn · 4 minutes
#
# Multiplying a matrix by a number multiplies its eigenvalues, too.


# %%
def my_scaled_to_radius(W, radius):
    """W times a number, so that its largest |eigenvalue| is radius. W: (H, H). Returns (H, H)."""
    ...


ex.scaled_to_radius.check(my_scaled_to_radius)
# ex.scaled_to_radius.hint()
# ex.scaled_to_radius.hint(2)
# ex.scaled_to_radius.hint(3)
# ex.scaled_to_radius.solution()

# %% [markdown]
# Now three matrices in the *same* network, all else being equal: torch's own input weights, no biases.
# The random matrix has the spectral radius 1.
# Once with inputs so small that tanh is hardly bent, once with the inputs of the adding problem.
# **Predict:**

# %%
predict = ex.identity_question.ask()

# %% tags=["reveal"]
import pandas as pd

scaled, rows = ex.scaled_to_radius.mine(), []
for inputs, size in {"small inputs": 0.001, "full inputs": 1.0}.items():
    for seed in range(5):
        network = started("tanh, torch's own", hidden_size=32, seed=seed).core.double()
        own = network.weight_hh_l0.detach()
        matrices = {"random": scaled(own, 1.0), "orthogonal": torch.linalg.qr(own).Q, "identity": torch.eye(32)}
        for name, W in matrices.items():
            core = with_matrix(network, W)  # the same network, without biases
            gradient = state_gradients(step_of(core), size * x[:, :100], zero_state(core, 16), along(core))
            found = left_at(gradient, range(0, 101, 10))
            rows += [{"network": f"{name}, {inputs}", "seed": seed, **row} for row in found]
ex.identity_question.check(predict)
figures.left_by_lag(pd.DataFrame(rows), "An orthogonal matrix and the identity lose nothing, until tanh is bent")

# %% [markdown]
# With small inputs the matrix decides alone, and an orthogonal one loses nothing.
# Of the random one most is left: only its largest eigenvalue is 1.
# With inputs that bend tanh each step takes a little: of all three matrices most of the gradient is gone on average, and the identity does worst.
# With ReLU a unit that is on loses nothing, whatever the inputs: ReLU and the identity together are called IRNN (Le, Jaitly and Hinton, 2015).

# %% [markdown]
# ## Does a gradient that lasts also learn?
#
# We let RNNs with five kinds of first weights try the adding problem over 50 steps, with at most 4,000 optimiser steps (Adam, clipped to norm 1).
# The identity starts, as published, also have tiny input weights; the orthogonal one has larger ones than torch's.
# So here more than the matrix differs.
# For each start the best of three learning rates was chosen on other seeds.
# Stored results of twenty seeds:

# %% tags=["reveal"]
runs = claims.results("starting_points")
summary = runs.groupby("start", sort=False).agg(
    learning_rate=("lr", "first"),
    solved=("solved", "sum"),
    best_error=("error", "min"),
    median_error=("error", "median"),
)
show_table(summary, "Adding over 50 steps: solved (error below 0.01) by how many of twenty; always saying 1 has 0.167")

# %% [markdown]
# With torch's own weights tanh never solves it and ReLU mostly does, though next to nothing of the gradient should be left at the start.
# The tanh network that begins at the identity does not even come below 0.15.
# Orthogonal tanh lies between: no run solves it, but half of them get far below 0.167.
#
# So a gradient that lasts at the start is one thing, and learning is another.
# Look at the orthogonal start in the river: how much comes from 25 and more steps back?

# %%
wide = record(started("tanh, orthogonal", hidden_size=32, seed=0), task, steps=300, every=30, lr=0.001, seed=0)
shares = wide.norms[:, 25:].sum(dim=1) / wide.norms.sum(dim=1)
for n in (0, 5, 10):
    print(f"step {wide.steps[n]:3}: {shares[n]:.0e} of the sum from 25 and more steps back, error {wide.losses[n]:.3f}")

# %% [markdown]
# It begins wide, narrows, and has not learnt anything.
# And what does a success look like?
# The ReLU network with torch's own weights, seed 3, for as many steps as the failure of the beginning, each with the learning rate that was best for it:

# %%
learner = started("ReLU, torch's own", hidden_size=32, seed=3)
success = record(learner, task, steps=1500, every=30, lr=0.001, seed=3)
lag_river(success.norms, success.totals, success.steps, success.losses, chance=1 / 6)

# %% [markdown]
# Find the frame in which the river widens.
# What does the loss do in the same frames?
# For a long time this river is as narrow as the other one, and the loss stands still.
# Then both move at once: as soon as the weights hold on to something, the gradient can tell them what, and that makes them hold on better.
# (The loss also jumps back now and then.
# And why ReLU gets there and tanh does not, these runs do not say.)
#
# So are long sequences "hard with tanh or ReLU"?
# At 50 steps, with tanh.
# Longer sequences and other cells: lesson 09.

# %%
claims.box("C10")

# %% [markdown]
# ## What you have seen
#
# - A gradient that travels back through time is multiplied by one Jacobian a step, $\mathrm{diag}(1 - h_t^2)\, W_{hh}$.
# - The largest eigenvalue decides only for linear networks and in the very long run.
#   The largest singular value, below 1, is enough to vanish.
#   Skewed matrices grow first; ReLU can explode where the eigenvalues say 0; tanh vanishes where its states lie on its flat part.
# - A large gradient need not come from far back.
#   Split it by lag before you trust its norm.
# - Clipping by norm keeps the direction, and ends explosions.
#   It does nothing for a part that has vanished.
# - First weights matter.
#   Holding a gradient at the start and learning with it are two things.
#
# What is still missing is a cell that *chooses* what to keep.
# That is [lesson 07, LSTM gates](07_lstm_gates.ipynb).
#
# **Going further.**
# `claims.rerun("C08")` asks the rule again, with three seeds, in seconds.
# And give the orthogonal start more time: `record(started("tanh, orthogonal", 32, 0), task, steps=4000, every=100, lr=0.001)` takes about ten seconds.
# Does its river widen again, and does it learn?
#
# **References.**
# R. Pascanu, T. Mikolov and Y. Bengio, *On the difficulty of training recurrent neural networks*, ICML 2013, [arXiv:1211.5063](https://arxiv.org/abs/1211.5063).
# S. Hochreiter and J. Schmidhuber, *Long short-term memory*, Neural Computation 9, 1997, [doi:10.1162/neco.1997.9.8.1735](https://doi.org/10.1162/neco.1997.9.8.1735).
# Y. Bengio, P. Simard and P. Frasconi, *Learning long-term dependencies with gradient descent is difficult*, IEEE Transactions on Neural Networks 5, 1994, [doi:10.1109/72.279181](https://doi.org/10.1109/72.279181).
# Q. V. Le, N. Jaitly and G. E. Hinton, *A simple way to initialize recurrent networks of rectified linear units*, 2015, [arXiv:1504.00941](https://arxiv.org/abs/1504.00941).

# %% tags=["timing"]
course_utils.finish()
