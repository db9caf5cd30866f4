# %% [markdown]
# # 18 · Music
#
# Builds on lesson 01 (cross-entropy, splits), lesson 05 (states), lesson 07 (LSTM) and lesson 13 (sampling, temperature).
#
# You will be able to
#
# - write chords as 88 switches, and say what a frame of music costs a model;
# - compute the figure that papers publish, and find what changes it without a better model;
# - hold a network against opponents that only count;
# - draw chords key by key, hear the result, and say what that way of drawing cannot do;
# - (going deeper) read and write MIDI, move tunes to other keys, and measure how much of a tune is copied.

# %% tags=["setup", "timing"]
import course_utils

course_utils.start("18_music")

# %% [markdown]
# ## Chords as switches
#
# Bach set hymn tunes for four voices; such a setting is a **chorale**.
# 364 of them come with the course, a **frame** a quarter note.
# A frame is the set of keys of a piano that sound, as numbers of MIDI: 60 is the middle C, and each step is a semitone.

# %%
from course_utils.data.chorales import bach_chorales, chorales
from course_utils.data.synthesiser import RATE, heard
from course_utils.figures.music import piano_roll
from course_utils.figures.sound import player

parts = chorales(seed=0)
tune = parts.test[3]
print("the first two frames:", tune[:2])
piano_roll(tune[:64], "Four voices, frame by frame")

# %%
player(heard(tune[:32]), RATE, "The first 32 frames, as our synthesiser plays them", "ogg")

# %% [markdown]
# Each note is a sum of sines, at its frequency and at multiples of it, that fades as a string does.
#
# A network reads numbers: 88 **switches** a frame, one for each key.
#
# ### Your turn: switches · 4 minutes
#
# The lowest key of a piano has the pitch 21.


# %%
def my_switches_of(chords):
    """chords: T tuples of pitches from 21 to 108, () is a rest. Returns a tensor (T, 88) of zeros and ones in float32."""
    ...


from course_utils.exercises import lesson_18 as ex

ex.switches_of.check(my_switches_of)
# ex.switches_of.hint()
# ex.switches_of.hint(2)
# ex.switches_of.hint(3)
# ex.switches_of.solution()

# %% [markdown]
# ## The same tune twice
#
# Bach set some tunes many times.
# If one setting is in the training part and another in the test part, the test asks for a melody that was learned.
# So we look for settings that share stretches of their melody, in whatever key.
# Such settings are a **family**, and a family stays on one side of the split.

# %%
from collections import Counter

from course_utils.display.tables import show_table

bach = bach_chorales()
largest, count = Counter(bach.families.tolist()).most_common(1)[0]
print(
    f"{len(bach.tunes)} chorales set {len(set(bach.families.tolist()))} tunes; the largest family has {count} settings"
)
show_table(
    {
        "part": ["training", "validation", "test"],
        "chorales": [len(part) for part in (parts.train, parts.valid, parts.test)],
        "frames": [sum(map(len, part)) for part in (parts.train, parts.valid, parts.test)],
    },
    "One split, drawn by tune",
)

# %% tags=["evidence"]
from course_utils.data.chorales import melody_runs

number = {id(setting): family for setting, family in zip(bach.tunes, bach.families.tolist(), strict=True)}
runs = {
    name: set().union(*map(melody_runs, part))
    for name, part in (("train", parts.train), ("valid", parts.valid), ("test", parts.test))
}
assert len(bach.tunes) == 364
assert count > 1
runs_of = {part: [melody_runs(one) for one in getattr(parts, part)] for part in ("train", "test")}
shared = [max(len(one & other) / min(len(one), len(other)) for other in runs_of["train"]) for one in runs_of["test"]]
assert max(shared) < 0.1
assert all(21 <= pitch <= 108 for one in bach.tunes for frame in one for pitch in frame)
# shown: "364 of them come with the course"
# shown: "Bach set some tunes many times"
# shown: "a family stays on one side of the split"
# defined: "Such settings are a **family**"
# defined: "88 switches a frame, one for each key"
# defined: "write chords as 88 switches"
# defined: "find what changes it without a better model"
# defined: "hold a network against opponents that only count"
# defined: "One split, drawn by tune"
# defined: "A frame is the set of keys of a piano that sound"
# defined: "the test asks for a melody that was learned"
# defined: "Each note is a sum of sines"
# defined: "The lowest key of a piano has the pitch 21"
# defined: "Bach set hymn tunes for four voices"

# %% [markdown]
# ## What a frame costs
#
# A network of music reads a frame, and says for each key how probable it is in the *next* one.
#
# ### Your turn: what is read, what is said · 3 minutes
#
# Before the first frame it reads silence.


# %%
def my_read_and_said(frames):
    """frames: (T, 88). Returns what is read and what is to be said, both (T, 88)."""
    ...


ex.read_and_said.check(my_read_and_said)
# ex.read_and_said.hint()
# ex.read_and_said.hint(2)
# ex.read_and_said.hint(3)
# ex.read_and_said.solution()

# %% [markdown]
# Given the network's state, the keys are independent: the probability of a frame is the product over its 88 keys.
# What the frame costs is minus the logarithm of that, in **nats** (natural logarithm).
#
# ### Your turn: the cost of a frame · 4 minutes


# %%
def my_frame_cost(logits, frames):
    """logits: (T, 88), frames: (T, 88) zeros and ones. Returns the cost of each frame in nats, (T,)."""
    ...


ex.frame_cost.check(my_frame_cost)
# ex.frame_cost.hint()
# ex.frame_cost.hint(2)
# ex.frame_cost.hint(3)
# ex.frame_cost.solution()

# %% [markdown]
# Published figures, such as those of Bai, Kolter and Koltun (2018), are one number for a test set: all frames of all tunes in one row, but each tune's first, and then the mean.
#
# ### Your turn: nats of a frame · 4 minutes


# %%
def my_nats_of_all(costs):
    """costs: for each tune a tensor (T,), what its frames cost. Returns the published number."""
    ...


ex.nats_of_all.check(my_nats_of_all)
# ex.nats_of_all.hint()
# ex.nats_of_all.hint(2)
# ex.nats_of_all.hint(3)
# ex.nats_of_all.solution()

# %% tags=["evidence"]
# defined: "says for each key how probable it is in the next one"
# defined: "Before the first frame it reads silence"
# defined: "the probability of a frame is the product over its 88 keys"
# defined: "What the frame costs is minus the logarithm"
# source: "all frames of all tunes in one row, but each tune's first" the program of Bai, Kolter and Koltun (2018)

# %% [markdown]
# ## Opponents that count
#
# The simplest model gives each key the share of frames in which it sounds, whatever came before.
# If each of the 88 keys were a coin, a frame would cost $88 \ln 2 = 61$ nats.
# **Predict:** how many nats does a frame cost with the shares of the keys?

# %%
my_guess = ...  # nats, such as 61

# %% tags=["reveal"]
from course_utils.data.chords import several
from course_utils.models.chord_baselines import FramesBefore, KeyShares, RepeatLast
from course_utils.models.music import mean_nats, tune_nats

test = several(parts.test)
costs = {"shares of keys": mean_nats(KeyShares(parts.train), test)}
ex.by_counting.check(my_guess, round(costs["shares of keys"], 1))

# %% [markdown]
# A second opponent is *the last chord again*: given that a key has just sounded, or not, the share of frames in which it sounds next.
# A third is a **logistic regression** for each key, on the switches of the last four frames.
# It has no state and no memory beyond them.

# %%
predict = ex.without_memory.ask()

# %% tags=["reveal"]
import numpy as np

models = {"repeat last": RepeatLast(parts.train), "four frames": FramesBefore(parts.train, frames=4, penalty=10)}
costs |= {name: mean_nats(model, test) for name, model in models.items()}
means = [cost.mean() for cost in tune_nats(models["repeat last"], test)]
show_table(
    {"model": list(costs), "nats of a frame": list(costs.values())},
    "On the test part",
    formats={"nats of a frame": ".2f"},
)
print(f"repeat last, as the mean of the tunes' means: {np.mean(means):.2f}")
ex.without_memory.check(predict)

# %% tags=["evidence"]
assert costs["four frames"] < costs["repeat last"] - 0.1 < costs["shares of keys"] - 0.2
assert 10 < costs["shares of keys"] < 13
assert 0.05 < np.mean(means) - costs["repeat last"] < 0.5
assert np.corrcoef([len(one) for one in test], means)[0, 1] < -0.2
import math

assert round(88 * math.log(2)) == 61
for seed in range(1, 4):
    others = chorales(seed=seed)
    judged = several(others.test)
    three = [mean_nats(model, judged) for model in (FramesBefore(others.train, penalty=10), RepeatLast(others.train))]
    assert three[0] < three[1] - 0.1
# shown: "It sees which keys sounded together"
# shown: "The regression sees which keys sounded together"
# shown: "Counting each key by itself cannot use that"
# shown: "If each of the 88 keys were a coin, a frame would cost"
# shown: "it weighs a short tune as much as a long one, and with *the last chord again* short tunes cost more here"
# defined: "The simplest model gives each key the share of frames"
# defined: "given that a key has just sounded, or not"
# defined: "It has no state and no memory beyond them"
# defined: "on the switches of the last four frames"
# defined: "On the test part"

# %% [markdown] tags=["reveal"]
# The mean of the tunes' means is another number: it weighs a short tune as much as a long one, and with *the last chord again* short tunes cost more here.

# %% [markdown]
# ## Train it
#
# An LSTM of 100 units, with dropout before and behind it, on all tunes of the training part, 120 times.
# The weights that did best on the validation part are kept.
#
# (A workshop in a hurry sets `TRAIN = False`: weights that were trained before, as long, are loaded.)

# %%
from course_utils import claims
from course_utils.models.live import live_or_stored
from course_utils.models.music import ChordModel, trained_chord_model

TRAIN = True
lstm = ChordModel("lstm", hidden_size=100, seed=0)
how = {"valid": parts.valid, "epochs": 120, "seconds": 400, "lr": 0.06, "dropout": 0.3}
history = lstm.fit(parts.train, **how) if TRAIN else None
lstm = live_or_stored(lstm, history, trained_chord_model("lstm"))
lstm.described().say()
costs["LSTM"] = lstm.nll(parts.test)
print(f"LSTM: {costs['LSTM']:.2f} nats of a frame on tunes of other melodies")

# %% [markdown]
# Which frames cost most?

# %%
from course_utils.data.chords import as_switches

(nats,) = tune_nats(lstm.model, [as_switches(tune)])
piano_roll(tune[1:65], "What each frame cost the LSTM", nats=nats[:64])

# %% tags=["evidence"]
assert lstm.hidden_size == 100
all_costs, still = [], []
for one in several(parts.test):
    (of_one,) = tune_nats(trained_chord_model("lstm").model, [one])
    all_costs += of_one.tolist()
    still += (one[1:] == one[:-1]).all(1).tolist()
all_costs, still = np.array(all_costs), np.array(still)
assert still.any()
assert 1.5 < all_costs[~still].mean() - all_costs[still].mean() < 2.6
assert "120 epochs" in str(trained_chord_model("lstm").described())
# shown: "Over all test tunes a frame that repeats the one before costs two nats less than a change of the chord"
# defined: "An LSTM of 100 units, with dropout before and behind it"
# defined: "The weights that did best on the validation part are kept"

# %% [markdown]
# Over all test tunes a frame that repeats the one before costs two nats less than a change of the chord; in one tune, as here, it need not.
#
# ## The other cells
#
# Three networks with as many weights, trained before over as many epochs, each with the rate, of six, that was best on the validation part of another split.

# %%
stored = {"tanh RNN": "rnn", "ReLU RNN": "relu_rnn", "GRU": "gru", "LSTM": "lstm"}
networks = {name: trained_chord_model(cell) for name, cell in stored.items()}
rows = {**{name: costs[name] for name in ("shares of keys", "repeat last", "four frames")}}
rows |= {name: network.nll(parts.test) for name, network in networks.items()}
sizes = [88, 2 * 88, 88 * (1 + 4 * 88), *(network.parameters_count for network in networks.values())]
show_table(
    {"model": list(rows), "parameters": [f"{size:,}" for size in sizes], "nats of a frame": list(rows.values())},
    "One split, one seed each, 120 epochs, stored",
    formats={"nats of a frame": ".2f"},
)

# %% [markdown]
# One split and one seed are an anecdote.
# Here are ten of both, stored: each seed deals the tunes out differently, and each network begins with other weights.
#
# **Predict:**

# %%
predict = ex.fewest_nats.ask()

# %% tags=["reveal"]
from course_utils.stats import mean_interval

found = claims.results("chorales")
by = found[found["transposed"] == 0].pivot_table(index="seed", columns="network", values="nats")
trained_well = {name: by[name][by[name] < 20].tolist() for name in rows}  # 20 nats: worse than any counting
show_table(
    {
        "model": list(rows),
        "splits": [len(trained_well[name]) for name in rows],
        "nats of a frame, mean ± 95 %": [str(mean_interval(trained_well[name])) for name in rows],
        "median of ten": [by[name].median() for name in rows],
    },
    "Ten splits, 120 epochs",
    formats={"median of ten": ".2f"},
)
ex.fewest_nats.check(predict)

# %% tags=["reveal"]
from course_utils.figures.comparisons import Panel, panels

wins = {name: int((by[name] < by["four frames"]).sum()) for name in networks}
left_out = sum(len(by) - len(runs) for runs in trained_well.values())
panels(
    [
        Panel("test part", "nats of a frame", {name: trained_well[name] for name in [*networks, "four frames"]}),
        Panel(
            "minus the regression",
            "nats of a frame",
            {name: (by[name] - by["four frames"])[by[name] < 20].tolist() for name in networks},
            line=0,
        ),
    ],
    f"Splits ahead of the regression: {', '.join(f'{name} {count}' for name, count in wins.items())} ({left_out} run not drawn)",
    columns=2,
)

# %% [markdown] tags=["reveal"]
# The ReLU RNN costs least in seven splits, the LSTM in three; in six of the ten the two are within 0.04 nats.
# But once the training of the ReLU RNN diverged.
# Our rule then judges the network with which it began, at 60.6 nats; to begin again would be as fair.
# Table and figure leave this run out.
#
# The LSTM is ahead of the regression in eight splits, on average by 0.21 nats.
# Its rate is ten times that of GRU and ReLU RNN.
# With 0.006 in its place, tried after these rows had been seen, it is ahead of the regression in all ten.
# GRU and tanh RNN are close to the regression: ahead by 0.07 and 0.02 on average.
#
# Is it their memory, then, that puts networks ahead?
# No: a hidden layer on the same four frames, with as many weights and no memory, costs less than each of these networks in every split (*Going deeper: is it memory?*).

# %% tags=["evidence"]
sizes = [network.parameters_count for network in networks.values()]
assert max(sizes) / min(sizes) < 1.01
searches = [claims.results(name) for name in ("chorales_search", "chorales_wider_search", "chorales_widest_search")]
import pandas as pd

tried = pd.concat(searches)
assert set(tried[tried["network"].isin(networks)].groupby("network")["setting"].nunique()) == {6}
assert set(tried["seed"]).isdisjoint(found["seed"])
assert len(by) == 10
assert [(by[name] < by["four frames"]).sum() > 5 for name in networks] == [True] * 4
cells = by[list(networks)]
assert by.idxmin(axis=1).value_counts().to_dict() == {"ReLU RNN": 7, "LSTM": 3}
assert ((by["LSTM"] - by["ReLU RNN"]).abs() < 0.04).sum() == 6
assert round(by["ReLU RNN"].max(), 1) == 60.6
assert (by["ReLU RNN"] > 20).sum() == 1
assert by["ReLU RNN"].drop(by["ReLU RNN"].idxmax()).max() < 10
assert by[[*networks, "four frames"]].median().idxmin() == "ReLU RNN"
assert by.mean().idxmax() == "ReLU RNN"
ahead = by["four frames"] - by["LSTM"]
assert (ahead > 0).sum() == 8
assert round(ahead.mean(), 2) == 0.21
assert by[ahead < 0][["ReLU RNN", "GRU", "tanh RNN", "four frames"]].lt(by[ahead < 0]["LSTM"], axis=0).all(axis=None)
assert [round((by["four frames"] - by[name]).mean(), 2) for name in ("GRU", "tanh RNN")] == [0.07, 0.02]
from course_utils.experiments.applications.chorales import CHOSEN

assert CHOSEN["LSTM"] == 10 * CHOSEN["GRU"] == 10 * CHOSEN["ReLU RNN"]
# shown: "The ReLU RNN costs least in seven splits, the LSTM in three; in six of the ten the two are within 0.04 nats"
# shown: "But once the training of the ReLU RNN diverged"
# shown: "Our rule then judges the network with which it began, at 60.6 nats"
assert left_out == 1
# shown: "Table and figure leave this run out"
# defined: "to begin again would be as fair"
# shown: "The LSTM is ahead of the regression in eight splits, on average by 0.21 nats"
controls = claims.results("chorales_controls").pivot_table(index="seed", columns="network", values="nats")
hidden, slower = controls["hidden layer on four frames"], controls["LSTM"]
assert list(controls.index) == list(by.index)
assert (slower < by["four frames"]).all()
assert all((hidden < by[name]).all() for name in networks)
# shown: "Its rate is ten times that of GRU and ReLU RNN"
# shown: "With 0.006 in its place, tried after these rows had been seen, it is ahead of the regression in all ten"
# shown: "a hidden layer on the same four frames, with as many weights and no memory, costs less than each of these networks in every split"
# shown: "GRU and tanh RNN are close to the regression: ahead by 0.07 and 0.02 on average"
# shown: "The ReLU RNN costs least in seven of ten splits"
# shown: "It costs the fewest in three of the ten"
# shown: "It is ahead of the logistic regression by a few hundredths of a nat"
# shown: "Each of the networks is ahead of it in most splits"
# defined: "each seed deals the tunes out differently"
# shown: "Three networks with as many weights, trained before over as many epochs, each with the rate, of six"
# defined: "One split, one seed each, 120 epochs, stored"
# defined: "One split and one seed are an anecdote"
# shown: "Here are ten of both, stored"
# defined: "Ten splits, 120 epochs"

# %% [markdown]
# ## Chords that are drawn key by key
#
# To make music, a frame is drawn and then read, and so on.
# The network says a probability for each key, and each key is drawn by itself.
#
# ### Your turn: draw a frame · 4 minutes
#
# A **temperature** divides the logits: below 1, a key above ½ becomes surer and one below ½ rarer, so that chords thin out.


# %%
def my_drawn_keys(logits, temperature, u):
    """logits: (88,), u: (88,) numbers uniform from 0 to 1. Returns (88,) zeros and ones."""
    ...


ex.drawn_keys.check(my_drawn_keys)
# ex.drawn_keys.hint()
# ex.drawn_keys.hint(2)
# ex.drawn_keys.hint(3)
# ex.drawn_keys.solution()

# %% [markdown]
# Suppose that after some chord Bach goes on to C E G half of the time, and to C F A the other half.
# A perfect network says 1 for C, and ½ each for E, G, F and A. **Predict:** in what share of its draws does it play one of Bach's two chords?

# %%
my_share = ...  # a share, such as 0.25

# %% tags=["reveal"]
import torch

halves = torch.tensor([1.0, 0.5, 0.5, 0.5, 0.5])  # C, E, G, F, A
draws = torch.rand(100_000, 5, generator=torch.Generator().manual_seed(0)) < halves
both = torch.tensor([[1, 1, 1, 0, 0], [1, 0, 0, 1, 1]]).bool()
right = (draws[:, None] == both).all(-1).any(-1).double().mean()
ex.two_chords.check(my_share, round(float(right), 3))
print(f"of 100,000 draws: {right:.3f}")

# %% [markdown] tags=["reveal"]
# Four keys have to fall right: $2 \cdot (1/2)^4 = 1/8$.
# The probabilities are perfect, and seven of eight chords are ones that Bach would not write.

# %% [markdown]
# How much of that is there in the real network?
# Here a frame is drawn after each true beginning of the test tunes, and compared with the frame that Bach wrote.

# %%
from course_utils.metrics.music import rubbing, sounding
from course_utils.nn.chord_net import next_frame

generator = torch.Generator().manual_seed(0)
true = [as_switches(one) for one in parts.test]
said = [torch.from_numpy(lstm.probabilities(one)[1:]).logit() for one in true]
drawn = torch.cat([next_frame(logits, 1.0, generator) for logits in said]).numpy()
bach_wrote = np.concatenate([one[1:] for one in true])
show_table(
    {
        "frames": ["Bach's", "drawn key by key"],
        "four keys sound": [sounding(bach_wrote), sounding(drawn)],
        "two keys side by side": [rubbing(bach_wrote), rubbing(drawn)],
    },
    "Share of the frames of the test part",
    formats={"four keys sound": ".2f", "two keys side by side": ".2f"},
)

# %% [markdown]
# Where Bach has four keys the LSTM plays two or fewer, or six or more, about as often as four, and it plays semitones that rub where Bach avoids them.
# Fewer nats do not cure the first: over the ten splits the shares of the keys cost two nats more than the LSTM, and sound four keys as often.
# A model that draws one key after the other, each knowing those before, can (Boulanger-Lewandowski, Bengio and Vincent, 2012, have one: the RNN-NADE).
# Four softmaxes, one for each voice, would at least sound four keys always.

# %% tags=["evidence"]
stored_lstm = networks["LSTM"]
generator = torch.Generator().manual_seed(1)
again = torch.cat(
    [next_frame(torch.from_numpy(stored_lstm.probabilities(one)[1:]).logit(), 1.0, generator) for one in true]
).numpy()
assert sounding(bach_wrote) > sounding(again) + 0.2
assert rubbing(again) > 3 * rubbing(bach_wrote)
number = again.sum(-1)[bach_wrote.sum(-1) == 4]
assert abs(np.mean((number <= 2) | (number >= 6)) - np.mean(number == 4)) < 0.15
of_splits = found[(found["transposed"] == 0) & found["network"].isin(["shares of keys", "LSTM"])]
of_splits = of_splits.groupby("network")[["nats", "four"]].mean()
assert of_splits.loc["shares of keys", "nats"] > of_splits.loc["LSTM", "nats"] + 2
assert abs(of_splits.loc["shares of keys", "four"] - of_splits.loc["LSTM", "four"]) < 0.03
assert abs(float(right) - 0.125) < 0.01
# shown: "Four keys have to fall right"
# shown: "and seven of eight chords are ones that Bach would not write"
# shown: "Where Bach has four keys the LSTM plays two or fewer, or six or more, about as often as four"
# shown: "it plays semitones that rub where Bach avoids them"
# shown: "Fewer nats do not cure the first: over the ten splits the shares of the keys cost two nats more than the LSTM"
# source: "A model that draws one key after the other" Boulanger-Lewandowski, Bengio and Vincent (2012)
# defined: "Suppose that after some chord Bach goes on to C E G"
# defined: "Four softmaxes, one for each voice, would at least sound four keys always"
# defined: "A perfect network says 1 for C"
# defined: "To make music, a frame is drawn and then read"
# defined: "each key is drawn by itself"
# defined: "below 1, a key above ½ becomes surer and one below ½ rarer"
# defined: "Share of the frames of the test part"
# defined: "after each true beginning of the test tunes"

# %% [markdown]
# ## Listen, without knowing
#
# Five clips begin with the same two bars of a chorale from the test part.
# One goes on as Bach wrote it, four as a network drew it (temperature 0.7).
# **Predict:** which one did Bach write?

# %%
from IPython.display import display

clips = ex.blind_clips(tune, networks, given=8, length=24, temperature=0.7)
for name, clip in clips.items():
    display(player(heard(clip), RATE, f"Clip {name}", "ogg"))

# %%
which = ex.which_is_bach.ask()

# %% tags=["reveal"]
ex.which_is_bach.check(which)
for name, clip in clips.items():
    print(f"{name}: keys in each frame {[len(chord) for chord in clip[8:]]}")
piano_roll(clips[ex.which_is_bach.answer], "As Bach wrote it", given=8)

# %% [markdown]
# Did you hear it?
# At this temperature the networks play fewer keys than Bach: perhaps you counted voices, and did not judge the music.
# One listener and five clips are no measurement: whether music is good we do not measure here.
#
# ## Play with it: your own motif
#
# Write a motif, with the mouse or with arrow keys and Space; press Play; let the network play on.
# The network runs in your browser, and so does the sound.
#
# 1. Lower the temperature to 0.2.
#    What does it play then?
# 2. Give it a motif that Bach would not write.
#    How soon does it go back to what it knows?
# 3. Let it begin from silence, with several seeds.

# %%
from course_utils.widgets.piano_roll import piano_roll as piano_roll_widget

motifs = {
    "two bars of a chorale": tune[:8],
    "four chords": [(48, 55, 64, 72), (53, 57, 60, 72), (55, 59, 62, 71), (48, 55, 64, 72)],
    "a scale": [(60,), (62,), (64,), (65,), (67,), (69,), (71,), (72,)],
    "silence": [],
}
piano_roll_widget(networks["LSTM"], motifs)

# %% tags=["evidence"]
assert ex.which_is_bach.answer == next(name for name, clip in clips.items() if clip == tune[:32])
assert len(clips) == 5
played = {name: np.mean([len(chord) for chord in clip[8:]]) for name, clip in clips.items()}
assert max(mean for name, mean in played.items() if name != ex.which_is_bach.answer) < played[ex.which_is_bach.answer]
assert clips["B"][:8] == [tuple(chord) for chord in tune[:8]]
# shown: "Five clips begin with the same two bars"
# shown: "One goes on as Bach wrote it, four as a network drew it"
# shown: "At this temperature the networks play fewer keys than Bach"
# shown: "That is the tanh RNN"
# shown: "That is the LSTM"
# shown: "That is the GRU"
# shown: "That is the ReLU RNN"
# shown: "A is the tanh RNN, B the LSTM, D the GRU and E the ReLU RNN"
# defined: "One listener and five clips are no measurement"
# defined: "The network runs in your browser"
# defined: "Lower the temperature to 0.2"

# %% [markdown]
# ## What the article says, what we measured
#
# "LSTMs can make music."

# %%
claims.box("C27")

# %% [markdown]
# The LSTM is far ahead of counting.
# Of the regression it is ahead by 0.21 nats on average, but the interval begins at 0.09, and the rule asks for more than a tenth: undecided.
# Since the splits share tunes, even that interval is too narrow (*Going deeper: how sure are ten splits?*).
#
# "RNNs for basic tasks, LSTMs for advanced ones": is music one of the advanced ones?

# %%
claims.box("C06")

# %% [markdown]
# Chorales do not decide it: the LSTM is ahead of the tanh RNN by 0.19 nats on average and not in every split.
# Of the ReLU RNN it is ahead by more than a hundredth in one split alone, where that one diverged.
#
# ## What you have seen
#
# - A chord is 88 switches; a frame costs the sum over them, and the published number pools all frames of all tunes but the first ones.
# - A logistic regression on four frames is far ahead of counting: a network is held against it, and not against the shares of the keys.
# - Over ten splits an LSTM costs less than that regression on average, with one rate in eight of them, with another in all.
# - A hidden layer on the same four frames costs less than the LSTM and the other networks: on these chorales nothing shows that memory pays.
# - Keys that are drawn one by one do not know of each other, however good their probabilities are.
# - Settings of one tune stay on one side of the split.

# %% tags=["evidence"]
assert costs["four frames"] < costs["repeat last"] - 0.1
assert round((by["tanh RNN"] - by["LSTM"]).mean(), 2) == 0.19
assert not (by["tanh RNN"] > by["LSTM"]).all()
behind = (by["ReLU RNN"] - by["LSTM"])[by["ReLU RNN"] > by["LSTM"]]
assert (behind[by["ReLU RNN"] < 20] < 0.01).all()
from course_utils.claims.rules import load_claims
from course_utils.claims.stored import standing_of

of_c27 = standing_of(load_claims()["C27"]).findings
assert [one.outcome.name for one in of_c27][:3] == ["SUPPORTED", "SUPPORTED", "UNDECIDED"]
of_c06 = [one for one in standing_of(load_claims()["C06"]).findings if one.part.experiment == "chorales"]
assert [one.outcome.name for one in of_c06] == ["UNDECIDED", "UNDECIDED"]
# shown: "The LSTM is far ahead of counting"
# shown: "Of the regression it is ahead by 0.21 nats on average, but the interval begins at 0.09"
# defined: "Since the splits share tunes, even that interval is too narrow"
# shown: "Of the ReLU RNN it is ahead by more than a hundredth in one split alone"
# shown: "Chorales do not decide it: the LSTM is ahead of the tanh RNN by 0.19 nats on average and not in every split"
# shown: "Over ten splits an LSTM costs less than that regression on average, with one rate in eight of them, with another in all"
# shown: "A hidden layer on the same four frames costs less than the LSTM and the other networks"
# shown: "A logistic regression on four frames is far ahead of counting"
# shown: "Keys that are drawn one by one do not know of each other"
# defined: "A chord is 88 switches; a frame costs the sum"
# defined: "LSTMs can make music"
# defined: "RNNs for basic tasks, LSTMs for advanced ones"

# %% [markdown]
# ## Going deeper: a third as long
#
# What do 40 epochs give?
# The same network again, with the same learning rate and with a third of it (some 15 CPU seconds):

# %%
from course_utils.figures.curves import learning_curves

shorter = {lr: ChordModel("lstm", hidden_size=100, seed=0) for lr in (0.02, 0.06)}
curves = {"120 epochs, rate 0.06": history} if TRAIN else {}
for lr, network in shorter.items():
    if TRAIN:
        curves[f"40 epochs, rate {lr}"] = network.fit(parts.train, **(how | {"epochs": 40, "lr": lr}))
of_valid = {"four frames": mean_nats(models["four frames"], several(parts.valid))}
if TRAIN:
    title = "Validation: 40 epochs do not reach the regression (dashed), 120 do"
    figure = learning_curves(curves, baselines=of_valid, measure="nats of a frame", column="valid", title=title)
figure if TRAIN else "not trained here"

# %% [markdown]
# After 40 epochs the LSTM costs more than the regression, whichever of the two rates it had, and the smaller one was the better.
# After 120 it costs less, and of six rates the search chose the larger.
# On the tunes that they learned from, the GRU and the tanh RNN of the table cost 9.03 and 9.01 nats even after 120 epochs, more than the regression, with 8.79, and far more than the LSTM, with 7.95.
# So a comparison at equal epochs is a sentence about those epochs, about one dropout and how fast each learns, and a rate that was chosen for some of them need not be the rate for others.

# %% tags=["evidence"]
if TRAIN:
    after = {lr: network.nll(parts.test) for lr, network in shorter.items()}
    assert costs["four frames"] + 0.1 < after[0.02] < after[0.06] - 0.1
assert networks["LSTM"].nll(parts.test) < costs["four frames"] - 0.1
# shown: "After 40 epochs the LSTM costs more than the regression, whichever of the two rates it had"
import pandas as pd

tried = pd.concat(
    [claims.results(name) for name in ("chorales_search", "chorales_wider_search", "chorales_widest_search")]
)
lstm_rates = tried[tried["network"] == "LSTM"].set_index("setting")["valid_nats"]
assert lstm_rates.idxmin() == 0.06
# shown: "After 120 it costs less, and of six rates the search chose the larger"
# defined: "So a comparison at equal epochs is a sentence about those epochs, about one dropout and how fast each learns"
learned_from = [network.nll(parts.train) for network in (networks["GRU"], networks["tanh RNN"], networks["LSTM"])]
learned_from.append(mean_nats(models["four frames"], several(parts.train)))
assert np.allclose(learned_from, [9.03, 9.01, 7.95, 8.79], atol=0.01)
# shown: "cost 9.03 and 9.01 nats even after 120 epochs, more than the regression, with 8.79, and far more than the LSTM, with 7.95"
# defined: "The same network again, with the same learning rate and with a third of it"
if TRAIN:
    assert all(curves[f"40 epochs, rate {lr}"].best.valid > of_valid["four frames"] for lr in shorter)
    assert history.out_of_time or history.best.valid < of_valid["four frames"]
# defined: "What do 40 epochs give"

# %% [markdown]
# ## Going deeper: is it memory?
#
# The regression has no memory, but it has no hidden layer either.
# So a lead over it may come from either.
# The control was thought of after the ten splits had been seen: a hidden layer of ReLU units on the same four frames, with as many weights as the LSTM, the same dropout and epochs, and the best of the same six rates on the split of the search.
# Beside it the LSTM with 0.006, the best but one of its rates there.

# %%
controls = claims.results("chorales_controls").pivot_table(index="seed", columns="network", values="nats")
hidden, slower = controls["hidden layer on four frames"], controls["LSTM"]
pairs = {
    "the regression": by["four frames"],
    "tanh RNN": by["tanh RNN"],
    "ReLU RNN, nine splits": by["ReLU RNN"][by["ReLU RNN"] < 20],
    "GRU": by["GRU"],
    "LSTM": by["LSTM"],
    "LSTM, rate 0.006": slower,
}
behind = {name: (nats_of_one - hidden).dropna() for name, nats_of_one in pairs.items()}
show_table(
    {
        "minus the hidden layer": list(behind),
        "mean ± 95 %": [str(mean_interval(gap)) for gap in behind.values()],
        "splits with the hidden layer ahead": [int((gap > 0).sum()) for gap in behind.values()],
    },
    f"Nats of a frame; the hidden layer costs {hidden.mean():.2f}",
)

# %% [markdown]
# It is ahead of every network with a state, by 0.04 nats of the ReLU RNN, by 0.15 of the LSTM, and by 0.07 of the LSTM with the other rate.
# So what the networks have over the regression a hidden layer gives alone.
# That memory is worth nothing in chorales does not follow: with more tunes, other dropout or longer training the order may be another; four frames are two beats, and these networks do not profit from more.

# %% tags=["evidence"]
from course_utils.experiments.applications.chorales import HIDDEN, width_like
from course_utils.nn.chord_net import ChordNet
from course_utils.nn.parameters import parameters_count

control = claims.results("chorales_controls_search")
assert control["setting"].nunique() == 6
ratio_of_sizes = parameters_count(ChordNet("four_frames", width_like(HIDDEN, 100))) / parameters_count(
    ChordNet("lstm", 100)
)
assert abs(ratio_of_sizes - 1) < 0.01
assert set(control["seed"]).isdisjoint(controls.index)
assert [round(behind[name].mean(), 2) for name in ("ReLU RNN, nine splits", "LSTM", "LSTM, rate 0.006")] == [
    0.04,
    0.15,
    0.07,
]
assert all(mean_interval(gap).low > 0 for gap in behind.values())
assert (behind["the regression"] > 0).all()
import pandas as pd

tried = pd.concat(
    [claims.results(name) for name in ("chorales_search", "chorales_wider_search", "chorales_widest_search")]
)
rates = tried[tried["network"] == "LSTM"].set_index("setting")["valid_nats"]
assert rates.sort_values().index[1] == 0.006
# shown: "It is ahead of every network with a state, by 0.04 nats of the ReLU RNN, by 0.15 of the LSTM"
# shown: "So what the networks have over the regression a hidden layer gives alone"
# shown: "the best of the same six rates on the split of the search"
# shown: "Beside it the LSTM with 0.006, the best but one of its rates there"
# defined: "The regression has no memory, but it has no hidden layer either"
# defined: "That memory is worth nothing in chorales does not follow"
# defined: "The control was thought of after the ten splits had been seen"

# %% [markdown]
# ## Going deeper: how sure are ten splits?
#
# The ten splits deal out the same 364 chorales: two of them share most of their training tunes, and some of their test tunes.
# So they are not ten independent samples, and Student's interval is too narrow for what another choice of Bach's chorales would give.
# Nadeau and Bengio (2003) correct it: they put $1/10 + n_{test}/n_{train}$ in the place of $1/10$.

# %%
ratio = sum(map(len, parts.test)) / sum(map(len, parts.train))
wider = (1 + 10 * ratio) ** 0.5
gaps = {name: (by[name] - by["LSTM"])[by[name] < 20] for name in by.columns if name != "LSTM"}
show_table(
    {
        "minus the LSTM": list(gaps),
        "splits": [len(gap) for gap in gaps.values()],
        "mean": [gap.mean() for gap in gaps.values()],
        "Student, ±": [mean_interval(gap).half for gap in gaps.values()],
        "corrected, ±": [mean_interval(gap).half * (1 + len(gap) * ratio) ** 0.5 for gap in gaps.values()],
        "splits with the LSTM ahead": [int((gap > 0).sum()) for gap in gaps.values()],
    },
    "Nats of a frame, splits in which both trained",
    formats={"mean": ".2f", "Student, ±": ".2f", "corrected, ±": ".2f"},
)

# %% [markdown]
# Counting is far behind either way.
# But corrected, the interval of the regression minus the LSTM holds 0, by little: ten such splits do not show that the LSTM would be ahead on other chorales.
# What widens it are the two splits in which the LSTM's training went badly: without them it begins at 0.2.
#
# Before that the settings were chosen on one split, by its validation tunes: six rates for each network, five penalties for the regression.
# There the LSTM's rates 0.006 and 0.06 were within 0.04 nats, and 0.02, between them, worse: another split may choose another.
# And the networks keep the weights of their best epoch, a choice that the regression does not have.
#
# The unit is the tune, not the frame.
# Frames of a tune resemble each other, and so do settings of one melody.
# So we draw families of tunes with replacement, not frames, 2,000 times.

# %%
from course_utils.data.chorales import same_tunes

family = np.array(same_tunes(parts.test))
both = [tune_nats(one, test) for one in (models["four frames"], networks["LSTM"].model)]
gap = np.array([(one - other).sum() for one, other in zip(*both, strict=True)])
frames = np.array([len(cost) for cost in both[0]])
sums = np.array([(gap[family == one].sum(), frames[family == one].sum()) for one in np.unique(family)])
drawn_sums = sums[np.random.default_rng(0).integers(0, len(sums), (2000, len(sums)))].sum(1)
low, high = np.quantile(drawn_sums[:, 0] / drawn_sums[:, 1], [0.025, 0.975])
print(f"one split, {len(test)} tunes of {len(sums)} families: regression minus LSTM {gap.sum() / frames.sum():.2f}")
print(f"95 % of the samples of families: {low:.2f} to {high:.2f}")

# %% [markdown]
# So on these tunes the LSTM is ahead of the regression by more than chance among tunes would give.
# The mean of the ten splits, 0.21, lies outside this interval.
# What the interval leaves out: other weights to begin with, other tunes to learn from, and that the network kept the weights of its best epoch.

# %% tags=["evidence"]
import pandas as pd

tried = pd.concat(
    [claims.results(name) for name in ("chorales_search", "chorales_wider_search", "chorales_widest_search")]
)
lstm_rates = tried[tried["network"] == "LSTM"].set_index("setting")["valid_nats"]
half = mean_interval(gaps["four frames"]).half
assert half < gaps["four frames"].mean() < half * wider
assert all(
    gaps[name].mean() > 1.1 + mean_interval(gaps[name]).half * wider for name in ("repeat last", "shares of keys")
)
assert abs(lstm_rates[0.006] - lstm_rates[0.06]) < 0.04 < 0.15 < lstm_rates[0.02] - lstm_rates[0.06]
assert tried[tried["network"] == "four frames"]["setting"].nunique() == 5
assert tried["seed"].nunique() == 1
pieces = [{str(one) for one in chorales(seed=seed).train} for seed in (400, 401)]
tests_of = [{str(one) for one in chorales(seed=seed).test} for seed in (400, 401)]
assert len(pieces[0] & pieces[1]) > len(pieces[0]) / 2
assert tests_of[0] & tests_of[1]
# shown: "Counting is far behind either way"
well = gaps["four frames"][gaps["four frames"] > 0]
assert len(well) == 8
assert round(well.mean() - mean_interval(well).half * (1 + 8 * ratio) ** 0.5, 1) == 0.2
# shown: "What widens it are the two splits in which the LSTM's training went badly: without them it begins at 0.2"
# shown: "But corrected, the interval of the regression minus the LSTM holds 0"
# shown: "The ten splits deal out the same 364 chorales: two of them share most of their training tunes"
# shown: "There the LSTM's rates 0.006 and 0.06 were within 0.04 nats, and 0.02, between them, worse"
# shown: "six rates for each network, five penalties for the regression"
# defined: "And the networks keep the weights of their best epoch"
# defined: "So they are not ten independent samples"
# defined: "Nats of a frame, splits in which both trained"
assert round(gaps["four frames"].mean(), 2) == 0.21 < low
assert len(sums) < len(test)
assert set(family) <= set(range(len(test)))
# source: "Nadeau and Bengio (2003) correct it" Nadeau and Bengio (2003)
# shown: "The mean of the ten splits, 0.21, lies outside this interval"
# shown: "on these tunes the LSTM is ahead of the regression by more than chance among tunes would give"
# defined: "The unit is the tune, not the frame"
# defined: "we draw families of tunes with replacement, not frames"
# defined: "Frames of a tune resemble each other"
# defined: "What the interval leaves out: other weights to begin with"

# %% [markdown]
# ## Going deeper: notes, and MIDI
#
# A file of MIDI holds notes: when each begins, and when it ends.
# A key that sounds in frames one after the other is *one* note.
#
# ### Your turn: from frames to notes · 6 minutes


# %%
def my_notes_in(tune):
    """tune: T tuples of pitches. Returns [(pitch, first frame, frame after the last), …], by first frame, then by pitch."""
    ...


ex.notes_in.check(my_notes_in)
# ex.notes_in.hint()
# ex.notes_in.hint(2)
# ex.notes_in.hint(3)
# ex.notes_in.solution()

# %% [markdown]
# The library mido writes and reads the files.
# Yours will open in any program for music, and one of yours can be played on:

# %%
import tempfile
from pathlib import Path

from course_utils.data.midi import read_midi

path = lstm.to_midi(clips["B"], Path(tempfile.mkdtemp()) / "mine.mid")  # or a path of your own
motif = read_midi(path)  # or read_midi("yours.mid", seconds=0.5)
print(f"{path.stat().st_size} bytes; read again it is the same tune:", motif == [tuple(chord) for chord in clips["B"]])
more = lstm.sample(motif[:16], length=16, seed=1)
print("frame 17:", more[16])

# %% [markdown]
# ## Going deeper: other keys
#
# A tune that is moved by some semitones is the same music in another key.
# If each tune is moved at random each time it is learned from, there is more to learn from.
#
# ### Your turn: in another key · 5 minutes


# %%
def my_in_another_key(frames, semitones):
    """frames: (T, 88), semitones: up, or down below 0. Returns (T, 88); a key that leaves the piano falls silent."""
    ...


ex.in_another_key.check(my_in_another_key)
# ex.in_another_key.hint()
# ex.in_another_key.hint(2)
# ex.in_another_key.hint(3)
# ex.in_another_key.solution()

# %% [markdown]
# `fit(…, transpose=5)` moves by up to five semitones, and the ten splits have the LSTM with it, too.

# %%
moved_nats = found[found["transposed"] == 5].set_index("seed")["nats"]
print(f"LSTM: {mean_interval(by['LSTM'])}, with transposition {mean_interval(moved_nats)} nats of a frame")
print(f"what it gains, split by split: {mean_interval(by['LSTM'] - moved_nats)}")

# %% [markdown]
# Here it helps, in all ten splits, and most in the two in which the LSTM had been behind.
# The learning rate is that of the LSTM without it; no other model was moved, the regression neither.

# %% [markdown]
# ## Going deeper: how much is copied?
#
# What a network makes up could be what it has learned by heart.
# We look for runs of four frames and more that a training tune has, in whatever key.
# The share says little alone: Bach's own test tunes share runs with the training tunes, too.

# %%
from course_utils.metrics.music import copied_chords

made = [lstm.sample((), 64, seed=seed) for seed in range(8)]
longest = [tune for tune in parts.test if len(tune) >= 64][:8]
for name, tunes in (("made up by the LSTM", made), ("Bach's own, of the test part", [tune[:64] for tune in longest])):
    shares = [copied_chords(one, parts.train, 4) for one in tunes]
    print(f"{name}: {np.mean(shares):.3f} of the steps are in runs of four that a training tune has")

# %% [markdown]
# In the ten splits, each network made up ten tunes of 64 frames; the run that diverged is left out:

# %%
shown = ["copied", "four", "rub"]
like = (
    found[(found["transposed"] == 0) & (found["nats"] < 20)]
    .groupby("network")[shown]
    .mean()
    .loc[[*networks, "four frames", "shares of keys"]]
)
like.loc["Bach, test part"] = found[["copied_real", "four_real", "rub_real"]].mean().to_numpy()
show_table(
    {
        "whose": list(like.index),
        "copied": like["copied"].tolist(),
        "four keys sound": like["four"].tolist(),
        "two keys side by side": like["rub"].tolist(),
    },
    "Means of ten splits (ReLU RNN: nine); keys are drawn after true frames, copies counted in made up tunes",
    formats={"copied": ".3f", "four keys sound": ".2f", "two keys side by side": ".2f"},
)

# %% [markdown]
# No network has a single run, and Bach has some.
# But this says nothing of what a network knows by heart: even drawn after the true frames of its own training tunes, the LSTM makes no run of four.
# Keys that are drawn one by one hardly ever fall right four times in a row.
# By nats it shows: the LSTM's frames cost a nat less on tunes that it learned from than on others.
# By the number of keys that sound the LSTM is no nearer to Bach than the shares of the keys are, whatever its nats: nats add up over the keys, and do not ask which of them sound together.
#
# ## Going deeper: what the same tune twice is worth
#
# What would the test have said, had settings of its tunes been learned from?
# We move half of each family of the test part to the training part, in the place of other tunes, and judge the regression on the other half.


# %%
def by_family(tunes):
    """The tunes of each family: [[setting, setting, …], …]."""
    families = {}
    for number, one in zip(same_tunes(tunes), tunes, strict=True):
        families.setdefault(number, []).append(one)
    return list(families.values())


gains = []
for seed in range(2):
    one_split = chorales(seed=seed)
    settings = [some for some in by_family(one_split.test) if len(some) > 1]
    known = [one for some in settings for one in some[: len(some) // 2]]
    judged = several([one for some in settings for one in some[len(some) // 2 :]])
    ways = {"apart": one_split.train, "together": one_split.train[len(known) :] + known}
    nats_of = {way: mean_nats(FramesBefore(tunes, penalty=10), judged) for way, tunes in ways.items()}
    gains.append(nats_of["apart"] - nats_of["together"])
    print(f"split {seed}: settings apart {nats_of['apart']:.2f} nats of a frame, together {nats_of['together']:.2f}")

# %% [markdown]
# It looks better by less than a tenth of a nat in both, though it only knows the last four frames; two splits are no more than an example.
# A model with more memory could gain more; that we did not measure.

# %% tags=["evidence"]
moved = as_switches(tune)
assert copied_chords([tuple(pitch + 2 for pitch in chord) for chord in parts.train[0]], parts.train, 4) == 1
stored_made = [networks["LSTM"].sample((), 64, seed=seed) for seed in range(8)]
copied = np.mean([copied_chords(one, parts.train, 4) for one in stored_made])
own = np.mean([copied_chords(one[:64], parts.train, 4) for one in longest])
assert copied == 0 < own
after_its_own = []
generator = torch.Generator().manual_seed(0)
for one in several(parts.train)[:8]:
    logits = torch.from_numpy(networks["LSTM"].probabilities(one)).logit()
    drawn_again = next_frame(logits, 1.0, generator).numpy() > 0
    after_its_own.append(copied_chords(drawn_again, parts.train, 4))
assert max(after_its_own) < 0.02
assert 0.7 < rows["LSTM"] - networks["LSTM"].nll(parts.train) < 1.3
assert (by["LSTM"] > moved_nats).all()
had_been_behind = by.index[by["LSTM"] > by["four frames"]]
assert set((by["LSTM"] - moved_nats).nlargest(2).index) == set(had_been_behind)
assert like.loc[[*networks, "four frames", "shares of keys"], "copied"].max() < 0.001
assert like.loc["Bach, test part", "copied"] > 0.1
assert abs(like.loc["LSTM", "four"] - like.loc["shares of keys", "four"]) < 0.02
assert like.loc["LSTM", "four"] < 0.3 < 0.8 < like.loc["Bach, test part", "four"]
assert like.loc["GRU", "rub"] == like.loc[[*networks, "four frames", "shares of keys"], "rub"].min()
# shown: "Here it helps, in all ten splits, and most in the two in which the LSTM had been behind"
# shown: "the ten splits have the LSTM with it, too"
# shown: "No network has a single run, and Bach has some"
# shown: "even drawn after the true frames of its own training tunes, the LSTM makes no run of four"
# shown: "Keys that are drawn one by one hardly ever fall right four times in a row"
# shown: "By nats it shows: the LSTM's frames cost a nat less on tunes that it learned from than on others"
# shown: "By the number of keys that sound the LSTM is no nearer to Bach than the shares of the keys are"
# defined: "In the ten splits, each network made up ten tunes of 64 frames"
# defined: "Means of ten splits (ReLU RNN: nine); keys are drawn after true frames, copies counted in made up tunes"
# defined: "The learning rate is that of the LSTM without it"
assert all(0.03 < gain < 0.1 for gain in gains)
# shown: "It looks better by less than a tenth of a nat in both"
# defined: "compare them with each other, and not with ours"
# defined: "A model with more memory could gain more"
# defined: "What would the test have said, had settings of its tunes been learned from"
# defined: "We move half of each family of the test part to the training part"
# shown: "Bach's own test tunes share runs with the training tunes, too"
# shown: "A key that sounds in frames one after the other is one note"
# source: "On the JSB set, in nats of a frame" Chung and others (2014); Bai, Kolter and Koltun (2018)
# defined: "A tune that is moved by some semitones is the same music"
# defined: "If each tune is moved at random each time"
# defined: "What a network makes up could be what it has learned by heart"
# defined: "A file of MIDI holds notes"
# defined: "Yours will open in any program for music"
# defined: "moves by up to five semitones"

# %% [markdown]
# ## Going further
#
# The figures of papers stand on other sets, which are one download each (`course data fetch jsb_chorales`, `nottingham`, `muse_data`, `piano_midi`); then `chorales("jsb")`, `chorales("nottingham")`, `chorales("muse")` and `chorales("piano")` give their tunes in their own splits.
# Their repositories name no licence: use them to learn, and do not pass them on.
# The music of our chorales is in the public domain; they were taken from encodings that come with music21, with the permission of those who made them.
#
# On the JSB set, in nats of a frame: a tanh RNN 9.10, LSTM 8.67 and GRU 8.54 (Chung and others, 2014), RNN 8.91, LSTM 8.45, GRU 8.43 and a convolutional network 8.10 (Bai, Kolter and Koltun, 2018).
# Those are other tunes in another split: compare them with each other, and not with ours.
#
# **References.**
#
# - N. Boulanger-Lewandowski, Y. Bengio and P. Vincent, *Modeling temporal dependencies in high-dimensional sequences*, 2012, [arXiv:1206.6392](https://arxiv.org/abs/1206.6392).
# - J. Chung, C. Gulcehre, K. Cho and Y. Bengio, *Empirical evaluation of gated recurrent neural networks on sequence modeling*, 2014, [arXiv:1412.3555](https://arxiv.org/abs/1412.3555).
# - S. Bai, J. Z. Kolter and V. Koltun, *An empirical evaluation of generic convolutional and recurrent networks for sequence modeling*, 2018, [arXiv:1803.01271](https://arxiv.org/abs/1803.01271).
# - C. Nadeau and Y. Bengio, *Inference for the generalization error*, Machine Learning 52, 239–281, 2003.
# - M. S. A. Cuthbert and C. Ariza, *music21: a toolkit for computer-aided musicology*, ISMIR 2010, 637–642.

# %% tags=["timing"]
course_utils.finish()
