"""Drives the widgets of lessons 01, 02, 14 and 15 (borders, digits, translation, scenes), wherever they are mounted.

`touch` is the first actions of a `drive`: enough where only the place is new.
"""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from tests.browser.gradient_widgets import set_sliders


def touch_boundary_explorer(page: Page, explorer: Locator) -> None:
    """Trains two steps and starts again. `explorer` is the element `.boundary-explorer`, here and below."""
    told = explorer.locator(".told")
    activation = explorer.locator('select[data-key="activation"]')
    step, again = (explorer.get_by_role("button", name=name) for name in ("1 step", "Start again"))
    activation.select_option("relu")
    set_sliders(explorer, depth=2, width=16, training=10, seed=1)
    expect(explorer).to_have_attribute("data-step", "0")
    expect(told).to_contain_text("Untrained")
    expect(again).to_be_disabled()
    first = explorer.get_attribute("data-loss")
    step.click()
    step.press("Enter")
    expect(explorer).to_have_attribute("data-step", "2")
    expect(told).to_contain_text("After 2 steps")
    assert explorer.get_attribute("data-loss") != first
    again.click()
    expect(explorer).to_have_attribute("data-loss", first or "")  # the same weights as before


def drive_boundary_explorer(page: Page, explorer: Locator) -> None:
    """Trains by step and in a film, and changes the network."""
    touch_boundary_explorer(page, explorer)
    told = explorer.locator(".told")
    activation = explorer.locator('select[data-key="activation"]')
    explorer.locator('select[data-key="lr"]').select_option("0.03")
    explorer.get_by_role("button", name="Train").press("Enter")
    expect(explorer.get_by_role("button", name="Pause")).to_be_visible()
    expect(told).to_have_attribute("aria-live", "off")
    expect(explorer).to_have_attribute("data-step", "300", timeout=60_000)
    expect(explorer.get_by_role("button", name="Train")).to_be_visible()
    expect(told).to_have_attribute("aria-live", "polite")
    expect(told).to_contain_text("After 300 steps")
    before = explorer.locator("circle").count()
    explorer.get_by_label("show the validation").check()
    assert explorer.locator("circle").count() > before
    seed = explorer.locator('input[data-key="seed"]')
    seed.focus()
    page.keyboard.press("ArrowRight")
    expect(explorer.locator("label").filter(has_text="first weights")).to_contain_text("2")
    expect(explorer).to_have_attribute("data-step", "0")
    activation.select_option("none")
    set_sliders(explorer, depth=0)
    explorer.get_by_role("button", name="1 step").click()
    expect(explorer).to_have_attribute("data-step", "1")


def photo() -> bytes:
    """A one, written dark on bright paper, off the middle: a PNG."""
    image = Image.new("L", (200, 160), 235)
    ImageDraw.Draw(image).line([(60, 30), (60, 120)], fill=30, width=9)
    written = BytesIO()
    image.save(written, "png")
    return written.getvalue()


def touch_draw_digit(page: Page, drawing: Locator) -> None:
    """Takes a sample, draws by mouse and by keys. `drawing` is the element `.draw-digit`, here and below."""
    told, paper = drawing.locator(".told"), drawing.locator('[data-key="paper"]')
    clear, undo = (drawing.get_by_role("button", name=name) for name in ("Clear", "Undo"))
    samples = drawing.locator('select[data-key="sample"]')
    samples.select_option(label="7")
    expect(told).to_contain_text("7 (")
    clear.click()
    expect(clear).to_be_disabled()
    expect(told).to_contain_text("The paper is empty: there is nothing to name.")
    expect(drawing).to_have_attribute("data-ink", "0.000")
    expect(samples).to_have_value("")

    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    assert box
    place = (box["x"] + 0.3 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.move(*place)
    page.mouse.down()
    page.mouse.move(place[0], place[1] + 0.6 * box["height"], steps=5)
    page.mouse.up()
    expect(told).to_contain_text("The network")
    by_mouse = drawing.get_attribute("data-ink")
    assert float(by_mouse or 0) > 20
    page.mouse.move(*place)  # nothing is drawn while no button is down
    expect(drawing).to_have_attribute("data-ink", by_mouse or "")
    undo.click()
    expect(drawing).to_have_attribute("data-ink", "0.000")

    paper.focus()
    page.keyboard.press("ArrowUp")
    expect(drawing.get_by_text("The pen is up, at column 15, row 14.")).to_be_visible()
    page.keyboard.press("Space")
    for _ in range(9):
        page.keyboard.press("ArrowDown")
    expect(drawing).to_have_attribute("data-pen", "15,23")
    expect(told).to_have_attribute("aria-live", "off")
    page.keyboard.press("Space")
    expect(told).to_have_attribute("aria-live", "polite")
    by_keys = float(drawing.get_attribute("data-ink") or 0)
    assert by_keys > 15
    page.keyboard.press("ArrowLeft")
    expect(drawing).to_have_attribute("data-ink", f"{by_keys:.3f}")


def drive_draw_digit(page: Page, drawing: Locator) -> None:
    """Draws by mouse and by keys, and takes samples and files."""
    first = drawing.get_attribute("data-ink") or ""
    drawing.locator('[data-key="paper"]').focus()
    page.keyboard.press("Space")  # a dot: the digit that stood there to begin with makes room
    page.keyboard.press("Space")
    assert 0 < float(drawing.get_attribute("data-ink") or 0) < 8 < float(first)
    drawing.get_by_role("button", name="Undo").click()
    expect(drawing).to_have_attribute("data-ink", first)
    touch_draw_digit(page, drawing)
    told = drawing.locator(".told")
    centred = drawing.get_attribute("data-probability")
    drawing.get_by_label("centre it by the mass").uncheck()
    expect(drawing).not_to_have_attribute("data-probability", centred or "")
    file = drawing.locator('input[type="file"]')
    file.set_input_files({"name": "one.png", "mimeType": "image/png", "buffer": photo()})
    expect(drawing).to_have_attribute("data-said", "1")
    file.set_input_files({"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no picture"})
    expect(told).to_contain_text("notes.txt cannot be read as a picture. Take a PNG or a JPEG.")
    expect(drawing).to_have_attribute("data-said", "1")  # what was there stays
    drawing.get_by_role("button", name="Undo").press("Enter")
    expect(told).not_to_contain_text("cannot be read")


def drive_translate_it(page: Page, translator: Locator) -> None:
    """Types sentences and moves the beam, in a live notebook. `translator` is the box of controls and results."""
    told, text = translator.get_by_role("status"), translator.get_by_label("Sentence")
    expect(told).to_contain_text(" → ")
    text.fill("deux cents")
    text.press("Enter")
    expect(told).to_contain_text("“deux cents” → ")
    expect(translator.locator("img")).to_have_count(2)
    slider = translator.get_by_role("slider")
    slider.focus()
    before = translator.locator("img").last.get_attribute("alt")
    page.keyboard.press("ArrowRight")
    expect(translator.locator("img").last).not_to_have_attribute("alt", before or "")
    text.fill("")
    text.press("Enter")
    expect(told).to_contain_text("There is nothing to translate yet")
    text.fill("trois")
    translator.get_by_role("button", name="Translate").click()
    expect(told).to_contain_text("“trois” → ")


def drive_describe_scene(page: Page, scene: Locator) -> None:
    """Chooses shapes from the lists, in a live notebook. `scene` is the box of controls and results."""
    told = scene.get_by_role("status")
    expect(told).to_contain_text("It says: ")
    scene.get_by_label("Shape 1").select_option("cross")
    expect(told).to_contain_text("The scene is: “a small red cross left of a large blue square”")
    scene.get_by_label("1 stands").select_option("above")
    expect(told).to_contain_text("The scene is: “a small red cross above a large blue square”")
    scene.get_by_role("button", name="Draw it again").press("Enter")
    expect(scene.locator("img")).to_have_count(1)


def drive_box_sliders(page: Page, sliders: Locator) -> None:
    """Believes more and fewer boxes, by keys. `sliders` is the element `.box-sliders`, of two pictures at least."""
    told = sliders.locator(".told")
    score, iou, picture = (sliders.locator(f'input[data-key="{key}"]') for key in ("score", "iou", "picture"))
    expect(told).to_contain_text("Picture 1: ")
    score.focus()
    page.keyboard.press("End")
    expect(sliders).to_have_attribute("data-score", "0.95")
    expect(told).to_contain_text("precision")
    few = told.inner_text()
    page.keyboard.press("Home")
    expect(sliders).to_have_attribute("data-score", "0.05")
    expect(sliders.get_by_role("img", name="At a score of 0.05")).to_be_visible()
    iou.focus()
    page.keyboard.press("End")
    expect(sliders).to_have_attribute("data-iou", "0.95")
    picture.focus()
    page.keyboard.press("ArrowRight")
    expect(sliders).to_have_attribute("data-picture", "2")
    expect(told).to_contain_text("Picture 2: ")
    assert told.inner_text() != few
    expect(sliders.get_by_role("img", name="Picture 2:")).to_be_visible()


def drive_read_line(page: Page, widget: Locator) -> None:
    """Writes by mouse and by keys, takes examples and files, in a live notebook. `widget` is `.read-line`."""
    told, paper = widget.get_by_role("status"), widget.locator('[data-key="paper"]')
    clear, undo = (widget.get_by_role("button", name=name) for name in ("Clear", "Undo"))
    expect(told).to_contain_text("Write some digits, choose a picture")
    widget.locator('select[data-key="example"]').select_option("0")
    expect(told).to_contain_text("It reads")
    expect(widget.locator("img")).to_have_count(1)

    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    assert box
    place = (box["x"] + 0.2 * box["width"], box["y"] + 0.25 * box["height"])
    page.mouse.move(*place)
    page.mouse.down()
    page.mouse.move(place[0], place[1] + 0.5 * box["height"], steps=5)
    page.mouse.up()
    expect(told).to_contain_text("It reads")  # a stroke: whatever it says of it
    by_mouse = float(widget.get_attribute("data-ink") or 0)
    assert by_mouse > 20
    undo.click()
    expect(widget).to_have_attribute("data-ink", "0.0")
    expect(told).to_contain_text("There is no ink to read.")
    expect(undo).to_be_disabled()

    paper.focus()
    page.keyboard.press("Space")
    for _ in range(9):
        page.keyboard.press("ArrowDown")
    expect(widget.get_by_text("The pen is down, at column 9, row 28.")).to_be_visible()
    page.keyboard.press("Space")
    assert float(widget.get_attribute("data-ink") or 0) > 10
    clear.click()
    expect(told).to_contain_text("There is no ink to read.")

    file = widget.locator('input[type="file"]')
    file.set_input_files({"name": "one.png", "mimeType": "image/png", "buffer": photo()})
    expect(told).to_contain_text("It reads")
    file.set_input_files({"name": "notes.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(told).to_contain_text("notes.png cannot be read as a picture. Choose a PNG or a JPEG.")
    file.set_input_files({"name": "huge.png", "mimeType": "image/png", "buffer": bytes(5_000_001)})
    expect(told).to_contain_text("huge.png has 5 MB, and 5 MB can be sent.")
