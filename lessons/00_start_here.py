# %% [markdown]
# # 00 · Start here
#
# You need some Python.
#
# This course is about networks that read sequences: sentences, sounds, yearly measurements.
# You will meet the plain recurrent network (RNN) and its famous relative, the LSTM.
# You will hear many claims about the two.
# In this course each claim comes with an experiment, and you run the experiment yourself.
#
# After this page you will be able to
#
# - say whether your machine is ready, and what to do if it is not;
# - work through a lesson: run, predict, look, try;
# - use an exercise: check an answer, ask for a hint, see the solution;
# - see how far you are, and take your progress with you.

# %% [markdown]
# ## Run a cell
#
# The grey box below holds Python.
# Click into it and press **Shift + Enter**: it runs, and the next cell is selected.
# Every lesson begins with a cell like this one.
# Run it first.

# %% tags=["setup", "timing"]
import course_utils

course_utils.start("00_start_here")

# %% [markdown]
# It prints the name of the lesson and the time that *Run All* may take on a small machine.
#
# - **Run All** (menu *Run → Run All Cells*) runs the whole lesson, with no answer of yours and without an internet connection.
#   It also shows **the answers**: each figure and each number that you were to predict.
#   If you want to predict first, go cell by cell.
# - **■** in the toolbar stops a cell that takes too long.
#   A training that you stop keeps what it has learned so far.
# - Menu *Kernel → Restart Kernel…* forgets the variables, and keeps your text.
#   So does closing the notebook overnight.
#   To go on where you were, click into that cell and choose *Run → Run All Above Selected Cell*.
# - You cannot break anything.
#   If you have changed a lesson and want it back as it was, download its notebook again.

# %% tags=["evidence"]
# defined: "Every lesson begins with a cell like this one"
# defined: "each figure and each number that you were to predict"
# defined: "In this course each claim comes with an experiment"
# defined: "runs the whole lesson, with no answer of yours"
# defined: "the time that Run All may take"
# defined: "choose Run → Run All Above Selected Cell"

# %% [markdown]
# ## Is this machine ready?

# %% tags=["timing"]
from course_utils.cli.doctor import doctor

doctor()

# %% [markdown]
# Each line says *ok*, or *fix* followed by what to do.
# In a terminal of JupyterLab (menu *File → New → Terminal*) the same check is `course doctor`.

# %% [markdown]
# ## Predict first
#
# A guess of your own shows you what you already know, and where the answer will surprise you.
# So a section often asks you something first.
# The answer is below it, **folded**: run its cell, or open it with a click.
#
# Here is a first question.
# For three hundred years people have counted the spots on the sun.
# This is the mean number for each year.

# %%
from course_utils.data.sunspots import yearly_sunspots
from course_utils.figures import series

sunspots = yearly_sunspots()
series.whole(sunspots, title="Sunspots come and go in waves of about eleven years")

# %% [markdown]
# A very simple forecast says: *next year will be like this year.*
# It is called **persistence**.
# How far off is it, on average over the years?
# Put your guess in place of the dots, run the cell, and then the next.

# %% tags=["evidence"]
import numpy as np

power = abs(np.fft.rfft(sunspots - sunspots.mean())) ** 2
period = len(sunspots) / int(power.argmax())
assert len(sunspots) == 309
assert abs(period - 11) < 0.5
# shown: "For three hundred years"
# shown: "waves of about eleven years"
# source: "Yearly sunspot numbers, 1700 to 2008" NOAA National Geophysical Data Center, as in the package statsmodels

# %%
my_guess = ...  # in sunspots

# %% tags=["reveal"]
from course_utils.exercises import lesson_00 as ex
from course_utils.metrics import persistence_error

measured = round(persistence_error(sunspots.to_numpy()), 1)
print(f"Persistence is off by {measured} sunspots, on average.")
ex.persistence_guess.check(my_guess, measured)

# %% [markdown]
# Such a simple rule is called a **baseline**.
# A network that forecasts sunspots is worth its trouble if its error is smaller.
# Whenever this course shows you a score, it shows a baseline beside it.

# %% tags=["evidence"]
# defined: "is worth its trouble if its error is smaller"
# defined: "Anything within a quarter of it"

# %% [markdown]
# ### Your turn: persistence · 4 minutes
#
# Write the function that computed the number above.
# `values` is a numpy array of T numbers, one for each year.
# The error of one forecast is how far off it is, whether too high or too low.
# Return the mean of these errors, not rounded.
#
# 1. Put your own lines in place of the dots.
# 2. Run the cell.
#    The line at its end checks your function and tells you what it found.
# 3. If you are stuck, remove the `#` before a hint, and run the cell again.
#    There are three hints.


# %%
def my_persistence_error(values):
    """Mean absolute error of the forecast 'like the year before'. values: (T,) array. Returns a number, not rounded."""
    ...


ex.persistence_error.check(my_persistence_error)
# ex.persistence_error.hint()
# ex.persistence_error.hint(2)
# ex.persistence_error.hint(3)
# ex.persistence_error.solution()

# %% [markdown]
# A check has four outcomes: **solved**, **not yet right**, **not attempted**, or **raised an error**, with your own line.
# A wrong answer is no harm.
# Many wrong answers have a sentence of their own.
# Try it: forget the absolute value, or divide by the wrong number.
#
# You can leave an exercise out: the lesson goes on with the course's own function.

# %% tags=["evidence"]
from course_utils.exercises.engine.feedback import Outcome

known = {mistake.answer.__name__ for mistake in ex.persistence_error.mistakes}
assert len(Outcome) == 4
assert len(ex.persistence_error.hints) == 3
assert {"signed", "divided_by_all"} <= known
assert len(known) >= 10
# shown: "A check has four outcomes"
# shown: "There are three hints"
# shown: "forget the absolute value, or divide by the wrong number"

# %% [markdown]
# ## Your map
#
# The course remembers what you have solved, in a file on this machine.
# It sends that file nowhere.
# Run this cell again whenever you want to see where you are.

# %% tags=["timing"]
from course_utils.cli.progress_map import progress_map

progress_map()

# %% [markdown]
# The lessons marked ✓ make a workshop of two days, if you leave out the parts called *Going deeper*.
#
# On Binder and Colab the machine is thrown away when you leave.
# Take your work with you: download the notebook (menu *File → Download*), and your progress, which the first line below writes to a file beside this notebook.
# On the next machine, upload that file and run the second line.

# %% tags=["evidence"]
from course_utils import syllabus

assert syllabus.workshop_minutes() <= 11 * 60
# shown: "make a workshop of two days"
# defined: "It sends that file nowhere"
# defined: "runs a cell, Run All runs the whole lesson"
# defined: "After a restart, Run All Above Selected Cell"

# %%
from course_utils.exercises.engine import progress

# progress.export("my-progress.jsonl")
# print(progress.import_from("my-progress.jsonl"), "checks were new")

# %% [markdown]
# ## What you have seen
#
# - *Shift + Enter* runs a cell, *Run All* runs the whole lesson and shows its answers, ■ stops.
# - After a restart, *Run All Above Selected Cell* brings you back.
# - The doctor says whether your machine is ready.
# - You guess first; the answer is folded.
# - `check`, `hint`, `solution` can be called again and again.
# - The map shows how far you are.
#
# If you have trained a network before, you can begin with [lesson 05, Recurrent networks](05_recurrent_networks.ipynb).
#
# **Source of the data.**
# Yearly sunspot numbers, 1700 to 2008: NOAA National Geophysical Data Center, in the public domain; the table comes with the package statsmodels.
#
# The next cell is the last cell of code in every lesson: it prints what the lesson took on your machine.

# %% tags=["timing"]
course_utils.finish()
