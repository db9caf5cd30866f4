"""Drives the unroll stepper, wherever it is mounted: `touch` is one short action of a `drive`."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def touch_stepper(page: Page, stepper: Locator) -> None:
    """Two steps, by mouse and by keys. `stepper` is the element `.unroll`, here and below."""
    expect(stepper.locator(".told")).to_contain_text("Press Step")
    stepper.get_by_role("button", name="Step").click()
    expect(stepper.locator(".told")).to_contain_text("= 0.76")  # tanh(1)
    stepper.get_by_role("button", name="Step").press("Enter")
    expect(stepper.locator(".told")).to_contain_text("= 0.54")  # tanh(0.8 · 0.76)


def drive_stepper(page: Page, stepper: Locator) -> None:
    """Steps, other weights, another sequence; ends with w_x = 1, w_h = 0.85, always on."""
    touch_stepper(page, stepper)
    weight = stepper.locator('input[data-key="w_h"]')
    before = stepper.get_attribute("data-states")
    weight.focus()
    page.keyboard.press("ArrowRight")
    expect(stepper.locator(".told")).to_contain_text("0.85")
    assert stepper.get_attribute("data-states") != before
    stepper.locator("select").select_option("always on")
    expect(stepper.locator(".told")).to_contain_text("Press Step")
    stepper.get_by_role("button", name="To the end").click()
    expect(stepper).to_have_attribute("data-step", "8")
    expect(stepper.get_by_role("button", name="Step")).to_be_disabled()
