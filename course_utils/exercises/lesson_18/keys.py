"""Lesson 18: from pitches to switches, to another key, from probabilities to a chord, and from frames to notes."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from course_utils.data.midi import notes_of
from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.lesson_18.slices import (
    cut_from_the_end,
    put_from_the_end,
    put_up_to_the_end,
    silenced_from_the_front,
)

KEYS, LOWEST = 88, 21
Chord = tuple[int, ...]
Note = tuple[int, int, int]  # pitch, first frame, and the one after the last


def as_keys(chords: Sequence[Chord], lowest: int = LOWEST, by: int = 1) -> Tensor:
    """Chords as 88 switches a frame.

    Args:
        chords: T tuples of MIDI pitches; an empty one is a rest.
        lowest: the pitch of the first column.
        by: 1; −1 for columns from high to low.
    """
    frames = torch.zeros(len(chords), KEYS)
    for frame, chord in zip(frames, chords, strict=True):
        for pitch in chord:
            frame[by * (pitch - lowest)] = 1
    return frames


def keys_of(chords: Sequence[Chord]) -> Tensor:
    """Chords as 88 switches a frame: column 0 is pitch 21, the lowest key of a piano.

    Args:
        chords: T tuples of MIDI pitches from 21 to 108; an empty one is a rest.

    Returns:
        (T, 88) zeros and ones.
    """
    frames = torch.zeros(len(chords), KEYS)
    for t, chord in enumerate(chords):
        for pitch in chord:
            frames[t, pitch - LOWEST] = 1
    return frames


def some_chords(generator: torch.Generator) -> list[tuple[list[Chord]]]:
    """Chords with rests, both ends of the piano, and a key that two voices sing together."""
    drawn = [tuple(sorted(torch.randint(40, 87, (4,), generator=generator).tolist())) for _ in range(5)]
    return [([(60, 64, 67), (60, 64, 67), (60, 60, 65)],), ([(21, 108), (), (87, 88)],), ([()],), (drawn,)]


def counted(chords: Sequence[Chord]) -> Tensor:
    """A key that two voices sing is counted twice."""
    frames = torch.zeros(len(chords), KEYS)
    for t, chord in enumerate(chords):
        for pitch in chord:
            frames[t, pitch - LOWEST] += 1
    return frames


def without_rests(chords: Sequence[Chord]) -> Tensor:
    """Rests are left out."""
    return keys_of([chord for chord in chords if chord])


switches_of = FunctionExercise(
    lesson="18",
    name="switches_of",
    reference=keys_of,
    cases=some_chords,
    result="(T, 88) zeros and ones in floating point (float32)",
    either_float=True,
    mistakes=(
        Mistake(
            lambda chords: as_keys(chords, lowest=0),
            "You used the pitch itself as the column. A piano's lowest key has the pitch 21, so pitch 21 belongs into "
            "column 0 and pitch 108 into column 87.",
        ),
        Mistake(
            lambda chords: as_keys(chords, lowest=20),
            "All keys are one column too high: pitch 21 belongs into column 0. The top key has no column left.",
        ),
        Mistake(
            lambda chords: as_keys(chords, lowest=22),
            "All keys are one column too low: pitch 21 belongs into column 0, and yours is −1, the last one.",
        ),
        Mistake(
            lambda chords: keys_of(chords).flip(1),
            "The columns are from high to low. The lowest key is column 0.",
        ),
        Mistake(
            counted,
            "Where two voices sing the same key there is a 2. A switch is on or off: set it to 1.",
        ),
        Mistake(
            without_rests,
            "A rest is a frame too: a row of zeros. Without it all that follows comes too early.",
        ),
        Mistake(lambda chords: keys_of(chords).T, "Rows are frames and columns are keys; yours are exchanged."),
        Mistake(
            lambda chords: keys_of(chords).long(),
            "Right, but not in floating point, which a network reads: `.float()` makes float32 of it.",
        ),
    ),
    variants=(
        lambda chords: torch.tensor([[float(key + LOWEST in chord) for key in range(KEYS)] for chord in chords]),
    ),
    hints=(
        "Begin with a tensor of zeros, a row for each chord, 88 columns.",
        "Pitch 21 is column 0: the column of a pitch is `pitch - 21`.",
        "`for t, chord in enumerate(chords):`, `for pitch in chord:`, `frames[t, pitch - 21] = 1`",
    ),
)


def moved_keys(frames: Tensor, semitones: int) -> Tensor:
    """A tune in another key; a key that would leave the piano falls silent.

    Args:
        frames: (T, 88) zeros and ones.
        semitones: how far up; below 0: down.

    Returns:
        (T, 88).
    """
    moved = torch.zeros_like(frames)
    if semitones >= 0:
        moved[:, semitones:] = frames[:, : KEYS - semitones]
    else:
        moved[:, :semitones] = frames[:, -semitones:]
    return moved


def rolls_and_semitones(generator: torch.Generator) -> list[tuple[Tensor, int]]:
    """Tunes that use all of the piano, moved up, down and not at all."""
    found = []
    for semitones in (2, -3, 0, 1, -1, 7):
        frames = (torch.rand(4, KEYS, generator=generator) < 0.2).float()
        frames[0, [0, 1, 86, 87]] = 1
        found.append((frames, semitones))
    return found


def kept_at_the_edge(frames: Tensor, semitones: int) -> Tensor:
    """What would leave the piano stays on its last key."""
    moved = moved_keys(frames, semitones)
    edge = KEYS - 1 if semitones > 0 else 0
    lost = frames[:, KEYS - semitones :] if semitones > 0 else frames[:, : max(-semitones, 0)]
    if lost.shape[1]:
        moved[:, edge] = torch.maximum(moved[:, edge], lost.amax(1))
    return moved


EMPTY = (
    "Right but for `semitones = 0`: a slice that ends at `-0` ends before the first column, and holds nothing. Count "
    "from the front, `:88 - semitones`, or return the tune as it is."
)

in_another_key = FunctionExercise(
    lesson="18",
    name="in_another_key",
    reference=moved_keys,
    cases=rolls_and_semitones,
    result="(T, 88) zeros and ones in floating point",
    either_float=True,
    mistakes=(
        Mistake(
            lambda frames, semitones: frames.roll(semitones, 1),
            "`roll` lets a key that leaves the piano at the top come back at the bottom. It should fall silent: set "
            "those columns to 0.",
        ),
        Mistake(
            lambda frames, semitones: moved_keys(frames, -semitones),
            "Up and down are exchanged: a positive number moves to higher columns.",
        ),
        Mistake(
            kept_at_the_edge,
            "Keys that would leave the piano are gathered on its last key, where nobody played. They should fall "
            "silent.",
        ),
        Mistake(
            lambda frames, semitones: frames.roll(semitones, 0),
            "You moved the frames in time: `dim=0` is time, `dim=1` are the keys.",
        ),
        Mistake(
            lambda frames, semitones: moved_keys(frames, abs(semitones)),
            "A negative number should move the tune down.",
        ),
        Mistake(
            lambda frames, semitones: frames.clone() if semitones < 0 else moved_keys(frames, semitones),
            "A negative number should move the tune down; yours stays where it is.",
        ),
        Mistake(
            lambda frames, semitones: frames.roll(semitones),
            "Without a dimension `roll` goes through all numbers in one row: what leaves a frame at the top enters the "
            "next one at the bottom. `dim=1` are the keys; what comes back there is to be set to 0.",
        ),
        Mistake(
            lambda frames, semitones: torch.nn.functional.pad(frames, (semitones, 0))[:, :KEYS],
            "Right upwards. Downwards your padding takes columns away at the left, and none comes in at the right: "
            "there are fewer than 88. Pad at both ends.",
        ),
        *(Mistake(answer, EMPTY) for answer in (cut_from_the_end, put_from_the_end, put_up_to_the_end)),
        Mistake(
            silenced_from_the_front,
            "Right but for `semitones = 0`: there `[:, semitones:]` are *all* columns, and the tune falls silent. Set "
            "columns to 0 only where `semitones < 0`.",
        ),
    ),
    variants=(
        lambda frames, semitones: torch.nn.functional.pad(frames, (semitones, -semitones)),
        lambda frames, semitones: moved_keys(frames, semitones).double(),
    ),
    hints=(
        "Every column moves by `semitones`. What enters at the other end is silence.",
        "`frames.roll(semitones, 1)` moves them, and brings back at one end what left at the other: set it to 0 there.",
        "After the roll: for `semitones > 0` the first `semitones` columns are 0, for `semitones < 0` the last ones.",
    ),
)


def keys_drawn(logits: Tensor, temperature: float, u: Tensor) -> Tensor:
    """A frame drawn key by key: each key sounds with its own probability.

    Args:
        logits: (88,).
        temperature: divides the logits; above 0.
        u: (88,) random numbers, uniform from 0 to 1.

    Returns:
        (88,) zeros and ones.
    """
    return (u < torch.sigmoid(logits / temperature)).to(logits.dtype)


def logits_and_numbers(generator: torch.Generator) -> list[tuple[Tensor, float, Tensor]]:
    """Logits with temperatures around 1, and numbers to draw with."""
    return [
        (
            2 * torch.randn(KEYS, generator=generator) - 0.5,
            temperature,
            torch.rand(KEYS, generator=generator),
        )
        for temperature in (1.0, 0.5, 2.0, 0.8)
    ]


def the_four_best(logits: Tensor, temperature: float, u: Tensor) -> Tensor:
    """Always four keys, the most probable ones."""
    return torch.zeros_like(logits).scatter(0, logits.topk(4).indices, 1.0)


drawn_keys = FunctionExercise(
    lesson="18",
    name="drawn_keys",
    reference=keys_drawn,
    cases=logits_and_numbers,
    result="(88,) zeros and ones in floating point",
    either_float=True,
    draws_itself="Called again with the same arguments, it gives another frame: it draws random numbers of its own. "
    "Use the `u` that are given, one for each key.",
    mistakes=(
        Mistake(
            lambda logits, temperature, u: (logits > 0).to(logits.dtype),
            "You took the keys more probable than not: nothing is drawn, the tune is the same each time, and a key of "
            "40 % never sounds. Compare the random number with the probability.",
        ),
        Mistake(
            lambda logits, temperature, u: torch.zeros_like(logits).scatter(0, logits.argmax()[None], 1.0),
            "You took the one most probable key. Several keys sound together, and each is drawn.",
        ),
        Mistake(
            the_four_best,
            "You took the four most probable keys: nothing is drawn, and no frame has three keys or five.",
        ),
        Mistake(
            lambda logits, temperature, u: (u < torch.sigmoid(logits)).to(logits.dtype),
            "The temperature is missing: divide the logits by it.",
        ),
        Mistake(
            lambda logits, temperature, u: (u < torch.sigmoid(logits * temperature)).to(logits.dtype),
            "You multiplied by the temperature. A high temperature should make the draw more random: divide.",
        ),
        Mistake(
            lambda logits, temperature, u: (u < torch.sigmoid(logits) / temperature).to(logits.dtype),
            "You divided the probability, which can pass 1. Divide the logits, before the sigmoid.",
        ),
        Mistake(
            lambda logits, temperature, u: (u > torch.sigmoid(logits / temperature)).to(logits.dtype),
            "On and off are exchanged: u is *below* p with the probability p.",
        ),
        Mistake(
            lambda logits, temperature, u: (u < torch.softmax(logits / temperature, -1)).to(logits.dtype),
            "Softmax shares out 1 over all keys. Each key is a switch of its own: a sigmoid.",
        ),
        Mistake(
            lambda logits, temperature, u: (u < 4 * torch.softmax(logits / temperature, -1)).to(logits.dtype),
            "Four times softmax gives about four keys, yet the more probable one key is, the less is left for the "
            "others, and four times a share can pass 1. Each key is a switch of its own: a sigmoid.",
        ),
        Mistake(
            lambda logits, temperature, u: torch.sigmoid(logits / temperature),
            "Those are the probabilities. Draw: zeros and ones.",
        ),
        Mistake(
            lambda logits, temperature, u: u < torch.sigmoid(logits / temperature),
            "Right, but not in floating point, which the network reads: `.to(logits.dtype)`.",
        ),
    ),
    variants=(
        lambda logits, temperature, u: (torch.sigmoid(logits / temperature) > u) * torch.ones_like(logits),
        lambda logits, temperature, u: (torch.logit(u) * temperature < logits).to(logits.dtype),
        lambda logits, temperature, u: (u < torch.sigmoid(logits / temperature)).float(),
        lambda logits, temperature, u: torch.where(u < torch.sigmoid(logits / temperature), 1.0, 0.0),
        lambda logits, temperature, u: 1.0 * (u < torch.sigmoid(logits / temperature)),
        lambda logits, temperature, u: torch.ceil(torch.sigmoid(logits / temperature) - u),
    ),
    hints=(
        "A number that is uniform from 0 to 1 is below p with the probability p.",
        "The temperature divides the logits; then `torch.sigmoid` makes probabilities of them.",
        "`(u < torch.sigmoid(logits / temperature)).to(logits.dtype)`",
    ),
)


def tunes_for_notes(generator: torch.Generator) -> list[tuple[list[Chord]]]:
    """Tunes with keys that go on, come back after a rest, and sound until the end."""
    drawn = [tuple(torch.randint(60, 64, (2,), generator=generator).unique().tolist()) for _ in range(7)]
    return [([(60, 64), (60, 65)],), ([(60,), (), (60,)],), ([(21, 108)] * 3,), ([()],), (drawn,)]


def notes_by_key(tune: Sequence[Chord]) -> list[Note]:
    """In one pass over the frames."""
    begun: dict[int, int] = {}
    found: list[Note] = []
    for t, chord in enumerate([*tune, ()]):
        for pitch in [pitch for pitch in begun if pitch not in chord]:
            found.append((pitch, begun.pop(pitch), t))
        for pitch in chord:
            begun.setdefault(pitch, t)
    return sorted(found, key=lambda note: (note[1], note[0]))


notes_in = FunctionExercise(
    lesson="18",
    name="notes_in",
    reference=notes_by_key,
    cases=tunes_for_notes,
    result="a list of (pitch, first frame, frame after the last), in the order of first frames, then of pitches",
    mistakes=(
        Mistake(
            lambda tune: [(pitch, t, t + 1) for t, chord in enumerate(tune) for pitch in sorted(chord)],
            "Every frame strikes its keys again. A key that sounds in frames one after the other is *one* note, held.",
        ),
        Mistake(
            lambda tune: [(pitch, begin, end - 1) for pitch, begin, end in notes_by_key(tune)],
            "Your end is the last frame itself. The frame *after* it is asked: a note lasts end − begin frames.",
        ),
        Mistake(
            lambda tune: [note for note in notes_by_key(tune) if note[2] < len(tune)],
            "A note that sounds until the end is missing: nothing comes after it to end it. End all that are open "
            "after the last frame.",
        ),
        Mistake(
            lambda tune: [
                (
                    pitch,
                    min(t for t, chord in enumerate(tune) if pitch in chord),
                    max(t for t, chord in enumerate(tune) if pitch in chord) + 1,
                )
                for pitch in sorted({pitch for chord in tune for pitch in chord})
            ],
            "A key that comes back after a rest begins a *new* note; yours sounds through the rest.",
        ),
        Mistake(
            lambda tune: [(pitch - LOWEST, begin, end) for pitch, begin, end in notes_by_key(tune)],
            "Those are columns, not pitches.",
        ),
        Mistake(
            lambda tune: [(pitch, begin, end - begin) for pitch, begin, end in notes_by_key(tune)],
            "Your third number is the length. The frame after the last one is asked.",
        ),
        Mistake(
            lambda tune: sorted(notes_by_key(tune)),
            "The notes are right, in the order of pitches. Order them by their first frames, and then by pitches.",
        ),
        *(
            Mistake(
                order,
                "The notes are right, in the order in which they end. Order them by their first frames, and then by "
                "pitches: `sorted(…, key=lambda note: (note[1], note[0]))`.",
            )
            for order in (
                lambda tune: sorted(notes_by_key(tune), key=lambda note: note[2]),
                lambda tune: sorted(notes_by_key(tune), key=lambda note: (note[2], note[0])),
            )
        ),
        Mistake(
            lambda tune: [note for note in notes_by_key(tune) if note[1] > 0 or note[0] not in tune[-1]],
            "A key of the first frame that also sounds in the last one is missing: at `t = 0`, `tune[t - 1]` is the "
            "*last* frame. Before the first frame nothing sounds.",
        ),
        Mistake(
            lambda tune: [(pitch, begin, min(end, len(tune) - 1)) for pitch, begin, end in notes_by_key(tune)],
            "A note that sounds until the end lasts one frame too few: the frame after the last is `len(tune)`.",
        ),
    ),
    variants=(
        notes_of,
        lambda tune: [
            (p, t, next((u for u in range(t, len(tune)) if p not in tune[u]), len(tune)))
            for t, chord in enumerate(tune)
            for p in sorted(chord)
            if t == 0 or p not in tune[t - 1]
        ],
    ),
    hints=(
        "A note begins where its key is in a frame and not in the frame before.",
        "It ends at the first later frame without it, or after the last frame of the tune.",
        "Go through the frames, and for each key of a frame that is not in `tune[t - 1]` look for the first `u > t` "
        "with the key not in `tune[u]`. At `t = 0` all keys begin: `tune[-1]` is the last frame.",
    ),
)
