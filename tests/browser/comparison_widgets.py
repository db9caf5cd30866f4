"""Drives the widgets that compare networks, wherever they are mounted and whatever runs they show."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def choose(widget: Locator, **values: str) -> None:
    """Sets menus, by their keys."""
    for key, value in values.items():
        widget.locator(f'select[data-key="{key}"]').select_option(value)


def drive_phase_diagram(page: Page, diagram: Locator) -> None:
    """Walks over the squares by keys and pointer, and changes what counts. `diagram` is the element `.phase-diagram`.

    It must show at least two starts of two cells, and two lags.
    """
    told = diagram.locator(".told")
    squares = diagram.get_by_role("gridcell")
    expect(told).to_contain_text("seeds, 95 % interval")
    expect(diagram.locator('td[tabindex="0"]')).to_have_count(1)  # one stop for the tab key
    diagram.locator('td[tabindex="0"]').focus()
    first = diagram.get_attribute("data-lag") or ""
    page.keyboard.press("ArrowRight")
    expect(diagram).not_to_have_attribute("data-lag", first)
    expect(diagram.locator("td:focus")).to_have_attribute("aria-selected", "true")
    start = diagram.get_attribute("data-start") or ""
    page.keyboard.press("ArrowDown")
    expect(diagram).not_to_have_attribute("data-start", start)
    expect(told).to_contain_text(diagram.get_attribute("data-start") or "")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Home")
    expect(diagram).to_have_attribute("data-lag", first)
    before = told.inner_text()
    squares.last.hover()
    expect(told).not_to_have_text(before)
    diagram.locator(".row").first.hover()  # what was selected is told again
    expect(told).to_have_text(before)
    squares.last.click()
    expect(squares.last).to_have_attribute("aria-selected", "true")
    _change_what_counts(page, diagram)


def _change_what_counts(page: Page, diagram: Locator) -> None:
    """Fewer steps and a stricter rule never count more seeds; a cell's menu shows its starts alone."""

    def counted() -> float:
        texts = diagram.get_by_role("gridcell").all_inner_texts()
        return sum(float(text) for text in texts if text != "not run")

    all_steps = counted()
    choose(diagram, rule="kept")
    kept = counted()
    assert kept <= all_steps
    choose(diagram, rule="learnt")
    allowed = diagram.locator('input[data-key="allowed"]')
    allowed.focus()
    page.keyboard.press("Home")
    expect(diagram).to_have_attribute("data-allowed", allowed.get_attribute("min") or "")
    assert counted() <= all_steps
    page.keyboard.press("End")
    assert counted() == all_steps
    rows = diagram.get_attribute("data-rows") or ""
    cell = diagram.locator('select[data-key="cell"] option').nth(1).get_attribute("value") or ""
    choose(diagram, cell=cell)
    expect(diagram).not_to_have_attribute("data-rows", rows)
    for name in diagram.get_by_role("rowheader").all_inner_texts():
        assert name.split(",")[0] == cell
    choose(diagram, cell="all")
    expect(diagram).to_have_attribute("data-rows", rows)


def drive_horizon_slider(page: Page, slider: Locator) -> None:
    """Asks for other horizons, origins and methods, by keys. `slider` is the element `.horizon-slider`.

    It must show the method "seasonal naive" as the reference, and another.
    """
    told = slider.locator(".told")
    horizon, origin = (slider.locator(f'input[data-key="{key}"]') for key in ("horizon", "origin"))
    expect(told).to_contain_text(f"{horizon.get_attribute('max')} ")
    horizon.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("data-horizon", "1")
    expect(told).to_contain_text("1 ")
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("data-horizon", "2")
    alone = told.inner_text()
    choose(slider, over="to")
    expect(told).to_contain_text("mean of all up to there")
    assert told.inner_text() != alone
    choose(slider, over="at")
    expect(told).to_have_text(alone)
    picture = slider.get_by_role("img", name="From the origin")
    first = picture.get_attribute("aria-label") or ""
    origin.focus()
    page.keyboard.press("End")
    expect(slider).to_have_attribute("data-origin", origin.get_attribute("max") or "")
    expect(picture).not_to_have_attribute("aria-label", first)
    expect(told).to_have_text(alone)  # errors are those over all origins
    choose(slider, method="0")
    expect(slider).to_have_attribute("data-method", "seasonal naive")
    expect(told).to_contain_text("It is what the others are compared with.")


def drive_comparison_workbench(page: Page, workbench: Locator) -> None:
    """Argues with every trick, then goes back to the rule. `workbench`: the element `.comparison-workbench`."""
    told, tricks = workbench.locator(".told"), workbench.locator(".tricks")
    expect(tricks).to_contain_text("The tricks in use: none")
    ruled = told.inner_text()
    workbench.get_by_role("button", name="Make the RNN win").click()
    expect(told).to_contain_text("Goal")
    expect(workbench).to_have_attribute("data-goal", "RNN")
    _find_a_seed(workbench, "RNN")
    workbench.get_by_role("button", name="Make the LSTM win").press("Enter")
    _find_a_seed(workbench, "LSTM")
    choose(workbench, seeds_used="best", measure="seconds", leftStart="torch's own")
    expect(tricks.locator("li")).to_have_count(3)
    expect(tricks).to_contain_text("CPU seconds in place of steps")
    choose(workbench, size="equal width", left="state space")
    expect(told).to_contain_text("Not run: ")
    expect(workbench.get_by_role("img", name="Each run.")).to_have_count(0)
    workbench.get_by_role("button", name="The course's rule").click()
    expect(told).to_contain_text(ruled)
    expect(tricks).to_contain_text("The tricks in use: none")
    expect(workbench.get_by_role("img", name="Each run.")).to_have_count(1)
    for task in workbench.locator('select[data-key="task"] option').all():
        choose(workbench, task=task.get_attribute("value") or "")  # its lags follow
        expect(told).to_contain_text("95 % interval")
    expect(workbench.get_by_role("table")).to_contain_text("winner")
    workbench.locator('select[data-key="measure"]').focus()
    page.keyboard.press("End")
    expect(told).to_contain_text("of the runs solved it against")


def _find_a_seed(workbench: Locator, network: str) -> None:
    """Tries one seed after another, at every lag, until the network wins; the made-up runs have such a one."""
    lags = [lag.get_attribute("value") or "" for lag in workbench.locator('select[data-key="lag"] option').all()]
    seeds = [seed.get_attribute("value") or "" for seed in workbench.locator('select[data-key="seed"] option').all()]
    choose(workbench, seeds_used="one")
    for lag in lags:
        for seed in seeds:
            choose(workbench, lag=lag, seed=seed)
            if workbench.get_attribute("data-reached") == "true":
                expect(workbench.locator(".told")).to_contain_text(f"Goal reached: the {network} wins, with 1 trick.")
                expect(workbench.locator(".tricks")).to_contain_text(f"one seed of {len(seeds)}: number {seed}")
                choose(workbench, lag=lags[0])
                return
    raise AssertionError(f"{network} wins at no seed and lag")
