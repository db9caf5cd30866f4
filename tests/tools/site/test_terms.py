"""The glossary, and its terms in the text of lessons."""

from __future__ import annotations

import re

import pytest
from docutils import nodes
from docutils.utils import new_document

from course_utils.errors import CourseError
from tools import build
from tools.site import terms

TERMS = terms.glossary((build.ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"))
ADDRESSES = {term: f"../glossary.html#term-{term.replace(' ', '-')}" for term in ("gate", "forget gate", "unit")}
SMALL = {"gate": ("A number.", "07"), "forget gate": ('Says "keep".', "07"), "unit": ("One entry.", "01")}


def test_an_item_is_a_term_its_meaning_and_its_lesson() -> None:
    assert terms.glossary("# G\n\n- **a b**: It is c. [05]\n- **Bc**: d\n") == {
        "a b": ("It is c.", "05"),
        "Bc": ("d", ""),
    }


@pytest.mark.parametrize("text", ["- **b**: x\n- **a**: y\n", "- b: x\n", "- **b** x\n"])
def test_a_glossary_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(CourseError, match="alphabetical"):
        terms.glossary(text)


@pytest.mark.parametrize(("term", "number"), [(term, number) for term, (_, number) in TERMS.items() if number])
def test_a_term_stands_in_the_lesson_that_the_glossary_names(term: str, number: str) -> None:
    (path,) = (build.ROOT / "lessons").glob(f"{number}_*.py")
    text = path.read_text(encoding="utf-8").lower()
    for word in term.lower().split():
        assert re.search(rf"\b{re.escape(word[:6])}", text), f"lesson {number} has no {word!r}"


def page(*paragraphs: nodes.Node) -> nodes.document:
    document = new_document("page")
    document += [nodes.paragraph("", "", paragraph) for paragraph in paragraphs]
    return document


def links(document: nodes.document) -> list[str]:
    return [node.astext() for node in document.findall(nodes.raw)]


def test_the_first_place_of_a_term_is_marked_the_longest_first() -> None:
    document = page(nodes.Text("The forget gate is one of the gates."), nodes.Text("A Gate, a forget gate"))
    terms.mark_terms(document, "08", SMALL, ADDRESSES)
    assert links(document) == [
        '<a class="term" href="../glossary.html#term-forget-gate" title="Says &quot;keep&quot;.">forget gate</a>',
        '<a class="term" href="../glossary.html#term-gate" title="A number.">gate</a>',
    ]
    told = re.sub("<[^>]*>", "", "".join(child.astext() for child in document[0].children))
    assert told == "The forget gate is one of the gates."


def test_its_own_lesson_code_links_and_words_of_many_meanings_are_left_alone() -> None:
    own = page(nodes.Text("a gate"))
    terms.mark_terms(own, "07", SMALL, ADDRESSES)
    elsewhere = page(
        nodes.literal("", "gate"), nodes.reference("", "", nodes.Text("gate")), nodes.Text("unit, gatepost")
    )
    terms.mark_terms(elsewhere, "08", SMALL, ADDRESSES)
    assert links(own) == links(elsewhere) == []
