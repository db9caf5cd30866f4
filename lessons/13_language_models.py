# %% [markdown]
# # 13 · Language models
#
# Builds on lesson 01 (cross-entropy), lesson 05 (states) and lesson 07 (LSTM).
#
# You will be able to
#
# - say in one unit how well a model predicts a text, whatever its tokens are;
# - train a recurrent network on one long text, with its state carried on and its gradient cut;
# - judge it beside a counting model, which is a serious opponent;
# - let it write, search what it wrote for copies, and ask what it looks at, with controls;
# - (going deeper) write discounts, a truncated gradient, and the nucleus.

# %% tags=["setup", "timing"]
import course_utils

course_utils.start("13_language_models")

# %% [markdown]
# ## What comes next?
#
# A **language model** gives a probability to whatever may come next in a text.
# With that it can write, one token after the other, and it can say how usual a text is.
#
# The text of this lesson is English of 1901: the first million characters of the American Standard Version of the Bible.
# Its last tenth is the test, and a twentieth before it is for validation.

# %%
from course_utils.data.english_text import english_text

text = english_text()
print(f"characters: {len(text.train):,} for training, {len(text.valid):,} for validation, {len(text.test):,} for test")
print("...", text.test[251:560])

# %% tags=["evidence"]
parts = [len(text.train), len(text.valid), len(text.test)]
assert sum(parts) == 1_000_000
assert parts[2] == sum(parts) // 10
assert parts[1] == sum(parts) // 20
# shown: "the first million characters of the American Standard Version"
# shown: "Its last tenth is the test, and a twentieth before it is for validation"
# defined: "gives a probability to whatever may come next"

# %% [markdown]
# Why not a random tenth of the lines?
# Neighbours of each test line would stand in the training part, and a model that repeats what it has read would look good.
#
# ## One unit
#
# A model gives the probability $p$ to the character that really came.
# It pays $-\log_2 p$ **bits**: 0 where it was sure of it, many where it was surprised.
# The sum over a text, divided by the number of its characters, is the score of this lesson: **bits per character**.
#
# How many bits does one of 64 equally probable characters cost?

# %% tags=["evidence"]
import math

assert -math.log2(1) == 0
# shown: "0 where it was sure of it, many where it was surprised"
# defined: "The sum over a text, divided by the number of its characters"
# defined: "Neighbours of each test line would stand in the training part"

# %%
from course_utils.exercises import lesson_13 as ex

my_bits = ...  # bits for one of 64 equally probable characters

ex.uniform_bits.check(my_bits)

# %% [markdown]
# Torch's cross-entropy is the same in **nats**, with the natural logarithm: a bit is 0.69 nats.
# Its exponential is the **perplexity**: a model with a perplexity of 8 is as unsure as one that must guess among 8 equally probable tokens.
#
# ### Your turn: perplexity · 4 minutes
#
# A text goes through in batches, and each batch gives its mean loss.
# The last batch is often smaller.

# %% tags=["evidence"]
import math

assert round(math.log(2), 2) == 0.69
assert math.isclose(math.exp(-math.log(1 / 8)), 8)
# shown: "the same in nats, with the natural logarithm: a bit is 0.69 nats"
# shown: "a model with a perplexity of 8 is as unsure as"
# defined: "The last batch is often smaller"
# shown: "Six questions with yes or no find one of 64"
# shown: "That is the perplexity: among how many it chooses"
# shown: "In bits it is the logarithm to base 2"
# defined: "In bits: the logarithm to base 2"
# defined: "Bits have base 2"
# shown: "That is the logarithm to base 10"
# shown: "Half of them is the first question only"
assert 2**6 == 64


# %%
def my_perplexity(losses, counts):
    """losses: mean nats per token of each batch; counts: its tokens. A number."""
    ...


ex.perplexity.check(my_perplexity)
# ex.perplexity.hint()
# ex.perplexity.hint(2)
# ex.perplexity.hint(3)
# ex.perplexity.solution()

# %% [markdown]
# ## Characters, words, pieces of words
#
# What is a **token**?
# It may be a character, a word, or a **subword**: a piece of a word that occurs often, found by joining the most frequent pair of neighbours, again and again (Sennrich, Haddow and Birch, 2016).
# All tokens together are the **vocabulary**.
# The network looks up a vector of learned numbers for each of them, its **embedding**.

# %%
from course_utils.display.tables import show_table
from course_utils.models.text_codecs import text_codec

codecs = {level: text_codec(level, text.train) for level in ("char", "word", "subword")}
sentence = "And Sennacherib rose up."
rows = [
    {
        "level": level,
        "vocabulary": len(codec),
        "tokens of this sentence": len(codec.pieces(sentence)),
        "pieces": " | ".join(codec.pieces(sentence)),
    }
    for level, codec in codecs.items()
]
show_table(rows, "One sentence at three levels; a space belongs to the word after it")

# %% [markdown]
# With longer tokens the sentence has fewer of them, and each is a choice among more.
# So perplexities per token cannot be compared between levels.
# Bits per character can.
#
# ### Your turn: bits per character · 3 minutes

# %% tags=["evidence"]
assert len(codecs["char"]) < 100 < len(codecs["subword"]) < len(codecs["word"])
lengths = [len(codec.pieces(sentence)) for codec in codecs.values()]
assert lengths[0] == len(sentence) > lengths[2] > lengths[1]
# source: "a piece of a word that occurs often" Sennrich, Haddow and Birch (2016)
# shown: "One sentence at three levels"
# shown: "With longer tokens the sentence has fewer of them, and each is a choice among more"
# defined: "So perplexities per token cannot be compared between levels"
# defined: "All tokens together are the vocabulary"
# defined: "looks up a vector of learned numbers for each"


# %%
def my_bits_per_character(nats, text):
    """nats: of each token; text: what the tokens spell. A number."""
    ...


ex.bits_per_character.check(my_bits_per_character)
# ex.bits_per_character.hint()
# ex.bits_per_character.hint(2)
# ex.bits_per_character.hint(3)
# ex.bits_per_character.solution()

# %% [markdown]
# A vocabulary of words is never complete: 5 % of the words of the test are not in it.
# All of them are read as one token, `<unk>`.
# That is a trap:

# %%
ask = ex.smaller_vocabulary.ask()

# %%
ex.smaller_vocabulary.check(ask)

# %% [markdown]
# So an unknown word is **charged**: the bits of `<unk>`, and those that it takes to spell the word, here by a small n-gram of characters.

# %% tags=["evidence"]
import math

coded = codecs["word"].encode(text.test)
assert round((coded == 0).double().mean().item(), 2) == 0.05
assert math.isclose(2 ** (4 * 2.2) / 2**8.8, 1)
assert round(2**2.2, 1) == 4.6
assert 2**8 == 256
# shown: "A vocabulary of words is never complete: 5 % of the words of the test"
# defined: "All of them are read as one token"
# defined: "and those that it takes to spell the word"
# shown: "A character model with 2.2 bits would be worse"
# shown: "8 bits for 4 characters"
# defined: "it stands for 4 characters and costs 8 bits"
# shown: "The 8 bits pay for all four characters"
# shown: "A token stands for four characters"
# defined: "Many words that were hard to predict are now one and the same"
# defined: "not which rare word comes, only that one does"
# defined: "With one word, <unk> alone, it would be 1"
# defined: "So unknown words must be charged"


# %% [markdown]
# ## The opponent first: count
#
# An **n-gram** of order 5 looks at the four tokens before, and counts what followed them in the training text.
# Many runs of the test never occurred in training.
# So a little is taken off every count, the **discount**, and given to what the next shorter run says (Ney, Essen and Kneser, 1994).
# The course's `NGram` has the refinement of Kneser and Ney (1995), and counts a megabyte in one pass.
#
# **Predict:** how many bits per character does the n-gram of order 5 need on the test?
# A die of 64 characters would need 6.

# %%
my_guess = ...  # bits per character, such as 3.5

# %% tags=["reveal"]
from course_utils.models.language import LanguageModel, NGram, trained_language_model

counted = {order: NGram(order) for order in (1, 2, 3, 4, 5, 6, 8)}
for model in counted.values():
    model.fit(text.train)
bits = {order: model.bits_per_character(text.test) for order, model in counted.items()}
counts = [model.parameters_count for model in counted.values()]
show_table({"order": list(bits), "counts": counts, "bits": list(bits.values())}, "Bits per character, by order")
ex.five_gram_bits.check(my_guess, round(bits[5], 2))

# %% [markdown] tags=["reveal"]
# Up to order 6 each order is better than the one before it, and each gains less; order 8 is better still.
# A network that claims to model this language has to be compared with that, and not with a die.

# %% tags=["evidence"]
gains = [bits[low] - bits[high] for low, high in ((1, 2), (2, 3), (3, 4), (4, 5), (5, 6))]
assert all(gain > 0 for gain in gains)
assert gains == sorted(gains, reverse=True)
assert bits[8] < bits[6]
unseen = sum(text.test[at : at + 8] not in text.train for at in range(0, 90_000, 450)) / 200
assert unseen > 0.2
# shown: "Bits per character, by order"
# shown: "Up to order 6 each order is better than the one before it, and each gains less"
# shown: "order 8 is better still"
# shown: "Many runs of the test never occurred in training"
# source: "So a little is taken off every count" Ney, Essen and Kneser (1994)
# source: "has the refinement of Kneser and Ney (1995)" Kneser and Ney (1995)
# defined: "A die of 64 characters would need 6"
# defined: "has to be compared with that, and not with a die"
# defined: "looks at the four tokens before, and counts"

# %% [markdown]
# ## One long text, cut into rows
#
# An n-gram knows nothing of what lies further back than its order.
# A recurrent network has a state, which may hold more.
# But one text is one sequence of a million steps, too long to go back through.
# **Truncated backpropagation through time** (Williams and Peng, 1990) does this:
#
# - cut the text into $B$ rows, which are read side by side;
# - read $T$ tokens of each row, a **window**, and go back through these alone;
# - **carry the state** on to the next window, without its graph.

# %% tags=["evidence"]
# source: "But one text is one sequence of a million steps" Williams and Peng (1990)
# defined: "An n-gram knows nothing of what lies further back"
# defined: "cut the text into B rows, which are read side by side"
# defined: "a window, and go back through these alone"


# %% [markdown]
# ### Your turn: a window and its targets · 3 minutes
#
# What is the target of each token?


# %%
def my_window_at(rows, start, seq_len):
    """rows: (B, L). Inputs and targets, both (B, T)."""
    ...


ex.window_at.check(my_window_at)
# ex.window_at.hint()
# ex.window_at.hint(2)
# ex.window_at.hint(3)
# ex.window_at.solution()

# %% [markdown]
# Here is the whole training, small:

# %%
import math

import torch
from torch import nn

from course_utils.nn.streams import parallel_rows, window_at

tokens = codecs["char"].encode(text.train)
table, lstm, read_out = nn.Embedding(66, 32), nn.LSTM(32, 64, batch_first=True), nn.Linear(64, 66)
optimizer = torch.optim.Adam([*table.parameters(), *lstm.parameters(), *read_out.parameters()], lr=0.01)
stretch, state = parallel_rows(tokens, 16), None
for step in range(201):
    inputs, targets = window_at(stretch, 64 * step, 64)  # (B, T), (B, T)
    hidden, state = lstm(table(inputs), state)
    state = tuple(part.detach() for part in state)  # the numbers go on, their graph does not
    loss = nn.functional.cross_entropy(read_out(hidden).transpose(1, 2), targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 50 == 0:
        print(f"step {step:3}: {loss.item() / math.log(2):.2f} bits per character of this window")

# %% [markdown]
# Carrying a state goes wrong in three ways.
# Torch stops two of them:

# %%
from course_utils.experiments.applications import carried_states

print("graph kept:        ", carried_states.error_with_the_graph_kept()[:60], "…")
print("last batch smaller:", carried_states.error_with_a_smaller_batch()[:60], "…")
print("operations behind the loss, window by window")
print("  `retain_graph=True`:", carried_states.graph_by_window(6, detached=False))
print("  detached:           ", carried_states.graph_by_window(6, detached=True))

# %% [markdown]
# With `retain_graph=True`, the advice in torch's own message, there is no error: each window goes back through all windows before it.
# The third way never raises an error:

# %% tags=["evidence"]
kept = carried_states.graph_by_window(6, detached=False)
cut = carried_states.graph_by_window(6, detached=True)
assert "retain_graph" in carried_states.error_with_the_graph_kept()
assert carried_states.error_with_a_smaller_batch()
steps_up = [kept[at + 1] - kept[at] for at in range(5)]
assert min(steps_up) > 0.8 * kept[0]
assert max(cut) <= min(cut) + 2
assert len(codecs["char"]) == 66
assert len(kept) == 6
# shown: "Torch stops two of them"
# shown: "each window goes back through all windows before it"
# defined: "Carrying a state goes wrong in three ways"
# defined: "The third way never raises an error"
# defined: "Here is the whole training"

# %%
ask = ex.shuffled_windows.ask()

# %%
ex.shuffled_windows.check(ask)

# %% [markdown]
# What do such mistakes cost?
# Ten seeds of a small LSTM with windows of 16 characters, stored; all are judged with the state carried correctly:

# %%
from course_utils import claims
from course_utils.figures import bits as figures

ways = claims.results("carried_states")
by_seed = ways.pivot(index="seed", columns="way", values="bits")
more = by_seed.drop(columns="carried").sub(by_seed["carried"], axis=0)
figures.means_by_row(
    more.melt(ignore_index=False, value_name="more").reset_index(),
    "more",
    "A wrong state costs more bits than no state",
    row="way",
    xlabel="bits per character more than with the state carried, seed by seed",
    levels={"carried": 0},
)

# %% [markdown]
# A state of zeros at each window costs 0.02 bits in the mean, and more than 0 with every seed.
# A state of another row costs more than zeros with every seed, that of shuffled windows with nine of ten.

# %% tags=["evidence"]
assert len(by_seed) == 10
assert (by_seed["zeros at every window"] > by_seed["carried"]).all()
assert round((by_seed["zeros at every window"] - by_seed["carried"]).mean(), 2) == 0.02
assert (by_seed["of another row"] > by_seed["zeros at every window"]).all()
assert (by_seed["windows shuffled"] > by_seed["zeros at every window"]).sum() == 9
# shown: "A wrong state costs more bits than no state"
# shown: "A state of zeros at each window costs 0.02 bits in the mean, and more than 0 with every seed"
# shown: "A state of another row costs more than zeros with every seed, that of shuffled windows with nine of ten"
# defined: "Ten seeds of a small LSTM with windows of 16 characters"
# defined: "That is so only where the windows come in their order"
# defined: "Nothing sets it to zero"
# defined: "No error is raised"

# %% [markdown]
# ## Train it
#
# An LSTM of 256 units reads 32 rows, 64 characters at a time, and passes through the text about seven times.
# **Predict:** how many bits per character does it need on the test?
#
# (A workshop in a hurry sets `TRAIN = False`: then weights that were trained before, for the same number of steps, are loaded.)

# %%
from course_utils.models.live import live_or_stored

TRAIN = True
my_guess = ...  # bits per character

# %% tags=["reveal"]
network = LanguageModel("char", "lstm", hidden_size=256, seed=0)
history = network.fit(text.train, valid=text.valid, steps=3000, seconds=240) if TRAIN else None
network = live_or_stored(network, history, trained_language_model("char"))
network.described().say()
network_bits = network.bits_per_character(text.test)
print(f"LSTM: {network_bits:.3f} bits; n-gram of order 5: {bits[5]:.3f}, of order 8: {bits[8]:.3f}")
ex.network_bits.check(my_guess, round(network_bits, 2))

# %% [markdown] tags=["reveal"]
# The LSTM whose weights travel with the course has fewer bits than the n-gram of order 5, and more than that of order 8.
# It read the text seven times; counting is one pass.
# The n-gram of order 8 keeps 585,533 counts, the network 350,978 weights: neither is simply the better model.

# %% tags=["evidence"]
stored = trained_language_model("char")
assert bits[8] < stored.bits_per_character(text.test) < bits[5]
assert (counted[8].parameters_count, stored.parameters_count) == (585_533, 350_978)
rows_read, seq_len, steps = 32, 64, 3000
assert 6.5 < steps * rows_read * seq_len / len(text.train) < 7.5
assert "3,000" in str(stored.described())
assert "256 units" in str(stored.described())
# shown: "An LSTM of 256 units reads 32 rows, 64 characters at a time, and passes through the text about seven times"
# shown: "has fewer bits than the n-gram of order 5, and more than that of order 8"
# shown: "The n-gram of order 8 keeps 585,533 counts, the network 350,978 weights"
# shown: "It read the text seven times; counting is one pass"
# defined: "trained before, for the same number of steps"

# %% [markdown]
# ## Which level?
#
# The article says that language models work with characters, n-grams, words, sentences or paragraphs.
# An *n-gram* is no level: there are n-grams of characters, of subwords and of words.
# Here are all levels, ten seeds, each with another stretch of the text.
# The LSTMs had three seconds of training each.
# A **unigram** knows how frequent each token is, and nothing of what came before.

# %%
levels = claims.results("text_levels")
kinds = {"1-gram": "unigram", "3-gram": "n-gram", "5-gram": "n-gram"}
figures.means_by_row(
    levels.replace({"model": kinds}),
    "bits",
    "Sentences and paragraphs are too rare to be tokens",
    row="level",
    kind="model",
)

# %% [markdown]
# More than four fifths of the sentences of the test are unknown.
# They have to be spelled, and their level saves nothing.
# With characters, subwords and words, what came before saves bits.
# In three seconds no LSTM catches up with the n-gram of its level.
# Words need fewer bits than characters, for either model.
# With unknown words free of charge, the lead of words would nearly double.

# %% tags=["evidence"]
mean = levels.groupby(["level", "model"])[["bits", "free_bits", "unknown"]].mean()
each = levels.pivot_table(index="seed", columns=["level", "model"], values="bits")
assert len(each) == 10
assert mean.loc[("sentences", "1-gram"), "unknown"] > 0.8
for rare in ("sentences", "paragraphs"):
    assert mean.loc[(rare, "1-gram"), "bits"] > mean.loc[("characters", "1-gram"), "bits"]
for level, order in (("characters", "5-gram"), ("subwords", "3-gram"), ("words", "3-gram")):
    assert (each[level][order] < each[level]["LSTM"]).all()
    assert (each[level]["LSTM"] < each[level]["1-gram"]).all()
assert (each["words"]["LSTM"] < each["characters"]["LSTM"]).all()
assert (each["words"]["3-gram"] < each["characters"]["5-gram"]).all()
charged = mean.loc[("characters", "LSTM"), "bits"] - mean.loc[("words", "LSTM"), "bits"]
free = mean.loc[("characters", "LSTM"), "free_bits"] - mean.loc[("words", "LSTM"), "free_bits"]
assert 1.7 < free / charged < 2
# shown: "Sentences and paragraphs are too rare to be tokens"
# shown: "More than four fifths of the sentences of the test are unknown"
# shown: "They have to be spelled, and their level saves nothing"
# shown: "With characters, subwords and words, what came before saves bits"
# shown: "In three seconds no LSTM catches up with the n-gram of its level"
# shown: "Words need fewer bits than characters, for either model"
# shown: "the lead of words would nearly double"
# defined: "An n-gram is no level"
# defined: "Here are all levels, ten seeds"
# defined: "The LSTMs had three seconds of training each"
# defined: "knows how frequent each token is, and nothing"

# %%
claims.box("C22")

# %% [markdown]
# ## Writing
#
# To write, draw the next token from its probabilities, read it, and go on.
# The logits may be divided by a **temperature** first.
#
# ### Your turn: temperature · 3 minutes


# %%
def my_next_probabilities(logits, temperature):
    """logits: (…, V). Probabilities (…, V)."""
    ...


ex.next_probabilities.check(my_next_probabilities)
# ex.next_probabilities.hint()
# ex.next_probabilities.hint(2)
# ex.next_probabilities.hint(3)
# ex.next_probabilities.solution()

# %%
ask = ex.surest_text.ask()

# %% tags=["reveal"]
for temperature in (0, 0.5, 1.0, 1.5):
    print(f"temperature {temperature}: {network.sample('And he said', 160, temperature, seed=1)!r}\n")
ex.surest_text.check(ask)

# %% [markdown]
# Two filters leave improbable tokens out.
# **Top-k** keeps the $k$ most probable tokens.
# The **nucleus** keeps the most probable ones that have the probability $p$ together: few where the model is sure, many where it is not (Holtzman and others, 2020).
# Here is one sample of each level with a nucleus of 0.9:

# %% tags=["evidence"]
surest = trained_language_model("char").sample("And he said", 400, 0)
assert any(surest[-size:] == surest[-2 * size : -size] for size in range(5, 150))
twice = trained_language_model("char")
assert twice.sample("And he said", 50, 0, seed=1) == twice.sample("And he said", 50, 0, seed=2)
# shown: "Every single token is the most probable; the whole is not"
# shown: "Nothing is random at temperature 0: the same prompt always gives the same text"
# shown: "Once a text has come back to a state it was in, nothing can lead it out again"
# source: "keeps the most probable ones that have the probability p together" Holtzman and others (2020)
# defined: "keeps the k most probable tokens"
# defined: "Two filters leave improbable tokens out"
# defined: "Here is one sample of each level with a nucleus of 0.9"

# %%
for level in ("char", "subword", "word"):
    print(f"{level}: {trained_language_model(level).sample('And he said', 160, top_p=0.9, seed=1)!r}\n")

# %% [markdown]
# The model of words makes up words too: where it draws `<unk>`, its n-gram of characters spells one.
#
# ### Written, or remembered?
#
# Search the training text for the longest run of each sample that stands there word for word.
# The control is text that was not trained on: five stretches of the test.
# **Predict:**

# %% tags=["evidence"]
made = trained_language_model("word").sample("And he said", 400, top_p=0.9, seed=1)
known = set(codecs["word"].pieces(text.train))
assert any(piece not in known for piece in codecs["word"].pieces(made))
# shown: "The model of words makes up words too"
# defined: "The control is text that was not trained on"
# defined: "Search the training text for the longest run"

# %%
ask = ex.copied_more.ask()

# %% tags=["reveal"]
from course_utils.metrics import copied_share, longest_copy

written = {f"LSTM, temperature {t}": network.sample("And he said", 1_500, t, seed=1) for t in (0.5, 1)}
written["n-gram of order 8"] = counted[8].sample("And he said", 1_500, seed=1)
written["new text"] = "\n".join(text.test[at : at + 299] for at in range(0, 100_000, 20_000))
copies = [
    {"text": name, "share in copies": copied_share(sample, text.train), "longest": longest_copy(sample, text.train)}
    for name, sample in written.items()
]
show_table(copies, "Copies of 30 characters or more in 1,500")
ex.copied_more.check(ask)

# %% [markdown] tags=["reveal"]
# New text of this book has more in long copies than what the LSTM draws at temperature 1: it has formulas.
# At a lower temperature the LSTM keeps to them as well.
# So a copied phrase alone does not show that a network has learned its text by heart.

# %% tags=["evidence"]
drawn_by = {t: trained_language_model("char").sample("And he said", 1_500, t, seed=1) for t in (0.5, 1)}
shares = {t: copied_share(sample, text.train) for t, sample in drawn_by.items()}
new = copied_share(written["new text"], text.train)
assert shares[1] < 0.05 < 0.1 < shares[0.5]
assert new > 0.1
# shown: "Copies of 30 characters or more in 1,500"
# shown: "New text of this book has more in long copies than what the LSTM draws at temperature 1"
# shown: "At a lower temperature the LSTM keeps to them as well"
# shown: "This book has formulas, and new chapters use them again"
# shown: "So a copied run alone is no proof of learning by heart"
# defined: "The control is text that the model has never seen"
# defined: "Look at the means of five samples"
# defined: "does not show that a network has learned its text by heart"

# %% [markdown]
# ## What does it look at?
#
# $\lvert \partial\, \mathrm{logit} / \partial x_t \rvert$: how much would the logit of the next character change, if the embedding at step $t$ changed a little?
# It is the gradient of lesson 06, over a text:

# %%
from course_utils.figures.texts import shaded

beginning = text.test[1_000:1_240]
guess, saliency = network.sample(beginning, 1, 0), network.saliency(beginning)
last = (saliency[-10:].sum() / saliency.sum()).item()
shaded(
    network.pieces(beginning),
    saliency,
    f"What the guess {guess!r} depends on: {last:.0%} on the last ten characters",
    "size of the gradient",
)

# %% [markdown]
# Nearly all of it lies in the last ten characters, here and at four more places that we tried.
# But a gradient answers for small changes only.
# So cut the text off instead: let it read nothing but the last $k$ characters before each of 300 places of the test.
# **Predict:** from how many characters on does more context no longer help?

# %%
my_guess = ...  # characters

# %% tags=["reveal"]
places = range(1_000, 100_000, 330)
for k in (5, 10, 20, 80, 320):
    costs = [network.token_nats(text.test[at - k : at + 1])[-1].item() for at in places]
    print(f"the last {k:3} characters: {sum(costs) / len(costs) / math.log(2):.3f} bits")
ex.context_used.check(my_guess)

# %% [markdown] tags=["reveal"]
# This LSTM may carry its state as far as it likes, and on this text it predicts from the last 20 characters: much like an n-gram.
# That is no law for LSTMs; it is what this one has learned.

# %% tags=["evidence"]
import math

travels = trained_language_model("char")
for at in (1_000, 5_000, 9_000, 13_000, 17_000):
    found = travels.saliency(text.test[at : at + 240])
    assert found[-10:].sum() > 0.85 * found.sum()
with_last = {
    k: sum(travels.token_nats(text.test[at - k : at + 1])[-1].item() for at in places) / len(places) / math.log(2)
    for k in (5, 10, 20, 320)
}
assert len(places) == 300
assert with_last[5] > with_last[10] + 0.2
assert abs(with_last[20] - with_last[320]) < 0.01
# shown: "Nearly all of it lies in the last ten characters, here and at four more places"
# shown: "on this text it predicts from the last 20 characters"
# shown: "From about 15 characters on more context brings next to nothing"
# shown: "Its loss falls further: see the first two lines"
# shown: "That is how far the gradient went back in training"
# shown: "See what more than 20 bring"
# defined: "But a gradient answers for small changes only"
# defined: "let it read nothing but the last k characters"
# defined: "it is what this one has learned"
# defined: "It is the gradient of lesson 06"

# %% [markdown]
# And what does the state hold?
# Recurrent networks of characters are said to have units that count the length of a line, or know whether a quotation is open (Karpathy, Johnson and Fei-Fei, 2016).
# A **probe** picks the unit that follows a label best on one half of a text, and is judged on the other half.
# It needs two controls: the labels in random order, and the same network **untrained**.
# Ten seeds of an LSTM with 64 units, trained for 1,000 steps on text in lines of at most 60 characters; square brackets stand around words that the translators added:

# %%
counters = claims.results("line_counters")
as_they_are, in_disorder = (counters[counters["labels"] == kind] for kind in ("as they are", "shuffled"))
figures.means_by_row(
    as_they_are,
    "correlation",
    "Counting lines, knowing brackets: no better than untrained",
    row="asked",
    kind="network",
    xlabel="correlation of the chosen unit with the label",
    levels={"labels shuffled": in_disorder["correlation"].mean()},
)

# %% [markdown]
# Beside shuffled labels alone, the column looks like a small discovery.
# Beside the untrained network it is none.
# So we have not found such units in networks of this size and training, which does not say that larger ones have none.

# %% tags=["evidence"]
from course_utils.stats import mean_interval

found = as_they_are.pivot_table(index="seed", columns=["asked", "network"], values="correlation")
assert len(found) == 10
assert mean_interval(found["column in the line"]["trained"]).low > 0.04 > in_disorder["correlation"].mean() + 0.03
assert mean_interval(found["column in the line"]["trained"] - found["column in the line"]["untrained"]).low < 0
assert mean_interval(found["inside a bracket"]["trained"] - found["inside a bracket"]["untrained"]).high < 0.01
# source: "are said to have units that count the length of a line" Karpathy, Johnson and Fei-Fei (2016)
# shown: "Counting lines, knowing brackets: no better than untrained"
# shown: "Beside shuffled labels alone, the column looks like a small discovery"
# shown: "Beside the untrained network it is none"
# shown: "So we have not found such units in networks of this size and training"
# defined: "picks the unit that follows a label best on one half"
# defined: "Ten seeds of an LSTM with 64 units, trained for 1,000 steps"

# %% [markdown]
# ## RNN, GRU or LSTM?
#
# The article says that RNNs do basic tasks and LSTMs the advanced ones, and that the LSTM is ahead of hidden Markov models and others.
# A **hidden Markov model** (HMM) is in one of $K$ states, and that is all it knows of the past.
# Here all have 32,000 weights, nearly; the 5-gram has more than 55,000 counts.
# Ten seeds, each with another stretch of the text, and for each model the best of five settings or six.
#
# **Predict:**

# %%
ask = ex.fewest_bits.ask()

# %% tags=["reveal"]
cells = claims.results("text_cells")
figures.means_by_row(
    cells,
    "bits",
    "Counting first, the ReLU RNN next; the LSTM is ahead of the Transformer and the HMM",
    row="network",
    kind="given",
)

# %% tags=["reveal"]
ex.fewest_bits.check(ask)

# %% [markdown] tags=["reveal"]
# With every seed the 5-gram has the fewest bits and the RNN with ReLU comes next, in equal steps and in equal seconds.
# The RNN with tanh is ahead of the LSTM too, and GRU and LSTM change places from seed to seed.
# So on this text, at this size, after about three passes, letters do not need an LSTM.
# It is ahead of the Transformer and the HMM, and not of counting.

# %% tags=["evidence"]
by_given = cells.pivot_table(index="seed", columns=["given", "network"], values="bits")
assert len(by_given) == 10
count = by_given["its own"]["5-gram"]
for given in ("equal steps", "equal seconds"):
    of_each = by_given[given]
    assert (of_each["ReLU RNN"] > count).all()
    assert (of_each["tanh RNN"] > of_each["ReLU RNN"]).all()
    assert (of_each["LSTM"] > of_each["tanh RNN"]).all()
    assert (of_each["GRU"] > of_each["tanh RNN"] - 0.03).all()
    assert (of_each["Transformer"] > of_each["LSTM"]).all()
    assert (by_given["its own"]["HMM"] > of_each["LSTM"]).all()
    assert 0 < (of_each["GRU"] > of_each["LSTM"]).sum() < 10
    assert (of_each["GRU"] > of_each["ReLU RNN"]).all()
weights = cells[cells["network"] != "5-gram"]["parameters"]
assert weights.between(32_000, 32_600).all()
assert cells[cells["network"] == "5-gram"]["parameters"].min() > 55_000
tried = claims.results("text_cells_search").groupby("network")["setting"].nunique()
assert set(tried) == {5}
assert 3 < 1_000 * 16 * 64 / 300_000 < 4
from course_utils.experiments.applications.text_training import alphabet, width_like

assert 1.9 < width_like("ReLU RNN", len(alphabet()), 64) / 64 < 2.1
# shown: "With every seed the 5-gram has the fewest bits and the RNN with ReLU comes next"
# shown: "The RNN with tanh is ahead of the LSTM too, and GRU and LSTM change places"
# shown: "So on this text, at this size, after about three passes, letters do not need an LSTM"
# shown: "Here all have 32,000 weights, nearly; the 5-gram has more than 55,000 counts"
# shown: "It is ahead of the Transformer and the HMM, and not of counting"
# shown: "for each model the best of five settings or six"
# shown: "Counting first, the ReLU RNN next; the LSTM is ahead of the Transformer and the HMM"
# shown: "It is ahead of the LSTM, and behind the RNN with ReLU"
# shown: "The RNN with ReLU is ahead of it with every seed"
# shown: "Both RNNs are ahead of it with every seed"
# shown: "With as many weights it has twice as many units as the LSTM"
# defined: "Whether that is the reason we did not test"
# defined: "The article says that RNNs do basic tasks"
# defined: "is in one of K states, and that is all it knows"

# %%
claims.box("C06")

# %%
claims.box("C20")

# %% [markdown]
# ## Play with it
#
# 1. Begin with a sentence of today.
#    How soon is it in the Bible again?
# 2. Temperature 0: how long until it repeats itself?
# 3. Temperature 1.5 with a nucleus of 0.5: which of the two is stronger?

# %%
from course_utils.widgets.write_on import write_on

write_on(network, "And Moses went up into the")

# %% [markdown]
# ## What you have seen
#
# - Bits per character of the raw text are one unit for every level; unknown words are charged.
# - A discounted n-gram takes one pass, and is hard to beat.
# - A long text is read in rows; the state is carried on, the gradient is cut.
#   A state of the wrong place raises no error.
# - Temperature, top-k and nucleus act on the same probabilities.
# - A copied run, a gradient and a probe say something only beside their controls.

# %% tags=["evidence"]
assert bits[5] < 0.75 * bits[2] < 0.75 * bits[1]
assert bits[8] < trained_language_model("char").bits_per_character(text.test)
# shown: "A discounted n-gram takes one pass, and is hard to beat"
# defined: "say something only beside their controls"
# defined: "Begin with a sentence of today"
# defined: "divide by the sum of the counts, and give what was saved"
# defined: "u is drawn evenly from 0 to 1"

# %% [markdown]
# ## Going deeper: unknown words
#
# First, a token that is known: it stands for 4 characters and costs 8 bits.

# %%
my_bits = ...  # of this token, per character

ex.token_bits.check(my_bits)

# %% [markdown]
# ### Your turn: charge them · 4 minutes


# %%
def my_charged_nats(nats, words, vocabulary, spelling):
    """nats: of each word's token, `<unk>` for an unknown one; spelling(word): nats to spell it. A number."""
    ...


ex.charged_nats.check(my_charged_nats)
# ex.charged_nats.hint()
# ex.charged_nats.hint(2)
# ex.charged_nats.hint(3)
# ex.charged_nats.solution()

# %% [markdown]
# ## Going deeper: three levels, more text
#
# Three LSTMs travel with the course, one for each level, trained on the whole training part.
# Here they are beside n-grams of the same text:

# %%
rows = []
for level, order in (("char", 8), ("word", 5), ("subword", 5)):
    lstm_of_level, ngram = trained_language_model(level), NGram(order, level)
    ngram.fit(text.train)
    row = {
        "level": level,
        "LSTM": lstm_of_level.bits_per_character(text.test),
        "its weights": lstm_of_level.parameters_count,
    }
    rows.append(row | {"n-gram": ngram.bits_per_character(text.test), "of order": order})
show_table(rows, "Bits per character on the test; one seed of each network")

# %% [markdown]
# With more text and more time, the LSTM of words has fewer bits than counting; the other two do not.
# One seed of each, of different size and time, cannot say more.

# %% tags=["evidence"]
by_level = {row["level"]: row for row in rows}
assert by_level["word"]["LSTM"] < by_level["word"]["n-gram"]
for level in ("char", "subword"):
    assert by_level[level]["LSTM"] > by_level[level]["n-gram"]
# shown: "the LSTM of words has fewer bits than counting; the other two do not"
# shown: "Bits per character on the test; one seed of each network"
# defined: "One seed of each, of different size and time"
# defined: "one for each level, trained on the whole training part"

# %% [markdown]
# ## Going deeper: rows
#
# ### Your turn: rows · 4 minutes


# %%
def my_parallel_rows(tokens, rows):
    """tokens: (N,); rows: B. (B, N // B), each row a stretch of the text."""
    ...


ex.parallel_rows.check(my_parallel_rows)
# ex.parallel_rows.hint()
# ex.parallel_rows.hint(2)
# ex.parallel_rows.hint(3)
# ex.parallel_rows.solution()

# %% [markdown]
# ## Going deeper: a probe of this network
#
# Two labels that are easier to follow: was a vowel read last, and how many characters ago was the last space?

# %%
import numpy as np

from course_utils.experiments.applications.line_counters import telling_unit

probed = text.valid[:12_000]
untrained = LanguageModel("char", "lstm", hidden_size=256, seed=0)
untrained.fit(text.train, steps=1, lr=1e-9, progress=False)  # one step of next to nothing
labels = {
    "a vowel was read last": [character in "aeiou" for character in probed],
    "characters since the last space": [len(probed[: at + 1].rsplit(" ", 1)[-1]) for at in range(len(probed))],
}
shuffled = np.random.default_rng(0).permutation(len(probed))
rows = []
for name, label in labels.items():
    values, of_trained = np.array(label, dtype=float), network.states(probed).numpy()
    row = {"label": name, "trained": telling_unit(of_trained, values)[1]}
    row["untrained"] = telling_unit(untrained.states(probed).numpy(), values)[1]
    rows.append(row | {"trained, labels shuffled": telling_unit(of_trained, values[shuffled])[1]})
show_table(rows, "Correlation of the chosen unit with the label, on the other half")

# %% [markdown]
# Training has made a unit that tells vowels.
# A unit that "counts the letters of a word" was there before any training: a state that fades at each step can look like a counter.

# %% tags=["evidence"]
probes = {row["label"]: row for row in rows}
vowel, word = probes["a vowel was read last"], probes["characters since the last space"]
of_stored = trained_language_model("char").states(probed).numpy()
assert telling_unit(of_stored, np.array(labels["a vowel was read last"], dtype=float))[1] > vowel["untrained"] + 0.3
assert word["untrained"] > 0.5
assert all(abs(row["trained, labels shuffled"]) < 0.1 for row in rows)
# shown: "Training has made a unit that tells vowels"
# shown: "was there before any training"
# shown: "Correlation of the chosen unit with the label, on the other half"
# defined: "Two labels that are easier to follow"

# %% [markdown]
# ## Going deeper: discounts
#
# `counts`: how often each token followed a run of tokens.
# `lower`: the probabilities after the same run without its first token.
# Take the discount off every count that is not 0, divide by the sum of the counts, and give what was saved to `lower`.
#
# ### Your turn: discounts · 8 minutes


# %%
def my_discounted(counts, lower, discount):
    """counts: (…, V) after a context; lower: (…, V) probabilities after the shorter one. Probabilities (…, V)."""
    ...


ex.discounted.check(my_discounted)
# ex.discounted.hint()
# ex.discounted.hint(2)
# ex.discounted.hint(3)
# ex.discounted.solution()

# %% [markdown]
# Kneser and Ney changed one thing: a shorter run counts before how many *different* tokens it stood.
# *land* comes 714 times, after 23 different words, *Moses* 668 times, after 53.
# After a word that neither has followed, *Moses* is the better guess.

# %% tags=["evidence"]
from itertools import pairwise

pieces = codecs["word"].pieces(text.train)
pairs = set(pairwise(pieces))
for token, often, different in ((" land", 714, 23), (" Moses", 668, 53)):
    assert pieces.count(token) == often
    assert sum(second == token for _, second in pairs) == different
# shown: "land comes 714 times, after 23 different words, Moses 668 times, after 53"
# defined: "After a word that neither has followed, Moses is the better guess"
# defined: "a shorter run counts before how many different tokens"

# %% [markdown]
# ## Going deeper: truncated backpropagation by hand
#
# ### Your turn: a truncated gradient · 10 minutes


# %%
def my_truncated_gradient(w, x, seq_len):
    """h_t = tanh(w · h_{t−1} + x_t), loss Σ h_t²: the gradient in w, the graph cut after every seq_len steps."""
    ...


ex.truncated_gradient.check(my_truncated_gradient)
# ex.truncated_gradient.hint()
# ex.truncated_gradient.hint(2)
# ex.truncated_gradient.hint(3)
# ex.truncated_gradient.solution()

# %% [markdown]
# ## Going deeper: nucleus and draw
#
# ### Your turn: the nucleus · 8 minutes


# %%
def my_nucleus(probabilities, p):
    """probabilities: (B, V). Those of the nucleus, made to sum to 1; 0 elsewhere."""
    ...


ex.nucleus.check(my_nucleus)
# ex.nucleus.hint()
# ex.nucleus.hint(2)
# ex.nucleus.hint(3)
# ex.nucleus.solution()

# %% [markdown]
# ### Your turn: a draw · 5 minutes
#
# `u` is drawn evenly from 0 to 1.


# %%
def my_drawn(probabilities, u):
    """probabilities: (B, V); u: (B,) from 0 to 1. A token for each row, (B,)."""
    ...


ex.drawn.check(my_drawn)
# ex.drawn.hint()
# ex.drawn.hint(2)
# ex.drawn.hint(3)
# ex.drawn.solution()

# %% [markdown]
# ## Going further
#
# Any string will do in place of `text.train`, your own letters for example.
# `english_text("tiny_shakespeare")` and `english_text("wikitext2")` are other texts, after `course data fetch`.
# `english_text(characters=None)` is the whole of this one.
#
# **References.**
#
# - H. Ney, U. Essen and R. Kneser, *On structuring probabilistic dependences in stochastic language modelling*, 1994, [doi:10.1006/csla.1994.1001](https://doi.org/10.1006/csla.1994.1001).
# - R. Kneser and H. Ney, *Improved backing-off for m-gram language modeling*, 1995, [doi:10.1109/ICASSP.1995.479394](https://doi.org/10.1109/ICASSP.1995.479394).
# - R. J. Williams and J. Peng, *An efficient gradient-based algorithm for on-line training of recurrent network trajectories*, 1990, [doi:10.1162/neco.1990.2.4.490](https://doi.org/10.1162/neco.1990.2.4.490).
# - R. Sennrich, B. Haddow and A. Birch, *Neural machine translation of rare words with subword units*, 2016, [doi:10.18653/v1/P16-1162](https://doi.org/10.18653/v1/P16-1162).
# - A. Holtzman and others, *The curious case of neural text degeneration*, 2020, [arXiv:1904.09751](https://arxiv.org/abs/1904.09751).
# - A. Karpathy, J. Johnson and L. Fei-Fei, *Visualizing and understanding recurrent networks*, 2016, [arXiv:1506.02078](https://arxiv.org/abs/1506.02078).

# %% tags=["timing"]
course_utils.finish()
