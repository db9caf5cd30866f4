"""A training that was cut short never speaks for one that was not: stored weights take its place, and it is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from course_utils.models.captioning import Captioner
from course_utils.models.clips import ClipNet
from course_utils.models.live import Origin, live_or_stored
from course_utils.models.pictures import PictureClassifier
from course_utils.models.speech import ClipClassifier, Recogniser
from course_utils.models.tables import TableClassifier
from course_utils.models.translation import Translator, trained_translator
from course_utils.training import History

PAIRS = [("un", "one"), ("deux", "two"), ("trois", "three"), ("quatre", "four")] * 5
PICTURES = torch.rand(20, 3, 12, 12, generator=torch.Generator().manual_seed(0))
SOUND = [torch.randn(3000, generator=torch.Generator().manual_seed(n)).numpy() for n in range(6)]
ROWS, NAMES = torch.arange(20.0)[:, None], ["low", "high"] * 10


def cut(what: str, **limits: Any) -> History:
    """A training of each kind, as small as it gets."""
    fits: dict[str, Callable[[], History]] = {
        "translator": lambda: Translator(hidden_size=4).fit(PAIRS, progress=False, **limits),
        "captioner": lambda: Captioner(hidden_size=4).fit(PICTURES, ["a red cat"] * 20, progress=False, **limits),
        "recogniser": lambda: Recogniser(hidden_size=4).fit(SOUND, ["one", "two"] * 3, progress=False, **limits),
        "clips": lambda: ClipClassifier(hidden_size=4).fit(SOUND, ["one", "two"] * 3, progress=False, **limits),
        "pictures": lambda: PictureClassifier(size=8).fit(PICTURES, NAMES, progress=False, **limits),
        "table": lambda: TableClassifier((4,)).fit(ROWS, NAMES, **limits),
        "films": lambda: ClipNet(size=8, hidden_size=4).fit(
            torch.rand(4, 3, 8, 8), ["left", "right"] * 2, progress=False, **limits
        ),
    }
    return fits[what]()


KINDS = ("translator", "captioner", "recogniser", "clips", "pictures", "table", "films")


@pytest.mark.parametrize("what", KINDS)
def test_steps_are_the_goal_and_seconds_a_limit(what: str) -> None:
    done = cut(what, steps=3, seconds=60.0)
    assert (done.steps, done.goal, done.cut_short, done.stopped) == (3, 3, False, "3 steps done")
    short = cut(what, steps=100_000, seconds=0.01)
    assert short.cut_short
    assert short.stopped.startswith("cut short: the limit of 0.0")
    assert short.stopped.endswith(f"1 s was reached after {short.steps:,} of 100,000 steps")


def test_a_training_that_was_cut_short_is_replaced_and_the_box_says_so() -> None:
    live, stored = Translator(hidden_size=4), trained_translator("numbers")
    history = live.fit(PAIRS, steps=100_000, seconds=0.01, progress=False)
    assert live_or_stored(live, history, stored) is stored
    told = str(Origin(history, stored))
    assert told.startswith(f"Cut short. The limit of 0.01 s was reached after {history.steps} of 100,000 steps.")
    assert "goes on with weights that were trained before: Translator('lstm', 64" in told
    assert told.endswith(str(stored.described()))
    assert stored.described().html in Origin(history, stored).html


def test_a_training_that_came_to_its_end_is_kept() -> None:
    live = Translator(hidden_size=4)
    history = live.fit(PAIRS, steps=2, seconds=60, progress=False)
    assert live_or_stored(live, history, trained_translator("numbers")) is live
    assert str(Origin(history, None)) == "Trained here. All 2 steps were made. The lesson goes on with this network."


def test_what_was_not_trained_is_not_said_to_be() -> None:
    stored = trained_translator("numbers")
    assert live_or_stored(Translator(hidden_size=4), None, stored) is stored
    assert str(Origin(None, stored)).startswith("Trained before. Nothing was trained here.")


def test_a_stop_by_hand_counts_as_cut_short() -> None:
    history = History(stopped="interrupted after 3 of 10 steps", interrupted=True, goal=10)
    assert str(Origin(history, "the other")).startswith("Cut short. Interrupted after 3 of 10 steps. The lesson goes")


def test_an_early_stop_by_validation_is_an_end() -> None:
    history = History(stopped="2 validations in a row without a better score", goal=10, _rows=[{"step": 1}])
    assert str(Origin(history, None)).startswith("Trained here. 1 step; 2 validations in a row without a better score.")


def test_the_box_is_shown_where_it_arises(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Origin] = []
    monkeypatch.setattr(Origin, "say", lambda self: shown.append(self))
    live_or_stored("live", None, "5 < 6")
    (box,) = shown
    assert "<strong>Trained before.</strong> Nothing was trained here." in box.html
    assert "&#x27;5 &lt; 6&#x27;" in box.html
