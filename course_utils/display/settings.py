"""The settings of a training in one line: what a reader must know to judge a run, and to repeat it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from course_utils.display.html import Html, element, joined
from course_utils.display.message import Message
from course_utils.display.numbers import short

STYLE = "margin:.2em 0;font-size:.85em;line-height:1.4;opacity:.8"  # small, and a little greyer than the page's text
BETWEEN = " · "


@dataclass(repr=False)
class Settings(Message):
    """What a run is told by, each part in words; parts that are empty are left out.

    Attributes:
        start: the first weights and biases, of each network where they differ; for chrono biases which lag they are
            told.
        learning_rate: optimiser, learning rate and schedule.
        clipping: of the gradient.
        steps: of the optimiser, and what ends a training early.
        batch: how many examples a step sees.
        size: units and parameters.
        seeds: of weights and data.
        augmentation: how examples are changed in training.
        note: what else a reader should know, such as what one side is told and the other is not.
        untrained: why there is nothing to say of a training; all parts but `seeds` and `note` are empty then.
        name: of what is told; it begins the line.
    """

    start: str = ""
    learning_rate: str = ""
    clipping: str = ""
    steps: str = ""
    batch: str = ""
    size: str = ""
    seeds: str = ""
    augmentation: str = ""
    note: str = ""
    untrained: str = ""
    name: str = ""

    @property
    def parts(self) -> dict[str, str]:
        """The parts that are there, by the words that name them."""
        found = {field.name.replace("_", " "): getattr(self, field.name) for field in fields(self)}
        return {part: text for part, text in found.items() if text and part not in ("untrained", "name")}

    @property
    def texts(self) -> dict[str, str]:
        """What makes this line again, as `Settings(**texts)`; it survives JSON."""
        return {field.name: text for field in fields(self) if (text := getattr(self, field.name))}

    def __str__(self) -> str:
        told = [self.untrained] if self.untrained else []
        return f"{self._title()}: " + BETWEEN.join([*told, *(f"{part}: {text}" for part, text in self.parts.items())])

    __repr__ = __str__

    @property
    def html(self) -> Html:
        """A small line, a little greyer than the text around it."""
        told = [element("span", self.untrained)] if self.untrained else []
        parts = [element("span", element("em", f"{part}: "), text) for part, text in self.parts.items()]
        return element("p", f"{self._title()}: ", joined([*told, *parts], BETWEEN), style=STYLE)

    def _title(self) -> str:
        return f"Settings of {self.name}" if self.name else "Settings"

    def with_parts(self, **parts: str) -> Self:
        """The same with other texts for some parts.

        Args:
            parts: any of the attributes.
        """
        return replace(self, **parts)


def trained(
    *,
    start: str,
    learning_rate: str,
    clipping: str,
    steps: str,
    batch: str,
    size: str,
    augmentation: str = "none",
    seeds: str = "",
    note: str = "",
) -> Settings:
    """The settings of a training. No part can be forgotten; the seeds are added by whoever knows them."""
    return Settings(start, learning_rate, clipping, steps, batch, size, seeds, augmentation, note)


def untrained(why: str, *, size: str = "", seeds: str = "", note: str = "") -> Settings:
    """The settings of a run without a training.

    Args:
        why: such as "nothing is trained: parameters are counted".
        size: units and parameters, where there are any.
        seeds: of the random numbers.
        note: what else a reader should know.
    """
    return Settings(untrained=why, size=size, seeds=seeds, note=note)


def show_settings(settings: Settings | str, name: str = "") -> Settings:
    """Show the settings of a run as one small line, immediately, wherever in a cell this is called.

    Args:
        settings: what `described()` gives, or a text of your own.
        name: of the run.

    Returns:
        The line; print it in a script.
    """
    shown = Settings(untrained=settings) if isinstance(settings, str) else settings
    return (shown.with_parts(name=name) if name else shown).say()


# ---------------------------------------------------------------------------------------------------------------------
# Words for the parts


def seeds_text(seeds: Sequence[int]) -> str:
    """Such as "10 (0 to 9)", "3 (1, 2, 5)", "1 (0)"."""
    ordered = sorted(seeds)
    consecutive = ordered == list(range(ordered[0], ordered[0] + len(ordered)))
    named = f"{ordered[0]} to {ordered[-1]}" if consecutive and len(ordered) > 2 else ", ".join(map(str, ordered))
    return f"{len(ordered)} ({named})"


def value_text(value: Any) -> str:
    """A number, a text, or several of them, which were all tried: "0.01 and 0.03"."""
    if isinstance(value, list | tuple):
        texts = list(dict.fromkeys(map(value_text, value)))
        return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}, all tried"
    return str(value) if isinstance(value, str) else short(value)


def flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of nested names in one mapping: {"adding": {"LSTM": 0.03}} → {"adding: LSTM": 0.03}."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= {f"{name}: {inner}": rate for inner, rate in flat(value).items()}
        else:
            found[name] = value
    return found


def each(values: Mapping[str, Any]) -> str:
    """What differs from network to network, said once where it is the same.

    Args:
        values: name → number, text, or list of numbers that were tried; may be nested.

    Returns:
        "0.03" where all are equal; "0.03; 0.01 (LSTM, no input gate)" where most are: the most frequent one comes
        first, the others with the names that they belong to, divided by slashes.
    """
    by_name = {name: value_text(value) for name, value in flat(values).items()}
    (usual, count), *rest = Counter(by_name.values()).most_common()
    names = {text: " / ".join(name for name, other in by_name.items() if other == text) for text, _ in rest}
    first = usual if count > 1 else f"{usual} ({next(name for name, text in by_name.items() if text == usual)})"
    return "; ".join([first if rest else usual, *(f"{text} ({named})" for text, named in names.items())])


def named_each(values: Mapping[str, Any]) -> str:
    """The same with every name: "50 (adding), 20 (reber)"."""
    return ", ".join(f"{value_text(value)} ({name})" for name, value in flat(values).items())
