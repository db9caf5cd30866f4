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
# The probability of a whole text follows by the **chain rule**: $p(x_1, \dots, x_N) = \prod_t p(x_t \mid x_1, \dots, x_{t-1})$.
# So a language model can write, one token after the other, and it can tell a usual text from an unusual one.
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
# defined: "The probability of a whole text follows by the chain rule"
# defined: "can tell a usual text from an unusual one"

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
# The exponential of the mean is the **perplexity**, 2 to the power of the bits per token: a model with a perplexity of 8 is as unsure as one that must guess among 8 equally probable tokens.
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
        "pieces": " | ".join(
            piece if number else "<unk>"
            for piece, number in zip(codec.pieces(sentence), codec.encode(sentence).tolist(), strict=True)
        ),
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
# A vocabulary of words is never complete: *Sennacherib* above is not in it, nor are 5 % of the tokens of the test.
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
assert codecs["word"].encode(sentence)[1] == 0
# shown: "A vocabulary of words is never complete: Sennacherib above is not in it, nor are 5 % of the tokens"
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
# The course's `NGram` counts as Kneser and Ney (1995) do (see "Going deeper: discounts"), a megabyte in one pass.
#
# **Predict:** how many bits per character does the n-gram of order 5 need on the test?
# A die of 64 characters would need 6.

# %%
my_guess = ...  # bits per character, such as 3.5

# %% tags=["reveal"]
from course_utils.models.language import LanguageModel, NGram, trained_language_model

counted = {order: NGram(order) for order in (1, 2, 3, 4, 5, 6, 7, 8, 10)}
for model in counted.values():
    model.fit(text.train)
bits = {order: model.bits_per_character(text.test) for order, model in counted.items()}
counts = [model.parameters_count for model in counted.values()]
show_table({"order": list(bits), "counts": counts, "bits": list(bits.values())}, "Bits per character, by order")
ex.five_gram_bits.check(my_guess, round(bits[5], 2))

# %% [markdown] tags=["reveal"]
# Each order is better than the one before it, and gains less; longer runs need many more counts.
# A network that claims to model this language has to be compared with that, and not with a die.

# %% tags=["evidence"]
gains = [bits[low] - bits[high] for low, high in ((1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7), (7, 8), (8, 10))]
assert all(gain > 0 for gain in gains)
assert gains == sorted(gains, reverse=True)
assert counted[10].parameters_count > 10 * counted[5].parameters_count
unseen = sum(text.test[at : at + 8] not in text.train for at in range(0, 90_000, 450)) / 200
assert unseen > 0.2
# shown: "Bits per character, by order"
# shown: "Each order is better than the one before it, and gains less; longer runs need many more counts"
# shown: "Many runs of the test never occurred in training"
# source: "So a little is taken off every count" Ney, Essen and Kneser (1994)
# source: "counts as Kneser and Ney (1995) do" Kneser and Ney (1995)
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
# - read $T$ tokens of each row, a **window**, and go back through that window only;
# - **carry the state** on to the next window, without its graph.

# %% tags=["evidence"]
# source: "But one text is one sequence of a million steps" Williams and Peng (1990)
# defined: "An n-gram knows nothing of what lies further back"
# defined: "cut the text into B rows, which are read side by side"
# defined: "a window, and go back through that window only"
# defined: "so where the rows end, inputs and targets are both shorter than T"


# %% [markdown]
# ### Your turn: a window and its targets · 3 minutes
#
# What is the target of each token?
# The last token of a row has none, so where the rows end, inputs and targets are both shorter than $T$.


# %%
def my_window_at(rows, start, seq_len):
    """rows: (B, L). A pair: inputs and targets, both (B, T), or both shorter where the rows end."""
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
# Each number is the loss of one window of 1,024 characters, so it goes up and down.
#
# Carrying a state goes wrong in three ways.
# Two of them end in an error:

# %%
from course_utils.experiments.applications import carried_states

print("graph kept:        ", carried_states.error_with_the_graph_kept()[:60], "…")
print("`retain_graph=True`:", carried_states.error_with_the_graph_kept(retained=True)[:90], "…")
print("last batch smaller:", carried_states.error_with_a_smaller_batch()[:60], "…")
print("operations behind the loss, window by window")
print("  `retain_graph=True`:", carried_states.graph_by_window(6, detached=False))
print("  detached:           ", carried_states.graph_by_window(6, detached=True))

# %% [markdown]
# `retain_graph=True`, the advice in torch's own message, does not help: the optimiser has changed the weights since, and each window would go back through all windows before it.
# The third way never raises an error:

# %% tags=["evidence"]
kept = carried_states.graph_by_window(6, detached=False)
cut = carried_states.graph_by_window(6, detached=True)
assert "retain_graph" in carried_states.error_with_the_graph_kept()
assert "modified by an inplace operation" in carried_states.error_with_the_graph_kept(retained=True)
assert carried_states.error_with_a_smaller_batch()
steps_up = [kept[at + 1] - kept[at] for at in range(5)]
assert min(steps_up) > 0.8 * kept[0]
assert max(cut) <= min(cut) + 2
assert len(codecs["char"]) == 66
assert len(kept) == 6
assert 16 * 64 == 1_024
# shown: "Two of them end in an error"
# shown: "Each number is the loss of one window of 1,024 characters"
# shown: "does not help: the optimiser has changed the weights since"
# shown: "each window would go back through all windows before it"
# defined: "Carrying a state goes wrong in three ways"
# defined: "The third way never raises an error"
# defined: "Here is the whole training"

# %%
ask = ex.shuffled_windows.ask()

# %%
ex.shuffled_windows.check(ask)

# %% tags=["evidence"]
# defined: "That is so only where the windows come in their order"
# defined: "Nothing sets it to zero"
# defined: "No error is raised"

# %% [markdown]
# ## Train it
#
# An LSTM of 256 units reads 32 rows, 64 characters at a time, and makes 3,000 steps: a little more than seven times through the text.
# **Predict:** how many bits per character does it need on the test?
#
# If time is short, set `TRAIN = False`: then weights that were trained before, for the same number of steps, are loaded.

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
of_lstm, of_counts = (model.token_nats(text.test).double() for model in (network, counted[8]))
mixed = -((-of_lstm).exp() / 2 + (-of_counts).exp() / 2).log()
scores = {"LSTM": network_bits} | {f"n-gram of order {order}": bits[order] for order in (5, 6, 7, 8, 10)}
scores["half LSTM, half order 8"] = mixed.sum().item() / math.log(2) / len(text.test)
show_table([{"model": name, "bits per character": score} for name, score in scores.items()], "The whole test")
ex.network_bits.check(my_guess, round(network_bits, 2))

# %% [markdown] tags=["reveal"]
# The LSTM whose weights travel with the course needs 1.65 bits: fewer than order 6, more than orders 7, 8 and 10.
# It read the text seven times; counting is one pass.
# But the best model here is both: the mean of the two probabilities, half LSTM and half order 8, needs 1.52 bits.
# In every twentieth of the test it needs fewer than either of its halves.
# So each knows something that the other does not.

# %% tags=["evidence"]
stored = trained_language_model("char")
assert bits[10] < bits[8] < bits[7] < stored.bits_per_character(text.test) < bits[6]
assert round(stored.bits_per_character(text.test), 2) == 1.65
of_stored = stored.token_nats(text.test).double()
half = -((-of_stored).exp() / 2 + (-counted[8].token_nats(text.test).double()).exp() / 2).log()
assert round(half.sum().item() / math.log(2) / len(text.test), 2) == 1.52
for part in (of_stored, counted[8].token_nats(text.test).double()):
    assert (half.view(20, -1).mean(1) < part.view(20, -1).mean(1)).all()
rows_read, seq_len, steps = 32, 64, 3000
assert 6.5 < steps * rows_read * seq_len / len(text.train) < 7.5
assert "3,000" in str(stored.described())
assert "256 units" in str(stored.described())
# shown: "An LSTM of 256 units reads 32 rows, 64 characters at a time, and makes 3,000 steps: a little more than seven times through"
# shown: "needs 1.65 bits: fewer than order 6, more than orders 7, 8 and 10"
# shown: "It read the text seven times; counting is one pass"
# shown: "the mean of the two probabilities, half LSTM and half order 8, needs 1.52 bits"
# shown: "In every twentieth of the test it needs fewer than either of its halves"
# shown: "So each knows something that the other does not"
# defined: "trained before, for the same number of steps"

# %% [markdown]
# ## Which level?
#
# The article that this course tests says that language models work with characters, n-grams, words, sentences or paragraphs.
# An *n-gram* is no level: there are n-grams of characters, of subwords and of words.
# Here are all levels, ten seeds, each with its own stretch of the whole book; the stretches overlap.
# The LSTMs got as many steps as were timed to take three seconds, so they are undertrained.
# Sentences and paragraphs got a unigram only.
# A **unigram** knows how frequent each token is, and nothing of what came before.

# %%
import pandas as pd

from course_utils import claims
from course_utils.figures import bits as figures

levels = claims.results("text_levels")
names = {"1-gram": "unigram", "3-gram": "n-gram", "5-gram": "n-gram"}
each = levels.replace({"model": names}).pivot_table(index="seed", columns=["level", "model"], values="bits")
means = each.mean().unstack().loc[list(levels["level"].unique()), ["unigram", "n-gram", "LSTM"]]
means["share unknown"] = levels.groupby("level")["unknown"].mean()
show_table(means.reset_index().to_dict("records"), "Bits per character, means of ten seeds")
pairs = {f"{level}: LSTM − n-gram": each[level]["LSTM"] - each[level]["n-gram"] for level in list(means.index)[:3]}
pairs["LSTM: characters − words"] = each["characters"]["LSTM"] - each["words"]["LSTM"]
figures.means_by_row(
    pd.DataFrame(pairs).melt(var_name="pair", value_name="difference", ignore_index=False).reset_index(),
    "difference",
    "After three seconds, no LSTM reaches the n-gram of its level",
    row="pair",
    xlabel="difference in bits per character, seed by seed",
    levels={"equal": 0},
)

# %% [markdown]
# Of the sentences of these tests, line breaks left out, more than 99 % are unknown.
# They have to be spelled, by how frequent each character is, and their level saves nothing.
# With characters, subwords and words, what came before saves bits.
# After these few steps the LSTM is behind the n-gram of its level with every seed.
# For the LSTM, words need fewer bits than characters, with every seed.
# For counting, that comparison would not be fair: three words reach further back than five characters.

# %% tags=["evidence"]
from course_utils.experiments.applications.text_levels import Units
from course_utils.experiments.applications.text_training import stretch as stretch_of

assert len(each) == 10
unknown = []
for seed in each.index:
    parts = stretch_of(int(seed), 300_000, 30_000)
    units = Units("sentences", parts.train)
    unknown += [found not in units.numbers for found in units.pattern.findall(parts.test) if found != "\n"]
assert sum(unknown) / len(unknown) > 0.99
for rare in ("sentences", "paragraphs"):
    assert means.loc[rare, "unigram"] > means.loc["characters", "unigram"]
for level in ("characters", "subwords", "words"):
    assert (each[level]["n-gram"] < each[level]["LSTM"]).all()
    assert (each[level]["LSTM"] < each[level]["unigram"]).all()
assert (each["words"]["LSTM"] < each["characters"]["LSTM"]).all()
timed = levels[levels["model"] == "LSTM"].groupby("level")["cpu_seconds"].mean()
assert timed.between(3, 5).all()
assert trained_language_model("char").bits_per_character(text.test) < means.loc["characters", "LSTM"] - 0.4
# shown: "After three seconds, no LSTM reaches the n-gram of its level"
# shown: "line breaks left out, more than 99 % are unknown"
# shown: "They have to be spelled, by how frequent each character is, and their level saves nothing"
# shown: "so they are undertrained"
# shown: "Bits per character, means of ten seeds"
# defined: "Sentences and paragraphs got a unigram only"
# defined: "three words reach further back than five characters"
# shown: "With characters, subwords and words, what came before saves bits"
# shown: "the LSTM is behind the n-gram of its level with every seed"
# shown: "For the LSTM, words need fewer bits than characters, with every seed"
# defined: "An n-gram is no level"
# defined: "Here are all levels, ten seeds"
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
# A filter may leave improbable tokens out.
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
# defined: "A filter may leave improbable tokens out"
# defined: "Here is one sample of each level with a nucleus of 0.9"

# %%
for level in ("char", "subword", "word"):
    print(f"{level}: {trained_language_model(level).sample('And he said', 160, top_p=0.9, seed=1)!r}\n")

# %% [markdown]
# The model of words makes up words too: where it draws `<unk>`, its n-gram of characters spells one.
#
# ### Written, or remembered?
#
# Search the training text for runs of at least 30 characters of a sample that stand there, character by character.
# The control is text that was not trained on: twenty stretches of the test.
# **Predict:**

# %% tags=["evidence"]
made = trained_language_model("word").sample("And he said", 400, top_p=0.9, seed=1)
known = set(codecs["word"].pieces(text.train))
assert any(piece not in known for piece in codecs["word"].pieces(made))
# shown: "The model of words makes up words too"
# defined: "The control is text that was not trained on"
# defined: "Search the training text for runs of at least 30 characters"

# %%
ask = ex.copied_more.ask()

# %% tags=["reveal"]
import numpy as np

from course_utils.metrics import copied_share, longest_copy

written = {
    f"LSTM, temperature {t}": [network.sample("And he said", 1_000, t, seed=seed) for seed in range(5)]
    for t in (0.5, 1)
}
written["new text"] = [text.test[at : at + 1_000] for at in range(0, 100_000, 5_000)]
copies = []
for name, samples in written.items():
    shares = [copied_share(sample, text.train) for sample in samples]
    longest = longest_copy(samples[int(np.argmax(shares))], text.train)
    row = {"text": name, "samples": len(shares), "mean share in copies": np.mean(shares), "most": max(shares)}
    copies.append(row | {"a long copy": repr(longest), "its characters": len(longest)})
show_table(copies, "Copies of 30 characters or more, in samples of 1,000")
ex.copied_more.check(ask)

# %% [markdown] tags=["reveal"]
# New text of this book stands in long copies for about a tenth, and its stretches differ much: some list formulas.
# What the LSTM draws at temperature 1 has next to no such copies; at 0.5 it has more than twice as many as new text.
# So a copied phrase alone does not show that a network has learned its text by heart.

# %% tags=["evidence"]
by = {
    t: [
        copied_share(trained_language_model("char").sample("And he said", 1_000, t, seed=seed), text.train)
        for seed in range(5)
    ]
    for t in (0.5, 1)
}
new = [copied_share(stretch_read, text.train) for stretch_read in written["new text"]]
assert len(new) == 20
assert 0.07 < np.mean(new) < 0.14
assert min(new) < 0.03 < 0.3 < max(new)
assert np.mean(by[1]) < 0.03
assert np.mean(by[0.5]) > 2 * np.mean(new)
# shown: "Copies of 30 characters or more, in samples of 1,000"
# shown: "stands in long copies for about a tenth, and its stretches differ much"
# shown: "has next to no such copies; at 0.5 it has more than twice as many as new text"
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
# Nearly all of it lies in the last ten characters.
# But a gradient answers for small changes only.
# So cut the text off instead: let it read nothing but the last $k$ characters before each of 300 places of the test.
# **Predict:** from how many characters on does more context no longer help?

# %%
my_guess = ...  # characters

# %% tags=["reveal"]
from course_utils.stats import mean_interval

places = range(1_000, 100_000, 330)
costs = {
    k: np.array([network.token_nats(text.test[at - k : at + 1])[-1].item() for at in places]) / math.log(2)
    for k in (5, 10, 20, 80, 320)
}
for k, cost in costs.items():
    more = f", {mean_interval(cost - costs[320])} more than with 320" if k < 320 else ""
    print(f"the last {k:3} characters: {cost.mean():.3f} bits{more}")
ex.context_used.check(my_guess)

# %% [markdown] tags=["reveal"]
# The bits of 300 places alone are uncertain; their paired differences, with 95 % intervals, are less so.
# This LSTM may carry its state as far as it likes, and beyond the last 20 characters no gain can be seen: much as with an n-gram.
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
# shown: "Nearly all of it lies in the last ten characters"
# shown: "beyond the last 20 characters no gain can be seen"
# defined: "their paired differences, with 95 % intervals, are less so"
# shown: "From about 15 characters on more context brings next to nothing"
# shown: "Its loss falls further: see the first two lines"
# shown: "That is how far the gradient went back in training"
# shown: "See what more than 20 bring"
# defined: "But a gradient answers for small changes only"
# defined: "let it read nothing but the last k characters"
# defined: "it is what this one has learned"
# defined: "It is the gradient of lesson 06"

# %% [markdown]
# ## RNN, GRU or LSTM?
#
# The article also says that RNNs do basic tasks and LSTMs the advanced ones, and that the LSTM is ahead of hidden Markov models and others.
# A **hidden Markov model** (HMM) is in one of $K$ states, and that is all it knows of the past.
# Here all have 32,000 weights, nearly; the 5-gram has more than 55,000 counts.
# Ten seeds, each with its own stretch of the text, some of which overlap, and for each model the best of five settings or six.
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
# With every seed the 5-gram has the fewest bits and the RNN with ReLU comes next, in equal steps and in about equal seconds.
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
# defined: "The article also says that RNNs do basic tasks"
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

# %%
from course_utils.widgets.write_on import write_on

write_on(network, "And Moses went up into the")

# %% [markdown]
# ## What you have seen
#
# - Bits per character of the raw text are one unit for every level; unknown words are charged.
# - A discounted n-gram takes one pass, and is hard to beat; mixed with an LSTM it is better than either.
# - A long text is read in rows; the state is carried on, the gradient is cut.
#   A state of the wrong place raises no error.
# - Temperature and nucleus act on the same probabilities.
# - A copied run, a gradient and a probe say something only beside their controls.

# %% tags=["evidence"]
assert bits[5] < 0.75 * bits[2] < 0.75 * bits[1]
assert bits[8] < trained_language_model("char").bits_per_character(text.test)
# shown: "A discounted n-gram takes one pass, and is hard to beat; mixed with an LSTM it is better than either"
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
# ## Going deeper: what a wrong state costs
#
# Ten seeds of a small LSTM with windows of 16 characters, for 500 steps: less than half a pass.
# Each begins a window with the state carried, with zeros, with the state of the row beside it, or with the windows shuffled.
# All are judged with the state carried correctly:

# %%
ways = claims.results("carried_states")
by_seed = ways.pivot(index="seed", columns="way", values="bits")
more = by_seed.drop(columns="carried").sub(by_seed["carried"], axis=0)
figures.means_by_row(
    more.melt(ignore_index=False, value_name="more").reset_index(),
    "more",
    "Windows of 16: a wrong state costs more bits than no state",
    row="way",
    xlabel="bits per character more than with the state carried, seed by seed",
    levels={"carried": 0},
)

# %% [markdown]
# In these short trainings zeros cost 0.02 bits on average, a state of another row 0.06 and shuffled windows 0.05.
# Zeros cost something with every seed, and another row more than zeros with every seed, shuffled windows with nine of ten.
# With longer windows or more steps this was not measured here.

# %% tags=["evidence"]
assert len(by_seed) == 10
assert (by_seed["zeros at every window"] > by_seed["carried"]).all()
assert round((by_seed["zeros at every window"] - by_seed["carried"]).mean(), 2) == 0.02
assert (by_seed["of another row"] > by_seed["zeros at every window"]).all()
assert (by_seed["windows shuffled"] > by_seed["zeros at every window"]).sum() == 9
# shown: "Windows of 16: a wrong state costs more bits than no state"
assert round((by_seed["of another row"] - by_seed["carried"]).mean(), 2) == 0.06
assert round((by_seed["windows shuffled"] - by_seed["carried"]).mean(), 2) == 0.05
assert 500 * 16 * 16 < 300_000 / 2
# shown: "for 500 steps: less than half a pass"
# shown: "zeros cost 0.02 bits on average, a state of another row 0.06 and shuffled windows 0.05"
# shown: "Zeros cost something with every seed, and another row more than zeros with every seed, shuffled windows"
# defined: "Ten seeds of a small LSTM with windows of 16 characters"
# defined: "Each begins a window with the state carried, with zeros"
# defined: "With longer windows or more steps this was not measured"
# defined: "All are judged with the state carried correctly"

# %% [markdown]
# ## Going deeper: what a single unit knows
#
# Recurrent networks of characters are said to have units that count the length of a line, or know whether a quotation is open (Karpathy, Johnson and Fei-Fei, 2016).
# A **probe** picks the unit that follows a label best on one half of a text, and is judged on the other half.
# It needs two controls: the labels in random order, and the same network **untrained**.
# Ten seeds of an LSTM with 64 units, trained for 1,000 steps on text in lines of at most 60 characters.
# The probe reads the output $h$, or the cell $c$.
# Square brackets stand around words that the translators added: two characters in a hundred are inside, on average.

# %%
counters = claims.results("cell_counters")
as_they_are, in_disorder = (counters[counters["labels"] == kind] for kind in ("as they are", "shuffled"))
found = as_they_are.pivot_table(index="seed", columns=["asked", "state", "network"], values="correlation")
means = found.mean().unstack()
of_trained = in_disorder[in_disorder["network"] == "trained"]
means["labels shuffled"] = of_trained.groupby(["asked", "state"])["correlation"].mean()
show_table(means.reset_index().to_dict("records"), "Correlation of the chosen unit with the label, means of ten seeds")
gained = {
    f"{asked}, {state}": found[asked, state, "trained"] - found[asked, state, "untrained"]
    for asked, state in means.index
}
figures.means_by_row(
    pd.DataFrame(gained).melt(var_name="asked", value_name="gained", ignore_index=False).reset_index(),
    "gained",
    "Training makes a cell that follows the column; the outputs hardly show it",
    row="asked",
    xlabel="correlation, trained minus untrained, seed by seed",
    levels={"as untrained": 0},
)

# %% [markdown]
# The best cell follows the column with a correlation of 0.18, against 0.05 before training, and more with every seed.
# The best output has 0.07 against 0.05.
# For brackets the cells gain with eight seeds of ten, and the outputs lose with nine.
# A correlation of 0.18 explains three hundredths of what varies: a trace of counting.
# The same for the outputs of this lesson's network, with other labels, and with a linear probe of **all** 256 units beside the best single one:

# %% tags=["evidence"]
assert len(found) == 10
column, brackets = found["column in the line"], found["inside a bracket"]
assert (column["c"]["trained"] > column["c"]["untrained"]).all()
assert [round(column[state]["trained"].mean(), 2) for state in "ch"] == [0.18, 0.07]
assert [round(column[state]["untrained"].mean(), 2) for state in "ch"] == [0.05, 0.05]
assert (brackets["c"]["trained"] > brackets["c"]["untrained"]).sum() == 8
assert (brackets["h"]["trained"] < brackets["h"]["untrained"]).sum() == 9
assert round(counters[counters["asked"] == "inside a bracket"]["share"].mean(), 2) == 0.02
assert round(0.18**2, 2) == 0.03
# source: "are said to have units that count the length of a line" Karpathy, Johnson and Fei-Fei (2016)
# shown: "Training makes a cell that follows the column; the outputs hardly show it"
# shown: "two characters in a hundred are inside, on average"
# shown: "The best cell follows the column with a correlation of 0.18, against 0.05 before training, and more with every seed"
# shown: "The best output has 0.07 against 0.05"
# shown: "For brackets the cells gain with eight seeds of ten, and the outputs lose with nine"
# shown: "A correlation of 0.18 explains three hundredths of what varies"
# shown: "Correlation of the chosen unit with the label, means of ten seeds"
# defined: "picks the unit that follows a label best on one half"
# defined: "Ten seeds of an LSTM with 64 units, trained for 1,000 steps"
# defined: "The probe reads the output h, or the cell c"
# defined: "The same for the outputs of this lesson's network"

# %%
from sklearn.linear_model import Ridge

from course_utils.experiments.applications.line_counters import in_brackets, telling_unit

probed = text.valid[:24_000]
untrained = LanguageModel("char", "lstm", hidden_size=256, seed=0)
untrained.fit(text.train, steps=1, lr=1e-9, progress=False)  # one step of next to nothing
labels = {
    "a vowel was read last": [character in "aeiou" for character in probed],
    "characters since the last space": [len(probed[: at + 1].rsplit(" ", 1)[-1]) for at in range(len(probed))],
    "inside a bracket": in_brackets(probed),
}


def by_all_units(states, label):
    """A linear probe learns on the first half, and is correlated with the label on the second."""
    half = len(label) // 2
    return np.corrcoef(Ridge().fit(states[:half], label[:half]).predict(states[half:]), label[half:])[0, 1]


rows = []
for name, label in labels.items():
    values = np.array(label, dtype=float)
    row = {"label": name, "mean of the label": values.mean()}
    for kind, model in (("trained", network), ("untrained", untrained)):
        states = model.states(probed).numpy()
        row |= {f"{kind}, one unit": telling_unit(states, values)[1], f"{kind}, all": by_all_units(states, values)}
    rows.append(row)
show_table(rows, "Correlation with the label, on the other half")

# %% [markdown]
# Training has made a single unit that tells vowels; all units together tell them before training as well.
# A unit that "counts the letters of a word" was there before any training.
# All outputs of the untrained network together tell brackets far better than those of the trained one.
# Where that went we have not measured, nor what larger networks do.

# %% tags=["evidence"]
probes = {row["label"]: row for row in rows}
vowel, word, bracket = (probes[name] for name in labels)
of_stored = trained_language_model("char").states(probed).numpy()
assert (
    telling_unit(of_stored, np.array(labels["a vowel was read last"], dtype=float))[1]
    > vowel["untrained, one unit"] + 0.3
)
assert vowel["untrained, all"] > 0.9
assert word["untrained, one unit"] > 0.5
assert by_all_units(of_stored, np.array(labels["inside a bracket"], dtype=float)) < bracket["untrained, all"] - 0.3
# shown: "Training has made a single unit that tells vowels; all units together tell them before training as well"
# shown: "was there before any training"
# shown: "All outputs of the untrained network together tell brackets far better than those of the trained one"
# shown: "Correlation with the label, on the other half"
# defined: "Where that went we have not measured, nor what larger networks do"

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
# Kneser and Ney changed one thing: a shorter run counts before how many *different* tokens it stood. *land* comes 714 times, after 23 different words, *Moses* 668 times, after 53.
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
