# %% [markdown]
# # 02 · CNN features
#
# **75 minutes with its exercises, about a minute to run.**
# Builds on lesson 01: layers, cross-entropy, splits and chance lines.
#
# You will be able to
#
# - write a convolution that equals torch's, and say what it sees and what it costs;
# - read the filters and feature maps of a trained network;
# - say where the advantage of a convolutional network comes from, and take it away;
# - use a network's layers as features, and judge them with a linear probe beside random ones.

# %% tags=["setup", "timing"]
import course_utils

course_utils.start("02_cnn_features")

# %% [markdown]
# ## Five thousand digits
#
# Handwritten digits, 28 × 28 pixels, from 0 (paper) to 1 (ink): 5,000 of the famous 70,000 of MNIST, which come with a package.
# 3,500 to train on, 500 to choose by (we chose the sizes and the learning rate of the networks below by them), 1,000 to judge.

# %%
import torch

from course_utils.data.pictures import digit_pictures
from course_utils.figures import pictures

parts = {name: tuple(map(torch.as_tensor, part)) for name, part in digit_pictures().items()}
(images, labels), (test_images, test_labels) = parts["train"], parts["test"]
print("training", tuple(images.shape), " validation", tuple(parts["valid"][0].shape), " test", tuple(test_images.shape))
few = slice(0, 16)
pictures.grid(images[few], labels[few].tolist(), title="Sixteen of the digits to train on")

# %% [markdown]
# The MLP of lesson 01 would take the 784 pixels as 784 numbers in a row.
# It would work.
# But look at what it does not know: that two pixels are neighbours; that a stroke is a stroke wherever it stands.
# It has to learn both from examples, for each place anew.
#
# ## A small window that moves
#
# Let us look through a small window, of 3 × 3 pixels for example.
# Multiply what is seen by nine weights, sum up, and move on by one pixel.
# The weights are a **kernel**; the sums form a new picture, a **map**.
#
# ### Your turn · 8 minutes
#
# Write it for one picture and one kernel, of any size.
# The window stays inside the picture.


# %%
def my_cross_correlate(image, kernel):
    """image: (H, W), kernel: (h, w). Returns (H − h + 1, W − w + 1)."""
    ...


from course_utils.exercises import lesson_02 as ex

ex.cross_correlate.check(my_cross_correlate)
# ex.cross_correlate.hint()
# ex.cross_correlate.hint(2)
# ex.cross_correlate.hint(3)
# ex.cross_correlate.solution()

# %% [markdown]
# (What networks call a **convolution** is this.
# In mathematics the kernel would be turned around first, and this is a *cross-correlation*.
# Since the weights are learnt, it makes no difference.)
#
# What a kernel answers to depends on its weights.
# **Predict:** (1 is ink, 0 is paper)

# %%
from course_utils.nn.convolution import KERNELS, cross_correlate

digit = images[labels == 4][0, 0]  # (28, 28)
predict = ex.edge.ask()

# %% tags=["reveal"]
ex.edge.check(predict)
maps = {name: cross_correlate(digit, kernel) for name, kernel in KERNELS.items()}
pictures.kernels_on(digit, maps, "Each kernel answers to something else (red: positive, blue: negative)")

# %% [markdown]
# ### Your turn · 3 minutes
#
# How many places does a window have along one side?
# With a **stride** of s only every s-th place counts; **padding** puts so many rows (or columns) of zeros on both sides.


# %%
def my_output_size(size, kernel, stride, padding):
    """How many places a window of kernel pixels has along a side of size pixels. Returns a whole number."""
    ...


ex.output_size.check(my_output_size)
# ex.output_size.hint()
# ex.output_size.hint(2)
# ex.output_size.hint(3)
# ex.output_size.solution()

# %% [markdown]
# ## A layer of windows
#
# A **convolutional layer** has several kernels; each makes a map of its own.
# The next layer sees all these maps at once, as its **channels** (a colour picture begins with three).
# So a kernel of the next layer is a stack of C windows, one for each channel, (C, h, w).
# At every place each window gives a sum on its own channel; these C sums are added up, and a bias.
#
# ### Your turn · 8 minutes
#
# For one channel and one window there is `cross_correlate`, imported above.


# %%
def my_conv2d(images, kernels, bias):
    """images: (B, C, H, W), kernels: (K, C, h, w), bias: (K,). Returns (B, K, H − h + 1, W − w + 1)."""
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
print(
    "equal to torch's:", torch.allclose(by_hand(some, kernels, bias), torch.nn.functional.conv2d(some, kernels, bias))
)

# %% [markdown]
# ### Your turn · 3 minutes
#
# What does such a layer learn?
# Count its numbers.


# %%
def my_conv_parameter_count(in_channels, out_channels, kernel):
    """Weights and biases of a convolution with windows of kernel × kernel. Returns a whole number."""
    ...


ex.conv_parameter_count.check(my_conv_parameter_count)
# ex.conv_parameter_count.hint()
# ex.conv_parameter_count.hint(2)
# ex.conv_parameter_count.hint(3)
# ex.conv_parameter_count.solution()

# %% [markdown]
# Sixteen kernels of 5 × 5 on a digit are 416 numbers, and they make 16 maps of 24 × 24 units.
# A layer of lesson 01 with as many units, each of them seeing all 784 pixels with weights of its own: how many numbers would *it* learn?

# ### Your turn · 2 minutes

# %%
my_dense_count = ...

ex.sharing.check(my_dense_count)

# %% [markdown]
# Two things save nearly everything.
# A unit sees a **small patch** only, and all patches **share** the same weights.
# Both are beliefs about pictures: that what matters first is local, and that it means the same everywhere.
# If a belief is right, it replaces examples.
# Below we shall make it wrong.
#
# Sharing has a consequence that can be checked.
# Move the digit, and the map moves with it:

# %% tags=["nbval-check-output"]
from course_utils.nn.convolution import conv2d, shifted

kernel = torch.randn(1, 1, 5, 5, generator=torch.Generator().manual_seed(0))
moved = shifted(digit, 2, 3)[None, None]  # two pixels down, three to the right
first, second = conv2d(digit[None, None], kernel, torch.zeros(1)), conv2d(moved, kernel, torch.zeros(1))
print("the map moved by as much:", torch.allclose(second[..., 2:, 3:], first[..., :-2, :-3], atol=1e-5))

# %% [markdown]
# ## Smaller and wider
#
# Is there a corner?
# Often it is enough to know that there is one *about here*.
# **Pooling** cuts a map into blocks and keeps the largest number of each.
#
# ### Your turn · 5 minutes


# %%
def my_max_pool(images, size):
    """The largest of every block of size × size. images: (B, C, H, W). Returns (B, C, H / size, W / size)."""
    ...


ex.max_pool.check(my_max_pool)
# ex.max_pool.hint()
# ex.max_pool.hint(2)
# ex.max_pool.hint(3)
# ex.max_pool.solution()

# %% [markdown]
# After pooling, one step of the map is two pixels of the picture.
# So a window of the *next* layer sees further.
# How far?
# The patch of the picture that one unit depends on is its **receptive field**.
#
# ### Your turn · 6 minutes
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
# ## The network
#
# Convolution, bend, pooling, the same again, and one layer of lesson 01 that reads out a score for each digit:

# %%
from course_utils.display.tables import show_table
from course_utils.nn.convolution import receptive_field
from course_utils.nn.picture_nets import DigitNet, mlp_of_size

cnn = DigitNet(generator=torch.Generator().manual_seed(0))
stages = cnn.stages(images[:1])
made_by = [
    "16 kernels of 5 × 5, relu",
    "the largest of 2 × 2",
    "32 kernels of 5 × 5, relu",
    "the largest of 2 × 2",
    "a layer",
]
shapes = [tuple(s.shape[1:]) for s in stages.values()]
show_table({"stage": list(stages), "made by": made_by, "shape": shapes}, "One digit on its way")
parameters = sum(p.numel() for p in cnn.parameters())
print(f"{parameters:,} numbers to learn")
seen = receptive_field([(5, 1), (2, 2), (5, 1), (2, 2)])
print(f"one unit of pool 2 sees {seen} × {seen} of the 28 × 28 pixels")

# %% [markdown]
# Its opponent is an MLP with as many numbers to learn.
# Both see the same digits equally often, fifty times; and each time a digit is shown, it is first turned (by up to 11 degrees), stretched (by up to an eighth) and moved (by up to 1.7 pixels) by chance, for both alike.
# That makes many digits from few, and is called **augmentation**.
#
# **Predict** both accuracies on the 1,000 digits kept aside, as shares between 0 and 1 (chance is 0.1; we call it right within a hundredth).

# %%
my_guess_cnn, my_guess_mlp = ..., ...
EPOCHS = 50

# %% tags=["reveal"]
from course_utils.models.picture_training import picture_accuracy, train_on_pictures

mlp = mlp_of_size(parameters, generator=torch.Generator().manual_seed(0))
reached = {}
for name, network in (("CNN", cnn), ("MLP", mlp)):
    train_on_pictures(network, images, labels, seed=0, epochs=EPOCHS)
    numbers = sum(p.numel() for p in network.parameters())
    reached[name] = picture_accuracy(network, test_images, test_labels)
    print(f"{name}  {numbers:,} numbers learnt, {reached[name]:.3f} of 1,000 digits named rightly")
ex.cnn_digits.check(my_guess_cnn, reached["CNN"])
ex.mlp_digits.check(my_guess_mlp, reached["MLP"])

# %% [markdown]
# On 1,000 digits a share near 0.98 has a standard error of about 0.004.
# The gap is much larger than that.
# (Ten seeds follow below, trained without the turning and stretching.)
#
# What does the CNN still get wrong?

# %% tags=["reveal"]
with torch.no_grad():
    said = cnn(test_images).argmax(-1)
wrong = said != test_labels
pictures.mistakes(
    test_images[wrong][:12], said[wrong][:12], test_labels[wrong][:12], "Some of these would puzzle a person"
)

# %% [markdown]
# ## What has it learnt?
#
# The kernels of the first layer can be looked at.
# Nobody has told the network what an edge is.
# Before training they are noise:

# %%
untrained = DigitNet(generator=torch.Generator().manual_seed(0))
pictures.filters(untrained.convolutions[0].weight.detach(), "Sixteen kernels before training")

# %% [markdown]
# And after it.
# Do you see order in them?

# %% tags=["reveal"]
pictures.filters(
    cnn.convolutions[0].weight.detach(), "The same sixteen after training: smoother, some are edges or strokes"
)

# %% tags=["reveal"]
with torch.no_grad():
    seen = cnn.stages(digit[None, None])
pictures.feature_maps(seen, "What each stage makes of one digit")

# %% [markdown]
# In the first maps you can still see the digit.
# (A grey ground is a kernel's bias.)
# In the later ones you cannot, or hardly; and yet the read-out needs nothing but the last of these.
#
# ### A digit out of place
#
# A convolution's map moves with the digit: you have checked it above.
# So does it matter where the digit stands?
# All digits of MNIST are centred.
# **Predict:** we move the test digits by three pixels, down and to the right.
# What share will the network still name rightly?

# %%
my_guess_moved = ...  # a share between 0 and 1; right within about five hundredths

# %% tags=["reveal"]
moved = {
    by: picture_accuracy(cnn, torch.stack([shifted(image, by, by) for image in test_images]), test_labels)
    for by in range(6)
}
show_table({"moved by (pixels)": list(moved), "named rightly": list(moved.values())}, "Chance is 0.1")
ex.moved_digits.check(my_guess_moved, moved[3])

# %% [markdown]
# The maps move with the digit, but the read-out is a layer of lesson 01: it has weights for each place, and has learnt from digits in the middle.
# "It means the same everywhere" is built into the convolutions, and not into the read-out.
# (Pooling adds to it: pool 2 steps by four pixels, so after a shift by three its maps are not the same maps, shifted.
# And at five pixels strokes begin to leave the picture.)
# The small shifts in training have taught it a pixel or two.
#
# ### Play with it: draw a digit
#
# The network you see here was trained like ours, and runs in your browser.
#
# 1. Draw a 7, then give it a bar.
#    Which maps change?
# 2. Draw a digit in the corner, with *centre it* off and on.
# 3. Draw something that is no digit.
#    How sure is the network?

# %%
from course_utils.widgets.draw_digit import draw_digit

draw_digit()

# %% [markdown]
# (Softmax must give 1 to ten digits together: "none of them" is not among the answers.)

# %% [markdown]
# ## Take the advantage away
#
# Is it really the two beliefs that make the CNN better?
# Then let us make both wrong: no neighbours, and no pattern that means the same in two places.
# We shuffle the pixels of all digits **in one fixed order**, the same for every digit, training and test.
# (From here on digits are neither turned nor stretched, which would give away which pixels are neighbours, and each network sees them 20 to 25 times.
# So all accuracies will be lower than before.)
#
# ### Your turn · 4 minutes


# %%
def my_shuffle_pixels(images, permutation):
    """Pixel i of the result is pixel permutation[i] of the image. images: (N, H, W), permutation: (H · W,)."""
    ...


ex.shuffle_pixels.check(my_shuffle_pixels)
# ex.shuffle_pixels.hint()
# ex.shuffle_pixels.hint(2)
# ex.shuffle_pixels.hint(3)
# ex.shuffle_pixels.solution()

# %%
from course_utils.nn.picture_nets import shuffle_pixels

order = torch.randperm(28 * 28, generator=torch.Generator().manual_seed(1))
shuffled, shuffled_test = shuffle_pixels(images, order), shuffle_pixels(test_images, order)
pictures.grid(shuffled[few], labels[few].tolist(), title="The same sixteen digits, shuffled")

# %%
predict = ex.mlp_shuffled.ask()

# %% [markdown]
# And the CNN?
# Guess its accuracy on shuffled digits.
# (Right within two hundredths.)

# %%
my_guess_shuffled = ...

# %% tags=["reveal"]
ex.mlp_shuffled.check(predict)
again = DigitNet(generator=torch.Generator().manual_seed(0))
train_on_pictures(again, shuffled, labels, seed=0, epochs=20, warp=0)
print(f"CNN on shuffled digits, live, one seed: {picture_accuracy(again, shuffled_test, test_labels):.3f}")
ex.cnn_shuffled.check(my_guess_shuffled, picture_accuracy(again, shuffled_test, test_labels))

# %% [markdown]
# All four, ten seeds each (another order, other first weights), from the stored results:

# %% tags=["reveal"]
from course_utils import claims

pictures.shuffled_pixels(claims.results("shuffled_pixels"), "Shuffled, the CNN loses its lead; the MLP loses nothing")

# %% [markdown]
# For the MLP nothing has changed: to it, pixels are numbers in a row, in whatever order; shuffle the columns of its first weights in the same way, and it is the same network.
# And random first weights are as likely in one order as in another.
# The CNN believes in neighbours and in patterns that mean the same everywhere.
# Where that is wrong, it no longer helps, and even costs a little: the CNN is 0.01 *below* the MLP.
#
# (The box holds the claim to both cases.
# "Contradicted" is its lead on shuffled pixels, which the claim as it stands, without a condition, would promise.)

# %%
claims.box("C03")

# %% [markdown]
# (Detection, the other half of the claim, is lesson 03's.)

# %% [markdown]
# ## Features for others
#
# "Hidden layers extract features", you may read.
# How would one test it?
# Take the numbers of a layer as they are, and train only a **linear** classifier on them: a **linear probe**.
# If it does better than on the pixels, the layer has made the task easier.
#
# But easier than what?
# A layer with **random** weights also turns 784 pixels into other numbers.
# So the probe is put on the trained network and on an untrained one.

# %%
ask = ex.what_a_probe_says.ask()

# %%
ex.what_a_probe_says.check(ask)

# %% [markdown]
# The network is trained on some digits (turned and stretched as above), the probes on others (100 or 1,000 with their labels), and judged on a third part.
#
# **Predict:** the last hidden layer, *pool 2*, with random weights, never trained:

# %%
predict = ex.random_layer.ask()

# %% tags=["reveal"]
ex.random_layer.check(predict)
pictures.probes(claims.results("probes"), "How well a straight line reads the digits off each layer")

# %% tags=["reveal"]
read = claims.results("probes").pivot_table(index=["layer", "weights"], columns="labels", values="accuracy", sort=False)
pixels, random, learnt = (read.loc[row] for row in (("pixels", "pixels"), ("pool 2", "random"), ("pool 2", "trained")))
means = {"pixels": pixels, "pool 2, random": random, "pool 2, trained": learnt}
means |= {"share of the gain that needs no training": (random - pixels) / (learnt - pixels)}
show_table(
    [{"": who, **{f"{count} labels": numbers[count] for count in (100, 1000)}} for who, numbers in means.items()],
    "Accuracy of the probes, means of ten seeds",
)

# %%
claims.box("C30")

# %% [markdown]
# - **Trained**, every layer is easier to read than the one before.
# - **Random** ones are easier to read than the pixels too, up to *pool 2*.
#   Many random mixtures with a bend, and a maximum that forgives small shifts, are no bad features.
#   So about half of what pool 2 gains over the pixels needs no training.
#   "It is better than pixels" is no proof that something was learnt; "better than the same layer with random weights" is.
# - Ten random numbers, the untrained *logits*, are too few.
#
# Two cautions.
# The layers have different sizes; only trained and random ones of the same layer can be compared strictly.
# And the network was trained on the *same* ten digits, with labels: that its last layer tells them apart with 100 more labels is no wonder.
# Whether features help with something else has to be measured there.
# (Lesson 15 will take this network's maps to describe pictures in words.)

# %% [markdown]
# ## Your own pictures
#
# A folder with one sub-folder for each class is all it takes.
# Here the sub-folders are the ten digits, written out as PNG files; put the path of your own in its place.

# %%
import tempfile
from pathlib import Path

from PIL import Image

from course_utils.models.pictures import PictureClassifier

folder = Path(tempfile.mkdtemp())  # your own folder instead
for place in range(400):
    name = folder / f"digit {labels[place]}" / f"{place}.png"
    name.parent.mkdir(exist_ok=True)
    Image.fromarray((255 * images[place, 0]).byte().numpy()).save(name)

# %%
classifier = PictureClassifier(kind="cnn", seed=0)
classifier.fit_folder(folder, seconds=5)
said = classifier.predict(test_images[:200])
right = [s == f"digit {c}" for s, c in zip(said, test_labels[:200].tolist())]
print(f"trained on 400 pictures from a folder; right on {sum(right)} of 200 others")

# %% [markdown]
# ## What you have seen
#
# - A convolution lays one small kernel on every place.
#   Few weights, shared by all places; the map moves with the picture.
# - Pooling and stacking widen what a unit sees.
#   The read-out has weights for each place: a digit out of place is not recognised.
# - At equal size a CNN is ahead of an MLP on pictures of digits, because its two beliefs fit them.
#   Shuffle the pixels, and the advantage is gone.
# - Layers are features.
#   A probe says how easily classes are read off; random layers are the baseline.
#
# **Going further.**
# Larger real data behind the same calls: Fashion-MNIST (`course data fetch fashion_mnist`, then `fashion_mnist("train")` of `course_utils.data.pictures`), and photographs of the two breeds of lesson 01, Stanford Dogs (`stanford_dogs(size=64, breeds=["German_shepherd", "Labrador_retriever"])`), each into `PictureClassifier().fit(…)`.
#
# **References.**
# Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, *Gradient-based learning applied to document recognition*, Proceedings of the IEEE 86, 1998, [doi:10.1109/5.726791](https://doi.org/10.1109/5.726791).
# G. Alain and Y. Bengio, *Understanding intermediate layers using linear classifier probes*, 2016, [arXiv:1610.01644](https://arxiv.org/abs/1610.01644).

# %% tags=["timing"]
course_utils.finish()
