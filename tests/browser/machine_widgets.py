"""Drives the widget of lesson 04 (Gibbs sampling), wherever it is mounted."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def drive_gibbs_stepper(page: Page, stepper: Locator) -> None:
    """Steps, starts again, draws otherwise, and passes probabilities down. `stepper`: the element `.gibbs-stepper`."""
    told, how = stepper.locator(".told"), stepper.locator('select[data-key="how"]')
    step, more, again, other = (
        stepper.get_by_role("button", name=name, exact=True)
        for name in ("Step", "10 steps", "Start again", "Other draws")
    )
    expect(told).to_contain_text("Start: ")
    expect(again).to_be_disabled()
    step.click()
    step.press("Enter")
    expect(stepper).to_have_attribute("data-step", "2")
    expect(told).to_contain_text("After 2 steps")
    more.click()
    expect(stepper).to_have_attribute("data-step", "12")
    first = told.inner_text()
    other.click()
    expect(told).not_to_have_text(first)
    how.select_option("pass")
    expect(stepper).to_have_attribute("data-how", "pass")
    expect(told).not_to_contain_text("hidden units are 1")
    how.select_option("decide")
    expect(other).to_be_disabled()
    how.select_option("draw")
    stepper.locator('select[data-key="start"]').select_option(index=1)
    expect(stepper).to_have_attribute("data-step", "0")
    expect(again).to_be_disabled()
