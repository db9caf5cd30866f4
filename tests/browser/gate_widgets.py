"""Drives the widgets about the LSTM's gates, wherever they are mounted and whatever they start from.

`touch` is the first actions of a `drive`: enough where only the place is new.
"""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.gradient_widgets import set_sliders


def touch_gate_explorer(page: Page, explorer: Locator) -> None:
    """Takes a preset and two steps. `explorer` is the element `.gate-explorer`, here and below."""
    told = explorer.locator(".told")
    explorer.locator('select[data-key="choice"]').select_option("one pulse, then quiet")
    explorer.locator('select[data-key="preset"]').select_option("remember: only large inputs get in")
    expect(told).to_contain_text("c halves in 280 steps")
    set_sliders(explorer, step=1)
    expect(explorer.get_by_role("button", name="Back")).to_be_disabled()
    explorer.get_by_role("button", name="Step").click()
    explorer.get_by_role("button", name="Step").press("Enter")
    expect(told).to_contain_text("Step 3 of 16, x = 2: gates i = 0.982, f = 0.998, o = 0.998; candidate g = 0.964.")
    expect(told).to_contain_text("c = f · c before + i · g = 0.998 · 0 + 0.982 · 0.964 = 0.947.")
    expect(explorer).to_have_attribute("data-step", "3")


def drive_gate_explorer(page: Page, explorer: Locator) -> None:
    """Goes through presets, steps and sliders, with the usual sequences."""
    touch_gate_explorer(page, explorer)
    told = explorer.locator(".told")
    presets = explorer.locator('select[data-key="preset"]')
    without = explorer.locator('input[data-key="no_forget_gate"]')
    explorer.locator('input[data-key="b_f"]').focus()
    page.keyboard.press("ArrowLeft")
    expect(explorer.locator("label").filter(has_text="forget gate: bias")).to_contain_text("5.90")
    expect(presets).to_have_value("your own")
    presets.select_option("1997: no forget gate, f is always 1")
    expect(without).to_be_checked()
    expect(explorer.locator('input[data-key="b_f"]')).to_be_disabled()
    expect(told).to_contain_text("c stays as it is.")
    without.press("Space")
    expect(told).to_contain_text("Without input f is 0.5: c halves in 1 step.")
    presets.select_option("output hidden: stored but not shown")
    explorer.locator('input[data-key="step"]').press("End")
    expect(explorer.get_by_role("button", name="Step")).to_be_disabled()
    expect(told).to_contain_text("|h| is never above 0.00183.")


def touch_memory_transplant(page: Page, transplant: Locator) -> None:
    """Predicts and runs, whatever the network. `transplant` is the element `.memory-transplant`, here and below."""
    told, run = transplant.locator(".told"), transplant.get_by_role("button", name="Run")
    expect(told).to_contain_text("Predict first.")
    expect(run).to_be_disabled()
    transplant.locator('select[data-key="prediction"]').select_option("other")
    expect(transplant).to_have_attribute("data-ran", "false")  # nothing is shown before it is asked for
    run.press("Enter")
    expect(transplant).to_have_attribute("data-operation", "swap_c")
    as_predicted = transplant.get_attribute("data-follows-a") == "other"
    expect(told).to_contain_text("As you predicted" if as_predicted else "Not as you predicted")


def drive_memory_transplant(page: Page, transplant: Locator) -> None:
    """Predicts, runs and moves the step."""
    untouched = transplant.get_attribute("data-scores") or ""
    touch_memory_transplant(page, transplant)
    told, run = transplant.locator(".told"), transplant.get_by_role("button", name="Run")
    operation = transplant.locator('select[data-key="operation"]')
    prediction = transplant.locator('select[data-key="prediction"]')
    operation.select_option("nothing")
    expect(told).to_contain_text("Predict first.")
    prediction.select_option("own")
    run.click()
    expect(transplant).to_have_attribute("data-scores", untouched)
    operation.select_option("swap_h")
    prediction.select_option("neither")
    run.click()
    at = transplant.locator('input[data-key="at"]')
    at.focus()
    page.keyboard.press("End")  # at the last step the answer is in h alone
    expect(told).to_contain_text(f"Swap h after step {at.get_attribute('max')}")
    one, other = untouched[2:-2].split("],[")
    expect(transplant).to_have_attribute("data-scores", f"[[{other}],[{one}]]")
