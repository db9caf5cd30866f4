"""How the widget of strings is moved."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def drive_counter(page: Page, widget: Locator) -> None:
    """Makes the string longer and shorter, by buttons and by keys. `widget` is the element `.counter`."""
    told = widget.locator(".told")
    length = int(widget.get_attribute("data-length") or 0)
    expect(told).to_contain_text(f"({length}) “")
    widget.get_by_role("button", name="a", exact=True).click()
    expect(widget).to_have_attribute("data-length", str(length + 1))
    expect(told).to_contain_text("“never” is right")
    widget.get_by_role("button", name="b × 10").press("Enter")
    expect(widget).to_have_attribute("data-length", str(length + 11))
    widget.get_by_role("button", name="Take one away").click()
    expect(widget).to_have_attribute("data-length", str(length + 10))
    widget.locator('select[data-key="network"]').select_option("1")
    unit = widget.locator('select[data-key="unit"]')
    unit.select_option("2")
    expect(widget).to_have_attribute("data-unit", "2")
    widget.get_by_role("button", name="Empty").click()
    expect(told).to_contain_text("The string is empty")
    expect(widget.get_by_role("button", name="Take one away")).to_be_disabled()
    widget.get_by_role("button", name="b", exact=True).click()
    expect(told).to_contain_text("“never” is right")
    widget.locator('select[data-key="network"]').select_option("0")
