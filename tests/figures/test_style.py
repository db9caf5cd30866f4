"""A figure carries its alt text, and is the same bytes each time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser
from matplotlib.text import Text

from course_utils.errors import CourseError, printable
from course_utils.figures.labels import End, headline, label_ends
from course_utils.figures.style import new_figure, show, small_png


def bare() -> Figure:
    fig, ax = new_figure(2, 2)
    ax.plot([0, 1])
    return fig


def test_alt_text_reaches_the_html_escaped() -> None:
    picture = show(bare(), 'A line that rises from 0 to 1, "steep" & <short>.')
    bundle = picture._repr_mimebundle_()
    assert 'alt="A line that rises from 0 to 1, &quot;steep&quot; &amp; &lt;short&gt;."' in bundle["text/html"]
    assert "A line that rises" in bundle["text/plain"]
    assert picture.png.startswith(b"\x89PNG")


@pytest.mark.parametrize("alt", ["", "plot", "a figure"])
def test_an_alt_text_that_says_nothing_is_refused(alt: str) -> None:
    with pytest.raises(CourseError, match="says in a sentence what a person sees"):
        show(bare(), alt)


def test_the_same_figure_gives_the_same_bytes() -> None:
    assert show(bare(), "A line rises to one.").png == show(bare(), "A line rises to one.").png


# --- names that come from data --------------------------------------------------------------------------------------

NAMES = ("US$ 5 to US$ 9", r"speed $\unit{m/s}$", "$", "a_b^c", r"50\$", "caf\udce9 $x$", "a\x1b[2J$b$")


def drawn(name: str) -> Iterator[Figure]:
    """Every way a name gets into a figure."""
    fig, ax = new_figure(4, 3)
    ax.set(title=name, xlabel=name, ylabel=name)
    ax.plot([0, 1], label=name)
    ax.legend(title=name)
    ax.text(0, 0, name)
    ax.annotate(name, (0, 0))
    headline(fig, name)
    yield fig
    fig, ax = new_figure(4, 3)
    ax.plot([1, 10])
    label_ends(ax, [End(1, 10, name, "#000000")])
    yield fig
    if printable(name) == name:  # labels of ticks come from picture_folder and its like, where they become printable
        fig, ax = new_figure(4, 3)
        ax.set_xticks([0, 1], [name, "b"])
        ax.bar([0, 1], [1, 2])
        yield fig
        fig, ax = new_figure(4, 3)
        ax.barh([name, "b"], [1, 2])
        fig.colorbar(ScalarMappable(), ax=ax, label=name)
        yield fig


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_names_are_shown_as_they_are_written_wherever_they_stand(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    parse = MathTextParser.parse

    def noted(self: MathTextParser[Any], text: str, *arguments: Any, **named: Any) -> Any:
        parsed.append(text)
        return parse(self, text, *arguments, **named)

    monkeypatch.setattr(MathTextParser, "parse", noted)
    for fig in drawn(name):
        assert small_png(fig).startswith(b"\x89PNG")
        assert parsed == []
        assert any(text.get_text() == printable(name) for text in fig.findobj(Text) if isinstance(text, Text))


def test_powers_on_a_logarithmic_axis_and_formulas_that_are_meant_are_set() -> None:
    fig, ax = new_figure(4, 3)
    ax.semilogy([1e-9, 1e9])
    small_png(fig)
    assert all(label.get_parse_math() for label in ax.get_yticklabels())
    fig, ax = new_figure(4, 3, formulas=True)
    ax.set_title("$x_t$")
    small_png(fig)
    assert ax.title.get_parse_math()


def test_alt_text_can_be_shown_whatever_names_it_holds() -> None:
    assert (
        show(bare(), "Bars of three classes: tea, caf\udce9, milk.").alt
        == r"Bars of three classes: tea, caf\xe9, milk."
    )
