# %% [markdown]
# # 14 · Translation
#
# **100 minutes with its exercises, about two minutes to run.**
# Builds on lessons 01 (cross-entropy), 05 (states) and 07 (LSTM).
#
# You will be able to
#
# - turn sentences into numbers, and batches of unequal sentences into scores that padding does not falsify;
# - build an encoder-decoder with teacher forcing, and say what has to pass through its one vector;
# - write two kinds of attention, and look at where a network looks;
# - search for a translation so that the search always ends, and score it with BLEU;
# - train a translator on pairs of your own.

# %% tags=["setup", "timing"]
import course_utils

course_utils.start("14_translation")

# %% [markdown]
# ## Four times twenty and seventeen
#
# How does one say 97 in French?
# *Quatre-vingt-dix-sept*: four, twenty, ten, seven.
# In English: *ninety-seven*.
# Who translates word by word gets *four twenty ten seven*.
#
# Numbers in words are a small language, with a grammar that one can check.
# Here is the task of this lesson: French in, English out, **character by character**.

# %%
from course_utils.data.number_words import number_pair, number_words
from course_utils.data.resources import resource
from course_utils.display.tables import show_table

numbers = number_words()  # pairs (French, English) of numbers below 100,000
some = [number_pair(n) for n in (7, 21, 80, 97, 1_971, 80_080)]
show_table({"French": [fr for fr, _ in some], "English": [en for _, en in some]}, "The task")
print(f"{len(numbers.train):,} pairs to train on, {len(numbers.valid)} to choose by, {len(numbers.test)} to judge")

# %% [markdown]
# No number stands in two of the parts.
# A translation counts if *every* character is right.
# **Predict:** after 20 seconds of training, what share of the numbers kept aside will be translated without a single wrong character, by the best of the networks below?
# (Between 0 and 1; right within a twentieth.)

# %%
my_guess = ...  # between 0 and 1

# %% [markdown]
# ## From words to numbers
#
# A network computes with numbers.
# What is looked up as one piece is a **token**: here a character.
# Every token gets a place in a list, the **vocabulary**; and an **embedding** gives each place a vector, which is learnt like any weight.
# That is all:

# %%
import torch
from torch import nn

PAD, START, END = 0, 1, 2  # three signs that are no characters
characters = sorted({c for pair in numbers.train for text in pair for c in text})
place = {c: n for n, c in enumerate(characters, start=3)}
sentence = torch.tensor([place[c] for c in "vingt"])
embedding = nn.Embedding(3 + len(characters), 4, padding_idx=PAD)
print("vingt →", sentence.tolist(), "→ a tensor of shape", tuple(embedding(sentence).shape))

# %% [markdown]
# A batch holds sentences of unequal length.
# The short ones are filled up with `PAD`, to the length of the longest.
# And each target ends with `END`: so the network can learn to *say* that it is done.

# %%
from course_utils.nn.translation_model import padded

pairs = [number_pair(n) for n in (7, 97, 1_971)]
sources = padded([[place[c] for c in fr] for fr, _ in pairs])  # (B, T)
targets = padded([[place[c] for c in en] + [END] for _, en in pairs])  # (B, U)
print(targets)

# %% [markdown]
# ## Two networks and one vector
#
# One LSTM reads the French sentence: the **encoder**.
# Its last state goes to a second LSTM as its *first* state: the **decoder**, a language model that says the English sentence, one token after the other.
# (Cho and others 2014; Sutskever, Vinyals and Le 2014.)
#
# What does the decoder read?
# What it has said so far.
# In training it would say nonsense at first, and learn to go on from nonsense.
# So there it reads the **right** answer, one step late: **teacher forcing**.
# At each step it knows the right beginning, and has to say the next token.
#
# ### Your turn · 4 minutes
#
# What does the decoder read, for the targets above?
# At the first step there is nothing yet: it reads `START`.


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
# Now the whole thing, small.
# Since every input is known beforehand, each network is one call for all steps:

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

# %% [markdown]
# ## What padding does to a score
#
# In the batch above, most of the first row is padding.
# What if the score counts it?
# Suppose a translator says nothing but `PAD`, for every sentence.
# How many of its tokens are "right"?

# %% tags=["reveal"]
batch = padded([[place[c] for c in en] + [END] for _, en in numbers.test[:64]])
share = (batch == PAD).double().mean().item()
print(f"{share:.2f} of all places of the first 64 test sentences are padding: who says PAD everywhere is 'right' there")

# %% [markdown]
# And a loss that counts padding is small because padding is easy.
# (This mistake is common, and it never raises an error.)
# So padding is **masked**: a tensor says which places are real.
#
# ### Your turn · 4 minutes


# %%
def my_padding_mask(lengths, longest):
    """True where a step is real. lengths: (B,), longest: T. Returns (B, T)."""
    ...


ex.padding_mask.check(my_padding_mask)
# ex.padding_mask.hint()
# ex.padding_mask.hint(2)
# ex.padding_mask.hint(3)
# ex.padding_mask.solution()

# %% [markdown]
# ### Your turn · 5 minutes
#
# The loss of lesson 01, over real tokens only.


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
# Two copies of our small network, trained alike but for the mask, both judged on real tokens:

# %% tags=["reveal"]
from course_utils.experiments.applications.loss_without_mask import mask_forgotten

trained_both = mask_forgotten(numbers.train, numbers.test, steps=120)
show_table(
    trained_both,
    "After 120 steps, on the test pairs: the loss each reports, the loss of real tokens, the share of tokens right under teacher forcing",
)

# %% [markdown]
# The one that counts padding reports a smaller loss than its real tokens cost: padding is easy, and pulls the mean down.
# And it *is* the worse of the two on real tokens, after as many steps: a part of what it learns is to say nothing, again and again.
#
# The encoder needs the mask as well: its last state must be the state after the last *real* token, not after ten steps of padding.
# The package sees to that.
#
# ## Train it
#
# From here on we use the network grown up: an encoder that reads in both directions, a decoder of two layers, dropout (in training a part of the numbers is set to 0 by chance, against learning by heart), masks everywhere, and a learning rate that falls to 0.
# Here its decoder gets the encoder's last states **once**, as its own first state; as above.
#
# (A workshop in a hurry sets `TRAIN = False`: then weights that were trained before are loaded, and every figure below is drawn all the same.)

# %%
from course_utils.metrics import character_error, exact_match
from course_utils.models.once_translator import OnceTranslator
from course_utils.models.translation import Translator, trained_translator

TRAIN = True
SECONDS = 20
size = {"cell": "lstm", "hidden_size": 64, "level": "char", "seed": 0}
french, english = (list(part) for part in zip(*numbers.test))

# %% tags=["reveal"]
once = OnceTranslator(attention=None, **size)
if TRAIN:
    once.fit(numbers.train, valid=numbers.valid, seconds=SECONDS)
else:
    once = OnceTranslator.load(resource("checkpoints/translate_numbers_once.safetensors"))
said_once = once.translate(french)
print(f"seen once: {exact_match(said_once, english):.3f} of {len(french)} without a wrong character")
print(f"wrong characters: {character_error(said_once, english):.3f}")
show_table({"French": french[:4], "it says": said_once[:4], "right": english[:4]}, "Four of them")

# %% [markdown]
# It speaks English numbers, well-formed ones, and the wrong ones.
# In its state the decoder has to carry all of the French sentence, and at the same time keep track of what it has said already.
#
# A small change: let it see **the same vector again at every step**.
# No new information; only, it need not carry it.
# (Cho and others did it so.)
# **Predict:**

# %%
predict = ex.same_vector.ask()

# %% tags=["reveal"]
ex.same_vector.check(predict)
every = Translator(attention=None, **size)
if TRAIN:
    every.fit(numbers.train, valid=numbers.valid, seconds=SECONDS)
else:
    every = trained_translator("numbers_every")
said_every = every.translate(french)
print(f"seen at every step: {exact_match(said_every, english):.3f} of {len(french)}, the same seconds")

# %% [markdown]
# ## Let it look back
#
# Still it is one vector for a sentence of any length.
# But the encoder has a state after *every* character.
# Why keep only the last?
# **Attention** lets the decoder, at each step, mix all of them, with weights that it chooses itself:
#
# 1. The decoder's state, the **query**, is compared with each encoder state, a **key**: a **score**.
# 2. Softmax turns the scores into **weights** that sum to 1.
# 3. The encoder's states are mixed with these weights: the **context**, which helps to say the next token.
#
# ### Your turn · 5 minutes · scores by multiplication
#
# The first way to compare: $q \cdot (W k)$ (Luong, Pham and Manning 2015).
# For all queries and keys at once.


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
# ### Your turn · 8 minutes · scores by addition
#
# The older way is a small network: $v \cdot \tanh(W_q\, q + W_k\, k)$ (Bahdanau, Cho and Bengio 2015).


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
# ### Your turn · 6 minutes · look
#
# Steps 2 and 3.
# Padding must get no weight at all.


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
# With teacher forcing the decoder's states are known for all steps before anybody attends.
# So attention is computed for the whole sentence at once, after one call of the LSTM: that is what your three functions do.
#
# The same network, the same seconds, with attention:

# %% tags=["reveal"]
translator = Translator(attention="additive", **size)
if TRAIN:
    translator.fit(numbers.train, valid=numbers.valid, seconds=SECONDS)
else:
    translator = trained_translator("numbers")
said = translator.translate(french)
print(f"with attention: {exact_match(said, english):.3f} of {len(french)}, the same seconds")
print("numbers learnt:", f"{once.parameters_count:,}, {every.parameters_count:,}, {translator.parameters_count:,}")
ex.exact_numbers.check(my_guess, exact_match(said, english))

# %% [markdown]
# And where does it look?
# Each row is a character that it says, each column one that it can look at.

# %% tags=["reveal"]
from course_utils.figures import alignment

alignment.heat_map(*translator.align("quatre-vingt-dix-sept"), title="Where it looks while it says each character")

# %% [markdown]
# The units follow the words: *seven* looks at *sept*.
# For *ninety* it looks at several places; the encoder reads in both directions, so each of its states knows of its neighbours already.
# A map of attention shows where a network looked, not all that it knew.
#
# By length, all three on the same 500 numbers:

# %% tags=["reveal"]
answers = {"attention": said, "seen at every step": said_every, "seen once": said_once}
alignment.by_length(
    {name: (french, text, english) for name, text in answers.items()}, "Exact translations, by the length of the French"
)

# %% [markdown]
# It is not the long ones that suffer from the single vector here: on these lengths it has room.
#
# ## Is it only a matter of time?
#
# One seed, and equal seconds (a step with attention takes longer).
# Another comparison: equal steps, looked at on the way.
# Ten seeds each, stored; all with as many numbers to learn as whole units allow:

# %% tags=["reveal"]
from course_utils import claims

found = claims.results("translating")
kinds = found[found["network"].str.startswith("LSTM")].replace({"LSTM": "LSTM, attention"})
alignment.over_training(kinds, "Attention learns in the fewest steps; who sees the vector once, does not learn it")

# %% [markdown]
# And with patience?
# The two without attention, nearly four times as many steps, two seeds (attention had 0.97 after 400):

# %% tags=["reveal"]
longer = claims.results("translating_longer")
shown = longer.pivot_table(index="steps", columns="network", values="exact", sort=False)
show_table(shown, "Without a wrong character", formats=dict.fromkeys(shown, ".3f"))

# %% [markdown]
# What is seen at every step is enough in the end: the gap to attention closes.
# These are short sentences, and one vector has room for them.
# What is seen once has to be carried, and *that* the network has not learnt in these steps.
# So "without attention it cannot" is true of one way to leave attention out, and false of another.

# %% [markdown]
# **Predict:** it has learnt from numbers below 100,000.
# And longer ones?

# %%
predict = ex.longer_numbers.ask()

# %% tags=["reveal"]
ex.longer_numbers.check(predict)
longer_french, longer_english = (list(part) for part in zip(*numbers.longer))
longer_said = translator.translate(longer_french)
print(f"numbers from a million on: {exact_match(longer_said, longer_english):.3f} of {len(longer_french)}")
show_table({"French": longer_french[:2], "it says": longer_said[:2], "right": longer_english[:2]}, "Two of them")

# %% [markdown]
# It has never seen the word *million*, and has seldom said so many characters.
# It says what is likely *below* 100,000.
# That is no fault of attention: nothing in the training tells where the grammar goes on.
#
# (The box below judges after 400 steps.
# After 1,500 the network that sees the vector at every step is above 0.9 as well: a verdict on networks holds for the training they had.)

# %%
claims.box("C23")

# %% [markdown]
# ## What to say next
#
# In use there is no right answer to read.
# The decoder reads what it has said itself.
# The simplest way: say the most likely token, again and again.
# That is **greedy** search.
#
# ### Your turn · 6 minutes
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
# Greedy search regrets nothing: a token that is likely now may lead to a dead end.
# Could one try everything?
# Five characters, 30 to choose from: how many sentences are there?

# %%
my_sentences = ...

ex.beam_of_all.check(my_sentences)

# %% [markdown]
# So one keeps a few beginnings at a time, the best so far: a **beam**.
# Those that have said `END` are done.
# They keep their places: for the others the beam is that much narrower, and once all have finished the search is over.
#
# Here is the tree that a beam of three grows.
# Bold is what won.

# %% tags=["reveal"]
alignment.beam_tree(translator.beam_tree("quatre-vingt-un", beam=3), "Three beginnings kept, the others dropped")

# %% [markdown]
# ### Your turn · 15 minutes, for the patient
#
# Write it, with the places of the finished ones not filled again.
# Compare finished and unfinished ones by their **mean** log probability per token: every token costs, so by their sums short answers would win.
# And if nothing has finished after `longest` tokens, the best beginning is the answer: never an empty list.


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

# %% tags=["reveal"]
for beam in (1, 3):
    print(f"beam {beam}: {exact_match(translator.translate(french[:200], beam=beam), english[:200]):.3f} of 200")

# %% [markdown]
# ## The learner's own interface
#
# Numbers have one right translation.
# Real sentences have many, and nobody gets every character right.
# What would be a score?
#
# **BLEU** counts runs of 1, 2, 3 and 4 words that the translation shares with the reference (Papineni and others 2002).
#
# ### Your turn · 6 minutes
#
# What share of the hypothesis' n-grams is in the reference?
# An n-gram counts at most as often as the reference has it.


# %%
def my_clipped_precision(hypothesis, reference, n):
    """hypothesis, reference: lists of words. Returns a share between 0 and 1."""
    ...


ex.clipped_precision.check(my_clipped_precision)
# ex.clipped_precision.hint()
# ex.clipped_precision.hint(2)
# ex.clipped_precision.hint(3)
# ex.clipped_precision.solution()

# %% [markdown]
# One word that is surely right would have a precision of 1.
# So what is too short pays: a factor $\exp(1 - \text{right} / \text{said})$ of the two lengths, and 1 for what is long enough.
#
# ### Your turn · 3 minutes


# %%
def my_brevity_penalty(said, right):
    """The factor. said, right: how many words the hypothesis and the reference have."""
    ...


ex.brevity_penalty.check(my_brevity_penalty)
# ex.brevity_penalty.hint()
# ex.brevity_penalty.hint(2)
# ex.brevity_penalty.hint(3)
# ex.brevity_penalty.solution()

# %% [markdown]
# BLEU multiplies this factor with the geometric mean of the four precisions, and the counts are summed over all sentences first.
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
print(f"by hand {by_hand:.4f}, sacrebleu {theirs:.4f}")

# %% [markdown]
# The real text: the menus and messages of JupyterLab itself, in English, and what people made of them in French.
# You may be looking at them right now.
# Tokens are **subwords** here, pieces of words that occur often: characters would be slow, and whole words would never have been seen.
# (And attention by multiplication, which is faster for long strings.)

# %%
from course_utils.data.menus import copied, looked_up, menu_split

texts = menu_split("fr")
print(f"{len(texts.train):,} strings to train on, {len(texts.valid)} to choose by, {len(texts.test)} to judge")
brief = [pair for pair in texts.test if len(pair[0]) < 45]
show_table({"English": [en for en, _ in brief[:4]], "French": [fr for _, fr in brief[:4]]}, "Four of the shorter ones")

# %% [markdown]
# Strings that differ in capitals and punctuation only stand in one part, so that none of the test was seen.
# Two baselines a child could think of: **copy** the English (names and symbols stay as they are), and **look up** the most similar string of the training part.
# **Predict** the BLEU of the network after 25 seconds (0 to 100).

# %%
my_bleu = ...

# %%
from course_utils.metrics import bleu

interface = Translator(cell="lstm", hidden_size=128, attention="multiplicative", level="subword", seed=0)
if TRAIN:
    short, choose = ([pair for pair in part if len(pair[0]) <= 80] for part in (texts.train, texts.valid))
    interface.fit(short, valid=choose, seconds=25)  # without the longest strings, to save memory
trained_long = trained_translator("menus")  # 120 seconds, before
if not TRAIN:
    interface = trained_long
asked, wanted = (list(part) for part in zip(*texts.test))
answers = {"copied": copied(asked), "looked up": looked_up(asked, texts.train)}
answers |= {"network, now": interface.translate(asked), "network, 120 s": trained_long.translate(asked)}
answers["network, 120 s, beam 5"] = trained_long.translate(asked, beam=5)

# %% tags=["reveal"]
brief = [row for row in range(len(asked)) if len(asked[row]) <= 80]
scores = {
    who: {
        "all": bleu(lines, wanted),
        "up to 80 characters": bleu([lines[r] for r in brief], [wanted[r] for r in brief]),
    }
    for who, lines in answers.items()
}
show_table(
    [{"who": who, **both} for who, both in scores.items()],
    f"BLEU: {len(asked)} strings, and the {len(brief)} short ones",
)
ex.menus_bleu.check(my_bleu, round(scores["network, now"]["all"], 1))

# %% [markdown]
# On all strings the child's rule, *look up the most similar one*, has more BLEU than the network has learnt to reach in two minutes.
# On the short ones, nearly all of them, the network is ahead.
# A few long strings hold many of the words, and BLEU counts words: there the network has seen least (the one trained now has seen none above 80 characters), and a look-up may find the same paragraph with a word changed.
# One number hid both facts.
# Always compare with a simple rule, and look at parts.
#
# What does the network make of strings that it has not seen?

# %% tags=["reveal"]
rows = [row for row in range(len(asked)) if len(asked[row]) < 45][4:12]
columns = {"English": asked, "network, 120 s": answers["network, 120 s"], "people": wanted}
show_table({who: [lines[row] for row in rows] for who, lines in columns.items()}, "Eight of the shorter ones")

# %% [markdown]
# ### Play with it: your own sentences
#
# Type a number in French words.
# Then:
#
# 1. Find a number that it gets wrong.
#    (Try *zéro*, *douze*, *cent*: of small numbers it has seen few.)
#    Where does it look at the wrong character?
# 2. Misspell a word.
#    Does it notice?
# 3. Raise the beam.
#    Does another sentence win?

# %%
from course_utils.widgets.translate_it import translate_it

translate_it(translator, sentence="soixante et onze mille quatre-vingts")

# %% [markdown]
# ## RNN, GRU or LSTM?
#
# The article says that translation is a task for LSTMs.
# The same translator with each of the three cells, as many weights as whole units allow, as many steps, each with the learning rate that suited it best on other seeds:

# %% tags=["reveal"]
cells = found[found["network"].isin(["RNN", "GRU", "LSTM"])]
ended = cells[cells["last"] == 1].groupby("network", sort=False)
show_table(
    ended[["parameters", "hidden_size", "lr", "exact", "character_error", "longer"]].mean(),
    "Numbers kept aside: means of ten seeds after 400 steps (longer: numbers from a million on)",
)

# %% tags=["reveal"]
alignment.over_training(cells, "GRU and LSTM have nearly finished where the RNN still learns")

# %% [markdown]
# With as many weights and steps, both gated cells are far ahead of the RNN.
# The GRU is not behind the LSTM.
# And the RNN was still getting better when its steps were over: this says who learns *faster*, not what an RNN can never learn.

# %%
claims.box("C06")

# %% [markdown]
# ## Your own pairs
#
# Any list of pairs of strings will do.
# Tatoeba and Multi30k, large collections of real sentences, come through `sentence_pairs("tatoeba")` and `sentence_pairs("multi30k")` of `course_utils.data.sentence_pairs`, after `course data fetch`.

# %%
mine = [("bonjour", "hello"), ("bonsoir", "good evening"), ("bonne nuit", "good night")]  # your own pairs instead
small = Translator(hidden_size=32, level="char", seed=0)
small.fit(mine, steps=300)
print(small.translate(["bonsoir", "bonne nuit"]))

# %% [markdown]
# ## What you have seen
#
# - Tokens, a vocabulary, embeddings: a sentence is a list of places.
# - An encoder-decoder passes one vector on.
#   Teacher forcing lets it learn all steps at once.
# - Padding is masked in the loss, in the score, in the encoder's last state, and in attention.
# - Attention: compare, softmax, mix.
#   It shows where the network looked.
# - A search needs a limit, a mean per token, and an answer where nothing has finished.
# - BLEU: clipped precisions, and a penalty for what is too short.
#   A look-up was better on all menus, the network on the short ones.
# - Without attention it matters where the vector is seen: once, it failed; at every step, it was enough in the end.
#
# **Going further.**
# `date_words()` of `course_utils.data.number_words` has dates (*le quatorze juillet*).
# `fit(seconds=600)` on Multi30k's 29,000 pairs is for a long coffee break, or a GPU.
#
# **References.**
# K. Cho and others, *Learning phrase representations using RNN encoder-decoder*, EMNLP 2014, [doi:10.3115/v1/D14-1179](https://doi.org/10.3115/v1/D14-1179).
# I. Sutskever, O. Vinyals and Q. V. Le, *Sequence to sequence learning with neural networks*, 2014, [arXiv:1409.3215](https://arxiv.org/abs/1409.3215).
# D. Bahdanau, K. Cho and Y. Bengio, *Neural machine translation by jointly learning to align and translate*, 2015, [arXiv:1409.0473](https://arxiv.org/abs/1409.0473).
# M.-T. Luong, H. Pham and C. D. Manning, *Effective approaches to attention-based neural machine translation*, 2015, [doi:10.18653/v1/D15-1166](https://doi.org/10.18653/v1/D15-1166).
# K. Papineni and others, *BLEU*, 2002, [doi:10.3115/1073083.1073135](https://doi.org/10.3115/1073083.1073135).

# %% tags=["timing"]
course_utils.finish()
