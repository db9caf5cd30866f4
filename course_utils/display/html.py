"""HTML in one way: text is escaped once, where it becomes part of an element; colours and spaces have names.

    element("p", "5 < 6, ", element("strong", "always"), style=PARAGRAPH)

Text keeps the colour of the page, so that it can be read in a light and in a dark theme; colours here are for borders
and lines, and can be seen on both.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Self

# Colours that only repeat what a word or a sign says
GOOD, WARNING, FAULT, CONDITION = "#00785a", "#b04a00", "#a3003f", "#8a5a00"
NEUTRAL, INFORMATION = "#666666", "#0072B2"
LINE = "1px solid #8886"  # half transparent: visible on white and on black
# Styles
PARAGRAPH = "margin:.3em 0"
SPOKEN = "margin:6px 0;line-height:1.4"  # what a widget says of its state
ASIDE = "margin:6px 0"
LEFT = "text-align:left"
NO_STRIPES = "background:none"  # notebooks stripe the rows of tables
VOID = frozenset({"br", "img"})


class Html(str):
    """Text that is HTML already: it is not escaped again."""

    def __add__(self, other: str) -> Self:
        return type(self)(super().__add__(html(other)))


def html(part: object) -> Html:
    """A part of a page: HTML stays as it is, everything else is escaped as text."""
    return part if isinstance(part, Html) else Html(escape(str(part)))


def joined(parts: Iterable[object], between: Html | str = "") -> Html:
    """Parts of a page one after the other; what is no HTML yet is escaped.

    Args:
        parts: HTML or text.
        between: what stands between them.
    """
    return Html(html(between).join(html(part) for part in parts))


def element(tag: str, *children: object, **attributes: str | bool | None) -> Html:
    """An element with its attributes and children.

    Args:
        tag: such as "p".
        children: HTML, or text to be escaped.
        attributes: in the order in which they are to stand. An underline stands for a hyphen (`aria_label`); None and
            False leave an attribute out, True gives one without a value.
    """
    written = "".join(
        f" {name.replace('_', '-')}" + ("" if value is True else f'="{escape(value)}"')
        for name, value in attributes.items()
        if value is not None and value is not False
    )
    return Html(f"<{tag}{written}>" + ("" if tag in VOID else f"{joined(children)}</{tag}>"))


def with_code(text: str, style: str | None = None) -> Html:
    """Text whose parts between backticks become code.

    Args:
        text: such as "write `x + 1`".
        style: of the code.
    """
    parts = text.split("`")
    return joined(element("code", part, style=style) if n % 2 else part for n, part in enumerate(parts))


def marked_box(colour: str, *children: object, role: str, label: str | None = None, style: str) -> Html:
    """A box with a coloured line at its left, that keeps the page's own text colour.

    Args:
        colour: of the line; it only repeats what the words say.
        children: HTML or text.
        role: "status" where a screen reader announces it, "group" where it is read in its turn.
        label: what a screen reader calls it.
        style: the spaces around it, and its width.
    """
    return element("div", *children, role=role, aria_label=label, style=f"border-left:5px solid {colour};{style}")
