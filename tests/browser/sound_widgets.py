"""Drives the widgets of lessons 15 and 17 (captions word by word, lattice, listening), wherever they are mounted.

`touch` is the first actions of a `drive`: enough where only the place is new.
"""

from __future__ import annotations

from io import BytesIO

import numpy as np
import soundfile
from playwright.sync_api import Locator, Page, expect

from tests.browser.gradient_widgets import set_sliders


def touch_ctc_lattice(page: Page, lattice: Locator) -> None:
    """Chooses a word and frames, by mouse and by keys. `lattice` is the element `.ctc-lattice`, here and below."""
    told = lattice.locator(".told")
    word = lattice.locator('select[data-key="word"]')
    word.select_option("ab")
    set_sliders(lattice, frames=3)
    lattice.get_by_role("button", name="All alike").click()
    expect(lattice).to_have_attribute("data-count", "5")
    expect(told).to_contain_text("P(“ab”) = 0.185: the sum over 5 alignments.")
    word.select_option("aa")
    expect(lattice).to_have_attribute("data-count", "1")
    frames = lattice.locator('input[data-key="frames"]')
    frames.focus()
    page.keyboard.press("ArrowLeft")
    expect(told).to_contain_text("“aa” cannot be said in 2 frames: it needs 3")
    expect(lattice).to_have_attribute("data-probability", "0")


def drive_ctc_lattice(page: Page, lattice: Locator) -> None:
    """Chooses words, frames and probabilities, by mouse and by keys."""
    touch_ctc_lattice(page, lattice)
    told = lattice.locator(".told")
    lattice.locator('input[data-key="frames"]').focus()
    page.keyboard.press("End")
    expect(lattice).to_have_attribute("data-frames", "6")
    lattice.get_by_role("button", name="Spell it").press("Enter")
    expect(told).to_contain_text("Of all paths the best is a-a---")
    before = lattice.get_attribute("data-probability")
    look = lattice.locator('input[data-key="frame"]')
    look.focus()
    page.keyboard.press("ArrowRight")
    expect(lattice).to_have_attribute("data-frame", "2")
    expect(lattice.locator('input[data-key="frame"]')).to_be_focused()
    expect(lattice.locator("label").filter(has_text="frame 2: weight of a")).to_have_count(1)
    set_sliders(lattice, state=3)
    expect(told).to_contain_text("α at frame 2, state 3 (-)")
    blank = lattice.locator('input[data-key="0"]')
    blank.focus()
    page.keyboard.press("Home")  # without the blank between them the two letters are one
    expect(lattice).not_to_have_attribute("data-probability", before or "")
    lattice.locator("svg rect[cursor]").first.click()
    expect(lattice).to_have_attribute("data-frame", "1")
    expect(lattice).to_have_attribute("data-state", "1")


def drive_caption_words(page: Page, caption: Locator) -> None:
    """Steps through the words of two pictures. `caption` is the element `.caption-words`."""
    told = caption.locator(".told")
    expect(told).to_contain_text("Word 1 of ")
    back, step = (caption.get_by_role("button", name=name) for name in ("Back", "Word ▶"))
    expect(back).to_be_disabled()
    step.click()
    expect(caption).to_have_attribute("data-word", "2")
    slider = caption.locator('input[data-key="word"]')
    slider.focus()
    page.keyboard.press("End")
    expect(step).to_be_disabled()
    caption.get_by_role("button", pressed=False).first.press("Enter")  # the first word
    expect(caption).to_have_attribute("data-word", "1")
    expect(told).to_contain_text("Word 1 of ")
    source = caption.locator("img").get_attribute("src")
    step.click()
    caption.locator('select[data-key="picture"]').select_option("1")
    expect(caption).to_have_attribute("data-word", "1")
    expect(caption.locator("img")).not_to_have_attribute("src", source or "")


def hum(seconds: float) -> bytes:
    """A tone as a WAV file."""
    time = np.arange(round(seconds * 8000)) / 8000
    written = BytesIO()
    soundfile.write(written, 0.5 * np.sin(2 * np.pi * 220 * time), 8000, format="WAV")
    return written.getvalue()


def drive_listen(page: Page, widget: Locator) -> None:
    """Takes examples and files, good and bad, in a live notebook. `widget` is the element `.listen`."""
    told, file = widget.get_by_role("status"), widget.locator('input[type="file"]')
    expect(told).to_contain_text("Record some words, choose a sound file")
    widget.locator('select[data-key="example"]').select_option("0")
    expect(told).to_contain_text("It hears")
    expect(widget.locator("audio")).to_have_count(1)
    expect(widget.locator("img")).to_have_count(1)
    page.wait_for_function("() => document.querySelector('.listen audio').duration > 0.1")  # it can be played

    def chosen(name: str, content: bytes) -> None:
        file.set_input_files({"name": name, "mimeType": "audio/wav", "buffer": content})

    chosen("hum.wav", hum(1.0))
    expect(told).to_contain_text("It hears")
    expect(widget.locator("audio")).to_have_count(1)
    chosen("notes.wav", b"no sound")
    expect(told).to_contain_text("notes.wav cannot be read as a sound. Choose a WAV, FLAC or Ogg file.")
    expect(widget.locator("audio")).to_have_count(0)
    chosen("empty.wav", b"")
    expect(told).to_contain_text("empty.wav is empty.")
    chosen("long.wav", hum(17))
    expect(told).to_contain_text("long.wav is longer than 15 seconds")
    chosen("huge.wav", bytes(5_000_001))
    expect(told).to_contain_text("huge.wav has 5 MB, and 5 MB can be sent.")
    record = widget.get_by_role("button", name="Record")
    if record.is_enabled():  # in a headless browser nobody allows it
        record.click()
        expect(told).to_contain_text("hoose a file")
