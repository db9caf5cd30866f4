"""Drives the widgets about vanishing gradients, wherever they are mounted and whatever they start from.

`touch` is the first actions of a `drive`: enough where only the place is new.
"""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def set_sliders(widget: Locator, **values: float) -> None:
    for key, value in values.items():
        widget.locator(f'input[data-key="{key}"]').fill(str(value))


def touch_cobweb(page: Page, cobweb: Locator) -> None:
    """Steps a unit that holds its bit, by mouse and by keys. `cobweb` is the element `.cobweb`, here and below."""
    told = cobweb.locator(".told")
    expect(told).to_contain_text("Press Step")
    set_sliders(cobweb, w=1.25, b=0, h_0=0.6, noise=0)
    expect(cobweb.locator(".key")).to_contain_text("stable: −0.71 and 0.71")
    cobweb.get_by_role("button", name="Step", exact=True).click()
    expect(told).to_contain_text("After 1 step h = 0.64: the bit is still +.")  # tanh(0.75) = 0.635
    cobweb.get_by_role("button", name="10 steps").press("Enter")
    expect(told).to_contain_text("After 11 steps h = 0.71")


def drive_cobweb(page: Page, cobweb: Locator) -> None:
    """Steps a unit that holds its bit, then gives it too much noise."""
    touch_cobweb(page, cobweb)
    told = cobweb.locator(".told")
    cobweb.get_by_role("button", name="To step").click()
    expect(told).to_contain_text("the bit is still +. A small change of h₀ arrives shrunk to")
    expect(cobweb.get_by_role("button", name="Step", exact=True)).to_be_disabled()
    expect(cobweb.get_by_role("button", name="Another noise")).to_be_disabled()
    noise = cobweb.locator('input[data-key="noise"]')
    noise.focus()
    page.keyboard.press("ArrowRight")
    expect(cobweb.locator("label").filter(has_text="noise")).to_contain_text("0.05")
    before = cobweb.get_attribute("data-h")
    cobweb.get_by_role("button", name="Another noise").click()
    expect(cobweb).not_to_have_attribute("data-h", before or "")
    set_sliders(cobweb, noise=1)
    expect(told).to_contain_text("lost at step")
    cobweb.get_by_role("button", name="Start again").click()
    expect(told).to_contain_text("Press Step")
    expect(cobweb).to_have_attribute("data-step", "0")


def touch_gradient_explorer(page: Page, explorer: Locator) -> None:
    """Sets every slider, moves one by a key. `explorer` is the element `.gradient-explorer`, here and below."""
    told = explorer.locator(".told")
    set_sliders(explorer, radius=0.8, non_normality=0.5, slope=1, length=60)
    expect(told).to_contain_text("grow to 4.57 at t = 13, and is below 1 only from t = 32.")
    expect(told).to_contain_text("Leaving the picture: singular value bound at t = 23 (above).")
    slope = explorer.locator('input[data-key="slope"]')
    slope.focus()
    page.keyboard.press("ArrowLeft")
    expect(told).to_contain_text("Slope × eigenvalue is 0.76")


def drive_gradient_explorer(page: Page, explorer: Locator) -> None:
    """Moves every slider, to its ends."""
    touch_gradient_explorer(page, explorer)
    told = explorer.locator(".told")
    set_sliders(explorer, slope=0.5)
    expect(told).to_contain_text("vanishes from the start")
    set_sliders(explorer, slope=1, radius=1.2)
    expect(told).to_contain_text("can explode")
    set_sliders(explorer, radius=0, length=200)
    expect(told).to_contain_text("is exactly 0 from t = 4")
    expect(explorer).to_have_attribute("data-norm", "0")


def touch_lag_river(page: Page, river: Locator) -> None:
    """One frame on by mouse, and back by keys. `river` is the element `.lag-river`, here and below."""
    told = river.locator(".told")
    expect(river).to_have_attribute("data-frame", "0")  # it never plays by itself
    expect(river.get_by_role("button", name="Back")).to_be_disabled()
    river.get_by_role("button", name="Next").click()
    expect(river).to_have_attribute("data-frame", "1")
    frame = river.locator('input[data-key="frame"]')
    frame.focus()
    page.keyboard.press("ArrowLeft")
    expect(river).to_have_attribute("data-frame", "0")
    shown = frame.get_attribute("aria-valuetext") or ""
    expect(told).to_contain_text(f"{shown[:1].upper()}{shown[1:]}: whole gradient")


def drive_lag_river(page: Page, river: Locator) -> None:
    """Goes through the film by buttons, keys and Play."""
    touch_lag_river(page, river)
    told = river.locator(".told")
    page.keyboard.press("End")
    expect(river.get_by_role("button", name="Next")).to_be_disabled()
    river.get_by_role("button", name="Play").click()  # from the first frame again
    expect(river.get_by_role("button", name="Pause")).to_be_visible()
    expect(told).to_have_attribute("aria-live", "off")
    expect(river).not_to_have_attribute("data-frame", "0")
    river.get_by_role("button", name="Back").click()  # also stops the film
    expect(river.get_by_role("button", name="Play")).to_be_visible()
    expect(told).to_have_attribute("aria-live", "polite")
    expect(told).to_contain_text("99 % of the summed length of its parts")
    expect(told).to_contain_text("chance")
