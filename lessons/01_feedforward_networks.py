# %% [markdown]
# # 01 · Feedforward networks
#
# **100 minutes with its exercises, less than a minute to run.**
# Builds on lesson 00, and on what a matrix product and a derivative are.
#
# You will be able to
#
# - judge a score by its chance line, by a simple rule, and on rows that have had no part in the training;
# - write a neuron, a layer and a loss, and compute a gradient by hand that equals torch's;
# - train a network, first in a loop of your own, and see it learn its examples by heart;
# - compare networks with other ways to learn, in accuracy and in seconds.

# %% tags=["setup", "timing"]
import course_utils

course_utils.start("01_feedforward_networks")

# %% [markdown]
# ## Two breeds
#
# German Shepherd or Labrador Retriever?
# Texts about neural networks like to begin with two breeds of dogs.
# So do we, without pictures at first: somebody has only measured and weighed the dogs.
#
# (Claims such as "neural networks are more accurate and faster" come from a popular article on RNN and LSTM, The IoT Academy 2023, and many like it.
# Boxes in the lessons say what such an article says, and what we measured.)
#
# These dogs are **simulated**.
# For both breeds there are published standards, which say how tall and how heavy a male or a female should be.
# Our dogs are drawn at random around these numbers.
# So we know the recipe they come from, which of real dogs nobody knows.
# That will be useful.

# %%
from course_utils.data.dogs import dog_breeds
from course_utils.display.tables import show_table

dogs = dog_breeds(1000, seed=0)
show_table(dogs.groupby(["breed", "sex"]).head(1).round(1), "Four of a thousand dogs")

# %%
from course_utils.figures.style import new_figure, show

fig, ax = new_figure(6.5, 4.2)
for breed, marker, colour in (("German Shepherd", "o", "#0072B2"), ("Labrador Retriever", "^", "#D55E00")):
    some = dogs[dogs.breed == breed]
    ax.scatter(some.height_cm, some.weight_kg, s=14, marker=marker, color=colour, alpha=0.5, label=breed)
ax.legend()
ax.set(title="Two clouds that overlap, each with a part for either sex", xlabel="height (cm)", ylabel="weight (kg)")
show(fig, alt="Two clouds of points that overlap: shepherds, mostly taller for their weight, and labradors.")

# %% [markdown]
# **Predict:** the two clouds overlap, so no rule can be right for all dogs.
# From height and weight alone, what share of all dogs can the *best possible* rule name rightly?

# %%
my_guess = ...  # between 0 and 1

# %% [markdown]
# We keep your guess for later.
# Before any network come two things that every honest experiment needs.
#
# **A split.**
# Who learns the answers by heart is right on every dog it has seen.
# So we put dogs aside.
# On the **training** dogs the network learns.
# By the **validation** dogs we choose (how long to train, how large a network); what was chosen by them, looks better on them than it is.
# So there are **test** dogs, which have a part in neither.
# We look at them once, when everything is chosen.

# %% tags=["nbval-check-output"]
import torch

from course_utils.data.tables import split

y = torch.tensor((dogs.breed == "Labrador Retriever").to_numpy(), dtype=torch.int64)  # 0 shepherd, 1 labrador
rows = torch.tensor(dogs[["height_cm", "weight_kg"]].to_numpy(), dtype=torch.float32)
train, valid, test = (torch.as_tensor(part) for part in split(y.numpy(), seed=0))
print(f"{len(train)} dogs to train on, {len(valid)} to validate, {len(test)} to test")

# %% [markdown]
# (`torch` brings **tensors**: arrays much like numpy's, with which torch can also compute derivatives.)
#
# **A chance line.**
# What does a rule reach that looks at no dog at all?
#
# ### Your turn · 3 minutes
#
# The best such rule always names the class that is most frequent.
# How often is it right?
# (Not every table has as many of one class as of the other.)

# %%
from course_utils.exercises import lesson_01 as ex


def my_chance_accuracy(labels):
    """Accuracy of always naming the most frequent class. labels: (N,) tensor of whole numbers. Returns a number."""
    ...


ex.chance_accuracy.check(my_chance_accuracy)
# ex.chance_accuracy.hint()
# ex.chance_accuracy.hint(2)
# ex.chance_accuracy.hint(3)
# ex.chance_accuracy.solution()

# %% [markdown]
# And a rule that a child could use: *a tall dog is a shepherd*.
# Where is "tall"?
# We try every height on the training dogs, and look at the best one on the validation dogs.


# %%
def named_rightly(height, part):
    """The share of dogs for which "below this height: a labrador" is right."""
    return ((rows[part, 0] < height).long() == y[part]).double().mean().item()


best = max((h / 10 for h in range(500, 700)), key=lambda h: named_rightly(h, train))
print(f"always the same breed: {(y[valid] == 0).double().mean():.3f} of the validation dogs")
print(f"a labrador below {best:.1f} cm: {named_rightly(best, valid):.3f}")

# %% [markdown]
# One number that beats both is what a network has to show.

# %% [markdown]
# ## One neuron
#
# Height is in centimetres, weight in kilograms.
# A network should not care about units, and it learns faster if all its inputs have about the same size.
# So we count each column from its mean, in units of its standard deviation (`.std(dim=0)`, as torch computes it, with N − 1).
#
# ### Your turn · 4 minutes
#
# Write it for any rows, those that judge included.
# Whose mean, whose standard deviation?


# %%
def my_standardised(train, rows):
    """rows: (M, D), put on the scale of train: (N, D). Returns (M, D)."""
    ...


ex.standardised.check(my_standardised)
# ex.standardised.hint()
# ex.standardised.hint(2)
# ex.standardised.hint(3)
# ex.standardised.solution()

# %% [markdown]
# The test dogs must not even help to find the mean.
# It would matter little here.
# It matters a lot where such leaks add up; the habit costs nothing.

# %%
from course_utils.data.scaling import standardised

x = standardised(rows[train], rows)
print("training dogs: mean", x[train].mean(dim=0).round(decimals=2).tolist(), "spread", x[train].std(dim=0).tolist())

# %% [markdown]
# A **neuron** multiplies each of its inputs by a number, its **weight**, sums up, and adds one more number, its **bias**:
#
# $$z = w_1 x_1 + w_2 x_2 + b$$
#
# ### Your turn · 3 minutes
#
# Write it for B dogs at once, one a row, D numbers each.


# %%
def my_neuron(x, w, b):
    """x: (B, D), w: (D,), b: a number. Returns (B,)."""
    ...


ex.neuron.check(my_neuron)
# ex.neuron.hint()
# ex.neuron.hint(2)
# ex.neuron.hint(3)
# ex.neuron.solution()

# %% [markdown]
# A neuron that says "labrador" where $z > 0$ draws a **straight line** through the plane: $w_1 x_1 + w_2 x_2 + b = 0$.
# The weights give its direction, the bias moves it.
#
# ## A layer, and a bend
#
# Several neurons side by side, on the same inputs, are a **layer**.
# Their weights are the rows of a matrix W. (With two neurons there can be a score for each breed, the larger one wins; with ten, for each of ten classes.
# We shall do it so from here on.)
#
# ### Your turn · 4 minutes


# %%
def my_layer(x, W, b):
    """x: (B, D), W: (H, D), one row for each of H neurons, b: (H,). Returns (B, H)."""
    ...


ex.layer.check(my_layer)
# ex.layer.hint()
# ex.layer.hint(2)
# ex.layer.hint(3)
# ex.layer.solution()

# %% [markdown]
# The next layer takes these H numbers as its inputs.
# Let us put a layer of 16 and a layer of 2 one after the other: a score for each breed, and the larger one is the answer.
# **Before you go on:**

# %%
predict = ex.two_layers.ask()

# %% tags=["reveal"]
from course_utils.nn.feedforward import layer, relu

ex.two_layers.check(predict)
generator = torch.Generator().manual_seed(0)
W1, b1 = torch.randn(16, 2, generator=generator), torch.randn(16, generator=generator)
W2, b2 = torch.randn(2, 16, generator=generator), torch.randn(2, generator=generator)
two = layer(layer(x, W1, b1), W2, b2)
one = layer(x, W2 @ W1, W2 @ b1 + b2)
print(torch.allclose(two, one, atol=1e-4))
bent = layer(relu(layer(x, W1, b1)), W2, b2)
print("and with a bend between the two:", torch.allclose(bent, one, atol=1e-4))

# %% [markdown]
# Without a bend, two layers are one, a layer with other weights:
#
# $$W_2 (W_1 x + b_1) + b_2 = (W_2 W_1)\, x + (W_2 b_1 + b_2)$$
#
# So between two layers stands a bend, the **activation**: most often $\text{relu}(z) = \max(0, z)$, which leaves positive numbers alone and turns negative ones to 0.
# Each of the 16 neurons is 0 on one side of its line and rises on the other; the second layer adds these folded planes up, and the border can follow the folds.
#
# That is a **multi-layer perceptron**, MLP for short: inputs, one or more **hidden** layers with a bend, an output layer without.
# Information goes in one direction, from the input to the output.
# So it is called a **feedforward** network.
#
# ### Your turn · 3 minutes
#
# How many numbers does it learn?
# For all layers' sizes in a list, the inputs first, such as `[2, 16, 2]`.


# %%
def my_parameter_count(sizes):
    """All weights and biases of an MLP with these sizes. Returns a whole number."""
    ...


ex.parameter_count.check(my_parameter_count)
# ex.parameter_count.hint()
# ex.parameter_count.hint(2)
# ex.parameter_count.hint(3)
# ex.parameter_count.solution()

# %% [markdown]
# ## How wrong is it?
#
# To train is to make wrong answers less wrong.
# "Wrong" has to be a number that changes smoothly with the weights.
# Accuracy does not: move a weight a little, and most often no answer changes.
#
# Two steps lead to such a number.
# First, **softmax** turns the scores (called **logits**) into probabilities: each becomes positive, and together they sum to 1.
#
# $$p_c = \frac{e^{s_c}}{\sum_k e^{s_k}}$$
#
# Then, for each dog, we look at the probability of its true breed and take $-\log p$ (the natural logarithm).
# Sure and right costs nearly nothing; unsure costs something; sure and wrong costs a lot.
# The mean over all dogs is the **cross-entropy**.
# It is the loss of this course wherever the answer is one of several.

# %%
from course_utils.nn.feedforward import softmax

scores = torch.tensor([[2.0, 0.0], [0.1, 0.0], [-4.0, 0.0]])  # three dogs; the first breed is right
p = softmax(scores)[:, 0]
right, other = scores.T
show_table(
    {"score of the right breed": right, "of the other": other, "probability of the right": p, "loss": -p.log()},
    "Sure, unsure, sure and wrong",
)

# %% [markdown]
# ### Your turn · 6 minutes
#
# `torch.log_softmax(logits, dim=-1)` gives the logarithms of the probabilities, and gets along with large scores.


# %%
def my_cross_entropy(logits, targets):
    """logits: (B, C) scores, targets: (B,) the right classes, whole numbers. Returns the mean loss, a scalar tensor."""
    ...


ex.cross_entropy.check(my_cross_entropy)
# ex.cross_entropy.hint()
# ex.cross_entropy.hint(2)
# ex.cross_entropy.hint(3)
# ex.cross_entropy.solution()

# %% [markdown]
# Before training begins, a network should know nothing.
# Suppose it has **ten** classes and gives each the same probability.
# What is its loss?
# (Lessons to come will ask this of every network.
# A first loss may be off by a tenth or so, since first weights are random; ten times as much is a mistake somewhere.)

# %%
my_first_loss = ...

ex.first_loss.check(my_first_loss)

# %% [markdown]
# ## Downhill
#
# The loss depends on every weight.
# For each of them the **derivative** tells how the loss changes if the weight grows a little.
# All derivatives together are the **gradient**.
# To train is to move every weight a small way *against* its derivative, again and again: **gradient descent**.
#
# Where do the derivatives come from?
# From the chain rule, applied from the end of the network to its start: **backpropagation**.
# You will do it once by hand.
# Three short pieces are all there is.
#
# ### Your turn · 6 minutes · the loss
#
# How does the loss change with the scores?
# For one dog with the right class $r$ the loss is
#
# $$-\log p_r = -s_r + \log \sum_k e^{s_k}$$
#
# Take the derivative of both terms with respect to a score $s_c$ (the second one gives something you know).
# The loss of B dogs is the mean.


# %%
def my_cross_entropy_gradient(logits, targets):
    """Gradient of the mean cross-entropy with respect to the logits (B, C). Returns (B, C)."""
    ...


ex.cross_entropy_gradient.check(my_cross_entropy_gradient)
# ex.cross_entropy_gradient.hint()
# ex.cross_entropy_gradient.hint(2)
# ex.cross_entropy_gradient.hint(3)
# ex.cross_entropy_gradient.solution()

# %% [markdown]
# *What the network says, less what is true.*
# Nothing more.
# We call such a gradient with respect to a layer's outputs **delta**.
#
# ### Your turn · 5 minutes · the weights
#
# A layer computes $z_i = \sum_j W_{ij} x_j + b_i$.
# Given delta, the gradient with respect to its outputs $z$: what is the gradient with respect to W?
# (That of the biases is easier: each $b_i$ is simply added, so its gradient is the sum of $\delta_i$ over the batch.)


# %%
def my_weight_gradient(x, delta):
    """x: (B, D) the layer's inputs, delta: (B, H). Returns the gradient of W: (H, D)."""
    ...


ex.weight_gradient.check(my_weight_gradient)
# ex.weight_gradient.hint()
# ex.weight_gradient.hint(2)
# ex.weight_gradient.hint(3)
# ex.weight_gradient.solution()

# %% [markdown]
# ### Your turn · 5 minutes · one layer back
#
# The last piece carries delta back: through the second layer, and through the relu in front of it.
# A hidden unit $h_j$ is heard by every output $k$, with the weight $W_{kj}$:
#
# $$\frac{\partial\,\text{loss}}{\partial h_j} = \sum_k \delta_k W_{kj} \qquad h_j = \text{relu}(\text{before}_j)$$


# %%
def my_through_relu(delta, W, before):
    """delta: (B, K) at the layer's outputs, W: (K, H), before: (B, H) what went into the relu. Returns (B, H)."""
    ...


ex.through_relu.check(my_through_relu)
# ex.through_relu.hint()
# ex.through_relu.hint(2)
# ex.through_relu.hint(3)
# ex.through_relu.solution()

# %% [markdown]
# Put together, your three pieces (or ours, where yours have not passed) are the gradient of the whole network. torch does the same by itself: `loss.backward()` fills in `.grad` for every weight.

# %% tags=["nbval-check-output"]
loss_gradient, of_weights, back = ex.cross_entropy_gradient.mine(), ex.weight_gradient.mine(), ex.through_relu.mine()
weights = [w.double().requires_grad_() for w in (W1, b1, W2, b2)]
dog, breed = x[train].double(), y[train]
before = layer(dog, weights[0], weights[1])
logits = layer(relu(before), weights[2], weights[3])
torch.nn.functional.cross_entropy(logits, breed).backward()

with torch.no_grad():
    delta_2 = loss_gradient(logits, breed)
    delta_1 = back(delta_2, weights[2], before)
    by_hand = [of_weights(dog, delta_1), delta_1.sum(0), of_weights(relu(before), delta_2), delta_2.sum(0)]
print("equal to torch's:", all(torch.allclose(g, w.grad, atol=1e-12) for g, w in zip(by_hand, weights)))

# %% [markdown]
# Every network of this course is trained this way, however it looks inside.
# From here on torch computes the gradients.

# %% [markdown]
# ## The loop
#
# Now train.
# Written out once, there is little to it.
# A step needs a direction, and not a perfect one: 32 dogs give a good guess of what all 600 would say, for a twentieth of the work.
# So the dogs are shuffled and cut into **batches** of 32.
# One batch, one step.
# Once through all dogs is an **epoch**.

# %%
from course_utils.nn.feedforward import MLP


def trained_by_hand(sizes, epochs=20, learning_rate=0.1):
    """An MLP, trained on the training dogs. (Width, epochs and rate were chosen on the validation dogs.)"""
    model = MLP(sizes, generator=torch.Generator().manual_seed(0))  # its layers are yours, its first weights random
    shuffling = torch.Generator().manual_seed(0)
    for _ in range(epochs):
        for batch in train[torch.randperm(len(train), generator=shuffling)].split(32):
            loss = torch.nn.functional.cross_entropy(model(x[batch]), y[batch])
            loss.backward()  # the derivative of every weight
            with torch.no_grad():
                for w in model.parameters():
                    w -= learning_rate * w.grad  # a small way against it
                    w.grad = None  # backward adds to what is there
    return model


# %%
model, line = trained_by_hand((2, 16, 2)), trained_by_hand((2, 2))  # with a hidden layer, and without
with torch.no_grad():
    for epochs, one in ((0, trained_by_hand((2, 16, 2), epochs=0)), (20, model)):
        loss = torch.nn.functional.cross_entropy(one(x[train]), y[train])
        print(f"after {epochs:2} epochs: loss over all training dogs {loss:.3f}", end=", ")
        print(f"validation dogs named rightly {(one(x[valid]).argmax(-1) == y[valid]).double().mean():.3f}")

# %% [markdown]
# (The generator's `seed` fixes the first weights and the shuffling, so that you get what we got.)
# Now everything is chosen, and the test dogs may come; and, since dogs can be made here, 100,000 others as well.
# With them comes the answer to your guess.
# We know the recipe.
# So for each height and weight we can compute how many shepherds and how many labradors there are, and always name the more frequent one: **Bayes' rule**.
# In the long run nobody can beat it.

# %%
from course_utils.data.dogs import best_accuracy

others = dog_breeds(100_000, seed=1)
columns = ["height_cm", "weight_kg"]
places = standardised(rows[train], torch.tensor(others[columns].to_numpy(), dtype=torch.float32))
truth = torch.tensor((others.breed == "Labrador Retriever").to_numpy(), dtype=torch.int64)


def share_right(network, inputs, targets):
    """The share of dogs that a network names rightly."""
    with torch.no_grad():
        return (network(inputs).argmax(-1) == targets).double().mean().item()


# %% tags=["reveal"]
table = [
    {"who": "always the same breed", "200 test dogs": (y[test] == 0).double().mean().item(), "100,000 others": 0.5},
    {"who": "below a height: a labrador", "200 test dogs": named_rightly(best, test)},
    {"who": "one layer: a straight border", "200 test dogs": share_right(line, x[test], y[test])},
    {"who": "the network", "200 test dogs": share_right(model, x[test], y[test])},
    {"who": "Bayes' rule", "200 test dogs": best_accuracy(dogs.iloc[test.numpy()], columns)},
]
below = torch.tensor((others.height_cm < best).to_numpy()).long()
for row, one in zip(table[2:], (line, model, None)):
    row["100,000 others"] = share_right(one, places, truth) if one else best_accuracy(others, columns)
table[1]["100,000 others"] = (below == truth).double().mean().item()
show_table(table, "The share of dogs named rightly")
ex.ceiling.check(my_guess, round(table[4]["100,000 others"], 3))

# %% tags=["reveal"]
from course_utils.figures import contests

part = dogs.iloc[test.numpy()]
mean, spread = rows[train].mean(dim=0), rows[train].std(dim=0)


def predict_breed(plane):
    """plane: (N, 2), height and weight. Returns the names of the breeds."""
    with torch.no_grad():
        said = model((torch.as_tensor(plane, dtype=torch.float32) - mean) / spread).argmax(-1)
    return [["German Shepherd", "Labrador Retriever"][c] for c in said]


contests.boundary(part, predict_breed, ("height_cm", "weight_kg"), "The network's border, and the test dogs")

# %% [markdown]
# On 200 dogs a share is uncertain: drawn again and again, 200 dogs at 0.79 would scatter with a standard deviation of $\sqrt{0.79 \cdot 0.21 / 200} \approx 0.03$ (the **standard error**).
# So the network, or Bayes' rule, may look better there than it is.
# On 100,000 dogs the network is within a hundredth of Bayes' rule: with *these two numbers* there is next to nothing left to gain, whatever the network.
# *Other measurements* might help: that is what a ceiling tells you.
# And the bend was needed: shepherds of both sexes lie on two sides of the labradors.

# %% [markdown]
# ## Few dogs, many weights
#
# From here on `fit` runs the loop: it takes batches from a function or a list, shows progress, validates, and keeps the weights that did best on the validation dogs.
# And it uses **Adam**, which finds a step size for each weight.
#
# What if there are few dogs and many weights?
# Twenty training dogs, two hidden layers of 64.
# **Predict** before you look: what does the loss do on the training dogs, and what on the validation dogs?

# %%
my_prediction = "training: …, validation: …"

# %% tags=["reveal"]
from course_utils.figures.curves import learning_curves
from course_utils.training import fit, supervised

cross_entropy = supervised(torch.nn.CrossEntropyLoss())
few = train[:20]
big = MLP((2, 64, 64, 2), generator=torch.Generator().manual_seed(0))
held_out = [(x[valid], y[valid])]
history = fit(big, [(x[few], y[few])], cross_entropy, steps=400, lr=0.01, valid=held_out, eval_every=4, progress=False)
learning_curves(
    history,
    baselines={"knows nothing: log 2": 0.693},
    title="Twenty training dogs, two hidden layers of 64",
)

# %% tags=["reveal"]
last = MLP((2, 64, 64, 2), generator=torch.Generator().manual_seed(0))
fit(last, [(x[few], y[few])], cross_entropy, steps=400, lr=0.01, progress=False)  # the same, to its end
for name, network in (("best on validation", big), ("at the end", last)):
    with torch.no_grad():
        loss = torch.nn.functional.cross_entropy(network(places), truth)
    seen, new = share_right(network, x[few], y[few]), share_right(network, places, truth)
    print(f"{name:18}  its 20 dogs {seen:.2f}   100,000 others {new:.3f}, loss {loss:.2f}")

# %% [markdown]
# This is **over-fitting**: the network learns its examples by heart, and what it learns no longer holds for others.
# At the end it is sure of itself on dogs it gets wrong; so its loss on other dogs is above log 2, what a network pays that knows nothing.
# Validation shows it (the circle in the figure is its lowest point, whose weights `fit` kept), and stopping there prevents the worst.
# So would more dogs.

# ### Your turn · 1 minute

# %%
ask = ex.fair_score.ask()

# %%
ex.fair_score.check(ask)

# %% [markdown]
# ### Play with it: draw borders
#
# This network is trained in your browser, on dogs like ours.
#
# 1. Activation *none*: add layers and units.
#    What does the border look like, whatever you do?
# 2. *relu*, one hidden layer, width 1, 2, 3, 4: from which width on does the border bend?
# 3. Ten training dogs, three layers of 32: train until every training dog is right.
#    What became of the test dogs?

# %%
from course_utils.widgets.boundary_explorer import boundary_explorer

boundary_explorer()

# %% [markdown]
# What you may have seen: without an activation the border stays straight.
# With relu and one unit it is straight as well: it runs along the only fold.
# From two units on it can bend where a fold crosses it.
# And ten dogs are soon all right, while the others are named no better, and the test loss climbs.

# %% [markdown]
# ## A number instead of a name
#
# The same network can answer with a number: one output, no softmax, and the **mean squared error** as its loss.
# The table is real: 442 people with diabetes; ten measurements each, and how far the disease had progressed a year later.

# %%
from course_utils.data.tables import diabetes

inputs, progress = (torch.as_tensor(part, dtype=torch.float32) for part in diabetes())


def network_error(learn, choose, judge):
    """Train an MLP with one output; its root mean squared error on other people."""
    people = standardised(inputs[learn], inputs)
    centre, unit = progress[learn].mean(), progress[learn].std()
    goal = ((progress - centre) / unit)[:, None]  # counted from its mean, as the inputs are
    net = MLP((10, 16, 1), generator=torch.Generator().manual_seed(0))
    batches, held_out = [(people[b], goal[b]) for b in learn.split(32)], [(people[choose], goal[choose])]
    fit(net, batches, supervised(torch.nn.MSELoss()), epochs=60, lr=0.003, valid=held_out, progress=False)
    with torch.no_grad():
        said = net(people[judge])[:, 0] * unit + centre
    return (said - progress[judge]).square().mean().sqrt().item()


# %% [markdown]
# Its opponents need no validation rows here, and learn from these as well.
# Five splits:

# %%
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KNeighborsRegressor

methods = [LinearRegression(), KNeighborsRegressor(10), HistGradientBoostingRegressor(random_state=0)]
errors = {"always the mean": [], "network": []} | {type(one).__name__: [] for one in methods}
for seed in range(5):
    learn, choose, judge = (torch.as_tensor(part) for part in split(len(inputs), seed=seed))
    errors["network"].append(network_error(learn, choose, judge))
    seen = torch.cat([learn, choose])
    scaled, goal = standardised(inputs[seen], inputs), progress[judge]
    errors["always the mean"].append((goal - progress[seen].mean()).square().mean().sqrt().item())
    for one in methods:
        said = torch.as_tensor(one.fit(scaled[seen], progress[seen]).predict(scaled[judge]))
        errors[type(one).__name__].append((said - goal).square().mean().sqrt().item())

# %% tags=["reveal"]
low_high = {who: {"lowest": min(e), "mean": sum(e) / 5, "highest": max(e)} for who, e in errors.items()}
show_table(
    [{"who": who, **numbers} for who, numbers in low_high.items()],
    "Root mean squared error on people kept aside, five splits",
    formats=dict.fromkeys(("lowest", "mean", "highest"), ".1f"),
)

# %% [markdown]
# All of them are better than always saying the mean.
# The methods share the splits, so they may be compared split by split (`errors` has all numbers): against least squares, Legendre's method of 1805, the network is ahead in some splits and behind in others.
# A network is no better here than one weighted sum.

# %% [markdown]
# ## A contest
#
# You may read that neural networks are more accurate *and* faster than other ways to learn.
# Let us hold one.
# The opponents, in a sentence each:
#
# - **logistic regression**: one layer, no bend;
# - **nearest neighbours** (k-NN): look up the most similar training rows, and let them vote;
# - **random forest**: many trees of yes-no questions, each grown on other rows, vote;
# - **gradient boosting**: trees again, each new one mends the errors of those before.
#
# One row live, a table of breast tumours. scikit-learn's methods come with their usual settings, the network with one hidden layer of 32 units, stopped by rows that it keeps aside itself:

# %%
from time import process_time

from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from course_utils.data.tables import tables
from course_utils.models.tables import TableClassifier

print(", ".join(f"{t.name} ({len(t.labels)} × {t.inputs.shape[1]})" for t in tables().values()))

# %% tags=["timing"]
table = tables()["breast_cancer"]
learn, _, judge = split(table.labels, seed=0)
opponents = {
    "network": TableClassifier(seed=0),
    "logistic regression": make_pipeline(StandardScaler(), LogisticRegression()),
    "k-NN": make_pipeline(StandardScaler(), KNeighborsClassifier()),
    "random forest": RandomForestClassifier(random_state=0),
    "gradient boosting": HistGradientBoostingClassifier(random_state=0),
}
for name, one in opponents.items():
    began = process_time()
    one.fit(table.inputs[learn], table.labels[learn])
    took = process_time() - began
    print(f"{name:20} {one.score(table.inputs[judge], table.labels[judge]):.3f}  {took:6.2f} CPU seconds")

# %% [markdown]
# One split says little.
# So: six small tables and two sets of digits, ten splits each.
# Every method may try four settings, and takes the one that does best on validation rows.
# From the ten differences between the network and the best other method come a mean and a **95 % interval**: how far other splits could have moved that mean.
#
# **Predict:** on how many of the eight is the network *clearly* ahead, so that even the lower end of the interval is above a hundredth?

# %%
my_wins = ...

# %% tags=["reveal"]
from course_utils import claims
from course_utils.claims.verdicts import estimate

contest = claims.results("contest")
wide = contest.pivot_table(index=["data", "seed"], columns="method", values="accuracy", sort=False)
rows = []
for data, one in wide.groupby(level="data", sort=False):
    gap = estimate(list(one["network"] - one["best other"]), 0.95)
    means = {name: one[name].mean() for name in ("network", "best other")}
    rows.append({"data": data, **means, "difference": gap.mean, "from": gap.low, "to": gap.high})
formats = {"network": ".3f", "best other": ".3f"} | dict.fromkeys(("difference", "from", "to"), "+.3f")
show_table(rows, "Accuracy on test rows, means of ten splits; the difference with its 95 % interval", formats=formats)
ex.network_ahead.check(my_wins, sum(row["from"] > 0.01 for row in rows))

# %% [markdown]
# (*Best other* is the method that did best on the validation rows of that split; choosing it by the test rows would flatter it.)
# And with their seconds, each method by itself:

# %% tags=["reveal"]
contests.accuracy_and_seconds(contest, "Accuracies mostly close together, seconds far apart")

# %% tags=["reveal"]
log_times = contest.pivot_table(index=["data", "seed"], columns="method", values="log10_seconds")
times = 10 ** (log_times["network"] - log_times["best other"]).groupby(level="data").mean()
print("training of the network, in trainings of the best other method:")
print(", ".join(f"{data} {ratio:,.0f}" for data, ratio in times.items()))

# %% [markdown]
# On these tables and digits the network is about as accurate as the best other method, or behind it (cars, digits 8 × 8), and takes longer to train than the method chosen, though not than every other.
# (That is hard on it where the best other method is k-NN: this one only stores its rows, and pays when it is asked.)
# All of these are small data.
# On larger pictures things change; see lesson 02.

# %%
claims.box("C01")

# %% [markdown]
# ## More examples
#
# You may also read that networks learn from *massive* amounts of data.
# What do they gain from more examples, and what do the others?
# Digits, 28 × 28 pixels each; from 50 training examples to 3,200.
# With them a **CNN**, a network made for pictures (lesson 02).
# Each method's settings were chosen beforehand, on other random draws of the digits.

# %% tags=["reveal"]
sizes = claims.results("learning_curves")
contests.over_size(sizes, "Everyone gains from more examples", chance=0.1)

# %% [markdown]
# Every method gains from more examples.
# The convolutional network is ahead at every size here, the smallest included: what it knows about pictures (lesson 02) replaces examples.
# With 100 examples the plain network is level with the best of the others; with 3,200 it is ahead of them by a hundredth or two.
# And 3,200 is far from *massive*: what happens with millions, this course cannot measure.

# %%
claims.box("C29")

# %% [markdown]
# ## Ten shepherds, and one dog more
#
# One question more about the dogs.
# **Predict:**

# %%
predict = ex.memory_of_dogs.ask()

# %% tags=["reveal"]
ex.memory_of_dogs.check(predict)
shepherds, between = x[train][y[train] == 0][:10], x[test][:1]
with torch.no_grad():
    alone = model(between)
    for shepherd in shepherds:
        model(shepherd[None])
    after, beside = model(between), model(torch.cat([shepherds, between]))[-1:]
print("scores alone:", alone.tolist(), " after ten shepherds:", after.tolist(), " beside them:", beside.tolist())

# %% [markdown]
# A feedforward network has no place where an earlier input could be kept.
# For dogs that is right: the next dog has nothing to do with the last.
# For words, notes and sunspots it is not, and that is what lessons 05 to 19 are about.

# %%
claims.box("C02")

# %% [markdown]
# ## A map
#
# Networks differ in what is joined to what.
# Four kinds carry this course:
#
# - **Feedforward** (MLP): every unit sees all units of the layer before.
#   For rows of a table.
#   This lesson.
# - **Convolutional** (CNN): a unit sees a small patch, and all patches share their weights.
#   For pictures.
#   Lessons 02 and 03.
# - **Deep belief** (DBN): its layers learn, one after the other and without labels, which inputs are likely.
#   For tables and pictures; a chapter of history.
#   Lesson 04.
# - **Recurrent** (RNN, GRU, LSTM): a state goes along from step to step, and all steps share their weights.
#   For sequences.
#   Lessons 05 to 19.
#
# The loss, the gradient, the loop, the split and the chance line are the same for all.

# %% [markdown]
# ## Your own table
#
# The network of the contest takes any table: a CSV file with a header, one column to be named, no gaps.
# Here we write one ourselves; put your own path in its place.

# %%
import tempfile
from pathlib import Path

from course_utils.data.tables import read_table

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "dogs.csv"  # your own file instead
    dogs.to_csv(path, index=False)
    mine = read_table(path, target="breed")
learn, _, judge = split(mine.labels, seed=0)
classifier = TableClassifier(hidden_sizes=(32,), seed=0)
classifier.fit(mine.inputs[learn], mine.labels[learn])
print("columns:", ", ".join(mine.columns))
print(f"{classifier.score(mine.inputs[judge], mine.labels[judge]):.3f} of the rows kept aside")

# %% [markdown]
# Far above the old ceiling: that was one of *two measurements*, not of the network.
# (A score of 1 should make you suspicious.
# Here the standards explain it: a shepherd should be at least a tenth longer than it is tall, a labrador only slightly longer.
# The ratio of two columns decides.
# And these are the 200 test dogs from above: a second look at them, with another question.)

# %% [markdown]
# ## What you have seen
#
# - A layer is $x W^\top + b$; without a bend between them, two layers are one.
# - Cross-entropy is the mean of $-\log p$ of the right class.
#   A network that knows nothing pays $\log C$.
# - Its gradient is what the network says less what is true; the chain rule carries it back, layer by layer.
# - Train, validate, test: what has helped to choose cannot judge.
#   A score needs its chance line and a simple rule beside it.
# - Few examples and many weights are learnt by heart.
# - On six small tables and two sets of digits the network was clearly ahead on none, and slower than most.
#   Which method is best depends on the data; a fair contest gives all the same number of tries.
#
# **Going further.**
# Pictures of real dogs of these two breeds (Stanford Dogs, a download of about 750 MB) wait in lesson 02.
# `course claims run contest --seeds 3` holds the contest again.
#
# **References.**
# D. E. Rumelhart, G. E. Hinton and R. J. Williams, *Learning representations by back-propagating errors*, Nature 323, 1986, [doi:10.1038/323533a0](https://doi.org/10.1038/323533a0).
# Breed standards: Fédération Cynologique Internationale, No. 166 (German Shepherd Dog); American Kennel Club, Labrador Retriever.
# Diabetes: B. Efron and others, *Least angle regression*, Annals of Statistics 32, 2004, [doi:10.1214/009053604000000067](https://doi.org/10.1214/009053604000000067).
# D. P. Kingma and J. Ba, *Adam*, 2015, [arXiv:1412.6980](https://arxiv.org/abs/1412.6980).

# %% tags=["timing"]
course_utils.finish()
