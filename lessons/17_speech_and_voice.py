# %% [markdown]
# # 17 · Speech and voice
#
# Builds on the lessons 01, 05, 07 and 14: cross-entropy, states, the LSTM, beam search.
#
# You will be able to
#
# - turn a sound into numbers that a network can read;
# - train a network on words without saying *when* each was spoken: CTC, with its forward algorithm by your own hand;
# - read words from the network's output, and count the errors;
# - measure how well a network hears unknown speakers, and say what augmentation changes;
# - tell apart *what* is said and *who* says it.

# %% tags=["setup", "timing"]
import course_utils

course_utils.start("17_speech_and_voice")

# %% [markdown]
# ## Listen
#
# Press play.
# Which digit do you hear?

# %%
from course_utils.data.spoken_digits import spoken_digits
from course_utils.figures import sound as figures

voices = spoken_digits("voices")
which = 47
clip, rate = voices.test.clips[which], voices.sample_rate
figures.player(clip, rate, "A digit, spoken by one of the voices")

# %%
my_digit = ...  # a digit, 0 to 9

# %% tags=["reveal"]
from course_utils.exercises import lesson_17 as ex

ex.heard_digit.check(my_digit, int(voices.test.digits[which]))

# %% [markdown]
# A computer gets this:

# %%
print(f"{len(clip):,} numbers, {rate:,} of them a second; ten from the middle:")
print([round(float(sample), 2) for sample in clip[len(clip) // 2 :][:10]])
figures.waveform(clip, rate, f"{len(clip) / rate:.2f} seconds of sound, a number for the air pressure at each sample")

# %% [markdown]
# An ear uses the **frequencies** in the sound, and how they change.
#
# A program, eSpeak NG, made the voices, in several accents and timbres.

# %%
print(f"{len(voices):,} clips by {len(set(voices.speakers))} voices")
ask = ex.split_of_voices.ask()

# %%
ex.split_of_voices.check(ask)
parts = {"train": voices.train, "valid": voices.valid, "test": voices.test}
for name, part in parts.items():
    print(f"{name}: {len(part):,} clips by {len(set(part.speakers))} voices")

# %% tags=["evidence"]
sets = [set(part.speakers) for part in parts.values()]
assert not sets[0] & sets[1]
assert not sets[0] & sets[2]
assert not sets[1] & sets[2]
drawn = __import__("numpy").random.default_rng(0).permutation(len(voices)) < len(voices) // 10  # a tenth, at random
known = {name for name, out in zip(voices.speakers, drawn, strict=True) if not out}
assert {name for name, out in zip(voices.speakers, drawn, strict=True) if out} <= known
# shown: "Then the same voices are in both parts"
# shown: "A new speaker is one of whom the training set has no clip"
# defined: "and the digits are not"
# defined: "spoken by one of the voices"

# %% [markdown]
# ## From sound to numbers
#
# **Windows.**
# The clip is cut into windows of 25 ms.
# A new window starts every 10 ms, so neighbours overlap.
# What is computed from one window is called a **frame**.
#
# ### Your turn: count the windows · 3 minutes
#
# How many whole windows fit into a clip?


# %%
def my_frames_count(samples, window, hop):
    """samples: length of the clip; window: its samples; hop: from start to start. Returns a whole number."""
    ...


ex.frames_count.check(my_frames_count)
# ex.frames_count.hint()
# ex.frames_count.solution()

# %% [markdown]
# **Frequencies.**
# The **Fourier transform** writes a window as a sum of waves, and says how strong each wave is.
# The squared strength is its **power**.
# A wave needs two samples, one up and one down, so 8,000 samples a second show frequencies up to 4,000 Hz (the Nyquist limit).
# The window is faded in and out before, since a sharp cut adds frequencies that the sound does not have.

# %%
import torch

window, hop = rate * 25 // 1000, rate * 10 // 1000  # in samples
windows = torch.as_tensor(clip).unfold(0, window, hop)  # (T, window)
power = torch.fft.rfft(windows * torch.hann_window(window)).abs() ** 2  # (T, F)
loudest = int(power.sum(dim=1).argmax())
peak = int(power[loudest].argmax()) * rate // window
figures.window_and_power(windows[loudest], rate, f"One of {len(windows)} windows: its strongest frequency is {peak} Hz")

# %% tags=["evidence"]
t = torch.arange(window) / rate
wave = torch.sin(2 * torch.pi * 1010 * t)  # between two of the frequencies
far = (torch.fft.rfftfreq(window, 1 / rate) - 1010).abs() > 200
leaked = [(torch.fft.rfft(wave * fade).abs() ** 2) for fade in (torch.ones(window), torch.hann_window(window))]
assert leaked[0][far].sum() / leaked[0].sum() > 20 * leaked[1][far].sum() / leaked[1].sum()
assert float(torch.fft.rfftfreq(window, 1 / rate)[-1]) == rate / 2 == 4000
# shown: "a sharp cut adds frequencies"
# shown: "A wave needs two samples"
# defined: "cut into windows of 25 ms"
# defined: "starts every 10 ms"
# defined: "its strongest frequency is"

# %% [markdown]
# **Mel bands.**
# From 200 to 300 Hz is a large step for the ear, from 3,200 to 3,300 Hz a small one.
# The **mel scale** measures pitch in steps that sound alike.
# The frequencies are added up in 40 bands, which are narrow at the bottom of the scale and wide at its top.
#
# **Decibels.**
# The logarithm turns factors into steps: in **decibels** (dB), a factor of 10 is a step of 10.
# What lies more than 30 dB below the loudest value of the clip is set to −30 dB, the **floor**.

# %%
from course_utils.nn.sound import log_mel

frames = log_mel(clip, rate)
figures.steps_to_log_mel(clip, rate, f"{len(clip):,} samples become {len(frames)} frames of {frames.shape[1]} numbers")

# %% tags=["evidence"]
from course_utils.nn.sound import from_mel, to_mel

low, high = (to_mel(torch.tensor(hertz)).diff().item() for hertz in ([200.0, 300.0], [3200.0, 3300.0]))
assert low > 3 * high
widths = from_mel(torch.linspace(0, float(to_mel(torch.tensor(4000.0))), 42)).diff()
assert (widths.diff() > 0).all()
assert frames.shape[1] == 40
assert float(frames.min()) == -30
assert float(frames.max()) == 0
# shown: "is a large step for the ear"
# source: "in steps that sound alike" Stevens, Volkmann and Newman 1937
# shown: "added up in 40 bands"
# defined: "a factor of 10 is a step of 10"
# shown: "set to −30 dB"

# %% [markdown]
# ## One word at a time
#
# An easy task first: which digit does a clip hold?
# An LSTM reads the frames in both directions; the mean of its states goes to a linear layer.
# An unknown voice has a timbre that is not in the training set, but its accent is there, with other timbres.
# `TRAIN = False` loads weights that were trained before.

# %%
from course_utils.display.settings import show_settings
from course_utils.experiments.applications.words_and_speakers import share_same
from course_utils.models.live import live_or_stored
from course_utils.models.speech import ClipClassifier, trained_clip_classifier

TRAIN = True


# %% tags=["reveal"]
hears, history = ClipClassifier(seed=0), None
if TRAIN:
    labels = list(map(str, voices.train.digits))
    history = hears.fit(voices.train.clips, labels, sample_rate=rate, steps=300, seconds=240)
    show_settings(history.described())
hears = live_or_stored(hears, history, trained_clip_classifier("digits"))
of_one_word = share_same(hears.predict(voices.test.clips, sample_rate=rate), list(map(str, voices.test.digits)))
print(f"right for {of_one_word:.3f} of {len(voices.test):,} clips by unknown voices; guessing: 0.100")

# %% tags=["evidence"]
accents, timbres = (
    [{name.split("+")[place] for name in part.speakers} for part in (voices.train, voices.test)] for place in (0, 1)
)
assert accents[1] <= accents[0]
assert not timbres[1] & timbres[0]
# shown: "An unknown voice has a timbre that is not in the training set"

# %% [markdown]
# ## Several words, and nobody says when
#
# Here one voice says three to eight digits, with short pauses:

# %%
from course_utils.data.spoken_digits import joined

test_clips, test_texts = joined(voices.test, count=200, seed=0)
print(f"{len(test_clips)} clips; the first has {len(log_mel(test_clips[0], rate))} frames")
figures.player(test_clips[0], rate, f"“{test_texts[0]}”, by one voice")

# %% tags=["evidence"]
assert {len(text.split()) for text in test_texts} == set(range(3, 9))
# shown: "three to eight digits"
# defined: "The vocabulary is large enough"
# shown: "and many more frames"
assert all(
    len(log_mel(c, rate)) > 10 * len(text.split()) for c, text in zip(test_clips[:50], test_texts[:50], strict=True)
)

# %%
ask = ex.labelled_frames.ask()

# %%
ex.labelled_frames.check(ask)

# %% [markdown]
# Lesson 14 had one answer, attention.
# **CTC**, connectionist temporal classification, is an older one, for words that come in the order in which they are heard.
#
# At **every** frame the network gives a probability to each word, and to one more class, the **blank**, written `-`.
# One class chosen for each frame is a **path**.
# A path is read by two rules:
#
# 1. Of equal neighbours, keep one: a sound lasts for several frames.
# 2. Then drop the blanks.
#
# So `a a - b` reads `ab`, and `a - a b` reads `aab`: the blank keeps two equal letters apart.
#
# ### Your turn: read a path · 5 minutes
#
# Write `my_collapsed`, which reads a path of classes.


# %%
def my_collapsed(path, blank):
    """path: a class for each frame, such as [1, 1, 0, 2]; blank: its class. Returns the classes read, a list."""
    ...


ex.collapsed.check(my_collapsed)
# ex.collapsed.hint()
# ex.collapsed.solution()

# %% tags=["evidence"]
from course_utils.nn import ctc

assert ctc.collapse("aa-b") == "ab"
assert ctc.collapse("a-ab") == "aab"
assert ctc.alignments("ab", 3) == sorted(ctc.alignments("ab", 3), key=ctc.alignments("ab", 3).index)
assert len(ctc.alignments("ab", 3)) == 5
assert ctc.shortest("aa") == 3
assert not ctc.alignments("aa", 2)
# source: "is an older one" Graves and others 2006, and Bahdanau and others 2014 for attention
# defined: "Of equal neighbours, keep one"
# shown: "the blank keeps two equal letters apart"
# shown: "Those are the paths with a blank"
# shown: "One is missing"
# shown: "One too many"
# shown: "fills two frames only"
# shown: "In the third, one of the letters lasts"

# %% [markdown]
# ## All paths at once
#
# No path is known to be right.
# So the network learns to make **all paths that read the right words** likely together: the loss is −log of the sum of their probabilities.
# The probability of a path is a product, one factor for each frame.
#
# A list of all paths would be too long, but paths share their beginnings.
# Write the word with blanks around and between, here for `ab`:
#
# `-` `a` `-` `b` `-`
#
# These are the **states** of a path; states by frames make a **lattice**.
# At each frame a path
#
# - stays in its state,
# - goes to the next state,
# - or jumps over a blank, if the letters on its two sides differ.
#
# It starts in one of the first two states and ends in one of the last two.
# Let $\alpha_t(s)$ be the summed probability of all beginnings that are in state $s$ at frame $t$.
# It is the sum of up to three $\alpha_{t-1}$, times the probability of the state's class at frame $t$.
# That is the **forward algorithm**.
#
# An example: three frames, with the probabilities of the first line.

# %%
from course_utils.display.tables import show_table
from course_utils.nn import ctc

probs = torch.tensor([[0.2, 0.7, 0.1], [0.6, 0.3, 0.1], [0.3, 0.1, 0.6]])  # (T, K): blank, a, b
alpha = ctc.forward_variables(probs.log(), torch.tensor([1, 2]))  # (T, S)
table = {"state": list("-a-b-"), **{f"frame {n}": row.tolist() for n, row in enumerate(alpha, 1)}}
show_table(
    table,
    f"α for “ab”: the last two sum to {float(alpha[-1, -2:].sum()):.3f}",
    formats={f"frame {n}": ".3f" for n in (1, 2, 3)},
)

# %% [markdown]
# At the last frame, state b can be reached from b (0.07), from the blank before it (0.42) and from a (0.27).
# Their sum, times the 0.6 of b, is 0.456.
# Together with 0.021 in the last blank, the word has the probability 0.477.
#
# ### Play with it: the lattice
#
# Each row is a state, each column a frame.
#
# 1. Set three frames, and compare with the table.
# 2. Press *Mostly blank*: which states does the probability pass through?
# 3. Choose `aa` and two frames.
#    What does it say?

# %%
from course_utils.widgets.ctc_lattice import ctc_lattice

ctc_lattice("ab", frames=4)

# %% tags=["evidence"]
paths = ["aab", "abb", "-ab", "a-b", "ab-"]
assert sorted(ctc.alignments("ab", 3)) == sorted(paths)
one_by_one = [probs[range(3), ["-ab".index(c) for c in path]].prod() for path in paths]
assert abs(float(sum(one_by_one)) - 0.477) < 1e-6
assert abs(float(alpha[-1, -2:].sum()) - 0.477) < 1e-6
assert torch.allclose(alpha[1, 1:4], torch.tensor([0.27, 0.42, 0.07]))
assert torch.allclose(alpha[2, 3:], torch.tensor([0.456, 0.021]))
assert __import__("math").comb(300 + 3, 6) > 10**10  # paths of three words in 300 frames
# defined: "No path is known to be right"
# defined: "So the network learns to make all paths"
# defined: "one factor for each frame"
# shown: "A list of all paths would be too long"
# defined: "or jumps over a blank"
# defined: "in one of the first two states"
# defined: "of all beginnings that are in state"
# defined: "the sum of up to three"
# defined: "An example: three frames"
# shown: "the last two sum to"
# shown: "state b can be reached from b (0.07)"
# shown: "times the 0.6 of b, is 0.456"
# shown: "the word has the probability 0.477"
# defined: "Set three frames, and compare"
# defined: "Choose aa and two frames"

# %% [markdown]
# ### Your turn: the forward algorithm · 15 minutes
#
# A product of hundreds of small factors becomes 0 in floating point, so compute with logarithms.
# A product becomes a sum, and a sum becomes `torch.logsumexp`.


# %%
def my_ctc_forward(log_probs, targets, blank):
    """log_probs: (T, K), targets: (U,) classes. Returns −log of the sum over all paths, a tensor with one number."""
    ...


ex.ctc_forward.check(my_ctc_forward)
# ex.ctc_forward.hint()
# ex.ctc_forward.hint(2)
# ex.ctc_forward.solution()

# %% [markdown]
# Does the course's version agree with torch's?
# What does its gradient say?

# %% tags=["nbval-check-output"]
log_probs = probs.log().requires_grad_()
ours = ctc.ctc_forward(log_probs, torch.tensor([1, 2]))
theirs = torch.nn.functional.ctc_loss(log_probs, torch.tensor([1, 2]), (3,), (2,), reduction="sum")
print(f"ours {ours.item():.4f}, torch's {theirs.item():.4f}")
(gradient,) = torch.autograd.grad(ours, log_probs)
print((-gradient).numpy().round(3))  # (T, K)

# %% [markdown]
# Each number of the gradient is a share: how much of the 0.477 passes through this class at this frame.
# Each row sums to 1.
# Through the softmax a score moves by its share minus its probability: at frame 2 the blank has 0.528 and 0.6, so its score falls.
# A small step makes the most probable path more probable.
# So the network settles on frames for each word, though nobody said which.
#
# ### What does not fit
#
# `aa` needs three frames: two a and a blank between them.
# In two frames no path reads it; the loss is infinite, and its gradient spoils every weight:

# %% tags=["nbval-check-output"]
scores = torch.zeros(2, 3, requires_grad=True)  # (T, K), two frames
for zero in (False, True):
    loss = torch.nn.functional.ctc_loss(scores.log_softmax(-1), torch.tensor([1, 1]), (2,), (2,), zero_infinity=zero)
    (gradient,) = torch.autograd.grad(loss, scores)
    print(f"zero_infinity={zero}: loss {loss.item()}, gradient {gradient[0].tolist()}")

# %% [markdown]
# `zero_infinity=True` sets such a loss and its gradient to 0.
# The course's recogniser trains with it.
# What counts is the number of frames *after* the convolutions: here a fourth.

# %% tags=["evidence"]
import inspect

from course_utils.models.speech.recogniser import ctc_loss
from course_utils.nn.speech_model import states_count

shares = -torch.autograd.grad(ctc.ctc_forward(log_probs, torch.tensor([1, 2])), log_probs)[0].detach()
by_path = {path: float(probs[range(3), ["-ab".index(c) for c in path]].prod()) for path in ctc.alignments("ab", 3)}
passing = sum(p for path, p in by_path.items() if path[1] == "-") / 0.477
assert abs(float(shares[1, 0]) - passing) < 1e-5
assert torch.allclose(shares.sum(dim=1), torch.ones(3))
logits = probs.log().requires_grad_()
pull = -torch.autograd.grad(ctc.ctc_forward(logits.log_softmax(dim=-1), torch.tensor([1, 2])), logits)[0]
assert torch.allclose(pull, shares - probs, atol=1e-5)
assert abs(float(shares[1, 0]) - 0.528) < 5e-4
assert pull[1, 0] < 0
draw = torch.Generator().manual_seed(0)
for _ in range(100):
    some = (2 * torch.randn(5, 3, generator=draw)).log_softmax(dim=-1).requires_grad_()
    (slope,) = torch.autograd.grad(ctc.ctc_forward(some, torch.tensor([1, 2])), some)
    moved = (some + 0.1 * (-slope - some.exp())).log_softmax(dim=-1)
    listed = [["-ab".index(c) for c in path] for path in ctc.alignments("ab", 5)]
    best = max(listed, key=lambda path: float(some.detach()[range(5), path].sum()))
    assert moved[range(5), best].sum() > some[range(5), best].sum()
assert ctc.shortest("aa") == 3
assert not ctc.alignments("aa", 2)
bad = torch.nn.functional.ctc_loss(scores.log_softmax(-1), torch.tensor([1, 1]), (2,), (2,))
assert bad == float("inf")
assert torch.autograd.grad(bad, scores)[0].isnan().all()
assert gradient.abs().sum() == loss == 0
assert "zero_infinity=True" in inspect.getsource(ctc_loss)
assert states_count(300) == 75
assert torch.tensor(0.01).pow(300) == 0
# shown: "becomes 0 in floating point"
# shown: "how much of the 0.477 passes through this class"
# shown: "Each row sums to 1"
# shown: "a score moves by its share minus its probability"
# shown: "makes the most probable path more probable"
# shown: "settles on frames for each word"
# shown: "aa needs three frames"
# shown: "In two frames no path reads it"
# shown: "sets such a loss and its gradient to 0"
# shown: "here a fourth"

# %% [markdown]
# ## Train it
#
# Two convolutions each halve the number of frames.
# An LSTM reads what is left in both directions, and a linear layer gives a score to ten words and the blank at every frame.
#
# **Predict** what the network writes after its first 40 steps.

# %%
predict = ex.first_words.ask()

# %% [markdown]
# And after 700 steps: what share of the words will be right, for unknown voices?
# It is counted as 1 minus the share of words to insert, delete or replace.
# Between 0 and 1; it counts as right within 0.03.

# %%
my_words = ...  # between 0 and 1

# %% tags=["reveal"]
from course_utils.models.speech import Recogniser, trained_recogniser

train_clips, train_texts = joined(voices.train, count=600, seed=0)
early = Recogniser(seed=0)
early.fit(train_clips, train_texts, sample_rate=rate, steps=40, augment=False)
written = early.transcribe(test_clips[:50], sample_rate=rate)
counted = [sum(len(text.split()) for text in texts) for texts in (written, test_texts[:50])]
print(f"after 40 steps, in 50 clips: {counted[0]} words written, {counted[1]} spoken")
ex.first_words.check(predict)

# %% [markdown] tags=["reveal"]
# Let all classes be equally probable at every frame of a clip with eight words.
# Over the paths that read the right words, a frame then holds the blank with probability 0.50, and no word with more than 0.19.
# So the gradient raises the blank first, and the words come later.
# The blank does not mean silence: no sound entered into these numbers, only the states, of which about half are blanks.

# %% tags=["evidence"]
from course_utils import claims
from course_utils.data.spoken_digits import WORDS

longest = next(i for i, text in enumerate(test_texts) if len(text.split()) == 8 and len(set(text.split())) == 7)
T = -(-len(log_mel(test_clips[longest], rate)) // 4)
targets = torch.tensor([1 + WORDS.index(word) for word in test_texts[longest].split()])
shares = ctc.lattice(torch.full((T, 11), 1 / 11).log(), targets)
of_class = torch.zeros(11).index_add(0, torch.tensor([0, *(c for t in targets for c in (int(t), 0))]), shares.mean(0))
assert round(float(of_class[0]), 1) == 0.5
assert of_class[1:].max() < 0.195
for length in (40, 80, 160):  # shorter clips, such as without pauses, and longer ones
    halves = ctc.lattice(torch.full((length, 11), 1 / 11).log(), targets)[:, 0::2].sum(dim=1).mean()
    assert 0.4 < halves < 0.6
counts = [text.split().count(word) for word in WORDS for text in [" ".join(train_texts)]]
assert max(counts) < 1.4 * min(counts)
stored = claims.results("blanks_first")
assert (stored.written < 0.05).all()
assert stored.seed.nunique() >= 5
assert (claims.results("joined_digits").word_error < 0.2).all()
# defined: "Two convolutions each halve"
# defined: "a linear layer gives a score to ten words"
# defined: "writes after its first 40 steps"
# defined: "It is counted as 1 minus the share of words"
# defined: "it counts as right within 0.03"
# defined: "Let all classes be equally probable"
# shown: "a frame then holds the blank with probability 0.50"
# shown: "So the gradient raises the blank first"
# shown: "and the words come later"
# shown: "The blank does not mean silence"
# shown: "so the gradient raises the blank first"
# shown: "One class has a larger share of the paths"
# shown: "The digits are equally frequent"

# %% tags=["reveal"]
recogniser, history = Recogniser(seed=0), None
if TRAIN:
    history = recogniser.fit(train_clips, train_texts, sample_rate=rate, steps=700, seconds=300, augment=False)
    show_settings(history.described())
recogniser = live_or_stored(recogniser, history, trained_recogniser("joined"))
written = recogniser.transcribe(test_clips, sample_rate=rate)
show_table({"written": written[:5], "spoken": test_texts[:5]}, "Five clips of unknown voices")

# %% [markdown]
# It reads **greedily**: at each frame it takes the most probable class, and it reads that path by the two rules.
#
# ## Count the errors
#
# How wrong is `seven two nine` if `seven nine` was spoken?
# The **word error rate** counts the fewest words to insert, delete or replace, and divides by the number of words spoken.
# The package `jiwer` computes it.

# %% tags=["reveal"]
import jiwer

error = jiwer.wer(test_texts, written)
print(f"word error rate {error:.4f}; of writing nothing: {jiwer.wer(test_texts, [''] * len(test_texts)):.2f}")
ex.words_right.check(my_words, round(1 - error, 3))

# %% [markdown]
# What does the network say at each frame?

# %% tags=["reveal"]
words, emitted = recogniser.emissions(test_clips[0], rate)
blank = float((emitted.argmax(dim=1) == 0).float().mean())
figures.emissions(words, emitted, f"At {blank:.0%} of the frames the blank is the most probable class")

# %% [markdown] tags=["reveal"]
# A frame stands for 0.04 s here.
# The loss counts a path that says a word in one frame like a path that says it in ten.
# In the stored network, in clips that it reads correctly, nearly every peak lies inside its word, and fills one or two of some eleven frames.
# So this network tells roughly when a word was spoken, and not when it begins or ends.

# %% tags=["evidence"]
from itertools import groupby

import numpy as np

from course_utils.data.spoken_digits import WORDS

stored_joined = trained_recogniser("joined")
assert abs(4 * 0.010 - 0.04) < 1e-9
assert ctc.collapse("-a---") == ctc.collapse("-aaa-") == "a"
inside, peaks, lasted = [], [], []
silence = np.zeros(rate * 15 // 100, dtype=np.float32)
for name in sorted(set(voices.test.speakers)):
    own = [n for n, speaker in enumerate(voices.test.speakers) if speaker == name]
    pieces, spans, at = [silence], [], len(silence)
    for n in np.random.default_rng(0).choice(own, 8):
        word = voices.test.clips[n]
        spans.append((at / rate, (at + len(word)) / rate, WORDS[voices.test.digits[n]]))
        pieces += [word, silence]
        at += len(word) + len(silence)
    names, scores = stored_joined.emissions(np.concatenate(pieces), rate)
    runs = [
        (k, [t for t, _ in group]) for k, group in groupby(enumerate(scores.argmax(dim=1).tolist()), lambda p: p[1])
    ]
    runs = [(names[k], group) for k, group in runs if k]
    if [word for word, _ in runs] == [word for *_, word in spans]:
        for (_, group), (start, end, _) in zip(runs, spans, strict=True):
            peaks.append((0.04 * np.mean(group) + 0.0275 - start) / (end - start))  # 0.0275 s: the middle of a frame
            inside.append(0 <= peaks[-1] <= 1)
            lasted.append((len(group), (end - start) / 0.04))
assert len(inside) > 80
assert np.mean(inside) > 0.95
assert 1 <= np.mean(lasted, axis=0)[0] < 2
assert 10 < np.mean(lasted, axis=0)[1] < 12
# shown: "nearly every peak lies inside its word"
# shown: "this network tells roughly when a word was spoken"
# defined: "counts the fewest words to insert"
# defined: "it takes the most probable class"
assert blank == float((emitted.argmax(dim=1) == 0).float().mean())
# shown: "A frame stands for 0.04 s here"
# shown: "says a word in one frame like a path"
# defined: "of the frames the blank is"

# %% [markdown]
# ## Unknown speakers
#
# The **Free Spoken Digit Dataset** has digits spoken by people, with their own microphones.
# Results with four of its speakers are stored.
#
# **Predict:** a network has learned single digits from made voices.
# What share of the digits does it get right for people?
# Between 0 and 1; it counts as right within 0.1.

# %%
my_real = ...  # between 0 and 1

# %% tags=["reveal"]
from course_utils import claims
from course_utils.experiments.applications.unknown_speakers import by_speaker

single = claims.results("synthetic_to_real")
single = single[single.training.isin(["made voices", "made voices, augmented"])]
show_table(
    by_speaker(single, ["training"], "accuracy"),
    f"Digits right for people: {single.seed.nunique()} seeds, mean ± 95 % interval; guessing 0.1",
)
as_made = single[single.training == "made voices"].accuracy.mean()
ex.real_speakers.check(my_real, round(float(as_made), 3))
claims.told("synthetic_to_real")

# %% [markdown] tags=["reveal"]
# On made voices nearly every digit was right.
# **Augmentation** closes a part of the gap without a single real clip: at each step every clip is changed at random, in tempo, silence and loudness.
# The augmented network also had a higher learning rate, 0.003 in place of 0.002; the two were not tried apart.

# %% tags=["evidence"]
accuracy = single.pivot_table(index=["speaker", "seed"], columns="training", values="accuracy")
assert accuracy["made voices"].mean() < 0.5
assert (accuracy["made voices, augmented"] > accuracy["made voices"]).all()
assert of_one_word > 0.9
from course_utils.models.speech.classifier import rate_of

assert (rate_of(augment=True, go_on=False), rate_of(augment=False, go_on=False)) == (0.003, 0.002)
# defined: "Results with four of its speakers are stored"
# shown: "0.003 in place of 0.002"
# defined: "it counts as right within 0.1"
# defined: "a network has learned single digits"
# defined: "Digits right for people"
# shown: "On made voices nearly every digit was right"
# defined: "at each step every clip is changed at random"
# shown: "without a single real clip"

# %% [markdown]
# ### Speak to it
#
# This recogniser has learned from made voices, augmented.
#
# 1. Does it hear you as well as it hears the examples?
# 2. Whisper, then speak very fast.
#    Which fails first?
# 3. Say *sieben*, or *deux*.

# %%
from course_utils.widgets.listen import listen

robust = trained_recogniser("joined_augmented")
examples = {test_texts[n]: (test_clips[n], rate) for n in range(3)}
listen(robust, examples)

# %% [markdown]
# ## What, or who?

# %%
ask = ex.which_of_the_two.ask()

# %%
ex.which_of_the_two.check(ask)

# %% [markdown]
# *Speech* recognition asks what is said, *speaker* recognition who says it: the same clips, other labels.
# **Identification** chooses one of the people in the training set; a stranger gets one of their names.
# **Verification** asks whether a clip is by the person it claims to be by, and must refuse everybody else.
# What the course measures is identification.

# %%
claims.box("C25")

# %% [markdown]
# Its control is a network that has learned *nothing*: each trained network is worse than it at the other's question.
# Yet from its states the voice is read off in 0.93 of the cases, more than from either trained network, even the one trained on voices.
# So what tells voices apart is in the sound, and after training on either question a linear layer reads less of it; *Going deeper* has the table.

# %% tags=["evidence"]
exchange = claims.results("who_and_what")
voice = exchange[exchange.asked == "speaker"].pivot_table(index="seed", columns="learnt", values="accuracy")
assert len(voice) == 10
assert round(float(voice["nothing"].mean()), 2) == 0.93
assert (voice["nothing"] > voice[["digit", "speaker"]].max(axis=1)).all()
what = exchange[exchange.asked == "digit"].pivot_table(index="seed", columns="learnt", values="accuracy")
assert (what["nothing"] > what["speaker"]).all()
# defined: "chooses one of the people in the training set"
# defined: "must refuse everybody else"
# shown: "each trained network is worse than it at the other's question"
# shown: "the voice is read off in 0.93 of the cases"
# shown: "after training on either question a linear layer reads less of it"
# shown: "even the one trained on voices"

# %% [markdown]
# ## What you have seen
#
# - Windows, power, mel bands, logarithm: thousands of samples become frames of 40 numbers.
# - CTC sums over all paths that read the right words; the forward algorithm computes the sum.
# - Words that do not fit into the frames have an infinite loss: set `zero_infinity`.
# - The blank is learned first.
# - To measure how a network hears strangers, split by speaker.
#   A score on made voices says little about people; augmentation, with a higher learning rate, closed a part of the gap.
# - What is said and who says it are two questions about the same clip.

# %% tags=["evidence"]
# defined: "CTC sums over all paths"
# defined: "Words that do not fit into the frames"
# defined: "are two questions about the same clip"
# shown: "thousands of samples become frames of 40 numbers"
# shown: "A score on made voices says little about people"
means = claims.results("synthetic_to_real").groupby("training").accuracy.mean()
assert means["made voices"] < of_one_word - 0.3
assert means["made voices"] < means["made voices, augmented"] - 0.1
# shown: "augmentation, with a higher learning rate, closed a part of the gap"
assert len(clip) > 2000
assert frames.shape[1] == 40

# %% [markdown]
# ## Going deeper: mel bands, decibels and the floor
#
# A mel band is a triangle over the frequencies.
#
# ### Your turn: one triangle · 5 minutes
#
# It is 0 up to `left`, rises in a straight line to 1 at `centre`, and falls to 0 at `right`.


# %%
def my_triangle(frequencies, left, centre, right):
    """frequencies: (F,) in Hz; left < centre < right. Returns weights (F,)."""
    ...


ex.triangle.check(my_triangle)
# ex.triangle.hint()
# ex.triangle.solution()

# %%
from course_utils.nn.sound import mel_filters

filters = mel_filters(n_mels=40, sample_rate=rate)
lowest = float(filters.max(dim=1).values.min())
figures.filters(
    filters, f"Forty triangles, drawn at {filters.shape[1]} frequencies: some tops come out at {lowest:.2f}"
)

# %% [markdown]
# The triangles rise to 1, but the power is known at steps of 40 Hz only.
# A narrow triangle may have its peak between two of them, so its top looks cut off.
#
# ### Your turn: decibels · 5 minutes
#
# 0 dB is the loudest value; what lies below the floor is set to −floor.


# %%
def my_decibels(power, floor):
    """power: (T, M), 0 or more; floor: such as 30. Returns dB below the loudest value, −floor to 0, (T, M)."""
    ...


ex.decibels.check(my_decibels)
# ex.decibels.hint()
# ex.decibels.solution()

# %% tags=["evidence"]
assert filters.shape == (40, 101)
assert rate / 2 / 100 == 40
assert lowest < 0.9 < 1 >= float(filters.max())
# defined: "It is 0 up to left"
# shown: "The triangles rise to 1"
# shown: "may have its peak between two of them"
# defined: "0 dB is the loudest value"

# %% [markdown]
# Is the floor of any use?
# A pause made by a program is exactly silent; a pause in a room is not.
# Two stored networks have learned from made voices, one with the floor and one without.
# Now the test clips get a soft hiss, 20 dB below the clip, that no training clip had.
# **Predict:** what share of the digits does the network *without* the floor get right?
# Between 0 and 1; it counts as right within 0.05.

# %%
my_unfloored = ...  # between 0 and 1

# %% tags=["reveal"]
import numpy as np

from course_utils.data.sounds import noisy

some = range(0, len(voices.test), 4)
some_right = [str(voices.test.digits[n]) for n in some]
draw = np.random.default_rng(0)
hissing = [noisy(voices.test.clips[n], draw, 20) for n in some]
louder = [noisy(voices.test.clips[n], draw, 10) for n in some]
rows = []
for name, floor in (("digits", "30 dB"), ("digits_unfloored", "none")):
    stored = trained_clip_classifier(name)
    scores = [
        share_same(stored.predict(clips, sample_rate=rate), some_right)
        for clips in ([voices.test.clips[n] for n in some], hissing, louder)
    ]
    rows.append({"floor": floor, "as they are": scores[0], "with a hiss": scores[1], "10 dB louder": scores[2]})
show_table(rows, f"The share of {len(some)} digits right, two stored networks; guessing 0.1")
ex.without_floor.check(my_unfloored, round(scores[1], 3))

# %% [markdown] tags=["reveal"]
# With the floor this hiss costs nothing: it changes 9 in 100 of the numbers by more than 1 dB, without the floor 61 in 100.
# Without it the network reads the soft parts: if only what lies more than 30 dB below the loudest is put back as it was, all that was lost is regained.
# A hiss 10 dB louder rises above the floor, and both networks fail.
# On the recordings of people the floor did not help: the three seeds and four speakers of the stored results have a mean of 0.46 with it and 0.50 without, and one speaker is heard better with it.

# %% tags=["evidence"]
with_floor, without = rows
assert with_floor["with a hiss"] > with_floor["as they are"] - 0.02
assert without["with a hiss"] < without["as they are"] - 0.2
assert max(row["10 dB louder"] for row in rows) < 0.5
clean = [voices.test.clips[n] for n in some]
changed = [
    np.mean(
        [
            float(((log_mel(a, rate, floor=floor) - log_mel(b, rate, floor=floor)).abs() > 1).float().mean())
            for a, b in zip(clean, hissing, strict=True)
        ]
    )
    for floor in (30.0, None)
]
assert [round(share, 2) for share in changed] == [0.09, 0.61]
unfloored = trained_clip_classifier("digits_unfloored")
before, after = (unfloored._log_mels(clips, rate) for clips in (clean, hissing))
put_back = [torch.where(a < -30, a, b) for a, b in zip(before, after, strict=True)]
unfloored._log_mels = lambda *_, **__: put_back  # the network hears these
regained = share_same(unfloored.predict(clean, sample_rate=rate), some_right)
assert regained > without["as they are"] - 0.01
by_person = claims.results("synthetic_to_real").pivot_table(index="speaker", columns="training", values="accuracy")
assert (by_person["made voices"] > by_person["made voices, silence not floored"]).sum() == 1
means = claims.results("synthetic_to_real").groupby("training").accuracy.mean()
assert round(float(means["made voices"]), 2) == 0.46
assert round(float(means["made voices, silence not floored"]), 2) == 0.50
# defined: "Two stored networks have learned"
# defined: "Now the test clips get a soft hiss"
# defined: "it counts as right within 0.05"
# defined: "two stored networks"
# shown: "With the floor this hiss costs nothing"
# shown: "rises above the floor, and both networks fail"
# shown: "Without it the network reads the soft parts"
# shown: "On the recordings of people the floor did not help"

# %% [markdown]
# ## Going deeper: how many paths, how many frames
#
# How many paths of **three** frames read `ab`?
# Write them down; they are made of a, b and the blank.

# %%
my_alignments = ...

# %%
ex.alignments_of_ab.check(my_alignments)

# %% [markdown]
# How many frames does a word need at least?
# For `ab` it is two.
#
# ### Your turn: the fewest frames · 3 minutes


# %%
def my_shortest(text):
    """text: a string of letters. Returns the fewest frames in which it can be said."""
    ...


ex.shortest.check(my_shortest)
# ex.shortest.hint()
# ex.shortest.solution()

# %% tags=["reveal"]
rows = [
    {"word": word, "frames": T, "paths": len(ctc.alignments(word, T)), "fewest frames": ctc.shortest(word)}
    for word, T in (("ab", 2), ("ab", 3), ("ab", 10), ("aa", 2), ("aa", 3), ("aa", 10))
]
show_table(rows, "Paths that read a word")

# %% tags=["evidence"]
assert [len(ctc.alignments("ab", T)) for T in (2, 3)] == [1, 5]
assert ctc.alignments("ab", 2) == ["ab"]
# shown: "For ab it is two"

# %% [markdown]
# ## Going deeper: word errors by hand, and a beam
#
# ### Your turn: greedy reading · 3 minutes


# %%
def my_greedy(log_probs, blank):
    """log_probs: (T, K). Returns the classes that its most probable path reads, a list."""
    ...


ex.greedy.check(my_greedy)
# ex.greedy.hint()
# ex.greedy.solution()

# %% [markdown]
# ### Your turn: count the word errors · 10 minutes
#
# Write the fewest words to insert, delete or replace.


# %%
def my_word_errors(said, right):
    """said, right: lists of words. Returns the fewest words to insert, delete or replace, a whole number."""
    ...


ex.word_errors.check(my_word_errors)
# ex.word_errors.hint()
# ex.word_errors.hint(2)
# ex.word_errors.solution()

# %% tags=["reveal"]
word_errors = ex.word_errors.mine()
pairs = [(w.split(), t.split()) for w, t in zip(written, test_texts, strict=True)]
by_hand = sum(word_errors(w, t) for w, t in pairs) / sum(len(t) for _, t in pairs)
print(f"by hand {by_hand:.4f}, by jiwer {error:.4f}")

# %% [markdown]
# The most probable *path* need not read the most probable *words*, whose probability is spread over their paths.
# In the lattice widget, set the word `a`, two frames, and in both the weights 6, 4 and 0 for the blank, a and b.
# The best path is `- -`, with 0.36, and reads nothing; `a` has 0.64, on three paths.
# A **beam** keeps the best few beginnings, as in lesson 14, and adds up paths that read the same.
# Does it help here?

# %% tags=["reveal"]
for beam in (1, 8):
    heard = recogniser.transcribe(test_clips, sample_rate=rate, beam=beam)
    print(f"beam {beam}: word error rate {jiwer.wer(test_texts, heard):.4f} of {len(test_clips)} clips")

# %% tags=["evidence"]
two = torch.tensor([[0.6, 0.4, 0.0]] * 2).log()
assert abs(float((-ctc.ctc_forward(two, torch.tensor([1]))).exp()) - 0.64) < 1e-6
assert len(ctc.alignments("a", 2)) == 3
assert ctc.greedy(two) == []
assert ctc.prefix_beam(two, 8) == [1]
assert abs(0.6 * 0.6 - 0.36) < 1e-9
# defined: "Write the fewest words to insert"
# defined: "need not read the most probable words"
# shown: "In the lattice widget, set the word a"
# shown: "The best path is - -, with 0.36"
# defined: "keeps the best few beginnings"
# source: "treats the outputs of the frames as independent" Graves and others 2006; Hannun 2017

# %% [markdown]
# A beam is usually joined with a **language model**, which says which words are likely to follow each other.
# CTC itself has none: given the sound, it treats the outputs of the frames as independent, so the word chosen at one frame does not change the probabilities at the next.
# The digits of this lesson follow each other in any order.

# %% [markdown]
# ## Going deeper: made voices, then real clips
#
# Single digits this time, and five trainings; the speaker who is judged is left out.
# *Augmented* clips are changed at random at every step: ends cut, tempo, silence around, loudness in their course.
# In the last two rows real clips are added: 50 by each of the other three speakers.

# %% tags=["reveal"]
five = claims.results("synthetic_to_real")
show_table(
    by_speaker(five, ["training"], "accuracy"),
    f"The share of digits right: {five.seed.nunique()} seeds, mean ± 95 % interval; guessing 0.1",
)

# %% [markdown] tags=["reveal"]
# By the intervals over seeds each of the four speakers gains from augmentation with its higher rate, without a single real clip.
# The real clips of others help further for nicolas and theo; for jackson and yweweler three seeds do not decide.
# The real clips alone, after 200 steps, are worse than made and real ones together, after 1,320.
# For people in general four are few: the mean gain from augmentation is 0.23, and its interval over speakers reaches from 0.07 to 0.38.
#
# How clips are changed was chosen with jackson and nicolas; theo and yweweler were heard when that was fixed, and gain 0.09 and 0.29.
# How little they are changed for going on with real clips was chosen with the same two, after all four had been heard.

# %% tags=["evidence"]
from course_utils.stats import mean_interval, paired_interval

wide = five.pivot_table(index=["speaker", "seed"], columns="training", values="accuracy")
made, changed = wide["made voices"], wide["made voices, augmented"]
further = wide["made voices, augmented, then real clips of others"]
for name in ("jackson", "nicolas", "theo", "yweweler"):
    assert paired_interval(changed[name], made[name])[0] > 0, name
above = {
    name for name in ("jackson", "nicolas", "theo", "yweweler") if paired_interval(further[name], changed[name])[0] > 0
}
assert above == {"nicolas", "theo"}
means = wide.groupby("speaker").mean()
gain = mean_interval(means["made voices, augmented"] - means["made voices"])
assert gain.low > 0
assert round(gain.value, 2) == 0.23
assert round(gain.low, 2) == 0.07
assert round(gain.high, 2) == 0.38
alone = wide["real clips of others alone"]
assert (alone < further).all()
untouched = (means["made voices, augmented"] - means["made voices"]).round(2)
assert (untouched["theo"], untouched["yweweler"]) == (0.09, 0.29)
from course_utils.experiments.applications.synthetic_to_real import SIZES

assert (SIZES["alone_steps"], SIZES["made_steps"] + SIZES["real_steps"]) == (200, 1320)
# defined: "In the last two rows real clips are added"
# shown: "each of the four speakers gains from augmentation with its higher rate"
# shown: "for nicolas and theo"
# shown: "For people in general four are few"
# shown: "The real clips alone, after 200 steps, are worse"
# shown: "and gain 0.09 and 0.29"
# defined: "was chosen with the same two, after all four"
# defined: "The share of digits right"

# %% [markdown]
# Now joined digits, and a recogniser that learns from people only.
# Each of the four is left out in turn, and it learns from the other three; `Recogniser.fit` augments by default.

# %% tags=["reveal"]
people = claims.results("unknown_speakers")
show_table(by_speaker(people, ["clips"], "word_error"), "Word error for the speaker left out, two seeds")
claims.told("unknown_speakers")

# %% [markdown] tags=["reveal"]
# After learning from three people, the network gets 27 to 47 in 100 of a fourth's words wrong.
# Augmentation lowers the error in seven of eight pairs of speaker and seed, by 0.05 on average: too little.
# There is no control with more people or with known ones.

# %% tags=["evidence"]
assert set(people.others) == {3}
errors = people.pivot_table(index=["speaker", "seed"], columns="clips", values="word_error")
assert len(errors) == 8
assert errors["augmented"].between(0.265, 0.475).all()
gained = errors["as they are"] - errors["augmented"]
assert ((gained > 0).sum(), round(gained.mean(), 2)) == (7, 0.05)
# shown: "Each of the four is left out in turn"
# shown: "27 to 47 in 100 of a fourth's words wrong"
# shown: "lowers the error in seven of eight pairs of speaker and seed"
# shown: "there is no control with more people"
# defined: "a recogniser that learns from people only"
# defined: "Word error for the speaker left out"

# %% [markdown]
# Listen to a person.
# `course data fetch fsdd` fetches the recordings; then this cell plays one, and the recogniser of *Speak to it* writes it down.
# `measured` of `course_utils.experiments.applications.unknown_speakers` leaves each speaker out in turn.

# %%
from IPython.display import display

from course_utils.data.downloads import status

if status("fsdd").state == "here":
    real, texts = joined(spoken_digits("fsdd").test, count=1, seed=1)
    print("spoken:", texts[0], "| written:", robust.transcribe(real, sample_rate=rate)[0])
    display(figures.player(real[0], rate, "Digits spoken by a person"))
else:
    print("The recordings are not on this computer.")

# %% [markdown]
# ## Going deeper: what a network keeps of a clip
#
# Now *who*?
# The parts are drawn by clip, since a voice that is to be named must be in the training set.

# %%
from course_utils.models.speech import SpeakerClassifier

order = torch.randperm(len(voices), generator=torch.Generator().manual_seed(0)).tolist()
learn, judge = order[: len(order) * 4 // 5], order[len(order) * 4 // 5 :]


def chosen(values, indices):
    """The values at some indices."""
    return [values[index] for index in indices]


who_right = chosen(voices.speakers, judge)
print(f"{len(learn):,} clips to learn from, {len(judge):,} to judge by, {len(set(voices.speakers))} voices")

# %% tags=["reveal"]
knows, history = SpeakerClassifier(seed=0), None
if TRAIN:
    names = chosen(voices.speakers, learn)
    history = knows.fit(chosen(voices.clips, learn), names, sample_rate=rate, steps=500, seconds=240)
    show_settings(history.described())
knows = live_or_stored(knows, history, trained_clip_classifier("speakers"))
answers = knows.predict(chosen(voices.clips, judge), sample_rate=rate)
print(f"who: {share_same(answers, who_right):.3f} right; guessing: {1 / len(set(voices.speakers)):.3f}")

# %% [markdown]
# The experiment of the box C25 exchanges the questions.
# Two networks learn for 300 steps, one *which digit*, one *which voice*; then their weights are fixed.
# From what a network makes of a clip, the mean of its states, a linear layer learns the *other's* question.
# **Predict:** from the network that has learned *which digit*: for what share of the clips can the *voice* be read off?
# Between 0 and 1; it counts as right within 0.15.

# %%
my_voices = ...  # between 0 and 1

# %% tags=["reveal"]
exchange = claims.results("who_and_what")
trained_ones = exchange[exchange.learnt != "nothing"]
shown = trained_ones.pivot_table(index="learnt", columns="asked", values="accuracy", sort=False)
show_table(
    shown,
    f"The share right, by what was learned and what was asked: {exchange.seed.nunique()} seeds",
    formats=dict.fromkeys(shown, ".3f"),
)
ex.voice_from_words.check(my_voices, round(float(shown.loc["digit", "speaker"]), 3))
claims.told("who_and_what")

# %% [markdown]
# The control is a network after a single step of training.
# What do you expect to read off its states?

# %% tags=["reveal"]
shown = exchange.pivot_table(index="learnt", columns="asked", values=["accuracy", "own"], sort=False)
shown.columns = [f"{'its own layer' if what == 'own' else 'read off'}: {asked}" for what, asked in shown.columns]
show_table(shown, "The same, with the control; and what each network says itself", formats=dict.fromkeys(shown, ".3f"))

# %% [markdown] tags=["reveal"]
# With random weights the states tell the voice better than after either training.
# For a linear layer, learning digits has cost a part of what tells voices apart; learning voices has cost a part of what tells digits apart, and of the voices too.
# The network of the voices is not done: its own layer names 0.26 of them.
# No network is needed: from the mean and the spread of the 40 numbers over the frames a linear layer reads 0.96 of the voices.
# Yet the voice is far from forgotten: 0.73 of them were read off the network of the digits, where guessing has 0.01.
# The linear layers learned for 60 steps; off the stored network of digits, 600 steps read at least 0.05 more.
# Anyone who passes such states on also reveals who spoke.

# %% tags=["evidence"]
own = exchange[exchange.learnt == "speaker"].own.mean()
of_digits = exchange[(exchange.learnt == "digit") & (exchange.asked == "speaker")].accuracy
assert round(float(own), 2) == 0.26
assert round(float(of_digits.mean()), 2) == 0.73
assert round(1 / 104, 2) == 0.01
voice = exchange[exchange.asked == "speaker"].pivot_table(index="seed", columns="learnt", values="accuracy")
assert (voice["nothing"] > voice[["digit", "speaker"]].max(axis=1)).all()
from course_utils.experiments.applications.words_and_speakers import answers as labels_of
from course_utils.experiments.applications.words_and_speakers import divided, read_off

without_network = []
for seed in range(3):
    *both, _ = divided(voices, 4_000, seed)
    summaries = [
        torch.stack([torch.cat([(x := log_mel(c, rate)).mean(dim=0), x.std(dim=0)]) for c in part.clips])
        for part in both
    ]
    heard = read_off(summaries[0], labels_of(both[0], "speaker"), summaries[1])
    without_network.append(share_same(heard, labels_of(both[1], "speaker")))
assert 0.96 <= min(without_network) <= max(without_network) < 0.97
assert min(without_network) > float(voice["nothing"].mean())
# shown: "No network is needed"
# defined: "Two networks learn for 300 steps"
# defined: "it counts as right within 0.15"
# shown: "the states tell the voice better than after either training"
# shown: "its own layer names 0.26 of them"
both = divided(voices, 2_000, 0)[:2]
network = trained_clip_classifier("digits")
states = [network.summary(part.clips, sample_rate=rate) for part in both]
of_steps = [
    share_same(read_off(states[0], labels_of(both[0], "speaker"), states[1], steps), labels_of(both[1], "speaker"))
    for steps in (60, 600)
]
assert of_steps[1] > of_steps[0] + 0.05
# shown: "600 steps read at least 0.05 more"
# shown: "0.73 of them were read off"

# %% [markdown]
# ## Going deeper: nine men, on other occasions
#
# In **Japanese Vowels** nine men say two vowels, as rows of 12 numbers for each frame.
# Who speaks?
# A rule without recurrence first: the mean and the spread of each number over time, and a linear classifier.
#
# The page of the data says that the test clips were recorded "in different opportunities".
# If the rule recognised an occasion and not a voice, it would do worse on them than on other clips of the training occasion.
# Here both are measured, the second by cross-validation inside the training set:

# %% tags=["reveal"]
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from course_utils.data.japanese_vowels import japanese_vowels

men = japanese_vowels()
summary = np.stack([np.concatenate([s.mean(axis=0), s.std(axis=0)]) for s in men.series])  # (N, 24)
x, y = summary[~men.is_test], men.speakers[~men.is_test]
rule = LogisticRegression(max_iter=3000)
inside = cross_val_score(rule, x, y, cv=10).mean()
outside = rule.fit(x, y).score(summary[men.is_test], men.speakers[men.is_test])
print(f"{len(x)} clips to learn from; guessing: {1 / len(set(y)):.3f}")
print(f"right on the training occasion: {inside:.3f}, on other occasions: {outside:.3f}")

# %% [markdown] tags=["reveal"]
# Other occasions cost nothing that can be seen here.
# Of the microphones and rooms the page says nothing.

# %% tags=["evidence"]
assert len(set(men.speakers)) == 9
assert summary.shape[1] == 2 * 12
assert outside > inside - 0.02
# source: "nine men say two vowels" Kudo, Toyama and Shimbo 1999
# defined: "it would do worse on them"
# shown: "Other occasions cost nothing that can be seen here"
# source: "Of the microphones and rooms the page says nothing" archive.ics.uci.edu/dataset/128/japanese+vowels

# %% [markdown]
# An LSTM beside the rule, ten seeds, stored; *mean and spread* is the rule with another classifier.
# Is it ahead?

# %% tags=["reveal"]
from course_utils.stats import mean_interval

men_too = claims.results("real_speakers")
shown = [
    {"network": name, "right": str(mean_interval(rows.accuracy)), "guessing": f"{rows.chance.iloc[0]:.3f}"}
    for name, rows in men_too.groupby("network", sort=False)
]
show_table(shown, "Nine men: the share of 370 clips whose speaker is right, mean ± 95 % interval")
claims.told("real_speakers")

# %% [markdown] tags=["reveal"]
# It is not.
# With shuffled frames it is right in 0.943, and the interval of the difference holds 0.

# %% tags=["evidence"]
scores = men_too.pivot_table(index="seed", columns="network", values="accuracy")
assert len(scores) == 10
assert (scores["LSTM"] <= scores["mean and spread"] + 0.005).all()
assert men.is_test.sum() == 370
# shown: "An LSTM beside the rule, ten seeds"
# shown: "Nine men: the share of 370 clips"
shuffled = claims.results("real_speakers_shuffled").set_index("seed").accuracy
assert round(float(shuffled.mean()), 3) == 0.943
cost = mean_interval(scores["LSTM"] - shuffled)
assert len(shuffled) == 10
assert cost.low < 0 < cost.high
# shown: "with shuffled frames it is right in 0.943, and the interval of the difference holds 0"

# %% [markdown]
# ## Going deeper: which cell?
#
# The recogniser with each of three cells, nearly equal in weights, 400 steps each, without augmentation.
# For each cell three learning rates were tried on another seed, and the best one is used.

# %% tags=["reveal"]
from course_utils.stats import paired_interval

cells = claims.results("joined_digits")
shown = [
    {
        "network": name,
        "parameters": f"{rows.parameters.iloc[0]:,.0f}",
        "learning rate": f"{rows.lr.iloc[0]:g}",
        "word error": str(mean_interval(rows.word_error)),
    }
    for name, rows in cells.groupby("network", sort=False)
]
show_table(shown, f"Joined digits by unknown voices: {cells.seed.nunique()} seeds, mean ± 95 % interval")
claims.told("joined_digits")

# %% [markdown] tags=["reveal"]
# The plain RNN makes fewer errors than the LSTM in each of the ten seeds, and the GRU fewer than the RNN on average.
# This ranking belongs to these settings.
# The LSTM's rate was the largest of the three that were tried, the RNN's the smallest, so better ones may lie outside.
# The RNN has tanh; one with ReLU was not trained here.
# Two convolutions have shortened the way; what they contribute was not tested.

# %% tags=["evidence"]
from course_utils.experiments.applications.joined_digits import CHOSEN, RATES

errors = cells.pivot_table(index="seed", columns="network", values="word_error")
assert len(errors) == 10
assert (errors["RNN"] < errors["LSTM"]).all()
assert errors["GRU"].mean() < errors["RNN"].mean()
assert CHOSEN["LSTM"] == max(RATES)
assert CHOSEN["RNN"] == min(RATES)
assert cells.parameters.max() < 1.02 * cells.parameters.min()
# shown: "nearly equal in weights, 400 steps each"
# defined: "three learning rates were tried on another seed"
# defined: "Joined digits by unknown voices"
# shown: "makes fewer errors than the LSTM in each of the ten seeds"
# shown: "The LSTM's rate was the largest of the three"
# defined: "one with ReLU was not trained here"

# %%
claims.box("C06")

# %% [markdown]
# ## Going deeper: speech recognition today
#
# **Features.**
# Before mel bands were fed to networks directly, systems took a cosine transform of their logarithm and kept its first dozen numbers, the **MFCC** (Davis and Mermelstein 1980). **wav2vec 2.0** learns its features from the samples, without transcripts, and is then trained on transcripts with CTC (Baevski and others 2020).
#
# **Losses.**
# CTC assumes that, given the sound, the outputs of the frames are independent.
# The **transducer** drops this: it adds a network that reads the words written so far (Graves 2012).
# An encoder with **attention**, as in lesson 14, drops it too, and may look anywhere in the clip (Chan and others 2016).
# **Whisper** is a Transformer of that kind, trained on 680,000 hours of sound with their transcripts (Radford and others 2023).
# Hannun's article on CTC has pictures of the lattice and of beam search (2017).
#
# **References.**
# A. Graves, S. Fernández, F. Gomez and J. Schmidhuber, *Connectionist temporal classification*, ICML 2006, [doi:10.1145/1143844.1143891](https://doi.org/10.1145/1143844.1143891).
# A. Hannun, *Sequence modeling with CTC*, Distill 2017, [doi:10.23915/distill.00008](https://doi.org/10.23915/distill.00008).
# D. S. Park and others, *SpecAugment*, Interspeech 2019, [doi:10.21437/Interspeech.2019-2680](https://doi.org/10.21437/Interspeech.2019-2680).
# S. S. Stevens, J. Volkmann and E. B. Newman, *A scale for the measurement of the psychological magnitude pitch*, 1937, [doi:10.1121/1.1915893](https://doi.org/10.1121/1.1915893).
# S. Davis and P. Mermelstein, *Comparison of parametric representations for monosyllabic word recognition*, 1980, [doi:10.1109/TASSP.1980.1163420](https://doi.org/10.1109/TASSP.1980.1163420).
# A. Graves, *Sequence transduction with recurrent neural networks*, 2012, [arXiv:1211.3711](https://arxiv.org/abs/1211.3711).
# W. Chan and others, *Listen, attend and spell*, ICASSP 2016, [arXiv:1508.01211](https://arxiv.org/abs/1508.01211).
# A. Baevski and others, *wav2vec 2.0*, NeurIPS 2020, [arXiv:2006.11477](https://arxiv.org/abs/2006.11477).
# A. Radford and others, *Robust speech recognition via large-scale weak supervision*, ICML 2023, [arXiv:2212.04356](https://arxiv.org/abs/2212.04356).
# M. Kudo, J. Toyama and M. Shimbo, *Multidimensional curve classification using passing-through regions*, 1999, [doi:10.1016/S0167-8655(99)00077-X](https://doi.org/10.1016/S0167-8655%2899%2900077-X); [the data's page](https://archive.ics.uci.edu/dataset/128/japanese+vowels).
# Z. Jackson, *Free Spoken Digit Dataset*, [github.com/Jakobovski/free-spoken-digit-dataset](https://github.com/Jakobovski/free-spoken-digit-dataset). *eSpeak NG*, [github.com/espeak-ng/espeak-ng](https://github.com/espeak-ng/espeak-ng).

# %% tags=["evidence"]
# source: "kept its first dozen numbers, the MFCC" Davis and Mermelstein 1980
# source: "learns its features from the samples" Baevski and others 2020
# source: "trained on 680,000 hours of sound" Radford and others 2023

# %% tags=["timing"]
course_utils.finish()
