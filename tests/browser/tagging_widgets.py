"""How the widget of tagging is moved."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def drive_masked_context(page: Page, widget: Locator) -> None:
    """Masks both sides of a word, by buttons and by keys. `widget` is the element `.masked-context`."""
    told = widget.locator(".told")
    words = int(widget.get_attribute("data-left") or 0), int(widget.get_attribute("data-right") or 0)
    expect(told).to_contain_text("before it and")
    widget.get_by_role("button", name="Mask the right").click()
    expect(widget).to_have_attribute("data-right", "0")
    expect(told).to_contain_text("0 words behind it")
    behind = widget.locator('input[data-key="right"]')
    behind.focus()
    page.keyboard.press("ArrowRight")
    expect(widget).to_have_attribute("data-right", "1")
    widget.get_by_role("button", name="The word alone").press("Enter")
    expect(widget).to_have_attribute("data-left", "0")
    assert widget.get_by_role("button", name=", masked").count() == sum(words)
    widget.get_by_role("button", name="All").click()
    expect(widget).to_have_attribute("data-left", str(words[0]))
    before = widget.get_attribute("data-word")
    widget.get_by_role("button", pressed=False).first.press("Enter")
    expect(widget).not_to_have_attribute("data-word", before or "")
    menu = widget.locator('select[data-key="sentence"]')
    menu.select_option("1")
    expect(widget).to_have_attribute("data-word", "0")
    expect(widget).to_have_attribute("data-right", "0")
    menu.select_option("0")
