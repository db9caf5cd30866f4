# %% [markdown]
# # 00 · Start here
#
# **10 minutes.**
# You need some Python, and nothing else.
#
# This course is about networks that read sequences: sentences, sounds, yearly measurements.
# You will meet the plain recurrent network (RNN) and its famous relative, the LSTM.
# You will hear many claims about the two.
# In this course each claim comes with an experiment, and you run the experiment yourself.
#
# After this page you will be able to
#
# - say whether your machine is ready, and mend it if it is not;
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
# It names the lesson and says how long **Run All** may take on a small machine.
# *Run All* (menu *Run → Run All Cells*) runs every cell from the top.
# It works in every lesson, without a network and with no answer filled in.
#
# Three things to know when you are stuck:
#
# - **■** in the toolbar stops a cell that takes too long.
#   What it has computed so far is kept.
# - Menu *Kernel → Restart Kernel…* forgets all variables.
#   Your text stays.
#   Then run the cells again from the top.
# - You cannot break anything.
#   A lesson that you have changed beyond repair can be fetched anew.

# %% [markdown]
# ## Is this machine ready?

# %% tags=["timing"]
from course_utils.cli.doctor import doctor

doctor()

# %% [markdown]
# Each line says *ok*, or *fix* and then what to do.
# In a terminal the same check is `course doctor`.

# %% [markdown]
# ## Predict first
#
# You learn more from an answer if you have guessed before.
# So most sections ask you something first.
# The answer stands below, but it is **folded** until you run its cell.
#
# Here is one.
# For three hundred years people have counted the spots on the sun.
# This is the mean number for each year.

# %%
from course_utils.data.sunspots import yearly_sunspots
from course_utils.figures import series

sunspots = yearly_sunspots()
series.whole(sunspots, title="Sunspots come and go in waves of about eleven years")

# %% [markdown]
# The simplest forecast of all says: *next year will be like this year.*
# It is called **persistence**.
# How far off is it, on average over all the years?
# Put your guess in place of the dots, run the cell, and then the next.

# %%
my_guess = ...  # in sunspots

# %% tags=["reveal"]
from course_utils.exercises import lesson_00 as ex
from course_utils.metrics import persistence_error

ex.persistence_guess.check(my_guess, round(persistence_error(sunspots.to_numpy()), 1))

# %% [markdown]
# A network that forecasts sunspots will have to beat that number, and the rule behind it is one a child could use.
# Such a rule is called a **baseline**.
# Whenever this course shows you a score, it shows a baseline beside it.

# %% [markdown]
# ## Your turn · 4 minutes
#
# Write the function that computed the number above.
# `values` is a numpy array of T numbers, one for each year.
# The error of one forecast is how far off it is, whichever way.
# Return the mean of these errors.
#
# 1. Put your own lines in place of the dots.
# 2. Run the cell.
#    The line at its end checks your function and tells you what it found.
# 3. Stuck?
#    Remove the `#` before a hint, and run the cell again.
#    There are three, from a nudge to nearly the answer.


# %%
def my_persistence_error(values):
    """Mean absolute error of the forecast 'like the year before'. values: (T,) array. Returns a number."""
    ...


ex.persistence_error.check(my_persistence_error)
# ex.persistence_error.hint()
# ex.persistence_error.hint(2)
# ex.persistence_error.hint(3)
# ex.persistence_error.solution()

# %% [markdown]
# A check has four things it may say: **solved**, **not yet right**, **not attempted**, or **raised an error** (and then it shows your own line).
# A wrong answer is no harm.
# Many wrong answers have a sentence of their own, because many people gave them before you.
# Try one: forget the absolute value, or divide by the wrong number.
#
# Nothing later depends on your answer.
# If you leave an exercise out, the lesson goes on with the course's own function.

# %% [markdown]
# ## Your map
#
# The course remembers what you have solved, in a file on this machine and nowhere else.
# Run this cell again whenever you want to see where you are.

# %% tags=["timing"]
from course_utils.cli.progress_map import progress_map

progress_map()

# %% [markdown]
# On Binder and Colab the machine is thrown away when you leave.
# Take your work with you: download the notebook (menu *File → Download*), and your progress, which the first line below writes to a file beside this notebook.
# On the next machine, upload that file and run the second line.

# %%
from course_utils.exercises.engine import progress

# progress.export("my-progress.jsonl")
# print(progress.import_from("my-progress.jsonl"), "checks were new")

# %% [markdown]
# ## What you have seen
#
# - *Shift + Enter* runs a cell, *Run All* runs them all, ■ stops.
# - The doctor says whether your machine is ready.
# - You guess first; the answer is folded.
# - `check`, `hint`, `solution`: as often as you like.
# - The map shows how far you are.
#
# Go on with [lesson 01, Feedforward networks](01_feedforward_networks.ipynb).
# Who has trained a network before can begin with [lesson 05, Recurrent networks](05_recurrent_networks.ipynb).
#
# **Source of the data.**
# Yearly sunspot numbers, 1700 to 2008: NOAA National Geophysical Data Center, in the public domain; the table comes with the package statsmodels.
#
# The last cell of every lesson says what the lesson took on your machine.

# %% tags=["timing"]
course_utils.finish()
