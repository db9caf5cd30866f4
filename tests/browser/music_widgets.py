"""How the piano roll is moved."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def drive_piano_roll(page: Page, widget: Locator) -> None:
    """Writes keys by mouse and keyboard, plays, and lets the network play on. `widget` is the element `.piano-roll`."""
    told, grid = widget.locator(".told"), widget.locator(".grid")
    play = widget.get_by_role("button", name="Play", exact=False).first
    expect(told).to_contain_text("Change them, and let the network play on.")
    widget.get_by_role("button", name="Clear").click()
    expect(widget).to_have_attribute("data-frames", "0")
    play.click()
    expect(told).to_contain_text("There is no note yet.")
    grid.focus()
    page.keyboard.press("Space")
    expect(told).to_have_text("C4 in frame 1 is on.")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    expect(told).to_have_text("C♯4 in frame 2: off.")
    page.keyboard.press("Enter")
    expect(widget).to_have_attribute("data-given", "2")
    expect(widget.locator("[data-note]")).to_have_count(2)
    page.keyboard.press("Space")
    expect(widget).to_have_attribute("data-given", "1")
    area = grid.bounding_box()
    assert area is not None
    grid.click(position={"x": area["width"] / 2, "y": area["height"] / 2})
    expect(told).to_contain_text("is on.")
    expect(widget.locator("[data-note]")).to_have_count(2)
    widget.get_by_role("button", name="Let the network play on").click()
    expect(widget).to_have_attribute("data-frames", "64")
    expect(told).to_contain_text("drawn key by key with the temperature 1.00, seed 0.")
    play.click()
    expect(widget).to_have_attribute("data-playing", "yes")
    page.wait_for_function("() => document.querySelector('.piano-roll [data-now]')")  # time goes on
    widget.get_by_role("button", name="Stop").click()
    expect(widget).to_have_attribute("data-playing", "no")
    widget.locator('select[data-key="motif"]').select_option("1")
    expect(widget).to_have_attribute("data-given", "8")
