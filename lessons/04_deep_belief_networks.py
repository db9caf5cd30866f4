# %% [markdown]
# # 04 · Deep belief networks
#
# Builds on lesson 01 (layers, cross-entropy, splits).
#
# You will be able to
#
# - compute the energy of a pair of layers, and say what it has to do with probability;
# - draw pictures from a machine by Gibbs sampling, and see what draws are for;
# - write the gradient of contrastive divergence, and measure how far it lies from the exact one;
# - stack machines, and test whether what they learn without labels helps;
# - choose a threshold that the test rows have no part in, and say what an alarm is worth in a clinic.

# %% tags=["setup", "timing"]
import course_utils

course_utils.start("04_deep_belief_networks")

# %% [markdown]
# ## A network that has no answer to learn
#
# A deep belief network learns first how its inputs look, without labels.
# What it learns is a probability for every possible picture.
# We begin with pictures so small that all of them can be listed: 3 × 3 pixels, black or white.
# Of these 512 pictures, 14 are made of bars or of stripes.
# A machine is to find *these* probable.

# %%
import torch

from course_utils.experiments.foundations.contrastive_divergence import bars_and_stripes
from course_utils.figures import pictures

patterns = bars_and_stripes().double()  # (14, 9) zeros and ones
pictures.grid(patterns.reshape(-1, 3, 3), title="The 14 pictures of bars and stripes", columns=7)

# %% tags=["evidence"]
assert patterns.shape == (14, 9)
assert 2**9 == 512
assert torch.equal(patterns, patterns.round())
# shown: "Of these 512 pictures, 14 are made of bars or of stripes"
# defined: "3 × 3 pixels, black or white"
# defined: "learns first how its inputs look, without labels"
# defined: "What it learns is a probability for every possible picture"
# defined: "so small that all of them can be listed"
# defined: "The 14 pictures of bars and stripes"

# %% [markdown]
# ## Energy, and probability
#
# A **restricted Boltzmann machine** has V *visible* units (the pixels, v) and H *hidden* units (h), each 0 or 1.
# Weights W join every visible unit to every hidden one; within a layer nothing is joined, hence *restricted* (Smolensky, 1986).
# Every pair (v, h) has an **energy**:
#
# $$E(v, h) = -a \cdot v - b \cdot h - h^T W v$$
#
# Low energy means probable: $p(v, h) = e^{-E(v, h)} / Z$, the **Boltzmann distribution**.
# Z, the **partition function**, is the sum of $e^{-E}$ over all pairs, so that probabilities sum to 1.
#
# ### Your turn: the energy of pairs · 4 minutes

# %% tags=["evidence"]
# source: "within a layer nothing is joined, hence restricted" Smolensky (1986)
# defined: "has V visible units"
# defined: "Low energy means probable"
# defined: "is the sum of"
# defined: "Every pair (v, h) has an energy"


# %%
def my_pair_energy(v, h, W, a, b):
    """v: (B, V), h: (B, H), W: (H, V), a: (V,), b: (H,). Returns an energy for each pair, (B,)."""
    ...


from course_utils.exercises import lesson_04 as ex

ex.pair_energy.check(my_pair_energy)
# ex.pair_energy.hint()
# ex.pair_energy.hint(2)
# ex.pair_energy.hint(3)
# ex.pair_energy.solution()

# %% [markdown]
# ## Draw all hidden units, then all visible ones
#
# To draw a pair directly one would need Z, and with 64 pixels no computer sums it.
# But *given* the visible units, the hidden ones do not depend on one another: each is 1 with probability $\sigma(b_j + W_j v)$.
# Given the hidden units, it is the same the other way round.
# So start anywhere, draw all hidden units, then all visible ones, and again: **Gibbs sampling**.
# After many steps the pictures come as often as the machine finds them probable.

# %% tags=["evidence"]
from course_utils.nn.boltzmann import Boltzmann, after_gibbs, state_probabilities

some = Boltzmann(4, 3, torch.Generator().manual_seed(0)).double()
some.weight.data *= 100  # weights of size 1
far = [
    (after_gibbs(some, torch.eye(16).double()[0], k) - state_probabilities(some)).abs().max().item()
    for k in (1, 10, 300)
]
assert far[0] > far[1] > far[2]
assert far[2] < 1e-6
# shown: "After many steps the pictures come as often as the machine finds them probable"
# defined: "given the visible units, the hidden ones do not depend on one another"
# defined: "with 64 pixels no computer sums it"
# defined: "Given the hidden units, it is the same the other way round"
# defined: "draw all hidden units, then all visible ones"

# %% [markdown]
# ### Your turn: a step of Gibbs sampling · 5 minutes
#
# A uniform random number is below p with probability p. Here these numbers are given, and your step is compared.


# %%
def my_gibbs_step(v, W, a, b, u_hidden, u_visible):
    """v: (B, V), W: (H, V), a: (V,), b: (H,), uniform numbers (B, H) and (B, V). Returns new visible states (B, V)."""
    ...


ex.gibbs_step.check(my_gibbs_step)
# ex.gibbs_step.hint()
# ex.gibbs_step.hint(2)
# ex.gibbs_step.hint(3)
# ex.gibbs_step.solution()

# %% [markdown]
# ## Learning: two phases
#
# The hidden units can be summed in closed form, which leaves the **free energy** of a picture,
#
# $$F(v) = -a \cdot v - \sum_j \log(1 + e^{b_j + W_j v}), \qquad p(v) = e^{-F(v)} / Z.$$

# %%
ask = ex.why_free.ask()

# %%
ex.why_free.check(ask)

# %% [markdown]
# To learn is to make the data probable: lower their free energy, and raise that of everything else that the machine believes in.
# The gradient of the mean $-\log p(v)$ is just that difference: **data minus the machine's own pictures**.
# These pictures are what is hard to get: Gibbs sampling would have to go on for a long time.
# **Contrastive divergence** (Hinton, 2002) begins the chains at the data and stops after k steps, often after one: CD-k.
#
# ### Your turn: the gradient of contrastive divergence · 5 minutes

# %% tags=["evidence"]
# source: "begins the chains at the data and stops after k steps" Hinton (2002)
# defined: "The hidden units can be summed in closed form"
# defined: "data minus the machine's own pictures"
# defined: "To learn is to make the data probable"
# defined: "Train a machine of 8 hidden units on the patterns by CD-1"
# defined: "Learning and sampling can do without it"
# defined: "divided by Z"
# defined: "For that, exp(−F) would have to be divided by Z"
# defined: "in a ratio Z cancels"


# %%
def my_positive_and_negative(v, chains, W, b):
    """v: (N, V) data, chains: (M, V) where chains came to, W: (H, V), b: (H,). Returns the gradient by W, (H, V)."""
    ...


ex.positive_and_negative.check(my_positive_and_negative)
# ex.positive_and_negative.hint()
# ex.positive_and_negative.hint(2)
# ex.positive_and_negative.hint(3)
# ex.positive_and_negative.solution()

# %% [markdown]
# Train a machine of 8 hidden units on the patterns by CD-1.
# It is small enough to sum Z, so we know its exact probabilities.

# %%
from course_utils.nn.boltzmann import Boltzmann, contrastive_loss, log_likelihood
from course_utils.training import fit

small = Boltzmann(9, 8, torch.Generator().manual_seed(0)).double()
draws = torch.Generator().manual_seed(0)
rows = patterns.repeat(20, 1)  # 20 chains for each pattern
optimizer = torch.optim.SGD(small.parameters(), lr=0.05, momentum=0.9)
history = fit(
    small,
    [rows],
    lambda machine, v: contrastive_loss(machine, v, machine.gibbs(v, 1, draws)),
    steps=2_000,
    optimizer=optimizer,
    progress=False,
)
history.described().say()
with torch.no_grad():
    print(f"together the 14 patterns have the probability {log_likelihood(small, patterns).exp().sum():.2f}")
    print(f"mean −log p of a pattern: {-log_likelihood(small, patterns).mean():.2f} nats; the least is log 14 = 2.64")

# %% [markdown]
# ## How wrong is CD?
#
# On this machine the exact gradient is known, and so is the *mean* gradient of CD-k, with nothing drawn.

# %%
ask_way = ex.which_way.ask()

# %% tags=["reveal"]
from course_utils import claims
from course_utils.display.tables import show_table

bias = claims.results("contrastive_bias")
angles = bias.pivot_table(index="steps", columns="k", values="cosine")
angles.columns = [f"CD-{k}" for k in angles.columns]
show_table(
    angles.reset_index().rename(columns={"steps": "exact steps before"}),
    "Cosine of the angle between the gradient of CD-k and the exact one, along a training with the exact one; ten seeds",
    formats=dict.fromkeys(angles, ".2f"),
)
claims.told("contrastive_bias").say()
ex.which_way.check(ask_way)

# %% [markdown]
# With small weights CD-1 points where the exact gradient points.
# After 300 steps its cosine is 0.88, that of CD-10 still 1.00.
# After 3,000 steps even CD-50 has 0.75: the angle is about 40°.
# Then the gradient itself is small, 0.005 in place of 0.126, and what is left of it is mostly bias.
# Chains begin at the patterns, and with large weights they stay there: of one such machine, a step leaves the pattern as it was in 97 of 100 cases.

# %% tags=["evidence"]
import numpy as np

found = claims.results("contrastive_bias")
assert found["seed"].nunique() == 10
cosines = found.pivot_table(index="steps", columns="k", values="cosine")
assert (found[found["steps"] <= 100]["cosine"] > 0.999).all()
assert cosines.loc[300, [1, 10]].round(2).tolist() == [0.88, 1.0]
assert round(cosines.loc[3000, 50], 2) == 0.75
assert 35 < np.degrees(np.arccos(cosines.loc[3000, 50])) < 45
lengths = found.groupby("steps")["length"].mean()
assert lengths.loc[[300, 3000]].round(3).tolist() == [0.126, 0.005]
assert (found.query("steps == 3000")["bias"] > 0.5).all()
per_seed = found.query("k == 1").pivot_table(index="seed", columns="steps", values="cosine")
assert (per_seed[0] > per_seed[3000]).all()
from course_utils.experiments.foundations.contrastive_divergence import EXACT, looked_at
from course_utils.nn import boltzmann


def stays(machine, rows):
    states = boltzmann.all_states(9).to(rows)
    place = (states[:, None] == rows).all(-1).to(rows)
    kept = [boltzmann.after_gibbs(machine, column, 1)[column == 1].item() for column in place.T]
    return [{"kept": sum(kept) / len(kept)}]


kept = [row["kept"] for row in looked_at(EXACT, 0.05, 0, [0, 3000], stays)]
assert kept[0] < 0.01
assert round(kept[1], 2) == 0.97
# shown: "With small weights CD-1 points where the exact gradient points"
# shown: "After 300 steps its cosine is 0.88, that of CD-10 still 1.00"
# shown: "After 3,000 steps even CD-50 has 0.75: the angle is about 40°"
# shown: "the gradient itself is small, 0.005 in place of 0.126, and what is left of it is mostly bias"
# shown: "of one such machine, a step leaves the pattern as it was in 97 of 100 cases"
# shown: "With small weights a chain forgets its start in a step or two; with large ones it stays where it began"
# shown: "With large weights a chain hardly leaves the pattern that it begins at"
# defined: "On this machine the exact gradient is known"
# defined: "It is small enough to sum Z"
# defined: "Cosine of the angle between the gradient of CD-k and the exact one"

# %% [markdown]
# ## Play with it: a Gibbs stepper
#
# Now real digits: 8 × 8 pixels, and a machine of 64 hidden units.
# It learned for 60 epochs, without labels, here and now.
#
# 1. Start at a digit, and step: does it stay that digit?
#    Follow the free energy.
# 2. Start at noise: how many steps until it looks like ink of a pen?
# 3. Pass hidden probabilities down in place of draws.
#    What becomes of the variety?

# %%
import numpy as np

from course_utils.data.digits import small_digits
from course_utils.data.tables import split
from course_utils.models.belief_net import BeliefNet
from course_utils.widgets.gibbs_stepper import gibbs_stepper

images, digits = small_digits()
X = images.reshape(len(images), -1).astype(float)  # (1797, 64), 0 the paper … 1 the ink
train, valid, test = split(digits, seed=0)
one_machine = BeliefNet((64,)).pretrain(X[train])
starts = {f"a {digit}": X[train][digits[train] == digit][0] for digit in (0, 3, 7)}
starts["noise"] = np.random.default_rng(0).random(64)
gibbs_stepper(one_machine.machines_[0], starts)

# %% [markdown]
# ## A stack of machines
#
# The hidden units of a machine are data for a second one, and so on: that is a **deep belief network** (Hinton, Osindero and Teh, 2006).
# Each machine learns by itself, the lowest first: **greedy** training.
# Its fantasies come from the top: Gibbs sampling in the highest machine, then down.

# %%
net = BeliefNet((200, 100))
net.pretrain(X[train])
net.histories_[0].described().say()
fantasies = net.sample(8)
pictures.grid(
    np.concatenate([X[train][:8], fantasies]).reshape(-1, 8, 8),
    ["digit"] * 8 + ["fantasy"] * 8,
    title="Eight digits, and eight fantasies of a deep belief network",
)

# %% [markdown]
# They look like digits, softer than real ones: what is drawn are probabilities of ink.
# One can measure it: how far is a picture from the nearest training digit?
# 400 fantasies are about as near as validation digits are, half as far as pictures whose pixels are shuffled among digits.


# %% tags=["evidence"]
def distance(rows):
    return float(np.sqrt(((rows[:, None] - X[train][None]) ** 2).sum(-1)).min(1).mean())


many = net.sample(400)
mixed = np.random.default_rng(0).permuted(X[valid], axis=0)
near, new, far = distance(many), distance(X[valid]), distance(mixed)
assert 0.8 < near / new < 1.25
assert 0.4 < near / far < 0.65
assert many.std() < X[train].std()
# shown: "400 fantasies are about as near as validation digits are, half as far as pictures whose pixels are shuffled"
# shown: "They look like digits, softer than real ones"
# source: "that is a deep belief network" Hinton, Osindero and Teh (2006)
# source: "Each machine learns by itself, the lowest first" Hinton, Osindero and Teh (2006)
# defined: "It learned for 60 epochs, without labels, here and now"
# defined: "8 × 8 pixels, and a machine of 64 hidden units"
# defined: "Its fantasies come from the top"
# defined: "Eight digits, and eight fantasies of a deep belief network"

# %% [markdown]
# ## Does it help?
#
# The weights of the stack are the first weights of a network, which then learns the labels: **pre-training** and **fine-tuning**.
# Rows without labels are cheap, and labels are dear.
# We test it on two sets of data, with 20, 50 and all labels of the training rows.
# All methods get the same rows and twelve settings each, chosen on other seeds; the same network *without* pre-training is the control.
#
# **Predict:** by how much does pre-training raise the accuracy on the tumours, with 20 labels?

# %%
my_gain = ...  # a difference of shares, such as 0.05

# %% tags=["reveal"]
from course_utils.figures.pretraining import by_labels

stored = {"breast cancer": claims.results("cancer"), "digits 8×8": claims.results("few_digits")}
by_labels(stored, title="On average pre-training moves accuracy by at most two hundredths")

# %% tags=["reveal"]
for name in ("cancer", "few_digits"):
    claims.told(name).say()
few = stored["breast cancer"].query("labels == 20").pivot_table(index="seed", columns="method", values="accuracy")
gain = (few["pre-trained"] - few["the same network, not pre-trained"]).mean()
ex.gain_of_pretraining.check(my_gain, round(gain, 3))

# %% [markdown]
# On the tumours pre-training brings 0.009, 0.004 and 0.007 with 20, 50 and all labels; with 20 and 50 the interval of the mean (95 %) holds 0.
# On digits it is ahead in nine of ten splits with 20 labels, and behind in seven of ten with 50, where the ReLU network is ahead of it in all ten.
# Logistic regression on the machines' *features* of digits is 0.03 ahead of pixels with 20 labels, an interval that holds 0, and behind in nine of ten splits with all of them.
#
# With 20 tumours labelled, the mean −log p of the right class is 0.22 after pre-training and 1.00 without it: the control is far too sure of its mistakes.
# But settings were chosen by accuracy, and the control's rate is ten times as large.

# %% tags=["evidence"]
from course_utils.experiments.applications.pretraining import CHOSEN, METHODS

assert {len(settings) for settings in METHODS.values()} == {12}
pre, plain = "pre-trained", "the same network, not pre-trained"
scores = {
    name: rows.pivot_table(index=["labels", "seed"], columns="method", values="accuracy")
    for name, rows in stored.items()
}
from course_utils.stats import mean_interval

gains = {name: {n: mean_interval((of[pre] - of[plain]).loc[n]) for n in (20, 50, 0)} for name, of in scores.items()}
assert all(abs(mean.value) < 0.02 for of in gains.values() for mean in of.values())
tumour_gains = gains["breast cancer"]
assert [round(mean.value, 3) for mean in tumour_gains.values()] == [0.009, 0.004, 0.007]
assert tumour_gains[20].low < 0 < tumour_gains[20].high
assert tumour_gains[50].low < 0 < tumour_gains[50].high
digit_scores = scores["digits 8×8"]
ahead = digit_scores[pre] - digit_scores[plain]
assert ((ahead.loc[20] > 0).sum(), (ahead.loc[50] < 0).sum(), len(ahead.loc[20])) == (9, 7, 10)
assert (digit_scores["ReLU network"] > digit_scores[pre]).loc[50].all()
on_features = digit_scores["regression on the machines' features"] - digit_scores["logistic regression"]
assert round(on_features.loc[20].mean(), 2) == 0.03
assert mean_interval(on_features.loc[20]).low < 0
assert (on_features.loc[0] < 0).sum() == 9
sure = stored["breast cancer"].query("labels == 20").groupby("method")["nats"].mean()
assert (round(sure[pre], 2), round(sure[plain], 2)) == (0.22, 1.0)
rate_of = {name: METHODS[name][CHOSEN["cancer"][name]["20"]][1] for name in (pre, plain)}
assert round(rate_of[plain] / rate_of[pre]) == 10
# shown: "On average pre-training moves accuracy by at most two hundredths"
# shown: "brings 0.009, 0.004 and 0.007 with 20, 50 and all labels; with 20 and 50 the interval of the mean (95 %) holds 0"
# shown: "ahead in nine of ten splits with 20 labels, and behind in seven of ten with 50"
# shown: "0.03 ahead of pixels with 20 labels, an interval that holds 0, and behind in nine of ten splits with all"
# shown: "is 0.22 after pre-training and 1.00 without it"
# shown: "the control's rate is ten times as large"
# shown: "twelve settings each, chosen on other seeds"
# defined: "We test it on two sets of data, with 20, 50 and all labels"
# defined: "the control is far too sure of its mistakes"
# defined: "The weights of the stack are the first weights of a network"

# %% [markdown]
# ## "Used to find cancer"
#
# The table holds 569 samples from lumps in a breast, taken with a fine needle: 212 malignant, 357 benign, thirty measurements of cell nuclei each (Street, Wolberg and Mangasarian, 1993).
# Accuracy hides what matters here, since the two mistakes are not alike.
#
# - **Sensitivity**: of the malignant samples, the share that is called malignant.
# - **Specificity**: of the benign ones, the share that is called benign.
#
# Which threshold?
# One wants to find, say, 95 % of the malignant ones.
# Chosen on the test rows, a threshold keeps that promise by construction, and the next patients know nothing of it.
#
# ### Your turn: a threshold, judged on other rows · 5 minutes


# %%
def my_judged_at(valid_p, valid_y, test_p, test_y, sensitivity):
    """Probabilities and labels (1 ill) of two parts; the sensitivity wanted. Returns sensitivity and specificity (test)."""
    ...


ex.judged_at.check(my_judged_at)
# ex.judged_at.hint()
# ex.judged_at.hint(2)
# ex.judged_at.hint(3)
# ex.judged_at.solution()

# %%
clinic = stored["breast cancer"].groupby(["labels", "method"], sort=False)
columns = ["accuracy", "sensitivity", "specificity", "calibration"]
shown = clinic[columns].mean().reset_index()
shown["labels"] = shown["labels"].map(lambda count: str(count or "all"))
show_table(
    shown[["method", "labels", *columns]],
    "Tumours of the test rows, threshold from validation rows (95 % found there); means over 20 seeds",
    formats=dict.fromkeys(columns, ".3f"),
)

# %% [markdown]
# The threshold that found 95 % of the malignant validation samples finds 92 % of the malignant test samples, on average over splits, and in one split 74 %.
# With 43 malignant samples to choose it by, a threshold is a guess.
#
# **Calibration** asks whether a probability means what it says: of the samples called "30 % malignant", three in ten should be.
# The column shows how far the two are apart on average, in ten bins.
# With 114 rows even a perfect forecast would not reach 0.

# %% tags=["evidence"]
from course_utils.data.tables import tables

tumours = tables()["breast_cancer"]
assert tumours.inputs.shape == (569, 30)
assert [(tumours.labels == n).sum() for n in (0, 1)] == [212, 357]
assert tumours.classes == ("malignant", "benign")
from course_utils.experiments.applications import pretraining

for seed in (0, 1):
    given = pretraining.task(pretraining.CANCER, seed)
    assert (given.y[given.valid].sum(), given.y[given.test].sum(), len(given.test)) in ((42, 43, 114), (43, 43, 114))
whole = stored["breast cancer"].query("method == 'pre-trained' and labels == 0")
assert whole["seed"].nunique() == 20
assert (round(whole["sensitivity"].mean(), 2), round(whole["sensitivity"].min(), 2)) == (0.92, 0.74)
rng = np.random.default_rng(0)
from course_utils.metrics.diagnosis import calibration_error

chances = rng.beta(0.4, 0.6, size=(200, 114))
perfect = [calibration_error(p, (rng.random(114) < p).astype(int)) for p in chances]
assert min(perfect) > 0
# shown: "The table holds 569 samples from lumps in a breast"
# shown: "finds 92 % of the malignant test samples, on average over splits, and in one split 74 %"
# shown: "With 43 malignant samples to choose it by"
# shown: "With 114 rows even a perfect forecast would not reach 0"
# defined: "One wants to find, say, 95 % of the malignant ones"
# defined: "keeps that promise by construction"
# defined: "threshold from validation rows (95 % found there); means over 20 seeds"
# defined: "three in ten should be"
# defined: "The column shows how far the two are apart on average, in ten bins"

# %% [markdown]
# ## What an alarm is worth
#
# In this table more than a third of the samples are malignant: somebody had felt a lump.
# Among women who come to a screening, a cancer is found in about 6 of 1,000 within a year (Lehman and others, 2017).
#
# ### Your turn: how many alarms are right? · 4 minutes


# %%
def my_alarms_that_are_right(sensitivity, specificity, prevalence):
    """Three shares. Returns the share of those called ill who are ill."""
    ...


ex.alarms_that_are_right.check(my_alarms_that_are_right)
# ex.alarms_that_are_right.hint()
# ex.alarms_that_are_right.hint(2)
# ex.alarms_that_are_right.hint(3)
# ex.alarms_that_are_right.solution()

# %% [markdown]
# Suppose that the pre-trained network with all labels kept its sensitivity and specificity there.
# **Predict:** what share of its alarms would be right, if 6 of 1,000 are ill?

# %%
my_right_alarms = ...  # a share

# %% tags=["reveal"]
from course_utils.metrics.diagnosis import predictive_values

best = stored["breast cancer"].query("method == 'pre-trained' and labels == 0")
found, cleared = best["sensitivity"].mean(), best["specificity"].mean()
table = {"ill among those tested": [], "alarms that are right": [], "well called well": []}
for prevalence in (0.37, 0.1, 0.006):
    right, _ = predictive_values(found, cleared, prevalence)
    for column, value in zip(table, (prevalence, right, cleared), strict=True):
        table[column].append(value)
show_table(
    table,
    f"The same network, sensitivity {found:.2f} and specificity {cleared:.2f}, at three prevalences",
    formats={"ill among those tested": ".1%", "alarms that are right": ".0%", "well called well": ".1%"},
)
ex.right_alarms.check(my_right_alarms, round(predictive_values(found, cleared, 0.006)[0], 2))

# %% [markdown]
# One alarm in four would be right, though the network is no worse than before: there are 166 well women for each who is ill.
# Accuracy would look splendid: calling everybody well names 99.4 % correctly, and finds nobody.
# Nor can a network keep its numbers: it has never seen the people of a screening, and they bring no needle samples.
# What a clinic needs is a test on its own people.

# %% tags=["evidence"]
assert round(predictive_values(found, cleared, 0.006)[0], 2) in (0.25, 0.26)
assert round((1 - 0.006) / 0.006) == 166
from course_utils.data.tables import tables

assert (tables()["breast_cancer"].labels == 0).mean() > 1 / 3  # 0 is malignant
# shown: "One alarm in four would be right"
# shown: "there are 166 well women for each who is ill"
# shown: "calling everybody well names 99.4 % correctly, and finds nobody"
# shown: "In this table more than a third of the samples are malignant"
# source: "a cancer is found in about 6 of 1,000 within a year" Lehman and others (2017)
# defined: "Suppose that the pre-trained network with all labels kept its sensitivity and specificity there"
# defined: "it has never seen the people of a screening"
# defined: "at three prevalences"

# %% [markdown]
# ## What the article says, what we measured

# %%
claims.box("C04")

# %% [markdown]
# Undecided, by a rule that was written down first.
# On this table the network separates malignant from benign about as well as logistic regression does: no interval of a difference leaves room for more than three hundredths, in either direction.
# "Can find cancer" is true of a method from 1958 as well, and says nothing of a clinic.
# The box's intervals are wider than 95 % each: all together they are to be wrong in 5 of 100 cases at most (Holm, 1979).

# %% tags=["evidence"]
assert claims.box("C04").verdict.startswith("undecided")
by_count = stored["breast cancer"].pivot_table(index=["labels", "seed"], columns="method", values="accuracy")
from scipy.stats import t as student

for rival in ("logistic regression", "the same network, not pre-trained"):
    for count in (20, 50, 0):
        gap = (by_count["pre-trained"] - by_count[rival]).loc[count]
        half = student.ppf(0.9975, len(gap) - 1) * gap.sem()
        assert max(abs(gap.mean() - half), abs(gap.mean() + half)) < 0.03
# shown: "Undecided, by a rule that was written down first"
# shown: "no interval of a difference leaves room for more than three hundredths"
# shown: "about as well as logistic regression does"
# source: "true of a method from 1958 as well" Cox (1958)
# source: "all together they are to be wrong in 5 of 100 cases at most" Holm (1979)

# %% [markdown]
# ## What became of them
#
# Boltzmann machines with hidden units date from 1985 (Ackley, Hinton and Sejnowski), the restricted kind from 1986.
# In 2006 a stack of them, fine-tuned, named handwritten digits with 1.25 % errors, and deep networks were a subject again.
# Around 2010 pre-trained networks replaced mixtures of Gaussians in speech recognition (Hinton and others, 2012).
# In 2016 a paper reported 99.68 % accuracy with a deep belief network on an older table of breast tumours (Abdel-Zaher and Eldeib).
# "Used to find cancer" rests on such work, as far as we know.
#
# By then they had been replaced.
# Better first weights (Glorot and Bengio, 2010) and rectified units (Glorot, Bordes and Bengio, 2011) let deep networks train without pre-training where labels are many.
# Pictures came from variational autoencoders and adversarial networks (both 2014), later from diffusion.
# What stayed is the idea: learn from what has no labels, then from the few that have.
# Today's language models are pre-trained, by predicting.

# %% tags=["evidence"]
# source: "Boltzmann machines with hidden units date from 1985" Ackley, Hinton and Sejnowski (1985)
# source: "named handwritten digits with 1.25 % errors" Hinton, Osindero and Teh (2006)
# source: "a paper reported 99.68 % accuracy" Abdel-Zaher and Eldeib (2016)
# source: "Better first weights" Glorot and Bengio (2010)
# source: "Pictures came from variational autoencoders" Kingma and Welling (2014); Goodfellow and others (2014)
# source: "Around 2010 pre-trained networks replaced" Hinton and others (2012)
# source: "let deep networks train without pre-training where labels are many" Glorot, Bordes and Bengio (2011)
# source: "the restricted kind from 1986" Smolensky (1986)
# defined: "rests on such work, as far as we know"
# defined: "What stayed is the idea"
# defined: "Today's language models are pre-trained"

# %% [markdown]
# ## What you have seen
#
# - An energy for every pair, low where it is probable; Z is the sum that nobody can compute for large machines.
# - Gibbs sampling draws layer by layer; probabilities in place of draws change what a machine says.
# - CD compares data with chains of few steps.
#   At first it points where the exact gradient points, later less.
# - A stack of machines learns without labels; whether that helps is a question for a control.
# - A threshold is chosen on validation rows, and what an alarm is worth depends on who is tested.

# %% tags=["evidence"]
# defined: "Z is the sum that nobody can compute for large machines"
# defined: "whether that helps is a question for a control"
# defined: "what an alarm is worth depends on who is tested"

# %% [markdown]
# ## Going deeper: Z, summed exactly
#
# ### Your turn: the chance of a hidden unit · 3 minutes
#
# Take the energies of a hidden unit at 0 and at 1: their difference gives the formula used above.


# %%
def my_hidden_chances(v, W, b):
    """v: (B, V), W: (H, V), b: (H,). Returns the probability of each hidden unit to be 1, (B, H)."""
    ...


ex.hidden_chances.check(my_hidden_chances)
# ex.hidden_chances.hint()
# ex.hidden_chances.hint(2)
# ex.hidden_chances.hint(3)
# ex.hidden_chances.solution()

# %% [markdown]
# ### Your turn: free energies · 5 minutes
#
# $\log(1 + e^x)$ as it stands is infinite where x is 100.


# %%
def my_free_energies(v, W, a, b):
    """v: (B, V), W: (H, V), a: (V,), b: (H,). Returns F(v) of each row, (B,), whatever the size of the inputs."""
    ...


ex.free_energies.check(my_free_energies)
# ex.free_energies.hint()
# ex.free_energies.hint(2)
# ex.free_energies.hint(3)
# ex.free_energies.solution()

# %% [markdown]
# ### Your turn: log Z · 8 minutes
#
# With 8 hidden and 9 visible units there are 131,072 pairs.
# It is enough to list the 256 hidden states: for each the visible units are summed in closed form.


# %%
def my_log_z(W, a, b):
    """W: (H, V), a: (V,), b: (H,). Returns the logarithm of Z; all_states(H) lists the hidden states."""
    ...


ex.log_z.check(my_log_z)
# ex.log_z.hint()
# ex.log_z.hint(2)
# ex.log_z.hint(3)
# ex.log_z.solution()

# %%
from course_utils.nn.boltzmann import all_states

log_z = ex.log_z.mine()
free = ex.free_energies.mine()
with torch.no_grad():
    every = all_states(9).double()  # (512, 9)
    W, a, b = small.weight, small.visible_bias, small.hidden_bias
    p = (-free(every, W, a, b) - log_z(W, a, b)).exp()
print(f"the probabilities of all {len(every)} pictures sum to {p.sum():.6f}")
likeliest = p.argsort(descending=True)[:18]
names = ["pattern" if (patterns == every[n]).all(1).any() else "none" for n in likeliest]
pictures.grid(
    every[likeliest].reshape(-1, 3, 3),
    [f"{p[n]:.3f}, {name}" for n, name in zip(likeliest, names, strict=True)],
    title="The 18 pictures that the machine finds most probable",
    columns=6,
)

# %% tags=["evidence"]
assert abs(p.sum().item() - 1) < 1e-9
assert len(all_states(8)) * len(all_states(9)) == 131_072
assert torch.tensor(100.0).exp() == float("inf")
# shown: "With 8 hidden and 9 visible units there are 131,072 pairs"
# shown: "as it stands is infinite where x is 100"
# defined: "It is enough to list the 256 hidden states"
# defined: "Take the energies of a hidden unit at 0 and at 1"
# defined: "The 18 pictures that the machine finds most probable"

# %% [markdown]
# ## Going deeper: persistent chains
#
# Chains that go on from step to step, in place of beginning at the data, come nearer to what the machine believes (Tieleman, 2008).
# If the machine changes faster than they move, they lose it.

# %%
claims.told("contrastive_training").say()
ways = claims.results("contrastive_training").query("steps == 6000")
last = ways.pivot_table(index="way", columns="lr", values="nats", sort=False)
last.columns = [f"rate {lr:g}" for lr in last.columns]
show_table(last.reset_index(), "Mean −log p of a pattern after 6,000 steps, exact; four seeds; the least is 2.64")

# %% [markdown]
# CD-10 ends within 0.1 of the exact gradient, at both rates.
# CD-1 does not come nearer than 3.09, and at the larger rate it gets worse again after step 1,000.
# Persistent chains were the worst of all here, at both rates: with large weights they hardly move, and the machine runs away from them.
# Tieleman's rates fell to 0 in the end, and ours do not.

# %% tags=["evidence"]
trained_ways = claims.results("contrastive_training")
ends = trained_ways.query("steps == 6000").pivot_table(index=["lr", "seed"], columns="way", values="nats")
assert len(ends) == 8
assert ((ends["CD-10"] - ends["exact gradient"]) < 0.1).all()
assert (ends["CD-1"] > 3.085).all()
assert (ends["persistent chains"] > ends[["CD-1", "CD-10", "exact gradient"]].max(axis=1) + 1).all()
course = trained_ways.query("way == 'CD-1' and lr == 0.05").pivot_table(index="seed", columns="steps", values="nats")
assert (course[6000] > course[1000]).all()
# shown: "CD-10 ends within 0.1 of the exact gradient, at both rates"
# shown: "CD-1 does not come nearer than 3.09, and at the larger rate it gets worse again after step 1,000"
# shown: "Persistent chains were the worst of all here, at both rates"
# shown: "with large weights they hardly move"
# source: "come nearer to what the machine believes" Tieleman (2008)
# source: "Tieleman's rates fell to 0 in the end" Tieleman (2008)
# defined: "If the machine changes faster than they move, they lose it"
# defined: "Mean −log p of a pattern after 6,000 steps, exact"

# %% [markdown]
# ## Going deeper: your own table
#
# `BeliefNet` is a scikit-learn estimator: `pretrain` takes rows without labels, `fit` rows with them, and `features` feeds another method.

# %%
from sklearn.linear_model import LogisticRegression

told = train[:50]  # fifty rows with labels; the training rows are in random order
fine_tuned = BeliefNet((200,)).pretrain(X[train]).fit(X[told], digits[told], steps=200)
frozen = one_machine.features(X)
on_features = LogisticRegression(C=100, max_iter=1_000).fit(frozen[told], digits[told])
on_pixels = LogisticRegression(C=1, max_iter=1_000).fit(X[told], digits[told])
print(f"fine-tuned {fine_tuned.score(X[valid], digits[valid]):.2f}", end=" · ")
print(f"regression on features {on_features.score(frozen[valid], digits[valid]):.2f}", end=" · ")
print(f"on pixels {on_pixels.score(X[valid], digits[valid]):.2f} of the validation rows")

# %% [markdown]
# ## Going further
#
# MedMNIST (Yang and others, 2023) has eighteen sets of small medical pictures, BreastMNIST among them, with splits of their own.
# Repeat the contest there, with a rule that you write down first.
#
# **References.**
#
# - P. Smolensky, *Information processing in dynamical systems: foundations of harmony theory*, 1986, in Parallel Distributed Processing 1, 194–281.
# - D. H. Ackley, G. E. Hinton and T. J. Sejnowski, *A learning algorithm for Boltzmann machines*, 1985, [doi:10.1207/s15516709cog0901_7](https://doi.org/10.1207/s15516709cog0901_7).
# - G. E. Hinton, *Training products of experts by minimizing contrastive divergence*, 2002, [doi:10.1162/089976602760128018](https://doi.org/10.1162/089976602760128018).
# - G. E. Hinton, S. Osindero and Y.-W. Teh, *A fast learning algorithm for deep belief nets*, 2006, [doi:10.1162/neco.2006.18.7.1527](https://doi.org/10.1162/neco.2006.18.7.1527).
# - T. Tieleman, *Training restricted Boltzmann machines using approximations to the likelihood gradient*, 2008, [doi:10.1145/1390156.1390290](https://doi.org/10.1145/1390156.1390290).
# - G. Hinton and others, *Deep neural networks for acoustic modeling in speech recognition*, 2012, [doi:10.1109/MSP.2012.2205597](https://doi.org/10.1109/MSP.2012.2205597).
# - X. Glorot and Y. Bengio, *Understanding the difficulty of training deep feedforward neural networks*, AISTATS 2010, 249–256.
# - X. Glorot, A. Bordes and Y. Bengio, *Deep sparse rectifier neural networks*, AISTATS 2011, 315–323.
# - A. M. Abdel-Zaher and A. M. Eldeib, *Breast cancer classification using deep belief networks*, 2016, [doi:10.1016/j.eswa.2015.10.015](https://doi.org/10.1016/j.eswa.2015.10.015).
# - D. R. Cox, *The regression analysis of binary sequences*, 1958, [doi:10.1111/j.2517-6161.1958.tb00292.x](https://doi.org/10.1111/j.2517-6161.1958.tb00292.x).
# - W. N. Street, W. H. Wolberg and O. L. Mangasarian, *Nuclear feature extraction for breast tumor diagnosis*, 1993, [doi:10.1117/12.148698](https://doi.org/10.1117/12.148698).
# - C. D. Lehman and others, *National performance benchmarks for modern screening digital mammography*, 2017, [doi:10.1148/radiol.2016161174](https://doi.org/10.1148/radiol.2016161174).
# - J. Yang and others, *MedMNIST v2*, 2023, [doi:10.1038/s41597-022-01721-8](https://doi.org/10.1038/s41597-022-01721-8).

# %% tags=["timing"]
course_utils.finish()
