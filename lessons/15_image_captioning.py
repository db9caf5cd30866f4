# %% [markdown]
# # 15 · Image captioning
#
# **90 minutes with its exercises, about two minutes to run.**
# Builds on lessons 02 (convolution) and 14 (encoder-decoder, attention).
#
# You will be able to
#
# - join a convolutional network and an LSTM, so that it describes a picture one word at a time;
# - let the decoder see the picture once, at every step, or where it chooses to look;
# - tell from a score by kinds of words *what* a captioner gets wrong;
# - show where captioners fail, on combinations and on words that they have never seen, and what helps;
# - read a short film with an LSTM.

# %% tags=["setup", "timing"]
import course_utils

course_utils.start("15_image_captioning")

# %% [markdown]
# ## Say what you see
#
# "A woman is throwing a frisbee in a park": that is what a network said of a photo in 2015 (Xu and others).
# The recipe has two parts that you know.
# A CNN looks.
# An LSTM speaks.
#
# Here are pictures for which *we* know the right caption, since our own script drew both: shapes, their size and colour, and how two of them stand to each other.
# (Farther apart from left to right than from top to bottom: the left one first, *left of*.
# Else the upper one first, *above*.)

# %%
from course_utils.data.scenes import scene_split
from course_utils.figures import captions, pictures

train, valid, test = scene_split("random")
print(f"{len(train):,} pictures to train on, {len(valid)} to choose by, {len(test):,} to judge")
pictures.grid(test.images[:4] / 255, title="Four scenes")
for text in test.captions[:4]:
    print(text)

# %% [markdown]
# A caption counts if *every* word is right.
# **Predict:** after a minute of training, what share of its captions will be right, for a network that may look where it chooses?
# (Between 0 and 1; right within 0.05.)

# %%
my_guess = ...  # between 0 and 1

# %% [markdown]
# First what a simple rule can do.
# Whoever says the most frequent caption each time?
# Or looks up the training picture with the most similar pixels, and says its caption?

# %%
from collections import Counter

import torch

from course_utils.display.tables import show_table
from course_utils.metrics import bleu, exact_match


def small(images):
    """(N, 3, 48, 48) → (N, 3·12·12): every fourth pixel."""
    return torch.as_tensor(images[:, :, 2::4, 2::4]).float().flatten(1)


most = Counter(train.captions).most_common(1)[0][0]
nearest = torch.cdist(small(test.images), small(train.images)).argmin(dim=1)
baselines = {"most frequent": [most] * len(test), "nearest picture": [train.captions[n] for n in nearest]}

# %% tags=["reveal"]
show_table(
    [
        {"who": who, "exact": f"{exact_match(said, test.captions):.3f}", "BLEU": f"{bleu(said, test.captions):.1f}"}
        for who, said in baselines.items()
    ],
    "Two rules without a network",
)

# %% [markdown]
# BLEU (lesson 14) is generous here.
# All captions are built alike, so even a wrong one shares many runs of words with the right one.
# The exact match is the honest score for these pictures.
#
# ## From a picture to places
#
# The encoder is the network of lesson 02, with three colours at its input: convolutions, each stage halving the grid.
# What it gives is again a picture, of 6 × 6 **places** with many channels each.
#
# A decoder wants a row of vectors.
# So the places are put in reading order, each with its channels.
#
# ### Your turn · 4 minutes


# %%
def my_places_of(features):
    """features: (B, C, h, w). Returns the places, row by row, (B, h·w, C)."""
    ...


from course_utils.exercises import lesson_15 as ex

ex.places_of.check(my_places_of)
# ex.places_of.hint()
# ex.places_of.hint(2)
# ex.places_of.hint(3)
# ex.places_of.solution()

# %% [markdown]
# ## Three ways to see
#
# The decoder is a language model: it reads the words so far, and says the next one.
# And how does the picture come in?
#
# 1. **Once**: one vector for the whole picture is the decoder's first state.
#    (Vinyals and others 2015 showed it once, too.)
# 2. **At every step**: the same vector stands beside each word that it reads.
# 3. **With attention**: at each step it mixes the 36 places, with weights of its own.
#    (Xu and others 2015.)
#
# ### Your turn · 5 minutes · at every step


# %%
def my_seen_at_every_step(words, picture):
    """words: (B, U, E), picture: (B, F). Returns what the decoder reads: first word, then picture, (B, U, E + F)."""
    ...


ex.seen_at_every_step.check(my_seen_at_every_step)
# ex.seen_at_every_step.hint()
# ex.seen_at_every_step.hint(2)
# ex.seen_at_every_step.hint(3)
# ex.seen_at_every_step.solution()

# %% [markdown]
# ### Your turn · 6 minutes · with attention
#
# By multiplication, for all words at once: scores $q \cdot k$, a softmax over the places, a mix.
# No place of a picture is padding, so no mask.
# (N is 36 here; write it for any number.)


# %%
def my_look(queries, places):
    """queries: (B, U, H), places: (B, N, H). Returns contexts (B, U, H) and weights (B, U, N)."""
    ...


ex.look.check(my_look)
# ex.look.hint()
# ex.look.hint(2)
# ex.look.hint(3)
# ex.look.solution()

# %%
ask = ex.shuffled_places.ask()

# %%
ex.shuffled_places.check(ask)

# %%
from course_utils.nn.looking import look

queries, places = torch.randn(1, 2, 8), torch.randn(1, 36, 8)
order = torch.randperm(36)
context, context_shuffled = look(queries, places)[0], look(queries, places[:, order])[0]
print("largest difference:", f"{(context - context_shuffled).abs().max():.0e}")

# %% [markdown]
# Rounding, and no more.
# So the captioner adds to each place a vector that belongs to *where* it is, learnt like a weight.
#
# ## Train it
#
# With attention, for a minute.
# (A workshop in a hurry sets `TRAIN = False`: then weights that were trained before are loaded, and every figure below is drawn all the same.)

# %%
from course_utils.models.captioning import Captioner, trained_captioner

TRAIN = True

# %% tags=["reveal"]
if TRAIN:
    captioner = Captioner(hidden_size=128, seed=0)
    captioner.fit(train.images, train.captions, valid=(valid.images, valid.captions), seconds=60)
else:
    captioner = trained_captioner("scenes")
share = exact_match(captioner.caption(test.images), test.captions)
print(f"right in every word: {share:.3f} of {len(test):,} scenes kept aside")
ex.with_attention.check(my_guess, round(share, 3))

# %% [markdown]
# And the other two ways?
# Networks of all three kinds, with nearly as many weights and 1,800 steps each, travel with the course.
# **Predict:** what does it cost to see the picture at every step, without attention?
# And once?

# %% tags=["reveal"]
kept = {"once": "scenes_once", "every step": "scenes_without", "attention": "scenes"}
networks = {who: trained_captioner(name) for who, name in kept.items()}
said = {who: network.caption(test.images) for who, network in networks.items()}
table = [
    {
        "sees the picture": who,
        "weights": f"{networks[who].parameters_count:,}",
        "exact": f"{exact_match(lines, test.captions):.3f}",
        "BLEU": f"{bleu(lines, test.captions):.1f}",
    }
    for who, lines in said.items()
]
show_table(table, "The same scenes, 1,800 steps each")

# %% [markdown]
# *Every step* comes close: it can say what it sees, though it had to learn how to pack a picture into one vector.
# *Once* is far behind in as many steps.
# So this is about *when* the picture is seen, and not about attention alone (lesson 14 found the same).
#
# ## Where does it look?
#
# One word after the other: dark is where there was little weight; the number is the largest weight of any place.
# **Predict** first: where will it look when it says *left* or *above*?

# %% tags=["reveal"]
two = next(n for n, things in enumerate(test.objects) if len(things) == 2)
captions.attention_per_word(
    test.images[two], *captioner.attend(test.images[two]), title="Where it looked, word by word"
)

# %% [markdown]
# ### Play with it: your own scene
#
# 1. Put two equal shapes side by side.
#    Does it get the sentence right?
# 2. Choose a colour that it has never seen (orange).
#    Which word does it say?
# 3. Draw the scene again, with other noise.
#    Does the caption change?

# %%
from course_utils.widgets.describe_scene import describe_scene

describe_scene(captioner)

# %% [markdown]
# A map shows where weights are large, not why a word was said.
# The places have seen their surroundings (their receptive field, lesson 02), and the decoder remembers what it saw before.
# *Left* and *above* need two objects, and have no place of their own.
# And orange?
# It has no word for it.
# It says one of its four colours, and nothing in the sentence tells that it is not sure.
#
# ## What exactly is wrong?
#
# Exact match says *that* a caption is wrong.
# Which words are?
# Let us score by kind of word.
#
# ### Your turn · 6 minutes


# %%
def my_right_words(predictions, references, kind):
    """predictions, references: lists of captions, kind: a set of words. Of the words of this kind in the references:
    the share that stands at the same place in the prediction."""
    ...


ex.right_words.check(my_right_words)
# ex.right_words.hint()
# ex.right_words.hint(2)
# ex.right_words.hint(3)
# ex.right_words.solution()

# %% tags=["reveal"]
from course_utils.data.scenes import KINDS
from course_utils.metrics import right_words


def by_kind(answers, truth):
    """A table: who, and the share of right words of each kind."""
    return [
        {"who": who, **{kind: f"{right_words(lines, truth, set(words)):.2f}" for kind, words in KINDS.items()}}
        for who, lines in answers.items()
    ]


show_table(by_kind(said, test.captions), "Right words by kind, on the scenes kept aside")

# %% [markdown]
# *Once* has learnt the form of a caption and the relation, most of the shapes, and hardly a colour (chance: one of four).
# And whoever uses attention, what does it get wrong?
# (Words in brackets are wrong.)

# %% tags=["reveal"]


def wrong_ones(lines, part, most):
    """Some scenes with a wrong caption, drawn."""
    places = [n for n, (one, other) in enumerate(zip(lines, part.captions)) if one != other][:most]
    return captions.gallery(
        part.images[places],
        predictions=[lines[n] for n in places],
        truth=[part.captions[n] for n in places],
        title="What it said, and what is there",
    )


wrong_ones(said["attention"], test, most=4)

# %% [markdown]
# Mostly the relation.
# And *left of* has two words: with the wrong relation every later word stands one place off, and is counted as wrong.
# That is where attention has lost its hundredths of size, colour and shape.
# A table says where to look; the captions say what happened.

# %% [markdown]
# ## New combinations
#
# Test pictures like those it has learnt from: that is the easy half.
# Whoever understands *red* and *triangle* can describe a red triangle without ever having seen one.
# So now some pairs of colour and shape are kept out of training.
# Every colour is there, and every shape; only not these together.

# %%
from course_utils.data.scenes import HELD_OUT, scenes

unseen = scenes(1_000, only="new")
print("never together in training:", ", ".join(f"{colour} {shape}" for colour, shape in HELD_OUT))
pictures.grid(unseen.images[:4] / 255, title="Four scenes with a new combination")

# %% [markdown]
# **Predict:** which share of these captions will be right, for a network with attention after as many steps?
# (It is loaded, too.
# Right within 0.25.)
# And what will be wrong?

# %%
my_new = ...  # between 0 and 1
predict = ex.how_it_fails.ask()

# %% tags=["reveal"]
plain = trained_captioner("combinations")
said_new = {"attention": plain.caption(unseen.images)}
print(f"right in every word: {exact_match(said_new['attention'], unseen.captions):.3f} of {len(unseen):,}")
ex.new_combinations.check(my_new, round(exact_match(said_new["attention"], unseen.captions), 3))
ex.how_it_fails.check(predict)
show_table(by_kind(said_new, unseen.captions), "Right words by kind, on new combinations")

# %% tags=["reveal"]
wrong_ones(said_new["attention"], unseen, most=8)

# %% [markdown]
# It keeps the colour and says another shape, one that it has seen in that colour.
# Two suspects.
# The **decoder** has learnt that certain shapes never follow certain colours: it is a language model, and those words were never neighbours.
# And the **encoder** had only few colours to learn from: nothing forced it to keep colour and shape apart.
#
# Against the first there is a trick.
# In training, hide many of the words that the decoder reads.
# Then it cannot rely on the word before, and has to look.
# (Bowman and others 2016.)
#
# ### Your turn · 5 minutes · word dropout


# %%
def my_word_dropout(inputs, drop, unknown, start):
    """inputs: (B, U) tokens the decoder reads; drop: (B, U), True where the dice say so. Dropped words become
    `unknown`; `start` is never dropped."""
    ...


ex.word_dropout.check(my_word_dropout)
# ex.word_dropout.hint()
# ex.word_dropout.hint(2)
# ex.word_dropout.hint(3)
# ex.word_dropout.solution()

# %% [markdown]
# Against the second: more variety, eight colours in place of four (and as many pictures).
# Both together, with 80 % of the words hidden, and the same four pairs kept out.
# (The scenes to judge have eight colours now, too.)

# %% tags=["reveal"]
unseen = scenes(1_000, colours=8, only="new")
said_helped = trained_captioner("combinations_dropout").caption(unseen.images)
print(f"right in every word: {exact_match(said_helped, unseen.captions):.3f} of {len(unseen):,}")

# %% [markdown]
# Was it the colours, the dropping, or both?
# Measured runs: five seeds, 12,000 pictures and 700 steps for each.
# (Fewer steps than the networks above had, and another learning rate: compare these with each other.
# How much is dropped was chosen with four *other* pairs kept out, so the pairs judged here had no part in it.)

# %% tags=["reveal"]
from course_utils import claims

ways = claims.results("captioning_ways")
captions.scores(
    ways[ways["network"] == "LSTM"],
    title="Right in every word, by what it has learnt from",
    name="training",
    score="exact",
    axis="share of captions right in every word",
)

# %% [markdown]
# Words dropped, with four colours: nothing gained.
# Eight colours alone: a little, and not in every seed.
# Both together help most, and still most captions are wrong.
# (The box counts these runs, too.)

# %%
claims.box("C24")

# %% [markdown]
# ## Pictures made by people
#
# Scenes from a script have a few words and one way to say it.
# Now some thousand emoji, drawn by the people of OpenMoji, with the names that Unicode gave them.
# The split goes by *base* emoji: a thumb in five skin tones is one picture in five colours, and must not stand in two parts.

# %%
from course_utils.data.emoji_pictures import emoji_pictures

learn, choose, asked = emoji_pictures().split()
print(f"{len(learn):,} to train on, {len(choose)} to choose by, {len(asked)} to judge")
shuffled = torch.randperm(len(asked), generator=torch.Generator().manual_seed(1)).tolist()
eight = list({asked.bases[n]: n for n in shuffled}.values())[:8]  # of each base emoji one
pictures.grid(asked.images[eight] / 255, title="Eight emoji kept aside", columns=4)

# %% [markdown]
# The same network, trained on these before (it is loaded here).
# **Predict** the share of captions that are right in every word.
# (Right within 0.1.)

# %%
my_emoji = ...  # between 0 and 1

# %% tags=["reveal"]
said_emoji = trained_captioner("emoji").caption(asked.images)
nearest = torch.cdist(small(asked.images), small(learn.images)).argmin(dim=1)
for who, lines in {"network": said_emoji, "nearest picture": [learn.captions[n] for n in nearest]}.items():
    print(f"{who}: {exact_match(lines, asked.captions):.3f} of {len(asked)}, BLEU {bleu(lines, asked.captions):.1f}")
share = exact_match(said_emoji, asked.captions)
ex.emoji_exact.check(my_emoji, round(share, 3))
captions.gallery(
    asked.images[eight],
    predictions=[said_emoji[n] for n in eight],
    truth=[asked.captions[n] for n in eight],
    title="What it says, and the name",
)

# %% [markdown]
# It fails.
# BLEU puts the nearest picture before the network, and neither is good: skin tones and words such as *person* make runs of right words.
# One reason of the failure can be counted.
#
# ### Your turn · 5 minutes


# %%
def my_never_seen(learnt_from, asked):
    """Two lists of captions. Of all words of `asked`, each as often as it stands there: the share that
    stands in no caption of `learnt_from`."""
    ...


ex.never_seen.check(my_never_seen)
# ex.never_seen.hint()
# ex.never_seen.hint(2)
# ex.never_seen.hint(3)
# ex.never_seen.solution()

# %% tags=["reveal"]
from course_utils.metrics import never_seen

counts = Counter(word for text in learn.captions for word in text.split())
once_only = sum(n == 1 for n in counts.values()) / len(counts)
barred = sum(not set(text.split()) <= set(counts) for text in asked.captions) / len(asked)
print(f"words of the test captions that it has never read: {never_seen(learn.captions, asked.captions):.2f}")
print(f"captions that have such a word, and cannot be right: {barred:.2f}")
print(f"words that stand once in all that it has learnt from: {once_only:.2f} of its {len(counts):,} words")
captions.words_seen(learn.captions, asked.captions, title="Different words of the test, by how often it has read them")

# %% [markdown]
# A network that says whole words cannot say one that it has never read.
# And from a single picture it can hardly learn which part of it a word is about.
# That is not all of it: more than half of the captions could be right, and very few are.
# What would be needed: many pictures for every word.
# Flickr8k has 8,000 photos with five captions each; and an encoder that has seen a million photos before.
# Then the decoder need not learn to see.
#
# ## From pictures to films
#
# "LSTMs process single images and whole videos too", says the article.
# A film is a row of pictures; so a small CNN looks at each frame, and an LSTM goes along.
# The task: a digit crosses the picture.
# **Which way?**
# There are as many films for each direction, and the places where they begin are drawn at random.

# %%
from course_utils.data.moving_digits import moving_digits

films = moving_digits(count=8, seed=0)
pictures.grid(films.clips[0][::2] / 255, title="Every second frame of one film", columns=6)
ask = ex.frames_alone.ask()

# %%
ex.frames_alone.check(ask)

# %% tags=["reveal"]
captions.scores(
    claims.results("moving_digits"),
    title="Which way does the digit go? Ten seeds, films of digits not seen",
    name="network",
    score="accuracy",
    chance=1 / 4,
    axis="share of films named rightly",
)

# %% [markdown]
# One frame has what chance has.
# Frames in a random order tell the line along which the digit goes, and not the way: one of two.
# In their right order a state that goes along the frames can be enough.
# It need not be: two LSTMs of ten were right in three films of four only, and the RNNs stayed far below.
# All GRUs got there.
# (Nearly as many weights, 400 steps.
# Each network has the learning rate that was best on two other seeds, of three that were tried.)
#
# And a single picture?
# It can be read like a text, row by row, from top to bottom:

# %% tags=["reveal"]
captions.scores(
    claims.results("digits_as_rows"),
    title="Digits read as 28 rows of pixels. Ten seeds, digits not seen",
    name="network",
    score="accuracy",
    chance=1 / 10,
    axis="share of digits named rightly",
)

# %% [markdown]
# With as many weights, LSTM and GRU read rows better than a feedforward network sees all pixels at once; the RNN does not.
# (Again the best learning rate on two other seeds, of four.)

# %%
claims.box("C32")

# %% [markdown]
# ## RNN, GRU or LSTM?
#
# The article counts captioning among the tasks for LSTMs.
# The same captioner with attention and each of the three cells, with nearly as many weights, 700 steps, and for each the learning rate that was best on another seed, of five that were tried (the LSTM's best was the largest of them):

# %% tags=["reveal"]
cells = claims.results("captioning")
captions.scores(
    cells,
    title=f"Scenes kept aside, {cells['seed'].nunique()} seeds",
    name="network",
    score="exact",
    axis="share of captions right in every word",
)

# %% tags=["reveal"]
sizes = cells.groupby("network", sort=False)[["parameters", "hidden_size", "lr", "exact", "cpu_seconds"]].mean()
show_table(sizes.rename(columns={"hidden_size": "units", "lr": "learning rate", "cpu_seconds": "CPU seconds"}), "Means")

# %% [markdown]
# LSTM and GRU are far ahead of the RNN.
# Between the two the intervals decide nothing.

# %%
claims.box("C06")

# %% [markdown]
# ## Your own pictures
#
# Any pictures with captions will do: an array of shape (N, 3, H, W), numbers between 0 and 1 or bytes, and a list of strings.
# Flickr8k comes through `flickr8k()` of `course_utils.data.flickr`, after `course data fetch flickr8k`; `fit(backbone=…)` takes a torchvision network as encoder.

# %%
mine = Captioner(hidden_size=32, seed=0)
mine.fit(train.images[:64], train.captions[:64], steps=60)
show_table({"it says": mine.caption(train.images[:3]), "right": train.captions[:3]}, "After 60 steps")

# %% [markdown]
# Sixty steps are few: it has the beginning of a sentence.
# For files of your own, `picture_folder(path, size=48, colour=True)` of lesson 02 reads them; the captions are a list that you write.
#
# ## What you have seen
#
# - A CNN turns a picture into places; an LSTM says words; attention joins them.
# - Shown once, a picture was learnt slowest; at every step, nearly as well as with attention, in more time.
#   With attention the decoder can pick a place.
# - A score by kind of word says what a captioner gets wrong; BLEU is kind to wrong captions of the right form.
# - A random split flatters: on new combinations the same network says what it has seen together.
# - Words that were never read cannot be said.
# - One frame has no direction.
#   A state that goes through the frames can find it: all GRUs did, and eight LSTMs of ten.
#
# **Going further.**
# `scenes(colours=8)` with a captioner of your own; `caption(images, beam=3)`; the article's own example, photos, with Flickr8k and a backbone.
#
# **References.**
# O. Vinyals, A. Toshev, S. Bengio and D. Erhan, *Show and tell*, CVPR 2015, [doi:10.1109/CVPR.2015.7298935](https://doi.org/10.1109/CVPR.2015.7298935).
# K. Xu and others, *Show, attend and tell*, ICML 2015, [arXiv:1502.03044](https://arxiv.org/abs/1502.03044).
# S. R. Bowman and others, *Generating sentences from a continuous space*, 2016, [doi:10.18653/v1/K16-1002](https://doi.org/10.18653/v1/K16-1002).
# B. Lake and M. Baroni, *Generalization without systematicity*, ICML 2018, [arXiv:1711.00350](https://arxiv.org/abs/1711.00350).

# %% tags=["timing"]
course_utils.finish()
