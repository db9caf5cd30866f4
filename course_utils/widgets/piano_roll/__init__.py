"""A piano roll in the browser: write a motif, hear it, and let a network play on."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.checks import check_number, check_whole
from course_utils.data.chords import LOWEST, as_chords, as_switches
from course_utils.data.synthesiser import ATTACK, FADING, OVERTONES, RELEASE
from course_utils.display.numbers import listed
from course_utils.errors import CourseError
from course_utils.figures import music
from course_utils.nn.parameters import parameters_count
from course_utils.widgets.shared.browser import BrowserWidget, module_text
from course_utils.widgets.shared.settings import settings_of

if TYPE_CHECKING:
    from course_utils.models.music import ChordModel

MOST_WEIGHTS = 120_000  # that a page carries
MOST_MOTIFS, MOTIF = 8, 32  # motifs, and frames of each at most
FRAMES = 64  # of the roll
LOW, HIGH = 36, 81  # pitches of the roll: C2 to A5
CELLS = ("gru", "lstm")
MOTIFS: dict[str, list[tuple[int, ...]]] = {
    "empty": [],
    "a scale": [(60,), (62,), (64,), (65,), (67,), (69,), (71,), (72,)],
    "four chords": [(48, 55, 64, 72), (53, 57, 60, 72), (55, 59, 62, 71), (48, 55, 64, 72)],
}


class PianoRoll(BrowserWidget):
    """The live widget; make one with `piano_roll()`."""

    _esm = module_text("piano_roll")


def piano_roll(model: ChordModel, motifs: Mapping[str, Any] | None = None, seed: int = 0) -> PianoRoll:
    """Write a motif with the mouse or the keyboard, hear it, and let a network play on; all of it in the browser.

    Args:
        model: a trained one of the cell "gru" or "lstm", with at most 120,000 weights.
        motifs: by name, tunes of up to 32 frames with pitches from 36 to 81; the first one is shown at first. Default:
            some chords, a scale, nothing.
        seed: of what it plays first; then 1, 2, … more.

    Raises:
        CourseError: a model that has not learned, or of another cell or too large; no motif or one that does not fit.
    """
    given = dict(reversed(MOTIFS.items())) if motifs is None else dict(motifs)
    if not 1 <= len(given) <= MOST_MOTIFS:
        raise CourseError(f"There are {len(given)} motifs. Give 1 to {MOST_MOTIFS}, by name.")
    tunes = {str(name): as_chords(as_switches(tune, f"The motif {name!r}")) for name, tune in given.items()}
    for name, chords in tunes.items():
        pitches = [pitch for chord in chords for pitch in chord]
        if len(chords) > MOTIF or not all(LOW <= pitch <= HIGH for pitch in pitches):
            raise CourseError(
                f"The motif {name!r} has {len(chords)} frames with the pitches {min(pitches, default=0)} to "
                f"{max(pitches, default=0)}. Expected: at most {MOTIF} frames, pitches from {LOW} to {HIGH}."
            )
    first = next(iter(tunes))
    params: dict[str, Any] = {
        "network": network_of(model),
        "motifs": [{"name": name, "chords": [list(chord) for chord in chords]} for name, chords in tunes.items()],
        "frames": FRAMES,
        "low": LOW,
        "high": HIGH,
        "lowest": LOWEST,
        "seconds": check_number("seconds", 0.5, 0.1, 2),
        "temperature": 1.0,
        "seed": check_whole("seed", seed, 0, 2**31 - 1),
        "sound": {"overtones": list(OVERTONES), "fading": FADING, "attack": ATTACK, "release": RELEASE},
    }
    played = model.sample(tunes[first], length=FRAMES - len(tunes[first]), seed=seed)
    title = f"“{first}”, and what the network plays on" if tunes[first] else "What the network plays from silence"
    picture = music.piano_roll(played, title, given=len(tunes[first]))
    return PianoRoll(params, picture, settings_of(model))


def network_of(model: ChordModel) -> dict[str, Any]:
    """A model as the browser runs it: the cell, H, and the weights in 16 bits with a scale for each tensor, as base64.

    Args:
        model: a trained one.

    Raises:
        CourseError: it has not learned, or it is none that the browser runs.
    """
    network = getattr(model, "model", None)
    if network is None or getattr(model, "cell", None) not in CELLS:
        raise CourseError(
            f"The browser runs a ChordModel of the cells {listed(list(CELLS))} that has learned. Call `fit` first, or "
            "take `trained_chord_model()`."
        )
    count = parameters_count(network)
    if count > MOST_WEIGHTS:
        raise CourseError(f"A page can carry {MOST_WEIGHTS:,} weights; this network has {count:,}. Give a smaller one.")
    core, readout = network.core, network.readout
    tensors = {
        "w_x": core.weight_ih_l0,
        "w_h": core.weight_hh_l0,
        "b_x": core.bias_ih_l0,
        "b_h": core.bias_hh_l0,
        "w_y": readout.weight,
        "b_y": readout.bias,
    }
    return {
        "cell": model.cell,
        "hidden": model.hidden_size,
        **{name: _packed(tensor.detach().cpu().numpy()) for name, tensor in tensors.items()},
    }


def _packed(values: np.ndarray) -> dict[str, Any]:
    scale = float(np.abs(values).max()) / 32767 or 1.0
    whole = np.round(values / scale).astype("<i2")
    return {"scale": scale, "values": base64.b64encode(whole.tobytes()).decode()}
