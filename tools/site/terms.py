"""Terms of the glossary in the lessons' text: what they mean shows when one points at them, and where one taps them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from docutils import nodes

from course_utils.errors import CourseError

ITEM = re.compile(r"^- \*\*(.+?)\*\*: (.+?)(?: \[(\d\d)\])?$")
MANY_MEANINGS = {"cell", "span", "unit"}  # a notebook's, any, and one of measure: not marked in the text


def glossary(text: str) -> dict[str, tuple[str, str]]:
    """What the glossary says, by term: its meaning, and the number of the lesson that defines it, or "".

    Args:
        text: of docs/glossary.md, a list whose items are "- **term**: what it means. [05]".

    Raises:
        CourseError: an item has another form, or the terms are not in alphabetical order.
    """
    items = [line for line in text.splitlines() if line.startswith("- ")]
    found = {match[1]: (match[2], match[3] or "") for match in map(ITEM.match, items) if match}
    if len(found) < len(items) or list(found) != sorted(found, key=str.lower):
        raise CourseError("docs/glossary.md is a list of lines '- **term**: what it means.', in alphabetical order.")
    return found


def mark_terms(
    document: nodes.document, number: str, terms: Mapping[str, tuple[str, str]], addresses: Mapping[str, str]
) -> None:
    """Mark the first place of each term in a lesson's paragraphs.

    Args:
        document: the lesson's page; it is changed.
        number: the lesson's; its own terms are explained in it, and are not marked.
        terms: as `glossary` gives them.
        addresses: where each term stands in the glossary, seen from the page.
    """
    open_terms = {
        term.lower(): term for term, (_, home) in terms.items() if home != number and term not in MANY_MEANINGS
    }
    for text in list(document.findall(nodes.Text)):
        if open_terms and isinstance(text.parent, nodes.paragraph | nodes.emphasis) and not within_link(text):
            text.parent.replace(text, marked(str(text), open_terms, terms, addresses))


def within_link(text: nodes.Text) -> bool:
    """Does a text stand in a link, or in a cell of a table?"""
    parent = text.parent
    while parent is not None:
        if isinstance(parent, nodes.reference | nodes.table):
            return True
        parent = parent.parent
    return False


def marked(
    text: str, open_terms: dict[str, str], terms: Mapping[str, tuple[str, str]], addresses: Mapping[str, str]
) -> list[nodes.Node]:
    """A text as nodes, with links at terms that were not marked before; these are taken from `open_terms`."""
    longest_first = sorted(open_terms, key=len, reverse=True)
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, longest_first))})(?=s?\b)", re.I)
    parts: list[nodes.Node] = []
    end = 0
    for found in pattern.finditer(text):
        term = open_terms.pop(found[1].lower(), None)
        if term is not None:
            link = f'<a class="term" href="{addresses[term]}" title="{escape(terms[term][0])}">{escape(found[1])}</a>'
            parts += [nodes.Text(text[end : found.start()]), nodes.raw("", link, format="html")]
            end = found.end()
    return [*parts, nodes.Text(text[end:])]
