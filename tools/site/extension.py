"""What the course adds to Sphinx: formulas as MathML, exercises that the search finds, no way to what is to come."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.domains.std import StandardDomain
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from tools.site.terms import mark_terms

MARKUP = re.compile(r"(`+[^`]+`+)|([*|]|\b\w+_(?!\w))")
ENTRY = "course-exercise"  # the directive that names an exercise to the search
TERMS = "course_terms"  # the configuration value with the terms of the glossary
TO_COME = "course_to_come"  # the configuration value with the names of pages that next and previous pass over


def inline_formula(translator: HTML5Translator, node: nodes.math) -> None:
    """A formula within a line, as MathML: no script, no font, and screen readers read it."""
    translator.body.append(str(convert(node.astext())))
    raise nodes.SkipNode


def block_formula(translator: HTML5Translator, node: nodes.math_block) -> None:
    """A formula on lines of its own, which scrolls where the page is narrow."""
    formula = convert(node.astext().strip(), display="block")
    translator.body.append(f'<div class="formula" role="group" aria-label="Formula">{formula}</div>\n')
    raise nodes.SkipNode


class ExerciseEntry(SphinxDirective):
    """An exercise that the search finds by its title and its name; nothing of it is seen."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """An anchor, and a row in the index of the search."""
        name = self.arguments[0]
        target = nodes.target("", "", ids=[nodes.make_id(f"exercise-{name}")])
        self.env.domains.standard_domain.note_object("exercise", name, target["ids"][0], location=target)
        return [target]


def pass_over(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Previous and next lead to pages that are written."""
    builder, to_come = app.builder, set(app.config[TO_COME])
    assert isinstance(builder, StandaloneHTMLBuilder)
    for key, place in (("prev", 1), ("next", 2)):
        other = builder.relations.get(page, (None, None, None))[place]
        while other is not None and other in to_come:
            other = builder.relations[other][place]
        if other is None:
            context[key] = None
        elif context.get(key):
            title = builder.render_partial(app.env.titles[other])["title"]
            context[key] = {"link": builder.get_relative_uri(page, other), "title": title}


def explain_terms(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Terms of the glossary say what they mean in the text of lessons."""
    folder, _, name = page.rpartition("/")
    if folder == "lessons" and app.config[TERMS]:
        places = app.env.domains.standard_domain.objects
        addresses = {
            term: f"{app.builder.get_relative_uri(page, places['term', term][0])}#{places['term', term][1]}"
            for term in app.config[TERMS]
        }
        mark_terms(doctree, name[:2], app.config[TERMS], addresses)


def plain_docstring(app: Sphinx, what: str, name: str, thing: object, options: Any, lines: list[str]) -> None:
    """Docstrings are plain text: signs that reStructuredText would read as markup stand as they are."""
    lines[:] = [MARKUP.sub(escaped, line) for line in lines]


def escaped(found: re.Match[str]) -> str:
    """Code in backticks as code, and other signs with a backslash."""
    if found[1]:
        return f"``{found[1].strip('`')}``"
    return found[2].replace("*", r"\*").replace("|", r"\|").replace("_", r"\_")


def setup(app: Sphinx) -> dict[str, bool]:
    """What Sphinx calls."""
    app.add_html_math_renderer("course", (inline_formula, None), (block_formula, None))
    app.add_config_value(TO_COME, [], "html")
    app.add_object_type("exercise", "exercise", objname="exercise")
    StandardDomain.object_types["term"].attrs["searchprio"] = 1  # the search names terms of the glossary too
    app.add_directive(ENTRY, ExerciseEntry)
    app.connect("autodoc-process-docstring", plain_docstring, priority=400)  # before napoleon makes markup of its own
    app.add_config_value(TERMS, {}, "html")
    app.connect("doctree-resolved", explain_terms)
    app.connect("html-page-context", pass_over)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
