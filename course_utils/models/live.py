"""A lesson trains live, or goes on with weights that were trained before; and it says which, at that place."""

from __future__ import annotations

from typing import TypeVar

from course_utils.display.html import GOOD, PARAGRAPH, WARNING, Html, element, joined, marked_box
from course_utils.display.message import Message
from course_utils.models.base import Estimator
from course_utils.training.history import History, many

T = TypeVar("T")

SPACES = "padding:.2em .8em;margin:.4em 0;max-width:60em"


class Origin(Message):
    """Which network the lesson goes on with, and why: a box in a notebook, a sentence elsewhere.

    Attributes:
        heading: "Trained here", "Cut short" or "Trained before".
        sentences: what happened, and which network follows.
        live: does the lesson go on with the network that was trained here?
        settings: how the other one was trained, where it can tell.
    """

    def __init__(self, history: History | None, stored: object) -> None:
        goes_on = f"The lesson goes on with weights that were trained before: {stored!r}."
        self.live = history is not None and not history.cut_short
        self.settings = stored.described() if isinstance(stored, Estimator) and not self.live else None
        if history is None:
            self.heading, self.sentences = "Trained before", ["Nothing was trained here.", goes_on]
        elif history.cut_short:
            reason = history.stopped.removeprefix("cut short: ")
            self.heading = "Cut short"
            self.sentences = [reason[0].upper() + reason[1:] + ".", goes_on]
        else:
            made = many(history.steps, "step")
            done = f"All {made} were made." if history.goal == history.steps else f"{made}; {history.stopped}."
            self.heading, self.sentences = "Trained here", [done, "The lesson goes on with this network."]

    def __str__(self) -> str:
        return " ".join([f"{self.heading}.", *self.sentences, *([str(self.settings)] if self.settings else [])])

    @property
    def html(self) -> Html:
        """A box with a line of its own colour for a training that was cut short."""
        colour = WARNING if self.heading == "Cut short" else GOOD
        text = joined(self.sentences, " ")
        said = element("p", element("strong", f"{self.heading}."), " ", text, style=PARAGRAPH)
        told = self.settings.html if self.settings else ""
        return marked_box(colour, said, told, role="status", style=SPACES)


def live_or_stored(live: T, history: History | None, stored: T) -> T:
    """The network that a lesson goes on with: the one trained live, unless its training was cut short or left out.

        history = network.fit(pairs, steps=600, seconds=120) if TRAIN else None
        network = live_or_stored(network, history, trained_translator("numbers"))

    A box says which it is: trained here, or cut short after how many of its steps, or trained before. So the text that
    follows is true in each case.

    Args:
        live: what was trained just now, or was to be trained.
        history: what its `fit` returned; None: it was not trained.
        stored: the same, trained before for the same number of steps.

    Returns:
        `live` or `stored`.
    """
    origin = Origin(history, stored)
    origin.say()
    return live if origin.live else stored
