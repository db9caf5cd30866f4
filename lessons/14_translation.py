# %% [markdown]
# # 14 · Translation
#
# Builds on lesson 01 (cross-entropy), lesson 05 (states) and lesson 07 (LSTM).
#
# You will be able to
#
# - turn sentences into numbers, and batches of unequal sentences into scores that padding does not falsify;
# - build an encoder-decoder with teacher forcing, and say what has to pass through its one vector;
# - write attention, look at where a network looks, and test whether it needs what it looks at;
# - (going deeper) search with a beam, score with BLEU, and train a translator on pairs of your own.

# %% tags=["setup", "timing"]
import course_utils

course_utils.start("14_translation")

# %% [markdown]
# ## Four times twenty and seventeen
#
# How does one say 97 in French?
# *Quatre-vingt-dix-sept*: four, twenty, ten, seven.
# In English: *ninety-seven*.
# Anyone who translates word by word gets *four twenty ten seven*.
#
# Numbers in words are a small language, with a grammar that can be checked.
# Here is the task of this lesson: French in, English out, **character by character**.

# %%
from course_utils.data.number_words import number_pair, number_words
from course_utils.display.tables import show_table

numbers = number_words()  # pairs (French, English) of numbers below 100,000
some = [number_pair(n) for n in (7, 21, 80, 97, 1_971, 80_080)]
show_table({"French": [fr for fr, _ in some], "English": [en for _, en in some]}, "The task")
print(
    f"{len(numbers.train):,} pairs for training, {len(numbers.valid)} for validation, {len(numbers.test)} for the test"
)

# %% tags=["evidence"]
parts = [set(part) for part in (numbers.train, numbers.valid, numbers.test)]
assert not parts[0] & parts[1]
assert not parts[0] & parts[2]
assert not parts[1] & parts[2]
# shown: "Each number stands in one part alone"
# defined: "How does one say 97 in French"
# defined: "Quatre-vingt-dix-sept: four, twenty, ten, seven"
# defined: "gets four twenty ten seven"
# defined: "A translation counts if every character is right"

# %% [markdown]
# Each number stands in one part alone.
# A translation counts if *every* character is right.
# **Predict:** what share of the test numbers will be translated without a wrong character, by the best of the networks below?

# %%
my_guess = ...  # a share, such as 0.25

# %% [markdown]
# ## From words to numbers
#
# A network computes with numbers.
# What is looked up as one piece is a **token**: here a character.
# Every token has an index in a list, the **vocabulary**.
# An **embedding** gives each index a vector, which is learnt like any weight.

# %%
import torch
from torch import nn

PAD, START, END = 0, 1, 2  # three tokens that are no characters
characters = sorted({c for pair in numbers.train for text in pair for c in text})
index = {c: n for n, c in enumerate(characters, start=3)}
sentence = torch.tensor([index[c] for c in "vingt"])
embedding = nn.Embedding(3 + len(characters), 4, padding_idx=PAD)
print("vingt →", sentence.tolist(), "→ a tensor of shape", tuple(embedding(sentence).shape))

# %% [markdown]
# A batch holds sentences of unequal length.
# Short ones are filled up with `PAD`, to the length of the longest.
# Each target ends with `END`, so that the network can learn to *say* that it is done.

# %%
from course_utils.nn.translation_model import padded

pairs = [number_pair(n) for n in (7, 97, 1_971)]
sources = padded([[index[c] for c in fr] for fr, _ in pairs])  # (B, T)
targets = padded([[index[c] for c in en] + [END] for _, en in pairs])  # (B, U)
print(targets)

# %% tags=["evidence"]
assert sources.shape[1] == max(len(fr) for fr, _ in pairs)
# shown: "filled up with PAD, to the length of the longest"
# defined: "Each target ends with END, so that"
# defined: "What is looked up as one piece"

# %% [markdown]
# ## Two networks and one vector
#
# One LSTM reads the French sentence: the **encoder**.
# Its last state goes to a second LSTM as its *first* state: the **decoder**, a language model that says the English sentence, one token after the other (Cho and others, 2014; Sutskever, Vinyals and Le, 2014).
#
# What does the decoder read?
# In use it reads what it has said so far.
# In training it would say nonsense at first, and would learn to go on from nonsense.
# So in training it reads the **right** answer, one step late: **teacher forcing**.
# The price has a name, **exposure bias**: in use it must go on from its own mistakes, which it did not meet in training.
#
# ### Your turn: teacher inputs · 4 minutes
#
# What does the decoder read, for the targets above?
# At the first step there is nothing yet: it reads `START`.

# %% tags=["evidence"]
# source: "Its last state goes to a second LSTM" Cho and others (2014); Sutskever, Vinyals and Le (2014)
# defined: "One LSTM reads the French sentence"
# defined: "reads the right answer, one step late"
# defined: "At the first step there is nothing yet"


# %%
def my_teacher_inputs(targets, start):
    """targets: (B, U) what it should say; start: a token. Returns what it reads, (B, U)."""
    ...


from course_utils.exercises import lesson_14 as ex

ex.teacher_inputs.check(my_teacher_inputs)
# ex.teacher_inputs.hint()
# ex.teacher_inputs.hint(2)
# ex.teacher_inputs.hint(3)
# ex.teacher_inputs.solution()

# %% [markdown]
# Now the whole network, small.
# In training every input is known beforehand, so each LSTM is one call for all steps.
# (The state of an LSTM is two vectors, hidden and cell state; we count them as one.)

# %%
from course_utils.nn.attention import teacher_inputs

vocabulary, E, H = 3 + len(characters), 32, 64
embed_source, embed_target = nn.Embedding(vocabulary, E, PAD), nn.Embedding(vocabulary, E, PAD)
encoder, decoder = nn.LSTM(E, H, batch_first=True), nn.LSTM(E, H, batch_first=True)
read_out = nn.Linear(H, vocabulary)

_, state = encoder(embed_source(sources))  # all that the decoder will know of the French
states, _ = decoder(embed_target(teacher_inputs(targets, START)), state)  # (B, U, H)
logits = read_out(states)  # (B, U, V): a score for each token at each step
print("sources", tuple(sources.shape), " targets", tuple(targets.shape), " logits", tuple(logits.shape))

# %%
ask = ex.why_attention.ask()

# %%
ex.why_attention.check(ask)

# %% tags=["evidence"]
assert state[0].shape == (1, len(pairs), H)
# shown: "So far there is one vector"
# shown: "have to fit into the same numbers"
assert len(state) == 2
# shown: "The state of an LSTM is two vectors"
# defined: "so each LSTM is one call for all steps"
# defined: "The decoder never sees the source's words"

# %% [markdown]
# ## What padding does to a score
#
# In the batch above, most of the first row is padding.
# Suppose that a translator says nothing but `PAD`, for every sentence.
# **Predict:** what share of its tokens are "right", if the score counts padding?

# %% tags=["evidence"]
assert (targets[0] == PAD).double().mean() > 0.5
# shown: "most of the first row is padding"
# defined: "says nothing but PAD, for every sentence"

# %%
my_guess_pad = ...  # a share

# %% tags=["reveal"]
batch = padded([[index[c] for c in en] + [END] for _, en in numbers.test[:64]])
ex.padding_share.check(my_guess_pad, round((batch == PAD).double().mean().item(), 2))

# %% [markdown]
# So padding is **masked**: a tensor says which steps are real.
#
# ### Your turn: a loss without padding · 5 minutes
#
# The loss of lesson 01, over real tokens alone.


# %%
def my_masked_cross_entropy(logits, targets, pad):
    """Mean cross-entropy of the real tokens. logits: (B, U, V), targets: (B, U), pad where there is none."""
    ...


ex.masked_cross_entropy.check(my_masked_cross_entropy)
# ex.masked_cross_entropy.hint()
# ex.masked_cross_entropy.hint(2)
# ex.masked_cross_entropy.hint(3)
# ex.masked_cross_entropy.solution()

# %% [markdown]
# What does forgetting it do?
# Two copies of a small network, trained alike but for the mask, both judged on real tokens; ten seeds, stored:

# %%
from course_utils import claims
from course_utils.stats import mean_interval

both = claims.results("padding_counted")
table = both.groupby("loss in training", sort=False)[["reports", "real tokens", "tokens right"]].mean()
show_table(
    table.reset_index(),
    "After 120 steps: the loss each reports, the loss of real tokens, tokens right under teacher forcing; ten seeds",
)
real = both.pivot_table(index="seed", columns="loss in training", values="real tokens")
more = real["padding counted"] - real["padding masked"]
print(f"counting padding has the larger loss of real tokens in {(more > 0).sum()} of {len(more)} seeds")
print(f"counted minus masked, mean of the pairs: {mean_interval(more)}")

# %% [markdown]
# The network that counts padding reports a smaller loss than its real tokens cost, with every seed.
# This mistake raises no error, and makes a loss look better than it is.
# Does it also do harm?
# On real tokens it was worse in seven seeds of ten, and the interval of the mean difference lies just above 0.
#
# The encoder needs the mask as well: its last state must be the state after the last *real* token.
# The package sees to that.

# %% tags=["evidence"]
counted = both[both["loss in training"] == "padding counted"]
assert len(counted) == 10
assert (counted["reports"] < counted["real tokens"]).all()
assert (more > 0).sum() == 7
assert 0 < mean_interval(more).low < 0.05
# shown: "reports a smaller loss than its real tokens cost, with every seed"
# shown: "makes a loss look better than it is"
# shown: "worse in seven seeds of ten, and the interval of the mean difference lies just above 0"
# defined: "This mistake raises no error"
# defined: "Two copies of a small network"
# defined: "After 120 steps: the loss each reports"

# %% [markdown]
# ## Train it
#
# From here on the network is larger: an encoder that reads in both directions, a decoder of two layers, dropout, and masks everywhere.
# Here its decoder gets the encoder's last states **once**, as its own first state.
#
# (A workshop in a hurry sets `TRAIN = False`: then weights that were trained before, for the same number of steps, are loaded.)

# %%
from course_utils.data.resources import resource
from course_utils.metrics import exact_match
from course_utils.models.live import live_or_stored
from course_utils.models.once_translator import OnceTranslator
from course_utils.models.translation import Translator, trained_translator

TRAIN = True
size = {"cell": "lstm", "hidden_size": 64, "level": "char", "seed": 0}
how = {"valid": numbers.valid, "steps": 500, "seconds": 90}  # the seconds are a limit for slow machines
french, english = (list(part) for part in zip(*numbers.test))

# %%
once = OnceTranslator(attention=None, **size)
history = once.fit(numbers.train, **how) if TRAIN else None
once = live_or_stored(once, history, OnceTranslator.load(resource("checkpoints/translate_numbers_once.safetensors")))
once.described().say()
answers = {"once": once.translate(french)}
print(f"seen once: {exact_match(answers['once'], english):.3f} of the {len(french)} without a wrong character")
show_table({"French": french[:4], "it says": answers["once"][:4], "right": english[:4]}, "Four of them")

# %% [markdown]
# It speaks English numbers, nearly all well-formed, and they are wrong.
# Its decoder has to carry all of the French sentence in its state, and keep track of what it has said.
#
# A small change: let it see **the same vector again at every step** (as Cho and others did).
# There is no new information, but it need not be carried.
# **Predict:**

# %%
predict = ex.same_vector.ask()

# %% tags=["reveal"]
every = Translator(attention=None, **size)
history = every.fit(numbers.train, **how) if TRAIN else None
every = live_or_stored(every, history, trained_translator("numbers_every"))
answers["every step"] = every.translate(french)
print(f"seen at every step: {exact_match(answers['every step'], english):.3f} of the {len(french)}, as many steps")
ex.same_vector.check(predict)

# %% tags=["evidence"]
stored_once = OnceTranslator.load(resource("checkpoints/translate_numbers_once.safetensors")).translate(french)
ends = claims.results("translating").query("last == 1").pivot_table(index="seed", columns="network", values="exact")
assert len(ends) == 10
assert exact_match(stored_once, english) < 0.05
assert ends["LSTM, first state only"].max() < 0.05
assert (ends["LSTM, summary at every step"] > ends["LSTM, first state only"] + 0.5).all()
below_thousand = {number_pair(n)[1] for n in range(1_000)}
ends_well = {"", *(f"{mark} {text}" for text in below_thousand for mark in (",", " and"))}


def well_formed(text):
    head, thousand, tail = text.partition(" thousand")
    return head in below_thousand and (not thousand or tail in ends_well)


assert all(well_formed(en) for en in english)
assert sum(well_formed(text) for text in stored_once) / len(stored_once) > 0.95
# shown: "It speaks English numbers, nearly all well-formed, and they are wrong"
# shown: "More than that: look at the two shares"
# shown: "but what need not be carried cannot be lost on the way"
# shown: "To know it still after forty steps"
# source: "let it see the same vector again at every step" Cho and others (2014)
# defined: "a decoder of two layers, dropout"
# defined: "gets the encoder's last states once"
# defined: "trained before, for the same number of steps"
# defined: "has to carry all of the French sentence"
# defined: "Four of them"

# %% [markdown]
# ## Let it look back
#
# It is still one vector for a sentence of any length.
# But the encoder has a state after *every* character.
# **Attention** lets the decoder, at each step, mix all of them, with weights of its own:
#
# 1. The decoder's state, the **query**, is compared with each encoder state, a **key**: a **score**.
# 2. Softmax turns the scores into **weights** that sum to 1.
# 3. The encoder's states are mixed with these weights: the **context**, which helps to say the next token.
#
# ### Your turn: scores by multiplication · 4 minutes
#
# One way to compare is $q \cdot (W k)$ (Luong, Pham and Manning, 2015).
# Write it for all queries and keys together.


# %%
def my_multiplicative_scores(queries, keys, W):
    """queries: (B, U, H), keys: (B, T, H), W: (H, H). Returns (B, U, T)."""
    ...


ex.multiplicative_scores.check(my_multiplicative_scores)
# ex.multiplicative_scores.hint()
# ex.multiplicative_scores.hint(2)
# ex.multiplicative_scores.hint(3)
# ex.multiplicative_scores.solution()

# %% [markdown]
# ### Your turn: attend · 6 minutes
#
# Steps 2 and 3.
# Padding must get a weight of exactly 0.


# %%
def my_attend(scores, values, mask):
    """scores: (B, U, T), values: (B, T, H), mask: (B, T), True: real. Returns contexts (B, U, H), weights (B, U, T)."""
    ...


ex.attend.check(my_attend)
# ex.attend.hint()
# ex.attend.hint(2)
# ex.attend.hint(3)
# ex.attend.solution()

# %% [markdown]
# With teacher forcing the decoder's states are known for all steps before any of them attends, so attention is computed for the whole sentence after one call of the LSTM.
# Our network does this twice: each of its two decoder layers has an attention of its own.
#
# The same network, as many steps, with attention:

# %% tags=["reveal"]
translator = Translator(attention="additive", **size)
history = translator.fit(numbers.train, **how) if TRAIN else None
translator = live_or_stored(translator, history, trained_translator("numbers"))
translator.described().say()
answers["attention"] = translator.translate(french)
print(f"with attention: {exact_match(answers['attention'], english):.3f} of the {len(french)}, as many steps")
print("weights:", ", ".join(f"{network.parameters_count:,}" for network in (once, every, translator)))
ex.exact_numbers.check(my_guess, exact_match(answers["attention"], english))

# %% tags=["evidence"]
found = claims.results("translating").query("last == 1").pivot_table(index="seed", columns="network", values="exact")
assert (found["LSTM"] > 0.7).all()
assert (found["LSTM"] > found["LSTM, summary at every step"] - 0.03).all()
assert hasattr(translator.model, "first")
assert hasattr(translator.model, "second")
# shown: "each of its two decoder layers has an attention of its own"
# defined: "so attention is computed for the whole sentence"
# defined: "It is still one vector for a sentence of any length"
# defined: "mix all of them, with weights of its own"
# defined: "Softmax turns the scores into weights that sum to 1"
# source: "One way to compare is" Luong, Pham and Manning (2015)
# defined: "Write it for all queries and keys"
# defined: "Padding must get a weight of exactly 0"
# defined: "Steps 2 and 3"
# defined: "The same network, as many steps"
# defined: "That is what attention will change"

# %% [markdown]
# And where does it look?
# Each row is a character that it says, each column one that it can look at; the map is that of the second attention.

# %%
from course_utils.figures import alignment

seen, said, weights = translator.align("soixante-deux")
largest = weights.max(dim=1).values
alignment.heat_map(
    seen,
    said,
    weights,
    title=f"The largest weight of each of {len(said)} characters: {largest.min():.2f} to {largest.max():.2f}",
)

# %% [markdown]
# A map shows where a network looked.
# Does it *need* what it looked at?
# That can be tested: while it says a character, hide the place with the largest weight in this map from both attentions, and see whether it now says another character.
# The control hides some other place.
# **Predict:** in what share of the characters does hiding the place looked at change what is said?

# %%
my_guess_hidden = ...  # a share

# %% tags=["reveal"]
from course_utils.experiments.applications.hidden_places import changed_when_hidden

changed = changed_when_hidden(trained_translator("numbers"), french[:100])
ex.hidden_place.check(my_guess_hidden, round(changed["looked at"], 2))
print(f"hiding another place: {changed['another']:.2f}")

# %% [markdown] tags=["reveal"]
# Hiding the place looked at changes more than hiding another place, so the map does show something that this one network uses.
# But most characters stay.
# One reason can be measured: the largest weight is 0.3 on average, so most of what is mixed stays.
# Two more, which we did not test apart: the other places know about their neighbours, and the decoder knows how an English word goes on.
# A map of attention shows where a network looked, and not all that it knew.

# %% tags=["evidence"]
assert changed["looked at"] > 2 * changed["another"] + 0.02
assert changed["looked at"] < 0.5
stored_translator = trained_translator("numbers")
largest_of_all = torch.cat([stored_translator.attended(fr)[2].max(dim=-1).values for fr in french[:100]])
assert round(largest_of_all.mean().item(), 1) == 0.3
assert len(largest) == len(said)
assert torch.allclose(weights.sum(dim=1), torch.ones(len(said)), atol=1e-4)
# shown: "The largest weight of each of {…} characters"
# shown: "the largest weight is 0.3 on average"
# shown: "so most of what is mixed stays"
# shown: "changes more than hiding another place"
# shown: "But most characters stay"
# defined: "Two more, which we did not test apart"
# defined: "and not all that it knew"
# defined: "Each row is a character that it says"
# defined: "hide the place with the largest weight"
# defined: "in what share of the characters"
# defined: "A map shows where a network looked"

# %% [markdown]
# ## Is it only a matter of time?
#
# One seed is an anecdote, and each of the three may need its own learning rate.
# Here are ten seeds of each, stored, with about as many weights, equal steps, and for each the better of two learning rates.
# They had batches of 64 and a rate of 0.008, the ones above batches of 32 and 0.0057: compare shares within the figure, not with those above.

# %%
found = claims.results("translating")
names = {"LSTM": "attention", "LSTM, summary at every step": "every step", "LSTM, first state only": "once"}
kinds = found[found["network"].isin(names)].replace({"network": {old: f"LSTM, {new}" for old, new in names.items()}})
ended = kinds[kinds["last"] == 1].groupby("network")["exact"].mean()
order = ended.sort_values(ascending=False)
alignment.over_training(
    kinds, "After 400 steps: " + "; ".join(f"{name[6:]} {share:.2f}" for name, share in order.items())
)

# %% [markdown]
# And with patience?
# Here are the two without attention after nearly four times as many steps, two seeds:

# %%
longer = claims.results("translating_longer")
shown = longer.replace({"network": names}).pivot_table(index="steps", columns="network", values="exact", sort=False)
show_table(shown, "Without a wrong character, by training steps", formats=dict.fromkeys(shown, ".3f"))

# %% [markdown]
# After 400 steps attention is ahead of *every step* with nine seeds of ten; one of its networks was still at 0.77.
# For each of the three the better learning rate was the larger of the two, so a still larger one was not tried.
# What is seen at every step is enough in the end: after 1,500 steps both networks are above 0.98.
# These are short sentences, and one vector has room for them, the longest fifth included.
# What is seen once has to be carried, and after 1,500 steps *that* network was right about next to nothing.
# Its error in validation was still falling, slowly; what more steps or other rates would bring we did not measure.
# So "without attention it cannot" is false of one way to leave attention out, and open for another.
#
# One remark on *once*: 40,960 of its weights read a vector that is always zero, and learn nothing.
# It has as many weights as the others on paper only.

# %% tags=["evidence"]
final = (
    claims.results("translating_longer")
    .query("steps == 1500")
    .pivot_table(index="seed", columns="network", values="exact")
)
assert final["LSTM, summary at every step"].min() > 0.98
assert final["LSTM, first state only"].max() < 0.02
last = (
    claims.results("translating").query("last == 1").groupby("network")[["exact", "longest_fifth", "parameters"]].mean()
)
by_seed = claims.results("translating").query("last == 1").pivot_table(index="seed", columns="network", values="exact")
assert ((by_seed["LSTM"] > by_seed["LSTM, summary at every step"]).sum(), len(by_seed)) == (9, 10)
assert round(by_seed["LSTM"].min(), 2) == 0.77
patient = claims.results("translating_longer")
assert patient.query("steps == 1500 and network == 'LSTM, summary at every step'")["longest_fifth"].min() == 1
falling = patient.query("network == 'LSTM, first state only'").groupby("seed")["valid_error"]
assert falling.apply(lambda errors: errors.is_monotonic_decreasing).all()
searched = claims.results("translating_search")
assert found[found["network"].str.startswith("LSTM")]["lr"].unique().tolist() == [searched["lr"].max()]
lstms = last[last.index.str.startswith("LSTM")]["parameters"]
assert lstms.max() / lstms.min() < 1.01
H_once = once.hidden_size
assert 4 * H_once * 2 * H_once + 2 * H_once * H_once == 40_960
assert claims.results("translating_search").groupby("network")["lr"].nunique().max() == 2
assert found["steps"].max() == 400
assert final.shape[0] == 2
# shown: "ahead of every step with nine seeds of ten; one of its networks was still at 0.77"
# shown: "the better learning rate was the larger of the two"
# shown: "after 1,500 steps both networks are above 0.98"
# shown: "one vector has room for them, the longest fifth included"
# shown: "after 1,500 steps that network was right about next to nothing"
# shown: "Its error in validation was still falling, slowly"
# shown: "is false of one way to leave attention out"
# shown: "40,960 of its weights read a vector that is always zero"
# shown: "It has as many weights as the others on paper only"
stored_every = str(trained_translator("numbers_every").described())
assert "0.00566" in stored_every
assert "batch: 32" in stored_every
# shown: "batches of 64 and a rate of 0.008"
# shown: "with about as many weights, equal steps, and for each the better of two"
# shown: "after nearly four times as many steps, two seeds"
# defined: "One seed is an anecdote"
# defined: "Without a wrong character, by training steps"

# %% [markdown]
# **Predict:** it has learnt from numbers below 100,000.
# What will it make of longer ones?

# %%
predict = ex.longer_numbers.ask()

# %% tags=["reveal"]
ex.longer_numbers.check(predict)
longer_french, longer_english = (list(part) for part in zip(*numbers.longer))
longer_told = translator.translate(longer_french)
print(f"numbers from a million on: {exact_match(longer_told, longer_english):.3f} of {len(longer_french)}")
show_table({"French": longer_french[:2], "it says": longer_told[:2], "right": longer_english[:2]}, "Two of them")

# %% [markdown] tags=["reveal"]
# The word *million* was not in its training, and translations are cut at a tenth above the longest ratio of lengths that it has seen.
# It says a number *below* 100,000, nearly always a well-formed one.
# That is no fault of attention alone: none of the five networks of our ten seeds got further, and nothing in the training tells how the grammar goes on.

# %% tags=["evidence"]
ten = claims.results("translating").query("last == 1")
assert ten["longer"].max() < 0.05
assert ten["network"].nunique() == 5
below_thousand = {number_pair(n)[1] for n in range(1_000)}
ends_well = {"", *(f"{mark} {text}" for text in below_thousand for mark in (",", " and"))}
parted = [text.partition(" thousand") for text in trained_translator("numbers").translate(longer_french[:100])]
fine = [head in below_thousand and (not word or tail in ends_well) for head, word, tail in parted]
assert sum(fine) / len(fine) > 0.9
assert not any("million" in fr for fr, _ in numbers.train)
# shown: "The word million was not in its training"
# shown: "It has never seen the word million"
# shown: "which it has never seen"
# shown: "It has never seen million, and has seldom said so many characters"
# shown: "That is no fault of attention alone: none of the five networks"
# shown: "It says a number below 100,000, nearly always a well-formed one"
# defined: "translations are cut at a tenth above the longest ratio"
# defined: "it has learnt from numbers below 100,000"
# defined: "numbers from a million on"
# defined: "Two of them"
# defined: "Nobody has told it a rule"

# %% [markdown]
# The article says that an encoder-decoder LSTM translates.
# The box names each setting with its steps; you have seen what 1,500 change.

# %% tags=["evidence"]
# defined: "The box names each setting with its steps"

# %%
claims.box("C23")

# %% [markdown]
# ## Play with it: your own numbers
#
# Type a number in French words.
# Then:
#
# 1. Find a number that it gets wrong.
#    (Try *zéro*, *douze*, *cent*: small numbers are rare in its training, and a short word may be cut off by the limit of length.)
# 2. Misspell a word.
#    Does it notice?
# 3. Raise the beam (explained below, going deeper).
#    Does another sentence win?

# %%
from course_utils.widgets.translate_it import translate_it

translate_it(translator, sentence="soixante et onze mille quatre-vingts")

# %% [markdown]
# ## What you have seen
#
# - Tokens, a vocabulary, embeddings: a sentence is a list of indices.
# - An encoder-decoder passes one vector on.
#   Teacher forcing lets it learn all steps together, and leaves exposure bias.
# - Padding is masked in the loss, in the score, in the encoder's last state, and in attention.
# - Attention: compare, softmax, mix.
#   Hiding the place it looks at changes more than hiding another.
# - Without attention it matters where the vector is seen: at every step, it was enough after 1,500 steps; once, it was not.

# %% tags=["evidence"]
small = sum(len(en) < 12 for _, en in numbers.train) / len(numbers.train)
assert small < 0.05
again = claims.results("translating_longer").query("steps == 1500").groupby("network")["exact"].mean()
assert again["LSTM, summary at every step"] > 0.98
assert again["LSTM, first state only"] < 0.02
assert changed["looked at"] > changed["another"]
# shown: "small numbers are rare in its training"
# shown: "changes more than hiding another"
# shown: "at every step, it was enough after 1,500 steps; once, it was not"
# defined: "Teacher forcing lets it learn all steps together"

# %% [markdown]
# ## Going deeper: masks, and scores by addition
#
# ### Your turn: a padding mask · 4 minutes


# %%
def my_padding_mask(lengths, longest):
    """True where a step is real, False elsewhere (torch.bool). lengths: (B,), longest: T. Returns (B, T)."""
    ...


ex.padding_mask.check(my_padding_mask)
# ex.padding_mask.hint()
# ex.padding_mask.hint(2)
# ex.padding_mask.hint(3)
# ex.padding_mask.solution()

# %% [markdown]
# ### Your turn: scores by addition · 8 minutes
#
# The older way to compare is a small network: $v \cdot \tanh(W_q\, q + W_k\, k)$ (Bahdanau, Cho and Bengio, 2015).
# Our translator of numbers uses it.


# %%
def my_additive_scores(queries, keys, W_q, W_k, v):
    """queries: (B, U, H), keys: (B, T, H), W_q and W_k: (A, H), v: (A,). Returns (B, U, T)."""
    ...


ex.additive_scores.check(my_additive_scores)
# ex.additive_scores.hint()
# ex.additive_scores.hint(2)
# ex.additive_scores.hint(3)
# ex.additive_scores.solution()

# %% [markdown]
# ## Going deeper: what to say next
#
# In use there is no right answer to read: the decoder reads what it has said itself.
# The simplest way is to say the most likely token, again and again.
# That is **greedy** search.
#
# ### Your turn: greedy search · 5 minutes
#
# `step(prefix)` gives the log probabilities of all tokens after a list of tokens.
# Two things can end the sentence; the second one makes sure that it *does* end.


# %%
def my_greedy(step, start, end, longest):
    """Tokens, without start and end. step(prefix) → (V,) log probabilities; longest: the most tokens."""
    ...


ex.greedy.check(my_greedy)
# ex.greedy.hint()
# ex.greedy.hint(2)
# ex.greedy.hint(3)
# ex.greedy.solution()

# %% [markdown]
# ### A beam
#
# Greedy search does not look ahead: a token that is likely now may lead to a dead end.
# Could one try everything?
# Five characters, 30 to choose from: how many sentences are there?

# %%
my_sentences = ...

ex.beam_of_all.check(my_sentences)

# %% tags=["evidence"]
assert 30**5 == 24_300_000
# shown: "30 for the first character, 30 for each of these"
# shown: "At each step every beginning can go on"
# shown: "30 possibilities, five times in a row"
# shown: "Five characters, 30 to choose from"
# shown: "Nobody can try them all"
# defined: "a token that is likely now may lead to a dead end"
# defined: "gives the log probabilities of all tokens"
# defined: "Two things can end the sentence"
# defined: "say the most likely token, again and again"
# source: "The older way to compare is a small network" Bahdanau, Cho and Bengio (2015)

# %% [markdown]
# So a **beam** keeps a few beginnings at a time, the best so far.
# Those that have said `END` are done.
# They keep their places, so the beam is that much narrower for the others, and once all have finished the search is over.
#
# Here is the tree that a beam of three grows; the winner is bold.

# %%
alignment.beam_tree(translator.beam_tree("quatre-vingt-un", beam=3), "Three beginnings kept, the others dropped")

# %% [markdown]
# ### Your turn: beam search · 15 minutes, for the patient
#
# Write it; do not fill the places of finished ones again.
# Compare finished and unfinished ones by their **mean** log probability per token, `END` counted.
# By their sums short answers would win, since every token costs.
# The mean has the opposite fault: it can prefer a long wrong answer whose easy tokens hide a bad one.
# If nothing has finished after `longest` tokens, the best beginning is the answer.


# %%
def my_beam_search(step, start, end, beam, longest):
    """Tokens of the best sentence found, without start and end."""
    ...


ex.beam_search.check(my_beam_search)
# ex.beam_search.hint()
# ex.beam_search.hint(2)
# ex.beam_search.hint(3)
# ex.beam_search.solution()

# %% [markdown]
# Does it help here?

# %%
from course_utils.stats import wilson_interval

for beam in (1, 3):
    right = sum(a == b for a, b in zip(translator.translate(french[:200], beam=beam), english[:200]))
    low, high = wilson_interval(right, 200)
    print(f"beam {beam}: {right} of 200 right, 95 % interval of the share {low:.2f} to {high:.2f}")

# %% tags=["evidence"]
assert 2 * -0.5 > 3 * -0.4
assert -0.16 > -0.20
assert 49 * -0.16 < 32 * -0.20
# shown: "By their sums short answers would win"
# shown: "it can prefer a long wrong answer"
# defined: "So a beam keeps a few beginnings at a time"
# defined: "They keep their places, so the beam"
# defined: "the tree that a beam of three grows"
# defined: "do not fill the places"
# defined: "If nothing has finished after longest tokens"

# %% [markdown]
# Compare the two intervals: one beam of three on one network decides little.
#
# ## Going deeper: BLEU, and the menus of JupyterLab
#
# Numbers have one right translation.
# Real sentences have many, and an exact match is rare.
# **BLEU** counts runs of 1, 2, 3 and 4 words (*n-grams*) that a translation, the *hypothesis*, shares with the reference (Papineni and others, 2002).
#
# ### Your turn: clipped precision · 6 minutes
#
# What share of the hypothesis' n-grams is in the reference?
# An n-gram counts at most as often as the reference has it.


# %%
def my_clipped_precision(hypothesis, reference, n):
    """hypothesis, reference: lists of words. Returns a share between 0 and 1 (0 where there is no n-gram)."""
    ...


ex.clipped_precision.check(my_clipped_precision)
# ex.clipped_precision.hint()
# ex.clipped_precision.hint(2)
# ex.clipped_precision.hint(3)
# ex.clipped_precision.solution()

# %% [markdown]
# A hypothesis of one word that is surely right would have a precision of 1.
# So a short one is penalised by the factor $\exp(1 - L_{\text{reference}} / L_{\text{hypothesis}})$; the factor is 1 for one that is long enough.
#
# ### Your turn: brevity penalty · 3 minutes


# %%
def my_brevity_penalty(hypothesis_length, reference_length):
    """The factor. Both lengths in words."""
    ...


ex.brevity_penalty.check(my_brevity_penalty)
# ex.brevity_penalty.hint()
# ex.brevity_penalty.hint(2)
# ex.brevity_penalty.hint(3)
# ex.brevity_penalty.solution()

# %% [markdown]
# BLEU multiplies this factor with the geometric mean of the four precisions.
# The counts are summed over all sentences first: a single short sentence often shares no run of four words, and its own product would be 0.
# By hand and by sacrebleu, the program that papers use:

# %% tags=["nbval-check-output"]
import sacrebleu

from course_utils.metrics import bleu_by_hand

hypotheses, references = (
    ["open the file in a new tab", "close all"],
    ["open the file in a new window", "close all tabs"],
)
by_hand = bleu_by_hand([h.split() for h in hypotheses], [r.split() for r in references])
theirs = sacrebleu.corpus_bleu(hypotheses, [references], tokenize="none", smooth_method="none").score
alone = [bleu_by_hand([h.split()], [r.split()]) for h, r in zip(hypotheses, references)]
print(f"by hand {by_hand:.4f}, sacrebleu {theirs:.4f}; each sentence alone: {alone[0]:.1f}, {alone[1]:.1f}")

# %% tags=["evidence"]
assert alone[1] == 0
assert by_hand > 0
# shown: "The counts are summed over all sentences first"
# shown: "would have a precision of 1"
# source: "counts runs of 1, 2, 3 and 4 words" Papineni and others (2002)
# defined: "Numbers have one right translation"
# defined: "An n-gram counts at most as often"
# defined: "the factor is 1 for one that is long enough"
# defined: "with the geometric mean of the four precisions"
# defined: "one beam of three on one network"
# defined: "Real sentences have many, and an exact match is rare"

# %% [markdown]
# The real text: the menus and messages of JupyterLab itself, in English, and what people made of them in French.
# Tokens are **subwords** here, pieces of words that occur often.
# They are learnt from the training text: begin with single characters, and join the pair of neighbours that occurs most often, again and again.
# Attention is by multiplication here.

# %%
from course_utils.data.menus import copied, looked_up, menu_split

texts = menu_split("fr")
print(f"{len(texts.train):,} strings for training, {len(texts.valid)} for validation, {len(texts.test)} for the test")
brief = [pair for pair in texts.test if len(pair[0]) < 45]
show_table({"English": [en for en, _ in brief[:4]], "French": [fr for _, fr in brief[:4]]}, "Four of the shorter ones")

# %% [markdown]
# Strings that differ in capitals and punctuation alone are kept in one part, so that no test string was seen.
# Two baselines: **copy** the English (names and symbols stay as they are), and **look up** the most similar string of the training part.
# **Predict** the BLEU of a network that was trained for 3,200 steps (0 to 100).

# %%
my_bleu = ...

# %%
from course_utils.metrics import bleu, bleu_difference

network = trained_translator("menus")
network.described().say()
asked, wanted = (list(part) for part in zip(*texts.test))
menu_answers = {"copied": copied(asked), "looked up": looked_up(asked, texts.train)}
menu_answers |= {"network": network.translate(asked), "network, beam 5": network.translate(asked, beam=5)}

# %% tags=["reveal"]
brief = [row for row in range(len(asked)) if len(asked[row]) <= 80]
parts = {"all": range(len(asked)), "up to 80 characters": brief}


def of(lines, rows):
    """Some of the lines."""
    return [lines[row] for row in rows]


scores = {
    name: {part: bleu(of(lines, rows), of(wanted, rows)) for part, rows in parts.items()}
    for name, lines in menu_answers.items()
}
show_table(
    [{"translator": name, **both} for name, both in scores.items()], f"BLEU: {len(asked)} strings, {len(brief)} short"
)
ex.menus_bleu.check(my_bleu, round(scores["network"]["all"], 1))
for part, rows in parts.items():
    lines = [of(menu_answers[name], rows) for name in ("network", "looked up")]
    difference, low, high = bleu_difference(*lines, of(wanted, rows))
    print(
        f"network minus look-up, {part}: {difference:+.1f} BLEU, 95 % {low:+.1f} to {high:+.1f} (words split at spaces)"
    )

# %% [markdown] tags=["reveal"]
# On all strings the simple rule, *look up the most similar one*, is level with the network or ahead of it: see whether the interval holds 0.
# On the short ones, nearly all of them, the network scores higher, and that interval holds 0 as well.
# A few long strings hold many of the words, and BLEU counts words.
# So compare with a simple rule, look at parts, and give an interval: this one network is not shown to be better than the rule.
# BLEU knows no meaning: a synonym counts as wrong, and a missing *not* costs one word.

# %% tags=["evidence"]
whole = bleu_difference(menu_answers["network"], menu_answers["looked up"], wanted)
short = bleu_difference(of(menu_answers["network"], brief), of(menu_answers["looked up"], brief), of(wanted, brief))
assert whole[1] < 3
assert short[1] < 0 < short[0]
assert len(brief) / len(asked) > 0.9
words = [len(text.split()) for text in asked]
assert sum(words[row] for row in range(len(asked)) if row not in set(brief)) / sum(words) > 0.15
# shown: "is level with the network or ahead of it"
# shown: "the network scores higher, and that interval holds 0 as well"
# shown: "A few long strings hold many of the words"
# shown: "this one network is not shown to be better"
# defined: "Strings that differ in capitals and punctuation alone"
# defined: "join the pair of neighbours that occurs most often"
# defined: "a network that was trained for 3,200 steps"
# defined: "Four of the shorter ones"
# defined: "and a missing not costs one word"
# defined: "look up the most similar string of the training part"

# %%
rows = [row for row in range(len(asked)) if len(asked[row]) < 45][4:12]
columns = {"English": asked, "network": menu_answers["network"], "people": wanted}
show_table({name: of(lines, rows) for name, lines in columns.items()}, "Eight of the shorter ones")

# %% tags=["evidence"]
# defined: "Eight of the shorter ones"

# %% [markdown]
# ## Going deeper: RNN, GRU or LSTM?
#
# The article says that translation is a task for LSTMs.
# Here is the same translator with each of the three cells, as many weights as whole units allow, as many steps, each with the better of two learning rates:

# %%
cells = found[found["network"].isin(["RNN", "GRU", "LSTM"])]
ended = cells[cells["last"] == 1].groupby("network", sort=False)
show_table(
    ended[["parameters", "hidden_size", "lr", "exact", "character_error", "longer"]].mean(),
    "Test numbers: means of ten seeds after 400 steps (longer: numbers from a million on)",
)
alignment.over_training(cells, f"After 400 steps the {ended['exact'].mean().idxmin()} is last of the three")

# %% [markdown]
# With as many weights and steps, the mean of either gated cell is far above that of the RNN, and the GRU is not behind the LSTM.
# The RNN was still getting better when its steps were over, so this says who learns *sooner*, and not what an RNN can learn.
# Its units have tanh; an RNN with ReLU was not trained here.

# %% tags=["evidence"]
exact = cells[cells["last"] == 1].groupby("network")["exact"].mean()
assert min(exact["GRU"], exact["LSTM"]) > exact["RNN"] + 0.2
assert exact["GRU"] >= exact["LSTM"]
course = cells[cells["network"] == "RNN"].groupby("steps")["valid_error"].mean()
assert course.is_monotonic_decreasing
size_of = cells.groupby("network")["parameters"].mean()
assert size_of.max() / size_of.min() < 1.02
# shown: "the mean of either gated cell is far above that of the RNN"
# shown: "The RNN was still getting better when its steps were over"
# shown: "as many weights as whole units allow"
# shown: "After 400 steps the {…} is last"
# defined: "means of ten seeds after 400 steps"
# defined: "an RNN with ReLU was not trained here"

# %%
claims.box("C06")

# %% [markdown]
# ## Going deeper: your own pairs
#
# Any list of pairs of strings will do.
# Tatoeba and Multi30k, large collections of real sentences, come through `sentence_pairs("tatoeba")` and `sentence_pairs("multi30k")` of `course_utils.data.sentence_pairs`, after `course data fetch`.
# Keep some pairs for the test: asked about its training pairs, a network of any quality may look good.

# %%
mine = numbers.train[:400]  # your own pairs instead
learn, judge = mine[:300], mine[300:]
small = Translator(hidden_size=32, level="char", seed=0)
small.fit(learn, steps=150)
for name, part in (("training pairs", learn[:100]), ("test pairs", judge)):
    asked_now, right_now = (list(side) for side in zip(*part))
    print(f"{name}: {exact_match(small.translate(asked_now), right_now):.2f} of {len(part)} without a wrong character")

# %% [markdown]
# ## Going further
#
# `date_words()` of `course_utils.data.number_words` has dates (*le quatorze juillet*).
# `fit(seconds=600)` on Multi30k is for a long coffee break, or a GPU.
# *Scheduled sampling* lets a decoder read its own words now and then in training, against exposure bias (Bengio and others, 2015).
# Leave out the LSTMs and let attention do all the work, and you have a Transformer (Vaswani and others, 2017).
#
# **References.**
#
# - K. Cho and others, *Learning phrase representations using RNN encoder-decoder*, EMNLP 2014, [doi:10.3115/v1/D14-1179](https://doi.org/10.3115/v1/D14-1179).
# - I. Sutskever, O. Vinyals and Q. V. Le, *Sequence to sequence learning with neural networks*, 2014, [arXiv:1409.3215](https://arxiv.org/abs/1409.3215).
# - D. Bahdanau, K. Cho and Y. Bengio, *Neural machine translation by jointly learning to align and translate*, 2015, [arXiv:1409.0473](https://arxiv.org/abs/1409.0473).
# - M.-T. Luong, H. Pham and C. D. Manning, *Effective approaches to attention-based neural machine translation*, 2015, [doi:10.18653/v1/D15-1166](https://doi.org/10.18653/v1/D15-1166).
# - S. Bengio, O. Vinyals, N. Jaitly and N. Shazeer, *Scheduled sampling for sequence prediction with recurrent neural networks*, 2015, [arXiv:1506.03099](https://arxiv.org/abs/1506.03099).
# - A. Vaswani and others, *Attention is all you need*, 2017, [arXiv:1706.03762](https://arxiv.org/abs/1706.03762).
# - K. Papineni and others, *BLEU*, 2002, [doi:10.3115/1073083.1073135](https://doi.org/10.3115/1073083.1073135).

# %% tags=["evidence"]
# source: "Leave out the LSTMs and let attention do all the work" Vaswani and others (2017)
# source: "lets a decoder read its own words now and then" Bengio and others (2015)

# %% tags=["timing"]
course_utils.finish()
