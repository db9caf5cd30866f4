"""One sentence a line in the sources of lessons: only line breaks change, and what is no paragraph stays as it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from course_utils.errors import CourseError
from tools import sentences

RENDER = MarkdownIt("commonmark").enable("table").render


def rendered(lines: list[str]) -> str:
    return re.sub(r"\s+", " ", RENDER("\n".join(lines)))


CODE, FORMULA = "`a. B` is code, $x. Y$ a formula.", "The rate is 0.5 of 1.0."
CITED, LIKE_AN_ITEM = "See Cho et al. 2014 for it, e.g. Table 2.", "It ended in 1997. - no item"


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("It is so. Is it? Yes!", ["It is so.", "Is it?", "Yes!"]),
        ("**Bold ends here.** Then more.", ["**Bold ends here.**", "Then more."]),
        (f"{CITED} Then go on.", [CITED, "Then go on."]),
        (f"{FORMULA} {CODE}", [FORMULA, CODE]),
        ("(One. And another.) Three.", ["(One.", "And another.)", "Three."]),
        (f"It was J. Schmidhuber. {LIKE_AN_ITEM}", ["It was J. Schmidhuber.", LIKE_AN_ITEM]),
        ("no end", ["no end"]),
    ],
)
def test_a_paragraph_is_cut_where_a_sentence_ends(paragraph: str, expected: list[str]) -> None:
    assert sentences.sentences(paragraph) == expected


def test_only_paragraphs_and_items_are_cut() -> None:
    cell = [
        "## A title. Of two sentences",
        "| a. B | c |",
        "|---|---|",
        "",
        "- One. Two",
        "  goes on. Three.",
        "1. First. Second.",
        "",
        "```python",
        "x = 1. ; print('A. B')",
        "```",
        "$$",
        "a. B",
        "$$",
        "Ends. Here.",
    ]
    new = sentences.reflowed(cell)
    assert new[4:9] == ["- One.", "  Two goes on.", "  Three.", "1. First.", "   Second."]
    assert new[:4] == cell[:4]
    assert new[9:15] == cell[7:13]
    assert new[-2:] == ["Ends.", "Here."]
    assert rendered(new) == rendered(cell)


WORDS = "Yes.,no,`a. B`,$x. Y$,1.,2) b,- c,Et,al.,(So.),**Do.**,Why?,e.g.,#,|"
words = st.sampled_from(WORDS.split(","))
line = st.lists(words, min_size=1, max_size=8).map(" ".join)


@given(st.lists(line | st.just(""), max_size=6))
@example(["1. 1. Yes. It is."])
@example(["- 2) b. C", "- c"])
def test_what_the_markdown_says_is_the_same_and_a_second_time_nothing_changes(cell: list[str]) -> None:
    new = sentences.reflowed(cell)
    assert rendered(new) == rendered(cell)
    assert sentences.reflowed(new) == new


def test_only_markdown_cells_are_touched_and_a_forced_break_is_refused() -> None:
    source = '# %% [markdown]\n# One. Two.\n\n# %%\n# A comment. Another one.\nx = "One. Two."\n'
    assert sentences.formatted(source) == source.replace("# One. Two.\n", "# One.\n# Two.\n")
    with pytest.raises(CourseError, match="forced line break"):
        sentences.formatted("# %% [markdown]\n# One.  \n# Two.\n")


def test_check_names_the_file_and_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "99_my_lesson.py"
    file.write_text("# %% [markdown]\n# One. Two.\n", encoding="utf-8")
    assert sentences.main(["--check", str(file)]) == 1
    assert "99_my_lesson.py: has lines with several sentences: run `make format`" in capsys.readouterr().out
    assert file.read_text(encoding="utf-8").endswith("# One. Two.\n")
    assert sentences.main([str(file)]) == 0
    assert file.read_text(encoding="utf-8").endswith("# One.\n# Two.\n")
    assert sentences.main(["--check", str(file)]) == 0
