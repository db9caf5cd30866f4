# %% [markdown]
# # 06 · Vanishing gradients
#
# Builds on lesson 05: the cell of a recurrent network, and how it is unrolled.
# You need the derivative and the matrix product.
#
# You will be able to
#
# - say what decides whether a gradient survives its way back through time, and where the rule about eigenvalues ends;
# - write the product that backpropagation through time multiplies, and check it against torch;
# - split the gradient of your own network by how many steps it has travelled back;
# - clip a gradient, choose the limit, and say what clipping cannot do;
# - find the remedy that fits a symptom.

# %% tags=["setup", "timing"]
import course_utils

course_utils.start("06_vanishing_gradients")

# %% [markdown]
# ## A task that looks easy
#
# The input is a row of 50 numbers between 0 and 1, one at each time step.
# Two of them are **marked**, one in each half of the row.
# After the last step the network has to say their sum.
# This is the **adding problem** (Hochreiter and Schmidhuber, 1997).

# %%
import torch

from course_utils.display.tables import show_table
from course_utils.experiments.tasks.adding import Adding

task = Adding(seq_len=50)
row = task.sample(1, torch.Generator().manual_seed(7))
marked = row.x[0, :, 1].nonzero().flatten().tolist()
shown = [{"step": t + 1, "number": float(row.x[0, t, 0]), "marked": t in marked} for t in (0, 1, *marked, 49)]
show_table(shown, f"A few of the steps of one sequence; the answer is {float(row.y):.2f}")

# %% tags=["evidence"]
assert row.x.shape == (1, 50, 2)
assert len(marked) == 2
assert marked[0] < 25 <= marked[1]
assert float(row.x[..., 0].min()) >= 0
assert float(row.x[..., 0].max()) <= 1
# shown: "a row of 50 numbers between 0 and 1"
# shown: "Two of them are marked"
# shown: "A few of the steps of one sequence"

# %% [markdown]
# To judge a score we need a **baseline**: a network that ignores its inputs and always gives the same answer.
# Its best choice is the mean of all answers, 1, and its mean squared error is then the variance of the answers.
# **How large is that?**
# The variance of one number drawn evenly between 0 and 1 is 1/12, and the variances of independent numbers add up.

# %% tags=["evidence"]
answers = task.held_out(4000, seed=0).y.double()
assert abs(float(answers.mean()) - 1) < 0.03
assert abs(float(answers.var()) - 2 / 12) < 0.02
uniform = torch.linspace(0, 1, 100_001, dtype=torch.float64)
assert abs(float(uniform.var()) - 1 / 12) < 1e-4
# shown: "always gives the same answer"
# shown: "Its best choice is the mean of all answers"
# shown: "The variance of one number drawn evenly"
# shown: "1/12 is the variance of one number"
# shown: "Two of them are added, and their variances add up"
# shown: "The best constant answer is 1"
# shown: "Its mean squared error is the variance of the sum"
# shown: "1 is the best constant answer"
# shown: "1/3 is the mean of the square"
# shown: "Take the variance, 1/12 each"
# shown: "The two numbers spread over 0 to 1"
# shown: "The best constant answer is the mean"

# %%
my_guess = ...

# %% tags=["reveal"]
from course_utils.exercises import lesson_06 as ex

ex.adding_chance.check(my_guess)

# %% [markdown]
# Now we train a recurrent network, with the first weights that torch draws.
# The optimiser is **Adam**, which adapts the step of each weight to the size of its gradients.
# After every 30 steps we measure the error on 4,000 sequences that it is not trained on, and record its gradients for later.

# %% tags=["reveal"]
from course_utils.experiments.gradients.gradient_film import record
from course_utils.experiments.long_memory.starting_points import started
from course_utils.figures import curves

network = started("tanh, torch's own", hidden_size=32, seed=0)
weights_before = network.core.weight_hh_l0.detach().norm()
film = record(network, task, steps=1500, every=30, lr=0.003, clip_norm=1.0, seed=0)
curves.learning_curves(
    {"RNN": film.table},
    baselines={"always 1": 1 / 6},
    measure="error (mean squared, not trained on)",
    title=f"After {film.steps[-1]:,} steps the RNN's error is {film.losses[-1]:.3f}; always saying 1 has {1 / 6:.3f}",
)

# %% [markdown] tags=["reveal"]
# It soon learns to answer about 1, and then its error stays near that of the baseline.
#
# The state *could* carry the first marked number to the end.
# But training changes a weight by its **gradient**: how the loss at the end would change if the weight changed a little.
# What a weight did at step 5 has to be reported back from step 50, through all the steps between.
# How much of that report arrives?

# %% tags=["evidence"]
from course_utils import claims

# the film's own frames, loosely; and 20 stored seeds, which even after 4,000 steps mostly stay there
assert all(0.12 < loss < 0.21 for step, loss in zip(film.steps, film.losses, strict=True) if step >= 300)
late = claims.results("starting_points").groupby("start").error
assert late.median()["tanh, torch's own"] > 0.15
assert film.steps[1] == 30
# shown: "It soon learns to answer about 1"
# shown: "its error stays near that of the baseline"
# shown: "the RNN's error is"
# defined: "we measure the error on 4,000 sequences"
# defined: "through all the steps between"

# %% [markdown]
# ## The same factor at every step
#
# Take one unit without tanh: $h_t = w\, h_{t-1}$.
# A small change of $h_0$ is multiplied by $w$ at each step, so after $t$ steps by $w^t$.
# The report that travels back is multiplied by the same factors.

# %% tags=["nbval-check-output"]
for w in (0.8, 1.0, 1.25):
    print(f"w = {w:<4}  after 10 steps: {w**10:6.3f}   after 50 steps: {w**50:.3g}")

# %% [markdown]
# With a factor below 1 the gradient **vanishes**: as the number of steps grows, it tends to 0.
# With a factor above 1 it **explodes**: it grows without limit.
#
# With two units, $w$ becomes a matrix, such as this one:

# %% tags=["nbval-check-output"]
W = torch.tensor([[1.1, 0.0], [0.0, 0.5]])
change = torch.tensor([1.0, 1.0])  # a small change of both units
for t in range(4):
    print(f"after {t} steps: {[round(value, 3) for value in change.tolist()]}")
    change = W @ change

# %% [markdown]
# A vector that a matrix only makes longer or shorter, without turning it, is an **eigenvector**.
# The factor is its **eigenvalue** $\lambda$.
# Here the eigenvectors are the axes, with the eigenvalues 1.1 and 0.5.
# The largest $|\lambda|$ is called the **spectral radius**, and with it goes a rule of thumb:
#
# > *Spectral radius below 1: the gradient vanishes. Above 1: it explodes.*
#
# ### Does the rule hold?
#
# Take the matrix $\begin{pmatrix} 0.8 & 0.8 \\ 0 & 0.8 \end{pmatrix}$.
# Where everything below the diagonal is 0, the eigenvalues stand on the diagonal: both are 0.8.
# At each step every unit keeps 0.8 of itself, and unit 1 also receives 0.8 of unit 2.
# **Predict:**

# %% tags=["evidence"]
assert 0.8**400 < 1e-38
assert 1.25**400 > 1e38
eigenvalues = torch.linalg.eigvals(torch.tensor([[1.1, 0.0], [0.0, 0.5]])).abs()
assert torch.allclose(eigenvalues, torch.tensor([1.1, 0.5]))
skewed = torch.tensor([[0.8, 0.8], [0.0, 0.8]], dtype=torch.float64)
assert torch.allclose(torch.linalg.eigvals(skewed).abs(), torch.tensor([0.8, 0.8], dtype=torch.float64))
# shown: "With a factor below 1 the gradient vanishes"
# shown: "With a factor above 1 it explodes"
# shown: "A small change of h_0 is multiplied"
# shown: "is multiplied by the same factors"
# shown: "Here the eigenvectors are the axes"
# shown: "the eigenvalues stand on the diagonal"
# shown: "every unit keeps 0.8 of itself"
# defined: "With two units, w becomes a matrix"
# defined: "A vector that a matrix only makes longer or shorter"
# defined: "is called the spectral radius"

# %%
predict = ex.skewed_question.ask()

# %% tags=["reveal"]
from course_utils.figures.stretches import stretch_and_path

skewed = torch.tensor([[0.8, 0.8], [0.0, 0.8]], dtype=torch.float64)
ex.skewed_question.check(predict)
stretch_and_path(skewed, torch.tensor([0.0, 1.0], dtype=torch.float64), steps=16)

# %% [markdown] tags=["reveal"]
# A matrix with which a vector can grow, for a while, by more than its eigenvalues say is called **skewed** here.
# The rule of thumb describes the long run, $t \to \infty$.
#
# The left panel shows the most that *one* step can do to any vector: $\sigma$, the largest **singular value** of the matrix.
# No step can stretch more, so $t$ steps stretch by at most $\sigma^t$.
# So $\sigma < 1$ is enough to make a gradient vanish.
# And $\sigma > 1$ decides nothing: here $\sigma$ is 1.29, and the vector shrinks in the end.

# %% tags=["evidence"]
from course_utils.figures.stretches import path_of
from course_utils.nn.gradients import worst_growth as stretch

path = path_of(skewed, torch.tensor([0.0, 1.0], dtype=torch.float64), 16)
gain = path[1:, 0] - path[:-1, 0]
assert (gain[:4] > 0).all()
assert (gain[5:] < 0).all()
assert path[16, 1] < 0.03
assert round(stretch(skewed, 1), 2) == 1.29
assert stretch(skewed, 200) < 1e-10
assert all(stretch(skewed, t) <= stretch(skewed, 1) ** t + 1e-9 for t in range(30))
# defined: "is called skewed here"
# defined: "The left panel shows the most"
# shown: "No step can stretch more"
# shown: "is enough to make a gradient vanish"
# shown: "decides nothing: here"
# shown: "The eigenvalues describe the long run"
# shown: "In the long run each step multiplies it by about 0.8"
# shown: "unit 2 keeps adding to unit 1"
# shown: "Unit 2 feeds unit 1 faster than both shrink"

# %% [markdown]
# ## From a matrix to a network
#
# A real network also has tanh.
# How does a small change of $h_{t-1}$ reach $h_t$?
# First through $W_{hh}$, then through the slope of tanh, which is $1 - h_t^2$: near 0 where a state is near ±1.
# For all units together this is a matrix, the **Jacobian** of the step:
#
# $$J_t = \frac{\partial h_t}{\partial h_{t-1}} = \mathrm{diag}(1 - h_t^2)\; W_{hh}$$
#
# `diag` makes a matrix with these numbers on its diagonal: each row of $W_{hh}$ is scaled by the slope of its own unit.

# %% [markdown]
# ### Your turn: the Jacobian of a step · 4 minutes
#
# Which way does `(1 - h**2) * W_hh` scale, rows or columns?


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
# ### Your turn: backpropagation through time · 5 minutes
#
# Over $T$ steps the chain rule multiplies: $\partial h_T / \partial h_0 = J_T \cdots J_2\, J_1$.
# This is the product of **backpropagation through time**, which is backpropagation in the unrolled network.
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
# Does torch compute the same, through 20 steps?

# %% tags=["nbval-check-output"]
product = ex.jacobian_product.mine()
rnn = torch.nn.RNN(2, 16, batch_first=True).double()
x, h_0 = row.x[:, :20].double(), torch.zeros(1, 1, 16).double()
by_torch = torch.autograd.functional.jacobian(lambda h: rnn(x, h)[1].flatten(), h_0).reshape(16, 16)
by_hand = product(rnn(x)[0][0].detach(), rnn.weight_hh_l0.detach())
print("equal to torch's:", torch.allclose(by_hand, by_torch, rtol=0, atol=1e-12))

# %% [markdown]
# So two things decide what becomes of a gradient: the matrix, and the slopes, which depend on the states.
# With **ReLU**, $\max(0, a)$, the slope is 1 where a unit is on and 0 where it is off.

# %% tags=["evidence"]
a = torch.linspace(-9, 9, 1801, dtype=torch.float64)
assert torch.allclose(torch.func.vmap(torch.func.grad(torch.tanh))(a), 1 - torch.tanh(a) ** 2)
assert torch.allclose(by_torch, ex.jacobian_product.reference(rnn(x)[0][0], rnn.weight_hh_l0), atol=1e-12)
# shown: "near 0 where a state is near ±1"
# shown: "the slope of tanh, which is"
# defined: "For all units together this is a matrix"
# defined: "each row of W_{hh} is scaled"
# shown: "So two things decide"
# defined: "the slope is 1 where a unit is on"
# defined: "The first step acts first"

# %% [markdown]
# ## How much is left?
#
# Now untrained networks of 32 units.
# We take the sum of all units of the last state, and follow its gradient back over 199 steps.
#
# **Predict:** what share of the gradient of the RNN is left 100 steps back, as a power of ten?
# For one in a thousand write −3.

# %%
my_guess = ...  # such as -3

# %% tags=["reveal"]
from course_utils import claims
from course_utils.figures import gradients as figures

stored = claims.results("gradient_flow")
untrained = stored[stored["stage"] == "initial"]
rnn_left = untrained[(untrained["network"] == "RNN") & (untrained["lag"] == 100)]["log10_left"]
ex.left_at_100.check(my_guess, (round(rnn_left.min(), 1), round(rnn_left.max(), 1)))
claims.told("gradient_flow")
figures.left_by_lag(untrained)

# %% [markdown] tags=["reveal"]
# Nearly straight lines on a logarithmic axis mean a nearly constant factor at each step.
# GRU and LSTM are two other kinds of cell, which lessons 07 and 08 open.
# The LSTM was made against vanishing; with torch's own weights little of its gradient is left either.
#
# With torch's own weights RNN and LSTM differ by eight powers of ten after 199 steps.
# Started with an **orthogonal** matrix, which leaves every vector as long as it is, the RNN keeps forty powers of ten more.
# So a comparison of cells should say how each began.

# %% tags=["evidence"]
left = untrained.groupby(["network", "lag"]).log10_left.mean()
assert untrained.seed.nunique() == 10
assert -25 < left["RNN", 100] < -22
assert -21 < left["LSTM", 100] < -18
assert 7 < left["LSTM", 199] - left["RNN", 199] < 9
assert 39 < left["RNN, orthogonal", 199] - left["RNN", 199] < 41
rates = [(left["RNN", b] - left["RNN", a]) / (b - a) for a, b in ((20, 50), (50, 100), (100, 150), (150, 199))]
assert max(rates) - min(rates) < 0.02
# shown: "Nearly straight lines on a logarithmic axis"
# shown: "little of its gradient is left either"
# shown: "differ by eight powers of ten"
# shown: "keeps forty powers of ten more"
# defined: "Now untrained networks of 32 units"
# defined: "We take the sum of all units"
# defined: "For one in a thousand write"

# %% tags=["reveal"]
claims.box("C07")

# %% [markdown] tags=["reveal"]
# The box compares each LSTM with an RNN that was given as much.
# With a forget bias of 1 an LSTM keeps about sixteen powers of ten more than an RNN with torch's own weights, and about four fewer than an orthogonal one.

# %% tags=["evidence"]
assert float(torch.tensor(1.0) + torch.tensor(5e-8)) == 1.0
left = untrained.groupby(["network", "lag"]).log10_left.mean()
assert 15 < left["LSTM, forget bias 1", 100] - left["RNN", 100] < 17
assert -5 < left["LSTM, forget bias 1", 100] - left["RNN, orthogonal", 100] < -3
# shown: "about sixteen powers of ten more than an RNN with torch's own weights, and about four fewer than an orthogonal one"
# defined: "The box compares each LSTM with an RNN"

# %% [markdown]
# ## The lag river
#
# $W_{hh}$ is used at each of the 50 steps, and each use gives a part of its gradient.
# The part from $k$ steps back has travelled from the loss through $k$ Jacobians:
#
# $$\frac{\partial L}{\partial W_{hh}} = \sum_{k=0}^{49} \; \frac{\partial L}{\partial h_{50}} \, J_{50} \, J_{49} \cdots J_{51-k} \; \frac{\partial^+ h_{50-k}}{\partial W_{hh}}$$
#
# The last factor, with its +, counts this one use of $W_{hh}$ and takes the state before it as given.
# **Predict** which parts are large in the training above.

# %%
predict = ex.river_question.ask()

# %% [markdown]
# Open the film and press **Play**.
# The height of a bar is the size of the part from $k$ steps back.
# The coloured bars hold 99 % of their sum: the **river**, which is wide where they reach far back.

# %% tags=["reveal"]
from course_utils.widgets.lag_river import lag_river

lag_river(film.norms, film.totals, film.steps, film.losses, chance=1 / 6, settings=film.described())

# %% tags=["reveal"]
ex.river_question.check(predict)
totals, far = torch.tensor(film.totals), film.share_from(25)
print(f"Whole gradient of W_hh: norm {totals[0]:.2f} at first, then {totals[1:].min():.3f} to {totals[1:].max():.2f}")
print(f"Its parts from 25 and more steps back: at most {far.max():.0e} of the sum")
after = network.core.weight_hh_l0.norm()
print(f"Norm of W_hh: {weights_before:.2f} before, {after:.2f} after training")

# %% [markdown] tags=["reveal"]
# The norm of the whole gradient falls with the loss and then looks harmless.
# But it is a gradient about the last few steps.
# The first marked number lies in the first half of the row, and from there next to nothing arrives.
# From 49 steps back comes exactly nothing, since the state before the first step is 0.
#
# So *vanishing* does not mean that the whole gradient is zero.
# It means that **what comes from far back drowns in what comes from near**.

# %% tags=["evidence"]
from course_utils.experiments.gradients.gradient_flow import norms, weight_gradients_by_lag

batch = task.held_out(64, seed=0)
for seed in range(5):
    other = started("tanh, torch's own", hidden_size=32, seed=seed)
    parts = weight_gradients_by_lag(
        other.core, batch.x, lambda h, readout=other.readout: (readout(h)[:, 0] - batch.y).square().mean()
    )
    assert norms(parts)[25:].sum() < 1e-4 * norms(parts).sum()
trained = claims.results("gradient_flow").query("network == 'RNN' and stage == 'trained' and lag == 20")
assert len(trained) == 10
assert trained.log10_left.max() < -3
assert far.max() < 0.05
assert float(film.norms[:, 49].max()) == 0
assert film.totals[0] > 3 * float(torch.tensor(film.totals[1:]).median()) > 0.01
assert (claims.results("zero_weights").weights_left > 1).all()
# defined: "is used at each of the 50 steps"
# defined: "The coloured bars hold 99 %"
# shown: "falls with the loss and then looks harmless"
# shown: "most of those steps lie far back"
# shown: "next to nothing arrives"
# shown: "it is a gradient about the last few steps"
# shown: "exactly nothing, since the state"
# shown: "what comes from far back drowns"

# %%
claims.box("C31")

# %% [markdown]
# Torch's RNN feeds back its *state*, a Jordan network and a decoder their output.

# %% tags=["evidence"]
fed = claims.results("fed_back").groupby("way")["state_moved"]
assert fed.max()["state fed back"] == 0
assert min(fed.min()["output fed back"], fed.min()["output read as the next input"]) > 0.01
# shown: "RNN feeds back its state, a Jordan network and a decoder their output"

# %% [markdown]
# ### Your own network
#
# `weight_gradients_by_lag` splits the gradient of any one-layer `nn.RNN`, `nn.GRU` or `nn.LSTM`.
# It gives every step its own copy of $W_{hh}$, and asks autograd for the gradient of each copy.
# Put your own in place of these:

# %%
from course_utils.display.source import Source
from course_utils.experiments.gradients.gradient_flow import norms, weight_gradients_by_lag

my_layer = torch.nn.LSTM(2, 24, batch_first=True)
my_readout = torch.nn.Linear(24, 1)
my_batch = task.held_out(64, seed=1)


def my_loss(h):
    """The loss of your network from its last state. h: (B, H)."""
    return (my_readout(h)[:, 0] - my_batch.y).square().mean()


by_lag = norms(weight_gradients_by_lag(my_layer, my_batch.x, my_loss))  # (T,): by_lag[k] is from k steps back
print(f"from 25 or more steps back: {float(by_lag[25:].sum() / by_lag.sum()):.1e} of the sum")
Source(weight_gradients_by_lag)

# %% tags=["evidence"]
prediction = my_readout(my_layer(my_batch.x)[0][:, -1])[:, 0]
(whole,) = torch.autograd.grad((prediction - my_batch.y).square().mean(), my_layer.weight_hh_l0)
assert torch.allclose(weight_gradients_by_lag(my_layer, my_batch.x, my_loss).sum(dim=0), whole, atol=1e-6)
# shown: "splits the gradient of any one-layer"
# shown: "gives every step its own copy"

# %% [markdown]
# ## When a gradient explodes: clipping
#
# A ReLU network that begins with $W_{hh}$ = identity passes a gradient on unchanged wherever a unit is on.
# We train it on rows of 100 numbers by *plain* gradient descent: each weight moves by −0.005 times its gradient.
#
# The usual remedy for long gradients is to **clip** them: one above a limit is scaled down to it before the weights move.
# In torch this is one line between `backward()` and `step()`:
#
# ```python
# torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
# ```
#
# **Predict** what happens in the second step without it.

# %%
predict = ex.second_step.ask()

# %% tags=["reveal"]
from course_utils.training import fit

long_task, histories = Adding(seq_len=100), {}
for name, limit in {"not clipped": None, "clipped to norm 1": 1.0}.items():
    model = started("ReLU, identity (IRNN)", hidden_size=32, seed=0)
    descent = torch.optim.SGD(model.parameters(), lr=0.005)
    batches = long_task.batches(32, seed=0)
    history = fit(
        model, batches, long_task.objective, steps=150, optimizer=descent, clip_norm=limit, record_gradients=True
    )
    history.described().say()
    histories[name] = history.table
ex.second_step.check(predict)
first, second = histories["not clipped"]["gradient_norm"][:2]
print(f"Not clipped, norm of the gradient: {first:,.0f} in the first step, {second:,.0f} in the second")
worst = [
    f"{table['loss'].max():,.2g}" if table["loss"].max() < 100 else f"{table['loss'].max():,.0f}"
    for table in histories.values()
]
figures.losses_and_norms(histories, 1 / 6, f"Largest loss: {worst[0]} not clipped, {worst[1]} clipped")

# %% [markdown] tags=["reveal"]
# The lower panel shows the norm *before* clipping.
# The leap needs no factor above 1: where $W_{hh}$ is left as it was, the next gradient is still 50 times as long or more.
# The biases move, and the identity keeps what they add at each of a hundred steps.
# The second step then throws the weights far away.
#
# But clipping also shortened the first step, by a factor of 171 with this seed.
# A smaller learning rate does that as well: is it enough?

# %% tags=["evidence"]
first_norm, second_norm = histories["not clipped"]["gradient_norm"][:2]
assert 165 < first_norm < 178
assert second_norm > 100 * first_norm
parts = claims.results("first_step").pivot(index="seed", columns="moved", values="times_the_first")
assert len(parts) == 10
assert (parts["all weights"] > 100).all()
assert (parts["all but W_hh"] > 50).all()  # the identity in place
leaps = claims.results("smaller_steps")
wild = leaps[leaps.clip_norm.isna() & (leaps.lr == 0.005)]
assert len(wild) == 10
assert (wild.largest_loss > 50).all()
assert (leaps[leaps.clip_norm.notna()].largest_loss < 2).all()
# defined: "A ReLU network that begins with"
# defined: "rows of 100 numbers by plain gradient descent"
# defined: "one above a limit is scaled down to it"
# defined: "shows the norm before clipping"
# shown: "by a factor of 171"
# shown: "After a long first step the biases add up"
# shown: "the identity keeps what the biases add at each of a hundred"
# shown: "The identity keeps what the biases add"
# shown: "the next gradient is still 50 times as long"
# shown: "the identity keeps what they add"
# defined: "A smaller learning rate does that as well"
# shown: "not clipped, {…} clipped"

# %%
predict = ex.smaller_steps.ask()

# %% tags=["reveal"]
ex.smaller_steps.check(predict)
claims.told("smaller_steps")
controls = claims.results("smaller_steps")
clipped = controls.clip_norm.isna().map({True: "not clipped", False: "clipped to norm 1"})
controls["training"] = clipped + controls.lr.map(", learning rate {:.2g}".format)
found = controls.groupby("training", sort=False).agg(
    loss_at_most=("largest_loss", "median"), loss_at_the_end=("last_loss", "median"), units_on=("units_on", "median")
)
show_table(found, "Medians of ten seeds; units that are still on at the end, of 32")

# %% [markdown] tags=["reveal"]
# A tenth of the learning rate is not enough: most units are off at the end.
# With a 171st, and with three times that, there is no leap, and in all ten seeds the 171st ends a little lower than clipping does.
# So clipping is one remedy against the leap, and a smaller learning rate is another.
# None of these networks has learnt the task.

# %% tags=["evidence"]
runs = claims.results("smaller_steps")
runs["run"] = runs.clip_norm.notna().map({True: "clip", False: ""}) + (runs.lr / 0.005).pow(-1).round().astype(
    int
).astype(str)
table = runs.pivot(index="seed", columns="run")
assert list(table.last_loss.columns) == ["1", "10", "171", "57", "clip1"]
assert (table.units_on["10"] <= 12).all()
assert (table.units_on["10"] < 8).sum() >= 7
for calm in ("57", "171", "clip1"):
    assert (table.largest_loss[calm] <= table.largest_loss["171"] + 0.03).all()
assert (table.last_loss["171"] < table.last_loss["clip1"]).all()
assert (table.last_loss.min() > 0.15).all()
# shown: "A tenth of the learning rate is not enough"
# shown: "there is no leap, and in all ten seeds"
# shown: "With a 171st, and with three times that"
# shown: "and a smaller learning rate is another"
# shown: "None of these networks has learnt the task"
# shown: "Medians of ten seeds"
# shown: "That step is as short as the clipped one"
# shown: "A 171st of the step is as short"
# shown: "Small steps are enough to bring the answers near 1"

# %% [markdown]
# ### Your turn: clip by norm · 5 minutes
#
# Write what `clip_grad_norm_` does, for one gradient: multiply it by one number, and only where it is too long.


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
# Clipping by norm multiplies every part of the gradient by the *same* number.
# A part from far back that is a millionth of the whole stays a millionth of it.

# %%
claims.box("C09")

# %% [markdown]
# ## Does a gradient that lasts also learn?
#
# RNNs with five kinds of first weights tried the adding problem, each with the best of three learning rates.
# They differ in more than the matrix: the identity starts have tiny input weights, the orthogonal one large ones.
# A network that knows *one* number, and says ½ for the other, has an error of 1/12.

# %% tags=["reveal"]
claims.told("starting_points")
claims.told("matrix_or_inputs")
runs = claims.results("starting_points")
runs["below"] = runs.error < 1 / 12
summary = runs.groupby("start", sort=False).agg(
    learning_rate=("lr", "first"),
    below_a_twelfth=("below", "sum"),
    solved=("solved", "sum"),
    best_error=("error", "min"),
    median_error=("error", "median"),
)
show_table(summary, "Of twenty runs: how many end below 1/12, how many below 0.01 (solved); always saying 1 has 0.167")

# %% [markdown] tags=["reveal"]
# Among the tanh networks, the orthogonal start gets below 1/12 in 14 of 20 runs, and torch's own in 2 of 20.
# It is not the matrix: with torch's own $W_{hh}$ beside the orthogonal start's other weights and rate, five of five do.
# And tanh from the identity, whose gradient lasts, never gets below 0.15.
# ReLU with torch's own weights solves the task in 16 of 20, though little of its gradient is left at the start.
# So a gradient that lasts at the start is neither necessary nor enough.

# %% tags=["evidence"]
from course_utils.experiments.gradients.gradient_flow import along, left_at, state_gradients, step_of, zero_state

table = claims.results("starting_points").groupby("start").error
below = table.apply(lambda error: int((error < 1 / 12).sum()))
assert (table.size() == 20).all()
assert below["tanh, orthogonal"] == 14
assert below["tanh, torch's own"] == 2
many = task.held_out(4000, seed=0)
near = (many.x[:, 25:, 0] * many.x[:, 25:, 1]).sum(dim=1)
assert abs(float((near + 0.5 - many.y).square().mean()) - 1 / 12) < 0.004
assert below["tanh, identity"] == 0
assert table.min()["tanh, identity"] > 0.15
assert table.apply(lambda error: int((error < 0.01).sum()))["ReLU, torch's own"] == 16
for seed in range(5):
    core = started("ReLU, torch's own", hidden_size=32, seed=seed).core.double()
    inputs = task.held_out(16, seed=0).x.double()
    kept = state_gradients(step_of(core), inputs, zero_state(core, 16), along(core))
    assert left_at(kept, [49])[0]["log10_left"] < -7
    core = started("tanh, identity", hidden_size=32, seed=seed).core.double()
    kept = state_gradients(step_of(core), inputs, zero_state(core, 16), along(core))
    assert left_at(kept, [49])[0]["log10_left"] > -0.1
inputs_of = {
    start: started(start, hidden_size=32, seed=0).core.weight_ih_l0.detach().std()
    for start in ("tanh, identity", "tanh, torch's own", "tanh, orthogonal")
}
control = claims.results("matrix_or_inputs")
assert len(control) == 5
assert (control.error < 1 / 12).all()
rates = claims.results("starting_points").groupby("start").lr.first()
assert rates["tanh, orthogonal"] < rates["tanh, torch's own"]
biases = {start: float(started(start, 32, 0).core.bias_ih_l0.detach().abs().max()) for start in inputs_of}
assert biases["tanh, orthogonal"] == 0 < biases["tanh, torch's own"]
assert 50 * inputs_of["tanh, identity"] < inputs_of["tanh, torch's own"] < inputs_of["tanh, orthogonal"]
# defined: "RNNs with five kinds of first weights"
# shown: "They differ in more than the matrix"
# shown: "gets below 1/12 in 14 of 20 runs"
# shown: "has an error of 1/12"
# shown: "whose gradient lasts"
# shown: "It is not the matrix: with torch's own W_{hh} beside"
# shown: "never gets below 0.15"
# shown: "solves the task in 16 of 20"
# shown: "a gradient that lasts at the start is neither necessary nor enough"
# shown: "Of twenty runs: how many end below"

# %% [markdown]
# How does a network whose river is narrow come to learn, such as this one with ReLU?

# %%
learner = started("ReLU, torch's own", hidden_size=32, seed=3)
success = record(learner, task, steps=1500, every=30, lr=0.001, clip_norm=1.0, seed=3)
lag_river(success.norms, success.totals, success.steps, success.losses, chance=1 / 6, settings=success.described())

# %%
predict = ex.widening_question.ask()

# %% tags=["reveal"]
ex.widening_question.check(predict)
unclipped = record(
    started("ReLU, torch's own", hidden_size=32, seed=3), task, steps=1500, every=30, lr=0.001, clip_norm=None, seed=3
)
unclipped.described().say()
curves.learning_curves(
    {"clipped to norm 1": success.table, "not clipped": unclipped.table},
    baselines={"always 1": 1 / 6},
    measure="error (mean squared, not trained on)",
    title=f"The same network ends at {success.losses[-1]:.3f} clipped, and at {unclipped.losses[-1]:.3f} not clipped",
)

# %% [markdown] tags=["reveal"]
# At first this river is as narrow as the other one, and the loss stands still.
# Then the loss falls as the river widens, and the whole gradient grows.
# So a network that begins to remember gets long gradients.
# Does it need clipping?
# This one seed says so.
# But of six stored seeds three end lower with clipping and three without.

# %% tags=["evidence"]
before = [n for n, step in enumerate(success.steps) if 60 <= step <= 400]
assert all(success.losses[n] > 0.12 for n in before)
assert success.share_from(25)[before].max() < 0.1
learnt = next((n for n, loss in enumerate(success.losses) if loss < 0.1), None)
if learnt is not None:  # on another machine the run may go another way
    assert success.share_from(25)[learnt] > 0.1
    assert max(success.totals[learnt - 5 : learnt + 5]) > 3 * torch.tensor(success.totals)[before].median()
six = claims.results("clipped_or_not")  # each river that widened, in six seeds, clipped or not
widened = six[six.widens_at.notna()]
assert len(widened) >= 8
assert (widened.norm_after > 8 * widened.norm_before).all()
assert (widened.error < 0.1).all()
ends = six.assign(run=six.clip_norm.notna().map({True: "clipped", False: "free"})).pivot(
    index="seed", columns="run", values="error"
)
assert len(ends) == 6
assert (ends.clipped < ends.free).sum() == 3
assert ends.free[3] > 0.15 > 0.02 > ends.clipped[3]
# shown: "this river is as narrow as the other one"
# shown: "This one seed says so"
# shown: "But of six stored seeds three end lower"
# shown: "Then the loss falls as the river widens"
# shown: "a network that begins to remember gets long gradients"
# shown: "The same network ends at"
# shown: "the loss falls, and the whole gradient is larger"

# %% [markdown]
# ### Choosing the limit
#
# Record the norms of some hundred steps, and look at their distribution.
# A limit near the norms of ordinary steps leaves most of these alone and shortens the rare long ones.
# Our limit of 1 was tighter: in the median of six seeds it shortened half of the steps.
# Here are the norms of the clipped training:

# %%
lengths = torch.tensor(success.history.table["gradient_norm"].to_numpy())
print("median {:.2g}, 90 % below {:.2g}".format(*lengths.quantile(torch.tensor([0.5, 0.9]).double())), end=", ")
print(f"largest {lengths.max():.3g}; longer than 1 in {(lengths > 1).double().mean():.0%} of the steps")

# %% tags=["evidence"]
six = claims.results("clipped_or_not")
assert (six.largest_norm > 2 * six.norm_90).all()  # few, and much longer
assert 0.47 < six[six.clip_norm.notna()].clipped.median() < 0.55
# shown: "A limit near the norms of ordinary steps"
# defined: "Record the norms of some hundred steps"
# shown: "Our limit of 1 was tighter"
# defined: "Here are the norms of the clipped training"

# %%
claims.box("C10")

# %% [markdown]
# The verdict depends on the task: tanh adds over 50 steps in 0 of 20 runs, and reads digits over 64 in 8 of 10.

# %% tags=["evidence"]
digits = claims.results("kept").query("task == 'digits' and network == 'RNN' and start == 'searched'")
digits = digits[digits["size"] == "equal parameters"]
assert len(digits) == 10
assert digits.solved.sum() == 8
adding = claims.results("starting_points")
assert adding[adding.start.str.startswith("tanh")].groupby("start").solved.sum().max() == 0
# shown: "The verdict depends on the task"

# %% [markdown]
# ## Symptom and remedy
#
# | symptom | look at, then try |
# |---|---|
# | the loss stays at the baseline, the norm of the gradient looks ordinary | the gradient by lag; other first weights, a gated cell (lesson 07) |
# | the loss leaps | the norms before clipping; clipping by norm, a smaller learning rate |
# | the loss is NaN | the last finite norm, and the data; the last good weights, then as above |
# | ReLU units are off for every input | the share of units that are on; a smaller learning rate, other first weights |
# | a sequence too long for memory or time | how far back the answer lies; **truncated backpropagation through time**: cut it into windows, carry the state across, stop the gradient at the cut |
#
# Truncation has a price: no gradient crosses a cut, whatever the matrix.
# And clipping does not cure a NaN: where the norm is NaN, every clipped gradient is NaN.

# %% tags=["evidence"]
broken = torch.nn.Linear(2, 1)
broken.weight.grad, broken.bias.grad = torch.tensor([[float("nan"), 1.0]]), torch.ones(1)
torch.nn.utils.clip_grad_norm_(broken.parameters(), max_norm=1.0)
assert broken.bias.grad.isnan().all()
assert broken.weight.grad.isnan().all()
cut = torch.nn.RNN(1, 3, batch_first=True)
far, near = torch.ones(1, 4, 1, requires_grad=True), torch.ones(1, 4, 1)
_, carried = cut(far)
cut(near, carried.detach())[0].sum().backward()
assert far.grad is None
errors = claims.results("starting_points").groupby("start").error
below = errors.apply(lambda error: int((error < 1 / 12).sum()))
assert below["tanh, orthogonal"] > below["tanh, torch's own"] + 10
gated = claims.results("lstm_where_rnn_failed").sort_values("step").groupby(["network", "seed"]).error.last()
assert (gated["LSTM"] < 1 / 12).sum() >= 4
on = claims.results("smaller_steps").query("clip_norm != clip_norm").groupby("lr").units_on.median()
assert on.is_monotonic_decreasing  # a smaller learning rate leaves more units on
assert on.iloc[0] > 15 > 0 == on.iloc[-1]
# shown: "where the norm is NaN"
# shown: "the loss is NaN"
# shown: "no gradient crosses a cut"
# shown: "the loss stays at the baseline"
# shown: "the loss leaps"
# shown: "ReLU units are off"
# defined: "truncated backpropagation through time"

# %% [markdown]
# ## What you have seen
#
# - A gradient that travels back through time is multiplied by one Jacobian a step, $\mathrm{diag}(1 - h_t^2)\, W_{hh}$.
# - The spectral radius decides for linear networks in the long run.
#   A skewed matrix can stretch first; a largest singular value below 1 is enough to vanish.
# - A large gradient need not come from far back: split it by lag.
# - Clipping by norm keeps the direction and prevents leaps; what has vanished stays so.
# - First weights matter; a gradient that lasts at the start does not decide alone.
#
# What is still missing is a cell that *chooses* what to keep: lesson 07.

# %% tags=["evidence"]
from course_utils.nn.gradients import angle, clip_by_norm
from course_utils.nn.gradients import worst_growth as stretch

assert stretch(skewed, 4) > 1.5 > 1 > stretch(0.7 * skewed, 60)  # σ of 0.7 times the matrix is 0.9
assert stretch(0.7 * skewed, 1) < 1
far_and_near = torch.tensor([3e-5, 30.0])
shortened = clip_by_norm(far_and_near, 1.0)
assert angle(far_and_near, shortened) < 0.1
assert abs(float(shortened[0] / shortened[1]) - 1e-6) < 1e-11
# shown: "a largest singular value below 1 is enough"
# shown: "Clipping by norm keeps the direction"
# shown: "stays a millionth of it"
# defined: "multiply it by one number, and only where"

# %% [markdown]
# ## Going deeper: four matrices, four fates
#
# $\lVert W^t \rVert$ is the most that $t$ steps can stretch any vector; it is the largest singular value of $W^t$.
# Here are four matrices; D turns vectors while it stretches them.
# Its eigenvalues are complex numbers, and $|\lambda|$ is the factor of the stretch.

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
from course_utils.nn.gradients import worst_growth

steps = range(61)
growths = {name: [worst_growth(W, t) for t in steps] for name, W in FOUR_MATRICES.items()}
peak = max(growths["C"])
figures.norms_over_time(growths, title=f"C grows to {peak:.2f} before it vanishes, though its only eigenvalue is 0.8")

# %% tags=["reveal"]
ex.four_fates.check(predict)
below = next(t for t in steps if all(n < 1 for n in growths["C"][t:]))
print(f"C: largest at step {growths['C'].index(peak)}, below 1 for good from step {below}")
for name in FOUR_MATRICES:
    print(f"{name}: {growths[name][1]:.3g} after one step, {growths[name][2]:.3g} after two")

# %% [markdown] tags=["reveal"]
# A and D are **normal** matrices: their $\sigma$ equals the spectral radius, so in a linear network the rule of thumb is right at every step.
# C is skewed, like the matrix of the picture.
# B is the extreme: $\sigma = 4$, and $B^2 = 0$.

# %% tags=["evidence"]
for name in "AD":
    assert abs(growths[name][1] - spectral_radius(FOUR_MATRICES[name])) < 1e-9
    assert all(abs(n - growths[name][1] ** t) < 1e-6 * max(n, 1) for t, n in enumerate(growths[name]))
assert abs(growths["B"][1] - 4) < 1e-9
assert growths["B"][2] == 0
assert round(peak, 2) == 4.57
assert sum(n > 1 for n in growths["C"][1:]) == 31
assert torch.linalg.eigvals(FOUR_MATRICES["C"]).abs().unique().tolist() == [0.8]
assert torch.linalg.eigvals(FOUR_MATRICES["D"]).imag.abs().min() > 0.5
assert all(max(growths[name][1:]) > 1 for name in "BCD")
assert max(growths["A"][1:]) < 1
# defined: "is the most that t steps can stretch"
# defined: "the largest factor by which W^t can stretch"
# defined: "You need torch.linalg.matrix_power"
# shown: "D turns vectors while it stretches"
# shown: "their sigma equals the spectral radius"
# shown: "B is the extreme"
# shown: "though its only eigenvalue is 0.8"
# shown: "Four matrices and their spectral radius"
# shown: "D has an eigenvalue above 1, and grows"
# shown: "every eigenvalue is 0.8, and yet its norm"
# shown: "B grows too, for one step"
# shown: "A and D do what their eigenvalues say"

# %% [markdown]
# ### Your turn: the worst growth · 5 minutes
#
# Write `my_worst_growth(W, t)`: the largest factor by which $W^t$ can stretch any vector.
# You need `torch.linalg.matrix_power` and `torch.linalg.matrix_norm(A, 2)`, the largest singular value of A.


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
# *Slope* is what the activation function multiplies by at each step.
# *Length* is the number of steps.
# The dotted line is the bound $(\text{slope} \cdot \sigma)^t$.
#
# 1. Radius 0.8 and non-normality 0.5 is matrix C. From which non-normality on does the peak pass 30?
# 2. Set the non-normality to 1.
#    What is the largest slope with which nothing ever grows?

# %%
from course_utils.widgets.gradient_explorer import gradient_explorer

gradient_explorer(radius=0.8, non_normality=0.5, slope=1.0, length=60)

# %%
my_non_normality = ...
my_slope = ...

# %% tags=["reveal"]
ex.peak_of_30.check(my_non_normality)
ex.safe_slope.check(my_slope)

# %% tags=["evidence"]
from course_utils.widgets.gradient_explorer import growth


def top(non_normality, slope=1.0):
    """The largest stretch after one step or more."""
    return max(growth(0.8, non_normality, slope, 60).norms[1:])


assert round(top(0.5), 2) == 4.57
assert round(top(0.95)) == 28
assert top(0.97) < 30 < top(0.98)
assert 6.5 < top(0.98) / top(0.5) < 7.5
assert top(1.0, 0.55) < top(1.0, 0.59) < 1 < top(1.0, 0.6) < 1.02
assert round(growth(0.8, 1.0, 1.0, 60).sigma, 2) == 1.69
# defined: "The matrix below is built like C"
# defined: "Radius 0.8 and non-normality 0.5 is matrix C"
# defined: "Set the non-normality to 1"
# shown: "0.5 is matrix C, whose peak is 4.57"
# shown: "at 0.95 the peak is 28"
# shown: "A little more than twice the non-normality"
# shown: "the largest stretch is 1.01"
# shown: "A slope of 1/0.8 would belong"
# shown: "Nothing can grow where slope"

# %% [markdown]
# ## Going deeper: the rule inside networks
#
# The four matrices again, now inside networks $h \leftarrow \mathrm{activation}(W h + \text{inputs})$.
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
ends = {name: f"{values[-1]:.2g}" for name, values in fates.items()}
figures.norms_over_time(
    fates, f"After 60 steps: B with ReLU {ends['B with ReLU']}, D with tanh {list(ends.values())[1]}"
)

# %% [markdown] tags=["reveal"]
# - **B with ReLU** soon doubles at every step, though both its eigenvalues are 0.
#   ReLU switches the negative unit off, and with it goes what would have cancelled.
# - **D with tanh** does not explode, though $|\lambda|$ = 1.25.
#   Its states grow until tanh is flat enough to stop them.
#   With inputs of 0.1 the gradient ends 1.64 times as long as it began, and stays between 1 and 1.7 over 2,000 steps.
#   Some texts call a gradient exploding as soon as it ends longer than it began: by this weaker meaning D obeys the rule here.
#   With inputs of ± 2 it vanishes.
#
# These matrices were chosen to break the rule.
# The box asks it about random ones, 50 of each kind with each of ten seeds, and uses the weaker meaning: shorter than it began for a radius below 1, longer for one above.
# It needs the rule to be right for more than 95 %: a ✘ beside 0.79 means that it is right for 79 %.
# Of the tanh networks with small inputs, half are longer by a factor of 43 or more after 100 steps.
# "Rank one" is the simplest kind of matrix, a column times a row.

# %% tags=["evidence"]
from itertools import pairwise

doubling = fates["B with ReLU"]
assert all(abs(b / a - 2) < 1e-6 for a, b in pairwise(doubling[3:21]))
long_run = growth_over_time(D, "tanh", steps=2000, inputs=[0.1, 0.1])
assert round(long_run[60], 2) == 1.64
assert min(long_run) >= 1
assert max(long_run) < 1.7
assert fates["D with tanh, inputs ± 2"][60] < 1e-50
families = claims.results("popular_rule").groupby("family")
small = "tanh, 100 steps, radius 1.5, small inputs"
assert abs(families.share_right.mean()[small] - 0.79) < 0.005
assert 42 < 10 ** families.log10_growth.mean()[small] < 44
assert families.seed.nunique().eq(10).all()
# shown: "soon doubles at every step"
# shown: "does not explode, though"
# shown: "With inputs of 0.1 the gradient ends"
# defined: "Some texts call a gradient exploding"
# shown: "With inputs of ± 2 it vanishes"
# shown: "half are longer by a factor of 43"
# defined: "The box asks it about random ones"
# shown: "It needs the rule to be right"
# defined: "is the simplest kind of matrix"
# shown: "ReLU lets B explode, and tanh keeps D from it"
# shown: "where its states grow, they come to the flat part"
# shown: "ReLU takes away what would have cancelled"
# shown: "ReLU switches off the unit"
# defined: "steps: B with ReLU"

# %%
claims.box("C08")

# %% [markdown]
# What can be proved (Pascanu, Mikolov and Bengio, 2013): for a linear network, a spectral radius below 1 is exactly the condition for vanishing in the limit.
# For any activation with a slope of at most 1, $\sigma < 1$ is enough to vanish, and $\sigma > 1$ is necessary for an explosion, but not enough.
#
# And what takes the gradient of the untrained RNN, with torch's own weights, over 100 steps?

# %% tags=["evidence"]
# source: "a spectral radius below 1 is exactly the condition" Pascanu, Mikolov and Bengio (2013), section 2.1
# source: "is necessary for an explosion" Pascanu, Mikolov and Bengio (2013), section 2.1

# %%
parts = claims.results("what_takes_the_gradient")[["radius", "matrix", "direction", "network"]]
names = {
    "radius": "the spectral radius to the 100th power",
    "matrix": "the largest stretch of W^100",
    "direction": "W^100, in the direction that is asked for",
    "network": "the network, with tanh",
}
show_table(
    [{"what": names[part], **parts[part].agg(["mean", "min", "max"])} for part in names],
    "What is left after 100 steps, as a power of ten (ten seeds): mean, least and most",
)

# %% [markdown]
# For this network the spectral radius alone comes close: its 100th power is about $10^{-22}$.
# The slopes of tanh take less than three powers of ten on top of it.

# %% tags=["evidence"]
assert len(parts) == 10
assert -22.5 < parts.radius.mean() < -21.5
tanh_takes = parts.direction - parts.network
assert (tanh_takes > 0).all()
assert tanh_takes.max() < 3
assert tanh_takes.min() < 0.5
assert ((parts.direction - parts.radius).abs() < 1).all()
# shown: "its 100th power is about"
# shown: "The slopes of tanh take less than three powers"
# shown: "What is left after 100 steps"

# %% [markdown]
# ## Going deeper: the same in deep feedforward networks
#
# A deep feedforward network multiplies in the same way, with one factor a layer.
# The slope of a sigmoid is at most ¼.
# Of 20 layers of 32 sigmoid units with torch's own weights, the first gets a gradient 17 powers of ten smaller than the last.
# With tanh in their place it is 5 powers of ten: so much the weights take, with slopes near 1.
# A **residual connection** adds the input of a layer to its output: $h + \sigma(W h + b)$.
# With one around each of the 20 sigmoid layers, the first gets between a fiftieth and a twentieth of what the last one gets.
# Lesson 07 does the same through time.

# %% tags=["evidence"]
a = torch.linspace(-9, 9, 1801, dtype=torch.float64)
assert float((torch.sigmoid(a) * (1 - torch.sigmoid(a))).max()) == 0.25
for seed in range(5):
    for activation, least, most in ((torch.nn.Sigmoid, 5e-18, 5e-17), (torch.nn.Tanh, 5e-6, 5e-5)):
        torch.manual_seed(seed)
        layers = [torch.nn.Linear(32, 32) for _ in range(20)]
        deep = torch.nn.Sequential(*[module for layer in layers for module in (layer, activation())])
        deep(torch.randn(64, 32)).sum().backward()
        ratio = float(layers[0].weight.grad.norm() / layers[-1].weight.grad.norm())
        assert least < ratio < most
    torch.manual_seed(seed)
    layers = [torch.nn.Linear(32, 32) for _ in range(20)]
    h = torch.randn(64, 32)
    for layer in layers:
        h = h + torch.sigmoid(layer(h))
    h.sum().backward()
    assert 1 / 50 < float(layers[0].weight.grad.norm() / layers[-1].weight.grad.norm()) < 1 / 20
# defined: "A residual connection adds the input of a layer"
# shown: "the first gets between a fiftieth and a twentieth"
# defined: "Lesson 07 does the same through time"
# shown: "The slope of a sigmoid is at most"
# defined: "A deep feedforward network multiplies in the same way"
# shown: "17 powers of ten smaller"
# shown: "With tanh in their place it is 5 powers"

# %% [markdown]
# ## Going deeper: what leaps without clipping
#
# We made the first step of the ReLU network with one kind of weight at a time, and computed the next gradient.
# **Predict:** after a step of which weights is it largest?

# %%
predict = ex.moved_question.ask()

# %% tags=["reveal"]
ex.moved_question.check(predict)
claims.told("first_step")
moved = claims.results("first_step").groupby("moved", sort=False)[["times_the_first", "largest_state"]].median()
show_table(moved, "The second gradient, as a multiple of the first, and the largest state: medians of ten seeds")

# %% [markdown] tags=["reveal"]
# The biases alone make the gradient 40 times as long or more, and in nine of ten seeds 100 times.
# The first gradient of a bias is a sum over a hundred steps, and so is what a moved bias does: the states become large, and the error with them.
# $W_{hh}$ alone changes little; after the biases have moved, it makes the leap 3 times as large or more.
#
# Is it the identity that keeps them?
# Begin with 0.95 in place of its ones: then the second gradient is shorter than the first, in all of five seeds.
# So a gradient can leap without a factor above 1, where the factor is exactly 1.

# %% tags=["evidence"]
parts = claims.results("first_step").pivot(index="seed", columns="moved", values="times_the_first")
states = claims.results("first_step").pivot(index="seed", columns="moved", values="largest_state")
assert len(parts) == 10
assert parts.drop(columns=["all weights", "all but W_hh"]).idxmax(axis=1).eq("the biases alone").all()
assert (parts["the biases alone"] > 40).all()
assert (parts["the biases alone"] > 100).sum() == 9
assert (states["the biases alone"] > 10 * states["W_hh alone"]).all()
assert (states["the biases alone"] / states["the input weights alone"]).between(5, 9).all()
assert parts["W_hh alone"].between(0.9, 1.9).all()
assert (parts["all weights"] > 3 * parts["all but W_hh"]).all()
assert (parts["all but W_hh"] > 50).all()
from course_utils.experiments.gradients.first_step import _gradient_norm

for seed in range(5):
    for scale in (1.0, 0.95):
        model, batches = started("ReLU, identity (IRNN)", 32, seed), Adding(100).batches(32, seed)
        with torch.no_grad():
            model.core.weight_hh_l0.mul_(scale)
        first = _gradient_norm(model, Adding(100), next(batches))
        with torch.no_grad():
            for weight in model.parameters():
                weight -= 0.005 * weight.grad
        second = _gradient_norm(model, Adding(100), next(batches))
        assert second > 100 * first if scale == 1 else second < first
# shown: "then the second gradient is shorter than the first"
# defined: "with one kind of weight at a time"
# shown: "The biases alone make the gradient 40 times"
# shown: "is a sum over a hundred steps"
# shown: "alone changes little; after the biases have moved"
# shown: "a gradient can leap without a factor above 1, where"
# shown: "The second gradient, as a multiple of the first"
# shown: "alone lengthens the gradient by less than a factor of 2"
# shown: "Alone they change little: the input weights"
# shown: "Each bias is added at every step"
# shown: "its weight makes half the step of a bias"

# %% [markdown]
# ## Going deeper: two ways to clip
#
# *By norm*: multiply the whole gradient by one number, so that its length is the limit.
# *By value*: cut each entry to ± the limit.
# The gradient (30, 40) has the norm 50.
# Clipped by value at 5 it becomes (5, 5).
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

# %% [markdown] tags=["reveal"]
# By value, large entries are cut.
# But the entries are sums over all lags, and cutting the sum does not bring back a part that has vanished.
#
# Which way is safer?
# In the experiment of box C09 neither leaps in ten runs, by norm with a limit of 1, by value with 0.1; by value its error ends above chance.
# But that compares two limits: cut at 0.1, 1,185 entries can still have a norm of 3.44.
# With a limit of 3.44 clipping by norm leaps in all five runs, and in nine of ten others.
# By value at 0.003 none leaps, and four of five errors end near chance.
# So the size of the limit decides here, more than the way.

# %% tags=["evidence"]
assert gradient.norm() == 50
assert by_value.tolist() == [5, 5]
assert round(turned, 1) == 8.1
clips = claims.results("clipping")
wild = clips[clips.case == "explodes"]
assert (wild[wild.clipping != "none"].exploded == 0).all()
assert (wild[wild.clipping == "none"].exploded == 1).all()
errors = {name: part.error for name, part in wild.groupby("clipping")}
assert errors["by norm"].between(0.15, 0.19).all()
assert (errors["by value"] > 0.18).all()
others = claims.results("other_limits").groupby("clipping")
assert len(others.get_group("tight, by value")) == 5
assert others.exploded.mean()["loose, by norm"] == 1
again = claims.results("other_limits_again").groupby("clipping")["exploded"].agg(["sum", "size"])
assert again.loc["loose, by norm"].tolist() == [9, 10]
assert others.exploded.mean()["tight, by value"] == 0
assert others.get_group("tight, by value").error.between(0.15, 0.19).sum() == 4
assert sum(weight.numel() for weight in started("ReLU, identity (IRNN)", 32, 0).parameters()) == 1185
assert round(0.1 * 1185**0.5, 2) == 3.44
# shown: "The gradient (30, 40) has the norm 50"
# shown: "Clipped by value at 5"
# shown: "neither leaps in ten runs"
# shown: "1,185 entries can still have"
# shown: "With a limit of 3.44 clipping by norm leaps"
# shown: "By value at 0.003 none leaps"
# shown: "the size of the limit decides here"
# defined: "But the entries are sums over all lags"
# defined: "multiply the whole gradient by one number"
# shown: "By norm it would be 0"
# shown: "By value, (30, 40) becomes (5, 5)"
# shown: "45° is the direction of (5, 5)"
# shown: "We want the angle between it and (30, 40)"
# shown: "That is the angle in radians"
# shown: "We want it in degrees"
# shown: "53.1° is the direction of (30, 40)"
# shown: "We want the angle between it and (5, 5)"
# shown: "(5, 5) points to 45°"

# %% [markdown]
# ## Going deeper: better first weights
#
# An **orthogonal** matrix turns or mirrors vectors without stretching them: all its singular values are 1.
# The **identity** is the simplest of them.
# And a random matrix can be scaled until its spectral radius is 1.
#
# ### Your turn: scale to a spectral radius · 4 minutes
#
# Multiplying a matrix by a number multiplies its eigenvalues, too; `torch.linalg.eigvals` gives them.


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
# Now three matrices in the *same* untrained network: torch's own input weights, no biases.
# Once with inputs so small that tanh is hardly bent, once with those of the adding problem.
# **Predict:**

# %%
predict = ex.identity_question.ask()

# %% tags=["reveal"]
ex.identity_question.check(predict)
kept = claims.results("first_matrices")
summary = kept.groupby(["inputs", "matrix"], sort=False).log10_left.agg(["mean", "min", "max"]).reset_index()
show_table(summary, "Left of the gradient after 100 steps, as a power of ten (20 seeds): mean, least and most")

# %% [markdown] tags=["reveal"]
# With small inputs the matrix decides alone: the orthogonal one and the identity lose nothing.
# With the random one half of the gradient is left in the geometric mean.
# In 5 of 20 networks it even grows, which a largest singular value above 1 allows.
#
# With real inputs tanh is bent, and takes more than the choice between the three matrices does.
# In the geometric mean about a thirtieth is left with the orthogonal one, a fortieth with the identity, and a hundredth with the random one.
# Which of the three keeps most differs from seed to seed: these twenty do not tell them apart.

# %% tags=["evidence"]
wide = kept.pivot_table(index=["inputs", "seed"], columns="matrix", values="log10_left")
small, full = wide.loc["small"], wide.loc["full"]
assert (small[["orthogonal", "identity"]].abs() < 0.001).all().all()
assert 0.4 < 10 ** small["random"].mean() < 0.6
assert (small["random"] > 0).sum() == 5
assert len(full) == 20
means = 10 ** full.mean()
assert 1 / 30 < means["orthogonal"] < 1 / 24
assert 1 / 44 < means["identity"] < 1 / 36
assert 1 / 110 < means["random"] < 1 / 70
assert full.idxmax(axis=1).nunique() == 3
for a, b in (("orthogonal", "identity"), ("orthogonal", "random"), ("identity", "random")):
    gap = full[a] - full[b]
    assert abs(gap.mean()) < 2.1 * gap.std() / 20**0.5
# shown: "all its singular values are 1"
# shown: "And a random matrix can be scaled"
# defined: "The identity is the simplest of them"
# shown: "the orthogonal one and the identity lose nothing"
# shown: "half of the gradient is left in the geometric mean"
# shown: "which a largest singular value above 1 allows"
# shown: "takes more than the choice between"
# shown: "In the geometric mean about a thirtieth is left"
# shown: "these twenty do not tell them apart"
# shown: "Left of the gradient after 100 steps"
# defined: "Once with inputs so small"
# shown: "Its largest |eigenvalue| is 1"
# shown: "So does every orthogonal matrix"
# shown: "its other eigenvalues are smaller than 1"
# shown: "Both stretch every vector by exactly 1"

# %% [markdown]
# ## Going further
#
# `claims.rerun("C08")` asks the rule about eigenvalues again, on new matrices.
#
# **References.**
# R. Pascanu, T. Mikolov and Y. Bengio, *On the difficulty of training recurrent neural networks*, ICML 2013, [arXiv:1211.5063](https://arxiv.org/abs/1211.5063).
# S. Hochreiter and J. Schmidhuber, *Long short-term memory*, Neural Computation 9, 1997, [doi:10.1162/neco.1997.9.8.1735](https://doi.org/10.1162/neco.1997.9.8.1735).
# Y. Bengio, P. Simard and P. Frasconi, *Learning long-term dependencies with gradient descent is difficult*, IEEE Transactions on Neural Networks 5, 1994, [doi:10.1109/72.279181](https://doi.org/10.1109/72.279181).
# Q. V. Le, N. Jaitly and G. E. Hinton, *A simple way to initialize recurrent networks of rectified linear units*, 2015, [arXiv:1504.00941](https://arxiv.org/abs/1504.00941).

# %% tags=["timing"]
course_utils.finish()
