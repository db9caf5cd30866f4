"""Elements of HTML: text is escaped once and once only, attributes stand as they were given."""

from __future__ import annotations

from html import unescape
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from course_utils.display.html import Html, element, html, joined, marked_box, with_code

text = st.text("ab<>&\"'`é\n", max_size=12)


class Page(HTMLParser):
    """What a browser would see."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(text, text)
def test_text_and_attributes_come_out_as_they_went_in(inside: str, label: str) -> None:
    page = Page(element("p", inside, element("strong", inside), aria_label=label))
    assert page.tags == [("p", {"aria-label": label}), ("strong", {})]
    assert page.text == 2 * inside


@given(text)
def test_html_is_not_escaped_again(inside: str) -> None:
    once = html(inside)
    assert html(once) is once
    assert unescape(once) == inside
    assert joined([once, inside]) == once + inside == once + once
    assert isinstance(once + inside, Html)
    assert element("p", once) == element("p", inside)


def test_attributes_stand_in_their_order_and_may_be_left_out() -> None:
    made = element("audio", controls=True, hidden=False, title=None, data_name='a"b', src="x")
    assert made == '<audio controls data-name="a&quot;b" src="x"></audio>'
    assert element("br") == "<br>"
    assert element("img", alt="") == '<img alt="">'


@given(st.lists(text, max_size=4))
def test_what_stands_between_is_escaped_as_well(parts: list[str]) -> None:
    assert unescape(joined(parts, " & ")) == " & ".join(parts)


@given(text)
def test_what_stands_between_backticks_becomes_code(inside: str) -> None:
    page = Page(with_code(inside, style="x"))
    assert page.text == inside.replace("`", "")
    assert len(page.tags) == (inside.count("`") + 1) // 2


def test_a_box_says_its_role_and_its_name() -> None:
    made = marked_box("#123456", "a < b", role="group", label="Claim", style="margin:0")
    assert made == (
        '<div role="group" aria-label="Claim" style="border-left:5px solid #123456;margin:0">a &lt; b</div>'
    )
