"""What happened in a training: a row a step, the best validation, and why it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from course_utils.display.html import LEFT, NO_STRIPES, element, joined
from course_utils.display.settings import Settings
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import pandas as pd


class Best(NamedTuple):
    """The best validation of a training: where, and its score."""

    step: int
    epoch: int
    valid: float


@dataclass(eq=False, repr=False)
class History:
    """What happened in a training, step by step.

    Attributes:
        stopped: why it ended, in words.
        interrupted: was it ended by ■ or Ctrl-C?
        goal: the steps that were asked for; None where only epochs or seconds were.
        best: the step with the best (lowest) validation score, whose weights the model has; None without validation.
        out_of_time: was it ended by its seconds?
        valid_is_loss: is the validation score the training loss, on other batches?
        settings: what `fit` knew of the training when it began; `described` tells all.
    """

    stopped: str = "not started"
    interrupted: bool = False
    goal: int | None = None
    out_of_time: bool = False
    best: Best | None = None
    valid_is_loss: bool = False
    settings: Settings = field(default_factory=Settings, repr=False)
    _rows: list[dict[str, float]] = field(default_factory=list, repr=False)
    _norms: list[dict[str, float]] = field(default_factory=list, repr=False)
    _columns: tuple[str, ...] = ("step", "epoch", "seconds", "loss")

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a step.

        Its columns are `step` and `epoch` (from 1), `seconds` since the start (validation included), `loss` of the
        step's batch, `valid` where there was validation (NaN at steps that were not validated), and `gradient_norm`
        before clipping where it was recorded or clipped by norm.
        """
        import pandas as pd

        table = pd.DataFrame(self._rows, columns=list(self._columns), dtype=float)
        return table.astype({"step": int, "epoch": int})

    @cached_property
    def gradients(self) -> pd.DataFrame:
        """One row a step: `step`, and for each parameter the norm of its gradient before clipping; NaN: it had none.

        A step that failed because of its gradient has a row here, and none in `table`.

        Raises:
            CourseError: they were not recorded.
        """
        import pandas as pd

        if self._rows and not self._norms:
            raise CourseError("No gradients were recorded. Train with fit(…, record_gradients=True).")
        return pd.DataFrame(self._norms).astype({"step": int}) if self._norms else pd.DataFrame(columns=["step"])

    def described(self, **parts: str) -> Settings:
        """What the training was: start, learning rate, clipping, steps, batch, size, seeds, augmentation, in one line.

        `fit` reads it off the model, the optimiser and the batches. What it cannot see (weights set by hand, how the
        batches were made) say yourself: `history.described(start="zeros", augmentation="shifted by a pixel")`.

        Args:
            parts: texts in place of those that were found; the names are those of `Settings`.

        Returns:
            A line that shows itself in a notebook where it stands last in its cell; elsewhere call `.say()`.
        """
        return self.settings.with_parts(**{"steps": self._steps_text(), **parts})

    def note(self, text: str) -> None:
        """Add to what `described` tells what only the caller of `fit` knows, such as dropout."""
        self.settings = self.settings.with_parts(note="; ".join(part for part in (self.settings.note, text) if part))

    def _steps_text(self) -> str:
        text = f"{self.steps:,}, {many(int(self._rows[-1]['epoch']), 'epoch')}" if self._rows else "none"
        text += f" (ended: {self.stopped})" if self.steps and not self.stopped.endswith(" done") else ""
        return f"{text}, weights of step {self.best.step:,}, the best validation" if self.best else text

    @property
    def steps(self) -> int:
        """How many steps were made."""
        return len(self._rows)

    @property
    def cut_short(self) -> bool:
        """Did seconds or ■ end it before the steps were made that were asked for? Without a goal: did ■ end it?"""
        return self.interrupted or (self.goal is not None and self.out_of_time)

    @property
    def seconds(self) -> float:
        """Seconds from the start to the end of the last step."""
        return self._rows[-1]["seconds"] if self._rows else 0.0

    def _facts(self) -> dict[str, str]:
        """What there is to say, without seconds: they would differ from run to run."""
        if not self._rows:
            return {"Trained": "not a single step", "Stopped": self.stopped}
        first, last = self._rows[0], self._rows[-1]
        facts = {
            "Trained": f"{many(self.steps, 'step')}, {many(int(last['epoch']), 'epoch')}",
            "Loss": f"{first['loss']:.4g} at the first step, {last['loss']:.4g} at the last",
        }
        if self.best is not None:
            facts["Best validation score"] = (
                f"{self.best.valid:.4g} at step {self.best.step:,}, whose weights the model has"
            )
        return facts | {"Stopped": self.stopped}

    def __str__(self) -> str:
        return "\n".join(f"{name}: {fact}." for name, fact in self._facts().items())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        cell = f"padding:.15em .8em .15em 0;{LEFT};vertical-align:top"
        rows = joined(
            element(
                "tr",
                element("th", name, scope="row", style=cell),
                element("td", fact, style=f"{cell};white-space:normal"),
                style=NO_STRIPES,
            )
            for name, fact in self._facts().items()
        )
        return element("table", rows, aria_label="Training", style="margin:.3em 0;border:0;table-layout:auto")


class DivergedError(CourseError):
    """The training ran into a number that is not finite. `history` holds what happened until then."""

    def __init__(self, text: str, history: History) -> None:
        super().__init__(text)
        self.history = history


def many(number: int, noun: str) -> str:
    """A number of things: "1 step", "2,000 steps"."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
