"""A figure carries its alt text, and is the same bytes each time."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from course_utils.errors import CourseError
from course_utils.figures.style import new_figure, show


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
