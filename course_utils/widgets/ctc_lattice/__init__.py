"""The lattice of CTC, on the scale of paper: a word of one to three letters in two to six frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from course_utils.display.numbers import short
from course_utils.errors import CourseError
from course_utils.figures.style import Picture
from course_utils.widgets.shared.browser import BrowserWidget, module_text, on_slider

SYMBOLS = "-ab"  # the blank first
FRAMES, WEIGHT = (2, 6, 1), (0, 10, 1)
LONGEST = 3  # letters
Rows = list[list[float]]

START: Rows = [[2, 7, 1], [6, 3, 1], [3, 1, 6], [6, 1, 3], [7, 1, 2], [8, 1, 1]]


class CTCLattice(BrowserWidget):
    """The live widget; make one with `ctc_lattice()`."""

    _esm = module_text("ctc_lattice")


def ctc_lattice(word: str = "ab", frames: int = 4, weights: Sequence[Sequence[float]] | None = None) -> CTCLattice:
    """A word in a few frames: all its alignments as ways through a lattice, the forward algorithm, and their sum.

    At every frame a network would say how probable the blank `-`, a and b are. Here sliders do.

    Args:
        word: one to three letters, each a or b.
        frames: 2 to 6.
        weights: for each frame a weight of the blank, of a and of b, 0 to 10; divided by their sum they are the
            probabilities (all 0: all equal). Default: a is likely at first, b later.

    Raises:
        CourseError: another word, frames or weights beyond their sliders, or weights that do not fit the frames.
    """
    if not isinstance(word, str) or not 1 <= len(word) <= LONGEST or set(word) - set(SYMBOLS[1:]):
        raise CourseError(f"word is one to three letters, each a or b; {word!r} is not.")
    count = int(on_slider("frames", frames, *FRAMES[:2], whole=True))
    rows = START if weights is None else _checked(weights, count)
    rows = [list(row) for row in rows] + START[len(rows) :]
    ranges = {"frames": FRAMES, "weight": WEIGHT}
    params: dict[str, Any] = {"word": word, "frames": count, "weights": rows, "ranges": ranges}
    return CTCLattice(params, picture(word, rows[:count]))


def _checked(weights: Sequence[Sequence[float]], frames: int) -> Rows:
    rows = [list(row) for row in weights]
    if len(rows) != frames or any(len(row) != len(SYMBOLS) for row in rows):
        raise CourseError(f"For {frames} frames, give {frames} rows of three weights: of the blank, of a and of b.")
    return [[on_slider("A weight", value, *WEIGHT[:2], whole=True) for value in row] for row in rows]


def counted(number: int, noun: str) -> str:
    """ "1 letter", "2 letters"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def finding(word: str, frames: int, loss: float, count: int) -> str:
    """How probable the word is, in the sentence that the widget says.

    Args:
        word: of letters.
        frames: how many.
        loss: −ln P, in nats; ∞ where P is 0.
        count: of alignments.
    """
    import math

    from course_utils.nn.ctc import shortest

    if not count:
        blanks = shortest(word) - len(word)
        between = f" and {counted(blanks, 'blank')} between equal letters" if blanks else ""
        needs = f"{shortest(word)}, for {counted(len(word), 'letter')}{between}"
        return f"“{word}” cannot be said in {frames} frames: it needs {needs}. P is 0, and the loss infinite"
    over = "there is one alignment" if count == 1 else f"the sum over {count} alignments"
    if math.isinf(loss):
        return f"P(“{word}”) = 0: {over}, of probability 0 here. The loss is infinite"
    return f"P(“{word}”) = {short(math.exp(-loss))}: {over}. The loss is −ln P = {short(abs(loss))}"


def picture(word: str, weights: Rows) -> Picture:
    """What stands in the widget's place where no script runs: the lattice, and how much of P passes each state."""
    import torch

    from course_utils.figures.sound import lattice
    from course_utils.nn import ctc

    rows = torch.tensor(weights, dtype=torch.float64)
    rows[rows.sum(dim=1) == 0] = 1
    log_probs = (rows / rows.sum(dim=1, keepdim=True)).log()
    targets = torch.tensor([SYMBOLS.index(letter) for letter in word])
    count = len(ctc.alignments(word, len(rows)))
    loss = float(ctc.ctc_forward(log_probs, targets))
    states = ["-", *(symbol for letter in word for symbol in (letter, "-"))]
    return lattice(states, ctc.lattice(log_probs, targets), finding(word, len(rows), loss, count))
