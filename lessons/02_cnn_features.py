# %% [markdown]
# # 02 · CNN features
#
# Builds on lesson 01: layers, cross-entropy, splits and chance levels.
#
# You will be able to
#
# - write a convolution, and say what it sees and what it costs;
# - look at the filters, feature maps and strongest patches of a trained network;
# - compare a convolutional network with plain ones at equal parameters and at equal work, and take its advantage away;
# - use a network's layers as features, and judge them with a linear probe beside random ones.

# %% tags=["setup", "timing"]
import course_utils

course_utils.start("02_cnn_features")

# %% [markdown]
# ## Five thousand digits
#
# Handwritten digits, 28 × 28 pixels, from 0 (paper) to 1 (ink): 5,000 of the 70,000 of MNIST.
# 3,500 are for training; 500 for validation, with which we chose sizes and learning rates; 1,000 for the test.
# (Several sections below ask something of the test digits.
# We chose nothing with them; but all these sections share the luck of the same 1,000 digits.)

# %%
import torch

from course_utils.data.pictures import digit_pictures
from course_utils.figures import pictures

parts = {name: tuple(map(torch.as_tensor, part)) for name, part in digit_pictures().items()}
(images, labels), (test_images, test_labels) = parts["train"], parts["test"]
print("training", tuple(images.shape), " validation", tuple(parts["valid"][0].shape), " test", tuple(test_images.shape))
few = slice(0, 16)
pictures.grid(images[few], labels[few].tolist(), title="Sixteen of the training digits")

# %% tags=["evidence"]
assert [len(parts[name][0]) for name in ("train", "valid", "test")] == [3500, 500, 1000]
assert images.shape[1:] == (1, 28, 28)
assert images.min() == 0
assert images.max() == 1
# shown: "Handwritten digits, 28 × 28 pixels"
# shown: "3,500 are for training; 500 for validation"
# defined: "We chose nothing with them"
# defined: "feature maps and strongest patches of a trained network"
# defined: "compare a convolutional network with plain ones"
# defined: "Sixteen of the training digits"

# %% [markdown]
# The MLP of lesson 01 would take the 784 pixels as 784 numbers in a row.
# It does not know that two pixels are neighbours, nor that a stroke is a stroke wherever it stands.
# It has to learn both from examples, and for each position separately.
#
# ## A small window that moves
#
# Let us look through a small window, of 3 × 3 pixels for example.
# Multiply the nine pixels by nine weights, sum up, and move on by one pixel.
# The weights are a **kernel**; the sums form a new picture, a **map**.

# %% tags=["evidence"]
assert images[0].numel() == 784
# shown: "would take the 784 pixels as 784 numbers"
# defined: "of 3 × 3 pixels for example"
# defined: "Multiply the nine pixels by nine weights"

# %% [markdown]
# ### Your turn: cross-correlation · 8 minutes
#
# Write it for one picture and one kernel, of any size.
# The window stays inside the picture.


# %%
def my_cross_correlate(image, kernel):
    """image: (H, W) tensor, kernel: (h, w) tensor. Returns a tensor (H − h + 1, W − w + 1)."""
    ...


from course_utils.exercises import lesson_02 as ex

ex.cross_correlate.check(my_cross_correlate)
# ex.cross_correlate.hint()
# ex.cross_correlate.hint(2)
# ex.cross_correlate.hint(3)
# ex.cross_correlate.solution()

# %% [markdown]
# Networks call this a **convolution**.
# In mathematics a convolution turns the kernel around first, and this is a *cross-correlation*.
# For a network it makes no difference: it can learn the turned kernel just as well.
#
# What a kernel responds to depends on its weights.
# **Predict** (1 is ink, 0 is paper):

# %% tags=["evidence"]
from course_utils.nn.convolution import cross_correlate as correlate

picture, kernel = torch.rand(6, 7), torch.rand(3, 3)
turned = torch.nn.functional.conv_transpose2d(picture[None, None], kernel[None, None])[0, 0, 2:-2, 2:-2]
assert torch.allclose(turned, correlate(picture, kernel.flip(0, 1)), atol=1e-5)
# shown: "For a network it makes no difference"

# %%
from course_utils.nn.convolution import KERNELS, cross_correlate

digit = images[labels == 4][0, 0]  # (28, 28)
predict = ex.edge.ask()

# %% tags=["reveal"]
ex.edge.check(predict)
maps = {name: cross_correlate(digit, kernel) for name, kernel in KERNELS.items()}
pictures.kernels_on(digit, maps, f"One digit and {len(maps)} kernels (red: positive, blue: negative)", kernels=KERNELS)

# %% tags=["evidence"]
assert all(abs(KERNELS[name].sum()) < 1e-6 for name in ("vertical edge", "horizontal edge"))
uniform = torch.full((5, 5), 0.7)
assert abs(cross_correlate(uniform, KERNELS["vertical edge"])).max() < 1e-6
ramp = torch.linspace(0, 1, 5).expand(5, 5)
assert (cross_correlate(ramp, KERNELS["vertical edge"]) > 0).all()
assert abs(cross_correlate(ramp.T, KERNELS["vertical edge"])).max() < 1e-6
# shown: "on a uniform area, ink or paper"
# shown: "Pixels on the right count positive"
# defined: "1 is ink, 0 is paper"
# shown: "The weights sum to 0"

# %% [markdown]
# ## A layer of windows
#
# A **convolutional layer** has several kernels; each makes its own map.
# The next layer reads all these maps together, as its **channels** (a colour picture begins with three).
# So a kernel of the next layer is a stack of C windows, one for each channel.
# At every position the C sums are added up, plus one bias for the kernel.
#
# ### Your turn: parameters of a convolution · 3 minutes
#
# How many weights and biases does such a layer learn?


# %%
def my_conv_parameter_count(in_channels, out_channels, kernel):
    """Weights and biases of a convolution with windows of kernel × kernel. Returns a whole number."""
    ...


ex.conv_parameter_count.check(my_conv_parameter_count)
# ex.conv_parameter_count.hint()
# ex.conv_parameter_count.hint(2)
# ex.conv_parameter_count.hint(3)
# ex.conv_parameter_count.solution()

# %% tags=["evidence"]
# defined: "The next layer reads all these maps together"
# defined: "So a kernel of the next layer is a stack"
# defined: "the C sums are added up, plus one bias"

# %% [markdown]
# Sixteen kernels of 5 × 5 on a digit have 416 parameters, and make 16 maps of 24 × 24 units.
# A layer of lesson 01 with as many units connects each of them to all 784 pixels, with weights of its own: how many parameters would *it* learn?
#
# ### Your turn: without sharing · 2 minutes

# %%
my_dense_count = ...

ex.sharing.check(my_dense_count)

# %% tags=["evidence"]
from course_utils.nn.convolution import conv_parameter_count, dense_parameter_count, output_size

assert conv_parameter_count(1, 16, 5) == 416
assert output_size(28, 5) == 24
assert dense_parameter_count(1, 16, 5, 28) == 16 * 24 * 24 * 785 == ex.sharing.answer
# shown: "Sixteen kernels of 5 × 5 on a digit have 416 parameters"
# shown: "connects each of them to all 784 pixels"
# shown: "784 weights and a bias for each of 24"
# shown: "The convolution has 416"
# shown: "That is one map of 16"
# shown: "That is a layer of 16 units"
# shown: "There are 16 maps of 24"

# %% [markdown]
# A unit sees a **small patch**, and all patches **share** the same weights.
# Both are assumptions about pictures: what matters first is local, and it means the same everywhere.
#
# Move the digit, and the map moves with it:

# %% tags=["nbval-check-output"]
from course_utils.nn.convolution import conv2d, shifted

kernel = torch.randn(1, 1, 5, 5, generator=torch.Generator().manual_seed(0))
moved = shifted(digit, 2, 3)[None, None]  # two pixels down, three to the right
first, second = conv2d(digit[None, None], kernel, torch.zeros(1)), conv2d(moved, kernel, torch.zeros(1))
print("the map moved with the digit:", torch.allclose(second[..., 2:, 3:], first[..., :-2, :-3], atol=1e-5))

# %% tags=["evidence"]
assert torch.allclose(second[..., 2:, 3:], first[..., :-2, :-3], atol=1e-5)
# defined: "all patches share the same weights"
# defined: "Both are assumptions about pictures"

# %% [markdown]
# ## Smaller and wider
#
# Is there a corner?
# Often it is enough to know that there is one *about here*.
# **Pooling** cuts a map into blocks and keeps the largest number of each.
#
# ### Your turn: max pooling · 5 minutes


# %%
def my_max_pool(images, size):
    """The largest of every block of size × size. images: (B, C, H, W) tensor. Returns (B, C, H / size, W / size)."""
    ...


ex.max_pool.check(my_max_pool)
# ex.max_pool.hint()
# ex.max_pool.hint(2)
# ex.max_pool.hint(3)
# ex.max_pool.solution()

# %% [markdown]
# After pooling by 2, one step of the map is two pixels of the picture, and a window of the *next* layer covers more of it.
# The patch of the picture that one unit depends on is its **receptive field**.
#
# ## The network
#
# Convolution, ReLU, pooling, the same again, and one layer of lesson 01 that reads out a score for each digit:

# %%
from course_utils.display.tables import show_table
from course_utils.nn.convolution import receptive_field
from course_utils.nn.picture_nets import DigitNet, mlp_of_size

cnn = DigitNet(generator=torch.Generator().manual_seed(0))
stages = cnn.stages(images[:1])
made_by = ["16 kernels of 5 × 5, ReLU", "maxima of 2 × 2", "32 kernels of 5 × 5, ReLU", "maxima of 2 × 2", "a layer"]
layers = [(5, 1), (2, 2), (5, 1), (2, 2)]  # kernel and stride
sees = [f"{receptive_field(layers[:n])} × {receptive_field(layers[:n])}" for n in (1, 2, 3, 4)] + ["28 × 28"]
shapes = [tuple(s.shape[1:]) for s in stages.values()]
show_table(
    {"stage": list(stages), "made by": made_by, "shape": shapes, "one unit sees (pixels)": sees},
    "One digit on its way through the network",
)
parameters = sum(p.numel() for p in cnn.parameters())
print(f"{parameters:,} parameters")

# %% tags=["evidence"]
# defined: "keeps the largest number of each"
# defined: "one step of the map is two pixels"
# defined: "The patch of the picture that one unit depends on"
# defined: "One digit on its way through the network"
# defined: "Convolution, ReLU, pooling, the same again"

# %% [markdown]
# Its opponent is an MLP with about as many parameters: one hidden layer of 23 units.
# Both see the same digits fifty times.
# Each time a digit is shown, it is first turned, stretched and moved a little at random.
# This is called **augmentation**.
#
# **Predict** both accuracies on the 1,000 test digits, as shares between 0 and 1 (chance is 0.1; within a hundredth counts as right).

# %%
my_guess_cnn, my_guess_mlp = ..., ...
EPOCHS = 50

# %% tags=["reveal"]
from course_utils.models.picture_training import picture_accuracy, train_on_pictures

mlp = mlp_of_size(parameters, generator=torch.Generator().manual_seed(0))
wide = mlp_of_size(795 * 256 + 10, generator=torch.Generator().manual_seed(0))  # 256 units, see below
reached = {}
for name, network in (("CNN", cnn), ("MLP", mlp), ("wide MLP", wide)):
    history = train_on_pictures(network, images, labels, seed=0, epochs=EPOCHS)
    reached[name] = picture_accuracy(network, test_images, test_labels)
    print(f"{name}: {reached[name]:.3f} of the 1,000 test digits correct")
    history.described().say()
ex.cnn_digits.check(my_guess_cnn, reached["CNN"])
ex.mlp_digits.check(my_guess_mlp, reached["MLP"])

# %% tags=["evidence"]
assert mlp[1].out_features == 23
assert abs(sum(p.numel() for p in mlp.parameters()) / parameters - 1) < 0.01
# shown: "one hidden layer of 23 units"
# defined: "Both see the same digits fifty times"
# defined: "on the 1,000 test digits, as shares"

# %% [markdown]
# ### Equal in what?
#
# Equal parameters is one way to be fair, and a hard one for the MLP.
# A convolution uses each weight at many positions; so the CNN multiplies far more often for each digit.
# Here are two wider MLPs beside it, one of 256 units, and one that multiplies as often as the CNN.
# Ten epochs, five seeds each, from stored results:

# %% tags=["reveal"]
from course_utils import claims
from course_utils.stats import mean_interval

sizes = claims.results("equal_size")
rows = []
for name, part in sizes.groupby("network", sort=False):
    once = part[["parameters", "multiplications"]].iloc[0].to_dict()
    rows.append(
        {"network": name, **once, "CPU seconds": part.seconds.mean(), "accuracy": str(mean_interval(part.accuracy))}
    )
show_table(rows, "Mean accuracy on the test digits with its 95 % interval", formats={"CPU seconds": ".0f"})

# %% [markdown] tags=["reveal"]
# At equal parameters the CNN is ahead by about six hundredths.
# The MLP of 256 units makes up more than half of that, with a fifth of the multiplications.
# The MLP of equal multiplications, with 57 times the parameters, comes nearer, to about a hundredth; but the CNN stays ahead in all five seeds.
# So the lead is there at equal parameters and at equal work.
# Its size depends on width, epochs and learning rate; ours was chosen for the CNN (more at the end).

# %% tags=["evidence"]
from course_utils.experiments.foundations.equal_size import multiplications

reached_by = sizes.pivot_table(index="seed", columns="network", values="accuracy")
work = sizes.groupby("network")[["parameters", "multiplications"]].first()
assert len(reached_by) == 5
assert (reached_by.drop(columns="CNN").lt(reached_by["CNN"], axis=0)).all().all()
small, middle, equal = (
    reached_by["CNN"].mean() - reached_by[n].mean() for n in ("23 units", "256 units", "1,328 units")
)
assert 0.05 < small < 0.07
assert middle < 0.5 * small
assert 0.005 < equal < 0.015
assert 0.15 < work.multiplications["256 units"] / work.multiplications["CNN"] < 0.25
assert round(work.parameters["1,328 units"] / work.parameters["CNN"]) == 57
assert abs(work.multiplications["1,328 units"] / work.multiplications["CNN"] - 1) < 0.001
assert multiplications(cnn) > 50 * multiplications(mlp)
# shown: "At equal parameters the CNN is ahead by about six hundredths"
# shown: "makes up more than half of that"
# shown: "but the CNN stays ahead in all five seeds"
tuned = claims.results("equal_size_search").pivot_table(index="network", columns="lr", values="accuracy")
rates = claims.results("equal_size_own_rates").groupby("network")["lr"].first()
assert all(tuned.loc[name, rates[name]] == tuned.loc[name].max() for name in rates.index)
own = claims.results("equal_size_own_rates").pivot_table(index="seed", columns="network", values="accuracy")
assert len(own) == 5
shared = claims.results("equal_size").pivot_table(index="seed", columns="network", values="accuracy")
lifted = (own.mean() - shared.mean()).sort_values()
assert lifted.index[-1] == "23 units"
assert (round(shared["23 units"].mean(), 3), round(own["23 units"].mean(), 3)) == (0.919, 0.936)
assert (round(shared["1,328 units"].mean(), 3), round(own["1,328 units"].mean(), 3)) == (0.972, 0.965)
assert round(500 * (tuned.loc["1,328 units", 0.016] - tuned.loc["1,328 units", 0.004])) == 1
assert (own.drop(columns="CNN").lt(own["CNN"], axis=0)).all().all()
# shown: "its rate had won by a single validation digit"
assert 0.035 < (own["CNN"] - own["23 units"]).mean() < small
# shown: "the MLP of 23 units rises from 0.919 to 0.936, more than any other"
# shown: "The CNN stays ahead of each MLP with every seed"
# shown: "A CNN is ahead of MLPs on pictures of digits"
# defined: "Here is each network with four rates"
# defined: "Accuracy on 500 validation digits, one seed"
# shown: "the lead is there at equal parameters and at equal work"
# shown: "so the CNN multiplies far more often for each digit"
# shown: "and one that multiplies as often as the CNN"
# shown: "and a hard one for the MLP"
# defined: "Ten epochs, five seeds each, from stored results"
# defined: "Mean accuracy on the test digits with its 95 % interval"

# %% [markdown]
# What does the CNN still get wrong?

# %% tags=["reveal"]
with torch.no_grad():
    prediction = cnn(test_images).argmax(-1)
wrong = prediction != test_labels
shown = (test_images[wrong][:12], prediction[wrong][:12], test_labels[wrong][:12])
pictures.mistakes(*shown, f"{int(wrong.sum())} of the 1,000 test digits are wrong: the first {len(shown[0])}")

# %% [markdown]
# ## What has it learned?
#
# The kernels of the first layer can be looked at.
# Before training they are noise.
# After training, do you see order in them?

# %%
from course_utils.nn.picture_nets import neighbour_correlation

untrained = DigitNet(generator=torch.Generator().manual_seed(0))
before, after = (net.convolutions[0].weight.detach() for net in (untrained, cnn))
pictures.filters(before, f"Before training: neighbouring weights correlate by {neighbour_correlation(before):.2f}")

# %% tags=["reveal"]
pictures.filters(after, f"After training: neighbouring weights correlate by {neighbour_correlation(after):.2f}")

# %% tags=["reveal"]
with torch.no_grad():
    seen, over_all = cnn.stages(digit[None, None]), cnn.stages(test_images)["conv 2"]
blank, silent = (int((maps.amax(dim=(0, 2, 3)) == 0).sum()) for maps in (seen["conv 2"], over_all))
print(f"Of the 32 maps of conv 2, {blank} are blank for this digit, and {silent} for all of the 1,000 test digits.")
pictures.feature_maps(seen, "What each stage makes of one digit")

# %% [markdown] tags=["reveal"]
# In several maps of conv 1 you can still see the digit.
# A grey background is a kernel's bias: where there is no ink, the sum is 0 and the bias is left.
# In a blank map all sums are negative, and ReLU turns them to 0.
# Where that is so for every digit, the gradient is 0 too, and the kernel no longer learns: a **dead** unit.
#
# Kernels of the second layer cannot be drawn like those of the first: each is a stack of 16.
# But we can ask which patches of the test digits a map answers to most strongly.

# %% tags=["reveal"]
from course_utils.nn.picture_nets import strongest_patches

patches, of_digit = strongest_patches(cnn, test_images, count=8)
chosen = over_all.amax(dim=(0, 2, 3)).topk(5).indices.tolist()  # the five maps with the largest answers
captions = test_labels[of_digit[chosen]].flatten().tolist()
kinds = [len(set(row)) for row in test_labels[of_digit[chosen]].tolist()]
pictures.grid(
    patches[chosen].flatten(0, 1),
    captions,
    f"Each row: the eight test patches that one map of conv 2 answers to most, from {min(kinds)} to {max(kinds)} kinds of digits",
)

# %% tags=["evidence"]
noise = [DigitNet(generator=torch.Generator().manual_seed(seed)).convolutions[0].weight.detach() for seed in range(5)]
assert all(abs(neighbour_correlation(kernels)) < 0.2 for kernels in noise)
assert neighbour_correlation(after) > 0.3
assert cnn.convolutions[1].weight.shape[1] == 16
# shown: "Before training they are noise"
# shown: "each is a stack of 16"
middle = digit[2:-2, 2:-2].flatten()
likeness = [abs(torch.corrcoef(torch.stack([m.flatten(), middle]))[0, 1]) for m in seen["conv 1"][0] if m.std() > 0]
assert sum(alike > 0.4 for alike in likeness) >= 3
corner = cnn.convolutions[0](torch.zeros(1, 1, 5, 5)).flatten()
assert torch.equal(seen["conv 1"][0, :, 0, 0], corner.relu())
assert torch.equal(corner, cnn.convolutions[0].bias)
sums = cnn.convolutions[1](cnn.stages(test_images)["pool 1"])
assert (sums[:, over_all.amax(dim=(0, 2, 3)) == 0] <= 0).all()
gradient = torch.autograd.grad(
    torch.nn.functional.cross_entropy(cnn(test_images), test_labels), cnn.convolutions[1].weight
)
assert (gradient[0][over_all.amax(dim=(0, 2, 3)) == 0] == 0).all()
# shown: "In several maps of conv 1 you can still see the digit"
# shown: "where there is no ink, the sum is 0"
# shown: "In a blank map all sums are negative"
# shown: "the gradient is 0 too, and the kernel no longer learns"
# defined: "which patches of the test digits a map answers to most"

# %% [markdown]
# ### A digit out of place
#
# A convolution's map moves with the digit: you have checked it above.
# So does it matter where the digit stands?
# All digits of MNIST are centred.
# **Predict:** we move the test digits by three pixels, down and to the right.
# What share will the network still get right?

# %%
my_guess_moved = ...  # a share between 0 and 1; within seven hundredths counts as right

# %% tags=["reveal"]
moved = {by: picture_accuracy(cnn, shifted(test_images, by, by), test_labels) for by in range(6)}
show_table(
    {"moved by (pixels)": list(moved), "accuracy": list(moved.values())}, "This network, one seed (chance is 0.1)"
)
ex.moved_digits.check(my_guess_moved, moved[3])

# %% [markdown] tags=["reveal"]
# Moved by five pixels, the network is even below chance: it does not guess, it is confident and wrong.
# The maps move with the digit, but the read-out has weights for each position of its maps, and has learned from digits in the middle.
# Is that the cause?
# Then a read-out that knows no positions should be a cure.
# **Global pooling** keeps one number of each map of conv 2, its maximum, wherever it stands.
# Another cure might be larger shifts in training.
# And part of the loss might be ink that leaves the picture: the last row counts the digits that lose any.
# These networks were trained for six epochs; the one above, after fifty, is better when moved.

# %% tags=["reveal"]
stored = claims.results("moved_digits")
table = stored.pivot_table(index="network", columns="moved_by", values="accuracy", sort=False)
table.loc["share of digits that lose ink"] = stored.groupby("moved_by").cut.first()
table = table.rename(columns="{} pixels".format).reset_index()
show_table(table, "Accuracy on moved test digits, means of five seeds", formats=dict.fromkeys(table.columns[1:], ".2f"))

# %% [markdown] tags=["reveal"]
# Both help, and lost ink explains little: moved by three pixels, the CNN is hardly better on the digits that lose none.
# With global pooling it recognises most digits where the plain read-out fails.
# Both cures cost about two hundredths on centred digits.
# Shifts of up to five pixels in training teach the plain read-out positions up to four pixels away.
# Without any shifts in training it fails earlier: the small shifts of the augmentation have taught it a pixel or two.

# %% tags=["evidence"]
by = stored.pivot_table(index=["network", "moved_by"], columns="seed", values="accuracy")
whole = stored.pivot_table(index=["network", "moved_by"], columns="seed", values="accuracy_whole")
assert by.shape[1] == 5
assert (by.loc["global maximum", 3] > by.loc["CNN", 3] + 0.15).all()
assert (by.loc["global maximum", 3] > 0.5).all()
assert by.loc["global maximum", 0].mean() < by.loc["CNN", 0].mean()
assert (by.loc["CNN, shifts up to 5", 4] > 0.8).all()
assert (by.loc["CNN", 2] > by.loc["CNN, no shifts", 2] + 0.1).all()
assert (whole.loc["CNN", 3] - by.loc["CNN", 3]).mean() < 0.05
assert stored.groupby("moved_by").cut.first()[3] < 0.3
assert by.loc["CNN, shifts up to 5", 0].mean() < by.loc["CNN", 0].mean()
for cure in ("global maximum", "CNN, shifts up to 5"):
    assert 0.015 < by.loc["CNN", 0].mean() - by.loc[cure, 0].mean() < 0.03
assert (by.loc["CNN", 5] < 0.1).all()
assert moved[5] < 0.1
with torch.no_grad():
    surest = cnn(shifted(test_images, 5, 5)).softmax(-1).amax(-1)
assert surest.mean() > 0.5
assert moved[3] > by.loc["CNN", 3].max()
# shown: "it does not guess, it is confident and wrong"
# shown: "the one above, after fifty, is better when moved"
# shown: "Both cures cost about two hundredths on centred digits"
# shown: "Both help, and lost ink explains little"
# shown: "With global pooling it recognises most digits"
# shown: "teach the plain read-out positions up to four pixels away"
# shown: "Without any shifts in training it fails earlier"
ink, along = test_images[:, 0], torch.arange(28.0)
for side in (1, 2):
    centre = (ink.sum(dim=3 - side) * along).sum(dim=1) / ink.sum(dim=(1, 2))
    assert (centre - 14).abs().max() < 0.6
# shown: "All digits of MNIST are centred"
# defined: "we move the test digits by three pixels"
# defined: "Global pooling keeps one number of each map"
# defined: "This network, one seed"
# defined: "Accuracy on moved test digits, means of five seeds"
# defined: "Another cure might be larger shifts"
# defined: "the last row counts the digits"

# %% [markdown]
# ### Play with it: draw a digit
#
# The network you see here was trained in the same way, and runs in your browser.
#
# 1. Draw a 7, then give it a bar.
#    Does the answer change?
# 2. Draw a digit in the corner, with *centre it* off and on.
# 3. Draw something that is no digit.
#    How sure is the network?

# %%
from course_utils.widgets.draw_digit import draw_digit

draw_digit()

# %% [markdown]
# Softmax shares out a probability of 1 among ten digits: "none of them" is not among the answers.

# %% tags=["evidence"]
# defined: "Softmax shares out a probability of 1"
# defined: "Draw a 7, then give it a bar"

# %% [markdown]
# ## Take the advantage away
#
# Is it really the two assumptions that put the CNN ahead?
# Then let us make both wrong.
# We shuffle the pixels of all digits **in one fixed order**, the same for every digit, training and test.
# Hardly any pixel keeps a neighbour, and no pattern means the same in two places.
# (From here on there is no augmentation, which would give away which pixels are neighbours.)

# %%
from course_utils.nn.picture_nets import shuffle_pixels

order = torch.randperm(28 * 28, generator=torch.Generator().manual_seed(1))
shuffled, shuffled_test = shuffle_pixels(images, order), shuffle_pixels(test_images, order)
pictures.grid(shuffled[few], labels[few].tolist(), title="The same sixteen digits, shuffled")

# %%
predict = ex.mlp_shuffled.ask()

# %% [markdown]
# And the CNN?
# Guess its accuracy on shuffled digits (within two hundredths counts as right).

# %%
my_guess_shuffled = ...

# %% tags=["reveal"]
ex.mlp_shuffled.check(predict)
again = DigitNet(generator=torch.Generator().manual_seed(0))
train_on_pictures(again, shuffled, labels, seed=0, epochs=20, warp=0)
accuracy = picture_accuracy(again, shuffled_test, test_labels)
print(f"CNN on shuffled digits, live, one seed, 20 epochs without augmentation: {accuracy:.3f}")
ex.cnn_shuffled.check(my_guess_shuffled, accuracy)

# %% [markdown]
# All four cases, ten seeds each (another order, other first weights), 25 epochs, from stored results:

# %% tags=["reveal"]
results = claims.results("shuffled_pixels")
mean = results.groupby(["network", "pixels"]).accuracy.mean()
lost = {name: mean[name, "as they are"] - mean[name, "shuffled"] for name in ("CNN", "feedforward")}
title = f"Change by shuffling: CNN {-lost['CNN']:+.3f}, MLP of 23 units {-lost['feedforward']:+.3f}"
pictures.shuffled_pixels(results, title.replace("-", "−"))

# %% [markdown] tags=["reveal"]
# For the MLP nothing has changed: to it, pixels are numbers in a row, in whatever order.
# Shuffle the columns of its first weights in the same way, and it is the same network.
# The CNN assumes neighbours and patterns that mean the same everywhere.
# Where that is wrong, the assumptions no longer help, and even cost a little: the CNN ends 0.01 *below* the MLP.
# So its lead over this MLP does depend on them.
# An MLP of 256 units, without augmentation too, makes up about half of that lead by its size alone.

# %% tags=["evidence"]
wide = claims.results("equal_size_plain").accuracy
assert len(wide) == 5
as_they_are = results[results.pixels == "as they are"].groupby("network").accuracy.mean()
regained = (wide.mean() - as_they_are["feedforward"]) / (as_they_are["CNN"] - as_they_are["feedforward"])
assert 0.35 < regained < 0.65
pairs = results.pivot_table(index="seed", columns=["network", "pixels"], values="accuracy")
assert len(pairs) == 10
assert (pairs["CNN", "shuffled"] < pairs["CNN", "as they are"] - 0.02).all()
behind = mean_interval(pairs["CNN", "shuffled"] - pairs["feedforward", "shuffled"])
assert behind.high < 0
assert round(behind.value, 2) == -0.01
assert abs(lost["feedforward"]) < 0.01
tiny = mlp_of_size(parameters, generator=torch.Generator().manual_seed(5))
straight = tiny(test_images[:20])
with torch.no_grad():
    tiny[1].weight.copy_(tiny[1].weight[:, order])
assert torch.allclose(tiny(shuffled_test[:20]), straight, atol=1e-5)
pixel_pairs = {
    name: torch.corrcoef(torch.stack([x[..., 1:].flatten(), x[..., :-1].flatten()]))[0, 1]
    for name, x in (("as they are", images), ("shuffled", shuffled))
}
assert pixel_pairs["as they are"] > 0.7
assert abs(pixel_pairs["shuffled"]) < 0.05
neighbours = order.view(28, 28)
kept = ((neighbours[:, 1:] - neighbours[:, :-1]).abs() == 1).sum() + (neighbours.diff(dim=0).abs() == 28).sum()
assert kept < 0.02 * 784
# shown: "Hardly any pixel keeps a neighbour"
# shown: "For the MLP nothing has changed"
# defined: "The CNN assumes neighbours and patterns"
# shown: "and it is the same network"
# shown: "the CNN ends 0.01 below the MLP"
# shown: "So its lead over this MLP does depend on them"
# shown: "makes up about half of that lead"
# shown: "Its first layer sums over all pixels"
# shown: "random first weights are as likely in one order as in another"
# defined: "no pattern means the same in two places"
# defined: "the same for every digit, training and test"
# defined: "We shuffle the pixels of all digits"
# defined: "Then let us make both wrong"
# defined: "which would give away which pixels are neighbours"
# defined: "within two hundredths counts as right"
# defined: "All four cases, ten seeds each"

# %%
claims.box("C03")

# %% [markdown]
# The box asks for a lead in each case, since the claim names no condition; its rows are younger than its rule.

# %% tags=["evidence"]
# defined: "The box asks for a lead in each case"
assert not set(claims.results("equal_work").seed) & set(claims.results("equal_size").seed)
from course_utils.claims.stored import YOUNGER

assert YOUNGER not in str(claims.box("C03"))
# shown: "its rows are younger than its rule"
# defined: "has few weights, shared by all positions"

# %% [markdown]
# ## Features for others
#
# "Hidden layers extract features", you may read.
# Take the numbers of a layer as they are, and train a **linear** classifier on them: a **linear probe**.
# If it does better than on the pixels, the layer has made the task easier.
#
# But a layer with **random** weights also turns 784 pixels into other numbers.
# So we put the probe on the trained network and on an untrained one.

# %%
ask = ex.what_a_probe_says.ask()

# %%
ex.what_a_probe_says.check(ask)

# %% [markdown]
# The network is trained on some digits, the probes on others (100 or 1,000 with their labels), and judged on a third part.
#
# **Predict:** the last hidden layer, *pool 2*, with random weights, never trained:

# %%
predict = ex.random_layer.ask()

# %% tags=["reveal"]
ex.random_layer.check(predict)
probes = claims.results("probes")
read = probes.pivot_table(index=["layer", "weights"], columns="labels", values="accuracy", sort=False)
pixels, random, trained = (read.loc[row] for row in (("pixels", "pixels"), ("pool 2", "random"), ("pool 2", "trained")))
title = f"Probes with 1,000 labels: pixels {pixels[1000]:.2f}, pool 2 random {random[1000]:.2f}, trained {trained[1000]:.2f}"
pictures.probes(probes, title)

# %%
claims.box("C30")

# %% [markdown] tags=["reveal"]
# - **Trained:** every layer is easier to read than the one before.
# - **Random:** up to *pool 2* these layers are easier to read than the pixels, too.
#   About half of what *pool 2* gains over the pixels needs no training.
#   So "better than pixels" is no proof that something was learned; "better than the same layer with random weights" is.
# - Ten random numbers, the untrained *logits*, are too few.
#
# The layers have different sizes; a strict comparison is one of trained and random weights in the same layer.
# The network was trained on the *same* ten digits, with labels: whether its features help with another task has to be measured there.

# %% tags=["evidence"]
means = probes.groupby(["weights", "labels", "layer"], sort=False).accuracy.mean()
hidden = ["conv 1", "pool 1", "conv 2", "pool 2"]
for count in (100, 1000):
    base = means["pixels", count, "pixels"]
    climb = [base, *(means["trained", count, name] for name in [*hidden, "logits"])]
    assert climb == sorted(climb)
    assert all(means["random", count, name] > base for name in hidden)
    assert means["random", count, "logits"] < base
assert probes.seed.nunique() == 10
share = (random - pixels) / (trained - pixels)
assert share.between(0.4, 0.6).all()
# shown: "About half of what pool 2 gains over the pixels"
sizes_read = probes.drop_duplicates("layer").set_index("layer").dimensions
assert sizes_read["logits"] == 10
assert sizes_read.nunique() > 3
# shown: "every layer is easier to read than the one before"
# shown: "up to pool 2 these layers are easier to read than the pixels"
# shown: "is no proof that something was learned"
# shown: "Ten random numbers, the untrained logits"
# shown: "The layers have different sizes"
# shown: "Nothing was learned here, and still the probe does better"
# shown: "Hence the comparison with random layers"
# shown: "the gold one is higher up to pool 2"
# defined: "A layer can only rearrange, or lose"
# defined: "If it does better than on the pixels"
# defined: "also turns 784 pixels into other numbers"
# defined: "the probes on others (100 or 1,000"
# defined: "with random weights, never trained"
# defined: "it cannot hold more about the picture"
# defined: "network was trained on the same ten digits"
# defined: "Take the numbers of a layer as they are"

# %% [markdown]
# ## What you have seen
#
# - A convolution applies one small kernel at every position.
#   It has few weights, shared by all positions; the map moves with the picture.
# - Pooling and stacking widen what a unit sees.
#   The read-out has weights for each position; global pooling takes them away.
# - A CNN is ahead of MLPs on pictures of digits, at equal parameters and at equal work.
#   Shuffle the pixels, and its assumptions are of no use.
# - Layers are features.
#   A probe says how easily classes can be read off; random layers are the baseline.
#
# **Going further.**
# Larger real data behind the same calls: Fashion-MNIST (`.venv/bin/course data fetch fashion_mnist`, then `fashion_mnist("train")` of `course_utils.data.pictures`), and photographs of the two breeds of lesson 01, Stanford Dogs (`stanford_dogs(size=64, breeds=["German_shepherd", "Labrador_retriever"])`), each into `PictureClassifier().fit(…)`.
#
# **References.**
# Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, *Gradient-based learning applied to document recognition*, Proceedings of the IEEE 86, 1998, [doi:10.1109/5.726791](https://doi.org/10.1109/5.726791).
# M. Lin, Q. Chen and S. Yan, *Network in network*, 2013, [arXiv:1312.4400](https://arxiv.org/abs/1312.4400).
# G. Alain and Y. Bengio, *Understanding intermediate layers using linear classifier probes*, 2016, [arXiv:1610.01644](https://arxiv.org/abs/1610.01644).

# %% [markdown]
# ## Going deeper: is one learning rate fair to all?
#
# The contest of the CNN and the MLPs used the rate that was chosen for the CNN.
# Here is each network with four rates, after ten epochs too (one seed, judged on the *validation* digits):

# %%
search = claims.results("equal_size_search")
by_rate = search.pivot_table(index="network", columns="lr", values="accuracy", sort=False)
by_rate = by_rate.rename(columns="rate {}".format).reset_index()
show_table(by_rate, "Accuracy on 500 validation digits, one seed", formats=dict.fromkeys(by_rate.columns[1:], ".3f"))

# %% [markdown]
# It was not fair.
# With the rate that was best here for each, five other seeds were judged on the test digits: the MLP of 23 units rises from 0.919 to 0.936, more than any other network.
# The MLP of 1,328 units falls, from 0.972 to 0.965: its rate had won by a single validation digit.
# The CNN stays ahead of each MLP with every seed.

# %% [markdown]
# ## Going deeper: what global pooling does not cure
#
# Moved by five pixels, the network with global pooling named far fewer digits than when they were centred.
# Its read-out knows no positions, so what is missing?
# A window cannot reach past the edge of the picture, so a stroke near the edge is seen by fewer windows.
# Here are such networks and the same moved digits, with blank pixels added on all four sides:

# %%
on_paper = claims.results("moved_on_paper").pivot_table(index="wider", columns="moved_by", values="accuracy")
table = on_paper.rename(columns="{} pixels".format).reset_index(names="pixels added on each side")
show_table(table, "Global pooling, moved digits on wider paper", formats=dict.fromkeys(table.columns[1:], ".2f"))

# %% [markdown]
# With four more pixels, digits moved by five win back more than half of what they had lost: most of the loss came from the edge.
# But on wider paper the digits that were not moved are named less well.
# So even without positions in its read-out, the network has learned how much paper to expect.

# %% tags=["evidence"]
papers = claims.results("moved_on_paper").pivot_table(index=["wider", "moved_by"], columns="seed", values="accuracy")
assert papers.shape[1] == 5
assert (papers.loc[4, 5] - papers.loc[0, 5] > 0.5 * (papers.loc[0, 0] - papers.loc[0, 5])).all()
assert (papers.loc[4, 0] < papers.loc[0, 0] - 0.03).all()
assert papers.loc[0, 5].mean() < papers.loc[0, 0].mean() - 0.2
# shown: "Moved by five pixels, the network with global pooling named far fewer"
# shown: "a stroke near the edge is seen by fewer windows"
# shown: "digits moved by five win back more than half"
# shown: "the digits that were not moved are named less well"
# shown: "the network has learned how much paper to expect"
# defined: "Here are such networks and the same moved digits"
# defined: "with blank pixels added on all four sides"

# %% [markdown]
# ## Going deeper: a convolutional layer by hand
#
# ### Your turn: a layer of kernels · 8 minutes
#
# For one channel and one window there is `cross_correlate`, imported above.


# %%
def my_conv2d(images, kernels, bias):
    """images: (B, C, H, W), kernels: (K, C, h, w), bias: (K,), tensors. Returns (B, K, H − h + 1, W − w + 1)."""
    ...


ex.conv2d.check(my_conv2d)
# ex.conv2d.hint()
# ex.conv2d.hint(2)
# ex.conv2d.hint(3)
# ex.conv2d.solution()

# %% tags=["nbval-check-output"]
by_hand = ex.conv2d.mine()
some = torch.randn(2, 3, 9, 8, generator=torch.Generator().manual_seed(0)).double()
kernels, bias = torch.randn(4, 3, 3, 3).double(), torch.randn(4).double()
expected = torch.nn.functional.conv2d(some, kernels, bias)
print("equal to torch's:", torch.allclose(by_hand(some, kernels, bias).to(expected), expected))

# %% [markdown]
# ## Going deeper: sizes of maps, and how far a unit sees
#
# ### Your turn: sizes of maps · 3 minutes
#
# How many positions does a window have along one side?
# With a **stride** of s the window moves by s pixels; a **padding** of p adds p rows of zeros above and below, and p columns left and right.


# %%
def my_output_size(size, kernel, stride, padding):
    """How many positions a window of kernel pixels has along a side of size pixels. Returns a whole number."""
    ...


ex.output_size.check(my_output_size)
# ex.output_size.hint()
# ex.output_size.hint(2)
# ex.output_size.hint(3)
# ex.output_size.solution()

# %% [markdown]
# ### Your turn: receptive field · 6 minutes
#
# For layers given as (kernel, stride), from the picture on.
# (Pooling by 2 is a layer with kernel 2 and stride 2.)


# %%
def my_receptive_field(layers):
    """How many pixels wide a patch one unit of the last layer sees. layers: list of (kernel, stride)."""
    ...


ex.receptive_field.check(my_receptive_field)
# ex.receptive_field.hint()
# ex.receptive_field.hint(2)
# ex.receptive_field.hint(3)
# ex.receptive_field.solution()

# %% [markdown]
# ## Going deeper: shuffle pixels yourself
#
# ### Your turn: one order for all · 4 minutes


# %%
def my_shuffle_pixels(images, permutation):
    """Pixel i of the result is pixel permutation[i] of the image. images: (N, H, W), permutation: (H · W,), tensors."""
    ...


ex.shuffle_pixels.check(my_shuffle_pixels)
# ex.shuffle_pixels.hint()
# ex.shuffle_pixels.hint(2)
# ex.shuffle_pixels.hint(3)
# ex.shuffle_pixels.solution()

# %% [markdown]
# ## Going deeper: your own pictures
#
# A folder with one sub-folder for each class is all it takes.
# Here the sub-folders are the ten digits, written out as PNG files; put the path of your own in its place.

# %%
import tempfile
from pathlib import Path

from PIL import Image

from course_utils.models.pictures import PictureClassifier

folder = Path(tempfile.mkdtemp())  # your own folder instead
for index in range(400):
    name = folder / f"digit {labels[index]}" / f"{index}.png"
    name.parent.mkdir(exist_ok=True)
    Image.fromarray((255 * images[index, 0]).byte().numpy()).save(name)

# %%
classifier = PictureClassifier(kind="cnn", seed=0)
classifier.fit_folder(folder, seconds=5)
predictions = classifier.predict(test_images[:200])
right = [p == f"digit {c}" for p, c in zip(predictions, test_labels[:200].tolist())]
print(f"trained on 400 pictures from a folder; right on {sum(right)} of 200 others")

# %% tags=["evidence"]
# defined: "Larger real data behind the same calls"
# defined: "Pooling by 2 is a layer with kernel 2"
# defined: "with one sub-folder for each class"

# %% [markdown]
# ## Going deeper: names you will meet
#
# Larger networks are stacks of the same parts, with a few more.
# **Padding** keeps maps at their size, so that many layers fit; a **1 × 1 convolution** mixes channels at one position.
# **Batch normalisation** puts every map on one scale within a batch; a **residual connection** adds a block's input to its output, so that gradients have a short way back.
# **AlexNet** (2012) won a contest on photographs of a thousand classes with five convolutional layers; **ResNet** (2015) won it with 152 layers and residual connections.
# Such a network, trained once, is often the start for another task: its layers are kept, and a new read-out is trained.
# This is **transfer learning**, the probe of this lesson on a larger scale.
#
# A. Krizhevsky, I. Sutskever and G. Hinton, *ImageNet classification with deep convolutional neural networks*, 2012, [doi:10.1145/3065386](https://doi.org/10.1145/3065386).
# S. Ioffe and C. Szegedy, *Batch normalization*, 2015, [arXiv:1502.03167](https://arxiv.org/abs/1502.03167).
# K. He, X. Zhang, S. Ren and J. Sun, *Deep residual learning for image recognition*, 2015, [arXiv:1512.03385](https://arxiv.org/abs/1512.03385).

# %% tags=["evidence"]
# defined: "Larger networks are stacks of the same parts"
# defined: "Padding keeps maps at their size"
# source: "Batch normalisation puts every map on one scale" Ioffe and Szegedy 2015
# source: "won a contest on photographs of a thousand classes" Krizhevsky, Sutskever and Hinton 2012; He and others 2015
# defined: "Such a network, trained once, is often the start"
# defined: "This is transfer learning, the probe of this lesson"

# %% tags=["timing"]
course_utils.finish()
